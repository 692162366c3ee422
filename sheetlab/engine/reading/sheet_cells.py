"""What the cells of a sheet hold, gathered column by column: constants, and formulas filled down.

People type a formula once and drag it, so cells whose formulas are one, filled down and right, are
a family.
"""

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.reading.plain_rows import (
    BRACKETS,
    FORMULA,
    SHARED,
    SHARES,
    UNTOLD,
    Records,
    alike,
    rectangles,
)
from sheetlab.engine.syntax.filling import Filling, filling
from sheetlab.errors import MalformedError
from sheetlab.files.cell_reading import CellFormula, unescaped
from sheetlab.files.cell_value import CellValue

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64 | np.int32]]
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

    Families of one workbook with the same `number` are filled from each other; -1 tells nothing.
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
    """All that the cells of one sheet hold, in no order.

    `seen` counts them, blank ones as well; if one of their rows may be hidden, the sheet `hides`.
    """

    constants: list[Constants] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    arrays: list[ArrayFormula] = field(default_factory=list)
    seen: int = 0
    hides: bool = False


def constants_of(column: int, first: int, values: Sequence[CellValue]) -> Constants:
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


class Part(NamedTuple):
    """Constants of one column from row `first` on, as `Constants` has them.

    `rows` are those in which they stand, None where each stands below the one before.
    """

    first: int
    numbers: Floats
    objects: Objects | None
    rows: Integers | None

    @property
    def all_rows(self) -> Integers:
        """The rows in which they stand."""
        if self.rows is None:
            return np.arange(self.first, self.first + len(self.numbers))
        return self.rows

    @property
    def reach(self) -> tuple[int, int]:
        """The first and the last of the rows."""
        if self.rows is None:
            return self.first, self.first + len(self.numbers) - 1
        return int(self.rows.min()), int(self.rows.max())


def _joined(parts: Sequence[Part]) -> Part:
    """Parts of one column as one."""
    if len(parts) == 1:
        return parts[0]
    objects = rows = None
    if any(part.objects is not None for part in parts):
        objects = np.concatenate(
            [
                np.empty(len(part.numbers), object) if part.objects is None else part.objects
                for part in parts
            ]
        )
    if (
        any(
            part.rows is not None or part.first + len(part.numbers) != below.first
            for part, below in pairwise(parts)
        )
        or parts[-1].rows is not None
    ):
        rows = np.concatenate([part.all_rows for part in parts])
    return Part(parts[0].first, np.concatenate([part.numbers for part in parts]), objects, rows)


def _has_objects(part: Part) -> bool:
    return part.objects is not None


def _stretches(column: int, parts: Sequence[Part], *, alone: bool) -> Iterator[Constants]:
    """The constants of a column, with the blanks between if nothing else stands there."""
    if len(parts) > 1 and all(above.reach[1] < part.reach[0] for above, part in pairwise(parts)):
        of_one_kind = [list(found) for _, found in groupby(parts, _has_objects)]
        if len(of_one_kind) > 1:
            for found in of_one_kind:
                yield from _stretches(column, found, alone=alone)
            return
    first, numbers, objects, rows = _joined(parts)
    if rows is None:
        yield Constants(column, first, numbers, objects)
        return
    steps = np.diff(rows)
    if (steps < 1).any():
        order = np.argsort(rows, kind="stable")
        rows, numbers = rows[order], numbers[order]
        objects = None if objects is None else objects[order]
        steps = np.diff(rows)
    count = int(rows[-1] - rows[0]) + 1
    if alone and count < _SPARSE * len(rows) and (steps > 0).all():
        places = rows - rows[0]
        spread = np.full(count, np.nan)
        spread[places] = numbers
        spread_objects = None
        if objects is not None:
            spread_objects = np.empty(count, object)
            spread_objects[places] = objects
        yield Constants(column, int(rows[0]), spread, spread_objects)
        return
    edges = np.flatnonzero(steps != 1) + 1
    for begin, end in pairwise((0, *edges.tolist(), len(rows))):
        part = slice(begin, end)
        yield Constants(
            column, int(rows[begin]), numbers[part], None if objects is None else objects[part]
        )


# Fewer cells are sooner looked at one by one.
_FEW = 16
# A formula that stands in no plain row.
_PARSED = 1 << 15

# What is left of a formula without these is the same in all cells that it is filled into.
_ADDRESSES = str.maketrans("", "", f"{string.ascii_letters}{string.digits}#!")


@dataclass(slots=True)
class KnownFormulas:
    """What is known of the formulas of a workbook, whose sheets often hold the same.

    `numbers` is what `alike` told; of the formulas with a number that is `filled`, two were
    compared.
    """

    numbers: dict[object, int] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)


class Gathering:
    """Takes in the cells of a sheet as they come, one by one or many as arrays."""

    def __init__(self, size: int, known: KnownFormulas) -> None:
        """Gather the cells of a sheet whose XML has so many bytes."""
        self.seen, self.hides = 0, False
        self._cells = SheetCells()
        # What is shared is short in the file only.
        self._room = _LEAST_TEXT + _TEXT_PER_BYTE * size
        # The formulas that others share, and which of them a group has now.
        self._fillings: list[Filling] = []
        self._groups: dict[str, int] = {}
        # Column, row, and the place of the formula that is shared; and those of many cells at once.
        self._sharing: list[tuple[int, int, int]] = []
        self._sharing_parts: list[Integers] = []
        # Column, row and text of formulas, and those of plain rows with the XML that has them.
        self._formulas: list[tuple[int, int, str]] = []
        self._plain: list[Records] = []
        self._xml = b""
        self._known = known
        # The families that were put together last, by column, width and the row below them.
        self._above: dict[tuple[int, int, int], Family] = {}
        self._values: dict[int, list[tuple[int, CellValue]]] = {}
        self._constants: dict[int, list[Part]] = {}

    def value(self, column: int, row: int, value: CellValue) -> None:
        """Take in a constant."""
        self._values.setdefault(column, []).append((row, value))

    def constants(self, column: int, part: Part) -> None:
        """Take in constants of one column."""
        self._constants.setdefault(column, []).append(part)

    def formula(self, column: int, row: int, text: str) -> None:
        """Take in a formula without its `=`."""
        self._formulas.append((column, row, text))

    def plain_formulas(self, xml: bytes, formulas: Records) -> None:
        """Take in the formulas of plain rows, which are all of the same XML."""
        self._xml = xml
        flags = formulas["flags"]
        is_shared = (flags & (SHARED | SHARES)).astype(bool)
        if is_shared.any():
            self._plain_shared(xml, formulas[is_shared])
            formulas = formulas[~is_shared]
        if len(formulas):
            self._plain.append(formulas)

    def _plain_shared(self, xml: bytes, formulas: Records) -> None:
        # Between two formulas that are shared from there on, each group has the same.
        edges = np.flatnonzero(formulas["flags"] & SHARED)
        for begin, end in pairwise((0, *edges.tolist(), len(formulas))):
            cells = formulas[begin:end]
            if len(cells) and cells[0]["flags"] & SHARED:
                _, start, length, row, column, _, group = cells[0].tolist()
                self.share(str(group), unescaped(xml[start : start + length]), row, column)
            if len(cells) < _FEW:
                for _, _, _, row, column, _, group in cells.tolist():
                    self.shared_formula(str(group), column, row)
                continue
            groups, which = np.unique(cells["group"], return_inverse=True)
            places = [self._groups.get(str(group), -1) for group in groups.tolist()]
            sharing = np.empty((len(cells), 3), np.int64)
            sharing[:, 0], sharing[:, 1] = cells["column"], cells["row"]
            sharing[:, 2] = np.array(places)[which]
            if -1 in places:
                missing = cells[np.argmin(sharing[:, 2])]
                self.shared_formula(str(missing["group"]), missing["column"], missing["row"])
            self._sharing_parts.append(sharing)

    def share(self, group: str, text: str, row: int, column: int) -> None:
        """Keep the formula of a cell for others that share it."""
        self._groups[group] = len(self._fillings)
        self._fillings.append(filling("=" + text, row, column))

    def shared_formula(self, group: str, column: int, row: int) -> None:
        """Take in a formula that a cell shares with another.

        Raises `MalformedError` where none of that name came before.
        """
        if group not in self._groups:
            raise MalformedError("no_shared_formula", index=group, row=row)
        self._sharing.append((column, row, self._groups[group]))

    def array(self, column: int, row: int, formula: CellFormula, *, spills: bool) -> None:
        """Take in an array formula or a data table. Raises what `CellFormula.area` does."""
        top, left, bottom, right = formula.area(row, column)
        rows, columns = bottom - top + 1, right - left + 1
        self._cells.arrays.append(
            ArrayFormula(top, left, rows, columns, "=" + formula.text, spills)
        )

    def cells(self) -> SheetCells:
        """All that was taken in. Raises `MalformedError` where its formulas are too long."""
        self._put_together_shared()
        self.put_together()
        self._put_together_constants()
        self._cells.seen, self._cells.hides = self.seen, self.hides
        return self._cells

    def _put_together_constants(self) -> None:
        for column, found in self._values.items():
            rows, values = zip(*found, strict=True)
            made = constants_of(column, rows[0], values)
            self.constants(column, Part(made.first, made.numbers, made.objects, np.array(rows)))
        self._values.clear()
        with_formulas: set[int] = set()
        for family in self._cells.families:
            with_formulas.update(range(family.column, family.column + family.width))
        for column, parts in self._constants.items():
            alone = column not in with_formulas
            self._cells.constants.extend(_stretches(column, parts, alone=alone))
        self._constants.clear()

    def _put_together_shared(self) -> None:
        """Make families of the cells that share formulas."""
        if self._sharing:
            self._sharing_parts.append(np.array(self._sharing, np.int64))
        if not self._sharing_parts:
            return
        sharing = np.concatenate(self._sharing_parts)
        records = np.zeros(len(sharing), FORMULA)
        records["column"], records["row"], records["number"] = sharing.T
        bracketed = np.array(["[" in shared.at(1, 1) for shared in self._fillings])
        records["flags"] = bracketed[records["number"]] * BRACKETS
        for _, _, count, width, number, _, _, first, column, _ in rectangles(records):
            shared = self._fillings[number]
            text = shared.at(first, column)
            if _OFF_SHEET not in text + shared.at(first + count - 1, column + width - 1):
                self._add(Family(column, first, count, text, width))
                continue
            for right in range(column, column + width):
                for row in range(first, first + count):
                    text = shared.at(row, right)
                    self._take(len(text))
                    self._formulas.append((right, row, text.removeprefix("=")))
        self._sharing.clear()
        self._sharing_parts.clear()

    def put_together(self) -> None:
        """Make families of the formulas that were taken in so far, up to the end of a row."""
        if not (self._formulas or self._plain):
            return
        parts = self._plain
        if self._formulas:
            parsed = alike(self._formulas, self._known.numbers).copy()
            parsed["flags"] |= _PARSED
            parts = [*parts, parsed]
        records = np.concatenate(parts) if len(parts) > 1 else parts[0]
        families: list[Family] = []
        untold: set[int] = set()
        for found in rectangles(records):
            head, last, count, width, number, start, length, first, column, flags = found
            text = self._text(start, length, flags)
            if flags & UNTOLD:
                untold.add(len(families))
            elif head != last and number not in self._known.filled:
                _, start, length, _, _, flags_of_last, _ = records.item(last)
                other = self._text(start, length, flags_of_last)
                if not _goes_on(text, first, column, other, first + count - 1, column + width - 1):
                    families += self._one_by_one(records, first, column, count, width)
                    continue
                self._known.filled.add(number)
            told = -1 if flags & (UNTOLD | BRACKETS) else number
            families.append(Family(column, first, count, text, width, told))
        self._formulas.clear()
        self._plain.clear()
        last_ones, self._above = self._above, {}
        for place, family in enumerate(families):
            key = family.column, family.width, family.first
            above = last_ones.get(key) or (self._above.get(key) if place in untold else None)
            if above is not None and _goes_on(
                above.text, above.first, above.column, family.text, family.first, family.column
            ):
                above.count += family.count
            else:
                self._add(family)
                above = family
            self._above[family.column, family.width, above.first + above.count] = above

    def _one_by_one(
        self, records: Records, top: int, left: int, count: int, width: int
    ) -> Iterator[Family]:
        """A family for each cell of a rectangle: what is no formula is filled as it stands."""
        rows, columns = records["row"], records["column"]
        inside = (columns >= left) & (columns < left + width) & (rows >= top) & (rows < top + count)
        for _, start, length, row, column, flags, _ in records[inside].tolist():
            yield Family(column, row, 1, self._text(start, length, flags))

    def _text(self, start: int, length: int, flags: int) -> str:
        """The formula of a record, with its `=`; the flags tell where it stands."""
        if flags & _PARSED:
            return "=" + self._formulas[start][2]
        return "=" + unescaped(self._xml[start : start + length])

    def _add(self, family: Family) -> None:
        self._take(len(family.text))
        self._cells.families.append(family)

    def _take(self, length: int) -> None:
        self._room -= length
        if self._room < 0:
            raise MalformedError("shared_formulas_too_long")


def _goes_on(text: str, row: int, column: int, other: str, its_row: int, its_column: int) -> bool:
    """Whether filling the formula of one cell into another cell gives what that says."""
    if text.translate(_ADDRESSES) != other.translate(_ADDRESSES):
        return False
    return filling(text, row, column).at(its_row, its_column) == other
