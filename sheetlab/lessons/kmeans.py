"""K-means clustering, round by round, and the Euclidean distance that it rests on.

Each round assigns every point to its nearest centroid and then moves every centroid to the mean of
its points, until no centroid moves any more (Lloyd, 1982):

    distance(a, b) = sqrt(sum over the features i of (a[i] - b[i])^2)
    cluster[n]     = argmin over k of distance(point[n], centroid[k])
    centroid[k]    = mean of the points n with cluster[n] = k
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import NUMBERED_COLOURS, Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "K-Means clustering, round by round|K-Means Clustering 한 단계씩"
SHEET_NAME = "KMeans"
EQUATION = (
    "cluster = the nearest centroid,   centroid ← mean of its cluster,   until none moves|"
    "cluster = 가장 가까운 centroid,   centroid ← cluster의 평균,   움직이지 않을 때까지 반복"
)
SLIDES = [
    ("001", "K-Means Clustering 알고리즘 – Distance 계산"),
    ("001", "K-Means Clustering 알고리즘"),
]

# Distances that are equal on paper differ in their last binary digits, but not in so many decimals;
# up to the largest coordinate, these are exact enough in floating-point arithmetic.
DECIMALS, LARGEST = 9, 1e5


numbers = partial(column, at_least=-LARGEST, at_most=LARGEST)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives, two customers; and twelve points with three centroids to start from."""

    customer_1: tuple[float, ...] = numbers((54, 190, 3), "customer 1|고객 1", length=3)
    customer_2: tuple[float, ...] = numbers((50, 200, 8), "customer 2|고객 2", length=3)
    rounds: int = number(5, "number of rounds|반복 횟수", whole=True, at_least=1, at_most=50)
    name: tuple[str, ...] = column((), "names|이름", text=True, length=(0, 1000), as_long_as="x")
    x: tuple[float, ...] = numbers(
        (1.2, 1.8, 2.6, 3.1, 6.7, 7.4, 8.3, 8.6, 4.1, 4.9, 5.6, 6.3), "x", length=(2, 1000)
    )
    y: tuple[float, ...] = numbers(
        (1.9, 3.1, 1.4, 2.7, 2.2, 3.6, 1.6, 3.0, 7.3, 8.6, 6.8, 8.1), "y", as_long_as="x"
    )
    centroid_x: tuple[float, ...] = numbers(
        (4.9, 1.8, 0.7), "centroid x", length=(1, len(NUMBERED_COLOURS))
    )
    centroid_y: tuple[float, ...] = numbers((1.0, 0.8, 2.2), "centroid y", as_long_as="centroid_x")


def write(board: Board, inputs: Inputs) -> None:
    """The two customers above; below, a panel for each round, and charts of where it leads."""
    point = axis("point", inputs.name or len(inputs.x))
    centroid, rounds = axis("centroid", len(inputs.centroid_x)), axis("round", inputs.rounds)
    feature = axis("feature", ("age|나이", "income|수입", "education|교육"))
    of_cluster = {
        name: f"cluster = {k}" for k, name in enumerate(NUMBERED_COLOURS[: centroid.size], 1)
    }

    strip = board.strip(width=96)
    customers = board.rows(feature, labels="customer|고객", label_span=2, span=2, right_of=strip)
    customers.inputs("customer_1", "customer_2")
    customers.row("squared_difference", "(x₁ − x₂)²", "= (customer_1 - customer_2)^2")
    length, of_two = "= SQRT(SUM(squared_difference))", customers.foot("distance|거리")
    of_two.value("customer_distance", length, under="squared_difference", format="0.00")

    with board.panels(rounds, runs="right", labels_once=True, space=0, below=strip) as panel:
        steps = panel.columns(point, labels="point|점", title="Round {}|반복 {}", format="0.00")
        steps.inputs("x", "y", format="0.0#", once=True)
        label = "2. distance to centroid|2. centroid까지의 거리"
        nearest = {name: f"AND({here}, centroid = cluster)" for name, here in of_cluster.items()}
        far = distance_of("x - centroid_x", "y - centroid_y")
        steps.column("distance", label, far, by=centroid, colour=nearest)
        label, first = "3.\nnearest|3. 할당\ncluster", "= MATCH(MIN(distance), distance, 0)"
        steps.column("cluster", label, first, format="0", colour=of_cluster)
        for xy in ("x", "y"):
            again = f"= new_centroid_{xy}.before(round)"
            steps.start(f"1. centroid {xy}").input(f"centroid_{xy}", then=again, under="distance")
        size = steps.foot("cluster size|cluster의 크기")
        size.value("cluster_size", "= COUNTIF(cluster, centroid)", under="distance", format="0")
        for xy in ("x", "y"):
            mean = f"= IF(cluster_size = 0, centroid_{xy}, AVERAGEIF(cluster, centroid, {xy}))"
            moved = steps.foot(f"4. new centroid {xy}|4. 새 centroid {xy}")
            moved.value(f"new_centroid_{xy}", mean, under="distance")
        shift = distance_of("new_centroid_x - centroid_x", "new_centroid_y - centroid_y")
        moved = steps.foot("5. moved by|5. 이동 거리")
        moved.value("centroid_shift", shift, under="distance", colour={"good": "this = 0"})
        squares, own = steps.foot("sum of distance²|거리²의 합"), "(cluster = centroid)"
        squares.value("cluster_inertia", f"= SUMPRODUCT({own} * distance^2)", under="distance")
    board.freeze(steps)

    progress = board.columns(rounds, below=panel)
    progress.count("round_number", "round|반복")
    progress.column("inertia", "inertia", "= SUM(cluster_inertia)", format="0.00")
    stays, words = "= IF(SUM(centroid_shift) = 0, 1, 0)", '"stop";;"again"|"끝";;"반복"'
    progress.column(
        "converged", "again?|또 반복?", stays, format=words, colour={"good": "this = 1"}
    )
    board.legend(below=progress)

    # What the charts need and nobody else: a column for each cluster, a path for each centroid.
    helpers = board.columns(point, beside=panel, format="0.0#")
    belongs = "= IF(cluster.last(round) = centroid, y, NA())"
    helpers.column("cluster_y", "y by cluster|cluster별 y", belongs, by=centroid, helper=True)
    for xy in ("x", "y"):
        helpers = board.columns(rounds, below=helpers, format="0.00")
        helpers.column(f"path_{xy}", xy, f"= centroid_{xy}", by=centroid, helper=True)

    inertia = board.chart(
        "Inertia, round by round|반복마다의 inertia",
        line("inertia", dotted=True),
        right_of=progress,
        width=36,
        rows=19,
    )
    start, end = (
        dots(y, over=x, label=label, colour=7, shape=shape)
        for x, y, label, shape in (
            ("centroid_x.first(round)", "centroid_y.first(round)", "start|시작", "diamond"),
            ("new_centroid_x.last(round)", "new_centroid_y.last(round)", "end|끝", "cross"),
        )
    )
    moves = board.chart(
        "How the centroids move|centroid의 이동",
        line("path_y", over="path_x", each=centroid, label="centroid {}"),
        start,
        end,
        right_of=inertia,
        width=40,
    )
    board.chart(
        "The clusters of the last round|마지막 반복의 cluster",
        dots("cluster_y", over="x", each=centroid, label="cluster {}"),
        end,
        y="y",
        right_of=moves,
        width=44,
    )


def distance_of(x: str, y: str) -> str:
    """The formula of a distance that goes so far in x and in y."""
    return f"= ROUND(SQRT(({x})^2 + ({y})^2), {DECIMALS})"


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy, all coordinates in the unit of the points.

    For n points, r rounds and k centroids: `distance` has shape (r, n, k), `cluster` (r, n), the
    centroids, their sizes, shifts and inertias (r, k), what is said of a whole round (r,), and
    `cluster_y` (n, k), nan where the point is in another cluster.
    """
    rounds, k = inputs.rounds, len(inputs.centroid_x)
    points = np.column_stack([inputs.x, inputs.y])
    centroids = np.empty((rounds + 1, k, 2))
    centroids[0] = np.column_stack([inputs.centroid_x, inputs.centroid_y])
    distance = np.empty((rounds, len(points), k))
    members = np.empty((rounds, len(points), k), dtype=bool)
    for j in range(rounds):
        differences = points[:, None] - centroids[j]
        distance[j] = np.round(np.linalg.norm(differences, axis=2), DECIMALS)
        members[j] = distance[j].argmin(axis=1)[:, None] == np.arange(k)
        sizes = members[j].sum(axis=0)[:, None]
        means = members[j].T @ points / np.maximum(sizes, 1)
        centroids[j + 1] = np.where(sizes > 0, means, centroids[j])
    shift = np.round(np.linalg.norm(np.diff(centroids, axis=0), axis=2), DECIMALS)
    cluster_inertia = np.sum(distance**2, axis=1, where=members)
    customers = np.array([inputs.customer_1, inputs.customer_2])
    return {
        "squared_difference": (customers[0] - customers[1]) ** 2,
        "customer_distance": np.linalg.norm(customers[:1] - customers[1], axis=1),
        "centroid_x": centroids[:-1, :, 0],
        "centroid_y": centroids[:-1, :, 1],
        "distance": distance,
        "cluster": members.argmax(axis=2) + 1,
        "cluster_size": members.sum(axis=1),
        "new_centroid_x": centroids[1:, :, 0],
        "new_centroid_y": centroids[1:, :, 1],
        "centroid_shift": shift,
        "cluster_inertia": cluster_inertia,
        "round_number": np.arange(1, rounds + 1),
        "inertia": cluster_inertia.sum(axis=1),
        "converged": (~shift.any(axis=1)).astype(int),
        "path_x": centroids[:-1, :, 0],
        "path_y": centroids[:-1, :, 1],
        "cluster_y": np.where(members[-1], points[:, 1:], np.nan),
    }


HOW_TO_READ = """
The distance of the customers {customer_distance} is the root of the summed squares of all their
differences. K-Means measures every distance in this way.
| 두 고객의 거리({customer_distance})는 모든 차이를 제곱하여 더하고 제곱근을 구한 값입니다.
K-Means의 모든 거리를 이렇게 계산합니다.

Read a round from top to bottom, steps 1 to 5: where the centroids are, how far each point is from
them, which one is nearest, the mean of each cluster, and how far that has moved the centroid. The
next round, at the right, starts from there.
| 한 반복을 위에서 아래로(1~5단계) 읽습니다. centroid의 위치, 각 data point까지의 거리, 가장 가까운
centroid, cluster마다의 평균, 그 평균으로 옮긴 거리입니다. 오른쪽의 다음 반복은 여기서 출발합니다.

Inertia {inertia} is the sum of the squared distances to the nearest centroid. It never rises; once
no centroid moves any more, all later rounds are the same.
| inertia({inertia})는 가장 가까운 centroid까지의 거리를 제곱하여 더한 값입니다. 커지는 일은
없으며, centroid가 더 움직이지 않으면 그 뒤의 반복은 모두 같습니다.

Of equal distances the first counts (they are rounded to nine decimals, so that the last digits of a
computer's arithmetic do not decide); a cluster without points keeps its centroid.
| 거리가 같으면 앞 번호를 고르고(컴퓨터 계산의 끝자리가 정하지 않도록 거리를 소수 아홉째 자리까지
반올림합니다), data point가 없는 cluster의 centroid는 그대로 둡니다.
"""

TO_TRY = (
    to_try(
        "Set {centroid_x.input} to 2, 8, 5 and {centroid_y.input} to 2, 3, 8, one in each group: it"
        " stops in round 2.|"
        "{centroid_x.input}을 2, 8, 5로, {centroid_y.input}을 2, 3, 8로(무리마다 하나씩) 바꾸면"
        " 반복 2에서 끝납니다.",
        {"centroid_x.input": (2, 8, 5), "centroid_y.input": (2, 3, 8)},
        lambda before, after: after["converged"].tolist() == [0, 1, 1, 1, 1],
    ),
    to_try(
        "Set them to 1, 2, 3 and 2, 2, 2, all in one group: it stops at inertia"
        " 76 instead of 13 ({inertia.last}).|"
        "1, 2, 3과 2, 2, 2로 바꾸어 한 무리에 모으십시오. 역시 끝나지만 inertia({inertia.last})가"
        " 13이 아닌 76입니다.",
        {"centroid_x.input": (1, 2, 3), "centroid_y.input": (2, 2, 2)},
        lambda before, after: after["converged"][-1] and 75.5 < after["inertia"][-1] < 76.5,
    ),
    to_try(
        "Set {centroid_x.at(round, 1).at(centroid, 1)} to 50: centroid 1 is nearest to no point,"
        " its cluster stays empty.|"
        "{centroid_x.at(round, 1).at(centroid, 1)}을 50으로 바꾸십시오. centroid 1에 가장 가까운"
        " data point가 없어 빈 cluster로 남습니다.",
        {"centroid_x.at(round, 1).at(centroid, 1)": 50},
        lambda before, after: np.all(after["cluster_size"][:, 0] == 0),
    ),
)
