"""What a workbook holds beside its cells: sheets, names, tables, texts and other workbooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from sheetlab.engine.cell_range import CellRange, range_on
from sheetlab.errors import MalformedError, WorkbookError
from sheetlab.files.address import address_of
from sheetlab.files.cell_reading import ValueReader, counts_from_1904
from sheetlab.files.cell_value import CellValue
from sheetlab.files.defined_names import defined_names
from sheetlab.files.shared_strings import shared_strings
from sheetlab.files.xml import (
    WORKBOOK_PART,
    Relation,
    below,
    count_of,
    damaged,
    decode_escapes,
    parse,
    relation_of,
    relations,
    text_of,
    worksheets_of,
)
from sheetlab.messages import Message

_MOST_ITERATIONS = 32_767


@dataclass(frozen=True, slots=True)
class Iteration:
    """How often cells that need each other are calculated, or until all change by less."""

    count: int
    delta: float


class Table(NamedTuple):
    """A table: its range with headings and totals, and the names of its columns.

    `filtered` is the range below whose headings a filter hides rows, if there is one.
    """

    name: str
    cells: CellRange
    columns: tuple[str, ...]
    header_rows: int
    totals_rows: int
    filtered: CellRange | None = None


@dataclass(slots=True)
class Workbook:
    """A workbook without its cells.

    `sheets` gives the part of each worksheet, in the order of the tabs. `names` is keyed by sheet
    (None for the workbook) and name in lower case, and holds the name as written and what it
    stands for. `tables` is keyed by name in lower case. `other_books` holds the values that the
    file keeps of other workbooks, by sheet as formulas name it ("[1]Data") and by row and column.
    `iteration` is None where cycles are not to be calculated.
    """

    path: Path
    sheets: Mapping[str, str]
    names: Mapping[tuple[str | None, str], tuple[str, str]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    texts: Sequence[str] = ()
    other_books: Mapping[str, Mapping[tuple[int, int], CellValue]] = field(default_factory=dict)
    date_1904: bool = False
    iteration: Iteration | None = None


def read_workbook(path: Path, parts: Mapping[str, bytes]) -> Workbook:
    """The workbook at `path`, whose parts are given, without its cells (ECMA-376 part 1, 18.2).

    The shared strings are parsed when the first is asked for. Raises `WorkbookError`, which
    names the file and the part, where a part is missing or damaged, and where there is no
    worksheet.
    """
    links = relations(parts, WORKBOOK_PART, path)
    root = parse(parts, WORKBOOK_PART, path)
    sheets = worksheets_of(root, links, parts, path)
    if not sheets:
        raise WorkbookError("no_worksheet", path=path)
    names = defined_names(root, path)
    return Workbook(
        path,
        sheets,
        {(sheet, name.lower()): (name, meaning) for sheet, name, meaning in names},
        _tables(path, parts, sheets),
        shared_strings(parts, links, path),
        _other_books(path, parts, root, links),
        counts_from_1904(root),
        _iteration(root, path),
    )


def _iteration(root: etree._Element, path: Path) -> Iteration | None:
    settings = next(below(root, "calcPr"), None)
    if settings is None or settings.get("iterate") not in ("1", "true"):
        return None
    count, delta = settings.get("iterateCount", "100"), settings.get("iterateDelta", "0.001")
    try:
        return Iteration(min(count_of(count), _MOST_ITERATIONS), float(delta))
    except ValueError as error:
        why = f"iterateCount={count!r}, iterateDelta={delta!r}"
        raise damaged(WORKBOOK_PART, why, path) from error


def _tables(path: Path, parts: Mapping[str, bytes], sheets: Mapping[str, str]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    seen: set[str] = set()
    for sheet, part in sheets.items():
        for kind, target in relations(parts, part, path).values():
            if kind == "table":
                _refuse_second(target, seen, path)
                table = _table(path, parts, sheet, target)
                tables[table.name.lower()] = table
    return tables


def _table(path: Path, parts: Mapping[str, bytes], sheet: str, part: str) -> Table:
    root = parse(parts, part, path)
    filtering = root.find("{*}autoFilter")
    try:
        return Table(
            decode_escapes(root.get("displayName", root.get("name", ""))),
            range_on(sheet, root.get("ref", "")),
            tuple(
                decode_escapes(column.get("name", ""))
                for column in root.iterfind("{*}tableColumns/{*}tableColumn")
            ),
            count_of(root.get("headerRowCount", "1")),
            count_of(root.get("totalsRowCount", "0")),
            None
            if filtering is None or filtering.find("{*}filterColumn") is None
            else range_on(sheet, filtering.get("ref", "")),
        )
    except MalformedError as error:
        raise damaged(part, error.why, path) from error


def _refuse_second(part: str, seen: set[str], path: Path) -> None:
    """Raise `WorkbookError` where a part was read before, which some could have read for ever."""
    if part in seen:
        raise damaged(part, Message("two_relations"), path)
    seen.add(part)


def _other_books(
    path: Path, parts: Mapping[str, bytes], root: etree._Element, links: Mapping[str, Relation]
) -> dict[str, dict[tuple[int, int], CellValue]]:
    books: dict[str, dict[tuple[int, int], CellValue]] = {}
    references = below(root, "externalReferences", "externalReference")
    seen: set[str] = set()
    for number, reference in enumerate(references, 1):
        part = relation_of(reference, links, WORKBOOK_PART, path).target
        _refuse_second(part, seen, path)
        book = parse(parts, part, path)
        # What is no workbook (a DDE or OLE server) counts too, but holds no cells.
        sheets = [
            f"[{number}]{sheet.get('val', '')}"
            for sheet in book.iterfind("{*}externalBook/{*}sheetNames/{*}sheetName")
        ]
        books.update({sheet: {} for sheet in sheets})
        for data in book.iterfind("{*}externalBook/{*}sheetDataSet/{*}sheetData"):
            try:
                cells = books[_sheet_of(data, sheets)]
                for cell in data.iterfind("{*}row/{*}cell"):
                    value = _kept_value(cell)
                    if value is not None:
                        cells[address_of(cell.get("r", ""))] = value
            except MalformedError as error:
                raise damaged(part, error.why, path) from error
    return books


def _sheet_of(data: etree._Element, sheets: Sequence[str]) -> str:
    """The sheet that data of another workbook belong to; `MalformedError` where there is none."""
    text = data.get("sheetId", "")
    number = count_of(text)
    if number >= len(sheets):
        raise MalformedError("no_sheet_of_number", text=text)
    return sheets[number]


def _kept_value(cell: etree._Element) -> CellValue | None:
    """What a file keeps of a cell of another workbook, which has no shared strings here."""
    value = cell.find("{*}v")
    if value is None:
        return None
    kind = cell.get("t", "n")
    return ValueReader().decode(kind if kind in ("n", "b", "e") else "str", text_of(value))
