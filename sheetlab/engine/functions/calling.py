"""How functions are called: their results and exceptions as Excel's values, arrays by kernels."""

import math
import weakref
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
# What functions gave is kept of so many arrays.
_MOST_KEPT = 16
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
    kernel = function.kernel
    if not isinstance(kernel, Elementwise):
        return None
    if len(columns) == 1 and isinstance(columns[0], np.ndarray) and is_lasting(columns[0]):
        return _kept(kernel, columns[0], lambda: _by_kernel(function, kernel, columns))
    return _by_kernel(function, kernel, columns)


def _by_kernel(function: Function, kernel: Elementwise, columns: Sequence[Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(kernel.of_column(*columns), np.float64)
    except FloatingPointError:
        return None
    return checked(found, lambda *row: invoke(function.call, row), *columns)


def is_lasting(array: Array) -> bool:
    """Whether an array is that of a range as it was read, which nobody writes."""
    return not array.flags.writeable and array.base is None


class _Kept:
    """What functions gave for arrays of ranges, kept while formulas ask the same arrays again."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Elementwise], tuple[weakref.ref[Array], Any]] = {}

    def __call__(self, kernel: Elementwise, array: Array, calculated: Callable[[], Any]) -> Any:
        key = id(array), kernel
        known = self._known.get(key)
        if known is not None and known[0]() is array:
            return known[1]
        found = calculated()
        if isinstance(found, np.ndarray):
            found.flags.writeable = False
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[key] = weakref.ref(array, lambda _: self._known.pop(key, None)), found
        return found


_kept = _Kept()


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
