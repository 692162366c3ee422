"""The texts that a workbook keeps once, and that its cells point at by number."""

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import overload

from lxml import etree

from sheetlab.files.xml import (
    content,
    damaged,
    decode_escapes,
    parse_content,
    relations,
    text_of,
)
from sheetlab.messages import Message

_PLAIN = re.compile(r'\s*<si><t(?: xml:space="preserve")?>([^<&\r]*)</t>')
_END = "</si>"
_LAST = re.compile(r"\s*</sst>\s*")


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
        try:
            text = xml.decode()
        except UnicodeDecodeError as error:
            why = Message("not_in_encoding", encoding="UTF-8")
            raise damaged(self._name, why, self._path) from error
        texts = self._by_pattern(text)
        if texts is None:
            texts = _texts_of(parse_content(xml, self._name, self._path))
        return [decode_escapes(string) for string in texts] if "_x" in text else texts

    def _by_pattern(self, text: str) -> list[str] | None:
        """The strings, where the part is written as Excel writes it; None where it is not.

        Most strings are plain, and a pattern reads them ten times as fast as a parser does. The
        others (rich text, entities) go to the parser together.
        """
        start = text.find("<si>")
        *items, last = text[max(start, 0) :].split(_END)
        if start < 0 or "<!" in text or _LAST.fullmatch(last) is None:
            return None
        match = _PLAIN.fullmatch
        plain = [None if (found := match(item)) is None else found[1] for item in items]
        others = [number for number, string in enumerate(plain) if string is None]
        rest = "".join(items[number] + _END for number in others)
        root = parse_content(f"{text[:start]}{rest}</sst>".encode(), self._name, self._path)
        parsed = _texts_of(root)
        if len(parsed) != len(others):
            return None
        for number, string in zip(others, parsed, strict=True):
            plain[number] = string
        return plain  # type: ignore[return-value]


def shared_strings(parts: Mapping[str, bytes], path: Path | None = None) -> Sequence[str]:
    """The shared strings of a workbook, none where it has no such part.

    Raises `WorkbookError` where the relations of the workbook are damaged; else as they are read.
    """
    for kind, target in relations(parts, "xl/workbook.xml", path).values():
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
