"""SGD: the reference against scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import SGDRegressor

from sheetlab.errors import InputError
from sheetlab.lessons.sgd import Inputs, reference

COORDINATES = st.integers(-30, 50).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    points = draw(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=7))
    x, y = zip(*points, strict=True)
    return Inputs(
        learning_rate=draw(st.integers(1, 60)) / 1000,
        epochs=draw(st.integers(1, 5)),
        initial_alpha=draw(COORDINATES),
        initial_beta=draw(COORDINATES),
        x=x,
        y=y,
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scikit_learn_takes_the_same_steps(inputs: Inputs) -> None:
    # scikit-learn's squared error has the factor 1/2 too, so its gradient is error * x.
    model = SGDRegressor(
        loss="squared_error",
        penalty=None,
        learning_rate="constant",
        eta0=inputs.learning_rate,
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
    np.testing.assert_allclose(ours["epoch_alpha"][-1], model.intercept_[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours["epoch_beta"][-1], model.coef_[0], rtol=1e-9, atol=1e-9)


def test_the_first_steps_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["error"][:2], [-1.0, -2.97])
    np.testing.assert_allclose(ours["alpha"][:3], [0, 0.01, 0.01 + 0.01 * 2.97])
    np.testing.assert_allclose(ours["beta"][:3], [0, 0.01, 0.01 + 0.01 * 2.97 * 2])


@given(INPUTS)
def test_a_perfect_start_stays(inputs: Inputs) -> None:
    y = tuple(inputs.initial_alpha + inputs.initial_beta * x for x in inputs.x)
    ours = reference(Inputs(**{**vars(inputs), "y": y}))
    np.testing.assert_allclose(ours["epoch_mse"], 0, atol=1e-20)


@pytest.mark.parametrize(
    "settings", [{"learning_rate": 0}, {"epochs": 0}, {"x": [1]}, {"x": [1, 2, 3]}]
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
