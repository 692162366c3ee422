"""What formulas see of a workbook: cells as far as they are calculated, names, and the clock."""

import contextlib
import copy
import functools
import math
import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from sheetlab.engine.block_index import BITS, BlockIndex
from sheetlab.engine.blocks import Block
from sheetlab.engine.budget import Budget
from sheetlab.engine.cell_range import Address, CellRange, cell_text
from sheetlab.engine.interpreter.source import Positions
from sheetlab.engine.reading.model import Model
from sheetlab.engine.syntax.expression import Call, Expression, walk
from sheetlab.engine.values.arrays import spread
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.errors import EngineWarning
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

_NONE: Positions = np.empty(0, np.int64)
_KEPT_TABLES = 16
_MOST_WARNINGS = 20

# A block, and row and column of one of its cells; the first one if it is calculated at once.
Cell = tuple[Block, int, int]


class PendingError(Exception):
    """A formula reads cells that have no value yet."""

    def __init__(self, cells: list[Cell]) -> None:
        super().__init__()
        self.cells = cells


class CellSource:
    """The `Source` of an interpreter; it raises `PendingError` rather than give an old value."""

    def __init__(self, model: Model, index: BlockIndex, seed: int | None) -> None:
        self._seed = seed
        self.date_1904 = model.workbook.date_1904
        self._model = model
        self._index = index
        self._tables: dict[CellRange, Array] | None = None
        self._unknown: set[str] = set()
        self._over: set[str] = set()
        self.budget = Budget(model.limits)

    @functools.cached_property
    def random(self) -> "np.random.Generator":
        """Where RAND and its kin draw from; NumPy loads its generators when they are first used."""
        return np.random.default_rng(self._seed)

    def with_own_budget(self) -> "CellSource":
        """The same cells for work that goes on beside other, as if nothing were spent yet."""
        other = copy.copy(self)
        other.budget, other._tables = Budget(self._model.limits), None
        return other

    @contextlib.contextmanager
    def reading_once(self) -> Iterator[None]:
        """While no cell changes that is read, so that a range need be read once only."""
        self._tables = {}
        try:
            yield
        finally:
            self._tables = None

    def value(self, address: Address) -> Scalar:
        """The value of one cell."""
        sheet, row, column = address
        block = self._index.at(address)
        if block is not None and block.stale:
            if block.is_array:
                row, column = block.home[1:]
            if not block.has_value(row, column):
                raise PendingError([(block, row, column)])
            row, column = address[1:]
        grid = self._model.grids.get(sheet)
        return None if grid is None else grid.value(row, column)

    def values(self, cells: CellRange) -> Array:
        """The values of a range."""
        if self._tables is not None and cells in self._tables:
            # Who reads it looks at all of its values again.
            self.budget.run(math.prod(cells.shape))
            table = self._tables[cells] = self._tables.pop(cells)
            return table
        self.budget.reserve(math.prod(cells.shape), numbers=True)
        # Each column is read by itself.
        self.budget.spend(cells.shape[1])
        self._check(cells)
        table = self._model.grids[cells.sheet].table(*cells[1:])
        if self._tables is not None:
            if len(self._tables) >= _KEPT_TABLES:
                # The one that was not asked for the longest time.
                del self._tables[next(iter(self._tables))]
            table.flags.writeable = False
            self._tables[cells] = table
        return table

    def filled(self, cells: CellRange) -> tuple[Positions, Array]:
        """The cells of a range that are not blank, row by row: their positions and values."""
        self._check(cells)
        sheet, top, left, bottom, right = cells
        width = right - left + 1
        positions: list[Positions] = [np.empty(0, np.int64)]
        values: list[Array] = [np.empty(0)]
        grid = self._model.grids[sheet]
        for rows, column, found in grid.filled_in(top, left, bottom, right, self._look_at):
            positions.append((rows - top) * width + (column - left))
            values.append(found)
        joined, found = np.concatenate(positions), np.concatenate(values)
        if width == 1:
            return joined, found
        order = np.argsort(joined, kind="stable")
        return joined[order], found[order]

    def _look_at(self, cells: int) -> None:
        self.budget.spend(cells / 16)

    def _check(self, cells: CellRange) -> None:
        pending = self.pending(cells)
        if pending:
            raise PendingError(pending)

    def pending(self, cells: CellRange) -> list[Cell]:
        """The cells of a range that have no value yet."""
        pending: list[Cell] = []
        stale = [block for block in self._index.within(cells) if block.stale]
        for block in dict.fromkeys(stale):
            rows, columns = block.rows, block.columns
            if not block.is_single:
                rows = block.stale
                rows = range(max(rows.start, cells.top), min(rows.stop, cells.bottom + 1))
                columns = range(max(columns.start, cells.left), min(columns.stop, cells.right + 1))
                self.budget.run(len(rows) * len(columns))
            pending += [
                (block, row, column)
                for row in rows
                for column in columns
                if not block.has_value(row, column)
            ]
        return pending

    def used(self, cells: CellRange) -> CellRange:
        """The range without the empty remainder of whole rows and columns."""
        grid = self._model.grids.get(cells.sheet)
        if grid is None or (cells.bottom < MAX_ROW and cells.right < MAX_COLUMN):
            return cells
        return cells.clip(grid.last_row, grid.last_column)

    def spilled(self, address: Address) -> CellRange | None:
        """All cells that the formula in one cell fills."""
        block = self._index.at(address)
        if block is None:
            return None
        self._check(block.cells if block.is_array else CellRange(*address, *address[1:]))
        return block.cells if block.is_array else CellRange(*address, *address[1:])

    def formula(self, address: Address) -> str | None:
        """The formula that fills a cell, as Excel shows it."""
        block = self._index.at(address)
        return None if block is None else block.text_at(*address[1:])

    def subtotals(self, cells: CellRange) -> tuple[Positions, Positions]:
        """The cells of a range whose formulas ask for SUBTOTAL or AGGREGATE, column by column."""
        known = self._index.subtotals.get(cells.sheet)
        if known is None:
            return _NONE, _NONE
        _, top, left, bottom, right = cells
        if left == right:
            first, end = known.searchsorted(((left << BITS) + top, (left << BITS) + bottom + 1))
            found = known[first:end]
        else:
            lines = np.arange(left, right + 1) << BITS
            firsts, ends = (known.searchsorted(lines + row) for row in (top, bottom + 1))
            found = known[spread(firsts, ends)[1]]
        return found & (2**BITS - 1), found >> BITS

    def hidden_rows(self, cells: CellRange, *, by_filter: bool) -> Positions:
        """The rows of a range that are hidden, in any way, or else by a filter, downwards."""
        known = self._model.hidden_rows.get(cells.sheet)
        if known is None:
            return _NONE
        rows = known.filtered if by_filter else known.hidden
        first, end = rows.searchsorted((cells.top, cells.bottom + 1))
        return rows[first:end]

    def phonetic(self, address: Address) -> str | None:
        """How the text in a cell is read aloud, as an input method left it; None if none did."""
        reading = self._model.phonetics.reading(address)
        # Who changes a text leaves no reading beside it.
        return reading.phonetic if reading and reading.text == self.value(address) else None

    def pivot_cell(
        self, cells: CellRange, data: str, wanted: Sequence[tuple[str, Scalar]]
    ) -> Address | None:
        """Where the pivot table that has any of some cells shows a value of its `data`."""
        table = self._model.pivot_tables.at(cells)
        return None if table is None else table.cell(data, wanted)

    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets."""
        return tuple(self._model.workbook.sheets)

    def parse_reference(self, text: str, home: Address) -> Expression | None:
        """What a text such as "Data!B2:B9" or a name means to a cell."""
        return self._model.resolver.reference(text, *home)

    def named_lambda(self, name: str, sheet: str) -> Expression | None:
        """The LAMBDA that a defined name stands for."""
        return self._model.resolver.named_lambda(name, sheet)

    def unknown_function(self, name: str) -> None:
        """Warn once of a function that nothing supplies."""
        if name in self._unknown:
            return
        self._unknown.add(name)
        # All are looked for in all formulas, so that a person is told of as many as he reads.
        if len(self._unknown) > _MOST_WARNINGS:
            return
        path = self._model.workbook.path
        warning = EngineWarning("unknown_function_of_name", path=path, function=name)
        for block in self._model.blocks:
            if name in _functions(block.expression):
                cell = cell_text(block.home)
                warning = EngineWarning("unknown_function", path=path, cell=cell, function=name)
                break
        warnings.warn(warning, stacklevel=2)

    def over_limit(self, limit: str, home: Address) -> None:
        """Warn once of formulas that would take more than a limit allows."""
        if limit in self._over:
            return
        self._over.add(limit)
        path, cell = self._model.workbook.path, cell_text(home)
        warning = EngineWarning("over_limit", path=path, cell=cell, limit=limit)
        warnings.warn(warning, stacklevel=2)


def _functions(expression: Expression) -> set[str]:
    return {part.function for part in walk(expression) if isinstance(part, Call)}
