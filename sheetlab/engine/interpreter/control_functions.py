"""Functions that calculate only the arguments they need: IF, IFERROR, SWITCH, CHOOSE and so on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Cases, Choice, Fallback, Switch
from sheetlab.engine.interpreter.evaluation import Context, Value, node, value_of, whole
from sheetlab.engine.syntax.expression import Expression, Missing
from sheetlab.engine.values.arrays import NOT_AVAILABLE, packed, side_by_side
from sheetlab.engine.values.conversions import logical_of, number_of
from sheetlab.engine.values.operators import binary
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError

_VALUE = CellError("#VALUE!")

Arguments = tuple[Expression, ...]


def _if(arguments: Arguments, context: Context) -> Value:
    condition = _tested(arguments[0], context)
    if not isinstance(condition, np.ndarray):
        holds = logical_of(condition)
        if holds is True:
            return _argument(arguments[1], context)
        if holds is False:
            return _argument(arguments[2], context) if len(arguments) == 3 else False
        return holds
    otherwise = whole(node(arguments[2], context), context) if len(arguments) == 3 else False
    return _chosen(condition, whole(node(arguments[1], context), context), otherwise)


def _ifs(arguments: Arguments, context: Context) -> Value:
    if len(arguments) % 2:
        return _VALUE
    return _first_that_holds(lambda test: _tested(test, context), arguments, context)


def _switch(arguments: Arguments, context: Context) -> Value:
    sought = _tested(arguments[0], context)
    date_1904 = context.source.date_1904

    def is_sought(case: Expression) -> Scalar | Array:
        return binary("=", sought, _tested(case, context), date_1904)

    return _first_that_holds(is_sought, arguments[1:], context)


def _first_that_holds(
    holds: Callable[[Expression], Scalar | Array], cases: Arguments, context: Context
) -> Value:
    """Of pairs of a test and a result, the first result whose test holds; a last one without."""
    waiting: list[tuple[Array, Scalar | Array]] = []
    for place in range(0, len(cases) - 1, 2):
        condition = holds(cases[place])
        if isinstance(condition, np.ndarray):
            waiting.append((condition, whole(node(cases[place + 1], context), context)))
            continue
        found = logical_of(condition)
        if isinstance(found, CellError):
            last: Value = found
            break
        if found:
            last = _argument(cases[place + 1], context)
            break
    else:
        last = _argument(cases[-1], context) if len(cases) % 2 else NOT_AVAILABLE
    if not waiting:
        return last
    result = whole(last, context)
    for condition, yes in reversed(waiting):
        result = _chosen(condition, yes, result)
    return result


def _chosen(condition: Array, yes: Scalar | Array, no: Scalar | Array) -> Array:
    """Element by element, what the condition says."""
    (tests, chosen, others), shape = side_by_side((condition, yes, no))
    results = []
    for test, one, other in zip(tests, chosen, others, strict=True):
        holds = logical_of(test)
        results.append(holds if isinstance(holds, CellError) else one if holds else other)
    return packed(results, shape)


def _choose(arguments: Arguments, context: Context) -> Value:
    index = _tested(arguments[0], context)
    options = arguments[1:]
    if not isinstance(index, np.ndarray):
        place = _place(index, len(options), context)
        if isinstance(place, CellError):
            return place
        return _argument(options[place], context)
    (indices,), _ = side_by_side((index,))
    needed = {_place(element, len(options), context) for element in indices}
    values = [
        whole(node(option, context), context) if place in needed else None
        for place, option in enumerate(options)
    ]
    (indices, *columns), shape = side_by_side((index, *values))
    results = []
    for row, element in enumerate(indices):
        place = _place(element, len(options), context)
        results.append(place if isinstance(place, CellError) else columns[place][row])
    return packed(results, shape)


def _place(index: Scalar, count: int, context: Context) -> int | CellError:
    number = number_of(index, context.source.date_1904)
    if isinstance(number, CellError):
        return number
    return int(number) - 1 if 1 <= number < count + 1 else _VALUE


def _iferror(arguments: Arguments, context: Context) -> Value:
    return _unless(lambda value: type(value) is CellError, arguments, context)


def _ifna(arguments: Arguments, context: Context) -> Value:
    return _unless(lambda value: value == NOT_AVAILABLE, arguments, context)


def _unless(fails: Callable[[Any], bool], arguments: Arguments, context: Context) -> Value:
    value = _tested(arguments[0], context)
    if not isinstance(value, np.ndarray):
        return _argument(arguments[1], context) if fails(value) else value
    if value.dtype != object or not any(fails(element) for element in value.ravel().tolist()):
        return value
    (elements, instead), shape = side_by_side((value, whole(node(arguments[1], context), context)))
    return packed(
        [
            other if fails(element) else element
            for element, other in zip(elements, instead, strict=True)
        ],
        shape,
    )


def _tested(expression: Expression, context: Context) -> Scalar | Array:
    """The value that decides; Excel takes it as in the formula as a whole, even in SUMPRODUCT."""
    return value_of(expression, context.with_array(context.array_formula))


def _argument(expression: Expression, context: Context) -> Value:
    """What is chosen, a reference unread; what is left out is blank."""
    value = node(expression, context)
    return None if isinstance(value, Missing) else value


FUNCTIONS: dict[str, Function] = {
    "CHOOSE": Function(
        _choose, ("number", "lazy"), repeating=1, required=2, special=True, spreads=True
    ),
    "IF": Function(_if, ("logical", "lazy", "lazy"), required=2, special=True, kernel=Choice()),
    "IFERROR": Function(
        _iferror,
        ("scalar", "lazy"),
        takes_errors=True,
        special=True,
        kernel=Fallback(only_na=False),
    ),
    "IFNA": Function(
        _ifna, ("scalar", "lazy"), takes_errors=True, special=True, kernel=Fallback(only_na=True)
    ),
    "IFS": Function(_ifs, ("lazy", "lazy"), repeating=2, required=2, special=True, kernel=Cases()),
    "SWITCH": Function(
        _switch,
        ("scalar", "lazy", "lazy"),
        repeating=2,
        required=3,
        special=True,
        kernel=Switch(),
    ),
}
