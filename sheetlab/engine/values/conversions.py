"""Excel's conversions of single values: to numbers, texts and truth values."""

import datetime
import re
from decimal import Decimal

from sheetlab.engine.values.value import Scalar
from sheetlab.files.cell_value import CellError

# Excel works with, and shows, no more than 15 significant digits of a number.
SIGNIFICANT_DIGITS = 15
# A cell holds no more characters.
LONGEST_TEXT = 32_767
# The powers of ten that Excel still writes out, before it turns to 1E+21.
_WRITTEN_OUT = range(-20, 21)
# Day 0 of a workbook that counts from 1904, as a day of one that counts from 1900.
_DAYS_TO_1904 = 1462
# Excel takes 1900 for a leap year: from 1900-03-01, a day's number is one higher.
_DAY_ZERO = datetime.date(1899, 12, 31)
_MISSING_LEAP_DAY = 60
# Two digits of a year from here on mean the twentieth century.
_FIRST_SHORT_YEAR_OF_1900S = 30

_VALUE = CellError("#VALUE!")

# What is once read is never given back (`++`), or a long text would take as long as its square.
_PLAIN = re.compile(r"\s*+[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[-+]?\d++)?\s*+", re.I | re.A)
_WRITTEN = re.compile(
    r"""\s*+(?P<open>\()?\s*+(?P<sign>[-+]?)\s*+\$?\s*+
    (?P<digits>(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d*+)?|\.\d++)(?P<exponent>e[-+]?\d++)?
    \s*+(?P<percent>%?)\s*+(?P<close>\))?\s*+""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_FRACTION = re.compile(r"\s*+([-+]?)(\d{1,15}+) ++(\d{1,15}+)/(\d{1,15}+)\s*+", re.ASCII)
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})[-/](?P<year>\d{4}|\d{2})",
        r"(?P<day>\d{1,2})[- ]?(?P<month>[a-z]{3,9})[- ]?,? ?(?P<year>\d{4}|\d{2})",
        r"(?P<month>[a-z]{3,9})[- ]?(?P<day>\d{1,2}), ?(?P<year>\d{4})",
        r"(?P<month>[a-z]{3,9})[- ](?P<year>\d{4})",
    )
)
_TIME = re.compile(
    r"(?P<hour>\d{1,4}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}(?:\.\d++)?))?"
    r"(?: ?(?P<half>am|pm|a|p))?",
    re.IGNORECASE | re.ASCII,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
# Most texts are words. Only the name of a month is one with which a number begins.
_LEAST_OF_A_MONTH = 3
_STARTS_OF_MONTHS = frozenset(name[:_LEAST_OF_A_MONTH] for name in _MONTHS)


def number_of(value: Scalar, date_1904: bool = False) -> float | CellError:
    """A value as a number: a blank is 0, a text what it would be if typed in, else #VALUE!."""
    if type(value) is float:
        return value
    if value is None:
        return 0.0
    if isinstance(value, CellError):
        return value
    if isinstance(value, str):
        number = number_of_text(value, date_1904)
        return _VALUE if number is None else number
    return float(value)


def quantity_of(value: Scalar, date_1904: bool = False) -> float | CellError:
    """A value as a number; a truth value, which `number_of` would convert, is #VALUE!."""
    return _VALUE if type(value) is bool else number_of(value, date_1904)


def logical_of(value: Scalar) -> bool | CellError:
    """A value as a truth value: a blank is FALSE, of texts only "TRUE" and "FALSE" are any."""
    if type(value) is bool:
        return value
    if value is None:
        return False
    if isinstance(value, CellError):
        return value
    if isinstance(value, str):
        known = {"TRUE": True, "FALSE": False}.get(value.upper())
        return _VALUE if known is None else known
    return value != 0


def text_of(value: float | str | bool | None) -> str:
    """A value as `&` puts it into a text; an error has none."""
    return "" if value is None else general_text(value)


def general_text(value: float | str | bool) -> str:
    """A value in the number format General, with 15 significant digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    # Adding 0.0 takes the sign from minus zero.
    shown = f"{value + 0.0:.{SIGNIFICANT_DIGITS}g}"
    if "e" not in shown:
        return shown
    number = Decimal(shown).normalize()
    if number.adjusted() in _WRITTEN_OUT:
        return f"{number:f}"
    mantissa, exponent = f"{number:E}".split("E")
    return f"{mantissa}E{int(exponent):+03d}"


def no_number_begins_with(text: str) -> bool:
    """Whether a text begins as a word does that is no name of a month."""
    start = text.lstrip()[:_LEAST_OF_A_MONTH]
    return start[:1].isalpha() and start.lower() not in _STARTS_OF_MONTHS


def number_of_text(text: str, date_1904: bool = False) -> float | None:
    """The number, date or time that a text would be if typed into a cell; None for other text."""
    if no_number_begins_with(text):
        return None
    if _PLAIN.fullmatch(text):
        number = float(text)
    elif (found := _WRITTEN.fullmatch(text)) and bool(found["open"]) == bool(found["close"]):
        if found["open"] and found["sign"]:
            return None
        number = float(found["digits"].replace(",", "") + (found["exponent"] or ""))
        number /= 100 if found["percent"] else 1
        number = -number if found["open"] or found["sign"] == "-" else number
    elif (found := _FRACTION.fullmatch(text)) and int(found[4]):
        number = int(found[2]) + int(found[3]) / int(found[4])
        number = -number if found[1] == "-" else number
    else:
        return _day_and_time(text.strip(), date_1904)
    return number if abs(number) != float("inf") else None


def serial_of(day: datetime.date, date_1904: bool = False) -> float | None:
    """The number that stands for a day; None where the workbook has none for it."""
    days = (day - _DAY_ZERO).days
    if days >= _MISSING_LEAP_DAY:
        days += 1
    if date_1904:
        days -= _DAYS_TO_1904
        return float(days) if days >= 0 else None
    return float(days) if days >= 1 else None


def _day_and_time(text: str, date_1904: bool) -> float | None:
    time = _time(text)
    if time is not None:
        return time
    for pattern in _DATES:
        found = pattern.match(text)
        if found is None:
            continue
        rest = text[found.end() :]
        time = _time(rest[1:]) if rest.startswith(" ") else 0.0 if not rest else None
        day = _day(found.groupdict())
        if time is None or day is None:
            continue
        serial = serial_of(day, date_1904)
        return None if serial is None else serial + time
    return None


def _day(parts: dict[str, str | None]) -> datetime.date | None:
    year, month, day = parts["year"] or "", parts["month"] or "", int(parts.get("day") or 1)
    century = 0 if len(year) > 2 else 1900 if int(year) >= _FIRST_SHORT_YEAR_OF_1900S else 2000
    named = [
        number
        for number, name in enumerate(_MONTHS, 1)
        if month.lower() in (name, name[:3]) or (month.lower() == "sept" and number == 9)
    ]
    try:
        return datetime.date(
            century + int(year), int(month) if month.isdigit() else (named or [0])[0], day
        )
    except ValueError:
        return None


def _time(text: str) -> float | None:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), float(found["second"] or 0)
    if minute >= 60 or second >= 60:
        return None
    if found["half"]:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower().startswith("p") else 0)
    return (hour * 3600 + minute * 60 + second) / 86_400
