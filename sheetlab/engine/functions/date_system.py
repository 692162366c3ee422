"""Functions of dates in workbooks whose day 0 is 1904-01-01, as on old Macintoshes."""

import dataclasses
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.value import ErrorValue

_DAYS_FROM_1900 = 1462


def from_1904(function: Function) -> Function:
    """The function as it works where days count from 1904; special forms see to it themselves."""
    positions = function.date_parameters
    if function.special or not (positions or function.date_result):
        return function

    def call(*arguments: Any) -> Any:
        dates = positions(*arguments) if callable(positions) else positions
        shifted = [
            _later(argument) if position in dates else argument
            for position, argument in enumerate(arguments)
        ]
        result = function.call(*shifted)
        if function.date_result and isinstance(result, float | int):
            result = float(result) - _DAYS_FROM_1900
            if result < 0:
                raise ErrorValue("#NUM!")
        return result

    # Kernels count from 1900.
    return dataclasses.replace(function, call=call, kernel=None)


def _later(value: Any) -> Any:
    """Days since 1904 as days since 1900; whatever is no number stays."""
    if isinstance(value, np.ndarray):
        if value.dtype == np.float64:
            return value + _DAYS_FROM_1900
        later = np.empty(value.shape, object)
        for place, item in np.ndenumerate(value):
            later[place] = _later(item)
        return later
    return value + _DAYS_FROM_1900 if type(value) is float else value
