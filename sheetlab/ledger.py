"""The ledger: every figure that the slides print, and what each is worth."""

import csv
import functools
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from importlib.resources import files
from typing import Literal, get_args

from sheetlab.text import Language, Text

Status = Literal["match", "mislabelled", "round-off", "carried", "erratum"]
STATUSES: tuple[Status, ...] = get_args(Status)

AUTHOR_NOT_NAMED = Text("author not named", "작성자 표기 없음")

# A fraction such as 3/4 is exact; it is compared to as many decimals as floats agree on.
EXACT_DECIMALS = 12


@dataclass(frozen=True)
class Lecture:
    """One lecture, with what its own slides tell of it; empty where they tell nothing.

    `key` is its name in the ledger, `date` is as ISO 8601 has it.
    """

    key: str
    author: Text
    title: Text
    occasion: Text
    date: str

    @property
    def name(self) -> Text:
        """The lecture as people know it: 조상구, AI 스터디 (2025).

        Where nobody is named it says so, and tells the occasion.
        """
        return Text(self._name("en"), self._name("ko"))

    def _name(self, language: Language) -> str:
        author, occasion = self.author.to(language), self.occasion.to(language)
        details = [] if author else [occasion, AUTHOR_NOT_NAMED.to(language)]
        described = ", ".join(filter(None, [*details, self.date[:4]]))
        name = ", ".join(filter(None, [author, self.title.to(language)]))
        return f"{name} ({described})" if described else name


def source(lecture: Lecture, section: str) -> Text:
    """Where a slide is found: its lecture, and the heading that it bears."""
    return Text(*(f"{name}: «{section}»" for name in lecture.name))


@dataclass(frozen=True)
class Figure:
    """One number, or one formula, that a slide prints.

    `quantity` and `index` (row by row, from 0) name its place in workbook and reference alike,
    `section` is the heading of the slide, as printed.
    """

    id: str
    lesson: str
    quantity: str
    index: int
    printed: str
    status: Status
    lecture: Lecture
    section: str
    note: Text

    @property
    def source(self) -> Text:
        """Where the slide is found."""
        return source(self.lecture, self.section)

    @property
    def value(self) -> float | str:
        """The printed text as a number (`75%` is 0.75, `3/4` too), nan for `nan` and `inf`,
        the text itself where it is no number."""
        number = self.printed.replace(",", "")
        if number in ("nan", "inf", "-inf"):
            return math.nan
        try:
            if number.endswith("%"):
                return float(Decimal(number[:-1]) / 100)
            if re.fullmatch(r"-?\d+/\d+", number):
                return float(Fraction(number))
            return float(number)
        except (ValueError, ArithmeticError):
            return self.printed

    @property
    def decimals(self) -> int:
        """How many decimals the slide prints, of the number that `value` gives."""
        if "/" in self.printed:
            return EXACT_DECIMALS
        mantissa, _, exponent = self.printed.rstrip("%").lower().partition("e")
        places = len(mantissa.partition(".")[2]) - int(exponent or 0)
        return max(places, 0) + (2 if self.printed.endswith("%") else 0)


def round_half_up(value: float, decimals: int) -> float:
    """Round as a person does: the decimal number that is meant, half away from zero.

    Floating-point noise beyond `EXACT_DECIMALS` (5.449999999999996 for 5.45) is dropped first,
    so that it does not decide a half.
    """
    if not math.isfinite(value):
        return value
    with localcontext() as context:
        context.prec = 400
        number = Decimal(repr(float(value)))
        for places in (max(EXACT_DECIMALS, decimals), decimals):
            number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return float(number)


@functools.cache
def lectures() -> dict[str, Lecture]:
    """The lectures by their keys."""
    return {
        row["key"]: Lecture(
            key=row["key"],
            author=_text(row, "author"),
            title=_text(row, "title"),
            occasion=_text(row, "occasion"),
            date=row["date"],
        )
        for row in _rows("lectures.csv")
    }


@functools.cache
def ledger() -> dict[str, tuple[Figure, ...]]:
    """The figures of each lesson, in the order of the slides."""
    figures: dict[str, list[Figure]] = {}
    for row in _rows("printed.csv"):
        figure = Figure(
            id=row["id"],
            lesson=row["lesson"],
            quantity=row["quantity"],
            index=int(row["index"]),
            printed=row["printed"],
            status=_status(row["status"]),
            lecture=lectures()[row["lecture"]],
            section=row["section"],
            note=_text(row, "note"),
        )
        figures.setdefault(figure.lesson, []).append(figure)
    return {lesson: tuple(rows) for lesson, rows in figures.items()}


def _text(row: dict[str, str], column: str) -> Text:
    return Text(row[column], row[f"{column}_ko"])


def _status(name: str) -> Status:
    for status in STATUSES:
        if name == status:
            return status
    raise ValueError(f"the ledger knows no status {name!r}")


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("sheetlab.lessons").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))
