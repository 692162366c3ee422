"""From a board to a sheet: laid out, then written item by item."""

from collections.abc import Mapping
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter

from sheetlab.authoring.board import DEFAULT_WIDTH, Board, Legend, Note, Strip, lead
from sheetlab.authoring.cells import write_quantity
from sheetlab.authoring.chart_ranges import chart_of
from sheetlab.authoring.drawing import ChartItem
from sheetlab.authoring.headings import write_headings
from sheetlab.authoring.placement import Item
from sheetlab.authoring.problems import AuthoringError
from sheetlab.authoring.references import address
from sheetlab.authoring.sheet import Sheet
from sheetlab.authoring.style import StyleName
from sheetlab.authoring.tables import Table
from sheetlab.authoring.widths import column_widths
from sheetlab.authoring.wording import text_of
from sheetlab.text import Text

Reference = Mapping[str, np.ndarray[Any, Any]]

CHECK_LINK = Text("▸ Check: every value compared", "▸ Check: 값 하나하나 비교")
ABOUT_LINK = Text("▸ About: how to read this", "▸ About: 읽는 법")


def write_board(board: Board, sheet: Sheet, reference: Reference, links: tuple[str, str]) -> None:
    """Lay the board out and write it onto the sheet.

    `reference` tells how wide the values will be; `links` are the sheets Check and About.
    Raises `AuthoringError` where a formula, a name or a layout cannot be.
    """
    require_agreement(board, reference)
    board.arrange(lambda laid_out: column_widths(laid_out, sheet.language, reference))
    for column in range(1, board.used_columns + 1):
        letter = get_column_letter(column)
        sheet.width(letter, board.widths.get(column, DEFAULT_WIDTH))
    if board.head is not None:
        _write_strip(board, board.head, sheet, links)
    for item in board.all_items():
        if isinstance(item, Table):
            for panel in item.region.panels_shown():
                write_headings(item, panel, sheet)
        elif isinstance(item, Note) and item.text.en:
            sheet.note(_over(item), text_of(item.text, board.quantities, sheet.language))
        elif isinstance(item, Legend):
            row, left, right = item.top, item.left, item.right
            sheet.legend(address((row, left, row, right)))
        elif isinstance(item, Strip):
            _write_strip(board, item, sheet, links)
    for quantity in board.quantities.values():
        write_quantity(quantity, board, sheet)
    for item in board.all_items():
        if isinstance(item, ChartItem):
            for panel in item.region.panels_shown():
                top, left = item.region.origin(item, panel)
                rows, columns = item.size()
                over = address((top, left, top + rows - 1, left + columns - 1))
                sheet.chart(over, chart_of(item, board, panel))
    if board.frozen is not None:
        _freeze(board.frozen, sheet)


def require_agreement(board: Board, reference: Reference) -> None:
    """Raise `AuthoringError` unless sheet and reference have the same quantities and shapes."""
    missing = sorted(board.quantities.keys() - reference.keys())
    surplus = sorted(reference.keys() - board.quantities.keys())
    if missing or surplus:
        raise AuthoringError(
            f"sheet and reference differ: only on the sheet {missing}, only in the reference"
            f" {surplus}"
        )
    for name, quantity in board.quantities.items():
        sizes, array = quantity.sizes, reference[name]
        # Axes that follow one another may be a single one in the reference: (epochs * points,).
        steps = {1, *accumulate(sizes, mul)}
        if array.size != prod(sizes) or not steps.issuperset(accumulate(array.shape, mul)):
            axes = " × ".join(f"{axis.name} ({axis.size})" for axis in quantity.axes) or "one value"
            raise AuthoringError(
                f"quantity '{name}' is {axes} on the sheet, but has the shape {array.shape} in the"
                " reference"
            )


def _write_strip(board: Board, strip: Strip, sheet: Sheet, links: tuple[str, str]) -> None:
    row, left, right = strip.top, strip.left, strip.right
    words = board.words
    lines: list[tuple[str, StyleName]] = [
        (words.title.to(sheet.language), "title"),
        (words.equation.to(sheet.language), "equation"),
    ]
    for number, one in enumerate(words.to_try, 1):
        shown = text_of(one, board.quantities, sheet.language)
        lines.append((f"{number}. {shown}" if shown else "", "note"))
    for offset, (line, style) in enumerate(lines):
        sheet.label(address((row + offset, left, row + offset, left)), line, style)
        if right > left:
            sheet.merge(address((row + offset, left, row + offset, right)))
    links_row, half = row + len(lines), (left + right) // 2
    for column, end, name, text in (
        (left, half, links[0], CHECK_LINK),
        (half + 1, right, links[1], ABOUT_LINK),
    ):
        if column <= end:
            sheet.link(address((links_row, column, links_row, column)), name, "A1", text)
            if end > column:
                sheet.merge(address((links_row, column, links_row, end)))


def _freeze(table: Item, sheet: Sheet) -> None:
    row = table.top + lead(table)
    column = table.left
    if isinstance(table, Table):
        column += table.label_columns
    sheet.freeze(address((row, column, row, column)))


def _over(item: Item) -> str:
    return address((item.top, item.left, item.bottom, item.right))
