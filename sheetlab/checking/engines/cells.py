"""What the cells of an .xlsx package hold, as written: formulas, stored values, names."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from openpyxl.formula.translate import Translator

from sheetlab.errors import EngineError, MalformedError
from sheetlab.files.address import ref_of
from sheetlab.files.cached_values import POISON
from sheetlab.files.cell_reading import (
    CellFormula,
    ValueReader,
    counts_from_1904,
    numbered_cells,
    numbered_rows,
    rows_in,
    sheet_data,
    stored_in,
)
from sheetlab.files.cell_value import CellValue
from sheetlab.files.defined_names import defined_names
from sheetlab.files.shared_strings import shared_strings
from sheetlab.files.xml import WORKBOOK_PART, damaged, parse, relations, worksheet_parts
from sheetlab.text import Text

CellValues = dict[tuple[str, str], CellValue]


class StoredFormula(NamedTuple):
    """A formula with its "=", and the area that it fills: one cell, or that of an array formula.

    A data table has no formula; its text is "=TABLE()".
    """

    sheet: str
    area: str
    text: str
    fills_area: bool = False

    @property
    def cell(self) -> tuple[str, str]:
        """The sheet and the first cell of the area."""
        return self.sheet, self.area.partition(":")[0]


class StoredCells(NamedTuple):
    """The cells of a workbook file.

    Attributes:
        values: (sheet, "E5") -> the stored value, of every cell that has one.
        calculated: (sheet, "E5") of every cell that a formula, an array formula or a data table
            fills.
        formulas: each formula once, by sheet, row and column.
    """

    values: CellValues
    calculated: set[tuple[str, str]]
    formulas: list[StoredFormula]


def stored_cells(parts: Mapping[str, bytes]) -> StoredCells:
    """The stored values and the calculated cells of a package: {part name: content}.

    Raises `WorkbookError` where a part is missing or damaged.
    """
    texts = shared_strings(parts, relations(parts, WORKBOOK_PART))
    reader = ValueReader(texts, counts_from_1904(parse(parts, WORKBOOK_PART)))
    cells = StoredCells({}, set(), [])
    for sheet, part in worksheet_parts(parts).items():
        try:
            _read_sheet(sheet, parse(parts, part), reader, cells)
        except MalformedError as error:
            raise damaged(part, error.why) from error
    return cells


def meanings_of_names(parts: Mapping[str, bytes]) -> dict[tuple[str | None, str], str]:
    """What each defined name stands for, by its sheet (None for the workbook) and its name.

    Raises `WorkbookError` where a part is missing or damaged.
    """
    names = defined_names(parse(parts, WORKBOOK_PART))
    return {(name.sheet, name.name): name.meaning for name in names}


def require_recalculated(
    engine: str, path: Path, values: CellValues, calculated: set[tuple[str, str]]
) -> None:
    """Raise `EngineError` if a calculated cell still has the value that it was poisoned with."""
    for sheet, ref in sorted(calculated):
        if values.get((sheet, ref)) == POISON:
            raise EngineError(
                Text(
                    f"{engine} did not recalculate {path}, {sheet}!{ref}; choose another engine.",
                    f"{engine}가 {path} 파일의 {sheet}!{ref} 셀을 다시 계산하지 않았습니다. "
                    "다른 엔진을 고르십시오.",
                )
            )


def _read_sheet(sheet: str, root: etree._Element, reader: ValueReader, cells: StoredCells) -> None:
    """Add the cells of a worksheet; raises `MalformedError` where one is damaged."""
    shared: dict[str, Translator] = {}
    for row, line in numbered_rows(rows_in(sheet_data(root))):
        for column, cell in numbered_cells(line, row):
            stored = stored_in(cell)
            formula = stored.formula
            if formula is not None:
                top, left, bottom, right = formula.area(row, column)
                first, last = ref_of(top, left), ref_of(bottom, right)
                area = first if first == last else f"{first}:{last}"
                text = _text(formula, row, column, shared)
                cells.formulas.append(StoredFormula(sheet, area, text, formula.fills_range))
                cells.calculated.update(
                    (sheet, ref_of(filled_row, filled_column))
                    for filled_row in range(top, bottom + 1)
                    for filled_column in range(left, right + 1)
                )
            value = reader.value(stored)
            if value is not None:
                cells.values[sheet, ref_of(row, column)] = value


def _text(formula: CellFormula, row: int, column: int, shared: dict[str, Translator]) -> str:
    """What a formula says in its cell; `shared` holds those of the sheet that others repeat."""
    written = "=" + formula.text
    if formula.kind != "shared":
        return written
    if formula.text:
        shared[formula.group] = Translator(written, ref_of(row, column))
        return written
    if formula.group not in shared:
        raise MalformedError("no_shared_formula", index=formula.group, row=row)
    # Not by the engine's own means, which other witnesses are to check.
    return str(shared[formula.group].translate_formula(ref_of(row, column)))
