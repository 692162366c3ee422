"""The steps of a loop in which the same blocks are active, and what is calculated before them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from sheetlab.engine.blocks import Block
from sheetlab.engine.columns.column import is_array
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.loops.orders import MOST_OPERATIONS, Circle, Frame, NoLoopError, Order
from sheetlab.engine.lowering import (
    Cell,
    Constant,
    Interpreted,
    Operation,
    Window,
    all_parts,
    parts_of,
)
from sheetlab.engine.syntax.expression import Area


class Given(NamedTuple):
    """A part of a block's formula that needs no cell of the loop."""

    block: Block
    operation: Operation


@dataclass(slots=True)
class Stretch:
    """Steps, in ascending order, in which the same blocks of a circle are active.

    `ways` are those of `Order`. `given` are the values of parts that need no cell of the loop:
    single ones, or arrays with the steps as their first axis.
    """

    frame: Frame
    steps: range
    circle: Circle
    blocks: list[Block]
    ways: dict[Block, int]
    columns: Columns
    given: dict[Given, Any] = field(default_factory=dict)
    # The sheet of all blocks, where their formulas name none; else "".
    sheet: str = field(init=False)

    def __post_init__(self) -> None:
        sheets = {block.cells.sheet for block in self.blocks}
        is_alone = len(sheets) == 1 and not any(
            area.sheet for block in self.blocks for area in block.reads
        )
        self.sheet = sheets.pop() if is_alone else ""

    @property
    def is_wide(self) -> bool:
        """Whether a block has several cells in a step."""
        return any(len(self.frame.width(block)) > 1 for block in self.blocks)

    @property
    def size(self) -> int:
        """The number of operations in a step."""
        return sum(block.formula.size for block in self.blocks)

    @property
    def key(self) -> Any:
        """What decides how its loop is written, once it has what is given."""
        return tuple(self.blocks), self.frame, tuple(map(_kind, self.given.values()))

    @property
    def form(self) -> Any:
        """What decides how its loop is written, whichever blocks it is for; None if these do."""
        if not self.sheet:
            return None
        numbers = {block: number for number, block in enumerate(self.blocks)}
        return (
            tuple((block.formula, self.frame.width(block)) for block in self.blocks),
            self.frame,
            tuple(
                (numbers[given.block], id(given.operation), _kind(value))
                for given, value in self.given.items()
            ),
        )

    def sheet_of(self, block: Block, area: Area) -> str:
        """The sheet of an area of a block; "" where it is the `sheet` of all."""
        return "" if self.sheet else area.sheet or block.cells.sheet

    def calculate_given(self) -> None:
        """Calculate, for all steps at once, what needs no cell of the loop."""
        active = frozenset(self.blocks)
        for block in self.blocks:
            self._calculate_given(block, block.program, active)

    def _calculate_given(
        self, block: Block, operation: Operation, active: Collection[Block]
    ) -> None:
        """Calculate the largest parts of an operation that need no cell of the loop."""
        if isinstance(operation, Constant):
            return
        if not needs_loop(block, operation, self.circle, active):
            given = Given(block, operation)
            if given not in self.given and not self._is_line(block, operation):
                self.given[given] = self._value(block, operation)
            return
        for part in parts_of(operation):
            if not isinstance(part, Window):
                self._calculate_given(block, part, active)

    def _is_line(self, block: Block, operation: Operation) -> bool:
        """Whether a part is a cell that moves along with a narrow block."""
        return (
            isinstance(operation, Cell)
            and len(self.frame.width(block)) == 1
            and not self.frame.along(operation.area)[0].absolute
        )

    def _value(self, block: Block, operation: Operation) -> Any:
        cells = self.frame.cells(block.cells.sheet, self.steps, self.frame.width(block))
        value = self.columns.column(operation, Places.rectangle(cells))
        return self.frame.laid(value) if is_array(value) else value


def needs_loop(
    block: Block, operation: Operation, circle: Circle, active: Collection[Block]
) -> bool:
    """Whether an operation of a block reads cells of the active blocks of a circle."""
    for part in all_parts(operation):
        areas: tuple[Area, ...] = ()
        if isinstance(part, Cell | Window):
            areas = (part.area,)
        elif isinstance(part, Interpreted) and not part.fixed:
            # What it reads is not told by its parts.
            areas = block.reads
        for area in areas:
            if any(other in active for other in circle.read_by(block, area)):
                return True
    return False


def stretches_of(circle: Circle, frame: Frame, order: Order, columns: Columns) -> list[Stretch]:
    """The stretches of a loop, in the order in which it takes them.

    Raises `NoLoopError` where the loop would be too long.
    """
    if sum(block.formula.size for block in order.blocks) > MOST_OPERATIONS:
        raise NoLoopError
    reaches = {block: frame.steps(block) for block in order.blocks}
    edges = sorted({edge for own in reaches.values() if own for edge in (own.start, own.stop)})
    stretches = []
    for first, end in pairwise(edges):
        active = [block for block, own in reaches.items() if own.start <= first and end <= own.stop]
        if active:
            steps = range(first, end)
            stretches.append(Stretch(frame, steps, circle, active, order.ways, columns))
    return stretches if frame.direction > 0 else stretches[::-1]


def _kind(value: Any) -> Any:
    """What decides how a given part is written: its type, and along which axes it differs."""
    if is_array(value):
        return value.dtype, value.shape[0] > 1, value.shape[1] > 1
    return type(value)
