"""Shapes and sizes: the reference against NumPy, SciPy and scikit-learn, and refused inputs."""

from typing import TypeVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import signal
from sklearn.neural_network import MLPClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.network_shapes import Inputs, reference

SMALL = st.integers(1, 9)


Value = TypeVar("Value", int, str)


@st.composite
def networks(draw: st.DrawFn) -> Inputs:
    def values(one: st.SearchStrategy[Value], low: int, high: int) -> tuple[Value, ...]:
        return tuple(draw(st.lists(one, min_size=low, max_size=high)))

    layers, depth = draw(st.integers(1, 8)), draw(st.integers(2, 6))
    try:
        return Inputs(
            vector=values(SMALL, 1, 6),
            height=values(st.integers(1, 2000), 4, 4),
            channels=values(SMALL, 4, 4),
            mnist_images=draw(st.integers(1, 70_000)),
            examples=draw(st.integers(1, 5000)),
            batch_size=values(st.integers(1, 999), 1, 6),
            mlp_layers=values(st.integers(1, 900), depth, depth),
            keras_layers=values(st.integers(1, 900), depth, depth),
            picture_side=draw(st.integers(8, 64)),
            picture_channels=draw(SMALL),
            layer=tuple(f"layer {number}" for number in range(layers)),
            kind=values(st.sampled_from(("conv", "pool", "dense")), layers, layers),
            kernel=values(st.integers(1, 5), layers, layers),
            stride=values(st.integers(1, 2), layers, layers),
            padding=values(st.integers(0, 2), layers, layers),
            units=values(st.integers(1, 32), layers, layers),
        )
    except InputError:
        assume(False)
        raise


INPUTS = networks()


@given(INPUTS)
def test_scipy_leaves_as_many_values_a_side(inputs: Inputs) -> None:
    ours = reference(inputs)
    columns = (inputs.kind, inputs.kernel, inputs.stride, inputs.padding)
    for number, (kind, kernel, stride, padding) in enumerate(zip(*columns, strict=True)):
        if kind == "dense":
            continue
        given_values = np.zeros(int(ours["side_in"][number]) + 2 * int(padding))
        assume(len(given_values) >= kernel)
        left = signal.correlate(given_values, np.ones(int(kernel)), mode="valid")[:: int(stride)]
        assert len(left) == ours["side_out"][number]


@settings(max_examples=10)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=5))
def test_scikit_learn_learns_as_many_parameters(layers: list[int]) -> None:
    ours = reference(Inputs(mlp_layers=tuple(layers), keras_layers=tuple(layers)))
    outputs = layers[-1]
    model = MLPClassifier(tuple(layers[1:-1]), max_iter=1)
    x = np.random.default_rng(1).normal(size=(40, layers[0]))
    # As many labels as outputs; scikit-learn has one output for two classes.
    y = np.arange(40) % (outputs + (outputs == 1))
    assume(outputs != 2)
    model.partial_fit(x, y, classes=np.unique(y))
    sizes = [weight.size for weight in (*model.coefs_, *model.intercepts_)]
    assert sum(sizes) == ours["sum_mlp"]


def test_lenet_has_the_parameters_of_the_paper() -> None:
    ours = reference(Inputs())
    assert ours["side_out"].tolist() == [28, 14, 10, 5, 1, 1, 1]
    assert ours["parameters"].tolist() == [156, 0, 2416, 0, 48120, 10164, 850]
    assert ours["sum_parameters"] == 61706
    assert ours["sum_mlp"] == 784 * 50 + 50 + 50 * 10 + 10
    assert ours["sum_keras"] == 101770


def test_numpy_tells_the_same_shapes() -> None:
    ours = reference(Inputs())
    for size, shape in (("1d", (3,)), ("2d", (2, 3)), ("3d", (2, 2, 2))):
        assert ours[f"array_shape_{size}"].tolist() == list(shape)
    assert np.zeros((3, 28, 28)).reshape(3, -1).shape[1] == ours["features"][0]


@pytest.mark.parametrize(
    "settings",
    [
        {"picture_side": 4},
        {"kernel": [40, 2, 5, 2, 1, 1, 1]},
        {"kernel": [5, 2]},
        {"kind": ["conv"] * 6 + ["lstm"]},
        {"stride": [0, 2, 1, 2, 1, 1, 1]},
        {"padding": [-1] * 7},
        {"batch_size": [0]},
        {"mlp_layers": [784]},
        {"height": [28]},
        {"matrix": [1, 2, 3]},
        {"examples": 2.5},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
