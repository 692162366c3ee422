"""Matrices: the reference against SciPy and scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import linalg
from sklearn.linear_model import LinearRegression

from sheetlab.errors import InputError
from sheetlab.lessons.matrices import Inputs, design_matrix, reference

ENTRIES = st.integers(-9, 9)
TENTHS = st.integers(-50, 50).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    def entries(size: int, of: st.SearchStrategy[float] = ENTRIES) -> tuple[float, ...]:
        return tuple(draw(st.lists(of, min_size=size, max_size=size)))

    samples = draw(st.integers(4, 9))
    try:
        return Inputs(
            chosen_row=draw(st.integers(1, 3)),
            chosen_column=draw(st.integers(1, 2)),
            x=entries(9),
            y=entries(6),
            z=entries(6),
            b=entries(3),
            first_x=entries(samples, TENTHS),
            second_x=entries(samples, TENTHS),
            target=entries(samples, TENTHS),
            test_x=entries(2),
        )
    except InputError:
        assume(False)
        raise


INPUTS = inputs_of_any_size()
some = settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@some
@given(INPUTS)
def test_scipy_finds_the_same_inverses(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, y = np.reshape(inputs.x, (3, 3)), np.reshape(inputs.y, (3, 2))
    np.testing.assert_allclose(ours["inverse"], linalg.inv(x), atol=1e-9)
    np.testing.assert_allclose(ours["pseudo_inverse"], linalg.pinv(y), atol=1e-9)
    np.testing.assert_allclose(ours["solution"], linalg.solve(x, inputs.b), atol=1e-9)
    np.testing.assert_allclose(ours["inner"], x @ np.reshape(inputs.z, (2, 3)).T)


@some
@given(INPUTS)
def test_scikit_learn_fits_the_same_plane(inputs: Inputs) -> None:
    ours = reference(inputs)
    features = design_matrix(inputs)[:, :2]
    model = LinearRegression().fit(features, inputs.target)
    np.testing.assert_allclose(ours["beta"], [*model.coef_, model.intercept_], atol=1e-9)
    np.testing.assert_allclose(ours["weights"].T @ inputs.target, ours["beta"], atol=1e-9)
    np.testing.assert_allclose(ours["test_y"], model.predict([inputs.test_x]).item(), atol=1e-8)
    np.testing.assert_allclose(ours["orthogonal"], 0, atol=1e-5)


def test_the_notebook_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_array_equal(ours["product"], [[-8, 6], [5, 2], [-5, 1]])
    np.testing.assert_array_equal(ours["gram"], [[5, -3], [-3, 3]])
    np.testing.assert_allclose(ours["gram_inverse"], [[1 / 2, 1 / 2], [1 / 2, 5 / 6]])
    np.testing.assert_allclose(ours["beta"], [1, 2, 3])
    np.testing.assert_allclose(ours["solution"], [1, 1, 1])
    np.testing.assert_allclose(ours["test_y"], 3 + 2 * 5 + 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"chosen_row": 4},
        {"chosen_column": 0},
        {"x": [1] * 8},
        {"x": [1, -2, 3, 7, 5, 0, 2, -4, 6]},
        {"y": [1, 1, 2, 2, 3, 3]},
        {"first_x": [1, 2, 3]},
        {"first_x": [1, 1, 2, 2], "second_x": [2, 2, 4, 4]},
        {"first_x": [5, 5, 5, 5]},
    ],
)
def test_unusable_inputs_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(changes)
