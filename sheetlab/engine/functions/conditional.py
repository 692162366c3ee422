"""Functions of the cells that meet criteria: COUNTIF, SUMIFS, MAXIFS and their relatives."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sheetlab.engine.functions.aggregates import mean, numbers_in
from sheetlab.engine.functions.criteria import matching
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import Conditional, Floats, Reduction
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

_CRITERION: tuple[Parameter, Parameter] = ("array", "scalar")


def _count(*ranges_and_criteria: Any) -> float:
    return float(np.count_nonzero(_meeting_all(ranges_and_criteria)))


def _meeting_all(ranges_and_criteria: tuple[Any, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which elements meet every criterion; raises `ErrorValue` where the shapes differ."""
    found = None
    pairs = zip(ranges_and_criteria[::2], ranges_and_criteria[1::2], strict=True)
    for array, criterion in pairs:
        if array is None or (found is not None and found.shape != array.shape):
            raise ErrorValue("#VALUE!")
        meeting = matching(array, criterion)
        found = meeting if found is None else found & meeting
    assert found is not None
    return found


def _numbers_where(array: Array, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
    """The numbers of the chosen elements; raises the first error among them."""
    elements = array[chosen]
    if elements.dtype == object:
        for value in elements.tolist():
            if isinstance(value, CellError):
                raise ErrorValue(value)
    return numbers_in(elements)


def _of_one(reduce: Callable[[Floats], Any], reduction: Reduction) -> Function:
    """SUMIF or AVERAGEIF: a range, its criterion, and the range to reduce if another."""

    def call(array: Array, criterion: Scalar, reduced: Array | None = None) -> float:
        chosen = matching(array, criterion)
        if reduced is None:
            reduced = array
        # Excel lays the second range over the first from its upper left cell.
        rows, columns = np.minimum(chosen.shape, reduced.shape)
        part = chosen[:rows, :columns]
        return float(reduce(_numbers_where(reduced[:rows, :columns], part)))

    return Function(
        call,
        (*_CRITERION, "array"),
        takes_errors=True,
        required=2,
        sparse=True,
        kernel=Conditional(reduction, reduced=2, resized=True),
    )


def _of_several(reduce: Callable[[Floats], Any], reduction: Reduction) -> Function:
    """SUMIFS and its relatives: the range to reduce, then ranges and their criteria."""

    def call(reduced: Array, *ranges_and_criteria: Any) -> float:
        chosen = _meeting_all(ranges_and_criteria)
        if chosen.shape != reduced.shape:
            raise ErrorValue("#VALUE!")
        return float(reduce(_numbers_where(reduced, chosen)))

    return Function(
        call,
        ("array", *_CRITERION),
        repeating=2,
        takes_errors=True,
        required=3,
        sparse=True,
        kernel=Conditional(reduction, reduced=0),
    )


_SUM, _MEAN = Reduction(np.add), Reduction(np.add, of_counts="mean")
_MAXIMUM, _MINIMUM = Reduction(np.maximum, -math.inf), Reduction(np.minimum, math.inf)

# Of arrays; the special forms ask where the ranges lie.
AVERAGEIF = _of_one(mean, _MEAN)
COUNTIF = Function(_count, _CRITERION, takes_errors=True, sparse=True, kernel=Conditional())
COUNTIFS = replace(COUNTIF, repeating=2, required=2)
SUMIF = _of_one(np.add.reduce, _SUM)

FUNCTIONS: dict[str, Function] = {
    "AVERAGEIFS": _of_several(mean, _MEAN),
    "MAXIFS": _of_several(lambda numbers: numbers.max() if numbers.size else 0.0, _MAXIMUM),
    "MINIFS": _of_several(lambda numbers: numbers.min() if numbers.size else 0.0, _MINIMUM),
    "SUMIFS": _of_several(np.add.reduce, _SUM),
}
