"""What the learning rate does: six of them on a parabola, one that decays, three on two valleys.

On the loss (x - shift)^2 + lowest, a step of gradient descent multiplies the distance to the
minimum by the same factor, so after t steps

    x[t] - shift = (1 - 2 * rate)^t * (x[0] - shift)

which crawls, arrives, swings from side to side, or grows as the factor is near 1, near 0, negative,
or below -1. On w^4 - 3 w^2 + w a small rate stays in the valley where it starts. A decaying rate
(Robbins and Monro, 1951), here by the same factor in each step, begins large and ends small.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Learning rates: crawling, arriving, exploding|학습률: 느림, 수렴, 발산"
SHEET_NAME = "LearningRates"
EQUATION = "x ← x − learning rate · f′(x)|x ← x − 학습률 · f′(x)"
SLIDES = [
    ("001", "Learning Rate (α)"),
    ("002", "경사 하강법을 통한 최적화"),
    ("004", "손실함수1 (loss function)"),
    ("004", "그레디언트와 경사하강법"),
]

SLOPE = "(2 * {0} + slope_constant)"
VALLEYS = "{0}^4 - 3 * {0}^2 + {0}"
VALLEYS_SLOPE = "(4 * {0}^3 - 6 * {0} + 1)"
LOSS = "= ({0} - shift)^2 + lowest"
GRID = 45


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The lecture's loss (x − 5)² + 6; rates, starts and the loss of two valleys are ours."""

    shift: float = number(5.0, "a", at_least=-100, at_most=100)
    lowest: float = number(6.0, "b", at_least=0.1, at_most=100)
    start: float = number(0.0, "start|시작", at_least=-100, at_most=100)
    steps: int = number(12, "steps|걸음 수", whole=True, at_least=1, at_most=100)
    small_rates: tuple[float, ...] = column(
        (0.01, 0.1, 0.5), "up to ½|½까지", length=3, above=0, at_most=1.5
    )
    large_rates: tuple[float, ...] = column(
        (0.9, 1, 1.1), "beyond ½|½ 너머", length=3, above=0, at_most=1.5
    )
    decaying_rate: float = number(1.1, "decaying rate|줄어드는 학습률", above=0, at_most=1.5)
    decay: float = number(0.9, "decay|감쇠율", above=0, at_most=1)
    valley_start: float = number(2.0, "start of w|w의 시작", at_least=-2, at_most=2)
    valley_rates: tuple[float, ...] = column(
        (0.02, 0.1, 0.15), "learning rate|학습률", length=3, above=0, at_most=0.15
    )


def write(board: Board, inputs: Inputs) -> None:
    """The parabola's table above, that of the two valleys below, the charts beside them."""
    step = axis("step", inputs.steps + 1)
    # The rates are numbered from 1 to 9, for the charts.
    small, large = axis("small", [1, 2, 3]), axis("large", [4, 5, 6])
    valley = axis("valley", [7, 8, 9])

    loss = board.rows(label_span=2)
    loss.inputs("shift", "lowest", "start")
    slope = board.rows(right_of=loss, label_span=3)
    slope.row("slope_constant", "c in f′(x) = 2x + c|f′(x) = 2x + c의 c", "= -2 * shift")
    slope.row("minimum_x", "f′(x) = 0 at x =|f′(x) = 0인 x", "= -slope_constant / 2")
    slope.row("steps", "steps|걸음 수", "= MAX(number)")
    decay = board.rows(right_of=slope, label_span=3)
    decay.inputs("decaying_rate", "decay", "valley_start")
    board.legend(right_of=decay)
    above = (loss, slope, decay)

    parabola = board.columns(step, below=above, format="0.00", title="f(x) = (x − a)² + b")
    parabola.count("number", "step|걸음", first=0)
    rates = parabola.start("learning rate|학습률")
    final = parabola.foot("loss f(x)|손실 f(x)")
    for rate, label, across in (
        ("small", "x, rate up to ½|x: ½까지", small),
        ("large", "x, rate beyond ½|x: ½ 너머", large),
    ):
        descent(parabola, f"{rate}_x", label, across, SLOPE, f"{rate}_rates", "start")
        rates.input(f"{rate}_rates", under=f"{rate}_x", format="General")
        final.value(f"{rate}_loss", LOSS.format(f"{rate}_x.last(step)"), under=f"{rate}_x")
    with parabola.group("decaying|줄어드는 학습률"):
        shrunk = "= decayed_rate.before * decay"
        parabola.column("decayed_rate", "rate|학습률", shrunk, first="= decaying_rate")
        descent(parabola, "decayed_x", "x", None, SLOPE, "decayed_rate.before", "start")
    final.value("decayed_loss", LOSS.format("decayed_x.last"), under="decayed_x")
    board.freeze(parabola)

    valleys = board.columns(step, below=parabola, format="0.00", title="g(w) = w⁴ − 3w² + w")
    valleys.count("valley_number", "step|걸음", first=0)
    descent(valleys, "w", "w", valley, VALLEYS_SLOPE, "valley_rates", "valley_start")
    valleys.column("valley_loss", "g(w)", f"= {VALLEYS.format('w')}", by=valley)
    valleys.start("learning rate|학습률").input("valley_rates", under="w", format="General")

    size: dict[str, Any] = {"width": 64, "rows": 25}
    one_side = board.chart(
        "Up to ½: from one side|½까지: 한쪽에서",
        line("small_x", each=small, label="rate {}|학습률 {}", dotted=True),
        y="x",
        right_of=parabola,
        **size,
    )
    both_sides = board.chart(
        "Beyond ½: from side to side|½ 너머: 양쪽을 오가며",
        line("large_x", each=large, label="rate {}|학습률 {}", dotted=True),
        line("decayed_x", label="decaying|줄어드는 학습률", dotted=True),
        y="x",
        right_of=one_side,
        **size,
    )
    by_rate = board.chart(
        "The loss at the end, by the rate|학습률에 따른 마지막 손실",
        line("grid_loss", over="grid_rate", label="any rate|모든 학습률"),
        dots("small_loss", over="small_rates", label="up to ½|½까지"),
        dots("large_loss", over="large_rates", label="beyond ½|½ 너머"),
        x="learning rate|학습률",
        y="f(x)",
        below=one_side,
        y_log=True,
        **size,
    )
    board.chart(
        "Two valleys: where the steps go|두 골짜기: 걸음마다 간 곳",
        line("grid_valley", over="grid_w", label="g(w)", colour=7),
        dots("valley_loss", over="w", each=valley, label="rate {}|학습률 {}"),
        x="w",
        y="g(w)",
        right_of=by_rate,
        below=one_side,
        **size,
    )

    grid = board.columns(axis("grid", GRID), format="0.00", right_of=both_sides)
    with grid.group("for the charts|차트용"):
        rate = "= 0.025 * (ROWS(grid_rate.so_far) - 1)"
        grid.column("grid_rate", "rate|학습률", rate, helper=True, format="0.000")
        at_the_end = "(start - shift) * (1 - 2 * grid_rate)^steps + shift"
        grid.column("grid_loss", "loss|손실", LOSS.format(f"({at_the_end})"), helper=True)
        grid.column("grid_w", "w", f"= (ROWS(grid_w.so_far) - {(GRID + 1) // 2}) / 10", helper=True)
        grid.column("grid_valley", "g(w)", f"= {VALLEYS.format('grid_w')}", helper=True)


def descent(
    table: Columns, name: str, label: str, across: Axis | None, slope: str, rate: str, start: str
) -> None:
    """A column of descent for each rate: every row a step from the row before."""
    before = f"{name}.before(step)"
    moved = f"= {before} - {rate} * {slope.format(before)}"
    table.column(name, label, moved, first=f"= {start}", by=across)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    For s steps, all x and w have shape (s + 1, 3), those of the decaying rate (s + 1,), the losses
    at the end (3,) and (1,), what the charts need (45,).
    """
    steps, shift, start = inputs.steps, inputs.shift, inputs.start
    loss = np.poly1d([1, -2 * shift, shift**2 + inputs.lowest])
    valleys = np.poly1d([1, 0, -3, 1, 0])
    decayed = inputs.decaying_rate * inputs.decay ** np.arange(steps + 1)
    small = walk(loss, start, np.tile(inputs.small_rates, (steps, 1)))
    large = walk(loss, start, np.tile(inputs.large_rates, (steps, 1)))
    slower = walk(loss, start, decayed[:-1])
    w = walk(valleys, inputs.valley_start, np.tile(inputs.valley_rates, (steps, 1)))
    rates, grid_w = 0.025 * np.arange(GRID), (np.arange(GRID) - GRID // 2) / 10
    return {
        **{"small_x": small, "large_x": large, "decayed_x": slower},
        "small_loss": (small[-1] - shift) ** 2 + inputs.lowest,
        "large_loss": (large[-1] - shift) ** 2 + inputs.lowest,
        "decayed_loss": (slower[-1:] - shift) ** 2 + inputs.lowest,
        "slope_constant": np.array([-2 * shift]),
        "minimum_x": np.array([shift]),
        **{"steps": np.array([steps]), "number": np.arange(steps + 1)},
        "decayed_rate": decayed,
        "valley_number": np.arange(steps + 1),
        "w": w,
        "valley_loss": valleys(w),
        "grid_rate": rates,
        "grid_loss": ((inputs.start - shift) * (1 - 2 * rates) ** steps) ** 2 + inputs.lowest,
        "grid_w": grid_w,
        "grid_valley": valleys(grid_w),
    }


def walk(loss: np.poly1d, start: float, rates: Values) -> Values:
    """Where descent is before each step and after the last; `rates` (steps, …) has that of each."""
    places = [np.full(rates.shape[1:], start)]
    for rate in rates:
        places.append(places[-1] - rate * loss.deriv()(places[-1]))
    return np.array(places)


HOW_TO_READ = """
Every column starts at the same x and goes down with a learning rate of its own. On this parabola a
step multiplies the distance to {minimum_x} by 1 − 2 · learning rate: rate 1 crawls, 2 arrives, 3 is
there at once; beyond ½ the steps overshoot: 4 swings in, 5 goes to and fro for ever, 6 explodes.
| 모든 열이 같은 x에서 출발해 저마다의 학습률로 내려갑니다. 이 포물선에서는 한 걸음마다
{minimum_x}까지의 거리에 1 − 2 · 학습률이 곱해집니다. 1번 학습률은 기어가고, 2번은 수렴하고, 3번은
한 번에 닿습니다. ½을 넘으면 최솟값을 지나쳐서 4번은 진동하며 수렴, 5번은 왕복, 6번은 발산합니다.

The decaying rate begins like rate 6, but is multiplied by {decay} in each step: large steps first,
small ones at the end. The loss by the rate has a wide valley, and rises steeply on its right.
| 줄어드는 학습률은 6번처럼 크게 시작하지만 걸음마다 {decay}를 곱해 작아집니다. 마지막 손실은
학습률의 넓은 구간에서 작고, 그 오른쪽에서 가파르게 커집니다.

g has two valleys. From the same w, rate 7 settles in the nearer one, which is not the deepest; rate
8 jumps over the ridge to the deeper one; rate 9 finds it too, but is too large to come to rest.
| g에는 골짜기가 둘 있습니다. 같은 w에서 출발해도 7번 학습률은 가까운 골짜기에 머무는데, 더 깊은
쪽은 아닙니다. 8번은 언덕을 뛰어넘어 더 깊은 골짜기로 가고, 9번도 그곳에 가지만 너무 커서 한 점에
수렴하지 못합니다.

[slide] (x − 5)² + 6 and its minimum at 5 are the lecture's; the lectures draw the cases without
numbers, so all rates, both starts and g are chosen here.
| (x − 5)² + 6과 최솟값의 위치 5는 강의의 것입니다. 나머지는 강의에 수치 없이 그림만 있어서 학습률,
시작점, g는 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set rates 1 and 3, in {small_rates}, to 0.25 and 0.75: one each side of ½, equally good.|"
        "{small_rates}의 1번과 3번을 0.25와 0.75로 바꾸십시오. ½의 양쪽에서 똑같이 수렴합니다.",
        {"small_rates.at(1)": 0.25, "small_rates.at(3)": 0.75},
        lambda before, after: np.isclose(after["small_loss"][0], after["small_loss"][2]),
    ),
    to_try(
        "Set the decay {decay} to 1: it shrinks no more, and the loss explodes as with rate 6.|"
        "감쇠율 {decay}를 1로 바꾸십시오. 학습률이 줄지 않아 6번처럼 손실이 폭발합니다.",
        {"decay": 1},
        lambda before, after: np.isclose(after["decayed_loss"], after["large_loss"][2]),
    ),
    to_try(
        "Set the start of w {valley_start} to −1.9: rate 7 too ends in the deeper valley.|"
        "w의 시작 {valley_start}을 −1.9로 바꾸십시오. 7번도 더 깊은 골짜기로 갑니다.",
        {"valley_start": -1.9},
        lambda before, after: (
            before["valley_loss"][-1, 0] > -1.1 > -3 > after["valley_loss"][-1, 0]
        ),
    ),
)
