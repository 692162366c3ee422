"""Formulas that look up or sum up what stands above them in their own column."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import write

from sheetlab.engine import load
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reading.model import read_model
from sheetlab.files.package import read_parts

ROWS = 40
FIRST = {"A": "root", "B": None, "C": 1, "D": 0}


def cells(formula: str, odd: dict[str, Any]) -> dict[str, Any]:
    """A tree in A (names) and B (the name above), numbers in C, a formula filled down in D."""
    found: dict[str, Any] = {f"{letter}2": value for letter, value in FIRST.items()}
    for row in range(3, ROWS + 1):
        found[f"A{row}"] = f"Node {row}" if row % 5 else "node 3"
        found[f"B{row}"] = "ROOT" if row % 4 == 3 else f"node {row * 5 // 7}"
        found[f"C{row}"] = row % 6 + 0.25
        found[f"D{row}"] = "=" + formula.format(row=row, above=row - 1)
    return found | odd


@pytest.mark.parametrize(
    ("formula", "odd", "lane"),
    [
        ("IFERROR(VLOOKUP(B{row},A$2:D{above},4,FALSE)+1,0)", {}, "values"),
        ("IFERROR(INDEX(D$2:D{above},MATCH(B{row},A$2:A{above},0))+1,-1)", {}, "values"),
        ("INDEX(A$2:D{above},1,4)&B{row}", {}, "values"),
        ("IFERROR(MATCH(C{row},D$2:D{above},0),C{row})", {}, "values"),
        ("C{row}+SUMIF(A$2:A{above},A{row},D$2:D{above})", {}, "values"),
        ("SUMIFS(D$2:D{above},A$2:A{above},A{row},C$2:C{above},C{row})+1", {}, "values"),
        ("SUMIF(C$2:C{above},C{row},D$2:D{above})+1", {"C9": "none", "C12": None}, "values"),
        # What the quick way does not know.
        ("C{row}+SUMIF(C$2:C{above},C{row},D$2:D{above})", {"C9": "3.25"}, "cells"),
        ('C{row}+SUMIF(C$2:C{above},">2",D$2:D{above})', {}, "cells"),
        ("C{row}+SUMIF(A$2:A{above},A{row},D$2:D{above})", {"D2": "=1/0"}, "cells"),
        ("IFERROR(VLOOKUP(B{row},A$2:D{above},4,FALSE)+1,0)", {"B9": "n*d? 4"}, "cells"),
        ("IFERROR(INDEX(D$2:D{above},C{row}-1.25)+1,0)", {}, "cells"),
    ],
)
def test_what_grows_is_looked_at_as_by_the_interpreter(
    formula: str, odd: dict[str, Any], lane: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "growing.xlsx", {"Data": cells(formula, odd)})
    book = load(path)
    column = CellRange("Data", 2, 4, ROWS, 4)
    interpreted = Calculation(read_model(path, read_parts(path)), numeric=False)
    interpreted.require(column)
    one, other = book["D2:D40"].tolist(), interpreted.table(column).ravel().tolist()
    for found, expected in zip(one, other, strict=True):
        is_number = isinstance(expected, float)
        assert found == (pytest.approx(expected) if is_number else expected)
    assert lane in book._calculation.lanes.values()
