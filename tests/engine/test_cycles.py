"""A cycle is one only where it is read, and the same one whoever asks first."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of, write
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.engine import Book, load
from sheetlab.files.cell_value import CellError

CYCLE = CellError("#REF!")
CELLS = tuple(f"{letter}{row}" for letter in "ABC" for row in range(1, 4))
SHEETS = ("Data", "Other")
PLACES = tuple(f"{sheet}!{cell}" for sheet in SHEETS for cell in CELLS)

cells = st.sampled_from(("A1", "A2", "B1", "B3", "C2", "C3", "Other!A1", "Data!B2", "Other!C3"))
ranges = st.sampled_from(("A1:A3", "B1:C2", "A2:C2", "Other!A1:B1", "Data!C1:C3"))
numbers = st.sampled_from(("0", "1", "7"))
formulas = st.one_of(
    st.builds("=IF({}>0,{},{})".format, cells, cells, cells | numbers),
    st.builds("=IF({},{},{})".format, cells, numbers, cells),
    st.builds("=IFERROR({},{})".format, cells, cells | numbers),
    st.builds("=IFERROR({}+{},{})".format, cells, cells, numbers),
    st.builds("=CHOOSE({}+1,{},{})".format, cells, cells, cells),
    st.builds("=IFERROR(SUM({}),{})".format, ranges, numbers),
    st.builds("=SUM({})+{}".format, ranges, numbers),
    st.builds('=IFERROR(INDIRECT("{}"),{})+1'.format, cells, numbers),
    st.builds("={}+{}".format, cells, cells | numbers),
)
contents = st.sampled_from((None, 0, 1, 2)) | formulas


def values(path: Path, order: Sequence[str]) -> dict[str, Any]:
    book = load(path)
    found = {place: book[place] for place in order}
    return {place: found[place] for place in PLACES}


def changed(path: Path, order: Sequence[str], settings: dict[str, Any]) -> dict[str, Any]:
    book = load(path)
    for place in order:
        book[place]
    book.set(settings)
    found = {place: book[place] for place in order}
    return {place: found[place] for place in PLACES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cycles")


@given(
    sheet=st.fixed_dictionaries(dict.fromkeys(PLACES, contents)),
    order=st.permutations(PLACES),
    data=st.data(),
)
@settings(deadline=None)
def test_the_order_of_asking_makes_no_difference(
    folder: Path, sheet: dict[str, Any], order: list[str], data: st.DataObject
) -> None:
    sheets: dict[str, dict[str, Any]] = {name: {} for name in SHEETS}
    for place, content in sheet.items():
        name, cell = place.split("!")
        sheets[name][cell] = content
    path = write(folder / "book.xlsx", sheets)
    constants = [place for place, content in sheet.items() if not isinstance(content, str)]
    chosen = data.draw(st.lists(st.sampled_from(constants), max_size=2)) if constants else []
    inputs = {place: data.draw(st.sampled_from((0, 1, 5))) for place in chosen}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert values(path, order) == values(path, PLACES)
        assert changed(path, order, inputs) == changed(path, PLACES, inputs)


def read(book: Book, *refs: str) -> list[Any]:
    return [book[ref] for ref in refs]


def test_a_branch_that_is_not_taken_closes_no_circle(tmp_path: Path) -> None:
    cells = {
        "A1": 1,
        **{"B1": "=IF(A1>0,5,C1)", "C1": "=B1+1"},
        **{"B2": "=CHOOSE(2,C2,6)", "C2": "=B2+1"},
        **{"B3": "=IFERROR(A1,C3)", "C3": "=B3+1"},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for refs in (("B1", "C1"), ("C1", "B1")):
            book = book_of(tmp_path, cells)
            assert dict(zip(refs, read(book, *refs), strict=True)) == {"B1": 5, "C1": 6}
        assert read(book, "C3", "B2", "C2", "B3") == [2, 6, 7, 1]


@pytest.mark.parametrize("order", [("A1", "B1", "C1"), ("C1", "B1", "A1"), ("B1", "C1", "A1")])
def test_a_range_of_cells_that_need_each_other(order: tuple[str, ...], tmp_path: Path) -> None:
    """The cells that A1 waits for both wait for it, and the first one closes the cycle."""
    book = book_of(tmp_path, {"A1": "=SUM(B1:C1)", "B1": "=A1+1", "C1": "=IFERROR(A1,7)"})
    with pytest.warns(Warning, match="refers back to itself"):
        found = dict(zip(order, read(book, *order), strict=True))
    assert found == {"A1": CYCLE, "B1": CYCLE, "C1": 7}


@pytest.mark.parametrize("order", [("A1", "D1", "D2"), ("D2", "D1", "A1"), ("D1", "A1", "D2")])
def test_a_cell_that_came_to_wait_for_another(order: tuple[str, ...], tmp_path: Path) -> None:
    """A1 first waits for B1, which gets a value; then it waits for C1, and not for C2."""
    cells = {
        "A1": "=IFERROR(SUM(B1:C2),0)",
        "B1": "=IF(D9,1,A1)",
        "D9": "=1+E9",
        "C1": '=IFERROR(INDIRECT("A1"),0)+1',
        "C2": '=IFERROR(INDIRECT("A1"),0)+1',
        "D1": "=C1",
        "D2": "=C2",
    }
    book = book_of(tmp_path, cells)
    with pytest.warns(Warning, match="refers back to itself"):
        found = dict(zip(order, read(book, *order), strict=True))
    assert found == {"A1": CYCLE, "D1": CYCLE, "D2": 1}
