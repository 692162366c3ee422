"""Files of a few kilobytes that are far larger, or slower to read, than they look."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from engine.packages import MAIN, RELATIONSHIPS, SHEET, formulas, parts_of, write_package
from hostile.bounded import run

from sheetlab.files.address import letters_of
from sheetlab.files.package import Parts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")
WORKBOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def refused(folder: Path, parts: Parts, within: float = 30) -> str:
    outcome = run(write_package(folder, parts), within=within)
    assert outcome.refused is not None
    assert "book.xlsx" in outcome.refused
    assert "\n" not in outcome.refused
    return outcome.refused


def test_many_sheets_that_are_one_part(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    tabs = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(70_000))
    parts[WORKBOOK] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets>{tabs}</sheets></workbook>'
    ).encode()
    assert "two sheets" in refused(tmp_path, parts)


def test_many_sheets_that_are_one_part_by_many_relations(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    tabs = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(20_000))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/>'
        for n in range(20_000)
    )
    parts[WORKBOOK] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets>{tabs}</sheets></workbook>'
    ).encode()
    parts[LINKS] = parts[LINKS].replace(b"</Relationships>", links.encode() + b"</Relationships>")
    assert "two sheets" in refused(tmp_path, parts)


def test_many_tables_that_are_one_part(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONSHIPS}/table" Target="../tables/table1.xml"/>'
        for n in range(20_000)
    )
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="x">{links}</Relationships>'.encode()
    )
    columns = "".join(f'<tableColumn id="{n}" name="c{n}"/>' for n in range(2000))
    parts["xl/tables/table1.xml"] = (
        f'<table xmlns="{MAIN}" displayName="T" ref="A1:B2"><tableColumns>{columns}</tableColumns>'
        "</table>"
    ).encode()
    assert "two relations" in refused(tmp_path, parts)


def test_many_other_workbooks_that_are_one_part(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    link = (
        f'<Relationship Id="r1" Type="{RELATIONSHIPS}/externalLink" Target="externalLinks/e.xml"/>'
    )
    parts[LINKS] = parts[LINKS].replace(b"</Relationships>", link.encode() + b"</Relationships>")
    references = '<externalReference r:id="r1"/>' * 20_000
    parts[WORKBOOK] = parts[WORKBOOK].replace(
        b"</workbook>",
        f"<externalReferences>{references}</externalReferences></workbook>".encode(),
    )
    cells = "".join(f'<row><cell r="A{n}"><v>1</v></cell></row>' for n in range(1, 5000))
    parts["xl/externalLinks/e.xml"] = (
        f'<externalLink xmlns="{MAIN}"><externalBook><sheetNames><sheetName val="S"/></sheetNames>'
        f'<sheetDataSet><sheetData sheetId="0">{cells}</sheetData></sheetDataSet></externalBook>'
        "</externalLink>"
    ).encode()
    assert "two relations" in refused(tmp_path, parts)


def test_values_of_another_workbook_in_any_order(tmp_path: Path) -> None:
    parts = parts_of(formulas("SUM([1]S!A1:ZZ60000)"))
    link = (
        f'<Relationship Id="r1" Type="{RELATIONSHIPS}/externalLink" Target="externalLinks/e.xml"/>'
    )
    parts[LINKS] = parts[LINKS].replace(b"</Relationships>", link.encode() + b"</Relationships>")
    parts[WORKBOOK] = parts[WORKBOOK].replace(
        b"</workbook>",
        b'<externalReferences><externalReference r:id="r1"/></externalReferences></workbook>',
    )
    cells = "".join(
        f'<cell r="A{2 * n}"><v>1</v></cell>'
        f'<cell r="{letters_of(n % 700 + 1)}{2 * n + 1}"><v>1</v></cell>'
        for n in range(30_000, 0, -1)
    )
    parts["xl/externalLinks/e.xml"] = (
        f'<externalLink xmlns="{MAIN}"><externalBook><sheetNames><sheetName val="S"/></sheetNames>'
        f'<sheetDataSet><sheetData sheetId="0"><row>{cells}</row></sheetData></sheetDataSet>'
        "</externalBook></externalLink>"
    ).encode()
    outcome = run(write_package(tmp_path, parts), within=30)
    assert outcome.values["Data!C1"] == 60_000 - 1


def sharing(columns: Iterable[int]) -> Parts:
    text = "+".join(f"A{n}" for n in range(2, 1800))
    first = f'<c r="B1"><f t="shared" si="0" ref="B1:NTP1">{text}</f></c>'
    others = "".join(
        f'<c r="{letters_of(column)}1"><f t="shared" si="0"/></c>' for column in columns
    )
    return parts_of(f'<row r="1">{first}{others}</row>')


def test_a_long_shared_formula_in_many_columns(tmp_path: Path) -> None:
    message = refused(tmp_path, sharing(range(4, 10_004, 2)))
    assert "shared formulas" in message


def test_a_shared_formula_is_not_limited_where_it_is_filled_right(tmp_path: Path) -> None:
    outcome = run(write_package(tmp_path, sharing(range(3, 5003))))
    assert outcome.values["Data!B1"] == 0


def test_a_shared_formula_is_not_limited_where_it_is_filled_down(tmp_path: Path) -> None:
    text = "+".join(["A1"] * 1000)
    first = f'<c r="A1"><v>1</v></c><c r="B1"><f t="shared" si="0" ref="B1:B20000">{text}</f></c>'
    others = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><f t="shared" si="0"/></c></row>'
        for n in range(2, 20_001)
    )
    outcome = run(write_package(tmp_path, parts_of(f'<row r="1">{first}</row>{others}')))
    assert outcome.values["Data!B1000"] == 1_000_000


def test_array_formulas_among_runs(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><f t="array" ref="A{n}">1</f></c><c r="B{n}"><v>1</v></c></row>'
        if n % 3 == 0
        else f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>'
        if n % 3 == 1
        else f'<row r="{n}"><c r="C{n}"><v>2</v></c></row>'
        for n in range(1, 60_001)
    )
    outcome = run(write_package(tmp_path, parts_of(rows)))
    assert set(outcome.values.values()) == {1}


@pytest.mark.parametrize("part", [SHEET, WORKBOOK, LINKS])
@pytest.mark.parametrize("encoding", ["punycode", "idna", "utf-7", "unicode_escape", "zlib", "hex"])
def test_declared_encodings(encoding: str, part: str, tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    parts[part] = (
        f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + parts[part] + b"-" + b"z" * 50_000
    )
    refused(tmp_path, parts)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16", "ISO-8859-1", "us-ascii"])
def test_encodings_that_people_use(encoding: str, tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    said = f'<?xml version="1.0" encoding="{encoding}"?>' + parts[SHEET].decode()
    parts[SHEET] = said.encode(encoding)
    assert run(write_package(tmp_path, parts)).values == {"Data!C1": 5}


def test_a_tree_of_many_elements(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    parts[WORKBOOK] = parts[WORKBOOK].replace(b"</workbook>", b"<a/>" * 12_000_000 + b"</workbook>")
    assert "elements" in refused(tmp_path, parts)


@pytest.mark.parametrize(
    "cell", ["<c/>", "<c></c>", '<c r="A1"/>', "<c><v>1</v></c>", "<!-- --><c/>"]
)
def test_a_sheet_of_many_cells(cell: str, tmp_path: Path) -> None:
    refused(tmp_path, parts_of(f'<row r="1">{cell * 21_000_000}</row>'), within=90)


def test_deep_elements(tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"), before="<a>" * 200_000 + "</a>" * 200_000)
    outcome = run(write_package(tmp_path, parts), within=30)
    assert outcome.refused or outcome.values == {"Data!C1": 5}


def test_limits_of_a_file_are_those_that_were_given(tmp_path: Path) -> None:
    path = write_package(tmp_path, parts_of(formulas("A1+B1")))
    assert "2 cells" in (run(path, cells=2).refused or "")
    assert "100 bytes" in (run(path, unpacked_bytes=100).refused or "")
    assert run(path, cells=3).values == {"Data!C1": 5}


def test_a_million_rows_are_not_too_much(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><f>A{n}*2</f></c></row>'
        for n in range(1, 400_001)
    )
    outcome = run(write_package(tmp_path, parts_of(rows)), within=60)
    assert outcome.refused is None
    assert outcome.warnings == []
    assert outcome.values["Data!B1000"] == 2000
