"""Calls of Excel's functions by name, with arguments as the interpreter would pass them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from engine.memory_source import MemorySource

from sheetlab.engine.functions import find
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.function import Values
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.syntax.expression import Area, Axis, Call, Expression, Literal, Missing
from sheetlab.engine.values.arrays import as_array, first_error, packed
from sheetlab.engine.values.conversions import logical_of, number_of, quantity_of, text_of
from sheetlab.files.cell_value import CellError

NULL, DIV, VALUE, REF, NAME, NUM, NA = map(
    CellError, ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
)
CALC = CellError("#CALC!")

_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "number": number_of,
    "quantity": quantity_of,
    "text": text_of,
    "logical": logical_of,
}


def excel(name: str, *arguments: Any) -> Any:
    """What a function gives for a list as a column of cells, one of lists as a table.

    None is a blank cell, or an argument left out where that may be. Tables come back as lists.
    """
    function = find(name)
    assert function is not None, name
    if function.special:
        return interpreted(name, *arguments)
    given: list[Any] = []
    for position, argument in enumerate(arguments):
        kind = function.parameter(position)
        if argument is None and position >= function.least and kind != "values":
            given.append(None)
            continue
        value = _argument(kind, argument)
        array = value.array if isinstance(value, Values) else as_array(value)
        error = first_error(array)
        if error is not None and not function.takes_errors:
            return error
        given.append(value)
    result = invoke(function.call, given)
    return result.tolist() if isinstance(result, np.ndarray) else result


def interpreted(name: str, *arguments: Any) -> Any:
    """What the interpreter gives for a call, for lists as cells from A1 on of a sheet for each."""
    cells = {
        (str(position), row, column): value
        for position, argument in enumerate(arguments)
        if isinstance(argument, list)
        for row, values in enumerate(table(argument).tolist(), 1)
        for column, value in enumerate(values, 1)
        if value is not None
    }
    call = Call(name, tuple(map(_expression, map(str, range(len(arguments))), arguments)))
    result = evaluate(call, ("0", 1, 1), MemorySource(cells), array=True)
    return result.tolist() if isinstance(result, np.ndarray) else result


def _expression(sheet: str, argument: Any) -> Expression:
    if argument is None:
        return Missing()
    if not isinstance(argument, list):
        return Literal(_plain(argument))
    rows, columns = table(argument).shape
    return Area(sheet, Axis(True, 1), Axis(True, 1), Axis(True, rows), Axis(True, columns))


def _argument(kind: str, argument: Any) -> Any:
    value = table(argument) if isinstance(argument, list) else _plain(argument)
    if kind == "values":
        return Values(as_array(value), isinstance(argument, list))
    if kind == "array":
        return as_array(value)
    if isinstance(value, CellError):
        return value
    return _CONVERSIONS.get(kind, lambda given: given)(value)


def table(rows: list[Any]) -> np.ndarray[Any, Any]:
    """A list as a column, or lists of equal length as a table."""
    lists = [row if isinstance(row, list) else [row] for row in rows]
    return packed([_plain(value) for row in lists for value in row], (len(lists), len(lists[0])))


def _plain(value: Any) -> Any:
    return float(value) if type(value) is int else value


def assert_gives(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    """Assert what a function gives, and of which type."""
    value = excel(name, *arguments)
    if isinstance(expected, list):
        wanted = table(expected).tolist()
        assert value == wanted
        # A truth value is a number to Python, and none to Excel.
        assert _kinds(value) == _kinds(wanted)
    elif isinstance(expected, int | float) and not isinstance(expected, bool):
        assert type(value) is float, value
        assert value == pytest.approx(expected, rel=1e-13, abs=1e-300)
    else:
        assert type(value) is type(expected), value
        assert value == expected


def _kinds(rows: list[list[Any]]) -> list[list[type]]:
    return [[type(value) for value in row] for row in rows]
