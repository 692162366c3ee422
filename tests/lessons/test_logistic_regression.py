"""Logistic regression: the reference against scikit-learn and SciPy, and its inputs."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.preprocessing import StandardScaler

from sheetlab.errors import InputError
from sheetlab.lessons.logistic_regression import Inputs, reference

AGES, SALARIES = st.integers(18, 80), st.integers(100, 900).map(lambda tenths: tenths / 10)
WEIGHTS = st.integers(-20, 20).map(lambda tenths: tenths / 10)


@st.composite
def crowds(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(4, 12) | st.sampled_from((30, 60)))

    def column(values: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    try:
        return Inputs(
            learning_rate=draw(st.integers(1, 60)) / 10,
            threshold=draw(st.integers(1, 19)) / 20,
            steps=draw(st.integers(1, 7)),
            age=column(AGES),
            salary=column(SALARIES),
            bought=column(st.integers(0, 1)),
            initial_theta=(draw(WEIGHTS), draw(WEIGHTS), draw(WEIGHTS)),
        )
    except InputError:
        assume(False)
        raise


INPUTS = crowds()


@given(INPUTS)
def test_scikit_learn_scales_and_measures_the_same(inputs: Inputs) -> None:
    ours = reference(inputs)
    features = np.column_stack([inputs.age, inputs.salary])
    scaled = np.column_stack([ours["scaled_age"], ours["scaled_salary"]])
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(features), atol=1e-12)
    for step in range(inputs.steps):
        y_hat = ours["y_hat"][step]
        np.testing.assert_allclose(y_hat, expit(ours["z"][step]), rtol=1e-12)
        expected = log_loss(inputs.bought, y_hat, labels=[0, 1])
        np.testing.assert_allclose(ours["mean_loss"][step], expected, rtol=1e-6, atol=1e-12)
        expected = accuracy_score(inputs.bought, ours["predicted"][step])
        np.testing.assert_allclose(ours["accuracy"][step], expected)


@given(INPUTS)
def test_the_gradient_is_that_of_the_loss(inputs: Inputs) -> None:
    ours = reference(inputs)

    def loss(theta: np.ndarray) -> float:
        start = dict(vars(inputs), initial_theta=theta, steps=1)
        return float(reference(Inputs(**start))["mean_loss"][0])

    numeric = approx_fprime(ours["theta"][0], loss, 1e-7)
    np.testing.assert_allclose(ours["gradient"][0], numeric, atol=1e-5)


def test_many_steps_lead_to_where_scikit_learn_arrives() -> None:
    inputs = Inputs(steps=50, learning_rate=5)
    ours = reference(inputs)
    features = np.column_stack([ours["scaled_age"], ours["scaled_salary"]])
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(features, inputs.bought)
    expected = [model.intercept_[0], *model.coef_[0]]
    np.testing.assert_allclose(ours["theta"][-1], expected, atol=1e-3)


@given(INPUTS)
def test_the_line_parts_who_is_predicted_to_buy(inputs: Inputs) -> None:
    ours = reference(inputs)
    low, high = ours["end_age"]
    for step in range(inputs.steps):
        left, right = ours["end_salary"][step]
        if np.isnan(left):
            assert abs(ours["theta"][step, 2]) < 0.01
            continue
        height = left + (right - left) * (np.array(inputs.age) - low) / (high - low)
        above = np.sign(np.array(inputs.salary) - height) * np.sign(ours["theta"][step, 2])
        clear = np.abs(ours["y_hat"][step] - inputs.threshold) > 1e-6
        np.testing.assert_array_equal((above > 0)[clear], ours["predicted"][step][clear] == 1)


def test_the_first_step_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["mean"], [37.1, 56.3])
    z = -ours["scaled_age"] + ours["scaled_salary"]
    np.testing.assert_allclose(ours["z"][0], z)
    np.testing.assert_allclose(ours["theta"][1], [0, -1, 1] - 2 * ours["gradient"][0])
    np.testing.assert_allclose(ours["loss"][0][0], -np.log(1 - 1 / (1 + np.exp(-z[0]))))


def test_what_is_too_large_for_a_spreadsheet_is_an_error() -> None:
    ours = reference(Inputs(learning_rate=1000, age=(1, 1, 1, 1, 1, 1, 1, 1, 1, 120)))
    assert np.isnan(ours["mean_loss"][-1])
    assert np.isnan(ours["accuracy"][-1])


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0},
        {"threshold": 1},
        {"steps": 0},
        {"age": (22, 25, 28)},
        {"age": (30,) * 10},
        {"salary": (50,) * 10},
        {"bought": (0, 1, 2, 0, 1, 0, 1, 0, 1, 0)},
        {"bought": (0, 1)},
        {"initial_theta": (0, 0)},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
