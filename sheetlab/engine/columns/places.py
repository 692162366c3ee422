"""The cells that a formula is calculated for at once: a rectangle, or some cells of one sheet."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine.cell_range import Address, CellRange

Integers = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Cells of one sheet, by row and column.

    In a rectangle `rows` has the shape (rows, 1) and `columns` (1, columns), both running on
    without gaps; else both have the shape (cells,).
    """

    sheet: str
    rows: Integers
    columns: Integers

    @staticmethod
    def rectangle(cells: CellRange) -> "Places":
        """All cells of a range."""
        return Places(
            cells.sheet,
            np.arange(cells.top, cells.bottom + 1).reshape(-1, 1),
            np.arange(cells.left, cells.right + 1).reshape(1, -1),
        )

    @property
    def is_rectangle(self) -> bool:
        """Whether they are all cells of a range."""
        return self.rows.ndim == 2

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of an array with an element for each cell."""
        if self.is_rectangle:
            return len(self.rows), self.columns.shape[1]
        return (len(self.rows),)

    def some(self, chosen: Integers) -> "Places":
        """Some of the cells, by their numbers, counted row by row."""
        if self.is_rectangle:
            rows, columns = np.divmod(chosen, self.columns.shape[1])
            return Places(self.sheet, self.rows[rows, 0], self.columns[0, columns])
        return Places(self.sheet, self.rows[chosen], self.columns[chosen])

    def addresses(self) -> list[Address]:
        """The cells, row by row."""
        rows, columns = np.broadcast_arrays(self.rows, self.columns)
        return [
            (self.sheet, row, column)
            for row, column in zip(rows.ravel().tolist(), columns.ravel().tolist(), strict=True)
        ]
