"""Errors in arrays are errors, not texts: for formulas that test them, and in the saved file."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab import load
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
    cells |= {f"M{row}": f"=ISNA({ref})" for row, ref in enumerate(missing, 1)}
    book = book_of(tmp_path, cells)
    for row, ref in enumerate(missing, 1):
        error = CellError("#DIV/0!") if "1/0" in formula else CellError("#N/A")
        assert book[ref] == error
        assert book[f"J{row}:M{row}"].tolist() == [7, True, False, error == CellError("#N/A")]
    shown = [value for value in book[area].ravel().tolist() if str(value).startswith("#")]
    assert {type(value) for value in shown} == {CellError}
    book.save(tmp_path / "saved.xlsx")
    saved = load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]
    assert {saved[ref].data_type for ref in missing} == {"e"}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUM(ISNA(_xlfn.HSTACK(A1:A2,B1:B4))*1)", 2),
        ("=SUM(ISERROR(_xlfn.VSTACK(A1,A1:B2))*1)", 1),
        ("=SUM(ISTEXT(_xlfn.EXPAND(A1,2,2))*1)", 0),
        ("=SUM(IFERROR(_xlfn.EXPAND(A1,2,2),7))", 22),
        ("=SUM(_xlfn.IFNA(_xlfn.EXPAND(A1,2,2,1/0),7))", CellError("#DIV/0!")),
        ("=LEN(C1)", CellError("#N/A")),
        ('=C1&""', CellError("#N/A")),
        ("=C1=C2", CellError("#N/A")),
        ("=EXACT(C2,C1)", CellError("#N/A")),
        ('=_xlfn.TEXTJOIN("",TRUE,C1:C2)', CellError("#N/A")),
        ("=T(C1)", CellError("#N/A")),
        ("=TYPE(C1)", 16),
        ("=TYPE(C2)", 2),
        ('=CELL("type",C1)', "v"),
        ("=ISNONTEXT(C1)", True),
        ("=ISNA(C2)", False),
        ('=COUNTIF(C1:C2,"*")', 1),
        ('=COUNTIF(C1:C2,"<>*")', 1),
        ("=COUNTIF(C1:C2,C1)", 1),
        ('=MATCH("#N/A",C1:C2,0)', 2),
        ('=MATCH("?N*",C1:C2,0)', 2),
        ('=VLOOKUP("#n/a",C1:D2,2,FALSE)', 20),
        ("=ROWS(_xlfn.UNIQUE(C1:C2))", 2),
        ("=COUNTA(C1:C2)", 2),
        ('=C2&"!"', "#N/A!"),
        ("=LEN(C2)", 4),
    ],
)
def test_a_text_that_reads_like_an_error_is_another_value(
    formula: str, expected: Any, tmp_path: Path
) -> None:
    cells = Y_AND_X | {"C1": "=NA()", "C2": '="#N/"&"A"', "D1": 10, "D2": 20}
    book = book_of(tmp_path, cells | {"F1": ArrayFormula("F1", formula)})
    assert book["F1"] == expected
    assert type(book["F1"]) is (float if type(expected) is int else type(expected))
    book.save(tmp_path / "saved.xlsx")
    saved = load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]
    assert [saved[ref].data_type for ref in ("C1", "C2")] == ["e", "s"]


def test_an_error_is_set_and_saved_as_one(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": 1, "A2": 2, "B1": "=ISNA(A1)", "B2": "=A2"})
    book.set({"A1": CellError("#N/A"), "A2": CellError("#BLOCKED!")})
    assert book["B1:B2"].tolist() == [True, CellError("#BLOCKED!")]
    book.save(tmp_path / "saved.xlsx")
    again = load(tmp_path / "saved.xlsx")
    assert again["A1:A2"].tolist() == [CellError("#N/A"), CellError("#BLOCKED!")]
    frame = again.frame("A1:B2", header=0)
    assert "#N/A" in str(frame)
    assert "<td>#BLOCKED!</td>" in frame.to_html()
