"""Linear regression: the reference against scikit-learn and SciPy, and what its inputs must be."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

from sheetlab.building import build, write_built
from sheetlab.checking import verify_files
from sheetlab.errors import InputError
from sheetlab.lessons import lesson
from sheetlab.lessons.linear_regression import Inputs, reference

VALUES = st.integers(-300, 900).map(lambda tenths: tenths / 10)
# Zeros now and then, by which the relative error divides.
TARGETS = VALUES | st.just(0.0)


@st.composite
def points(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(4, 9) | st.sampled_from((20, 50)))

    def column(values: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    given_columns = {"first_x": column(VALUES), "second_x": column(VALUES), "y": column(TARGETS)}
    try:
        return Inputs(**given_columns, own_theta=(draw(VALUES), draw(VALUES)))
    except InputError:
        assume(False)
        raise


INPUTS = points()


@given(INPUTS)
def test_scikit_learn_and_scipy_find_the_same_parameters(inputs: Inputs) -> None:
    ours = reference(inputs)
    x = np.column_stack([inputs.first_x, inputs.second_x])
    model = LinearRegression().fit(x, inputs.y)
    np.testing.assert_allclose(
        ours["multiple_theta"], [model.intercept_, *model.coef_], rtol=1e-9, atol=1e-9
    )
    line = stats.linregress(inputs.first_x, inputs.y)
    np.testing.assert_allclose(
        ours["simple_theta"][:2], [line.intercept, line.slope], rtol=1e-9, atol=1e-9
    )


@given(INPUTS)
def test_scikit_learn_measures_the_same(inputs: Inputs) -> None:
    ours = reference(inputs)
    for model, prediction in enumerate(ours["prediction"].T):
        for name, measure in (
            ("mae", mean_absolute_error),
            ("mse", mean_squared_error),
            ("rmse", root_mean_squared_error),
            ("r_squared", r2_score),
        ):
            expected = measure(inputs.y, prediction)
            np.testing.assert_allclose(ours[name][model], expected, rtol=1e-9, atol=1e-9)
        if 0 in inputs.y:
            assert np.isnan(ours["mape"][model])
        else:
            expected = mean_absolute_percentage_error(inputs.y, prediction)
            np.testing.assert_allclose(ours["mape"][model], expected, rtol=1e-9, atol=1e-12)


@given(INPUTS)
def test_more_variables_never_fit_worse(inputs: Inputs) -> None:
    own, simple, multiple = reference(inputs)["mse"]
    assert multiple <= simple + 1e-9
    assert simple <= own + 1e-9


@given(INPUTS)
def test_the_bowl_has_its_bottom_at_least_squares(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert ours["tried_mse"].argmin() == 10
    np.testing.assert_allclose(ours["tried_mse"][10], ours["mse"][1], rtol=1e-9, atol=1e-9)
    assert ours["tried_slope"][0] < inputs.own_theta[1] < ours["tried_slope"][-1]


def test_the_lectures_points_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose([ours["sums_1"], ours["sums_2"]], [[10, 2], [2, 10]])
    np.testing.assert_allclose([ours["y_sum_1"], ours["y_sum_2"]], [8, 6])
    np.testing.assert_allclose(ours["simple_theta"], [0.4, 0.8, 0], atol=1e-15)
    np.testing.assert_allclose(ours["multiple_theta"], [-0.7, 17 / 24, 11 / 24])
    np.testing.assert_allclose(ours["mse"][1], 2.4 / 5)
    np.testing.assert_allclose(ours["r_squared"][1], 1 - 2.4 / 8.8)


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("count", [100, 130])
def test_libreoffice_sums_many_points(count: int, tmp_path: Path) -> None:
    # From 100 rows on, LibreOffice calculates whole columns at once; it must not do so too early.
    numbers = range(count)
    own = Inputs(
        first_x=tuple(k % 7 for k in numbers),
        second_x=tuple(k % 11 for k in numbers),
        y=tuple(1 + k % 5 for k in numbers),
    )
    path = tmp_path / "many.xlsx"
    write_built(build(lesson("linear_regression"), own, "en"), path)
    report = verify_files([path], ["libreoffice"])
    assert [result for result in report.quantities if not result.ok] == []


@pytest.mark.parametrize(
    "settings",
    [
        {"first_x": (1, 2, 3), "second_x": (1, 3, 2), "y": (1, 2, 4)},
        {"first_x": (1, 2, 3, 4)},
        {"first_x": (2, 2, 2, 2, 2)},
        {"second_x": (7, 7, 7, 7, 7)},
        {"second_x": (-2, -4, -8, -6, -10)},
        {"y": (0, 0, 0, 0, 0)},
        {"y": (1, 3, 3, 2, 5000)},
        {"own_theta": (1, 2, 3)},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        Inputs().change(settings)
    assert refused.value.args
