"""Blocks: formulas filled down and across as one thing, with what they read and where they are."""

import re
from collections.abc import Callable, Iterable, Set

from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.formula import Formula
from sheetlab.engine.lowering import Operation
from sheetlab.engine.syntax.expression import Area, Expression
from sheetlab.engine.syntax.filling import filling
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.messages import Message

_SUBTOTAL = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)


class Block:
    """One formula and the cells that it fills: a rectangle, or the range of an array formula.

    `text` is what the first cell says; blocks with the same `formula` are filled from each other.
    The cells that a `dynamic` one reads can only be known when it is calculated. `stale` are the
    rows that have no value, or an outdated one, less those cells that are `calculated` already.
    """

    __slots__ = (
        "_text_at",
        "calculated",
        "cells",
        "dynamic",
        "formula",
        "is_array",
        "spills",
        "stale",
        "text",
    )

    def __init__(
        self,
        cells: CellRange,
        text: str,
        formula: Formula,
        *,
        is_array: bool = False,
        spills: bool = False,
    ) -> None:
        self.cells = cells
        self.text = text
        self.formula = formula
        self.is_array = is_array
        self.spills = spills
        self.dynamic = formula.dynamic
        self.stale = range(cells.top, (cells.top if is_array else cells.bottom) + 1)
        # Most blocks never come to need these, and there may be very many of them.
        self.calculated: Set[tuple[int, int]] = frozenset()
        self._text_at: dict[int, Callable[[int], str]] | None = None

    @property
    def expression(self) -> Expression:
        """What the formula says."""
        return self.formula.expression

    @property
    def reads(self) -> tuple[Area, ...]:
        """All areas that the formula reads."""
        return self.formula.reads

    @property
    def volatile(self) -> bool:
        """Whether it has another result each time."""
        return self.formula.volatile

    @property
    def flaw(self) -> Message | None:
        """Why the text is no formula."""
        return self.formula.flaw

    @property
    def home(self) -> Address:
        """The first cell."""
        return self.cells.sheet, self.cells.top, self.cells.left

    @property
    def rows(self) -> range:
        """All rows; that of the first cell, where the block is calculated in one go."""
        top, bottom = self.cells.top, self.cells.bottom
        return range(top, top + 1) if self.is_array else range(top, bottom + 1)

    @property
    def columns(self) -> range:
        """All columns; that of the first cell, where the block is calculated in one go."""
        left, right = self.cells.left, self.cells.right
        return range(left, left + 1) if self.is_array else range(left, right + 1)

    @property
    def program(self) -> Operation:
        """The formula, lowered."""
        return self.formula.program

    @property
    def done(self) -> bool:
        """Whether all cells have their values."""
        return not self.stale

    def has_value(self, row: int, column: int) -> bool:
        """Whether a cell has its value."""
        return row not in self.stale or (row, column) in self.calculated

    def mark(self, row: int, column: int) -> None:
        """Take note that a cell has a value, while its row may be stale."""
        calculated = self.calculated
        if not isinstance(calculated, set):
            self.calculated = calculated = set()
        calculated.add((row, column))

    def note(self, row: int, column: int) -> None:
        """Take note that a cell has its value; rows from the first on that are whole are settled.

        Who asks for what is stale need not pass over them again and again.
        """
        self.mark(row, column)
        if self.stale and row == self.stale.start and column == self.columns[-1]:
            while self.stale and self._is_whole(self.stale.start):
                self.stale = self.stale[1:]

    def _is_whole(self, row: int) -> bool:
        return all((row, column) in self.calculated for column in self.columns)

    def settle(self) -> None:
        """Take note that all cells have their values."""
        self.stale = range(0)
        self.calculated = frozenset()

    def forget(self, rows: range) -> None:
        """Take note that the values of some rows are outdated."""
        if self.stale:
            rows = range(min(rows.start, self.stale.start), max(rows.stop, self.stale.stop))
        self.stale = rows
        self.calculated = frozenset()

    @property
    def is_single(self) -> bool:
        """Whether it is calculated in one go, not cell by cell."""
        _, top, left, bottom, right = self.cells
        return self.is_array or (top == bottom and left == right)

    def text_at(self, row: int, column: int) -> str:
        """The formula as one of its cells shows it."""
        if self.is_single or (row, column) == self.home[1:]:
            return self.text
        if self._text_at is None:
            self._text_at = {}
        if column not in self._text_at:
            self._text_at[column] = filling(self.text, *self.home[1:]).down(column)
        return self._text_at[column](row)

    def read_range(self, area: Area, cell: tuple[int, int] | None = None) -> CellRange:
        """All cells that an area means for any cell of the block, or for that in row and column."""
        sheet, top, left, bottom, right = self.cells
        if self.is_array:
            bottom, right = top, left
        if cell is not None:
            top, left = bottom, right = cell
        if top == bottom and left == right and area.top == area.bottom and area.left == area.right:
            # Most ranges that most blocks read are single cells.
            row, column = area.top, area.left
            top = row[1] if row[0] else row[1] + top
            left = column[1] if column[0] else column[1] + left
            if 1 <= top <= MAX_ROW and 1 <= left <= MAX_COLUMN:
                return CellRange(area.sheet or sheet, top, left, top, left)
            top, left = bottom, right
        rows = [axis.at(row) for axis in (area.top, area.bottom) for row in (top, bottom)]
        columns = [axis.at(place) for axis in (area.left, area.right) for place in (left, right)]
        return CellRange(
            area.sheet or self.cells.sheet,
            max(min(rows), 1),
            max(min(columns), 1),
            min(max(rows), MAX_ROW),
            min(max(columns), MAX_COLUMN),
        )

    def part(self, rows: range) -> CellRange:
        """The cells in some rows; all cells of an array formula."""
        if self.is_array:
            return self.cells
        return self.cells._replace(top=rows.start, bottom=rows.stop - 1)

    def rows_reading(self, area: Area, cells: CellRange) -> range:
        """The rows whose formula reads any of some cells by an area."""
        read = self.read_range(area)
        if (
            read.sheet != cells.sheet
            or read.right < cells.left
            or read.left > cells.right
            or read.bottom < cells.top
            or read.top > cells.bottom
        ):
            return range(0)
        return self.rows_meeting(area, range(cells.top, cells.bottom + 1))

    def rows_meeting(self, area: Area, rows: range) -> range:
        """The rows whose formula reads any of some rows, if an area of them has the column."""
        if self.is_array:
            return self.rows
        # A row reads the cells if one end of its area is not above them, and one not below.
        first, last = MAX_ROW + 1, 0
        for end in (area.top, area.bottom):
            if not end.absolute:
                first = min(first, rows.start - end.value)
                last = max(last, rows.stop - 1 - end.value)
            if end.absolute and end.value >= rows.start:
                first = 1
            if end.absolute and end.value < rows.stop:
                last = MAX_ROW
        return range(max(first, self.cells.top), min(last, self.cells.bottom) + 1)


def asks_for_subtotal(block: Block) -> bool:
    """Whether a formula, as its cells show it, has SUBTOTAL or AGGREGATE in it."""
    return _SUBTOTAL.search(block.text) is not None


def settle(blocks: Iterable[Block]) -> None:
    """Take note that all cells of some blocks have their values."""
    nothing, none = range(0), frozenset[tuple[int, int]]()
    for block in blocks:
        block.stale = nothing
        block.calculated = none
