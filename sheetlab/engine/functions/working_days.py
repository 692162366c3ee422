"""Working days between two days, or so many of them later: weekends and holidays are none."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.functions.dates import column_of_days, valid_day
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Columnwise
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.value import Array, ErrorValue

# Which days from Monday to Sunday are free, for each number of a weekend.
_WEEKENDS = {
    **{1: "0000011", 2: "1000001", 3: "1100000", 4: "0110000"},
    **{5: "0011000", 6: "0001100", 7: "0000110"},
    **{11: "0000001", 12: "1000000", 13: "0100000", 14: "0010000"},
    **{15: "0001000", 16: "0000100", 17: "0000010"},
}


class _Week(NamedTuple):
    """The working days of a week from Sunday on, as Excel's day 1 is one.

    `worked` has how many there are among so many days from its beginning; `working` says which
    day each is, from 1.
    """

    worked: tuple[int, ...]
    working: tuple[int, ...]

    def up_to(self, day: int) -> int:
        """How many working days there are from day 1 up to a day, holidays among them."""
        weeks, days = divmod(day, 7)
        return weeks * len(self.working) + self.worked[days]

    def day(self, number: int) -> int:
        """The day of which `up_to` first gives a number."""
        weeks, place = divmod(number - 1, len(self.working))
        return weeks * 7 + self.working[place]

    def works_on(self, day: int) -> bool:
        """Whether a day, were it no holiday, is a working day."""
        return self.up_to(day) > self.up_to(day - 1)


@lru_cache(maxsize=128)
def _week(weekend: str) -> _Week:
    from_sunday = weekend[-1] + weekend[:-1]
    working = tuple(day for day, free in enumerate(from_sunday, 1) if free == "0")
    return _Week(tuple(sum(one <= day for one in working) for day in range(7)), working)


def _weekend(given: float | str | bool | None) -> str:
    """Which days from Monday to Sunday are free, for a number or a text of zeros and ones."""
    if isinstance(given, str):
        if len(given) != 7 or set(given) - {"0", "1"}:
            raise ErrorValue("#VALUE!")
        return given
    if isinstance(given, bool):
        raise ErrorValue("#VALUE!")
    number = 1 if given is None else int(given)
    if number not in _WEEKENDS:
        raise ValueError
    return _WEEKENDS[number]


def _holidays(array: Array | None, week: _Week) -> list[int]:
    """The days in an array that would be working days, each once, in order."""
    if array is None:
        return []
    days = set()
    for value in array.ravel().tolist():
        if value is None:
            continue
        number = None if isinstance(value, bool) else number_of(value)
        if not isinstance(number, float):
            raise ErrorValue("#VALUE!")
        days.add(int(valid_day(number)))
    return sorted(day for day in days if week.works_on(day))


def _working_days_between(
    start: float,
    end: float,
    weekend: float | str | bool | None = None,
    holidays: Array | None = None,
) -> float:
    first, last = int(valid_day(start)), int(valid_day(end))
    week = _week(_weekend(weekend))
    sign = 1
    if first > last:
        first, last, sign = last, first, -1
    free = sum(first <= day <= last for day in _holidays(holidays, week))
    return float(sign * (week.up_to(last) - week.up_to(first - 1) - free))


def _working_days_later(
    start: float,
    days: float,
    weekend: float | str | bool | None = None,
    holidays: Array | None = None,
) -> float:
    first, wanted = int(valid_day(start)), int(days)
    week = _week(_weekend(weekend))
    if not week.working:
        raise ErrorValue("#VALUE!")
    free = _holidays(holidays, week)
    if wanted > 0:
        number = week.up_to(first) + wanted
        for day in free:
            if first < day <= week.day(number):
                number += 1
    elif wanted < 0:
        number = week.up_to(first - 1) + 1 + wanted
        for day in reversed(free):
            if week.day(number) <= day < first:
                number -= 1
    else:
        return float(first)
    return valid_day(week.day(number))


def _between_weekends(start: float, end: float, holidays: Array | None = None) -> float:
    return _working_days_between(start, end, None, holidays)


def _columns_between_weekends(starts: Any, ends: Any, holidays: Any = None) -> Any:
    """The same for columns of numbers, of whose days none is a holiday; None for any other."""
    are_numbers = [
        column.dtype == np.float64 if isinstance(column, np.ndarray) else type(column) is float
        for column in (starts, ends)
    ]
    if holidays is not None or not all(are_numbers):
        return None
    try:
        first, last = column_of_days(starts), column_of_days(ends)
    except FloatingPointError:
        return None
    week = _week(_WEEKENDS[1])
    worked = np.array(week.worked)

    def up_to(days: Any) -> Any:
        weeks, rest = np.divmod(days.astype(np.int64), 7)
        return weeks * len(week.working) + worked[rest]

    low, high = np.minimum(first, last), np.maximum(first, last)
    return np.where(first > last, -1.0, 1.0) * (up_to(high) - up_to(low - 1))


def _later_than_weekends(start: float, days: float, holidays: Array | None = None) -> float:
    return _working_days_later(start, days, None, holidays)


FUNCTIONS: dict[str, Function] = {
    "NETWORKDAYS": Function(
        _between_weekends,
        ("quantity", "quantity", "array"),
        required=2,
        date_parameters=(0, 1, 2),
        kernel=Columnwise(_columns_between_weekends),
    ),
    "NETWORKDAYS.INTL": Function(
        _working_days_between,
        ("quantity", "quantity", "scalar", "array"),
        required=2,
        date_parameters=(0, 1, 3),
    ),
    "WORKDAY": Function(
        _later_than_weekends,
        ("quantity", "quantity", "array"),
        required=2,
        date_parameters=(0, 2),
        date_result=True,
    ),
    "WORKDAY.INTL": Function(
        _working_days_later,
        ("quantity", "quantity", "scalar", "array"),
        required=2,
        date_parameters=(0, 3),
        date_result=True,
    ),
}
