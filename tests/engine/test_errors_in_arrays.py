"""Errors in arrays are errors, not texts: for formulas that test them, and in the saved file."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.files.cell_value import CellError

Y_AND_X: dict[str, Any] = {
    f"{column}{row}": value
    for column, values in {"A": (1, 3, 4, 9), "B": (2, 5, 7, 8)}.items()
    for row, value in enumerate(values, 1)
}


@pytest.mark.parametrize(
    ("area", "formula", "missing"),
    [
        ("D1:D6", "=A1:A4*1", ["D5", "D6"]),
        ("D1:E4", "=_xlfn.HSTACK(A1:A2,B1:B4)", ["D3", "D4"]),
        ("D1:E3", "=_xlfn.VSTACK(A1,A1:B2)", ["E1"]),
        ("D1:E2", "=_xlfn.EXPAND(A1,2,2)", ["E1", "D2", "E2"]),
        ("D1:E2", "=_xlfn.EXPAND(A1,2,2,1/0)", ["E1", "D2", "E2"]),
        ("D1:E2", "=_xlfn.WRAPROWS(A1:A3,2)", ["E2"]),
        ("D1:F5", "=LINEST(A1:A4,B1:B4^{1,2},TRUE,TRUE)", ["F3", "F4", "F5"]),
        ("D1:E2", "=LINEST(A1:A4,B1:B4,FALSE,TRUE)", ["E2"]),
        ("D1:E3", "=A1:B2+A1:A3", ["E3"]),
    ],
)
def test_what_an_array_does_not_have(
    area: str, formula: str, missing: list[str], tmp_path: Path
) -> None:
    cells = Y_AND_X | {"D1": ArrayFormula(area, formula)}
    cells |= {f"J{row}": f"=IFERROR({ref},7)" for row, ref in enumerate(missing, 1)}
    cells |= {f"K{row}": f"=ISERROR({ref})" for row, ref in enumerate(missing, 1)}
    cells |= {f"L{row}": f"=ISTEXT({ref})" for row, ref in enumerate(missing, 1)}
    book = book_of(tmp_path, cells)
    for row, ref in enumerate(missing, 1):
        assert type(book[ref]) is CellError
        assert book[f"J{row}:L{row}"].tolist() == [7, True, False]
    errors = [value for value in book[area].ravel().tolist() if str(value).startswith("#")]
    assert {type(value) for value in errors} == {CellError}
    book.save(tmp_path / "saved.xlsx")
    saved = load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]
    assert {saved[ref].data_type for ref in missing} == {"e"}
