"""The perceptron: the reference against scikit-learn, and what no line can do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Perceptron

from sheetlab.errors import InputError
from sheetlab.lessons.perceptron import CORNERS, Inputs, reference

# Tenths have noise in floating point, which must not decide on which side of a line a corner is.
TENTHS = st.integers(-40, 40).map(lambda tenths: tenths / 10)
RATES = st.integers(1, 20).map(lambda tenths: tenths / 10)


def tuples(values: st.SearchStrategy[float], count: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[values] * count)


INPUTS = st.builds(
    Inputs,
    bias=TENTHS,
    weight=tuples(TENTHS, 2),
    x=tuples(TENTHS, 2),
    gate_weight=tuples(TENTHS, 8),
    threshold=tuples(TENTHS, 4),
    target=tuples(st.integers(0, 1), 16),
    learning_rate=RATES,
    start=tuples(TENTHS, 3),
    epochs=st.integers(1, 7),
)


@given(tuples(TENTHS, 3), RATES, st.integers(1, 7))
def test_scikit_learn_learns_alike(
    start: tuple[float, ...], learning_rate: float, epochs: int
) -> None:
    # scikit-learn also moves where z is 0: start where it never is.
    start = (start[0] + 0.03, start[1], start[2])
    ours = reference(Inputs(start=start, learning_rate=learning_rate, epochs=epochs))
    for gate, target in enumerate(np.reshape(Inputs().target, (4, 4))):
        model = Perceptron(eta0=learning_rate, shuffle=False, max_iter=epochs, tol=None)
        model.fit(CORNERS, target, coef_init=start[1:], intercept_init=start[:1])
        theirs = [*model.intercept_, *model.coef_[0]]
        np.testing.assert_allclose(ours["final"][gate], theirs, atol=1e-9)


@given(INPUTS)
def test_threshold_and_bias_are_two_forms_of_one_unit(inputs: Inputs) -> None:
    ours = reference(inputs)
    np.testing.assert_array_equal(ours["threshold_output"], ours["gate_output"])


@given(INPUTS)
def test_no_line_makes_xor(inputs: Inputs) -> None:
    ours = reference(Inputs(gate_weight=inputs.gate_weight, threshold=inputs.threshold))
    assert ours["right"][3] <= 3
    np.testing.assert_allclose(ours["diagonal"][:, 0], ours["diagonal"][:, 1], atol=1e-9)


@given(tuples(TENTHS, 3))
def test_learning_ends_for_all_but_xor(start: tuple[float, ...]) -> None:
    ours = reference(Inputs(start=start, epochs=40))
    assert ours["mistakes"][:3, -1].tolist() == [0, 0, 0]
    assert ours["mistakes"][3].min() > 0


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["z"].tolist() == [1 + 3 * -1 - 2 * 2]
    assert round(ours["y_hat"][0], 3) == 0.002
    assert ours["boundary_second"].tolist() == [-5.5, -1, 3.5]
    assert ours["boundary_output"].tolist() == [0.5] * 3


def test_the_first_steps_of_and_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["learned"][0, :5].tolist() == [
        [0] * 3,
        [-1, 0, 0],
        [-1, 0, 0],
        [-1, 0, 0],
        [0, 1, 1],
    ]
    assert ours["mistakes"][0].tolist() == [2, 3, 3, 2, 1, 0]
    assert ours["final"][0].tolist() == [-3, 2, 1]


def test_noise_does_not_decide() -> None:
    # 0.1 + 0.2 is above 0.3 by noise alone, -0.1 - 0.2 below -0.3.
    ours = reference(
        Inputs(
            gate_weight=(0.1, 0.2, -0.1, -0.2, 1, 1, 1, 1),
            threshold=(0.3, -0.3, 1, 1),
            start=(0.3, -0.1, -0.2),
        )
    )
    assert ours["gate_output"][:2, 3].tolist() == [1, 1]
    assert ours["learned_z"][0, 0] == 0.3
    assert reference(Inputs(start=(-0.3, 0.1, 0.2)))["learned_output"][0, 3] == 1


def test_an_upright_line_has_no_height() -> None:
    ours = reference(Inputs(weight=(3, 0), gate_weight=(1, 0, 1, 1, -1, -1, 1, 1)))
    assert np.isnan(ours["boundary_second"]).all()
    assert np.isnan(ours["edge_second"][0, :, 0]).all()
    assert np.isfinite(ours["edge_second"][1]).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"weight": (3, -2, 1)},
        {"x": (-1, 11)},
        {"bias": "one"},
        {"target": (0.5,) * 16},
        {"target": (2,) * 16},
        {"threshold": (1, 2, 3)},
        {"learning_rate": 0},
        {"start": (0, 0)},
        {"epochs": 0},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
