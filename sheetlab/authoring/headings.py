"""Headings and labels of tables: in tiers, each over all the cells that it is meant for."""

from typing import Any

from sheetlab.authoring.board import Board
from sheetlab.authoring.quantities import Cell, count
from sheetlab.authoring.references import address
from sheetlab.authoring.sheet import Sheet
from sheetlab.authoring.style import StyleName
from sheetlab.authoring.tables import Columns, Line, Rows, Table, heading_path
from sheetlab.authoring.wording import axis_label, text_of, with_label
from sheetlab.text import Text

# What stands in a cell: what tells it from its neighbours, its text last. None is a blank.
Entry = tuple[Any, ...] | None
Grid = dict[Cell, tuple[Entry, StyleName]]


def write_headings(table: Table, panel: tuple[int, ...], sheet: Sheet) -> None:
    """Write what stands around the body of a table, in one panel."""
    board = table.board
    top, left = table.region.origin(table, panel)
    shown = not (panel and panel[0] > 0 and table.region.shows_labels_once)
    grid: Grid = {}
    if isinstance(table, Columns):
        _column_headings(table, top, left, panel, grid, shown)
    elif isinstance(table, Rows):
        _row_headings(table, top, left, panel, grid, shown)
    for line in (*table.starts, *table.feet):
        _line_label(table, line, panel, grid, shown)
    _write_grid(grid, sheet, board)
    for quantity in table.quantities:
        if quantity.remark is not None and isinstance(table, Rows):
            end = len(table.starts) + table.body + len(table.feet)
            row, column = table.position(panel, end, quantity.offset)
            sheet.label(
                address((row, column, row, column)),
                "  " + text_of(quantity.remark, board.quantities, sheet.language),
                "note",
            )


def _column_headings(
    table: Columns, top: int, left: int, panel: tuple[int, ...], grid: Grid, shown: bool
) -> None:
    first, span = left + table.label_columns, table.span
    tiers = table.tiers
    paths = heading_paths(table)
    if table.title is not None:
        title = _title(table, panel)
        start = first if table.region.shows_labels_once else left
        for column in range(start, first + table.breadth * span):
            grid[top, column] = (top, "title", title), "heading"
    title_rows = int(table.title is not None)
    for place, path in enumerate(paths, -table.shared):
        if place < 0 and not shown:
            continue
        # What stands once for all panels has no title above.
        for tier in range(title_rows if place >= 0 else 0, tiers):
            entry = path[min(max(tier - title_rows, 0), len(path) - 1)]
            for column in range(first + place * span, first + (place + 1) * span):
                grid[top + tier, column] = entry, "heading"
    if shown and table.label_count:
        for number in range(table.label_count):
            for offset in range(table.label_span):
                column = left + number * table.label_span + offset
                for tier in range(0 if table.region.shows_labels_once else title_rows, tiers):
                    heading = table.labels_heading if number == 0 else None
                    grid[top + tier, column] = ("corner", number, heading or ""), "heading"
        _place_labels(table, panel, grid)


def _row_headings(
    table: Rows, top: int, left: int, panel: tuple[int, ...], grid: Grid, shown: bool
) -> None:
    first_value = left + table.label_columns
    width = (len(table.starts) + table.body + len(table.feet)) * table.span
    head = 0
    if table.title is not None:
        title = _title(table, panel)
        start = first_value if table.region.shows_labels_once else left
        for column in range(start, first_value + width):
            grid[top, column] = (top, "title", title), "heading"
        head = 1
    if table.label_axes:
        _place_labels(table, panel, grid)
        for row in range(top + head, top + table.headings):
            for column in range(left, first_value) if shown else ():
                grid[row, column] = ("corner", 0, table.labels_heading or ""), "heading"
    if not shown:
        return
    for place, path in enumerate(heading_paths(table)):
        row = top + table.headings + place
        for number in range(table.label_count):
            entry = path[min(number, len(path) - 1)]
            for offset in range(table.label_span):
                grid[row, left + number * table.label_span + offset] = entry, "heading"


def _place_labels(table: Table, panel: tuple[int, ...], grid: Grid) -> None:
    """The labels of the axes that the table runs along, beside its body or above it."""
    span = table.label_span if table.runs_down else table.span
    for depth, axis in enumerate(table.label_axes):
        rest = count(table.label_axes[depth + 1 :])
        for place in range(table.body):
            index = place // rest
            row, column = table.place_cell(panel, depth, place)
            for offset in range(span):
                label = axis_label(axis, index % axis.size)
                grid[row, column + offset] = (("place", depth, index), label), "heading"


def _line_label(table: Table, line: Line, panel: tuple[int, ...], grid: Grid, shown: bool) -> None:
    """The label of a start or foot line, in the labels' place or in the first free one."""
    place = line.number + (0 if line.place == "start" else len(table.starts) + table.body)
    taken = {
        quantity.offset + offset
        for quantity in line.quantities
        for offset in range(count(quantity.cross))
    }
    row, column = table.position(panel, place, 0)
    span = table.span
    if table.runs_down and table.label_columns:
        if shown:
            left = table.region.origin(table, panel)[1]
            for offset in range(table.label_columns):
                grid[row, left + offset] = ("line", line, line.label or ""), "heading"
    elif isinstance(table, Rows) and table.headings:
        top = table.region.origin(table, panel)[0]
        for offset in range(table.headings - int(table.title is not None)):
            for shift in range(span):
                grid[top + int(table.title is not None) + offset, column + shift] = (
                    ("line", line, line.label or ""),
                    "heading",
                )
    elif line.label is not None:
        free = next((place for place in range(table.breadth) if place not in taken), None)
        if free is not None:
            row, column = table.position(panel, place, free)
            for offset in range(span if table.runs_down else 1):
                grid[row, column + offset] = ("line", line, line.label), "heading"
            taken.add(free)
    for free in set(range(table.breadth)) - taken:
        row, column = table.position(panel, place, free)
        blank: Entry = None if span == 1 else (("blank", row, column), "")
        for offset in range(span):
            grid.setdefault((row, column + offset), (blank, "text"))


def _write_grid(grid: Grid, sheet: Sheet, board: Board) -> None:
    """Write entries, each over the rectangle of neighbouring cells that hold it."""
    done: set[Cell] = set()
    for (row, column), (entry, style) in sorted(grid.items(), key=lambda item: item[0]):
        if (row, column) in done:
            continue
        if entry is None:
            sheet.style(address((row, column, row, column)), style)
            continue
        right = column
        while grid.get((row, right + 1), (None,))[0] == entry:
            right += 1
        bottom = row
        while all(
            grid.get((bottom + 1, one), (None,))[0] == entry for one in range(column, right + 1)
        ):
            bottom += 1
        done |= {
            (one, other) for one in range(row, bottom + 1) for other in range(column, right + 1)
        }
        label = entry[-1]
        if isinstance(label, Text):
            label = text_of(label, board.quantities, sheet.language)
        sheet.label(address((row, column, row, column)), label, style)
        if (row, column) != (bottom, right):
            sheet.merge(address((row, column, bottom, right)))


def heading_paths(table: Table) -> list[list[tuple[Any, ...]]]:
    """The headings over each place across the table, from the outermost in."""
    paths: list[list[tuple[Any, ...]]] = []
    for quantity in sorted(table.quantities, key=lambda quantity: not quantity.once):
        headings = heading_path(quantity)
        for place in range(count(quantity.cross)):
            path: list[tuple[Any, ...]] = []
            rest, axes = count(quantity.cross), iter(quantity.cross)
            for kind, text in headings:
                if kind == "group":
                    path.append(("group", text))
                elif kind == "label":
                    path.append(("label", quantity, text))
                else:
                    axis = next(axes)
                    rest //= axis.size
                    index = place // rest
                    path.append(
                        ("axis", quantity, axis, index, axis_label(axis, index % axis.size))
                    )
            paths.append(path)
    return paths


def _title(table: Table, panel: tuple[int, ...]) -> Text:
    """The title of a table, `{}` in it the label of its panel."""
    title = table.title
    assert title is not None
    return with_label(title, axis_label(table.panel_axes[0], panel[0])) if panel else title
