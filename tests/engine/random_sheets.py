"""Random workbooks for the tests of the engine: columns of constants and filled-down formulas.

A formula is written once, with `{n}` for the row n below its own, and filled down:
`A{0}+SUM(B$5:B{-1})` in row 7 is `A7+SUM(B$5:B6)`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Cells = dict[str, Any]

WHOLE = (0, 1, 2, 3, -1, -4, 7, 10)
DECIMAL = (0.5, 0.25, -1.5, 0.1, 0.2, 0.3, 3.7, -0.05, 12.75)
HALF_WAY = (0.285, 1.005, 2.5, -2.5, 1.15, -0.125, 5.449999999999996, 0.615)
EXTREME = (1e15, 123456789.123, 1e-9, -1e-15, 1e160, -1e300, 1e-200, 700.0)
OTHER_KINDS = ("cat", "3", "Dog", True, False, "#N/A", "#DIV/0!", "=1/0", "=NA()", "=SQRT(-1)")
NAMES = {"rate": "Data!$Z$1", "steps": "Data!$Z$2", "column": "Data!$A$5:$A$14"}

_INPUTS = ("A", "B", "C")
_ON_OTHER = ("Other!A", "Other!B")
_FORMULAS = ("D", "E", "F", "G", "H", "I")
_FIRST = 5
_COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")


class Draw(Protocol):
    """What draws from a strategy."""

    def __call__(self, strategy: st.SearchStrategy[T]) -> T: ...


@dataclass(frozen=True)
class Features:
    """What may stand in the sheets."""

    columns: tuple[Sequence[Any], ...] = (WHOLE, DECIMAL, HALF_WAY, EXTREME)
    other_kinds: bool = True  # text, truth values, errors, blanks
    general_lane: bool = True  # text, lookups, and arrays inside of a formula
    names: bool = True
    rounding: bool = True  # ROUND, INT
    powers: bool = True  # ^ and POWER of any base
    curves: tuple[str, ...] = ("EXP", "LN", "TANH")
    guards: bool = True  # IFERROR
    truths_in_cells: bool = True
    max_rows: int = 60
    max_columns: int = 6


EVERYTHING = Features()


@dataclass
class RandomBook:
    """Cells by sheet and ref, as openpyxl takes them, and defined names."""

    sheets: dict[str, Cells]
    names: dict[str, str]
    filled: list[str] = field(default_factory=list)  # ranges of Data that formulas fill

    def constants(self) -> list[tuple[str, str]]:
        """The cells that hold a constant or are kept blank, by sheet and ref."""
        return [
            (sheet, ref)
            for sheet, cells in self.sheets.items()
            for ref, value in cells.items()
            if not (isinstance(value, str) and value.startswith("="))
        ]

    def with_constant(self, sheet: str, ref: str, value: Any) -> "RandomBook":
        """The same workbook with another value in one cell."""
        sheets = {title: dict(cells) for title, cells in self.sheets.items()}
        sheets[sheet][ref] = value
        return RandomBook(sheets, self.names, self.filled)


def filled(template: str, row: int) -> str:
    """The formula as it stands in a row."""
    return re.sub(r"\{(-?\d+)\}", lambda match: str(row + int(match[1])), template)


@dataclass
class _Writer:
    """Writes random formulas that read some columns in any row, and others only further back."""

    draw: Draw
    features: Features
    free: list[str]
    last: int
    back: list[tuple[str, int]] = field(default_factory=list)  # column and offset
    grows: str | None = None  # what may be a range from a fixed row on to the row before

    def one_of(self, *items: Any) -> Any:
        return self.draw(st.sampled_from(items))

    def formula(self) -> str:
        kinds = ["number"] * 8
        if self.features.truths_in_cells:
            kinds.append("truth")
        if self.features.general_lane:
            kinds += ["general", "general"]
        kind = self.one_of(*kinds)
        if kind == "truth":
            return f"={self.truth(self.one_of(1, 2))}"
        return f"={self.general() if kind == 'general' else self.number(self.one_of(1, 2, 2, 3))}"

    def cell(self) -> str:
        """A reference to one cell."""
        if self.back and self.one_of(True, True, False):
            column, offset = self.one_of(*self.back)
            return f"{column}{{{offset}}}"
        forms = ["relative", "relative", "same row", "same row", "fixed row", "fixed"]
        if self.features.names:
            forms += ["name"]
        form, column = self.one_of(*forms), self.one_of(*self.free)
        if form == "name":
            return str(self.one_of("rate", "steps", "column"))
        if form == "relative":
            return f"{column}{{{self.one_of(-1, 1, -2, 2)}}}"
        if form == "fixed row":
            return f"{column}${self.one_of(_FIRST, 8, self.last)}"
        if form == "fixed":
            sheet, mark, letter = column.rpartition("!")
            return f"{sheet}{mark}${letter}${self.one_of(_FIRST, 9)}"
        return f"{column}{{0}}"

    def window(self) -> str:
        """A reference to several cells."""
        if self.back and self.one_of(False, True):
            if self.grows is not None and self.one_of(False, False, True):
                return self.grows
            columns = sorted({column for column, _ in self.back})
            offset = self.one_of(*{offset for _, offset in self.back if offset})
            return f"{columns[0]}{{{offset}}}:{columns[-1]}{{{offset}}}"
        column = self.one_of(*self.free)
        letter = column.rpartition("!")[2]
        form = self.one_of("rows", "rows", "row", "block", "growing", "shrinking", "fixed", "whole")
        if form == "whole" and not (self.features.names and letter in "ABC"):
            form = "fixed"
        if form == "rows":
            top = self.one_of(-1, 0, -3, 1)
            return f"{column}{{{top}}}:{letter}{{{top + self.one_of(2, 1, 3)}}}"
        if form == "growing":
            return (
                f"{column}${self.one_of(_FIRST, 4, 8, self.last)}:{letter}{{{self.one_of(0, -1)}}}"
            )
        if form == "shrinking":
            return f"{column}{{{self.one_of(0, 1)}}}:{letter}${self.last + self.one_of(0, 1)}"
        if form == "fixed":
            return str(self.one_of(f"{column}$5:{letter}$9", f"{column}$6:{letter}${self.last}"))
        if form == "whole":
            return f"{column}:{letter}"
        right: str = self.one_of("B", "C")
        return "A{0}:" + right + "{0}" if form == "row" else "A{-1}:" + right + "{1}"

    def number(self, depth: int) -> str:
        features = self.features
        if depth == 0:
            return str(self.cell()) if self.one_of(True, True, False) else self.literal()
        kinds = ["cell", "sum", "sum", "product", "quotient", "sign", "aggregate", "aggregate"]
        kinds += ["if", "if", "function", "power"]
        if features.guards:
            kinds.append("guard")
        if features.rounding:
            kinds.append("round")
        if features.other_kinds:
            kinds += ["match", "percent"]
        match self.one_of(*kinds):
            case "cell":
                return self.cell()
            case "sum":
                return f"({self.number(depth - 1)}{self.one_of('+', '-')}{self.number(depth - 1)})"
            case "product":
                return f"{self.number(depth - 1)}*{self.number(depth - 1)}"
            case "quotient":
                return f"{self.number(depth - 1)}/({self.number(depth - 1)})"
            case "sign":
                return f"(-{self.number(depth - 1)})"
            case "percent":
                return f"{self.cell()}%"
            case "aggregate":
                names = ["SUM", "SUM", "AVERAGE", "MIN", "MAX", "COUNT"]
                if features.other_kinds:
                    names += ["SUMSQ", "PRODUCT"]
                windows = [self.window() for _ in range(self.one_of(1, 1, 2))]
                return f"{self.one_of(*names)}({','.join(windows)})"
            case "if":
                then, otherwise = self.number(depth - 1), self.number(depth - 1)
                if features.truths_in_cells and self.one_of(False, False, False, True):
                    then = self.truth(depth - 1)
                return f"IF({self.truth(depth - 1)},{then},{otherwise})"
            case "function":
                return f"{self.one_of('ABS', 'SQRT', *features.curves)}({self.number(depth - 1)})"
            case "power" if features.powers:
                base, exponent = self.number(depth - 1), self.one_of("2", "3", "0.5", "-1", "0")
                if self.one_of(False, True):
                    exponent = self.number(0)
                return str(self.one_of(f"({base})^{exponent}", f"POWER({base},{exponent})"))
            case "power":
                return f"ABS({self.number(depth - 1)})^{self.one_of('2', '3')}"
            case "guard":
                return f"IFERROR({self.number(depth - 1)},{self.number(0)})"
            case "round" if self.one_of(True, False):
                return f"INT({self.number(depth - 1)})"
            case "round":
                return f"ROUND({self.number(depth - 1)},{self.one_of(2, 0, 1, 6, -1)})"
            case _:
                return f"IFERROR(MATCH({self.number(0)},A{{0}}:C{{0}},0),{self.literal()})"

    def literal(self) -> str:
        return str(self.one_of("1", "0", "2", "0.5", "0.1", "10", "100", "0.01", "1.005"))

    def truth(self, depth: int) -> str:
        if depth == 0:
            return f"{self.cell()}{self.one_of(*_COMPARISONS)}{self.number(0)}"
        match self.one_of("compare", "compare", "compare", "and", "not", "number"):
            case "and":
                parts = [self.truth(depth - 1) for _ in range(2)]
                if self.features.other_kinds and self.one_of(False, True):
                    parts = [parts[0], self.cell()] if self.one_of(False, True) else [self.cell()]
                return f"{self.one_of('AND', 'OR')}({','.join(parts)})"
            case "not":
                return f"NOT({self.truth(depth - 1)})"
            case "number" if self.features.other_kinds:
                return self.cell()
            case _:
                sign = self.one_of(*_COMPARISONS)
                return f"{self.number(depth - 1)}{sign}{self.number(depth - 1)}"

    def general(self) -> str:
        """Text, lookups, and arrays inside of a formula."""
        cell, number = self.cell(), self.number(1)
        # Texts joined with those of the row above would double row by row.
        texts = [f"{self.one_of(*self.free)}{{{self.one_of(0, -1)}}}" for _ in range(2)]
        return str(
            self.one_of(
                f'{texts[0]}&"-"&{texts[1]}',
                f"INDEX($A$5:$B$12,{self.one_of(1, 3, 9)},2)+{number}",
                f"INDEX(A{{0}}:C{{0}},{self.one_of(2, 4)})",
                f"IFERROR(VLOOKUP({cell},$A$5:$B$12,2,FALSE),{number})",
                "SUMPRODUCT(A{0}:A{2},B{0}:B{2})",
                f"SUMPRODUCT(($A$5:$A$14>{cell})*1)",
                f'COUNTIF($A$5:$A$14,">"&{cell})',
                f"ROW()*{number}",
                f"LEN({cell})+{number}",
            )
        )


@st.composite
def books(draw: Draw, features: Features = EVERYTHING) -> RandomBook:
    """A workbook: constants in A:C of Data and A:B of Other, formulas from Data!D on."""
    count = draw(st.integers(2, min(features.max_rows, 12)) | st.integers(2, features.max_rows))
    last = _FIRST + count - 1
    data: Cells = {}
    other: Cells = {}
    for cells, letters in ((data, "ABC"), (other, "AB")):
        for letter in letters:
            # The rows around the formulas are filled as well, for windows that reach beyond.
            cells.update(_constants(draw, features, letter, range(_FIRST - 2, last + 2)))
    data["Z1"], data["Z2"] = draw(st.sampled_from(DECIMAL)), draw(st.sampled_from(WHOLE))
    free = [*_INPUTS, *_ON_OTHER]
    columns: list[str] = []
    while not columns or (len(columns) < features.max_columns and draw(st.booleans())):
        width = draw(st.sampled_from((1, 1, 2, 3)))
        group = _FORMULAS[len(columns) :][:width]
        kind = draw(st.sampled_from(("map", "map", "down", "down", "up", "sideways")))
        for letter, template in _group(draw, features, kind, list(group), free, last):
            for row in range(_FIRST, last + 1):
                data[f"{letter}{row}"] = filled(template, row)
        if kind in ("down", "up"):
            beside = (_FIRST - 1, _FIRST - 2) if kind == "down" else (last + 1, last + 2)
            starts = [*WHOLE, *DECIMAL] + (
                [None, None, None, "head", True, "=A5"] if features.other_kinds else []
            )
            for letter in group:
                for row in beside:
                    data[f"{letter}{row}"] = draw(st.sampled_from(starts))
        columns += group
        free += group
    if features.other_kinds and draw(st.sampled_from((False, False, True))):
        # A constant, or another formula, in the middle of a filled column.
        place = f"{draw(st.sampled_from(columns))}{draw(st.integers(_FIRST, last))}"
        data[place] = draw(st.sampled_from((5, "cat", None, "=A5*2", "=SUM(A:A)")))
    return RandomBook(
        {"Data": data, "Other": other},
        dict(NAMES) if features.names else {},
        [f"{letter}{_FIRST}:{letter}{last}" for letter in columns],
    )


def _constants(draw: Draw, features: Features, letter: str, rows: range) -> Cells:
    """A column of constants that come again and again."""
    pool = list(draw(st.sampled_from(features.columns)))
    size = draw(st.integers(1, 7))
    values: list[Any] = [draw(st.sampled_from(pool)) for _ in range(size)]
    cells: Cells = {f"{letter}{row}": values[row % size] for row in rows}
    if features.other_kinds:
        if draw(st.sampled_from((False, False, False, False, True))):
            cells.update(dict.fromkeys(cells))
        for _ in range(draw(st.sampled_from((0, 0, 1, 3)))):
            odd = draw(st.sampled_from((None, None, *OTHER_KINDS)))
            cells[f"{letter}{draw(st.sampled_from(rows))}"] = odd
    return cells


def _group(
    draw: Draw, features: Features, kind: str, letters: list[str], free: list[str], last: int
) -> list[tuple[str, str]]:
    """Columns with their formulas: apart, each from the one on its left, or row by row."""
    if kind == "sideways":
        template = _Writer(draw, features, ["~", "~", *free], last).formula()
        lefts = [chr(ord(letter) - 1) for letter in letters]
        return [
            (letter, template.replace("~", left))
            for letter, left in zip(letters, lefts, strict=True)
        ]
    found = []
    for number, letter in enumerate(letters):
        writer = _Writer(draw, features, free + letters[:number] * (kind == "map"), last)
        if kind != "map":
            way = -1 if kind == "down" else 1
            writer.back = [(other, way) for other in letters]
            writer.back += [(other, 0) for other in letters[:number]]
            if draw(st.sampled_from((False, False, True))):
                writer.back.append((letter, 2 * way))
            if kind == "down":
                writer.grows = f"{letter}${_FIRST - 1}:{letter}{{-1}}"
            else:
                writer.grows = f"{letter}{{1}}:{letter}${last + 1}"
        found.append((letter, writer.formula()))
    return found
