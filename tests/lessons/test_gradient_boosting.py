"""Gradient boosting: the reference against scikit-learn, and what its inputs must be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingRegressor

from sheetlab.building import build, write_built
from sheetlab.checking import verify_files
from sheetlab.errors import InputError
from sheetlab.lessons import lesson
from sheetlab.lessons.gradient_boosting import COLOURS, GENDERS, Inputs, reference

COLUMNS = ("height", "favorite_color", "gender", "weight")
HEIGHTS = st.integers(140, 190).map(lambda centimetres: centimetres / 100)
WEIGHTS = st.integers(400, 1200).map(lambda hundreds: hundreds / 10)
# To 2 decimals, and halves in plenty, so that the rounded steps meet ties.
FINE_WEIGHTS = st.integers(800, 2400).map(lambda twentieths: twentieths / 20)


@st.composite
def people(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(1, 8) | st.sampled_from((20, 60)))

    def column(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    # Often one gender only, or nobody who likes Blue: leaves without people.
    genders = draw(st.sampled_from((GENDERS, GENDERS, GENDERS[:1], GENDERS[1:])))
    colours = draw(st.sampled_from((COLOURS, COLOURS, COLOURS[:1], COLOURS[1:])))
    heights = column(HEIGHTS)
    return Inputs(
        shrinkage=draw(st.integers(1, 100)) / 100,
        # Sometimes a height of the data itself: who is just as tall is not below it.
        height_split=draw(st.sampled_from(heights) | HEIGHTS),
        height=heights,
        favorite_color=column(st.sampled_from(colours)),
        gender=column(st.sampled_from(genders)),
        weight=column(draw(st.sampled_from((WEIGHTS, FINE_WEIGHTS)))),
        color_split=draw(st.sampled_from(COLOURS)),
    )


INPUTS = people()


def stages(model: GradientBoostingRegressor, features: np.ndarray, inputs: Inputs) -> np.ndarray:
    """scikit-learn's predictions, first by its start and then after each of three trees."""
    weight = np.array(inputs.weight)
    model.fit(features, weight)
    start = model.init_.predict(features)
    return np.array([start, *model.staged_predict(features)])


def predictions(inputs: Inputs) -> np.ndarray:
    ours = reference(inputs)
    return np.array([ours[f"prediction_{tree}"] for tree in (1, 2, 3, 4)])


@given(INPUTS)
def test_scikit_learn_boosts_alike_where_it_has_the_same_leaves(inputs: Inputs) -> None:
    # Cuts between four leaf numbers need no more than three levels.
    model = GradientBoostingRegressor(n_estimators=3, learning_rate=inputs.shrinkage, max_depth=3)
    leaf = reference(inputs)["leaf"][:, None]
    np.testing.assert_allclose(stages(model, leaf, inputs), predictions(inputs), rtol=1e-9)


def test_scikit_learn_finds_the_slides_leaves_by_itself() -> None:
    inputs = Inputs()
    features = np.column_stack(
        [
            inputs.height,
            np.array(inputs.favorite_color) == "Blue",
            np.array(inputs.gender) == "Male",
        ]
    )
    model = GradientBoostingRegressor(n_estimators=3, learning_rate=0.1, max_depth=2)
    np.testing.assert_allclose(stages(model, features, inputs), predictions(inputs), rtol=1e-12)
    leaf = reference(inputs)["leaf"]
    for together in model.apply(features).T:
        np.testing.assert_array_equal(together[:, None] == together, leaf[:, None] == leaf)


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["mean_weight"], 427 / 6)
    assert ours["leaf"].tolist() == [3, 2, 1, 4, 4, 1]
    assert ours["leaf_size"].tolist() == [2, 1, 1, 2]
    np.testing.assert_allclose(ours["leaf_value_2"], [-44 / 3, 29 / 6, 101 / 6, 23 / 6])
    np.testing.assert_allclose(ours["residual_2"], [15.15, 4.35, -13.7, 1.45, 5.45, -12.7])
    np.testing.assert_allclose(ours["prediction_2"][0], 72.85)
    np.testing.assert_allclose(ours["prediction_3"][0], 74.365)


def test_the_slides_rounded_steps_lead_to_what_it_prints() -> None:
    ours = reference(Inputs())
    assert ours["prediction_1_rounded"].tolist() == [71.2] * 6
    assert ours["residual_1_rounded"].tolist() == [16.8, 4.8, -15.2, 1.8, 5.8, -14.2]
    np.testing.assert_allclose(88 - ours["prediction_2_rounded"][0], 15.12)
    assert ours["residual_2_rounded"].tolist() == [15.1, 4.3, -13.7, 1.4, 5.4, -12.7]
    assert ours["residual_3_rounded"].tolist() == [13.6, 3.9, -12.4, 1.1, 5.1, -11.4]
    np.testing.assert_allclose(ours["prediction_3_rounded"][0], 74.39)


@given(INPUTS)
def test_the_mse_never_rises_and_leaf_values_shrink(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.all(np.diff(ours["mse"]) <= 1e-9)
    for tree in (3, 4):
        kept = (1 - inputs.shrinkage) * ours[f"leaf_value_{tree - 1}"]
        np.testing.assert_allclose(ours[f"leaf_value_{tree}"], kept, atol=1e-9)


@given(INPUTS)
def test_residuals_sum_to_nothing(inputs: Inputs) -> None:
    ours = reference(inputs)
    for tree in (1, 2, 3, 4):
        assert ours[f"residual_{tree}"].sum() == pytest.approx(0, abs=1e-9)


@given(INPUTS)
def test_rounding_on_the_way_moves_a_prediction_by_little(inputs: Inputs) -> None:
    ours = reference(inputs)
    # The mean is off by up to 0.05, a leaf value by up to 0.1 and then by up to 0.2 + 0.1 * 0.1.
    for tree, bound in ((1, 0.05), (2, 0.15), (3, 0.35)):
        off = ours[f"prediction_{tree}_rounded"] - ours[f"prediction_{tree}"]
        assert np.abs(off).max() <= bound + 1e-9


def test_a_shrinkage_of_1_reaches_the_leaf_means_at_once() -> None:
    ours = reference(Inputs(shrinkage=1))
    np.testing.assert_allclose(ours["prediction_2"], [88, 76, 56.5, 75, 75, 56.5])
    np.testing.assert_allclose(ours["leaf_value_3"], 0, atol=1e-12)


def test_who_is_just_as_tall_as_the_split_is_not_below_it() -> None:
    assert reference(Inputs(height_split=1.5))["leaf"].tolist() == [3, 2, 2, 4, 4, 1]


def test_the_color_that_splits_is_a_leaf_of_its_own() -> None:
    assert reference(Inputs(color_split="Red"))["leaf"].tolist() == [4, 2, 1, 3, 4, 1]


def test_a_leaf_without_people_has_the_value_0() -> None:
    ours = reference(Inputs(gender=("Male",) * 6))
    assert ours["leaf_size"].tolist() == [0, 0, 3, 3]
    assert ours["leaf_value_2"][:2].tolist() == [0, 0]


@pytest.mark.parametrize(
    "settings",
    [
        {"shrinkage": 0},
        {"shrinkage": 1.1},
        {"height_split": 0},
        {"height": (160, 160, 150, 180, 150, 140)},
        {"weight": (88, 76, 56, 73, 77, 0)},
        {"weight": (88, 76, 56, 73, 77)},
        {"gender": ("Male", "Female", "female", "Male", "Male", "Female")},
        {"favorite_color": ("Blue", "Green", "Blue", "Red", "Green", "Pink")},
        {"color_split": "Pink"},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("count", [100, 129, 130])
def test_libreoffice_reads_the_leaves_of_many_people(count: int, tmp_path: Path) -> None:
    # From 100 rows on, LibreOffice calculates whole columns at once; it must not do so too early.
    repeats = count // 6 + 1
    own = {name: (getattr(Inputs(), name) * repeats)[:count] for name in COLUMNS}
    path = tmp_path / "many.xlsx"
    write_built(build(lesson("gradient_boosting"), Inputs(shrinkage=0.35, **own), "en"), path)
    report = verify_files([path], ["libreoffice"])
    assert [result for result in report.quantities if not result.ok] == []
