"""The values of a sheet's cells, by column, as arrays.

A run holds cells that follow each other down a column: a number in `numbers`, or NaN there and
what it is instead in `objects` (None for a blank). So a range of numbers is a slice; where many
columns beside each other have runs of the same rows, these are slices of one array, a slab.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from sheetlab.engine.values.arrays import spread
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellValue

Floats = np.ndarray[Any, np.dtype[np.float64]]
Objects = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(slots=True)
class Run:
    """Cells of one column from row `first` downwards; `objects` is None where all are numbers."""

    first: int
    numbers: Floats
    objects: Objects | None = None
    slab: "Slab | None" = None

    @property
    def end(self) -> int:
        """The row below the last."""
        return self.first + len(self.numbers)


@dataclass(slots=True)
class Slab:
    """The runs of the same rows of columns beside each other: `numbers` is of (columns, rows).

    It is `whole` as long as all of these are runs of the grid.
    """

    left: int
    top: int
    numbers: Floats
    whole: bool = True

    def holds(self, top: int, left: int, bottom: int, right: int) -> bool:
        """Whether all cells of a range are in it."""
        columns, rows = self.numbers.shape
        return (
            self.whole
            and left >= self.left
            and right < self.left + columns
            and top >= self.top
            and bottom < self.top + rows
        )

    def part(self, top: int, left: int, bottom: int, right: int) -> Floats:
        """The numbers of a range that it holds, by row and column."""
        columns = slice(left - self.left, right - self.left + 1)
        return self.numbers[columns, top - self.top : bottom - self.top + 1].T


class DoubleCellError(ValueError):
    """Two values for one cell, in `row` and `column`."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__(row, column)
        self.row = row
        self.column = column


# Cells of a column that are as far apart are read one by one.
_SPARSE = 64
# So many runs of a column are read sooner as one array.
_MANY_RUNS = 16
# So many numbers in a column need no room for what else might stand there.
_LONG = 2**16
# So many columns beside each other are worth a slab.
_WIDE = 8
_first = attrgetter("first")


class Grid:
    """The values of one sheet. Rows and columns count from 1; a cell in no run is blank."""

    def __init__(self, pieces: Iterable[tuple[int, Run]] = ()) -> None:
        """The grid of some pieces (column and run); `DoubleCellError` where two overlap."""
        by_column: dict[int, list[Run]] = {}
        for column, run in pieces:
            by_column.setdefault(column, []).append(run)
        self._columns = {
            column: _joined(column, runs) for column, runs in sorted(by_column.items())
        }
        self._writes: dict[int, int] = {}
        # The columns that hold, or held, anything but numbers.
        self._mixed = {
            column
            for column, runs in self._columns.items()
            if any(run.objects is not None for run in runs)
        }
        # Column, first row and the row below the last, while no column comes to have others.
        self._extents: Any = None
        for left, runs in _alike(self._columns):
            slab = Slab(left, runs[0].first, np.empty((len(runs), len(runs[0].numbers))))
            for run, numbers in zip(runs, slab.numbers, strict=True):
                numbers[:] = run.numbers
                run.numbers, run.slab = numbers, slab

    @property
    def last_row(self) -> int:
        """The last row that was ever used, at least 1."""
        return max((runs[-1].end - 1 for runs in self._columns.values()), default=1)

    @property
    def last_column(self) -> int:
        """The last column that was ever used, at least 1."""
        return max(self._columns, default=1)

    def value(self, row: int, column: int) -> Scalar:
        """The value of one cell, None where it is blank."""
        run = self._run_at(row, column)
        if run is None:
            return None
        offset = row - run.first
        number: float = run.numbers.item(offset)
        if number == number:  # NaN differs from itself.
            return number
        found: Scalar = None if run.objects is None else run.objects[offset]
        return found

    def table(self, top: int, left: int, bottom: int, right: int) -> Array:
        """The values of a range: float64 where all are numbers, else objects."""
        run = self._run_at(top, left)
        if run is not None and left == right and bottom < run.end:
            held = run.numbers[top - run.first : bottom + 1 - run.first]
            numbers = held.reshape(-1, 1).copy()
        elif run is not None and run.slab is not None and run.slab.holds(top, left, bottom, right):
            numbers = run.slab.part(top, left, bottom, right).copy("C")
        else:
            numbers = np.full((bottom - top + 1, right - left + 1), np.nan)
            for column in self._reaching(top, left, bottom, right):
                numbers[:, column - left] = self.numbers(column, top, bottom + 1)
        blank = np.isnan(numbers)
        if not blank.any():
            return numbers
        table = numbers.astype(object)
        table[blank] = None
        with_blanks: Any = blank.any(axis=0)
        for column in self._mixed_between(left, right):
            index = column - left
            for run in self._between(column, top, bottom + 1) if with_blanks[index] else ():
                if run.objects is not None:
                    low, high = max(top, run.first), min(bottom + 1, run.end)
                    rows = slice(low - top, high - top)
                    objects = run.objects[low - run.first : high - run.first]
                    other = blank[rows, index]
                    table[rows, index][other] = objects[other]
        return table

    def _slab_of(self, top: int, left: int, bottom: int, right: int) -> Slab | None:
        """The slab that holds all cells of a range."""
        run = self._run_at(top, left)
        slab = None if run is None else run.slab
        return slab if slab is not None and slab.holds(top, left, bottom, right) else None

    def _mixed_between(self, left: int, right: int) -> list[int]:
        """The columns from one to another that may hold anything but numbers."""
        if right - left < len(self._mixed):
            return [column for column in range(left, right + 1) if column in self._mixed]
        return [column for column in self._mixed if left <= column <= right]

    def _reaching(self, top: int, left: int, bottom: int, right: int) -> Sequence[int]:
        """The columns of a range that may have cells in its rows."""
        if right - left < _WIDE:
            return range(left, right + 1)
        if self._extents is None:
            held = [(column, runs[0].first, runs[-1].end) for column, runs in self._columns.items()]
            self._extents = np.array(held, np.int64).reshape(-1, 3)
        columns, firsts, ends = self._extents.T
        within = slice(*np.searchsorted(columns, (left, right + 1)))
        reaching = (firsts[within] <= bottom) & (ends[within] > top)
        found: list[int] = columns[within][reaching].tolist()
        return found

    def numbers(self, column: int, first: int, end: int) -> Floats:
        """The numbers of a column from row `first` to before `end`, NaN for all else.

        The array is the grid's own where one run holds it all: it must not be written to.
        """
        runs = self._between(column, first, end)
        if len(runs) == 1 and runs[0].first <= first and runs[0].end >= end:
            run = runs[0]
            return run.numbers[first - run.first : end - run.first]
        numbers = np.full(end - first, np.nan)
        for run in runs:
            low, high = max(first, run.first), min(end, run.end)
            numbers[low - first : high - first] = run.numbers[low - run.first : high - run.first]
        return numbers

    def blanks(self, column: int, first: int, end: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which cells of a column from row `first` to before `end` are blank."""
        blank = np.ones(end - first, bool)
        for run in self._between(column, first, end):
            low, high = max(first, run.first), min(end, run.end)
            filled = ~np.isnan(run.numbers[low - run.first : high - run.first])
            if run.objects is not None:
                objects = run.objects[low - run.first : high - run.first]
                filled |= _is_not_blank(objects)
            blank[low - first : high - first] = ~filled
        return blank

    def write_numbers(self, column: int, first: int, numbers: Floats) -> None:
        """Put numbers into a column from row `first` downwards."""
        run = self._room(column, first, len(numbers))
        self._put(run, column, slice(first - run.first, first - run.first + len(numbers)), numbers)

    def write_table(self, top: int, left: int, values: np.ndarray[Any, Any]) -> None:
        """Put values of any kind into a range; a blank among them is 0, as cells show it."""
        height, width = values.shape
        bottom, right = top + height - 1, left + width - 1
        slab = self._slab_of(top, left, bottom, right)
        if values.dtype == np.float64 and slab is not None:
            slab.part(top, left, bottom, right)[:] = values
            for column in range(left, right + 1):
                self._writes[column] = self._writes.get(column, 0) + 1
            for column in self._mixed_between(left, right):
                run = self._run_at(top, column)
                if run is not None and run.objects is not None:
                    run.objects[top - run.first : bottom + 1 - run.first] = None
            return
        for index in range(width):
            run = self._room(left + index, top, height)
            self._put(
                run, left + index, slice(top - run.first, bottom + 1 - run.first), values[:, index]
            )

    def _put(self, run: Run, column: int, places: Any, values: np.ndarray[Any, Any]) -> None:
        """Put values of any kind into places of a run; a blank among them is 0."""
        if values.dtype == np.float64:
            run.numbers[places] = values
            if run.objects is not None:
                run.objects[places] = None
            return
        listed = values.tolist()
        run.numbers[places] = [
            value if type(value) is float else 0.0 if value is None else np.nan for value in listed
        ]
        if run.objects is None:
            run.objects = self._objects(column, len(run.numbers))
        run.objects[places] = [None if type(value) is float else value for value in listed]

    def write_cells(self, rows: Any, columns: Any, values: np.ndarray[Any, Any]) -> None:
        """Put values of any kind into some cells; a blank among them is 0, as cells show it."""
        for column, chosen in _by_column(columns):
            places, given = rows[chosen], values[chosen]
            run = self._run_over(places, column)
            if run is not None:
                self._writes[column] = self._writes.get(column, 0) + 1
                self._put(run, column, places - run.first, given)
                continue
            for row, value in zip(places.tolist(), given.tolist(), strict=True):
                self.write(row, column, 0.0 if value is None else value)

    def write(self, row: int, column: int, value: Scalar) -> None:
        """Put a value into one cell; None makes it blank."""
        run = self._run_at(row, column)
        if run is None:
            run = self._room(column, row, 1)
        else:
            self._writes[column] = self._writes.get(column, 0) + 1
        offset = row - run.first
        if type(value) is float:
            run.numbers[offset] = value
            if run.objects is not None:
                run.objects[offset] = None
            return
        if run.objects is None:
            if value is None and run.numbers[offset] != run.numbers[offset]:
                return
            run.objects = self._objects(column, len(run.numbers))
        run.numbers[offset] = np.nan
        run.objects[offset] = value

    def _objects(self, column: int, count: int) -> Objects:
        """Room for what is no number in a run of a column."""
        self._mixed.add(column)
        return np.empty(count, object)

    def version(self, left: int, right: int) -> tuple[tuple[int, int], ...]:
        """What tells whether a cell of some columns was written since it was asked before."""
        writes = self._writes
        if right - left > len(writes):
            return tuple(
                (column, count) for column, count in writes.items() if left <= column <= right
            )
        return tuple(
            (column, writes[column]) for column in range(left, right + 1) if column in writes
        )

    def gathered(self, rows: Any, columns: Any) -> np.ndarray[Any, Any]:
        """The values of some cells: float64 where all are numbers, else objects."""
        top, left, bottom, right = (
            int(one) for one in (rows.min(), columns.min(), rows.max(), columns.max())
        )
        slab = self._slab_of(top, left, bottom, right)
        if slab is not None and not self._mixed_between(left, right):
            held: Floats = slab.numbers[columns - slab.left, rows - slab.top]
            if not np.isnan(held).any():
                return held
        values: Array = np.empty(rows.shape)
        for column, chosen in _by_column(columns):
            found = self._scattered(rows[chosen], column)
            if found.dtype == object and values.dtype != object:
                values = values.astype(object)
            values[chosen] = found
        return values

    def _scattered(self, rows: Any, column: int) -> np.ndarray[Any, Any]:
        """The values of some cells of a column."""
        run = self._run_over(rows, column)
        if run is not None:
            places = rows - run.first
            numbers: Floats = run.numbers[places]
            other = np.isnan(numbers)
            if not other.any():
                return numbers
            found: Array = numbers.astype(object)
            found[other] = None if run.objects is None else run.objects[places[other]]
            return found
        low, high = int(rows.min()), int(rows.max())
        if high - low < _SPARSE * len(rows):
            table: Array = self.table(low, column, high, column)[:, 0]
            held: Array = table[rows - low]
            return held
        found = np.empty(len(rows), object)
        found[:] = [self.value(row, column) for row in rows.tolist()]
        return found

    def filled(self) -> Iterator[tuple[int, int, CellValue]]:
        """Row, column and value of each cell that is not blank, column by column."""
        for column, runs in self._columns.items():
            for run in runs:
                for row in range(run.first, run.end):
                    value = self.value(row, column)
                    if value is not None:
                        yield row, column, value

    def filled_in(
        self, top: int, left: int, bottom: int, right: int, before: Callable[[int], None]
    ) -> Iterator[tuple[Any, int, np.ndarray[Any, Any]]]:
        """Rows, column and values of the cells of a range that are not blank, run by run.

        The values are float64 where all are numbers, else objects. `before` is called with the
        number of cells of each run before they are looked at.
        """
        for column in self._columns:
            if not left <= column <= right:
                continue
            runs = self._between(column, top, bottom + 1)
            if len(runs) > _MANY_RUNS and all(run.objects is None for run in runs):
                yield _numbers_in(runs, top, bottom, column, before)
                continue
            for run in runs:
                part = slice(max(top, run.first) - run.first, min(bottom + 1, run.end) - run.first)
                values: np.ndarray[Any, Any] = run.numbers[part]
                before(len(values))
                is_filled = ~np.isnan(values)
                if run.objects is not None:
                    is_other = _is_not_blank(run.objects[part])
                    if is_other.any():
                        values = values.astype(object)
                        values[is_other] = run.objects[part][is_other]
                        is_filled |= is_other
                yield (
                    np.flatnonzero(is_filled) + (run.first + part.start),
                    column,
                    values[is_filled],
                )

    def _run_at(self, row: int, column: int) -> Run | None:
        """The run that holds a cell."""
        runs = self._columns.get(column)
        if not runs:
            return None
        run = runs[0] if len(runs) == 1 else runs[bisect_right(runs, row, key=_first) - 1]
        return run if 0 <= row - run.first < len(run.numbers) else None

    def _run_over(self, rows: Any, column: int) -> Run | None:
        """The run that holds all of some cells of a column."""
        run = self._run_at(int(rows.min()), column)
        return run if run is not None and rows.max() < run.end else None

    def _between(self, column: int, first: int, end: int) -> list[Run]:
        """The runs that have cells from row `first` to before `end`."""
        runs = self._columns.get(column, [])
        low = max(bisect_right(runs, first, key=_first) - 1, 0)
        found = []
        for run in runs[low:] if len(runs) < 64 else _from(runs, low):
            if run.first >= end:
                break
            if run.end > first:
                found.append(run)
        return found

    def _room(self, column: int, first: int, count: int) -> Run:
        """The run that holds some cells of a column, made where there is none."""
        self._writes[column] = self._writes.get(column, 0) + 1
        found = self._between(column, first, first + count)
        if len(found) == 1 and found[0].first <= first and found[0].end >= first + count:
            return found[0]
        self._extents = None
        if column not in self._columns:
            self._columns[column] = []
            self._columns = dict(sorted(self._columns.items()))
        runs = self._columns[column]
        low = min([first, *(run.first for run in found)])
        high = max([first + count, *(run.end for run in found)])
        room = Run(low, np.full(high - low, np.nan))
        if any(run.objects is not None for run in found):
            room.objects = self._objects(column, high - low)
        for run in found:
            place = slice(run.first - low, run.end - low)
            room.numbers[place] = run.numbers
            if run.objects is not None and room.objects is not None:
                room.objects[place] = run.objects
            if run.slab is not None:
                run.slab.whole = False
            runs.remove(run)
        insort(runs, room, key=_first)
        return room


def _numbers_in(
    runs: Sequence[Run], top: int, bottom: int, column: int, before: Callable[[int], None]
) -> tuple[Any, int, Floats]:
    """The rows of the numbers of some runs, the column, and the numbers."""
    firsts = np.array([max(top, run.first) for run in runs])
    ends = np.array([min(bottom + 1, run.end) for run in runs])
    total = int((ends - firsts).sum())
    before(total)
    _, rows = spread(firsts, ends)
    numbers = np.concatenate([run.numbers[max(top - run.first, 0) :] for run in runs])[:total]
    is_filled = ~np.isnan(numbers)
    return rows[is_filled], column, numbers[is_filled]


def _is_not_blank(objects: Objects) -> np.ndarray[Any, np.dtype[np.bool_]]:
    blank: Any = None
    found: np.ndarray[Any, np.dtype[np.bool_]] = np.not_equal(objects, blank)
    return found


def _from(runs: list[Run], low: int) -> Iterator[Run]:
    for index in range(low, len(runs)):
        yield runs[index]


def _by_column(columns: Any) -> Iterator[tuple[int, Any]]:
    """The columns of some cells, and which of the cells are in each."""
    first = int(columns[0])
    if (columns == first).all():
        yield first, slice(None)
        return
    order = np.argsort(columns, kind="stable")
    edges = np.flatnonzero(np.diff(columns[order])) + 1
    for chosen in np.split(order, edges):
        yield int(columns[chosen[0]]), chosen


def _alike(columns: dict[int, list[Run]]) -> Iterator[tuple[int, list[Run]]]:
    """Runs of the same rows of columns beside each other, with the first of the columns."""
    if len(columns) < _WIDE:
        return
    by_span: dict[tuple[int, int], list[tuple[int, Run]]] = {}
    for column, runs in columns.items():
        for run in runs:
            by_span.setdefault((run.first, run.end), []).append((column, run))
    for found in by_span.values():
        start = 0
        for end in range(1, len(found) + 1):
            if end == len(found) or found[end][0] != found[end - 1][0] + 1:
                if end - start >= _WIDE:
                    yield found[start][0], [run for _, run in found[start:end]]
                start = end


def _joined(column: int, runs: list[Run]) -> list[Run]:
    """The runs of a column in order, those that follow each other without a gap as one.

    Long runs of numbers stay apart from runs of other values.
    """
    runs.sort(key=_first)
    groups: list[list[Run]] = []
    mixed = False
    for run in runs:
        if groups and run.first < groups[-1][-1].end:
            raise DoubleCellError(run.first, column)
        has_objects = run.objects is not None
        if groups and run.first == groups[-1][-1].end:
            count = run.first - groups[-1][0].first if has_objects else len(run.numbers)
            if mixed == has_objects or count < _LONG:
                groups[-1].append(run)
                mixed |= has_objects
                continue
        groups.append([run])
        mixed = has_objects
    return [_one(group) for group in groups]


def _one(group: list[Run]) -> Run:
    if len(group) == 1:
        return group[0]
    numbers = np.concatenate([run.numbers for run in group])
    if all(run.objects is None for run in group):
        return Run(group[0].first, numbers)
    objects = np.empty(len(numbers), object)
    for run in group:
        if run.objects is not None:
            objects[run.first - group[0].first : run.end - group[0].first] = run.objects
    return Run(group[0].first, numbers, objects)
