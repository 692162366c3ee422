"""sheetlab's own engine, as one engine among the others."""

from collections.abc import Sequence
from pathlib import Path

from sheetlab.checking.engines.cells import CellValues, stored_cells
from sheetlab.engine import load
from sheetlab.files.package import read_parts


def recalculate(paths: Sequence[Path]) -> list[CellValues]:
    """The cells of each workbook as sheetlab calculates them; raises what `load` raises."""
    return [_values(path) for path in paths]


def _values(path: Path) -> CellValues:
    stored, calculated = stored_cells(read_parts(path))
    values = {cell: value for cell, value in stored.items() if cell not in calculated}
    values.update({(sheet, ref): value for sheet, ref, _, value in load(path).cells()})
    return values
