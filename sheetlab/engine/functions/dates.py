"""Functions of dates and times: days since 1899-12-31, parts of a day after the point.

Excel takes 1900 for a leap year: day 60 is 1900-02-29, and day 0 is 1900-01-00.
"""

import calendar
import datetime
import math
import re
from collections.abc import Callable
from typing import NamedTuple

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.mathematics import round_decimal
from sheetlab.engine.values.conversions import number_of_text, serial_of
from sheetlab.engine.values.value import ErrorValue

_DAY_ZERO = datetime.date(1899, 12, 31)
_FALSE_LEAP_DAY = 60
# 9999-12-31
_LAST_DAY = 2_958_465
_SECONDS_A_DAY = 86_400

# For each type of WEEKDAY the day, from 0 for Sunday, that the week begins with.
_WEEK_BEGINS = {1: 0, 2: 1, **{10 + day: day % 7 for day in range(1, 8)}}


# What tells a date or a time from a number, a percentage, an amount or a fraction.
_DATE_OR_TIME = re.compile(r":|\d[-/]\d+[-/]\d|[a-z]{3}", re.IGNORECASE)


class Day(NamedTuple):
    """A day of Excel's calendar, which knows more of them than the Gregorian one."""

    year: int
    month: int
    day: int


def day_of(serial: float) -> Day:
    """The day that a number stands for; raises `ValueError` where it stands for none."""
    days = math.floor(serial)
    if not 0 <= days <= _LAST_DAY:
        raise ValueError
    if days == 0:
        return Day(1900, 1, 0)
    if days == _FALSE_LEAP_DAY:
        return Day(1900, 2, 29)
    date = _DAY_ZERO + datetime.timedelta(days - (days > _FALSE_LEAP_DAY))
    return Day(date.year, date.month, date.day)


def weekday_of(serial: float) -> int:
    """The day of the week, from 0 for Sunday, as Excel's calendar has it."""
    return (math.floor(serial) - 1) % 7


def seconds_of(serial: float, decimals: int = 0) -> float:
    """The seconds since midnight, rounded; a whole day's where they round up to it."""
    return round_decimal((serial - math.floor(serial)) * _SECONDS_A_DAY, decimals)


def _serial_of_month(year: int, month: int) -> float:
    """The number of the first day of a month; months beyond 12 are those of later years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1900 <= year <= 9999:
        raise ValueError
    serial = serial_of(datetime.date(year, month, 1))
    assert serial is not None
    return serial


def _valid(serial: float) -> float:
    if not 0 <= serial <= _LAST_DAY:
        raise ValueError
    return serial


def _date(year: float, month: float, day: float) -> float:
    years, months, days = math.floor(year), math.floor(month), math.floor(day)
    if years < 0:
        raise ValueError
    if years < 1900:
        years += 1900
    return _valid(_serial_of_month(years, months) + days - 1)


def _month_later(start: float, months: float) -> tuple[Day, float]:
    """The day to start from, and the first of the month so many months later."""
    day = day_of(start)
    return day, _serial_of_month(day.year, day.month + math.trunc(months))


def _days_in_month(first: float) -> int:
    year, month, _ = day_of(first)
    return 29 if (year, month) == (1900, 2) else calendar.monthrange(year, month)[1]


def _same_day_later(start: float, months: float) -> float:
    day, first = _month_later(start, months)
    return _valid(first + min(day.day, _days_in_month(first)) - 1)


def _end_of_month(start: float, months: float) -> float:
    _, first = _month_later(start, months)
    return first + _days_in_month(first) - 1


def _weekday(serial: float, kind: float | None = 1.0) -> float:
    _valid(math.floor(serial))
    if kind == 3:
        return float((weekday_of(serial) - 1) % 7)
    begins = _WEEK_BEGINS.get(int(kind or 0))
    if begins is None:
        raise ValueError
    return float((weekday_of(serial) - begins) % 7 + 1)


def _days_between(end: float, start: float) -> float:
    return _valid(math.floor(end)) - _valid(math.floor(start))


def _time(hour: float, minute: float, second: float) -> float:
    seconds = math.trunc(hour) * 3600 + math.trunc(minute) * 60 + math.trunc(second)
    if seconds < 0:
        raise ValueError
    return seconds % _SECONDS_A_DAY / _SECONDS_A_DAY


def _part_of_day(part: Callable[[int], int]) -> Function:
    def call(serial: float) -> float:
        _valid(math.floor(serial))
        return float(part(int(seconds_of(serial))))

    return Function(call, ("number",))


def _date_and_time_of_text(text: str) -> float:
    number = number_of_text(text)
    if number is None or not _DATE_OR_TIME.search(text):
        raise ErrorValue("#VALUE!")
    return number


FUNCTIONS: dict[str, Function] = {
    "DATE": Function(_date, ("number", "number", "number"), date_result=True),
    "DATEVALUE": Function(
        lambda text: math.floor(_date_and_time_of_text(text)), ("text",), date_result=True
    ),
    "DAY": Function(lambda serial: day_of(serial).day, ("number",), date_parameters=(0,)),
    "DAYS": Function(_days_between, ("number", "number")),
    "EDATE": Function(
        _same_day_later, ("number", "number"), date_parameters=(0,), date_result=True
    ),
    "EOMONTH": Function(
        _end_of_month, ("number", "number"), date_parameters=(0,), date_result=True
    ),
    "HOUR": _part_of_day(lambda seconds: seconds // 3600 % 24),
    "MINUTE": _part_of_day(lambda seconds: seconds // 60 % 60),
    "MONTH": Function(lambda serial: day_of(serial).month, ("number",), date_parameters=(0,)),
    "SECOND": _part_of_day(lambda seconds: seconds % 60),
    "TIME": Function(_time, ("number", "number", "number")),
    "TIMEVALUE": Function(lambda text: _date_and_time_of_text(text) % 1, ("text",)),
    "WEEKDAY": Function(_weekday, ("number", "number"), required=1, date_parameters=(0,)),
    "YEAR": Function(lambda serial: day_of(serial).year, ("number",), date_parameters=(0,)),
}
