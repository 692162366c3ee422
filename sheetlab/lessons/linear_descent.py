"""Gradient descent for least squares with matrices: five thousand steps by powers of one matrix.

With X_ (x and a column of ones), the slide's loop takes

    beta <- beta - rate * gradient,  gradient = -X_^T (y - X_ beta) = X_^T X_ beta - X_^T y

The answer is where the gradient is 0, so each step multiplies the distance to it by the same matrix
M = I - rate * X_^T X_, and t steps by M^t. The descent arrives where the powers of M vanish: where
every eigenvalue of X_^T X_ is below 2 / rate (Golub and Van Loan, Matrix Computations, chapter 11).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, axis, line
from sheetlab.authoring.board import Panels
from sheetlab.inputs import LessonInputs, column, require_same_length
from sheetlab.lessons.lesson import Reference, stacked, to_try

TITLE = "Gradient descent with matrices, 5,000 steps|행렬로 하는 경사하강법, 5,000걸음"
SHEET_NAME = "LinearDescent"
EQUATION = (
    "β ← β + learning rate · X_ᵀ(y − X_β):   β − answer = Mᵗ (β at the start − answer)|"
    "β ← β + 학습률 · X_ᵀ(y − X_β):   β − 정답 = Mᵗ (β의 초깃값 − 정답)"
)
SLIDES = [("003", "(AI Math 4강) 경사하강법 - 매운맛")]

PARAMETERS, LOOP = ("β₁", "β₂", "β₃"), 10
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
RATES = {
    "middle": "a middle rate|중간 학습률",
    "small": "a small rate|작은 학습률",
    "large": "a large rate|큰 학습률",
}
# The powers of M by their steps, and the steps of the power before that they are made of.
POWERS = {1: 0, 10: 1, 100: 10, 1000: 100, 5000: 1000}
WORST_CONDITION = 1e4

# Powers of ten only where a value is very small or very large.
FAR, UNLESS_HUGE = "[<0.01]0.0E+00;[<100000]0.00;0.0E+00", "[<100000]{};0.0E+00"


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: four points of x₁ + 2x₂ + 3, the start, and 0.01 as learning rate.

    The rates beside it are ours, one too small and one too large.
    """

    x_1: tuple[float, ...] = column((1, 1, 2, 2), "x₁", length=(3, 100), at_least=-100, at_most=100)
    x_2: tuple[float, ...] = column((1, 2, 2, 3), "x₂", length=(3, 100), at_least=-100, at_most=100)
    y: tuple[float, ...] = column((6, 8, 9, 11), "y", length=(3, 100))
    start: tuple[float, ...] = column((10.1, 15.1, -6.5), "start|시작", length=3)
    rates: tuple[float, ...] = column(
        (0.01, 0.001, 0.064), "learning rate|학습률", length=3, above=0, at_most=1
    )

    def check(self) -> None:
        """As many x₁ and x₂ as y, and a single answer."""
        require_same_length(self, "x_1", "x_2", "y")
        design = np.column_stack([self.x_1, self.x_2, np.ones(len(self.y))])
        self.require(
            np.linalg.cond(design.T @ design) <= WORST_CONDITION,
            "x_1, x_2 and a constant 1 come too close to depending on each other for one"
            " answer; give points that do not lie on a line, of about the same size.",
            "x_1, x_2, 상수 1이 서로 거의 종속이어서 답을 하나로 정할 수 없습니다. 한 직선"
            " 위에 있지 않고 크기가 비슷한 점들을 주십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The data above; a panel for each rate, ten steps one by one, then powers of M; charts."""
    row, step = axis("row", len(inputs.y)), axis("step", list(range(LOOP + 1)))
    parameter, other = axis("parameter", PARAMETERS), axis("other", PARAMETERS)
    rate, milestone = axis("rate", list(RATES.values())), axis("milestone", len(POWERS))

    data = board.columns(row)
    data.inputs("x_1", "x_2", "y")
    data.column("design", "X_", ["= x_1", "= x_2", "= 1"], by=parameter)
    products = board.rows(other, right_of=data)
    products.row("gram", "X_ᵀX_", "{= MMULT(TRANSPOSE(design), design)}", by=parameter)
    vectors = board.rows(parameter, right_of=products, label_span=2, format="General")
    vectors.row("moment", "X_ᵀy", "{= MMULT(TRANSPOSE(y), design)}")
    vectors.row("answer", "answer|정답", "{= MMULT(moment, MINVERSE(gram))}")
    vectors.input("start")
    board.legend(right_of=vectors)

    above = (data, products, vectors)
    with board.panels(rate, runs="right", labels_once=True, space=0, below=above) as panel:
        loop = panel.columns(step, labels="step|걸음", title="{}", format="0.0000")
        gradient = "(SUMPRODUCT(gram, beta.before(step).all(parameter)) - moment)"
        moved = f"= beta.before(step) - rates * {gradient}"
        label = "β ← β − rate · gradient|β ← β − 학습률 · grad"
        loop.column("beta", label, moved, first="= start", by=parameter)
        squares = "= SUMPRODUCT((y - x_1 * beta.at(1) - x_2 * beta.at(2) - beta.at(3))^2)"
        loop.column("loss", "Σ (y − X_β)²", squares, format="0.00")
        loop.start("learning rate|학습률").input("rates", under="loss", format="General")
        for steps in POWERS:
            powers(panel, steps, parameter, other)
    board.freeze(loop)

    size: dict[str, Any] = {"right_of": panel, "width": 92, "rows": 18, "y_log": True}
    in_the_loop = board.chart(
        "The first ten steps|처음 열 걸음",
        line("rate_loss", each=rate, label="{}", dotted=True),
        y="Σ (y − X_β)²",
        below=above,
        **size,
    )
    in_powers = board.chart(
        "How far from the answer, up to 5,000 steps|5,000걸음까지 정답과의 거리",
        *(line(f"{name}_distance", label=label, dotted=True) for name, label in RATES.items()),
        over="so_many",
        y="distance|거리",
        below=in_the_loop,
        x_log=True,
        **size,
    )
    losses = board.columns(step, labels=False, right_of=panel, below=in_powers, format="0.00")
    losses.count("number", "step|걸음", first=0)
    losses.column("rate_loss", "Σ (y − X_β)²", "= loss", by=rate, helper=True)
    far = board.columns(milestone, right_of=losses, format=FAR)
    onward = ["= 1", *["= 10 * so_many.before"] * 3, "= 5 * so_many.before"]
    far.column("so_many", "steps|걸음 수", onward, format="#,##0", helper=True)
    with far.group("distance|거리"):
        for k, (name, label) in enumerate(RATES.items(), 1):
            distances = [f"= distance_{n}.at(rate, {k})" for n in POWERS]
            far.column(f"{name}_distance", label, distances, helper=True)


def powers(panel: Panels, steps: int, parameter: Axis, other: Axis) -> None:
    """The matrix of so many steps, a power of that of fewer, and where they lead."""
    table = panel.columns(parameter, format=UNLESS_HUGE.format("0.0000"), gap=0)
    fewer, label = POWERS[steps], "M" + str(steps).translate(SUPERSCRIPTS)
    if steps == 1:
        step = "= IF(parameter = other, 1, 0) - rates * gram"
        table.column("power_1", "M", step, by=other)
    else:
        times = steps // fewer - 1
        chain = f"MMULT(power_{fewer}, " * times + f"power_{fewer}" + ")" * times
        table.column(f"power_{steps}", label, f"{{= {chain}}}", by=other, show_labels=False)
    after = "beta_final" if steps == 5000 else f"beta_{steps}"
    table.column(
        after,
        f"β after {steps:,}|{steps:,}걸음 뒤 β",
        f"= answer + SUMPRODUCT(power_{steps}, start.all(parameter) - answer.all(parameter))",
        format=UNLESS_HUGE.format("0.00000000"),
    )
    apart = " + ".join(f"({after}.at({k}) - answer.at({k}))^2" for k in (1, 2, 3))
    distance = f"distance_{steps}"
    table.foot("distance|거리").value(distance, f"= SQRT({apart})", under=after, format=FAR)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; values that overflow are nan.

    Of the rates, `beta` has shape (3, 11, 3), `loss` (3, 11), the powers (3, 3, 3), what they lead
    to (3, 3) and its distance (3,).
    """
    y, start = np.array(inputs.y), np.array(inputs.start)
    design = np.column_stack([inputs.x_1, inputs.x_2, np.ones(len(y))])
    gram, moment = design.T @ design, design.T @ y
    answer = np.linalg.solve(gram, moment)
    found: list[Reference] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for rate in inputs.rates:
            beta = [start]
            for _ in range(LOOP):
                beta.append(beta[-1] + rate * design.T @ (y - design @ beta[-1]))
            one: Reference = {"beta": np.array(beta)}
            one["loss"] = np.sum((y - one["beta"] @ design.T) ** 2, axis=1)
            step = np.eye(3) - rate * gram
            for n in POWERS:
                power = np.linalg.matrix_power(step, n)
                after = answer + power @ (start - answer)
                one |= {f"power_{n}": power, "beta_final" if n == 5000 else f"beta_{n}": after}
                one[f"distance_{n}"] = np.asarray(np.linalg.norm(after - answer))
            found.append(one)
    by_rate = stacked(found)
    by_rate = {name: np.where(np.isfinite(v), v, np.nan) for name, v in by_rate.items()}
    distances = np.array([by_rate[f"distance_{n}"] for n in POWERS])
    return {
        **by_rate,
        **{f"{name}_distance": distances[:, k] for k, name in enumerate(RATES)},
        "design": design,
        "gram": gram,
        "moment": moment,
        "answer": answer,
        "number": np.arange(LOOP + 1),
        "rate_loss": by_rate["loss"].T,
        "so_many": np.array(list(POWERS)),
    }


HOW_TO_READ = """
X_ is x with a column of ones for β₃. The gradient in the slide's loop, −X_ᵀ(y − X_β), equals X_ᵀX_
β − X_ᵀy; it is 0 at the answer ({answer}). Each panel takes ten steps, one a row, with a learning
rate of its own.
| X_는 x에 β₃을 위한 1의 열을 붙인 행렬입니다. 슬라이드의 반복문에서 grad인 −X_ᵀ(y − X_β)는 X_ᵀX_ β
− X_ᵀy와 같고, 정답({answer})에서 0이 됩니다. 학습률 세 가지로 한 행에 한 걸음씩 열 걸음을
나아갑니다.

Each step multiplies β − answer by M = I − learning rate · X_ᵀX_. So nobody has to write 5,000 rows:
M¹⁰, the product of ten M, makes ten steps at once, the product of ten M¹⁰ a hundred, and so on.
Where Mᵗ goes to 0, β arrives.
| 한 걸음마다 β와 정답의 차이에 M = I − 학습률 · X_ᵀX_가 곱해집니다. 그래서 5,000행을 쓸 필요가
없습니다. M을 열 번 곱한 M¹⁰은 열 걸음을 한 번에 나아가고, 그것을 다시 열 번 곱하면 백 걸음입니다.
Mᵗ이 0으로 가면 β는 정답에 이릅니다.

[slide] Ten steps at 0.01 look good, since the loss has fallen from 4349 to 68; but β is still far
away. The loss is flat in some direction, and there it takes the slide's 5,000 steps. The rates
0.001 and 0.064 are chosen here; from 2 / 31.27 = 0.06396 on (31.27 is the largest eigenvalue of
X_ᵀX_) each step leads further away.
| 학습률 0.01로 열 걸음이면 손실이 4349에서 68로 줄어 다 된 것 같지만 β는 아직 멀리 있습니다. 손실이
거의 평평한 방향이 있어서 그쪽으로는 슬라이드처럼 5,000걸음이 필요합니다. 0.001과 0.064는 비교하려고
고른 값이며, 2 / 31.27 = 0.06396(31.27은 X_ᵀX_의 가장 큰 고윳값)부터는 걸음마다 더 멀어집니다.
"""

TO_TRY = (
    to_try(
        "Set the large rate {rates.at(rate, 3)} to 0.065: 5,000 steps lead 10⁷⁰ away.|"
        "큰 학습률({rates.at(rate, 3)})을 0.065로 바꾸십시오. 5,000걸음이면 10⁷⁰만큼 멀어집니다.",
        {"rates.at(rate, 3)": 0.065},
        lambda before, after: 1e70 < after["large_distance"][-1] < 1e71,
    ),
    to_try(
        "Set the small rate {rates.at(rate, 2)} to 0.05: 1,000 steps do what 0.01 does in 5,000.|"
        "작은 학습률({rates.at(rate, 2)})을 0.05로 바꾸십시오. 1,000걸음이면 충분합니다.",
        {"rates.at(rate, 2)": 0.05},
        lambda before, after: after["small_distance"][3] < before["middle_distance"][4],
    ),
    to_try(
        "Set y {y.last} to 12: no plane meets all points now; β goes to the new answer {answer}.|"
        "y({y.last})를 12로 바꾸십시오. 다 맞는 평면은 없지만 β는 새 정답({answer})으로 갑니다.",
        {"y.last": 12},
        lambda before, after: (
            np.allclose(after["answer"], [1, 2.5, 2.25])
            and np.allclose(after["beta_final"][0], after["answer"], atol=1e-4)
        ),
    ),
)
