"""A confusion matrix at each threshold of a detector, and what is measured on it.

The digits stand in the order of their scores, the lowest first. A threshold lies before one of
them, and everything from there on is predicted positive. With TP, FP, FN and TN, the numbers of
true and false positives and negatives:

    accuracy = (TP + TN) / (TP + FP + FN + TN)     precision = TP / (TP + FP)
    specificity = TN / (TN + FP)                   recall = TP / (TP + FN)
    F1 = 2 * precision * recall / (precision + recall), 0 where both are 0
    type I error rate = FP / (FP + TN)             type II error rate = FN / (FN + TP)

Over all thresholds, recall against the type I error rate is the ROC curve. The area under it is
the probability that a positive scores higher than a negative (Fawcett, 2006).

Source: AI study lecture, "Confusion Matrix (혼동 행렬)", "Precision/Recall Trade-off", "ROC Curve".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.authoring.style import ColourName
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Confusion matrix, precision, recall and ROC", "혼동 행렬, 정밀도, 재현율, ROC")
SHEET_NAME = "Confusion"

# What a metric says whose denominator is 0, in the cells of both languages.
UNDEFINED = "undefined"

DETECT = Text("digit to detect", "검출할 숫자")
POSITIVE, NEGATIVE = same("positive"), same("negative")
SCORE_ORDER, DIGIT = Text("order of\nscore", "점수\n순서"), Text("digit", "숫자")
CONDITION = Text("true\ncondition", "실제\n조건")
THRESHOLD = Text("Threshold before position", "임계값 (Threshold) 위치")
OUTCOME = Text("outcome at the threshold", "Threshold에서의 분류")
CURVES = Text("at every threshold", "모든 Threshold에서")
FOR_CHARTS = Text("for the charts", "차트용")
BEFORE = Text("Threshold\nbefore", "Threshold\n위치")
SHARE = Text("predicted\npositive", "positive\n예측 비율")
PRECISION, RECALL = Text("Precision", "정밀도"), Text("Recall\n(TPR)", "재현율\n(TPR)")
AREA = Text("area to\nthe next", "다음까지\n면적")
MATRIX_AT = Text('"Threshold before "0', '"Threshold: "0"번째 앞"')
TRUE_CONDITION = Text("True condition", "실제 조건")
PREDICTED_POSITIVE = Text("predicted positive", "positive로 예측")
PREDICTED_NEGATIVE = Text("predicted negative", "negative로 예측")
F1_OF_GIVEN = Text("F1-Score of P and R", "P와 R의 F1-Score")
F1_NOTE = Text("0: poor (P = 0 or R = 0); 1: perfect", "0: Poor (P=0 또는 R=0), 1: Perfect")
UNDEFINED_NOTE = Text(
    "undefined: the denominator is 0. The charts have #N/A there and leave the point out.",
    "undefined(정의 없음): 분모가 0입니다. 차트용 셀은 #N/A가 되어 그 점을 그리지 않습니다.",
)
INDENTED = '"  "@'

QUANTITIES = {
    "digit": Text("digit, lowest score first", "숫자, 점수가 낮은 순"),
    "positive": Text("digit to detect", "검출할 숫자"),
    "threshold_before": Text("threshold before the n-th digit", "Threshold의 위치"),
    "position": Text("order of score", "점수 순서"),
    "condition": Text("true condition", "실제 조건"),
    "outcome": Text("outcome of each digit", "숫자마다의 분류 결과"),
    "true_positives": Text("TP (true positive)", "TP (True positive)"),
    "false_positives": Text("FP (type I error)", "FP (Type I error)"),
    "false_negatives": Text("FN (type II error)", "FN (Type II error)"),
    "true_negatives": Text("TN (true negative)", "TN (True negative)"),
    "threshold_accuracy": Text("Accuracy", "정확도 (Accuracy)"),
    "threshold_precision": Text("Precision", "정밀도 (Precision)"),
    "threshold_recall": Text("Recall", "재현율 (Recall)"),
    "threshold_f1": Text("F1-Score", "F1-Score (조화평균)"),
    "threshold_specificity": Text("Specificity", "특이도 (Specificity)"),
    "type_i_error_rate": Text("Type I error rate", "Type I error 비율"),
    "type_ii_error_rate": Text("Type II error rate", "Type II error 비율"),
    "drawn_precision": Text("Precision, for the chart", "차트용 Precision"),
    "drawn_recall": Text("Recall, for the chart", "차트용 Recall"),
    "roc_threshold": Text("every threshold", "모든 Threshold"),
    "roc_true_positives": Text("TP at every threshold", "모든 Threshold의 TP"),
    "roc_false_positives": Text("FP at every threshold", "모든 Threshold의 FP"),
    "predicted_positive_rate": Text("share predicted positive", "positive로 예측한 비율"),
    "roc_precision": Text("Precision at every threshold", "모든 Threshold의 Precision"),
    "true_positive_rate": Text("True positive rate (Recall)", "True positive rate (재현율)"),
    "false_positive_rate": Text("False positive rate", "False positive rate"),
    "roc_area": Text("area under the ROC curve, by step", "구간마다의 ROC 아래 면적"),
    "drawn_recall_curve": Text("Recall, for the chart", "차트용 Recall 곡선"),
    "drawn_roc_curve": Text("ROC Curve, for the chart", "차트용 ROC Curve"),
    "condition_positives": same("Condition positive"),
    "condition_negatives": same("Condition negative"),
    "roc_auc": Text("ROC_AUC (sum of areas)", "ROC_AUC (면적의 합)"),
    "limit_precision": Text("given Precision", "주어진 Precision"),
    "limit_recall": Text("given Recall", "주어진 Recall"),
    "f1_limits": Text("F1-Score at the limits", "한계에서의 F1-Score"),
}


class Count(NamedTuple):
    """One cell of a confusion matrix: whom it counts, and how it looks."""

    symbol: str
    condition: int
    side: str
    colour: ColourName
    meaning: Text


COUNTS = {
    "true_positives": Count("TP", 1, ">=", "good", Text("1 taken for 1", "1을 1로 분류")),
    "false_positives": Count("FP", 0, ">=", "bad", Text("0 taken for 1", "0을 1로 분류")),
    "false_negatives": Count("FN", 1, "<", "warn", Text("1 taken for 0", "1을 0으로 분류")),
    "true_negatives": Count("TN", 0, "<", "faint", Text("0 taken for 0", "0을 0으로 분류")),
}
# Of each rate: numerator and denominator.
RATES = {
    "threshold_accuracy": ("(TP+TN)", "TP+FP+FN+TN"),
    "threshold_precision": ("TP", "TP+FP"),
    "threshold_recall": ("TP", "TP+FN"),
    "threshold_specificity": ("TN", "TN+FP"),
    "type_i_error_rate": ("FP", "FP+TN"),
    "type_ii_error_rate": ("FN", "FN+TP"),
}
METRICS = (
    *COUNTS,
    *("threshold_accuracy", "threshold_precision", "threshold_recall", "threshold_f1"),
    *("threshold_specificity", "type_i_error_rate", "type_ii_error_rate"),
    *("drawn_precision", "drawn_recall"),
)

HOW_TO_READ = (
    Text(
        "Rows 4 to 15 hold twelve digits in the order of their scores; 5 is positive (true"
        " condition 1). A threshold in D2:F2 stands before the digit of that position: from there"
        " on, everything is predicted positive.",
        "4~15행은 점수가 낮은 순으로 놓은 숫자 12개이며, 5가 positive(실제 조건 1)입니다."
        " D2:F2의 Threshold는 그 순서의 숫자 앞에 놓이고, 거기서부터는 모두 positive로 예측합니다.",
    ),
    Text(
        "Columns D to F say of each digit whether it is a TP, FP, FN or TN; below, these are"
        " counted and the metrics follow. At H18 the counts stand as a confusion matrix, predicted"
        " in rows and true condition in columns, as on the slide (scikit-learn has it the other"
        " way round).",
        "D~F열은 숫자마다 TP, FP, FN, TN 가운데 무엇인지를 보여 줍니다. 그 아래에서 개수를 세고"
        " 지표를 구합니다. H18부터는 슬라이드처럼 예측을 행에, 실제를 열에 둔 혼동 행렬입니다"
        "(scikit-learn은 행과 열이 반대입니다).",
    ),
    Text(
        "A higher threshold finds fewer of the 5s (recall falls) but is right more often"
        " (precision rises, though not at every step). The columns from H on try every threshold;"
        " recall against the FPR is the ROC curve, and the sum of the areas under it is ROC_AUC.",
        "Threshold를 올리면 찾아내는 5는 줄지만(재현율 감소) 예측은 더 자주 맞습니다(정밀도 증가."
        " 다만 늘 그렇지는 않습니다). H열부터는 모든 Threshold를 해 봅니다. FPR에 대한 재현율이"
        " ROC Curve이고, 그 아래 면적의 합이 ROC_AUC입니다.",
    ),
    Text(
        "Where the denominator is 0, as for precision when nothing is predicted positive, the cell"
        " says undefined: the metric does not exist there.",
        "positive로 예측한 것이 없을 때의 정밀도처럼 분모가 0이면 셀에 undefined라고 나옵니다."
        " 지표가 정의되지 않는다는 뜻입니다(정의 없음).",
    ),
)
TO_TRY = (
    Text(
        "Set F2 to 13: nothing is predicted positive. Recall is 0, precision is undefined.",
        "F2를 13으로 바꾸십시오. positive로 예측한 것이 없어 재현율은 0, 정밀도는 undefined입니다.",
    ),
    Text(
        "Set D2 to 1: everything is predicted positive. Recall is 100%, precision is only the share"
        " of 5s.",
        "D2를 1로 바꾸십시오. 모두 positive로 예측하여 재현율은 100%이지만 정밀도는 5의 비율일"
        " 뿐입니다.",
    ),
    Text(
        "Set B12, the 6 among the high scores, to 5: ROC_AUC in Q20 grows.",
        "점수가 높은 쪽에 있는 B12의 6을 5로 바꾸십시오. Q20의 ROC_AUC가 커집니다.",
    ),
    Text(
        "Set C2 to 8: the order of scores is then as bad as can be, and ROC_AUC is 0.",
        "C2를 8로 바꾸십시오. 점수 순서가 더 나쁠 수 없어 ROC_AUC는 0입니다.",
    ),
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: twelve digits by score, the 5 to detect, three thresholds.

    `threshold_before` counts positions from 1; beyond the last digit nothing is predicted positive.
    """

    digit: tuple[int, ...] = column(
        (8, 7, 3, 9, 5, 2, 5, 5, 6, 5, 5, 5), QUANTITIES["digit"], whole=True, at_least=0, at_most=9
    )
    positive: int = number(5, QUANTITIES["positive"], whole=True, at_least=0, at_most=9)
    threshold_before: tuple[int, ...] = column(
        (5, 8, 10),
        QUANTITIES["threshold_before"],
        whole=True,
        at_least=1,
        at_most=1001,
        length=(1, 3),
    )
    limit_precision: tuple[float, ...] = column(
        (0, 1), QUANTITIES["limit_precision"], at_least=0, at_most=1, length=(1, 100)
    )
    limit_recall: tuple[float, ...] = column(
        (1, 1), QUANTITIES["limit_recall"], at_least=0, at_most=1, length=(1, 100)
    )

    def check(self) -> None:
        """As many precisions as recalls to take the F1-Score of."""
        require_same_length(self, "limit_precision", "limit_recall")


def write(sheet: Sheet, inputs: Inputs) -> None:
    """The digits and their thresholds at the left, every threshold beside them, then the charts."""
    last, right = 3 + len(inputs.digit), "DEF"[len(inputs.threshold_before) - 1]
    rows = {name: row for row, name in enumerate(METRICS, last + 3)}
    write_digits(sheet, last, right)
    write_metrics(sheet, last, right, rows)
    write_curves(sheet, last)
    write_matrices(sheet, right, rows)
    write_areas_and_f1(sheet, last, len(inputs.limit_precision))
    draw(sheet, last, right, rows)
    sheet.width("A", 8.5)
    sheet.width("B", 7.5)
    sheet.width("C", 10.5)
    sheet.width("D:F", 9.5)
    sheet.width("G", 23)
    sheet.width("H:L", 10.5)
    sheet.width("I:J", 6.5)
    sheet.width("M:Q", 9.5)
    sheet.width("R", 2)
    sheet.width("S:Z", 6.5)
    sheet.freeze("D4")


def write_digits(sheet: Sheet, last: int, right: str) -> None:
    """A row for each digit, in the order of score, a column for each threshold."""
    sheet.headings("A1", (DETECT, "", POSITIVE, THRESHOLD, "", ""))
    sheet.headings("A2", ("", ""))
    sheet.headings("A3", (SCORE_ORDER, DIGIT, CONDITION, OUTCOME, "", ""))
    for heading in ("A1:B2", "D1:F1", "D3:F3"):
        sheet.merge(heading)
    sheet.input("C2", "positive", name="positive")
    sheet.input(f"D2:{right}2", "threshold_before", name="threshold_before")
    sheet.fill(f"A4:A{last}", "=ROWS(A$4:A4)", name="position")
    sheet.input(f"B4:B{last}", "digit", name="digit")
    sheet.fill(f"C4:C{last}", "=IF(B4=$C$2,1,0)", name="condition")
    sheet.fill(
        f"D4:{right}{last}",
        '=IF($A4>=D$2,IF($C4=1,"TP","FP"),IF($C4=1,"FN","TN"))',
        name="outcome",
        number_format=INDENTED,
    )
    sheet.colour(f"C4:C{last}", "C4=1", "first")
    for count in COUNTS.values():
        sheet.colour(f"D4:{right}{last}", f'D4="{count.symbol}"', count.colour)


def write_metrics(sheet: Sheet, last: int, right: str, rows: Mapping[str, int]) -> None:
    """A row for each count and metric: its name, a value for each threshold, its definition."""
    cells = {count.symbol: f"D{rows[name]}" for name, count in COUNTS.items()}
    formulas, definitions = {}, {}
    for name, count in COUNTS.items():
        side = f'$A$4:$A${last},"{count.side}"&D$2'
        formulas[name] = f"=COUNTIFS($C$4:$C${last},{count.condition},{side})"
        definitions[name] = count.meaning.to(sheet.language)
    for name, (numerator, denominator) in RATES.items():
        definitions[name] = f"{numerator}/({denominator})"
        for symbol, cell in cells.items():
            numerator = numerator.replace(symbol, cell)
            denominator = denominator.replace(symbol, cell)
        formulas[name] = f'=IF({denominator}=0,"{UNDEFINED}",{numerator}/({denominator}))'
    p, r = f"D{rows['threshold_precision']}", f"D{rows['threshold_recall']}"
    f1 = f"IF({p}+{r}=0,0,2*{p}*{r}/({p}+{r}))"
    formulas["threshold_f1"] = f'=IF(COUNT({p},{r})<2,"{UNDEFINED}",{f1})'
    definitions["threshold_f1"] = "2*P*R/(P+R)"
    formulas["drawn_precision"] = f"=IF(ISNUMBER({p}),{p},NA())"
    formulas["drawn_recall"] = f"=IF(ISNUMBER({r}),{r},NA())"

    for name, row in rows.items():
        number_format = "General" if name in COUNTS else "0%"
        sheet.headings(f"A{row}", (QUANTITIES[name], "", ""))
        sheet.merge(f"A{row}:C{row}")
        fill(sheet, f"D{row}:{right}{row}", formulas[name], name, number_format)
        if name in definitions:
            sheet.label(f"G{row}", f"  {definitions[name]}", "note")
    for name, count in COUNTS.items():
        if name != "true_negatives":
            sheet.colour(f"D{rows[name]}:{right}{rows[name]}", "TRUE", count.colour)


def write_curves(sheet: Sheet, last: int) -> None:
    """A row for each threshold that there is: before each digit, and after the last."""
    sheet.headings("H1", (CURVES, "", "", "", "", "", "", "", FOR_CHARTS, ""))
    sheet.headings("H2", (BEFORE, "TP", "FP", SHARE, PRECISION, RECALL, "FPR", AREA))
    sheet.headings("P2", (RECALL, "ROC"))
    sheet.headings("H3", ("",) * 10)
    sheet.merge("H1:O1")
    sheet.merge("P1:Q1")
    for letter in "HIJKLMNOPQ":
        sheet.merge(f"{letter}2:{letter}3")

    end, positives, negatives = last + 1, f"$Q${last + 3}", f"$Q${last + 4}"
    predicted = f'$A$4:$A${last},">="&$H4'
    defined = '=IF({}=0,"' + UNDEFINED + '",{})'
    sheet.fill(f"H4:H{end}", "=ROWS(H$4:H4)", name="roc_threshold")
    for letter, condition, name in (
        ("I", 1, "roc_true_positives"),
        ("J", 0, "roc_false_positives"),
    ):
        counted = f"=COUNTIFS($C$4:$C${last},{condition},{predicted})"
        sheet.fill(f"{letter}4:{letter}{end}", counted, name=name)
    for letter, name, formula in (
        ("K", "predicted_positive_rate", f"=(I4+J4)/COUNT($B$4:$B${last})"),
        ("L", "roc_precision", defined.format("I4+J4", "I4/(I4+J4)")),
        ("M", "true_positive_rate", defined.format(positives, f"I4/{positives}")),
        ("N", "false_positive_rate", defined.format(negatives, f"J4/{negatives}")),
        ("P", "drawn_recall_curve", "=IF(ISNUMBER(M4),M4,NA())"),
        ("Q", "drawn_roc_curve", "=IF(COUNT(M4:N4)=2,M4,NA())"),
    ):
        fill(sheet, f"{letter}4:{letter}{end}", formula, name, "0%")
    area = f'=IF(COUNT(M4:N5)=4,(N4-N5)*(M4+M5)/2,"{UNDEFINED}")'
    fill(sheet, f"O4:O{last}", area, "roc_area", "0.000")


def write_matrices(sheet: Sheet, right: str, rows: Mapping[str, int]) -> None:
    """The confusion matrix of each threshold, predicted in rows, true condition in columns."""
    tp, fp, fn, tn = (rows[name] for name in COUNTS)
    for index, letter in enumerate(letter for letter in "DEF" if letter <= right):
        row = tp + 5 * index
        at = MATRIX_AT.to(sheet.language)
        sheet.fill(f"H{row}", f"={letter}2", number_format=at, style="heading")
        sheet.headings(f"K{row}", (TRUE_CONDITION, ""))
        sheet.headings(f"K{row + 1}", (POSITIVE, NEGATIVE))
        sheet.headings(f"H{row + 2}", (PREDICTED_POSITIVE,))
        sheet.headings(f"H{row + 3}", (PREDICTED_NEGATIVE,))
        sheet.merge(f"H{row}:J{row + 1}")
        sheet.merge(f"K{row}:L{row}")
        sheet.merge(f"H{row + 2}:J{row + 2}")
        sheet.merge(f"H{row + 3}:J{row + 3}")
        sheet.fill(f"K{row + 2}", f"={letter}{tp}")
        sheet.fill(f"L{row + 2}", f"={letter}{fp}")
        sheet.fill(f"K{row + 3}", f"={letter}{fn}")
        sheet.fill(f"L{row + 3}", f"={letter}{tn}")
        sheet.colour(f"K{row + 2}", "TRUE", "good")
        sheet.colour(f"L{row + 2}", "TRUE", "bad")
        sheet.colour(f"K{row + 3}", "TRUE", "warn")


def write_areas_and_f1(sheet: Sheet, last: int, given: int) -> None:
    """The area under the ROC curve, the F1-Score of precisions and recalls given, and notes."""
    top, areas = last + 3, f"O4:O{last}"
    for row, name, formula, number_format in (
        (top, "condition_positives", f"=SUM($C$4:$C${last})", "General"),
        (top + 1, "condition_negatives", f"=COUNT($C$4:$C${last})-Q{top}", "General"),
        (top + 2, "roc_auc", f'=IF(COUNT({areas})=0,"{UNDEFINED}",SUM({areas}))', "0.000"),
    ):
        sheet.headings(f"N{row}", (QUANTITIES[name], "", ""))
        sheet.merge(f"N{row}:P{row}")
        fill(sheet, f"Q{row}", formula, name, number_format)

    row = top + 6
    end = row + given - 1
    sheet.headings(f"N{row - 2}", (F1_OF_GIVEN, "", ""))
    sheet.headings(f"N{row - 1}", ("P", "R", "F1-Score"))
    sheet.merge(f"N{row - 2}:P{row - 2}")
    sheet.input(f"N{row}:N{end}", "limit_precision", name="limit_precision")
    sheet.input(f"O{row}:O{end}", "limit_recall", name="limit_recall")
    f1 = f"=IF(N{row}+O{row}=0,0,2*N{row}*O{row}/(N{row}+O{row}))"
    sheet.fill(f"P{row}:P{end}", f1, name="f1_limits")
    sheet.note(f"N{end + 1}:Q{end + 1}", F1_NOTE)
    sheet.note(f"N{end + 2}:Q{end + 4}", UNDEFINED_NOTE)
    sheet.legend(f"N{end + 6}:Q{end + 6}")


def fill(sheet: Sheet, cells: str, formula: str, name: str, number_format: str) -> None:
    """Fill a formula that may be undefined, or an error for the charts, and colour it then."""
    first = cells.split(":")[0]
    sheet.fill(cells, formula, name=name, number_format=number_format)
    sheet.colour(cells, f"ISTEXT({first})", "warn")
    sheet.colour(cells, f"ISERROR({first})", "faint")


def draw(sheet: Sheet, last: int, right: str, rows: Mapping[str, int]) -> None:
    """Precision and recall against the threshold, and the ROC curve."""
    precision, recall = rows["drawn_precision"], rows["drawn_recall"]
    thresholds, end = f"D2:{right}2", last + 1
    # Precision ends one threshold earlier: at the last, nothing is predicted positive.
    sheet.chart(
        "S1:Z16",
        Chart(
            same("Precision/Recall Trade-off"),
            QUANTITIES["threshold_before"],
            same("Precision, Recall"),
            (
                Series(same("Precision"), f"H4:H{last}", f"L4:L{last}"),
                Series(same("Recall"), f"H4:H{end}", f"P4:P{end}"),
                Series(
                    Text("Precision, chosen", "고른 Precision"),
                    thresholds,
                    f"D{precision}:{right}{precision}",
                    "points",
                    colour=0,
                ),
                Series(
                    Text("Recall, chosen", "고른 Recall"),
                    thresholds,
                    f"D{recall}:{right}{recall}",
                    "points",
                    colour=1,
                ),
            ),
            y_range=(0, 1),
        ),
    )
    sheet.chart(
        "S17:Z34",
        Chart(
            same("ROC Curve"),
            same("False positive rate (FPR)"),
            same("True positive rate (TPR)"),
            (
                Series(same("ROC Curve"), f"N4:N{end}", f"Q4:Q{end}", "both"),
                Series(
                    Text("at random (AUC 0.5)", "무작위 (AUC 0.5)"),
                    f"K4:K{end}",
                    f"K4:K{end}",
                    colour=7,
                    dashed=True,
                ),
            ),
            x_range=(0, 1),
            y_range=(0, 1),
        ),
    )


def divide(numerator: Any, denominator: Any) -> np.ndarray[Any, Any]:
    """The quotients, nan where both are 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.divide(numerator, denominator))


def harmonic_mean(precision: Any, recall: Any) -> np.ndarray[Any, Any]:
    """The F1-Score: 0 where precision and recall are 0, nan where one of them is."""
    total = np.add(precision, recall)
    return np.where(total == 0, 0.0, divide(2 * np.multiply(precision, recall), total))


def stated(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The values as a sheet states them: the word "undefined" in place of nan."""
    return np.where(np.isnan(values), UNDEFINED, values.astype(object))


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    With n digits and m thresholds: `digit`, `position`, `condition` and `roc_area` have shape
    (n,), `outcome` (n, m), counts and metrics at the thresholds (m,), the curves (n + 1,).
    Metrics are fractions of 1, or the word "undefined" where a denominator is 0; the arrays that
    are drawn have nan there.
    """
    actual = np.array(inputs.digit) == inputs.positive
    thresholds = np.array(inputs.threshold_before)
    position = np.arange(1, len(actual) + 1)
    predicted = position[:, None] >= thresholds
    truth = np.broadcast_to(actual[:, None], predicted.shape)
    tp, fp = np.sum(predicted & truth, axis=0), np.sum(predicted & ~truth, axis=0)
    fn, tn = np.sum(~predicted & truth, axis=0), np.sum(~predicted & ~truth, axis=0)
    precision, recall = divide(tp, tp + fp), divide(tp, tp + fn)

    # Raising the threshold past one digit takes that digit off the positives.
    positives, negatives = np.sum(actual), np.sum(~actual)
    roc_tp = positives - np.concatenate([[0], np.cumsum(actual)])
    roc_fp = negatives - np.concatenate([[0], np.cumsum(~actual)])
    tpr, fpr = divide(roc_tp, positives), divide(roc_fp, negatives)
    area = -np.diff(fpr) * (tpr[:-1] + tpr[1:]) / 2
    return {
        "digit": np.array(inputs.digit),
        "positive": np.array([inputs.positive]),
        "threshold_before": thresholds,
        "position": position,
        "condition": actual.astype(int),
        "outcome": np.where(predicted, np.where(truth, "TP", "FP"), np.where(truth, "FN", "TN")),
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "true_negatives": tn,
        "threshold_accuracy": (tp + tn) / len(actual),
        "threshold_precision": stated(precision),
        "threshold_recall": stated(recall),
        "threshold_f1": stated(harmonic_mean(precision, recall)),
        "threshold_specificity": stated(divide(tn, tn + fp)),
        "type_i_error_rate": stated(divide(fp, fp + tn)),
        "type_ii_error_rate": stated(divide(fn, fn + tp)),
        "drawn_precision": precision,
        "drawn_recall": recall,
        "roc_threshold": np.arange(1, len(actual) + 2),
        "roc_true_positives": roc_tp,
        "roc_false_positives": roc_fp,
        "predicted_positive_rate": (roc_tp + roc_fp) / len(actual),
        "roc_precision": stated(divide(roc_tp, roc_tp + roc_fp)),
        "true_positive_rate": stated(tpr),
        "false_positive_rate": stated(fpr),
        "roc_area": stated(area),
        "drawn_recall_curve": tpr,
        "drawn_roc_curve": np.where(np.isnan(fpr), np.nan, tpr),
        "condition_positives": np.array([positives]),
        "condition_negatives": np.array([negatives]),
        "roc_auc": stated(np.array([np.sum(area)])),
        "limit_precision": np.array(inputs.limit_precision),
        "limit_recall": np.array(inputs.limit_recall),
        "f1_limits": harmonic_mean(inputs.limit_precision, inputs.limit_recall),
    }
