"""Principal component analysis: the axes of most variance, by power iteration and deflation.

With the features centred (and, if told, divided by their standard deviation) as the rows of X,

    C           = X.T @ X / (n - 1)                   covariance
    v           <- C @ v / |C @ v|                    power iteration, towards the first component
    C_deflated  = C - lambda * v @ v.T                what the first component leaves over
    z           = X @ v                               projection; its variance is lambda

The second component is the first of `C_deflated` (Pearson, 1901; Hotelling, 1933). The singular
value decomposition of X gives the same axes.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, Columns, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "PCA by power iteration|거듭제곱 반복으로 구하는 주성분 분석(PCA)"
SHEET_NAME = "PCA"
EQUATION = "v ← C v / ‖C v‖,   C₂ = C − λ v vᵀ,   z = X v,   Var(z) = λ"
SLIDES = [("001", "PCA (Principal Component Analysis) - 주성분 분석")]

FEATURES = ("height", "sitting_height", "weight")

# Below this part of all variance, an axis is noise of the arithmetic.
LEAST_SHARE = 1e-3

numbers = partial(column, at_least=-1000, at_most=1000, length=(3, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Seven people of our own, in features that the slide names as alike, and a weight."""

    standardise: int = number(
        0, "standardise? 1 or 0|표준화? 1 또는 0", whole=True, at_least=0, at_most=1
    )
    steps: int = number(9, "number of steps|반복 횟수", whole=True, at_least=2, at_most=50)
    height: tuple[float, ...] = numbers((160, 164, 168, 170, 172, 176, 180), "height|키")
    sitting_height: tuple[float, ...] = numbers((87, 86, 91, 90, 93, 92, 98), "sitting|앉은키")
    weight: tuple[float, ...] = numbers((55, 66, 58, 70, 64, 80, 76), "weight|몸무게")
    start: tuple[float, ...] = column((1, 1, -1), "start|시작", length=3)

    def check(self) -> None:
        """As many values of each feature, and variance enough for two components."""
        require_same_length(self, *FEATURES)
        with np.errstate(invalid="ignore"):
            found = components(self)
        lengths = np.minimum(found["first_length"], found["second_length"])
        self.require(
            np.all(lengths >= LEAST_SHARE * np.trace(found["covariance"])),
            "These features, or the start, leave no variance for two components; give each"
            " feature different values and the start another direction.",
            "이 특성이나 시작 벡터로는 주성분 두 개를 구할 만한 분산이 없습니다. 특성마다"
            " 서로 다른 값을 주거나 시작 벡터의 방향을 바꾸십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """People and covariance at the left, both iterations at the right, charts below."""
    person, step = axis("person", len(inputs.height)), axis("step", inputs.steps)
    names, end = ("height|키", "sitting|앉은키", "weight|몸무게"), axis("end", 2)
    feature, other = axis("feature", names), axis("other", names)

    people = board.columns(person, format="0.0")
    people.count("number", "no.|번호")
    for name in FEATURES:
        people.input(name, format="General")
    centred = [f"= ({name} - mean) / divisor" for name in FEATURES]
    people.column("centred", "X: centred|X: 중심화", centred, by=feature, format="0.0#")
    people.column("first_z", "z₁ = X v₁", "{= MMULT(centred, first_component)}")
    people.column("second_z", "z₂ = X v₂", "{= MMULT(centred, second_component)}")
    restored = "= mean + divisor * (first_z * first_component + second_z * second_component)"
    people.column("restored", "back from z₁, z₂|z₁, z₂로 되살린 값", restored, by=feature)

    features = board.columns(feature, below=people, labels="feature|특성", format="0.000")
    features.column("mean", "mean|평균", [f"= AVERAGE({name})" for name in FEATURES], format="0.0#")
    divisor = [f"= IF(standardise = 1, STDEV({name}), 1)" for name in FEATURES]
    features.column("divisor", "divisor|나누는 값", divisor, format="0.0#")
    covariance = "{= MMULT(TRANSPOSE(centred), centred) / (ROWS(centred) - 1)}"
    features.column("covariance", "covariance C|공분산 C", covariance, by=other, shade=True)
    features.column("first_component", "v₁", "= first_v.last(step)")
    left = "= covariance - first_variance * first_component * first_component.along(other)"
    features.column("deflated", "C₂ = C − λ₁ v₁ v₁ᵀ", left, by=other)
    features.column("second_component", "v₂", "= second_v.last(step)")
    features.input("start", format="General")
    variance = features.foot("variance λ|분산 λ")
    share = features.foot("explained|설명 비율")
    for name in ("first", "second"):
        under, part = f"{name}_component", f"= {name}_variance * (ROWS(centred) - 1)"
        variance.value(f"{name}_variance", f"= {name}_length.last", under=under)
        share.value(f"{name}_share", f"{part} / SUMSQ(centred)", under=under, format="0.0%")
    settings = board.rows(below=features, label_span=3)
    settings.input("standardise")
    both = "explained by both|두 성분의 설명 비율"
    settings.row("kept", both, "= first_share + second_share", format="0.0%")
    board.legend(below=settings)

    tables: list[Columns] = []
    for name, matrix, title in (
        ("first", "covariance", "v₁: power iteration with C|v₁: C로 거듭제곱 반복"),
        ("second", "deflated", "v₂: power iteration with C₂|v₂: C₂로 거듭제곱 반복"),
    ):
        table = board.columns(
            step, title=title, prefix=f"{name}_", format="0.000", right_of=people, below=tables
        )
        table.count("step", "step|반복")
        begin, again = "= start / SQRT(SUMSQ(start.all))", "= image.before(step) / length.before"
        table.column("v", "v", again, first=begin, by=feature)
        table.column("image", "C v", f"= SUMPRODUCT({matrix}, v.all(feature))", by=feature)
        table.column("length", "‖C v‖", "= SQRT(SUMSQ(image))")
        tables.append(table)

    arrows = board.columns(end, right_of=settings, below=features, format="0.0")
    arrows.count("end", "ends of the lines|선의 끝", first=0)
    for name, label in (("first", "z₁"), ("second", "z₂")):
        arrow = f"= end * 2 * SQRT(first_variance) * {name}_component"
        arrows.column(f"{name}_arrow", label, arrow, by=feature, helper=True)

    scores = board.chart(
        "Three features in two: z₁ and z₂|특성 3개를 2개로: z₁과 z₂",
        dots("second_z", over="first_z", label="people|사람", colour=7),
        line("second_arrow", over="first_arrow", each=feature, label="{}"),
        x="z₁",
        y="z₂",
        width=people,
        rows=20,
    )
    board.chart(
        "The length ‖C v‖ becomes the variance|분산으로 수렴하는 길이 ‖C v‖",
        line("first_length", label="v₁", dotted=True),
        line("second_length", label="v₂", dotted=True),
        over="first_step",
        y="‖C v‖",
        right_of=scores,
        width=tables[0],
        x_extent=(1, step.size),
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, with the same steps of power iteration.

    For n people and s steps: `centred` and `restored` have shape (n, 3), z (n,), `covariance` and
    `deflated` (3, 3), components (3,), `v` and `image` (s, 3), `length` (s,). Variances are in the
    square of the features' unit, or without unit where these are standardised.
    """
    found = components(inputs)
    centred, total = found["centred"], np.trace(found["covariance"])
    for name in ("first", "second"):
        direction, variance = found[f"{name}_v"][-1], found[f"{name}_length"][-1]
        found |= {
            f"{name}_step": np.arange(1, inputs.steps + 1),
            f"{name}_component": direction,
            f"{name}_z": centred @ direction,
            f"{name}_variance": variance,
            f"{name}_share": variance / total,
            f"{name}_arrow": np.outer([0, 2], direction) * np.sqrt(found["first_length"][-1]),
        }
    axes = np.array([found["first_component"], found["second_component"]])
    return found | {
        "number": np.arange(1, len(centred) + 1),
        "restored": found["mean"] + found["divisor"] * (centred @ axes.T @ axes),
        "kept": found["first_share"] + found["second_share"],
        "end": np.array([0, 1]),
    }


def components(inputs: Inputs) -> Reference:
    """Both power iterations, and what they start from: `mean` and `divisor` are (3,)."""
    x = np.column_stack([getattr(inputs, name) for name in FEATURES])
    divisor = x.std(axis=0, ddof=1) if inputs.standardise else np.ones(3)
    centred = (x - x.mean(axis=0)) / divisor
    covariance = centred.T @ centred / (len(x) - 1)
    found = {"mean": x.mean(axis=0), "divisor": divisor, "centred": centred}
    found |= {"covariance": covariance} | power_iteration("first", covariance, inputs)
    direction, variance = found["first_v"][-1], found["first_length"][-1]
    left = covariance - variance * np.outer(direction, direction)
    return found | {"deflated": left} | power_iteration("second", left, inputs)


def power_iteration(name: str, matrix: Values, inputs: Inputs) -> Reference:
    """The steps from the start: `v` and `image` of shape (steps, 3), `length` (steps,)."""
    v = np.empty((inputs.steps, 3))
    v[0] = np.array(inputs.start) / np.linalg.norm(inputs.start)
    for j in range(1, inputs.steps):
        v[j] = matrix @ v[j - 1] / np.linalg.norm(matrix @ v[j - 1])
    image = v @ matrix
    length = np.linalg.norm(image, axis=1)
    return {f"{name}_v": v, f"{name}_image": image, f"{name}_length": length}


HOW_TO_READ = """
The covariance C ({covariance}) tells how the centred features vary together. Power iteration
multiplies a vector by C again and again, each time back to length 1: whatever it starts from turns
into the direction of most variance, v₁ ({first_component}). ‖C v‖ becomes its variance.
| 공분산 C({covariance})는 중심화한 특성들이 함께 변하는 정도입니다. 거듭제곱 반복은 벡터에 C를
곱하고 길이를 1로 되돌리는 일을 되풀이합니다. 어디서 시작하든 분산이 가장 큰 방향
v₁({first_component})으로 돌아서고, 길이 ‖C v‖는 그 분산 λ₁이 됩니다.

Deflation takes that direction out of C ({deflated}), and the same iteration finds the second axis,
at right angles to the first. The singular value decomposition (SVD) of X gives both at once.
| C에서 그 방향의 성분을 빼고({deflated}) 같은 반복을 하면 첫째 축과 직교하는 둘째 축을 찾습니다.
X의 특이값 분해(SVD)는 같은 축을 한 번에 구합니다.

Each person becomes two numbers, z₁ and z₂; {restored} is what they still tell of the three.
Together both axes keep the part {kept} of all variance. The lines of the chart are the features;
those that point the same way tell much the same.
| 한 사람이 두 수 z₁, z₂가 되고, {restored}는 그 둘로 되살린 세 특성입니다. 두 축이 보존하는 분산의
비율은 {kept}에 있습니다. 차트의 선은 특성이며, 같은 쪽을 가리키는 특성은 정보가 비슷합니다.

[slide] The slide has no numbers. Seven people are chosen here, with two features it calls alike
(height and sitting height) and a weight; the start is far from v₁, so that the turn shows.
| 슬라이드에는 숫자가 없습니다. 슬라이드에서 비슷하다고 한 키와 앉은키에 몸무게를 더해 일곱 사람의
값을 정했고, 돌아서는 모습이 보이도록 v₁에서 먼 시작 벡터를 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Standardise: set {standardise} to 1; features count alike, v₁ is no longer mostly weight.|"
        "표준화 {standardise}를 1로 바꾸십시오. v₁이 더는 몸무게에 쏠리지 않습니다.",
        {"standardise": 1},
        lambda before, after: np.ptp(after["first_component"]) < 0.1,
    ),
    to_try(
        "Give weight {weight} in 100 g, 550, 660, …: the unit alone turns v₁ into the weight.|"
        "몸무게 {weight}를 100g 단위(550, 660, …)로 바꾸십시오. 단위만으로 v₁이 몸무게가 됩니다.",
        {"weight": (550, 660, 580, 700, 640, 800, 760)},
        lambda before, after: abs(after["first_component"][2]) > 0.99,
    ),
    to_try(
        "Set {sitting_height} to half of each height: two axes keep 100 %, the third is empty.|"
        "앉은키 {sitting_height}를 키의 절반으로 바꾸십시오. 두 축만으로 분산을 100% 보존합니다.",
        {"sitting_height": (80, 82, 84, 85, 86, 88, 90)},
        lambda before, after: np.isclose(after["kept"], 1),
    ),
)
