"""An .xlsx package: a zip file of parts, read with care and written always alike."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from itertools import chain, pairwise
from pathlib import Path
from typing import IO

from sheetlab.errors import WorkbookError
from sheetlab.files.packed import Package, PackedPart, damaged_package, parts_in_pieces
from sheetlab.files.replacing import replace_file
from sheetlab.limits import Limits
from sheetlab.text import Text

try:
    from lzma import LZMAError
except ImportError:  # A Python without it reads no part that is packed so, and says that it cannot.
    LZMAError = RuntimeError  # type: ignore[assignment, misc]

Parts = dict[str, bytes]

MAX_PARTS = 65_535

# So much is unpacked at a time; for more, memory is asked of the system each time.
_CHUNK = 2**16
_OLE2_HEADER = bytes.fromhex("D0CF11E0")
_FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
# Of a member whose flags say no more, nothing is encrypted or patched (APPNOTE, 4.4.4).
_USUAL_FLAGS, _USUAL_PACKING = 0x080E, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What stands before a member (APPNOTE, 4.3.7): its signature, and the lengths of name and extras.
_HEADER, _SIGNATURE = struct.Struct("<4s22xHH"), b"PK\3\4"
_UNIX, _READABLE_FILE = 3, (stat.S_IFREG | 0o644) << 16
_DEFLATE_LEVEL = 6
# Packing a part of this many bytes as tightly takes longer than all else in saving it.
_LARGE_PART, _LARGE_DEFLATE_LEVEL = 8_000_000, 2
# A part that comes in pieces may be so many times as large once values are written into it.
_GROWTH = 8
# Worksheets of so many bytes stay packed.
_WORKSHEETS, _LARGE_WORKSHEET = "xl/worksheets/", 4_000_000
# Where the local header of a member has the lengths of what stands between it and the content.
_LENGTHS_AT, _LENGTHS = 26, struct.Struct("<HH")


def read_parts(
    path: str | os.PathLike[str], max_unpacked_bytes: int = Limits.unpacked_bytes
) -> Parts:
    """The parts of the workbook at `path`: name -> content. Raises what `read_package` does."""
    return dict(read_package(path, max_unpacked_bytes))


def read_package(
    path: str | os.PathLike[str], max_unpacked_bytes: int = Limits.unpacked_bytes
) -> Package:
    """The parts of the workbook at `path`, of which large worksheets stay packed.

    What is damaged in these is told when they are unpacked. Raises `WorkbookError` for a file that
    is missing, unreadable, damaged, protected by a password, no .xlsx at all, larger than
    `max_unpacked_bytes` once unpacked, of more than `MAX_PARTS` parts, or of two parts of one name.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
        # A device or a pipe may have no end.
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
            raise _refusal(
                path,
                "is no file of the disk; give an .xlsx file",
                "디스크의 파일이 아닙니다. .xlsx 파일을 주십시오",
            )
        with path.open("rb") as file:
            if file.read(len(_OLE2_HEADER)) == _OLE2_HEADER:
                raise _encrypted_or_old(path)
            with _archive(file) as archive:
                parts = _unpack(path, file, archive, max_unpacked_bytes)
    except FileNotFoundError:
        raise _refusal(
            path, "there is no such file; check the path", "파일이 없습니다. 경로를 확인하십시오"
        ) from None
    except IsADirectoryError:
        raise _is_a_folder(path) from None
    except PermissionError as error:
        if path.is_dir():  # Windows says this of a folder.
            raise _is_a_folder(path) from None
        raise _refusal(
            path,
            "may not be read; close the program that holds it, or change its permissions",
            "읽을 권한이 없습니다. 파일을 연 프로그램을 닫거나 권한을 바꾸십시오",
        ) from error
    except OSError as error:
        raise _refusal(
            path,
            f"cannot be read ({error.strerror}); check the path and the disk",
            f"읽을 수 없습니다({error.strerror}). 경로와 디스크를 확인하십시오",
        ) from error
    # RuntimeError is a member under a password, NotImplementedError an unknown compression.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise damaged_package(path) from error
    if "xl/workbook.xml" not in parts:
        raise _refusal(
            path,
            "holds no Excel workbook (xl/workbook.xml is missing); save it as .xlsx first",
            "Excel 통합 문서가 들어 있지 않습니다(xl/workbook.xml이 없습니다)."
            " 먼저 .xlsx 형식으로 저장하십시오",
        )
    return Package(parts)


def write_parts(path: str | os.PathLike[str], parts: Mapping[str, bytes]) -> None:
    """Write the parts as the workbook at `path`; the same parts always give the same bytes.

    The file is replaced in one step: when that fails, the old one is whole and nothing else is
    left. Raises `WorkbookError` where the folder or the file cannot be written, or the file is
    marked read-only.
    """
    path = Path(path)
    try:
        target = path.resolve()
        _check_writable(path, target)
        replace_file(target, lambda file: _pack(file, parts))
    except PermissionError as error:
        raise _read_only(path) from error
    # Up to Python 3.12 a loop of links is a RuntimeError to `resolve`.
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "symbolic links lead in a circle"
        raise _refusal(
            path,
            f"cannot be written ({why}); check the disk, or give another path",
            f"쓸 수 없습니다({why}). 디스크를 확인하거나 다른 경로를 주십시오",
        ) from error


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        # To decode names as DOS has them takes a table, which is imported for it.
        return zipfile.ZipFile(file, metadata_encoding="ascii")
    except UnicodeDecodeError:
        return zipfile.ZipFile(file)


def _unpack(
    path: Path, file: IO[bytes], archive: zipfile.ZipFile, limit: int
) -> dict[str, bytes | PackedPart]:
    parts: dict[str, bytes | PackedPart] = {}
    names: set[str] = set()
    unpacked = 0
    members = archive.infolist()
    if len(members) > MAX_PARTS:
        raise _refusal(
            path,
            f"has more than {MAX_PARTS:,} parts; give a smaller workbook",
            f"{MAX_PARTS:,}개가 넘는 부분으로 이루어져 있습니다. 더 작은 통합 문서를 주십시오",
        )
    if sum(member.file_size for member in members) > limit:
        raise _too_large(path, limit)
    # Members that share bytes are how a small file unpacks to a huge one.
    if sum(member.compress_size for member in members) > path.stat().st_size:
        raise zipfile.BadZipFile("members overlap")
    starts = sorted([*(member.header_offset for member in members), archive.start_dir])
    # Of several that begin at one place, none has any room.
    ends = dict(reversed([*pairwise(starts)]))
    for member in members:
        if member.is_dir():
            continue
        # Names differ by more than capitals (ECMA-376 part 2, 6.2.2.3).
        if member.filename.lower() in names:
            raise _refusal(
                path,
                f"has two parts of the name {member.filename}; open it in Excel and save it anew",
                f"이름이 {member.filename}인 부분이 둘입니다. Excel에서 열어 다시 저장하십시오",
            )
        names.add(member.filename.lower())
        if _stays_packed(member):
            # The local header is checked by the way.
            with archive.open(member):
                deflated = _deflated(file, member)
            parts[member.filename] = PackedPart(path, deflated, member.file_size, member.CRC)
            unpacked += member.file_size
            continue
        content = _small_content(file, member, ends.get(member.header_offset, 0))
        if content is None:
            content = _content(archive, member, limit - unpacked)
        if content is None:
            raise _too_large(path, limit)
        unpacked += len(content)
        parts[member.filename] = content
    return parts


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes | None:
    """The content of a member; None where it has more bytes than `limit`."""
    # Joining chunks would hold a large part twice.
    content = io.BytesIO()
    try:
        with archive.open(member) as stream:
            # The size in the header may lie, so what counts is what comes out.
            while chunk := stream.read(_CHUNK):
                if content.tell() + len(chunk) > limit:
                    return None
                content.write(chunk)
    except (LZMAError, OSError) as error:
        # That of a damaged bzip2 stream has no number, unlike those of the system.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise zipfile.BadZipFile(member.filename) from error
    return content.getvalue()


def _small_content(file: IO[bytes], member: zipfile.ZipInfo, end: int) -> bytes | None:
    """What `_content` gives, sooner, of a small member that is packed as most are and is whole.

    It may have no byte from `end` on. None says nothing of any other.
    """
    name = member.filename
    if not (
        max(member.file_size, member.compress_size) <= _CHUNK
        and member.compress_type in _USUAL_PACKING
        and member.flag_bits | _USUAL_FLAGS == _USUAL_FLAGS
        and name.isascii()
    ):
        return None
    file.seek(member.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    signature, name_length, extra_length = _HEADER.unpack(header)
    found = file.read(name_length)
    content = file.read(extra_length + member.compress_size)[extra_length:]
    if signature != _SIGNATURE or found != name.encode() or file.tell() > end:
        return None
    if member.compress_type == zipfile.ZIP_DEFLATED:
        try:
            # A byte more than it says, for one that says too little to be noticed.
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, member.file_size + 1)
        except zlib.error:
            return None
    is_whole = len(content) == member.file_size and zlib.crc32(content) == member.CRC
    return content if is_whole else None


def _stays_packed(member: zipfile.ZipInfo) -> bool:
    return (
        member.filename.startswith(_WORKSHEETS)
        and member.file_size >= _LARGE_WORKSHEET
        and member.compress_type == zipfile.ZIP_DEFLATED
    )


def _deflated(file: IO[bytes], member: zipfile.ZipInfo) -> bytes:
    """The content of a member as the file has it."""
    file.seek(member.header_offset + _LENGTHS_AT)
    file.seek(sum(_LENGTHS.unpack(file.read(_LENGTHS.size))), os.SEEK_CUR)
    return file.read(member.compress_size)


def _pack(file: object, parts: Mapping[str, bytes]) -> None:
    in_pieces = parts_in_pieces(parts)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name in _in_order(parts):
            part = in_pieces.get(name)
            pieces = iter((parts[name],)) if part is None else part.pieces()
            first, size = list[bytes](), 0
            while size < _LARGE_PART and (piece := next(pieces, b"")):
                first.append(piece)
                size += len(piece)
            archive.compresslevel = _DEFLATE_LEVEL if size < _LARGE_PART else _LARGE_DEFLATE_LEVEL
            most = size if part is None else part.size * _GROWTH
            huge = most > zipfile.ZIP64_LIMIT
            with archive.open(name, "w", force_zip64=huge) as target:
                for piece in chain(first, pieces):
                    target.write(piece)
            member = archive.getinfo(name)
            member.create_system, member.external_attr = _UNIX, _READABLE_FILE


def _in_order(parts: Mapping[str, bytes]) -> list[str]:
    first = [name for name in _FIRST_PARTS if name in parts]
    return first + sorted(parts.keys() - set(first))


def _check_writable(path: Path, target: Path) -> None:
    if not target.parent.is_dir():
        raise _refusal(
            path,
            "its folder does not exist; make the folder, or give another path",
            "폴더가 없습니다. 폴더를 만들거나 다른 경로를 주십시오",
        )
    if target.is_dir():
        raise _is_a_folder(path)
    if _is_read_only(target.parent):
        raise _refusal(
            path,
            "its folder may not be written to; give a path in another folder",
            "폴더에 쓸 권한이 없습니다. 다른 폴더의 경로를 주십시오",
        )
    if target.exists() and _is_read_only(target):
        raise _read_only(path)


def _is_read_only(path: Path) -> bool:
    """Whether the system, or a mark that would not stop an administrator, forbids writing."""
    mode = path.stat().st_mode
    # Windows marks ordinary folders read-only, and means that they have an icon of their own.
    mark_counts = os.name == "posix" or stat.S_ISREG(mode)
    return not os.access(path, os.W_OK) or (mark_counts and not mode & 0o222)


def _refusal(path: Path, en: str, ko: str) -> WorkbookError:
    return WorkbookError(Text(f"{path}: {en}.", f"{path}: {ko}."))


def _too_large(path: Path, limit: int) -> WorkbookError:
    return _refusal(
        path,
        f"unpacks to more than {limit:,} bytes; give a smaller workbook",
        f"압축을 풀면 {limit:,}바이트가 넘습니다. 더 작은 통합 문서를 주십시오",
    )


def _is_a_folder(path: Path) -> WorkbookError:
    return _refusal(
        path,
        "is a folder; give the path of an .xlsx file",
        "폴더입니다. .xlsx 파일의 경로를 주십시오",
    )


def _read_only(path: Path) -> WorkbookError:
    return _refusal(
        path,
        "is read-only, or open in another program; close it there, or give another path",
        "읽기 전용이거나 다른 프로그램에서 열려 있습니다."
        " 그 프로그램을 닫거나 다른 경로를 주십시오",
    )


def _encrypted_or_old(path: Path) -> WorkbookError:
    return _refusal(
        path,
        "is protected by a password, or in the old .xls format; save it as .xlsx without one",
        "암호로 보호되었거나 옛 .xls 형식입니다. 암호 없이 .xlsx 형식으로 저장하십시오",
    )
