"""Cells held in memory, as an interpreter sees them."""

from collections.abc import Mapping, Sequence

import numpy as np

from sheetlab.engine.budget import Budget
from sheetlab.engine.cell_range import Address, CellRange, range_on, sheets_and_ranges
from sheetlab.engine.interpreter.source import Positions
from sheetlab.engine.syntax.expression import Area, Axis, Expression
from sheetlab.engine.syntax.parser import parse
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellValue
from sheetlab.limits import Limits

SHEET = "Data"
Cells = dict[Address, CellValue]


class MemorySource:
    """A workbook of the sheets "Data" and "Other page", its cells in a dict."""

    def __init__(
        self,
        cells: Cells | None = None,
        *,
        formulas: Mapping[Address, str] | None = None,
        lambdas: Mapping[str, str] | None = None,
        spills: Mapping[Address, CellRange] | None = None,
        date_1904: bool = False,
    ) -> None:
        self.cells = cells or {}
        self._formulas = formulas or {}
        self.lambdas = lambdas or {}
        self.spills = spills or {}
        self.date_1904 = date_1904
        self.random = np.random.default_rng(1)
        self.unknown: list[str] = []
        self.read: list[Address | CellRange] = []
        self.budget = Budget(Limits())
        self.over: list[str] = []

    def value(self, address: Address) -> CellValue | None:
        self.read.append(address)
        return self.cells.get(address)

    def values(self, cells: CellRange) -> Array:
        self.read.append(cells)
        values = [self.cells.get(address) for address in cells.addresses()]
        array = np.empty(len(values), dtype=object)
        array[:] = values
        array = array.reshape(cells.shape)
        return array.astype(float) if {type(value) for value in values} == {float} else array

    def filled(self, cells: CellRange) -> tuple[Positions, Array]:
        found = [
            ((row - cells.top) * cells.shape[1] + column - cells.left, value)
            for (sheet, row, column), value in self.cells.items()
            if sheet == cells.sheet
            and cells.top <= row <= cells.bottom
            and cells.left <= column <= cells.right
        ]
        found.sort(key=lambda cell: cell[0])
        values = np.empty(len(found), object)
        values[:] = [value for _, value in found]
        return np.array([place for place, _ in found], np.int64), values

    def used(self, cells: CellRange) -> CellRange:
        places = [address for address in self.cells if address[0] == cells.sheet]
        rows, columns = [row for _, row, _ in places], [column for _, _, column in places]
        return cells.clip(max(rows, default=1), max(columns, default=1))

    def spilled(self, address: Address) -> CellRange | None:
        return self.spills.get(address)

    def formula(self, address: Address) -> str | None:
        return self._formulas.get(address)

    def subtotals(self, cells: CellRange) -> tuple[Positions, Positions]:
        found = [
            (column, row)
            for sheet, row, column in cells.addresses()
            if "SUBTOTAL(" in self._formulas.get((sheet, row, column), "")
        ]
        columns, rows = np.array(sorted(found), np.int64).reshape(-1, 2).T
        return rows, columns

    def hidden_rows(self, cells: CellRange, *, by_filter: bool) -> Positions:
        return np.empty(0, np.int64)

    def phonetic(self, address: Address) -> str | None:
        return None

    def pivot_cell(
        self, cells: CellRange, data: str, wanted: Sequence[tuple[str, Scalar]]
    ) -> Address | None:
        return None

    def sheets(self) -> tuple[str, ...]:
        return (SHEET, "Other page")

    def parse_reference(self, text: str, home: Address) -> Expression | None:
        found = sheets_and_ranges(text)
        if len(found) != 1:
            return None
        ((sheet, refs),) = found
        try:
            _, top, left, bottom, right = range_on(sheet or home[0], refs)
        except ValueError:
            return None
        first, last = (Axis(True, top), Axis(True, left)), (Axis(True, bottom), Axis(True, right))
        return Area(sheet or home[0], *first, *last)

    def named_lambda(self, name: str, sheet: str) -> Expression | None:
        text = self.lambdas.get(name.upper())
        return None if text is None else parse(text, 1, 1)

    def unknown_function(self, name: str) -> None:
        self.unknown.append(name)

    def over_limit(self, limit: str, home: Address) -> None:
        self.over.append(limit)
