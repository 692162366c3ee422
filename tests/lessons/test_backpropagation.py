"""Backpropagation: the reference against scikit-learn and SciPy, and what its inputs must be."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.neural_network import MLPClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.backpropagation import Inputs, one_layer, reference, two_layers


def several(count: int, tenths: int) -> st.SearchStrategy[tuple[float, ...]]:
    value = st.integers(-tenths, tenths).map(lambda tenth: tenth / 10)
    return st.tuples(*[value] * count)


# All that the inputs allow: at their ends, ŷ comes closest to the wrong class.
INPUTS = st.builds(
    Inputs,
    x=several(2, 20),
    y=st.integers(0, 1),
    learning_rate=st.integers(1, 40).map(lambda tenths: tenths / 10),
    epsilon=st.integers(1, 1000).map(lambda thousandths: thousandths / 1000),
    steps=st.integers(1, 12),
    w=several(6, 50),
    v=several(3, 25),
    single_v=several(3, 15),
)


def steps_of_scikit_learn(
    inputs: Inputs, hidden: tuple[int, ...], start: list[np.ndarray]
) -> Iterator[list[np.ndarray]]:
    """The weights of each layer with its biases in the last row, step after step."""
    model = MLPClassifier(
        hidden_layer_sizes=hidden,
        activation="logistic",
        solver="sgd",
        learning_rate_init=inputs.learning_rate,
        alpha=0,
        momentum=0,
        batch_size=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The first fit makes the layers, with weights at random that then become those of `start`.
        model.partial_fit([inputs.x], [inputs.y], classes=[0, 1])
        for weights, biases, ours in zip(model.coefs_, model.intercepts_, start, strict=True):
            weights[...], biases[...] = ours[:-1], ours[-1]
        for _ in range(inputs.steps):
            yield [np.vstack(layer) for layer in zip(model.coefs_, model.intercepts_, strict=True)]
            model.partial_fit([inputs.x], [inputs.y])


@given(INPUTS)
def test_scikit_learn_takes_the_same_steps(inputs: Inputs) -> None:
    ours = reference(inputs)
    start = [ours["w"][0].T, ours["v"][0][:, None]]
    for step, (w, v) in enumerate(steps_of_scikit_learn(inputs, (2,), start)):
        np.testing.assert_allclose(ours["w"][step].T, w, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ours["v"][step][:, None], v, rtol=1e-9, atol=1e-9)
    start = [ours["single_v"][0][:, None]]
    for step, (v,) in enumerate(steps_of_scikit_learn(inputs, (), start)):
        np.testing.assert_allclose(ours["single_v"][step][:, None], v, rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_the_gradients_are_those_of_the_loss(inputs: Inputs) -> None:
    ours, x, y = reference(inputs), np.append(inputs.x, 1), inputs.y

    def loss(parameters: np.ndarray) -> float:
        return float(two_layers(parameters[:6].reshape(2, 3), parameters[6:], x, y)["loss"])

    def single_loss(v: np.ndarray) -> float:
        return float(one_layer(v, x, y)["loss"])

    gradient = np.append(ours["dl_dw"][0], ours["dl_dv"][0])
    slopes = approx_fprime([*inputs.w, *inputs.v], loss, 1e-7)
    np.testing.assert_allclose(gradient, slopes, atol=1e-5)
    slopes = approx_fprime(inputs.single_v, single_loss, 1e-7)
    np.testing.assert_allclose(ours["single_dl_dv"][0], slopes, atol=1e-5)


def test_the_first_step_in_the_head() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["z"][0], 0)
    np.testing.assert_allclose(ours["y_hat"][0], 1 / 2)
    np.testing.assert_allclose(ours["factors_w"][0, 0], [-2, 1 / 4, 2, 1 / 4, 1])
    np.testing.assert_allclose(ours["dl_dw"][0], [[-1 / 4, -1 / 2, -1 / 4], [1 / 8, 1 / 4, 1 / 8]])
    np.testing.assert_allclose(ours["dl_dv"][0], [-1 / 4, -1 / 4, -1 / 2])
    np.testing.assert_allclose(ours["w"][1], [[0.7, -0.1, 0.1], [-0.45, 0.1, -0.05]], atol=1e-15)
    np.testing.assert_allclose(ours["v"][1], [2.1, -0.9, -0.3])


@given(INPUTS)
def test_the_factors_make_the_gradient(inputs: Inputs) -> None:
    ours = reference(inputs)
    for of in ("w", "v"):
        np.testing.assert_allclose(ours[f"factors_{of}"].prod(axis=-1), ours[f"gradient_{of}"])


def test_the_loss_falls_and_the_other_class_turns_the_first_step_round() -> None:
    ours, other = reference(Inputs()), reference(Inputs(y=0))
    assert np.all(np.diff(ours["two_layers"]) < 0)
    assert np.all(np.diff(ours["one_layer"]) < 0)
    np.testing.assert_allclose(other["dl_dw"][0], -ours["dl_dw"][0])
    assert np.all(np.diff(other["y_hat"]) < 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"x": [1]},
        {"y": 2},
        {"y": 0.5},
        {"w": [0.6, -0.3]},
        {"v": [3, 0, 0]},
        {"epsilon": 0},
        {"steps": 0},
        {"learning_rate": 0},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
