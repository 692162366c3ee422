"""Functions of dates in workbooks whose day 0 is 1904-01-01, as on old Macintoshes."""

import dataclasses
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.number_format import shows_dates
from sheetlab.engine.values.value import ErrorValue

_DAYS_FROM_1900 = 1462

# Which arguments of a function are dates, and whether its result is one.
_DATES: dict[str, tuple[tuple[int, ...], bool]] = {
    "DATE": ((), True),
    "DATEDIF": ((0, 1), False),
    "DATEVALUE": ((), True),
    "DAY": ((0,), False),
    "DAYS360": ((0, 1), False),
    "EDATE": ((0,), True),
    "EOMONTH": ((0,), True),
    "ISOWEEKNUM": ((0,), False),
    "MONTH": ((0,), False),
    "NETWORKDAYS": ((0, 1, 2), False),
    "WEEKDAY": ((0,), False),
    "WEEKNUM": ((0,), False),
    "WORKDAY": ((0, 2), True),
    "YEAR": ((0,), False),
    "YEARFRAC": ((0, 1), False),
}


def from_1904(name: str, function: Function) -> Function:
    """The function of a name as it works where days count from 1904."""
    if name == "TEXT":
        return dataclasses.replace(function, call=lambda *given: _text(function, *given))
    if name not in _DATES:
        return function
    places, gives_date = _DATES[name]

    def call(*arguments: Any) -> Any:
        shifted = [
            _later(argument) if place in places else argument
            for place, argument in enumerate(arguments)
        ]
        result = function.call(*shifted)
        if gives_date and isinstance(result, float | int):
            result = float(result) - _DAYS_FROM_1900
            if result < 0:
                raise ErrorValue("#NUM!")
        return result

    return dataclasses.replace(function, call=call)


def _text(function: Function, value: Any, number_format: str) -> Any:
    return function.call(_later(value) if shows_dates(number_format) else value, number_format)


def _later(value: Any) -> Any:
    """Days since 1904 as days since 1900; whatever is no number stays."""
    if isinstance(value, np.ndarray):
        later = np.empty(value.shape, object)
        for place, item in np.ndenumerate(value):
            later[place] = _later(item)
        return later
    return value + _DAYS_FROM_1900 if type(value) is float else value
