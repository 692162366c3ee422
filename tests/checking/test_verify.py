"""Verification: every row of the ledger holds, and a broken cell is found by every engine."""

import math
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from sheetlab.building import build, write_built
from sheetlab.checking import ENGINES, Report, verify_files
from sheetlab.checking.agreement import TOLERANCE, agree
from sheetlab.checking.figures import prints_as
from sheetlab.engine import CellError
from sheetlab.ledger import ledger
from sheetlab.lessons import lesson, lesson_names

# What each status promises of a figure, in a cell of the sheet changed by hand.
BROKEN_CELLS = [
    ("sgd", "beta", 6),
    ("entropy", "slope_gain", 0),
    ("gradient_boosting", "residual_2_rounded", 3),
    ("confusion", "threshold_recall", 1),
    ("softmax", "guarded", 2),
    ("kmeans", "inertia", 0),
]


@pytest.fixture(scope="session")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("workbooks")
    paths = []
    for name in lesson_names():
        found = lesson(name)
        paths.append(folder / f"{name}.xlsx")
        write_built(build(found, found.inputs(), "en"), paths[-1])
    return paths


@pytest.fixture(scope="session")
def report(workbooks: list[Path]) -> Report:
    return verify_files(workbooks, ["formulas"])


@pytest.mark.parametrize(
    "figure_id", [figure.id for name in lesson_names() for figure in ledger()[name]]
)
def test_a_printed_figure_holds(report: Report, figure_id: str) -> None:
    (result,) = next(results for results in report.figures if results[0].figure.id == figure_id)
    assert result.ok, result


def test_every_quantity_agrees(report: Report) -> None:
    assert [result for result in report.quantities if not result.ok] == []


def test_the_six_lessons_have_their_223_figures(report: Report) -> None:
    six = {"sgd", "entropy", "gradient_boosting", "confusion", "softmax", "kmeans"}
    figures = [results[0].figure for results in report.figures]
    counts = Counter(figure.lesson in six for figure in figures)
    assert counts[True] == 223


@pytest.mark.needs_libreoffice
def test_the_other_engines_agree(workbooks: list[Path]) -> None:
    everything = verify_files(workbooks, ENGINES)
    assert [result for result in everything.quantities if not result.ok] == []
    assert everything.ok
    assert all(len(results) == len(ENGINES) for results in everything.figures)


def test_the_check_sheet_reaches_the_same_verdict(workbooks: list[Path]) -> None:
    for path in workbooks:
        sheet = openpyxl.load_workbook(path, data_only=True)["Check"]
        marks = Counter(sheet.cell(row, 8).value for row in range(6, sheet.max_row + 1))
        statuses = Counter(figure.status for figure in lesson(path.stem).figures)
        assert marks["✗"] == 0
        assert marks["slide errs"] == statuses["erratum"]
        assert marks["✓"] == statuses.total() - statuses["erratum"]
        count = marks["✓"]
        verdict = "The figure agrees" if count == 1 else f"All {count} figures agree"
        assert str(sheet["A3"].value).startswith(verdict)


@pytest.mark.needs_libreoffice
def test_one_broken_cell_is_named_by_every_engine(workbooks: list[Path], tmp_path: Path) -> None:
    broken, cells = [], []
    for name, quantity, index in BROKEN_CELLS:
        workbook = openpyxl.load_workbook(next(path for path in workbooks if path.stem == name))
        ((sheet, area),) = workbook.defined_names[quantity].destinations
        found = workbook[sheet][area.replace("$", "")]
        cell = [c for row in (found if isinstance(found, tuple) else ((found,),)) for c in row][
            index
        ]
        # Larger than every change that follows from it, so that it is the worst of its quantity.
        cell.value = f"=1000+({cell.value[1:]})"
        broken.append(tmp_path / f"{name}.xlsx")
        cells.append((name, quantity, f"{sheet}!{cell.coordinate}"))
        workbook.save(broken[-1])
    report = verify_files(broken, ENGINES)
    assert not report.ok
    for engine in ENGINES:
        found_cells = {
            (result.lesson, result.quantity, result.worst_cell)
            for result in report.quantities
            if result.engine == engine and not result.ok
        }
        assert set(cells) <= found_cells, engine


def test_a_number_typed_over_a_formula_is_found(workbooks: list[Path], tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(next(path for path in workbooks if path.stem == "sgd"))
    workbook["SGD"]["C12"] = 4.5
    workbook.save(tmp_path / "sgd.xlsx")
    wrong = [result for result in verify_files([tmp_path / "sgd.xlsx"]).quantities if not result.ok]
    assert ("x", "SGD!C12") in {(result.quantity, result.worst_cell) for result in wrong}


def test_changed_inputs_are_followed_and_the_figures_set_aside(
    workbooks: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "sgd.xlsx"
    workbook = openpyxl.load_workbook(next(path for path in workbooks if path.stem == "sgd"))
    workbook["SGD"]["A3"] = 0.02
    workbook["SGD"]["D8"] = 4
    workbook.save(path)
    report = verify_files([path])
    assert report.ok
    assert report.figures == ()
    assert report.moved == (str(path),)


@pytest.mark.parametrize(
    ("computed", "expected", "agrees"),
    [
        (1.0, 1.0 + 1e-13, True),
        (1.0, 1.0 + 1e-11, False),
        (1e20, 1e20 * (1 + 1e-13), True),
        (CellError("#NUM!"), math.nan, True),
        (CellError("#NUM!"), 1.0, False),
        (CellError("#NUM!"), "#NUM!", False),
        (math.nan, math.nan, False),
        (None, 0.0, False),
        ("a", "a", True),
        ("1", 1.0, False),
    ],
)
def test_agreement(computed: object, expected: float | str, agrees: bool) -> None:
    assert agree(computed, expected) is agrees  # type: ignore[arg-type]
    assert TOLERANCE == 1e-12


def test_an_erratum_that_agrees_is_no_erratum() -> None:
    erratum = next(f for f in ledger()["entropy"] if f.id == "entropy.slope_weighted_entropy[0]")
    assert not prints_as(0.6887218755408672, erratum)
    assert prints_as(0.6884, erratum)
