"""The names that a workbook defines, and what they stand for."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from sheetlab.errors import MalformedError
from sheetlab.files.xml import WORKBOOK_PART, below, count_of, damaged, decode_escapes, text_of


class DefinedName(NamedTuple):
    """A name, the sheet that it belongs to (None for the workbook), and the text it stands for."""

    sheet: str | None
    name: str
    meaning: str


def defined_names(workbook: etree._Element, path: Path | None = None) -> Iterator[DefinedName]:
    """The names that the root of a workbook part defines, in the order of the file.

    Raises `WorkbookError` where one belongs to a sheet that is not there.
    """
    # Names count the sheets of every kind, those of charts too.
    tabs = [sheet.get("name", "") for sheet in below(workbook, "sheets", "sheet")]
    for defined in below(workbook, "definedNames", "definedName"):
        name, number = decode_escapes(defined.get("name", "")), defined.get("localSheetId")
        try:
            sheet = None if number is None else tabs[count_of(number)]
        except (MalformedError, IndexError):
            raise damaged(WORKBOOK_PART, f"{name}, localSheetId={number!r}", path) from None
        yield DefinedName(sheet, name, text_of(defined))
