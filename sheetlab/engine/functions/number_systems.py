"""Numbers in other systems: binary, octal, hexadecimal, any base, Roman; and their bits."""

import functools
import re
from collections.abc import Callable

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.toolpak import toolpak_number, toolpak_text
from sheetlab.engine.values.value import ErrorValue, Scalar

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# BIN2DEC and its relatives: so many digits, of which the first tells the sign.
_PLACES = 10
_RADIXES = {"BIN": 2, "OCT": 8, "HEX": 16}
_LARGEST_WHOLE = 2**53
_LONGEST = 255

_LARGEST_BITS = 2**48 - 1
_FARTHEST_SHIFT = 53

_ROMAN = "MDCLXVI"
_ROMAN_VALUES = (1000, 500, 100, 50, 10, 5, 1)
_LARGEST_ROMAN = 3999


def _of_digits(value: Scalar, radix: int) -> int:
    """The number that up to ten digits are in a system, in two's complement."""
    text = toolpak_text(value).upper()
    if len(text) > _PLACES or not set(text) <= set(_DIGITS[:radix]):
        raise ValueError
    number = int(text or "0", radix)
    whole = radix**_PLACES
    return number - whole if number >= whole // 2 else number


def _to_digits(number: int, radix: int, places: float | None = None) -> str:
    whole = radix**_PLACES
    if not -whole // 2 <= number < whole // 2:
        raise ValueError
    least = None if places is None else int(places)
    if least is not None and not 1 <= least <= _PLACES:
        raise ValueError
    if number < 0:
        return _in_base(number + whole, radix)
    text = _in_base(number, radix)
    if least is not None and len(text) > least:
        raise ValueError
    return text.rjust(least or 0, "0")


def _in_base(number: int, radix: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, radix)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _to_decimal(radix: int) -> Callable[[Scalar], float]:
    return lambda value: float(_of_digits(value, radix))


def _from_decimal(radix: int) -> Callable[..., str]:
    def converted(number: float, places: float | None = None) -> str:
        return _to_digits(int(number), radix, places)

    return converted


def _between(radix: int, other: int) -> Callable[..., str]:
    def converted(value: Scalar, places: float | None = None) -> str:
        return _to_digits(_of_digits(value, radix), other, places)

    return converted


def _base(number: float, radix: float, least: float | None = None) -> str:
    length = int(least or 0.0)
    if not 0 <= number < _LARGEST_WHOLE or not 2 <= int(radix) <= 36 or not 0 <= length <= _LONGEST:
        raise ValueError
    return _in_base(int(number), int(radix)).rjust(length, "0")


def _decimal(text: str, radix: float) -> float:
    if len(text) > _LONGEST:
        raise ErrorValue("#VALUE!")
    digits = text.strip(" ").upper()
    if not 2 <= int(radix) <= 36 or not set(digits) <= set(_DIGITS[: int(radix)]):
        raise ValueError
    return float(int(digits or "0", int(radix)))


def _bits(number: float) -> int:
    if not 0 <= number <= _LARGEST_BITS or not number.is_integer():
        raise ValueError
    return int(number)


def _of_bits(combine: Callable[[int, int], int]) -> Function:
    return Function(
        lambda left, right: float(combine(_bits(left), _bits(right))), ("number", "number")
    )


def _shifted(number: float, places: float, direction: int) -> float:
    if abs(places) > _FARTHEST_SHIFT:
        raise ValueError
    left = direction * int(places)
    shifted = _bits(number) << left if left >= 0 else _bits(number) >> -left
    if shifted > _LARGEST_BITS:
        raise ValueError
    return float(shifted)


def _roman(number: float, form: Scalar = None) -> str:
    """ROMAN, of which the forms 0 to 4 shorten ever more: 499 is CDXCIX, LDVLIV, ..., ID."""
    rest = int(number)
    # The classic form is TRUE as well, the shortest FALSE.
    shortening = (0 if form else 4) if isinstance(form, bool) else int(toolpak_number(form))
    if not 0 <= rest <= _LARGEST_ROMAN or not 0 <= shortening <= 4:
        raise ErrorValue("#VALUE!")
    shown = ""
    for at in range(0, len(_ROMAN), 2):
        digit, place = rest // _ROMAN_VALUES[at], at
        if digit % 5 == 4:
            above = at - 1 if digit == 4 else at - 2
            # A smaller sign may go before the larger one, as far as the form lets it.
            while (
                place - at < shortening
                and place < len(_ROMAN) - 1
                and _ROMAN_VALUES[above] - _ROMAN_VALUES[place + 1] <= rest
            ):
                place += 1
            shown += _ROMAN[place] + _ROMAN[above]
            rest += _ROMAN_VALUES[place] - _ROMAN_VALUES[above]
        else:
            shown += _ROMAN[at - 1] * (digit > 4) + _ROMAN[at] * (digit % 5)
            rest %= _ROMAN_VALUES[at]
    return shown


def _arabic(text: str) -> float:
    found = re.fullmatch(r"(-?)([MDCLXVI]*)", text.strip(" ").upper())
    if found is None or len(text) > _LONGEST:
        raise ErrorValue("#VALUE!")
    total = largest = 0
    for sign in reversed(found[2]):
        value = _ROMAN_VALUES[_ROMAN.index(sign)]
        largest = max(largest, value)
        total += value if value == largest else -value
    return float(-total if found[1] else total)


FUNCTIONS: dict[str, Function] = {
    "ARABIC": Function(_arabic, ("text",)),
    "BASE": Function(_base, ("number", "number", "number"), required=2),
    "BITAND": _of_bits(lambda left, right: left & right),
    "BITLSHIFT": Function(functools.partial(_shifted, direction=1), ("number", "number")),
    "BITOR": _of_bits(lambda left, right: left | right),
    "BITRSHIFT": Function(functools.partial(_shifted, direction=-1), ("number", "number")),
    "BITXOR": _of_bits(lambda left, right: left ^ right),
    "DECIMAL": Function(_decimal, ("text", "number")),
    "ROMAN": Function(_roman, ("number", "scalar"), required=1),
    **{
        f"{system}2DEC": Function(_to_decimal(radix), ("scalar",))
        for system, radix in _RADIXES.items()
    },
    **{
        f"DEC2{system}": Function(_from_decimal(radix), ("quantity", "quantity"), required=1)
        for system, radix in _RADIXES.items()
    },
    **{
        f"{system}2{other}": Function(
            _between(radix, _RADIXES[other]), ("scalar", "quantity"), required=1
        )
        for system, radix in _RADIXES.items()
        for other in _RADIXES
        if other != system
    },
}
