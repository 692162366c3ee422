import math
from typing import Any

import pytest
from engine.functions.excel import NUM, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("NORM.DIST", (42, 40, 1.5, True), 0.9087887802741321),
    ("NORM.DIST", (42, 40, 1.5, False), 0.10934004978399577),
    ("NORMDIST", (42, 40, 0, True), NUM),
    ("NORM.S.DIST", (1.333333, True), 0.9087887256040949),
    ("NORMSDIST", (-10,), 7.619853024160489e-24),
    ("NORM.S.INV", (0.975,), 1.959963984540054),
    ("NORM.INV", (0.5, 40, 1.5), 40),
    ("NORMSINV", (0,), NUM),
    ("STANDARDIZE", (42, 40, 1.5), 4 / 3),
    ("STANDARDIZE", (42, 40, 0), NUM),
    ("ERF", (0.745,), 0.7079289200957377),
    ("ERF", (0, 1), 0.8427007929497149),
    ("ERFC", (1,), 0.15729920705028513),
    ("GAMMA", (2.5,), 1.329340388179137),
    ("GAMMA", (-3,), NUM),
    ("GAMMALN", (4,), math.log(6)),
    ("GAMMALN", (-1.5,), NUM),
    ("GAUSS", (2,), 0.4772498680518208),
    ("PHI", (0.75,), 0.30113743215480443),
    ("EXPON.DIST", (0.2, 10, True), 0.8646647167633873),
    ("EXPON.DIST", (0.2, 10, False), 1.353352832366127),
    ("EXPON.DIST", (-1, 10, True), NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@given(st.floats(1e-12, 1 - 1e-12))
def test_the_quantile_undoes_the_distribution(probability: float) -> None:
    z = excel("NORM.S.INV", probability)
    assert math.isclose(excel("NORM.S.DIST", z, True), probability, rel_tol=1e-11)
