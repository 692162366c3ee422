"""Arrays that are arguments of aggregates, in formulas that fill many cells and in one."""

from pathlib import Path

import pytest
from engine.workbooks import book_of


@pytest.mark.parametrize(
    "text",
    [
        "SUM(_xlfn.SEQUENCE(A{0}))",
        "MAX(ABS(-_xlfn.SEQUENCE(A{0})))",
        "SUM(IF(A{0}>0,_xlfn.SEQUENCE(A{0}),1))+1",
        "AND(_xlfn.SEQUENCE(A{0})<2)",
        "OR(_xlfn.SEQUENCE(A{0})=2,FALSE)",
        "SUM(_xlfn._xlws.SORT(A$2:A$9))",
        "SUM(FREQUENCY(A$2:A$9,A$3:A$4))",
        "SUM(TRANSPOSE(A$2:A$9))",
        "MAX(_xlfn.UNIQUE(A$2:A$9),1)",
        "SUM(INDEX(A$2:A$9,0,1))",
        "SUM(INDEX(A$2:B$9,A{0}))",
        "SUM(INDEX(A$2:B$9,,1))",
        "SUM(_xlfn.XLOOKUP(A{0},A$2:A$9,A$2:B$9))",
        "SUM(LINEST(A$2:A$9,B$2:B$9))",
        "AVERAGE(TREND(A$2:A$9,B$2:B$9))",
        'SUM(LEN(_xlfn.TEXTSPLIT(A{0}&"-bc","-")))',
    ],
)
def test_aggregates_take_arrays_whole_wherever_they_are_filled(tmp_path: Path, text: str) -> None:
    numbers = {f"A{row}": row for row in range(2, 12)} | {f"B{row}": row**2 for row in range(2, 12)}
    formulas = {f"C{row}": "=" + text.replace("{0}", str(row)) for row in range(2, 8)}
    filled = book_of(tmp_path, numbers | formulas)
    for ref, formula in formulas.items():
        assert filled[ref] == book_of(tmp_path, numbers | {ref: formula})[ref]
