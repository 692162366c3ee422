"""Formulas read through their wording, which must not differ from each read by itself."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reading.formulas import Formula, FormulaReader
from sheetlab.engine.reading.resolving import Resolver, areas, is_dynamic, is_volatile, parts_read
from sheetlab.engine.reading.workbook import Table, Workbook
from sheetlab.engine.syntax.filling import filling
from sheetlab.engine.syntax.parser import FormulaError, parse, tokens
from sheetlab.engine.syntax.wording import words

FORMS = [
    "{a}*{n}+{b}",
    "SUM({a}:{b},{n})-{c}%",
    "-{a}^{n}+(+{b})",
    'IF({a}>={n},"{s}"&{b},{c}<>"{s}")',
    "SUMIF({a}:{b},{n},{c})",
    "SUMIF({a}:{b},{n},{a}:{b})",
    "OFFSET({a},1,{n})",
    "({a}:{b} {c}:{a})",
    "SUM(({a},{b}))",
    "{a}:INDEX({b}:{c},{n})",
    "Other!{a}+'My sheet'!{b}:{c}",
    "First:Other!{a}",
    "Nowhere!{a}",
    "rate*{a}+twice({b})",
    "beside+{a}",
    "Sales+{a}",
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


SHEETS = ("First", "Other", "My sheet")
SALES = Table("Sales", CellRange("First", 1, 1, 20, 3), ("day", "amount", "tax"), 1, 0)
WORKBOOK = Workbook(
    Path("book.xlsx"),
    dict.fromkeys(SHEETS, ""),
    {
        (None, "rate"): ("rate", "Other!$B$2"),
        (None, "beside"): ("beside", "Other!B2"),
        (None, "twice"): ("twice", "LAMBDA(x,x+Other!$C$3)"),
    },
    {"sales": SALES},
)


def read_by(reader: FormulaReader, text: str, place: CellRange) -> Formula | str:
    try:
        return reader.read(text, place)
    except FormulaError as error:
        return str(error)


def read_by_itself(text: str, place: CellRange) -> Formula | str:
    resolver = Resolver(WORKBOOK)
    rows = range(place.top, place.bottom + 1)
    try:
        parsed = parse(text, place.top, place.left)
        expression = resolver.resolve(parsed, place.sheet, place.top, place.left, rows)
    except FormulaError as error:
        return str(error)
    parts = parts_read(expression, lambda name: resolver.named_lambda(name, place.sheet))
    return Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))


@settings(deadline=None, max_examples=300)
@given(st.lists(formulas(), min_size=1, max_size=12), st.sampled_from(SHEETS), st.data())
def test_each_reads_as_by_itself(texts: list[str], sheet: str, data: st.DataObject) -> None:
    reader = FormulaReader(Resolver(WORKBOOK))
    # Alike ones follow each other, so that wordings are met for a first and a later time.
    for text in [each for each in texts for _ in range(2)] + texts:
        row, column = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 9))
        place = CellRange(sheet, row, column, row + data.draw(st.integers(0, 2)), column)
        found, expected = read_by(reader, text, place), read_by_itself(text, place)
        if isinstance(found, str) or isinstance(expected, str):
            assert found == expected
            continue
        assert found.expression == expected.expression
        assert set(found.reads) == set(expected.reads)
        assert len(found.reads) == len(set(found.reads))
        assert found.dynamic == expected.dynamic


@settings(deadline=None)
@given(formulas())
def test_words_are_the_text(text: str) -> None:
    said = words(text[1:])
    if said is None:
        assert tokens(text) is None
        return
    assert [token for word in said for token in word.tokens] == tokens(text)
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
        assert (said is None) == (tokens("=" + text) is None)
