"""Statistics of the order of numbers in windows are what each window gives by itself."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.workbooks import book_of, write
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.engine import Book
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.columns.ordered import OrderedWindows, RankedNumbers
from sheetlab.engine.reading.model import read_model
from sheetlab.files.address import letters_of
from sheetlab.files.package import read_parts

FORMULAS = (
    *("MEDIAN({0})", "MODE({0})", "LARGE({0},{1})", "SMALL({0},2)", "PERCENTILE({0},0.3)"),
    *("QUARTILE.EXC({0},{1})", "RANK({1},{0})", "RANK.AVG({1},{0},1)", "PERCENTRANK({0},{1})"),
    *('COUNTIF({0},">"&{1})', 'COUNTIFS({0},">=1",{0},"<"&{1})', 'SUMIF({0},"<="&{1})'),
    *('COUNTIF({0},"<>"&{1})', 'SUMIFS({0},{0},">0",{0},"<"&{1})', 'AVERAGEIF({0},">"&{1})'),
)
NUMBERS = st.sampled_from([0.0, 1.0, 1.0, 2.0, 2.5, 3.0, -1.0, -4.0, 1e300, 0.1])
CELLS = st.one_of(NUMBERS, NUMBERS, NUMBERS, st.sampled_from([None, "x", "2", True, "=1/0"]))
# The ends of a window: fixed, or so far away.
ENDS = st.tuples(st.booleans(), st.integers(0, 6))


@given(st.lists(NUMBERS | st.none(), max_size=20), st.data())
def test_each_window_as_if_it_were_sorted(values: list[float | None], data: st.DataObject) -> None:
    places = st.integers(0, len(values))
    lows, highs = zip(*data.draw(st.lists(st.tuples(places, places), min_size=1)), strict=True)
    firsts, ends = np.minimum(lows, highs), np.maximum(lows, highs)
    # Windows that move on, as those of cells in a line do.
    firsts, ends = np.sort(firsts), np.sort(ends)
    table = np.empty(len(values), object)
    table[:] = values
    windows = OrderedWindows(RankedNumbers(table), firsts, ends)
    ordered = [
        sorted(value for value in values[first:end] if value is not None)
        for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
    ]
    assert windows.sizes.tolist() == [len(one) for one in ordered]
    for number in (-1.0, 0.0, 1.0, 2.7, 1e301):
        column = np.full(len(ordered), number)
        assert windows.below(column).tolist() == [sum(v < number for v in o) for o in ordered]
        assert windows.up_to(column).tolist() == [sum(v <= number for v in o) for o in ordered]
    for position in range(4):
        found = windows.at(np.full(len(ordered), float(position))).tolist()
        expected = [o[min(position, len(o) - 1)] if o else None for o in ordered]
        assert [f if o else None for f, o in zip(found, ordered, strict=True)] == expected
    for found, first, end in zip(windows.most_frequent(), firsts, ends, strict=True):
        window = [value for value in values[first:end] if value is not None]
        most = max((window.count(value) for value in window), default=0)
        if most < 2:
            assert np.isnan(found)
        else:
            assert found == next(value for value in window if window.count(value) == most)


def test_the_first_of_the_most_frequent_is_found_row_by_row(tmp_path: Path) -> None:
    rows = [9, 1, 2, 9, 1, 2, 9], [2, 1, 8, 7, 1, 2, 6]
    cells: dict[str, Any] = {
        f"{letters_of(place)}{number}": value
        for number, row in enumerate(rows, 1)
        for place, value in enumerate(row, 1)
    }
    for place in range(1, 6):
        cells[f"{letters_of(place)}4"] = f"=MODE({letters_of(place)}1:{letters_of(place + 2)}2)"
    found = book_of(tmp_path, cells)["A4:E4"]
    assert found.tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "formula",
    [
        'SUMIF(A$1:A{0},">0.5")',
        'SUMIFS(B$1:B{0},A$1:A{0},">"&A{0})',
        'SUMIFS(B{0}:B{1},A{0}:A{1},">=0.2",A{0}:A{1},"<="&A{0})',
        'AVERAGEIF(A$1:A{0},"<0.3",B$1:B{0})',
    ],
)
def test_sums_of_windows_are_as_exact_as_adding_up(formula: str, tmp_path: Path) -> None:
    # What is summed is tiny beside what is not.
    cells: dict[str, Any] = {}
    for row in range(1, 81):
        share = row * 37 % 83 / 83
        cells[f"A{row}"] = share
        cells[f"B{row}"] = share**2 if share > 0.4 else 1e12 * share + 1 / 3
        if row % 9 == 0:
            cells[f"B{row}"] = "x"
        cells[f"D{row}"] = f"={formula.format(row, row + 20)}"
    path = write(tmp_path / "book.xlsx", {"Data": cells})
    parts = read_parts(path)
    fast, slow = (
        Book(parts, Calculation(read_model(path, parts), numeric=flag)) for flag in (True, False)
    )
    for found, expected in zip(fast["D1:D80"], slow["D1:D80"], strict=True):
        assert found == (
            pytest.approx(expected, rel=1e-14, abs=0) if isinstance(expected, float) else expected
        )


@given(
    st.lists(CELLS, min_size=24, max_size=60),
    st.sampled_from([(12, 1), (1, 12), (4, 3), (3, 5)]),
    *[ENDS] * 4,
    st.lists(st.sampled_from(FORMULAS), min_size=3, max_size=3, unique=True),
)
def test_windows_that_stay_grow_shrink_or_move(
    values: list[Any],
    shape: tuple[int, int],
    top: tuple[bool, int],
    bottom: tuple[bool, int],
    left: tuple[bool, int],
    right: tuple[bool, int],
    formulas: list[str],
) -> None:
    cells: dict[str, Any] = {
        f"{letters_of(place % 5 + 1)}{place // 5 + 1}": value for place, value in enumerate(values)
    }

    def end(one: tuple[bool, int], place: int) -> int:
        return one[1] + (1 if one[0] else place)

    def sign(one: tuple[bool, int]) -> str:
        return "$" if one[0] else ""

    for number, formula in enumerate(formulas):
        for down in range(1, shape[0] + 1):
            for across in range(1, shape[1] + 1):
                corners = [
                    f"{sign(x)}{letters_of(end(x, across))}{sign(y)}{end(y, down)}"
                    for x, y in ((left, top), (right, bottom))
                ]
                ref = f"{letters_of(across + 30)}{down + 30 * number}"
                text = formula.format(":".join(corners), f"{letters_of(across)}{down}")
                cells[ref] = f"={text}"
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "book.xlsx", {"Data": cells})
        parts = read_parts(path)
        fast, slow = (
            Book(parts, Calculation(read_model(path, parts), numeric=flag)).values()
            for flag in (True, False)
        )
    for address, value in slow.items():
        found = fast[address]
        assert type(found) is type(value), (address, cells[address[1]])
        close = pytest.approx(value, rel=1e-12) if type(value) is float else value
        assert found == close, (address, cells[address[1]])
