"""RNN: the reference against scikit-learn and SciPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import log_softmax
from sklearn.metrics import log_loss

from sheetlab.errors import InputError
from sheetlab.lessons.rnn import LETTERS, Inputs, reference


def weights(count: int, tenths: int) -> st.SearchStrategy[tuple[float, ...]]:
    value = st.integers(-tenths, tenths).map(lambda tenth: tenth / 10)
    return st.tuples(*[value] * count)


INPUTS = st.builds(
    Inputs,
    word=st.lists(st.sampled_from(LETTERS), min_size=2, max_size=8).map(tuple),
    final=st.sampled_from(LETTERS),
    memory=st.integers(0, 10).map(lambda tenths: tenths / 10),
    learning_rate=st.integers(1, 50).map(lambda tenths: tenths / 10),
    steps=st.integers(1, 8),
    w_x=weights(12, 30),
    w_h=weights(9, 30),
    w_o=weights(12, 30),
)


@given(INPUTS)
def test_the_loss_is_that_of_scikit_learn_and_its_slope_that_of_scipy(inputs: Inputs) -> None:
    ours = reference(inputs)
    wanted = [LETTERS.index(letter) for letter in ours["target"]]
    expected = log_loss(wanted, ours["probability"][0], labels=range(len(LETTERS)))
    np.testing.assert_allclose(ours["mean_loss"][0], expected, rtol=1e-9)

    def loss(w_o: np.ndarray) -> float:
        chances = log_softmax(ours["hidden"] @ w_o.reshape(3, 4), axis=1)
        return float(-np.mean(chances[np.arange(len(wanted)), wanted]))

    slopes = approx_fprime(np.array(inputs.w_o, dtype=float), loss, 1e-7)
    np.testing.assert_allclose(ours["slope"][0].ravel(), slopes, atol=1e-5)


@given(INPUTS)
def test_without_memory_equal_letters_are_equal(inputs: Inputs) -> None:
    ours = reference(Inputs(**{**vars(inputs), "memory": 0}))
    for one, hidden in zip(inputs.word, ours["hidden"], strict=True):
        np.testing.assert_allclose(hidden, ours["hidden"][inputs.word.index(one)])


def test_it_learns_hello() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["mean_loss"][0], np.log(4))
    np.testing.assert_allclose(ours["hidden"][0], [np.tanh(1), 0, 0], atol=1e-15)
    assert np.all(np.diff(ours["mean_loss"]) < 0)
    said = [LETTERS[best] for best in ours["probability"][-1].argmax(axis=1)]
    assert "".join(said) == "ello"


@pytest.mark.parametrize(
    "settings",
    [
        {"word": ["h"]},
        {"word": ["h", "a"]},
        {"final": "x"},
        {"memory": 2},
        {"learning_rate": 0},
        {"w_x": [1]},
        {"w_h": [0] * 12},
        {"w_o": [6] * 12},
        {"steps": 9},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
