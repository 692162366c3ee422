"""Optimizers: the rules against what scikit-learn and SciPy say, and what the inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from sheetlab.errors import InputError
from sheetlab.lessons.optimizers import METHODS, Inputs, reference


def tenths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda tenth: tenth / 10)


INPUTS = st.builds(
    Inputs,
    curvature=st.tuples(tenths(1, 30), tenths(1, 30)),
    start=st.tuples(tenths(-50, 50), tenths(-50, 50)),
    learning_rates=st.tuples(*[tenths(1, 12)] * len(METHODS)),
    mu=tenths(0, 9),
    rho=tenths(5, 9),
    beta_1=tenths(0, 9),
    beta_2=st.sampled_from((0.9, 0.99, 0.999)),
    steps=st.integers(2, 30),
)


@given(INPUTS)
def test_scikit_learn_takes_the_same_steps(inputs: Inputs) -> None:
    ours, curvature = reference(inputs), np.array(inputs.curvature)
    rates = dict(zip(METHODS, inputs.learning_rates, strict=True))
    for name, make in (
        ("sgd", lambda p: SGDOptimizer([p], rates["sgd"], momentum=0, nesterov=False)),
        ("momentum", lambda p: SGDOptimizer([p], rates["momentum"], "constant", inputs.mu, False)),
        ("nesterov", lambda p: SGDOptimizer([p], rates["nesterov"], "constant", inputs.mu, True)),
    ):
        p = np.array(inputs.start, dtype=float)
        optimizer = make(p)  # type: ignore[no-untyped-call]
        for row in ours[name][1:]:
            optimizer.update_params([p], [curvature * p])
            np.testing.assert_allclose(row, p, rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_the_first_step_of_adam_is_that_of_scikit_learn(inputs: Inputs) -> None:
    # Later ones differ by where epsilon stands, before or after the correction of s.
    p = np.array(inputs.start, dtype=float)
    moved = p != 0
    rate, expected = inputs.learning_rates[-1], reference(inputs)["adam"][1]
    optimizer = AdamOptimizer([p], rate, inputs.beta_1, inputs.beta_2, epsilon=1e-12)
    optimizer.update_params([p], [np.array(inputs.curvature) * p])
    np.testing.assert_allclose(expected[moved], p[moved], rtol=1e-6, atol=1e-6)


def test_the_first_steps_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["sgd"][1], [-5 + 0.9 * 0.5, 2 - 0.9 * 4])
    np.testing.assert_allclose(ours["nesterov"][1], [-5 + 0.2 * 1.8 * 0.5, 2 - 0.2 * 1.8 * 4])
    # Whatever the gradient, the first step of these is η, or η / √(1 − ρ).
    np.testing.assert_allclose(ours["adagrad"][1], [-4, 1])
    np.testing.assert_allclose(ours["adam"][1], [-4.6, 1.6])
    np.testing.assert_allclose(ours["rmsprop"][1], [-5 + 0.5 / 0.1**0.5, 2 - 0.5 / 0.1**0.5])
    np.testing.assert_allclose(ours["adadelta_step"][1], [-0.00316, 0.00316], rtol=1e-2)


@given(INPUTS)
def test_without_memory_they_are_one_another(inputs: Inputs) -> None:
    plain = {**vars(inputs), "mu": 0, "learning_rates": (inputs.learning_rates[0],) * len(METHODS)}
    ours = reference(Inputs(**plain))
    np.testing.assert_allclose(ours["momentum"], ours["sgd"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours["nesterov"], ours["sgd"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"curvature": [1]},
        {"curvature": [0, 1]},
        {"learning_rates": [0.1]},
        {"mu": 1},
        {"beta_2": 1},
        {"beta_2": 0.5},
        {"steps": 1},
        {"start": [0, 11]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
