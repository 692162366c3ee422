"""Learning rates: the reference against the closed form and SciPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from sheetlab.errors import InputError
from sheetlab.lessons.learning_rates import Inputs, reference


def hundredths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda value: value / 100)


INPUTS = st.builds(
    Inputs,
    shift=hundredths(-2000, 2000),
    lowest=hundredths(10, 2000),
    start=hundredths(-2000, 2000),
    steps=st.integers(1, 20),
    small_rates=st.tuples(*[hundredths(1, 150)] * 3),
    large_rates=st.tuples(*[hundredths(1, 150)] * 3),
    decaying_rate=hundredths(1, 150),
    decay=hundredths(1, 100),
    valley_start=hundredths(-200, 200),
    valley_rates=st.tuples(*[hundredths(1, 15)] * 3),
)


@given(INPUTS)
def test_each_step_multiplies_the_distance_by_the_same_factor(inputs: Inputs) -> None:
    ours = reference(inputs)
    for rates, x in ((inputs.small_rates, "small_x"), (inputs.large_rates, "large_x")):
        factor = (1 - 2 * np.array(rates)) ** np.arange(inputs.steps + 1)[:, None]
        expected = inputs.shift + factor * (inputs.start - inputs.shift)
        np.testing.assert_allclose(ours[x], expected, rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_scipy_finds_the_same_minimum(inputs: Inputs) -> None:
    found = minimize_scalar(lambda x: (x - inputs.shift) ** 2 + inputs.lowest)
    np.testing.assert_allclose(reference(inputs)["minimum_x"], found.x, rtol=1e-6, atol=1e-6)


@given(INPUTS)
def test_without_decay_the_rate_stays(inputs: Inputs) -> None:
    rate = inputs.decaying_rate
    ours = reference(inputs.change({"decay": 1, "small_rates": [rate] * 3}))
    np.testing.assert_allclose(ours["decayed_x"], ours["small_x"][:, 0])


def test_only_the_larger_rate_finds_the_deeper_valley() -> None:
    def g(w: float) -> float:
        return w**4 - 3 * w**2 + w

    near, deep = (minimize_scalar(g, bracket=at) for at in ((0.5, 1, 2), (-2, -1, -0.5)))
    assert deep.fun < near.fun
    w = reference(Inputs(steps=100))["w"][-1]
    np.testing.assert_allclose(w[:2], [near.x, deep.x], atol=1e-6)
    assert abs(w[2] - deep.x) > 0.1


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 0},
        {"decay": 1.1},
        {"small_rates": [0.1]},
        {"large_rates": [0.1, 0.2, 0]},
        {"valley_rates": [0.1, 0.1, 0.2]},
        {"valley_start": 3},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
