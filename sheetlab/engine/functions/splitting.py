"""Texts cut at delimiters: TEXTBEFORE, TEXTAFTER, TEXTSPLIT."""

import re
from collections.abc import Callable

from sheetlab.engine import budget
from sheetlab.engine.functions.arrays import refuse_too_large
from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.arrays import NOT_AVAILABLE, packed
from sheetlab.engine.values.conversions import text_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar

_COMPARISONS_OF_A_STEP = 64


def _delimiters(array: Array | None) -> list[str]:
    """Delimiters, the longest first, since at one place the longest is meant."""
    if array is None:
        return []
    texts = {text_of(value) for value in array.ravel().tolist() if value is not None}
    return sorted(texts, key=len, reverse=True)


def _spans(text: str, delimiters: list[str], match_mode: float | None) -> list[tuple[int, int]]:
    """Where delimiters start and end in a text, from left to right."""
    flags = re.IGNORECASE if _switch(match_mode) else re.NOFLAG
    # At each place of the text, each delimiter is tried.
    budget.current().spend(len(text) * len(delimiters) / _COMPARISONS_OF_A_STEP)
    pattern = "|".join(map(re.escape, delimiters))
    return [found.span() for found in re.finditer(pattern, text, flags)] if pattern else []


def _switch(number: float | None) -> bool:
    if number is None:
        return False
    if int(number) not in (0, 1):
        raise ErrorValue("#VALUE!")
    return int(number) == 1


def _beside(cut: Callable[[str, tuple[int, int]], str]) -> Function:
    """TEXTBEFORE or TEXTAFTER: what is left where a text is cut at one of its delimiters."""

    def call(
        text: str,
        delimiter: Array,
        instance: float | None = None,
        match_mode: float | None = None,
        match_end: float | None = None,
        if_not_found: Scalar = None,
    ) -> Scalar:
        wanted = 1 if instance is None else int(instance)
        if wanted == 0 or abs(wanted) > max(len(text), 1):
            raise ErrorValue("#VALUE!")
        delimiters = _delimiters(delimiter)
        if delimiters in ([], [""]):
            # Nothing is found at once, from whichever end.
            return cut(text, (0, 0) if wanted > 0 else (len(text), len(text)))
        spans = _spans(text, delimiters, match_mode)
        if _switch(match_end):
            spans = [*spans, (len(text),) * 2] if wanted > 0 else [(0, 0), *spans]
        if abs(wanted) > len(spans):
            if if_not_found is None:
                raise ErrorValue("#N/A")
            return if_not_found
        return cut(text, spans[wanted - 1 if wanted > 0 else wanted])

    return Function(call, ("text", "array", "number", "number", "number", "scalar"), required=2)


def _split(
    text: str,
    column_delimiter: Array,
    row_delimiter: Array | None = None,
    ignore_empty: bool | None = None,
    match_mode: float | None = None,
    padding: Scalar = None,
) -> Array:
    of_columns, of_rows = _delimiters(column_delimiter), _delimiters(row_delimiter)
    if not (of_columns or of_rows) or "" in of_columns or "" in of_rows:
        raise ErrorValue("#VALUE!")
    rows = [_parts(row, of_columns, match_mode) for row in _parts(text, of_rows, match_mode)]
    if ignore_empty:
        kept = ([part for part in row if part] for row in rows)
        rows = [row for row in kept if row]
    if not text or not rows:
        raise ErrorValue("#CALC!")
    width = max(map(len, rows))
    refuse_too_large(len(rows), width, numbers=False)
    filling = NOT_AVAILABLE if padding is None else padding
    values = [value for row in rows for value in (*row, *[filling] * (width - len(row)))]
    return packed(values, (len(rows), width))


def _parts(text: str, delimiters: list[str], match_mode: float | None) -> list[str]:
    spans = _spans(text, delimiters, match_mode)
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


FUNCTIONS: dict[str, Function] = {
    "TEXTAFTER": _beside(lambda text, span: text[span[1] :]),
    "TEXTBEFORE": _beside(lambda text, span: text[: span[0]]),
    "TEXTSPLIT": Function(
        _split, ("text", "array", "array", "logical", "number", "scalar"), required=2, spreads=True
    ),
}
