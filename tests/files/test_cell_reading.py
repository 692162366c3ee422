"""What a cell stores, told from its element."""

import pytest
from lxml import etree

from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_ROW
from sheetlab.files.cell_reading import (
    CellFormula,
    StoredCell,
    ValueReader,
    numbered_cells,
    numbered_rows,
    rows_in,
    stored_in,
    unescaped,
)
from sheetlab.files.cell_value import CellError, CellValue

READER = ValueReader(("zero", ""))


def stored(cell: str) -> StoredCell:
    return stored_in(etree.fromstring(cell))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>1.5</v></c>", 1.5),
        ("<c><v>1<!-- half --><?more x?>.5</v></c>", 1.5),
        ("<c><v>1</v><v>2</v></c>", 1.0),
        ('<c t="s"><v>0</v></c>', "zero"),
        ('<c t="s"><v>1</v></c>', ""),
        ('<c t="str"><v>a_x000a_b</v></c>', "a\nb"),
        ('<c t="str"><v/></c>', ""),
        ('<c t="b"><v>true</v></c>', True),
        ('<c t="b"><v> 0 </v></c>', False),
        ('<c t="e"><v>#N/A</v></c>', CellError("#N/A")),
        ('<c t="d"><v>1904-01-02T12:00:00Z</v></c>', 1463.5),
        ('<c t="inlineStr"><is><t>a_x000a_</t><rPh><t>no</t></rPh></is></c>', "a\n"),
        ('<c t="inlineStr"><is><r><t>one </t></r><r><t>two</t></r></is></c>', "one two"),
        ('<c t="inlineStr"><is/></c>', ""),
        ('<c t="inlineStr"><v>1</v></c>', None),
        ("<c><is><t>text</t></is></c>", None),
        ("<c><v/></c>", None),
        ('<c t="b"><v></v></c>', None),
        ("<c/>", None),
        ('<c><v xmlns="urn:other">1</v></c>', None),
        ('<x:c xmlns:x="urn:x"><x:v>2</x:v></x:c>', 2.0),
    ],
)
def test_values(cell: str, value: CellValue | None) -> None:
    found = READER.value(stored(cell))
    assert (type(found), found) == (type(value), value)


def test_days_are_counted_from_1904_where_the_workbook_does() -> None:
    assert ValueReader(date_1904=True).decode("d", "1904-01-02") == 1.0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("n", "one"), ("n", "nan"), ("n", "1e999"), ("n", "1_000"), ("n", "１")),
        *(("s", "2"), ("s", "-1"), ("s", "x"), ("b", "yes"), ("d", "yesterday")),
    ],
)
def test_what_is_no_value(kind: str, text: str) -> None:
    with pytest.raises(MalformedError, match="cannot be read"):
        READER.decode(kind, text)


@pytest.mark.parametrize(
    ("cell", "formula"),
    [
        ("<c><f>A1+1</f><v>2</v></c>", CellFormula("A1+1", "normal", None, "")),
        ("<c><v>2</v><f>=A1=B1</f></c>", CellFormula("A1=B1", "normal", None, "")),
        ("<c><f>A1<!-- -->+1</f></c>", CellFormula("A1+1", "normal", None, "")),
        ('<c><f t="shared" si="3"/></c>', CellFormula("", "shared", None, "3")),
        (
            '<c><f t="array" ref="A1:B2">B1:C2</f></c>',
            CellFormula("B1:C2", "array", "A1:B2", ""),
        ),
        ('<c><f t="dataTable" ref="A1"/></c>', CellFormula("TABLE()", "dataTable", "A1", "")),
        ("<c><f/><v>2</v></c>", None),
        ('<c><f t="array" ref="A1:B2"/></c>', None),
        ('<c><f xmlns="urn:other">A1</f></c>', None),
    ],
)
def test_formulas(cell: str, formula: CellFormula | None) -> None:
    assert stored(cell).formula == formula


@pytest.mark.parametrize(
    ("kind", "ref", "area"),
    [
        ("normal", "A1:B2", (7, 3, 7, 3)),
        ("shared", "A1:B2", (7, 3, 7, 3)),
        ("array", None, (7, 3, 7, 3)),
        ("array", "", (7, 3, 7, 3)),
        ("array", "A1:$B$2", (1, 1, 2, 2)),
        ("array", "B9:A2", (2, 1, 9, 2)),
        ("dataTable", "D4", (4, 4, 4, 4)),
    ],
)
def test_what_a_formula_fills(kind: str, ref: str | None, area: tuple[int, ...]) -> None:
    assert CellFormula("1", kind, ref, "").area(7, 3) == area


def test_an_array_formula_for_no_range() -> None:
    with pytest.raises(MalformedError, match="'A:B2'"):
        CellFormula("1", "array", "A:B2", "").area(1, 1)


def addresses(rows: str, before: int = 0) -> list[tuple[int, list[int]]]:
    data = etree.fromstring(f"<sheetData>{rows}</sheetData>")
    return [
        (number, [column for column, _ in numbered_cells(row, number)])
        for number, row in numbered_rows(rows_in(data), before)
    ]


def test_rows_and_cells_that_give_no_address_follow_one_another() -> None:
    rows = '<row><c/><c r="C8"/><c/></row><row r="20"><c r="AAA20"/></row><other/><row/>'
    assert addresses(rows, 7) == [(8, [1, 3, 4]), (20, [703]), (21, [])]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="0"/>', "no row 0"),
        (f'<row r="{MAX_ROW}"/><row/>', f"no row {MAX_ROW + 1}"),
        ('<row r="2"><c r="A1"/></row>', "stands in row 2"),
        ('<row r="1"><c r="$A$1"/></row>', "no cell"),
        ('<row r="1"><c r="XFE1"/></row>', "XFE1"),
        ('<row r="1"><c r="XFD1"/><c/></row>', "more than 16,384"),
    ],
)
def test_what_stands_nowhere(rows: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        addresses(rows)


def test_entities() -> None:
    assert unescaped("&lt;&#65;&#x42;&amp;amp;글".encode()) == "<AB&amp;글"
    for raw in (b"&bogus;", b"&#x110000;", b"\xff"):
        with pytest.raises(MalformedError):
            unescaped(raw)
