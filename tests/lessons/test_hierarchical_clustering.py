"""Hierarchical clustering: the reference against SciPy, its properties, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, fcluster, linkage
from scipy.sparse.csgraph import minimum_spanning_tree

from sheetlab.errors import InputError
from sheetlab.lessons.hierarchical_clustering import Inputs, reference


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    # Few different places make ties and equal points; many make none.
    size = draw(st.sampled_from((3, 300, 5000)))
    coordinate = st.integers(-size, size).map(lambda tenths: tenths / 10)
    pairs = draw(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=13))
    x, y = zip(*pairs, strict=True)
    return Inputs(x=x, y=y)


INPUTS = inputs_of_any_size()


def same_pairs(labels: np.ndarray) -> np.ndarray:
    pairs: np.ndarray = labels[:, None] == labels
    return pairs


@settings(deadline=None)
@given(INPUTS)
def test_scipy_merges_at_the_same_distances(inputs: Inputs) -> None:
    ours = reference(inputs)
    merges = linkage(np.column_stack([inputs.x, inputs.y]), "single")
    np.testing.assert_allclose(ours["height"], merges[:, 2], atol=1e-8)
    if np.all(np.diff(merges[:, 2]) > 1e-6):
        np.testing.assert_array_equal(ours["side_size"].sum(axis=1), merges[:, 3])


@settings(deadline=None)
@given(INPUTS)
def test_scipy_has_the_same_clusters_before_each_merge(inputs: Inputs) -> None:
    ours = reference(inputs)
    merges = linkage(np.column_stack([inputs.x, inputs.y]), "single")
    for m, height in enumerate(ours["height"]):
        labels = np.empty(len(inputs.x), dtype=int)
        labels[ours["leaf"] - 1] = ours["cluster"][m]
        if m == 0 or height - ours["height"][m - 1] > 1e-6:
            expected = fcluster(merges, height - 5e-7, "distance")
            np.testing.assert_array_equal(same_pairs(labels), same_pairs(expected))


@settings(deadline=None)
@given(INPUTS)
def test_inertia_is_that_of_the_clusters_left(inputs: Inputs) -> None:
    ours = reference(inputs)
    leaves = np.column_stack([ours["leaf_x"], ours["leaf_y"]])
    for m in range(1, len(inputs.x) - 1):
        inertia = 0.0
        for number in np.unique(ours["cluster"][m]):
            members = leaves[ours["cluster"][m] == number]
            inertia += np.sum((members - members.mean(axis=0)) ** 2)
        np.testing.assert_allclose(ours["inertia"][m - 1], inertia, rtol=1e-9, atol=1e-9)
    whole = len(leaves) * leaves.var(axis=0).sum()
    np.testing.assert_allclose(ours["inertia"][-1], whole, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(INPUTS)
def test_the_tree_is_the_shortest_and_the_drawing_holds_together(inputs: Inputs) -> None:
    ours = reference(inputs)
    if np.all(ours["distance"] + np.eye(len(inputs.x)) > 0):
        shortest = minimum_spanning_tree(ours["distance"]).sum()
        np.testing.assert_allclose(ours["edge"].sum(), shortest, rtol=1e-9, atol=1e-9)
    assert sorted(ours["chosen"]) == list(range(1, len(inputs.x) + 1))
    assert np.all(ours["base"] <= ours["height"][:, None])


def test_three_points_by_hand() -> None:
    ours = reference(Inputs(x=(0, 10, 3), y=(0, 0, 4)))
    assert ours["chosen"].tolist() == [1, 3, 2]
    np.testing.assert_allclose(ours["edge"], [0, 5, np.sqrt(65)])
    assert ours["cluster"].tolist() == [[1, 2, 3], [1, 1, 2]]
    np.testing.assert_allclose(ours["inertia"], [12.5, 12.5 + 2 / 3 * (8.5**2 + 2**2)])
    np.testing.assert_allclose(ours["base"], [[0, 0], [5, 0]])
    np.testing.assert_allclose(ours["drawn_x"], [1, 1, 2, 2, 2, 1.5, 1.5, 3, 3, 3])


def test_the_example_has_three_groups() -> None:
    inputs = Inputs()
    ours = reference(inputs)
    assert ours["cluster"][9].tolist() == [1] * 4 + [2] * 4 + [3] * 4
    merges = linkage(np.column_stack([inputs.x, inputs.y]), "single")
    labels = np.empty(12, dtype=int)
    labels[ours["leaf"] - 1] = ours["cluster"][9]
    np.testing.assert_array_equal(same_pairs(labels), same_pairs(cut_tree(merges, 3).ravel()))


@pytest.mark.parametrize(
    "change",
    [
        {"x": (1, 2, 3)},
        {"x": (1, 2), "y": (1, 2)},
        {"x": (1e9, 2, 3), "y": (1, 2, 3)},
        {"x": ("a", 2, 3), "y": (1, 2, 3)},
        {"x": (1,) * 41, "y": (1,) * 41},
    ],
)
def test_unusable_inputs_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(change)
    assert refused.value.message.en != refused.value.message.ko
