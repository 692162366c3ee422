"""How wide columns have to be for what stands in them."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from sheetlab.authoring.board import Board, Strip
from sheetlab.authoring.headings import heading_paths
from sheetlab.authoring.quantities import count
from sheetlab.authoring.sheet import heading_width, label_width, value_width
from sheetlab.authoring.tables import Columns, Rows, Table
from sheetlab.authoring.wording import axis_label, format_of, shown
from sheetlab.text import Language

GAP_WIDTH = 2.0  # of a column that only parts what stands on either side, in characters


class _Widen(Protocol):
    """Makes columns, from one on, together at least so wide."""

    def __call__(self, column: int, width: float, span: int = 1) -> None: ...


def column_widths(
    board: Board, language: Language, reference: Mapping[str, np.ndarray[Any, Any]]
) -> dict[int, float]:
    """How wide each column has to be for the headings and the values that stand in it."""
    widths: dict[int, float] = {}

    def widen(column: int, width: float, span: int = 1) -> None:
        for offset in range(span):
            widths[column + offset] = max(widths.get(column + offset, 0.0), width / span)

    for item in board.all_items():
        if not isinstance(item, Table):
            continue
        for panel in item.region.panels_shown():
            _, left = item.region.origin(item, panel)
            first = left + item.label_columns
            if isinstance(item, Rows):
                _widen_for_rows(item, panel, left, language, widen)
            elif isinstance(item, Columns):
                _widen_for_columns(item, panel, left, language, widen)
            for line in (*item.starts, *item.feet):
                if not item.label_columns and line.label is not None:
                    widen(first, heading_width(shown(line.label, language)), item.span)
    for quantity in board.quantities.values():
        number_format = format_of(quantity.number_format, language)
        values = reference[quantity.name].ravel()
        for index, value in zip(quantity.indices(), values, strict=True):
            plain = value.item() if isinstance(value, np.generic) else value
            widen(quantity.cell(index)[1], value_width(plain, number_format), quantity.table.span)
    for column in range(1, board.used_columns + 1):
        between_tables = {column - 1, column + 1} <= widths.keys()
        if column not in widths and (between_tables or not _is_covered(board, column)):
            widths[column] = GAP_WIDTH
    return widths


def _is_covered(board: Board, column: int) -> bool:
    """Whether anything but the strip, which lies over all that is below it, takes a column."""
    return any(
        item.left <= column <= item.right for item in board.items if not isinstance(item, Strip)
    )


def _widen_for_rows(
    table: Rows, panel: tuple[int, ...], left: int, language: Language, widen: _Widen
) -> None:
    once = table.region.shows_labels_once and any(panel)
    for path in () if once else heading_paths(table):
        for number, entry in enumerate(path):
            width = label_width(shown(entry[-1], language))
            widen(left + number * table.label_span, width, table.label_span)
    if table.label_axes:
        axis = table.along[-1]
        for place in range(table.body):
            column = table.position(panel, len(table.starts) + place, 0)[1]
            label = shown(axis_label(axis, place % axis.size), language)
            widen(column, heading_width(label), table.span)
    for quantity in table.quantities:
        if quantity.remark is not None:
            places = len(table.starts) + table.body + len(table.feet)
            end = table.position(panel, places, quantity.offset)[1]
            widen(end, value_width("  " + shown(quantity.remark, language), "General"))


def _widen_for_columns(
    table: Columns, panel: tuple[int, ...], left: int, language: Language, widen: _Widen
) -> None:
    first = left + table.label_columns
    once = table.region.shows_labels_once and any(panel)
    for place, path in enumerate(heading_paths(table), -table.shared):
        if (once and place < 0) or path[-1][0] != "axis":
            continue
        width = heading_width(shown(path[-1][-1], language))
        widen(first + place * table.span, width, table.span)
    for quantity in table.quantities:
        if once and quantity.once:
            continue
        # A heading over several columns is as wide as they are together.
        width = heading_width(shown(quantity.heading or quantity.label, language))
        columns = count(quantity.cross) * table.span
        widen(first + table.across(quantity) * table.span, width, columns)
    if once:
        return
    for number, axis in enumerate(table.label_axes):
        texts = [shown(axis_label(axis, place), language) for place in range(axis.size)]
        if number == 0:
            texts.append(shown(table.labels_heading or "", language))
        for text in texts:
            widen(left + number * table.label_span, heading_width(text), table.label_span)
    if table.label_columns:
        for line in (*table.starts, *table.feet):
            widen(left, heading_width(shown(line.label or "", language)), table.label_columns)
