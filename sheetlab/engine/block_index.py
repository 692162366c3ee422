"""Which block fills which cells, for all blocks of a workbook."""

import functools
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

import numpy as np

from sheetlab.engine.blocks import Block, asks_for_subtotal
from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.values.arrays import spread

Integers = np.ndarray[Any, np.dtype[np.int64 | np.int32]]

# Rows and columns, also those one beyond the last, have no more bits.
BITS = 21


def is_new(*numbers: Integers) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether any of some numbers differs from the one before it."""
    differs = np.ones(len(numbers[0]), bool)
    differs[1:] = np.logical_or.reduce([of[1:] != of[:-1] for of in numbers])
    return differs


def in_parts(costs: Integers, most: int) -> Iterator[slice]:
    """Stretches of things that cost `most` together, or one thing; `costs` are added up."""
    begin = 0
    while begin < len(costs):
        spent = int(costs[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(costs, spent + most, "right")), begin + 1)
        yield slice(begin, end)
        begin = end


@dataclass(slots=True)
class Places:
    """The cells that blocks fill, as arrays of an element for each block; sheets are numbered.

    Of array formulas, `is_array`, all cells are calculated in one go.
    """

    sheets: dict[str, int]
    is_array: np.ndarray[Any, np.dtype[np.bool_]]
    sheet: Integers
    top: Integers
    left: Integers
    bottom: Integers
    right: Integers

    @staticmethod
    def of(blocks: Sequence[Block]) -> "Places":
        """Where blocks are now."""
        is_array = np.array([block.is_array for block in blocks], bool)
        if not blocks:
            return Places({}, is_array, *np.empty((5, 0), np.int64))
        flat: list[Any] = list(chain.from_iterable([block.cells for block in blocks]))
        names, *corners = (flat[place::5] for place in range(5))
        sheets = {name: number for number, name in enumerate(dict.fromkeys(names))}
        numbers = map(sheets.__getitem__, names)
        columns = (np.fromiter(of, np.int64, len(blocks)) for of in (numbers, *corners))
        return Places(sheets, is_array, *columns)


@dataclass(slots=True)
class Lines:
    """Blocks by the columns in which they lie, or by the rows, from the first cell to the last.

    `lines` are the numbers of the columns, ascending, and `firsts` where each begins among the
    others, which have an element for each column of each block: `starts` are columns and first
    cells, ascending.
    """

    lines: Integers
    firsts: Integers
    starts: Integers
    ends: Integers
    blocks: Integers

    @staticmethod
    def of(blocks: Integers, lines: Sequence[Integers], cells: Sequence[Integers]) -> "Lines":
        """Some of the blocks; of all blocks, the first and last line, and cell in these."""
        which, line = spread(lines[0][blocks], lines[1][blocks] + 1)
        which = blocks[which]
        starts = (line << BITS) + cells[0][which]
        order = np.argsort(starts)
        line, which = line[order], which[order]
        firsts = np.flatnonzero(is_new(line))
        return Lines(line[firsts], firsts, starts[order], cells[1][which], which)

    def found(
        self, first: Integers, last: Integers, start: Integers, end: Integers
    ) -> tuple[Integers, Integers, Integers]:
        """Where ranges meet blocks: places in `lines` from a first to before a last."""
        which, line = spread(first, last)
        line = self.lines[line] << BITS
        low = np.searchsorted(self.starts, line + start[which], "right") - 1
        high = np.searchsorted(self.starts, line + end[which], "right")
        # The block that begins before the range may end there, or lie in another line.
        begins_before = np.maximum(low, 0)
        reaches = (self.starts[begins_before] >= line) & (self.ends[begins_before] >= start[which])
        low += ~(reaches & (low >= 0))
        return which, low, np.maximum(high, low)


@dataclass(slots=True)
class _Line:
    """The blocks of one column or row: where each begins, ascending, and where it ends."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def add(self, start: int, end: int, block: Block) -> None:
        place = bisect_right(self.starts, start)
        self.starts.insert(place, start)
        self.ends.insert(place, end)
        self.blocks.insert(place, block)

    def remove(self, start: int) -> None:
        place = bisect_right(self.starts, start) - 1
        del self.starts[place], self.ends[place], self.blocks[place]

    def at(self, cell: int) -> Block | None:
        place = bisect_right(self.starts, cell) - 1
        return self.blocks[place] if place >= 0 and cell <= self.ends[place] else None

    def within(self, first: int, last: int) -> list[Block]:
        place = bisect_right(self.starts, first) - 1
        if place < 0 or self.ends[place] < first:
            place += 1
        return self.blocks[place : bisect_right(self.starts, last)]


class _LineTable:
    """The columns in which blocks lie, or the rows, each made when it is first asked for."""

    def __init__(self, lines: Lines, blocks: Sequence[Block]) -> None:
        self._lines, self._blocks = lines, blocks
        self._numbers: list[int] = lines.lines.tolist()
        ends = pairwise([*lines.firsts.tolist(), len(lines.blocks)])
        self._unmade = dict(zip(self._numbers, ends, strict=True))
        self._made: dict[int, _Line] = {}

    def of(self, number: int) -> _Line | None:
        """One of the lines; None where no block lies in it."""
        line = self._made.get(number)
        if line is None and number in self._unmade:
            lines, part = self._lines, slice(*self._unmade[number])
            starts = (lines.starts[part] - (number << BITS)).tolist()
            blocks = [self._blocks[place] for place in lines.blocks[part].tolist()]
            line = self._made[number] = _Line(starts, lines.ends[part].tolist(), blocks)
        return line

    def opened(self, number: int) -> _Line:
        """One of the lines, for a block to be added."""
        line = self.of(number)
        if line is None:
            line = self._made[number] = _Line()
            insort(self._numbers, number)
        return line

    def between(self, first: int, last: int) -> Iterator[_Line]:
        """The lines from one number to another."""
        numbers = self._numbers
        for number in numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]:
            yield self.opened(number)


class BlockIndex:
    """Which block fills a cell, for all cells of a workbook.

    `places` is where the blocks are now.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        # Who asks for the values of a range often asks for its formulas, too.
        self._asked: tuple[CellRange, list[Block]] | None = None

    @functools.cached_property
    def places(self) -> Places:
        """The cells that the blocks fill now."""
        return Places.of(self.blocks)

    @functools.cached_property
    def lines(self) -> tuple[Lines, Lines]:
        """Blocks that are at least as high as wide by column, the others by row."""
        places = self.places
        is_tall = places.bottom - places.top >= places.right - places.left
        sheet = places.sheet << BITS
        rows, columns = (places.top, places.bottom), (places.left, places.right)
        return (
            Lines.of(np.flatnonzero(is_tall), [sheet + one for one in columns], rows),
            Lines.of(np.flatnonzero(~is_tall), [sheet + one for one in rows], columns),
        )

    @functools.cached_property
    def _sheets(self) -> dict[str, int]:
        return dict(self.places.sheets)

    @functools.cached_property
    def _columns(self) -> _LineTable:
        return _LineTable(self.lines[0], self.blocks)

    @functools.cached_property
    def _rows(self) -> _LineTable:
        return _LineTable(self.lines[1], self.blocks)

    @functools.cached_property
    def subtotals(self) -> dict[str, Integers]:
        """The cells of each sheet whose formulas ask for SUBTOTAL or AGGREGATE.

        They are told by numbers, ascending: the column's, times two to the power of `BITS`, and the
        row's.
        """
        # Blocks of the same formula say the same, seen from where they are.
        asking = {id(block.formula): asks_for_subtotal(block) for block in self._by_formula}
        if not any(asking.values()):
            return {}
        chosen = np.flatnonzero([asking[id(block.formula)] for block in self.blocks])
        places = self.places
        block, column = spread(places.left[chosen], places.right[chosen] + 1)
        block = chosen[block]
        line, row = spread(places.top[block], places.bottom[block] + 1)
        sheet, cells = places.sheet[block][line], (column[line] << BITS) + row
        return {
            name: np.sort(cells[sheet == number])
            for name, number in places.sheets.items()
            if (sheet == number).any()
        }

    @property
    def _by_formula(self) -> Iterable[Block]:
        """One block for each formula."""
        return {id(block.formula): block for block in self.blocks}.values()

    def add(self, block: Block) -> None:
        """Take in a block whose cells no other fills."""
        for table, number, start, end in self._lines_of(block):
            table.opened(number).add(start, end, block)

    def remove(self, block: Block) -> None:
        """Forget a block."""
        for table, number, start, _ in self._lines_of(block):
            table.opened(number).remove(start)

    def _lines_of(self, block: Block) -> Iterator[tuple[_LineTable, int, int, int]]:
        """The lines in which a block lies that is to be moved, and from where to where in them."""
        sheet, top, left, bottom, right = block.cells
        is_tall = bottom - top >= right - left
        base = self._sheets.setdefault(sheet, len(self._sheets)) << BITS
        tables = self._columns, self._rows
        self._asked = None
        for known in ("places", "lines", "subtotals"):
            self.__dict__.pop(known, None)
        first, last, start, end = (
            (left, right, top, bottom) if is_tall else (top, bottom, left, right)
        )
        for place in range(first, last + 1):
            yield tables[0 if is_tall else 1], base + place, start, end

    def at(self, address: Address) -> Block | None:
        """The block that fills a cell; None for a constant or a blank."""
        sheet, row, column = address
        number = self._sheets.get(sheet)
        if number is None:
            return None
        base = number << BITS
        line = self._columns.of(base + column)
        block = line.at(row) if line else None
        if block is None:
            line = self._rows.of(base + row)
            return line.at(column) if line else None
        return block

    def within(self, cells: CellRange) -> Sequence[Block]:
        """The blocks that fill any cell of a range, one maybe several times."""
        if self._asked is not None and self._asked[0] == cells:
            return self._asked[1]
        sheet, top, left, bottom, right = cells
        found: list[Block] = []
        number = self._sheets.get(sheet)
        if number is not None:
            base = number << BITS
            for line in self._columns.between(base + left, base + right):
                found += line.within(top, bottom)
            for line in self._rows.between(base + top, base + bottom):
                found += line.within(left, right)
        self._asked = cells, found
        return found
