"""SUBTOTAL, AGGREGATE, and the conditional sums and counts that ask where their ranges lie."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from sheetlab.engine.columns.omitting import Omitting, without_errors
from sheetlab.engine.functions.aggregates import COUNTBLANK
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.conditional import AVERAGEIF, COUNTIF, COUNTIFS, SUMIF
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import Omission, Selection
from sheetlab.engine.interpreter.evaluation import (
    Context,
    Value,
    called,
    counted_places,
    cut,
    function_of,
    node,
    plain,
    value_of,
)
from sheetlab.engine.syntax.expression import Area, Axis, Expression, Missing
from sheetlab.engine.values.arrays import as_array, first, first_error, packed, side_by_side
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.operators import binary
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]
# By number, from 1; SUBTOTAL knows the first eleven, and once more from 101.
_AGGREGATES = (
    *("AVERAGE", "COUNT", "COUNTA", "MAX", "MIN", "PRODUCT", "STDEV.S", "STDEV.P", "SUM"),
    *("VAR.S", "VAR.P", "MEDIAN", "MODE.SNGL", "LARGE", "SMALL"),
    *("PERCENTILE.INC", "QUARTILE.INC", "PERCENTILE.EXC", "QUARTILE.EXC"),
)
_SUBTOTALS = 11
_FIRST_WITH_PLACE = 14
_HIDDEN_TOO = 100
# The options of AGGREGATE that leave out hidden rows, or errors, and that keep other subtotals.
_WITHOUT_HIDDEN = (1, 3, 5, 7)
_WITHOUT_ERRORS = (2, 3, 6, 7)
_WITH_SUBTOTALS = (4, 5, 6, 7)
_HIGHEST_OPTION = 7


def _subtotal_of(number: int) -> tuple[str, Omission] | None:
    """The function that SUBTOTAL means by a number."""
    with_hidden = number <= _HIDDEN_TOO
    if not with_hidden:
        number -= _HIDDEN_TOO
    if not 1 <= number <= _SUBTOTALS:
        return None
    return _AGGREGATES[number - 1], Omission("filtered" if with_hidden else "all")


def _aggregate_of(number: int, option: int) -> tuple[str, Omission] | None:
    """The function that AGGREGATE means by its two numbers."""
    if not (1 <= number <= len(_AGGREGATES) and 0 <= option <= _HIGHEST_OPTION):
        return None
    return _AGGREGATES[number - 1], Omission(
        "all" if option in _WITHOUT_HIDDEN else "none",
        subtotals=option not in _WITH_SUBTOTALS,
        errors=option in _WITHOUT_ERRORS,
    )


def _subtotal(arguments: Arguments, context: Context) -> Value:
    chosen = _subtotal_of(_number(arguments[0], context))
    if chosen is None:
        return CellError("#VALUE!")
    name, omission = chosen
    given = [_elements(argument, context, omission) for argument in arguments[1:]]
    return _aggregated(name, given, (), context)


def _aggregate(arguments: Arguments, context: Context) -> Value:
    number = _number(arguments[0], context)
    chosen = _aggregate_of(
        number, 0 if isinstance(arguments[1], Missing) else _number(arguments[1], context)
    )
    has_place = number >= _FIRST_WITH_PLACE
    if chosen is None or (has_place and len(arguments) < 4):
        return CellError("#VALUE!")
    name, omission = chosen
    arrays = arguments[2:3] if has_place else arguments[2:]
    given = [_elements(argument, context, omission) for argument in arrays]
    places = [value_of(arguments[3], context)] if has_place else []
    return _aggregated(name, given, places, context)


def _aggregated(
    name: str, given: Sequence[Array], places: Sequence[Scalar | Array], context: Context
) -> Value:
    """What a function makes of arrays, and of one place or each of an array of them, if any."""
    function = function_of(name, context)
    if not function.takes_errors:
        for array in given:
            error = first_error(array)
            if error is not None:
                return error
    arrays: list[Any] = [
        Values(array, from_cells=True) if function.parameters[0] == "values" else array
        for array in given
    ]
    if not places:
        return invoke(function.call, arrays)
    (elements,), shape = side_by_side(places)
    results = []
    for element in elements:
        number = number_of(element, context.source.date_1904)
        failed = isinstance(number, CellError)
        results.append(number if failed else first(invoke(function.call, [*arrays, number])))
    return packed(results, shape) if isinstance(places[0], np.ndarray) else results[0]


def _elements(expression: Expression, context: Context, omission: Omission) -> Array:
    """The values of an argument, without cells that are left out."""
    value = node(expression, context.with_array(True))
    if not isinstance(value, tuple):
        array = as_array(plain(value))
        return without_errors(array) if omission.errors else array
    source = context.source
    omitting = Omitting(omission, source)
    parts = [omitting.kept(as_array(source.values(cells)), cells) for cells in cut(value, source)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _shaped(function: Function, arguments: Arguments, context: Context) -> Value:
    """A conditional sum, whose third range takes its shape from the first."""
    if len(arguments) == 3 and not isinstance(arguments[2], Missing):
        tested, summed = node(arguments[0], context), node(arguments[2], context)
        if isinstance(tested, tuple) and isinstance(summed, tuple):
            rows, columns = tested[0].shape
            sheet, top, left, _, _ = summed[0]
            area = Area(
                sheet,
                Axis(True, top),
                Axis(True, left),
                Axis(True, min(top + rows - 1, MAX_ROW)),
                Axis(True, min(left + columns - 1, MAX_COLUMN)),
            )
            arguments = (*arguments[:2], area)
    return called(function, arguments, context)


def _counted(function: Function, arguments: Arguments, context: Context) -> Value:
    """A count which takes in cells that are not read, as one blank cell times their number."""
    count = plain(called(function, arguments, context))
    tested = [node(argument, context) for argument in arguments[::2]]
    areas = [value[0] for value in tested if isinstance(value, tuple) and len(value) == 1]
    if len(areas) < len(tested) or len({area.shape for area in areas}) > 1:
        return count
    read = counted_places(cut(areas, context.source), context.source)
    unread = float(math.prod(areas[0].shape) - read)
    if not unread:
        return count
    blanks = [Missing() if place % 2 == 0 else argument for place, argument in enumerate(arguments)]
    # What is left out is blank only where it is required.
    blank = plain(called(replace(function, required=len(blanks)), blanks, context))
    date_1904 = context.source.date_1904
    return binary("+", count, binary("*", unread, blank, date_1904), date_1904)


def _number(expression: Expression, context: Context) -> int:
    number = number_of(first(value_of(expression, context)), context.source.date_1904)
    if isinstance(number, CellError):
        raise ErrorValue(number)
    return int(number)


FUNCTIONS: dict[str, Function] = {
    "AGGREGATE": Function(
        _aggregate,
        ("number", "number", "reference"),
        repeating=1,
        required=3,
        special=True,
        spreads=True,
        kernel=Selection(2, _aggregate_of),
    ),
    "AVERAGEIF": replace(
        AVERAGEIF, call=partial(_shaped, AVERAGEIF), special=True, plain=AVERAGEIF
    ),
    "COUNTBLANK": replace(COUNTBLANK, call=partial(_counted, COUNTBLANK), special=True),
    "COUNTIF": replace(COUNTIF, call=partial(_counted, COUNTIF), special=True, plain=COUNTIF),
    "COUNTIFS": replace(COUNTIFS, call=partial(_counted, COUNTIFS), special=True, plain=COUNTIFS),
    "SUBTOTAL": Function(
        _subtotal,
        ("number", "reference"),
        repeating=1,
        required=2,
        special=True,
        kernel=Selection(1, _subtotal_of),
    ),
    "SUMIF": replace(SUMIF, call=partial(_shaped, SUMIF), special=True, plain=SUMIF),
}
