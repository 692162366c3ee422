"""The interpreter against what Excel gives, on cells held in memory."""

import datetime
from typing import Any

import numpy as np
import pytest
from engine.memory_source import SHEET, Cells, MemorySource

from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.interpreter.source import Source
from sheetlab.engine.syntax.expression import Area, Axis
from sheetlab.engine.syntax.parser import parse
from sheetlab.engine.values.conversions import general_text
from sheetlab.files.address import address_of
from sheetlab.files.cell_value import CellError, CellValue


def cells(text: str, sheet: str = SHEET) -> Cells:
    """Cells from lines such as "A1 3", values as Python writes them."""
    found: Cells = {}
    for line in text.strip().splitlines():
        ref, value = line.strip().split(" ", 1)
        meant = eval(value)
        found[sheet, *address_of(ref)] = float(meant) if type(meant) is int else meant
    return found


def calculated(
    formula: str,
    source: Source | None = None,
    home: str = "E5",
    *,
    array: bool = False,
    sheet: str = SHEET,
) -> Any:
    """The value of a formula, arrays as lists of rows."""
    row, column = address_of(home)
    expression = parse(formula, row, column)
    value = evaluate(expression, (sheet, row, column), source or MemorySource(), array=array)
    return value.tolist() if isinstance(value, np.ndarray) else value


def same(value: Any, expected: Any) -> bool:
    """Whether values are equal, and of one kind."""
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(map(same, value, expected))
        )
    return type(value) is type(expected) and bool(value == expected)


ERRORS = {
    "DIV": CellError("#DIV/0!"),
    "VALUE": CellError("#VALUE!"),
    "NUM": CellError("#NUM!"),
    "NA": CellError("#N/A"),
    "NAME": CellError("#NAME?"),
    "REF": CellError("#REF!"),
    "NULL": CellError("#NULL!"),
    "CALC": CellError("#CALC!"),
}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=1+2*3", 7.0),
        ("=-2^2", 4.0),
        ("=2^3^2", 64.0),
        ("=10-2-3", 5.0),
        ("=50%", 0.5),
        ("=-50%%", -0.005),
        ("=0^0", ERRORS["NUM"]),
        ("=0^-1", ERRORS["DIV"]),
        ("=(-8)^(1/3)", -2.0),
        ("=(-8)^0.5", ERRORS["NUM"]),
        ("=1/0", ERRORS["DIV"]),
        ("=0/0", ERRORS["DIV"]),
        ("=1E308*10", ERRORS["NUM"]),
        ("=1E308+1E308", ERRORS["NUM"]),
        ("=10^400", ERRORS["NUM"]),
        ('="3"+1', 4.0),
        ('="x"+1', ERRORS["VALUE"]),
        ('=""+1', ERRORS["VALUE"]),
        ("=TRUE+1", 2.0),
        ('=--"3"', 3.0),
        ('=-"x"', ERRORS["VALUE"]),
        ('=+"x"', "x"),
        ("=Z99+1", 1.0),
        ('=Z99&""', ""),
        ("=#N/A+#REF!", ERRORS["NA"]),
        ("=#REF!+#N/A", ERRORS["REF"]),
        ("=#REF!&1", ERRORS["REF"]),
        ("=1=#DIV/0!", ERRORS["DIV"]),
        ("=-#N/A", ERRORS["NA"]),
        ("=0.1+0.2-0.3", 0.1 + 0.2 - 0.3),
        ('="1,234.5"+0', 1234.5),
        ('="12%"+0', 0.12),
        ('="$5"+0', 5.0),
        ('="(5)"+0', -5.0),
        ('="1e3"+0', 1000.0),
        ('="1 1/2"+0', 1.5),
        ('="nan"+0', ERRORS["VALUE"]),
        ('="1_0"+0', ERRORS["VALUE"]),
        ('="TRUE"+0', ERRORS["VALUE"]),
        ('="2024-01-05"+0', 45296.0),
        ('="1/5/2024"+0', 45296.0),
        ('="5-Jan-2024"+0', 45296.0),
        ('="Jan 5, 2024"+0', 45296.0),
        ('="2024-01-05 18:00"+0', 45296.75),
        ('="6:00 PM"+0', 0.75),
        ('="1900-03-01"+0', 61.0),
        ('="1900-02-28"+0', 59.0),
        ('="2024-13-05"+0', ERRORS["VALUE"]),
    ],
)
def test_arithmetic(formula: str, expected: Any) -> None:
    assert same(calculated(formula), expected)


def test_dates_from_1904() -> None:
    assert calculated('="2024-01-05"+0', MemorySource(date_1904=True)) == 45296 - 1462


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=0.1+0.2=0.3", True),
        ("=0.1+0.2>0.3", False),
        ("=1=1.00000000000001", False),
        ("=1=1.000000000000001", True),
        ('="a"="A"', True),
        ('="a"<"B"', True),
        ('=9<"1"', True),
        ('="z"<FALSE', True),
        ("=TRUE>1E300", True),
        ("=TRUE=1", False),
        ("=TRUE>FALSE", True),
        ('="1"=1', False),
        ("=Z99=0", True),
        ('=Z99=""', True),
        ("=Z99=FALSE", True),
        ("=Z99=Y99", True),
        ('=Z99<"a"', True),
        ("=Z99>-1", True),
        ("=1<>2", True),
        ("=2>=2", True),
        ("=2<=1", False),
    ],
)
def test_comparisons(formula: str, expected: Any) -> None:
    assert same(calculated(formula), expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333333"),
        (1e20, "100000000000000000000"),
        (1e21, "1E+21"),
        (1.5e-7, "0.00000015"),
        (1.25e-21, "1.25E-21"),
        (123456789012345678.0, "123456789012346000"),
        (True, "TRUE"),
    ],
)
def test_numbers_in_texts(number: float, text: str) -> None:
    assert general_text(number) == text


DATA = MemorySource(
    cells(
        """
        A1 1
        A2 2
        A3 3
        B1 10
        B2 20
        B3 30
        C1 "x"
        C2 True
        D1 CellError("#N/A")
        """
    )
)


@pytest.mark.parametrize(
    ("formula", "home", "expected"),
    [
        ("=A1:A3", "E2", 2.0),
        ("=A1:B1", "B9", 10.0),
        ("=A1:A3", "E9", ERRORS["VALUE"]),
        ("=A1:B3", "E2", ERRORS["VALUE"]),
        ("=A1:A3*2", "E3", 6.0),
        ("=SUM(A1:A3*2)", "E3", 6.0),
        ("=SUM(A1:A3*2)", "E9", ERRORS["VALUE"]),
        ("=SUM({1,2,3}*2)", "E9", 12.0),
        ("={1,2,3}*2", "E9", 2.0),
        ("=SUMPRODUCT((A1:A3>1)*B1:B3)", "E9", 50.0),
        ("=SUMPRODUCT(--(A1:A3>1))", "E9", 2.0),
        ("=SUMPRODUCT(IF(A1:A3>1,1,0))", "E2", 1.0),
        ("=SUMPRODUCT(ABS(-A1:A3))", "E9", 6.0),
        ("=LOOKUP(2,1/(A1:A3=2))", "E9", 1.0),
        ("=MATCH(1,INDEX((A1:A3=2)*(B1:B3=20),0),0)", "E9", 2.0),
        ("=LARGE(A1:A3,{1,2,3})", "E9", 3.0),
        ("=SUM(LARGE(A1:A3,{1,2}))", "E9", 5.0),
        ("=ABS(A1:A3)", "E2", 2.0),
        ("=SUM(A1:A3,B1:B3)", "E9", 66.0),
        ("=SUM((A1:A3,B1))", "E9", 16.0),
        ("=SUM(A1:C2)", "E9", 33.0),
        ("=SUM(A:A)", "E9", 6.0),
        ("=SUM(D:D)", "E9", ERRORS["NA"]),
        ("=SUMPRODUCT((A:A>1)*ROW(A:A))", "E9", 5.0),
        ("=@A1:A3", "E3", 3.0),
        ("=ROW(A2:A3)", "E9", 2.0),
    ],
)
def test_ordinary_cells(formula: str, home: str, expected: Any) -> None:
    assert same(calculated(formula, DATA, home), expected)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=A1:A3*2", [[2.0], [4.0], [6.0]]),
        ("=SUM(A1:A3*2)", 12.0),
        ("=A1:A2+{1,2}", [[2.0, 3.0], [3.0, 4.0]]),
        ("=A1:A3+A1:A2", [[2.0], [4.0], [ERRORS["NA"]]]),
        ("=1/{1,0}", [[1.0, ERRORS["DIV"]]]),
        ('={1,"x"}&"!"', [["1!", "x!"]]),
        ("={1,2,3}={1,0,3}", [[True, False, True]]),
        ("={0.3,1}=0.1+0.2", [[True, False]]),
        ("=A1:A3^2", [[1.0], [4.0], [9.0]]),
        ("=2^A1:A3", [[2.0], [4.0], [8.0]]),
        ("=1E200^{1,2}", [[1e200, ERRORS["NUM"]]]),
        ("=-C1:C2", [[ERRORS["VALUE"]], [-1.0]]),
        ("=C1:C3+1", [[ERRORS["VALUE"]], [2.0], [1.0]]),
        ("=IF(A1:A3>1,B1:B3,0)", [[0.0], [20.0], [30.0]]),
        ("=IF({1,0},A1:A2,B1:B2)", [[1.0, 10.0], [2.0, 20.0]]),
        ("=CHOOSE({2,1},A1:A2,B1:B2)", [[10.0, 1.0], [20.0, 2.0]]),
        ("=IFERROR(1/{0,2},9)", [[9.0, 0.5]]),
        ('=SWITCH(A1:A3,1,"one",2,"two","many")', [["one"], ["two"], ["many"]]),
        ('=IFS(A1:A3>2,"big",A1:A3>1,"mid")', [[ERRORS["NA"]], ["mid"], ["big"]]),
        ("=ABS(-A1:A3)", [[1.0], [2.0], [3.0]]),
        ("=ROUND(1.26,{0,1})", [[1.0, 1.3]]),
        ("=SQRT({4,-1})", [[2.0, ERRORS["NUM"]]]),
        ("=ISERROR(C1:D1+0)", [[True, True]]),
        ("=ROW(A2:A3)", [[2.0], [3.0]]),
        ("=COLUMN(A2:B3)", [[1.0, 2.0]]),
        ('=ROW(INDIRECT("1:"&3))', [[1.0], [2.0], [3.0]]),
        ("=TRANSPOSE(A1:A3)", [[1.0, 2.0, 3.0]]),
        ("=INDEX(A1:B3,2,0)", [[2.0, 20.0]]),
        ("=INDEX(A1:A3,{3;1})", [[3.0], [1.0]]),
        ("=SEQUENCE(1)", 1.0),
        ("=A1:A1", 1.0),
        ("=A3:B4", [[3.0, 30.0], [None, None]]),
        ('=INDIRECT({"A1","B2"})', [[1.0, 20.0]]),
    ],
)
def test_array_formulas(formula: str, expected: Any) -> None:
    assert same(calculated(formula, DATA, array=True), expected)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUM(A1:INDEX(B:B,3))", 66.0),
        ("=SUM(A1:B3 A2:C2)", 22.0),
        ("=SUM(A1:A2 B1:B2)", ERRORS["NULL"]),
        ("=SUM(OFFSET(A1,1,0,2,2))", 55.0),
        ("=SUM(OFFSET(B3,0,0,-2,-2))", 55.0),
        ("=OFFSET(A1,-1,0)", ERRORS["REF"]),
        ("=OFFSET(A1,1048576,0)", ERRORS["REF"]),
        ("=OFFSET(A1,0,0,0)", ERRORS["REF"]),
        ("=OFFSET(A1,1,1)", 20.0),
        ("=OFFSET(1,1,1)", ERRORS["VALUE"]),
        ("=OFFSET(A1,D1,1)", ERRORS["NA"]),
        ('=INDIRECT("B"&2)', 20.0),
        ('=SUM(INDIRECT("A1:A3"))', 6.0),
        ('=INDIRECT("no ref")', ERRORS["REF"]),
        ('=INDIRECT("R2C1",FALSE)', 2.0),
        ('=INDIRECT("R[-3]C[-3]",FALSE)', 20.0),
        ('=SUM(INDIRECT("R1C1:R2C2",FALSE))', 33.0),
        ("=INDEX(A1:B3,3,2)", 30.0),
        ("=INDEX(A1:B3,4,1)", ERRORS["REF"]),
        ("=INDEX(A1:B3,-1,1)", ERRORS["VALUE"]),
        ("=INDEX(A1:B1,2)", 10.0),
        ("=INDEX(B1:B3,2)", 20.0),
        ("=INDEX({1,2;3,4},2,1)", 3.0),
        ("=SUM(INDEX(A1:B3,0,2))", 60.0),
        ("=INDEX((A1:A3,B1:B3),2,1,2)", 20.0),
        ("=INDEX(A1,1)", 1.0),
        ("=INDEX(D1,1)", ERRORS["NA"]),
        ("=SUM(CHOOSE(2,A1:A3,B1:B3))", 60.0),
        ("=SUM(IF(TRUE,A1:A3,B1:B3))", 6.0),
        ("=SUM(IF(1,A1,B1):A3)", 6.0),
        ("=ROW()", 5.0),
        ("=COLUMN()", 5.0),
        ("=ROW(1)", ERRORS["VALUE"]),
        ("=ROWS(A:A)", 1048576.0),
        ("=COLUMNS(A1:C9)", 3.0),
        ("=COLUMNS({1,2})", 2.0),
        ("=AREAS((A1,B1:B2))", 2.0),
        ("=ISREF(A1)", True),
        ("=ISREF(1)", False),
        ('=ISREF(INDIRECT("x y"))', False),
        ("=SHEET()", 1.0),
        ("=SHEET('Other page'!A1)", 2.0),
        ('=SHEET("other PAGE")', 2.0),
        ("=SHEETS()", 2.0),
        ('=CELL("address",C4)', "$C$4"),
        ("=CELL(\"address\",'Other page'!C4)", "'Other page'!$C$4"),
        ('=CELL("col",C4)', 3.0),
        ('=CELL("contents",B2)', 20.0),
        ('=CELL("type",C1)', "l"),
        ("=A1#", ERRORS["REF"]),
        ('=HYPERLINK("http://x","name")', "name"),
        ('=HYPERLINK("http://x")', "http://x"),
        ("=SUMIF(A1:A3,2,B1)", 20.0),
        ("=COUNTIF(A:A,2)", 1.0),
        ("=COUNTBLANK(A1:A4)", 1.0),
        ("=COUNTBLANK(A:A)", 1048573.0),
        ("=XLOOKUP(2,A1:A3,B1:B3)", 20.0),
        ("=SUM(XLOOKUP(2,A1:A3,B1:B3):XLOOKUP(3,A1:A3,B1:B3))", 50.0),
        ("=SUM(XLOOKUP(10,A1:B1,A2:B3))", 50.0),
        ("=XLOOKUP(9,A1:A3,B1:B3)", ERRORS["NA"]),
        ('=XLOOKUP(9,A1:A3,B1:B3,"none")', "none"),
        ('=XLOOKUP(#REF!,A1:A3,B1:B3,"none")', ERRORS["REF"]),
        ("=XLOOKUP(2,A1:A3,B1:B2)", ERRORS["VALUE"]),
        ("=ROW(XLOOKUP(2,A1:A3,B1:B3))", 2.0),
    ],
)
def test_references(formula: str, expected: Any) -> None:
    assert same(calculated(formula, DATA), expected)


def test_references_beyond_the_sheet() -> None:
    above = Area(SHEET, Axis(False, -1), Axis(False, 0), Axis(False, -1), Axis(False, 0))
    assert evaluate(above, (SHEET, 1, 1), DATA, array=False) == ERRORS["REF"]
    assert evaluate(above, (SHEET, 2, 1), DATA, array=False) == 1.0


def test_a_corner_that_passes_the_other() -> None:
    area = Area(SHEET, Axis(True, 3), Axis(True, 1), Axis(False, 0), Axis(True, 1))
    value = evaluate(area, (SHEET, 1, 5), DATA, array=True)
    assert isinstance(value, np.ndarray)
    assert value.tolist() == [[1.0], [2.0], [3.0]]


def test_places_are_told_without_reading() -> None:
    source = MemorySource({(SHEET, 1, 1): 1.0})
    for formula in ("=ROW(A1:A3)", "=COLUMN(B1)", "=ROWS(A:A)", "=AREAS(A1)", "=ISREF(A1)"):
        calculated(formula, source, array=True)
    assert not source.read


def test_whole_columns_are_read_where_used() -> None:
    source = MemorySource({(SHEET, 1, 1): 1.0, (SHEET, 3, 1): 2.0, ("Other page", 2, 1): 5.0})
    assert calculated("=SUM(A:A)", source) == 3.0
    assert CellRange(SHEET, 1, 1, 3, 1) in source.read
    # Both are read as far as either is used, so that they stay side by side.
    assert calculated("=SUMIF('Other page'!A:A,5,A:A)", source) == 0.0


def test_spilled_cells() -> None:
    source = MemorySource(DATA.cells, spills={(SHEET, 1, 1): CellRange(SHEET, 1, 1, 3, 1)})
    assert calculated("=SUM(A1#)", source) == 6.0
    assert calculated("=ROWS(A1#)", source) == 3.0


def test_formulas_of_cells() -> None:
    source = MemorySource(DATA.cells, formulas={(SHEET, 1, 1): "=1"})
    assert calculated("=ISFORMULA(A1)", source) is True
    assert calculated("=ISFORMULA(A2)", source) is False
    assert calculated("=FORMULATEXT(A1)", source) == "=1"
    assert same(calculated("=FORMULATEXT(A2)", source), ERRORS["NA"])


def test_formulas_are_shown_as_excel_shows_them() -> None:
    text = "=_xlfn._xlws.SORT(_xlfn.LET(_xlpm.x,1,_xlpm.x))&\"_xlfn.A\"&'_xlfn.B'!A1"
    source = MemorySource(DATA.cells, formulas={(SHEET, 1, 1): text})
    assert calculated("=FORMULATEXT(A1)", source) == "=SORT(LET(x,1,x))&\"_xlfn.A\"&'_xlfn.B'!A1"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=IF(TRUE,1,1/0)", 1.0),
        ("=IF(FALSE,1)", False),
        ("=IF(0,1,)", None),
        ('=IF("x",1,2)', ERRORS["VALUE"]),
        ('=IF("true",1,2)', 1.0),
        ("=IF(#N/A,1,2)", ERRORS["NA"]),
        ("=IF(Z9,1,2)", 2.0),
        ("=IFERROR(1/0,7)", 7.0),
        ("=IFERROR(3,NOTHING())", 3.0),
        ("=IFNA(NA(),7)", 7.0),
        ("=IFNA(1/0,7)", ERRORS["DIV"]),
        ("=IFS(FALSE,1/0,TRUE,5)", 5.0),
        ("=IFS(FALSE,1)", ERRORS["NA"]),
        ('=SWITCH("B","a",1,"b",2,3)', 2.0),
        ("=SWITCH(9,1,2,3)", 3.0),
        ("=SWITCH(9,1,2)", ERRORS["NA"]),
        ("=CHOOSE(2.9,1/0,5)", 5.0),
        ("=CHOOSE(3,1,2)", ERRORS["VALUE"]),
        ("=AND(TRUE,1/0)", ERRORS["DIV"]),
        ("=IF(1)", ERRORS["VALUE"]),
    ],
)
def test_only_what_is_needed(formula: str, expected: Any) -> None:
    source = MemorySource()
    assert same(calculated(formula, source), expected)
    assert not source.unknown


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=LEN(12.5)", 4.0),
        ("=UPPER(TRUE)", "TRUE"),
        ("=LEN(Z9)", 0.0),
        ('=ABS("-3")', 3.0),
        ('=ABS("x")', ERRORS["VALUE"]),
        ("=ABS(#REF!)", ERRORS["REF"]),
        ("=ABS()", ERRORS["VALUE"]),
        ("=ABS(1,2)", ERRORS["VALUE"]),
        ("=ROUND(2.6,)", 3.0),
        ("=NOT(0)", True),
        ("=EXP(1000)", ERRORS["NUM"]),
        ("=SQRT(-1)", ERRORS["NUM"]),
        ("=COUNT(1,,TRUE)", 3.0),
        ("=COUNT(C1:D1)", 0.0),
        ("=ISERROR(1/0)", True),
        ('=SUM("3",TRUE)', 4.0),
        ('=SUM({"3",1})', 1.0),
        ('=SUM("x")', ERRORS["VALUE"]),
        ("=MATCH(9,{1,2},0)", ERRORS["NA"]),
        ("=MISSING(1)", ERRORS["NAME"]),
        ("=missing", ERRORS["NAME"]),
    ],
)
def test_calls(formula: str, expected: Any) -> None:
    assert same(calculated(formula, DATA), expected)


def test_unknown_functions_are_noted() -> None:
    source = MemorySource()
    assert same(calculated("=NOTHING(1)", source), ERRORS["NAME"])
    assert source.unknown == ["NOTHING"]


FACTORIAL = "=LAMBDA(n,IF(n<2,1,n*FACTORIAL(n-1)))"
ENDLESS = "=LAMBDA(n,ENDLESS(n+1)+ENDLESS(n+2))"
TRIANGLE = "=LAMBDA(n,IF(n=0,0,n+TRIANGLE(n-1)))"


DEEPLY = "=LAMBDA(n,IF(n=0,1,REDUCE(0,MAP({1},LAMBDA(x,DEEPLY(n-x))),LAMBDA(t,x,t+x))+1))"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=LET(x,2,y,x*3,x+y)", 8.0),
        ("=LET(x,1,LET(x,2,x)+x)", 3.0),
        ("=LET(r,A1:A3,ROWS(r)+SUM(r))", 9.0),
        ("=LET(x,1)", ERRORS["VALUE"]),
        ("=LAMBDA(x,y,x-y)(5,3)", 2.0),
        ("=LAMBDA(x,x)(1,2)", ERRORS["VALUE"]),
        ("=LAMBDA(x,y,x)(1)", ERRORS["VALUE"]),
        ("=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5)", 5.0),
        ("=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5,1)", 6.0),
        ("=LAMBDA(x,[y],x+y)(5)", 5.0),
        ("=_xlfn.LAMBDA(_xlpm.x,[_xlpm.y],_xlpm.x+_xlpm.y)(5,2)", 7.0),
        ("=DEEPLY(300)", 301.0),
        ("=LAMBDA(x,x+1)", ERRORS["CALC"]),
        ("=LET(add,LAMBDA(a,LAMBDA(b,a+b)),add(3)(4))", 7.0),
        ("=LET(k,10,f,LAMBDA(x,x*k),k,0,f(2))", 20.0),
        ("=FACTORIAL(5)", 120.0),
        ("=TRIANGLE(1000)", 500500.0),
        ("=TRIANGLE(5000)", ERRORS["NUM"]),
        ("=ENDLESS(1)", ERRORS["NUM"]),
        ("=MAP(A1:A3,LAMBDA(x,x*x))", [[1.0], [4.0], [9.0]]),
        ("=MAP(A1:A2,{10;20},LAMBDA(x,y,x+y))", [[11.0], [22.0]]),
        ("=MAP(A1:A2,LAMBDA(x,ROW(x)*10))", [[10.0], [20.0]]),
        ("=MAP({1,2},LAMBDA(x,A1:A2))", [[ERRORS["CALC"], ERRORS["CALC"]]]),
        ("=MAP({1,2},FACTORIAL)", [[1.0, 2.0]]),
        ("=REDUCE(0,A1:A3,LAMBDA(t,x,t+x))", 6.0),
        ("=SCAN(0,A1:A3,LAMBDA(t,x,t+x))", [[1.0], [3.0], [6.0]]),
        ("=BYROW(A1:B2,LAMBDA(r,SUM(r)))", [[11.0], [22.0]]),
        ("=BYCOL(A1:B2*2,LAMBDA(c,SUM(c)))", [[6.0, 60.0]]),
        ("=BYROW(A1:B2,_xleta.SUM)", [[11.0], [22.0]]),
        ("=MAKEARRAY(2,2,LAMBDA(r,c,r*10+c))", [[11.0, 12.0], [21.0, 22.0]]),
        ("=MAKEARRAY(0,2,LAMBDA(r,c,1))", ERRORS["VALUE"]),
    ],
)
def test_let_and_lambda(formula: str, expected: Any) -> None:
    lambdas = {"DEEPLY": DEEPLY, "FACTORIAL": FACTORIAL, "ENDLESS": ENDLESS, "TRIANGLE": TRIANGLE}
    source = MemorySource(DATA.cells, lambdas=lambdas)
    assert same(calculated(formula, source, array=True), expected)


def test_subtotals_leave_out_subtotals() -> None:
    source = MemorySource(
        cells("A1 1\nA2 2\nA3 3\nA4 CellError('#N/A')"),
        formulas={(SHEET, 3, 1): "=SUBTOTAL(9,A1:A2)"},
    )
    assert calculated("=SUBTOTAL(9,A1:A3)", source) == 3.0
    assert calculated("=SUBTOTAL(104,A1:A3)", source) == 2.0
    assert same(calculated("=SUBTOTAL(9,A1:A4)", source), ERRORS["NA"])
    assert same(calculated("=SUBTOTAL(12,A1:A4)", source), ERRORS["VALUE"])
    assert calculated("=AGGREGATE(9,6,A1:A4)", source) == 6.0
    assert calculated("=AGGREGATE(9,3,A1:A4)", source) == 3.0
    assert calculated("=AGGREGATE(14,6,A1:A4/(A1:A4<3),1)", source) == 2.0
    assert same(calculated("=AGGREGATE(14,6,A1:A4,B9)", source), ERRORS["NUM"])


def test_random_numbers_and_the_clock() -> None:
    assert 0 <= calculated("=RAND()") < 1
    assert calculated("=RANDBETWEEN(3,3)") == 3.0
    assert same(calculated("=RANDBETWEEN(3,2)"), ERRORS["NUM"])
    drawn = np.array(calculated("=RANDARRAY(3,2,5,9,TRUE)", array=True))
    assert drawn.shape == (3, 2)
    assert set(drawn.ravel()) <= {5.0, 6.0, 7.0, 8.0, 9.0}
    days = (datetime.date.today() - datetime.date(1899, 12, 30)).days
    assert calculated("=TODAY()") in (days, days + 1)
    assert 0 <= calculated("=NOW()-TODAY()") < 1


def test_exceptions_of_the_source_pass() -> None:
    class NotCalculatedError(Exception):
        pass

    class Waiting(MemorySource):
        def value(self, address: Address) -> CellValue | None:
            raise NotCalculatedError

    with pytest.raises(NotCalculatedError):
        calculated("=IFERROR(SUM(1,A1),0)", Waiting())


def test_large_arrays_agree_with_single_values() -> None:
    generator = np.random.default_rng(7)
    left, right = generator.normal(size=50), np.round(generator.normal(size=50), 1)
    found: Cells = {(SHEET, row, 1): float(value) for row, value in enumerate(left, 1)}
    found |= {(SHEET, row, 2): float(value) for row, value in enumerate(right, 1)}
    source = MemorySource(found)
    for operator in ("+", "-", "*", "/", "^", "=", "<", ">=", "<>", "&"):
        whole = calculated(f"=A1:A50{operator}B1:B50", source, array=True)
        single = [[calculated(f"=A{row}{operator}B{row}", source)] for row in range(1, 51)]
        assert same(whole, single)
