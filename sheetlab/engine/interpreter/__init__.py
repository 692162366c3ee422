"""What one expression is worth in one cell, as Excel evaluates it."""

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.cell_range import Address
from sheetlab.engine.interpreter.aggregate_functions import AGGREGATE_FUNCTIONS
from sheetlab.engine.interpreter.control_functions import CONTROL_FUNCTIONS
from sheetlab.engine.interpreter.evaluation import Context, Form, TooManyCallsError, value_of
from sheetlab.engine.interpreter.lambda_functions import LAMBDA_FUNCTIONS
from sheetlab.engine.interpreter.reference_functions import REFERENCE_FUNCTIONS
from sheetlab.engine.interpreter.source import Source
from sheetlab.engine.interpreter.volatile_functions import VOLATILE_FUNCTIONS
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.values.arrays import first
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError

_FORMS: dict[str, Form] = {
    **AGGREGATE_FUNCTIONS,
    **CONTROL_FUNCTIONS,
    **LAMBDA_FUNCTIONS,
    **REFERENCE_FUNCTIONS,
    **VOLATILE_FUNCTIONS,
}
_SPECIAL = frozenset(_FORMS)


def special_forms() -> frozenset[str]:
    """The functions that take their arguments as expressions."""
    return _SPECIAL


def is_known(function: str) -> bool:
    """Whether a name in capitals is a function of Excel, no LAMBDA of the workbook's."""
    return function in _FORMS or functions.find(function) is not None


def evaluate(
    expression: Expression, home: Address, source: Source, *, array: bool
) -> Scalar | Array:
    """The value of an expression in the cell `home`; None where it comes to a blank cell.

    With `array`, as of an array formula: an `Array` where there is more than one value. Without,
    a reference to several cells comes to that in the row or column of `home`, and an array to its
    first value. Exceptions of `source` pass through.
    """
    context = Context(home, source, _FORMS, array, array, {}, 0)
    try:
        value = value_of(expression, context)
    except TooManyCallsError:
        return CellError("#NUM!")
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and (value.size == 1 or not array):
        return first(value)
    return value
