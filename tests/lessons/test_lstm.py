"""LSTM: the reference against SciPy's functions and differences, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from sheetlab.errors import InputError
from sheetlab.lessons.lstm import Inputs, reference

WEIGHTS = st.tuples(*[st.integers(-60, 60).map(lambda tenth: tenth / 10)] * 3)

INPUTS = st.builds(
    Inputs,
    x=st.lists(st.integers(-20, 20).map(lambda tenth: tenth / 10), min_size=2, max_size=12).map(
        tuple
    ),
    **dict.fromkeys(list(vars(Inputs()))[1:], WEIGHTS),
)


@given(INPUTS)
def test_the_matrix_form_of_the_lecture_gives_the_same(inputs: Inputs) -> None:
    ours = reference(inputs)
    w = np.array([inputs.update_w, inputs.forget_w, inputs.output_w, inputs.candidate_w])
    a, cell = 0.0, 0.0
    for t, x in enumerate(inputs.x):
        z = w @ [a, x, 1]
        update, forget, output = expit(z[:3])
        cell = update * np.tanh(z[3]) + forget * cell
        a = output * np.tanh(cell)
        np.testing.assert_allclose([ours["cell"][t], ours["a"][t]], [cell, a], atol=1e-9)


@given(INPUTS)
def test_what_is_left_is_the_derivative_of_the_simple_unit(inputs: Inputs) -> None:
    ours, by = reference(inputs), 1e-6

    def last(state: float) -> float:
        for x in inputs.x[1:]:
            state = np.tanh(np.dot(inputs.rnn_w, [state, x, 1]))
        return state

    start = ours["rnn"][0]
    slope = (last(start + by) - last(start - by)) / (2 * by)
    np.testing.assert_allclose(ours["rnn_left"][-1], slope, rtol=1e-3, atol=1e-3)


@given(INPUTS)
def test_a_gru_stays_between_its_candidates(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(abs(ours["gru"]) <= 1)
    assert np.all((ours["update"] > 0) & (ours["forget"] < 1 + 1e-15))


def test_the_cell_holds_and_forgets() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["cell"][0], expit(5) * np.tanh(2))
    assert np.ptp(ours["cell"][:7]) < 0.04
    assert abs(ours["cell"][7]) < 0.01 < 0.9 < ours["gru"][7]
    assert ours["lstm_left"][4] > 0.97 > 0.2 > ours["rnn_left"][4]


@pytest.mark.parametrize(
    "settings",
    [
        {"x": [1]},
        {"x": [4, 0]},
        {"x": ["one", "two"]},
        {"candidate_w": [1, 2]},
        {"forget_w": [0, 0, 13]},
        {"rnn_w": [0, 0, 0, 0]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
