"""Functions of texts, and those that make texts of numbers and numbers of texts."""

import itertools
import re
import string
import unicodedata
from collections.abc import Sequence

from sheetlab.engine import budget
from sheetlab.engine.functions.criteria import has_wildcards, position_of
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Columnwise, Joining
from sheetlab.engine.functions.mathematics import round_decimal
from sheetlab.engine.functions.number_format import (
    formatted,
    formatted_column,
    formatted_text,
    shows_dates,
)
from sheetlab.engine.values.conversions import LONGEST_TEXT, general_text, number_of_text, text_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

# FIXED shows no more decimals.
_MOST_DECIMALS = 127
_PLAIN_IN_URL = frozenset(f"{string.ascii_letters}{string.digits}-._~".encode())
_PLAIN_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[-+]?\d+)?", re.I | re.ASCII)
# The characters of one column and of two that are the same letter, as far as ASCII has them.
_WIDENING = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)} | {0x20: 0x3000}
_HALF_KATAKANA = re.compile("[\uff61-\uff9f]+")
_NARROWING = {wide: narrow for narrow, wide in _WIDENING.items()} | {
    ord(unicodedata.normalize("NFKC", chr(narrow))): narrow for narrow in range(0xFF61, 0xFFA0)
}
_FULL_KATAKANA = re.compile("[\u3001-\u3015\u30a1-\u30fc]+")


def _joined(texts: Sequence[str], between: str = "") -> str:
    """Texts as one; raises `ErrorValue` #VALUE! where a cell could not hold it."""
    if sum(map(len, texts)) + len(between) * (len(texts) - 1) > LONGEST_TEXT:
        raise ErrorValue("#VALUE!")
    return between.join(texts)


def _count(number: float | None, least: int = 0) -> int:
    """A number of characters, or a place in a text; raises `ErrorValue` below the least."""
    count = int(number or 0.0)
    if count < least:
        raise ErrorValue("#VALUE!")
    return count


def _left(text: str, count: float | None = 1.0) -> str:
    return text[: _count(count)]


def _right(text: str, count: float | None = 1.0) -> str:
    length = _count(count)
    return text[-length:] if length else ""


def _middle(text: str, start: float, count: float) -> str:
    begin = _count(start, least=1) - 1
    return text[begin : begin + _count(count)]


def _replace(text: str, start: float, count: float, new: str) -> str:
    begin = _count(start, least=1) - 1
    return _joined((text[:begin], new, text[begin + _count(count) :]))


def _substitute(text: str, old: str, new: str, instance: float | None = None) -> str:
    if instance is None:
        if not old:
            return text
        if len(text) + text.count(old) * (len(new) - len(old)) > LONGEST_TEXT:
            raise ErrorValue("#VALUE!")
        return text.replace(old, new)
    parts = text.split(old) if old else [text]
    wanted = _count(instance, least=1)
    if wanted >= len(parts):
        return text
    return _joined((old.join(parts[:wanted]), old.join(parts[wanted:])), new)


def _find(wanted: str, text: str, start: float | None = 1.0) -> float:
    begin = _count(start, least=1) - 1
    position = text.find(wanted, begin)
    if position < 0 or begin > len(text):
        raise ErrorValue("#VALUE!")
    return position + 1


def _search(wanted: str, text: str, start: float | None = 1.0) -> float:
    begin = _count(start, least=1) - 1
    found: int | None = None
    if wanted.isascii() and text.isascii() and not has_wildcards(wanted):
        at = text.lower().find(wanted.lower(), begin)
        found = at if at >= 0 and begin <= len(text) else None
    elif begin <= len(text):
        found = position_of(wanted, text, begin)
    if found is None:
        raise ErrorValue("#VALUE!")
    return found + 1


def _trim(text: str) -> str:
    return " ".join(filter(None, text.split(" ")))


def _concatenate(*texts: str | None) -> str:
    joined = "".join(filter(None, texts))
    if len(joined) > LONGEST_TEXT:
        raise ErrorValue("#VALUE!")
    return joined


def _concatenate_arrays(*arrays: Array | None) -> str:
    return _joined(_texts(arrays))


def _join(delimiter: Array, skip_empty: bool | None, *arrays: Array | None) -> str:
    texts = _texts(arrays)
    if skip_empty or skip_empty is None:
        texts = [text for text in texts if text]
    delimiters = _texts((delimiter,))
    if len(delimiters) == 1:
        return _joined(texts, delimiters[0])
    between = itertools.cycle(delimiters)
    parts = [part for text in texts for part in (text, next(between))]
    return _joined(parts[:-1])


def _texts(arrays: tuple[Array | None, ...]) -> list[str]:
    """The texts of all elements; raises `ErrorValue` #VALUE! where no cell could hold them."""
    texts = []
    length = 0
    for array in arrays:
        for value in () if array is None else array.ravel().tolist():
            text = value if type(value) is str else text_of(value)
            length += len(text)
            if length > LONGEST_TEXT:
                raise ErrorValue("#VALUE!")
            texts.append(text)
    return texts


def _repeat(text: str, times: float) -> str:
    count = _count(times)
    if len(text) * count > LONGEST_TEXT:
        raise ErrorValue("#VALUE!")
    budget.current().write(len(text) * count)
    return text * count


def _proper(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)


def _character(code: float) -> str:
    if not 1 <= code < 256:
        raise ErrorValue("#VALUE!")
    byte = bytes([int(code)])
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return byte.decode("latin-1")


def _code(text: str) -> float:
    if not text:
        raise ErrorValue("#VALUE!")
    return text[0].encode("cp1252", errors="replace")[0]


def _unicode_character(code: float) -> str:
    number = int(code)
    if not 1 <= number <= 0x10FFFF:
        raise ErrorValue("#VALUE!")
    if 0xD800 <= number <= 0xDFFF:
        # Half of a character.
        raise ErrorValue("#N/A")
    return chr(number)


def _unicode(text: str) -> float:
    if not text:
        raise ErrorValue("#VALUE!")
    return ord(text[0])


def _fixed(number: float, decimals: float | None = 2.0, no_commas: bool | None = False) -> str:
    places = int(decimals or 0.0)
    if places > _MOST_DECIMALS:
        raise ErrorValue("#VALUE!")
    whole = "0" if no_commas else "#,##0"
    return formatted(round_decimal(number, places), whole + "." * (places > 0) + "0" * places)


def _dollar(number: float, decimals: float | None = 2.0) -> str:
    shown = _fixed(abs(number), decimals)
    return f"(${shown})" if round_decimal(number, decimals or 0.0) < 0 else f"${shown}"


def _number_value(text: str, point: str | None = None, group: str | None = None) -> float:
    """The number of a text with its own signs for decimals and thousands, spaces left out."""
    decimal, thousands = "." if point is None else point[:1], "," if group is None else group[:1]
    if not decimal or not thousands:
        raise ErrorValue("#VALUE!")
    whole, *decimals = "".join(text.split()).split(decimal)
    if len(decimals) > 1 or (decimals and thousands in decimals[0]):
        raise ErrorValue("#VALUE!")
    digits = ".".join((whole.replace(thousands, ""), *decimals))
    if not digits:
        return 0.0
    shown = digits.rstrip("%")
    if not _PLAIN_NUMBER.fullmatch(shown):
        raise ErrorValue("#VALUE!")
    return float(shown) / 100.0 ** (len(digits) - len(shown))


def _value_to_text(value: Scalar, form: float | None = 0.0) -> str:
    return _in_form(value, _is_strict(form))


def _array_to_text(array: Array, form: float | None = 0.0) -> str:
    is_strict = _is_strict(form)
    rows = [[_in_form(value, is_strict) for value in row] for row in array.tolist()]
    if not is_strict:
        return _joined([text for row in rows for text in row], ", ")
    return _joined(["{", _joined([_joined(row, ",") for row in rows], ";"), "}"])


def _is_strict(form: float | None) -> bool:
    if int(form or 0.0) not in (0, 1):
        raise ErrorValue("#VALUE!")
    return int(form or 0.0) == 1


def _in_form(value: Scalar, is_strict: bool) -> str:
    if isinstance(value, CellError):
        return value.code
    if is_strict and isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return text_of(value)


def to_half_width(text: str) -> str:
    """Letters, digits and katakana that take one column each where there are such."""
    narrowed = _FULL_KATAKANA.sub(lambda found: unicodedata.normalize("NFD", found[0]), text)
    return narrowed.translate(_NARROWING)


def _to_full_width(text: str) -> str:
    widened = _HALF_KATAKANA.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return widened.translate(_WIDENING)


def _encoded(text: str) -> str:
    given = text.encode(errors="replace")
    return _joined([chr(byte) if byte in _PLAIN_IN_URL else f"%{byte:02X}" for byte in given])


def _text(value: Scalar, number_format: str) -> str:
    if isinstance(value, bool):
        return general_text(value)
    number = value or 0.0
    if isinstance(value, str):
        converted = number_of_text(value)
        if converted is None:
            return formatted_text(value, number_format)
        number = converted
    assert isinstance(number, float)
    return formatted(number, number_format)


def _value(value: Scalar) -> float:
    if isinstance(value, str):
        number = number_of_text(value)
        if number is None:
            raise ErrorValue("#VALUE!")
        return number
    if isinstance(value, bool):
        raise ErrorValue("#VALUE!")
    assert isinstance(value, float | None)
    return value or 0.0


def _dates_of_text(value: Scalar, number_format: str) -> tuple[int, ...]:
    return (0,) if shows_dates(number_format) else ()


# Each character is one byte in Excel, but for languages that are written with two of them.
_LEN = Function(len, ("text",))
_LEFT = Function(_left, ("text", "number"), required=1)
_RIGHT = Function(_right, ("text", "number"), required=1)
_MID = Function(_middle, ("text", "number", "number"))
_REPLACE = Function(_replace, ("text", "number", "number", "text"))
_FIND = Function(_find, ("text", "text", "number"), required=2)
_SEARCH = Function(_search, ("text", "text", "number"), required=2)

FUNCTIONS: dict[str, Function] = {
    "ARRAYTOTEXT": Function(_array_to_text, ("array", "number"), required=1, takes_errors=True),
    "ASC": Function(to_half_width, ("text",)),
    "CHAR": Function(_character, ("number",)),
    "CLEAN": Function(lambda text: re.sub(r"[\x00-\x1f]", "", text), ("text",)),
    "CODE": Function(_code, ("text",)),
    "CONCAT": Function(
        _concatenate_arrays,
        ("array",),
        repeating=1,
        required=1,
        kernel=Joining(delimited=False),
    ),
    "CONCATENATE": Function(_concatenate, ("text",), repeating=1, required=1),
    "DBCS": Function(_to_full_width, ("text",)),
    "DOLLAR": Function(_dollar, ("number", "number"), required=1),
    "ENCODEURL": Function(_encoded, ("text",)),
    "EXACT": Function(lambda left, right: left == right, ("text", "text")),
    "FIND": _FIND,
    "FINDB": _FIND,
    "FIXED": Function(_fixed, ("number", "number", "logical"), required=1),
    "JIS": Function(_to_full_width, ("text",)),
    "LEFT": _LEFT,
    "LEFTB": _LEFT,
    "LEN": _LEN,
    "LENB": _LEN,
    "LOWER": Function(str.lower, ("text",)),
    "MID": _MID,
    "MIDB": _MID,
    "NUMBERVALUE": Function(_number_value, ("text", "text", "text"), required=1),
    "PROPER": Function(_proper, ("text",)),
    "REPLACE": _REPLACE,
    "REPLACEB": _REPLACE,
    "REPT": Function(_repeat, ("text", "number")),
    "RIGHT": _RIGHT,
    "RIGHTB": _RIGHT,
    "SEARCH": _SEARCH,
    "SEARCHB": _SEARCH,
    "SUBSTITUTE": Function(_substitute, ("text", "text", "text", "number"), required=3),
    "TEXT": Function(
        _text,
        ("scalar", "text"),
        date_parameters=_dates_of_text,
        kernel=Columnwise(formatted_column),
    ),
    "TEXTJOIN": Function(
        _join,
        ("array", "logical", "array"),
        repeating=1,
        required=3,
        kernel=Joining(delimited=True),
    ),
    "TRIM": Function(_trim, ("text",)),
    "UNICHAR": Function(_unicode_character, ("number",)),
    "UNICODE": Function(_unicode, ("text",)),
    "UPPER": Function(str.upper, ("text",)),
    "VALUE": Function(_value, ("scalar",)),
    "VALUETOTEXT": Function(_value_to_text, ("scalar", "number"), required=1, takes_errors=True),
}
