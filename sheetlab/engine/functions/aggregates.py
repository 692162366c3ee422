"""Functions of all numbers in their arguments: sums, means, extremes, spread.

In cells and arrays they skip text, truth values and blanks; TRUE and "3" as constants count.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import (
    Floats,
    Kernel,
    NumbersInOrder,
    OrderStatistic,
    Reduction,
    Spread,
)
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError


def numbers_in(array: Array) -> Floats:
    """The numbers among the elements of an array, row by row, on one axis."""
    if array.dtype == np.float64:
        return array.ravel()
    return np.array([value for value in array.ravel().tolist() if type(value) is float])


def numbers_of(arguments: tuple[Values, ...]) -> Floats:
    """All numbers in the arguments of an aggregate, on one axis.

    Raises `ErrorValue` #VALUE! for a text among the constants that is no number.
    """
    if len(arguments) == 1:
        return _numbers_of_one(arguments[0])
    return np.concatenate([_numbers_of_one(argument) for argument in arguments])


def _numbers_of_one(argument: Values) -> Floats:
    if argument.from_cells or argument.array.dtype == np.float64:
        return numbers_in(argument.array)
    converted = [number_of(value) for value in argument.array.ravel().tolist()]
    for value in converted:
        if isinstance(value, CellError):
            raise ErrorValue(value)
    return np.array(converted, dtype=np.float64)


def _all_numbers_of(arguments: tuple[Values, ...]) -> Floats:
    """As `numbers_of`, but in cells truth values are 1 and 0 as well, and texts 0."""
    return np.concatenate([_all_numbers_of_one(argument) for argument in arguments])


def _all_numbers_of_one(argument: Values) -> Floats:
    if not argument.from_cells or argument.array.dtype == np.float64:
        return _numbers_of_one(argument)
    values = [value for value in argument.array.ravel().tolist() if value is not None]
    return np.array([0.0 if isinstance(value, str) else float(value) for value in values])


def mean(numbers: Floats) -> float:
    """The arithmetic mean; raises `ZeroDivisionError` where there are no numbers."""
    return float(np.add.reduce(numbers)) / numbers.size


def squared_deviations(numbers: Floats) -> float:
    """The sum of the squared differences from the mean, which is found first."""
    deviations = numbers - mean(numbers)
    return float(deviations @ deviations)


def variance(numbers: Floats, lost: int = 1) -> float:
    """The variance of a sample, or with `lost` 0 degrees of freedom that of a population.

    Raises `ZeroDivisionError` where there are too few numbers.
    """
    if numbers.size <= lost:
        raise ZeroDivisionError
    return squared_deviations(numbers) / (numbers.size - lost)


def population_variance(numbers: Floats) -> float:
    """The variance of a population; raises `ZeroDivisionError` where there are no numbers."""
    return variance(numbers, lost=0)


def deviation(numbers: Floats) -> float:
    """The standard deviation of a sample; raises `ZeroDivisionError` below two numbers."""
    return math.sqrt(variance(numbers))


def population_deviation(numbers: Floats) -> float:
    """The standard deviation of a population; raises `ZeroDivisionError` without numbers."""
    return math.sqrt(variance(numbers, lost=0))


def _mean_deviation(numbers: Floats) -> float:
    _refuse_none(numbers)
    return mean(np.abs(numbers - mean(numbers)))


def _deviations(numbers: Floats) -> float:
    _refuse_none(numbers)
    return squared_deviations(numbers)


def _skewness(numbers: Floats) -> float:
    size = numbers.size
    _refuse_fewer(numbers, 3)
    return _moment(numbers, deviation(numbers), 3) * size / (size - 1) / (size - 2)


def _population_skewness(numbers: Floats) -> float:
    _refuse_fewer(numbers, 3)
    return _moment(numbers, population_deviation(numbers), 3) / numbers.size


def _kurtosis(numbers: Floats) -> float:
    """How much more there is at the ends than in a normal distribution, for a sample."""
    size = numbers.size
    _refuse_fewer(numbers, 4)
    moment = _moment(numbers, deviation(numbers), 4)
    scale = size * (size + 1) / (size - 1) / (size - 2) / (size - 3)
    return moment * scale - 3 * (size - 1) ** 2 / (size - 2) / (size - 3)


def _moment(numbers: Floats, unit: float, power: int) -> float:
    """The sum of powers of the differences from the mean, in units of a deviation."""
    if unit == 0:
        raise ZeroDivisionError
    return float(np.sum(((numbers - mean(numbers)) / unit) ** power))


def _refuse_fewer(numbers: Floats, least: int) -> None:
    if numbers.size < least:
        raise ZeroDivisionError


def _geometric_mean(numbers: Floats) -> float:
    _refuse_none(numbers)
    if numbers.min() <= 0:
        raise ValueError
    return math.exp(mean(np.log(numbers)))


def _harmonic_mean(numbers: Floats) -> float:
    _refuse_none(numbers)
    if numbers.min() <= 0:
        raise ValueError
    return 1 / mean(1 / numbers)


def _median(numbers: Floats) -> float:
    _refuse_none(numbers)
    return float(np.median(numbers))


def _median_each(ordered: NumbersInOrder) -> Floats:
    sizes = ordered.sizes
    low, high = ordered.at(np.floor((sizes - 1) / 2)), ordered.at(np.floor(sizes / 2))
    # Twice a large number would be beyond the largest, where it alone is the middle.
    middle = np.where(sizes % 2 == 1, low, (low + high) / 2)
    return np.where(sizes > 0, middle, np.inf)


def _modes(numbers: Floats) -> Floats:
    """The numbers that come most often, at least twice, in the order of their first places."""
    values, firsts, counts = np.unique(numbers, return_index=True, return_counts=True)
    if not values.size or counts.max() < 2:
        raise ErrorValue("#N/A")
    modes: Floats = numbers[np.sort(firsts[counts == counts.max()])]
    return modes


def _mode(numbers: Floats) -> float:
    return float(_modes(numbers)[0])


def _mode_each(ordered: NumbersInOrder) -> Floats:
    return ordered.most_frequent()


def _mode_column(*arguments: Values) -> Array:
    return _modes(numbers_of(arguments)).reshape(-1, 1)


def _refuse_none(numbers: Floats) -> None:
    if not numbers.size:
        raise ValueError


def minimum(numbers: Floats) -> float:
    """The least number; of none, 0."""
    return float(np.minimum.reduce(numbers)) if numbers.size else 0.0


def maximum(numbers: Floats) -> float:
    """The largest number; of none, 0."""
    return float(np.maximum.reduce(numbers)) if numbers.size else 0.0


def product(numbers: Floats) -> float:
    """The product of all numbers; of none, 0."""
    return float(np.multiply.reduce(numbers)) if numbers.size else 0.0


def _share(part: Values, whole: Values) -> float:
    return float(np.add.reduce(numbers_of((part,)))) / float(np.add.reduce(numbers_of((whole,))))


def _count(*arguments: Values) -> float:
    return float(sum(map(_count_of_one, arguments)))


def _count_of_one(argument: Values) -> int:
    if argument.from_cells or argument.array.dtype == np.float64:
        return numbers_in(argument.array).size
    values = argument.array.ravel().tolist()
    return sum(not isinstance(number_of(value), CellError) for value in values)


def _count_filled(*arguments: Values) -> float:
    return float(sum(map(_count_filled_in_one, arguments)))


def _count_filled_in_one(argument: Values) -> int:
    if argument.array.dtype == np.float64:
        return argument.array.size
    return sum(value is not None for value in argument.array.ravel().tolist())


def _count_blank(array: Array) -> float:
    if array.dtype == np.float64:
        return 0.0
    return float(sum(map(_is_empty, array.ravel().tolist())))


def _is_empty(value: Scalar) -> bool:
    return value is None or value == ""


def _of_numbers(
    reduce: Callable[[Floats], Any],
    kernel: Kernel | None = None,
    *,
    array_context: bool = False,
) -> Function:
    def call(*arguments: Values) -> float:
        # What is beyond the largest number is #NUM! to the interpreter.
        with np.errstate(all="ignore"):
            return float(reduce(numbers_of(arguments)))

    return Function(
        call, ("values",), repeating=1, required=1, array_context=array_context, kernel=kernel
    )


def _of_all(reduce: Callable[[Floats], Any]) -> Function:
    """AVERAGEA and its relatives, which skip only blanks."""

    def call(*arguments: Values) -> float:
        with np.errstate(all="ignore"):
            return float(reduce(_all_numbers_of(arguments)))

    return Function(call, ("values",), repeating=1, required=1)


def _of_values(call: Callable[..., float], kernel: Reduction | None = None) -> Function:
    return Function(call, ("values",), repeating=1, required=1, takes_errors=True, kernel=kernel)


_MODE = OrderStatistic(_mode_each, by_place=True)

COUNTBLANK = Function(_count_blank, ("array",), takes_errors=True, sparse=True)
"""COUNTBLANK of cells that are filled; the special form counts the others."""

FUNCTIONS: dict[str, Function] = {
    "AVEDEV": _of_numbers(_mean_deviation),
    "AVERAGE": _of_numbers(mean, Reduction(np.add, of_counts="mean")),
    "AVERAGEA": _of_all(mean),
    "COUNT": _of_values(_count, Reduction(np.add, of_counts="count")),
    "COUNTA": _of_values(_count_filled),
    "DEVSQ": _of_numbers(_deviations),
    "GEOMEAN": _of_numbers(_geometric_mean),
    "HARMEAN": _of_numbers(_harmonic_mean),
    "KURT": _of_numbers(_kurtosis),
    "MAX": _of_numbers(maximum, Reduction(np.maximum, identity=-math.inf)),
    "MAXA": _of_all(maximum),
    "MEDIAN": _of_numbers(_median, OrderStatistic(_median_each)),
    "MIN": _of_numbers(minimum, Reduction(np.minimum, identity=math.inf)),
    "MINA": _of_all(minimum),
    "MODE": _of_numbers(_mode, _MODE, array_context=True),
    "MODE.MULT": Function(_mode_column, ("values",), repeating=1, required=1, array_context=True),
    "MODE.SNGL": _of_numbers(_mode, _MODE, array_context=True),
    "PERCENTOF": Function(_share, ("values", "values")),
    "PRODUCT": _of_numbers(product, Reduction(np.multiply, identity=1.0)),
    "SKEW": _of_numbers(_skewness),
    "SKEW.P": _of_numbers(_population_skewness),
    "STDEV": replace(_of_numbers(deviation), kernel=Spread(1, True)),
    "STDEV.P": replace(_of_numbers(population_deviation), kernel=Spread(0, True)),
    "STDEV.S": replace(_of_numbers(deviation), kernel=Spread(1, True)),
    "STDEVA": _of_all(deviation),
    "STDEVP": replace(_of_numbers(population_deviation), kernel=Spread(0, True)),
    "STDEVPA": _of_all(population_deviation),
    "SUM": _of_numbers(np.add.reduce, Reduction(np.add)),
    "SUMSQ": _of_numbers(
        lambda numbers: np.dot(numbers, numbers), Reduction(np.add, prepare=np.square)
    ),
    "VAR": replace(_of_numbers(variance), kernel=Spread(1, False)),
    "VAR.P": replace(_of_numbers(population_variance), kernel=Spread(0, False)),
    "VAR.S": replace(_of_numbers(variance), kernel=Spread(1, False)),
    "VARA": _of_all(variance),
    "VARP": replace(_of_numbers(population_variance), kernel=Spread(0, False)),
    "VARPA": _of_all(population_variance),
}
