"""Complex numbers, which Excel keeps as texts such as `3+4i` or `-1.5E-07j`."""

import cmath
import math
import re
from collections.abc import Callable
from typing import NamedTuple

from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.toolpak import toolpak_number
from sheetlab.engine.values.conversions import SIGNIFICANT_DIGITS
from sheetlab.engine.values.value import ErrorValue, Scalar

# What is taken for digits is never given back, lest a long text take long.
_NUMBER = r"(?:\d++(?:\.\d*+)?|\.\d++)(?:E[-+]?\d++)?"
_COMPLEX = re.compile(
    rf"(?P<real>[-+]?{_NUMBER})?(?:(?P<imaginary>[-+]|[-+]?{_NUMBER})?(?P<unit>[ij]))?",
    re.ASCII,
)


class _Complex(NamedTuple):
    number: complex
    # "i" or "j", or "" where the text has no imaginary part.
    unit: str


def _parsed(value: Scalar) -> _Complex:
    if not isinstance(value, str):
        return _Complex(complex(toolpak_number(value)), "")
    found = _COMPLEX.fullmatch(value.replace("e", "E"))
    if not value or found is None:
        raise ValueError
    real, imaginary, unit = found.groups()
    # Only a sign can tell the two parts apart.
    if real and imaginary and imaginary[0] not in "+-":
        raise ValueError
    if real and unit and imaginary is None:
        real, imaginary = "", real
    if unit and imaginary in (None, "+", "-"):
        imaginary = f"{imaginary or ''}1"
    return _Complex(complex(float(real or 0), float(imaginary or 0)), unit or "")


def _shown(number: complex, unit: str) -> str:
    if not cmath.isfinite(number):
        raise ValueError
    real, imaginary = _digits(number.real), _digits(number.imag)
    if imaginary == "0":
        return real
    part = {"1": "", "-1": "-"}.get(imaginary, imaginary) + (unit or "i")
    if real == "0":
        return part
    return real + ("" if part.startswith("-") else "+") + part


def _digits(number: float) -> str:
    # Adding 0.0 takes the sign from minus zero.
    return f"{number + 0.0:.{SIGNIFICANT_DIGITS}G}"


def _complex(real: float, imaginary: float, unit: Scalar = None) -> str:
    if unit not in (None, "i", "j"):
        raise ErrorValue("#VALUE!")
    return _shown(complex(real, imaginary), "i" if unit is None else str(unit))


def _of_one(function: Callable[[complex], complex]) -> Function:
    def call(value: Scalar) -> str:
        number, unit = _parsed(value)
        return _shown(function(number), unit)

    return Function(call, ("scalar",))


def _part(function: Callable[[complex], float]) -> Function:
    return Function(lambda value: function(_parsed(value).number), ("scalar",))


def _of_two(function: Callable[[complex, complex], complex]) -> Function:
    def call(left: Scalar, right: Scalar) -> str:
        (first, first_unit), (second, second_unit) = _parsed(left), _parsed(right)
        return _shown(function(first, second), _common_unit([first_unit, second_unit]))

    return Function(call, ("scalar", "scalar"))


def _of_many(function: Callable[[complex, complex], complex]) -> Function:
    def call(*arguments: Values) -> str:
        values = [value for argument in arguments for value in argument.array.ravel().tolist()]
        given = [_parsed(value) for value in values if value is not None]
        if not given:
            return "0"
        total = given[0].number
        for number, _ in given[1:]:
            total = function(total, number)
        return _shown(total, _common_unit([unit for _, unit in given]))

    return Function(call, ("values",), repeating=1, required=1)


def _common_unit(units: list[str]) -> str:
    known = {unit for unit in units if unit}
    if len(known) > 1:
        raise ErrorValue("#VALUE!")
    return next(iter(known), "")


def _quotient(left: complex, right: complex) -> complex:
    if right == 0:
        raise ValueError
    return left / right


def _argument(number: complex) -> float:
    if number == 0:
        raise ZeroDivisionError
    return cmath.phase(number)


def _power(value: Scalar, exponent: float) -> str:
    number, unit = _parsed(value)
    if number == 0:
        if exponent <= 0:
            raise ValueError
        return "0"
    size, angle = abs(number) ** exponent, cmath.phase(number) * exponent
    return _shown(complex(size * math.cos(angle), size * math.sin(angle)), unit)


def _root(number: complex) -> complex:
    size, angle = math.sqrt(abs(number)), cmath.phase(number) / 2
    return complex(size * math.cos(angle), size * math.sin(angle))


def _logarithm(base: float) -> Callable[[complex], complex]:
    scale = math.log(base)
    return lambda number: complex(math.log(abs(number)) / scale, cmath.phase(number) / scale)


def _secant(number: complex) -> complex:
    # By the angle's double, as Excel has it to the last of its digits.
    a, b = number.real, number.imag
    scale = (math.cos(2 * a) + math.cosh(2 * b)) / 2
    return _ratio(math.cos(a) * math.cosh(b), math.sin(a) * math.sinh(b), scale)


def _cosecant(number: complex) -> complex:
    a, b = number.real, number.imag
    scale = (math.cosh(2 * b) - math.cos(2 * a)) / 2
    return _ratio(math.sin(a) * math.cosh(b), -math.cos(a) * math.sinh(b), scale)


def _cotangent(number: complex) -> complex:
    a, b = number.real, number.imag
    scale = math.cosh(2 * b) - math.cos(2 * a)
    return _ratio(math.sin(2 * a), -math.sinh(2 * b), scale)


def _hyperbolic_secant(number: complex) -> complex:
    return _secant(complex(-number.imag, number.real))


def _hyperbolic_cosecant(number: complex) -> complex:
    return _cosecant(complex(-number.imag, number.real)) * 1j


def _ratio(real: float, imaginary: float, scale: float) -> complex:
    if scale == 0:
        raise ValueError
    return complex(real / scale, imaginary / scale)


FUNCTIONS: dict[str, Function] = {
    "COMPLEX": Function(_complex, ("quantity", "quantity", "scalar"), required=2),
    "IMABS": _part(abs),
    "IMAGINARY": _part(lambda number: number.imag),
    "IMARGUMENT": _part(_argument),
    "IMCONJUGATE": _of_one(complex.conjugate),
    "IMCOS": _of_one(cmath.cos),
    "IMCOSH": _of_one(cmath.cosh),
    "IMCOT": _of_one(_cotangent),
    "IMCSC": _of_one(_cosecant),
    "IMCSCH": _of_one(_hyperbolic_cosecant),
    "IMDIV": _of_two(_quotient),
    "IMEXP": _of_one(cmath.exp),
    "IMLN": _of_one(_logarithm(math.e)),
    "IMLOG10": _of_one(_logarithm(10)),
    "IMLOG2": _of_one(_logarithm(2)),
    "IMPOWER": Function(_power, ("scalar", "quantity")),
    "IMPRODUCT": _of_many(lambda left, right: left * right),
    "IMREAL": _part(lambda number: number.real),
    "IMSEC": _of_one(_secant),
    "IMSECH": _of_one(_hyperbolic_secant),
    "IMSIN": _of_one(cmath.sin),
    "IMSINH": _of_one(cmath.sinh),
    "IMSQRT": _of_one(_root),
    "IMSUB": _of_two(lambda left, right: left - right),
    "IMSUM": _of_many(lambda left, right: left + right),
    "IMTAN": _of_one(cmath.tan),
}
