"""Convolution: a kernel slides over a picture, and each place of it gives one value.

What networks call convolution is the cross-correlation; true convolution turns the kernel by 180
degrees first (LeCun et al., 1989):

    correlation[r, c] = sum over i, j of picture[r + i, c + j] * kernel[i, j]
    convolution[r, c] = sum over i, j of picture[r + i, c + j] * kernel[-1 - i, -1 - j]

Of n pixels a side, a kernel of size k with stride s leaves floor((n - k) / s) + 1; with "same"
padding, zeros around, ceil(n / s). Of several channels, the results are added up.
"""

from dataclasses import dataclass
from functools import partial
from math import isqrt
from typing import Any

import numpy as np

from sheetlab.authoring import Board, Columns, axis, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Convolution: a kernel slides over a picture|Convolution: 이미지 위를 움직이는 kernel"
SHEET_NAME = "Convolution"
EQUATION = (
    "output = Σᵢⱼ pixelᵢⱼ · kernelᵢⱼ of the window,   one window for each place|"
    "출력 = 창 안의 Σᵢⱼ pixelᵢⱼ · kernelᵢⱼ,   창을 한 칸씩 옮기며 값 하나씩"
)
SLIDES = [
    ("001", "How Convolution works ?"),
    ("001", "Striding"),
    ("001", "Kernel(Filter) 의 특성 추출 예"),
    ("003", "(AI Math 9강) CNN 첫걸음"),
]

SMALL = (1, 2, 0, 1, 3, 5, 2, 0, 0, 4, 6, 1, 2, 0, 1, 3)
SQUARE = (*(1,) * 16, *(1, 1, 8, 8, 8, 8, 1, 1) * 4, *(1,) * 16)
STACK = (3, 1, 0, 0, 2, 1, 1, 0, 2, 2, 4, 1, 1, 0, 3, 0, 1, 1, 0, 1, 2, 2, 2, 0, 3, 0, 1)
KERNELS = (1, 0, 0, 1, -1, 2, 0, -1, 1, 0, 0, 1)
FILTERS = {"edge": "Edge detection", "sharpen": "Sharpening", "blur": "Blurring"}

pixels = partial(column, whole=True, at_least=0, at_most=255)
weights = partial(column, at_least=-100, at_most=100)
nine = partial(weights, length=9)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The kernels of the slide, with pictures of ours: 0 is white, the more the darker."""

    chosen_row: int = number(1, "row|행", whole=True, at_least=1, at_most=3)
    chosen_col: int = number(2, "column|열", whole=True, at_least=1, at_most=3)
    small: tuple[float, ...] = pixels(SMALL, "1. picture X|1. 이미지 X", length=16)
    kernel: tuple[float, ...] = weights((1, 0, 2, -1), "kernel K", length=4)
    profile_row: int = number(4, "row of the picture|이미지의 행", whole=True, at_least=2)
    picture: tuple[float, ...] = pixels(SQUARE, "3. picture|3. 이미지", length=(9, 400))
    edge_kernel: tuple[float, ...] = nine((-1, -1, -1, -1, 8, -1, -1, -1, -1), "Edge detection")
    sharpen_kernel: tuple[float, ...] = nine((0, -1, 0, -1, 5, -1, 0, -1, 0), "Sharpening")
    blur_kernel: tuple[float, ...] = nine((1,) * 9, "Blurring")
    channels: tuple[float, ...] = pixels(
        STACK, "4. picture, 3 channels|4. channel이 3개인 이미지", length=27
    )
    channel_kernels: tuple[float, ...] = weights(KERNELS, "kernels|kernel", length=12)

    def check(self) -> None:
        """A square picture, and a row of it that has one above and one below."""
        side = isqrt(len(self.picture))
        self.require(
            side**2 == len(self.picture) and self.profile_row < side,
            "picture needs 9, 16, 25 … values, and profile_row is one of its inner rows.",
            "picture의 값은 9, 16, 25 …개, profile_row는 가장자리가 아닌 행이어야 합니다.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """One window by hand, padding and strides, three channels, three kernels with a profile."""
    row, col = axis("row", (1, 2, 3, 4)), axis("col", (1, 2, 3, 4))
    i, j = axis("i", (1, 2)), axis("j", (1, 2))
    out_row, out_col = row.windows(2, name="out_row"), col.windows(2, name="out_col")

    window = "AND(ABS(row - chosen_row - 0.5) < 1, ABS(col - chosen_col - 0.5) < 1)"
    small = board.columns(row).input("small", by=col, colour={"first": window})
    kernel = board.columns(i, right_of=small).input("kernel", by=j, colour={"second": "i > 0"})
    choice = board.rows(title="blue window|파란 창", right_of=small, below=kernel, label_span=2)
    choice.inputs("chosen_row", "chosen_col")
    terms = board.columns(i * j, labels="i, j", right_of=kernel, span=2)
    place = "= INDEX(small, chosen_row + i - 1, chosen_col + j - 1)"
    terms.column("patch", "pixel", place, colour={"first": "i > 0"})
    terms.column("weight", "kernel", "= kernel", colour={"second": "i > 0"})
    terms.column("term", "product|곱", "= patch * weight")
    here = {"good": "AND(out_row = chosen_row, out_col = chosen_col)"}
    terms.foot("sum|합").value("chosen_sum", "= SUM(term)")
    correlated = board.columns(out_row, labels=True, right_of=terms)
    summed = "= SUMPRODUCT(small, kernel)"
    correlated.column("correlation", "correlation", summed, by=out_col, colour=here)
    turned = board.columns(i, right_of=correlated)
    turned.column("flipped", "K, 180°", "= INDEX(kernel.all, 3 - i, 3 - j)", by=j)
    true = board.columns(out_row, labels=True, right_of=turned)
    name, summed = "true\nconvolution|진짜\nconvolution", "= SUMPRODUCT(small, flipped)"
    true.column("convolution", name, summed, by=out_col, colour=here)

    stride = axis("stride", (1, 2))
    ring = [one.windows(1, name=f"ring_{one.name}", padding=1) for one in (row, col)]
    under: dict[str, Any] = {"below": [small, choice, terms]}
    left = ringed = board.columns(ring[0], **under)
    left.column("padded", "2. X + padding", "= small", first="= 0", last="= 0", by=ring[1])
    edges = "= SUMPRODUCT(padded, edge_kernel)"
    for step in (1, 2):
        out = [one.windows(3, name=f"stride_{step}_{one.name}", stride=step) for one in ring]
        left = board.columns(out[0], right_of=left, **under)
        label = f"edges, stride {step}|경계, stride {step}"
        left.column(f"stride_{step}", label, edges, by=out[1])
    sizes = board.rows(stride, labels="stride", right_of=left, label_span=6, **under)
    fits = "= ROUNDDOWN((ROWS(small) - ROWS(edge_kernel)) / stride, 0) + 1"
    sizes.row("valid_output", "valid: ⌊(4 − 3) / stride⌋ + 1", fits)
    sizes.row("stride_output", "same: ⌈4 / stride⌉", "= ROUNDUP(ROWS(small) / stride, 0)")

    side = isqrt(len(inputs.picture))
    big_row, big_col = axis("big_row", side), axis("big_col", side)
    seen_row, seen_col = (one.windows(3, name=f"seen_{one.name}") for one in (big_row, big_col))
    k, m = axis("k", 3), axis("m", 3)
    under = {"below": ringed}
    left = board.columns(big_row, **under)
    left.input("picture", by=big_col, shade=True, show_labels=False)
    before: list[Columns] = [left]
    for name, label in FILTERS.items():
        kernels = board.columns(k, right_of=before, **under)
        kernels.input(f"{name}_kernel", by=m, show_labels=False)
        found = f"SUMPRODUCT(picture, {name}_kernel)"
        if name == "blur":
            ninth = board.columns(right_of=kernels, **under)
            ninth.column("blur_weight", "factor|배율", "= 1 / COUNT(blur_kernel)", format="# ?/?")
            found = f"blur_weight * {found}"
        seen = board.columns(seen_row, right_of=before, below=kernels, format="0.#")
        seen.column(name, f"→ {label}", f"= {found}", by=seen_col, shade=True, show_labels=False)
        before = [seen, kernels]

    under = {"below": [left, *before]}
    channel, u, v = axis("channel", ("R", "G", "B")), axis("u", 2), axis("v", 2)
    down, across = axis("down", 3), axis("across", 3)
    out_down, out_across = (one.windows(2, name=f"out_{one.name}") for one in (down, across))
    stack = board.columns(down, **under).input("channels", by=channel * across)
    per_channel = board.columns(u, right_of=stack, **under).input("channel_kernels", by=channel * v)
    results = board.columns(out_down, right_of=per_channel, **under)
    part = "= SUMPRODUCT(channels, channel_kernels)"
    results.column("channel_output", "correlation", part, by=channel * out_across)
    added = " + ".join(f"channel_output.at(channel, {number})" for number in (1, 2, 3))
    results.column("volume", "R + G + B", f"= {added}", by=out_across)

    profile = board.rows(seen_col, below=stack, label_span=4, format="0.#")
    profile.count("profile_col", "column|열", first=2)
    profile.row("profile", "picture|이미지", "= INDEX(picture, profile_row, 2)")
    lines = [line("profile", dotted=True)]
    for name, label in FILTERS.items():
        profile.row(f"{name}_profile", label, f"= INDEX({name}, profile_row - 1)")
        lines.append(line(f"{name}_profile", label=label, dotted=True))
    chosen = board.rows(right_of=profile, below=stack, label_span=5).input("profile_row")
    board.legend(right_of=profile, below=chosen, span=6)
    title = "A row of the picture, and what the kernels make of it|이미지의 한 행과 kernel의 결과"
    board.chart(title, *lines, y="value|값", width=seen, rows=42)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    Pictures and kernels are square arrays; an output of n pixels a side and a kernel of size k has
    the shape (n - k + 1, n - k + 1), the strided one (2, 2). Profiles are (n - 2,).
    """
    small, kernel = np.reshape(inputs.small, (4, 4)), np.reshape(inputs.kernel, (2, 2))
    picture = np.reshape(inputs.picture, (isqrt(len(inputs.picture)),) * 2)
    filters = {name: np.reshape(inputs.values(f"{name}_kernel"), (3, 3)) for name in FILTERS}
    row, col = inputs.chosen_row - 1, inputs.chosen_col - 1
    patch, padded = small[row : row + 2, col : col + 2], np.pad(small, 1)
    same = correlate(padded, filters["edge"])
    seen = {name: correlate(picture, one) for name, one in filters.items()}
    seen["blur"] /= 9
    stack = np.reshape(inputs.channels, (3, 3, 3))
    kernels = np.reshape(inputs.channel_kernels, (2, 3, 2))
    parts = np.stack([correlate(stack[:, c], kernels[:, c]) for c in range(3)], axis=1)
    return {
        "patch": patch,
        "weight": kernel,
        "term": patch * kernel,
        "chosen_sum": np.array([np.sum(patch * kernel)]),
        "correlation": correlate(small, kernel),
        "flipped": np.rot90(kernel, 2),
        "convolution": correlate(small, np.rot90(kernel, 2)),
        "padded": padded,
        "stride_1": same,
        "stride_2": same[::2, ::2],
        "valid_output": np.array([2, 1]),
        "stride_output": np.array([4, 2]),
        "blur_weight": np.array([1 / 9]),
        **seen,
        "profile_col": np.arange(2, len(picture)),
        "profile": picture[inputs.profile_row - 1, 1:-1],
        **{f"{name}_profile": values[inputs.profile_row - 2] for name, values in seen.items()},
        "channel_output": parts,
        "volume": parts.sum(axis=1),
    }


def correlate(picture: Values, kernel: Values) -> Values:
    """The cross-correlation wherever the kernel fits, stride 1."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)
    return np.tensordot(windows, kernel.astype(float))


HOW_TO_READ = """
Part 1: the pixels in the blue window times the kernel add up to {chosen_sum}, the green value of
the correlation ({correlation}). All windows share the kernel's weights (parameter sharing), and
each value sees its own window only (locality). True convolution ({convolution}) turns the kernel by
180° first; a network that learns its kernels has no need to.
| 1번: 파란 창의 pixel에 kernel을 곱하여 모두 더한 값({chosen_sum})이 correlation({correlation})의
초록색 값입니다. 모든 창이 kernel의 weight를 함께 쓰고(parameter sharing), 값 하나는 자기 창만
봅니다(locality). 진짜 convolution({convolution})은 kernel을 180° 돌려서 곱하지만, kernel을 학습하는
신경망에서는 그럴 필요가 없습니다.

Part 2: the edge kernel of part 3 slides over the padded picture ({padded}). Padding keeps the size
of 4, and a stride of 2 halves it; but the kernel sees an edge where the zeros begin.
| 2번: 3번의 Edge detection kernel을 padding한 이미지({padded})에 적용합니다. padding을 하면 크기
4가 유지되고, stride가 2이면 절반이 됩니다. 다만 둘레의 0이 시작되는 곳도 경계로 보입니다.

[slide] The slides give the kernels of part 3 and the sizes of part 2; all other numbers are chosen
so that they can be followed by hand. The larger a value, the darker its cell in part 3.
| 슬라이드에 있는 수는 3번의 kernel과 2번의 크기이며, 나머지는 손으로 따라갈 수 있도록 골랐습니다.
3번에서는 값이 클수록 셀이 어둡습니다.
"""

TO_TRY = (
    to_try(
        "Set row {chosen_row} and column {chosen_col} to 3: the window moves to the last corner.|"
        "행({chosen_row})과 열({chosen_col})을 3으로 바꾸십시오. 창이 마지막 구석으로 움직입니다.",
        {"chosen_row": 3, "chosen_col": 3},
        lambda before, after: after["chosen_sum"] == before["correlation"][-1, -1],
    ),
    to_try(
        "Set the picture {picture} to 5 everywhere: no edges, and blurring changes nothing.|"
        "이미지({picture})를 모두 5로 바꾸십시오. 경계가 사라지고, 흐리게 해도 그대로입니다.",
        {"picture": 5},
        lambda before, after: np.all(after["edge"] == 0) and np.allclose(after["blur"], 5),
    ),
    to_try(
        "Set X {small} to 5 everywhere: all edges are at the border, made by the padding.|"
        "X({small})를 모두 5로 바꾸십시오. 가장자리에만 경계가 보이며, padding이 만든 것입니다.",
        {"small": 5},
        lambda before, after: np.count_nonzero(after["stride_1"]) == 12,
    ),
)
