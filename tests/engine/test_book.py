import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.workbooks import book_of, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from sheetlab.engine import Book, CellError, load
from sheetlab.engine.blocks import Block
from sheetlab.errors import EngineError, EngineWarning, InputError, WorkbookError
from sheetlab.files.package import read_parts, write_parts

NA = CellError("#N/A")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three steps of gradient descent: rate in A3, x in C, y in D, alpha in E, error in F."""
    cells: dict[str, Any] = {"A3": 0.5, "C3": "x", "D3": "y", "E3": "alpha", "F3": "error"}
    for row, (x, y) in enumerate([(1, 2), (2, 4), (4, 3)], 4):
        cells[f"C{row}"], cells[f"D{row}"] = x, y
        cells[f"E{row}"] = "=0" if row == 4 else f"=E{row - 1}-$A$3*$F{row - 1}"
        cells[f"F{row}"] = f"=E{row}-D{row}"
    names = {
        "rate": "SGD!$A$3",
        "alpha": "SGD!$E$4:$E$6",
        "data": "SGD!$C$4:$D$6",
        "half": "0.5",
        "total": "SUM(SGD!$C$4:$C$6)",
        "doubled": "SGD!$C$4:$C$6*2",
    }
    other = {"A1": "=SUM(alpha)", "B1": "=SUM('My Sheet'!A1,SGD!A3)", "B3": "='SGD'!C3&half"}
    return write(tmp_path / "sgd.xlsx", {"SGD": cells, "My Sheet": other}, names)


@pytest.fixture
def book(path: Path) -> Book:
    return load(path)


def test_names_and_ranges(book: Book) -> None:
    assert book["rate"] == 0.5
    assert type(book["rate"]) is float
    assert book["alpha"].tolist() == [0, 1, 2.5]
    assert book["ALPHA"].dtype == np.float64
    assert book["SGD!E4:F6"].tolist() == [[0, -2], [1, -3], [2.5, -0.5]]
    assert book["sgd!$E$5"] == 1
    assert book["E5"] == 1
    assert book["F6:E4"].tolist() == book["E4:F6"].tolist()
    assert book["'My Sheet'!$A$1"] == 3.5
    assert book["'My Sheet'!B1"] == 4
    assert book["'My Sheet'!B3"] == "x0.5"


def test_shapes_and_types(book: Book) -> None:
    assert book["data"].shape == (3, 2)
    assert book["C4:D4"].shape == (2,)
    assert book["C4:C6"].shape == (3,)
    header = book["B3:D4"]
    assert header.dtype == object
    assert header.tolist() == [[None, "x", "y"], [None, 1.0, 2.0]]
    assert type(header[1, 1]) is float
    assert book["Z99"] is None


def test_names_of_constants_and_formulas(book: Book) -> None:
    assert book["half"] == 0.5
    assert book["total"] == 7
    assert book["doubled"].tolist() == [2, 4, 8]
    book.set({"C4": 2})
    assert book["total"] == 8


def test_names_lists_ranges_only(book: Book) -> None:
    assert book.names() == {
        "rate": "SGD!$A$3",
        "alpha": "SGD!$E$4:$E$6",
        "data": "SGD!$C$4:$D$6",
    }


def test_range_refs(book: Book) -> None:
    assert book.range_refs("alpha") == [("SGD", "E4"), ("SGD", "E5"), ("SGD", "E6")]
    assert book.range_refs("'My Sheet'!A1:B2") == [
        ("My Sheet", ref) for ref in ("A1", "B1", "A2", "B2")
    ]


def test_formula(book: Book) -> None:
    assert book.formula("SGD", "E5") == "=E4-$A$3*$F4"
    assert book.formula("My Sheet", "A1") == "=SUM(alpha)"
    assert book.formula("SGD", "C4") is None
    assert book.formula("SGD", "Z99") is None


def test_cells_in_order(book: Book) -> None:
    cells = book.cells()
    assert [(sheet, ref) for sheet, ref, _, _ in cells] == [
        *(("SGD", ref) for ref in ("E4", "F4", "E5", "F5", "E6", "F6")),
        *(("My Sheet", ref) for ref in ("A1", "B1", "B3")),
    ]
    assert cells[2] == ("SGD", "E5", "=E4-$A$3*$F4", 1.0)


def test_values_of_all_cells(book: Book) -> None:
    values = book.values()
    assert values["SGD", "A3"] == 0.5
    assert values["SGD", "E5"] == 1
    assert values["My Sheet", "B3"] == "x0.5"
    assert len(values) == 1 + 4 + 3 * 4 + 3
    book.set({"A3": None, "H9": "new"})
    assert ("SGD", "A3") not in book.values()
    assert book.values()["SGD", "H9"] == "new"


@pytest.fixture
def panels(tmp_path: Path) -> Book:
    """A name for two areas, of formulas, and one for two areas of constants."""
    cells: dict[str, Any] = {"A1": 1, "B1": 2, "A2": 3, "B2": 4, "E1": 5, "E2": "six"}
    cells |= {f"{ref[0]}{int(ref[1]) + 4}": f"={ref}*10" for ref in ("A1", "B1", "A2", "B2", "E1")}
    cells["H1"] = "=SUM(given)+COUNT(twice)"
    given = "Data!$A$1:$B$2,'Data'!$E$1"
    return book_of(tmp_path, cells, {"given": given, "twice": "Data!$A$5:$B$6,Data!$E$5"})


def test_a_name_of_several_areas_counts_area_after_area(panels: Book) -> None:
    assert panels["given"].tolist() == [1, 2, 3, 4, 5]
    assert panels["twice"].dtype == np.float64
    assert panels["Data!B1:B2,E1:E2"].tolist() == [2, 4, 5, "six"]
    refs = ["A5", "B5", "A6", "B6", "E5"]
    assert panels.range_refs("twice") == [("Data", ref) for ref in refs]
    assert panels.names()["twice"] == "Data!$A$5:$B$6,Data!$E$5"
    assert panels["H1"] == 15 + 5


def test_a_name_of_several_areas_is_set_and_swept(panels: Book) -> None:
    panels.set({"given": [2, 4, 6, 8, 10]})
    assert panels["twice"].tolist() == [20, 40, 60, 80, 100]
    swept = panels.sweep({"given": np.array([[1, 2, 3, 4, 5], [0, 0, 0, 0, 1]])}, ["twice", "H1"])
    assert swept["twice"].tolist() == [[10, 20, 30, 40, 50], [0, 0, 0, 0, 10]]
    assert swept["H1"].tolist() == [20, 6]
    panels.set({"given": 7})
    assert panels["twice"].tolist() == [70] * 5
    with pytest.raises(InputError, match=r"given has 5 cells in 2 areas.*\(2, 2\)"):
        panels.set({"given": [[1, 2], [3, 4]]})
    with pytest.raises(InputError, match="'twice' stands for 2 areas; give one range"):
        panels.frame("twice")


def test_set_by_name_and_ref(book: Book) -> None:
    assert book["alpha"][2] == 2.5
    book.set({"rate": 0.25, "D4:D6": [4, 4, 4]})
    assert book["alpha"].tolist() == [0, 1, 1.75]
    assert book["'My Sheet'!A1"] == 2.75
    book.set({"data": np.array([[1, 8], [1, 8], [1, 8]])})
    assert book["alpha"].tolist() == [0, 2, 3.5]
    book.set({"D4:D6": 0})
    assert book["alpha"].tolist() == [0, 0, 0]


def test_set_takes_every_kind_of_value(book: Book) -> None:
    book.set({"A10:F10": [True, "text", None, np.float64(1.5), np.int64(2), np.bool_(False)]})
    values = book["A10:F10"].tolist()
    assert values == [True, "text", None, 1.5, 2.0, False]
    assert [type(value) for value in values] == [bool, str, type(None), float, float, bool]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"rate": float("nan")}, "rate: nan cannot stand in a cell"),
        ({"rate": float("inf")}, "cannot stand"),
        ({"rate": object()}, "cannot stand"),
        ({"rate": [1, 2]}, r"1 row\(s\) and 1 column\(s\).*shape \(2,\)"),
        ({"data": [1, 2, 3, 4, 5, 6]}, r"3 row\(s\) and 2 column\(s\)"),
        ({"data": [[1, 2, 3], [4, 5, 6]]}, "shape"),
        ({"alpha": 1}, r"sgd\.xlsx, SGD!E4: holds the formula =0"),
        ({"half": 1}, "'half' stands for =0.5"),
        ({"nobody": 1}, r"'nobody' is neither a defined name nor a range.*rate, alpha, data"),
        ({"Nowhere!A1": 1}, "no sheet 'Nowhere'; the sheets are SGD, My Sheet"),
        ({"ZZZ1": 1}, "neither"),
    ],
)
def test_what_cannot_be_set(setting: dict[str, Any], said: str, book: Book) -> None:
    with pytest.raises(InputError, match=said):
        book.set({"A3": 9} | setting)
    assert book["rate"] == 0.5


def test_set_beyond_the_used_cells_reaches_whole_columns(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": 1, "B1": "=SUM(A:A)", "C1": "=B1*2"})
    assert book["C1"] == 2
    book.set({"A50": 10})
    assert book["C1"] == 22


def test_only_what_depends_on_an_input_is_calculated_again(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sheetlab.engine.calculation import Calculation

    book.cells()
    calculated = []
    real = Calculation._calculate_block

    def spy(self: Calculation, block: Any) -> None:
        calculated.append(block.text)
        real(self, block)

    monkeypatch.setattr(Calculation, "_calculate_block", spy)
    book.set({"'My Sheet'!D9": 7, "SGD!C3": "z"})
    assert calculated == []
    assert book["'My Sheet'!B3"] == "z0.5"
    assert calculated == ["='SGD'!C3&half"]
    book.cells()
    assert calculated == ["='SGD'!C3&half"]


def test_only_what_is_asked_for_is_calculated(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": "=1+1", "A2": "=1+", "A3": "=A2+1"}, strict=True)
    assert book["A1"] == 2
    book.set({"B1": 3})
    assert book["A1:B1"].tolist() == [2, 3]
    with pytest.raises(EngineError):
        book.cells()


def test_all_is_calculated_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_of(tmp_path, {"A1": 1, "B1": "=A1*2", "C1": "=SUM(A1:B1)", "A2": "=1+"})
    with pytest.warns(EngineWarning, match="A2"):
        book.recalculate()
    book.set({"A1": 5})
    book.recalculate()
    monkeypatch.setattr(book._calculation, "_calculate_block", None)
    assert book["A1:C1"].tolist() == [5, 10, 15]


def test_frame(book: Book) -> None:
    frame = book.frame("SGD!C3:F6")
    assert list(frame.columns) == ["x", "y", "alpha", "error"]
    assert frame["alpha"].tolist() == [0, 1, 2.5]
    assert set(frame.dtypes) == {np.dtype(float)}
    mixed = book.frame("B3:C6")
    assert list(mixed.columns) == ["", "x"]
    assert mixed[""].isna().all()
    assert list(book.frame("C3:D3").columns) == ["x", "y"]
    assert len(book.frame("C3:D3")) == 0


def test_sweep(book: Book) -> None:
    rates = np.array([0.1, 0.5, 1.0])
    swept = book.sweep({"rate": rates}, ["alpha", "F6", "E4:F5"])
    assert swept["alpha"].shape == (3, 3)
    assert swept["F6"].shape == (3,)
    assert swept["E4:F5"].shape == (3, 2, 2)
    for scenario, rate in enumerate(rates):
        book.set({"rate": rate})
        for key in swept:
            assert np.array_equal(swept[key][scenario], book[key])


def test_sweep_varies_inputs_together_and_restores_them(book: Book) -> None:
    swept = book.sweep({"rate": [0.5, 0.25], "D4:D6": [[2, 4, 3], [4, 4, 4]]}, ["alpha"])
    assert swept["alpha"].tolist() == [[0, 1, 2.5], [0, 1, 1.75]]
    assert book["rate"] == 0.5
    assert book["alpha"].tolist() == [0, 1, 2.5]
    text = book.sweep({"C3": ["a", "b"]}, ["'My Sheet'!B3"])["'My Sheet'!B3"]
    assert text.tolist() == ["a0.5", "b0.5"]
    assert text.dtype == object


@pytest.mark.parametrize(
    "inputs", [{"rate": [1, 2], "C4": [1]}, {"rate": 1}, {"rate": []}, {}], ids=str
)
def test_sweep_needs_as_many_values_of_each_input(inputs: dict[str, Any], book: Book) -> None:
    with pytest.raises(InputError, match="same number of values"):
        book.sweep(inputs, ["alpha"])


def test_a_sweep_that_fails_restores_the_inputs(book: Book) -> None:
    with pytest.raises(InputError):
        book.sweep({"rate": [0.1, float("nan")]}, ["alpha"])
    assert book["rate"] == 0.5


def test_save_caches_values_and_writes_what_was_set(book: Book, path: Path, tmp_path: Path) -> None:
    book.set({"rate": 0.25})
    book.sweep({"rate": [1, 2]}, ["alpha"])
    saved = tmp_path / "out.xlsx"
    book.save(saved)
    shown = load_workbook(saved, data_only=True)
    assert shown["SGD"]["A3"].value == 0.25
    assert [shown["SGD"][ref].value for ref in ("E4", "E5", "E6")] == [0, 0.5, 1.375]
    assert shown["My Sheet"]["B3"].value == "x0.5"
    assert load_workbook(saved)["SGD"]["E5"].value == "=E4-$A$3*$F4"
    assert load(saved)["alpha"].tolist() == [0, 0.5, 1.375]
    assert read_parts(saved) == book.parts()
    changed = {n for n, content in read_parts(path).items() if content != book.parts()[n]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}


def test_many_array_formulas_that_all_differ(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": float(row) for row in range(1, 301)}
    for row in range(1, 301, 2):
        cells[f"B{row}"] = ArrayFormula(f"B{row}:B{row + 1}", f"=A{row}*2+{row}")
        cells[f"C{row}"] = ArrayFormula(f"C{row}:C{row + 1}", f"=A{row}:A{row + 1}*2+{row}")
    book = book_of(tmp_path, cells)
    book.recalculate()
    assert book["B299:B300"].tolist() == [897, 897]
    assert book["C299:C300"].tolist() == [897, 899]


def test_array_formulas(tmp_path: Path) -> None:
    cells = {"A1": 1, "A2": 2, "B1": 3, "B2": 4}
    arrays = {
        "D1": ArrayFormula("D1:E2", "=MMULT(A1:B2,A1:B2)"),
        "G1": ArrayFormula("G1:H4", "=TRANSPOSE(A1:A2)"),
        "J1": ArrayFormula("J1:J3", "=A1:A2*2"),
        "L1": ArrayFormula("L1", "=SUM(A1:A2*B1:B2)"),
        "M1": ArrayFormula("M1:N2", "=1/0"),
    }
    book = book_of(tmp_path, {**cells, **arrays, "P1": "=SUM(D1:E2)", "P2": "=E2"})
    assert book["D1:E2"].tolist() == [[7, 15], [10, 22]]
    assert book["G1:H4"].tolist() == [[1, 2]] * 4
    assert book["J1:J3"].tolist() == [2, 4, NA]
    assert book["L1"] == 11
    assert book["M1:N2"].tolist() == [[CellError("#DIV/0!")] * 2] * 2
    assert book["P1:P2"].tolist() == [54, 22]
    assert book.formula("Data", "E2") == "=MMULT(A1:B2,A1:B2)"
    assert [ref for _, ref, _, _ in book.cells()][:4] == ["D1", "E1", "G1", "H1"]
    book.save(tmp_path / "out.xlsx")
    shown = load_workbook(tmp_path / "out.xlsx", data_only=True)["Data"]
    assert [shown[ref].value for ref in ("D1", "E1", "D2", "E2", "J3")] == [7, 15, 10, 22, "#N/A"]


def test_a_column_in_a_single_cell_gives_the_value_of_its_row(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"A1": 1, "A2": 2, "A3": 3}
    book = book_of(tmp_path, cells | {f"B{row}": "=A1:A3*2" for row in (1, 2, 3, 4)})
    assert book["B1:B4"].tolist() == [2, 4, 6, CellError("#VALUE!")]


def test_texts_that_look_like_formulas_are_texts(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0]["A1"] = "=1+1"
    workbook.worksheets[0]["A1"].data_type = "s"
    workbook.worksheets[0]["A2"] = "=LEN(A1)"
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["A1"] == "=1+1"
    assert book["A2"] == 4
    assert book.formula("Sheet", "A1") is None


def test_numbers_are_read_exactly(tmp_path: Path) -> None:
    numbers = [0.1, 1e-300, 123456789.123456789, -5e-324, 1.7976931348623157e308]
    book = book_of(tmp_path, {})
    # openpyxl itself would write 16 digits.
    book.set({"A1:A5": numbers})
    book.save(tmp_path / "exact.xlsx")
    assert load(tmp_path / "exact.xlsx")["A1:A5"].tolist() == numbers


def test_names_of_a_sheet_come_first(tmp_path: Path) -> None:
    workbook = Workbook()
    for title, value in (("One", 1), ("Two", 2)):
        sheet = workbook.create_sheet(title)
        sheet["A1"] = value
        sheet["B1"] = "=here*10"
        if title == "Two":
            sheet.defined_names["here"] = DefinedName("here", attr_text="Two!$A$1")
    workbook.defined_names["here"] = DefinedName("here", attr_text="One!$A$1")
    workbook.save(tmp_path / "book.xlsx")
    book = load(tmp_path / "book.xlsx")
    assert book["One!B1"] == 10
    assert book["Two!B1"] == 20


def test_sheet_names_of_every_kind(tmp_path: Path) -> None:
    titles = ["경사 하강", "it's", "Ab.1", "A1"]
    cells: dict[str, dict[str, float | str]] = {
        title: {"A1": number} for number, title in enumerate(titles, 1)
    }
    quoted = ["'경사 하강'", "'it''s'", "Ab.1", "'A1'"]
    cells["Sum"] = {"A1": "=" + "+".join(f"{title}!A1" for title in quoted)}
    book = load(write(tmp_path / "book.xlsx", cells))
    assert book["Sum!A1"] == 10
    assert [book[f"{title}!A1"] for title in quoted] == [1, 2, 3, 4]
    assert book.formula("it's", "A1") is None


@pytest.mark.parametrize(
    ("cells", "cycle"),
    [
        ({"B1": "=B1+1"}, "Data!B1 → Data!B1"),
        ({"B1": "=B2", "B2": "=B3*2", "B3": "=SUM(B1:B1)"}, "Data!B1 → Data!B2 → Data!B3"),
        ({"B1": "=SUM(B:B)"}, "Data!B1 → Data!B1"),
        ({f"B{row}": f"=B{row % 50 + 1}" for row in range(1, 51)}, "… → Data!B1"),
    ],
    ids=["itself", "three", "column", "long"],
)
def test_circular_references_are_named(cells: dict[str, str], cycle: str, tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": 5, "A2": "=A1*2", **cells, "C1": "=B1"}, strict=True)
    with pytest.raises(EngineError, match=r"book\.xlsx, Data!B1: the cell refers back") as error:
        book["C1"]
    assert cycle in error.value.message.en
    assert cycle in error.value.message.ko
    assert book["A2"] == 10


def test_counting_its_own_rows_is_not_circular(tmp_path: Path) -> None:
    book = book_of(tmp_path, {f"B{row}": f"=ROWS(B$4:B{row})-1" for row in range(4, 8)})
    assert book["B4:B7"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("=1+", "=1+ is no valid formula (it ends too early)"),
        ("=1 2", "'2' stands in it"),
        ("=SUM(A1", "it ends too early"),
        ("={1,2;3}", "the rows of an array in braces differ in length"),
        ("=loop+1", "the name loop refers to itself"),
    ],
)
def test_what_cannot_be_calculated_is_named(formula: str, said: str, tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": 1, "B2": formula}, {"loop": "loop*2"}, strict=True)
    with pytest.raises(EngineError) as error:
        book["B2"]
    assert "book.xlsx, Data!B2: " in error.value.message.en
    assert "book.xlsx, Data!B2: " in error.value.message.ko
    assert said in error.value.message.en


@pytest.mark.parametrize(
    ("formula", "function"),
    [("=1+NOSUCH(2)", "NOSUCH"), (DataTableFormula("B2:B3", dt2D=False, r1="A1"), "TABLE")],
)
def test_unknown_functions_are_errors_in_their_cells(
    formula: Any, function: str, tmp_path: Path
) -> None:
    book = book_of(tmp_path, {"A1": 1, "B2": formula, "C1": "=A1*2"})
    with pytest.warns(EngineWarning, match=rf"book\.xlsx, Data!B2: the function {function} is"):
        assert book["B2"] == CellError("#NAME?")
    assert book["C1"] == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book.set({"A1": 3})
        assert book["B2"] == CellError("#NAME?")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=OFFSET(A1,1,0)", 2.0),
        ('=SUM(INDIRECT("A"&2&":A3"))', 5.0),
        ("=ISREF(A1)", True),
        ("=SUM((A1,A3))", 4.0),
        ("=SUM(A1:A2 A2:A3)", 2.0),
        ("=SUM(A1:INDEX(A1:A3,2))", 3.0),
        ("=Nowhere!A1", CellError("#REF!")),
        ("=SUM(Table1[x])", CellError("#NAME?")),
        ("=later*2", 6.0),
        ("=XFE1", CellError("#NAME?")),
    ],
)
def test_references_that_are_calculated(formula: str, expected: Any, tmp_path: Path) -> None:
    names = {"later": "OFFSET(Data!$A$1,2,0)"}
    book = book_of(tmp_path, {"A1": 1, "A2": "=A1*2", "A3": "=A2+A1", "B2": formula}, names)
    assert book["B2"] == expected
    if isinstance(expected, float):
        book.set({"A1": 10})
        assert book["B2"] == expected * 10


def test_an_array_formula_that_reads_what_its_text_does_not_tell(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row for row in range(1, 7)}
    cells["C1"] = ArrayFormula("C1:C3", '=INDIRECT("A1:A3")*A1:A3')
    cells["D1"] = ArrayFormula("D1:D3", "=OFFSET(A1:A3,A1,0)")
    book = book_of(tmp_path, cells)
    assert book["C1:C3"].tolist() == [1, 4, 9]
    assert book["D1:D3"].tolist() == [2, 3, 4]
    book.set({"A1": 2})
    assert book["C1:C3"].tolist() == [4, 4, 9]
    assert book["D1:D3"].tolist() == [3, 4, 5]


def test_what_a_formula_turns_out_to_read_can_be_circular(tmp_path: Path) -> None:
    cells = {"A1": '=INDIRECT("A2")+1', "A2": "=OFFSET(A1,2,0)", "A3": "=A2", "B1": "=5"}
    book = book_of(tmp_path, cells | {"A4": 0}, strict=True)
    with pytest.raises(EngineError, match=r"Data!A1 → Data!A2 → Data!A3 → Data!A2|A2 → Data!A3"):
        book["A1"]
    assert book["B1"] == 5


def test_random_numbers_from_a_seed(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {f"A{row}": "=RAND()" for row in range(1, 9)}})
    first, again, other = (load(path, seed=seed)["A1:A8"] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert len({*first.tolist(), *other.tolist()}) == 16
    book = load(path)
    assert book["A1"] == book["A1"]
    before = book["A1:A8"].tolist()
    book.set({"C1": 1})
    assert not set(before) & set(book["A1:A8"].tolist())


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": 1}, "More": {"A1": 2}})
    parts = read_parts(path)
    sheet = "xl/worksheets/sheet2.xml"
    for name, content in ((sheet, parts[sheet][:-40]), ("xl/workbook.xml", b"<workbook")):
        write_parts(path, {**parts, name: content})
        with pytest.raises(WorkbookError, match=r"book\.xlsx.* is damaged") as error:
            load(path)
        assert (", More:" in str(error.value)) == (name == sheet)
    with pytest.raises(WorkbookError, match="no such file"):
        load(tmp_path / "nowhere.xlsx")


def test_a_wrong_dimension_loses_no_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": 1, "C9": "=A1+1"}})
    parts = read_parts(path)
    sheet = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:C9"/>' in parts[sheet]
    write_parts(path, {**parts, sheet: parts[sheet].replace(b'"A1:C9"', b'"A1"')})
    assert load(path)["C9"] == 2


def test_an_empty_workbook(tmp_path: Path) -> None:
    book = book_of(tmp_path, {})
    assert book.cells() == []
    assert book.values() == {}
    assert book["A1:B2"].tolist() == [[None, None], [None, None]]
    assert book["A:A"] is None


def test_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    cells = {"A1": "=EXP(1000)", "A2": "=1E308*10", "A3": "=LN(-1)", "A4": "=0/0"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book_of(tmp_path, cells).cells()
    assert capfd.readouterr() == ("", "")
    assert caplog.get_records("call") == []


def test_importing_the_engine_imports_nothing_heavy() -> None:
    program = (
        "import sys, sheetlab.engine;"
        "print({'numpy', 'pandas', 'openpyxl', 'formulas', 'schedula'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "set()\n"


def test_formulas_filled_down_are_one_block(tmp_path: Path) -> None:
    cells = {"A1": 2} | {f"B{row}": f"=A{row}*$A$1" for row in range(1, 41)}
    book = book_of(tmp_path, cells | {f"C{row}": f"=C{row - 1}+B{row}" for row in range(2, 41)})
    blocks = book._calculation.model.blocks
    assert [(block.cells.shape, block.text) for block in blocks] == [
        ((40, 1), "=A1*$A$1"),
        ((39, 1), "=C1+B2"),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    rate=st.floats(-10, 10),
    data=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=3),
)
def test_any_inputs_give_what_python_gives(
    rate: float, data: list[tuple[float, float]], book: Book
) -> None:
    book.set({"rate": rate, "data": data})
    alpha, expected = 0.0, []
    for _, y in data:
        expected.append(alpha)
        alpha = alpha - rate * (alpha - y)
    assert book["alpha"].tolist() == expected


def test_a_long_chain(tmp_path: Path) -> None:
    cells = {"A1": 1} | {f"A{row}": f"=A{row - 1}+1" for row in range(2, 3001)}
    assert book_of(tmp_path, cells)["A3000"] == 3000


def test_files_of_other_programs_with_shared_formulas(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": 1, "A2": 2, "B1": "=A1*2"}})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    shared = b'<f t="shared" ref="B1:B2" si="0">A1*2</f>'
    content = parts[sheet].replace(b"<f>A1*2</f>", shared)
    second = b'<c r="A2" t="n"><v>2</v></c>'
    assert second in content
    content = content.replace(second, second + b'<c r="B2"><f t="shared" si="0"/></c>')
    write_parts(path, {**parts, sheet: content})
    book = load(path)
    assert book["B1:B2"].tolist() == [2, 4]
    assert book.formula("Data", "B2") == "=A2*2"


def test_only_the_rows_that_depend_on_a_change_are_calculated_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells: dict[str, Any] = {"B1": 0}
    for row in range(1, 101):
        cells[f"A{row}"] = row
        cells[f"C{row}"] = f"=A{row}*2"
        cells[f"D{row}"] = f"=SUM(C$1:C{row})"
        cells[f"E{row}"] = f"=SUM(C{row}:C{row + 9})"
        cells[f"F{row}"] = f"=C{101 - row}"
        if row > 1:
            cells[f"B{row}"] = f"=B{row - 1}+A{row}"
    book = book_of(tmp_path, cells)
    book.cells()
    calculated: dict[str, range] = {}
    real = Block.settle

    def spy(block: Block) -> None:
        calculated[block.text] = block.stale
        real(block)

    monkeypatch.setattr(Block, "settle", spy)
    book.set({"A60": 0})
    after = {ref: value for _, ref, _, value in book.cells()}
    assert {text: (rows.start, rows.stop) for text, rows in calculated.items()} == {
        "=B1+A2": (60, 101),
        "=A1*2": (60, 61),
        "=SUM(C$1:C1)": (60, 101),
        "=SUM(C1:C10)": (51, 61),
        "=C60": (41, 42),
    }
    fresh = load(tmp_path / "book.xlsx")
    fresh.set({"A60": 0})
    assert after == {ref: value for _, ref, _, value in fresh.cells()}
    assert (after["B100"], after["D100"], after["F41"]) == (4989, 9980, 0)


def test_a_formula_that_reads_more_than_its_text_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sheetlab.engine.reading import formulas

    # As if nobody had seen that INDIRECT reads elsewhere.
    monkeypatch.setattr(formulas, "is_dynamic", lambda _: False)
    cells: dict[str, Any] = {}
    for row in range(1, 9):
        cells |= {f"A{row}": f'=INDIRECT("C{row + 1}")', f"C{row + 1}": f"=D{row}+1"}
        cells |= {f"D{row}": row}
    book = book_of(tmp_path, cells)
    assert book["A1:A8"].tolist() == list(range(2, 10))


def test_a_frame_takes_its_headings_from_where_they_stand(tmp_path: Path) -> None:
    cells = {
        "A1": "step", "B1": "Data", "D1": "model", "E1": "ŷ", "B2": "x", "C2": "y", "D2": "alpha",
        "A4": 1, "B4": 2, "C4": 3, "D4": 4, "E4": "=D4+1",
    }  # fmt: skip
    path = write(tmp_path / "tiers.xlsx", {"S": cells}, {"data": "S!$B$4:$C$4", "y_hat": "S!$E$4"})
    book = load(path)
    apart = book.frame("A4:E4", header="S!A1:E2")
    assert apart["Data"]["y"].tolist() == apart["Data", "y"].tolist() == [3]
    assert apart["step"].tolist() == [1]
    assert apart["ŷ"].tolist() == [5]
    assert list(apart["model"].columns) == ["alpha"]
    assert book.frame("A1:E4", header=2).iloc[-1].tolist() == [1, 2, 3, 4, 5]
    assert list(book.frame("A4:E4", header="A2:E2").columns) == ["", "x", "y", "alpha", ""]
    assert list(book.frame("B4:C4", header=0).columns) == ["B", "C"]
    assert book.frame("y_hat")["y_hat"].tolist() == [5]
    assert list(book.frame("data").columns) == ["data B", "data C"]
    for header in (3, -1, "A1:B2"):
        with pytest.raises(InputError, match="header="):
            book.frame("B2:D3", header=header)


def test_names_as_keys(book: Book) -> None:
    assert list(book) == ["rate", "alpha", "data"] == book._ipython_key_completions_()
    assert "alpha" in book
    assert "ALPHA" in book
    for other in ("beta", "A1", "half", 0, None):
        assert other not in book


def test_a_book_shows_itself_without_calculating(tmp_path: Path) -> None:
    sheets = {"<b>&": {"B3": 1, "A1": "=A1"}, "rest": {}}
    names = {"few": "'<b>&'!$A$1:$B$3", "two": "rest!$A$1:$A$9,rest!$C$1", "gone": "none!$A$1"}
    names |= {f"many_{number}": "rest!$A$1" for number in range(100)}
    book = load(write(tmp_path / "<i>.xlsx", sheets, names))
    shown = book._repr_html_()
    assert "&lt;i&gt;.xlsx" in shown
    assert "<td>&lt;b&gt;&amp;</td><td>3 × 2</td>" in shown
    assert "<i>" not in shown
    assert "<td>few</td>" in shown
    assert "<td>9 × 1 + 1 × 1</td>" in shown
    assert "<td>gone</td><td>none!$A$1</td><td>—</td>" in shown
    assert "and 53 more" in shown
    assert "many_99" not in shown
    assert repr(book).endswith("sheets=['<b>&', 'rest'])")
    assert book.sheets() == {"<b>&": (3, 2), "rest": (1, 1)}


def test_conditions_over_a_whole_range_see_what_its_texts_are_now(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"A1": "cat", "A2": "Dog", "A3": 1, "A5": "", "A6": True, "B1": "CAT"}
    cells |= {"B2": "dog", "B3": "cow", "B4": "", "B5": "=A3"}
    cells |= {f"C{row}": f"=SUMPRODUCT(($A$1:$A$6=B{row})*1)" for row in range(1, 6)}
    cells |= {f"D{row}": f"=SUMPRODUCT(--($A$1:$A$6<>B{row}))" for row in range(1, 6)}
    book = load(write(tmp_path / "book.xlsx", {"Data": cells}))
    assert book["C1:D5"].tolist() == [[1, 5], [1, 5], [0, 6], [2, 4], [1, 5]]
    book.set({"A2": "cow", "A3": "cow"})
    assert book["C1:C4"].tolist() == [1, 0, 2, 2]
    book.set({"A6": "Cat"})
    assert book["C1:D1"].tolist() == [2, 4]
