from typing import Any

import numpy as np
import pytest
from engine.functions.excel import NA, NUM, REF, VALUE, assert_gives, excel

# Microsoft's own example: the worth of offices by floor space, rooms, entrances and age.
OFFICES: list[list[float]] = [
    [2310, 2, 2, 20, 142000],
    [2333, 2, 2, 12, 144000],
    [2356, 3, 1.5, 33, 151000],
    [2379, 3, 2, 43, 150000],
    [2402, 2, 3, 53, 139000],
    [2425, 4, 2, 23, 169000],
    [2448, 2, 1.5, 99, 126000],
    [2471, 2, 2, 34, 142900],
    [2494, 3, 3, 23, 163000],
    [2517, 4, 4, 55, 169000],
    [2540, 2, 3, 22, 149000],
]
WORTH = [row[4] for row in OFFICES]
FACTS = [row[:4] for row in OFFICES]
SALES = [33100, 47300, 69000, 102000, 150000, 220000]
MONTHS = [11, 12, 13, 14, 15, 16]


def test_linest_of_several_variables() -> None:
    result = excel("LINEST", WORTH, FACTS, True, True)
    expected: list[list[Any]] = [
        [-234.2371645, 2553.210660, 12529.76817, 27.64138737, 52317.83051],
        [13.26801148, 530.6691519, 400.0668382, 5.429374042, 12237.36160],
        [0.996747993, 970.5784629],
        [459.7536742, 6],
        [1732393319, 5652135.316],
    ]
    for row, known in zip(result, expected, strict=True):
        assert row[: len(known)] == pytest.approx(known, rel=1e-8)
        assert row[len(known) :] == [NA] * (5 - len(known))


def test_rows_are_fitted_as_columns_are() -> None:
    across = [list(row) for row in zip(*FACTS, strict=True)]
    in_rows = excel("LINEST", [WORTH], across)
    np.testing.assert_allclose(in_rows, excel("LINEST", WORTH, FACTS), rtol=1e-9)


def test_a_fit_predicts_what_it_is_made_of() -> None:
    predicted = np.ravel(excel("TREND", WORTH, FACTS, FACTS))
    *slopes, intercept = excel("LINEST", WORTH, FACTS)[0]
    np.testing.assert_allclose(predicted, np.array(FACTS) @ slopes[::-1] + intercept)


def test_growth_and_logest() -> None:
    base, start = excel("LOGEST", SALES, MONTHS)[0]
    assert (base, start) == pytest.approx((1.463275628, 495.3047702), rel=1e-9)
    predicted = np.ravel(excel("GROWTH", SALES, MONTHS, [17, 18]))
    assert predicted == pytest.approx([320196.7184, 468536.0542], rel=1e-9)


CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("TREND", ([2, 4],), [2, 4]),
    ("LINEST", ([1, 2], [[1, 2, 3]]), REF),
    ("LINEST", ([1, "cat"], [1, 2]), VALUE),
    ("GROWTH", ([1, -1],), NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    if isinstance(expected, list):
        np.testing.assert_allclose(np.ravel(excel(name, *arguments)), expected, rtol=1e-12)
    else:
        assert_gives(name, arguments, expected)


def test_a_line_through_the_origin() -> None:
    assert np.ravel(excel("LINEST", [2, 4.1], [1, 2], False)) == pytest.approx([2.04, 0])
    assert excel("LINEST", [2, 4.1], [1, 2], False, True)[1][1] == NA
