"""What the cells of an .xlsx package hold, as written: formulas, stored values, names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import cols_from_range, coordinate_to_tuple, get_column_letter
from openpyxl.utils.escape import unescape

from sheetlab.errors import EngineError
from sheetlab.files.cached_values import POISON
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.xml import parse, text_of, worksheet_parts
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
    texts = _shared_strings(parts)
    cells = StoredCells({}, set(), [])
    for sheet, part in worksheet_parts(parts).items():
        shared: dict[str, Translator] = {}
        for ref, cell in _cells(parse(parts, part)):
            element = cell.find("{*}f")
            if element is not None:
                formula = _formula(sheet, ref, element, shared)
                cells.formulas.append(formula)
                cells.calculated.update(
                    (sheet, filled) for column in cols_from_range(formula.area) for filled in column
                )
            value = _stored_value(cell, texts)
            if value is not None:
                cells.values[sheet, ref] = value
    return cells


def defined_names(parts: Mapping[str, bytes]) -> dict[tuple[str | None, str], str]:
    """What each defined name stands for, by its sheet (None for the workbook) and its name.

    Raises `WorkbookError` where a part is missing or damaged.
    """
    workbook = parse(parts, "xl/workbook.xml")
    sheets = [sheet.get("name", "") for sheet in workbook.iterfind("{*}sheets/{*}sheet")]
    names: dict[tuple[str | None, str], str] = {}
    for defined in workbook.iterfind("{*}definedNames/{*}definedName"):
        scope = defined.get("localSheetId")
        sheet = None if scope is None else sheets[int(scope)]
        names[sheet, defined.get("name", "")] = text_of(defined)
    return names


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


def _cells(sheet: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Each cell of a worksheet with its address, which a file may leave unsaid."""
    row = 0
    for line in sheet.iterfind("{*}sheetData/{*}row"):
        row = int(line.get("r", row + 1))
        column = 0
        for cell in line.iterfind("{*}c"):
            ref = cell.get("r") or f"{get_column_letter(column + 1)}{row}"
            column = coordinate_to_tuple(ref)[1]
            yield ref, cell


def _formula(
    sheet: str, ref: str, element: etree._Element, shared: dict[str, Translator]
) -> StoredFormula:
    """The formula of a cell; `shared` holds the formulas of the sheet that others repeat."""
    kind, text = element.get("t", "normal"), text_of(element)
    if kind == "dataTable":
        return StoredFormula(sheet, element.get("ref", ref), "=TABLE()", fills_area=True)
    written = "=" + text.removeprefix("=")
    if kind == "array":
        return StoredFormula(sheet, element.get("ref", ref), written, fills_area=True)
    if kind == "shared":
        group = element.get("si", "")
        if text:
            shared[group] = Translator(written, ref)
        elif group in shared:
            written = shared[group].translate_formula(ref)
    return StoredFormula(sheet, ref, written)


def _shared_strings(parts: Mapping[str, bytes]) -> list[str]:
    if "xl/sharedStrings.xml" not in parts:
        return []
    return [_text(item) for item in parse(parts, "xl/sharedStrings.xml").iterfind("{*}si")]


def _text(item: etree._Element) -> str:
    """The text of a plain or rich string, without the phonetic guide that may follow it."""
    runs = [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")]
    return unescape("".join(run.text or "" for run in runs))


def _stored_value(cell: etree._Element, texts: list[str]) -> CellValue | None:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        text = cell.find("{*}is")
        return None if text is None else _text(text) or None
    stored = cell.findtext("{*}v")
    if not stored:
        return None
    match kind:
        case "n":
            return float(stored)
        case "b":
            return stored == "1"
        case "e":
            return CellError(stored)
        case "s":
            return texts[int(stored)] or None
        case _:
            return unescape(stored)
