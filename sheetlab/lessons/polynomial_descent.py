"""Derivatives of a polynomial, and gradient descent along them until the slope is as good as 0.

A power falls by one and its exponent becomes a factor, so `a x^2 + b x + c` has the derivative
`2 a x + b`. Descent walks against it, with `learning_rate` as the factor, until it is no larger
than `epsilon` (Cauchy, 1847):

    while abs(slope(x)) > epsilon:  x <- x - learning_rate * slope(x)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Board, Rows, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Derivatives, and descent to a tolerance|미분과 경사하강법: f′이 ε 이하가 될 때까지"
SHEET_NAME = "Polynomial"
EQUATION = (
    "while abs(f′(x)) > ε:   x ← x − learning rate · f′(x)|"
    "while abs(f′(x)) > ε:   x ← x − 학습률 · f′(x)"
)
SLIDES = [("003", "(AI Math 3강) 경사하강법 - 순한맛")]

STEPS, ASTRAY = 15, 1e6
VALUE = "quadratic * {0}^2 + linear * {0} + constant"
SLOPE = "(derivative_coefficients.at(1) * {0} + derivative_coefficients.at(2))"
SURFACE = (
    "(surface.at(1) * {0}^2 + surface.at(2) * {0} * {1} + surface.at(3)"
    " + surface.at(4) * COS({0} + 2 * {1}))"
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives, both functions, learning rate and ε; start, point and h are ours."""

    quadratic: float = number(1.0, "x²", at_least=0.01, at_most=100)
    linear: float = number(2.0, "x", at_least=-100, at_most=100)
    constant: float = number(3.0, "1", at_least=-100, at_most=100)
    start: float = number(1.0, "start|시작", at_least=-100, at_most=100)
    learning_rate: float = number(0.01, "learning rate|학습률", above=0, at_most=10)
    epsilon: float = number(1e-5, "ε", at_least=1e-9, at_most=1)
    rows: int = number(44, "rows of 15 steps|행 수(15걸음씩)", whole=True, at_least=2, at_most=100)
    surface: tuple[float, ...] = column((1, 2, 3, 1), "g(x, y)", length=4, at_least=-3, at_most=3)
    point: tuple[float, ...] = column((1, 0.5), "at|위치", length=2, at_least=-2, at_most=2)
    # With a smaller h, the two values would share too many digits for twelve to be left.
    h: tuple[float, ...] = column((1, 0.1, 0.01), "h", length=(1, 5), at_least=0.01, at_most=1)


def write(board: Board, inputs: Inputs) -> None:
    """The derivatives above; below, every step of the descent, fifteen a row, with its charts."""
    row, place = axis("row", inputs.rows), axis("place", [f"+{k}" for k in range(STEPS)])

    polynomial = board.rows(label_span=1)
    with polynomial.group("f(x)"):
        polynomial.inputs("quadratic", "linear", "constant")
    falling = ["= 2 * quadratic", "= linear"]
    polynomial.row("derivative_coefficients", "f′(x)", falling, by=axis("lower", ("x", "1")))
    board.legend(below=polynomial)
    settings = board.rows(right_of=polynomial, label_span=3)
    settings.inputs("start", "learning_rate")
    settings.input("epsilon", format="0.0E+00")
    to_zero = "= -derivative_coefficients.at(2) / derivative_coefficients.at(1)"
    settings.row("minimum_x", "f′(x) = 0 at x =|f′(x) = 0인 x", to_zero)
    settings.row("rows", "rows of 15 steps|행 수(15걸음씩)", "= COUNT(step)")
    settings.row(
        "steps_needed",
        "steps until abs(f′) ≤ ε|abs(f′) ≤ ε까지 걸음 수",
        f"= SUMPRODUCT((ABS({SLOPE.format('x.all')}) > epsilon) * 1)",
        colour={"bad": "steps_needed = COUNT(x.all)", "good": "steps_needed < COUNT(x.all)"},
    )
    partial_derivatives(board, settings)

    parabola = board.chart(
        "Down the parabola, 15 steps from dot to dot|포물선을 따라 내려가기(점 사이는 15걸음)",
        line("curve_value", over="curve_x", label="f(x)"),
        dots("row_value", over="x.at(place, 1)", label="x, every 15 steps|15걸음마다의 x"),
        x="x",
        y="f(x)",
        width=84,
        rows=31,
    )
    title = "The slope falls by the same factor in each step|걸음마다 같은 비율로 줄어드는 기울기"
    slope, least = line("row_slope"), line("row_epsilon", label="ε")
    look: dict[str, Any] = {"y": "abs(f′(x))", "y_log": True, "width": 84}
    board.chart(title, slope, least, over="step", right_of=parabola, **look)

    steps = board.columns(row, format="0.0000")
    steps.column("step", "step|걸음", f"= step.before + {STEPS}", first="= 0", format="0")
    steps.column(
        "x",
        "x after that step, and after 1, 2, 3 … more|그 걸음의 x, 그리고 1, 2, 3 … 걸음 뒤의 x",
        [step_from("x.before(row).last(place)"), *[step_from("x.before(place)")] * (STEPS - 1)],
        first="= start",
        by=place,
        colour={"good": f"ABS({SLOPE.format('x')}) <= epsilon", "bad": f"ABS(x) > {ASTRAY:g}"},
    )
    first_x = "x.at(place, 1)"
    steps.column("row_value", "f(x)", f"= {VALUE.format(first_x)}")
    steps.column("row_slope", "abs(f′(x))", f"= ABS({SLOPE.format(first_x)})", format="0.0E+00")
    across = (
        "= minimum_x + 1.1 * MAX(1, ABS(start - minimum_x))"
        " * (2 * (ROWS(curve_x.so_far) - 1) / (rows - 1) - 1)"
    )
    curve = f"= {VALUE.format('curve_x')}"
    with steps.group("for the charts|차트용"):
        steps.column("row_epsilon", "ε", "= epsilon", format="0.0E+00", helper=True)
        steps.column("curve_x", "x", across, format="0.00", helper=True)
        steps.column("curve_value", "f(x)", curve, format="0.00", helper=True)
    board.freeze(steps)


def step_from(x: str) -> str:
    """A step from `x`, unless the slope is small enough, or the descent has gone astray."""
    slope = SLOPE.format(x)
    going_on = f"AND(ABS{slope} > epsilon, ABS({x}) <= {ASTRAY:g})"
    return f"= IF({going_on}, {x} - learning_rate * {slope}, {x})"


def partial_derivatives(board: Board, left: Rows) -> None:
    """The partial derivatives of g by the rules, and that by x by differences of g beside it."""
    terms = board.rows(
        axis("term", ("x²", "xy", "1", "cos(x+2y)")), labels=True, right_of=left, label_span=2
    )
    terms.input("surface")
    part, variable = axis("part", ("x", "y", "sin(x+2y)")), axis("variable", ("x", "y"))
    parts = board.rows(part, below=terms, gap=0, label_span=2)
    of_x = ["= 2 * surface.at(1)", "= surface.at(2)", "= -surface.at(4)"]
    of_y = ["= surface.at(2)", "= 0", "= -2 * surface.at(4)"]
    parts.row("partial_coefficients", "∂g/∂x", of_x)
    parts.row("partial_coefficients_y", "∂g/∂y", of_y)
    places = board.rows(variable, below=parts, gap=0, label_span=2)
    places.input("point")
    weighted = "= {0}.at(1) * point.at(1) + {0}.at(2) * point.at(2)"
    weighted += " + {0}.at(3) * SIN(point.at(1) + 2 * point.at(2))"
    gradient = [weighted.format(f"partial_coefficients{which}") for which in ("", "_y")]
    places.row("gradient", "∇g", gradient, format="0.0000")

    by_differences = board.columns(
        axis("step_size", len(board.input_values("h"))), right_of=terms, format="0.0000"
    )
    by_differences.input("h", format="General")
    here, ahead, behind = (
        SURFACE.format(f"(point.at(1) {move})", "point.at(2)") for move in ("", "+ h", "- h")
    )
    for name, label, rule in (
        ("forward", "forward difference|전방차분", f"= ({ahead} - {here}) / h"),
        ("central", "central difference|중심차분", f"= ({ahead} - {behind}) / (2 * h)"),
    ):
        with by_differences.group(label):
            by_differences.column(name, "∂g/∂x", rule)
            off = f"= ABS({name} - gradient.at(1))"
            by_differences.column(f"{name}_error", "off by|오차", off)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: `x` has shape (rows, 15), the columns beside it (rows,).

    Coefficients stand in the order of the terms, `gradient` is (2,), what differences give (n_h,).
    """
    f = np.poly1d([inputs.quadratic, inputs.linear, inputs.constant])
    slope = np.polyder(f)
    minimum = -slope[0] / slope[1]
    x = [inputs.start]
    for _ in range(STEPS * inputs.rows - 1):
        going_on = abs(slope(x[-1])) > inputs.epsilon and abs(x[-1]) <= ASTRAY
        x.append(x[-1] - inputs.learning_rate * slope(x[-1]) if going_on else x[-1])
    grid = np.reshape(x, (inputs.rows, STEPS))
    reach = 1.1 * max(1, abs(inputs.start - minimum))
    curve = np.linspace(minimum - reach, minimum + reach, inputs.rows)
    return {
        **derivatives_of_g(inputs),
        "derivative_coefficients": slope.coeffs,
        "minimum_x": np.array([minimum]),
        "steps_needed": np.array([np.count_nonzero(abs(slope(grid)) > inputs.epsilon)]),
        "rows": np.array([inputs.rows]),
        "step": STEPS * np.arange(inputs.rows),
        "x": grid,
        "row_value": f(grid[:, 0]),
        "row_slope": abs(slope(grid[:, 0])),
        "row_epsilon": np.full(inputs.rows, inputs.epsilon),
        "curve_x": curve,
        "curve_value": f(curve),
    }


def derivatives_of_g(inputs: Inputs) -> Reference:
    """The gradient of g by the rules of differentiation, and its first part by differences."""
    (xx, xy, one, cosine), (x, y), h = inputs.surface, inputs.point, np.array(inputs.h)
    by_x, by_y = np.array([2 * xx, xy, -cosine]), np.array([xy, 0, -2 * cosine])
    gradient = np.array([by_x, by_y]) @ [x, y, np.sin(x + 2 * y)]
    here, ahead, behind = (
        xx * x**2 + xy * x * y + one + cosine * np.cos(x + 2 * y) for x in (x, x + h, x - h)
    )
    found = {"partial_coefficients": by_x, "partial_coefficients_y": by_y, "gradient": gradient}
    for name, rise, run in (("forward", ahead - here, h), ("central", ahead - behind, 2 * h)):
        found |= {name: rise / run, f"{name}_error": abs(rise / run - gradient[0])}
    return found


HOW_TO_READ = """
f is differentiated term by term: a power falls by one and its exponent becomes a factor. The table
below takes the steps of the slide's loop, fifteen a row ({steps_needed} counts them); where abs(f′)
is no larger than ε (green) x stays. The nearer to the minimum ({minimum_x}), the shorter the steps.
| f는 항마다 미분합니다. 차수가 하나 내려가고 지수는 앞에 곱합니다. 아래 표는 슬라이드의 반복문을 한
행에 열다섯 걸음씩 따라가며(걸음 수는 {steps_needed}), abs(f′)이 ε 이하가 되면(초록색) x가 멈춥니다.
최솟점({minimum_x})에서 멀 때는 걸음이 크고, 가까워지면 그에 따라 작아집니다.

A step multiplies f′ by 1 − learning rate · f″, always the same factor (f″ is
{derivative_coefficients.at(1)}); so f′ is a straight line on the logarithmic chart. The slide
leaves the start open and prints no result of the loop; 1 is chosen here. A descent that goes astray
is given up beyond a million (red).
| 한 걸음마다 f′에 1 − 학습률 · f″이 곱해집니다(f″은 {derivative_coefficients.at(1)}). 늘 같은
비율이므로 로그 차트에서는 직선입니다. 슬라이드에는 시작점과 반복문의 결과가 없어서 시작점은 1로
골랐습니다. 발산하면 백만을 넘을 때 그만둡니다(빨간색).

For ∂g/∂x, the y of g(x, y) counts as a constant: 2x + 2y − sin(x + 2y). The differences need only
values of g, no rule; the error of the forward one goes with h, that of the central one with h².
| g(x, y)를 x로 미분할 때는 y를 상수로 보므로 ∂g/∂x는 2x + 2y − sin(x + 2y)입니다. 차분은 미분 규칙
없이 g의 값만으로 구하며, 전방차분의 오차는 대략 h에, 중심차분의 오차는 h²에 비례합니다.
"""

TO_TRY = (
    to_try(
        "Set the learning rate {learning_rate} to 0.1: 58 steps are enough instead of 639.|"
        "학습률({learning_rate})을 0.1로 바꾸십시오. 639걸음 대신 58걸음이면 됩니다.",
        {"learning_rate": 0.1},
        lambda before, after: before["steps_needed"] == 639 and after["steps_needed"] == 58,
    ),
    to_try(
        "Set it {learning_rate} to 1: x jumps between 1 and −3 for ever; 1.1 diverges (red).|"
        "학습률({learning_rate})을 1로 바꾸십시오. x가 1과 −3을 오갑니다. 1.1이면 발산합니다.",
        {"learning_rate": 1},
        lambda before, after: np.all(after["x"].ravel()[:6] == [1, -3] * 3),
    ),
    to_try(
        "Set {linear} to −10 and {constant} to 31: f is now (x − 5)² + 6, and x goes to 5.|"
        "계수({linear}, {constant})를 −10, 31로 바꾸십시오. f는 (x − 5)² + 6이고 x는 5로 갑니다.",
        {"linear": -10, "constant": 31},
        lambda before, after: abs(after["x"][-1, -1] - 5) < 1e-5,
    ),
)
