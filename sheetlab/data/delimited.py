"""Text files: which encoding, which separator, and the cells of each row."""

import csv
import io
import re
from pathlib import Path

from sheetlab.data.limits import check_size, content_of, refusal
from sheetlab.data.table import Table, table_of_rows
from sheetlab.text import Text, same

_SEPARATORS = "\t;,"
_SAID_SEPARATOR = re.compile(r'"?sep=([\t;,])"?\r?\n', re.IGNORECASE)
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read_delimited(path: Path) -> Table:
    """The table in a text file whose columns are separated by commas, semicolons or tabs.

    Raises `InputError` where the file cannot be read, is too large or is no such text.
    """
    name = same(str(path))
    text = _decoded(name, content_of(path))
    said = _SAID_SEPARATOR.match(text)
    if said is not None:
        text = text[said.end() :]
    separator = _separator(text) if said is None else said[1]
    rows: list[list[str]] = []
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    try:
        for row in reader:
            rows.append(row)
            check_size(name, len(rows), 1)
    except csv.Error as error:
        raise refusal(
            name,
            f"cannot be split into cells ({error}); look for a quotation mark that is not closed",
            f"셀로 나눌 수 없습니다({error}). 닫히지 않은 따옴표를 찾으십시오",
            len(rows) + 1,
        ) from error
    return table_of_rows(name, rows, point_is_decimal=separator == ",")


def _decoded(name: Text, content: bytes) -> str:
    encodings = [
        encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if content.startswith(mark)
    ][:1]
    if not encodings and b"\0" in content[:1000]:
        # Of an ASCII character's two bytes, the one that is 0 comes last in little-endian.
        start = content[:1000]
        little = start[1::2].count(0) > start[::2].count(0)
        encodings = ["utf-16-le" if little else "utf-16-be"]
    for encoding in encodings or ["utf-8", "cp949"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise refusal(
        name,
        "is no text in UTF-8, UTF-16 or CP949; save the table as CSV UTF-8",
        "UTF-8, UTF-16, CP949로 된 텍스트가 아닙니다. 표를 CSV UTF-8로 저장하십시오",
    )


def _separator(text: str) -> str:
    """The separator that the heading row has most of; a tab where it has none."""
    unquoted = re.sub(r'"(?:[^"]|"")*"', "", text[:100_000])
    heading = next((line for line in unquoted.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=heading.count)
