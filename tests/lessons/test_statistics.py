"""Statistics: the reference against SciPy and NumPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sheetlab.errors import InputError
from sheetlab.lessons.statistics import Inputs, reference

DRAWS = st.integers(-300, 300).map(lambda hundredths: hundredths / 100)


def tenths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda value: value / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    draws = draw(st.lists(st.tuples(DRAWS, DRAWS), min_size=3, max_size=12))
    first, second = zip(*draws, strict=True)
    given_values = {
        "mu": draw(tenths(-100, 100)),
        "sigma": draw(tenths(1, 100)),
        "rho": draw(tenths(-10, 10)),
        "own_mu": draw(tenths(-100, 100)),
        "own_sigma": draw(tenths(1, 100)),
    }
    try:
        return Inputs(first_draw=first, second_draw=second, **given_values)
    except InputError:
        assume(False)
        raise


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scipy_finds_the_same_moments(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, y = ours["x"], ours["y"]
    covariance = np.cov(x, y, ddof=0)[0, 1]
    expected = [x.mean(), stats.moment(x, 2), stats.skew(x), covariance]
    np.testing.assert_allclose(ours["by_samples"], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours["running_mean"][-1], x.mean(), atol=1e-12)


@given(INPUTS)
def test_scipy_finds_the_same_likelihood_and_its_maximum(inputs: Inputs) -> None:
    ours = reference(inputs)
    x = ours["x"]
    pairs = zip(ours["candidate_mu"], ours["candidate_sigma"], strict=True)
    expected = [stats.norm.logpdf(x, mu, sigma).sum() for mu, sigma in pairs]
    np.testing.assert_allclose(ours["log_likelihood"], expected, rtol=1e-9)
    np.testing.assert_allclose(stats.norm.fit(x), [ours["mean_x"], np.sqrt(ours["variance"])])
    best = ours["log_likelihood"][1]
    assert np.all(ours["log_likelihood"] <= best + 1e-9)
    for name, mu, sigma in (
        ("mu_likelihood", ours["tried_mu"], np.full(25, x.std())),
        ("sigma_likelihood", np.full(25, x.mean()), ours["tried_sigma"]),
    ):
        tried = stats.norm.logpdf(x[:, None], mu, sigma).sum(axis=0)
        np.testing.assert_allclose(ours[name], np.exp(tried - best), rtol=1e-6)


def test_three_draws_by_hand() -> None:
    ours = reference(
        Inputs(mu=2, sigma=3, rho=0, first_draw=(-1, 0, 1), second_draw=(1, -1, 3), own_mu=2)
    )
    np.testing.assert_allclose(ours["x"], [-1, 2, 5])
    np.testing.assert_allclose(ours["y"], [1, -1, 3])
    np.testing.assert_allclose(ours["by_samples"], [2, 6, 0, 2], atol=1e-12)
    np.testing.assert_allclose(ours["band_high"], 2 + 6 / np.sqrt([1, 2, 3]))


@pytest.mark.parametrize(
    "changes",
    [
        {"sigma": 0},
        {"rho": 1.5},
        {"own_sigma": -1},
        {"first_draw": [1, 2, 3]},
        {"first_draw": [1] * 30},
        {"second_draw": [1] * 30, "rho": 0},
        {"first_draw": [1, 2], "second_draw": [1, 2]},
    ],
)
def test_unusable_inputs_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(changes)
