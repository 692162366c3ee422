from typing import Any

import numpy as np
import pytest
from engine.functions.excel import DIV, NA, NUM, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

SCORES = [7, 3.5, 3.5, 1, 2, "cat", None]
YS, XS = [2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("LARGE", ([3, 4, 5, 2, "cat"], 2), 4),
    ("SMALL", ([3, 4, 5, 2, "cat"], 1), 2),
    ("LARGE", ([3, 4], 3), NUM),
    ("SMALL", ([3, 4], 0), NUM),
    ("RANK", (3.5, SCORES, 1), 3),
    ("RANK", (7, SCORES), 1),
    ("RANK.EQ", (3.5, SCORES), 2),
    ("RANK.AVG", (3.5, SCORES), 2.5),
    ("RANK", (6, SCORES), NA),
    ("PERCENTILE", ([1, 3, 2, 4], 0.3), 1.9),
    ("PERCENTILE.INC", ([1], 1), 1),
    ("PERCENTILE", ([1, 2], 1.1), NUM),
    ("PERCENTILE.EXC", ([1, 2, 3, 6, 6, 6, 7, 8, 9], 0.25), 2.5),
    ("PERCENTILE.EXC", ([1, 2, 3], 0.01), NUM),
    ("QUARTILE", ([1, 2, 4, 7, 8, 9, 10, 12], 1), 3.5),
    ("QUARTILE.INC", ([1, 2, 3], 5), NUM),
    ("QUARTILE.EXC", ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 1), 15),
    ("QUARTILE.EXC", ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 3), 43),
    ("QUARTILE.EXC", ([1, 2, 3], 0), NUM),
    ("FREQUENCY", ([79, 85, 78, 85, 50, 81, 95, 88, 97], [70, 79, 89]), [1, 2, 4, 2]),
    ("FREQUENCY", ([1, 2, 3], [2, 1, 2]), [1, 1, 0, 1]),
    ("CORREL", ([3, 2, 4, 5, 6], [9, 7, 12, 15, 17]), 0.997054485501581),
    ("CORREL", ([1, 2], [1]), NA),
    ("CORREL", ([1, 1], [1, 2]), DIV),
    ("CORREL", ([1, 2, "cat"], [2, 4, 6]), 1),
    ("COVAR", ([3, 2, 4, 5, 6], [9, 7, 12, 15, 17]), 5.2),
    ("COVARIANCE.P", ([3, 2, 4, 5, 6], [9, 7, 12, 15, 17]), 5.2),
    ("COVARIANCE.S", ([2, 4, 8], [5, 11, 12]), 9.666666666666666),
    ("COVARIANCE.S", ([2], [5]), DIV),
    ("SLOPE", (YS, XS), 0.30555555555555558),
    ("SLOPE", ([1, 2], [3, 3]), DIV),
    ("INTERCEPT", ([2, 3, 9, 1, 8], [6, 5, 11, 7, 5]), 0.048387096774193505),
    ("RSQ", (YS, XS), 0.05795019157088122),
    ("STEYX", (YS, XS), 3.305718950210041),
    ("FORECAST", (30, [6, 7, 9, 15, 21], [20, 28, 31, 38, 40]), 10.607253086419755),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_percentiles_are_those_of_numpy(numbers: list[float], fraction: float) -> None:
    expected = np.percentile(numbers, fraction * 100)
    assert excel("PERCENTILE.INC", numbers, fraction) == pytest.approx(expected, abs=1e-6)
