"""Formulas read for the cells that hold them: their resolved expressions, and what they read."""

from collections.abc import Sequence
from typing import NamedTuple

from sheetlab.engine import functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reading.resolving import (
    Resolver,
    areas,
    is_dynamic,
    is_volatile,
    parts_read,
    resizes,
)
from sheetlab.engine.syntax.expression import Area, Expression
from sheetlab.engine.syntax.parser import Pieces, put_together

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
        self._ordinary: dict[tuple[str, str], bool] = {}
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
        if parsed.plain and self._are_ordinary(parsed.functions, cells.sheet):
            # An area is one object, which is quicker to tell than by what it says.
            reads = {id(piece): piece for piece in pieces if type(piece) is Area}
            found = Formula(parsed.expression, tuple(reads.values()), False, False)
        else:
            sheet, top, left, bottom, _ = cells
            rows = range(top, bottom + 1)
            expression = self._resolver.resolve(parsed.expression, sheet, top, left, rows)
            if self._resolver.depends_on_place:
                return self._told(expression, sheet)
            found = self._told(expression, sheet)
        self._formulas[key] = found
        return found

    def _told(self, expression: Expression, sheet: str) -> Formula:
        """What a resolved expression of a sheet reads."""
        parts = parts_read(expression, lambda name: self._resolver.named_lambda(name, sheet))
        return Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))

    def _are_ordinary(self, names: Sequence[str], sheet: str) -> bool:
        """Whether functions read their arguments and nothing else, whatever these are."""
        for name in names:
            key = name, sheet
            if key not in self._ordinary:
                self._ordinary[key] = (
                    functions.reads(name) == "arguments"
                    and not resizes(name)
                    and self._resolver.named_lambda(name, sheet) is None
                )
            if not self._ordinary[key]:
                return False
        return True
