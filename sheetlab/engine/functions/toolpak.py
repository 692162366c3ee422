"""How the functions that came with the Analysis ToolPak take values: no truth values.

`ISEVEN(TRUE)`, `GCD(TRUE,2)` and `DEC2BIN(TRUE)` are #VALUE!, as `ABS(TRUE)` is not.
"""

import numpy as np

from sheetlab.engine.functions.function import Values
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.values.conversions import quantity_of, text_of
from sheetlab.engine.values.value import ErrorValue, Scalar
from sheetlab.files.cell_value import CellError


def toolpak_number(value: Scalar) -> float:
    """A value as a number, where a truth value is none; raises `ErrorValue`."""
    number = quantity_of(value)
    if isinstance(number, CellError):
        raise ErrorValue(number)
    return number


def toolpak_text(value: Scalar) -> str:
    """A value as a text, where a truth value is none; raises `ErrorValue`."""
    if isinstance(value, bool | CellError):
        raise ErrorValue("#VALUE!" if isinstance(value, bool) else value)
    return text_of(value)


def toolpak_numbers(arguments: tuple[Values, ...]) -> Floats:
    """All numbers in the arguments, on one axis; blank cells are skipped, texts converted.

    Raises `ErrorValue` #VALUE! for a truth value, or a text that is no number.
    """
    values = [value for argument in arguments for value in argument.array.ravel().tolist()]
    return np.array([toolpak_number(value) for value in values if value is not None], np.float64)
