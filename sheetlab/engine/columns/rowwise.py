"""Functions of ranges of numbers for many cells at once, whose ranges are the rows of an array."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sheetlab.engine import budget
from sheetlab.engine.columns.column import Column, is_array
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.ranges import (
    Found,
    arguments_of,
    function_of,
    reached_tables,
    rows_of,
)
from sheetlab.engine.columns.tables import Table
from sheetlab.engine.functions.kernels import Floats, Rowwise
from sheetlab.engine.lowering import Constant, Ranged, Window
from sheetlab.engine.syntax.expression import Area

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

# So many numbers are taken at once, which fit the processor's cache.
_AT_ONCE = 2**16
# Fewer rows than these are not worth their calls, as long as they hold no more numbers than that.
_FEWEST_ROWS = 64
_MOST_AT_ONCE = 2**20


class Windows(NamedTuple):
    """The windows of a height that begin in some rows of a table of numbers, NaN for any other.

    `firsts` are as many as there are rows of results, or a single one.
    """

    numbers: Floats
    height: int
    firsts: Integers


Argument = Windows | Column


def in_rows(run: "Run", operation: Ranged) -> Found | None:
    """What a kernel of rows gives in each place, and where only the function itself knows.

    None for a function without such a kernel, and where windows grow.
    """
    function = function_of(run, operation)
    if not isinstance(function.kernel, Rowwise):
        return None
    given = arguments_of(run, operation, function)
    areas = [part.area for part in operation.arguments if isinstance(part, Window)]
    columns = [column for column in given.values() if is_array(column)]
    moving = [area for area in areas if not (area.top.absolute and area.bottom.absolute)]
    limits = [rows_of(run, area) for area in moving]
    shape = np.broadcast_shapes(*(part.shape for part in [*columns, *(low for low, _ in limits)]))
    if not shape or any((high - low != high.flat[0] - low.flat[0]).any() for low, high in limits):
        return None
    tables = iter(reached_tables(run, areas))
    arguments: list[Argument] = []
    for place, part in enumerate(operation.arguments):
        if isinstance(part, Window):
            arguments.append(_windows(run, next(tables), part.area, shape))
        elif place in given:
            arguments.append(_numbers_or_nan(given[place], shape))
        elif isinstance(part, Constant) and type(part.value) is float:
            arguments.append(part.value)
        else:
            return None
    found, doubtful = _calculated(function.kernel, arguments, math.prod(shape))
    return found.reshape(shape), doubtful.reshape(shape)


def _windows(run: "Run", table: Table, area: Area, shape: tuple[int, ...]) -> Windows:
    """The numbers of the windows that an area has in each place."""
    numbers = table.numbers
    if area.top.absolute and area.bottom.absolute:
        return Windows(numbers, len(numbers), np.zeros(1, np.intp))
    firsts, ends = rows_of(run, area)
    missing = int(ends.max() - firsts.min()) - len(numbers)
    if missing:
        # Of what lies below the sheet's last row, the function is told that it is not there.
        numbers = np.pad(numbers, ((0, missing), (0, 0)), constant_values=np.nan)
    height = int(ends.flat[0] - firsts.flat[0])
    return Windows(numbers, height, np.broadcast_to(firsts - firsts.min(), shape).ravel())


def _numbers_or_nan(column: Column, shape: tuple[int, ...]) -> Column:
    """Single values, those that are no numbers as NaN."""
    if not is_array(column):
        return column if column is None or type(column) is float else np.nan
    if column.dtype != np.float64:
        listed = [value if type(value) is float else np.nan for value in column.ravel().tolist()]
        column = np.array(listed).reshape(column.shape)
    return np.broadcast_to(column, shape).ravel()


def _calculated(kernel: Rowwise, arguments: Sequence[Argument], count: int) -> tuple[Floats, Any]:
    """What a kernel makes of each of `count` rows, and where only the function itself knows.

    Single values are floats or arrays of `count` floats, NaN where they are none; None is left out.
    """
    windows = [argument for argument in arguments if isinstance(argument, Windows)]
    shapes = [(window.height, window.numbers.shape[1]) for window in windows]
    sizes = [math.prod(shape) for shape in shapes]
    is_unlike = kernel.alike and len(set(shapes)) > 1
    if is_unlike or (kernel.lines and any(min(shape) > 1 for shape in shapes)):
        return np.zeros(count), np.ones(count, bool)
    largest = max(sizes)
    step = max(_AT_ONCE // largest, min(_FEWEST_ROWS, _MOST_AT_ONCE // largest), 1)
    found, doubtful = np.zeros(count), np.zeros(count, bool)
    for start in range(0, count, step):
        part = slice(start, start + step)
        budget.current().run(min(step, count - start) * sum(sizes))
        rows = [_rows(argument, part) for argument in arguments]
        odd = [np.isnan(row).any(axis=1) for row in rows if row is not None]
        try:
            with np.errstate(all="ignore"):
                results = np.reshape(kernel.of_rows(*rows), -1)
        except ArithmeticError:
            doubtful[part] = True
            continue
        found[part] = results
        doubtful[part] = np.logical_or.reduce(np.broadcast_arrays(~np.isfinite(results), *odd))
    found[doubtful] = 0.0
    return found, doubtful


def _rows(argument: Argument, part: slice) -> Any:
    """An argument as an array with a row for each result of a part, or of one row for all."""
    if argument is None:
        return None
    if not isinstance(argument, Windows):
        return argument[part].reshape(-1, 1) if is_array(argument) else np.array([[argument]])
    numbers, height, firsts = argument
    chosen = firsts if len(firsts) == 1 else firsts[part]
    if height == 1:
        return numbers[chosen]
    cells = sliding_window_view(numbers, height, axis=0).transpose(0, 2, 1)
    return np.ascontiguousarray(cells[chosen]).reshape(len(chosen), -1)
