"""The points cached in the charts of a workbook, from which previewers and phones draw them."""

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from sheetlab.files.address import address_of, ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.cell_writing import number_text, xml_text
from sheetlab.files.package import Parts
from sheetlab.files.xml import parse, serialize, text_of

# No chart shows more, and a file of anybody's may refer to a whole sheet.
MOST_POINTS = 100_000

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_AREA = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!"
    r"(?P<first>\$?[A-Z]{1,3}\$?\d+)(?::(?P<last>\$?[A-Z]{1,3}\$?\d+))?",
    re.IGNORECASE,
)


def cache_chart_points(
    parts: Mapping[str, bytes], values: Mapping[tuple[str, str], CellValue]
) -> Parts:
    """The same parts with `values`, by sheet name and cell ("E5"), cached in each chart.

    Every reference of a chart to one area of at most `MOST_POINTS` cells gets its points anew
    (ECMA-376 part 1, 21.2.2.121 and 21.2.2.201): a reference to numbers those of its cells that
    hold one, a reference to texts all but blanks; error values are left out. Raises
    `WorkbookError` where a part is damaged.
    """
    cached = dict(parts)
    for part in _chart_parts(parts):
        root = parse(parts, part)
        for reference in root.iter("{*}numRef", "{*}strRef"):
            cells = _cells(text_of(reference.find("{*}f")))
            if cells is not None:
                _fill(reference, [values.get(cell) for cell in cells])
        cached[part] = serialize(root)
    return cached


def _chart_parts(parts: Mapping[str, bytes]) -> list[str]:
    types = parse(parts, "[Content_Types].xml").iterfind("{*}Override")
    return [kind.get("PartName", "")[1:] for kind in types if kind.get("ContentType") == _CHART]


def _cells(formula: str) -> list[tuple[str, str]] | None:
    """The cells of a chart's reference, row by row; None where it is not one area, or too large."""
    area = _AREA.fullmatch(formula)
    if area is None:
        return None
    sheet = area["plain"] or area["quoted"].replace("''", "'")
    top, left = address_of(area["first"])
    bottom, right = address_of(area["last"] or area["first"])
    if (bottom - top + 1) * (right - left + 1) > MOST_POINTS:
        return None
    return [
        (sheet, ref_of(row, column))
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]


def _fill(reference: etree._Element, values: Sequence[CellValue | None]) -> None:
    name = etree.QName(reference)
    numbers = name.localname == "numRef"
    cache = reference.makeelement(_name(name, "numCache" if numbers else "strCache"))
    if numbers:
        etree.SubElement(cache, _name(name, "formatCode")).text = "General"
    etree.SubElement(cache, _name(name, "ptCount"), val=str(len(values)))
    text_of_point = _number if numbers else _text
    for place, value in enumerate(values):
        text = text_of_point(value)
        if text is not None:
            point = etree.SubElement(cache, _name(name, "pt"), idx=str(place))
            etree.SubElement(point, _name(name, "v")).text = text
    for old in reference.findall("{*}numCache") + reference.findall("{*}strCache"):
        reference.remove(old)
    reference.insert(1, cache)


def _name(like: etree.QName, tag: str) -> etree.QName:
    return etree.QName(like.namespace, tag)


def _number(value: CellValue | None) -> str | None:
    if isinstance(value, bool) or not isinstance(value, float | int):
        return None
    return number_text(value)


def _text(value: CellValue | None) -> str | None:
    if value is None or isinstance(value, CellError):
        return None
    if isinstance(value, bool):
        return str(value).upper()
    # As many digits as a cell shows of a number that has no format.
    return xml_text(value) if isinstance(value, str) else f"{value + 0.0:.10g}"
