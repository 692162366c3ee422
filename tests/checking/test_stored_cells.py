"""What the witnesses are told that a file holds, beside what the engine reads from it."""

from pathlib import Path

import pytest
from engine.packages import SHEET, formulas, parts_of, write_package

from sheetlab.checking.engines.cells import StoredFormula, stored_cells
from sheetlab.engine import load
from sheetlab.errors import WorkbookError
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts

CONSTANTS = (
    '<row><c><v>1.5</v></c><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="d"><v>1904-01-03</v></c>'
    '<c t="b"><v>true</v></c><c t="e"><v> #N/A </v></c></row>'
    '<row r="5"><c r="B5" t="inlineStr"><is><r><t>a_x000A_</t></r><r><t>b</t></r></is></c>'
    '<c t="inlineStr"><is><t/></is></c><c t="inlineStr"><v>9</v></c><c s="0"/><c><v/></c>'
    '<c><f/><v>7</v></c><x:c xmlns:x="urn:other"><v>9</v></x:c></row>'
)
STRINGS = "<si><r><t>rich </t></r><r><t>text</t></r></si><si><t/></si>"
FORMULAS = (
    '<row r="8"><c r="A8"><f>=1+1</f><v>2</v></c><c r="B8"><f>A8<!-- two -->+1</f><v>3</v></c>'
    '<c r="C8"><f t="shared" ref="C8:C9" si="0">A8*2</f><v>4</v></c>'
    '<c r="D8"><f t="array" ref="E9:D8">A8:A9</f><v>2</v></c></row>'
    '<row r="9"><c r="C9"><f t="shared" si="0"/><v>0</v></c></row>'
)


def odd_parts(rows: str = CONSTANTS + FORMULAS) -> Parts:
    """A workbook as no program writes it: dates from 1904 on, shared strings at an odd place."""
    parts = parts_of(rows, strings=STRINGS)
    parts["xl/texts.xml"] = parts.pop("xl/sharedStrings.xml")
    for part, old, new in (
        ("xl/_rels/workbook.xml.rels", b"sharedStrings.xml", b"texts.xml"),
        ("[Content_Types].xml", b"xl/sharedStrings.xml", b"xl/texts.xml"),
        ("xl/workbook.xml", b"<sheets>", b'<workbookPr date1904="1"/><sheets>'),
    ):
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
    return parts


def test_witnesses_and_engine_read_the_same_cells(tmp_path: Path) -> None:
    expected: dict[str, CellValue] = {
        **{"A1": 1.5, "B1": "rich text", "C1": "", "D1": 2.0, "E1": True, "F1": CellError("#N/A")},
        **{"B5": "a\nb", "C5": "", "G5": 7.0},
        **{"A8": 2.0, "B8": 3.0, "C8": 4.0, "C9": 0.0, "D8": 2.0},
    }
    stored = stored_cells(odd_parts())
    assert stored.values == {("Data", ref): value for ref, value in expected.items()}
    filled = {"A8", "B8", "C8", "C9", "D8", "D9", "E8", "E9"}
    assert stored.calculated == {("Data", ref) for ref in filled}
    assert stored.formulas == [
        StoredFormula("Data", "A8", "=1+1"),
        StoredFormula("Data", "B8", "=A8+1"),
        StoredFormula("Data", "C8", "=A8*2"),
        StoredFormula("Data", "D8:E9", "=A8:A9", fills_area=True),
        StoredFormula("Data", "C9", "=A9*2"),
    ]
    book = load(write_package(tmp_path, odd_parts()))
    calculated = {"D9": 0.0, "E8": 2.0, "E9": 0.0}
    assert book.values() == {("Data", ref): value for ref, value in (expected | calculated).items()}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>one</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>2</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><f t="shared" si="9"/></c></row>',
        '<row r="1"><c r="A1"><f t="array" ref="A">1</f></c></row>',
    ],
)
def test_a_damaged_cell_names_its_part(rows: str) -> None:
    with pytest.raises(WorkbookError, match=r"xl/worksheets/sheet1\.xml is damaged"):
        stored_cells(odd_parts(rows))


def test_a_sheet_without_rows_is_damaged() -> None:
    parts = parts_of(formulas("A1"))
    parts[SHEET] = b"<worksheet/>"
    with pytest.raises(WorkbookError, match=r"it has no sheetData"):
        stored_cells(parts)
