"""The forward pass: the reference against scikit-learn, and what no network without g can do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.forward_pass import ACTIVATIONS, Inputs, reference


def several(count: int, tenths: int) -> st.SearchStrategy[tuple[float, ...]]:
    value = st.integers(-tenths, tenths).map(lambda tenth: tenth / 10)
    return st.tuples(*[value] * count)


INPUTS = st.builds(
    Inputs,
    x=several(2, 50),
    activation=st.sampled_from(tuple(ACTIVATIONS)),
    reach=st.integers(1, 50).map(lambda tenths: tenths / 10),
    weight_1=several(6, 20),
    bias_1=several(3, 20),
    weight_2=several(6, 20),
    bias_2=several(2, 20),
    weight_3=several(4, 20),
    bias_3=several(2, 20),
)


@given(INPUTS)
def test_scikit_learn_finds_the_same_outputs(inputs: Inputs) -> None:
    ours = reference(inputs)
    names = {"ReLU": "relu", "sigmoid": "logistic", "tanh": "tanh", "none": "identity"}
    model = MLPClassifier((3, 2), activation=names[inputs.activation], max_iter=1)
    with pytest.warns(ConvergenceWarning):
        model.fit([[0, 0], [0, 1], [1, 0]], [0, 1, 2])
    sizes = ((2, 3), (3, 2), (2, 2))
    model.coefs_ = [np.reshape(vars(inputs)[f"weight_{k}"], sizes[k - 1]) for k in (1, 2, 3)]
    model.intercepts_ = [np.array(vars(inputs)[f"bias_{k}"]) for k in (1, 2, 3)]
    model.classes_ = np.array([0, 1])
    model._label_binarizer.fit([0, 1, 2])
    expected = model._forward_pass_fast(np.array([inputs.x]))[0]
    np.testing.assert_allclose(ours["probability"], expected, atol=1e-10)
    curve = model._forward_pass_fast(ours["point"])[:, 1]
    np.testing.assert_allclose(ours["curve"], curve, atol=1e-10)


@given(INPUTS)
def test_the_single_layer_is_the_product_of_the_matrices(inputs: Inputs) -> None:
    ours = reference(inputs)
    first, second, third = (
        np.reshape(inputs.weight_1, (2, 3)),
        np.reshape(inputs.weight_2, (3, 2)),
        np.reshape(inputs.weight_3, (2, 2)),
    )
    np.testing.assert_allclose(ours["weight"], first @ second @ third, atol=1e-12)
    bias = (inputs.bias_1 @ second + inputs.bias_2) @ third + inputs.bias_3
    np.testing.assert_allclose(ours["bias"], bias, atol=1e-12)
    np.testing.assert_allclose(ours["linear_probability"], softmax(ours["linear_sum"]))


@given(INPUTS)
def test_without_g_the_output_never_turns_and_nothing_is_gained(inputs: Inputs) -> None:
    ours = reference(inputs.change({"activation": "none"}))
    np.testing.assert_allclose(ours["curve"], ours["linear_curve"], atol=1e-12)
    steps = np.diff(ours["linear_curve"])
    assert np.all(steps >= -1e-12) or np.all(steps <= 1e-12)


def test_the_numbers_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["sum_1"].tolist() == [1, -2, 0]
    assert ours["node_1"].tolist() == [1, 0, 0]
    assert ours["sum_2"].tolist() == [-3, 1]
    assert ours["node_2"].tolist() == [0, 1]
    assert ours["sum_3"].tolist() == [-1, 0]
    np.testing.assert_allclose(ours["probability"], [1 / (1 + np.e), np.e / (1 + np.e)])
    assert ours["curve"][12] == pytest.approx(ours["probability"][1])


def test_the_winner_changes_twice_along_the_first_feature() -> None:
    second = [reference(Inputs(x=(x, 2)))["probability"][1] for x in (1, 2, 5)]
    assert second[0] > 0.7
    assert second[1] < 0.1
    assert second[2] > 0.99


def test_the_network_of_deep_learning_from_scratch() -> None:
    # Saito (2016), section 3.4; there, the output has no softmax.
    ours = reference(
        Inputs(
            x=(1, 0.5),
            activation="sigmoid",
            weight_1=(0.1, 0.3, 0.5, 0.2, 0.4, 0.6),
            bias_1=(0.1, 0.2, 0.3),
            weight_2=(0.1, 0.4, 0.2, 0.5, 0.3, 0.6),
            bias_2=(0.1, 0.2),
            weight_3=(0.1, 0.3, 0.2, 0.4),
            bias_3=(0.1, 0.2),
        )
    )
    np.testing.assert_allclose(ours["node_1"], [0.57444252, 0.66818777, 0.75026011], atol=1e-8)
    np.testing.assert_allclose(ours["sum_3"], [0.31682708, 0.69627909], atol=1e-8)


@pytest.mark.parametrize(
    "settings",
    [
        {"x": (1, 2, 3)},
        {"x": (1, 6)},
        {"activation": "softplus"},
        {"reach": 0},
        {"weight_1": (1, 2, 3)},
        {"weight_2": (3, 0, 0, 0, 0, 0)},
        {"bias_3": ("one", 2)},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
