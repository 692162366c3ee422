"""Blocks whose cells need each other, calculated by a loop of numbers or column after column."""

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from typing import Any

from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.loops.orders import FRAMES, Circle, Frame, NoLoopError, Order, orders_of
from sheetlab.engine.loops.series import series_loop
from sheetlab.engine.loops.stretches import Stretch, stretches_of
from sheetlab.engine.loops.strips import strip_loop
from sheetlab.engine.loops.writing import Loop

# Columns as high are calculated one after the other, each at once, rather than cell by cell; but a
# loop of numbers takes less time where they are not very high, and many.
_HIGH, _VERY_HIGH, _MANY_COLUMNS = 16, 256, 16

Loops = dict[Any, Loop]


def calculate_circle(blocks: Sequence[Block], columns: Columns, loops: Loops) -> dict[Block, range]:
    """Calculate the stale cells of blocks that need each other, into the grids.

    `loops` keeps what is written, since the same blocks are calculated again and again. What is
    left are the rows from which on a loop came upon something that is no finite number. Raises
    `NoLoopError` where the cells cannot be taken in order.
    """
    circle = Circle(blocks)
    orders = orders_of(circle)
    for frame in FRAMES[2:]:
        order = orders.get(frame)
        height = max(
            (len(block.stale) for block in blocks if len(frame.steps(block)) > 1), default=0
        )
        if order is not None and not order.ways and height >= _HIGH:
            is_quick = height >= _VERY_HIGH or len(frame.in_order(blocks)) < _MANY_COLUMNS
            if is_quick or not _goes_through(circle, orders, columns, loops):
                _calculate_columns(frame, order, columns)
            return {}
    return _calculate_stretches(circle, orders, columns, loops)


def _goes_through(
    circle: Circle, orders: dict[Frame, Order], columns: Columns, loops: Loops
) -> bool:
    """Whether a loop of numbers calculates all cells; only then it is kept."""
    written: Loops = {}
    try:
        left = _calculate_stretches(circle, orders, columns, ChainMap(written, loops))
    except NoLoopError:
        return False
    if any(left.values()):
        return False
    loops.update(written)
    return True


def _calculate_stretches(
    circle: Circle,
    orders: dict[Frame, Order],
    columns: Columns,
    loops: MutableMapping[Any, Loop],
) -> dict[Block, range]:
    """Calculate blocks by loops; the rows that are left."""
    frame, order = next(iter(orders.items()))
    stretches = stretches_of(circle, frame, order, columns)
    for number, stretch in enumerate(stretches):
        reached = _calculate(stretch, loops)
        if reached is not None:
            return _left(stretches[number:], reached)
    return {}


def _calculate_columns(frame: Frame, order: Order, columns: Columns) -> None:
    """Calculate column after column, each at once."""
    for step in frame.in_order(order.blocks):
        for block in order.blocks:
            if step in frame.steps(block):
                rows = block.stale
                cells = CellRange(block.cells.sheet, rows.start, step, rows.stop - 1, step)
                values = columns.values(block.program, Places.rectangle(cells))
                columns.grids[cells.sheet].write_table(cells.top, cells.left, values)


def _calculate(stretch: Stretch, loops: MutableMapping[Any, Loop]) -> int | None:
    """Calculate a stretch by its loop; the step where it got stuck, if it did."""
    stretch.calculate_given()
    key = stretch.key
    if key not in loops:
        loops[key] = strip_loop(stretch) if stretch.is_wide else _series_loop(stretch, loops)
    return loops[key].calculate(stretch)


def _series_loop(stretch: Stretch, loops: MutableMapping[Any, Loop]) -> Loop:
    """The loop of a stretch, which one on another sheet may have as well."""
    form = stretch.form
    if form is None:
        return series_loop(stretch)
    # Among the loops of blocks, that of none is one for any.
    key = (), form
    if key not in loops:
        loops[key] = series_loop(stretch)
    return loops[key]


def _left(stretches: Sequence[Stretch], reached: int) -> dict[Block, range]:
    """The rows of blocks from the step that was reached on."""
    left: dict[Block, range] = {}
    for stretch in stretches:
        for block in stretch.blocks:
            first, end = block.stale.start, block.stale.stop
            if not stretch.frame.down:
                left[block] = block.stale
            elif stretch.frame.direction > 0:
                left[block] = range(max(first, reached), end)
            else:
                left[block] = range(first, min(end, reached + 1))
    return left
