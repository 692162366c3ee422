"""The cells of a worksheet's XML.

A large sheet is mostly rows that look alike. So its tags are found by NumPy in one pass, and runs
of rows with the same tags are read by columns. What lies between, and small sheets, are read cell
by cell: by a pattern where every cell is plain, else as a tree.
"""

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from lxml import etree

from sheetlab.engine.reading.runs import Bytes, Integers, Run, runs
from sheetlab.engine.reading.sheet_cells import (
    Floats,
    Gathering,
    Objects,
    SheetCells,
    constants_of,
    scattered,
)
from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN, column_of
from sheetlab.files.cell_reading import (
    ValueReader,
    formula_text,
    numbered_cells,
    numbered_rows,
    row_number,
    rows_in,
    sheet_data,
    stored_in,
    unescaped,
)
from sheetlab.files.cell_value import CellValue
from sheetlab.files.xml import MAX_NODES, node_count

# Below this, a sheet is parsed sooner than its runs are found.
_SMALL = 10_000
_CHUNK = 2_000_000
_BLANKS = np.frombuffer(b"\t\n\r", np.uint8)
# No XML may hold them.
_CONTROLS = re.compile(rb"[^\t\n\r -\xff]")
# A cell that holds no more than a formula and a value, the start of a row, its end, or all that
# follows something else.
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="\d+")?(?: t="(b|n|s|e|str)")?'
    rb"(?:/>|>(?:<f(?: aca=\"(?:false|0)\")?>([^<]*)</f>)?(?:<v>([^<]*)</v>|<v ?/>)?</c>)"
    rb'|<row r="([1-9]\d{0,6})"(?: [\w:]+="[^"<>]*")*>|</row>|(\S)[\s\S]*'
)

_OF_NUMBERS = frozenset((b"", b"n"))
# What Python reads as a number, and Excel as well.
_DECIMAL = rb"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_DECIMALS = re.compile(rb"%b(?: %b)*+" % (_DECIMAL, _DECIMAL))
_INDICES = re.compile(rb"[0-9]{1,9}(?: [0-9]{1,9})*+")


class _PlainColumn(NamedTuple):
    """The rows of plain cells in one column, the kinds of their values, and what is stored."""

    rows: list[int]
    kinds: list[bytes]
    stored: list[bytes]


class _UnusualError(Exception):
    """A comment, a declared namespace or the like stands among the cells."""


def cell_count(xml: bytes, most: int) -> int:
    """How many cells a worksheet has, as far as they can be told without reading them.

    Up to `most`, other elements whose names begin with c count as well.
    """
    count = xml.count(b"<c")
    return count if count <= most else sum(map(xml.count, (b"<c ", b"<c>", b"<c/")))


def scan(xml: bytes, values: ValueReader, dynamic: frozenset[str]) -> SheetCells:
    """The cells of a worksheet, their values told by `values`.

    `dynamic` are the cell metadata (`cm`) that mark formulas which spill. Raises `MalformedError`.
    """
    start = xml.find(b"<sheetData")
    start = xml.find(b">", start) + 1 if start >= 0 else -1
    end = xml.find(b"</sheetData>", start)
    if 0 < start < end:
        scanner = _Scanner(values, dynamic, len(xml))
        try:
            if len(xml) < _SMALL:
                # What stands around the rows is XML, too.
                sheet_data(_parse(xml[:start] + xml[end:]))
                scanner.read_small(xml[start:end])
            else:
                scanner.read_large(xml, start, end)
            return scanner.gathering.cells()
        except _UnusualError:
            pass
    scanner = _Scanner(values, dynamic, len(xml))
    scanner.read_tree(rows_in(sheet_data(_parse(xml))))
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

    def __init__(self, values: ValueReader, dynamic: frozenset[str], size: int) -> None:
        self.gathering = Gathering(size)
        self._values = values
        self._dynamic = dynamic
        self._last_row = 0

    def read_small(self, xml: bytes) -> None:
        """Read the rows of a sheet, if all of their cells are plain."""
        if b"xmlns" in xml or _CONTROLS.search(xml) or not self._read_plain(xml):
            raise _UnusualError

    def read_large(self, xml: bytes, start: int, end: int) -> None:
        """Read the rows between two places of a sheet, some megabytes at a time."""
        while start < end:
            stop = end
            if end - start > _CHUNK:
                stop = xml.rfind(b"<row", start + 1, start + _CHUNK)
                stop = end if stop < 0 else stop
            self._read_chunk(xml[start:stop])
            self.gathering.put_together()
            start = stop

    def _read_chunk(self, xml: bytes) -> None:
        """Read the rows of a part of a sheet, which begins with one."""
        # What declares a namespace may be no cell.
        if b"xmlns" in xml:
            raise _UnusualError
        data = np.frombuffer(xml, np.uint8)
        controls = data[data < ord(" ")]
        if not np.isin(controls, _BLANKS).all():
            # No XML may hold others.
            raise _UnusualError
        tags = np.flatnonzero(data == ord("<"))
        # A tag in the last two bytes is cut off, and no row.
        tags = tags[: np.searchsorted(tags, len(data) - 2)]
        kinds = data[1:][tags]
        if (kinds < ord("/")).any() or (kinds == ord("?")).any():
            raise _UnusualError
        rows = np.flatnonzero(kinds == ord("r"))
        rows = rows[data[tags[rows] + 2] == ord("o")]
        if not len(rows):
            if xml.strip():
                raise MalformedError("not_only_rows")
            return
        counts = np.diff(np.append(rows, len(tags)))
        edges = np.append(tags[rows], len(data))
        irregular = 0  # the first row that is not read yet
        for first, last in runs(rows, counts, kinds):
            if first > irregular:
                self._read_irregular(xml[edges[irregular] : edges[first]])
            width = int(counts[first])
            begin = rows[first]
            positions = tags[begin : begin + (last - first) * width].reshape(-1, width)
            if not self._read_run(xml, data, positions, edges[first + 1 : last + 1]):
                self._read_irregular(xml[edges[first] : edges[last]])
            irregular = last
        if irregular < len(rows):
            self._read_irregular(xml[edges[irregular] :])

    def _read_run(self, xml: bytes, data: Bytes, positions: Integers, ends: Integers) -> bool:
        last_row = Run(xml, data, positions, ends, self.gathering, self._values).read()
        if last_row is None:
            return False
        self._last_row = last_row
        return True

    def _read_irregular(self, part: bytes) -> None:
        """Read some rows, whatever they look like."""
        if self._read_plain(part):
            return
        prefixes = set(re.findall(rb"[ <]([A-Za-z_][\w.-]*):[A-Za-z]", part))
        names = b" ".join(
            b'xmlns:%s="urn:%s"' % (p, p) for p in prefixes if p not in (b"xml", b"xmlns")
        )
        self.read_tree(rows_in(_parse(b"<s " + names + b">" + part + b"</s>")))

    def _read_plain(self, part: bytes) -> bool:
        """Read rows of plain cells; False, and nothing is done, where anything else is there."""
        found = _PLAIN.findall(part)
        if not found or found[-1][-1]:
            return not part.strip()
        try:
            part.decode()
        except UnicodeDecodeError:
            return False
        columns: dict[bytes, _PlainColumn] = {}
        formulas: list[tuple[bytes, int, bytes]] = []
        number, row = b"", self._last_row  # of the row that is open
        for letters, said, kind, formula, value, begun, _ in found:
            if letters:
                if said != number or formula == b"=":
                    return False
                if formula:
                    formulas.append((letters, row, formula))
                elif value:
                    column = columns.get(letters)
                    if column is None:
                        column = columns[letters] = _PlainColumn([], [], [])
                    column.rows.append(row)
                    column.kinds.append(kind)
                    column.stored.append(value)
                elif kind == b"str":
                    return False
            elif bool(begun) == bool(number):
                # Rows begin and end by turns.
                return False
            else:
                number = begun
                row = row_number(begun.decode(), 0) if begun else row
        if number:
            return False
        with_formulas = {letters for letters, _, _ in formulas}
        if any(_column(letters) > MAX_COLUMN for letters in with_formulas.union(columns)):
            return False
        if any((np.diff(column.rows) < 1).any() for column in columns.values()):
            return False
        for letters, column in columns.items():
            values = self._stored(column)
            is_alone = letters not in with_formulas
            rows = np.array(column.rows)
            for constants in scattered(_column(letters), rows, *values, alone=is_alone):
                self.gathering.constants(constants)
        for letters, at, formula in formulas:
            text = "=" + formula_text(unescaped(formula))
            self.gathering.formula(_column(letters), at, 1, text)
        self._last_row = row
        return True

    def _stored(self, column: "_PlainColumn") -> tuple[Floats, Objects | None]:
        """The values of a column: numbers, NaN where there is another value."""
        stored, count = column.stored, len(column.stored)
        kinds = set(column.kinds)
        numbers: Floats = np.full(count, np.nan)
        objects: Objects | None = None
        if kinds <= _OF_NUMBERS and _DECIMALS.fullmatch(b" ".join(stored)):
            numbers = np.array(list(map(float, stored)))
            if np.isfinite(numbers).all():
                return numbers, None
        if kinds == {b"s"} and _INDICES.fullmatch(b" ".join(stored)):
            texts = self._values.texts
            indices = list(map(int, stored))
            if max(indices) < len(texts):
                objects = np.empty(count, object)
                objects[:] = [texts[index] for index in indices]
                return numbers, objects
        values: list[CellValue] = [
            self._values.decode(kind.decode(), unescaped(text))
            for kind, text in zip(column.kinds, stored, strict=True)
        ]
        made = constants_of(0, 0, values)
        return made.numbers, made.objects

    def read_tree(self, rows: Iterator[etree._Element]) -> None:
        """Read rows of a tree; those without a number follow what was read before."""
        for row, element in numbered_rows(rows, self._last_row):
            for column, cell in numbered_cells(element, row):
                self._read_cell(cell, row, column)
            self._last_row = row

    def _read_cell(self, cell: etree._Element, row: int, column: int) -> None:
        stored = stored_in(cell)
        formula = stored.formula
        if formula is None:
            value = self._values.value(stored)
            if value is not None:
                self.gathering.value(column, row, value)
        elif formula.kind == "shared":
            if formula.text:
                self.gathering.share(formula.group, "=" + formula.text, row, column)
            self.gathering.shared_formula(formula.group, column, row, 1)
        elif formula.fills_range:
            spills = cell.get("cm", "") in self._dynamic
            self.gathering.array(column, row, formula, spills=spills)
        else:
            self.gathering.formula(column, row, 1, "=" + formula.text)


@functools.lru_cache(maxsize=MAX_COLUMN)
def _column(letters: bytes) -> int:
    return column_of(letters.decode())
