"""Formulas read for the cells that hold them: their resolved expressions, and what they read."""

from collections.abc import Sequence
from typing import NamedTuple

from sheetlab.engine import functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.functions.function import Reads
from sheetlab.engine.reading.resolving import (
    NOT_OF_THE_TEXT,
    Resolver,
    areas,
    is_dynamic,
    is_volatile,
    parts_read,
    resizes,
)
from sheetlab.engine.syntax.expression import Area, Expression
from sheetlab.engine.syntax.parser import Parsed, Piece, Pieces, put_together

# What is kept of formulas is forgotten when it becomes more than this.
_MOST_FORMULAS = 20_000


class Formula(NamedTuple):
    """A resolved expression, and the areas that it reads.

    One that is `dynamic` reads others as well; a `volatile` one has another result each time.
    """

    expression: Expression
    reads: tuple[Area, ...]
    dynamic: bool
    volatile: bool


class FormulaReader:
    """Reads the formulas of a workbook; those that say the same have one expression."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._reads: dict[tuple[str, str], Reads | None] = {}
        self._forget()

    def _forget(self) -> None:
        self._pieces = Pieces(self._resolver.find_sheet)
        # By what they consist of, each piece of which is one object for all of them.
        self._formulas: dict[tuple[object, ...], Formula] = {}

    def read(self, text: str, cells: CellRange) -> Formula:
        """The formula with some text in the first of the cells that it fills.

        Raises `FormulaError` where the text is no formula.
        """
        if len(self._formulas) >= _MOST_FORMULAS:
            self._forget()
        pieces = self._pieces.of(text, cells.sheet, cells.top, cells.left)
        key = (cells.sheet, *map(id, pieces))
        found = self._formulas.get(key)
        if found is not None:
            return found
        parsed = put_together(pieces, text)
        found = self._told_by_pieces(parsed, pieces, cells.sheet)
        if found is None:
            found, is_of_place = self._resolved(parsed, cells)
            if is_of_place:
                return found
        self._formulas[key] = found
        return found

    def _told_by_pieces(
        self, parsed: Parsed, pieces: Sequence[Piece], sheet: str
    ) -> Formula | None:
        """A formula of which the workbook has to tell nothing; None where that may be otherwise."""
        if not parsed.plain:
            return None
        of_functions = [self._reads_of(name, sheet) for name in parsed.functions]
        if None in of_functions:
            return None
        # Each area is one object, which is quicker to tell than by what it says.
        areas = {id(piece): piece for piece in pieces if type(piece) is Area}
        dynamic = "unknown" in of_functions
        volatile = not NOT_OF_THE_TEXT.isdisjoint(of_functions)
        return Formula(parsed.expression, tuple(areas.values()), dynamic, volatile)

    def _resolved(self, parsed: Parsed, cells: CellRange) -> tuple[Formula, bool]:
        """The formula, and whether it is another one in other cells."""
        expression, sheet, is_of_place = parsed.expression, cells.sheet, False
        if not parsed.plain:
            rows = range(cells.top, cells.bottom + 1)
            expression = self._resolver.resolve(expression, sheet, cells.top, cells.left, rows)
            is_of_place = self._resolver.depends_on_place
        parts = parts_read(expression, lambda name: self._resolver.named_lambda(name, sheet))
        found = Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))
        return found, is_of_place

    def _reads_of(self, function: str, sheet: str) -> Reads | None:
        """What a function reads, whatever its arguments are; None where it depends on them."""
        key = function, sheet
        if key not in self._reads:
            reads = functions.reads(function)
            depends = (
                reads == "place"
                or resizes(function)
                or self._resolver.named_lambda(function, sheet) is not None
            )
            self._reads[key] = None if depends else reads
        return self._reads[key]
