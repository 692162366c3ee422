"""Excel's operators on values that are already read: arithmetic, `&` and comparisons."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.values.arrays import is_compatible, numbers, packed, side_by_side
from sheetlab.engine.values.conversions import (
    LONGEST_TEXT,
    SIGNIFICANT_DIGITS,
    number_of,
    text_of,
)
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError

_NUM = CellError("#NUM!")
_DIV = CellError("#DIV/0!")
_VALUE = CellError("#VALUE!")

# Numbers further apart, relative to the larger one, differ within 15 significant digits.
CLOSE = 1.1e-14
# Excel orders numbers before texts before truth values.
_RANKS: dict[type, int] = {float: 0, str: 1, bool: 2}
_BLANK_AS: dict[type, Scalar] = {float: 0.0, str: "", bool: False}


def binary(
    operator: str, left: Scalar | Array, right: Scalar | Array, date_1904: bool
) -> Scalar | Array:
    """One operator between two values; over arrays, element by element."""
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return _over_arrays(operator, left, right, date_1904)
    return _scalars(operator, left, right, date_1904)


def unary(operator: str, operand: Scalar | Array, date_1904: bool) -> Scalar | Array:
    """`-` and `%` applied to a value; over an array, element by element. `+` changes nothing."""
    if operator == "+":
        return operand
    if isinstance(operand, np.ndarray):
        found = numbers(operand)
        if found is not None:
            return -found if operator == "-" else found / 100
        signed = [unary(operator, value, date_1904) for value in operand.ravel().tolist()]
        return packed(signed, operand.shape)
    number = number_of(operand, date_1904)
    if isinstance(number, CellError):
        return number
    return -number if operator == "-" else number / 100


def order(left: Scalar, right: Scalar) -> int:
    """-1, 0 or 1, as the left value is less than, equal to or greater than the right one.

    Numbers are compared on 15 significant digits and texts without case; a blank is equal to
    0, to an empty text and to FALSE.
    """
    if type(left) is float and type(right) is float:
        return order_of_numbers(left, right)
    if left is None:
        left = _BLANK_AS.get(type(right), 0.0)
    if right is None:
        right = _BLANK_AS.get(type(left), 0.0)
    left_rank, right_rank = _RANKS[type(left)], _RANKS[type(right)]
    if left_rank != right_rank:
        return -1 if left_rank < right_rank else 1
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower(), right.lower()
        return (left > right) - (left < right)
    if type(left) is float and type(right) is float:
        return order_of_numbers(left, right)
    return bool(left) - bool(right)


def power(base: float, exponent: float) -> float | CellError:
    """The operator ^: `0^0` is #NUM!, and an odd root of a negative number is a number."""
    if exponent == 2:
        # A product is rounded correctly, which the library's power need not be.
        return _multiply(base, base)
    if base == 0 and exponent <= 0:
        return _NUM if exponent == 0 else _DIV
    try:
        if base < 0 and exponent != int(exponent):
            root = round(1 / exponent)
            is_odd_root = root % 2 and 1 / root == exponent
            return -math.pow(-base, exponent) if is_odd_root else _NUM
        return math.pow(base, exponent)
    except OverflowError:
        return _NUM


def _add(left: float, right: float) -> float | CellError:
    result = left + right
    # Only a finite number leaves nothing when taken from itself.
    return result if result - result == 0.0 else _NUM


def _subtract(left: float, right: float) -> float | CellError:
    result = left - right
    return result if result - result == 0.0 else _NUM


def _multiply(left: float, right: float) -> float | CellError:
    result = left * right
    return result if result - result == 0.0 else _NUM


def _divide(left: float, right: float) -> float | CellError:
    if right == 0.0:
        return _DIV
    result = left / right
    return result if result - result == 0.0 else _NUM


ARITHMETIC: dict[str, Callable[[float, float], float | CellError]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "^": power,
}
OF_NUMBERS: dict[str, Callable[[float, float], Scalar]] = {
    **ARITHMETIC,
    "=": lambda left, right: order_of_numbers(left, right) == 0,
    "<>": lambda left, right: order_of_numbers(left, right) != 0,
    "<": lambda left, right: order_of_numbers(left, right) < 0,
    ">": lambda left, right: order_of_numbers(left, right) > 0,
    "<=": lambda left, right: order_of_numbers(left, right) <= 0,
    ">=": lambda left, right: order_of_numbers(left, right) >= 0,
}
"""The operators that numbers alone have, for two of them."""

_VECTORIZED: dict[str, Callable[[Any, Any], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
COMPARISONS: dict[str, Callable[[Any], Any]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _scalars(operator: str, left: Scalar, right: Scalar, date_1904: bool) -> Scalar:
    arithmetic = ARITHMETIC.get(operator)
    if arithmetic is not None:
        left_number = number_of(left, date_1904)
        if isinstance(left_number, CellError):
            return left_number
        right_number = number_of(right, date_1904)
        if isinstance(right_number, CellError):
            return right_number
        return arithmetic(left_number, right_number)
    if type(left) is CellError:
        return left
    if type(right) is CellError:
        return right
    if operator == "&":
        joined = text_of(left) + text_of(right)
        budget.current().write(len(joined))
        return joined if len(joined) <= LONGEST_TEXT else _VALUE
    return bool(COMPARISONS[operator](order(left, right)))


def _over_arrays(
    operator: str, left: Scalar | Array, right: Scalar | Array, date_1904: bool
) -> Array:
    shapes = [value.shape for value in (left, right) if isinstance(value, np.ndarray)]
    budget.current().reserve(math.prod(map(max, *shapes, (1, 1))), numbers=True)
    if is_compatible(shapes):
        result = _vectorized(operator, left, right)
        if result is not None:
            return result
    (lefts, rights), shape = side_by_side((left, right))
    return packed(
        [
            _scalars(operator, one, other, date_1904)
            for one, other in zip(lefts, rights, strict=True)
        ],
        shape,
    )


def _vectorized(operator: str, left: Scalar | Array, right: Scalar | Array) -> Array | None:
    """The result in one operation of NumPy; None where a value or an error forbids that."""
    if operator in COMPARISONS:
        if all(type(value) is float or _is_numeric(value) for value in (left, right)):
            return compared_numbers(operator, left, right).astype(object)
        return None
    if operator == "^" and type(right) is float and right == 2:
        operator, right = "*", left
    vectorized = _VECTORIZED.get(operator)
    if vectorized is None:
        return None
    left_numbers, right_numbers = numbers(left), numbers(right)
    if left_numbers is None or right_numbers is None:
        return None
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            return vectorized(left_numbers, right_numbers)
    except FloatingPointError:
        return None


def _is_numeric(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def compared_numbers(operator: str, left: Any, right: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which numbers of arrays compare as the operator says, by 15 significant digits."""
    left, right = np.broadcast_arrays(left, right)
    orders = np.sign(np.subtract(left > right, left < right, dtype=np.int8))
    with np.errstate(over="ignore"):
        near = np.abs(left - right) <= CLOSE * np.maximum(np.abs(left), np.abs(right))
    unsure = np.argwhere(near & (orders != 0))
    budget.current().spend(len(unsure))
    for place in unsure:
        row, column = place
        orders[row, column] = order_of_numbers(float(left[row, column]), float(right[row, column]))
    result: np.ndarray[Any, np.dtype[np.bool_]] = COMPARISONS[operator](orders)
    return result


def order_of_numbers(left: float, right: float) -> int:
    """-1, 0 or 1: how numbers compare by the 15 significant digits that a person sees."""
    if left == right:
        return 0
    if abs(left - right) <= CLOSE * max(abs(left), abs(right)):
        digits = SIGNIFICANT_DIGITS
        if f"{left:.{digits}g}" == f"{right:.{digits}g}":
            return 0
    return -1 if left < right else 1
