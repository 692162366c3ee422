"""Blocks: formulas filled down and across as one thing, with what they read and where they are."""

import itertools
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.lowering import Interpreted, Operation, lowered
from sheetlab.engine.syntax.expression import Area, Expression, walk
from sheetlab.engine.syntax.filling import filling
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.messages import Message

_Start = Callable[["Block"], int]
# What names stand for makes a formula of more parts than a text has, which takes long to lower.
_MOST_PARTS = 10_000


@dataclass(eq=False, slots=True)
class Block:
    """One formula and the cells that it fills: a rectangle, or the range of an array formula.

    `text` is what the first cell says; `reads` are all areas of the resolved `expression`. The
    cells that a `dynamic` one reads can only be known when it is calculated; a `volatile` one has
    another result each time. `flaw` says why a text is no formula. `stale` are the rows that have
    no value, or an outdated one, less those cells that are `calculated` already.
    """

    cells: CellRange
    text: str
    expression: Expression
    reads: tuple[Area, ...] = ()
    is_array: bool = False
    spills: bool = False
    dynamic: bool = False
    flaw: Message | None = None
    volatile: bool = False
    stale: range = range(0)
    calculated: set[tuple[int, int]] = field(default_factory=set)
    _program: Operation | None = None
    _text_at: dict[int, Callable[[int], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stale = self.rows

    def moved(self, cells: CellRange, text: str) -> "Block":
        """The same formula in other cells, as the first of them says it."""
        return Block(
            cells,
            text,
            self.expression,
            self.reads,
            dynamic=self.dynamic,
            flaw=self.flaw,
            volatile=self.volatile,
        )

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
        if self._program is None:
            is_long = next(itertools.islice(walk(self.expression), _MOST_PARTS, None), None)
            self._program = (
                lowered(self.expression) if is_long is None else Interpreted(self.expression, False)
            )
        return self._program

    @property
    def done(self) -> bool:
        """Whether all cells have their values."""
        return not self.stale

    def has_value(self, row: int, column: int) -> bool:
        """Whether a cell has its value."""
        return row not in self.stale or (row, column) in self.calculated

    def note(self, row: int, column: int) -> None:
        """Take note that a cell has its value; rows from the first on that are whole are settled.

        Who asks for what is stale need not pass over them again and again.
        """
        self.calculated.add((row, column))
        if self.stale and row == self.stale.start and column == self.columns[-1]:
            while self.stale and self._is_whole(self.stale.start):
                self.stale = self.stale[1:]

    def _is_whole(self, row: int) -> bool:
        return all((row, column) in self.calculated for column in self.columns)

    def settle(self) -> None:
        """Take note that all cells have their values."""
        self.stale = range(0)
        self.calculated.clear()

    def forget(self, rows: range) -> None:
        """Take note that the values of some rows are outdated."""
        if self.stale:
            rows = range(min(rows.start, self.stale.start), max(rows.stop, self.stale.stop))
        self.stale = rows
        self.calculated.clear()

    @property
    def is_single(self) -> bool:
        """Whether it is calculated in one go, not cell by cell."""
        _, top, left, bottom, right = self.cells
        return self.is_array or (top == bottom and left == right)

    def text_at(self, row: int, column: int) -> str:
        """The formula as one of its cells shows it."""
        if self.is_single or (row, column) == self.home[1:]:
            return self.text
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
        if self.is_array:
            return self.rows
        # A row reads the cells if one end of its area is not above them, and one not below.
        first, last = MAX_ROW + 1, 0
        for end in (area.top, area.bottom):
            if not end.absolute:
                first = min(first, cells.top - end.value)
                last = max(last, cells.bottom - end.value)
            if end.absolute and end.value >= cells.top:
                first = 1
            if end.absolute and end.value <= cells.bottom:
                last = MAX_ROW
        return range(max(first, self.cells.top), min(last, self.cells.bottom) + 1)


class BlockIndex:
    """Which block fills a cell, for all cells of a workbook."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        # Those that are higher than wide by column, from above; the others by row, from the left.
        self._tall: dict[str, dict[int, list[Block]]] = {}
        self._wide: dict[str, dict[int, list[Block]]] = {}
        for block in blocks:
            lines, places, _ = self._lines(block)
            for place in places:
                lines.setdefault(place, []).append(block)
        for by_sheet, start in ((self._tall, _top), (self._wide, _left)):
            for lines in by_sheet.values():
                for filled in lines.values():
                    filled.sort(key=start)

    def _lines(self, block: Block) -> tuple[dict[int, list[Block]], range, _Start]:
        """Where a block is kept: the lines of its sheet, and the places of its own."""
        sheet, top, left, bottom, right = block.cells
        if bottom - top >= right - left:
            return self._tall.setdefault(sheet, {}), range(left, right + 1), _top
        return self._wide.setdefault(sheet, {}), range(top, bottom + 1), _left

    def add(self, block: Block) -> None:
        """Take in a block whose cells no other fills."""
        lines, places, start = self._lines(block)
        for place in places:
            insort(lines.setdefault(place, []), block, key=start)

    def remove(self, block: Block) -> None:
        """Forget a block."""
        lines, places, _ = self._lines(block)
        for place in places:
            lines[place].remove(block)

    def at(self, address: Address) -> Block | None:
        """The block that fills a cell; None for a constant or a blank."""
        sheet, row, column = address
        filled = self._tall.get(sheet, {}).get(column)
        if filled:
            index = bisect_right(filled, row, key=_top) - 1
            if index >= 0 and row <= filled[index].cells.bottom:
                return filled[index]
        filled = self._wide.get(sheet, {}).get(row)
        if filled:
            index = bisect_right(filled, column, key=_left) - 1
            if index >= 0 and column <= filled[index].cells.right:
                return filled[index]
        return None

    def within(self, cells: CellRange) -> Iterator[Block]:
        """The blocks that fill any cell of a range, one maybe several times."""
        sheet, top, left, bottom, right = cells
        for filled in _between(self._tall.get(sheet), left, right):
            index = max(bisect_right(filled, top, key=_top) - 1, 0)
            while index < len(filled) and filled[index].cells.top <= bottom:
                if filled[index].cells.bottom >= top:
                    yield filled[index]
                index += 1
        for filled in _between(self._wide.get(sheet), top, bottom):
            index = max(bisect_right(filled, left, key=_left) - 1, 0)
            while index < len(filled) and filled[index].cells.left <= right:
                if filled[index].cells.right >= left:
                    yield filled[index]
                index += 1


def _between(lines: dict[int, list[Block]] | None, first: int, last: int) -> Iterator[list[Block]]:
    """The lines from one place to another that have blocks."""
    if lines is None:
        return
    if last - first > len(lines):
        yield from [filled for place, filled in lines.items() if first <= place <= last]
        return
    for place in range(first, last + 1):
        filled = lines.get(place)
        if filled:
            yield filled


def _top(block: Block) -> int:
    return block.cells.top


def _left(block: Block) -> int:
    return block.cells.left
