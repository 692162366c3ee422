"""How the texts of cells are read aloud, as Japanese input methods leave it beside them."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from sheetlab.engine.cell_range import Address
from sheetlab.files.address import address_of
from sheetlab.files.xml import content, decode_escapes, each, parse, relations, text_of

_WORKBOOK = "xl/workbook.xml"
# Signs of hiragana are as far from those of katakana as these.
_HIRAGANA = range(ord("ぁ"), ord("ゖ") + 1)
_FARTHER = ord("ァ") - ord("ぁ")
_TO_KATAKANA = {code: code + _FARTHER for code in _HIRAGANA}
_TO_HIRAGANA = {code + _FARTHER: code for code in _HIRAGANA}


class Reading(NamedTuple):
    """A text, and the same as it is read aloud."""

    text: str
    phonetic: str


class Phonetics:
    """The readings of a file's texts (ECMA-376 part 1, 18.4.3 and 18.4.6), found when asked for.

    A reading that stands over no part of its text is none.
    """

    def __init__(self, path: Path, parts: Mapping[str, bytes], sheets: Mapping[str, str]) -> None:
        self._path, self._parts, self._sheets = path, parts, sheets
        self._known: dict[str, Mapping[tuple[int, int], Reading]] = {}

    def reading(self, address: Address) -> Reading | None:
        """The reading that the file keeps of the text in a cell."""
        sheet, row, column = address
        if sheet not in self._known:
            part = self._sheets.get(sheet)
            self._known[sheet] = {} if part is None else self._of_sheet(part)
        return self._known[sheet].get((row, column))

    def _of_sheet(self, part: str) -> dict[tuple[int, int], Reading]:
        if not self._shared and b"rPh" not in content(self._parts, part, self._path):
            return {}
        found = {}
        for cell in each(self._parts, part, "{*}c", self._path):
            inline, stored = cell.find("{*}is"), cell.findtext("{*}v")
            reading = None
            if inline is not None:
                reading = _reading(inline)
            elif cell.get("t") == "s" and stored is not None and stored.strip().isdecimal():
                reading = self._shared.get(int(stored))
            ref = cell.get("r")
            if reading is not None and ref is not None:
                found[address_of(ref)] = reading
        return found

    @functools.cached_property
    def _shared(self) -> dict[int, Reading]:
        """The readings of shared texts, by number."""
        links = relations(self._parts, _WORKBOOK, self._path).values()
        part = next((target for kind, target in links if kind == "sharedStrings"), None)
        if part is None or b"rPh" not in content(self._parts, part, self._path):
            return {}
        items = parse(self._parts, part, self._path).iterfind("{*}si")
        readings = ((number, _reading(item)) for number, item in enumerate(items))
        return {number: reading for number, reading in readings if reading is not None}


def _reading(item: etree._Element) -> Reading | None:
    """The reading of a text: what stands over parts of it in their places."""
    plain = [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")]
    text = "".join(map(text_of, plain))
    settings = item.find("{*}phoneticPr")
    kind = "fullwidthKatakana" if settings is None else settings.get("type")
    pieces, end = [], 0
    for phonetic in item.iterfind("{*}rPh"):
        first, last = _place(phonetic.get("sb")), _place(phonetic.get("eb"))
        if first is None or last is None or not end <= first <= last:
            return None
        shown = "".join(map(text_of, phonetic.iterfind("{*}t")))
        pieces += [text[end:first], _in_kana(shown, kind)]
        end = last
    if not pieces:
        return None
    return Reading(decode_escapes(text), decode_escapes("".join([*pieces, text[end:]])))


def _place(said: str | None) -> int | None:
    return None if said is None or not said.isdecimal() else int(said[:10])


def _in_kana(text: str, kind: str | None) -> str:
    """A reading in the signs that the cell's settings ask for."""
    match kind:
        case "Hiragana":
            return text.translate(_TO_HIRAGANA)
        case "halfwidthKatakana":
            # Few workbooks need the functions of texts to be read.
            from sheetlab.engine.functions.text import to_half_width

            return to_half_width(text.translate(_TO_KATAKANA))
        case "noConversion":
            return text
        case _:
            return text.translate(_TO_KATAKANA)
