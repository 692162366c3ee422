"""Formulas told to be alike are those that filling makes of each other."""

from collections.abc import Callable
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.engine.reading import plain_rows
from sheetlab.engine.reading.plain_rows import BRACKETS, UNTOLD
from sheetlab.engine.syntax.filling import filling

Place = tuple[int, int]
Numbers = Callable[..., list[int]]


@pytest.fixture(params=[True, False], ids=["compiled", "in Python"])
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Numbers:
    """The numbers of formulas in cells, -1 where nothing is told."""
    if not request.param:
        monkeypatch.setattr(compiled, "reading", None)
    elif compiled.reading is None:
        pytest.skip("sheetlab was installed without a compiler")
    return numbers_of


def numbers_of(*formulas: tuple[str, Place]) -> list[int]:
    records = plain_rows.alike([(column, row, text) for text, (row, column) in formulas], {})
    return [-1 if flags & UNTOLD else number for number, flags in records[["number", "flags"]]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1*2", "A2*2"),
        ("$A$1+B1", "$A$1+B2"),
        ("SUM(A$1:A1)", "SUM(A$1:A2)"),
        ("SUM($A:$A)", "SUM($A:$A)"),
        ("SUM(1:1)", "SUM(2:2)"),
        ("IF(B1>9,\"A1\",'A 1'!C7)", "IF(B2>9,\"A1\",'A 1'!C8)"),
        ('A1&"é"', 'A2&"é"'),
        ("LOG10(A1)+rate_A1", "LOG10(A2)+rate_A1"),
        ("Data1!A1", "Data1!A2"),
    ],
)
def test_what_is_filled_down_is_alike(one: str, other: str, told: Numbers) -> None:
    numbers = told((one, (1, 4)), (other, (2, 4)))
    assert numbers[0] == numbers[1] >= 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1*2", "A1*2"),
        ("A1*2", "A2*3"),
        ("A1*2", "B2*2"),
        ("A$1", "A$2"),
        ('"A1"', '"A2"'),
        ("LOG10(1)", "LOG11(1)"),
        ("Data1!A1", "Data2!A2"),
        ("rate_A1", "rate_A2"),
        ("1.5", "1.6"),
        ("A1+A1", "A2-A2"),
        ("XFE1", "XFE2"),
        ("A1048577", "A1048578"),
    ],
)
def test_what_is_not_filled_down_is_not_alike(one: str, other: str, told: Numbers) -> None:
    first, second = told((one, (1, 4)), (other, (2, 4)))
    assert first != second


@pytest.mark.parametrize(
    "text", ["a1", "A01", "T[x", "T['[]", 'A1&"', "Sheet1:Sheet3!A1", "A1:B", "A:5", "A1:5"]
)
def test_what_needs_to_be_read_is_not_told(text: str) -> None:
    if compiled.reading is None:
        pytest.skip("sheetlab was installed without a compiler")
    assert numbers_of((text, (1, 1)), ("A1", (1, 1)))[0] == -1


corners = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "$"]),
    st.sampled_from(["A", "B", "Z", "AA", "XFD", "a"]),
    st.sampled_from(["", "$"]),
    st.sampled_from([1, 2, 9, 10, 99, 100, 1048576, 1048577]),
)
others = st.sampled_from(
    [
        *("1.5", "1E5", '"A1"', '""', "TRUE", "rate", "A1.x", "é1", "'A 1'!B2", "S1!$C$3"),
        *("LOG10(2)", "A:C", "$A:B", "2:3", "$2:$3", "SUM(A1,B2:C3)", "-A1", "(B7)", "{1,2}"),
        *("#N/A", "A1#", "@A1", "T[A1]", "T[[#This Row],[B2]]", "[@A1]", "[1]S!B2", "T['#x]"),
    ]
)
operands = st.one_of(corners, st.builds("{}:{}".format, corners, corners), others)
signs = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", " ", ","])
phrases = st.builds(
    lambda first, rest: "".join([first, *(sign + operand for sign, operand in rest)]),
    operands,
    st.lists(st.tuples(signs, operands), max_size=3),
)
places = st.tuples(st.integers(1, 40), st.integers(1, 30))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(phrases, places, places), min_size=1, max_size=6))
def test_random_formulas(told: Numbers, made: list[tuple[str, Place, Place]]) -> None:
    formulas = []
    for phrase, place, moved in made:
        formulas += [(phrase, place), (filling(phrase, *place).at(*moved), moved)]
    formulas = [(text, place) for text, place in formulas if "#REF!" not in text]
    if not formulas:
        return
    numbers = told(*formulas)
    for (text, place), number in zip(formulas, numbers, strict=True):
        for (other, moved), its_number in zip(formulas, numbers, strict=True):
            if number >= 0 and its_number >= 0:
                assert (number == its_number) == (filling(text, *place).at(*moved) == other)


cells = st.tuples(st.integers(1, 5), st.integers(1, 5))
kinds = st.sampled_from([(1, 0), (2, 0), (3, BRACKETS), (0, UNTOLD)])


@given(st.dictionaries(cells, kinds, min_size=1, max_size=25), st.randoms())
def test_rectangles(formulas: dict[Place, tuple[int, int]], order: Random) -> None:
    places = [*formulas]
    order.shuffle(places)
    records = np.zeros(len(places), plain_rows.FORMULA)
    for record, place in zip(records, places, strict=True):
        record["row"], record["column"] = place
        record["number"], record["flags"] = formulas[place]
    found = plain_rows.rectangles(records)
    covered: list[Place] = []
    for first, last, rows, columns, *head in found:
        assert head == list(records.item(first))[:-1]
        (top, left), (bottom, right) = places[first], places[last]
        assert (bottom - top + 1, right - left + 1) == (rows, columns)
        inside = [*product(range(top, bottom + 1), range(left, right + 1))]
        assert {formulas[place] for place in inside} == {formulas[top, left]}
        assert formulas[top, left][1] != UNTOLD or len(inside) == 1
        assert formulas[top, left][1] != BRACKETS or left == right
        covered += inside
    assert sorted(covered) == sorted(places)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiled, "reading", None)
        assert plain_rows.rectangles(records) == found
