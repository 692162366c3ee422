"""Categories as numbers: uniform names, ordinal numbers, one-hot and label encoding, bins.

A model calculates with numbers only. Of a value `v` and distinct categories `c[1]` to `c[k]`,

    one_hot[j] = 1 where v = c[j], else 0
    label      = j - 1 where v = c[j];   of ordered categories, their rank j
    bin        = the last j with min + (j - 1) * (max - min) / k < v, or the first
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, Columns, axis, bars
from sheetlab.inputs import LessonInputs, column, require_same_length
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Categories as numbers: one-hot, label, bins|범주를 숫자로: One-Hot, Label, Binning"
SHEET_NAME = "Encoding"
EQUATION = (
    "one-hot = 1 in the column of its category, else 0;   label = number of its category|"
    "One-Hot = 해당 범주의 열에서 1, 나머지는 0;   Label = 해당 범주의 번호"
)
SLIDES = [
    ("001", "Data Formatting"),
    ("001", "category 변수의 수치화"),
    ("001", "One-Hot encoding"),
    ("001", "Categorical 변수의 수치화"),
    ("001", "Binning"),
    ("004", "One-Hot Encoding"),
    ("004", "LabelEncoder"),
]

# An edge that equals a price on paper may differ from it in the last binary digit.
DECIMALS, RANGE = 6, {"at_least": -1e8, "at_most": 1e8}

ENCODED = ("color", "fuel", "fruit")
KNOWN = ("short_name", "size_order", "bin_label", *(f"{name}_category" for name in ENCODED))

texts = partial(column, text=True)
lists, categories = partial(texts, length=(2, 1000)), partial(texts, length=(2, 5))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slides give; the short names are ours, and the orders follow the slides."""

    city: tuple[str, ...] = texts(("NY", "New York", "N.Y", "N.Y"), "City")
    short_name: tuple[str, ...] = lists(("NY", "LA"), "short|약자")
    full_name: tuple[str, ...] = lists(("New York", "Los Angeles"), "in full|전체 이름")
    size: tuple[str, ...] = texts(("L", "M", "S"), "size")
    size_order: tuple[str, ...] = lists(("S", "M", "L"), "order of size|size의 순서")
    color: tuple[str, ...] = texts(("red", "green", "blue", "red"), "color")
    color_category: tuple[str, ...] = categories(("red", "blue", "green"), "colors|color 종류")
    fuel: tuple[str, ...] = texts(("gas", "diesel", "gas", "gas"), "fuel")
    fuel_category: tuple[str, ...] = categories(("gas", "diesel"), "fuels|fuel 종류")
    fruit: tuple[str, ...] = texts(("사과", "바나나", "체리"), "fruit|과일")
    fruit_category: tuple[str, ...] = categories(("사과", "바나나", "체리"), "fruits|과일 종류")
    price: tuple[float, ...] = column((13495, 16500, 18920, 41315, 5151, 6295), "price", **RANGE)
    bin_label: tuple[str, ...] = categories(("Low", "Medium", "High"), "bin|구간")

    def check(self) -> None:
        """A full name for each short one, and every category once."""
        require_same_length(self, "short_name", "full_name")
        for name in KNOWN:
            given = self.values(name)
            # A spreadsheet does not tell capitals from small letters.
            self.require(
                len({text.casefold() for text in given}) == len(given),
                f"{name} has a category twice: {', '.join(given)}; give each once.",
                f"{name}에 같은 범주가 있습니다: {', '.join(given)}. 한 번씩만 주십시오.",
            )


def write(board: Board, inputs: Inputs) -> None:
    """Names and order, then the three encodings with what they mean, then bins and the charts."""
    cities = board.columns(axis("city_row", len(inputs.city)), title="Data Formatting")
    cities.input("city")
    cities.column("plain", "no points|점 제거", '= SUBSTITUTE(city, ".", "")')
    place = "SUMPRODUCT((plain = short_name) * name_number)"
    uniform = f"= IF({place} = 0, plain, INDEX(full_name, {place}))"
    cities.column("city_formatted", "City, uniform|통일한 City", uniform)
    short = axis("short", len(inputs.short_name))
    names = board.columns(short, title="short names|약자 목록", right_of=cities)
    names.inputs("short_name", "full_name")
    names.count("name_number", "no.|번호")
    sizes = board.columns(axis("size_row", len(inputs.size)), title="ordinal", right_of=names)
    sizes.input("size")
    rank = "SUMPRODUCT((size = size_order) * size_rank)"
    sizes.column("size_ordinal", "number|숫자", f"= IF({rank} = 0, NA(), {rank})")
    order = axis("order", len(inputs.size_order))
    orders = board.columns(order, title="order of size|size의 순서", right_of=sizes)
    orders.input("size_order", "category|범주")
    orders.count("size_rank", "number|숫자")

    above = (cities, names, sizes, orders)
    colors = write_encoding(board, inputs, "color", below=above)
    fuels = write_encoding(board, inputs, "fuel", right_of=colors, below=above)
    board.legend(right_of=fuels, below=above, span=2)
    fruits = write_encoding(board, inputs, "fruit", below=(colors, fuels))
    with fruits.group("distance from the first|첫째와의 거리"):
        between = "= ABS(fruit_label - fruit_label.at(1))"
        fruits.column("label_distance", "Label", between, format="0.00")
        apart = "= SQRT(SUMXMY2(fruit_one_hot, fruit_one_hot.at(fruit_row, 1)))"
        fruits.column("one_hot_distance", "One-Hot", apart, format="0.00")

    aside: dict[str, Any] = {"below": (colors, fuels), "format": "0.00"}
    price, every_bin = axis("price_row", len(inputs.price)), axis("bin", len(inputs.bin_label))
    prices = board.columns(price, title="Binning", right_of=fruits, **aside)
    prices.input("price", format="General")
    chosen = "= INDEX(bin_label, MAX(1, SUMPRODUCT((price > bin_over) * 1)))"
    prices.column("price_bin", "price-binned", chosen, format='"  "@')
    bins = board.columns(every_bin, title="equal widths|같은 너비", right_of=prices, **aside)
    bins.input("bin_label")
    width = "(MAX(price) - MIN(price)) / ROWS(bin_label.all)"
    edge = f"= ROUND(MIN(price) + (ROWS(bin_over.so_far) - 1) * {width}, {DECIMALS})"
    bins.column("bin_over", "over|초과", edge)
    bins.column("bin_up_to", "up to|이하", "= bin_over.after", last="= MAX(price)")
    count = "= SUMPRODUCT((price_bin = bin_label) * 1)"
    bins.column("bin_size", "number|개수", count, format="0")

    distances = board.chart(
        "Distance from the first fruit|첫째 과일과의 거리",
        bars("label_distance", label="Label"),
        bars("one_hot_distance", label="One-Hot"),
        over="fruit",
        y="distance|거리",
        width=fruits,
        rows=34,
    )
    title, number = "How many prices are in each bin|구간마다 가격의 개수", bars("bin_size")
    board.chart(title, number, over="bin_label", y_step=1, right_of=distances, width=72)


def write_encoding(board: Board, inputs: Inputs, name: str, **where: Any) -> Columns:
    """A column of texts, the one-hot columns of its categories, its label, and their means."""
    category = axis("category", len(inputs.values(f"{name}_category")))
    table = board.columns(axis(f"{name}_row", len(inputs.values(name))), **where)
    one_hot, label = f"{name}_one_hot", f"{name}_label"
    table.input(name)
    shown: dict[str, Any] = {"by": category, "show_labels": False, "heading": "One-Hot"}
    shown["colour"] = {"good": f"{one_hot} = 1", "bad": f"SUM({one_hot}.all(category)) = 0"}
    table.column(one_hot, f"{name}: One-Hot", f"= IF({name} = {name}_category, 1, 0)", **shown)
    number = f"= IF(SUM({one_hot}) = 0, NA(), SUMPRODUCT({one_hot}, {name}_code))"
    table.column(label, f"{name}: Label", number, heading="Label")
    table.start("category|범주").input(f"{name}_category", under=one_hot)
    counted = f"= COLUMNS({name}_code.so_far) - 1"
    table.start("label|번호").value(f"{name}_code", counted, under=one_hot)
    mean = table.foot("mean|평균")
    mean.value(f"{name}_share", f"= AVERAGE({one_hot})", format="0.00")
    mean.value(f"{name}_mean_label", f"= AVERAGE({label})", format="0.00")
    return table


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: columns have shape (n,), one-hot (n, k) for k categories.

    Of a value that is no category, one-hot is all 0, and what follows from its label is nan.
    Prices and edges have the unit of the prices.
    """
    plain = [text.replace(".", "") for text in inputs.city]
    short = [text.casefold() for text in inputs.short_name]
    names = dict(zip(short, inputs.full_name, strict=True))
    found: Reference = {
        "plain": np.array(plain),
        "city_formatted": np.array([names.get(text.casefold(), text) for text in plain]),
        "name_number": np.arange(1, len(short) + 1),
        "size_ordinal": label_of(one_hot_of(inputs.size, inputs.size_order)) + 1,
        "size_rank": np.arange(1, len(inputs.size_order) + 1),
    }
    for name in ENCODED:
        one_hot = one_hot_of(inputs.values(name), inputs.values(f"{name}_category"))
        label = label_of(one_hot)
        found |= {f"{name}_one_hot": one_hot, f"{name}_share": one_hot.mean(axis=0)}
        found |= {f"{name}_label": label, f"{name}_mean_label": label.mean()}
        found[f"{name}_code"] = np.arange(one_hot.shape[1])
    label, one_hot = found["fruit_label"], found["fruit_one_hot"]
    price, bins = np.array(inputs.price), np.array(inputs.bin_label)
    edges = np.linspace(price.min(), price.max(), len(bins) + 1)
    lower = np.array([round_half_up(edge, DECIMALS) for edge in edges[:-1]])
    price_bin = bins[np.maximum(1, np.searchsorted(lower, price)) - 1]
    return found | {
        "label_distance": np.abs(label - label[0]),
        "one_hot_distance": np.linalg.norm(one_hot - one_hot[0], axis=1),
        "price_bin": price_bin,
        "bin_over": lower,
        "bin_up_to": np.append(lower[1:], price.max()),
        "bin_size": np.sum(price_bin[:, None] == bins, axis=0),
    }


def one_hot_of(values: tuple[str, ...], known: tuple[str, ...]) -> Values:
    """Whether each value is each category, as 1 or 0, capitals or not: shape (n, k)."""
    return np.array([[one.casefold() == c.casefold() for c in known] for one in values], int)


def label_of(one_hot: Values) -> Values:
    """The place of the 1 in each row, from 0; nan where there is none: shape (n,)."""
    return np.where(one_hot.any(axis=1), one_hot.argmax(axis=1), np.nan)


HOW_TO_READ = """
City: without points, N.Y is NY, and a short name ({short_name}) is spelled in full. Otherwise one
city would be several categories. Sizes have an order ({size_order}) and become their number in it.
Colors, fuels and fruits have none: one-hot gives each category a column of its own.
| City: 점을 없앤 뒤 약자({short_name})를 전체 이름으로 바꿉니다. 그러지 않으면 한 도시가 여러
범주로 나뉩니다. size는 순서({size_order})의 번호가 됩니다. color, fuel, 과일에는 순서가 없으므로
범주마다 열을 하나씩 둡니다(One-Hot).

A label is arbitrary (scikit-learn numbers the sorted categories), but a model calculates with it:
the distances ({label_distance}) differ, and the mean ({fruit_mean_label}) stands for some fruit. By
one-hot, all are √2 apart, and the mean ({fruit_share}) is the share of each.
| Label은 임의의 번호인데(scikit-learn은 정렬한 순서로 매김) 모델은 그 수로 계산합니다. Label에서는
거리가 서로 다르고({label_distance}), 평균({fruit_mean_label})이 어떤 과일을 가리키게 됩니다.
One-Hot에서는 거리가 모두 √2이고, 평균({fruit_share})은 범주의 비율입니다.

[slide] The short names are chosen here; the categories come in the order of the slides.
| 약자 목록은 여기서 정했고, 범주는 슬라이드의 순서를 따릅니다.
"""

TO_TRY = (
    to_try(
        "Set {fruit_category} to 바나나, 사과, 체리: by label, 사과 now lies between the others.|"
        "범주({fruit_category})를 바나나, 사과, 체리로 바꾸십시오. Label에서 사과가 가운데입니다.",
        {"fruit_category": ("바나나", "사과", "체리")},
        lambda _, after: after["label_distance"].tolist() == [0, 1, 1],
    ),
    to_try(
        "Set color {color.at(2)} to pink: no column is its own, so all are 0 and it has no label.|"
        "color({color.at(2)})를 pink로 바꾸십시오. 해당하는 열이 없어 모두 0이고 Label도 없습니다.",
        {"color.at(2)": "pink"},
        lambda _, after: not after["color_one_hot"][1].any() and np.isnan(after["color_label"][1]),
    ),
    to_try(
        "Set price {price.at(4)} to 400000: beside one outlier, all other prices are Low.|"
        "price({price.at(4)})를 400000으로 바꾸십시오. 이상치 하나로 나머지가 모두 Low가 됩니다.",
        {"price.at(4)": 400000},
        lambda _, after: after["bin_size"].tolist() == [5, 0, 1],
    ),
)
