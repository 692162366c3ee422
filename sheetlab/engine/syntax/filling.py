"""Formulas filled from cell to cell: the text that a formula has in another row or column."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from sheetlab.engine.syntax.wording import ColumnLetters, Piece, RowNumber, words
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, letters_of


@dataclass(frozen=True)
class Filling:
    """A formula as text with gaps, which each cell that it is filled into closes for itself.

    The pieces are as seen from a cell in row and column 0; the formula stands in `row` and
    `column`.
    """

    pieces: tuple[Piece, ...]
    row: int = 0
    column: int = 0

    def at(self, row: int, column: int) -> str:
        """The formula's text in the cell at `row` and `column`."""
        down, right = row - self.row, column - self.column
        form, gaps = self._form
        return form % tuple(
            [
                _row_said(offset + down) if is_row else _column_said(offset + right)
                for is_row, offset in gaps
            ]
        )

    @functools.cached_property
    def _form(self) -> tuple[str, list[tuple[bool, int]]]:
        """The text with `%s` for each gap, and whether a row fills it, and how far away."""
        pieces, gaps = [], []
        for piece in self.pieces:
            if isinstance(piece, str):
                pieces.append(piece.replace("%", "%%"))
            else:
                pieces.append("%s")
                gaps.append((isinstance(piece, RowNumber), piece.offset))
        return "".join(pieces), gaps

    def in_column(self, column: int) -> tuple[str | RowNumber, ...]:
        """The pieces where only the row still moves."""
        merged: list[str | RowNumber] = []
        for piece in self.pieces:
            if isinstance(piece, RowNumber):
                merged.append(RowNumber(piece.offset - self.row))
                continue
            text = piece if isinstance(piece, str) else _said(piece, 0, column - self.column)
            if merged and isinstance(merged[-1], str):
                merged[-1] += text
            else:
                merged.append(text)
        return tuple(merged)

    def down(self, column: int) -> Callable[[int], str]:
        """What tells the text of the formula in the rows of a column."""
        pieces = self.in_column(column)
        offsets = [piece.offset for piece in pieces if isinstance(piece, RowNumber)]
        form = "".join(
            "%d" if isinstance(piece, RowNumber) else piece.replace("%", "%%") for piece in pieces
        )
        first = 1 - min(offsets, default=0)
        last = MAX_ROW - max(offsets, default=0)

        def text_at(row: int) -> str:
            if not first <= row <= last:
                return self.at(row, column)
            return form % tuple([row + offset for offset in offsets])

        return text_at


def filling(text: str, row: int, column: int) -> Filling:
    """The formula in the cell at `row` and `column`, as it can be filled into others.

    A text that is no formula is filled as it stands.
    """
    start = "=" if text.startswith("=") else ""
    said = words(text.removeprefix("="))
    if said is None:
        return Filling((text,))
    pieces = [piece for word in said for piece in word]
    return Filling((start, *pieces), row, column)


def _said(piece: RowNumber | ColumnLetters, row: int, column: int) -> str:
    if isinstance(piece, RowNumber):
        return _row_said(row + piece.offset)
    return _column_said(column + piece.offset)


def _row_said(number: int) -> str:
    return str(number) if 1 <= number <= MAX_ROW else "#REF!"


@functools.lru_cache(maxsize=MAX_COLUMN)
def _column_said(number: int) -> str:
    return letters_of(number) if 1 <= number <= MAX_COLUMN else "#REF!"
