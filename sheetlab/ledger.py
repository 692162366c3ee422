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
from typing import Literal

from sheetlab.text import Text

Status = Literal["match", "mislabelled", "round-off", "carried", "erratum"]

# A fraction such as 3/4 is exact; it is compared to as many decimals as floats agree on.
EXACT_DECIMALS = 12


@dataclass(frozen=True)
class Figure:
    """One number, or one formula, that a slide prints.

    `quantity` and `index` (row by row, from 0) name its place in workbook and reference alike.
    """

    id: str
    lesson: str
    quantity: str
    index: int
    printed: str
    status: Status
    source: str
    section: str
    note: Text

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
def ledger() -> dict[str, tuple[Figure, ...]]:
    """The figures of each lesson, in the order of the slides."""
    figures: dict[str, list[Figure]] = {}
    korean = {row["note"]: row["note_ko"] for row in _rows("notes_ko.csv")}
    for row in _rows("printed.csv"):
        note = row.pop("note")
        figure = Figure(
            **{**row, "index": int(row["index"])},  # type: ignore[arg-type]
            note=Text(note, korean.get(note, note)),
        )
        figures.setdefault(figure.lesson, []).append(figure)
    return {lesson: tuple(rows) for lesson, rows in figures.items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("sheetlab.lessons").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))
