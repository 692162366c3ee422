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
    ("WEEKNUM", ("2012-03-09",), 10),
    ("WEEKNUM", ("2012-03-09", 2), 11),
    ("WEEKNUM", ("2012-01-01", 2), 1),
    ("WEEKNUM", ("2012-01-01", 21), 52),
    ("WEEKNUM", ("2012-01-01", 17), 1),
    ("WEEKNUM", ("2012-03-09", 3), NUM),
    ("WEEKNUM", (-1,), NUM),
    ("WEEKNUM", (True,), VALUE),
    ("ISOWEEKNUM", ("2012-03-09",), 10),
    ("ISOWEEKNUM", ("2010-01-03",), 53),
    ("ISOWEEKNUM", ("2021-01-04",), 1),
    ("ISOWEEKNUM", (0,), 52),
    ("DATEDIF", ("2001-01-01", "2003-01-01", "Y"), 2),
    ("DATEDIF", ("2001-06-01", "2002-08-15", "D"), 440),
    ("DATEDIF", ("2001-06-01", "2002-08-15", "yd"), 75),
    ("DATEDIF", ("2001-06-01", "2002-08-15", "md"), 14),
    ("DATEDIF", ("2001-06-30", "2002-08-15", "ym"), 1),
    ("DATEDIF", ("2001-06-30", "2002-08-15", "m"), 13),
    ("DATEDIF", ("2011-01-31", "2011-03-01", "md"), -2),
    ("DATEDIF", ("2003-01-01", "2001-01-01", "Y"), NUM),
    ("DATEDIF", ("2001-01-01", "2003-01-01", "W"), NUM),
    ("DAYS360", ("2011-01-30", "2011-02-01"), 1),
    ("DAYS360", ("2011-01-01", "2011-12-31"), 360),
    ("DAYS360", ("2011-01-01", "2011-12-31", True), 359),
    ("DAYS360", ("2011-01-31", "2011-02-28"), 28),
    ("DAYS360", ("2011-02-28", "2011-03-31"), 30),
    ("DAYS360", ("2011-02-28", "2011-03-31", True), 32),
    ("DAYS360", ("2011-12-31", "2011-01-01"), -359),
    ("YEARFRAC", ("2012-01-01", "2012-07-30"), 0.58055555555555556),
    ("YEARFRAC", ("2012-01-01", "2012-07-30", 1), 0.57650273224043715),
    ("YEARFRAC", ("2012-07-30", "2012-01-01", 3), 0.57808219178082187),
    ("YEARFRAC", ("1980-03-04", "1994-01-01", 1), 5051 / (5479 / 15)),
    ("YEARFRAC", ("1980-03-04", "1981-04-01", 1), 393 / 365.5),
    ("YEARFRAC", ("1993-12-31", "1995-03-02", 1), 426 / 365),
    ("YEARFRAC", ("2003-03-01", "2004-02-29", 1), 365 / 366),
    ("YEARFRAC", ("2003-02-28", "2004-02-29"), 1),
    ("YEARFRAC", ("1980-03-04", "1996-03-31"), 16.075),
    ("YEARFRAC", ("1980-03-04", "1996-03-31", 4), 16.0722222222222222),
    ("YEARFRAC", ("1980-03-04", "1996-03-31", 2), 5871 / 360),
    ("YEARFRAC", (40000, 40000, 1), 0),
    ("YEARFRAC", (40000, 40001, 5), NUM),
    ("YEARFRAC", (40000, 40001, -0.5), 1 / 360),
    ("YEARFRAC", (False, 40001), VALUE),
    ("NETWORKDAYS", ("2012-10-01", "2013-03-01"), 110),
    ("NETWORKDAYS", ("2012-10-01", "2013-03-01", ["2012-11-22"]), 109),
    ("NETWORKDAYS", ("2012-10-01", "2013-03-01", [41235, 41247, 41295, 41295, None]), 107),
    ("NETWORKDAYS", ("2013-03-01", "2012-10-01"), -110),
    ("NETWORKDAYS", ("2012-10-06", "2012-10-07"), 0),
    ("NETWORKDAYS", ("x", "2012-10-07"), VALUE),
    ("NETWORKDAYS", (41183, 41334, ["x"]), VALUE),
    ("NETWORKDAYS", (-1, 41334), NUM),
    ("NETWORKDAYS.INTL", ("2006-01-01", "2006-01-31"), 22),
    ("NETWORKDAYS.INTL", ("2006-02-28", "2006-01-31"), -21),
    ("NETWORKDAYS.INTL", ("2006-01-01", "2006-02-01", 7, ["2006-01-02", "2006-01-16"]), 22),
    ("NETWORKDAYS.INTL", (38718, 38749, "0010001", [38719, 38733]), 20),
    ("NETWORKDAYS.INTL", (38718, 38749, "1111111"), 0),
    ("NETWORKDAYS.INTL", (38718, 38749, "0010"), VALUE),
    ("NETWORKDAYS.INTL", (38718, 38749, 8), NUM),
    ("WORKDAY", ("2008-10-01", 151), 39933),
    ("WORKDAY", ("2008-10-01", 151, ["2008-11-26", "2008-12-04", "2009-01-21"]), 39938),
    ("WORKDAY", (39933, -151), 39722),
    ("WORKDAY", (39938, -151, [39778, 39786, 39834]), 39722),
    ("WORKDAY", (45297, 0), 45297),
    ("WORKDAY", (45297, 1), 45299),
    ("WORKDAY", (45297, -1), 45296),
    ("WORKDAY", (45297, 1.9), 45299),
    ("WORKDAY", (10, -30), NUM),
    ("WORKDAY.INTL", ("2012-01-01", 30, 0), NUM),
    ("WORKDAY.INTL", ("2012-01-01", 90, 11), 41013),
    ("WORKDAY.INTL", ("2012-01-01", 30, 17), 40944),
    ("WORKDAY.INTL", (40909, 30, "1111111"), VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


DAYS = st.integers(61, 80_000)


@given(DAYS, DAYS, st.sets(DAYS, max_size=5), st.from_regex("[01]{7}", fullmatch=True))
def test_working_days_are_those_that_one_counts(
    start: int, days: int, holidays: set[int], weekend: str
) -> None:
    days %= 60
    free = list(holidays | {start + 3, start + 4, start + 9})

    def works_on(day: int) -> bool:
        return day not in free and weekend[day % 7 - 2] == "0"

    end = start + days
    counted = sum(map(works_on, range(start, end + 1)))
    assert excel("NETWORKDAYS.INTL", start, end, weekend, free) == counted
    assert excel("NETWORKDAYS.INTL", end, start, weekend, free) == (-counted if days else counted)
    if counted > works_on(start):
        later = max(day for day in range(start + 1, end + 1) if works_on(day))
        count = counted - works_on(start)
        assert excel("WORKDAY.INTL", start, count, weekend, free) == later
    if counted > works_on(end):
        earlier = min(day for day in range(start, end) if works_on(day))
        count = counted - works_on(end)
        assert excel("WORKDAY.INTL", end, -count, weekend, free) == earlier


@given(st.dates(datetime.date(1901, 1, 1)))
def test_weeks_are_those_of_the_standard_library(date: datetime.date) -> None:
    serial = (date - datetime.date(1899, 12, 30)).days
    assert excel("ISOWEEKNUM", serial) == date.isocalendar().week
    assert excel("WEEKNUM", serial) == int(date.strftime("%U")) + (
        date.replace(month=1, day=1).isoweekday() != 7
    )


@given(st.dates(datetime.date(1900, 3, 1)))
def test_dates_are_those_of_the_standard_library(date: datetime.date) -> None:
    serial = excel("DATE", date.year, date.month, date.day)
    assert serial == (date - datetime.date(1899, 12, 30)).days
    assert [excel(part, serial) for part in ("YEAR", "MONTH", "DAY")] == [*date.timetuple()[:3]]
    assert excel("WEEKDAY", serial, 2) == date.isoweekday()
