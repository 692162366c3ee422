"""Expressions with every name, table and sheet replaced by what it stands for in the workbook."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetlab.engine import functions
from sheetlab.engine.cell_range import sheets_and_ranges
from sheetlab.engine.functions.kernels import Conditional
from sheetlab.engine.reading.workbook import Table, Workbook
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
    Name,
    Structured,
    Unary,
    operands,
)
from sheetlab.engine.syntax.parser import MAX_DEPTH, FormulaError, parse
from sheetlab.files.address import MAX_ROW
from sheetlab.files.cell_value import CellError

# What functions read, or give, that cannot be told from the text of a formula.
NOT_OF_THE_TEXT = frozenset(("clock", "random", "unknown"))
# Names that stand for each other would make a short formula endless.
_MAX_SIZE = 100_000
# So do names that many formulas name; what is one area or constant counts for nothing.
_MAX_SIZE_OF_NAMES = 1_000_000
_NO_REFERENCE = Literal(CellError("#REF!"))
_NO_NAME = Literal(CellError("#NAME?"))
_NO_VALUE = Literal(CellError("#VALUE!"))
_ALL_ROWS = range(1, MAX_ROW + 1)
# Most parts of formulas are of these types, and read nothing but themselves.
_LEAVES = (Area, Literal)


class _Place(NamedTuple):
    """Where an expression stands: its cell, the rows that it is filled into, how it came there.

    `bound` are the variables of the LETs and LAMBDAs around it, `within` the names that are being
    replaced, both in lower case.
    """

    sheet: str
    row: int
    column: int
    rows: range
    bound: frozenset[str] = frozenset()
    within: tuple[str, ...] = ()

    def knowing(self, variables: frozenset[str]) -> "_Place":
        """The same place, with these variables as well."""
        return self._replace(bound=self.bound | variables)


class Resolver:
    """Replaces the names in expressions by what the workbook says that they mean."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheets = {name.lower(): name for name in (*workbook.sheets, *workbook.other_books)}
        self._meanings: dict[tuple[str | None, str], Expression | None] = {}
        self._columns: dict[str, dict[str, int]] = {}
        self._names: set[str] | None = None
        self._size = 0
        self._size_of_names = 0
        self.depends_on_place = False

    def find_sheet(self, name: str) -> str | None:
        """The sheet of that name, which may differ in case."""
        return self._sheets.get(name.lower())

    def is_name(self, name: str) -> bool:
        """Whether the workbook defines a name, for any of its sheets."""
        if self._names is None:
            self._names = {name for _, name in self._workbook.names}
        return name.lower() in self._names

    def find_name(self, name: str, sheet: str | None) -> str | None:
        """The text that a defined name stands for, as seen from a sheet."""
        key = self._scope(name, sheet)
        return None if key is None else self._workbook.names[key][1]

    def named_lambda(self, name: str, sheet: str) -> Expression | None:
        """The LAMBDA that a defined name stands for."""
        meaning = self._meaning(name, sheet)
        if isinstance(meaning, Call) and meaning.function == "LAMBDA":
            return self.resolve(meaning, sheet, 1, 1, _ALL_ROWS)
        return None

    def resolve(
        self,
        expression: Expression,
        sheet: str,
        row: int,
        column: int,
        rows: range | None = None,
    ) -> Expression:
        """The expression of a formula in a cell of `sheet`, with nothing left to look up.

        `rows` are those that it is filled into, the cell's own where they are left out.
        What is left as `Name` is a variable of LET, a parameter or the name of a LAMBDA, or
        unknown; where another cell would be given another expression, `depends_on_place` is true
        afterwards. Raises `FormulaError` for a name that refers to itself, and where an expression
        becomes too large by what its names stand for.
        """
        self._size = 0
        self.depends_on_place = False
        filled = range(row, row + 1) if rows is None else rows
        return self._resolve(expression, _Place(sheet, row, column, filled), 0)

    def _resolve(self, expression: Expression, place: "_Place", depth: int) -> Expression:
        self._count(1, place, depth)
        if type(expression) in (Literal, Missing):
            return expression
        if type(expression) is Area:
            return self._area(expression, place, depth)
        depth += 1

        def inner(part: Expression) -> Expression:
            return self._resolve(part, place, depth)

        match expression:
            case Structured():
                return self._structured(expression, place)
            case Name(name, None) if name.lower() in place.bound:
                return expression
            case Name(name, said_sheet):
                return self._name(expression, said_sheet or place.sheet, place, depth)
            case Call("LET", arguments):
                variables = [_variable(part) for part in arguments[:-1:2]]
                parts = []
                known: frozenset[str] = frozenset()
                for index, part in enumerate(arguments):
                    is_variable = index % 2 == 0 and index < len(arguments) - 1
                    parts.append(
                        part if is_variable else self._resolve(part, place.knowing(known), depth)
                    )
                    if index % 2 == 1:
                        known |= {variables[index // 2]}
                return Call("LET", tuple(parts))
            case Call("LAMBDA", arguments):
                parameters = frozenset(_variable(part) for part in arguments[:-1])
                inside = place.knowing(parameters)
                body = tuple(self._resolve(part, inside, depth) for part in arguments[-1:])
                return Call("LAMBDA", (*arguments[:-1], *body))
            case Call(function, arguments):
                return Call(function, tuple([inner(part) for part in arguments]))
            case Apply(function, arguments):
                return Apply(inner(function), tuple(inner(part) for part in arguments))
            case Unary(operator, operand):
                return Unary(operator, inner(operand))
            case Chain(first, rest):
                return Chain(inner(first), tuple([(sign, inner(part)) for sign, part in rest]))
            case Join(operator, left, right):
                return _spanned(operator, inner(left), inner(right))
            case _:
                return expression

    def _count(self, parts: int, place: "_Place", depth: int) -> None:
        """Count what an expression grows by; `FormulaError` where that is too much."""
        self._size += parts
        if place.within:
            self._size_of_names += parts
        is_too_large = self._size > _MAX_SIZE or self._size_of_names > _MAX_SIZE_OF_NAMES
        if is_too_large or depth > MAX_DEPTH:
            raise FormulaError("too_large_by_names")

    def _area(self, area: Area, place: "_Place", depth: int) -> Expression:
        sheet = place.sheet
        said = sheet if area.sheet is None else self.find_sheet(area.sheet)
        if said is None:
            return _NO_REFERENCE
        if area.last_sheet is None:
            return area if area.sheet == said else replace(area, sheet=said)
        last = self.find_sheet(area.last_sheet)
        names = list(self._workbook.sheets)
        if last not in names or said not in names:
            return _NO_REFERENCE
        begin, end = sorted((names.index(said), names.index(last)))
        self._count(end - begin, place, depth)
        return _union(
            [replace(area, sheet=name, last_sheet=None) for name in names[begin : end + 1]]
        )

    def _name(self, name: Name, sheet: str, place: "_Place", depth: int) -> Expression:
        key = name.name.lower()
        if key in self._workbook.tables:
            table = Structured(name.name, (), ())
            return self._structured(table, place)
        meaning = self._meaning(name.name, sheet)
        if meaning is None:
            return name
        if isinstance(meaning, Call) and meaning.function == "LAMBDA":
            return Name(name.name)
        if key in place.within:
            raise FormulaError("name_of_itself", name=name.name)
        # The variables of the formula are none of the name's.
        is_short = isinstance(meaning, Area | Literal)
        within = place.within if is_short else (*place.within, key)
        inside = place._replace(sheet=sheet, bound=frozenset(), within=within)
        return self._resolve(meaning, inside, depth)

    def _meaning(self, name: str, sheet: str | None) -> Expression | None:
        """What a name stands for, relative to A1 as Excel stores it; None for no such name."""
        key = self._scope(name, sheet)
        if key is None:
            return None
        if key not in self._meanings:
            text = self._workbook.names[key][1]
            try:
                # Between arguments a comma separates; only in parentheses does it join areas.
                self._meanings[key] = parse(
                    f"({text})" if len(sheets_and_ranges(text)) > 1 else text, 1, 1
                )
            except FormulaError:
                self._meanings[key] = _NO_NAME
        return self._meanings[key]

    def _scope(self, name: str, sheet: str | None) -> tuple[str | None, str] | None:
        found = None if sheet is None else self.find_sheet(sheet)
        for scope in (found, None):
            if (scope, name.lower()) in self._workbook.names:
                return scope, name.lower()
        return None

    def _structured(self, reference: Structured, place: "_Place") -> Expression:
        self.depends_on_place |= reference.table is None or "#this row" in reference.items
        table = self._table(reference.table, place.sheet, place.row, place.column)
        if table is None:
            return _NO_NAME if reference.table else _NO_REFERENCE
        cells = table.cells
        left, right = cells.left, cells.right
        if reference.columns:
            columns_of_table = self._columns_of(table)
            wanted = [name.lower() for name in reference.columns]
            if not columns_of_table.keys() >= set(wanted):
                return _NO_REFERENCE
            places = [cells.left + columns_of_table[name] for name in wanted]
            left, right = min(places), max(places)
        first_data, last_data = cells.top + table.header_rows, cells.bottom - table.totals_rows
        columns = (Axis(True, left), Axis(True, right))
        if "#this row" in reference.items:
            here = Axis(False, 0)
            area = Area(cells.sheet, here, columns[0], here, columns[1])
            return _within_rows(area, first_data, last_data, place.rows)
        parts = {
            "#headers": (cells.top, first_data - 1),
            "#data": (first_data, last_data),
            "#totals": (last_data + 1, cells.bottom),
            "#all": (cells.top, cells.bottom),
        }
        chosen = [parts[item] for item in reference.items or ("#data",) if item in parts]
        if not chosen or any(top > bottom for top, bottom in chosen):
            return _NO_REFERENCE
        top, bottom = min(top for top, _ in chosen), max(bottom for _, bottom in chosen)
        return Area(cells.sheet, Axis(True, top), columns[0], Axis(True, bottom), columns[1])

    def _table(self, name: str | None, sheet: str, row: int, column: int) -> Table | None:
        tables = self._workbook.tables
        if name is not None:
            return tables.get(name.lower())
        for table in tables.values():
            cells = table.cells
            inside = cells.top <= row <= cells.bottom and cells.left <= column <= cells.right
            if cells.sheet == sheet and inside:
                return table
        return None

    def _columns_of(self, table: Table) -> dict[str, int]:
        """The place of each column of a table by its name in lower case."""
        if table.name not in self._columns:
            places = enumerate(table.columns)
            # Of two columns with one name the first counts.
            self._columns[table.name] = {name.lower(): at for at, name in reversed([*places])}
        return self._columns[table.name]

    def reference(self, text: str, sheet: str, row: int, column: int) -> Expression | None:
        """What a text such as "Data!B2:B9" or a name means in a cell; None where it is none."""
        try:
            parsed = parse(text, row, column)
            found = self.resolve(parsed, sheet, row, column)
        except FormulaError:
            return None
        return found if isinstance(found, Area | Join) else None


def areas(parts: Sequence[Expression]) -> tuple[Area, ...]:
    """All areas among the parts of a resolved expression."""
    return tuple(dict.fromkeys([part for part in parts if isinstance(part, Area)]))


def is_dynamic(parts: Sequence[Expression]) -> bool:
    """Whether what has these parts reads cells that its text does not tell."""
    return any(
        functions.reads(part.function) == "unknown" or _reads_beyond(part)
        if isinstance(part, Call)
        else isinstance(part, Join) and part.operator == ":"
        for part in parts
        if type(part) not in _LEAVES
    )


def is_volatile(parts: Sequence[Expression]) -> bool:
    """Whether what has these parts has another result each time, or one that nothing tells."""
    return any(
        functions.reads(part.function) in NOT_OF_THE_TEXT
        for part in parts
        if isinstance(part, Call)
    )


def resizes(function: str) -> bool:
    """Whether one of the ranges that a function reads takes its size from another."""
    kernel = functions.kernel(function)
    return isinstance(kernel, Conditional) and kernel.resized


def _reads_beyond(expression: Expression) -> bool:
    """Whether a conditional sum reads more than the range it is given, to match the first."""
    match expression:
        case Call(function, (tested, _, summed)) if resizes(function):
            return not (isinstance(summed, Missing) or _same_shape(tested, summed))
        case _:
            return False


def _same_shape(one: Expression, other: Expression) -> bool:
    """Whether two areas have the same number of rows and columns, for any cell."""
    if not (isinstance(one, Area) and isinstance(other, Area)):
        return False
    pairs = (
        ((one.top, one.bottom), (other.top, other.bottom)),
        ((one.left, one.right), (other.left, other.right)),
    )
    return all(ends == others or _length(ends) == _length(others) > 0 for ends, others in pairs)


def _length(ends: tuple[Axis, Axis]) -> int:
    """How many rows or columns lie between two ends; 0 where that depends on the cell."""
    first, last = ends
    return last.value - first.value + 1 if first.absolute == last.absolute else 0


def parts_read(
    expression: Expression, named_lambda: Callable[[str], Expression | None]
) -> list[Expression]:
    """A resolved expression and all inside of it whose cells it reads, also in its LAMBDAs."""
    found: list[Expression] = []
    seen: set[str] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        found.append(part)
        if type(part) in _LEAVES:
            continue
        if isinstance(part, Name | Call):
            name = part.name if isinstance(part, Name) else part.function
            if name not in seen:
                seen.add(name)
                body = named_lambda(name)
                if body is not None and name.lower() not in seen:
                    seen.add(name.lower())
                    stack.append(body)
        stack.extend(_read_operands(part))
    return found


def _read_operands(expression: Expression) -> tuple[Expression, ...]:
    """The parts of an expression whose cells it reads, not only their place."""
    parts = operands(expression)
    if isinstance(expression, Call) and functions.reads(expression.function) == "place":
        return tuple(part for part in parts if not isinstance(part, Area))
    return parts


def _within_rows(area: Area, first: int, last: int, rows: range) -> Expression:
    """What an area means in those of some rows that lie from `first` to `last`, else #VALUE!."""
    if first <= rows[0] and rows[-1] <= last:
        return area
    if last < rows[0] or rows[-1] < first:
        return _NO_VALUE
    row = Call("ROW", ())
    inside = Call(
        "AND",
        (
            Chain(row, ((">=", Literal(float(first))),)),
            Chain(row, (("<=", Literal(float(last))),)),
        ),
    )
    return Call("IF", (inside, area, _NO_VALUE))


def _union(areas: Sequence[Expression]) -> Expression:
    """Areas as one reference, not deeper than needed."""
    if len(areas) == 1:
        return areas[0]
    middle = len(areas) // 2
    return Join(",", _union(areas[:middle]), _union(areas[middle:]))


def _variable(expression: Expression) -> str:
    return expression.name.lower() if isinstance(expression, Name) else ""


def _spanned(operator: str, left: Expression, right: Expression) -> Expression:
    """Two references joined; where `:` joins two cells of one sheet, the range between them."""
    if operator != ":" or not (isinstance(left, Area) and isinstance(right, Area)):
        return Join(operator, left, right)
    axes = [left.top, left.bottom, right.top, right.bottom]
    across = [left.left, left.right, right.left, right.right]
    comparable = len({a.absolute for a in axes}) == 1 and len({a.absolute for a in across}) == 1
    if left.sheet != right.sheet or not comparable:
        return Join(operator, left, right)
    return Area(left.sheet, min(axes), min(across), max(axes), max(across))
