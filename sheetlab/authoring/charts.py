"""Charts as data, and as native charts of a workbook.

A chart names ranges of its sheet, so it moves when a cell does. The same description serves
to draw it outside of a spreadsheet.
"""

from dataclasses import dataclass
from typing import Any, Literal

from openpyxl.chart import BarChart, Reference, ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.series import Series as NativeSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.chart.text import Text as ChartText
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring.style import FONT_NAMES, INK, MUTED, PALETTE, RULE
from sheetlab.text import Language, Text

_EMU_OF_LINE = 19050  # 1.5 points


@dataclass(frozen=True)
class Series:
    """One line, one cloud of points, or one set of bars: `y` against `x`, both ranges.

    `colour` is an index of the palette; by default, series take the colours in order.
    """

    label: Text
    x: str
    y: str
    marks: Literal["line", "points", "both"] = "line"
    colour: int | None = None
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart of one sheet. `bars` draws categories, otherwise both axes are numbers."""

    title: Text
    x_title: Text
    y_title: Text
    series: tuple[Series, ...]
    bars: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None


def colour_of(series: Series, position: int) -> str:
    """The colour of a series that stands at `position`, as RRGGBB."""
    index = position if series.colour is None else series.colour
    return PALETTE[index % len(PALETTE)]


def add_chart(worksheet: Worksheet, chart: Chart, over: str, language: Language) -> None:
    """Put the chart on the worksheet as a native chart that covers the range `over`."""
    native: Any = BarChart() if chart.bars else ScatterChart()
    if not chart.bars:
        native.style = 2
        native.scatterStyle = "lineMarker"
    for position, series in enumerate(chart.series):
        native.series.append(_native_series(worksheet, chart, series, position, language))
    native.title = _title(chart.title.to(language), 1200, INK, language)
    for axis, title, limits in (
        (native.x_axis, chart.x_title, chart.x_range),
        (native.y_axis, chart.y_title, chart.y_range),
    ):
        axis.title = _title(title.to(language), 900, MUTED, language)
        axis.delete = False
        axis.majorGridlines = None if axis is native.x_axis else axis.majorGridlines
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=RULE))
        axis.txPr = _text(900, MUTED, language)
        axis.number_format = "General"
        axis.tickLblPos = "low"
        if limits is not None:
            axis.scaling.min, axis.scaling.max = limits
    native.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E6EAF0"))
    native.display_blanks = "gap"
    if len(chart.series) > 1:
        native.legend.position = "b"
        native.legend.txPr = _text(900, MUTED, language)
    else:
        native.legend = None
    native.anchor = _anchor(over)
    worksheet.add_chart(native)


def _native_series(
    worksheet: Worksheet, chart: Chart, series: Series, position: int, language: Language
) -> Any:
    colour = colour_of(series, position)
    y = _reference(worksheet, series.y)
    x = _reference(worksheet, series.x)
    if chart.bars:
        native: Any = _bar_series(y, x)
        native.graphicalProperties = GraphicalProperties(solidFill=colour)
        native.invertIfNegative = False
    else:
        native = SeriesFactory(values=y, xvalues=x)
        native.smooth = False
        line = LineProperties(w=_EMU_OF_LINE, solidFill=colour)
        if series.dashed:
            line.prstDash = "dash"
        if series.marks == "points":
            line = LineProperties(noFill=True)
        native.graphicalProperties = GraphicalProperties(ln=line)
        native.marker.symbol = "none" if series.marks == "line" else "circle"
        if series.marks != "line":
            native.marker.size = 7 if series.marks == "points" else 5
            native.marker.graphicalProperties = GraphicalProperties(
                solidFill=colour, ln=LineProperties(solidFill="FFFFFF", w=6350)
            )
    native.tx = SeriesLabel(v=series.label.to(language))
    return native


def _bar_series(y: Reference, x: Reference) -> NativeSeries:
    return NativeSeries(
        val=NumDataSource(numRef=NumRef(f=str(y))), cat=AxDataSource(strRef=StrRef(f=str(x)))
    )


def _reference(worksheet: Worksheet, cells: str) -> Reference:
    left, top, right, bottom = (bound or 1 for bound in range_boundaries(cells))
    return Reference(worksheet, left, top, right, bottom)


def _title(text: str, size: int, colour: str, language: Language) -> Title:
    properties = _characters(size, colour, language, bold=size > 1000)
    run = RegularTextRun(rPr=properties, t=text)
    title = Title(overlay=False)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=properties), r=[run])
    title.tx = ChartText(rich=RichText(p=[paragraph]))
    return title


def _text(size: int, colour: str, language: Language) -> RichText:
    properties = ParagraphProperties(defRPr=_characters(size, colour, language))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties())])


def _characters(
    size: int, colour: str, language: Language, bold: bool = False
) -> CharacterProperties:
    face = Font(typeface=FONT_NAMES[language])
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=face, ea=face)


def _anchor(over: str) -> TwoCellAnchor:
    left, top, right, bottom = (bound or 1 for bound in range_boundaries(over))
    return TwoCellAnchor(
        editAs="oneCell",
        _from=AnchorMarker(col=left - 1, row=top - 1),
        to=AnchorMarker(col=right, row=bottom),
    )
