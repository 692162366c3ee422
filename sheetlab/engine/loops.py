"""Blocks whose cells need each other: one loop for all of them, written as Python.

The loop takes one row after the other, or one column after the other, up or down; in each it
calculates a cell of every block, or the cells of a block that is several wide from one end to the
other. What needs no cell of these blocks is `given`: it is calculated beforehand for all cells at
once. The text of the loop is put together from the operations of the lowered formulas and a fixed
table; no text of the file gets into it. Its variables are numbered, its constants are passed in or
written by `repr` of a float.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget, functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import is_array
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.functions.kernels import Elementwise, Negation, Reduction
from sheetlab.engine.functions.mathematics import power_of_floats
from sheetlab.engine.grid import Grid
from sheetlab.engine.lowering import (
    Applied,
    Cell,
    Chosen,
    Constant,
    Instead,
    Interpreted,
    Joined,
    LeftOut,
    Operation,
    Reduced,
    Signed,
    Truths,
    Window,
    parts_of,
)
from sheetlab.engine.syntax.expression import Area, Axis
from sheetlab.engine.values.operators import order_of_numbers
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

_CHUNK = 65_536
# Values of so many earlier rows, and so many cells of a range, are variables of a loop at most.
_MOST_CARRIED = 8
_MOST_JOINED = 64
# A loop of so many operations would be too long for Python to compile.
_MOST_OPERATIONS = 2_000
# The values of a step are kept of so many places at most.
_WIDEST = 20_000
# The values of a step are kept of so many places for each that is calculated.
_MOST_KEPT = 16
# Columns this high are calculated one after the other, each at once, rather than by a loop.
_HIGH = 16


class NoLoopError(Exception):
    """These blocks cannot be calculated by a loop over their rows or columns."""


class Interval(NamedTuple):
    """From `low` to `high` steps away, both included."""

    low: int
    high: int

    def within(self, other: "Interval") -> "Interval":
        """What lies in both."""
        return Interval(max(self.low, other.low), min(self.high, other.high))

    @property
    def is_empty(self) -> bool:
        """Whether it holds no step."""
        return self.low > self.high


class Need(NamedTuple):
    """That cells of a block read cells of another, so many rows and columns away."""

    block: Block
    other: Block
    down: Interval
    across: Interval


def needs(blocks: Sequence[Block]) -> Iterator[Need]:
    """What some blocks need of each other, as far as their texts tell.

    Raises `NoLoopError` for blocks that are no filled formulas.
    """
    if len(blocks) > _MOST_OPERATIONS:
        raise NoLoopError
    for block in blocks:
        if block.is_array or block.dynamic or block.flaw is not None:
            raise NoLoopError
        for area in block.reads:
            budget.current().run(len(blocks))
            read = block.read_range(area)
            for other in blocks:
                if not read.overlaps(other.cells):
                    continue
                down = _away((area.top, area.bottom), _rows(block), _rows(other))
                across = _away((area.left, area.right), _columns(block), _columns(other))
                if not down.is_empty and not across.is_empty:
                    yield Need(block, other, down, across)


def _rows(block: Block) -> Interval:
    return Interval(block.cells.top, block.cells.bottom)


def _columns(block: Block) -> Interval:
    return Interval(block.cells.left, block.cells.right)


def _away(ends: tuple[Axis, Axis], own: Interval, other: Interval) -> Interval:
    """How far the cells of a range, as far as they are another block's, are from those reading."""
    ways = []
    for end in ends:
        ways += [end.value - place for place in own] if end.absolute else [end.value]
    reach = Interval(other.low - own.high, other.high - own.low)
    return Interval(min(ways), max(ways)).within(reach)


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


class Order(NamedTuple):
    """The blocks in the order of a step; for those that need their own step, the way in it."""

    blocks: list[Block]
    ways: dict[Block, int]


def order_in(frame: Frame, blocks: Sequence[Block], found: Sequence[Need]) -> Order | None:
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


def calculate_circle(
    blocks: Sequence[Block], columns: Columns, loops: "Loops"
) -> dict[Block, range]:
    """Calculate the stale cells of blocks that need each other, into the grids.

    `loops` keeps what is written, since the same blocks are calculated again and again. What is
    left are the rows from which on a loop came upon something that is no finite number. Raises
    `NoLoopError` where the cells cannot be taken in order.
    """
    orders = orders_of(blocks)
    for frame in FRAMES[2:]:
        order = orders.get(frame)
        if order is not None and not order.ways and _is_high(blocks):
            _step(frame, order, columns)
            return {}
    frame, order = next(iter(orders.items()))
    return _loop(frame, order, columns, loops)


def orders_of(blocks: Sequence[Block]) -> dict[Frame, Order]:
    """The ways in which blocks can be taken in order; raises `NoLoopError` where there is none."""
    found = list(needs(blocks))
    orders = {frame: order_in(frame, blocks, found) for frame in FRAMES}
    possible = {frame: order for frame, order in orders.items() if order is not None}
    if not possible:
        raise NoLoopError
    return possible


def _is_high(blocks: Sequence[Block]) -> bool:
    return any(len(block.stale) >= _HIGH and len(_width(block)) > 1 for block in blocks)


def _width(block: Block) -> range:
    return range(block.cells.left, block.cells.right + 1)


def _step(frame: Frame, order: Order, columns: Columns) -> None:
    """Calculate column after column, each at once."""
    steps = [frame.steps(block) for block in order.blocks]
    places = range(min(s.start for s in steps), max(s.stop for s in steps))
    for step in places if frame.direction > 0 else reversed(places):
        for block, own in zip(order.blocks, steps, strict=True):
            if step in own:
                rows = block.stale
                cells = CellRange(block.cells.sheet, rows.start, step, rows.stop - 1, step)
                values = columns.values(block.program, Places.rectangle(cells))
                columns.grids[cells.sheet].write_table(cells.top, cells.left, values)


def _loop(frame: Frame, order: Order, columns: Columns, loops: "Loops") -> dict[Block, range]:
    """Run a loop over all stretches of steps in which the same blocks are active."""
    if sum(_size(block.program) for block in order.blocks) > _MOST_OPERATIONS:
        raise NoLoopError
    edges = sorted({edge for b in order.blocks for edge in _ends(frame.steps(b))})
    stretches = []
    for first, end in pairwise(edges):
        active = [
            block
            for block in order.blocks
            if frame.steps(block).start <= first and frame.steps(block).stop >= end
        ]
        if active:
            stretches.append((range(first, end), active))
    if frame.direction < 0:
        stretches.reverse()
    for number, (steps, active) in enumerate(stretches):
        run = _Run(frame, steps, active, order.ways, columns)
        reached = run.calculate(loops)
        if reached is not None:
            return _left(frame, stretches[number:], reached)
    return {}


def _ends(steps: range) -> tuple[int, ...]:
    return (steps.start, steps.stop) if steps else ()


def _size(operation: Operation) -> int:
    size, stack = 0, [operation]
    while stack:
        stack += parts_of(stack.pop())
        size += 1
    return size


def _left(
    frame: Frame, stretches: Sequence[tuple[range, list[Block]]], reached: int
) -> dict[Block, range]:
    """The rows of blocks from the step that was reached on."""
    left: dict[Block, range] = {}
    for _, active in stretches:
        for block in active:
            first, end = block.stale.start, block.stale.stop
            if not frame.down:
                left[block] = block.stale
            elif frame.direction > 0:
                left[block] = range(max(first, reached), end)
            else:
                left[block] = range(first, min(end, reached + 1))
    return left


class _Line(NamedTuple):
    """One row or column of one sheet, at a place across the loop, so many steps away."""

    sheet: str
    place: int
    offset: int


class _Given(NamedTuple):
    """A part of a block's formula that needs no cell of the loop."""

    block: Block
    operation: Operation


class _Total(NamedTuple):
    """A running total of a line, from a fixed step up to some steps before."""

    combine: str
    line: _Line
    first: int


class Written(NamedTuple):
    """A loop that is written: what it is to be called with, its text, and the function."""

    lines: dict[_Line, bool]  # with whether it may have blanks, which count as 0
    carried: dict[_Line, bool]
    totals: list[_Total]
    text: str
    run: Callable[..., None]
    strips: "dict[str, _Strip]" = {}  # noqa: RUF012
    has_no_blanks: bool = False


class _Strip(NamedTuple):
    """The places across a loop whose values are kept of one sheet, and of how many steps before."""

    first: int
    end: int
    before: int


Loops = dict[Any, Written]


@dataclass(slots=True)
class _Run:
    """A loop over steps in which the same blocks are active."""

    frame: Frame
    steps: range
    blocks: list[Block]
    ways: dict[Block, int]
    columns: Columns
    given: dict[_Given, Any] = field(default_factory=dict)

    def calculate(self, loops: Loops) -> int | None:
        """Calculate the steps; the one where it got stuck, if it did."""
        for block in self.blocks:
            self._calculate_given(block, block.program)
        kinds = tuple(_kind(value) for value in self.given.values())
        key = (tuple(self.blocks), self.frame, kinds)
        if any(len(self.frame.width(block)) > 1 for block in self.blocks):
            if key not in loops:
                loops[key] = _WideWriter(self).written()
            return _run_wide(self, loops[key])
        if key not in loops:
            loops[key] = _Writer(self).written()
        return self._run(loops[key])

    def inner(self, block: Block, operation: Operation) -> bool:
        """Whether an operation reads cells of the loop's blocks."""
        stack = [operation]
        while stack:
            part = stack.pop()
            if isinstance(part, Cell | Window):
                budget.current().run(len(self.blocks))
                read = block.read_range(part.area)
                if any(read.overlaps(other.cells) for other in self.blocks):
                    return True
            elif isinstance(part, Interpreted) and not part.fixed and self._reads(block):
                return True
            stack += parts_of(part)
        return False

    def _reads(self, block: Block) -> bool:
        return any(
            block.read_range(area).overlaps(other.cells)
            for area in block.reads
            for other in self.blocks
        )

    def _calculate_given(self, block: Block, operation: Operation) -> None:
        """Calculate the largest parts of a formula that need no cell of the loop."""
        if isinstance(operation, Constant):
            return
        if not self.inner(block, operation):
            given = _Given(block, operation)
            if given not in self.given and not self._is_line(block, operation):
                self.given[given] = self._value(block, operation)
            return
        for part in parts_of(operation):
            if not isinstance(part, Window):
                self._calculate_given(block, part)

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

    def _run(self, loop: Written) -> int | None:
        work = sum(_size(block.program) for block in self.blocks)
        chunks = range(self.steps.start, self.steps.stop, _CHUNK)
        for start in chunks if self.frame.direction > 0 else reversed(chunks):
            steps = range(start, min(start + _CHUNK, self.steps.stop))
            budget.current().run(work * len(steps))
            reached = _Chunk(self, loop, steps).run()
            if reached is not None:
                return reached
        return None


def _kind(value: Any) -> Any:
    """What decides how a given part is written: its type, and along which axes it differs."""
    if is_array(value):
        return value.dtype, value.shape[0] > 1, value.shape[1] > 1
    return type(value)


@dataclass(slots=True)
class _Writer:
    """Writes the formulas of blocks as Python."""

    context: _Run
    lines: dict[_Line, bool] = field(default_factory=dict)
    carried: dict[_Line, bool] = field(default_factory=dict)
    totals: list[_Total] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    block: Any = None

    def written(self) -> Written:
        """The loop."""
        blocks = self.context.blocks
        lines = []
        for number, block in enumerate(blocks):
            self.block = block
            text, is_number = self.write(block.program)
            if not is_number:
                raise NoLoopError
            lines += [*self.before, f"v_{number} = {text}"]
            self.before.clear()
        lines += [f"append_{number}(v_{number})" for number in range(len(blocks))]
        lines += self.shifts()
        given = list(self.context.given.values())
        inputs = [f"x_{number}" for number in range(len(self.lines))]
        inputs += [f"g_{number}" for number, value in enumerate(given) if is_array(value)]
        # Without any input, numbers that nobody reads count the steps.
        inputs = inputs or ["x_0"]
        constants = [f"g_{number}" for number, value in enumerate(given) if not is_array(value)]
        carried = [f"c_{number}" for number in range(len(self.carried))]
        totals = [f"t_{number}" for number in range(len(self.totals))]
        appends = [f"append_{number}" for number in range(len(blocks))]
        series = [f"s_{number}" for number in range(len(inputs))]
        parameters = ", ".join([*series, *constants, *carried, *totals, *appends])
        head = f"for {', '.join(inputs)}, in zip({', '.join(series)})"
        body = "\n        ".join(lines)
        text = f"def run({parameters}):\n    {head}:\n        {body}\n"
        return Written(self.lines, self.carried, self.totals, text, _function(text))

    def shifts(self) -> list[str]:
        """What moves the values of a step on to the next."""
        moved = []
        for line in sorted(self.carried, key=lambda line: -abs(line.offset)):
            nearer = line._replace(offset=line.offset + self.context.frame.direction)
            name = f"c_{list(self.carried).index(line)}"
            moved.append(f"{name} = {self.value_of(nearer, may_be_blank=True)}")
        return moved

    def write(self, operation: Operation) -> tuple[str, bool]:
        """The Python for an operation, and whether it gives a number (else a truth value)."""
        if isinstance(operation, Constant):
            if type(operation.value) is float:
                return repr(operation.value), True
            if type(operation.value) is bool:
                return repr(operation.value), False
            raise NoLoopError
        given = _Given(self.block, operation)
        if given in self.context.given:
            return self.given(given)
        match operation:
            case Cell(area):
                return self.cell(area), True
            case Signed("+", operand):
                return self.write(operand)
            case Signed("-", operand):
                return f"(-{self.number(operand)})", True
            case Signed("%", operand):
                return f"({self.number(operand)}/100.0)", True
            case Joined(first, rest):
                return self.chain(first, rest)
            case Chosen(condition, then, otherwise):
                truth = self.truth(condition)
                (one, is_number), (other, also) = self.write(then), self.write(otherwise)
                if is_number != also:
                    raise NoLoopError
                return f"({one} if {truth} else {other})", is_number
            case Truths(_, join, arguments, _):
                if join not in _LOGICAL or any(
                    isinstance(argument, Cell) for argument in arguments
                ):
                    # Blank cells and texts do not count there.
                    raise NoLoopError
                return f"({_LOGICAL[join].join(map(self.truth, arguments))})", False
            case Reduced(kernel, arguments, _):
                return self.reduced(kernel, arguments), True
            case Instead(value, _, _):
                # Where the value is an error, the loop ends.
                return self.write(value)
            case Applied(name, arguments):
                if isinstance(functions.kernel(name), Negation):
                    return f"(not {self.truth(arguments[0])})", False
                return self.applied(name, arguments), True
            case _:
                raise NoLoopError

    def given(self, given: _Given) -> tuple[str, bool]:
        """The variable of a given part."""
        value = self.context.given[given]
        name = f"g_{list(self.context.given).index(given)}"
        if is_array(value):
            return name, value.dtype != bool
        if type(value) not in (float, bool, type(None)):
            raise NoLoopError
        return name, type(value) is not bool

    def number(self, operation: Operation) -> str:
        text, is_number = self.write(operation)
        return text if is_number else f"({text}+0.0)"

    def truth(self, operation: Operation) -> str:
        text, is_number = self.write(operation)
        return f"finite({text})" if is_number else text

    def checked(self, operation: Operation) -> str:
        """A number that would be lost if it were infinite: it could give a finite result."""
        text = self.number(operation)
        simple = isinstance(operation, Cell | Constant)
        return text if simple else f"finite({text})"

    def chain(self, first: Operation, rest: Sequence[tuple[str, Operation]]) -> tuple[str, bool]:
        text, is_number = self.write(first)
        for sign, operand in rest:
            left = text if is_number else f"({text}+0.0)"
            if sign in ("+", "-", "*"):
                text, is_number = f"({left}{sign}{self.number(operand)})", True
            elif sign == "/":
                text, is_number = f"({left}/{self.checked(operand)})", True
            elif sign == "^" and isinstance(operand, Constant) and operand.value == 2.0:
                text, is_number = f"({left}**2.0)", True
            elif sign == "^":
                text, is_number = f"power(finite({left}), {self.checked(operand)})", True
            elif sign == "&" or not is_number:
                raise NoLoopError
            else:
                right, number = self.write(operand)
                if not number:
                    raise NoLoopError
                compared = f"finite({left})", f"finite({right})"
                text, is_number = _COMPARISONS[sign].format(*compared), False
        return text, is_number

    def applied(self, name: str, arguments: Sequence[Operation]) -> str:
        function = functions.find(name)
        if function is None or not all(
            function.parameter(place) == "number" for place in range(len(arguments))
        ):
            raise NoLoopError
        if any(isinstance(argument, LeftOut) for argument in arguments):
            raise NoLoopError
        if self.context.columns.source.date_1904 and (
            function.date_result or function.date_parameters
        ):
            # The loop's functions count days from 1900.
            raise NoLoopError
        values = ", ".join(self.checked(argument) for argument in arguments)
        if isinstance(function.kernel, Elementwise):
            return f"{_called(name)}({values})"
        return f"float({_called(name)}({values}))"

    def reduced(self, kernel: Reduction, arguments: Sequence[Operation]) -> str:
        joint = _joint(kernel)
        if joint is None:
            raise NoLoopError
        parts: list[str] = []
        for argument in arguments:
            if isinstance(argument, Window):
                parts += self.window(argument.area, joint)
            else:
                parts.append(self.checked(argument))
        if joint == "+":
            return f"({'+'.join(parts)})"
        return parts[0] if len(parts) == 1 else f"{joint}({', '.join(parts)})"

    def window(self, area: Area, joint: str) -> list[str]:
        """The cells of a range, or their running total."""
        frame = self.context.frame
        sheet = area.sheet or self.block.cells.sheet
        ends = sorted(end.at(frame.width(self.block).start) for end in frame.across(area))
        one, other = frame.along(area)
        places = range(ends[0], ends[1] + 1)
        if one.absolute and not other.absolute:
            return [self.total(_Line(sheet, place, other.value), one.value, joint)
                    for place in self._few(places)]  # fmt: skip
        if one.absolute or other.absolute:
            raise NoLoopError
        low, high = sorted((one.value, other.value))
        cells = [
            _Line(sheet, place, offset)
            for offset in range(low, high + 1)
            for place in self._few(places)
        ]
        return [self.value_of(cell, may_be_blank=joint == "+") for cell in self._few(cells)]

    def _few(self, cells: Any) -> Any:
        if len(cells) > _MOST_JOINED:
            raise NoLoopError
        return cells

    def total(self, line: _Line, first: int, joint: str) -> str:
        """What has come together from a fixed step on, up to that of a line."""
        frame = self.context.frame
        if frame.direction < 0:
            raise NoLoopError
        total = _Total(joint, line, first)
        self.totals.append(total)
        name = f"t_{len(self.totals) - 1}"
        value = self.value_of(line, may_be_blank=joint == "+")
        joined = f"{name}+{value}" if joint == "+" else f"{joint}({name}, {value})"
        self.before.append(f"{name} = {joined}")
        return name

    def cell(self, area: Area) -> str:
        """The variable of a cell."""
        return self.value_of(self.line(area), may_be_blank=True)

    def line(self, area: Area) -> _Line:
        frame = self.context.frame
        along, across = frame.along(area)[0], frame.across(area)[0]
        if along.absolute:
            raise NoLoopError
        place = across.at(frame.width(self.block).start)
        return _Line(area.sheet or self.block.cells.sheet, place, along.value)

    def value_of(self, line: _Line, *, may_be_blank: bool) -> str:
        """A cell of this step, of one that was calculated before, or of an input."""
        frame = self.context.frame
        active = {
            (block.cells.sheet, frame.width(block).start): number
            for number, block in enumerate(self.context.blocks)
        }
        number = active.get((line.sheet, line.place))
        if number is None:
            self.lines[line] = self.lines.get(line, True) and may_be_blank
            return f"x_{list(self.lines).index(line)}"
        if line.offset == 0:
            return f"v_{number}"
        if abs(line.offset) > _MOST_CARRIED or line.offset * frame.direction > 0:
            raise NoLoopError
        # Nearer steps are carried as well, since each moves on to the next.
        for offset in range(-frame.direction, line.offset - frame.direction, -frame.direction):
            nearer = line._replace(offset=offset)
            self.carried[nearer] = self.carried.get(nearer, True) and may_be_blank
        return f"c_{list(self.carried).index(line)}"


@dataclass(slots=True)
class _WideWriter(_Writer):
    """Writes the formulas of blocks of which some are several cells wide.

    The values of a step are lists, the strips; what is calculated is put into them, and later
    steps and places read it there.
    """

    places: dict[str, Interval] = field(default_factory=dict)
    before_by_sheet: dict[str, int] = field(default_factory=dict)
    inner_lists: dict[str, str] = field(default_factory=dict)  # what is zipped, by its variable
    lefts: set[int] = field(default_factory=set)
    has_no_blanks: bool = False

    def written(self) -> Written:
        """The loop."""
        context = self.context
        for block in context.blocks:
            width = context.frame.width(block)
            self._reach(block.cells.sheet, width.start, 0)
            self._reach(block.cells.sheet, width.stop - 1, 0)
            self._reach_all(block, block.program)
        sheets = list(self.places)
        lines: list[str] = []
        for block in context.blocks:
            lines += self._statements(block)
        lines.append("done(None)")
        for sheet, number in self.before_by_sheet.items():
            for offset in range(number, 0, -1):
                lines.append(f"{self._strip(sheet, offset)} = {self._strip(sheet, offset - 1)}")
        given = list(context.given.items())
        steps = [f"g_{n}" for n, (_, value) in enumerate(given) if _per_step(value)]
        fixed = [f"g_{n}" for n, (_, value) in enumerate(given) if not _per_step(value)]
        earlier = [
            self._strip(sheet, offset)
            for sheet, number in self.before_by_sheet.items()
            for offset in range(1, number + 1)
        ]
        current = [self._strip(sheet, 0) for sheet in sheets]
        inputs = [*current, *steps]
        series = [f"all_{number}" for number in range(len(inputs))]
        parameters = ", ".join([*series, *fixed, *earlier, "done"])
        head = f"for {', '.join(inputs)}, in zip({', '.join(series)})"
        body = "\n        ".join(lines)
        text = f"def run({parameters}):\n    {head}:\n        {body}\n"
        strips = {
            sheet: _Strip(reach.low, reach.high + 1, self.before_by_sheet.get(sheet, 0))
            for sheet, reach in self.places.items()
        }
        if any(strip.end - strip.first > _WIDEST for strip in strips.values()):
            raise NoLoopError
        return Written({}, {}, [], text, _function(text), strips, self.has_no_blanks)

    def _statements(self, block: Block) -> list[str]:
        """What calculates the cells of a block in one step."""
        frame = self.context.frame
        sheet, width = block.cells.sheet, frame.width(block)
        first = width.start - self.places[sheet].low
        strip = self._strip(sheet, 0)
        self.block = block
        self.inner_lists, self.lefts = {}, set()
        text, is_number = self.write(block.program)
        if not is_number:
            raise NoLoopError
        if len(width) == 1:
            return [f"{strip}[{first}] = {text}"]
        way = self.context.ways.get(block, 1)
        end = first + len(width)
        edge = first if way > 0 else end - 1
        lefts = range(max(self.lefts, default=0), 0, -1)
        lines = [f"l_{step} = {strip}[{edge - way * step}]" for step in lefts]
        # Each list is taken in the way in which the cells of a step need each other.
        order = "" if way > 0 else "[::-1]"
        names = list(self.inner_lists)
        lists = [f"{source}{order}" for source in self.inner_lists.values()]
        if not names:
            names, lists = ["_"], [f"{strip}[{first}:{end}]"]
        lines += ["row = []", "put = row.append"]
        lines.append(f"for {', '.join(names)}, in zip({', '.join(lists)}):")
        lines += [f"    w = {text}", "    put(w)"]
        lines += [f"    l_{step} = {f'l_{step - 1}' if step > 1 else 'w'}" for step in lefts]
        lines.append(f"{strip}[{first}:{end}] = row{order}")
        return lines

    def _reach_all(self, block: Block, operation: Operation) -> None:
        """Take note of all places that a formula reads in the loop."""
        stack = [operation]
        while stack:
            part = stack.pop()
            if _Given(block, part) in self.context.given:
                continue
            if isinstance(part, Cell | Window):
                frame, area = self.context.frame, part.area
                width = frame.width(block)
                sheet = area.sheet or block.cells.sheet
                for end in frame.along(area):
                    if end.absolute:
                        raise NoLoopError
                    for beside in frame.across(area):
                        for place in (width.start, width.stop - 1):
                            self._reach(sheet, beside.at(place), end.value)
            stack += parts_of(part)

    def _reach(self, sheet: str, place: int, offset: int) -> None:
        before = -offset * self.context.frame.direction
        if place < 1 or before < 0 or before > _MOST_CARRIED:
            raise NoLoopError
        known = self.places.get(sheet, Interval(place, place))
        self.places[sheet] = Interval(min(known.low, place), max(known.high, place))
        self.before_by_sheet[sheet] = max(self.before_by_sheet.get(sheet, 0), before)

    def _strip(self, sheet: str, before: int) -> str:
        return f"strip_{list(self.places).index(sheet)}_{before}"

    def given(self, given: _Given) -> tuple[str, bool]:
        """The variable of a given part."""
        value = self.context.given[given]
        name, is_number = _Writer.given(self, given)
        if is_array(value) and value.shape[1] > 1:
            if len(self.context.frame.width(self.block)) == 1:
                return f"{name}[0]", is_number
            self.inner_lists[f"{name}_i"] = name
            return f"{name}_i", is_number
        return name, is_number

    def cell(self, area: Area) -> str:
        """A cell of the loop."""
        frame = self.context.frame
        along, across = frame.along(area)[0], frame.across(area)[0]
        return self._value(area, along.value, across)

    def _value(self, area: Area, offset: int, across: Axis) -> str:
        frame = self.context.frame
        sheet = area.sheet or self.block.cells.sheet
        before = -offset * frame.direction
        strip, low = self._strip(sheet, before), self.places[sheet].low
        width = frame.width(self.block)
        if across.absolute or len(width) == 1:
            return f"{strip}[{across.at(width.start) - low}]"
        way = self.context.ways.get(self.block, 1)
        step = -across.value * way
        if not before and sheet == self.block.cells.sheet and step > 0 and self._is_own(across):
            if step > _MOST_CARRIED:
                raise NoLoopError
            self.lefts.add(step)
            return f"l_{step}"
        first = width.start + across.value - low
        name = f"y_{strip}_{first}"
        self.inner_lists[name] = f"{strip}[{first}:{first + len(width)}]"
        return name

    def _is_own(self, across: Axis) -> bool:
        """Whether cells so far beside are of the same block."""
        return self.block in self.context.ways and abs(across.value) < len(
            self.context.frame.width(self.block)
        )

    def window(self, area: Area, joint: str) -> list[str]:
        """The cells of a range."""
        frame = self.context.frame
        one, other = sorted(end.value for end in frame.along(area))
        left, right = frame.across(area)
        self.has_no_blanks |= joint != "+"
        found = []
        for offset in range(one, other + 1):
            if left.absolute != right.absolute:
                raise NoLoopError
            low, high = sorted((left.value, right.value))
            self._few(range(one, other + 1))
            for place in self._few(range(low, high + 1)):
                found.append(self._value(area, offset, Axis(left.absolute, place)))
        return list(self._few(found))


def _per_step(value: Any) -> bool:
    return is_array(value) and value.shape[0] > 1


def _run_wide(context: _Run, loop: Written) -> int | None:
    """Calculate the steps of a loop with strips; the one where it got stuck, if it did."""
    frame, steps = context.frame, context.steps
    forwards = frame.direction > 0
    kept = sum(strip.end - strip.first for strip in loop.strips.values())
    own = sum(len(frame.width(block)) for block in context.blocks)
    if kept > _MOST_KEPT * own and kept * len(steps) > _CHUNK:
        raise NoLoopError
    budget.current().run(kept * len(steps))
    strips: dict[str, list[list[float]]] = {}
    earlier: list[list[float]] = []
    for sheet, strip in loop.strips.items():
        reach = range(strip.first, strip.end)
        lists = _lists(context, loop, sheet, steps, reach)
        strips[sheet] = lists if forwards else lists[::-1]
        if strip.before:
            around = (
                range(steps.start - strip.before, steps.start)
                if forwards
                else range(steps.stop, steps.stop + strip.before)
            )
            nearest = _lists(context, loop, sheet, around, reach)
            earlier += nearest[::-1] if forwards else nearest
    per_step, fixed = [], []
    for value in context.given.values():
        if not is_array(value):
            fixed.append(0.0 if value is None else value)
            continue
        if value.dtype == object:
            value = _floats_of(value)
        wide = value.shape[1] > 1
        listed = value.tolist() if wide else value[:, 0].tolist()
        if _per_step(value):
            per_step.append(listed if forwards else listed[::-1])
        else:
            fixed.append(listed[0])
    done: list[None] = []
    with contextlib.suppress(ArithmeticError, ValueError, TypeError):
        loop.run(*strips.values(), *per_step, *fixed, *earlier, done.append)
    count = len(done)
    tables = []
    for block in context.blocks:
        width = frame.width(block)
        strip = loop.strips[block.cells.sheet]
        places = slice(width.start - strip.first, width.stop - strip.first)
        rows = [row[places] for row in strips[block.cells.sheet][:count]]
        table = np.array(rows, np.float64).reshape(count, len(width))
        finite = np.isfinite(table[:count]).all(axis=1)
        if not finite.all():
            count = int(np.argmin(finite))
        tables.append(table)
    if count:
        for block, table in zip(context.blocks, tables, strict=True):
            ordered = table[:count] if forwards else table[:count][::-1]
            start = steps.start if forwards else steps.stop - count
            cells = frame.cells(block.cells.sheet, range(start, start + count), frame.width(block))
            grid = context.columns.grids[cells.sheet]
            grid.write_table(cells.top, cells.left, frame.laid(ordered))
    if count == len(steps):
        return None
    return steps.start + count if forwards else steps.stop - 1 - count


def _floats_of(value: Any) -> Any:
    kinds = set(map(type, value.ravel().tolist()))
    if not kinds <= {float, type(None)}:
        raise NoLoopError
    listed = [item or 0.0 for item in value.ravel().tolist()]
    return np.array(listed).reshape(value.shape)


def _lists(
    context: _Run, loop: Written, sheet: str, steps: range, places: range
) -> list[list[float]]:
    """The numbers of some steps; what the loop does not calculate itself has to be one."""
    frame = context.frame
    grid = context.columns.grids.get(sheet)
    cells = frame.cells(sheet, steps, places)
    if grid is None or cells.top < 1 or cells.left < 1:
        raise NoLoopError
    if cells.bottom > MAX_ROW or cells.right > MAX_COLUMN:
        raise NoLoopError
    values = grid.table(*cells[1:])
    if values.dtype != np.float64:
        own = np.zeros(values.shape, bool)
        for block in context.blocks:
            if block.cells.sheet == sheet:
                # Earlier steps are known, and may hold errors.
                done = frame.cells(sheet, context.steps, frame.width(block))
                own[
                    max(done.top - cells.top, 0) : max(done.bottom - cells.top + 1, 0),
                    max(done.left - cells.left, 0) : max(done.right - cells.left + 1, 0),
                ] = True
        allowed = (float,) if loop.has_no_blanks else (float, type(None))
        if any(type(value) not in allowed for value in values[~own].tolist()):
            raise NoLoopError
        flat = [value if type(value) is float else 0.0 for value in values.ravel().tolist()]
        values = np.array(flat).reshape(values.shape)
    listed: list[list[float]] = frame.laid(values).tolist()
    return listed


@dataclass(slots=True)
class _Chunk:
    """Some steps of a loop, with their inputs as lists."""

    context: _Run
    loop: Written
    steps: range

    def run(self) -> int | None:
        """Calculate the steps into the grids; the one where it got stuck, if it did."""
        frame, steps, blocks = self.context.frame, self.steps, self.context.blocks
        forwards = frame.direction > 0
        start = steps[0] if forwards else steps[-1]
        count = len(steps)
        arrays: list[Any] = []
        for line, may_be_blank in self.loop.lines.items():
            arrays.append(self.numbers(line, steps, may_be_blank))
        given = list(self.context.given.values())
        offset = steps.start - self.context.steps.start
        for value in given:
            if is_array(value):
                arrays.append(_floats(value, len(self.context.steps))[offset : offset + count])
        if not arrays:
            arrays.append(np.zeros(count))
        series = []
        for numbers in arrays:
            ordered = numbers if forwards else numbers[::-1]
            if numbers.dtype != bool:
                bad = np.flatnonzero(np.isnan(ordered))
                if len(bad):
                    # Only the steps before the first value that is no number can be taken.
                    count = min(count, int(bad[0]))
            series.append(ordered)
        lists = [ordered[:count].tolist() for ordered in series]
        constants = [0.0 if value is None else value for value in given if not is_array(value)]
        carried = []
        for line, may_be_blank in self.loop.carried.items():
            number = self.numbers(line, range(start, start + 1), may_be_blank)
            if np.isnan(number[0]):
                return start
            carried.append(float(number[0]))
        totals = [self.total(total, start) for total in self.loop.totals]
        if any(math.isnan(total) for total in totals):
            return start
        results: list[list[float]] = [[] for _ in blocks]
        try:
            appends = [result.append for result in results]
            self.loop.run(*lists, *constants, *carried, *totals, *appends)
        except (ArithmeticError, ValueError, TypeError):
            count = min(len(result) for result in results)
        columns = [np.array(result[:count], np.float64) for result in results]
        for column in columns:
            finite = np.isfinite(column[:count])
            if not finite.all():
                count = int(np.argmin(finite))
        if count:
            for block, column in zip(blocks, columns, strict=True):
                self.write(block, column[:count])
        if count == len(steps):
            return None
        return steps[0] + count if forwards else steps[-1] - count

    def write(self, block: Block, numbers: Any) -> None:
        frame = self.context.frame
        grid = self.context.columns.grids[block.cells.sheet]
        place = frame.width(block).start
        first = self.steps[0] if frame.direction > 0 else self.steps.stop - len(numbers)
        ordered = numbers if frame.direction > 0 else numbers[::-1]
        if frame.down:
            grid.write_numbers(place, first, ordered)
        else:
            grid.write_table(place, first, ordered.reshape(1, -1))

    def numbers(self, line: _Line, steps: range, may_be_blank: bool) -> Any:
        """The numbers of a line, NaN where there is none."""
        frame = self.context.frame
        moved = range(steps.start + line.offset, steps.stop + line.offset)
        grid = self.context.columns.grids.get(line.sheet)
        limits = (MAX_ROW, MAX_COLUMN) if frame.down else (MAX_COLUMN, MAX_ROW)
        if grid is None or moved.start < 1 or moved[-1] > limits[0]:
            return np.full(len(steps), np.nan)
        if not 1 <= line.place <= limits[1]:
            return np.full(len(steps), np.nan)
        return numbers_along(grid, frame, line.place, moved, may_be_blank)

    def total(self, total: _Total, start: int) -> float:
        """A running total before the first step; NaN where there is none."""
        steps = range(total.first, start + total.line.offset)
        if steps.stop < steps.start:
            return math.nan
        combine, nothing = _RUNNING[total.combine]
        if not steps:
            return nothing
        line = total.line._replace(offset=0)
        return float(combine.reduce(self.numbers(line, steps, total.combine == "+")))


def _floats(value: Any, count: int) -> Any:
    """A given column as an array of numbers, NaN for all else, or of truth values."""
    column = np.broadcast_to(value, (count, 1))[:, 0]
    if column.dtype != object:
        return column
    listed = column.tolist()
    return np.array(
        [item if type(item) is float else 0.0 if item is None else np.nan for item in listed]
    )


def numbers_along(grid: Grid, frame: Frame, place: int, steps: range, may_be_blank: bool) -> Any:
    """The numbers of a row or column, NaN where there is none; blanks are 0 where they may be."""
    if frame.down:
        numbers = grid.numbers(place, steps.start, steps.stop)
        if may_be_blank and np.isnan(numbers).any():
            blank = grid.blanks(place, steps.start, steps.stop)
            return np.where(np.isnan(numbers) & blank, 0.0, numbers)
        return numbers
    values = grid.table(place, steps.start, place, steps.stop - 1)[0]
    if values.dtype == np.float64:
        return values
    blank_as = 0.0 if may_be_blank else np.nan
    return np.array(
        [v if type(v) is float else blank_as if v is None else np.nan for v in values.tolist()]
    )


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise OverflowError
    return value


def _equal(left: float, right: float) -> bool:
    return left == right or order_of_numbers(left, right) == 0


def _less(left: float, right: float) -> bool:
    return order_of_numbers(left, right) < 0


# How Python writes what joins truth values, and what a reduction does.
_LOGICAL: dict[np.ufunc, str] = {np.logical_and: " and ", np.logical_or: " or "}
_JOINED: dict[np.ufunc, str] = {np.add: "+", np.minimum: "min", np.maximum: "max"}
_RUNNING = {"+": (np.add, 0.0), "min": (np.minimum, math.inf), "max": (np.maximum, -math.inf)}
_COMPARISONS = {
    "=": "equal({},{})",
    "<>": "(not equal({},{}))",
    "<": "less({},{})",
    ">": "less({1},{0})",
    ">=": "(not less({},{}))",
    "<=": "(not less({1},{0}))",
}


def _namespace() -> dict[str, Any]:
    """All that a loop knows besides its arguments."""
    known = {
        _called(name): function.kernel.of_row
        if isinstance(function.kernel, Elementwise)
        else function.call
        for name, function in functions.own().items()
        if not function.special
    }
    return {
        "__builtins__": {},
        "zip": zip,
        "min": min,
        "max": max,
        "float": float,
        "power": power_of_floats,
        "finite": _finite,
        "equal": _equal,
        "less": _less,
        **known,
    }


def _function(text: str) -> Callable[..., None]:
    """The function `run` of a text that was put together here."""
    namespace = _namespace()
    try:
        exec(compile(text, "<loop>", "exec"), namespace)
    except (SyntaxError, RecursionError, MemoryError) as error:
        # Python nests no deeper.
        raise NoLoopError from error
    run: Callable[..., None] = namespace["run"]
    return run


def _called(function: str) -> str:
    return f"f_{function.replace('.', '_')}"


def _joint(kernel: Reduction) -> str | None:
    """How Python joins what a function adds up or compares, and does nothing else to."""
    if kernel.prepare or kernel.of_counts != "total":
        return None
    return _JOINED.get(kernel.combine)
