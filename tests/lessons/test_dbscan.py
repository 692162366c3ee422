"""DBSCAN: the reference against scikit-learn, its properties, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from sheetlab.errors import InputError
from sheetlab.lessons.dbscan import Inputs, reference


@st.composite
def inputs_of_any_size(draw: st.DrawFn, steps: st.SearchStrategy[int] | None = None) -> Inputs:
    # Few different places make ties, equal points and points that are exactly eps apart.
    size = draw(st.sampled_from((3, 12, 60)))
    coordinate = st.integers(-size, size).map(lambda halves: halves / 2)
    pairs = draw(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=14))
    x, y = zip(*pairs, strict=True)
    return Inputs(
        x=x,
        y=y,
        eps=draw(st.integers(1, 30)) / 4,
        min_points=draw(st.integers(1, min(5, len(x)))),
        steps=draw(st.integers(1, 12) if steps is None else steps),
    )


INPUTS = inputs_of_any_size()


@settings(deadline=None)
@given(inputs_of_any_size(st.just(80)))
def test_scikit_learn_finds_the_same_clusters(inputs: Inputs) -> None:
    ours = reference(inputs)
    points = np.column_stack([inputs.x, inputs.y])
    # As on the sheet, distances count as equal to nine decimals.
    model = DBSCAN(eps=inputs.eps + 5e-10, min_samples=inputs.min_points).fit(points)
    np.testing.assert_array_equal(np.flatnonzero(ours["core"]), model.core_sample_indices_)
    np.testing.assert_array_equal(ours["label"][-1], model.labels_ + 1)
    np.testing.assert_array_equal(ours["kind_number"] == 0, model.labels_ == -1)


def test_the_example_by_hand() -> None:
    ours = reference(Inputs())
    assert ours["neighbours"].tolist() == [3, 3, 3, 3, 2, 3, 2, 3, 3, 3, 3, 3, 1]
    assert ours["added"].tolist() == [1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0]
    assert ours["label"][-1].tolist() == [1] * 4 + [2] * 4 + [3] * 4 + [0]
    assert ours["kind_number"].tolist() == [2, 2, 2, 2, 1, 2, 1, 2, 2, 2, 2, 2, 0]


@settings(deadline=None)
@given(INPUTS)
def test_a_cluster_once_given_stays_and_core_is_reach(inputs: Inputs) -> None:
    ours = reference(inputs)
    label = ours["label"]
    assert np.all((label[:-1] == 0) | (label[1:] == label[:-1]))
    np.testing.assert_array_equal(ours["core"], ours["reach"] <= inputs.eps)
    np.testing.assert_array_equal(np.cumsum(ours["added"]), (label > 0).sum(axis=1))
    assert np.all(np.diff(ours["sorted_reach"]) <= 0)


def test_border_between_two_clusters_goes_to_the_first() -> None:
    x = (0, 0.5, 1, 2, 3, 3.5, 4)
    ours = reference(Inputs(x=x, y=(0,) * 7, eps=1, min_points=4))
    assert ours["core"].tolist() == [0, 0, 1, 0, 1, 0, 0]
    assert ours["label"][-1].tolist() == [1, 1, 1, 1, 2, 2, 2]
    assert ours["kind_number"].tolist() == [1, 1, 2, 1, 2, 1, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"x": (1, 2)},
        {"x": (1,), "y": (1,)},
        {"x": (1e9, 2), "y": (1, 2)},
        {"eps": 0},
        {"min_points": 0},
        {"min_points": 14},
        {"steps": 2.5},
    ],
)
def test_unusable_inputs_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(change)
    assert refused.value.message.en != refused.value.message.ko
