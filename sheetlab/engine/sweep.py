"""Many scenarios at once: what outputs depend on inputs, in columns of scenarios.

The lowered formulas of the cells between inputs and outputs are run cell after cell, each for all
scenarios of a chunk that fits the cache. A column holds the values of one cell in the scenarios; a
cell that does not depend on the inputs has one value for all of them.
"""

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.budget import OverLimitError
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.columns.column import Column, column_of, converted, is_array
from sheetlab.engine.columns.places import Integers, Places
from sheetlab.engine.columns.ranged import called, spelt_out
from sheetlab.engine.columns.ranges import NotRangedError
from sheetlab.engine.columns.running import Columns, Run
from sheetlab.engine.functions.function import Values
from sheetlab.engine.lowering import (
    Cell,
    Interpreted,
    LeftOut,
    Numbered,
    Operation,
    Ranged,
    Reduced,
    Selected,
    Window,
    all_parts,
)
from sheetlab.engine.syntax.expression import Area, Axis
from sheetlab.engine.values.arrays import packed
from sheetlab.files.cell_value import CellError

_CHUNK = 16_384
_MAX_CELLS = 20_000
# So many cells of ranges that vary are read at once, in all scenarios together.
_MOST_ELEMENTS = 2**20
# What a cell shows in all scenarios of a chunk where these ask for too much.
_TOO_MUCH = CellError("#NUM!")


class _NotSweptError(Exception):
    """A formula that can only be calculated one scenario after the other."""


def sweep_columns(
    calculation: Calculation, inputs: Mapping[Address, Column], outputs: Sequence[CellRange]
) -> list[Any] | None:
    """The outputs for all scenarios, each an array (scenarios, rows, columns).

    `inputs` gives each cell that varies its number in each scenario. Results are of float64 where
    all are numbers, else of objects. None where a formula can only be calculated one by one.
    """
    try:
        order = _Order(calculation, inputs)
        cells = order.ordered([a for found in outputs for a in found.addresses()])
        return _run(order, cells, outputs)
    except _NotSweptError:
        return None


@dataclass(slots=True)
class _Order:
    """Which cells depend on the inputs, and in what order they can be calculated."""

    calculation: Calculation
    inputs: Mapping[Address, Column]
    affected: Any = field(init=False)

    def __post_init__(self) -> None:
        cells = [CellRange(address[0], *address[1:], *address[1:]) for address in self.inputs]
        self.affected = self.calculation.affected(cells)
        if any(block.spills for block in self.affected):
            # It may come to fill other cells, whose readers are not known.
            raise _NotSweptError

    def ordered(self, outputs: Sequence[Address]) -> list[Address]:
        """The formula cells that vary, each after those that it reads."""
        ordered: dict[Address, None] = {}
        begun: set[Address] = set()
        stack = [address for address in outputs if self.varies(address)]
        while stack:
            address = stack[-1]
            if address in ordered:
                stack.pop()
                continue
            missing = []
            if address not in begun:
                begun.add(address)
                missing = [a for a in self._read_by(address) if a not in ordered]
            if len(begun) > _MAX_CELLS or any(other in begun for other in missing):
                raise _NotSweptError
            if not missing:
                ordered[stack.pop()] = None
            stack.extend(missing)
        return list(ordered)

    def varies(self, address: Address) -> bool:
        """Whether a cell holds a formula that depends on the inputs."""
        return address not in self.inputs and self.calculation.index.at(address) in self.affected

    def block(self, address: Address) -> Block:
        """The block of a formula that can be calculated for all scenarios."""
        block = self.calculation.index.at(address)
        if block is None or block.is_array or block.dynamic or block.volatile or block.flaw:
            raise _NotSweptError
        return block

    def _read_by(self, address: Address) -> list[Address]:
        block = self.block(address)
        read: list[Address] = []
        for area in block.reads:
            cells = range_at(area, address, self.calculation)
            if cells.shape[0] * cells.shape[1] > _MAX_CELLS:
                if any(other in self.affected for other in self.calculation.index.within(cells)):
                    raise _NotSweptError
                if any(_lies_in(given, cells) for given in self.inputs):
                    raise _NotSweptError
                continue
            read += [other for other in cells.addresses() if self.varies(other)]
        return list(dict.fromkeys(read))


def _lies_in(address: Address, cells: CellRange) -> bool:
    sheet, row, column = address
    return (
        sheet == cells.sheet
        and cells.top <= row <= cells.bottom
        and cells.left <= column <= cells.right
    )


def range_at(area: Area, home: Address, calculation: Calculation) -> CellRange:
    """The cells that an area means in one cell."""
    sheet, row, column = home
    rows = sorted((area.top.at(row), area.bottom.at(row)))
    columns = sorted((area.left.at(column), area.right.at(column)))
    if rows[0] < 1 or columns[0] < 1:
        raise _NotSweptError
    return calculation.cells.used(
        CellRange(area.sheet or sheet, rows[0], columns[0], rows[1], columns[1])
    )


@dataclass(slots=True, kw_only=True)
class _Scenarios(Run):
    """The program of one cell, run for some scenarios."""

    calculation: Calculation
    values: dict[Address, Column]
    count: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of scenarios."""
        return (self.count,)

    @property
    def home(self) -> Address:
        """The cell."""
        return self.places.addresses()[0]

    def some(self, chosen: Integers) -> "_Scenarios":
        """The same for some of the scenarios."""
        values = {
            address: column[chosen] if is_array(column) else column
            for address, column in self.values.items()
        }
        return replace(self, values=values, count=len(chosen), known={})

    def cell(self, operation: Cell) -> Column:
        """A cell in each scenario, or in all of them."""
        address = next(range_at(operation.area, self.home, self.calculation).addresses())
        if address in self.values:
            return self.values[address]
        return self.calculation.cells.value(address)

    def numbered(self, operation: Numbered) -> Column:
        """A row's or a column's number, the same in all scenarios."""
        found = Run.numbered(self, operation)
        return float(found.flat[0]) if is_array(found) else found

    def interpreted(self, operation: Interpreted) -> Column:
        """What only the interpreter knows, where no scenario changes it."""
        return self.one_by_one(operation.expression)

    def one_by_one(self, expression: Any) -> Column:
        """What only the interpreter knows: the same in all scenarios, or not to be swept."""
        for area in self._block().reads:
            cells = range_at(area, self.home, self.calculation)
            if any(_lies_in(address, cells) for address in self.values):
                raise _NotSweptError
        found = Run.one_by_one(self, expression)
        return found.item() if is_array(found) else found

    def _block(self) -> Block:
        block = self.calculation.index.at(self.home)
        assert block is not None
        return block

    def selected(self, operation: Selected) -> Column:
        """A function of some cells of ranges, where no scenario changes them."""
        return self.one_by_one(operation.function.expression)

    def reduced(self, operation: Reduced) -> Column:
        """A reduction, cell after cell of its windows."""
        kernel = operation.kernel
        columns: list[Any] = []
        for argument in operation.arguments:
            if not isinstance(argument, Window):
                column = self.value(argument)
                if not _is_numeric(column):
                    raise _NotSweptError
                columns.append(column)
                continue
            for column in self._cells(argument.area):
                if kernel.of_counts == "filled":
                    columns += _filled(column)
                    continue
                if type(column) is CellError or (is_array(column) and not _is_numeric(column)):
                    raise _NotSweptError
                if _is_numeric(column):
                    columns.append(column)
        self.columns.source.budget.run(len(columns) * self.count)
        total: Any = kernel.identity
        with np.errstate(all="ignore"):
            for column in columns:
                prepared, _ = kernel.prepared(np.asarray(column))
                total = kernel.combine(total, prepared)
            found = kernel.finished(np.asarray(total, np.float64), float(len(columns)))
        if not np.isfinite(found).all():
            raise _NotSweptError
        return found if np.ndim(found) else float(found)

    def _cells(self, area: Area) -> list[Column]:
        cells = range_at(area, self.home, self.calculation)
        return [
            self.values[address]
            if address in self.values
            else self.calculation.cells.value(address)
            for address in cells.addresses()
        ]

    def ranged(self, operation: Ranged) -> Column:
        """A function of ranges, by their indexes where no scenario changes them."""
        areas = [part.area for part in operation.arguments if isinstance(part, Window)]
        if not any(self._vary(area) for area in areas):
            parts = [
                Window(self._absolute(part.area)) if isinstance(part, Window) else part
                for part in operation.arguments
            ]
            return Run.ranged(self, replace(operation, arguments=tuple(parts)))
        function = functions.find(operation.name, self.date_1904)
        if function is None or (function.special and function.plain is None):
            raise _NotSweptError
        cells = sum(math.prod(range_at(area, self.home, self.calculation).shape) for area in areas)
        if cells * self.count > _MOST_ELEMENTS and self.count > 1:
            return self._in_parts(operation, max(_MOST_ELEMENTS // cells, 1))
        function = function.plain or function
        constants = spelt_out(operation, function)
        arguments: list[Any] = []
        moving = []
        for place, part in enumerate(operation.arguments):
            if place in constants:
                arguments.append(constants[place])
            elif isinstance(part, LeftOut):
                arguments.append(part.instead)
            elif isinstance(part, Window):
                is_values = function.parameter(place) == "values"
                arguments.append(self._tables(part.area, is_values))
                moving.append(place)
            else:
                column = converted(self.value(part), function.parameter(place), self.date_1904)
                arguments.append(column)
                if is_array(column):
                    moving.append(place)
        return called(function, arguments, moving)

    def _in_parts(self, operation: Ranged, size: int) -> Column:
        """The same, so many scenarios at a time, lest all of their tables take memory at once."""
        found: list[Any] = []
        for start in range(0, self.count, size):
            part = self.some(np.arange(start, min(start + size, self.count)))
            column = part.ranged(operation)
            found += column.tolist() if is_array(column) else [column] * part.count
        return column_of(found, self.shape)

    def _absolute(self, area: Area) -> Area:
        """The same range, wherever it is seen from."""
        sheet, row, column = self.home
        rows = sorted((area.top.at(row), area.bottom.at(row)))
        columns = sorted((area.left.at(column), area.right.at(column)))
        top, bottom, left, right = (Axis(True, end) for end in (*rows, *columns))
        return Area(area.sheet or sheet, top, left, bottom, right)

    def _vary(self, area: Area) -> bool:
        cells = range_at(area, self.home, self.calculation)
        return any(_lies_in(address, cells) for address in self.values)

    def _tables(self, area: Area, is_values: bool) -> Any:
        """The cells of a range as a table for each scenario."""
        cells = range_at(area, self.home, self.calculation)
        # Each scenario has a table of its own.
        self.columns.source.budget.reserve(math.prod(cells.shape) * self.count)
        columns = [
            np.broadcast_to(column, self.count).tolist()
            if is_array(column)
            else [column] * self.count
            for column in self._cells(area)
        ]
        if any(CellError in set(map(type, column)) for column in columns):
            # Which error comes first is the interpreter's to tell.
            raise _NotSweptError
        tables = np.empty(self.count, object)
        for number, values in enumerate(zip(*columns, strict=True)):
            table = packed(list(values), cells.shape)
            tables[number] = Values(table, from_cells=True) if is_values else table
        return tables


def _filled(column: Column) -> list[float]:
    """A number for a cell that is filled in all scenarios, none for one that is blank in all."""
    if is_array(column) and column.dtype == object and None in column.tolist():
        raise _NotSweptError
    return [] if column is None else [1.0]


def _is_numeric(column: Column) -> bool:
    return type(column) is float or (is_array(column) and column.dtype == np.float64)


def _run(order: _Order, cells: Sequence[Address], outputs: Sequence[CellRange]) -> list[Any]:
    """Run the programs of cells over all scenarios, chunk by chunk, on all processors."""
    inputs = {address: np.asarray(column) for address, column in order.inputs.items()}
    count = len(next(iter(inputs.values()))) if inputs else 0
    programs = [(address, order.block(address).program) for address in cells]
    if not _are_known(order, programs):
        raise _NotSweptError
    starts = range(0, count, _CHUNK)
    workers = min(os.cpu_count() or 1, len(starts)) or 1
    calculation = order.calculation
    columns = calculation.columns

    def work(start: int) -> list[list[Column]]:
        part = {a: column[start : start + _CHUNK] for a, column in inputs.items()}
        size = min(_CHUNK, count - start)
        return _values(calculation, columns, programs, part, size, outputs)

    with ThreadPoolExecutor(workers) as pool:
        chunks = list(pool.map(work, starts))
    found = []
    for number, output in enumerate(outputs):
        parts = [_stacked(chunk[number], output.shape) for chunk in chunks]
        found.append(np.concatenate(parts) if parts else np.empty((0, *output.shape)))
    return found


def _are_known(order: _Order, programs: Sequence[tuple[Address, Operation]]) -> bool:
    """Whether all parts that only the interpreter knows are the same in all scenarios."""
    varying = {*order.inputs, *(address for address, _ in programs)}
    for address, program in programs:
        for part in all_parts(program):
            if isinstance(part, Interpreted) and not part.fixed:
                for area in order.block(address).reads:
                    cells = range_at(area, address, order.calculation)
                    if any(_lies_in(other, cells) for other in varying):
                        return False
    return True


def _values(
    calculation: Calculation,
    columns: Columns,
    programs: Sequence[tuple[Address, Operation]],
    inputs: Mapping[Address, Column],
    count: int,
    outputs: Sequence[CellRange],
) -> list[list[Column]]:
    """The columns of the cells of each output."""
    values: dict[Address, Column] = dict(inputs)
    source = columns.source.with_own_budget()
    columns = replace(columns, source=source)
    for address, program in programs:
        sheet, row, column = address
        places = Places.rectangle(CellRange(sheet, row, column, row, column))
        run = _Scenarios(columns, places, calculation=calculation, values=values, count=count)
        try:
            with source.budget.calculating():
                found = run.value(program)
        except NotRangedError as error:
            raise _NotSweptError from error
        except OverLimitError as error:
            source.over_limit(error.limit, address)
            found = _TOO_MUCH
        values[address] = _shown(found)
    return [
        [
            np.broadcast_to(
                np.asarray(values[a] if a in values else calculation.cells.value(a)), count
            )
            for a in output.addresses()
        ]
        for output in outputs
    ]


def _shown(column: Column) -> Column:
    """What cells show of results: 0 for a blank."""
    if is_array(column) and column.dtype == object:
        values = [0.0 if value is None else value for value in column.ravel().tolist()]
        return column_of(values, column.shape)
    return 0.0 if column is None else column


def _stacked(columns: Sequence[Any], shape: tuple[int, int]) -> Any:
    """The columns of a range as one array (scenarios, rows, columns)."""
    if all(column.dtype == np.float64 for column in columns):
        stacked = np.stack(columns, axis=-1)
    else:
        stacked = np.empty((len(columns[0]), len(columns)), object)
        for place, column in enumerate(columns):
            stacked[:, place] = column.tolist()
    return stacked.reshape(len(stacked), *shape)
