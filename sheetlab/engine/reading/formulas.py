"""Formulas read for the cells that hold them: their resolved expressions, and what they read."""

from collections.abc import Sequence

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.formula import Formula
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
from sheetlab.engine.syntax.expression import Area, Expression, Literal
from sheetlab.engine.syntax.parser import (
    FormulaError,
    Parsed,
    Piece,
    Pieces,
    function_name,
    put_together,
    sheet_name,
)
from sheetlab.engine.syntax.postfix import CALL, Integers, Postfix, postfix
from sheetlab.files.cell_value import CellError

# What is kept of formulas is forgotten when it becomes more than this.
_MOST_FORMULAS = 20_000
_NO_EXPRESSION = Literal(CellError("#NAME?"))

# What may be known of a formula in postfix order: that it has to be parsed after all, that what it
# reads depends on arguments of its functions, and see `Formula`.
_UNTOLD, _DEPENDS, _DYNAMIC, _VOLATILE = 1, 2, 4, 8


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

    def read_all(self, formulas: Sequence[tuple[str, CellRange]]) -> list[Formula]:
        """The formulas with some texts in the first of the cells that each fills."""
        told = postfix([(cells.top, cells.left, text) for text, cells in formulas])
        if told is None:
            return [self.read(text, cells) for text, cells in formulas]
        kinds = self._kinds(told)
        return [
            self.read(text, cells)
            if kind == _UNTOLD
            else self._depending(told, place, cells.sheet)
            if kind & _DEPENDS
            else Formula(
                None,
                None,
                kind & _DYNAMIC > 0,
                kind & _VOLATILE > 0,
                postfix=told,
                place=place,
            )
            for place, ((text, cells), kind) in enumerate(zip(formulas, kinds, strict=True))
        ]

    def _kinds(self, told: Postfix) -> list[int]:
        """What is known of each formula; its functions and sheets are named as they are known."""
        kinds = np.where(np.diff(told.starts) > 0, 0, _UNTOLD)
        of_functions, of_sheets = [], []
        for place, said in enumerate(told.functions):
            name = function_name(said)
            told.functions[place] = name or said
            of_functions.append(self._kind_of(name))
        for place, said in enumerate(told.sheets):
            name = sheet_name(said)
            known = None if name is None else self._resolver.find_sheet(name)
            told.sheets[place] = known or said
            of_sheets.append(0 if known else _UNTOLD)
        if any(of_functions):
            calls = np.flatnonzero(told.nodes["kind"] == CALL)
            of_calls = np.array(of_functions)[told.nodes["value"][calls]]
            _mark(kinds, told.starts, calls, of_calls)
        if any(of_sheets):
            areas = np.flatnonzero(told.areas["sheet"] >= 0)
            of_areas = np.array(of_sheets)[told.areas["sheet"][areas]]
            _mark(kinds, told.area_starts, areas, of_areas)
        found: list[int] = np.where(kinds & _UNTOLD, _UNTOLD, kinds).tolist()
        return found

    def _kind_of(self, function: str | None) -> int:
        if function is None or self._resolver.is_name(function):
            return _UNTOLD
        reads = functions.reads(function)
        if reads == "place" or resizes(function):
            return _DEPENDS
        return (reads == "unknown") * _DYNAMIC | (reads in NOT_OF_THE_TEXT) * _VOLATILE

    def _depending(self, told: Postfix, place: int, sheet: str) -> Formula:
        """A formula whose functions read what depends on their arguments."""
        expression = told.expression(place, told.reads(place))
        return self._of(expression, sheet)

    def _of(self, expression: Expression, sheet: str) -> Formula:
        parts = parts_read(expression, lambda name: self._resolver.named_lambda(name, sheet))
        return Formula(expression, areas(parts), is_dynamic(parts), is_volatile(parts))

    def read(self, text: str, cells: CellRange) -> Formula:
        """The formula with some text in the first of the cells that it fills."""
        try:
            return self._read(text, cells)
        except FormulaError as error:
            return Formula(_NO_EXPRESSION, flaw=error.why)

    def _read(self, text: str, cells: CellRange) -> Formula:
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
        return self._of(expression, sheet), is_of_place

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


def _mark(kinds: Integers, starts: Integers, places: Integers, marks: Integers) -> None:
    """Note marks of parts that stand at some places for the formulas that they belong to."""
    np.bitwise_or.at(kinds, np.searchsorted(starts, places, "right") - 1, marks)
