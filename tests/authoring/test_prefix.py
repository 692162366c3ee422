"""Tables whose quantities begin with a prefix, and charts over the labels of an axis."""

import pytest
from authoring.boards import written

from sheetlab.authoring import AuthoringError, Board, axis, bars

SIDE = axis("side", ("left|왼쪽", "right|오른쪽"))


def test_a_name_means_the_tables_own_quantity_first() -> None:
    def declare(board: Board) -> None:
        board.columns(SIDE, at="A1").column("total", "total", "= 1")
        for name, place in (("one", "C1"), ("other", "F1")):
            table = board.columns(SIDE, at=place, prefix=f"{name}_")
            table.column("total", "total", "= 2")
            table.column("twice", "twice", "= 2 * total", colour={"good": "total > 1"})
            table.foot("sum").value("sum", "= SUM(twice)", under="twice")
        board.rows(at="A8").row("both", "both", "= SUM(one_total) + other_sum + SUM(total)")

    board = written(declare)
    assert board.texts("one_twice") == ["=2*D2", "=2*D3"]
    assert board.texts("other_sum") == ["=SUM(H2:H3)"]
    assert board.texts("both") == ["=SUM(D2:D3)+H4+SUM(B2:B3)"]
    assert {"total", "one_total", "other_total"} <= board.board.quantities.keys()


def test_an_input_keeps_its_name() -> None:
    def declare(board: Board) -> None:
        table = board.columns(SIDE, at="A1", prefix="own_")
        table.column("total", "total", "= rate * 2")
        table.start("rate").input("rate", under="total")

    assert written(declare).board.quantities.keys() == {"own_total", "rate"}


def test_a_group_has_a_prefix_too() -> None:
    def declare(board: Board) -> None:
        table = board.columns(SIDE, at="A1", prefix="own_")
        for number, prefix in enumerate(("", "other_"), 1):
            with table.group("group", prefix=prefix):
                table.column("total", "total", f"= {number}")
                table.column("twice", "twice", "= 2 * total", colour={"good": "total > 1"})
        table.foot("sum").value("sum", "= SUM(total, other_twice)", under="total")

    board = written(declare)
    assert board.texts("own_twice") == ["=2*B3", "=2*B4"]
    assert board.texts("own_other_twice") == ["=2*D3", "=2*D4"]
    assert board.texts("own_sum") == ["=SUM(B3:B4,E3:E4)"]


def test_this_is_the_quantity_itself() -> None:
    def declare(board: Board) -> None:
        table = board.columns(SIDE, at="A1", prefix="own_")
        table.column("total", "total", "= 2", colour={"bad": "ISERROR(this)"})

    (rules,) = written(declare).worksheet.conditional_formatting
    assert rules.rules[0].formula == ["ISERROR(B2)"]
    with pytest.raises(AuthoringError, match="'this' is no name"):
        written(lambda board: board.rows().row("this", "this", "= 1"))


def test_a_chart_runs_over_the_labels_of_an_axis() -> None:
    def declare(board: Board) -> None:
        table = board.columns(SIDE, at="A1", labels="Side|쪽")
        table.column("height", "height|높이", "= 1")
        board.chart("Heights|높이", bars("height"), over="side", below=table)

    (chart,) = written(declare).sheet.charts
    assert (chart.series[0].x, chart.series[0].y) == ("A2:A3", "B2:B3")
    assert chart.x_title is not None
    assert chart.x_title.en == "Side"


def test_a_chart_needs_labels_to_run_over() -> None:
    def declare(board: Board) -> None:
        table = board.columns(axis("place", 2), at="A1")
        table.column("height", "height|높이", "= 1")
        board.chart("Heights|높이", bars("height"), over="place", below=table)

    with pytest.raises(AuthoringError, match="place"):
        written(declare)
