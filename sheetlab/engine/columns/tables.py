"""Ranges that many formulas ask: their values, and indexes made of them once.

A table is made of the values of a range when it is first asked, and made anew when a cell of it
was written since. Its vectors answer where a value stands, in the time that a dictionary or a
sorted array takes.
"""

import functools
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import Column, elements, is_array
from sheetlab.engine.columns.criteria_index import CriteriaIndex
from sheetlab.engine.columns.omitting import Omitting
from sheetlab.engine.columns.ordered import RankedNumbers
from sheetlab.engine.functions.criteria import Texts, has_wildcards
from sheetlab.engine.functions.kernels import Floats, Omission
from sheetlab.engine.functions.lookup import (
    places_of,
    position_by_halving,
    position_in_ascending,
)
from sheetlab.engine.grid import Grid
from sheetlab.engine.interpreter.source import Source
from sheetlab.engine.values.value import Array
from sheetlab.files.cell_value import CellError

# So many ranges are kept with their indexes, and so many values of them.
_MOST_TABLES = 256
_MOST_VALUES = 2**24
_ABSENT = -1


class Vector:
    """A row or a column of values, and where each of them stands, counted from 0."""

    def __init__(self, values: Any) -> None:
        self.values = values
        self._patterns: dict[str, int] = {}

    @functools.cached_property
    def _list(self) -> list[Any]:
        budget.current().spend(len(self.values) / 4)
        values: list[Any] = self.values.tolist()
        return values

    @functools.cached_property
    def _sorted(self) -> tuple[Any, Any]:
        """The numbers in order, where all are numbers, and where each stands."""
        order = np.argsort(self.values, kind="stable")
        return self.values[order], order

    @functools.cached_property
    def _firsts(self) -> dict[type, dict[Any, int]]:
        return places_of(self._list, backwards=False)

    @functools.cached_property
    def _lasts(self) -> dict[type, dict[Any, int]]:
        return places_of(self._list, backwards=True)

    @property
    def is_numeric(self) -> bool:
        """Whether all values are numbers."""
        return bool(self.values.dtype == np.float64)

    def equal(self, wanted: Column, *, wildcards: bool, backwards: bool = False) -> Any:
        """Where the first, or backwards the last, value equals each wanted one; -1 for nowhere."""
        if self.is_numeric and is_array(wanted) and wanted.dtype == np.float64:
            return self._equal_numbers(wanted, backwards)
        places = self._lasts if backwards else self._firsts

        def position(value: Any) -> int:
            kind = type(value)
            if kind is str:
                if wildcards and has_wildcards(value):
                    return self._matching(value, backwards)
                value = value.lower()
            found = places.get(kind)
            return _ABSENT if found is None else found.get(value, _ABSENT)

        return _positions(position, wanted)

    @functools.cached_property
    def _by_value(self) -> Any:
        """Where values stand, those that are equal side by side: first place × size + place."""
        budget.current().run(4 * len(self.values))
        firsts = self.equal(self.values, wildcards=False)
        places = np.flatnonzero(firsts >= 0)
        return np.sort(firsts[places] * len(self.values) + places)

    def equal_within(self, wanted: Column, low: Any, high: Any, *, backwards: bool) -> Any:
        """The same among the values from each low place to before a high one, letter by letter."""
        size, keys = len(self.values), self._by_value
        firsts, low, high = np.broadcast_arrays(self.equal(wanted, wildcards=False), low, high)
        budget.current().run(firsts.size)
        if not len(keys):
            return np.full(firsts.shape, _ABSENT)
        start, end = firsts * size + low, firsts * size + np.minimum(high, size)
        at = np.searchsorted(keys, end) - 1 if backwards else np.searchsorted(keys, start)
        inside = (firsts >= 0) & (at >= 0) & (at < len(keys))
        found = keys[np.where(inside, at, 0)]
        return np.where(inside & (found >= start) & (found < end), found % size, _ABSENT)

    def _equal_numbers(self, wanted: Any, backwards: bool) -> Any:
        numbers, order = self._sorted
        if not len(numbers):
            return np.full(wanted.shape, _ABSENT)
        if backwards:
            place = np.searchsorted(numbers, wanted, side="right") - 1
        else:
            place = np.searchsorted(numbers, wanted, side="left")
        place = np.clip(place, 0, len(numbers) - 1)
        return np.where(numbers[place] == wanted, order[place], _ABSENT)

    @functools.cached_property
    def _texts(self) -> tuple[Texts, list[str]]:
        """The distinct texts, in small letters."""
        distinct = list(self._firsts.get(str, {}))
        return Texts(distinct), distinct

    def _matching(self, text: str, backwards: bool) -> int:
        """Where a text with wildcards is met; each pattern is tried on each distinct text once."""
        key = f"{backwards:d}{text}"
        if key not in self._patterns:
            texts, distinct = self._texts
            places = (self._lasts if backwards else self._firsts).get(str, {})
            found = [places[distinct[n]] for n in np.flatnonzero(texts.meant_by(text)).tolist()]
            self._patterns[key] = (max if backwards else min)(found, default=_ABSENT)
        return self._patterns[key]

    @functools.cached_property
    def _ascending(self) -> list[Any] | None:
        """The values as they are compared, where they are all of one kind and do ascend."""
        if len({type(value) for value in self._list}) != 1:
            return None
        values = self._list
        if type(values[0]) is str:
            values = [value.lower() for value in values]
        elif type(values[0]) is not float:
            return None
        if all(one <= other for one, other in itertools.pairwise(values)):
            return values
        return None

    def up_to(self, wanted: Column) -> Any:
        """Where halving finds the last value up to each wanted one, as in Excel; -1 for nowhere."""
        if self.is_numeric and is_array(wanted) and wanted.dtype == np.float64:
            return self._halved(wanted, descending=False)[0]
        ascending = self._ascending

        def position(value: Any) -> int:
            if ascending is not None and type(value) is type(self._list[0]):
                key = value.lower() if type(value) is str else value
                return bisect_right(ascending, key) - 1
            found = position_in_ascending(value, self.values)
            return _ABSENT if found is None else found

        return _positions(position, wanted)

    def halving(self, wanted: Column, matching: int, *, descending: bool) -> Any:
        """Where halving finds each wanted value, or else what is next to it; -1 for nowhere.

        `matching` is -1 for the one before in the order of values, 1 for the one after.
        """
        if self.is_numeric and is_array(wanted) and wanted.dtype == np.float64:
            smaller, larger = self._halved(wanted, descending=descending)
            if matching < 0 or not len(self.values):
                return smaller
            is_equal = (smaller >= 0) & (self.values[smaller] == wanted)
            return np.where(is_equal, smaller, larger if matching else _ABSENT)

        def position(value: Any) -> int:
            if value is None:
                return _ABSENT
            found = position_by_halving(value, self.values, matching, descending=descending)
            return _ABSENT if found is None else found

        return _positions(position, wanted)

    def _halved(self, wanted: Any, *, descending: bool) -> tuple[Any, Any]:
        """The same steps for all wanted numbers at a time: the last not above each, and above."""
        low = np.zeros(wanted.shape, np.intp)
        high = np.full(wanted.shape, len(self.values) - 1)
        smaller = np.full(wanted.shape, _ABSENT)
        larger = np.full(wanted.shape, _ABSENT)
        while True:
            going = low <= high
            if not going.any():
                return smaller, larger
            middle = (low + high) // 2
            is_above = self.values[np.where(going, middle, 0)] > wanted
            smaller = np.where(going & ~is_above, middle, smaller)
            larger = np.where(going & is_above, middle, larger)
            up = is_above == descending
            low = np.where(going & up, middle + 1, low)
            high = np.where(going & ~up, middle - 1, high)

    @functools.cached_property
    def _in_order(self) -> dict[type, tuple[list[Any], list[int]]]:
        """The values of each kind in order, as they are compared, and where each stands."""
        kinds: dict[type, list[tuple[Any, int]]] = {}
        for place, value in enumerate(self._list):
            key = value.lower() if type(value) is str else value
            if value is not None:
                kinds.setdefault(type(value), []).append((key, place))
        found: dict[type, tuple[list[Any], list[int]]] = {}
        for kind, pairs in kinds.items():
            if kind in (float, str, bool):
                pairs.sort()
                found[kind] = ([key for key, _ in pairs], [place for _, place in pairs])
        return found

    def nearest(self, wanted: Column, *, above: bool, backwards: bool) -> Any:
        """Where the value is that equals each wanted one, or else comes next to it."""

        def position(value: Any) -> int:
            known = self._in_order.get(type(value))
            if known is None:
                # A blank has nothing next to it, only blanks that equal it.
                same = (self._lasts if backwards else self._firsts).get(type(value), {})
                return same.get(value, _ABSENT)
            keys, places = known
            key = value.lower() if type(value) is str else value
            at = bisect_left(keys, key) if above else bisect_right(keys, key) - 1
            if not 0 <= at < len(keys):
                return _ABSENT
            first, last = bisect_left(keys, keys[at]), bisect_right(keys, keys[at]) - 1
            # Equal ones stand in the order of their places.
            return places[last if backwards else first]

        return _positions(position, wanted)


def _positions(position: Callable[[Any], int], wanted: Column) -> Any:
    """The position of each wanted value; an error is nowhere."""
    (values,), shape = elements((wanted,)) if is_array(wanted) else (([wanted],), ())
    found = [_ABSENT if type(value) is CellError else position(value) for value in values]
    return np.array(found, np.intp).reshape(shape)


class Table:
    """The values of a range, and the vectors in it."""

    def __init__(self, values: Array) -> None:
        self.values = values
        self._vectors: dict[tuple[str, int], Vector] = {}

    def column(self, number: int) -> Vector:
        """A column, counted from 0."""
        key = ("column", number)
        if key not in self._vectors:
            self._vectors[key] = Vector(_narrow(self.values[:, number]))
        return self._vectors[key]

    def row(self, number: int) -> Vector:
        """A row, counted from 0."""
        key = ("row", number)
        if key not in self._vectors:
            self._vectors[key] = Vector(_narrow(self.values[number]))
        return self._vectors[key]

    @functools.cached_property
    def line(self) -> Vector | None:
        """The only row or column; None where there are several of both."""
        if min(self.values.shape) > 1:
            return None
        return self.row(0) if self.values.shape[0] == 1 else self.column(0)

    @functools.cached_property
    def turned(self) -> "Table":
        """The same with its rows as columns."""
        return Table(self.values.T)

    @functools.cached_property
    def ranked(self) -> RankedNumbers:
        """The numbers, row by row, and in their order."""
        return RankedNumbers(self.values.ravel())

    @functools.cached_property
    def numbers(self) -> Floats:
        """The values that are numbers, NaN for any other."""
        if self.values.dtype == np.float64:
            return self.values
        listed = self.values.ravel().tolist()
        numbers = [value if type(value) is float else np.nan for value in listed]
        return np.array(numbers, np.float64).reshape(self.values.shape)

    @functools.cached_property
    def criteria(self) -> CriteriaIndex:
        """What finds the cells that meet a criterion."""
        return CriteriaIndex(self.values)


def _narrow(values: Any) -> Any:
    if values.dtype == np.float64:
        return np.ascontiguousarray(values)
    listed = values.tolist()
    if set(map(type, listed)) == {float}:
        return np.array(listed, np.float64)
    return values


class Tables:
    """The tables of a workbook's ranges, as long as no cell of them is written."""

    def __init__(self, grids: dict[str, Grid], omitting: Omitting | None = None) -> None:
        self._grids = grids
        self._omitting = omitting
        self._without: dict[Omission, Tables] = {}
        self._known: dict[CellRange, tuple[Any, Table]] = {}
        self._kept = 0

    def table(self, cells: CellRange) -> Table:
        """The table of a range whose cells are calculated."""
        grid = self._grids[cells.sheet]
        version = grid.version(cells.left, cells.right)
        known = self._known.get(cells)
        if known is not None and known[0] == version:
            return known[1]
        size = cells.shape[0] * cells.shape[1]
        self._kept += size
        if len(self._known) >= _MOST_TABLES or self._kept > _MOST_VALUES:
            self._known.clear()
            self._kept = size
        budget.current().reserve(size, numbers=True)
        # Each column is read by itself.
        budget.current().spend(cells.shape[1])
        values = grid.table(*cells[1:])
        if self._omitting is not None:
            values = self._omitting.table(values, cells)
        values.flags.writeable = False
        table = Table(values)
        self._known[cells] = (version, table)
        return table

    def numbers(self, cells: CellRange) -> Array:
        """The values of a range, which are not kept; NaN is left out among numbers."""
        values = self._grids[cells.sheet].table(*cells[1:])
        return values if self._omitting is None else self._omitting.numbers(values, cells)

    def scattered(self, sheet: str, rows: Any, columns: Any) -> Array:
        """The same of some cells, of one axis."""
        values = self._grids[sheet].gathered(rows, columns)
        if self._omitting is None:
            return values
        return self._omitting.scattered(values, sheet, rows, columns)

    def without(self, omission: Omission, source: Source) -> "Tables":
        """The tables in which some cells count as blank."""
        if omission not in self._without:
            self._without[omission] = Tables(self._grids, Omitting(omission, source))
        return self._without[omission]


class SheetCells(NamedTuple):
    """The cells of a sheet, as tables have them."""

    tables: Tables
    sheet: str

    def gathered(self, rows: Any, columns: Any) -> Array:
        """The values of some cells; see `Tables.scattered`."""
        return self.tables.scattered(self.sheet, rows, columns)
