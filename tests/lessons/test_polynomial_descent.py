"""Derivatives and descent on a polynomial: the reference against SciPy, and its inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize_scalar

from sheetlab.errors import InputError
from sheetlab.lessons.polynomial_descent import Inputs, reference


def tenths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda tenth: tenth / 10)


INPUTS = st.builds(
    Inputs,
    quadratic=tenths(1, 30),
    linear=tenths(-100, 100),
    constant=tenths(-100, 100),
    start=tenths(-100, 100),
    learning_rate=st.integers(1, 120).map(lambda hundredths: hundredths / 100),
    epsilon=st.sampled_from([1e-2, 1e-5, 1e-9]),
    rows=st.integers(2, 12),
    surface=st.tuples(*[tenths(-30, 30)] * 4),
    point=st.tuples(*[tenths(-20, 20)] * 2),
    h=st.lists(st.integers(1, 100), min_size=1, max_size=4).map(
        lambda hundredths: tuple(value / 100 for value in hundredths)
    ),
)


@given(INPUTS)
def test_scipy_finds_the_same_minimum(inputs: Inputs) -> None:
    def f(x: float) -> float:
        return inputs.quadratic * x**2 + inputs.linear * x + inputs.constant

    ours = reference(inputs)
    np.testing.assert_allclose(ours["minimum_x"], minimize_scalar(f).x, rtol=1e-6, atol=1e-6)
    if ours["steps_needed"] < ours["x"].size:
        distance = abs(ours["x"][-1, -1] - ours["minimum_x"][0])
        assert distance <= inputs.epsilon / (2 * inputs.quadratic) + 1e-12


@given(INPUTS)
def test_scipy_finds_the_same_gradient(inputs: Inputs) -> None:
    def g(at: np.ndarray) -> float:
        x, y = at
        terms = (x**2, x * y, 1, np.cos(x + 2 * y))
        return float(np.dot(inputs.surface, terms))

    numeric = approx_fprime(np.array(inputs.point), g)
    np.testing.assert_allclose(reference(inputs)["gradient"], numeric, atol=1e-4)


@given(INPUTS)
def test_central_differences_are_exact_for_a_polynomial_of_degree_two(inputs: Inputs) -> None:
    ours = reference(inputs.change({"surface": (*inputs.surface[:3], 0)}))
    np.testing.assert_allclose(ours["central_error"], 0, atol=1e-11)
    slack = abs(inputs.surface[0]) * np.array(inputs.h)
    np.testing.assert_allclose(ours["forward_error"], slack, atol=1e-10)


def test_the_loop_of_the_slide_stops_where_the_slope_is_small_enough() -> None:
    x, steps = 1.0, 0
    while abs(2 * x + 2) > 1e-5:
        x, steps = x - 0.01 * (2 * x + 2), steps + 1
    ours = reference(Inputs())
    assert ours["steps_needed"] == steps
    np.testing.assert_allclose(ours["x"].ravel()[steps:], x)


@pytest.mark.parametrize(
    "settings",
    [{"quadratic": 0}, {"quadratic": -1}, {"epsilon": 0}, {"rows": 1}, {"h": [0]}, {"point": [1]}],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
