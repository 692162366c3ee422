"""Functions of ranges and of single values, for many cells at once: lookups, conditional sums.

Where ranges are the same for all cells they are made a table once, which answers by its indexes.
Any other function is called for each cell, with the same arrays or the windows that it has there.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import budget, functions
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import (
    Column,
    column_of,
    converted,
    elements,
    is_array,
    narrowed,
    results_of,
)
from sheetlab.engine.columns.criteria_index import CriteriaIndex, Group, Span
from sheetlab.engine.columns.tables import Table, Vector
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import (
    Conditional,
    Element,
    ModalLookup,
    OrderedLookup,
    Position,
    Reduction,
    Spread,
    TableLookup,
)
from sheetlab.engine.lowering import Constant, LeftOut, Ranged, Window
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import as_array, first, first_error
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

_NOT_AVAILABLE = CellError("#N/A")
_NO_SPREAD = CellError("#DIV/0!")
# So many positions of cells that meet criteria are kept.
_MOST_KEPT = 2**20
# A function of a table takes about as long for so many cells of it as for a step.
_CELLS_OF_A_STEP = 64
# What a function of arrays gives in each cell, and where only the interpreter knows.
Found = tuple[Column, Any]


class NotRangedError(Exception):
    """The function is better left to the interpreter, cell by cell."""


def ranged(run: "Run", operation: Ranged) -> Found:
    """A function of ranges in each place, and where only the interpreter knows the result.

    Raises `NotRangedError` where it knows none.
    """
    areas = [part.area for part in operation.arguments if isinstance(part, Window)]
    columns = run.places.columns
    if not all(_same_columns(area) for area in areas) and (columns != columns.flat[0]).any():
        return _column_by_column(run, operation), None
    if any(not (area.top.absolute and area.bottom.absolute) for area in areas):
        if isinstance(operation.kernel, Conditional):
            return _conditional(run, operation, operation.kernel)
        return _in_windows(run, operation), None
    found = _by_table(run, operation)
    if found is not None:
        return found
    return _one_by_one(run, operation), None


def _by_table(run: "Run", operation: Ranged) -> Found | None:
    """A function that tables answer at once; None where it has to be called."""
    match operation.kernel:
        case Conditional() as kernel:
            return _conditional(run, operation, kernel)
        case Position(modal):
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


def _same_columns(area: Area) -> bool:
    return area.left.absolute and area.right.absolute


def _column_by_column(run: "Run", operation: Ranged) -> Column:
    """The same where ranges move with the column, so that each column has its own."""
    columns = np.broadcast_to(run.places.columns, run.shape).ravel()
    result = np.empty(columns.shape, object)
    for column in np.unique(columns).tolist():
        chosen = np.flatnonzero(columns == column)
        part = run.some(chosen)
        found = part.value(operation)
        values = np.empty(len(chosen), object)
        values[:] = (
            np.broadcast_to(found, len(chosen)).tolist()
            if is_array(found)
            else ([found] * len(chosen))
        )
        result[chosen] = values
    return narrowed(result.reshape(run.shape))


def _cells(run: "Run", area: Area) -> CellRange:
    cells = run.range_of(area)
    if cells.top < 1 or cells.left < 1 or cells.bottom > MAX_ROW or cells.right > MAX_COLUMN:
        raise NotRangedError
    if cells.sheet not in run.columns.grids:
        raise NotRangedError
    return cells


def _tables(run: "Run", operation: Ranged) -> dict[int, Table]:
    """The table of each argument that is a range, by its place; equal shapes stay equal."""
    places = [
        (place, _cells(run, part.area))
        for place, part in enumerate(operation.arguments)
        if isinstance(part, Window)
    ]
    from sheetlab.engine.interpreter.evaluation import cut

    used = cut([cells for _, cells in places], run.columns.source)
    tables = {}
    for (place, _), cells in zip(places, used, strict=True):
        tables[place] = run.columns.tables.table(cells)
    return tables


def _one_by_one(run: "Run", operation: Ranged) -> Column:
    """A function called for each place, with the same arrays."""
    function = _function(run, operation)
    fixed = spelt_out(operation, function)
    for place, table in _tables(run, operation).items():
        _refuse_errors(function, table)
        is_values = function.parameter(place) == "values"
        fixed[place] = Values(table.values, from_cells=True) if is_values else table.values
    given = _arguments(run, operation, function)
    return called(function, [fixed.get(n, given.get(n)) for n in range(len(operation.arguments))],
                   [n for n, column in given.items() if is_array(column)])  # fmt: skip


def _function(run: "Run", operation: Ranged) -> Function:
    """The function of arrays, also where its special form is one of references."""
    function = functions.find(operation.name, run.date_1904)
    assert function is not None
    return function.plain or function


def spelt_out(operation: Ranged, function: Function) -> dict[int, Any]:
    """The arguments that are constants where the function takes arrays, by their places."""
    found: dict[int, Any] = {}
    for place, part in enumerate(operation.arguments):
        kind = function.parameter(place)
        if isinstance(part, Constant) and kind in ("array", "values"):
            if type(part.value) is CellError:
                # Which error comes first is the interpreter's to tell.
                raise NotRangedError
            array = as_array(part.value)
            found[place] = Values(array, from_cells=False) if kind == "values" else array
    return found


def _refuse_errors(function: Function, table: Table) -> None:
    if not function.takes_errors and first_error(table.values) is not None:
        # Which error comes first is the interpreter's to tell.
        raise NotRangedError


def called(function: Function, arguments: list[Any], moving: list[int]) -> Column:
    """A function of each row of the arguments that are `moving`, with the others as they are."""

    spend = budget.current().spend
    fixed = sum(_cells_of(part) for place, part in enumerate(arguments) if place not in moving)
    moves = [_cells_of(arguments[place].flat[0]) > 0 for place in moving]

    def call(*values: Any) -> Any:
        read = fixed
        for value, is_table in zip(values, moves, strict=True):
            if is_table:
                read += _cells_of(value)
        spend(read / _CELLS_OF_A_STEP)
        for place, value in zip(moving, values, strict=True):
            arguments[place] = value
        if not function.takes_errors:
            for argument in arguments:
                if type(argument) is CellError:
                    return argument
        return function.call(*arguments)

    if not moving:
        return first(invoke(call, ()))
    lists, shape = elements([arguments[place] for place in moving])
    return results_of(call, lists, shape)


def _cells_of(argument: Any) -> int:
    """How many cells an argument has that is a table, or their values."""
    if isinstance(argument, Values):
        return argument.array.size
    return argument.size if isinstance(argument, np.ndarray) and argument.ndim == 2 else 0


def _in_windows(run: "Run", operation: Ranged) -> Column:
    """A function called for each place, with the windows that it has there."""
    function = _function(run, operation)
    windows = [part.area for part in operation.arguments if isinstance(part, Window)]
    reached = _reached_tables(run, windows)
    if isinstance(function.kernel, Spread) and len(operation.arguments) == 1:
        found = _growing_spread(run, function.kernel, windows[0], reached[0])
        if found is not None:
            return found
    tables = iter(reached)
    arguments: dict[int, Any] = _arguments(run, operation, function)
    moving = [place for place, column in arguments.items() if is_array(column)]
    arguments |= spelt_out(operation, function)
    for place, part in enumerate(operation.arguments):
        if not isinstance(part, Window):
            continue
        table, area = next(tables), part.area
        _refuse_errors(function, table)
        is_values = function.parameter(place) == "values"
        if area.top.absolute and area.bottom.absolute:
            arguments[place] = Values(table.values, True) if is_values else table.values
            continue
        firsts, ends = _rows_of(run, area)
        start, rows = firsts.min(), firsts.ravel().tolist()
        slices = np.empty(len(rows), object)
        for number, (low, high) in enumerate(zip(rows, ends.ravel().tolist(), strict=True)):
            cells = table.values[low - start : high - start]
            slices[number] = Values(cells, True) if is_values else cells
        arguments[place] = slices.reshape(firsts.shape)
        moving.append(place)
    return called(function, [arguments[n] for n in range(len(operation.arguments))], moving)


def _growing_spread(run: "Run", kernel: Spread, area: Area, table: Table) -> Column | None:
    """A variance over windows that all begin in one row; None for other windows, and errors."""
    firsts, ends = _rows_of(run, area)
    if (firsts != firsts.min()).any() or first_error(table.values) is not None:
        return None
    results = kernel.running(table.values.tolist())
    rows = (ends - firsts.min() - 1).ravel().tolist()
    found = [results[row] for row in rows]
    return column_of([_NO_SPREAD if one is None else one for one in found], ends.shape)


# Lookups.


def _arguments(run: "Run", operation: Ranged, function: Function) -> dict[int, Column]:
    """The arguments that are single values, converted, by their places."""
    return {
        place: part.instead
        if type(part) is LeftOut
        else converted(run.value(part), function.parameter(place), run.date_1904)
        for place, part in enumerate(operation.arguments)
        if function.parameter(place) not in ("array", "values")
    }


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


def _taken(vector: Vector, positions: Any, missing: Any = _NOT_AVAILABLE) -> Column:
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


def _fill(array: Any, where: Any, value: Any) -> None:
    part = np.empty(np.count_nonzero(where), object)
    part.fill(value)
    array[where] = part


def _position_numbers(positions: Any) -> Column:
    """Positions counted from 1, and #N/A for those that are nowhere."""
    absent = positions < 0
    if not positions.ndim:
        return _NOT_AVAILABLE if absent else float(positions) + 1
    numbers = positions + 1.0
    if not absent.any():
        return numbers
    found = numbers.astype(object)
    _fill(found, absent, _NOT_AVAILABLE)
    return found


def _found_at(vector: Vector, wanted: Column, mode: float) -> Any:
    """Where values are found: equal ones for mode 0, up to them for 1, down to them for -1."""
    if not mode:
        return vector.equal(wanted, wildcards=True)
    return vector.up_to(wanted) if mode > 0 else vector.down_to(wanted)


def _position(run: "Run", operation: Ranged) -> Found | None:
    given = _arguments(run, operation, _function(run, operation))
    mode = given.get(2, 1.0)
    table = _tables(run, operation).get(1)
    if 1 in given or table is None or table.line is None:
        return None
    if mode is None:
        mode = 0.0
    if type(mode) is not float:
        return None
    wanted, errors = _sought(given[0])
    return _position_numbers(_found_at(table.line, wanted, mode)), errors


def _in_table(run: "Run", operation: Ranged, by_row: bool) -> Found | None:
    given = _arguments(run, operation, _function(run, operation))
    table = _tables(run, operation).get(1)
    number, ascending = given.get(2), given.get(3, True)
    if table is None or type(number) is not float or is_array(ascending):
        return None
    if type(ascending) not in (bool, type(None)):
        return None
    count = table.values.shape[0 if by_row else 1]
    if not 1 <= number < count + 1:
        return None
    line = table.row if by_row else table.column
    wanted, errors = _sought(given[0])
    positions = _found_at(line(0), wanted, 1.0 if ascending else 0.0)
    return _taken(line(int(number) - 1), positions), errors


def _in_order(run: "Run", operation: Ranged) -> Found | None:
    given = _arguments(run, operation, _function(run, operation))
    tables = _tables(run, operation)
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


def _modes(given: dict[int, Column], places: tuple[int, int]) -> tuple[int, int] | None:
    """The modes of matching and of searching, where they are usual ones."""
    matching, searching = (given.get(place) for place in places)
    matching = 0.0 if matching is None else matching
    searching = 1.0 if searching is None else searching
    if type(matching) is not float or type(searching) is not float:
        return None
    if int(matching) not in (-1, 0, 1, 2) or int(searching) not in (1, -1):
        return None
    return int(matching), int(searching)


def _by_modes(vector: Vector, wanted: Column, modes: tuple[int, int]) -> Any:
    matching, searching = modes
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


def _position_by_modes(run: "Run", operation: Ranged) -> Found | None:
    given = _arguments(run, operation, _function(run, operation))
    table, modes = _tables(run, operation).get(1), _modes(given, (2, 3))
    if table is None or table.line is None or modes is None:
        return None
    wanted, odd = _with_blanks(given[0])
    return _position_numbers(_by_modes(table.line, wanted, modes)), odd


def _in_modes(run: "Run", operation: Ranged) -> Found | None:
    given = _arguments(run, operation, _function(run, operation))
    tables, modes = _tables(run, operation), _modes(given, (4, 5))
    if 1 not in tables or 2 not in tables or modes is None:
        raise NotRangedError
    if tables[1].values.shape != tables[2].values.shape or tables[1].line is None:
        raise NotRangedError
    vector, answers = tables[1].line, tables[2].line
    assert vector is not None
    assert answers is not None
    wanted, odd = _with_blanks(given[0])
    positions = _by_modes(vector, wanted, modes)
    instead = given.get(3)
    if instead is None:
        return _taken(answers, positions), odd
    if not is_array(instead):
        return _taken(answers, positions, instead), odd
    found = np.asarray(_taken(answers, positions), object)
    absent = np.broadcast_to(positions < 0, run.shape)
    result = np.empty(run.shape, object)
    result[...] = found
    result[absent] = np.broadcast_to(np.asarray(instead, object), run.shape)[absent]
    return narrowed(result), odd


def _element(run: "Run", operation: Ranged) -> Found | None:
    """The cell of a range that stays, where one is asked for."""
    table = _tables(run, operation)[0].values
    window = operation.arguments[0]
    assert isinstance(window, Window)
    shape = _cells(run, window.area).shape
    places = [
        converted(
            part.instead if type(part) is LeftOut else run.value(part), "number", run.date_1904
        )
        for part in operation.arguments[1:]
    ]
    if len(places) == 1:
        places = [1.0, places[0]] if shape[0] == 1 else [places[0], 1.0 if shape[1] == 1 else 0.0]
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
    rows, columns = np.broadcast_arrays(*at)
    beyond = (rows >= table.shape[0]) | (columns >= table.shape[1])
    values = table[np.where(beyond, 0, rows), np.where(beyond, 0, columns)]
    if beyond.any():
        values = np.array(values, object)
        values[beyond] = None
    if not np.ndim(values):
        return (values.item() if isinstance(values, np.ndarray | np.generic) else values), doubtful
    return narrowed(np.asarray(values)), doubtful


# Conditional sums and counts.


class _Reduced:
    """What a reduction makes of the numbers in a range, for chosen cells of it."""

    def __init__(self, reduction: Reduction, values: Any) -> None:
        self._combine = reduction.combine
        self._is_mean = reduction.of_counts == "mean"
        flat = values.ravel()
        if flat.dtype == np.float64:
            self._numbers, self._is_number, self._errors = flat, None, None
        else:
            listed = flat.tolist()
            self._is_number = np.array([type(value) is float for value in listed], bool)
            self._numbers = np.array([v if type(v) is float else 0.0 for v in listed])
            errors = np.array([type(value) is CellError for value in listed], bool)
            self._errors = errors if errors.any() else None

    def of(self, positions: Any) -> Any:
        """The result for some cells; None where an error is among them."""
        if self._errors is not None and self._errors[positions].any():
            return None
        if self._is_number is not None:
            positions = positions[self._is_number[positions]]
        numbers = self._numbers[positions]
        if not len(numbers):
            return None if self._is_mean else 0.0
        total = float(self._combine.reduce(numbers))
        return total / len(numbers) if self._is_mean else total

    def prefixes(self, positions: Any) -> "_Prefixes | None":
        """Running totals along some cells; None where they would not tell the result."""
        if self._errors is not None or self._combine is not np.add:
            return None
        counts = None
        if self._is_number is not None:
            counts = np.concatenate([[0], np.cumsum(self._is_number[positions])])
        return _Prefixes(self._numbers[positions], counts, self._is_mean)


class _Prefixes:
    """Running totals with the digits that a float loses, so that differences are exact."""

    def __init__(self, numbers: Any, counts: Any, is_mean: bool) -> None:
        self._is_mean = is_mean
        self._counts = counts
        highs, lows = [0.0], [0.0]
        high = low = 0.0
        for number in numbers.tolist():
            total = high + number
            # What the sum of two floats loses (Knuth, The Art of Computer Programming, 4.2.2).
            part = total - high
            low += (high - (total - part)) + (number - part)
            high = total
            highs.append(high)
            lows.append(low)
        self._highs, self._lows = highs, lows

    def between(self, first: int, end: int) -> Any:
        """The total, or the mean, from one place to before another."""
        total = (self._highs[end] - self._highs[first]) + (self._lows[end] - self._lows[first])
        if not self._is_mean:
            return total
        count = end - first if self._counts is None else self._counts[end] - self._counts[first]
        return total / int(count) if count else None


def _conditional(run: "Run", operation: Ranged, kernel: Conditional) -> Found:
    """The cells that meet criteria reduced or counted, each distinct set of criteria once."""
    arguments, at = operation.arguments, kernel.reduced
    tested = [part for place, part in enumerate(arguments) if place != at]
    windows = tested[::2]
    if at is not None:
        windows = [arguments[at] if at < len(arguments) else arguments[0], *windows]
    if not all(isinstance(window, Window) for window in windows):
        raise NotRangedError
    areas = [window.area for window in windows if isinstance(window, Window)]
    limits, tables = _limits(run, areas), _reached_tables(run, areas)
    if len({table.values.shape for table in tables}) != 1:
        raise NotRangedError
    width = tables[0].values.shape[1]
    criteria = [part.instead if type(part) is LeftOut else run.value(part) for part in tested[1::2]]
    indexes = [table.criteria for table in tables[-len(criteria) :]]
    reduction = None
    if kernel.reduction is not None:
        reduction = _Reduced(kernel.reduction, tables[0].values)
    reaches_the_end = any(
        MAX_ROW in (area.top.value, area.bottom.value)
        or MAX_COLUMN in (area.left.value, area.right.value)
        for area in areas
    )
    if reduction is None and reaches_the_end and any(map(_is_blank_test, criteria)):
        # Blank cells beyond the used ones count as well.
        raise NotRangedError
    answer = _Answers(indexes, reduction)
    if limits is None:
        if not any(map(is_array, criteria)):
            found = answer.of(tuple(criteria))
            return (0.0 if found is None else found), np.array(found is None)
        lists, shape = elements(criteria)
        results = [answer.of(query) for query in zip(*lists, strict=True)]
    else:
        firsts, ends = limits
        lists, shape = elements([*criteria, firsts, ends])
        results = [
            answer.between(tuple(query), first * width, end * width)
            for *query, first, end in zip(*lists, strict=True)
        ]
    doubtful = np.array([result is None for result in results], bool).reshape(shape)
    numbers = np.array([0.0 if result is None else result for result in results])
    return numbers.reshape(shape), doubtful | ~np.isfinite(numbers.reshape(shape))


def _is_blank_test(column: Column) -> bool:
    """Whether a criterion may be met by blank cells."""
    values = column.ravel().tolist() if is_array(column) and column.dtype == object else [column]
    if is_array(column) and column.dtype != object:
        return False
    return any(
        type(value) is str and (value in ("", "=") or value.startswith("<>")) for value in values
    )


def _limits(run: "Run", areas: list[Area]) -> tuple[Any, Any] | None:
    """The rows that each place's windows cover, counted from the first that any covers."""
    if all(area.top.absolute and area.bottom.absolute for area in areas):
        return None
    if len({(area.top, area.bottom) for area in areas}) != 1:
        raise NotRangedError
    firsts, ends = _rows_of(run, areas[0])
    return firsts - firsts.min(), ends - firsts.min()


def _rows_of(run: "Run", area: Area) -> tuple[Any, Any]:
    """The first row of each place's window, and the row below its last."""
    rows = run.places.rows
    ends = [np.full(rows.shape, end.value) if end.absolute else rows + end.value
            for end in (area.top, area.bottom)]  # fmt: skip
    low, high = np.minimum(*ends), np.maximum(*ends)
    if low.min() < 1 or high.max() > MAX_ROW:
        raise NotRangedError
    return low, high + 1


def _reached_tables(run: "Run", areas: list[Area]) -> list[Table]:
    """The tables of ranges, of all rows that any place covers."""
    from sheetlab.engine.interpreter.evaluation import cut

    rows = run.places.rows
    cells = []
    for area in areas:
        ends = [
            end.value if end.absolute else int(row) + end.value
            for end in (area.top, area.bottom)
            for row in (rows.min(), rows.max())
        ]
        found = run.range_of(area)._replace(top=min(ends), bottom=max(ends))
        if found.top < 1 or found.left < 1 or found.bottom > MAX_ROW or found.right > MAX_COLUMN:
            raise NotRangedError
        if found.sheet not in run.columns.grids:
            raise NotRangedError
        cells.append(found)
    used = cut(cells, run.columns.source)
    return [run.columns.tables.table(one) for one in used]


class _Answers:
    """Answers to sets of criteria over ranges side by side."""

    def __init__(self, indexes: list[CriteriaIndex], reduction: _Reduced | None) -> None:
        self._indexes = indexes
        self._reduction = reduction
        self._known: dict[Any, Any] = {}
        self._groups: dict[Any, Any] = {}
        self._kept = 0

    def of(self, criteria: tuple[Any, ...]) -> Any:
        """The result for a set of criteria; None where only the interpreter knows."""
        key = tuple((type(criterion), criterion) for criterion in criteria)
        if key not in self._known:
            self._known[key] = self._calculated(criteria)
        return self._known[key]

    def _calculated(self, criteria: tuple[Any, ...]) -> Any:
        group, spans = self._selected(criteria)
        if group is None and len(spans) == 1:
            index, span = spans[0]
            return self._in_order("all", index, index.order(True)[1], span)
        if group is not None and len(spans) == 1:
            index, span = spans[0]
            key, positions = group
            return self._in_group(key, positions, index, span)
        if group is None:
            spans.sort(key=lambda pair: pair[0].size(pair[1]))
            index, span = spans.pop(0)
            positions = index.positions(span)
        else:
            positions = group[1]
        for index, span in spans:
            positions = positions[index.among(positions, span)]
        return self._reduced(positions)

    def _selected(
        self, criteria: tuple[Any, ...]
    ) -> tuple[tuple[Any, Any] | None, list[tuple[CriteriaIndex, Span]]]:
        """The cells that equal what they should, with a key, and spans of numbers besides."""
        groups: list[tuple[Any, CriteriaIndex, Group]] = []
        spans: dict[int, tuple[CriteriaIndex, Span]] = {}
        for place, (index, criterion) in enumerate(zip(self._indexes, criteria, strict=True)):
            selection = index.selection(criterion)
            if isinstance(selection, Group):
                groups.append(((place, type(criterion), criterion), index, selection))
                continue
            before = spans.get(id(index))
            if before is not None:
                selection = Span(
                    max(before[1].first, selection.first), min(before[1].end, selection.end)
                )
                selection = Span(selection.first, max(selection.first, selection.end))
            spans[id(index)] = index, selection
        if not groups:
            return None, list(spans.values())
        key = tuple(part for part, _, _ in groups)
        if key not in self._groups:
            groups.sort(key=lambda group: len(group[2].positions))
            positions = groups[0][2].positions
            for _, index, selection in groups[1:]:
                positions = positions[index.among(positions, selection)]
            self._kept += len(positions)
            if self._kept > _MOST_KEPT:
                self._groups.clear()
                self._kept = len(positions)
            self._groups[key] = positions
        return (key, self._groups[key]), list(spans.values())

    def _reduced(self, positions: Any) -> Any:
        if self._reduction is None:
            return float(len(positions))
        budget.current().run(len(positions))
        return self._reduction.of(positions)

    def _in_order(self, key: Any, index: CriteriaIndex, positions: Any, span: Span) -> Any:
        """The result for a span of cells that stand in the order of their numbers."""
        if self._reduction is None:
            return float(max(span.end - span.first, 0))
        known = self._groups
        name = ("prefixes", key, id(index))
        if name not in known:
            known[name] = self._reduction.prefixes(positions)
        prefixes = known[name]
        if prefixes is None:
            budget.current().run(max(span.end - span.first, 0))
            return self._reduction.of(np.sort(positions[span.first : span.end]))
        return prefixes.between(span.first, max(span.first, span.end))

    def _in_group(self, key: Any, positions: Any, index: CriteriaIndex, span: Span) -> Any:
        """The result for the cells of a group that lie in a span."""
        name = ("ordered", key, id(index))
        if name not in self._groups:
            ranks = index.ranks[positions]
            order = np.argsort(ranks, kind="stable")
            order = order[np.count_nonzero(ranks < 0) :]
            self._groups[name] = (ranks[order], positions[order])
        ranks, ordered = self._groups[name]
        inside = Span(
            int(np.searchsorted(ranks, span.first)), int(np.searchsorted(ranks, span.end))
        )
        return self._in_order((key, "ordered"), index, ordered, inside)

    def between(self, criteria: tuple[Any, ...], first: int, end: int) -> Any:
        """The result for the cells from one position to before another."""
        group, spans = self._selected(criteria)
        if group is not None and not spans:
            key, positions = group
            low, high = np.searchsorted(positions, (first, end))
            if self._reduction is None:
                return float(high - low)
            name = ("running", key)
            if name not in self._groups:
                self._groups[name] = self._reduction.prefixes(positions)
            if self._groups[name] is not None:
                return self._groups[name].between(int(low), int(high))
            budget.current().run(int(high - low))
            return self._reduction.of(positions[low:high])
        if group is None:
            index, span = spans.pop(0)
            budget.current().run(end - first)
            positions = np.arange(first, end)
            positions = positions[index.among(positions, span)]
        else:
            positions = group[1]
            low, high = np.searchsorted(positions, (first, end))
            positions = positions[low:high]
        for index, span in spans:
            positions = positions[index.among(positions, span)]
        return self._reduced(positions)
