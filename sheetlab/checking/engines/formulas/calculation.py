"""The values that go into the compiled functions, and those that come out."""

import logging
import math
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import formulas
import numpy as np
import schedula
from formulas.ranges import Ranges
from formulas.tokens.operand import Error

from sheetlab.checking.engines.cells import CellValues, meanings_of_names, stored_cells
from sheetlab.checking.engines.formulas.compiling import (
    CannotCalculateError,
    CompiledFormula,
    Compiler,
    failure,
    library_area,
)
from sheetlab.checking.engines.formulas.ordering import Cell, Node, Plan
from sheetlab.checking.formula_text import CellArea, references
from sheetlab.errors import EngineError, EngineWarning
from sheetlab.files.address import address_of, ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts, read_parts
from sheetlab.files.xml import worksheet_parts
from sheetlab.text import Text

# What fails is told in an exception; the library would print it as well.
logging.getLogger("schedula").addHandler(logging.NullHandler())


def recalculate(paths: Sequence[Path]) -> list[CellValues]:
    """The cells of each workbook as `formulas` calculates them.

    Raises:
        WorkbookError: a file cannot be read as a workbook.
        EngineError: cells go round in a circle, or the library cannot calculate a cell on a sheet
            that defined names point to. On other sheets such cells, and those that read them, are
            left out with an `EngineWarning`.
    """
    return [_recalculate_one(path, read_parts(path)) for path in paths]


def _recalculate_one(path: Path, parts: Parts) -> CellValues:
    calculation = Calculation(path, parts)
    # What overflows or divides by zero becomes an error value, which needs no warning.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        calculation.run()
    calculation.report_failures()
    return {
        (sheet, ref_of(row, column)): from_library(value)
        for (sheet, row, column), value in calculation.values.items()
    }


class Calculation:
    """The values of the cells of one workbook, as `formulas` has them: those that are known."""

    def __init__(self, path: Path, parts: Parts) -> None:
        stored, names = stored_cells(parts), meanings_of_names(parts)
        self._path = path
        self._plan = Plan(path, stored, Compiler(list(worksheet_parts(parts)), names))
        self._failures = dict(self._plan.refused)
        areas = (area for meaning in names.values() for area in references(meaning, ""))
        self._named_sheets = {area.sheet for area in areas if area.sheet}
        self.values: dict[Cell, Any] = {
            (sheet, *address_of(ref)): to_library(value)
            for (sheet, ref), value in stored.values.items()
            if (sheet, ref) not in stored.calculated
        }

    def run(self) -> None:
        """Calculate every cell after those that it reads, what is ready at the same time at once.

        Raises `EngineError` where cells go round in a circle.
        """
        for ready in self._plan.generations():
            alike: dict[CompiledFormula, list[Node]] = defaultdict(list)
            for node in ready:
                if not self._reads_a_failure(node):
                    alike[node.compiled].append(node)
            for compiled, nodes in alike.items():
                fill_areas = any(node.formula.fills_area for node in nodes)
                together = compiled.goes_element_by_element and not fill_areas
                if not (together and self._calculate_together(nodes)):
                    for node in nodes:
                        self._calculate(node)

    def report_failures(self) -> None:
        """Raise `EngineError` for a cell of a sheet with names that failed, warn of others."""
        if not self._failures:
            return
        on_named_sheets = [
            cell
            for cell in self._failures
            if not self._named_sheets or cell[0] in self._named_sheets
        ]
        sheet, row, column = (on_named_sheets or list(self._failures))[0]
        formula, reason = self._failures[sheet, row, column]
        where = f"{self._path}, {sheet}!{ref_of(row, column)}"
        if on_named_sheets:
            raise EngineError(
                Text(
                    f"{where}: formulas cannot calculate {formula.text}, since {reason.en};"
                    " change the formula or choose another engine.",
                    f"{where}: formulas가 {formula.text} 수식을 계산하지 못합니다. {reason.ko}."
                    " 수식을 고치거나 다른 엔진을 고르십시오.",
                )
            )
        count = len(self._failures)
        message = Text(
            f"{where}: formulas cannot calculate {formula.text}, since {reason.en};"
            f" {count} cell(s) without names are left out.",
            f"{where}: formulas가 {formula.text} 수식을 계산하지 못합니다. {reason.ko}."
            f" 이름이 없는 시트의 셀 {count}개를 뺐습니다.",
        )
        warnings.warn(EngineWarning(message), stacklevel=2)

    def _reads_a_failure(self, node: Node) -> bool:
        if not self._failures:
            return False
        read = next((c for c in self._plan.cells_read(node) if c in self._failures), None)
        if read is None:
            return False
        sheet, row, column = read
        cell = f"{sheet}!{ref_of(row, column)}"
        self._fail(
            node,
            Text(
                f"it reads {cell}, which cannot be calculated either",
                f"계산하지 못하는 {cell} 셀을 읽습니다",
            ),
        )
        return True

    def _fail(self, node: Node, reason: Text) -> None:
        self._failures.update(dict.fromkeys(node.home.cells(), (node.formula, reason)))

    def _calculate_together(self, nodes: Sequence[Node]) -> bool:
        """Calculate the cells of one formula in one call; False where that does not work."""
        arguments = []
        for position, one in enumerate(nodes[0].compiled.inputs):
            column = np.empty((len(nodes) if one.moves else 1, 1), object)
            column[:, 0] = [
                self._value(next(node.inputs[position][0].cells())) for node in nodes[: len(column)]
            ]
            arguments.append(column)
        try:
            results = np.array(nodes[0].compiled.function(*arguments), object, ndmin=2)
            values = [cell_value(value) for value in results.ravel()]
        except Exception:
            return False
        if not any(one.moves for one in nodes[0].compiled.inputs):
            values *= len(nodes)
        # The error of one element may have become that of all.
        if len(values) != len(nodes) or (len(nodes) > 1 and formulas.VALUE in values):
            return False
        for node, value in zip(nodes, values, strict=True):
            self.values[next(node.home.cells())] = value
        return True

    def _calculate(self, node: Node) -> None:
        arguments = [
            self._ranges(areas) if one.is_read else Ranges(tuple(map(library_area, areas)))
            for one, areas in zip(node.compiled.inputs, node.inputs, strict=True)
        ]
        try:
            result = node.compiled.function(*arguments)
            fitted = Ranges().set_value(library_area(node.home), result).value
            values = [cell_value(value) for value in fitted.ravel()]
        except CannotCalculateError as refusal:
            self._fail(node, refusal.reason)
        except Exception as error:
            self._fail(node, failure(error).reason)
        else:
            self.values.update(zip(node.home.cells(), values, strict=True))

    def _ranges(self, areas: Sequence[CellArea]) -> Ranges:
        """Areas and their values, as a compiled function takes them."""
        parts, values = [], {}
        for area in areas:
            used = self._plan.used(area)
            table = np.empty((used.bottom - used.top + 1, used.right - used.left + 1), object)
            table.flat[:] = [self._value(cell) for cell in used.cells()]
            known = library_area(used)
            parts.append(known if used == area else library_area(area))
            values[known["name"]] = known, table
        return Ranges(tuple(parts), values)

    def _value(self, cell: Cell) -> Any:
        return self.values.get(cell, schedula.EMPTY)


def to_library(value: CellValue) -> Any:
    """The value of a cell as the library has it."""
    return Error.errors.get(value.code, formulas.VALUE) if isinstance(value, CellError) else value


def from_library(value: Any) -> CellValue:
    """The value of a cell as everybody else has it."""
    return CellError(str(value)) if isinstance(value, formulas.XlError) else value


def cell_value(result: Any) -> Any:
    """A result of the library as a cell keeps it: number, text, truth value or its error."""
    value = result.item() if isinstance(result, np.ndarray | np.generic) else result
    if value is schedula.EMPTY:
        return 0.0
    if isinstance(value, bool | str | formulas.XlError):
        return value
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else formulas.NUM
    if isinstance(value, complex):
        return formulas.NUM
    raise CannotCalculateError(
        Text(
            f"the result {value!r} is no value of a cell",
            f"결과 {value!r}은(는) 셀의 값이 아닙니다",
        )
    )
