"""The texts that a workbook keeps once, and that its cells point at by number."""

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import overload

from lxml import etree

from sheetlab import compiled
from sheetlab.errors import WorkbookError
from sheetlab.files.xml import (
    Relation,
    content,
    decode_escapes,
    parse_content,
    text_of,
)

_END = b"</sst>"
_LAST = re.compile(rb"\s*</sst>\s*")


class SharedStrings(Sequence[str]):
    """The shared strings of one part, parsed when the first of them is asked for.

    Reading raises `WorkbookError`, which names file and part, where the part is damaged.
    """

    def __init__(self, parts: Mapping[str, bytes], name: str, path: Path | None = None) -> None:
        self._parts, self._name, self._path = parts, name, path

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self.texts[index]

    def __len__(self) -> int:
        return len(self.texts)

    @functools.cached_property
    def texts(self) -> list[str]:
        """All strings as a list, which is quicker to ask many times."""
        xml = content(self._parts, self._name, self._path)
        texts = self._mostly_plain(xml)
        if texts is None:
            texts = _texts_of(parse_content(xml, self._name, self._path))
        return [decode_escapes(string) for string in texts] if b"_x" in xml else texts

    def _mostly_plain(self, xml: bytes) -> list[str] | None:
        """The strings, where most are plain; None where all must be parsed.

        Those that are not (rich text, unusual entities) go to the parser together.
        """
        start = xml.find(b"<si>")
        if start < 0 or compiled.reading is None:
            return None
        items, end = compiled.reading.strings(xml, start)
        spans = [item for item in items if type(item) is tuple]
        if _LAST.fullmatch(xml, end) is None or (spans and b"<!" in xml):
            return None
        rest = b"".join([xml[begin:stop] for begin, stop in spans])
        try:
            root = parse_content(xml[:start] + rest + _END, self._name, self._path)
        except WorkbookError:
            # An item may stand inside of another.
            return None
        parsed = _texts_of(root)
        if len(parsed) != len(spans):
            return None
        others = iter(parsed)
        return [next(others) if type(item) is tuple else item for item in items]


def shared_strings(
    parts: Mapping[str, bytes],
    links: Mapping[str, Relation],
    path: Path | None = None,
) -> Sequence[str]:
    """The shared strings of a workbook part with some relations, none where it has no such part."""
    for kind, target in links.values():
        if kind == "sharedStrings":
            return SharedStrings(parts, target, path)
    return ()


def text_of_item(item: etree._Element) -> str:
    """The text of a plain or rich string (`si` or `is`), with its escapes as they stand.

    The guide to its pronunciation is no part of it.
    """
    if len(item) == 1 and str(item[0].tag).endswith("}t"):
        return text_of(item[0])
    # Phonetic guides are texts too, but stand in <rPh>, outside of the runs.
    runs = [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")]
    return "".join(map(text_of, runs))


def _texts_of(root: etree._Element) -> list[str]:
    return [text_of_item(item) for item in root.iterfind("{*}si")]
