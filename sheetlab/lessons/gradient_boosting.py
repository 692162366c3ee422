"""Gradient boosting for regression: each tree corrects what the trees before it left over.

The 1st Tree is a single leaf, the mean weight. Every further tree sorts the people into leaves;
a leaf's value is the mean of their residuals, and each prediction moves by the value of its leaf
times the shrinkage (Friedman, 2001, with squared error as the loss):

    prediction[1]     = mean(weight)
    residual[m]       = weight - prediction[m]
    value[m + 1, k]   = mean of residual[m] over the people in leaf k
    prediction[m + 1] = prediction[m] + shrinkage * value[m + 1, leaf]
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, Columns, Rows, axis, bars, colours_in_turn
from sheetlab.inputs import LessonInputs, choice, column, number
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Gradient boosting, tree by tree|Gradient Boost, tree 하나씩"
SHEET_NAME = "Boosting"
EQUATION = (
    "prediction ← prediction + shrinkage · mean residual of the person's leaf|"
    "예측값 ← 예측값 + 학습률 · 그 사람이 속한 leaf의 잔차 평균"
)
SLIDES = [("001", "Gradient Boost for Regression")]

GENDERS, COLOURS = ("Female", "Male"), ("Blue", "Green", "Red")
TREES = ("1st Tree", "2nd Tree", "3rd Tree", "4th Tree")

# Noise beyond 9 decimals is dropped first: it must not decide a half.
ONE_DECIMAL = "ROUND(ROUND({}, 9), 1)"

of_people = partial(column, as_long_as="weight")


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: six people, a shrinkage of 0.1, and what the tree asks."""

    shrinkage: float = number(
        0.1, "shrinkage (learning rate)|학습률 (shrinkage)", above=0, at_most=1
    )
    height_split: float = number(1.6, "height that splits (m)|나누는 키 (m)", above=0, at_most=3)
    color_split: str = choice("Blue", "color that splits|나누는 색", COLOURS)
    height: tuple[float, ...] = of_people(
        (1.6, 1.6, 1.5, 1.8, 1.5, 1.4), "Height (m)", above=0, at_most=3
    )
    favorite_color: tuple[str, ...] = of_people(
        ("Blue", "Green", "Blue", "Red", "Green", "Blue"), "Favorite Color", choices=COLOURS
    )
    gender: tuple[str, ...] = of_people(
        ("Male", "Female", "Female", "Male", "Male", "Female"), "Gender", choices=GENDERS
    )
    weight: tuple[float, ...] = column(
        (88, 76, 56, 73, 77, 57), "Weight (kg)", above=0, at_most=1000
    )


def write(board: Board, inputs: Inputs) -> None:
    """The slide's table with the tree beside it, the same unrounded below, and the charts."""
    person, tree = axis("person", len(inputs.weight)), axis("tree", TREES)
    side, answer = axis("side", GENDERS), axis("answer", ("yes|예", "no|아니요") * 2)

    title = (
        "With the slide's rounding: mean and residuals to 1 decimal (red: not the exact one)|"
        "슬라이드의 반올림: 평균과 잔차를 소수 1자리로 (빨간색: 정확한 값과 다름)"
    )
    people = board.columns(person, title=title, format="0.0?")
    people.count("person", "Person|사람")
    with people.group("input"):
        people.inputs("height", "favorite_color", "gender")
    with people.group("target"):
        people.input("weight", format="General")
    by_height, by_color = "height < height_split, 1, 2", "favorite_color = color_split, 3, 4"
    leaf = f'= IF(gender = "Female", IF({by_height}), IF({by_color}))'
    people.column("leaf", "leaf", leaf, format="0", colour=colours_in_turn("leaf", 4))

    settings = board.rows(right_of=people, label_span=2, format="0.00")
    settings.inputs("shrinkage", "height_split", "color_split")
    settings.row("mean_weight", "1st Tree: mean|1st Tree: 평균", "= AVERAGE(weight)")
    board.legend(right_of=settings, span=2)
    title = "The tree: each one asks the same|tree: 모두 같은 질문을 합니다"
    questions = board.rows(
        side, title=title, labels="Gender?", right_of=people, below=settings, label_span=2, span=2
    )
    by_height = '= "Height < " & TEXT(height_split, "0.00") & "?"'
    by_color = '= "Favorite Color = " & color_split & "?"'
    questions.row("question", "question|질문", [by_height, by_color])
    # Not down the sheet, where LibreOffice 7.4 would read old values with 100 to 129 people.
    leaves = board.rows(answer, labels="answer|답", below=questions, gap=0, format="0.00")
    leaves.count("leaf_number", "leaf", colour=colours_in_turn("leaf_number", 4))
    leaves.row("leaf_size", "people|사람 수", "= COUNTIF(leaf, leaf_number)", format="0")
    title = "Exactly: nothing is rounded on the way|정확하게: 중간에 반올림하지 않습니다"
    exact = board.columns(
        person, title=title, labels="Person|사람", label_span=4, below=people, format="0.00"
    )
    with leaves.group("rounded|반올림"):
        boost(people, leaves, 3, "_rounded", ONE_DECIMAL)
    with leaves.group("exact|정확하게"):
        boost(exact, leaves, 4, "", "{}")

    errors = board.rows(across=tree, right_of=people, below=leaves, label_span=2, format="0.00")
    errors.row("mse", "MSE", [f"= SUMSQ(residual_{k}) / COUNT(weight)" for k in range(1, 5)])
    board.chart(
        "Residuals left, person by person|사람마다 남은 잔차",
        *(bars(f"residual_{k}", label=name) for k, name in enumerate(TREES, 1)),
        over="person",
        y="residual (kg)|잔차 (kg)",
        width=people,
        rows=22,
    )
    falls = "The MSE falls with every tree|tree마다 줄어드는 MSE"
    board.chart(falls, bars("mse"), over="tree", below=errors, width=leaves, rows=22)


def boost(people: Columns, leaves: Rows, trees: int, suffix: str, passed_on: str) -> None:
    """Tree by tree: the prediction, what it leaves over, and the mean of that in each leaf."""
    prediction = passed_on.format("mean_weight")
    for k, tree in enumerate(TREES[:trees], 1):
        name = f"residual_{k}{suffix}"
        residual = f"= {passed_on.format(f'weight - prediction_{k}{suffix}')}"
        differs = f"ABS({passed_on.format(f'residual_{k}')} - {name}) > 0.01"
        with people.group(tree):
            people.column(f"prediction_{k}{suffix}", "prediction|예측값", f"= {prediction}")
            people.column(name, "residual|잔차", residual, colour={"bad": differs})
        if k < trees:
            value = f"leaf_value_{k + 1}{suffix}"
            mean = f"= IF(leaf_size = 0, 0, SUMIF(leaf, leaf_number, {name}) / leaf_size)"
            leaves.row(value, TREES[k], mean, colour=colours_in_turn("leaf_number", 4))
            prediction = f"prediction_{k}{suffix} + shrinkage * INDEX({value}, leaf)"


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy, in kg; the value of a leaf without people is 0.

    Columns by person have shape (n_people,), those by leaf (4,), `mse` (4,), one for each tree.
    """
    weight, height_split = np.array(inputs.weight), inputs.height_split
    short = np.array(inputs.height) < height_split
    female = np.array(inputs.gender) == "Female"
    chosen = np.array(inputs.favorite_color) == inputs.color_split
    members = np.array([female & short, female & ~short, ~female & chosen, ~female & ~chosen])
    exact = boosted(weight, members, inputs.shrinkage, 4, np.array)
    rounded = boosted(weight, members, inputs.shrinkage, 3, to_one_decimal)
    by_height = f"Height < {round_half_up(height_split, 2):.2f}?"
    return {
        "mean_weight": np.array([weight.mean()]),
        "person": np.arange(1, len(weight) + 1),
        "leaf": members.argmax(axis=0) + 1,
        "question": np.array([by_height, f"Favorite Color = {inputs.color_split}?"]),
        "leaf_number": np.arange(1, 5),
        "leaf_size": members.sum(axis=1),
        **exact,
        **{f"{name}_rounded": values for name, values in rounded.items()},
        "mse": np.array([np.mean(exact[f"residual_{k}"] ** 2) for k in range(1, 5)]),
    }


def boosted(
    weight: Values, members: Values, shrinkage: float, trees: int, passed_on: Callable[..., Values]
) -> Reference:
    """Predictions and residuals (n_people,) and leaf values (4,) of each tree.

    `members` (4, n_people) tells who is in which leaf; mean and residuals go on as `passed_on`.
    """
    found: Reference = {"prediction_1": passed_on(np.full(len(weight), weight.mean()))}
    for k in range(1, trees + 1):
        found[f"residual_{k}"] = residual = passed_on(weight - found[f"prediction_{k}"])
        if k < trees:
            value = members @ residual / np.maximum(members.sum(axis=1), 1)
            found[f"leaf_value_{k + 1}"] = value
            found[f"prediction_{k + 1}"] = found[f"prediction_{k}"] + shrinkage * value @ members
    return found


def to_one_decimal(values: Values) -> Values:
    """Each value rounded half up to 1 decimal."""
    return np.array([round_half_up(round_half_up(value, 9), 1) for value in values])


HOW_TO_READ = """
Follow one person from left to right. The 1st Tree is a single leaf, the mean weight {mean_weight};
what it leaves over goes into the person's leaf {leaf}. The leaf's value is the mean of what is in
it, and the next prediction moves by the shrinkage {shrinkage} times that value.
| 한 사람을 왼쪽에서 오른쪽으로 따라가 보십시오. 1st Tree는 leaf가 하나뿐이며 그 값은 몸무게의 평균
{mean_weight}입니다. 남은 잔차는 그 사람의 leaf {leaf}로 들어갑니다. leaf 값은 그 안에 있는 잔차의
평균이고, 다음 예측값은 학습률 {shrinkage} × leaf 값만큼 움직입니다.

Every tree asks the questions {question}, women by height and men by favorite color, and takes away
a part of the residuals: the MSE {mse} falls.
| 모든 tree가 {question}의 질문으로 여자는 키, 남자는 좋아하는 색에 따라 나눕니다. tree마다 잔차가
일부씩 줄어 MSE {mse}가 작아집니다.

[slide] The upper table goes on with 71.2 for the mean 71.17 and with residuals of 1 decimal, as the
slide does. So the slide prints 15.1 and 74.39 where the exact values are 15.15 and 74.365.
| 위의 표는 슬라이드처럼 평균 71.17을 71.2로, 잔차를 소수 1자리로 써서 이어 갑니다. 그래서 정확한
값이 15.15와 74.365인 곳에 슬라이드는 15.1과 74.39를 적습니다.
"""

TO_TRY = (
    to_try(
        "Set the shrinkage {shrinkage} to 1: the 3rd Tree has nothing left to learn.|"
        "학습률 {shrinkage}을 1로 바꾸십시오. 3rd Tree가 배울 것이 남지 않습니다.",
        {"shrinkage": 1},
        lambda before, after: np.allclose(after["leaf_value_3"], 0, atol=1e-9),
    ),
    to_try(
        "Set the height {height_split} to 1.45: person 3 changes leaves, the MSE falls slower.|"
        "키 {height_split}을 1.45로 바꾸십시오. 3번의 leaf가 바뀌고 MSE가 더 천천히 줄어듭니다.",
        {"height_split": 1.45},
        lambda before, after: after["leaf"][2] == 2 and after["mse"][-1] > before["mse"][-1],
    ),
    to_try(
        "Set the color {color_split} to Red: person 1 joins person 5, the MSE falls slower.|"
        "색 {color_split}을 Red로 바꾸십시오. 1·5번이 한 leaf가 되고 MSE가 더 천천히 줄어듭니다.",
        {"color_split": "Red"},
        lambda before, after: (
            after["leaf"][0] == after["leaf"][4] and after["mse"][-1] > before["mse"][-1]
        ),
    ),
)
