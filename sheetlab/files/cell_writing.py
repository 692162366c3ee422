"""A value as the XML of a cell: its type (`t`) and its text (`v`), in a tree or as bytes.

All who write values into worksheets do it by these (ECMA-376 part 1, 18.3.1.4).
"""

import re
from collections.abc import Sequence

from lxml import etree

from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.xml import in_namespace_of

_NOT_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_KIND = re.compile(rb'\st="[^"]*"')


def number_text(value: float) -> str:
    """A number as files store it, exactly."""
    # Adding 0.0 turns -0.0, which no spreadsheet shows, into 0.0.
    return repr(float(value) + 0.0).removesuffix(".0")


def xml_text(value: str) -> str:
    """A text with what XML cannot hold written as "_x0001_" and its like."""
    return _NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value)


def _encode(value: CellValue) -> tuple[str | None, str]:
    """The type mark and the text of a value in the XML."""
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, CellError):
        return "e", xml_text(value.code)
    if isinstance(value, str):
        return "str", xml_text(value)
    return None, number_text(value)


def write_cached(cell: etree._Element, value: CellValue) -> None:
    """Write the value beside the cell's formula, with the mark of its type."""
    kind, text = _encode(value)
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
        text.text = _encode(value)[1]
        cell.insert(0, inline)
    elif value is None:
        _clear(cell, None)
    else:
        write_cached(cell, value)


def _clear(cell: etree._Element, kind: str | None) -> None:
    if kind is not None:
        cell.set("t", kind)
    elif "t" in cell.attrib:
        del cell.attrib["t"]
    for tag in ("v", "is"):
        for old in cell.findall(in_namespace_of(cell, tag)):
            cell.remove(old)


def cached_xml(
    values: Sequence[CellValue | None],
) -> Sequence[bytes | tuple[bytes, bytes] | None]:
    """What to write beside formulas, as `write_cached` does in a tree, for many values at once.

    A number is its XML, any other value the mark of its type and its XML; None is None.
    """
    if not all(type(value) is float for value in values):
        return list(map(_cached_xml, values))
    said = "</v>\n<v>".join(map(repr, values))
    said = f"<v>{said}</v>".replace(".0</v>", "</v>").replace("<v>-0</v>", "<v>0</v>")
    return said.encode().split(b"\n")


def _cached_xml(value: CellValue | None) -> bytes | tuple[bytes, bytes] | None:
    if value is None:
        return None
    kind, text = _encode(value)
    if kind is None:
        return b"<v>%b</v>" % text.encode()
    element = etree.Element("v")
    element.text = text
    return kind.encode(), etree.tostring(element, encoding="utf-8")


def with_kind(attributes: bytes, kind: bytes) -> bytes:
    """The attributes of a cell with the mark of a type, or without any."""
    said = b' t="%b"' % kind if kind else b""
    if _KIND.search(attributes):
        return _KIND.sub(said, attributes, count=1)
    return attributes + said
