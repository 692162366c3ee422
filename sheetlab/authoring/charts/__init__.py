"""Charts as data, and as native charts of a workbook.

A chart names ranges of its sheet, so it moves when a cell does. The same description serves
to draw it outside of a spreadsheet.
"""

from sheetlab.authoring.charts.chart import Chart, Series, Shape
from sheetlab.authoring.charts.looks import (
    PATH_ENDS,
    Dash,
    Look,
    colour_of,
    looks,
    path_end,
    path_start,
    tint,
)
from sheetlab.authoring.charts.native import add_chart
from sheetlab.authoring.charts.scale import Scale, tick_text, x_scale, y_scale

__all__ = [
    "PATH_ENDS",
    "Chart",
    "Dash",
    "Look",
    "Scale",
    "Series",
    "Shape",
    "add_chart",
    "colour_of",
    "looks",
    "path_end",
    "path_start",
    "tick_text",
    "tint",
    "x_scale",
    "y_scale",
]
