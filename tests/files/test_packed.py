"""Large worksheets stay packed, and are unpacked a piece at a time when they are asked for."""

import random
import struct
import zipfile
from pathlib import Path

import pytest

from sheetlab.errors import WorkbookError
from sheetlab.files import package, packed
from sheetlab.files.package import read_package, read_parts, write_parts
from sheetlab.files.packed import EditedPart, Package, packed_parts, replaced, unpacked_size

SHEET = "xl/worksheets/sheet1.xml"
DRAWN = random.Random(1)
CONTENT = b"".join(b"<row>%d</row>" % DRAWN.randrange(10**9) for _ in range(4000))
PARTS = {
    "[Content_Types].xml": b"<Types/>",
    "xl/workbook.xml": b"<workbook/>",
    SHEET: CONTENT,
    "xl/worksheets/sheet2.xml": b"<worksheet/>",
    "xl/media/image.bin": CONTENT,
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_LARGE_WORKSHEET", 50_000)
    monkeypatch.setattr(packed, "_PACKED", 1000)
    monkeypatch.setattr(packed, "_PIECE", 3000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_parts(tmp_path / "book.xlsx", PARTS)
    return tmp_path / "book.xlsx"


def test_large_worksheets_stay_packed(path: Path) -> None:
    parts = read_package(path)
    assert set(packed_parts(parts)) == {SHEET}
    assert parts == PARTS == read_parts(path)
    assert SHEET in parts
    assert unpacked_size(parts) == sum(map(len, PARTS.values())) == unpacked_size(PARTS)
    pieces = list(packed_parts(parts)[SHEET].pieces())
    assert b"".join(pieces) == CONTENT
    assert 20 < len(pieces) < 200
    assert max(map(len, pieces)) <= 3000


def test_what_else_is_large_or_not_deflated_is_unpacked_at_once(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
    parts = read_package(path)
    assert packed_parts(parts) == {}
    assert parts == PARTS


def test_content_that_packs_well_comes_in_small_pieces(tmp_path: Path) -> None:
    write_parts(tmp_path / "book.xlsx", {**PARTS, SHEET: bytes(1_000_000)})
    pieces = list(packed_parts(read_package(tmp_path / "book.xlsx"))[SHEET].pieces())
    assert b"".join(pieces) == bytes(1_000_000)
    assert max(map(len, pieces)) == 3000


def test_the_file_may_change_meanwhile(path: Path) -> None:
    parts = read_package(path)
    path.write_bytes(b"something else")
    assert parts == PARTS


def test_what_stands_before_the_zip_does_not_matter(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert read_package(path) == PARTS


def test_replaced_parts(path: Path) -> None:
    parts = read_package(path)
    changed = replaced(parts, {"xl/workbook.xml": b"<other/>"})
    assert set(packed_parts(changed)) == {SHEET}
    assert changed == {**PARTS, "xl/workbook.xml": b"<other/>"}
    assert list(changed) == list(parts)
    assert replaced(parts, {SHEET: b"<worksheet/>"}) == {**PARTS, SHEET: b"<worksheet/>"}
    assert packed_parts(replaced(parts, {SHEET: b""})) == {}
    write_parts(path, changed)
    assert read_parts(path) == changed


def test_parts_in_pieces_are_written_as_others(path: Path) -> None:
    written = path.read_bytes()
    write_parts(path, read_package(path))
    assert path.read_bytes() == written
    # What may become larger than an ordinary zip can hold is written with room for that.
    for size in (10, 10**9):
        edited = EditedPart(lambda: iter((CONTENT, b"<end/>")), size)
        parts = replaced(read_package(path), {SHEET: edited})
        write_parts(path, parts)
        assert read_parts(path) == {**PARTS, SHEET: CONTENT + b"<end/>"} == parts


def place_of(content: bytes, signature: bytes, offset: int) -> int:
    """Where a field stands in the header of the sheet in a zip."""
    name = SHEET.encode()
    begin = {b"PK\3\4": content.index(name) - 30, b"PK\1\2": content.rindex(name) - 46}[signature]
    assert content.startswith(signature, begin)
    return begin + offset


def damages() -> dict[str, tuple[bytes, int, int]]:
    """Signature and place of fields of headers, and by how much the number there is wrong."""
    return {
        "checksum": (b"PK\1\2", 16, 1),
        "fewer bytes": (b"PK\1\2", 24, -1),
        "more bytes": (b"PK\1\2", 24, 1),
        "many more bytes": (b"PK\1\2", 24, 10**9),
        "packed in fewer": (b"PK\1\2", 20, -10),
        "a longer name": (b"PK\3\4", 26, 20),
        "a longer extra field": (b"PK\3\4", 28, 20),
    }


@pytest.mark.parametrize("damage", damages())
def test_a_header_that_lies(damage: str, path: Path) -> None:
    content = bytearray(path.read_bytes())
    signature, offset, wrong = damages()[damage]
    place = place_of(bytes(content), signature, offset)
    layout = "<H" if signature == b"PK\3\4" else "<L"
    (told,) = struct.unpack_from(layout, content, place)
    struct.pack_into(layout, content, place, told + wrong)
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=r"book\.xlsx: is not a workbook, or is damaged"):
        read_parts(path)


@pytest.mark.parametrize("where", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("damage", [b"\xff", b"\0" * 50, bytes(range(99, 120))])
def test_damaged_content(where: float, damage: bytes, path: Path) -> None:
    content = bytearray(path.read_bytes())
    (size,) = struct.unpack_from("<L", content, place_of(bytes(content), b"PK\1\2", 20))
    begin = place_of(bytes(content), b"PK\3\4", 30 + len(SHEET)) + int(where * size)
    assert content[begin : begin + len(damage)] != damage
    content[begin : begin + len(damage)] = damage
    path.write_bytes(content)
    parts = read_package(path)
    assert parts["xl/media/image.bin"] == CONTENT
    for ask in (lambda: parts[SHEET], packed_parts(parts)[SHEET].check):
        with pytest.raises(WorkbookError, match=r"book\.xlsx: is not a workbook, or is damaged"):
            ask()


def test_no_more_comes_out_than_the_file_says(path: Path) -> None:
    whole = packed_parts(read_package(path))[SHEET]
    pieces = whole._replace(size=10_000).pieces()
    taken = [len(next(pieces)) for _ in range(3)]
    assert sum(taken) <= 10_000
    with pytest.raises(WorkbookError):
        list(pieces)
    assert Package({SHEET: whole})[SHEET] == CONTENT
