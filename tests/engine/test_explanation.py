"""What `Book.explain` tells of cells: their blocks, programs and loops."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of
from openpyxl.utils import get_column_letter

from sheetlab.engine import CellError, load
from sheetlab.errors import EngineWarning, InputError

ROWS = range(2, 30)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", "en")


def explained(tmp_path: Path, cells: dict[str, Any], key: str = "A1:H40") -> str:
    return book_of(tmp_path, cells).explain(key)


def test_a_loop_is_told_with_its_python(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"A1": 0.5, "C1": 1.0}
    for row in ROWS:
        cells[f"B{row}"] = float(row)
        cells[f"C{row}"] = f"=C{row - 1}-$A$1*B{row}"
    assert explained(tmp_path, cells, "C2:C29") == "\n".join(
        [
            "Data!C2:C29",
            "  formula: =C1-$A$1*B2",
            "  program: Joined(Cell(C1) - Joined(Cell($A$1) * Cell(B2)))",
            "  calculated: by loop 1",
            "",
            "loop 1, down the rows: Data!C2:C29",
            "  def run(s_0, c_0, append_0):",
            "      for g_0, in zip(s_0):",
            "          v_0 = (c_0-g_0)",
            "          append_0(v_0)",
            "          c_0 = v_0",
            "  c_0 = C(r-1)",
        ]
    )


@pytest.mark.parametrize(
    ("formula", "program"),
    [
        ("=-B{0}%", "Signed(%, Signed(-, Cell(B2)))"),
        ('=IF(B{0}>1,"a""b",)', 'Chosen(Joined(Cell(B2) > 1), "a""b", LeftOut())'),
        ("=IFNA(B{0},TRUE)", "Instead(#N/A, Cell(B2), TRUE)"),
        ("=SUM(B$2:B{0},3)", "Reduced(SUM, Window(B2:B$2), 3)"),
        ("=VLOOKUP(B{0},$D:$E,2,FALSE)", "Ranged(VLOOKUP, Cell(B2), Window($D:$E), 2, FALSE)"),
        ("=AND(B{0},ROW())", "Truths(AND, Cell(B2), Numbered(ROW))"),
        ("=ROUND(B{0},)", "Applied(ROUND, Cell(B2), LeftOut(0))"),
        (
            "=B{0}/SUMPRODUCT(-($D$1:$D$3*2),{{1;2;3}})",
            "Joined(Cell(B2) / "
            "Interpreted(SUMPRODUCT(-($D$1:$D$3*2), {1;2;3}), the same in all cells))",
        ),
    ],
)
def test_programs_are_told(formula: str, program: str, tmp_path: Path) -> None:
    cells = {f"C{row}": formula.format(row) for row in ROWS}
    told = explained(tmp_path, cells)
    assert f"\n  program: {program}\n" in told
    assert "calculated: as columns, all cells at once" in told


def test_a_long_program_has_a_line_for_each_part(tmp_path: Path) -> None:
    cells = {"A1": "=IF(B1>0," + "&".join(['"a text of some length"'] * 4) + ",B1)"}
    assert explained(tmp_path, cells).splitlines()[2:12] == [
        "  program: Chosen(",
        "      Joined(Cell(B1) > 0),",
        "      Joined(",
        '        "a text of some length"',
        *['        & "a text of some length"'] * 3,
        "      ),",
        "      Cell(B1)",
        "    )",
    ]


def test_a_program_that_is_too_deep(tmp_path: Path) -> None:
    inner = "B1"
    for _ in range(30):
        inner = "IFS(" + "B1,1," * 60 + f"TRUE,{inner})"
    assert "\n  program: …\n" in explained(tmp_path, {"A1": f"={inner}"})


def test_blocks_that_no_loop_takes(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"A1": "=1+", "B1": "=OFFSET(C1,1,0)", "D1": "=E1", "E1": "=TEXT(1,0)"}
    with pytest.warns(EngineWarning, match="no valid formula"):
        told = explained(tmp_path, cells, "A1:E1").split("\n\n")
    ways = [block.splitlines()[-1].strip() for block in told]
    assert ways == [
        "calculated: not at all, since it is no formula",
        "calculated: cell by cell, by the interpreter, since its text does not tell what it reads",
        *["calculated: cell by cell, by the interpreter"] * 2,
    ]


def test_the_same_formula_in_many_places(tmp_path: Path) -> None:
    cells = {f"C{row}": f"=B{row}*2" for row in range(2, 400, 2)}
    told = explained(tmp_path, cells, "C1:C400")
    assert "at once with other cells that hold this formula" in told
    assert told.endswith("and 149 more blocks")


def test_a_loop_that_gets_stuck(tmp_path: Path) -> None:
    cells: dict[str, Any] = {"C1": 4.0}
    cells |= {f"C{row}": f"=IFERROR(1/(C{row - 1}-B{row}),5)" for row in ROWS}
    book = book_of(tmp_path, cells)
    assert "calculated: by loop 1\n" in book.explain("C2:C29")
    book.set({"B10": book["C9"]})
    assert "calculated: in the order of a loop, since not all" in book.explain("C2:C29")
    assert book["C10"] == 5


def test_columns_that_need_the_column_before(tmp_path: Path) -> None:
    cells: dict[str, Any] = {
        f"{column}{row}": f"={before}{row}+1"
        for before, column in zip("BCD", "CDE", strict=True)
        for row in ROWS
    }
    told = explained(tmp_path, cells)
    assert told.startswith("Data!C2:E29\n")
    assert "calculated: column after column, each at once" in told


def test_many_columns_that_need_the_column_before(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": float(row) for row in ROWS}
    letters = [get_column_letter(column) for column in range(1, 30)]
    for before, column in pairwise(letters):
        cells |= {f"{column}{row}": f"={before}{row}+{column}$1" for row in ROWS}
    key = f"B2:AC{ROWS[-1]}"
    book = book_of(tmp_path, cells)
    assert "calculated: by loop 1\n" in book.explain(key)
    # No loop of numbers comes beyond a text.
    book = book_of(tmp_path, cells | {"P1": "text"})
    assert "calculated: column after column, each at once" in book.explain(key)
    assert book["O2"] == 2
    assert book["AC2"] == CellError("#VALUE!")


def test_cells_without_formulas(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": 1.0})
    assert book.explain("A1:B2") == "no formula fills these cells"
    with pytest.raises(InputError):
        book.explain("nowhere")


def test_what_a_formula_says_does_not_steer_the_terminal(tmp_path: Path) -> None:
    told = explained(tmp_path, {"A1": '="\u202e"&"a"'})
    assert "\u202e" not in told
    assert r"\u202e" in told


@pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the documents are not here")
def test_the_loops_of_the_tour(tmp_path: Path) -> None:
    costs: dict[str, Any] = {f"{column}{row}": 1.0 for column in "ABCDEF" for row in range(1, 9)}
    for row in range(1, 9):
        costs[f"I{row}"] = float(row)
    for before, column, cost in zip("IJKLM", "JKLMN", "BCDEF", strict=True):
        costs[f"{column}1"] = 1.0
        for row in range(2, 9):
            nearest = f"MIN({column}{row - 1},{before}{row},{before}{row - 1})"
            costs[f"{column}{row}"] = f"={cost}{row}+{nearest}"
    told = load(ROOT / "workbooks" / "sgd.xlsx").explain("SGD!A3:I23")
    told += explained(tmp_path, costs, "I1:N8")
    lines = [line.strip() for line in told.splitlines()]
    tour = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(def run.*?)```", tour, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        loop = [line.strip() for line in block.splitlines()]
        assert loop in [lines[place : place + len(loop)] for place in range(len(lines))]
