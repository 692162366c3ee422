"""Gradient descent with matrices: the reference against scikit-learn, and its inputs."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from sheetlab.errors import InputError
from sheetlab.lessons.linear_descent import WORST_CONDITION, Inputs, reference

TENTHS = st.integers(-30, 30).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    point = st.tuples(TENTHS, TENTHS, TENTHS)
    points = np.array(draw(st.lists(point, min_size=3, max_size=7)))
    design = np.column_stack([points[:, :2], np.ones(len(points))])
    gram = design.T @ design
    assume(np.linalg.cond(gram) < WORST_CONDITION)
    # At 2 / eigenvalue the steps grow; a little beyond, 5,000 of them are still numbers.
    limit = 2 / np.linalg.eigvalsh(gram)[-1]
    shares = draw(st.tuples(*[st.integers(1, 102)] * 3))
    return Inputs(
        x_1=tuple(points[:, 0].tolist()),
        x_2=tuple(points[:, 1].tolist()),
        y=tuple(points[:, 2].tolist()),
        start=draw(st.tuples(TENTHS, TENTHS, TENTHS)),
        rates=tuple(limit * share / 100 for share in shares),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_the_answer_is_that_of_scikit_learn(inputs: Inputs) -> None:
    x = np.column_stack([inputs.x_1, inputs.x_2])
    model = LinearRegression().fit(x, inputs.y)
    answer = [*model.coef_, model.intercept_]
    np.testing.assert_allclose(reference(inputs)["answer"], answer, rtol=1e-8, atol=1e-8)


@given(INPUTS)
def test_ten_steps_at_once_are_ten_steps(inputs: Inputs) -> None:
    ours = reference(inputs)
    np.testing.assert_allclose(ours["beta"][:, 1], ours["beta_1"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours["beta"][:, 10], ours["beta_10"], rtol=1e-9, atol=1e-9)


def test_it_is_the_loop_of_the_slide() -> None:
    x = np.array([[1, 1], [1, 2], [2, 2], [2, 3]])
    y = np.dot(x, np.array([1, 2])) + 3
    beta = np.array([10.1, 15.1, -6.5])
    design = np.array([np.append(row, [1]) for row in x])
    for _ in range(5000):
        error = y - design @ beta
        gradient = -np.transpose(design) @ error
        beta = beta - 0.01 * gradient
    np.testing.assert_allclose(reference(Inputs())["beta_final"][0], beta, rtol=1e-12)


def test_beyond_what_a_number_holds_there_is_none() -> None:
    assert np.all(np.isnan(reference(Inputs(rates=(0.01, 0.001, 0.5)))["beta_final"][2]))


@pytest.mark.parametrize(
    "settings",
    [
        {"rates": [0.1, 0.1]},
        {"rates": [0.1, 0.1, 0]},
        {"start": [1]},
        {"y": [1, 2, 3]},
        {"x_1": [1, 1, 1, 1]},
        {"x_1": [1, 2, 2, 3], "x_2": [2, 4, 4, 6]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
