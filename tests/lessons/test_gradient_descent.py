"""Gradient descent: the reference against SciPy and scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.linear_model import LinearRegression, SGDRegressor

from sheetlab.errors import InputError
from sheetlab.lessons.gradient_descent import Inputs, reference

COORDINATES = st.integers(-30, 50).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    points = draw(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=7))
    x, y = zip(*points, strict=True)
    return Inputs(
        learning_rate=draw(st.integers(1, 30)) / 1000,
        batch_size=draw(st.integers(1, 9)),
        epochs=draw(st.integers(1, 5)),
        initial_alpha=draw(COORDINATES),
        initial_beta=draw(COORDINATES),
        x=x,
        y=y,
        genes=draw(st.integers(1, 30_000)),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scipy_finds_the_same_gradient(inputs: Inputs) -> None:
    x, y = np.array(inputs.x), np.array(inputs.y)

    def loss(theta: np.ndarray) -> float:
        return float(np.sum((y - theta[0] - theta[1] * x) ** 2))

    ours = reference(inputs)
    start = np.array([inputs.initial_alpha, inputs.initial_beta])
    gradient = [ours["gradient_intercept"][0], ours["gradient_slope"][0]]
    np.testing.assert_allclose(gradient, approx_fprime(start, loss), rtol=1e-4, atol=1e-2)


@given(INPUTS)
def test_in_batches_of_one_it_is_the_sgd_of_scikit_learn(inputs: Inputs) -> None:
    inputs = inputs.change({"batch_size": 1})
    # The squared error of scikit-learn has the factor 1/2, so its rate is twice as large.
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=2 * inputs.learning_rate,
        shuffle=False,
        max_iter=inputs.epochs,
        tol=None,
    )
    model.fit(
        np.array(inputs.x)[:, None],
        np.array(inputs.y),
        coef_init=[inputs.initial_beta],
        intercept_init=[inputs.initial_alpha],
    )
    ours = reference(inputs)
    np.testing.assert_allclose(ours["mini_alpha"][-1], model.intercept_[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours["mini_beta"][-1], model.coef_[0], rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_a_batch_of_all_points_is_the_full_batch(inputs: Inputs) -> None:
    ours = reference(inputs.change({"batch_size": len(inputs.x)}))
    np.testing.assert_allclose(ours["mini_loss"], ours["full_loss"])
    assert ours["full"].sum() == inputs.epochs


def test_in_the_long_run_it_is_least_squares() -> None:
    inputs = Inputs(epochs=100, learning_rate=0.01)
    model = LinearRegression().fit(np.array(inputs.x)[:, None], inputs.y)
    residuals = np.array(inputs.y) - model.predict(np.array(inputs.x)[:, None])
    np.testing.assert_allclose(reference(inputs)["full_loss"][-1], residuals @ residuals, rtol=1e-3)


@pytest.mark.parametrize(
    "settings",
    [{"learning_rate": 0}, {"batch_size": 0}, {"epochs": 1.5}, {"x": [1]}, {"y": [1, 2, 3]}],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
