"""Entropy and information gain of a table of records, by which ID3 chooses a split.

A set of records has the entropy of its classes, in bits (Shannon, 1948). A feature splits it into
one child for each of its values, and gains what this takes off the entropy (Quinlan, 1986):

    entropy(S) = -sum over the classes i of p[i] * log2(p[i]), where 0 * log2(0) = 0
    gain(S, feature) = entropy(S) - sum over the values v of |S[v]| / |S| * entropy(S[v])

Source: AI study lecture, "엔트로피 (Entropy), 정보 이득(information gain)".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Entropy and information gain", "엔트로피와 정보 이득")
SHEET_NAME = "Entropy"

CLASSES = ("slow", "fast")

# The children of each feature: what their quantities are called, and the value of their records.
FEATURES = {
    "slope": {"steep": "steep", "flat": "flat"},
    "surface": {"bumpy": "bumpy", "smooth": "smooth"},
    "speed_limit": {"limited": "Yes", "unlimited": "No"},
}

# Gains that differ by less are equal: it is the last binary digits that differ.
EQUAL_GAINS = 1e-12

FEATURE, LABEL, PARENT = same("Feature"), same("Label"), same("Parent")
VALUE = Text("value", "값")
RECORDS, TOTAL = Text("number of records", "데이터 개수"), Text("total", "합계")
WEIGHT, PROBABILITY = Text("weight", "가중치"), Text("probability p", "확률 p")
TERM = same("p·log₂(p)")
ENTROPY, GAIN = Text("Entropy", "엔트로피"), Text("Information Gain", "정보 이득")
WEIGHTED_MEAN = Text("Entropy(Child),\nweighted mean", "Entropy(Child)의\n가중평균")
CHOICE, CHOSEN_FORMAT = Text("ID3 chooses", "ID3의 선택"), Text('"◀ largest";;', '"◀ 최대";;')
GAIN_NOTE = Text(
    "Gain = Entropy(Parent) − weighted mean. Of equal gains ID3 takes the first; it does not"
    " split a node of one class.",
    "정보 이득 = Entropy(Parent) − 가중평균. 이득이 같으면 앞의 Feature를 고르고, 한 클래스뿐인"
    " 노드는 나누지 않습니다.",
)
SLIDE_STEPS = Text("The slide's steps for slope", "슬라이드의 경사도 계산")
ROUNDED_PROBABILITY = Text("p, 3 decimals", "p, 소수 3자리")
EXACT, ROUNDED = Text("exact", "정확한 값"), Text("rounded on\nthe way", "중간에\n반올림")
SLIDE_PRINTS = Text("The slide prints", "슬라이드 표기")
STEPS = (
    (same("Entropy(Parent)"), same("1")),
    (
        same("Entropy(Child/steep)"),
        Text(
            "0.918, with 0.334 for 1/3 (it is 0.333)", "0.918. 1/3을 0.334로 적음(바르게는 0.333)"
        ),
    ),
    (same("Entropy(Child/flat)"), same("0")),
    (Text("weighted mean", "가중평균"), same("3/4 · 0.918 + 1/4 · 0")),
    (
        Text("cut to 3 decimals", "소수 3자리 아래 버림"),
        Text("0.688, cut off; rounded it is 0.689", "0.688. 버린 값이며 반올림하면 0.689"),
    ),
    (GAIN, same("1 − 0.688 = 0.312")),
)
TWO_CLASSES = Text("Two classes: p and 1 − p", "두 클래스: p와 1 − p")
CURVE = Text("The curve", "곡선")
NODES, POINT = Text("nodes of the table", "표의 노드"), Text("p in R3", "R3의 p")

FIELDS = {
    "slope": Text("slope", "경사도"),
    "surface": Text("surface", "노면상태"),
    "speed_limit": Text("speed limit", "속도제한"),
    "speed": Text("speed", "속도"),
}
OF_A_NODE = {
    "counts": Text("number of slow and fast", "slow와 fast의 개수"),
    "total": Text("number of records", "데이터 개수"),
    "probabilities": Text("p of slow and fast", "slow와 fast의 p"),
    "terms": Text("p·log₂(p) of slow and fast", "slow와 fast의 p·log₂(p)"),
    "entropy": ENTROPY,
}
OF_A_FEATURE = {
    "weights": Text("weights of the children", "Child의 가중치"),
    "weighted_entropy": Text("weighted mean of Entropy(Child)", "Entropy(Child)의 가중평균"),
    "gain": GAIN,
}
OF_A_STEP = {
    "probabilities_rounded": Text("p to 3 decimals", "소수 3자리의 p"),
    "entropy_rounded": Text("Entropy, rounded on the way", "중간에 반올림한 엔트로피"),
}


def quantities(owner: str, title: Text, kinds: dict[str, Text]) -> dict[str, Text]:
    """The quantities of a node or a feature: `parent_entropy` is "Parent: Entropy"."""
    return {
        f"{owner}_{kind}": Text(f"{title.en}: {label.en}", f"{title.ko}: {label.ko}")
        for kind, label in kinds.items()
    }


def quantities_of_feature(feature: str) -> dict[str, Text]:
    """The quantities of a feature and of its two children."""
    title = FIELDS[feature]
    found = quantities(feature, title, OF_A_FEATURE)
    for child, value in FEATURES[feature].items():
        node_title = Text(f"{title.en} = {value}", f"{title.ko} = {value}")
        found |= quantities(child, node_title, OF_A_NODE)
    return found


QUANTITIES = {
    **FIELDS,
    **quantities("parent", PARENT, OF_A_NODE),
    **quantities_of_feature("slope"),
    **quantities_of_feature("surface"),
    **quantities_of_feature("speed_limit"),
    "chosen": Text("1 where ID3 chooses the feature", "ID3가 고르는 Feature이면 1"),
    **quantities("parent", PARENT, OF_A_STEP),
    **quantities("steep", same("steep"), OF_A_STEP),
    **quantities("flat", same("flat"), OF_A_STEP),
    "slope_weighted_entropy_uncut": Text(
        "weighted mean of the rounded entropies", "반올림한 엔트로피의 가중평균"
    ),
    "slope_weighted_entropy_rounded": Text(
        "that mean, cut to 3 decimals", "소수 3자리 아래를 버린 가중평균"
    ),
    "slope_gain_rounded": Text("Information Gain, rounded on the way", "중간에 반올림한 정보 이득"),
    "coin_probability": Text("p of one of two classes", "두 클래스 중 하나의 p"),
    "coin_entropy": Text("Entropy of two classes at p", "p에서 두 클래스의 엔트로피"),
    "log2_half": same("log₂(1/2)"),
    "curve_probability": Text("p along the curve", "곡선의 p"),
    "curve_entropy": Text("Entropy along the curve", "곡선의 엔트로피"),
}

HOW_TO_READ = (
    Text(
        "The table at the left is the Parent: all records. Each row from row 4 on is a Child: the"
        " records with one value of one Feature, counted by their Label.",
        "왼쪽 표 전체가 Parent입니다. 4행부터는 한 행이 Child 하나이며, Feature의 값이 같은"
        " 데이터를 Label별로 셉니다.",
    ),
    Text(
        "Entropy is −Σ p·log₂(p): columns N and O added up, with the sign turned. It is 1 where"
        " both classes are equally frequent and 0 where there is one class; 0·log₂(0) is 0.",
        "엔트로피는 −Σ p·log₂(p), 곧 N열과 O열을 더하고 부호를 바꾼 값입니다. 두 클래스가 반반이면"
        " 1, 한 클래스뿐이면 0이며 0·log₂(0)은 0으로 봅니다.",
    ),
    Text(
        "Information Gain is what a Feature takes off the entropy of the Parent. The slide works it"
        " out for slope; ID3 does so for every Feature and splits by the one that gains most.",
        "정보 이득은 Feature로 나눌 때 Parent의 엔트로피가 줄어드는 양입니다. 슬라이드는 경사도만"
        " 계산하지만, ID3는 모든 Feature를 계산하여 가장 큰 것으로 나눕니다.",
    ),
    Text(
        "Rows 19 to 24 follow the slide's own rounding beside the exact values: 0.6885 is cut to"
        " 0.688, which makes the gain 0.312 instead of 0.311.",
        "19~24행은 슬라이드의 반올림을 정확한 값 옆에서 따라갑니다. 0.6885를 0.688로 버렸기 때문에"
        " 정보 이득이 0.311이 아니라 0.312가 됩니다.",
    ),
)
TO_TRY = (
    Text(
        "Set A5 to steep: every road is steep now, so slope tells nothing and gains 0.",
        "A5를 steep으로 바꾸십시오. 모든 길이 steep이므로 경사도의 정보 이득은 0이 됩니다.",
    ),
    Text(
        "Set C3 to No: speed limit now gains as much as slope, and ID3 takes the first of them.",
        "C3를 No로 바꾸십시오. 속도제한과 경사도의 정보 이득이 같아져 ID3는 앞의 것을 고릅니다.",
    ),
    Text(
        "Set D5 and D6 to slow: one class is left, the entropy is 0 and there is nothing to gain.",
        "D5와 D6을 slow로 바꾸십시오. 한 클래스만 남아 엔트로피가 0이고 얻을 정보가 없습니다.",
    ),
    Text(
        "Set p in R3 to 0.9, then to 0.1, and follow the point along the curve.",
        "R3의 p를 0.9로, 다시 0.1로 바꾸면서 곡선 위의 점을 따라가 보십시오.",
    ),
)


def words(field: str, default: Sequence[str], choices: Iterable[str]) -> Any:
    """A field for a column of the table, each cell one of the words to choose from."""
    return column(default, FIELDS[field], text=True, choices=tuple(choices), length=(2, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: four roads, and p = 0.5 for two classes."""

    slope: tuple[str, ...] = words(
        "slope", ("steep", "steep", "flat", "steep"), FEATURES["slope"].values()
    )
    surface: tuple[str, ...] = words(
        "surface", ("bumpy", "smooth", "bumpy", "smooth"), FEATURES["surface"].values()
    )
    speed_limit: tuple[str, ...] = words(
        "speed_limit", ("Yes", "Yes", "No", "No"), FEATURES["speed_limit"].values()
    )
    speed: tuple[str, ...] = words("speed", ("slow", "slow", "fast", "fast"), CLASSES)
    coin_probability: float = number(0.5, QUANTITIES["coin_probability"], at_least=0, at_most=1)

    def check(self) -> None:
        """As many values of every feature as labels."""
        require_same_length(self, *FIELDS)


def write(sheet: Sheet, inputs: Inputs) -> None:
    """The slide's table at the left, its nodes and gains beside it, and the charts below them."""
    last = 2 + len(inputs.speed)
    sheet.headings("A1", (FEATURE, "", "", LABEL))
    sheet.merge("A1:C1")
    sheet.headings("A2", tuple(FIELDS.values()))
    for letter, field in zip("ABCD", FIELDS, strict=True):
        sheet.input(f"{letter}3:{letter}{last}", field, name=field)
    sheet.legend(f"A{last + 2}:D{last + 2}")
    sheet.width("E", 2)
    sheet.width("F", 13)
    sheet.width("G:P", 9)
    sheet.width("K", 11.5)
    sheet.width("Q", 2)
    sheet.width("R:S", 13.5)
    sheet.freeze("A3")

    write_nodes(sheet, last)
    write_gains(sheet)
    write_slide_steps(sheet)
    write_curve(sheet)
    draw(sheet)


def write_nodes(sheet: Sheet, last: int) -> None:
    """A row for each node: all records, then those of each value of each feature."""
    sheet.headings("F1", (FEATURE, VALUE, RECORDS, "", "", WEIGHT, PROBABILITY, "", TERM, ""))
    sheet.headings("P1", (ENTROPY,))
    sheet.headings("H2", (*CLASSES, TOTAL))
    sheet.headings("L2", CLASSES * 2)
    for heading in ("F1:F2", "G1:G2", "H1:J1", "K1:K2", "L1:M1", "N1:O1", "P1:P2"):
        sheet.merge(heading)

    speed = f"$D$3:$D${last}"
    sheet.headings("F3", (PARENT, ""))
    sheet.merge("F3:G3")
    sheet.fill("H3:I3", f"=COUNTIF({speed},H$2)")
    sheet.label("K3", "", "text")
    name_node(sheet, "parent", 3)
    # As many digits as the number of records has show every fraction as it is.
    digits = "?" * len(str(last - 2))
    for row, letter, (feature, children) in zip((4, 6, 8), "ABC", FEATURES.items(), strict=True):
        sheet.headings(f"F{row}", (FIELDS[feature],))
        sheet.headings(f"F{row + 1}", ("",))
        sheet.merge(f"F{row}:F{row + 1}")
        values = f"${letter}$3:${letter}${last}"
        sheet.fill(f"H{row}:I{row + 1}", f"=COUNTIFS({values},$G{row},{speed},H$2)")
        sheet.fill(
            f"K{row}:K{row + 1}",
            f"=J{row}/J$3",
            name=f"{feature}_weights",
            number_format=f"{digits}/{digits}",
        )
        for child_row, (child, value) in enumerate(children.items(), row):
            sheet.headings(f"G{child_row}", (value,))
            name_node(sheet, child, child_row)
    sheet.fill("J3:J9", "=SUM(H3:I3)")
    sheet.fill("L3:M9", "=IF($J3=0,0,H3/$J3)", number_format="0.000")
    sheet.fill("N3:O9", "=IF(L3=0,0,L3*LOG(L3,2))", number_format="0.000")
    sheet.fill("P3:P9", "=-SUM(N3:O3)", number_format="0.000")
    sheet.colour("H4:P9", "$J4=0", "faint")
    sheet.colour("P3:P9", "AND($J3>0,P3=0)", "good")


def name_node(sheet: Sheet, node: str, row: int) -> None:
    """Name the quantities of the node whose row this is."""
    sheet.name(f"{node}_counts", f"H{row}:I{row}")
    sheet.name(f"{node}_total", f"J{row}")
    sheet.name(f"{node}_probabilities", f"L{row}:M{row}")
    sheet.name(f"{node}_terms", f"N{row}:O{row}")
    sheet.name(f"{node}_entropy", f"P{row}")


def write_gains(sheet: Sheet) -> None:
    """A row for each feature: the entropy that its children keep, and what it gains."""
    sheet.headings("F11", (FEATURE, "", WEIGHTED_MEAN, "", GAIN, "", CHOICE, ""))
    for row, top, feature in zip((13, 14, 15), (4, 6, 8), FEATURES, strict=True):
        sheet.headings(f"F{row}", (FIELDS[feature], ""))
        sheet.fill(
            f"H{row}",
            f"=SUMPRODUCT(K{top}:K{top + 1},P{top}:P{top + 1})",
            name=f"{feature}_weighted_entropy",
            number_format="0.0000",
        )
        sheet.fill(f"J{row}", f"=$P$3-H{row}", name=f"{feature}_gain", number_format="0.0000")
    sheet.fill(
        "L13:L15",
        f"=IF(AND($P$3>0,J13>=MAX(J$13:J$15)-{EQUAL_GAINS:.0E},SUM(L$12:L12)=0),1,0)",
        name="chosen",
        number_format=CHOSEN_FORMAT.to(sheet.language),
    )
    for left, right in ("FG", "HI", "JK", "LM"):
        sheet.merge(f"{left}11:{right}12")
        for row in (13, 14, 15):
            sheet.merge(f"{left}{row}:{right}{row}")
    sheet.colour("H13:M15", "$L13=1", "good")
    sheet.note("N11:P15", GAIN_NOTE)


def write_slide_steps(sheet: Sheet) -> None:
    """The slide's calculation for slope, rounded where the slide rounds, beside the exact one."""
    sheet.headings("F17", (SLIDE_STEPS, "", ROUNDED_PROBABILITY, "", EXACT, ROUNDED, SLIDE_PRINTS))
    sheet.headings("H18", CLASSES)
    for heading in ("F17:G18", "H17:I17", "J17:J18", "K17:K18", "L17:P18"):
        sheet.merge(heading)
    for row, (step, printed) in enumerate(STEPS, 19):
        sheet.note(f"F{row}:G{row}", step, "text")
        for letter in "HIJ":
            sheet.label(f"{letter}{row}", "", "text")
        sheet.note(f"L{row}:P{row}", printed, "text")

    sheet.fill("H19:I21", "=ROUND(L3,3)", number_format="0.000")
    sheet.fill("J19:J21", "=P3", number_format="0.00000")
    entropy = "=ROUND(-IF(H19=0,0,H19*LOG(H19,2))-IF(I19=0,0,I19*LOG(I19,2)),3)"
    sheet.fill("K19:K21", entropy, number_format="0.000")
    for row, node in enumerate(("parent", "steep", "flat"), 19):
        sheet.name(f"{node}_probabilities_rounded", f"H{row}:I{row}")
        sheet.name(f"{node}_entropy_rounded", f"K{row}")

    weighted = "=SUMPRODUCT(K4:K5,K20:K21)"
    sheet.fill("J22", "=H13", number_format="0.00000")
    sheet.fill("K22", weighted, name="slope_weighted_entropy_uncut", number_format="0.0000")
    # ROUND first: the last binary digits must not decide where the cut falls.
    cut = "=ROUNDDOWN(ROUND(K22,9),3)"
    sheet.fill("K23", cut, name="slope_weighted_entropy_rounded", number_format="0.000")
    sheet.fill("J24", "=J13", number_format="0.00000")
    sheet.fill("K24", "=K19-K23", name="slope_gain_rounded", number_format="0.000")


def write_curve(sheet: Sheet) -> None:
    """The entropy of two classes: at a p of one's choice, and for p from 0 to 1."""
    sheet.headings("R1", (TWO_CLASSES, ""))
    sheet.merge("R1:S1")
    sheet.headings("R2", ("p", ENTROPY))
    sheet.input("R3", "coin_probability", name="coin_probability", number_format="0.0##")
    entropy = "=IF(OR(R{0}=0,R{0}=1),0,-R{0}*LOG(R{0},2)-(1-R{0})*LOG(1-R{0},2))"
    sheet.fill("S3", entropy.format(3), name="coin_entropy", number_format="0.000")
    sheet.label("R4", QUANTITIES["log2_half"], "text")
    sheet.fill("S4", "=LOG(1/2,2)", name="log2_half", number_format="0.000")

    sheet.headings("R6", (CURVE, ""))
    sheet.merge("R6:S6")
    sheet.headings("R7", ("p", ENTROPY))
    sheet.fill("R8:R28", "=(ROWS(R$8:R8)-1)/20", name="curve_probability", number_format="0.00")
    sheet.fill("S8:S28", entropy.format(8), name="curve_entropy", number_format="0.000")


def draw(sheet: Sheet) -> None:
    """The curve of entropy with the nodes of the table on it, and the gain of each feature."""
    sheet.chart(
        "F26:K42",
        Chart(
            Text("Entropy of two classes", "두 클래스의 엔트로피"),
            Text("p (nodes: of slow)", "p (노드: slow의 p)"),
            ENTROPY,
            (
                Series(ENTROPY, "R8:R28", "S8:S28"),
                Series(NODES, "L3:L9", "P3:P9", "points"),
                Series(POINT, "R3", "S3", "points"),
            ),
            x_range=(0, 1),
            y_range=(0, 1),
        ),
    )
    sheet.chart(
        "L26:P42",
        Chart(
            Text("Information Gain of each Feature", "Feature별 정보 이득"),
            FEATURE,
            GAIN,
            (Series(GAIN, "F13:F15", "J13:J15"),),
            bars=True,
            y_range=(0, 1),
        ),
    )


def entropy_terms(p: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """p * log2(p) of each p, 0 where p is 0."""
    return p * np.log2(np.where(p > 0, p, 1))


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy; entropies and gains in bits.

    Counts, probabilities and terms have shape (2,), slow and fast; weights (2,), one for each
    child; `chosen` (3,), one for each feature; the curve (21,).
    """
    speed = np.array(inputs.speed)
    found: Reference = {field: np.array(getattr(inputs, field)) for field in FIELDS}
    found |= node("parent", speed)
    for feature, children in FEATURES.items():
        for child, value in children.items():
            found |= node(child, speed[found[feature] == value])
        totals = np.concatenate([found[f"{child}_total"] for child in children])
        entropies = np.concatenate([found[f"{child}_entropy"] for child in children])
        weights = totals / len(speed)
        weighted = np.array([np.sum(weights * entropies)])
        found[f"{feature}_weights"] = weights
        found[f"{feature}_weighted_entropy"] = weighted
        found[f"{feature}_gain"] = found["parent_entropy"] - weighted
    gains = np.concatenate([found[f"{feature}_gain"] for feature in FEATURES])
    found["chosen"] = np.zeros(len(FEATURES), dtype=int)
    if found["parent_entropy"] > 0:
        found["chosen"][np.argmax(gains >= gains.max() - EQUAL_GAINS)] = 1

    p = np.array([inputs.coin_probability])
    curve = np.linspace(0, 1, 21)
    return {
        **found,
        **slide_steps(found),
        "coin_probability": p,
        "coin_entropy": -entropy_terms(p) - entropy_terms(1 - p),
        "log2_half": np.log2([0.5]),
        "curve_probability": curve,
        "curve_entropy": -entropy_terms(curve) - entropy_terms(1 - curve),
    }


def node(name: str, speed: np.ndarray[Any, Any]) -> Reference:
    """The quantities of one node, whose records have these labels."""
    counts = np.array([np.count_nonzero(speed == word) for word in CLASSES])
    probabilities = counts / max(len(speed), 1)
    terms = entropy_terms(probabilities)
    return {
        f"{name}_counts": counts,
        f"{name}_total": np.array([len(speed)]),
        f"{name}_probabilities": probabilities,
        f"{name}_terms": terms,
        f"{name}_entropy": np.array([-terms.sum()]),
    }


def slide_steps(exact: Reference) -> Reference:
    """The slide's way: p and entropies to 3 decimals, their weighted mean cut to 3 decimals."""
    found: Reference = {}
    for name in ("parent", "steep", "flat"):
        p = np.array([round_half_up(p, 3) for p in exact[f"{name}_probabilities"]])
        entropy = round_half_up(-entropy_terms(p).sum(), 3)
        found[f"{name}_probabilities_rounded"] = p
        found[f"{name}_entropy_rounded"] = np.array([entropy])
    entropies = np.concatenate([found[f"{name}_entropy_rounded"] for name in ("steep", "flat")])
    uncut = np.sum(exact["slope_weights"] * entropies)
    cut = np.floor(round_half_up(1000 * uncut, 6)) / 1000
    found["slope_weighted_entropy_uncut"] = np.array([uncut])
    found["slope_weighted_entropy_rounded"] = np.array([cut])
    found["slope_gain_rounded"] = found["parent_entropy_rounded"] - cut
    return found
