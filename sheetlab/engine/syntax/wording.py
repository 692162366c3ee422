"""A formula's text as its wording and its operands: the constants and the addresses in it.

`=A1*2+B1` and `=C7*5+D9` are worded alike; what differs are a number and two addresses.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sheetlab.engine.syntax.expression import Area, Axis, Literal
from sheetlab.engine.syntax.parser import (
    CORNER,
    MAX_LENGTH,
    Token,
    axes_of,
    number_literal,
    string_literal,
    tokens,
)
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, column_of

# Between operators stand words that other formulas have too, so that each is looked at once.
_OPERATORS = r"-+*/^&=<>%@,;(){} \n\r\t\u00a0"
_WORD = re.compile(
    rf"""(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]\d+|"(?:[^"]|"")*"|(?:'(?:[^']|'')*')?[^{_OPERATORS}"']+\(?"""
    rf"""|[{_OPERATORS}]+|.+""",
    re.DOTALL,
)
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})", re.ASCII)
# In these, what stands between operators is not what it would be by itself.
_UNUSUAL = frozenset("#[\0")
_LONG = 100
# What says the same in every workbook; so do constants and addresses.
_PLAIN = frozenset(("space", "operator", "function", "error"))
_GAPS = {"number": "\0n", "string": "\0s", "area": "\0a"}
_RELATIVE = 1 << 24


class Corners(NamedTuple):
    """Top, left, bottom and right of an area: each a number, and 1 where it moves with the cell.

    One that moves is `_RELATIVE` larger than its number. A single cell has no bottom and right.
    """

    top: int
    top_moves: int
    left: int
    left_moves: int
    others: tuple[int, int, int, int] | None

    @classmethod
    def of(cls, rows: Sequence[tuple[int, bool]], columns: Sequence[tuple[int, bool]]) -> "Corners":
        """The corners with these rows and columns, each with whether it has a $."""
        top, left = _moving(*rows[0]), _moving(*columns[0])
        if rows[0] == rows[-1] and columns[0] == columns[-1]:
            return cls(*top, *left, None)
        return cls(*top, *left, (*_moving(*rows[-1]), *_moving(*columns[-1])))

    def seen_from(self, row: int, column: int) -> tuple[int, ...]:
        """The area relative to a cell, as `area_of` takes it."""
        top, left = self.top - self.top_moves * row, self.left - self.left_moves * column
        if self.others is None:
            return top, left
        bottom, bottom_moves, right, right_moves = self.others
        return top, left, bottom - bottom_moves * row, right - right_moves * column


Operand = Literal | Corners


@dataclass(slots=True, unsafe_hash=True)
class RowNumber:
    """Where a formula's text gives a row that moves with its cell, as the way from the cell."""

    offset: int


@dataclass(slots=True, unsafe_hash=True)
class ColumnLetters:
    """Where a formula's text gives a column that moves with its cell."""

    offset: int


Piece = str | RowNumber | ColumnLetters


class Word(NamedTuple):
    """A part of a formula's text; in its wording are gaps where its operands were.

    Its pieces are as seen from a cell in row and column 0. One that is `plain` has no names,
    sheets or references computed from others: nothing that the workbook must tell.
    """

    wording: str
    operands: tuple[Operand, ...]
    pieces: tuple[Piece, ...]
    tokens: tuple[Token, ...]
    is_plain: bool


def words(text: str) -> list[Word] | None:
    """The words of a formula's text without its `=`; None where it is in no formula."""
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
        area_of.cache_clear()


def _word(text: str) -> Word | None:
    cell = _CELL.fullmatch(text)
    if cell is not None:
        word = _cell_word(text, *cell.groups())
        if word is not None:
            return word
    corners = [_CELL.fullmatch(corner) for corner in text.split(":", 2)]
    if None not in corners and len(corners) <= 2:
        word = _area_word(text, corners)  # type: ignore[arg-type]
        if word is not None:
            return word
    found = tokens("=" + text)
    if found is None:
        return None
    wording: list[str] = []
    operands: list[Operand] = []
    pieces: list[Piece] = []
    is_plain = True
    for token in found:
        kind, said = token
        operand = _operand(kind, said)
        if operand is None:
            is_plain = is_plain and kind in _PLAIN and said != ":"
        else:
            operands.append(operand)
        wording.append(said if operand is None else _GAPS[kind])
        pieces += _pieces(said) if isinstance(operand, Corners) else (said,)
    return Word("".join(wording), tuple(operands), tuple(pieces), tuple(found), is_plain)


def _cell_word(
    text: str, column_mark: str, letters: str, row_mark: str, digits: str
) -> Word | None:
    """The word that is a single cell, as most are; None where it lies outside of a sheet."""
    row, column = int(digits), _column_of(letters)
    if not 1 <= row <= MAX_ROW or column > MAX_COLUMN:
        return None
    area = Corners(*_moving(row, row_mark == "$"), *_moving(column, column_mark == "$"), None)
    pieces: tuple[Piece, ...] = (
        column_mark + letters if column_mark else ColumnLetters(column),
        row_mark + digits if row_mark else RowNumber(row),
    )
    return Word(_GAPS["area"], (area,), pieces, (Token("area", text),), True)


def _area_word(text: str, corners: Sequence[re.Match[str]]) -> Word | None:
    """The word that is a cell or a range, as most are; None where it lies outside of a sheet."""
    rows, columns = [], []
    pieces: list[Piece] = []
    for corner in corners:
        column_mark, letters, row_mark, digits = corner.groups()
        row, column = int(digits), _column_of(letters)
        if not 1 <= row <= MAX_ROW or column > MAX_COLUMN:
            return None
        rows.append((row, row_mark == "$"))
        columns.append((column, column_mark == "$"))
        pieces.append(column_mark + letters if column_mark else ColumnLetters(column))
        pieces.append(row_mark + digits if row_mark else RowNumber(row))
    if len(corners) == 2:
        pieces.insert(2, ":")
        rows.sort()
        columns.sort()
    area = Corners.of(rows, columns)
    return Word(_GAPS["area"], (area,), tuple(pieces), (Token("area", text),), True)


_column_of = lru_cache(maxsize=20_000)(column_of)
_known_word = lru_cache(maxsize=50_000)(_word)


def _operand(kind: str, text: str) -> Operand | None:
    match kind:
        case "number":
            return number_literal(text)
        case "string":
            return string_literal(text)
        case "area" if (axes := axes_of(text)) is not None:
            return Corners.of(*axes)
        case _:
            return None


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
        yield ColumnLetters(column_of(letters)) if letters and not column_mark else letters
        yield row_mark
        yield RowNumber(int(digits)) if digits and not row_mark else digits


def _moving(number: int, absolute: bool) -> tuple[int, int]:
    return (number, 0) if absolute else (number + _RELATIVE, 1)


@lru_cache(maxsize=20_000)
def area_of(sheet: str | None, seen: tuple[int, ...]) -> Area:
    """The area that `Corners.seen_from` gave, on a sheet."""
    top, left, bottom, right = (
        Axis(False, number - _RELATIVE) if number > _RELATIVE // 2 else Axis(True, number)
        for number in (seen if len(seen) == 4 else seen * 2)
    )
    return Area(sheet, top, left, bottom, right)
