"""The numeric lane: a formula for all rows of a block at once, in float64 arrays.

It does what it can do exactly as cell by cell. Where an operand is no number, or a result is
an error, it says so, and the rows in question are left to the general lane.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.functions.kernels import Elementwise, Reduction
from sheetlab.engine.functions.mathematics import power_of_columns
from sheetlab.engine.grid import Floats, Grid
from sheetlab.engine.syntax.expression import (
    Area,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Name,
    Unary,
    operands,
)
from sheetlab.engine.values.operators import CLOSE, order_of_numbers
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

# A column of numbers or of truth values, or one of them for all rows.
Column = Any


class NotNumericError(Exception):
    """Something here is beyond the numeric lane."""


# What the lane does in ways of its own.
_OPERATIONS = frozenset(("IF", "AND", "OR", "NOT", "IFERROR"))
ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_COMPARISONS = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def is_numeric(expression: Expression) -> bool:
    """Whether the lane knows all parts of an expression that differ from row to row."""
    if is_invariant(expression):
        return not isinstance(expression, Literal) or isinstance(expression.value, float | bool)
    match expression:
        case Area():
            return expression.is_cell
        case Unary(operator, operand):
            return operator in "-+%" and is_numeric(operand)
        case Chain(first, rest):
            return is_numeric(first) and all(
                sign != "&" and is_numeric(operand) for sign, operand in rest
            )
        case Call("MATCH", (wanted, Area() as area, Literal(0.0))):
            return is_numeric(wanted) and area.top == area.bottom and not area.top.absolute
        case Call(function, arguments) if isinstance(functions.kernel(function), Reduction):
            return all(
                isinstance(argument, Area) and not argument.whole_columns for argument in arguments
            )
        case Call(function, arguments):
            known = function in _OPERATIONS or functions.kernel(function) is not None
            return known and all(is_numeric(argument) for argument in arguments)
        case _:
            return False


def counts_days(expression: Expression) -> bool:
    """Whether something in it has a kernel that counts days, which begin in 1900 for kernels."""
    if isinstance(expression, Call) and functions.counts_days(expression.function):
        return True
    return any(map(counts_days, operands(expression)))


def is_invariant(expression: Expression, *, whole: bool = False) -> bool:
    """Whether it is the same for all rows of a block.

    A range of several cells is so only where it is taken `whole`; elsewhere a formula picks the
    cell of its own row.
    """
    match expression:
        case Area():
            fixed = expression.top.absolute and expression.bottom.absolute
            return fixed and (whole or expression.is_cell)
        case Name() | Join() | Unary("@" | "#", _) | Call("LAMBDA" | "LET", _):
            return False
        case Call(function, _) if functions.reads(function) != "arguments":
            return False
        case Call(function, _) if not functions.known(function):
            # What a LAMBDA reads is not told by its call.
            return False
        case Call(function, arguments):
            return all(
                is_invariant(argument, whole=whole or _is_taken_whole(function, place, argument))
                for place, argument in enumerate(arguments)
            )
        case _:
            return all(is_invariant(operand, whole=whole) for operand in operands(expression))


def _is_taken_whole(function: str, place: int, argument: Expression) -> bool:
    """Whether a function takes an argument as an array, or only the cell in the same row."""
    known = functions.own().get(function)
    if known is None or (place >= len(known.parameters) and not known.repeating):
        return False
    is_array = known.parameter(place) in ("array", "values")
    return is_array and (isinstance(argument, Area) or known.array_context)


class NumericLane:
    """Evaluates a formula for rows of its block. `constant` gives what is the same for all."""

    def __init__(
        self,
        grids: dict[str, Grid],
        column: int,
        constant: Callable[[Expression], Any],
    ) -> None:
        self._grids = grids
        self._column = column
        self._constant = constant
        self._constants: dict[Expression, float | bool] = {}

    def column(self, expression: Expression, first: int, end: int) -> np.ndarray[Any, Any]:
        """The values, numbers or truth values, in the rows from `first` to before `end`.

        Raises `NotNumericError` or `FloatingPointError` where a cell is neither.
        """
        with np.errstate(all="raise", under="ignore"):
            result = _Rows(self, first, end, None).evaluate(expression)
        if isinstance(result, np.ndarray) and result.ndim:
            return result
        return np.full(end - first, result)

    def constant(self, expression: Expression) -> float | bool:
        """The value of a part that is the same for all rows."""
        if expression not in self._constants:
            value = self._constant(expression)
            if value is None:
                value = 0.0
            if type(value) not in (float, bool):
                raise NotNumericError
            self._constants[expression] = value
        return self._constants[expression]

    def cells(self, area: Area, column: int, first: int, end: int) -> Floats:
        """A column of cells, NaN where there is no number. Errors in them are refused."""
        if first < 1 or end - 1 > MAX_ROW or not 1 <= column <= MAX_COLUMN:
            raise NotNumericError
        grid = self._grids.get(area.sheet or "")
        if grid is None:
            raise NotNumericError
        return grid.numbers(column, first, end)

    def left(self, area: Area) -> int:
        """The first column of an area."""
        return area.left.at(self._column)

    def columns(self, area: Area) -> range:
        """The columns of an area."""
        ends = (area.left.at(self._column), area.right.at(self._column))
        return range(min(ends), max(ends) + 1)

    def blanks(self, area: Area, column: int, first: int, end: int) -> np.ndarray[Any, Any]:
        """Which cells of a column are blank."""
        return self._grids[area.sheet or ""].blanks(column, first, end)


class _Rows:
    """Some rows of a block: all from `first` to before `end`, or those at `chosen` among them."""

    def __init__(
        self, lane: NumericLane, first: int, end: int, chosen: np.ndarray[Any, Any] | None
    ) -> None:
        self._lane = lane
        self._first = first
        self._end = end
        self._chosen = chosen

    def evaluate(self, expression: Expression, *, blanks_count: bool = True) -> Column:
        """The values in the rows; blank cells count as 0, or are refused."""
        if is_invariant(expression) and blanks_count:
            if isinstance(expression, Literal):
                return _literal(expression)
            return self._lane.constant(expression)
        match expression:
            case Area():
                return self._cell(expression, blanks_count)
            case Unary(operator, operand):
                value = self.evaluate(operand)
                if operator == "+":
                    return value
                number = _number(value)
                return np.negative(number) if operator == "-" else np.divide(number, 100.0)
            case Chain(first, rest):
                value = self.evaluate(first)
                for sign, operand in rest:
                    value = _binary(sign, value, self.evaluate(operand))
                return value
            case Call(function, arguments):
                return self._call(function, arguments)
            case _:
                raise NotNumericError

    def _call(self, function: str, arguments: tuple[Expression, ...]) -> Column:
        kernel = functions.kernel(function)
        if isinstance(kernel, Reduction):
            return self._aggregate(kernel, arguments)
        if function == "IF":
            return self._if(arguments)
        if function == "MATCH":
            return self._match(arguments)
        if function in ("AND", "OR"):
            return self._all_or_any(function, arguments)
        values = [self.evaluate(argument) for argument in arguments]
        match function, values:
            case "IFERROR", [value, _]:
                return value
            case "NOT", [value]:
                return np.logical_not(_truth(value))
        if not isinstance(kernel, Elementwise):
            raise NotNumericError
        if not functions.own()[function].takes(len(values)):
            raise NotNumericError
        return kernel.of_column(*map(_number, values))

    def _all_or_any(self, function: str, arguments: tuple[Expression, ...]) -> Column:
        joined = np.logical_and if function == "AND" else np.logical_or
        result: Column = None
        for argument in arguments:
            # Cells that hold no number are skipped here, where elsewhere a blank one is FALSE.
            is_cell = isinstance(argument, Area)
            truth = _truth(self.evaluate(argument, blanks_count=not is_cell))
            result = truth if result is None else joined(result, truth)
        if result is None:
            raise NotNumericError
        return result

    def _if(self, arguments: tuple[Expression, ...]) -> Column:
        if len(arguments) != 3:
            raise NotNumericError
        condition = _truth(self.evaluate(arguments[0]))
        if np.ndim(condition) == 0:
            return self.evaluate(arguments[1] if condition else arguments[2])
        chosen = np.asarray(condition)
        if chosen.all() or not chosen.any():
            return self._full(self.evaluate(arguments[1] if chosen.all() else arguments[2]))
        try:
            branches = [self._full(self.evaluate(argument)) for argument in arguments[1:]]
        except (NotNumericError, FloatingPointError):
            # What fails may stand in a branch that is not taken there.
            branches = []
            for argument, taken in zip(arguments[1:], (chosen, ~chosen), strict=True):
                part = self._some(np.flatnonzero(taken))
                values = part._full(part.evaluate(argument))
                spread = np.zeros(len(chosen), values.dtype)
                spread[taken] = values
                branches.append(spread)
        if branches[0].dtype != branches[1].dtype:
            raise NotNumericError
        return np.where(chosen, branches[0], branches[1])

    def _some(self, among: np.ndarray[Any, Any]) -> "_Rows":
        chosen = among if self._chosen is None else self._chosen[among]
        return _Rows(self._lane, self._first, self._end, chosen)

    def _full(self, value: Column) -> np.ndarray[Any, Any]:
        count = self._end - self._first if self._chosen is None else len(self._chosen)
        return value if isinstance(value, np.ndarray) and value.ndim else np.full(count, value)

    def _pick(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return values if self._chosen is None else values[self._chosen]

    def _cell(self, area: Area, blanks_count: bool) -> Column:
        """The cells that a reference to one cell means."""
        if area.top.absolute:
            raise NotNumericError
        column = self._lane.left(area)
        offset = area.top.value
        first, end = self._first + offset, self._end + offset
        numbers = self._pick(self._lane.cells(area, column, first, end))
        missing = np.isnan(numbers)
        if missing.any():
            if (
                not blanks_count
                or not self._pick(self._lane.blanks(area, column, first, end))[missing].all()
            ):
                raise NotNumericError
            numbers = np.where(missing, 0.0, numbers)
        return numbers

    def _aggregate(self, kernel: Reduction, arguments: tuple[Expression, ...]) -> Column:
        """An aggregate over windows of cells that move with the row, or grow with it."""
        parts = []
        for argument in arguments:
            assert isinstance(argument, Area)
            match argument.top.absolute, argument.bottom.absolute:
                case True, True:
                    parts.append(self._fixed(kernel, argument))
                case False, False:
                    parts.append(self._window(kernel, argument))
                case _:
                    parts.append(self._growing(kernel, argument))
        totals, counts = parts[0]
        combine = kernel.combine
        for more, count in parts[1:]:
            totals, counts = combine(totals, more), counts + count
        return self._pick(kernel.finished(totals, counts))

    def _fixed(self, kernel: Reduction, area: Area) -> tuple[Any, Any]:
        combine = kernel.combine
        count: Any = 0.0
        totals = []
        for column in self._lane.columns(area):
            cells = self._column_cells(area, column, area.top.value, area.bottom.value + 1)
            values, present = kernel.prepared(cells)
            totals.append(combine.reduce(values))
            count += present * len(values) if isinstance(present, float) else present.sum()
        rows = np.ones(self._end - self._first)
        return combine.reduce(np.array(totals)) * rows, count * rows

    def _window(self, kernel: Reduction, area: Area) -> tuple[Any, Any]:
        top, bottom = sorted((area.top.value, area.bottom.value))
        columns = self._lane.columns(area)
        if (bottom - top + 1) * len(columns) > 4096:
            raise NotNumericError
        prepared = [
            kernel.prepared(self._column_cells(area, column, self._first + top, self._end + bottom))
            for column in columns
        ]
        combine, total = kernel.combine, None
        count: Any = 0.0
        # Row after row, as cell by cell, since a sum may depend on the order.
        for offset in range(bottom - top + 1):
            rows = slice(offset, offset + self._end - self._first)
            for values, present in prepared:
                total = values[rows] if total is None else combine(total, values[rows])
                count = count + (present if isinstance(present, float) else present[rows])
        return total, count

    def _growing(self, kernel: Reduction, area: Area) -> tuple[Any, Any]:
        fixed, moving = (area.top, area.bottom) if area.top.absolute else (area.bottom, area.top)
        first, end = self._first + moving.value, self._end + moving.value
        if first < fixed.value < end - 1:
            raise NotNumericError
        downwards = first >= fixed.value
        combine, total = kernel.combine, None
        count: Any = 0.0
        for column in self._lane.columns(area):
            low, high = (fixed.value, end) if downwards else (first, fixed.value + 1)
            values, present = kernel.prepared(self._column_cells(area, column, low, high))
            if isinstance(present, float):
                present = np.ones(len(values))
            if not downwards:
                values, present = values[::-1], present[::-1]
            sums = combine.accumulate(values)[-(end - first) :]
            counts = np.add.accumulate(present)[-(end - first) :]
            if not downwards:
                sums, counts = sums[::-1], counts[::-1]
            total = sums if total is None else combine(total, sums)
            count = count + counts
        return total, count

    def _column_cells(self, area: Area, column: int, first: int, end: int) -> Floats:
        cells = self._lane.cells(area, column, first, end)
        # Text is skipped, but an error in the cells is the result: the general lane tells them.
        missing = np.isnan(cells)
        if missing.any() and not self._lane.blanks(area, column, first, end)[missing].all():
            raise NotNumericError
        return cells

    def _match(self, arguments: tuple[Expression, ...]) -> Column:
        """MATCH(value, cells of the row, 0)."""
        wanted = self.evaluate(arguments[0])
        if _is_truth(wanted):
            raise NotNumericError
        area = arguments[1]
        assert isinstance(area, Area)
        offset = area.top.value
        found = np.zeros(self._end - self._first)
        found = self._pick(found)
        columns = self._lane.columns(area)
        if len(columns) > 256:
            raise NotNumericError
        for place, column in reversed(list(enumerate(columns, 1))):
            cells = self._lane.cells(area, column, self._first + offset, self._end + offset)
            if np.isnan(cells).any():
                raise NotNumericError
            found = np.where(self._pick(cells) == wanted, float(place), found)
        if (found == 0).any():
            raise NotNumericError
        return found


def _literal(literal: Literal) -> float | bool:
    if isinstance(literal.value, str | CellError):
        raise NotNumericError
    return literal.value


def _number(value: Column) -> Any:
    """Numbers, where a truth value counts as 1 or 0."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype == bool else value
    return float(value)


def _truth(value: Column) -> Any:
    if isinstance(value, np.ndarray):
        return value if value.dtype == bool else value != 0
    return bool(value)


def _is_truth(value: Column) -> bool:
    return value.dtype == bool if isinstance(value, np.ndarray) else isinstance(value, bool)


def _binary(sign: str, left: Column, right: Column) -> Column:
    if sign in ARITHMETIC:
        return ARITHMETIC[sign](_number(left), _number(right))
    if sign == "^":
        return power_of_columns(_number(left), _number(right))
    if _is_truth(left) != _is_truth(right):
        raise NotNumericError
    if _is_truth(left):
        return _COMPARISONS[sign](left, right)
    return compare(sign, left, right)


def compare(sign: str, left: Any, right: Any) -> Any:
    """Numbers compared as Excel does, by their 15 significant digits."""
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


def equal(left: Any, right: Any) -> Any:
    """Where numbers are equal in their 15 significant digits."""
    left, right = np.broadcast_arrays(left, right)
    same = np.equal(left, right)
    close = ~same & (np.abs(left - right) <= CLOSE * np.maximum(np.abs(left), np.abs(right)))
    if close.any():
        same = same.copy()
        for place in zip(*np.nonzero(close), strict=True):
            same[place] = order_of_numbers(float(left[place]), float(right[place])) == 0
    return same
