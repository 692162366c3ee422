"""How cells look: a few named styles, the same in every workbook."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from sheetlab.text import Language

StyleName = Literal[
    "title",
    "subtitle",
    "equation",
    "heading",
    "label",
    "input",
    "formula",
    "helper",
    "text",
    "note",
    "link",
]

# Fonts that every Excel of the language has; elsewhere a metric twin takes their place.
FONT_NAMES: dict[Language, str] = {"en": "Arial", "ko": "Malgun Gothic"}

INK, PAPER = "1B1F24", "FFFFFF"
INPUT_BLUE = "0033CC"
INPUT_YELLOW = "FFF9D6"
HEADING_FILL = "E3EAF4"
RULE = "C9D1DC"
MUTED = "5A6572"
AXIS = "8A94A0"
GRID = "E6EAF0"

# The colours of series, in charts and on cells alike; told apart by the colour-blind too.
PALETTE = ("0072B2", "D55E00", "009E73", "CC79A7", "803200", "4628B4", "641468", "4D4D4D")


@dataclass(frozen=True)
class CellStyle:
    """What one named style sets on a cell."""

    size: float = 11
    bold: bool = False
    italic: bool = False
    underline: bool = False
    colour: str = INK
    fill: str | None = None
    boxed: bool = False
    horizontal: str | None = None
    wrap: bool = False

    def font(self, language: Language) -> Font:
        """The font, in a face that has the language's letters."""
        return Font(
            name=FONT_NAMES[language],
            size=self.size,
            bold=self.bold,
            italic=self.italic,
            underline="single" if self.underline else None,
            color="FF" + self.colour,
        )

    def pattern(self) -> PatternFill:
        """The background."""
        if self.fill is None:
            return PatternFill()
        return PatternFill("solid", start_color="FF" + self.fill, end_color="FF" + self.fill)

    def border(self) -> Border:
        """A thin box, or none."""
        if not self.boxed:
            return Border()
        side = Side(style="thin", color="FF" + RULE)
        return Border(left=side, right=side, top=side, bottom=side)

    def alignment(self) -> Alignment:
        """Where the text stands in the cell."""
        return Alignment(
            horizontal=self.horizontal,
            vertical="top" if self.wrap and not self.boxed else "center",
            wrap_text=self.wrap or None,
        )


_BOXED = CellStyle(boxed=True)

STYLES: dict[StyleName, CellStyle] = {
    "title": CellStyle(size=18, bold=True),
    "subtitle": CellStyle(size=13, bold=True),
    "equation": CellStyle(size=13, italic=True, colour=MUTED),
    "heading": replace(_BOXED, bold=True, fill=HEADING_FILL, horizontal="center", wrap=True),
    "label": CellStyle(),
    "input": replace(_BOXED, colour=INPUT_BLUE, fill=INPUT_YELLOW),
    "formula": _BOXED,
    "helper": replace(_BOXED, colour=MUTED),
    "text": replace(_BOXED, wrap=True),
    "note": CellStyle(colour=MUTED, wrap=True),
    "link": replace(_BOXED, colour="0B5CAD", underline=True),
}

_QUOTED, _PLACEHOLDERS = re.compile(r'"[^"]*"'), re.compile(r"[0#?@]|General")

# The lightest and the darkest shade of cells that are shaded by their values.
SHADES = ("FFFFFF", "7FA3C7")

# Font colour and background of cells under a condition.
COLOURS: dict[str, tuple[str, str | None]] = {
    "good": ("0B6B3A", "DDF3E4"),
    "bad": ("A4141A", "FBE0E0"),
    "warn": ("8A5A00", "FFF0CC"),
    "faint": ("6B7280", None),
    "first": ("00547F", "DCEBF5"),
    "second": ("9C4400", "FBE6D8"),
    "third": ("00694C", "DAF1E9"),
    "fourth": ("8A2F63", "F8E3EF"),
    "fifth": ("7A5200", "FCEBC2"),
    "sixth": ("005F6B", "CDEFF4"),
    "seventh": ("553170", "E9DFF2"),
    "eighth": ("4A4A4A", "E6E6E6"),
}
NUMBERED_COLOURS = tuple(COLOURS)[4:]


def colours_in_turn(number: str, count: int = len(NUMBERED_COLOURS)) -> dict[str, str]:
    """Conditions by which the numbers 1, 2, 3 … have `count` colours in turn: `{"first": …}`."""
    named = enumerate(NUMBERED_COLOURS[:count])
    return {name: f"MOD({number} - 1, {count}) = {place}" for place, name in named}


def shows_words(number_format: str) -> bool:
    """Whether a number format shows words alone in place of the number, as `"yes";;"no"` does."""
    return _PLACEHOLDERS.search(_QUOTED.sub("", number_format)) is None
