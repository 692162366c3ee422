"""Formulas read as expressions: Excel's grammar, by precedence climbing.

From the tightest: reference operators (`:`, space, `,` in parentheses), `#`, negation and `@`,
`%`, `^`, `*` and `/`, `+` and `-`, `&`, comparisons. Operators of one precedence work from the
left, and negation binds tighter than `^`: `2^3^2` is 64 and `-2^2` is 4.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetlab.engine.syntax.expression import (
    Apply,
    Area,
    ArrayConstant,
    Axis,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Missing,
    Name,
    Structured,
    Unary,
)
from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, column_of
from sheetlab.files.cell_value import CellError

# Excel itself stops at 64 levels; what is deeper was not written by a person.
MAX_DEPTH = 128
MAX_LENGTH = 32_768


class FormulaError(MalformedError):
    """A text that is no formula."""


_SHEET = (
    r"(?:'(?:[^']|'')*'"
    r"|(?:\[[^\]]+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?"
    r"|\[\d+\])!"
)
_BRACKETS = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"
_KINDS = {
    "space": r"[ \n\r\t\u00a0]+",
    "number": r"(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?(?![\w.:!(\[$])",
    "string": r'"(?:[^"]|"")*"',
    "error": (
        r"\#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|GETTING_DATA|FIELD!"
        r"|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|EXTERNAL!|PYTHON!)"
    ),
    "area": (
        r"(?:\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?"
        r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d{1,7}:\$?\d{1,7})(?![\w.(!\[])"
    ),
    "prefix": _SHEET,
    "structured": rf"(?:[^\W\d][\w.]*)?{_BRACKETS}",
    "function": r"[^\W\d][\w.]*(?=\()",
    "name": r"[^\W\d][\w.?\\]*|\\[\w.?\\]*",
    "operator": r"<=|>=|<>|[-+*/^&=<>%:@\#,;(){}]",
    # Or the rest would be searched for a token, again and again.
    "unknown": r"(?s:.)",
}
_TOKEN = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.IGNORECASE
)
CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)", re.ASCII)
_FUTURE = re.compile(r"(?:_xlfn\.|_xlws\.|_xlpm\.|_xludf\.|_xll\.)+", re.IGNORECASE)

# How tightly binary operators bind.
_POWERS = {
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 10),
    "&": 20,
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("*", "/"), 40),
    "^": 50,
}
_PERCENT, _NEGATION, _UNION, _INTERSECTION, _RANGE = 60, 70, 75, 80, 85


class Token(NamedTuple):
    """A piece of a formula's text: "area", "string", "function", "operator" and so on."""

    kind: str
    text: str


_END = Token("end", "")
# What may be known before the rest is parsed.
KNOWN_OPERANDS = frozenset(("number", "string", "area"))


def parse(text: str, row: int, column: int) -> Expression:
    """The expression of a formula, with or without its `=`, in the cell at `row` and `column`.

    Raises `FormulaError` where the text is no formula or is nested deeper than `MAX_DEPTH`.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula_too_long", most=MAX_LENGTH)
    found = tokens(text)
    if found is None:
        raise FormulaError("not_understood")
    return _Parser([*found, _END], row, column, None).formula()


def parse_around(operands: Sequence[Expression], tokens: Sequence[Token]) -> Expression:
    """The expression that some tokens give where their numbers, strings and areas are known.

    Raises what `parse` raises.
    """
    return _Parser([*tokens, _END], 1, 1, operands).formula()


def tokens(text: str) -> list[Token] | None:
    """The pieces of a formula's text without its `=`; None where one is in no formula."""
    found = []
    for match in _TOKEN.finditer(text, 1 if text.startswith("=") else 0):
        kind = match.lastgroup or ""
        if kind == "unknown":
            return None
        found.append(Token(kind, match[0]))
    return found


def axes_of(area: str) -> tuple[list[tuple[int, bool]], list[tuple[int, bool]]] | None:
    """The rows and the columns of an area's corners, in order: number, and whether it has a $.

    None where a corner lies outside of a sheet.
    """
    first, _, last = area.partition(":")
    rows, columns = [], []
    for corner, whole_row, whole_column in ((first, 1, 1), (last or first, MAX_ROW, MAX_COLUMN)):
        found = CORNER.fullmatch(corner)
        assert found is not None
        column_mark, letters, row_mark, digits = found.groups()
        # In "$5:$9" the mark before the digits is caught as that of the column.
        row_mark = row_mark if letters else column_mark
        row = int(digits) if digits else whole_row
        column = column_of(letters) if letters else whole_column
        if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            return None
        rows.append((row, bool(row_mark) or not digits))
        columns.append((column, bool(column_mark) or not letters))
    return sorted(rows), sorted(columns)


class _Parser:
    def __init__(
        self, tokens: list[Token], row: int, column: int, given: Sequence[Expression] | None
    ) -> None:
        self._tokens = tokens
        self._given = None if given is None else iter(given)
        self._next = 0
        self._row = row
        self._column = column
        self._depth = 0

    def formula(self) -> Expression:
        expression = self._expression(0)
        if self._peek().kind != "end":
            raise self._unexpected()
        return expression

    def _expression(self, power: int, *, unites: bool = False) -> Expression:
        """What stands here, up to an operator that binds no tighter than `power`."""
        self._deeper()
        depth = self._depth
        left = self._operand()
        while True:
            kind, text = self._tokens[self._next]
            if text == ")" or kind == "end":
                break
            spaced = kind == "space"
            if spaced:
                self._next += 1
                kind, text = self._tokens[self._next]
            binds = _POWERS.get(text, 0) if kind == "operator" else 0
            if binds > power:
                left = Chain(left, self._rest_of_chain(binds))
            elif text == "%" and power < _PERCENT:
                self._next += 1
                left = Unary("%", left)
            elif text == "#" and kind == "operator":
                self._next += 1
                left = Unary("#", left)
            elif text == ":" and power < _RANGE:
                self._next += 1
                left = Join(":", left, self._expression(_RANGE))
            elif text == "," and unites:
                self._next += 1
                left = Join(",", left, self._expression(_UNION))
            elif text == "(" and not spaced and isinstance(left, Call | Apply | Name):
                left = Apply(left, self._arguments())
            elif spaced and power < _INTERSECTION and self._starts_reference():
                left = Join(" ", left, self._expression(_INTERSECTION))
            else:
                break
            self._deeper()
        self._depth = depth - 1
        return left

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError("nested_too_deeply")

    def _rest_of_chain(self, binds: int) -> tuple[tuple[str, Expression], ...]:
        rest: list[tuple[str, Expression]] = []
        while True:
            kind, operator = self._tokens[self._next]
            if kind != "operator" or _POWERS.get(operator) != binds:
                return tuple(rest)
            self._next += 1
            rest.append((operator, self._expression(binds)))
            self._skip_space()

    def _operand(self) -> Expression:
        self._skip_space()
        kind, text = self._take()
        if self._given is not None and kind in KNOWN_OPERANDS:
            return next(self._given)
        match kind:
            case "number":
                return number_literal(text)
            case "string":
                return string_literal(text)
            case "error":
                return Literal(CellError(text.upper()))
            case "area":
                return self._area(text, None, None)
            case "prefix":
                return self._on_sheet(text)
            case "structured":
                return _structured(text)
            case "function":
                return self._call(text)
            case "name":
                if text.upper() in ("TRUE", "FALSE"):
                    return Literal(text.upper() == "TRUE")
                return Name(_FUTURE.sub("", text))
        match text:
            case "-" | "+" | "@":
                return Unary(text, self._expression(_NEGATION))
            case "(":
                inner = self._expression(0, unites=True)
                self._expect(")")
                return inner
            case "{":
                return self._array_constant()
        self._next -= 1
        raise self._unexpected()

    def _call(self, text: str) -> Expression:
        function = _FUTURE.sub("", text).upper()
        arguments = self._arguments()
        if function == "ANCHORARRAY" and len(arguments) == 1:
            return Unary("#", arguments[0])
        if function == "SINGLE" and len(arguments) == 1:
            return Unary("@", arguments[0])
        return Call(function, arguments)

    def _arguments(self) -> tuple[Expression, ...]:
        self._expect("(")
        self._skip_space()
        if self._peek().text == ")":
            self._next += 1
            return ()
        arguments: list[Expression] = []
        while True:
            self._skip_space()
            left_out = self._peek() in (("operator", ","), ("operator", ")"))
            arguments.append(Missing() if left_out else self._expression(0))
            if self._peek().text == ")":
                self._next += 1
                return tuple(arguments)
            self._expect(",")

    def _on_sheet(self, prefix: str) -> Expression:
        """What stands behind `Sheet!`, `'My sheet'!`, `First:Last!` or `[1]Sheet!`."""
        sheets = prefix[:-1]
        if sheets.startswith("'"):
            sheets = sheets[1:-1].replace("''", "'")
        first, _, last = sheets.partition(":")
        kind, text = self._take()
        match kind:
            case "area" if self._given is not None:
                given = next(self._given)
                assert isinstance(given, Area)
                return replace(given, sheet=first, last_sheet=last or None)
            case "area":
                return self._area(text, first, last or None)
            case "error":
                return Literal(CellError(text.upper()))
            case "function":
                return self._call(text)
            case "name":
                return Name(text, first)
        self._next -= 1
        raise self._unexpected()

    def _area(self, text: str, sheet: str | None, last_sheet: str | None) -> Expression:
        axes = axes_of(text)
        if axes is None:
            if ":" in text:
                raise FormulaError("outside_of_sheet", text=text)
            # Beyond the last column and row, the same form is a name.
            return Name(text, sheet)
        rows, columns = axes
        top, bottom = (_axis(row, self._row) for row in rows)
        left, right = (_axis(column, self._column) for column in columns)
        return Area(sheet, top, left, bottom, right, last_sheet)

    def _array_constant(self) -> Expression:
        rows: list[list[Literal]] = [[]]
        while True:
            self._skip_space()
            text = self._peek().text
            sign = 1
            if text in ("-", "+"):
                self._next += 1
                sign = -1 if text == "-" else 1
            is_constant = self._peek().kind in ("number", "string", "error", "name")
            item = self._operand() if is_constant else None
            if not isinstance(item, Literal):
                raise FormulaError("no_array_of_constants")
            value = item.value
            rows[-1].append(Literal(-value) if sign < 0 and isinstance(value, float) else item)
            self._skip_space()
            text = self._take().text
            if text == ";":
                rows.append([])
            elif text == "}":
                break
            elif text != ",":
                self._next -= 1
                raise self._unexpected()
        if len({len(row) for row in rows}) > 1:
            raise FormulaError("uneven_rows")
        return ArrayConstant(tuple(tuple(row) for row in rows))

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind == "end":
            raise self._unexpected()
        self._next += 1
        return token

    def _skip_space(self) -> bool:
        if self._tokens[self._next].kind != "space":
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        self._skip_space()
        if self._peek().text != text:
            raise self._unexpected()
        self._next += 1

    def _starts_reference(self) -> bool:
        kind, text = self._peek()
        return kind in ("area", "prefix", "name", "function", "structured") or text == "("

    def _unexpected(self) -> FormulaError:
        kind, text = self._peek()
        if kind == "end":
            return FormulaError("ends_too_early")
        return FormulaError("unexpected_text", text=text)


def number_literal(text: str) -> Literal:
    """The number that a formula spells out; one beyond all doubles is an error."""
    number = float(text)
    return Literal(number if math.isfinite(number) else CellError("#NUM!"))


def string_literal(text: str) -> Literal:
    """The text that a formula spells out in quotation marks."""
    return Literal(text[1:-1].replace('""', '"'))


def _axis(place: tuple[int, bool], origin: int) -> Axis:
    number, absolute = place
    return Axis(True, number) if absolute else Axis(False, number - origin)


def _structured(text: str) -> Structured:
    """`Table[column]`, `Table[[#Headers],[first]:[last]]`, `Table[@column]`, `[@[my column]]`."""
    table, inside = text.split("[", 1)
    inside = inside[:-1].strip()
    items: list[str] = []
    columns: list[str] = []
    if inside.startswith("@"):
        items.append("#this row")
        inside = inside[1:].strip()
    parts = re.findall(r"\[((?:[^\[\]']|'.)*)\]", inside) if inside.startswith("[") else [inside]
    for part in parts:
        if part.startswith("#"):
            items.append(part.lower())
        elif part:
            columns.append(re.sub(r"'(.)", r"\1", part))
    return Structured(table or None, tuple(items), tuple(columns))
