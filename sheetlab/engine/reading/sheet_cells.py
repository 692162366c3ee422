"""What the cells of a sheet hold, gathered column by column: constants, and formulas filled down.

People type a formula once and drag it, so cells whose formulas are one, filled down or right, are
a family; it is told by the text that filling would give.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sheetlab.engine.syntax.filling import Filling, filling
from sheetlab.errors import MalformedError
from sheetlab.files.cell_reading import CellFormula
from sheetlab.files.cell_value import CellValue

Floats = np.ndarray[Any, np.dtype[np.float64]]
Objects = np.ndarray[Any, np.dtype[np.object_]]

_OFF_SHEET = "#REF!"
# How much text the formulas of a sheet may come to where they are not filled down.
_LEAST_TEXT, _TEXT_PER_BYTE = 4_000_000, 4


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
    """A formula filled down one column from row `first`: `count` cells, `text` as in the first.

    `beside` is a family further to the left from which it was filled right.
    """

    column: int
    first: int
    count: int
    text: str
    beside: "Family | None" = None


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


def text_constants(column: int, first: int, values: list[str]) -> Constants:
    """Texts that follow each other down a column from row `first`."""
    objects = np.empty(len(values), object)
    objects[:] = values
    return Constants(column, first, np.full(len(values), np.nan), objects)


# What is left of a formula without these is the same in all cells that it is filled into.
_ADDRESSES = str.maketrans("", "", f"{string.ascii_letters}{string.digits}#!")


@dataclass(slots=True)
class Filled:
    """The last family of a column, and its formula as it can be filled on."""

    family: Family
    filling: Filling | None = None
    _text_at: Callable[[int], str] | None = None

    def says(self, text: str, row: int, column: int) -> bool:
        """Whether filling it into a cell gives some text."""
        family = self.family
        if self.filling is None:
            if text.translate(_ADDRESSES) != family.text.translate(_ADDRESSES):
                return False
            self.filling = filling(family.text, family.first, family.column)
        if column != family.column or family.count == 1:
            # Few formulas are filled down only to the next cell.
            return self.filling.at(row, column) == text
        if self._text_at is None:
            self._text_at = self.filling.down(column)
        return self._text_at(row) == text


class Gathering:
    """Takes in cells row by row, those of a row from the left, or stretches of a column at once."""

    def __init__(self, size: int) -> None:
        """Gather the cells of a sheet whose XML has so many bytes."""
        self.cells = SheetCells()
        # What is shared is short in the file only.
        self._room = _LEAST_TEXT + _TEXT_PER_BYTE * size
        self._shared: dict[str, Filling] = {}
        self._filled: dict[int, Filled] = {}
        # The values that follow each other in a column, and the row of the first.
        self._values: dict[int, tuple[int, list[CellValue]]] = {}

    def value(self, column: int, row: int, value: CellValue) -> None:
        """Take in a constant; `pack` makes it one of the cells."""
        known = self._values.get(column)
        if known is not None and known[0] + len(known[1]) == row:
            known[1].append(value)
            return
        if known is not None:
            self.cells.constants.append(constants_of(column, *known))
        self._values[column] = (row, [value])

    def pack(self) -> None:
        """Put the constants that came one by one into arrays."""
        for column, (first, values) in self._values.items():
            self.cells.constants.append(constants_of(column, first, values))
        self._values.clear()

    def formula(self, column: int, first: int, count: int, text: str) -> None:
        """Take in a formula filled down; one that goes on from the cell above joins it.

        Formulas come row by row, and those of a row from the left.
        """
        above, left = self._filled.get(column), self._filled.get(column - 1)
        follows = above is not None and above.family.first + above.family.count == first
        if above is not None and follows and above.says(text, first, column):
            above.family.count += count
            return
        filled = self._begin(Family(column, first, count, text))
        if left is not None and left.family.first == first and left.says(text, first, column):
            filled.family.beside = left.family.beside or left.family
            filled.filling = left.filling

    def share(self, group: str, text: str, row: int, column: int) -> None:
        """Keep the formula of a cell for others that share it."""
        self._shared[group] = filling(text, row, column)

    def is_shared(self, group: str) -> bool:
        """Whether there is a formula that cells can share by this name."""
        return group in self._shared

    def shared_formula(self, group: str, column: int, first: int, count: int) -> None:
        """Take in a formula that cells share with another, filled down.

        Raises `MalformedError` where none of that name came before.
        """
        shared = self._shared.get(group)
        if shared is None:
            raise MalformedError("no_shared_formula", index=group, row=first)
        above, left = self._filled.get(column), self._filled.get(column - 1)
        follows = above is not None and above.family.first + above.family.count == first
        if above is not None and follows and above.filling == shared:
            above.family.count += count
            return
        text = shared.at(first, column)
        if _OFF_SHEET in text:
            self.formula(column, first, count, text)
            return
        filled = self._begin(Family(column, first, count, text))
        filled.filling = shared
        if left is not None and left.family.first == first and left.filling is shared:
            filled.family.beside = left.family.beside or left.family

    def array(self, column: int, row: int, formula: CellFormula, *, spills: bool) -> None:
        """Take in an array formula or a data table. Raises what `CellFormula.area` does."""
        top, left, bottom, right = formula.area(row, column)
        rows, columns = bottom - top + 1, right - left + 1
        self.cells.arrays.append(ArrayFormula(top, left, rows, columns, "=" + formula.text, spills))

    def _begin(self, family: Family) -> Filled:
        self._room -= len(family.text)
        if self._room < 0:
            raise MalformedError("shared_formulas_too_long")
        self.cells.families.append(family)
        filled = self._filled[family.column] = Filled(family)
        return filled
