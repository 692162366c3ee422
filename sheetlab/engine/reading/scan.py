"""The cells of a worksheet's XML.

Most rows are plain, and are read into arrays; those with anything unusual are parsed, some at a
time. Where comments, declared namespaces and the like stand among the rows, the whole sheet is.
A large sheet comes in pieces, which nobody keeps.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from lxml import etree

from sheetlab.engine.reading.plain_rows import (
    STORED,
    Records,
    plain_columns,
    read_plain_rows,
)
from sheetlab.engine.reading.sheet_cells import Gathering, KnownFormulas, Part, SheetCells
from sheetlab.errors import MalformedError
from sheetlab.files.cell_reading import (
    ValueReader,
    numbered_cells,
    numbered_rows,
    rows_in,
    sheet_data,
    stored_in,
    unescaped,
)
from sheetlab.files.shared_strings import SharedStrings
from sheetlab.files.xml import MAX_NODES, node_count

# What stands around the rows is parsed up to this, for what is not XML to be noticed.
_SMALL = 10_000
# So many bytes of XML are read at a time, and so many rows are parsed at most.
_CHUNK = 4_000_000
_MOST_ROWS = 1024
_ROW, _ROW_END, _END = b"<row", b"</row>", b"</sheetData>"
# With these a part of a sheet may not mean what it seems to.
_UNUSUAL = (b"<!", b"<?", b"xmlns")


class _UnusualError(Exception):
    """A comment, a declared namespace or the like stands among the rows."""


class TooManyCellsError(Exception):
    """A sheet has more cells than it may have."""


def scan(
    xml: bytes, values: ValueReader, dynamic: frozenset[str], most: int, known: KnownFormulas
) -> SheetCells:
    """The cells of a worksheet, their values told by `values`.

    `dynamic` are the cell metadata (`cm`) that mark formulas which spill; `known` keeps what is
    known of formulas for other sheets of the workbook. Raises `MalformedError`,
    and `TooManyCellsError` where there are more than `most`.
    """
    cells = scan_pieces((xml,), len(xml), values, dynamic, most, known)
    if cells is not None:
        return cells
    scanner = _Scanner(values, dynamic, len(xml), most, known)
    scanner.read_tree(rows_in(sheet_data(_parse(xml))))
    return scanner.gathering.cells()


@functools.lru_cache(maxsize=16)
def _check_frame(xml: bytes) -> None:
    """Raise `MalformedError` where a sheet is none without its rows; many are alike then."""
    sheet_data(_parse(xml))


def scan_pieces(
    pieces: Iterable[bytes],
    size: int,
    values: ValueReader,
    dynamic: frozenset[str],
    most: int,
    known: KnownFormulas,
) -> SheetCells | None:
    """What `scan` gives for the XML that some pieces of so many bytes in all are cut from.

    It is None where `scan` must be given the whole XML. Only then there may be pieces left.
    """
    pieces = iter(pieces)
    xml = next(pieces, b"")
    start = xml.find(b"<sheetData")
    start = xml.find(b">", start) + 1 if start >= 0 else 0
    if not start:
        return None
    head = xml[:start]
    scanner = _Scanner(values, dynamic, size, most, known)
    try:
        for piece in pieces:
            start = scanner.read(xml, start, more=True)
            if xml.startswith(_END, start):
                pieces = chain((piece,), pieces)
                break
            # No row is that long.
            if len(xml) - start > _CHUNK:
                return None
            xml, start = xml[start:] + piece, 0
        else:
            start = scanner.read(xml, start)
    except _UnusualError:
        return None
    tail = xml[start:]
    for piece in pieces:
        tail += piece[:_SMALL]
    if len(head) + len(tail) < _SMALL:
        _check_frame(head + tail)
    return scanner.gathering.cells()


def _parse(xml: bytes) -> etree._Element:
    if node_count(xml) > MAX_NODES:
        raise MalformedError("too_many_elements", most=MAX_NODES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedError("invalid_xml", said=error.msg) from error


class _Scanner:
    """Reads the rows of one sheet from the first to the last, some at a time."""

    def __init__(
        self,
        values: ValueReader,
        dynamic: frozenset[str],
        size: int,
        most: int,
        known: KnownFormulas,
    ) -> None:
        self.gathering = Gathering(size, known)
        self._most = most
        self._values = values
        self._dynamic = dynamic
        self._last_row = 0

    def read(self, xml: bytes, start: int, *, more: bool = False) -> int:
        """Read the rows from a place on, some megabytes at a time, and tell where they end.

        If there is `more` of the XML, the last row may not be whole, and it is told where that
        begins.
        """
        gathered, parsed, end = start, 1, -1
        last = xml.rfind(_ROW, start) if more else len(xml)
        while not xml.startswith(_END, start) and not (more and start >= last):
            if start - gathered > _CHUNK:
                self.gathering.put_together()
                gathered = start
            stop = last
            if stop - start > _CHUNK:
                stop = xml.rfind(_ROW, start + 1, start + _CHUNK)
                stop = last if stop < 0 else stop
            before = self._last_row
            plain = read_plain_rows(xml, start, stop, before)
            self._last_row = plain.last_row
            self._see(plain.seen)
            self.gathering.hides |= plain.hides
            if len(plain.cells):
                self._read_constants(xml, plain.cells)
            if len(plain.formulas):
                self.gathering.plain_formulas(xml, plain.formulas)
            start = plain.stop
            if (start == stop and (more or stop < len(xml))) or xml.startswith(_END, start):
                continue
            if end < 0:
                end = xml.find(_END, start)
                if end < 0 and more:
                    end = last
                if end < 0 or any(xml.find(mark, start, end) >= 0 for mark in _UNUSUAL):
                    raise _UnusualError
            # Where few rows are plain, the others are parsed many at a time.
            few = plain.last_row - before < parsed
            parsed = min(parsed * 2, _MOST_ROWS) if few else 1
            start = self._read_unusual(xml, start, end, parsed)
        if more:
            self.gathering.put_together()
        return start

    def _read_unusual(self, xml: bytes, start: int, end: int, count: int) -> int:
        """Parse so many rows, and tell where the next begins."""
        stop = start
        for _ in range(count):
            found = xml.find(_ROW_END, stop, end)
            stop = found + len(_ROW_END) if found >= 0 else end
        part = xml[start:stop]
        prefixes = set(re.findall(rb"[ <]([A-Za-z_][\w.-]*):[A-Za-z]", part))
        names = b" ".join(
            b'xmlns:%s="urn:%s"' % (p, p) for p in prefixes if p not in (b"xml", b"xmlns")
        )
        try:
            root = _parse(b"<s " + names + b">" + part + b"</s>")
        except MalformedError as error:
            # A row may stand inside of another.
            raise _UnusualError from error
        self.read_tree(rows_in(root))
        return stop

    def _read_constants(self, xml: bytes, cells: Records) -> None:
        """Take in the constants of plain rows."""
        try:
            numbers, rows, columns = plain_columns(cells, self._shared_strings)
        except IndexError as error:
            raise MalformedError("no_value", text=str(error)) from error
        for column, first, begin, end, follow, texts, stored in columns:
            its_numbers = numbers[begin:end]
            objects = None
            if texts is not None:
                for place, kind, start, length in stored or ():
                    text = unescaped(xml[start : start + length])
                    value = self._values.decode(STORED[kind], text)
                    if type(value) is float:
                        its_numbers[place] = value
                    else:
                        texts[place] = value
                if texts.count(None) < len(texts):
                    objects = np.empty(len(texts), object)
                    objects[:] = texts
            its_rows = None if follow else rows[begin:end]
            self.gathering.constants(column, Part(first, its_numbers, objects, its_rows))

    def _shared_strings(self) -> list[str]:
        texts = self._values.texts
        return texts.texts if isinstance(texts, SharedStrings) else list(texts)

    def read_tree(self, rows: Iterator[etree._Element]) -> None:
        """Read rows of a tree; those without a number follow what was read before."""
        for row, element in numbered_rows(rows, self._last_row):
            self._see(len(element))
            self.gathering.hides |= element.get("hidden") is not None
            for column, cell in numbered_cells(element, row):
                self._read_cell(cell, row, column)
            self._last_row = row

    def _see(self, count: int) -> None:
        """Count cells, blank ones as well."""
        self.gathering.seen += count
        if self.gathering.seen > self._most:
            raise TooManyCellsError

    def _read_cell(self, cell: etree._Element, row: int, column: int) -> None:
        stored = stored_in(cell)
        formula = stored.formula
        if formula is None:
            value = self._values.value(stored)
            if value is not None:
                self.gathering.value(column, row, value)
        elif formula.kind == "shared":
            if formula.text:
                self.gathering.share(formula.group, formula.text, row, column)
            self.gathering.shared_formula(formula.group, column, row)
        elif formula.fills_range:
            spills = cell.get("cm", "") in self._dynamic
            self.gathering.array(column, row, formula, spills=spills)
        else:
            self.gathering.formula(column, row, formula.text)
