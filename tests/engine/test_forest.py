"""Formulas that all differ, calculated together, against the interpreter."""

import random
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest
from engine.memory_source import SHEET, Cells, MemorySource
from engine.postfix_encoding import can_be_encoded, encoded
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.engine.budget import Budget, OverLimitError
from sheetlab.engine.cell_source import CellSource
from sheetlab.engine.columns import forest as forests
from sheetlab.engine.columns import scattered_windows
from sheetlab.engine.columns.forest import forest
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import Columns
from sheetlab.engine.columns.tables import Tables
from sheetlab.engine.functions.kernels import Reduction
from sheetlab.engine.grid import Grid
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.syntax.parser import parse, sheet_name
from sheetlab.engine.syntax.postfix import postfix
from sheetlab.files.cell_value import CellError
from sheetlab.limits import Limits

OTHER = "Other page"
VALUES = (3.0, 0.25, -1.5, 0.0, 7.0, 12.75, -4.0, 1024.0, 2.0, 1.0)
OTHER_KINDS = ("cat", "Dog", "3", "", True, False, None, None, CellError("#N/A"))
LAST_ROW, COLUMNS = 14, "ABCD"

PHRASES = {
    "cell": ("<letter><row>", "$<letter><row>", "<letter>$<row>", "'Other page'!<letter><row>"),
    "letter": (*COLUMNS, "A", "B"),
    "row": tuple(map(str, range(1, LAST_ROW + 1))),
    "constant": ("1", "2", "0", "0.5", '"cat"', '"3"', '""', "TRUE", "FALSE", "1E300", "10"),
    "window": (
        *("A<row>:B<row>", "A$<row>:A<row>", "<letter><row>:<letter><row>", "A1:$D$14"),
        *("'Other page'!<letter><row>:<letter><row>", "A<row>:D<row>", "B:C", "<row>:<row>"),
    ),
    "argument": ("<cell>", "<number>", "<window>", "<window>"),
    "aggregate": ("SUM", "AVERAGE", "MIN", "MAX", "COUNT", "SUMSQ", "PRODUCT", "SUM"),
    "sign": ("=", "<>", "<", ">", "<=", ">="),
    "number": (
        *("<cell>", "<cell>", "<constant>", "<number>+<number>", "<number>*<number>"),
        *("(<number>-<number>)/<number>", "-<number>", "<number>%", "<number>^2", "+<text>"),
        *("<aggregate>(<argument>)", "<aggregate>(<argument>,<argument>)", "ROUND(<number>,1)"),
        *("<aggregate>(<window>,<argument>,<argument>)", "ABS(<number>)", "MOD(<number>,3)"),
        *("IF(<truth>,<value>,<value>)", "IFERROR(<value>,<value>)", "LEN(<text>)", "--<truth>"),
        *("ROUND(<number>,<cell>)", "ROUND(<number>,)", "N(<value>)", "INT(<number>)", "ROW()"),
        *("ROUND(<number>,<number>)", "IFNA(<value>,<number>)", "COLUMN()+<number>"),
        *("SQRT(<number>)", 'FIND("a",<text>)', "SIGN(<number>)", "<of_ranges>"),
    ),
    "text": (
        *("<cell>", '<value>&"-"&<value>', "LEFT(<text>,2)", "LEFT(<text>)", "UPPER(<text>)"),
        *('TEXT(<number>,"0.00")', 'SUBSTITUTE(<text>,"a","o")', "MID(<text>,2,<number>)"),
        *("IF(<truth>,<text>,<text>)", "T(<value>)", "<constant>"),
    ),
    "truth": (
        *("<value><sign><value>", "<number><sign><number>", "AND(<truth>,<truth>)", "NOT(<truth>)"),
        *("OR(<truth>,<value>)", "XOR(<truth>,<truth>,<truth>)", "ISNUMBER(<value>)", "<cell>"),
        *("ISERROR(<value>)", "ISBLANK(<cell>)", "EXACT(<text>,<text>)", "<text><sign><text>"),
    ),
    "value": ("<number>", "<number>", "<text>", "<truth>", "<cell>", "<choice>"),
    "choice": (
        *("IF(<truth>,<value>,<value>)", "IF(<truth>,<value>)", "IF(<truth>,,<value>)"),
        *("IFS(<truth>,<value>,<truth>,<value>)", "SWITCH(<cell>,<value>,<value>,<value>)"),
        *("SWITCH(<number>,1,<value>,<constant>,<value>)", "IFERROR(<number>/<cell>,<value>)"),
    ),
    "table": ("$A$1:$B$9", "$A$1:$B$9", "A:B", "'Other page'!$A$1:$C$14"),
    "vector": ("$A$1:$A$14", "$A$1:$A$14", "B:B", "'Other page'!$C$2:$C$9"),
    "of_ranges": (
        *(
            "VLOOKUP(<value>,<table>,2,FALSE)",
            "MATCH(<value>,<vector>,0)",
            "INDEX(<table>,<row>,2)",
        ),
        *(
            "COUNTIF(<vector>,<value>)",
            'SUMIF($A$1:$A$14,">"&<number>,$B$1:$B$14)',
            "COUNTA(<table>)",
        ),
        *("MEDIAN(<vector>)", "LARGE(<vector>,<number>)", "COUNTBLANK(<vector>)", "ROWS(<table>)"),
        *(
            "SUMPRODUCT($A$1:$A$14,$B$1:$B$14)",
            "SUM(INDEX(<table>,2,1),<number>)",
            "CONCAT(<table>)",
        ),
        *(
            "STDEV(<vector>)",
            "INDEX($A$1:$A$9,MATCH(<cell>,$A$1:$A$9,0))",
            "IFNA(<lookup>,<value>)",
        ),
        *("SUMIFS($B$1:$B$14,$A$1:$A$14,<cell>)", "OR(ISNA(<lookup>),<truth>)", "AND(<lookup>)"),
    ),
    "lookup": ("VLOOKUP(<cell>,$A$1:$B$9,2,FALSE)", "MATCH(<cell>,$A$1:$A$14,0)"),
    # What is left to the interpreter.
    "untold": (
        *("<window>", "VLOOKUP(<cell>,A<row>:B9,2,FALSE)", "A1:A3*2", "ROW(A5)", "RAND()*0"),
        *("CHOOSE(1,<value>,<value>)", "NONE(<cell>)", "SUM(IF(TRUE,<cell>),1)", "SUM(,1)"),
        *("AND(<window>)", "ROUND(1)", "AVERAGE(<cell>)", "@A1:A9", "Nowhere!A1", "SUM(No!A1:A2)"),
    ),
    "any": (
        *("<number>", "<truth>", "<text>", "<choice>", "<value>") * 3,
        "<untold>",
        "<of_ranges>",
    ),
}
_DEEPENING = {"number", "text", "truth", "value", "choice", "argument", "of_ranges"}
_LEAVES = {"argument": "cell", "truth": "cell"}


def phrase(name: str, dice: random.Random, depth: int = 4) -> str:
    """A random phrase of some name."""
    if name in _DEEPENING:
        if depth == 0:
            return phrase(_LEAVES.get(name, dice.choice(("cell", "constant"))), dice)
        depth -= 1
    chosen: str = dice.choice(PHRASES[name])
    parts = chosen.split("<")
    # "<" is a comparison, too.
    text = parts[0]
    for part in parts[1:]:
        inner, closing, rest = part.partition(">")
        known = closing and inner in PHRASES
        text += phrase(inner, dice, depth) + rest if known else "<" + part
    return text


def random_cells(dice: random.Random) -> Cells:
    cells: Cells = {}
    share = dice.choice((0.0, 0.05, 0.3, 1.0))
    for sheet in (SHEET, OTHER):
        for column in range(1, len(COLUMNS) + 1):
            for row in range(1, LAST_ROW + 1):
                value = dice.choice(OTHER_KINDS if dice.random() < share else VALUES)
                if value is not None:
                    cells[sheet, row, column] = value
    return cells


def columns_of(source: MemorySource) -> Columns:
    grids = {SHEET: Grid(), OTHER: Grid()}
    for (sheet, row, column), value in source.cells.items():
        grids[sheet].write(row, column, value)
    return Columns(grids, cast(CellSource, source), Tables(grids))


def told_and_meant(
    texts: Sequence[str], source: MemorySource, home: tuple[int, int] = (5, 9)
) -> list[tuple[str, Any, Any, bool]]:
    """Each formula, moved down by a row each: its text, its value, what it means, and if told."""
    columns = columns_of(source)
    places = Places(SHEET, home[0] + np.arange(len(texts)), np.full(len(texts), home[1]))
    expressions = [
        parse(text, int(row), home[1]) for text, row in zip(texts, places.rows, strict=True)
    ]
    with source.budget.calculating():
        values, told = forest(columns, encoded(expressions), np.arange(len(texts)), places)
    return [
        (text, value, evaluate(expression, address, source, array=False), known)
        for text, value, expression, address, known in zip(
            texts, values.tolist(), expressions, places.addresses(), told.tolist(), strict=True
        )
    ]


def is_same(one: Any, other: Any) -> bool:
    """Whether values agree: numbers in 12 digits, all else exactly."""
    if type(one) is float and type(other) is float:
        return abs(one - other) <= 1e-12 * max(abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)


@given(st.integers(0, 2**32), st.integers(1, 60))
@settings(deadline=None)
def test_what_is_told_is_what_the_interpreter_says(seed: int, count: int) -> None:
    dice = random.Random(seed)
    texts = [phrase("any", dice) for _ in range(count)]
    texts = [text for text in texts if can_be_encoded(parse(text, 5, 9))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forests, "_FEW_OF_A_RANGE", 1)
        found = told_and_meant(texts, MemorySource(random_cells(dice)))
    wrong = [
        (text, value, meant)
        for text, value, meant, told in found
        if told and not is_same(value, meant)
    ]
    assert not wrong


@given(st.integers(0, 2**32))
@settings(deadline=None)
def test_it_does_not_matter_how_many_are_calculated_at_once(seed: int) -> None:
    dice = random.Random(seed)
    texts = [phrase("any", dice) for _ in range(12)]
    texts = [text for text in texts if can_be_encoded(parse(text, 5, 9))]
    source = MemorySource(random_cells(dice))
    together = told_and_meant(texts, source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forests, "_MOST_NODES", 20)
        patch.setattr(scattered_windows, "_MOST_LINES", 2)
        patch.setattr(scattered_windows, "_MANY_LINES", 1)
        in_parts = told_and_meant(texts, source)
    for (text, value, _, told), (_, other, _, also_told) in zip(together, in_parts, strict=True):
        assert told == also_told, text
        assert not told or is_same(value, other), text


CELLS: Cells = {
    **{(SHEET, row, 1): float(row) for row in range(1, 10)},
    **{(SHEET, row, 2): text for row, text in enumerate(("cat", "Dog", "3", "eel"), 1)},
    (SHEET, 1, 3): True,
    (SHEET, 3, 3): CellError("#N/A"),
    (SHEET, 2, 4): CellError("#NUM!"),
    (OTHER, 1, 1): 7.5,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A1+A2*A3^2-A4/2%", -181.0),
        ("-A1&B1", "-1cat"),
        ('B1="CAT"', True),
        ("'Other page'!A1*2", 15.0),
        ("B3*1+C1", 4.0),
        ("A1/0", CellError("#DIV/0!")),
        ("B1*1", CellError("#VALUE!")),
        ("1E300*1E300", CellError("#NUM!")),
        ("C3+D2", CellError("#N/A")),
        ("E1", None),
        ("IF(A1>0,B1,A2)", "cat"),
        ("IF(A1<0,C3)", False),
        ("IF(B1,1,2)", CellError("#VALUE!")),
        ("IF(C3,1,2)", CellError("#N/A")),
        ("IF(A1,,2)", None),
        ("IFS(A1>1,1,A1>0,B2)", "Dog"),
        ("IFS(A1>1,1)", CellError("#N/A")),
        ('SWITCH(B1,"CAT",A2,0)', 2.0),
        ("IFERROR(A1/0,B1)", "cat"),
        ("IFNA(C3,1)+IFERROR(D2,2)", 3.0),
        ("IFNA(D2,1)", CellError("#NUM!")),
        ("AND(A1>0,NOT(C1),TRUE)", False),
        ("OR(B1,A1>5,C1)", True),
        ('XOR(A1>0,"TRUE")', False),
        ('AND("cat",TRUE)', CellError("#VALUE!")),
        ("ROUND(A1/3,2)+ROUND(A1/3,)", 0.33),
        ("MOD(A9,4)+ABS(-A2)", 3.0),
        ('LEFT(B1)&TEXT(A1,"0.0")&UPPER(B4)', "c1.0EEL"),
        ("ISNUMBER(B1)", False),
        ("ISERROR(C3)", True),
        ("ROW()*COLUMN()", 45.0),
        ("SUM(A1:A9)", 45.0),
        ("SUM(A:A,A1,TRUE,3)", 50.0),
        ("SUM(A1:B9,C1)", 45.0),
        ("SUM($A$1:A$4,A2:A1)", 13.0),
        ("COUNT(A1:D9,B1,C3,1/0,TRUE)", 10.0),
        ("AVERAGE(A1:B2)", 1.5),
        ("MAX(B1:B4)", 0.0),
        ("MIN(A2:A4,A1+5)", 2.0),
        ("PRODUCT(A1:A5)", 120.0),
        ("SUMSQ(A1:A3)", 14.0),
        ("SUM(A1:D3)", CellError("#NUM!")),
        ("SUM(C2:C4,D2)", CellError("#N/A")),
        ("SUM(D2,C2:C4)", CellError("#NUM!")),
        ("IFERROR(SUM(C2:C4),A1)", 1.0),
        ("SUM(A1:J1)", 1.0),
        ("SUM('Other page'!A:A)", 7.5),
    ],
)
def test_what_is_told(text: str, value: Any) -> None:
    ((_, found, meant, told),) = told_and_meant([text], MemorySource(CELLS))
    assert told
    assert is_same(meant, value)
    assert is_same(found, value)


@pytest.mark.parametrize(
    "text",
    [
        *("A1:A9", "SUM(A1:A9*2)", "VLOOKUP(A1,A1:B9,2,FALSE)", "RAND()", "TODAY()", "ROW(A5)"),
        *("CHOOSE(1,A1,A2)", "NONE(A1)", "ROUND(1)", "SUM(,1)", "AND(A1:A9)", "ABS(A1:A9)"),
        *("SUM(IF(TRUE,B1),1)", "AVERAGE(B1:B4)", 'SUM("3",1)', "Nowhere!A1", "SUM(No!A1:A2)"),
        *("SUM(SEQUENCE(3))", "MAX(1,-SEQUENCE(A2)*2)", "AND(SEQUENCE(3)<2)", "SUM(MUNIT(2)%,1)"),
        *('INDIRECT("A1")', "AND(IF(TRUE,B1),TRUE)", "SUM(1E300*A1:A2,1)", "MAX(1,E1:E2*1)"),
    ],
)
def test_what_is_left_to_the_interpreter(text: str) -> None:
    texts = [text, "A1+1", f"IF(FALSE,{text},1)"]
    columns = columns_of(MemorySource(CELLS))
    formulas = encoded([parse(each, 5, 9) for each in texts])
    places = Places(SHEET, np.full(3, 5), np.full(3, 9))
    values, told = forest(columns, formulas, np.arange(3), places)
    assert told.tolist() == [False, True, False]
    assert values[1] == 2.0


def test_functions_of_a_range_are_told_where_many_ask_for_the_same_one() -> None:
    many = [f"VLOOKUP(A{row % 4 + 1},$A$1:$B$4,2,FALSE)&{row}" for row in range(1, 17)]
    few = [f'COUNTIF($A$1:$A$9,">{row}")' for row in range(1, 16)]
    lonely = [f"MEDIAN($A$1:$A${row})" for row in range(2, 10)]
    found = told_and_meant([*many, *few, *lonely], MemorySource(CELLS))
    assert [told for _, _, _, told in found] == [True] * 16 + [False] * 23
    assert [value for _, value, _, _ in found[:4]] == ["Dog1", "32", "eel3", "cat4"]


def test_sums_of_what_may_be_an_array_are_left() -> None:
    texts = [
        "SUM(TRANSPOSE($A$1:$A$9))",
        "SUM(INDEX($A$1:$A$9,0,1)*2)",
        "INDEX($A$1:$A$9,2)+1",
    ]
    found = told_and_meant(texts * 16, MemorySource(CELLS), (5, 9))
    assert [told for _, _, _, told in found] == [False, False, True] * 16


def test_a_range_that_comes_to_one_cell_is_none_for_single_values() -> None:
    found = told_and_meant(
        ["AVERAGEA(A$5:$A5)", *["AND(A$5:A5)"] * 20], MemorySource(CELLS), (5, 1)
    )
    assert not any(told for _, _, _, told in found)


def test_true_is_no_constant_of_1() -> None:
    found = told_and_meant(['SUBSTITUTE(1,"a","o")', 'SUBSTITUTE(TRUE,"a","o")'], MemorySource())
    assert [value for _, value, _, _ in found] == ["1", "TRUE"]


def test_a_cell_beyond_the_sheet_is_an_error() -> None:
    columns = columns_of(MemorySource(CELLS))
    formulas = [parse(text, 9, 9) for text in ("IFERROR(A1,A9)", "A1", "SUM(A1:A2)", "A8")]
    places = Places(SHEET, np.full(4, 2), np.full(4, 9))
    values, told = forest(columns, encoded(formulas), np.arange(4), places)
    assert told.tolist() == [True, True, False, True]
    assert values[[0, 1, 3]].tolist() == [2.0, CellError("#REF!"), 1.0]


@pytest.mark.skipif(compiled.reading is None, reason="nothing was compiled")
def test_formulas_parsed_in_c_are_told_but_for_those_that_are_not() -> None:
    texts = ["=A1*2+SUM(A$1:A3)", "={1,2}", '=IF(C1,B1&"s",-A1%)', "=SUM('Other page'!A1:A2)"]
    formulas = postfix([(5, 9, text) for text in texts])
    assert formulas is not None
    formulas.sheets = [sheet_name(said) or "" for said in formulas.sheets]
    places = Places(SHEET, np.full(4, 5), np.full(4, 9))
    values, told = forest(columns_of(MemorySource(CELLS)), formulas, np.arange(4), places)
    assert told.tolist() == [True, False, True, True]
    assert values[told].tolist() == [8.0, "cats", 7.5]


def test_formulas_are_taken_by_their_numbers() -> None:
    formulas = encoded([parse(text, 5, 9) for text in ("A5+1", "A5*10", "RAND()", "A5&B1")])
    chosen, places = np.array([1, 2, 1, 0]), Places(SHEET, np.array([7, 5, 6, 5]), np.full(4, 9))
    values, told = forest(columns_of(MemorySource(CELLS)), formulas, chosen, places)
    assert told.tolist() == [True, False, True, True]
    assert values[told].tolist() == [70.0, 60.0, 6.0]


def test_of_no_formulas_there_are_no_values() -> None:
    none = np.arange(0)
    columns = columns_of(MemorySource(CELLS))
    values, told = forest(columns, encoded([]), none, Places(SHEET, none, none))
    assert len(values) == len(told) == 0


def test_a_formula_higher_than_all_others_is_left() -> None:
    high = "+1" * 200
    found = told_and_meant([f"A1{high}", *["A1*2"] * 20], MemorySource(CELLS))
    assert [told for _, _, _, told in found] == [False, *[True] * 20]
    found = told_and_meant([f"A$1{high}"] * 20, MemorySource(CELLS))
    assert all(told and value == 201 for _, value, _, told in found)


def of_numbers(numbers: Any, steps: int, elements: int = 2**24) -> MemorySource:
    """A source of a column of numbers with a budget of its own."""
    listed = enumerate(numbers.tolist(), 1)
    source = MemorySource({(SHEET, row, 1): number for row, number in listed})
    source.budget = Budget(Limits(steps=steps, elements=elements, seconds=1e9))
    return source


@pytest.mark.parametrize("name", ["SUM", "MAX", "MIN", "AVERAGE", "SUMSQ", "COUNT"])
def test_thousands_of_large_windows_take_few_steps(name: str) -> None:
    numbers = np.random.default_rng(1).normal(size=3000)
    tops = np.random.default_rng(2).integers(1, 1500, 2000)
    texts = [f"{name}(A${top}:A${top + 1400})*{place}" for place, top in enumerate(tops.tolist())]
    columns = columns_of(of_numbers(numbers, 5000))
    formulas = encoded([parse(text, 1, 2) for text in texts])
    places = Places(SHEET, np.arange(1, 2001), np.full(2000, 2))
    with columns.source.budget.calculating():
        values, told = forest(columns, formulas, np.arange(2000), places)
    assert told.all()
    for place in (0, 1, 77, 1999):
        window = numbers[tops[place] - 1 : tops[place] + 1400]
        wanted = {
            "SUM": window.sum(),
            "MAX": window.max(),
            "MIN": window.min(),
            "AVERAGE": window.mean(),
            "SUMSQ": np.square(window).sum(),
            "COUNT": 1401.0,
        }
        least = 1e-12 * np.abs(window).sum() * place
        assert values[place] == pytest.approx(wanted[name] * place, rel=1e-12, abs=least)


def test_what_goes_beyond_the_budget_is_refused() -> None:
    columns = columns_of(of_numbers(np.ones(3000), 5000))
    formulas = encoded([parse(f"PRODUCT(A$1:A{row + 500})", row, 2) for row in range(1, 2001)])
    places = Places(SHEET, np.arange(1, 2001), np.full(2000, 2))
    with pytest.raises(OverLimitError), columns.source.budget.calculating():
        forest(columns, formulas, np.arange(2000), places)


def test_a_range_that_is_too_large_beside_others_is_left() -> None:
    source = of_numbers(np.ones(3000), 10_000, elements=8000)
    found = told_and_meant(["SUM(A1:A2001)", "SUM(A1:A2000)", "A1"], source, (1, 2))
    assert [told for _, _, _, told in found] == [False, True, True]


@given(st.integers(0, 2**32))
@settings(deadline=None)
def test_segments_come_to_the_same_one_by_one_and_doubled(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.integers(-9, 9, generator.integers(1, 60)).astype(np.float64)
    starts = generator.integers(0, len(values), generator.integers(1, 40))
    lengths = generator.integers(1, len(values) - starts + 1)
    for kernel in (Reduction(np.add), Reduction(np.maximum, identity=-np.inf)):
        wanted = [
            kernel.combine.reduce(values[start : start + length])
            for start, length in zip(starts, lengths, strict=True)
        ]
        for way in (scattered_windows._one_by_one, scattered_windows._doubled):
            assert way(kernel, values, starts, lengths).tolist() == wanted
