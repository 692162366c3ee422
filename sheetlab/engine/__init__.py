"""The engine: recalculates any workbook. `load` gives a `Book`; everything else is private."""

from sheetlab.engine.book import Book, load
from sheetlab.files.cell_value import CellError, CellValue

__all__ = ["Book", "CellError", "CellValue", "load"]
