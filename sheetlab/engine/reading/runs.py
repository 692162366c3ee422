"""Rows of a large sheet that look alike, read as columns.

Runs of rows with the same tags become a matrix of the positions of these tags, and each column
of such a run is read or compared at once: its numbers as one array, its formulas as one that was
filled down.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from sheetlab.engine.reading.sheet_cells import (
    Constants,
    Floats,
    Gathering,
    constants_of,
    goes_on,
    text_constants,
)
from sheetlab.engine.syntax.filling import filling
from sheetlab.engine.syntax.wording import RowNumber
from sheetlab.files.address import MAX_ROW, address_of
from sheetlab.files.cell_reading import ValueReader, formula_text, unescaped
from sheetlab.files.xml import decode_escapes

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

# Fewer rows are read sooner cell by cell.
_SHORTEST = 128
# After so many formulas of a column, those that are filled down are told from those that are not.
_DIFFERENT = 4
_REF = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_ATTRIBUTE = re.compile(rb'\s([\w:]+)="([^"]*)"')


def runs(rows: Integers, counts: Integers, kinds: Bytes) -> Iterator[tuple[int, int]]:
    """The first and the end of each run of rows with the same tags."""
    edges = np.flatnonzero(np.diff(counts)) + 1
    for first, last in zip((0, *edges.tolist()), (*edges.tolist(), len(rows)), strict=True):
        if last - first < _SHORTEST:
            continue
        width = int(counts[first])
        block = kinds[rows[first] : rows[first] + (last - first) * width].reshape(-1, width)
        changes = np.flatnonzero((block[1:] != block[:-1]).any(axis=1)) + 1
        inner = (0, *changes.tolist(), last - first)
        for begin, end in pairwise(inner):
            if end - begin >= _SHORTEST:
                yield first + begin, first + end


class Run:
    """Rows with the same tags: the positions of the tags, by row and by place in the row."""

    def __init__(
        self,
        xml: bytes,
        data: Bytes,
        positions: Integers,
        ends: Integers,
        cells: Gathering,
        values: ValueReader,
    ) -> None:
        self._xml = xml
        self._data = data
        self._positions = positions
        self._ends = ends
        self._cells = cells
        self._values = values
        self._constants: list[Constants] = []
        self._digits_of: dict[tuple[int, int, int], list[Bytes]] = {}
        self._formulas: list[tuple[int, int, int, str]] = []
        self._shared: list[tuple[str, int, int, int]] = []

    def read(self) -> int | None:
        """Take in all cells, and tell the last row; None, and nothing is done, where they differ.

        Raises `MalformedError`.
        """
        first_row = self._rows()
        if first_row is None:
            return None
        self._first_row = first_row
        place, width = 1, self._positions.shape[1]
        while place < width - 1:
            after = place + 1
            while after < width - 1 and self._xml[self._positions[0, after] + 1] != ord("c"):
                after += 1
            if not self._read_cell(place, after):
                return None
            place = after
        for constants in self._constants:
            self._cells.constants(constants)
        for shared in self._shared:
            self._cells.shared_formula(*shared)
        for formula in self._formulas:
            self._cells.formula(*formula)
        return first_row + len(self._positions) - 1

    def _starts(self, place: int) -> Integers:
        return self._positions[:, place]

    def _lengths(self, place: int) -> Integers:
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
        if names[0] == "v" and kind != "inlineStr" and children[0].startswith(b"<v>"):
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
            if not self._cells.is_shared(index):
                return False
            self._shared.append((index, column, first, count))
            return True
        if kind != b"normal" or raw in (b"", b"=") or said.endswith(b"/>"):
            return False
        tag = head + (b">=" if raw.startswith(b"=") else b">")
        row = pieces = 0
        while row < count:
            behind = _behind(tag, self._said(place, row))
            if behind is None:
                return False
            text = "=" + unescaped(behind)
            filled, at = 1, first + row
            below = self._text(place, row + 1) if row + 1 < count else ""
            if goes_on(text, at, column, below, at + 1, column):
                formula = filling(text, at, column)
                escaped = _escaped(formula.in_column(column), behind, at)
                if escaped is None:
                    return False
                form = (tag.decode(), *escaped)
                same = self._same_form(place, form, at, begin=row)
                filled = int(np.argmin(same)) if not same.all() else len(same)
            self._formulas.append((column, at, filled, text))
            row += filled
            pieces += 1
            if pieces > _DIFFERENT and row < pieces * _SHORTEST:
                return self._read_one_by_one(place, column, tag, row)
        return True

    def _text(self, place: int, row: int) -> str:
        """The formula at a place, with its `=`."""
        return "=" + formula_text(unescaped(self._said(place, row).partition(b">")[2]))

    def _read_one_by_one(self, place: int, column: int, tag: bytes, row: int) -> bool:
        """Read a column of formulas from a row on, few of which are filled down."""
        starts, lengths = self._starts(place)[row:], self._lengths(place)[row:]
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            behind = _behind(tag, self._xml[start : start + length])
            if behind is None:
                return False
            self._formulas.append((column, self._first_row + row, 1, "=" + unescaped(behind)))
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
            texts = self._values.texts
            if indices is None or indices.min() < 0 or indices.max() >= len(texts):
                return False
            values = [texts[index] for index in indices.astype(np.int64).tolist()]
            constants = text_constants(column, first, values)
        else:
            stored = [
                unescaped(self._xml[start : start + length])
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
            if "" in stored:
                return False
            constants = constants_of(
                column, first, [self._values.decode(kind, text) for text in stored]
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
            values.append(decode_escapes(unescaped(text)))
        constants = text_constants(column, self._first_row, values)
        self._constants.append(constants)
        return True

    def _digits(self, first: int, count: int, digits: int) -> list[Bytes]:
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


def _behind(tag: bytes, said: bytes) -> bytes | None:
    """The formula behind a tag; None where the tag is another, or no formula follows."""
    raw = said[len(tag) :]
    return raw if said.startswith(tag) and raw and not raw.startswith(b"=") else None


def _gather(data: Bytes, starts: Integers, size: int) -> Bytes:
    """The `size` bytes from each start, a row for each."""
    windows = np.ndarray((len(data) - size + 1,), np.dtype(f"V{size}"), buffer=data, strides=(1,))
    return np.ascontiguousarray(windows[starts]).view(np.uint8).reshape(-1, size)


def _digit_counts(numbers: Integers) -> Integers:
    return np.searchsorted(10 ** np.arange(1, 8), numbers, side="right") + 1


def _numbers(data: Bytes, starts: Integers, lengths: Integers) -> Floats | None:
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
