"""The sheet Check: what it says of the slide's inputs, of changed ones, and of one's own."""

import re
from collections import Counter
from pathlib import Path

import pytest

from sheetlab.building import build, write_built
from sheetlab.engine import Book, load
from sheetlab.lessons import lesson, lesson_names


def book_of(name: str, folder: Path, **inputs: object) -> Book:
    found = lesson(name)
    path = folder / f"{name}.xlsx"
    write_built(build(found, found.inputs().change(inputs), "en"), path)
    return load(path)


def check_sheet(book: Book) -> dict[str, object]:
    """The values of the sheet Check, by cell."""
    return {ref: value for (sheet, ref), value in book.values().items() if sheet == "Check"}


def marks(check: dict[str, object]) -> Counter[str]:
    """How often each mark stands beside a value, the inputs below left out."""
    found = (value for ref, value in check.items() if re.fullmatch(r"H([6-9]|\d{2,})", ref))
    return Counter(str(mark) for mark in found if mark not in ("as built", "changed"))


@pytest.mark.parametrize("name", lesson_names())
def test_figures_agree_and_a_changed_input_turns_all_grey_and_not_red(
    name: str, tmp_path: Path
) -> None:
    book = book_of(name, tmp_path)
    check = check_sheet(book)
    errata = sum(figure.status == "erratum" for figure in lesson(name).figures)
    assert marks(check).keys() <= {"✓", "slide errs"}
    assert [check[f"H{row}"] for row in range(6, 6 + errata)] == ["slide errs"] * errata

    formulas = {ref: formula for sheet, ref, formula, _ in book.cells() if sheet == "Check"}
    row, value = next(
        (ref[1:], number)
        for ref, state in check.items()
        if state == "as built"
        and isinstance(number := check.get(f"E{ref[1:]}"), int | float)
        and not isinstance(number, bool)
    )
    book.set({formulas[f"E{row}"].removeprefix("="): value + 0.125})
    check = check_sheet(book)
    assert marks(check).keys() == {"–"}
    assert check[f"H{row}"] == "changed"
    assert "Inputs differ" in str(check["A3"])


def test_own_inputs_are_held_against_numpy(tmp_path: Path) -> None:
    check = check_sheet(book_of("sgd", tmp_path, learning_rate=0.02))
    assert marks(check).keys() == {"✓"}
    assert "NumPy" in str(check["A1"])
    texts = [str(value) for value in check.values()]
    assert not any("slide errs" in text or "Mislabelled" in text for text in texts)
