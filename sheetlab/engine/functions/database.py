"""Functions of a table whose first row has labels, for the records that meet criteria."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions import aggregates
from sheetlab.engine.functions.criteria import matching, parsed
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.values.conversions import text_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

_CELLS_OF_A_STEP = 16
_HAS_OPERATOR = re.compile("[<>=]")


def _labels(table: Array) -> list[str | None]:
    return [
        None if isinstance(label, CellError) else text_of(label).lower()
        for label in table[0].tolist()
    ]


def _column(database: Array, field: Scalar) -> int:
    """Where a field is, which is told by its label, or its number from 1."""
    if isinstance(field, CellError):
        raise ErrorValue(field)
    if isinstance(field, str):
        labels = _labels(database)
        if field.lower() in labels:
            return labels.index(field.lower())
    elif isinstance(field, float) and 1 <= field < database.shape[1] + 1:
        return int(field) - 1
    raise ErrorValue("#VALUE!")


def _chosen(database: Array, criteria: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which records meet all criteria in any one of the rows below the labels."""
    labels = _labels(database)
    records = database[1:]
    found = np.zeros(len(records), np.bool_)
    if len(criteria) < 2:
        raise ErrorValue("#VALUE!")
    for row in criteria[1:].tolist():
        budget.current().spend(records.size / _CELLS_OF_A_STEP)
        meeting = np.ones(len(records), np.bool_)
        for label, criterion in zip(_labels(criteria), row, strict=True):
            if criterion is None:
                continue
            if label in labels:
                meeting &= matching(records[:, labels.index(label)], _criterion(criterion))
            elif not (isinstance(criterion, bool | float) and criterion):
                # Under another label stands the value of a condition.
                meeting[:] = False
        found |= meeting
    return found


def _criterion(value: Scalar) -> Scalar:
    """A criterion for COUNTIF and its like: a text alone asks only how texts begin."""
    if not isinstance(value, str) or _HAS_OPERATOR.match(value):
        return value
    _, operand = parsed(value)
    return f"{value}*" if isinstance(operand, str) and operand else value


def _values(database: Array, field: Scalar, criteria: Array) -> list[Any]:
    column = database[1:, _column(database, field)]
    values: list[Any] = column[_chosen(database, criteria)].tolist()
    return values


def _of_numbers(reduce: Callable[[Floats], float]) -> Function:
    def call(database: Array, field: Scalar, criteria: Array) -> float:
        values = _values(database, field, criteria)
        for value in values:
            if isinstance(value, CellError):
                raise ErrorValue(value)
        numbers = np.array([value for value in values if type(value) is float], np.float64)
        with np.errstate(all="ignore"):
            return float(reduce(numbers))

    return Function(call, ("array", "scalar", "array"), takes_errors=True)


def _of_records(counts: Callable[[Scalar], bool]) -> Function:
    """DCOUNT or DCOUNTA, which without a field count all records that meet the criteria."""

    def call(database: Array, field: Scalar, criteria: Array) -> float:
        if field is None:
            return float(np.count_nonzero(_chosen(database, criteria)))
        return float(sum(map(counts, _values(database, field, criteria))))

    return Function(call, ("array", "scalar", "array"), takes_errors=True)


def _the_only(database: Array, field: Scalar, criteria: Array) -> Scalar:
    values = _values(database, field, criteria)
    if not values:
        raise ErrorValue("#VALUE!")
    if len(values) > 1:
        raise ErrorValue("#NUM!")
    only: Scalar = values[0]
    return only


FUNCTIONS: dict[str, Function] = {
    "DAVERAGE": _of_numbers(aggregates.mean),
    "DCOUNT": _of_records(lambda value: type(value) is float),
    "DCOUNTA": _of_records(lambda value: value is not None),
    "DGET": Function(_the_only, ("array", "scalar", "array"), takes_errors=True),
    "DMAX": _of_numbers(aggregates.maximum),
    "DMIN": _of_numbers(aggregates.minimum),
    "DPRODUCT": _of_numbers(aggregates.product),
    "DSTDEV": _of_numbers(aggregates.deviation),
    "DSTDEVP": _of_numbers(aggregates.population_deviation),
    "DSUM": _of_numbers(np.add.reduce),
    "DVAR": _of_numbers(aggregates.variance),
    "DVARP": _of_numbers(aggregates.population_variance),
}
