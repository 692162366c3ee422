"""A report as a notebook shows it: what agrees, why it does not, the errata of the slides."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sheetlab.text import Text

if TYPE_CHECKING:
    from sheetlab.checking.report import Report

# What follows from one wrong cell may be hundreds of rows.
MAX_ROWS = 12

_TABLE_STYLE = "text-align:left;border-collapse:collapse;margin:0.5em 0"
_CELL_STYLE = "text-align:left;padding:0.15em 0.8em 0.15em 0"

LESSON, QUANTITY, CELL = Text("lesson", "예제"), Text("quantity", "양"), Text("cell", "셀")
ENGINE, ERROR, FIGURE = Text("engine", "엔진"), Text("error", "오차"), Text("figure", "수")
SLIDE, SHEET = Text("slide", "슬라이드"), Text("sheet", "시트")
REFERENCE, EXACT = Text("reference", "기준"), Text("exact", "정확한 값")


def report_html(report: "Report") -> str:
    """The report as HTML in the user's language, every value escaped."""
    mark = "✓" if report.ok else "✗"
    colour = "#1a7f37" if report.ok else "#b42318"
    parts = [f'<p style="color:{colour}"><b>{mark} {escape(str(report.summary()))}</b></p>']
    parts += _list(str(cause.describe()) for cause in report.causes)
    parts += _table(
        Text("Quantities that do not agree", "다른 양"),
        (LESSON, QUANTITY, CELL, ENGINE, ERROR),
        [
            (one.lesson, one.quantity, one.worst_cell, one.engine, _error(one.max_error))
            for one in report.quantities
            if not one.ok
        ],
    )
    failing = [
        (engine, one)
        for results in report.figures
        for engine, one in zip(report.engines, results, strict=True)
        if not one.ok
    ]
    parts += _table(
        Text("Figures that do not hold", "맞지 않는 수"),
        (FIGURE, CELL, ENGINE, SLIDE, SHEET, REFERENCE),
        [
            (one.figure.id, one.cell, engine, one.figure.printed, one.computed, one.reference)
            for engine, one in failing
        ],
    )
    parts += _table(
        Text("Errata of the slides", "슬라이드의 정오"),
        (FIGURE, CELL, SLIDE, EXACT),
        [
            (results[0].figure.id, results[0].cell, results[0].figure.printed, results[0].computed)
            for results in report.figures
            if results[0].figure.status == "erratum"
        ],
    )
    parts += _list(str(note) for note in report.notes())
    return f"<div>{''.join(parts)}</div>"


def _list(texts: Iterable[str]) -> list[str]:
    items = [f"<li>{escape(text)}</li>" for text in texts]
    return [f"<ul>{''.join(items)}</ul>"] if items else []


def _table(caption: Text, headings: Sequence[Text], rows: Sequence[Sequence[Any]]) -> list[str]:
    if not rows:
        return []
    lines = [_row("th", map(str, headings))]
    lines += [_row("td", map(_shown, row)) for row in rows[:MAX_ROWS]]
    hidden = len(rows) - MAX_ROWS
    if hidden > 0:
        more = Text(f"and {hidden} more", f"그 밖에 {hidden}개")
        lines.append(f'<tr><td colspan="{len(headings)}">… {escape(str(more))}</td></tr>')
    title = f'<caption style="text-align:left"><b>{escape(str(caption))}</b></caption>'
    return [f'<table style="{_TABLE_STYLE}">{title}{"".join(lines)}</table>']


def _row(tag: str, texts: Iterable[str]) -> str:
    cells = (f'<{tag} style="{_CELL_STYLE}">{escape(text)}</{tag}>' for text in texts)
    return f"<tr>{''.join(cells)}</tr>"


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # Adding 0.0 turns -0.0, which no spreadsheet shows, into 0.0.
    return str(value).upper() if isinstance(value, bool) else str(value)


def _error(error: float) -> str:
    if math.isfinite(error):
        return f"{error:.1e}"
    return str(Text("of another kind or size", "종류나 크기가 다름"))
