"""Values of cells as `formulas` has them, and as everybody else does."""

import math
from typing import Any

import formulas
import numpy as np
import schedula
from formulas.tokens.operand import Error

from sheetlab.files.cell_value import ERROR_TEXTS, CellError, CellValue


def to_formulas(value: CellValue | None) -> Any:
    """A value as an argument for `formulas`; None is a blank cell."""
    if value is None:
        return schedula.EMPTY
    return Error.errors.get(value.code, formulas.VALUE) if isinstance(value, CellError) else value


def from_formulas(value: Any) -> CellValue:
    """A result of `formulas` as the value of a cell: what is no finite number is #NUM!."""
    if isinstance(value, np.ndarray):
        value = value.item()
    if value is schedula.EMPTY:
        return 0.0
    if isinstance(value, formulas.XlError):
        return CellError(str(value) if str(value) in ERROR_TEXTS else "#VALUE!")
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value) if math.isfinite(value) else CellError("#NUM!")
    return CellError("#NUM!" if isinstance(value, complex) else "#VALUE!")
