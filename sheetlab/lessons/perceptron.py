"""The perceptron: a weighted sum with a threshold, the gates it can be, and how it learns.

    z = w0 + w1 * x1 + w2 * x2,   y = 1 if z >= 0, else 0

A threshold theta on the weighted sum is the bias w0 = -theta, with x0 = 1. Learning adds
`learning_rate * (t - y) * x` to the weights, point by point, which ends where a line separates the
classes (Rosenblatt, 1958). No line separates those of XOR (Minsky and Papert, 1969).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "The perceptron: a line that decides|퍼셉트론: 직선으로 나누기"
SHEET_NAME = "Perceptron"
EQUATION = "z = w₀ + w₁x₁ + w₂x₂,   y = [z ≥ 0],   w ← w + η · (t − y) · x"
SLIDES = [("002", "퍼셉트론(초기 형태 인공신경망)"), ("000", "뉴론"), ("004", "퍼셉트론 계산식")]

GATES = ("AND", "OR", "NAND", "XOR")
TWO_SMALL = {"length": (2, 2), "at_least": -10, "at_most": 10}
TRUTH_TABLES = (0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0)
CORNERS = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slide's unit; four gates by weights, threshold and truth table; a start for learning."""

    bias: float = number(1.0, "w₀ (bias)", at_least=-10, at_most=10)
    weight: tuple[float, ...] = column((3, -2), "w (weights)|w (가중치)", **TWO_SMALL)
    x: tuple[float, ...] = column((-1, 2), "x (input)|x (입력)", **TWO_SMALL)
    gate_weight: tuple[float, ...] = column(
        (1, 1, 1, 1, -1, -1, 1, 1), "weights of the gates|게이트의 가중치", length=8
    )
    threshold: tuple[float, ...] = column(
        (1.5, 0.5, -1.5, 0.5), "thresholds θ of the gates|게이트의 역치 θ", length=4
    )
    target: tuple[int, ...] = column(
        TRUTH_TABLES, "truth tables|진리표", length=16, whole=True, at_least=0, at_most=1
    )
    learning_rate: float = number(1.0, "learning rate η|학습률 η", above=0)
    start: tuple[float, ...] = column((0, 0, 0), "w at the start|처음 w", length=3)
    epochs: int = number(6, "number of epochs|epoch 수", whole=True, at_least=1, at_most=100)


def write(board: Board, inputs: Inputs) -> None:
    """One unit, below it the gates in both forms, beside them their learning and their lines."""
    feature, term = axis("feature", ("x₁", "x₂")), axis("term", (0, 1, 2))
    gate, corner = axis("gate", GATES), axis("corner", ("00", "01", "10", "11"))
    epoch, spot = axis("epoch", inputs.epochs), axis("spot", 3)
    edge, truth = axis("edge", 2), axis("truth", (0, 1))
    way = axis("way", ("given|주어진 w", "learned|학습한 w"))

    strip = board.strip(width=100)
    unit = board.rows(across=feature, title="1. A unit|1. 퍼셉트론", below=strip)
    unit.input("x", heading="x")
    unit.input("weight", heading="w")
    unit.row("product", "w · x", "= weight * x")
    result = board.rows(right_of=unit, below=strip, label_span=3)
    result.input("bias")
    result.row("z", "z = w₀ + Σ w · x", "= bias + SUM(product)")
    result.row("y_hat", "ŷ = σ(z)", "= 1 / (1 + EXP(-z))", format="0.000")
    heading = "on the line z = 0|직선 z = 0 위"
    boundary = board.rows(across=spot, right_of=result, below=strip, title=heading)
    boundary.row("boundary_first", "x₁", ["= x.first - 3", "= x.first", "= x.first + 3"])
    second = height_on(("bias", "weight.first", "weight.last"), "boundary_first")
    boundary.row("boundary_second", "x₂", second)
    z_there = "bias + weight.first * boundary_first + weight.last * boundary_second"
    boundary.row("boundary_output", "ŷ", f"= 1 / (1 + EXP(-({z_there})))", format="0.000")

    # Sums drop noise beyond 9 decimals: it must not decide the side of a line.
    title = "2. Threshold form: y = 1 if Σ w · x ≥ θ|2. 역치 형태: Σ w · x ≥ θ이면 y = 1"
    sums = board.columns(gate, title=title, labels="gate|게이트", below=[unit, boundary])
    sums.input("gate_weight", by=feature, heading="w")
    sums.input("threshold", heading="θ")
    weighted_sum = "= ROUND(gate_weight.first * first + gate_weight.last * second, 9)"
    sums.column("weighted_sum", "Σ w · x", weighted_sum, by=corner)
    sums.column("threshold_output", "y", "= IF(weighted_sum >= threshold, 1, 0)", by=corner)
    sums.input("target", by=corner, heading="t")
    sums.start("x₁").value("first", "= VALUE(LEFT(corner, 1))", under="weighted_sum")
    sums.start("x₂").value("second", "= VALUE(RIGHT(corner, 1))", under="weighted_sum")
    title = "Bias form: w₀ = −θ, and y = 1 if z ≥ 0|bias 형태: w₀ = −θ, z ≥ 0이면 y = 1"
    biased = board.columns(gate, title=title, labels="gate|게이트", below=sums)
    as_bias = ["= -threshold", "= gate_weight.first", "= gate_weight.last"]
    biased.column("designed", "w", as_bias, by=term)
    biased.column("gate_z", "z", "= designed.first + weighted_sum", by=corner)
    biased.column("gate_output", "y", "= IF(gate_z >= 0, 1, 0)", by=corner)
    biased.column("right", "right|맞음", "= COUNT(target) - SUMXMY2(gate_output, target)")
    diagonals = ["= gate_z.first + gate_z.last", "= gate_z.at(2) + gate_z.at(3)"]
    biased.column("diagonal", "z + z", diagonals, by=axis("pair", ("00+11", "01+10")))
    title, point = (
        "The line of unit 1|1의 퍼셉트론이 긋는 직선",
        dots("x.last", over="x.first", label="x"),
    )
    boundary_line = line("boundary_second", over="boundary_first", label="z = 0")
    chart = board.chart(title, boundary_line, point, width=biased, rows=21)
    board.legend(below=chart, span=5)

    aside = [strip, sums]
    rate = board.rows(right_of=aside, label_span=4, span=2)
    rate.input("learning_rate", heading="3. Learning, η =|3. 학습, η =")
    starts = board.rows(across=term, right_of=rate, label_span=2, span=2)
    starts.input("start", heading="start w|처음 w")
    with board.panels(gate, runs="right", labels_once=True, right_of=aside, below=starts) as panel:
        steps = panel.columns(down=epoch * corner, title="{}", labels="epoch")
        steps.column("step_x", "x", ["= 1", "= first", "= second"], by=term, once=True)
        moved = "= learned.{0} + learning_rate * (wanted.{0} - learned_output.{0}) * step_x.{0}"
        corrected = moved.format("before(epoch * corner)")
        steps.column("learned", "w", corrected, first="= start", by=term)
        steps.column("learned_z", "z", "= ROUND(SUMPRODUCT(learned, step_x), 9)")
        steps.column("learned_output", "y", "= IF(learned_z >= 0, 1, 0)")
        steps.column("wanted", "t", "= target", colour={"bad": "wanted <> learned_output"})
        wrong, none = "= SUMXMY2(wanted, learned_output)", {"good": "this = 0"}
        steps.column("mistakes", "mistakes|실수", wrong, over=epoch, heading="✗", colour=none)
        steps.foot("after|학습 뒤").value("final", moved.format("last"), under="learned")
        lines = line("edge_second", over="edge_first", each=way)
        corners = dots("marked", over="first", each=truth, label="t = {}")
        sides = (-0.5, 1.5)
        panel.chart("{}", lines, corners, x_range=sides, y_range=sides, width=steps, rows=17)
        ends = panel.rows(across=edge, label_span=5)
        ends.row("edge_first", "x₁", ["= -0.5", "= 1.5"], helper=True)
        ways = [[f"{w}.first", f"{w}.at(2)", f"{w}.last"] for w in ("designed", "final")]
        heights = [height_on(w, "edge_first") for w in ways]
        ends.row("edge_second", "x₂", heights, by=way, show_labels=False, helper=True)
        marks = panel.rows(across=corner, labels=False, below=ends, gap=0, label_span=5)
        heights = [f"= IF(target = {t}, second, -1)" for t in (0, 1)]
        marks.row("marked", "x₂ (t = 0, 1)", heights, by=truth, show_labels=False, helper=True)


def height_on(w: Sequence[str], x_1: str) -> str:
    """The formula of x2 on the line `w0 + w1 * x1 + w2 * x2 = 0`; none where it is upright."""
    return f"= IF({w[2]} = 0, NA(), -({w[0]} + {w[1]} * {x_1}) / {w[2]})"


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    What belongs to the gates has shape (4,), with their corners (4, 4), with the steps of learning
    (4, 4 * epochs), with the weights of these steps (4, 4 * epochs, 3).
    """
    x, unit = np.array([1, *inputs.x]), np.array([inputs.bias, *inputs.weight])
    nearby, edges = inputs.x[0] + np.array([-3, 0, 3]), np.array([-0.5, 1.5])
    on_line = np.array([np.ones(3), nearby, height(unit, nearby)])
    weights, threshold = np.reshape(inputs.gate_weight, (4, 2)), np.array(inputs.threshold)
    target = np.reshape(inputs.target, (4, 4))
    designed = np.column_stack([-threshold, weights])
    sums = without_noise(weights @ CORNERS.T)
    z = sums - threshold[:, None]
    learning = learn(inputs, target)
    ways = np.stack([designed.T, learning["final"].T], axis=2)
    return {
        "product": (unit * x)[1:],
        "z": np.array([unit @ x]),
        "y_hat": np.array([1 / (1 + np.exp(-unit @ x))]),
        "boundary_first": nearby,
        "boundary_second": on_line[2],
        "boundary_output": 1 / (1 + np.exp(-unit @ on_line)),
        "first": CORNERS[:, 0],
        "second": CORNERS[:, 1],
        "weighted_sum": sums,
        "threshold_output": (sums >= threshold[:, None]).astype(int),
        "designed": designed,
        "gate_z": z,
        "gate_output": (z >= 0).astype(int),
        "right": np.sum((z >= 0) == target, axis=1),
        "diagonal": np.stack([z[:, 0] + z[:, 3], z[:, 1] + z[:, 2]], axis=1),
        **learning,
        "edge_first": np.tile(edges, (4, 1)),
        "edge_second": height(ways[:, :, None], edges[:, None]),
        "marked": np.stack([np.where(target == t, CORNERS[:, 1], -1) for t in (0, 1)], axis=2),
    }


def learn(inputs: Inputs, target: Values) -> Reference:
    """The learning of all gates at once; `target` is (gate, corner)."""
    x = np.column_stack([np.ones(4), CORNERS])
    w, steps = np.tile(inputs.start, (len(target), 1)), []
    for k in range(4 * inputs.epochs):
        (z,) = without_noise(w @ x[k % 4])
        y = (z >= 0).astype(int)
        steps.append((w, z, y))
        w = w + inputs.learning_rate * np.outer(target[:, k % 4] - y, x[k % 4])
    learned, z, y = (np.stack(values, axis=1) for values in zip(*steps, strict=True))
    wanted = np.tile(target, inputs.epochs)
    return {
        "step_x": np.tile(x, (inputs.epochs, 1)),
        **{"learned": learned, "learned_z": z, "learned_output": y, "wanted": wanted},
        "mistakes": np.sum((wanted != y).reshape(len(target), -1, 4), axis=2),
        "final": w,
    }


def height(w: Values, x_1: Values) -> Values:
    """x2 of the line `w0 + w1 * x1 + w2 * x2 = 0` at `x_1`; nan where it is upright; `w` (3, …)."""
    rise: Values = -(w[0] + w[1] * x_1)
    return rise / np.where(w[2] == 0, np.nan, w[2])


def without_noise(sums: Values) -> Values:
    """The sums rounded half up to 9 decimals."""
    return np.array([[round_half_up(z, 9) for z in row] for row in np.atleast_2d(sums)])


HOW_TO_READ = """
A unit adds its bias {bias} to the weighted inputs: {z}. Where z = 0 lies a line, and on it ŷ = σ(z)
is 0.5 everywhere {boundary_output}; on one side of it ŷ is above, on the other below.
| 퍼셉트론은 bias({bias})에 가중치를 곱한 입력을 더합니다({z}). z = 0인 직선 위에서는 ŷ = σ(z)가
어디서나 0.5이며({boundary_output}), 한쪽에서는 그보다 크고 다른 쪽에서는 작습니다.

A threshold θ is a bias w₀ = −θ: {threshold_output} and {gate_output} agree. With any weights, z of
00 and 11 adds up to z of 01 and 10 {diagonal}; but XOR wants the former below 0, the latter not.
| 역치 θ는 bias w₀ = −θ와 같으므로 {threshold_output}과 {gate_output}이 같습니다. 가중치가 무엇이든
00과 11에서의 z의 합은 01과 10에서의 합과 같습니다({diagonal}). XOR에서는 앞의 둘은 0보다 작고 뒤의
둘은 0 이상이어야 하므로 어떤 직선으로도 만들 수 없습니다.

Learning takes the corners in turn. Where y is not t (red), the weights move by η · (t − y) · x.
After an epoch without a mistake ✗ they stay. The charts leave out lines that are upright.
| 학습은 네 꼭짓점을 차례로 지납니다. y와 t가 다르면(빨간색) 가중치가 η · (t − y) · x만큼
움직입니다. 실수(✗) 없는 epoch가 지나면 더는 움직이지 않습니다. 수직인 직선은 그리지 않습니다.
"""

TO_TRY = (
    to_try(
        "Set {x.first} to 1: the point lies on the line, and ŷ is 0.5.|"
        "{x.first}을 1로 바꾸십시오. 점이 직선 위에 놓이고 ŷ는 0.5입니다.",
        {"x.first": 1},
        lambda before, after: after["z"] == 0 and after["y_hat"] == 0.5,
    ),
    to_try(
        "Give XOR other weights {gate_weight.last(gate)}: never more than 3 of 4 are right.|"
        "XOR의 가중치 {gate_weight.last(gate)}를 바꾸십시오. 4개 중 3개보다 많이 맞을 수 없습니다.",
        {"gate_weight.last(gate)": (1, -1)},
        lambda before, after: after["right"][3] <= 3,
    ),
    to_try(
        "Set η {learning_rate} to 0.5: from 0, weights are half as large, mistakes the same.|"
        "η {learning_rate}을 0.5로 바꾸십시오. 0에서 시작하면 가중치는 절반, 실수는 같습니다.",
        {"learning_rate": 0.5},
        lambda was, now: (
            np.all(now["mistakes"] == was["mistakes"]) and np.all(2 * now["final"] == was["final"])
        ),
    ),
)
