"""Conditional sums of arrays of criteria: what each of them gives by itself."""

from pathlib import Path

import numpy as np
import pytest
from engine.workbooks import book_of

from sheetlab.engine import CellError

ROWS = 100
KEYS = ("cat", "Dog", "CAT", "x*", "", 3.0, "3", True, None, "=1/0")


@pytest.mark.parametrize(
    "call",
    [
        "COUNTIF($A$1:$A$100,{})",
        'COUNTIFS($A$1:$A$100,{},$B$1:$B$100,">20")',
        "SUMIF($A$1:$A$100,{},$B$1:$B$100)",
        "SUMIFS($B$1:$B$100,$A$1:$A$100,{})",
        "AVERAGEIF($A$1:$A$100,{},$C$1:$C$100)",
        "AVERAGEIFS($B$1:$B$100,$A$1:$A$100,{},$C$1:$C$100,$C$3)",
        '_xlfn.MAXIFS($B$1:$B$100,$A$1:$A$100,{},$B$1:$B$100,"<90")',
        "SUMIF($A$1:$A$100,{},$D$1:$D$100)",
    ],
)
def test_each_of_many_criteria_is_asked(call: str, tmp_path: Path) -> None:
    cells: dict[str, object] = {}
    for row in range(1, ROWS + 1):
        cells[f"A{row}"] = KEYS[row * 7 % len(KEYS)]
        cells[f"B{row}"] = float(row)
        cells[f"C{row}"] = row % 3 if row % 4 else "none"
        cells[f"D{row}"] = "=1/0" if row == 50 else row
        cells[f"F{row}"] = f"={call.format(f'$A{row}')}"
    names = {"together": call.format("$A$1:$A$100")}
    book = book_of(tmp_path, cells, names)
    together = book["together"]
    for row, (one, other) in enumerate(zip(book["F1:F100"], np.ravel(together), strict=True), 1):
        is_error = isinstance(other, CellError)
        assert one == (other if is_error else pytest.approx(other, rel=1e-12)), row
    assert any(isinstance(value, CellError) for value in book["F1:F100"]) == (
        call.startswith("AVERAGE") or "$D$" in call
    )
