"""The references in the text of a formula: which cells it reads, and how it looks when filled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from sheetlab.files.address import MAX_COLUMN, MAX_ROW, column_of

_CELL = r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}"
_COLUMNS = r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}"
_ROWS = r"\$?[1-9][0-9]{0,6}:\$?[1-9][0-9]{0,6}"
_SHEET = r"'(?:[^']|'')+'|[^\W\d][\w.]*"
# What looks like a cell inside of a text, a quoted name, brackets or a longer name is none.
_PART = re.compile(
    rf"""
      "(?:[^"]|"")*"
    | \[[^\]]*\]
    | (?<![\w.$])(?:(?P<sheet>{_SHEET})!)?
      (?P<area>{_CELL}(?::{_CELL})?|{_COLUMNS}|{_ROWS})(?![\w.(!])
    | '(?:[^']|'')+'
    | (?<![\w.])(?P<name>[^\W\d][\w.]*)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CORNER = re.compile(r"(\$?)([A-Z]*)(\$?)([0-9]*)", re.IGNORECASE)


class Corner(NamedTuple):
    """One corner of a reference; a row or column that is not said, as in "A:C", is 0."""

    row: int
    column: int
    row_is_fixed: bool
    column_is_fixed: bool

    @property
    def moves(self) -> bool:
        """Whether it is another cell where the formula is filled on."""
        return bool(self.row and not self.row_is_fixed) or bool(
            self.column and not self.column_is_fixed
        )

    def filled(self, rows: int, columns: int) -> tuple[int, int]:
        """Its row and column after the formula is filled so far down and to the right."""
        row = self.row if self.row_is_fixed or not self.row else self.row + rows
        fixed = self.column_is_fixed or not self.column
        return row, self.column if fixed else self.column + columns


class CellArea(NamedTuple):
    """A rectangle of cells of one sheet, both corners included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    def cells(self) -> Iterator[tuple[str, int, int]]:
        """The cells row by row: sheet, row and column."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield self.sheet, row, column


def corners(area: str) -> tuple[Corner, Corner]:
    """The corners of "$A$3:B4"; both are the same for a single cell."""
    first, _, last = area.partition(":")
    return _corner(first), _corner(last or first)


def area_between(sheet: str, one: tuple[int, int], other: tuple[int, int]) -> CellArea:
    """The area between two cells, each a row and a column; 0 stands for all of them."""
    (top, bottom), (left, right) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return CellArea(sheet, top or 1, left or 1, bottom or MAX_ROW, right or MAX_COLUMN)


def area_of(sheet: str, area: str) -> CellArea:
    """The area that "$A$3:B4" or "A:C" is on a sheet."""
    first, last = corners(area)
    return area_between(sheet, first[:2], last[:2])


def references(
    text: str, sheet: str, names: Mapping[str, Sequence[CellArea]] = MappingProxyType({})
) -> Iterator[CellArea]:
    """The areas that a formula in a cell of `sheet` names, whole columns and rows in full.

    `names` holds the areas that defined names stand for, by the name in lower case.
    """
    for part in _PART.finditer(text):
        if part["name"] is not None:
            yield from names.get(part["name"].lower(), ())
        if part["area"] is not None:
            said = part["sheet"]
            named = sheet if said is None else said.strip("'").replace("''", "'")
            yield area_of(named, part["area"])


def relative_form(text: str, row: int, column: int) -> str:
    """The formula with its cells told from where it stands: `=R[0]C[-2]*R3C1` for `=A4*$A$3`.

    The cells of a formula that was filled down all have the same.
    """

    def relative(part: re.Match[str]) -> str:
        if part["area"] is None:
            return part[0]
        sheet = "" if part["sheet"] is None else f"{part['sheet']}!"
        ends = (_relative(_corner(end), row, column) for end in part["area"].split(":"))
        return sheet + ":".join(ends)

    return _PART.sub(relative, text)


def _corner(text: str) -> Corner:
    found = _CORNER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no cell, row or column")
    column_mark, letters, row_mark, digits = found.groups()
    row_is_fixed = "$" in (row_mark if letters else column_mark)
    return Corner(int(digits or 0), column_of(letters), row_is_fixed, column_mark == "$")


def _relative(corner: Corner, row: int, column: int) -> str:
    text = ""
    for mark, number, is_fixed, here in (
        ("R", corner.row, corner.row_is_fixed, row),
        ("C", corner.column, corner.column_is_fixed, column),
    ):
        if number:
            text += f"{mark}{number}" if is_fixed else f"{mark}[{number - here}]"
    return text
