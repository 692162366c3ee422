"""The rows of a worksheet's XML, changed where they stand.

As a tree, a large sheet takes a hundred times the bytes of its XML. So its rows are taken some
megabytes at a time. Where all cells are written as programs write them, the values beside their
formulas are put in as text; other rows become a tree, and only as long as they are changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.parsers import expat

from lxml import etree

from sheetlab.files.address import MAX_ROW, address_of, column_of, ref_of
from sheetlab.files.cell_value import CellValue
from sheetlab.files.cell_xml import Grid, encode, number_text, write_cached, write_constant

# The values of a column from one row to another, None where there is none.
Values = Callable[[int, int, int], Sequence[CellValue | None]]

_CHUNK = 2_000_000
_SHEET_DATA = re.compile(rb"<sheetData(?:\s[^>]*)?(?<!/)>")
_ROOT = re.compile(rb"<worksheet\b[^>]*>")
_ROW = re.compile(rb'\s*<row [^>]*?\br="([1-9][0-9]{0,6})"')
_CELL = re.compile(rb'<c r="[A-Z]{1,3}([1-9][0-9]{0,6})"')
_FORMULA_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"([^>]*)>'
    rb"(<f(?:(?: [^>]*)?/>|(?: [^>]*)?>[^<]*</f>))"
    rb"(?:<v/>|<v>[^<]*</v>)?(?=</c>|<extLst)"
)
_ARRAY = re.compile(rb'<f [^>]*\bt="(?:array|dataTable)"[^>]*>')
_RANGE = re.compile(rb'\bref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"')
_KIND = re.compile(rb'\st="[^"]*"')
_UNUSUAL = (b"<!", b"<?", b"xmlns", b"='")
_FORMULA_TAGS = (b"<f>", b"<f ", b"<f/>")


class _Area(NamedTuple):
    """The cells that an array formula fills."""

    top: int
    left: int
    bottom: int
    right: int


def with_cached(xml: bytes, values: Values) -> bytes | None:
    """A worksheet with values beside its formulas; None where its rows cannot be told apart.

    The XML is in UTF-8. Raises `ExpatError` where it is no XML at all.
    """
    arrays = [
        _Area(*address_of(first.decode()), *address_of(last.decode()))
        for tag in _ARRAY.findall(xml)
        for first, last in _RANGE.findall(tag)
    ]

    def edit(rows: bytes, first: int, end: int, frame: tuple[bytes, bytes]) -> bytes:
        inside = [area for area in arrays if area.top < end and area.bottom >= first]
        found = None if inside else _cached(rows, values)
        if found is not None:
            return found
        return _by_tree(rows, frame, lambda grid: _write_cached(grid, inside, first, end, values))

    return _edited(xml, edit)


def with_constants(xml: bytes, constants: Mapping[str, CellValue | None]) -> bytes | None:
    """A worksheet with constants in some cells, by ref; else as `with_cached`."""
    by_row: dict[int, list[str]] = {}
    for ref in constants:
        by_row.setdefault(address_of(ref)[0], []).append(ref)

    def edit(rows: bytes, first: int, end: int, frame: tuple[bytes, bytes]) -> bytes:
        refs = [ref for row, found in by_row.items() if first <= row < end for ref in found]

        def write(grid: Grid) -> bool:
            for ref in refs:
                write_constant(grid.cell(ref), constants[ref])
            return True

        return _by_tree(rows, frame, write) if refs else rows

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
            found = values(column_of(letters.decode()), first, last)
            is_numeric = all(type(value) is float for value in found)
            columns[letters] = _numbers(found) if is_numeric else list(map(_stored, found))
        stored = columns[letters][int(row) - first]
        if stored is None:
            return cell[0]
        kind = b""
        if not isinstance(stored, bytes):
            kind, stored = stored
        if kind or b" t=" in attributes:
            attributes = _with_kind(attributes, kind)
        return b'<c r="%b%b"%b>%b%b' % (letters, row, attributes, formula, stored)

    written, count = _FORMULA_CELL.subn(cached, rows)
    return written if count == formulas else None


def _numbers(values: Iterable[object]) -> list[bytes]:
    """The XML of cached numbers, as `number_text` has them, for all at once."""
    said = "</v>\n<v>".join(map(repr, values))
    said = f"<v>{said}</v>".replace(".0</v>", "</v>").replace("<v>-0</v>", "<v>0</v>")
    return said.encode().split(b"\n")


def _stored(value: CellValue | None) -> bytes | tuple[bytes, bytes] | None:
    """The XML of a cached value; with the mark of its type, where it needs one."""
    if type(value) is float:
        return b"<v>%b</v>" % number_text(value).encode()
    if value is None:
        return None
    kind, text = encode(value)
    element = etree.Element("v")
    element.text = text
    written = etree.tostring(element, encoding="utf-8")
    return written if kind is None else (kind.encode(), written)


def _with_kind(attributes: bytes, kind: bytes) -> bytes:
    said = b' t="%b"' % kind if kind else b""
    if _KIND.search(attributes):
        return _KIND.sub(said, attributes, count=1)
    return attributes + said


def _by_tree(rows: bytes, frame: tuple[bytes, bytes], write: Callable[[Grid], bool]) -> bytes:
    """Rows that `write` changed as cells of a tree, if it says that it did."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(rows.join(frame), parser)
    if not write(Grid(root)):
        return rows
    written = etree.tostring(root, encoding="unicode").encode()
    opening = _SHEET_DATA.search(written)
    assert opening is not None
    return written[opening.end() : written.rindex(b"</sheetData>")]


def _write_cached(
    grid: Grid, arrays: Iterable[_Area], first: int, end: int, values: Values
) -> bool:
    changed = False
    refs = dict.fromkeys(grid.formula_cells())
    for top, left, bottom, right in arrays:
        rows = range(max(top, first), min(bottom + 1, end))
        refs |= dict.fromkeys(ref_of(r, c) for r in rows for c in range(left, right + 1))
    for ref in refs:
        row, column = address_of(ref)
        if first <= row < end:
            (value,) = values(column, row, row)
            if value is not None:
                write_cached(grid.cell(ref), value)
                changed = True
    return changed
