"""How the series of a chart look, so that they differ in black and white too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal, TypeVar, get_args

from sheetlab.authoring.charts.chart import Chart, Marks, Series, Shape
from sheetlab.authoring.style import PALETTE
from sheetlab.text import Text

Dash = Literal["solid", "dashed", "dotted", "dash-dot", "long-dash"]

# What stands beside the first and the last point of a path.
PATH_ENDS = Text("start", "시작"), Text("end", "끝")

_Kind = TypeVar("_Kind")

LINE_WIDTH = 2.0
_PATH_WIDTH = 1.5
_SIZES: dict[Marks, int] = {"line": 0, "points": 8, "both": 6, "path": 5}
_DASHES: tuple[Dash, ...] = ("solid", "dashed", "dash-dot", "dotted", "long-dash")


@dataclass(frozen=True)
class Look:
    """How one series is drawn: no line where `dash` is None, no markers where `shape` is None.

    `colour` is RRGGBB; `width` and `size` are in points.
    """

    colour: str
    dash: Dash | None
    width: float
    shape: Shape | None
    size: int
    hollow: bool


def colour_of(series: Series, position: int) -> str:
    """The colour of a series that stands at `position`, as RRGGBB."""
    index = position if series.colour is None else series.colour
    return PALETTE[index % len(PALETTE)]


def looks(chart: Chart) -> tuple[Look, ...]:
    """How each series of the chart looks, in their order."""
    shapes = _unused(get_args(Shape), (series.shape for series in chart.series))
    dashes = _unused(_DASHES, (_said_dash(series) for series in chart.series))
    found = []
    for position, series in enumerate(chart.series):
        shape, dash = series.shape, _said_dash(series)
        if series.marks == "line":
            shape = None
            dash = dash or next(dashes)
        else:
            shape = shape or next(shapes)
            dash = None if series.marks == "points" else dash or "solid"
        found.append(
            Look(
                colour=colour_of(series, position),
                dash=dash,
                width=series.width or (_PATH_WIDTH if series.marks == "path" else LINE_WIDTH),
                shape=shape,
                size=series.size or _SIZES[series.marks] + (1 if shape in ("cross", "plus") else 0),
                # Neighbouring bars differ in lightness as well as in hue.
                hollow=chart.bars and position % 2 == 1 if series.hollow is None else series.hollow,
            )
        )
    return tuple(found)


def path_start(look: Look) -> Look:
    """How the first point of a path looks: ◇."""
    return replace(look, shape="diamond", size=look.size + 6, hollow=True)


def path_end(look: Look) -> Look:
    """How the last point of a path looks: a large dot."""
    return replace(look, shape="circle", size=look.size + 5, hollow=False)


def tint(colour: str) -> str:
    """The colour three quarters of the way to white, as RRGGBB."""
    parts = (int(colour[place : place + 2], 16) for place in (0, 2, 4))
    return "".join(f"{part + (255 - part) * 3 // 4:02X}" for part in parts)


def _said_dash(series: Series) -> Dash | None:
    if series.dashed:
        return "dashed"
    return "dotted" if series.dotted else None


def _unused(kinds: tuple[_Kind, ...], used: Iterable[_Kind | None]) -> Iterator[_Kind]:
    """The kinds that nobody asked for, over and over."""
    taken = set(used)
    return cycle([kind for kind in kinds if kind not in taken] or kinds)
