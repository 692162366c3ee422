"""What functions of ranges and single values are given, for many cells at once.

Ranges that are the same for all cells are made a table once; those that move are read whole, and
each cell has its rows of them.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import Column, converted
from sheetlab.engine.columns.tables import Table
from sheetlab.engine.functions.function import Function
from sheetlab.engine.interpreter.evaluation import cut
from sheetlab.engine.lowering import LeftOut, Ranged, Window
from sheetlab.engine.syntax.expression import Area
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

# What a function of ranges gives in each cell, and where only the interpreter knows.
Found = tuple[Column, Any]


class NotRangedError(Exception):
    """The function is better left to the interpreter, cell by cell."""


def function_of(run: "Run", operation: Ranged) -> Function:
    """The function of arrays, also where its special form is one of references."""
    function = functions.find(operation.name, run.date_1904)
    assert function is not None
    return function.plain or function


def arguments_of(run: "Run", operation: Ranged, function: Function) -> dict[int, Column]:
    """The arguments that are single values, converted, by their places."""
    return {
        place: part.instead
        if type(part) is LeftOut
        else converted(run.value(part), function.parameter(place), run.date_1904)
        for place, part in enumerate(operation.arguments)
        if function.parameter(place) not in ("array", "values")
    }


def tables_of(run: "Run", operation: Ranged) -> dict[int, Table]:
    """The table of each argument that is a range, by its place; see `reached_tables`."""
    areas = {
        place: part.area
        for place, part in enumerate(operation.arguments)
        if isinstance(part, Window)
    }
    return dict(zip(areas, reached_tables(run, list(areas.values())), strict=True))


def reached_tables(run: "Run", areas: list[Area]) -> list[Table]:
    """The tables of ranges, of all rows that any place covers; equal shapes stay equal."""
    used = cut([cells_of(run, area) for area in areas], run.columns.source)
    return [run.columns.tables.table(cells) for cells in used]


def cells_of(run: "Run", area: Area) -> CellRange:
    """The cells of a range, in all rows that any place covers.

    Raises `NotRangedError` where some of them lie beyond the edges of the sheet.
    """
    places = run.places
    # Ranges that move with the column are asked for one column.
    column, lines = int(places.columns.flat[0]), (int(places.rows.min()), int(places.rows.max()))
    rows = [end.at(row) for end in (area.top, area.bottom) for row in lines]
    left, right = sorted((area.left.at(column), area.right.at(column)))
    cells = CellRange(area.sheet or places.sheet, min(rows), left, max(rows), right)
    if cells.top < 1 or cells.left < 1 or cells.bottom > MAX_ROW or cells.right > MAX_COLUMN:
        raise NotRangedError
    if cells.sheet not in run.columns.grids:
        raise NotRangedError
    return cells


def rows_of(run: "Run", area: Area) -> tuple[Any, Any]:
    """The first row of each place's window, and the row below its last."""
    rows = run.places.rows
    ends = [np.full(rows.shape, end.value) if end.absolute else rows + end.value
            for end in (area.top, area.bottom)]  # fmt: skip
    low, high = np.minimum(*ends), np.maximum(*ends)
    if low.min() < 1 or high.max() > MAX_ROW:
        raise NotRangedError
    return low, high + 1
