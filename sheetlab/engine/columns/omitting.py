"""Cells of ranges that do not count: subtotals, hidden rows, errors."""

from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.block_index import BITS
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.functions.kernels import Omission
from sheetlab.engine.interpreter.source import Positions, Source
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.value import Array
from sheetlab.files.cell_value import CellError

_NONE: Positions = np.empty(0, np.int64)


class Omitting(NamedTuple):
    """Leaves out cells, as far as `source` tells which."""

    omission: Omission
    source: Source

    def table(self, values: Array, cells: CellRange) -> Array:
        """The values of a range, blank where they are left out."""
        is_out = self._left_out(cells)
        if is_out is not None:
            values = values.astype(object)
            values[is_out] = None
        if self.omission.errors and values.dtype == object:
            values = values.copy()
            values[_is_error(values)] = None
        return values

    def numbers(self, values: Array, cells: CellRange) -> Array:
        """The same, but NaN where they are left out of a range of numbers."""
        is_out = self._left_out(cells) if values.dtype == np.float64 else None
        return self.table(values, cells) if is_out is None else np.where(is_out, np.nan, values)

    def kept(self, values: Array, cells: CellRange) -> Array:
        """The values of a range that are not left out, one below the other."""
        is_out = self._left_out(cells)
        values = values.reshape(-1, 1) if is_out is None else values[~is_out].reshape(-1, 1)
        return without_errors(values) if self.omission.errors else values

    def scattered(self, values: Array, sheet: str, rows: Any, columns: Any) -> Array:
        """The values of some cells, of one axis, NaN or blank where they are left out."""
        cells = CellRange(
            sheet, int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())
        )
        is_out = _is_among(rows, self._hidden_rows(cells))
        of_rows, of_columns = self._subtotals(cells)
        is_out |= _is_among((columns << BITS) + rows, (of_columns << BITS) + of_rows)
        if values.dtype == np.float64:
            return np.where(is_out, np.nan, values)
        if self.omission.errors:
            is_out |= _is_error(values)
        values[is_out] = None
        return values

    def _left_out(self, cells: CellRange) -> Any:
        """Which cells of a range are left out, wherever errors are; None for none."""
        hidden = self._hidden_rows(cells)
        rows, columns = self._subtotals(cells)
        if not (len(hidden) or len(rows)):
            return None
        is_out = np.zeros(cells.shape, bool)
        is_out[hidden - cells.top] = True
        is_out[rows - cells.top, columns - cells.left] = True
        return is_out

    def _hidden_rows(self, cells: CellRange) -> Positions:
        if self.omission.hidden == "none":
            return _NONE
        return self.source.hidden_rows(cells, by_filter=self.omission.hidden == "filtered")

    def _subtotals(self, cells: CellRange) -> tuple[Positions, Positions]:
        return self.source.subtotals(cells) if self.omission.subtotals else (_NONE, _NONE)


def without_errors(values: Array) -> Array:
    """Those of some values that are no errors, one below the other."""
    if values.dtype != object:
        return values
    kept = values.ravel()[~_is_error(values).ravel()].tolist()
    return packed(kept, (len(kept), 1))


def _is_error(values: Array) -> Any:
    kinds = [type(value) is CellError for value in values.ravel().tolist()]
    return np.array(kinds, bool).reshape(values.shape)


def _is_among(numbers: Any, ascending: Any) -> Any:
    if not len(ascending):
        return np.zeros(len(numbers), bool)
    places = np.minimum(ascending.searchsorted(numbers), len(ascending) - 1)
    return ascending[places] == numbers
