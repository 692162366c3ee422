"""Many sets of criteria over many cells give what the interpreter gives for each by itself."""

import random
from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import write

from sheetlab.engine import Book, CellError, load
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.reading.model import read_model
from sheetlab.files.package import read_parts

ROWS, QUERIES = 150, 70
FORMULAS = (
    "COUNTIF(A$1:A${n},F{r})",
    "COUNTIF(C$1:C${n},H{r})",
    "COUNTIFS(A$1:A${n},F{r},B$1:B${n},G{r})",
    "COUNTIFS(A$1:A${n},F{r},B$1:B${n},G{r},C$1:C${n},H{r})",
    "SUMIF(B$1:B${n},G{r},D$1:D${n})",
    "SUMIFS(D$1:D${n},A$1:A${n},F{r},C$1:C${n},H{r})",
    'SUMIFS(D$1:D${n},A$1:A${n},F{r},B$1:B${n},">="&I{r},B$1:B${n},"<"&J{r})',
    'SUMIFS(E$1:E${n},A$1:A${n},F{r},B$1:B${n},">="&I{r},D$1:D${n},"<"&10*J{r})',
    'COUNTIFS(B$1:B${n},">="&I{r},D$1:D${n},"<"&10*J{r})',
    "AVERAGEIFS(E$1:E${n},A$1:A${n},F{r},B$1:B${n},G{r})",
    "MAXIFS(D$1:D${n},A$1:A${n},F{r},B$1:B${n},G{r})",
    "COUNTIF(A$1:A{r},F{r})",
    "COUNTIFS(A$1:A{r},F{r},B$1:B{r},G{r})",
    "SUMIF(A$1:A{r},F{r},D$1:D{r})",
    'SUMIFS(E$1:E{r},A$1:A{r},F{r},B$1:B{r},">"&I{r})',
)
TEXTS = ("north", "North", "SOUTH", "east", "7", "true", "may 2020", "\u017fouth", "", None)
NUMBERS = (1.0, 2.0, 2.5, 0.1 + 0.2, 0.3, -4.0, 7.0, 0.0, None)
KINDS = (1.0, True, "1", "x", "X", None, False, "TRUE", 0.0)
CRITERIA = (
    *("north", "SOUTH", "<>north", "no*", "*t?", "<>*th", ">north", "", "=", "<>", "7", "true"),
    *("may 2020", "#N/A", "nothing", "~*", 7.0, None, True),
)
BOUNDS = (*(">1", "<=2.5", "=0.3", "<>2", "2", "=", ">=x"), 2.0, 0.3, 7.0, 9.0, None)
OF_KINDS = ("1", 1.0, True, False, "x", "<>x", "TRUE", ">0", None, "<>", "?")


def _rows(dice: random.Random, *, many: bool) -> dict[str, Any]:
    """Cells that are looked through, and criteria; of many kinds, or of few that meet many."""
    cells: dict[str, Any] = {}

    def fill(column: str, count: int, choice: tuple[Any, ...]) -> None:
        some = choice if many else choice[:3]
        for row in range(1, count + 1):
            value = dice.choice(some)
            if value is not None:
                cells[f"{column}{row}"] = value

    fill("A", ROWS, TEXTS)
    fill("B", ROWS, NUMBERS)
    fill("C", ROWS, KINDS)
    fill("D", ROWS, (1.5, 2.25, -3.125, 8.0, 11.0, 0.5))
    fill("E", ROWS, (1.5, 2.25, -3.125, "x", None, True, 8.0))
    fill("F", QUERIES, CRITERIA)
    fill("G", QUERIES, BOUNDS)
    fill("H", QUERIES, OF_KINDS)
    fill("I", QUERIES, (0.0, 1.0, -5.0, 0.3))
    fill("J", QUERIES, (2.0, 2.5, 100.0, -1.0))
    for place, formula in enumerate(FORMULAS):
        for row in range(1, QUERIES + 1):
            cells[f"{chr(ord('L') + place)}{row}"] = "=" + formula.format(n=ROWS, r=row)
    return cells


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_many_sets_as_one_by_one(seed: int, many: bool, tmp_path: Path) -> None:
    cells = _rows(random.Random(seed), many=many)
    parts = read_parts(write(tmp_path / "book.xlsx", {"Data": cells}))
    found = [
        Book(parts, Calculation(read_model(tmp_path / "book.xlsx", parts), numeric=numeric))
        for numeric in (True, False)
    ]
    for place, formula in enumerate(FORMULAS):
        letter = chr(ord("L") + place)
        by_columns, by_cells = (book[f"Data!{letter}1:{letter}{QUERIES}"] for book in found)
        # Quarters and eighths are added up without loss, in whatever order.
        assert by_columns.tolist() == by_cells.tolist(), formula


def test_what_is_too_long_is_an_error_by_itself(tmp_path: Path) -> None:
    cells: dict[str, Any] = {}
    for row in range(1, 9):
        text = "x" * (251 + row)
        cells |= {
            f"A{row}": text,
            f"B{row}": f"{text[:-1]}*",
            f"C{row}": f"=COUNTIF(A$1:A$8,A{row})",
        }
        cells |= {f"D{row}": f"=COUNTIF(A$1:A$8,B{row})", f"E{row}": f"=MATCH(B{row},A$1:A$8,0)"}
    book = load(write(tmp_path / "book.xlsx", {"Data": cells}))
    error = CellError("#VALUE!")
    assert book["C1:C8"].ravel().tolist() == [1.0] * 4 + [error] * 4
    assert book["D1:D8"].ravel().tolist() == [8.0, 8.0, 7.0, 6.0] + [error] * 4
    assert book["E1:E8"].ravel().tolist() == [1.0, 1.0, 2.0, 3.0] + [error] * 4


def test_single_queries_of_many_cells(tmp_path: Path) -> None:
    """Few sets of criteria over many cells are answered by the cells of the smallest groups."""
    count = 5000
    cells: dict[str, Any] = {}
    for row in range(1, count + 1):
        cells[f"A{row}"] = f"k{row % 1000}"
        cells[f"B{row}"] = "odd" if row % 2 else "even"
        cells[f"C{row}"] = row / 4
    for row in range(1, 9):
        cells[f"E{row}"] = f"K{row}"
        cells[f"F{row}"] = f'=SUMIFS(C$1:C${count},A$1:A${count},E{row},B$1:B${count},"odd")'
        cells[f"G{row}"] = f"=SUMIF(A$1:A${count},E{row},C$1:C${count})"
    book = load(write(tmp_path / "book.xlsx", {"Data": cells}))
    expected = [sum(r / 4 for r in range(row, count + 1, 1000)) for row in range(1, 9)]
    assert book["Data!G1:G8"].ravel().tolist() == expected
    assert book["Data!F1:F8"].ravel().tolist() == [
        total if row % 2 else 0.0 for row, total in enumerate(expected, 1)
    ]
