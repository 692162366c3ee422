"""Formulas read for the cells that hold them; those worded alike are parsed once.

A sheet of ten thousand different formulas has few wordings: its formulas differ in the addresses
and constants. The first of a wording is parsed by itself. With the second, the expression is kept
with gaps in it, and the others fill these.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reading.resolving import (
    Resolver,
    areas,
    is_dynamic,
    is_volatile,
    parts_read,
    resizes,
)
from sheetlab.engine.syntax.expression import (
    Apply,
    Area,
    Axis,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Missing,
    Unary,
    walk,
)
from sheetlab.engine.syntax.parser import KNOWN_OPERANDS, Token, parse, parse_around
from sheetlab.engine.syntax.wording import Corners, Word, area_of, words

# What is kept of formulas and of wordings is forgotten when it becomes more than this.
_MOST_FORMULAS = 20_000
_MOST_WORDINGS = 2_000
_NOWHERE = Axis(False, 0)


class Formula(NamedTuple):
    """A resolved expression, and the areas that it reads.

    One that is `dynamic` reads others as well; a `volatile` one has another result each time.
    """

    expression: Expression
    reads: tuple[Area, ...]
    dynamic: bool
    volatile: bool


@dataclass(slots=True, unsafe_hash=True)
class _AreaGap(Area):
    """The place of the area that is an operand of the wording."""

    index: int = 0


@dataclass(slots=True, eq=False)
class _LiteralGap(Literal):
    """The place of a constant that is an operand of the wording."""

    index: int = 0


class FormulaReader:
    """Reads the formulas of a workbook."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._formulas: dict[tuple[object, ...], Formula] = {}
        self._templates: dict[tuple[str, str], _Template | None] = {}

    def read(self, text: str, cells: CellRange) -> Formula:
        """The formula with some text in the first of the cells that it fills.

        Raises `FormulaError` where the text is no formula.
        """
        said = words(text.removeprefix("="))
        # An array in braces holds constants only, and what [ ] mean depends on the row.
        if said is None or "{" in text or "[" in text:
            return self._read(text, cells)
        sheet, row, column = cells.sheet, cells.top, cells.left
        wording = "".join([word.wording for word in said])
        values = [
            operand.seen_from(row, column) if isinstance(operand, Corners) else operand
            for word in said
            for operand in word.operands
        ]
        key = (sheet, wording, *values)
        found = self._formulas.get(key)
        if found is None:
            if len(self._formulas) >= _MOST_FORMULAS:
                self._formulas.clear()
            found = self._formulas[key] = self._of_wording(text, said, wording, values, cells)
        return found

    def _of_wording(
        self,
        text: str,
        said: Sequence[Word],
        wording: str,
        values: Sequence[Literal | tuple[int, ...]],
        cells: CellRange,
    ) -> Formula:
        key = (cells.sheet, wording)
        if key not in self._templates:
            if len(self._templates) >= _MOST_WORDINGS:
                self._templates.clear()
            self._templates[key] = None
            # Where nothing has a meaning that the workbook must tell, it is resolved as parsed.
            if not all(word.is_plain for word in said):
                return self._read(text, cells)
            operands = [
                area_of(cells.sheet, value) if isinstance(value, tuple) else value
                for value in values
            ]
            expression = parse_around(operands, _tokens(said))
            return self._formula(expression, cells.sheet)
        template = self._templates[key]
        if template is None:
            template = self._templates[key] = self._template(said, cells)
        if not template.fits:
            return self._read(text, cells)
        return template.filled(values, self._named_lambda(cells.sheet))

    def _read(self, text: str, cells: CellRange) -> Formula:
        parsed = parse(text, cells.top, cells.left)
        rows = range(cells.top, cells.bottom + 1)
        expression = self._resolver.resolve(parsed, cells.sheet, cells.top, cells.left, rows)
        return self._formula(expression, cells.sheet)

    def _formula(self, expression: Expression, sheet: str) -> Formula:
        parts = parts_read(expression, self._named_lambda(sheet))
        return Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))

    def _named_lambda(self, sheet: str) -> Callable[[str], Expression | None]:
        return lambda name: self._resolver.named_lambda(name, sheet)

    def _template(self, said: Sequence[Word], cells: CellRange) -> "_Template":
        operands = [operand for word in said for operand in word.operands]
        gaps = [
            _AreaGap(None, _NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE, index=index)
            if isinstance(operand, Corners)
            else _LiteralGap(0.0, index=index)
            for index, operand in enumerate(operands)
        ]
        tokens = _tokens(said)
        # An area that lies outside of a sheet is no operand, and maybe a name.
        if sum(token.kind in KNOWN_OPERANDS for token in tokens) > len(gaps):
            return _Template(Missing(), (), dynamic=False, volatile=False, fits=False)
        parsed = parse_around(gaps, tokens)
        expression = self._resolver.resolve(parsed, cells.sheet, cells.top, cells.left)
        parts = parts_read(expression, self._named_lambda(cells.sheet))
        return _Template(
            expression, areas(parts), dynamic=is_dynamic(parts), volatile=is_volatile(parts)
        )


def _tokens(said: Sequence[Word]) -> list[Token]:
    return [token for word in said for token in word.tokens]


class _Template:
    """A resolved expression with gaps, and how they are filled; it `fits` where that is enough."""

    def __init__(
        self,
        expression: Expression,
        reads: Sequence[Area],
        *,
        dynamic: bool,
        volatile: bool,
        fits: bool = True,
    ) -> None:
        parts = list(walk(expression))
        self.fits = fits and not any(isinstance(part, Join) for part in parts)
        self._dynamic = dynamic
        self._volatile = volatile
        self._resizes = any(map(resizes, parts))
        self._sheets = {part.index: part.sheet for part in parts if isinstance(part, _AreaGap)}
        self._reads = [area.index if isinstance(area, _AreaGap) else area for area in reads]
        self._build = _builder(expression)

    def filled(
        self,
        values: Sequence[Literal | tuple[int, ...]],
        named_lambda: Callable[[str], Expression | None],
    ) -> Formula:
        """The formula with constants and areas, as `Corners.seen_from` gives them, in the gaps."""
        sheets = self._sheets
        operands: list[Any] = [
            area_of(sheets.get(index), value) if isinstance(value, tuple) else value
            for index, value in enumerate(values)
        ]
        expression = self._build(operands)
        # The same area may fill two gaps; `area_of` makes it once.
        areas = [operands[at] if isinstance(at, int) else at for at in self._reads]
        reads = tuple(dict.fromkeys(areas))
        # Whether it reads beyond its ranges depends on how large they are.
        if not self._resizes:
            return Formula(expression, reads, self._dynamic, self._volatile)
        dynamic = is_dynamic(parts_read(expression, named_lambda))
        return Formula(expression, reads, dynamic, self._volatile)


_Build = Callable[[Sequence[Any]], Expression]


def _builder(expression: Expression) -> _Build:
    """What makes the expression out of the values for its gaps."""
    if not any(isinstance(part, _AreaGap | _LiteralGap) for part in walk(expression)):
        return lambda values: expression
    match expression:
        case _AreaGap(index=index) | _LiteralGap(index=index):
            return itemgetter(index)
        case Call(function, arguments):
            builders = [_builder(part) for part in arguments]
            return lambda values: Call(function, tuple([build(values) for build in builders]))
        case Apply(called, arguments):
            made = _builder(called)
            builders = [_builder(part) for part in arguments]
            return lambda values: Apply(made(values), tuple([build(values) for build in builders]))
        case Unary(operator, operand):
            inner = _builder(operand)
            return lambda values: Unary(operator, inner(values))
        case Chain(first, ((sign, second),)):
            left, right = _builder(first), _builder(second)
            return lambda values: Chain(left(values), ((sign, right(values)),))
        case Chain(first, rest):
            left = _builder(first)
            others = [(sign, _builder(part)) for sign, part in rest]
            return lambda values: Chain(
                left(values), tuple([(sign, build(values)) for sign, build in others])
            )
        case _:
            return lambda values: expression
