"""K nearest neighbors: an unknown flower is what most of the flowers nearest to it are.

Of the k nearest neighbors, the most frequent class is the answer of the classification, and the
mean of their values that of the regression (Fix and Hodges, 1951; Cover and Hart, 1967):

    distance[n] = sqrt((x[n] - x)^2 + (y[n] - y)^2)
    class       = the most frequent class of the k nearest;  of as many, the one that had them first
    value       = mean of the values of the k nearest
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import NUMBERED_COLOURS, Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try
from sheetlab.text import same

TITLE = "K nearest neighbors, from 1 to all|K 최근접 이웃(KNN): k = 1부터 전체까지"
SHEET_NAME = "KNN"
EQUATION = (
    "distance = √((x₁ − x)² + (y₁ − y)²),   class = what most of the k nearest are|"
    "거리 = √((x₁ − x)² + (y₁ − y)²),   class = 가까운 이웃 k개 중 가장 많은 class"
)
SLIDES = [
    ("001", "KNN (K-Nearest Neighbors, K 최근접 이웃)"),
    ("001", "KNN 알고리즘"),
    ("001", "실습 : 020. KNN(K-Nearest Neighbors, 최근접 이웃)"),
]

# Distances that are equal on paper differ in their last binary digits, but not in so many decimals.
DECIMALS, BOUNDS = 9, {"at_least": -1e5, "at_most": 1e5}
lengths = partial(column, at_least=-1e5, at_most=1e5)
NAME = '" "@'  # a little apart from the number before it

KINDS = (*["setosa"] * 3, *["versicolor"] * 6, *["virginica"] * 5)
NEW = ("new_length", "new_width", "k")


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Fourteen flowers of the iris data (Fisher, 1936), an unknown one among them, and k."""

    k: int = number(5, "k: neighbors|k: 이웃의 수", whole=True, at_least=1, at_most=1000)
    new_length: float = number(4.9, "x: petal length|x: 꽃잎 길이", **BOUNDS)
    new_width: float = number(1.7, "y: petal width|y: 꽃잎 너비", **BOUNDS)
    petal_length: tuple[float, ...] = lengths(
        (1.4, 1.1, 1.7, 4.7, 3.9, 4.8, 4.9, 4.5, 4.2, 6.0, 5.1, 4.9, 5.0, 5.7),
        "x₁: petal\nlength|x₁: 꽃잎\n길이",
    )
    petal_width: tuple[float, ...] = lengths(
        (0.2, 0.1, 0.5, 1.4, 1.4, 1.8, 1.5, 1.3, 1.2, 2.5, 1.5, 1.8, 1.5, 2.3),
        "y₁: petal\nwidth|y₁: 꽃잎\n너비",
    )
    species: tuple[str, ...] = column(KINDS, "species|품종", text=True, length=(2, 1000))
    sepal_length: tuple[float, ...] = lengths(
        (5.1, 4.3, 5.1, 7.0, 5.2, 5.9, 6.3, 5.7, 5.7, 6.3, 6.3, 6.3, 6.0, 6.9),
        "value: sepal\nlength|value:\n꽃받침 길이",
    )

    def check(self) -> None:
        """As many values of each, at least k of them, and no more species than colours."""
        require_same_length(self, "petal_length", "petal_width", "species", "sepal_length")
        count, names = len(self.species), {name.casefold(): name for name in self.species}
        self.require(
            self.k <= count,
            f"k is {self.k}, but there are only {count} flowers; give a smaller k.",
            f"k가 {self.k}인데 꽃은 {count}개뿐입니다. 더 작은 k를 주십시오.",
        )
        self.require(
            len(names) <= len(NUMBERED_COLOURS) and set(self.species) <= set(names.values()),
            f"Give species at most {len(NUMBERED_COLOURS)} names, each always spelled alike.",
            f"species의 이름은 {len(NUMBERED_COLOURS)}가지까지, 늘 같은 표기로 쓰십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The flowers with their ranks, the same from near to far with every k, and charts."""
    names = list(dict.fromkeys(inputs.species))
    flower, kind = axis("flower", len(inputs.species)), axis("kind", [same(name) for name in names])

    given = board.rows(title="unknown flower (cm)|모르는 꽃 (cm)", label_span=3)
    for name in NEW:
        given.input(name)
    answer = board.rows(title="the k nearest say|k개 이웃의 답", right_of=given, label_span=2)
    tint = partial(by_name, names)
    winner, mean = "= INDEX(winner, k)", "= INDEX(mean_value, k)"
    colour = tint("answer_class")
    answer.row("answer_class", "class (vote)|class (투표)", winner, format=NAME, colour=colour)
    answer.row("answer_value", "value (mean, cm)|value (평균, cm)", mean, format="0.00")
    board.legend(right_of=answer)

    flowers = board.columns(down=flower, labels="no.|번호", below=given, format="0.0")
    flowers.inputs("petal_length", "petal_width")
    flowers.input("species", format=NAME, colour=tint("species"))
    flowers.input("sepal_length")
    root = f"= ROUND(SQRT((petal_length - new_length)^2 + (petal_width - new_width)^2), {DECIMALS})"
    flowers.column("distance", "distance|거리", root, format="0.00")
    order = "= RANK(distance, distance.all, 1) + COUNTIF(distance.so_far, distance) - 1"
    flowers.column("rank", "rank|순위", order, format="0", colour={"good": "rank <= k"})

    title = "from near to far, the answer of every k|가까운 순서로, k마다의 답"
    nearest = board.columns(
        down=axis("place", flower.size), title=title, beside=flowers, format="0.00"
    )
    nearest.count("place", "k", colour={"good": "place <= k"})
    nearest.column("number", "no.|번호", "= MATCH(place, rank, 0)", format="0")
    nearest.column("near_distance", "distance|거리", "= INDEX(distance, number)")
    name = "= INDEX(species, number)"
    colour = tint("near_species")
    nearest.column("near_species", "species|품종", name, format=NAME, colour=colour)
    nearest.column("near_value", "value", "= INDEX(sepal_length, number)", format="0.0")
    votes = "= SUMPRODUCT((near_species.so_far = kind) * 1)"
    nearest.column("votes", "votes of the first k|처음 k개의 투표", votes, by=kind, format="0")
    # The class of the row takes the lead only with more votes than the one that had it.
    lead = (
        "= IF(SUMPRODUCT((near_species.so_far = near_species) * 1)"
        " > SUMPRODUCT((near_species.so_far = winner.before) * 1), near_species, winner.before)"
    )
    first, colour = "= near_species", tint("winner")
    nearest.column("winner", "class", lead, first=first, format=NAME, colour=colour)
    nearest.column("mean_value", "mean\nvalue|value의\n평균", "= AVERAGE(near_value.so_far)")
    board.freeze(flowers)

    drawn = board.columns(down=flower, beside=nearest, format="0.0")
    drawn.column(
        "kind_width", "y₁", "= IF(species = kind, petal_width, NA())", by=kind, helper=True
    )
    near = "= IF(rank <= k, petal_width, NA())"
    drawn.column("neighbor_width", "neighbor|이웃", near, helper=True)

    place: dict[str, Any] = {"below": (flowers, nearest), "rows": 23}
    large: dict[str, Any] = {"colour": 7, "size": 11}
    flat = board.chart(
        "The unknown flower among the others|다른 꽃들 사이의 모르는 꽃",
        dots("kind_width", each=kind),
        dots("neighbor_width", label="neighbor|이웃", shape="circle", hollow=True, **large),
        dots("new_width", over="new_length", label="unknown|모르는 꽃", shape="cross", **large),
        over="petal_length",
        x="petal length (cm)|꽃잎 길이 (cm)",
        y="petal width (cm)|꽃잎 너비 (cm)",
        width=60,
        **place,
    )
    place["width"] = 52
    title, counts = "Votes of the k nearest|k개 이웃의 투표", line("votes", each=kind)
    counted = board.chart(title, counts, y="votes|투표", right_of=flat, **place)
    title, means = (
        "Mean value of the k nearest|k개 이웃의 value 평균",
        line("mean_value", dotted=True),
    )
    board.chart(title, means, y="cm", right_of=counted, **place)


def by_name(names: list[str], quantity: str) -> dict[str, str]:
    """Each species' colour, wherever its name stands."""
    quoted = [name.replace('"', '""') for name in names]
    return {
        colour: f'{quantity} = "{name}"'
        for colour, name in zip(NUMBERED_COLOURS, quoted, strict=False)
    }


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; lengths in cm, species in the order in which they first come.

    Columns have shape (n_flowers,), `votes` and `kind_width` (n_flowers, n_species).
    """
    points = np.column_stack([inputs.petal_length, inputs.petal_width])
    species, value = np.array(inputs.species), np.array(inputs.sepal_length)
    difference = points - (inputs.new_length, inputs.new_width)
    distance = np.round(np.linalg.norm(difference, axis=1), DECIMALS)
    order = np.argsort(distance, kind="stable")
    rank = np.argsort(order) + 1
    names = np.array(list(dict.fromkeys(inputs.species)))
    votes = np.cumsum(species[order][:, None] == names, axis=0)
    leader = [votes[0].argmax()]
    for row in votes[1:]:
        leader.append(row.argmax() if row.max() > row[leader[-1]] else leader[-1])
    winner = names[leader]
    mean_value = np.cumsum(value[order]) / np.arange(1, len(value) + 1)
    return {
        "answer_class": winner[inputs.k - 1],
        "answer_value": mean_value[inputs.k - 1],
        "distance": distance,
        "rank": rank,
        "place": np.arange(1, len(value) + 1),
        "number": order + 1,
        "near_distance": distance[order],
        "near_species": species[order],
        "near_value": value[order],
        "votes": votes,
        "winner": winner,
        "mean_value": mean_value,
        "kind_width": np.where(species[:, None] == names, points[:, 1:], np.nan),
        "neighbor_width": np.where(rank <= inputs.k, points[:, 1], np.nan),
    }


HOW_TO_READ = """
On the left each flower has its distance from the unknown one and its rank; the k nearest are green.
On the right the same flowers stand from near to far, and every row is an answer: of the first k
flowers, the votes of each species, the class that has most of them, and the mean of the values.
| 왼쪽 표에는 모르는 꽃까지의 거리와 순위가 있고, 가장 가까운 k개는 초록색입니다. 오른쪽 표는 같은
꽃을 가까운 순서로 놓은 것으로, 행마다 k의 답이 있습니다. 처음 k개의 품종별 투표수, 가장 많은 표를
얻은 class, value의 평균입니다.

A small k follows single flowers, a large one forgets who is near: of all flowers, the most frequent
species always wins. Of as many votes, the class that had them first wins.
| k가 작으면 꽃 하나하나에 휘둘리고, 너무 크면 멀리 있는 꽃까지 투표합니다. 전체를 쓰면
늘 가장 흔한 품종이 이깁니다. 표가 같으면 그 수에 먼저 이른 class가 이깁니다.

[slide] The flowers are fourteen of the 150 of the lecture's iris data; the unknown one is chosen
here, between two species.
| 꽃은 강의에 나온 iris 데이터 150개 가운데 14개이며, 모르는 꽃은 두 품종 사이에서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set k ({k}) to 3: with the two farther neighbors left out, the answer is another.|"
        "k({k})를 3으로 바꾸십시오. 먼 이웃 둘이 빠져 답이 달라집니다.",
        {"k": 3},
        lambda before, after: before["answer_class"] != after["answer_class"],
    ),
    to_try(
        "Set {new_length} to 1.5 and {new_width} to 0.3: the three setosa are the nearest and win.|"
        "{new_length}을 1.5로, {new_width}를 0.3으로 바꾸십시오. 가까운 setosa 셋이 이깁니다.",
        {"new_length": 1.5, "new_width": 0.3},
        lambda before, after: after["answer_class"] == "setosa",
    ),
    to_try(
        "There, set k ({k}) to 7: four versicolor, far away, outvote the three that are near.|"
        "그 상태에서 k({k})를 7로 바꾸십시오. 멀리 있는 versicolor 넷이 가까운 셋을 이깁니다.",
        {"new_length": 1.5, "new_width": 0.3, "k": 7},
        lambda before, after: after["answer_class"] == "versicolor" and after["votes"][6, 0] == 3,
    ),
    to_try(
        "Set {petal_length.at(12)} to 49, in millimetres: the nearest flower becomes the farthest.|"
        "{petal_length.at(12)}를 밀리미터 단위인 49로 바꾸십시오. 그 꽃이 가장 멀어집니다.",
        {"petal_length.at(12)": 49},
        lambda before, after: before["rank"][11] == 1 and after["rank"][11] == 14,
    ),
)
