"""Splitting data: train, validation and test parts, k folds, and a bootstrap sample.

A record is dealt by its place in an order drawn at random, so that no part is told apart by how the
data were gathered. In k-fold cross-validation every record validates once and trains k - 1 times.
A bootstrap draws n records out of n with replacement (Efron, 1979); the chance that one is never
drawn, and so lies out of the bag, is

    (1 - 1 / n)^n, which tends to 1 / e = 0.368
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Train, validation, test; folds; bootstrap|훈련·검증·테스트, 교차검증, 부트스트랩"
SHEET_NAME = "Split"
EQUATION = (
    "P(a record is out of the bag) = (1 − 1/n)ⁿ → 1/e|P(뽑히지 않음, out of bag) = (1 − 1/n)ⁿ → 1/e"
)
SIZES = 9  # of the chance to stay out: 2, 4, 8, … records
SLIDES = [
    ("001", "Training & Testing & Cross-Validation Set"),
    ("001", "Cross Validation (교차검증)"),
    ("001", "Bootstrapping (복원추출)"),
    ("004", "코드 학습단계"),
]


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Ten records: a value each, an order drawn once, and ten draws with replacement."""

    value: tuple[float, ...] = column(
        (3.1, 4.7, 2.2, 5.8, 6.4, 1.9, 7.3, 4.1, 3.6, 5.2), "value|값", length=(3, 200)
    )
    order: tuple[int, ...] = column(
        (7, 2, 10, 4, 9, 1, 6, 3, 8, 5),
        "drawn order|뽑은 순서",
        whole=True,
        at_least=1,
        at_most=200,
    )
    draw: tuple[int, ...] = column(
        (3, 8, 3, 10, 1, 6, 8, 8, 2, 5),
        "record drawn|뽑힌 번호",
        whole=True,
        at_least=1,
        at_most=200,
    )
    train_share: float = number(0.6, "share for training|훈련 비율", above=0, at_most=1)
    validation_share: float = number(0.2, "share for validation|검증 비율", at_least=0, at_most=1)
    folds: int = number(5, "folds k|fold 수 k", whole=True, at_least=2, at_most=10)

    def check(self) -> None:
        """As many values as places in the order and draws, each place once, draws that exist."""
        require_same_length(self, "value", "order", "draw")
        size, shares = len(self.value), self.train_share + self.validation_share
        self.require(
            sorted(self.order) == list(range(1, size + 1)) and max(self.draw) <= size,
            f"order must hold each of 1 to {size} once, and draw no larger number.",
            f"order에는 1부터 {size}까지 한 번씩, draw에는 {size}까지만 있어야 합니다.",
        )
        self.require(
            self.folds <= size and shares <= 1 + 1e-9,
            f"{self.folds} folds, or shares of {shares:g}, do not fit {size} records.",
            f"fold {self.folds}개나 비율 합 {shares:g}이 데이터 {size}개에 맞지 않습니다.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The records dealt out, the folds beside them, the bag below, and the chance to stay out."""
    record = axis("record", len(inputs.value))
    part = axis("part", ("train|훈련", "validation|검증", "test|테스트"))
    fold, size = axis("fold", inputs.folds), axis("size", SIZES)

    shares = board.rows(format="0.0#")
    shares.inputs("train_share", "validation_share")
    # A thousandth of a record is noise; less than a whole record is none.
    whole = "= INT({} * COUNT(value) + 0.001)"
    label = "records for training|훈련 데이터 수"
    shares.row("train_size", label, whole.format("train_share"), format="0")
    label = "records for validation|검증 데이터 수"
    shares.row("validation_size", label, whole.format("validation_share"), format="0")
    board.legend(right_of=shares, span=3)

    records = board.columns(record, below=shares, format="0")
    records.count("number", "record|번호")
    records.input("value", format="0.0#")
    records.input("order")
    with records.group("three parts|세 부분"):
        dealt = [
            "= IF(order <= train_size, 1, 0)",
            "= IF(AND(order > train_size, order <= train_size + validation_size), 1, 0)",
            "= 1 - in_part.at(part, 1) - in_part.at(part, 2)",
        ]
        colour = {"good": "in_part = 1", "faint": "in_part = 0"}
        records.column("in_part", "1: in this part|1이면 이 부분", dealt, by=part, colour=colour)
    with records.group("k folds: 1 validates|k개의 fold: 1이면 검증"):
        turn = f"= IF(MOD(order - 1, {fold.size}) = fold - 1, 1, 0)"
        colour = {"warn": "validates = 1", "faint": "validates = 0"}
        records.column("validates", "fold", turn, by=fold, colour=colour)
    with records.group("bootstrap|부트스트랩"):
        records.input("draw")
        records.column("drawn", "times drawn|뽑힌 횟수", "= COUNTIF(draw.all, number)")
        colour = {"bad": "out_of_bag = 1", "faint": "out_of_bag = 0"}
        records.column("out_of_bag", "out of bag", "= IF(drawn = 0, 1, 0)", colour=colour)
    board.freeze(records)

    sizes = records.foot("records|데이터 수")
    for name, under in (
        ("part_size", "in_part"),
        ("fold_size", "validates"),
        ("bag_size", "drawn"),
        ("out_of_bag_size", "out_of_bag"),
    ):
        sizes.value(name, f"= SUM({under})")
    means = partial(records.foot("mean|평균").value, format="0.00")
    means("mean", "= AVERAGE(value)", under="value")
    part_mean = "= IF(part_size = 0, NA(), SUMPRODUCT(in_part * value) / part_size)"
    empty = {"faint": "ISERROR(part_mean)"}
    means("part_mean", part_mean, under="in_part", colour=empty)
    means("bag_mean", "= SUMPRODUCT(drawn * value) / bag_size", under="drawn")
    others = records.foot("mean of the other folds|다른 fold 평균")
    rest = "= (SUM(value) - SUMPRODUCT(validates * value)) / (COUNT(value) - fold_size)"
    others.value("fold_mean", rest, under="validates", format="0.00")
    errors = records.foot("its MSE on the fold|이 fold의 MSE")
    mse = "= SUMPRODUCT(validates * (value - fold_mean)^2) / fold_size"
    errors.value("fold_mse", mse, under="validates", format="0.00")

    title = "n draws of n records|n개에서 n번 뽑기"
    chances = board.columns(size, title=title, right_of=records, format="0.000")
    chances.column("sample_size", "n", "= 2^ROWS(sample_size.so_far)", format="0")
    chances.column("chance", "out of bag", "= (1 - 1 / sample_size)^sample_size")
    chances.column("limit", "1/e", "= EXP(-1)")
    result = board.rows(below=chances, format="0.000", label_span=2)
    share = "= out_of_bag_size / COUNT(value)"
    result.row("out_of_bag_share", "out of bag here|여기의 out of bag", share)
    result.row("cross_validated", "mean of the folds' MSE|fold MSE의 평균", "= AVERAGE(fold_mse)")

    board.chart(
        "The chance to stay out of the bag|한 번도 뽑히지 않을 확률",
        line("chance", dotted=True),
        line("limit", dashed=True),
        over="sample_size",
        x_log=True,
        x_range=(1, 1000),
        y_range=(0, 0.5),
        width=records,
        rows=15,
    )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy, in the unit of the values; shares are fractions of 1.

    With n records: what is said of a record has shape (n,), `in_part` (n, 3), `validates` (n, k);
    the parts have 3 sizes and means, the folds k. A part without records has the mean nan.
    """
    value, order = np.array(inputs.value), np.array(inputs.order)
    n, k = len(value), inputs.folds
    train, validation = (
        int(np.floor(share * n + 0.001)) for share in (inputs.train_share, inputs.validation_share)
    )
    part = np.digitize(order, [train + 1, train + validation + 1])
    in_part = part[:, None] == np.arange(3)
    validates = (order - 1)[:, None] % k == np.arange(k)
    drawn = np.bincount(np.array(inputs.draw) - 1, minlength=n)
    sizes, sums = in_part.sum(axis=0), in_part.T @ value
    fold_mean = np.array([value[~rows].mean() for rows in validates.T])
    fold_mse = np.mean((value[:, None] - fold_mean) ** 2, axis=0, where=validates)
    sample = 2.0 ** np.arange(1, SIZES + 1)
    return {
        "train_size": np.array([train]),
        "validation_size": np.array([validation]),
        "number": np.arange(1, n + 1),
        "in_part": in_part.astype(int),
        "validates": validates.astype(int),
        "drawn": drawn,
        "out_of_bag": (drawn == 0).astype(int),
        "part_size": sizes,
        "fold_size": validates.sum(axis=0),
        "bag_size": np.array([n]),
        "out_of_bag_size": np.array([np.sum(drawn == 0)]),
        "mean": value.mean(keepdims=True),
        "part_mean": np.where(sizes > 0, sums / np.maximum(sizes, 1), np.nan),
        "fold_mean": fold_mean,
        "bag_mean": np.array([drawn @ value / n]),
        "fold_mse": fold_mse,
        "sample_size": sample,
        "chance": (1 - 1 / sample) ** sample,
        "limit": np.full(SIZES, 1 / np.e),
        "out_of_bag_share": np.array([np.mean(drawn == 0)]),
        "cross_validated": np.array([fold_mse.mean()]),
    }


HOW_TO_READ = """
The records are dealt by a drawn order: the first go to training, the next to validation, the rest
to the test, which is touched only once, at the end.
| 데이터를 무작위로 뽑은 순서대로 나눕니다. 앞의 것은 훈련, 그다음은 검증, 나머지는 테스트에 쓰며,
테스트 데이터는 맨 마지막에 한 번만 씁니다.

With k folds every record validates exactly once. Here the model is as simple as can be, the mean of
the other folds {fold_mean}; below stands its mean squared error on the fold that it has not seen,
and the mean of these errors in {cross_validated}.
| fold가 k개이면 모든 데이터가 꼭 한 번씩 검증에 쓰입니다. 여기서는 가장 단순한 모델, 곧 나머지
fold의 평균({fold_mean})을 씁니다. 그 아래가 학습에 쓰지 않은 fold에서의 평균제곱오차(MSE)이고,
그 값들의 평균은 {cross_validated}에 있습니다.

A bootstrap draws with replacement, so some records come twice and some never: those are out of the
bag, and can test what was learned from the others. A little more than a third of all are.
| 부트스트랩은 복원추출이므로 두 번 뽑히는 데이터도, 한 번도 뽑히지 않는 데이터도 있습니다. 뽑히지
않은 것(out of bag)은 3분의 1이 조금 넘으며, 뽑힌 데이터로 학습한 모델을 평가하는 데 쓸 수 있습니다.
"""

TO_TRY = (
    to_try(
        "Set the shares {train_share} to 0.9 and {validation_share} to 0.1: none are left to test.|"
        "비율 {train_share}를 0.9, {validation_share}를 0.1로 바꾸십시오. 테스트할 것이 없습니다.",
        {"train_share": 0.9, "validation_share": 0.1},
        lambda before, after: after["part_size"][2] == 0 and np.isnan(after["part_mean"][2]),
    ),
    to_try(
        "Set all of {draw} to 1: one record fills the bag, all others are out of it.|"
        "{draw}를 모두 1로 바꾸십시오. 1번만 뽑히고 나머지는 모두 out of bag입니다.",
        {"draw": 1},
        lambda before, after: after["out_of_bag"].sum() == len(after["out_of_bag"]) - 1,
    ),
    to_try(
        "Set the value {value.at(1)} to 30: the fold of this record has by far the largest error.|"
        "값 {value.at(1)}을 30으로 바꾸십시오. 그 데이터가 든 fold의 오차가 가장 커집니다.",
        {"value.at(1)": 30},
        lambda before, after: np.argmax(after["fold_mse"]) == np.argmax(after["validates"][0]),
    ),
)
