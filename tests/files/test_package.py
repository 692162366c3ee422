import io
import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from sheetlab.errors import WorkbookError
from sheetlab.files import package
from sheetlab.files.package import Parts, read_parts, write_parts

PARTS = {
    "xl/workbook.xml": b"<workbook/>",
    "[Content_Types].xml": b"<Types/>",
    "docProps/app.xml": b"<Properties/>",
    "_rels/.rels": b"<Relationships/>",
}


def zip_bytes(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_workbook_of_openpyxl_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        expected = {name: archive.read(name) for name in archive.namelist()}
    assert read_parts(path) == expected
    assert read_parts(str(path)) == expected


@given(st.dictionaries(st.text("abc/._", min_size=1).map("xl/{}x".format), st.binary()))
def test_what_is_written_is_read(others: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write_parts(path, PARTS | others)
        first = path.read_bytes()
        assert read_parts(path) == PARTS | others
        write_parts(path, dict(reversed((PARTS | others).items())))
        assert path.read_bytes() == first


def test_order_date_and_permissions_are_fixed(tmp_path: Path) -> None:
    write_parts(tmp_path / "book.xlsx", PARTS)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        members = archive.infolist()
    assert [member.filename for member in members] == [
        "[Content_Types].xml",
        "_rels/.rels",
        "docProps/app.xml",
        "xl/workbook.xml",
    ]
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {member.external_attr >> 16 for member in members} == {stat.S_IFREG | 0o644}
    assert {(member.create_system, member.compress_type) for member in members} == {
        (3, zipfile.ZIP_DEFLATED)
    }


def refused(path: Path, **options: int) -> str:
    with pytest.raises(WorkbookError) as refusal:
        read_parts(path, **options)
    message = refusal.value.message
    assert str(path) in message.en
    assert str(path) in message.ko
    assert message.en.endswith(".")
    return message.en


def encrypted_zip() -> bytes:
    content = bytearray(zip_bytes(PARTS))
    # Bit 0 of the flags, in the local and in the central header, says that a password is needed.
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        position = content.find(signature)
        content[position + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a workbook"),
        (b"iteration,alpha\n0,0\n", "not a workbook"),
        (zip_bytes(PARTS)[:-30], "not a workbook"),
        (zip_bytes(PARTS)[:60], "not a workbook"),
        (encrypted_zip(), "not a workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "protected by a password, or in the old"),
        (zip_bytes({"word/document.xml": b"<document/>"}), "xl/workbook.xml is missing"),
    ],
    ids=["empty", "text", "cut", "cut early", "zip password", "OLE2", "another kind"],
)
def test_what_is_no_workbook_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "통합 문서.xlsx"
    path.write_bytes(content)
    assert said in refused(path)


def test_damage_inside_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({**PARTS, "xl/big.xml": os.urandom(1000)}))
    content[content.find(b"xl/big.xml") + 200] ^= 0xFF
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    assert "damaged" in refused(path)


def archive_bytes() -> bytes:
    """A package with parts of every packing, which are read in different ways."""
    stream = io.BytesIO(zip_bytes(PARTS))
    with zipfile.ZipFile(stream, "a") as archive:
        for packing in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            archive.writestr(f"xl/media/{packing}.bin", b"abc" * 50, packing)
        archive.writestr("xl/media/그림.png", b"picture", zipfile.ZIP_DEFLATED)
        archive.writestr("xl/empty.xml", b"")
        archive.writestr("xl/large.xml", bytes(2_000_000), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


ARCHIVE = archive_bytes()


def test_parts_of_every_packing_are_read(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(ARCHIVE)
    with zipfile.ZipFile(path) as archive:
        assert read_parts(path) == {name: archive.read(name) for name in archive.namelist()}


def test_damage_in_every_packing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(ARCHIVE)
    whole = read_parts(path)
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.file_size]
    for member in members:
        begin = member.header_offset + 30 + len(member.filename.encode())
        found = []
        for place in range(begin, begin + min(member.compress_size, 40)):
            content = bytearray(ARCHIVE)
            content[place] ^= 0xFF
            path.write_bytes(content)
            found.append(read_or_refusal(path))
        # Not all that LZMA writes at the beginning and the end means something.
        refused = [what for what in found if what != whole]
        assert len(refused) > len(found) / 2
        assert all("is damaged" in what for what in refused)


def test_names_of_dos_are_read(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(zip_bytes({**PARTS, "xl/caf_.xml": b"<x/>"}).replace(b"caf_", b"caf\x82"))
    assert read_parts(path)["xl/café.xml"] == b"<x/>"


@given(st.lists(st.tuples(st.integers(0, len(ARCHIVE) - 1), st.integers(0, 255)), max_size=3))
def test_small_parts_are_read_as_zipfile_reads_them(changes: list[tuple[int, int]]) -> None:
    content = bytearray(ARCHIVE)
    for place, byte in changes:
        content[place] = byte
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(content)
        found = read_or_refusal(path)
        patch.setattr(package, "_small_content", lambda *_: None)
        assert found == read_or_refusal(path)


def read_or_refusal(path: Path) -> Parts | str:
    try:
        return read_parts(path)
    except WorkbookError as refusal:
        return refusal.message.en


def test_a_small_part_ends_before_the_next_begins() -> None:
    file = io.BytesIO(zip_bytes(PARTS))
    with zipfile.ZipFile(file) as archive:
        first, second, *_ = archive.infolist()
        assert package._small_content(file, first, second.header_offset) == archive.read(first)
        assert package._small_content(file, first, second.header_offset - 1) is None


def test_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "book.xlsx")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    write_parts(path, PARTS)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "may not be read" in refused(path)


def test_too_large_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    write_parts(path, {**PARTS, "xl/media/zeros": bytes(5_000_000)})
    assert path.stat().st_size < 10_000
    assert "more than 4,000,000 bytes" in refused(path, max_unpacked_bytes=4_000_000)
    assert len(read_parts(path, max_unpacked_bytes=6_000_000)) == 5


def test_too_large_in_spite_of_its_header(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({**PARTS, "xl/media/zeros": bytes(5_000_000)}))
    honest = struct.pack("<L", 5_000_000)
    assert honest in content
    path = tmp_path / "book.xlsx"
    path.write_bytes(content.replace(honest, struct.pack("<L", 10)))
    refused(path, max_unpacked_bytes=4_000_000)


def refused_write(path: Path) -> str:
    with pytest.raises(WorkbookError) as refusal:
        write_parts(path, PARTS)
    assert str(path) in refusal.value.message.en
    assert str(path) in refusal.value.message.ko
    return refusal.value.message.en


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "folder does not exist" in refused_write(tmp_path / "nowhere" / "book.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").mkdir()
    assert "is a folder" in refused_write(tmp_path / "book.xlsx")


def test_read_only_file_is_refused_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"as it was")
    path.chmod(0o444)
    assert "read-only" in refused_write(path)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="folders have no such mark elsewhere")
def test_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    try:
        assert "folder may not be written" in refused_write(folder / "book.xlsx")
    finally:
        folder.chmod(0o755)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        ("replace", PermissionError(13, "The file is in use"), "open in another program"),
        ("replace", OSError(5, "Input/output error"), "cannot be written (Input/output error)"),
        ("_pack", OSError(28, "No space left on device"), "No space left on device"),
    ],
    ids=["locked", "failing disk", "full disk"],
)
def test_a_failing_write_leaves_the_old_file_whole(
    step: str, error: OSError, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"as it was")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path if step == "replace" else package, step, fail)
    assert said in refused_write(path)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"as it was")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_parts(path, PARTS)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="needs links and modes")
def test_links_and_modes_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "book.xlsx", tmp_path / "link.xlsx"
    path.write_bytes(b"as it was")
    path.chmod(0o640)
    link.symlink_to(path)
    write_parts(link, PARTS)
    assert link.is_symlink()
    assert read_parts(path) == PARTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
