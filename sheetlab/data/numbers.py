"""Numbers as people write them: with a decimal point or comma, and marks between thousands."""

import re

# Groups of three digits, all under one mark, and then the decimals.
_NUMBER = (
    r"([+\-\u2212]?)([0-9]+|[1-9][0-9]{{0,2}}(?:([{groups}])[0-9]{{3}})(?:\3[0-9]{{3}})*|)"
    r"(?:[{decimal}]([0-9]*))?(?:[eE]([+-]?[0-9]{{1,3}}))?\s*(%?)"
)
_SPACES = " \u00a0\u2009\u202f"
_WITH_DECIMAL_POINT = re.compile(_NUMBER.format(groups=",'’" + _SPACES, decimal="."))
_WITH_DECIMAL_COMMA = re.compile(_NUMBER.format(groups=".'’" + _SPACES, decimal=","))


def with_decimal_point(text: str) -> float | None:
    """The number in a text such as "1,234.5", None where it is none."""
    return _number(text, _WITH_DECIMAL_POINT)


def with_decimal_comma(text: str) -> float | None:
    """The number in a text such as "1.234,5", None where it is none."""
    return _number(text, _WITH_DECIMAL_COMMA)


def _number(text: str, form: re.Pattern[str]) -> float | None:
    found = form.fullmatch(text)
    if found is None:
        return None
    sign, whole, _, decimals, exponent, percent = found.groups()
    if not whole and not decimals:
        return None
    digits = re.sub(r"[^0-9]", "", whole)
    power = int(exponent or 0) - (2 if percent else 0)
    number = float(f"{digits or 0}.{decimals or 0}e{power}")
    return number if sign in ("", "+") else -number
