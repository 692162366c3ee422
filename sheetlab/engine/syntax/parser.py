"""Formulas read as expressions: Excel's grammar, by operator precedence, in one pass.

From the tightest: reference operators (`:`, space, `,` in parentheses), `#`, negation and `@`,
`%`, `^`, `*` and `/`, `+` and `-`, `&`, comparisons. Operators of one precedence work from the
left, and negation binds tighter than `^`: `2^3^2` is 64 and `-2^2` is 4.

Formulas are put together from few different pieces, so that each is looked at once.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

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
        r"\#(?i:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|GETTING_DATA|FIELD!"
        r"|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|EXTERNAL!|PYTHON!)"
    ),
    "area": (
        r"(?:\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?"
        r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w.(!\[])"
    ),
    "prefix": _SHEET,
    "structured": rf"(?:[^\W\d][\w.]*)?{_BRACKETS}",
    "function": r"[^\W\d][\w.]*(?=\()",
    "name": r"[^\W\d][\w.?\\]*|\\[\w.?\\]*",
    "operator": r"<=|>=|<>|[-+*/^&=<>%:@\#,;(){}]",
    "unknown": r"(?s:.)",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
# Cut so that what a piece says can be told from the piece; the usual ones come first.
_PIECE = re.compile(
    "|".join(
        (
            r"[-+*/^&=%@,;(){}:]|<[=>]?|>=?",
            *(_KINDS[kind] for kind in ("area", "number", "string", "space")),
            r"[^\W\d][\w.]*\(",
            rf"(?:{_SHEET})(?:{_KINDS['area']})?",
            *(_KINDS[kind] for kind in ("error", "structured", "name")),
            # Or the rest would be searched for a piece, again and again.
            r"\#|(?s:.+)",
        )
    )
)
CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)", re.ASCII)
CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")
_AREA = re.compile(_KINDS["area"])
_PREFIX = re.compile(_SHEET)
_FUTURE = re.compile(r"(?:_xlfn\.|_xlws\.|_xlpm\.|_xludf\.|_xll\.)+", re.IGNORECASE)

# How tightly operators bind; what only ends an expression does not, of others more has to be told.
_ENDS, _OTHERS = 0, 99
_OPERATORS_BIND = {
    **dict.fromkeys((")", ",", ";", "}"), _ENDS),
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 10),
    "&": 20,
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("*", "/"), 40),
    "^": 50,
    **dict.fromkeys(("%", ":", "@", "#", "(", "{"), _OTHERS),
}
_PERCENT, _NEGATION, _UNION, _INTERSECTION, _RANGE = 60, 70, 75, 80, 85
_OPERATORS_AS_FUNCTIONS = {"ANCHORARRAY": "#", "SINGLE": "@"}
_STARTS_OF_REFERENCES = frozenset(
    ("area", "prefix", "name", "truth", "function", "structured", "(")
)

# The rows and columns of an area are digits of one number; those of absolute ones are higher.
_DIGIT, _LOWEST, _FIRST_ABSOLUTE = 1 << 24, 1 << 20, 1 << 22


@dataclass(slots=True, eq=False)
class Symbol:
    """A piece that is neither a constant nor an ordinary area.

    Its `kind` is that of its token, an operator's is its text; "end" is behind the last one.
    `value` is what the piece says by itself.
    """

    kind: str
    text: str
    value: Any = None
    binds: int = _OTHERS


Piece = Symbol | Literal | Area
# An area as it is said: those on its sheet, its number, and how much of that moves with the row
# and the column of the cell.
_Place = tuple["_Made | None", int, int, int]

_OPERATORS = {text: Symbol(text, text, binds=binds) for text, binds in _OPERATORS_BIND.items()}
_OPEN, _CLOSE, _COMMA = _OPERATORS["("], _OPERATORS[")"], _OPERATORS[","]
_SEMICOLON, _BRACE = _OPERATORS[";"], _OPERATORS["}"]
_END = Symbol("end", "", binds=_ENDS)
_UNKNOWN = Symbol("unknown", "")
_MISSING = Missing()


class Token(NamedTuple):
    """A part of a formula's text: "area", "string", "function", "operator" and so on."""

    kind: str
    text: str


class Parsed(NamedTuple):
    """An expression, and the functions in it.

    It is `plain` if it has no names, no tables and no references that are joined, and all of its
    areas lie on one sheet that is known.
    """

    expression: Expression
    functions: list[str]
    plain: bool


def parse(text: str, row: int, column: int) -> Expression:
    """The expression of a formula, with or without its `=`, in the cell at `row` and `column`.

    Raises `FormulaError` where the text is no formula or is nested deeper than `MAX_DEPTH`.
    """
    pieces = Pieces(lambda sheet: sheet).of(text, None, row, column)
    return put_together(pieces, text).expression


def put_together(pieces: Sequence[Piece], text: str) -> Parsed:
    """The expression that the pieces of a text give. Raises what `parse` raises."""
    return _Parser(pieces, text).formula()


def tokens(text: str) -> list[Token] | None:
    """The tokens of a formula's text without its `=`; None where one is in no formula."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "unknown":
            return None
        found.append(Token(kind, match[0]))
    return found


known_column_of = lru_cache(maxsize=20_000)(column_of)


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
        column = known_column_of(letters) if letters else whole_column
        if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            return None
        rows.append((row, bool(row_mark) or not digits))
        columns.append((column, bool(column_mark) or not letters))
    return sorted(rows), sorted(columns)


class Pieces:
    """Cuts formulas into pieces. Each is one object for all formulas.

    `find_sheet` tells which sheet is meant by a name, or None where there is none.
    """

    def __init__(self, find_sheet: Callable[[str], str | None]) -> None:
        self._find_sheet = find_sheet
        self._known = _Made(self._understood)
        self._areas: dict[tuple[str | None, str | None, bool], _Made] = {}

    def of(self, text: str, sheet: str | None, row: int, column: int) -> list[Piece]:
        """The pieces of a formula in the cell at `row` and `column` of a sheet, then the end.

        Raises `FormulaError` where the text is too long, or one of its pieces is in no formula.
        """
        if len(text) > MAX_LENGTH:
            raise FormulaError("formula_too_long", most=MAX_LENGTH)
        known, own = self._known, self._areas_on(sheet)
        found: list[Any] = []
        for said in _cut(text):
            piece = known[said]
            if type(piece) is tuple:
                areas, number, down, right = piece
                areas = own if areas is None else areas
                piece = areas[number - down * row - right * column]
            found.append(piece)
        if found and found[-1] is _UNKNOWN:
            raise FormulaError("not_understood")
        found.append(_END)
        return found

    def _understood(self, text: str) -> Symbol | Literal | _Place:
        # Most are single cells and whole numbers.
        cell = CELL.fullmatch(text)
        if cell is not None:
            column_mark, letters, row_mark, digits = cell.groups()
            row, column = int(digits), known_column_of(letters)
            if 1 <= row <= MAX_ROW and column <= MAX_COLUMN:
                row += _FIRST_ABSOLUTE if row_mark else _LOWEST
                column += _FIRST_ABSOLUTE if column_mark else _LOWEST
                down, right = 0 if row_mark else _DIGIT, 0 if column_mark else 1
                return None, row * _DIGIT + column, down, right
        if text.isascii() and text.isdigit():
            return number_literal(text)
        if text in _OPERATORS:
            return _OPERATORS[text]
        found = [Token("area", text)] if _AREA.fullmatch(text) else tokens(text)
        if found is None:
            return _UNKNOWN
        kind, said = found[0]
        match kind:
            case "number":
                return number_literal(said)
            case "string":
                return string_literal(said)
            case "error":
                return Literal(CellError(said.upper()))
            case "area":
                return self._place(said, None, None)
            case "prefix":
                first, last = _sheets(said)
                if len(found) == 1:
                    return Symbol(kind, said, first)
                return self._place(found[1].text, first, last)
            case "structured":
                return Symbol(kind, said, _structured(said))
            case "function":
                return Symbol(kind, said, _FUTURE.sub("", said).upper())
            case "name" if said.upper() in ("TRUE", "FALSE"):
                return Symbol("truth", said, Literal(said.upper() == "TRUE"))
            case "name":
                return Symbol(kind, said, Name(_FUTURE.sub("", said)))
        return Symbol(kind, said)

    def _place(self, said: str, sheet: str | None, last_sheet: str | None) -> Symbol | _Place:
        axes = axes_of(said)
        if axes is None:
            # Beyond the last column and row, the form of a cell is a name.
            return Symbol("area", said, None if ":" in said else Name(said, sheet))
        areas = None
        if sheet is not None:
            found = None if last_sheet else self._find_sheet(sheet)
            areas = self._areas_on(found or sheet, last_sheet, is_known=found is not None)
        number = down = right = 0
        corners = [*zip(*axes, strict=True)]
        for row, column in corners[corners[0] == corners[1] :]:
            for place, absolute in (row, column):
                number = number * _DIGIT + place + (_FIRST_ABSOLUTE if absolute else _LOWEST)
            down = down * _DIGIT**2 + (0 if row[1] else _DIGIT)
            right = right * _DIGIT**2 + (0 if column[1] else 1)
        return areas, number, down, right

    def _areas_on(
        self, sheet: str | None, last_sheet: str | None = None, *, is_known: bool = True
    ) -> "_Made":
        """The areas of a sheet, or through several, by their numbers."""
        key = sheet, last_sheet, is_known
        if key not in self._areas:

            def made(number: int) -> Piece:
                area = _area_of(number, sheet, last_sheet)
                return area if is_known else Symbol("area", "", area)

            self._areas[key] = _Made(made)
        return self._areas[key]


class _Made(dict[Any, Any]):
    """What is made of keys, each once."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        made = self[key] = self._make(key)
        return made


def _cut(text: str) -> list[str]:
    found: list[str] = _PIECE.findall(text, 1 if text.startswith("=") else 0)
    return found


def function_name(text: str) -> str | None:
    """What a function is called; None for one that stands for an operator."""
    name = _FUTURE.sub("", text).upper()
    return None if name in _OPERATORS_AS_FUNCTIONS else name


def sheet_name(prefix: str) -> str | None:
    """The sheet that is meant by `Sheet!`; None for several sheets, or what is no prefix."""
    if not _PREFIX.fullmatch(prefix):
        return None
    first, last = _sheets(prefix)
    return None if last else first


def _sheets(prefix: str) -> tuple[str, str | None]:
    """The sheets of `Sheet!`, `'My sheet'!`, `First:Last!` or `[1]Sheet!`."""
    sheets = prefix[:-1]
    if sheets.startswith("'"):
        sheets = sheets[1:-1].replace("''", "'")
    first, _, last = sheets.partition(":")
    return first, last or None


def _area_of(number: int, sheet: str | None, last_sheet: str | None) -> Area:
    axes = []
    while number:
        number, digit = divmod(number, _DIGIT)
        absolute = digit >= _FIRST_ABSOLUTE
        axes.append(Axis(absolute, digit - (_FIRST_ABSOLUTE if absolute else _LOWEST)))
    right, bottom, left, top = axes * (4 // len(axes))
    return Area(sheet, top, left, bottom, right, last_sheet)


class _Parser:
    def __init__(self, pieces: Sequence[Piece], text: str) -> None:
        self._pieces: Sequence[Any] = pieces
        self._text = text
        self._next = 0
        self._depth = 0
        self._functions: list[str] = []
        self._is_plain = True

    def formula(self) -> Parsed:
        expression = self._expression(0)
        if self._pieces[self._next] is not _END:
            raise self._unexpected()
        return Parsed(expression, self._functions, self._is_plain)

    def _expression(self, power: int, *, unites: bool = False) -> Expression:
        """What stands here, up to an operator that binds no tighter than `power`."""
        self._deeper()
        depth, pieces = self._depth, self._pieces
        left: Expression
        piece = pieces[self._next]
        if type(piece) is Symbol:
            left = self._operand()
        else:
            left = piece
            self._next += 1
        while True:
            piece = pieces[self._next]
            if type(piece) is not Symbol:
                break
            binds, kind = piece.binds, piece.kind
            if binds <= power:
                if kind != "," or not unites:
                    break
                left = self._joined(",", left, _UNION)
            elif binds < _OTHERS:
                left = Chain(left, self._rest_of_chain(binds))
            elif (kind == "%" and power < _PERCENT) or kind == "#":
                self._next += 1
                left = Unary(kind, left)
            elif kind == ":" and power < _RANGE:
                left = self._joined(kind, left, _RANGE)
            elif kind == "(" and isinstance(left, Call | Apply | Name):
                self._next += 1
                left = Apply(left, self._arguments())
            elif kind == "space":
                after = pieces[self._next + 1]
                if power < _INTERSECTION and _starts_reference(after):
                    left = self._joined(" ", left, _INTERSECTION)
                else:
                    self._next += 1
                    # With a space before it, it begins no arguments.
                    if after is _OPEN:
                        break
                    continue
            else:
                break
            self._deeper()
        self._depth = depth - 1
        return left

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError("nested_too_deeply")

    def _inner(self, power: int) -> Expression:
        """The same as `_expression`; in one step for a constant or an area by itself."""
        pieces, place = self._pieces, self._next
        piece = pieces[place]
        if type(piece) is not Symbol and self._depth < MAX_DEPTH:
            after = pieces[place + 1]
            if type(after) is Symbol and after.binds <= power:
                self._next = place + 1
                leaf: Expression = piece
                return leaf
        return self._expression(power)

    def _rest_of_chain(self, binds: int) -> tuple[tuple[str, Expression], ...]:
        pieces = self._pieces
        rest: list[tuple[str, Expression]] = []
        piece = pieces[self._next]
        while type(piece) is Symbol and piece.binds == binds:
            self._next += 1
            rest.append((piece.kind, self._inner(binds)))
            piece = pieces[self._next]
        return tuple(rest)

    def _joined(self, operator: str, left: Expression, power: int) -> Join:
        self._is_plain = False
        self._next += 1
        return Join(operator, left, self._expression(power))

    def _operand(self) -> Expression:
        piece = self._pieces[self._next]
        self._next += 1
        if type(piece) is not Symbol:
            leaf: Expression = piece
            return leaf
        kind = piece.kind
        if kind == "function":
            return self._call(piece.value)
        if kind == "(":
            inner = self._expression(0, unites=True)
            self._expect(_CLOSE)
            return inner
        if kind in ("-", "+", "@"):
            return Unary(kind, self._expression(_NEGATION))
        if kind == "space":
            return self._operand()
        if kind == "truth":
            truth: Literal = piece.value
            return truth
        if kind in ("name", "structured", "area"):
            self._is_plain = False
            if piece.value is None:
                raise FormulaError("outside_of_sheet", text=piece.text)
            said: Expression = piece.value
            return said
        if kind == "prefix":
            return self._on_sheet(piece.value)
        if kind == "{":
            return self._array_constant()
        self._next -= 1
        raise self._unexpected()

    def _call(self, function: str) -> Expression:
        arguments = self._arguments()
        if len(arguments) == 1 and function in _OPERATORS_AS_FUNCTIONS:
            return Unary(_OPERATORS_AS_FUNCTIONS[function], arguments[0])
        self._functions.append(function)
        return Call(function, arguments)

    def _arguments(self) -> tuple[Expression, ...]:
        """What stands in the parenthesis that was opened with the piece before."""
        pieces = self._pieces
        arguments: list[Expression] = []
        while True:
            piece = pieces[self._next]
            if piece is _COMMA:
                arguments.append(_MISSING)
            elif piece is _CLOSE:
                if arguments:
                    arguments.append(_MISSING)
            elif type(piece) is Symbol and piece.kind == "space":
                self._next += 1
                continue
            else:
                arguments.append(self._inner(0))
                piece = pieces[self._next]
            if piece is not _CLOSE and piece is not _COMMA:
                raise self._unexpected()
            self._next += 1
            if piece is _CLOSE:
                return tuple(arguments)

    def _on_sheet(self, sheet: str) -> Expression:
        """What stands behind the name of a sheet from which no area was cut off with it."""
        kind, said = self._token()
        if kind not in ("area", "error", "function", "name"):
            raise self._unexpected()
        piece = self._pieces[self._next]
        self._next += 1
        if kind == "function":
            return self._call(piece.value)
        if kind == "error":
            error: Literal = piece
            return error
        self._is_plain = False
        return Name(said, sheet)

    def _array_constant(self) -> Expression:
        rows: list[list[Literal]] = [[]]
        while True:
            self._skip_space()
            piece = self._pieces[self._next]
            sign = ""
            if piece is _OPERATORS["-"] or piece is _OPERATORS["+"]:
                sign = piece.kind
                self._next += 1
                piece = self._pieces[self._next]
            item = piece.value if type(piece) is Symbol and piece.kind == "truth" else piece
            if type(item) is not Literal:
                raise FormulaError("no_array_of_constants")
            self._next += 1
            value = item.value
            rows[-1].append(Literal(-value) if sign == "-" and type(value) is float else item)
            self._skip_space()
            piece = self._pieces[self._next]
            if piece is not _COMMA and piece is not _SEMICOLON and piece is not _BRACE:
                raise self._unexpected()
            self._next += 1
            if piece is _SEMICOLON:
                rows.append([])
            elif piece is _BRACE:
                break
        if len({len(row) for row in rows}) > 1:
            raise FormulaError("uneven_rows")
        return ArrayConstant(tuple(tuple(row) for row in rows))

    def _skip_space(self) -> None:
        piece = self._pieces[self._next]
        if type(piece) is Symbol and piece.kind == "space":
            self._next += 1

    def _expect(self, symbol: Symbol) -> None:
        self._skip_space()
        if self._pieces[self._next] is not symbol:
            raise self._unexpected()
        self._next += 1

    def _unexpected(self) -> FormulaError:
        kind, text = self._token()
        if kind == "end":
            return FormulaError("ends_too_early")
        return FormulaError("unexpected_text", text=text)

    def _token(self) -> Token:
        """The first token of the piece that comes next."""
        if self._pieces[self._next] is _END:
            return Token("end", "")
        found = tokens(_cut(self._text)[self._next])
        assert found
        return found[0]


def _starts_reference(piece: Piece) -> bool:
    if type(piece) is Symbol:
        return piece.kind in _STARTS_OF_REFERENCES
    return type(piece) is Area


def number_literal(text: str) -> Literal:
    """The number that a formula spells out; one beyond all doubles is an error."""
    number = float(text)
    return Literal(number if math.isfinite(number) else CellError("#NUM!"))


def string_literal(text: str) -> Literal:
    """The text that a formula spells out in quotation marks."""
    return Literal(text[1:-1].replace('""', '"'))


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
