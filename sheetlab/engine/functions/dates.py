"""Functions of dates and times: days since 1899-12-31, parts of a day after the point.

Excel takes 1900 for a leap year: day 60 is 1900-02-29, and day 0 is 1900-01-00.
"""

import datetime
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Elementwise
from sheetlab.engine.functions.mathematics import round_decimal
from sheetlab.engine.values.conversions import number_of_text, serial_of
from sheetlab.engine.values.value import ErrorValue

_DAY_ZERO = datetime.date(1899, 12, 31)
_FALSE_LEAP_DAY = 60
# 9999-12-31
LAST_DAY = 2_958_465
_SECONDS_A_DAY = 86_400
_MONTHS_A_YEAR = 12
# The number of 1970-01-01, from which NumPy counts days and months.
_EPOCH = 25_569

# For each type of WEEKDAY the day, from 0 for Sunday, that the week begins with.
_WEEK_BEGINS = {1: 0, 2: 1, **{10 + day: day % 7 for day in range(1, 8)}}
# The type of WEEKNUM whose first week holds the first Thursday.
_ISO_WEEKS = 21


# What tells a date or a time from a number, a percentage, an amount or a fraction.
_DATE_OR_TIME = r":|\d[-/]\d+[-/]\d|[a-z]{3}"


class Day(NamedTuple):
    """A day of Excel's calendar, which knows more of them than the Gregorian one."""

    year: int
    month: int
    day: int


def day_of(serial: float) -> Day:
    """The day that a number stands for; raises `ValueError` where it stands for none."""
    days = math.floor(serial)
    if not 0 <= days <= LAST_DAY:
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


def first_of_month(year: int, month: int) -> float:
    """The number of the first day of a month; months beyond 12 are those of later years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1900 <= year <= 9999:
        raise ValueError
    serial = serial_of(datetime.date(year, month, 1))
    assert serial is not None
    return serial


def valid_day(serial: float) -> float:
    """The number of a day, without its time; raises `ValueError` where it stands for none."""
    days = float(math.floor(serial))
    if not 0 <= days <= LAST_DAY:
        raise ValueError
    return days


def _date(year: float, month: float, day: float) -> float:
    years, months, days = math.floor(year), math.floor(month), math.floor(day)
    if years < 0:
        raise ValueError
    if years < 1900:
        years += 1900
    return valid_day(first_of_month(years, months) + days - 1)


def _month_later(start: float, months: float) -> tuple[Day, float]:
    """The day to start from, and the first of the month so many months later."""
    day = day_of(start)
    return day, first_of_month(day.year, day.month + math.trunc(months))


def days_in_month(first: float) -> int:
    """How many days the month has that a number lies in."""
    year, month, _ = day_of(first)
    if month == _MONTHS_A_YEAR:
        return 31
    return int(first_of_month(year, month + 1) - first_of_month(year, month))


def same_day_later(start: float, months: float) -> float:
    """The same day of the month so many months later, or the last that it has."""
    day, first = _month_later(start, months)
    return valid_day(first + min(day.day, days_in_month(first)) - 1)


def end_of_month(start: float, months: float) -> float:
    """The last day of the month so many months later."""
    _, first = _month_later(start, months)
    return first + days_in_month(first) - 1


def _weekday(serial: float, kind: float | None = 1.0) -> float:
    day = weekday_of(valid_day(serial))
    if kind == 3:
        return float((day - 1) % 7)
    return float((day - _week_begins(kind)) % 7 + 1)


def _week_begins(kind: float | None) -> int:
    begins = _WEEK_BEGINS.get(int(kind or 0))
    if begins is None:
        raise ValueError
    return begins


def _week_number(serial: float, kind: float | None = 1.0) -> float:
    if kind is not None and int(kind) == _ISO_WEEKS:
        return _iso_week_number(serial)
    day = valid_day(serial)
    begins = _week_begins(1.0 if kind is None else kind)
    new_year = first_of_month(day_of(day).year, 1)
    return float((day - new_year + (weekday_of(new_year) - begins) % 7) // 7 + 1)


def _iso_week_number(serial: float) -> float:
    day = valid_day(serial)
    thursday = day + 3 - (weekday_of(day) - 1) % 7
    if thursday < 1:
        # The last week of 1899.
        return 52.0
    return (thursday - first_of_month(day_of(thursday).year, 1)) // 7 + 1


def _days_between(end: float, start: float) -> float:
    return valid_day(end) - valid_day(start)


def _date_difference(start: float, end: float, unit: str) -> float:
    """DATEDIF: whole years, months or days, or those that are left over."""
    first, last = valid_day(start), valid_day(end)
    if first > last:
        raise ValueError
    begin, final = day_of(first), day_of(last)
    months = (final.year - begin.year) * 12 + final.month - begin.month
    months -= final.day < begin.day
    match unit.upper():
        case "Y":
            return float(months // 12)
        case "M":
            return float(months)
        case "D":
            return last - first
        case "YM":
            return float(months % 12)
        case "MD":
            # Counted from that day of the month before, which may be none: so Excel does.
            earlier = final.month - (final.day < begin.day)
            return last - (first_of_month(final.year, earlier) + begin.day - 1)
        case "YD":
            return last - same_day_later(first, months // 12 * 12)
    raise ValueError


def _time(hour: float, minute: float, second: float) -> float:
    seconds = math.trunc(hour) * 3600 + math.trunc(minute) * 60 + math.trunc(second)
    if seconds < 0:
        raise ValueError
    return seconds % _SECONDS_A_DAY / _SECONDS_A_DAY


def _part_of_day(part: Callable[[int], int]) -> Function:
    def call(serial: float) -> float:
        valid_day(serial)
        return float(part(int(seconds_of(serial))))

    return Function(call, ("number",))


def _date_and_time_of_text(text: str) -> float:
    number = number_of_text(text)
    if number is None or not re.search(_DATE_OR_TIME, text, re.IGNORECASE):
        raise ErrorValue("#VALUE!")
    return number


def column_of_days(serials: Any) -> Any:
    """Numbers as whole days; raises `FloatingPointError` where one stands for none."""
    days = np.floor(serials)
    if np.any((days < 0) | (days > LAST_DAY)):
        raise FloatingPointError
    return days


def _column_of_dates(days: Any) -> Any:
    """Days as NumPy's dates; those that Excel alone knows are the days before."""
    return (days + (days < _FALSE_LEAP_DAY) - _EPOCH).astype(np.int64).astype("datetime64[D]")


def _years(serials: Any) -> Any:
    days = column_of_days(serials)
    years = _column_of_dates(days).astype("datetime64[Y]").astype(np.int64) + 1970.0
    return np.maximum(years, 1900.0)


def _months(serials: Any) -> Any:
    days = column_of_days(serials)
    months = _column_of_dates(days).astype("datetime64[M]").astype(np.int64) % 12 + 1.0
    return np.where(days == 0, 1.0, months)


def _days(serials: Any) -> Any:
    days = column_of_days(serials)
    dates = _column_of_dates(days)
    in_month = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1.0
    return np.where(days == 0, 0.0, in_month + (days == _FALSE_LEAP_DAY))


def _firsts_of_months(months: Any) -> Any:
    """The numbers of the first days of months, counted from January 1970."""
    if np.any((months < (1900 - 1970) * 12) | (months >= (10_000 - 1970) * 12)):
        raise FloatingPointError
    return _first_days(months)


def _first_days(months: Any) -> Any:
    dates = months.astype(np.int64).astype("datetime64[M]").astype("datetime64[D]")
    serials = dates.astype(np.int64) + float(_EPOCH)
    return serials - (serials <= _FALSE_LEAP_DAY)


def _months_later(starts: Any, months: Any) -> Any:
    """The months so many after those that days lie in, counted from January 1970."""
    return (_years(starts) - 1970) * 12 + _months(starts) - 1 + np.trunc(months)


def _same_days_later(starts: Any, months: Any) -> Any:
    later = _months_later(starts, months)
    firsts = _firsts_of_months(later)
    days = firsts + np.minimum(_days(starts), _first_days(later + 1) - firsts) - 1
    return column_of_days(days)


def _ends_of_months(starts: Any, months: Any) -> Any:
    later = _months_later(starts, months)
    _firsts_of_months(later)
    return _first_days(later + 1) - 1


def _columns_of_dates(year: Any, month: Any, day: Any) -> Any:
    years = np.floor(year)
    if np.any(years < 0):
        raise FloatingPointError
    years = years + np.where(years < 1900, 1900, 0)
    firsts = _firsts_of_months((years - 1970) * 12 + np.floor(month) - 1)
    return column_of_days(firsts + np.floor(day) - 1)


def _weekdays(serials: Any, kind: Any = 1.0) -> Any:
    if np.ndim(kind):
        raise FloatingPointError
    days = (column_of_days(serials) - 1) % 7
    if kind == 3:
        return (days - 1) % 7
    try:
        return (days - _week_begins(kind)) % 7 + 1
    except (ValueError, OverflowError):
        raise FloatingPointError from None


def _part_of_date(call: Callable[[float], float], of_column: Callable[[Any], Any]) -> Function:
    return Function(call, ("number",), date_parameters=(0,), kernel=Elementwise(of_column, call))


def _to_other_month(call: Callable[..., float], of_column: Callable[..., Any]) -> Function:
    return Function(
        call,
        ("number", "number"),
        date_parameters=(0,),
        date_result=True,
        kernel=Elementwise(of_column, call),
    )


FUNCTIONS: dict[str, Function] = {
    "DATE": Function(
        _date,
        ("number", "number", "number"),
        date_result=True,
        kernel=Elementwise(_columns_of_dates, _date),
    ),
    "DATEDIF": Function(_date_difference, ("number", "number", "text"), date_parameters=(0, 1)),
    "DATEVALUE": Function(
        lambda text: math.floor(_date_and_time_of_text(text)), ("text",), date_result=True
    ),
    "DAY": _part_of_date(lambda serial: float(day_of(serial).day), _days),
    "DAYS": Function(
        _days_between,
        ("number", "number"),
        kernel=Elementwise(
            lambda ends, starts: column_of_days(ends) - column_of_days(starts), _days_between
        ),
    ),
    "EDATE": _to_other_month(same_day_later, _same_days_later),
    "EOMONTH": _to_other_month(end_of_month, _ends_of_months),
    "HOUR": _part_of_day(lambda seconds: seconds // 3600 % 24),
    "ISOWEEKNUM": Function(_iso_week_number, ("number",), date_parameters=(0,)),
    "MINUTE": _part_of_day(lambda seconds: seconds // 60 % 60),
    "MONTH": _part_of_date(lambda serial: float(day_of(serial).month), _months),
    "SECOND": _part_of_day(lambda seconds: seconds % 60),
    "TIME": Function(_time, ("number", "number", "number")),
    "TIMEVALUE": Function(lambda text: _date_and_time_of_text(text) % 1, ("text",)),
    "WEEKDAY": Function(
        _weekday,
        ("number", "number"),
        required=1,
        date_parameters=(0,),
        kernel=Elementwise(_weekdays, _weekday),
    ),
    "WEEKNUM": Function(_week_number, ("quantity", "quantity"), required=1, date_parameters=(0,)),
    "YEAR": _part_of_date(lambda serial: float(day_of(serial).year), _years),
}
