"""Sums, means, extremes and counts over windows of cells, for many cells at once.

A window's ends stay, or move with the cell: a fixed range, one that moves along, or one that grows
from a fixed end. Rows and columns are reduced one after the other, each by a method that is linear,
or n log n, in the cells that are read: a running total for growing windows, and for moving ones
windows of 1, 2, 4, 8 … cells, of which each width is put together.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import Column, is_array
from sheetlab.engine.columns.scattered_windows import (
    MOST_POWERS,
    Windows,
    over_windows,
    powers_of,
)
from sheetlab.engine.columns.tables import SheetCells
from sheetlab.engine.functions.kernels import NO_MEAN, Reduction
from sheetlab.engine.lowering import Reduced, Window
from sheetlab.engine.syntax.expression import Area, Axis
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

_MOST_FACTORS = 256
# So many times the cells of all windows, and a few more, are read in one go.
_MOST_READ, _FEW_READ = 8, 64


class _Totals(NamedTuple):
    """What was combined, of how many numbers, and where an error lies in the window."""

    values: Any
    counts: Any
    doubtful: Any


def reduced(run: "Run", operation: Reduced) -> tuple[Column, Any]:
    """A reduction in each place, and where only the interpreter knows the result."""
    kernel = operation.kernel
    total: _Totals | None = None
    with np.errstate(all="ignore"):
        for argument in operation.arguments:
            if isinstance(argument, Window):
                part = _over_window(run, kernel, argument.area)
            else:
                part = _of_values(kernel, run.value(argument))
            if part is None:
                return 0.0, np.ones((), bool)
            if total is not None:
                part = _Totals(
                    kernel.combine(total.values, part.values),
                    total.counts + part.counts,
                    total.doubtful | part.doubtful,
                )
            total = part
        assert total is not None
        values = kernel.finished(np.asarray(total.values, np.float64), total.counts)
    doubtful = total.doubtful | ~np.isfinite(values)
    if kernel.of_counts == "mean" and np.any(doubtful):
        nothing = np.equal(total.counts, 0) & ~total.doubtful
        if nothing.any():
            told = values.astype(object)
            told[np.broadcast_to(nothing, told.shape)] = NO_MEAN
            return (told if told.ndim else told.item()), doubtful & ~nothing
    return (values if np.ndim(values) else float(values)), doubtful


def _of_values(kernel: Reduction, column: Column) -> _Totals:
    """A single value as an argument: a number, or something that only the interpreter knows."""
    if kernel.of_counts == "filled":
        blank = np.equal(column, None)  # type: ignore[call-overload]
        return _Totals(np.zeros(np.shape(blank)), 1.0, blank)
    if is_array(column) and column.dtype == np.float64:
        return _Totals(*kernel.prepared(column), np.zeros((), bool))
    if not is_array(column):
        is_number = type(column) is float
        numbers = np.array(column if is_number else 0.0)
        return _Totals(*kernel.prepared(numbers), np.array(not is_number))
    known = np.array([type(value) is float for value in column.ravel().tolist()], bool)
    known = known.reshape(column.shape)
    numbers = np.zeros(column.shape)
    numbers[known] = column[known].astype(np.float64)
    return _Totals(*kernel.prepared(numbers), ~known)


def _over_window(run: "Run", kernel: Reduction, area: Area) -> _Totals | None:
    """The window of each place; None where its cells are better read one by one."""
    places, sheet = run.places, area.sheet or run.places.sheet
    rows, columns = places.rows, places.columns
    if sheet not in run.columns.grids:
        return None
    if not places.is_rectangle:
        # Where a window stays, it does not matter how far apart the cells are.
        rows = rows[:1] if area.top.absolute and area.bottom.absolute else rows
        columns = columns[:1] if area.left.absolute and area.right.absolute else columns
    top, bottom = int(rows.min()), int(rows.max())
    left, right = int(columns.min()), int(columns.max())
    low, high = reach(area.top, area.bottom, top, bottom)
    first, last = reach(area.left, area.right, left, right)
    if low < 1 or first < 1 or high > MAX_ROW or last > MAX_COLUMN:
        return None
    used = run.columns.source.used(CellRange(sheet, low, first, high, last))
    high, last = used.bottom, used.right
    budget, read = run.columns.source.budget, (high - low + 1) * (last - first + 1)
    if not places.is_rectangle:
        own = _cells_read(area, rows, columns)
        if read > _MOST_READ * own + _FEW_READ:
            return _apart(run, kernel, area, rows, columns)
    if read > budget.limits.elements:
        return None
    budget.run(read)
    budget.spend(last - first)
    ends = (
        (area.left, area.right, left, right - left + 1, first),
        (area.top, area.bottom, top, bottom - top + 1, low),
    )
    numbers, errors = _parted(kernel, run.columns.tables.numbers(used))
    values, present = kernel.prepared(numbers)
    total = _both_ways(kernel.combine, values, ends)
    counts = _counts(ends) if isinstance(present, float) else _both_ways(np.add, present, ends)
    doubtful = np.zeros((), bool) if errors is None else _both_ways(np.add, errors, ends) > 0
    if kernel.combine is np.multiply and not _is_in_order(*ends):
        doubtful = doubtful | (_both_ways(np.add, powers_of(values), ends) > MOST_POWERS)
    if not places.is_rectangle:
        at = (rows - top, columns - left)
        total, counts, doubtful = (_at(array, at) for array in (total, counts, doubtful))
    return _Totals(total, counts, doubtful)


def _cells_read(area: Area, rows: Any, columns: Any) -> float:
    """How many cells the windows of scattered places have together."""
    top, bottom = _ends(area.top, area.bottom, rows)
    left, right = _ends(area.left, area.right, columns)
    return float(np.sum((bottom - top + 1.0) * (right - left + 1.0)))


def _ends(one: Axis, other: Axis, places: Any) -> tuple[Any, Any]:
    """The first and the last row (or column) of each place's window."""
    ends = [np.full(len(places), end.value) if end.absolute else places + end.value
            for end in (one, other)]  # fmt: skip
    return np.minimum(*ends), np.maximum(*ends)


def _apart(run: "Run", kernel: Reduction, area: Area, rows: Any, columns: Any) -> _Totals:
    """The windows of places that are far apart, by themselves."""
    ends = np.broadcast_arrays(
        *_ends(area.top, area.bottom, rows), *_ends(area.left, area.right, columns)
    )
    top, bottom, left, right = ends
    windows = Windows(np.zeros(len(top), np.intp), top, left, bottom, right)
    cells = SheetCells(run.columns.tables, area.sheet or run.places.sheet)
    values, counts, errors = over_windows(kernel, windows, [cells], run.columns.source.budget)
    return _Totals(values, counts, np.array([error is not None for error in errors.tolist()]))


def _at(array: Any, at: tuple[Any, Any]) -> Any:
    if np.ndim(array) < 2:
        return array
    rows, columns = (
        np.zeros_like(place) if length == 1 else place
        for place, length in zip(at, array.shape, strict=True)
    )
    return array[rows, columns]


def reach(one: Axis, other: Axis, first: int, last: int) -> tuple[int, int]:
    """The first and the last row (or column) that any place's window covers."""
    ends = [end.at(place) for end in (one, other) for place in (first, last)]
    return min(ends), max(ends)


def _parted(kernel: Reduction, table: Any) -> tuple[Any, Any]:
    """The numbers of a table, NaN for all else, and where errors are that make a difference."""
    if table.dtype == np.float64:
        return table, None
    listed = table.ravel().tolist()
    errors = None
    if not kernel.takes_errors and CellError in set(map(type, listed)):
        errors = np.array([type(value) is CellError for value in listed], np.float64)
        errors = errors.reshape(table.shape)
    return kernel.numbers(listed).reshape(table.shape), errors


def _counts(ends: Any) -> Any:
    """How many cells each window has."""
    across, down = (
        _lengths(one, other, np.arange(start, start + count))
        for one, other, start, count, _ in ends
    )
    return down.reshape(-1, 1) * across.reshape(1, -1)


def _lengths(one: Axis, other: Axis, places: Any) -> Any:
    """How many rows (or columns) each place's window has; one number where they do not grow."""
    if one.absolute == other.absolute:
        return np.array([abs(other.value - one.value) + 1.0])
    low, high = _ends(one, other, places)
    return high - low + 1.0


def _both_ways(combine: Any, table: Any, ends: Any) -> Any:
    across, down = ends
    return _along(combine, _along(combine, table.T, *across).T, *down)


def _along(
    combine: Any, table: Any, one: Axis, other: Axis, start: int, count: int, low: int
) -> Any:
    """A table reduced along its first axis to the windows of `count` places from `start` on.

    `low` is the place of the table's first row. A window that stays gives one row for all.
    """
    if one.absolute and other.absolute:
        if combine is np.multiply:
            return combine.accumulate(table, axis=0)[-1:]
        return combine.reduce(table, axis=0, keepdims=True)
    if not one.absolute and not other.absolute:
        top, bottom = sorted((one.value, other.value))
        return _sliding(combine, table, bottom - top + 1)[:count]
    fixed, moving = (one, other) if one.absolute else (other, one)
    anchor = fixed.value - low
    places = np.arange(start, start + count) + moving.value - low
    found = np.empty((count, *table.shape[1:]))
    below, above = places >= anchor, places < anchor
    if below.any():
        sums = combine.accumulate(table[anchor:], axis=0)
        found[below] = sums[np.minimum(places[below] - anchor, len(sums) - 1)]
    if above.any():
        sums = combine.accumulate(table[: anchor + 1][::-1], axis=0)
        found[above] = sums[anchor - places[above]]
    return found


def _is_in_order(across: Any, down: Any) -> bool:
    """Whether the numbers of each window are put together from the first to the last."""
    one, other, start, count, _ = across
    if (_lengths(one, other, np.arange(start, start + count)) != 1).any():
        return False
    one, other, start, _, _ = down
    if one.absolute == other.absolute:
        return one.absolute or bool(abs(other.value - one.value) < _MOST_FACTORS)
    fixed, moving = (one, other) if one.absolute else (other, one)
    return bool(start + moving.value >= fixed.value)


def _sliding(combine: Any, table: Any, width: int) -> Any:
    """The windows of a width that begin in each row: those of 1, 2, 4 … rows put together."""
    if combine is np.multiply and width <= _MOST_FACTORS:
        count = len(table) - width + 1
        product = table[:count]
        for offset in range(1, width):
            product = product * table[offset : offset + count]
        return product
    result: Any = None
    done, power, size = 0, table, 1
    count = len(table) - width + 1
    while True:
        if width & size:
            part = power[done : done + count]
            result = part if result is None else combine(result, part)
            done += size
        if done == width:
            return result
        power = combine(power[:-size], power[size:])
        size *= 2
