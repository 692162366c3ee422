"""Searches and conditional sums in columns that grow row by row while a loop goes down.

What they hold so far is kept, so that each cell is looked at once, however long the columns become.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sheetlab.engine.functions.criteria import has_wildcards, is_word
from sheetlab.engine.loops.orders import NoLoopError
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.engine.values.conversions import number_of_text
from sheetlab.engine.values.value import Scalar
from sheetlab.files.cell_value import CellError

_Key = tuple[type, Any]


class Growing(NamedTuple):
    """A column from the row `top` on: `at` gives the value in a row, as soon as it has one."""

    top: int
    at: Callable[[int], Any]


def first_place(column: Growing) -> Callable[[Any, int], int | CellError]:
    """Where a value stands first, given the last row that counts; rows may only go on.

    Raises `NoLoopError` for what may mean others than it equals.
    """
    places: dict[_Key, int] = {}
    reached = column.top

    def place(wanted: Any, last: int) -> int | CellError:
        nonlocal reached
        if type(wanted) is CellError:
            return wanted
        if type(wanted) is str and has_wildcards(wanted):
            raise NoLoopError
        _refuse_going_back(reached, last)
        for row in range(reached, last + 1):
            places.setdefault(_key(column.at(row)), row)
        reached = max(reached, last + 1)
        return places.get(_key(0.0 if wanted is None else wanted), NOT_AVAILABLE)

    return place


def sum_of_equals(
    tested: Sequence[Growing], summed: Growing
) -> Callable[[Sequence[Any], int], float]:
    """The sum of numbers beside which columns equal criteria, given the last row that counts.

    Raises `NoLoopError` for criteria that ask for more, and for errors among what is summed.
    """
    totals: dict[tuple[_Key, ...], float] = {}
    reached = summed.top

    def total(criteria: Sequence[Any], last: int) -> float:
        nonlocal reached
        wanted = [0.0 if criterion is None else criterion for criterion in criteria]
        for criterion in wanted:
            if type(criterion) is not float and not (type(criterion) is str and is_word(criterion)):
                raise NoLoopError
        _refuse_going_back(reached, last)
        for row in range(reached, last + 1):
            number = summed.at(row)
            if type(number) is CellError:
                raise NoLoopError
            keys = tuple(_tested_key(column.at(row)) for column in tested)
            if type(number) is float:
                totals[keys] = totals.get(keys, 0.0) + number
        reached = max(reached, last + 1)
        found = totals.get(tuple(map(_key, wanted)), 0.0)
        if found - found != 0.0:
            raise NoLoopError
        return found

    return total


def _refuse_going_back(reached: int, last: int) -> None:
    if last < reached - 1:
        raise NoLoopError


def _key(value: Scalar) -> _Key:
    return type(value), value.lower() if isinstance(value, str) else value


def _tested_key(value: Scalar) -> _Key:
    if type(value) is str and number_of_text(value) is not None:
        # A criterion means this text as a number.
        raise NoLoopError
    return _key(value)
