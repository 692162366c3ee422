"""What the cells of a sheet hold, gathered column by column: constants, and formulas filled down.

People type a formula once and drag it, so cells whose formulas are one, filled down and right, are
a family.
"""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from sheetlab.engine.syntax.alike import Integers, alike
from sheetlab.engine.syntax.filling import Filling, filling
from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN
from sheetlab.files.cell_reading import CellFormula
from sheetlab.files.cell_value import CellValue

Floats = np.ndarray[Any, np.dtype[np.float64]]
Objects = np.ndarray[Any, np.dtype[np.object_]]

_OFF_SHEET = "#REF!"
# How much text the formulas of a sheet may come to where they are not filled down.
_LEAST_TEXT, _TEXT_PER_BYTE = 4_000_000, 4
# In a column with a value in so many rows, the others are kept as blanks.
_SPARSE = 16


@dataclass(slots=True)
class Constants:
    """Values in one column from `first` downwards.

    `objects` is None where all are numbers; else, where `numbers` is NaN, it holds the value.
    """

    column: int
    first: int
    numbers: Floats
    objects: Objects | None = None


@dataclass(slots=True)
class Family:
    """A formula filled down from row `first` and right from `column`; `text` as in the first cell.

    Families of one sheet with the same `number` are filled from each other; -1 tells nothing.
    """

    column: int
    first: int
    count: int
    text: str
    width: int = 1
    number: int = -1


@dataclass(slots=True)
class ArrayFormula:
    """A formula that fills a range; one that `spills` may fill more or fewer cells than that."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    spills: bool


@dataclass(slots=True)
class SheetCells:
    """All that the cells of one sheet hold, in no order."""

    constants: list[Constants] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    arrays: list[ArrayFormula] = field(default_factory=list)


def constants_of(column: int, first: int, values: list[CellValue]) -> Constants:
    """Values that follow each other down a column from row `first`."""
    if all(type(value) is float for value in values):
        return Constants(column, first, np.array(values, np.float64))
    numbers = np.full(len(values), np.nan)
    objects = np.empty(len(values), object)
    for index, value in enumerate(values):
        if type(value) is float:
            numbers[index] = value
        else:
            objects[index] = value
    return Constants(column, first, numbers, objects)


def scattered(
    column: int, rows: Integers, numbers: Floats, objects: Objects | None, *, alone: bool
) -> Iterator[Constants]:
    """Values in some rows of a column, in order, with the blanks between if it is `alone` there."""
    if alone and rows[-1] - rows[0] < _SPARSE * len(rows):
        places = rows - rows[0]
        spread = np.full(places[-1] + 1, np.nan)
        spread[places] = numbers
        spread_objects = None
        if objects is not None:
            spread_objects = np.empty(len(spread), object)
            spread_objects[places] = objects
        yield Constants(column, int(rows[0]), spread, spread_objects)
        return
    edges = np.flatnonzero(np.diff(rows) != 1) + 1
    for begin, end in pairwise((0, *edges.tolist(), len(rows))):
        part = slice(begin, end)
        yield Constants(
            column, int(rows[begin]), numbers[part], None if objects is None else objects[part]
        )


def text_constants(column: int, first: int, values: list[str]) -> Constants:
    """Texts that follow each other down a column from row `first`."""
    objects = np.empty(len(values), object)
    objects[:] = values
    return Constants(column, first, np.full(len(values), np.nan), objects)


# What is left of a formula without these is the same in all cells that it is filled into.
_ADDRESSES = str.maketrans("", "", f"{string.ascii_letters}{string.digits}#!")


class Gathering:
    """Takes in cells, those of lower rows later, or stretches of a column at once."""

    def __init__(self, size: int) -> None:
        """Gather the cells of a sheet whose XML has so many bytes."""
        self._cells = SheetCells()
        # What is shared is short in the file only.
        self._room = _LEAST_TEXT + _TEXT_PER_BYTE * size
        # The formulas that others share, and which of them a group has now.
        self._fillings: list[Filling] = []
        self._groups: dict[str, int] = {}
        # Column, first row and number of rows, and the formula of the first or the filling.
        self._formulas: list[tuple[int, int, int, str]] = []
        self._sharing: list[tuple[int, int, int, int]] = []
        self._numbers = 0
        # The families that were put together last, by column, width and the row below them.
        self._above: dict[tuple[int, int, int], Family] = {}
        # The values that follow each other in a column, and the row of the first.
        self._values: dict[int, tuple[int, list[CellValue]]] = {}

    def value(self, column: int, row: int, value: CellValue) -> None:
        """Take in a constant; those of a column come from above."""
        known = self._values.get(column)
        if known is not None and known[0] + len(known[1]) == row:
            known[1].append(value)
            return
        if known is not None:
            self._cells.constants.append(constants_of(column, *known))
        self._values[column] = (row, [value])

    def constants(self, constants: Constants) -> None:
        """Take in a stretch of constants."""
        self._cells.constants.append(constants)

    def formula(self, column: int, first: int, count: int, text: str) -> None:
        """Take in a formula filled down."""
        self._formulas.append((column, first, count, text))

    def share(self, group: str, text: str, row: int, column: int) -> None:
        """Keep the formula of a cell for others that share it."""
        self._groups[group] = len(self._fillings)
        self._fillings.append(filling(text, row, column))

    def is_shared(self, group: str) -> bool:
        """Whether there is a formula that cells can share by this name."""
        return group in self._groups

    def shared_formula(self, group: str, column: int, first: int, count: int) -> None:
        """Take in a formula that cells share with another, filled down.

        Raises `MalformedError` where none of that name came before.
        """
        if group not in self._groups:
            raise MalformedError("no_shared_formula", index=group, row=first)
        self._sharing.append((column, first, count, self._groups[group]))

    def array(self, column: int, row: int, formula: CellFormula, *, spills: bool) -> None:
        """Take in an array formula or a data table. Raises what `CellFormula.area` does."""
        top, left, bottom, right = formula.area(row, column)
        rows, columns = bottom - top + 1, right - left + 1
        self._cells.arrays.append(
            ArrayFormula(top, left, rows, columns, "=" + formula.text, spills)
        )

    def cells(self) -> SheetCells:
        """All that was taken in. Raises `MalformedError` where its formulas are too long."""
        for column, (first, values) in self._values.items():
            self._cells.constants.append(constants_of(column, first, values))
        self._values.clear()
        self._put_together_shared()
        self.put_together()
        return self._cells

    def _put_together_shared(self) -> None:
        """Make families of the cells that share formulas."""
        if not self._sharing:
            return
        columns, firsts, counts, numbers = np.array(self._sharing, np.int64).T
        # What [ ] mean depends on the cell.
        bracketed = np.array(["[" in shared.at(1, 1) for shared in self._fillings])
        kinds = numbers + bracketed[numbers] * columns * len(self._fillings)
        for head, _, count, width in _rectangles(columns, firsts, counts, kinds):
            column, first, _, number = self._sharing[head]
            shared = self._fillings[number]
            text = shared.at(first, column)
            if _OFF_SHEET not in text + shared.at(first + count - 1, column + width - 1):
                self._add(Family(column, first, count, text, width))
                continue
            for right in range(column, column + width):
                for row in range(first, first + count):
                    text = shared.at(row, right)
                    self._take(len(text))
                    self._formulas.append((right, row, 1, text))
        self._sharing.clear()

    def put_together(self) -> None:
        """Make families of the formulas that were taken in so far, up to the end of a row."""
        if not self._formulas:
            return
        places = np.array([formula[:3] for formula in self._formulas], np.int64)
        columns, firsts, counts = places.T
        texts = [text[1:] for _, _, _, text in self._formulas]
        numbers = alike(texts, firsts, columns)
        is_told = numbers >= 0
        # Those of which nothing is told are each by themselves; what [ ] mean depends on the cell.
        kinds = np.where(is_told, numbers, np.arange(len(numbers)) + len(numbers))
        bracketed = [place for place, text in enumerate(texts) if "[" in text and is_told[place]]
        kinds[bracketed] = (kinds[bracketed] + 1) * 2 * len(numbers) * MAX_COLUMN
        kinds[bracketed] += columns[bracketed]
        numbers[bracketed] = -1
        families: list[Family] = []
        untold: set[int] = set()
        for head, last, count, width in _rectangles(columns, firsts, counts, kinds):
            column, first, own, text = self._formulas[head]
            if not is_told[head]:
                untold.add(len(families))
            elif head != last and not self._fills(head, last):
                # What is no formula is filled as it stands.
                inside = (columns >= column) & (columns < column + width)
                inside &= (firsts >= first) & (firsts < first + count)
                for one in np.flatnonzero(inside).tolist():
                    column, first, own, text = self._formulas[one]
                    families.append(Family(column, first, own, text))
                continue
            number = int(numbers[head])
            families.append(
                Family(column, first, count, text, width, number + self._numbers)
                if number >= 0
                else Family(column, first, count, text)
            )
        self._numbers += len(numbers)
        self._formulas.clear()
        last_ones, self._above = self._above, {}
        for place, family in enumerate(families):
            key = family.column, family.width, family.first
            above = last_ones.get(key) or (self._above.get(key) if place in untold else None)
            if above is not None and goes_on(
                above.text, above.first, above.column, family.text, family.first, family.column
            ):
                above.count += family.count
            else:
                self._add(family)
                above = family
            self._above[family.column, family.width, above.first + above.count] = above

    def _fills(self, one: int, other: int) -> bool:
        """Whether filling one of the formulas gives the other, as it does where both are any."""
        (column, row, _, text), (its_column, its_row, _, its_text) = (
            self._formulas[place] for place in (one, other)
        )
        return goes_on(text, row, column, its_text, its_row, its_column)

    def _add(self, family: Family) -> None:
        self._take(len(family.text))
        self._cells.families.append(family)

    def _take(self, length: int) -> None:
        self._room -= length
        if self._room < 0:
            raise MalformedError("shared_formulas_too_long")


def _rectangles(
    columns: Integers, firsts: Integers, counts: Integers, numbers: Integers
) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of one number that lie below and beside each other, as rectangles.

    Gives the place of the first and of the last stretch, and how many rows and columns; those
    further up and left come first.
    """
    order = np.lexsort((firsts, columns))
    column, first, count, number = (of[order] for of in (columns, firsts, counts, numbers))
    follows = (column[1:] == column[:-1]) & (first[1:] == (first + count)[:-1])
    follows &= number[1:] == number[:-1]
    begins = np.flatnonzero(np.append(True, ~follows))
    ends = np.append(begins[1:], len(order)) - 1
    height = np.add.reduceat(count, begins)
    column, first, number = column[begins], first[begins], number[begins]
    across = np.lexsort((column, number, height, first))
    beside = np.ones(len(across) - 1, bool)
    for of in (first, height, number):
        beside &= of[across][1:] == of[across][:-1]
    beside &= column[across][1:] == column[across][:-1] + 1
    lefts = np.flatnonzero(np.append(True, ~beside))
    rights = np.append(lefts[1:], len(across)) - 1
    found = across[lefts]
    in_order = np.lexsort((column[found], first[found]))
    for place in in_order.tolist():
        begin, end = across[lefts[place]], across[rights[place]]
        width = int(rights[place] - lefts[place]) + 1
        yield int(order[begins[begin]]), int(order[ends[end]]), int(height[begin]), width


def goes_on(text: str, row: int, column: int, other: str, its_row: int, its_column: int) -> bool:
    """Whether filling the formula of one cell into another cell gives what that says."""
    if text.translate(_ADDRESSES) != other.translate(_ADDRESSES):
        return False
    return filling(text, row, column).at(its_row, its_column) == other
