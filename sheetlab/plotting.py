"""The charts of a workbook by matplotlib, from its recalculated cells."""

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sheetlab.authoring.charts import (
    PATH_ENDS,
    Chart,
    Dash,
    Look,
    Scale,
    Shape,
    looks,
    path_end,
    path_start,
    tick_text,
    tint,
    x_scale,
    y_scale,
)
from sheetlab.authoring.charts.layout import (
    AXIS_TITLE_SIZE,
    LEGEND_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    stands_upright,
)
from sheetlab.authoring.style import AXIS, GRID, INK, MUTED
from sheetlab.engine import Book
from sheetlab.engine.cell_range import quoted
from sheetlab.errors import WorkbookError
from sheetlab.files.replacing import replace_file
from sheetlab.text import Language, Text

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Cells = Callable[[str], list[Any]]

_INCHES = (6.4, 4.2)
_CHARTS_IN_A_ROW = 3
_LABELS_IN_A_ROW = 3
_PADDING = 0.15  # inches
_BARS_WIDTH = 0.7
_LARGEST = 1e300
_KOREAN_FONTS = ("Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic", "Noto Sans CJK KR")
_LINES: dict[Dash, Any] = {
    "solid": "-",
    "dashed": "--",
    "dotted": ":",
    "dash-dot": "-.",
    "long-dash": (0, (8, 3)),
}
_MARKERS: dict[Shape, Any] = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "cross": "x",
    "plus": "+",
    "star": (6, 2, 0),
}


def plot(book: Book, sheet: str, charts: Sequence[Chart], language: Language, path: Path) -> None:
    """Draw the charts in a grid into an image file, whose suffix says the kind.

    A cell that holds no number leaves a gap. Raises `WorkbookError` where the file cannot be
    written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    def cells(ref: str) -> list[Any]:
        return list(np.ravel(book[f"{quoted(sheet)}!{ref}"]).tolist())

    columns = 2 if len(charts) == 4 else min(len(charts), _CHARTS_IN_A_ROW)
    rows = math.ceil(len(charts) / columns)
    width, height = _INCHES
    # A text of the workbook is no mathematics between dollar signs.
    with pyplot.rc_context({"font.family": _fonts(language), "text.parse_math": False}):
        figure, grid = pyplot.subplots(
            rows,
            columns,
            figsize=(width * columns, height * rows),
            squeeze=False,
            layout=ConstrainedLayoutEngine(w_pad=_PADDING, h_pad=_PADDING),
        )
        try:
            for chart, axes in zip(charts, grid.flat, strict=False):
                _draw(axes, cells, chart, language)
            for axes in grid.flat[len(charts) :]:
                axes.set_visible(False)
            picture = io.BytesIO()
            figure.savefig(picture, dpi=150, format=path.suffix[1:].lower() or "png")
            replace_file(path.resolve(), lambda file: file.write(picture.getbuffer()))
        # Up to Python 3.12 a loop of links is a RuntimeError to `resolve`.
        except (OSError, RuntimeError, ValueError) as error:
            raise WorkbookError(
                Text(
                    f"{path}: the picture cannot be written ({error}); give another path with -o.",
                    f"{path}: 그림을 쓸 수 없습니다({error}). -o로 다른 경로를 주십시오.",
                )
            ) from error
        finally:
            pyplot.close(figure)


def _draw(axes: Any, cells: Cells, chart: Chart, language: Language) -> None:
    labels = [
        series.label.to(language)
        if isinstance(series.label, Text)
        else None
        if series.label is None
        else _text(cells(series.label)[0])
        for series in chart.series
    ]
    if chart.bars:
        ends = _draw_bars(axes, cells, chart, labels)
        y = y_scale(chart, _extent([np.zeros(1), *ends]))
    else:
        points = [(_numbers(cells(series.x)), _numbers(cells(series.y))) for series in chart.series]
        x = x_scale(chart, _extent([x for x, _ in points], above_zero=chart.x_log))
        y = y_scale(chart, _extent([y for _, y in points], above_zero=chart.y_log))
        _set_scale(axes.xaxis, axes.set_xscale, axes.set_xlim, x)
        for position, look in enumerate(looks(chart)):
            _draw_series(axes, position, look, (x, y), *points[position], labels[position])
            if chart.series[position].marks == "path":
                _draw_path_ends(axes, look, *points[position], language)
        if y.low is not None and y.high is not None and y.low < 0 < y.high:
            axes.axhline(0, color=f"#{AXIS}", linewidth=0.8, zorder=1)
    _set_scale(axes.yaxis, axes.set_yscale, axes.set_ylim, y)
    if chart.equal_scales:
        axes.set_aspect("equal")
    _write_titles(axes, chart, language)
    axes.grid(axis="y", color=f"#{GRID}")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(f"#{AXIS}")
    axes.tick_params(colors=f"#{MUTED}", labelsize=TICK_SIZE)
    if sum(label is not None for label in labels) > 1:
        _add_legend(axes, chart)


def _draw_series(
    axes: Any,
    position: int,
    look: Look,
    scales: tuple[Scale, Scale],
    x: Numbers,
    y: Numbers,
    label: str | None,
) -> None:
    axes.plot(
        x,
        y,
        # An underscore keeps a series out of the legend.
        label="_" if label is None else label,
        linestyle="none" if look.dash is None else _LINES[look.dash],
        linewidth=look.width,
        # Markers at the very end of an axis are drawn whole, what lies beyond it not at all.
        clip_on=_goes_beyond(scales[0], x) or _goes_beyond(scales[1], y),
        zorder=2 + position / 100,
        **_marker(look),
    )


def _goes_beyond(scale: Scale, numbers: Numbers) -> bool:
    low = -np.inf if scale.low is None else scale.low
    high = np.inf if scale.high is None else scale.high
    return bool(((numbers < low) | (numbers > high)).any())


def _marker(look: Look) -> dict[str, Any]:
    colour = f"#{look.colour}"
    if look.shape is None:
        return {"color": colour}
    return {
        "color": colour,
        "marker": _MARKERS[look.shape],
        "markersize": look.size,
        "markerfacecolor": "white" if look.hollow else colour,
        "markeredgewidth": 1.5 if look.hollow or look.shape in ("cross", "plus", "star") else 0.5,
    }


def _draw_path_ends(axes: Any, look: Look, x: Numbers, y: Numbers, language: Language) -> None:
    ends = ((0, path_start(look), PATH_ENDS[0]), (-1, path_end(look), PATH_ENDS[1]))
    for place, end, word in ends:
        axes.plot(x[place], y[place], linestyle="none", zorder=3, label="_", **_marker(end))
        if np.isfinite(x[place]) and np.isfinite(y[place]):
            axes.annotate(
                word.to(language),
                (x[place], y[place]),
                xytext=(0, end.size * 0.8),
                textcoords="offset points",
                ha="center",
                fontsize=TICK_SIZE,
                color=f"#{INK}",
            )


def _draw_bars(
    axes: Any, cells: Cells, chart: Chart, labels: Sequence[str | None]
) -> list[Numbers]:
    """Draw the bars; returns where they end."""
    categories = [_text(category) for category in cells(chart.series[0].x)]
    places = np.arange(len(categories))
    width = _BARS_WIDTH if chart.stacked else _BARS_WIDTH / len(chart.series)
    above, below = np.zeros(len(categories)), np.zeros(len(categories))
    ends = []
    for position, (series, look) in enumerate(zip(chart.series, looks(chart), strict=True)):
        heights = _numbers(cells(series.y))
        bottoms = np.where(heights < 0, below, above) if chart.stacked else np.zeros(len(heights))
        shift = 0 if chart.stacked else width * (position - (len(chart.series) - 1) / 2)
        axes.bar(
            places + shift,
            heights,
            width,
            bottoms,
            label="_" if labels[position] is None else labels[position],
            color=f"#{tint(look.colour) if look.hollow else look.colour}",
            edgecolor=f"#{look.colour}",
        )
        above += np.nan_to_num(np.maximum(heights, 0))
        below += np.nan_to_num(np.minimum(heights, 0))
        ends.append(bottoms + heights)
    axes.set_xticks(places, categories)
    axes.axhline(0, color=f"#{AXIS}", linewidth=0.8, zorder=1)
    return ends


def _set_scale(axis: Any, set_scale: Any, set_limits: Any, scale: Scale) -> None:
    if scale.log:
        set_scale("log")
    set_limits(scale.low, scale.high)
    if scale.ticks():
        axis.set_ticks(scale.ticks())
        axis.set_ticks([], minor=True)
        axis.set_major_formatter(lambda tick, _: tick_text(tick, scale.number_format))


def _write_titles(axes: Any, chart: Chart, language: Language) -> None:
    if chart.title is not None:
        title = chart.title.to(language)
        axes.set_title(title, fontweight="bold", fontsize=TITLE_SIZE, color=f"#{INK}", wrap=True)
    looks_so = {"fontsize": AXIS_TITLE_SIZE, "color": f"#{MUTED}"}
    if chart.x_title is not None:
        axes.set_xlabel(chart.x_title.to(language), **looks_so)
    if chart.y_title is not None:
        text = chart.y_title.to(language)
        turned = {"rotation": 0, "ha": "right"} if stands_upright(text) else {}
        axes.set_ylabel(text, **looks_so, **turned)


def _add_legend(axes: Any, chart: Chart) -> None:
    places: dict[str, dict[str, Any]] = {
        "right": {"loc": "center left", "bbox_to_anchor": (1.02, 0.5)},
        "bottom": {
            "loc": "upper center",
            "bbox_to_anchor": (0.5, -0.16),
            "ncols": min(len(chart.series), _LABELS_IN_A_ROW),
        },
    }
    looks_so: dict[str, Any] = {"frameon": False, "fontsize": LEGEND_SIZE, "labelcolor": f"#{INK}"}
    axes.legend(**places[chart.legend or "bottom"], **looks_so)


def _numbers(values: Sequence[Any]) -> Numbers:
    """The values as floats; texts, blanks, error values and what no chart can show are NaN."""
    return np.array(
        [
            float(value) if isinstance(value, int | float) and abs(value) < _LARGEST else np.nan
            for value in values
        ]
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _extent(arrays: Sequence[Numbers], above_zero: bool = False) -> tuple[float, float] | None:
    """The least and greatest of the numbers, None where there are none."""
    numbers = np.concatenate([array[np.isfinite(array)] for array in arrays])
    if above_zero:
        numbers = numbers[numbers > 0]
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else None


def _fonts(language: Language) -> list[str]:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    korean = [font for font in _KOREAN_FONTS if font in installed]
    # The Greek and Korean letters of a label come from the first face that has them.
    return [*(korean if language == "ko" else []), "DejaVu Sans", *korean]
