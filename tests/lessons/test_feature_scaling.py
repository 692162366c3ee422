"""Feature scaling: the reference against scikit-learn, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from sheetlab.errors import InputError
from sheetlab.lessons.feature_scaling import Inputs, reference

TENTHS = st.integers(0, 1200).map(lambda tenths: tenths / 10)
ROUND_SUMS = st.integers(0, 10**6).map(lambda thousands: thousands * 1000.0)
COLUMNS = {"_scaled": MaxAbsScaler, "_standard": StandardScaler, "_minmax": MinMaxScaler}


def varied(values: tuple[float, ...]) -> bool:
    return max(values) - min(values) > 2e-3 * max(values)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(2, 9))

    def some(values: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(
            draw(st.lists(values, min_size=count, max_size=count).map(tuple).filter(varied))
        )

    return Inputs(
        age=some(TENTHS),
        income=some(draw(st.sampled_from((TENTHS, ROUND_SUMS)))),
        age_divisor=draw(st.integers(1, 1000)) / 10,
        new_age=draw(TENTHS),
        new_income=draw(ROUND_SUMS),
        pixel=tuple(draw(st.lists(st.integers(0, 255), min_size=1, max_size=12))),
    )


INPUTS = inputs_of_any_size()


def data_of(inputs: Inputs) -> np.ndarray:
    return np.column_stack([inputs.age, inputs.income])


@given(INPUTS)
def test_scikit_learn_scales_alike(inputs: Inputs) -> None:
    ours = reference(inputs.change({"age_divisor": max(inputs.age)}))
    new = np.array([[inputs.new_age, inputs.new_income]])
    for suffix, scaler in COLUMNS.items():
        model = scaler().fit(data_of(inputs))
        for prefix, given_ in (("", data_of(inputs)), ("new_", new)):
            expected = model.transform(given_)
            for k, name in enumerate(("age", "income")):
                values = ours[f"{prefix}{name}{suffix}"]
                np.testing.assert_allclose(values, expected[:, k], rtol=1e-9, atol=1e-9)


@given(INPUTS)
def test_what_scaling_promises(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name in ("age", "income"):
        np.testing.assert_allclose(ours[f"mean_{name}_standard"], 0, atol=1e-9)
        np.testing.assert_allclose(ours[f"deviation_{name}_standard"], 1)
        ends = [ours[f"least_{name}_minmax"].item(), ours[f"greatest_{name}_minmax"].item()]
        assert ends == [0, 1]
    np.testing.assert_allclose(ours["income_scaled"].max(), 1)


@given(INPUTS, st.integers(2, 1000))
def test_the_unit_of_income_matters_to_raw_distances_only(inputs: Inputs, unit: int) -> None:
    ours = reference(inputs)
    changed = reference(inputs.change({"income": [value / unit for value in inputs.income]}))
    np.testing.assert_allclose(changed["distance"][:, 1:], ours["distance"][:, 1:], atol=1e-9)
    raw = np.hypot(*(data_of(inputs) - data_of(inputs)[0]).T)
    np.testing.assert_allclose(ours["distance"][:, 0], raw, rtol=1e-9)


def test_the_slides_by_hand() -> None:
    ours = reference(Inputs())
    np.testing.assert_allclose(ours["age_standard"], np.array([-1, 0, 1]) * np.sqrt(1.5))
    np.testing.assert_allclose(ours["income_minmax"], [1 / 6, 0, 1])
    np.testing.assert_allclose(ours["new_age_minmax"], [1.5])
    np.testing.assert_allclose(ours["distance"][1, 3], np.hypot(1 / 2, 1 / 6))
    np.testing.assert_allclose(ours["age_share"][1, 3], 9 / 10)
    np.testing.assert_allclose(ours["pixel_scaled"][:3], [0, 1, 0.8])


def test_equal_people_are_at_no_distance() -> None:
    ours = reference(Inputs(age=(20, 20, 40), income=(1, 1, 5)))
    assert not ours["distance"][1].any()
    assert not ours["age_share"][1].any()


@pytest.mark.parametrize(
    "settings",
    [
        {"age": [30, 30, 30]},
        {"age": [0, 0, 0]},
        {"income": [1000000, 1000001, 1000002]},
        {"income": [1, 2]},
        {"age": [-1, 2, 3]},
        {"age_divisor": 0},
        {"pixel": [256]},
        {"pixel": [0.5]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
