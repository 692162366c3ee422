"""What blocks read, for all of them at once: ranges, and the blocks that fill cells of these."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.formula import Formula
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.syntax.postfix import ABSOLUTE_BITS, ENDS, Postfix
from sheetlab.engine.values.arrays import spread
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

Integers = np.ndarray[Any, np.dtype[np.int64 | np.int32]]

# Rows and columns, also those one beyond the last, have no more bits.
_BITS = 21
# So many columns or rows of ranges are looked at in one go, and at most.
_LINES_AT_ONCE, _MOST_LINES = 1 << 20, 1 << 25


def starts_of(counts: Integers) -> Integers:
    """Where each of some parts begins, and where the last one ends, if they have so many things."""
    return np.concatenate([[0], np.cumsum(counts)])


def one_by_one(numbers: Any) -> "memoryview[int]":
    """The elements of an array, for who reads or writes single ones, which is faster so."""
    return memoryview(numbers)


def is_new(*numbers: Integers) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether any of some numbers differs from the one before it."""
    differs = np.ones(len(numbers[0]), bool)
    differs[1:] = np.logical_or.reduce([of[1:] != of[:-1] for of in numbers])
    return differs


@dataclass(slots=True)
class Links:
    """From each of some numbered things to others: those of the first, then of the second, …"""

    starts: Integers
    targets: Integers
    _starts: "memoryview[int]"

    @staticmethod
    def of_pairs(sources: Integers, targets: Integers, count: int) -> "Links":
        """The links of `count` things, of which each pair is one."""
        starts = starts_of(np.bincount(sources, minlength=count))
        targets = targets[np.argsort(sources, kind="stable")]
        return Links(starts, targets, one_by_one(starts))

    def count(self, source: int) -> int:
        """To how many a thing is linked."""
        return self._starts[source + 1] - self._starts[source]

    def of(self, source: int) -> list[int]:
        """What a thing is linked to."""
        start, end = self._starts[source], self._starts[source + 1]
        return self.targets[start:end].tolist() if start != end else []

    def of_many(self, sources: Integers) -> tuple[Integers, Integers]:
        """The links of some things, one after the other: whose each is, and what it leads to."""
        which, place = spread(self.starts[sources], self.starts[sources + 1])
        return sources[which], self.targets[place]


@dataclass(slots=True)
class Places:
    """The cells that blocks fill, as arrays of an element for each block; sheets are numbered."""

    sheets: dict[str, int]
    sheet: Integers
    top: Integers
    left: Integers
    bottom: Integers
    right: Integers

    @staticmethod
    def of(blocks: Sequence[Block]) -> "Places":
        """Where blocks are now."""
        if not blocks:
            return Places({}, *np.empty((5, 0), np.int64))
        names, *corners = zip(*[block.cells for block in blocks], strict=True)
        sheets = {name: number for number, name in enumerate(dict.fromkeys(names))}
        numbers = [sheets[name] for name in names]
        return Places(sheets, *(np.array(of, np.int64) for of in (numbers, *corners)))


@dataclass(slots=True)
class Filling:
    """Range and block of each pair of a range and a block that fills some of its cells.

    Nothing is told of the ranges that are `left_out`.
    """

    ranges: Integers
    blocks: Integers
    left_out: Integers


class Reads:
    """The distinct ranges that blocks read, and who reads each of them, by which area.

    `ranges` has the shape (ranges, 5), as a `CellRange` with the sheet's number; one that lies
    beyond the sheet's edges has no cells. `readers`, `areas` and `read` are the number of the
    block, of the area and of the range of each pair of block and area, block after block. Of top,
    left, bottom and right of each area, `absolute` are 1 or 0, `values` what they are. `kinds` are
    equal for blocks that hold the same formula.
    """

    def __init__(self, blocks: Sequence[Block], places: Places) -> None:
        self.sheets = dict(places.sheets)
        # Blocks that hold the same formula share what they read.
        distinct = {id(block.formula): block.formula for block in blocks}
        numbers = {key: number for number, key in enumerate(distinct)}
        self.kinds = np.array([numbers[id(block.formula)] for block in blocks], np.int64)
        self._formulas = list(distinct.values())
        counts, own, self.absolute, self.values = self._areas_of(self._formulas)
        self._ends = ends = np.cumsum(counts)
        readers, self.areas = spread((ends - counts)[self.kinds], ends[self.kinds])
        self.readers = readers.astype(np.int32)
        is_array = np.array([block.is_array for block in blocks], bool)
        bottoms = np.where(is_array, places.top, places.bottom)
        rights = np.where(is_array, places.left, places.right)
        moving, values = (1 - self.absolute)[self.areas].T, self.values[self.areas].T
        rows, columns = slice(0, None, 2), slice(1, None, 2)
        above, below = places.top[self.readers], bottoms[self.readers]
        before, after = places.left[self.readers], rights[self.readers]
        sheet = own[self.areas]
        corners = (
            np.where(sheet < 0, places.sheet[self.readers], sheet),
            np.clip((values[rows] + moving[rows] * above).min(axis=0), 1, MAX_ROW + 1),
            np.clip((values[columns] + moving[columns] * before).min(axis=0), 1, MAX_COLUMN + 1),
            np.clip((values[rows] + moving[rows] * below).max(axis=0), 0, MAX_ROW),
            np.clip((values[columns] + moving[columns] * after).max(axis=0), 0, MAX_COLUMN),
        )
        first = (((corners[0] << _BITS) + corners[2]) << _BITS) + corners[1]
        last = (corners[4] << _BITS) + corners[3]
        order = np.lexsort((last, first))
        begins = is_new(first[order], last[order])
        self.ranges = np.stack(corners, axis=1)[order[begins]]
        self.read = np.empty(len(order), np.int32)
        self.read[order] = np.cumsum(begins) - 1
        self.by_reader = starts_of(counts[self.kinds])
        self._names = list(self.sheets)

    def _areas_of(
        self, formulas: Sequence[Formula]
    ) -> tuple[Integers, Integers, Integers, Integers]:
        """The number of areas of each formula; of all areas, formula after formula, the sheet or
        -1, and of their four ends which are absolute, and what they are."""
        parts: dict[int, tuple[Postfix | None, list[int]]] = {}
        for number, formula in enumerate(formulas):
            postfix = formula.postfix
            parts.setdefault(id(postfix), (postfix, []))[1].append(number)
        counts = np.zeros(len(formulas), np.int64)
        found = []
        for postfix, numbers in parts.values():
            if postfix is None:
                areas = [area for number in numbers for area in formulas[number].reads]
                counts[numbers] = [len(formulas[number].reads) for number in numbers]
                axes = np.fromiter(
                    chain.from_iterable(a.top + a.left + a.bottom + a.right for a in areas),
                    np.int64,
                ).reshape(-1, 4, 2)
                sheets = [-1 if a.sheet is None else self._number(a.sheet) for a in areas]
                found.append((numbers, np.array(sheets, np.int64), axes[..., 0], axes[..., 1]))
                continue
            places = np.array([formulas[number].place for number in numbers])
            starts, ends = postfix.area_starts[places], postfix.area_starts[places + 1]
            counts[numbers] = ends - starts
            records = postfix.areas[spread(starts, ends)[1]]
            of_sheets = np.array([*map(self._number, postfix.sheets), -1])
            marks = records["absolute"][:, None] & ABSOLUTE_BITS
            values = np.stack([records[end] for end in ENDS], axis=1).astype(np.int64)
            found.append((numbers, of_sheets[records["sheet"]], (marks > 0).astype(int), values))
        if len(found) == 1:
            return (counts, *found[0][1:])
        starts = np.cumsum(counts) - counts
        own, absolute, values = (np.empty((counts.sum(), *of), np.int64) for of in ((), (4,), (4,)))
        for numbers, *of_part in found:
            _, places = spread(starts[numbers], starts[numbers] + counts[numbers])
            for whole, part in zip((own, absolute, values), of_part, strict=True):
                whole[places] = part
        return counts, own, absolute, values

    def _number(self, sheet: str) -> int:
        return self.sheets.setdefault(sheet, len(self.sheets))

    @functools.cached_property
    def pairs(self) -> Links:
        """The pairs that mean each range."""
        return Links.of_pairs(self.read, np.arange(len(self.read)), len(self.ranges))

    def area(self, pair: int) -> Area:
        """The area by which the block of a pair reads."""
        place = int(self.areas[pair])
        number = int(np.searchsorted(self._ends, place, "right"))
        return self._formulas[number].reads[place - int(self._ends[number])]

    def cells(self, number: int) -> CellRange:
        """One of the ranges."""
        sheet, *corners = self.ranges[number].tolist()
        return CellRange(self._names[sheet], *corners)


@dataclass(slots=True)
class _Lines:
    """Blocks by the columns in which they lie, or by the rows, from the first cell to the last.

    `lines` are the numbers of the columns, ascending; the others have an element for each column
    of each block: `starts` are columns and first cells, ascending.
    """

    lines: Integers
    starts: Integers
    ends: Integers
    blocks: Integers

    @staticmethod
    def of(blocks: Integers, lines: Sequence[Integers], cells: Sequence[Integers]) -> "_Lines":
        """Some of the blocks; of all blocks, the first and last line, and cell in these."""
        which, line = spread(lines[0][blocks], lines[1][blocks] + 1)
        which = blocks[which]
        starts = (line << _BITS) + cells[0][which]
        order = np.argsort(starts)
        line, which = line[order], which[order]
        return _Lines(line[is_new(line)], starts[order], cells[1][which], which)

    def found(
        self, first: Integers, last: Integers, start: Integers, end: Integers
    ) -> tuple[Integers, Integers, Integers]:
        """Where ranges meet blocks: places in `lines` from a first to before a last."""
        which, line = spread(first, last)
        line = self.lines[line] << _BITS
        low = np.searchsorted(self.starts, line + start[which], "right") - 1
        high = np.searchsorted(self.starts, line + end[which], "right")
        # The block that begins before the range may end there, or lie in another line.
        begins_before = np.maximum(low, 0)
        reaches = (self.starts[begins_before] >= line) & (self.ends[begins_before] >= start[which])
        low += ~(reaches & (low >= 0))
        return which, low, np.maximum(high, low)


def filling(reads: Reads, places: Places, most: int, few: int) -> Filling:
    """The blocks that fill cells of each range that is read.

    Once there are `most` pairs of range and block, further ranges with more than a `few` blocks
    are left out.
    """
    blocks = len(places.sheet)
    numbers = np.array([places.sheets.get(name, -1) for name in reads.sheets], np.int64)
    _, top, left, bottom, right = reads.ranges.T
    of_range, of_block = numbers[reads.ranges[:, 0]] << _BITS, places.sheet << _BITS
    is_tall = places.bottom - places.top >= places.right - places.left
    rows, columns = (places.top, places.bottom), (places.left, places.right)
    ways = []
    for is_one, across, along, lines, cells in (
        (is_tall, columns, rows, (left, right), (top, bottom)),
        (~is_tall, rows, columns, (top, bottom), (left, right)),
    ):
        kept = _Lines.of(np.flatnonzero(is_one), [of_block + one for one in across], along)
        first = np.searchsorted(kept.lines, of_range + lines[0])
        last = np.searchsorted(kept.lines, of_range + lines[1], "right")
        ways.append((kept, first, np.maximum(first, last), cells))
    costs = np.cumsum(ways[0][2] - ways[0][1] + ways[1][2] - ways[1][1])
    found, left_out = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    begin = spent = 0
    while begin < len(costs):
        end = max(int(np.searchsorted(costs, spent + _LINES_AT_ONCE, "right")), begin + 1)
        chosen = np.arange(begin, end)
        if spent > _MOST_LINES:
            is_wide = np.diff(costs[begin:end], prepend=spent) > few
            left_out.append(chosen[is_wide])
            chosen = chosen[~is_wide]
        met = [
            (kept, *kept.found(first[chosen], last[chosen], *(one[chosen] for one in cells)))
            for kept, first, last, cells in ways
        ]
        counts = np.zeros(len(chosen), np.int64)
        for _, which, low, high in met:
            counts += np.bincount(which, high - low, len(chosen)).astype(np.int64)
        is_over = (np.cumsum(counts) > most) & (counts > few)
        left_out.append(chosen[is_over])
        most -= int(counts[~is_over].sum())
        for kept, which, low, high in met:
            within = ~is_over[which]
            place, filled = spread(low[within], high[within])
            found.append(chosen[which[within][place]] * blocks + kept.blocks[filled])
        spent, begin = int(costs[end - 1]), end
    pairs = np.concatenate(found)
    pairs.sort()
    # A block may lie in several lines of a range.
    pairs = pairs[is_new(pairs)]
    ranges = pairs // max(blocks, 1)
    pairs -= ranges * blocks
    return Filling(ranges.astype(np.int32), pairs.astype(np.int32), np.concatenate(left_out))
