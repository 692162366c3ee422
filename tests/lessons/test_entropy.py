"""Entropy: the reference against SciPy and scikit-learn, on any table, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from sheetlab.data import inputs_with, read_table
from sheetlab.errors import InputError
from sheetlab.lessons import lesson
from sheetlab.lessons.entropy import Inputs, reference

# Headings that the lesson has itself, that are no names, or that look like cells; texts that a
# spreadsheet may take for a condition, a pattern, a formula, a number or a list.
HEADINGS = (
    *("slope", "speed limit", "speed", "Speed-Limit", "parent", "gain", "slope gain", "total"),
    *("class", "class label", "feature value", "records", "경사도", "A1", "r", "coin", "a|b"),
)
TEXTS = ("Yes", "No", "<=50K", ">50K", "*", "a*", "?", "~a", "=x", "1", "1.0", "예", "a|b", "TRUE")


@st.composite
def tables_of_any_kind(draw: st.DrawFn) -> Inputs:
    records = draw(st.integers(2, 8))
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=2, max_size=4, unique=True))
    columns = []
    for heading in headings:
        words = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4, unique=True))
        values = draw(st.lists(st.sampled_from(words), min_size=records, max_size=records))
        # Often a category that does not occur any more.
        columns.append((heading, values, words))
    return Inputs().change(
        {"records": columns, "coin_probability": draw(st.integers(0, 100)) / 100}
    )


@st.composite
def records_of_the_slide(draw: st.DrawFn) -> Inputs:
    changed = {
        column.name: draw(st.lists(st.sampled_from(column.categories), min_size=4, max_size=4))
        for column in Inputs().records
    }
    return Inputs().change(changed)


INPUTS = tables_of_any_kind() | records_of_the_slide()


@given(INPUTS)
def test_scipy_finds_the_same_entropies(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name in ("parent", *(feature.name for feature in inputs.records[:-1])):
        for counts, found in zip(ours[f"{name}_counts"], ours[f"{name}_entropy"], strict=True):
            # SciPy gives nan for a node without records.
            expected = entropy(counts, base=2) if counts.sum() else 0
            np.testing.assert_allclose(found, expected, atol=1e-12)
    p = inputs.coin_probability
    np.testing.assert_allclose(ours["coin_entropy"], entropy([p, 1 - p], base=2), atol=1e-12)


@given(INPUTS)
def test_the_gain_is_scikit_learns_mutual_information(inputs: Inputs) -> None:
    ours = reference(inputs)
    *features, label = inputs.records
    for feature, gain in zip(features, ours["information_gain"], strict=True):
        bits = mutual_info_score(feature.values, label.values) / math.log(2)
        np.testing.assert_allclose(gain, bits, atol=1e-12)
        np.testing.assert_allclose(ours[f"{feature.name}_gain"], bits, atol=1e-12)


@given(records_of_the_slide())
def test_scikit_learns_tree_splits_by_the_same_feature(inputs: Inputs) -> None:
    ours = reference(inputs)
    *features, label = inputs.records
    columns = np.array([feature.values for feature in features]).T
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=1).fit(
        OrdinalEncoder().fit_transform(columns), label.values
    )
    np.testing.assert_allclose(ours["parent_entropy"], tree.tree_.impurity[0], atol=1e-12)
    gains = np.sort(ours["information_gain"])
    # Of equal gains scikit-learn takes any.
    if gains[-1] > gains[-2] + 1e-9:
        assert ours["id3_choice"].tolist().index(1) == tree.tree_.feature[0]


@given(INPUTS)
def test_gains_lie_between_nothing_and_the_parents_entropy(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(ours["information_gain"] >= -1e-12)
    assert np.all(ours["information_gain"] <= ours["parent_entropy"] + 1e-12)
    assert ours["id3_choice"].sum() == (1 if len(set(inputs.records[-1].values)) > 1 else 0)


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    steep = math.log2(3) - 2 / 3
    np.testing.assert_allclose(ours["slope_probabilities"].ravel(), [2 / 3, 1 / 3, 0, 1])
    np.testing.assert_allclose(ours["slope_entropy"], [steep, 0])
    np.testing.assert_allclose(ours["slope_entropy_rounded"], [0.918, 0])
    np.testing.assert_allclose(ours["slope_gain"], 1 - 3 / 4 * steep)
    np.testing.assert_allclose(ours["slope_weighted_entropy_rounded"], 0.688)
    np.testing.assert_allclose(ours["slope_gain_rounded"], 0.312)
    np.testing.assert_allclose(ours["information_gain"], [1 - 3 / 4 * steep, 0, 1], atol=1e-12)
    assert ours["id3_choice"].tolist() == [0, 0, 1]


def test_play_tennis_from_a_file(tmp_path: Any) -> None:
    path = tmp_path / "tennis.csv"
    path.write_text(
        "outlook,temperature,humidity,wind,play\n"
        "sunny,hot,high,weak,no\nsunny,hot,high,strong,no\novercast,hot,high,weak,yes\n"
        "rain,mild,high,weak,yes\nrain,cool,normal,weak,yes\nrain,cool,normal,strong,no\n"
        "overcast,cool,normal,strong,yes\nsunny,mild,high,weak,no\nsunny,cool,normal,weak,yes\n"
        "rain,mild,normal,weak,yes\nsunny,mild,normal,strong,yes\novercast,mild,high,strong,yes\n"
        "overcast,hot,normal,weak,yes\nrain,mild,high,strong,no\n"
    )
    ours = reference(inputs_with(lesson("entropy"), read_table(path), {}))  # type: ignore[arg-type]
    # As Mitchell's textbook has them (Machine Learning, 1997, section 3.4).
    np.testing.assert_allclose(ours["parent_entropy"], [0.940], atol=5e-4)
    np.testing.assert_allclose(ours["information_gain"], [0.246, 0.029, 0.151, 0.048], atol=1e-3)
    assert ours["id3_choice"].tolist() == [1, 0, 0, 0]


def test_of_equal_gains_the_first_is_chosen() -> None:
    ours = reference(Inputs().change({"speedlimit": ("No", "Yes", "No", "No")}))
    assert ours["speedlimit_gain"] == pytest.approx(ours["slope_gain"])
    assert ours["id3_choice"].tolist() == [1, 0, 0]


def test_a_value_that_does_not_occur_weighs_nothing() -> None:
    ours = reference(Inputs().change({"slope": ("steep",) * 4}))
    assert ours["slope_weights"].tolist() == [1, 0]
    assert ours["slope_probabilities"][1].tolist() == [0, 0]
    assert ours["slope_entropy"][1] == 0
    assert ours["slope_gain"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"slope": ("steep", "steep", "flat")},
        {"slope": ("steep", "steep", "flat", "uphill")},
        {"slope": ("steep", "steep", "flat", "STEEP")},
        {"speed": ("slow", "slow", "fast", "")},
        {"records": {"speed": ("slow", "fast")}},
        {"records": {"slope": (), "speed": ()}},
        {"records": {"slope": ("{x}",), "speed": ("fast",)}},
        {"records": {"number": range(40), "speed": ["fast"] * 40}},
        {"records": "slope,speed"},
        {"coin_probability": 1.01},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert refused.value.message.en != refused.value.message.ko
