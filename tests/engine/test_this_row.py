"""References to the row of a table, from inside and outside of its rows."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from sheetlab.engine import Book, load
from sheetlab.files.cell_value import CellError


def book_with_table(folder: Path, formula: str, rows: range) -> Book:
    """A table T with x and y in B3:C6, the last row that of totals, and formulas in column E."""
    book = Workbook()
    sheet = book.worksheets[0]
    records: list[tuple[str | int, str | int]] = [("x", "y"), (1, 10), (2, 20), (3, 30)]
    for row, (x, y) in enumerate(records, 3):
        sheet[f"B{row}"], sheet[f"C{row}"] = x, y
    for row in (1, 2, 7, 8):
        sheet[f"B{row}"] = 99
    table = Table(displayName="T", ref="B3:C6")
    table.totalsRowCount = 1
    sheet.add_table(table)
    for name, meaning in (
        ("row_of_t", "T[[#This Row],[x]]"),
        ("times", "_xlfn.LAMBDA(_xlpm.n,T[[#This Row],[x]]*_xlpm.n)"),
    ):
        book.defined_names[name] = DefinedName(name, attr_text=meaning)
    for row in rows:
        sheet[f"E{row}"] = formula
    book.save(folder / "book.xlsx")
    return load(folder / "book.xlsx")


@pytest.mark.parametrize(
    ("formula", "inside"),
    [
        ("=T[[#This Row],[x]]", [1, 2]),
        ("=T[[#This Row],[x]]*10", [10, 20]),
        ("=SUM(T[[#This Row],[x]:[y]])", [11, 22]),
        ("=row_of_t+1", [2, 3]),
        ("=times(2)", [2, 4]),
    ],
)
@pytest.mark.parametrize("rows", [range(1, 9), range(4, 6), range(5, 9), range(6, 9)])
def test_outside_of_the_rows_of_data_there_is_no_value(
    formula: str, inside: list[float], rows: range, tmp_path: Path
) -> None:
    book = book_with_table(tmp_path, formula, rows)
    expected = {4: inside[0], 5: inside[1]}
    found = [book[f"E{row}"] for row in rows]
    assert found == [expected.get(row, CellError("#VALUE!")) for row in rows]
