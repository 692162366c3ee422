"""The order in which blocks are calculated, and the lane that each of them takes.

A block is calculated as columns, in a batch with others that hold the same formula, in a forest
with single cells that hold any other, by a loop with those that it needs and that need it, or cell
by cell by the interpreter.
"""

import functools
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from sheetlab.engine.block_index import BlockIndex
from sheetlab.engine.blocks import Block, settle
from sheetlab.engine.budget import OverLimitError
from sheetlab.engine.cell_range import Address, CellRange, cell_text
from sheetlab.engine.cell_source import Cell, CellSource, PendingError
from sheetlab.engine.columns.forest import forest
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.columns.tables import Tables
from sheetlab.engine.dependencies import Dependencies
from sheetlab.engine.garbage import seldom_collected
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.loops.circles import Loops, calculate_circle
from sheetlab.engine.loops.orders import NoLoopError
from sheetlab.engine.loops.values import calculate_values
from sheetlab.engine.reading.model import Model
from sheetlab.engine.reading.workbook import Iteration
from sheetlab.engine.reads import Numbers
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.errors import EngineError, EngineWarning
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError, CellValue

_CELLS_OF_A_CYCLE = 8
# With so many blocks, those alike are sought.
_MANY = 64
# Blocks of so many cells are calculated together with others that hold the same formula.
_FEW_ROWS = 16
# Fewer cells are calculated one by one.
_FEW_CELLS = 4
# Fewer cells of different formulas are calculated one by one.
_FEW_TREES = 48
_SHOWN = 200
# Of what so many cells wait for, only so many cells are noted at once.
_DEEP, _PENDING = 1_000_000, 64
_PASSES = 32
_MOST_WARNINGS = 20
_CYCLE = CellError("#REF!")
_TOO_MUCH = (OverLimitError, MemoryError, RecursionError)
# Cells calculated by iteration between two changes of the workbook, about half a minute's work.
_MOST_ITERATED = 5_000_000


Lane = Literal["columns", "batch", "forest", "loop", "values", "cells"]


class Calculation:
    """The values of a workbook's cells; blocks are calculated when one of their cells is read.

    `changed` holds what cells were set to. A text that is no formula gives #NAME?, cells of a
    cycle give #REF! unless the workbook has them iterated, and an `EngineWarning` names them;
    with `strict`, reading them raises `EngineError` instead. With `numeric=False`, all goes
    through the interpreter. `lanes` tells how blocks were calculated last, "cells" where it does
    not, and `loops` are those that were written.
    """

    def __init__(
        self,
        model: Model,
        *,
        seed: int | None = None,
        numeric: bool = True,
        strict: bool = False,
    ) -> None:
        self.model = model
        self.changed: dict[Address, CellValue | None] = {}
        self.index = BlockIndex(model.blocks)
        self.dependencies = Dependencies(self.index)
        self.cells = CellSource(model, self.index, seed)
        self._numeric = numeric
        self._strict = strict
        self._told: set[str] = set()
        self._iterated = 0
        self._open: set[Block] = set()
        self._spilling = [block for block in model.blocks if block.spills]
        self._dynamic = [block for block in model.blocks if block.dynamic or block.volatile]
        self._blocked: set[Block] = set()
        self.loops: Loops = {}
        self.lanes: dict[Block, Lane] = {}
        self.columns = Columns(model.grids, self.cells, Tables(model.grids))

    # What is asked from outside.

    def table(self, cells: CellRange) -> Array:
        """The values of a range, two axes: float64 where all are numbers, else objects.

        Raises `EngineError` where `strict`, for a cycle or a text that is no formula.
        """
        self.require(cells)
        grid = self.model.grids.get(cells.sheet)
        assert grid is not None
        return grid.table(*cells[1:])

    @seldom_collected()
    def require(self, cells: CellRange) -> None:
        """Calculate all that a range needs."""
        # What spills may come to fill cells of the range.
        self._calculate(self._spilling)
        self._calculate(dict.fromkeys(self.index.within(cells)))

    @seldom_collected()
    def require_all(self) -> None:
        """Calculate all formulas."""
        self._calculate(self.model.blocks)

    @seldom_collected()
    def result(self, text: str, sheet: str) -> Array:
        """The values of a formula that stands in no cell, two axes."""
        cells = CellRange(sheet, 1, 1, 1, 1)
        block = Block(cells, text, self.model.formulas.read(text, cells))
        self._refuse_flaw(block)
        for _ in range(_PASSES):
            try:
                return _as_table(evaluate(block.expression, block.home, self.cells, array=True))
            except PendingError as pending:
                self._calculate(dict.fromkeys(block for block, _, _ in pending.cells))
        return _as_table(self._error_of_cycle([(block, 1, 1)]))

    def affected(self, changed: Iterable[CellRange]) -> dict[Block, range]:
        """The rows of each block that changed cells may give other values."""
        # What had no room to spill may have it afterwards; what dynamic blocks read is not known.
        untold = self.dependencies.untold
        return self.dependencies.outdated(changed, {*self._dynamic, *self._blocked, *untold})

    @seldom_collected()
    def change(self, constants: Mapping[Address, CellValue | None]) -> None:
        """Give cells new constants, and forget what depends on them."""
        self.changed.update(constants)
        self._iterated = 0
        self.cells.budget.renew()
        for (sheet, row, column), value in constants.items():
            self.model.grids[sheet].write(row, column, value)
        cells = [CellRange(address[0], *address[1:], *address[1:]) for address in constants]
        for block, rows in self.affected(cells).items():
            block.forget(rows)

    # The order.

    def _calculate(self, wanted: Iterable[Block]) -> None:
        """Calculate blocks and all that they need, each after what it reads."""
        wanted = list(wanted)
        for _ in range(_PASSES):
            missing = [block for block in wanted if block.stale]
            if not missing:
                return
            # One pass does, unless a formula came to spill into what was calculated before it.
            stages = self.dependencies.stages(missing)
            many = sum(len(alone) + len(circles) for alone, circles in stages) >= _MANY
            for alone, circles in stages:
                for circle in circles:
                    if not all(block.done for block in circle):
                        self._calculate_circle(circle)
                for number in self._calculate_alike(alone) if many else alone:
                    block = self.model.blocks[number]
                    if block.stale:
                        self._calculate_block(block)
        error = self._error_of_cycle([(missing[0], *missing[0].home[1:])])
        for block in missing:
            for row in block.rows:
                for column in block.columns:
                    self._write(block, row, column, error)
        for block in missing:
            block.settle()

    def _calculate_alike(self, numbers: Numbers) -> Numbers:
        """Calculate the small ones of some blocks, many at a time; the numbers of the others.

        Cells that hold the same formula are calculated at once, wherever they are on a sheet.
        """
        if not self._numeric or len(numbers) < _FEW_CELLS:
            return numbers
        # A forest is less work than many small batches, but does not know as much.
        left = self._calculate_unlike(self._calculate_batches(numbers, _FEW_TREES))
        return self._calculate_batches(left, _FEW_CELLS)

    def _calculate_batches(self, numbers: Numbers, fewest: int) -> list[int]:
        """The same for as many blocks, or more, that hold the same formula."""
        blocks = self.model.blocks
        groups, left = self.dependencies.alike(numbers, _FEW_ROWS, fewest)
        for group in groups:
            # Some may have been needed before their turn.
            found = [n for n in group if (block := blocks[n]).stale and not block.dynamic]
            if len(found) < fewest or not self._calculate_scattered(found):
                left += group
        return left

    def _calculate_unlike(self, numbers: list[int]) -> list[int]:
        """Calculate single cells of different formulas as a forest; the numbers of the others."""
        left: list[int] = []
        trees: dict[tuple[str, int], list[int]] = {}
        for number in numbers:
            block = self.model.blocks[number]
            postfix = block.formula.postfix
            is_tree = block.is_single and not (block.is_array or block.dynamic)
            if postfix is None or not block.stale or not is_tree:
                left.append(number)
            else:
                trees.setdefault((block.cells.sheet, id(postfix)), []).append(number)
        for found in trees.values():
            left += self._calculate_forest(found) if len(found) >= _FEW_TREES else found
        return left

    # The lanes.

    def _calculate_forest(self, numbers: list[int]) -> list[int]:
        """Calculate single cells of a sheet, at once as far as that can be; those that are left."""
        blocks = [self.model.blocks[number] for number in numbers]
        sheet, postfix = blocks[0].cells.sheet, blocks[0].formula.postfix
        assert postfix is not None
        formulas = np.array([block.formula.place for block in blocks])
        rows, columns = self.dependencies.stale_cells(numbers)
        try:
            with self.cells.budget.calculating():
                values, told = forest(self.columns, postfix, formulas, Places(sheet, rows, columns))
        except (PendingError, *_TOO_MUCH):
            return numbers
        if not told.any():
            return numbers
        self.model.grids[sheet].write_cells(rows[told], columns[told], values[told])
        done = [block for block, is_told in zip(blocks, told.tolist(), strict=True) if is_told]
        settle(done)
        self.lanes.update(dict.fromkeys(done, "forest"))
        return np.array(numbers)[~told].tolist() if len(done) < len(numbers) else []

    def _calculate_scattered(self, numbers: list[int]) -> bool:
        """Calculate small blocks that hold the same formula at once; False where that cannot be."""
        blocks = [self.model.blocks[number] for number in numbers]
        if blocks[0].flaw is not None:
            return False
        sheet, program = blocks[0].cells.sheet, blocks[0].program
        rows, columns = self.dependencies.stale_cells(numbers)
        try:
            with self.cells.budget.calculating():
                values = self.columns.values(program, Places(sheet, rows, columns))
        except (PendingError, *_TOO_MUCH):
            return False
        self.model.grids[sheet].write_cells(rows, columns, values)
        settle(blocks)
        self.lanes.update(dict.fromkeys(blocks, "batch"))
        return True

    def _calculate_block(self, block: Block) -> None:
        """Calculate a block whose precedents are calculated."""
        self._refuse_flaw(block)
        self.lanes[block] = "cells"
        if block.dynamic:
            self._calculate_cells([block])
            return
        try:
            if block.is_single:
                self._calculate_cell(block, *block.home[1:])
            else:
                self._calculate_rows(block)
        except PendingError:
            # It reads more than its text tells.
            block.dynamic = True
            self._dynamic.append(block)
            self._calculate_cells([block])
        else:
            block.settle()

    def _calculate_rows(self, block: Block) -> None:
        rows, (sheet, _, left, _, right) = block.stale, block.cells
        if self._numeric and len(rows) * (right - left + 1) >= _FEW_CELLS:
            cells = CellRange(sheet, rows.start, left, rows.stop - 1, right)
            try:
                with self.cells.budget.calculating():
                    values = self.columns.values(block.program, Places.rectangle(cells))
            except _TOO_MUCH:
                # Some of the cells may be calculated one by one; the others show #NUM!.
                pass
            else:
                self.model.grids[sheet].write_table(cells.top, cells.left, values)
                self.lanes[block] = "columns"
                return
        with self.cells.reading_once():
            for row in rows:
                for column in block.columns:
                    self._calculate_cell(block, row, column)

    def _calculate_circle(self, circle: list[Block]) -> None:
        """Calculate blocks that need each other: by a loop, or at worst cell by cell."""
        lane: Lane = "cells"
        if self._numeric and self._looped(circle):
            lane = "loop"
        elif self._numeric and self._valued(circle):
            lane = "values"
        else:
            self._calculate_cells(circle)
        for block in circle:
            block.settle()
            self.lanes[block] = lane

    def _looped(self, circle: list[Block]) -> bool:
        """Calculate a circle by a loop of numbers; False where cells are left, which stay stale."""
        try:
            with self.cells.budget.calculating():
                left = calculate_circle(circle, self.columns, self.loops)
        except (NoLoopError, PendingError, *_TOO_MUCH):
            return False
        if not any(left.values()):
            return True
        for block in circle:
            block.stale = left.get(block, range(0))
        return False

    def _valued(self, circle: list[Block]) -> bool:
        """Calculate a circle in the order of a loop, whatever its values; False where none can."""
        try:
            with self.cells.budget.calculating():
                calculate_values(circle, self.columns)
        except (NoLoopError, PendingError, *_TOO_MUCH):
            return False
        return True

    def _calculate_cells(self, blocks: Sequence[Block]) -> None:
        """Calculate blocks cell by cell, each after the cells that it turns out to read."""
        opened = [block for block in blocks if block not in self._open]
        self._open.update(opened)
        try:
            cells = sorted(
                (
                    (block, row, column)
                    for block in blocks
                    for row in block.stale
                    for column in block.columns
                ),
                key=self._place,
            )
            for block, row, column in cells:
                if not block.has_value(row, column):
                    self._calculate_with_precedents((block, row, column))
            for block in blocks:
                block.settle()
        finally:
            self._open.difference_update(opened)

    def _calculate_with_precedents(self, wanted: Cell) -> None:
        stack = [wanted]
        # The cells under way, and what each waits for: the first cell that it misses, whoever asks
        # for it, so that the same cells are a cycle wherever the way to them began.
        waiting: dict[Cell, Cell] = {}
        scheduled: set[Cell] = set()
        while stack:
            cell = stack[-1]
            block, row, column = cell
            if block.has_value(row, column):
                stack.pop()
                waiting.pop(cell, None)
                continue
            self._refuse_flaw(block)
            try:
                self._calculate_cell(block, row, column)
            except PendingError as pending:
                first = waiting[cell] = pending.cells[0]
                if first not in waiting:
                    # The rest is found when the cell is tried again.
                    others = pending.cells[1 : _PENDING if len(stack) > _DEEP else None]
                    needed = [first, *(other for other in others if other not in scheduled)]
                    scheduled.update(needed)
                    stack.extend(
                        other
                        for other in reversed(needed)
                        if other not in waiting and not self._calculated_apart(other)
                    )
                    continue
                path = list(waiting)
                start = path.index(first)
                outdated = next(
                    (one for one, after in pairwise(path[start:]) if waiting[one] != after), None
                )
                if outdated is not None:
                    # What it waited for has its value; what it needs beside that may wait for more.
                    while stack[-1] != outdated:
                        waiting.pop(stack.pop(), None)
                elif self.model.workbook.iteration is None:
                    self._give_up(path[start:])
                else:
                    stack += self._iterate(path, start, self.model.workbook.iteration)
            else:
                stack.pop()
                waiting.pop(cell, None)
                self._take_note(cell)

    def _iterate(self, path: Sequence[Cell], first: int, iteration: Iteration) -> list[Cell]:
        """Calculate a cycle again and again, from 0, in the order of sheets, rows and columns.

        The cycle is the end of a path of cells, each of which reads the next. What it needs from
        outside and has no value yet is given back, and nothing is done.
        """
        while True:
            cycle = {*path[first:], *self._needing_each_other(path[first])}
            if any(block.spills for block, _, _ in cycle):
                self._give_up(path[first:])
                return []
            ordered = sorted(cycle, key=self._place)
            for block, row, column in ordered:
                self._write(block, row, column, 0.0)
                block.mark(row, column)
            try:
                for _ in range(iteration.count):
                    self._iterated += len(ordered)
                    if self._iterated > _MOST_ITERATED or self.cells.budget.is_spent:
                        self._stop_iterating(ordered)
                        break
                    if self._largest_change(ordered) < iteration.delta:
                        break
            except PendingError as pending:
                for block, row, column in ordered:
                    block.calculated -= {(row, column)}
                earlier = [path.index(cell) for cell in pending.cells if cell in path]
                if not earlier:
                    return pending.cells
                first = min(earlier)
            else:
                for cell in ordered:
                    self._take_note(cell)
                return []

    def _stop_iterating(self, cells: Sequence[Cell]) -> None:
        """Put an error into cells that would take too long, and tell."""
        for block, row, column in cells:
            self._write(block, row, column, CellError("#NUM!"))
        block, row, column = cells[0]
        path, cell = self.model.workbook.path, cell_text((block.cells.sheet, row, column))
        self._warn(EngineWarning("iterating_too_long", path=path, cell=cell))

    def _largest_change(self, cells: Sequence[Cell]) -> float:
        """Calculate cells once, and say by how much any of them changed."""
        largest = 0.0
        for block, row, column in cells:
            before = self._shown(block, row, column)
            self._calculate_cell(block, row, column)
            for old, new in zip(before, self._shown(block, row, column), strict=True):
                if type(old) is float and type(new) is float:
                    largest = max(largest, abs(new - old))
                elif type(old) is not type(new) or old != new:
                    largest = math.inf
        return largest

    def _shown(self, block: Block, row: int, column: int) -> list[Scalar]:
        """The values of one cell of a block, or of all cells of an array formula."""
        grid = self.model.grids[block.cells.sheet]
        if not block.is_array:
            return [grid.value(row, column)]
        values: list[Scalar] = grid.table(*block.cells[1:]).ravel().tolist()
        return values

    def _needing_each_other(self, start: Cell) -> set[Cell]:
        """The cells that one needs and that need it, as far as their texts tell.

        All that it needs where those are too many to tell them apart.
        """
        readers: dict[CellRange, list[Cell]] = {}
        read: dict[Cell, list[CellRange]] = {start: []}
        stack, pairs = [start], 0
        while stack:
            cell = stack.pop()
            block = cell[0]
            for area in block.reads:
                cells = block.read_range(area, cell[1:])
                if cells not in readers:
                    readers[cells] = []
                    needed = self.cells.pending(cells)
                    stack += [one for one in needed if one not in read]
                    for one in needed:
                        read.setdefault(one, []).append(cells)
                    pairs += len(needed)
                    if pairs > _MOST_ITERATED:
                        return set(read)
                readers[cells].append(cell)
        found, stack = {start}, [start]
        passed: set[CellRange] = set()
        while stack:
            for cells in read[stack.pop()]:
                if cells not in passed:
                    passed.add(cells)
                    fresh = [reader for reader in readers[cells] if reader not in found]
                    found.update(fresh)
                    stack += fresh
        return found

    def _place(self, cell: Cell) -> tuple[int, int, int]:
        """Where a cell stands in the order of sheets, rows and columns."""
        block, row, column = cell
        return self._sheet_numbers[block.cells.sheet], row, column

    @functools.cached_property
    def _sheet_numbers(self) -> dict[str, int]:
        return {sheet: number for number, sheet in enumerate(self.model.workbook.sheets)}

    def _give_up(self, cycle: Sequence[Cell]) -> None:
        """Put the error of a cycle into its cells, each of which reads the next."""
        error = self._error_of_cycle([*cycle, cycle[0]])
        for block, row, column in cycle:
            self._write(block, row, column, error)
        for cell in cycle:
            self._take_note(cell)

    def _take_note(self, cell: Cell) -> None:
        """Take note that a cell has its value."""
        block, row, column = cell
        block.note(row, column)
        if block.is_single:
            block.settle()

    def _calculated_apart(self, cell: Cell) -> bool:
        """Calculate the whole block of a cell, if nothing that it needs is under way."""
        for block in self.dependencies.needed(cell[0]):
            if block in self._open or block.dynamic or block.calculated:
                return False
        self._calculate([cell[0]])
        return True

    def _calculate_cell(self, block: Block, row: int, column: int) -> None:
        """Calculate one cell of a block, or all of an array formula, by the interpreter."""
        home = (block.cells.sheet, row, column)
        result = evaluate(block.expression, home, self.cells, array=block.is_array)
        self._write(block, row, column, result)

    def _write(self, block: Block, row: int, column: int, result: Scalar | Array) -> None:
        """Put a result into one cell of a block, or into all of an array formula."""
        sheet = block.cells.sheet
        if block.is_array:
            self._write_array(block, _as_table(result))
        else:
            single = result.flat[0] if isinstance(result, np.ndarray) else result
            self.model.grids[sheet].write(row, column, _settled(single))

    def _write_array(self, block: Block, table: Array) -> None:
        sheet, top, left, _, _ = block.cells
        grid = self.model.grids[sheet]
        shape = block.cells.shape
        if block.spills and table.shape != shape:
            table = self._spill(block, table)
            shape = block.cells.shape
        fitted = _fit(table, shape)
        for column in range(shape[1]):
            if fitted.dtype == np.float64:
                grid.write_numbers(left + column, top, fitted[:, column])
                continue
            for row in range(shape[0]):
                grid.write(top + row, left + column, _settled(fitted[row, column]))

    def _spill(self, block: Block, table: Array) -> Array:
        """Let a formula fill as many cells as its result has, if nothing stands there."""
        sheet, top, left, _, _ = old = block.cells
        bottom, right = top + table.shape[0] - 1, left + table.shape[1] - 1
        grid = self.model.grids[sheet]
        for column in range(left, old.right + 1):
            for row in range(top, old.bottom + 1):
                grid.write(row, column, None)
        self.index.remove(block)
        new = CellRange(sheet, top, left, bottom, right)
        self._blocked.discard(block)
        if not self._is_free(new):
            new = CellRange(sheet, top, left, top, left)
            table = _as_table(CellError("#SPILL!"))
            self._blocked.add(block)
        block.cells = new
        self.index.add(block)
        self.dependencies.forget_places()
        for reader, rows in self.dependencies.outdated([old, new]).items():
            reader.forget(rows)
        return table

    def _is_free(self, cells: CellRange) -> bool:
        """Whether a range lies on its sheet, and nothing stands there."""
        sheet, top, left, bottom, right = cells
        if bottom > MAX_ROW or right > MAX_COLUMN or any(self.index.within(cells)):
            return False
        grid = self.model.grids[sheet]
        columns = range(left, right + 1)
        return all(grid.blanks(column, top, bottom + 1).all() for column in columns)

    # What is told.

    def _refuse_flaw(self, block: Block) -> None:
        """Raise or tell where a block's text is no formula."""
        if block.flaw is None:
            return
        path, cell = self.model.workbook.path, cell_text(block.home)
        text = block.text if len(block.text) <= _SHOWN else block.text[:_SHOWN] + "…"
        if self._strict:
            raise EngineError("no_formula", path=path, cell=cell, formula=text, why=block.flaw)
        self._warn(
            EngineWarning("no_formula_shown", path=path, cell=cell, formula=text, why=block.flaw)
        )

    def _error_of_cycle(self, cycle: Sequence[Cell]) -> CellError:
        """The value of cells each of which reads the next, and the last the first; it is told."""
        cells = [cell_text((block.cells.sheet, row, column)) for block, row, column in cycle]
        if len(cells) > _CELLS_OF_A_CYCLE:
            cells[_CELLS_OF_A_CYCLE - 2 : -1] = ["…"]
        path, cell, way = self.model.workbook.path, cells[0], " → ".join(cells)
        if self._strict:
            raise EngineError("cycle", path=path, cell=cell, way=way)
        self._warn(EngineWarning("cycle_shown", path=path, cell=cell, way=way))
        return _CYCLE

    def _warn(self, warning: EngineWarning) -> None:
        """Warn of one thing once, and of no more than a person reads."""
        said = warning.message.en
        if said in self._told or len(self._told) > _MOST_WARNINGS:
            return
        self._told.add(said)
        if len(self._told) > _MOST_WARNINGS:
            path = self.model.workbook.path
            warning = EngineWarning("more_formulas", path=path, count=_MOST_WARNINGS)
        warnings.warn(warning, stacklevel=2)


def _settled(value: Scalar) -> CellValue:
    """What a cell shows of a result: 0 for a blank."""
    return 0.0 if value is None else value


def _as_table(value: Scalar | Array) -> Array:
    if isinstance(value, np.ndarray):
        return value
    table = np.empty((1, 1), object)
    table[0, 0] = value
    return table


def _fit(table: Array, shape: tuple[int, int]) -> Array:
    """A result as an array formula shows it: one row or column repeated, #N/A beyond the end."""
    if table.shape == shape:
        return table
    fitted = np.full(shape, NOT_AVAILABLE, dtype=object)
    for axis, length in enumerate(shape):
        if table.shape[axis] == 1:
            table = np.repeat(table, length, axis)
    rows, columns = min(shape[0], table.shape[0]), min(shape[1], table.shape[1])
    fitted[:rows, :columns] = table[:rows, :columns]
    return fitted
