"""Cross-entropy: the reference against scikit-learn and SciPy, and what its inputs must be."""

import math
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax
from scipy.stats import entropy
from sklearn.metrics import log_loss

from sheetlab.errors import InputError
from sheetlab.lessons.cross_entropy import Inputs, reference

LOGITS = st.integers(-300, 300).map(lambda tenths: tenths / 10)
BITS = st.integers(0, 1)
Number = TypeVar("Number", int, float)


@st.composite
def problems(draw: st.DrawFn) -> Inputs:
    samples = draw(st.integers(1, 8) | st.just(40))
    classes = draw(st.integers(2, 6) | st.just(20))
    true_class = draw(st.integers(0, classes - 1))
    counts = draw(st.lists(st.integers(0, 9), min_size=10, max_size=10).filter(any))

    def several(values: st.SearchStrategy[Number], count: int) -> tuple[Number, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    return Inputs(
        binary_true=several(BITS, samples),
        binary_logit=several(LOGITS, samples),
        multi_hot=several(BITS, 3),
        multi_logit=several(LOGITS, 3),
        class_logit=several(LOGITS, classes),
        class_true=tuple(int(k == true_class) for k in range(classes)),
        sparse_label=draw(st.integers(0, classes - 1)),
        digit=draw(st.integers(0, 9)),
        digit_prediction=tuple(count / sum(counts) for count in counts),
    )


INPUTS = problems()


@given(INPUTS)
def test_scikit_learn_and_scipy_find_the_same_losses(inputs: Inputs) -> None:
    ours = reference(inputs)
    probability = expit(inputs.binary_logit)
    mean = log_loss(inputs.binary_true, probability, labels=[0, 1])
    # 1 - p has lost digits where p is nearly 1; scikit-learn has lost the same ones.
    np.testing.assert_allclose(ours["mean_binary_loss"], mean, rtol=1e-3)
    spread = softmax(inputs.class_logit)
    for name, truth in (("class", inputs.class_true), ("sparse", ours["sparse_one_hot"])):
        np.testing.assert_allclose(ours[f"{name}_probability"], spread)
        expected = entropy(truth, spread)
        np.testing.assert_allclose(ours[f"{name}_loss"], expected, atol=1e-12)
    np.testing.assert_allclose(ours["multi_softmax"], softmax(inputs.multi_logit))
    predicted = inputs.digit_prediction[inputs.digit]
    expected = -math.log(predicted) if predicted else math.nan
    np.testing.assert_allclose(ours["digit_loss"], expected, atol=1e-12)


@given(INPUTS)
def test_logits_give_the_same_losses_with_all_their_digits(inputs: Inputs) -> None:
    ours = reference(inputs)
    np.testing.assert_allclose(ours["binary_loss"], ours["binary_logit_loss"], rtol=2e-3)
    for name in ("class", "sparse"):
        np.testing.assert_allclose(ours[f"{name}_loss"], ours[f"{name}_logit_loss"], atol=1e-12)
    z, y = np.array(inputs.binary_logit), np.array(inputs.binary_true)
    exact = [math.log1p(math.exp(-margin)) for margin in (2 * y - 1) * z]
    np.testing.assert_allclose(ours["binary_logit_loss"], exact, rtol=1e-9)


@given(INPUTS)
def test_sigmoids_need_not_add_up_to_one_and_softmax_does(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert 0 < ours["total_multi_probability"] < 3
    assert ours["total_multi_softmax"] == pytest.approx(1)


def test_the_slides_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["binary_probability"][0].round(2) == 0.69
    assert ours["class_probability"].round(2).tolist() == [0.3, 0.15, 0.55]
    assert ours["digit_loss"] == pytest.approx(-math.log(0.6))
    assert ours["binary_loss"][4] == pytest.approx(math.log(2))
    assert ours["sparse_loss"] == pytest.approx(ours["class_loss"])


def test_from_probabilities_the_loss_breaks_off() -> None:
    ours = reference(Inputs())
    assert np.isnan(ours["far_loss"]).tolist() == (ours["far"] > 37).tolist()
    np.testing.assert_allclose(ours["far_logit_loss"][5:], ours["far"][5:])


def test_no_probability_for_the_truth_is_an_endless_loss() -> None:
    certain = Inputs().change({"digit_prediction": (1, *[0] * 9)})
    assert np.isnan(reference(certain)["digit_loss"])
    assert reference(certain.change({"digit": 0}))["digit_loss"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"binary_true": (1, 0)},
        {"binary_true": (2,), "binary_logit": (1,)},
        {"binary_logit": (0.8, 3, -1, 2, 31)},
        {"class_true": (0, 1, 1)},
        {"class_true": (0, 0, 0)},
        {"class_true": (0, 1)},
        {"sparse_label": 3},
        {"digit": 10},
        {"digit_prediction": (0.2,) * 10},
        {"digit_prediction": (0.5, 0.5)},
        {"digit_prediction": (1.1, -0.1, *[0] * 8)},
        {"multi_logit": (1, 2)},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
