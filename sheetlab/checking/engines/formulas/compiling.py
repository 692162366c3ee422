"""One formula as `formulas` compiles it, and the areas that it reads from any cell it fills."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import formulas
from formulas.cell import CELL
from formulas.errors import BaseError
from formulas.functions import not_implemented
from formulas.ranges import Ranges
from formulas.tokens import function as function_tokens
from formulas.tokens import operand as operand_tokens
from formulas.tokens import operator as operator_tokens

from sheetlab.checking.formula_text import CellArea, Corner, area_between, corners
from sheetlab.files.address import letters_of
from sheetlab.text import Text

# With a file, the library puts every sheet's name in quotes, and so takes any name.
BOOK = "book.xlsx"

# Functions of `formulas` that go through an array element by element, as all its operators do.
# Where one element overflows, it gives one #VALUE! for all; what hides errors is not among these.
ELEMENTWISE = frozenset(
    (
        "ABS",
        "ACOS",
        "ASIN",
        "ATAN",
        "ATAN2",
        "CEILING",
        "COS",
        "COSH",
        "DEGREES",
        "EXP",
        "FLOOR",
        "IF",
        "INT",
        "LN",
        "LOG",
        "LOG10",
        "MOD",
        "NA",
        "NOT",
        "PI",
        "POWER",
        "RADIANS",
        "ROUND",
        "ROUNDDOWN",
        "ROUNDUP",
        "SIGN",
        "SIN",
        "SINH",
        "SQRT",
        "TAN",
        "TANH",
        "TRUNC",
    )
)
# These ask for the place of cells, not for their values.
PLACE_FUNCTIONS = ("AREAS", "COLUMN", "COLUMNS", "ROW", "ROWS")
_JOINING_RANGES = frozenset(", :@")


class CannotCalculateError(Exception):
    """The library cannot calculate a formula; the reason goes on after "since"."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


class Input(NamedTuple):
    """One argument of a compiled formula: its areas, each between two corners of a sheet.

    `is_read` is False where only the place of the cells matters, as in ROWS(A$4:A4).
    """

    areas: tuple[tuple[str, Corner, Corner], ...]
    is_read: bool

    @property
    def moves(self) -> bool:
        """Whether it is another area where the formula is filled on."""
        return any(first.moves or last.moves for _, first, last in self.areas)

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell, wherever the formula is filled to."""
        return len(self.areas) == 1 and all(
            first == last and first.row and first.column for _, first, last in self.areas
        )

    def filled(self, rows: int, columns: int) -> list[CellArea]:
        """Its areas after the formula is filled so far down and to the right."""
        return [
            area_between(sheet, first.filled(rows, columns), last.filled(rows, columns))
            for sheet, first, last in self.areas
        ]


@dataclass(frozen=True, eq=False)
class CompiledFormula:
    """A formula compiled in one cell.

    `can_be_filled` says whether the compiled function also serves the cells that the formula is
    filled to, `goes_element_by_element` whether it does so for all of them in one call.
    """

    function: Any
    inputs: tuple[Input, ...]
    can_be_filled: bool
    goes_element_by_element: bool


class _Number(operand_tokens.Number):  # type: ignore[misc]
    """A number; the library's own does not read exponents without a sign, as in 1E308."""

    _re = re.compile(operand_tokens.Number._re.pattern.replace("E[+-]", "E[+-]?"), re.IGNORECASE)


class _Reference(operand_tokens.Range):  # type: ignore[misc]
    """A reference that keeps its dollar signs, so that A3 and $A$3 are two inputs."""

    def process(self, match: Any, context: Any = None, parser: Any = None) -> dict[str, Any]:
        parts: dict[str, Any] = super().process(match, context, parser)
        if parts and not self.is_name and "indirect" not in parts:
            written = match[0].strip().rpartition("!")[2].upper()
            parts |= {"name": f"{parts['sheet_id']}!{written}", "written": written}
        return parts

    @property
    def is_name(self) -> bool:
        """Whether it is a defined name."""
        return bool(self.attr.get("is_reference"))


class _Parser(formulas.Parser):  # type: ignore[misc]
    """The library's parser with these two tokens in place of its own."""

    filters: ClassVar[list[type]] = [
        {operand_tokens.Number: _Number, operand_tokens.Range: _Reference}.get(token, token)
        for token in formulas.Parser.filters
    ]


class Compiler:
    """Compiles the formulas of one workbook.

    `sheets` are its sheets, `names` what its defined names stand for, by sheet (None for the
    workbook) and name.
    """

    def __init__(self, sheets: Sequence[str], names: Mapping[tuple[str | None, str], str]) -> None:
        self._sheets = {sheet_id(sheet): sheet for sheet in sheets}
        self._names = {(scope, name.upper()): meaning for (scope, name), meaning in names.items()}

    def compile(self, text: str, home: CellArea) -> CompiledFormula:
        """The formula of the cells `home`; raises `CannotCalculateError` where that fails."""
        context = _context(home.sheet)
        tokens, builder = _parsed(text, home.sheet)
        for token in tokens:
            _require_known(token)
        references = {token.name: token for token in tokens if isinstance(token, _Reference)}
        named = {
            name: self._named_cells(token, home.sheet)
            for name, token in references.items()
            if token.is_name
        }
        here = Ranges((library_area(home),))
        try:
            function = builder.compile(references=named, context=context, **{CELL: here})
        except Exception as error:
            raise failure(error) from error
        inputs: list[Input] = []
        can_be_filled = not any(map(_asks_for_its_place, tokens))
        for name, ranges in function.inputs.items():
            if name in references and name not in named:
                areas = [self._corners(references[name].attr)]
            else:
                # What the library joined while compiling no longer tells what of it moves.
                can_be_filled = can_be_filled and name in named
                areas = [self._fixed(area) for area in _areas(name, ranges)]
            inputs.append(Input(tuple(areas), _is_read(builder.dsp, name)))
        elementwise = all(map(_goes_element_by_element, tokens))
        return CompiledFormula(
            function,
            tuple(inputs),
            can_be_filled,
            can_be_filled and elementwise and all(one.is_cell for one in inputs),
        )

    def _named_cells(self, token: _Reference, sheet: str) -> Ranges:
        """The cells that a name stands for, as the library takes them."""
        name = str(token.attr["ref"]).upper()
        meaning = self._names.get((sheet, name), self._names.get((None, name)))
        if meaning is None:
            raise CannotCalculateError(
                Text(f"nothing has the name {name}", f"{name}(이)라는 이름이 없습니다")
            )
        tokens, _ = _parsed(f"={meaning}", sheet)
        areas = [token for token in tokens if isinstance(token, _Reference) and not token.is_name]
        separators = sum(isinstance(token, operator_tokens.Separator) for token in tokens)
        if not areas or len(tokens) != len(areas) + separators:
            raise CannotCalculateError(
                Text(
                    f"the name {name} stands for {meaning}, not for cells",
                    f"{name}(이)라는 이름이 셀이 아니라 {meaning}을(를) 뜻합니다",
                )
            )
        cells = Input(tuple(self._corners(token.attr) for token in areas), is_read=True)
        if cells.moves:
            raise CannotCalculateError(
                Text(
                    f"the name {name} stands for other cells in each cell",
                    f"{name}(이)라는 이름이 셀마다 다른 셀을 뜻합니다",
                )
            )
        return Ranges(tuple(map(library_area, cells.filled(0, 0))))

    def _corners(self, parts: Mapping[str, Any]) -> tuple[str, Corner, Corner]:
        """The sheet and the corners of a reference as it was written."""
        if "written" not in parts:
            return self._fixed(parts)
        return self._sheet(parts), *corners(parts["written"])

    def _fixed(self, parts: Mapping[str, Any]) -> tuple[str, Corner, Corner]:
        """The sheet and the corners of an area of the library."""
        first = Corner(int(parts["r1"]), int(parts["n1"]), True, True)
        last = Corner(int(parts["r2"]), int(parts["n2"]), True, True)
        return self._sheet(parts), first, last

    def _sheet(self, parts: Mapping[str, Any]) -> str:
        sheet = self._sheets.get(parts["sheet_id"])
        if sheet is None:
            raise CannotCalculateError(
                Text(
                    f"{parts['sheet_id']} is not a sheet of this workbook",
                    f"{parts['sheet_id']}은(는) 이 통합 문서의 시트가 아닙니다",
                )
            )
        return sheet


def library_area(area: CellArea) -> dict[str, Any]:
    """An area as the library has it."""
    left, right = letters_of(area.left), letters_of(area.right)
    first, last = f"{left}{area.top}", f"{right}{area.bottom}"
    ref = first if first == last else f"{first}:{last}"
    sheet = sheet_id(area.sheet)
    return {
        **{"sheet_id": sheet, "ref": ref, "name": f"{sheet}!{ref}"},
        **{"n1": area.left, "n2": area.right, "c1": left, "c2": right},
        **{"r1": str(area.top), "r2": str(area.bottom)},
    }


@functools.cache
def sheet_id(sheet: str) -> str:
    """What the library calls a sheet of the workbook."""
    return str(Ranges.get_range("A1", _context(sheet))["sheet_id"])


def _context(sheet: str) -> dict[str, str]:
    return {"filename": BOOK, "sheet": sheet}


def _parsed(text: str, sheet: str) -> tuple[list[Any], Any]:
    try:
        tokens, builder = _Parser().ast(text, context=_context(sheet))
    except BaseError:
        raise CannotCalculateError(
            Text("it cannot be parsed", "수식을 해석할 수 없습니다")
        ) from None
    except Exception as error:
        raise failure(error) from error
    return tokens, builder


def _require_known(token: Any) -> None:
    """Refuse a function that the library does not have."""
    if isinstance(token, function_tokens.Function) and _function(token) is not_implemented:
        raise CannotCalculateError(
            Text(f"it has no function {token.name}", f"{token.name} 함수가 없습니다")
        )


def _function(token: Any) -> Any:
    return formulas.get_functions().get(token.name.upper(), not_implemented)


def _asks_for_its_place(token: Any) -> bool:
    """Whether the result depends on the cell that the formula stands in, as that of ROW()."""
    if token.name == "@":
        return True
    function = _function(token) if isinstance(token, function_tokens.Function) else None
    return isinstance(function, dict) and CELL in function.get("extra_inputs", ())


def _is_read(graph: Any, name: str) -> bool:
    """Whether any function that takes the input needs its values."""
    takers = [graph.nodes[taker].get("function") for taker in graph.dmap.succ[name]]
    return not takers or any(taker not in _place_functions() for taker in takers)


@functools.cache
def _place_functions() -> list[Any]:
    known = [formulas.get_functions()[name] for name in PLACE_FUNCTIONS]
    return [one["function"] if isinstance(one, dict) else one for one in known]


def _goes_element_by_element(token: Any) -> bool:
    if isinstance(token, function_tokens.Function):
        return token.name.upper() in ELEMENTWISE
    is_argument = isinstance(token, operator_tokens.Separator)
    return is_argument or token.name not in _JOINING_RANGES


def _areas(name: str, ranges: Any) -> Sequence[Mapping[str, Any]]:
    """The areas of an input that the library does not take from a reference."""
    if not isinstance(ranges, Ranges) or not ranges.ranges:
        raise CannotCalculateError(
            Text(f"it cannot tell the cells of {name}", f"{name}의 셀을 알 수 없습니다")
        )
    areas: Sequence[Mapping[str, Any]] = ranges.ranges
    return areas


def failure(error: Exception) -> CannotCalculateError:
    """The refusal for an exception of the library."""
    cause = getattr(error, "ex", error)
    return CannotCalculateError(
        Text(
            f"it fails with {type(cause).__name__}: {cause}",
            f"{type(cause).__name__} 오류가 납니다: {cause}",
        )
    )
