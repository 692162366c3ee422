"""Windows: the reference against NumPy and scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.linear_model import LinearRegression

from sheetlab.errors import InputError
from sheetlab.lessons.sequence_windows import VALUES, Inputs, reference

NUMBERS = st.integers(-500, 500)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    length = draw(st.integers(2, 12))
    lowest = draw(NUMBERS)
    values = st.lists(NUMBERS.map(lambda n: n / 10), min_size=length + 2, max_size=length + 9)
    return Inputs(
        lowest=lowest,
        highest=lowest + length - 1 + draw(st.integers(0, 200)),
        length=length,
        horizon=draw(st.integers(0, 5)),
        factor=draw(NUMBERS) / 4,
        first_number=tuple(draw(st.lists(NUMBERS, min_size=1, max_size=5))),
        value=tuple(draw(values)),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_numpy_slides_the_same_windows(inputs: Inputs) -> None:
    ours = reference(inputs)
    numbers = np.arange(inputs.lowest, inputs.highest + 1)
    every = sliding_window_view(numbers, inputs.length)
    assert len(numbers) == ours["number_count"]
    assert len(every) == ours["window_count"]
    np.testing.assert_array_equal(every[[0, -1]], ours["edge_number"])
    last = every[:, -1] + inputs.horizon
    np.testing.assert_array_equal(last[[0, -1]], ours["target_halves_range"])
    inside = (every[:, None] == ours["example_number"]).all(axis=2).any(axis=0)
    np.testing.assert_array_equal(inside, ours["inside"])
    values = sliding_window_view(inputs.value, inputs.length + 1)
    np.testing.assert_array_equal(values, ours["in_window"])


def test_the_targets_of_the_slide_go_from_5_to_100() -> None:
    windows = [list(range(start, start + 5)) for start in range(96)]
    targets = {tuple(window): 2 * (window[-1] + 1) for window in windows}
    assert (targets[5, 6, 7, 8, 9], targets[35, 36, 37, 38, 39]) == (20, 80)
    assert (min(targets.values()), max(targets.values())) == (2 * 5, 2 * 100)
    ours = reference(Inputs())
    assert ours["target"].tolist() == [20, 80]
    assert ours["window_count"] == len(windows)
    assert ours["target_halves_range"].tolist() == [5, 100]


def test_scikit_learn_finds_that_the_first_of_five_tells_the_target() -> None:
    ours = reference(Inputs())
    first, target = ours["in_window"][:, :1], ours["in_window"][:, -1]
    model = LinearRegression().fit(first, target)
    np.testing.assert_allclose(
        [model.coef_[0], model.intercept_], np.array([1.0, float(ours["mean_growth"].item())])
    )
    np.testing.assert_allclose(model.predict(first), ours["second_prediction"])
    assert ours["mse_second_error"] == 0
    assert ours["mse_error"] > 5


@given(INPUTS)
def test_no_other_constant_growth_errs_less(inputs: Inputs) -> None:
    ours = reference(inputs)
    for other in (-0.1, 0.1):
        worse = ours["in_window"][:, 0] + ours["mean_growth"] + other - ours["in_window"][:, -1]
        assert np.mean(worse**2) > ours["mse_second_error"]


def test_a_straight_line_is_told_by_two_numbers() -> None:
    ours = reference(Inputs(value=tuple(range(0, 54, 3))))
    assert not ours["error"].any()
    assert not ours["second_error"].any()


@pytest.mark.parametrize(
    "settings",
    [
        {"length": 1},
        {"length": 13},
        {"length": 2.5},
        {"highest": 3},
        {"value": VALUES[:6]},
        {"value": [1, 2, "three", 4, 5, 6, 7]},
        {"first_number": [0.5]},
        {"lowest": 1e7},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
