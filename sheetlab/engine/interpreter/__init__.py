"""What one expression is worth in one cell, as Excel evaluates it."""

import numpy as np

from sheetlab.engine.budget import OverLimitError
from sheetlab.engine.cell_range import Address
from sheetlab.engine.interpreter.evaluation import Context, value_of
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
    first value. What would take more than the source's budget is #NUM!. Exceptions of `source`
    pass through.
    """
    context = Context(home, source, array, array, {}, 0)
    budget = source.budget
    try:
        budget.begin()
        value = value_of(expression, context)
        if array and isinstance(value, np.ndarray):
            budget.fill(value.size)
        elif type(value) is str:
            budget.write(len(value))
    except OverLimitError as error:
        source.over_limit(error.limit, home)
        return CellError("#NUM!")
    except RecursionError:
        source.over_limit("depth", home)
        return CellError("#NUM!")
    except MemoryError:
        source.over_limit("elements", home)
        return CellError("#NUM!")
    finally:
        budget.end()
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and (value.size == 1 or not array):
        return first(value)
    return value
