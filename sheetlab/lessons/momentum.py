"""Momentum, and whether it carries gradient descent out of a local minimum.

The loss is a valley with waves, `f(x) = x^2 + height (1 - cos x)`, whose global minimum is at 0;
the waves make local minima on its sides. The velocity v sums up gradients, older ones by mu less
each step (Polyak, 1964; as in PyTorch); with mu = 0 it is plain gradient descent:

    v <- mu v + f'(x),   x <- x - eta v,   f'(x) = 2 x + height sin x

Where the gradient g stays the same, v grows to g / (1 - mu).
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Momentum out of a local minimum|local minimum에서 빠져나오는 Momentum"
SHEET_NAME = "Momentum"
EQUATION = "v ← μv + f′(x),   x ← x − ηv"
SLIDES = [
    ("001", "Global Minima / Local Minima"),
    ("001", "Momentum 과 Local Minima"),
    ("001", "Momentum 과 weight update 비교"),
]

PLACES = 41
VALUE = "{0}^2 + height * (1 - COS({0}))"


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slide's learning rate 0.01 and momentum 0 and 0.90; two more, the loss and start ours."""

    learning_rate: float = number(0.01, "learning rate η|학습률 η", above=0, at_most=0.03)
    start: float = number(10.0, "start x|시작 x", at_least=-15, at_most=15)
    height: float = number(16.0, "height of the waves|물결 높이", at_least=0, at_most=20)
    mu: tuple[float, ...] = column(
        (0, 0.5, 0.9, 0.99), "momentum μ|모멘텀 μ", at_least=0, at_most=0.99, length=(1, 4)
    )
    steps: int = number(40, "number of steps|걸음 수", whole=True, at_least=5, at_most=80)


def write(board: Board, inputs: Inputs) -> None:
    """A row for each step, a descent with each momentum side by side, and charts of their ways."""
    step = axis("step", inputs.steps + 1)
    run = axis("run", [f"μ{digit}" for digit in "₁₂₃₄"[: len(inputs.mu)]])

    given = board.rows(label_span=3)
    given.inputs("learning_rate", "start", "height")
    board.legend(below=given, gap=0)
    runs = board.rows(run, labels=True, right_of=given, label_span=3, format="0.00")
    runs.input("mu", format="General")
    runs.row("reach", "v on a steady slope of 1|기울기가 늘 1일 때 v", "= 1 / (1 - mu)")
    runs.row("x_end", "x at the end|마지막 x", "= x.last(step)")
    runs.row(
        "value_end",
        "f(x) at the end|마지막 f(x)",
        "= value.last(step)",
        colour={"good": "value_end = MIN(value_end.all)"},
    )

    steps = board.columns(step, below=(given, runs), format="0.00")
    steps.count("number", "step|걸음", first=0)
    velocity = "= mu * velocity.before(step) + 2 * {0} + height * SIN({0})"
    steps.column(
        "velocity",
        "v ← μv + f′(x)",
        velocity.format("x.before(step)"),
        first="= 0",
        by=run,
    )
    moved = "= x.before(step) - learning_rate * velocity"
    steps.column("x", "x ← x − ηv", moved, first="= start", by=run)
    steps.column(
        "value",
        "f(x) = x² + height · (1 − cos x)|f(x) = x² + 높이 · (1 − cos x)",
        f"= {VALUE.format('x')}",
        by=run,
    )
    board.freeze(steps)
    curve = board.columns(axis("place", PLACES), right_of=steps, beside=steps, format="0.00")
    reach = "1.1 * MAX(ABS(start), 5)"
    across = f"= {reach} * ((ROWS(curve_x.so_far) - 1) / {(PLACES - 1) / 2:.0f} - 1)"
    with curve.group("curve|곡선"):
        curve.column("curve_x", "x", across, helper=True)
        curve.column("curve_value", "f(x)", f"= {VALUE.format('curve_x')}", helper=True)

    hills = board.chart(
        "Where each descent goes|어디까지 내려가는가",
        dots("value", over="x", each=run),
        line("curve_value", over="curve_x", label="f(x)", colour=7),
        x="x",
        y="f(x)",
        right_of=curve,
        width=84,
        rows=22,
    )
    board.chart(
        "x, step by step|걸음마다의 x",
        line("x", each=run),
        y="x",
        below=hills,
        rows=20,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: what belongs to the steps has shape (steps + 1, n_mu), to a μ (n_mu,)."""
    mu, height = np.array(inputs.mu), inputs.height
    x, velocity = [np.full(len(mu), inputs.start)], [np.zeros(len(mu))]
    for _ in range(inputs.steps):
        velocity.append(mu * velocity[-1] + 2 * x[-1] + height * np.sin(x[-1]))
        x.append(x[-1] - inputs.learning_rate * velocity[-1])
    ways = np.array(x)
    value = ways**2 + height * (1 - np.cos(ways))
    reach = 1.1 * max(abs(inputs.start), 5)
    curve_x = np.linspace(-reach, reach, PLACES)
    return {
        "reach": 1 / (1 - mu),
        "x_end": ways[-1],
        "value_end": value[-1],
        "number": np.arange(inputs.steps + 1),
        "velocity": np.array(velocity),
        "x": ways,
        "value": value,
        "curve_x": curve_x,
        "curve_value": curve_x**2 + height * (1 - np.cos(curve_x)),
    }


HOW_TO_READ = """
A row is one step of several descents from the same start, each with its own momentum μ. The
velocity v keeps μ of what it was and adds the gradient f′(x); x moves against it by the learning
rate. With μ = 0, v is the gradient alone.
| 한 행이 한 걸음이며, 같은 곳에서 시작해 모멘텀 μ만 다른 경사하강법들이 나란히 있습니다. 속도 v는
이전 값의 μ배에 기울기 f′(x)를 더한 것이고, x는 학습률만큼 그 반대쪽으로 움직입니다. μ = 0이면 v는
기울기 그대로입니다.

[slide] Without momentum, and with 0.5, x stops in the local minimum at about 5.5, where f′(x) = 0.
With 0.9 the velocity carries it over the next hill into the global minimum at 0. With 0.99 it is
too fast and swings past on both sides. Learning rate, 0 and 0.90 are the slide's; the loss, which
it only draws, is ours.
| 모멘텀이 없거나 0.5이면 x는 f′(x) = 0인 5.5 근처의 local minimum에서 멈춥니다. 0.9이면 속도가
붙어 다음 언덕을 넘고 global minimum인 0으로 갑니다. 0.99이면 너무 빨라 0을 지나 양쪽을 오갑니다.
학습률과 모멘텀 0, 0.90은 슬라이드의 값이고, 손실 함수는 슬라이드에 그림뿐이라 여기서 골랐습니다.

On a steady slope of 1, v grows to 1 / (1 − μ), {reach}: with the same learning rate, steps of up
to that many times the length.
| 기울기가 늘 1이면 v는 1 / (1 − μ)까지 커집니다({reach}). 학습률이 같아도 한 걸음이 그만큼
길어집니다.
"""

TO_TRY = (
    to_try(
        "Set the height {height} to 0: a plain bowl, in which all come down and 0.99 overshoots.|"
        "물결 높이 {height}를 0으로 바꾸십시오. 매끈한 그릇이라 모두 내려가고 0.99만 지나칩니다.",
        {"height": 0},
        lambda before, after: np.all(abs(after["x_end"][:3]) < 5) and after["x"][:, 3].min() < -7,
    ),
    to_try(
        "Set the start {start} to 6, in the hollow itself: without a run-up, even 0.9 stays there.|"
        "시작 {start}를 웅덩이 안인 6으로 바꾸십시오. 내려오며 붙는 속도가 없어 0.9도 머뭅니다.",
        {"start": 6},
        lambda before, after: abs(before["x_end"][2]) < 1 and after["x_end"][2] > 4,
    ),
    to_try(
        "Set the learning rate {learning_rate} to 0.03: μ = 0 is faster, but stays in the hollow.|"
        "학습률 {learning_rate}를 0.03으로 바꾸십시오. μ = 0은 빨라지지만 언덕을 넘지 못합니다.",
        {"learning_rate": 0.03},
        lambda before, after: 4 < after["x_end"][0] < before["x_end"][0] < 6,
    ),
)
