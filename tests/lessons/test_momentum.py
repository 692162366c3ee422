"""Momentum: the reference against scikit-learn and SciPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from sheetlab.errors import InputError
from sheetlab.lessons.momentum import Inputs, reference

INPUTS = st.builds(
    Inputs,
    learning_rate=st.integers(1, 30).map(lambda thousandths: thousandths / 1000),
    start=st.integers(-150, 150).map(lambda tenths: tenths / 10),
    height=st.integers(0, 150).map(lambda tenths: tenths / 10),
    mu=st.lists(st.integers(0, 99).map(lambda cents: cents / 100), min_size=1, max_size=4).map(
        tuple
    ),
    steps=st.integers(5, 60),
)


@given(INPUTS)
def test_scikit_learn_takes_the_same_steps(inputs: Inputs) -> None:
    ours = reference(inputs)
    for k, mu in enumerate(inputs.mu):
        x = np.array([inputs.start], dtype=float)
        optimizer = SGDOptimizer([x], inputs.learning_rate, "constant", mu, nesterov=False)
        for row in ours["x"][1:, k]:
            optimizer.update_params([x], [2 * x + inputs.height * np.sin(x)])
            np.testing.assert_allclose(row, x[0], rtol=1e-7, atol=1e-7)


def test_only_enough_momentum_finds_the_global_minimum() -> None:
    ours = reference(Inputs(steps=80))
    hollow = minimize_scalar(
        lambda x: x**2 + 16 * (1 - np.cos(x)), bounds=(4, 6), method="bounded"
    ).x
    np.testing.assert_allclose(ours["x_end"][:2], hollow, atol=0.05)
    assert abs(ours["x_end"][2]) < 0.2


def test_the_first_steps_by_hand() -> None:
    ours = reference(Inputs(start=1, height=0, mu=(0.5,)))
    np.testing.assert_allclose(ours["velocity"][:3, 0], [0, 2, 0.5 * 2 + 2 * 0.98])
    np.testing.assert_allclose(ours["x"][:3, 0], [1, 0.98, 0.98 - 0.01 * 2.96])


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0},
        {"start": 20},
        {"height": -1},
        {"mu": [1]},
        {"mu": []},
        {"mu": [0, 0.1, 0.2, 0.3, 0.4]},
        {"steps": 4},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
