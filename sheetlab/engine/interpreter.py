"""What one expression is worth in one cell, as Excel evaluates it."""

import numpy as np

from sheetlab.engine.aggregate_functions import AGGREGATE_FUNCTIONS
from sheetlab.engine.arrays import first
from sheetlab.engine.cell_range import Address
from sheetlab.engine.control_functions import CONTROL_FUNCTIONS
from sheetlab.engine.evaluation import Context, Form, TooManyCallsError, value_of
from sheetlab.engine.expression import Expression
from sheetlab.engine.functions.function import Array, Scalar
from sheetlab.engine.lambda_functions import LAMBDA_FUNCTIONS
from sheetlab.engine.reference_functions import REFERENCE_FUNCTIONS
from sheetlab.engine.source import Source
from sheetlab.engine.volatile_functions import VOLATILE_FUNCTIONS
from sheetlab.files.cell_value import CellError

_FORMS: dict[str, Form] = {
    **AGGREGATE_FUNCTIONS,
    **CONTROL_FUNCTIONS,
    **LAMBDA_FUNCTIONS,
    **REFERENCE_FUNCTIONS,
    **VOLATILE_FUNCTIONS,
}


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
