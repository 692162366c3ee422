"""GROUPBY, PIVOTBY, TRIMRANGE, INFO, and functions by their bare names, as formulas."""

from typing import Any

import numpy as np
import pytest
from engine.memory_source import SHEET, MemorySource

from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.syntax.parser import parse
from sheetlab.files.cell_value import CellError

VALUE, REF, CALC, NA = map(CellError, ("#VALUE!", "#REF!", "#CALC!", "#N/A"))

# A1:C5 of the sheet; E2:F3 of E1:G4 are filled.
TABLE: list[list[Any]] = [
    ["Year", "Fruit", "Sales"],
    [2024.0, "Apple", 1.0],
    [2023.0, "Pear", 2.0],
    [2024.0, "apple", 3.0],
    [2023.0, "Apple", 4.0],
]
CELLS: dict[tuple[str, int, int], Any] = {
    (SHEET, row, column): value
    for row, values in enumerate(TABLE, start=1)
    for column, value in enumerate(values, start=1)
} | {(SHEET, 2, 5): 1.0, (SHEET, 3, 6): "x"}

CASES: list[tuple[str, Any]] = [
    ("GROUPBY(B2:B5,C2:C5,SUM)", [["Apple", 8.0], ["Pear", 2.0], ["Total", 10.0]]),
    ("GROUPBY(B1:B5,C1:C5,SUM)", [["Apple", 8.0], ["Pear", 2.0], ["Total", 10.0]]),
    ("GROUPBY(B1:B5,C1:C5,SUM,3,0)", [["Fruit", "Sales"], ["Apple", 8.0], ["Pear", 2.0]]),
    ("GROUPBY(B2:B5,C2:C5,SUM,2,0,-1)",
     [["Row Field 1", "Value 1"], ["Pear", 2.0], ["Apple", 8.0]]),
    ("GROUPBY(B2:B5,C2:C5,COUNT,0,0,2)", [["Pear", 1.0], ["Apple", 3.0]]),
    ("GROUPBY(B2:B5,C2:C5,AVERAGE,0,-1)",
     [["Total", 2.5], ["Apple", 8.0 / 3], ["Pear", 2.0]]),
    ("GROUPBY(B2:B5,C2:C5,LAMBDA(x,MAX(x)-MIN(x)),0,0)", [["Apple", 3.0], ["Pear", 0.0]]),
    ("GROUPBY(B2:B5,C2:C5,LAMBDA(x,y,SUM(x)/SUM(y)),0,0)", [["Apple", 0.8], ["Pear", 0.2]]),
    ("GROUPBY(B2:B5,C2:C5,PERCENTOF)", [["Apple", 0.8], ["Pear", 0.2], ["Total", 1.0]]),
    ("GROUPBY(B2:B5,C2:C5,ARRAYTOTEXT,0,0)", [["Apple", "1, 3, 4"], ["Pear", "2"]]),
    ("GROUPBY(B2:B5,C2:C5,SUM,0,1,,A2:A5=2024)", [["Apple", 4.0], ["Total", 4.0]]),
    ("GROUPBY(B2:B5,C2:C5,SUM,0,1,,A2:A5=0)", CALC),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,2)", [
        [2023.0, "Apple", 4.0],
        [2023.0, "Pear", 2.0],
        [2023.0, "", 6.0],
        [2024.0, "Apple", 4.0],
        [2024.0, "", 4.0],
        ["Grand Total", "", 10.0],
    ]),
    # By itself, there are subtotals where there are several fields.
    ("ROWS(GROUPBY(A1:B5,C1:C5,SUM,1))", 6.0),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,-2)", [
        ["Grand Total", "", 10.0],
        [2023.0, "", 6.0],
        [2023.0, "Apple", 4.0],
        [2023.0, "Pear", 2.0],
        [2024.0, "", 4.0],
        [2024.0, "Apple", 4.0],
    ]),
    ("GROUPBY(HSTACK(A2:B5,C2:C5),C2:C5,SUM,0,3)", [
        [2023.0, "Apple", 4.0, 4.0],
        [2023.0, "Apple", "", 4.0],
        [2023.0, "Pear", 2.0, 2.0],
        [2023.0, "Pear", "", 2.0],
        [2023.0, "", "", 6.0],
        [2024.0, "Apple", 1.0, 1.0],
        [2024.0, "Apple", 3.0, 3.0],
        [2024.0, "Apple", "", 4.0],
        [2024.0, "", "", 4.0],
        ["Grand Total", "", "", 10.0],
    ]),
    # Groups are sorted by their totals, and inside of them what they hold.
    ("GROUPBY(A1:B5,C1:C5,SUM,1,0,3)",
     [[2024.0, "Apple", 4.0], [2023.0, "Pear", 2.0], [2023.0, "Apple", 4.0]]),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,0,{-1,-3})",
     [[2024.0, "Apple", 4.0], [2023.0, "Apple", 4.0], [2023.0, "Pear", 2.0]]),
    # As a table, no field is a part of another.
    ("GROUPBY(A1:B5,C1:C5,SUM,1,0,3,,1)",
     [[2023.0, "Pear", 2.0], [2023.0, "Apple", 4.0], [2024.0, "Apple", 4.0]]),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,0,2,,1)",
     [[2023.0, "Apple", 4.0], [2024.0, "Apple", 4.0], [2023.0, "Pear", 2.0]]),
    ("ROWS(GROUPBY(A1:B5,C1:C5,SUM,1,,,,1))", 4.0),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,2,,,1)", VALUE),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,3)", VALUE),
    ("GROUPBY(A1:B5,C1:C5,SUM,1,0,,,2)", VALUE),
    # Several functions, side by side and below each other, and names for them.
    ("GROUPBY(B2:B5,C2:C5,HSTACK(SUM,COUNT))", [
        ["", "SUM", "COUNT"],
        ["Apple", 8.0, 3.0],
        ["Pear", 2.0, 1.0],
        ["Total", 10.0, 4.0],
    ]),
    ("GROUPBY(B2:B5,C2:C5,HSTACK(SUM,LAMBDA(x,MAX(x))),0,0,-3)",
     [["", "SUM", "CUSTOM"], ["Apple", 8.0, 4.0], ["Pear", 2.0, 2.0]]),
    ("GROUPBY(B1:B5,C1:C5,VSTACK(SUM,COUNT),3,0)", [
        ["Fruit", "", "Sales"],
        ["Apple", "SUM", 8.0],
        ["Apple", "COUNT", 3.0],
        ["Pear", "SUM", 2.0],
        ["Pear", "COUNT", 1.0],
    ]),
    ('GROUPBY(B2:B5,C2:C5,VSTACK(HSTACK(SUM,COUNT),{"all","many"}),0,0)',
     [["", "all", "many"], ["Apple", 8.0, 3.0], ["Pear", 2.0, 1.0]]),
    ('GROUPBY(B2:B5,C2:C5,HSTACK(VSTACK(SUM,COUNT),{"all";"many"}),0,0,,C2:C5=2)',
     [["Pear", "all", 2.0], ["Pear", "many", 1.0]]),
    ('GROUPBY(B2:B5,C2:C5,VSTACK(HSTACK(SUM,COUNT),{"all"}),0,0)', VALUE),
    ("GROUPBY(B2:B5,HSTACK(C2:C5,A2:A5),HSTACK(SUM,COUNT),0,0)", [
        ["", "SUM", "COUNT", "SUM", "COUNT"],
        ["Apple", 8.0, 3.0, 6071.0, 3.0],
        ["Pear", 2.0, 1.0, 2023.0, 1.0],
    ]),
    ("GROUPBY(A1:B5,C1:C5,SUM,,0)", [
        ["Year", "Fruit", "Sales"],
        [2023.0, "Apple", 4.0],
        [2023.0, "Pear", 2.0],
        [2024.0, "Apple", 4.0],
    ]),
    ("GROUPBY(B2:B5,HSTACK(C2:C5,A2:A5),SUM,0,0)",
     [["Apple", 8.0, 6071.0], ["Pear", 2.0, 2023.0]]),
    ("GROUPBY(B2:B5,C2:C4,SUM)", VALUE),
    ("GROUPBY(B2:B5,C2:C5,SUM,4)", VALUE),
    ("GROUPBY(B2:B5,C2:C5,SUM,0,2)", VALUE),
    ("GROUPBY(B2:B5,C2:C5,SUM,0,0,3)", VALUE),
    ("GROUPBY(B2:B5,C2:C5,7)", VALUE),
    ("GROUPBY(B2:B5,C2:C5,LAMBDA(x,x),0,0)", [["Apple", CALC], ["Pear", 2.0]]),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,SUM)", [
        ["", 2023.0, 2024.0, "Total"],
        ["Apple", 4.0, 4.0, 8.0],
        ["Pear", 2.0, "", 2.0],
        ["Total", 6.0, 4.0, 10.0],
    ]),
    ("PIVOTBY(B1:B5,A1:A5,C1:C5,SUM,1,0,,0,-1)", [
        ["", 2024.0, 2023.0],
        ["Apple", 4.0, 4.0],
        ["Pear", "", 2.0],
    ]),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,PERCENTOF,0,0,-1,-1,,,1)", [
        ["", "Total", 2023.0, 2024.0],
        ["Pear", 1.0, 1.0, ""],
        ["Apple", 1.0, 0.5, 0.5],
    ]),
    ("PIVOTBY(A2:B5,B2:B5,C2:C5,SUM,0,2,,0)", [
        ["", "", "Apple", "Pear"],
        [2023.0, "Apple", 4.0, ""],
        [2023.0, "Pear", "", 2.0],
        [2023.0, "", 4.0, 2.0],
        [2024.0, "Apple", 4.0, ""],
        [2024.0, "", 4.0, ""],
        ["Grand Total", "", 8.0, 2.0],
    ]),
    ("PIVOTBY(B2:B5,A2:B5,C2:C5,SUM,0,0,,-2)", [
        ["", "Grand Total", 2023.0, 2023.0, 2023.0, 2024.0, 2024.0],
        ["", "", "", "Apple", "Pear", "", "Apple"],
        ["Apple", 8.0, 4.0, 4.0, "", 4.0, 4.0],
        ["Pear", 2.0, 2.0, "", 2.0, "", ""],
    ]),
    # What of its column, its row, everything, the group of its columns and that of its rows.
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,PERCENTOF,0,0,,0)",
     [["", 2023.0, 2024.0], ["Apple", 4 / 6, 1.0], ["Pear", 2 / 6, ""]]),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,PERCENTOF,0,0,,0,,,2)",
     [["", 2023.0, 2024.0], ["Apple", 0.4, 0.4], ["Pear", 0.2, ""]]),
    ("PIVOTBY(A2:A5,A2:B5,C2:C5,PERCENTOF,0,0,,0,,,3)", [
        ["", 2023.0, 2023.0, 2024.0],
        ["", "Apple", "Pear", "Apple"],
        [2023.0, 4 / 6, 2 / 6, ""],
        [2024.0, "", "", 1.0],
    ]),
    ("PIVOTBY(A2:B5,B2:B5,C2:C5,PERCENTOF,0,0,,1,,,4)", [
        ["", "", "Apple", "Pear", "Total"],
        [2023.0, "Apple", 1.0, "", 4 / 6],
        [2023.0, "Pear", "", 1.0, 2 / 6],
        [2024.0, "Apple", 1.0, "", 1.0],
    ]),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,SUM,0,0,,0,,,5)", VALUE),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,HSTACK(SUM,COUNT),0,0,,0)", [
        ["", 2023.0, 2023.0, 2024.0, 2024.0],
        ["", "SUM", "COUNT", "SUM", "COUNT"],
        ["Apple", 4.0, 1.0, 4.0, 2.0],
        ["Pear", 2.0, 1.0, "", ""],
    ]),
    ("PIVOTBY(B2:B5,A2:A5,C2:C5,VSTACK(SUM,COUNT),0,0,,0)", [
        ["", "", 2023.0, 2024.0],
        ["Apple", "SUM", 4.0, 4.0],
        ["Apple", "COUNT", 1.0, 2.0],
        ["Pear", "SUM", 2.0, ""],
        ["Pear", "COUNT", 1.0, ""],
    ]),
    ("PIVOTBY(B1:B5,A1:A5,C1:C5,SUM,3,0,,0)", [
        ["Year", 2023.0, 2024.0],
        ["Fruit", "Sales", "Sales"],
        ["Apple", 4.0, 4.0],
        ["Pear", 2.0, ""],
    ]),
    # One side may be left out.
    ("PIVOTBY(B2:B5,,C2:C5,SUM)", [["Apple", 8.0], ["Pear", 2.0], ["Total", 10.0]]),
    ("PIVOTBY(,B2:B5,C2:C5,SUM)", [["Apple", "Pear", "Total"], [8.0, 2.0, 10.0]]),
    ("PIVOTBY(,,C2:C5,SUM)", VALUE),
    ("PIVOTBY(B2:B5,A2:A4,C2:C5,SUM)", VALUE),
    ("ROWS(TRIMRANGE(E1:G4))", 2.0),
    ("COLUMNS(TRIMRANGE(E1:G4))", 2.0),
    ("ROWS(TRIMRANGE(E1:G4,1))", 3.0),
    ("ROWS(TRIMRANGE(E1:G4,2))", 3.0),
    ("COLUMNS(TRIMRANGE(E1:G4,0,0))", 3.0),
    ("SUM(TRIMRANGE(E:E))", 1.0),
    ("ROW(TRIMRANGE(E:F))", [[2.0], [3.0]]),
    ("TRIMRANGE({1,2})", [[1.0, 2.0]]),
    ("TRIMRANGE(J1:K9)", REF),
    ("TRIMRANGE(E1:G4,4)", VALUE),
    ('INFO("numfile")', 2.0),
    ('INFO("System")', "pcdos"),
    ('INFO("directory")', NA),
    ('INFO("memavail")', VALUE),
    ("BYROW({1,2;3,4},AVERAGE)", [[1.5], [3.5]]),
    ("BYROW({1,2;3,4},COUNT)", [[2.0], [2.0]]),
    ("BYCOL({1,2;3,4},MIN)", [[1.0, 2.0]]),
    ("MAP({1,2},{3,4},POWER)", [[1.0, 16.0]]),
    ("LET(f,MEDIAN,f(1,2,9))", 2.0),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), CASES)
def test_as_in_excel(formula: str, expected: Any) -> None:
    home = (SHEET, 20, 20)
    value = evaluate(parse(formula, *home[1:]), home, MemorySource(dict(CELLS)), array=True)
    assert (value.tolist() if isinstance(value, np.ndarray) else value) == expected


def test_labels_are_python_s_own_numbers() -> None:
    home = (SHEET, 20, 20)
    for formula in ("GROUPBY(A2:A5,C2:C5,SUM)", "PIVOTBY(A2:A5,C2:C5,C2:C5,SUM)"):
        value = evaluate(parse(formula, *home[1:]), home, MemorySource(dict(CELLS)), array=True)
        assert isinstance(value, np.ndarray)
        assert {type(cell) for cell in value.ravel().tolist()} <= {float, str}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("DEC2HEX(A:A)", "7E8"),
        ("ROMAN(C:C,B:B)", VALUE),
        ("COMPLEX(C:C,A:A)", "3+2024i"),
        ('TEXTBEFORE(B:B,"p")', "a"),
        ('CONVERT($C$1:$C$5,"m","cm")', 300.0),
        ("ADDRESS(C:C,C4)", "$C$3"),
        ("BITAND(A1:A2,1)", VALUE),
        ("COMBINA(A4:C4,2)", VALUE),
        ("GCD(A2:A5)", 1.0),
        ('COUNTIF(H:H,"<>"&"x")', 1_048_576.0),
        ('COUNTIF(B:B,"<>"&B2)', 1_048_573.0),
        ('COUNTIF(F:F,"=")', 1_048_575.0),
        ('COUNTIF(F:F,"<>")', 1.0),
    ],
)
def test_a_range_for_one_value_is_its_cell_in_the_formula_s_row(
    formula: str, expected: Any
) -> None:
    home = (SHEET, 4, 20)
    source = MemorySource(dict(CELLS))
    assert evaluate(parse(formula, *home[1:]), home, source, array=False) == expected
