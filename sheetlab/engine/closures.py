"""Blocks whose cells need each other, of any values: each formula as a function of a cell.

What `loops` does for numbers is done here for texts, truth values, errors and blanks as well, and
for functions and lookups of single values. A lowered formula becomes a Python function of a row and
a column, put together from the functions of its parts. The values of the cells stand in lists, into
which the results go in the order of the loop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sheetlab.engine import budget, functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import column_of, converted, is_array, operated, signed, truths
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import MAY_REFER, Columns, of_values
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.loops import Frame, NoLoopError, Order, orders_of
from sheetlab.engine.lowering import (
    Applied,
    Cell,
    Chosen,
    Constant,
    Instead,
    Interpreted,
    Joined,
    LeftOut,
    Numbered,
    Operation,
    Ranged,
    Reduced,
    Signed,
    Truths,
    Window,
    parts_of,
)
from sheetlab.engine.syntax.expression import Area, Call, Literal
from sheetlab.engine.values.arrays import NOT_AVAILABLE, first, packed
from sheetlab.engine.values.operators import ARITHMETIC
from sheetlab.engine.values.value import Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

CellFunction = Callable[[int, int], Any]

_OF_TRUTHS: dict[np.ufunc, Callable[[list[bool]], bool]] = {
    np.logical_and: all,
    np.logical_or: any,
}
# The values of so many cells are held in lists at most.
_MOST_CELLS = 8_000_000
# So many cells of a range are read anew for each cell at most.
_MOST_READ = 256


def calculate_values(blocks: Sequence[Block], columns: Columns) -> None:
    """Calculate the stale cells of blocks that need each other, into the grids.

    Raises `NoLoopError`, and calculates nothing, where the cells cannot be taken in order, or only
    the interpreter can calculate them.
    """
    frame, order = next(iter(orders_of(blocks).items()))
    # Those that have their values are read from the grids.
    stale = [block for block in order.blocks if block.stale]
    _calculate(frame, Order(stale, order.ways), columns)


def _calculate(frame: Frame, order: Order, columns: Columns) -> None:
    closures = _Closures(order.blocks, columns)
    formulas = [closures.of(block, block.program) for block in order.blocks]
    steps = [frame.steps(block) for block in order.blocks]
    for step in _all_steps(steps, frame.direction):
        for block, own, formula in zip(order.blocks, steps, formulas, strict=True):
            if step in own:
                sheet = closures.sheets[block.cells.sheet]
                width = frame.width(block)
                for place in width if order.ways.get(block, 1) > 0 else reversed(width):
                    row, column = (step, place) if frame.down else (place, step)
                    value = formula(row, column)
                    sheet.rows[row - sheet.top][column - sheet.left] = (
                        0.0 if value is None else value
                    )
    for block in order.blocks:
        closures.write(block)


def _all_steps(steps: Sequence[range], direction: int) -> Any:
    steps = [one for one in steps if one]
    if not steps:
        return range(0)
    whole = range(min(one.start for one in steps), max(one.stop for one in steps))
    return whole if direction > 0 else reversed(whole)


@dataclass(slots=True)
class _Sheet:
    """The values of a part of a sheet, row by row."""

    top: int
    left: int
    rows: list[list[Any]]


@dataclass(slots=True)
class _Closures:
    """Makes functions of cells of the operations of some blocks."""

    blocks: list[Block]
    columns: Columns
    sheets: dict[str, _Sheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reaches: dict[str, CellRange] = {}
        for block in self.blocks:
            reaches[block.cells.sheet] = _around(reaches.get(block.cells.sheet), block.cells)
            for area in self._read_inside(block, block.program):
                read = block.read_range(area)
                reaches[read.sheet] = _around(reaches.get(read.sheet), read)
        for sheet, cells in reaches.items():
            rows, across = cells.shape
            if rows * across > _MOST_CELLS:
                raise NoLoopError
            budget.current().reserve(rows * across)
            values = self.columns.grids[sheet].table(*cells[1:]).tolist()
            self.sheets[sheet] = _Sheet(cells.top, cells.left, values)
        count = sum(len(block.stale) * len(block.columns) for block in self.blocks)
        budget.current().run(count * 4)

    def _read_inside(self, block: Block, operation: Operation) -> list[Area]:
        """The areas by which a block reads cells of these blocks."""
        found, stack = [], [operation]
        while stack:
            part = stack.pop()
            if isinstance(part, Cell | Window) and self._is_inside(block, part.area):
                found.append(part.area)
            stack += parts_of(part)
        return found

    def _is_inside(self, block: Block, area: Area) -> bool:
        read = block.read_range(area)
        return any(read.overlaps(other.cells) for other in self.blocks)

    def of(self, block: Block, operation: Operation) -> CellFunction:
        """The function of a cell that an operation is in a block."""
        if isinstance(operation, Constant):
            value = operation.value
            return lambda row, column: value
        if isinstance(operation, LeftOut):
            instead = operation.instead
            return lambda row, column: instead
        if not self._needs_loop(block, operation):
            return self._given(block, operation)
        return _MAKERS[type(operation)](self, block, operation)

    def _needs_loop(self, block: Block, operation: Operation) -> bool:
        stack = [operation]
        while stack:
            part = stack.pop()
            if isinstance(part, Cell | Window) and self._is_inside(block, part.area):
                return True
            may_read = isinstance(part, Interpreted) and not part.fixed
            if may_read and any(self._is_inside(block, area) for area in block.reads):
                # What it reads is not told by its parts.
                raise NoLoopError
            stack += parts_of(part)
        return False

    def _given(self, block: Block, operation: Operation) -> CellFunction:
        """What needs no cell of these blocks, calculated for all cells at once."""
        rows, columns = block.stale, block.columns
        cells = CellRange(
            block.cells.sheet, rows.start, columns.start, rows.stop - 1, columns.stop - 1
        )
        found = self.columns.column(operation, Places.rectangle(cells))
        if not is_array(found):
            return lambda row, column: found
        top, left = rows.start, columns.start
        listed = found.tolist()
        if found.shape == (1, 1):
            single = listed[0][0]
            return lambda row, column: single
        if found.shape[1] == 1:
            down = [line[0] for line in listed]
            return lambda row, column: down[row - top]
        if found.shape[0] == 1:
            across = listed[0]
            return lambda row, column: across[column - left]
        return lambda row, column: listed[row - top][column - left]

    def cell(self, block: Block, operation: Cell) -> CellFunction:
        """A cell of the part of a sheet that is held in lists."""
        area = operation.area
        sheet = self.sheets[area.sheet or block.cells.sheet]
        rows = sheet.rows
        (fixed_row, row_value), (fixed_column, column_value) = area.top, area.left
        down, right = row_value - sheet.top, column_value - sheet.left
        limits = MAX_ROW, MAX_COLUMN
        read = block.read_range(area)
        if not fixed_row and not (
            block.cells.top + row_value >= 1 and block.cells.bottom + row_value <= limits[0]
        ):
            raise NoLoopError
        if not fixed_column and not (
            block.cells.left + column_value >= 1 and block.cells.right + column_value <= limits[1]
        ):
            raise NoLoopError
        if fixed_row and fixed_column:
            line, place = rows[down], right
            return lambda row, column: line[place]
        if fixed_row:
            line = rows[read.top - sheet.top]
            return lambda row, column: line[column + right]
        if fixed_column:
            return lambda row, column: rows[row + down][right]
        return lambda row, column: rows[row + down][column + right]

    def joined(self, block: Block, operation: Joined) -> CellFunction:
        """Binary operators, from the left on."""
        date_1904 = self.columns.source.date_1904
        found = self.of(block, operation.first)
        for sign, operand in operation.rest:
            found = _operator(sign, found, self.of(block, operand), date_1904)
        return found

    def signed(self, block: Block, operation: Signed) -> CellFunction:
        """A sign or `%`."""
        operand, sign = self.of(block, operation.operand), operation.sign
        date_1904 = self.columns.source.date_1904
        return lambda row, column: signed(sign, operand(row, column), date_1904)

    def chosen(self, block: Block, operation: Chosen) -> CellFunction:
        """One of two values."""
        condition = self.of(block, operation.condition)
        then, otherwise = self.of(block, operation.then), self.of(block, operation.otherwise)

        def value(row: int, column: int) -> Any:
            truth = truths(condition(row, column))
            if truth is True:
                return then(row, column)
            return otherwise(row, column) if truth is False else truth

        return value

    def instead(self, block: Block, operation: Instead) -> CellFunction:
        """A value, or another where it is an error."""
        value, otherwise = self.of(block, operation.value), self.of(block, operation.otherwise)
        only_na = operation.only_na

        def found(row: int, column: int) -> Any:
            known = value(row, column)
            if type(known) is CellError and (not only_na or known == NOT_AVAILABLE):
                return otherwise(row, column)
            return known

        return found

    def truths(self, block: Block, operation: Truths) -> CellFunction:
        """AND, OR, XOR."""
        parts = [self.of(block, part) for part in operation.arguments]
        cells = [isinstance(part, Cell) for part in operation.arguments]
        call, quick = self._function(operation.name).call, _OF_TRUTHS.get(operation.join)
        refer = [type(part) in MAY_REFER for part in operation.arguments]

        def value(row: int, column: int) -> Any:
            values = [part(row, column) for part in parts]
            if quick is not None and set(map(type, values)) == {bool}:
                return quick(values)
            for known, may_refer in zip(values, refer, strict=True):
                if may_refer and (known is None or type(known) is str):
                    # Only the interpreter knows whether it comes out of a cell.
                    raise NoLoopError
            return of_values(call, values, cells)

        return value

    def applied(self, block: Block, operation: Applied) -> CellFunction:
        """A function of single values."""
        function = self._function(operation.name)
        date_1904 = self.columns.source.date_1904
        parts = [self.of(block, part) for part in operation.arguments]
        kinds = [
            None if isinstance(part, LeftOut) else function.parameter(place)
            for place, part in enumerate(operation.arguments)
        ]

        def value(row: int, column: int) -> Any:
            arguments = []
            for part, kind in zip(parts, kinds, strict=True):
                argument = part(row, column)
                if kind is not None:
                    argument = converted(argument, kind, date_1904)
                    if type(argument) is CellError and not function.takes_errors:
                        return argument
                arguments.append(argument)
            return first(invoke(function.call, arguments))

        return value

    def reduced(self, block: Block, operation: Reduced) -> CellFunction:
        """A function of all numbers in small windows."""
        assert isinstance(operation.expression, Call)
        function = self._function(operation.expression.function)
        parts = [
            self._window(block, part.area)
            if isinstance(part, Window)
            else self._single(block, part)
            for part in operation.arguments
        ]

        def value(row: int, column: int) -> Any:
            arguments = [part(row, column) for part in parts]
            if not function.takes_errors:
                for argument in arguments:
                    for element in argument.array.ravel().tolist():
                        if type(element) is CellError:
                            return element
            return first(invoke(function.call, arguments))

        return value

    def _window(self, block: Block, area: Area) -> CellFunction:
        """The values of a range."""
        sheet_name = area.sheet or block.cells.sheet
        if not self._is_inside(block, area):
            cells = block.read_range(area)
            if not all(end.absolute for end in (area.top, area.left, area.bottom, area.right)):
                raise NoLoopError
            table = self.columns.tables.table(self.columns.source.used(cells)).values
            fixed = Values(table, from_cells=True)
            return lambda row, column: fixed
        sheet = self.sheets[sheet_name]

        def values(row: int, column: int) -> Values:
            top, bottom = sorted((area.top.at(row), area.bottom.at(row)))
            left, right = sorted((area.left.at(column), area.right.at(column)))
            if (bottom - top + 1) * (right - left + 1) > _MOST_READ:
                raise NoLoopError
            lines = sheet.rows[top - sheet.top : bottom - sheet.top + 1]
            places = slice(left - sheet.left, right - sheet.left + 1)
            elements = [element for line in lines for element in line[places]]
            return Values(packed(elements, (bottom - top + 1, right - left + 1)), from_cells=True)

        return values

    def _single(self, block: Block, operation: Operation) -> CellFunction:
        part = self.of(block, operation)
        return lambda row, column: Values(packed([part(row, column)], (1, 1)), from_cells=False)

    def ranged(self, block: Block, operation: Ranged) -> CellFunction:
        """A function of ranges outside of the loop, such as a lookup of a value inside."""
        for part in operation.arguments:
            if isinstance(part, Window):
                ends = (part.area.top, part.area.left, part.area.bottom, part.area.right)
                if self._is_inside(block, part.area) or not all(end.absolute for end in ends):
                    raise NoLoopError
        parts = [
            None if isinstance(part, Window) else self.of(block, part)
            for part in operation.arguments
        ]
        sheet, columns = block.cells.sheet, self.columns

        def value(row: int, column: int) -> Any:
            arguments = tuple(
                given if part is None else Constant(Literal(part(row, column)))
                for given, part in zip(operation.arguments, parts, strict=True)
            )
            place = Places.rectangle(CellRange(sheet, row, column, row, column))
            found = columns.column(replace(operation, arguments=arguments), place)
            return found.item() if is_array(found) else found

        return value

    def numbered(self, block: Block, operation: Numbered) -> CellFunction:
        """The number of a row or column."""
        if operation.area is not None:
            raise NoLoopError
        return (
            (lambda row, column: float(row))
            if operation.of_row
            else (lambda row, column: float(column))
        )

    def refused(self, block: Block, operation: Interpreted) -> CellFunction:
        """What only the interpreter can do."""
        raise NoLoopError

    def _function(self, name: str) -> Function:
        function = functions.find(name, self.columns.source.date_1904)
        if function is None:
            raise NoLoopError
        return function

    def write(self, block: Block) -> None:
        """Put the values of a block's stale cells into its grid."""
        rows, columns = block.stale, block.columns
        if not rows:
            return
        sheet = self.sheets[block.cells.sheet]
        places = slice(columns.start - sheet.left, columns.stop - sheet.left)
        lines = sheet.rows[rows.start - sheet.top : rows.stop - sheet.top]
        listed = [value for line in lines for value in line[places]]
        table = column_of(listed, (len(rows), len(columns)))
        if table.dtype == np.bool_:
            table = table.astype(object)
        self.columns.grids[block.cells.sheet].write_table(rows.start, columns.start, table)


def _around(one: CellRange | None, other: CellRange) -> CellRange:
    if one is None:
        return other
    return CellRange(
        one.sheet,
        min(one.top, other.top),
        min(one.left, other.left),
        max(one.bottom, other.bottom),
        max(one.right, other.right),
    )


def _operator(sign: str, left: CellFunction, right: CellFunction, date_1904: bool) -> CellFunction:
    arithmetic = ARITHMETIC.get(sign)

    def value(row: int, column: int) -> Scalar:
        one, other = left(row, column), right(row, column)
        if arithmetic is not None and type(one) is float and type(other) is float:
            return arithmetic(one, other)
        found: Scalar = operated(sign, one, other, date_1904)
        return found

    return value


_MAKERS: dict[type, Callable[[_Closures, Block, Any], CellFunction]] = {
    Applied: _Closures.applied,
    Cell: _Closures.cell,
    Chosen: _Closures.chosen,
    Instead: _Closures.instead,
    Interpreted: _Closures.refused,
    Joined: _Closures.joined,
    Numbered: _Closures.numbered,
    Ranged: _Closures.ranged,
    Reduced: _Closures.reduced,
    Signed: _Closures.signed,
    Truths: _Closures.truths,
}
