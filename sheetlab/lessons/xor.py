"""XOR by two layers: first with weights that are designed, then with weights that are learned.

No line parts the corners of XOR (Minsky and Papert, 1969); two lines do. With threshold units, XOR
is the AND of an OR and a NAND. Backpropagation finds two lines by itself (Rumelhart, Hinton and
Williams, 1986), here with tanh units, a sigmoid output and the cross-entropy of the four corners:

    h = tanh(x @ W + b),   y_hat = sigmoid(h @ v + c)
    dL/dv = mean of (y_hat - t) * h
    dL/dW = mean of (y_hat - t) * v * (1 - h^2) * x
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.authoring.placement import Item
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "XOR: two layers do what one cannot|XOR: 한 층으로 안 되는 것을 두 층으로"
SHEET_NAME = "XOR"
EQUATION = (
    "h = tanh(W x + b),  ŷ = σ(v h + c),   W ← W − η · mean of (ŷ − t) · v · (1 − h²) · x|"
    "h = tanh(W x + b),  ŷ = σ(v h + c),   W ← W − η · (ŷ − t) · v · (1 − h²) · x의 평균"
)
SLIDES = [("000", "Neural network XOR problem solving"), ("004", "퍼셉트론 계산식")]

CORNERS = ("00", "01", "10", "11")
small = partial(column, at_least=-2, at_most=2)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """XOR, OR and NAND and AND by weights of ours, and a start for learning."""

    t: tuple[int, ...] = column((0, 1, 1, 0), "t", length=4, whole=True, at_least=0, at_most=1)
    designed_w: tuple[float, ...] = small((1, 1, -1, -1), "w", length=4)
    designed_b: tuple[float, ...] = small((-0.5, 1.5), "b", length=2)
    designed_v: tuple[float, ...] = small((1, 1), "w", length=2)
    designed_c: float = number(-1.5, "b", at_least=-2, at_most=2)
    # With larger rates, the last digits of different programs grow apart on some ways.
    learning_rate: float = number(1.5, "learning rate η|학습률 η", above=0, at_most=1.5)
    steps: int = number(24, "number of steps|걸음 수", whole=True, at_least=1, at_most=60)
    start_w: tuple[float, ...] = small((0.5, -1, -0.5, 1), "W", length=4)
    start_b: tuple[float, ...] = small((0, 0), "b", length=2)
    start_v: tuple[float, ...] = small((1, 1), "v", length=2)
    start_c: float = number(0.0, "c", at_least=-2, at_most=2)


def write(board: Board, inputs: Inputs) -> None:
    """The designed units with their lines above, the learning below, charts at the right."""
    corner, feature = axis("corner", CORNERS), axis("feature", ("x₁", "x₂"))
    unit, step, edge = axis("unit", ("h₁", "h₂")), axis("step", inputs.steps), axis("edge", 2)
    output, truth = axis("output", ("y",)), axis("truth", (0, 1))

    corners = board.rows(
        across=corner,
        title="1. Designed: OR, NAND, then AND|1. 직접 정하기: OR과 NAND, 그리고 AND",
        label_span=4,
    )
    corners.row("x", "x", ["= VALUE(LEFT(corner, 1))", "= VALUE(RIGHT(corner, 1))"], by=feature)
    corners.input("t")
    hidden = board.columns(down=unit, below=corners, gap=0, format="0.0#")
    hidden.input("designed_w", by=feature)
    hidden.input("designed_b")
    sums = "= designed_w.at(1) * x.at(feature, 1) + designed_w.at(2) * x.at(feature, 2)"
    hidden.column("designed_z", "z = w · x + b", f"{sums} + designed_b", by=corner)
    side = "= IF(ROUND({}, 9) >= 0, 1, 0)"
    hidden.column("designed_h", "h = [z ≥ 0]", side.format("designed_z"), by=corner, format="0")
    last = board.columns(down=output, below=hidden, gap=0, format="0.0#")
    last.input("designed_v", by=unit)
    last.input("designed_c")
    sums = "= designed_v.at(1) * designed_h.at(unit, 1) + designed_v.at(2) * designed_h.at(unit, 2)"
    last.column("designed_s", "z = w · h + b", f"{sums} + designed_c", by=corner)
    marks, y = {"good": "designed_y = t", "bad": "designed_y <> t"}, side.format("designed_s")
    last.column("designed_y", "y = [z ≥ 0]", y, by=corner, format="0", colour=marks)
    settings = board.rows(below=last, label_span=4)
    settings.input("learning_rate")
    legend = board.legend(right_of=settings, below=last, span=4)

    plane: dict[str, Any] = {"x": "x₁", "y": "x₂", "x_range": (-0.5, 1.5), "y_range": (-0.5, 1.5)}
    points = dots("marked", over="x.at(feature, 1)", each=truth, label="t = {}")
    chart: Item = corners
    for title, name in (
        ("1. The designed lines|1. 직접 정한 직선", "designed_line"),
        ("2. The learned lines|2. 학습한 직선", "learned_line"),
    ):
        drawn = line(name, over="edge_first", each=unit)
        chart = board.chart(title, drawn, points, **plane, right_of=chart, rows=19)

    steps = board.columns(
        down=step,
        title="2. Learned: each row is one step|2. 학습하기: 한 행이 한 걸음",
        below=[settings, legend, chart],
        format="0.00",
    )
    steps.count("step_number", "step|걸음", format="0")
    moved = "= {0}.before(step) - learning_rate * SUMPRODUCT({1}) / 4"
    error = "(y_hat.before(step) - t)"
    slope = f"{error} * v.before(step) * (1 - h.before(step)^2)"
    steps.input("start_w", name="w", by=unit * feature, then=moved.format("w", f"{slope} * x"))
    steps.input("start_b", name="b", by=unit, then=moved.format("b", slope))
    steps.input("start_v", name="v", by=unit, then=moved.format("v", f"{error} * h.before(step)"))
    steps.input("start_c", name="v_bias", then=moved.format("v_bias", error))
    sums = "w.at(feature, 1) * x.at(feature, 1) + w.at(feature, 2) * x.at(feature, 2) + b"
    steps.column("h", "h = tanh(W x + b)", f"= TANH({sums})", by=unit * corner)
    sums = "v.at(1) * h.at(unit, 1) + v.at(2) * h.at(unit, 2) + v_bias"
    marks = {"good": "ABS(y_hat - t) < 0.5", "bad": "ABS(y_hat - t) >= 0.5"}
    steps.column("y_hat", "ŷ = σ(v h + c)", f"= 1 / (1 + EXP(-({sums})))", by=corner, colour=marks)
    given = " + ".join(f"LN(1 - ABS(y_hat.at({k}) - t.at({k})))" for k in (1, 2, 3, 4))
    steps.column("loss", "loss L|손실 L", f"= -({given}) / 4", format="0.000")

    lines = board.rows(across=edge, below=steps, label_span=4, format="0.00")
    lines.row("edge_first", "x₁", ["= -0.5", "= 1.5"], helper=True)
    for k, name, w, b in (
        (1, "designed_line", "designed_w", "designed_b"),
        (2, "learned_line", "w.last(step)", "b.last(step)"),
    ):
        rise = f"-({b} + {w}.at(feature, 1) * edge_first) / {w}.at(feature, 2)"
        formula = f"= IF({w}.at(feature, 2) = 0, NA(), {rise})"
        lines.row(name, f"{k}. x₂", formula, by=unit, helper=True)
    marked = board.rows(across=corner, right_of=lines, below=steps, labels=False, label_span=3)
    heights = [f"= IF(t = {k}, x.at(feature, 2), -1)" for k in (0, 1)]
    marked.row("marked", "x₂ (t = 0, 1)", heights, by=truth, helper=True)

    board.chart(
        "2. The outputs part, the loss falls|2. 출력이 갈라지고 손실이 줄어듭니다",
        line("y_hat", each=corner),
        line("loss", label="L", colour=7),
        y="ŷ, L",
        y_range=(0, 1),
        below=chart,
        rows=28,
    )


def fires(z: Values) -> Values:
    """1 where z is at least 0, noise beyond 9 decimals aside."""
    return (np.round(z, 9) >= 0).astype(int)


def height(w: Values, b: Values, x_1: Values) -> Values:
    """x2 of the lines `w @ x + b = 0` of n units at x_1 (m,), as (m, n); nan where upright."""
    rise: Values = -(b + np.outer(x_1, w[:, 0]))
    return rise / np.where(w[:, 1] == 0, np.nan, w[:, 1])


def learn(inputs: Inputs, x: Values, t: Values) -> Reference:
    """The way of learning; what belongs to units comes before what belongs to corners x (4, 2)."""
    w, b = np.reshape(inputs.start_w, (2, 2)), np.array(inputs.start_b)
    v, c = np.array(inputs.start_v), inputs.start_c
    rows = []
    for _ in range(inputs.steps):
        h = np.tanh(x @ w.T + b)
        y_hat = 1 / (1 + np.exp(-(h @ v + c)))
        loss = -np.mean(np.log(np.where(t == 1, y_hat, 1 - y_hat)))
        rows.append((w, b, v, c, h.T, y_hat, loss))
        error = (y_hat - t) / 4
        back = np.outer(error, v) * (1 - h**2)
        w, b = w - inputs.learning_rate * back.T @ x, b - inputs.learning_rate * back.sum(axis=0)
        v = v - inputs.learning_rate * error @ h
        c = c - inputs.learning_rate * error.sum()
    names = ("w", "b", "v", "v_bias", "h", "y_hat", "loss")
    return dict(zip(names, map(np.array, zip(*rows, strict=True)), strict=True))


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    `designed_z` and `designed_h` have shape (2, 4), a row for each unit; learning has the steps as
    its first axis: `w` (steps, 2, 2), `h` (steps, 2, 4), `y_hat` (steps, 4).
    """
    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array(inputs.t)
    w, b = np.reshape(inputs.designed_w, (2, 2)), np.array(inputs.designed_b)
    v, edges = np.array([inputs.designed_v]), np.array([-0.5, 1.5])
    z = w @ x.T + b[:, None]
    s = v @ fires(z) + inputs.designed_c
    way = learn(inputs, x, t)
    return {
        "x": x,
        "designed_z": z,
        "designed_h": fires(z),
        "designed_s": s,
        "designed_y": fires(s),
        "step_number": np.arange(1, inputs.steps + 1),
        **way,
        "edge_first": edges,
        "designed_line": height(w, b, edges),
        "learned_line": height(way["w"][-1], way["b"][-1], edges),
        "marked": np.column_stack([np.where(t == k, x[:, 1], -1) for k in (0, 1)]),
    }


HOW_TO_READ = """
Designed, by rules: h₁ is an OR, h₂ a NAND, each a line in the plane; y is the AND of both. Only
between the two lines is y 1 ({designed_y}).
| 직접 정한 가중치에서 h₁은 OR, h₂는 NAND이고, 각각 평면의 직선 하나입니다. y는 둘의 AND이므로 두
직선 사이에서만 1이 됩니다({designed_y}).

Learned: each row is a step of gradient descent over all four corners. Forward, W and b give h, then
v and c give ŷ; the next row's weights have moved against the mean gradient, times η
({learning_rate}). ŷ is green on the right side of 0.5.
| 학습할 때는 한 행이 네 꼭짓점 모두를 쓰는 경사하강법 한 걸음입니다. W와 b로 h를, v와 c로 ŷ을
구하고, 평균 기울기에 η({learning_rate})를 곱한 만큼 반대쪽으로 움직인 것이 다음 행의
가중치입니다. ŷ이 0.5를 기준으로 맞는 쪽에 있으면 초록색입니다.

L begins near ln 2 = 0.693, the loss of ŷ = ½ everywhere, which is the best that one layer can do.
| L은 ln 2 = 0.693 근처에서 시작합니다. 네 점 모두 ŷ = ½일 때의 손실이며, 한 층으로는 이보다 줄일
수 없습니다.

[slide] The slides draw XOR, but print no weights; those here are chosen, small enough to follow.
| 슬라이드에는 XOR의 그림만 있고 가중치는 없습니다. 따라가기 쉬운 작은 수를 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set the first W ({w.first(step)}) to 0.5, −1, 0.5, −1: twins, one line, no XOR.|"
        "처음 W({w.first(step)})를 0.5, −1, 0.5, −1로 바꾸십시오. 두 유닛이 늘 같아 XOR을 배우지"
        " 못합니다.",
        {"w.first(step)": (0.5, -1, 0.5, -1)},
        lambda before, after: (
            np.allclose(after["w"][:, 0], after["w"][:, 1]) and after["loss"][-1] > 0.4
        ),
    ),
    to_try(
        "Set all of it ({w.first(step)}) to 0: the gradient is 0, ŷ stays ½, nothing is learned.|"
        "처음 W({w.first(step)})를 모두 0으로 바꾸십시오. 기울기가 0이라 ŷ이 ½에 머뭅니다.",
        {"w.first(step)": 0},
        lambda before, after: np.all(after["y_hat"] == 0.5),
    ),
    to_try(
        "Set the bias of AND ({designed_c}) to −0.5, which makes it an OR: y is 1 everywhere.|"
        "AND의 bias({designed_c})를 −0.5로 바꾸어 OR로 만드십시오. 네 점 모두 y가 1이 됩니다.",
        {"designed_c": -0.5},
        lambda before, after: np.all(after["designed_y"] == 1),
    ),
    to_try(
        "Set t ({t}) to 0, 1, 1, 1: an OR is learned in far fewer steps.|"
        "t({t})를 0, 1, 1, 1로 바꾸십시오. OR은 훨씬 적은 걸음으로 학습합니다.",
        {"t": (0, 1, 1, 1)},
        lambda before, after: after["loss"][9] < 0.5 * before["loss"][9],
    ),
)
