"""Do the sheet, NumPy, the other engines and the slide agree?"""

from sheetlab.checking.causes import Cause
from sheetlab.checking.engines import ENGINES
from sheetlab.checking.figures import FigureResult
from sheetlab.checking.quantities import QuantityResult
from sheetlab.checking.report import Report
from sheetlab.checking.verification import verify_files

__all__ = ["ENGINES", "Cause", "FigureResult", "QuantityResult", "Report", "verify_files"]
