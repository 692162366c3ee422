"""Entropy: the reference against SciPy and scikit-learn, and what its inputs must be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score
from sklearn.tree import DecisionTreeClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.entropy import CLASSES, FEATURES, Inputs, reference

WORDS = {feature: tuple(children.values()) for feature, children in FEATURES.items()}


@st.composite
def tables_of_any_size(draw: st.DrawFn) -> Inputs:
    records = draw(st.integers(2, 7) | st.sampled_from((16, 80)))
    columns = {}
    for field, words in {**WORDS, "speed": CLASSES}.items():
        # A column of one word, often: a value that does not occur, or one class only.
        used = draw(st.sampled_from((words, words, words[:1], words[1:])))
        column = st.lists(st.sampled_from(used), min_size=records, max_size=records)
        columns[field] = tuple(draw(column))
    return Inputs(**columns, coin_probability=draw(st.integers(0, 100)) / 100)


INPUTS = tables_of_any_size()


@given(INPUTS)
def test_scipy_finds_the_same_entropies(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name in ("parent", *(child for children in FEATURES.values() for child in children)):
        # SciPy gives nan for a node without records.
        expected = entropy(ours[f"{name}_counts"], base=2) if ours[f"{name}_total"] else 0
        np.testing.assert_allclose(ours[f"{name}_entropy"], expected, atol=1e-12)
    p = inputs.coin_probability
    np.testing.assert_allclose(ours["coin_entropy"], entropy([p, 1 - p], base=2), atol=1e-12)


@given(INPUTS)
def test_the_gain_is_scikit_learns_mutual_information(inputs: Inputs) -> None:
    ours = reference(inputs)
    for feature in FEATURES:
        bits = mutual_info_score(getattr(inputs, feature), inputs.speed) / math.log(2)
        np.testing.assert_allclose(ours[f"{feature}_gain"], bits, atol=1e-12)


@given(INPUTS)
def test_scikit_learns_tree_splits_by_the_same_feature(inputs: Inputs) -> None:
    ours = reference(inputs)
    columns = [np.array(getattr(inputs, feature)) == WORDS[feature][0] for feature in FEATURES]
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=1).fit(
        np.column_stack(columns), inputs.speed
    )
    np.testing.assert_allclose(ours["parent_entropy"], tree.tree_.impurity[0], atol=1e-12)
    gains = np.sort([ours[f"{feature}_gain"][0] for feature in FEATURES])
    # Of equal gains scikit-learn takes any.
    if gains[-1] > gains[-2] + 1e-9:
        assert ours["chosen"].tolist().index(1) == tree.tree_.feature[0]


@given(INPUTS)
def test_gains_lie_between_nothing_and_the_parents_entropy(inputs: Inputs) -> None:
    ours = reference(inputs)
    for feature in FEATURES:
        assert -1e-12 <= ours[f"{feature}_gain"] <= ours["parent_entropy"] + 1e-12
        assert ours[f"{feature}_weights"].sum() == pytest.approx(1)
    assert ours["chosen"].sum() == (1 if len(set(inputs.speed)) == 2 else 0)


@given(INPUTS)
def test_rounding_on_the_way_moves_the_gain_by_little(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert abs(ours["slope_gain_rounded"] - ours["slope_gain"]) < 0.01
    cut_off = ours["slope_weighted_entropy_uncut"] - ours["slope_weighted_entropy_rounded"]
    assert -1e-12 <= cut_off < 1e-3


def test_the_last_binary_digits_do_not_decide_the_cut() -> None:
    # 2/6 * 1 + 4/6 * 0.811 is 0.874, but 0.8739999999999999 in floating point.
    ours = reference(
        Inputs(
            slope=("steep",) * 2 + ("flat",) * 4,
            surface=("bumpy",) * 6,
            speed_limit=("No",) * 6,
            speed=("slow", "fast", "slow", "fast", "fast", "fast"),
        )
    )
    assert ours["slope_weighted_entropy_uncut"] < 0.874
    assert ours["slope_weighted_entropy_rounded"] == 0.874


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    steep = math.log2(3) - 2 / 3
    np.testing.assert_allclose(ours["steep_probabilities"], [2 / 3, 1 / 3])
    np.testing.assert_allclose(ours["steep_entropy"], steep)
    np.testing.assert_allclose(ours["slope_gain"], 1 - 3 / 4 * steep)
    np.testing.assert_allclose(ours["slope_weighted_entropy_uncut"], 0.6885)
    np.testing.assert_allclose(ours["slope_weighted_entropy_rounded"], 0.688)
    np.testing.assert_allclose(ours["slope_gain_rounded"], 0.312)
    assert ours["surface_gain"] == 0
    assert ours["speed_limit_gain"] == 1
    assert ours["chosen"].tolist() == [0, 0, 1]


def test_of_equal_gains_the_first_is_chosen() -> None:
    ours = reference(Inputs().change({"speed_limit": ("No", "Yes", "No", "No")}))
    assert ours["speed_limit_gain"] == pytest.approx(ours["slope_gain"])
    assert ours["chosen"].tolist() == [1, 0, 0]


def test_a_value_that_does_not_occur_weighs_nothing() -> None:
    ours = reference(Inputs().change({"slope": ("steep",) * 4}))
    assert ours["slope_weights"].tolist() == [1, 0]
    assert ours["flat_probabilities"].tolist() == [0, 0]
    assert ours["flat_entropy"] == 0
    assert ours["slope_gain"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"slope": ("steep", "steep", "flat")},
        {"slope": ("steep", "steep", "flat", "uphill")},
        {"slope": ("steep", "steep", "flat", "STEEP")},
        {"speed": ("slow", "slow", "fast", "")},
        {"slope": ["flat"], "surface": ["bumpy"], "speed_limit": ["No"], "speed": ["fast"]},
        {"coin_probability": 1.01},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
