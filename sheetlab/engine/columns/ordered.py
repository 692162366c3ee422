"""The numbers in many windows over the same cells, each window as if it were sorted.

All numbers are ranked once. The bits of their ranks, the highest first, part them again and again
into a lower and an upper half that keep the order of the cells; how many of the first cells went
into the lower half tells for any window how many of its numbers did, and where they lie in it. So
a number at a position, or how many are less than another, is found in as many looks as a rank has
bits, for all windows at once (the wavelet matrix; Claude, Navarro and Ordóñez, 2015).
"""

import functools
import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.running_totals import between, running_totals
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.values.arrays import distinct_numbers
from sheetlab.files.cell_value import CellError

Positions = np.ndarray[Any, np.dtype[np.intp]]


def _levels(ranks: Positions) -> Iterator[tuple[int, Any, Any]]:
    """Each bit, where the ranks of its level have it, and before each place how many have not."""
    ranks = ranks.astype(np.int32)
    for bit in range(len(ranks).bit_length() - 1, -1, -1):
        budget.current().run(4 * len(ranks))
        is_upper = (ranks >> bit & 1).astype(bool)
        lower = np.zeros(len(ranks) + 1, np.int32)
        np.cumsum(~is_upper, out=lower[1:])
        yield bit, is_upper, lower
        ranks = _parted(ranks, is_upper)


def _parted(values: Any, is_upper: Any) -> Any:
    return np.concatenate([values[~is_upper], values[is_upper]])


def totals_of_ranks(
    ranks: Positions, numbers: Floats, windows: Sequence[Positions], spans: Sequence[Positions]
) -> Floats:
    """The totals of the numbers at ranks from a first to before an end, in each window.

    `windows` and `spans` are the first places and the ends, of cells and of ranks. Only what is
    in the span is added up, half by half, so that the totals lose no digits to what is not.
    """
    starts, stops = spans
    found = np.zeros(len(starts))
    # The ways to the first rank and to the end part somewhere; between them lies the span.
    low, high = tuple(windows), tuple(windows)
    have_parted = np.zeros(len(starts), bool)
    for bit, is_upper, lower in _levels(ranks):
        budget.current().run(8 * len(starts))
        numbers = _parted(numbers, is_upper)
        totals = running_totals(numbers)
        ups = [(ends >> bit & 1).astype(bool) for ends in (starts, stops)]
        lows, highs = [_halves(way, lower) for way in (low, high)]
        found += np.where(have_parted & ~ups[0], between(totals, *lows[1]), 0)
        found += np.where(have_parted & ups[1], between(totals, *highs[0]), 0)
        have_parted |= ups[0] != ups[1]
        low, high = (
            tuple(np.where(up, *ends) for ends in zip(upper, under, strict=True))
            for up, (under, upper) in zip(ups, (lows, highs), strict=True)
        )
    return np.where(starts < stops, found + between(running_totals(numbers), *low), 0)


def _halves(window: Sequence[Positions], lower: Any) -> tuple[list[Any], list[Any]]:
    """Where the numbers of windows stand that go into the lower half, and the others."""
    under = [lower[end] for end in window]
    return under, [end - low + lower[-1] for end, low in zip(window, under, strict=True)]


class RankLevels:
    """How a permutation of the ranks 0, 1, 2 … is parted by each of their bits.

    Raises `OverLimitError` where that takes more memory than the budget allows.
    """

    def __init__(self, ranks: Positions) -> None:
        self._count = len(ranks)
        # Two counts take the memory of one number.
        budget.current().reserve(self._count.bit_length() * self._count / 2, numbers=True)
        self._levels = [(bit, lower) for bit, _, lower in _levels(ranks)]

    def at(self, firsts: Positions, ends: Positions, positions: Positions) -> Positions:
        """The rank at a position, counted from 0, of the cells from each first to before an end."""
        budget.current().run(4 * len(self._levels) * len(positions))
        ranks = np.zeros(len(positions), np.intp)
        window = firsts, ends
        for bit, lower in self._levels:
            under, upper = _halves(window, lower)
            count = under[1] - under[0]
            up = positions >= count
            window = np.where(up, upper[0], under[0]), np.where(up, upper[1], under[1])
            positions = np.where(up, positions - count, positions)
            ranks += up.astype(np.intp) << bit
        return ranks

    def below(self, firsts: Positions, ends: Positions, ranks: Positions) -> Positions:
        """How many of the cells from each first to before an end have a lower rank than another."""
        budget.current().run(4 * len(self._levels) * len(ranks))
        found = np.zeros(len(ranks), np.intp)
        window = firsts, ends
        for bit, lower in self._levels:
            under, upper = _halves(window, lower)
            up = (ranks >> bit & 1).astype(bool)
            found += np.where(up, under[1] - under[0], 0)
            window = np.where(up, upper[0], under[0]), np.where(up, upper[1], under[1])
        return found


class RankedNumbers:
    """The numbers among values (cells,), in the order of the cells and in their own."""

    def __init__(self, values: Any) -> None:
        self._before: Positions | None = None
        self.errors = np.empty(0, np.intp)
        self.numbers = values
        if values.dtype == np.float64:
            return
        budget.current().reserve(values.size)
        kinds = list(map(type, values.tolist()))
        is_number = np.array([kind is float for kind in kinds], bool)
        self.numbers = values[is_number].astype(np.float64)
        self._before = np.concatenate([[0], np.cumsum(is_number)])
        self.errors = np.flatnonzero([kind is CellError for kind in kinds])

    def before(self, cells: Positions) -> Positions:
        """How many numbers stand before cells."""
        return cells if self._before is None else self._before[cells]

    @functools.cached_property
    def order(self) -> Positions:
        """Where the numbers stand from the least to the largest, equal ones as they stand."""
        budget.current().run(self.numbers.size * self.numbers.size.bit_length())
        return np.argsort(self.numbers, kind="stable")

    @functools.cached_property
    def ascending(self) -> Floats:
        """The numbers from the least to the largest."""
        ascending: Floats = self.numbers[self.order]
        return ascending


class OrderedWindows:
    """The numbers of the cells from each first one to before an end, by their order.

    What it is asked raises `OverLimitError` where that takes more than the budget allows.
    """

    def __init__(self, ranked: RankedNumbers, firsts: Positions, ends: Positions) -> None:
        budget.current().run(len(firsts))
        self._ranked = ranked
        self._firsts, self._ends = ranked.before(firsts), ranked.before(ends)
        self.sizes = (self._ends - self._firsts).astype(np.float64)

    @functools.cached_property
    def _levels(self) -> RankLevels | None:
        """The ranks parted; None where all windows hold all numbers."""
        count = len(self._ranked.numbers)
        if not self._firsts.any() and (self._ends == count).all():
            return None
        ranks = np.empty(count, np.intp)
        ranks[self._ranked.order] = np.arange(count)
        return RankLevels(ranks)

    def at(self, positions: Floats) -> Floats:
        """The number at a position in each window, from 0 for the least; the nearest beyond."""
        ascending = self._ranked.ascending
        if not len(ascending):
            return np.zeros(len(positions))
        found = np.clip(positions, 0, np.maximum(self.sizes - 1, 0)).astype(np.intp)
        if self._levels is not None:
            found = self._levels.at(self._firsts, self._ends, found)
        # What an empty window comes upon is no number of it.
        numbers: Floats = ascending[np.minimum(found, len(ascending) - 1)]
        return numbers

    def below(self, numbers: Floats) -> Floats:
        """How many numbers in each window are less than another."""
        return self._counted(np.searchsorted(self._ranked.ascending, numbers))

    def up_to(self, numbers: Floats) -> Floats:
        """How many numbers in each window are not greater than another."""
        return self._counted(np.searchsorted(self._ranked.ascending, numbers, side="right"))

    def _counted(self, ranks: Positions) -> Floats:
        if self._levels is not None:
            ranks = self._levels.below(self._firsts, self._ends, ranks)
        return ranks.astype(np.float64)

    def most_frequent(self) -> Floats:
        """The number that comes most often, of several the first; NaN where none comes twice.

        The windows in their order, each from where the one before ends; the numbers in a heap, by
        how often they come and where they come first, of which what is outdated is passed over.
        """
        numbers, order = self._ranked.numbers, self._ranked.order
        count = len(numbers)
        budget.current().spend((count + len(self._firsts)) / 4)
        distinct, _, codes = distinct_numbers(numbers)
        nexts = np.full(count, count)
        same = codes[order[1:]] == codes[order[:-1]]
        nexts[order[:-1][same]] = order[1:][same]
        code_of, next_of = codes.tolist(), nexts.tolist()
        counts, starts = [0] * len(distinct), [count] * len(distinct)
        heap: list[tuple[int, int, int]] = []
        first = end = 0
        found = np.full(len(self._firsts), np.nan)
        lows, highs = self._firsts.tolist(), self._ends.tolist()
        for window in np.lexsort((self._ends, self._firsts)).tolist():
            while end < highs[window]:
                code = code_of[end]
                counts[code] += 1
                starts[code] = min(starts[code], end)
                heapq.heappush(heap, (-counts[code], starts[code], code))
                end += 1
            while first < lows[window]:
                code = code_of[first]
                counts[code] -= 1
                starts[code] = next_of[first]
                heapq.heappush(heap, (-counts[code], starts[code], code))
                first += 1
            while heap and (-counts[heap[0][2]], starts[heap[0][2]]) != heap[0][:2]:
                heapq.heappop(heap)
            if heap and heap[0][0] < -1:
                found[window] = numbers[heap[0][1]]
        return found
