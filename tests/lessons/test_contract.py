"""What every lesson must hold, whatever it teaches."""

import ast
import functools
import inspect
import re
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sheetlab.authoring import refs_of
from sheetlab.authoring.board import Strip
from sheetlab.authoring.drawing import ChartItem
from sheetlab.building import build, calculate
from sheetlab.building.check_sheet import OWN_TITLE
from sheetlab.building.workbook import Example
from sheetlab.checking.agreement import TOLERANCE, difference
from sheetlab.engine import Book
from sheetlab.inputs import LessonInputs
from sheetlab.lessons import lesson, lesson_names
from sheetlab.text import LANGUAGES, Language

LONGEST_FILE = 250
ADDRESS = re.compile(r"\$?\b[A-Z]{1,2}\$?[1-9]\d{0,2}\b")
# What only looks like an address: a score, an algorithm, norms.
TERMS = {"F1", "ID3", "L1", "L2"}

every_lesson = pytest.mark.parametrize("name", lesson_names())


@functools.cache
def calculated(name: str, language: Language = "en") -> tuple[Book, Example]:
    found = lesson(name)
    return calculate(found, found.inputs(), language)


def largest_difference(book: Book, example: Example) -> tuple[float, str]:
    """The largest difference between the recalculated sheet and the reference, and where."""
    values = book.values()
    worst = (0.0, "")
    for quantity, expected in example.reference.items():
        cells = example.cells(quantity)
        assert len(cells) == expected.size, quantity
        for ref, other in zip(cells, expected.ravel(), strict=True):
            value: Any = other.item() if isinstance(other, np.generic) else other
            computed = values.get((example.sheet.title, ref))
            error = difference(computed, value)
            worst = max(worst, (error, f"{quantity} in {ref}: {computed} for {value}"))
    return worst


@every_lesson
def test_sheet_and_reference_agree(name: str) -> None:
    error, where = largest_difference(*calculated(name))
    assert error <= TOLERANCE, where


@every_lesson
def test_sheet_and_reference_agree_for_other_inputs(name: str) -> None:
    strategy: st.SearchStrategy[LessonInputs] = import_module(f"test_{name}").INPUTS

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        # A build takes too long for an example to be made small by hundreds of them.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(strategy)
    def check(inputs: LessonInputs) -> None:
        error, where = largest_difference(*calculate(lesson(name), inputs, "en"))
        assert error <= TOLERANCE, where

    check()


@every_lesson
def test_what_it_says_to_try_happens(name: str) -> None:
    found = lesson(name)
    assert len(found.to_try) >= 3
    for one in found.to_try:
        book, example = calculate(found, found.inputs(), "en")
        before = example.values(book)
        changes = {}
        for reference, value in one.changes.items():
            cells = example.cells(reference)
            values = value if isinstance(value, list | tuple) else [value] * len(cells)
            assert len(values) == len(cells), one.text.en
            for cell, item in zip(cells, values, strict=True):
                changes[f"'{example.sheet.title}'!{cell}"] = item
        inputs = {
            f"'{example.sheet.title}'!{cell}"
            for areas in example.sheet.input_areas.values()
            for area in areas
            for cell in refs_of(area)
        }
        assert changes.keys() <= inputs, f"{one.text.en} changes what is no input"
        book.set(changes)
        assert np.all(one.promise(before, example.values(book))), one.text.en


@every_lesson
def test_every_computed_cell_is_a_formula_of_a_quantity(name: str) -> None:
    book, example = calculated(name)
    title = example.sheet.title
    formulas = {ref for sheet, ref, _, _ in book.cells() if sheet == title}
    quantities = {ref for quantity in example.reference for ref in example.cells(quantity)}
    inputs = {
        ref
        for areas in example.sheet.input_areas.values()
        for area in areas
        for ref in refs_of(area)
    }
    shown = {
        ref
        for quantity in example.board.quantities.values()
        if quantity.shown_formula_of is not None
        for ref in example.cells(quantity.name)
    }
    arrays = {
        ref
        for quantity in example.board.quantities.values()
        if quantity.formula is not None and quantity.formula.is_array
        for ref in example.cells(quantity.name)
    }
    assert formulas <= quantities
    assert quantities <= formulas | inputs | shown | arrays


@every_lesson
def test_no_text_names_a_cell(name: str) -> None:
    found = lesson(name)
    module = import_module(f"sheetlab.lessons.{name}")
    source = inspect.getsource(module)
    anchors = set(re.findall(r'\bat="([A-Z]+\d+)"', source))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A formula that a slide prints is a figure, not an address of ours.
            if node.value.startswith("=") and "$" in node.value:
                continue
            assert set(ADDRESS.findall(node.value)) <= anchors | TERMS, node.value
    assert all("{" in one.text.en for one in found.to_try), "what to try names its cells"


@every_lesson
def test_it_says_where_it_comes_from(name: str) -> None:
    assert lesson(name).sources


@every_lesson
def test_the_file_is_short(name: str) -> None:
    source = inspect.getsource(import_module(f"sheetlab.lessons.{name}"))
    assert len(source.splitlines()) <= LONGEST_FILE


@every_lesson
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_on_the_sheet_overlaps(name: str, language: Language) -> None:
    _, example = calculated(name, language)
    items = [item for item in example.board.items if not isinstance(item, Strip)]
    for one, other in combinations(items, 2):
        apart = (
            one.right < other.left
            or other.right < one.left
            or one.bottom < other.top
            or other.bottom < one.top
        )
        assert apart, (
            f"{type(one).__name__} {one.top, one.left, one.bottom, one.right} and"
            f" {type(other).__name__} {other.top, other.left, other.bottom, other.right}"
        )
    assert any(isinstance(item, ChartItem) for item in example.board.all_items())


@every_lesson
def test_own_inputs_make_no_claims_of_the_slide(name: str) -> None:
    inputs = other_inputs(name)
    parts = build(lesson(name), inputs, "en")
    text = b"".join(part for path, part in parts.items() if path.startswith("xl/")).decode()
    assert OWN_TITLE.en in text
    for figure in lesson(name).figures:
        assert figure.note.en not in text or len(figure.note.en) < 12


def other_inputs(name: str) -> LessonInputs:
    """Some inputs that are not the slide's."""
    strategy: st.SearchStrategy[LessonInputs] = import_module(f"test_{name}").INPUTS
    default = lesson(name).inputs()
    found: list[LessonInputs] = []

    @settings(max_examples=30, deadline=None, derandomize=True, database=None)
    @given(strategy)
    def look(inputs: LessonInputs) -> None:
        if inputs != default and not found:
            found.append(inputs)

    look()
    return found[0]


@every_lesson
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_its_language(name: str, language: Language) -> None:
    found = lesson(name)
    tries = [one.text for one in found.to_try]
    for text in (found.title, found.equation, *found.how_to_read, *tries):
        assert text.to(language)
        assert "|" not in text.en
    hangul = re.compile("[가-힣]")
    assert all(hangul.search(text.ko) for text in found.how_to_read)
    assert not any(hangul.search(text.en) for text in found.how_to_read)


def test_every_lesson_is_tested() -> None:
    files = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(lesson_names()) <= files
