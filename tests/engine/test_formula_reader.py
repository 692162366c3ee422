"""Formulas read after others, which must not differ from each read by itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import write
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.engine import load
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.formula import Formula
from sheetlab.engine.reading.formulas import FormulaReader
from sheetlab.engine.reading.resolving import Resolver, areas, is_dynamic, is_volatile, parts_read
from sheetlab.engine.reading.workbook import Table, Workbook
from sheetlab.engine.syntax.expression import Chain, Expression, Literal, Name
from sheetlab.engine.syntax.filling import filling
from sheetlab.engine.syntax.parser import FormulaError, parse, tokens
from sheetlab.engine.syntax.wording import words
from sheetlab.files.address import letters_of
from sheetlab.files.cell_value import CellError

FORMS = [
    "{a}*{n}+{b}",
    "SUM({a}:{b},{n})-{c}%",
    "-{a}^{n}+(+{b})",
    'IF({a}>={n},"{s}"&{b},{c}<>"{s}")',
    "SUMIF({a}:{b},{n},{c})",
    "SUMIF({a}:{b},{n},{a}:{b})",
    "OFFSET({a},1,{n})",
    "NOW()+{n}*MAX({a},{b})",
    "({a}:{b} {c}:{a})",
    "SUM(({a},{b}))",
    "{a}:INDEX({b}:{c},{n})",
    "Other!{a}+'My sheet'!{b}:{c}",
    "First:Other!{a}",
    "Nowhere!{a}",
    "rate*{a}+twice({b})",
    "beside+{a}",
    "Sales+{a}",
    "mine*{n}",
    "ROW({a})+ROWS({a}:{b})",
    "LET(x,{a},x*{n}+{b})",
    "LAMBDA(x,x+{n})({a})",
    '{{1,-{n};{n},"{s}"}}*{a}',
    "{n}E+2+{a}",
    "LOG10({a})+A1048577+ZZZ1",
    "#REF!+{a}+#N/A",
    "@{a}+{b}#",
    "Sales[@amount]*{a}",
    " {a} \n * {n} ",
    "{a} {n}",
    "{a}+",
    "~{a}",
    "TRUE+{a}",
    "$5:{n}",
]


@st.composite
def cells(draw: st.DrawFn) -> str:
    column = draw(st.sampled_from(["A", "b", "C", "AB", "XFD", "XFE"]))
    row = draw(st.sampled_from([1, 2, 17, 1_048_576]))
    return draw(st.sampled_from(["", "$"])) + column + draw(st.sampled_from(["", "$"])) + str(row)


@st.composite
def formulas(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(FORMS))
    said = {name: draw(cells()) for name in "abc"}
    number = draw(st.sampled_from(["1", "2.5", ".5", "7", "1e300", "9" * 400]))
    text = draw(st.sampled_from(["", "A1", 'say ""x""', "=(", "'"]))
    return "=" + form.format(**said, n=number, s=text)


@st.composite
def places(draw: st.DrawFn) -> CellRange:
    row, column = draw(st.integers(1, 30)), draw(st.integers(1, 9))
    sheet = draw(st.sampled_from(SHEETS))
    return CellRange(sheet, row, column, row + draw(st.integers(0, 2)), column)


SHEETS = ("First", "Other", "My sheet")
SALES = Table("Sales", CellRange("First", 1, 1, 20, 3), ("day", "amount", "tax"), 1, 0)
WORKBOOK = Workbook(
    Path("book.xlsx"),
    dict.fromkeys(SHEETS, ""),
    {
        (None, "rate"): ("rate", "Other!$B$2"),
        (None, "beside"): ("beside", "Other!B2"),
        (None, "mine"): ("mine", "Sales[@amount]"),
        # A name that Excel's own function goes before, and whose cells count all the same.
        (None, "max"): ("max", "LAMBDA(x,x+Other!$D$4)"),
        (None, "twice"): ("twice", "LAMBDA(x,x+Other!$C$3)"),
    },
    {"sales": SALES},
)


def read_by_itself(text: str, place: CellRange) -> Formula:
    resolver = Resolver(WORKBOOK)
    rows = range(place.top, place.bottom + 1)
    try:
        parsed = parse(text, place.top, place.left)
        expression = resolver.resolve(parsed, place.sheet, place.top, place.left, rows)
    except FormulaError as error:
        return Formula(Literal(CellError("#NAME?")), flaw=error.why)
    parts = parts_read(expression, lambda name: resolver.named_lambda(name, place.sheet))
    return Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))


def check(found: Formula, text: str, place: CellRange) -> None:
    expected = read_by_itself(text, place)
    assert str(found.flaw) == str(expected.flaw)
    # An area may name its own sheet or none, and is named when it is resolved.
    rows = range(place.top, place.bottom + 1)
    named = Resolver(WORKBOOK).resolve(found.expression, place.sheet, place.top, place.left, rows)
    assert named == expected.expression
    assert {replace(area, sheet=area.sheet or place.sheet) for area in found.reads} == set(
        expected.reads
    )
    assert len(found.reads) == len(set(found.reads))
    assert found.dynamic == expected.dynamic
    assert found.volatile == expected.volatile


@settings(deadline=None, max_examples=300)
@given(st.lists(formulas(), min_size=1, max_size=12), st.sampled_from(SHEETS), st.data())
def test_each_reads_as_by_itself(texts: list[str], sheet: str, data: st.DataObject) -> None:
    reader = FormulaReader(Resolver(WORKBOOK))
    # Alike ones follow each other, so that pieces are met for a first and a later time.
    for text in [each for each in texts for _ in range(2)] + texts:
        place = data.draw(places())._replace(sheet=sheet)
        check(reader.read(text, place), text, place)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(formulas(), places()), max_size=20))
def test_all_read_as_each_by_itself(given_formulas: list[tuple[str, CellRange]]) -> None:
    found = FormulaReader(Resolver(WORKBOOK)).read_all(given_formulas)
    for formula, (text, place) in zip(found, given_formulas, strict=True):
        check(formula, text, place)


def test_without_a_compiler_all_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    place = CellRange("First", 2, 3, 4, 3)
    monkeypatch.setattr("sheetlab.compiled.reading", None)
    for text in ("=A1*2", "=A1+", "=SUMIF(A1:A3,1,B1)"):
        (found,) = FormulaReader(Resolver(WORKBOOK)).read_all([(text, place)])
        assert found.postfix is None
        check(found, text, place)


@settings(deadline=None)
@given(formulas())
def test_words_are_the_text(text: str) -> None:
    said = words(text[1:])
    assert (said is None) == (tokens(text[1:]) is None)
    assert filling(text, 7, 5).at(7, 5).upper() == text.upper()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=$A1+A$1+$A$1+B2", "=$A3+C$1+$A$1+D4"),
        ("=SUM($5:$9,5:9,A:A,$A:$A)", "=SUM($5:$9,7:11,C:C,$A:$A)"),
        ("=LOG10(A1)&\"A1\"&'A1'!A1", "=LOG10(C3)&\"A1\"&'A1'!C3"),
        ("=A1048576+XFD1", "=#REF!3+#REF!3"),
        ("=1E+5+A1:INDEX(A1,1)", "=1E+5+C3:INDEX(C3,1)"),
        ("=~A1", "=~A1"),
    ],
)
def test_a_text_filled_two_down_and_two_right(text: str, expected: str) -> None:
    assert filling(text, 1, 1).at(3, 3) == expected.replace("#REF!3+", "C#REF!+", 1)


def test_rows_with_a_mark_stay() -> None:
    marked = parse("=SUM($5:$9)", 2, 1)
    assert marked == parse("=SUM($5:$9)", 7, 4)
    assert parse("=SUM(5:9)", 2, 1) == parse("=SUM(10:14)", 7, 4) != marked


@pytest.mark.parametrize(
    "part", ['"', "'", "1", "(", "[", "$", "A", "A1:", "#", ".5E", "'a'", " ", "A1+"]
)
def test_long_texts_are_told_apart_soon(part: str) -> None:
    for text in (part * (32_000 // len(part)), part * (32_000 // len(part)) + "x~"):
        said = words(text)
        assert (said is None) == (tokens(text) is None)


def test_what_says_the_same_is_one_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FormulaReader(Resolver(WORKBOOK))

    def read(text: str, row: int) -> Expression:
        return reader.read(text, CellRange("First", row, 3, row, 3)).expression

    first = read("=A1+Other!$B2*SUM(1,a1)", 1)
    assert read("=A5+OTHER!$B6*SUM(1,A5)", 5) is first
    assert read("=A6+Other!$B6*SUM(1,A5)", 5) != first
    monkeypatch.setattr("sheetlab.engine.reading.formulas._MOST_FORMULAS", 1)
    assert read("=A7+Other!$B8*SUM(1,A7)", 7) == first
    assert read("=A8+Other!$B9*SUM(1,A8)", 8) == first


@pytest.mark.parametrize("text", ["\u212a1", "A\u0661", "$B\uff11:C2"])
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    place = CellRange("First", 1, 1, 1, 1)
    (found,) = FormulaReader(Resolver(WORKBOOK)).read_all([(f"={text}+1", place)])
    if found.flaw is None:
        assert found.expression == Chain(Name(text), (("+", Literal(1.0)),))
    else:
        assert str(found.flaw) == "a part of it is not understood"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it ends too early"),
        ("1+", "it ends too early"),
        ("SUM(1,", "it ends too early"),
        ("Other!", "it ends too early"),
        ("1 2", "'2' stands in it"),
        ('"a"SUM(1)', "'SUM' stands in it"),
        ("A1 ,B1", "',' stands in it"),
        ("(1", "it ends too early"),
        ("1)", "')' stands in it"),
        ("-*1", "'*' stands in it"),
        ("A1'My sheet'!B2", "''My sheet'!' stands in it"),
        ("Other! A1", "' ' stands in it"),
        ("Other!1", "'1' stands in it"),
        ("Other!Other!A1", "'Other!' stands in it"),
        ("Other!XFE1[$[1]X!A1", "'[$[1]X!' stands in it"),
        ("SUM(A1:B2 (C3) 5)", "'5' stands in it"),
        ("A1:XFE2", "A1:XFE2 lies outside of a sheet"),
    ],
)
def test_what_is_told_of_a_text_that_is_no_formula(text: str, why: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse("=" + text, 1, 1)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("begin", "inner", "end", "most"),
    [
        ("(", "1", ")", 127),
        ("-", "1", "", 127),
        ("", "1", "%", 127),
        ("F(", "1", ")", 127),
        ("F(", "", ")", 128),
        ("F(", ",", ")", 128),
        ("1+(", "1", ")", 63),
        ("", "A1", ":rate", 127),
        ("(", "A1,B1", ")", 126),
    ],
)
def test_how_deep_a_formula_may_be(begin: str, inner: str, end: str, most: int) -> None:
    parse(begin * most + inner + end * most, 1, 1)
    with pytest.raises(FormulaError, match="deep"):
        parse(begin * (most + 1) + inner + end * (most + 1), 1, 1)


def test_sheets_that_are_alike_share_their_formulas(tmp_path: Path) -> None:
    cells = {"A1": 2, "B1": "=A1*3+Other!$A$1", "B2": "=SUM(A$1:A2)", "C1": "=rate", "C2": "=rate"}
    others = {"A1": 5, "A2": 1, **{ref: cells[ref] for ref in ("B1", "B2", "C1", "C2")}}
    path = write(
        tmp_path / "book.xlsx",
        {"One": cells, "Two": others, "Other": {"A1": 7}},
        {"rate": "Other!$A$1"},
    )
    book = load(path)
    formulas = {block.home: block.formula for block in book._calculation.model.blocks}
    if compiled.reading is not None:
        assert formulas["One", 1, 2] is formulas["Two", 1, 2]
        assert formulas["One", 2, 2] is formulas["Two", 2, 2]
    assert formulas["One", 1, 3] is not formulas["Two", 1, 3]
    assert [book[f"One!{ref}"] for ref in ("B1", "B2", "C1")] == [13.0, 2.0, 7.0]
    assert [book[f"Two!{ref}"] for ref in ("B1", "B2", "C1")] == [22.0, 6.0, 7.0]
    book.set({"Two!A2": 10})
    assert [book["One!B2"], book["Two!B2"]] == [2.0, 15.0]


def test_many_small_blocks_on_sheets_that_are_alike(tmp_path: Path) -> None:
    # So many single cells are calculated together, those of each sheet by themselves.
    places = [(row, column) for row in range(2, 42, 2) for column in (3, 5, 7)]
    sheets = {}
    for number, sheet in enumerate(("One", "Two", "Three"), 1):
        cells: dict[str, Any] = {"A1": number}
        for row, column in places:
            above, ref = (f"{letters_of(column)}{line}" for line in (row - 1, row))
            cells[above] = row * column * number
            cells[ref] = f"={above}+$A$1"
        sheets[sheet] = cells
    book = load(write(tmp_path / "book.xlsx", sheets))
    book._calculation.require_all()
    for number, sheet in enumerate(sheets, 1):
        for row, column in places:
            cell = f"{sheet}!{letters_of(column)}{row}"
            assert book[cell] == row * column * number + number
    assert set(book._calculation.lanes.values()) == {"batch"}
