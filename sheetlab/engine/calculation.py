"""The order in which formulas are calculated, and their calculation by `formulas`."""

import contextlib
import functools
import logging
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import formulas
import numpy as np
from formulas.errors import BaseError
from formulas.functions import Array
from formulas.functions.operators import OPERATORS
from formulas.ranges import Ranges

from sheetlab.engine.cell_range import Address, CellRange, cell_text
from sheetlab.engine.cell_values import from_formulas, to_formulas
from sheetlab.engine.excel_functions import ExcelFunction, ExcelParser, functions
from sheetlab.engine.reader import Contents, Formula
from sheetlab.engine.refusal import refusal
from sheetlab.engine.template import Operand, Positions, Template, template_of
from sheetlab.errors import EngineError
from sheetlab.files.cell_value import CellValue
from sheetlab.text import Text

# What fails is told in an exception; the library would print it as well.
logging.getLogger("schedula").addHandler(logging.NullHandler())

_RANGE_OPERATORS = {OPERATORS[operator]: operator for operator in ",: "}
_CELLS_OF_A_CYCLE = 8


class Calculation:
    """The values of a workbook's cells, each calculated when it is first asked for.

    `constants` holds what the other cells hold now, `changed` those of them that were set.
    """

    def __init__(self, contents: Contents) -> None:
        self.constants: dict[Address, CellValue | None] = dict(contents.constants)
        self.changed: dict[Address, CellValue | None] = {}
        self._contents = contents
        self._results: dict[Formula, dict[Address, CellValue]] = {}
        self._templates: dict[Formula, Template] = {}
        self._precedents: dict[Formula, tuple[Formula, ...]] = {}
        self._functions: dict[str, Any] = {}
        filled = list(contents.constants) + list(contents.formulas)
        self._last_row = max((row for _, row, _ in filled), default=1)
        self._last_column = max((column for _, _, column in filled), default=1)

    def values(self, addresses: Iterable[Address]) -> list[CellValue | None]:
        """The values of cells, None where a cell is blank.

        Raises `EngineError` for a circular reference or a formula that cannot be calculated.
        """
        addresses = list(addresses)
        filled = self._contents.formulas
        self._calculate(filled[address] for address in addresses if address in filled)
        return [self._value(address) for address in addresses]

    def table(self, formula: Formula) -> list[list[CellValue]]:
        """The values of a formula that stands in no cell, row by row."""
        self._calculate(self._precedents_of(formula))
        return [[from_formulas(value) for value in row] for row in self._raw_result(formula)]

    def clip(self, cells: CellRange) -> CellRange:
        """The range without the empty remainder of whole rows and columns."""
        return cells.clip(self._last_row, self._last_column)

    def change(self, constants: Mapping[Address, CellValue | None]) -> None:
        """Give constants new values and forget what depends on them."""
        self.constants.update(constants)
        self.changed.update(constants)
        outdated = [f for address in constants for f in self._dependents.get(address, ())]
        if any(row > self._last_row or column > self._last_column for _, row, column in constants):
            self._last_row = max(self._last_row, *(row for _, row, _ in constants))
            self._last_column = max(self._last_column, *(column for _, _, column in constants))
            # Whole rows and columns now reach further.
            self._templates.clear()
            self._precedents.clear()
            self._results.clear()
            del self._dependents
        while outdated:
            formula = outdated.pop()
            if self._results.pop(formula, None) is not None:
                for address in formula.home.addresses():
                    outdated.extend(self._dependents.get(address, ()))

    @functools.cached_property
    def _dependents(self) -> dict[Address, list[Formula]]:
        """The formulas that read each cell."""
        dependents: dict[Address, list[Formula]] = {}
        for formula in dict.fromkeys(self._contents.formulas.values()):
            # A formula that cannot be read has no value that might be outdated.
            with contextlib.suppress(EngineError):
                for operand in self._template(formula).operands:
                    if isinstance(operand, CellRange):
                        for address in operand.addresses():
                            dependents.setdefault(address, []).append(formula)
        return dependents

    def _value(self, address: Address) -> CellValue | None:
        formula = self._contents.formulas.get(address)
        return self.constants.get(address) if formula is None else self._results[formula][address]

    def _calculate(self, wanted: Iterable[Formula]) -> None:
        """Calculate formulas and all that they need, each after what it reads."""
        stack = [formula for formula in dict.fromkeys(wanted) if formula not in self._results]
        begun: set[Formula] = set()
        while stack:
            formula = stack[-1]
            if formula in self._results:
                stack.pop()
                continue
            begun.add(formula)
            missing = [f for f in self._precedents_of(formula) if f not in self._results]
            if not missing:
                self._results[formula] = self._result(stack.pop())
                begun.discard(formula)
                continue
            for precedent in missing:
                if precedent in begun:
                    raise self._circular(precedent, stack, begun)
            stack.extend(missing)

    def _circular(self, read: Formula, stack: list[Formula], begun: set[Formula]) -> EngineError:
        """The error for the formulas above `read` in the stack, the last of which reads it."""
        above = list(dict.fromkeys(f for f in reversed(stack) if f in begun))
        cycle = above[above.index(read) :: -1]
        cells = [cell_text(formula.address) for formula in [*cycle, read]]
        if len(cells) > _CELLS_OF_A_CYCLE:
            cells[_CELLS_OF_A_CYCLE - 2 : -1] = ["…"]
        return EngineError(
            Text(
                f"{self._contents.path}, {cells[0]}: the cell refers back to itself"
                f" ({' → '.join(cells)}); change one of these formulas.",
                f"{self._contents.path}, {cells[0]}: 셀이 돌고 돌아 자신을 참조합니다"
                f"({' → '.join(cells)}). 이 가운데 한 수식을 고치십시오.",
            )
        )

    def _result(self, formula: Formula) -> dict[Address, CellValue]:
        """The values of the cells that a formula fills."""
        result = self._raw_result(formula)
        home = formula.home
        if home.shape == (1, 1):
            return {formula.address: from_formulas(self._one_value(formula, result))}
        values = map(from_formulas, _fit(result, home.shape).flat)
        return dict(zip(home.addresses(), values, strict=True))

    def _one_value(self, formula: Formula, result: Any) -> Any:
        """The value that a cell shows of a result: of a column, say, that of the cell's row."""
        _, row, column = formula.address
        for cells in self._template(formula).operands:
            if result.size == 1 or not isinstance(cells, CellRange) or cells.shape != result.shape:
                continue
            if cells.left == cells.right:
                inside = cells.top <= row <= cells.bottom
                return result[row - cells.top, 0] if inside else formulas.VALUE
            if cells.top == cells.bottom:
                inside = cells.left <= column <= cells.right
                return result[0, column - cells.left] if inside else formulas.VALUE
        # Some results of `formulas` know which value stands for all.
        array = result if isinstance(result, Array) else result.view(Array)
        return array.reshape((1, 1))[0, 0]

    def _raw_result(self, formula: Formula) -> Any:
        template = self._template(formula)
        # What overflows or divides by zero becomes an error value, which needs no warning.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                function = self._function(template.text, formula)
                arguments = [self._argument(name, template.operands) for name in function.inputs]
                result = function(*arguments)
            except EngineError:
                raise
            except Exception as error:
                cause = getattr(error, "ex", error)
                reason = f"{type(cause).__name__}: {cause}"
                raise self._refusal(
                    formula, f"it fails ({reason})", f"실패했습니다({reason})"
                ) from error
        if isinstance(result, Ranges):
            result = result.value
        if not isinstance(result, np.ndarray):
            single = np.empty((1, 1), object)
            single[0, 0] = result
            return single
        return np.atleast_2d(result)

    def _argument(self, name: str, operands: tuple[Operand, ...]) -> Any:
        if not name.startswith("REF_"):
            return np.array([[formulas.NAME]], object)
        operand = operands[int(name.removeprefix("REF_"))]
        if isinstance(operand, Positions):
            count = operand.rows * operand.columns
            numbers = np.arange(operand.first, operand.first + count, dtype=float)
            return numbers.astype(object).reshape(operand.rows, operand.columns)
        values = np.empty(operand.shape, object)
        values.flat[:] = [to_formulas(self._value(address)) for address in operand.addresses()]
        return values

    def _template(self, formula: Formula) -> Template:
        if formula not in self._templates:
            text, operands = template_of(formula, self._contents)
            clipped = (o if isinstance(o, Positions) else self.clip(o) for o in operands)
            self._templates[formula] = Template(text, tuple(clipped))
        return self._templates[formula]

    def _precedents_of(self, formula: Formula) -> tuple[Formula, ...]:
        """The formulas that fill the cells which a formula reads."""
        if formula not in self._precedents:
            filled = self._contents.formulas
            read = (
                filled.get(address)
                for operand in self._template(formula).operands
                if isinstance(operand, CellRange)
                for address in operand.addresses()
            )
            self._precedents[formula] = tuple(dict.fromkeys(f for f in read if f is not None))
        return self._precedents[formula]

    def _function(self, template: str, formula: Formula) -> Any:
        """The template compiled; its inputs are the placeholders and the names nobody defined."""
        if template not in self._functions:
            self._functions[template] = self._compile(template, formula)
        return self._functions[template]

    def _compile(self, template: str, formula: Formula) -> Any:
        try:
            tokens, builder = ExcelParser().ast(template)
        except BaseError:
            raise self._refusal(
                formula, "it is no valid formula", "올바른 수식이 아닙니다"
            ) from None
        for token in tokens:
            if isinstance(token, ExcelFunction) and token.name.upper() not in functions():
                raise self._refusal(
                    formula,
                    f"the function {token.name} is not known here",
                    f"{token.name} 함수를 지원하지 않습니다",
                )
        for node in builder.dsp.function_nodes.values():
            if node["function"] in _RANGE_OPERATORS:
                raise self._refusal(
                    formula,
                    f"it combines ranges by '{_RANGE_OPERATORS[node['function']]}'",
                    f"범위를 '{_RANGE_OPERATORS[node['function']]}' 연산자로 합칩니다",
                )
        return builder.compile()

    def _refusal(self, formula: Formula, en: str, ko: str) -> EngineError:
        return refusal(self._contents.path, formula, en, ko)


def _fit(result: Any, shape: tuple[int, int]) -> Any:
    """A result as an array formula shows it: one row or column repeated, #N/A beyond the end."""
    fitted = np.full(shape, formulas.NA, object)
    for axis, length in enumerate(shape):
        if result.shape[axis] == 1:
            result = np.repeat(result, length, axis)
    rows, columns = min(shape[0], result.shape[0]), min(shape[1], result.shape[1])
    fitted[:rows, :columns] = result[:rows, :columns]
    return fitted
