"""Functions of ranges and of single values, for many cells at once.

Where ranges are the same for all cells, lookups and conditional sums are answered by the indexes
of tables. Any other function is called for each cell, with the same arrays or the windows that it
has there.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.column import (
    Column,
    column_of,
    elements,
    is_array,
    narrowed,
    results_of,
)
from sheetlab.engine.columns.conditional import conditional
from sheetlab.engine.columns.lookups import looked_up, looked_up_in_windows
from sheetlab.engine.columns.order_statistics import by_order
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.ranges import (
    Found,
    NotRangedError,
    arguments_of,
    function_of,
    moves,
    reached_tables,
    rows_of,
    tables_of,
)
from sheetlab.engine.columns.rowwise import in_rows
from sheetlab.engine.columns.tables import Table
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import Conditional, Joining, OrderStatistic, Spread
from sheetlab.engine.lowering import Constant, Ranged, Window
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import as_array, first, first_error
from sheetlab.engine.values.conversions import LONGEST_TEXT, text_of
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

_NO_SPREAD = CellError("#DIV/0!")
# A function of a table takes about as long for so many cells of it as for a step.
_CELLS_OF_A_STEP = 64


def ranged(run: "Run", operation: Ranged) -> Found:
    """A function of ranges in each place, and where only the interpreter knows the result.

    Raises `NotRangedError` where it knows none.
    """
    areas = [part.area for part in operation.arguments if isinstance(part, Window)]
    moves_down, moves_across = moves(run, areas)
    if isinstance(operation.kernel, OrderStatistic) and len(areas) == 1:
        # A table of several rows that is turned has its numbers in other places.
        turns = not operation.kernel.by_place or areas[0].top == areas[0].bottom
        if not moves_across or (turns and not moves_down):
            found = by_order(run, operation, operation.kernel, areas[0])
            if found is not None:
                return found
        elif turns and _count(run.places.rows) < _count(run.places.columns):
            return _line_by_line(run, operation, run.places.rows), None
    if moves_across:
        if isinstance(operation.kernel, Conditional) and not moves_down:
            try:
                return conditional(run, operation, operation.kernel, across=True)
            except NotRangedError:
                # Each column may still have windows that are alike.
                pass
        return _line_by_line(run, operation, run.places.columns), None
    if isinstance(operation.kernel, Conditional):
        return conditional(run, operation, operation.kernel)
    is_relative = any(not (area.top.absolute and area.bottom.absolute) for area in areas)
    found = (looked_up_in_windows if is_relative else looked_up)(run, operation)
    if found is not None:
        return found
    if isinstance(operation.kernel, Joining):
        joined = _joined(run, operation, operation.kernel)
        if joined is not None:
            return joined, None
    call = _in_windows if is_relative else _one_by_one
    found = in_rows(run, operation)
    if found is None:
        return call(run, operation), None
    return _completed(run, operation, found, call)


def _count(lines: Integers) -> int:
    """How many different rows or columns there are."""
    return len(set(lines.ravel().tolist()))


def _completed(
    run: "Run", operation: Ranged, found: Found, call: Callable[["Run", Ranged], Column]
) -> Found:
    """Results of a kernel, with those that only the function itself knows."""
    results, doubtful = found
    chosen = np.flatnonzero(np.broadcast_to(doubtful, run.shape))
    if not len(chosen):
        return results, None
    try:
        again = call(run.some(chosen), operation)
    except NotRangedError:
        return found
    whole = np.broadcast_to(results, run.shape).astype(object, order="C")
    whole.ravel()[chosen] = again
    return narrowed(whole), None


def _line_by_line(run: "Run", operation: Ranged, lines: Integers) -> Column:
    """The same where each row, or each column, has ranges of its own."""
    lines = np.broadcast_to(lines, run.shape).ravel()
    result = np.empty(lines.shape, object)
    for line in sorted(set(lines.tolist())):
        chosen = np.flatnonzero(lines == line)
        part = run.some(chosen)
        found = part.value(operation)
        values = np.empty(len(chosen), object)
        values[:] = (
            np.broadcast_to(found, len(chosen)).tolist()
            if is_array(found)
            else ([found] * len(chosen))
        )
        result[chosen] = values
    return narrowed(result.reshape(run.shape))


def _one_by_one(run: "Run", operation: Ranged) -> Column:
    """A function called for each place, with the same arrays."""
    function = function_of(run, operation)
    fixed = spelt_out(operation, function)
    for place, table in tables_of(run, operation).items():
        _refuse_errors(function, table)
        is_values = function.parameter(place) == "values"
        fixed[place] = Values(table.values, from_cells=True) if is_values else table.values
    given = arguments_of(run, operation, function)
    return called(function, [fixed.get(n, given.get(n)) for n in range(len(operation.arguments))],
                   [n for n, column in given.items() if is_array(column)])  # fmt: skip


def _in_windows(run: "Run", operation: Ranged) -> Column:
    """A function called for each place, with the windows that it has there."""
    function = function_of(run, operation)
    windows = [part.area for part in operation.arguments if isinstance(part, Window)]
    reached = reached_tables(run, windows)
    if isinstance(function.kernel, Spread) and len(operation.arguments) == 1:
        found = _growing_spread(run, function.kernel, windows[0], reached[0])
        if found is not None:
            return found
    tables = iter(reached)
    arguments: dict[int, Any] = arguments_of(run, operation, function)
    moving = [place for place, column in arguments.items() if is_array(column)]
    arguments |= spelt_out(operation, function)
    for place, part in enumerate(operation.arguments):
        if not isinstance(part, Window):
            continue
        table, area = next(tables), part.area
        _refuse_errors(function, table)
        is_values = function.parameter(place) == "values"
        if area.top.absolute and area.bottom.absolute:
            arguments[place] = Values(table.values, True) if is_values else table.values
            continue
        firsts, ends = rows_of(run, area)
        start, rows = firsts.min(), firsts.ravel().tolist()
        slices = np.empty(len(rows), object)
        for number, (low, high) in enumerate(zip(rows, ends.ravel().tolist(), strict=True)):
            cells = table.values[low - start : high - start]
            slices[number] = Values(cells, True) if is_values else cells
        arguments[place] = slices.reshape(firsts.shape)
        moving.append(place)
    return called(function, [arguments[n] for n in range(len(operation.arguments))], moving)


def _joined(run: "Run", operation: Ranged, kernel: Joining) -> Column | None:
    """The texts of windows of one row each, joined for all places; None for any other."""
    between, parts, is_tight = "", operation.arguments, False
    if kernel.delimited:
        delimiter, tightness, *parts = operation.arguments  # type: ignore[assignment]
        if not (isinstance(delimiter, Constant) and isinstance(tightness, Constant)):
            return None
        if type(delimiter.value) is not str or type(tightness.value) is not bool:
            return None
        between, is_tight = delimiter.value, tightness.value
    areas = [part.area for part in parts if isinstance(part, Window)]
    if len(areas) < len(parts) or not all(_is_of_one_row(area) for area in areas):
        return None
    columns: list[list[str]] = []
    for area, table in zip(areas, reached_tables(run, areas), strict=True):
        firsts = rows_of(run, area)[0]
        rows = np.broadcast_to(firsts - firsts.min(), run.shape).ravel()
        if rows.max() >= len(table.values) or first_error(table.values) is not None:
            return None
        for column in table.values.T:
            texts = column.tolist()
            if set(map(type, texts)) != {str}:
                texts = list(map(text_of, texts))
            columns.append([texts[row] for row in rows.tolist()])
    budget.current().run(len(columns) * run.size)
    lengths = np.sum([list(map(len, column)) for column in columns], axis=0)
    lengths += len(between) * (len(columns) - 1)
    if lengths.max() > LONGEST_TEXT:
        return None
    budget.current().write(int(lengths.sum()), run.size)
    cells = zip(*columns, strict=True)
    return column_of(
        [between.join(filter(None, row)) for row in cells]
        if is_tight
        else list(map(between.join, cells)),
        run.shape,
    )


def _is_of_one_row(area: Area) -> bool:
    """Whether an area moves with the row, and has one row in each."""
    return area.top == area.bottom and not area.top.absolute


def _growing_spread(run: "Run", kernel: Spread, area: Area, table: Table) -> Column | None:
    """A variance over windows that all begin in one row; None for other windows, and errors."""
    firsts, ends = rows_of(run, area)
    if (firsts != firsts.min()).any() or first_error(table.values) is not None:
        return None
    results = kernel.running(table.values.tolist())
    rows = (ends - firsts.min() - 1).ravel().tolist()
    found = [results[row] for row in rows]
    return column_of([_NO_SPREAD if one is None else one for one in found], ends.shape)


def spelt_out(operation: Ranged, function: Function) -> dict[int, Any]:
    """The arguments that are constants where the function takes arrays, by their places."""
    found: dict[int, Any] = {}
    for place, part in enumerate(operation.arguments):
        kind = function.parameter(place)
        if isinstance(part, Constant) and kind in ("array", "values"):
            if type(part.value) is CellError:
                # Which error comes first is the interpreter's to tell.
                raise NotRangedError
            array = as_array(part.value)
            found[place] = Values(array, from_cells=False) if kind == "values" else array
    return found


def _refuse_errors(function: Function, table: Table) -> None:
    if not function.takes_errors and first_error(table.values) is not None:
        # Which error comes first is the interpreter's to tell.
        raise NotRangedError


def called(function: Function, arguments: list[Any], moving: list[int]) -> Column:
    """A function of each row of the arguments that are `moving`, with the others as they are."""

    spend = budget.current().spend
    fixed = sum(_cells_of(part) for place, part in enumerate(arguments) if place not in moving)
    moves = [_cells_of(arguments[place].flat[0]) > 0 for place in moving]

    def call(*values: Any) -> Any:
        read = fixed
        for value, is_table in zip(values, moves, strict=True):
            if is_table:
                read += _cells_of(value)
        spend(read / _CELLS_OF_A_STEP)
        for place, value in zip(moving, values, strict=True):
            arguments[place] = value
        if not function.takes_errors:
            for argument in arguments:
                if type(argument) is CellError:
                    return argument
        return function.call(*arguments)

    if not moving:
        return first(invoke(call, ()))
    lists, shape = elements([arguments[place] for place in moving])
    return results_of(call, lists, shape)


def _cells_of(argument: Any) -> int:
    """How many cells an argument has that is a table, or their values."""
    if isinstance(argument, Values):
        return argument.array.size
    return argument.size if isinstance(argument, np.ndarray) and argument.ndim == 2 else 0
