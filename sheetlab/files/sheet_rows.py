"""The rows of a worksheet's XML, changed where they stand.

As a tree, a large sheet takes a hundred times the bytes of its XML. So its rows are taken some
megabytes at a time, from pieces of XML that nobody keeps. Where all cells are written as programs
write them, the values beside their formulas are put in as text; other rows become a tree, and only
as long as they are changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from xml.parsers import expat

from lxml import etree

from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_ROW, address_of, column_of
from sheetlab.files.cell_reading import CellFormula
from sheetlab.files.cell_value import CellValue
from sheetlab.files.cell_writing import cached_xml, with_kind, write_cached, write_constant
from sheetlab.files.sheet_tree import SheetTree

# The values of a column from one row to another, None where there is none.
Values = Callable[[int, int, int], Sequence[CellValue | None]]

# The XML of a worksheet in pieces, each time that it is called.
Pieces = Callable[[], Iterable[bytes]]

_CHUNK = 2_000_000
# No row of this many bytes is looked for in pieces.
_LONGEST_ROW = 16_000_000
_ROW_BEGINS, _END = b"<row ", b"</sheetData>"
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
# Between these a row is none.
_BRACKETS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))


class _NotApartError(Exception):
    """The rows of a worksheet cannot be told apart."""


def with_cached(pieces: Pieces, values: Values) -> Pieces | None:
    """A worksheet with values beside its formulas; None where its rows cannot be told apart.

    The XML is in UTF-8. It is read once at once, which raises `ExpatError` where it is no XML at
    all, and again for the pieces that are given back, which ask for the values. Both raise
    `MalformedError` where cells cannot be read.
    """
    arrays: list[tuple[int, int, int, int]] = []

    def see(rows: bytes) -> None:
        for tag in _ARRAY.findall(rows):
            for ref in _RANGE.findall(tag):
                formula = CellFormula("", "array", ref.decode(errors="replace"), "")
                arrays.append(formula.area(0, 0))

    def edit(rows: bytes, first: int, end: int, frame: tuple[bytes, bytes]) -> bytes:
        inside = [area for area in arrays if area[0] < end and area[2] >= first]
        found = None if inside else _cached(rows, values)
        if found is not None:
            return found
        filled = (cell for area in inside for cell in _cells(area, first, end))
        return _by_tree(rows, frame, lambda tree: cache_in(tree, values, filled, first, end))

    return _edited(pieces, edit, see)


def with_constants(pieces: Pieces, constants: Mapping[str, CellValue | None]) -> Pieces | None:
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

    return _edited(pieces, edit, lambda rows: None)


def _edited(
    pieces: Pieces,
    edit: Callable[[bytes, int, int, tuple[bytes, bytes]], bytes],
    see: Callable[[bytes], None],
) -> Pieces | None:
    """The worksheet with some rows at a time edited, which lie from a first to before an end.

    Before that, all of its rows are seen.
    """
    parser = expat.ParserCreate("utf-8")
    head, numbers, apart = b"", list[int](), True
    try:
        for is_rows, xml in _cut(pieces()):
            parser.Parse(xml, False)
            head = head or xml
            if is_rows:
                found = _ROW.match(xml)
                apart = apart and found is not None and not _is_open(xml)
                numbers.append(0 if found is None else int(found[1]))
                see(xml)
    except _NotApartError:
        return None
    parser.Parse(b"", True)
    root, opening = _ROOT.search(head), _SHEET_DATA.search(head)
    in_order = numbers and numbers == sorted(set(numbers))
    if not (apart and in_order) or root is None or opening is None:
        return None
    frame = root[0] + opening[0], b"</sheetData></worksheet>"
    bounds = [1, *numbers[1:], MAX_ROW + 1]

    def edited() -> Iterator[bytes]:
        spans = pairwise(bounds)
        for is_rows, xml in _cut(pieces()):
            yield edit(xml, *next(spans), frame) if is_rows else xml

    return edited


def _cut(pieces: Iterable[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The XML in pieces that end where rows begin, and whether they are rows or what is around.

    Raises `_NotApartError` where there are no rows, or one is too long.
    """
    pieces = iter(pieces)
    xml = next(pieces, b"")
    opening = _SHEET_DATA.search(xml)
    if opening is None:
        raise _NotApartError
    yield False, xml[: opening.end()]
    xml, end = xml[opening.end() :], -1
    while end < 0:
        end = xml.find(_END)
        last = xml.rfind(_ROW_BEGINS) if end < 0 else end
        begin = 0
        while begin < last:
            stop = xml.find(_ROW_BEGINS, begin + _CHUNK, last)
            stop = last if stop < 0 else stop
            yield True, xml[begin:stop]
            begin = stop
        xml = xml[begin:]
        if end < 0:
            piece = next(pieces, b"")
            if not piece or len(xml) > _LONGEST_ROW:
                raise _NotApartError
            xml += piece
    yield False, xml
    for piece in pieces:
        yield False, piece


def _is_open(rows: bytes) -> bool:
    """Whether a comment or the like ends behind some rows, so that these end in it."""
    lasts = ((rows.rfind(begin), end) for begin, end in _BRACKETS)
    return any(last >= 0 and rows.find(end, last) < 0 for last, end in lasts)


def _cached(rows: bytes, values: Values) -> bytes | None:
    """Rows with values beside their formulas; None where a cell is written in an unusual way."""
    formulas = sum(map(rows.count, _FORMULA_TAGS))
    if not formulas:
        return rows
    numbers = [int(row) for row in _CELL.findall(rows)]
    # Where a mark's first character is everywhere, looking from behind takes a third of the time.
    if len(numbers) != rows.count(b"<c ") + rows.count(b"<c>") or any(
        rows.rfind(mark) >= 0 for mark in _UNUSUAL
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
    try:
        root = etree.fromstring(rows.join(frame), parser)
    except etree.XMLSyntaxError as error:
        # A row may stand inside of another.
        raise MalformedError("invalid_xml", said=error.msg) from error
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
