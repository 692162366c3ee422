"""Vectors: the reference against SciPy and scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.spatial import distance
from sklearn.metrics.pairwise import cosine_similarity

from sheetlab.errors import InputError
from sheetlab.lessons.vectors import Inputs, reference

COMPONENTS = st.integers(-50, 50).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    size = draw(st.integers(2, 8))
    vectors = st.lists(COMPONENTS, min_size=size, max_size=size).filter(any)
    x, y = draw(vectors), draw(vectors)
    return Inputs(x=tuple(x), y=tuple(y), t=draw(COMPONENTS))


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scipy_measures_the_same_distances(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, multiple = np.array(inputs.x), inputs.t * np.array(inputs.y)
    np.testing.assert_allclose(ours["l1_norm"][2], distance.cityblock(x, multiple))
    np.testing.assert_allclose(ours["l2_norm"][2], distance.euclidean(x, multiple))
    np.testing.assert_allclose(ours["l1_norm"][0], distance.cityblock(x, 0 * x))
    np.testing.assert_allclose(ours["dot"], ours["hadamard"].sum(), atol=1e-12)


@given(INPUTS)
def test_scikit_learn_finds_the_same_cosine(inputs: Inputs) -> None:
    ours = reference(inputs)
    (((expected,),),) = (cosine_similarity([inputs.x], [inputs.y]).tolist(),)
    np.testing.assert_allclose(ours["cosine"], expected, atol=1e-9)
    np.testing.assert_allclose(np.cos(np.radians(ours["angle"])), expected, atol=1e-9)


@given(INPUTS)
def test_no_multiple_is_nearer_than_the_projection(inputs: Inputs) -> None:
    ours = reference(inputs)
    x, y = np.array(inputs.x), np.array(inputs.y)
    nearest = minimize_scalar(lambda t: np.sum((x - t * y) ** 2)).x
    np.testing.assert_allclose(ours["nearest_t"], nearest, atol=1e-5)
    np.testing.assert_allclose(ours["tried_t"][12], ours["nearest_t"], atol=1e-12)
    assert np.all(ours["tried_l2"][12] <= ours["tried_l2"] + 1e-12)


def test_the_notebook_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_array_equal(ours["hadamard"], [5, 14, 2])
    np.testing.assert_array_equal(ours["l1_norm"], [10, 8, 10])
    np.testing.assert_allclose(ours["l2_norm"] ** 2, [54, 30, 42])
    np.testing.assert_allclose(ours["cosine"], 21 / np.sqrt(54 * 30), atol=1e-9)


@pytest.mark.parametrize("y", [(2, 14, 4), (0.1, 0.7, 0.2), (-3, -21, -6)])
def test_parallel_vectors_have_an_angle(y: tuple[float, ...]) -> None:
    ours = reference(Inputs(y=y))
    np.testing.assert_allclose(ours["angle"], 0 if y[0] > 0 else 180)


@pytest.mark.parametrize(
    "changes", [{"x": [1]}, {"x": [1, 2]}, {"y": [0, 0, 0]}, {"x": [0, 0, 0]}, {"t": "one"}]
)
def test_unusable_inputs_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(changes)
