"""Arrays of values as Excel lays them side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError

NOT_AVAILABLE = CellError("#N/A")

Integers = np.ndarray[Any, np.dtype[np.intp]]


def packed(values: list[Any], shape: tuple[int, int]) -> Array:
    """Values, row by row, as an array: of floats where all are floats, else of objects."""
    if set(map(type, values)) == {float}:
        return np.array(values, dtype=np.float64).reshape(shape)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def numbered(values: Sequence[Any]) -> tuple[list[Any], Integers]:
    """The distinct values in the order in which they come, and the number of each value's own.

    Values of several kinds count as different, as 1 and TRUE do.
    """
    kinds = set(map(type, values))
    # To Python, 1.0 and TRUE are one.
    is_mixed = bool in kinds and len(kinds) > 1
    keys: Sequence[Any] = list(zip(map(type, values), values, strict=True)) if is_mixed else values
    distinct = list(dict.fromkeys(keys))
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    places = np.fromiter(map(numbers.__getitem__, keys), np.intp, len(keys))
    return [value for _, value in distinct] if is_mixed else distinct, places


def distinct_numbers(numbers: Any) -> tuple[Any, Integers, Integers]:
    """The distinct numbers (numbers,) in order, where each first stands, and which each one is.

    As `np.unique` has them, which imports much more than it takes.
    """
    order = numbers.argsort(kind="stable")
    ordered = numbers[order]
    is_first = np.ones(len(order), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    places = np.empty(len(order), np.intp)
    places[order] = np.cumsum(is_first) - 1
    return ordered[is_first], order[is_first], places


def in_groups(keys: Sequence[Any]) -> tuple[Integers, Any]:
    """An order in which what agrees in all keys stands together, and where in it a group begins."""
    order = np.lexsort(keys)
    is_first = np.zeros(len(order), np.bool_)
    is_first[:1] = True
    for key in keys:
        is_first[1:] |= np.diff(key[order]) != 0
    return order, is_first


def spread(firsts: Any, ends: Any) -> tuple[Any, Any]:
    """Numbers from each first to before its end, one after the other: whose they are, and which."""
    counts = ends - firsts
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) + np.repeat(firsts - (np.cumsum(counts) - counts), counts)


def as_array(value: Scalar | Array) -> Array:
    """A value as an array of one row and one column; an array as it is."""
    return value if isinstance(value, np.ndarray) else packed([value], (1, 1))


def first(value: Scalar | Array) -> Scalar:
    """The upper left value of an array; a single value as it is."""
    if isinstance(value, np.ndarray):
        scalar: Scalar = value[:1, :1].tolist()[0][0]
        return scalar
    return value


def is_compatible(shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether NumPy lays the shapes side by side just as Excel does."""
    return all(len({shape[axis] for shape in shapes} - {1}) <= 1 for axis in (0, 1))


def side_by_side(values: Sequence[Scalar | Array]) -> tuple[list[list[Any]], tuple[int, int]]:
    """The elements of each, row by row, in the shape of all together, and that shape.

    Single values, rows and columns repeat; where another array has no more, it has #N/A.
    """
    shapes = [value.shape for value in values if isinstance(value, np.ndarray)]
    rows = max((shape[0] for shape in shapes), default=1)
    columns = max((shape[1] for shape in shapes), default=1)
    budget.current().reserve(rows * columns)
    return [_laid_out(value, rows, columns) for value in values], (rows, columns)


def _laid_out(value: Scalar | Array, rows: int, columns: int) -> list[Any]:
    if not isinstance(value, np.ndarray):
        return [value] * (rows * columns)
    array = value
    if array.shape[0] == 1 or array.shape[1] == 1:
        array = np.broadcast_to(
            array,
            (
                rows if array.shape[0] == 1 else array.shape[0],
                columns if array.shape[1] == 1 else array.shape[1],
            ),
        )
    if array.shape != (rows, columns):
        padded = np.full((rows, columns), NOT_AVAILABLE, dtype=object)
        padded[: array.shape[0], : array.shape[1]] = array
        array = padded
    return array.ravel().tolist()


def first_error(array: Array) -> CellError | None:
    """The first error in an array, row by row."""
    if array.dtype != object:
        return None
    return next((value for value in array.ravel().tolist() if type(value) is CellError), None)


def numbers(value: Scalar | Array) -> Array | float | None:
    """Numbers, truth values and blanks as numbers; None where anything else is among them."""
    if not isinstance(value, np.ndarray):
        return float(value or 0.0) if isinstance(value, float | bool | None) else None
    if value.dtype == np.float64:
        return value
    if value.dtype == bool:
        return value.astype(np.float64)
    elements = value.ravel().tolist()
    if set(map(type, elements)) <= {float, bool, type(None)}:
        converted = np.array([element or 0.0 for element in elements], dtype=np.float64)
        return converted.reshape(value.shape)
    return None
