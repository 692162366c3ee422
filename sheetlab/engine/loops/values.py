"""Loops over any values: each formula as a function of a cell.

What loops of numbers do is done here for texts, truth values, errors and blanks as well, and for
functions and lookups of single values. A lowered formula becomes a Python function of a row and a
column, put together from the functions of its parts. The values of the cells stand in lists, into
which the results go in the order of the loop.
"""

import functools
import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sheetlab.engine import budget, functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import (
    applied_once,
    converted,
    fails,
    is_array,
    of_values,
    operated,
    signed,
    truths,
)
from sheetlab.engine.columns.places import Places
from sheetlab.engine.columns.running import MAY_REFER, Columns
from sheetlab.engine.functions.aggregates import numbers_in
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import (
    Conditional,
    Element,
    Position,
    Reduction,
    TableLookup,
)
from sheetlab.engine.loops.growing import Growing, first_place, sum_of_equals
from sheetlab.engine.loops.lists import CellLists, lists_of, write
from sheetlab.engine.loops.orders import Circle, NoLoopError, orders_of
from sheetlab.engine.loops.stretches import needs_loop
from sheetlab.engine.lowering import (
    Applied,
    Cell,
    Chosen,
    Constant,
    Instead,
    Interpreted,
    Joined,
    LeftOut,
    Operation,
    Ranged,
    Reduced,
    Selected,
    Signed,
    Truths,
    Window,
)
from sheetlab.engine.syntax.expression import Area, Axis, Call, Literal
from sheetlab.engine.values.arrays import first, first_error, packed
from sheetlab.engine.values.operators import ARITHMETIC
from sheetlab.engine.values.value import Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

CellFunction = Callable[[int, int], Any]
_Joint = Callable[[list[float]], float]

_NUM = CellError("#NUM!")

# What joins truth values that are all plain.
_OF_TRUTHS: dict[np.ufunc, Callable[[list[bool]], bool]] = {
    np.logical_and: all,
    np.logical_or: any,
}
# What joins numbers as a reduction does.
_OF_NUMBERS: dict[np.ufunc, _Joint] = {
    np.add: functools.partial(functools.reduce, operator.add),
    np.minimum: min,
    np.maximum: max,
}
# A function takes about as long for so many cells of a range that stays as for a step.
_OF_A_STEP = 64
# So many cells of a range are read anew for each cell at most.
_MOST_READ = 256


def calculate_values(blocks: Sequence[Block], columns: Columns) -> None:
    """Calculate the stale cells of blocks that need each other, into the grids.

    Raises `NoLoopError`, and calculates nothing, where the cells cannot be taken in order, or only
    the interpreter can calculate them.
    """
    circle = Circle(blocks)
    frame, order = next(iter(orders_of(circle).items()))
    # Those that have their values are read from the grids.
    stale = {block: frame.steps(block) for block in order.blocks if block.stale}
    sheets = lists_of(circle, stale, columns)
    budget.current().run(4 * sum(len(block.stale) * len(block.columns) for block in stale))
    closures = _Closures(circle, stale, columns, sheets)
    formulas = [closures.of(block, block.program) for block in stale]
    for step in frame.in_order(stale):
        for (block, own), formula in zip(stale.items(), formulas, strict=True):
            if step in own:
                sheet = sheets[block.cells.sheet]
                for place in frame.width(block)[:: order.ways.get(block, 1)]:
                    row, column = (step, place) if frame.down else (place, step)
                    value = formula(row, column)
                    sheet.rows[row - sheet.top][column - sheet.left] = (
                        0.0 if value is None else value
                    )
    for block in stale:
        write(block, sheets[block.cells.sheet], columns.grids[block.cells.sheet])


@dataclass(slots=True)
class _Closures:
    """Makes functions of cells of the operations of some blocks."""

    circle: Circle
    blocks: Collection[Block]
    columns: Columns
    sheets: dict[str, CellLists]

    def of(self, block: Block, operation: Operation) -> CellFunction:
        """The function of a cell that an operation is in a block."""
        if isinstance(operation, Constant):
            value = operation.value
            return lambda row, column: value
        if isinstance(operation, LeftOut):
            instead = operation.instead
            return lambda row, column: instead
        if not needs_loop(block, operation, self.circle, self.blocks):
            return self._given(block, operation)
        return _MAKERS[type(operation)](self, block, operation)

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
        _refuse_beyond(block, area)
        sheet = self.sheets[area.sheet or block.cells.sheet]
        rows = sheet.rows
        (fixed_row, row_value), (fixed_column, column_value) = area.top, area.left
        down, right = row_value - sheet.top, column_value - sheet.left
        if fixed_row:
            line = rows[down]
            if fixed_column:
                return lambda row, column: line[right]
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
            return otherwise(row, column) if fails(known, only_na) else known

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
        given = [not isinstance(part, LeftOut) for part in operation.arguments]
        parts = [
            (self.of(block, part), function.parameter(place) if given[place] else "scalar")
            for place, part in enumerate(operation.arguments)
        ]

        def value(row: int, column: int) -> Any:
            arguments = [converted(part(row, column), kind, date_1904) for part, kind in parts]
            return applied_once(function, arguments, given)

        return value

    def reduced(self, block: Block, operation: Reduced) -> CellFunction:
        """A function of all numbers in small windows, and in large ones that stay."""
        assert isinstance(operation.expression, Call)
        function = self._function(operation.expression.function)
        joint = None
        if not operation.kernel.prepare and operation.kernel.of_counts == "total":
            joint = _OF_NUMBERS.get(operation.kernel.combine)
        cells = [isinstance(part, Window) for part in operation.arguments]
        refer = [type(part) in MAY_REFER for part in operation.arguments]
        parts = [
            self._window(block, part.area, function, joint)
            if isinstance(part, Window)
            else self.of(block, part)
            for part in operation.arguments
        ]

        def value(row: int, column: int) -> Any:
            found = [part(row, column) for part in parts]
            kinds = set(map(type, found))
            values = found
            if list in kinds:
                values = [one for part in found for one in (part if type(part) is list else [part])]
                kinds = set(map(type, values))
            if joint is not None and kinds == {float}:
                number = joint(values)
                # Only a finite number leaves nothing when taken from itself.
                return number if number - number == 0.0 else _NUM
            if CellError in kinds and not function.takes_errors:
                return next(value for value in values if type(value) is CellError)
            arguments = []
            for part, from_cells, may_refer in zip(found, cells, refer, strict=True):
                if may_refer and type(part) is not float:
                    # Only the interpreter knows whether it comes out of a cell.
                    raise NoLoopError
                if type(part) is not Values:
                    listed = part if type(part) is list else [part]
                    part = Values(packed(listed, (1, len(listed))), from_cells)
                arguments.append(part)
            return first(invoke(function.call, arguments))

        return value

    def _window(
        self, block: Block, area: Area, function: Function, joint: _Joint | None
    ) -> CellFunction:
        """What a function takes of a range: a value, a list of them, or all as `Values`."""
        if area.is_cell:
            return self.of(block, Cell(area))
        if not needs_loop(block, Window(area), self.circle, self.blocks):
            _refuse_moving(area)
            read = self.columns.source.used(block.read_range(area))
            table = self.columns.tables.table(read).values
            error = first_error(table)
            if error is not None and not function.takes_errors:
                return lambda row, column: error
            if joint is not None:
                numbers = numbers_in(table).tolist()
                joined = [joint(numbers)] if numbers else []
                return lambda row, column: joined
            budget.current().spend(table.size * len(block.stale) * len(block.columns) / _OF_A_STEP)
            fixed = Values(table, from_cells=True)
            return lambda row, column: fixed
        _refuse_beyond(block, area)
        sheet = self.sheets[area.sheet or block.cells.sheet]

        def elements(row: int, column: int) -> list[Any]:
            top, bottom = sorted((area.top.at(row), area.bottom.at(row)))
            left, right = sorted((area.left.at(column), area.right.at(column)))
            if (bottom - top + 1) * (right - left + 1) > _MOST_READ:
                raise NoLoopError
            lines = sheet.rows[top - sheet.top : bottom - sheet.top + 1]
            places = slice(left - sheet.left, right - sheet.left + 1)
            return [element for line in lines for element in line[places]]

        return elements

    def ranged(self, block: Block, operation: Ranged) -> CellFunction:
        """A function of ranges outside of the loop, or of some that are in it."""
        known = self._element(block, operation) or self._in_growing(block, operation)
        if known is not None:
            return known
        for part in operation.arguments:
            if isinstance(part, Window):
                _refuse_moving(part.area)
                if needs_loop(block, part, self.circle, self.blocks):
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

    def _element(self, block: Block, operation: Ranged) -> CellFunction | None:
        """INDEX of a range in the loop; None for any other."""
        window, *places = operation.arguments
        if not (isinstance(operation.kernel, Element) and isinstance(window, Window)):
            return None
        if not needs_loop(block, window, self.circle, self.blocks):
            return None
        area, date_1904 = window.area, self.columns.source.date_1904
        _refuse_beyond(block, area)
        sheet = self.sheets[area.sheet or block.cells.sheet]
        parts = [self.of(block, part) for part in places]

        def value(row: int, column: int) -> Any:
            top, bottom = sorted((area.top.at(row), area.bottom.at(row)))
            left, right = sorted((area.left.at(column), area.right.at(column)))
            at = [converted(part(row, column), "number", date_1904) for part in parts]
            for place in at:
                if type(place) is CellError:
                    return place
            if len(at) == 1:
                at = [1.0, at[0]] if top == bottom else [at[0], 1.0 if left == right else 0.0]
            down, across = at
            if not (1 <= down < bottom - top + 2 and 1 <= across < right - left + 2):
                # Place 0 is a whole row or column, and what is no place is an error.
                raise NoLoopError
            return sheet.rows[top + int(down) - 1 - sheet.top][left + int(across) - 1 - sheet.left]

        return value

    def _in_growing(self, block: Block, operation: Ranged) -> CellFunction | None:
        """A search for equal values, or a sum beside them, in columns that grow; or None."""
        arguments = operation.arguments
        areas = [part.area for part in arguments if isinstance(part, Window)]
        if len(block.columns) > 1 or len({(area.top, area.bottom) for area in areas}) > 1:
            return None
        # The end that is fixed comes last where both mean one row in the first cell.
        bottom, top = sorted((areas[0].top, areas[0].bottom))
        if not top.absolute or bottom.absolute or bottom.at(block.cells.top) < top.value:
            return None
        match operation.kernel, [part for part in arguments if not isinstance(part, Window)]:
            case TableLookup(by_row=False), [wanted, Constant() as number, Constant() as ascending]:
                if ascending.value not in (False, 0.0) or type(number.value) is not float:
                    return None
                if areas[0].left.absolute != areas[0].right.absolute:
                    return None
                if not 1 <= number.value < abs(areas[0].right.value - areas[0].left.value) + 2:
                    return None
                answers: Growing | None = self._growing(block, areas[0], int(number.value) - 1)
            case Position(modal=False), [wanted, Constant() as order] if order.value == 0.0:
                if areas[0].left != areas[0].right:
                    return None
                answers = None
            case Conditional(), _:
                return self._sum_in_growing(block, operation, operation.kernel, bottom)
            case _:
                return None
        sought, place = self.of(block, wanted), first_place(self._growing(block, areas[0]))

        def found(row: int, column: int) -> Any:
            at = place(sought(row, column), bottom.at(row))
            if isinstance(at, CellError):
                return at
            return float(at - top.value + 1) if answers is None else answers.at(at)

        return found

    def _sum_in_growing(
        self, block: Block, operation: Ranged, kernel: Conditional, bottom: Axis
    ) -> CellFunction | None:
        """A sum of numbers beside which columns that grow equal criteria; None for any other."""
        at, arguments = kernel.reduced, operation.arguments
        if at is None or at >= len(arguments) or kernel.reduction != Reduction(np.add):
            return None
        tested = [part for place, part in enumerate(arguments) if place != at]
        columns = [
            self._growing(block, part.area)
            for part in (arguments[at], *tested[::2])
            if isinstance(part, Window) and part.area.left == part.area.right
        ]
        if len(columns) < 1 + len(tested) / 2:
            return None
        total = sum_of_equals(columns[1:], columns[0])
        criteria = [self.of(block, part) for part in tested[1::2]]
        return lambda row, column: total(
            [criterion(row, column) for criterion in criteria], bottom.at(row)
        )

    def _growing(self, block: Block, area: Area, number: int = 0) -> Growing:
        """A column of a range that grows, counted from 0, for a block of one column."""
        _refuse_beyond(block, area)
        top = max(area.top, area.bottom).value
        across = block.columns.start
        left = min(area.left.at(across), area.right.at(across)) + number
        budget.current().run(len(block.stale))
        if needs_loop(block, Window(area), self.circle, self.blocks):
            sheet = self.sheets[area.sheet or block.cells.sheet]
            return Growing(top, lambda row: sheet.rows[row - sheet.top][left - sheet.left])
        cells = block.read_range(area)
        values = self.columns.tables.table(cells).values[:, left - cells.left].tolist()
        return Growing(top, lambda row: values[row - cells.top])

    def refused(self, block: Block, operation: Interpreted | Selected) -> CellFunction:
        """What a loop of cells does not know."""
        raise NoLoopError

    def _function(self, name: str) -> Function:
        function = functions.find(name, self.columns.source.date_1904)
        if function is None:
            raise NoLoopError
        return function


_MAKERS: dict[type, Callable[[_Closures, Block, Any], CellFunction]] = {
    Applied: _Closures.applied,
    Cell: _Closures.cell,
    Chosen: _Closures.chosen,
    Instead: _Closures.instead,
    Interpreted: _Closures.refused,
    Joined: _Closures.joined,
    Ranged: _Closures.ranged,
    Reduced: _Closures.reduced,
    Selected: _Closures.refused,
    Signed: _Closures.signed,
    Truths: _Closures.truths,
}


def _refuse_beyond(block: Block, area: Area) -> None:
    """Raise `NoLoopError` where some cell of a block would read beyond the edges of the sheet."""
    _, top, left, bottom, right = block.cells
    rows = [end.at(row) for end in (area.top, area.bottom) for row in (top, bottom)]
    columns = [end.at(column) for end in (area.left, area.right) for column in (left, right)]
    if min(*rows, *columns) < 1 or max(rows) > MAX_ROW or max(columns) > MAX_COLUMN:
        raise NoLoopError


def _refuse_moving(area: Area) -> None:
    """Raise `NoLoopError` where a range is not the same for all cells."""
    if not all(end.absolute for end in (area.top, area.left, area.bottom, area.right)):
        raise NoLoopError


def _operator(sign: str, left: CellFunction, right: CellFunction, date_1904: bool) -> CellFunction:
    arithmetic = ARITHMETIC.get(sign)

    def value(row: int, column: int) -> Scalar:
        one, other = left(row, column), right(row, column)
        if arithmetic is not None and type(one) is float and type(other) is float:
            return arithmetic(one, other)
        if type(one) is CellError:
            return one
        found: Scalar = operated(sign, one, other, date_1904)
        return found

    return value
