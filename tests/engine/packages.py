"""Workbooks written part by part, as no spreadsheet program would write them."""

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sheetlab.files.package import Parts, write_parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def parts_of(
    rows: str,
    *,
    before: str = "",
    strings: str | None = None,
    sheets: tuple[str, ...] = ("Data",),
    names: Mapping[str, str] | None = None,
) -> Parts:
    """A workbook whose first sheet has these rows, and what goes `before` them, as XML."""
    tabs = "".join(
        f'<sheet name={quoteattr(sheet)} sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    defined = "".join(
        f"<definedName name={quoteattr(name)}>{escape(meaning)}</definedName>"
        for name, meaning in (names or {}).items()
    )
    if defined:
        defined = f"<definedNames>{defined}</definedNames>"
    links = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    kinds = ["worksheet"] * len(sheets)
    if strings is not None:
        links.append(("sharedStrings", "sharedStrings.xml"))
        kinds.append("sharedStrings")
    relationships = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/{target}" ContentType="{_TYPES}.{kind}+xml"/>'
        for kind, (_, target) in zip(kinds, links, strict=True)
    )
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f"{overrides}</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">{relationships}</Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets>{tabs}</sheets>'
            f"{defined}</workbook>"
        ),
        SHEET: f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>',
    }
    for number in range(2, len(sheets) + 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
        )
    if strings is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return {name: content.encode() for name, content in parts.items()}


def formulas(*texts: str) -> str:
    """One row: 2 and 3 in A1 and B1, and these formulas from C1 on."""
    cells = "".join(
        f'<c r="{chr(ord("C") + number)}1"><f>{escape(text)}</f></c>'
        for number, text in enumerate(texts)
    )
    return f'<row r="1"><c r="A1"><v>2</v></c><c r="B1"><v>3</v></c>{cells}</row>'


def write_package(folder: Path, parts: Parts) -> Path:
    """The workbook of these parts, in a folder."""
    path = folder / "book.xlsx"
    write_parts(path, parts)
    return path
