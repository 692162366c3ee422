"""Seven optimizers down the same ravine.

The ravine is `f(p) = sum of curvature * p^2 / 2` over two coordinates, steep across and flat along,
with the gradient `g = curvature * p`. Each optimizer keeps what it needs for each coordinate, all 0
at the start, and then moves, as PyTorch does it (eta is the learning rate):

    SGD (Robbins and Monro, 1951)   p <- p - eta g
    momentum (Polyak, 1964)         v <- mu v + g,  p <- p - eta v
    Nesterov (1983)                 v <- mu v + g,  p <- p - eta (g + mu v)
    Adagrad (Duchi et al., 2011)    s <- s + g^2,   p <- p - eta g / (sqrt(s) + eps)
    RMSProp (Hinton, 2012)          s <- rho s + (1 - rho) g^2,  p as in Adagrad
    Adadelta (Zeiler, 2012)         s as in RMSProp,  d <- sqrt(u + eps') / sqrt(s + eps') g,
                                    u <- rho u + (1 - rho) d^2,  p <- p - eta d
    Adam (Kingma and Ba, 2015)      m <- beta1 m + (1 - beta1) g,  s <- beta2 s + (1 - beta2) g^2,
                                    p <- p - eta m' / (sqrt(s') + eps),
                                    m' = m / (1 - beta1^t),  s' = s / (1 - beta2^t)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, axis, line, path
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Seven optimizers down one ravine|한 골짜기를 내려가는 일곱 optimizer"
SHEET_NAME = "Optimizers"
EQUATION = "f(x, y) = (a·x² + b·y²) / 2,   g = (a·x, b·y)"
SLIDES = [
    ("001", "Momentum : 방향성을 유지하며 가속"),
    ("001", "Optimizers"),
    ("002", "04 | 솔루션 최적화"),
    ("004", "optimizers comparison (hyper parameter)"),
]

EPSILON, ADADELTA_EPSILON = 1e-8, 1e-6
VELOCITY = ("velocity", "v ← μv + g", "= mu * {kept} + {g}")
SQUARES = ("squares", "s ← ρs + (1−ρ)g²", "= rho * {kept} + (1 - rho) * ({g})^2")
TOTAL = ("squares", "s ← s + g²", "= {kept} + ({g})^2")
DELTA = (
    "step",
    "d = g √u / √s",
    "= {g} * SQRT(adadelta_updates.before(step) + 0.000001) / SQRT(adadelta_squares + 0.000001)",
)
UPDATES = ("updates", "u ← ρu + (1−ρ)d²", "= rho * {kept} + (1 - rho) * adadelta_step^2")
MEAN = ("mean", "m ← β₁m + (1−β₁)g", "= beta_1 * {kept} + (1 - beta_1) * {g}")
MEAN_SQUARES = ("squares", "s ← β₂s + (1−β₂)g²", "= beta_2 * {kept} + (1 - beta_2) * ({g})^2")
BY_ROOT = "{{g}} / (SQRT({}_squares) + 0.00000001)"

# Heading, what is kept for each coordinate ({kept} a step before), and how far η takes it.
METHODS: dict[str, tuple[str, list[tuple[str, str, str]], str, str]] = {
    "sgd": ("SGD", [], "p − ηg", "{g}"),
    "momentum": ("Momentum", [VELOCITY], "p − ηv", "momentum_velocity"),
    "nesterov": ("Nesterov", [VELOCITY], "p − η(g + μv)", "({g} + mu * nesterov_velocity)"),
    "adagrad": ("Adagrad", [TOTAL], "p − ηg / √s", BY_ROOT.format("adagrad")),
    "rmsprop": ("RMSProp", [SQUARES], "p − ηg / √s", BY_ROOT.format("rmsprop")),
    "adadelta": ("Adadelta", [SQUARES, DELTA, UPDATES], "p − ηd", "adadelta_step"),
    "adam": (
        "Adam",
        [MEAN, MEAN_SQUARES],
        "p − ηm̂ / √ŝ",
        "adam_mean / (1 - beta_1^same_number)"
        " / (SQRT(adam_squares / (1 - beta_2^same_number)) + 0.00000001)",
    ),
}
LABELS = tuple(method[0] for method in METHODS.values())
GROUPS, NUMBERS = (tuple(METHODS)[:3], tuple(METHODS)[3:]), ("number", "same_number")
PATHS = ("The same η for x and y|x와 y에 같은 η", "η adapted to x and to y|x와 y에 각각 맞춘 η")
VALUE = "SUMPRODUCT(curvature, {}^2) / 2"
Change = tuple[Reference, Values]


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """A ravine that is twenty times as steep across as along; β₁, β₂ and ρ as in PyTorch."""

    curvature: tuple[float, ...] = column((0.1, 2), "a, b", length=2, above=0, at_most=10)
    start: tuple[float, ...] = column((-5, 2), "start|시작", length=2, at_least=-10, at_most=10)
    learning_rates: tuple[float, ...] = column(
        (0.9, 0.2, 0.2, 1, 0.5, 1, 0.4), "rate η|학습률 η", length=7, above=0, at_most=2
    )
    mu: float = number(0.8, "momentum μ|모멘텀 μ", at_least=0, at_most=0.95)
    rho: float = number(0.9, "ρ", at_least=0.5, at_most=0.9999)
    beta_1: float = number(0.9, "β₁", at_least=0, at_most=0.95)
    # With less, m / √s grows without bounds where a gradient happens to be small.
    beta_2: float = number(0.999, "β₂", at_least=0.9, at_most=0.9999)
    steps: int = number(25, "number of steps|걸음 수", whole=True, at_least=2, at_most=50)


def write(board: Board, inputs: Inputs) -> None:
    """The settings; a table for those that take η as it is, one for those that adapt it; charts."""
    coordinate, method = axis("coordinate", ("x", "y")), axis("method", LABELS)
    step = axis("step", inputs.steps + 1)

    ravine = board.rows(coordinate, labels=True, label_span=2)
    ravine.inputs("curvature", "start")
    decays = board.rows(right_of=ravine, label_span=2)
    decays.inputs("mu", "rho", "beta_1", "beta_2")
    rates = board.rows(method, labels="optimizer", right_of=decays, label_span=2, span=2)
    rates.input("learning_rates")
    ends = [f"= {name}_f.last(step)" for name in METHODS]
    least = {"good": "final_value = MIN(final_value.all)"}
    rates.row("final_value", "f at the end|마지막 f", ends, format="0.0000", colour=least)
    legend = board.legend(right_of=decays, below=rates)

    plain = board.columns(step, below=(ravine, decays, rates, legend), format="0.00")
    adaptive = board.columns(step, below=plain, format="0.00")
    for table, number_name, names in zip((plain, adaptive), NUMBERS, GROUPS, strict=True):
        table.count(number_name, "step|걸음", first=0)
        for name in names:
            optimizer(table, name, coordinate)
    board.freeze(plain)

    place: dict[str, Any] = {"right_of": plain, "below": rates, "rows": 30, "width": 88}
    falls, colours = [], iter(range(len(METHODS)))
    for title, number_name, names in zip(PATHS, NUMBERS, GROUPS, strict=True):
        walks = []
        for name in names:
            look: dict[str, Any] = {"label": METHODS[name][0], "colour": next(colours)}
            x, y = (f"{name}.at(coordinate, {k})" for k in (1, 2))
            walks.append(path(y, over=x, **look))
            if name not in ("nesterov", "adadelta"):
                falls.append(line(f"{name}_f", over=number_name, **look))
        chart = board.chart(title, *walks, x="x", y="y", **place)
        place = {"below": adaptive, "rows": 33, "width": 88}
    place |= {"right_of": chart, "y_log": True, "y_format": "0E+00"}
    board.chart("f, step by step|걸음마다의 f", *falls, x="step|걸음", y="f", **place)


def optimizer(table: Columns, name: str, coordinate: Axis) -> None:
    """What an optimizer keeps and where it is, step by step; row 0 is the start."""
    heading, keeps, label, move = METHODS[name]
    gradient = f"curvature * {name}.before(step)"
    rate = f"learning_rates.at({list(METHODS).index(name) + 1})"
    with table.group(heading):
        for kept, kept_label, formula in keeps:
            own = f"{name}_{kept}"
            formula = formula.format(kept=f"{own}.before(step)", g=gradient)
            shown = "0.0E+00" if kept in ("step", "updates") else "0.00"
            table.column(own, kept_label, formula, first="= 0", by=coordinate, format=shown)
        moved = f"= {name}.before(step) - {rate} * {move.format(g=gradient)}"
        table.column(name, f"p ← {label}", moved, first="= start", by=coordinate)
        table.column(f"{name}_f", "f", f"= {VALUE.format(name)}", format="0.000")


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: positions and what is kept have shape (steps + 1, 2), f (steps + 1,)."""
    curvature, start = np.array(inputs.curvature), np.array(inputs.start)
    found: Reference = {}
    for name, rate in zip(METHODS, inputs.learning_rates, strict=True):
        found |= descend(name, rate, curvature, start, inputs)
    return {
        **found,
        "final_value": np.array([found[f"{name}_f"][-1] for name in METHODS]),
        "number": np.arange(inputs.steps + 1),
        "same_number": np.arange(inputs.steps + 1),
    }


def descend(name: str, rate: float, curvature: Values, start: Values, inputs: Inputs) -> Reference:
    """The way of one optimizer and what it keeps, each (steps + 1, 2)."""
    p, kept = start, {key: np.zeros(2) for key, _, _ in METHODS[name][1]}
    rows = [{name: p, **kept}]
    for t in range(1, inputs.steps + 1):
        g = curvature * p
        kept, change = change_by(name, g, kept, t, inputs)
        p = p - rate * change
        rows.append({name: p, **kept})
    columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    columns["f"] = columns[name] ** 2 @ curvature / 2
    return {key if key == name else f"{name}_{key}": value for key, value in columns.items()}


def change_by(name: str, g: Values, kept: Reference, t: int, inputs: Inputs) -> Change:
    """What an optimizer keeps after step t with the gradient g, and by how many η it moves."""
    mu, rho, beta_1, beta_2 = inputs.mu, inputs.rho, inputs.beta_1, inputs.beta_2
    match name:
        case "momentum" | "nesterov":
            v = mu * kept["velocity"] + g
            return {"velocity": v}, v if name == "momentum" else g + mu * v
        case "adagrad" | "rmsprop":
            old, share = (1.0, 1.0) if name == "adagrad" else (rho, 1 - rho)
            s = old * kept["squares"] + share * g**2
            return {"squares": s}, g / (np.sqrt(s) + EPSILON)
        case "adadelta":
            s = rho * kept["squares"] + (1 - rho) * g**2
            d = np.sqrt(kept["updates"] + ADADELTA_EPSILON) / np.sqrt(s + ADADELTA_EPSILON) * g
            u = rho * kept["updates"] + (1 - rho) * d**2
            return {"squares": s, "step": d, "updates": u}, d
        case "adam":
            m = beta_1 * kept["mean"] + (1 - beta_1) * g
            s = beta_2 * kept["squares"] + (1 - beta_2) * g**2
            root = np.sqrt(s / (1 - beta_2**t))
            return {"mean": m, "squares": s}, m / (1 - beta_1**t) / (root + EPSILON)
    return {}, g


HOW_TO_READ = """
A row is a step: from the gradient g = (a·x, b·y) at the row above come v, s, m …, which the
optimizer keeps, and then its point p = (x, y). The steep y forbids SGD a larger η, so the flat x
crawls. Momentum adds up what points the same way; Nesterov looks one step ahead and swings less.
| 한 행이 한 걸음입니다. 윗행의 기울기 g = (a·x, b·y)로 optimizer가 기억하는 v, s, m …과 새 점
p = (x, y)를 구합니다. y축이 가팔라서 SGD의 η를 더 키울 수 없고, 완만한 x축으로는 느립니다.
Momentum은 같은 방향의 기울기를 쌓고, Nesterov는 한 걸음 앞을 내다보아 덜 흔들립니다.

The others divide by the root of squared gradients, each coordinate by its own: x and y move
equally fast. Adagrad adds up all squares and gets slower, RMSProp and Adam forget old ones; Adam
has momentum too (m̂, ŝ make up for the start at 0). Adadelta begins with tiny steps
({adadelta_step.at(step, 2)}).
| 나머지는 기울기를 좌표마다 누적한 제곱의 제곱근으로 나누므로 x와 y가 같은 빠르기로 움직입니다.
Adagrad는 제곱을 모두 더해 점점 느려지고, RMSProp과 Adam은 오래된 것을 잊습니다. Adam에는 모멘텀도
있습니다(m̂과 ŝ은 0에서 시작한 것을 보정). Adadelta의 첫걸음은 아주 작습니다
({adadelta_step.at(step, 2)}).

[slide] The lectures name the optimizers and print no numbers: the ravine and each η are ours.
| 강의에는 optimizer의 이름만 있고 숫자는 없어, 골짜기와 η는 직접 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set b ({curvature.at(2)}) to 10: SGD explodes; Adagrad, RMSProp and Adam walk as before.|"
        "b({curvature.at(2)})를 10으로 바꾸십시오. SGD는 발산하고, Adagrad와 RMSProp과 Adam은"
        " 그대로입니다.",
        {"curvature.at(2)": 10},
        lambda before, after: (
            after["sgd_f"][-1] > 1e9
            and all(
                np.allclose(before[name], after[name]) for name in ("adagrad", "rmsprop", "adam")
            )
        ),
    ),
    to_try(
        "Set η of SGD ({learning_rates.at(1)}) to 1.1: y explodes, and x still comes down.|"
        "SGD의 η({learning_rates.at(1)})를 1.1로 바꾸십시오. x는 계속 줄지만 y는 발산합니다.",
        {"learning_rates.at(1)": 1.1},
        lambda before, after: abs(after["sgd"][-1, 1]) > 50 > 1 > abs(after["sgd"][-1, 0]),
    ),
    to_try(
        "Set μ ({mu}) to 0.95: Momentum rolls past the minimum; to 0: it is SGD with its η.|"
        "μ({mu})를 0.95로 바꾸십시오. Momentum이 최솟값을 지나쳐 굴러갑니다. 0이면 SGD와 같습니다.",
        {"mu": 0.95},
        lambda before, after: after["momentum"][:, 0].max() > 1 > before["momentum"][:, 0].max(),
    ),
)
