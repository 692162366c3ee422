from typing import Any

import pytest
from engine.functions.excel import CALC, DIV, NA, NUM, VALUE, assert_gives

GRID = [[1, 2, 3], [4, 5, 6]]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("SEQUENCE", (2, 3), GRID),
    ("SEQUENCE", (3, None, 10, -5), [10, 5, 0]),
    ("SEQUENCE", (None, 2), [[1, 2]]),
    ("SEQUENCE", (0,), CALC),
    ("SEQUENCE", (-1,), VALUE),
    ("SEQUENCE", (1e6, 1e4), NUM),
    ("SORT", ([3, 1, 2],), [1, 2, 3]),
    ("SORT", ([3, 1, 2], 1, -1), [3, 2, 1]),
    ("SORT", ([None, True, "b", "A", 2, DIV],), [2, "A", "b", True, DIV, None]),
    ("SORT", ([None, True, "b", "A", 2], 1, -1), [True, "b", "A", 2, None]),
    ("SORT", ([[2, 1], [1, 1], [3, 0]], [[2, 1]], [[1, -1]]), [[3, 0], [2, 1], [1, 1]]),
    ("SORT", ([["b", 1], ["a", 1]], 2), [["b", 1], ["a", 1]]),
    ("SORT", ([[3, 1, 2]], 1, 1, True), [[1, 2, 3]]),
    ("SORT", ([1, 2], 2), VALUE),
    ("SORT", ([1, 2], 1, 0), VALUE),
    ("SORTBY", (["a", "b", "c"], [3, 1, 2]), ["b", "c", "a"]),
    ("SORTBY", (["a", "b", "c"], [1, 1, 2], -1, [1, 2, 3], -1), ["c", "b", "a"]),
    ("SORTBY", (["a", "b"], [1, 2, 3]), VALUE),
    ("UNIQUE", (["a", "A", 1, True, "a", None],), ["a", 1, True, None]),
    ("UNIQUE", ([[1, 2], [1, 2], [2, 1]],), [[1, 2], [2, 1]]),
    ("UNIQUE", ([[1, 1, 2]], True), [[1, 2]]),
    ("UNIQUE", ([1, 1, 2], False, True), [2]),
    ("UNIQUE", ([1, 1], False, True), CALC),
    ("FILTER", ([1, 2, 3], [True, False, 1]), [1, 3]),
    ("FILTER", (GRID, [[0, 1, 1]]), [[2, 3], [5, 6]]),
    ("FILTER", ([1, 2], [False, False]), CALC),
    ("FILTER", ([1, 2], [False, False], "none"), ["none"]),
    ("FILTER", ([1, 2], [True, NA]), NA),
    ("FILTER", ([1, NA], [True, False]), [1]),
    ("FILTER", ([1, 2], [True, False, True]), VALUE),
    ("HSTACK", ([1, 2], [[3, 4]]), [[1, 3, 4], [2, NA, NA]]),
    ("VSTACK", ([[1, 2]], [3]), [[1, 2], [3, NA]]),
    ("VSTACK", ([1, 2], ["a"]), [1, 2, "a"]),
    ("TAKE", (GRID, 1), [[1, 2, 3]]),
    ("TAKE", (GRID, None, -1), [3, 6]),
    ("TAKE", (GRID, 9, 2), [[1, 2], [4, 5]]),
    ("TAKE", (GRID, 0), CALC),
    ("DROP", (GRID, 1, -1), [[4, 5]]),
    ("DROP", (GRID, 2), CALC),
    ("CHOOSECOLS", (GRID, 3, -3), [[3, 1], [6, 4]]),
    ("CHOOSECOLS", (GRID, [[1, 2]]), [[1, 2], [4, 5]]),
    ("CHOOSEROWS", (GRID, 2), [[4, 5, 6]]),
    ("CHOOSEROWS", (GRID, 3), VALUE),
    ("CHOOSEROWS", (GRID, 0), VALUE),
    ("TOCOL", (GRID,), [1, 2, 3, 4, 5, 6]),
    ("TOCOL", (GRID, 0, True), [1, 4, 2, 5, 3, 6]),
    ("TOROW", ([1, None, NA], 1), [[1, NA]]),
    ("TOROW", ([1, None, NA], 3), [[1]]),
    ("WRAPROWS", ([1, 2, 3], 2), [[1, 2], [3, NA]]),
    ("WRAPCOLS", ([1, 2, 3], 2, 0), [[1, 3], [2, 0]]),
    ("WRAPROWS", ([1, 2], 0), NUM),
    ("WRAPROWS", (GRID, 2), VALUE),
    ("EXPAND", ([[1]], 2, 2, "-"), [[1, "-"], ["-", "-"]]),
    ("EXPAND", (GRID, 1), VALUE),
    ("TRANSPOSE", ([[1, "a", NA]],), [1, "a", NA]),
    ("HSTACK", (1, None, 2), [[1, 2]]),
    ("CHOOSECOLS", (GRID, 1, None), VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)
