"""Many scenarios at once: what outputs depend on inputs becomes one program over arrays.

Each step of the program is a NumPy operation on a chunk of scenarios that fits the cache. Parts
that several cells share are calculated once, and what does not depend on the inputs is a number.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.cell_range import Address, CellRange
from sheetlab.engine.functions.kernels import Elementwise, Reduction
from sheetlab.engine.functions.mathematics import power_of_columns, round_columns
from sheetlab.engine.numeric_lane import (
    ARITHMETIC,
    NotNumericError,
    compare,
)
from sheetlab.engine.syntax.expression import Area, Call, Chain, Expression, Literal, Unary

_CHUNK = 4096
_MAX_CELLS = 20_000
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class _Step:
    """A result of the program, by its number."""

    number: int


_Value = _Step | float


@dataclass(slots=True)
class _Program:
    """Operations on earlier results and numbers; the first results are the inputs."""

    inputs: int
    operations: list[tuple[Callable[..., Any], tuple[_Value, ...]]] = field(default_factory=list)
    _known: dict[Any, _Step] = field(default_factory=dict)

    def apply(self, operation: Callable[..., Any], *values: _Value) -> _Value:
        """The result of an operation; one that is there already is not calculated again."""
        numbers = [np.float64(value) for value in values if not isinstance(value, _Step)]
        if len(numbers) == len(values):
            return float(operation(*numbers))
        key = (operation, values)
        if key not in self._known:
            self.operations.append((operation, values))
            self._known[key] = _Step(self.inputs + len(self.operations) - 1)
        return self._known[key]


def sweep_numbers(
    calculation: Calculation, inputs: Mapping[Address, Floats], outputs: Sequence[CellRange]
) -> list[Floats] | None:
    """The outputs for all scenarios, each (scenarios, rows, columns), by arrays.

    `inputs` gives each cell that varies its number in each scenario. None where a formula is
    beyond arrays of numbers; scenarios that end in an error are NaN in all outputs.
    """
    try:
        with np.errstate(all="raise", under="ignore"):
            program, results = _Compiler(calculation, list(inputs)).compile(outputs)
    except (NotNumericError, FloatingPointError):
        return None
    return _run(program, list(inputs.values()), results, [cells.shape for cells in outputs])


class _Compiler:
    """Writes what some cells need as a program."""

    def __init__(self, calculation: Calculation, inputs: Sequence[Address]) -> None:
        self._calculation = calculation
        self._program = _Program(len(inputs))
        self._values: dict[Address, _Value] = {
            address: _Step(number) for number, address in enumerate(inputs)
        }
        cells = [CellRange(address[0], *address[1:], *address[1:]) for address in inputs]
        self._affected = calculation.affected(cells)
        self._block: Block | None = None
        self._row = 0

    def compile(self, outputs: Sequence[CellRange]) -> tuple[_Program, list[list[_Value]]]:
        """The program, and which results are the values of the cells of each output."""
        if any(block.spills for block in self._affected):
            # It may come to fill other cells, whose readers are not known.
            raise NotNumericError
        for address in self._ordered([a for cells in outputs for a in cells.addresses()]):
            block = self._calculation.index.at(address)
            assert block is not None
            self._block, self._row = block, address[1]
            self._values[address] = self._value(block.expression)
        return self._program, [
            [self._known_number(address) for address in cells.addresses()] for cells in outputs
        ]

    def _ordered(self, outputs: Sequence[Address]) -> list[Address]:
        """The formula cells that vary, each after those that it reads."""
        ordered: dict[Address, None] = {}
        begun: set[Address] = set()
        stack = [address for address in outputs if self._varies(address)]
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
                raise NotNumericError
            if not missing:
                ordered[stack.pop()] = None
            stack.extend(missing)
        return list(ordered)

    def _varies(self, address: Address) -> bool:
        return address not in self._values and self._calculation.index.at(address) in self._affected

    def _read_by(self, address: Address) -> list[Address]:
        block = self._calculation.index.at(address)
        assert block is not None
        if block.is_array or block.dynamic or block.flaw is not None:
            raise NotNumericError
        if not self._calculation.has_kernels(block):
            raise NotNumericError
        read: list[Address] = []
        for area in block.reads:
            cells = _cells(area, address, self._calculation)
            if cells.shape[0] * cells.shape[1] > _MAX_CELLS:
                raise NotNumericError
            read += [other for other in cells.addresses() if self._varies(other)]
        return list(dict.fromkeys(read))

    def _cell(self, address: Address) -> _Value:
        """A cell as a number; a blank one counts as 0."""
        if address in self._values:
            return self._values[address]
        value = self._calculation.cells.value(address)
        if value is None:
            return 0.0
        if type(value) is not float:
            raise NotNumericError
        return value

    def _known_number(self, address: Address) -> _Value:
        """A cell that holds a number, and is not blank."""
        if (
            address not in self._values
            and type(self._calculation.cells.value(address)) is not float
        ):
            raise NotNumericError
        return self._cell(address)

    def _value(self, expression: Expression) -> _Value:
        apply = self._program.apply
        match expression:
            case Literal(float(number)):
                return number
            case Area():
                if not expression.is_cell:
                    raise NotNumericError
                return self._cell(next(self._range(expression).addresses()))
            case Unary("+", operand):
                return self._value(operand)
            case Unary("-", operand):
                return apply(np.negative, self._value(operand))
            case Unary("%", operand):
                return apply(np.divide, self._value(operand), 100.0)
            case Chain(first, rest):
                total = self._value(first)
                for sign, operand in rest:
                    total = self._joined(sign, total, self._value(operand))
                return total
            case Call("IF", (Chain(left, ((sign, right),)), then, otherwise)):
                if sign not in ("=", "<>", "<", ">", "<=", ">="):
                    raise NotNumericError
                compared = apply(_COMPARE[sign], self._value(left), self._value(right))
                return apply(_where, compared, self._value(then), self._value(otherwise))
            case Call("POWER", (base, exponent)):
                return self._joined("^", self._value(base), self._value(exponent))
            case Call("ROUND", (number, Literal(digits))) if type(digits) is float:
                return apply(_round, self._value(number), digits)
            case Call("SUMPRODUCT", arguments):
                return self._sum_of_products(arguments)
            case Call(function, arguments):
                kernel = functions.kernel(function)
                if isinstance(kernel, Reduction) and kernel.of_counts != "count":
                    return self._aggregate(kernel, arguments)
                if isinstance(kernel, Elementwise) and len(arguments) == 1:
                    return apply(kernel.of_column, self._value(arguments[0]))
                raise NotNumericError
            case _:
                raise NotNumericError

    def _joined(self, sign: str, left: _Value, right: _Value) -> _Value:
        if sign in ARITHMETIC:
            return self._program.apply(ARITHMETIC[sign], left, right)
        if sign == "^" and right == 2.0:
            return self._program.apply(np.square, left)
        if sign == "^":
            return self._program.apply(_power, left, right)
        raise NotNumericError

    def _aggregate(self, kernel: Reduction, arguments: Sequence[Expression]) -> _Value:
        values: list[_Value] = []
        for argument in arguments:
            if isinstance(argument, Area):
                values += self._numbers(argument)
            else:
                values.append(self._value(argument))
        if not values:
            raise NotNumericError
        if kernel.prepare is not None:
            values = [self._program.apply(kernel.prepare, value) for value in values]
        total = values[0]
        for value in values[1:]:
            total = self._program.apply(kernel.combine, total, value)
        if kernel.of_counts == "mean":
            return self._program.apply(np.divide, total, float(len(values)))
        return total

    def _sum_of_products(self, arguments: Sequence[Expression]) -> _Value:
        columns: list[list[_Value]] = []
        for argument in arguments:
            if not isinstance(argument, Area):
                raise NotNumericError
            columns.append(self._numbers(argument))
        if len({len(column) for column in columns}) != 1:
            raise NotNumericError
        total: _Value = 0.0
        for factors in zip(*columns, strict=True):
            product = factors[0]
            for factor in factors[1:]:
                product = self._program.apply(np.multiply, product, factor)
            total = self._program.apply(np.add, total, product)
        return total

    def _numbers(self, area: Area) -> list[_Value]:
        """The cells of an area; what is no number would be skipped, and is refused here."""
        return [self._known_number(address) for address in self._range(area).addresses()]

    def _range(self, area: Area) -> CellRange:
        assert self._block is not None
        _, _, column = self._block.home
        home = (self._block.cells.sheet, self._row, column)
        return _cells(area, home, self._calculation)


def _cells(area: Area, home: Address, calculation: Calculation) -> CellRange:
    sheet, row, column = home
    rows = sorted((area.top.at(row), area.bottom.at(row)))
    columns = sorted((area.left.at(column), area.right.at(column)))
    if rows[0] < 1 or columns[0] < 1:
        raise NotNumericError
    return calculation.cells.used(
        CellRange(area.sheet or sheet, rows[0], columns[0], rows[1], columns[1])
    )


def _comparison(sign: str) -> Callable[..., Any]:
    def compared(left: Any, right: Any, out: Any = None) -> Any:
        result = np.asarray(compare(sign, left, right), float)
        return result if out is None else np.copyto(out, result)

    return compared


_COMPARE = {sign: _comparison(sign) for sign in ("=", "<>", "<", ">", "<=", ">=")}


def _where(condition: Any, then: Any, otherwise: Any, out: Any = None) -> Any:
    result = np.where(condition != 0, then, otherwise)
    return result if out is None else np.copyto(out, result)


def _power(base: Any, exponent: Any, out: Any = None) -> Any:
    result = power_of_columns(base, exponent)
    return result if out is None else np.copyto(out, result)


def _round(number: Any, digits: Any, out: Any = None) -> Any:
    result = round_columns(number, digits)
    return result if out is None else np.copyto(out, result)


def _run(
    program: _Program,
    inputs: Sequence[Floats],
    results: Sequence[Sequence[_Value]],
    shapes: Sequence[tuple[int, int]],
) -> list[Floats]:
    """Run a program over all scenarios, chunk by chunk, on all processors."""
    count = len(inputs[0])
    # Cell by cell, the values of a chunk of scenarios lie side by side.
    stored = [np.empty((len(values), count)) for values in results]
    workers = min(os.cpu_count() or 1, -(-count // _CHUNK))
    shares = np.array_split(np.arange(0, count, _CHUNK), workers)

    def work(starts: Any) -> None:
        runner = _Runner(program, results)
        for start in starts.tolist():
            runner.run(inputs, start, min(start + _CHUNK, count), stored)

    with ThreadPoolExecutor(workers) as pool:
        for finished in [pool.submit(work, share) for share in shares]:
            finished.result()
    return [
        np.moveaxis(values.reshape(*shape, count), -1, 0)
        for values, shape in zip(stored, shapes, strict=True)
    ]


class _Runner:
    """A program bound to buffers of its own."""

    def __init__(self, program: _Program, results: Sequence[Sequence[_Value]]) -> None:
        self._inputs = [np.empty(_CHUNK) for _ in range(program.inputs)]
        self._calls: list[tuple[Callable[..., Any], tuple[Any, ...], Floats]] = []
        self._results = results
        kept = {v.number for values in results for v in values if isinstance(v, _Step)}
        last_use: dict[int, int] = {}
        for number, (_, values) in enumerate(program.operations, program.inputs):
            for value in values:
                if isinstance(value, _Step):
                    last_use[value.number] = number
        self._buffers: dict[int, Floats] = dict(enumerate(self._inputs))
        free: list[Floats] = []
        for number, (operation, values) in enumerate(program.operations, program.inputs):
            steps = {value.number for value in values if isinstance(value, _Step)}
            arguments = tuple(
                self._buffers[value.number] if isinstance(value, _Step) else value
                for value in values
            )
            # A buffer that is read for the last time may take the result.
            free += [
                self._buffers[step]
                for step in steps
                if last_use[step] == number and step not in kept and step >= program.inputs
            ]
            buffer = free.pop() if free else np.empty(_CHUNK)
            self._buffers[number] = buffer
            self._calls.append((operation, arguments, buffer))

    def run(self, inputs: Sequence[Floats], start: int, end: int, stored: Sequence[Floats]) -> None:
        """Calculate the scenarios from `start` to before `end` into `stored`."""
        for given, values in zip(self._inputs, inputs, strict=True):
            given[: end - start] = values[start:end]
            given[end - start :] = values[end - 1]
        try:
            with np.errstate(all="raise", under="ignore"):
                for operation, arguments, buffer in self._calls:
                    operation(*arguments, out=buffer)
        except (FloatingPointError, NotNumericError):
            self._split(inputs, start, end, stored)
            return
        for results, table in zip(self._results, stored, strict=True):
            for row, value in zip(table, results, strict=True):
                row[start:end] = (
                    self._buffers[value.number][: end - start]
                    if isinstance(value, _Step)
                    else value
                )

    def _split(
        self, inputs: Sequence[Floats], start: int, end: int, stored: Sequence[Floats]
    ) -> None:
        """Part good scenarios from one that ends in an error."""
        if end - start == 1:
            for table in stored:
                table[:, start] = np.nan
            return
        middle = (start + end) // 2
        self.run(inputs, start, middle, stored)
        self.run(inputs, middle, end, stored)
