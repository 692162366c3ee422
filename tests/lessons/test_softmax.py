"""Softmax: the reference against SciPy and scikit-learn, its overflows, and its inputs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.utils.extmath import softmax as softmax_of_rows

from sheetlab.errors import InputError
from sheetlab.lessons.softmax import Inputs, reference

# With exp of these, or with their sum, a float is at the very border of its range.
BORDER = (690, 750)

MODERATE = st.integers(-500, 500).map(lambda tenths: tenths / 10)
LARGE = st.sampled_from((-1000.0, -800.5, 800.5, 1000.0))


def clear_of_the_border(inputs: Inputs) -> bool:
    exponents = np.array([*inputs.z, *(inputs.scale * z for z in inputs.z)])
    return not np.any((np.abs(exponents) > BORDER[0]) & (np.abs(exponents) < BORDER[1]))


@st.composite
def numbers_of_any_size(draw: st.DrawFn) -> Inputs:
    z = draw(
        st.lists(MODERATE, min_size=2, max_size=8)
        | st.lists(MODERATE | LARGE, min_size=2, max_size=8)
        | st.lists(LARGE, min_size=2, max_size=4)
        | st.tuples(MODERATE, st.integers(2, 30)).map(lambda tie: [tie[0]] * tie[1])
    )
    hundredths = draw(st.lists(st.integers(0, 100), min_size=1, max_size=5))
    return Inputs(
        z=tuple(z),
        scale=draw(st.sampled_from((-20.0, -1.0, 0.0, 0.25, 1.0, 10.0, 300.0, 10000.0))),
        large_exponent=draw(MODERATE | LARGE),
        quiz_probability=tuple(n / max(100, sum(hundredths)) for n in hundredths),
    )


INPUTS = numbers_of_any_size().filter(clear_of_the_border)


@settings(deadline=None)
@given(INPUTS)
def test_scipy_and_scikit_learn_find_the_same_probabilities(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name, z in (("guarded", np.array(inputs.z)), ("scaled_guarded", ours["scaled_input"])):
        np.testing.assert_allclose(ours[name], softmax(z), atol=1e-12)
        np.testing.assert_allclose(ours[name], softmax_of_rows(z[None])[0], atol=1e-12)


@settings(deadline=None)
@given(INPUTS)
def test_both_ways_agree_unless_exp_leaves_its_range(inputs: Inputs) -> None:
    ours = {**reference(inputs), "z": np.array(inputs.z)}
    for z, naive, guarded, total in (
        ("z", "naive", "guarded", "naive_total"),
        ("scaled_input", "scaled_naive", "scaled_guarded", "scaled_naive_total"),
    ):
        if abs(ours[z].max()) <= BORDER[0]:
            np.testing.assert_allclose(ours[naive], ours[guarded], atol=1e-12)
            assert ours[total] == pytest.approx(1)
        else:
            # Too large, a term of the sum overflows; too small, all of them are 0.
            assert np.isnan(ours[naive]).all()
            assert np.isnan(ours[total]).all()


@settings(deadline=None)
@given(INPUTS)
def test_only_the_terms_that_overflow_are_undefined(inputs: Inputs) -> None:
    ours = {**reference(inputs), "z": np.array(inputs.z)}
    for z, exp in (("z", "naive_exp"), ("scaled_input", "scaled_naive_exp")):
        np.testing.assert_array_equal(np.isnan(ours[exp]), ours[z] > 709.78)
    assert np.isnan(ours["exp_1000"]) == (inputs.large_exponent > 709.78)


@settings(deadline=None)
@given(INPUTS)
def test_guarded_probabilities_add_up_to_one_in_the_order_of_the_numbers(inputs: Inputs) -> None:
    ours = {**reference(inputs), "z": np.array(inputs.z)}
    for z, guarded, total in (
        ("z", "guarded", "guarded_total"),
        ("scaled_input", "scaled_guarded", "scaled_guarded_total"),
    ):
        assert ours[total] == pytest.approx(1)
        assert (np.diff(ours[guarded][np.argsort(ours[z])]) >= 0).all()


@settings(deadline=None)
@given(INPUTS, MODERATE)
def test_a_constant_added_to_all_numbers_changes_no_probability(
    inputs: Inputs, constant: float
) -> None:
    moved = inputs.change({"z": [z + constant for z in inputs.z]})
    np.testing.assert_allclose(reference(moved)["guarded"], reference(inputs)["guarded"])


def test_the_scale_decides_when_exp_overflows_and_how_much_the_largest_gets() -> None:
    assert np.isfinite(reference(Inputs(scale=177))["scaled_naive"]).all()
    assert np.isnan(reference(Inputs(scale=178))["scaled_naive"]).all()
    assert reference(Inputs(scale=2))["scaled_guarded"].max() > 0.5
    assert reference(Inputs(scale=0.1))["scaled_guarded"].max() < 0.2


def test_a_sum_may_overflow_though_no_term_does() -> None:
    ours = reference(Inputs().change({"z": (709.5, 709.5)}))
    assert np.isfinite(ours["naive_exp"]).all()
    assert np.isnan(ours["naive_exp_sum"])
    assert np.isnan(ours["naive"]).all()
    assert ours["guarded"].tolist() == [0.5, 0.5]


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    # exp(1) cancels out: 1, e, e², e³, 1, e, e² over their sum.
    shares = np.array([1, math.e, math.e**2, math.e**3, 1, math.e, math.e**2])
    np.testing.assert_allclose(ours["naive"], shares / shares.sum())
    assert ours["scaled_input"].tolist() == [10000, 20000, 30000, 40000, 10000, 20000, 30000]
    assert np.isnan(ours["scaled_naive"]).all()
    assert ours["scaled_guarded"].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert np.isnan(ours["exp_1000"])
    np.testing.assert_allclose(ours["quiz_missing_probability"], 0.34)


@pytest.mark.parametrize(
    "settings",
    [
        {"z": [1]},
        {"z": [1, "two"]},
        {"z": [1, float("inf")]},
        {"scale": 1e200},
        {"quiz_probability": [-0.1]},
        {"quiz_probability": [0.6, 0.5]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)


def test_the_quiz_may_leave_nothing_over() -> None:
    tenths = Inputs().change({"quiz_probability": [0.1] * 10})
    np.testing.assert_allclose(reference(tenths)["quiz_missing_probability"], 0, atol=1e-12)
