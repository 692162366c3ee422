from typing import Any

import pytest
from engine.functions.excel import DIV, NA, VALUE, assert_gives

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
