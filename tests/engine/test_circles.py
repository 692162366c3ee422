"""Blocks of a circle, found among few and among many."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of, write

from sheetlab import compiled
from sheetlab.engine import CellError, load
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


def test_sheets_that_are_alike_share_a_loop(tmp_path: Path) -> None:
    def cells(rate: float, above: str = "B1") -> dict[str, Any]:
        filled = {f"B{row}": f"=B{row - 1}*$A$1+A{row}" for row in range(3, 30)}
        given = {"A1": rate, "B1": 5, **{f"A{row}": row * rate for row in range(2, 30)}}
        return {**given, "B2": f"={above}*$A$1+A2", **filled}

    sheets = {"One": cells(0.5), "Two": cells(2), "Three": cells(3, "Two!B1")}
    # The same but for an input that is no number.
    sheets["Four"] = {**cells(2), "A9": "nine"}
    book = load(write(tmp_path / "book.xlsx", sheets))
    for sheet, rate in (("One", 0.5), ("Two", 2.0), ("Three", 3.0), ("One", 0.25)):
        book.set({f"{sheet}!A1": rate})
        expected = 5.0
        for row in range(2, 30):
            expected = expected * rate + book[f"{sheet}!A{row}"]
            assert book[f"{sheet}!B{row}"] == pytest.approx(expected, rel=1e-12)
        assert "c_0 = B(r-1)" in str(book.explain(f"{sheet}!B9"))
    assert book["Four!B8"] == book["Two!B8"]
    assert book["Four!B9"] == CellError("#VALUE!")
    calculation = book._calculation
    if compiled.reading is not None:
        loops = {
            id(loop)
            for (blocks, *_), loop in calculation.loops.items()
            if blocks and blocks[0].cells.sheet in ("One", "Two")
        }
        assert len(loops) == 1
