"""Entropy and information gain of a table of records, by which ID3 chooses a split.

A set of records has the entropy of its classes, in bits (Shannon, 1948). A feature splits it into
one child for each of its values, and gains what this takes off the entropy (Quinlan, 1986):

    entropy(S) = -sum over the classes i of p[i] * log2(p[i]), where 0 * log2(0) = 0
    gain(S, feature) = entropy(S) - sum over the values v of |S[v]| / |S| * entropy(S[v])
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, Line, axis, bars, dots, line
from sheetlab.inputs import Categorical, LessonInputs, number, table
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Entropy and information gain|엔트로피와 정보 이득"
SHEET_NAME = "Entropy"
EQUATION = "Entropy = −Σ p · log₂(p),   Gain = Entropy(Parent) − Σ weight · Entropy(Child)"
SLIDES = [("001", "엔트로피 (Entropy), 정보 이득(information gain)")]

ENTROPY, MEAN, GAIN = "Entropy|엔트로피", "weighted mean|가중평균", "Gain|정보 이득"

SLIDE_NOTE = (
    "The slide writes 0.334 for 1/3, and cuts 0.6885 to 0.688: it gains 0.312, not 0.311.|"
    "슬라이드는 1/3을 0.334로 적고 0.6885를 0.688로 버려서 0.311이 아닌 0.312를 얻었습니다."
)

# Gains that differ by less are equal: it is the last binary digits that differ.
EQUAL_GAINS = 1e-12


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: four roads. Of any table, the last column is the class."""

    records: tuple[Categorical, ...] = table(
        {
            "slope|경사도": ("steep", "steep", "flat", "steep"),
            "surface|노면상태": ("bumpy", "smooth", "bumpy", "smooth"),
            "speed limit|속도제한": ("Yes", "Yes", "No", "No"),
            "speed|속도": ("slow", "slow", "fast", "fast"),
        },
        "records|데이터",
        columns=(2, 12),
        reserved="parent coin curve counts total probabilities terms entropy weights gain",
    )
    coin_probability: float = number(0.5, "p of two classes|두 클래스의 p", at_least=0, at_most=1)


def write(board: Board, inputs: Inputs) -> None:
    """The records, what each feature makes of them, and what ID3 then chooses."""
    *features, label = inputs.records
    classes = axis("class_label", label.labels)
    given = board.columns(down=axis("record", len(label.values)), format="@")
    for heading, columns in (("Feature", features), ("Label", [label])):
        with given.group(heading):
            given.inputs(*(one.name for one in columns))

    nodes = partial(board.columns, right_of=given, format="0.000")
    parent = nodes(down=axis("node", ("all|전체",)), labels="Parent", prefix="parent_")
    write_nodes(parent, f"= SUMPRODUCT(1 * ({label.name} = class_label))", classes)
    tables = [parent]
    for feature in features:
        value, prefix = axis("feature_value", feature.labels), f"{feature.name}_"
        children = nodes(down=value, labels=feature.label, prefix=prefix, below=tables[-1])
        counted = f"= SUMPRODUCT(({feature.name} = feature_value) * ({label.name} = class_label))"
        write_nodes(children, counted, classes)
        children.column("weights", "weight|가중치", "= total / parent_total", format="?/???")
        mean, gain = children.foot(MEAN), children.foot(GAIN)
        mean.value("weighted_entropy", "= SUMPRODUCT(weights, entropy)", under="entropy")
        gain.value("gain", "= parent_entropy - weighted_entropy", under="entropy")
        if board.is_the_slide and feature.name == "slope":
            write_rounding(children, mean, gain)
        tables.append(children)
    board.note(SLIDE_NOTE, width=tables[1], slide_only=True, right_of=given, below=tables)

    every = axis("feature", [feature.label for feature in features])
    gains = board.columns(down=every, labels="Feature", below=given)
    formulas = [f"= {feature.name}_gain" for feature in features]
    gains.column("information_gain", GAIN, formulas, format="0.0000")
    best = f"parent_entropy > 0, information_gain >= MAX(information_gain.all) - {EQUAL_GAINS:.0E}"
    gains.column(
        "id3_choice",
        "ID3 chooses|ID3의 선택",
        f"= IF(AND({best}, SUM(id3_choice.earlier) = 0), 1, 0)",
        first=f"= IF(AND({best}), 1, 0)",
        format='"◀ largest";;|"◀ 최대";;',
        colour={"good": "this = 1"},
    )
    title, gained = "Information Gain of each Feature|Feature별 정보 이득", bars("information_gain")
    chart = board.chart(title, gained, over="feature", below=gains, width=given, rows=24)
    board.legend(below=chart)

    two = features if len(label.categories) == 2 else []
    places = ((f"{one.name}_entropy", f"{one.name}_probabilities", one) for one in two)
    look: dict[str, Any] = {"width": 62, "rows": 33, "x_range": (0, 1), "y_range": (0, 1)}
    chart = board.chart(
        "Entropy of two classes|두 클래스의 엔트로피",
        line("curve_entropy"),
        *(dots(y, over=f"{x}.first(class_label)", label=one.label) for y, x, one in places),
        dots("coin_entropy", over="coin_probability", label="your p|고른 p"),
        over="curve_probability",
        right_of=tables,
        **look,
    )
    point = axis("point", 21)
    curve = board.columns(point, title="Two classes|두 클래스", right_of=chart, format="0.000")
    step = "= (ROWS(curve_probability.so_far) - 1) / 20"
    curve.column("curve_probability", "p", step, helper=True, format="0.00#")
    curve.column("curve_entropy", ENTROPY, two_classes("curve_probability"), helper=True)
    coin = curve.start("p of your choice|고른 p")
    coin.input("coin_probability", under="curve_probability")
    coin.value("coin_entropy", two_classes("coin_probability"), under="curve_entropy")
    curve.foot("log₂(1/2)").value("log2_half", "= LOG(1/2, 2)", under="curve_entropy")


def write_nodes(nodes: Columns, counted: str, classes: Axis) -> None:
    """The columns that lead from the number of records of each class to the entropy."""
    nodes.column("counts", "records|데이터 수", counted, by=classes, format="0")
    nodes.column("total", "total|합계", "= SUM(counts)", format="0")
    nodes.column("probabilities", "p", "= IF(total = 0, 0, counts / total)", by=classes)
    terms = "= IF(probabilities = 0, 0, probabilities * LOG(probabilities, 2))"
    nodes.column("terms", "p·log₂(p)", terms, by=classes)
    colour = {"faint": "total = 0", "good": "entropy = 0"}
    nodes.column("entropy", ENTROPY, "= -SUM(terms)", colour=colour)


def write_rounding(slope: Columns, mean: Line, gain: Line) -> None:
    """The slide's own way for slope: each entropy is rounded, and their mean is cut."""
    slope.column(
        "entropy_rounded", "the slide's\nrounding|슬라이드의\n반올림", "= ROUND(entropy, 3)"
    )
    # ROUND first: the last binary digits must not decide where the cut falls.
    cut = "= ROUNDDOWN(ROUND(SUMPRODUCT(weights, entropy_rounded), 9), 3)"
    mean.value("weighted_entropy_rounded", cut, under="entropy_rounded")
    difference = "= ROUND(parent_entropy, 3) - weighted_entropy_rounded"
    gain.value("gain_rounded", difference, under="entropy_rounded")


def two_classes(p: str) -> str:
    """The formula of the entropy of two classes."""
    return f"= IF(OR({p} = 0, {p} = 1), 0, -{p} * LOG({p}, 2) - (1 - {p}) * LOG(1 - {p}, 2))"


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, in bits.

    With c classes, counts, probabilities and terms of a feature with v values have shape (v, c),
    totals, weights and entropies (v,); of the parent, v is 1. Gains have shape (n_features,).
    """
    *features, label = inputs.records
    found: Reference = {column.name: np.array(column.values) for column in inputs.records}
    is_class = np.array(label.values)[:, None] == label.categories
    found |= entropy_of("parent", is_class.sum(axis=0, keepdims=True))
    for feature in features:
        has_value = found[feature.name][:, None] == feature.categories
        found |= entropy_of(feature.name, has_value.T.astype(int) @ is_class)
        found[f"{feature.name}_weights"] = weights = has_value.mean(axis=0)
        found[f"{feature.name}_weighted_entropy"] = weights @ found[f"{feature.name}_entropy"]
        gain = found["parent_entropy"] - found[f"{feature.name}_weighted_entropy"]
        found[f"{feature.name}_gain"] = gain
    gains = np.concatenate([found[f"{feature.name}_gain"] for feature in features])
    chosen = np.argmax(gains >= gains.max() - EQUAL_GAINS)
    p, curve = np.array([inputs.coin_probability]), np.linspace(0, 1, 21)
    found |= {
        "information_gain": gains,
        "id3_choice": (np.arange(len(gains)) == chosen) * (found["parent_entropy"] > 0),
        "coin_entropy": -terms_of(p) - terms_of(1 - p),
        "log2_half": np.log2([0.5]),
        "curve_probability": curve,
        "curve_entropy": -terms_of(curve) - terms_of(1 - curve),
    }
    return found | (slide_lines(found) if inputs == Inputs() else {})


def terms_of(p: Values) -> Values:
    """p * log2(p) of each p, 0 where p is 0."""
    return p * np.log2(np.where(p > 0, p, 1))


def entropy_of(owner: str, counts: Values) -> Reference:
    """The quantities of nodes by the number of records of each class, one row a node."""
    total = counts.sum(axis=1)
    p = counts / np.maximum(total, 1)[:, None]
    terms = terms_of(p)
    nodes = {"counts": counts, "total": total, "probabilities": p, "terms": terms}
    nodes["entropy"] = -terms.sum(axis=1)
    return {f"{owner}_{name}": values for name, values in nodes.items()}


def slide_lines(exact: Reference) -> Reference:
    """The slide's way: entropies rounded to 3 decimals, their weighted mean cut to 3 decimals."""
    entropies = np.array([round_half_up(value, 3) for value in exact["slope_entropy"]])
    mean = np.floor(1000 * round_half_up(exact["slope_weights"] @ entropies, 9)) / 1000
    gain = exact["parent_entropy"] - mean
    return {
        "slope_entropy_rounded": entropies,
        "slope_weighted_entropy_rounded": mean,
        "slope_gain_rounded": gain,
    }


HOW_TO_READ = """
All records are the Parent; those with one value of a Feature are a Child, counted by their Label.
| 모든 데이터가 Parent, 그중 Feature의 값이 같은 데이터가 Child이며, Label별로 개수를 셉니다.

Entropy {parent_entropy} is −Σ p·log₂(p), with 0 for 0·log₂(0): 0 of one class, 1 of two equal ones.
| 엔트로피({parent_entropy})는 −Σ p·log₂(p)이며 0·log₂(0)은 0으로 봅니다. 한 클래스뿐이면 0이고 두
클래스가 반반이면 1입니다.

Information Gain is what a Feature takes off the entropy of the Parent. ID3 works it out for every
Feature and splits by the largest {id3_choice}, by the first of equal ones.
| 정보 이득은 Feature로 나눌 때 Parent의 엔트로피가 줄어드는 양입니다. ID3는 모든 Feature의 정보
이득을 구하여 가장 큰 것으로, 같으면 앞의 것으로 나눕니다({id3_choice}).
"""

TO_TRY = (
    to_try(
        "Set {slope.at(3)} to steep: every road is steep, so slope tells nothing and gains 0.|"
        "{slope.at(3)} 셀을 steep으로 바꾸십시오. 모두 steep이어서 경사도의 정보 이득이 0입니다.",
        {"slope.at(3)": "steep"},
        lambda _, after: after["slope_gain"] == 0,
    ),
    to_try(
        "Set {speedlimit.at(1)} to No: it gains as much as slope, and ID3 takes the first of them.|"
        "{speedlimit.at(1)} 셀을 No로 바꾸십시오. 경사도와 이득이 같아져 ID3는 앞의 것을 고릅니다.",
        {"speedlimit.at(1)": "No"},
        lambda _, after: after["id3_choice"].tolist() == [1, 0, 0],
    ),
    to_try(
        "Set {speed.at(3)} and {speed.at(4)} to slow: with one class, there is nothing to gain.|"
        "{speed.at(3)}, {speed.at(4)} 셀을 slow로 바꾸십시오. 한 클래스면 얻을 정보가 없습니다.",
        {"speed.at(3)": "slow", "speed.at(4)": "slow"},
        lambda _, after: after["parent_entropy"] == 0 and not np.any(after["information_gain"]),
    ),
    to_try(
        "Set p in {coin_probability} to 0.9, then to 0.1, and follow the point along the curve.|"
        "{coin_probability} 셀의 p를 0.9로, 다시 0.1로 바꾸며 곡선 위의 점을 따라가 보십시오.",
        {"coin_probability": 0.9},
        lambda before, after: after["coin_entropy"] < before["coin_entropy"] / 2,
    ),
)
