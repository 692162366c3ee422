"""The cells of a worksheet's tree by row and column, made where the file has none."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from lxml import etree

from sheetlab.files.address import ref_of
from sheetlab.files.cell_reading import (
    CellFormula,
    numbered_cells,
    numbered_rows,
    rows_in,
    sheet_data,
    stored_in,
)


class SheetTree:
    """The tree of a worksheet, whose cells are found at once."""

    def __init__(self, worksheet: etree._Element) -> None:
        """Note where the cells stand. Raises `MalformedError` where that cannot be told."""
        self._namespace = etree.QName(worksheet).namespace
        self._data = sheet_data(worksheet)
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[int, dict[int, etree._Element]] = {}
        # The numbers of a row's cells in order, and under 0 those of the rows.
        self._orders: dict[int, list[int]] = {}
        self._formulas: list[tuple[int, int, CellFormula]] = []
        for number, row in numbered_rows(rows_in(self._data)):
            self._rows[number] = row
            cells = self._cells[number] = dict(numbered_cells(row, number))
            for column, cell in cells.items():
                formula = stored_in(cell).formula
                if formula is not None:
                    self._formulas.append((number, column, formula))

    def formula_cells(self) -> Iterator[tuple[int, int]]:
        """Row and column of all cells that a formula fills, an array formula all of its range."""
        for row, column, formula in self._formulas:
            top, left, bottom, right = formula.area(row, column)
            for filled_row in range(top, bottom + 1):
                for filled_column in range(left, right + 1):
                    yield filled_row, filled_column

    def cell(self, row: int, column: int) -> etree._Element:
        """The cell at `row` and `column`, made in its place where the file has none."""
        if row not in self._rows:
            self._rows[row] = self._insert(self._data, "row", str(row), self._rows, row, 0)
            self._cells[row] = {}
        cells = self._cells[row]
        if column not in cells:
            ref = ref_of(row, column)
            cells[column] = self._insert(self._rows[row], "c", ref, cells, column, row)
        return cells[column]

    def _insert(
        self,
        parent: etree._Element,
        tag: str,
        ref: str,
        siblings: dict[int, etree._Element],
        number: int,
        order_of: int,
    ) -> etree._Element:
        made = parent.makeelement(etree.QName(self._namespace, tag), {"r": ref})
        if order_of not in self._orders:
            self._orders[order_of] = sorted(siblings)
        order = self._orders[order_of]
        place = bisect_left(order, number)
        # A place by its number would be counted out from the first sibling each time.
        if place:
            siblings[order[place - 1]].addnext(made)
        else:
            parent.insert(0, made)
        insort(order, number)
        return made
