"""SUBTOTAL, AGGREGATE, and the conditional sums and counts that ask where their ranges lie."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np

from sheetlab.engine.functions.aggregates import COUNTBLANK
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.conditional import AVERAGEIF, COUNTIF, COUNTIFS, SUMIF
from sheetlab.engine.functions.function import Function, Values
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
# Which rows are left out of those that are hidden.
_Hidden = Literal["none", "filtered", "all"]

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
_IS_SUBTOTAL = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)


def _subtotal(arguments: Arguments, context: Context) -> Value:
    number = _number(arguments[0], context)
    hidden: _Hidden = "filtered"
    if number > _HIDDEN_TOO:
        number -= _HIDDEN_TOO
        hidden = "all"
    if not 1 <= number <= _SUBTOTALS:
        return CellError("#VALUE!")
    given = [
        _elements(argument, context, subtotals=False, hidden=hidden) for argument in arguments[1:]
    ]
    return _aggregated(_AGGREGATES[number - 1], given, None, context)


def _aggregate(arguments: Arguments, context: Context) -> Value:
    number = _number(arguments[0], context)
    option = 0 if isinstance(arguments[1], Missing) else _number(arguments[1], context)
    if not (1 <= number <= len(_AGGREGATES) and 0 <= option <= _HIGHEST_OPTION):
        return CellError("#VALUE!")
    has_place = number >= _FIRST_WITH_PLACE
    if has_place and len(arguments) < 4:
        return CellError("#VALUE!")
    arrays = arguments[2:3] if has_place else arguments[2:]
    hidden: _Hidden = "all" if option in _WITHOUT_HIDDEN else "none"
    subtotals = option in _WITH_SUBTOTALS
    given = [
        _elements(argument, context, subtotals=subtotals, hidden=hidden) for argument in arrays
    ]
    if option in _WITHOUT_ERRORS:
        given = [_without_errors(array) for array in given]
    place = value_of(arguments[3], context) if has_place else None
    return _aggregated(_AGGREGATES[number - 1], given, place, context)


def _aggregated(
    name: str, given: Sequence[Array], place: Scalar | Array, context: Context
) -> Value:
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
    if place is None:
        return invoke(function.call, arrays)
    (places,), shape = side_by_side((place,))
    results = []
    for element in places:
        number = number_of(element, context.source.date_1904)
        failed = isinstance(number, CellError)
        results.append(number if failed else first(invoke(function.call, [*arrays, number])))
    return packed(results, shape) if isinstance(place, np.ndarray) else results[0]


def _elements(
    expression: Expression, context: Context, *, subtotals: bool, hidden: _Hidden
) -> Array:
    """The values of an argument, in which some cells count as blank.

    These are, without `subtotals`, the cells that hold one, and those in `hidden` rows.
    """
    value = node(expression, context.with_array(True))
    if not isinstance(value, tuple):
        return as_array(plain(value))
    source = context.source
    parts = []
    for cells in cut(value, source):
        table = as_array(source.values(cells))
        left_out = np.zeros(table.shape, bool)
        if not subtotals:
            for text, part in source.formulas(cells):
                if _IS_SUBTOTAL.search(text):
                    rows = slice(max(part.top - cells.top, 0), part.bottom - cells.top + 1)
                    columns = slice(max(part.left - cells.left, 0), part.right - cells.left + 1)
                    left_out[rows, columns] = True
        if hidden != "none":
            for row in source.hidden_rows(cells.sheet, by_filter=hidden == "filtered"):
                if cells.top <= row <= cells.bottom:
                    left_out[row - cells.top] = True
        if left_out.any():
            table = table.astype(object)
            table[left_out] = None
        parts.append(table.reshape(-1, 1))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _without_errors(array: Array) -> Array:
    kept = [value for value in array.ravel().tolist() if type(value) is not CellError]
    return packed(kept or [None], (max(len(kept), 1), 1))


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
    ),
    "AVERAGEIF": replace(
        AVERAGEIF, call=partial(_shaped, AVERAGEIF), special=True, plain=AVERAGEIF
    ),
    "COUNTBLANK": replace(COUNTBLANK, call=partial(_counted, COUNTBLANK), special=True),
    "COUNTIF": replace(COUNTIF, call=partial(_counted, COUNTIF), special=True, plain=COUNTIF),
    "COUNTIFS": replace(COUNTIFS, call=partial(_counted, COUNTIFS), special=True, plain=COUNTIFS),
    "SUBTOTAL": Function(_subtotal, ("number", "reference"), repeating=1, required=2, special=True),
    "SUMIF": replace(SUMIF, call=partial(_shaped, SUMIF), special=True, plain=SUMIF),
}
