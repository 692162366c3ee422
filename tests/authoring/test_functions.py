"""The functions that lessons may use: every program calculates them alike."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.authoring import refs_of
from sheetlab.authoring.functions import SHARED_FUNCTIONS
from sheetlab.checking.agreement import TOLERANCE, difference
from sheetlab.checking.engines import ENGINES, CellValues, recalculate
from sheetlab.files.cell_value import CellError, CellValue

ADDRESS = re.compile(r"(?<![A-Z0-9])\$?[A-Z]\$?[0-9]+(:\$?[A-Z]\$?[0-9]+)?(?![0-9A-Z(])")

# Two columns of numbers, one of words, one of dates as numbers; a matrix; a row of truth values.
DATA: dict[str, list[Any]] = {
    "A": [3, -1, 4, 1.5, -5, 9],
    "B": [2, 7, 1, 8, 2.5, 8],
    "C": ["cat", "Dog", "cat", "a bird", "", "dog"],
    "D": [45292, 45350.5, 45657, 1, 60.25, 36526],
    "E": [2, 1, 0.5],
    "F": [-1, 3, 4],
    "G": [0, 2, 5],
    "H": [10, 20, 30, 40, 50, 60],
}

# Calls with cells, ranges, constants, and what is special about each: halves, signs, blanks (Z1).
CALLS: dict[str, tuple[str, ...]] = {
    "ABS": ("ABS(A2)", "ABS(-0.5)", "ABS(A2-B2)"),
    "ACOS": ("ACOS(0.5)", "ACOS(-1)"),
    "AND": ("AND(A1>0,B1>0)", "AND(A1>0,A2>0)", "AND(TRUE,1)"),
    "ASIN": ("ASIN(0.5)", "ASIN(-1)"),
    "ATAN": ("ATAN(1)", "ATAN(A5)"),
    "ATAN2": ("ATAN2(1,2)", "ATAN2(-1,A2)", "ATAN2(0,-3)"),
    "AVERAGE": ("AVERAGE(A1:A6)", "AVERAGE(A1:B6)", "AVERAGE(A1,B2,5)", "AVERAGE(A1:C6)"),
    "AVERAGEIF": (
        'AVERAGEIF(A1:A6,">0")',
        'AVERAGEIF(C1:C6,"cat",B1:B6)',
        "AVERAGEIF(B1:B6,8,A1:A6)",
    ),
    "AVERAGEIFS": ('AVERAGEIFS(A1:A6,B1:B6,">=2",C1:C6,"dog")',),
    "CEILING": ("CEILING(2.3,1)", "CEILING(A4,0.4)", "CEILING(0.13,0.05)"),
    "CHOOSE": ("CHOOSE(2,A1,B1,5)", 'CHOOSE(1,"a","b")'),
    "COLUMNS": ("COLUMNS(A1:D3)", "COLUMNS(B2)"),
    "CONCATENATE": ('CONCATENATE(C1," ",A1)', 'CONCATENATE("x",0.5)'),
    "CORREL": ("CORREL(A1:A6,B1:B6)", "CORREL(A1:A6,A1:A6)"),
    "COS": ("COS(0)", "COS(A1)"),
    "COSH": ("COSH(0)", "COSH(A4)"),
    "COUNT": ("COUNT(A1:A6)", "COUNT(A1:C6)", "COUNT(Z1:Z3)"),
    "COUNTA": ("COUNTA(C1:C4)", "COUNTA(A1:B6)", "COUNTA(Z1:Z3)"),
    "COUNTBLANK": ("COUNTBLANK(A1:A8)", "COUNTBLANK(Z1:Z3)"),
    "COUNTIF": (
        'COUNTIF(A1:A6,">1.5")',
        'COUNTIF(C1:C6,"cat")',
        "COUNTIF(B1:B6,8)",
        "COUNTIF(C1:C6,C2)",
        'COUNTIF(A1:A6,"<>"&A1)',
    ),
    "COUNTIFS": ('COUNTIFS(A1:A6,">0",B1:B6,"<8")', 'COUNTIFS(C1:C6,"dog",B1:B6,8)'),
    "DATE": ("DATE(2024,1,31)", "DATE(2024,2,30)", "DATE(2023,13,1)"),
    "DAY": ("DAY(D1)", "DAY(D3)"),
    "DEGREES": ("DEGREES(1)", "DEGREES(A2)"),
    "EVEN": ("EVEN(1)", "EVEN(2)", "EVEN(-1.5)"),
    "EXACT": ("EXACT(C2,C6)", 'EXACT(C1,"cat")'),
    "EXP": ("EXP(1)", "EXP(A5)", "EXP(0)"),
    "FACT": ("FACT(0)", "FACT(5)", "FACT(10)"),
    "FIND": ('FIND("a",C1)', 'FIND("i",C4,4)'),
    "FLOOR": ("FLOOR(2.7,1)", "FLOOR(A4,0.4)"),
    "HLOOKUP": ("HLOOKUP(3,A1:H3,2,FALSE)", "HLOOKUP(2,A1:B2,2,FALSE)"),
    "IF": ("IF(A1>0,1,2)", 'IF(A2>0,"yes","no")', "IF(FALSE,1,B1)", "IF(A1,5,6)"),
    "IFERROR": ("IFERROR(1/0,7)", "IFERROR(A1,7)", 'IFERROR(NA(),"none")'),
    "INDEX": ("INDEX(A1:A6,3)", "INDEX(A1:B6,2,2)", "INDEX(A1:D1,2)"),
    "INT": ("INT(2.7)", "INT(-2.3)", "INT(A1)"),
    "INTERCEPT": ("INTERCEPT(A1:A6,B1:B6)",),
    "ISBLANK": ("ISBLANK(Z1)", "ISBLANK(A1)"),
    "ISERROR": ("ISERROR(1/0)", "ISERROR(A1)", "ISERROR(NA())"),
    "ISNA": ("ISNA(NA())", "ISNA(1/0)", "ISNA(A1)"),
    "ISNUMBER": ("ISNUMBER(A1)", "ISNUMBER(C1)", "ISNUMBER(Z1)"),
    "ISTEXT": ("ISTEXT(C1)", "ISTEXT(A1)"),
    "LARGE": ("LARGE(A1:A6,1)", "LARGE(A1:A6,3)", "LARGE(B1:B6,2)"),
    "LEFT": ("LEFT(C1)", "LEFT(C4,3)", "LEFT(C1,10)"),
    "LEN": ("LEN(C4)", 'LEN("")', "LEN(A4)"),
    "LINEST": ("INDEX(LINEST(A1:A6,B1:B6),1,1)", "INDEX(LINEST(A1:A6,B1:B6),1,2)"),
    "LN": ("LN(2)", "LN(A1)", "LN(0.001)"),
    "LOG": ("LOG(8,2)", "LOG(100)", "LOG(A1,B1)"),
    "LOG10": ("LOG10(1000)", "LOG10(A1)"),
    "LOOKUP": ("LOOKUP(35,H1:H6,A1:A6)", "LOOKUP(20,H1:H6)"),
    "LOWER": ("LOWER(C2)", 'LOWER("ABC d")'),
    "MATCH": (
        "MATCH(4,A1:A6,0)",
        "MATCH(35,H1:H6,1)",
        'MATCH("dog",C1:C6,0)',
        "MATCH(MIN(B1:B6),B1:B6,0)",
    ),
    "MAX": ("MAX(A1:A6)", "MAX(A1:B6)", "MAX(A1,12,B1:B6)", "MAX(Z1:Z3)"),
    "MEDIAN": ("MEDIAN(A1:A6)", "MEDIAN(A1:A5)"),
    "MID": ("MID(C4,3,2)", "MID(C1,2,10)"),
    "MIN": ("MIN(A1:A6)", "MIN(A1:B6,-7)"),
    "MINVERSE": ("INDEX(MINVERSE(E1:F2),1,1)", "INDEX(MINVERSE(E1:G3),3,2)"),
    "MMULT": ("INDEX(MMULT(E1:F2,E1:F2),2,1)", "SUM(MMULT(E1:G3,E1:G3))"),
    "MOD": ("MOD(7,3)", "MOD(-7,3)", "MOD(7,-3)", "MOD(A4,0.4)"),
    "MONTH": ("MONTH(D1)", "MONTH(D3)"),
    "NA": ("NA()", "IF(A1>0,NA(),1)"),
    "NORMSINV": ("NORMSINV(0.5)", "NORMSINV(0.975)", "NORMSINV(0.1)"),
    "NOT": ("NOT(A1>0)", "NOT(0)"),
    "ODD": ("ODD(2)", "ODD(3)", "ODD(-1.5)"),
    "OR": ("OR(A1>0,A2>0)", "OR(FALSE,0)"),
    "PI": ("PI()", "2*PI()"),
    "POWER": ("POWER(2,10)", "POWER(A1,0.5)", "POWER(A2,3)", "POWER(2,-1)"),
    "PRODUCT": ("PRODUCT(A1:A3)", "PRODUCT(A1:A3,B1)"),
    "PROPER": ('PROPER("two words")', "PROPER(C2)"),
    "RADIANS": ("RADIANS(180)", "RADIANS(A1)"),
    "RANK": ("RANK(A1,A1:A6)", "RANK(A1,A1:A6,1)", "RANK(B4,B1:B6)"),
    "REPT": ('REPT("ab",3)', 'REPT("-",0)'),
    "RIGHT": ("RIGHT(C1)", "RIGHT(C4,4)"),
    "ROUND": ("ROUND(2.5,0)", "ROUND(-2.5,0)", "ROUND(0.275,2)", "ROUND(1234.5,-2)", "ROUND(A4,0)"),
    "ROUNDDOWN": ("ROUNDDOWN(2.79,1)", "ROUNDDOWN(-2.79,1)", "ROUNDDOWN(1234,-2)"),
    "ROUNDUP": ("ROUNDUP(2.71,1)", "ROUNDUP(-2.71,1)", "ROUNDUP(1234,-2)"),
    "ROWS": ("ROWS(A1:D3)", "ROWS(B2)", "ROWS(A$1:A4)"),
    "SEARCH": ('SEARCH("D",C4)', 'SEARCH("r",C4)'),
    "SIGN": ("SIGN(A2)", "SIGN(0)", "SIGN(A1)"),
    "SIN": ("SIN(1)", "SIN(A5)"),
    "SINH": ("SINH(1)", "SINH(A2)"),
    "SKEW": ("SKEW(A1:A6)", "SKEW(B1:B6)"),
    "SLOPE": ("SLOPE(A1:A6,B1:B6)",),
    "SMALL": ("SMALL(A1:A6,1)", "SMALL(A1:A6,3)"),
    "SQRT": ("SQRT(2)", "SQRT(A1)", "SQRT(0)"),
    "STDEV": ("STDEV(A1:A6)", "STDEV(1,2,4)"),
    "STDEVP": ("STDEVP(A1:A6)", "STDEVP(1,2,4)"),
    "SUBSTITUTE": ('SUBSTITUTE(C4,"i","u")', 'SUBSTITUTE("aaa","a","b",2)'),
    "SUM": ("SUM(A1:A6)", "SUM(A1:B6)", "SUM(A1,B1,3)", "SUM(C1:C6)", "SUM(Z1:Z3)"),
    "SUMIF": ('SUMIF(A1:A6,">0")', 'SUMIF(C1:C6,"cat",B1:B6)', 'SUMIF(B1:B6,">="&B1,A1:A6)'),
    "SUMIFS": ('SUMIFS(A1:A6,B1:B6,">=2",C1:C6,"dog")',),
    "SUMPRODUCT": (
        "SUMPRODUCT(A1:A6,B1:B6)",
        "SUMPRODUCT(A1:A6*B1:B6)",
        "SUMPRODUCT((A1:A6-B1:B6)^2)",
        "SUMPRODUCT((A1:A6>0)*B1:B6)",
        '2*SUMPRODUCT((C1:C6="cat")*(B1:B6+1))/COUNT(A1:A6)',
    ),
    "SUMSQ": ("SUMSQ(A1:A6)", "SUMSQ(3,4)"),
    "SUMXMY2": ("SUMXMY2(A1:A6,B1:B6)",),
    "TAN": ("TAN(1)", "TAN(A2)"),
    "TANH": ("TANH(1)", "TANH(A5)"),
    "TEXT": ('TEXT(A4,"0.00")', 'TEXT(0.256,"0%")', 'TEXT(1234.5,"#,##0.0")', 'TEXT(A1,"0")'),
    "TRANSPOSE": ("SUM(TRANSPOSE(A1:B6))", "INDEX(TRANSPOSE(A1:B6),2,3)"),
    "TRUNC": ("TRUNC(2.79)", "TRUNC(-2.79,1)"),
    "UPPER": ("UPPER(C4)",),
    "VALUE": ('VALUE("12.5")', 'VALUE("-3")'),
    "VAR": ("VAR(A1:A6)",),
    "VARP": ("VARP(A1:A6)", "VARP(1,2,4)"),
    "VLOOKUP": ("VLOOKUP(4,A1:B6,2,FALSE)", 'VLOOKUP("dog",C1:D6,2,FALSE)'),
    "YEAR": ("YEAR(D1)", "YEAR(D6)"),
}

# Array formulas, with the rows and columns that they fill.
ARRAYS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "MMULT": (("MMULT(E1:G2,A1:B3)", 2, 2), ("MMULT(TRANSPOSE(A1:A6),B1:B6)", 1, 1)),
    "MINVERSE": (("MINVERSE(E1:G3)", 3, 3),),
    "TRANSPOSE": (("TRANSPOSE(A1:B3)", 2, 3),),
    "LINEST": (("LINEST(A1:A6,B1:B6)", 1, 2),),
}


# Of each formula, the function, what it says, and the cells that it fills.
Formulas = list[tuple[str, str, list[str]]]


def written(path: Path) -> Formulas:
    """Write all calls into one workbook; what stands where."""
    book = Workbook()
    data = book.worksheets[0]
    data.title = "Data"
    for column, values in DATA.items():
        for row, value in enumerate(values, 1):
            data[f"{column}{row}"] = value if value != "" else None
    calls = book.create_sheet("Calls")
    found: Formulas = []
    for function in sorted(CALLS.keys() | ARRAYS.keys()):
        for call in CALLS.get(function, ()):
            row = len(found) + 1
            calls[f"A{row}"] = f"={on_data(call)}"
            found.append((function, call, [f"A{row}"]))
    row = 1
    for function, arrays in ARRAYS.items():
        for call, down, right in arrays:
            area = f"C{row}:{get_column_letter(2 + right)}{row + down - 1}"
            calls[f"C{row}"] = ArrayFormula(area, f"={on_data(call)}")
            found.append((function, call, list(refs_of(area))))
            row += down
    book.save(path)
    return found


def on_data(call: str) -> str:
    """A call whose cells are those of the sheet Data."""
    parts = call.split('"')
    parts[::2] = [ADDRESS.sub(r"Data!\g<0>", part) for part in parts[::2]]
    return '"'.join(parts)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Formulas]:
    path = tmp_path_factory.mktemp("functions") / "calls.xlsx"
    return path, written(path)


@pytest.fixture(scope="module")
def expected(calls: tuple[Path, Formulas]) -> CellValues:
    return recalculate("sheetlab", [calls[0]])[0]


def test_every_function_is_called() -> None:
    assert CALLS.keys() == SHARED_FUNCTIONS
    for function, texts in CALLS.items():
        assert all(f"{function}(" in text for text in texts)


def test_the_engine_knows_what_every_call_is(
    calls: tuple[Path, Formulas], expected: CellValues
) -> None:
    wanted = {"NA()", "IF(A1>0,NA(),1)"}
    for _, call, refs in calls[1]:
        errors = [isinstance(expected["Calls", ref], CellError) for ref in refs]
        assert any(errors) == (call in wanted), call


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(engine, marks=pytest.mark.needs_libreoffice)
        if engine == "libreoffice"
        else engine
        for engine in ENGINES
        if engine != "sheetlab"
    ],
)
def test_every_program_calculates_them_alike(
    engine: str, calls: tuple[Path, Formulas], expected: CellValues
) -> None:
    path, formulas = calls
    (values,) = recalculate(engine, [path])
    different = [
        f"{call} in {ref}: {values.get(('Calls', ref))!r}, not {expected['Calls', ref]!r}"
        for _, call, refs in formulas
        for ref in refs
        if not alike(values.get(("Calls", ref)), expected["Calls", ref])
    ]
    assert different == []


def alike(one: CellValue | None, other: CellValue) -> bool:
    """Whether two values are the same: of one kind, numbers up to the tolerance of `verify`."""
    if isinstance(one, CellError) or isinstance(other, CellError):
        # LibreOffice has one text for all of its errors.
        return isinstance(one, CellError) and isinstance(other, CellError)
    if isinstance(other, float) and isinstance(one, float):
        return difference(one, other) <= TOLERANCE
    return type(one) is type(other) and one == other
