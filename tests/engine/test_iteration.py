"""Cycles in workbooks that have them calculated by iteration, as Excel's option does."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.packages import formulas, parts_of, write_package
from openpyxl import Workbook
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.engine import Book, calculation, load
from sheetlab.errors import EngineWarning, WorkbookError
from sheetlab.files.cell_value import CellError


@pytest.fixture(autouse=True)
def _no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def iterated(folder: Path, cells: Mapping[str, Any], **settings: Any) -> Book:
    book = Workbook()
    for ref, value in cells.items():
        book.worksheets[0][ref] = value
    book.calculation = CalcProperties(iterate=True, **settings)
    book.save(folder / "book.xlsx")
    return load(folder / "book.xlsx")


def test_a_count_of_iterations(tmp_path: Path) -> None:
    assert iterated(tmp_path, {"A1": "=A1+1"})["A1"] == 100
    assert iterated(tmp_path, {"A1": "=A1+1"}, iterateCount=7)["A1"] == 7


def test_it_ends_when_nothing_changes_by_as_much(tmp_path: Path) -> None:
    book = iterated(tmp_path, {"A1": "=(A1+2)/2"}, iterateDelta=0.1)
    assert book["A1"] == 1.9375  # 1, 1.5, 1.75, 1.875, 1.9375: the last changes by 0.0625.


def test_cells_are_calculated_by_row_and_column(tmp_path: Path) -> None:
    # C1 comes before A2, so it has A2 of the iteration before.
    book = iterated(tmp_path, {"A2": "=A2+1", "C1": "=A2+0*A3", "A3": "=C1+A2"}, iterateCount=5)
    assert [book[ref] for ref in ("A2", "C1", "A3")] == [5, 5, 10]
    book = iterated(tmp_path, {"A2": "=A2+1+0*C1", "C1": "=A2"}, iterateCount=5)
    assert [book[ref] for ref in ("A2", "C1")] == [5, 4]


def test_equations_as_gauss_and_seidel_solve_them(tmp_path: Path) -> None:
    size, count, delta = 6, 40, 1e-6
    generator = np.random.default_rng(3)
    weights = generator.uniform(-0.15, 0.15, (size, size))
    constants = generator.uniform(-5, 5, size)
    cells = {
        f"A{row + 1}": f"={constants[row]:.17g}"
        + "".join(f"+({weights[row, other]:.17g})*A{other + 1}" for other in range(size))
        for row in range(size)
    }
    expected = np.zeros(size)
    for _ in range(count):
        before = expected.copy()
        for row in range(size):
            expected[row] = constants[row] + weights[row] @ expected
        if np.abs(expected - before).max() < delta:
            break
    book = iterated(tmp_path, cells, iterateCount=count, iterateDelta=delta)
    assert book[f"A1:A{size}"].tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_interest_on_what_the_interest_leaves(tmp_path: Path) -> None:
    cells = {
        **{
            "A1": 1000,
            "A2": 0.1,
            "A3": "=A1-A4",
            "A4": "=A5*A2",
            "A5": "=(A3+A1)/2",
            "A6": "=A3*2",
        },
        "B1": '=INDIRECT("B2")/2+A3',
        "B2": "=B1",
        "C1": "=A1*2",
    }
    book = iterated(tmp_path, cells, iterateDelta=1e-12)
    for principal in (1000, 500):
        book.set({"A1": principal})
        left = principal * 0.95 / 1.05
        assert book["A3"] == pytest.approx(left, rel=1e-12)
        assert book["A6"] == pytest.approx(2 * left, rel=1e-12)
        assert book["B1"] == pytest.approx(2 * left, rel=1e-11)
        assert book["C1"] == 2 * principal


def test_several_cycles_that_share_cells_and_need_others(tmp_path: Path) -> None:
    count = 60
    cells = {f"A{row}": f"=(A{row % count + 1}+B{row}+C{row})/4" for row in range(1, count + 1)}
    cells |= {f"B{row}": f"=A{row}/4+1" for row in range(1, count + 1)}
    cells |= {f"C{row}": f"=IF(C{row % count + 1}>5,1,D{row})" for row in range(1, count + 1)}
    cells |= {f"D{row}": f"=D{row + 1}" for row in range(1, count + 1)}
    book = iterated(tmp_path, cells | {f"D{count + 1}": 3}, iterateDelta=1e-13)
    # a = (a + a/4 + 1 + 3) / 4
    assert book[f"A1:A{count}"].tolist() == pytest.approx([4 / 2.75] * count, rel=1e-11)
    assert book[f"D1:D{count}"].tolist() == [3] * count


def test_texts_and_errors_in_a_cycle(tmp_path: Path) -> None:
    book = iterated(tmp_path, {"A1": '=IF(LEN(B1)<5,B1&"x",B1)', "B1": "=A1", "C1": "=1/C1"})
    assert book["A1"] == "0xxxx"
    assert book["C1"] == CellError("#DIV/0!")


def test_iteration_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculation, "_MOST_ITERATED", 1_000)
    cells = {"A1": "=A1+1", "B1": "=2*3", "C1": "=ISERROR(A1)"}
    book = iterated(tmp_path, cells, iterateCount=32_767)
    with pytest.warns(EngineWarning, match=r"book\.xlsx, Sheet!A1: iterating .* too long"):
        assert book["A1"] == CellError("#NUM!")
    assert book["B1:C1"].tolist() == [6, True]
    book = iterated(tmp_path, cells, iterateCount=600)
    for start in (1, 2):
        # Each change may take as long.
        book.set({"D1": start})
        assert book["A1"] == 600


def test_an_array_formula_in_a_cycle(tmp_path: Path) -> None:
    cells = {"A1": ArrayFormula("A1:A3", "=A1:A3/2+{1;2;3}"), "B1": "=SUM(A1:A3)"}
    book = iterated(tmp_path, cells, iterateDelta=1e-13)
    assert book["A1:A3"].tolist() == pytest.approx([2, 4, 6], rel=1e-12)
    assert book["B1"] == pytest.approx(12, rel=1e-12)


@pytest.mark.parametrize("setting", ['iterateCount="-1"', 'iterateDelta="x"'])
def test_settings_that_are_no_numbers(setting: str, tmp_path: Path) -> None:
    parts = dict(parts_of(formulas("C1")))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</workbook>", f'<calcPr iterate="1" {setting}/></workbook>'.encode()
    )
    with pytest.raises(WorkbookError, match=r"xl/workbook\.xml is damaged"):
        load(write_package(tmp_path, parts))
