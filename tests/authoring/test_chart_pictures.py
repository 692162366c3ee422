"""Charts as LibreOffice draws them: what is where on the page."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from pictures import Picture, bounds_of, first_pages, pixels_of

from sheetlab.authoring.charts import Chart, Series, add_chart
from sheetlab.authoring.style import MUTED, PALETTE, RULE
from sheetlab.text import LANGUAGES, Language, Text, same

pytestmark = pytest.mark.needs_pictures

DOTS_PER_INCH = 100
COUNTS = list(range(20))

# Cells by column, and the chart drawn of them.
Drawing = tuple[dict[str, list[Any]], dict[str, Any]]

TITLES = {
    "title": Text("Squared error of each step", "걸음마다의 제곱오차"),
    "x_title": Text("iteration", "반복"),
    "y_title": Text("squared error", "제곱오차"),
}


def series(y: str, number: int, **said: Any) -> Series:
    return Series(Text(f"series {number}", f"계열 {number}"), "A1:A20", f"{y}1:{y}20", **said)


LINES: Drawing = (
    {"A": COUNTS, "B": [0.1 + 0.03 * x for x in COUNTS], "C": [0.9 - 0.03 * x for x in COUNTS]},
    {
        **TITLES,
        "series": (series("B", 1), series("C", 2)),
        "whole_x": True,
        "x_extent": (0, 19),
        "y_range": (0, 1),
    },
)
POINTS: Drawing = (
    {
        "A": COUNTS,
        "B": [1.0 if x < 10 else "=NA()" for x in COUNTS],
        "C": ["=NA()" if x < 10 else 3.0 for x in COUNTS],
    },
    {
        **TITLES,
        "series": (series("B", 1, marks="points"), series("C", 2, marks="points", hollow=True)),
        "x_range": (0, 20),
        "y_range": (0, 4),
    },
)
BARS: Drawing = (
    {"A": ["first", "second"], "B": [3, -1], "C": [1, -2]},
    {
        **TITLES,
        "series": tuple(Series(same(y), "A1:A2", f"{y}1:{y}2", colour=2) for y in "BC"),
        "bars": True,
        "y_range": (-4, 4),
    },
)
STACKED: Drawing = (BARS[0], {**BARS[1], "stacked": True})
LOGARITHMIC: Drawing = (
    {"A": [10.0 ** (x / 10) for x in COUNTS], "B": [10.0 ** (-x / 5) for x in COUNTS]},
    {
        **TITLES,
        "series": (series("B", 1),),
        "x_log": True,
        "y_log": True,
        "x_extent": (1, 10**1.9),
        "y_extent": (10**-3.8, 1),
    },
)
CIRCLE: Drawing = (
    {
        "A": [math.cos(math.pi * x / 12) for x in COUNTS],
        "B": [math.sin(math.pi * x / 12) for x in COUNTS],
    },
    {
        **TITLES,
        "series": (Series(None, "A1:A20", "B1:B20", "path"),),
        "x_range": (-1, 1),
        "y_range": (-1, 1),
        "equal_scales": True,
    },
)
DRAWINGS = {
    "lines": LINES,
    "points": POINTS,
    "bars": BARS,
    "stacked": STACKED,
    "logarithmic": LOGARITHMIC,
    "circle": CIRCLE,
}


def write(drawing: Drawing, language: Language, path: Path) -> None:
    columns, said = drawing
    workbook = Workbook()
    data = workbook.worksheets[0]
    data.title = "Data"
    for column, values in columns.items():
        for row, value in enumerate(values, 1):
            data[f"{column}{row}"] = value
    add_chart(data, Chart(**said), "AA1:AH18", language)
    data.print_area = "Z1:AI19"
    data.page_setup.fitToHeight = data.page_setup.fitToWidth = 1
    data.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    workbook.save(path)


@pytest.fixture(scope="module")
def picture_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., "Drawn"]:
    """Every drawing in both languages, from one run of LibreOffice."""
    folder = tmp_path_factory.mktemp("pictures")
    places = [(name, language) for name in DRAWINGS for language in LANGUAGES]
    paths = [folder / f"{name}-{language}.xlsx" for name, language in places]
    for (name, language), path in zip(places, paths, strict=True):
        write(DRAWINGS[name], language, path)
    pictures = dict(zip(places, first_pages(paths, folder, DOTS_PER_INCH), strict=True))
    return lambda name, language="en": Drawn(pictures[name, language])


class Drawn:
    """One chart, cut out of its page."""

    def __init__(self, page: Picture) -> None:
        left, top, right, bottom = bounds_of(pixels_of(page, RULE, 3))
        self.pixels = page[top + 2 : bottom - 1, left + 2 : right - 1]

    def bounds(self, colour: int) -> tuple[int, int, int, int]:
        """Where a colour of the palette is: left, top, right, bottom."""
        return bounds_of(self.of(colour))

    def of(self, colour: int) -> np.ndarray:
        """The pixels of a colour of the palette."""
        return pixels_of(self.pixels, PALETTE[colour])

    def plot(self) -> tuple[int, int, int, int]:
        """The plot's inner rectangle, from its axes."""
        axes = pixels_of(self.pixels, "8A94A0", 25)
        down, across = axes.sum(axis=0), axes.sum(axis=1)
        left, bottom = int(down.argmax()), int(across.argmax())
        top = int(np.flatnonzero(axes[:, left])[0])
        return left, top, int(np.flatnonzero(axes[bottom])[-1]), bottom


def groups(filled: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """The runs of true values, where `gap` false ones end a run."""
    places = np.flatnonzero(filled)
    breaks = np.flatnonzero(np.diff(places) > gap)
    firsts, lasts = np.r_[places[0], places[breaks + 1]], np.r_[places[breaks], places[-1]]
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_numbers_and_plot_stand_apart(
    picture_of: Callable[..., Drawn], language: Language
) -> None:
    drawn = picture_of("lines", language)
    left, top, _, bottom = drawn.plot()
    dark = drawn.pixels.sum(axis=2) < 3 * 150
    # Left of the plot: the title of the axis, its numbers (less the ticks beside the axis).
    beside = groups(dark[top:bottom, : left - 6].any(axis=0), gap=4)
    assert len(beside) == 2
    # Below: the numbers, the title of the axis, the legend.
    below = groups(dark[bottom + 6 :].any(axis=1), gap=4)
    assert len(below) == 3
    # Above: the title alone.
    assert len(groups(dark[: top - 6].any(axis=1), gap=4)) == 1


def test_the_plot_takes_most_of_the_chart(picture_of: Callable[..., Drawn]) -> None:
    drawn = picture_of("lines")
    left, top, right, bottom = drawn.plot()
    height, width, _ = drawn.pixels.shape
    assert (right - left) / width > 0.7
    assert (bottom - top) / height > 0.5


def test_lines_go_from_end_to_end_of_the_axis(picture_of: Callable[..., Drawn]) -> None:
    drawn = picture_of("lines")
    left, _, right, bottom = drawn.plot()
    first, _, last, _ = bounds_of(drawn.of(0)[: bottom - 3])
    assert first == pytest.approx(left, abs=4)
    assert last == pytest.approx(right, abs=4)


def test_the_second_line_is_dashed(picture_of: Callable[..., Drawn]) -> None:
    drawn = picture_of("lines")
    left, top, right, bottom = drawn.plot()
    solid, dashed = (
        drawn.of(colour)[top:bottom, left + 5 : right - 5].any(axis=0).mean() for colour in (0, 1)
    )
    assert solid > 0.99
    assert 0.3 < dashed < 0.95


def test_points_are_where_their_numbers_are_and_nowhere_else(
    picture_of: Callable[..., Drawn],
) -> None:
    drawn = picture_of("points")
    left, top, right, bottom = drawn.plot()
    middle = (left + right) / 2
    for colour, height in ((0, 0.25), (1, 0.75)):
        first, upper, last, lower = bounds_of(drawn.of(colour)[:bottom, :])
        assert (upper + lower) / 2 == pytest.approx(bottom - height * (bottom - top), abs=4)
        assert (last < middle) if colour == 0 else (first > middle - 8)
    # Ten markers of each, and no line that joins them.
    for colour in (0, 1):
        columns = np.asarray(drawn.of(colour)[:bottom].any(axis=0))
        assert len(groups(columns, gap=1)) == 10


def test_bars_stand_side_by_side_or_on_each_other(picture_of: Callable[..., Drawn]) -> None:
    for name, highest, lowest in (("bars", 3, -2), ("stacked", 4, -3)):
        drawn = picture_of(name)
        _, top, _, _ = drawn.plot()
        axes = pixels_of(drawn.pixels, "8A94A0", 25)
        column = np.flatnonzero(axes[:, drawn.plot()[0]])
        height = column[-1] - top
        _, upper, _, lower = bounds_of(drawn.of(2)[: column[-1] + 1])
        assert upper == pytest.approx(top + height * (4 - highest) / 8, abs=4)
        assert lower == pytest.approx(top + height * (4 - lowest) / 8, abs=4)


def test_powers_of_ten_are_a_straight_line_on_logarithmic_axes(
    picture_of: Callable[..., Drawn],
) -> None:
    drawn = picture_of("logarithmic")
    left, top, right, bottom = drawn.plot()
    for share in (0.1, 0.5, 0.8):
        column = drawn.of(0)[top:bottom, round(left + share * (right - left))]
        # y falls by four powers of ten while x rises by two.
        assert np.flatnonzero(column).mean() == pytest.approx(share * (bottom - top), abs=4)


def test_equal_scales_leave_a_circle_round(picture_of: Callable[..., Drawn]) -> None:
    left, top, right, bottom = picture_of("circle").bounds(0)
    assert (right - left) / (bottom - top) == pytest.approx(1, abs=0.05)


def test_the_ends_of_a_path_are_larger_than_its_points(picture_of: Callable[..., Drawn]) -> None:
    pixels = picture_of("circle").of(0)
    left, top, right, _ = bounds_of(pixels)
    radius = (right - left) / 2

    def around(step: int) -> int:
        angle = math.pi * step / 12
        x, y = left + radius * (1 + math.cos(angle)), top + radius * (1 - math.sin(angle))
        row, column = round(y), round(x)
        return int(pixels[max(row - 8, 0) : row + 9, max(column - 8, 0) : column + 9].sum())

    between = max(around(step) for step in (5, 8, 11, 14))
    assert around(0) > 1.1 * between
    assert around(19) > 1.1 * between


def test_texts_are_in_their_colour(picture_of: Callable[..., Drawn]) -> None:
    assert pixels_of(picture_of("lines").pixels, MUTED, 30).sum() > 100
