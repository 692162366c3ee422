"""Sales: the reference against pandas, and what its inputs must be."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.errors import InputError
from sheetlab.lessons.sales import COLUMNS, DATE_ORDERS, Inputs, persons_of, reference

NAMES = st.sampled_from(("Fuller", "fuller", "O'Neill", "De la Cruz", "김", "Jr.", "3M"))
# 0 often: an order of one country only.
UNITS = st.just(0) | st.integers(0, 500)
AMOUNTS = st.just(0.0) | st.integers(0, 999999).map(lambda cents: cents / 100)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(2, 9))
    day_first = draw(st.booleans())

    def some(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    def written(day: date) -> str:
        parts = (day.day, day.month) if day_first else (day.month, day.day)
        padding = draw(st.integers(1, 2))
        return f"{parts[0]:0{padding}}/{parts[1]:0{padding}}/{day.year}"

    days = some(st.dates(date(2009, 1, 1), date(2012, 12, 31)))
    return Inputs(
        date_order=DATE_ORDERS[0 if day_first else 1],
        order_date=tuple(written(day) for day in days),
        order_id=some(st.integers(1, 99999)),
        salesperson=some(NAMES),
        uk_units=some(UNITS),
        uk_amount=some(AMOUNTS),
        usa_units=some(UNITS),
        usa_amount=some(AMOUNTS),
    )


INPUTS = inputs_of_any_size()


def frame(inputs: Inputs) -> pd.DataFrame:
    """The orders as somebody would read them into pandas."""
    orders = pd.DataFrame({name: getattr(inputs, name) for name in COLUMNS})
    orders["key"] = orders["salesperson"].str.casefold()
    orders["date"] = pd.to_datetime(
        orders["order_date"],
        format="%d/%m/%Y" if inputs.date_order == DATE_ORDERS[0] else "%m/%d/%Y",
    )
    orders["total_units"] = orders[["uk_units", "usa_units"]].sum(axis=1)
    orders["total_amount"] = orders[["uk_amount", "usa_amount"]].sum(axis=1)
    return orders


@given(INPUTS)
def test_pandas_groups_alike(inputs: Inputs) -> None:
    ours, orders = reference(inputs), frame(inputs)
    groups = orders.groupby("key", sort=False)
    np.testing.assert_array_equal(list(groups.groups), [n.casefold() for n in persons_of(inputs)])
    np.testing.assert_array_equal(groups.size(), ours["person_orders"])
    np.testing.assert_array_equal(groups["total_units"].sum(), ours["person_units"])
    np.testing.assert_allclose(groups["total_amount"].mean(), ours["person_mean"])
    months = orders.groupby(orders["date"].dt.month)["total_amount"].sum()
    filled = months.reindex(range(1, 13), fill_value=0)
    np.testing.assert_allclose(filled, ours["month_amount"])
    np.testing.assert_allclose(filled.cumsum(), ours["month_total"])


@given(INPUTS)
def test_the_pivot_of_pandas_is_ours(inputs: Inputs) -> None:
    ours, orders = reference(inputs), frame(inputs)
    long = orders.melt("key", ["uk_amount", "usa_amount"], "country", "amount")
    pivot = long.pivot_table("amount", "key", "country", "sum", margins=True, sort=False)
    expected = np.column_stack([ours[f"person_{name}"] for name in ("uk", "usa", "total")])
    np.testing.assert_allclose(pivot.to_numpy()[:-1], expected)
    total = [ours[f"all_{name}"] for name in ("uk", "usa", "total")]
    np.testing.assert_allclose(pivot.to_numpy()[-1], total)


@given(INPUTS)
def test_shares_and_months_are_of_the_whole(inputs: Inputs) -> None:
    ours = reference(inputs)
    whole = ours["sum_total_amount"]
    np.testing.assert_allclose(ours["person_share"].sum(), 1 if whole else 0)
    np.testing.assert_allclose(ours["month_total"][-1], whole)
    assert ours["month_orders"].sum() == len(inputs.order_id)


def test_the_slide_by_hand() -> None:
    ours = reference(Inputs())
    assert persons_of(Inputs())[3] == "Finchley"
    assert ours["person_orders"].tolist() == [3, 1, 1, 4, 1, 1, 1]
    np.testing.assert_allclose(ours["person_total"][3], 2556.95 + 442 + 1903.8 + 3868.6)
    np.testing.assert_allclose(ours["sum_total_amount"], 20112.45)
    assert ours["sum_total_units"] == 150
    assert ours["month_orders"].tolist() == [12] + [0] * 11


def test_what_is_first_in_a_date_is_said() -> None:
    assert reference(Inputs(date_order="month/day/year"))["order_month"].tolist() == [
        *(1, 2, 2, 3, 3, 3),
        *(6, 8, 8, 9, 9, 10),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"order_id": [1, 2]},
        {name: [getattr(Inputs(), name)[0]] for name in COLUMNS},
        {"order_date": ["31/02/2011"] * 12},
        {"order_date": ["13/01/2011"] * 12, "date_order": "month/day/year"},
        {"order_date": ["2011-01-13"] * 12},
        {"date_order": "year/month/day"},
        {"salesperson": ["Fuller*"] * 12},
        {"salesperson": [">0"] * 12},
        {"uk_units": [1.5] * 12},
        {"usa_amount": [-1] * 12},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
