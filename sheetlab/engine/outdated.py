"""What a change makes outdated: rows of blocks that read what changed, and of those who read them.

The way goes from ranges to the blocks that read them, and from these to the ranges that they fill,
step by step. Where many are met a step is taken by arrays, else one by one, to the same end.
"""

from collections.abc import Sequence

import numpy as np

from sheetlab.engine.block_index import BITS, BlockIndex, Integers, Lines, in_parts, is_new
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reads import Filling, Links, Numbers, Reads, one_by_one
from sheetlab.files.address import MAX_ROW

# So many are looked at together, and of columns or rows of ranges at most.
_MANY = 48
_LINES_AT_ONCE = 1 << 20
_ROW = (1 << BITS) - 1
# The direction of a block that is in no circle.
NO_CIRCLE = 2

# Numbers of blocks or ranges, each with the first of some rows and the row after the last; where
# they are many, an array of the shape (numbers, 3).
Spans = list[tuple[int, int, int]] | Integers


class _Hulls:
    """The rows of each of some numbered things that are known to be outdated; none at first."""

    def __init__(self, count: int) -> None:
        self.first, self.end = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._first, self._end = one_by_one(self.first), one_by_one(self.end)

    def rows(self, number: int) -> range:
        """The rows of one thing."""
        return range(self._first[number], self._end[number])

    def grown(self, spans: Spans) -> Numbers:
        """Take in rows, and those between them and what is known; the things that had fewer."""
        if isinstance(spans, list):
            return list(dict.fromkeys(span[0] for span in spans if self._is_grown(*span)))
        spans = spans[np.argsort(spans[:, 0], kind="stable")]
        starts = np.flatnonzero(is_new(spans[:, 0]))
        numbers = spans[starts, 0]
        first, end = self.first[numbers], self.end[numbers]
        is_known = end > 0
        lowest = np.minimum.reduceat(spans[:, 1], starts)
        lowest = np.where(is_known, np.minimum(lowest, first), lowest)
        highest = np.maximum(np.maximum.reduceat(spans[:, 2], starts), end)
        self.first[numbers], self.end[numbers] = lowest, highest
        grown: Integers = numbers[~is_known | (lowest < first) | (highest > end)]
        return grown

    def _is_grown(self, number: int, first: int, end: int) -> bool:
        known = self._end[number]
        if known:
            first, end = min(first, self._first[number]), max(end, known)
            if end == known and first == self._first[number]:
                return False
        self._first[number], self._end[number] = first, end
        return True


def meeting(reads: Reads, changed: Sequence[CellRange]) -> Spans:
    """The ranges that have changed cells, with the rows of these.

    Where there are many changed ranges, no two of them have cells in common.
    """
    sheets = reads.sheets
    sheet, top, left, bottom, right = reads.ranges.T
    if len(changed) < _MANY:
        found: list[tuple[int, int, int]] = []
        for cells in changed:
            on_sheet = sheet == sheets.get(cells.sheet, -1)
            in_rows = (top <= cells.bottom) & (bottom >= cells.top)
            in_columns = (left <= cells.right) & (right >= cells.left)
            numbers = np.flatnonzero(on_sheet & in_rows & in_columns).tolist()
            found += [(number, cells.top, cells.bottom + 1) for number in numbers]
        return found
    corners = [(sheets[name], *of) for name, *of in changed if name in sheets]
    return _meeting_many(reads, *np.array(corners, np.int64).reshape(-1, 5).T)


def _meeting_many(
    reads: Reads,
    of_cells: Integers,
    first: Integers,
    west: Integers,
    last: Integers,
    east: Integers,
) -> Integers:
    """The same for ranges by their corners, found by columns or rows, whichever are fewer."""
    sheet, top, left, bottom, right = reads.ranges.T
    of_ranges, of_cells = sheet << BITS, of_cells << BITS
    ways = []
    for lines, cells, of_lines, of_places in (
        ((west, east), (first, last), (left, right), (top, bottom)),
        ((first, last), (west, east), (top, bottom), (left, right)),
    ):
        kept = Lines.of(np.arange(len(of_cells)), [of_cells + line for line in lines], cells)
        begin = np.searchsorted(kept.lines, of_ranges + of_lines[0])
        end = np.searchsorted(kept.lines, of_ranges + of_lines[1], "right")
        ways.append((kept, begin, np.maximum(begin, end), of_places))
    costs = [np.cumsum(end - begin) for _, begin, end, _ in ways]
    by_row = int(costs[1][-1:].sum() < costs[0][-1:].sum())
    kept, begin, end, places = ways[by_row]
    found = [np.empty((0, 3), np.int64)]
    for part in in_parts(costs[by_row], _LINES_AT_ONCE):
        number, low, high = kept.found(begin[part], end[part], *(of[part] for of in places))
        meets = np.flatnonzero(low < high)
        number, low, high = number[meets], low[meets], high[meets]
        rows = (kept.starts[low] >> BITS if by_row else kept.starts[low]) & _ROW
        ends = rows + 1 if by_row else kept.ends[high - 1] + 1
        starts = np.flatnonzero(is_new(number))
        if len(starts):
            hulls = np.minimum.reduceat(rows, starts), np.maximum.reduceat(ends, starts)
            found.append(np.stack([number[starts] + part.start, *hulls], axis=1))
    return np.concatenate(found)


class Followers:
    """Who reads ranges, and which ranges are filled by whom.

    `directions` has an element for each block: 1 where it is in a circle that runs downwards, -1
    upwards, 0 where both, else `NO_CIRCLE`.
    """

    def __init__(
        self,
        index: BlockIndex,
        reads: Reads,
        filling: Filling,
        directions: Integers,
    ) -> None:
        self._blocks, self._places, self._reads = index.blocks, index.places, reads
        places = index.places
        self._directions = directions
        self._filled_by = Links.of_pairs(filling.blocks, filling.ranges, len(index.blocks))
        self._ends = np.where(places.is_array, places.top, places.bottom) + 1
        is_one = (places.top == places.bottom) & (places.left == places.right)
        self._is_single = is_one | places.is_array
        self._is_absolute, self._values = reads.absolute[:, ::2] == 1, reads.values[:, ::2]
        # Some read all of a range, whichever of its cells changed.
        reads_all = self._is_single[reads.readers] | self._is_absolute.all(axis=1)[reads.areas]
        others = np.bincount(reads.read[~reads_all], minlength=len(reads.ranges))
        self._is_read_whole = others == 0

    def of(self, met: Spans, whole: Integers) -> tuple[Integers, Integers, Integers]:
        """The numbers of the blocks that depend on ranges that are met, or on `whole` blocks.

        With them come the first row of each that does, and the row after the last; rows between
        two that depend count as depending, too.
        """
        blocks, ranges = _Hulls(len(self._blocks)), _Hulls(len(self._reads.ranges))
        all_rows = np.stack([whole, self._places.top[whole], self._ends[whole]], axis=1)
        for spans in (all_rows, self._reading(met, ranges)):
            while len(spans):
                grown = blocks.grown(self._run_on(spans))
                spans = self._reading(self._filled(grown, blocks), ranges)
        found = np.flatnonzero(blocks.end)
        return found, blocks.first[found], blocks.end[found]

    def _run_on(self, spans: Spans) -> Spans:
        """Rows of blocks, and those that are outdated with them in a circle."""
        if len(spans) < _MANY:
            return [self._run_on_one(*span) for span in _listed(spans)]
        numbers, first, end = np.asarray(spans).T
        direction, top, bottom = (
            of[numbers] for of in (self._directions, self._places.top, self._ends)
        )
        both = direction == 0
        first = np.where(both | (direction == -1), top, first)
        return np.stack([numbers, first, np.where(both | (direction == 1), bottom, end)], axis=1)

    def _run_on_one(self, number: int, first: int, end: int) -> tuple[int, int, int]:
        direction = self._directions.item(number)
        if direction != NO_CIRCLE:
            rows = self._blocks[number].rows
            first = first if direction > 0 else rows.start
            end = end if direction < 0 else rows.stop
        return number, first, end

    def _filled(self, numbers: Numbers, outdated: _Hulls) -> Spans:
        """The ranges that have outdated cells of some blocks, with the rows of these."""
        if len(numbers) < _MANY:
            parts = [(one, self._blocks[one].part(outdated.rows(one))) for one in numbers]
            return [
                (filled, part.top, part.bottom + 1)
                for number, part in parts
                for filled in self._filled_by.of(number)
                if self._reads.cells(filled).overlaps(part)
            ]
        places, (which, filled) = self._places, self._filled_by.of_many(np.asarray(numbers))
        is_array = places.is_array[which]
        first = np.where(is_array, places.top[which], outdated.first[which])
        end = np.where(is_array, places.bottom[which] + 1, outdated.end[which])
        _, top, left, bottom, right = self._reads.ranges[filled].T
        in_columns = (left <= places.right[which]) & (right >= places.left[which])
        overlaps = (top < end) & (bottom >= first) & in_columns
        spans: Integers = np.stack([filled, first, end], axis=1)[overlaps]
        return spans

    def _reading(self, spans: Spans, known: _Hulls) -> Spans:
        """The rows of blocks that read ranges, of these which have more rows than are known."""
        if len(spans) < _MANY:
            numbers = known.grown([self._all_or_some(*span) for span in _listed(spans)])
            if sum(map(self._reads.pairs.count, numbers)) < _MANY:
                return self._reading_few(numbers, known)
        else:
            spans = np.asarray(spans)
            spans[self._is_read_whole[spans[:, 0]], 1:] = 1, MAX_ROW + 1
            numbers = known.grown(spans)
        return self._reading_many(np.asarray(numbers), known)

    def _all_or_some(self, number: int, first: int, end: int) -> tuple[int, int, int]:
        return (number, 1, MAX_ROW + 1) if self._is_read_whole[number] else (number, first, end)

    def _reading_few(self, numbers: Numbers, outdated: _Hulls) -> Spans:
        reads = self._reads
        found = []
        for number in numbers:
            rows = outdated.rows(number)
            for pair in reads.pairs.of(number):
                reader = reads.readers.item(pair)
                block = self._blocks[reader]
                reading = block.rows
                if not block.is_single:
                    reading = block.rows_meeting(reads.area(pair), rows)
                if reading:
                    found.append((reader, reading.start, reading.stop))
        return found

    def _reading_many(self, numbers: Integers, outdated: _Hulls) -> Spans:
        """The same as `Block.rows_meeting` of each."""
        which, pair = self._reads.pairs.of_many(numbers)
        first, last = outdated.first[which], outdated.end[which] - 1
        reader, area = self._reads.readers[pair], self._reads.areas[pair]
        lowest, highest = np.full(len(pair), MAX_ROW + 1), np.zeros(len(pair), np.int64)
        for is_absolute, value in zip(self._is_absolute[area].T, self._values[area].T, strict=True):
            above = np.where(value >= first, 1, MAX_ROW + 1)
            below = np.where(value <= last, MAX_ROW, 0)
            np.minimum(lowest, np.where(is_absolute, above, first - value), out=lowest)
            np.maximum(highest, np.where(is_absolute, below, last - value), out=highest)
        is_single, top, end = (of[reader] for of in (self._is_single, self._places.top, self._ends))
        begin = np.where(is_single, top, np.maximum(lowest, top))
        end = np.where(is_single, end, np.minimum(highest + 1, end))
        spans: Integers = np.stack([reader, begin, end], axis=1)[begin < end]
        return spans


def _listed(spans: Spans) -> list[tuple[int, int, int]]:
    return spans if isinstance(spans, list) else list(map(tuple, spans.tolist()))
