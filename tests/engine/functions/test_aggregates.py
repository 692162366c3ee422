import math
import statistics
from typing import Any

import pytest
from engine.functions.excel import DIV, NA, NUM, VALUE, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

MIXED = [1, 2, "cat", True, None, "3"]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("SUM", (MIXED,), 3),
    ("AVERAGEA", ([10, 7, 9, 2, "Not available"],), 5.6),
    ("AVERAGEA", ([10, 7, 9, 2, None],), 7),
    ("AVERAGEA", (True, "3"), 2),
    ("AVERAGEA", ("x",), VALUE),
    ("AVERAGEA", ([None],), DIV),
    ("AVERAGEA", ([1, NA],), NA),
    ("MAXA", ([0, 0.2, 0.5, 0.4, True],), 1),
    ("MAXA", ([-1, "x"],), 0),
    ("MAXA", ([None],), 0),
    ("MINA", ([False, 0.2, 0.5, 0.4, 0.8],), 0),
    ("MINA", ([3, "2"],), 0),
    ("STDEVA", ([1, True, "x", None, 4],), math.sqrt(3)),
    ("STDEVPA", ([1, True, "x", None, 4],), 1.5),
    ("VARA", ([1, True, "x", None, 4],), 3),
    ("VARA", ([1],), DIV),
    ("VARPA", ([1, True, "x", None, 4],), 2.25),
    ("PERCENTOF", ([1, 2], [1, 2, 3, 4]), 0.3),
    ("PERCENTOF", ([1], [0, "x"]), DIV),
    ("SUM", (True, "3"), 4),
    ("SUM", (1, MIXED, [[10, 20]]), 34),
    ("SUM", ("cat",), VALUE),
    ("SUM", ([1, DIV],), DIV),
    ("SUM", ([1e308, 1e308],), NUM),
    ("SUM", (["cat"],), 0),
    ("SUMSQ", ([3, 4],), 25),
    ("PRODUCT", ([2, "cat", 3],), 6),
    ("PRODUCT", ([None, "cat"],), 0),
    ("PRODUCT", ([1e200, 1e200],), NUM),
    ("AVERAGE", (MIXED,), 1.5),
    ("AVERAGE", (["cat"],), DIV),
    ("MIN", ([3, -1, "cat"],), -1),
    ("MAX", (MIXED,), 2),
    ("MAX", ([-1, -2],), -1),
    ("MAX", (["cat"],), 0),
    ("MIN", ([None],), 0),
    ("COUNT", (MIXED,), 2),
    ("COUNT", (True, "3", "cat", NA), 2),
    ("COUNT", ([1, NA, 2],), 2),
    ("COUNTA", (MIXED,), 5),
    ("COUNTA", ([1, NA, ""],), 3),
    ("COUNTBLANK", ([1, "", None, NA, 0],), 2),
    ("MEDIAN", ([3, 1, 2, "cat"],), 2),
    ("MEDIAN", ([4, 1, 2, 3],), 2.5),
    ("MEDIAN", (["cat"],), NUM),
    ("MODE", ([5.6, 4, 4, 3, 2, 4],), 4),
    ("MODE.SNGL", ([3, 2, 2, 3],), 3),
    ("MODE", ([1, 2, 3],), NA),
    ("MODE.MULT", ([3, 2, 2, 1, 3],), [3, 2]),
    ("STDEV", ([1],), DIV),
    ("STDEV.P", ([1],), 0),
    ("VAR.P", (["cat"],), DIV),
    ("VAR.S", ([1e9 + 1, 1e9 + 2, 1e9 + 3],), 1),
    ("GEOMEAN", ([4, 5, 8, 7, 11, 4, 3],), 5.476986969656962),
    ("GEOMEAN", ([1, 0],), NUM),
    ("HARMEAN", ([4, 5, 8, 7, 11, 4, 3],), 5.028375962061728),
    ("HARMEAN", ([1, -1],), NUM),
    ("AVEDEV", ([4, 5, 6, 7, 5, 4, 3],), 1.0204081632653061),
    ("DEVSQ", ([4, 5, 8, 7, 11, 4, 3],), 48),
    ("AVERAGE", (1, None), 0.5),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_spread_is_that_of_the_standard_library(numbers: list[float]) -> None:
    references = {
        "VAR": statistics.variance,
        "VARP": statistics.pvariance,
        "VAR.S": statistics.variance,
        "VAR.P": statistics.pvariance,
        "STDEV": statistics.stdev,
        "STDEVP": statistics.pstdev,
        "STDEV.S": statistics.stdev,
        "STDEV.P": statistics.pstdev,
    }
    for name, reference in references.items():
        assert excel(name, numbers) == pytest.approx(reference(numbers), rel=1e-6, abs=1e-9)
