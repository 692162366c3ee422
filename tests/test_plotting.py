"""Charts drawn by matplotlib from a recalculated workbook."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from openpyxl import Workbook
from PIL import Image

from sheetlab.authoring.charts import Chart, Series
from sheetlab.authoring.style import PALETTE
from sheetlab.engine import Book, load
from sheetlab.errors import WorkbookError
from sheetlab.plotting import plot
from sheetlab.text import LANGUAGES, Language, Text, same

SHEET = "It's 1"
TITLES = {"title": Text("The loss", "손실"), "x_title": same("epoch"), "y_title": same("MSE")}


@pytest.fixture
def book(tmp_path: Path) -> Book:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    columns: dict[str, list[Any]] = {
        "A": [0, 1, 2, 3],
        "B": [1, "=1/0", "text", 4],
        "C": ["first", "=1+1", None, "=NA()"],
        "D": [1, 10, 100, 1000],
        "E": [-2, 1, 3, -1],
        "F": ["a label", 0, -5, 1e305],
        "G": ["=NA()", None, "text", "=1/0"],
    }
    for column, values in columns.items():
        for row, value in enumerate(values, 1):
            sheet[f"{column}{row}"] = value
    workbook.save(tmp_path / "book.xlsx")
    return load(tmp_path / "book.xlsx")


def chart_of(*series: Series, **said: Any) -> Chart:
    return Chart(**{**TITLES, **said, "series": series})


def line(y: str, x: str = "A", **said: Any) -> Series:
    return Series(said.pop("label", same(y)), f"{x}1:{x}4", f"{y}1:{y}4", **said)


@pytest.fixture
def drawn(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Any":
    """Draws charts; gives the axes of each, as matplotlib has them after drawing."""
    figures: list[Figure] = []
    monkeypatch.setattr(pyplot, "close", figures.append)

    def draw(*charts: Chart, language: Language = "en") -> list[Axes]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # A machine may have no Korean face.
            warnings.filterwarnings("ignore", "Glyph")
            plot(book, SHEET, charts, language, tmp_path / "charts.png")
        return figures[-1].axes

    yield draw
    monkeypatch.undo()
    pyplot.close("all")


def test_charts_stand_in_a_grid(book: Book, tmp_path: Path) -> None:
    sizes = []
    for count in (1, 3, 4, 7):
        plot(book, SHEET, [chart_of(line("E"))] * count, "en", tmp_path / "grid.png")
        with Image.open(tmp_path / "grid.png") as picture:
            sizes.append(picture.size)
    one_wide, one_high = sizes[0]
    assert sizes[1:] == [
        (3 * one_wide, one_high),
        (2 * one_wide, 2 * one_high),
        (3 * one_wide, 3 * one_high),
    ]


def test_cells_that_hold_no_number_leave_a_gap(drawn: Any) -> None:
    (axes,) = drawn(chart_of(line("B"), line("F", marks="points")))
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, True, False]
    assert np.isnan(axes.lines[1].get_ydata()).tolist() == [True, False, False, True]


@pytest.mark.parametrize("said", [{}, {"bars": True}, {"x_log": True, "y_log": True}])
def test_nothing_to_draw_is_drawn_all_the_same(drawn: Any, said: dict[str, Any]) -> None:
    drawn(chart_of(line("G", x="G"), **said))


def test_a_label_may_stand_in_a_cell(drawn: Any) -> None:
    (axes,) = drawn(chart_of(line("E", label="F1"), line("A"), line("D", label=None)))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a label", "A"]


@pytest.mark.parametrize("legend", ["bottom", "right"])
def test_a_legend_stands_beside_the_plot(drawn: Any, legend: str) -> None:
    (axes,) = drawn(chart_of(line("E"), line("A"), legend=legend))
    box = axes.get_legend().get_window_extent()
    plot_box = axes.get_window_extent()
    assert box.y1 < plot_box.y0 if legend == "bottom" else box.x0 > plot_box.x1
    (alone,) = drawn(chart_of(line("E")))
    assert alone.get_legend() is None


def test_series_look_as_in_the_workbook(drawn: Any) -> None:
    (axes,) = drawn(
        chart_of(
            line("A"),
            line("E"),
            line("D", dotted=True, width=4),
            line("A", marks="points"),
            line("E", marks="both", shape="cross", size=12, colour=7),
            line("B", marks="points", shape="diamond", hollow=True),
        )
    )
    lines = axes.lines[:6]
    assert [line.get_linestyle() for line in lines] == ["-", "--", ":", "None", "-", "None"]
    assert [line.get_marker() for line in lines[3:]] == ["o", "x", "D"]
    assert {str(line.get_marker()) for line in lines[:3]} <= {"", "None"}
    colours = [*PALETTE[:4], PALETTE[7], PALETTE[5]]
    assert [to_hex(line.get_color()) for line in lines] == [f"#{c.lower()}" for c in colours]
    assert lines[2].get_linewidth() == 4
    assert lines[4].get_markersize() == 12
    assert to_hex(lines[5].get_markerfacecolor()) == "#ffffff"


def test_axes_are_those_of_the_workbook(drawn: Any) -> None:
    first, second, third = drawn(
        chart_of(line("E"), x_range=(0, 2), y_range=(-4, 4), y_format="0.00"),
        chart_of(line("D"), whole_x=True, x_extent=(0, 3), y_log=True),
        chart_of(line("E"), y_range=(None, 10), y_step=4),
    )
    assert (first.get_xlim(), first.get_ylim()) == ((0, 2), (-4, 4))
    assert [text.get_text() for text in first.get_yticklabels()] == [
        *("-4.00", "-2.00", "0.00", "2.00", "4.00")
    ]
    assert second.get_xticks().tolist() == [0, 1, 2, 3]
    assert second.get_xlim() == (0, 3)
    assert second.get_yscale() == "log"
    assert second.get_ylim() == (1, 1000)
    assert third.get_ylim() == (-4, 10)
    assert third.get_yticks().tolist() == [-4, 0, 4, 8]


def test_what_lies_beyond_an_axis_is_cut_off(drawn: Any) -> None:
    (axes,) = drawn(chart_of(line("E"), y_range=(-2, 2)))
    assert axes.lines[0].get_clip_on()
    (axes,) = drawn(chart_of(line("E"), y_range=(-2, 3)))
    assert not axes.lines[0].get_clip_on()


def test_a_path_has_ends_and_equal_scales(drawn: Any) -> None:
    (axes,) = drawn(
        chart_of(line("E", marks="path"), x_range=(0, 3), y_range=(-2, 3), equal_scales=True),
        language="ko",
    )
    assert [text.get_text() for text in axes.texts] == ["시작", "끝"]
    path, start, end = axes.lines[:3]
    assert path.get_linestyle() == "-"
    assert (start.get_marker(), start.get_xdata()[0], start.get_ydata()[0]) == ("D", 0, -2)
    assert (end.get_marker(), end.get_xdata()[0], end.get_ydata()[0]) == ("o", 3, -1)
    assert axes.get_aspect() == 1


def test_bars_stand_side_by_side_or_on_each_other(drawn: Any) -> None:
    series = line("E", x="C"), line("A", x="C"), line("E", x="C", label=same("again"))
    beside, stacked = drawn(
        chart_of(*series, bars=True), chart_of(*series, bars=True, stacked=True)
    )
    for axes in (beside, stacked):
        assert [text.get_text() for text in axes.get_xticklabels()] == ["first", "2", "", "#N/A"]
    first, second, third = beside.containers
    assert first[0].get_x() + first[0].get_width() == pytest.approx(second[0].get_x())
    assert [bar.get_height() for bar in first] == [-2, 1, 3, -1]
    bottom, middle, top = stacked.containers
    assert [bar.get_y() for bar in bottom] == [0, 0, 0, 0]
    # What is above zero is stacked upwards, what is below downwards.
    assert [bar.get_y() for bar in middle] == [0, 1, 3, 0]
    assert [bar.get_y() for bar in top] == [-2, 2, 5, -1]
    assert stacked.get_ylim()[0] <= -4
    assert stacked.get_ylim()[1] >= 8
    assert len(third) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_in_the_language(drawn: Any, language: Language) -> None:
    (axes,) = drawn(chart_of(line("E")), language=language)
    assert axes.get_title() == {"en": "The loss", "ko": "손실"}[language]
    (bare,) = drawn(chart_of(line("E"), title=None, x_title=None, y_title=None))
    assert (bare.get_title(), bare.get_xlabel(), bare.get_ylabel()) == ("", "", "")


def test_a_picture_that_cannot_be_written_is_named(book: Book, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"nowhere.*-o"):
        plot(book, SHEET, [chart_of(line("E"))], "en", tmp_path / "nowhere" / "a.png")
    with pytest.raises(WorkbookError, match=r"a\.xyz.*-o"):
        plot(book, SHEET, [chart_of(line("E"))], "en", tmp_path / "a.xyz")
