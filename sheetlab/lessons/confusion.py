"""A confusion matrix at each threshold of a detector, and what is measured on it.

The digits stand in the order of their scores, the lowest first. A threshold lies before one of
them, and everything from there on is predicted positive, which makes each digit a true or false
positive or negative: precision = TP / (TP + FP), recall = TP / (TP + FN).

Over all thresholds, recall against the type I error rate is the ROC curve. The area under it is
the probability that a positive scores higher than a negative (Fawcett, 2006).
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Confusion matrix, precision, recall and ROC|혼동 행렬, 정밀도, 재현율, ROC"
SHEET_NAME = "Confusion"
EQUATION = "Precision = TP / (TP + FP),   Recall = TP / (TP + FN)"
SLIDES = [
    ("001", "Confusion Matrix (혼동 행렬)"),
    ("001", "Precision/Recall Trade-off"),
    ("001", "Precision / Recall Trade-off"),
    ("001", "ROC Curve (수신자 조작 특성 곡선)"),
]

COLOUR = {"TP": "good", "FP": "bad", "FN": "warn", "TN": "faint"}


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: twelve digits by score, the 5 to detect, three thresholds."""

    positive: int = number(5, "digit to detect|검출할 숫자", whole=True, at_least=0, at_most=9)
    digit: tuple[int, ...] = column(
        (8, 7, 3, 9, 5, 2, 5, 5, 6, 5, 5, 5), "digit|숫자", whole=True, at_least=0, at_most=9
    )
    threshold_before: tuple[int, ...] = column(
        (5, 8, 10), "Threshold before|Threshold 위치", whole=True, at_least=1, length=(1, 5)
    )
    limit_precision: tuple[float, ...] = column((0, 1), "Precision|정밀도", at_least=0, at_most=1)
    limit_recall: tuple[float, ...] = column(
        (1, 1), "Recall|재현율", at_least=0, at_most=1, as_long_as="limit_precision"
    )


def write(board: Board, inputs: Inputs) -> None:
    """The digits and their outcomes, what is counted of them, and every threshold beside them."""
    position = axis("position", len(inputs.digit))
    threshold = axis("threshold", len(inputs.threshold_before))
    condition = axis("condition", ("positive", "negative"))
    cut, limit = axis("cut", position.size + 1), axis("limit", len(inputs.limit_precision))

    detector = board.rows(label_span=2)
    detector.input("positive")
    detector.row("condition_positives", "Condition positive", "= SUM(is_positive)")
    detector.row("condition_negatives", "Condition negative", "= COUNTIF(is_positive, 0)")
    digits = board.columns(down=position, below=detector)
    digits.count("position", "order of score|점수 순서")
    digits.input("digit")
    digits.column("is_positive", "true condition|실제 조건", "= IF(digit = positive, 1, 0)")
    digits.column(
        "outcome",
        "outcome with the threshold before|Threshold가 이 순서 앞일 때",
        '= IF(position >= threshold_before, IF(is_positive = 1, "TP", "FP"),'
        ' IF(is_positive = 1, "FN", "TN"))',
        by=threshold,
        format='"  "@',
        colour={colour: f'outcome = "{outcome}"' for outcome, colour in COLOUR.items()},
    )
    digits.start().input("threshold_before", under="outcome", format="General")

    metrics = board.rows(across=threshold, below=digits, label_span=3)
    for outcome, label, remark in (
        ("TP", "TP (True positive)", "1 taken for 1|1을 1로 분류"),
        ("FP", "FP (Type I error)", "0 taken for 1|0을 1로 잘못 분류"),
        ("FN", "FN (Type II error)", "1 taken for 0|1을 0으로 잘못 분류"),
        ("TN", "TN (True negative)", "0 taken for 0|0을 0으로 분류"),
    ):
        counted, colour = f'= COUNTIF(outcome, "{outcome}")', {COLOUR[outcome]: "TRUE"}
        metrics.row(outcome.lower(), label, counted, remark=remark, colour=colour)
    for name, label, part, whole in (
        ("threshold_accuracy", "Accuracy|정확도 (Accuracy)", "(tp + tn)", "tp + tn + fp + fn"),
        ("threshold_precision", "Precision|정밀도 (Precision)", "tp", "tp + fp"),
        ("threshold_recall", "Recall|재현율 (Recall)", "tp", "tp + fn"),
        ("threshold_specificity", "Specificity|특이도 (Specificity)", "tn", "tn + fp"),
        ("type_i_error_rate", "Type I error rate|Type I error 비율", "fp", "fp + tn"),
        ("type_ii_error_rate", "Type II error rate|Type II error 비율", "fn", "fn + tp"),
    ):
        remark = f"{part}/({whole})".upper().replace(" ", "")
        metrics.row(name, label, share(part, whole), remark=remark, format="0%")
    f1 = harmonic_mean("threshold_precision", "threshold_recall")
    metrics.row("threshold_f1", "F1-Score", f1, remark="2·P·R/(P+R)", format="0%")

    aside = (detector, digits, metrics)
    both = threshold * condition
    matrix = board.rows(across=both, labels="Threshold", label_span=2, right_of=aside)
    for name, label, one, zero in (
        ("predicted_positive", "predicted positive|positive로 예측", "TP", "FP"),
        ("predicted_negative", "predicted negative|negative로 예측", "FN", "TN"),
    ):
        colour = {COLOUR[one]: 'condition = "positive"', COLOUR[zero]: 'condition = "negative"'}
        matrix.row(name, label, [f"= {one.lower()}", f"= {zero.lower()}"], colour=colour)
    every = "At every threshold|모든 Threshold에서"
    cuts = board.columns(down=cut, title=every, right_of=aside, below=matrix, format="0%")
    cuts.count("cut", "Threshold before|Threshold 위치")
    cuts.column("cut_tp", "TP", '= SUMIF(position, ">=" & cut, is_positive)', format="0")
    cuts.column("cut_fp", "FP", '= COUNTIF(position, ">=" & cut) - cut_tp', format="0")
    for name, label, part, whole in (
        ("cut_precision", "Precision|정밀도", "cut_tp", "cut_tp + cut_fp"),
        ("tpr", "TPR (Recall)|TPR (재현율)", "cut_tp", "condition_positives"),
        ("fpr", "FPR", "cut_fp", "condition_negatives"),
    ):
        cuts.column(name, label, share(part, whole), colour={"warn": f"ISNA({name})"})
    trapezoid = "= (fpr - fpr.after) * (tpr + tpr.after) / 2"
    cuts.column("roc_area", "area|면적", trapezoid, last="= 0", format="0.000")
    cuts.foot("ROC_AUC").value("roc_auc", "= SUM(roc_area)")
    limits = board.columns(down=limit, right_of=aside, below=cuts)
    limits.inputs("limit_precision", "limit_recall")
    limits.column("f1_limits", "F1-Score", harmonic_mean("limit_precision", "limit_recall"))
    board.legend(right_of=limits, below=cuts)

    trade_off = board.chart(
        "Precision/Recall Trade-off",
        line("cut_precision"),
        line("tpr", label="Recall|재현율"),
        dots("threshold_precision", over="threshold_before", colour=0, label="P, chosen|고른 P"),
        dots("threshold_recall", over="threshold_before", colour=1, label="R, chosen|고른 R"),
        y="Precision, Recall|정밀도, 재현율",
        right_of=(matrix, cuts),
        width=46,
        rows=23,
        x_range=(1, cut.size),
        y_range=(0, 1),
    )
    curve = line("tpr", label="ROC Curve", dotted=True)
    chance, ends = line("fpr", label="at random|무작위", dashed=True), (0, 1)
    board.chart("ROC Curve", curve, chance, over="fpr", below=trade_off, x_range=ends, y_range=ends)


def share(part: str, whole: str) -> str:
    """The formula of a share, which is not available where the whole is 0."""
    return f"= IF({whole} = 0, NA(), {part} / ({whole}))"


def harmonic_mean(p: str, r: str) -> str:
    """The formula of the F1-Score: 0 where both are 0."""
    return f"= IF({p} + {r} = 0, 0, 2 * {p} * {r} / ({p} + {r}))"


@np.errstate(invalid="ignore")
def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; metrics are fractions of 1, nan where a denominator is 0.

    With n digits and m thresholds, `outcome` has shape (n, m), counts and metrics of the thresholds
    (m,), the rows of their matrices (m, 2), what is told of every cut (n + 1,).
    """
    actual = np.array(inputs.digit) == inputs.positive
    position = np.arange(1, len(actual) + 1)
    predicted = position[:, None] >= np.array(inputs.threshold_before)
    truth = actual[:, None]
    tp, fp = np.sum(predicted & truth, axis=0), np.sum(predicted & ~truth, axis=0)
    fn, tn = np.sum(~predicted & truth, axis=0), np.sum(~predicted & ~truth, axis=0)
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    # Raising the threshold past one digit takes that digit off the positives.
    cut_tp, cut_fp = (np.sum(side) - np.cumsum([0, *side]) for side in (actual, ~actual))
    tpr, fpr = cut_tp / cut_tp[0], cut_fp / cut_fp[0]
    area = np.append(-np.diff(fpr) * (tpr[:-1] + tpr[1:]) / 2, 0)
    return {
        "condition_positives": np.sum(actual),
        "condition_negatives": np.sum(~actual),
        "position": position,
        "is_positive": actual.astype(int),
        "outcome": np.where(predicted, np.where(truth, "TP", "FP"), np.where(truth, "FN", "TN")),
        **{"tp": tp, "fp": fp, "fn": fn, "tn": tn},
        "threshold_accuracy": (tp + tn) / len(actual),
        "threshold_precision": precision,
        "threshold_recall": recall,
        "threshold_specificity": tn / (tn + fp),
        "type_i_error_rate": fp / (fp + tn),
        "type_ii_error_rate": fn / (fn + tp),
        "threshold_f1": f1_score(precision, recall),
        "predicted_positive": np.column_stack([tp, fp]),
        "predicted_negative": np.column_stack([fn, tn]),
        "cut": np.arange(1, len(actual) + 2),
        "cut_tp": cut_tp,
        "cut_fp": cut_fp,
        "cut_precision": cut_tp / (cut_tp + cut_fp),
        "tpr": tpr,
        "fpr": fpr,
        "roc_area": area,
        "roc_auc": np.sum(area),
        "f1_limits": f1_score(np.array(inputs.limit_precision), np.array(inputs.limit_recall)),
    }


def f1_score(p: Values, r: Values) -> Values:
    """The harmonic mean: 0 where precision and recall are 0, nan where one of them is."""
    return np.where(p + r == 0, 0, 2 * p * r / (p + r))


HOW_TO_READ = """
The digits stand in the order of their scores {position}. From a threshold {threshold_before} on,
all are predicted positive, which makes each of them a TP, FP, FN or TN.
| 숫자는 점수가 낮은 순서({position})입니다. Threshold({threshold_before})부터는 모두 positive로
예측하므로, 숫자마다 TP, FP, FN, TN 가운데 하나가 됩니다.

In the confusion matrices {predicted_positive} the prediction is in rows and the true condition in
columns, as on the slide (scikit-learn has it the other way round).
| 혼동 행렬({predicted_positive})의 행은 예측, 열은 실제 조건입니다(scikit-learn은 반대입니다).

A higher threshold finds fewer positives (recall falls), but is right more often (precision rises,
though not at every step). Recall against the FPR, over all thresholds {cut}, is the ROC curve.
| Threshold를 올리면 찾아내는 positive는 줄지만(재현율 감소) 예측은 더 자주 맞습니다(정밀도 증가.
다만 늘 그렇지는 않습니다). 모든 Threshold({cut})에서 구한 FPR과 재현율이 ROC Curve를 그립니다.

#N/A: where nothing is predicted positive, there is no precision {cut_precision.last}.
| #N/A: positive로 예측한 것이 없으면 정밀도({cut_precision.last})도 없습니다.
"""

TO_TRY = (
    to_try(
        "Set {threshold_before.last} to 13: nothing is predicted positive, so precision is gone.|"
        "{threshold_before.last} 셀을 13으로 바꾸십시오. positive 예측이 없어 정밀도가 사라집니다.",
        {"threshold_before.last": 13},
        lambda _, after: after["tp"][-1] == 0 and np.isnan(after["threshold_precision"][-1]),
    ),
    to_try(
        "Set {threshold_before.first} to 1: recall is 100%, precision only the share of 5s.|"
        "{threshold_before.first} 셀을 1로 바꾸십시오. 재현율은 100%, 정밀도는 5의 비율입니다.",
        {"threshold_before.first": 1},
        lambda _, after: after["threshold_recall"][0] == 2 * after["threshold_precision"][0] == 1,
    ),
    to_try(
        "Set {digit.at(9)} from 6 to 5: the scores part the digits better, and ROC_AUC grows.|"
        "{digit.at(9)} 셀의 6을 5로 바꾸십시오. 점수가 positive를 더 잘 가려 ROC_AUC가 커집니다.",
        {"digit.at(9)": 5},
        lambda before, after: after["roc_auc"] > before["roc_auc"],
    ),
    to_try(
        "Set {positive} to 8: the order of scores is as bad as can be, and ROC_AUC is 0.|"
        "{positive} 셀을 8로 바꾸십시오. 점수 순서가 더 나쁠 수 없어 ROC_AUC가 0이 됩니다.",
        {"positive": 8},
        lambda _, after: after["roc_auc"] == 0,
    ),
)
