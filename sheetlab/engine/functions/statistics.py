"""Functions of a sample or of two: ranks, percentiles, correlation, the line between them."""

import math
from collections.abc import Callable
from decimal import ROUND_DOWN
from typing import Any

import numpy as np

from sheetlab.engine.functions.aggregates import (
    mean,
    numbers_in,
    square_root,
    squared_deviations,
    total,
)
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Floats, NumbersInOrder, OrderStatistic, Rowwise
from sheetlab.engine.functions.mathematics import round_decimal, significant
from sheetlab.engine.functions.matrices import number_pairs
from sheetlab.engine.values.value import Array, ErrorValue


class _Ordered:
    """The numbers of an array in order, kept for the next call as long as that asks for the same.

    Formulas filled down ask the same range thousands of times.
    """

    def __init__(self) -> None:
        self._array: Array | None = None
        self._numbers = np.empty(0)

    def __call__(self, array: Array) -> Floats:
        if array is not self._array:
            self._numbers = np.sort(numbers_in(array))
            # What can be written to may be other numbers the next time.
            self._array = None if array.flags.writeable else array
        return self._numbers


_ordered = _Ordered()


def _largest(array: Array, rank: float) -> float:
    numbers = _ordered(array)
    return _at_rank(numbers, numbers.size - math.ceil(rank))


def _smallest(array: Array, rank: float) -> float:
    return _at_rank(_ordered(array), math.ceil(rank) - 1)


def _at_rank(numbers: Floats, position: int) -> float:
    if not 0 <= position < numbers.size:
        raise ValueError
    return float(numbers[position])


def _rank(number: float, array: Array, ascending: float | None = None) -> float:
    before, equal = _before_and_equal(number, _ordered(array), bool(ascending))
    if not equal:
        raise ErrorValue("#N/A")
    return before + 1


def _mean_rank(number: float, array: Array, ascending: float | None = None) -> float:
    before, equal = _before_and_equal(number, _ordered(array), bool(ascending))
    if not equal:
        raise ErrorValue("#N/A")
    return before + (equal + 1) / 2


def _before_and_equal(number: float, ordered: Floats, ascending: bool) -> tuple[float, float]:
    first, end = int(ordered.searchsorted(number)), int(ordered.searchsorted(number, "right"))
    return float(first if ascending else ordered.size - end), float(end - first)


def _percentile(array: Array, fraction: float) -> float:
    numbers = _ordered(array)
    if not numbers.size or not 0 <= fraction <= 1:
        raise ValueError
    return _between(numbers, fraction * (numbers.size - 1))


def _percentile_exclusive(array: Array, fraction: float) -> float:
    numbers = _ordered(array)
    position = fraction * (numbers.size + 1) - 1
    if not numbers.size or not 0 <= position <= numbers.size - 1:
        raise ValueError
    return _between(numbers, position)


def _between(ordered: Floats, position: float) -> float:
    """The value at a position of the sorted numbers, on the line between its two neighbours."""
    below = math.floor(position)
    above = min(below + 1, ordered.size - 1)
    low, high = float(ordered[below]), float(ordered[above])
    return low + (position - below) * (high - low)


def _quartile(array: Array, quarter: float) -> float:
    return _percentile(array, math.trunc(quarter) / 4)


def _quartile_exclusive(array: Array, quarter: float) -> float:
    if not 0 < math.trunc(quarter) < 4:
        raise ValueError
    return _percentile_exclusive(array, math.trunc(quarter) / 4)


def _percent_rank(array: Array, x: float, digits: float | None = None) -> float:
    """Which part of the numbers is smaller, not counting one; between two, on the line."""
    numbers, places = _ordered(array), _places(digits)
    rank, size = _rank_between(numbers, x), numbers.size
    return round_decimal(rank / (size - 1) if size > 1 else 1.0, places, ROUND_DOWN)


def _percent_rank_exclusive(array: Array, x: float, digits: float | None = None) -> float:
    numbers, places = _ordered(array), _places(digits)
    rank = (_rank_between(numbers, x) + 1) / (numbers.size + 1)
    return round_decimal(rank, places, ROUND_DOWN)


def _rank_between(ordered: Floats, x: float) -> float:
    """How many numbers are smaller, on the line between the two that x lies between."""
    if not ordered.size:
        raise ValueError
    if not ordered[0] <= x <= ordered[-1]:
        raise ErrorValue("#N/A")
    below = int(ordered.searchsorted(x))
    high = float(ordered[below])
    if high == x:
        return float(below)
    low = float(ordered[below - 1])
    rank = float(ordered.searchsorted(low))
    return rank + (below - rank) * (x - low) / (high - low)


def _places(digits: float | None) -> int:
    if digits is not None and digits < 1:
        raise ValueError
    return 3 if digits is None else int(digits)


# The same for the numbers of many windows at once; infinity is #NUM!, NaN is #N/A.


def _largest_each(ordered: NumbersInOrder, ranks: Floats) -> Floats:
    return _at_positions(ordered, ordered.sizes - np.ceil(ranks))


def _smallest_each(ordered: NumbersInOrder, ranks: Floats) -> Floats:
    return _at_positions(ordered, np.ceil(ranks) - 1)


def _at_positions(ordered: NumbersInOrder, positions: Floats) -> Floats:
    exists = (positions >= 0) & (positions < ordered.sizes)
    return np.where(exists, ordered.at(np.where(exists, positions, 0)), np.inf)


def _rank_each(ordered: NumbersInOrder, numbers: Floats, ascending: Floats | None = None) -> Floats:
    before, equal = _before_and_equal_each(ordered, numbers, ascending)
    return np.where(equal > 0, before + 1, np.nan)


def _mean_rank_each(
    ordered: NumbersInOrder, numbers: Floats, ascending: Floats | None = None
) -> Floats:
    before, equal = _before_and_equal_each(ordered, numbers, ascending)
    return np.where(equal > 0, before + (equal + 1) / 2, np.nan)


def _before_and_equal_each(
    ordered: NumbersInOrder, numbers: Floats, ascending: Floats | None
) -> tuple[Floats, Floats]:
    first, end = ordered.below(numbers), ordered.up_to(numbers)
    descends = ascending is None or np.equal(ascending, 0)
    return np.where(descends, ordered.sizes - end, first), end - first


def _percentile_each(ordered: NumbersInOrder, fractions: Floats) -> Floats:
    exists = (ordered.sizes > 0) & (fractions >= 0) & (fractions <= 1)
    return _between_each(ordered, fractions * (ordered.sizes - 1), exists)


def _percentile_exclusive_each(ordered: NumbersInOrder, fractions: Floats) -> Floats:
    positions = fractions * (ordered.sizes + 1) - 1
    exists = (ordered.sizes > 0) & (positions >= 0) & (positions <= ordered.sizes - 1)
    return _between_each(ordered, positions, exists)


def _between_each(ordered: NumbersInOrder, positions: Floats, exists: Any) -> Floats:
    positions = np.where(exists, positions, 0)
    below = np.floor(positions)
    low, high = ordered.at(below), ordered.at(np.minimum(below + 1, ordered.sizes - 1))
    found = low + (positions - below) * (high - low)
    return np.where(exists & ~np.isnan(found), found, np.inf)


def _quartile_each(ordered: NumbersInOrder, quarters: Floats) -> Floats:
    return _percentile_each(ordered, np.trunc(quarters) / 4)


def _quartile_exclusive_each(ordered: NumbersInOrder, quarters: Floats) -> Floats:
    quarters = np.trunc(quarters)
    found = _percentile_exclusive_each(ordered, quarters / 4)
    return np.where((quarters > 0) & (quarters < 4), found, np.inf)


def _percent_rank_each(
    ordered: NumbersInOrder, numbers: Floats, digits: Floats | None = None
) -> Floats:
    sizes = ordered.sizes
    ranks = _ranks_between(ordered, numbers)
    return _cut(np.where(sizes > 1, ranks / (sizes - 1), ranks + 1), digits)


def _percent_rank_exclusive_each(
    ordered: NumbersInOrder, numbers: Floats, digits: Floats | None = None
) -> Floats:
    return _cut((_ranks_between(ordered, numbers) + 1) / (ordered.sizes + 1), digits)


def _ranks_between(ordered: NumbersInOrder, numbers: Floats) -> Floats:
    sizes = ordered.sizes
    lies_between = (ordered.at(np.zeros(sizes.shape)) <= numbers) & (
        numbers <= ordered.at(sizes - 1)
    )
    below = ordered.below(numbers)
    high, low = ordered.at(below), ordered.at(below - 1)
    ranks = ordered.below(low)
    between = ranks + (below - ranks) * (numbers - low) / (high - low)
    between = np.where(high == numbers, below, between)
    between = np.where(np.isnan(between), np.inf, between)
    return np.where(sizes > 0, np.where(lies_between, between, np.nan), np.inf)


def _cut(ranks: Floats, digits: Floats | None) -> Floats:
    """Ranks between 0 and 1 without further digits; those that are not finite stay."""
    places = np.full(ranks.shape, 3.0) if digits is None else digits
    kept = [
        round_decimal(rank, place, ROUND_DOWN) if math.isfinite(rank) and place >= 1 else rank
        for rank, place in zip(ranks.tolist(), places.tolist(), strict=True)
    ]
    return np.where(places < 1, np.inf, np.array(kept, np.float64))


def _trimmed_mean(array: Array, fraction: float) -> float:
    numbers = numbers_in(array)
    if not numbers.size or not 0 <= fraction < 1:
        raise ValueError
    left_out = int(significant(numbers.size * fraction / 2))
    return float(mean(np.sort(numbers)[left_out : numbers.size - left_out]))


@np.errstate(all="ignore")
def _probability(
    values: Array, probabilities: Array, low: float, high: float | None = None
) -> float:
    numbers, chances = number_pairs(values, probabilities)
    if not numbers.size or chances.min() <= 0 or abs(float(np.sum(chances)) - 1) > 1e-7:
        raise ValueError
    top = low if high is None else high
    return float(np.sum(chances[(numbers >= low) & (numbers <= top)]))


def _frequencies(array: Array, bins: Array) -> Array:
    """How many numbers are up to each bin and above the one before it; last, above them all."""
    limits = numbers_in(bins)
    unique, firsts = np.unique(limits, return_index=True)
    counts = np.bincount(np.searchsorted(unique, numbers_in(array)), minlength=unique.size + 1)
    result = np.zeros(limits.size + 1)
    result[firsts] = counts[:-1]
    result[-1] = counts[-1]
    return result.reshape(-1, 1)


# Of two samples, for one pair on one axis or for one in each row; see `aggregates.total`.


def _co_deviations(x: Floats, y: Floats) -> Any:
    return total((x - mean(x)) * (y - mean(y)))


def _covariance(x: Floats, y: Floats) -> Any:
    return _co_deviations(x, y) / x.shape[-1]


def _sample_covariance(x: Floats, y: Floats) -> Any:
    return _co_deviations(x, y) / (x.shape[-1] - 1)


def _correlation(x: Floats, y: Floats) -> Any:
    found = _co_deviations(x, y) / square_root(squared_deviations(x) * squared_deviations(y))
    # Rounding must not lead beyond 1; a quotient by 0 remains one.
    return np.where(np.isfinite(found), np.clip(found, -1.0, 1.0), np.nan)


def _slope(y: Floats, x: Floats) -> Any:
    return _co_deviations(x, y) / squared_deviations(x)


def _intercept(y: Floats, x: Floats) -> Any:
    return mean(y) - _slope(y, x) * mean(x)


def _standard_error(y: Floats, x: Floats) -> Any:
    if x.shape[-1] < 3:
        raise ZeroDivisionError
    residual = squared_deviations(y) - _co_deviations(x, y) ** 2 / squared_deviations(x)
    least = np.where(np.isfinite(residual), np.maximum(residual, 0.0), np.nan)
    return np.sqrt(least / (x.shape[-1] - 2))


def _predicted(at: Any, y: Floats, x: Floats) -> Any:
    return mean(y) + _slope(y, x) * (at - mean(x))


@np.errstate(all="ignore")
def _forecast(at: float, ys: Array, xs: Array) -> float:
    return float(_predicted(at, *number_pairs(ys, xs)))


def _of_pairs(measure: Callable[[Floats, Floats], Any]) -> Function:
    def call(left: Array, right: Array) -> float:
        with np.errstate(all="ignore"):
            return float(measure(*number_pairs(left, right)))

    return Function(
        call, ("array", "array"), array_context=True, kernel=Rowwise(measure, alike=True)
    )


_RANK = Function(
    _rank, ("number", "array", "number"), required=2, kernel=OrderStatistic(_rank_each)
)
_PERCENTILE = Function(_percentile, ("array", "number"), kernel=OrderStatistic(_percentile_each))
_PERCENT_RANK = Function(
    _percent_rank,
    ("array", "number", "number"),
    required=2,
    kernel=OrderStatistic(_percent_rank_each),
)
_QUARTILE = Function(_quartile, ("array", "number"), kernel=OrderStatistic(_quartile_each))
_FORECAST = Function(
    _forecast,
    ("number", "array", "array"),
    array_context=True,
    kernel=Rowwise(_predicted, alike=True),
)

FUNCTIONS: dict[str, Function] = {
    "CORREL": _of_pairs(_correlation),
    "COVAR": _of_pairs(_covariance),
    "COVARIANCE.P": _of_pairs(_covariance),
    "COVARIANCE.S": _of_pairs(_sample_covariance),
    "FORECAST": _FORECAST,
    "FORECAST.LINEAR": _FORECAST,
    "FREQUENCY": Function(_frequencies, ("array", "array"), array_context=True, spreads=True),
    "INTERCEPT": _of_pairs(_intercept),
    "LARGE": Function(_largest, ("array", "number"), kernel=OrderStatistic(_largest_each)),
    "PEARSON": _of_pairs(_correlation),
    "PERCENTILE": _PERCENTILE,
    "PERCENTILE.EXC": Function(
        _percentile_exclusive,
        ("array", "number"),
        kernel=OrderStatistic(_percentile_exclusive_each),
    ),
    "PERCENTILE.INC": _PERCENTILE,
    "PERCENTRANK": _PERCENT_RANK,
    "PERCENTRANK.EXC": Function(
        _percent_rank_exclusive,
        ("array", "number", "number"),
        required=2,
        kernel=OrderStatistic(_percent_rank_exclusive_each),
    ),
    "PERCENTRANK.INC": _PERCENT_RANK,
    "PROB": Function(
        _probability, ("array", "array", "number", "number"), required=3, array_context=True
    ),
    "QUARTILE": _QUARTILE,
    "QUARTILE.EXC": Function(
        _quartile_exclusive, ("array", "number"), kernel=OrderStatistic(_quartile_exclusive_each)
    ),
    "QUARTILE.INC": _QUARTILE,
    "RANK": _RANK,
    "RANK.AVG": Function(
        _mean_rank,
        ("number", "array", "number"),
        required=2,
        kernel=OrderStatistic(_mean_rank_each),
    ),
    "RANK.EQ": _RANK,
    "RSQ": _of_pairs(lambda y, x: _correlation(y, x) ** 2),
    "SLOPE": _of_pairs(_slope),
    "SMALL": Function(_smallest, ("array", "number"), kernel=OrderStatistic(_smallest_each)),
    "STEYX": _of_pairs(_standard_error),
    "TRIMMEAN": Function(_trimmed_mean, ("array", "number")),
}
