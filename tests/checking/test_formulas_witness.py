"""The library `formulas` as a witness: what it calculates, and that it is the library that does."""

import re
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import formulas
import numpy as np
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from sheetlab.building import build, write_built
from sheetlab.checking.agreement import TOLERANCE, difference
from sheetlab.checking.engines import recalculate
from sheetlab.checking.engines.formulas.calculation import Calculation
from sheetlab.checking.engines.formulas.compiling import ELEMENTWISE, Compiler
from sheetlab.checking.quantities import check_quantities
from sheetlab.checking.subject import Subject, read_subject
from sheetlab.errors import EngineError, EngineWarning
from sheetlab.files.address import ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import read_parts, write_parts
from sheetlab.lessons import lesson, lesson_names

DOCUMENT = Path(__file__).parents[2] / "docs" / "witnesses.md"
ASKED_AS_A_WHOLE = ("sgd", "softmax")

Cells = dict[str, Any]


def write(path: Path, sheets: dict[str, Cells], names: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for ref, value in cells.items():
            sheet[ref] = value.code if isinstance(value, CellError) else value
            if type(value) is str and not value.startswith("="):
                sheet[ref].data_type = "s"
    for name, meaning in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=meaning)
    book.save(path)
    return path


def calculate(
    folder: Path, cells: Cells, names: dict[str, str] | None = None, **sheets: Cells
) -> dict[str, CellValue]:
    """The cells of the sheet Data, by `formulas`."""
    path = write(folder / "book.xlsx", {"Data": cells, **sheets}, names)
    (values,) = recalculate("formulas", [path])
    return {ref: value for (sheet, ref), value in values.items() if sheet == "Data"}


@pytest.fixture(scope="session", params=lesson_names())
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    found = lesson(request.param)
    path = tmp_path_factory.mktemp("workbooks") / f"{found.name}.xlsx"
    write_built(build(found, found.inputs(), "en"), path)
    return read_subject(path)[0]


def test_every_quantity_of_a_lesson_is_what_numpy_says(subject: Subject) -> None:
    (values,) = recalculate("formulas", [subject.path])
    results = check_quantities(subject, "formulas", values)
    assert results
    assert [result for result in results if not result.ok] == []


@pytest.mark.parametrize("subject", ASKED_AS_A_WHOLE, indirect=True)
def test_the_librarys_own_model_of_a_workbook_says_the_same(subject: Subject) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = formulas.ExcelModel().loads(str(subject.path)).finish().calculate()
    missing = 0
    for quantity, cells in subject.cells.items():
        for (sheet, ref), expected in zip(cells, subject.reference[quantity], strict=True):
            found = solution.get(f"'[{subject.path.name}]{sheet.upper()}'!{ref}")
            if found is None:
                # It takes =ROWS(A$4:A4) for a circle, and leaves out what reads it.
                missing += 1
                continue
            value = found.value[0, 0]
            computed = CellError(str(value)) if isinstance(value, formulas.XlError) else value
            assert difference(computed, expected) <= TOLERANCE, (quantity, ref)
    assert missing < sum(map(len, subject.cells.values())) / 2


def documented() -> tuple[Cells, list[Any]]:
    """The cells and the rows of the table of differences in the document."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Where `formulas` differs")[2]
    rows = [line.strip("| ").split(" | ") for line in section.partition("\n## ")[0].splitlines()]
    cells = {
        f"{column}{row[0]}": spoken(text)
        for row in rows
        if row[0] in ("1", "2", "3")
        for column, text in zip("ABC", row[1:], strict=False)
        if text
    }
    differences = [
        pytest.param(row[0].strip("`"), spoken(row[1]), spoken(row[2]), id=row[0])
        for row in rows
        if row[0].startswith("`") and len(row) > 2
    ]
    return cells, differences


def spoken(text: str) -> CellValue:
    """A value as the document writes it."""
    if text.startswith('"'):
        return text.strip('"')
    if text.startswith("#"):
        return CellError(text)
    return text == "TRUE" if text in ("TRUE", "FALSE") else float(text)


CELLS, DIFFERENCES = documented()


@pytest.mark.parametrize(("formula", "by_formulas", "by_excel"), DIFFERENCES)
def test_a_documented_difference_is_there(
    formula: str, by_formulas: CellValue, by_excel: CellValue, tmp_path: Path
) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {**CELLS, "E5": f"={formula}"}})
    values = [recalculate(engine, [path])[0]["Data", "E5"] for engine in ("formulas", "sheetlab")]
    assert values == [by_formulas, by_excel]
    assert [type(value) for value in values] == [type(by_formulas), type(by_excel)]


@pytest.mark.parametrize(
    "formula",
    ["AGGREGATE(9,6,A1)", "COMBIN(5,2)", "OFFSET(A1,1,0)", "QUOTIENT(7,2)", "SUBTOTAL(9,A1)"],
)
def test_a_missing_function_is_named_with_its_cell(formula: str, tmp_path: Path) -> None:
    name = formula.partition("(")[0]
    with pytest.raises(EngineError, match=rf"book\.xlsx, Data!B2: .* no function {name};"):
        calculate(tmp_path, {"A1": 1, "B2": f"={formula}"})


def test_what_the_parser_of_the_library_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(formulas.errors.FormulaError):
        formulas.Parser().ast("=1E308*10")
    values = calculate(tmp_path, {"A1": "=1E308*10", "A2": "=1E3", "A3": "=1e-3*1E+3"})
    assert values == {"A1": CellError("#NUM!"), "A2": 1000, "A3": 1}


def test_a_formula_that_is_filled_down_is_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: Counter[str] = Counter()
    calls: Counter[int] = Counter()
    compile_one, together = Compiler.compile, Calculation._calculate_together

    def counted(compiler: Compiler, text: str, home: Any) -> Any:
        compiled[text] += 1
        return compile_one(compiler, text, home)

    def counted_together(calculation: Calculation, nodes: Any) -> bool:
        calls[len(nodes)] += 1
        return together(calculation, nodes)

    monkeypatch.setattr(Compiler, "compile", counted)
    monkeypatch.setattr(Calculation, "_calculate_together", counted_together)
    cells: Cells = {"A1": 0, "H1": 2}
    for row in range(2, 12):
        cells |= {f"A{row}": row, f"B{row}": f"=A{row}*$H$1+EXP(A{row - 1})"}
        cells |= {f"C{row}": f"=SUM(A$1:A{row})", f"D{row}": f"=D{row - 1}+A{row}"}
    values = calculate(tmp_path, cells)
    assert compiled == {"=A2*$H$1+EXP(A1)": 1, "=SUM(A$1:A2)": 1, "=D1+A2": 1}
    assert calls == {10: 1, 1: 10}
    assert values["B5"] == pytest.approx(5 * 2 + np.exp(4), rel=1e-15)
    assert (values["C11"], values["D11"]) == (65, 65)


# Each function as it is filled down beside a column of values, and two fixed cells.
FILLED = {
    **{name: f"={name}(A{{row}})" for name in sorted(ELEMENTWISE)},
    **{name: f"={name}(A{{row}},$A$1)" for name in ("ATAN2", "CEILING", "FLOOR", "LOG", "MOD")},
    **{name: f"={name}(A{{row}},$A$1)" for name in ("POWER", "ROUND", "ROUNDDOWN", "ROUNDUP")},
    "TRUNC": "=TRUNC(A{row},$A$2)",
    "IF": "=IF(A{row},10^A{row},A{row})",
    "NA": "=IF(A{row}>1,NA(),A{row})",
    "PI": "=PI()*A{row}",
    **{sign: f"=A{{row}}{sign}$A$1" for sign in "+-*/^&=<>"},
    **{sign: f"=A{{row}}{sign}A{{row}}" for sign in ("<=", ">=", "<>")},
    "minus": "=-A{row}",
    "percent": "=A{row}%",
    "nothing moves": "=$A$1*2",
    "no cell at all": "=1+2",
}


@pytest.mark.parametrize("kinds", ["numbers", "all kinds"])
def test_all_cells_at_once_give_what_each_gives_alone(
    kinds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    column: list[Any] = [-2, -0.5, 0, 0.3, 1, 2, 700, 1e300, 5]
    if kinds == "all kinds":
        column += ["text", "3", True, None, CellError("#N/A")]
    cells: Cells = {"A1": 3, "A2": 1}
    for row, value in enumerate(column, 3):
        cells[f"A{row}"] = value
        for number, formula in enumerate(FILLED.values(), 2):
            cells[ref_of(row, number)] = formula.format(row=row)
    at_once = calculate(tmp_path, cells)
    monkeypatch.setattr(Calculation, "_calculate_together", lambda *_: False)
    one_by_one = calculate(tmp_path, cells)
    assert len(one_by_one) > len(FILLED) * len(column)
    wrong = {
        (name, column[row - 3], at_once[ref_of(row, number)], one_by_one[ref_of(row, number)])
        for number, name in enumerate(FILLED, 2)
        for row in range(3, len(column) + 3)
        if repr(at_once[ref_of(row, number)]) != repr(one_by_one[ref_of(row, number)])
    }
    assert wrong == set()


def test_every_kind_of_reference(tmp_path: Path) -> None:
    other = {"A1": 10, "A2": 20}
    sheets = {"손실 함수": other, "It's - odd": other, "R1": other}
    cells = {
        "A1": 1,
        "A2": 2,
        "B1": "=SUM('손실 함수'!A1:A2)+'It''s - odd'!$A$1",
        "B2": "=SUM('손실 함수'!A2:A3)+'It''s - odd'!$A$1",
        "C1": "=SUM(both)*rate",
        "C2": "=SUM(both)*RATE",
        "D1": "=ROWS(D$1:D1)",
        "D2": "=ROWS(D$1:D2)",
        "E1": "=ROW()+COLUMN()",
        "E2": "=ROW()+COLUMN()",
        "F1": "=SUM(A:A)+SUM('R1'!1:1)",
        "G1": "=SUM((A1:A2,'R1'!A1:A2))",
        "G2": "=SUM((A2:A3,'R1'!A2:A3))",
        "H1": '=INDIRECT("A2")',
    }
    names = {"both": "Data!$A$1:$A$2,'손실 함수'!$A$1", "rate": "'R1'!$A$2"}
    values = calculate(tmp_path, cells, names, **sheets)
    assert [values[f"{column}1"] for column in "BCDEFGH"] == [40, 260, 1, 6, 13, 33, 2]
    assert [values[f"{column}2"] for column in "BCDEG"] == [30, 260, 2, 7, 22]


def test_a_name_of_a_sheet_comes_first(tmp_path: Path) -> None:
    path = write(
        tmp_path / "book.xlsx", {"Data": {"A1": 1, "A2": "=rate"}, "More": {"A1": "=rate"}}
    )
    book = openpyxl.load_workbook(path)
    book.defined_names["rate"] = DefinedName("rate", attr_text="Data!$A$1")
    book["More"]["B1"] = 2
    book["More"].defined_names["rate"] = DefinedName("rate", attr_text="More!$B$1")
    book.save(path)
    (values,) = recalculate("formulas", [path])
    assert (values["Data", "A2"], values["More", "A1"]) == (1, 2)


def test_array_formulas(tmp_path: Path) -> None:
    cells: Cells = {"A1": 1, "B1": 2, "A2": 3, "B2": 5}
    cells["D1"] = ArrayFormula("D1:E2", "=MINVERSE(A1:B2)")
    cells["D4"] = ArrayFormula("D4:E5", "=TRANSPOSE(A1:B2)*2")
    cells["D7"] = ArrayFormula("D7:D9", "=A1:A2")
    cells["G1"] = ArrayFormula("G1:G1", "=SUM(IF(A1:B2>1,A1:B2))")
    cells["H1"] = "=SUM(D4:E5)"
    values = calculate(tmp_path, cells)
    inverse = [values[ref] for ref in ("D1", "E1", "D2", "E2")]
    assert inverse == pytest.approx([-5, 2, 3, -1], abs=1e-12)
    assert [values[ref] for ref in ("D4", "E4", "D5", "E5")] == [2, 6, 4, 10]
    assert [values[ref] for ref in ("D7", "D8", "D9")] == [1, 3, CellError("#N/A")]
    assert (values["G1"], values["H1"]) == (10, 22)


def test_shared_formulas_of_excel_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": 1, "A2": 2, "B1": "=A1*2", "B2": "=1"}})
    parts = dict(read_parts(path))
    sheet = "xl/worksheets/sheet1.xml"
    for old, shared in (
        (b"<f>A1*2</f>", b'<f t="shared" ref="B1:B2" si="0">A1*2</f>'),
        (b"<f>1</f>", b'<f t="shared" si="0"/>'),
    ):
        assert old in parts[sheet]
        parts[sheet] = parts[sheet].replace(old, shared)
    write_parts(path, parts)
    (values,) = recalculate("formulas", [path])
    assert (values["Data", "B1"], values["Data", "B2"]) == (2, 4)


def test_a_circle_is_told_cell_by_cell(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"Data!A\d: .* \(Data!A\d → Data!A\d → Data!A\d\)"):
        calculate(tmp_path, {"A1": "=A2+1", "A2": "=SUM(A1:A1)"})


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("=SUM(nobody)", "nothing has the name NOBODY"),
        ("=SUM(half)", "the name HALF stands for 0.5, not for cells"),
        ("=SUM(below)", "the name BELOW stands for other cells in each cell"),
        ("=[1]Other!A1", "is not a sheet of this workbook"),
        ("=Gone!A1", "is not a sheet of this workbook"),
        ("=1+*2", "it cannot be parsed"),
        (DataTableFormula("B1:B1", r1="A1"), "it has no function TABLE"),
    ],
)
def test_what_the_library_cannot_calculate(formula: Any, reason: str, tmp_path: Path) -> None:
    names = {"half": "0.5", "below": "Data!A2"}
    with pytest.raises(EngineError, match=f"Data!B1: .*{re.escape(reason)}"):
        calculate(tmp_path, {"A1": 1, "B1": formula}, names)


def test_beside_the_named_sheets_what_fails_is_left_out_with_a_warning(tmp_path: Path) -> None:
    check = {"A1": "=COMBIN(5,2)", "A2": "=A1+1", "A3": "=SUM(alpha)"}
    path = write(
        tmp_path / "book.xlsx",
        {"Example": {"A1": 1, "A2": "=A1+1"}, "Check": check},
        {"alpha": "Example!$A$1:$A$2"},
    )
    with pytest.warns(EngineWarning, match=r"book\.xlsx, Check!A1: .* COMBIN; 2 cell\(s\)"):
        (values,) = recalculate("formulas", [path])
    assert values == {("Example", "A1"): 1, ("Example", "A2"): 2, ("Check", "A3"): 3}

    path = write(
        tmp_path / "book.xlsx",
        {"Example": {"A1": 1, "A2": "=Check!A2"}, "Check": check},
        {"alpha": "Example!$A$1:$A$2"},
    )
    with pytest.raises(EngineError, match=r"Example!A2: .* it reads Check!A2, which cannot"):
        recalculate("formulas", [path])


def test_nothing_of_our_engine_is_imported(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": 1, "A2": "=EXP(A1)"}})
    program = (
        "import sys, pathlib; from sheetlab.checking.engines import recalculate;"
        f"recalculate('formulas', [pathlib.Path({str(path)!r})]);"
        "print(sorted(name for name in sys.modules if name.startswith('sheetlab.engine.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    # `verify` loads these to find the cells of names; what they calculate with, they load later.
    assert done.stdout.strip() == "['sheetlab.engine.book', 'sheetlab.engine.cell_range']"
