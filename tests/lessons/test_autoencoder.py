"""Autoencoder: the reference against scikit-learn and SciPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.decomposition import TruncatedSVD

from sheetlab.errors import InputError
from sheetlab.lessons.autoencoder import Inputs, reference


def tenths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda tenth: tenth / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    points = draw(st.lists(st.tuples(tenths(-30, 30), tenths(-30, 30)), min_size=2, max_size=9))
    x1, x2 = zip(*points, strict=True)
    weights = st.tuples(tenths(-15, 15), tenths(-15, 15))
    return Inputs(
        hard=tuple(draw(st.lists(st.integers(-999, 999), min_size=4, max_size=15))),
        first_root=draw(st.integers(-20, 20)),
        numbers=draw(st.integers(4, 15)),
        learning_rate=draw(st.integers(1, 60)) / 1000,
        steps=draw(st.integers(1, 8)),
        x=x1,
        y=x2,
        w=draw(weights),
        v=draw(weights),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_the_gradients_are_those_of_the_loss(inputs: Inputs) -> None:
    ours, points = reference(inputs), np.column_stack([inputs.x, inputs.y])

    def loss(parameters: np.ndarray) -> float:
        restored = np.outer(points @ parameters[:2], parameters[2:])
        return float(np.mean(np.sum((points - restored) ** 2, axis=1)))

    slopes = approx_fprime([*inputs.w, *inputs.v], loss, 1e-7)
    gradient = np.append(ours["slope_w"][0], ours["slope_v"][0])
    np.testing.assert_allclose(gradient, slopes, rtol=1e-4, atol=1e-3)


@given(INPUTS)
def test_no_step_is_better_than_the_principal_component_of_scikit_learn(inputs: Inputs) -> None:
    ours, points = reference(inputs), np.column_stack([inputs.x, inputs.y])
    assert np.all(ours["loss"] >= ours["least_loss"] - 1e-9)
    if points.var() > 0 and np.linalg.matrix_rank(points) == 2:
        component = TruncatedSVD(1, algorithm="arpack").fit(points).components_[0]
        restored = np.outer(points @ component, component)
        left_over = np.mean(np.sum((points - restored) ** 2, axis=1))
        np.testing.assert_allclose(ours["least_loss"], left_over, atol=1e-9)


def test_the_first_step_in_the_head() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["z"][0], [-2, -1, -1, 1, 1, 2])
    np.testing.assert_allclose(ours["loss"][0], 4 / 6)
    np.testing.assert_allclose(ours["slope_w"][0], [0, 0], atol=1e-15)
    np.testing.assert_allclose(ours["slope_v"][0], [0, -2])
    np.testing.assert_allclose(ours["new_v"][0], [1, 0.2])
    assert np.all(np.diff(ours["loss"]) < 0)


def test_only_a_pattern_is_easily_remembered() -> None:
    ours = reference(Inputs())
    assert ours["squares"].tolist() == [n * n for n in range(2, 14)]
    assert ours["squares_kept"] == 3
    assert ours["hard_kept"] == 7
    assert reference(Inputs(hard=(1, 3, 6, 10, 15)))["hard_kept"] == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"hard": [1, 2, 3]},
        {"hard": [1, 2, 3, 4.5]},
        {"numbers": 3},
        {"learning_rate": 0},
        {"x": [1]},
        {"x": [1, 2]},
        {"w": [1]},
        {"v": [1, 4]},
        {"steps": 0},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert next(iter(settings)) in str(refused.value)
