"""Activations: the reference against SciPy and scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.differentiate import derivative
from scipy.special import expit
from sklearn.neural_network._base import ACTIVATIONS

from sheetlab.errors import InputError
from sheetlab.lessons.activations import Inputs, reference, slopes_at, values_at

HUNDREDTHS = st.integers(0, 100).map(lambda n: n / 100)

INPUTS = st.builds(
    Inputs,
    z=st.integers(-300, 300).map(lambda tenths: tenths / 10),
    leak=HUNDREDTHS,
    elu_alpha=st.integers(0, 100).map(lambda tenths: tenths / 10),
    reach=st.integers(1, 300).map(lambda tenths: tenths / 10),
    passed=st.lists(HUNDREDTHS, min_size=1, max_size=9).map(tuple) | st.just((0.99,) * 100),
)


@given(INPUTS)
def test_scipy_and_scikit_learn_find_the_same_values(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, value = ours["x"], ours["value"]
    np.testing.assert_allclose(value[:, 0], expit(x), rtol=1e-12)
    for column, name in ((0, "logistic"), (1, "tanh"), (2, "relu")):
        theirs = x.copy()
        ACTIVATIONS[name](theirs)
        np.testing.assert_allclose(value[:, column], theirs, rtol=1e-12)


@given(INPUTS)
def test_scipy_finds_the_same_slopes_by_differences(inputs: Inputs) -> None:
    # Not at the kink in 0, where there is none.
    x = np.linspace(0.2, 6, 9) * np.sign(inputs.z or 1)
    for column in range(5):
        found = derivative(
            lambda t, column=column: values_at(t, inputs)[..., column], x, initial_step=0.1
        )
        np.testing.assert_allclose(slopes_at(x, inputs)[:, column], found.df, atol=1e-7)


@given(INPUTS)
def test_only_the_sides_of_a_kink_differ_much_from_the_quotient(inputs: Inputs) -> None:
    ours = reference(inputs)
    smooth = 5 if abs(inputs.z) >= 0.01 else 2
    np.testing.assert_allclose(ours["difference"][:smooth], ours["slope"][:smooth], atol=3e-4)


@given(INPUTS)
def test_gradients_vanish_where_slopes_are_below_one(inputs: Inputs) -> None:
    ours = reference(inputs)
    layers = len(inputs.passed)
    assert ours["gradient"].shape == (layers, 5)
    assert np.all(ours["gradient"][:, 0] <= 0.25 ** np.arange(1, layers + 1))
    assert np.all(np.diff(ours["gradient"][:, :4], axis=0) <= 0)
    assert set(ours["gradient"][:, 2]) <= {0, 1}
    assert ours["vanishing_product"] == pytest.approx(ours["product"][-1])


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["vanishing_product"], 42e-6)
    np.testing.assert_allclose(ours["product"], [0.7, 0.14, 0.014, 0.0042, 0.000042])
    middle = 10
    assert ours["x"][middle] == 0
    assert ours["value"][middle].tolist() == [0.5, 0, 0, 0, 0]
    assert ours["curve_slope"][middle].tolist() == [0.25, 1, 0, 0.1, 1]
    np.testing.assert_allclose(ours["slope"][2:], 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"z": 31},
        {"z": "steep"},
        {"leak": 1.5},
        {"leak": -0.1},
        {"elu_alpha": -1},
        {"reach": 0},
        {"passed": ()},
        {"passed": (0.5, 1.5)},
        {"passed": (0.5,) * 101},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
