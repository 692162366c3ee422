"""Windows over a sequence: what a recurrent network sees, and what it has to tell.

Of a sequence x[1] to x[n], the window w has as many numbers as its length m, and the target lies
`horizon` places behind its last one; so windows overlap, and there are fewer than numbers:

    window[w] = x[w], x[w + 1], …, x[w + m - 1]         target[w] = x[w + m - 1 + horizon]

Two predictions show how much of a window matters: one goes on as the last two numbers do, one
adds to the first number what is learned from all windows:

    by the last two:  x[w + m - 1] + (x[w + m - 1] - x[w + m - 2])
    by the first:     x[w] + mean over all windows of (target - first)
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.authoring.axes import Axis
from sheetlab.authoring.tables import Columns
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Windows over a sequence, and their targets|연속된 숫자의 window와 target"
SHEET_NAME = "Windows"
EQUATION = (
    "window = m numbers in a row,   target = 2 · the next number|"
    "window = 연속된 m개의 숫자,   target = 2 · 다음 숫자"
)
SLIDES = [("001", "실습: 165. Simple LSTM")]

# Up and down in steps of +1, +3, +4, -1, -2, again and again: 5 higher after every 5.
VALUES = (11, 12, 15, 19, 18, 16, 17, 20, 24, 23, 21, 22, 25, 29, 28, 26, 27, 30)

BOUNDS: dict[str, Any] = {"at_least": -1e6, "at_most": 1e6}

whole = partial(number, whole=True, at_least=-1e6, at_most=1e6)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: 0 to 99, windows of five, two of them. The other sequence is ours."""

    lowest: int = whole(0, "first number|첫 숫자")
    highest: int = whole(99, "last number|마지막 숫자")
    length: int = number(5, "window length|window 길이", whole=True, at_least=2, at_most=12)
    horizon: int = whole(1, "steps ahead|몇 칸 뒤")
    factor: float = number(2, "times|곱하는 수", **BOUNDS)
    first_number: tuple[int, ...] = column((5, 35), "from|시작", whole=True, **BOUNDS)
    value: tuple[float, ...] = column(
        VALUES, "value|값", at_least=-1000, at_most=1000, length=(4, 1000)
    )

    def check(self) -> None:
        """A window fits between the first and last number, and has a target in the values."""
        self.require(
            self.highest - self.lowest + 1 >= self.length and len(self.value) >= self.length + 2,
            f"There are too few numbers for windows of {self.length}; make length smaller.",
            f"길이 {self.length}인 window에는 숫자가 모자랍니다. length를 줄이십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The slide's windows and their range above, the windows of any sequence below."""
    lag = axis("lag", inputs.length)
    example = axis("example", len(inputs.first_number))
    edge = axis("edge", ("first|처음", "last|마지막"))

    given = board.rows()
    given.inputs("lowest", "highest", "horizon", "factor")
    given.row("number_count", "numbers|숫자 수", "= highest - lowest + 1")
    given.row("window_length", "in a window|window 길이", "= COUNT(example_number.at(example, 1))")
    given.row("window_count", "windows|window 수", "= number_count - window_length + 1")

    title = "examples of windows|window의 예"
    examples = board.columns(example, title=title, labels="window", right_of=given)
    examples.input("first_number")
    write_window(examples, lag, "first_number", "example_number", "example_next", "target")
    inside = "= IF(AND(first_number >= lowest, example_number.last(lag) <= highest), 1, 0)"
    label, shown = "in the sequence?|범위 안?", '"yes";;"no"|"예";;"아니요"'
    colour = {"good": "inside = 1", "bad": "inside = 0"}
    examples.column("inside", label, inside, format=shown, colour=colour)
    title = "the first and the last window|처음과 마지막 window"
    edges = board.columns(edge, title=title, labels="window", right_of=given, below=examples)
    start = ["= lowest", "= highest - window_length + 1"]
    edges.column("edge_first", "from|시작", start)
    write_window(edges, lag, "edge_first", "edge_number", "target_halves_range", "edge_target")
    printed = "The slide prints (1 ~ 101) · 2.|슬라이드의 target은 (1 ~ 101) · 2입니다."
    board.note(printed, slide_only=True, width=edges, right_of=given, below=edges)
    board.legend(below=given, span=2)

    t = axis("t", len(inputs.value))
    place = axis("place", (*(str(k + 1) for k in range(lag.size)), "target"))
    every = t.windows(place.size, name="every_window", within=place)
    values = board.columns(t, below=(given, edges), gap=3)
    values.count("value_t", "t")
    values.input("value")
    title = "all windows of another sequence|다른 수열의 모든 window"
    windows = board.columns(every, title=title, beside=values, gap=2)
    windows.count("window_number", "window")
    is_target = {"first": 'place = "target"'}
    windows.column("in_window", "window", "= value", by=place, colour=is_target)
    windows.column("target_t", "its t|target의 t", "= window_number + window_length")
    target, first = "in_window.last(place)", "in_window.first(place)"
    last, before = (f"in_window.at(place, {lag.size - k})" for k in (0, 1))
    with windows.group("by the last two|마지막 두 수로"):
        windows.column("prediction", "prediction|예측값", f"= {last} + ({last} - {before})")
        windows.column("error", "error|오차", f"= prediction - {target}")
    with windows.group("by the first|첫 수로"):
        windows.column("growth", "target − first|target − 첫 수", f"= {target} - {first}")
        guess, error = f"= {first} + mean_growth", f"= second_prediction - {target}"
        windows.column("second_prediction", "prediction|예측값", guess, format="0.0")
        windows.column("second_error", "error|오차", error, format="0.0")
    mean, mse = windows.foot("mean|평균"), windows.foot("MSE")
    mean.value("mean_growth", "= AVERAGE(growth)", format="0.0")
    for name in ("error", "second_error"):
        mse.value(f"mse_{name}", f"= SUMSQ({name}) / COUNT({name})", format="0.00")

    right: dict[str, Any] = {"right_of": (examples, edges, windows), "width": 72, "rows": 19}
    ranges = board.chart(
        "The next number of each window|window마다의 다음 숫자",
        line("target_halves_range", over="edge_first", label="all windows|모든 window"),
        dots("example_next", over="first_number", label="examples|예"),
        x="first number of the window|window의 첫 숫자",
        y="next number|다음 숫자",
        **right,
    )
    board.chart(
        "The other sequence and its predictions|다른 수열과 예측값",
        line("value", dotted=True),
        dots("prediction", over="target_t", label="by the last two|마지막 두 수로"),
        dots("second_prediction", over="target_t", label="by the first|첫 수로", hollow=True),
        x="t",
        y="value|값",
        below=ranges,
        **right,
    )


def write_window(
    table: Columns, lag: Axis, first: str, numbers: str, following: str, target: str
) -> None:
    """The numbers of a window that begins with `first`, the next one, and the target."""
    counted = [f"= {first} + {k}" for k in range(lag.size)]
    table.column(numbers, "window", counted, by=lag, show_labels=False)
    table.column(following, "next|다음", f"= {numbers}.last(lag) + horizon")
    table.column(target, "target", f"= factor * {following}", colour={"first": "TRUE"})


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    For windows of m numbers: those of the e examples have shape (e, m), of the first and the last
    window (2, m); of the n values there are n - m windows with their targets, (n - m, m + 1).
    """
    length, value = inputs.length, np.array(inputs.value)
    count = inputs.highest - inputs.lowest + 1
    windows = np.arange(inputs.lowest, inputs.highest + 1)[[0, -length]]
    first, lag = np.array(inputs.first_number), np.arange(length)
    found: Reference = {}
    for start, names in (
        (first, ("example_number", "example_next", "target")),
        (windows, ("edge_number", "target_halves_range", "edge_target")),
    ):
        numbers = start[:, None] + lag
        following = numbers[:, -1] + inputs.horizon
        found |= dict(zip(names, (numbers, following, inputs.factor * following), strict=True))
    places = np.arange(len(value) - length)
    in_window = np.array([value[place : place + length + 1] for place in places])
    target, growth = in_window[:, -1], in_window[:, -1] - in_window[:, 0]
    by_last, by_first = 2 * in_window[:, -2] - in_window[:, -3], in_window[:, 0] + growth.mean()
    inside = (first >= inputs.lowest) & (first + length - 1 <= inputs.highest)
    return found | {
        "number_count": np.array([count]),
        "window_length": np.array([length]),
        "window_count": np.array([count - length + 1]),
        "inside": inside.astype(int),
        "edge_first": windows,
        "value_t": np.arange(1, len(value) + 1),
        "window_number": places + 1,
        "in_window": in_window,
        "target_t": places + 1 + length,
        "prediction": by_last,
        "error": by_last - target,
        "growth": growth,
        "mean_growth": growth.mean(),
        "second_prediction": by_first,
        "second_error": by_first - target,
        "mse_error": np.mean((by_last - target) ** 2),
        "mse_second_error": np.mean((by_first - target) ** 2),
    }


HOW_TO_READ = """
A model sees a window of numbers in a row and has to tell its target ({target}): the next number
times {factor}. The last window has to fit: there are fewer windows ({window_count}) than numbers.
| 모델은 연속된 숫자(window)를 보고, 다음 숫자에 {factor}를 곱한 target({target})을 맞힙니다.
마지막 window도 수열 안에 들어가야 하므로 window는 숫자보다 적습니다({window_count}).

[slide] So the targets are 2 times 5 to 2 times 100 ({target_halves_range}), as in both examples;
the slide's range of 1 to 101 does not fit them.
| 그래서 target은 두 예와 같이 5의 2배부터 100의 2배까지입니다({target_halves_range}). 슬라이드에
적힌 1~101은 예와 맞지 않습니다.

Below, every window begins one place after the one above, and what comes next is its target. What
matters may lie far back: that is why an LSTM has a memory.
| 아래에서는 window가 한 칸씩 뒤로 가며 바로 다음 값이 target입니다. 중요한 값이 멀리 앞에 있을 수
있어서 LSTM에는 기억이 필요합니다.

[slide] The other sequence is chosen here: its steps of +1, +3, +4, −1, −2 come again and again. The
last two numbers tell the target badly ({mse_error}), the first one exactly ({mse_second_error}).
| 다른 수열은 여기서 정했습니다. +1, +3, +4, −1, −2의 변화가 되풀이됩니다. target은 window의 마지막
두 수로는 잘 맞지 않지만({mse_error}) 첫 수로는 정확히 맞습니다({mse_second_error}).
"""

TO_TRY = (
    to_try(
        "Set {lowest} to -4 and {highest} to 100: only then are the targets (1 ~ 101) · 2.|"
        "{lowest}를 -4, {highest}를 100으로 바꾸십시오. 그래야 슬라이드의 (1 ~ 101) · 2가 됩니다.",
        {"lowest": -4, "highest": 100},
        lambda _, after: after["target_halves_range"].tolist() == [1, 101],
    ),
    to_try(
        "Set {first_number.at(1)} to 96: the window goes beyond the last number.|"
        "{first_number.at(1)}를 96으로 바꾸십시오. window가 마지막 숫자를 넘어갑니다.",
        {"first_number.at(1)": 96},
        lambda _, after: after["inside"][0] == 0,
    ),
    to_try(
        "Set {value.at(7)} to 60: one outlier stands in six windows, in one of them as target.|"
        "{value.at(7)}을 60으로 바꾸십시오. 이상치가 여섯 행에 나오고, 그중 하나의 target입니다.",
        {"value.at(7)": 60},
        lambda _, after: np.sum(np.any(after["in_window"] == 60, axis=1)) == 6,
    ),
    to_try(
        "Set {value} to 1, 2, 3 and so on: on a straight line, the last two numbers tell all.|"
        "{value}를 1, 2, 3, …으로 바꾸십시오. 직선을 이루면 마지막 두 수로 모두 맞힙니다.",
        {"value": tuple(range(1, 19))},
        lambda _, after: not after["error"].any(),
    ),
)
