"""A formula's text in pieces: what stays as it is, and the rows and columns that move with it."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sheetlab.engine.syntax.parser import (
    CELL,
    CORNER,
    MAX_LENGTH,
    axes_of,
    known_column_of,
    tokens,
)
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

# Between operators stand words that other formulas have too, so that each is looked at once.
_OPERATORS = r"-+*/^&=<>%@,;(){} \n\r\t\u00a0"
_WORD = re.compile(
    rf"""(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]\d+|"(?:[^"]|"")*"|(?:'(?:[^']|'')*')?[^{_OPERATORS}"']+\(?"""
    rf"""|[{_OPERATORS}]+|.+""",
    re.DOTALL,
)
# In these, what stands between operators is not what it would be by itself.
_UNUSUAL = frozenset("#[\0")
_LONG = 100


@dataclass(slots=True, unsafe_hash=True)
class RowNumber:
    """Where a formula's text gives a row that moves with its cell, as the way from the cell."""

    offset: int


@dataclass(slots=True, unsafe_hash=True)
class ColumnLetters:
    """Where a formula's text gives a column that moves with its cell."""

    offset: int


Piece = str | RowNumber | ColumnLetters


def words(text: str) -> list[tuple[Piece, ...]] | None:
    """The pieces of a formula's text without its `=`, word by word; None where it is in no formula.

    They are as seen from a cell in row and column 0.
    """
    if len(text) > MAX_LENGTH:
        return None
    if not _UNUSUAL.isdisjoint(text):
        return None if (word := _word(text)) is None else [word]
    found = [
        _known_word(word) if len(word) < _LONG else _word(word) for word in _WORD.findall(text)
    ]
    return None if None in found else found  # type: ignore[return-value]


@contextlib.contextmanager
def known_words() -> Iterator[None]:
    """While a workbook is read, whose words take memory that is given back afterwards."""
    try:
        yield
    finally:
        _known_word.cache_clear()


def _word(text: str) -> tuple[Piece, ...] | None:
    corners = [CELL.fullmatch(corner) for corner in text.split(":", 2)]
    if None not in corners and len(corners) <= 2:
        word = _cells(corners)  # type: ignore[arg-type]
        if word is not None:
            return word
    found = tokens(text)
    if found is None:
        return None
    pieces: list[Piece] = []
    for kind, said in found:
        pieces += _pieces(said) if kind == "area" and axes_of(said) is not None else (said,)
    return tuple(pieces)


def _cells(corners: Sequence[re.Match[str]]) -> tuple[Piece, ...] | None:
    """The word that is a cell or a range, as most are; None where it lies outside of a sheet."""
    pieces: list[Piece] = []
    for corner in corners:
        column_mark, letters, row_mark, digits = corner.groups()
        row, column = int(digits), known_column_of(letters)
        if not 1 <= row <= MAX_ROW or column > MAX_COLUMN:
            return None
        pieces.append(column_mark + letters if column_mark else ColumnLetters(column))
        pieces.append(row_mark + digits if row_mark else RowNumber(row))
    if len(corners) == 2:
        pieces.insert(2, ":")
    return tuple(pieces)


_known_word = lru_cache(maxsize=50_000)(_word)


def _pieces(area: str) -> Iterator[Piece]:
    for corner in re.split("(:)", area):
        place = CORNER.fullmatch(corner)
        if place is None:
            yield corner
            continue
        column_mark, letters, row_mark, digits = place.groups()
        # In "$5:$9" the mark before the digits is caught as that of the column.
        if not letters:
            column_mark, row_mark = "", column_mark + row_mark
        yield column_mark
        yield ColumnLetters(known_column_of(letters)) if letters and not column_mark else letters
        yield row_mark
        yield RowNumber(int(digits)) if digits and not row_mark else digits
