"""Feature scaling: simple, standard and min-max, and what it does to a distance.

Each feature is scaled by numbers that are found on the data learned from, and that every later
example is scaled by too:

    simple:    x / m                          m: an upper bound, such as the maximum, or 255
    standard:  (x - mean) / s                 s: standard deviation of the population
    min-max:   (x - min) / (max - min)

The distance of two examples is the root of the summed squared differences of their features; the
share of one feature is its square of that sum.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, bars, dots
from sheetlab.authoring.tables import Columns
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Feature scaling: simple, standard, min–max|Feature Scaling: Simple, Standard, MinMax"
SHEET_NAME = "Scaling"
EQUATION = "x / m,   z = (x − μ) / s,   (x − min) / (max − min)"
SLIDES = [
    ("001", "Feature Scaling"),
    ("001", "Data Normalization"),
    ("004", "코드 학습단계"),
]

FEATURES = ("age", "income")
WAYS = {"": "raw|원래 값", "_scaled": "Simple", "_standard": "Standard", "_minmax": "MinMax"}
LARGEST, BRIGHTEST = 1e9, 255

people = partial(column, at_least=0, at_most=LARGEST, length=(2, 1000))
pixels = partial(column, whole=True, at_least=0, at_most=BRIGHTEST, length=(1, 28))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slides give: three people, black and white. New person and grey are ours."""

    age: tuple[float, ...] = people((20, 30, 40), "age")
    income: tuple[float, ...] = people((100000, 20000, 500000), "income")
    age_divisor: float = number(100, "m of age|age의 m", above=0, at_most=LARGEST)
    new_age: float = number(50, "age", at_least=0, at_most=LARGEST)
    new_income: float = number(900000, "income", at_least=0, at_most=LARGEST)
    pixel: tuple[int, ...] = pixels((0, 255, 204, 153, 102, 51, 26, 13), "pixel|픽셀")

    def check(self) -> None:
        """As many incomes as ages, and neither all the same."""
        require_same_length(self, *FEATURES)
        for name in FEATURES:
            values = getattr(self, name)
            # Values nearer to one another lose the digits that tell them apart.
            self.require(
                0 < max(values) / 1000 <= max(values) - min(values),
                f"The values of {name} differ by less than a thousandth of the largest;"
                " give values that differ more.",
                f"{name}의 값들이 가장 큰 값의 1/1000만큼도 다르지 않습니다. 더 크게"
                " 다른 값을 주십시오.",
            )


def write(board: Board, inputs: Inputs) -> None:
    """The people scaled, their distances before and after, a new person, and pixels."""
    person, way = axis("person", len(inputs.age)), axis("way", tuple(WAYS.values()))

    scaled = board.columns(down=person, labels="person|사람", format="0.00")
    for name in FEATURES:
        with scaled.group(name):
            scaled.input(name, heading=WAYS[""], format="General")
            write_ways(scaled, name, name)
    divisor = scaled.start("m")
    divisor.input("age_divisor", under="age_scaled", format="General")
    divisor.value("income_divisor", "= MAX(income)", under="income_scaled", format="General")
    columns = [f"{name}{suffix}" for name in FEATURES for suffix in WAYS]
    for name, label, formula in (
        ("mean", "mean μ|평균 μ", "AVERAGE({})"),
        ("deviation", "std s|표준편차 s", "STDEVP({})"),
        ("least", "min", "MIN({})"),
        ("greatest", "max", "MAX({})"),
    ):
        foot = scaled.foot(label)
        for one in columns:
            value, decimals = formula.format(one), "0.0" if one in FEATURES else "0.00"
            if name == "mean" and one.endswith("_standard"):
                # It is 0 on paper, and -0.00 where its last binary digits are shown.
                value = f"ROUND({value}, 9)"
            foot.value(f"{name}_{one}", f"= {value}", under=one, format=decimals)
    board.freeze(scaled)

    newcomer = axis("newcomer", ("new|새 사람",))
    title = "a new person, scaled by the same numbers|새 사람, 위와 같은 수로 변환"
    new = board.columns(down=newcomer, title=title, below=scaled, format="0.00")
    for name in FEATURES:
        with new.group(name):
            new.input(f"new_{name}", heading=WAYS[""], format="General")
            write_ways(new, f"new_{name}", name)

    distances = board.columns(down=person, labels="person|사람", below=new, format="#,##0.00")
    squares = [
        [f"({name}{suffix} - {name}{suffix}.at(1))^2" for name in FEATURES] for suffix in WAYS
    ]
    distances.column(
        "distance",
        "distance from the first person|첫째 사람과의 거리",
        [f"= SQRT({age} + {income})" for age, income in squares],
        by=way,
    )
    distances.column(
        "age_share",
        "share of age in distance²|거리²에서 age의 비율",
        [f"= IF(distance = 0, 0, {age} / distance^2)" for age, _ in squares],
        by=way,
        format="0%",
    )
    mean = distances.foot("mean of rest|나머지 평균")
    mean.value("mean_share", "= SUM(age_share) / (COUNT(age_share) - 1)")

    grey = board.rows(axis("pixel_place", len(inputs.pixel)), below=distances, format="0.00")
    grey.input("pixel", format="0", shade=True)
    grey.row("pixel_scaled", "pixel / 255|픽셀 / 255", f"= pixel / {BRIGHTEST}", shade=True)
    board.legend(below=grey)

    tables = (scaled, new, distances, grey)
    size: dict[str, Any] = {"right_of": tables, "width": 72, "rows": 18}
    clouds = [dots(f"income{way}", over=f"age{way}", label=WAYS[way]) for way in WAYS if way]
    cloud = board.chart(
        "The same people, scaled|변환한 뒤의 사람들",
        *clouds,
        dots("new_income_minmax", over="new_age_minmax", label="new, MinMax|새 사람, MinMax"),
        x="age",
        y="income",
        **size,
    )
    board.chart(
        "How much age counts in a distance|거리에서 age가 차지하는 비율",
        bars("mean_share"),
        over="way",
        x="scaling|변환",
        y="share of age|age의 비율",
        y_range=(0, 1),
        y_format="0%",
        below=cloud,
        **size,
    )


def write_ways(table: Columns, x: str, feature: str) -> None:
    """The three scaled columns of `x`, by the numbers of a feature."""
    table.column(f"{x}_scaled", WAYS["_scaled"], f"= {x} / {feature}_divisor")
    standard = f"= ({x} - mean_{feature}) / deviation_{feature}"
    table.column(f"{x}_standard", WAYS["_standard"], standard)
    minmax = f"= ({x} - least_{feature}) / (greatest_{feature} - least_{feature})"
    table.column(f"{x}_minmax", WAYS["_minmax"], minmax)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: columns by person have shape (n,), scaled ones no unit.

    `distance` and `age_share` have shape (n, 4): raw, simple, standard, min-max.
    """
    data = np.column_stack([inputs.age, inputs.income])
    new = np.array([[inputs.new_age, inputs.new_income]])
    mean, deviation = data.mean(axis=0), data.std(axis=0)
    least, greatest = data.min(axis=0), data.max(axis=0)
    divisor = np.array([inputs.age_divisor, greatest[1]])
    found: Reference = {
        "income_divisor": divisor[1:],
        "pixel_scaled": np.array(inputs.pixel) / BRIGHTEST,
    }
    squares = []
    for suffix, shift, scale in (
        ("", 0, 1),
        ("_scaled", 0, divisor),
        ("_standard", mean, deviation),
        ("_minmax", least, greatest - least),
    ):
        scaled = (data - shift) / scale
        squares.append((scaled - scaled[0]) ** 2)
        for k, name in enumerate(FEATURES):
            values = scaled[:, k]
            found |= {
                f"{name}{suffix}": values,
                f"new_{name}{suffix}": ((new - shift) / scale)[:, k],
                f"mean_{name}{suffix}": values.mean(),
                f"deviation_{name}{suffix}": values.std(),
                f"least_{name}{suffix}": values.min(),
                f"greatest_{name}{suffix}": values.max(),
            }
    age, total = np.array(squares)[:, :, 0].T, np.sum(squares, axis=2).T
    share = age / np.where(total > 0, total, 1)
    found |= {"distance": np.sqrt(total), "age_share": share}
    return found | {"mean_share": share.sum(axis=0) / (len(data) - 1)}


HOW_TO_READ = """
Each feature is scaled in three ways. Simple divides by m: a number of your choice ({age_divisor})
or the largest value ({income_divisor}). Standard has the mean 0 and the standard deviation 1 (of
the population, as StandardScaler has it), MinMax goes from 0 to 1. A pixel of 0 to 255 is divided
by 255 ({pixel_scaled}).
| feature마다 세 가지로 변환합니다. Simple은 직접 고른 수({age_divisor})나
최댓값({income_divisor})인 m으로 나눕니다. Standard는 평균이 0, 표준편차가 1(StandardScaler처럼
모집단 기준)이 되고, MinMax는 0에서 1까지가 됩니다. 0~255인 픽셀은 255로 나눕니다({pixel_scaled}).

Without scaling, income alone makes a distance ({distance}), since its numbers are larger. Scaled,
age counts too ({mean_share}).
| 변환하지 않으면 수가 큰 income이 거리({distance})를 거의 다 정합니다. 변환하면 age도 거리에
반영됩니다({mean_share}).

A new person ({new_age}) is scaled by the numbers found above, not by new ones; so MinMax values
need not be between 0 and 1.
| 새 사람({new_age})도 위에서 구한 수로 변환합니다. 그래서 MinMax 값이 0~1을 벗어날 수 있습니다.

[slide] The new person and the grey pixels are chosen here.
| 새 사람과 회색 픽셀은 여기서 정했습니다.
"""

TO_TRY = (
    to_try(
        "Set an income {income.at(3)} to 100000000: MinMax presses the two others together at 0.|"
        "income({income.at(3)})을 100000000으로 바꾸십시오. MinMax에서 나머지 둘이 0에 몰립니다.",
        {"income.at(3)": 100000000},
        lambda _, after: np.all(after["income_minmax"][:2] < 0.001),
    ),
    to_try(
        "Set income {income} to 0.1, 0.02, 0.5, in millions: only the raw distances change.|"
        "income({income})을 백만 단위인 0.1, 0.02, 0.5로 바꾸십시오. 원래 값의 거리만 바뀝니다.",
        {"income": (0.1, 0.02, 0.5)},
        lambda before, after: (
            before["mean_share"][0] < 0.01
            and after["mean_share"][0] > 0.99
            and np.allclose(before["mean_share"][1:], after["mean_share"][1:])
        ),
    ),
    to_try(
        "Set m of age {age_divisor} to 1: Simple leaves age as it is, and now only age counts.|"
        "age의 m({age_divisor})을 1로 바꾸십시오. Simple의 거리를 age가 혼자 정하게 됩니다.",
        {"age_divisor": 1},
        lambda _, after: after["mean_share"][1] > 0.99,
    ),
)
