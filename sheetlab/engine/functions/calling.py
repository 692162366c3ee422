"""How functions are called: their results and exceptions as Excel's values, arrays by kernels."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Elementwise
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

_DIV = CellError("#DIV/0!")
_VALUE = CellError("#VALUE!")
_NUM = CellError("#NUM!")
_CALC = CellError("#CALC!")
_KINDS = {float, str, bool, type(None), CellError}


def invoke(call: Callable[..., Any], arguments: Sequence[Any]) -> Scalar | Array:
    """What a Python function gives, as Excel would: its exceptions as errors, ints as floats."""
    try:
        result = call(*arguments)
    except ErrorValue as error:
        return error.error
    except ZeroDivisionError:
        return _DIV
    except (ValueError, OverflowError, FloatingPointError):
        return _NUM
    except TypeError:
        # A text among the numbers of an array, or the other way round.
        return _VALUE
    if type(result) is float:
        return result if math.isfinite(result) else _NUM
    return _normal(result)


def _normal(result: Any) -> Scalar | Array:
    if isinstance(result, np.ndarray):
        if not result.size:
            return _CALC
        array: Array = np.atleast_2d(result)
        if array.dtype == np.float64 and np.isfinite(array).all():
            return array
        values = array.ravel().tolist()
        if not _are_plain(values):
            values = [_normal(value) for value in values]
        return packed(values, array.shape)
    if isinstance(result, np.generic):
        result = result.item()
    if isinstance(result, int) and not isinstance(result, bool):
        result = float(result)
    if isinstance(result, float) and not math.isfinite(result):
        return _NUM
    scalar: Scalar = result
    return scalar


def _are_plain(values: list[Any]) -> bool:
    """Whether all are values as cells have them."""
    kinds = set(map(type, values))
    if not kinds <= _KINDS:
        return False
    return float not in kinds or all(map(math.isfinite, filter(_is_float, values)))


def _is_float(value: Any) -> bool:
    return type(value) is float


def by_kernel(function: Function, columns: Sequence[Any]) -> Any:
    """A function of columns of numbers; None where its kernel does not take them."""
    if not isinstance(function.kernel, Elementwise):
        return None
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(function.kernel.of_column(*columns), np.float64)
    except FloatingPointError:
        return None
    return checked(found, lambda *row: invoke(function.call, row), *columns)


def checked(found: Any, scalar: Callable[..., Any], *columns: Any) -> Any:
    """Results, with those that are no finite numbers calculated anew one by one."""
    finite = np.isfinite(found)
    if finite.all():
        return found
    lists = [np.broadcast_to(column, found.shape)[~finite].tolist() for column in columns]
    results = np.asarray(found).astype(object)
    again = np.empty(len(lists[0]), object)
    again[:] = list(map(scalar, *lists))
    results[~finite] = again
    return packed(results.ravel().tolist(), results.shape)
