"""The charts of a workbook by matplotlib, from its recalculated cells."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sheetlab.authoring import Chart, Series
from sheetlab.authoring.charts import colour_of
from sheetlab.engine import Book
from sheetlab.errors import WorkbookError
from sheetlab.text import Language, Text

_INCHES = (6.4, 4.2)
_KOREAN_FONTS = ("Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic", "Noto Sans CJK KR")


def plot(book: Book, sheet: str, charts: Sequence[Chart], language: Language, path: Path) -> None:
    """Draw the charts side by side into an image file, whose suffix says the kind.

    Raises `WorkbookError` where the file cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams["font.family"] = _fonts(language)
    width, height = _INCHES
    figure, axes = pyplot.subplots(
        1, len(charts), figsize=(width * len(charts), height), squeeze=False, layout="constrained"
    )
    for chart, axis in zip(charts, axes[0], strict=True):
        _draw(axis, book, sheet, chart, language)
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise WorkbookError(
            Text(
                f"{path}: the picture cannot be written ({error}); give another path with -o.",
                f"{path}: 그림을 쓸 수 없습니다({error}). -o로 다른 경로를 주십시오.",
            )
        ) from error
    finally:
        pyplot.close(figure)


def _draw(axis: Any, book: Book, sheet: str, chart: Chart, language: Language) -> None:
    for position, series in enumerate(chart.series):
        label, colour = series.label.to(language), "#" + colour_of(series, position)
        x, y = book[f"'{sheet}'!{series.x}"], _numbers(book[f"'{sheet}'!{series.y}"])
        if chart.bars:
            _draw_bars(
                axis,
                chart,
                position,
                [f"{item:g}" if isinstance(item, float) else str(item) for item in x],
                y,
                label,
                colour,
            )
        else:
            axis.plot(_numbers(x), y, label=label, color=colour, **_marks(series))
    axis.set_title(chart.title.to(language), fontweight="bold", fontsize=11)
    axis.set_xlabel(chart.x_title.to(language))
    axis.set_ylabel(chart.y_title.to(language))
    if chart.x_range:
        axis.set_xlim(chart.x_range)
    if chart.y_range:
        axis.set_ylim(chart.y_range)
    axis.grid(axis="y", color="#E6EAF0")
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    if len(chart.series) > 1:
        axis.legend(frameon=False, fontsize=8)


def _draw_bars(
    axis: Any,
    chart: Chart,
    position: int,
    categories: list[str],
    heights: np.ndarray[Any, Any],
    label: str,
    colour: str,
) -> None:
    width = 0.8 / len(chart.series)
    places = np.arange(len(categories))
    axis.bar(places + width * position, heights, width, label=label, color=colour)
    axis.set_xticks(places + width * (len(chart.series) - 1) / 2, categories)


def _marks(series: Series) -> dict[str, Any]:
    line = "none" if series.marks == "points" else "--" if series.dashed else "-"
    marker = "" if series.marks == "line" else "o"
    return {"linestyle": line, "marker": marker, "markersize": 5, "clip_on": False}


def _numbers(values: Any) -> np.ndarray[Any, Any]:
    """The values as floats; texts, blanks and error values leave a gap."""
    return np.array(
        [float(value) if isinstance(value, int | float) else np.nan for value in np.ravel(values)]
    )


def _fonts(language: Language) -> list[str]:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    korean = [font for font in _KOREAN_FONTS if font in installed]
    # The Greek and Korean letters of a label come from the first face that has them.
    return [*(korean if language == "ko" else []), "DejaVu Sans", *korean]
