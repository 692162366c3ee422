"""Packages that no spreadsheet program writes: what counts as a cell, and what is refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.packages import MAIN, RELATIONSHIPS, SHEET, formulas, parts_of, write_package
from openpyxl import load_workbook

from sheetlab.engine import load
from sheetlab.errors import WorkbookError
from sheetlab.files.package import Parts

METADATA = "xl/metadata.xml"
LINKS = "xl/_rels/workbook.xml.rels"
LONG = "9" * 5_000

FOREIGN = (
    '<o:row xmlns:o="urn:other" r="7"><c r="A7"><v>5</v></c></o:row>'
    '<row r="8"><o:c xmlns:o="urn:other" r="A8"><v>5</v></o:c>'
    '<c r="B8"><o:v xmlns:o="urn:other">5</o:v></c>'
    '<c xmlns="urn:other" r="C8"><v>5</v></c>'
    '<c r="D8"><o:f xmlns:o="urn:other">1+1</o:f><v>4</v></c></row>'
)
OUTSIDE = (
    b'<extLst><ext><sheetData><row r="9"><c r="A9"><v>5</v></c></row></sheetData></ext></extLst>'
    b'<row r="10"><c r="A10"><f>1+1</f></c></row></worksheet>'
)


@pytest.mark.parametrize("rows", [0, 3_000], ids=["small", "large"])
def test_what_is_no_cell(rows: int, tmp_path: Path) -> None:
    regular = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(20, 20 + rows)
    )
    parts = parts_of(f"{formulas('A1+B1')}{FOREIGN}{regular}")
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", OUTSIDE)
    book = load(write_package(tmp_path, parts))
    cells = {"A1": 2, "B1": 3, "C1": 5, "D8": 4} | {f"A{n}": n for n in range(20, 20 + rows)}
    assert book.values() == {("Data", ref): value for ref, value in cells.items()}
    book.set({"A8": 1})
    book.save(tmp_path / "saved.xlsx")
    assert load(tmp_path / "saved.xlsx").values() == book.values()


SHUT = '<row r="1"><c r="A1"><v>1</v></c></row>'
IRREGULAR = "".join(
    f'<row r="{row}"><c r="A{row}"><v>1</v></c>' + f'<c r="B{row}"/>' * (row % 2) + "</row>"
    for row in range(20, 3_000)
)
REGULAR = "".join(
    f'<row r="{row}"><c r="A{row}" t="str"><v>a</v></c></row>' for row in range(20, 3_000)
)


@pytest.mark.parametrize("rest", ["", IRREGULAR, REGULAR], ids=["small", "irregular", "regular"])
@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><row r="2"><c r="A2"><v>2</v></c></row>',
        f"{SHUT}</row>",
        '<row r="1"><c r="A1" t="str"><v>a\x01b</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>&bogus;</v></c></row>',
        '<row r="1"><c r="A1"><v>1_0</v></c></row>',
        '<row r="1"><c r="A1"><v>１</v></c></row>',
        SHUT.replace("1", "\udcff", 1),
        '<row r="1"><c r="A1" t="str"><v>\udcff</v></c></row>',
    ],
)
def test_rows_that_are_no_xml_or_no_number(rows: str, rest: str, tmp_path: Path) -> None:
    parts = parts_of("here")
    content = f"{rows}{rest}".encode(errors="surrogateescape")
    parts[SHEET] = parts[SHEET].replace(b"here", content)
    with pytest.raises(WorkbookError, match=r"book\.xlsx"):
        load(write_package(tmp_path, parts)).values()


@pytest.mark.parametrize("rest", ["", IRREGULAR, REGULAR], ids=["small", "irregular", "regular"])
def test_cells_that_stand_in_no_row(rest: str, tmp_path: Path) -> None:
    inner = '<row r="2"><c r="A2"><v>2</v></c></row>'
    nested = f'<row r="3"><c r="A3"><v>3</v></c>{inner}</row>'
    book = load(write_package(tmp_path, parts_of(f'{SHUT}<c r="B1"><v>5</v></c>{nested}{rest}')))
    assert (book["A1"], book["B1"], book["A2"], book["A3"]) == (1, None, None, 3)


@pytest.mark.parametrize("other", ["xl/workbook.xml", "XL/Workbook.xml"])
def test_two_parts_of_one_name(other: str, tmp_path: Path) -> None:
    path = write_package(tmp_path, parts_of(formulas("A1")))
    with zipfile.ZipFile(path, "a") as package, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **options: None)
        package.writestr(other, "<workbook/>")
    with pytest.raises(WorkbookError, match=r"book\.xlsx: has two parts of the name (?i:xl/)"):
        load(path)


def cell(inside: str, **attributes: str) -> Parts:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return parts_of(f'<row r="1"><c{said}>{inside}</c></row>')


def replaced(part: str, old: str, new: str) -> Parts:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    parts = parts_of(rows, strings="<si><t>x</t></si>", sheets=("Data", "Other"))
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    return parts


def with_table(table: str) -> Parts:
    parts = parts_of(formulas("A1"))
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONSHIPS}/table" Target="{table}"/></Relationships>'
    ).encode()
    parts["xl/tables/table1.xml"] = f'<table xmlns="{MAIN}" displayName="T" ref=""/>'.encode()
    return parts


REFUSED: list[Callable[[], Parts]] = [
    lambda: cell("<v>2020-01-01T00:00:00+09:00</v>", r="A1", t="d"),
    lambda: cell("<v>2020-01-01T00:00:00.5-01:00</v>", r="A1", t="d"),
    lambda: cell("<v>yesterday</v>", r="A1", t="d"),
    lambda: cell("<v>1</v>", r=""),
    lambda: cell(f"<v>{LONG}</v>", r="A1"),
    lambda: cell(f"<v>{LONG}</v>", r="A1", t="s"),
    lambda: cell("<v>1</v>", r=f"A{LONG}"),
    lambda: cell('<f t="array" ref="A">1</f>', r="A1"),
    lambda: cell(f'<f t="array" ref="A1:A{LONG}">1</f>', r="A1"),
    lambda: parts_of(f'<row r="{LONG}"><c><v>1</v></c></row>'),
    lambda: parts_of('<row r=""><c><v>1</v></c></row>'),
    lambda: replaced("xl/worksheets/sheet2.xml", "<sheetData/>", ""),
    lambda: replaced(LINKS, "worksheets/sheet2.xml", "sharedStrings.xml"),
    lambda: replaced(LINKS, "worksheets/sheet2.xml", "workbook.xml"),
    lambda: replaced(LINKS, "worksheets/sheet2.xml", "nowhere.xml"),
    lambda: replaced(LINKS, 'Target="sharedStrings.xml"', 'Target="worksheets/sheet1.xml"'),
    lambda: replaced(LINKS, 'Target="sharedStrings.xml"', 'Target="../../../etc/passwd"'),
    lambda: replaced(LINKS, "worksheets/sheet1.xml", "worksheets/sheet9.xml"),
    lambda: with_table("../tables/table1.xml"),
    lambda: with_table("sheet1.xml"),
    lambda: {**parts_of(formulas("A1")), METADATA: b"<metadata"},
    lambda: {
        **parts_of(formulas("A1")),
        METADATA: b'<metadata><cellMetadata><bk><rc t="x"/></bk></cellMetadata></metadata>',
    },
]


@pytest.mark.parametrize("parts", REFUSED, ids=range(len(REFUSED)))
def test_what_is_damaged_is_one_sentence(parts: Callable[[], Parts], tmp_path: Path) -> None:
    path = write_package(tmp_path, parts())
    with pytest.raises(WorkbookError) as refusal:
        load(path).values()
    for message in (refusal.value.message.en, refusal.value.message.ko):
        assert str(path) in message
        assert len(message) < 500


@pytest.mark.parametrize(
    "formula",
    [
        'INDIRECT("R"&amp;REPT("9",5000)&amp;"C1",FALSE)',
        'INDIRECT("A"&amp;REPT("9",5000))',
        'VALUE(REPT("9",5000))',
        'VALUE(REPT("9",5000)&amp;" 1/2")',
        'DATEVALUE(REPT("9",5000)&amp;"-01-01")',
        'TIMEVALUE(REPT("9",5000)&amp;":00")',
        'COUNTIF(C1:D1,"="&amp;REPT("9",5000))-COUNTIF(C1:D1,REPT("9",5000)&amp;" 1/2")',
        'DECIMAL(REPT("9",5000),10)',
        f"{LONG}+1",
        f"A{LONG}+1",
    ],
)
def test_numbers_of_many_digits(formula: str, tmp_path: Path) -> None:
    parts = parts_of(f'<row r="1"><c r="A1"><f>{formula}</f></c><c r="B1"><f>1+1</f></c></row>')
    path = write_package(tmp_path, parts)
    assert load(path)["B1"] == 2
    load(path).save(tmp_path / "saved.xlsx")
    assert load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]["B1"].value == 2


def test_an_array_formula_with_an_empty_range_fills_its_cell(tmp_path: Path) -> None:
    parts = cell('<f t="array" ref="">1+1</f>', r="A1")
    book = load(write_package(tmp_path, parts))
    assert book["A1"] == 2
    book.save(tmp_path / "saved.xlsx")
    assert load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]["A1"].value == 2
