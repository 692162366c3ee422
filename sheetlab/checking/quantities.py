"""Quantities: every cell of each against the reference."""

import math
from dataclasses import dataclass

from sheetlab.checking.agreement import TOLERANCE, agree, difference
from sheetlab.checking.engines import CellValues
from sheetlab.checking.subject import CellAddress, Subject


@dataclass(frozen=True)
class QuantityResult:
    """How one engine's values of one quantity compare with the reference.

    `max_error` is the largest difference, absolute or relative, whichever is smaller; inf where
    the kinds or the counts differ. `worst_cell` is where it stands.
    """

    lesson: str
    quantity: str
    cells: int
    engine: str
    max_error: float
    worst_cell: str | None

    @property
    def ok(self) -> bool:
        """Whether all cells agree with the reference."""
        return self.max_error <= TOLERANCE


def check_quantities(subject: Subject, engine: str, values: CellValues) -> list[QuantityResult]:
    """A result for each quantity of the lesson, by the values that `engine` gives."""
    return [_check(subject, quantity, engine, values) for quantity in subject.cells]


def disagreeing_cells(subject: Subject, values: CellValues) -> dict[str, set[CellAddress]]:
    """The cells that are not worth what the reference says, of each quantity that has any.

    A quantity that has not as many cells as the reference has values is there as well.
    """
    found: dict[str, set[CellAddress]] = {}
    for quantity, cells in subject.cells.items():
        reference = subject.reference[quantity]
        pairs = zip(cells, reference, strict=False)
        wrong = {cell for cell, expected in pairs if not agree(values.get(cell), expected)}
        if wrong or len(cells) != len(reference):
            found[quantity] = wrong
    return found


def _check(subject: Subject, quantity: str, engine: str, values: CellValues) -> QuantityResult:
    cells, expected = subject.cells[quantity], subject.reference[quantity]
    worst, where = 0.0, None
    for cell, value in zip(cells, expected, strict=False):
        error = difference(values.get(cell), value)
        if error > worst:
            worst, where = error, "!".join(cell)
    if len(cells) != len(expected):
        worst = math.inf
    return QuantityResult(subject.lesson, quantity, len(cells), engine, worst, where)
