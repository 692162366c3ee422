"""Functions of single numbers: rounding, powers, logarithms, angles, whole numbers."""

import functools
import math
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import Elementwise
from sheetlab.engine.functions.toolpak import toolpak_number, toolpak_numbers
from sheetlab.engine.values.conversions import SIGNIFICANT_DIGITS
from sheetlab.engine.values.operators import power
from sheetlab.engine.values.value import Array

# The powers of ten that a float holds exactly.
_POWERS_OF_TEN = tuple(float(10**exponent) for exponent in range(23))
# Below this, the digits that a person does not see change a number by less than `_DOUBT`.
_ROUNDS_AS_FLOAT = 1e8
_DOUBT = 1e-6
# Above this, a float has no digits after the point.
_LARGEST_WHOLE = 2.0**53


# Halves, quarters … of so many parts have ten decimals, and below this limit 15 digits at most.
_PARTS = 1024.0
_MOST_OF_PARTS = 1e5
_MOST_PLACES = 7


def round_decimal(number: float, digits: float, rounding: str = ROUND_HALF_UP) -> float:
    """ROUND: half away from zero, on the decimal number of 15 significant digits.

    `digits` are the decimals to keep, cut to a whole number; other `rounding` of `decimal` makes
    its relatives ROUNDUP and ROUNDDOWN.
    """
    places = int(digits)
    if -22 <= places <= 22:
        unit = _POWERS_OF_TEN[abs(places)]
        scaled = abs(number) * unit if places >= 0 else abs(number) / unit
        if scaled < _ROUNDS_AS_FLOAT:
            whole = float(int(scaled))
            fraction = scaled - whole
            is_sure = _DOUBT < fraction < 1 - _DOUBT and abs(fraction - 0.5) > _DOUBT
            if not is_sure and rounding == ROUND_HALF_UP and _is_exact(abs(number), places):
                is_sure, fraction = True, fraction + _DOUBT
            if is_sure:
                if rounding == ROUND_UP or (rounding == ROUND_HALF_UP and fraction > 0.5):
                    whole += 1
                rounded = whole / unit if places >= 0 else whole * unit
                # Adding 0.0 takes the sign from minus zero.
                return math.copysign(rounded, number) + 0.0
    return _round_as_decimal(number, places, rounding)


def _is_exact(numbers: Any, places: int) -> Any:
    """Whether numbers have no more than 15 digits, nor lose any when their point is moved."""
    parts = numbers * _PARTS
    return (0 <= places <= _MOST_PLACES) & (parts == parts // 1) & (numbers < _MOST_OF_PARTS)


def _round_as_decimal(number: float, places: int, rounding: str) -> float:
    if not math.isfinite(number) or number == 0:
        return number
    shown = Decimal(f"{number:.{SIGNIFICANT_DIGITS}g}")
    if places >= SIGNIFICANT_DIGITS - 1 - shown.adjusted():
        return number
    # Beyond these, the place is larger than any number that a float holds.
    return float(shown.quantize(Decimal(1).scaleb(max(places, -400) * -1), rounding)) + 0.0


def round_columns(numbers: Any, digits: Any) -> Any:
    """ROUND for arrays or floats, to one number of digits from -15 to 15."""
    if np.ndim(digits) or not -15 <= digits <= 15 or digits != int(digits):
        raise FloatingPointError
    column = np.atleast_1d(np.asarray(numbers, np.float64))
    unit = 10.0 ** abs(int(digits))
    scaled = np.abs(column * unit if digits >= 0 else column / unit)
    whole = np.floor(scaled + 0.5)
    rounded = np.copysign(whole / unit if digits >= 0 else whole * unit, column)
    doubtful = (np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6) | (scaled > 1e12)
    doubtful &= ~_is_exact(np.abs(column), int(digits))
    for place in np.flatnonzero(doubtful).tolist():
        rounded.flat[place] = round_decimal(column.item(place), int(digits))
    # Adding 0.0 turns -0.0, which no spreadsheet knows, into 0.0.
    rounded += 0.0
    return rounded if np.ndim(numbers) else float(rounded[0])


def power_of_columns(base: Any, exponent: Any) -> Any:
    """The operator ^ for arrays or floats; what might be an error or an odd root is refused."""
    if np.ndim(exponent) == 0 and exponent == 2:
        return np.square(base)
    if np.any((np.asarray(base) == 0) & (np.asarray(exponent) <= 0)):
        raise FloatingPointError
    return np.power(base, exponent)


def power_of_floats(base: float, exponent: float) -> float:
    """The operator ^ where it is no error: raises `ArithmeticError` or `ValueError` where it is."""
    if base == 0 and exponent <= 0:
        raise ZeroDivisionError
    return math.pow(base, exponent)


def significant(number: float) -> float:
    """The number of 15 significant digits that a person sees for a float."""
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}") + 0.0


def _truncate(number: float, digits: float | None = 0.0) -> float:
    return round_decimal(number, digits or 0.0, ROUND_DOWN)


def _multiple(number: float, step: float, rounding: Callable[[float], float]) -> float:
    """The number as a whole multiple of a step, which rounding the quotient tells."""
    return significant(rounding(significant(number / step)) * step)


def _ceiling(number: float, significance: float) -> float:
    if number > 0 > significance:
        raise ValueError
    return _multiple(number, significance, math.ceil) if number and significance else 0.0


def _floor(number: float, significance: float) -> float:
    if number > 0 > significance:
        raise ValueError
    return _multiple(number, significance, math.floor) if number else 0.0


def _to_multiple_of_size(rounding: Callable[[float], float]) -> Callable[..., float]:
    """CEILING.MATH or FLOOR.MATH, of which a mode turns the direction for negative numbers."""

    def rounded(
        number: float, significance: float | None = None, mode: float | None = None
    ) -> float:
        size = 1.0 if significance is None else abs(significance)
        if size == 0:
            return 0.0
        if number < 0 and mode:
            return -_multiple(-number, size, rounding)
        return _multiple(number, size, rounding)

    return rounded


def _nearest_multiple(number: float, step: float) -> float:
    if number * step < 0:
        raise ValueError
    return _multiple(number, step, lambda steps: round_decimal(steps, 0)) if step else 0.0


def _modulo(number: float, divisor: float) -> float:
    if divisor == 0:
        raise ZeroDivisionError
    if number.is_integer() and divisor.is_integer():
        return number % divisor
    quotient = number / divisor
    if abs(quotient) >= _LARGEST_WHOLE:
        raise ValueError
    rest = number - divisor * math.floor(quotient)
    # The quotient may have been rounded up to the whole number above it.
    return rest if rest * divisor > 0 else 0.0


def _logarithm(number: float, base: float | None = 10.0) -> float:
    if base == 10:
        return math.log10(number)
    if base == 2:
        return math.log2(number)
    return math.log(number) / math.log(base or 0.0)


def _arc_tangent(x: float, y: float) -> float:
    if x == y == 0:
        raise ZeroDivisionError
    return math.atan2(y, x)


def _away_from_zero(number: float, remainder: int) -> float:
    """The next whole number, away from zero, with this remainder when divided by two."""
    whole = math.ceil(abs(number))
    return math.copysign(float(whole + (whole % 2 != remainder)), number)


def _factorial(number: float) -> float:
    whole = _whole(number)
    _refuse_beyond_floats(math.lgamma(whole + 1))
    return float(math.factorial(whole))


def _double_factorial(number: float) -> float:
    whole = _whole(number)
    # Its square is about the factorial of the number.
    _refuse_beyond_floats(math.lgamma(whole + 1) / 2)
    return float(math.prod(range(whole, 0, -2)))


def _combinations(number: float, chosen: float) -> float:
    whole, part = _whole(number), _whole(chosen)
    if part > whole:
        raise ValueError
    orders = math.lgamma(part + 1)
    _refuse_beyond_floats(math.lgamma(whole + 1) - math.lgamma(whole - part + 1) - orders)
    return float(math.comb(whole, part))


def _permutations(number: float, chosen: float) -> float:
    whole, part = _whole(number), _whole(chosen)
    if part > whole:
        raise ValueError
    _refuse_beyond_floats(math.lgamma(whole + 1) - math.lgamma(whole - part + 1))
    return float(math.perm(whole, part))


def _combinations_with_repetition(number: float, chosen: float) -> float:
    whole, part = _whole(number), _whole(chosen)
    return _combinations(whole + part - 1, part) if part else 1.0


def _permutations_with_repetition(number: float, chosen: float) -> float:
    return float(math.pow(_whole(number), _whole(chosen)))


def _multinomial(*arguments: Values) -> float:
    total, result = 0, 1.0
    for number in toolpak_numbers(arguments).tolist():
        part = _whole(number)
        total += part
        result *= _combinations(total, part)
    return result


def _common(combine: Callable[..., int]) -> Function:
    """GCD or LCM of numbers cut to whole ones."""

    def call(*arguments: Values) -> float:
        numbers = toolpak_numbers(arguments).tolist()
        if any(not 0 <= number < _LARGEST_WHOLE for number in numbers):
            raise ValueError
        found = combine(*map(int, numbers))
        if found >= _LARGEST_WHOLE:
            raise ValueError
        return float(found)

    return Function(call, ("values",), repeating=1, required=1)


def _power_series(x: float, start: float, step: float, coefficients: Array) -> float:
    total = 0.0
    for place, value in enumerate(coefficients.ravel().tolist()):
        raised = power(x, start + step * place)
        if not isinstance(raised, float):
            raise ValueError
        total += toolpak_number(value) * raised
    return total


def _are_equal(left: float, right: float | None = 0.0) -> float:
    return float(left == (right or 0.0))


def _is_at_least(number: float, step: float | None = 0.0) -> float:
    return float(number >= (step or 0.0))


def _arc_cotangent(number: float) -> float:
    return math.pi / 2 - math.atan(number)


def _area_cotangent(number: float) -> float:
    return math.atanh(1 / number) if abs(number) > 1 else math.nan


def _whole(number: float) -> int:
    if not -1 < number < _LARGEST_WHOLE:
        raise ValueError
    return int(number)


def _refuse_beyond_floats(logarithm: float) -> None:
    # A product with that logarithm is beyond the largest float, and would take long to find.
    if logarithm > 720:
        raise OverflowError


def _reciprocal(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: 1 / function(number)


def _whole_below(number: float) -> float:
    return float(math.floor(number))


def _sign(number: float) -> float:
    return float((number > 0) - (number < 0))


def _of_number(call: Callable[[float], Any], of_column: np.ufunc | None = None) -> Function:
    kernel = None if of_column is None else Elementwise(of_column, call)
    return Function(call, ("number",), kernel=kernel)


def _of_two(call: Callable[..., Any], required: int = 2) -> Function:
    return Function(call, ("number", "number"), required=required)


FUNCTIONS: dict[str, Function] = {
    "ABS": _of_number(abs, np.absolute),
    "ACOS": _of_number(math.acos, np.arccos),
    "ACOSH": _of_number(math.acosh),
    "ACOT": _of_number(_arc_cotangent),
    "ACOTH": _of_number(_area_cotangent),
    "ASIN": _of_number(math.asin, np.arcsin),
    "ASINH": _of_number(math.asinh),
    "ATAN": _of_number(math.atan, np.arctan),
    "ATAN2": _of_two(_arc_tangent),
    "ATANH": _of_number(math.atanh),
    "CEILING": _of_two(_ceiling),
    "CEILING.MATH": Function(
        _to_multiple_of_size(math.ceil), ("number", "number", "number"), required=1
    ),
    "CEILING.PRECISE": _of_two(_to_multiple_of_size(math.ceil), required=1),
    "COMBIN": _of_two(_combinations),
    "COMBINA": _of_two(_combinations_with_repetition),
    "COS": _of_number(math.cos, np.cos),
    "COSH": _of_number(math.cosh, np.cosh),
    "COT": _of_number(_reciprocal(math.tan)),
    "COTH": _of_number(_reciprocal(math.tanh)),
    "CSC": _of_number(_reciprocal(math.sin)),
    "CSCH": _of_number(_reciprocal(math.sinh)),
    "DEGREES": _of_number(math.degrees, np.degrees),
    "DELTA": Function(_are_equal, ("quantity", "quantity"), required=1),
    "ECMA.CEILING": _of_two(_to_multiple_of_size(math.ceil)),
    "EVEN": _of_number(functools.partial(_away_from_zero, remainder=0)),
    "EXP": _of_number(math.exp, np.exp),
    "FACT": _of_number(_factorial),
    "FACTDOUBLE": _of_number(_double_factorial),
    "FLOOR": _of_two(_floor),
    "FLOOR.MATH": Function(
        _to_multiple_of_size(math.floor), ("number", "number", "number"), required=1
    ),
    "FLOOR.PRECISE": _of_two(_to_multiple_of_size(math.floor), required=1),
    "GCD": _common(math.gcd),
    "GESTEP": Function(_is_at_least, ("quantity", "quantity"), required=1),
    "INT": _of_number(_whole_below, np.floor),
    "ISO.CEILING": _of_two(_to_multiple_of_size(math.ceil), required=1),
    "LCM": _common(math.lcm),
    "LN": _of_number(math.log, np.log),
    "LOG": _of_two(_logarithm, required=1),
    "LOG10": _of_number(math.log10, np.log10),
    "MOD": _of_two(_modulo),
    "MROUND": _of_two(_nearest_multiple),
    "MULTINOMIAL": Function(_multinomial, ("values",), repeating=1, required=1),
    "ODD": _of_number(functools.partial(_away_from_zero, remainder=1)),
    "PERMUT": _of_two(_permutations),
    "PERMUTATIONA": _of_two(_permutations_with_repetition),
    "PI": Function(lambda: math.pi, ()),
    "POWER": Function(
        power, ("number", "number"), kernel=Elementwise(power_of_columns, power_of_floats)
    ),
    "QUOTIENT": _of_two(lambda number, divisor: math.trunc(number / divisor)),
    "RADIANS": _of_number(math.radians, np.radians),
    "ROUND": Function(
        round_decimal, ("number", "number"), kernel=Elementwise(round_columns, round_decimal)
    ),
    "ROUNDDOWN": _of_two(functools.partial(round_decimal, rounding=ROUND_DOWN)),
    "ROUNDUP": _of_two(functools.partial(round_decimal, rounding=ROUND_UP)),
    "SEC": _of_number(_reciprocal(math.cos)),
    "SECH": _of_number(_reciprocal(math.cosh)),
    "SERIESSUM": Function(_power_series, ("quantity", "quantity", "quantity", "array")),
    "SIGN": _of_number(_sign, np.sign),
    "SIN": _of_number(math.sin, np.sin),
    "SINH": _of_number(math.sinh, np.sinh),
    "SQRT": _of_number(math.sqrt, np.sqrt),
    "SQRTPI": _of_number(lambda number: math.sqrt(number * math.pi)),
    "TAN": _of_number(math.tan, np.tan),
    "TANH": _of_number(math.tanh, np.tanh),
    "TRUNC": _of_two(_truncate, required=1),
}
