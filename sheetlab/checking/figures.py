"""Printed figures: sheet, reference and slide, held against each other by status."""

import math
from dataclasses import dataclass

from sheetlab.checking.agreement import TOLERANCE, Expected, agree
from sheetlab.checking.engines import CellValues
from sheetlab.checking.subject import Subject
from sheetlab.engine import CellError, CellValue
from sheetlab.ledger import Figure, round_half_up

# Printed numbers are decimal, floats are not: far below any decimal that a slide prints.
SAME_PRINT = 1e-9


@dataclass(frozen=True)
class FigureResult:
    """One printed figure: what the sheet and the reference say, and whether its status holds."""

    figure: Figure
    computed: CellValue | None
    reference: Expected | None
    cell: str | None
    ok: bool


def check_figures(subject: Subject, values: CellValues) -> list[FigureResult]:
    """A result for each figure of the lesson; none where the inputs are not the slide's."""
    return [_check(subject, figure, values) for figure in subject.figures]


def _check(subject: Subject, figure: Figure, values: CellValues) -> FigureResult:
    cells, references = subject.cells[figure.quantity], subject.reference[figure.quantity]
    if figure.index >= min(len(cells), len(references)):
        return FigureResult(figure, None, None, None, ok=False)
    cell, reference = cells[figure.index], references[figure.index]
    computed = values.get(cell)
    holds = agree(computed, reference) and _status_holds(subject, figure, values, computed)
    return FigureResult(figure, computed, reference, "!".join(cell), holds)


def _status_holds(
    subject: Subject, figure: Figure, values: CellValues, computed: CellValue | None
) -> bool:
    match figure.status:
        case "match" | "mislabelled":
            return prints_as(computed, figure)
        case "round-off":
            noise = isinstance(computed, float) and isinstance(figure.value, float)
            return noise and abs(computed - figure.value) <= TOLERANCE  # type: ignore[operator]
        case "carried":
            quantity = f"{figure.quantity}_rounded"
            carried = values.get(subject.cells[quantity][figure.index])
            stands = agree(carried, subject.reference[quantity][figure.index])
            return stands and prints_as(carried, figure) and not prints_as(computed, figure)
        case "erratum":
            return not prints_as(computed, figure)


def prints_as(computed: CellValue | None, figure: Figure) -> bool:
    """Whether the value, rounded half up to the printed decimals, is the printed figure."""
    printed = figure.value
    if isinstance(printed, str):
        return computed == printed
    if math.isnan(printed):
        return isinstance(computed, CellError)
    if not isinstance(computed, int | float):
        return False
    return abs(round_half_up(computed, figure.decimals) - printed) < SAME_PRINT
