from typing import Any

import numpy as np
import pytest
from engine.functions.excel import NA, NUM, VALUE, assert_gives, excel

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("MMULT", ([[1, 2], [3, 4]], [[5], [6]]), [[17], [39]]),
    ("MMULT", ([[1, 2]], [[1, 2]]), VALUE),
    ("MMULT", ([[1, None]], [1, 2]), VALUE),
    ("MDETERM", ([[1, 2], [3, 4]],), -2),
    ("MDETERM", ([[1, 2]],), VALUE),
    ("MINVERSE", ([[1, 2], [2, 4]],), NUM),
    ("MINVERSE", ([[1, 2]],), VALUE),
    ("MINVERSE", ([[2, 0], [0, 4]],), [[0.5, 0], [0, 0.25]]),
    ("MUNIT", (2,), [[1, 0], [0, 1]]),
    ("MUNIT", (0,), VALUE),
    ("MUNIT", (1e6,), NUM),
    ("SUMPRODUCT", ([1, 2, 3], [4, 5, 6]), 32),
    ("SUMPRODUCT", ([1, 2, "cat", True], [4, None, 6, 7]), 4),
    ("SUMPRODUCT", ([1, 2], [[1, 2]]), VALUE),
    ("SUMPRODUCT", ([1, NA],), NA),
    ("SUMXMY2", ([2, 3, 9], [6, 5, 11]), 24),
    ("SUMX2MY2", ([2, 3, 9], [6, 5, 11]), -88),
    ("SUMX2PY2", ([2, 3, "cat"], [6, 5, 11]), 74),
    ("SUMXMY2", ([1, 2], [1]), NA),
    ("SUMPRODUCT", ([1, 2], None), VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


def test_an_inverse_undoes_its_matrix() -> None:
    matrix = [[2, 1, 0], [1, 3, 1], [0, 1, 4]]
    product = excel("MMULT", matrix, excel("MINVERSE", matrix))
    np.testing.assert_allclose(product, np.eye(3), atol=1e-15)
