"""What a chart draws, told by the names of quantities."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sheetlab.authoring.axes import Axis
from sheetlab.authoring.placement import Item
from sheetlab.text import Text, bilingual

if TYPE_CHECKING:
    from sheetlab.authoring.board import Region


DrawnMarks = Literal["line", "points", "both", "path", "bars"]


@dataclass(frozen=True)
class Drawn:
    """One quantity in a chart, or one for each place of the axis `each`."""

    y: str
    marks: DrawnMarks
    over: str | None
    label: Text | None
    each: Axis | None
    options: dict[str, Any]


def line(
    y: str,
    *,
    over: str | None = None,
    label: str | Text | None = None,
    each: Axis | None = None,
    dotted: bool = False,
    **options: Any,
) -> Drawn:
    """A line through the values of `y`; `dotted` also marks them.

    Names may have selectors, as in formulas. With `each`, there is a line for each place of that
    axis, and `{}` in the label stands for its label.
    """
    return _drawn(y, "both" if dotted else "line", over, label, each, options)


def dots(
    y: str,
    *,
    over: str | None = None,
    label: str | Text | None = None,
    each: Axis | None = None,
    **options: Any,
) -> Drawn:
    """A point for each value of `y`."""
    return _drawn(y, "points", over, label, each, options)


def path(
    y: str,
    *,
    over: str | None = None,
    label: str | Text | None = None,
    each: Axis | None = None,
    **options: Any,
) -> Drawn:
    """A way through the plane, from the first value of `y` to the last; both are marked."""
    return _drawn(y, "path", over, label, each, options)


def bars(
    y: str,
    *,
    over: str | None = None,
    label: str | Text | None = None,
    each: Axis | None = None,
    **options: Any,
) -> Drawn:
    """A bar for each value of `y`."""
    return _drawn(y, "bars", over, label, each, options)


def _drawn(
    y: str,
    marks: DrawnMarks,
    over: str | None,
    label: str | Text | None,
    each: Axis | None,
    options: dict[str, Any],
) -> Drawn:
    return Drawn(y, marks, over, None if label is None else bilingual(label), each, options)


DEFAULT_WIDTH, DEFAULT_ROWS = 64.0, 16  # in characters, in rows of the sheet


class ChartItem(Item):
    """A chart on a board, before it has addresses."""

    def __init__(
        self,
        region: "Region",
        title: Text,
        series: tuple[Drawn, ...],
        *,
        over: str | None,
        x: Text | None,
        y: Text | None,
        width: float | Item | None,
        rows: int | None,
        options: dict[str, Any],
        **where: Any,
    ) -> None:
        super().__init__(**where)
        self.region, self.title, self.series = region, title, series
        self.over, self.x, self.y = over, x, y
        self.width, self.rows, self.options = width, rows, options

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes: by default as high, as wide as its neighbours."""
        width, rows = self.width, self.rows
        if width is None:
            above = [one for one in self.below if isinstance(one, ChartItem)]
            width = above[0] if above else DEFAULT_WIDTH
        if rows is None:
            others = [one for one in (*self.right_of, *self.below) if isinstance(one, ChartItem)]
            rows = others[0].size()[0] if others else DEFAULT_ROWS
        return rows, self.region.board.columns_over(width, self.left)
