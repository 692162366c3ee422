"""What the commands print: tables for the terminal, plain lines for a pipe."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from openpyxl.utils import range_boundaries
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sheetlab.authoring import Sheet
from sheetlab.checking import FigureResult, QuantityResult, Report
from sheetlab.engine import Book
from sheetlab.lessons import Lesson
from sheetlab.text import Text

# A table is to be looked at; a value on its own may be used further.
TABLE_DIGITS, VALUE_DIGITS = 6, 15
_WIDTH_OF_A_PIPE = 250


def print_lessons(lessons: Sequence[Lesson]) -> None:
    """A row for each lesson: its name, title, figures and slides."""
    table = _table()
    for heading in (
        Text("lesson", "예제"),
        Text("title", "제목"),
        Text("figures", "수"),
        Text("source", "출처"),
    ):
        table.add_column(str(heading), overflow="fold")
    for lesson in lessons:
        sources = "\n".join(f"{file}: {section}" for file, section in lesson.sources)
        row = (lesson.name, str(lesson.title), str(len(lesson.figures)), sources)
        table.add_row(*map(escape, row))
    _console().print(table)


def print_quantities(lesson: Lesson, book: Book, sheet: Sheet, *, formulas: bool) -> None:
    """The quantities of a lesson; columns that stand side by side make one table."""
    console = _console()
    console.print(f"[bold]{escape(str(lesson.title))}[/bold]")
    single, *groups = _side_by_side(sheet.quantity_ranges)
    table = _table()
    for title in (Text("quantity", "양"), Text("cell", "셀"), Text("value", "값")):
        table.add_column(str(title), overflow="fold")
    for name in single:
        shown = _shown_cells(book, name, formulas)
        table.add_row(*map(escape, (name, sheet.quantity_ranges[name], *shown)))
    console.print(table)
    for group in groups:
        table = _table()
        table.add_column("", style="dim")
        for name in group:
            cells = sheet.quantity_ranges[name]
            heading = f"{escape(name)}\n[dim]{cells}[/dim]"
            table.add_column(heading, justify="right", overflow="fold")
        columns = [_shown_cells(book, name, formulas) for name in group]
        for index, row in enumerate(zip(*columns, strict=True)):
            table.add_row(str(index), *map(escape, row))
        console.print(table)


def print_values(values: Mapping[str, Any]) -> None:
    """Each value after its reference, ranges row by row, separated by tabs."""
    for ref, value in values.items():
        rows = np.atleast_1d(np.asarray(value, dtype=object))
        if rows.ndim == 1 and rows.size == 1:
            print(f"{ref}\t{_plain(rows[0], VALUE_DIGITS)}")
            continue
        print(ref)
        for row in rows if rows.ndim == 2 else rows[:, None]:
            print("\t".join(_plain(value, VALUE_DIGITS) for value in row))


def print_report(report: Report) -> None:
    """A row for each lesson and engine, what does not agree, and one sentence on the whole."""
    console = _console()
    table = _table()
    for heading in (
        Text("lesson", "예제"),
        Text("engine", "엔진"),
        Text("figures", "수"),
        Text("errata", "정오"),
        Text("quantities", "양"),
        Text("cells", "셀"),
        Text("largest error", "최대 오차"),
        Text("", ""),
    ):
        table.add_column(str(heading))
    for (lesson, engine), quantities in _by_lesson(report).items():
        figures = _figures_of(report, lesson, engine)
        ok = all(figure.ok for figure in figures) and all(result.ok for result in quantities)
        table.add_row(
            lesson,
            engine,
            f"{sum(result.ok for result in figures)}/{len(figures)}",
            str(sum(result.figure.status == "erratum" for result in figures)),
            f"{sum(result.ok for result in quantities)}/{len(quantities)}",
            str(sum(result.cells for result in quantities)),
            f"{max(result.max_error for result in quantities):.1e}",
            "[green]✓[/green]" if ok else "[red]✗[/red]",
        )
    console.print(table)
    for line in _complaints(report):
        console.print(f"[red]✗[/red] {escape(line)}", soft_wrap=True)
    for path in report.moved:
        note = Text(
            f"{path}: its inputs are not the slide's, so the printed figures do not apply.",
            f"{path}: 입력이 슬라이드와 달라 슬라이드의 수와는 비교하지 않았습니다.",
        )
        console.print(escape(str(note)), soft_wrap=True)
    console.print(escape(str(_verdict(report))), soft_wrap=True)


def _console() -> Console:
    """A console as wide as the terminal; in a pipe, wide enough to cut nothing off."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_PIPE)


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)


def _side_by_side(ranges: Mapping[str, str]) -> list[list[str]]:
    """The names of single cells, then of columns by the rows they cover, from left to right.

    A block of several columns forms a group of its own.
    """
    single: list[str] = []
    groups: dict[Any, list[tuple[int, str]]] = defaultdict(list)
    for name, cells in ranges.items():
        left, top, right, bottom = range_boundaries(cells)
        if (left, top) == (right, bottom):
            single.append(name)
        else:
            groups[(top, bottom) if left == right else name].append((left or 0, name))
    return [single, *([name for _, name in sorted(group)] for group in groups.values())]


def _shown_cells(book: Book, name: str, formulas: bool) -> list[str]:
    values = np.ravel(np.asarray(book[name], dtype=object))
    if not formulas:
        return [_plain(value) for value in values]
    return [
        book.formula(*cell) or _plain(value)
        for cell, value in zip(book.range_refs(name), values, strict=True)
    ]


def _plain(value: Any, digits: int = TABLE_DIGITS) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).upper()
    if isinstance(value, int | float):
        # Adding 0.0 turns -0.0, which no spreadsheet shows, into 0.0.
        return f"{value + 0.0:.{digits}g}"
    return str(value)


def _by_lesson(report: Report) -> dict[tuple[str, str], list[QuantityResult]]:
    rows: dict[tuple[str, str], list[QuantityResult]] = defaultdict(list)
    for result in report.quantities:
        rows[result.lesson, result.engine].append(result)
    return dict(sorted(rows.items(), key=lambda row: row[0][0]))


def _figures_of(report: Report, lesson: str, engine: str) -> list[FigureResult]:
    position = report.engines.index(engine)
    return [results[position] for results in report.figures if results[0].figure.lesson == lesson]


def _complaints(report: Report) -> list[str]:
    lines = []
    for result in report.quantities:
        if not result.ok:
            place = result.worst_cell or "—"
            error = (
                f"{result.max_error:.2e}"
                if math.isfinite(result.max_error)
                else str(Text("of another kind or size", "종류나 크기가 다름"))
            )
            lines.append(f"{result.lesson}.{result.quantity} ({place}, {result.engine}): {error}")
    for results in report.figures:
        for engine, outcome in zip(report.engines, results, strict=True):
            if not outcome.ok:
                figure = outcome.figure
                lines.append(
                    f"{figure.id} ({outcome.cell or '—'}, {engine}): "
                    + str(
                        Text(
                            f"the slide prints {figure.printed} ({figure.status}),"
                            f" the sheet has {_plain(outcome.computed)},"
                            f" the reference {_plain(outcome.reference)}",
                            f"슬라이드 {figure.printed}({figure.status}),"
                            f" 시트 {_plain(outcome.computed)},"
                            f" 기준 {_plain(outcome.reference)}",
                        )
                    )
                )
    return lines


def _verdict(report: Report) -> Text:
    witnesses = ", ".join(report.engines)
    figures, quantities = len(report.figures), len(report.quantities)
    if report.ok:
        return Text(
            f"All {figures} figures and {quantities} quantities agree: {witnesses}, NumPy.",
            f"수 {figures}개와 양 {quantities}개가 모두 일치합니다: {witnesses}, NumPy.",
        )
    wrong = sum(not all(result.ok for result in results) for results in report.figures)
    differing = sum(not result.ok for result in report.quantities)
    return Text(
        f"{wrong} of {figures} figures and {differing} of {quantities} quantities do not agree.",
        f"수 {figures}개 중 {wrong}개, 양 {quantities}개 중 {differing}개가 다릅니다.",
    )
