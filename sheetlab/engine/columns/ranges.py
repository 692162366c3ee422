"""What functions of ranges and single values are given, for many cells at once.

Ranges that are the same for all cells are made a table once; those that move are read whole, and
each cell has its rows of them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import Column, converted
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.tables import Table
from sheetlab.engine.columns.windows import reach
from sheetlab.engine.functions.function import Function
from sheetlab.engine.interpreter.evaluation import cut
from sheetlab.engine.lowering import LeftOut, Ranged, Window
from sheetlab.engine.syntax.expression import Area, Axis
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
    """The cells of a range that any place covers.

    Raises `NotRangedError` where some of them lie beyond the edges of the sheet.
    """
    rows, columns = run.places.rows, run.places.columns
    sheet = area.sheet or run.places.sheet
    top, bottom = reach(area.top, area.bottom, int(rows.min()), int(rows.max()))
    left, right = reach(area.left, area.right, int(columns.min()), int(columns.max()))
    if top < 1 or left < 1 or bottom > MAX_ROW or right > MAX_COLUMN:
        raise NotRangedError
    if sheet not in run.columns.grids:
        raise NotRangedError
    return CellRange(sheet, top, left, bottom, right)


def moves(run: "Run", areas: Sequence[Area]) -> tuple[bool, bool]:
    """Whether ranges differ from row to row, and from column to column."""
    rows, columns = run.places.rows, run.places.columns
    down = not all(area.top.absolute and area.bottom.absolute for area in areas)
    across = not all(area.left.absolute and area.right.absolute for area in areas)
    return (
        down and bool((rows != rows.flat[0]).any()),
        across and bool((columns != columns.flat[0]).any()),
    )


def limits_of(run: "Run", areas: list[Area], across: bool) -> tuple[Any, Any] | None:
    """The rows that each place's windows cover, counted from the first that any covers.

    The columns instead where the windows move `across`; None where they do not move.
    """
    ends = [(area.left, area.right) if across else (area.top, area.bottom) for area in areas]
    if all(one.absolute and other.absolute for one, other in ends):
        return None
    if len(set(ends)) != 1:
        raise NotRangedError
    places, most = (run.places.columns, MAX_COLUMN) if across else (run.places.rows, MAX_ROW)
    low, high = _ends_of(places, *ends[0], most)
    return low - low.min(), high - low.min()


def rows_of(run: "Run", area: Area) -> tuple[Any, Any]:
    """The first row of each place's window, and the row below its last."""
    return _ends_of(run.places.rows, area.top, area.bottom, MAX_ROW)


def _ends_of(places: Integers, one: Axis, other: Axis, most: int) -> tuple[Any, Any]:
    """The first row or column of the window in each place, and the one after its last."""
    ends = [np.full(places.shape, end.value) if end.absolute else places + end.value
            for end in (one, other)]  # fmt: skip
    low, high = np.minimum(*ends), np.maximum(*ends)
    if low.min() < 1 or high.max() > most:
        raise NotRangedError
    return low, high + 1
