"""Whether a value of a workbook is the value that the mathematics gives."""

import math

from sheetlab.engine import CellError, CellValue

TOLERANCE = 1e-12

Expected = float | str


def difference(computed: CellValue | None, expected: Expected) -> float:
    """How far apart the two are: 0 for equal texts, inf for values of different kinds.

    Numbers differ by the smaller of the absolute and the relative difference. An error value in
    the sheet and `nan` in the reference are one: a spreadsheet shows an overflow as an error.
    """
    if isinstance(computed, CellError):
        return 0.0 if isinstance(expected, float) and math.isnan(expected) else math.inf
    if isinstance(expected, str) or isinstance(computed, str) or computed is None:
        return 0.0 if computed == expected else math.inf
    gap = abs(float(computed) - expected) / max(1.0, abs(expected))
    return math.inf if math.isnan(gap) else gap


def agree(computed: CellValue | None, expected: Expected) -> bool:
    """Whether the two differ by no more than `TOLERANCE`."""
    return difference(computed, expected) <= TOLERANCE
