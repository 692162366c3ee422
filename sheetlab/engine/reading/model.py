"""A workbook as the engine has it: grids of values, and blocks of formulas."""

import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from sheetlab.engine.blocks import Block
from sheetlab.engine.budget import ARRAY_SHARE
from sheetlab.engine.cell_range import CellRange, cell_text
from sheetlab.engine.formula import Formula
from sheetlab.engine.garbage import seldom_collected
from sheetlab.engine.grid import DoubleCellError, Grid, Run
from sheetlab.engine.reading.formulas import FormulaReader
from sheetlab.engine.reading.hidden_rows import HiddenRows, hidden_rows
from sheetlab.engine.reading.phonetics import Phonetics
from sheetlab.engine.reading.pivot_tables import PivotTables
from sheetlab.engine.reading.resolving import Resolver
from sheetlab.engine.reading.scan import TooManyCellsError, scan, scan_pieces
from sheetlab.engine.reading.sheet_cells import (
    ArrayFormula,
    Constants,
    Family,
    KnownFormulas,
    SheetCells,
    constants_of,
)
from sheetlab.engine.reading.workbook import Workbook, read_workbook
from sheetlab.engine.syntax.wording import known_words
from sheetlab.errors import EngineWarning, MalformedError, WorkbookError
from sheetlab.files.cell_reading import ValueReader
from sheetlab.files.cell_value import CellValue
from sheetlab.files.packed import packed_parts, unpacked_size
from sheetlab.files.xml import content, damaged, needs_no_decoding
from sheetlab.files.xml import parse as parse_part
from sheetlab.limits import Limits
from sheetlab.messages import Message

_METADATA = "xl/metadata.xml"
_DEFAULT_LIMITS = Limits()


@dataclass(slots=True)
class Model:
    """Grids by sheet, those of other workbooks too, and all blocks in the order of the file.

    `hidden_rows` are those of each sheet of this workbook that hides some.
    """

    workbook: Workbook
    resolver: Resolver
    formulas: FormulaReader
    grids: dict[str, Grid]
    blocks: list[Block]
    limits: Limits
    hidden_rows: Mapping[str, HiddenRows]
    phonetics: Phonetics
    pivot_tables: PivotTables


@seldom_collected()
@known_words()
def read_model(path: Path, parts: Mapping[str, bytes], limits: Limits = _DEFAULT_LIMITS) -> Model:
    """The model of the workbook at `path`. Raises `WorkbookError` that names file and sheet."""
    limits = limits.for_file(unpacked_size(parts))
    room, room_of_arrays = limits.cells, limits.cells // ARRAY_SHARE
    workbook = read_workbook(path, parts)
    resolver = Resolver(workbook)
    formulas = FormulaReader(resolver)
    dynamic = _dynamic_metadata(path, parts)
    values = ValueReader(workbook.texts, workbook.date_1904)
    known = KnownFormulas()
    grids: dict[str, Grid] = {}
    found: list[tuple[str, SheetCells]] = []
    hidden: dict[str, HiddenRows] = {}
    for sheet, part in workbook.sheets.items():
        try:
            cells = _cells_of(parts, part, path, values, dynamic, room, known)
            room -= cells.seen
            room_of_arrays -= sum(array.rows * array.columns for array in cells.arrays)
            if room_of_arrays < 0:
                raise MalformedError("array_formulas_too_large", most=limits.cells // ARRAY_SHARE)
            grids[sheet] = Grid(_pieces(cells))
            if cells.hides:
                hidden[sheet] = hidden_rows(content(parts, part, path), sheet, part, workbook)
        except TooManyCellsError as error:
            raise WorkbookError(
                "too_many_cells", path=path, sheet=sheet, most=limits.cells
            ) from error
        except MalformedError as error:
            raise WorkbookError("damaged_sheet", path=path, sheet=sheet, why=error.why) from error
        except DoubleCellError as error:
            cell = cell_text((sheet, error.row, error.column))
            why = Message("cell_twice", cell=cell)
            raise WorkbookError("damaged_sheet", path=path, sheet=sheet, why=why) from error
        cells.constants.clear()
        found.append((sheet, cells))
    for part, packed in packed_parts(parts).items():
        if part not in workbook.sheets.values():
            packed.check()
    blocks = _blocks(found, formulas)
    for sheet, kept in workbook.other_books.items():
        grids[sheet] = Grid(_kept_values(kept))
    _warn_of_other_books(workbook, blocks)
    phonetics = Phonetics(path, parts, workbook.sheets)
    pivots = PivotTables(path, parts, workbook.sheets)
    return Model(workbook, resolver, formulas, grids, blocks, limits, hidden, phonetics, pivots)


def _cells_of(
    parts: Mapping[str, bytes],
    part: str,
    path: Path,
    values: ValueReader,
    dynamic: frozenset[str],
    most: int,
    known: KnownFormulas,
) -> SheetCells:
    """What `scan` gives for a worksheet, which is unpacked as a whole only where it has to be."""
    packed = packed_parts(parts).get(part)
    if packed is not None:
        pieces = packed.pieces()
        first = next(pieces, b"")
        # What is wrong may be that the file is damaged, which the whole tells.
        with suppress(MalformedError):
            if needs_no_decoding(first):
                cells = scan_pieces(
                    chain((first,), pieces), packed.size, values, dynamic, most, known
                )
                if cells is not None:
                    return cells
    return scan(content(parts, part, path), values, dynamic, most, known)


def _warn_of_other_books(workbook: Workbook, blocks: Iterable[Block]) -> None:
    """Tell that formulas read other workbooks, of which the file has only the last values."""
    if not workbook.other_books:
        return
    for block in blocks:
        if any(area.sheet in workbook.other_books for area in block.reads):
            cell = cell_text(block.home)
            warning = EngineWarning(
                "other_workbook", path=workbook.path, cell=cell, formula=block.text
            )
            warnings.warn(warning, stacklevel=5)
            return


def _dynamic_metadata(path: Path, parts: Mapping[str, bytes]) -> frozenset[str]:
    """The `cm` marks of cells whose formulas spill."""
    if _METADATA not in parts:
        return frozenset()
    root = parse_part(parts, _METADATA, path)
    kinds = [kind.get("name") for kind in root.iterfind("{*}metadataTypes/{*}metadataType")]
    marks = set()
    for number, block in enumerate(root.iterfind("{*}cellMetadata/{*}bk"), 1):
        for record in block.iterfind("{*}rc"):
            said = record.get("t", "0")
            try:
                kind = int(said)
            except ValueError as error:
                raise damaged(_METADATA, f"t={said!r}", path) from error
            if 1 <= kind <= len(kinds) and kinds[kind - 1] == "XLDAPR":
                marks.add(str(number))
    return frozenset(marks)


def _pieces(cells: SheetCells) -> Iterator[tuple[int, Run]]:
    """The runs of a sheet: its constants, and room for what formulas give."""
    filled: dict[int, list[tuple[int, int]]] = {}
    for array in cells.arrays:
        for column in range(array.column, array.column + array.columns):
            filled.setdefault(column, []).append((array.row, array.row + array.rows))
            yield column, Run(array.row, np.full(array.rows, np.nan))
    for spans in filled.values():
        spans.sort()
    for constants in cells.constants:
        for kept in _outside(constants, filled.get(constants.column, [])):
            yield kept.column, Run(kept.first, kept.numbers, kept.objects)
    yield from _rooms(cells.families)


def _rooms(families: Iterable[Family]) -> Iterator[tuple[int, Run]]:
    """The runs for what formulas give, one for families of the same columns below each other."""
    # By column and width the first rows, and the rows below the last.
    found: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for family in families:
        key, first = (family.column, family.width), family.first
        spans = found.get(key)
        if spans is None:
            found[key] = [first], [first + family.count]
        elif spans[1][-1] == first:
            spans[1][-1] += family.count
        else:
            spans[0].append(first)
            spans[1].append(first + family.count)
    for (left, width), spans in found.items():
        for column in range(left, left + width):
            for first, end in zip(*spans, strict=True):
                numbers = np.empty(end - first)
                numbers.fill(np.nan)
                yield column, Run(first, numbers)


def _outside(constants: Constants, spans: Sequence[tuple[int, int]]) -> Iterator[Constants]:
    """The constants that stand in no array formula, whose values the file keeps as constants.

    `spans` are the first and the end row of the array formulas in their column, in order; where
    two overlap, the grid refuses them.
    """
    start, end = constants.first, constants.first + len(constants.numbers)
    place = bisect_left(spans, (start, 0))
    for top, bottom in (*spans[max(place - 1, 0) : bisect_left(spans, (end, 0))], (end, end)):
        if start < top:
            rows = slice(start - constants.first, top - constants.first)
            objects = None if constants.objects is None else constants.objects[rows]
            yield Constants(constants.column, start, constants.numbers[rows], objects)
        start = max(start, bottom)


def _kept_values(values: Mapping[tuple[int, int], CellValue]) -> Iterator[tuple[int, Run]]:
    """The runs of what the file keeps of a sheet of another workbook."""
    first, column, found = 0, 0, list[CellValue]()
    for (row, its_column), value in sorted(
        values.items(), key=lambda cell: (cell[0][1], cell[0][0])
    ):
        if found and (its_column, row) != (column, first + len(found)):
            kept = constants_of(column, first, found)
            yield column, Run(first, kept.numbers, kept.objects)
            found = []
        if not found:
            first, column = row, its_column
        found.append(value)
    if found:
        kept = constants_of(column, first, found)
        yield column, Run(first, kept.numbers, kept.objects)


def _blocks(found: Iterable[tuple[str, SheetCells]], formulas: FormulaReader) -> list[Block]:
    """The blocks of all formulas of some sheets; those filled from each other share one formula."""
    filled: list[tuple[Family | ArrayFormula, CellRange, int]] = []
    distinct: list[tuple[str, CellRange]] = []
    for sheet, of_sheet in found:
        known: dict[int, int] = {}
        for family in of_sheet.families:
            top, left, number = family.first, family.column, family.number
            cells = CellRange(sheet, top, left, top + family.count - 1, left + family.width - 1)
            place = known.get(number)
            if place is None:
                place = len(distinct)
                distinct.append((family.text, cells))
                if number >= 0:
                    known[number] = place
            filled.append((family, cells, place))
        for array in of_sheet.arrays:
            top, left = array.row, array.column
            cells = CellRange(sheet, top, left, top + array.rows - 1, left + array.columns - 1)
            filled.append((array, cells, len(distinct)))
            distinct.append((array.text, cells))
    read = formulas.read_all(distinct)
    # What is postfix says the same on each sheet.
    on_any_sheet: dict[int, Formula] = {}
    blocks = []
    for what, cells, place in filled:
        formula = read[place]
        if isinstance(what, ArrayFormula):
            blocks.append(Block(cells, what.text, formula, is_array=True, spills=what.spills))
            continue
        if what.number >= 0 and formula.postfix is not None:
            formula = on_any_sheet.setdefault(what.number, formula)
        blocks.append(Block(cells, what.text, formula))
    return blocks
