"""The ledger: how printed texts read as numbers, and how numbers round to print."""

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.ledger import Figure, ledger, round_half_up
from sheetlab.text import same


def figure(printed: str) -> Figure:
    return Figure("id", "lesson", "quantity", 0, printed, "match", "file", "section", same(""))


@pytest.mark.parametrize(
    ("printed", "value", "decimals"),
    [
        ("0.0397", 0.0397, 4),
        ("0.0000", 0.0, 4),
        ("-28", -28.0, 0),
        ("75%", 0.75, 2),
        ("12,288", 12288.0, 0),
        ("3/4", 0.75, 12),
        ("1.11022302e-16", 1.11022302e-16, 24),
        ("1.00000000e+00", 1.0, 8),
    ],
)
def test_a_printed_number_is_read_with_its_decimals(
    printed: str, value: float, decimals: int
) -> None:
    assert figure(printed).value == value
    assert figure(printed).decimals == decimals


@pytest.mark.parametrize("printed", ["nan", "inf"])
def test_an_overflow_reads_as_nan(printed: str) -> None:
    value = figure(printed).value
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("printed", ["=E4-$A$3*$H4", "New York"])
def test_a_printed_text_stays_a_text(printed: str) -> None:
    assert figure(printed).value == printed


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (5.449999999999996, 1, 5.5),
        (15.150000000000006, 1, 15.2),
        (72.85, 1, 72.9),
        (0.285, 2, 0.29),
        (-2.5, 0, -3.0),
        (0.6887, 3, 0.689),
        (0.6885, 3, 0.689),
        (1234567.5, 0, 1234568.0),
    ],
)
def test_halves_round_away_from_zero_in_decimal(
    value: float, decimals: int, rounded: float
) -> None:
    assert round_half_up(value, decimals) == rounded


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(0, 6))
def test_decimal_numbers_round_as_on_paper(units: int, places: int, decimals: int) -> None:
    number = Decimal(units).scaleb(-places)
    on_paper = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert round_half_up(float(number), decimals) == float(on_paper)


def test_every_figure_of_the_slides_stands_in_the_ledger_once() -> None:
    figures = [figure for figures in ledger().values() for figure in figures]
    assert len(figures) == 432
    assert len({figure.id for figure in figures}) == 432


def test_notes_of_built_lessons_exist_in_korean() -> None:
    from sheetlab.lessons import lessons

    for lesson in lessons():
        for figure in lesson.figures:
            hangul = any("가" <= letter <= "힣" for letter in figure.note.ko)
            letters = any(letter.isalpha() for letter in figure.note.en.replace("Excel", ""))
            words = [word for word in figure.note.en.split() if word.isalpha() and len(word) > 3]
            assert hangul or not letters or not words, figure.note
