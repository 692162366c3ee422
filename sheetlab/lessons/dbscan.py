"""DBSCAN, step by step: clusters that grow where points are dense, and noise that is in none.

A point is core if at least min_points, itself among them, lie within eps of it. A cluster starts at
a core point and takes in whatever lies within eps of its core points, until nothing is left to take
in; then the next core point starts another (Ester, Kriegel, Sander and Xu, 1996). What is in a
cluster without being core is border, what is in none is noise.

A point is core where its distance to the min_points-th nearest is at most eps; sorted, these
distances show by their bend which eps suits the data.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, colours_in_turn, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "DBSCAN: clusters by density|DBSCAN: 밀도로 나누는 cluster"
SHEET_NAME = "DBSCAN"
EQUATION = (
    "core: at least min points within eps;   a cluster takes in all within eps of its core points|"
    "core: eps 안에 점이 min points개 이상;   cluster: core의 eps 안에 있는 점을 모두 포함"
)
SLIDES = [("001", "Clustering 알고리즘의 종류")]

# Distances that are equal on paper differ in their last binary digits, but not in so many decimals.
DECIMALS, LARGEST = 9, 1e5

numbers = partial(column, at_least=-LARGEST, at_most=LARGEST, length=(2, 40))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The twelve points of the lesson on k-means, and one that lies apart."""

    x: tuple[float, ...] = numbers(
        (1.2, 1.8, 2.6, 3.1, 6.7, 7.4, 8.3, 8.6, 4.1, 4.9, 5.6, 6.3, 9.5), "x"
    )
    y: tuple[float, ...] = numbers(
        (1.9, 3.1, 1.4, 2.7, 2.2, 3.6, 1.6, 3.0, 7.3, 8.6, 6.8, 8.1, 7.5), "y"
    )
    eps: float = number(1.6, "eps", above=0)
    min_points: int = number(3, "min points", whole=True, at_least=1)
    steps: int = number(12, "steps|걸음 수", whole=True, at_least=1, at_most=80)

    def check(self) -> None:
        """As many x as y, and no more points asked for than there are."""
        require_same_length(self, "x", "y")
        self.require(
            self.min_points <= len(self.x),
            f"min_points is {self.min_points}; there are only {len(self.x)} points.",
            f"min_points가 {self.min_points}입니다. 점은 {len(self.x)}개뿐입니다.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The distances, the clusters that grow step by step below, and charts at the right."""
    point, other = axis("point", len(inputs.x)), axis("other", len(inputs.x))
    step, kind = axis("step", inputs.steps), axis("kind", ("core", "border", "noise"))

    points = board.columns(point, labels="point|점", format="0.0")
    points.inputs("x", "y", format="0.0#")
    apart = f"= ROUND(SQRT((x - x.along(other))^2 + (y - y.along(other))^2), {DECIMALS})"
    near = {"faint": "point = other", "good": "distance <= eps"}
    points.column("distance", "distance to point|점까지의 거리", apart, by=other, colour=near)
    given = board.rows(below=points, label_span=2, format="General")
    given.inputs("eps", "min_points", "steps")
    legend = board.legend(right_of=given, below=points, span=6)

    grow = board.columns(step, labels=False, below=(given, legend), format="0")
    grow.count("step_number", "step|걸음")
    grow.column("current", "clusters|cluster 수", "= MAX(label)")
    before = "label.before(step)"
    grow.column(
        "added",
        "points added|추가한 점",
        f"= SUMPRODUCT((label > 0) * 1) - SUMPRODUCT(({before}.all(point) > 0) * 1)",
        first="= SUMPRODUCT((label > 0) * 1)",
    )
    reached = f"({before}.all(point) = current.before) * core.all(point) * (distance <= eps)"
    waiting = f"core.so_far(point) * ({before}.so_far(point) = 0)"
    grow.column(
        "label",
        "cluster of each point (0: none)|각 점의 cluster (0: 없음)",
        f"= IF({before} > 0, {before}, IF(added.before > 0,"
        f" IF(SUMPRODUCT({reached}) > 0, current.before, 0),"
        f" IF(AND(core = 1, SUMPRODUCT({waiting}) = 1), current.before + 1, 0)))",
        first="= IF(AND(core = 1, SUM(core.so_far(point)) = 1), 1, 0)",
        by=point,
        colour={"faint": "label = 0", **colours_in_turn("label")},
    )
    start = grow.start("within eps|eps 안의 점")
    start.value("neighbours", "= SUMPRODUCT((distance <= eps) * 1)", under="label")
    start = grow.start("core?|core인가?")
    core = {"good": "core = 1"}
    start.value("core", "= IF(neighbours >= min_points, 1, 0)", under="label", colour=core)
    kinds = {"good": "kind_number = 2", "warn": "kind_number = 1", "bad": "kind_number = 0"}
    foot = grow.foot("core 2,\nborder 1,\nnoise 0")
    foot.value(
        "kind_number",
        "= IF(core = 1, 2, IF(label.last(step) > 0, 1, 0))",
        under="label",
        colour=kinds,
    )

    bend = board.columns(point, labels=False, beside=points, format="0.00")
    bend.column(
        "reach",
        "to the min-points-th\nnearest point|min points번째로\n가까운 점까지",
        "= SMALL(distance, min_points)",
        colour={"good": "reach <= eps"},
    )
    bend.count("sorted_number", "no.|번호", format="0")
    bend.column("sorted_reach", "sorted|정렬", "= LARGE(reach.all, sorted_number)")
    bend.column("eps_line", "eps", "= eps", helper=True)
    formulas = [f"= IF(kind_number = {k}, y, NA())" for k in (2, 1, 0)]
    bend.column("kind_y", "y", formulas, by=kind, helper=True)

    choice = board.chart(
        "Choosing eps: where it bends|eps 고르기: 꺾이는 곳",
        line("sorted_reach", dotted=True, label="distance, sorted|정렬한 거리"),
        line("eps_line", label="eps"),
        y="distance|거리",
        right_of=bend,
        width=56,
        rows=18,
        y_range=(0, None),
    )
    board.chart(
        "Core, border and noise|core, border, noise",
        dots("kind_y", over="x", each=kind, label="{}"),
        x="x",
        y="y",
        below=(bend, choice),
        width=122,
        rows=20,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, distances in the unit of the points.

    For n points: `distance` has shape (n, n), what is said of a point (n,), of a step (steps,),
    `label` (steps, n), and `kind_y` (n, 3), nan where the point is of another kind.
    """
    points = np.column_stack([inputs.x, inputs.y])
    distance = np.linalg.norm(points[:, None] - points, axis=2).round(DECIMALS)
    near = distance <= inputs.eps
    neighbours = near.sum(axis=1)
    core = neighbours >= inputs.min_points
    label = grown(near, core, inputs.steps)
    kind_number = np.where(core, 2, (label[-1] > 0).astype(int))
    reach = np.sort(distance, axis=1)[:, inputs.min_points - 1]
    return {
        "distance": distance,
        "step_number": np.arange(1, inputs.steps + 1),
        "current": label.max(axis=1),
        "added": np.diff((label > 0).sum(axis=1), prepend=0),
        "label": label,
        "neighbours": neighbours,
        "core": core.astype(int),
        "kind_number": kind_number,
        "reach": reach,
        "sorted_number": np.arange(1, len(points) + 1),
        "sorted_reach": np.sort(reach)[::-1],
        "eps_line": np.full(len(points), inputs.eps),
        "kind_y": np.where(kind_number[:, None] == (2, 1, 0), points[:, 1:], np.nan),
    }


def grown(near: Values, core: Values, steps: int) -> Values:
    """The cluster of each point after each step, 0 for none, (steps, n)."""
    label, found = np.zeros(len(core), dtype=int), []
    grew = False
    for _ in range(steps):
        before, current = label, label.max()
        waiting = core & (label == 0)
        if grew:
            beside = near[core & (label == current)].any(axis=0)
            label = np.where((label == 0) & beside, current, label)
        elif waiting.any():
            label = np.where(np.arange(len(core)) == waiting.argmax(), current + 1, label)
        grew = bool(np.any(label != before))
        found.append(label)
    return np.array(found)


HOW_TO_READ = """
Green distances ({distance}) are at most eps ({eps}). A point that has as many of them as min points
({min_points}) or more, its own 0 among them, is core ({core}): it lies where points are dense.
| 초록색 거리({distance})는 eps({eps}) 이하입니다. 자기 자신(0)을 포함하여 초록색이 min
points({min_points})개 이상인 점이 core({core}), 곧 점이 빽빽한 곳에 있는 점입니다.

Step by step ({label}): the first core point starts a cluster, and each step adds what lies within
eps of its core points. A step that adds nothing ends it; then the next core point starts another.
What stays at 0 is noise; no number of clusters has to be chosen.
| 한 걸음씩({label}) 봅니다. 첫 core에서 cluster가 시작되고, 걸음마다 그 cluster의 core에서 eps 안에
있는 점이 더해집니다. 더할 점이 없으면 다음 core에서 새 cluster가 시작됩니다. 끝까지 0인 점이
noise이며, cluster 수를 미리 정할 필요가 없습니다.

Sorted, the distances to the min-points-th nearest point ({sorted_reach}) bend where density ends;
an eps as high as the bend suits. The points are those of K-Means and one apart, eps and min points
are ours.
| min points번째로 가까운 점까지의 거리를 정렬하면({sorted_reach}) 밀도가 떨어지는 곳에서 꺾이며, 그
높이가 알맞은 eps입니다. 점은 K-Means 예제의 점에 하나를 더한 것이고, eps와 min points는 여기서
정했습니다.
"""

TO_TRY = (
    to_try(
        "Set eps {eps} to 1: no point is core any more, and all are noise.|"
        "eps({eps})를 1로 바꾸십시오. core가 하나도 없어서 모두 noise가 됩니다.",
        {"eps": 1},
        lambda before, after: np.all(after["kind_number"] == 0),
    ),
    to_try(
        "Set eps {eps} to 4: the groups touch, and all points are one cluster.|"
        "eps({eps})를 4로 바꾸십시오. 무리가 맞닿아 모두 한 cluster가 됩니다.",
        {"eps": 4},
        lambda before, after: before["current"][-1] == 3 and np.all(after["label"][-1] == 1),
    ),
    to_try(
        "Set min points {min_points} to 2: two points are enough for a core, and none is border.|"
        "min points({min_points})를 2로 바꾸십시오. 점 둘이면 core가 되어 border가 없어집니다.",
        {"min_points": 2},
        lambda before, after: 1 in before["kind_number"] and 1 not in after["kind_number"],
    ),
)
