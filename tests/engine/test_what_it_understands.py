"""Whole files with what real workbooks hold: tables, spills, names, dates, other workbooks."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from engine.packages import MAIN, RELATIONSHIPS, parts_of, write_package
from engine.workbooks import book_of, write
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from sheetlab.engine import Book, CellError, load
from sheetlab.errors import EngineWarning

DYNAMIC = (
    f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLDAPR"/>'
    '</metadataTypes><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
)


def spilling(folder: Path, rows: str, **options: Any) -> Book:
    """A workbook whose cells with cm="1" spill."""
    parts = parts_of(rows, **options)
    return load(write_package(folder, {**parts, "xl/metadata.xml": DYNAMIC.encode()}))


def spill(ref: str, area: str, formula: str) -> str:
    return f'<c r="{ref}" cm="1"><f t="array" ref="{area}">{formula}</f><v>0</v></c>'


def test_spilled_ranges_follow_their_results(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>3</v></c>'
        + spill("C1", "C1:C3", "_xlfn.SEQUENCE(A1)")
        + '<c r="E1"><f>SUM(_xlfn.ANCHORARRAY(C1))</f></c>'
        + spill("G1", "G1:G3", "_xlfn.ANCHORARRAY(C1)*10")
        + '</row><row r="2"><c r="C2"><v>0</v></c><c r="E2"><f>C4*100</f></c></row>'
        '<row r="3"><c r="C3"><v>0</v></c></row><row r="6"><c r="C6"><v>9</v></c></row>'
    )
    book = spilling(tmp_path, rows)
    assert book["C1:C4"].tolist() == [1, 2, 3, None]
    assert (book["E1"], book["E2"], book["G3"]) == (6, 0, 30)
    book.set({"A1": 5})
    assert book["C1:C6"].tolist() == [1, 2, 3, 4, 5, 9]
    assert (book["E1"], book["E2"], book["G5"]) == (15, 400, 50)
    book.set({"A1": 2})
    assert book["C1:C6"].tolist() == [1, 2, None, None, None, 9]
    assert (book["E1"], book["E2"]) == (3, 0)
    assert book["G1:G3"].tolist() == [10, 20, None]
    book.set({"A1": 6})
    assert book["C1"] == CellError("#SPILL!")
    assert book["C6"] == 9
    book.set({"C6": None})
    assert book["C6"] == 6


def test_subtotals_that_spill_are_left_out_wherever_they_are(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>2</v></c>'
        + spill("C1", "C1:C2", "_xlfn.SEQUENCE(A1)*SUBTOTAL(9,D1:D2)")
        + '<c r="D1"><v>5</v></c><c r="E1"><f>SUBTOTAL(9,C1:D9)</f></c></row>'
    )
    book = spilling(tmp_path, rows)
    assert (book["C2"], book["E1"]) == (10, 5)
    book.set({"A1": 4})
    assert (book["C4"], book["E1"]) == (20, 5)


def test_array_formulas_keep_their_range(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1"><f t="array" ref="C1:E2">A1:B1*2</f><v>0</v></c><c r="D1"><v>0</v></c></row>'
    )
    book = load(write_package(tmp_path, parts_of(rows)))
    missing = CellError("#N/A")
    assert book["C1:E2"].tolist() == [[2, 4, missing], [2, 4, missing]]


def test_structured_references(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Data"
    for values in (["x", "y's [m]", "sum"], [1, 2, None], [3, 4, None], [5, 6, None]):
        sheet.append(values)
    for row in (2, 3, 4):
        sheet[f"C{row}"] = "=Points[[#This Row],[x]]+Points[[#This Row],[y''s '[m']]]"
    sheet.append(["total", "=SUBTOTAL(109,Points[y''s '[m']])", "=SUM(Points[sum])"])
    table = Table(displayName="Points", ref="A1:C5", totalsRowCount=1)
    sheet.add_table(table)
    cells = {
        "E1": "=SUM(Points[x])",
        "E2": "=ROWS(Points[])",
        "E3": "=COLUMNS(Points[[x]:[sum]])",
        "E4": '=Points[[#Headers],[x]]&"!"',
        "E5": "=Points[[#Totals],[sum]]",
        "E6": "=COUNTA(points[#All])",
        "E7": "=SUM(Points[nowhere])",
    }
    for ref, formula in cells.items():
        sheet[ref] = formula
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["C2:C5"].tolist() == [3, 7, 11, 21]
    assert book["B5"] == 12
    expected = [9, 3, 3, "x!", 21, 15, CellError("#REF!")]
    assert book["E1:E7"].tolist() == expected
    book.set({"A2": 10})
    assert (book["C5"], book["E1"]) == (30, 18)


def test_names_of_every_kind(tmp_path: Path) -> None:
    workbook = Workbook()
    one, two = workbook.worksheets[0], workbook.create_sheet("Two")
    one.title = "One"
    for sheet, factor in ((one, 1), (two, 10)):
        for row in range(1, 5):
            sheet[f"A{row}"] = row * factor
        sheet["C1"] = "=SUM(column)+rate"
        sheet["C2"] = "=area_of(2,3)+twice(rate)"
        sheet["C3"] = "=left+1"
        sheet["B3"] = 7
    two["D1"] = "=One!local+local"
    names = {
        "column": "One!$A$1:$A$4",
        "rate": "0.5",
        "total": "SUM(column)",
        "area_of": "_xlfn.LAMBDA(_xlpm.a,_xlpm.b,_xlpm.a*_xlpm.b)",
        "twice": "_xlfn.LAMBDA(_xlpm.x,2*_xlpm.x)",
        "left": "!XFD1",
        "broken": "#REF!",
    }
    for name, meaning in names.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=meaning)
    for sheet in (one, two):
        scoped = DefinedName("local", attr_text=f"{sheet.title}!$A$2")
        sheet.defined_names["local"] = scoped
    one["D2"] = "=total+broken"
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["One!C1:C2"].tolist() == [10.5, 7]
    assert book["Two!D1"] == 22
    assert book["D2"] == CellError("#REF!")
    assert book["total"] == 10


def test_several_sheets(tmp_path: Path) -> None:
    sheets: dict[str, dict[str, Any]] = {
        name: {"A1": number, "A2": number * 10}
        for number, name in enumerate(("Jan", "Feb", "Mar"), 1)
    }
    sheets["The year's end"] = {"A1": "=SUM(Jan:Mar!A1:A2)", "A2": "='the Year''s End'!A1*Feb!A1"}
    book = load(write(tmp_path / "book.xlsx", sheets))
    assert book["'The year''s end'!A1:A2"].tolist() == [66, 132]
    book.set({"Feb!A2": 0})
    assert book["'The year''s end'!A2"] == 92


def test_whole_columns_and_rows_cost_no_more_than_their_cells(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row for row in range(1, 6)}
    cells |= {f"C{row}": f'=SUMIF(A:A,">"&A{row},A:A)' for row in range(1, 6)}
    cells |= {"E1": "=SUM(A:A)+COUNT(1:1)", "E2": "=ROWS(A:A)", "E3": "=MATCH(4,A:A,0)"}
    cells |= {"E4": "=SUM(Data!A:B)", "E5": "=SUMPRODUCT((A:A>2)*A:A)"}
    book = book_of(tmp_path, cells)
    assert book["C1:C5"].tolist() == [14, 12, 9, 5, 0]
    assert book["E2:E5"].tolist() == [1048576, 4, 15, 12]


def test_columns_of_dates_from_1904(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.epoch = datetime.datetime(1904, 1, 1)
    sheet = workbook.worksheets[0]
    sheet["C1"] = 0
    for row in range(1, 21):
        sheet[f"A{row}"] = row
        sheet[f"B{row}"] = f"=YEAR(A{row}*366)"
        sheet[f"C{row + 1}"] = f"=EDATE(C{row},12)"
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["B1:B20"].tolist() == [1904 + row for row in range(1, 21)]
    assert book["C2:C6"].tolist() == [366, 731, 1096, 1461, 1827]
    assert book.sweep({"A1": [2, 3]}, ["B1"])["B1"].tolist() == [1906, 1907]


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_dates(epoch: int, tmp_path: Path) -> None:
    workbook = Workbook()
    if epoch == 1904:
        workbook.epoch = datetime.datetime(1904, 1, 1)
    sheet = workbook.worksheets[0]
    sheet["A1"] = datetime.date(2026, 3, 15)
    sheet["A2"] = datetime.datetime(2026, 3, 15, 18, 0)
    sheet["B1"] = "=YEAR(A1)*10000+MONTH(A1)*100+DAY(A1)"
    sheet["B2"] = "=DATE(2026,3,16)-A2"
    sheet["B3"] = "=A1-DATE(2009,12,31)"
    sheet["C1"] = '=TEXT(A1,"yyyy-mm-dd")&TEXT(2.5," 0.00")'
    sheet["C2"] = "=WEEKDAY(EOMONTH(A1,-1))"
    sheet["C3"] = '=DATEVALUE("2026-03-15")=A1'
    sheet["C4"] = '="2026-03-15"-A1'
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["A1"] == (46096 if epoch == 1900 else 46096 - 1462)
    assert book["B1:B3"].tolist() == [20260315, 0.25, 5918]
    assert book["C1:C4"].tolist() == ["2026-03-15 2.50", 7, True, 0]


def test_dates_written_as_text(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="d"><v>2026-03-15T12:00:00</v></c></row>'
    assert load(write_package(tmp_path, parts_of(rows)))["A1"] == 46096.5


def test_other_workbooks_have_their_last_values(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>[1]Rates!B2*2</f></c><c r="B1"><f>SUM([1]Rates!A1:B2)</f></c>'
        '<c r="C1"><f>[1]Nowhere!A1</f></c></row>'
    )
    parts = parts_of(rows)
    link = (
        f'<externalLink xmlns="{MAIN}"><externalBook><sheetNames><sheetName val="Rates"/>'
        '</sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"><v>1</v></cell>'
        '<cell r="B1" t="str"><v>x</v></cell></row><row r="2"><cell r="B2"><v>21</v></cell></row>'
        "</sheetData></sheetDataSet></externalBook></externalLink>"
    )
    parts["xl/externalLinks/externalLink1.xml"] = link.encode()
    workbook = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = workbook.replace(
        "</workbook>",
        '<externalReferences><externalReference r:id="rId9"/></externalReferences></workbook>',
    ).encode()
    relations = parts["xl/_rels/workbook.xml.rels"].decode()
    parts["xl/_rels/workbook.xml.rels"] = relations.replace(
        "</Relationships>",
        f'<Relationship Id="rId9" Type="{RELATIONSHIPS}/externalLink"'
        ' Target="externalLinks/externalLink1.xml"/></Relationships>',
    ).encode()
    path = write_package(tmp_path, parts)
    with pytest.warns(EngineWarning, match="Data!A1: .* reads another workbook"):
        book = load(path)
    assert book["A1:C1"].tolist() == [42, 22, CellError("#REF!")]


def test_let_lambda_and_map(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>_xlfn.LET(_xlpm.a,A1+1,_xlpm.b,_xlpm.a*2,'
        "_xlpm.a+_xlpm.b)</f></c>"
        + spill("C1", "C1:C3", "_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.v,_xlpm.v^2))")
        + '</row><row r="2"><c r="A2"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>'
    )
    book = spilling(tmp_path, rows)
    assert book["B1"] == 6
    assert book["C1:C3"].tolist() == [1, 4, 9]
    book.set({"A2": 5})
    assert book["C2"] == 25


def test_a_lambda_may_read_what_its_text_does_not_say(tmp_path: Path) -> None:
    names = {"below": "_xlfn.LAMBDA(_xlpm.c,OFFSET(_xlpm.c,1,0))"}
    cells = {"A1": 1, "A2": "=A3*2", "A3": "=B1+1", "B1": 4, "C1": "=below(A1)+1"}
    book = book_of(tmp_path, cells, names)
    assert book["C1"] == 11
    book.set({"B1": 9})
    assert book["C1"] == 21


def test_a_conditional_sum_reads_as_far_as_its_condition(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row for row in (1, 2, 3)}
    cells |= {"B1": 1, "B2": "=C2*2", "B3": "=C3*3", "C2": "=D1", "C3": "=D1", "D1": 10}
    cells |= {"E1": '=SUMIF(A1:A3,">1",B1)', "E2": '=AVERAGEIF(A1:A3,">1",$B$1:B1)'}
    book = book_of(tmp_path, cells)
    assert book["E1:E2"].tolist() == [50, 25]
    book.set({"D1": 1})
    assert book["E1:E2"].tolist() == [5, 2.5]


def test_recurrences_in_every_direction(tmp_path: Path) -> None:
    down = {f"A{row}": f"=A{row - 1}*0.5+1" for row in range(2, 60)} | {"A1": 8}
    up = {f"B{row}": f"=B{row + 1}-B{row + 2}" for row in range(1, 58)} | {"B58": 1, "B59": 3}
    across = {f"{chr(66 + n)}70": f"={chr(65 + n)}70+{n}" for n in range(20)} | {"A70": 1}
    both: dict[str, Any] = {f"D{row}": f"=C{row}+D{row - 1}*2-E{row - 1}" for row in range(2, 60)}
    both |= {f"E{row}": f"=IF(D{row}>10,D{row}/4,D{row})" for row in range(2, 60)}
    both |= {f"C{row}": row / 7 for row in range(2, 60)} | {"D1": 0.5}
    book = book_of(tmp_path, down | up | across | both)
    a, b, d, e = [8.0], [1.0, 3.0], 0.5, 0.0
    for row in range(2, 60):
        a.append(a[-1] * 0.5 + 1)
        b.insert(0, b[0] - b[1]) if row < 59 else None
        d = row / 7 + d * 2 - e
        e = d / 4 if d > 10 else d
        assert book[f"D{row}:E{row}"].tolist() == pytest.approx([d, e], rel=1e-12)
    assert book["A1:A59"].tolist() == a
    assert book["B1:B59"].tolist() == b
    assert book["U70"] == 1 + sum(range(20))


def test_a_recurrence_that_ends_in_an_error(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"A1": 1e300, "B1": 5}
    cells |= {f"A{row}": f"=A{row - 1}*10" for row in range(2, 41)}
    cells |= {f"B{row}": f"=B{row - 1}-1+0/B{row - 1}" for row in range(2, 41)}
    cells |= {f"C{row}": f'=IF(ISERROR(A{row}),"over",A{row})' for row in range(2, 41)}
    book = book_of(tmp_path, cells)
    assert book["A2:A9"].tolist() == pytest.approx([1e300 * 10**n for n in range(1, 9)], rel=1e-14)
    assert book["A10"] == CellError("#NUM!")
    assert book["A40"] == CellError("#NUM!")
    assert book["B2:B8"].tolist() == [4, 3, 2, 1, 0, CellError("#DIV/0!"), CellError("#DIV/0!")]
    assert book["C40"] == "over"


def test_a_running_total(tmp_path: Path) -> None:
    book = book_of(tmp_path, {f"B{row}": f"=SUM(A$1:A{row})" for row in range(1, 3001)})
    book.set({"A1:A3000": list(range(3000))})
    assert book["B3000"] == sum(range(3000))
    assert book["B1:B4"].tolist() == [0, 1, 3, 6]


def test_a_sweep_in_which_a_formula_spills_into_what_is_read(tmp_path: Path) -> None:
    cells = spill("B1", "B1", "_xlfn.SEQUENCE(A1)") + '<c r="C1"><f>B3+A1</f></c>'
    book = spilling(tmp_path, f'<row r="1"><c r="A1"><v>1</v></c>{cells}</row>')
    assert book.sweep({"A1": [1, 2, 3, 4]}, ["C1"])["C1"].tolist() == [1, 2, 6, 7]
