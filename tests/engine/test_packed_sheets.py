"""Worksheets that stay packed, and are read in pieces, give what they give as a whole."""

import struct
from pathlib import Path
from typing import Any

import pytest
from engine.packages import SHEET, parts_of, write_package
from openpyxl import load_workbook

from sheetlab.engine import load
from sheetlab.engine.grid import Grid
from sheetlab.errors import MalformedError, WorkbookError
from sheetlab.files import package, packed, sheet_rows
from sheetlab.files.package import Parts, read_parts
from sheetlab.files.packed import EditedPart, PackedPart
from sheetlab.limits import Limits

SECOND = "xl/worksheets/sheet2.xml"


def rows(count: int = 400) -> str:
    """Numbers in A, texts in B, formulas filled down in C, a sum in D1; row 7 is hidden."""
    found = ""
    for row in range(1, count + 1):
        hidden = ' hidden="1"' if row == 7 else ""
        found += (
            f'<row r="{row}"{hidden}><c r="A{row}"><v>{row / 8}</v></c>'
            f'<c r="B{row}" t="str"><v>text {row}</v></c>'
            f'<c r="C{row}"><f>A{row}*2&amp;B{row}</f><v>0</v></c></row>'
        )
    last = f'<c r="D1"><f>SUBTOTAL(109,A1:A{count})</f></c></row>'
    return found.replace("</row>", last, 1)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_LARGE_WORKSHEET", 1000)
    monkeypatch.setattr(packed, "_PACKED", 200)
    monkeypatch.setattr(packed, "_PIECE", 4000)


def forbidden(self: PackedPart | EditedPart) -> bytes:
    raise AssertionError("unpacked as a whole")


def whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    """The values where no sheet stays packed."""
    with monkeypatch.context() as patched:
        patched.setattr(package, "_LARGE_WORKSHEET", 10**9)
        return load(path).values()


def test_ordinary_sheets_are_never_unpacked_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_package(tmp_path, parts_of(rows().replace(' hidden="1"', "")))
    expected = whole(path, monkeypatch)
    monkeypatch.setattr(PackedPart, "content", forbidden)
    book = load(path)
    assert len(expected) == 1201
    assert book.values() == expected
    assert book["C400"] == "100text 400"
    assert len(book._calculation.model.blocks) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ('<row r="200">', '<!-- <row r="3"> --><row r="200">'),
        ('<c r="A200">', "<c r='A200'>"),
        ('<c r="A200">', '<c r="A200" xmlns:x="urn:x">'),
        ("<v>text 200</v>", "<v><![CDATA[<row]]></v>"),
    ],
    ids=["hidden rows", "comment", "quotes", "namespace", "CDATA"],
)
def test_unusual_sheets(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_package(tmp_path, parts_of(rows().replace(old, new, 1)))
    book = load(path)
    assert book.values() == whole(path, monkeypatch)
    assert book["D1"] == sum(range(401)) / 8 - 7 / 8


@pytest.mark.parametrize("encoding", ["utf-16", "euc-kr"])
def test_other_encodings(encoding: str, tmp_path: Path) -> None:
    parts: Parts = dict(parts_of(rows().replace("text 9<", "한글<")))
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' + parts[SHEET].decode()
    parts[SHEET] = declared.encode(encoding)
    assert load(write_package(tmp_path, parts))["C9"] == "2.25한글"


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    parts: Parts = dict(parts_of(rows()))
    parts[SHEET] = b"<!DOCTYPE worksheet>" + parts[SHEET]
    with pytest.raises(WorkbookError, match="DOCTYPE"):
        load(write_package(tmp_path, parts))


@pytest.mark.parametrize("count", [400, 2000])
def test_what_is_saved_is_never_whole(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The larger one is packed less tightly.
    monkeypatch.setattr(package, "_LARGE_PART", 100_000)
    shown = rows(count).replace(' hidden="1"', "")
    path = write_package(tmp_path, parts_of(shown, sheets=("Data", "More")))
    with monkeypatch.context() as patched:
        patched.setattr(package, "_LARGE_WORKSHEET", 10**9)
        expected = load(path)
    book = load(path)
    path.unlink()
    for each in (book, expected):
        each.set({"A3": 100, "B300": "<new>", f"E{count}": True})
    expected.save(tmp_path / "expected.xlsx")
    with monkeypatch.context() as patched:
        patched.setattr(PackedPart, "content", forbidden)
        patched.setattr(EditedPart, "content", forbidden)
        book.save(path)
    assert path.read_bytes() == (tmp_path / "expected.xlsx").read_bytes()
    assert read_parts(path) == book.parts()
    assert b"<v>200text 3</v>" in book.parts()[SHEET]
    assert b"&lt;new&gt;" in book.parts()[SHEET]
    assert load(path).values() == whole(path, monkeypatch) == book.values()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<row r="200">', '<!-- <row r="3"> --><row r="200">'),
        ('<c r="A200">', "<c r='A200'>"),
        ('<row r="200">', "<row>"),
        ("<v>text 200</v>", "<v><![CDATA[<row ]]></v>"),
        ('<c r="C200"><f>A200*2', '<c r="E200"><f t="array" ref="E200:F230">A200*2'),
    ],
    ids=["comment", "quotes", "without number", "CDATA", "array formula"],
)
def test_unusual_sheets_are_saved(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old in rows()
    monkeypatch.setattr(sheet_rows, "_CHUNK", 300)
    path = write_package(tmp_path, parts_of(rows().replace(old, new)))
    book = load(path)
    book.set({"A3": 100})
    book.save(path)
    assert load(path).values() == whole(path, monkeypatch) == book.values()
    shown = load_workbook(path, data_only=True)["Data"]
    assert {ref: shown[ref].value for _, ref in book.values()} == {
        ref: value for (_, ref), value in book.values().items()
    }


def test_a_save_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_package(tmp_path, parts_of(rows()))
    before = path.read_bytes()
    book = load(path)
    grid = type(book._calculation.model.grids["Data"])
    table = grid.table

    def fail(self: Grid, top: int, left: int, bottom: int, right: int) -> Any:
        if top > 200:
            raise MalformedError("no_cell", ref="A1")
        return table(self, top, left, bottom, right)

    monkeypatch.setattr(sheet_rows, "_CHUNK", 300)
    book.values()
    monkeypatch.setattr(grid, "table", fail)
    with pytest.raises(WorkbookError, match="sheet1"):
        book.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_limits(tmp_path: Path) -> None:
    parts: Parts = parts_of(rows())
    path = write_package(tmp_path, parts)
    size = sum(map(len, parts.values()))
    assert load(path)._calculation.model.limits == Limits().for_file(size)
    load(path, limits=Limits(unpacked_bytes=size, cells=1201))
    with pytest.raises(WorkbookError, match="bytes"):
        load(path, limits=Limits(unpacked_bytes=size - 1))
    with pytest.raises(WorkbookError, match="more than 1,200 cells"):
        load(path, limits=Limits(cells=1200))


@pytest.mark.parametrize("part", [SHEET, SECOND], ids=["sheet", "part that is none"])
@pytest.mark.parametrize("row", [1, 200, 400])
def test_a_damaged_file_is_told_as_such(part: str, row: int, tmp_path: Path) -> None:
    parts: Parts = dict(parts_of(rows()))
    parts[SECOND] = parts[SHEET]
    # What the checksum is wrong for may be well-formed, or not.
    for instead in (b"text 8%d<" % row, b"text %d>" % row):
        kept = {**parts, part: parts[part].replace(b"text %d<" % row, instead)}
        path = write_package(tmp_path, kept)
        content = bytearray(path.read_bytes())
        place = content.rindex(part.encode()) - 46 + 16
        (crc,) = struct.unpack_from("<L", content, place)
        struct.pack_into("<L", content, place, crc ^ 1)
        path.write_bytes(content)
        with pytest.raises(WorkbookError, match="is not a workbook, or is damaged"):
            load(path)


def test_a_broken_sheet_is_named(tmp_path: Path) -> None:
    for old, new in (("</v>", "<v>"), ('r="A9"', 'r="A"'), ("<v>1.0</v>", "<v>x</v>")):
        path = write_package(tmp_path, parts_of(rows().replace(old, new, 9), sheets=("Big",)))
        with pytest.raises(WorkbookError, match=r"book\.xlsx, Big: is damaged"):
            load(path)


def test_readings_of_texts(tmp_path: Path) -> None:
    read = (
        '<c r="E1" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c>'
    )
    asks = '<row r="401"><c r="A401"><f>PHONETIC(E1)</f></c></row>'
    cells = rows().replace("</row>", f"{read}</row>", 1) + asks
    assert load(write_package(tmp_path, parts_of(cells)))["A401"] == "トウキョウ"
