"""K-means: the reference against scikit-learn, its properties, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from sheetlab.errors import InputError
from sheetlab.lessons.kmeans import Inputs, reference

# Few different numbers make ties, equal points and empty clusters; many make none.
COORDINATES = (
    st.integers(-3, 3).map(float),
    st.integers(-30, 90).map(lambda tenths: tenths / 10),
    st.integers(-5000, 5000).map(lambda hundredths: hundredths / 100),
)
FEATURES = st.lists(st.integers(0, 3000).map(lambda tenths: tenths / 10), min_size=3, max_size=3)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    coordinate = draw(st.sampled_from(COORDINATES))
    pair = st.tuples(coordinate, coordinate)
    point_x, point_y = zip(*draw(st.lists(pair, min_size=3, max_size=11)), strict=True)
    centroid_x, centroid_y = zip(*draw(st.lists(pair, min_size=3, max_size=3)), strict=True)
    return Inputs(
        customer_1=tuple(draw(FEATURES)),
        customer_2=tuple(draw(FEATURES)),
        rounds=draw(st.integers(1, 6)),
        point_x=point_x,
        point_y=point_y,
        centroid_x=centroid_x,
        centroid_y=centroid_y,
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scikit_learn_finds_the_same_centroids_after_each_round(inputs: Inputs) -> None:
    start = {"centroid_x": inputs.point_x[:3], "centroid_y": inputs.point_y[:3]}
    given_start = inputs.change({**start, "rounds": inputs.rounds + 1})
    ours = reference(given_start)
    nearest, second, _ = np.sort(ours["distance"]).transpose(2, 0, 1)
    # scikit-learn breaks ties by the last binary digit, and moves the centroid of an empty cluster.
    assume(np.all(second - nearest > 1e-6) and np.all(ours["cluster_size"] > 0))
    points = np.column_stack([given_start.point_x, given_start.point_y])
    for rounds in range(1, inputs.rounds + 1):
        model = KMeans(3, init=points[:3], n_init=1, max_iter=rounds, tol=0).fit(points)
        centroids = np.column_stack([ours["centroid_x"][rounds], ours["centroid_y"][rounds]])
        np.testing.assert_allclose(model.cluster_centers_, centroids, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(model.inertia_, ours["inertia"][rounds], rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(model.labels_ + 1, ours["cluster"][:, rounds])


def test_scikit_learn_ends_where_the_example_ends() -> None:
    inputs = Inputs()
    ours = reference(inputs)
    points = np.column_stack([inputs.point_x, inputs.point_y])
    start = np.column_stack([inputs.centroid_x, inputs.centroid_y])
    model = KMeans(3, init=start, n_init=1).fit(points)
    assert model.n_iter_ == ours["converged_round"] == 5
    np.testing.assert_array_equal(model.labels_ + 1, ours["cluster"][:, -1])
    np.testing.assert_allclose(model.cluster_centers_[:, 0], ours["new_centroid_x"][-1])
    np.testing.assert_allclose(model.cluster_centers_[:, 1], ours["new_centroid_y"][-1])
    np.testing.assert_allclose(model.inertia_, ours["inertia"][-1])


def test_two_rounds_by_hand() -> None:
    ours = reference(
        Inputs(
            rounds=2,
            point_x=(0, 0, 3, 9, 9),
            point_y=(0, 4, 0, 12, 16),
            centroid_x=(0, 6, 9),
            centroid_y=(0, 0, 12),
        )
    )
    np.testing.assert_allclose(ours["distance"][2, 0], [3, 3, np.hypot(6, 12)])
    np.testing.assert_array_equal(ours["cluster"], [[1, 1], [1, 1], [1, 1], [3, 3], [3, 3]])
    np.testing.assert_array_equal(ours["cluster_size"], [[3, 0, 2], [3, 0, 2]])
    np.testing.assert_allclose(ours["new_centroid_x"][0], [1, 6, 9])
    np.testing.assert_allclose(ours["new_centroid_y"][0], [4 / 3, 0, 14])
    np.testing.assert_allclose(ours["centroid_shift"], [[5 / 3, 0, 2], [0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(ours["inertia"], [16 + 9 + 16, 50 / 3 + 8])
    np.testing.assert_array_equal(ours["converged"], [0, 1])
    nan = np.nan
    np.testing.assert_array_equal(
        ours["cluster_y"],
        [[0, nan, nan], [4, nan, nan], [0, nan, nan], [nan, nan, 12], [nan, nan, 16]],
    )


def test_a_tie_goes_to_the_lower_number_whatever_the_last_binary_digit() -> None:
    # 0.3 - 0.2 < 0.2 - 0.1 in binary.
    ours = reference(
        Inputs(
            point_x=(0.2, 9, 9), point_y=(0, 0, 0), centroid_x=(0.1, 0.3, 9), centroid_y=(0, 0, 0)
        )
    )
    assert ours["distance"][0, 0, 1] < ours["distance"][0, 0, 0]
    assert ours["cluster"][0, 0] == 1


@given(INPUTS)
def test_inertia_never_rises_and_rest_is_rest(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(np.diff(ours["inertia"]) <= 1e-6)
    np.testing.assert_array_equal(ours["cluster_size"].sum(axis=1), len(inputs.point_x))
    first = int(ours["converged_round"][0])
    if first:
        assert np.all(ours["converged"][: first - 1] == 0)
        assert np.all(ours["converged"][first - 1 :] == 1)
        assert np.all(ours["cluster"][:, first - 1 :] == ours["cluster"][:, first - 1 : first])
    else:
        assert not ours["converged"].any()


@given(INPUTS)
def test_another_origin_changes_no_cluster(inputs: Inputs) -> None:
    moved = inputs.change(
        {name: [value + 7 for value in getattr(inputs, name)] for name in ("point_x", "centroid_x")}
    )
    np.testing.assert_array_equal(reference(inputs)["cluster"], reference(moved)["cluster"])


@pytest.mark.parametrize(
    "settings",
    [
        {"rounds": 0},
        {"rounds": 2.5},
        {"point_x": [1, 2, 3]},
        {"point_x": [1, 2], "point_y": [1, 2]},
        {"point_x": [1e9, 2, 3], "point_y": [1, 2, 3]},
        {"centroid_x": [1, 2]},
        {"customer_1": [54, 190]},
        {"customer_2": [54, "old", 3]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
