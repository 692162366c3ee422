"""The functions that the library `formulas` supplies, called as the interpreter calls functions."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import formulas
import numpy as np
import schedula
from formulas.functions import not_implemented

from sheetlab.engine.functions.borrowed_values import from_formulas, to_formulas
from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.value import Array, ErrorValue, Scalar

# These are of its own making.
_NOT_OF_EXCEL = frozenset(("ARRAY", "ARRAYROW"))

_declared = functools.partial(Function, parameters=("array",), repeating=1, takes_errors=True)


def find(name: str) -> Function | None:
    """The function of `formulas` of that name; None where there is none, or not of values alone."""
    if name in _NOT_OF_EXCEL:
        return None
    known = formulas.get_functions()
    for spelling in (name, f"_XLFN.{name}"):
        function = known.get(spelling, not_implemented)
        if isinstance(function, dict):
            function = not_implemented if "extra_inputs" in function else function["function"]
        if function is not not_implemented:
            return _declared(_wrapped(function))
    return None


def _wrapped(function: Callable[..., Any]) -> Callable[..., Scalar | Array]:
    def call(*arguments: Array | None) -> Scalar | Array:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _result(function(*map(_argument, arguments)))

    return call


def _argument(array: Array | None) -> Any:
    if array is None:
        return schedula.EMPTY
    values = [to_formulas(value) for value in array.ravel().tolist()]
    if len(values) == 1:
        return values[0]
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return table.reshape(array.shape).view(formulas.functions.Array)


def _result(result: Any) -> Scalar | Array:
    if not isinstance(result, np.ndarray):
        return from_formulas(result)
    if not result.size:
        raise ErrorValue("#VALUE!")
    table = np.atleast_2d(np.asarray(result, dtype=object))
    if table.size == 1:
        return from_formulas(table.item())
    return packed([from_formulas(value) for value in table.ravel().tolist()], table.shape)
