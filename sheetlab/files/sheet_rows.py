"""The rows of a worksheet's XML, changed where they stand.

As a tree, a large sheet takes a hundred times the bytes of its XML. So its rows are taken some
megabytes at a time. Where all cells are written as programs write them, the values beside their
formulas are put in as text; other rows become a tree, and only as long as they are changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from xml.parsers import expat

from lxml import etree

from sheetlab.files.address import MAX_ROW, address_of, column_of
from sheetlab.files.cell_reading import CellFormula
from sheetlab.files.cell_value import CellValue
from sheetlab.files.cell_writing import cached_xml, with_kind, write_cached, write_constant
from sheetlab.files.sheet_tree import SheetTree

# The values of a column from one row to another, None where there is none.
Values = Callable[[int, int, int], Sequence[CellValue | None]]

_CHUNK = 2_000_000
_SHEET_DATA = re.compile(rb"<sheetData(?:\s[^>]*)?(?<!/)>")
_ROOT = re.compile(rb"<worksheet\b[^>]*>")
_ROW = re.compile(rb'\s*<row [^>]*?\br="([1-9][0-9]{0,6})"')
_CELL = re.compile(rb'<c r="[A-Z]{1,3}([1-9][0-9]{0,6})"')
_FORMULA_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"([^>]*)>'
    rb'(<f(?: [^>]*)?(?<!/)>[^<]+</f>|<f [^>]*\bt="shared"[^>]*(?:/>|></f>))'
    rb"(?:<v/>|<v>[^<]*</v>)?(?=</c>|<extLst)"
)
_ARRAY = re.compile(rb'<f [^>]*\bt="(?:array"[^>]*(?<!/)>(?!</f>)|dataTable"[^>]*>)')
_RANGE = re.compile(rb'\bref="([^":]*:[^"]*)"')
_UNUSUAL = (b"<!", b"<?", b"xmlns", b"='")
_FORMULA_TAGS = (b"<f>", b"<f ", b"<f/>")


def with_cached(xml: bytes, values: Values) -> bytes | None:
    """A worksheet with values beside its formulas; None where its rows cannot be told apart.

    The XML is in UTF-8. Raises `ExpatError` where it is no XML at all, `MalformedError` where its
    cells cannot be read.
    """
    arrays = [
        CellFormula("", "array", ref.decode(errors="replace"), "").area(0, 0)
        for tag in _ARRAY.findall(xml)
        for ref in _RANGE.findall(tag)
    ]

    def edit(rows: bytes, first: int, end: int, frame: tuple[bytes, bytes]) -> bytes:
        inside = [area for area in arrays if area[0] < end and area[2] >= first]
        found = None if inside else _cached(rows, values)
        if found is not None:
            return found
        filled = (cell for area in inside for cell in _cells(area, first, end))
        return _by_tree(rows, frame, lambda tree: cache_in(tree, values, filled, first, end))

    return _edited(xml, edit)


def with_constants(xml: bytes, constants: Mapping[str, CellValue | None]) -> bytes | None:
    """A worksheet with constants in some cells, by ref; else as `with_cached`."""
    by_row: dict[int, dict[str, CellValue | None]] = {}
    for ref, value in constants.items():
        by_row.setdefault(address_of(ref)[0], {})[ref] = value

    def edit(rows: bytes, first: int, end: int, frame: tuple[bytes, bytes]) -> bytes:
        inside = {
            ref: value
            for row, found in by_row.items()
            if first <= row < end
            for ref, value in found.items()
        }
        return _by_tree(rows, frame, lambda tree: write_in(tree, inside)) if inside else rows

    return _edited(xml, edit)


def _edited(
    xml: bytes, edit: Callable[[bytes, int, int, tuple[bytes, bytes]], bytes]
) -> bytes | None:
    """The worksheet with some rows at a time edited, which lie from a first to before an end."""
    expat.ParserCreate("utf-8").Parse(xml, True)
    root, opening = _ROOT.search(xml), _SHEET_DATA.search(xml)
    end = xml.find(b"</sheetData>")
    if root is None or opening is None or end < opening.end():
        return None
    edges = [*_edges(xml, opening.end(), end), end]
    firsts = [_ROW.match(xml, edge) for edge in edges[:-1]]
    numbers = [int(found[1]) for found in firsts if found is not None]
    if len(numbers) < len(firsts) or numbers != sorted(set(numbers)):
        return None
    frame = root[0] + opening[0], b"</sheetData></worksheet>"
    bounds = [1, *numbers[1:], MAX_ROW + 1]
    parts = (
        edit(xml[begin:stop], first, last, frame)
        for (begin, stop), (first, last) in zip(pairwise(edges), pairwise(bounds), strict=True)
    )
    return b"".join((xml[: opening.end()], *parts, xml[end:]))


def _edges(xml: bytes, start: int, end: int) -> Iterator[int]:
    """Where rows begin, one in every so many bytes."""
    while start >= 0:
        yield start
        start = xml.find(b"<row ", start + _CHUNK, end)


def _cached(rows: bytes, values: Values) -> bytes | None:
    """Rows with values beside their formulas; None where a cell is written in an unusual way."""
    formulas = sum(map(rows.count, _FORMULA_TAGS))
    if not formulas:
        return rows
    numbers = [int(row) for row in _CELL.findall(rows)]
    if len(numbers) != rows.count(b"<c ") + rows.count(b"<c>") or any(
        mark in rows for mark in _UNUSUAL
    ):
        return None
    first, last = min(numbers), max(numbers)
    columns: dict[bytes, Sequence[bytes | tuple[bytes, bytes] | None]] = {}

    def cached(cell: re.Match[bytes]) -> bytes:
        letters, row, attributes, formula = cell.groups()
        if letters not in columns:
            columns[letters] = cached_xml(values(column_of(letters.decode()), first, last))
        stored = columns[letters][int(row) - first]
        if stored is None:
            return cell[0]
        kind = b""
        if not isinstance(stored, bytes):
            kind, stored = stored
        if kind or b" t=" in attributes:
            attributes = with_kind(attributes, kind)
        return b'<c r="%b%b"%b>%b%b' % (letters, row, attributes, formula, stored)

    written, count = _FORMULA_CELL.subn(cached, rows)
    return written if count == formulas else None


def _by_tree(rows: bytes, frame: tuple[bytes, bytes], write: Callable[[SheetTree], bool]) -> bytes:
    """Rows that `write` changed as cells of a tree, if it says that it did."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(rows.join(frame), parser)
    if not write(SheetTree(root)):
        return rows
    written = etree.tostring(root, encoding="unicode").encode()
    opening = _SHEET_DATA.search(written)
    assert opening is not None
    return written[opening.end() : written.rindex(b"</sheetData>")]


def cache_in(
    tree: SheetTree,
    values: Values,
    filled: Iterable[tuple[int, int]] = (),
    first: int = 1,
    end: int = MAX_ROW + 1,
) -> bool:
    """Write values beside the formulas of a tree, from row `first` to before `end`.

    `filled` are cells that formulas elsewhere fill. Gives whether there was a value.
    """
    changed = False
    for row, column in dict.fromkeys((*tree.formula_cells(), *filled)):
        if first <= row < end:
            (value,) = values(column, row, row)
            if value is not None:
                write_cached(tree.cell(row, column), value)
                changed = True
    return changed


def write_in(tree: SheetTree, constants: Mapping[str, CellValue | None]) -> bool:
    """Write constants, by ref, into the cells of a tree. Gives whether there were any."""
    for ref, value in constants.items():
        write_constant(tree.cell(*address_of(ref)), value)
    return bool(constants)


def _cells(area: tuple[int, int, int, int], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Row and column of the cells of an area that lie between two rows."""
    top, left, bottom, right = area
    for row in range(max(top, first), min(bottom + 1, end)):
        for column in range(left, right + 1):
            yield row, column
