"""Formulas filled from cell to cell: the text that a formula has in another row or column."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sheetlab.engine.syntax.parser import MAX_LENGTH, tokens
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, column_of, letters_of

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowNumber:
    """Where a formula's text gives a row that moves with its cell, as the way from the cell."""

    offset: int


@dataclass(frozen=True, slots=True)
class ColumnLetters:
    """Where a formula's text gives a column that moves with its cell."""

    offset: int


Piece = str | RowNumber | ColumnLetters


@dataclass(frozen=True, slots=True)
class Filling:
    """A formula as text with gaps, which each cell that it is filled into closes for itself."""

    pieces: tuple[Piece, ...]

    def at(self, row: int, column: int) -> str:
        """The formula's text in the cell at `row` and `column`."""
        return "".join(
            piece if isinstance(piece, str) else _said(piece, row, column) for piece in self.pieces
        )

    def in_column(self, column: int) -> tuple[str | RowNumber, ...]:
        """The pieces where only the row still moves."""
        merged: list[str | RowNumber] = []
        for piece in self.pieces:
            if isinstance(piece, RowNumber):
                merged.append(piece)
                continue
            text = piece if isinstance(piece, str) else _said(piece, 0, column)
            if merged and isinstance(merged[-1], str):
                merged[-1] += text
            else:
                merged.append(text)
        return tuple(merged)


def down_column(text: str, row: int, column: int) -> Callable[[int], str]:
    """What tells the text of a formula in other rows of the column where it stands."""
    filled = filling(text, row, column)
    pieces = filled.in_column(column)
    offsets = [piece.offset for piece in pieces if isinstance(piece, RowNumber)]
    form = "".join(
        "%d" if isinstance(piece, RowNumber) else piece.replace("%", "%%") for piece in pieces
    )
    first = 1 - min(offsets, default=0)
    last = MAX_ROW - max(offsets, default=0)

    def text_at(row: int) -> str:
        if not first <= row <= last:
            return filled.at(row, column)
        return form % tuple([row + offset for offset in offsets])

    return text_at


def filling(text: str, row: int, column: int) -> Filling:
    """The formula in the cell at `row` and `column`, as it can be filled into others.

    A text that is no formula is filled as it stands.
    """
    pieces: list[Piece] = []
    literal: list[str] = []
    found = tokens(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        return Filling((text,))
    for token in found:
        if token.kind != "area" or not _is_on_sheet(token.text):
            literal.append(token.text)
            continue
        first, colon, last = token.text.partition(":")
        for corner in (first, colon, last):
            place = _CORNER.fullmatch(corner)
            if place is None:
                literal.append(corner)
                continue
            column_mark, letters, row_mark, digits = place.groups()
            # In "$5:$9" the mark before the digits is caught as that of the column.
            if not letters:
                column_mark, row_mark = "", column_mark + row_mark
            literal.append(column_mark)
            if letters and not column_mark:
                pieces += ["".join(literal), ColumnLetters(column_of(letters) - column)]
                literal.clear()
            else:
                literal.append(letters)
            literal.append(row_mark)
            if digits and not row_mark:
                pieces += ["".join(literal), RowNumber(int(digits) - row)]
                literal.clear()
            else:
                literal.append(digits)
    pieces.append("".join(literal))
    start = "=" if text.startswith("=") else ""
    return Filling((start, *pieces))


def _is_on_sheet(area: str) -> bool:
    """Whether an area has no corner beyond the last row or column; then it is a name."""
    return all(
        column_of(letters) <= MAX_COLUMN and 1 <= int(digits or "1") <= MAX_ROW
        for _, letters, _, digits in (place.groups() for place in _CORNER.finditer(area))
        if letters or digits
    )


def _said(piece: RowNumber | ColumnLetters, row: int, column: int) -> str:
    if isinstance(piece, RowNumber):
        number = row + piece.offset
        return str(number) if 1 <= number <= MAX_ROW else "#REF!"
    number = column + piece.offset
    return letters_of(number) if 1 <= number <= MAX_COLUMN else "#REF!"
