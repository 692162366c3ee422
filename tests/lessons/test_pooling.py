"""Pooling: the reference against SciPy and scikit-learn, and what its inputs must be."""

from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.feature_extraction.image import extract_patches_2d

from sheetlab.errors import InputError
from sheetlab.lessons.pooling import Inputs, reference

VALUES = st.integers(0, 4) | st.integers(0, 255)


@st.composite
def maps_of_any_side(draw: st.DrawFn) -> Inputs:
    size = draw(st.integers(4, 9)) ** 2
    values = draw(st.lists(VALUES, min_size=size, max_size=size) | st.just([0] * size))
    return Inputs(feature_map=tuple(values), picture_side=draw(st.integers(16, 1024)))


INPUTS = maps_of_any_side()


@given(INPUTS)
def test_scipy_finds_the_same_maxima_and_means(inputs: Inputs) -> None:
    ours = reference(inputs)
    for shift, one in enumerate(ours["feature_map"]):
        # A filter of 2 x 2 whose window begins at each value; every other one is a pool.
        pools = {"size": 2, "origin": -1, "mode": "constant"}
        pooled = len(one) // 2
        for name, filtered in (
            ("max_pooled", ndimage.maximum_filter(one, **pools)),
            ("mean_pooled", ndimage.uniform_filter(one, **pools)),
        ):
            expected = filtered[: 2 * pooled : 2, : 2 * pooled : 2]
            np.testing.assert_allclose(ours[name][shift], expected, atol=1e-9)


@given(INPUTS)
def test_windows_are_every_other_patch_of_scikit_learn(inputs: Inputs) -> None:
    ours = reference(inputs)
    side = isqrt(len(inputs.feature_map))
    patches = extract_patches_2d(ours["feature_map"][0], (2, 2))
    patches = patches.reshape(side - 1, side - 1, 4)[::2, ::2][: side // 2, : side // 2]
    np.testing.assert_array_equal(ours["max_pooled"][0], patches.max(axis=2))
    np.testing.assert_array_equal(ours["flattened"], patches.max(axis=2).ravel())


@given(INPUTS)
def test_moves_and_views(inputs: Inputs) -> None:
    ours = reference(inputs)
    for shift, one in enumerate(ours["feature_map"]):
        expected = ndimage.shift(ours["feature_map"][0], (0, shift), order=0)
        np.testing.assert_array_equal(one, expected)
    for name in ("pixel_change", "max_change", "mean_change"):
        assert ours[name][0] == 0
        assert np.all(ours[name] >= 0)
    assert np.all(ours["pooled_side"] * ours["seen_side"] <= inputs.picture_side)
    assert ours["pooled_side"][-1] >= 1


def test_the_example_forgives_one_step_and_no_more() -> None:
    ours = reference(Inputs())
    assert ours["max_pooled"][0].tolist() == [[1, 1, 0], [4, 2, 1], [0, 2, 1]]
    assert ours["max_change"][1] == 0
    assert ours["pixel_change"][1] > 1
    assert ours["max_change"][2] > 0.5


@pytest.mark.parametrize(
    "settings",
    [
        {"feature_map": [1] * 20},
        {"feature_map": [1] * 9},
        {"feature_map": [1.5] * 16},
        {"feature_map": [-1] * 16},
        {"feature_map": [256] * 16},
        {"picture_side": 15},
        {"picture_side": 28.5},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
