"""The cells of a worksheet's XML.

A large sheet is mostly rows that look alike. So its tags are found by NumPy in one pass, runs of
rows with the same tags become a matrix of positions, and each column of such a run is read or
compared at once: its numbers as one array, its formulas as one that was filled down. Whatever
looks different is parsed cell by cell.
"""

import functools
import math
import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from lxml import etree

from sheetlab.engine.syntax.filling import Filling, filling
from sheetlab.engine.syntax.wording import RowNumber
from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, address_of, column_of, letters_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.xml import MAX_NODES, decode_escapes, in_namespace_of, node_count, text_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Objects = np.ndarray[Any, np.dtype[np.object_]]
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]
_Integers = np.ndarray[Any, np.dtype[np.int64]]

# Below this, a sheet is parsed sooner than its runs are found.
_SMALL = 10_000
_RUN = 16
# After so many formulas of a column, those that are filled down are told from those that are not.
_DIFFERENT = 4
_CHUNK = 2_000_000
_LONGEST_ROW = 20
_SHOWN = 40
_OFF_SHEET = "#REF!"
# How much text a sheet's shared formulas may come to where they are not filled down.
_LEAST_SHARED_TEXT, _SHARED_TEXT_PER_BYTE = 4_000_000, 4


@dataclass(slots=True)
class Constants:
    """Values in one column from `first` downwards.

    `objects` is None where all are numbers; else, where `numbers` is NaN, it holds the value.
    """

    column: int
    first: int
    numbers: Floats
    objects: Objects | None = None


@dataclass(slots=True)
class Family:
    """A formula filled down one column from row `first`: `count` cells, `text` as in the first.

    `beside` is a family further to the left from which it was filled right.
    """

    column: int
    first: int
    count: int
    text: str
    beside: "Family | None" = None


@dataclass(slots=True)
class ArrayFormula:
    """A formula that fills a range; one that `spills` may fill more or fewer cells than that."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    spills: bool


@dataclass(slots=True)
class SheetCells:
    """All that the cells of one sheet hold, in no order."""

    constants: list[Constants] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    arrays: list[ArrayFormula] = field(default_factory=list)


class ScanError(MalformedError):
    """A sheet whose XML cannot be read."""


class _UnusualError(Exception):
    """A comment, a declared namespace or the like stands among the cells."""


def cell_count(xml: bytes) -> int:
    """How many cells a worksheet has, as far as they can be told without reading them."""
    return xml.count(b"<c ") + xml.count(b"<c>") + xml.count(b"<c/")


def scan(
    xml: bytes, texts: Sequence[str], dynamic: frozenset[str], to_serial: Callable[[str], float]
) -> SheetCells:
    """The cells of a worksheet.

    `texts` are the workbook's shared texts, `dynamic` the cell metadata (`cm`) that mark formulas
    which spill, and `to_serial` turns an ISO date into a number. Raises `ScanError`.
    """
    room = _LEAST_SHARED_TEXT + _SHARED_TEXT_PER_BYTE * len(xml)
    reader = _CellReader(texts, dynamic, to_serial, room)
    start = xml.find(b"<sheetData")
    start = xml.find(b">", start) + 1 if start >= 0 else -1
    end = xml.find(b"</sheetData>", start)
    if len(xml) < _SMALL or not 0 < start < end:
        reader.read(_sheet_data(xml), 0)
        return reader.cells
    try:
        while start < end:
            stop = end
            if end - start > _CHUNK:
                stop = xml.rfind(b"<row", start + 1, start + _CHUNK)
                stop = end if stop < 0 else stop
            _scan_rows(xml[start:stop], reader)
            start = stop
    except _UnusualError:
        reader = _CellReader(texts, dynamic, to_serial, room)
        reader.read(_sheet_data(xml), 0)
    return reader.cells


def _sheet_data(xml: bytes) -> etree._Element:
    sheet = _parse(xml)
    data = sheet.find(in_namespace_of(sheet, "sheetData"))
    if data is None:
        raise ScanError("no_sheet_data")
    return data


def _parse(xml: bytes) -> etree._Element:
    if node_count(xml) > MAX_NODES:
        raise ScanError("too_many_elements", most=MAX_NODES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise ScanError("invalid_xml", said=error.msg) from error


# What is left of a formula without these is the same in all cells that it is filled into.
_ADDRESSES = str.maketrans("", "", f"{string.ascii_letters}{string.digits}#!")


@dataclass(slots=True)
class _Filled:
    """The last family of a column, and its formula as it can be filled on."""

    family: Family
    filling: Filling | None = None
    _text_at: Callable[[int], str] | None = None

    def says(self, text: str, row: int, column: int) -> bool:
        """Whether filling it into a cell gives some text."""
        family = self.family
        if self.filling is None:
            if text.translate(_ADDRESSES) != family.text.translate(_ADDRESSES):
                return False
            self.filling = filling(family.text, family.first, family.column)
        if column != family.column or family.count == 1:
            # Few formulas are filled down only to the next cell.
            return self.filling.at(row, column) == text
        if self._text_at is None:
            self._text_at = self.filling.down(column)
        return self._text_at(row) == text


class _CellReader:
    """Reads cells one by one, and collects what they hold."""

    def __init__(
        self,
        texts: Sequence[str],
        dynamic: frozenset[str],
        to_serial: Callable[[str], float],
        room: int,
    ) -> None:
        self.cells = SheetCells()
        self.texts = texts
        self.shared: dict[str, Filling] = {}
        self.last_row = 0
        self._formula, self._stored, self._inline = "f", "v", "is"
        self._room = room
        self._dynamic = dynamic
        self._to_serial = to_serial
        self._filled: dict[int, _Filled] = {}
        self._constants: dict[int, Constants] = {}
        self._pending: dict[int, tuple[int, list[CellValue]]] = {}

    def read(self, data: etree._Element, before: int) -> None:
        """Read all rows in an element; those without a number follow row `before`."""
        row = before
        row_tag, cell_tag, self._formula, self._stored, self._inline = (
            in_namespace_of(data, tag) for tag in ("row", "c", "f", "v", "is")
        )
        for element in data.iterchildren(row_tag):
            row = _row_number(element.get("r"), row)
            column = 0
            ending = str(row)
            for cell in element.iterchildren(cell_tag):
                ref = cell.get("r")
                is_usual = ref and ref.endswith(ending)
                known = _LETTERS.get(ref[: -len(ending)]) if ref and is_usual else None
                column = known or _column_number(ref, row, column)
                self._read_cell(cell, row, column)
        self.last_row = row
        self._flush()

    def read_plain(self, part: bytes) -> bool:
        """Read rows of plain cells; False, and nothing is done, where anything else is there."""
        if _PLAIN.sub(b"", part).strip():
            return False
        try:
            part.decode()
        except UnicodeDecodeError:
            return False
        found = _PLAIN.findall(part)
        number = b""  # of the row that is open
        for letters, said, kind, formula, value, begun in found:
            if letters:
                is_odd = said != number or (kind == b"str" and not value and not formula)
            else:
                # Rows begin and end by turns.
                is_odd = bool(begun) == bool(number)
                number = begun
            if is_odd:
                return False
        if number:
            return False
        row = self.last_row
        for letters, _, kind, formula, value, begun in found:
            if begun:
                row = _row_number(begun.decode(), 0)
            elif formula:
                self.formula(_column_of(letters), row, 1, "=" + _decode(formula))
            elif value:
                text = _decode(value) if b"&" in value else value.decode()
                self._take_in(_column_of(letters), row, self.decode(kind.decode(), text))
        self.last_row = row
        self._flush()
        return True

    def formula(self, column: int, first: int, count: int, text: str) -> None:
        """Take in a formula filled down; one that goes on from the cell above joins it.

        Formulas come row by row, and those of a row from the left.
        """
        above, left = self._filled.get(column), self._filled.get(column - 1)
        follows = above is not None and above.family.first + above.family.count == first
        if above is not None and follows and above.says(text, first, column):
            above.family.count += count
            return
        filled = self._begin(Family(column, first, count, text))
        if left is not None and left.family.first == first and left.says(text, first, column):
            filled.family.beside = left.family.beside or left.family
            filled.filling = left.filling

    def shared_formula(self, index: str, column: int, first: int, count: int) -> None:
        """Take in a formula that cells share with another, filled down; `KeyError` where none."""
        shared = self.shared[index]
        above, left = self._filled.get(column), self._filled.get(column - 1)
        follows = above is not None and above.family.first + above.family.count == first
        if above is not None and follows and above.filling == shared:
            above.family.count += count
            return
        text = shared.at(first, column)
        if _OFF_SHEET in text:
            self.formula(column, first, count, text)
            return
        filled = self._begin(Family(column, first, count, text))
        filled.filling = shared
        if left is not None and left.family.first == first and left.filling is shared:
            filled.family.beside = left.family.beside or left.family

    def _begin(self, family: Family) -> "_Filled":
        # What is shared is short in the file only.
        self._room -= len(family.text)
        if self._room < 0:
            raise ScanError("shared_formulas_too_long")
        self.cells.families.append(family)
        filled = self._filled[family.column] = _Filled(family)
        return filled

    def _read_cell(self, cell: etree._Element, row: int, column: int) -> None:
        formula = cell.find(self._formula)
        if formula is not None and self._read_formula(formula, cell, row, column):
            return
        value = self._value(cell)
        if value is not None:
            self._take_in(column, row, value)

    def _take_in(self, column: int, row: int, value: CellValue) -> None:
        pending = self._pending.get(column)
        if pending is not None and pending[0] + len(pending[1]) == row:
            pending[1].append(value)
            return
        if pending is not None:
            self.cells.constants.append(constants_of(column, *pending))
        self._pending[column] = (row, [value])

    def _flush(self) -> None:
        for column, (first, values) in self._pending.items():
            self.cells.constants.append(constants_of(column, first, values))
        self._pending.clear()

    def _read_formula(
        self, formula: etree._Element, cell: etree._Element, row: int, column: int
    ) -> bool:
        """Take in the formula of a cell; False where there is none after all."""
        text = formula.text or ""
        kind = formula.get("t", "normal")
        area = formula.get("ref")
        if kind == "shared":
            index = formula.get("si", "")
            if text:
                self.shared[index] = filling("=" + text, row, column)
            elif index not in self.shared:
                raise ScanError("no_shared_formula", index=index, row=row)
            self.shared_formula(index, column, row, 1)
            return True
        if kind == "dataTable":
            text = "TABLE()"
        if not text:
            return False
        if kind in ("array", "dataTable"):
            self.cells.arrays.append(
                _array(area, row, column, "=" + text, cell.get("cm", "") in self._dynamic)
            )
        else:
            self.formula(column, row, 1, "=" + text)
        return True

    def _value(self, cell: etree._Element) -> CellValue | None:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(self._inline)
            return None if inline is None else _rich_text(inline)
        stored = cell.findtext(self._stored)
        if stored is None or (stored == "" and kind != "str"):
            return None
        return self.decode(kind, stored)

    def decode(self, kind: str, stored: str) -> CellValue:
        """The value that a cell of one kind stores as text."""
        try:
            match kind:
                case "s":
                    index = int(stored)
                    return self.texts[index if index >= 0 else len(self.texts)]
                case "str":
                    return decode_escapes(stored)
                case "b":
                    return {"1": True, "true": True, "0": False, "false": False}[stored.strip()]
                case "e":
                    return CellError(stored.strip())
                case "d":
                    return self._to_serial(stored)
                case _:
                    number = float(stored)
                    # Python reads 1_000 and digits of other scripts as well.
                    if not math.isfinite(number) or "_" in stored or not stored.isascii():
                        raise ValueError
                    return number
        except (ValueError, LookupError) as error:
            raise ScanError("no_value", text=stored[:_SHOWN]) from error


def _rich_text(element: etree._Element) -> str:
    """The text of a string item, its runs joined and its pronunciation left out."""
    plain = [text_of(element.find("{*}t"))]
    runs = (text_of(run.find("{*}t")) for run in element.iterchildren("{*}r"))
    return decode_escapes("".join((*plain, *runs)))


def _row_number(said: str | None, before: int) -> int:
    if said is None:
        return before + 1
    if not said.isdecimal() or len(said) > _LONGEST_ROW or not 1 <= int(said) <= MAX_ROW:
        raise ScanError("no_row", row=said[:_SHOWN])
    return int(said)


def _column_number(ref: str | None, row: int, before: int) -> int:
    if ref is None:
        if before == MAX_COLUMN:
            raise ScanError("too_many_columns", row=row, most=MAX_COLUMN)
        return before + 1
    try:
        cell_row, column = address_of(ref)
    except ValueError as error:
        raise ScanError("no_cell", ref=ref[:_SHOWN]) from error
    if "$" in ref:
        raise ScanError("no_cell", ref=ref)
    if cell_row != row:
        raise ScanError("cell_in_other_row", cell=ref, row=row)
    return column


@functools.lru_cache(maxsize=MAX_COLUMN)
def _column_of(letters: bytes) -> int:
    column = column_of(letters.decode())
    if column > MAX_COLUMN:
        raise ScanError("no_column", column=letters.decode())
    return column


def _array(area: str | None, row: int, column: int, text: str, spills: bool) -> ArrayFormula:
    try:
        first, _, last = (area or f"{letters_of(column)}{row}").partition(":")
        (top, left), (bottom, right) = address_of(first), address_of(last or first)
    except ValueError as error:
        raise ScanError("no_range", text=(area or "")[:_SHOWN]) from error
    return ArrayFormula(top, left, bottom - top + 1, right - left + 1, text, spills)


def constants_of(column: int, first: int, values: list[CellValue]) -> Constants:
    """Values that follow each other down a column from row `first`."""
    if all(type(value) is float for value in values):
        return Constants(column, first, np.array(values, np.float64))
    numbers = np.full(len(values), np.nan)
    objects = np.empty(len(values), object)
    for index, value in enumerate(values):
        if type(value) is float:
            numbers[index] = value
        else:
            objects[index] = value
    return Constants(column, first, numbers, objects)


def _scan_rows(xml: bytes, reader: _CellReader) -> None:
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
            raise ScanError("not_only_rows")
        return
    counts = np.diff(np.append(rows, len(tags)))
    irregular = 0  # the first row that is not read yet
    for first, last in _runs(rows, counts, kinds):
        if first > irregular:
            _read_irregular(xml, tags, rows, irregular, first, reader)
        width = int(counts[first])
        begin = rows[first]
        positions = tags[begin : begin + (last - first) * width].reshape(-1, width)
        ends = np.append(positions[1:, 0], tags[rows[last]] if last < len(rows) else len(data))
        if not _Run(xml, data, positions, ends, reader).read():
            _read_irregular(xml, tags, rows, first, last, reader)
        irregular = last
    if irregular < len(rows):
        _read_irregular(xml, tags, rows, irregular, len(rows), reader)


def _runs(rows: _Integers, counts: _Integers, kinds: _Bytes) -> Iterator[tuple[int, int]]:
    """The first and the end of each run of rows with the same tags."""
    edges = np.flatnonzero(np.diff(counts)) + 1
    for first, last in zip((0, *edges.tolist()), (*edges.tolist(), len(rows)), strict=True):
        if last - first < _RUN:
            continue
        width = int(counts[first])
        block = kinds[rows[first] : rows[first] + (last - first) * width].reshape(-1, width)
        changes = np.flatnonzero((block[1:] != block[:-1]).any(axis=1)) + 1
        inner = (0, *changes.tolist(), last - first)
        for begin, end in pairwise(inner):
            if end - begin >= _RUN:
                yield first + begin, first + end


def _read_irregular(
    xml: bytes, tags: _Integers, rows: _Integers, first: int, last: int, reader: _CellReader
) -> None:
    end = tags[rows[last]] if last < len(rows) else len(xml)
    part = xml[tags[rows[first]] : end]
    if reader.read_plain(part):
        return
    prefixes = set(re.findall(rb"[ <]([A-Za-z_][\w.-]*):[A-Za-z]", part))
    names = b" ".join(
        b'xmlns:%s="urn:%s"' % (p, p) for p in prefixes if p not in (b"xml", b"xmlns")
    )
    reader.read(_parse(b"<s " + names + b">" + part + b"</s>"), reader.last_row)


_BLANKS = np.frombuffer(b"\t\n\r", np.uint8)
# The columns of most cells, by their letters.
_LETTERS = {letters_of(column): column for column in range(1, 703)}
_REF = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
# A cell that holds no more than a formula and a value, the start of a row, or its end.
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="\d+")?(?: t="(b|n|s|e|str)")?'
    rb"(?:/>|>(?:<f>([^<]*)</f>)?(?:<v>([^<]*)</v>|<v ?/>)?</c>)"
    rb'|<row r="([1-9]\d{0,6})"(?: [\w:]+="[^"<>]*")*>|</row>'
)
_ATTRIBUTE = re.compile(rb'\s([\w:]+)="([^"]*)"')


class _Run:
    """Rows with the same tags: the positions of the tags, by row and by place in the row."""

    def __init__(
        self, xml: bytes, data: _Bytes, positions: _Integers, ends: _Integers, reader: _CellReader
    ) -> None:
        self._xml = xml
        self._data = data
        self._positions = positions
        self._ends = ends
        self._reader = reader
        self._constants: list[Constants] = []
        self._digits_of: dict[tuple[int, int, int], list[_Bytes]] = {}
        self._families: list[tuple[int, int, int, str]] = []
        self._shared: list[tuple[str, int, int, int]] = []

    def read(self) -> bool:
        """Hand all cells to the reader; False, and nothing is done, where they differ in form."""
        first_row = self._rows()
        if first_row is None:
            return False
        self._first_row = first_row
        place, width = 1, self._positions.shape[1]
        while place < width - 1:
            after = place + 1
            while after < width - 1 and self._xml[self._positions[0, after] + 1] != ord("c"):
                after += 1
            if not self._read_cell(place, after):
                return False
            place = after
        self._reader.cells.constants.extend(self._constants)
        for shared in self._shared:
            self._reader.shared_formula(*shared)
        for first, column, count, text in sorted(self._families):
            self._reader.formula(column, first, count, text)
        self._reader.last_row = first_row + len(self._positions) - 1
        return True

    def _starts(self, place: int) -> _Integers:
        return self._positions[:, place]

    def _lengths(self, place: int) -> _Integers:
        last = place + 1 == self._positions.shape[1]
        return (self._ends if last else self._positions[:, place + 1]) - self._positions[:, place]

    def _said(self, place: int, row: int = 0) -> bytes:
        """The tag at a place, and the text behind it."""
        last = place + 1 == self._positions.shape[1]
        end = self._ends[row] if last else self._positions[row, place + 1]
        return self._xml[self._positions[row, place] : end]

    def _rows(self) -> int | None:
        """The number of the first row, where all rows give theirs and follow each other."""
        found = re.match(rb'<row r="(\d+)"', self._said(0))
        if found is None:
            return None
        first = int(found[1])
        form = (RowNumber(0),)
        matches = self._same_form(0, ('<row r="', *form, '"'), first, prefix=True)
        return first if first + len(self._positions) - 1 <= MAX_ROW and matches.all() else None

    def _read_cell(self, place: int, after: int) -> bool:
        tag = self._said(place)
        ref = _REF.match(tag)
        if ref is None or int(ref[2]) != self._first_row:
            return False
        letters = ref[1].decode()
        try:
            column = address_of(f"{letters}1")[1]
        except ValueError:
            return False
        form = (f'<c r="{letters}', RowNumber(0), '"')
        if not self._same_form(place, form, self._first_row, prefix=True).all():
            return False
        kind = self._kind(place, len(ref[0]))
        if kind is None:
            return False
        children = [self._said(child) for child in range(place + 1, after)]
        names = [child[1:3].rstrip(b"> /").decode() for child in children]
        if names and names[0] == "f":
            return self._read_formulas(place + 1, column)
        if not names or names == ["/c"]:
            return True
        if names[0] == "v" and children[0].startswith(b"<v>"):
            return self._read_values(place + 1, column, kind)
        if kind == "inlineStr" and names[:2] == ["is", "t"] and len(names) == 5:
            return self._read_texts(place + 2, column)
        # A <v/> holds nothing.
        return names == ["v", "/c"] and children[0].startswith(b"<v/")

    def _kind(self, place: int, prefix: int) -> str | None:
        """The type of the cells at a place; None where it differs from row to row."""
        starts, lengths = self._starts(place), self._lengths(place)
        digits = _digit_counts(np.arange(self._first_row, self._first_row + len(starts)))
        shift = digits - digits[0]
        tails = np.flatnonzero(np.bincount(lengths - shift))
        kinds: set[str] = set()
        for length in tails.tolist():
            chosen = np.flatnonzero(lengths - shift == length)
            size = int(length) - prefix
            if size <= 0:
                return None
            rests = _gather(self._data, starts[chosen] + prefix + shift[chosen], size)
            if (rests == rests[0]).all():
                rests = rests[:1]
            for rest in set(rests.view(f"S{size}").ravel().tolist()):
                attributes = dict(_ATTRIBUTE.findall(rest))
                if b"cm" in attributes or rest.count(b"'") or len(kinds) > 1:
                    return None
                kinds.add(attributes.get(b"t", b"n").decode())
        return kinds.pop() if len(kinds) == 1 else None

    def _read_formulas(self, place: int, column: int) -> bool:
        said = self._said(place)
        head, _, raw = said.partition(b">")
        attributes = dict(_ATTRIBUTE.findall(head))
        kind = attributes.get(b"t", b"normal")
        starts, lengths = self._starts(place), self._lengths(place)
        first, count = self._first_row, len(starts)
        if kind == b"shared" and not raw:
            index = attributes.get(b"si", b"").decode()
            if (lengths != len(said)).any() or b"ref" in attributes:
                return False
            if (_gather(self._data, starts, len(said)) != np.frombuffer(said, np.uint8)).any():
                return False
            if index not in self._reader.shared:
                return False
            self._shared.append((index, column, first, count))
            return True
        if kind != b"normal" or not raw or said.endswith(b"/>"):
            return False
        tag = head + b">"
        row = pieces = 0
        while row < count:
            raw = self._said(place, row)
            if not raw.startswith(tag):
                return False
            text = _decode(raw[len(tag) :])
            filled = 1
            below = self._text(place, row + 1) if row + 1 < count else ""
            family = Family(column, first + row, 1, "=" + text)
            if _Filled(family).says(below, first + row + 1, column):
                formula = filling(family.text, first + row, column)
                escaped = _escaped(formula.in_column(column), raw[len(tag) :], first + row)
                if escaped is None:
                    return False
                form = (tag.decode(), *escaped)
                same = self._same_form(place, form, first + row, begin=row)
                filled = int(np.argmin(same)) if not same.all() else len(same)
            self._families.append((first + row, column, filled, "=" + text))
            row += filled
            pieces += 1
            if pieces > _DIFFERENT and row < pieces * _RUN:
                return self._read_one_by_one(place, column, tag, row)
        return True

    def _text(self, place: int, row: int) -> str:
        """The formula at a place, with its `=`."""
        return "=" + _decode(self._said(place, row).partition(b">")[2])

    def _read_one_by_one(self, place: int, column: int, tag: bytes, row: int) -> bool:
        """Read a column of formulas from a row on, few of which are filled down."""
        starts, lengths = self._starts(place)[row:], self._lengths(place)[row:]
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            raw = self._xml[start : start + length]
            if not raw.startswith(tag):
                return False
            self._families.append(
                (self._first_row + row, column, 1, "=" + _decode(raw[len(tag) :]))
            )
            row += 1
        return True

    def _read_values(self, place: int, column: int, kind: str) -> bool:
        starts, lengths = self._starts(place) + 3, self._lengths(place) - 3
        if (_gather(self._data, starts - 3, 3) != np.frombuffer(b"<v>", np.uint8)).any():
            return False
        first = self._first_row
        if kind == "n":
            numbers = _numbers(self._data, starts, lengths)
            if numbers is None:
                return False
            constants = Constants(column, first, numbers)
        elif kind == "s":
            indices = _numbers(self._data, starts, lengths)
            texts = self._reader.texts
            if indices is None or indices.min() < 0 or indices.max() >= len(texts):
                return False
            values = [texts[index] for index in indices.astype(np.int64).tolist()]
            constants = _text_constants(column, first, values)
        else:
            stored = [
                _decode(self._xml[start : start + length])
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
            if "" in stored:
                return False
            constants = constants_of(
                column, first, [self._reader.decode(kind, text) for text in stored]
            )
        self._constants.append(constants)
        return True

    def _read_texts(self, place: int, column: int) -> bool:
        values = []
        starts, lengths = self._starts(place).tolist(), self._lengths(place).tolist()
        for start, length in zip(starts, lengths, strict=True):
            tag, _, text = self._xml[start : start + length].partition(b">")
            if not tag.startswith(b"<t") or tag.endswith(b"/"):
                return False
            values.append(decode_escapes(_decode(text)))
        constants = _text_constants(column, self._first_row, values)
        self._constants.append(constants)
        return True

    def _digits(self, first: int, count: int, digits: int) -> list[_Bytes]:
        """The digits of so many numbers from a first one, as characters, from the left."""
        key = first, count, digits
        if key not in self._digits_of:
            numbers = np.arange(first, first + count, dtype=np.int32)
            self._digits_of[key] = [
                (numbers // 10 ** (digits - 1 - place) % 10 + ord("0")).astype(np.uint8)
                for place in range(digits)
            ]
        return self._digits_of[key]

    def _same_form(
        self,
        place: int,
        form: Sequence[str | RowNumber],
        first_row: int,
        *,
        begin: int = 0,
        prefix: bool = False,
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each row from `begin`, whether it says `form` there with its own row numbers.

        With `prefix`, it may say more behind.
        """
        starts = self._starts(place)[begin:]
        lengths = self._lengths(place)[begin:]
        offsets = sorted({piece.offset for piece in form if isinstance(piece, RowNumber)})
        same = np.zeros(len(starts), bool)
        edges = {0, len(starts)}
        for offset in offsets:
            for power in range(8):
                # From this row on, the number has one digit more.
                edge = 10**power - offset - first_row
                if 0 < edge < len(starts):
                    edges.add(edge)
        ordered = sorted(edges)
        for low, high in pairwise(ordered):
            if first_row + low + (offsets[0] if offsets else 0) < 1:
                continue
            expected = bytearray()
            gaps: list[tuple[int, int, int]] = []
            for piece in form:
                said = (
                    str(first_row + low + piece.offset) if isinstance(piece, RowNumber) else piece
                ).encode()
                if isinstance(piece, RowNumber):
                    gaps.append((len(expected), len(said), piece.offset))
                expected += said
            size = len(expected)
            fits = lengths[low:high] >= size if prefix else lengths[low:high] == size
            if not fits[0] or int(starts[high - 1]) + size > len(self._data):
                continue
            found = _gather(self._data, starts[low:high], size)
            wanted = np.frombuffer(bytes(expected), np.uint8)
            literal = np.ones(size, bool)
            for position, digits, offset in gaps:
                literal[position : position + digits] = False
                first = first_row + low + offset
                for place_of_digit, digit in enumerate(self._digits(first, high - low, digits)):
                    fits = fits & (found[:, position + place_of_digit] == digit)
            same[low:high] = fits & (found[:, literal] == wanted[literal]).all(axis=1)
        return same


def _gather(data: _Bytes, starts: _Integers, size: int) -> _Bytes:
    """The `size` bytes from each start, a row for each."""
    windows = np.ndarray((len(data) - size + 1,), np.dtype(f"V{size}"), buffer=data, strides=(1,))
    return np.ascontiguousarray(windows[starts]).view(np.uint8).reshape(-1, size)


def _digit_counts(numbers: _Integers) -> _Integers:
    return np.searchsorted(10 ** np.arange(1, 8), numbers, side="right") + 1


def _numbers(data: _Bytes, starts: _Integers, lengths: _Integers) -> Floats | None:
    """The numbers that stand at `starts`; None where one is none, or not finite."""
    if lengths.min() <= 0:
        return None
    longest = int(lengths.max())
    if longest > 64 or int(starts[-1]) + longest > len(data):
        return None
    block = _gather(data, starts, longest)
    block[np.arange(longest) >= lengths[:, None]] = 0
    negative = block[:, 0] == ord("-")
    mantissa = np.zeros(len(starts), np.int64)
    decimals = np.zeros(len(starts), np.int64)
    digit_count = np.zeros(len(starts), np.int64)
    simple = np.ones(len(starts), bool)
    after_point = np.zeros(len(starts), bool)
    for place in range(min(longest, 18)):
        character = block[:, place]
        digit = (character >= ord("0")) & (character <= ord("9"))
        point = character == ord(".")
        mantissa = np.where(digit, mantissa * 10 + (character.astype(np.int64) - 48), mantissa)
        digit_count += digit
        decimals += digit & after_point
        simple &= digit | (character == 0) | (point & ~after_point)
        if place == 0:
            simple |= negative
        after_point |= point
    # Up to fifteen digits both parts of the fraction are exact, so its quotient is rounded once.
    simple &= (digit_count > 0) & (digit_count <= 15) & (lengths <= 18)
    numbers = mantissa / 10.0**decimals
    np.negative(numbers, out=numbers, where=negative & (mantissa != 0))
    if not simple.all():
        rest = np.flatnonzero(~simple)
        if (block[rest] == ord("_")).any():
            # To Python, 1_000 is a number.
            return None
        try:
            numbers[rest] = block[rest].view(f"S{longest}").ravel().astype(np.float64)
        except ValueError:
            return None
    return numbers if np.isfinite(numbers).all() else None


def _text_constants(column: int, first: int, values: list[str]) -> Constants:
    objects = np.empty(len(values), object)
    objects[:] = values
    return Constants(column, first, np.full(len(values), np.nan), objects)


_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(#x[0-9A-Fa-f]{1,6}|#\d{1,7}|\w+);")


def _decode(raw: bytes) -> str:
    """The text that some XML stands for."""

    def meant(found: re.Match[str]) -> str:
        name = found[1]
        try:
            if name.startswith("#"):
                return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))
            return _ENTITIES[name]
        except (KeyError, ValueError, OverflowError) as error:
            raise ScanError("no_entity", name=name) from error

    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ScanError("not_in_encoding", encoding="UTF-8") from error
    return _ENTITY.sub(meant, text) if "&" in text else text


def _escaped(
    pieces: Sequence[str | RowNumber], raw: bytes, row: int
) -> tuple[str | RowNumber, ...] | None:
    """The pieces of a formula as the XML writes them; None where it does so in another way."""
    without_equals = (str(pieces[0])[1:], *pieces[1:])
    for escapes in ({"&": "&amp;", "<": "&lt;", ">": "&gt;"}, {'"': "&quot;", "'": "&apos;"}):
        table = str.maketrans(escapes)
        without_equals = tuple(
            piece.translate(table) if isinstance(piece, str) else piece for piece in without_equals
        )
        said = "".join(
            piece if isinstance(piece, str) else str(row + piece.offset) for piece in without_equals
        )
        if said.encode() == raw:
            return without_equals
    return None
