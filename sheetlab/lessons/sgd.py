"""Stochastic gradient descent for a straight line, one row of the sheet a step.

The model is `y_hat = alpha + beta * x`. Each step takes one instance, in order, and moves both
parameters against the gradient of half its squared error (Robbins and Monro, 1951):

    alpha[j + 1] = alpha[j] - learning_rate * error[j]
    beta[j + 1]  = beta[j]  - learning_rate * error[j] * x[j]
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Stochastic gradient descent, step by step|확률적 경사하강법(SGD) 한 걸음씩"
SHEET_NAME = "SGD"
EQUATION = (
    "α ← α − learning rate · error,   β ← β − learning rate · error · x|"
    "α ← α − 학습률 · 오차,   β ← β − 학습률 · 오차 · x"
)
SLIDES = [("000", "SGD(Stochastic Gradient Descent) 엑셀로 익히기")]


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: five points, a learning rate, four passes, and a start at 0."""

    learning_rate: float = number(0.01, "learning rate|학습률", above=0)
    epochs: int = number(4, "number of epochs|epoch 수", whole=True, at_least=1, at_most=1000)
    initial_alpha: float = number(0.0, "α at the start|α의 초깃값")
    initial_beta: float = number(0.0, "β at the start|β의 초깃값")
    x: tuple[float, ...] = column((1, 2, 4, 3, 5), "x", length=(2, 1000))
    y: tuple[float, ...] = column((1, 3, 3, 2, 5), "y", as_long_as="x")


def write(board: Board, inputs: Inputs) -> None:
    """The slide's sheet, cell by cell: one row a step, with what each epoch leaves behind."""
    epoch, point, end = axis("epoch", inputs.epochs), axis("point", len(inputs.x)), axis("end", 2)

    steps = board.columns(down=epoch * point, at="A1", format="0.0000")
    steps.count("epoch", "epoch", over=epoch, format='0" epoch"', heading="learning rate|학습률")
    steps.count("iteration", "Iterations|반복", first=0)
    with steps.group("Data|데이터"):
        steps.input("x", then=f"= x.before({point.size})", format="General")
        steps.input("y", then=f"= y.before({point.size})", format="General")
    with steps.group("model|모델"):
        alpha = "= alpha.before - learning_rate * $error.before"
        beta = "= beta.before - learning_rate * $error.before * $x.before"
        steps.column("alpha", "intercept (α)|절편 (α)", alpha, first="= initial_alpha")
        steps.column("beta", "slope (β)|기울기 (β)", beta, first="= initial_beta")
    steps.column("y_hat", "ŷ", "= alpha + beta * x")
    steps.column("error", "ŷ − y", "= y_hat - y")
    steps.column("squared_error", "squared error|제곱오차", "= error^2")
    start = steps.start("start|시작")
    start.input("learning_rate", under="epoch", format="General")
    start.input("initial_alpha", under="alpha")
    start.input("initial_beta", under="beta")
    board.freeze(steps)

    # As on the slide, where the α and β of the second row stand for all below.
    texts = board.rows(below=steps, label_span=2, span=3)
    texts.shown("alpha_formula", "formula in {alpha.at(2)}|{alpha.at(2)}의 수식", of="alpha.at(2)")
    texts.shown("beta_formula", "formula in {beta.at(2)}|{beta.at(2)}의 수식", of="beta.at(2)")
    board.legend(right_of=texts, below=steps, span=3)
    errors = "Squared error of each step|걸음마다의 제곱오차"
    board.chart(errors, line("squared_error", dotted=True), below=texts, width=steps, rows=19)

    with board.stack(right_of=steps):
        board.strip(width=86)
        parameters = "The parameters, step by step|걸음마다의 파라미터"
        board.chart(parameters, line("alpha"), line("beta"), y="value|값", rows=14)
        lines = board.columns(down=epoch, labels="epoch", format="0.0000")
        with lines.group("after the epoch|epoch가 끝난 뒤"):
            lines.column("epoch_alpha", "α", "= alpha.last - learning_rate * error.last")
            lines.column("epoch_beta", "β", "= beta.last - learning_rate * error.last * x.last")
            mse = "= SUMPRODUCT((epoch_alpha + epoch_beta * x - y)^2) / COUNT(x)"
            lines.column("epoch_mse", "MSE", mse)
        with lines.group("line at x =|직선, x ="):
            height = "= epoch_alpha + epoch_beta * line_x"
            lines.column("line_y", "ŷ", height, by=end, show_labels=False)
        ends = ["= MIN(x)", "= MAX(x)"]
        lines.start("x").value("line_x", ends, under="line_y", format="General")
        number = lines.foot("epochs|epoch 수")
        number.value("epochs", "= COUNT(epoch_mse)", format="0")
        board.chart(
            "The line after each epoch|epoch마다의 직선",
            line("line_y", over="line_x", each=epoch, label="epoch {}"),
            dots("y.input", over="x.input", label="Data|데이터", colour=7),
            x="x",
            y="y",
            rows=15,
        )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    Columns by iteration have shape (n_points * epochs,), those by epoch (epochs,); `line_y` is
    (epochs, 2): the line's height at the smallest and the largest x.
    """
    points, epochs, rate = len(inputs.x), inputs.epochs, inputs.learning_rate
    x, y = np.tile(inputs.x, epochs), np.tile(inputs.y, epochs)
    features = np.column_stack([np.ones_like(x), x])
    theta = np.empty((points * epochs + 1, 2))
    theta[0] = inputs.initial_alpha, inputs.initial_beta
    for j in range(points * epochs):
        theta[j + 1] = theta[j] - rate * (features[j] @ theta[j] - y[j]) * features[j]
    y_hat, after = np.sum(features * theta[:-1], axis=1), theta[points::points]
    line_x = np.array([x.min(), x.max()])
    return {
        "epochs": np.array([epochs]),
        "epoch": np.arange(1, epochs + 1),
        "iteration": np.arange(points * epochs),
        "x": x,
        "y": y,
        "alpha": theta[:-1, 0],
        "beta": theta[:-1, 1],
        "y_hat": y_hat,
        "error": y_hat - y,
        "squared_error": (y_hat - y) ** 2,
        "alpha_formula": np.array(["=E4-$A$3*$H4"]),
        "beta_formula": np.array(["=F4-$A$3*$H4*$C4"]),
        "epoch_alpha": after[:, 0],
        "epoch_beta": after[:, 1],
        "epoch_mse": np.mean((after @ features[:points].T - y[:points]) ** 2, axis=1),
        "line_x": line_x,
        "line_y": after[:, :1] + after[:, 1:] * line_x,
    }


HOW_TO_READ = """
Each row from row {x.first.row} on is one step: it takes one point (x, y), predicts ŷ = α + βx with
the α and β of its own row, and measures the error ŷ − y.
| {x.first.row}행부터 한 행이 한 걸음입니다. 점 (x, y) 하나를 골라 그 행의 α와 β로 ŷ = α + βx를
예측하고 오차 ŷ − y를 구합니다.

The next row's α and β come from this row: each moves against its error by the learning rate in
{learning_rate}, β also times x. One epoch is one pass over all points.
| 다음 행의 α와 β는 이 행에서 나옵니다. 학습률({learning_rate})만큼 오차의 반대쪽으로 움직이며,
β에는 x도 곱합니다. 모든 점을 한 번씩 지나면 1 epoch입니다.

Errors get smaller only on the whole: a step that suits one point may harm another.
| 오차는 전체로 볼 때만 줄어듭니다. 한 점에 맞춘 걸음이 다른 점에는 나쁠 수 있습니다.
"""

TO_TRY = (
    to_try(
        "Set the learning rate {learning_rate} to 0.25: the error explodes.|"
        "학습률 {learning_rate}을 0.25로 바꾸십시오. 오차가 폭발합니다.",
        {"learning_rate": 0.25},
        lambda before, after: after["epoch_mse"][-1] > 100 * before["epoch_mse"][-1],
    ),
    to_try(
        "Set {learning_rate} to 0.1: each step suits its own point, spoils the others; MSE grows.|"
        "{learning_rate}을 0.1로 바꾸십시오. 걸음마다 자기 점에만 맞추어 MSE가 오히려 커집니다.",
        {"learning_rate": 0.1},
        lambda before, after: after["epoch_mse"][-1] > 5 * before["epoch_mse"][-1],
    ),
    to_try(
        "Set {learning_rate} to 0.001: after four epochs the line is still far below the points.|"
        "{learning_rate}을 0.001로 바꾸십시오. 4 epoch가 지나도 직선은 점들보다 훨씬 아래입니다.",
        {"learning_rate": 0.001},
        lambda before, after: after["epoch_mse"][-1] > 4 * before["epoch_mse"][-1],
    ),
)
