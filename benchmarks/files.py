"""Shapes as files: the parts that Excel needs, texts shared, each formula in full, no values."""

import json
import zipfile
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from shapes import Cell, Rows, Shape, letters

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ROWS_AT_ONCE = 5_000


class Area(NamedTuple):
    """Cells, counted from 1, that begin and end with a formula in each of their columns."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int


class Made(NamedTuple):
    """A file of a shape: how many formulas it has, and where."""

    path: Path
    formulas: int
    areas: list[Area]


def make(shape: Shape, rows: int, folder: Path) -> Made:
    """The file of a shape with so many rows, written where the folder has none."""
    path = folder / f"{shape.name}-{rows}.xlsx"
    notes = path.with_suffix(".json")
    if not notes.exists():
        made = _write(shape, rows, path)
        notes.write_text(json.dumps([made.formulas, made.areas]))
    formulas, areas = json.loads(notes.read_text())
    return Made(path, formulas, [Area(*area) for area in areas])


def _write(shape: Shape, rows: int, path: Path) -> Made:
    texts: dict[str, int] = {}
    areas: list[Area] = []
    formulas = 0
    names: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, cells in shape.sheets(rows):
            names.append(name)
            filled: dict[int, tuple[int, int]] = {}
            with package.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as part:
                part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                formulas += sum(_parts(cells, texts, filled, part.write))
                part.write(b"</sheetData></worksheet>")
            areas.extend(_areas(name, filled))
        for part_name, text in _frame(names, texts):
            package.writestr(part_name, _HEAD + text)
    return Made(path, formulas, areas)


def _parts(
    cells: Rows,
    texts: dict[str, int],
    filled: dict[int, tuple[int, int]],
    write: Callable[[bytes], object],
) -> Iterator[int]:
    """Write rows; gives the number of formulas in each of them."""
    pending: list[str] = []
    for number, row in enumerate(cells, 1):
        written = []
        count = 0
        for column, cell in enumerate(row, 1):
            if cell is None:
                continue
            if isinstance(cell, str) and cell.startswith(("=", "{=")):
                count += 1
                filled[column] = (filled[column][0] if column in filled else number, number)
            written.append(_cell(f"{letters(column)}{number}", cell, texts))
        if written:
            pending.append(f'<row r="{number}">{"".join(written)}</row>')
        if len(pending) == _ROWS_AT_ONCE:
            write("".join(pending).encode())
            pending.clear()
        yield count
    write("".join(pending).encode())


def _cell(ref: str, cell: Cell, texts: dict[str, int]) -> str:
    if isinstance(cell, bool):
        return f'<c r="{ref}" t="b"><v>{int(cell)}</v></c>'
    if not isinstance(cell, str):
        return f'<c r="{ref}"><v>{cell}</v></c>'
    if cell.startswith("="):
        return f'<c r="{ref}"><f>{escape(cell[1:])}</f><v></v></c>'
    if cell.startswith("{="):
        return f'<c r="{ref}"><f t="array" ref="{ref}">{escape(cell[2:-1])}</f><v></v></c>'
    return f'<c r="{ref}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'


def _areas(sheet: str, filled: dict[int, tuple[int, int]]) -> Iterator[Area]:
    """The columns with formulas, neighbours of one extent together."""
    places = enumerate(sorted(filled.items()))
    for (_, (top, bottom)), group in groupby(places, lambda p: (p[1][0] - p[0], p[1][1])):
        columns = [column for _, (column, _) in group]
        yield Area(sheet, top, columns[0], bottom, columns[-1])


def _frame(names: list[str], texts: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The parts around the sheets: name and XML."""
    numbers = range(1, len(names) + 1)
    overrides = [("/xl/workbook.xml", f"{_TYPE}.sheet.main+xml")]
    overrides += [(f"/xl/worksheets/sheet{i}.xml", f"{_TYPE}.worksheet+xml") for i in numbers]
    overrides += [("/xl/sharedStrings.xml", f"{_TYPE}.sharedStrings+xml")]
    overrides += [("/xl/styles.xml", f"{_TYPE}.styles+xml")]
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides)
        + "</Types>",
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
            for i, name in zip(numbers, names, strict=True)
        )
        + '</sheets><calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>',
    )
    targets = [("worksheet", f"worksheets/sheet{i}.xml") for i in numbers]
    targets += [("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")]
    yield "xl/_rels/workbook.xml.rels", _relations(targets)
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    yield "xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">{items}</sst>'
    yield (
        "xl/styles.xml",
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/>'
        '</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
        '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/>'
        '<right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf'
        ' numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf'
        ' numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs><cellStyles'
        ' count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    )


def _relations(targets: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'
