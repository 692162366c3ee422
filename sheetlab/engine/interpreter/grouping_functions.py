"""GROUPBY and PIVOTBY: tables of what functions make of the values of each group."""

from collections.abc import Iterator, Sequence
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

_TOTAL, _GRAND_TOTAL = "Total", "Grand Total"
_CUSTOM = "CUSTOM"
_HEADERS_IN_DATA = (1, 3)
_HEADERS_SHOWN = (2, 3)
_RELATIVES = 5


@dataclass(frozen=True, slots=True)
class _Line:
    """A row or column of the table: its labels, one for each field, and where its data are.

    `around` is where those of the group are that it is a part of, `groups` the numbers of the
    smallest groups in it, in the order of the table.
    """

    labels: list[Scalar]
    places: list[int]
    around: list[int]
    groups: range


@dataclass(frozen=True, slots=True)
class _Functions:
    """Functions with their names, side by side or `down` the rows of each group."""

    functions: list[Value]
    names: list[str]
    down: bool

    @property
    def across(self) -> int:
        """How many results a column of values has in each row."""
        return 1 if self.down else len(self.functions)


class _Data:
    """The values, and what the functions make of some of their rows."""

    def __init__(self, values: Array, functions: _Functions, context: Context) -> None:
        self.values = values
        self.functions = functions
        self.context = context
        self.everything = list(range(len(values)))

    @property
    def width(self) -> int:
        """How many results there are in a row."""
        return int(self.values.shape[1]) * self.functions.across

    def totals(self, places: Sequence[int], others: Sequence[int] | None = None) -> list[Scalar]:
        """What all functions make of rows; `others` are those they may set them against.

        Column by column, and for each function.
        """
        return [
            self._total(function, column, places, others)
            for column in range(self.values.shape[1])
            for function in self.functions.functions
        ]

    def rows(self, places: Sequence[int], others: Sequence[int] | None = None) -> list[list[Any]]:
        """The same as the rows that a group has, one, or one for each function."""
        found = self.totals(places, others)
        count = len(self.functions.functions)
        return [found[number::count] for number in range(count)] if self.functions.down else [found]

    def _total(
        self, function: Value, column: int, places: Sequence[int], others: Sequence[int] | None
    ) -> Scalar:
        given: list[Value] = [_part(self.values, places, column)]
        if _takes_two(function):
            rows = self.everything if others is None else others
            given.append(_part(self.values, rows, column))
        result = plain(apply(function, given, self.context))
        is_array = isinstance(result, np.ndarray) and result.size > 1
        return CellError("#CALC!") if is_array else first(result)


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


def _functions(expression: Expression, context: Context) -> _Functions:
    """One function, or those that HSTACK and VSTACK put together, perhaps with names for them."""
    stack = _stacked(expression)
    if stack is None:
        function = node(expression, context)
        return _Functions([function], [_name(function)], down=False)
    down, parts = stack
    inner = _stacked(parts[0])
    names = None
    if inner is not None and inner[0] != down and len(parts) == 2:
        # Names stand across from the functions.
        names = [str(name) for name in _table(parts[1], context).ravel().tolist()]
        down, parts = inner
    functions = [node(part, context) for part in parts]
    if names is not None and len(names) != len(functions):
        raise ErrorValue("#VALUE!")
    return _Functions(functions, names or list(map(_name, functions)), down)


def _stacked(expression: Expression) -> tuple[bool, Arguments] | None:
    if isinstance(expression, Call) and expression.function in ("HSTACK", "VSTACK"):
        return expression.function == "VSTACK", expression.arguments
    return None


def _name(function: Value) -> str:
    if isinstance(function, Lambda) and function.by_name and isinstance(function.body, Call):
        return function.body.function
    return _CUSTOM


class _Axis:
    """The rows, or the columns, of a table: a line for each group, and those of totals."""

    def __init__(
        self, fields: Array, data: _Data, order: Expression, depth: int, *, in_table: bool = False
    ) -> None:
        self.width = fields.shape[1]
        self._data = data
        self._fields = fields
        self._order = _numbers(order, data.context)
        limit = self.width + data.values.shape[1] * len(data.functions.functions)
        if any(not 1 <= abs(number) <= limit for number in self._order):
            raise ErrorValue("#VALUE!")
        if abs(depth) > max(self.width, 1) or (in_table and abs(depth) > 1):
            raise ErrorValue("#VALUE!")
        self._depth = depth
        self.group_of: dict[int, int] = {}
        self._count = 0
        everything = data.everything
        if not self.width:
            self.group_of = dict.fromkeys(everything, 0)
            self.lines = [_Line([], everything, everything, range(1))]
            return
        if in_table:
            self.lines = list(self._in_table())
        else:
            self.lines = list(self._within(0, [], everything))
        if depth:
            label = _GRAND_TOTAL if abs(depth) > 1 else _TOTAL
            labels: list[Scalar] = [label, *[""] * (self.width - 1)]
            total = _Line(labels, everything, everything, range(self._count))
            self.lines = [total, *self.lines] if depth < 0 else [*self.lines, total]

    def _within(self, level: int, before: list[Scalar], places: list[int]) -> Iterator[_Line]:
        """The lines of a group, whose fields up to a level are equal."""
        found = _grouped(self._fields[:, level : level + 1], places)
        labels = self._fields[[group[0] for group in found], level].tolist()
        for position in self._sorted(level, labels, found):
            group, start = found[position], self._count
            own = [*before, labels[position]]
            if level == self.width - 1:
                yield self._leaf(own, group, places)
                continue
            lines = list(self._within(level + 1, own, group))
            if abs(self._depth) > level + 1:
                shown = [*own, *[""] * (self.width - level - 1)]
                total = _Line(shown, group, places, range(start, self._count))
                lines = [total, *lines] if self._depth < 0 else [*lines, total]
            yield from lines

    def _in_table(self) -> Iterator[_Line]:
        """The groups as rows of a table, in which no field is a part of another."""
        found = _grouped(self._fields, self._data.everything)
        keys = self._fields[[group[0] for group in found]]
        results = [self._data.totals(group) for group in found] if self._order else []
        chosen = [
            keys[:, abs(number) - 1]
            if abs(number) <= self.width
            else _column([row[abs(number) - self.width - 1] for row in results])
            for number in self._order
        ]
        descending = [number < 0 for number in self._order] + [False] * self.width
        for position in sorted_positions([*chosen, *keys.T], descending):
            yield self._leaf(keys[position].tolist(), found[position], self._data.everything)

    def _leaf(self, labels: list[Scalar], group: list[int], around: list[int]) -> _Line:
        self.group_of.update(dict.fromkeys(group, self._count))
        self._count += 1
        return _Line(labels, group, around, range(self._count - 1, self._count))

    def _sorted(self, level: int, labels: list[Scalar], groups: list[list[int]]) -> list[int]:
        """Where groups come: by their field, or by results as far as numbers ask for them."""
        asked = [n for n in self._order if abs(n) > self.width or abs(n) == level + 1]
        results = (
            [self._data.totals(group) for group in groups]
            if any(abs(number) > self.width for number in asked)
            else []
        )
        chosen = [
            _column(labels)
            if abs(number) <= self.width
            else _column([row[abs(number) - self.width - 1] for row in results])
            for number in asked
        ]
        # What the numbers leave open is by the field.
        return sorted_positions([*chosen, _column(labels)], [*(n < 0 for n in asked), False])


def _grouped(fields: Array, places: Sequence[int]) -> list[list[int]]:
    """The places whose fields are equal."""
    found: dict[tuple[Any, ...], list[int]] = {}
    chosen = fields[list(places)].tolist()
    for place, row in zip(places, chosen, strict=True):
        found.setdefault(tuple(map(identity, row)), []).append(place)
    return list(found.values())


def _column(values: Sequence[Any]) -> Array:
    return packed(list(values), (len(values), 1))[:, 0]


def _automatic_depth(expression: Expression, width: int, context: Context) -> int:
    """The depth of totals: grand ones and, where there are several fields, those of the first."""
    return _number(expression, min(width, 2), context)


def _group_by(arguments: Arguments, context: Context) -> Array:
    given = [*arguments, *[Missing()] * (8 - len(arguments))]
    fields, values = (_table(argument, context) for argument in given[:2])
    names, fields, values = _without_headers(fields, values, given[3], context)
    fields, values = _filtered(fields, values, given[6], context)
    relationship = _number(given[7], 0, context)
    if relationship not in (0, 1):
        raise ErrorValue("#VALUE!")
    width = fields.shape[1]
    data = _Data(values, _functions(arguments[2], context), context)
    depth = _automatic_depth(given[4], 1 if relationship else width, context)
    axis = _Axis(fields, data, given[5], depth, in_table=relationship == 1)
    functions = data.functions
    rows = [
        [*line.labels, *([name] if functions.down else []), *row]
        for line in axis.lines
        for name, row in zip(functions.names, data.rows(line.places), strict=False)
    ]
    return _array([*_heads(names, width, data), *rows])


def _heads(names: list[Any] | None, width: int, data: _Data) -> list[list[Any]]:
    """The rows above a table of groups: names of its columns, and of several functions."""
    functions = data.functions
    beside = [""] if functions.down else []
    heads = []
    if names is not None:
        shown = [name for name in names[width:] for _ in range(functions.across)]
        heads.append([*names[:width], *beside, *shown])
    if functions.across > 1:
        heads.append([*[""] * width, *functions.names * data.values.shape[1]])
    return heads


def _pivot_by(arguments: Arguments, context: Context) -> Array:
    given = [*arguments, *[Missing()] * (11 - len(arguments))]
    values = _table(given[2], context)
    if all(isinstance(argument, Missing) for argument in given[:2]):
        raise ErrorValue("#VALUE!")
    row_fields, column_fields = (
        np.empty((len(values), 0), object)
        if isinstance(argument, Missing)
        else _table(argument, context)
        for argument in given[:2]
    )
    if len(column_fields) != len(row_fields):
        raise ErrorValue("#VALUE!")
    width = row_fields.shape[1]
    both = _beside(row_fields, column_fields)
    names, both, values = _without_headers(both, values, given[4], context)
    if isinstance(given[4], Missing) and max(width, both.shape[1] - width) < 2:
        # Without being asked for, names are shown where there are several of a side.
        names = None
    both, values = _filtered(both, values, given[9], context)
    data = _Data(values, _functions(arguments[3], context), context)
    relative = _number(given[10], 0, context)
    if relative not in range(_RELATIVES):
        raise ErrorValue("#VALUE!")
    rows = _Axis(both[:, :width], data, given[6], _automatic_depth(given[5], width, context))
    columns = _Axis(
        both[:, width:],
        data,
        given[8],
        _automatic_depth(given[7], both.shape[1] - width, context),
    )
    functions = data.functions
    lines = len(rows.lines) * (len(functions.names) if functions.down else 1)
    refuse_too_large(lines, len(columns.lines) * data.width, numbers=False)
    body = []
    for row in rows.lines:
        blocks = [
            _crossed(row, column, columns, inside, around, relative, data)
            for inside, around in [(_by_group(row.places, columns), _by_group(row.around, columns))]
            for column in columns.lines
        ]
        for number, name in enumerate(functions.names if functions.down else [""]):
            body.append(
                [
                    *row.labels,
                    *([name] if functions.down else []),
                    *(cell for block in blocks for cell in block[number]),
                ]
            )
    return _array([*_column_heads(names, width, columns, data), *body])


def _by_group(places: Sequence[int], axis: _Axis) -> dict[int, list[int]]:
    """Places by the number of the smallest group of an axis that they belong to."""
    found: dict[int, list[int]] = {}
    for place in places:
        found.setdefault(axis.group_of[place], []).append(place)
    return found


def _crossed(
    row: _Line,
    column: _Line,
    columns: _Axis,
    inside: dict[int, list[int]],
    around: dict[int, list[int]],
    relative: int,
    data: _Data,
) -> list[list[Any]]:
    """The cells in which a row and a column cross, a list for each row that a group has."""
    common = _in_groups(inside, column.groups)
    if not common:
        count = len(data.functions.functions) if data.functions.down else 1
        return [[""] * data.width for _ in range(count)]
    match relative:
        case 0:
            others = column.places
        case 1:
            others = row.places
        case 2:
            others = data.everything
        case 3:
            beside = set(column.around)
            others = [place for place in row.places if place in beside]
        case _:
            others = _in_groups(around, column.groups)
    return data.rows(common, others)


def _in_groups(places: dict[int, list[int]], groups: range) -> list[int]:
    if len(groups) == 1:
        return places.get(groups[0], [])
    return sorted(place for group in groups for place in places.get(group, []))


def _column_heads(
    names: list[Any] | None, width: int, columns: _Axis, data: _Data
) -> list[list[Any]]:
    """The rows above a pivot table: the labels of the columns, then names as above groups."""
    functions = data.functions
    left = width + functions.down
    heads = []
    for level in range(columns.width):
        shown = [line.labels[level] for line in columns.lines for _ in range(data.width)]
        beside: list[Any] = [""] * left
        if names is not None and left:
            beside[-1] = names[width + level]
        heads.append([*beside, *shown])
    if names is not None:
        values = names[width + columns.width :]
        shown = [name for name in values for _ in range(functions.across)] * len(columns.lines)
        heads.append([*names[:width], *[""] * functions.down, *shown])
    if functions.across > 1:
        shown = functions.names * (data.values.shape[1] * len(columns.lines))
        heads.append([*[""] * left, *shown])
    return heads


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


def _numbers(expression: Expression, context: Context) -> list[int]:
    if isinstance(expression, Missing):
        return []
    return [_whole_number(value, context) for value in _table(expression, context).ravel().tolist()]


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
        spreads=True,
    ),
    "PIVOTBY": Function(
        _pivot_by,
        (
            *("reference", "reference", "reference", "lazy", "number", "number", "array"),
            *("number", "array", "array", "number"),
        ),
        required=4,
        special=True,
        spreads=True,
    ),
}
