"""K-means: the reference against scikit-learn, its properties, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from sheetlab.building import calculate
from sheetlab.errors import InputError
from sheetlab.lessons import lesson
from sheetlab.lessons.kmeans import Inputs, reference

# Few different numbers make ties, equal points and empty clusters; many make none.
COORDINATES = (
    st.integers(-3, 3).map(float),
    st.integers(-30, 90).map(lambda tenths: tenths / 10),
    st.integers(-5000, 5000).map(lambda hundredths: hundredths / 100),
)
FEATURES = st.lists(st.integers(0, 3000).map(lambda tenths: tenths / 10), min_size=3, max_size=3)
NAMES = st.text("가나다abc 12", min_size=1, max_size=8).filter(lambda name: name.strip())


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    coordinate = draw(st.sampled_from(COORDINATES))
    pair = st.tuples(coordinate, coordinate)
    x, y = zip(*draw(st.lists(pair, min_size=2, max_size=11)), strict=True)
    centroid_x, centroid_y = zip(*draw(st.lists(pair, min_size=1, max_size=8)), strict=True)
    names = st.lists(NAMES, min_size=len(x), max_size=len(x))
    return Inputs(
        customer_1=tuple(draw(FEATURES)),
        customer_2=tuple(draw(FEATURES)),
        rounds=draw(st.integers(1, 6)),
        name=tuple(draw(st.just([]) | names)),
        x=x,
        y=y,
        centroid_x=centroid_x,
        centroid_y=centroid_y,
    )


INPUTS = inputs_of_any_size()


@settings(deadline=None)
@given(INPUTS)
def test_scikit_learn_finds_the_same_clusters_after_as_many_rounds(inputs: Inputs) -> None:
    rounds, k = inputs.rounds, min(3, len(inputs.x))
    start = {"centroid_x": inputs.x[:k], "centroid_y": inputs.y[:k]}
    ours = reference(inputs.change({**start, "rounds": rounds + 1}))
    nearest, second, *_ = np.sort(ours["distance"]).transpose(2, 0, 1)
    # scikit-learn breaks ties by the last binary digit, and moves the centroid of an empty cluster.
    assume(np.all(second - nearest > 1e-6) and np.all(ours["cluster_size"] > 0))
    points = np.column_stack([inputs.x, inputs.y])
    model = KMeans(k, init=points[:k], n_init=1, max_iter=rounds, tol=0).fit(points)
    centroids = np.column_stack([ours["centroid_x"][rounds], ours["centroid_y"][rounds]])
    np.testing.assert_allclose(model.cluster_centers_, centroids, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(model.labels_ + 1, ours["cluster"][rounds])
    # Ours adds up squares of distances that are rounded to nine decimals.
    rounding = 1e-9 * len(points) * (np.max(ours["distance"]) + 1)
    np.testing.assert_allclose(model.inertia_, ours["inertia"][rounds], atol=rounding)


def test_scikit_learn_ends_where_the_example_ends() -> None:
    inputs = Inputs()
    ours = reference(inputs)
    points = np.column_stack([inputs.x, inputs.y])
    start = np.column_stack([inputs.centroid_x, inputs.centroid_y])
    model = KMeans(3, init=start, n_init=1).fit(points)
    assert ours["converged"].tolist() == [0, 0, 0, 0, 1]
    assert model.n_iter_ == 5
    np.testing.assert_array_equal(model.labels_ + 1, ours["cluster"][-1])
    np.testing.assert_allclose(model.cluster_centers_[:, 0], ours["new_centroid_x"][-1])
    np.testing.assert_allclose(model.cluster_centers_[:, 1], ours["new_centroid_y"][-1])
    np.testing.assert_allclose(model.inertia_, ours["inertia"][-1])


def test_two_rounds_by_hand() -> None:
    ours = reference(
        Inputs(
            rounds=2,
            x=(0, 0, 3, 9, 9),
            y=(0, 4, 0, 12, 16),
            centroid_x=(0, 6, 9),
            centroid_y=(0, 0, 12),
        )
    )
    np.testing.assert_allclose(ours["distance"][0, 2], [3, 3, np.hypot(6, 12)], atol=1e-9)
    np.testing.assert_array_equal(ours["cluster"], [[1, 1, 1, 3, 3], [1, 1, 1, 3, 3]])
    np.testing.assert_array_equal(ours["cluster_size"], [[3, 0, 2], [3, 0, 2]])
    np.testing.assert_allclose(ours["new_centroid_x"][0], [1, 6, 9])
    np.testing.assert_allclose(ours["new_centroid_y"][0], [4 / 3, 0, 14])
    np.testing.assert_allclose(ours["centroid_shift"], [[5 / 3, 0, 2], [0.0, 0, 0]], atol=1e-9)
    np.testing.assert_allclose(ours["cluster_inertia"][0], [16 + 9, 0, 16])
    np.testing.assert_allclose(ours["inertia"], [16 + 9 + 16, 50 / 3 + 8])
    np.testing.assert_array_equal(ours["converged"], [0, 1])
    nan = np.nan
    np.testing.assert_array_equal(
        ours["cluster_y"],
        [[0, nan, nan], [4, nan, nan], [0, nan, nan], [nan, nan, 12], [nan, nan, 16]],
    )


def test_a_tie_goes_to_the_lower_number_whatever_the_last_binary_digit() -> None:
    # 0.3 - 0.2 < 0.2 - 0.1 in binary.
    assert 0.3 - 0.2 < 0.2 - 0.1
    ours = reference(
        Inputs(x=(0.2, 9, 9), y=(0, 0, 0), centroid_x=(0.1, 0.3, 9), centroid_y=(0, 0, 0))
    )
    assert ours["cluster"][0, 0] == 1


@settings(deadline=None)
@given(INPUTS)
def test_inertia_never_rises_and_rest_is_rest(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(np.diff(ours["inertia"]) <= 1e-6)
    np.testing.assert_array_equal(ours["cluster_size"].sum(axis=1), len(inputs.x))
    assert np.all(np.diff(ours["converged"]) >= 0)
    at_rest = ours["cluster"][ours["converged"] == 1]
    assert np.all(at_rest == at_rest[:1])


@settings(deadline=None)
@given(INPUTS)
def test_another_origin_changes_no_cluster(inputs: Inputs) -> None:
    moved = inputs.change(
        {name: [value + 7 for value in getattr(inputs, name)] for name in ("x", "centroid_x")}
    )
    np.testing.assert_array_equal(reference(inputs)["cluster"], reference(moved)["cluster"])


def test_one_centroid_takes_all_points_and_goes_to_their_mean() -> None:
    inputs = Inputs().change({"centroid_x": [50], "centroid_y": [-50]})
    ours = reference(inputs)
    assert np.all(ours["cluster"] == 1)
    np.testing.assert_allclose(ours["new_centroid_x"][0], np.mean(inputs.x))
    np.testing.assert_allclose(ours["new_centroid_y"][0], np.mean(inputs.y))


def test_points_have_the_names_that_are_given() -> None:
    names = ["서울", "Busan", "=대전"]
    inputs = Inputs().change({"name": names, "x": [1, 2, 3], "y": [3, 2, 1]})
    book, example = calculate(lesson("kmeans"), inputs, "en")
    values = [value for (sheet, _), value in book.values().items() if sheet == example.sheet.title]
    assert all(name in values for name in names)


@pytest.mark.parametrize(
    "settings",
    [
        {"rounds": 0},
        {"rounds": 2.5},
        {"x": [1, 2, 3]},
        {"x": [1], "y": [1]},
        {"x": [1e9, 2, 3], "y": [1, 2, 3]},
        {"name": ["A", "B"]},
        {"centroid_x": [1, 2]},
        {"centroid_x": [], "centroid_y": []},
        {"centroid_x": [1] * 9, "centroid_y": [1] * 9},
        {"customer_1": [54, 190]},
        {"customer_2": [54, "old", 3]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
