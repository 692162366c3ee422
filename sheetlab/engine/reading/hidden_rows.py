"""Which rows of a worksheet are hidden, and which of those a filter hides."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from lxml import etree

from sheetlab.engine.cell_range import CellRange, range_on, sheets_and_ranges
from sheetlab.engine.reading.workbook import Workbook
from sheetlab.files.xml import damaged, parse_content

_ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])([^<>]*)>")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_CELLS = re.compile(
    rb"<(?:[\w.-]+:)?sheetData(?=[\s>])[^>]*(?<!/)>.*</(?:[\w.-]+:)?sheetData\s*>", re.S
)
_FILTERED_BY_CRITERIA = "_xlnm._filterdatabase"


Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class HiddenRows:
    """The rows of a sheet that are hidden, by hand or by a filter, or by a filter, downwards.

    The file does not tell one from the other: a filter hides what is hidden below the headings of
    a range that is filtered, as it does in Excel.
    """

    hidden: Rows
    filtered: Rows


def hidden_rows(xml: bytes, sheet: str, part: str, workbook: Workbook) -> HiddenRows:
    """The hidden rows of a worksheet, whose XML is in UTF-8 (ECMA-376 part 1, 18.3.1.73).

    Raises `WorkbookError` where the XML around the cells is damaged.
    """
    cells = _CELLS.search(xml)
    hidden = [] if cells is None else sorted(set(_hidden(cells[0])))
    if cells is None or not hidden:
        return HiddenRows(*np.empty((2, 0), np.int64))
    around = parse_content(xml[: cells.start()] + xml[cells.end() :], part, workbook.path)
    try:
        filters = [range_on(sheet, ref) for ref in _filters(around)]
    except ValueError as error:
        raise damaged(part, str(error), workbook.path) from error
    filters += [
        table.filtered
        for table in workbook.tables.values()
        if table.filtered is not None and table.filtered.sheet == sheet
    ]
    filters += _filter_by_criteria(around, sheet, workbook)
    filtered = list(_below_headings(hidden, filters))
    return HiddenRows(np.array(hidden, np.int64), np.array(filtered, np.int64))


def _hidden(cells: bytes) -> Iterator[int]:
    row = 0
    for found in _ROW.finditer(cells):
        number = _NUMBER.search(found[1])
        row = row + 1 if number is None else int(number[1])
        if _HIDDEN.search(found[1]) is not None:
            yield row


def _filters(around: etree._Element) -> Iterator[str]:
    for element in around.iterfind("{*}autoFilter"):
        if element.find("{*}filterColumn") is not None:
            yield element.get("ref", "")


def _filter_by_criteria(
    around: etree._Element, sheet: str, workbook: Workbook
) -> Iterator[CellRange]:
    """The range that an advanced filter, of criteria that stand in cells, was applied to."""
    properties = around.find("{*}sheetPr")
    if properties is None or properties.get("filterMode") not in ("1", "true"):
        return
    _, meaning = workbook.names.get((sheet, _FILTERED_BY_CRITERIA), ("", ""))
    for name, refs in sheets_and_ranges(meaning):
        if name == sheet:
            yield range_on(sheet, refs)


def _below_headings(rows: Sequence[int], filters: Iterable[CellRange]) -> Iterator[int]:
    """Those of some rows in order that lie in a range that is filtered, below its headings."""
    seen = 0
    for cells in sorted(filters, key=lambda cells: cells.top):
        first = bisect_right(rows, max(cells.top, seen))
        yield from rows[first : bisect_right(rows, cells.bottom)]
        seen = max(seen, cells.bottom)
