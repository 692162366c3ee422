"""A latent pattern in a sequence, and a linear autoencoder that finds one in points.

Encoder and decoder are linear, with one latent number z between them; the label of a point x is the
point itself. The loss is the mean squared reconstruction error, and both learn by its gradient:

    z = w . x,   x_hat = v z,   L = mean of |x - x_hat|^2
    dL/dv = mean of -2 (x - x_hat) z,   dL/dw = mean of -2 ((x - x_hat) . v) x

No linear autoencoder gets below the smaller eigenvalue of the mean of x x', which is what the first
principal component leaves over (Baldi and Hornik, 1989).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, Rows, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, stacked, to_try

TITLE = "Autoencoder: remembering less|Autoencoder: 적게 기억하고 복원하기"
SHEET_NAME = "Autoencoder"
EQUATION = (
    "z = w · x,   x̂ = v z,   L = mean of ‖x − x̂‖²|z = w · x,   x̂ = v z,   L = ‖x − x̂‖²의 평균"
)
SLIDES = [
    ("001", "latent representation (잠재 표현) - intuition"),
    ("001", "Autoencoder – 작동 방식"),
]

# Beyond this loss a descent has gone astray, and its weights stay as they are.
ASTRAY = 1e6

sequence = partial(column, whole=True, at_least=-1e6, at_most=1e6, length=(4, 15))
coordinates = partial(column, at_least=-5, at_most=5, length=(2, 100))
weights = partial(column, at_least=-3, at_most=3, length=2)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slide's two sequences; the points, the weights and the learning rate are ours."""

    hard: tuple[float, ...] = sequence((83, 12, 21, 42, 99, 18, 51), "sequence|수열")
    first_root: int = number(2, "first n|첫 n", whole=True, at_least=-1000, at_most=1000)
    numbers: int = number(12, "squares|제곱수의 개수", whole=True, at_least=4, at_most=15)
    learning_rate: float = number(0.1, "learning rate η|학습률 η", above=0, at_most=1)
    steps: int = number(5, "number of steps|걸음 수", whole=True, at_least=1, at_most=8)
    x: tuple[float, ...] = coordinates((-2, -1, -1, 1, 1, 2), "x₁")
    y: tuple[float, ...] = coordinates((-1, -1, 0, 0, 1, 1), "x₂", as_long_as="x")
    w: tuple[float, ...] = weights((1, 0), "encoder w")
    v: tuple[float, ...] = weights((1, 0), "decoder v")


def write(board: Board, inputs: Inputs) -> None:
    """The two sequences above; below, a panel for each step, and charts of where it leads."""
    point, step = axis("point", len(inputs.x)), axis("step", inputs.steps)
    feature, product = axis("feature", ("x₁", "x₂")), axis("product", ("x₁²", "x₁x₂", "x₂²"))

    latent = board.rows(axis("place", inputs.numbers), label_span=3, format="0")
    latent.row("root", "latent n|잠재 변수 n", "= root.before + 1", first="= first_root")
    latent.row("squares", "x = n²", "= root^2")
    memory(latent, "squares")
    without = board.rows(
        axis("hard_place", len(inputs.hard)), right_of=latent, label_span=3, format="0"
    )
    without.input("hard", "x")
    memory(without, "hard")

    given = board.rows(below=latent, label_span=3)
    given.inputs("first_root", "learning_rate")
    kept = board.rows(
        below=latent, right_of=given, title="numbers to remember|기억할 수의 개수", label_span=2
    )
    for name, label in (("squares", "squares|제곱수"), ("hard", "without pattern|규칙 없는 수열")):
        kept.row(f"{name}_kept", label, f"= 3 + SUMPRODUCT(({name}_surprise <> 0) * 1)")
    means = board.rows(product, labels=True, below=latent, right_of=kept, format="0.00")
    sums = ("SUMSQ(x)", "SUMPRODUCT(x, y)", "SUMSQ(y)")
    means.row("moments", "mean|평균", [f"= {total} / COUNT(x)" for total in sums])
    limit = board.rows(below=latent, right_of=means, label_span=4, format="0.0000")
    limit.row(
        "least_loss",
        "least possible L (PCA)|가능한 최소 L (PCA)",
        "= (moments.at(1) + moments.at(3)"
        " - SQRT((moments.at(1) - moments.at(3))^2 + 4 * moments.at(2)^2)) / 2",
    )
    board.legend(below=latent, right_of=limit)

    above = (given, kept, means)
    with board.panels(step, runs="right", labels_once=True, space=0, below=above) as panel:
        points = panel.columns(point, labels="point|점", title="step {}|{}걸음", format="0.00")
        points.inputs("x", "y", format="General", once=True)
        points.column("z", "z = w · x", "= w.at(1) * x + w.at(2) * y")
        points.column("restored", "x̂ = v z", "= v * z", by=feature)
        rest = "(x - restored.at(1)){0} + (y - restored.at(2)){1}"
        points.column("squared_error", "‖x − x̂‖²", f"= {rest.format('^2', '^2')}")
        points.column("pull", "(x−x̂)·v", f"= {rest.format(' * v.at(1)', ' * v.at(2)')}")
        by_w = [f"= -2 * SUMPRODUCT(pull, {x}) / COUNT({x})" for x in ("x", "y")]
        by_v = [f"= -2 * SUMPRODUCT({x} - restored, z) / COUNT({x})" for x in ("x", "y")]
        for name, gradient in (("w", by_w), ("v", by_v)):
            start, slope = points.start(name), points.foot(f"∂L/∂{name}")
            start.input(name, under="restored", then=f"= new_{name}.before(step)")
            slope.value(f"slope_{name}", gradient, under="restored")
        for name in ("w", "v"):
            moved = f"IF(loss > {ASTRAY:.0f}, {name}, {name} - learning_rate * slope_{name})"
            foot = points.foot(f"{name} − η · ∂L/∂{name}")
            foot.value(f"new_{name}", f"= {moved}", under="restored")
        loss = points.foot("L")
        loss.value("loss", "= AVERAGE(squared_error)", format="0.0000")
    board.freeze(points)

    history = board.columns(step, below=panel, format="0.0000")
    history.count("number", "step|걸음")
    history.column("history_loss", "L", "= loss")
    history.column("floor", "least L|최소 L", "= least_loss", helper=True)
    size: dict[str, Any] = {"below": panel, "width": 108, "rows": 29}
    losses = board.chart(
        "Reconstruction error L|복원 오차 L",
        line("history_loss", label="L", dotted=True),
        line("floor", label="least L (PCA)|최소 L (PCA)"),
        y="L",
        y_range=(0, None),
        right_of=history,
        **size,
    )
    drawn = {"first": "x̂, step 1|x̂, 1걸음", "last": "x̂, last step|x̂, 마지막 걸음"}
    x_1, x_2 = (f"restored.{{}}(step).at(feature, {k})" for k in (1, 2))
    board.chart(
        "The points, and what is restored of them|원래 점과 복원된 점",
        dots("y", over="x", label="x"),
        *(dots(x_2.format(at), over=x_1.format(at), label=drawn[at]) for at in drawn),
        x="x₁",
        y="x₂",
        right_of=losses,
        **size,
    )


def memory(table: Rows, name: str) -> None:
    """What a parabola through the three numbers before expects, and how far off that is."""
    expected, surprise = f"{name}_expected", f"{name}_surprise"
    parabola = f"= 3 * {name}.before - 3 * {name}.before(2) + {name}.before(3)"
    label = "expected from three before|앞의 세 수로 예상한 값"
    table.row(expected, label, parabola, first=f"= {name}")
    colour = {"good": f"{surprise} = 0", "bad": f"{surprise} <> 0"}
    table.row(surprise, "surprise|예상과의 차이", f"= {name} - {expected}", colour=colour)


def surprises(name: str, values: Values) -> Reference:
    """How far each number from the fourth on is off the parabola through the three before it."""
    surprise = np.concatenate([np.zeros(3), np.diff(values, 3)])
    return {
        f"{name}_expected": values - surprise,
        f"{name}_surprise": surprise,
        f"{name}_kept": np.array([3 + np.count_nonzero(surprise)]),
    }


def reference(inputs: Inputs) -> Reference:
    """The same by matrices: for s steps and n points, z is (s, n), x_hat (s, n, 2), w and v (s, 2).

    The least loss is by the eigenvalues of the 2 × 2 matrix of mean products.
    """
    points = np.column_stack([inputs.x, inputs.y])
    n, rate = len(points), inputs.learning_rate
    w, v = np.array(inputs.w), np.array(inputs.v)
    steps: list[Reference] = []
    for _ in range(inputs.steps):
        z = points @ w
        x_hat = np.outer(z, v)
        rest = points - x_hat
        pull, squared = rest @ v, np.sum(rest**2, axis=1)
        found = {"w": w, "v": v, "z": z, "restored": x_hat, "pull": pull, "squared_error": squared}
        slope_w, slope_v = -2 / n * points.T @ pull, -2 / n * rest.T @ z
        if squared.mean() <= ASTRAY:
            w, v = w - rate * slope_w, v - rate * slope_v
        found |= {"loss": squared.mean(), "slope_w": slope_w, "slope_v": slope_v}
        steps.append(found | {"new_w": w, "new_v": v})
    panels = stacked(steps)
    moments = points.T @ points / n
    least = np.linalg.eigvalsh(moments)[0]
    root = inputs.first_root + np.arange(inputs.numbers)
    return {
        **panels,
        **surprises("squares", root**2),
        **surprises("hard", np.array(inputs.hard)),
        "root": root,
        "squares": root**2,
        "moments": moments[np.triu_indices(2)],
        "least_loss": np.array([least]),
        "number": np.arange(1, inputs.steps + 1),
        "history_loss": panels["loss"],
        "floor": np.full(inputs.steps, least),
    }


HOW_TO_READ = """
Numbers without a pattern have to be remembered one by one, squares need only their rule: what a
parabola through three of them expects comes true ({squares_kept} and {hard_kept} count what has to
be remembered). The hidden n is the latent variable: x is encoded to n, and n decoded to n².
| 규칙이 없는 수열은 하나하나 기억해야 하지만, 제곱수는 규칙만 알면 됩니다. 앞의 세 수를 지나는
포물선으로 다음 수를 예상하면 제곱수는 모두 맞고 다른 수열은 빗나갑니다(기억해야 할 수의 개수는
{squares_kept}, {hard_kept}). 숨은 n이 잠재 변수입니다. x를 n으로 encoding하고 n을 n²으로
decoding합니다.

Below, points of two numbers pass through one: the encoder w makes z, the decoder v makes x̂ of it.
A point is its own label. Each panel is a step of gradient descent on the mean of ‖x − x̂‖²; the
gradient comes to w by way of v.
| 아래에서는 수 두 개로 된 점이 수 하나를 거쳐 갑니다. encoder w가 z를, decoder v가 x̂을 만듭니다.
점 자신이 label이므로 다른 label은 필요 없습니다. 표 하나가 ‖x − x̂‖²의 평균을 줄이는 경사하강법 한
걸음이며, w의 기울기는 v를 거쳐 전해집니다.

[slide] At the start x₂ is forgotten; then the line of all x̂ turns toward the points. Being linear,
it can come as far as the first principal component (PCA), with the L in {least_loss}, and no
further. The slide's autoencoder has activations between and can bend. The points are ours.
| 처음에는 x₂를 잊어버리지만, x̂이 놓이는 직선이 점점 점들 쪽으로 돕니다. 선형이므로 아무리 잘해도
첫 주성분(PCA)의 L({least_loss})까지입니다. 슬라이드의 autoencoder는 activation이 있어 곡선도 나타낼
수 있습니다. 점들은 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set w and v, {w.first(step)} and {v.first(step)}, to 0: no gradient, nothing is learned.|"
        "w({w.first(step)})와 v({v.first(step)})를 0으로 바꾸십시오. 기울기가 0이라 멈춥니다.",
        {"w.first(step)": 0, "v.first(step)": 0},
        lambda before, after: not after["slope_w"].any() and np.ptp(after["loss"]) == 0,
    ),
    to_try(
        "Set w, {w.first(step)}, and v to 0.88, 0.47, as PCA has it: L is at its least at once.|"
        "w({w.first(step)})와 v를 PCA의 방향인 0.88, 0.47로 바꾸십시오. 바로 L이 최소가 됩니다.",
        {"w.first(step)": [0.88, 0.47], "v.first(step)": [0.88, 0.47]},
        lambda before, after: np.allclose(after["loss"], after["least_loss"], atol=1e-3),
    ),
    to_try(
        "Set x₂, {y}, to −1, −0.5, −0.5, 0.5, 0.5, 1: all are on one line, and L goes to 0.|"
        "x₂({y})를 −1, −0.5, −0.5, 0.5, 0.5, 1로 바꾸십시오. 한 직선 위에 있어 L이 0으로 갑니다.",
        {"y": [-1, -0.5, -0.5, 0.5, 0.5, 1]},
        lambda before, after: abs(after["least_loss"]) < 1e-9 and after["loss"][-1] < 0.05,
    ),
)
