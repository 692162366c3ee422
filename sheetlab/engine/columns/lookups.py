"""Lookups for many cells at once: where values stand in a range, and what stands beside them.

Each answers for all cells by the indexes of a table, or gives None where it has to be called for
each of them.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine.columns.column import Column, column_of, converted, is_array, narrowed
from sheetlab.engine.columns.ranges import (
    Found,
    NotRangedError,
    arguments_of,
    cells_of,
    function_of,
    reached_tables,
    rows_of,
    tables_of,
)
from sheetlab.engine.columns.tables import Table, Vector
from sheetlab.engine.functions.criteria import has_wildcards
from sheetlab.engine.functions.kernels import (
    Element,
    ModalLookup,
    OrderedLookup,
    Position,
    TableLookup,
)
from sheetlab.engine.lowering import LeftOut, Ranged, Window
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run


def looked_up(run: "Run", operation: Ranged) -> Found | None:
    """What a function that searches a range gives; None for another, and for odd arguments."""
    match operation.kernel:
        case Position(modal=modal):
            return (_position_by_modes if modal else _position)(run, operation)
        case TableLookup(by_row):
            return _in_table(run, operation, by_row)
        case OrderedLookup():
            return _in_order(run, operation)
        case ModalLookup():
            return _in_modes(run, operation)
        case Element():
            return _element(run, operation)
        case _:
            return None


# By one mode: MATCH, VLOOKUP, HLOOKUP, LOOKUP.


def _position(run: "Run", operation: Ranged) -> Found | None:
    given = arguments_of(run, operation, function_of(run, operation))
    mode = given.get(2, 1.0)
    table = tables_of(run, operation).get(1)
    if 1 in given or table is None or table.line is None:
        return None
    if mode is None:
        mode = 0.0
    if type(mode) is not float:
        return None
    wanted, errors = _sought(given[0])
    return _position_numbers(_found_at(table.line, wanted, mode)), errors


def _in_table(run: "Run", operation: Ranged, by_row: bool) -> Found | None:
    given = arguments_of(run, operation, function_of(run, operation))
    table = tables_of(run, operation).get(1)
    number, ascending = given.get(2), given.get(3, True)
    if table is None or not (ascending is None or type(ascending) is bool):
        return None
    line = table.row if by_row else table.column
    wanted, errors = _sought(given[0])
    positions = _found_at(line(0), wanted, 1.0 if ascending else 0.0)
    values = table.values.T if by_row else table.values
    if isinstance(number, np.ndarray) and number.dtype == np.float64:
        return _taken_from_several(values, positions, number, errors)
    if type(number) is not float or not 1 <= number < values.shape[1] + 1:
        return None
    return _taken(line(int(number) - 1), positions), errors


def _in_order(run: "Run", operation: Ranged) -> Found | None:
    given = arguments_of(run, operation, function_of(run, operation))
    tables = tables_of(run, operation)
    if 1 not in tables or 0 not in given:
        return None
    table = tables[1]
    if 2 in tables:
        vector, answers = table.line, tables[2].line
    elif table.values.shape[1] > table.values.shape[0]:
        vector, answers = table.row(0), table.row(table.values.shape[0] - 1)
    else:
        vector, answers = table.column(0), table.column(table.values.shape[1] - 1)
    if vector is None or answers is None:
        return None
    wanted, errors = _sought(given[0])
    positions = vector.up_to(wanted)
    positions = np.where(positions >= len(answers.values), -1, positions)
    return _taken(answers, positions), errors


def _found_at(vector: Vector, wanted: Column, mode: float) -> Any:
    """Where values are found: equal ones for mode 0, up to them for 1, down to them for -1."""
    if not mode:
        return vector.equal(wanted, wildcards=True)
    return vector.up_to(wanted) if mode > 0 else vector.halving(wanted, 1, descending=True)


def _sought(column: Column) -> tuple[Column, Any]:
    """The values to look up, a blank as 0, and where an error stands instead."""
    if not is_array(column):
        return (0.0 if column is None else column), np.array(type(column) is CellError)
    if column.dtype != object:
        return column, np.zeros((), bool)
    values = column.ravel().tolist()
    kinds = set(map(type, values))
    errors = np.zeros((), bool)
    if CellError in kinds:
        errors = np.array([type(value) is CellError for value in values], bool)
        errors = errors.reshape(column.shape)
    if type(None) in kinds:
        column = column_of([0.0 if value is None else value for value in values], column.shape)
    return column, errors


# By two modes, of matching and of searching: XMATCH, XLOOKUP.


def _position_by_modes(run: "Run", operation: Ranged) -> Found | None:
    given = arguments_of(run, operation, function_of(run, operation))
    table, modes = tables_of(run, operation).get(1), _modes(given, (2, 3))
    if table is None or table.line is None or modes is None:
        return None
    wanted, odd = _with_blanks(given[0])
    return _position_numbers(_by_modes(table.line, wanted, modes)), odd


def _in_modes(run: "Run", operation: Ranged) -> Found | None:
    given = arguments_of(run, operation, function_of(run, operation))
    tables, modes = tables_of(run, operation), _modes(given, (4, 5))
    if 1 not in tables or 2 not in tables or modes is None:
        raise NotRangedError
    if tables[1].values.shape != tables[2].values.shape or tables[1].line is None:
        raise NotRangedError
    vector, answers = tables[1].line, tables[2].line
    assert vector is not None
    assert answers is not None
    wanted, odd = _with_blanks(given[0])
    return _taken_instead(run, answers, _by_modes(vector, wanted, modes), given.get(3)), odd


def _taken_instead(run: "Run", answers: Vector, positions: Any, instead: Column | None) -> Column:
    """The values at some positions, or what XLOOKUP is given for those that are nowhere."""
    if instead is None:
        return _taken(answers, positions)
    if not is_array(instead):
        return _taken(answers, positions, instead)
    found = np.asarray(_taken(answers, positions), object)
    absent = np.broadcast_to(positions < 0, run.shape)
    result = np.empty(run.shape, object)
    result[...] = found
    result[absent] = np.broadcast_to(np.asarray(instead, object), run.shape)[absent]
    return narrowed(result)


def _modes(given: dict[int, Column], places: tuple[int, int]) -> tuple[int, int] | None:
    """The modes of matching and of searching, where they are usual ones."""
    matching, searching = (given.get(place) for place in places)
    matching = 0.0 if matching is None else matching
    searching = 1.0 if searching is None else searching
    if type(matching) is not float or type(searching) is not float:
        return None
    modes = int(matching), int(searching)
    if modes[0] not in (-1, 0, 1, 2) or modes[1] not in (-2, -1, 1, 2):
        return None
    # There is no halving by wildcards.
    return None if modes[0] == 2 and abs(modes[1]) == 2 else modes


def _by_modes(vector: Vector, wanted: Column, modes: tuple[int, int]) -> Any:
    matching, searching = modes
    if abs(searching) == 2:
        return vector.halving(wanted, matching, descending=searching < 0)
    if matching in (-1, 1):
        return vector.nearest(wanted, above=matching == 1, backwards=searching == -1)
    return vector.equal(wanted, wildcards=matching == 2, backwards=searching == -1)


def _with_blanks(column: Column) -> tuple[Column, Any]:
    """The values to look up, and where an error or a blank stands, which is its own case."""
    if not is_array(column):
        return column, np.array(column is None or type(column) is CellError)
    if column.dtype != object:
        return column, np.zeros((), bool)
    odd = np.array(
        [value is None or type(value) is CellError for value in column.ravel().tolist()], bool
    )
    return column, odd.reshape(column.shape)


# In windows that move down or grow: what is equal, by all of them.


def looked_up_in_windows(run: "Run", operation: Ranged) -> Found | None:
    """What a search for equal values in a column, or a place, gives in each place's own rows.

    None for any other function, and for odd arguments.
    """
    if isinstance(operation.kernel, Element):
        return _element(run, operation)
    given = arguments_of(run, operation, function_of(run, operation))
    windows = {n: part.area for n, part in enumerate(operation.arguments) if type(part) is Window}
    match operation.kernel:
        case Position(modal=False) if windows.keys() == {1} and given.get(2, 1.0) in (None, 0.0):
            by_modes, backwards, wildcards = False, False, True
        case Position(modal=True) | ModalLookup():
            is_lookup = isinstance(operation.kernel, ModalLookup)
            modes = _modes(given, (4, 5) if is_lookup else (2, 3))
            if windows.keys() != ({1, 2} if is_lookup else {1}) or modes is None:
                return None
            if modes[0] not in (0, 2) or abs(modes[1]) != 1:
                return None
            by_modes, backwards, wildcards = True, modes[1] == -1, modes[0] == 2
        case TableLookup(by_row=False) if windows.keys() == {1} and given.get(3) is False:
            by_modes, backwards, wildcards = False, False, True
        case _:
            return None
    tables = dict(zip(windows, reached_tables(run, list(windows.values())), strict=True))
    column, answers = _searched(operation, windows, tables, given)
    if column is None:
        return None
    wanted, odd = (_with_blanks if by_modes else _sought)(given[0])
    if wildcards:
        odd = odd | _have_wildcards(wanted)
    low, high = rows_of(run, windows[1])
    start = low.min()
    found = column.equal_within(wanted, low - start, high - start, backwards=backwards)
    if answers is None:
        return _position_numbers(np.where(found < 0, found, found - (low - start))), odd
    return _taken_instead(run, answers, found, given.get(3) if by_modes else None), odd


def _searched(
    operation: Ranged, windows: dict[int, Area], tables: dict[int, Table], given: dict[int, Column]
) -> tuple[Vector | None, Vector | None]:
    """The column that is searched, None where there is none, and what stands beside it."""
    searched = windows[1]
    if isinstance(operation.kernel, TableLookup):
        number = given[2]
        if type(number) is not float or not 1 <= number < tables[1].values.shape[1] + 1:
            return None, None
        return tables[1].column(0), tables[1].column(int(number) - 1)
    if searched.left != searched.right:
        return None, None
    if 2 not in windows:
        return tables[1].column(0), None
    taken = windows[2]
    if (taken.top, taken.bottom) != (searched.top, searched.bottom) or taken.left != taken.right:
        return None, None
    same = tables[1].values.shape == tables[2].values.shape
    return (tables[1].column(0), tables[2].column(0)) if same else (None, None)


def _have_wildcards(column: Column) -> Any:
    """Which of the values are texts that may mean others."""
    if not is_array(column):
        return np.array(type(column) is str and has_wildcards(column))
    if column.dtype != object:
        return np.zeros((), bool)
    values = column.ravel().tolist()
    found = [type(value) is str and has_wildcards(value) for value in values]
    return np.array(found, bool).reshape(column.shape)


# By places: INDEX.


def _element(run: "Run", operation: Ranged) -> Found | None:
    """The cell of a range, where one is asked for."""
    table = tables_of(run, operation)[0].values
    window = operation.arguments[0]
    assert isinstance(window, Window)
    shape: tuple[Any, int] = cells_of(run, window.area).shape
    first: Any = 0
    if not (window.area.top.absolute and window.area.bottom.absolute):
        low, high = rows_of(run, window.area)
        first, shape = low - low.min(), (high - low, shape[1])
    places = [
        converted(
            part.instead if type(part) is LeftOut else run.value(part), "number", run.date_1904
        )
        for part in operation.arguments[1:]
    ]
    if len(places) == 1:
        is_row = bool(np.all(np.equal(shape[0], 1)))
        places = [1.0, places[0]] if is_row else [places[0], 1.0 if shape[1] == 1 else 0.0]
    doubtful: Any = np.zeros((), bool)
    at = []
    for place, count in zip(places, shape, strict=True):
        if not is_array(place):
            is_number = type(place) is float
            numbers: Any = np.array(place if is_number else 0.0)
        elif place.dtype == np.float64:
            numbers = place
        else:
            known = np.array([type(value) is float for value in place.ravel().tolist()], bool)
            known = known.reshape(place.shape)
            numbers = np.zeros(place.shape)
            numbers[known] = place[known].astype(np.float64)
        # Place 0 is a whole row or column, and what is no place is an error.
        inside = (numbers >= 1) & (numbers < count + 1)
        doubtful = doubtful | ~inside
        at.append(np.where(inside, numbers, 1.0).astype(np.intp) - 1)
    rows, columns = np.broadcast_arrays(at[0] + first, at[1])
    beyond = (rows >= table.shape[0]) | (columns >= table.shape[1])
    values = table[np.where(beyond, 0, rows), np.where(beyond, 0, columns)]
    if beyond.any():
        values = np.array(values, object)
        values[beyond] = None
    if not np.ndim(values):
        return (values.item() if isinstance(values, np.ndarray | np.generic) else values), doubtful
    return narrowed(np.asarray(values)), doubtful


# What is found.


def _position_numbers(positions: Any) -> Column:
    """Positions counted from 1, and #N/A for those that are nowhere."""
    absent = positions < 0
    if not positions.ndim:
        return NOT_AVAILABLE if absent else float(positions) + 1
    numbers = positions + 1.0
    if not absent.any():
        return numbers
    found = numbers.astype(object)
    _fill(found, absent, NOT_AVAILABLE)
    return found


def _taken(vector: Vector, positions: Any, missing: Any = NOT_AVAILABLE) -> Column:
    """The values at some positions; another for those that are nowhere."""
    absent = positions < 0
    values = vector.values
    if not positions.ndim:
        return missing if absent else values[int(positions) : int(positions) + 1].tolist()[0]
    if not absent.any():
        return narrowed(values[positions])
    found = np.empty(positions.shape, object)
    found[...] = values[np.where(absent, 0, positions)] if len(values) else None
    _fill(found, absent, missing)
    return narrowed(found)


def _taken_from_several(values: Any, positions: Any, numbers: Any, errors: Any) -> Found:
    """The values at some positions of the columns of a table that are counted from 1."""
    exists = (numbers >= 1) & (numbers < values.shape[1] + 1)
    columns = np.where(exists, numbers, 1.0).astype(np.intp) - 1
    absent = positions < 0
    found = np.array(values[np.where(absent, 0, positions), columns], object)
    _fill(found, np.broadcast_to(absent, found.shape), NOT_AVAILABLE)
    return narrowed(found), errors | ~exists


def _fill(array: Any, where: Any, value: Any) -> None:
    part = np.empty(np.count_nonzero(where), object)
    part.fill(value)
    array[where] = part
