"""Formulas that are filled down, across or round in a circle, and ask for much work in sum."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.packages import parts_of, write_package
from hostile.bounded import Outcome, run
from hostile.test_work import cell, row

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")


def filled(
    path: Path, height: int, inputs: Callable[[int], str], formulas: Callable[[int], str]
) -> Outcome:
    """What comes of a sheet with some inputs and formulas in each row, and 5 in Other!A1."""
    rows = "".join(row(n, [inputs(n), formulas(n)]) for n in range(1, height + 1))
    parts = parts_of(rows, sheets=("Data", "Other"))
    other = row(1, [cell("A1", "2+3")])
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(
        b"<sheetData/>", f"<sheetData>{other}</sheetData>".encode()
    )
    # Of 30, and as many more as the file is large.
    outcome = run(write_package(path, parts), within=100, seconds=20)
    assert outcome.refused is None
    return outcome


def text(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="str"><v>{value}</v></c>'


@pytest.mark.parametrize(
    "formula",
    [
        'COUNTIFS(A$1:A$30000,"*"&A{0}&"*")',
        'COUNTIFS(A$1:A$30000,"<>"&A{0})',
        'SUMIFS(B$1:B$30000,A$1:A$30000,"<>"&A{0})',
        'SUMIFS(B$1:B$30000,B$1:B$30000,">"&B{0},A$1:A$30000,"<>"&A{0})',
        'COUNTIFS(B$1:B{0},">"&B{0})',
        'SUMIFS(B$1:B{0},B$1:B{0},">"&B{0},B$1:B{0},"<9e9")',
        "MEDIAN(B$1:B{0})",
        "MEDIAN(B{0}:B{1})",
        "LARGE(B$1:B$30000,1+MOD(B{0},7))+PERCENTILE(B$1:B$30000,0.5+0*B{0})",
        "STDEV(B$1:B{0})",
        "SUM(B{0}:B{1})",
        "PRODUCT(B{0}:B{1})",
        "CONCAT(A$1:A{0})",
        'TEXTJOIN(",",TRUE,A$1:A{0})',
        'REPT(A{0},3000)&"x"',
        'SUBSTITUTE(REPT("a",30000),"a",A{0})',
        "MID(REPT(A$1,3000),1,30000-B{0})",
        'MATCH("*"&A{0}&"?",A$1:A$30000,0)',
        "MATCH(B{0},A$1:A$30000,1)",
        "MATCH(B{0},B$1:B$30000,-1)",
        'XLOOKUP(A{0}&"*",A$1:A$30000,B$1:B$30000,0,2)',
        "SUMPRODUCT((B$1:B$30000>B{0})*B$1:B$30000)",
        "SUM(IF(B$1:B{0}>3,1,2))",
        "COUNTA(UNIQUE(B$1:B{0}))",
        "INDEX(SORT(B$1:B$30000),B{0})",
        "RANK(B{0},B$1:B{0})",
        "IF(" * 60 + "B{0}>1,1,2)" + ">0,B{0},2)" * 59,
        "+".join(["B{0}*2"] * 900),
    ],
    ids=range(28),
)
def test_thirty_thousand_formulas_each_with_much_to_read(formula: str, tmp_path: Path) -> None:
    outcome = filled(
        tmp_path,
        30000,
        lambda n: text(f"A{n}", f"t{n * 7919 % 30011}") + cell(f"B{n}", value=n * 7919 % 30011),
        lambda n: cell(f"C{n}", formula.format(n, n + 20000)),
    )
    # What fits is calculated; of what does not, one sentence tells.
    assert ("#NUM!" in outcome.values.values()) <= (len(outcome.warnings) > 0)
