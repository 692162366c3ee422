"""Verification: every row of the ledger holds, and a broken cell is found by every engine."""

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from sheetlab.building import build, write_built
from sheetlab.checking import ENGINES, Report, verify_files
from sheetlab.checking.agreement import TOLERANCE, agree
from sheetlab.checking.figures import prints_as
from sheetlab.checking.subject import read_subject
from sheetlab.engine import CellError
from sheetlab.engine.functions import own
from sheetlab.engine.functions.kernels import Elementwise
from sheetlab.ledger import ledger
from sheetlab.lessons import lesson, lesson_names


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
    return verify_files(workbooks, ["sheetlab"])


@pytest.mark.parametrize(
    "figure_id", [figure.id for name in lesson_names() for figure in ledger().get(name, ())]
)
def test_a_printed_figure_holds(report: Report, figure_id: str) -> None:
    (result,) = next(results for results in report.figures if results[0].figure.id == figure_id)
    assert result.ok, result


def test_every_quantity_agrees(report: Report) -> None:
    assert [result for result in report.quantities if not result.ok] == []


@pytest.mark.needs_libreoffice
def test_the_other_engines_agree(workbooks: list[Path]) -> None:
    everything = verify_files(workbooks, ENGINES)
    assert [result for result in everything.quantities if not result.ok] == []
    assert everything.ok
    assert all(len(results) == len(ENGINES) for results in everything.figures)


def test_the_check_sheet_reaches_the_same_verdict(workbooks: list[Path]) -> None:
    for path in workbooks:
        if not lesson(path.stem).figures:
            continue
        sheet = openpyxl.load_workbook(path, data_only=True)["Check"]
        marks = Counter(sheet.cell(row, 8).value for row in range(6, sheet.max_row + 1))
        statuses = Counter(figure.status for figure in lesson(path.stem).figures)
        assert marks["✗"] == 0
        assert marks["slide errs"] == statuses["erratum"]
        assert marks["✓"] == statuses.total() - statuses["erratum"]
        count = marks["✓"]
        verdict = "The figure agrees" if count == 1 else f"All {count} figures agree"
        assert str(sheet["A3"].value).startswith(verdict)


def plant(path: Path, folder: Path) -> tuple[Path, str, str]:
    """A copy of a workbook with one wrong cell; the quantity that has it, and the cell."""
    subject = read_subject(path)[0]
    workbook = openpyxl.load_workbook(path)
    numbers = (
        (quantity, sheet, ref)
        for quantity, cells in subject.cells.items()
        for (sheet, ref), value in zip(cells, subject.reference[quantity], strict=True)
        if isinstance(value, int | float) and math.isfinite(value)
        if str(workbook[sheet][ref].value).startswith("=")
    )
    quantity, sheet, ref = next(numbers)
    workbook[sheet][ref] = f"=1000+({workbook[sheet][ref].value[1:]})"
    workbook.save(folder / path.name)
    return folder / path.name, quantity, f"{sheet}!{ref}"


@pytest.mark.needs_libreoffice
def test_one_broken_cell_is_reported_by_every_engine(workbooks: list[Path], tmp_path: Path) -> None:
    planted = [plant(path, tmp_path) for path in workbooks]
    report = verify_files([path for path, _, _ in planted], ENGINES)
    assert not report.ok
    for engine in ENGINES:
        wrong = {
            (one.lesson, one.quantity)
            for one in report.quantities
            if one.engine == engine and not one.ok
        }
        assert {(path.stem, quantity) for path, quantity, _ in planted} <= wrong, engine
    assert [(cause.file, cause.kind, cause.where) for cause in report.causes] == [
        (str(path), "formula", cell) for path, _, cell in planted
    ]


@pytest.fixture
def faulty_exp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the EXP of our own engine too large by a billionth."""

    def exp(number: Any) -> Any:
        with np.errstate(over="ignore"):
            return np.exp(number) * (1 + 1e-9)

    faulty = replace(own()["EXP"], call=lambda x: float(exp(x)), kernel=Elementwise(exp, exp))
    monkeypatch.setitem(own(), "EXP", faulty)


@pytest.mark.usefixtures("faulty_exp")
def test_a_fault_of_our_engine_is_reported_and_formulas_disagrees(workbooks: list[Path]) -> None:
    report = verify_files([path for path in workbooks if path.stem == "softmax"])
    assert not report.ok
    assert {one.engine for one in report.quantities} == {"sheetlab", "formulas"}
    assert {one.engine for one in report.quantities if not one.ok} == {"sheetlab"}
    assert report.causes == ()  # the workbook is as it was built


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
