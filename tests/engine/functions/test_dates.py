import datetime
from typing import Any

import pytest
from engine.functions.excel import NUM, VALUE, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("DATE", (2024, 1, 1), 45292),
    ("DATE", (1900, 1, 1), 1),
    ("DATE", (1900, 2, 29), 60),
    ("DATE", (1900, 3, 1), 61),
    ("DATE", (108, 1, 2), 39449),
    ("DATE", (2008, 14, 2), 39846),
    ("DATE", (2008, 1, 35), 39482),
    ("DATE", (2008, -3, 2), 39327),
    ("DATE", (10000, 1, 1), NUM),
    ("DATE", (-1, 1, 1), NUM),
    ("DAY", (60,), 29),
    ("MONTH", (60,), 2),
    ("YEAR", (0,), 1900),
    ("DAY", (0,), 0),
    ("DAY", (-1,), NUM),
    ("YEAR", (2958466,), NUM),
    ("YEAR", ("2024-05-06",), 2024),
    ("WEEKDAY", (45292,), 2),
    ("WEEKDAY", (45292, 2), 1),
    ("WEEKDAY", (45292, 3), 0),
    ("WEEKDAY", (45292, 11), 1),
    ("WEEKDAY", (45292, 17), 2),
    ("WEEKDAY", (1,), 1),
    ("WEEKDAY", (45292, 4), NUM),
    ("EDATE", (45322, 1), 45351),
    ("EDATE", (45322, -1), 45291),
    ("EOMONTH", (45292, 1), 45351),
    ("EOMONTH", (40, 0), 60),
    ("EOMONTH", (45292, -1), 45291),
    ("DAYS", (45292, 45261.5), 31),
    ("TIME", (12, 0, 0), 0.5),
    ("TIME", (27, 0, 0), 0.125),
    ("TIME", (0, -1, 0), NUM),
    ("HOUR", (0.75,), 18),
    ("HOUR", ("7:45",), 7),
    ("MINUTE", (0.53125,), 45),
    ("SECOND", (0.999999,), 0),
    ("HOUR", (0.999999,), 0),
    ("SECOND", ("4:48:18 PM",), 18),
    ("DATEVALUE", ("2011-08-22",), 40777),
    ("DATEVALUE", ("22-MAY-2011",), 40685),
    ("DATEVALUE", ("8/22/2011 6:00",), 40777),
    ("DATEVALUE", ("40777",), VALUE),
    ("DATEVALUE", ("1 1/2",), VALUE),
    ("DATEVALUE", ("cat",), VALUE),
    ("TIMEVALUE", ("2:24 AM",), 0.1),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@given(st.dates(datetime.date(1900, 3, 1)))
def test_dates_are_those_of_the_standard_library(date: datetime.date) -> None:
    serial = excel("DATE", date.year, date.month, date.day)
    assert serial == (date - datetime.date(1899, 12, 30)).days
    assert [excel(part, serial) for part in ("YEAR", "MONTH", "DAY")] == [*date.timetuple()[:3]]
    assert excel("WEEKDAY", serial, 2) == date.isoweekday()
