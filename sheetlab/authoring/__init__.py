"""The words a lesson is written in: quantities on named axes, formulas of names, charts."""

from sheetlab.authoring.axes import Axis, axis
from sheetlab.authoring.board import Board, Words
from sheetlab.authoring.charts import Chart, Series
from sheetlab.authoring.drawing import bars, dots, line, path
from sheetlab.authoring.problems import AuthoringError
from sheetlab.authoring.sheet import Sheet, refs_of
from sheetlab.authoring.style import NUMBERED_COLOURS, colours_in_turn
from sheetlab.authoring.tables import Columns, Line, Rows
from sheetlab.authoring.writing import write_board

__all__ = [
    "NUMBERED_COLOURS",
    "AuthoringError",
    "Axis",
    "Board",
    "Chart",
    "Columns",
    "Line",
    "Rows",
    "Series",
    "Sheet",
    "Words",
    "axis",
    "bars",
    "colours_in_turn",
    "dots",
    "line",
    "path",
    "refs_of",
    "write_board",
]
