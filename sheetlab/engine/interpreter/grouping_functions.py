"""GROUPBY and PIVOTBY: tables of what a function makes of the values of each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine.functions.arrays import identity, refuse_too_large, sorted_positions
from sheetlab.engine.functions.function import Function
from sheetlab.engine.interpreter.evaluation import (
    Context,
    Lambda,
    Value,
    apply,
    node,
    plain,
    whole,
)
from sheetlab.engine.syntax.expression import Call, Expression, Missing
from sheetlab.engine.values.arrays import as_array, first, packed
from sheetlab.engine.values.conversions import logical_of, number_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]

_TOTAL = "Total"
_HEADERS_IN_DATA = (1, 3)
_HEADERS_SHOWN = (2, 3)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows of fields that are equal: the fields of each group, and where its rows are."""

    keys: Array
    places: list[list[int]]

    def ordered(self, positions: Sequence[int]) -> "_Groups":
        return _Groups(self.keys[list(positions)], [self.places[place] for place in positions])


def _groups(fields: Array) -> _Groups:
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, row in enumerate(fields.tolist()):
        places.setdefault(tuple(map(identity, row)), []).append(place)
    firsts = [found[0] for found in places.values()]
    return _Groups(fields[firsts], list(places.values()))


class _Data:
    """The values, and what the function makes of some of their rows."""

    def __init__(self, values: Array, function: Value, context: Context) -> None:
        self.values = values
        self.function = function
        self.context = context

    def totals(self, places: Sequence[int], others: Sequence[int] | None = None) -> list[Scalar]:
        """The function of rows, column by column; `others` are those it may set them against."""
        results = []
        for column in range(self.values.shape[1]):
            given: list[Value] = [_part(self.values, places, column)]
            if _takes_two(self.function):
                rows = range(len(self.values)) if others is None else others
                given.append(_part(self.values, rows, column))
            result = plain(apply(self.function, given, self.context))
            is_array = isinstance(result, np.ndarray) and result.size > 1
            results.append(CellError("#CALC!") if is_array else first(result))
        return results


def _part(values: Array, places: Sequence[int], column: int) -> Array:
    part = values[list(places), column].tolist()
    return packed(part, (len(part), 1))


def _takes_two(function: Value) -> bool:
    """Whether a function is given all values as well, as PERCENTOF is."""
    if not isinstance(function, Lambda):
        return False
    if function.by_name:
        return isinstance(function.body, Call) and function.body.function == "PERCENTOF"
    return len(set(function.parameters) - function.optional) == 2


def _group_by(arguments: Arguments, context: Context) -> Array:
    given = [*arguments, *[Missing()] * (8 - len(arguments))]
    fields, values = (_table(argument, context) for argument in given[:2])
    names, fields, values = _without_headers(fields, values, given[3], context)
    fields, values = _filtered(fields, values, given[6], context)
    data = _Data(values, node(arguments[2], context), context)
    depth = _number(given[4], 1, context)
    width = fields.shape[1]
    if abs(depth) > min(width, 2):
        raise ErrorValue("#VALUE!")
    groups = _groups(fields)
    results = [data.totals(places) for places in groups.places]
    positions = _order(groups.keys, results, given[5], context)
    groups, results = groups.ordered(positions), [results[place] for place in positions]
    rows = [[*key, *result] for key, result in zip(groups.keys.tolist(), results, strict=True)]
    if abs(depth) == 2:
        rows = _with_subtotals(rows, fields, data, at_top=depth < 0)
    everything = [_TOTAL, *[""] * (width - 1), *data.totals(range(len(values)))]
    if depth:
        rows = [everything, *rows] if depth < 0 else [*rows, everything]
    return _array(rows if names is None else [names, *rows])


def _with_subtotals(
    rows: list[list[Any]], fields: Array, data: _Data, *, at_top: bool
) -> list[list[Any]]:
    """Rows in which each group of the first field has a total of its own."""
    groups = _groups(fields[:, :1])
    places = {
        identity(key): found
        for (key,), found in zip(groups.keys.tolist(), groups.places, strict=True)
    }
    blocks: dict[Any, list[list[Any]]] = {}
    for row in rows:
        blocks.setdefault(identity(row[0]), []).append(row)
    result = []
    for key, block in blocks.items():
        total = [block[0][0], *[""] * (fields.shape[1] - 1), *data.totals(places[key])]
        result += [total, *block] if at_top else [*block, total]
    return result


def _pivot_by(arguments: Arguments, context: Context) -> Array:
    given = [*arguments, *[Missing()] * (11 - len(arguments))]
    row_fields, column_fields, values = (_table(argument, context) for argument in given[:3])
    if len(column_fields) != len(row_fields):
        raise ErrorValue("#VALUE!")
    width = row_fields.shape[1]
    both = _beside(row_fields, column_fields)
    _, both, values = _without_headers(both, values, given[4], context)
    both, values = _filtered(both, values, given[9], context)
    data = _Data(values, node(arguments[3], context), context)
    row_depth, column_depth = _number(given[5], 1, context), _number(given[7], 1, context)
    relative = _number(given[10], 0, context)
    if max(abs(row_depth), abs(column_depth)) > 1 or relative not in range(3):
        raise ErrorValue("#VALUE!")
    rows = _sorted_groups(both[:, :width], data, given[6], context)
    columns = _sorted_groups(both[:, width:], data, given[8], context)
    refuse_too_large(len(rows.places), len(columns.places) * values.shape[1], numbers=False)
    everything = list(range(len(values)))

    column_of = {place: column for column, found in enumerate(columns.places) for place in found}

    def line(places: list[int]) -> list[Any]:
        in_columns: dict[int, list[int]] = {}
        for place in places:
            in_columns.setdefault(column_of[place], []).append(place)
        cells: list[Any] = []
        for column, found in enumerate(columns.places):
            common = in_columns.get(column)
            others = {0: found, 1: places, 2: everything}[relative]
            cells += data.totals(common, others) if common else [""] * values.shape[1]
        if column_depth:
            others = {0: everything, 1: places, 2: everything}[relative]
            total = data.totals(places, others)
            cells = [*total, *cells] if column_depth < 0 else [*cells, *total]
        return cells

    lines = [
        [*key, *line(places)] for key, places in zip(rows.keys.tolist(), rows.places, strict=True)
    ]
    if row_depth:
        total = [_TOTAL, *[""] * (width - 1), *line(everything)]
        lines = [total, *lines] if row_depth < 0 else [*lines, total]
    heads = []
    for level, labels in enumerate(columns.keys.T.tolist()):
        shown = [label for label in labels for _ in range(values.shape[1])]
        if column_depth:
            totals = ["" if level else _TOTAL] * values.shape[1]
            shown = [*totals, *shown] if column_depth < 0 else [*shown, *totals]
        heads.append([*[""] * width, *shown])
    return _array([*heads, *lines])


def _sorted_groups(fields: Array, data: _Data, order: Expression, context: Context) -> _Groups:
    groups = _groups(fields)
    has_order = not isinstance(order, Missing)
    results = [data.totals(places) for places in groups.places] if has_order else []
    return groups.ordered(_order(groups.keys, results, order, context))


def _order(
    keys: Array, results: list[list[Scalar]], order: Expression, context: Context
) -> list[int]:
    """Where groups come: by their fields, or by the columns that numbers from 1 or -1 tell."""
    if isinstance(order, Missing):
        columns = list(keys.T)
        return sorted_positions(columns, [False] * len(columns))
    table = [*keys.T, *_array(results).T]
    numbers = [_whole_number(value, context) for value in _table(order, context).ravel().tolist()]
    if any(not 1 <= abs(number) <= len(table) for number in numbers):
        raise ErrorValue("#VALUE!")
    # What the numbers leave open is by the fields.
    chosen = [table[abs(number) - 1] for number in numbers]
    descending = [number < 0 for number in numbers]
    return sorted_positions([*chosen, *keys.T], [*descending, *[False] * keys.shape[1]])


def _without_headers(
    fields: Array, values: Array, expression: Expression, context: Context
) -> tuple[list[Any] | None, Array, Array]:
    """The names to be shown above the table, if any, and the data below their own."""
    if len(fields) != len(values):
        raise ErrorValue("#VALUE!")
    if isinstance(expression, Missing):
        start = values[:2, 0].tolist()
        has_names = len(start) == 2 and isinstance(start[0], str) and type(start[1]) is float
        kind = 0 if not has_names else 3 if fields.shape[1] > 1 else 1
    else:
        kind = _number(expression, 0, context)
    if kind not in range(4):
        raise ErrorValue("#VALUE!")
    names: list[Any] | None = None
    if kind in _HEADERS_SHOWN:
        names = [f"Row Field {number}" for number in range(1, fields.shape[1] + 1)]
        names += [f"Value {number}" for number in range(1, values.shape[1] + 1)]
    if kind in _HEADERS_IN_DATA:
        names = [*fields[0].tolist(), *values[0].tolist()] if names else None
        fields, values = fields[1:], values[1:]
    return names, fields, values


def _filtered(
    fields: Array, values: Array, expression: Expression, context: Context
) -> tuple[Array, Array]:
    if not isinstance(expression, Missing):
        kept = _table(expression, context).ravel().tolist()
        # Beside the names of the data there may be one more.
        kept = kept[len(kept) - len(values) :] if len(kept) == len(values) + 1 else kept
        if len(kept) != len(values):
            raise ErrorValue("#VALUE!")
        places = [place for place, value in enumerate(kept) if _holds(value)]
        fields, values = fields[places], values[places]
    if not len(values):
        raise ErrorValue("#CALC!")
    return fields, values


def _holds(value: Scalar) -> bool:
    truth = logical_of(value)
    if isinstance(truth, CellError):
        raise ErrorValue(truth)
    return truth


def _table(expression: Expression, context: Context) -> Array:
    array = as_array(whole(node(expression, context), context))
    if array.size == 1 and isinstance(first(array), CellError):
        raise ErrorValue(first(array))  # type: ignore[arg-type]
    return array


def _beside(left: Array, right: Array) -> Array:
    return np.concatenate([left.astype(object), right.astype(object)], axis=1)


def _array(rows: list[list[Any]]) -> Array:
    refuse_too_large(len(rows), len(rows[0]), numbers=False)
    return packed([value for row in rows for value in row], (len(rows), len(rows[0])))


def _number(expression: Expression, default: int, context: Context) -> int:
    if isinstance(expression, Missing):
        return default
    return _whole_number(first(whole(node(expression, context), context)), context)


def _whole_number(value: Scalar, context: Context) -> int:
    number = number_of(value, context.source.date_1904)
    if isinstance(number, CellError):
        raise ErrorValue(number)
    return int(number)


FUNCTIONS: dict[str, Function] = {
    "GROUPBY": Function(
        _group_by,
        (*("reference", "reference", "lazy", "number", "number"), *("array", "array", "number")),
        required=3,
        special=True,
    ),
    "PIVOTBY": Function(
        _pivot_by,
        (
            *("reference", "reference", "reference", "lazy", "number", "number", "array"),
            *("number", "array", "array", "number"),
        ),
        required=4,
        special=True,
    ),
}
