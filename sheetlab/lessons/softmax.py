"""Softmax: probabilities from any numbers, and how to keep exp from overflowing.

Each number z[i] gets a probability, the larger the number, the larger by far (Bridle, 1990):

    softmax(z)[i] = exp(z[i]) / sum over j of exp(z[j])

A constant taken off every z cancels out of the fraction. With the maximum taken off, no exponent
is above 0, so that nothing overflows; in float64, exp does so from about 709.78 on:

    softmax(z) = softmax(z - max(z))
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, bars
from sheetlab.authoring.tables import Columns
from sheetlab.errors import InputError
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try
from sheetlab.text import Text

TITLE = "Softmax, and how exp overflows|Softmax 함수와 Overflow 방지"
SHEET_NAME = "Softmax"
EQUATION = "softmax(z)ᵢ = exp(zᵢ) / Σ exp(zⱼ) = exp(zᵢ − max z) / Σ exp(zⱼ − max z)"
SLIDES = [
    ("000", "Softmax function"),
    ("000", "Overflow 방지"),
    ("000", "Overflow"),
    ("004", "softmax함수 - 다중분류, 퀴즈"),
]

# A number too long for its column is shown as a power of ten.
EXP_FORMAT = "[<100000]0.00000;0.000E+00"


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slides give: seven numbers, the factor 10,000, np.exp(1000), and a quiz."""

    z: tuple[float, ...] = column(
        (1, 2, 3, 4, 1, 2, 3), "z", at_least=-100000, at_most=100000, length=(2, 1000)
    )
    scale: float = number(10000.0, "scale|배율", at_least=-100000, at_most=100000)
    large_exponent: float = number(1000.0, "exponent|지수", at_least=-100000, at_most=100000)
    quiz_probability: tuple[float, ...] = column(
        (0.3, 0.1, 0.26), "the other probabilities|나머지 확률", at_least=0, at_most=1
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


def write(board: Board, inputs: Inputs) -> None:
    """The slide's numbers above, the same times the scale below, each both ways and drawn."""
    component = axis("component", len(inputs.z))
    strip = board.strip(width=112)
    board.legend(right_of=strip)

    numbers = board.columns(component, below=strip)
    numbers.count("component", "i")
    numbers.input("z")
    write_both_ways(numbers, "z", "z")
    bars_of_z = board.chart(
        "The numbers z|입력값 z",
        bars("z", colour=7),
        over="component",
        right_of=numbers,
        below=strip,
        width=36,
        rows=11,
    )

    one = board.rows(title="exp of one number|수 하나의 exp", right_of=bars_of_z, below=strip)
    one.input("large_exponent")
    one.row(
        "exp_1000",
        "exp(exponent)|exp(지수)",
        "= EXP(large_exponent)",
        format=EXP_FORMAT,
        colour={"bad": "ISERROR(exp_1000)"},
    )
    quiz = board.columns(
        axis("given", len(inputs.quiz_probability)),
        title="Quiz: the missing x|퀴즈: 빠진 값 x",
        labels=True,
        below=one,
    )
    quiz.input("quiz_probability", heading="softmax")
    quiz.foot("sum|합").value("quiz_sum", "= SUM(quiz_probability)", under="quiz_probability")
    quiz.foot("x = 1 − sum|x = 1 − 합").value(
        "quiz_missing_probability", "= 1 - quiz_sum", under="quiz_probability"
    )

    scaled = board.columns(component, labels="i", below=numbers)
    scaled.column("scaled_input", "a =\nz × scale|a =\nz × 배율", "= z * scale")
    scaled.start("scale|배율").input("scale", under="scaled_input")
    write_both_ways(scaled, "a", "scaled_input", "_scaled")
    board.note(OVERFLOW_NOTE, width=76, rows=3, below=scaled)

    chart = None
    for title, suffix in (
        ("softmax(z), both ways|softmax(z), 두 방법", ""),
        ("softmax(a): no bar, overflow|softmax(a): Overflow이면 막대 없음", "_scaled"),
    ):
        chart = board.chart(
            title,
            bars(f"naive{suffix}", label="as defined|그대로"),
            bars(f"guarded{suffix}", label="minus max|max를 뺌"),
            over="component",
            y="probability|확률",
            y_range=(0, 1),
            right_of=chart or scaled,
            below=numbers,
            width=36,
            rows=20,
        )


def write_both_ways(table: Columns, letter: str, numbers: str, suffix: str = "") -> None:
    """Softmax of a column of numbers, as it is defined and with the maximum taken off."""
    naive, guarded, shifted = f"naive{suffix}", f"guarded{suffix}", f"{numbers}_shifted"
    largest, sums = table.foot("max"), table.foot("sum|합")
    largest.value(f"{numbers}_max", f"= MAX({numbers})", under=numbers)
    with table.group("Softmax, as defined|Softmax 함수"):
        write_softmax(table, letter, numbers, naive, {"bad": f"ISERROR({naive})"})
    for name, column_of in ((f"{naive}_exp_sum", f"{naive}_exp"), (f"total{suffix}", naive)):
        failed = {"bad": f"ISERROR({name})"}
        sums.value(name, f"= SUM({column_of})", under=column_of, colour=failed)
    with table.group("Overflow prevented: minus max|Overflow 방지: max를 뺌"):
        table.column(shifted, f"{letter} − max", f"= {numbers} - {numbers}_max")
        write_softmax(table, f"{letter} − max", shifted, guarded, {"good": f"ISERROR({naive})"})
    sums.value(f"{guarded}_exp_sum", f"= SUM({guarded}_exp)", under=f"{guarded}_exp")
    sums.value(f"guarded_total{suffix}", f"= SUM({guarded})", under=guarded)


def write_softmax(
    table: Columns, letter: str, exponent: str, name: str, colour: dict[str, str]
) -> None:
    """Two columns: exp of the exponents, and the share of each in their sum."""
    table.column(
        f"{name}_exp",
        f"exp({letter})",
        f"= EXP({exponent})",
        format=EXP_FORMAT,
        colour={"bad": f"ISERROR({name}_exp)"},
    )
    table.column(
        name,
        f"softmax({letter})",
        f"= {name}_exp / {name}_exp_sum",
        format="0.00000000",
        colour=colour,
        heading="softmax",
    )


def without_overflow(values: Values) -> Values:
    """The values, nan where they overflow and a spreadsheet has an error instead of inf."""
    return np.where(np.isinf(values), np.nan, values)


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy; probabilities are fractions of 1.

    With n numbers, columns have shape (n,), maxima and sums (1,), `quiz_probability` as many as
    are given. What overflows is nan, and so is all that follows from it: a sum with such a term,
    and every share of this sum. Where all exp are too small for float64, 0 / 0 is nan as well.
    """
    z, others = np.array(inputs.z), np.array(inputs.quiz_probability)
    found: Reference = {
        "component": np.arange(1, len(z) + 1),
        "scale": np.array([inputs.scale]),
        "large_exponent": np.array([inputs.large_exponent]),
        "quiz_probability": others,
        "quiz_sum": others.sum(keepdims=True),
        "quiz_missing_probability": 1 - others.sum(keepdims=True),
    }
    with np.errstate(over="ignore", invalid="ignore"):
        found["exp_1000"] = without_overflow(np.exp([inputs.large_exponent]))
        for name, suffix, numbers in (("z", "", z), ("scaled_input", "_scaled", inputs.scale * z)):
            largest = numbers.max(keepdims=True)
            shifted = numbers - largest
            found |= {name: numbers, f"{name}_max": largest, f"{name}_shifted": shifted}
            for way, total, exponents in (
                (f"naive{suffix}", f"total{suffix}", numbers),
                (f"guarded{suffix}", f"guarded_total{suffix}", shifted),
            ):
                exp = without_overflow(np.exp(exponents))
                exp_sum = without_overflow(exp.sum(keepdims=True))
                found |= {f"{way}_exp": exp, f"{way}_exp_sum": exp_sum, way: exp / exp_sum}
                found[total] = found[way].sum(keepdims=True)
    return found


OVERFLOW_NOTE = (
    "From an exponent of about 709.78 on, exp is above 1.8E+308, the largest number of a"
    " spreadsheet: the red errors, and those of all that needs them, are there on purpose. Python"
    " prints inf and nan. Minus the maximum, the same softmax can be worked out.|"
    "지수가 약 709.78부터는 exp가 스프레드시트의 가장 큰 수 1.8E+308을 넘습니다. 빨간 오류와 그"
    " 값을 쓰는 셀의 오류는 일부러 둔 것입니다. Python에서는 inf와 nan이 나옵니다. 최댓값을 빼면"
    " 같은 softmax를 구할 수 있습니다."
)

HOW_TO_READ = """
Softmax as defined takes exp of each z ({naive_exp}) and divides it by their sum ({naive}). The
outputs lie between 0 and 1 and add up to 1.
| 정의 그대로의 softmax는 z마다 exp를 구하고({naive_exp}) 그 합으로 나눕니다({naive}). 출력값은 0과
1 사이에 있고 모두 더하면 1입니다.

Beside it, the largest z is first taken off all of them. Numerator and denominator shrink by the
same factor, so that the outputs {guarded} are the same.
| 그 옆에서는 먼저 모든 z에서 가장 큰 z를 뺍니다. 분자와 분모가 같은 비율로 작아지므로 출력값
{guarded}은 같습니다.

The table below does the same with z times the scale {scale}. exp doubles with every 0.69 that is
added, until it overflows. Minus the maximum, the largest exponent is 0 and no exp is above 1; a
very negative exponent only gives 0, which is right to all the digits shown.
| 아래 표는 z에 배율 {scale}을 곱하여 같은 계산을 합니다. exp는 지수가 0.69 커질 때마다 두 배가 되어
결국 overflow가 납니다. 최댓값을 빼면 가장 큰 지수가 0이므로 exp는 1을 넘지 않습니다. 아주 작은 음의
지수는 0이 될 뿐이며, 보이는 자리까지 옳은 값입니다.

All outputs of softmax add up to 1, so in the quiz x {quiz_missing_probability} is what is left.
| softmax 출력값의 합은 반드시 1이므로, 퀴즈의 x({quiz_missing_probability})는 1에서 나머지를 뺀
값입니다.
"""

TO_TRY = (
    to_try(
        "Set the scale {scale} to 177: the largest a is 708, and the red cells come alive; with 178"
        " they fail again.|"
        "배율 {scale}을 177로 바꾸십시오. 가장 큰 a가 708이 되어 빨간 셀이 살아납니다. 178이면 다시"
        " 오류가 됩니다.",
        {"scale": 177},
        lambda before, after: (
            np.isnan(before["naive_scaled"]).all() and not np.isnan(after["naive_scaled"]).any()
        ),
    ),
    to_try(
        "Set {scale} to 0.1: the probabilities are nearly even; with 2 the largest z gets most.|"
        "{scale}을 0.1로 바꾸십시오. 확률이 거의 고르게 나뉩니다. 2이면 가장 큰 z에 몰립니다.",
        {"scale": 0.1},
        lambda before, after: np.ptp(after["guarded_scaled"]) < 0.06,
    ),
    to_try(
        "Set {z.at(4)} to 1000: one number that is too large is enough to lose all of {naive};"
        " {guarded} stays right.|"
        "{z.at(4)}를 1000으로 바꾸십시오. 너무 큰 수 하나 때문에 {naive}이 모두 오류가 됩니다."
        " {guarded}은 여전히 옳습니다.",
        {"z.at(4)": 1000},
        lambda before, after: np.isnan(after["naive"]).all() and after["guarded"][3] == 1,
    ),
    to_try(
        "Add 100 to every z in {z}: exp(z) becomes huge, the probabilities stay.|"
        "{z}의 z마다 100을 더하십시오. exp(z)는 엄청나게 커지지만 확률은 그대로입니다.",
        {"z": (101, 102, 103, 104, 101, 102, 103)},
        lambda before, after: (
            np.allclose(after["naive"], before["naive"]) and after["naive_exp"].min() > 1e40
        ),
    ),
)
