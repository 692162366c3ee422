"""What the cells of an .xlsx package hold, as written: which calculate, and the stored values."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from openpyxl.utils.cell import cols_from_range, coordinate_to_tuple, get_column_letter
from openpyxl.utils.escape import unescape

from sheetlab.errors import EngineError
from sheetlab.files.cached_values import POISON
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.xml import parse, worksheet_parts
from sheetlab.text import Text

CellValues = dict[tuple[str, str], CellValue]


class StoredCells(NamedTuple):
    """The cells of a workbook file.

    Attributes:
        values: (sheet, "E5") -> the stored value, of every cell that has one.
        calculated: (sheet, "E5") of every cell that a formula, an array formula or a data table
            fills.
    """

    values: CellValues
    calculated: set[tuple[str, str]]


def stored_cells(parts: Mapping[str, bytes]) -> StoredCells:
    """The stored values and the calculated cells of a package: {part name: content}.

    Raises `WorkbookError` where a part is missing or damaged.
    """
    texts = _shared_strings(parts)
    cells = StoredCells({}, set())
    for sheet, part in worksheet_parts(parts).items():
        for ref, cell in _cells(parse(parts, part)):
            formula = cell.find("{*}f")
            if formula is not None:
                fills = formula.get("t") in ("array", "dataTable")
                area = formula.get("ref", ref) if fills else ref
                cells.calculated.update(
                    (sheet, filled) for column in cols_from_range(area) for filled in column
                )
            value = _stored_value(cell, texts)
            if value is not None:
                cells.values[sheet, ref] = value
    return cells


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
