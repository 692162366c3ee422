"""What a formula can see of its workbook while it is calculated."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from sheetlab.engine.budget import Budget
from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellValue

Positions = np.ndarray[Any, np.dtype[np.int64]]


class Source(Protocol):
    """The cells, names and clock that an interpreter asks.

    `value` and `values` may raise an exception of the engine's own where a cell is not calculated
    yet; the interpreter lets it pass, and is started anew afterwards.
    """

    @property
    def random(self) -> "np.random.Generator":
        """Where RAND and its kin draw from."""

    @property
    def date_1904(self) -> bool:
        """Whether day 0 of the workbook is 1904-01-01."""

    @property
    def budget(self) -> Budget:
        """What the formulas may still cost."""

    def value(self, address: Address) -> CellValue | None:
        """The value of one cell, None where it is blank."""

    def values(self, cells: CellRange) -> Array:
        """The values of a range, float64 where all are numbers, else objects, None for blanks."""

    def filled(self, cells: CellRange) -> tuple[Positions, Array]:
        """The cells of a range that are not blank, row by row: their positions and values.

        Both have one axis; values that are all numbers may be float64. A position counts the cells
        of the range from 0, row by row.
        """

    def used(self, cells: CellRange) -> CellRange:
        """The range, cut to the used cells of its sheet where it runs to the sheet's end."""

    def spilled(self, address: Address) -> CellRange | None:
        """All cells that the formula in one cell fills; None where none stands there."""

    def formula(self, address: Address) -> str | None:
        """The formula that fills a cell, as Excel shows it."""

    def subtotals(self, cells: CellRange) -> tuple[Positions, Positions]:
        """Rows and columns of the cells of a range whose formulas ask for SUBTOTAL or AGGREGATE.

        They come column by column, downwards.
        """

    def hidden_rows(self, cells: CellRange, *, by_filter: bool) -> Positions:
        """The rows of a range that are hidden, in any way, or else by a filter, downwards."""

    def phonetic(self, address: Address) -> str | None:
        """How the text in a cell is read aloud, as an input method left it; None if none did."""

    def pivot_cell(
        self, cells: CellRange, data: str, wanted: Sequence[tuple[str, Scalar]]
    ) -> Address | None:
        """Where the pivot table that has any of some cells shows a value of its `data`.

        It is the value of the items that are `wanted`, by field; None where it is not shown.
        """

    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets, in the order of the tabs."""

    def parse_reference(self, text: str, home: Address) -> Expression | None:
        """What a text such as "Data!B2:B9" or a name means to a cell; None where it is none."""

    def named_lambda(self, name: str, sheet: str) -> Expression | None:
        """The LAMBDA that a defined name stands for, as seen from a sheet."""

    def unknown_function(self, name: str) -> None:
        """Take note of a function that nothing supplies."""

    def over_limit(self, limit: str, home: Address) -> None:
        """Take note of a formula that would take more than a limit allows."""
