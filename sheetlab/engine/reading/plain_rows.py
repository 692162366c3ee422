"""Plain rows of a worksheet's XML, and which formulas are filled from each other, as arrays.

Both are told by `compiled/`. Where that could not be compiled no row is plain, so that all
are parsed, and formulas are told apart in Python.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sheetlab import compiled
from sheetlab.engine.syntax.filling import Filling, filling
from sheetlab.engine.syntax.wording import ColumnLetters, RowNumber

# The `t` of cells whose values are given as they are stored.
STORED = {2: "n", 3: "str", 4: "b", 5: "e", 6: "inlineStr", 7: "d"}

# What is known of a formula: that nothing is told, that it has [ ], and of shared formulas.
UNTOLD, BRACKETS, SHARES, SHARED = 1, 2, 4, 8

_CELL = np.dtype(
    [
        ("number", np.float64),
        ("start", np.int64),
        ("length", np.int32),
        ("row", np.int32),
        ("column", np.uint16),
        ("kind", np.uint16),
        ("unused", np.uint32),
    ]
)
FORMULA = np.dtype(
    [
        ("number", np.int64),
        ("start", np.int64),
        ("length", np.int32),
        ("row", np.int32),
        ("column", np.uint16),
        ("flags", np.uint16),
        ("group", np.int32),
    ]
)
_PRIME = 2**61 - 1
# Drawn for each process, so that nobody can make different formulas look alike.
_POINTS = (int.from_bytes(os.urandom(8)) % _PRIME, int.from_bytes(os.urandom(8)) % _PRIME)

Records = np.ndarray[Any, Any]
Rectangle = tuple[int, int, int, int, int, int, int, int, int, int]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int32]]


class PlainRows(NamedTuple):
    """What some rows hold.

    Attributes:
        cells: a record for each constant: `row` and `column`, the `kind` of its value, the value as
            `number` or as place among the shared strings, and by `start` and `length` the bytes
            that store it.
        formulas: a record for each formula, as `alike` gives them; `start` and `length` tell the
            bytes that store it, `group` the formula that it shares or that others share with it.
        stop: where the first row begins that is not plain.
        last_row: the number of the last row before that.
        seen: how many cells there are, blank ones as well.
        hides: whether one of the rows may be hidden.
    """

    cells: Records
    formulas: Records
    stop: int
    last_row: int
    seen: int
    hides: bool


def read_plain_rows(xml: bytes, start: int, end: int, last_row: int) -> PlainRows:
    """The plain rows between two places of a sheet's XML, before the first that is not plain.

    The rows follow `last_row` where they give no numbers.
    """
    if compiled.reading is None:
        return PlainRows(np.empty(0, _CELL), np.empty(0, FORMULA), start, last_row, 0, False)
    cells, formulas, stop, last_row, seen, hides = compiled.reading.rows(
        xml, start, end, last_row, _POINTS
    )
    constants, told = np.frombuffer(cells, _CELL), np.frombuffer(formulas, FORMULA)
    return PlainRows(constants, told, stop, last_row, seen, bool(hides))


class PlainColumn(NamedTuple):
    """The constants of one column of plain rows.

    Attributes:
        column: its number.
        first: the row of the first.
        begin, end: where they are among those of all columns.
        follow: whether each of them stands below the one before.
        texts: shared strings, at the places of those that are, None where all are numbers.
        stored: of those that are neither, the place, a kind of `STORED`, and where and in how many
            bytes of the XML they are stored.
    """

    column: int
    first: int
    begin: int
    end: int
    follow: int
    texts: list[Any] | None
    stored: list[tuple[int, int, int, int]] | None


def plain_columns(
    cells: Records, texts: Callable[[], list[str]]
) -> tuple[Floats, Integers, list[PlainColumn]]:
    """The numbers and the rows of the `cells` of plain rows, column by column, and the columns.

    The numbers are NaN for all else. `texts` gives the shared strings where there is any; raises
    `IndexError`, which says the place, where one is not among them.
    """
    assert compiled.reading is not None
    numbers, rows, columns = compiled.reading.constants(cells, texts)
    found = [PlainColumn(*column) for column in columns]
    return np.frombuffer(numbers, np.float64), np.frombuffer(rows, np.int32), found


def alike(formulas: list[tuple[int, int, str]], known: dict[object, int]) -> Records:
    """A record for each (column, row, formula without its =), in order.

    Its `number` is the same for formulas that are filled from each other, and not negative; nothing
    is told of those with the flag `UNTOLD`, which hold addresses in lower case, unusual quotation
    marks and the like. `start` is the place in the list. `known` keeps what was told before.
    """
    if compiled.reading is not None:
        return np.frombuffer(compiled.reading.alike(formulas, _POINTS), FORMULA)
    records = np.zeros(len(formulas), FORMULA)
    for place, (column, row, text) in enumerate(formulas):
        filled = filling(text, row, column)
        form = tuple(_relative(filled))
        flags = (filled.at(row, column) != text) * UNTOLD | ("[" in text) * BRACKETS
        records[place] = (known.setdefault(form, len(known)), place, 0, row, column, flags, -1)
    return records


def rectangles(formulas: Records) -> list[Rectangle]:
    """The rectangles of formulas that are filled from each other, from the top and the left.

    Two formulas in one cell are never in one. For each of them: the places of its first and its
    last formula, its rows and columns, and of the first formula number, start, length, row, column
    and flags.
    """
    if compiled.reading is not None:
        found: list[Rectangle] = compiled.reading.rectangles(formulas)
        return found
    rows, columns = formulas["row"].astype(np.int64), formulas["column"].astype(np.int64)
    flags, numbers = formulas["flags"], formulas["number"].copy()
    is_untold = (flags & UNTOLD).astype(bool)
    numbers[is_untold] = -1 - np.flatnonzero(is_untold)
    order = np.lexsort((rows, columns))
    column, row, number = columns[order], rows[order], numbers[order]
    follows = (column[1:] == column[:-1]) & (row[1:] == row[:-1] + 1) & (number[1:] == number[:-1])
    begins = np.flatnonzero(np.append(True, ~follows))
    ends = np.append(begins[1:], len(order)) - 1
    heights = ends - begins + 1
    column, row, number = column[begins], row[begins], number[begins]
    across = np.lexsort((column, number, heights, row))
    # What [ ] mean may depend on the column.
    beside = (flags[order[begins]][across][1:] & BRACKETS) == 0
    for of in (row, heights, number):
        beside &= of[across][1:] == of[across][:-1]
    beside &= column[across][1:] == column[across][:-1] + 1
    lefts = np.flatnonzero(np.append(True, ~beside))
    rights = np.append(lefts[1:], len(across)) - 1
    in_order = np.lexsort((column[across[lefts]], row[across[lefts]]))
    first, last = across[lefts][in_order], across[rights][in_order]
    heads = order[begins[first]]
    return [
        (*places, *formulas.item(places[0])[:-1])
        for places in zip(
            heads.tolist(),
            order[ends[last]].tolist(),
            heights[first].tolist(),
            (rights - lefts + 1)[in_order].tolist(),
            strict=True,
        )
    ]


def _relative(filled: Filling) -> Iterator[str | tuple[str, int]]:
    """The pieces of a formula, its addresses as seen from its cell."""
    for piece in filled.pieces:
        match piece:
            case RowNumber(offset):
                yield "row", offset - filled.row
            case ColumnLetters(offset):
                yield "column", offset - filled.column
            case _:
                yield piece
