"""Sums, means, extremes and counts over many windows of different shapes, anywhere on the sheets.

A window is cut into lines, along its longer side. Of all lines, each cell is read once, into one
array, in which a line is a segment. The segments are reduced one by one where they are short or
lie apart, else by doubling: a segment is put together of pieces of 1, 2, 4, 8 … cells.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from sheetlab.engine.budget import Budget
from sheetlab.engine.functions.kernels import Floats, Reduction
from sheetlab.engine.grid import Grid
from sheetlab.engine.values.arrays import Integers, in_groups, spread
from sheetlab.files.cell_value import CellError

# So many lines of windows are reduced at once.
_MOST_LINES = 2**18
# With so many lines, windows that are the same are sought.
_MANY_LINES = 2**16
# Above all rows and columns, as bits of a number.
_BITS = 21
# The order of factors decides whether a product is infinite, or 0, on its way. Of factors that are
# no more powers of two away from 1, all together, none is.
MOST_POWERS = 1000


class Cells(Protocol):
    """The cells of a sheet, as a `Grid` has them."""

    def gathered(self, rows: Integers, columns: Integers) -> Any:
        """The values of some cells: float64, NaN for none, where all are numbers, else objects."""


class Windows(NamedTuple):
    """Ranges of cells that lie on their sheets: for each the place of its grid, and its ends."""

    sheet: Integers
    top: Integers
    left: Integers
    bottom: Integers
    right: Integers

    def some(self, chosen: Any) -> "Windows":
        """Some of them."""
        return Windows(*(ends[chosen] for ends in self))


class Totals(NamedTuple):
    """For each window what was combined, of how many numbers, and the first error or None."""

    values: Floats
    counts: Floats
    errors: Any


class _Lines(NamedTuple):
    """Parts of rows or columns: `line` tells the sheet, the direction and which of them it is."""

    line: Integers
    first: Integers
    end: Integers


def over_windows(
    kernel: Reduction, windows: Windows, grids: Sequence[Cells | None], budget: Budget
) -> Totals:
    """The totals of windows of any shapes on sheets that are there.

    Raises `OverLimitError` where they take too much.
    """
    heights, widths = windows.bottom - windows.top, windows.right - windows.left
    lines = np.minimum(heights, widths) + 1
    again: Any = None
    if lines.sum() > _MANY_LINES:
        chosen, again = _distinct(windows)
        windows, lines = windows.some(chosen), lines[chosen]
    parts = [_reduced(kernel, windows.some(part), grids, budget) for part in _in_parts(lines)]
    totals = parts[0] if len(parts) == 1 else Totals(*map(np.concatenate, zip(*parts, strict=True)))
    return totals if again is None else Totals(*(each[again] for each in totals))


def powers_of(factors: Any) -> Any:
    """How many powers of two each factor is away from 1, up or down."""
    sizes = np.abs(factors)
    return np.abs(np.log2(sizes, out=np.zeros_like(sizes), where=sizes > 0))


def clipped(windows: Windows, grids: Sequence[Grid | None]) -> Windows:
    """The windows without what lies behind all cells that are used on their sheets."""
    ends = np.array([(grid.last_row, grid.last_column) if grid else (1, 1) for grid in grids])
    return windows._replace(
        bottom=np.maximum(np.minimum(windows.bottom, ends[windows.sheet, 0]), windows.top),
        right=np.maximum(np.minimum(windows.right, ends[windows.sheet, 1]), windows.left),
    )


def _distinct(windows: Windows) -> tuple[Integers, Integers]:
    """One of each of the windows that are the same, and which of these stands for each."""
    order, is_first = in_groups(windows)
    places = np.empty(len(order), np.intp)
    places[order] = np.cumsum(is_first) - 1
    return order[is_first], places


def _in_parts(lines: Integers) -> Iterator[slice]:
    """The windows, as many at a time as have so many lines together."""
    ends = np.cumsum(lines)
    start = 0
    while start < len(lines):
        done = ends[start - 1] if start else 0
        end = max(int(np.searchsorted(ends, done + _MOST_LINES, "right")), start + 1)
        yield slice(start, end)
        start = end


def _reduced(
    kernel: Reduction, windows: Windows, grids: Sequence[Cells | None], budget: Budget
) -> Totals:
    which, lines = _lines(windows)
    starts_of_windows = np.flatnonzero(np.diff(which, prepend=-1))
    keys, starts = _laid_out(lines, budget)
    cells = _gathered(keys, grids)
    numbers, errors = _parted(kernel, cells)
    values, present = kernel.prepared(numbers)
    lengths = lines.end - lines.first
    with np.errstate(all="ignore"):
        totals = _combined(kernel, values, starts, lengths, budget)
        totals = kernel.combine.reduceat(totals, starts_of_windows)
    if kernel.combine is np.multiply:
        powers = _segments(np.add, np.append(powers_of(values), 0.0), starts, lengths)
        powers = np.add.reduceat(powers, starts_of_windows)
        totals[powers > MOST_POWERS] = np.nan
    if isinstance(present, float):
        counts = lengths.astype(np.float64)
    else:
        before = np.concatenate(([0.0], np.cumsum(present)))
        counts = before[starts + lengths] - before[starts]
    counts = np.add.reduceat(counts, starts_of_windows)
    first_errors = np.empty(len(windows.top), object)
    if len(errors):
        _put_errors(first_errors, cells, keys, errors, starts, lengths, starts_of_windows)
    return Totals(totals, counts, first_errors)


def _lines(windows: Windows) -> tuple[Integers, _Lines]:
    """The lines of windows, one window after the other, and the window of each."""
    sheet, top, left, bottom, right = windows
    is_down = bottom - top >= right - left
    which, line = spread(np.where(is_down, left, top), np.where(is_down, right, bottom) + 1)
    line += (2 * sheet + is_down)[which] << _BITS
    first, end = np.where(is_down, top, left), np.where(is_down, bottom, right) + 1
    return which, _Lines(line, first[which], end[which])


def _laid_out(lines: _Lines, budget: Budget) -> tuple[Integers, Integers]:
    """Line and place of each cell that any line has, in order, and where each line starts there.

    Cells of lines that overlap come once.
    """
    keys = (lines.line << _BITS) + lines.first
    order = np.argsort(keys, kind="stable")
    starts = keys[order]
    ends = np.maximum.accumulate(starts + (lines.end - lines.first)[order])
    is_first = np.ones(len(order), bool)
    np.greater(starts[1:], ends[:-1], out=is_first[1:])
    firsts = np.flatnonzero(is_first)
    lows, highs = starts[firsts], ends[np.append(firsts[1:], len(order)) - 1]
    count = int((highs - lows).sum())
    budget.reserve(count, numbers=True)
    before = np.cumsum(highs - lows) - (highs - lows)
    stretches = np.empty(len(order), np.intp)
    stretches[order] = np.cumsum(is_first) - 1
    _, cells = spread(lows, highs)
    return cells, before[stretches] + keys - lows[stretches]


def _places(keys: Integers) -> tuple[Integers, Integers, Integers]:
    """Sheet, row and column of cells that are given by line and place."""
    lines, places = keys >> _BITS, keys & (2**_BITS - 1)
    numbers, sheets = lines & (2**_BITS - 1), lines >> _BITS
    is_down = sheets & 1 == 1
    return sheets >> 1, np.where(is_down, places, numbers), np.where(is_down, numbers, places)


def _gathered(keys: Integers, grids: Sequence[Cells | None]) -> Any:
    """The values of cells: float64 where all are numbers, else objects."""
    which, rows, columns = _places(keys)
    edges = np.flatnonzero(np.diff(which)) + 1
    bounds = [0, *edges.tolist(), len(which)]
    found = []
    for start, end in pairwise(bounds):
        grid = grids[which[start]]
        assert grid is not None
        found.append(grid.gathered(rows[start:end], columns[start:end]))
    if len({part.dtype for part in found}) > 1:
        found = [part.astype(object) for part in found]
    return np.concatenate(found)


def _parted(kernel: Reduction, cells: Any) -> tuple[Floats, Integers]:
    """The numbers, or what is taken for them, NaN for all else, and where errors stand."""
    if cells.dtype == np.float64:
        return cells, np.empty(0, np.intp)
    listed = cells.tolist()
    errors: list[int] = []
    if not kernel.takes_errors:
        errors = [place for place, value in enumerate(listed) if type(value) is CellError]
    return kernel.numbers(listed), np.array(errors, np.intp)


def _combined(
    kernel: Reduction, values: Floats, starts: Integers, lengths: Integers, budget: Budget
) -> Floats:
    """What the segments that start at some places come to."""
    longest = int(lengths.max())
    if longest == 1:
        return values[starts]
    read, doubled = int(lengths.sum()), len(values) * longest.bit_length()
    if kernel.combine is np.multiply or read <= doubled:
        budget.run(read + len(values))
        return _one_by_one(kernel, values, starts, lengths)
    budget.run(doubled + len(starts) * longest.bit_length())
    return _doubled(kernel, values, starts, lengths)


def _one_by_one(kernel: Reduction, values: Floats, starts: Integers, lengths: Integers) -> Floats:
    return _segments(kernel.combine, np.append(values, kernel.identity), starts, lengths)


def _segments(combine: np.ufunc, values: Floats, starts: Integers, lengths: Integers) -> Floats:
    """What segments come to that end before the last of the values."""
    order = np.argsort(starts, kind="stable")
    # What lies between the end of one segment and the start of the next is reduced, too.
    edges = np.empty(2 * len(starts), np.intp)
    edges[::2] = starts[order]
    edges[1::2] = edges[::2] + lengths[order]
    totals = np.empty(len(starts))
    totals[order] = combine.reduceat(values, edges)[::2]
    return totals


def _doubled(kernel: Reduction, values: Floats, starts: Integers, lengths: Integers) -> Floats:
    totals = np.full(len(starts), kernel.identity)
    places, pieces, size = starts.copy(), values, 1
    longest = int(lengths.max())
    while True:
        chosen = np.flatnonzero(lengths & size)
        totals[chosen] = kernel.combine(totals[chosen], pieces[places[chosen]])
        places[chosen] += size
        if 2 * size > longest:
            return totals
        pieces = kernel.combine(pieces[:-size], pieces[size:])
        size *= 2


def _put_errors(
    found: Any,
    cells: Any,
    keys: Integers,
    errors: Integers,
    starts: Integers,
    lengths: Integers,
    starts_of_windows: Integers,
) -> None:
    """Put the first error of each window, row by row, into its place."""
    nearest = np.minimum(np.searchsorted(errors, starts), len(errors) - 1)
    places = errors[nearest]
    within = (places >= starts) & (places < starts + lengths)
    _, rows, columns = _places(keys[places])
    none = np.iinfo(np.int64).max
    order = np.where(within, (rows << _BITS) + columns, none)
    firsts = np.minimum.reduceat(order, starts_of_windows)
    windows = np.repeat(
        np.arange(len(starts_of_windows)),
        np.diff(np.append(starts_of_windows, len(starts))),
    )
    chosen = np.flatnonzero((order == firsts[windows]) & within)
    found[windows[chosen]] = cells[places[chosen]]
