"""Workbooks that people drew up in Excel: every formula cell as Excel itself calculated it.

The workbooks are the "AI by Hand" exercises of Tom Yeh, under the licence beside them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetlab.engine import load
from sheetlab.engine.cell_range import range_on
from sheetlab.files.address import ref_of
from sheetlab.files.cached_values import POISON, poison
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts, read_parts, write_parts
from sheetlab.files.xml import parse, text_of, worksheet_parts

FOLDER = Path(__file__).parents[1] / "data" / "ai-by-hand"
WORKBOOKS = sorted(FOLDER.glob("*.xlsx"))


def cached_by_excel(parts: Parts) -> Iterator[tuple[tuple[str, str], CellValue]]:
    """What the file keeps of each cell with a formula, or in the range of an array formula."""
    texts = [
        "".join(map(text_of, [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")]))
        for item in parse(parts, "xl/sharedStrings.xml")
    ]
    for sheet, part in worksheet_parts(parts).items():
        filled: set[str] = set()
        cells = {cell.get("r", ""): cell for cell in parse(parts, part).iter("{*}c")}
        for ref, cell in cells.items():
            formula = cell.find("{*}f")
            if formula is not None:
                array = formula.get("ref", ref) if formula.get("t") == "array" else ref
                area = range_on(sheet, array)
                filled.update(ref_of(row, column) for _, row, column in area.addresses())
        for ref in filled & cells.keys():
            kind, value = cells[ref].get("t", "n"), cells[ref].find("{*}v")
            text = text_of(value)
            if value is None:
                continue
            match kind:
                case "n":
                    yield (sheet, ref), float(text)
                case "s":
                    yield (sheet, ref), texts[int(text)]
                case "b":
                    yield (sheet, ref), text == "1"
                case "e":
                    yield (sheet, ref), CellError(text)
                case _:
                    yield (sheet, ref), text


def agree(value: CellValue | None, expected: CellValue) -> bool:
    if type(expected) is float and type(value) is float:
        return value == pytest.approx(expected, rel=1e-9, abs=1e-15)
    return type(value) is type(expected) and value == expected


def test_the_corpus_is_there() -> None:
    assert len(WORKBOOKS) == 7


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_values_are_those_of_excel(path: Path, tmp_path: Path) -> None:
    parts = read_parts(path)
    expected = dict(cached_by_excel(parts))
    assert expected
    poisoned = tmp_path / path.name
    write_parts(poisoned, poison(parts))
    assert POISON in dict(cached_by_excel(read_parts(poisoned))).values()
    found = {(sheet, ref): value for sheet, ref, _, value in load(poisoned).cells()}
    differing = {
        cell: (value, found.get(cell))
        for cell, value in expected.items()
        if not agree(found.get(cell), value)
    }
    assert not differing
