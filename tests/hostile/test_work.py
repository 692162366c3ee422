"""Formulas that ask for far more work or memory than their length."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from engine.packages import formulas, parts_of, write_package
from hostile.bounded import Outcome, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")


def cell(ref: str, formula: str = "", attributes: str = "", value: object = None) -> str:
    stored = "" if value is None else f"<v>{value}</v>"
    said = f"<f{attributes}>{escape(formula)}</f>" if formula or attributes else ""
    return f'<c r="{ref}">{said}{stored}</c>'


def row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def calculated(folder: Path, *texts: str, within: float = 60, **limits: Any) -> Outcome:
    path = write_package(folder, parts_of(formulas(*texts, "A1+B1")))
    outcome = run(path, within=within, **limits)
    assert outcome.refused is None
    # What else is in the workbook is calculated.
    assert outcome.values[list(outcome.values)[-1]] == 5
    return outcome


LAMBDA_2_40 = "LET(f,LAMBDA(f,n,IF(n=0,1,f(f,n-1)+f(f,n-1))),f(f,40))"
DOUBLED = (
    "LET(v_0,SEQUENCE(1024),"
    + "".join(f"v_{n + 1},VSTACK(v_{n},v_{n})," for n in range(30))
    + "ROWS(v_30))"
)

# A fifth of what a small file is granted, to be at the end sooner.
FEW_STEPS = 2_000_000


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(MAP(SEQUENCE(16000000),LAMBDA(x,x+1)))",
        "SUM(MAKEARRAY(1048576,16384,LAMBDA(r,c,r)))",
        "SUM(MAKEARRAY(2000,2000,LAMBDA(r,c,r*c)))",
        "SUM(RANDARRAY(1048576,16384))",
        "SUM(SEQUENCE(1048576,16384))",
        "ROWS(EXPAND(1,1048576,16384,0))",
        DOUBLED,
        DOUBLED.replace("VSTACK", "HSTACK"),
        "REDUCE(0,SEQUENCE(10000000),LAMBDA(a,x,a+x))",
        "SUM(SCAN(0,SEQUENCE(4000000),LAMBDA(a,x,a+x)))",
        "SUM(BYROW(SEQUENCE(4000000),LAMBDA(r,SUM(r))))",
        LAMBDA_2_40,
        'ROWS(UNIQUE("x"&SEQUENCE(16000000)))',
        "SUM(SEQUENCE(1048576)*SEQUENCE(1,16384))",
        "SUM(--(SEQUENCE(1048576)=SEQUENCE(1,16384)))",
        "SUM(IF(SEQUENCE(1048576)>SEQUENCE(1,1000),1,2))",
        "SUM(LEN(REPT(SEQUENCE(1048576),SEQUENCE(1,1000))))",
        "SUM(MMULT(SEQUENCE(4000,4000),SEQUENCE(4000,4000)))",
        "MDETERM(RANDARRAY(4000,4000))",
        "SUM(MUNIT(1000000))",
        "SUM(COUNTIF(A1:A1000000,SEQUENCE(1000000)))",
        'SUM(COUNTIF(A1:A1000000,"*"&SEQUENCE(1000000)))',
        "LET(f,LAMBDA(f,x,f(f,x)),f(f,1))",
    ],
)
def test_more_work_than_there_is_budget_for(formula: str, tmp_path: Path) -> None:
    outcome = calculated(tmp_path, formula, steps=FEW_STEPS)
    assert outcome.values["Data!C1"] == "#NUM!"
    (warning,) = outcome.warnings
    assert "Data!C1" in warning
    assert "limit" in warning


def test_there_is_a_budget_where_none_is_given(tmp_path: Path) -> None:
    outcome = calculated(tmp_path, "REDUCE(0,SEQUENCE(10000000),LAMBDA(a,x,a+x))")
    assert outcome.values["Data!C1"] == "#NUM!"


def test_one_formula_leaves_work_for_the_others(tmp_path: Path) -> None:
    formulas = [LAMBDA_2_40] * 8 + ["SUM(MAP({1,2},LAMBDA(x,x*2)))"]
    outcome = calculated(tmp_path, *formulas, steps=FEW_STEPS)
    assert list(outcome.values.values()) == ["#NUM!"] * 8 + [6, 5]
    assert len(outcome.warnings) == 1


def test_limits_are_those_that_were_given(tmp_path: Path) -> None:
    texts = ("SUM(MAP(SEQUENCE(100),LAMBDA(x,x)))", "SUM(SEQUENCE(500))")
    assert list(calculated(tmp_path, *texts).values.values()) == [5050, 125250, 5]
    few = calculated(tmp_path, *texts, steps=150)
    assert list(few.values.values()) == ["#NUM!", 125250, 5]
    small = calculated(tmp_path, *texts, elements=400)
    assert list(small.values.values()) == [5050, "#NUM!", 5]
    deep = "LET(f,LAMBDA(f,n,IF(n=0,0,1+f(f,n-1))),f(f,50))"
    assert calculated(tmp_path, deep, depth=20).values["Data!C1"] == "#NUM!"
    assert calculated(tmp_path, deep).values["Data!C1"] == 50
    slow = "REDUCE(0,SEQUENCE(300000),LAMBDA(a,x,a+x))"
    assert calculated(tmp_path, slow).values["Data!C1"] == 45000150000
    assert calculated(tmp_path, slow, seconds=0.1).values["Data!C1"] == "#NUM!"


EVERYTHING = "A1:XFD1048576"


@pytest.mark.parametrize("area", [EVERYTHING, "1:1048576", "A:XFD", "A1:XFC1048575"])
def test_reductions_go_by_what_is_filled(area: str, tmp_path: Path) -> None:
    texts = {
        "SUM({})": 6,
        "COUNT({})": 3,
        "COUNTA({})": 4,
        "COUNTBLANK({})": None,
        'COUNTIF({},">1")': 2,
        'COUNTIF({},"")': None,
        'COUNTIFS({0},">1",{0},"<3")': 1,
        'SUMIF({},">1")': 5,
        'SUMIFS({0},{0},">1")': 5,
        'AVERAGEIF({},">1")': 2.5,
        "AVERAGE({})": 2,
        "MIN({})": 1,
        "MAX({})": 3,
        'MAXIFS({0},{0},"<3")': 2,
        "SUMPRODUCT({})": 6,
        "SUMPRODUCT({0},{0})": 14,
        "MEDIAN({})": 2,
        "SUBTOTAL(9,{})": None,
        "ROWS({})": None,
    }
    # The formulas stand on a sheet of their own.
    parts = parts_of(
        row(
            1,
            (cell(f"{chr(65 + n)}1", text.format(f"Other!{area}")) for n, text in enumerate(texts)),
        ),
        sheets=("Data", "Other"),
    )
    filled = (
        row(1, [cell("A1", value=1)])
        + row(7, [cell("B7", value=2), '<c r="XFB7" t="str"><v>x</v></c>'])
        + row(1048570, [cell("XFC1048570", value=3)])
    )
    other = parts["xl/worksheets/sheet2.xml"].replace(
        b"<sheetData/>", f"<sheetData>{filled}</sheetData>".encode()
    )
    outcome = run(write_package(tmp_path, {**parts, "xl/worksheets/sheet2.xml": other}))
    size = (16384 if "XFC" not in area else 16383) * (1048576 if "XFC" not in area else 1048575)
    for value, (text, expected) in zip(outcome.values.values(), texts.items(), strict=True):
        if text.startswith(("COUNTBLANK", 'COUNTIF({},"")')):
            expected = size - 4
        if expected is not None:
            assert value == expected, text


def test_a_thousand_array_formulas_over_four_million_cells(tmp_path: Path) -> None:
    cells = row(
        1,
        (
            f'<c r="{name}1"><f t="array" ref="{name}1:{last}1048576">1</f></c>'
            for name, last in (
                ("A", "D"),
                ("E", "H"),
                ("I", "L"),
                ("M", "P"),
                ("Q", "T"),
                ("U", "X"),
            )
        ),
    )
    outcome = run(write_package(tmp_path, parts_of(cells)))
    assert outcome.refused is not None
    assert "2,500,000 cells" in outcome.refused
    outcome = run(write_package(tmp_path, parts_of(cells)), cells=10_000)
    assert outcome.refused is not None
    assert "1,250 cells" in outcome.refused


def test_array_formulas_over_two_million_cells(tmp_path: Path) -> None:
    cells = row(
        1,
        (
            f'<c r="{name}1"><f t="array" ref="{name}1:{name}1048576">C2:C9&amp;"x"</f></c>'
            for name in "AB"
        ),
    )
    assert run(write_package(tmp_path, parts_of(cells))).values["Data!A1"] == "x"


def test_recalc_of_an_array_formula_over_a_column(tmp_path: Path) -> None:
    cells = row(1, ['<c r="A1"><f t="array" ref="A1:A60000">ROW(1:60000)</f></c>'])
    saved = tmp_path / "saved.xlsx"
    outcome = run(write_package(tmp_path, parts_of(cells)), save=saved)
    assert outcome.values["Data!A999"] == 999
    again = run(saved)
    assert again.values["Data!A999"] == 999


@pytest.mark.parametrize(
    "text",
    [" " * 220 + "x", " " * 32000 + "x", "1" * 32000 + "x", "1" * 32000, "(" + " " * 30000 + "1",
     "1," * 16000, "1 1/" + "1" * 30000, "1:" * 16000, "january" * 4600, "1e" + "9" * 30000],
    ids=range(10),
)  # fmt: skip
def test_texts_that_look_like_numbers(text: str, tmp_path: Path) -> None:
    cells = [f'<c r="A1" t="str"><v xml:space="preserve">{text}</v></c>', cell("B1", "A1*1")]
    cells.append(cell("C1", "VALUE(A1)"))
    cells.append(cell("D1", "COUNTIF(A1,1)+SUM(IFERROR(A1:A1*1,0))"))
    outcome = run(write_package(tmp_path, parts_of(row(1, cells))), within=20)
    assert outcome.values["Data!B1"] in ("#VALUE!", "#NUM!")


@pytest.mark.parametrize(
    "number_format",
    ["[$" * 16000, "[" * 32000, '"' * 32000, "0" * 32000, "#" * 16000 + "/" + "#" * 16000,
     "e+" * 16000, "h" * 32000, "[h]" * 10000, "@" * 32000, "0," * 16000, "%" * 32000,
     "0/9" + "9" * 30000, "\\" * 32000],
    ids=range(13),
)  # fmt: skip
def test_number_formats(number_format: str, tmp_path: Path) -> None:
    stored = number_format.replace('"', "&quot;")
    cells = [f'<c r="A1" t="str"><v>{stored}</v></c>', cell("B1", "TEXT(1234.5,A1)")]
    cells.append(cell("C1", "TEXT(1234.5,LEFT(A1,255))"))
    outcome = run(write_package(tmp_path, parts_of(row(1, cells))), within=20)
    assert outcome.values["Data!B1"] == "#VALUE!"


@pytest.mark.parametrize(
    "formula",
    [
        'SEARCH("*x",REPT("a",32767))',
        'SEARCH("a*x",REPT("a",32767))',
        'SEARCH(REPT("a*",120)&"x",REPT("a",32767))',
        'SEARCH(REPT("?",250)&"x",REPT("a",32767))',
        'COUNTIF(A2,REPT("*a",120)&"b")',
        'MATCH(REPT("*a",120)&"b",A2:A3,0)',
        'SUBSTITUTE(REPT("a",32767),"a",REPT("b",32767))',
        'TEXTJOIN(REPT("b",30000),FALSE,SEQUENCE(1000000))',
        'LEN(CONCAT(SEQUENCE(4000000)&"abc"))',
        'REPT("abc",1E300)',
    ],
    ids=range(10),
)
def test_texts_that_are_sought_or_grow(formula: str, tmp_path: Path) -> None:
    texts = [f'<c r="A2" t="str"><v>{"a" * 32000}</v></c>']
    path = write_package(tmp_path, parts_of(row(1, [cell("B1", formula)]) + row(2, texts)))
    outcome = run(path, within=30)
    assert outcome.values["Data!B1"] in ("#VALUE!", "#NUM!", "#N/A", 0)


def test_functions_that_nobody_knows(tmp_path: Path) -> None:
    cells = "".join(row(n, [cell(f"A{n}", f"NOBODY{n}(A{n + 1})")]) for n in range(1, 4001))
    outcome = run(write_package(tmp_path, parts_of(cells)), within=30)
    assert outcome.values["Data!A1"] == "#NAME?"
    assert 1 <= len(outcome.warnings) <= 25


def test_caches_are_bounded() -> None:
    from sheetlab.engine import functions
    from sheetlab.engine.functions import criteria, number_format

    caches = [
        found
        for module in (functions, criteria, number_format)
        for found in vars(module).values()
        if hasattr(found, "cache_info") and found is not functions.own
    ]
    assert caches
    assert all(cache.cache_info().maxsize is not None for cache in caches)


def test_a_recurrence_that_reads_a_large_range_in_each_row(tmp_path: Path) -> None:
    rows = "".join(
        row(n, [cell(f"A{n}", value=n), cell(f"B{n}", f"AVERAGE(B{n - 1},$A$1:$A$5000)")])
        for n in range(2, 5001)
    )
    first = row(1, [cell("B1", value=1), cell("C1", "B2"), cell("D1", "B5000")])
    outcome = run(write_package(tmp_path, parts_of(first + rows)), steps=200_000)
    assert type(outcome.values["Data!C1"]) is float
    assert outcome.values["Data!D1"] == "#NUM!"


@pytest.mark.parametrize("terms", [200, 1500])
@pytest.mark.parametrize("operator", ["+", "*", "-", "&"])
def test_recurrences_with_long_chains(terms: int, operator: str, tmp_path: Path) -> None:
    rows = row(1, [cell("A1", value=1), cell("B1", value=1)]) + "".join(
        row(n, [cell(f"A{n}", f"B{n - 1}" + f"{operator}0" * terms), cell(f"B{n}", f"A{n}")])
        for n in range(2, 60)
    )
    outcome = run(write_package(tmp_path, parts_of(rows)))
    expected = {"+": 1, "*": 0, "-": 1, "&": None}[operator]
    if expected is not None:
        assert outcome.values["Data!B59"] == expected


@pytest.mark.parametrize(
    "inner", ["(1+{})", "(1-{})", "IF(B{0}>0,{{}},1)", "SUM(1,{})", "ABS({})", "-{}", "ROUND({},2)"]
)
def test_recurrences_that_are_deep(inner: str, tmp_path: Path) -> None:
    def text(number: int) -> str:
        formula = f"A{number - 1}"
        for _ in range(100):
            formula = (
                inner.format(number - 1).format(formula)
                if "{0}" in inner
                else inner.format(formula)
            )
        return formula

    rows = row(1, [cell("A1", value=1), cell("B1", value=1)]) + "".join(
        row(n, [cell(f"A{n}", text(n)), cell(f"B{n}", value=1)]) for n in range(2, 40)
    )
    outcome = run(write_package(tmp_path, parts_of(rows)))
    assert outcome.refused is None


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("IFS(" + "A1=1," .join(["", *[f"{n}," for n in range(2000)]]) + "TRUE,7)", 7),
        ("SWITCH(A1," + ",".join(f"{n + 5},{n}" for n in range(2000)) + ",7)", 7),
        ("IFS(" + ",".join(f"{{1,0}}={n + 5},{n}" for n in range(1000)) + ",TRUE,7)", 7),
        ("CHOOSE(2," + ",".join(map(str, range(3000))) + ")", 1),
        ("SUM(" + ",".join(["A1"] * 6000) + ")", 12000),
        ("LET(" + "".join(f"v_{n},{n}," for n in range(1500)) + "v_7)", 7),
        ("+".join(["A1"] * 10000), 20000),
        ("&".join(["A1"] * 5000), "2" * 5000),
        ("=".join(["A1"] * 5000), False),
    ],
    ids=range(9),
)  # fmt: skip
def test_formulas_with_thousands_of_arguments(
    formula: str, expected: object, tmp_path: Path
) -> None:
    outcome = calculated(tmp_path, formula)
    assert outcome.values["Data!C1"] == expected


def test_names_that_expand_in_many_cells(tmp_path: Path) -> None:
    names = {f"n_{k}": f"n_{k + 1}+n_{k + 1}" for k in range(14)} | {"n_14": "Data!$A$1+1"}
    cells = [cell("A1", value=1)]
    columns = [f"{a}{b}" for a in "ABCDEFG" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    cells += [cell(f"{column}1", f"n_0+{number}") for number, column in enumerate(columns)]
    outcome = run(write_package(tmp_path, parts_of(row(1, cells), names=names)))
    assert outcome.refused is None
    assert set(outcome.values.values()) - {"#NAME?", "#NUM!"} <= {32768 + n for n in range(600)}


@pytest.mark.parametrize("span", ["S1:S2000!A1", "S1:S2000!A:XFD"])
def test_references_through_thousands_of_sheets(span: str, tmp_path: Path) -> None:
    sheets = tuple(f"S{n}" for n in range(1, 2001))
    cells = row(1, (cell(f"{chr(66 + n)}1", f"SUM({span})") for n in range(12)))
    outcome = run(write_package(tmp_path, parts_of(cells, sheets=sheets)))
    assert outcome.refused is None


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(WRAPROWS(SEQUENCE(9),SEQUENCE(90000)))",
        "SUM(IFERROR(WRAPCOLS(SEQUENCE(300),SEQUENCE(300,300)),0))",
        'SUM(LEN(EXPAND(SEQUENCE(300),299+SEQUENCE(300,300),5,"x")))',
        "SUM(BYROW(SEQUENCE(9000),LAMBDA(n,SUMPRODUCT(ROW(A1:A1000000)))))",
    ],
)
def test_arrays_that_are_made_again_and_again(formula: str, tmp_path: Path) -> None:
    outcome = calculated(tmp_path, formula)
    assert outcome.values["Data!C1"] == "#NUM!"
    # The steps are taken before the time is up.
    assert "the limit steps" in outcome.warnings[0]
