"""Cross-entropy: what a predicted probability costs, given the truth.

The loss is -ln of the probability p that a model gave to what is true (Good, 1952); from the logits
z, it needs no probability, which may have rounded to 0 or 1:

    p = sigmoid(z):  L = -(y ln p + (1 - y) ln(1 - p)) = max(z, 0) - z y + ln(1 + exp(-|z|))
    p = softmax(z):  L = -sum over c of t[c] ln p[c] = ln(sum over c of exp(z[c])) - sum of t z
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Cross-entropy: what a wrong probability costs|교차 엔트로피: 틀린 확률의 대가"
SHEET_NAME = "CrossEntropy"
EQUATION = "L = −Σ t ln ŷ,   y = 0, 1:  L = −[ y ln ŷ + (1 − y) ln(1 − ŷ) ]"
SLIDES = [
    ("001", "Cost Function - Logistic Regression (Binary Cross-entropy)"),
    ("001", "Cost Function - Categorical Crossentropy (Softmax Loss)"),
    ("004", "손실 함수의 종류"),
    ("000", "Deep learning & logistic regression"),
]

# From about 33 on, programs differ in what they make of 1 − σ(z).
logits = partial(column, at_least=-30, at_most=30)
truths = partial(column, whole=True, at_least=0, at_most=1)
TEN = (0.1, 0.01, 0.01, 0.01, 0.2, 0.01, 0.01, 0.6, 0.03, 0.02)
ANIMALS = ("cat|고양이", "lion|사자", "iguana|이구아나")


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slides' logits, labels and ten predictions; further samples and logits chosen here."""

    binary_true: tuple[int, ...] = truths((1, 1, 0, 0, 1), "y", length=(1, 1000))
    binary_logit: tuple[float, ...] = logits((0.8, 3, -1, 2, 0), "logit z", length=(1, 1000))
    multi_hot: tuple[int, ...] = truths((1, 1, 0), "y", length=3)
    multi_logit: tuple[float, ...] = logits((2, 1, -1), "logit z", length=3)
    class_logit: tuple[float, ...] = logits((1.5, 0.8, 2.1), "logit z", length=(2, 50))
    class_true: tuple[int, ...] = truths((0, 0, 1), "t", length=(2, 50))
    sparse_label: int = number(2, "label|라벨", whole=True, at_least=0, at_most=49)
    digit: int = number(7, "the digit|실제 숫자", whole=True, at_least=0, at_most=9)
    digit_prediction: tuple[float, ...] = column(TEN, "Prediction", at_least=0, length=10)

    def check(self) -> None:
        """One class is true, the label is one of the classes, and predictions add up to 1."""
        require_same_length(self, "binary_true", "binary_logit")
        require_same_length(self, "class_true", "class_logit")
        one_class = sum(self.class_true) == 1 and self.sparse_label < len(self.class_true)
        self.require(
            one_class and abs(sum(self.digit_prediction) - 1) <= 1e-9,
            "class_true needs a single 1, sparse_label the number of a class (from 0 on),"
            " and digit_prediction must add up to 1; change these values.",
            "class_true에는 1이 하나만 있어야 하고, sparse_label은 0부터 센 클래스 번호,"
            " digit_prediction의 합은 1이어야 합니다. 값을 바꾸십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """Four problems with their losses, from probabilities and from logits, and two charts."""
    sample, animal = axis("sample", len(inputs.binary_true)), axis("animal", ANIMALS)
    kind, index = axis("kind", range(len(inputs.class_true))), axis("index", range(10))

    table = partial(board.columns, format="0.000")
    binary = table(sample, title="1. Binary: sigmoid|1. 이진분류: sigmoid", labels="sample|샘플")
    binary.input("binary_true", format="0")
    binary.input("binary_logit", format="0.0#")
    binary.column("binary_probability", "ŷ = σ(z)", "= 1 / (1 + EXP(-binary_logit))", format="0.00")
    with binary.group("loss L|손실 L"):
        given = "= -(binary_true * LN(binary_probability)"
        given += " + (1 - binary_true) * LN(1 - binary_probability))"
        marks = {"bad": "ISERROR(binary_loss)", "warn": "binary_loss = MAX(binary_loss.all)"}
        binary.column("binary_loss", "from ŷ|ŷ에서", given, colour=marks)
        direct = "= MAX(binary_logit, 0) - binary_logit * binary_true"
        direct += " + LN(1 + EXP(-ABS(binary_logit)))"
        binary.column("binary_logit_loss", "from z|z에서", direct)
    mean = binary.foot("J = mean|J = 평균")
    for name in ("binary_loss", "binary_logit_loss"):
        mean.value(f"mean_{name}", f"= AVERAGE({name})")

    title = "2. Several labels at once|2. 다중 라벨"
    labels = table(animal, title=title, labels="label|라벨", below=binary)
    labels.input("multi_hot", format="0")
    labels.input("multi_logit", format="0.0#")
    labels.column("multi_probability", "ŷ = σ(z)", "= 1 / (1 + EXP(-multi_logit))", format="0.00")
    chosen = "= IF(multi_hot = 1, -LN(multi_probability), -LN(1 - multi_probability))"
    labels.column("multi_loss", "loss L|손실 L", chosen)
    with labels.group("by softmax|softmax라면"):
        labels.column("multi_exp", "e^z", "= EXP(multi_logit)")
        labels.column("multi_softmax", "ŷ", "= multi_exp / SUM(multi_exp.all)", format="0.00")
    total = labels.foot("sum|합")
    for name in ("multi_probability", "multi_loss", "multi_softmax"):
        total.value(f"total_{name}", f"= SUM({name})")

    title = "3. One of several classes: softmax|3. 다중분류: softmax"
    classes = table(kind, title=title, labels="class|클래스", right_of=[binary, labels])
    classes.input("class_logit", format="0.0#")
    classes.column("class_exp", "e^z", "= EXP(class_logit)")
    share = "= class_exp / SUM(class_exp.all)"
    with classes.group("Categorical: t is one-hot|Categorical: t는 원핫"):
        classes.input("class_true", format="0")
        classes.column("class_probability", "ŷ", share, format="0.00")
        classes.column("class_term", "−t ln ŷ", "= -class_true * LN(class_probability)")
    with classes.group("Sparse: the label alone|Sparse: 라벨만"):
        hot, marks = "= IF(kind = sparse_label, 1, 0)", {"good": "kind = sparse_label"}
        classes.column("sparse_one_hot", "t", hot, format="0", colour=marks)
        classes.column("sparse_probability", "ŷ", share, format="0.00")
        classes.column("sparse_term", "−t ln ŷ", "= -sparse_one_hot * LN(sparse_probability)")
    classes.start("label|라벨").input("sparse_label", under="sparse_one_hot", format="0")
    loss, from_z = classes.foot("loss L|손실 L"), classes.foot("L from z|z에서 구한 L")
    for name, truth in (("class", "class_true"), ("sparse", "sparse_one_hot")):
        loss.value(f"{name}_loss", f"= SUM({name}_term)")
        stable = f"= LN(SUM(class_exp)) - SUMPRODUCT({truth}, class_logit)"
        from_z.value(f"{name}_logit_loss", stable, under=f"{name}_term")

    title = "4. Ten classes: which digit is it?|4. 클래스 열 개: 어떤 숫자인가?"
    digits = board.rows(index, title=title, labels="Index", right_of=labels, below=classes)
    hot, marks = "= IF(index = digit, 1, 0)", {"good": "index = digit"}
    digits.row("digit_true_label", "True Label", hot, format="0", colour=marks)
    digits.input("digit_prediction", format="0.00")
    term = "= IF(digit_true_label = 1, -LN(digit_prediction), 0)"
    digits.row("digit_term", "−t ln ŷ", term, format="0.000")
    digits.start("digit|숫자").input("digit", under="digit_true_label", format="0")
    digits.foot("loss L|손실 L").value("digit_loss", "= SUM(digit_term)")
    legend = board.legend(right_of=labels, below=digits)

    curve = table(axis("trial", 21), title="for the charts|차트용", right_of=[classes, digits])
    for name, label, formula in (
        ("tried", "ŷ", "= MIN(0.99, MAX(0.01, (ROWS(tried.so_far) - 1) / 20))"),
        ("tried_true", "−ln ŷ", "= -LN(tried)"),
        ("tried_false", "−ln(1 − ŷ)", "= -LN(1 - tried)"),
        ("far", "z", "= 8 * (ROWS(far.so_far) - 1)"),
        ("far_loss", "L: ŷ", "= -LN(1 - 1 / (1 + EXP(-far)))"),
        ("far_logit_loss", "L: z", "= far + LN(1 + EXP(-far))"),
    ):
        curve.column(name, label, formula, helper=True)

    chart = partial(board.chart, y="L", width=74, rows=26, below=[labels, legend])
    costs = chart(
        "Sure and wrong costs most|확신하고 틀릴수록 커지는 손실",
        line("tried_true", label="y = 1: −ln ŷ"),
        line("tried_false", label="y = 0: −ln(1 − ŷ)"),
        dots("binary_loss", over="binary_probability", label="samples|샘플", colour=7),
        over="tried",
        x_range=(0, 1),
    )
    chart(
        "y = 0: from ŷ, the loss breaks off|y = 0: ŷ에서 구하면 끊기는 손실",
        line("far_logit_loss", label="from z|z에서"),
        dots("far_loss", label="from ŷ|ŷ에서"),
        over="far",
        x_range=(0, 80),
        y_range=(0, 80),
        right_of=costs,
    )


def cost(probability: Values) -> Values:
    """-ln of what a truth was given; nan of ln 0, where a spreadsheet has an error."""
    return -np.log(np.where(probability == 0, np.nan, probability))


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; losses are in nats.

    Columns have shape (n_samples,), (n_classes,), (3,), (10,) or (21,), what they come to (1,).
    """
    found: Reference = {name: np.atleast_1d(value) for name, value in vars(inputs).items()}
    y, logit = found["binary_true"], found["binary_logit"]
    multi_y, z, class_z = found["multi_hot"], found["multi_logit"], found["class_logit"]
    binary, multi = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-z))
    tried, far = np.clip(np.arange(21) / 20, 0.01, 0.99), 8 * np.arange(21)
    label, digit = np.eye(len(class_z))[inputs.sparse_label], np.eye(10)[inputs.digit]
    found |= {
        "binary_probability": binary,
        "binary_loss": cost(np.where(y == 1, binary, 1 - binary)),
        "binary_logit_loss": np.logaddexp(0, (1 - 2 * y) * logit),
        "multi_probability": multi,
        "multi_loss": cost(np.where(multi_y == 1, multi, 1 - multi)),
        **{"multi_exp": np.exp(z), "multi_softmax": np.exp(z) / np.exp(z).sum()},
        **{"class_exp": np.exp(class_z), "sparse_one_hot": label, "digit_true_label": digit},
        "digit_term": cost(np.where(digit == 1, found["digit_prediction"], 1)),
        **{"tried": tried, "tried_true": cost(tried), "tried_false": cost(1 - tried), "far": far},
        "far_loss": cost(1 - 1 / (1 + np.exp(-far))),
        "far_logit_loss": np.logaddexp(0, far),
    }
    for name, truth in (("class", found["class_true"]), ("sparse", label)):
        found[f"{name}_probability"] = np.exp(class_z) / np.exp(class_z).sum()
        found[f"{name}_term"] = truth * cost(found[f"{name}_probability"])
        found[f"{name}_logit_loss"] = np.logaddexp.reduce(class_z, keepdims=True) - truth @ class_z
    for name in ("class", "sparse", "digit"):
        found[f"{name}_loss"] = found[f"{name}_term"].sum(keepdims=True)
    for name in ("binary_loss", "binary_logit_loss"):
        found[f"mean_{name}"] = found[name].mean(keepdims=True)
    for name in ("multi_probability", "multi_loss", "multi_softmax"):
        found[f"total_{name}"] = found[name].sum(keepdims=True)
    return found


HOW_TO_READ = """
The loss is always −ln of the probability that the truth was given: 0 for sure and right, without
end for sure and wrong. J is the mean; the sample that costs most is marked.
| 손실은 언제나 정답에 준 확률의 −ln입니다. 확신하고 맞으면 0, 확신하고 틀리면 한없이 커집니다. J는
그 평균이고, 손실이 가장 큰 샘플에 색을 칠했습니다.

Categorical and sparse are one loss: only the truth is written differently. In table 2 each label
has its own sigmoid, and several can be likely at once; softmax would make them compete.
| Categorical과 Sparse는 정답을 적는 방법만 다른 같은 손실입니다. 표 2에서는 라벨마다 sigmoid가 따로
있어 여러 라벨이 함께 클 수 있지만, softmax라면 서로 경쟁합니다.

From z (from_logits=True) nothing is lost. From ŷ, a large z rounds ŷ to 1 and 1 − ŷ to 0, and ln 0
is an error. So is 0 · ln 0, even where the answer was right.
| z에서 바로 구하면(from_logits=True) 잃는 것이 없습니다. ŷ에서 구하면 z가 클 때 ŷ은 1로, 1 − ŷ은
0으로 반올림되어 ln 0이 오류가 됩니다. 0 · ln 0은 답이 맞았더라도 오류입니다.

[slide] Logits 0.8 and 1.5, 0.8, 2.1, labels (1, 1, 0), ten predictions are the slides'; rest ours.
| logit 0.8과 1.5·0.8·2.1, 라벨 (1, 1, 0), 예측 확률 열 개는 슬라이드의 값, 나머지는 고른 값입니다.
"""

TO_TRY = (
    to_try(
        "Set logit {binary_logit.at(1)} to 40: right, but 0 · ln 0 is an error; from z, L is 0.|"
        "logit {binary_logit.at(1)}을 40으로 바꾸십시오. 맞았는데도 ŷ에서는 오류, z에서는 0입니다.",
        {"binary_logit.at(1)": 40},
        lambda before, after: (
            np.isnan(after["binary_loss"][0]) and after["binary_logit_loss"][0] < 1e-12
        ),
    ),
    to_try(
        "Swap {digit_prediction.at(8)} and {digit_prediction.at(2)}: sure and wrong costs 9-fold.|"
        "{digit_prediction.at(8)}과 {digit_prediction.at(2)}를 맞바꾸십시오. 손실이 9배가 됩니다.",
        {"digit_prediction.at(8)": 0.01, "digit_prediction.at(2)": 0.6},
        lambda before, after: after["digit_loss"] > 9 * before["digit_loss"],
    ),
    to_try(
        "Set all of {multi_logit} to 5: a sigmoid gives each label 0.99, softmax each 0.33.|"
        "{multi_logit}을 모두 5로 바꾸십시오. sigmoid는 라벨마다 0.99, softmax는 0.33입니다.",
        {"multi_logit": 5},
        lambda before, after: np.all(after["multi_probability"] > 0.99),
    ),
)
