"""Stochastic gradient descent for a straight line, one row of the sheet a step.

The model is `y_hat = alpha + beta * x`. Each step takes one instance, in order, and moves both
parameters against the gradient of half its squared error (Robbins and Monro, 1951):

    alpha[j + 1] = alpha[j] - learning_rate * error[j]
    beta[j + 1]  = beta[j]  - learning_rate * error[j] * x[j]

Source: AI study lecture, "SGD(Stochastic Gradient Descent) 엑셀로 익히기".
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Stochastic gradient descent, step by step", "확률적 경사하강법(SGD) 한 걸음씩")
SHEET_NAME = "SGD"

LEARNING_RATE = Text("learning rate", "학습률")
ITERATION = Text("Iterations", "반복")
DATA, MODEL = Text("Data", "데이터"), Text("model", "모형")
ALPHA, BETA = Text("intercept (α)", "절편 (α)"), Text("slope (β)", "기울기 (β)")
SQUARED_ERROR = Text("squared error", "제곱오차")
EPOCH, AFTER_EPOCH = Text("Epoch", "에포크"), Text("after the epoch", "에포크가 끝난 뒤")
LINE_AT = Text("ŷ of the line at x =", "직선의 ŷ, x =")
FORMULA_OF_ALPHA = Text("formula in E5", "E5의 수식")
FORMULA_OF_BETA = Text("formula in F5", "F5의 수식")
NUMBER_OF_EPOCHS = Text("number of epochs", "에포크 수")
EPOCH_FORMAT = Text('0" epoch"', '0" 에포크"')

QUANTITIES = {
    "learning_rate": Text("learning rate", "학습률"),
    "epochs": Text("number of epochs", "에포크 수"),
    "initial_alpha": Text("α at the start", "α의 초깃값"),
    "initial_beta": Text("β at the start", "β의 초깃값"),
    "iteration": Text("iteration", "반복"),
    "x": same("x"),
    "y": same("y"),
    "alpha": Text("α, intercept", "α, 절편"),
    "beta": Text("β, slope", "β, 기울기"),
    "y_hat": Text("ŷ, prediction", "ŷ, 예측값"),
    "error": Text("ŷ − y, error", "ŷ − y, 오차"),
    "squared_error": Text("squared error", "제곱오차"),
    "alpha_formula": Text("formula of α", "α의 수식"),
    "beta_formula": Text("formula of β", "β의 수식"),
    "epoch": Text("epoch", "에포크"),
    "epoch_alpha": Text("α after the epoch", "에포크 뒤의 α"),
    "epoch_beta": Text("β after the epoch", "에포크 뒤의 β"),
    "epoch_mse": Text("MSE after the epoch", "에포크 뒤의 MSE"),
    "line_x": Text("x of the fitted lines", "직선의 x"),
    "line_y": Text("y of the fitted lines", "직선의 y"),
}

HOW_TO_READ = (
    Text(
        "Each row from row 4 on is one step: it takes one point (x, y), predicts ŷ = α + βx with"
        " the α and β of its own row, and measures the error ŷ − y.",
        "4행부터 한 행이 한 걸음입니다. 점 (x, y) 하나를 골라 그 행의 α와 β로 ŷ = α + βx를"
        " 예측하고 오차 ŷ − y를 구합니다.",
    ),
    Text(
        "The next row's α and β come from this row: each moves against its error by the learning"
        " rate in A3, β also times x. One epoch is one pass over all points.",
        "다음 행의 α와 β는 이 행에서 나옵니다. A3의 학습률만큼 오차의 반대쪽으로 움직이며,"
        " β에는 x도 곱합니다. 모든 점을 한 번씩 지나면 한 에포크입니다.",
    ),
    Text(
        "Errors get smaller only on the whole: a step that suits one point may harm another.",
        "오차는 전체로만 줄어듭니다. 한 점에 맞춘 걸음이 다른 점에는 나쁠 수 있습니다.",
    ),
)
TO_TRY = (
    Text(
        "Set A3 to 0.1 and watch β: it overshoots. With 0.2 the error explodes.",
        "A3를 0.1로 바꾸고 β를 보십시오. 지나쳐 갑니다. 0.2에서는 오차가 폭발합니다.",
    ),
    Text(
        "Set A3 to 0.001: after four epochs the line has hardly moved.",
        "A3를 0.001로 바꾸십시오. 네 에포크가 지나도 직선은 거의 움직이지 않습니다.",
    ),
    Text(
        "Change a point in C4:D8 and follow it through every epoch.",
        "C4:D8의 점 하나를 바꾸고 에포크마다 어떻게 나타나는지 보십시오.",
    ),
)

DRAWN_LINES = 6


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: five points, a learning rate, four passes, and a start at 0."""

    learning_rate: float = number(0.01, QUANTITIES["learning_rate"], above=0)
    epochs: int = number(4, QUANTITIES["epochs"], whole=True, at_least=1, at_most=1000)
    initial_alpha: float = number(0.0, QUANTITIES["initial_alpha"])
    initial_beta: float = number(0.0, QUANTITIES["initial_beta"])
    x: tuple[float, ...] = column((1, 2, 4, 3, 5), QUANTITIES["x"], length=(2, 1000))
    y: tuple[float, ...] = column((1, 3, 3, 2, 5), QUANTITIES["y"], length=(2, 1000))

    def check(self) -> None:
        """As many x as y."""
        require_same_length(self, "x", "y")


def write(sheet: Sheet, inputs: Inputs) -> None:
    """The slide's sheet: the learning rate in A3, iteration 0 in row 4, one row a step."""
    points, epochs = len(inputs.x), inputs.epochs
    end, last = 3 + points, 3 + points * epochs

    sheet.headings(
        "A1", (LEARNING_RATE, ITERATION, DATA, "", MODEL, "", "ŷ", "ŷ − y", SQUARED_ERROR)
    )
    sheet.headings("C2", ("x", "y", ALPHA, BETA))
    for heading in ("A1:A2", "B1:B2", "C1:D1", "E1:F1", "G1:G2", "H1:H2", "I1:I2"):
        sheet.merge(heading)

    sheet.input("A3", "learning_rate", name="learning_rate")
    sheet.input("E3", "initial_alpha", name="initial_alpha", number_format="0.0000")
    sheet.input("F3", "initial_beta", name="initial_beta", number_format="0.0000")

    sheet.fill(f"B4:B{last}", "=ROWS(B$4:B4)-1", name="iteration")
    sheet.input(f"C4:C{end}", "x")
    sheet.input(f"D4:D{end}", "y")
    if epochs > 1:
        sheet.fill(f"C{end + 1}:D{last}", "=C4")
    sheet.name("x", f"C4:C{last}")
    sheet.name("y", f"D4:D{last}")

    sheet.fill("E4:F4", "=E3", number_format="0.0000")
    sheet.fill(f"E5:E{last}", "=E4-$A$3*$H4", number_format="0.0000")
    sheet.fill(f"F5:F{last}", "=F4-$A$3*$H4*$C4", number_format="0.0000")
    sheet.name("alpha", f"E4:E{last}")
    sheet.name("beta", f"F4:F{last}")
    sheet.fill(f"G4:G{last}", "=E4+F4*C4", name="y_hat", number_format="0.0000")
    sheet.fill(f"H4:H{last}", "=G4-D4", name="error", number_format="0.0000")
    sheet.fill(f"I4:I{last}", "=H4^2", name="squared_error", number_format="0.0000")

    sheet.label(f"A{last + 2}", FORMULA_OF_ALPHA)
    sheet.formula_text(f"C{last + 2}:F{last + 2}", of="E5", name="alpha_formula")
    sheet.label(f"A{last + 3}", FORMULA_OF_BETA)
    sheet.formula_text(f"C{last + 3}:F{last + 3}", of="F5", name="beta_formula")
    sheet.legend(f"A{last + 5}:D{last + 5}")
    sheet.width("J", 2)
    sheet.width("S", 2)
    sheet.freeze("C4")

    write_epochs(sheet, points, epochs)
    draw(sheet, points, epochs)


def write_epochs(sheet: Sheet, points: int, epochs: int) -> None:
    """A row for each pass: the line that it leaves behind, and how well that fits the points."""
    last = 3 + epochs
    x, y = f"$C$4:$C${3 + points}", f"$D$4:$D${3 + points}"
    sheet.headings("T1", (EPOCH, AFTER_EPOCH, "", "MSE", LINE_AT, ""))
    sheet.headings("U2", (ALPHA, BETA))
    for heading in ("T1:T2", "U1:V1", "W1:W2", "X1:Y2"):
        sheet.merge(heading)
    sheet.fill("X3", f"=MIN({x})")
    sheet.fill("Y3", f"=MAX({x})")
    sheet.name("line_x", "X3:Y3")

    sheet.fill(f"T4:T{last}", "=ROWS(T$4:T4)", name="epoch")
    for epoch in range(1, epochs + 1):
        row, start, end = 3 + epoch, 4 + points * (epoch - 1), 3 + points * epoch
        sheet.fill(
            f"A{start}", f"=T{row}", number_format=EPOCH_FORMAT.to(sheet.language), style="heading"
        )
        sheet.merge(f"A{start}:A{end}")
        sheet.fill(f"U{row}", f"=E{end}-$A$3*$H{end}", number_format="0.0000")
        sheet.fill(f"V{row}", f"=F{end}-$A$3*$H{end}*$C{end}", number_format="0.0000")
    sheet.name("epoch_alpha", f"U4:U{last}")
    sheet.name("epoch_beta", f"V4:V{last}")
    mse = f"=SUMPRODUCT((U4+V4*{x}-{y})^2)/COUNT({x})"
    sheet.fill(f"W4:W{last}", mse, name="epoch_mse", number_format="0.0000")
    sheet.fill(f"X4:Y{last}", "=$U4+$V4*X$3", name="line_y", number_format="0.0000")
    sheet.label(f"T{last + 2}", NUMBER_OF_EPOCHS)
    sheet.fill(f"W{last + 2}", f"=MAX(T4:T{last})", name="epochs")


def draw(sheet: Sheet, points: int, epochs: int) -> None:
    """The parameters and the squared error by iteration, and the line after each epoch."""
    last = 3 + points * epochs
    iterations = f"B4:B{last}"
    sheet.chart(
        "K1:R12",
        Chart(
            Text("The parameters, step by step", "걸음마다의 모수"),
            QUANTITIES["iteration"],
            Text("value", "값"),
            (
                Series(QUANTITIES["alpha"], iterations, f"E4:E{last}"),
                Series(QUANTITIES["beta"], iterations, f"F4:F{last}"),
            ),
        ),
    )
    sheet.chart(
        "K13:R24",
        Chart(
            Text("Squared error of each step", "걸음마다의 제곱오차"),
            QUANTITIES["iteration"],
            QUANTITIES["squared_error"],
            (Series(QUANTITIES["squared_error"], iterations, f"I4:I{last}", "both"),),
        ),
    )
    drawn = sorted({round(epoch) for epoch in np.linspace(1, epochs, DRAWN_LINES)})
    lines = (
        Series(
            Text(f"after epoch {epoch}", f"에포크 {epoch} 뒤"),
            "X3:Y3",
            f"X{3 + epoch}:Y{3 + epoch}",
        )
        for epoch in drawn
    )
    data = Series(DATA, f"C4:C{3 + points}", f"D4:D{3 + points}", "points", colour=7)
    sheet.chart(
        "K25:R38",
        Chart(
            Text("The fitted line after each epoch", "에포크마다의 직선"),
            same("x"),
            same("y"),
            (*lines, data),
        ),
    )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    Columns by iteration have shape (n_points * epochs,), those by epoch (epochs,); `line_y` is
    (epochs, 2): the line's height at the smallest and the largest x.
    """
    points, epochs, rate = len(inputs.x), inputs.epochs, inputs.learning_rate
    x, y = np.tile(inputs.x, epochs), np.tile(inputs.y, epochs)
    theta = np.empty((points * epochs + 1, 2))
    theta[0] = inputs.initial_alpha, inputs.initial_beta
    features = np.column_stack([np.ones_like(x), x])
    for j in range(points * epochs):
        gradient = (features[j] @ theta[j] - y[j]) * features[j]
        theta[j + 1] = theta[j] - rate * gradient
    y_hat = np.sum(features * theta[:-1], axis=1)
    after = theta[points::points]
    residuals = after @ features[:points].T - y[:points]
    line_x = np.array([x.min(), x.max()])
    return {
        "learning_rate": np.array([rate]),
        "epochs": np.array([epochs]),
        "initial_alpha": np.array([inputs.initial_alpha]),
        "initial_beta": np.array([inputs.initial_beta]),
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
        "epoch": np.arange(1, epochs + 1),
        "epoch_alpha": after[:, 0],
        "epoch_beta": after[:, 1],
        "epoch_mse": np.mean(residuals**2, axis=1),
        "line_x": line_x,
        "line_y": after[:, :1] + after[:, 1:] * line_x,
    }
