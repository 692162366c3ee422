"""The values of one part of a formula in many cells, and what operators and functions make of them.

A column is a single value where it is the same in all cells, else an array: of float64 where all
are numbers, of bool where all are truth values, else of objects (float, str, bool, None for a
blank, and `CellError`). Arrays of different shapes lie side by side as NumPy broadcasts them.
Each element is what the scalar meaning in `values/` and `functions/` gives for it.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions.calling import by_kernel, checked, invoke, is_lasting
from sheetlab.engine.functions.function import Function, Parameter, Values
from sheetlab.engine.functions.kernels import Columnwise, Elementwise
from sheetlab.engine.values import operators
from sheetlab.engine.values.arrays import NOT_AVAILABLE, as_array, first
from sheetlab.engine.values.conversions import (
    LONGEST_TEXT,
    logical_of,
    number_of,
    quantity_of,
    text_of,
)
from sheetlab.engine.values.value import ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

Column = Any

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
_COMPARISONS: dict[str, Callable[..., Any]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}
# The comparison that holds between two values when they change their places.
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OF_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
# So many results of a function are made between two looks at how long their texts are.
_BATCH = 4096
_NUMERIC = {float, bool, type(None)}
# The texts of so many arrays are kept as numbers; no text has these.
_MOST_FOLDED = 16
_NOWHERE, _NO_TEXT = -1, -2
# What functions raise for arguments that they cannot take.
_RAISED = (ErrorValue, ArithmeticError, ValueError, TypeError)


def is_array(column: Column) -> bool:
    """Whether a column differs, or may differ, from cell to cell."""
    return isinstance(column, np.ndarray)


def column_of(values: list[Any], shape: tuple[int, ...]) -> Column:
    """Values as an array of the narrowest kind that holds them."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return np.array(values, np.float64).reshape(shape)
    if kinds == {bool}:
        return np.array(values, bool).reshape(shape)
    array = np.empty(len(values), object)
    array[:] = values
    return array.reshape(shape)


def narrowed(column: Column) -> Column:
    """The same column, of the narrowest kind that holds it."""
    if is_array(column) and column.dtype == object:
        return column_of(column.ravel().tolist(), column.shape)
    return column


def elements(columns: Sequence[Column]) -> tuple[list[list[Any]], tuple[int, ...]]:
    """The values of each column in the shape of all together, and that shape."""
    shape = np.broadcast_shapes(*(column.shape for column in columns if is_array(column)))
    count = math.prod(shape)
    return [
        np.broadcast_to(column, shape).ravel().tolist() if is_array(column) else [column] * count
        for column in columns
    ], shape


def mapped(call: Callable[..., Any], *columns: Column) -> Column:
    """What a function of single values, which raises nothing, gives for each element."""
    lists, shape = elements(columns)
    return column_of(list(map(call, *lists)), shape)


def numbers(column: Column) -> Any:
    """A column whose numbers, truth values and blanks all count as numbers; None for any other."""
    if not is_array(column):
        return float(column or 0.0) if type(column) in _NUMERIC else None
    if column.dtype == np.float64:
        return column
    if column.dtype == bool:
        return column.astype(np.float64)
    values = column.ravel().tolist()
    if set(map(type, values)) <= _NUMERIC:
        return np.array([value or 0.0 for value in values], np.float64).reshape(column.shape)
    return None


def operated(sign: str, left: Column, right: Column, date_1904: bool) -> Column:
    """A binary operator between two columns."""
    if not is_array(left) and not is_array(right):
        return operators.binary(sign, left, right, date_1904)
    if sign in _ARITHMETIC or sign == "^":
        one, other = numbers(left), numbers(right)
        if one is not None and other is not None:
            return _calculated(sign, one, other)
    elif sign == "&":
        return _joined(left, right)
    else:
        found = _compared(sign, left, right)
        if found is not None:
            return found
    return mapped(lambda one, other: operators.binary(sign, one, other, date_1904), left, right)


def _calculated(sign: str, left: Any, right: Any) -> Column:
    with np.errstate(all="ignore"):
        if sign == "^":
            return _power(left, right)
        return checked(_ARITHMETIC[sign](left, right), operators.ARITHMETIC[sign], left, right)


def _power(base: Any, exponent: Any) -> Column:
    if not is_array(exponent) and exponent == 2:
        return checked(np.square(base), lambda number: operators.power(number, 2.0), base)
    found = np.power(base, exponent)
    # What is an error, or an odd root, is left to the scalar meaning.
    found = np.where((np.equal(base, 0) & np.less_equal(exponent, 0)), np.nan, found)
    return checked(found, operators.power, base, exponent)


def _joined(left: Column, right: Column) -> Column:
    lefts, rights = (_texts(column) for column in (left, right))
    if lefts is None or rights is None:
        return mapped(lambda one, other: operators.binary("&", one, other, False), left, right)
    (ones, others), shape = elements((lefts, rights))
    budget.current().write(sum(map(len, ones)) + sum(map(len, others)), len(ones))
    joined = [one + other for one, other in zip(ones, others, strict=True)]
    if max(map(len, joined), default=0) > LONGEST_TEXT:
        return mapped(lambda one, other: operators.binary("&", one, other, False), left, right)
    return column_of(joined, shape)


def _texts(column: Column) -> Column:
    """The values as `&` takes them; None where an error is among them."""
    if not is_array(column):
        return None if type(column) is CellError else text_of(column)
    if column.dtype == object:
        kinds = set(map(type, column.ravel().tolist()))
        if kinds == {str}:
            return column
        if CellError in kinds:
            return None
    return mapped(text_of, column)


def _compared(sign: str, left: Column, right: Column) -> Column | None:
    """A comparison that NumPy can make as Excel does; None for any other."""
    one, other = _comparable(left, right), _comparable(right, left)
    if one is not None and other is not None:
        return compare(sign, one, other)
    if is_array(left) and is_array(right) and _are_texts(left) and _are_texts(right):
        # Texts are compared as numbers that stand for them, in alphabetical order.
        known = sorted({text.lower() for text in (*left.ravel(), *right.ravel())})
        codes = {text: code for code, text in enumerate(known)}
        return _COMPARISONS[sign](*(_coded(column, codes) for column in (left, right)))
    if is_array(left) and type(right) is str:
        return _compared_to_text(sign, left, right)
    if is_array(right) and type(left) is str:
        return _compared_to_text(_TURNED.get(sign, sign), right, left)
    if is_array(left) and type(right) is float:
        return _compared_to_number(sign, left, right)
    if is_array(right) and type(left) is float:
        return _compared_to_number(_TURNED.get(sign, sign), right, left)
    return None


def _compared_to_number(sign: str, column: Column, number: float) -> Column | None:
    """Values of several kinds beside a number; None where an error is among them."""
    values = column.ravel().tolist()
    if CellError in set(map(type, values)):
        return None
    # A blank is 0, and texts and truth values come after every number.
    placed = [
        value if type(value) is float else 0.0 if value is None else math.inf for value in values
    ]
    return compare(sign, np.array(placed, np.float64).reshape(column.shape), number)


def _are_texts(column: Column) -> bool:
    return (
        is_array(column)
        and column.dtype == object
        and set(map(type, column.ravel().tolist())) == {str}
    )


def _coded(column: Column, codes: dict[str, int]) -> Any:
    listed = [codes[text.lower()] for text in column.ravel().tolist()]
    return np.array(listed).reshape(column.shape)


def _comparable(column: Column, other: Column) -> Any:
    """A column of numbers, with blanks as 0 beside another that has none; None for any other."""
    if type(column) is float or (is_array(column) and column.dtype == np.float64):
        return column
    has_no_blanks = type(other) is float or (is_array(other) and other.dtype == np.float64)
    if not has_no_blanks or not is_array(column) or column.dtype == bool:
        return 0.0 if has_no_blanks and column is None else None
    values = column.ravel().tolist()
    if set(map(type, values)) <= {float, type(None)}:
        return np.array([value or 0.0 for value in values], np.float64).reshape(column.shape)
    return None


def _compared_to_text(sign: str, column: Column, text: str) -> Column | None:
    if sign in ("=", "<>"):
        return _equal_to_text(column, text, sign)
    if column.dtype != object:
        # Numbers come before texts, and truth values behind them.
        comes_before = column.dtype == np.float64
        return np.full(column.shape, comes_before == (sign in ("<", "<=")))
    if not _are_texts(column):
        return None
    holds, wanted = _OF_TEXTS[sign], text.lower()
    found = [holds(value.lower(), wanted) for value in column.ravel().tolist()]
    return np.array(found, bool).reshape(column.shape)


def _equal_to_text(column: Column, text: str, sign: str) -> Column | None:
    if column.dtype != object:
        # A number or a truth value differs from every text.
        return np.full(column.shape, sign == "<>")
    if is_lasting(column):
        folded = _folded(column)
        if folded is None:
            return None
        codes, places = folded
        return _COMPARISONS[sign](places, codes.get(text.lower(), _NOWHERE))
    values = column.ravel().tolist()
    if CellError in set(map(type, values)):
        return None
    wanted = text.lower()
    same = np.array(
        [
            value.lower() == wanted if type(value) is str else value is None and not wanted
            for value in values
        ],
        bool,
    ).reshape(column.shape)
    return same if sign == "=" else ~same


class _Folded:
    """The texts of arrays without case, as numbers, kept while formulas ask the same arrays.

    An array gives the number of each text and the number that stands in each place, or None where
    an error is among its values. A blank is an empty text, and what is no text has no number.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def __call__(self, array: Any) -> tuple[dict[str, int], Any] | None:
        known = self._known.get(id(array))
        if known is None or known[0] is not array:
            if len(self._known) >= _MOST_FOLDED:
                self._known.clear()
            known = self._known[id(array)] = array, self._of(array)
        return known[1]

    def _of(self, array: Any) -> tuple[dict[str, int], Any] | None:
        listed = array.ravel().tolist()
        distinct = set(listed)
        if CellError in set(map(type, distinct)):
            return None
        codes: dict[str, int] = {"": 0}
        numbers: dict[Scalar, int] = {None: 0}
        for value in distinct:
            if type(value) is str:
                numbers[value] = codes.setdefault(value.lower(), len(codes))
        places = [numbers.get(value, _NO_TEXT) for value in listed]
        return codes, np.array(places, np.int32).reshape(array.shape)


_folded = _Folded()


def compare(sign: str, left: Any, right: Any) -> Any:
    """Numbers compared as Excel does, by their 15 significant digits."""
    if not _has_close(left, right):
        return _COMPARISONS[sign](left, right)
    same = equal(left, right)
    match sign:
        case "=":
            return same
        case "<>":
            return ~same
        case "<" | ">":
            return _COMPARISONS[sign](left, right) & ~same
        case _:
            return _COMPARISONS[sign](left, right) | same


def _has_close(left: Any, right: Any) -> bool:
    """Whether numbers may agree in 15 digits that are not the same, as far as a look tells."""
    numbers, number = (right, left) if is_array(right) else (left, right)
    if not is_array(numbers) or is_array(number):
        return True
    low, high = sorted((number * (1 - 2 * operators.CLOSE), number * (1 + 2 * operators.CLOSE)))
    near = np.count_nonzero((numbers >= low) & (numbers <= high))
    return bool(near != np.count_nonzero(numbers == number))


def equal(left: Any, right: Any) -> Any:
    """Where numbers are equal in their 15 significant digits."""
    left, right = np.broadcast_arrays(left, right)
    same = np.equal(left, right)
    with np.errstate(over="ignore"):
        near = operators.CLOSE * np.maximum(np.abs(left), np.abs(right))
        close = ~same & (np.abs(left - right) <= near)
    if close.any():
        same = same.copy()
        for place in zip(*np.nonzero(close), strict=True):
            one, other = float(left[place]), float(right[place])
            same[place] = operators.order_of_numbers(one, other) == 0
    return same


def signed(sign: str, operand: Column, date_1904: bool) -> Column:
    """`-`, `+` and `%` applied to a column."""
    if sign == "+":
        return operand
    if not is_array(operand):
        return operators.unary(sign, operand, date_1904)
    found = numbers(operand)
    if found is not None:
        return np.negative(found) if sign == "-" else np.divide(found, 100.0)
    return mapped(lambda value: operators.unary(sign, value, date_1904), operand)


def truths(column: Column) -> Column:
    """A column as conditions: of bool, or of objects where errors are among them."""
    if not is_array(column):
        return logical_of(column)
    if column.dtype == bool:
        return column
    if column.dtype == np.float64:
        return column != 0
    return mapped(logical_of, column)


def fails(value: Scalar, only_na: bool) -> bool:
    """Whether a value is an error, or with `only_na` whether it is #N/A."""
    return type(value) is CellError and (not only_na or value == NOT_AVAILABLE)


def converted(column: Column, kind: Parameter, date_1904: bool) -> Column:
    """A column as a function takes it; what cannot be converted is an error in its place."""
    if kind == "scalar":
        return column
    if kind == "logical":
        return truths(column)
    if kind == "text":
        if not is_array(column):
            return _text_or_error(column)
        if column.dtype == object and set(map(type, column.ravel().tolist())) == {str}:
            return column
        return mapped(_text_or_error, column)
    convert = quantity_of if kind == "quantity" else number_of
    if not is_array(column):
        return convert(column, date_1904)
    found = None if kind == "quantity" and column.dtype != np.float64 else numbers(column)
    return mapped(lambda value: convert(value, date_1904), column) if found is None else found


def _text_or_error(value: Scalar) -> str | CellError:
    return value if type(value) is CellError else text_of(value)


def applied(function: Function, columns: Sequence[Column], given: Sequence[bool]) -> Column:
    """A function of single values, of each row of its columns, which are converted already.

    `given` tells which columns stand for arguments; the others were left out.
    """
    arrays = [column for column in columns if is_array(column)]
    if not arrays:
        return applied_once(function, columns, given)
    if isinstance(function.kernel, Elementwise) and all(map(_is_numeric, columns)):
        found = by_kernel(function, columns)
        if found is not None:
            return found
    if isinstance(function.kernel, Columnwise):
        column = function.kernel.of_columns(*columns)
        if isinstance(column, list):
            budget.current().write(sum(map(len, column)), len(column))
            return column_of(column, np.broadcast_shapes(*(array.shape for array in arrays)))
        if column is not None:
            return column
    if not function.takes_errors:
        if type(columns[0]) is CellError and given[0]:
            return columns[0]
        if any(type(column) is CellError or _has_errors(column) for column in columns):
            # Of several errors in a row, the first is the result.
            return mapped(lambda *row: applied_once(function, row, given), *columns)
    if len(arrays) == 1:
        found = _applied_to_distinct(function, columns, arrays[0])
        if found is not None:
            return found
    lists, shape = elements(columns)
    return results_of(function.call, lists, shape)


def _applied_to_distinct(
    function: Function, columns: Sequence[Column], array: Any
) -> Column | None:
    """The same where values of one array come again and again; None where few of them do."""
    values = array.ravel().tolist()
    if array.dtype == object and len(set(map(type, values))) > 1:
        # To Python, 1.0 and TRUE are one.
        return None
    distinct = list(dict.fromkeys(values))
    if 2 * len(distinct) > len(values):
        return None
    lists = [distinct if column is array else [column] * len(distinct) for column in columns]
    found = results_of(function.call, lists, (len(distinct),))
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    return found[[numbers[value] for value in values]].reshape(array.shape)


def _is_numeric(column: Column) -> bool:
    return type(column) is float or (is_array(column) and column.dtype == np.float64)


def _has_errors(column: Column) -> bool:
    return (
        is_array(column)
        and column.dtype == object
        and CellError in set(map(type, column.ravel().tolist()))
    )


def applied_once(function: Function, values: Sequence[Any], given: Sequence[bool]) -> Scalar:
    """The same of single values."""
    if not function.takes_errors:
        for value, is_given in zip(values, given, strict=True):
            if is_given and type(value) is CellError:
                return value
    return first(invoke(function.call, values))


def of_values(call: Callable[..., Any], columns: Sequence[Column], cells: Sequence[bool]) -> Column:
    """A function of `Values`, for each element of its columns; `cells` tells which are cells'."""

    def one(*values: Any) -> Any:
        for value in values:
            if type(value) is CellError:
                return value
        arguments = [
            Values(as_array(value), is_cell) for value, is_cell in zip(values, cells, strict=True)
        ]
        return first(invoke(call, arguments))

    if not any(map(is_array, columns)):
        return one(*columns)
    return mapped(one, *columns)


def results_of(
    call: Callable[..., Any], lists: Sequence[Sequence[Any]], shape: tuple[int, ...]
) -> Column:
    """What a Python function gives for each row of arguments, as Excel would."""
    results: list[Any] = []
    for start in range(0, len(lists[0]), _BATCH):
        part = lists if len(lists[0]) <= _BATCH else [own[start : start + _BATCH] for own in lists]
        try:
            found = list(map(call, *part))
        except _RAISED:
            # Which rows fail, and with what error, is found one by one.
            found = [first(invoke(call, row)) for row in zip(*part, strict=True)]
        if type(found[0]) is str:
            texts = found if set(map(type, found)) == {str} else filter(_is_text, found)
            budget.current().write(sum(map(len, texts)), len(found))
        results += found
    kinds = set(map(type, results))
    if kinds == {float} or kinds == {int}:
        numbers = np.array(results, np.float64).reshape(shape)
        if np.isfinite(numbers).all():
            return numbers
    elif kinds <= {str, bool, CellError}:
        return column_of(results, shape)
    return column_of([_settled(result) for result in results], shape)


def _is_text(result: Any) -> bool:
    return type(result) is str


def _settled(result: Any) -> Scalar:
    return first(invoke(lambda: result, ()))
