"""The cells of a worksheet's XML: where they stand, and how a value is written into one."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterator

from lxml import etree

from sheetlab.files.address import address_of, ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.xml import in_namespace_of

_NOT_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


class Grid:
    """The cells of a worksheet by their address, which the file may leave unsaid."""

    def __init__(self, worksheet: etree._Element) -> None:
        self._namespace = etree.QName(worksheet).namespace
        data = worksheet.find(in_namespace_of(worksheet, "sheetData"))
        assert data is not None
        self._data = data
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[int, dict[int, etree._Element]] = {}
        # The numbers of a row's cells in order, and under 0 those of the rows.
        self._orders: dict[int, list[int]] = {}
        self._formulas: list[tuple[int, int, etree._Element]] = []
        row_number = 0
        row_tag, cell_tag, formula_tag = (
            in_namespace_of(worksheet, tag) for tag in ("row", "c", "f")
        )
        for row in data.iterchildren(row_tag):
            row_number = int(row.get("r", row_number + 1))
            self._rows[row_number] = row
            cells = self._cells[row_number] = {}
            column = 0
            for cell in row.iterchildren(cell_tag):
                ref = cell.get("r")
                column = column + 1 if ref is None else address_of(ref)[1]
                cells[column] = cell
                formula = cell.find(formula_tag)
                if formula is not None:
                    self._formulas.append((row_number, column, formula))

    def formula_cells(self) -> Iterator[str]:
        """The refs of all cells that a formula fills, an array formula all of its range."""
        for row, column, formula in self._formulas:
            area = formula.get("ref")
            if formula.get("t") in ("array", "dataTable") and area:
                first, _, last = area.partition(":")
                (top, left), (bottom, right) = address_of(first), address_of(last or first)
                for filled_row in range(top, bottom + 1):
                    for filled_column in range(left, right + 1):
                        yield ref_of(filled_row, filled_column)
            else:
                yield ref_of(row, column)

    def cell(self, ref: str) -> etree._Element:
        """The cell at `ref`, made in its place where the file has none."""
        row, column = address_of(ref)
        if row not in self._rows:
            self._rows[row] = self._insert(self._data, "row", str(row), self._rows, row, 0)
            self._cells[row] = {}
        cells = self._cells[row]
        if column not in cells:
            cells[column] = self._insert(self._rows[row], "c", ref, cells, column, row)
        return cells[column]

    def _insert(
        self,
        parent: etree._Element,
        tag: str,
        ref: str,
        siblings: dict[int, etree._Element],
        number: int,
        order_of: int,
    ) -> etree._Element:
        made = parent.makeelement(etree.QName(self._namespace, tag), {"r": ref})
        if order_of not in self._orders:
            self._orders[order_of] = sorted(siblings)
        order = self._orders[order_of]
        place = bisect_left(order, number)
        # A place by its number would be counted out from the first sibling each time.
        if place:
            siblings[order[place - 1]].addnext(made)
        else:
            parent.insert(0, made)
        insort(order, number)
        return made


def write_cached(cell: etree._Element, value: CellValue) -> None:
    """Write the value beside the cell's formula, with the mark of its type."""
    kind, text = encode(value)
    _clear(cell, kind)
    stored = etree.SubElement(cell, in_namespace_of(cell, "v"))
    stored.text = text
    formula = cell.find(in_namespace_of(cell, "f"))
    cell.insert(0 if formula is None else cell.index(formula) + 1, stored)


def write_constant(cell: etree._Element, value: CellValue | None) -> None:
    """Write the value itself into the cell; None leaves the cell blank."""
    if isinstance(value, str):
        namespace = etree.QName(cell).namespace
        _clear(cell, "inlineStr")
        inline = cell.makeelement(etree.QName(namespace, "is"))
        text = etree.SubElement(inline, etree.QName(namespace, "t"))
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        text.text = encode(value)[1]
        cell.insert(0, inline)
    elif value is None:
        _clear(cell, None)
    else:
        write_cached(cell, value)


def number_text(value: float) -> str:
    """A number as files store it, exactly."""
    # Adding 0.0 turns -0.0, which no spreadsheet shows, into 0.0.
    return repr(float(value) + 0.0).removesuffix(".0")


def xml_text(value: str) -> str:
    """A text with what XML cannot hold written as "_x0001_" and its like."""
    return _NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value)


def _clear(cell: etree._Element, kind: str | None) -> None:
    if kind is not None:
        cell.set("t", kind)
    elif "t" in cell.attrib:
        del cell.attrib["t"]
    for tag in ("v", "is"):
        for old in cell.findall(in_namespace_of(cell, tag)):
            cell.remove(old)


def encode(value: CellValue) -> tuple[str | None, str]:
    """The type mark and the text of a value in the XML."""
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, CellError):
        return "e", xml_text(value.code)
    if isinstance(value, str):
        return "str", xml_text(value)
    return None, number_text(value)
