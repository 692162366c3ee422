"""Workbooks: the first sheet, its formulas calculated and its dates as dates."""

import contextlib
from pathlib import Path
from typing import Any

from sheetlab.data import limits
from sheetlab.data.table import Table, table_of_rows
from sheetlab.limits import Limits
from sheetlab.text import same


def read_spreadsheet(path: Path) -> Table:
    """The table on the first sheet of a workbook.

    Raises `InputError` where it is too large, `WorkbookError` or `EngineError` where the workbook
    cannot be read or calculated.
    """
    from sheetlab.engine import load
    from sheetlab.engine.cell_range import quoted as quoted_sheet
    from sheetlab.files.address import ref_of

    name = same(str(path))
    limits.check_bytes(path)
    book = load(
        path,
        limits=Limits(unpacked_bytes=limits.MAX_UNPACKED_BYTES, cells=limits.MAX_CELLS),
    )
    sheet, (rows, columns) = next(iter(book.sheets().items()), ("", (0, 0)))
    limits.check_size(name, rows, columns)
    import numpy as np

    if not sheet:
        return table_of_rows(name, [], point_is_decimal=False)
    found = book[f"{quoted_sheet(sheet)}!A1:{ref_of(rows, columns)}"]
    table = np.array(found, dtype=object).reshape(rows, columns)
    _put_dates(path, sheet, table)
    return table_of_rows(name, table.tolist(), point_is_decimal=False)


def _put_dates(path: Path, sheet: str, table: Any) -> None:
    """Replace the numbers that the sheet shows as dates by these."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    from sheetlab.files.cell_reading import counts_from_1904, numbered_cells, numbered_rows
    from sheetlab.files.package import read_parts
    from sheetlab.files.xml import WORKBOOK_PART, each, parse, worksheet_parts

    parts = read_parts(path, limits.MAX_UNPACKED_BYTES)
    if "xl/styles.xml" not in parts:
        return
    styles = parse(parts, "xl/styles.xml", path)
    formats: dict[str | None, str] = {str(key): code for key, code in BUILTIN_FORMATS.items()}
    for own in styles.iterfind("{*}numFmts/{*}numFmt"):
        formats[own.get("numFmtId")] = own.get("formatCode", "")
    dates = {
        str(index)
        for index, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf"))
        if is_date_format(formats.get(style.get("numFmtId"), "General"))
    }
    epoch = MAC_EPOCH if counts_from_1904(parse(parts, WORKBOOK_PART, path)) else WINDOWS_EPOCH
    rows = each(parts, worksheet_parts(parts, path)[sheet], "{*}row", path)
    for row, element in numbered_rows(rows):
        for column, cell in numbered_cells(element, row):
            inside = row <= table.shape[0] and column <= table.shape[1]
            if not inside or cell.get("s") not in dates:
                continue
            number = table[row - 1, column - 1]
            if isinstance(number, float):
                # A number that is no day, such as -1, stays what it is.
                with contextlib.suppress(ValueError, OverflowError):
                    table[row - 1, column - 1] = from_excel(number, epoch)
