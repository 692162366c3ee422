"""The order in which cells of blocks that need each other can be calculated, from their texts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sheetlab.engine import budget
from sheetlab.engine.block_index import BlockIndex
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.syntax.expression import Area, Axis

# A loop of so many operations would be too long for Python to compile.
MOST_OPERATIONS = 2_000
# Among so many blocks, those that fill cells of a range are sooner found one by one.
_FEW = 12


class NoLoopError(Exception):
    """These blocks cannot be calculated by a loop over their rows or columns."""


class Frame(NamedTuple):
    """How a loop goes: `down` the rows or else across the columns, forwards (1) or back (-1)."""

    down: bool
    direction: int

    def along(self, area: Area) -> tuple[Axis, Axis]:
        """The ends of an area in the direction of the loop."""
        return (area.top, area.bottom) if self.down else (area.left, area.right)

    def across(self, area: Area) -> tuple[Axis, Axis]:
        """The ends of an area in the other direction."""
        return (area.left, area.right) if self.down else (area.top, area.bottom)

    def steps(self, block: Block) -> range:
        """The rows, or columns, of a block that are to be calculated, in ascending order."""
        if self.down:
            return block.stale
        return range(block.cells.left, block.cells.right + 1)

    def in_order(self, blocks: Iterable[Block]) -> range:
        """From the first to the last step in which any block is to be calculated."""
        steps = [own for own in map(self.steps, blocks) if own]
        if not steps:
            return range(0)
        whole = range(min(own.start for own in steps), max(own.stop for own in steps))
        return whole[:: self.direction]

    def width(self, block: Block) -> range:
        """The places of a block in the other direction."""
        if self.down:
            return range(block.cells.left, block.cells.right + 1)
        return range(block.cells.top, block.cells.bottom + 1)

    def cells(self, sheet: str, steps: range, width: range) -> CellRange:
        """The range of some steps and places."""
        rows, columns = (steps, width) if self.down else (width, steps)
        return CellRange(sheet, rows.start, columns.start, rows.stop - 1, columns.stop - 1)

    def laid(self, values: Any) -> Any:
        """An array of a range with the steps as its first axis."""
        return values if self.down else values.T


FRAMES = (Frame(True, 1), Frame(True, -1), Frame(False, 1), Frame(False, -1))


class Circle:
    """Blocks that may need each other, and which of them each area of theirs reads."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self._index = BlockIndex(blocks) if len(blocks) > _FEW else None
        # By block and area, which is kept since another could come to have its id.
        self._read: dict[tuple[Block, int], tuple[Area, Iterable[Block]]] = {}

    def read_by(self, block: Block, area: Area) -> Iterable[Block]:
        """The blocks that fill cells which an area means for any cell of a block."""
        key = block, id(area)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = area, self._filling(block.read_range(area))
        return found[1]

    def _filling(self, cells: CellRange) -> Iterable[Block]:
        if self._index is None:
            budget.current().run(len(self.blocks))
            return [block for block in self.blocks if cells.overlaps(block.cells)]
        found = self._index.within(cells)
        budget.current().run(_FEW + len(found))
        return dict.fromkeys(found)


class Order(NamedTuple):
    """The blocks in the order of a step; for those that need their own step, the way in it."""

    blocks: list[Block]
    ways: dict[Block, int]


class Interval(NamedTuple):
    """From `low` to `high` steps away, both included."""

    low: int
    high: int

    @property
    def is_empty(self) -> bool:
        """Whether it holds no step."""
        return self.low > self.high


class _Need(NamedTuple):
    """That cells of a block read cells of another, so many rows and columns away."""

    block: Block
    other: Block
    down: Interval
    across: Interval


def orders_of(circle: Circle) -> dict[Frame, Order]:
    """The ways in which blocks can be taken in order; raises `NoLoopError` where there is none."""
    found = list(_needs(circle))
    orders = {frame: _order_in(frame, circle.blocks, found) for frame in FRAMES}
    possible = {frame: order for frame, order in orders.items() if order is not None}
    if not possible:
        raise NoLoopError
    return possible


def _needs(circle: Circle) -> Iterator[_Need]:
    """What some blocks need of each other, as far as their texts tell.

    Raises `NoLoopError` for blocks that are no filled formulas.
    """
    if len(circle.blocks) > MOST_OPERATIONS:
        raise NoLoopError
    for block in circle.blocks:
        if block.is_array or block.dynamic or block.flaw is not None:
            raise NoLoopError
        rows, columns = _rows(block), _columns(block)
        for area in block.reads:
            for other in circle.read_by(block, area):
                down = _away((area.top, area.bottom), rows, _rows(other))
                across = _away((area.left, area.right), columns, _columns(other))
                if not down.is_empty and not across.is_empty:
                    yield _Need(block, other, down, across)


def _rows(block: Block) -> Interval:
    return Interval(block.cells.top, block.cells.bottom)


def _columns(block: Block) -> Interval:
    return Interval(block.cells.left, block.cells.right)


def _away(ends: tuple[Axis, Axis], own: Interval, other: Interval) -> Interval:
    """How far the cells of a range, as far as they are another block's, are from those reading."""
    ways = []
    for end in ends:
        ways += [end.value - place for place in own] if end.absolute else [end.value]
    return Interval(max(min(ways), other.low - own.high), min(max(ways), other.high - own.low))


def _order_in(frame: Frame, blocks: Sequence[Block], found: Sequence[_Need]) -> Order | None:
    """The order in which a loop can take blocks; None where it cannot."""
    earlier: dict[Block, set[Block]] = {block: set() for block in blocks}
    ways: dict[Block, int] = {}
    for block, other, down, across in found:
        along, beside = (down, across) if frame.down else (across, down)
        if frame.direction < 0:
            along = Interval(-along.high, -along.low)
        if along.high > 0:
            return None
        if along.high < 0:
            continue
        if block is not other:
            earlier[block].add(other)
            continue
        way = 1 if beside.high < 0 else -1 if beside.low > 0 else 0
        if not way or ways.setdefault(block, way) != way:
            return None
    ordered: list[Block] = []
    done: set[Block] = set()
    while earlier:
        ready = [block for block, before in earlier.items() if before <= done]
        if not ready:
            return None
        for block in ready:
            del earlier[block]
        ordered += ready
        done.update(ready)
    return Order(ordered, ways)
