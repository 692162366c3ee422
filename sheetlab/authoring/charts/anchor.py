"""Where a chart stands on its sheet, and what is said of it to those who do not see it."""

from typing import Any

from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor, TwoCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring.charts.chart import Chart
from sheetlab.authoring.charts.elements import EMU_OF_A_POINT, Xml
from sheetlab.text import Language, Text

_NUMBERS, _BARS = Text("chart", "그래프"), Text("bar chart", "막대그래프")
_NOTHING = Text("", "")

# LibreOffice draws rows of no said height lower than Excel, Excel draws columns narrower.
_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 9.14, 13.0
_POINTS_OF_A_CHARACTER = 5.25


def anchor_of(
    worksheet: Worksheet, chart: Chart, over: str, language: Language
) -> TwoCellAnchor | OneCellAnchor:
    """The anchor of a chart that covers the range `over`, with its alternative text."""
    anchor = _SizeAnchor if chart.equal_scales else _CellsAnchor
    return anchor(worksheet, chart, over, language)


def size_of(worksheet: Worksheet, over: str) -> tuple[float, float]:
    """Width and height of a range in points, as the program that draws it smallest has it."""
    left, top, right, bottom = bounds_of(over)
    columns, rows = worksheet.column_dimensions, worksheet.row_dimensions
    letters = map(get_column_letter, range(left, right + 1))
    width = sum(
        columns[letter].width if letter in columns else _DEFAULT_WIDTH for letter in letters
    )
    height = sum(
        (rows[row].height if row in rows else None) or _DEFAULT_HEIGHT
        for row in range(top, bottom + 1)
    )
    return width * _POINTS_OF_A_CHARACTER, height


def bounds_of(cells: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a range, from 1."""
    left, top, right, bottom = (bound or 1 for bound in range_boundaries(cells))
    return left, top, right, bottom


class _CellsAnchor(TwoCellAnchor):
    """Stands over all of the range, however wide a program draws its columns."""

    tagname = "twoCellAnchor"
    __elements__ = TwoCellAnchor.__elements__

    def __init__(self, worksheet: Worksheet, chart: Chart, over: str, language: Language) -> None:
        left, top, right, bottom = bounds_of(over)
        super().__init__(
            editAs="oneCell",
            _from=AnchorMarker(col=left - 1, row=top - 1),
            to=AnchorMarker(col=right, row=bottom),
        )
        self._described = chart, language

    def to_tree(self, *arguments: Any, **named: Any) -> Xml:
        return _with_alternative_text(super().to_tree(*arguments, **named), *self._described)


class _SizeAnchor(OneCellAnchor):
    """Stands at the range's first cell, as large as the range is in Excel and no other shape."""

    tagname = "oneCellAnchor"
    __elements__ = OneCellAnchor.__elements__

    def __init__(self, worksheet: Worksheet, chart: Chart, over: str, language: Language) -> None:
        left, top, _, _ = bounds_of(over)
        super().__init__(_from=AnchorMarker(col=left - 1, row=top - 1))
        self._covered = worksheet, over
        self._described = chart, language

    def to_tree(self, *arguments: Any, **named: Any) -> Xml:
        width, height = (round(side * EMU_OF_A_POINT) for side in size_of(*self._covered))
        self.ext = XDRPositiveSize2D(width, height)
        return _with_alternative_text(super().to_tree(*arguments, **named), *self._described)


def _with_alternative_text(anchor: Xml, chart: Chart, language: Language) -> Xml:
    (properties,) = (node for node in anchor.iter() if str(node.tag).endswith("cNvPr"))
    properties.set("descr", (chart.description or _description(chart)).to(language))
    if chart.title is not None:
        properties.set("title", chart.title.to(language))
    return anchor


def _description(chart: Chart) -> Text:
    """The alternative text: what the axes mean and which series there are."""
    x, y, title = (text or _NOTHING for text in (chart.x_title, chart.y_title, chart.title))
    labels = [series.label for series in chart.series if isinstance(series.label, Text)]
    kind = _BARS if chart.bars else _NUMBERS
    return Text(
        f"{title.en}: {kind.en}, {y.en} over {x.en}. " + ", ".join(label.en for label in labels),
        f"{title.ko}: {kind.ko}, 가로축 {x.ko}, 세로축 {y.ko}. "
        + ", ".join(label.ko for label in labels),
    )
