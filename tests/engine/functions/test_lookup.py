from typing import Any

import numpy as np
import pytest
from engine.functions.excel import DIV, NA, REF, VALUE, assert_gives, excel
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.engine.columns.tables import Vector
from sheetlab.engine.functions.lookup import nearest_position, position_by_halving

MIXED = ["b", 2, None, DIV, "B", True, 5]
TABLE = [[1, "one", 1.5], [2, "two", None], [4, "four", 4.5]]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("ADDRESS", (2, 3), "$C$2"),
    ("ADDRESS", (2, 3, 2), "C$2"),
    ("ADDRESS", (2, 3, 3), "$C2"),
    ("ADDRESS", (2, 3, 4), "C2"),
    ("ADDRESS", (2, 3, 2, False), "R2C[3]"),
    ("ADDRESS", (2, 3, 4, False), "R[2]C[3]"),
    ("ADDRESS", (2, 3, 1, False, "[Book1]Sheet1"), "'[Book1]Sheet1'!R2C3"),
    ("ADDRESS", (2, 3, 1, False, "EXCEL SHEET"), "'EXCEL SHEET'!R2C3"),
    ("ADDRESS", (2, 3, 1, True, "Data"), "Data!$C$2"),
    ("ADDRESS", (2, 3, 1, True, ""), "!$C$2"),
    ("ADDRESS", (0, 3), VALUE),
    ("ADDRESS", (2, 16_385), VALUE),
    ("ADDRESS", (2, 3, 5), VALUE),
    ("MATCH", (2, [1, 2, 2, 4], 0), 2),
    ("XLOOKUP", ("a*", ["xa", "abc"], [1, 2], None, 2), 2),
    ("XLOOKUP", ("a*", ["xa", "abc"], [1, 2]), NA),
    ("XLOOKUP", ("A~*", ["ab", "a*"], [1, 2], None, 2), 2),
    ("XLOOKUP", ("?b*", ["aab", "abc", "xby"], [1, 2, 3], None, 2, -1), 3),
    ("XLOOKUP", ("a*", ["abc", "abd"], [1, 2], None, 2, 2), VALUE),
    ("XLOOKUP", (3, [1, 2, 3, 4], [10, 20, 30, 40], None, 0, 2), 30),
    ("XLOOKUP", (3, [4, 3, 2, 1], [10, 20, 30, 40], None, 0, -2), 20),
    ("XLOOKUP", (2.5, [1, 2, 3, 4], [10, 20, 30, 40], None, -1, 2), 20),
    ("XLOOKUP", (2.5, [1, 2, 3, 4], [10, 20, 30, 40], None, 1, 2), 30),
    ("XLOOKUP", (2.5, [4, 3, 2, 1], [10, 20, 30, 40], None, -1, -2), 30),
    ("XLOOKUP", (9, [1, 2], [1, 2], None, 0, 2), NA),
    ("XLOOKUP", (9, [1, 2], [1, 2], "none", 0, 3), VALUE),
    ("XMATCH", ("gr?pe", ["Apple", "Grape"], 2), 2),
    ("XMATCH", (4, [5, 3, 1], -1, -2), 2),
    ("MATCH", (2, [1, 2, 2, 4]), 3),
    ("MATCH", (3, [1, 2, 2, 4], 1), 3),
    ("MATCH", (3, [1, 2, 2, 4], None), NA),
    ("MATCH", (0, [1, 2], 1), NA),
    # Without order, what halving comes upon.
    ("MATCH", (3, [1, 9, 2, 8]), 1),
    ("MATCH", (5, [9, 4, 7, 5, 8, 1]), NA),
    ("MATCH", (2, [3, 2, 1, 0]), 4),
    ("MATCH", (3, [1, "a", "b", 9, 2, "c"]), 1),
    ("LOOKUP", (1e307, [3, "x", 1, 2, "y", None]), 2),
    ("LOOKUP", (3, [1, 9, 2, 8], ["a", "b", "c", "d"]), "a"),
    ("LOOKUP", ("b", ["a", "z", "b", "y"]), "a"),
    ("MATCH", (3, [5, 4, 2], -1), 2),
    ("MATCH", (6, [5, 4, 2], -1), NA),
    # As Excel gave them to those who wrote the tests of Apache POI.
    ("MATCH", (10, [25, 10, 10, 10, 4], -1), 2),
    ("MATCH", (9, [25, 10, 10, 10, 4], -1), 4),
    ("MATCH", (20, [25, 10, 10, 10, 4], -1), 1),
    ("MATCH", (26, [25, 10, 10, 10, 4], -1), NA),
    ("MATCH", (0, [3, 2, 2], -1), 3),
    ("MATCH", ("", ["b", 1, "z", "a", None], -1), 4),
    ("MATCH", (5, [9, 4, 7, 5, 8, 1], -1), 5),
    ("MATCH", (5, [4, 9, 5, 2, 7], -1), NA),
    ("MATCH", (5, [6, 9, 5, 2, 7], -1), 3),
    ("MATCH", (5, [9, 2, 1], -1), 1),
    ("MATCH", (5, [2, 9, 1, 7], -1), 2),
    ("MATCH", (True, [1, True, "a", False], -1), 2),
    ("MATCH", ("B", MIXED, 0), 1),
    ("MATCH", (5, MIXED, 0), 7),
    ("MATCH", (True, MIXED, 0), 6),
    ("MATCH", (1, MIXED, 0), NA),
    ("MATCH", (None, [None, 0], 0), 2),
    ("MATCH", ("?ra*", ["apple", "grape"], 0), 2),
    ("MATCH", ("a~*", ["ab", "A*"], 0), 2),
    ("MATCH", (1e307, MIXED), 7),
    ("MATCH", (NA, [1, 2], 0), NA),
    ("MATCH", (1, [[1, 2], [3, 4]], 0), NA),
    ("MATCH", (2, [[1, 2]], 0), 2),
    ("VLOOKUP", (2, TABLE, 2, False), "two"),
    ("VLOOKUP", (3, TABLE, 2), "two"),
    ("VLOOKUP", (3, TABLE, 2, False), NA),
    ("VLOOKUP", (3, TABLE, 2, None), NA),
    ("VLOOKUP", (2, TABLE, 4, False), REF),
    ("VLOOKUP", (2, TABLE, 0, False), VALUE),
    ("VLOOKUP", (0.5, TABLE, 2), NA),
    ("VLOOKUP", (2, TABLE, 3, False), None),
    ("HLOOKUP", ("b", [["A", "B"], [1, 2]], 2, False), 2),
    ("LOOKUP", (4.19, [4.14, 4.19, 5.17], ["red", "orange", "blue"]), "orange"),
    ("LOOKUP", (7, [4.14, 4.19, 5.17], ["red", "orange", "blue"]), "blue"),
    ("LOOKUP", (0, [4.14, 4.19], ["red", "orange"]), NA),
    ("LOOKUP", (2, [DIV, 1, DIV, 1, DIV], [1, 2, 3, 4, 5]), 4),
    ("LOOKUP", ("c", [["a", "b", "c"], [1, 2, 3]]), 3),
    ("XMATCH", (2, [1, 2, 2, 4]), 2),
    ("XMATCH", (2, [1, 2, 2, 4], 0, -1), 3),
    ("XMATCH", (3, [4, 1, 2], -1), 3),
    ("XMATCH", (3, [4, 1, 2], 1), 1),
    ("XMATCH", ("a*", ["apple", "a*"]), 2),
    ("XMATCH", ("a*", ["apple", "a*"], 2), 1),
    ("XMATCH", (2, [1, 3], 3), VALUE),
    # A linear search, and by halving, which finds of equal ones what MATCH finds.
    ("XMATCH", (0, [3, 2, 2], 1), 2),
    ("XMATCH", (0, [3, 2, 2], 1, -2), 3),
    ("XMATCH", (2, [1, 2, 2, 4], 0, 2), 3),
    ("XMATCH", (2, [4, 2, 2, 1], 0, -2), 2),
    ("XMATCH", (3, [1, 2, 2, 4, 4], 1, 2), 4),
    ("XMATCH", (3, [4, 4, 2, 2, 1], -1, -2), 3),
    ("XMATCH", (5, [9, 4, 7, 5, 8, 1], 0, 2), NA),
    ("XMATCH", (5, [9, 4, 7, 5, 8, 1], 0), 4),
    ("XMATCH", (5, [9, 4, 7, 5, 8, 1], -1, 2), NA),
    ("XMATCH", (5, [9, 4, 7, 5, 8, 1], 1, 2), 1),
    ("XMATCH", ("b", ["A", "B", 5, "C"], 0, 2), 2),
    ("XMATCH", (None, [3, None], 0, 2), 2),
    ("XLOOKUP", (2, [1, 2, 3], ["a", "b", "c"]), "b"),
    ("XLOOKUP", (9, [1, 2, 3], ["a", "b", "c"]), NA),
    ("XLOOKUP", (9, [1, 2, 3], ["a", "b", "c"], "none"), "none"),
    ("XLOOKUP", (2.5, [1, 2, 3], ["a", "b", "c"], "none", -1), "b"),
    ("XLOOKUP", (2.5, [1, 2, 3], ["a", "b", "c"], "none", 1), "c"),
    ("XLOOKUP", (2, [1, 2], [[1, 2], [3, 4]]), [[3, 4]]),
    ("XLOOKUP", (2, [[1, 2]], [[1, 2], [3, 4]]), [[2], [4]]),
    ("XLOOKUP", (2, [1, 2], [1, 2, 3]), VALUE),
    ("XLOOKUP", (1, [1, 2], ["a", NA]), "a"),
    ("XLOOKUP", (None, [1, None], ["a", "b"]), "b"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@pytest.mark.parametrize("value", [0.5, 1.0, 7.3, 99.0, 100.5])
def test_numbers_are_found_alike_among_numbers_and_among_others(value: float) -> None:
    numbers: list[Any] = [float(number) for number in range(1, 100)]
    for order in (-1, 0, 1):
        column = numbers[::-1] if order < 0 else numbers
        assert excel("MATCH", value, column, order) == excel(
            "MATCH", value, [*column, "cat"], order
        )


figures = st.integers(0, 4).map(float)


@given(
    vector=st.lists(figures, max_size=9),
    wanted=st.lists(figures, min_size=1, max_size=4),
    matching=st.sampled_from((-1, 0, 1)),
    descending=st.booleans(),
)
@settings(deadline=None)
def test_halving_of_many_numbers_takes_the_steps_of_one(
    vector: list[float], wanted: list[float], matching: int, descending: bool
) -> None:
    numbers = np.array(vector, np.float64)
    at_once = Vector(numbers).halving(np.array(wanted), matching, descending=descending)
    each = [position_by_halving(n, numbers, matching, descending=descending) for n in wanted]
    assert [None if place < 0 else place for place in at_once.tolist()] == each
    if sorted(vector, reverse=descending) == vector:
        # In order, the search is the linear one, but for which of equal ones it finds.
        for number, place in zip(wanted, each, strict=True):
            found = nearest_position(number, numbers, matching > 0, not descending)
            if matching == 0 and number not in vector:
                found = None
            assert (place is None) == (found is None)
            assert place is None or found is None or vector[place] == vector[found]
