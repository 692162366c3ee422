"""Charts of quantities as charts of ranges."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from sheetlab.authoring.axes import Axis
from sheetlab.authoring.board import Board
from sheetlab.authoring.charts import Chart, Series
from sheetlab.authoring.drawing import ChartItem, Drawn
from sheetlab.authoring.formula import read_reference
from sheetlab.authoring.problems import AuthoringError, nearest
from sheetlab.authoring.quantities import Quantity
from sheetlab.authoring.references import NOWHERE, Bounds, Here, address, bounds_of
from sheetlab.authoring.wording import axis_label, with_label
from sheetlab.text import Text, same


def chart_of(item: ChartItem, board: Board, panel: tuple[int, ...]) -> Chart:
    """The chart with the ranges of what it draws, in the panel of that number where it is in one.

    Raises `AuthoringError` where there are none.
    """
    places = dict(zip(item.region.panel_axes, panel, strict=True))
    title = item.title
    for axis, place in places.items():
        title = with_label(title, axis_label(axis, place))
    if not item.series:
        raise AuthoringError(f"the chart “{item.title.en}” has no series")
    first = item.series[0]
    over = _over(first, board, item)
    return Chart(
        title=title,
        x_title=item.x or _x_title(over, first, board, item),
        y_title=item.y or _quantity(first.y, board, item).label,
        series=tuple(one for drawn in item.series for one in _series(drawn, item, board, places)),
        **_options(over, first, board, item),
    )


def _options(over: str, first: Drawn, board: Board, item: ChartItem) -> dict[str, Any]:
    """What the chart is told, and what follows from what it draws: bars, and counts as x."""
    known = [field.name for field in dataclasses.fields(Chart)]
    for option in item.options:
        if option not in known:
            raise AuthoringError(
                f"the chart “{item.title.en}”: there is no option '{option}'"
                f"{nearest(option, known)}"
            )
    if first.marks == "bars":
        return {"bars": True, **item.options}
    counted = _labels(over, first, board, item) is None and _quantity(over, board, item).is_count
    return {"whole_x": counted, **item.options}


def _over(drawn: Drawn, board: Board, item: ChartItem) -> str:
    """What the series runs over: as it is told, or else the numbers of the places of its table."""
    told = drawn.over or item.over
    if told is not None:
        return told
    quantity = _quantity(drawn.y, board, item)
    counts = [one.name for one in quantity.table.quantities if one.is_count]
    counts = [name for name in counts if board.quantities[name].along == quantity.along]
    if quantity.place != "body" or len(counts) != 1:
        raise AuthoringError(f"the chart “{item.title.en}” needs to know over what {drawn.y} runs")
    return counts[0]


def _series(
    drawn: Drawn, item: ChartItem, board: Board, panel: Mapping[Axis, int]
) -> Iterator[Series]:
    over = _over(drawn, board, item)
    label = drawn.label or _quantity(drawn.y, board, item).label
    places: list[tuple[Here, Text]] = [(Here(panel), label)]
    if drawn.each is not None:
        pattern = drawn.label or same("{}")
        places = [
            (Here({**panel, drawn.each: place}), with_label(pattern, axis_label(drawn.each, place)))
            for place in range(drawn.each.size)
        ]
    for here, text in places:
        x = address(_labels(over, drawn, board, item) or _bounds(over, board, here, item))
        y = address(_bounds(drawn.y, board, here, item))
        marks = "line" if drawn.marks == "bars" else drawn.marks
        try:
            yield Series(text, x, y, marks, **drawn.options)
        except (AuthoringError, TypeError) as error:
            raise AuthoringError(f"the chart “{item.title.en}”, '{drawn.y}': {error}") from None


def _x_title(over: str, drawn: Drawn, board: Board, item: ChartItem) -> Text:
    if _labels(over, drawn, board, item) is not None:
        return _quantity(drawn.y, board, item).table.labels_heading or same("")
    return _quantity(over, board, item).label


def _labels(over: str, drawn: Drawn, board: Board, item: ChartItem) -> Bounds | None:
    """The labels of an axis of what is drawn, where `over` names one rather than a quantity."""
    quantity = _quantity(drawn.y, board, item)
    axis = next((axis for axis in quantity.axes if axis.name == over), None)
    if axis is None or over in board.quantities:
        return None
    start = dict.fromkeys(quantity.axes, 0)
    first = quantity.table.label_cell(quantity, axis, start)
    last = quantity.table.label_cell(quantity, axis, {**start, axis: axis.size - 1})
    return (*first, *last)


def _bounds(name: str, board: Board, here: Here, item: ChartItem) -> Bounds:
    try:
        return bounds_of(read_reference(name), board.quantities, here)[0]
    except AuthoringError as error:
        raise AuthoringError(f"the chart “{item.title.en}”: {error}") from None


def _quantity(name: str, board: Board, item: ChartItem) -> Quantity:
    if read_reference(name).name not in board.quantities:
        _bounds(name, board, NOWHERE, item)
    return board.quantities[read_reference(name).name]
