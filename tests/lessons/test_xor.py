"""XOR: the reference against scikit-learn, and what one layer cannot do."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.xor import Inputs, reference

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
TENTHS = st.integers(-20, 20).map(lambda tenths: tenths / 10)


def several(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[TENTHS] * count)


INPUTS = st.builds(
    Inputs,
    t=st.tuples(*[st.integers(0, 1)] * 4),
    designed_w=several(4),
    designed_b=several(2),
    designed_v=several(2),
    designed_c=TENTHS,
    learning_rate=st.integers(1, 15).map(lambda tenths: tenths / 10),
    steps=st.integers(1, 30),
    start_w=several(4),
    start_b=several(2),
    start_v=several(2),
    start_c=TENTHS,
)


@given(INPUTS)
def test_scikit_learn_takes_the_same_steps(inputs: Inputs) -> None:
    ours = reference(inputs)
    model = MLPClassifier(
        hidden_layer_sizes=(2,),
        activation="tanh",
        solver="sgd",
        learning_rate_init=inputs.learning_rate,
        alpha=0,
        momentum=0,
        batch_size=4,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The first fit makes the layers, with weights at random that then become ours.
        model.partial_fit(CORNERS, inputs.t, classes=[0, 1])
        model.coefs_[0][...], model.intercepts_[0][...] = ours["w"][0].T, ours["b"][0]
        model.coefs_[1][...], model.intercepts_[1][...] = (
            ours["v"][0][:, None],
            ours["v_bias"][0],
        )
        for step in range(inputs.steps):
            np.testing.assert_allclose(ours["w"][step].T, model.coefs_[0], atol=1e-9)
            np.testing.assert_allclose(ours["v"][step], model.coefs_[1][:, 0], atol=1e-9)
            probability = model.predict_proba(CORNERS)[:, 1]
            np.testing.assert_allclose(ours["y_hat"][step], probability, atol=1e-9)
            expected = log_loss(inputs.t, probability, labels=[0, 1])
            np.testing.assert_allclose(ours["loss"][step], expected, atol=1e-9)
            model.partial_fit(CORNERS, inputs.t)


@given(INPUTS)
def test_the_drawn_lines_are_where_the_sums_are_zero(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name, w, b in (
        ("designed_line", np.reshape(inputs.designed_w, (2, 2)), inputs.designed_b),
        ("learned_line", ours["w"][-1], ours["b"][-1]),
    ):
        for unit in (0, 1):
            second = ours[name][:, unit]
            if w[unit, 1] == 0:
                assert np.isnan(second).all()
            else:
                ends = np.column_stack([ours["edge_first"], second])
                np.testing.assert_allclose(ends @ w[unit] + b[unit], 0, atol=1e-9)


def test_the_design_is_xor_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["designed_h"].tolist() == [[0, 1, 1, 1], [1, 1, 1, 0]]
    assert ours["designed_s"].tolist() == [[-0.5, 0.5, 0.5, -0.5]]
    assert ours["designed_y"].tolist() == [[0, 1, 1, 0]]


def test_xor_is_learned_and_the_loss_never_rises() -> None:
    ours = reference(Inputs())
    assert np.array_equal(ours["y_hat"][-1] > 0.5, [False, True, True, False])
    assert np.all(np.diff(ours["loss"]) < 0)
    np.testing.assert_allclose(ours["loss"][0], np.log(2), atol=1e-3)
    assert reference(Inputs(steps=60))["loss"][-1] < 0.06


def test_one_layer_cannot_do_better_than_a_half_everywhere() -> None:
    def loss(theta: np.ndarray) -> float:
        side = np.where(np.array(Inputs().t) == 1, 1, -1)
        return float(np.logaddexp(0, -side * (theta[0] + CORNERS @ theta[1:])).mean())

    found = minimize(loss, [0.3, -0.8, 0.5])
    assert found.fun == pytest.approx(np.log(2))
    np.testing.assert_allclose(found.x, 0, atol=1e-3)


def test_the_first_step_by_hand() -> None:
    ours = reference(Inputs())
    h = np.tanh([[0, -1, 0.5, -0.5], [0, 1, -0.5, 0.5]])
    np.testing.assert_allclose(ours["h"][0], h)
    # The hidden units cancel out, so that all outputs are a half.
    assert ours["y_hat"][0].tolist() == [0.5] * 4
    np.testing.assert_allclose(ours["v_bias"][1], 0, atol=1e-15)
    moved = 1 - 1.5 * np.mean(np.array([0.5, -0.5, -0.5, 0.5]) * h[0])
    np.testing.assert_allclose(ours["v"][1][0], moved)


@pytest.mark.parametrize(
    "settings",
    [
        {"t": (0, 1, 2, 0)},
        {"t": (0, 1)},
        {"designed_w": (1, 1, 1)},
        {"designed_c": 3},
        {"learning_rate": 0},
        {"learning_rate": 2},
        {"steps": 0},
        {"steps": 61},
        {"start_v": (1, "one")},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
