"""What a chart takes from what it draws and from its neighbours, unless it is told."""

import pytest
from authoring.boards import written

from sheetlab.authoring import AuthoringError, Board, axis, bars, line

POINT = axis("point", 5)


def test_a_chart_runs_over_the_numbers_of_the_places() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT)
        points.count("number", "no.|번호")
        points.input("x")
        points.input("y")
        board.chart("Counted", line("y"))
        board.chart("Told", line("y"), over="x")
        board.chart("Told to be no count", line("y"), whole_x=False)
        board.chart("Bars", bars("y"))

    board = written(declare)
    counted, told, no_count, of_bars = board.sheet.charts
    assert counted.series[0].x == no_count.series[0].x == of_bars.series[0].x != told.series[0].x
    assert counted.x_title is not None
    assert counted.x_title.en == "no."
    assert [chart.whole_x for chart in board.sheet.charts] == [True, False, False, False]


def test_over_what_it_runs_has_to_be_said_where_it_is_not_plain() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT)
        points.count("number", "no.|번호")
        points.count("other", "from 0|0부터", first=0)
        points.input("y")
        board.chart("Y", line("y"))

    with pytest.raises(AuthoringError, match="the chart “Y” needs to know over what y runs"):
        written(declare)


def test_neighbouring_charts_are_as_high_and_as_wide() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT)
        points.count("number", "no.|번호")
        points.input("y")
        first = board.chart("1", line("y"), right_of=points, width=30, rows=9)
        board.chart("2", line("y"), right_of=first, width=40)
        board.chart("3", line("y"), right_of=points, below=first)

    _, first, second, third = written(declare).board.items
    assert third.size()[0] == second.size()[0] == first.size()[0] == 9
    assert (third.left, third.right) == (first.left, first.right)


def test_what_is_stacked_stands_one_below_the_other() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.count("number", "no.|번호")
        points.input("y")
        with board.stack(right_of=points):
            board.strip(width=40)
            board.chart("1", line("y"), rows=5)
            board.rows().input("rate")
            board.chart("2", line("y"), rows=6)
            board.note("aside|옆", below=points)
        board.rows(below=points, gap=3).input("start")

    points, strip, first, rate, second, note, start = written(declare).board.items
    assert strip.left == first.left == rate.left == second.left == points.right + 2
    assert [one.top for one in (first, rate, second)] == [
        one.bottom + 2 for one in (strip, first, rate)
    ]
    assert first.right == second.right == strip.right
    assert note.left == start.left == points.left
