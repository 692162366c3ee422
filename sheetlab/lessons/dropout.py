"""Dropout and early stopping: two ways to keep a network from learning its data by heart.

Dropout silences each hidden unit with the probability p, anew for every step (Srivastava et al.,
2014). Inverted dropout scales what is left, so that nothing has to change when the network is used:

    mask    = 1 with the probability 1 - p, else 0
    dropped = mask * hidden / (1 - p)
    E[w . dropped] = w . hidden,   Var[w . dropped] = p / (1 - p) * sum of (w * hidden)^2

Early stopping watches the loss of data that is not learned from. Once it has not fallen for
`patience` epochs, training ends, and the parameters of the best epoch are taken.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Dropout and early stopping|Dropout과 조기 종료(early stopping)"
SHEET_NAME = "Dropout"
EQUATION = (
    "h̃ = mask · h / (1 − p),   E[w · h̃] = w · h;   stop after patience epochs without progress|"
    "h̃ = 마스크 · h / (1 − p),   E[w · h̃] = w · h;   patience만큼의 epoch 동안 나아지지 않으면 멈춤"
)
SLIDES = [
    ("001", "Dropout regularization"),
    ("002", "04 손실함수와 정규화"),
    ("004", "과대적합, 과소적합"),
]

DRAWS = """
.48 .44 .11 .09 .81 .36 .45 .6 .11 .88 .22 .41 .47 .44 .17 .35 .53 .98 .79 .32 .54 .44 .92 .68
.44 .84 .24 .15 .27 .84 .55 .65 .6 .69 .62 .54 .72 .77 .85 .4 .89 .34 .81 .27 .49 .85 .94 .13
.06 .77 .75 .59 .29 .21 .34 .29 .03 .74 .95 .88 .32 .79 .76 .47 .08 .55 .73 .01 .05 .69 .89 .12
.92 .86 .65 .19 .2 .9 .08 .12 .51 .93 .36 .22 .04 .81 .94 .11 .14 .82 .74 .31 .4 .31 .32 .22
"""
TRAINING = ".95 .78 .66 .57 .5 .45 .42 .4 .36 .32 .28 .25 .22 .19 .17 .15 .13 .11 .1 .09"
VALIDATION = ".97 .82 .7 .62 .56 .52 .53 .54 .48 .44 .41 .39 .4 .41 .43 .45 .47 .5 .52 .55"


def numbers_in(text: str) -> tuple[float, ...]:
    """The numbers of a text."""
    return tuple(map(float, text.split()))


units = partial(column, at_least=-100, at_most=100, length=(1, 8))
losses = partial(column, at_least=0, at_most=1000, length=(2, 500))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Six hidden units, random numbers drawn once and for all, and two loss curves."""

    rate: float = number(0.5, "dropout rate p", at_least=0, at_most=0.95)
    hidden: tuple[float, ...] = units((2, 1, 3, 4, 1, 5), "h")
    outgoing: tuple[float, ...] = units((1, 2, 1, 0.5, 3, 1), "w")
    uniform: tuple[float, ...] = column(
        numbers_in(DRAWS), "random number|난수", at_least=0, at_most=0.999999, length=(1, 2000)
    )
    patience: int = number(3, "patience", whole=True, at_least=1, at_most=1000)
    training_loss: tuple[float, ...] = losses(numbers_in(TRAINING), "training|학습")
    validation_loss: tuple[float, ...] = losses(numbers_in(VALIDATION), "validation|검증")

    def check(self) -> None:
        """A weight for each unit, a random number for each unit of each step, losses in pairs."""
        require_same_length(self, "hidden", "outgoing")
        require_same_length(self, "training_loss", "validation_loss")
        numbers, units = len(self.uniform), len(self.hidden)
        self.require(
            numbers % units == 0,
            f"uniform has {numbers} values; give {units} for each step, one for each unit.",
            f"uniform의 값이 {numbers}개입니다. 걸음마다 뉴런 수만큼 {units}개씩 주십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The draws at the left, the epochs at the right, and a chart of each below."""
    unit = axis("unit", len(inputs.hidden))
    draw = axis("draw", len(inputs.uniform) // unit.size)
    epoch = axis("epoch", len(inputs.training_loss))

    chosen = board.rows(label_span=6, span=2, format="0.00")
    chosen.input("rate")
    chosen.row("keep", "kept: 1 − p|남는 비율 1 − p", "= 1 - rate")
    total = "= SUMPRODUCT(hidden, outgoing)"
    chosen.row("full", "w · h, nothing dropped|dropout이 없을 때의 w · h", total)
    variance = "rate / keep * SUMPRODUCT(hidden, hidden, outgoing, outgoing)"
    chosen.row("noise", "noise of w · h̃ in theory|w · h̃의 이론적 표준편차", f"= SQRT({variance})")

    draws = board.columns(draw, below=chosen, format="0.00")
    draws.count("draw", "step|걸음", format="0")
    draws.input("uniform", "random number: off below p|난수: p보다 작으면 끔", by=unit)
    kept, faint = "= IF(uniform < rate, 0, 1)", {"faint": "mask = 0"}
    draws.column("mask", "mask|마스크", kept, by=unit, colour=faint, format="0")
    label, off = "h̃ = mask · h / (1 − p)|h̃ = 마스크 · h / (1 − p)", {"bad": "mask = 0"}
    scaled = "= mask * hidden / keep"
    draws.column("dropped", label, scaled, by=unit, colour=off, format="0.0")
    draws.column("z", "w · h̃", "= SUMPRODUCT(dropped, outgoing)", format="0.0")
    draws.column("mean_z", "mean so far|지금까지 평균", "= AVERAGE(z.so_far)")
    draws.column("unscaled", "mean so far,\nunscaled|나누지 않은\n평균", "= keep * mean_z")
    draws.column("target", "w · h", "= full", format="0.0")
    for field, label in (("hidden", "h"), ("outgoing", "w")):
        draws.start(label).input(field, under="dropped", format="General")
    mean = draws.foot("mean|평균")
    for name in ("mask", "dropped"):
        mean.value(f"mean_{name}", f"= AVERAGE({name})", format="0.00")
    draws.foot("noise|표준편차").value("z_noise", "= STDEVP(z)", format="0.00")

    legend = board.legend(right_of=chosen, span=6)
    wait = board.rows(right_of=[legend, draws], label_span=5, span=3)
    wait.input("patience")
    stops, at_stop = "= IFERROR(MATCH(1, stopped, 0), ROWS(stopped))", "= INDEX({}, stop_epoch)"
    wait.row("stop_epoch", "stops after epoch|멈춘 epoch", stops)
    wait.row(
        "taken_epoch", "best epoch so far|그때까지 가장 좋은 epoch", at_stop.format("best_epoch")
    )
    wait.row("stop_loss", "loss where it stops|멈춘 때의 손실", at_stop.format("validation_loss"))
    wait.row("taken_loss", "loss of the best|가장 좋은 epoch의 손실", at_stop.format("best_loss"))
    epochs = board.columns(epoch, right_of=draws, below=wait)
    epochs.count("epoch", "epoch", colour={"faint": "epoch > stop_epoch"})
    with epochs.group("loss|손실"):
        epochs.input("training_loss", format="0.00")
        marks = {"good": "epoch = taken_epoch", "bad": "epoch = stop_epoch"}
        epochs.input("validation_loss", format="0.00", colour=marks)
    lowest = "= MIN(validation_loss.so_far)"
    epochs.column("best_loss", "best so far|지금까지\n최소", lowest, format="0.00")
    found = "= MATCH(best_loss, validation_loss.all, 0)"
    epochs.column("best_epoch", "in epoch|그때\nepoch", found)
    epochs.column("waited", "waited|기다린\nepoch", "= epoch - best_epoch")
    stop = "= IF(waited >= patience, 1, 0)"
    epochs.column("stopped", "stop?|멈춤?", stop, colour={"bad": "stopped = 1"})

    left = board.chart(
        "The mean of w · h̃, step by step|걸음마다 w · h̃의 평균",
        dots("z", label="w · h̃"),
        line("mean_z", label="mean|평균"),
        line("unscaled", label="unscaled|나누지 않으면"),
        line("target", label="w · h"),
        y="w · h̃",
        width=draws,
        rows=20,
    )
    board.chart(
        "Loss of training and of validation|학습 손실과 검증 손실",
        line("training_loss"),
        line("validation_loss"),
        dots("taken_loss", over="taken_epoch", label="best|최소", shape="star"),
        dots("stop_loss", over="stop_epoch", label="stop|멈춤", shape="cross"),
        y="loss|손실",
        right_of=left,
        width=epochs,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    For d draws of n units, `uniform`, `mask` and `dropped` are (d, n), what is summed over the
    units (d,); losses and what follows from them are (n_epochs,).
    """
    h, w, p = np.array(inputs.hidden), np.array(inputs.outgoing), inputs.rate
    uniform = np.reshape(inputs.uniform, (-1, len(h)))
    mask = (uniform >= p).astype(int)
    dropped = mask * h / (1 - p)
    z = dropped @ w
    steps = np.arange(1, len(z) + 1)
    losses = np.array(inputs.validation_loss)
    epochs = np.arange(1, len(losses) + 1)
    best_epoch = np.array([losses[:epoch].argmin() + 1 for epoch in epochs])
    stopped = epochs - best_epoch >= inputs.patience
    stop = stopped.argmax() if stopped.any() else len(losses) - 1
    return {
        "keep": np.array([1 - p]),
        "full": np.array([h @ w]),
        "noise": np.array([np.sqrt(p / (1 - p) * np.sum((w * h) ** 2))]),
        "draw": steps,
        "mask": mask,
        "dropped": dropped,
        "z": z,
        "mean_z": np.cumsum(z) / steps,
        "unscaled": np.cumsum(mask * h @ w) / steps,
        "target": np.full(len(z), h @ w),
        "mean_mask": mask.mean(axis=0),
        "mean_dropped": dropped.mean(axis=0),
        "z_noise": np.array([z.std()]),
        "epoch": epochs,
        "best_loss": np.minimum.accumulate(losses),
        "best_epoch": best_epoch,
        "waited": epochs - best_epoch,
        "stopped": stopped.astype(int),
        "stop_epoch": epochs[[stop]],
        "stop_loss": losses[[stop]],
        "taken_epoch": best_epoch[[stop]],
        "taken_loss": losses[best_epoch[[stop]] - 1],
    }


HOW_TO_READ = """
Each step draws a number for each hidden unit, and silences the unit where it is below p ({rate}).
What is left is divided by 1 − p, so the mean {mean_z} nears the sum without dropout ({full});
undivided ({unscaled}) it would be too small. The price is noise ({z_noise}).
| 걸음마다 은닉 뉴런마다 난수를 하나씩 뽑아 p({rate})보다 작으면 그 뉴런을 끕니다. 남은 값을
1 − p로 나누므로 평균 {mean_z}가 dropout이 없을 때의 합({full})에 다가갑니다. 나누지
않으면({unscaled}) 너무 작습니다. 그 대가로 값이 흔들립니다(표준편차 {z_noise}).

At the right, the training loss falls on and on, the validation loss only up to a point. Once it has
no new minimum for as many epochs as the patience ({patience}), training stops, and the parameters
of the best epoch ({taken_epoch}) are taken.
| 오른쪽에서 학습 손실은 계속 줄지만 검증 손실은 줄다가 다시 커집니다. patience({patience})만큼의
epoch 동안 새 최솟값이 없으면 멈추고, 가장 좋았던 epoch({taken_epoch})의 파라미터를 씁니다.

[slide] The slides print no numbers here; the random numbers are drawn once, the losses made up.
| 슬라이드에는 수가 없습니다. 난수는 한 번 뽑아 고정했고, 손실은 예로 든 값입니다.
"""

TO_TRY = (
    to_try(
        "Set p {rate} to 0.8: few units are left, scaled by 5; the noise {z_noise} doubles.|"
        "p {rate}를 0.8로 바꾸십시오. 남은 몇 개가 5배가 되고 {z_noise}는 두 배가 됩니다.",
        {"rate": 0.8},
        lambda before, after: after["z_noise"] > 2 * before["z_noise"],
    ),
    to_try(
        "Set the patience {patience} to 2: it stops in the bump, long before the lowest loss.|"
        "patience {patience}를 2로 바꾸십시오. 손실이 잠깐 오를 때 멈추어 최솟값까지 못 갑니다.",
        {"patience": 2},
        lambda before, after: after["stop_epoch"] == 8 < before["taken_epoch"],
    ),
    to_try(
        "Set the patience {patience} to 10: it goes on to the end, but takes the same parameters.|"
        "patience {patience}을 10으로 바꾸십시오. 끝까지 학습하지만 쓰는 파라미터는 같습니다.",
        {"patience": 10},
        lambda before, after: after["stop_epoch"] == 20 and after["taken_epoch"] == 12,
    ),
)
