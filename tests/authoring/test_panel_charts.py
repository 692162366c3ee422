"""Charts in panels: one for each panel, of its own cells, over the values that every panel has."""

from typing import Any

from authoring.boards import Written, written

from sheetlab.authoring import Board, axis, line
from sheetlab.authoring.references import address

ROUND, POINT, END = (
    axis("round", ("one|하나", "two|둘", "three|셋")),
    axis("point", 4),
    axis("end", 2),
)


def panels(**said: Any) -> Written:
    def declare(board: Board) -> None:
        with board.panels(ROUND, **said) as panel:
            points = panel.columns(POINT, title="{}", labels="point")
            points.column("x", "x", "= 1")
            points.column("y", "y", "= 2 * x", by=END, show_labels=False)
            panel.chart(
                "Round {}", line("y", over="x", each=END), below=points, width=points, rows=5
            )

    return written(declare)


def anchors(board: Written) -> list[str]:
    """The range that each chart covers."""
    found = []
    for chart in board.worksheet._charts:  # type: ignore[attr-defined]
        first, last = chart.anchor._from, chart.anchor.to
        found.append(address((first.row + 1, first.col + 1, last.row, last.col)))
    return found


def test_each_panel_has_the_chart_of_its_own_cells() -> None:
    board = panels()
    assert [chart.title and chart.title.en for chart in board.sheet.charts] == [
        "Round one",
        "Round two",
        "Round three",
    ]
    drawn = [[(series.x, series.y) for series in chart.series] for chart in board.sheet.charts]
    cells = board.cells("y")
    for number, of_panel in enumerate(drawn):
        first, last = cells[number * 8], cells[number * 8 + 6]
        assert of_panel[0][1] == f"{first}:{last}"
        assert of_panel[0][0] == of_panel[1][0]
    assert len({x for of_panel in drawn for x, _ in of_panel}) == 3


def test_charts_are_as_far_apart_as_their_panels() -> None:
    assert anchors(panels()) == ["A12:D16", "A25:D29", "A38:D42"]


def test_where_labels_stand_once_a_chart_stands_over_the_values() -> None:
    board = panels(runs="right", labels_once=True)
    assert anchors(board) == ["B12:D16", "F12:H16", "J12:L16"]
    assert board.cells("x")[::4] == ["B7", "F7", "J7"]


def test_labels_that_stand_once_widen_no_column_of_the_other_panels() -> None:
    widths = panels(runs="right", labels_once=True).board.widths
    assert widths[1] > widths[2]
    assert [widths[column] for column in (6, 7, 8)] == [widths[column] for column in (2, 3, 4)]
    assert [widths[column] for column in (10, 11, 12)] == [widths[column] for column in (2, 3, 4)]
