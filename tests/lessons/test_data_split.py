"""Splitting data: the folds against scikit-learn, and what the inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import PredefinedSplit, cross_val_score

from sheetlab.errors import InputError
from sheetlab.lessons.data_split import Inputs, reference

TENTHS = st.integers(-50, 50).map(lambda tenths: tenths / 10)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    size = draw(st.integers(3, 12))
    train = draw(st.integers(1, 10))
    return Inputs(
        value=tuple(draw(st.lists(TENTHS, min_size=size, max_size=size))),
        order=tuple(draw(st.permutations(range(1, size + 1)))),
        draw=tuple(draw(st.lists(st.integers(1, size), min_size=size, max_size=size))),
        train_share=train / 10,
        validation_share=draw(st.integers(0, 10 - train)) / 10,
        folds=draw(st.integers(2, min(size, 10))),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scikit_learn_validates_the_same_folds(inputs: Inputs) -> None:
    fold = [(place - 1) % inputs.folds for place in inputs.order]
    scores = cross_val_score(
        DummyRegressor(),
        np.zeros((len(fold), 1)),
        np.array(inputs.value),
        cv=PredefinedSplit(fold),
        scoring="neg_mean_squared_error",
    )
    np.testing.assert_allclose(reference(inputs)["fold_mse"], -scores, rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_every_record_is_in_one_part_and_validates_once(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(ours["in_part"].sum(axis=1) == 1)
    assert np.all(ours["validates"].sum(axis=1) == 1)


@pytest.mark.parametrize(
    "given",
    [
        {"order": (1, 1, 2, 3, 4, 5, 6, 7, 8, 9)},
        {"draw": (11,) * 10},
        {"train_share": 0.9, "validation_share": 0.2},
        {"value": (1, 2, 3), "order": (1, 2, 3), "draw": (1, 2, 3)},
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs(**given)  # type: ignore[arg-type]
