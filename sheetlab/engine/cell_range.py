"""Ranges of cells, and how people and formulas write them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, address_of, column_of, ref_of

# Sheet, row and column of one cell; rows and columns count from 1.
Address = tuple[str, int, int]

SHEET_PATTERN = r"(?:'(?P<quoted_sheet>(?:[^']|'')+)'|(?P<plain_sheet>[^\W\d][\w.]*))!"
_CELL = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}"
_COLUMNS = r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}"
_ROWS = r"\$?[1-9]\d{0,6}:\$?[1-9]\d{0,6}"
RANGE_PATTERN = rf"(?P<range>(?:{_CELL}(?::{_CELL})?|{_COLUMNS}|{_ROWS})(?![\w.(!]))"

_RANGE = re.compile(rf"(?:{SHEET_PATTERN})?{RANGE_PATTERN}", re.IGNORECASE)


class CellRange(NamedTuple):
    """A rectangle of cells of one sheet, both corners included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    def addresses(self) -> Iterator[Address]:
        """The cells row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield self.sheet, row, column

    def overlaps(self, other: "CellRange") -> bool:
        """Whether some cell is in both."""
        return (
            self.sheet == other.sheet
            and self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    def clip(self, bottom: int, right: int) -> "CellRange":
        """Whole columns and whole rows cut to the last row and column; other ranges as they are."""
        return self._replace(
            bottom=max(self.top, bottom) if self.bottom == MAX_ROW else self.bottom,
            right=max(self.left, right) if self.right == MAX_COLUMN else self.right,
        )


def sheets_and_ranges(text: str) -> list[tuple[str | None, str]]:
    """Sheet (None where it is not said) and range of each area of "A!$B$2:$C$9,A!$E$2".

    A defined name may stand for several areas, which commas separate. [] for any other text.
    """
    text, areas, start = text.strip(), [], 0
    while found := _RANGE.match(text, start):
        areas.append((sheet_of(found), found["range"]))
        start = found.end() + 1
        if found.end() == len(text):
            return areas
        if text[found.end()] != ",":
            break
    return []


def sheet_of(found: re.Match[str]) -> str | None:
    """The sheet that a match of `SHEET_PATTERN` names, without its quotes."""
    quoted: str | None = found["quoted_sheet"]
    plain: str | None = found["plain_sheet"]
    return plain if quoted is None else quoted.replace("''", "'")


def quoted(sheet: str) -> str:
    """A sheet's name as references may always write it."""
    return "'" + sheet.replace("'", "''") + "'"


def range_on(sheet: str, text: str) -> CellRange:
    """The range that "$A$1:B2", "A:C" or "2:3" is on a sheet; `MalformedError` where it is none."""
    first, _, last = text.replace("$", "").partition(":")
    last = last or first
    if first.isalpha():
        columns = sorted((column_of(first), column_of(last)))
        if columns[1] > MAX_COLUMN:
            raise MalformedError("outside_of_sheet", text=text)
        return CellRange(sheet, 1, columns[0], MAX_ROW, columns[1])
    if first.isdigit():
        rows = sorted((int(first), int(last)))
        if rows[1] > MAX_ROW:
            raise MalformedError("outside_of_sheet", text=text)
        return CellRange(sheet, rows[0], 1, rows[1], MAX_COLUMN)
    (row, column), (other_row, other_column) = address_of(first), address_of(last)
    return CellRange(
        sheet,
        min(row, other_row),
        min(column, other_column),
        max(row, other_row),
        max(column, other_column),
    )


def cell_text(address: Address) -> str:
    """A cell as messages name it: SGD!E5."""
    sheet, row, column = address
    return f"{sheet}!{ref_of(row, column)}"
