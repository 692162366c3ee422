from typing import Any

import pytest
from engine.functions.excel import CALC, DIV, NA, NUM, VALUE, assert_gives

from sheetlab.files.cell_value import CellError

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("AND", (True, 1), True),
    ("AND", ([True, "cat", None, 0],), False),
    ("AND", (["cat", None],), VALUE),
    ("AND", ("TRUE",), True),
    ("AND", ("cat",), VALUE),
    ("OR", ([0, 0], True), True),
    ("OR", ([0, DIV],), DIV),
    ("XOR", (True, True, True), True),
    ("XOR", ([1, 1],), False),
    ("NOT", (0,), True),
    ("NOT", ("cat",), VALUE),
    ("TRUE", (), True),
    ("FALSE", (), False),
    ("ISNUMBER", (1,), True),
    ("ISNUMBER", ("1",), False),
    ("ISNUMBER", (True,), False),
    ("ISNUMBER", (NA,), False),
    ("ISTEXT", ("",), True),
    ("ISTEXT", (NA,), False),
    ("ISNONTEXT", (None,), True),
    ("ISLOGICAL", (False,), True),
    ("ISBLANK", (None,), True),
    ("ISBLANK", ("",), False),
    ("ISERROR", (NA,), True),
    ("ISERR", (NA,), False),
    ("ISERR", (DIV,), True),
    ("ISNA", (NA,), True),
    ("ISNA", ("#N/A",), False),
    ("ISEVEN", (2.9,), True),
    ("ISODD", (-3,), True),
    ("ISEVEN", ("cat",), VALUE),
    ("N", (True,), 1),
    ("N", ("7",), 0),
    ("N", (NA,), NA),
    ("T", ("cat",), "cat"),
    ("T", (1,), ""),
    ("NA", (), NA),
    ("TYPE", (None,), 1),
    ("TYPE", ("cat",), 2),
    ("TYPE", (True,), 4),
    ("TYPE", (DIV,), 16),
    ("TYPE", ([1, 2],), 64),
    ("ERROR.TYPE", (DIV,), 2),
    ("ERROR.TYPE", (NUM,), 6),
    ("ERROR.TYPE", (CALC,), 14),
    ("ERROR.TYPE", (CellError("#BLOCKED!"),), 11),
    ("ERROR.TYPE", (CellError("#UNHEARD!"),), NA),
    ("ERROR.TYPE", (1,), NA),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)
