import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.workbooks import book_of
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.engine import CellError
from sheetlab.engine.values.conversions import general_text

NUM, DIV, VALUE, NAME, NA = map(CellError, ("#NUM!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A"))

# What Excel gives; A1:A3 of the sheet hold 1, 2, 3, B1 the text "cat", C1 TRUE.
RULES: list[tuple[str, Any]] = [
    ("=ROUND(0.285,2)", 0.29),
    ("=ROUND(1.005,2)", 1.01),
    ("=ROUND(5.449999999999996,1)", 5.5),
    ("=ROUND(2.5,0)", 3.0),
    ("=ROUND(-2.5,0)", -3.0),
    ("=ROUND(-0.285,2)", -0.29),
    ("=ROUND(1250,-2)", 1300.0),
    ("=ROUND(1250,-5)", 0.0),
    ("=ROUND(0.1+0.2,20)", 0.1 + 0.2),
    ("=ROUND(1E300,2)", 1e300),
    ("=ROUND(7,400)", 7.0),
    ("=ROUND(7,-400)", 0.0),
    ('=ROUND("2.5",0)', 3.0),
    ("=ROUND(1/0,2)", DIV),
    ('=ROUND("cat",2)', VALUE),
    ("=SUM(ROUND({0.285,0.295;1.005,2},2))", 0.29 + 0.3 + 1.01 + 2),
    ("=ROUNDUP(1.1,1)", 1.1),
    ("=ROUNDUP(-1.11,1)", -1.2),
    ("=ROUNDDOWN(0.29*100,0)", 29.0),
    ("=0^0", NUM),
    ("=POWER(0,0)", NUM),
    ("=0^-1", DIV),
    ("=(-8)^(1/3)", -2.0),
    ("=(-8)^0.5", NUM),
    ("=2^-1", 0.5),
    ("=10^400", NUM),
    ("=-2^2", 4.0),
    ("=2^3^2", 64.0),
    ("=-5%^2", (-5 / 100) ** 2),
    ("=1E308*10", NUM),
    ("=1E400", NUM),
    ("=1e2+1E+2+1E-2", 200.01),
    ("=5.*2", 10.0),
    ("=SUM(1E308,1E308)", NUM),
    ("=IF(SUM(1E308,1E308)>1,1,2)", NUM),
    ("=PRODUCT(1E200,1E200)", NUM),
    ("=EXP(1000)", NUM),
    ("=LN(0)", NUM),
    ("=SQRT(-1)", NUM),
    ("=1/0", DIV),
    ("=A1/A9", DIV),
    ("=NA()", NA),
    ("=MATCH(9,A1:A3,0)", NA),
    ("=B1*2", VALUE),
    ("=nobody+1", NAME),
    ("=#REF!+1", CellError("#REF!")),
    ("=IFERROR(1/0,7)", 7.0),
    ('="a"="A"', True),
    ('="a"<"B"', True),
    ('=B1="CAT"', True),
    ('="10"=10', False),
    ('=1<"a"', True),
    ("=--TRUE", 1.0),
    ('=2*--"3"', 6.0),
    ("=1--1", 2.0),
    ("=--A1^2-+A2", -1.0),
    ("=+C1", True),
    ("=SUMPRODUCT(--(A1:A3>1))", 2.0),
    ("=TRUE+TRUE", 2.0),
    ('=TEXT(0.3125,"0.000")', "0.313"),
    ('=TEXT(0.285,"0.00")', "0.29"),
    ('=TEXT(-0.285,"0.00")', "-0.29"),
    ('=TEXT(0.285,"0%")', "29%"),
    ('=TEXT(0.3125,"0.000"" s""")', "0.313 s"),
    ('=TEXT(1234.5,"#,##0")', "1,235"),
    ('=TEXT(0.1+0.2,"General")', "0.3"),
    ('=TEXT("cat","0.00")', "cat"),
    ('=0.1+0.2&""', "0.3"),
    ('=1/3&"|"&TRUE&A9&A1', "0.333333333333333|TRUE1"),
    ('=CONCATENATE("x = ",0.1+0.2)', "x = 0.3"),
    ('=(1/0)&""', DIV),
    ("=A9", 0.0),
    ('=A9=""', True),
    ("=A9=0", True),
    ("=SUM(A:A)", 6.0),
    ("=ROWS(D$1:D1)+COLUMNS($A1:B9)", 3.0),
    ("=ROW(A7)*10+COLUMN(B1)", 72.0),
    ("=SUMPRODUCT(ROW(A2:A4))", 9.0),
    ("=ROWS(A1:A3*2)", 3.0),
    ("=COLUMNS({1,2,3})", 3.0),
    ("=AVERAGE(B1:B3)", DIV),
    ("=LET(x,2,x+1)", 3.0),
]


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cells = {"A1": 1, "A2": 2, "A3": 3, "B1": "cat", "C1": True}
    cells |= {f"Z{row}": formula for row, (formula, _) in enumerate(RULES, 101)}
    book = book_of(tmp_path_factory.mktemp("rules"), cells)
    return {formula: book[f"Z{row}"] for row, (formula, _) in enumerate(RULES, 101)}


@pytest.mark.parametrize(("formula", "expected"), RULES)
def test_as_in_excel(formula: str, expected: Any, values: dict[str, Any]) -> None:
    assert type(values[formula]) is type(expected)
    if isinstance(expected, float):
        assert values[formula] == pytest.approx(expected, rel=1e-15, abs=0)
    else:
        assert values[formula] == expected


def test_round_over_a_range(tmp_path: Path) -> None:
    cells = {"A1": 0.285, "A2": 2.5, "A3": "cat", "B1": 2, "C1": 0}
    book = book_of(tmp_path, cells | {"D1": ArrayFormula("D1:E3", "=ROUND(A1:A3,B1:C1)")})
    expected = [[0.29, 0.0], [2.5, 3.0], [VALUE, VALUE]]
    assert book["D1:E3"].tolist() == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (100000, "100000"),
        (1e20, "100000000000000000000"),
        (1e21, "1E+21"),
        (0.00001, "0.00001"),
        (1.5e-25, "1.5E-25"),
        (-0.0, "0"),
        (123456789012345678, "123456789012346000"),
        (np.float64(2.50), "2.5"),
        (True, "TRUE"),
    ],
)
def test_numbers_as_text(number: float, expected: str) -> None:
    assert general_text(number) == expected


@given(st.floats(-1e307, 1e307))
def test_numbers_as_text_keep_15_digits(number: float) -> None:
    assert math.isclose(float(general_text(number)), number, rel_tol=5e-15, abs_tol=5e-324)
