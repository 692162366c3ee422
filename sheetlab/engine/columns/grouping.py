"""Cells in groups of what they equal, texts without case."""

import functools
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.values.arrays import distinct_numbers, numbered
from sheetlab.engine.values.value import Scalar

# So many bits of numbers are put in order at once, the lowest first.
_BITS = 16


def stable_order(numbers: Integers, bound: int) -> Integers:
    """The places of numbers from 0 to below a bound in their order, equal ones as they stand."""
    order = numbers.astype(np.uint16).argsort(kind="stable")
    for shift in range(_BITS, max(bound - 1, 0).bit_length(), _BITS):
        part = (numbers[order] >> shift).astype(np.uint16)
        order = order[part.argsort(kind="stable")]
    return order


class Groups:
    """The groups of values (cells,): which group each cell is in, and where each stands."""

    def __init__(self, values: Any) -> None:
        self._numbers: dict[type, dict[Any, int]] | None = None
        budget.current().reserve(values.size, numbers=True)
        if values.dtype == np.float64:
            numbers, _, self.of_cells = distinct_numbers(values)
            self.firsts: list[Scalar] = numbers.tolist()
            return
        # An index takes much more memory than the values do.
        budget.current().reserve(values.size)
        distinct, places = numbered(values.tolist())
        lowered = [value.lower() if type(value) is str else value for value in distinct]
        keys, merged = numbered(lowered)
        self.of_cells = merged[places]
        _, firsts, _ = distinct_numbers(merged)
        self.firsts = [distinct[first] for first in firsts.tolist()]
        self._numbers = {
            kind: {key: number for number, key in enumerate(keys) if type(key) is kind}
            for kind in dict.fromkeys(map(type, keys))
        }

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.firsts)

    def of_kind(self, kind: type) -> dict[Any, int]:
        """The group of each value of a kind; texts are in small letters."""
        if self._numbers is None:
            self._numbers = {float: {number: place for place, number in enumerate(self.firsts)}}
        return self._numbers.get(kind, {})

    @functools.cached_property
    def in_order(self) -> tuple[Integers, Integers]:
        """The cells group by group, and where each group begins, and the last ends, among them."""
        return grouped(self.of_cells, self.count)

    @property
    def sizes(self) -> Integers:
        """How many cells each group has."""
        return np.diff(self.in_order[1])

    def cells(self, group: int) -> Integers:
        """The cells of a group, in order."""
        cells, starts = self.in_order
        found: Integers = cells[starts[group] : starts[group + 1]]
        return found


def grouped(numbers: Integers, count: int) -> tuple[Integers, Integers]:
    """The places of each number from 0 to below a count, and where these begin and end."""
    starts = np.zeros(count + 1, np.intp)
    np.cumsum(np.bincount(numbers, minlength=count), out=starts[1:])
    return stable_order(numbers, count), starts
