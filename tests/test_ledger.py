"""The ledger: how printed texts read as numbers, and how numbers round to print."""

import datetime
import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.ledger import Figure, lectures, ledger, round_half_up, source
from sheetlab.text import Text, same

FIGURES = [figure for figures in ledger().values() for figure in figures]
LECTURE = lectures()["000"]


def figure(printed: str) -> Figure:
    return Figure("id", "lesson", "quantity", 0, printed, "match", LECTURE, "section", same(""))


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


def test_ids_are_unique_and_name_quantity_and_place() -> None:
    assert len({figure.id for figure in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        assert figure.id.endswith(f".{figure.quantity}[{figure.index}]")


def test_what_is_not_simply_right_has_a_reason() -> None:
    without = [f.id for f in FIGURES if f.status in ("erratum", "mislabelled") and not f.note.en]
    assert without == []


def test_noise_is_printed_where_0_or_1_is_meant() -> None:
    for figure in FIGURES:
        if figure.status == "round-off":
            assert isinstance(figure.value, float)
            assert min(abs(figure.value), abs(figure.value - 1)) < 1e-12


@pytest.mark.parametrize("note", sorted({figure.note for figure in FIGURES}))
def test_notes_exist_in_both_languages(note: Text) -> None:
    assert bool(note.en) == bool(note.ko)
    hangul = any("가" <= letter <= "힣" for letter in note.ko)
    assert hangul or note.ko == note.en
    english = [word for word in note.en.split() if word.isalpha() and len(word) > 3]
    assert hangul or english in ([], ["Excel"])


def test_a_source_names_author_title_year_and_slide() -> None:
    assert source(LECTURE, "SGD 엑셀로 익히기") == Text(
        "Jo Sanggu (조상구), AI Study (2025): «SGD 엑셀로 익히기»",
        "조상구, AI 스터디 (2025): «SGD 엑셀로 익히기»",
    )


def test_a_source_says_where_nobody_is_named() -> None:
    assert lectures()["004"].name == Text(
        "23.6.21-AI7기 (class notes, author not named, 2023)",
        "23.6.21-AI7기 (수업 노트, 작성자 표기 없음, 2023)",
    )
    assert lectures()["003"].name == Text(
        "AI Math 1–10 (notebook, author not named)",
        "AI Math 1강~10강 (노트북, 작성자 표기 없음)",
    )


@pytest.mark.parametrize("key", sorted(lectures()))
def test_lectures_are_told_in_both_languages(key: str) -> None:
    lecture = lectures()[key]
    assert lecture.key == key
    assert lecture.title.en
    for text in (lecture.author, lecture.title, lecture.occasion):
        assert bool(text.en) == bool(text.ko)
    assert not lecture.date or datetime.date.fromisoformat(lecture.date)


def test_figures_name_their_slides() -> None:
    assert {figure.lecture.key for figure in FIGURES} == set(lectures())
    assert all(figure.section for figure in FIGURES)
