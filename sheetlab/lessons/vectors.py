"""Vectors: Hadamard product, L1 and L2 norm, distance, and the angle between two of them.

    hadamard[i] = x[i] * y[i]
    norm_1(x)   = sum over i of |x[i]|
    norm_2(x)   = sqrt(sum over i of x[i]^2)
    cos(theta)  = (x . y) / (norm_2(x) * norm_2(y)),  where x . y = sum of hadamard

The multiple t * y that comes nearest to x has t = (x . y) / (y . y) in the L2 norm; what is left,
x - t * y, is then at right angles to y.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try
from sheetlab.text import same

TITLE = "Vectors: norm, distance, angle|벡터: 노름, 거리, 각도"
SHEET_NAME = "Vectors"
EQUATION = same("‖x‖₁ = Σ abs(xᵢ),   ‖x‖₂ = √(Σ xᵢ²),   cos θ = x · y / (‖x‖₂ ‖y‖₂)")
SLIDES = [("003", "(AI Math 1강) 벡터가 뭐에요?")]

# Cosines beyond ±1 by the last binary digit have no angle.
DECIMALS = 9

numbers = partial(column, at_least=-1000, at_most=1000, length=(2, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The two vectors of the notebook, and a multiple of the second to compare with the first."""

    x: tuple[float, ...] = numbers((1, 7, 2), "x")
    y: tuple[float, ...] = numbers((5, 2, 1), "y")
    t: float = number(1.0, "t", at_least=-100, at_most=100)

    def check(self) -> None:
        """As many components of each, not all of them 0."""
        require_same_length(self, "x", "y")
        for name in ("x", "y"):
            self.require(
                any(getattr(self, name)),
                f"All components of {name} are 0, so it has no direction and no angle; change one.",
                f"{name}의 성분이 모두 0이라 방향과 각도가 없습니다. 하나를 바꾸십시오.",
            )


def write(board: Board, inputs: Inputs) -> None:
    """The components with their sums below, the angle beside them, and both pictures."""
    component, vector = axis("component", len(inputs.x)), axis("vector", ("x", "y", "d"))
    place, corner = axis("place", 25), axis("corner", 3)

    parts = board.columns(component, labels="i", format="0.0###")
    parts.inputs("x", "y")
    parts.column("hadamard", "x ⊙ y\n(Hadamard)", "= x * y")
    parts.column("difference", "d = x − t y", "= x - t * y")
    each = ["x", "y", "difference"]
    absolute = "absolute value\n(sum: L1 norm)|절댓값\n(합: L1 노름)"
    parts.column("absolute", absolute, [f"= ABS({name})" for name in each], by=vector)
    squared = "square\n(√ sum: L2 norm)|제곱\n(√합: L2 노름)"
    parts.column("squared", squared, [f"= {name}^2" for name in each], by=vector)
    total = parts.foot("sum|합")
    total.value("dot", "= SUM(hadamard)", label="x · y")
    total.value("l1_norm", "= SUM(absolute)", label="L1 norm|L1 노름")
    total.value("sum_of_squares", "= SUM(squared)")
    root = parts.foot("√ sum|√합")
    root.value("l2_norm", "= SQRT(sum_of_squares)", under="squared", label="L2 norm|L2 노름")

    title = "x beside t · y|x와 t · y 비교"
    results = board.rows(title=title, right_of=parts, label_span=2, format="0.0000")
    results.input("t", "t", format="0.0##", remark="d = x − t y")
    results.row(
        "left_over",
        "d · y",
        f"= ROUND(SUMPRODUCT(difference, y), {DECIMALS})",
        remark="0: d is at right angles to y|0이면 d와 y가 직각",
        colour={"good": "left_over = 0"},
    )
    nearest = "least ‖d‖₂ at t =|‖d‖₂가 최소인 t"
    results.row("nearest_t", nearest, "= dot / sum_of_squares.at(2)", remark="(x · y) / (y · y)")
    cosine = f"= ROUND(dot / (l2_norm.at(1) * l2_norm.at(2)), {DECIMALS})"
    results.row("cosine", "cos θ", cosine, remark="x · y / (‖x‖₂ ‖y‖₂)")
    between = "between x and y|x와 y 사이"
    degrees = "= DEGREES(ACOS(cosine))"
    results.row("angle", "angle θ|각도 θ", degrees, format='0.00"°"', remark=between)
    legend = board.legend(right_of=parts, below=results)

    distances = board.chart(
        "How far is x from t · y?|x는 t · y에서 얼마나 먼가?",
        line("tried_l1", over="tried_t", label="L1: ‖x − t y‖₁"),
        line("tried_l2", over="tried_t", label="L2: ‖x − t y‖₂"),
        dots("l1_norm.at(3)", over="t", label="‖d‖₁"),
        dots("l2_norm.at(3)", over="t", label="‖d‖₂"),
        x="t",
        y="norm|노름",
        below=[parts, legend],
        width=parts,
        rows=35,
    )
    angle = board.chart(
        "The angle between x and y|x와 y 사이의 각도",
        line("arc_y", over="arc_x", label="length 1|길이 1", colour=7, dashed=True),
        line("x_up", over="x_across", label="x / ‖x‖₂", width=3),
        line("y_up", over="y_across", label="y / ‖y‖₂", width=3),
        x="cos θ",
        y="sin θ",
        right_of=distances,
        width=104,
        rows=35,
        x_range=(-1, 1),
        y_range=(-1, 1),
        equal_scales=True,
    )

    tried = board.columns(place, right_of=[results, angle], format="0.00")
    tried.column("tried_t", "t", "= nearest_t + (ROWS(tried_t.so_far) - 13) / 8", helper=True)
    norm = "= SUMPRODUCT((x - tried_t * y) * (2 * (x > tried_t * y) - 1))"
    tried.column("tried_l1", "‖d‖₁", norm, helper=True)
    norm = "= SQRT(SUMPRODUCT((x - tried_t * y)^2))"
    tried.column("tried_l2", "‖d‖₂", norm, helper=True)
    turn = "2 * PI() * (ROWS(arc_x.so_far) - 1) / 24"
    tried.column("arc_x", "cos", f"= COS({turn})", helper=True)
    tried.column("arc_y", "sin", f"= SIN({turn})", helper=True)
    # From 0 along each unit vector; from the end of y's straight down to its cosine.
    rays = board.columns(corner, below=tried, format="0.00")
    rays.column("x_across", "x", ["= 0", "= 1", "= 1"], helper=True)
    rays.column("x_up", "", ["= 0", "= 0", "= 0"], helper=True)
    rays.column("y_across", "y", ["= 0", "= cosine", "= cosine"], helper=True)
    rays.column("y_up", "", ["= 0", "= SQRT(1 - cosine^2)", "= 0"], helper=True)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    Columns by component have shape (n,); `absolute` and `squared` are (n, 3), `l1_norm`,
    `l2_norm` and `sum_of_squares` (3,), of x, y and the difference d; the angle is in degrees.
    """
    x, y, t = np.array(inputs.x), np.array(inputs.y), inputs.t
    vectors = np.column_stack([x, y, x - t * y])
    norms = np.linalg.norm(vectors, axis=0)
    cosine = np.round(x @ y / (norms[0] * norms[1]), DECIMALS)
    nearest = x @ y / (y @ y)
    tried = nearest + np.linspace(-1.5, 1.5, 25)
    left = x - tried[:, None] * y
    turn = np.linspace(0, 2 * np.pi, 25)
    return {
        "hadamard": x * y,
        "difference": vectors[:, 2],
        "absolute": np.abs(vectors),
        "squared": vectors**2,
        "dot": np.array([x @ y]),
        "l1_norm": np.abs(vectors).sum(axis=0),
        "sum_of_squares": np.sum(vectors**2, axis=0),
        "l2_norm": norms,
        "left_over": np.round(vectors[:, 2] @ y, DECIMALS),
        "nearest_t": np.array([nearest]),
        "cosine": np.array([cosine]),
        "angle": np.degrees(np.arccos([cosine])),
        "tried_t": tried,
        "tried_l1": np.sum(np.abs(left), axis=1),
        "tried_l2": np.linalg.norm(left, axis=1),
        "arc_x": np.cos(turn),
        "arc_y": np.sin(turn),
        "x_across": np.array([0, 1, 1]),
        "x_up": np.zeros(3),
        "y_across": np.array([0, cosine, cosine]),
        "y_up": np.array([0, np.sqrt(1 - cosine**2), 0]),
    }


HOW_TO_READ = """
Each row is one component, with the sums below. The Hadamard product x ⊙ y multiplies component by
component ({hadamard}); its sum x · y ({dot}) is the inner product.
| 한 행이 성분 하나이고 아래에 합이 있습니다. 성분곱(Hadamard product) x ⊙ y는 같은 자리의 성분끼리
곱한 것이고({hadamard}), 그 합이 내적 x · y({dot})입니다.

The L1 norm ({l1_norm}) is the sum of the absolute values, the L2 norm ({l2_norm}) the root of the
sum of squares. The norm of a difference d = x − t y is a distance; with t = 1, that of x and y.
| L1 노름({l1_norm})은 절댓값의 합, L2 노름({l2_norm})은 제곱합의 제곱근입니다. 차 d = x − t y의
노름은 거리이며, t = 1이면 x와 y 사이의 거리입니다.

The left chart shows both distances for other multiples t. The L2 norm is smooth and least where d
is at right angles to y, at t = (x · y) / (y · y) ({nearest_t}). The L1 norm has corners, each where
a component of d is 0, and is least at one of them: that is why an L1 penalty makes weights exactly
0.
| 왼쪽 차트는 배수 t를 바꾸어 본 두 거리입니다. L2 노름은 매끄럽고, d가 y와 직각이 되는 t = (x · y)
/ (y · y)({nearest_t})에서 가장 작습니다. L1 노름은 d의 성분이 0이 되는 곳마다 꺾이며 그 가운데 한
곳에서 가장 작습니다. 그래서 L1 규제는 가중치를 정확히 0으로 만듭니다.

The right chart shows both vectors at length 1, in the plane in which they lie: cos θ ({cosine},
rounded to nine decimals) tells how far one reaches along the other, and no length changes it.
| 오른쪽 차트는 두 벡터의 길이를 1로 맞추어 두 벡터가 놓인 평면에 그린 것입니다. cos θ({cosine},
소수 아홉째 자리까지)는 한 벡터가 다른 벡터 쪽으로 얼마나 뻗는지를 나타내며, 길이와는 관계없습니다.

[slide] x and y are those of the notebook, which computes x * y and defines both norms; t is chosen
here.
| x와 y는 노트북의 벡터입니다. 노트북은 x * y를 구하고 두 노름을 정의합니다. t는 여기서 정했습니다.
"""

TO_TRY = (
    to_try(
        "Set t {t} to 0.7: d is at right angles to y, and its L2 norm as small as it can be.|"
        "t({t})를 0.7로 바꾸십시오. d가 y와 직각이 되고 d의 L2 노름이 가장 작아집니다.",
        {"t": 0.7},
        lambda before, after: (
            after["left_over"] == 0 and np.all(after["l2_norm"][2] <= after["tried_l2"] + 1e-9)
        ),
    ),
    to_try(
        "Set t {t} to 0.2: the L1 norm is least, and the first component of d exactly 0.|"
        "t({t})를 0.2로 바꾸십시오. L1 노름이 가장 작아지고 d의 첫 성분이 정확히 0이 됩니다.",
        {"t": 0.2},
        lambda before, after: (
            np.all(after["l1_norm"][2] <= after["tried_l1"] + 1e-9) and after["difference"][0] == 0
        ),
    ),
    to_try(
        "Set y {y} to 2, 14, 4, twice x: the angle is 0, though the distance is not.|"
        "y({y})를 x의 두 배인 2, 14, 4로 바꾸십시오. 거리는 0이 아니지만 각도는 0입니다.",
        {"y": (2, 14, 4)},
        lambda before, after: after["angle"] == 0 and after["l2_norm"][2] > 1,
    ),
    to_try(
        "Set y {y} to 7, −1, 0: the inner product is 0, the vectors are at right angles.|"
        "y({y})를 7, −1, 0으로 바꾸십시오. 내적이 0이 되고 두 벡터는 직각입니다.",
        {"y": (7, -1, 0)},
        lambda before, after: after["dot"] == 0 and np.isclose(after["angle"], 90),
    ),
    to_try(
        "Set y {y} to 0, 0, 0: it has no direction, so there is no angle.|"
        "y({y})를 0, 0, 0으로 바꾸십시오. 방향이 없으므로 각도도 없습니다.",
        {"y": (0, 0, 0)},
        lambda before, after: np.isnan(after["angle"]) and after["l1_norm"][1] == 0,
    ),
)
