"""Encoding: the reference against scikit-learn and NumPy, and what its inputs must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import KBinsDiscretizer, LabelEncoder, OneHotEncoder, OrdinalEncoder

from sheetlab.errors import InputError
from sheetlab.lessons.encoding import Inputs, reference

WORDS = st.text("abXY가나 12.*?~", min_size=1, max_size=5).map(str.strip).filter(bool)
PRICES = st.integers(-50, 50).map(float) | st.integers(-9999, 999999).map(lambda n: n / 100)


def distinct(least: int, most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(WORDS, min_size=least, max_size=most, unique_by=str.casefold).map(tuple)


@st.composite
def inputs_of_any_size(draw: st.DrawFn) -> Inputs:
    def some(known: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(draw(st.lists(st.sampled_from(known) | WORDS, min_size=1, max_size=6)))

    short, order, *known = (draw(distinct(2, most)) for most in (7, 7, 5, 5, 5))
    return Inputs(
        city=some(short),
        short_name=short,
        full_name=tuple(draw(st.lists(WORDS, min_size=len(short), max_size=len(short)))),
        size=some(order),
        size_order=order,
        color=some(known[0]),
        color_category=known[0],
        fuel=some(known[1]),
        fuel_category=known[1],
        fruit=some(known[2]),
        fruit_category=known[2],
        price=tuple(draw(st.lists(PRICES, min_size=1, max_size=9))),
        bin_label=draw(distinct(2, 5)),
    )


INPUTS = inputs_of_any_size()


@given(INPUTS)
def test_scikit_learn_encodes_alike(inputs: Inputs) -> None:
    ours = reference(inputs)
    for name in ("color", "fuel", "fruit"):
        known = [text.casefold() for text in getattr(inputs, f"{name}_category")]
        given = np.array([[text.casefold()] for text in getattr(inputs, name)], dtype=object)
        one_hot = OneHotEncoder(categories=[known], handle_unknown="ignore", sparse_output=False)
        label = OrdinalEncoder(
            categories=[known], handle_unknown="use_encoded_value", unknown_value=np.nan
        )
        np.testing.assert_array_equal(one_hot.fit_transform(given), ours[f"{name}_one_hot"])
        np.testing.assert_array_equal(label.fit_transform(given)[:, 0], ours[f"{name}_label"])


def test_scikit_learns_label_encoder_sorts_first() -> None:
    fruits = Inputs().fruit
    ours = reference(Inputs().change({"fruit_category": sorted(fruits)}))
    np.testing.assert_array_equal(LabelEncoder().fit_transform(fruits), ours["fruit_label"])
    assert ours["fruit_label"].tolist() == [1, 0, 2]


def test_scikit_learn_cuts_the_prices_alike() -> None:
    # Its bins have their lower edge, ours the upper one; no price of the slide is at an inner edge.
    inputs = Inputs()
    price = np.array(inputs.price)[:, None]
    model = KBinsDiscretizer(3, encode="ordinal", strategy="uniform")
    ours = reference(inputs)
    number = model.fit_transform(price)[:, 0].astype(int)
    np.testing.assert_array_equal(np.array(inputs.bin_label)[number], ours["price_bin"])
    edges = np.append(ours["bin_over"], ours["bin_up_to"][-1])
    np.testing.assert_allclose(model.bin_edges_[0], edges, atol=1e-6)


@given(INPUTS)
def test_every_price_is_in_one_bin_between_its_edges(inputs: Inputs) -> None:
    ours = reference(inputs)
    place = [inputs.bin_label.index(label) for label in ours["price_bin"]]
    lower, upper = ours["bin_over"][place], ours["bin_up_to"][place]
    price = np.array(inputs.price)
    assert np.all(((price > lower) | (price == price.min())) & (price <= upper + 1e-6))
    np.testing.assert_array_equal(
        np.bincount(place, minlength=len(inputs.bin_label)), ours["bin_size"]
    )


def test_a_price_at_an_edge_is_in_the_lower_bin() -> None:
    ours = reference(Inputs(price=(0, 1, 1.01, 2, 2.01, 3)))
    assert ours["price_bin"].tolist() == ["Low", "Low", "Medium", "Medium", "High", "High"]
    # (0.4 - 0.1) / 3 is not 0.1 in binary.
    ours = reference(Inputs(price=(0.1, 0.2, 0.3, 0.4)))
    assert ours["price_bin"].tolist() == ["Low", "Low", "Medium", "High"]


def test_equal_prices_are_in_the_first_bin() -> None:
    assert reference(Inputs(price=(7, 7)))["bin_size"].tolist() == [2, 0, 0]


def test_cities_become_uniform() -> None:
    ours = reference(Inputs(city=("n.y.", "New York", "L.A", "St. Louis", "부산")))
    uniform = ["New York", "New York", "Los Angeles", "St Louis", "부산"]
    assert ours["city_formatted"].tolist() == uniform


def test_what_is_no_category_has_no_number() -> None:
    ours = reference(Inputs(size=("XL", "s"), fruit=("배", "사과")))
    np.testing.assert_array_equal(ours["size_ordinal"], [np.nan, 1])
    assert ours["fruit_one_hot"].tolist() == [[0, 0, 0], [1, 0, 0]]
    np.testing.assert_array_equal(ours["fruit_label"], [np.nan, 0])
    assert np.isnan(ours["fruit_mean_label"])
    assert ours["fruit_share"].tolist() == [0.5, 0, 0]


@given(INPUTS)
def test_by_one_hot_all_categories_are_equally_far(inputs: Inputs) -> None:
    ours = reference(inputs)
    far = ours["one_hot_distance"][~np.isnan(ours["label_distance"])]
    assert set(np.round(far, 12)) <= {0, round(np.sqrt(2), 12)}


@pytest.mark.parametrize(
    "settings",
    [
        {"color": []},
        {"fuel_category": ["gas", "Gas"]},
        {"bin_label": ["Low", "Low", "High"]},
        {"bin_label": ["1", "2", "3", "4", "5", "6"]},
        {"short_name": ["NY", "LA", "SF"]},
        {"short_name": ["NY", "ny"]},
        {"price": []},
        {"price": ["cheap"]},
        {"price": [1e9]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
