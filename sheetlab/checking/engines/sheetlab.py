"""sheetlab's own engine, as one engine among the others."""

from collections.abc import Sequence
from pathlib import Path

from sheetlab.checking.engines.cells import CellValues
from sheetlab.engine import load


def recalculate(paths: Sequence[Path]) -> list[CellValues]:
    """The cells of each workbook as sheetlab calculates them; raises what `load` raises."""
    return [load(path).values() for path in paths]
