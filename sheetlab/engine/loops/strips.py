"""Loops over blocks of which some are several cells wide in each step, as in dynamic programming.

The values of a step are a list for each sheet, the strip. What is calculated is put into it, by an
inner loop that goes through it in the way in which the cells of a step need each other; later steps
and places read it there.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.column import is_array
from sheetlab.engine.loops.orders import Interval, NoLoopError
from sheetlab.engine.loops.stretches import Given, Stretch
from sheetlab.engine.loops.writing import MOST_CARRIED, FormulaWriter, Line, few, looped
from sheetlab.engine.lowering import Cell, Window, parts_of
from sheetlab.engine.syntax.expression import Area, Axis
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

# The values of a step are kept of so many places at most, and of so many for each that is
# calculated where they are many.
_WIDEST = 20_000
_MOST_KEPT = 16
_MANY = 65_536


class Strip(NamedTuple):
    """The places across a loop whose values are kept of one sheet, and of how many steps before."""

    number: int
    first: int
    end: int
    before: int

    def name(self, before: int) -> str:
        """The variable of the values of so many steps before."""
        return f"strip_{self.number}_{before}"


class StripLoop(NamedTuple):
    """A loop that is written, and the strips of the sheets that it is to be called with.

    `run` takes, for each strip, its lists of all steps; then what is given, what differs from step
    to step before what does not; then the lists of the steps before the first, nearest first; then
    what is called after each step.
    """

    strips: dict[str, Strip]
    has_no_blanks: bool
    text: str
    run: Callable[..., None]

    @property
    def variables(self) -> dict[str, Line]:
        """None: cells are read from strips."""
        return {}

    def calculate(self, stretch: Stretch) -> int | None:
        """Calculate the steps of a stretch; the one where it got stuck, if it did."""
        kept = sum(strip.end - strip.first for strip in self.strips.values())
        own = sum(len(stretch.frame.width(block)) for block in stretch.blocks)
        steps, direction = stretch.steps, stretch.frame.direction
        if kept > _MOST_KEPT * own and kept * len(steps) > _MANY:
            raise NoLoopError
        budget.current().run(kept * len(steps))
        lists: dict[str, list[list[float]]] = {}
        earlier: list[list[float]] = []
        for sheet, strip in self.strips.items():
            lists[sheet] = self._lists(stretch, sheet, steps)[::direction]
            if strip.before:
                before = (
                    range(steps.start - strip.before, steps.start)
                    if direction > 0
                    else range(steps.stop, steps.stop + strip.before)
                )
                earlier += self._lists(stretch, sheet, before)[::-direction]
        per_step, fixed = _given(stretch)
        done: list[None] = []
        with contextlib.suppress(ArithmeticError, ValueError, TypeError):
            self.run(*lists.values(), *per_step, *fixed, *earlier, done.append)
        count = self._write(stretch, lists, len(done))
        if count == len(steps):
            return None
        return (steps[0] if direction > 0 else steps[-1]) + count * direction

    def _lists(self, stretch: Stretch, sheet: str, steps: range) -> list[list[float]]:
        """The numbers of some steps; what the loop does not calculate itself has to be one."""
        frame = stretch.frame
        grid = stretch.columns.grids.get(sheet)
        strip = self.strips[sheet]
        cells = frame.cells(sheet, steps, range(strip.first, strip.end))
        if grid is None or cells.top < 1 or cells.left < 1:
            raise NoLoopError
        if cells.bottom > MAX_ROW or cells.right > MAX_COLUMN:
            raise NoLoopError
        values = grid.table(*cells[1:])
        if values.dtype != np.float64:
            own = np.zeros(values.shape, bool)
            for block in stretch.blocks:
                if block.cells.sheet == sheet:
                    # Earlier steps are known, and may hold errors.
                    done = frame.cells(sheet, stretch.steps, frame.width(block))
                    own[
                        max(done.top - cells.top, 0) : max(done.bottom - cells.top + 1, 0),
                        max(done.left - cells.left, 0) : max(done.right - cells.left + 1, 0),
                    ] = True
            allowed = (float,) if self.has_no_blanks else (float, type(None))
            if any(type(value) not in allowed for value in values[~own].tolist()):
                raise NoLoopError
            flat = [value if type(value) is float else 0.0 for value in values.ravel().tolist()]
            values = np.array(flat).reshape(values.shape)
        listed: list[list[float]] = frame.laid(values).tolist()
        return listed

    def _write(self, stretch: Stretch, lists: dict[str, list[list[float]]], count: int) -> int:
        """Put the results of the first steps into the grids, as far as all of them are finite.

        Gives the number of these steps.
        """
        frame, steps = stretch.frame, stretch.steps
        tables = []
        for block in stretch.blocks:
            width, strip = frame.width(block), self.strips[block.cells.sheet]
            places = slice(width.start - strip.first, width.stop - strip.first)
            rows = [row[places] for row in lists[block.cells.sheet][:count]]
            table = np.array(rows, np.float64).reshape(count, len(width))
            finite = np.isfinite(table).all(axis=1)
            if not finite.all():
                count = int(np.argmin(finite))
            tables.append(table)
        if not count:
            return 0
        start = steps.start if frame.direction > 0 else steps.stop - count
        for block, table in zip(stretch.blocks, tables, strict=True):
            ordered = table[:count][:: frame.direction]
            cells = frame.cells(block.cells.sheet, range(start, start + count), frame.width(block))
            grid = stretch.columns.grids[cells.sheet]
            grid.write_table(cells.top, cells.left, frame.laid(ordered))
        return count


# How the loop is written.


def strip_loop(stretch: Stretch) -> StripLoop:
    """The loop of a stretch; raises `NoLoopError` where it cannot be one of numbers."""
    strips = _strips_of(stretch)
    lines: list[str] = []
    known: dict[str, Callable[..., Any]] = {}
    has_no_blanks = False
    for block in stretch.blocks:
        writer = _StripWriter(stretch, block, known, strips)
        lines += writer.statements()
        has_no_blanks |= writer.has_no_blanks
    lines.append("done(None)")
    for strip in strips.values():
        for before in range(strip.before, 0, -1):
            lines.append(f"{strip.name(before)} = {strip.name(before - 1)}")
    given = list(enumerate(stretch.given.values()))
    per_step = [f"g_{number}" for number, value in given if _is_per_step(value)]
    fixed = [f"g_{number}" for number, value in given if not _is_per_step(value)]
    current = [strip.name(0) for strip in strips.values()]
    earlier = [
        strip.name(before) for strip in strips.values() for before in range(1, strip.before + 1)
    ]
    text, run = looped([*current, *per_step], "all", [*fixed, *earlier, "done"], lines, known)
    return StripLoop(strips, has_no_blanks, text, run)


def _strips_of(stretch: Stretch) -> dict[str, Strip]:
    """The strips of all sheets in which the formulas read or calculate cells."""
    reaches: dict[str, Interval] = {}
    most_before: dict[str, int] = {}
    for sheet, place, offset in _reached(stretch):
        before = -offset * stretch.frame.direction
        if place < 1 or not 0 <= before <= MOST_CARRIED:
            raise NoLoopError
        known = reaches.get(sheet, Interval(place, place))
        reaches[sheet] = Interval(min(known.low, place), max(known.high, place))
        most_before[sheet] = max(most_before.get(sheet, 0), before)
    if any(reach.high - reach.low >= _WIDEST for reach in reaches.values()):
        raise NoLoopError
    return {
        sheet: Strip(number, reach.low, reach.high + 1, most_before[sheet])
        for number, (sheet, reach) in enumerate(reaches.items())
    }


def _reached(stretch: Stretch) -> Iterator[Line]:
    """The outermost places that the formulas calculate, and those that they read in the loop."""
    frame = stretch.frame
    for block in stretch.blocks:
        width = frame.width(block)
        edges = width.start, width.stop - 1
        yield from (Line(block.cells.sheet, place, 0) for place in edges)
        stack = [block.program]
        while stack:
            part = stack.pop()
            if Given(block, part) in stretch.given:
                continue
            if isinstance(part, Cell | Window):
                sheet = part.area.sheet or block.cells.sheet
                for end in frame.along(part.area):
                    if end.absolute:
                        raise NoLoopError
                    for beside in frame.across(part.area):
                        yield from (Line(sheet, beside.at(place), end.value) for place in edges)
            stack += parts_of(part)


@dataclass(slots=True)
class _StripWriter(FormulaWriter):
    """Writes the formula of a block; what its inner loop needs is noted on the way.

    `inner_lists` are what the inner loop goes through at once, by its variables, and `lefts` how
    far back it looks itself.
    """

    strips: dict[str, Strip]
    inner_lists: dict[str, str] = field(default_factory=dict)
    lefts: set[int] = field(default_factory=set)
    has_no_blanks: bool = False

    def statements(self) -> list[str]:
        """What calculates the cells of the block in one step."""
        width, own = self.stretch.frame.width(self.block), self.strips[self.block.cells.sheet]
        first, strip = width.start - own.first, own.name(0)
        text = self.formula()
        if len(width) == 1:
            return [f"{strip}[{first}] = {text}"]
        way = self.stretch.ways.get(self.block, 1)
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

    def given(self, given: Given) -> tuple[str, bool]:
        """The variable of a given part, and whether it is a number (else a truth value)."""
        value = self.stretch.given[given]
        name, is_number = FormulaWriter.given(self, given)
        if is_array(value) and value.shape[1] > 1:
            if len(self.stretch.frame.width(self.block)) == 1:
                return f"{name}[0]", is_number
            self.inner_lists[f"{name}_i"] = name
            return f"{name}_i", is_number
        return name, is_number

    def cell(self, area: Area) -> str:
        """The variable of a cell."""
        frame = self.stretch.frame
        return self._value(area, frame.along(area)[0].value, frame.across(area)[0])

    def window(self, area: Area, joint: str) -> list[str]:
        """The cells of a range."""
        frame = self.stretch.frame
        one, other = sorted(end.value for end in frame.along(area))
        left, right = frame.across(area)
        if left.absolute != right.absolute:
            raise NoLoopError
        low, high = sorted((left.value, right.value))
        self.has_no_blanks |= joint != "+"
        found = []
        for offset in few(range(one, other + 1)):
            for place in few(range(low, high + 1)):
                found.append(self._value(area, offset, Axis(left.absolute, place)))
        return list(few(found))

    def _value(self, area: Area, offset: int, across: Axis) -> str:
        """A cell so many steps away."""
        frame = self.stretch.frame
        sheet = area.sheet or self.block.cells.sheet
        before = -offset * frame.direction
        strip = self.strips[sheet]
        width = frame.width(self.block)
        if across.absolute or len(width) == 1:
            return f"{strip.name(before)}[{across.at(width.start) - strip.first}]"
        step = -across.value * self.stretch.ways.get(self.block, 1)
        if not before and sheet == self.block.cells.sheet and step > 0 and self._is_own(across):
            if step > MOST_CARRIED:
                raise NoLoopError
            self.lefts.add(step)
            return f"l_{step}"
        first = width.start + across.value - strip.first
        name = f"y_{strip.name(before)}_{first}"
        self.inner_lists[name] = f"{strip.name(before)}[{first}:{first + len(width)}]"
        return name

    def _is_own(self, across: Axis) -> bool:
        """Whether cells so far beside are of the same block."""
        width = self.stretch.frame.width(self.block)
        return self.block in self.stretch.ways and abs(across.value) < len(width)


# What it is called with.


def _is_per_step(value: Any) -> bool:
    return is_array(value) and value.shape[0] > 1


def _given(stretch: Stretch) -> tuple[list[Any], list[Any]]:
    """What is given, as lists and numbers: what differs from step to step, and what does not."""
    per_step, fixed = [], []
    for value in stretch.given.values():
        if not is_array(value):
            fixed.append(0.0 if value is None else value)
            continue
        numbers = _floats_of(value) if value.dtype == object else value
        listed = numbers.tolist() if value.shape[1] > 1 else numbers[:, 0].tolist()
        if _is_per_step(value):
            per_step.append(listed[:: stretch.frame.direction])
        else:
            fixed.append(listed[0])
    return per_step, fixed


def _floats_of(value: Any) -> Any:
    """An array of numbers and blanks, which count as 0, as one of numbers."""
    values = value.ravel().tolist()
    if not set(map(type, values)) <= {float, type(None)}:
        raise NoLoopError
    return np.array([item or 0.0 for item in values]).reshape(value.shape)
