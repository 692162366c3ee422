from typing import Any

import pytest
from engine.functions.excel import DIV, NA, VALUE, assert_gives
from hypothesis import example, given
from hypothesis import strategies as st

from sheetlab.engine.functions.criteria import Texts, pattern_of

CELLS = [1, 2, 3, "3", "apple", "Apricot", "", None, True, NA]
FRUIT = ["apples", "oranges", "peaches", "apples"]
SOLD = [32, 54, 75, 86]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("COUNTIF", (CELLS, 3), 2),
    ("COUNTIF", (CELLS, "3"), 2),
    ("COUNTIF", (CELLS, "=3"), 2),
    ("COUNTIF", (CELLS, ">=2"), 2),
    ("COUNTIF", (CELLS, "<2"), 1),
    ("COUNTIF", (CELLS, "<>2"), 9),
    ("COUNTIF", (CELLS, "APPLE"), 1),
    ("COUNTIF", (CELLS, "ap*"), 2),
    ("COUNTIF", (CELLS, "ap?le"), 1),
    ("COUNTIF", (CELLS, "<>ap*"), 8),
    ("COUNTIF", (CELLS, "*"), 4),
    ("COUNTIF", (CELLS, ""), 2),
    ("COUNTIF", (CELLS, "="), 1),
    ("COUNTIF", (CELLS, "<>"), 9),
    ("COUNTIF", (CELLS, ">apple"), 1),
    ("COUNTIF", (CELLS, ">"), 0),
    ("COUNTIF", (CELLS, True), 1),
    ("COUNTIF", (CELLS, "TRUE"), 1),
    ("COUNTIF", (CELLS, "#N/A"), 1),
    ("COUNTIF", (CELLS, NA), 1),
    ("COUNTIF", (CELLS, None), 0),
    ("COUNTIF", ([0, 1, None], None), 1),
    ("COUNTIF", (["a*", "ab", "a~"], "a~*"), 1),
    ("COUNTIF", ([1, 2, 3], "cat"), 0),
    ("COUNTIF", ([1, 2, 3], "<>cat"), 3),
    ("COUNTIF", ([1, 2, 3], "<>2"), 2),
    # A number in a text has 15 digits.
    ("COUNTIF", ([1 / 3, 2 / 3, 0.1 + 0.2], "<=0.333333333333333"), 2),
    ("COUNTIF", ([1 / 3, 2 / 3, 0.1 + 0.2], ">=0.666666666666667"), 1),
    ("COUNTIF", ([1 / 3, 2 / 3, 0.1 + 0.2], "=0.3"), 1),
    ("COUNTIF", ([1 / 3, 2 / 3, "x"], "<0.333333333333333"), 0),
    ("COUNTIF", ([1 / 3, 2 / 3, "x"], "<>0.333333333333333"), 2),
    ("SUMIFS", ([1, 2, 3], [1 / 3, 2 / 3, 0.1 + 0.2], ">0.3"), 3),
    ("SUMIFS", ([1, 2, 3], [1 / 3, 2 / 3, None], "<=0.666666666666667"), 3),
    ("COUNTIFS", (FRUIT, "apples", SOLD, ">55"), 1),
    ("COUNTIFS", (FRUIT, "apples", [1, 2], ">55"), VALUE),
    ("SUMIF", (FRUIT, "apples", SOLD), 118),
    ("SUMIF", (SOLD, ">54"), 161),
    ("SUMIF", (CELLS, "<3"), 3),
    ("SUMIF", (FRUIT, "apples", [1, 2]), 1),
    ("SUMIF", (["a", "b"], "a", [1, NA]), 1),
    ("SUMIF", (["a", "b"], "b", [1, NA]), NA),
    ("SUMIFS", (SOLD, FRUIT, "apples", SOLD, ">50"), 86),
    ("SUMIFS", (SOLD, [1], 1), VALUE),
    ("AVERAGEIF", (FRUIT, "apples", SOLD), 59),
    ("AVERAGEIF", (FRUIT, "pears", SOLD), DIV),
    ("AVERAGEIFS", (SOLD, SOLD, ">50", SOLD, "<80"), 64.5),
    ("MAXIFS", (SOLD, FRUIT, "apples"), 86),
    ("MINIFS", (SOLD, FRUIT, "apples"), 32),
    ("MAXIFS", (SOLD, FRUIT, "pears"), 0),
    ("COUNTIFS", (FRUIT, "apples", None, ">55"), VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


# Among them signs that are one with others where case is ignored, of which some are longer in
# small letters, and those that mean others.
FOLDED = "\u017f\u212a\u0130\u0131\u00df\u1e9e\u00e4\u00c4\u03c3\u03c2"
SIGNS = st.sampled_from([*"aAbsSkKiI", *FOLDED, *"\uac00\n. *?~()"])


@given(st.lists(st.text(SIGNS, max_size=6), max_size=8), st.text(SIGNS, max_size=5))
@example(["sa", "Sa"], "s~*")
@example(["b a", "ab"], "*B*")
@example(["\u0130a", "ba"], "*a*")
@example(["\u017f", "s"], "*s")
@example(["\u212a"], "k?")
@example(["aab", "b"], "*b")
def test_what_wildcards_mean_among_many_texts(texts: list[str], wanted: str) -> None:
    expected = [pattern_of(wanted).fullmatch(text) is not None for text in texts]
    assert Texts(texts).meant_by(wanted).tolist() == expected
