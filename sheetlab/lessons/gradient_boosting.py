"""Gradient boosting for regression: each tree corrects what the trees before it left over.

The 1st Tree is a single leaf, the mean weight. Every further tree sorts the people into leaves;
a leaf's value is the mean of their residuals, and each prediction moves by the value of its leaf
times the shrinkage (Friedman, 2001, with squared error as the loss):

    prediction[1]     = mean(weight)
    residual[m]       = weight - prediction[m]
    value[m + 1, k]   = mean of residual[m] over the people in leaf k
    prediction[m + 1] = prediction[m] + shrinkage * value[m + 1, leaf]

Source: AI study lecture, "Gradient Boost for Regression".
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Gradient boosting, tree by tree", "Gradient Boost, tree 하나씩")
SHEET_NAME = "Boosting"

# The rounded steps drop noise beyond these decimals first: it must not decide a half.
NOISE_DECIMALS = 9

GENDERS, COLOURS = ("Male", "Female"), ("Blue", "Green", "Red")

PERSON, LEAF = Text("Person", "사람"), Text("Leaf", "leaf")
ATTRIBUTES = (same("Height (m)"), same("Favorite Color"), same("Gender"), same("Weight (kg)"))
TREES = (same("1st Tree"), same("2nd Tree"), same("3rd Tree"), same("4th Tree"))
RESIDUALS = tuple(same(f"{tree.en} Residual") for tree in TREES)
RESIDUAL_OF_TREE = Text("Residual = Weight − prediction", "잔차 = Weight − 예측값")
PREDICTION_OF_TREE = Text("Prediction, up to this tree", "이 tree까지의 예측값")
MEAN_SQUARED_ERROR = Text("MSE (mean of the squared residuals)", "MSE (잔차 제곱의 평균)")
SHRINKAGE = Text("shrinkage (learning rate)", "학습률 (shrinkage)")
HEIGHT_SPLIT = Text("height that splits (m)", "분할 기준 키 (m)")
SINGLE_LEAF = Text("1st Tree: the mean Weight", "1st Tree: Weight의 평균")
THE_TREES, PATH = (
    Text("Trees and leaves", "tree와 leaf"),
    Text("who falls into it", "들어오는 사람"),
)
PEOPLE = Text("people", "사람 수")
LEAF_VALUE = Text("value: mean residual", "값: 잔차의 평균")
LEAVES = (
    ("Female", Text("Height < split", "Height < 분할 기준")),
    ("Female", Text("Height ≥ split", "Height ≥ 분할 기준")),
    ("Male", same("Blue")),
    ("Male", Text("not Blue", "Blue 아님")),
)
STEP_NOTE = Text(
    "The next prediction = prediction + shrinkage × value of the person's leaf.",
    "다음 예측값 = 예측값 + 학습률 × 그 사람의 leaf 값",
)
SLIDE_STEPS = Text(
    "The slide's rounded steps: it goes on with the mean and the residuals as it prints them,"
    " to 1 decimal",
    "슬라이드의 반올림 단계: 소수 1자리로 적은 평균과 잔차로 이어서 계산합니다",
)
PREDICTION, RESIDUAL = Text("prediction", "예측값"), Text("residual", "잔차")
MEAN_PRINTED = Text("mean,\nrounded", "평균,\n반올림")
RESIDUAL_PRINTED = Text("residual,\nrounded", "잔차,\n반올림")
VALUE_OF_LEAF = Text("value of\nthe leaf", "leaf 값")
SLIDE_NOTE = Text(
    "On the slide, person 1: 71.2 + 0.1·16.8 = 72.88 (printed 72.9), 88 − 72.88 = 15.12 (printed"
    " 15.1), 71.2 + 1.68 + 0.1·15.1 = 74.39. Red: the exact residual in the table above rounds to"
    " another figure, 15.15 to 15.2.",
    "슬라이드의 1번 사람: 71.2 + 0.1·16.8 = 72.88(표기 72.9), 88 − 72.88 = 15.12(표기 15.1),"
    " 71.2 + 1.68 + 0.1·15.1 = 74.39. 빨간색은 위 표의 정확한 잔차를 반올림하면 다른 수가"
    " 되는 곳입니다(15.15는 15.2).",
)

QUANTITIES = {
    "shrinkage": SHRINKAGE,
    "height_split": HEIGHT_SPLIT,
    "mean_weight": Text("mean weight", "몸무게의 평균"),
    "person": PERSON,
    "height": Text("height (m)", "키 (m)"),
    "favorite_color": Text("favorite color", "좋아하는 색"),
    "gender": Text("gender", "성별"),
    "weight": Text("weight (kg)", "몸무게 (kg)"),
    "residual_1": Text("1st Tree Residual", "1st Tree의 잔차"),
    "residual_2": Text("2nd Tree Residual", "2nd Tree의 잔차"),
    "residual_3": Text("3rd Tree Residual", "3rd Tree의 잔차"),
    "residual_4": Text("4th Tree Residual", "4th Tree의 잔차"),
    "leaf": Text("the person's leaf", "사람이 속한 leaf"),
    "prediction_1": Text("prediction of the 1st Tree", "1st Tree의 예측값"),
    "prediction_2": Text("prediction up to the 2nd Tree", "2nd Tree까지의 예측값"),
    "prediction_3": Text("prediction up to the 3rd Tree", "3rd Tree까지의 예측값"),
    "prediction_4": Text("prediction up to the 4th Tree", "4th Tree까지의 예측값"),
    "mse": Text("MSE up to each tree", "tree마다의 MSE"),
    "leaf_number": LEAF,
    "leaf_size": Text("people in the leaf", "leaf의 사람 수"),
    "leaf_value_2": Text("leaf values of the 2nd Tree", "2nd Tree의 leaf 값"),
    "leaf_value_3": Text("leaf values of the 3rd Tree", "3rd Tree의 leaf 값"),
    "leaf_value_4": Text("leaf values of the 4th Tree", "4th Tree의 leaf 값"),
    "prediction_1_rounded": Text("mean weight to 1 decimal", "소수 1자리의 평균"),
    "residual_1_printed": Text("1st residual to 1 decimal", "소수 1자리의 첫째 잔차"),
    "fitted_residual_1_rounded": Text(
        "value of the person's leaf, from 1st residuals to 1 decimal",
        "소수 1자리의 첫째 잔차로 구한 leaf 값",
    ),
    "prediction_2_rounded": Text("2nd prediction, rounded steps", "반올림 단계의 둘째 예측값"),
    "residual_2_rounded": Text("2nd residual, rounded steps", "반올림 단계의 둘째 잔차"),
    "residual_2_printed": Text("2nd residual to 1 decimal", "소수 1자리의 둘째 잔차"),
    "fitted_residual_2_rounded": Text(
        "value of the person's leaf, from 2nd residuals to 1 decimal",
        "소수 1자리의 둘째 잔차로 구한 leaf 값",
    ),
    "prediction_3_rounded": Text("3rd prediction, rounded steps", "반올림 단계의 셋째 예측값"),
    "residual_3_rounded": Text("3rd residual, rounded steps", "반올림 단계의 셋째 잔차"),
    "residual_3_printed": Text("3rd residual to 1 decimal", "소수 1자리의 셋째 잔차"),
}

HOW_TO_READ = (
    Text(
        "The slide counts the first prediction, the mean weight in V5, as the 1st Tree: a single"
        " leaf. Its residuals in column F are what the 2nd Tree learns.",
        "슬라이드는 첫 예측값, 곧 V5의 몸무게 평균을 1st Tree로 셉니다. leaf가 하나뿐인 tree이며,"
        " F열의 잔차를 2nd Tree가 학습합니다.",
    ),
    Text(
        "Every tree sorts the people into the four leaves of P8:P11: women by height, men by"
        " favorite color. The value of a leaf is the mean of the residuals in it.",
        "tree마다 사람을 P8:P11의 leaf 넷으로 나눕니다. 여자는 키로, 남자는 좋아하는 색으로"
        " 나눕니다. leaf 값은 그 leaf에 있는 잔차의 평균입니다.",
    ),
    Text(
        "A prediction moves by the shrinkage in V3 times the value of its leaf, so every tree takes"
        " away a part of the residual. The slide stops after the 3rd Tree, the sheet after the"
        " 4th.",
        "예측값은 V3의 학습률 × leaf 값만큼 움직이므로 tree마다 잔차가 일부씩 줄어듭니다."
        " 슬라이드는 3rd Tree까지, 이 시트는 4th Tree까지 보여 줍니다.",
    ),
    Text(
        "The table below follows the slide's own rounding. It goes on with 71.2 for the mean 71.17"
        " and with residuals of 1 decimal, which is why the slide prints 15.1 and 74.39 where the"
        " exact values are 15.15 and 74.365.",
        "아래 표는 슬라이드의 반올림을 따라갑니다. 평균 71.17을 71.2로, 잔차를 소수 1자리로 쓰기"
        " 때문에 정확한 값이 15.15와 74.365인 곳에 슬라이드는 15.1과 74.39를 적습니다.",
    ),
)
TO_TRY = (
    Text(
        "Set the shrinkage in V3 to 1: one tree takes every prediction to the mean of its leaf, and"
        " the trees after it have nothing left to learn.",
        "V3의 학습률을 1로 바꾸십시오. tree 하나로 예측값이 leaf의 평균에 이르고, 그다음 tree는"
        " 배울 것이 없습니다.",
    ),
    Text(
        "Set it to 0.5 and watch how fast the MSE falls, and where it stays: people who share a"
        " leaf cannot be told apart.",
        "학습률을 0.5로 바꾸고 MSE가 얼마나 빨리 줄어 어디에서 멈추는지 보십시오. 같은 leaf의"
        " 사람은 구별할 수 없습니다.",
    ),
    Text(
        "Set the height that splits in V4 to 1.45: person 3 moves to the leaf of person 2, and the"
        " MSE falls more slowly.",
        "V4의 분할 기준 키를 1.45로 바꾸십시오. 3번 사람이 2번 사람의 leaf로 옮겨 가고 MSE가 더"
        " 천천히 줄어듭니다.",
    ),
    Text(
        "Set C3 to Green: all men share a leaf now, and the leaf of Blue is empty.",
        "C3를 Green으로 바꾸십시오. 남자가 모두 한 leaf에 모이고 Blue의 leaf는 비게 됩니다.",
    ),
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: six people, a shrinkage of 0.1, and the height that splits."""

    shrinkage: float = number(0.1, SHRINKAGE, above=0, at_most=1)
    height_split: float = number(1.6, HEIGHT_SPLIT, above=0, at_most=3)
    height: tuple[float, ...] = column(
        (1.6, 1.6, 1.5, 1.8, 1.5, 1.4), QUANTITIES["height"], above=0, at_most=3
    )
    favorite_color: tuple[str, ...] = column(
        ("Blue", "Green", "Blue", "Red", "Green", "Blue"),
        QUANTITIES["favorite_color"],
        text=True,
        choices=COLOURS,
    )
    gender: tuple[str, ...] = column(
        ("Male", "Female", "Female", "Male", "Male", "Female"),
        QUANTITIES["gender"],
        text=True,
        choices=GENDERS,
    )
    weight: tuple[float, ...] = column(
        (88, 76, 56, 73, 77, 57), QUANTITIES["weight"], above=0, at_most=1000
    )

    def check(self) -> None:
        """As many values of every attribute as weights."""
        require_same_length(self, "height", "favorite_color", "gender", "weight")


def write(sheet: Sheet, inputs: Inputs) -> None:
    """The slide's table, the trees beside it, the slide's rounded steps below, and the charts."""
    last = 2 + len(inputs.weight)
    weights = f"$E$3:$E${last}"
    sheet.headings("A1", (PERSON, "input", "", "", "target", RESIDUAL_OF_TREE, "", "", "", LEAF))
    sheet.headings("K1", (PREDICTION_OF_TREE, "", "", ""))
    sheet.headings("B2", (*ATTRIBUTES, *RESIDUALS))
    sheet.headings("K2", TREES)
    for heading in ("A1:A2", "B1:D1", "F1:I1", "J1:J2", "K1:N1"):
        sheet.merge(heading)

    sheet.fill(f"A3:A{last}", "=ROWS(A$3:A3)", name="person", style="heading")
    sheet.input(f"B3:B{last}", "height", name="height", number_format="0.0#_)")
    for letter, field in zip("CDE", ("favorite_color", "gender", "weight"), strict=True):
        sheet.input(f"{letter}3:{letter}{last}", field, name=field)
    sheet.fill(f"F3:I{last}", "=$E3-K3", number_format="0.00")
    path = '=IF(D3="Female",IF(B3<$V$4,1,2),IF(C3="Blue",3,4))'
    sheet.fill(f"J3:J{last}", path, name="leaf")
    sheet.fill(f"K3:K{last}", "=$V$5", number_format="0.00")
    # Not from T8:V11, where LibreOffice 7.4 would read old values with 100 to 129 people.
    step = f"=K3+$V$3*AVERAGEIFS(F$3:F${last},$J$3:$J${last},$J3)"
    sheet.fill(f"L3:N{last}", step, number_format="0.00")
    for tree, (residual, prediction) in enumerate(zip("FGHI", "KLMN", strict=True), 1):
        sheet.name(f"residual_{tree}", f"{residual}3:{residual}{last}")
        sheet.name(f"prediction_{tree}", f"{prediction}3:{prediction}{last}")
    mse = last + 1
    sheet.headings(f"A{mse}", (MEAN_SQUARED_ERROR, "", "", "", ""))
    sheet.merge(f"A{mse}:E{mse}")
    sheet.fill(f"F{mse}:I{mse}", f"=SUMSQ(F3:F{last})/COUNT({weights})", number_format="0.00")
    sheet.name("mse", f"F{mse}:I{mse}")
    colour_leaves(sheet, f"J3:J{last}")

    sheet.legend(f"A{2 * last + 6}:D{2 * last + 6}")
    sheet.width("A", 8)
    sheet.width("B:N", 10)
    sheet.width("O", 2)
    sheet.width("P", 6)
    sheet.width("Q", 9)
    sheet.width("R", 19)
    sheet.width("S:V", 10)
    sheet.freeze("B3")

    write_trees(sheet, last)
    write_slide_steps(sheet, last)
    draw(sheet, last)


def colour_leaves(sheet: Sheet, cells: str) -> None:
    """Give each leaf its colour wherever its number stands."""
    first = cells.partition(":")[0]
    sheet.colour(cells, f"{first}=1", "first")
    sheet.colour(cells, f"{first}=2", "second")
    sheet.colour(cells, f"{first}=3", "third")
    sheet.colour(cells, f"{first}=4", "warn")


def write_trees(sheet: Sheet, last: int) -> None:
    """What the trees share, then a row for each leaf: who falls into it, and its values."""
    sheet.headings("P1", (THE_TREES, *[""] * 6))
    sheet.merge("P1:V1")
    sheet.note("P2:V2", STEP_NOTE)
    for row, label in ((3, SHRINKAGE), (4, HEIGHT_SPLIT), (5, SINGLE_LEAF)):
        sheet.headings(f"P{row}", (label, *[""] * 5))
        sheet.merge(f"P{row}:U{row}")
    sheet.input("V3", "shrinkage", name="shrinkage")
    sheet.input("V4", "height_split", name="height_split")
    sheet.fill("V5", f"=AVERAGE(E3:E{last})", name="mean_weight", number_format="0.00")

    sheet.headings("P6", (LEAF, PATH, "", PEOPLE, LEAF_VALUE, "", ""))
    sheet.headings("T7", TREES[1:])
    for heading in ("P6:P7", "Q6:R7", "S6:S7", "T6:V6"):
        sheet.merge(heading)
    sheet.fill("P8:P11", "=ROWS(P$8:P8)", name="leaf_number", style="heading")
    for row, (gender, condition) in enumerate(LEAVES, 8):
        sheet.label(f"Q{row}", gender, "text")
        sheet.label(f"R{row}", condition, "text")
    leaves = f"$J$3:$J${last}"
    sheet.fill("S8:S11", f"=COUNTIF({leaves},P8)", name="leaf_size")
    value = f"=IF($S8=0,0,AVERAGEIFS(F$3:F${last},{leaves},$P8))"
    sheet.fill("T8:V11", value, number_format="0.00")
    for tree, letter in enumerate("TUV", 2):
        sheet.name(f"leaf_value_{tree}", f"{letter}8:{letter}11")
    sheet.colour("Q8:V11", "$S8=0", "faint")
    colour_leaves(sheet, "P8:P11")


def write_slide_steps(sheet: Sheet, last: int) -> None:
    """The same boosting with the mean and the residuals rounded to 1 decimal on the way."""
    top = last + 3
    first, end = top + 3, 2 * last + 3
    sheet.headings(f"A{top}", (SLIDE_STEPS, *[""] * 12))
    sheet.headings(f"A{top + 1}", (PERSON, ATTRIBUTES[3], LEAF))
    sheet.headings(f"D{top + 1}", (TREES[0], "", TREES[1], "", "", "", TREES[2], "", "", ""))
    of_a_tree = (VALUE_OF_LEAF, PREDICTION, RESIDUAL, RESIDUAL_PRINTED)
    sheet.headings(f"D{top + 2}", (MEAN_PRINTED, RESIDUAL_PRINTED, *of_a_tree, *of_a_tree))
    sheet.merge(f"A{top}:M{top}")
    for left, right in ("DE", "FI", "JM"):
        sheet.merge(f"{left}{top + 1}:{right}{top + 1}")
    for letter in "ABC":
        sheet.merge(f"{letter}{top + 1}:{letter}{top + 2}")

    cells = {letter: f"{letter}{first}:{letter}{end}" for letter in "ABCDEFGHIJKLM"}

    sheet.fill(cells["A"], "=A3", style="heading")
    sheet.fill(cells["B"], "=E3")
    sheet.fill(cells["C"], "=J3")
    sheet.fill(cells["D"], one_decimal("K3"), name="prediction_1_rounded", number_format="0.0")
    sheet.fill(
        cells["E"],
        one_decimal(f"B{first}-D{first}"),
        name="residual_1_printed",
        number_format="0.0",
    )
    for tree, columns in (
        (2, ("D", "E", "F", "G", "H", "I")),
        (3, ("G", "I", "J", "K", "L", "M")),
    ):
        earlier, corrected, value, prediction, residual, printed = columns
        sheet.fill(
            cells[value],
            f"=AVERAGEIFS({corrected}${first}:{corrected}${end},$C${first}:$C${end},$C{first})",
            name=f"fitted_residual_{tree - 1}_rounded",
            number_format="0.00",
        )
        sheet.fill(
            cells[prediction],
            f"={earlier}{first}+$V$3*{value}{first}",
            name=f"prediction_{tree}_rounded",
            number_format="0.00",
        )
        sheet.fill(
            cells[residual],
            f"=$B{first}-{prediction}{first}",
            name=f"residual_{tree}_rounded",
            number_format="0.00",
        )
        sheet.fill(
            cells[printed],
            one_decimal(f"{residual}{first}"),
            name=f"residual_{tree}_printed",
            number_format="0.0",
        )
    for printed, exact in zip("EIM", "FGH", strict=True):
        exactly = one_decimal(f"{exact}3").removeprefix("=")
        sheet.colour(cells[printed], f"ABS({exactly}-{printed}{first})>0.01", "bad")
    colour_leaves(sheet, cells["C"])
    sheet.note(f"A{end + 1}:M{end + 1}", SLIDE_NOTE)


def one_decimal(value: str) -> str:
    """The formula that rounds a value to 1 decimal, as a person does."""
    return f"=ROUND(ROUND({value},{NOISE_DECIMALS}),1)"


def draw(sheet: Sheet, last: int) -> None:
    """The MSE tree by tree, and what each tree leaves over of every person."""
    sheet.chart(
        "P13:V22",
        Chart(
            Text("The MSE falls with every tree", "tree마다 줄어드는 MSE"),
            Text("up to this tree", "이 tree까지"),
            same("MSE"),
            (Series(same("MSE"), "K2:N2", f"F{last + 1}:I{last + 1}"),),
            bars=True,
        ),
    )
    residuals = (
        Series(label, f"A3:A{last}", f"{letter}3:{letter}{last}")
        for label, letter in zip(RESIDUALS, "FGHI", strict=True)
    )
    sheet.chart(
        "P23:V37",
        Chart(
            Text("The residuals of each person", "사람마다의 잔차"),
            PERSON,
            Text("residual (kg)", "잔차 (kg)"),
            tuple(residuals),
            bars=True,
        ),
    )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy; weights, predictions and residuals in kg.

    Columns by person have shape (n_people,), those by leaf (4,), `mse` (4,), one for each tree.
    The value of a leaf without people is 0.
    """
    weight = np.array(inputs.weight)
    short = np.array(inputs.height) < inputs.height_split
    female = np.array(inputs.gender) == "Female"
    blue = np.array(inputs.favorite_color) == "Blue"
    members = np.array([female & short, female & ~short, ~female & blue, ~female & ~blue])

    found: Reference = {"prediction_1": np.full(len(weight), weight.mean())}
    found["residual_1"] = weight - found["prediction_1"]
    for tree in (2, 3, 4):
        values = leaf_means(members, found[f"residual_{tree - 1}"])
        prediction = found[f"prediction_{tree - 1}"] + inputs.shrinkage * values @ members
        found[f"leaf_value_{tree}"] = values
        found[f"prediction_{tree}"] = prediction
        found[f"residual_{tree}"] = weight - prediction
    residuals = np.array([found[f"residual_{tree}"] for tree in (1, 2, 3, 4)])
    return {
        "shrinkage": np.array([inputs.shrinkage]),
        "height_split": np.array([inputs.height_split]),
        "mean_weight": np.array([weight.mean()]),
        "person": np.arange(1, len(weight) + 1),
        "height": np.array(inputs.height),
        "favorite_color": np.array(inputs.favorite_color),
        "gender": np.array(inputs.gender),
        "weight": weight,
        **found,
        "leaf": members.argmax(axis=0) + 1,
        "mse": np.mean(residuals**2, axis=1),
        "leaf_number": np.arange(1, len(members) + 1),
        "leaf_size": members.sum(axis=1),
        **slide_steps(weight, members, inputs.shrinkage),
    }


def leaf_means(
    members: np.ndarray[Any, Any], residual: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """The mean residual of each leaf, 0 where there is nobody; `members` is (leaves, people)."""
    means: np.ndarray[Any, Any] = members @ residual / np.maximum(members.sum(axis=1), 1)
    return means


def slide_steps(
    weight: np.ndarray[Any, Any], members: np.ndarray[Any, Any], shrinkage: float
) -> Reference:
    """The slide's way, each of shape (n_people,): mean and residuals go on with 1 decimal."""
    prediction = to_one_decimal(np.full(len(weight), weight.mean()))
    residual = to_one_decimal(weight - prediction)
    found: Reference = {"prediction_1_rounded": prediction, "residual_1_printed": residual}
    for tree in (2, 3):
        fitted = leaf_means(members, residual) @ members
        prediction = prediction + shrinkage * fitted
        residual = to_one_decimal(weight - prediction)
        found[f"fitted_residual_{tree - 1}_rounded"] = fitted
        found[f"prediction_{tree}_rounded"] = prediction
        found[f"residual_{tree}_rounded"] = weight - prediction
        found[f"residual_{tree}_printed"] = residual
    return found


def to_one_decimal(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Each value rounded half up to 1 decimal."""
    return np.array([round_half_up(round_half_up(value, NOISE_DECIMALS), 1) for value in values])
