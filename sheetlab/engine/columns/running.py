"""Runs a lowered formula for many cells at once."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.cell_source import CellSource
from sheetlab.engine.columns.column import (
    Column,
    applied,
    column_of,
    converted,
    fails,
    is_array,
    narrowed,
    of_values,
    operated,
    signed,
    truths,
)
from sheetlab.engine.columns.places import Integers, Places
from sheetlab.engine.columns.ranged import ranged
from sheetlab.engine.columns.ranges import NotRangedError
from sheetlab.engine.columns.tables import Tables
from sheetlab.engine.columns.windows import reduced
from sheetlab.engine.functions.kernels import Drawn, Omission
from sheetlab.engine.grid import Grid
from sheetlab.engine.interpreter import evaluate
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
    Selected,
    Signed,
    Truths,
    Window,
    all_parts,
    is_fixed,
)
from sheetlab.engine.syntax.expression import Axis, Call, Expression
from sheetlab.engine.values.operators import ARITHMETIC
from sheetlab.engine.values.value import ErrorValue
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

# So many cells are calculated at once, however many parts their formula has.
_FEW = 4096
# So many values are kept for the parts of a formula at once.
_MOST_ELEMENTS = 2**24
_REF = CellError("#REF!")


@dataclass(slots=True)
class Columns:
    """What programs see: grids of cells that are calculated, tables made of them, the workbook."""

    grids: dict[str, Grid]
    source: CellSource
    tables: Tables

    def values(self, operation: Operation, places: Places) -> np.ndarray[Any, Any]:
        """The values of a program in some cells, in their shape.

        Raises `OverLimitError` where they take more than the budget allows.
        """
        if math.prod(places.shape) > _FEW and places.is_rectangle:
            height = max(_MOST_ELEMENTS // (_weight(operation) * places.shape[1]), 1)
            if height < places.shape[0]:
                return self._in_parts(operation, places, height)
        found = self.column(operation, places)
        if is_array(found):
            return found if found.shape == places.shape else np.broadcast_to(found, places.shape)
        if type(found) is float:
            return np.full(places.shape, found)
        filled = np.empty(places.shape, object)
        filled.fill(found)
        return filled

    def _in_parts(self, operation: Operation, places: Places, height: int) -> np.ndarray[Any, Any]:
        """The same, so many rows at a time, lest all parts of a formula take memory at once."""
        parts = [
            self.values(operation, Places(places.sheet, rows, places.columns))
            for rows in np.split(places.rows, list(range(height, len(places.rows), height)))
        ]
        kinds = {part.dtype for part in parts}
        if len(kinds) > 1:
            parts = [part.astype(object) for part in parts]
        return np.concatenate(parts)

    def without(self, omission: Omission) -> "Columns":
        """The same where some cells of ranges count as blank."""
        return replace(self, tables=self.tables.without(omission, self.source))

    def column(self, operation: Operation, places: Places) -> Column:
        """The values of a program in some cells, as a column."""
        return Run(self, places).value(operation)


@dataclass(slots=True)
class Run:
    """A program that is run for some cells; what a part comes to is kept, as it may come again."""

    columns: Columns
    places: Places
    known: dict[int, Column] = field(default_factory=dict)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = math.prod(self.shape)

    def value(self, operation: Operation) -> Column:
        """What an operation gives in each cell."""
        if type(operation) is Constant or type(operation) is LeftOut:
            return getattr(self, _NAMES[type(operation)])(operation)
        key = id(operation)
        if key not in self.known:
            self.columns.source.budget.run(self.size)
            self.known[key] = getattr(self, _NAMES[type(operation)])(operation)
        return self.known[key]

    @property
    def date_1904(self) -> bool:
        """Whether day 0 of the workbook is 1904-01-01."""
        return self.columns.source.date_1904

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a column that differs from cell to cell."""
        return self.places.shape

    def constant(self, operation: Constant) -> Column:
        """A value that the formula spells out."""
        return operation.value

    def left_out(self, operation: LeftOut) -> Column:
        """What stands for an argument that is left out."""
        return operation.instead

    def cell(self, operation: Cell) -> Column:
        """The cell that each place means."""
        area = operation.area
        return self.cells(area.sheet or self.places.sheet, area.top, area.left)

    def cells(self, sheet: str, row: Axis, column: Axis) -> Column:
        """The values of one cell for each place."""
        places, grid = self.places, self.columns.grids.get(sheet)
        if grid is None:
            return _REF
        rows = np.array(row.value) if row.absolute else places.rows + row.value
        across = np.array(column.value) if column.absolute else places.columns + column.value
        if not rows.ndim and not across.ndim:
            if row.value < 1 or column.value < 1:
                return _REF
            return grid.value(row.value, column.value)
        low, high, left, right = rows.min(), rows.max(), across.min(), across.max()
        if low < 1 or left < 1 or high > MAX_ROW or right > MAX_COLUMN:
            return self._on_the_sheet(sheet, rows, across)
        if places.is_rectangle:
            return _values(grid, int(low), int(left), int(high), int(right))
        return narrowed(
            grid.gathered(
                np.broadcast_to(rows, places.shape), np.broadcast_to(across, places.shape)
            )
        )

    def _on_the_sheet(self, sheet: str, rows: Any, columns: Any) -> Column:
        """The same where some cells lie beyond the sheet's edges."""
        rows, columns = np.broadcast_arrays(rows, columns)
        grid = self.columns.grids[sheet]
        values = [
            grid.value(row, column) if 1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN else _REF
            for row, column in zip(rows.ravel().tolist(), columns.ravel().tolist(), strict=True)
        ]
        return column_of(values, rows.shape)

    def signed(self, operation: Signed) -> Column:
        """A sign or `%`."""
        return signed(operation.sign, self.value(operation.operand), self.date_1904)

    def joined(self, operation: Joined) -> Column:
        """Binary operators, from the left on."""
        left = self.value(operation.first)
        for sign, operand in operation.rest:
            right = self.value(operand)
            if type(left) is float and type(right) is float and sign in ARITHMETIC:
                left = ARITHMETIC[sign](left, right)
            else:
                left = operated(sign, left, right, self.date_1904)
        return left

    def chosen(self, operation: Chosen) -> Column:
        """One of two values, each calculated only where it is chosen."""
        condition = truths(self.value(operation.condition))
        if not is_array(condition):
            if type(condition) is CellError:
                return condition
            return self.value(operation.then if condition else operation.otherwise)
        if condition.dtype == bool:
            if condition.all():
                return self.value(operation.then)
            if not condition.any():
                return self.value(operation.otherwise)
            return self._parted((condition, operation.then), (~condition, operation.otherwise))
        holds, holds_not = np.equal(condition, True), np.equal(condition, False)
        errors = ~(holds | holds_not)
        return self._parted(
            (holds, operation.then), (holds_not, operation.otherwise), (errors, condition)
        )

    def _parted(self, *parts: tuple[Any, Any]) -> Column:
        """Values that some cells take from one operation or column, and some from another."""
        whole = self.shape
        found: list[tuple[Any, Column]] = []
        for mask, wanted in parts:
            full = np.broadcast_to(mask, whole)
            chosen = np.flatnonzero(full)
            if not len(chosen):
                continue
            if is_array(wanted):
                column: Column = np.broadcast_to(wanted, whole)[full]
            else:
                column = self.some(chosen).value(wanted)
            found.append((full, column))
        kinds = {_kind(column) for _, column in found}
        result: Any = np.empty(whole, kinds.pop() if len(kinds) == 1 else object)
        for full, column in found:
            if is_array(column) or result.dtype != object:
                result[full] = column
            else:
                part = np.empty(np.count_nonzero(full), object)
                part.fill(column)
                result[full] = part
        return result

    def some(self, chosen: Integers) -> "Run":
        """The run for some of the cells."""
        return Run(self.columns, self.places.some(chosen))

    def instead(self, operation: Instead) -> Column:
        """A value, or another where it is an error."""
        value = self.value(operation.value)
        if not is_array(value):
            return self.value(operation.otherwise) if fails(value, operation.only_na) else value
        if value.dtype != object:
            return value
        failing = np.array(
            [fails(element, operation.only_na) for element in value.ravel().tolist()], bool
        ).reshape(value.shape)
        if not failing.any():
            return value
        if failing.all():
            return self.value(operation.otherwise)
        return narrowed(self._parted((~failing, value), (failing, operation.otherwise)))

    def truths(self, operation: Truths) -> Column:
        """Truth values joined; where not all are plain, by the function's scalar meaning."""
        result: Column = None
        columns = [self.value(argument) for argument in operation.arguments]
        if all(_is_plain(column) for column in columns):
            for column in columns:
                truth = truths(column)
                result = truth if result is None else operation.join(result, truth)
            return result if is_array(result) else bool(result)
        function = functions.find(operation.name)
        assert function is not None
        cells = [type(argument) is Cell for argument in operation.arguments]
        found = of_values(function.call, columns, cells)
        doubtful: Any = np.zeros((), bool)
        for argument, column in zip(operation.arguments, columns, strict=True):
            if type(argument) in MAY_REFER:
                doubtful = doubtful | _texts_and_blanks(column)
        return self._completed(operation, found, doubtful)

    def applied(self, operation: Applied) -> Column:
        """A function of single values."""
        function = functions.find(operation.name, self.date_1904)
        assert function is not None
        columns, given = [], []
        for position, argument in enumerate(operation.arguments):
            column = self.value(argument)
            given.append(type(argument) is not LeftOut)
            if given[-1]:
                column = converted(column, function.parameter(position), self.date_1904)
            columns.append(column)
        return applied(function, columns, given)

    def reduced(self, operation: Reduced) -> Column:
        """A function of all numbers in windows."""
        found, doubtful = reduced(self, operation)
        return self._completed(operation, found, doubtful)

    def ranged(self, operation: Ranged) -> Column:
        """A function of ranges, such as a lookup."""
        try:
            found, doubtful = ranged(self, operation)
        except (NotRangedError, ErrorValue):
            # What is an error in one place, as a pattern that is too long, need not be in others.
            return self.one_by_one(operation.expression)
        return self._completed(operation, found, doubtful)

    def selected(self, operation: Selected) -> Column:
        """A function of ranges in which some cells count as blank."""
        columns = self.columns.without(operation.omission)
        return Run(columns, self.places).value(operation.function)

    def _completed(
        self, operation: Reduced | Ranged | Truths, found: Column, doubtful: Any
    ) -> Column:
        """Results, with those that only the interpreter knows from it."""
        if doubtful is None or not np.any(doubtful):
            return found
        full = np.broadcast_to(doubtful, self.shape)
        chosen = np.flatnonzero(full)
        again = self.some(chosen).one_by_one(operation.expression)
        result = np.empty(self.shape, object)
        result[...] = found
        result[full] = again
        return narrowed(result)

    def numbered(self, operation: Numbered) -> Column:
        """The number of a row or column."""
        numbers = self.places.rows if operation.of_row else self.places.columns
        if operation.area is not None:
            axis = operation.area.top if operation.of_row else operation.area.left
            other = operation.area.left if operation.of_row else operation.area.top
            if axis.absolute and other.absolute:
                return float(axis.value)
            if not axis.absolute:
                numbers = numbers + axis.value
            else:
                return float(axis.value)
        return numbers.astype(np.float64)

    def interpreted(self, operation: Interpreted) -> Column:
        """What only the interpreter can do."""
        if operation.fixed:
            home = (
                self.places.sheet,
                int(self.places.rows.flat[0]),
                int(self.places.columns.flat[0]),
            )
            source = self.columns.source
            with source.budget.apart():
                return _single(evaluate(operation.expression, home, source, array=False))
        drawn = self._drawn(operation.expression)
        return self.one_by_one(operation.expression) if drawn is None else drawn

    def _drawn(self, expression: Expression) -> Column | None:
        """Numbers that are drawn alike for all cells; None for anything else."""
        if not isinstance(expression, Call):
            return None
        kernel = functions.kernel(expression.function)
        if not isinstance(kernel, Drawn) or not all(map(is_fixed, expression.arguments)):
            return None
        given = [self.interpreted(Interpreted(part, True)) for part in expression.arguments]
        if not all(type(value) is float for value in given):
            return None
        try:
            found = kernel.of_count(self.columns.source.random, self.size, *given)
        except ValueError:
            return None
        return found.reshape(self.shape)

    def one_by_one(self, expression: Expression) -> Column:
        """What only the interpreter knows, cell by cell."""
        source = self.columns.source
        with source.budget.apart(), source.reading_once():
            values = [
                _single(evaluate(expression, home, source, array=False))
                for home in self.places.addresses()
            ]
        return column_of(values, self.places.shape)


def _weight(operation: Operation) -> int:
    """How many values are kept for each cell while a program runs."""
    weight = 0
    for part in all_parts(operation):
        weight += 1
        if isinstance(part, Window) and part.area.left.absolute == part.area.right.absolute:
            moves = not (part.area.top.absolute and part.area.bottom.absolute)
            weight += moves * abs(part.area.right.value - part.area.left.value)
    return weight


def _values(grid: Grid, top: int, left: int, bottom: int, right: int) -> Column:
    """The values of a range, of the narrowest kind."""
    return narrowed(grid.table(top, left, bottom, right))


def _single(value: Any) -> Any:
    return value.flat[0] if isinstance(value, np.ndarray) else value


def _kind(column: Column) -> type:
    """What an array of a column's values would hold."""
    if is_array(column):
        return {np.dtype(np.float64): float, np.dtype(bool): bool}.get(column.dtype, object)
    return type(column) if type(column) in (float, bool) else object


def _is_plain(column: Column) -> bool:
    if is_array(column):
        return bool(column.dtype != object)
    return type(column) in (float, bool)


# What may come to a reference, of whose cell a text does not count as one in the formula would.
MAY_REFER = frozenset((Chosen, Instead, Interpreted, Ranged))


def _texts_and_blanks(column: Column) -> Any:
    """Where a column holds a text or a blank."""
    if not is_array(column):
        return np.array(column is None or type(column) is str)
    if column.dtype != object:
        return np.zeros((), bool)
    values = column.ravel().tolist()
    return np.array([type(value) in (str, type(None)) for value in values]).reshape(column.shape)


# The method that does each kind of operation.
_NAMES: dict[type, str] = {
    Applied: "applied",
    Cell: "cell",
    Chosen: "chosen",
    Constant: "constant",
    Instead: "instead",
    Interpreted: "interpreted",
    Joined: "joined",
    LeftOut: "left_out",
    Numbered: "numbered",
    Ranged: "ranged",
    Reduced: "reduced",
    Selected: "selected",
    Signed: "signed",
    Truths: "truths",
}
