"""The sheet Check: what it says of the slide's inputs, of changed ones, and of one's own."""

from collections import Counter
from pathlib import Path

import pytest

from sheetlab.building import build, write_built
from sheetlab.engine import Book, load
from sheetlab.lessons import lesson, lesson_names

with_figures = pytest.mark.parametrize(
    "name", [name for name in lesson_names() if lesson(name).figures]
)


def book_of(name: str, folder: Path, **inputs: object) -> Book:
    found = lesson(name)
    path = folder / f"{name}.xlsx"
    write_built(build(found, found.inputs().change(inputs), "en"), path)
    return load(path)


def marks(book: Book) -> Counter[str]:
    """How often each mark stands beside a value, the inputs below left out."""
    found = (book.values().get(("Check", f"H{row}")) for row in range(6, 1000))
    return Counter(str(mark) for mark in found if mark not in (None, "as built", "changed"))


@with_figures
def test_figures_agree_and_errata_stand_first(name: str, tmp_path: Path) -> None:
    book = book_of(name, tmp_path)
    errata = sum(figure.status == "erratum" for figure in lesson(name).figures)
    assert marks(book).keys() <= {"✓", "slide errs"}
    first = [book.values()["Check", f"H{row}"] for row in range(6, 6 + errata)]
    assert first == ["slide errs"] * errata


@pytest.mark.parametrize("name", lesson_names())
def test_a_changed_input_turns_it_grey_and_not_red(name: str, tmp_path: Path) -> None:
    book = book_of(name, tmp_path)
    row = next(
        row
        for (sheet, ref), value in book.values().items()
        if sheet == "Check" and ref.startswith("H") and value == "as built"
        for row in [int(ref[1:])]
        if isinstance(book.values()["Check", f"E{row}"], int | float)
    )
    changed = str(dict(formulas(book))["Check", f"E{row}"]).removeprefix("=")
    book.set({changed: float(str(book.values()["Check", f"E{row}"])) + 0.125})
    assert marks(book).keys() == {"–"}
    assert book.values()["Check", f"H{row}"] == "changed"
    assert "Inputs differ" in str(book["Check!A3"])
    book.set({changed: book["Check!D" + str(row)]})
    assert "–" not in marks(book)


def formulas(book: Book) -> list[tuple[tuple[str, str], str]]:
    return [((sheet, ref), formula) for sheet, ref, formula, _ in book.cells()]


def test_own_inputs_are_held_against_numpy(tmp_path: Path) -> None:
    book = book_of("sgd", tmp_path, learning_rate=0.02)
    assert marks(book).keys() == {"✓"}
    assert "NumPy" in str(book["Check!A1"])
    texts = [str(value) for (sheet, _), value in book.values().items() if sheet == "Check"]
    assert not any("slide errs" in text or "Mislabelled" in text for text in texts)
