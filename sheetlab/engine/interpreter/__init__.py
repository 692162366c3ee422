"""What one expression is worth in one cell, as Excel evaluates it."""

import numpy as np

from sheetlab.engine.cell_range import Address
from sheetlab.engine.interpreter.evaluation import Context, TooManyCallsError, value_of
from sheetlab.engine.interpreter.source import Source
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.values.arrays import first
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError


def evaluate(
    expression: Expression, home: Address, source: Source, *, array: bool
) -> Scalar | Array:
    """The value of an expression in the cell `home`; None where it comes to a blank cell.

    With `array`, as of an array formula: an `Array` where there is more than one value. Without,
    a reference to several cells comes to that in the row or column of `home`, and an array to its
    first value. Exceptions of `source` pass through.
    """
    context = Context(home, source, array, array, {}, 0)
    try:
        value = value_of(expression, context)
    except TooManyCallsError:
        return CellError("#NUM!")
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and (value.size == 1 or not array):
        return first(value)
    return value
