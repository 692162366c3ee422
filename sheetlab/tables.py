"""What the commands print: tables for the terminal, plain lines for a pipe."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from openpyxl.utils import get_column_letter
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from sheetlab.authoring.board import lead
from sheetlab.authoring.tables import Table as BoardTable
from sheetlab.authoring.wording import format_of
from sheetlab.building import Example
from sheetlab.checking import FigureResult, QuantityResult, Report
from sheetlab.engine import Book, CellError, CellValue
from sheetlab.engine.functions.number_format import formatted
from sheetlab.lessons import Lesson
from sheetlab.text import Text, printable

# A table is to be looked at; a value on its own may be used further.
TABLE_DIGITS, VALUE_DIGITS = 6, 15
_WIDTH_OF_A_PIPE = 250
_AGREES, _DIFFERS = Line("✓", "green"), Line("✗", "red")


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
        row = (lesson.name, str(lesson.title), str(len(lesson.figures)))
        sources = (_line(f"{one}") for one in lesson.sources)
        table.add_row(*map(_line, row), Line("\n").join(sources))
    _console().print(table)


def print_example(example: Example, book: Book, *, formulas: bool) -> None:
    """The tables of a lesson's sheet, headed and formatted as they are there."""
    console, sheet = _console(), example.sheet
    console.print(_line(example.lesson.title.to(sheet.language), "bold"))
    shown = _formulas(example, book) if formulas else _formatted(example, book)
    for item in example.board.all_items():
        if isinstance(item, BoardTable):
            for panel in item.region.panels_shown():
                console.print(_grid(item, panel, shown))


def _grid(item: BoardTable, panel: tuple[int, ...], shown: Mapping[str, str]) -> Table:
    """One table of the sheet: the lines above its body as headings, the others as rows."""
    top, left = item.region.origin(item, panel)
    rows, columns = item.size()
    above = lead(item) - len(item.starts) if item.runs_down else lead(item)
    lines = [
        [
            shown.get(f"{get_column_letter(column)}{row}", "")
            for column in range(left, left + columns)
        ]
        for row in range(top, top + rows)
    ]
    table = _table()
    table.show_header = above > 0
    for number in range(columns):
        heading = Line("\n").join(_line(line[number], "bold") for line in lines[:above])
        justify: Literal["left", "right"] = "right" if number or item.runs_down else "left"
        table.add_column(heading, justify=justify, overflow="fold")
    for line in lines[above:]:
        if any(line):
            table.add_row(*map(_line, line))
    return table


def _formatted(example: Example, book: Book) -> dict[str, str]:
    """Every cell of the example's sheet as it is shown there."""
    formats = {
        ref: format_of(quantity.number_format, example.sheet.language)
        for quantity in example.board.quantities.values()
        for ref in example.cells(quantity.name)
    }
    return {
        ref: _in_format(value, formats.get(ref, "General"))
        for (title, ref), value in book.values().items()
        if title == example.sheet.title and value is not None
    }


def _in_format(value: CellValue, number_format: str) -> str:
    if number_format == "General" or isinstance(value, bool | str | CellError):
        return _plain(value, TABLE_DIGITS)
    return formatted(float(value), number_format)


def _formulas(example: Example, book: Book) -> dict[str, str]:
    """Every cell of the example's sheet, its formula where it has one."""
    found = {
        ref: formula for title, ref, formula, _ in book.cells() if title == example.sheet.title
    }
    return {**_formatted(example, book), **found}


def print_values(values: Mapping[str, Any]) -> None:
    """Each value after its reference, ranges row by row, separated by tabs."""
    for ref, value in values.items():
        rows = np.atleast_1d(np.asarray(value, dtype=object))
        if rows.ndim == 1 and rows.size == 1:
            print(f"{printable(ref)}\t{printable(_plain(rows[0], VALUE_DIGITS))}")
            continue
        print(printable(ref))
        for row in rows if rows.ndim == 2 else rows[:, None]:
            print("\t".join(printable(_plain(value, VALUE_DIGITS)) for value in row))


def print_report(report: Report) -> None:
    """A row for each lesson and engine, why it does not agree, and one sentence on the whole."""
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
    differing = {cause.lesson for cause in report.causes}
    for (lesson, engine), quantities in _by_lesson(report).items():
        figures = _figures_of(report, lesson, engine)
        agree = all(figure.ok for figure in figures) and all(result.ok for result in quantities)
        table.add_row(
            _line(lesson),
            _line(engine),
            f"{sum(result.ok for result in figures)}/{len(figures)}",
            str(sum(result.figure.status == "erratum" for result in figures)),
            f"{sum(result.ok for result in quantities)}/{len(quantities)}",
            str(sum(result.cells for result in quantities)),
            f"{max((result.max_error for result in quantities), default=0):.1e}",
            _AGREES if agree and lesson not in differing else _DIFFERS,
        )
    console.print(table)
    causes = (str(cause.describe()) for cause in report.causes)
    for line in (*causes, *_complaints(report)):
        console.print(Line.assemble(_DIFFERS, " ", _line(line)), soft_wrap=True)
    for note in (*report.notes(), report.summary()):
        console.print(_line(str(note)), soft_wrap=True)


def print_json(values: Any) -> None:
    """JSON whose texts hold nothing that would steer a terminal."""
    text = json.dumps(values, ensure_ascii=False, indent=1)
    print(re.sub(r"[^\n -~]", lambda found: _json_character(found[0]), text))


def _json_character(character: str) -> str:
    return character if printable(character) == character else json.dumps(character)[1:-1]


def _line(text: str, style: str = "") -> Line:
    """A text as it is: neither markup nor control characters in it are obeyed."""
    return Line(printable(text), style)


def _console() -> Console:
    """A console as wide as the terminal; in a pipe, wide enough to cut nothing off."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_PIPE)


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)


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
    """What does not agree, without what merely follows from the causes."""
    following = {
        (cause.lesson, quantity) for cause in report.causes for quantity in cause.quantities
    }
    following_figures = {figure for cause in report.causes for figure in cause.figures}
    lines = []
    for result in report.quantities:
        if not result.ok and (result.lesson, result.quantity) not in following:
            place = result.worst_cell or "—"
            error = (
                f"{result.max_error:.2e}"
                if math.isfinite(result.max_error)
                else str(Text("of another kind or size", "종류나 크기가 다름"))
            )
            lines.append(f"{result.lesson}.{result.quantity} ({place}, {result.engine}): {error}")
    for results in report.figures:
        for engine, outcome in zip(report.engines, results, strict=True):
            if not outcome.ok and outcome.figure.id not in following_figures:
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
