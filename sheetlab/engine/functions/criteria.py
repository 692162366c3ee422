"""What a criterion such as `">=3"`, `"a*"` or `7` asks of a value, and texts with wildcards."""

import functools
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.values.conversions import no_number_begins_with, number_of_text
from sheetlab.engine.values.operators import COMPARISONS, compared_numbers, order_of_numbers
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import ERROR_TEXTS, CellError

_LONGEST_PATTERN = 255
# Of so many pieces, the one in the middle is found for itself.
_MOST_PIECES = 3
# In all texts together, so many letters are sought in the time that an element of a column takes.
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


class _Letters(NamedTuple):
    """Texts in small letters, one behind the other: their letters, where each begins and ends."""

    codes: np.ndarray[Any, Any]
    begins: np.ndarray[Any, np.dtype[np.intp]]
    ends: np.ndarray[Any, np.dtype[np.intp]]

    def are_at(self, places: Any, piece: Sequence[int | None]) -> Any:
        """Whether a piece of a pattern stands at each place, all inside of the letters."""
        found = np.ones(len(places), np.bool_)
        for way, code in enumerate(piece):
            if code is not None:
                budget.current().run(len(places))
                found &= self.codes[places + way] == code
        return found

    def places_of(self, piece: Sequence[int | None]) -> Any:
        """Where a piece with a letter in it stands."""
        count = max(len(self.codes) - len(piece) + 1, 0)
        known = [(way, code) for way, code in enumerate(piece) if code is not None]
        # Two letters leave few enough places to look at them one by one.
        is_start = np.ones(count, np.bool_)
        for way, code in known[:2]:
            budget.current().run(count / _LETTERS_OF_AN_ELEMENT)
            is_start &= self.codes[way : way + count] == code
        places = np.flatnonzero(is_start)
        for way, code in known[2:]:
            budget.current().run(len(places))
            places = places[self.codes[places + way] == code]
        return places


class Texts:
    """Texts of which those are found that a text with wildcards means, many of them at once.

    What stands in it letter by letter is sought in all texts together; only where that does not
    tell are those that have it compared with the whole.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @functools.cached_property
    def _letters(self) -> _Letters | None:
        """The letters of all texts; None where small letters are not as many."""
        joined = _END.join(self._texts)
        if _ALIKE.search(joined):
            return None
        budget.current().write(len(joined), len(self._texts))
        lengths = np.fromiter(map(len, self._texts), np.intp, len(self._texts))
        ends = np.cumsum(lengths + 1) - 1
        joined = joined.lower()
        if joined.isascii():
            return _Letters(np.frombuffer(joined.encode(), np.uint8), ends - lengths, ends)
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        return _Letters(codes, ends - lengths, ends)

    def meant_by(self, wanted: str) -> Any:
        """Which of the texts are meant; raises what `pattern_of` raises."""
        pieces, is_plain = _pieces_of(wanted)
        budget.current().run(len(self._texts))
        letters = self._letters
        if letters is None:
            found = np.ones(len(self._texts), np.bool_)
        else:
            found = self._having(letters, pieces)
            if is_plain and len(pieces) <= _MOST_PIECES:
                return found
        matches = pattern_of(wanted).fullmatch
        budget.current().spend(np.count_nonzero(found) / 4)
        places = np.flatnonzero(found)
        found[places] = [matches(self._texts[place]) is not None for place in places.tolist()]
        return found

    def _having(self, letters: _Letters, pieces: Sequence[Sequence[int | None]]) -> Any:
        """The texts that begin and end with what they have to, and have each piece in between."""
        first, last = pieces[0], pieces[-1]
        lengths = letters.ends - letters.begins
        least = sum(map(len, pieces))
        found = lengths == least if len(pieces) == 1 else lengths >= least
        found[found] = letters.are_at(letters.begins[found], first)
        if len(pieces) > 1:
            found[found] = letters.are_at(letters.ends[found] - len(last), last)
        for piece in pieces[1:-1]:
            if any(code is not None for code in piece):
                places = letters.places_of(piece)
                texts = letters.begins.searchsorted(places, "right") - 1
                is_inside = (places >= letters.begins[texts] + len(first)) & (
                    places + len(piece) <= letters.ends[texts] - len(last)
                )
                have = np.zeros(len(self._texts), np.bool_)
                have[texts[is_inside]] = True
                found &= have
        return found


def _pieces_of(text: str) -> tuple[list[list[int | None]], bool]:
    """What stands before, between and behind the stars of a text, and whether it is all plain.

    A letter is its code; None is any letter, and also one that is not plain, as others are alike
    but for their case. Raises what `pattern_of` raises.
    """
    refuse_long(text)
    pieces: list[list[int | None]] = [[]]
    is_plain = True
    for part in re.findall(r"~.|.", text, re.DOTALL):
        sign = part[-1]
        if part == "*":
            pieces.append([])
        elif part == "?":
            pieces[-1].append(None)
        elif (sign.isascii() or sign.lower() == sign.upper()) and sign != _END:
            pieces[-1].append(ord(sign.lower()))
        else:
            pieces[-1].append(None)
            is_plain = False
    return pieces, is_plain


def refuse_long(text: str) -> None:
    """Raise `ErrorValue` #VALUE! for a text longer than Excel takes."""
    if len(text) > _LONGEST_PATTERN:
        raise ErrorValue("#VALUE!")


def _between_stars(text: str) -> list[str]:
    """The expressions for what stands before, between and behind the stars of a text."""
    refuse_long(text)
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
        and len(criterion) <= _LONGEST_PATTERN
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
        refuse_long(operand)
        if not has_wildcards(operand):
            text = operand.lower()
            return lambda value: type(value) is str and value.lower() == text
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
