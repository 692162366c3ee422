"""A workbook as the engine has it: grids of values, and blocks of formulas."""

import contextlib
import gc
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange, cell_text
from sheetlab.engine.grid import DoubleCellError, Grid, Run
from sheetlab.engine.reading.formulas import FormulaReader
from sheetlab.engine.reading.resolving import Resolver
from sheetlab.engine.reading.scan import (
    ArrayFormula,
    Constants,
    Family,
    ScanError,
    SheetCells,
    scan,
)
from sheetlab.engine.reading.workbook import Workbook, read_workbook
from sheetlab.engine.syntax.expression import Literal
from sheetlab.engine.syntax.parser import FormulaError
from sheetlab.engine.syntax.wording import forget_words
from sheetlab.errors import EngineWarning, WorkbookError
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts
from sheetlab.files.xml import content, damaged
from sheetlab.files.xml import parse as parse_part
from sheetlab.text import Text

_METADATA = "xl/metadata.xml"
_MAX_ARRAY_CELLS = 4_000_000
_LAST_DAY_BEFORE_1904 = 1462
_NO_EXPRESSION = Literal(CellError("#NAME?"))


@dataclass(slots=True)
class Model:
    """Grids by sheet, those of other workbooks too, and all blocks in the order of the file."""

    workbook: Workbook
    resolver: Resolver
    formulas: FormulaReader
    grids: dict[str, Grid]
    blocks: list[Block]


@contextlib.contextmanager
def _many_objects() -> Iterator[None]:
    """While so many objects are made, and none thrown away, that looking for garbage is vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        forget_words()
        if was_enabled:
            gc.enable()


@_many_objects()
def read_model(path: Path, parts: Parts) -> Model:
    """The model of the workbook at `path`. Raises `WorkbookError` that names file and sheet."""
    workbook = read_workbook(path, parts)
    resolver = Resolver(workbook)
    formulas = FormulaReader(resolver)
    dynamic = _dynamic_metadata(path, parts)
    grids: dict[str, Grid] = {}
    blocks: list[Block] = []
    for sheet, part in workbook.sheets.items():
        try:
            xml = content(parts, part, path)
            cells = scan(xml, workbook.texts, dynamic, _serial(workbook.date_1904))
            grids[sheet] = Grid(_pieces(cells))
        except ScanError as error:
            raise _damaged(path, sheet, str(error)) from error
        except DoubleCellError as error:
            cell = cell_text((sheet, error.row, error.column))
            raise _damaged(path, sheet, f"the cell {cell} is there twice") from error
        blocks.extend(_family_blocks(cells.families, sheet, formulas))
        for array in cells.arrays:
            blocks.append(_array_block(array, sheet, formulas))
    for sheet, values in workbook.other_books.items():
        grids[sheet] = Grid()
        for (row, column), value in values.items():
            grids[sheet].write(row, column, value)
    _warn_of_other_books(workbook, blocks)
    return Model(workbook, resolver, formulas, grids, blocks)


def _warn_of_other_books(workbook: Workbook, blocks: Iterable[Block]) -> None:
    """Tell that formulas read other workbooks, of which the file has only the last values."""
    for block in blocks:
        if any(area.sheet in workbook.other_books for area in block.reads):
            where = f"{workbook.path}, {cell_text(block.home)}"
            message = Text(
                f"{where}: {block.text} reads another workbook, whose last known values are used;"
                " open both in Excel and save to renew them.",
                f"{where}: {block.text}이(가) 다른 통합 문서를 읽으므로 마지막으로 저장된 값을"
                " 씁니다. 값을 새로 고치려면 Excel에서 함께 열어 저장하십시오.",
            )
            warnings.warn(EngineWarning(message), stacklevel=5)
            return


def _damaged(path: Path, sheet: str, why: str) -> WorkbookError:
    return WorkbookError(
        Text(
            f"{path}, {sheet}: is damaged ({why}); open it in Excel and save it anew.",
            f"{path}, {sheet}: 손상되었습니다({why}). Excel에서 열어 다시 저장하십시오.",
        )
    )


def _dynamic_metadata(path: Path, parts: Mapping[str, bytes]) -> frozenset[str]:
    """The `cm` marks of cells whose formulas spill."""
    if _METADATA not in parts:
        return frozenset()
    root = parse_part(parts, _METADATA, path)
    kinds = [kind.get("name") for kind in root.iterfind("{*}metadataTypes/{*}metadataType")]
    marks = set()
    for number, block in enumerate(root.iterfind("{*}cellMetadata/{*}bk"), 1):
        for record in block.iterfind("{*}rc"):
            try:
                kind = int(record.get("t", "0"))
            except ValueError as error:
                raise damaged(_METADATA, str(error), path) from error
            if 1 <= kind <= len(kinds) and kinds[kind - 1] == "XLDAPR":
                marks.add(str(number))
    return frozenset(marks)


def _serial(date_1904: bool) -> Callable[[str], float]:
    """What turns an ISO date into the number that Excel counts it by; it has no zone."""

    def serial(text: str) -> float:
        moment = datetime.fromisoformat(text.strip().rstrip("Z"))
        if moment.tzinfo is not None:
            raise ValueError("a cell's date has no time zone")
        passed = moment - datetime(1899, 12, 30)
        days = passed.total_seconds() / 86400
        return days - _LAST_DAY_BEFORE_1904 if date_1904 else days

    return serial


def _pieces(cells: SheetCells) -> Iterator[tuple[int, Run]]:
    """The runs of a sheet: its constants, and room for what formulas give."""
    arrays = cells.arrays
    for array in arrays:
        if array.rows * array.columns > _MAX_ARRAY_CELLS:
            raise ScanError(f"an array formula fills more than {_MAX_ARRAY_CELLS:,} cells")
        for column in range(array.column, array.column + array.columns):
            yield column, Run(array.row, np.full(array.rows, np.nan))
    for constants in cells.constants:
        for kept in _outside(constants, arrays):
            yield kept.column, Run(kept.first, kept.numbers, kept.objects)
    for family in cells.families:
        yield family.column, Run(family.first, np.full(family.count, np.nan))


def _outside(constants: Constants, arrays: Iterable[ArrayFormula]) -> list[Constants]:
    """The constants that stand in no array formula, whose values the file keeps as constants."""
    kept = [constants]
    for array in arrays:
        if not array.column <= constants.column < array.column + array.columns:
            continue
        pieces = []
        for piece in kept:
            end = piece.first + len(piece.numbers)
            for low, high in ((piece.first, array.row), (array.row + array.rows, end)):
                low, high = max(low, piece.first), min(high, end)
                if low < high:
                    rows = slice(low - piece.first, high - piece.first)
                    objects = None if piece.objects is None else piece.objects[rows]
                    pieces.append(Constants(piece.column, low, piece.numbers[rows], objects))
        kept = pieces
    return kept


def _family_blocks(
    families: Iterable[Family], sheet: str, formulas: FormulaReader
) -> Iterator[Block]:
    read: dict[int, Block] = {}
    for family in families:
        bottom = family.first + family.count - 1
        cells = CellRange(sheet, family.first, family.column, bottom, family.column)
        left = read.get(id(family.beside))
        # What [ ] mean depends on the cell.
        if left is None or "[" in family.text:
            block = read[id(family)] = make_block(cells, family.text, formulas)
        else:
            expression, reads, dynamic = left.expression, left.reads, left.dynamic
            block = Block(cells, family.text, expression, reads, dynamic=dynamic, flaw=left.flaw)
        yield block


def _array_block(array: ArrayFormula, sheet: str, formulas: FormulaReader) -> Block:
    cells = CellRange(
        sheet,
        array.row,
        array.column,
        array.row + array.rows - 1,
        array.column + array.columns - 1,
    )
    return make_block(cells, array.text, formulas, is_array=True, spills=array.spills)


def make_block(
    cells: CellRange,
    text: str,
    formulas: FormulaReader,
    *,
    is_array: bool = False,
    spills: bool = False,
) -> Block:
    """The block of a formula that fills some cells; one that is no formula has a `flaw`."""
    try:
        formula = formulas.read(text, cells)
    except FormulaError as error:
        return Block(cells, text, _NO_EXPRESSION, is_array=is_array, spills=spills, flaw=str(error))
    return Block(cells, text, formula.expression, formula.reads, is_array, spills, formula.dynamic)
