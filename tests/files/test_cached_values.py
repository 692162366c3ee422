import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.errors import WorkbookError
from sheetlab.files.cached_values import POISON, cache_values, poison, write_constants
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts, read_parts, write_parts
from sheetlab.files.xml import worksheet_parts

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data & more"
    sheet["A1"] = 2.5
    sheet["B1"] = "=A1*2"
    sheet["B1"].font = Font(bold=True)
    sheet["D1"] = "last"
    sheet["B3"] = ArrayFormula("B3:C5", "=MMULT(A1:A3,TRANSPOSE(A1:A2))")
    sheet.conditional_formatting.add("A1:A3", Rule("cellIs", operator="greaterThan", formula=["2"]))
    book.create_sheet("합계")["A1"] = "=SUM('Data & more'!A1:B1)"
    book.save(tmp_path / "book.xlsx")
    return read_parts(tmp_path / "book.xlsx")


def cell(parts: Parts, ref: str, part: str = SHEET) -> etree._Element:
    cells = etree.fromstring(parts[part]).iter(f"{{{MAIN}}}c")
    (found,) = (found for found in cells if found.get("r") == ref)
    return found


def stored(parts: Parts, ref: str) -> tuple[str | None, str | None]:
    found = cell(parts, ref)
    return found.get("t"), found.findtext(f"{{{MAIN}}}v")


def read_by_openpyxl(parts: Mapping[str, bytes], tmp_path: Path) -> dict[str, dict[str, Any]]:
    write_parts(tmp_path / "cached.xlsx", parts)
    book = load_workbook(tmp_path / "cached.xlsx", data_only=True)
    return {
        sheet.title: {c.coordinate: c.value for row in sheet for c in row if c.value is not None}
        for sheet in book
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5.0, (None, "5")),
        (0.1 + 0.2, (None, "0.30000000000000004")),
        (1e22, (None, "1e+22")),
        (-0.0, (None, "0")),
        (True, ("b", "1")),
        (False, ("b", "0")),
        ("ŷ < 3 & x", ("str", "ŷ < 3 & x")),
        ("", ("str", "")),
        ("#N/A", ("str", "#N/A")),
        ("a\x01b", ("str", "a_x0001_b")),
        ("_x0041_", ("str", "_x005F_x0041_")),
        (CellError("#DIV/0!"), ("e", "#DIV/0!")),
    ],
)
def test_each_type_has_its_mark(value: Any, expected: Any, parts: Parts) -> None:
    kind, text = stored(cache_values(parts, {("Data & more", "B1"): value}), "B1")
    assert (kind, text or "") == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_exactly(number: float) -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "=1"
    stream = BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    _, text = stored(cache_values(parts, {("Sheet", "A1"): number}), "A1")
    assert float(text or "") == number


def test_values_reach_every_sheet_and_a_whole_array(parts: Parts, tmp_path: Path) -> None:
    array = {("Data & more", f"{column}{row}"): 10.0 * row for column in "BC" for row in (3, 4, 5)}
    cached = cache_values(parts, {("Data & more", "B1"): 5.0, ("합계", "A1"): 7.5, **array})
    values = read_by_openpyxl(cached, tmp_path)
    assert values["합계"] == {"A1": 7.5}
    assert values["Data & more"] == {
        **{"A1": 2.5, "B1": 5, "D1": "last", "B3": 30, "C3": 30},
        **{"B4": 40, "C4": 40, "B5": 50, "C5": 50},
    }


def test_only_the_values_change(parts: Parts) -> None:
    cached = cache_values(parts, {("Data & more", "B1"): 5.0})
    assert {name for name in parts if parts[name] != cached[name]} == {SHEET}
    before, after = (
        etree.tostring(etree.fromstring(content), method="c14n")
        for content in (parts[SHEET], cached[SHEET])
    )
    assert after == before.replace(b"<f>A1*2</f><v></v>", b"<f>A1*2</f><v>5</v>")
    assert after != before


def test_constants_are_left_alone(parts: Parts) -> None:
    assert cache_values(parts, {("Data & more", "A1"): 9.0, ("nowhere", "A1"): 9.0}) == parts


def test_cells_without_address_and_other_content_survive(parts: Parts) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}" xmlns:x14="urn:x14"><sheetData><row><c><v>1</v></c>'
        '<c t="str" s="3"><f>A1</f><v>old</v><extLst><ext uri="u"/></extLst></c></row>'
        '<row><c/><c><f>A1+1</f></c></row></sheetData><extLst><ext uri="x"><x14:y/></ext></extLst>'
        "</worksheet>"
    ).encode()
    cached = cache_values(
        {**parts, SHEET: sheet}, {("Data & more", "B1"): 1.0, ("Data & more", "B2"): 2.0}
    )
    expected = sheet.replace(b' t="str"', b"").replace(b"<v>old</v>", b"<v>1</v>")
    expected = expected.replace(b"<f>A1+1</f>", b"<f>A1+1</f><v>2</v>")
    assert cached[SHEET].partition(b"?>\n")[2] == expected


def test_caching_twice_is_caching_the_last(parts: Parts) -> None:
    first = cache_values(parts, {("Data & more", "B1"): "text", ("Data & more", "C4"): True})
    values = {("Data & more", "B1"): 1.0, ("Data & more", "C4"): 2.0}
    assert cell(cache_values(first, values), "B1").findtext(f"{{{MAIN}}}v") == "1"
    assert stored(cache_values(first, values), "C4") == (None, "2")


def test_poison_reaches_every_formula_and_no_constant(parts: Parts, tmp_path: Path) -> None:
    values = read_by_openpyxl(poison(parts), tmp_path)
    array = {f"{column}{row}" for column in "BC" for row in (3, 4, 5)}
    assert values["합계"] == {"A1": POISON}
    assert values["Data & more"] == {
        **{"A1": 2.5, "D1": "last"},
        **dict.fromkeys({"B1"} | array, POISON),
    }
    assert read_by_openpyxl(poison(parts, 1e300), tmp_path)["합계"] == {"A1": 1e300}


def test_poison_reaches_shared_formulas(parts: Parts) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B2" si="0">A1</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row></sheetData></worksheet>'
    ).encode()
    poisoned = poison({**parts, SHEET: sheet})
    assert [stored(poisoned, ref) for ref in ("B1", "B2")] == [(None, str(POISON))] * 2


@pytest.mark.parametrize("empty", ["<f/>", "<f></f>", '<f ca="1"/>'])
def test_poison_reaches_no_constant_beside_an_empty_formula(empty: str, parts: Parts) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1">{empty}<v>5</v></c>'
        '<c r="B1"><f>A1</f><v>1</v></c></row></sheetData></worksheet>'
    ).encode()
    poisoned = poison({**parts, SHEET: sheet})
    assert stored(poisoned, "A1") == (None, "5")
    assert stored(poisoned, "B1") == (None, str(POISON))


def test_what_cannot_be_read_names_its_part(parts: Parts) -> None:
    row = '<row r="1"><c r="A2"><!-- --><f>1</f></c></row>'
    for sheet in (f"<worksheet><sheetData>{row}</sheetData></worksheet>", "<worksheet/>"):
        with pytest.raises(WorkbookError, match=r"xl/worksheets/sheet1\.xml is damaged"):
            poison({**parts, SHEET: sheet.encode()})


def test_constants_are_written(parts: Parts, tmp_path: Path) -> None:
    constants: dict[str, CellValue | None] = {
        "A1": 0.25,
        "D1": True,
        "A2": " two\n",
        "F9": CellError("#N/A"),
        "E1": None,
    }
    written = write_constants(parts, {("Data & more", r): v for r, v in constants.items()})
    values = read_by_openpyxl(written, tmp_path)["Data & more"]
    assert values == {"A1": 0.25, "D1": True, "A2": " two\n", "F9": "#N/A"}
    blank = write_constants(written, {("Data & more", "A2"): None})
    assert "A2" not in read_by_openpyxl(blank, tmp_path)["Data & more"]


def test_sheets_by_name(parts: Parts) -> None:
    assert worksheet_parts(parts) == {"Data & more": SHEET, "합계": "xl/worksheets/sheet2.xml"}


def test_a_damaged_part_is_named(parts: Parts) -> None:
    with pytest.raises(WorkbookError, match=r"xl/worksheets/sheet1\.xml.*damaged"):
        poison({**parts, SHEET: parts[SHEET][:-20]})
    with pytest.raises(WorkbookError, match=r"lacks its part xl/worksheets/sheet1\.xml"):
        poison({name: content for name, content in parts.items() if name != SHEET})


def test_entities_are_not_read(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    declared = f'<!DOCTYPE r [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    sheet = (
        f'{declared}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str">'
        "<f>&e;</f><v/></c></row></sheetData></worksheet>"
    )
    with pytest.raises(WorkbookError, match=r"xl/worksheets/sheet1\.xml.*DOCTYPE"):
        poison({**parts, SHEET: sheet.encode()})
