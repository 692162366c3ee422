import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.engine.cell_range import CellRange, quoted, range_on, sheets_and_ranges
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, address_of, column_of, ref_of


@given(st.integers(1, MAX_ROW), st.integers(1, MAX_COLUMN))
def test_addresses_come_back(row: int, column: int) -> None:
    assert address_of(ref_of(row, column)) == (row, column)


def test_columns() -> None:
    assert [column_of(letters) for letters in ("A", "z", "AA", "XFD")] == [1, 26, 27, MAX_COLUMN]


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "XFE1", "A1048577", "AAAA1", "A1:B2"])
def test_what_is_no_cell(text: str) -> None:
    with pytest.raises(ValueError, match=r"no cell|outside"):
        address_of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$B$2", (2, 2, 2, 2)),
        ("B2:$C4", (2, 2, 4, 3)),
        ("C4:B2", (2, 2, 4, 3)),
        ("C:$B", (1, 2, MAX_ROW, 3)),
        ("3:2", (2, 1, 3, MAX_COLUMN)),
    ],
)
def test_ranges(text: str, expected: tuple[int, int, int, int]) -> None:
    assert range_on("S", text) == CellRange("S", *expected)


@given(st.text(min_size=1, max_size=31).filter(lambda name: name.strip() == name))
def test_quoted_sheets_come_back(name: str) -> None:
    area = f"{quoted(name)}!$A$1:B2"
    assert sheets_and_ranges(area) == [(name, "$A$1:B2")]
    assert sheets_and_ranges(f" {area},C3,{area}") == [
        (name, "$A$1:B2"),
        (None, "C3"),
        (name, "$A$1:B2"),
    ]


@pytest.mark.parametrize(
    "text", ["alpha", "A1+B1", "SUM(A1)", "A1,", ",A1", "A1;B1", "0.5", "'A'!", "=A1"]
)
def test_what_is_no_range(text: str) -> None:
    assert sheets_and_ranges(text) == []


def test_whole_columns_end_with_the_used_cells() -> None:
    assert range_on("S", "B:C").clip(9, 5) == CellRange("S", 1, 2, 9, 3)
    assert range_on("S", "2:2").clip(9, 5) == CellRange("S", 2, 1, 2, 5)
    assert range_on("S", "A1:Z99").clip(9, 5) == CellRange("S", 1, 1, 99, 26)
