"""A formula or a cycle that cannot be calculated keeps nothing else from being calculated."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of, write
from openpyxl import load_workbook

from sheetlab.engine import load
from sheetlab.errors import EngineError, EngineWarning
from sheetlab.files.cell_value import CellError

CYCLES: list[tuple[dict[str, str], list[str]]] = [
    ({"B1": "=B1+1"}, ["B1"]),
    ({"B1": "=B2", "B2": "=B3*2", "B3": "=SUM(B1:B1)"}, ["B1", "B2", "B3"]),
    ({"B1": "=SUM(B:B)"}, ["B1"]),
    ({f"B{row}": f"=B{row % 50 + 1}" for row in range(1, 51)}, [f"B{n}" for n in range(1, 51)]),
    ({"B1": '=INDIRECT("B2")+1', "B2": "=OFFSET(B1,2,0)", "B3": "=B2"}, ["B2", "B3"]),
]


@pytest.mark.parametrize(("cells", "cycle"), CYCLES)
def test_a_cycle_is_an_error_in_its_cells_only(
    cells: dict[str, str], cycle: list[str], tmp_path: Path
) -> None:
    others = {"A1": 5, "A2": "=A1*2", "C1": "=B1", "C2": "=IFERROR(B1,7)", "C3": "=C2+A2"}
    book = book_of(tmp_path, {**others, **cells})
    with pytest.warns(EngineWarning, match="refers back to itself") as told:
        assert book["C1"] == CellError("#REF!")
    assert len(told) == 1
    assert "book.xlsx, Data!B" in str(told[0].message)
    assert [type(book[ref]) for ref in cycle] == [CellError] * len(cycle)
    assert [book[ref] for ref in ("A2", "C2", "C3")] == [10, 7, 17]
    book.save(tmp_path / "saved.xlsx")
    saved = load_workbook(tmp_path / "saved.xlsx", data_only=True)["Data"]
    assert [saved[ref].value for ref in ("A2", "C3", cycle[0])] == [10, 17, "#REF!"]
    assert saved[cycle[0]].data_type == "e"


@pytest.mark.parametrize(
    "formula", ["=1+", "=1 2", "=SUM(A1", "={1,2;3}", "=loop+1", "=cmd|' /C calc'!A0"]
)
def test_what_is_no_formula_is_an_error_in_its_cells_only(formula: str, tmp_path: Path) -> None:
    cells = {"A1": 1, "A2": "=A1*2", "B2": formula, "C1": "=ISERROR(B2)", "C2": "=B2+A2"}
    book = book_of(tmp_path, cells, {"loop": "loop*2"})
    with pytest.warns(EngineWarning, match=r"book\.xlsx, Data!B2: .* is no valid formula"):
        values = book.values()
    assert values["Data", "B2"] == values["Data", "C2"] == CellError("#NAME?")
    assert type(values["Data", "B2"]) is CellError
    assert values["Data", "A2"] == 2
    assert values["Data", "C1"] is True
    book.save(tmp_path / "saved.xlsx")
    assert load(tmp_path / "saved.xlsx").formula("Data", "B2") == formula


def test_a_cycle_that_a_changed_cell_breaks_is_calculated(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": True, "B1": "=IF(A1,C1,1)", "C1": "=B1+1"})
    with pytest.warns(EngineWarning):
        assert book["C1"] == CellError("#REF!")
    book.set({"A1": False})
    assert book["B1:C1"].tolist() == [1, 2]
    with warnings.catch_warnings():
        # What was told once is not told again.
        warnings.simplefilter("error")
        book.set({"A1": True})
        assert book["C1"] == CellError("#REF!")


def test_a_result_that_changes_what_it_reads_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "book.xlsx", {"Data": {"A1": "=COUNT(Data!B1:B9)", "B1": "=A1+1"}})
    book = load(path)
    with pytest.warns(EngineWarning):
        assert book["A1"] == CellError("#REF!")


def test_warnings_are_as_many_as_a_person_reads(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"B{row}": f"=B{row}+{row}" for row in range(1, 200, 2)}
    with pytest.warns(EngineWarning) as told:
        book_of(tmp_path, cells).values()
    assert len(told) == 21
    assert "more formulas" in str(told[-1].message)


def test_strict_raises(tmp_path: Path) -> None:
    for cells in ({"A1": "=A1"}, {"A1": "=1+"}):
        with pytest.raises(EngineError, match=r"book\.xlsx, Data!A1: "):
            book_of(tmp_path, cells, strict=True).values()


def test_what_is_told_of_a_long_formula_is_short(tmp_path: Path) -> None:
    names = {f"name_{number}": f"name_{number + 1}+name_{number + 1}" for number in range(300)}
    book = book_of(tmp_path, {"A1": "=" + "(" * 8_000, "A2": "=name_0"}, names)
    with pytest.warns(EngineWarning) as told:
        assert [type(value) for value in book["A1:A2"]] == [CellError, CellError]
    long, large = (str(warning.message) for warning in told)
    assert "Data!A1" in long
    assert len(long) < 1_000
    assert "Data!A2" in large
    assert "too large" in large
