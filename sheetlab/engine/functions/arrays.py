"""Functions that make arrays of others: sorted, filtered, cut, laid side by side."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.arrays import (
    NOT_AVAILABLE,
    distinct_numbers,
    first_error,
    numbered,
    packed,
)
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

# Excel sorts numbers before texts, truth values and errors.
_SORT_RANKS = {float: 0, str: 1, bool: 2, CellError: 3}


def raise_errors(*values: Any) -> None:
    """Raise the first of the values that is an error, for functions that take some errors."""
    for value in values:
        if isinstance(value, CellError):
            raise ErrorValue(value)


def refuse_too_large(rows: float, columns: float, *, numbers: bool = True) -> None:
    """Raise `OverLimitError` for an array that would not fit into the memory."""
    budget.current().reserve(rows * columns, numbers=numbers)


def _tidy(array: Array) -> Array:
    """An array of floats where that is all it holds."""
    if array.dtype == np.float64:
        return array
    return packed(array.ravel().tolist(), (array.shape[0], array.shape[1]))


def _sequence(
    rows: float | None = None,
    columns: float | None = None,
    start: float | None = None,
    step: float | None = None,
) -> Array:
    height, width = _size(rows), _size(columns)
    refuse_too_large(height, width)
    first = 1.0 if start is None else start
    by = 1.0 if step is None else step
    return (first + by * np.arange(height * width, dtype=np.float64)).reshape(height, width)


def _size(count: float | None) -> int:
    if count is None:
        return 1
    if count < 0:
        raise ErrorValue("#VALUE!")
    if count < 1:
        raise ErrorValue("#CALC!")
    return int(count)


def _sort(
    array: Array,
    index: Array | None = None,
    order: Array | None = None,
    by_column: bool | None = None,
) -> Array:
    raise_errors(by_column)
    table = array.T if by_column else array
    columns = _positions(index, table.shape[1]) if index is not None else [0]
    orders = _orders(order) * (len(columns) if order is None or order.size == 1 else 1)
    if len(orders) != len(columns):
        raise ErrorValue("#VALUE!")
    result = table[sorted_positions([table[:, column] for column in columns], orders)]
    return _tidy(result.T if by_column else result)


def _sort_by(array: Array, *keys_and_orders: Array | None) -> Array:
    keys = [key for key in keys_and_orders[::2] if key is not None]
    orders = [_orders(order)[0] for order in keys_and_orders[1::2]]
    orders += [False] * (len(keys) - len(orders))
    if all(key.shape == (array.shape[0], 1) for key in keys):
        return _tidy(array[sorted_positions([key.ravel() for key in keys], orders)])
    if all(key.shape == (1, array.shape[1]) for key in keys):
        return _tidy(array[:, sorted_positions([key.ravel() for key in keys], orders)])
    raise ErrorValue("#VALUE!")


def _orders(order: Array | None) -> list[bool]:
    """Which of the orders, 1 or -1, are descending."""
    if order is None:
        return [False]
    orders = order.ravel().tolist()
    raise_errors(*orders)
    if any(value not in (1.0, -1.0) for value in orders):
        raise ErrorValue("#VALUE!")
    return [value == -1.0 for value in orders]


def sorted_positions(keys: Sequence[Array], descending: Sequence[bool]) -> list[int]:
    """The positions of elements in the order of their keys, the first key before the second."""
    if all(key.dtype == np.float64 for key in keys):
        signed = [-key if down else key for key, down in zip(keys, descending, strict=True)]
        positions: list[int] = np.lexsort(signed[::-1]).tolist()
        return positions
    positions = list(range(len(keys[0])))
    for key, down in reversed(list(zip(keys, descending, strict=True))):
        values = key.tolist()
        kinds = set(map(type, values))
        if kinds == {float} or kinds == {str}:
            positions.sort(key=_keys(values).__getitem__, reverse=down)
            continue
        ranks = [_sort_key(value) for value in values]
        positions.sort(key=ranks.__getitem__, reverse=down)
        # Blanks come last in both orders.
        positions.sort(key=lambda position: ranks[position] == _BLANK_KEY)
    return positions


_BLANK_KEY = (4, "")


def _sort_key(value: Scalar) -> tuple[int, float | str]:
    if value is None:
        return _BLANK_KEY
    if isinstance(value, CellError):
        return _SORT_RANKS[CellError], ""
    return _SORT_RANKS[type(value)], value.lower() if isinstance(value, str) else value


def _unique(array: Array, by_column: bool | None = None, once: bool | None = None) -> Array:
    raise_errors(by_column, once)
    table = array.T if by_column else array
    refuse_too_large(*table.shape, numbers=False)
    if array.dtype == np.float64 and table.shape[1] == 1:
        keys = table[:, 0]
    else:
        columns = [_keys(column.tolist()) for column in table.T]
        rows = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        _, keys = numbered(rows)
    _, firsts, places = distinct_numbers(keys)
    kept = np.sort(firsts[np.bincount(places) == 1] if once else firsts)
    if not len(kept):
        raise ErrorValue("#CALC!")
    result = table[kept]
    return _tidy(result.T if by_column else result)


def _keys(values: list[Scalar]) -> list[Any]:
    """What equal ones of some values share."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return [str(value).lower() for value in values]
    return values if kinds == {float} else list(map(identity, values))


def identity(value: Scalar) -> Any:
    """What equal values share: texts whatever their case, and no number with a truth value."""
    if type(value) is str:
        return value.lower()
    return value if type(value) is float else (type(value), value)


def _filter(array: Array, include: Array, if_empty: Array | None = None) -> Array:
    error = first_error(include)
    if error is not None:
        raise ErrorValue(error)
    chosen = include.ravel().tolist()
    if str in set(map(type, chosen)):
        raise ErrorValue("#VALUE!")
    kept = np.flatnonzero(np.array(chosen, bool))
    if include.shape == (array.shape[0], 1):
        result = array[kept]
    elif include.shape == (1, array.shape[1]):
        result = array[:, kept]
    else:
        raise ErrorValue("#VALUE!")
    if len(kept):
        return _tidy(result)
    if if_empty is None:
        raise ErrorValue("#CALC!")
    return if_empty


def _stack_columns(*given: Array | None) -> Array:
    arrays = [array for array in given if array is not None]
    height = max(array.shape[0] for array in arrays)
    refuse_too_large(height, sum(array.shape[1] for array in arrays), numbers=_all_numbers(arrays))
    parts = [_padded(array, height, array.shape[1], NOT_AVAILABLE) for array in arrays]
    return _tidy(np.concatenate(_alike(parts), axis=1))


def _stack_rows(*given: Array | None) -> Array:
    arrays = [array for array in given if array is not None]
    width = max(array.shape[1] for array in arrays)
    refuse_too_large(sum(array.shape[0] for array in arrays), width, numbers=_all_numbers(arrays))
    parts = [_padded(array, array.shape[0], width, NOT_AVAILABLE) for array in arrays]
    return _tidy(np.concatenate(_alike(parts), axis=0))


def _all_numbers(arrays: Sequence[Array]) -> bool:
    return all(array.dtype == np.float64 for array in arrays)


def _alike(arrays: list[Array]) -> list[Array]:
    if _all_numbers(arrays):
        return arrays
    return [array.astype(object) for array in arrays]


def _padded(array: Array, rows: int, columns: int, padding: Scalar) -> Array:
    if array.shape == (rows, columns):
        return array
    is_numeric = array.dtype == np.float64 and type(padding) is float
    refuse_too_large(rows, columns, numbers=is_numeric)
    result = np.full((rows, columns), padding, dtype=np.float64 if is_numeric else object)
    result[: array.shape[0], : array.shape[1]] = array
    return result


def _filled_up(array: Array, rows: int, columns: int, padding: Scalar) -> Array:
    """The same, tidy, with #N/A where nothing else is given."""
    filling = NOT_AVAILABLE if padding is None else padding
    result = _padded(array, rows, columns, filling)
    # What has come to hold something else than numbers need not be looked through.
    return _tidy(result) if result is array or type(filling) is float else result


def _expand(
    array: Array,
    rows: float | None = None,
    columns: float | None = None,
    padding: Scalar = None,
) -> Array:
    raise_errors(rows, columns)
    height = array.shape[0] if rows is None else int(rows)
    width = array.shape[1] if columns is None else int(columns)
    if height < array.shape[0] or width < array.shape[1]:
        raise ErrorValue("#VALUE!")
    return _filled_up(array, height, width, padding)


def _take(array: Array, rows: float | None = None, columns: float | None = None) -> Array:
    return _cut(array, _taken(rows), _taken(columns))


def _drop(array: Array, rows: float | None = None, columns: float | None = None) -> Array:
    return _cut(array, _dropped(rows), _dropped(columns))


def _taken(count: float | None) -> slice:
    raise_errors(count)
    if count is None:
        return slice(None)
    whole = math.trunc(count)
    return slice(whole) if whole >= 0 else slice(whole, None)


def _dropped(count: float | None) -> slice:
    raise_errors(count)
    whole = math.trunc(count or 0.0)
    return slice(whole, None) if whole >= 0 else slice(whole)


def _cut(array: Array, rows: slice, columns: slice) -> Array:
    result = array[rows, columns]
    if not result.size:
        raise ErrorValue("#CALC!")
    return _tidy(result)


def _choose_columns(array: Array, *columns: Array | None) -> Array:
    chosen = [one for some in columns for one in _positions(some, array.shape[1])]
    return _tidy(array[:, chosen])


def _choose_rows(array: Array, *rows: Array | None) -> Array:
    chosen = [one for some in rows for one in _positions(some, array.shape[0])]
    return _tidy(array[chosen])


def _positions(numbers: Array | None, size: int) -> list[int]:
    """Positions of rows or columns by their numbers from 1, or from -1 for the last."""
    if numbers is None:
        raise ErrorValue("#VALUE!")
    values = [number_of(value) for value in numbers.ravel().tolist()]
    raise_errors(*values)
    positions = []
    for value in values:
        assert isinstance(value, float)
        number = int(value)
        if not 1 <= abs(number) <= size:
            raise ErrorValue("#VALUE!")
        positions.append(number - 1 if number > 0 else size + number)
    return positions


def _to_column(array: Array, ignore: float | None = None, by_column: bool | None = None) -> Array:
    return _to_row(array, ignore, by_column).T


def _to_row(array: Array, ignore: float | None = None, by_column: bool | None = None) -> Array:
    raise_errors(ignore, by_column)
    kinds = int(ignore or 0)
    if kinds not in range(4):
        raise ErrorValue("#VALUE!")
    values = [
        value
        for value in (array.T if by_column else array).ravel().tolist()
        if not (kinds & 1 and value is None) and not (kinds & 2 and isinstance(value, CellError))
    ]
    if not values:
        raise ErrorValue("#CALC!")
    return packed(values, (1, len(values)))


def _wrap_rows(vector: Array, count: float, padding: Scalar = None) -> Array:
    raise_errors(count)
    if min(vector.shape) > 1:
        raise ErrorValue("#VALUE!")
    width = int(count)
    if width < 1:
        raise ValueError
    rows = -(-vector.size // width)
    return _filled_up(vector.reshape(1, -1), 1, rows * width, padding).reshape(rows, width)


def _wrap_columns(vector: Array, count: float, padding: Scalar = None) -> Array:
    return _wrap_rows(vector, count, padding).T


FUNCTIONS: dict[str, Function] = {
    "CHOOSECOLS": Function(
        _choose_columns,
        ("array", "array"),
        repeating=1,
        takes_errors=True,
        required=2,
        spreads=True,
    ),
    "CHOOSEROWS": Function(
        _choose_rows, ("array", "array"), repeating=1, takes_errors=True, required=2, spreads=True
    ),
    "DROP": Function(
        _drop, ("array", "number", "number"), takes_errors=True, required=1, spreads=True
    ),
    "EXPAND": Function(
        _expand,
        ("array", "number", "number", "scalar"),
        takes_errors=True,
        required=1,
        spreads=True,
    ),
    "FILTER": Function(
        _filter, ("array", "array", "array"), takes_errors=True, required=2, spreads=True
    ),
    "HSTACK": Function(
        _stack_columns, ("array",), repeating=1, takes_errors=True, required=1, spreads=True
    ),
    "SEQUENCE": Function(
        _sequence, ("number", "number", "number", "number"), required=0, spreads=True
    ),
    "SORT": Function(
        _sort, ("array", "array", "array", "logical"), takes_errors=True, required=1, spreads=True
    ),
    "SORTBY": Function(
        _sort_by,
        ("array", "array", "array"),
        repeating=2,
        takes_errors=True,
        required=2,
        spreads=True,
    ),
    "TAKE": Function(
        _take, ("array", "number", "number"), takes_errors=True, required=1, spreads=True
    ),
    "TOCOL": Function(
        _to_column, ("array", "number", "logical"), takes_errors=True, required=1, spreads=True
    ),
    "TOROW": Function(
        _to_row, ("array", "number", "logical"), takes_errors=True, required=1, spreads=True
    ),
    "TRANSPOSE": Function(
        lambda array: array.T, ("array",), takes_errors=True, array_context=True, spreads=True
    ),
    "UNIQUE": Function(
        _unique, ("array", "logical", "logical"), takes_errors=True, required=1, spreads=True
    ),
    "VSTACK": Function(
        _stack_rows, ("array",), repeating=1, takes_errors=True, required=1, spreads=True
    ),
    "WRAPCOLS": Function(
        _wrap_columns, ("array", "number", "scalar"), takes_errors=True, required=2, spreads=True
    ),
    "WRAPROWS": Function(
        _wrap_rows, ("array", "number", "scalar"), takes_errors=True, required=2, spreads=True
    ),
}
