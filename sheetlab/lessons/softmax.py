"""Softmax: probabilities from any numbers, and how to keep exp from overflowing.

Each number z[i] gets a probability, the larger the number, the larger by far (Bridle, 1990):

    softmax(z)[i] = exp(z[i]) / sum over j of exp(z[j])

A constant taken off every z cancels out of the fraction. With the maximum taken off, no exponent
is above 0, so that nothing overflows; in float64, exp does so from about 709.78 on:

    softmax(z) = softmax(z - max(z))
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, Columns, axis, bars
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

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
RED = {"bad": "ISERROR(this)"}
BOUNDS = {"at_least": -100000, "at_most": 100000}


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slides give: seven numbers, the factor 10,000, np.exp(1000), and a quiz."""

    z: tuple[float, ...] = column((1, 2, 3, 4, 1, 2, 3), "z", length=(2, 1000), **BOUNDS)
    scale: float = number(10000.0, "scale|배율", **BOUNDS)
    large_exponent: float = number(1000.0, "exponent|지수", **BOUNDS)
    quiz_probability: tuple[float, ...] = column(
        (0.3, 0.1, 0.26), "the other probabilities|나머지 확률", at_least=0, sum_at_most=1
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
    drawn = bars("z", colour=7)
    shown = board.chart("The numbers z|입력값 z", drawn, right_of=numbers, width=36, rows=11)

    one = board.rows(title="exp of one number|수 하나의 exp", right_of=shown)
    one.input("large_exponent")
    label = "exp(exponent)|exp(지수)"
    one.row("exp_1000", label, "= EXP(large_exponent)", format=EXP_FORMAT, colour=RED)
    given = axis("given", len(inputs.quiz_probability))
    quiz = board.columns(given, title="Quiz: the missing x|퀴즈: 빠진 값 x", labels=True, below=one)
    quiz.input("quiz_probability", heading="softmax")
    quiz.foot("sum|합").value("quiz_sum", "= SUM(quiz_probability)")
    rest = quiz.foot("x = 1 − sum|x = 1 − 합")
    rest.value("quiz_missing_probability", "= 1 - quiz_sum", under="quiz_probability")

    scaled = board.columns(component, labels="i", below=numbers, prefix="scaled_")
    scaled.column("input", "a =\nz × scale|a =\nz × 배율", "= z * scale")
    scaled.start("scale|배율").input("scale", under="input")
    write_both_ways(scaled, "a", "input")
    board.note(OVERFLOW_NOTE, width=76, rows=3, below=scaled)

    chart = None
    for title, prefix in (
        ("softmax(z), both ways|softmax(z), 두 방법", ""),
        ("softmax(a): no bar, overflow|softmax(a): Overflow이면 막대 없음", "scaled_"),
    ):
        chart = board.chart(
            title,
            bars(f"{prefix}naive", label="as defined|그대로"),
            bars(f"{prefix}guarded", label="minus max|max를 뺌"),
            over="component",
            y="probability|확률",
            y_range=(0, 1),
            right_of=chart or scaled,
            width=36,
            rows=20,
        )


def write_both_ways(table: Columns, letter: str, z: str) -> None:
    """Softmax of the column z, as it is defined and with the maximum taken off."""
    table.foot("max").value("largest", f"= MAX({z})")
    sums, shifted = table.foot("sum|합"), f"{letter} − max"
    with table.group("Softmax, as defined|Softmax 함수"):
        write_softmax(table, "naive", z, letter, RED)
    with table.group("Overflow prevented: minus max|Overflow 방지: max를 뺌"):
        table.column("shifted", shifted, f"= {z} - largest")
        write_softmax(table, "guarded", "shifted", shifted, {"good": "ISERROR(naive)"})
    for way in ("naive", "guarded"):
        sums.value(f"{way}_exp_sum", f"= SUM({way}_exp)", colour=RED)
        sums.value(f"{way}_total", f"= SUM({way})", colour=RED)


def write_softmax(table: Columns, way: str, of: str, letter: str, colour: dict[str, str]) -> None:
    """Two columns: exp of the exponents, and the share of each in their sum."""
    exp, label, share = f"{way}_exp", f"softmax({letter})", f"= {way}_exp / {way}_exp_sum"
    table.column(exp, f"exp({letter})", f"= EXP({of})", format=EXP_FORMAT, colour=RED)
    table.column(way, label, share, format="0.00000000", colour=colour, heading="softmax")


@np.errstate(over="ignore", invalid="ignore")
def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, inputs aside; probabilities are fractions of 1.

    What overflows is nan, and so is all that follows from it: a sum with such a term, and every
    share of this sum. Where all exp are too small for float64, 0 / 0 is nan as well.
    """
    z, quiz_sum = np.array(inputs.z), np.sum(inputs.quiz_probability, keepdims=True)
    scaled = inputs.scale * z
    return {
        "component": np.arange(1, len(z) + 1),
        "exp_1000": without_overflow(np.exp([inputs.large_exponent])),
        "quiz_sum": quiz_sum,
        "quiz_missing_probability": 1 - quiz_sum,
        **both_ways(z),
        "scaled_input": scaled,
        **{f"scaled_{name}": values for name, values in both_ways(scaled).items()},
    }


def both_ways(z: Values) -> Reference:
    """Softmax of z, as it is defined and with the maximum taken off."""
    found: Reference = {"largest": z.max(keepdims=True), "shifted": z - z.max()}
    for way, exponents in (("naive", z), ("guarded", z - z.max())):
        exp = without_overflow(np.exp(exponents))
        exp_sum = without_overflow(exp.sum(keepdims=True))
        found |= {f"{way}_exp": exp, f"{way}_exp_sum": exp_sum, way: exp / exp_sum}
        found[f"{way}_total"] = found[way].sum(keepdims=True)
    return found


def without_overflow(values: Values) -> Values:
    """The values, nan where they overflow and a spreadsheet has an error instead of inf."""
    return np.where(np.isinf(values), np.nan, values)


OVERFLOW_NOTE = (
    "From an exponent of about 709.78 on, exp is above 1.8E+308, the largest number of a"
    " spreadsheet: the red errors are there on purpose. Python prints inf and nan. Minus the"
    " maximum, the same softmax can be worked out.|"
    "지수가 약 709.78부터는 exp가 스프레드시트의 가장 큰 수 1.8E+308을 넘습니다. 빨간 오류는 일부러"
    " 둔 것입니다. Python에서는 inf와 nan이 나옵니다. 최댓값을 빼면 같은 softmax가 나옵니다."
)

HOW_TO_READ = """
Softmax as defined takes exp of each z ({naive_exp}) and divides it by their sum ({naive}). The
outputs lie between 0 and 1, and their sum is 1: so the quiz's x is {quiz_missing_probability}.
| 정의 그대로의 softmax는 z마다 exp를 구하고({naive_exp}) 그 합으로 나눕니다({naive}). 출력값은 0과
1 사이이고 합이 1이므로, 퀴즈의 x({quiz_missing_probability})는 1에서 나머지를 뺀 값입니다.

Beside it, the largest z is first taken off all. Numerator and denominator shrink by the same
factor, so that the outputs {guarded} are the same.
| 그 옆에서는 먼저 모든 z에서 가장 큰 z를 뺍니다. 분자와 분모가 같은 비율로 작아지므로 출력값
{guarded}은 같습니다.

The table below multiplies z by the scale {scale}. exp doubles with every 0.69 that is added, until
it overflows. Minus the maximum, the largest exponent is 0 and no exp is above 1; a very negative
exponent only gives 0, which is right to all the digits shown.
| 아래 표는 z에 배율 {scale}을 곱합니다. exp는 지수가 0.69 커질 때마다 두 배가 되어 결국 overflow가
납니다. 최댓값을 빼면 가장 큰 지수가 0이므로 exp는 1을 넘지 않습니다. 아주 작은 음의 지수는 0이 될
뿐이며, 보이는 자리까지 옳은 값입니다.
"""

TO_TRY = (
    to_try(
        "Set the scale {scale} to 177: the largest a is 708, red cells revive; 178 is too large.|"
        "배율 {scale}을 177로 바꾸십시오. 가장 큰 a가 708이 되어 빨간 셀이 살아납니다(178은 오류).",
        {"scale": 177},
        lambda before, after: np.isnan(before["scaled_naive"]) & ~np.isnan(after["scaled_naive"]),
    ),
    to_try(
        "Set {scale} to 0.1: the probabilities are nearly even; with 2 the largest z gets most.|"
        "{scale}을 0.1로 바꾸십시오. 확률이 거의 고르게 나뉩니다. 2이면 가장 큰 z에 몰립니다.",
        {"scale": 0.1},
        lambda before, after: np.ptp(after["scaled_guarded"]) < 0.06,
    ),
    to_try(
        "Set {z.at(4)} to 1000: one z too large loses all of {naive}; {guarded} stays right.|"
        "{z.at(4)}를 1000으로 바꾸십시오. {naive}은 모두 오류가 되고 {guarded}은 여전히 옳습니다.",
        {"z.at(4)": 1000},
        lambda before, after: np.isnan(after["naive"]).all() and after["guarded"][3] == 1,
    ),
)
