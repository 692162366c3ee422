"""Ensembles: the reference against scikit-learn and SciPy, its properties, and what is refused."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.ensembles import LEAST_ERROR, Inputs, reference


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    records = draw(st.integers(2, 10) | st.just(25))
    # Few different places make ties, and records that no stump tells apart.
    tenths = draw(st.sampled_from((4, 40, 400)))
    x = st.integers(-tenths, tenths).map(lambda value: value / 10)
    return Inputs(
        rounds=draw(st.integers(1, 4)),
        x=tuple(draw(st.lists(x, min_size=records, max_size=records))),
        y=tuple(draw(st.lists(st.sampled_from((-1, 1)), min_size=records, max_size=records))),
        variance=draw(st.integers(1, 500)) / 10,
        correlation=draw(st.integers(0, 100)) / 100,
        accuracy=draw(st.integers(1, 99)) / 100,
        voters=draw(st.integers(1, 12) | st.just(20)),
    )


INPUTS = inputs_of_any_size()


class BestStump(DecisionTreeClassifier):  # type: ignore[misc]
    """The stump of least weighted error; scikit-learn's own takes that of least impurity."""

    def fit(
        self, features: np.ndarray, label: np.ndarray, sample_weight: np.ndarray
    ) -> "BestStump":
        self.classes_ = np.array([-1, 1])
        answers = np.where(features <= features.T, 1, -1)
        errors = [sample_weight @ (sign * one != label) for one in answers.T for sign in (1, -1)]
        best = int(np.argmin(np.round(errors, 12)))
        self.split, self.sign = features[best // 2, 0], 1 - 2 * (best % 2)
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        return np.where(features[:, 0] <= self.split, self.sign, -self.sign)


@settings(deadline=None)
@given(INPUTS)
def test_scikit_learn_boosts_alike(inputs: Inputs) -> None:
    ours = reference(inputs)
    assume(len(set(inputs.y)) == 2)
    # scikit-learn stops at a perfect stump and at one that is no better than a coin.
    assume(np.all((ours["error"] > LEAST_ERROR) & (ours["error"] < 0.5 - 1e-9)))
    features, label = np.array(inputs.x)[:, None], np.array(inputs.y)
    model = AdaBoostClassifier(BestStump(), n_estimators=inputs.rounds).fit(features, label)
    assume([one.split for one in model.estimators_] == ours["split"].tolist())
    np.testing.assert_allclose(model.estimator_errors_, ours["error"], atol=1e-9)
    np.testing.assert_allclose(model.estimator_weights_, 2 * ours["say"], rtol=1e-7)


def test_the_example_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["error"], [0.3, 3 / 14, 2 / 11])
    assert ours["split"].tolist() == [2, 8, 5]
    assert ours["sign"].tolist() == [1, 1, -1]
    np.testing.assert_allclose(ours["say"], np.log([7 / 3, 11 / 3, 9 / 2]) / 2)
    np.testing.assert_allclose(ours["weight"][1], [*[1 / 14] * 6, *[1 / 6] * 3, 1 / 14])
    np.testing.assert_allclose(ours["share_wrong"], [0.3, 0.3, 0])


@settings(deadline=None)
@given(INPUTS)
def test_no_stump_is_better_and_the_loss_is_the_product_of_its_factors(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, y = np.array(inputs.x), np.array(inputs.y)
    for k in range(inputs.rounds):
        for split in x:
            error = ours["weight"][k] @ (np.where(x <= split, 1, -1) != y)
            assert ours["error"][k] <= min(error, 1 - error) + 1e-9
        # What was wrong and what was right weigh the same afterwards.
        if ours["error"][k] > LEAST_ERROR:
            wrong = ours["says"][k] != y
            np.testing.assert_allclose(ours["new_weight"][k] @ wrong, 1 / 2, atol=1e-9)
    if np.all(ours["error"] > LEAST_ERROR):
        factors = 2 * np.sqrt(ours["error"] * (1 - ours["error"]))
        loss = np.mean(np.exp(-y * ours["vote_so_far"][-1]))
        np.testing.assert_allclose(loss, factors.prod(), rtol=1e-6)
        assert ours["share_wrong"][-1] <= loss + 1e-6


@settings(deadline=None)
@given(INPUTS)
def test_scipy_counts_the_same_majorities(inputs: Inputs) -> None:
    b, p = np.arange(1, inputs.voters + 1), inputs.accuracy
    tie = np.where(b % 2 == 0, binom.pmf(b // 2, b, p) / 2, 0)
    expected = binom.sf(b // 2, b, p) + tie
    np.testing.assert_allclose(reference(inputs)["majority_right"], expected, atol=1e-12)


@settings(deadline=None)
@given(INPUTS)
def test_the_variance_of_a_mean_by_its_covariances(inputs: Inputs) -> None:
    ours = reference(inputs)
    for b in range(1, inputs.voters + 1):
        share = np.full(b, 1 / b)
        correlation = np.full((b, b), inputs.correlation) + np.eye(b) * (1 - inputs.correlation)
        expected = inputs.variance * share @ correlation @ share
        np.testing.assert_allclose(ours["correlated_variance"][b - 1], expected)
        np.testing.assert_allclose(ours["bagged_variance"][b - 1], inputs.variance / b)


def test_a_perfect_stump_changes_no_weight() -> None:
    ours = reference(Inputs(x=(1, 2, 3), y=(1, 1, -1), rounds=2))
    assert ours["error"].tolist() == [0, 0]
    np.testing.assert_allclose(ours["weight"], 1 / 3)
    np.testing.assert_allclose(ours["say"], np.log(999) / 2)


@pytest.mark.parametrize(
    "change",
    [
        {"rounds": 0},
        {"x": (1, 2, 3)},
        {"y": (1, 0, 1, -1, -1, -1, 1, 1, 1, -1)},
        {"y": (1, 2, 1, -1, -1, -1, 1, 1, 1, -1)},
        {"variance": 0},
        {"correlation": 1.1},
        {"accuracy": 1},
        {"voters": 21},
    ],
)
def test_unusable_inputs_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(change)
    assert refused.value.message.en != refused.value.message.ko
