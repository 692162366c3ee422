"""How a chart's area is shared out between the plot and the words around it."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sheetlab.authoring.charts.chart import Chart, LegendPlace
from sheetlab.authoring.charts.scale import Scale, tick_text
from sheetlab.text import Language

# Sizes of type in points, readable from the back of a room.
TITLE_SIZE, AXIS_TITLE_SIZE, TICK_SIZE, LEGEND_SIZE = 12, 11, 10, 10

_MARGIN = 8.0
_GAP = 4.0
_LINE_HEIGHT, _TITLE_LINE_HEIGHT = 1.3, 1.6
# Titles are wrapped where they are wider than that share of the chart.
_TITLE_SHARE = 0.75
# LibreOffice sets titles and legend apart from what is next to them by that share of the height.
_APART = 0.02
# The widest faces that take the place of Arial are about so wide.
_LETTER_WIDTH, _DIGIT_WIDTH, _WIDE_LETTERS = 0.58, 0.64, "%mwMW"
_LINE_KEY, _POINT_KEY = 32.0, 18.0
_UNKNOWN_TICK = "0.00"
# An upright title of the y axis is read sooner, a long one costs more room than one on its side.
_UPRIGHT_LETTERS = 4


@dataclass(frozen=True)
class Layout:
    """The plot's inner rectangle in fractions of the chart, and where the legend stands.

    `words` is the fraction of the chart that legend and axis titles take.
    """

    x: float
    y: float
    width: float
    height: float
    legend: LegendPlace | None
    words: float


def layout(
    chart: Chart,
    scales: tuple[Scale, Scale],
    labels: Sequence[str],
    categories: Sequence[str],
    size: tuple[float, float],
    language: Language,
) -> Layout:
    """The layout of a chart of that size in points.

    `labels` stand in its legend, `categories` below its bars, if it has bars.
    """
    places: list[LegendPlace | None] = ["bottom", "right"]
    if len(labels) < 2:
        places = [None]
    elif chart.legend is not None:
        places = [chart.legend]
    choices = [
        _laid_out(chart, scales, labels, categories, size, language, place) for place in places
    ]
    return min(choices, key=lambda choice: choice.words)


def stands_upright(y_title: str) -> bool:
    """Whether the title of a y axis is short enough to be read without turning the head."""
    return _ems(y_title) <= _UPRIGHT_LETTERS * _LETTER_WIDTH


def _laid_out(
    chart: Chart,
    scales: tuple[Scale, Scale],
    labels: Sequence[str],
    categories: Sequence[str],
    size: tuple[float, float],
    language: Language,
    legend: LegendPlace | None,
) -> Layout:
    width, height = size
    x_scale, y_scale = scales
    left, right, top, bottom = _MARGIN, _MARGIN, _MARGIN, _MARGIN
    if chart.title is not None:
        lines = math.ceil(_ems(chart.title.to(language)) * TITLE_SIZE / (width * _TITLE_SHARE))
        top += lines * TITLE_SIZE * _TITLE_LINE_HEIGHT + _GAP + _APART * height
    else:
        top += TICK_SIZE / 2

    words = 0.0
    if legend == "bottom":
        columns = max(1, int((width - 2 * _MARGIN) // _entry_width(chart, labels)))
        band = math.ceil(len(labels) / columns) * LEGEND_SIZE * _LINE_HEIGHT
        bottom, words = bottom + band + _APART * height, words + band * width
    elif legend == "right":
        band = _entry_width(chart, labels) + _GAP
        right, words = right + band, words + band * height
    if chart.x_title is not None:
        band = AXIS_TITLE_SIZE * _LINE_HEIGHT + _GAP
        words += band * (width - left - right)
        bottom += band + _APART * height
    if chart.y_title is not None:
        title = chart.y_title.to(language)
        across = _ems(title) if stands_upright(title) else _LINE_HEIGHT
        band = across * AXIS_TITLE_SIZE + 3 * _GAP
        left, words = left + band, words + band * (height - top - bottom)
    left += _widest_tick(y_scale) + _GAP
    if not chart.bars:
        # The last tick's label stands half beyond the plot.
        right += _widest_tick(x_scale) / 2
    tick_lines = _lines(categories, (width - left - right) / max(len(categories), 1))
    bottom += tick_lines * TICK_SIZE * _LINE_HEIGHT + _GAP

    inner_width, inner_height = max(width - left - right, 1.0), max(height - top - bottom, 1.0)
    if chart.equal_scales:
        unit = min(inner_width / _length(x_scale), inner_height / _length(y_scale))
        spare = inner_width - unit * _length(x_scale), inner_height - unit * _length(y_scale)
        left, top = left + spare[0] / 2, top + spare[1] / 2
        inner_width, inner_height = inner_width - spare[0], inner_height - spare[1]
    return Layout(
        x=left / width,
        y=top / height,
        width=inner_width / width,
        height=inner_height / height,
        legend=legend,
        words=words / (width * height),
    )


def _entry_width(chart: Chart, labels: Sequence[str]) -> float:
    """The width of a legend's entry, alike for all: the longest label beside its key."""
    lines = not chart.bars and any(series.marks != "points" for series in chart.series)
    key = _LINE_KEY if lines else _POINT_KEY
    return max(_ems(label) for label in labels) * LEGEND_SIZE + key


def _lines(categories: Sequence[str], width: float) -> int:
    """How many lines the labels of the ticks take, where categories are wrapped to a width."""
    lines = (math.ceil(_ems(text) * TICK_SIZE / max(width, TICK_SIZE)) for text in categories)
    return max(lines, default=1) or 1


def _widest_tick(scale: Scale) -> float:
    texts = [tick_text(tick, scale.number_format) for tick in scale.ticks()] or [_UNKNOWN_TICK]
    return max(_ems(text) for text in texts) * TICK_SIZE


def _length(scale: Scale) -> float:
    assert scale.low is not None
    assert scale.high is not None
    return scale.high - scale.low


def _ems(text: str) -> float:
    """About how wide a text is, in multiples of its type size."""
    return sum(
        1.0
        if letter in _WIDE_LETTERS or unicodedata.east_asian_width(letter) in "WF"
        else _DIGIT_WIDTH
        if letter.isdigit()
        else _LETTER_WIDTH
        for letter in text
    )
