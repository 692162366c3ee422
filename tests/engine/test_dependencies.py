"""The graph of blocks, held to what each block says of itself."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from engine.workbooks import book_of
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.engine import dependencies, outdated
from sheetlab.engine.block_index import BlockIndex
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.dependencies import Dependencies
from sheetlab.engine.formula import Formula
from sheetlab.engine.syntax.expression import Area, Axis, Literal
from sheetlab.files.address import MAX_COLUMN, MAX_ROW

Needs = dict[Block, set[Block]]

places = st.integers(1, 9)
axes = st.one_of(
    st.builds(Axis, st.just(True), places),
    st.builds(Axis, st.just(False), st.one_of(st.integers(-3, 2), st.sampled_from([-20, MAX_ROW]))),
)
columns = axes.filter(lambda axis: abs(axis.value) < MAX_COLUMN)
sheets = st.sampled_from([None, "A", "B", "not there"])
whole = Axis(True, 1), Axis(True, MAX_ROW), Axis(True, MAX_COLUMN)
areas = st.one_of(
    st.builds(lambda sheet, row, column: Area(sheet, row, column, row, column), sheets, axes, axes),
    st.builds(Area, sheets, axes, columns, axes, columns),
    st.builds(lambda one, other: Area(None, whole[0], one, whole[1], other), columns, columns),
    st.builds(lambda one, other: Area(None, one, whole[0], other, whole[2]), axes, axes),
)
shapes = st.sampled_from([(1, 1), (1, 1), (3, 1), (1, 3), (2, 2)])


@st.composite
def sheets_of_blocks(draw: st.DrawFn) -> list[Block]:
    """Blocks that share a few formulas, some of them done."""
    kinds = draw(st.lists(st.lists(areas, max_size=3).map(tuple), min_size=1, max_size=4))
    taken: set[tuple[str, int, int]] = set()
    blocks = []
    for _ in range(draw(st.integers(0, 12))):
        sheet, top, left = draw(st.sampled_from("AB")), draw(places), draw(places)
        height, width = draw(shapes)
        cells = CellRange(sheet, top, left, top + height - 1, left + width - 1)
        if taken.isdisjoint(cells.addresses()):
            taken.update(cells.addresses())
            reads = draw(st.sampled_from(kinds))
            is_array = draw(st.integers(0, 4)) == 0
            blocks.append(Block(cells, "=", Formula(Literal(0.0), reads), is_array=is_array))
            if draw(st.integers(0, 3)) == 0:
                blocks[-1].settle()
    return blocks


@st.composite
def filled_columns(draw: st.DrawFn) -> list[Block]:
    """Columns of formulas that read a few rows of each other, above or below."""
    blocks = []
    rows = st.one_of(
        st.builds(Axis, st.just(False), st.integers(-4, 4)), st.builds(Axis, st.just(True), places)
    )
    for column in range(1, 6):
        top, bottom = sorted((draw(places), draw(places)))
        reads = []
        for other in draw(st.lists(st.integers(1, 6), min_size=1, max_size=2)):
            axis = Axis(True, other)
            reads.append(Area(None, draw(rows), axis, draw(rows), axis))
        formula = Formula(Literal(0.0), tuple(reads))
        blocks.append(Block(CellRange("A", top, column, bottom, column), "=", formula))
    return blocks


def needs_of(blocks: list[Block]) -> Needs:
    return {
        block: {
            other
            for area in block.reads
            for other in blocks
            if other.cells.overlaps(block.read_range(area))
        }
        for block in blocks
    }


def reached(starts: Iterable[Block], needs: Needs, counts: Callable[[Block], bool]) -> set[Block]:
    """What blocks need, directly or not."""
    found: set[Block] = set()
    stack = list(starts)
    while stack:
        fresh = {other for other in needs[stack.pop()] if counts(other)} - found
        found |= fresh
        stack += fresh
    return found


def is_outdated(block: Block) -> bool:
    return not block.done


chosen = st.one_of(st.none(), st.sets(st.integers(0, 11)))


@given(sheets_of_blocks(), st.sampled_from([0, 1, 16]), st.sampled_from([1, 4, 48]), chosen)
def test_stages_come_after_what_they_need(
    blocks: list[Block], few: int, many: int, chosen: set[int] | None
) -> None:
    needs = needs_of(blocks)
    stale = [block for block in blocks if is_outdated(block)]
    wanted = [block for place, block in enumerate(stale) if chosen is None or place in chosen]
    with mock.patch.multiple(dependencies, _PAIRS_OF_A_BLOCK=few, _MANY=many):
        graph = Dependencies(BlockIndex(blocks))
        stages = [
            ([blocks[number] for number in alone], circles)
            for alone, circles in graph.stages(wanted)
        ]
        for block in stale:
            needed = {block} | reached([block], needs, is_outdated)
            assert set(graph.needed(block)) == needed
    together: dict[Block, set[Block]] = {}
    for alone, circles in stages:
        for circle in [[block] for block in alone] + circles:
            assert together.keys().isdisjoint(circle)
            together.update({block: set(circle) for block in circle})
    assert together.keys() == set(wanted) | reached(wanted, needs, is_outdated)
    stage_of = {
        block: number
        for number, (alone, circles) in enumerate(stages)
        for block in alone + [block for circle in circles for block in circle]
    }
    in_circles = {block for _, circles in stages for circle in circles for block in circle}
    for block, mates in together.items():
        needed = reached([block], needs, is_outdated)
        assert (block in in_circles) == (block in needed)
        both = {other for other in needed if block in reached([other], needs, is_outdated)}
        assert mates == both | {block}
        earlier = {other for other in needs[block] & together.keys() if other not in mates}
        assert all(stage_of[other] < stage_of[block] for other in earlier)


@given(st.one_of(sheets_of_blocks(), filled_columns()), places, places)
def test_what_a_change_makes_outdated(blocks: list[Block], row: int, column: int) -> None:
    changed = CellRange("A", row, column, row, column)
    found = Dependencies(BlockIndex(blocks)).outdated([changed])
    parts = [changed, *(block.part(rows) for block, rows in found.items())]
    for block in blocks:
        for part in parts:
            for area in block.reads:
                rows = block.rows_reading(area, part)
                assert not rows or (block in found and set(rows) <= set(found[block]))
    needs = needs_of(blocks)
    readers = [
        block for block in blocks if any(block.rows_reading(a, changed) for a in block.reads)
    ]
    read_by = {one: {other for other in blocks if one in needs[other]} for one in blocks}
    assert found.keys() <= {*readers, *reached(readers, read_by, lambda block: True)}


@settings(max_examples=300)
@given(
    st.one_of(sheets_of_blocks(), filled_columns()),
    st.sets(st.tuples(st.sampled_from(["A", "B", "C"]), places, places), max_size=6),
    st.sets(st.integers(0, 11)),
    st.sampled_from([1, 1 << 20]),
)
def test_of_many_the_same_is_outdated_as_of_few(
    blocks: list[Block], cells: set[tuple[str, int, int]], numbers: set[int], at_once: int
) -> None:
    changed = [CellRange(*cell, *cell[1:]) for cell in cells]
    changed.append(CellRange("B", 10, 2, 12, 3))
    whole = [block for number, block in enumerate(blocks) if number in numbers]
    found = []
    for many in (1, 4, 1_000_000):
        with mock.patch.multiple(outdated, _MANY=many, _LINES_AT_ONCE=at_once):
            found.append(Dependencies(BlockIndex(blocks)).outdated(changed, whole))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("at_once", [1, 1 << 20])
def test_of_ranges_that_overlap_too_much_the_readers_are_untold(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(dependencies, "_MOST_PAIRS", 100)
    monkeypatch.setattr(dependencies, "_PAIRS_OF_A_BLOCK", 2)
    monkeypatch.setattr("sheetlab.engine.reads._LINES_AT_ONCE", at_once)
    blocks = [
        Block(CellRange("A", row, 1, row, 1), "=", Formula(Literal(0.0))) for row in range(1, 41)
    ]
    for row in range(1, 41):
        area = Area(None, Axis(True, 1), Axis(True, 1), Axis(True, row), Axis(True, 1))
        blocks.append(Block(CellRange("A", row, 2, row, 2), "=", Formula(Literal(0.0), (area,))))
    graph = Dependencies(BlockIndex(blocks))
    assert 1 < len(graph.untold) < 40
    assert graph.untold == {block for block in blocks if block.dynamic}
    # Few cells are told however many were told before.
    assert not graph.untold.intersection(blocks[:42])


@given(sheets_of_blocks(), places, places, shapes)
def test_the_index_finds_the_blocks_of_a_range(
    blocks: list[Block], row: int, column: int, shape: tuple[int, int]
) -> None:
    index = BlockIndex(blocks)
    for block in blocks[::2]:
        index.remove(block)
    for block in blocks[:3:2]:
        index.add(block)
    kept = {*blocks[1::2], *blocks[:3:2]}
    cells = CellRange("A", row, column, row + shape[0] - 1, column + shape[1] - 1)
    assert set(index.within(cells)) == {block for block in kept if block.cells.overlaps(cells)}
    for address in cells.addresses():
        filling = [block for block in kept if address in set(block.cells.addresses())]
        assert index.at(address) == (filling[0] if filling else None)


def test_small_blocks_may_be_calculated_while_others_of_their_stage_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_MOST_PAIRS", -10_000)
    cells: dict[str, Any] = {}
    for row in range(1, 101):
        sign = "+-"[row % 2]
        cells[f"B{row + 100}"] = f"=SUM(D1:D{row + 20}){sign}{row}"
        cells[f"D{row}"] = f"=F{row}{sign}1"
        cells[f"F{row}"] = float(row)
    book = book_of(tmp_path, cells)
    book.values()
    assert book["B102"] == sum(range(1, 23)) + 2
    assert [book[f"D{row}"] for row in (1, 2)] == [0, 3]
    assert book["B200"] == sum(range(1, 101)) + 100
