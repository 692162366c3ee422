"""Grids hold what was written to them, whatever the runs and slabs that they keep it in."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetlab.engine import grid as grids_of_sheets
from sheetlab.engine.grid import DoubleCellError, Grid, Run
from sheetlab.files.cell_value import CellError, CellValue

ROWS, COLUMNS = 7, 12
Cells = dict[tuple[int, int], CellValue | None]

values: st.SearchStrategy[CellValue] = st.one_of(
    st.floats(-9, 9, allow_nan=False), st.sampled_from(["", "a", True, CellError("#N/A")])
)
row = st.integers(1, ROWS)
column = st.integers(1, COLUMNS)
place = st.tuples(row, column)
ranges = st.tuples(row, column, row, column).map(
    lambda ends: (
        min(ends[0], ends[2]),
        min(ends[1], ends[3]),
        max(ends[0], ends[2]),
        max(ends[1], ends[3]),
    )
)


def run_of(first: int, held: list[CellValue | None]) -> Run:
    numbers = np.array([value if type(value) is float else np.nan for value in held])
    if all(type(value) is float for value in held):
        return Run(first, numbers)
    objects = np.empty(len(held), object)
    objects[:] = [None if type(value) is float else value for value in held]
    return Run(first, numbers, objects)


def array_of(listed: list[CellValue]) -> np.ndarray[Any, Any]:
    if all(type(value) is float for value in listed):
        return np.array(listed)
    found = np.empty(len(listed), object)
    found[:] = listed
    return found


@st.composite
def grids(draw: st.DrawFn) -> tuple[Grid, Cells]:
    """Most columns filled in the same rows, so that slabs come about."""
    top, height = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    pieces, cells = [], Cells()
    for at in range(1, COLUMNS + 1):
        usual = draw(st.integers(0, 9)) > 0
        first = top if usual else draw(st.integers(1, 3))
        numbers: st.SearchStrategy[CellValue | None] = st.floats(-9, 9, allow_nan=False)
        element = numbers if draw(st.integers(0, 3)) else st.one_of(values, st.none())
        size = height if usual else draw(st.integers(1, 4))
        held = draw(st.lists(element, min_size=size, max_size=size))
        pieces.append((at, run_of(first, held)))
        for offset, value in enumerate(held):
            if value is not None:
                cells[first + offset, at] = value
    for at in range(draw(st.integers(1, 3)), draw(st.integers(3, COLUMNS + 1))):
        # A second run of the same rows.
        held = draw(st.lists(element, min_size=1, max_size=1))
        pieces.append((at, run_of(ROWS, held)))
        if held[0] is not None:
            cells[ROWS, at] = held[0]
    return Grid(pieces), cells


@pytest.fixture(params=[1, 2, 2**16])
def _long(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From so many numbers on, these stay apart from other values."""
    monkeypatch.setattr(grids_of_sheets, "_LONG", request.param)


@pytest.mark.usefixtures("_long")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grids(), st.data())
def test_a_grid_holds_what_was_written(made: tuple[Grid, Cells], data: st.DataObject) -> None:
    grid, cells = made
    for _ in range(data.draw(st.integers(0, 4))):
        top, left, bottom, right = data.draw(ranges)
        if data.draw(st.booleans()):
            places = data.draw(st.lists(place, min_size=1, max_size=9, unique=True))
            written = array_of([data.draw(values) for _ in places])
            rows, columns = np.array(places).T
            grid.write_cells(rows, columns, written)
            cells.update(zip(places, written.tolist(), strict=True))
            continue
        if data.draw(st.booleans()):
            one: CellValue | None = data.draw(st.one_of(values, st.none()))
            grid.write(top, left, one)
            cells[top, left] = one
            continue
        shape = (bottom - top + 1, right - left + 1)
        listed: list[CellValue] = data.draw(
            st.lists(values, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        )
        grid.write_table(top, left, array_of(listed).reshape(shape))
        for number, value in enumerate(listed):
            cells[top + number // shape[1], left + number % shape[1]] = value
    cells = {at: value for at, value in cells.items() if value is not None}

    top, left, bottom, right = data.draw(ranges)
    within = {
        at: value
        for at, value in cells.items()
        if top <= at[0] <= bottom and left <= at[1] <= right
    }
    table = grid.table(top, left, bottom, right)
    for down, at in itertools.product(range(top, bottom + 1), range(left, right + 1)):
        assert same(table[down - top, at - left], cells.get((down, at)))
        assert same(grid.value(down, at), cells.get((down, at)))
    places = data.draw(st.lists(place, min_size=1, max_size=9))
    gathered = grid.gathered(*np.array(places).T)
    assert all(same(value, cells.get(at)) for at, value in zip(places, gathered, strict=True))
    found: Cells = {}
    for rows, column_found, held in grid.filled_in(top, left, bottom, right, lambda count: None):
        found.update(zip([(down, column_found) for down in rows.tolist()], held, strict=True))
    assert found.keys() == within.keys()
    assert all(same(value, within[at]) for at, value in found.items())
    for at in range(left, right + 1):
        blank = [(down, at) not in cells for down in range(top, bottom + 1)]
        assert grid.blanks(at, top, bottom + 1).tolist() == blank


@pytest.mark.parametrize("count", [2**16 - 1, 2**16])
@pytest.mark.parametrize("texts_first", [True, False])
def test_long_runs_of_numbers_have_no_room_for_texts(count: int, texts_first: bool) -> None:
    texts, numbers = run_of(1, ["a", 1.0]), Run(3, np.arange(float(count)))
    if not texts_first:
        numbers.first, texts.first = 1, count + 1
    grid = Grid([(1, texts), (1, numbers)])
    assert np.shares_memory(grid.numbers(1, numbers.first, numbers.end), numbers.numbers) == (
        count == 2**16
    )
    table = grid.table(1, 1, count + 2, 1)[:, 0].tolist()
    expected = ["a", 1.0], list(map(float, range(count)))
    assert table == [*expected[not texts_first], *expected[texts_first]]


def same(one: object, other: object) -> bool:
    # To Python, 1.0 == True.
    if isinstance(one, np.float64):
        one = float(one)
    return type(one) is type(other) and one == other


def test_what_is_written_to_columns_beside_each_other_is_a_version_of_each() -> None:
    grid = Grid((column, Run(1, np.zeros(3))) for column in range(1, 20))
    before = grid.version(4, 5)
    grid.write_table(1, 5, np.ones((2, 9)))
    assert grid.version(4, 5) != before
    assert grid.version(1, 4) == ()


@pytest.mark.parametrize("columns", [range(3, 4), range(2, 19)])
def test_cells_that_are_written_anywhere_are_a_version_of_their_columns(columns: range) -> None:
    grid = Grid((column, Run(1, np.zeros(3))) for column in range(1, 20))
    grid.write_cells(np.full(len(columns), 2), np.array(columns), np.ones(len(columns)))
    assert [column for column, _ in grid.version(1, 19)] == list(columns)


def test_two_values_of_one_cell_are_refused() -> None:
    with pytest.raises(DoubleCellError):
        Grid([(3, Run(1, np.zeros(3))), (3, Run(3, np.zeros(1)))])
