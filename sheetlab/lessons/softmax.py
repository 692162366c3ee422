"""Softmax: probabilities from any numbers, and how to keep exp from overflowing.

Each number z[i] gets a probability, the larger the number, the larger by far (Bridle, 1990):

    softmax(z)[i] = exp(z[i]) / sum over j of exp(z[j])

A constant taken off every z cancels out of the fraction. With the maximum taken off, no exponent
is above 0, so that nothing overflows; in float64, exp does so from about 709.78 on:

    softmax(z) = softmax(z - max(z))

Sources: AI study lecture, "Softmax function", "Overflow 방지" and "Overflow", and the quiz of
"softmax함수 - 다중분류".
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.errors import InputError
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Softmax, and how exp overflows", "Softmax 함수와 Overflow 방지")
SHEET_NAME = "Softmax"

AS_DEFINED = Text("Softmax, as defined", "Softmax 함수")
PREVENTED_Z = Text("Overflow prevented: minus max(z)", "Overflow 방지: max(z)를 뺌")
SCALE = Text("scale", "배율")
SCALED = Text("a =\nz × scale", "a =\nz × 배율")
OVERFLOW = Text("Overflow: softmax, as defined", "Overflow: 그대로 계산하면")
PREVENTED_A = Text("Overflow prevented: minus max(a)", "Overflow 방지: max(a)를 뺌")
MAXIMUM, SUM = same("max"), Text("sum", "합")
OVERFLOW_NOTE = Text(
    "The red errors are there on purpose: from about 709.78 on, exp is above 1.8E+308, the largest"
    " number of a spreadsheet, and every cell that needs it fails too. Python prints inf and nan."
    " Minus the maximum, the same softmax can be worked out: green.",
    "빨간 오류는 일부러 둔 것입니다. 지수가 약 709.78부터는 exp가 스프레드시트의 가장 큰 수"
    " 1.8E+308을 넘고, 그 값을 쓰는 셀도 모두 오류가 됩니다. Python에서는 inf와 nan이"
    " 나옵니다. 최댓값을 빼면 같은 softmax를 구할 수 있습니다(초록).",
)
ONE_NUMBER = Text("exp of one number", "수 하나의 exp")
EXPONENT, EXP_OF_IT = Text("exponent", "지수"), Text("exp(exponent)", "exp(지수)")
EXP_NOTE = Text(
    "Any exponent below 709.78 has a value: try 709.",
    "709.78보다 작은 지수에는 값이 있습니다. 709를 넣어 보십시오.",
)
QUIZ = Text("Quiz: the x missing from a softmax output", "퀴즈: softmax 출력에서 빠진 값 x")
GIVEN, GIVEN_SUM = Text("the other probabilities", "나머지 확률"), Text("their sum", "그 합")
MISSING = Text("x = 1 − sum", "x = 1 − 합")
QUIZ_NOTE = Text(
    "All outputs of softmax add up to 1: x is what is left.",
    "softmax 출력값의 합은 반드시 1이므로 나머지가 x입니다.",
)
DEFINED, GUARDED = Text("as defined", "그대로"), Text("minus the maximum", "최댓값을 뺌")
PROBABILITY = Text("probability", "확률")

# A number too long for its column is shown as a power of ten.
EXP_FORMAT = "[<100000]0.00000;0.000E+00"
PROBABILITY_FORMAT = "0.00000000"

QUANTITIES = {
    "component": Text("i, the place in z", "z의 순서 i"),
    "z": same("z"),
    "z_max": same("max(z)"),
    "naive_exp": same("exp(z)"),
    "naive_exp_sum": Text("sum of exp(z)", "exp(z)의 합"),
    "naive": Text("softmax(z), as defined", "softmax(z), 그대로"),
    "total": Text("sum of softmax(z), as defined", "softmax(z)의 합, 그대로"),
    "shifted": same("z − max(z)"),
    "guarded_exp": same("exp(z − max(z))"),
    "guarded_exp_sum": Text("sum of exp(z − max(z))", "exp(z − max(z))의 합"),
    "guarded": Text("softmax(z), minus the maximum", "softmax(z), 최댓값을 뺌"),
    "guarded_total": Text("sum of softmax(z), minus the maximum", "softmax(z)의 합, 최댓값을 뺌"),
    "scale": SCALE,
    "scaled_input": Text("a = z × scale", "a = z × 배율"),
    "scaled_max": same("max(a)"),
    "naive_scaled_exp": same("exp(a)"),
    "naive_scaled_exp_sum": Text("sum of exp(a)", "exp(a)의 합"),
    "naive_scaled": Text("softmax(a), as defined", "softmax(a), 그대로"),
    "naive_scaled_total": Text("sum of softmax(a), as defined", "softmax(a)의 합, 그대로"),
    "scaled_shifted": same("a − max(a)"),
    "guarded_scaled_exp": same("exp(a − max(a))"),
    "guarded_scaled_exp_sum": Text("sum of exp(a − max(a))", "exp(a − max(a))의 합"),
    "guarded_scaled": Text("softmax(a), minus the maximum", "softmax(a), 최댓값을 뺌"),
    "guarded_scaled_total": Text(
        "sum of softmax(a), minus the maximum", "softmax(a)의 합, 최댓값을 뺌"
    ),
    "large_exponent": EXPONENT,
    "exp_1000": EXP_OF_IT,
    "quiz_probability": Text("quiz: the other probabilities", "퀴즈: 나머지 확률"),
    "quiz_sum": Text("quiz: sum of the other probabilities", "퀴즈: 나머지 확률의 합"),
    "quiz_missing_probability": Text("quiz: the missing x", "퀴즈: 빠진 값 x"),
}

HOW_TO_READ = (
    Text(
        "Columns C and D are softmax as it is defined: exp of each z, then each exp divided by"
        " their sum. The outputs lie between 0 and 1 and add up to 1.",
        "C열과 D열이 정의 그대로의 softmax입니다. z마다 exp를 구하고, 그 합으로 나눕니다. 출력값은"
        " 0과 1 사이에 있고 모두 더하면 1입니다.",
    ),
    Text(
        "Columns E to G first take the largest z off all of them. Numerator and denominator shrink"
        " by the same factor, so that D and G are equal.",
        "E~G열은 먼저 모든 z에서 가장 큰 z를 뺍니다. 분자와 분모가 같은 비율로 작아지므로 D열과"
        " G열은 같습니다.",
    ),
    Text(
        "Columns I to N do the same with z times the scale in H3. Now exp overflows: it doubles"
        " with every 0.69 that is added, and from about 709.78 on it is above 1.8E+308, the"
        " largest number that a spreadsheet (and float64) holds. Excel shows #NUM!, here on"
        " purpose.",
        "I~N열은 z에 H3의 배율을 곱하여 같은 계산을 합니다. exp는 지수가 0.69 커질 때마다 두 배가"
        " 되어, 약 709.78부터는 스프레드시트(float64)의 가장 큰 수 1.8E+308을 넘습니다(Overflow)."
        " Excel의 #NUM!은 이를 보이려고 일부러 둔 것입니다.",
    ),
    Text(
        "Minus the maximum, the largest exponent is 0 and no exp is above 1. A very negative"
        " exponent only gives 0, which is right to all the digits shown.",
        "최댓값을 빼면 가장 큰 지수가 0이므로 exp는 1을 넘지 않습니다. 아주 작은 음의 지수는 0이"
        " 될 뿐이며, 보이는 자리까지 옳은 값입니다.",
    ),
)
TO_TRY = (
    Text(
        "Set the scale H3 to 177: the largest a is 708, and the red cells come alive. With 178 they"
        " fail again.",
        "배율 H3를 177로 바꾸십시오. 가장 큰 a가 708이 되어 빨간 셀이 살아납니다. 178이면 다시"
        " 오류가 됩니다.",
    ),
    Text(
        "Set H3 to 2, then to 0.1: a large scale leaves all the probability to the largest z, a"
        " small one shares it out evenly.",
        "H3를 2로, 다시 0.1로 바꾸십시오. 배율이 크면 확률이 가장 큰 z에 몰리고, 작으면 고르게"
        " 나뉩니다.",
    ),
    Text(
        "Set B6 to 1000: one number that is too large is enough to lose all of column D. Column G"
        " stays right.",
        "B6을 1000으로 바꾸십시오. 너무 큰 수 하나 때문에 D열이 모두 오류가 됩니다. G열은 여전히"
        " 옳습니다.",
    ),
    Text(
        "Add 100 to every z in B3:B9: exp(z) becomes huge, the probabilities stay.",
        "B3:B9의 z마다 100을 더하십시오. exp(z)는 엄청나게 커지지만 확률은 그대로입니다.",
    ),
    Text(
        "Set the exponent D14 to 709 and then to 710.",
        "지수 D14를 709로, 다시 710으로 바꾸십시오.",
    ),
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slides give: seven numbers, the factor 10,000, np.exp(1000), and a quiz."""

    z: tuple[float, ...] = column(
        (1, 2, 3, 4, 1, 2, 3), QUANTITIES["z"], at_least=-100000, at_most=100000, length=(2, 1000)
    )
    scale: float = number(10000.0, QUANTITIES["scale"], at_least=-100000, at_most=100000)
    large_exponent: float = number(
        1000.0, QUANTITIES["large_exponent"], at_least=-100000, at_most=100000
    )
    quiz_probability: tuple[float, ...] = column(
        (0.3, 0.1, 0.26), QUANTITIES["quiz_probability"], at_least=0, at_most=1
    )

    def check(self) -> None:
        """The quiz's probabilities leave something over, if only 0."""
        total = sum(self.quiz_probability)
        if total > 1 + 1e-12:
            raise InputError(
                Text(
                    f"The values of quiz_probability add up to {total:g};"
                    " give probabilities that add up to 1 at most.",
                    f"quiz_probability의 합이 {total:g}입니다. 합이 1을 넘지 않는 확률을 주십시오.",
                )
            )


def write(sheet: Sheet, inputs: Inputs) -> None:
    """A row for each z: as the slide has it, minus the maximum, and both for z times the scale."""
    last = 2 + len(inputs.z)
    sheet.headings("A1", ("i", "z", AS_DEFINED, "", PREVENTED_Z, "", "", SCALE, SCALED))
    sheet.headings("J1", (OVERFLOW, "", PREVENTED_A, "", ""))
    sheet.headings("C2", ("exp(z)", "softmax(z)", "z − max", "exp(z − max)", "softmax(z)"))
    sheet.headings("J2", ("exp(a)", "softmax(a)", "a − max", "exp(a − max)", "softmax(a)"))
    for heading in ("A1:A2", "B1:B2", "C1:D1", "E1:G1", "H1:H2", "I1:I2", "J1:K1", "L1:N1"):
        sheet.merge(heading)

    sheet.fill(f"A3:A{last}", "=ROWS(A$3:A3)", name="component")
    sheet.input(f"B3:B{last}", "z", name="z")
    sheet.input("H3", "scale", name="scale")
    sheet.fill(f"I3:I{last}", "=B3*$H$3", name="scaled_input")

    sheet.headings(f"A{last + 1}", (MAXIMUM,))
    sheet.fill(f"B{last + 1}", f"=MAX(B3:B{last})", name="z_max")
    sheet.fill(f"E3:E{last}", f"=B3-B${last + 1}", name="shifted")
    sheet.fill(f"I{last + 1}", f"=MAX(I3:I{last})", name="scaled_max")
    sheet.fill(f"L3:L{last}", f"=I3-I${last + 1}", name="scaled_shifted")

    sheet.headings(f"A{last + 2}", (SUM,))
    write_softmax(sheet, "B", "C", "D", last, "naive", "total")
    write_softmax(sheet, "E", "F", "G", last, "guarded", "guarded_total")
    write_softmax(sheet, "I", "J", "K", last, "naive_scaled", "naive_scaled_total")
    write_softmax(sheet, "L", "M", "N", last, "guarded_scaled", "guarded_scaled_total")
    sheet.colour(f"C3:N{last + 2}", "ISERROR(C3)", "bad")
    sheet.colour(f"G3:G{last + 2}", "ISERROR(D3)", "good")
    sheet.colour(f"N3:N{last + 2}", "ISERROR(K3)", "good")

    for columns, width in (("A:B", 7), ("C:N", 12), ("E", 9), ("H:I", 9), ("L", 9), ("O", 2)):
        sheet.width(columns, width)
    sheet.freeze("C3")
    write_one_exp(sheet, last + 4)
    write_quiz(sheet, last + 9, len(inputs.quiz_probability))
    sheet.note(f"I{last + 4}:N{last + 7}", OVERFLOW_NOTE)
    draw(sheet, last)


def write_softmax(
    sheet: Sheet, exponent: str, exp: str, softmax: str, last: int, name: str, total: str
) -> None:
    """Two columns: exp of the column of exponents, and its share of the sum."""
    sums = last + 2
    sheet.fill(
        f"{exp}3:{exp}{last}",
        f"=EXP({exponent}3)",
        name=f"{name}_exp",
        number_format=EXP_FORMAT,
    )
    sheet.fill(
        f"{exp}{sums}",
        f"=SUM({exp}3:{exp}{last})",
        name=f"{name}_exp_sum",
        number_format=EXP_FORMAT,
    )
    sheet.fill(
        f"{softmax}3:{softmax}{last}",
        f"={exp}3/{exp}${sums}",
        name=name,
        number_format=PROBABILITY_FORMAT,
    )
    sheet.fill(
        f"{softmax}{sums}",
        f"=SUM({softmax}3:{softmax}{last})",
        name=total,
        number_format=PROBABILITY_FORMAT,
    )


def write_one_exp(sheet: Sheet, top: int) -> None:
    """exp of an exponent that can be changed, from the row `top` on."""
    sheet.headings(f"A{top}", (ONE_NUMBER, *("",) * 6))
    sheet.merge(f"A{top}:G{top}")
    sheet.note(f"A{top + 1}:C{top + 1}", EXPONENT, "text")
    sheet.input(f"D{top + 1}", "large_exponent", name="large_exponent")
    sheet.note(f"A{top + 2}:C{top + 2}", EXP_OF_IT, "text")
    sheet.fill(f"D{top + 2}", f"=EXP(D{top + 1})", name="exp_1000", number_format=EXP_FORMAT)
    sheet.colour(f"D{top + 2}", f"ISERROR(D{top + 2})", "bad")
    sheet.note(f"A{top + 3}:G{top + 3}", EXP_NOTE)


def write_quiz(sheet: Sheet, top: int, given: int) -> None:
    """The probability that the others leave over, from the row `top` on."""
    end = top + given
    sheet.headings(f"A{top}", (QUIZ, *("",) * 6))
    sheet.merge(f"A{top}:G{top}")
    sheet.note(f"A{top + 1}:C{end}", GIVEN, "text")
    sheet.input(f"D{top + 1}:D{end}", "quiz_probability", name="quiz_probability")
    sheet.note(f"A{end + 1}:C{end + 1}", GIVEN_SUM, "text")
    sheet.fill(f"D{end + 1}", f"=SUM(D{top + 1}:D{end})", name="quiz_sum")
    sheet.note(f"A{end + 2}:C{end + 2}", MISSING, "text")
    sheet.fill(f"D{end + 2}", f"=1-D{end + 1}", name="quiz_missing_probability")
    sheet.colour(f"D{end + 2}", f"D{end + 2}<-1E-12", "bad")
    sheet.note(f"A{end + 3}:G{end + 3}", QUIZ_NOTE)
    sheet.legend(f"A{end + 5}:D{end + 5}")


def draw(sheet: Sheet, last: int) -> None:
    """The numbers and their probabilities, and below the overflow what is left of it."""
    components = f"A3:A{last}"
    sheet.chart(
        "P1:V14",
        Chart(
            Text("The numbers z", "입력값 z"),
            same("i"),
            same("z"),
            (Series(same("z"), components, f"B3:B{last}", colour=7),),
            bars=True,
        ),
    )
    sheet.chart(
        "P15:V31",
        Chart(
            Text("softmax(z), both ways", "softmax(z), 두 방법"),
            same("i"),
            PROBABILITY,
            (
                Series(DEFINED, components, f"D3:D{last}"),
                Series(GUARDED, components, f"G3:G{last}"),
            ),
            bars=True,
        ),
    )
    sheet.chart(
        f"I{last + 9}:N{last + 22}",
        Chart(
            Text("softmax(a): no bar where exp overflows", "softmax(a): Overflow이면 막대가 없음"),
            same("i"),
            PROBABILITY,
            (
                Series(DEFINED, components, f"K3:K{last}"),
                Series(GUARDED, components, f"N3:N{last}"),
            ),
            bars=True,
            y_range=(0, 1),
        ),
    )


def without_overflow(values: Any) -> np.ndarray[Any, Any]:
    """The values, nan where they overflow and a spreadsheet has an error instead of inf."""
    return np.where(np.isinf(values), np.nan, values)


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy; probabilities are fractions of 1.

    With n numbers, columns have shape (n,), maxima and sums (1,), `quiz_probability` as many as
    are given. What overflows is nan, and so is all that follows from it: a sum with such a term,
    and every share of this sum. Where all exp are too small for float64, 0 / 0 is nan as well.
    """
    z = np.array(inputs.z)
    scaled = inputs.scale * z
    shifted, scaled_shifted = z - z.max(), scaled - scaled.max()
    found: Reference = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for name, total, exponents in (
            ("naive", "total", z),
            ("guarded", "guarded_total", shifted),
            ("naive_scaled", "naive_scaled_total", scaled),
            ("guarded_scaled", "guarded_scaled_total", scaled_shifted),
        ):
            exp = without_overflow(np.exp(exponents))
            exp_sum = without_overflow(exp.sum(keepdims=True))
            found |= {f"{name}_exp": exp, f"{name}_exp_sum": exp_sum, name: exp / exp_sum}
            found[total] = found[name].sum(keepdims=True)
        exp_of_one = without_overflow(np.exp([inputs.large_exponent]))
    others = np.array(inputs.quiz_probability)
    return found | {
        "component": np.arange(1, len(z) + 1),
        "z": z,
        "z_max": z.max(keepdims=True),
        "shifted": shifted,
        "scale": np.array([inputs.scale]),
        "scaled_input": scaled,
        "scaled_max": scaled.max(keepdims=True),
        "scaled_shifted": scaled_shifted,
        "large_exponent": np.array([inputs.large_exponent]),
        "exp_1000": exp_of_one,
        "quiz_probability": others,
        "quiz_sum": others.sum(keepdims=True),
        "quiz_missing_probability": 1 - others.sum(keepdims=True),
    }
