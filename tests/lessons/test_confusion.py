"""Confusion matrices: the reference against scikit-learn, and what its inputs must be."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from sheetlab.errors import InputError
from sheetlab.lessons.confusion import Inputs, reference

# Few different digits, so that a positive is often there, often alone, and sometimes missing.
DIGITS = st.lists(st.sampled_from((0, 3, 5, 5, 8)), min_size=1, max_size=9)
FRACTIONS = st.sampled_from((0.0, 0.0, 0.25, 0.5, 0.67, 1.0))


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    limits = draw(st.lists(st.tuples(FRACTIONS, FRACTIONS), min_size=1, max_size=3))
    precision, recall = zip(*limits, strict=True)
    return Inputs(
        digit=tuple(draw(DIGITS)),
        positive=draw(st.sampled_from((5, 5, 5, 8, 0, 1))),
        threshold_before=tuple(draw(st.lists(st.integers(1, 11), min_size=1, max_size=5))),
        limit_precision=precision,
        limit_recall=recall,
    )


INPUTS = inputs_of_any_size()


def truth_and_scores(inputs: Inputs) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    truth = np.array([digit == inputs.positive for digit in inputs.digit], dtype=int)
    return truth, np.arange(1, len(truth) + 1)


@given(INPUTS)
def test_scikit_learn_counts_and_measures_the_same(inputs: Inputs) -> None:
    truth, scores = truth_and_scores(inputs)
    ours = reference(inputs)
    for index, threshold in enumerate(inputs.threshold_before):
        predicted = (scores >= threshold).astype(int)
        (tn, fp), (fn, tp) = confusion_matrix(truth, predicted, labels=[0, 1])
        assert [ours[name][index] for name in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
        assert ours["predicted_positive"][index].tolist() == [tp, fp]
        assert ours["predicted_negative"][index].tolist() == [fn, tn]
        outcomes = ours["outcome"][:, index].tolist()
        assert [outcomes.count(symbol) for symbol in ("TN", "FP", "FN", "TP")] == [tn, fp, fn, tp]

        undefined_is_nan: dict[str, Any] = {"zero_division": np.nan}
        precision = precision_score(truth, predicted, **undefined_is_nan)
        recall = recall_score(truth, predicted, **undefined_is_nan)
        specificity = recall_score(1 - truth, 1 - predicted, **undefined_is_nan)
        # scikit-learn's F1 is 0 where one of the two is undefined; the slide's has no value.
        f1 = f1_score(truth, predicted) if np.isfinite(precision + recall) else np.nan
        for name, expected in {
            "threshold_accuracy": accuracy_score(truth, predicted),
            "threshold_precision": precision,
            "threshold_recall": recall,
            "threshold_specificity": specificity,
            "threshold_f1": f1,
            "type_i_error_rate": 1 - specificity,
            "type_ii_error_rate": 1 - recall,
        }.items():
            np.testing.assert_allclose(ours[name][index], expected, atol=1e-12, err_msg=name)


@given(INPUTS)
def test_scikit_learn_draws_the_same_roc_curve(inputs: Inputs) -> None:
    truth, scores = truth_and_scores(inputs)
    ours = reference(inputs)
    if len(set(truth)) < 2:
        assert np.isnan(ours["roc_auc"])
        return
    fpr, tpr, thresholds = roc_curve(truth, scores, drop_intermediate=False)
    # scikit-learn begins with the highest threshold, which is infinite.
    np.testing.assert_array_equal(ours["cut"][:-1], thresholds[:0:-1])
    np.testing.assert_allclose(ours["fpr"], fpr[::-1], atol=1e-12)
    np.testing.assert_allclose(ours["tpr"], tpr[::-1], atol=1e-12)
    np.testing.assert_allclose(ours["roc_auc"], roc_auc_score(truth, scores), atol=1e-12)


@given(INPUTS)
def test_the_thresholds_are_on_the_curves_of_all(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(np.isnan(ours["tpr"])) or np.all(np.diff(ours["tpr"]) <= 0)
    for index, threshold in enumerate(inputs.threshold_before):
        cut = min(threshold, len(inputs.digit) + 1) - 1
        for chosen, curve in (
            ("threshold_precision", "cut_precision"),
            ("threshold_recall", "tpr"),
        ):
            np.testing.assert_array_equal(ours[chosen][index], ours[curve][cut])


@given(INPUTS)
def test_f1_lies_between_precision_and_recall(inputs: Inputs) -> None:
    precision, recall = np.array(inputs.limit_precision), np.array(inputs.limit_recall)
    f1 = reference(inputs)["f1_limits"]
    assert np.all((f1 == 0) == ((precision == 0) | (recall == 0)))
    assert np.all(np.minimum(precision, recall) - 1e-12 <= f1)
    assert np.all(f1 <= np.maximum(precision, recall) + 1e-12)


def test_the_slides_thresholds_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["threshold_precision"], [6 / 8, 4 / 5, 3 / 3])
    np.testing.assert_allclose(ours["threshold_recall"], [6 / 6, 4 / 6, 3 / 6])
    np.testing.assert_allclose(ours["roc_auc"], 32 / 36)
    np.testing.assert_array_equal(ours["f1_limits"], [0, 1])


def test_nothing_predicted_positive_has_no_precision() -> None:
    ours = reference(Inputs(threshold_before=(13,)))
    assert np.isnan(ours["threshold_precision"])
    assert np.isnan(ours["threshold_f1"])
    assert ours["threshold_recall"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"digit": []},
        {"digit": [5, 10]},
        {"positive": 2.5},
        {"threshold_before": [0]},
        {"threshold_before": [1, 2, 3, 4, 5, 6]},
        {"limit_recall": [0.5]},
        {"limit_precision": [0, 1.1]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
