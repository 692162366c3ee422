"""The order in which blocks are calculated, and the lane that each of them takes."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sheetlab.engine.blocks import Block, BlockIndex
from sheetlab.engine.cell_range import Address, CellRange, cell_text
from sheetlab.engine.cell_source import Cell, CellSource, PendingError
from sheetlab.engine.dependencies import Dependencies
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.numeric_lane import NotNumericError, NumericLane, is_numeric
from sheetlab.engine.reading.model import Model, make_block
from sheetlab.engine.recurrence import Loops, NoLoopError, calculate_by_loop
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.errors import EngineError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.text import Text

_CELLS_OF_A_CYCLE = 8
_FEW_ROWS = 16
_SHOWN = 200
_PASSES = 32


class Calculation:
    """The values of a workbook's cells; blocks are calculated when one of their cells is read.

    `changed` holds what cells were set to. With `numeric=False`, all goes through the general
    lane.
    """

    def __init__(self, model: Model, *, seed: int | None = None, numeric: bool = True) -> None:
        self.model = model
        self.changed: dict[Address, CellValue | None] = {}
        self.index = BlockIndex(model.blocks)
        self.dependencies = Dependencies(model.blocks, self.index)
        self.cells = CellSource(model, self.index, seed)
        self._numeric = numeric
        self._open: set[Block] = set()
        self._spilling = [block for block in model.blocks if block.spills]
        self._dynamic = [block for block in model.blocks if block.dynamic]
        self._blocked: set[Block] = set()
        self._loops: Loops = {}

    # What is asked from outside.

    def table(self, cells: CellRange) -> Array:
        """The values of a range, two axes: float64 where all are numbers, else objects.

        Raises `EngineError` for a circular reference or a text that is no formula.
        """
        self.require(cells)
        grid = self.model.grids.get(cells.sheet)
        assert grid is not None
        return grid.table(*cells[1:])

    def require(self, cells: CellRange) -> None:
        """Calculate all that a range needs."""
        # What spills may come to fill cells of the range.
        self._calculate(self._spilling)
        self._calculate(dict.fromkeys(self.index.within(cells)))

    def require_all(self) -> None:
        """Calculate all formulas."""
        self._calculate(self.model.blocks)

    def result(self, text: str, sheet: str) -> Array:
        """The values of a formula that stands in no cell, two axes."""
        block = make_block(CellRange(sheet, 1, 1, 1, 1), text, self.model.resolver)
        if block.flaw is not None:
            raise self._flaw(block)
        for _ in range(_PASSES):
            try:
                return _as_table(evaluate(block.expression, block.home, self.cells, array=True))
            except PendingError as pending:
                self._calculate(dict.fromkeys(block for block, _ in pending.cells))
        raise self._circular([(block, 1)])

    def change(self, constants: Mapping[Address, CellValue | None]) -> None:
        """Give cells new constants, and forget what depends on them."""
        self.changed.update(constants)
        for (sheet, row, column), value in constants.items():
            self.model.grids[sheet].write(row, column, value)
        cells = [CellRange(address[0], *address[1:], *address[1:]) for address in constants]
        # What had no room to spill may have it afterwards.
        self._forget(cells, {*self._dynamic, *self._blocked})

    def _forget(self, changed: Iterable[CellRange], whole: Iterable[Block] = ()) -> None:
        """Take note of all that changed cells make outdated."""
        for block, rows in self.dependencies.outdated(changed, whole).items():
            block.forget(rows)

    # The order.

    def _calculate(self, wanted: Iterable[Block]) -> None:
        """Calculate blocks and all that they need, each after what it reads."""
        wanted = list(wanted)
        for _ in range(_PASSES):
            missing = [block for block in wanted if not block.done]
            if not missing:
                return
            # One pass does, unless a formula came to spill into what was calculated before it.
            for circle in self.dependencies.circles(missing, lambda block: not block.done):
                if all(block.done for block in circle):
                    continue
                if self.dependencies.is_circle(circle):
                    self._calculate_circle(circle)
                else:
                    self._calculate_block(circle[0])
        raise self._circular([(missing[0], missing[0].cells.top)])

    # The lanes.

    def _calculate_block(self, block: Block) -> None:
        """Calculate a block whose precedents are calculated."""
        if block.flaw is not None:
            raise self._flaw(block)
        if block.dynamic:
            self._calculate_cells([block])
            return
        try:
            if block.is_single:
                self._calculate_cell(block, block.cells.top)
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
        first, end = block.stale.start, block.stale.stop
        if self._numeric and end - first >= 4 and is_numeric(block.expression):
            constant = functools.partial(self._constant, block)
            lane = NumericLane(self.model.grids, block.cells.left, constant)
            self._calculate_columns(block, lane, first, end)
        else:
            self._calculate_one_by_one(block, first, end)

    def _calculate_one_by_one(self, block: Block, first: int, end: int) -> None:
        with self.cells.reading_once():
            for row in range(first, end):
                self._calculate_cell(block, row)

    def _calculate_columns(self, block: Block, lane: NumericLane, first: int, end: int) -> None:
        """Calculate rows at once; where that cannot be, halves of them."""
        grid = self.model.grids[block.cells.sheet]
        try:
            values = lane.column(block.expression, first, end)
        except (NotNumericError, FloatingPointError):
            if end - first <= _FEW_ROWS:
                self._calculate_one_by_one(block, first, end)
                return
            middle = (first + end) // 2
            self._calculate_columns(block, lane, first, middle)
            self._calculate_columns(block, lane, middle, end)
            return
        if values.dtype == bool:
            for row, value in enumerate(values.tolist(), first):
                grid.write(row, block.cells.left, value)
        else:
            grid.write_numbers(block.cells.left, first, values)

    def _calculate_circle(self, circle: list[Block]) -> None:
        """Calculate blocks that need each other: row by row, or at worst cell by cell."""
        for block in circle:
            if block.flaw is not None:
                raise self._flaw(block)
        try:
            if not self._numeric:
                raise NoLoopError
            left = calculate_by_loop(circle, self.model.grids, self._constant, self._loops)
        except (NoLoopError, PendingError):
            self._calculate_cells(circle)
            return
        if left:
            for block in circle:
                block.calculated.update(block.stale)
                block.calculated.difference_update(left.get(block, ()))
            self._calculate_cells(circle)
        for block in circle:
            block.settle()

    def _calculate_cells(self, blocks: Sequence[Block]) -> None:
        """Calculate blocks cell by cell, each after the cells that it turns out to read."""
        opened = [block for block in blocks if block not in self._open]
        self._open.update(opened)
        try:
            cells = sorted(
                ((block, row) for block in blocks for row in block.stale),
                key=lambda cell: (cell[1], cell[0].cells.left),
            )
            for block, row in cells:
                if not block.has_value(row):
                    self._calculate_with_precedents((block, row))
            for block in blocks:
                block.settle()
        finally:
            self._open.difference_update(opened)

    def _calculate_with_precedents(self, wanted: Cell) -> None:
        stack = [wanted]
        suspended: dict[Cell, None] = {}
        while stack:
            cell = stack[-1]
            block, row = cell
            if block.has_value(row):
                stack.pop()
                suspended.pop(cell, None)
                continue
            if block.flaw is not None:
                raise self._flaw(block)
            try:
                self._calculate_cell(block, row)
            except PendingError as pending:
                suspended[cell] = None
                for other in pending.cells:
                    if other in suspended:
                        path = list(suspended)
                        raise self._circular([*path[path.index(other) :], other]) from None
                stack.extend(c for c in reversed(pending.cells) if not self._calculated_apart(c))
            else:
                stack.pop()
                suspended.pop(cell, None)
                block.calculated.add(row)
                if len(block.stale) == 1:
                    block.settle()

    def _calculated_apart(self, cell: Cell) -> bool:
        """Calculate the whole block of a cell, if nothing that it needs is under way."""
        seen = {cell[0]}
        stack = [cell[0]]
        while stack:
            block = stack.pop()
            if block in self._open or block.dynamic or block.calculated:
                return False
            for precedent in self.dependencies.precedents[block]:
                if not precedent.done and precedent not in seen:
                    seen.add(precedent)
                    stack.append(precedent)
        self._calculate([cell[0]])
        return True

    def _calculate_cell(self, block: Block, row: int) -> None:
        """Calculate one cell of a block, or all of an array formula, in the general lane."""
        sheet, _, column = block.home
        result = evaluate(block.expression, (sheet, row, column), self.cells, array=block.is_array)
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
        self._forget([old, new])
        return table

    def _is_free(self, cells: CellRange) -> bool:
        """Whether a range lies on its sheet, and nothing stands there."""
        sheet, top, left, bottom, right = cells
        if bottom > MAX_ROW or right > MAX_COLUMN or any(self.index.within(cells)):
            return False
        grid = self.model.grids[sheet]
        columns = range(left, right + 1)
        return all(grid.blanks(column, top, bottom + 1).all() for column in columns)

    def _constant(self, block: Block, expression: Expression) -> Any:
        """The value of a part of a block's formula that is the same for all its rows."""
        value = evaluate(expression, block.home, self.cells, array=False)
        return value.flat[0] if isinstance(value, np.ndarray) else value

    # What is told.

    def _flaw(self, block: Block) -> EngineError:
        path, cell = self.model.workbook.path, cell_text(block.home)
        text = block.text if len(block.text) <= _SHOWN else block.text[:_SHOWN] + "…"
        return EngineError(
            Text(
                f"{path}, {cell}: {text} is no valid formula ({block.flaw}); mend it.",
                f"{path}, {cell}: {text}은(는) 올바른 수식이 아닙니다({block.flaw})."
                " 수식을 고치십시오.",
            )
        )

    def _circular(self, circle: Sequence[Cell]) -> EngineError:
        """The error for cells each of which reads the next, and the last the first."""
        cells = [cell_text((block.cells.sheet, row, block.cells.left)) for block, row in circle]
        if len(cells) > _CELLS_OF_A_CYCLE:
            cells[_CELLS_OF_A_CYCLE - 2 : -1] = ["…"]
        return EngineError(
            Text(
                f"{self.model.workbook.path}, {cells[0]}: the cell refers back to itself"
                f" ({' → '.join(cells)}); change one of these formulas.",
                f"{self.model.workbook.path}, {cells[0]}: 셀이 돌고 돌아 자신을 참조합니다"
                f"({' → '.join(cells)}). 이 가운데 한 수식을 고치십시오.",
            )
        )


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
    fitted = np.full(shape, CellError("#N/A"), object)
    for axis, length in enumerate(shape):
        if table.shape[axis] == 1:
            table = np.repeat(table, length, axis)
    rows, columns = min(shape[0], table.shape[0]), min(shape[1], table.shape[1])
    fitted[:rows, :columns] = table[:rows, :columns]
    return fitted
