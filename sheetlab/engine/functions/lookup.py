"""Functions that look a value up in a row or column."""

import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions.arrays import raise_errors
from sheetlab.engine.functions.criteria import has_wildcards, pattern_of
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import (
    ModalLookup,
    OrderedLookup,
    Position,
    TableLookup,
)
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, letters_of

# From so many elements on, where each value stands is kept.
_MANY = 64

_Places = dict[type, dict[Any, int]]


class _KeptPlaces:
    """Where the values of lines of arrays stand, for arrays that are asked again and again.

    Nobody changes an array that cannot be written, so this lasts for as long as the array does.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Array], dict[Any, _Places | None]]] = {}

    def of(self, vector: Array, array: Array, backwards: bool) -> _Places | None:
        """The first, or the last, place of each value; None when it is asked for the first time."""
        if array.flags.writeable or vector.size < _MANY:
            return None
        number = id(array)
        if number not in self._known:
            gone = weakref.ref(array, lambda _: self._known.pop(number, None))
            self._known[number] = gone, {}
        lines = self._known[number][1]
        line = (vector.strides, vector.size, backwards)
        if line not in lines:
            lines[line] = None
        elif lines[line] is None:
            budget.current().spend(vector.size / 4)
            lines[line] = places_of(vector.tolist(), backwards=backwards)
        return lines[line]


_KEPT = _KeptPlaces()


def places_of(values: Sequence[Scalar], *, backwards: bool) -> _Places:
    """Where each value stands first, or backwards last, by its kind; texts in small letters."""
    found: _Places = {}
    order = range(len(values)) if backwards else range(len(values) - 1, -1, -1)
    for place in order:
        value = values[place]
        kind = type(value)
        key = value.lower() if isinstance(value, str) else value
        known = found.get(kind)
        if known is None:
            known = found[kind] = {}
        known[key] = place
    return found


def _equal_position(
    value: Scalar, vector: Array, array: Array, wildcards: bool = False, backwards: bool = False
) -> int | None:
    """Where the first, or backwards the last, element is that equals a value.

    The vector is a line of an array.
    """
    if vector.dtype == np.float64:
        found = np.flatnonzero(vector == value) if type(value) is float else np.empty(0, int)
        return int(found[-1 if backwards else 0]) if found.size else None
    if not (wildcards and isinstance(value, str) and has_wildcards(value)):
        places = _KEPT.of(vector, array, backwards)
        if places is not None:
            key = value.lower() if isinstance(value, str) else value
            return places.get(type(value), {}).get(key)
    elements = vector.tolist()
    equals = _equals(value, wildcards)
    positions = reversed(range(len(elements))) if backwards else range(len(elements))
    return next((position for position in positions if equals(elements[position])), None)


def _equals(value: Scalar, wildcards: bool) -> Callable[[Scalar], bool]:
    kind = type(value)
    if isinstance(value, str):
        if wildcards and has_wildcards(value):
            matches = pattern_of(value).fullmatch
            return lambda element: type(element) is str and matches(element) is not None
        text = value.lower()
        return lambda element: type(element) is str and element.lower() == text
    return lambda element: type(element) is kind and element == value


def _comparable(value: Scalar, vector: Array) -> tuple[Any, list[int], list[Any]]:
    """A value, and the positions and values of the elements of its kind, to be compared."""
    kind = type(value)
    elements = vector.tolist()
    positions = [position for position, element in enumerate(elements) if type(element) is kind]
    if isinstance(value, str):
        return value.lower(), positions, [elements[position].lower() for position in positions]
    return value, positions, [elements[position] for position in positions]


def position_in_ascending(value: Scalar, vector: Array) -> int | None:
    """Where halving finds the last element up to a value, in elements that should ascend."""
    return _halved(value, vector, descending=False)[0]


def position_by_halving(
    value: Scalar, vector: Array, matching: int, *, descending: bool
) -> int | None:
    """Where halving finds the element that equals a value.

    Where none does, with `matching` -1 it is the last one before in the order of values, with 1
    the one after. For elements that should descend, with 1, this is what MATCH finds by -1.
    """
    smaller, larger = _halved(value, vector, descending)
    if matching < 0 or (smaller is not None and _equals(value, False)(vector.item(smaller))):
        return smaller
    return larger if matching else None


def _halved(value: Scalar, vector: Array, descending: bool) -> tuple[int | None, int | None]:
    """Where halving last came upon an element not above a value, and upon one above it.

    Where the elements are not in order, Excel shows what its halving comes upon, so the middles
    are the same here: elements of another kind are passed over towards the end, else the first
    half goes on.
    """
    kind = type(value)
    wanted: Any = value.lower() if isinstance(value, str) else value
    low, high = 0, vector.size - 1
    smaller, larger = None, None
    while low <= high:
        middle = (low + high) // 2
        place = middle
        while place <= high and type(vector.item(place)) is not kind:
            place += 1
        budget.current().spend((place - middle) / 16)
        if place > high:
            high = middle - 1
            continue
        element = vector.item(place)
        is_above = (element.lower() if kind is str else element) > wanted
        if is_above:
            larger = place
        else:
            smaller = place
        if is_above == descending:
            low = place + 1
        else:
            high = middle - 1
    return smaller, larger


def nearest_position(value: Scalar, vector: Array, above: bool, backwards: bool) -> int | None:
    """Where the element is that equals a value, or else comes next to it, in any order."""
    wanted, positions, elements = _comparable(value, vector)
    if above:
        nearest = min((element for element in elements if element >= wanted), default=None)
    else:
        nearest = max((element for element in elements if element <= wanted), default=None)
    if nearest is None:
        return None
    if backwards:
        return positions[len(elements) - 1 - elements[::-1].index(nearest)]
    return positions[elements.index(nearest)]


def _position(value: Scalar, array: Array, mode: float | None, search: float | None) -> int | None:
    """Where XLOOKUP and XMATCH find a value, by their modes of matching and searching."""
    vector = array.ravel()
    raise_errors(value, mode, search)
    matching, direction = int(mode or 0), 1 if search is None else int(search)
    if matching not in (-1, 0, 1, 2) or direction not in (-2, -1, 1, 2):
        raise ErrorValue("#VALUE!")
    if matching == 2 and abs(direction) == 2:
        # Nothing is in the order of its wildcards.
        raise ErrorValue("#VALUE!")
    if abs(direction) == 2 and value is not None:
        return position_by_halving(value, vector, matching, descending=direction < 0)
    backwards = direction == -1
    if matching in (-1, 1) and value is not None:
        return nearest_position(value, vector, matching == 1, backwards)
    return _equal_position(value, vector, array, matching == 2, backwards)


def _vector(array: Array) -> Array:
    if min(array.shape) > 1:
        raise ErrorValue("#N/A")
    return array.ravel()


def _found(position: int | None) -> int:
    if position is None:
        raise ErrorValue("#N/A")
    return position


def _zero_for_blank(value: Scalar) -> Scalar:
    return 0.0 if value is None else value


def _match(value: Scalar, array: Array, order: float | None = 1.0) -> float:
    raise_errors(value, order)
    vector = _vector(array)
    wanted = _zero_for_blank(value)
    if not order:
        return _found(_equal_position(wanted, vector, array, wildcards=True)) + 1
    if order > 0:
        return _found(position_in_ascending(wanted, vector)) + 1
    return _found(position_by_halving(wanted, vector, 1, descending=True)) + 1


def _exact_positions(values: Any, vectors: Any, mode: Any = None, search: Any = None) -> Any:
    """Where each row's value stands first in the row's numbers, NaN where nowhere."""
    if (mode is not None and mode.any()) or (search is not None and (search != 1).any()):
        raise ArithmeticError
    equal = vectors == values
    return np.where(equal.any(axis=1), equal.argmax(axis=1) + 1.0, np.nan)


def _exact_positions_by_order(values: Any, vectors: Any, order: Any = None) -> Any:
    if order is None:
        raise ArithmeticError
    return _exact_positions(values, vectors, order)


def _lookup_in_first_column(
    value: Scalar, table: Array, column: float, ascending: bool | None = True
) -> Scalar:
    return _looked_up(value, table, table, column, ascending)


def _lookup_in_first_row(
    value: Scalar, table: Array, row: float, ascending: bool | None = True
) -> Scalar:
    return _looked_up(value, table.T, table, row, ascending)


def _looked_up(
    value: Scalar, table: Array, array: Array, column: float, ascending: bool | None
) -> Scalar:
    raise_errors(value, column, ascending)
    if column < 1:
        raise ErrorValue("#VALUE!")
    if int(column) > table.shape[1]:
        raise ErrorValue("#REF!")
    wanted = _zero_for_blank(value)
    if ascending:
        position = position_in_ascending(wanted, table[:, 0])
    else:
        position = _equal_position(wanted, table[:, 0], array, wildcards=True)
    return _element(table[:, int(column) - 1], _found(position))


def _element(vector: Array, position: int) -> Scalar:
    element: Scalar = vector[position : position + 1].tolist()[0]
    return element


def _lookup(value: Scalar, array: Array, results: Array | None = None) -> Scalar:
    raise_errors(value)
    if results is None:
        table = array.T if array.shape[1] > array.shape[0] else array
        vector, answers = table[:, 0], table[:, -1]
    else:
        vector, answers = _vector(array), _vector(results)
    position = _found(position_in_ascending(_zero_for_blank(value), vector))
    if position >= answers.size:
        raise ErrorValue("#N/A")
    return _element(answers, position)


def _x_match(
    value: Scalar, array: Array, mode: float | None = None, search: float | None = None
) -> float:
    if min(array.shape) > 1:
        raise ErrorValue("#VALUE!")
    return _found(_position(value, array, mode, search)) + 1


def _x_lookup(
    value: Scalar,
    array: Array,
    results: Array,
    if_not_found: Scalar = None,
    mode: float | None = None,
    search: float | None = None,
) -> Scalar | Array:
    if array.shape[1] == 1 and results.shape[0] == array.shape[0]:
        table = results
    elif array.shape[0] == 1 and results.shape[1] == array.shape[1]:
        table = results.T
    else:
        raise ErrorValue("#VALUE!")
    position = _position(value, array, mode, search)
    if position is None and if_not_found is not None:
        return if_not_found
    row: Array = table[_found(position)]
    if row.size == 1:
        return _element(row, 0)
    return row.reshape(1, -1) if table is results else row.reshape(-1, 1)


def as_prefix(sheet: str) -> str:
    """The name of a sheet as it stands before a reference, in quotes where it needs them."""
    plain = re.fullmatch(r"(?:[^\W\d][\w.]*)?", sheet)
    return f"{sheet}!" if plain else "'" + sheet.replace("'", "''") + "'!"


def _address(
    row: float,
    column: float,
    kind: float | None = None,
    in_a1_style: bool | None = None,
    sheet: str | None = None,
) -> str:
    """A reference as text, fixed in both (kind 1), in its row (2), its column (3), or none (4)."""
    fixed = 1 if kind is None else int(kind)
    if not (1 <= row < MAX_ROW + 1 and 1 <= column < MAX_COLUMN + 1 and fixed in range(1, 5)):
        raise ErrorValue("#VALUE!")
    place, across = str(int(row)), int(column)
    row_is_fixed, column_is_fixed = fixed in (1, 2), fixed in (1, 3)
    if in_a1_style is None or in_a1_style:
        shown = "$" * column_is_fixed + letters_of(across) + "$" * row_is_fixed + place
    else:
        shown = f"R{place}" if row_is_fixed else f"R[{place}]"
        shown += f"C{across}" if column_is_fixed else f"C[{across}]"
    return shown if sheet is None else as_prefix(sheet) + shown


# Of arrays; the special form gives a reference where it can.
XLOOKUP = Function(
    _x_lookup,
    ("scalar", "array", "array", "scalar", "number", "number"),
    takes_errors=True,
    required=3,
    kernel=ModalLookup(),
)
XMATCH = Function(
    _x_match,
    ("scalar", "array", "number", "number"),
    takes_errors=True,
    required=2,
    kernel=Position(_exact_positions, lines=True, modal=True),
)

FUNCTIONS: dict[str, Function] = {
    "ADDRESS": Function(_address, ("number", "number", "number", "logical", "text"), required=2),
    "HLOOKUP": Function(
        _lookup_in_first_row,
        ("scalar", "array", "number", "logical"),
        takes_errors=True,
        required=3,
        array_context=True,
        kernel=TableLookup(by_row=True),
    ),
    "LOOKUP": Function(
        _lookup,
        ("scalar", "array", "array"),
        takes_errors=True,
        required=2,
        array_context=True,
        kernel=OrderedLookup(),
    ),
    "MATCH": Function(
        _match,
        ("scalar", "array", "number"),
        takes_errors=True,
        required=2,
        kernel=Position(_exact_positions_by_order, lines=True),
    ),
    "VLOOKUP": Function(
        _lookup_in_first_column,
        ("scalar", "array", "number", "logical"),
        takes_errors=True,
        required=3,
        array_context=True,
        kernel=TableLookup(by_row=False),
    ),
    "XMATCH": XMATCH,
}
