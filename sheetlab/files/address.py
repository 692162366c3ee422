"""Cell addresses: row and column, both from 1, and the text that people write for them."""

import re
from functools import lru_cache

from sheetlab.errors import MalformedError

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
_SHOWN = 40

# What a program would take for a cell or a constant, in either notation of cells.
_NOT_A_NAME = re.compile(r"[a-z]{1,3}\d{1,7}|r\d*c\d*|[rc]\d*|true|false")

_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def address_of(ref: str) -> tuple[int, int]:
    """Row and column of a ref such as "E5" or "$E$5"; `MalformedError` for anything else."""
    found = _REF.fullmatch(ref)
    if found is None:
        raise MalformedError("no_cell", ref=ref[:_SHOWN])
    row, column = int(found[2]), column_of(found[1])
    if row > MAX_ROW or column > MAX_COLUMN:
        raise MalformedError("outside_of_sheet", text=ref)
    return row, column


def column_of(letters: str) -> int:
    """The number of a column: 1 for "A", 27 for "AA"."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


@lru_cache(maxsize=MAX_COLUMN)
def letters_of(column: int) -> str:
    """The letters of a column: "A" for 1, "AA" for 27."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def ref_of(row: int, column: int) -> str:
    """The ref of a cell, without dollar signs."""
    return f"{letters_of(column)}{row}"


def is_name(text: str) -> bool:
    """Whether a text can name a range: small letters, digits and _, and no cell in disguise."""
    return bool(re.fullmatch(r"[a-z_][a-z0-9_]*", text)) and not _NOT_A_NAME.fullmatch(text)
