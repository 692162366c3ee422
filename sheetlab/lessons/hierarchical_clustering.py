"""Hierarchical clustering by single link, merge by merge, with the dendrogram and the elbow.

Every point begins as a cluster of its own; then the two clusters with the closest pair of points
are merged, until one is left (Sneath, 1957). A tree that always takes in the nearest point outside
(Prim, 1957) has the merges as its edges, the shortest first, and its order of points is an order of
the dendrogram's leaves (Gower and Ross, 1969).

Merging clusters of a and b points raises the inertia, the sum of squared distances to the means of
the clusters, by a * b / (a + b) * (distance of the two means)^2.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, axis, line
from sheetlab.inputs import LessonInputs, column
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Hierarchical clustering, merge by merge|계층적 군집(Hierarchical Clustering)의 병합"
SHEET_NAME = "Hierarchical"
EQUATION = (
    "single link: merge the two clusters with the closest pair of points|"
    "single link: 가장 가까운 두 점이 든 두 cluster를 합침"
)
SLIDES = [("001", "Clustering 알고리즘의 종류"), ("001", "Choosing k")]

# Distances that are equal on paper differ in their last binary digits, but not in so many decimals.
DECIMALS, LARGEST = 9, 1e5
FAR = 10**6  # more than any distance, for points that the tree already has

values = partial(column, at_least=-LARGEST, at_most=LARGEST, length=(3, 40))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The twelve points of the lesson on k-means."""

    x: tuple[float, ...] = values((1.2, 1.8, 2.6, 3.1, 6.7, 7.4, 8.3, 8.6, 4.1, 4.9, 5.6, 6.3), "x")
    y: tuple[float, ...] = values(
        (1.9, 3.1, 1.4, 2.7, 2.2, 3.6, 1.6, 3.0, 7.3, 8.6, 6.8, 8.1), "y", as_long_as="x"
    )


def write(board: Board, inputs: Inputs) -> None:
    """Distances and the tree above, the merges below them, and charts of both."""
    point, other = axis("point", len(inputs.x)), axis("other", len(inputs.x))
    place, merge = axis("place", len(inputs.x)), axis("merge", len(inputs.x) - 1)
    side = axis("side", ("left|왼쪽", "right|오른쪽"))

    points = board.columns(point, labels="point|점", title="Distances|거리", format="0.0")
    points.inputs("x", "y", format="0.0#")
    apart = f"= ROUND(SQRT((x - x.along(other))^2 + (y - y.along(other))^2), {DECIMALS})"
    same = {"faint": "point = other"}
    points.column("distance", "to point|점까지", apart, by=other, colour=same)
    nearest = "A tree that takes in the nearest point|가장 가까운 점을 이어 가는 트리"
    tree = board.columns(place, labels="place|자리", title=nearest, right_of=points, format="0.0")
    write_tree(tree, point)

    merges = board.columns(merge, labels=False, below=points, title="Merges|병합", format="0.00")
    merges.count("merge_number", "merge|병합", format="0")
    merges.column("height", "distance|거리", "= INDEX(edge, joins)")
    merges.column("joins", "at place|자리", "= MATCH(merge_number, rank, 0)", format="0")
    label = "clusters before: orange joins blue|병합 전 cluster: 주황을 파랑에 합침"
    number = "= 1 + SUMPRODUCT((rank.so_far(place) >= merge_number) * 1)"
    joined = {"first": "cluster = right - 1", "second": "cluster = right"}
    merges.column("cluster", label, number, by=place, format="0", colour=joined)
    for name, label, formula, shown in (
        ("position", "place|자리", "= place", "0"),
        ("leaf", "point|점", "= chosen", "0"),
        ("leaf_x", "x", "= INDEX(x, leaf)", "General"),
        ("leaf_y", "y", "= INDEX(y, leaf)", "General"),
        ("leaf_edge", "edge|간선", "= edge", "0.0"),
        ("leaf_merge", "merge|병합", "= rank", "0"),
    ):
        merges.start(label).value(name, formula, under="cluster", format=shown)

    halves = board.columns(merge, labels=False, beside=merges, format="0.00")
    write_halves(halves, side)
    dendrogram = board.chart(
        "Dendrogram",
        line("drawn_y", over="drawn_x", label="single link"),
        x="place|자리",
        y="distance|거리",
        width=merges,
        rows=24,
        x_range=(0, place.size + 1),
        y_range=(0, None),
    )
    board.chart(
        "The elbow|Elbow(엘보)",
        line("inertia", dotted=True),
        over="clusters_after",
        right_of=dendrogram,
        width=tree,
        whole_x=True,
        y_range=(0, None),
    )
    board.legend(right_of=merges, below=tree, span=4)
    drawn = board.columns(
        merge * axis("corner", 5), labels=False, right_of=(tree, halves), format="0.00"
    )
    corners = [f"= side_position.{one}(side)" for one in ("first", "first", "last", "last", "last")]
    drawn.column("drawn_x", "x", corners, helper=True)
    heights = ["= base.first(side)", "= height", "= height", "= base.last(side)", "= NA()"]
    drawn.column("drawn_y", "y", heights, helper=True)


def write_tree(tree: Columns, point: Axis) -> None:
    """A row for each point that the tree takes in, with its distances to those outside."""
    nearest = "MIN(reach.before(place))"
    chosen = f"= MATCH({nearest}, reach.before(place), 0)"
    tree.column("chosen", "point|점", chosen, first="= 1", format="0")
    tree.column("edge", "edge|간선", f"= {nearest}", first="= 0", format="0.00")
    order = "= SUMPRODUCT((edge.all < edge) * 1) + SUMPRODUCT((edge.so_far = edge) * 1) - 1"
    tree.column("rank", "merge|병합", order, format="0")
    tree.column(
        "reach",
        "from the tree to each point outside|트리에서 바깥 점까지",
        f"= IF(OR(point = chosen, reach.before(place) = {FAR}), {FAR},"
        " MIN(reach.before(place), INDEX(distance, chosen)))",
        first=f"= IF(point = chosen, {FAR}, INDEX(distance, chosen))",
        by=point,
        format=f'[>={FAR}]"–";0.0',
        colour={"faint": f"reach = {FAR}", "good": "reach = MIN(reach.all(point))"},
    )


def write_halves(halves: Columns, side: Axis) -> None:
    """Of each merge, the two clusters that it joins, and the inertia afterwards."""
    right = "right\ncluster|오른쪽\ncluster"
    halves.column("right", right, "= INDEX(cluster, joins)", format="0")
    sizes = ["= COUNTIF(cluster, right - 1)", "= COUNTIF(cluster, right)"]
    halves.column("side_size", "points|점의 수", sizes, by=side, format="0")
    for name, label in (
        ("position", "mean place|자리 평균"),
        ("leaf_x", "mean x|x 평균"),
        ("leaf_y", "mean y|y 평균"),
    ):
        means = [f"= AVERAGEIF(cluster, {one}, {name})" for one in ("right - 1", "right")]
        halves.column(f"side_{name}", label, means, by=side)
    # A cluster is as high as the longest of the edges that have been merged in it.
    highest = "= SUMPRODUCT(MAX((cluster = {}) * (leaf_merge < merge_number) * leaf_edge))"
    bases = [highest.format(one) for one in ("right - 1", "right")]
    halves.column("base", "height|높이", bases, by=side)
    increase = (
        "side_size.first(side) * side_size.last(side) / SUM(side_size)"
        " * ((side_leaf_x.first(side) - side_leaf_x.last(side))^2"
        " + (side_leaf_y.first(side) - side_leaf_y.last(side))^2)"
    )
    left = "= COUNT(x) - merge_number"
    halves.column("clusters_after", "clusters left|남은 cluster", left, format="0")
    halves.column("inertia", "inertia", f"= inertia.before + {increase}", first=f"= {increase}")


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, distances and coordinates in the unit of the points.

    For n points: `distance` and `reach` have shape (n, n), the tree and the leaves (n,), the merges
    (n - 1,), both sides of a merge (n - 1, 2), `cluster` (n - 1, n), the corners of the dendrogram
    (5 * (n - 1),), nan between two merges.
    """
    points = np.column_stack([inputs.x, inputs.y])
    n = len(points)
    distance = np.linalg.norm(points[:, None] - points, axis=2).round(DECIMALS)
    found = grown_tree(distance)
    leaves, edge, merges = points[found["chosen"] - 1], found["edge"], np.arange(1, n)
    joins = np.argsort(edge[1:], kind="stable") + 1
    height = edge[joins]
    rank = np.zeros(n, dtype=int)
    rank[joins] = merges
    cluster = 1 + np.cumsum(rank >= merges[:, None], axis=1)
    right = cluster[merges - 1, joins]
    members = cluster[:, None] == np.column_stack([right - 1, right])[:, :, None]
    size = members.sum(axis=2)
    position, leaf_x, leaf_y = (members @ one / size for one in (np.arange(1, n + 1), *leaves.T))
    gap = np.diff(leaf_x)[:, 0] ** 2 + np.diff(leaf_y)[:, 0] ** 2
    base = np.max(members * ((rank < merges[:, None]) * edge)[:, None], axis=2)
    corners = [base[:, 0], height, height, base[:, 1], np.full(n - 1, np.nan)]
    return {
        **found,
        **{"distance": distance, "rank": rank, "merge_number": merges, "joins": joins + 1},
        **{"height": height, "right": right, "cluster": cluster, "base": base},
        **{"position": np.arange(1, n + 1), "leaf": found["chosen"]},
        **{"leaf_x": leaves[:, 0], "leaf_y": leaves[:, 1], "leaf_edge": edge, "leaf_merge": rank},
        **{"side_size": size, "side_position": position},
        **{"side_leaf_x": leaf_x, "side_leaf_y": leaf_y},
        "inertia": np.cumsum(size.prod(axis=1) / size.sum(axis=1) * gap),
        "clusters_after": n - merges,
        "drawn_x": position[:, [0, 0, 1, 1, 1]].ravel(),
        "drawn_y": np.column_stack(corners).ravel(),
    }


def grown_tree(distance: Values) -> Reference:
    """The tree that always takes in the nearest point outside, from the first point on."""
    n = len(distance)
    chosen, edge, reach = np.ones(n, dtype=int), np.zeros(n), np.empty((n, n))
    nearest = distance[0].copy()
    for k in range(n):
        if k > 0:
            chosen[k], edge[k] = nearest.argmin() + 1, nearest.min()
            nearest = np.minimum(nearest, distance[chosen[k] - 1])
        nearest[chosen[: k + 1] - 1] = FAR
        reach[k] = nearest
    return {"chosen": chosen, "edge": edge, "reach": reach}


HOW_TO_READ = """
Step by step, a tree takes in the point ({chosen}) that is nearest to it, green in the row above, by
an edge ({edge}). The edges are the merges, the shortest first ({rank}).
| 트리는 한 단계마다 자신과 가장 가까운 점({chosen}, 위 행의 초록색)을 간선({edge})으로 잇습니다.
간선을 짧은 것부터 세면 병합의 순서입니다({rank}).

Each merge ({merge_number}) joins two neighbouring clusters, blue and orange, at the distance of
their closest points ({height}). The dendrogram draws a bar for it, as high as that distance: a long
way up to the next bar is a gap between clusters. Cut it there, and what hangs below are the
clusters.
| 병합({merge_number})마다 이웃한 두 cluster(파랑, 주황)를 합치며, 그 높이는 가장 가까운 두 점
사이의 거리({height})입니다. dendrogram은 그 높이에 가로선을 그립니다. 다음 가로선까지 멀다면
cluster 사이에 빈틈이 있는 것이므로, 그 사이에서 자르면 아래에 매달린 것들이 cluster입니다.

The inertia ({inertia}) rises little within a group and much where groups are joined: the elbow
shows how many clusters suit. The points are those of K-Means; the slide shows only a picture.
| inertia({inertia})는 한 무리 안에서 합칠 때는 조금, 무리끼리 합칠 때는 크게 늘어납니다. 그래프가
꺾이는 곳(elbow)이 알맞은 cluster 수입니다. 슬라이드에는 그림만 있어 K-Means 예제의 점을 썼습니다.
"""

TO_TRY = (
    to_try(
        "Set x {x.at(9)} to 5 and y {y.at(9)} to 2.5: one point chains two groups, merged early.|"
        "x({x.at(9)})를 5로, y({y.at(9)})를 2.5로 바꾸십시오. 점 하나로 두 무리가 일찍 합쳐집니다.",
        {"x.at(9)": 5, "y.at(9)": 2.5},
        lambda before, after: after["height"][-2] < 0.6 * before["height"][-2],
    ),
    to_try(
        "Set y {y.at(12)} to 20: an outlier is a cluster of its own until the last merge.|"
        "y({y.at(12)})를 20으로 바꾸십시오. 이상치는 마지막 병합까지 혼자서 한 cluster입니다.",
        {"y.at(12)": 20},
        lambda before, after: after["side_size"][-1].min() == 1,
    ),
    to_try(
        "Set x {x.at(4)} to 1.8, y {y.at(4)} to 3.1: two equal points merge first, at distance 0.|"
        "x({x.at(4)})를 1.8, y({y.at(4)})를 3.1로 바꾸십시오. 같은 두 점이 먼저 합쳐집니다.",
        {"x.at(4)": 1.8, "y.at(4)": 3.1},
        lambda before, after: before["height"][0] > 1 and after["height"][0] == 0,
    ),
)
