"""What a chart shows: series of ranges, axes, and the words around them."""

from dataclasses import dataclass
from typing import Literal, NoReturn

from openpyxl.utils import range_boundaries

from sheetlab.authoring.problems import AuthoringError
from sheetlab.text import Text

Marks = Literal["line", "points", "both", "path"]
Shape = Literal["circle", "square", "triangle", "diamond", "cross", "plus", "star"]
LegendPlace = Literal["bottom", "right"]
Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class Series:
    """One line, one cloud of points, one path, or one set of bars: `y` against `x`, both ranges.

    Ranges are of the chart's sheet and one area each (`"E4:E23"`), `x` and `y` of the same size.
    Where `y` holds an error value such as #N/A there is a gap; `x` must hold none. `label` is a
    text or the cell that holds it; a series without one is not in the legend. A path joins its
    points in their order and marks the first and the last.

    `colour` is an index of the palette; by default, series take the colours in order. `shape`,
    `size` (points) and `hollow` are of the markers, `width` (points), `dashed` and `dotted` of the
    line; by default, series differ in shape or dash as well as in colour. A hollow bar is pale
    with a full outline.
    """

    label: Text | str | None
    x: str
    y: str
    marks: Marks = "line"
    colour: int | None = None
    dashed: bool = False
    dotted: bool = False
    width: float | None = None
    shape: Shape | None = None
    size: int | None = None
    hollow: bool | None = None

    def __post_init__(self) -> None:
        if self.dashed and self.dotted:
            raise AuthoringError(f"the series of {self.y} is both dashed and dotted; choose one")
        if self.size is not None and not 2 <= self.size <= 72:
            raise AuthoringError(f"markers of {self.size} points; give 2 to 72")


@dataclass(frozen=True)
class Chart:
    """A chart of one sheet. `bars` draws categories, otherwise both axes are numbers.

    What is not said of an axis, the spreadsheet chooses, and chooses anew when a cell changes:

    - `x_range`, `y_range`: where it begins and ends, None for an end that is left open. Both stay
      as they are, so growth shows.
    - `x_extent`, `y_extent`: the least and greatest value of the data; the axis ends at the next
      round numbers, for counts where the data end. Only for data that no input moves.
    - `x_step`, `y_step`: from tick to tick. `whole_x`, `whole_y`: the data are counts, so ticks
      stand at whole numbers only.
    - `x_log`, `y_log`: powers of ten. `x_format`, `y_format`: a number format, such as "0%".

    `equal_scales` draws a unit as long on both axes, for paths in a plane, say. The legend stands
    where it takes the least room, unless `legend` tells where. `description` is the alternative
    text for those who do not see the chart; by default, it tells title, axes and series.

    Raises `AuthoringError` where these contradict each other.
    """

    title: Text | None
    x_title: Text | None
    y_title: Text | None
    series: tuple[Series, ...]
    bars: bool = False
    stacked: bool = False
    x_range: Limits | None = None
    y_range: Limits | None = None
    x_extent: tuple[float, float] | None = None
    y_extent: tuple[float, float] | None = None
    x_step: float | None = None
    y_step: float | None = None
    whole_x: bool = False
    whole_y: bool = False
    x_log: bool = False
    y_log: bool = False
    x_format: str | None = None
    y_format: str | None = None
    equal_scales: bool = False
    legend: LegendPlace | None = None
    description: Text | None = None

    def __post_init__(self) -> None:
        if not self.series:
            self._refuse("has no series")
        if self.stacked and not self.bars:
            self._refuse("is stacked, but has no bars")
        if self.bars:
            self._check_bars()
        if self.equal_scales and not (_closed(self, "x") and _closed(self, "y")):
            self._refuse("has equal scales, but no range or extent of both axes")
        if self.equal_scales and (self.bars or self.x_log or self.y_log):
            self._refuse("has equal scales, but bars or a logarithmic axis")
        for axis, log, limits in (
            ("x", self.x_log, (self.x_range, self.x_extent)),
            ("y", self.y_log, (self.y_range, self.y_extent)),
        ):
            ends = [end for pair in limits if pair is not None for end in pair if end is not None]
            if log and any(end <= 0 for end in ends):
                self._refuse(f"has a logarithmic {axis} axis, but {axis} is not above 0")
        if self.whole_y and self.y_step is None and not _closed(self, "y"):
            self._refuse("counts on y; say how far with y_range or y_extent, or give y_step")

    def _check_bars(self) -> None:
        if (self.x_range, self.x_extent, self.x_step, self.x_format) != (None, None, None, None):
            self._refuse("has bars, whose x are categories: no range, extent, step or format of x")
        if self.x_log or self.whole_x:
            self._refuse("has bars, whose x are categories: neither logarithmic nor counted")
        if any(series.marks != "line" for series in self.series):
            self._refuse("has bars, which have no marks")

    def _refuse(self, reason: str) -> NoReturn:
        name = self.title.en if self.title is not None else "without a title"
        raise AuthoringError(f"the chart “{name}” {reason}")


def _closed(chart: Chart, axis: Literal["x", "y"]) -> bool:
    """Whether both ends of the axis are known."""
    limits = chart.x_range if axis == "x" else chart.y_range
    extent = chart.x_extent if axis == "x" else chart.y_extent
    return extent is not None or (limits is not None and None not in limits)


def number_of_cells(cells: str) -> int:
    """How many cells a range has."""
    left, top, right, bottom = (bound or 1 for bound in range_boundaries(cells))
    return (right - left + 1) * (bottom - top + 1)
