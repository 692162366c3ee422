"""LET, LAMBDA, and the functions that apply a LAMBDA to arrays."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.functions.function import Function
from sheetlab.engine.interpreter.evaluation import (
    Context,
    Lambda,
    Reference,
    Value,
    apply,
    cut,
    node,
    plain,
    value_of,
    whole,
)
from sheetlab.engine.syntax.expression import Expression, Missing, Name, Structured
from sheetlab.engine.values.arrays import NOT_AVAILABLE, as_array, first, packed
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]

_MOST_PARAMETERS = 253
_CALC = CellError("#CALC!")


def _let(arguments: Arguments, context: Context) -> Value:
    if len(arguments) % 2 == 0:
        raise ErrorValue("#VALUE!")
    for position in range(0, len(arguments) - 1, 2):
        name, _ = _parameter(arguments[position])
        value = node(arguments[position + 1], context)
        context = context.with_variables({name: value}, context.calls)
    return node(arguments[-1], context)


def _lambda(arguments: Arguments, context: Context) -> Value:
    if len(arguments) > _MOST_PARAMETERS + 1:
        raise ErrorValue("#VALUE!")
    parameters = [_parameter(argument) for argument in arguments[:-1]]
    names = tuple(name for name, _ in parameters)
    optional = frozenset(name for name, can_be_left_out in parameters if can_be_left_out)
    return Lambda(names, optional, arguments[-1], context)


def _parameter(expression: Expression) -> tuple[str, bool]:
    """The name of a variable or parameter in capitals, and whether it may be left out: `[x]`."""
    match expression:
        case Name(name, None):
            return name.upper(), False
        case Structured(None, (), (name,)):
            return name.upper().removeprefix("_XLPM."), True
    raise ErrorValue("#VALUE!")


def _isomitted(arguments: Arguments, context: Context) -> bool:
    return isinstance(node(arguments[0], context), Missing)


def _map(arguments: Arguments, context: Context) -> Array:
    function = node(arguments[-1], context)
    grids = [_grid(node(argument, context), context) for argument in arguments[:-1]]
    rows = max(len(grid) for grid in grids)
    columns = max(len(grid[0]) for grid in grids)
    context.source.budget.reserve(rows * columns)
    results: list[Scalar] = []
    for row in range(rows):
        lines = [_line(grid, row) for grid in grids]
        for column in range(columns):
            given = [_element(line, column) for line in lines]
            results.append(_single(apply(function, given, context), context))
    return packed(results, (rows, columns))


def _reduce(arguments: Arguments, context: Context) -> Value:
    function = node(arguments[2], context)
    total = _start(arguments[0], context)
    for row in _grid(node(arguments[1], context), context):
        for element in row:
            total = apply(function, (total, element), context)
    return total


def _scan(arguments: Arguments, context: Context) -> Array:
    function = node(arguments[2], context)
    total = _start(arguments[0], context)
    grid = _grid(node(arguments[1], context), context)
    context.source.budget.reserve(len(grid) * len(grid[0]))
    results: list[Scalar] = []
    for row in grid:
        for element in row:
            total = _single(apply(function, (total, element), context), context)
            results.append(total)
    return packed(results, (len(grid), len(grid[0])))


def _by_row(arguments: Arguments, context: Context) -> Array:
    function = node(arguments[1], context)
    value = node(arguments[0], context)
    parts: list[Value]
    if isinstance(value, tuple) and len(value) == 1:
        cells = cut(value, context.source)[0]
        parts = [
            (cells._replace(top=row, bottom=row),) for row in range(cells.top, cells.bottom + 1)
        ]
    else:
        parts = list(np.vsplit(array := as_array(whole(value, context)), len(array)))
    results = [_single(apply(function, (part,), context), context) for part in parts]
    return packed(results, (len(results), 1))


def _by_column(arguments: Arguments, context: Context) -> Array:
    function = node(arguments[1], context)
    value = node(arguments[0], context)
    parts: list[Value]
    if isinstance(value, tuple) and len(value) == 1:
        cells = cut(value, context.source)[0]
        parts = [
            (cells._replace(left=column, right=column),)
            for column in range(cells.left, cells.right + 1)
        ]
    else:
        array = as_array(whole(value, context))
        parts = list(np.hsplit(array, array.shape[1]))
    results = [_single(apply(function, (part,), context), context) for part in parts]
    return packed(results, (1, len(results)))


def _make_array(arguments: Arguments, context: Context) -> Array:
    rows, columns = (
        _count(argument, most, context)
        for argument, most in zip(arguments[:2], (MAX_ROW, MAX_COLUMN), strict=True)
    )
    context.source.budget.reserve(rows * columns)
    function = node(arguments[2], context)
    results = [
        _single(apply(function, (float(row), float(column)), context), context)
        for row in range(1, rows + 1)
        for column in range(1, columns + 1)
    ]
    return packed(results, (rows, columns))


def _count(expression: Expression, most: int, context: Context) -> int:
    number = number_of(first(value_of(expression, context)), context.source.date_1904)
    if isinstance(number, CellError):
        raise ErrorValue(number)
    if not 1 <= number <= most:
        raise ErrorValue("#VALUE!")
    return int(number)


def _start(expression: Expression, context: Context) -> Value:
    value = node(expression, context)
    return None if isinstance(value, Missing) else value


class _References(Sequence[list[Reference]]):
    """The cells of a range row by row, each as a reference; there may be many."""

    def __init__(self, cells: CellRange) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return self._cells.shape[0]

    @overload
    def __getitem__(self, row: int) -> list[Reference]: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[list[Reference]]: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return [self[place] for place in range(*row.indices(len(self)))]
        sheet, top, left, bottom, right = self._cells
        if not 0 <= row <= bottom - top:
            raise IndexError
        return [
            (CellRange(sheet, top + row, column, top + row, column),)
            for column in range(left, right + 1)
        ]


def _grid(value: Value, context: Context) -> Sequence[list[Any]]:
    """The elements of an array row by row; of a range, each cell as a reference."""
    if isinstance(value, tuple) and len(value) == 1:
        return _References(cut(value, context.source)[0])
    rows: list[list[Any]] = as_array(whole(value, context)).tolist()
    return rows


def _line(grid: Sequence[list[Any]], row: int) -> list[Any] | None:
    """One row of an array, of which one that is all there is repeats; None beyond the last."""
    if len(grid) == 1:
        return grid[0]
    return grid[row] if row < len(grid) else None


def _element(line: Sequence[Any] | None, column: int) -> Any:
    if line is None:
        return NOT_AVAILABLE
    if len(line) == 1:
        return line[0]
    return line[column] if column < len(line) else NOT_AVAILABLE


def _single(value: Value, context: Context) -> Scalar:
    """A result that has to be one value; an array or a function is #CALC!."""
    result = whole(value, context) if isinstance(value, tuple) else plain(value)
    if isinstance(result, np.ndarray):
        return first(result) if result.size == 1 else _CALC
    return result


FUNCTIONS: dict[str, Function] = {
    "BYCOL": Function(_by_column, ("reference", "lazy"), special=True, spreads=True),
    "BYROW": Function(_by_row, ("reference", "lazy"), special=True, spreads=True),
    "ISOMITTED": Function(_isomitted, ("lazy",), special=True),
    "LAMBDA": Function(_lambda, ("lazy",), repeating=1, required=1, special=True, spreads=True),
    "LET": Function(
        _let, ("lazy", "lazy", "lazy"), repeating=2, required=3, special=True, spreads=True
    ),
    "MAKEARRAY": Function(_make_array, ("number", "number", "lazy"), special=True, spreads=True),
    # Its last argument is the LAMBDA.
    "MAP": Function(_map, ("lazy", "lazy"), repeating=1, required=2, special=True, spreads=True),
    "REDUCE": Function(_reduce, ("reference", "reference", "lazy"), special=True, spreads=True),
    "SCAN": Function(_scan, ("reference", "reference", "lazy"), special=True, spreads=True),
}
