import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from typing import Any

import numpy as np
import pytest
from engine.functions.excel import DIV, NUM, VALUE, assert_gives
from hypothesis import example, given
from hypothesis import strategies as st

from sheetlab.engine.functions.mathematics import round_columns, round_decimal
from sheetlab.engine.functions.number_format import formatted, formatted_column

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("ABS", (-3,), 3),
    ("SIGN", (-0.5,), -1),
    ("SIGN", (0,), 0),
    ("INT", (-8.9,), -9),
    ("TRUNC", (-8.9,), -8),
    ("TRUNC", (3.14159, 2), 3.14),
    ("ROUND", (0.285, 2), 0.29),
    ("ROUND", (1.005, 2), 1.01),
    ("ROUND", (5.449999999999996, 1), 5.5),
    ("ROUND", (-2.5, 0), -3),
    ("ROUND", (1250, -2), 1300),
    ("ROUND", (1250, -5), 0),
    ("ROUND", (1e300, 2), 1e300),
    ("ROUND", (7, 400), 7),
    ("ROUND", (7, -400), 0),
    ("ROUND", ("2.5", 0), 3),
    ("ROUND", ("cat", 0), VALUE),
    ("ROUNDUP", (1.1, 1), 1.1),
    ("ROUNDUP", (-1.11, 1), -1.2),
    ("ROUNDDOWN", (0.29 * 100, 0), 29),
    ("MROUND", (10, 3), 9),
    ("MROUND", (-10, -3), -9),
    ("MROUND", (5, -2), NUM),
    ("MROUND", (7.5, 5), 10),
    ("CEILING", (2.5, 1), 3),
    ("CEILING", (-2.5, -2), -4),
    ("CEILING", (-2.5, 2), -2),
    ("CEILING", (2.5, -2), NUM),
    ("CEILING", (0.3, 0.1), 0.3),
    ("CEILING", (2.5, 0), 0),
    ("FLOOR", (3.7, 2), 2),
    ("FLOOR", (-2.5, -2), -2),
    ("FLOOR", (2.5, -2), NUM),
    ("FLOOR", (0.3, 0.1), 0.3),
    ("FLOOR", (2.5, 0), DIV),
    ("CEILING.MATH", (24.3, 5), 25),
    ("CEILING.MATH", (6.7,), 7),
    ("CEILING.MATH", (-8.1, 2), -8),
    ("CEILING.MATH", (-5.5, 2, -1), -6),
    ("FLOOR.MATH", (-8.1, 2), -10),
    ("FLOOR.MATH", (-5.5, 2, -1), -4),
    ("MOD", (3, 2), 1),
    ("MOD", (-3, 2), 1),
    ("MOD", (3, -2), -1),
    ("MOD", (-3, -2), -1),
    ("MOD", (5.5, 2), 1.5),
    ("MOD", (1, 0.1), 0),
    ("MOD", (3, 0), DIV),
    ("QUOTIENT", (-10, 3), -3),
    ("QUOTIENT", (1, 0), DIV),
    ("POWER", (5, 2), 25),
    ("POWER", (0, 0), NUM),
    ("POWER", (-8, 1 / 3), -2),
    ("SQRT", (-1,), NUM),
    ("SQRT", (None,), 0),
    ("EXP", (1000,), NUM),
    ("LN", (0,), NUM),
    ("LOG", (8, 2), 3),
    ("LOG", (100,), 2),
    ("LOG", (86, math.e), math.log(86)),
    ("LOG", (8, 1), DIV),
    ("LOG", (8, 0), NUM),
    ("ATAN2", (1, 1), math.pi / 4),
    ("ATAN2", (-1, 0), math.pi),
    ("ATAN2", (0, 0), DIV),
    ("ASIN", (2,), NUM),
    ("ATANH", (1,), NUM),
    ("SINH", (1000,), NUM),
    ("TANH", (0.5,), math.tanh(0.5)),
    ("COT", (0,), DIV),
    ("ACOT", (2,), 0.46364760900080615),
    ("ACOT", (-2,), 2.677945044588987),
    ("ACOT", (0,), math.pi / 2),
    ("ACOTH", (6,), 0.16823611831060645),
    ("ACOTH", (1,), NUM),
    ("ACOTH", (0.5,), NUM),
    ("COTH", (2,), 1.0373147207275482),
    ("COTH", (0,), DIV),
    ("COTH", (1000,), 1),
    ("CSCH", (1.5,), 0.46964244059522464),
    ("CSCH", (0,), DIV),
    ("SECH", (1,), 0.6480542736638855),
    ("COMBINA", (4, 3), 20),
    ("COMBINA", (10, 3), 220),
    ("COMBINA", (3.9, 5.9), 21),
    ("COMBINA", (0, 0), 1),
    ("COMBINA", (0, 2), NUM),
    ("COMBINA", (-1, 2), NUM),
    ("COMBINA", (1e10, 1e9), NUM),
    ("PERMUTATIONA", (3, 2), 9),
    ("PERMUTATIONA", (2, 2), 4),
    ("PERMUTATIONA", (0, 0), 1),
    ("PERMUTATIONA", (0, 2), 0),
    ("PERMUTATIONA", (-1, 2), NUM),
    ("PERMUTATIONA", (1e10, 1e9), NUM),
    ("GCD", (5, 2), 1),
    ("GCD", (7, 1), 1),
    ("GCD", ([24, None, 36],), 12),
    ("GCD", ("12", 8), 4),
    ("GCD", ("x", 8), VALUE),
    ("GCD", (True, 8), VALUE),
    ("GCD", ([8, True],), VALUE),
    ("GCD", ([8, "x"],), VALUE),
    ("GCD", (2.0**53, 2), NUM),
    ("LCM", (5, 2), 10),
    ("LCM", (24, 36), 72),
    ("LCM", (5, 0), 0),
    ("LCM", (-5, 2), NUM),
    ("LCM", (True, 2), VALUE),
    ("LCM", (2.0**52, 3), NUM),
    ("MULTINOMIAL", (2, 3, 4), 1260),
    ("MULTINOMIAL", ([2, None, 3.9, 4],), 1260),
    ("MULTINOMIAL", (1, -1), NUM),
    ("MULTINOMIAL", ("x",), VALUE),
    ("MULTINOMIAL", (True,), VALUE),
    ("MULTINOMIAL", (1e15, 1e15), NUM),
    ("SERIESSUM", (math.pi / 4, 0, 2, [1, -1 / 2, 1 / 24, -1 / 720]), 0.70710321482284566),
    ("SERIESSUM", (2, 1, 1, 3), 6),
    ("SERIESSUM", (2, 1, 1, ["3"]), 6),
    ("SERIESSUM", (2, 1, 1, ["x"]), VALUE),
    ("SERIESSUM", (0, -1, 1, 3), NUM),
    ("FLOOR", ("3.7", "2"), 2),
    ("FLOOR", ("x", 1), VALUE),
    ("FLOOR", (True, 1), 1),
    ("FLOOR", (2.5, None), DIV),
    ("CEILING", (True, 2), 2),
    ("CEILING", ("x", 1), VALUE),
    ("CEILING", ("2.5", True), 3),
    ("CEILING.MATH", (True, 5), 5),
    ("CEILING.MATH", ("x",), VALUE),
    ("FLOOR.MATH", ("-8.1", "2"), -10),
    ("PI", (), math.pi),
    ("DEGREES", (math.pi,), 180),
    ("RADIANS", (270,), 1.5 * math.pi),
    ("FACT", (5.9,), 120),
    ("FACT", (0,), 1),
    ("FACT", (-1,), NUM),
    ("FACT", (171,), NUM),
    ("FACT", (1e12,), NUM),
    ("FACTDOUBLE", (7,), 105),
    ("COMBIN", (8, 2), 28),
    ("COMBIN", (2, 8), NUM),
    ("COMBIN", (1e14, 5e13), NUM),
    ("PERMUT", (100, 3), 970200),
    ("EVEN", (1.5,), 2),
    ("EVEN", (-1,), -2),
    ("EVEN", (0,), 0),
    ("ODD", (2,), 3),
    ("ODD", (-2,), -3),
    ("ODD", (0,), 1),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


def _of_decimal(number: float, places: int, rounding: str) -> float:
    if number == 0:
        return number
    shown = Decimal(f"{number:.15g}")
    if places >= 14 - shown.adjusted():
        return number
    return float(shown.quantize(Decimal(1).scaleb(-places), rounding))


_NUMBERS = st.one_of(
    st.floats(-1e12, 1e12),
    st.floats(-1, 1),
    # Numbers on and right beside a half.
    st.builds(
        lambda whole, places, steps: (whole + 0.5) / 10**places * (1 + steps * 2**-52),
        st.integers(-(10**9), 10**9),
        st.integers(0, 8),
        st.integers(-9, 9),
    ),
    st.builds(lambda whole, places: whole / 10**places, st.integers(-(10**12)), st.integers(0, 12)),
)


@given(_NUMBERS, st.integers(-30, 30), st.sampled_from((ROUND_HALF_UP, ROUND_UP, ROUND_DOWN)))
@example(0.285, 2, ROUND_HALF_UP)
@example(5.449999999999996, 1, ROUND_HALF_UP)
def test_round_is_that_of_the_decimal_number(number: float, places: int, rounding: str) -> None:
    assert round_decimal(number, places, rounding) == _of_decimal(number, places, rounding)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10), st.integers(-2, 9))
@example(5, 3, 2)
@example(-(10**9), 10, 8)
def test_halves_and_quarters_round_as_their_decimals(parts: int, halved: int, places: int) -> None:
    number = parts / 2**halved
    expected = _of_decimal(number, places, ROUND_HALF_UP)
    assert round_decimal(number, places) == expected
    assert round_columns(np.array([number, 0.285]), places).tolist()[0] == expected


@given(_NUMBERS, st.integers(0, 9), st.booleans())
@example(1234.125, 2, True)
@example(99_999.9995, 3, True)
def test_plain_formats_show_the_decimal_number(number: float, places: int, grouped: bool) -> None:
    shown = Decimal(f"{abs(number):.15g}").quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=400)
    )
    form = ("#,##0" if grouped else "0") + "." * (places > 0) + "0" * places
    expected = f"{'-' if number < 0 else ''}{shown:{',' if grouped else ''}f}"
    assert formatted(number, form) == expected
    column = formatted_column(np.array([number]), form)
    assert column is None or column == [expected]


@given(st.floats(-1e307, 1e307), st.integers(-400, 400))
def test_round_moves_no_number_by_more_than_half_a_place(number: float, places: int) -> None:
    rounded = round_decimal(number, places)
    assert round_decimal(-number, places) == -rounded
    allowed = Decimal(1).scaleb(-places) / 2 + abs(Decimal(number)) * Decimal("1e-14")
    assert abs(Decimal(rounded) - Decimal(number)) <= allowed
