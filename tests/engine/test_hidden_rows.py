"""SUBTOTAL and AGGREGATE leave out rows that are hidden, or that a filter hides."""

from pathlib import Path
from typing import Any

import pytest
from engine.packages import RELATIONSHIPS, SHEET, parts_of, write_package

from sheetlab.engine import load
from sheetlab.errors import WorkbookError
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts, read_parts

# Rows 4 and 7 are hidden; a heading stands in row 1.
HIDDEN = (4, 7)
FILTER = '<autoFilter ref="A1:B5"><filterColumn colId="0"><filters/></filterColumn></autoFilter>'


def rows(*formulas: str, count: int = 9, first: str = "heading") -> str:
    """A heading and 2, 3, 4, … in column A, and formulas in column C of the last rows."""
    text = f'<row r="1"><c r="A1" t="str"><v>{first}</v></c></row>'
    for row in range(2, count + 1):
        hidden = ' ht="5" hidden="1"' if row in HIDDEN else ""
        text += f'<row r="{row}" spans="1:2"{hidden}><c r="A{row}"><v>{row}</v></c></row>'
    for number, formula in enumerate(formulas, count + 1):
        text += f'<row r="{number}"><c r="C{number}"><f>{formula}</f></c></row>'
    return text


def package(xml: str, around: str = "", before: str = "") -> Parts:
    parts = dict(parts_of(xml, before=before))
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", around.encode() + b"</worksheet>")
    return parts


def values(folder: Path, parts: Parts, count: int = 9, formulas: int = 1) -> list[Any]:
    book = load(write_package(folder, parts))
    return [book[f"C{row}"] for row in range(count + 1, count + 1 + formulas)]


ALL = sum(range(2, 10))


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("SUBTOTAL(9,A1:A9)", ALL),
        ("SUBTOTAL(109,A1:A9)", ALL - 11),
        ("SUBTOTAL(109,A:A)", ALL - 11),
        ("SUBTOTAL(109,A4,A7:A8)", 8),
        ("SUBTOTAL(101,A2:A9)", (ALL - 11) / 6),
        ("SUBTOTAL(102,A2:A9)", 6),
        ("SUBTOTAL(103,A1:A9)", 7),
        ("SUBTOTAL(104,A4:A7)", 6),
        ("SUBTOTAL(105,A4:A7)", 5),
        ("SUBTOTAL(106,A4:A7)", 30),
        ("SUBTOTAL(110,A4:A7)", 0.5),
        ("SUBTOTAL(111,A4:A7)", 0.25),
        ("SUBTOTAL(101,A7)", CellError("#DIV/0!")),
        ("AGGREGATE(9,4,A1:A9)", ALL),
        ("AGGREGATE(9,0,A1:A9)", ALL),
        ("AGGREGATE(9,5,A1:A9)", ALL - 11),
        ("AGGREGATE(9,1,A1:A9)", ALL - 11),
        ("AGGREGATE(4,7,A4:A7)", 6),
        ("AGGREGATE(14,5,A4:A7,2)", 5),
        ("AGGREGATE(14,6,A4:A7,1)", 7),
        # An array has no rows that could be hidden.
        ("AGGREGATE(14,5,A4:A7*1,1)", 7),
        ("SUM(A1:A9)", ALL),
    ],
)
def test_rows_hidden_by_hand(formula: str, shown: float | CellError, tmp_path: Path) -> None:
    assert values(tmp_path, package(rows(formula))) == [shown]


@pytest.mark.parametrize(
    ("around", "before", "left_out"),
    [
        (FILTER, "", 4),
        # A filter without criteria hides nothing.
        ('<autoFilter ref="A1:B9"/>', "", 0),
        (FILTER.replace("A1:B5", "A4:B9"), "", 7),
        ("", '<sheetPr filterMode="1"/>', 11),
        # The filter of a view that somebody kept is not the sheet's.
        (
            f"<customSheetViews><customSheetView>{FILTER}</customSheetView></customSheetViews>",
            "",
            0,
        ),
    ],
)
def test_rows_hidden_by_a_filter(around: str, before: str, left_out: int, tmp_path: Path) -> None:
    formulas = ("SUBTOTAL(9,A1:A9)", "SUBTOTAL(109,A1:A9)", "AGGREGATE(9,4,A1:A9)")
    parts = package(rows(*formulas), around, before)
    names = (
        '<definedName name="_xlnm._FilterDatabase" localSheetId="0">Data!$A$1:$A$9</definedName>'
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</sheets>", f"</sheets><definedNames>{names}</definedNames>".encode()
    )
    assert values(tmp_path, parts, formulas=3) == [ALL - left_out, ALL - 11, ALL]


def test_rows_hidden_by_the_filter_of_a_table(tmp_path: Path) -> None:
    parts = package(rows("SUBTOTAL(9,T[heading])"))
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONSHIPS}/table" Target="../tables/table1.xml"/>'
        "</Relationships>"
    ).encode()
    parts["xl/tables/table1.xml"] = (
        '<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="1" name="T"'
        f' displayName="T" ref="A1:A9">{FILTER}<tableColumns count="1">'
        '<tableColumn id="1" name="heading"/></tableColumns></table>'
    ).encode()
    assert values(tmp_path, parts) == [ALL - 4]


def test_rows_of_a_large_sheet_that_give_no_number(tmp_path: Path) -> None:
    """Such sheets are read by columns, not row by row."""
    count = 3_000
    body = rows("SUBTOTAL(109,A1:A3000)", count=count)
    large = package(body)
    assert values(tmp_path, large, count) == [sum(range(2, count + 1)) - 11]
    without = package(body.replace(' r="4" spans', " spans").replace('hidden="1"', "hidden='true'"))
    assert values(tmp_path, without, count) == [sum(range(2, count + 1)) - 11]


def test_hidden_rows_are_kept_when_saved(tmp_path: Path) -> None:
    path = write_package(tmp_path, package(rows("SUBTOTAL(109,A1:A9)"), FILTER))
    book = load(path)
    book.set({"A2": 102})
    book.save(tmp_path / "saved.xlsx")
    saved = read_parts(tmp_path / "saved.xlsx")[SHEET]
    assert saved.count(b'hidden="1"') == 2
    assert FILTER.encode() in saved
    assert load(tmp_path / "saved.xlsx")["C10"] == ALL - 11 + 100


def test_a_filter_of_no_range(tmp_path: Path) -> None:
    parts = package(rows("SUBTOTAL(9,A1:A9)"), FILTER.replace("A1:B5", "A1:?"))
    with pytest.raises(WorkbookError, match=r"sheet1\.xml is damaged"):
        load(write_package(tmp_path, parts))
