"""The parts of a package, of which large worksheets stay packed."""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sheetlab.errors import WorkbookError
from sheetlab.text import Text

# So many bytes are unpacked at a time, to at most so many.
_PACKED, _PIECE = 2**18, 2**22


class PackedPart(NamedTuple):
    """A part that is unpacked whenever it is asked for.

    Attributes:
        path: the file that it is of.
        deflated: its content as the file has it (RFC 1951).
        size: how many bytes it unpacks to, as the file says.
        crc: their checksum, as the file says.
    """

    path: Path
    deflated: bytes
    size: int
    crc: int

    def pieces(self) -> Iterator[bytes]:
        """The content, some megabytes at a time.

        Raises `WorkbookError`, at the latest behind the last piece, where it is not what the file
        says that it is; there are never more bytes than that.
        """
        unpacker, deflated = zlib.decompressobj(-zlib.MAX_WBITS), memoryview(self.deflated)
        at = size = crc = 0
        while not unpacker.eof:
            packed: bytes | memoryview = unpacker.unconsumed_tail
            if not packed:
                packed = deflated[at : at + _PACKED]
                at += _PACKED
            try:
                piece = unpacker.decompress(packed, _PIECE)
            except zlib.error as error:
                raise damaged_package(self.path) from error
            size += len(piece)
            crc = zlib.crc32(piece, crc)
            if size > self.size or not (piece or packed or unpacker.eof):
                break
            if piece:
                yield piece
        if not unpacker.eof or (size, crc) != (self.size, self.crc):
            raise damaged_package(self.path)

    def check(self) -> None:
        """Raise `WorkbookError` where the content is not what the file says that it is."""
        for _ in self.pieces():
            pass

    def content(self) -> bytes:
        """The whole content. Raises what `pieces` raises."""
        return joined(self.pieces())


class EditedPart(NamedTuple):
    """A part that is made of another whenever it is asked for.

    Attributes:
        pieces: gives the content, some megabytes at a time.
        size: how many bytes the part that it is made of unpacks to.
    """

    pieces: Callable[[], Iterator[bytes]]
    size: int

    def content(self) -> bytes:
        """The whole content. Raises what `pieces` raises."""
        return joined(self.pieces())


def joined(pieces: Iterable[bytes]) -> bytes:
    """Pieces as one, which are not all held beside it."""
    content = io.BytesIO()
    for piece in pieces:
        content.write(piece)
    return content.getvalue()


class Package(Mapping[str, bytes]):
    """The parts of a file by name; asking for one that comes in pieces makes it anew each time.

    That raises what its `pieces` raises.
    """

    def __init__(self, parts: Mapping[str, bytes | PackedPart | EditedPart]) -> None:
        self._parts = parts
        # There may be as many others as there are sheets that ask for these.
        self.in_pieces = {name: part for name, part in parts.items() if not isinstance(part, bytes)}

    def __getitem__(self, name: str) -> bytes:
        part = self._parts[name]
        return part if isinstance(part, bytes) else part.content()

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __contains__(self, name: object) -> bool:
        return name in self._parts


def parts_in_pieces(parts: Mapping[str, bytes]) -> Mapping[str, PackedPart | EditedPart]:
    """Those of some parts that come in pieces."""
    return parts.in_pieces if isinstance(parts, Package) else {}


def packed_parts(parts: Mapping[str, bytes]) -> dict[str, PackedPart]:
    """Those of some parts that stay packed."""
    found = parts_in_pieces(parts).items()
    return {name: part for name, part in found if isinstance(part, PackedPart)}


def replaced(parts: Mapping[str, bytes], changed: Mapping[str, bytes | EditedPart]) -> Package:
    """The parts with those replaced that changed; what else comes in pieces still does."""
    kept = parts_in_pieces(parts)
    return Package(
        {
            name: changed[name] if name in changed else kept.get(name) or parts[name]
            for name in parts
        }
    )


def unpacked_size(parts: Mapping[str, bytes]) -> int:
    """How many bytes some parts have together, unpacked."""
    packed = packed_parts(parts)
    return sum(packed[name].size if name in packed else len(parts[name]) for name in parts)


def damaged_package(path: Path) -> WorkbookError:
    """What to raise for a file that is no package, or none that is whole."""
    return WorkbookError(
        Text(
            f"{path}: is not a workbook, or is damaged; give an .xlsx file that Excel opens.",
            f"{path}: 통합 문서가 아니거나 손상되었습니다. Excel에서 열리는 .xlsx 파일을 주십시오.",
        )
    )
