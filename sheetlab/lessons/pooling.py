"""Pooling and flattening: what is left of a feature map, and what it forgives.

Each window of 2 x 2 values gives one, its largest or its mean; windows do not overlap, so a side of
n values becomes floor(n / 2). There are no weights to learn (LeCun et al., 1998, the mean;
Riesenhuber and Poggio, 1999, the maximum):

    max_pooled[r, c]  = max over i, j of feature_map[2 r + i, 2 c + j]
    mean_pooled[r, c] = mean over i, j of feature_map[2 r + i, 2 c + j]

Flattening puts the rows of what is left behind one another, for a dense layer.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Pooling and flattening|Pooling과 Flattening"
SHEET_NAME = "Pooling"
EQUATION = (
    "max pooling = the largest of each 2 × 2 window,   mean pooling = its mean|"
    "max pooling = 2 × 2 창마다 최댓값,   mean pooling = 창마다 평균"
)
SLIDES = [
    ("001", "How Pooling works ?"),
    ("001", "Pooling Layer 의 2 가지 특성"),
    ("001", "What is Flattening ?"),
]

SHIFTS, POOLINGS = 4, 5

FEATURE_MAP = (
    *(1, 0, 1, 0, 0, 0),
    *(0, 0, 0, 0, 0, 0),
    *(4, 1, 0, 0, 1, 0),
    *(2, 0, 2, 1, 0, 0),
    *(0, 0, 2, 0, 0, 1),
    *(0, 0, 1, 0, 1, 0),
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """A feature map of ours that max pooling makes the slide's 3 x 3 map of."""

    feature_map: tuple[float, ...] = column(
        FEATURE_MAP, "feature map", whole=True, at_least=0, at_most=255, length=(16, 144)
    )
    picture_side: int = number(
        28, "pixels a side|한 변의 pixel 수", whole=True, at_least=16, at_most=1024
    )

    def check(self) -> None:
        """A square feature map."""
        self.require(
            isqrt(len(self.feature_map)) ** 2 == len(self.feature_map),
            f"feature_map has {len(self.feature_map)} values, but a square has 16, 25, 36"
            " …; give its rows one after another.",
            f"feature_map의 값이 {len(self.feature_map)}개인데, 정사각형이 되려면 16, 25,"
            " 36 …개여야 합니다. 행을 차례로 이어서 주십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The map and its pools, again for each shift; flattened; what shifts and poolings change."""
    side = isqrt(len(inputs.feature_map))
    row, col = (axis(name, range(1, side + 1)) for name in ("row", "col"))
    pool_row, pool_col = (one.windows(2, name=f"pool_{one.name}", stride=2) for one in (row, col))
    shift, pooling = axis("shift", range(SHIFTS)), axis("pooling", POOLINGS)
    place = axis("place", range(1, pool_row.size * pool_col.size + 1))

    with board.panels(shift, runs="right", labels_once=True) as panel:
        title = "moved right by {}|오른쪽으로 {}칸"
        maps = panel.columns(row, labels=True, title=title)
        moved = "= IF(col = 1, 0, INDEX(feature_map.before(shift).all, row, MAX(col - 1, 1)))"
        largest = "INDEX(max_pooled.all, ROUNDUP(row / 2, 0), ROUNDUP(col / 2, 0))"
        chosen = {"second": f"AND(feature_map > 0, feature_map = {largest})"}
        maps.input("feature_map", by=col, then=moved, shade=True, colour=chosen)
        pools = panel.columns(pool_row, labels=True, below=maps, format="0.##")
        pools.column("max_pooled", "max", "= MAX(feature_map)", by=pool_col, shade=True)
        pools.column("mean_pooled", "mean", "= AVERAGE(feature_map)", by=pool_col, shade=True)

    flat = board.columns(place, labels=True, right_of=panel)
    flatten = f"ROUNDUP(place / {pool_col.size}, 0), MOD(place - 1, {pool_col.size}) + 1"
    flat.column("flattened", "flattened", f"= INDEX(max_pooled.first(shift), {flatten})")
    changes = board.columns(shift, labels="moved|이동", right_of=flat, format="0%")
    with changes.group("changed: Σ(x − x₀)² / Σx₀²|변한 정도: Σ(x − x₀)² / Σx₀²"):
        for name, label, of in (
            ("pixel_change", "feature map", "feature_map"),
            ("max_change", "max pooling", "max_pooled"),
            ("mean_change", "mean pooling", "mean_pooled"),
        ):
            energy = f"SUMSQ({of}.first(shift))"
            change = f"= IF({energy} = 0, 0, SUMXMY2({of}, {of}.first(shift)) / {energy})"
            changes.column(name, label, change)
    views = board.columns(pooling, right_of=flat, below=changes)
    views.count("poolings", "poolings|pooling 횟수", first=0)
    views.column(
        "pooled_side",
        "a side|한 변",
        "= ROUNDDOWN(pooled_side.before / 2, 0)",
        first="= picture_side",
    )
    views.column("seen_side", "sees, a side|보는 폭", "= 2 * seen_side.before", first="= 1")
    sizes = board.rows(right_of=flat, below=views, label_span=3)
    sizes.input("picture_side")
    board.legend(right_of=flat, below=sizes)

    left = board.chart(
        "How much a move changes|이동하면 얼마나 변하는가",
        line("pixel_change", dotted=True),
        line("max_change", dotted=True),
        line("mean_change", dotted=True),
        over="shift",
        x="moved right by|오른쪽으로 이동한 칸",
        y="changed|변한 정도",
        width=98,
        rows=26,
        whole_x=True,
        y_format="0%",
    )
    board.chart(
        "Fewer values, each sees more|값은 줄고, 값 하나가 보는 폭은 넓어진다",
        line("pooled_side", dotted=True),
        line("seen_side", dotted=True),
        y="pixels, values|pixel, 값",
        right_of=left,
        width=changes,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    For a map of n values a side and p = floor(n / 2), `feature_map` is (4, n, n), one for each
    shift, its pools (4, p, p), the changes (4,); `flattened` is (p * p,), the views are (5,).
    """
    side = isqrt(len(inputs.feature_map))
    maps = np.zeros((SHIFTS, side, side))
    maps[0] = np.reshape(inputs.feature_map, (side, side))
    for shift in range(1, SHIFTS):
        maps[shift, :, shift:] = maps[0, :, :-shift]
    pooled = side // 2
    windows = maps[:, : 2 * pooled, : 2 * pooled].reshape(SHIFTS, pooled, 2, pooled, 2)
    max_pooled, mean_pooled = windows.max(axis=(2, 4)), windows.mean(axis=(2, 4))
    poolings = np.arange(POOLINGS)
    return {
        "feature_map": maps,
        "max_pooled": max_pooled,
        "mean_pooled": mean_pooled,
        "flattened": max_pooled[0].ravel(),
        "pixel_change": relative_change(maps),
        "max_change": relative_change(max_pooled),
        "mean_change": relative_change(mean_pooled),
        "poolings": poolings,
        "pooled_side": inputs.picture_side // 2**poolings,
        "seen_side": 2**poolings,
    }


def relative_change(maps: Values) -> Values:
    """The squared distance of each map from the first, as a part of the first one's square."""
    energy = np.sum(maps[0] ** 2)
    return np.array(np.sum((maps - maps[0]) ** 2, axis=(1, 2)) / (energy if energy > 0 else 1))


HOW_TO_READ = """
Each window of 2 × 2 values of the feature map ({feature_map.at(shift, 1)}) becomes one value: its
largest ({max_pooled.at(shift, 1)}; orange above) or its mean ({mean_pooled.at(shift, 1)}). There is
nothing to learn, and a quarter of the values is left. Flattened ({flattened}), the pooled map is
one vector, row after row.
| feature map({feature_map.at(shift, 1)})의 2 × 2 창마다 값 하나가 남습니다. max pooling은 최댓값
({max_pooled.at(shift, 1)}, 위에서 주황색), mean pooling은 평균({mean_pooled.at(shift, 1)})입니다.
학습할 weight는 없고, 값은 4분의 1로 줄어듭니다. Flattening은 pooling한 map을 한 행씩 이어 붙인
벡터입니다({flattened}).

To the right, the same map is moved by 1, 2 and 3 places. As long as a large value stays in its
window, max pooling does not notice (positional invariance); once it leaves, the pool moves too.
The table tells how much of each has changed ({pixel_change}, {max_change}, {mean_change}).
| 오른쪽은 같은 map을 1, 2, 3칸 옮긴 것입니다. 큰 값이 자기 창 안에 머무는 동안 max pooling의 결과는
그대로이고(positional invariance), 창을 벗어나면 결과도 함께 움직입니다. 변한 정도는 표에 있습니다
({pixel_change}, {max_change}, {mean_change}).

With each pooling, a side has half as many values ({pooled_side}), and each of them sees twice as
many pixels a side ({seen_side}).
| pooling할 때마다 한 변에 남는 값의 수는 절반이 되고({pooled_side}), 값 하나가 보는 폭은 두 배가
됩니다({seen_side}).

[slide] The slide prints the pooled map and its vector; the feature map before is chosen to give it.
| 슬라이드에는 pooling한 map과 그 벡터만 있습니다. pooling하기 전의 feature map은 그 결과가 나오도록
정했습니다.
"""

TO_TRY = (
    to_try(
        "Set {feature_map.at(shift, 1).at(row, 3).at(col, 2)} to 9: right in its window, it leaves"
        " with the first move.|"
        "{feature_map.at(shift, 1).at(row, 3).at(col, 2)}에 9를 넣으십시오. 창의 오른쪽에 있어 한"
        " 칸만 움직여도 창을 벗어납니다.",
        {"feature_map.at(shift, 1).at(row, 3).at(col, 2)": 9},
        lambda before, after: before["max_change"][1] == 0 and after["max_change"][1] > 0.5,
    ),
    to_try(
        "Set {feature_map.at(shift, 1)} to 3 everywhere: maximum and mean are the same.|"
        "{feature_map.at(shift, 1)}에 모두 3을 넣으십시오. 최댓값과 평균이 같아집니다.",
        {"feature_map.at(shift, 1)": 3},
        lambda before, after: np.array_equal(after["max_pooled"][0], after["mean_pooled"][0]),
    ),
    to_try(
        "Set {picture_side} to 224: even after four poolings, 14 values a side are left.|"
        "{picture_side}에 224를 넣으십시오. 네 번 pooling해도 한 변에 값이 14개 남습니다.",
        {"picture_side": 224},
        lambda before, after: after["pooled_side"][-1] == 14,
    ),
)
