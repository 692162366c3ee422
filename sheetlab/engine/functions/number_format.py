"""Number formats such as `#,##0.00`, `0.0%`, `0.00E+00` and `yyyy-mm-dd`, as TEXT applies them."""

import functools
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.functions.dates import Day, day_of, seconds_of, weekday_of
from sheetlab.engine.functions.mathematics import round_columns, round_decimal
from sheetlab.engine.values.conversions import SIGNIFICANT_DIGITS, general_text
from sheetlab.engine.values.operators import COMPARISONS, order
from sheetlab.engine.values.value import ErrorValue

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

# Excel takes no longer ones.
_LONGEST_FORMAT = 255
# A float shows so many units of its last place without a digit too many, of up to so many places.
_FEW_DIGITS = 1e8
_MOST_PLACES = 22
# A column is rounded to so many places.
_MOST_OF_COLUMNS = 15

# Room for all digits of the largest float, and for as many decimals as a format can ask for.
_CONTEXT = Context(prec=40_000)


@functools.lru_cache(maxsize=1)
def _token() -> re.Pattern[str]:
    """What a format is made of; compiled when the first is read, as few workbooks have any."""
    return re.compile(
        r"""(?P<quoted>"[^"]*(?:"|$))
        | (?P<escaped>\\.)
        | (?P<space>_.)
        | (?P<fill>\*.)
        | \[\$(?P<currency>[^\]-]*+)[^\]]*+\]
        | \[(?P<condition>(?:<>|<=|>=|<|>|=)-?[\d.]+)\]
        | \[(?P<elapsed>h+|m+|s+)\]
        | (?P<ignored>\[[^\]]*\])
        | (?P<general>general)
        | (?P<half>am/pm|a/p)
        | (?P<exponent>e[+-])
        | (?P<date>y+|m+|d+|h+|s+(?:\.0+)?)
        | (?P<digit>[0\#?])
        | (?P<point>\.)
        | (?P<comma>,)
        | (?P<percent>%)
        | (?P<text>@)
        | (?P<literal>.)""",
        re.IGNORECASE | re.DOTALL | re.VERBOSE,
    )


class _Token(NamedTuple):
    kind: str
    text: str


class _Plain(NamedTuple):
    """What a section shows that takes digits in one place: `#,##0.00` and the like."""

    before: str
    after: str
    is_grouped: bool
    # Without one, a number below 1 begins with its point.
    has_zero: bool
    decimals: int
    scale: int
    # Numbers below this have few enough digits for a float.
    most: float


@dataclass(frozen=True)
class _Section:
    """One of up to four parts of a format, between semicolons."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(token.kind for token in self.tokens)

    @functools.cached_property
    def layout(self) -> "_Layout":
        return _layout(self.tokens)

    @functools.cached_property
    def plain(self) -> _Plain | None:
        return _plain(self)

    @functools.cached_property
    def shows(self) -> str:
        """The kind of token that says what is shown; "literal" for texts alone."""
        if not self.kinds.isdisjoint(("date", "elapsed", "half")):
            return "date"
        return next(
            (kind for kind in ("general", "digit", "text") if kind in self.kinds), "literal"
        )

    @functools.cached_property
    def minutes(self) -> frozenset[int]:
        """Where an `m` stands right after hours or right before seconds, so that it is no month."""
        units = [
            (at, token.text[0].lower())
            for at, token in enumerate(self.tokens)
            if token.kind in ("date", "elapsed")
        ]
        names = ["", *(name for _, name in units), ""]
        return frozenset(
            at
            for (at, name), before, after in zip(units, names, names[2:], strict=False)
            if name == "m" and len(self.tokens[at].text) <= 2 and (before == "h" or after == "s")
        )

    @functools.cached_property
    def decimals_of_seconds(self) -> int:
        texts = (token.text for token in self.tokens if token.kind == "date")
        return max((len(text.partition(".")[2]) for text in texts), default=0)


def formatted(number: float, number_format: str) -> str:
    """A number, date or time in a number format, rounded half away from zero.

    Raises `ErrorValue` #VALUE! for a negative date, where no section is for the number, and for a
    format longer than Excel takes.
    """
    sections = _sections(number_format)
    section, is_signed = _section_for(number, sections)
    shows = section.shows
    if shows == "date":
        if is_signed:
            raise ErrorValue("#VALUE!")
        return _date_text(abs(number), section)
    sign = "-" if is_signed else ""
    if shows == "general":
        shown = general_text(abs(number))
        return sign + "".join(
            shown if token.kind == "general" else _literal(token) for token in section.tokens
        )
    if shows == "digit":
        if section.plain is not None:
            return sign + _plainly(abs(number), section.plain)
        shown_number = Decimal(f"{abs(number):.{SIGNIFICANT_DIGITS}g}")
        slash = _fraction_bar(section.tokens)
        if slash is not None:
            return sign + _with_fraction(shown_number, section.tokens, slash)
        return sign + _digits(shown_number, section)
    if shows == "text":
        return sign + _with_text(general_text(abs(number)), section)
    shown = "".join(map(_literal, section.tokens))
    return sign + shown if shown else ""


def formatted_column(numbers: Any, number_format: Any) -> list[str] | None:
    """Numbers (numbers,) in a format that takes digits in one place; None for any other."""
    if type(number_format) is not str or not isinstance(numbers, np.ndarray):
        return None
    sections = _sections(number_format)
    plain = sections[0].plain if len(sections) == 1 and sections[0].shows == "digit" else None
    if plain is None or sections[0].condition is not None or numbers.dtype != np.float64:
        return None
    sizes = np.abs(numbers).ravel()
    # What is left of 15 digits is for decimals to tell; the others are as `_plainly` has them.
    if plain.scale or not plain.has_zero or plain.decimals > _MOST_OF_COLUMNS:
        return None
    if not (sizes < plain.most).all():
        return None
    shown = round_columns(sizes, plain.decimals).tolist()
    form = f"{',' * plain.is_grouped}.{plain.decimals}f"
    before, after = plain.before, plain.after
    texts = [f"{before}{size:{form}}{after}" for size in shown]
    for place in np.flatnonzero(numbers.ravel() < 0).tolist():
        texts[place] = f"-{texts[place]}"
    return texts


def shows_dates(number_format: str) -> bool:
    """Whether a number format shows days, months or years, or parts of a day."""
    return any("date" in section.kinds for section in _sections(number_format))


def formatted_text(text: str, number_format: str) -> str:
    """A text in a number format, which changes it only where it has a place for texts."""
    sections = _sections(number_format)
    last = sections[-1]
    return _with_text(text, last) if len(sections) == 4 or "text" in last.kinds else text


def _with_text(text: str, section: _Section) -> str:
    return "".join(text if token.kind == "text" else _literal(token) for token in section.tokens)


@functools.lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[_Section, ...]:
    if len(number_format) > _LONGEST_FORMAT:
        raise ErrorValue("#VALUE!")
    sections: list[_Section] = []
    tokens: list[_Token] = []
    condition: tuple[str, float] | None = None
    for found in _token().finditer(number_format):
        kind = found.lastgroup or ""
        text = found[kind]
        if kind == "literal" and text == ";":
            sections.append(_Section(tuple(tokens), condition))
            tokens, condition = [], None
        elif kind == "condition":
            sign = re.match(r"[<>=]+", text)
            assert sign is not None
            condition = sign[0], float(text[sign.end() :])
        else:
            tokens.append(_Token(kind, text))
    sections.append(_Section(tuple(tokens), condition))
    return tuple(sections[:4])


def _section_for(number: float, sections: tuple[_Section, ...]) -> tuple[_Section, bool]:
    """The section for a number, and whether a minus sign goes before what it shows."""
    if len(sections) == 1 and sections[0].condition is None:
        return sections[0], number < 0
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or COMPARISONS[section.condition[0]](
                order(number, section.condition[1])
            ):
                return section, number < 0
        raise ErrorValue("#VALUE!")
    if number < 0 and len(numeric) > 1:
        return numeric[1], False
    if number == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], number < 0


def _literal(token: _Token) -> str:
    match token.kind:
        case "quoted":
            return token.text.strip('"')
        case "escaped":
            return token.text[1]
        case "space":
            return " "
        case "fill" | "ignored":
            return ""
        case _:
            return token.text


class _Layout(NamedTuple):
    """Where the tokens of a section take digits: positions, each with `0`, `#` or `?`."""

    whole: list[tuple[int, str]]
    decimals: list[tuple[int, str]]
    power: list[tuple[int, str]]
    # The position of the token E+ or E-.
    exponent: int | None
    commas: list[int]
    is_grouped: bool
    # The power of ten that percent signs and commas multiply by.
    scale: int


def _layout(tokens: tuple[_Token, ...]) -> _Layout:
    positions: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        positions.setdefault(token.kind, []).append(at)
    commas = positions.get("comma", [])
    exponent = positions.get("exponent", [None])[0]
    end = len(tokens) if exponent is None else exponent
    point = positions.get("point", [end])[0]
    digits = [(at, tokens[at].text) for at in positions.get("digit", [])]
    whole = [place for place in digits if place[0] < min(point, end)]
    decimals = [place for place in digits if point < place[0] < end]
    # Commas right after the digits before the point, or after all of them, divide by a thousand.
    thousands = 0
    for last in {places[-1][0] for places in (whole, decimals) if places}:
        while (last := last + 1) in commas:
            thousands += 1
    return _Layout(
        whole=whole,
        decimals=decimals,
        power=[place for place in digits if place[0] > end],
        exponent=exponent,
        commas=commas,
        is_grouped=bool(whole) and any(whole[0][0] < at < whole[-1][0] for at in commas),
        scale=2 * len(positions.get("percent", [])) - 3 * thousands,
    )


def _digits(number: Decimal, section: _Section) -> str:
    tokens, layout = section.tokens, section.layout
    number = number.scaleb(layout.scale)
    power = 0
    if layout.exponent is not None:
        number, power = _mantissa(number, max(len(layout.whole), 1), len(layout.decimals))
    whole, _, decimals = f"{_rounded(number, len(layout.decimals)):f}".partition(".")
    shown = dict.fromkeys(layout.commas, "")
    shown |= _whole_digits(whole.lstrip("0"), layout.whole, layout.is_grouped)
    shown |= _decimal_digits(decimals, layout.decimals)
    if layout.exponent is not None:
        text = tokens[layout.exponent].text.upper()
        shown[layout.exponent] = "E-" if power < 0 else text.rstrip("-")
        shown |= _whole_digits(str(abs(power)).lstrip("0"), layout.power, False)
    return "".join(shown[at] if at in shown else _literal(token) for at, token in enumerate(tokens))


def _plain(section: _Section) -> _Plain | None:
    """How a section shows digits in one place that all have to be there; None for any other."""
    kinds = [token.kind for token in section.tokens]
    digits = [at for at, kind in enumerate(kinds) if kind in ("digit", "point", "comma")]
    first, last = digits[0], digits[-1] + 1
    written = "".join(token.text for token in section.tokens[first:last])
    found = re.fullmatch(r"(#,##)?#*(0?)(?:\.(0+))?", written)
    if found is None or len(digits) != last - first or "exponent" in kinds:
        return None
    if _fraction_bar(section.tokens) is not None:
        return None
    before, after = (
        "".join(map(_literal, part)) for part in (section.tokens[:first], section.tokens[last:])
    )
    grouping, zero, decimals = found.groups()
    places, scale = len(decimals or ""), section.layout.scale
    most = _FEW_DIGITS / 10.0 ** (places + scale) if 0 <= places + scale <= _MOST_PLACES else 0.0
    return _Plain(before, after, bool(grouping), bool(zero), places, scale, most)


def _plainly(number: float, plain: _Plain) -> str:
    rounded: float | Decimal
    if number < plain.most:
        rounded = round_decimal(number, plain.decimals + plain.scale)
        if plain.scale:
            # What this loses is less than any digit that is shown.
            rounded *= 10.0**plain.scale
    else:
        shown_number = Decimal(f"{number:.{SIGNIFICANT_DIGITS}g}").scaleb(plain.scale)
        unit = Decimal(1).scaleb(-plain.decimals)
        rounded = shown_number.quantize(unit, ROUND_HALF_UP, _CONTEXT)
    grouping = "," if plain.is_grouped else ""
    shown = f"{rounded:{grouping}.{plain.decimals}f}"
    if not plain.has_zero and rounded < 1:
        shown = shown[1:]
    return plain.before + shown + plain.after


def _fraction_bar(tokens: tuple[_Token, ...]) -> int | None:
    """Where a `/` stands between places for a numerator and a denominator."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].text == "/" and tokens[at - 1].kind == "digit":
            return at if _is_of_denominator(tokens[at + 1]) else None
    return None


def _is_of_denominator(token: _Token) -> bool:
    return token.kind == "digit" or token.text.isdigit()


def _with_fraction(number: Decimal, tokens: tuple[_Token, ...], bar: int) -> str:
    start, end = bar, bar + 1
    while start and tokens[start - 1].kind == "digit":
        start -= 1
    while end < len(tokens) and _is_of_denominator(tokens[end]):
        end += 1
    below = "".join(token.text for token in tokens[bar + 1 : end])
    places = [(at, token.text) for at, token in enumerate(tokens[:start]) if token.kind == "digit"]
    whole = int(number) if places else 0
    # Not before it is needed, since it imports much.
    from fractions import Fraction

    rest = Fraction(number) - whole
    if re.search("[1-9]", below):
        denominator = int(below)
        numerator = int(rest * denominator + Fraction(1, 2))
    else:
        numerator, denominator = rest.limit_denominator(10 ** len(below) - 1).as_integer_ratio()
    if places and numerator == denominator:
        whole, numerator = whole + 1, 0
    digits = str(whole) if whole or not numerator else ""
    shown = _whole_digits(digits, places, False)
    if places and not numerator:
        fraction = " " * (end - start)
    else:
        fraction = f"{numerator:>{bar - start}}/{denominator:<{len(below)}}"
    head = [shown[at] if at in shown else _literal(tokens[at]) for at in range(start)]
    return "".join(head) + fraction + "".join(map(_literal, tokens[end:]))


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _CONTEXT)


def _mantissa(number: Decimal, width: int, decimals: int) -> tuple[Decimal, int]:
    """A number with `width` digits before the point, and the power of ten that it lost."""
    if not number:
        return number, 0
    power = number.adjusted() - number.adjusted() % width
    mantissa = number.scaleb(-power)
    rounded = _rounded(mantissa, decimals)
    if rounded.adjusted() >= width:
        power += width
        mantissa = number.scaleb(-power)
    return mantissa, power


def _whole_digits(digits: str, places: list[tuple[int, str]], grouped: bool) -> dict[int, str]:
    """What each place before the point shows; the first one shows all digits left over."""
    shown: dict[int, str] = {}
    for index, (at, sign) in enumerate(places):
        place = len(places) - 1 - index
        end = max(len(digits) - place, 0)
        here = digits[0 if index == 0 else max(end - 1, 0) : end]
        here = here or {"0": "0", "?": " "}.get(sign, "")
        if grouped:
            last = place + len(here) - 1
            here = "".join(
                digit + ("," if digit != " " and (last - step) and (last - step) % 3 == 0 else "")
                for step, digit in enumerate(here)
            )
        shown[at] = here
    return shown


def _decimal_digits(digits: str, places: list[tuple[int, str]]) -> dict[int, str]:
    """What each place after the point shows: no zeros at the end for `#`, spaces for `?`."""
    shown: dict[int, str] = {}
    is_end = True
    for (at, sign), digit in reversed(list(zip(places, digits, strict=True))):
        is_end = is_end and digit == "0" and sign != "0"
        shown[at] = {"#": "", "?": " "}[sign] if is_end else digit
    return shown


def _date_text(serial: float, section: _Section) -> str:
    days = int(serial)
    seconds = 0.0 if serial == days else seconds_of(serial, section.decimals_of_seconds)
    if seconds >= 86_400:
        days, seconds = days + 1, 0.0
    has_half = "half" in section.kinds
    day: Day | None = None
    parts = []
    for position, token in enumerate(section.tokens):
        text = token.text
        if token.kind == "date":
            if position in section.minutes:
                parts.append(f"{int(seconds) // 60 % 60:0{len(text)}}")
            elif text[0] in "hHsS":
                parts.append(_time_part(text.lower(), seconds, has_half))
            else:
                day = day_of(days) if day is None else day
                parts.append(_date_part(text.lower(), day, days))
        elif token.kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
            parts.append(f"{int(days * 86_400 + seconds) // unit:0{len(text)}}")
        elif token.kind == "half":
            names = text.split("/")
            parts.append(names[seconds >= 43_200])
        else:
            parts.append(_literal(token))
    return "".join(parts)


def _time_part(code: str, seconds: float, has_half: bool) -> str:
    if code[0] == "h":
        hour = int(seconds) // 3600
        return f"{(hour - 1) % 12 + 1 if has_half else hour:0{min(len(code), 2)}}"
    whole, _, decimals = code.partition(".")
    width = min(len(whole), 2) + (len(decimals) + 1 if decimals else 0)
    return f"{seconds % 60:0{width}.{len(decimals)}f}"


def _date_part(code: str, day: Day, days: int) -> str:
    if code[0] == "y":
        return f"{day.year % 100:02}" if len(code) <= 2 else f"{day.year:04}"
    if code[0] == "m":
        name = _MONTHS[day.month - 1]
        if len(code) <= 2:
            return f"{day.month:0{len(code)}}"
        return {3: name[:3], 5: name[:1]}.get(len(code), name)
    if len(code) <= 2:
        return f"{day.day:0{len(code)}}"
    name = _WEEKDAYS[weekday_of(days)]
    return name[:3] if len(code) == 3 else name
