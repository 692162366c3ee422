"""Functions of all numbers in their arguments: sums, means, extremes, spread.

In cells and arrays they skip text, truth values and blanks; TRUE and "3" as constants count.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import (
    Floats,
    Kernel,
    NumbersInOrder,
    OrderStatistic,
    Reduction,
    Rowwise,
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


# What samples of numbers are like: a float for one sample on one axis, an array (rows, 1) for one
# in each row of an array (rows, numbers). Their sums are the same to the last bit, lest a sample of
# equal numbers spread in one way and not in the other.


def total(numbers: Floats) -> Any:
    """The sum of a sample."""
    if numbers.ndim == 1:
        return float(np.add.reduce(numbers))
    return np.add.reduce(np.ascontiguousarray(numbers), axis=1, keepdims=True)


def mean(numbers: Floats) -> Any:
    """The arithmetic mean; raises `ZeroDivisionError` where there are no numbers."""
    _refuse_fewer(numbers, 1)
    return total(numbers) / numbers.shape[-1]


def squared_deviations(numbers: Floats) -> Any:
    """The sum of the squared differences from the mean, which is found first."""
    return total(np.square(numbers - mean(numbers)))


def variance(numbers: Floats, lost: int = 1) -> Any:
    """The variance of a sample, or with `lost` 0 degrees of freedom that of a population.

    Raises `ZeroDivisionError` where there are too few numbers.
    """
    _refuse_fewer(numbers, lost + 1)
    return squared_deviations(numbers) / (numbers.shape[-1] - lost)


def population_variance(numbers: Floats) -> Any:
    """The variance of a population; raises `ZeroDivisionError` where there are no numbers."""
    return variance(numbers, lost=0)


def deviation(numbers: Floats) -> Any:
    """The standard deviation of a sample; raises `ZeroDivisionError` below two numbers."""
    return square_root(variance(numbers))


def population_deviation(numbers: Floats) -> Any:
    """The standard deviation of a population; raises `ZeroDivisionError` without numbers."""
    return square_root(variance(numbers, lost=0))


def square_root(value: Any) -> Any:
    """The root of a float or of each element of an array."""
    return math.sqrt(value) if type(value) is float else np.sqrt(value)


def of_samples(measure: Callable[[Floats], Any]) -> Callable[..., Any]:
    """What `measure` makes of samples whose numbers stand in the rows of one or more arrays."""

    def of_rows(*ranges: Floats) -> Any:
        rows = max(map(len, ranges))
        parts = [np.broadcast_to(numbers, (rows, numbers.shape[1])) for numbers in ranges]
        return measure(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1))

    return of_rows


def _mean_deviation(numbers: Floats) -> Any:
    _refuse_none(numbers)
    return mean(np.abs(numbers - mean(numbers)))


def _deviations(numbers: Floats) -> Any:
    _refuse_none(numbers)
    return squared_deviations(numbers)


def _skewness(numbers: Floats) -> Any:
    size = numbers.shape[-1]
    _refuse_fewer(numbers, 3)
    return _moment(numbers, deviation(numbers), 3) * size / (size - 1) / (size - 2)


def _population_skewness(numbers: Floats) -> Any:
    _refuse_fewer(numbers, 3)
    return _moment(numbers, population_deviation(numbers), 3) / numbers.shape[-1]


def _kurtosis(numbers: Floats) -> Any:
    """How much more there is at the ends than in a normal distribution, for a sample."""
    size = numbers.shape[-1]
    _refuse_fewer(numbers, 4)
    moment = _moment(numbers, deviation(numbers), 4)
    scale = size * (size + 1) / (size - 1) / (size - 2) / (size - 3)
    return moment * scale - 3 * (size - 1) ** 2 / (size - 2) / (size - 3)


def _moment(numbers: Floats, unit: Any, power: int) -> Any:
    """The sum of powers of the differences from the mean, in units of a deviation."""
    if type(unit) is float and unit == 0:
        raise ZeroDivisionError
    return total(((numbers - mean(numbers)) / unit) ** power)


def _refuse_fewer(numbers: Floats, least: int) -> None:
    if numbers.shape[-1] < least:
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
    return float(1 / mean(1 / numbers))


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
    # One after the other, as the order decides whether a product overflows on its way.
    return float(np.multiply.accumulate(numbers)[-1]) if numbers.size else 0.0


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
    def of_numbers(numbers: Floats) -> float:
        # What is beyond the largest number is #NUM! to the interpreter.
        with np.errstate(all="ignore"):
            return float(reduce(numbers))

    def call(*arguments: Values) -> float:
        return of_numbers(numbers_of(arguments))

    return Function(
        call,
        ("values",),
        repeating=1,
        required=1,
        array_context=array_context,
        of_numbers=of_numbers,
        kernel=kernel,
    )


def _of_many_samples(measure: Callable[[Floats], Any]) -> Function:
    return _of_numbers(measure, Rowwise(of_samples(measure)))


def _of_spread(measure: Callable[[Floats], Any], *, ddof: int, is_root: bool) -> Function:
    return _of_numbers(measure, Spread(of_samples(measure), ddof=ddof, is_root=is_root))


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
    "AVEDEV": _of_many_samples(_mean_deviation),
    "AVERAGE": _of_numbers(mean, Reduction(np.add, of_counts="mean")),
    "AVERAGEA": _of_all(mean),
    "COUNT": _of_values(_count, Reduction(np.add, of_counts="count")),
    "COUNTA": _of_values(_count_filled, Reduction(np.add, of_counts="filled")),
    "DEVSQ": _of_many_samples(_deviations),
    "GEOMEAN": _of_numbers(_geometric_mean),
    "HARMEAN": _of_numbers(_harmonic_mean),
    "KURT": _of_many_samples(_kurtosis),
    "MAX": _of_numbers(maximum, Reduction(np.maximum, identity=-math.inf)),
    "MAXA": _of_all(maximum),
    "MEDIAN": _of_numbers(_median, OrderStatistic(_median_each)),
    "MIN": _of_numbers(minimum, Reduction(np.minimum, identity=math.inf)),
    "MINA": _of_all(minimum),
    "MODE": _of_numbers(_mode, _MODE, array_context=True),
    "MODE.MULT": Function(
        _mode_column, ("values",), repeating=1, required=1, array_context=True, spreads=True
    ),
    "MODE.SNGL": _of_numbers(_mode, _MODE, array_context=True),
    "PERCENTOF": Function(_share, ("values", "values")),
    "PRODUCT": _of_numbers(product, Reduction(np.multiply, identity=1.0)),
    "SKEW": _of_many_samples(_skewness),
    "SKEW.P": _of_many_samples(_population_skewness),
    "STDEV": _of_spread(deviation, ddof=1, is_root=True),
    "STDEV.P": _of_spread(population_deviation, ddof=0, is_root=True),
    "STDEV.S": _of_spread(deviation, ddof=1, is_root=True),
    "STDEVA": _of_all(deviation),
    "STDEVP": _of_spread(population_deviation, ddof=0, is_root=True),
    "STDEVPA": _of_all(population_deviation),
    "SUM": _of_numbers(np.add.reduce, Reduction(np.add)),
    "SUMSQ": _of_numbers(
        lambda numbers: np.dot(numbers, numbers), Reduction(np.add, prepare=np.square)
    ),
    "VAR": _of_spread(variance, ddof=1, is_root=False),
    "VAR.P": _of_spread(population_variance, ddof=0, is_root=False),
    "VAR.S": _of_spread(variance, ddof=1, is_root=False),
    "VARA": _of_all(variance),
    "VARP": _of_spread(population_variance, ddof=0, is_root=False),
    "VARPA": _of_all(population_variance),
}
