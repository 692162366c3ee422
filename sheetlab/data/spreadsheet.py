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

    from sheetlab.files.address import address_of
    from sheetlab.files.package import read_parts
    from sheetlab.files.xml import each, parse, worksheet_parts

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
    properties = parse(parts, "xl/workbook.xml", path).find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    for cell in each(parts, worksheet_parts(parts, path)[sheet], "{*}c", path):
        ref = cell.get("r")
        if ref is None or cell.get("s") not in dates:
            continue
        row, column = address_of(ref)
        inside = row <= table.shape[0] and column <= table.shape[1]
        if inside and isinstance(table[row - 1, column - 1], float):
            # A number that is no day, such as -1, stays what it is.
            with contextlib.suppress(ValueError, OverflowError):
                table[row - 1, column - 1] = from_excel(
                    table[row - 1, column - 1], MAC_EPOCH if from_1904 else WINDOWS_EPOCH
                )
