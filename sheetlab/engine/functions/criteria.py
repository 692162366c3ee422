"""What a criterion such as `">=3"`, `"a*"` or `7` asks of a value, and texts with wildcards."""

import functools
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.values.conversions import no_number_begins_with, number_of_text
from sheetlab.engine.values.operators import COMPARISONS, compared_numbers, order_of_numbers
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import ERROR_TEXTS, CellError

_LONGEST_PATTERN = 255
# In a text as one, so many letters are sought in the time that an element of a column takes.
_LETTERS_OF_AN_ELEMENT = 16
# No text of a workbook has this sign.
_END = "\0"
# Signs that are one with a Latin letter where case is ignored.
_ALIKE = re.compile("[\u0130\u0131\u017f\u212a]")
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_FIRST_SIGNS = frozenset("<>=")
# With these begin the texts that stand for truth values and errors.
_FIRST_LETTERS = frozenset("tTfF#")
_TRUTH_VALUES = {"TRUE": True, "FALSE": False}


def has_wildcards(text: str) -> bool:
    """Whether a text means others by `*` or `?`, or by `~` one of these signs itself."""
    return "*" in text or "?" in text or "~" in text


@functools.lru_cache(maxsize=1024)
def pattern_of(text: str) -> re.Pattern[str]:
    """The expression for a text with `*` (any signs), `?` (one) and `~` (the next as it is).

    Raises `ErrorValue` #VALUE! for a text longer than Excel takes.
    """
    first, *others = _between_stars(text)
    # What lies between two stars is best found as early as possible, and never sought again.
    between = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + between + last, re.IGNORECASE | re.DOTALL)


@functools.lru_cache(maxsize=1024)
def _finding_pattern(text: str) -> re.Pattern[str]:
    first, *others = _between_stars(text)
    rest = "".join(f"(?>.*?{piece})" for piece in others)
    return re.compile(f"(?>.*?({first})){rest}", re.IGNORECASE | re.DOTALL)


def position_of(wanted: str, text: str, begin: int) -> int | None:
    """Where in a text, from `begin` on, what a text with wildcards means is first found.

    Raises what `pattern_of` raises.
    """
    found = _finding_pattern(wanted).match(text, begin)
    return None if found is None else found.start(1)


class Texts:
    """Texts of which those are found that a text with wildcards means, many of them at once.

    What stands in it letter by letter is sought in all texts as one; only those that have it are
    compared with the whole.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @functools.cached_property
    def _joined(self) -> tuple[str, np.ndarray[Any, np.dtype[np.intp]]] | None:
        """All texts in small letters, and where each begins; None where that moves letters."""
        joined = _END.join(self._texts)
        if _ALIKE.search(joined):
            return None
        budget.current().write(len(joined), len(self._texts))
        lengths = np.fromiter(map(len, self._texts), np.intp, len(self._texts))
        return joined.lower(), np.cumsum(lengths + 1) - lengths - 1

    def meant_by(self, wanted: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which of the texts are meant; raises what `pattern_of` raises."""
        matches = pattern_of(wanted).fullmatch
        budget.current().run(len(self._texts))
        found = np.zeros(len(self._texts), np.bool_)
        sought = max(_letters_in(wanted), key=len, default="")
        candidates: Sequence[int] | None = self._having(sought) if sought else None
        if candidates is None:
            candidates = range(len(self._texts))
        elif wanted == f"*{sought}*":
            found[candidates] = True
            return found
        budget.current().spend(len(candidates) / 4)
        found[[place for place in candidates if matches(self._texts[place])]] = True
        return found

    def _having(self, sought: str) -> list[int] | None:
        """The texts that have some letters, in order; None where that is unsure."""
        if self._joined is None:
            return None
        joined, begins = self._joined
        budget.current().run(len(joined) / _LETTERS_OF_AN_ELEMENT)
        # Of each text, what follows the letters is passed over.
        places = re.finditer(f"{re.escape(sought)}[^{_END}]*+", joined)
        found = begins.searchsorted([place.start() for place in places], "right") - 1
        return list(found.tolist())


def _letters_in(wanted: str) -> list[str]:
    """What a text with wildcards says letter by letter, in small letters that only these have."""
    pieces = [""]
    for part in re.findall(r"~.|.", wanted, re.DOTALL):
        sign = part[-1]
        is_plain = sign.isascii() or sign.lower() == sign.upper()
        if part in ("*", "?") or not is_plain or sign == _END:
            pieces.append("")
        else:
            pieces[-1] += sign.lower()
    return pieces


def _between_stars(text: str) -> list[str]:
    """The expressions for what stands before, between and behind the stars of a text."""
    if len(text) > _LONGEST_PATTERN:
        raise ErrorValue("#VALUE!")
    pieces = [""]
    for part in re.findall(r"~.|.", text, re.DOTALL):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if part == "?" else re.escape(part[-1])
    return pieces


def matching(array: Array, criterion: Scalar) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which elements of an array meet a criterion, in the array's shape."""
    sign, operand = parsed(criterion)
    # A number in a text has 15 digits, and the numbers beside it count by as many.
    by_digits = isinstance(criterion, str)
    if array.dtype == np.float64:
        if type(operand) is float and by_digits:
            return compared_numbers(sign, array, operand)
        if type(operand) is float:
            return np.asarray(_OPERATORS[sign](array, operand), dtype=np.bool_)
        # A number differs from every text, truth value, error and blank.
        return np.full(array.shape, sign == "<>")
    budget.current().spend(array.size / 4)
    meets = _test(sign, operand, by_digits)
    values = [meets(value) for value in array.ravel().tolist()]
    return np.array(values, dtype=np.bool_).reshape(array.shape)


def parsed(criterion: Scalar) -> tuple[str, Scalar]:
    """The operator of a criterion, and its operand; None for a blank cell, "" for no text."""
    if criterion is None:
        return "=", 0.0
    if not isinstance(criterion, str):
        return "=", criterion
    sign = ""
    if criterion[:1] in _FIRST_SIGNS:
        sign = criterion[:2] if criterion[:2] in _OPERATORS else criterion[:1]
    text = criterion[len(sign) :]
    sign = sign or "="
    if not text:
        return sign, None if criterion else ""
    if text[0] in _FIRST_LETTERS:
        capitals = text.upper()
        if capitals in _TRUTH_VALUES:
            return sign, _TRUTH_VALUES[capitals]
        if capitals in ERROR_TEXTS:
            return sign, CellError(capitals)
    number = number_of_text(text)
    return sign, text if number is None else number


def is_word(criterion: str) -> bool:
    """Whether a criterion can be nothing but a text that is to be equal; most of them are."""
    start = criterion[:1]
    return (
        start.isalpha()
        and start not in _FIRST_LETTERS
        and not has_wildcards(criterion)
        and no_number_begins_with(criterion)
    )


def _test(sign: str, operand: Scalar, by_digits: bool) -> Callable[[Scalar], bool]:
    if sign not in ("=", "<>"):
        return _comparison(sign, operand, by_digits)
    is_equal = _equality(operand, by_digits)
    if sign == "=":
        return is_equal
    return lambda value: not is_equal(value)


def _equality(operand: Scalar, by_digits: bool) -> Callable[[Scalar], bool]:
    if operand is None:
        return lambda value: value is None
    if operand == "":
        return lambda value: value is None or value == ""
    if type(operand) is float:
        number = operand

        def equals_number(value: Scalar) -> bool:
            if type(value) is str:
                return number_of_text(value) == number
            if type(value) is not float:
                return False
            return order_of_numbers(value, number) == 0 if by_digits else value == number

        return equals_number
    if type(operand) is str:
        matches = pattern_of(operand).fullmatch
        return lambda value: type(value) is str and matches(value) is not None
    return lambda value: type(value) is type(operand) and value == operand


def _comparison(sign: str, operand: Scalar, by_digits: bool) -> Callable[[Scalar], bool]:
    if operand is None or isinstance(operand, CellError):
        return lambda value: False
    holds = _OPERATORS[sign]
    if isinstance(operand, str):
        text = operand.lower()
        return lambda value: type(value) is str and holds(value.lower(), text)
    if type(operand) is float and by_digits:
        number, compares = operand, COMPARISONS[sign]
        return lambda value: type(value) is float and compares(order_of_numbers(value, number))
    kind = type(operand)
    return lambda value: type(value) is kind and holds(value, operand)
