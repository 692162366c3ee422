"""What a cell of a worksheet holds, read from its XML: where it stands, its formula, its value.

All who read cells do it by these (ECMA-376 part 1, 18.3.1.4), also where they find them in
another way than in a tree. What a formula means, and what those that share one say, is not
looked at here.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from sheetlab.errors import MalformedError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, address_of, letters_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.shared_strings import text_of_item
from sheetlab.files.xml import below, decode_escapes, in_namespace_of, text_of

_LONGEST_ROW = 20
_SHOWN = 40
_DAY_0, _DAYS_BEFORE_1904 = datetime(1899, 12, 30), 1462
_TRUTH_VALUES = {"1": True, "true": True, "0": False, "false": False}
_FILLS_RANGE = ("array", "dataTable")
_TEXTS = ("str", "inlineStr")
# The columns of most cells, by their letters.
_LETTERS = {letters_of(column): column for column in range(1, 703)}
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(#x[0-9A-Fa-f]{1,6}|#\d{1,7}|\w+);")


class CellFormula(NamedTuple):
    """A formula as a cell stores it.

    Attributes:
        text: the formula without "="; empty in a cell that shares that of another, "TABLE()" for a
            data table, which has none.
        kind: "normal", "shared", "array" or "dataTable".
        ref: the range that it is said to be for, where that is said.
        group: by what cells find the formula that they share.
    """

    text: str
    kind: str
    ref: str | None
    group: str

    @property
    def fills_range(self) -> bool:
        """Whether it may fill more cells than its own."""
        return self.kind in _FILLS_RANGE

    def area(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of what it fills, given the cell that it stands in.

        Raises `MalformedError` where an array formula is for what is no range.
        """
        if not (self.fills_range and self.ref):
            return row, column, row, column
        first, _, last = self.ref.partition(":")
        try:
            (top, left), (bottom, right) = address_of(first), address_of(last or first)
        except ValueError as error:
            raise MalformedError("no_range", text=self.ref[:_SHOWN]) from error
        return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


class StoredCell(NamedTuple):
    """What a cell stores.

    Attributes:
        formula: its formula, if it has one that is not empty.
        kind: the kind of its value (`t`).
        text: the text of its value, None where it stores none. Beside a formula it is the one
            that was cached.
    """

    formula: CellFormula | None
    kind: str
    text: str | None


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Tells the values of the cells of one workbook, by its shared strings and its date system."""

    texts: Sequence[str] = ()
    date_1904: bool = False

    def value(self, cell: StoredCell) -> CellValue | None:
        """The value that a cell stores, None for a blank one; raises what `decode` raises."""
        if cell.text is None or (cell.text == "" and cell.kind not in _TEXTS):
            return None
        return self.decode(cell.kind, cell.text)

    def decode(self, kind: str, stored: str) -> CellValue:
        """The value that a cell of one kind stores as some text.

        Raises `MalformedError` where there is no such value.
        """
        try:
            match kind:
                case "s":
                    index = int(stored)
                    return self.texts[index if index >= 0 else len(self.texts)]
                case "str" | "inlineStr":
                    return decode_escapes(stored)
                case "b":
                    return _TRUTH_VALUES[stored.strip()]
                case "e":
                    return CellError(stored.strip())
                case "d":
                    return self._serial(stored)
                case _:
                    number = float(stored)
                    # Python reads 1_000 and digits of other scripts as well.
                    if not math.isfinite(number) or "_" in stored or not stored.isascii():
                        raise ValueError
                    return number
        except (ValueError, LookupError) as error:
            raise MalformedError("no_value", text=stored[:_SHOWN]) from error

    def _serial(self, text: str) -> float:
        """The number that Excel counts an ISO date by."""
        moment = datetime.fromisoformat(text.strip().rstrip("Z"))
        if moment.tzinfo is not None:
            raise ValueError("a cell's date has no time zone")
        days = (moment - _DAY_0).total_seconds() / 86400
        return days - _DAYS_BEFORE_1904 if self.date_1904 else days


def counts_from_1904(workbook: etree._Element) -> bool:
    """Whether day 1 is 2 January 1904, as the root of a workbook part says."""
    properties = next(below(workbook, "workbookPr"), None)
    return properties is not None and properties.get("date1904") in ("1", "true")


def stored_in(cell: etree._Element) -> StoredCell:
    """What the element of a cell stores."""
    # To look for each child by its name takes twice as long.
    namespace = cell.tag[:-1]
    formula_tag, kind = namespace + "f", cell.get("t", "n")
    value_tag = namespace + ("is" if kind == "inlineStr" else "v")
    formula = value = None
    for child in cell:
        tag = child.tag
        if tag == formula_tag and formula is None:
            formula = child
        elif tag == value_tag and value is None:
            value = child
    text = None
    if value is not None:
        text = text_of_item(value) if kind == "inlineStr" else text_of(value)
    return StoredCell(None if formula is None else _formula(formula), kind, text)


def _formula(element: etree._Element) -> CellFormula | None:
    kind = element.get("t", "normal")
    text = "TABLE()" if kind == "dataTable" else formula_text(text_of(element))
    if not text and kind != "shared":
        return None
    return CellFormula(text, kind, element.get("ref"), element.get("si", ""))


def formula_text(stored: str) -> str:
    """A formula without the "=" that some programs store before it, and Excel passes over."""
    return stored.removeprefix("=")


def sheet_data(worksheet: etree._Element) -> etree._Element:
    """The element of a worksheet that holds its rows. Raises `MalformedError` where it has none."""
    data = next(worksheet.iterchildren(in_namespace_of(worksheet, "sheetData")), None)
    if data is None:
        raise MalformedError("no_sheet_data")
    return data


def rows_in(data: etree._Element) -> Iterator[etree._Element]:
    """The rows that stand directly in an element; the same word elsewhere is something else."""
    return data.iterchildren(in_namespace_of(data, "row"))


def numbered_rows(
    rows: Iterable[etree._Element], before: int = 0
) -> Iterator[tuple[int, etree._Element]]:
    """Rows with their numbers; those that give none follow one another, the first row `before`.

    Raises `MalformedError` for a row that no sheet has.
    """
    number = before
    for row in rows:
        number = row_number(row.get("r"), number)
        yield number, row


def numbered_cells(row: etree._Element, number: int) -> Iterator[tuple[int, etree._Element]]:
    """The cells of a row with their columns; those that give none follow one another.

    Raises `MalformedError` for a cell that no sheet has, or that says to stand in another row.
    """
    column = 0
    ending = str(number)
    for cell in row.iterchildren(f"{row.tag[:-3]}c"):
        ref = cell.get("r")
        is_usual = ref and ref.endswith(ending)
        known = _LETTERS.get(ref[: -len(ending)]) if ref and is_usual else None
        column = known or _column_number(ref, number, column)
        yield column, cell


def row_number(said: str | None, before: int) -> int:
    """The number of a row as it says it, or after the row `before`; raises `MalformedError`."""
    if said is None:
        said = str(before + 1)
    if not said.isdecimal() or len(said) > _LONGEST_ROW or not 1 <= int(said) <= MAX_ROW:
        raise MalformedError("no_row", row=said[:_SHOWN])
    return int(said)


def _column_number(ref: str | None, row: int, before: int) -> int:
    if ref is None:
        if before == MAX_COLUMN:
            raise MalformedError("too_many_columns", row=row, most=MAX_COLUMN)
        return before + 1
    cell_row, column = address_of(ref)
    if "$" in ref:
        raise MalformedError("no_cell", ref=ref)
    if cell_row != row:
        raise MalformedError("cell_in_other_row", cell=ref, row=row)
    return column


def unescaped(raw: bytes) -> str:
    """The text that some XML between two tags stands for. Raises `MalformedError`."""

    def meant(found: re.Match[str]) -> str:
        name = found[1]
        try:
            if name.startswith("#"):
                return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))
            return _ENTITIES[name]
        except (KeyError, ValueError, OverflowError) as error:
            raise MalformedError("no_entity", name=name) from error

    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("not_in_encoding", encoding="UTF-8") from error
    return _ENTITY.sub(meant, text) if "&" in text else text
