"""The cells that a loop of any values reads and calculates, as lists of rows."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import column_of
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.grid import Grid
from sheetlab.engine.loops.orders import Circle, NoLoopError
from sheetlab.engine.loops.stretches import needs_loop
from sheetlab.engine.lowering import Cell, Window, all_parts

# The values of so many cells are held at most.
_MOST_CELLS = 8_000_000


class CellLists(NamedTuple):
    """The values of a part of a sheet, row by row, from the cell at `top` and `left` on."""

    top: int
    left: int
    rows: list[list[Any]]


def lists_of(circle: Circle, blocks: Collection[Block], columns: Columns) -> dict[str, CellLists]:
    """For each sheet, all cells that blocks of a circle fill, and that they read of each other.

    Raises `NoLoopError` where they are too many.
    """
    reaches: dict[str, CellRange] = {}
    for block in blocks:
        inside = [
            block.read_range(part.area)
            for part in all_parts(block.program)
            if isinstance(part, Cell | Window) and needs_loop(block, part, circle, blocks)
        ]
        for cells in (block.cells, *inside):
            reaches[cells.sheet] = _around(reaches.get(cells.sheet, cells), cells)
    sheets: dict[str, CellLists] = {}
    for sheet, cells in reaches.items():
        rows, across = cells.shape
        if rows * across > _MOST_CELLS:
            raise NoLoopError
        budget.current().reserve(rows * across)
        values = columns.grids[sheet].table(*cells[1:]).tolist()
        sheets[sheet] = CellLists(cells.top, cells.left, values)
    return sheets


def _around(one: CellRange, other: CellRange) -> CellRange:
    """The smallest range that holds two of one sheet."""
    return CellRange(
        one.sheet,
        min(one.top, other.top),
        min(one.left, other.left),
        max(one.bottom, other.bottom),
        max(one.right, other.right),
    )


def write(block: Block, lists: CellLists, grid: Grid) -> None:
    """Put the values of a block's stale cells into its grid."""
    rows, columns = block.stale, block.columns
    places = slice(columns.start - lists.left, columns.stop - lists.left)
    lines = lists.rows[rows.start - lists.top : rows.stop - lists.top]
    table = column_of(
        [value for line in lines for value in line[places]], (len(rows), len(columns))
    )
    if table.dtype == np.bool_:
        table = table.astype(object)
    grid.write_table(rows.start, columns.start, table)
