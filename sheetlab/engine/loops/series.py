"""Loops over blocks that have one cell in each step: each row or column that is read is a list."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.blocks import Block
from sheetlab.engine.columns.column import is_array
from sheetlab.engine.grid import Grid
from sheetlab.engine.loops.orders import Frame, NoLoopError
from sheetlab.engine.loops.stretches import Stretch
from sheetlab.engine.loops.writing import MOST_CARRIED, FormulaWriter, Line, few, looped
from sheetlab.engine.syntax.expression import Area
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

# So many steps are calculated with their inputs as lists at once.
_CHUNK = 65_536
# How running totals are joined, and that of no numbers.
_RUNNING = {"+": (np.add, 0.0), "min": (np.minimum, math.inf), "max": (np.maximum, -math.inf)}


class Total(NamedTuple):
    """A running total of a line, from a fixed step up to some steps before."""

    joint: str
    line: Line
    first: int


class SeriesLoop(NamedTuple):
    """A loop that is written, and what it is to be called with.

    `lines` are read anew in each step, `carried` ones before the first; each with whether it may
    have blanks, which count as 0. `run` takes their lists and numbers, in between those that are
    given, then `totals`, then what takes in the result of each block in each step.
    """

    lines: dict[Line, bool]
    carried: dict[Line, bool]
    totals: list[Total]
    text: str
    run: Callable[..., None]

    @property
    def variables(self) -> dict[str, Line]:
        """The lines by the variables that stand for them."""
        known = (("x", self.lines), ("c", self.carried))
        return {
            f"{letter}_{number}": line
            for letter, lines in known
            for number, line in enumerate(lines)
        }

    def calculate(self, stretch: Stretch) -> int | None:
        """Calculate the steps of a stretch; the one where it got stuck, if it did."""
        chunks = range(stretch.steps.start, stretch.steps.stop, _CHUNK)
        for start in chunks if stretch.frame.direction > 0 else reversed(chunks):
            steps = range(start, min(start + _CHUNK, stretch.steps.stop))
            budget.current().run(stretch.size * len(steps))
            reached = _Chunk(stretch, self, steps).run()
            if reached is not None:
                return reached
        return None


# How the loop is written.


def series_loop(stretch: Stretch) -> SeriesLoop:
    """The loop of a stretch; raises `NoLoopError` where it cannot be one of numbers."""
    read, lines = _Read(stretch), []
    known: dict[str, Callable[..., Any]] = {}
    for number, block in enumerate(stretch.blocks):
        writer = _SeriesWriter(stretch, block, known, read)
        text = writer.formula()
        lines += [*writer.before, f"v_{number} = {text}"]
    numbers = range(len(stretch.blocks))
    lines += [f"append_{number}(v_{number})" for number in numbers]
    lines += read.shifts()
    given = list(enumerate(stretch.given.values()))
    inputs = [f"x_{number}" for number in range(len(read.lines))]
    inputs += [f"g_{number}" for number, value in given if is_array(value)]
    constants = [f"g_{number}" for number, value in given if not is_array(value)]
    carried = [f"c_{number}" for number in range(len(read.carried))]
    totals = [f"t_{number}" for number in range(len(read.totals))]
    appends = [f"append_{number}" for number in numbers]
    # Without any input, numbers that nobody reads count the steps.
    inputs = inputs or ["x_0"]
    text, run = looped(inputs, "s", [*constants, *carried, *totals, *appends], lines, known)
    return SeriesLoop(read.lines, read.carried, read.totals, text, run)


@dataclass(slots=True)
class _Read:
    """What the formulas of a stretch read, by its variables."""

    stretch: Stretch
    lines: dict[Line, bool] = field(default_factory=dict)
    carried: dict[Line, bool] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)

    def variable(self, line: Line, *, may_be_blank: bool) -> str:
        """A cell of this step, of one that was calculated before, or of an input."""
        frame = self.stretch.frame
        active = {
            ("" if self.stretch.sheet else block.cells.sheet, frame.width(block).start): number
            for number, block in enumerate(self.stretch.blocks)
        }
        number = active.get((line.sheet, line.place))
        if number is None:
            self.lines[line] = self.lines.get(line, True) and may_be_blank
            return f"x_{list(self.lines).index(line)}"
        if line.offset == 0:
            return f"v_{number}"
        if abs(line.offset) > MOST_CARRIED or line.offset * frame.direction > 0:
            raise NoLoopError
        # Nearer steps are carried as well, since each moves on to the next.
        for offset in range(-frame.direction, line.offset - frame.direction, -frame.direction):
            nearer = line._replace(offset=offset)
            self.carried[nearer] = self.carried.get(nearer, True) and may_be_blank
        return f"c_{list(self.carried).index(line)}"

    def shifts(self) -> list[str]:
        """What moves the values of a step on to the next."""
        moved = []
        for line in sorted(self.carried, key=lambda line: -abs(line.offset)):
            nearer = line._replace(offset=line.offset + self.stretch.frame.direction)
            name = f"c_{list(self.carried).index(line)}"
            moved.append(f"{name} = {self.variable(nearer, may_be_blank=True)}")
        return moved


@dataclass(slots=True)
class _SeriesWriter(FormulaWriter):
    """Writes the formula of a block; `before` is what comes before it in the same step."""

    read: _Read
    before: list[str] = field(default_factory=list)

    def cell(self, area: Area) -> str:
        """The variable of a cell."""
        frame = self.stretch.frame
        along, across = frame.along(area)[0], frame.across(area)[0]
        if along.absolute:
            raise NoLoopError
        place = across.at(frame.width(self.block).start)
        line = Line(self.stretch.sheet_of(self.block, area), place, along.value)
        return self.read.variable(line, may_be_blank=True)

    def window(self, area: Area, joint: str) -> list[str]:
        """The cells of a range, or their running total."""
        frame = self.stretch.frame
        sheet = self.stretch.sheet_of(self.block, area)
        ends = sorted(end.at(frame.width(self.block).start) for end in frame.across(area))
        one, other = frame.along(area)
        places = range(ends[0], ends[1] + 1)
        if one.absolute and not other.absolute:
            return [self._total(Line(sheet, place, other.value), one.value, joint)
                    for place in few(places)]  # fmt: skip
        if one.absolute or other.absolute:
            raise NoLoopError
        low, high = sorted((one.value, other.value))
        lines = [
            Line(sheet, place, offset) for offset in range(low, high + 1) for place in few(places)
        ]
        return [self.read.variable(line, may_be_blank=joint == "+") for line in few(lines)]

    def _total(self, line: Line, first: int, joint: str) -> str:
        """What has come together from a fixed step on, up to that of a line."""
        if self.stretch.frame.direction < 0:
            raise NoLoopError
        self.read.totals.append(Total(joint, line, first))
        name = f"t_{len(self.read.totals) - 1}"
        value = self.read.variable(line, may_be_blank=joint == "+")
        joined = f"{name}+{value}" if joint == "+" else f"{joint}({name}, {value})"
        self.before.append(f"{name} = {joined}")
        return name


# How it is run.


@dataclass(slots=True)
class _Chunk:
    """Some steps of a stretch, with their inputs as lists."""

    stretch: Stretch
    loop: SeriesLoop
    steps: range

    def run(self) -> int | None:
        """Calculate the steps into the grids; the one where it got stuck, if it did."""
        frame, steps, blocks = self.stretch.frame, self.steps, self.stretch.blocks
        start = steps[0] if frame.direction > 0 else steps[-1]
        carried = [
            self._number(line, start, may_be_blank)
            for line, may_be_blank in self.loop.carried.items()
        ]
        totals = [self._total(total, start) for total in self.loop.totals]
        if any(map(math.isnan, [*carried, *totals])):
            return start
        lists = self._lists()
        count = len(lists[0])
        given = self.stretch.given.values()
        constants = [0.0 if value is None else value for value in given if not is_array(value)]
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
                self._write(block, column[:count])
        if count == len(steps):
            return None
        return start + count * frame.direction

    def _lists(self) -> list[list[Any]]:
        """What differs from step to step, as far as all of it is numbers or truth values."""
        stretch, count = self.stretch, len(self.steps)
        arrays: list[Any] = [
            self._numbers(line, self.steps, may_be_blank)
            for line, may_be_blank in self.loop.lines.items()
        ]
        offset = self.steps.start - stretch.steps.start
        for value in stretch.given.values():
            if is_array(value):
                arrays.append(_floats(value, len(stretch.steps))[offset : offset + count])
        ordered = [array[:: stretch.frame.direction] for array in arrays or [np.zeros(count)]]
        for array in ordered:
            if array.dtype != bool:
                bad = np.flatnonzero(np.isnan(array))
                if len(bad):
                    # Only the steps before the first value that is no number can be taken.
                    count = min(count, int(bad[0]))
        return [array[:count].tolist() for array in ordered]

    def _grid(self, line: Line) -> Grid | None:
        """The grid of a line's sheet, None where there is no such sheet."""
        return self.stretch.columns.grids.get(line.sheet or self.stretch.sheet)

    def _number(self, line: Line, step: int, may_be_blank: bool) -> float:
        """The number of a line in one step, NaN where there is none."""
        frame, moved = self.stretch.frame, step + line.offset
        row, column = (moved, line.place) if frame.down else (line.place, moved)
        grid = self._grid(line)
        if grid is None or not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            return math.nan
        value = grid.value(row, column)
        if value is None and may_be_blank:
            return 0.0
        return value if type(value) is float else math.nan

    def _numbers(self, line: Line, steps: range, may_be_blank: bool) -> Any:
        """The numbers of a line, NaN where there is none."""
        frame = self.stretch.frame
        moved = range(steps.start + line.offset, steps.stop + line.offset)
        grid = self._grid(line)
        limits = (MAX_ROW, MAX_COLUMN) if frame.down else (MAX_COLUMN, MAX_ROW)
        if grid is None or moved.start < 1 or moved[-1] > limits[0]:
            return np.full(len(steps), np.nan)
        if not 1 <= line.place <= limits[1]:
            return np.full(len(steps), np.nan)
        return _numbers_along(grid, frame, line.place, moved, may_be_blank)

    def _total(self, total: Total, start: int) -> float:
        """A running total before the first step; NaN where there is none."""
        steps = range(total.first, start + total.line.offset)
        if steps.stop < steps.start:
            return math.nan
        combine, nothing = _RUNNING[total.joint]
        if not steps:
            return nothing
        line = total.line._replace(offset=0)
        return float(combine.reduce(self._numbers(line, steps, total.joint == "+")))

    def _write(self, block: Block, numbers: Any) -> None:
        """Put the numbers of the first steps into a block's grid."""
        frame = self.stretch.frame
        grid = self.stretch.columns.grids[block.cells.sheet]
        place = frame.width(block).start
        first = self.steps[0] if frame.direction > 0 else self.steps.stop - len(numbers)
        ordered = numbers[:: frame.direction]
        if frame.down:
            grid.write_numbers(place, first, ordered)
        else:
            grid.write_table(place, first, ordered.reshape(1, -1))


def _floats(value: Any, count: int) -> Any:
    """A given column as an array of numbers, NaN for all else, or of truth values."""
    column = np.broadcast_to(value, (count, 1))[:, 0]
    if column.dtype != object:
        return column
    return _with_gaps(column.tolist(), may_be_blank=True)


def _numbers_along(grid: Grid, frame: Frame, place: int, steps: range, may_be_blank: bool) -> Any:
    """The numbers of a row or column, NaN where there is none; blanks are 0 where they may be."""
    if frame.down:
        numbers = grid.numbers(place, steps.start, steps.stop)
        if may_be_blank and np.isnan(numbers).any():
            blank = grid.blanks(place, steps.start, steps.stop)
            return np.where(np.isnan(numbers) & blank, 0.0, numbers)
        return numbers
    values = grid.table(place, steps.start, place, steps.stop - 1)[0]
    return values if values.dtype == np.float64 else _with_gaps(values.tolist(), may_be_blank)


def _with_gaps(values: list[Any], may_be_blank: bool) -> Any:
    """Values as numbers, NaN where there is none; blanks are 0 where they may be."""
    blank_as = 0.0 if may_be_blank else np.nan
    return np.array([v if type(v) is float else blank_as if v is None else np.nan for v in values])
