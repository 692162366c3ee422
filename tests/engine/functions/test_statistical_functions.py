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
    ("PERCENTRANK", ([13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 2), 0.333),
    ("PERCENTRANK.INC", ([13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 4), 0.555),
    ("PERCENTRANK.INC", ([13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 8), 0.666),
    ("PERCENTRANK.INC", ([13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 5), 0.583),
    ("PERCENTRANK.INC", ([13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 1), 0),
    ("PERCENTRANK.INC", ([1, 2, 2, 3, 4], 2.5, 5), 0.5),
    ("PERCENTRANK.INC", ([1, 2, 3, 4], 2, 7.9), 0.3333333),
    ("PERCENTRANK.INC", ([1, 2, 3, 4], 5), NA),
    ("PERCENTRANK.INC", ([1, 2, 3, 4], 5, 0), NUM),
    ("PERCENTRANK.INC", (["x"], 5), NUM),
    ("PERCENTRANK.EXC", ([1, 2, 3, 6, 6, 6, 7, 8, 9], 7), 0.7),
    ("PERCENTRANK.EXC", ([1, 2, 3, 6, 6, 6, 7, 8, 9], 5.43), 0.381),
    ("PERCENTRANK.EXC", ([1, 2, 3, 6, 6, 6, 7, 8, 9], 5.43, 1), 0.3),
    ("SKEW", ([3, 4, 5, 2, 3, 4, 5, 6, 4, 7],), 0.359543071406797),
    ("SKEW.P", ([3, 4, 5, 2, 3, 4, 5, 6, 4, 7],), 0.303193339354144),
    ("SKEW", ([1, 2],), DIV),
    ("SKEW", ([1, 1, 1],), DIV),
    ("KURT", ([3, 4, 5, 2, 3, 4, 5, 6, 4, 7],), -0.151799637208416),
    ("KURT", ([1, 2, 3],), DIV),
    ("TRIMMEAN", ([4, 5, 6, 7, 2, 3, 4, 5, 1, 2, 3], 0.2), 34 / 9),
    ("TRIMMEAN", ([1, 2, 9, 30], 0.5), 5.5),
    ("TRIMMEAN", ([1, 2], 1), NUM),
    ("PROB", ([0, 1, 2, 3], [0.2, 0.3, 0.1, 0.4], 2), 0.1),
    ("PROB", ([0, 1, 2, 3], [0.2, 0.3, 0.1, 0.4], 1, 3), 0.8),
    ("PROB", ([0, 1, 2, 3], [0.2, 0.3, 0.1, 0.5], 1, 3), NUM),
    ("PROB", ([0, 1], [0, 1], 1), NUM),
    ("PROB", ([0, 1], [1], 1), NA),
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
