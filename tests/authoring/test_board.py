"""The board: where things stand, what its strip says, texts with addresses in place of names."""

from typing import Any

import numpy as np
import pytest
from authoring.boards import LINKS, Given, Written, written

from sheetlab.authoring import AuthoringError, Board, axis, bars, dots, line, path
from sheetlab.authoring.tables import Columns
from sheetlab.authoring.writing import require_agreement
from sheetlab.text import Text

POINT, ROUND = axis("point", 3), axis("round", 2)
FEATURE = axis("feature", ("age|나이", "income|수입"))


def table(board: Board, name: str, rows: int = 2, columns: int = 1, **said: Any) -> Columns:
    """A table of so many rows, the heading among them, and columns."""
    made = board.columns(axis("down", rows - 1), **said)
    across = axis("across", columns)
    made.column(name, name, "= 1", by=across, show_labels=False)
    return made


def places(declare: Any) -> list[str]:
    return [item.partition(" ")[2] for item in written(declare).items()]


# Where things stand.


def test_without_a_word_things_stand_below_each_other() -> None:
    def declare(board: Board) -> None:
        table(board, "a1_", 3, 2, at="B2")
        table(board, "b1_", 2)
        table(board, "c1_", 2, gap=0)

    assert places(declare) == ["B2:C4", "A6:A7", "A8:A9"]


def test_a_quantity_stands_for_its_table() -> None:
    def declare(board: Board) -> None:
        x = board.columns(at="B2").input("rate")
        y = board.columns(right_of=x).input("start")
        board.columns(below=(x, y)).column("z", "z", "= rate")

    assert places(declare) == ["B2:B3", "D2:D3", "B5:B6"]


def test_right_of_and_below_others() -> None:
    def declare(board: Board) -> None:
        first = table(board, "first", 3, 2, at="A1")
        second = table(board, "second", 5, 1, right_of=first)
        third = table(board, "third", 2, 1, right_of=(first, second), gap=2)
        table(board, "below", 2, 1, below=first)
        table(board, "below_both", 2, 1, below=(first, second))
        table(board, "corner", 2, 1, right_of=second, below=third)

    assert places(declare) == ["A1:B3", "D1:D5", "G1:G2", "A5:A6", "A7:A8", "F4:F5"]


def test_beside_a_table_the_bodies_are_level() -> None:
    def declare(board: Board) -> None:
        high = board.columns(POINT, at="A1", title="high")
        high.column("a", "a", "= 1")
        high.start("start").value("begin", "= 1", under="a")
        low = board.columns(POINT, beside=high)
        low.column("b", "b", "= a")

    board = written(declare)
    assert board.items() == ["Columns A1:A6", "Columns C3:C6"]
    assert board.texts("b") == ["=A4", "=A5", "=A6"]


def test_a_table_moves_down_for_a_higher_one_beside_it() -> None:
    def declare(board: Board) -> None:
        low = board.columns(POINT)
        low.column("a", "a", "= 1")
        high = board.columns(POINT, beside=low, title="high")
        high.column("b", "b", "= a")

    board = written(declare)
    assert board.items() == ["Columns A6:A9", "Columns C5:C9"]
    assert board.texts("b") == ["=A7", "=A8", "=A9"]


def test_nothing_stands_on_the_same_cells() -> None:
    def declare(board: Board) -> None:
        table(board, "first", 3, 2, at="A1")
        table(board, "second", 3, 2, at="B3")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == "the table of 'first' and the table of 'second' overlap"


# The strip.


TRIES = (Text("Set {rate} to 1.", "{rate}을 1로 바꾸십시오."), Text("Then look.", "보십시오."))


def simple(board: Board) -> None:
    board.rows().input("rate")


def test_the_strip_stands_above_everything() -> None:
    board = written(simple, tries=TRIES)
    lines = [board[f"A{row}"] for row in range(1, 8)]
    assert lines[:4] == ["Title", "y = x", "1. Set B7 to 1.", "2. Then look."]
    assert lines[4].startswith("▸ Check")
    assert lines[5:] == [None, "rate"]
    links = {ref: board.worksheet[ref].hyperlink for ref in ("A5", "D5")}
    assert [link.location for link in links.values() if link] == [f"'{name}'!A1" for name in LINKS]
    assert "A1:F1" in board.merged()
    korean = written(simple, tries=TRIES, language="ko")
    assert (korean["A1"], korean["A3"]) == ("제목", "1. B7을 1로 바꾸십시오.")


def test_the_strip_stands_beside_where_it_is_told() -> None:
    def declare(board: Board) -> None:
        given = board.rows(at="A1")
        given.input("rate")
        strip = board.strip(right_of=given, width=40)
        board.note("below", below=strip, width=strip)

    board = written(declare, tries=TRIES)
    strip, note = board.items()[1:]
    assert strip.startswith("Strip D1:")
    assert strip.endswith("5")
    assert note == strip.replace("Strip D1", "Note D7").replace("5", "7")
    assert board["D3"] == "1. Set B1 to 1."


def test_where_a_table_is_fixed_nothing_stands_above_it() -> None:
    def declare(board: Board) -> None:
        board.rows(at="A1").input("rate")

    board = written(declare, tries=TRIES)
    assert (board["A1"], board.board.head) == ("rate", None)


# Notes, legend, headings in sight.


def test_a_note_is_as_wide_as_it_is_told() -> None:
    def declare(board: Board) -> None:
        wide = table(board, "wide", 2, 5, at="A1")
        board.note("The mean of {wide}.|{wide}의 평균.", width=wide)
        board.note("Two rows.|두 행.", rows=2, width=10, below=())

    board = written(declare, language="ko")
    assert board.items()[1] == "Note A4:E4"
    assert board["A4"] == "A2:E2의 평균."
    assert board.items()[2].startswith("Note A6:")
    assert board.items()[2].endswith("7")


def test_what_is_true_of_the_slide_alone_stands_only_there() -> None:
    def declare(board: Board) -> None:
        board.rows(at="A1").input("rate")
        board.note("The slide rounds.", slide_only=True)

    assert written(declare)["A3"] == "The slide rounds."
    assert written(declare, Given(rate=0.25))["A3"] is None


def test_the_legend_says_what_inputs_and_formulas_look_like() -> None:
    def declare(board: Board) -> None:
        given = board.rows(at="A1")
        given.input("rate")
        board.legend(right_of=given, span=2)

    board = written(declare, language="ko")
    assert board.items()[1] == "Legend D1:E2"
    assert [board["D1"], board["D2"]] == ["입력: 바꾸어 보십시오", "수식: 자동으로 계산됩니다"]
    assert board.worksheet["D1"].fill.fgColor.rgb == board.worksheet["B1"].fill.fgColor.rgb


def test_headings_stay_in_sight() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="B2", labels="no.")
        points.column("x", "x", "= 1", by=FEATURE)
        board.freeze(points)

    assert written(declare).worksheet.freeze_panes == "C4"


def test_headings_of_panels_stay_in_sight() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, runs="right", labels_once=True) as panel:
            points = panel.columns(POINT, title="{}", labels="no.")
            points.column("x", "x", "= 1")
        board.freeze(points)

    assert written(declare).worksheet.freeze_panes == "B7"


# Texts.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{rate}", "B1"),
        ("from { rate } on", "from B1 on"),
        ("{x}", "A4:A13"),
        ("{x.input}", "A4:A8"),
        ("{x.at(2)} and {x.last}", "A5 and A13"),
        ("{x.row}", "4–13"),
        ("{x.column}", "A"),
        ("{x.first.row}", "4"),
        ("{pair.column}", "B–C"),
        ("{pair.at(feature, 2)}", "C4:C13"),
        ("{pair.at(ten, 1).at(feature, 2)}", "C4"),
        ("no braces", "no braces"),
        # Korean particles follow how the address is read: B1 일, A4:A13 삼, A4 사, A5 오.
        ("{rate}를, {rate}는 {rate}가, {rate}와 {rate}으로", "B1을, B1은 B1이, B1과 B1로"),
        ("{x}와 {x.first}을 {x.last}로", "A4:A13과 A4를 A13으로"),
        ("{x.column}를 {x.column}이 {x.row}를", "A를 A가 4–13을"),
        ("{x.at(2)}와의 {x.at(2)}이면 {x.at(2)}이고 {x.at(2)}에서", "A5와의 A5이면 A5이고 A5에서"),
    ],
)
def test_names_in_texts_become_addresses(text: str, shown: str) -> None:
    assert note(text)["F1"] == shown


def note(text: str) -> Written:
    def declare(board: Board) -> None:
        given = board.rows(at="A1")
        given.input("rate")
        ten = board.columns(axis("ten", 10), at="A3")
        ten.input("x", then="= x.before(5)")
        ten.column("pair", "pair", "= x", by=FEATURE, show_labels=False)
        board.note(text, at="F1")

    return written(declare)


def test_names_in_labels_become_addresses() -> None:
    def declare(board: Board) -> None:
        given = board.rows(at="A1", labels="given")
        given.input("rate", heading="rate, below {twice}")
        with given.group("with {rate}"):
            given.row("twice", "twice {rate}|{rate}의 두 배", "= 2 * rate")

    board = written(declare, language="ko")
    assert board.rows("A1:B2") == [["rate, below C2", None], ["with C1", "C1의 두 배"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("see {rat}", "there is no quantity 'rat'; do you mean rate?"),
        ("see {x.mean}", "`x.mean`: there is no selector .mean"),
        ("see {A1}", "`A1` is no name of a quantity"),
        ("see {x.before}", "`x.before`: there is no axis to move along"),
    ],
)
def test_a_name_in_a_text_that_is_none_is_told(text: str, message: str) -> None:
    with pytest.raises(AuthoringError) as error:
        note(text)
    assert str(error.value) == f"the text “{text}”: {message}"


# Charts.


def charts(*drawn: Any, **said: Any) -> Written:
    """A chart of the tables: `x` and `y` over points, `w` by features, `t` in two panels."""

    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", labels="no.|번호")
        points.column("x", "the x|엑스", "= 1")
        points.column("y", "the y|와이", "= 2")
        points.column("w", "w", "= 1", by=FEATURE)
        long = board.columns(ROUND * POINT, below=points)
        long.column("z", "z", "= 1")
        board.chart("A chart|차트", *drawn, right_of=points, **said)

    return written(declare)


def series_of(board: Written) -> list[tuple[Any, str, str, str]]:
    (chart,) = board.sheet.charts
    return [(one.label, one.x, one.y, one.marks) for one in chart.series]


def test_a_chart_draws_quantities() -> None:
    board = charts(line("y"), dots("x", over="y", label="turned|뒤집음"), over="x")
    (chart,) = board.sheet.charts
    assert chart.title == ("A chart", "차트")
    assert (chart.x_title, chart.y_title) == (("the x", "엑스"), ("the y", "와이"))
    assert series_of(board) == [
        (("the y", "와이"), "B3:B5", "C3:C5", "line"),
        (("turned", "뒤집음"), "C3:C5", "B3:B5", "points"),
    ]


def test_the_titles_of_its_axes_and_its_marks_can_be_told() -> None:
    drawn = (line("y", dotted=True, colour=3), path("x"), dots("y.first", over="x.first"))
    board = charts(*drawn, over="x", x="across|가로", y="up|세로", y_range=(0, 3))
    (chart,) = board.sheet.charts
    assert (chart.x_title, chart.y_title) == (("across", "가로"), ("up", "세로"))
    assert chart.y_range == (0, 3)
    assert chart.series[0].colour == 3
    assert [(one.x, one.y, one.marks) for one in chart.series] == [
        ("B3:B5", "C3:C5", "both"),
        ("B3:B5", "B3:B5", "path"),
        ("B3", "C3", "points"),
    ]


def test_bars_over_labels() -> None:
    board = charts(bars("y"), over="point")
    (chart,) = board.sheet.charts
    assert chart.bars
    assert chart.x_title == ("no.", "번호")
    assert series_of(board) == [(("the y", "와이"), "A3:A5", "C3:C5", "line")]


def test_a_line_for_each_place_of_an_axis() -> None:
    each = charts(line("w", each=FEATURE, label="by {}|{}별"), over="x")
    assert series_of(each) == [
        (("by age", "나이별"), "B3:B5", "D3:D5", "line"),
        (("by income", "수입별"), "B3:B5", "E3:E5", "line"),
    ]
    rounds = charts(line("z", over="x", each=ROUND))
    assert series_of(rounds) == [
        (("1", "1"), "B3:B5", "A8:A10", "line"),
        (("2", "2"), "B3:B5", "A11:A13", "line"),
    ]


def test_a_chart_in_panels_draws_its_own() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND) as panel:
            points = panel.columns(POINT)
            points.column("x", "x", "= 1")
            points.column("y", "y", "= 1")
            panel.chart("Round {}|{}회", line("y"), over="x", rows=4, right_of=points)

    drawn = written(declare).sheet.charts
    assert [chart.title for chart in drawn] == [("Round 1", "1회"), ("Round 2", "2회")]
    ranges = [(chart.series[0].x, chart.series[0].y) for chart in drawn]
    assert ranges == [("A6:A8", "B6:B8"), ("A11:A13", "B11:B13")]


def test_a_chart_covers_what_it_is_told() -> None:
    def declare(board: Board) -> None:
        wide = table(board, "wide", 3, 4, at="A1")
        board.chart("A", line("wide.at(across, 1)"), over="wide.at(across, 2)", width=wide, rows=9)

    assert places(declare) == ["A1:D3", "A5:D13"]


@pytest.mark.parametrize(
    ("drawn", "over", "message"),
    [
        (line("y"), None, "the chart “A chart” needs to know over what y runs"),
        (line("yy"), "x", "the chart “A chart”: there is no quantity 'yy'; do you mean y?"),
        (line("y"), "xx", "the chart “A chart”: there is no quantity 'xx'; do you mean x?"),
        (line("y.before"), "x", "the chart “A chart”: `y.before`: there is no axis to move along"),
    ],
)
def test_what_a_chart_cannot_draw_is_told(drawn: Any, over: str | None, message: str) -> None:
    with pytest.raises(AuthoringError) as error:
        charts(drawn, over=over)
    assert str(error.value) == message


# Sheet and reference.


def agreement(reference: dict[str, tuple[int, ...]]) -> None:
    board = Board(Given(), written(simple).board.words)
    long = board.columns(ROUND * POINT)
    long.column("x", "x", "= 1")
    long.column("matrix", "matrix", "= 1", by=FEATURE)
    board.rows().row("single", "single", "= 1")
    require_agreement(board, {name: np.zeros(shape) for name, shape in reference.items()})


@pytest.mark.parametrize(
    ("x", "matrix", "single"),
    [
        ((2, 3), (2, 3, 2), ()),
        ((6,), (6, 2), (1,)),
        ((1, 2, 3), (2, 6), (1, 1)),
        ((6, 1), (12,), ()),
    ],
)
def test_axes_that_follow_one_another_may_be_one_in_the_reference(
    x: tuple[int, ...], matrix: tuple[int, ...], single: tuple[int, ...]
) -> None:
    agreement({"x": x, "matrix": matrix, "single": single})


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            {"x": (6,), "matrx": (6, 2), "single": ()},
            "sheet and reference differ: only on the sheet ['matrix'], only in the reference"
            " ['matrx']",
        ),
        (
            {"x": (6,), "matrix": (2, 6, 1), "single": (2,)},
            "quantity 'single' is one value on the sheet, but has the shape (2,) in the reference",
        ),
        (
            {"x": (3, 2), "matrix": (6, 2), "single": ()},
            "quantity 'x' is round (2) × point (3) on the sheet, but has the shape (3, 2) in the"
            " reference",
        ),
        (
            {"x": (6,), "matrix": (3, 4), "single": ()},
            "quantity 'matrix' is round (2) × point (3) × feature (2) on the sheet, but has the"
            " shape (3, 4) in the reference",
        ),
    ],
)
def test_sheet_and_reference_have_the_same_quantities_of_the_same_shape(
    reference: dict[str, tuple[int, ...]], message: str
) -> None:
    with pytest.raises(AuthoringError) as error:
        agreement(reference)
    assert str(error.value) == message
