"""Bias and variance: the reference against scikit-learn and simulation, and its inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from sheetlab.errors import InputError
from sheetlab.lessons.bias_variance import Inputs, reference

NOISE = st.integers(-30, 30).map(lambda tenths: tenths / 10)
DEGREES = st.integers(0, 6)


@st.composite
def experiments(draw: st.DrawFn) -> Inputs:
    points, samples = draw(st.integers(8, 13) | st.sampled_from((30, 60))), draw(st.integers(2, 6))
    count = points * samples
    return Inputs(
        points=points,
        sigma=draw(st.integers(0, 20)) / 10,
        degree=(draw(DEGREES), draw(DEGREES), draw(DEGREES)),
        noise=tuple(draw(st.lists(NOISE, min_size=count, max_size=count))),
    )


INPUTS = experiments()


@given(INPUTS)
def test_scikit_learn_fits_the_same_polynomials(inputs: Inputs) -> None:
    ours = reference(inputs)
    x = ours["t"][:, None]
    for model, degree in enumerate(inputs.degree):
        polynomial = make_pipeline(PolynomialFeatures(degree), LinearRegression())
        np.testing.assert_allclose(
            ours["fit"][model], polynomial.fit(x, ours["y"]).predict(x), atol=1e-9
        )


@given(INPUTS)
def test_the_coefficients_build_the_fits(inputs: Inputs) -> None:
    ours = reference(inputs)
    for model, degree in enumerate(inputs.degree):
        used = slice(degree + 1)
        built = ours["basis"][:, used] @ ours["coefficient"][:, used].T
        np.testing.assert_allclose(ours["fit"][model], built, atol=1e-9)


@given(INPUTS)
def test_bias_and_variance_are_all_of_the_distance_to_the_truth(inputs: Inputs) -> None:
    ours = reference(inputs)
    distance = np.mean((ours["fit"] - ours["true_y"][:, None]) ** 2, axis=(1, 2))
    np.testing.assert_allclose(ours["bias"] + ours["variance"], distance, atol=1e-9)


@given(INPUTS)
def test_a_higher_degree_has_less_bias_and_more_variance(inputs: Inputs) -> None:
    degree = tuple(sorted(inputs.degree))
    ours = reference(Inputs(**{**vars(inputs), "degree": degree}))
    assert np.all(np.diff(ours["exact_bias"]) <= 1e-12)
    assert np.all(np.diff(ours["exact_variance"]) >= -1e-12)
    assert np.all(np.diff(ours["training_error"]) <= 1e-9)


def test_very_many_samples_come_near_to_what_samples_without_end_show() -> None:
    ours, inputs = reference(Inputs()), Inputs()
    noise = np.random.default_rng(1).standard_normal((inputs.points, 200_000))
    y = ours["true_y"][:, None] + inputs.sigma * noise
    for model, degree in enumerate(inputs.degree):
        fit = np.polynomial.polynomial.polyfit(ours["t"], y, degree)
        values = np.polynomial.polynomial.polyval(ours["t"], fit)
        bias = np.mean((values.mean(axis=0) - ours["true_y"]) ** 2)
        np.testing.assert_allclose(ours["exact_bias"][model], bias, atol=1e-4)
        variance = values.var(axis=0).mean()
        np.testing.assert_allclose(ours["exact_variance"][model], variance, rtol=0.01)


def test_the_middle_model_is_the_best_on_new_data_but_not_on_its_own() -> None:
    ours = reference(Inputs())
    assert ours["expected_error"].argmin() == ours["exact_error"].argmin() == 1
    assert ours["training_error"].argmin() == 2


def test_the_polynomials_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["square"][:2], [9, 3.75])
    np.testing.assert_allclose(ours["basis"][:, 2], ours["t"] ** 2 - 3.75 / 9, atol=1e-15)


@pytest.mark.parametrize(
    "settings",
    [
        {"points": 7, "noise": (0,) * 14},
        {"points": 10},
        {"points": 36},
        {"noise": (0.5,) * 9},
        {"noise": (0.5,) * 63},
        {"sigma": -1},
        {"degree": (1, 3)},
        {"degree": (1, 3, 7)},
        {"degree": (1, 3, 2.5)},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
