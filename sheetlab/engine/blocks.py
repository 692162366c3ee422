"""Blocks: formulas filled down a column as one thing, with what they read and where they are."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.expression import Area, Expression
from sheetlab.engine.filling import Filling, filling
from sheetlab.files.address import MAX_COLUMN, MAX_ROW


@dataclass(eq=False, slots=True)
class Block:
    """One formula and the cells that it fills: down a column, or the range of an array formula.

    `text` is what the first cell says; `reads` are all areas of the resolved `expression`. The
    cells that a `dynamic` one reads, or its result, can only be known when it is calculated.
    `flaw` says why a text is no formula. `calculated` are the rows that have their value while
    the block as a whole is not `done`.
    """

    cells: CellRange
    text: str
    expression: Expression
    reads: tuple[Area, ...] = ()
    is_array: bool = False
    spills: bool = False
    dynamic: bool = False
    flaw: str | None = None
    done: bool = False
    calculated: set[int] | None = None
    _filling: Filling | None = None

    @property
    def home(self) -> Address:
        """The first cell."""
        return self.cells.sheet, self.cells.top, self.cells.left

    @property
    def is_single(self) -> bool:
        """Whether it is calculated in one go, not cell by cell."""
        return self.is_array or self.cells.top == self.cells.bottom

    def text_at(self, row: int) -> str:
        """The formula as the cell in `row` shows it."""
        if self.is_single or row == self.cells.top:
            return self.text
        if self._filling is None:
            self._filling = filling(self.text, self.cells.top, self.cells.left)
        return self._filling.at(row, self.cells.left)

    def read_range(self, area: Area) -> CellRange:
        """All cells that an area means for any cell of the block."""
        _, top, left, bottom, _ = self.cells
        last = top if self.is_array else bottom
        rows = [axis.at(row) for axis in (area.top, area.bottom) for row in (top, last)]
        columns = [axis.at(left) for axis in (area.left, area.right)]
        return CellRange(
            area.sheet or self.cells.sheet,
            max(min(rows), 1),
            max(min(columns), 1),
            min(max(rows), MAX_ROW),
            min(max(columns), MAX_COLUMN),
        )


class BlockIndex:
    """Which block fills a cell, for all cells of a workbook."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._columns: dict[str, dict[int, list[Block]]] = {}
        for block in blocks:
            self.add(block, in_order=False)
        for columns in self._columns.values():
            for filled in columns.values():
                filled.sort(key=_top)

    def add(self, block: Block, *, in_order: bool = True) -> None:
        """Take in a block whose cells no other fills."""
        columns = self._columns.setdefault(block.cells.sheet, {})
        for column in range(block.cells.left, block.cells.right + 1):
            filled = columns.setdefault(column, [])
            filled.append(block)
            if in_order:
                filled.sort(key=_top)

    def remove(self, block: Block) -> None:
        """Forget a block."""
        for column in range(block.cells.left, block.cells.right + 1):
            self._columns[block.cells.sheet][column].remove(block)

    def at(self, address: Address) -> Block | None:
        """The block that fills a cell; None for a constant or a blank."""
        sheet, row, column = address
        filled = self._columns.get(sheet, {}).get(column)
        if not filled:
            return None
        index = bisect_right(filled, row, key=_top) - 1
        return filled[index] if index >= 0 and row <= filled[index].cells.bottom else None

    def within(self, cells: CellRange) -> Iterator[Block]:
        """The blocks that fill any cell of a range, one maybe several times."""
        columns = self._columns.get(cells.sheet, {})
        wide = cells.right - cells.left > len(columns)
        places = (
            [c for c in columns if cells.left <= c <= cells.right]
            if wide
            else range(cells.left, cells.right + 1)
        )
        for column in places:
            filled = columns.get(column)
            if not filled:
                continue
            index = max(bisect_right(filled, cells.top, key=_top) - 1, 0)
            while index < len(filled) and filled[index].cells.top <= cells.bottom:
                if filled[index].cells.bottom >= cells.top:
                    yield filled[index]
                index += 1


def _top(block: Block) -> int:
    return block.cells.top
