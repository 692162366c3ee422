import builtins
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.checking.engines import ENGINES, CellValues, libreoffice, recalculate
from sheetlab.checking.engines.cells import stored_cells
from sheetlab.errors import EngineError, InputError, WorkbookError
from sheetlab.files.cached_values import POISON, poison
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import read_parts, write_parts

each_engine = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(engine, marks=pytest.mark.needs_libreoffice)
        if engine == "libreoffice"
        else engine
        for engine in ENGINES
    ],
)


def write_workbook(path: Path, rate: float = 0.25) -> Path:
    """A small workbook with a cell of every kind; `expected` gives its values."""
    book = Workbook()
    data = book.worksheets[0]
    data.title = "Data"
    for row in [(1, 2.5, "cat", True), (2, -4, "dog", False), (3, rate, "#NUM!", True)]:
        data.append(row)
    data["C3"].data_type = "s"  # a text that reads like an error
    data["A4"].fill = PatternFill("solid", fgColor="FFFFCC")  # blank, but not without style
    sums = book.create_sheet("Sums and more")
    book.defined_names["rate"] = DefinedName("rate", attr_text="Data!$B$3")
    corners = "Data!$A$1:$A$2,'Sums and more'!$B$1:$C$1"  # two areas, which no formula reads
    book.defined_names["corners"] = DefinedName("corners", attr_text=corners)
    book.defined_names["steps"] = DefinedName("steps", attr_text="Data!$A$1:$A$3")
    sums["A1"] = "=SUMPRODUCT(steps,Data!B1:B3)"
    sums["A2"] = "=A1*rate"
    sums["A3"] = '=Data!C1&"s"'
    sums["A4"] = "=Data!A1<Data!B1"
    sums["A5"] = "=1/0"
    sums["A6"] = "=Data!C3"
    sums["A7"] = "=NA()"
    sums["A8"] = '=""'
    sums["A9"] = "=AVERAGE(Data!A1:A4)"
    sums["B1"] = ArrayFormula("B1:C2", "=MMULT(Data!A1:B2,Data!A1:B2)")
    book.save(path)
    return path


def expected(rate: float = 0.25) -> CellValues:
    total = 1 * 2.5 + 2 * -4 + 3 * rate
    values: CellValues = {
        ("Data", "A1"): 1.0,
        ("Data", "B1"): 2.5,
        ("Data", "C1"): "cat",
        ("Data", "D1"): True,
        ("Data", "A2"): 2.0,
        ("Data", "B2"): -4.0,
        ("Data", "C2"): "dog",
        ("Data", "D2"): False,
        ("Data", "A3"): 3.0,
        ("Data", "B3"): rate,
        ("Data", "C3"): "#NUM!",
        ("Data", "D3"): True,
    }
    sums: dict[str, CellValue] = {
        "A1": total,
        "A2": total * rate,
        "A3": "cats",
        "A4": True,
        "A5": CellError("#DIV/0!"),
        "A6": "#NUM!",
        "A7": CellError("#N/A"),
        "A8": "",
        "A9": 2.0,
        "B1": 1 * 1 + 2.5 * 2,
        "C1": 1 * 2.5 + 2.5 * -4,
        "B2": 2.0 * 1 + -4 * 2,
        "C2": 2 * 2.5 + -4 * -4,
    }
    return values | {("Sums and more", ref): value for ref, value in sums.items()}


def kinds(values: CellValues) -> dict[tuple[str, str], type]:
    return {cell: type(value) for cell, value in values.items()}


@each_engine
def test_every_kind_of_cell(engine: str, tmp_path: Path) -> None:
    (values,) = recalculate(engine, [write_workbook(tmp_path / "book.xlsx")])
    assert kinds(values) == kinds(expected())
    assert values == expected()


@each_engine
def test_stale_values_are_not_believed(engine: str, tmp_path: Path) -> None:
    stale = tmp_path / "stale.xlsx"
    write_parts(stale, poison(read_parts(write_workbook(tmp_path / "book.xlsx", rate=8))))
    before = stale.read_bytes()
    assert POISON in stored_cells(read_parts(stale)).values.values()
    (values,) = recalculate(engine, [stale])
    assert values == expected(rate=8)
    assert stale.read_bytes() == before


@each_engine
def test_same_name_in_two_folders(engine: str, tmp_path: Path) -> None:
    rates = (2.0, 4.0, 0.5)
    paths = []
    for rate in rates:
        folder = tmp_path / f"rate {rate} 학습률"
        folder.mkdir()
        paths.append(write_workbook(folder / "book.xlsx", rate))
    assert recalculate(engine, paths) == [expected(rate) for rate in rates]


@each_engine
def test_what_is_not_calculated_does_no_harm(engine: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "손실 함수"
    for row in range(1, 4):
        sheet.cell(row, 1, row)
    sheet["B1"] = "=SUM('손실 함수'!A1:A3)"
    sheet["A1"].comment = Comment("where it starts", "teacher")
    sheet["C1"] = "merged"
    sheet.merge_cells("C1:D2")
    sheet.freeze_panes = "A2"
    sheet.conditional_formatting.add("A1:A3", Rule("cellIs", operator="greaterThan", formula=["2"]))
    chart = LineChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=3))
    sheet.add_chart(chart, "F1")
    book.create_chartsheet("Chart", 0).add_chart(LineChart())
    book.save(tmp_path / "book.xlsx")

    (values,) = recalculate(engine, [tmp_path / "book.xlsx"])
    refs = {"A1": 1.0, "A2": 2.0, "A3": 3.0, "B1": 6.0, "C1": "merged"}
    assert values == {("손실 함수", ref): value for ref, value in refs.items()}


@each_engine
def test_a_broken_file_is_named(engine: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook")
    with pytest.raises(WorkbookError, match=r"broken\.xlsx"):
        recalculate(engine, [broken])


@each_engine
def test_nothing_is_left_behind(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_workbook(tmp_path / "book.xlsx")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    recalculate(engine, [path])
    assert list(scratch.glob("sheetlab-*")) == []


def test_unknown_engine() -> None:
    with pytest.raises(InputError, match=r"'abacus'.*sheetlab, formulas, libreoffice, ironcalc"):
        recalculate("abacus", [])


@pytest.mark.needs_libreoffice
def test_profile_without_the_setting_keeps_the_poison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_workbook(tmp_path / "book.xlsx")
    with zipfile.ZipFile(path) as package:
        assert b"<Application>Microsoft Excel" in package.read("docProps/app.xml")
    empty = '<oor:items xmlns:oor="http://openoffice.org/2001/registry"/>'
    monkeypatch.setattr(libreoffice, "PROFILE", empty)
    with pytest.raises(EngineError, match=r"LibreOffice did not recalculate .*book\.xlsx, Sums"):
        recalculate("libreoffice", [path])


@pytest.mark.needs_libreoffice
def test_libreoffice_writes_numbers_as_text_alike_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    book = Workbook()
    book.worksheets[0]["A1"] = '="x = "&0.5'
    book.save(tmp_path / "book.xlsx")
    assert recalculate("libreoffice", [tmp_path / "book.xlsx"]) == [{("Sheet", "A1"): "x = 0.5"}]


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script as the program")
def test_libreoffice_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = tmp_path / "finished"
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n(sleep 2; touch '{finished}') &\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(libreoffice, "TIME_LIMIT", 0.5)
    started = time.monotonic()
    with pytest.raises(EngineError, match=r"did not finish 1 workbook\(s\) within 0\.5 seconds"):
        recalculate("libreoffice", [write_workbook(tmp_path / "book.xlsx")])
    assert time.monotonic() - started < 2
    time.sleep(2)
    assert not finished.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script as the program")
def test_libreoffice_that_writes_nothing_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho Error: source file could not be loaded >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(EngineError, match=r"book\.xlsx: Error: source file could not be loaded"):
        recalculate("libreoffice", [write_workbook(tmp_path / "book.xlsx")])


def test_libreoffice_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(libreoffice, "USUAL_PLACES", ())
    monkeypatch.setenv("SHEETLAB_LANG", "en")
    with pytest.raises(EngineError, match="apt-get install libreoffice-calc"):
        recalculate("libreoffice", [])


def test_libreoffice_in_its_usual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "soffice"
    place.touch()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(libreoffice, "USUAL_PLACES", (tmp_path / "nowhere", place))
    assert libreoffice.find_program() == place


def test_ironcalc_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_ironcalc(name: str, *rest: Any, real: Any = builtins.__import__) -> Any:
        if name == "ironcalc":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ironcalc)
    with pytest.raises(EngineError, match=r"pip install 'sheetlab\[engines\]'"):
        recalculate("ironcalc", [])


def test_where_ironcalc_differs_with_areas_joined_by_commas(tmp_path: Path) -> None:
    book = Workbook()
    for row in (1, 2, 3):
        book.worksheets[0].cell(row, 1, row)
    joined = "Sheet!$A$1:$A$2,Sheet!$A$3"
    book.defined_names["joined"] = DefinedName("joined", attr_text=joined)
    book.worksheets[0]["B1"] = "=SUM(joined)"
    book.worksheets[0]["B2"] = "=SUM((A1:A2,A3))"
    book.save(tmp_path / "book.xlsx")
    (values,) = recalculate("ironcalc", [tmp_path / "book.xlsx"])
    assert (values["Sheet", "B1"], values["Sheet", "B2"]) == (3, CellError("#ERROR!"))
    for engine in ("sheetlab", "formulas"):
        (values,) = recalculate(engine, [tmp_path / "book.xlsx"])
        assert (values["Sheet", "B1"], values["Sheet", "B2"]) == (6, 6), engine


def test_ironcalc_says_what_it_cannot_load(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "book.xlsx")
    parts = dict(read_parts(path))
    sheet = "xl/worksheets/sheet2.xml"
    data_table = b'<f t="dataTable" ref="A2:A2" dt2D="0" dtr="0" r1="A1"/>'
    parts[sheet] = parts[sheet].replace(b"<f>A1*rate</f>", data_table)
    write_parts(path, parts)
    with pytest.raises(EngineError, match=r"IronCalc cannot calculate .*book\.xlsx: .*data table"):
        recalculate("ironcalc", [path])


def test_a_panic_of_ironcalc_is_an_engine_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ironcalc

    monkeypatch.setattr(ironcalc, "load_from_xlsx", lambda path: ironcalc.test_panic())
    with pytest.raises(EngineError, match=r"IronCalc cannot calculate .*book\.xlsx: .*panic"):
        recalculate("ironcalc", [write_workbook(tmp_path / "book.xlsx")])


def test_ironcalc_that_does_not_calculate_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ironcalc

    class Idle:
        def __init__(self, model: ironcalc.Model) -> None:
            self.model = model

        def __getattr__(self, name: str) -> object:
            return getattr(self.model, name)

        def evaluate(self) -> None:
            pass

    load = ironcalc.load_from_xlsx
    monkeypatch.setattr(ironcalc, "load_from_xlsx", lambda path: Idle(load(path)))
    with pytest.raises(EngineError, match=r"IronCalc did not recalculate .*book\.xlsx, Sums"):
        recalculate("ironcalc", [write_workbook(tmp_path / "book.xlsx")])


@pytest.mark.parametrize(
    ("required", "outcome"), [("", "1 skipped"), ("1", "1 error")], ids=["skips", "fails"]
)
def test_the_marker(required: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.needs_libreoffice\ndef test_it(): pass\n"
    )
    (tmp_path / "conftest.py").write_text(
        (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")
        + "\nimport sheetlab.checking.engines.libreoffice as calc\n"
        "calc.shutil.which = lambda name: None\ncalc.USUAL_PLACES = ()\n",
        encoding="utf-8",
    )
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", str(tmp_path)],
        env=os.environ | {"SHEETLAB_REQUIRE_LIBREOFFICE": required, "PYTEST_ADDOPTS": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert outcome in result.stdout
    assert "LibreOffice is not installed" in result.stdout
