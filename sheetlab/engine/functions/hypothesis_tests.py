"""Tests of hypotheses: how likely a sample is, or one farther off, if nothing were to be found."""

import math

import numpy as np

from sheetlab.engine.functions.aggregates import mean, numbers_in, variance
from sheetlab.engine.functions.distributions import (
    chi_squared_beyond,
    normal_probability,
    student_beyond_both,
    variance_ratio_beyond,
)
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.matrices import number_pairs
from sheetlab.engine.values.value import Array, ErrorValue

# What is beyond the largest number is #NUM! to the interpreter.
_quietly = np.errstate(all="ignore")


@_quietly
def _z_test(sample: Array, supposed: float, deviation: float | None = None) -> float:
    numbers = numbers_in(sample)
    if not numbers.size:
        raise ErrorValue("#N/A")
    spread = math.sqrt(variance(numbers)) if deviation is None else deviation
    if spread < 0 or deviation == 0:
        raise ValueError
    return normal_probability((supposed - mean(numbers)) / (spread / math.sqrt(numbers.size)))


@_quietly
def _t_test(first: Array, second: Array, tails: float, kind: float) -> float:
    both = int(tails) == 2
    if int(tails) not in (1, 2) or int(kind) not in (1, 2, 3):
        raise ValueError
    statistic, degrees = (
        _of_pairs(first, second) if int(kind) == 1 else _of_two(first, second, int(kind) == 2)
    )
    return student_beyond_both(statistic, degrees) / (1 if both else 2)


def _of_pairs(first: Array, second: Array) -> tuple[float, float]:
    one, other = number_pairs(first, second)
    differences = one - other
    spread = math.sqrt(variance(differences) / differences.size)
    return mean(differences) / spread, differences.size - 1


def _of_two(first: Array, second: Array, same_variance: bool) -> tuple[float, float]:
    one, other = numbers_in(first), numbers_in(second)
    apart = mean(one) - mean(other)
    if same_variance:
        degrees = one.size + other.size - 2
        within = variance(one) * (one.size - 1) + variance(other) * (other.size - 1)
        return apart / math.sqrt(within / degrees * (1 / one.size + 1 / other.size)), degrees
    # Welch's degrees of freedom, which Excel does not cut to whole ones.
    left, right = variance(one) / one.size, variance(other) / other.size
    parts = left**2 / (one.size - 1) + right**2 / (other.size - 1)
    return apart / math.sqrt(left + right), (left + right) ** 2 / parts


@_quietly
def _f_test(first: Array, second: Array) -> float:
    one, other = numbers_in(first), numbers_in(second)
    ratio = variance(one) / variance(other)
    if ratio == 0:
        raise ZeroDivisionError
    degrees = one.size - 1, other.size - 1
    if ratio < 1:
        ratio, degrees = 1 / ratio, degrees[::-1]
    beyond = variance_ratio_beyond(ratio, *degrees)
    less = variance_ratio_beyond(1 / ratio, *degrees[::-1])
    return 2 * min(beyond, less)


@_quietly
def _chi_squared_test(actual: Array, expected: Array) -> float:
    if actual.shape != expected.shape or actual.size == 1:
        raise ErrorValue("#N/A")
    found, wanted = number_pairs(actual, expected)
    if wanted.size and wanted.min() < 0:
        raise ValueError
    if not wanted.all():
        raise ZeroDivisionError
    rows, columns = actual.shape
    degrees = (rows - 1) * (columns - 1) or max(rows, columns) - 1
    return chi_squared_beyond(float(np.sum((found - wanted) ** 2 / wanted)), degrees)


_CHI_SQUARED = Function(_chi_squared_test, ("array", "array"), array_context=True)
_F = Function(_f_test, ("array", "array"), array_context=True)
_T = Function(_t_test, ("array", "array", "number", "number"), array_context=True)
_Z = Function(_z_test, ("array", "number", "number"), required=2)

FUNCTIONS: dict[str, Function] = {
    "CHISQ.TEST": _CHI_SQUARED,
    "CHITEST": _CHI_SQUARED,
    "F.TEST": _F,
    "FTEST": _F,
    "T.TEST": _T,
    "TTEST": _T,
    "Z.TEST": _Z,
    "ZTEST": _Z,
}
