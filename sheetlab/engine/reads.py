"""What blocks read, for all of them at once: ranges, and the blocks that fill cells of these."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from sheetlab.engine.block_index import BITS, BlockIndex, Integers, in_parts, is_new
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.formula import Formula
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.syntax.postfix import ABSOLUTE_BITS, ENDS, Postfix
from sheetlab.engine.values.arrays import distinct_numbers, spread
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

# Of numbered things, some; an array where they are many.
Numbers = list[int] | Integers

# So many columns or rows of ranges are looked at in one go, and at most.
_LINES_AT_ONCE, _MOST_LINES = 1 << 20, 1 << 25


def starts_of(counts: Integers) -> Integers:
    """Where each of some parts begins, and where the last one ends, if they have so many things."""
    return np.concatenate([[0], np.cumsum(counts)])


def one_by_one(numbers: Any) -> "memoryview[int]":
    """The elements of an array, for who reads or writes single ones, which is faster so."""
    return memoryview(numbers)


def _kinds(keys: Sequence[int]) -> tuple[Integers, Integers]:
    """Where each distinct key first stands, in this order, and which of these each key is."""
    _, firsts, kinds = distinct_numbers(np.array(keys, np.int64))
    order = np.argsort(firsts)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return firsts[order], ranks[kinds]


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

    def __init__(self, index: BlockIndex) -> None:
        blocks, places = index.blocks, index.places
        self.sheets = dict(places.sheets)
        # Blocks that hold the same formula share what they read.
        firsts, self.kinds = _kinds([id(block.formula) for block in blocks])
        self._formulas: list[Formula] = [blocks[first].formula for first in firsts.tolist()]
        counts, own, self.absolute, self.values = self._areas_of(self._formulas)
        self._ends = ends = np.cumsum(counts)
        readers, self.areas = spread((ends - counts)[self.kinds], ends[self.kinds])
        self.readers = readers.astype(np.int32)
        bottoms = np.where(places.is_array, places.top, places.bottom)
        rights = np.where(places.is_array, places.left, places.right)
        # Each end by itself, which NumPy goes through much faster.
        moving, values = (
            np.take(of.T, self.areas, axis=1) for of in (1 - self.absolute, self.values)
        )
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
        first = (((corners[0] << BITS) + corners[2]) << BITS) + corners[1]
        last = (corners[4] << BITS) + corners[3]
        order = np.lexsort((last, first))
        begins = is_new(first[order], last[order])
        distinct = order[begins]
        self.ranges = np.stack([corner[distinct] for corner in corners]).T
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


def filling(reads: Reads, index: BlockIndex, most: int, few: int) -> Filling:
    """The blocks that fill cells of each range that is read.

    Once there are `most` pairs of range and block, further ranges with more than a `few` blocks
    are left out.
    """
    blocks, sheets = len(index.blocks), index.places.sheets
    numbers = np.array([sheets.get(name, -1) for name in reads.sheets], np.int64)
    _, top, left, bottom, right = reads.ranges.T
    of_range = numbers[reads.ranges[:, 0]] << BITS
    ways = []
    for kept, lines, cells in zip(
        index.lines, ((left, right), (top, bottom)), ((top, bottom), (left, right)), strict=True
    ):
        first = np.searchsorted(kept.lines, of_range + lines[0])
        last = np.searchsorted(kept.lines, of_range + lines[1], "right")
        ways.append((kept, first, np.maximum(first, last), cells))
    costs = np.cumsum(ways[0][2] - ways[0][1] + ways[1][2] - ways[1][1])
    found, left_out = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in in_parts(costs, _LINES_AT_ONCE):
        chosen = np.arange(part.start, part.stop)
        spent = int(costs[part.start - 1]) if part.start else 0
        if spent > _MOST_LINES:
            is_wide = np.diff(costs[part], prepend=spent) > few
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
    pairs = np.concatenate(found)
    pairs.sort()
    # A block may lie in several lines of a range.
    pairs = pairs[is_new(pairs)]
    ranges = pairs // max(blocks, 1)
    pairs -= ranges * blocks
    return Filling(ranges.astype(np.int32), pairs.astype(np.int32), np.concatenate(left_out))
