"""How the days between two dates, and in a year, are counted: the conventions of bonds.

Excel's `basis` is one of five. Where its documentation is silent, they follow D. A. Wheeler's
"YEARFRAC Incompatibilities between Excel 2007 and OOXML" and values that Excel calculates.
"""

import calendar
from enum import IntEnum

from sheetlab.engine.functions.dates import Day, day_of, days_in_month, valid_day
from sheetlab.engine.functions.function import Function


class Basis(IntEnum):
    """The days of a month, and those of a year."""

    US_30_360 = 0
    ACTUAL_ACTUAL = 1
    ACTUAL_360 = 2
    ACTUAL_365 = 3
    EUROPEAN_30_360 = 4


def basis_of(number: float | None) -> Basis:
    """The basis of a number, which is cut to a whole one; raises `ValueError` for no basis."""
    return Basis.US_30_360 if number is None else Basis(int(number))


def days_between(start: float, end: float, basis: Basis) -> float:
    """The days from one day to another, as the basis counts them."""
    match basis:
        case Basis.US_30_360:
            return us_days_between(start, end)
        case Basis.EUROPEAN_30_360:
            return _in_months_of_30(day_of(start), day_of(end))
    return end - start


def us_days_between(start: float, end: float, *, both: bool = False) -> float:
    """The days in months of 30 as brokers in the USA count: the end of February is a 30th.

    With `both`, that and the 31st are changed at the end whatever the start is.
    """
    first, last = day_of(start), day_of(end)
    ends_february = _ends_february(start)
    if _ends_february(end) and (ends_february or both):
        last = last._replace(day=30)
    if last.day == 31 and (first.day >= 30 or both):
        last = last._replace(day=30)
    if ends_february:
        first = first._replace(day=30)
    # A 31st at the end that is left is the first of the next month.
    return _in_months_of_30(first, last, cut_last=False)


def _in_months_of_30(first: Day, last: Day, *, cut_last: bool = True) -> float:
    end = min(last.day, 30) if cut_last else last.day
    months = (last.year - first.year) * 12 + last.month - first.month
    return float(months * 30 + end - min(first.day, 30))


def _ends_february(serial: float) -> bool:
    day = day_of(serial)
    return day.month == 2 and day.day == days_in_month(serial)


def days_in_year(start: float, end: float, basis: Basis) -> float:
    """The days of a year, for the time between two days: on average, where they are actual."""
    match basis:
        case Basis.ACTUAL_ACTUAL:
            return _mean_year(start, end)
        case Basis.ACTUAL_365:
            return 365.0
    return 360.0


def _mean_year(start: float, end: float) -> float:
    first, last = day_of(start), day_of(end)
    if first.year == last.year:
        return 366.0 if is_leap_year(first.year) else 365.0
    if last.year == first.year + 1 and first[1:] >= last[1:]:
        has_leap_day = (is_leap_year(first.year) and first.month <= 2) or (
            is_leap_year(last.year) and last[1:] >= (2, 29)
        )
        return 366.0 if has_leap_day else 365.0
    years = range(first.year, last.year + 1)
    return sum(map(_length, years)) / len(years)


def is_leap_year(year: int) -> bool:
    """Whether a year of Excel's calendar has a 29th of February."""
    return year == 1900 or calendar.isleap(year)


def _length(year: int) -> int:
    return 366 if is_leap_year(year) else 365


def _year_fraction(start: float, end: float, basis: float | None = None) -> float:
    counted = basis_of(basis)
    first, last = sorted((valid_day(start), valid_day(end)))
    if first == last:
        return 0.0
    return days_between(first, last, counted) / days_in_year(first, last, counted)


def _days_in_year_of_360(start: float, end: float, european: bool | None = None) -> float:
    first, last = valid_day(start), valid_day(end)
    begin, final = day_of(first), day_of(last)
    if european:
        return _in_months_of_30(begin, final)
    if _ends_february(first):
        begin = begin._replace(day=30)
    # Unlike YEARFRAC, it leaves an end of February at the end as it is.
    return _in_months_of_30(begin, final, cut_last=begin.day >= 30)


FUNCTIONS: dict[str, Function] = {
    "DAYS360": Function(
        _days_in_year_of_360, ("number", "number", "logical"), required=2, date_parameters=(0, 1)
    ),
    "YEARFRAC": Function(
        _year_fraction, ("quantity", "quantity", "quantity"), required=2, date_parameters=(0, 1)
    ),
}
