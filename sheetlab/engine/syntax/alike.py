"""Which formulas say the same, seen from the cells that hold them; told for many at once.

What a formula says without its addresses, and how far away each address lies, is added up with
random weights: formulas with the same two sums are filled from each other (Carter and Wegman,
"Universal classes of hash functions", 1979).
"""

import functools
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from sheetlab.files.address import MAX_COLUMN, MAX_ROW

Integers = np.ndarray[Any, np.dtype[np.int64]]
_Booleans = np.ndarray[Any, np.dtype[np.bool_]]

# What stands in a formula, by its bytes; in UTF-8, what is no ASCII belongs to words.
_UPPER, _LOWER, _DIGIT, _DOLLAR, _IN_WORD = 1, 2, 3, 4, 5
_KINDS = np.zeros(256, np.uint8)
_KINDS[ord("A") : ord("Z") + 1] = _UPPER
_KINDS[ord("a") : ord("z") + 1] = _LOWER
_KINDS[ord("0") : ord("9") + 1] = _DIGIT
_KINDS[ord("$")] = _DOLLAR
_KINDS[[ord(character) for character in "_.?\\"]] = _IN_WORD
_KINDS[128:] = _IN_WORD
# An address is told from all bytes by what is added to it.
_ROW, _COLUMN, _FIXED = 1 << 40, 1 << 41, 1 << 42
_MIDDLE = 1 << 30
_LONGEST_LETTERS, _LONGEST_DIGITS = 3, 7
_CELL, _WHOLE_COLUMN, _WHOLE_ROW = 1, 2, 3


def alike(texts: Sequence[str], rows: Integers, columns: Integers) -> Integers:
    """A number for each formula, the same for those that are filled from each other.

    `texts` are as they stand in the cells in these `rows` and `columns`, without `=`; they must be
    formulas. It is -1 for those of which it cannot be told: they hold addresses in lower case,
    unusual quotation marks and the like.
    """
    said = "\0".join(texts).encode()
    data = np.frombuffer(b"\0" + said + b"\0\0", np.uint8)
    lengths = np.array([len(text) for text in texts], np.int64)
    if lengths.sum() + len(texts) - 1 != len(said):
        lengths = np.array([len(text.encode()) for text in texts], np.int64)
    # The bytes of a formula and the one behind it.
    starts = np.cumsum(lengths + 1) - lengths
    owner = np.repeat(np.arange(len(texts)), lengths + 1)
    owner = np.concatenate(([0], owner, [len(texts) - 1]))

    unknown = np.zeros(len(texts), bool)
    quoted = _quoted(data, starts, owner, unknown)
    kinds = _KINDS[data]
    kinds[quoted] = 0
    values, kept = _addresses(data, kinds, owner, unknown, rows, columns)
    # What separates them is none of theirs.
    kept[starts - 1] = False
    kept[-2:] = False
    return _numbered(values, kept, owner, unknown)


def _quoted(data: Any, starts: Integers, owner: Integers, unknown: _Booleans) -> _Booleans:
    """Which bytes stand in quotation marks or in brackets, where an address is none."""
    inside = np.zeros(len(data), bool)
    for mark, other in (b"\"'", b"'\""):
        is_mark = data == mark
        if is_mark.any():
            count = np.cumsum(is_mark)
            odd = ((count - count[starts - 1][owner]) & 1).astype(bool)
            # One inside of the other is no quotation mark; and one is left open.
            unknown[owner[odd & ((data == other) | (data == 0))]] = True
            inside |= odd
    opened = (data == ord("[")) & ~inside
    if opened.any():
        depth = np.cumsum(opened) - np.cumsum((data == ord("]")) & ~inside)
        depth -= depth[starts - 1][owner]
        unknown[owner[(depth < 0) | ((depth > 0) & (inside | (data == 0)))]] = True
        inside |= depth > 0
    return inside


def _addresses(
    data: Any,
    kinds: Any,
    owner: Integers,
    unknown: _Booleans,
    rows: Integers,
    columns: Integers,
) -> tuple[Any, _Booleans]:
    """A value for each byte, and which of them count: of an address the first one or two."""
    values = data.astype(np.int64)
    kept = np.ones(len(data), bool)
    is_word = kinds > 0
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    begins, ends = edges[::2], edges[1::2]
    short = ends - begins <= _LONGEST_LETTERS + _LONGEST_DIGITS + 2
    begins, ends = begins[short], ends[short]

    place = begins + (kinds[begins] == _DOLLAR)
    column_mark = place > begins
    letters, column, is_lower = place, np.zeros(len(place), np.int64), np.zeros(len(place), bool)
    for _ in range(_LONGEST_LETTERS):
        kind = kinds[place]
        is_letter = (kind == _UPPER) | (kind == _LOWER)
        is_lower |= kind == _LOWER
        column = np.where(is_letter, column * 26 + (data[place] & 31), column)
        place = place + is_letter
    has_letters = place > letters
    row_mark = kinds[place] == _DOLLAR
    place = place + row_mark
    digits, row = place, np.zeros(len(place), np.int64)
    for _ in range(_LONGEST_DIGITS):
        is_digit = kinds[place] == _DIGIT
        row = np.where(is_digit, row * 10 + (data[place] & 15), row)
        place = place + is_digit
    has_digits = place > digits

    after, before = data[ends], data[begins - 1]
    spans = (after == ord(":")) | (before == ord(":"))
    fits = (place == ends) & (after != ord("(")) & (after != ord("!"))
    fits &= (column <= MAX_COLUMN) & (row <= MAX_ROW)
    forms = np.zeros(len(place), np.uint8)
    forms[fits & has_letters & has_digits] = _CELL
    forms[fits & has_letters & ~has_digits & ~row_mark & spans] = _WHOLE_COLUMN
    # In "$5:$9" the mark before the digits was taken for that of a column.
    forms[fits & ~has_letters & has_digits & ~row_mark & spans] = _WHOLE_ROW
    is_address = forms > 0
    is_odd = (spans & ~is_address) | (is_address & (is_lower | (data[digits] == ord("0"))))
    is_odd |= (forms > _CELL) & ~_are_joined(forms, begins, ends, data)
    unknown[owner[begins[is_odd]]] = True

    holder = owner[begins]
    row_mark = np.where(forms == _WHOLE_ROW, column_mark, row_mark)
    column = _COLUMN + _MIDDLE + np.where(column_mark, _FIXED + column, column - columns[holder])
    row = _ROW + _MIDDLE + np.where(row_mark, _FIXED + row, row - rows[holder])
    firsts, sizes = begins[is_address], (ends - begins)[is_address]
    kept[np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())] = False
    kept[firsts] = True
    values[firsts] = np.where(forms == _WHOLE_ROW, row, column)[is_address]
    is_cell = forms == _CELL
    kept[begins[is_cell] + 1] = True
    values[begins[is_cell] + 1] = row[is_cell]
    return values, kept


def _are_joined(forms: Any, begins: Integers, ends: Integers, data: Any) -> _Booleans:
    """Whether what `:` joins with each address has its form."""
    beginning, ending = np.zeros(len(data), np.uint8), np.zeros(len(data), np.uint8)
    beginning[begins], ending[ends] = forms, forms
    follows: _Booleans = (data[ends] != ord(":")) | (beginning[ends + 1] == forms)
    precedes: _Booleans = (data[begins - 1] != ord(":")) | (ending[begins - 1] == forms)
    return follows & precedes


def _numbered(values: Any, kept: _Booleans, owner: Integers, unknown: _Booleans) -> Integers:
    """The number of each formula, by the values that count."""
    owner, values = owner[kept], values[kept].view(np.uint64)
    first = np.searchsorted(owner, np.arange(len(unknown)))
    places = np.arange(len(owner)) - first[owner]
    weights = _weights(1 << int(places.max(initial=0) + 1).bit_length())
    sums = [
        np.bincount(owner, minlength=len(unknown)).astype(np.uint64),
        *(_added(values * weight[places], first, len(owner)) for weight in weights),
    ]
    order = np.lexsort(sums)
    differs = np.zeros(len(order), bool)
    for one in sums:
        differs[1:] |= np.diff(one[order]) != 0
    found = np.empty(len(order), np.int64)
    found[order] = np.cumsum(differs)
    found[unknown] = -1
    return found


def _added(values: Any, first: Integers, end: int) -> Any:
    """The sum of each formula's values, modulo 2 ** 64."""
    totals = np.concatenate((np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)))
    return totals[np.append(first[1:], end)] - totals[first]


@functools.lru_cache(maxsize=4)
def _weights(count: int) -> tuple[Any, Any]:
    """Random weights for so many places, twice; they are the same as long as they are kept."""
    drawn = np.frombuffer(os.urandom(16 * count), np.uint64) | np.uint64(1)
    return drawn[:count], drawn[count:]
