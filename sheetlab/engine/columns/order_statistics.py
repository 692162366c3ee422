"""Statistics of the order of the numbers in windows, such as medians, for many cells at once."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.column import Column, is_array, narrowed
from sheetlab.engine.columns.ordered import OrderedWindows
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.ranges import (
    Found,
    arguments_of,
    function_of,
    limits_of,
    moves,
    reached_tables,
)
from sheetlab.engine.columns.tables import Table
from sheetlab.engine.functions.kernels import OrderStatistic
from sheetlab.engine.lowering import Ranged
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

_NUMBER = CellError("#NUM!")


def by_order(run: "Run", operation: Ranged, kernel: OrderStatistic, area: Area) -> Found | None:
    """A statistic of the numbers in windows, all at once; None where numbers are spelt out."""
    function = function_of(run, operation)
    given = arguments_of(run, operation, function)
    if len(given) + 1 < len(operation.arguments):
        return None
    across = moves(run, [area])[1]
    (table,) = reached_tables(run, [area])
    if across:
        table = table.turned
    height, width = table.values.shape
    limits = limits_of(run, [area], across)
    if limits is None:
        limits = np.zeros((), np.intp), np.full((), height)
    columns = [column for column in given.values() if is_array(column)]
    shape = np.broadcast_shapes(limits[0].shape, *(column.shape for column in columns))
    # What lies beyond the cells that are used holds no numbers.
    firsts, ends = (
        np.broadcast_to(np.minimum(limit, height) * width, shape).ravel() for limit in limits
    )
    arguments, failing = [], []
    for place in sorted(given):
        column, errors = _numbers_or_errors(given[place], shape)
        arguments.append(column)
        failing.append(errors)
    with np.errstate(all="ignore"):
        found = kernel.of_windows(OrderedWindows(table.ranked, firsts, ends), *arguments)
    finite = np.isfinite(found)
    failing.append(_first_errors(table, width if across else 1, firsts, ends))
    if finite.all() and all(errors is None for errors in failing):
        return (found.reshape(shape) if shape else float(found[0])), None
    result = found.astype(object)
    result[np.isinf(found)] = _NUMBER
    result[np.isnan(found)] = NOT_AVAILABLE
    # Of several errors the first argument's counts, and that of a range after all others.
    for errors in (failing[-1], *failing[-2::-1]):
        if errors is not None:
            chosen = errors != None  # noqa: E711
            result[chosen] = errors[chosen]
    return (narrowed(result.reshape(shape)) if shape else result[0]), None


def _numbers_or_errors(column: Column, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """An argument as numbers for each window, and the errors that stand instead, if any."""
    if column is None:
        return None, None
    elements = np.broadcast_to(np.asarray(column), shape).ravel()
    if elements.dtype == np.float64:
        return elements, None
    errors = np.array([value if type(value) is CellError else None for value in elements], object)
    numbers = [0.0 if type(value) is CellError else value for value in elements.tolist()]
    return np.array(numbers, np.float64), errors


def _first_errors(table: Table, lines: int, firsts: Integers, ends: Integers) -> Any:
    """The first error among the cells from each first one to before an end; None without any.

    A table that was turned has as many `lines`, cell after cell in turn, which come one by one.
    """
    errors = table.ranked.errors
    if not len(errors):
        return None
    found = np.full(len(firsts), None, object)
    errors = errors[np.argsort(errors % lines, kind="stable")]
    for cells in np.split(errors, np.flatnonzero(np.diff(errors % lines)) + 1)[::-1]:
        budget.current().run(len(cells) + len(firsts))
        nexts = cells[np.minimum(np.searchsorted(cells, firsts), len(cells) - 1)]
        inside = (nexts >= firsts) & (nexts < ends)
        found[inside] = table.values.ravel()[nexts[inside]]
    return found
