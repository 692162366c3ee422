"""A chart as a native chart of a worksheet (ECMA-376 part 1, 21.2).

The XML is written here rather than by openpyxl's own classes, which have no place for some of
what Excel writes: the alternative text, the deleted automatic title, gaps at error values.
"""

from typing import Any

from openpyxl.chart._chart import ChartBase
from openpyxl.utils import (
    absolute_coordinate,
    quote_sheetname,
)
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring.charts.anchor import anchor_of, bounds_of, size_of
from sheetlab.authoring.charts.chart import Chart, LegendPlace, Series, number_of_cells
from sheetlab.authoring.charts.elements import (
    Xml,
    c,
    element,
    line,
    locale,
    no_line,
    rich_text,
    shape_properties,
    text_properties,
)
from sheetlab.authoring.charts.layout import (
    AXIS_TITLE_SIZE,
    LEGEND_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    Layout,
    layout,
    stands_upright,
)
from sheetlab.authoring.charts.looks import PATH_ENDS, Look, looks, path_end, path_start, tint
from sheetlab.authoring.charts.scale import Scale, x_scale, y_scale
from sheetlab.authoring.style import AXIS, GRID, INK, MUTED, RULE
from sheetlab.text import Language, Text

_UNKNOWN_TEXT, _UNKNOWN_NUMBER = "unknown", "00"

_X_AXIS, _Y_AXIS = 10, 100
_SYMBOLS = {"cross": "x"}
_DRAWN_BY_LINES = ("cross", "plus", "star")

# Excel since 2018 interrupts a line at #N/A where a chart asks for it.
_GAP_AT_ERRORS = "{56B9EC1D-385E-4148-901F-78D8002777C0}"
_GAP_AT_ERRORS_NS = "http://schemas.microsoft.com/office/drawing/2017/03/chart"


def add_chart(worksheet: Worksheet, chart: Chart, over: str, language: Language) -> None:
    """Put the chart on the worksheet as a native chart that covers the range `over`."""
    worksheet.add_chart(_NativeChart(worksheet, chart, over, language))


class _NativeChart(ChartBase):
    """What openpyxl asks when it saves the workbook; by then, the columns have their widths."""

    def __init__(self, worksheet: Worksheet, chart: Chart, over: str, language: Language) -> None:
        super().__init__()
        self._content = worksheet, chart, over, language
        self.anchor = anchor_of(*self._content)  # type: ignore[assignment]

    def _write(self) -> Xml:
        return _chart_space(*self._content)


def _chart_space(worksheet: Worksheet, chart: Chart, over: str, language: Language) -> Xml:
    x, y = x_scale(chart), y_scale(chart)
    labels = [
        _label_text(worksheet, series.label, language)
        for series in chart.series
        if series.label is not None
    ]
    categories = _categories(worksheet, chart) if chart.bars else []
    size = size_of(worksheet, over)
    shares = layout(chart, (x, y), labels, categories, size, language)
    title = None
    if chart.title is not None:
        title = _title(chart.title.to(language), TITLE_SIZE, INK, language, bold=True)
    return c(
        "chartSpace",
        c("date1904", val=0),
        locale(language),
        c("roundedCorners", val=0),
        c("style", val=2),
        c(
            "chart",
            title,
            c("autoTitleDeleted", val=int(title is None)),
            c(
                "plotArea",
                _inner_layout(shares),
                _plot(worksheet, chart, language),
                _x_axis(chart, x, y, language),
                _y_axis(chart, y, x, language),
                shape_properties(None, no_line()),
            ),
            None if shares.legend is None else _legend(chart, shares.legend, language),
            # Series stay in sight when somebody hides the cells that feed them.
            c("plotVisOnly", val=0),
            c("dispBlanksAs", val="gap"),
            None if chart.bars else _gaps_at_errors(),
        ),
        shape_properties("FFFFFF", line(RULE, 0.75)),
        text_properties(TICK_SIZE, INK, language),
    )


def _plot(worksheet: Worksheet, chart: Chart, language: Language) -> Xml:
    native = [
        _series(worksheet, chart, position, look, language)
        for position, look in enumerate(looks(chart))
    ]
    axes = [c("axId", val=_X_AXIS), c("axId", val=_Y_AXIS)]
    if not chart.bars:
        style, one_colour = c("scatterStyle", val="lineMarker"), c("varyColors", val=0)
        return c("scatterChart", style, one_colour, *native, *axes)
    return c(
        "barChart",
        c("barDir", val="col"),
        c("grouping", val="stacked" if chart.stacked else "clustered"),
        c("varyColors", val=0),
        *native,
        c("gapWidth", val=60 if len(native) > 1 and not chart.stacked else 90),
        c("overlap", val=100 if chart.stacked else 0),
        *axes,
    )


def _series(
    worksheet: Worksheet, chart: Chart, position: int, look: Look, language: Language
) -> Xml:
    series = chart.series[position]
    head = [c("idx", val=position), c("order", val=position), _label(worksheet, series, language)]
    y = _reference("numRef", worksheet, series.y)
    if chart.bars:
        fill = tint(look.colour) if look.hollow else look.colour
        return c(
            "ser",
            *head,
            shape_properties(fill, line(look.colour, 1)),
            c("invertIfNegative", val=0),
            c("cat", _reference("strRef", worksheet, series.x)),
            c("val", y),
        )
    return c(
        "ser",
        *head,
        shape_properties(None, _line_of(look)),
        _marker(look),
        *(_path_ends(series, look, language) if series.marks == "path" else ()),
        c("xVal", _reference("numRef", worksheet, series.x)),
        c("yVal", y),
        c("smooth", val=0),
    )


def _label(worksheet: Worksheet, series: Series, language: Language) -> Xml | None:
    if isinstance(series.label, Text):
        return c("tx", c("v", series.label.to(language)))
    if series.label is None:
        return None
    return c("tx", _reference("strRef", worksheet, series.label))


def _line_of(look: Look) -> Xml:
    return no_line() if look.dash is None else line(look.colour, look.width, look.dash)


def _marker(look: Look) -> Xml:
    if look.shape is None:
        return c("marker", c("symbol", val="none"))
    if look.shape in _DRAWN_BY_LINES:
        looks_so = shape_properties(None, line(look.colour, 2))
    elif look.hollow:
        looks_so = shape_properties(None, line(look.colour, 1.75))
    else:
        looks_so = shape_properties(look.colour, line("FFFFFF", 0.75))
    symbol = c("symbol", val=_SYMBOLS.get(look.shape, look.shape))
    return c("marker", symbol, c("size", val=look.size), looks_so)


def _path_ends(series: Series, look: Look, language: Language) -> list[Xml]:
    """The first and the last point of a path, each with a marker and a word of its own."""
    ends = (
        (0, path_start(look), PATH_ENDS[0]),
        (number_of_cells(series.y) - 1, path_end(look), PATH_ENDS[1]),
    )
    points = [
        c(
            "dPt",
            c("idx", val=place),
            _marker(end),
            c("bubble3D", val=0),
            shape_properties(None, _line_of(look)),
        )
        for place, end, _ in ends
    ]
    words = [
        c(
            "dLbl",
            c("idx", val=place),
            rich_text(word.to(language), TICK_SIZE, INK, language),
            c("dLblPos", val="t"),
            *_shown(value=True),
        )
        for place, _, word in ends
    ]
    return [*points, c("dLbls", *words, *_shown(value=False))]


def _shown(*, value: bool) -> list[Xml]:
    """What a point's label shows: its value, or what is written in its place."""
    parts = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
    return [c(f"show{part}", val=int(value and part == "Val")) for part in parts]


def _x_axis(chart: Chart, scale: Scale, crossed: Scale, language: Language) -> Xml:
    head = [c("axId", val=_X_AXIS), _scaling(scale), c("delete", val=0), c("axPos", val="b")]
    title = None
    if chart.x_title is not None:
        title = _title(chart.x_title.to(language), AXIS_TITLE_SIZE, MUTED, language)
    marks = "none" if chart.bars else "out"
    middle = [title, *_axis_looks(scale, marks, language), *_crossing(_Y_AXIS, crossed)]
    if chart.bars:
        return c(
            "catAx",
            *head,
            *middle,
            c("auto", val=0),
            c("lblAlgn", val="ctr"),
            c("lblOffset", val=100),
            c("noMultiLvlLbl", val=1),
        )
    return c("valAx", *head, *middle, c("crossBetween", val="midCat"), _major_unit(scale))


def _y_axis(chart: Chart, scale: Scale, crossed: Scale, language: Language) -> Xml:
    title = None
    if chart.y_title is not None:
        text = chart.y_title.to(language)
        aside = not stands_upright(text)
        title = _title(text, AXIS_TITLE_SIZE, MUTED, language, on_its_side=aside)
    return c(
        "valAx",
        c("axId", val=_Y_AXIS),
        _scaling(scale),
        c("delete", val=0),
        c("axPos", val="l"),
        c("majorGridlines", shape_properties(None, line(GRID, 0.75))),
        title,
        *_axis_looks(scale, "out", language),
        *_crossing(_X_AXIS, crossed),
        c("crossBetween", val="between" if chart.bars else "midCat"),
        _major_unit(scale),
    )


def _scaling(scale: Scale) -> Xml:
    return c(
        "scaling",
        c("logBase", val=10) if scale.log else None,
        c("orientation", val="minMax"),
        None if scale.high is None else c("max", val=f"{scale.high:.15g}"),
        None if scale.low is None else c("min", val=f"{scale.low:.15g}"),
    )


def _axis_looks(scale: Scale, marks: str, language: Language) -> list[Xml]:
    return [
        c("numFmt", formatCode=scale.number_format, sourceLinked=0),
        c("majorTickMark", val=marks),
        c("minorTickMark", val="none"),
        # Beside the plot even where the axis itself crosses it at zero.
        c("tickLblPos", val="low"),
        shape_properties(None, line(AXIS, 1)),
        text_properties(TICK_SIZE, MUTED, language),
    ]


def _crossing(other_axis: int, other: Scale) -> list[Xml]:
    return [c("crossAx", val=other_axis), c("crosses", val="min" if other.log else "autoZero")]


def _major_unit(scale: Scale) -> Xml | None:
    return None if scale.step is None else c("majorUnit", val=f"{scale.step:.15g}")


def _title(
    text: str,
    size: int,
    colour: str,
    language: Language,
    *,
    bold: bool = False,
    on_its_side: bool = False,
) -> Xml:
    written = rich_text(text, size, colour, language, bold=bold, on_its_side=on_its_side)
    return c("title", written, c("overlay", val=0))


def _inner_layout(shares: Layout) -> Xml:
    places = {"x": shares.x, "y": shares.y, "w": shares.width, "h": shares.height}
    return c(
        "layout",
        c(
            "manualLayout",
            c("layoutTarget", val="inner"),
            c("xMode", val="edge"),
            c("yMode", val="edge"),
            *(c(name, val=f"{share:.4f}") for name, share in places.items()),
        ),
    )


def _legend(chart: Chart, place: LegendPlace, language: Language) -> Xml:
    unlabelled = [
        c("legendEntry", c("idx", val=position), c("delete", val=1))
        for position, series in enumerate(chart.series)
        if series.label is None
    ]
    return c(
        "legend",
        c("legendPos", val=place[0]),
        *unlabelled,
        c("overlay", val=0),
        text_properties(LEGEND_SIZE, INK, language),
    )


def _gaps_at_errors() -> Xml:
    blank = element(_GAP_AT_ERRORS_NS, "dispNaAsBlank", val=1)
    options = element(_GAP_AT_ERRORS_NS, "dataDisplayOptions16", blank)
    return c("extLst", c("ext", options, uri=_GAP_AT_ERRORS))


def _reference(kind: str, worksheet: Worksheet, cells: str) -> Xml:
    return c(kind, c("f", f"{quote_sheetname(worksheet.title)}!{absolute_coordinate(cells)}"))


def _label_text(worksheet: Worksheet, label: Text | str, language: Language) -> str:
    return label.to(language) if isinstance(label, Text) else _cell_text(worksheet[label])


def _categories(worksheet: Worksheet, chart: Chart) -> list[str]:
    left, top, right, bottom = bounds_of(chart.series[0].x)
    rows = worksheet.iter_rows(top, bottom, left, right)
    # A formula below bars numbers them.
    return [
        _UNKNOWN_NUMBER if cell.data_type == "f" else _cell_text(cell)
        for row in rows
        for cell in row
    ]


def _cell_text(cell: Any) -> str:
    """The text of a cell, or one of a middling length where a formula will give it."""
    return _UNKNOWN_TEXT if cell.data_type == "f" else str(cell.value or "")
