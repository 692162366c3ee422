"""Functions of whole arrays of numbers: products, inverses, sums over pairs of elements."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions.aggregates import total
from sheetlab.engine.functions.arrays import refuse_too_large
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Floats, Rowwise
from sheetlab.engine.values.value import Array, ErrorValue

_MULTIPLICATIONS_OF_A_STEP = 4096


def matrix_of_numbers(array: Array) -> Floats:
    """An array in which everything has to be a number; raises `ErrorValue` #VALUE! if not."""
    if array.dtype == np.float64:
        return array
    if any(type(value) is not float for value in array.ravel().tolist()):
        raise ErrorValue("#VALUE!")
    return array.astype(np.float64)


def _square_matrix(array: Array) -> Floats:
    matrix = matrix_of_numbers(array)
    if matrix.shape[0] != matrix.shape[1]:
        raise ErrorValue("#VALUE!")
    spend_on_product(len(matrix), len(matrix), len(matrix))
    return matrix


def spend_on_product(rows: int, inner: int, columns: int) -> None:
    """Take the steps of a product of matrices, or of what takes as long, from the budget."""
    budget.current().spend(rows * inner * columns / _MULTIPLICATIONS_OF_A_STEP)


def _product(left: Array, right: Array) -> Array:
    left, right = matrix_of_numbers(left), matrix_of_numbers(right)
    if left.shape[1] != right.shape[0]:
        raise ErrorValue("#VALUE!")
    refuse_too_large(left.shape[0], right.shape[1])
    spend_on_product(left.shape[0], left.shape[1], right.shape[1])
    with np.errstate(all="ignore"):
        product: Array = left @ right
        return product


def _determinant(array: Array) -> float:
    return float(np.linalg.det(_square_matrix(array)))


def _inverse(array: Array) -> Array:
    try:
        inverse: Array = np.linalg.inv(_square_matrix(array))
    except np.linalg.LinAlgError:
        raise ErrorValue("#NUM!") from None
    return inverse


def _identity(size: float) -> Array:
    if size < 1:
        raise ErrorValue("#VALUE!")
    refuse_too_large(size, size)
    return np.eye(int(size))


def _numbers_or_zeros(array: Array) -> Floats:
    if array.dtype == np.float64:
        return array
    values = [value if type(value) is float else 0.0 for value in array.ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(array.shape)


def _sum_of_products(first: Array, *others: Array | None) -> float:
    factors = [other for other in others if other is not None and other.shape == first.shape]
    if len(factors) < len(others):
        raise ErrorValue("#VALUE!")
    with np.errstate(all="ignore"):
        products = _numbers_or_zeros(first)
        for factor in factors:
            products = products * _numbers_or_zeros(factor)
        return float(np.add.reduce(products.ravel()))


def number_pairs(left: Array, right: Array) -> tuple[Floats, Floats]:
    """The pairs of elements that are both numbers, each side on one axis.

    Raises `ErrorValue` #N/A where the arrays do not have as many elements.
    """
    if left.size != right.size:
        raise ErrorValue("#N/A")
    if left.dtype == right.dtype == np.float64:
        return left.ravel(), right.ravel()
    pairs = [
        pair
        for pair in zip(left.ravel().tolist(), right.ravel().tolist(), strict=True)
        if type(pair[0]) is type(pair[1]) is float
    ]
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _sums_of_products(*factors: Floats) -> Any:
    return total(math.prod(factors[1:], start=factors[0]))


def _over_pairs(terms: Callable[[Floats, Floats], Any]) -> Function:
    def sums(left: Floats, right: Floats) -> Any:
        return total(terms(left, right))

    def call(left: Array, right: Array) -> float:
        with np.errstate(all="ignore"):
            return float(sums(*number_pairs(left, right)))

    return Function(call, ("array", "array"), array_context=True, kernel=Rowwise(sums, alike=True))


FUNCTIONS: dict[str, Function] = {
    "MDETERM": Function(_determinant, ("array",), array_context=True),
    "MINVERSE": Function(_inverse, ("array",), array_context=True, spreads=True),
    "MMULT": Function(_product, ("array", "array"), array_context=True, spreads=True),
    "MUNIT": Function(_identity, ("number",), spreads=True),
    "SUMPRODUCT": Function(
        _sum_of_products,
        ("array",),
        repeating=1,
        required=1,
        array_context=True,
        sparse=True,
        kernel=Rowwise(_sums_of_products, alike=True),
    ),
    "SUMX2MY2": _over_pairs(lambda x, y: x**2 - y**2),
    "SUMX2PY2": _over_pairs(lambda x, y: x**2 + y**2),
    "SUMXMY2": _over_pairs(lambda x, y: (x - y) ** 2),
}
