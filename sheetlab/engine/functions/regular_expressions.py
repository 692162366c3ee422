"""REGEXTEST, REGEXEXTRACT, REGEXREPLACE: patterns that may come from anybody, in bounded time.

Excel has those of PCRE2; of the libraries for Python, `regex` is the nearest that can be stopped.
"""

import functools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.conversions import LONGEST_TEXT
from sheetlab.engine.values.value import Array, ErrorValue, Scalar

# A search that takes longer is given up, and the pattern never tried again.
_SECONDS = 1.0
# The library writes counted repetitions out; `a{99}{99}{99}` would fill the memory.
_MOST_REPETITIONS = 10_000
_COUNTS = re.compile(r"\{\s*(\d*)\s*,?\s*(\d*)\s*\}")
_REFERENCE = re.compile(r"\$(?:(\$)|(\d{1,2}|[A-Za-z_]\w*)|\{(\w+)\})|\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(eq=False)
class _Pattern:
    expression: Any
    takes_too_long: bool = False


@functools.lru_cache(maxsize=256)
def _pattern(text: str, ignores_case: bool) -> _Pattern:
    regex = import_module("regex")
    counts = [max(int(least or 1), int(most or 1)) for least, most in _short_counts(text)]
    if math.prod(count for count in counts if count) > _MOST_REPETITIONS:
        raise ErrorValue("#VALUE!")
    try:
        return _Pattern(regex.compile(text, regex.IGNORECASE if ignores_case else 0))
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise ErrorValue("#VALUE!") from error


def _short_counts(text: str) -> list[tuple[str, str]]:
    found = _COUNTS.findall(text)
    if any(len(number) > 5 for counts in found for number in counts):
        raise ErrorValue("#VALUE!")
    return found


def _search(
    text: str, pattern: str, case: float | None, search: Callable[[Any], Iterator[Any]]
) -> list[Any]:
    """What is found in a text, given up with #VALUE! where that takes too long."""
    if case not in (None, 0.0, 1.0):
        raise ErrorValue("#VALUE!")
    compiled = _pattern(pattern, bool(case))
    if not compiled.takes_too_long:
        try:
            return list(search(compiled.expression))
        except (TimeoutError, MemoryError):
            compiled.takes_too_long = True
    raise ErrorValue("#VALUE!")


def _matches(text: str, pattern: str, case: float | None, *, only_first: bool) -> list[Any]:
    def search(expression: Any) -> Iterator[Any]:
        if only_first:
            found = expression.search(text, timeout=_SECONDS)
            return iter([] if found is None else [found])
        matches: Iterator[Any] = expression.finditer(text, timeout=_SECONDS)
        return matches

    return _search(text, pattern, case, search)


def _test(text: str, pattern: str, case: float | None = None) -> bool:
    return bool(_matches(text, pattern, case, only_first=True))


def _extract(
    text: str, pattern: str, mode: float | None = None, case: float | None = None
) -> Scalar | Array:
    """The first match, all of them (mode 1), or the groups of the first (mode 2)."""
    wanted = int(mode or 0)
    if wanted not in (0, 1, 2):
        raise ErrorValue("#VALUE!")
    found = _matches(text, pattern, case, only_first=wanted != 1)
    if not found:
        raise ErrorValue("#N/A")
    if wanted == 1:
        return packed([match[0] for match in found], (len(found), 1))
    groups = [group or "" for group in found[0].groups()] if wanted == 2 else []
    return packed(groups, (1, len(groups))) if groups else str(found[0][0])


def _replace(
    text: str,
    pattern: str,
    replacement: str,
    occurrence: float | None = None,
    case: float | None = None,
) -> str:
    wanted = int(occurrence or 0)
    found = _matches(text, pattern, case, only_first=False)
    if wanted:
        place = wanted - 1 if wanted > 0 else len(found) + wanted
        found = found[place : place + 1] if 0 <= place < len(found) else []
    parts, end, length = [], 0, 0
    for match in found:
        parts += [text[end : match.start()], _filled_in(replacement, match)]
        end = match.end()
        length += len(parts[-1]) + len(parts[-2])
        if length > LONGEST_TEXT:
            raise ErrorValue("#VALUE!")
    result = "".join((*parts, text[end:]))
    if len(result) > LONGEST_TEXT:
        raise ErrorValue("#VALUE!")
    return result


def _filled_in(replacement: str, match: Any) -> str:
    """A replacement with `$1`, `${1}` or `$name` as the groups of a match."""

    def group(reference: re.Match[str]) -> str:
        dollar, plain, braced, escaped = reference.groups()
        if dollar or escaped:
            return dollar or _ESCAPES.get(escaped, escaped)
        name = plain or braced
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError as error:
            raise ErrorValue("#VALUE!") from error

    return _REFERENCE.sub(group, replacement)


FUNCTIONS: dict[str, Function] = {
    "REGEXEXTRACT": Function(
        _extract, ("text", "text", "number", "number"), required=2, spreads=True
    ),
    "REGEXREPLACE": Function(_replace, ("text", "text", "text", "number", "number"), required=3),
    "REGEXTEST": Function(_test, ("text", "text", "number"), required=2),
}
