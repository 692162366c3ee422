"""Blocks whose rows need the rows above or below: one loop for all of them, written as Python.

The loop is put together from the expressions of the formulas and a fixed table; no text of the
file gets into it. Its variables are numbered, its constants are passed in or written by `repr`
of a float.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.functions.kernels import Elementwise, Reduction
from sheetlab.engine.functions.mathematics import power_of_floats
from sheetlab.engine.grid import Grid
from sheetlab.engine.numeric_lane import is_invariant
from sheetlab.engine.syntax.expression import (
    Area,
    Call,
    Chain,
    Expression,
    Literal,
    Unary,
    operands,
)
from sheetlab.engine.values.operators import order_of_numbers
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

_CHUNK = 65_536


class NoLoopError(Exception):
    """These blocks cannot be calculated by a loop over their rows."""


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise OverflowError
    return value


def _equal(left: float, right: float) -> bool:
    return order_of_numbers(left, right) == 0


def _less(left: float, right: float) -> bool:
    return order_of_numbers(left, right) < 0


# How Python writes what a reduction does.
_JOINED: dict[np.ufunc, str] = {np.add: "+", np.minimum: "min", np.maximum: "max"}


def _namespace() -> dict[str, Any]:
    """All that a loop knows besides its arguments."""
    known = {
        _called(name): function.kernel.of_row
        for name, function in functions.own().items()
        if isinstance(function.kernel, Elementwise)
    }
    return {
        "__builtins__": {},
        "zip": zip,
        "min": min,
        "max": max,
        "power": power_of_floats,
        "finite": _finite,
        "equal": _equal,
        "less": _less,
        **known,
    }


def _called(function: str) -> str:
    return f"f_{function.replace('.', '_')}"


def _joint(function: str) -> str | None:
    """How Python joins what a function adds up or compares, and does nothing else to."""
    kernel = functions.kernel(function)
    if not isinstance(kernel, Reduction) or kernel.prepare or kernel.of_counts != "total":
        return None
    return _JOINED.get(kernel.combine)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A column of one sheet, seen from the row that is calculated."""

    sheet: str
    column: int
    offset: int


@dataclass(slots=True)
class _Loop:
    """A loop over the rows where the same blocks are active."""

    blocks: list[Block]
    inputs: dict[_Cell, bool]  # those that may be blank, and then count as 0, are True
    carried: dict[_Cell, bool]
    constants: list[tuple[Block, Expression]]
    run: Callable[..., None]


# The loops that are written already, by the blocks that are active and the direction.
Loops = dict[tuple[tuple[Block, ...], int], _Loop]


def calculate_by_loop(
    blocks: Sequence[Block],
    grids: dict[str, Grid],
    constant: Callable[[Block, Expression], Any],
    loops: Loops,
) -> dict[Block, range]:
    """Calculate the stale rows of blocks that need each other row by row, into the grids.

    `constant` gives the value of a part of a formula that is the same for all rows; `loops` keeps
    what is written, since the same blocks are calculated again and again. What is left
    are the rows from which on the loop came upon something that is no finite number. Raises
    `NoLoopError`, and calculates nothing, where the rows cannot be taken in order.
    """
    direction = _direction(blocks)
    edges = sorted({row for b in blocks for row in (b.stale.start, b.stale.stop)})
    stretches = []
    for first, end in pairwise(edges):
        active = [b for b in blocks if b.stale and b.stale.start <= first and b.stale.stop >= end]
        if active:
            key = (tuple(active), direction)
            if key not in loops:
                loops[key] = _loop(_in_order(active), direction)
            stretches.append((first, end, loops[key]))
    if direction < 0:
        stretches.reverse()
    for number, (first, end, loop) in enumerate(stretches):
        reached = _run(loop, first, end, direction, grids, constant)
        if reached is not None:
            return _left(stretches[number:], reached, direction)
    return {}


def _left(
    stretches: Sequence[tuple[int, int, _Loop]], reached: int, direction: int
) -> dict[Block, range]:
    """The rows of blocks from the one that was reached on."""
    left: dict[Block, range] = {}
    for _, _, loop in stretches:
        for block in loop.blocks:
            first, end = block.stale.start, block.stale.stop
            left[block] = (
                range(max(first, reached), end)
                if direction > 0
                else range(first, min(end, reached + 1))
            )
    return left


def _direction(blocks: Sequence[Block]) -> int:
    """1 where rows need those above, -1 where they need those below."""
    ways: set[int] = set()
    for block in blocks:
        if block.is_array or block.dynamic or block.flaw is not None:
            raise NoLoopError
        for area in block.reads:
            read = block.read_range(area)
            if not any(_overlap(read, other.cells) for other in blocks):
                continue
            if area.top != area.bottom or area.top.absolute:
                raise NoLoopError
            ways.add((area.top.value > 0) - (area.top.value < 0))
    if ways >= {1, -1}:
        raise NoLoopError
    return -1 if 1 in ways else 1


def _overlap(one: CellRange, other: CellRange) -> bool:
    return (
        one.sheet == other.sheet
        and one.top <= other.bottom
        and other.top <= one.bottom
        and one.left <= other.right
        and other.left <= one.right
    )


def _in_order(active: list[Block]) -> list[Block]:
    """Blocks so that within a row each comes after those that it needs."""
    by_column = {(b.cells.sheet, b.cells.left): b for b in active}
    needs = {
        block: {
            by_column[key]
            for area in block.reads
            if area.top == area.bottom and not area.top.absolute and area.top.value == 0
            for column in range(
                max(area.left.at(block.cells.left), 1),
                min(area.right.at(block.cells.left), MAX_COLUMN) + 1,
            )
            if (key := (area.sheet or "", column)) in by_column
        }
        for block in active
    }
    ordered: list[Block] = []
    while needs:
        ready = [block for block, needed in needs.items() if not needed - set(ordered)]
        if not ready:
            raise NoLoopError
        ordered += ready
        for block in ready:
            del needs[block]
    return ordered


def _loop(blocks: list[Block], direction: int) -> _Loop:
    """The loop that calculates some blocks, of which all begin and end in the same rows."""
    writer = _Writer(blocks, direction)
    lines = [f"{writer.value(block)} = {writer.source(block)}" for block in blocks]
    lines += [f"append_{index}(v_{index})" for index in range(len(blocks))]
    lines += writer.shifts()
    # Without any input, numbers that nobody reads count the rows.
    inputs = [f"x_{index}" for index in range(max(len(writer.inputs), 1))]
    carried = [f"c_{index}" for index in range(len(writer.carried))]
    constants = [f"k_{index}" for index in range(len(writer.constants))]
    appends = [f"append_{index}" for index in range(len(blocks))]
    parameters = ", ".join(
        [*(f"s_{n}" for n in range(len(inputs))), *carried, *constants, *appends]
    )
    rows = f"for {', '.join(inputs)}, in zip({', '.join(f's_{n}' for n in range(len(inputs)))})"
    body = "\n        ".join(lines)
    text = f"def run({parameters}):\n    {rows}:\n        {body}\n"
    namespace: dict[str, Any] = dict(_namespace())
    exec(compile(text, "<recurrence>", "exec"), namespace)
    return _Loop(blocks, writer.inputs, writer.carried, writer.constants, namespace["run"])


@dataclass(slots=True)
class _Writer:
    """Writes the expressions of blocks as Python."""

    blocks: list[Block]
    direction: int
    inputs: dict[_Cell, bool] = field(default_factory=dict)
    carried: dict[_Cell, bool] = field(default_factory=dict)
    constants: list[tuple[Block, Expression]] = field(default_factory=list)
    _block: Block | None = None

    def value(self, block: Block) -> str:
        return f"v_{self.blocks.index(block)}"

    def source(self, block: Block) -> str:
        """The formula of a block."""
        self._block = block
        text, is_number = self._write(block.expression)
        if not is_number:
            raise NoLoopError
        return text

    def shifts(self) -> list[str]:
        """What moves the values of a row on to the next."""
        lines = []
        for cell in sorted(self.carried, key=lambda cell: -abs(cell.offset)):
            nearer = _Cell(cell.sheet, cell.column, cell.offset + self.direction)
            name = f"c_{list(self.carried).index(cell)}"
            lines.append(f"{name} = {self._earlier(nearer, may_be_blank=True)}")
        return lines

    def _write(self, expression: Expression) -> tuple[str, bool]:
        """The Python for an expression, and whether it gives a number (else a truth value)."""
        if is_invariant(expression):
            if isinstance(expression, Literal) and isinstance(expression.value, float):
                return repr(expression.value), True
            assert self._block is not None
            # A reference to a column of its own means another cell in each block.
            owner = self._block if _has_own_column(expression) else self.blocks[0]
            constant = (owner, expression)
            if constant not in self.constants:
                self.constants.append(constant)
            return f"k_{self.constants.index(constant)}", True
        match expression:
            case Area():
                return self._cell(expression, may_be_blank=True), True
            case Unary("+", operand):
                return self._write(operand)
            case Unary("-", operand):
                return f"(-{self._number(operand)})", True
            case Unary("%", operand):
                return f"({self._number(operand)}/100.0)", True
            case Chain(first, rest):
                return self._chain(first, rest)
            case Call("IF", (condition, then, otherwise)):
                truth, is_number = self._write(condition)
                truth = f"finite({truth})" if is_number else truth
                (one, is_number), (other, also) = self._write(then), self._write(otherwise)
                if is_number != also:
                    raise NoLoopError
                return f"({one} if {truth} else {other})", is_number
            case Call(function, arguments) if joint := _joint(function):
                return self._joined(joint, arguments), True
            case Call(function, arguments) if isinstance(functions.kernel(function), Elementwise):
                if not functions.own()[function].takes(len(arguments)):
                    raise NoLoopError
                values = ", ".join(self._checked(argument) for argument in arguments)
                return f"{_called(function)}({values})", True
            case _:
                raise NoLoopError

    def _number(self, expression: Expression) -> str:
        text, is_number = self._write(expression)
        return text if is_number else f"({text}+0.0)"

    def _checked(self, expression: Expression) -> str:
        """A number that would be lost if it were infinite: it could give a finite result."""
        text = self._number(expression)
        simple = isinstance(expression, Area | Literal) or is_invariant(expression)
        return text if simple else f"finite({text})"

    def _chain(self, first: Expression, rest: Sequence[tuple[str, Expression]]) -> tuple[str, bool]:
        text, is_number = self._write(first)
        for sign, operand in rest:
            left = text if is_number else f"({text}+0.0)"
            if sign in ("+", "-", "*"):
                text, is_number = f"({left}{sign}{self._number(operand)})", True
            elif sign == "/":
                text, is_number = f"({left}/{self._checked(operand)})", True
            elif sign == "^" and operand == Literal(2.0):
                text, is_number = f"({left}**2.0)", True
            elif sign == "^":
                text, is_number = f"power(finite({left}), {self._checked(operand)})", True
            elif sign == "&" or not is_number:
                raise NoLoopError
            else:
                right, number = self._write(operand)
                if not number:
                    raise NoLoopError
                compared = f"finite({left})", f"finite({right})"
                text, is_number = _COMPARISONS[sign].format(*compared), False
        return text, is_number

    def _joined(self, joint: str, arguments: Sequence[Expression]) -> str:
        parts: list[str] = []
        for argument in arguments:
            if not isinstance(argument, Area) or argument.top != argument.bottom:
                raise NoLoopError
            assert self._block is not None
            own = self._block.cells.left
            left, right = sorted((argument.left.at(own), argument.right.at(own)))
            if right - left > 64 or argument.top.absolute:
                raise NoLoopError
            for column in range(left, right + 1):
                cell = _Cell(argument.sheet or "", column, argument.top.value)
                parts.append(self._earlier(cell, may_be_blank=joint == "+"))
        if not parts:
            raise NoLoopError
        if joint == "+":
            return f"({'+'.join(parts)})"
        return parts[0] if len(parts) == 1 else f"{joint}({', '.join(parts)})"

    def _cell(self, area: Area, *, may_be_blank: bool) -> str:
        if not area.is_cell or area.top.absolute:
            raise NoLoopError
        assert self._block is not None
        column = area.left.at(self._block.cells.left)
        return self._earlier(
            _Cell(area.sheet or "", column, area.top.value), may_be_blank=may_be_blank
        )

    def _earlier(self, cell: _Cell, *, may_be_blank: bool) -> str:
        """A cell of this row, of one that was calculated before, or of an input."""
        active = {(b.cells.sheet, b.cells.left): b for b in self.blocks}
        block = active.get((cell.sheet, cell.column))
        if block is None:
            return self._input(cell, may_be_blank=may_be_blank)
        if cell.offset == 0:
            return self.value(block)
        if abs(cell.offset) > 8:
            raise NoLoopError
        # Nearer rows are carried as well, since each moves on to the next.
        for offset in range(-self.direction, cell.offset - self.direction, -self.direction):
            nearer = _Cell(cell.sheet, cell.column, offset)
            self.carried[nearer] = self.carried.get(nearer, True) and may_be_blank
        return f"c_{list(self.carried).index(cell)}"

    def _input(self, cell: _Cell, *, may_be_blank: bool) -> str:
        self.inputs[cell] = self.inputs.get(cell, True) and may_be_blank
        return f"x_{list(self.inputs).index(cell)}"


def _has_own_column(expression: Expression) -> bool:
    if isinstance(expression, Area):
        return not (expression.left.absolute and expression.right.absolute)
    return any(_has_own_column(part) for part in operands(expression))


_COMPARISONS = {
    "=": "equal({},{})",
    "<>": "(not equal({},{}))",
    "<": "less({},{})",
    ">": "less({1},{0})",
    ">=": "(not less({},{}))",
    "<=": "(not less({1},{0}))",
}


def _run(
    loop: _Loop,
    first: int,
    end: int,
    direction: int,
    grids: dict[str, Grid],
    constant: Callable[[Block, Expression], Any],
) -> int | None:
    """Run a loop over the rows from `first` to before `end`; the row where it got stuck."""
    starts = range(first, end, _CHUNK) if direction > 0 else range(end, first, -_CHUNK)
    values = [constant(block, expression) for block, expression in loop.constants]
    values = [0.0 if value is None else value for value in values]
    if any(type(value) is not float for value in values):
        return first if direction > 0 else end - 1
    for start in starts:
        low, high = (
            (start, min(start + _CHUNK, end))
            if direction > 0
            else (
                max(start - _CHUNK, first),
                start,
            )
        )
        reached = _run_chunk(loop, low, high, direction, grids, values)
        if reached is not None:
            return reached
    return None


def _run_chunk(
    loop: _Loop, first: int, end: int, direction: int, grids: dict[str, Grid], values: list[Any]
) -> int | None:
    start = first if direction > 0 else end - 1
    count = end - first
    series: list[list[float]] = [] if loop.inputs else [[0.0] * count]
    for cell, may_be_blank in loop.inputs.items():
        numbers = _numbers(cell, first, end, grids, may_be_blank)
        bad = np.flatnonzero(np.isnan(numbers))
        if len(bad):
            # Only the rows before the first cell that is no number can be calculated here.
            count = min(count, int(bad[0]) if direction > 0 else len(numbers) - 1 - int(bad[-1]))
        series.append(numbers.tolist() if direction > 0 else numbers[::-1].tolist())
    carried = []
    for cell, may_be_blank in loop.carried.items():
        number = _numbers(cell, start, start + 1, grids, may_be_blank)
        if np.isnan(number[0]):
            return start
        carried.append(float(number[0]))
    results: list[list[float]] = [[] for _ in loop.blocks]
    series = [part[:count] for part in series]
    try:
        loop.run(*series, *carried, *values, *(result.append for result in results))
    except (ArithmeticError, ValueError, TypeError):
        count = min(len(result) for result in results)
    columns = [np.array(result[:count], np.float64) for result in results]
    for column in columns:
        finite = np.isfinite(column[:count])
        if not finite.all():
            count = int(np.argmin(finite))
    for block, column in zip(loop.blocks, columns, strict=True):
        done = column[:count]
        top = first if direction > 0 else end - count
        if count:
            grids[block.cells.sheet].write_numbers(
                block.cells.left, top, done if direction > 0 else done[::-1]
            )
    if count == end - first:
        return None
    return first + count if direction > 0 else end - 1 - count


def _numbers(
    cell: _Cell, first: int, end: int, grids: dict[str, Grid], may_be_blank: bool
) -> np.ndarray[Any, Any]:
    """The numbers of an input, NaN where there is none."""
    low, high = first + cell.offset, end + cell.offset
    grid = grids.get(cell.sheet)
    if grid is None or low < 1 or high - 1 > MAX_ROW or not 1 <= cell.column <= MAX_COLUMN:
        return np.full(end - first, np.nan)
    numbers = grid.numbers(cell.column, low, high)
    if may_be_blank and np.isnan(numbers).any():
        return np.where(np.isnan(numbers) & grid.blanks(cell.column, low, high), 0.0, numbers)
    return numbers
