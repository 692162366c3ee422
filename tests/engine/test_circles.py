"""Blocks of a circle, found among few and among many."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of

from sheetlab.engine.loops.orders import Circle
from sheetlab.files.address import letters_of


@pytest.mark.parametrize("columns", [3, 40])
def test_which_blocks_an_area_reads(columns: int, tmp_path: Path) -> None:
    letters = [letters_of(column) for column in range(1, columns + 1)]
    cells: dict[str, Any] = {f"{letter}1": 1 for letter in letters}
    for row in range(2, 9):
        for number, letter in enumerate(letters):
            above = f"{letter}{row - 1}+SUM($A{row - 1}:${letters[-1]}{row - 1})"
            cells[f"{letter}{row}"] = f"={above}+SUM($B$1:{letters[number // 2]}$3)+{number}"
    blocks = book_of(tmp_path, cells)._calculation.model.blocks
    assert len(blocks) >= columns
    circle = Circle(blocks)
    for block in blocks:
        for area in block.reads:
            read = block.read_range(area)
            expected = [other for other in blocks if read.overlaps(other.cells)]
            for _ in range(2):
                found = list(circle.read_by(block, area))
                assert (len(found), set(found)) == (len(expected), set(expected))
