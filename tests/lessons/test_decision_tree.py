"""The decision tree: the reference against scikit-learn, its properties, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from sheetlab.errors import InputError
from sheetlab.lessons.decision_tree import Inputs, reference

HEADINGS = ("slope", "node", "gain", "speed limit", "class", "경사도", "A1", "entropy gain")
TEXTS = ("Yes", "No", "<=50K", "*", "a*", "?", "~a", "=x", "1", "예", 'say "x"')


@st.composite
def tables_of_any_kind(draw: st.DrawFn) -> Inputs:
    records = draw(st.integers(2, 9))
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=3, max_size=5, unique=True))
    columns = []
    for heading in headings:
        words = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True))
        values = draw(st.lists(st.sampled_from(words), min_size=records, max_size=records))
        columns.append((heading, values, words))
    numbers = {"left_out": draw(st.integers(0, 5)), "depth": draw(st.integers(1, 4))}
    return Inputs().change({"records": columns, **numbers})


@st.composite
def roads(draw: st.DrawFn, features: int = 3) -> Inputs:
    count = draw(st.integers(2, 20))
    columns = {
        f"f{k}": draw(st.lists(st.sampled_from(("y", "n")), min_size=count, max_size=count))
        for k in range(features + 1)
    }
    return Inputs().change({"records": columns, "left_out": 0, "depth": features})


INPUTS = tables_of_any_kind() | roads()


@settings(deadline=None)
@given(roads())
@pytest.mark.parametrize("criterion", ["entropy", "gini"])
def test_scikit_learn_measures_and_splits_the_root_alike(criterion: str, inputs: Inputs) -> None:
    ours = reference(inputs)
    *features, label = inputs.records
    columns = OrdinalEncoder().fit_transform(np.array([one.values for one in features]).T)
    tree = DecisionTreeClassifier(criterion=criterion).fit(columns, label.values).tree_
    np.testing.assert_allclose(ours[criterion][0], tree.impurity[0], atol=1e-12)
    asked, gains = ours[f"{criterion}_asks"][0, 0], np.sort(ours[f"{criterion}_gain"][0, 0])
    assert (asked > 0) == (tree.node_count > 1)
    if asked and gains[-1] > gains[-2] + 1e-6:
        assert tree.feature[0] == asked - 1


@settings(deadline=None)
@given(roads())
def test_scikit_learns_full_tree_is_as_pure(inputs: Inputs) -> None:
    ours = reference(inputs)
    *features, label = inputs.records
    columns = OrdinalEncoder().fit_transform(np.array([one.values for one in features]).T)
    model = DecisionTreeClassifier(criterion="entropy").fit(columns, label.values)
    right = np.mean(ours["predicted"] == label.values)
    np.testing.assert_allclose(right, model.score(columns, label.values))
    leaves = model.tree_.children_left < 0
    size, impurity = model.tree_.n_node_samples[leaves], model.tree_.impurity[leaves]
    left = size @ impurity / len(label.values)
    np.testing.assert_allclose(ours["mean_entropy"][-1], left, atol=1e-12)


@settings(deadline=None)
@given(INPUTS)
def test_questions_never_mix(inputs: Inputs) -> None:
    ours = reference(inputs)
    for measure in ("entropy", "gini"):
        assert np.all(np.diff(ours[f"mean_{measure}"]) <= 1e-12)
    if inputs.left_out:
        assert not np.any(ours["entropy_asks"] == inputs.left_out)
    assert np.all(ours["count"].sum(axis=1) >= 1)
    assert np.all(ours["goes"].max(axis=1) >= ours["node"].max(axis=1))


def test_the_slides_roads_without_the_speed_limit() -> None:
    ours = reference(Inputs())
    steep = np.log2(3) - 2 / 3
    np.testing.assert_allclose(ours["entropy"][0], 1)
    np.testing.assert_allclose(ours["entropy_gain"][0], [[1 - 3 / 4 * steep, 0, -1]] * 4, atol=1e-9)
    np.testing.assert_allclose(ours["gini_gain"][0, 0, 0], 1 / 2 - 3 / 4 * 4 / 9, atol=1e-9)
    assert ours["goes"].tolist() == [[1, 1, 2, 1], [1, 2, 3, 2]]
    assert ours["path"][-1].tolist() == [
        *("root → steep → bumpy", "root → steep → smooth"),
        *("root → flat", "root → steep → smooth"),
    ]
    np.testing.assert_allclose(ours["mean_entropy"], [1, 3 / 4 * steep, 1 / 2])
    assert ours["predicted"].tolist() == ["slow", "slow", "fast", "slow"]


def test_a_split_that_gains_nothing_still_opens_the_next_one() -> None:
    xor = {"a": ("0", "0", "1", "1"), "b": ("0", "1", "0", "1"), "c": ("n", "y", "y", "n")}
    ours = reference(Inputs().change({"records": xor, "left_out": 0}))
    np.testing.assert_allclose(ours["mean_entropy"], [1, 1, 0])
    assert ours["predicted"].tolist() == ["n", "y", "y", "n"]


@pytest.mark.parametrize(
    "change",
    [
        {"left_out": -1},
        {"left_out": 1.5},
        {"depth": 0},
        {"depth": 7},
        {"slope": ("steep", "steep", "flat")},
        {"speed": ("slow", "slow", "fast", "")},
        {"records": {"slope": ("flat", "steep"), "speed": ("slow", "fast")}},
        {"records": {"slope": ("flat",), "surface": ("bumpy",), "speed": ("fast",)}},
    ],
)
def test_unusable_inputs_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(change)
    assert refused.value.message.en != refused.value.message.ko
