"""Small workbooks for the tests of the engine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

from sheetlab.engine import Book, load


def write(
    path: Path, sheets: Mapping[str, Mapping[str, Any]], names: Mapping[str, str] | None = None
) -> Path:
    """A workbook of these cells, by sheet and ref, and defined names."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for ref, value in cells.items():
            sheet[ref] = value
    for name, meaning in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=meaning)
    book.save(path)
    return path


def book_of(
    folder: Path,
    cells: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
    *,
    strict: bool = False,
) -> Book:
    """A loaded workbook with one sheet, Data."""
    return load(write(folder / "book.xlsx", {"Data": cells}, names), strict=strict)
