"""Which of a quantity's values one is, in words: "iteration 3", "epoch 2, slope"."""

import numpy as np

from sheetlab.authoring import Board
from sheetlab.authoring.axes import Axis
from sheetlab.authoring.quantities import Quantity
from sheetlab.authoring.wording import axis_label, shown, with_label
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Language


def place_of(
    quantity: Quantity, number: int, board: Board, reference: Reference, language: Language
) -> str:
    """The place of the value of that number, counted from 0 as in the reference's `ravel()`.

    Axes with labels are told by their labels, a table's rows by the numbers that stand beside
    them; what has neither is counted from 1.
    """
    index = tuple(int(one) for one in np.unravel_index(number, quantity.sizes))
    places = dict(zip(quantity.axes, index, strict=True))
    along, cross = (
        [axis for axis in axes if axis.size > 1] for axes in (quantity.along, quantity.cross)
    )
    told = [_panel(quantity, axis, places[axis], language) for axis in quantity.panel]
    counter = _counter(quantity, board)
    if counter is None:
        told += [_label(axis, places[axis], language) for axis in along]
    else:
        at = np.ravel_multi_index([places[axis] for axis in counter.axes], counter.sizes)
        counted = np.ravel(reference[counter.name])[at]
        told.append(f"{counter.label.to(language)} {counted:g}".replace("\n", " "))
    told += [_label(axis, places[axis], language) for axis in cross]
    return ", ".join(told)


def input_places(
    field: str, count: int, board: Board, reference: Reference, language: Language
) -> list[str]:
    """The places of an input's values, as of the quantity that it fills; else their numbers."""
    for quantity in board.quantities.values():
        if quantity.field == field and np.prod(quantity.sizes, dtype=int) == count:
            return [
                place_of(quantity, number, board, reference, language) for number in range(count)
            ]
    return [str(number) for number in range(1, count + 1)]


def _counter(quantity: Quantity, board: Board) -> Quantity | None:
    """What numbers the rows of a quantity, where these have no labels."""
    if quantity.is_count or any(axis.labels is not None for axis in quantity.along):
        return None
    return next(
        (
            other
            for other in board.quantities.values()
            if other.is_count
            and other.table is quantity.table
            and other.along == quantity.along
            and not other.cross
            and set(other.axes) <= set(quantity.axes)
        ),
        None,
    )


def _panel(quantity: Quantity, axis: Axis, place: int, language: Language) -> str:
    title = quantity.table.title
    if title is not None and "{}" in title.en:
        return with_label(title, axis_label(axis, place)).to(language)
    return _label(axis, place, language)


def _label(axis: Axis, place: int, language: Language) -> str:
    return shown(axis_label(axis, place), language).replace("\n", " ")
