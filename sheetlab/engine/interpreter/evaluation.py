"""The walk through an expression: what each kind of it is worth to one cell.

A reference stays one, a tuple of ranges, until its values are asked for. In an array formula all
its cells are read; elsewhere, where one value is wanted, the one in the row or column of the cell.
"""

import functools
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.budget import Budget, OverLimitError
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.columns.column import operated
from sheetlab.engine.functions.aggregates import numbers_in
from sheetlab.engine.functions.calling import by_kernel, invoke
from sheetlab.engine.functions.function import Function, Parameter, Values
from sheetlab.engine.functions.kernels import Conditional, Kernel
from sheetlab.engine.interpreter.source import Source
from sheetlab.engine.syntax.expression import (
    Apply,
    Area,
    ArrayConstant,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Missing,
    Name,
    Structured,
    Unary,
)
from sheetlab.engine.values.arrays import (
    as_array,
    first,
    first_error,
    is_compatible,
    packed,
    side_by_side,
)
from sheetlab.engine.values.conversions import logical_of, number_of, quantity_of, text_of
from sheetlab.engine.values.operators import OF_NUMBERS, binary, unary
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

Reference = tuple[CellRange, ...]

_NULL = CellError("#NULL!")
_DIV = CellError("#DIV/0!")
_VALUE = CellError("#VALUE!")
_REF = CellError("#REF!")
_NAME = CellError("#NAME?")
_NUM = CellError("#NUM!")
_CALC = CellError("#CALC!")

# A parameter that is left out, as a blank cell would be taken.
_BLANKS: dict[Parameter, Any] = {
    "number": 0.0,
    "quantity": 0.0,
    "text": "",
    "logical": False,
    "scalar": None,
    "array": np.full((1, 1), None, dtype=object),
}
_LEFT_OUT_VALUES = Values(np.zeros((1, 1)), from_cells=False)

# So many LAMBDAs may be applied, one inside of the other, before Excel gives up.
MAX_CALLS = 1024
# A range of more cells is read by what is filled, where a function allows that.
_DENSE = 2**20
_TALL = 2**12
# Criteria times elements of a range that are worth an index.
_MANY_TESTS = 4096
# So many elements of whole arrays take as long as a step.
_QUICK = 256
# Python's own limit is too low for them; such calls take none of the machine's stack.
_FRAMES = 100_000

# Expressions that give a single value, or an array, and never a reference.
_SINGLE = frozenset((Area, Chain, Literal))

MISSING = Missing()


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function that a formula makes: its parameters in capitals, and what it can see.

    One of Excel's `by_name` calls it with no more arguments than are given.
    """

    parameters: tuple[str, ...]
    optional: frozenset[str]
    body: Expression
    context: "Context"
    by_name: bool = False


Value = Scalar | Array | Reference | Lambda | Missing


class Context:
    """Where an expression stands: its cell, the workbook, and the variables around it.

    `array` says whether whole arrays are calculated here, `array_formula` whether in the formula
    as a whole. `calls` counts the LAMBDAs that are being applied, one inside of the other.
    """

    __slots__ = (
        "array", "array_formula", "calls", "column", "row", "sheet", "source", "variables"
    )  # fmt: skip

    def __init__(
        self,
        home: tuple[str, int, int],
        source: Source,
        array_formula: bool,
        array: bool,
        variables: Mapping[str, Value],
        calls: int,
    ) -> None:
        self.sheet, self.row, self.column = home
        self.source = source
        self.array_formula = array_formula
        self.array = array
        self.variables = variables
        self.calls = calls

    def with_array(self, array: bool) -> "Context":
        """The same place, with whole arrays calculated or not."""
        return self if array == self.array else self._changed(array, self.variables, self.calls)

    def with_variables(self, variables: Mapping[str, Value], calls: int) -> "Context":
        """The same place, with these variables as well."""
        return self._changed(self.array, {**self.variables, **variables}, calls)

    def _changed(self, array: bool, variables: Mapping[str, Value], calls: int) -> "Context":
        home = (self.sheet, self.row, self.column)
        return Context(home, self.source, self.array_formula, array, variables, calls)


def value_of(expression: Expression, context: Context) -> Scalar | Array:
    """What an expression is worth where a value is wanted, references read."""
    found = _operand(expression, context)
    if isinstance(found, np.ndarray) and found.dtype == bool:
        return found.astype(object)
    return found


def _operand(expression: Expression, context: Context) -> Scalar | Array:
    """A value for an operator, to which truth values may come as an array of their own kind."""
    kind = type(expression)
    if kind is Area:
        return _cell(expression, context)  # type: ignore[arg-type]
    if kind is Chain:
        return _joined(expression, context)  # type: ignore[arg-type]
    if kind is Literal:
        return expression.value  # type: ignore[union-attr]
    value = _KINDS[kind](expression, context)
    return read(value, context) if type(value) is tuple else plain(value)


def _cell(area: Area, context: Context) -> Scalar | Array:
    """The value of an area, the quicker way where it is one cell."""
    if area.top != area.bottom or area.left != area.right:
        reference = _area(area, context)
        return read(reference, context) if type(reference) is tuple else plain(reference)
    fixed, row = area.top
    if not fixed:
        row += context.row
    fixed, column = area.left
    if not fixed:
        column += context.column
    if row < 1 or column < 1 or row > MAX_ROW or column > MAX_COLUMN:
        return _REF
    return context.source.value((area.sheet or context.sheet, row, column))


def node(expression: Expression, context: Context) -> Value:
    """What an expression is worth, references unread."""
    value: Value = _KINDS[type(expression)](expression, context)
    return value


def plain(value: Value) -> Scalar | Array:
    """A value that is no reference; a function is none, and a parameter left out is blank."""
    if isinstance(value, Missing):
        return None
    if isinstance(value, Lambda):
        return _CALC
    assert not isinstance(value, tuple)
    return value


def read(reference: Reference, context: Context) -> Scalar | Array:
    """The values of a reference: all in an array formula, else that of the cell it comes to."""
    if len(reference) != 1:
        return _VALUE
    cells = reference[0]
    sheet, top, left, bottom, right = cells
    if top == bottom and left == right:
        return context.source.value((sheet, top, left))
    if context.array:
        return context.source.values(cut([cells], context.source)[0])
    crossing = intersected(reference, context)
    if isinstance(crossing, CellError):
        return crossing
    return context.source.value(crossing[0][:3])


def whole(value: Value, context: Context) -> Scalar | Array:
    """A value with all cells of a reference read, in whatever formula."""
    if type(value) is tuple:
        return read(value, context.with_array(True))
    return plain(value)


def intersected(reference: Reference, context: Context) -> Reference | CellError:
    """The one cell of a reference in the row or column of the formula's cell, else #VALUE!."""
    if len(reference) != 1:
        return _VALUE
    sheet, top, left, bottom, right = reference[0]
    if top == bottom and left == right:
        return reference
    if left == right and top <= context.row <= bottom:
        return (CellRange(sheet, context.row, left, context.row, left),)
    if top == bottom and left <= context.column <= right:
        return (CellRange(sheet, top, context.column, top, context.column),)
    return _VALUE


def cut(ranges: Sequence[CellRange], source: Source) -> list[CellRange]:
    """Ranges to the end of a sheet without its unused end; those of equal shape stay equal."""
    used = [
        source.used(cells) if cells.bottom == MAX_ROW or cells.right == MAX_COLUMN else cells
        for cells in ranges
    ]
    if len(used) == 1 or used == ranges:
        return used
    shapes: dict[tuple[int, int], tuple[int, int]] = {}
    for cells, part in zip(ranges, used, strict=True):
        rows, columns = shapes.get(cells.shape, (1, 1))
        shapes[cells.shape] = max(rows, part.shape[0]), max(columns, part.shape[1])
    return [
        cells._replace(
            bottom=cells.top + shapes[cells.shape][0] - 1,
            right=cells.left + shapes[cells.shape][1] - 1,
        )
        for cells in ranges
    ]


def reference_of(value: Value) -> Reference:
    """A value that has to be a reference; raises its error, or #VALUE!, where it is none."""
    if type(value) is tuple:
        return value
    raise ErrorValue(value if isinstance(value, CellError) else "#VALUE!")


def function_of(name: str, context: Context) -> Function:
    """The function of a name; raises #NAME?, and tells the source, where none is known."""
    function = functions.find(name, context.source.date_1904)
    if function is None:
        context.source.unknown_function(name)
        raise ErrorValue("#NAME?")
    return function


def apply(function: Value, arguments: Sequence[Value], context: Context) -> Value:
    """What a LAMBDA gives for arguments; raises `ErrorValue` where it does not take them."""
    if not isinstance(function, Lambda):
        raise ErrorValue(function if isinstance(function, CellError) else "#VALUE!")
    if len(arguments) > len(function.parameters):
        raise ErrorValue("#VALUE!")
    left_out = function.parameters[len(arguments) :]
    if not function.optional.issuperset(left_out):
        raise ErrorValue("#VALUE!")
    variables = dict(zip(function.parameters, arguments, strict=False))
    variables.update(dict.fromkeys(left_out, MISSING))
    calls = context.calls + 1
    budget = context.source.budget
    if calls > min(budget.limits.depth, MAX_CALLS):
        raise OverLimitError("depth")
    budget.spend(1)
    inside = function.context.with_variables(variables, calls)
    body = function.body
    if function.by_name and isinstance(body, Call):
        body = Call(body.function, body.arguments[: len(arguments)])
    if context.calls:
        return node(body, inside)
    frames = sys.getrecursionlimit()
    sys.setrecursionlimit(max(frames, _FRAMES))
    try:
        return node(body, inside)
    except RecursionError as error:
        raise OverLimitError("depth") from error
    finally:
        sys.setrecursionlimit(frames)


def _joined(chain: Chain, context: Context) -> Scalar | Array:
    context.source.budget.spend(1)
    left = _operand(chain.first, context)
    for operator, operand in chain.rest:
        right = _operand(operand, context)
        if type(left) is float and type(right) is float:
            of_numbers = OF_NUMBERS.get(operator)
            if of_numbers is not None:
                left = of_numbers(left, right)
                continue
        left = _operated(operator, left, right, context.source.date_1904)
    return left


def _operated(
    operator: str, left: Scalar | Array, right: Scalar | Array, date_1904: bool
) -> Scalar | Array:
    shapes = [value.shape for value in (left, right) if isinstance(value, np.ndarray)]
    if not shapes or not is_compatible(shapes):
        return binary(operator, left, right, date_1904)
    found: Array = operated(operator, left, right, date_1904)
    return found


def _area(area: Area, context: Context) -> Reference | CellError:
    top_fixed, top = area.top
    left_fixed, left = area.left
    bottom_fixed, bottom = area.bottom
    right_fixed, right = area.right
    if not top_fixed:
        top += context.row
    if not bottom_fixed:
        bottom += context.row
    if not left_fixed:
        left += context.column
    if not right_fixed:
        right += context.column
    # Filling moves a corner with `$` and one without past each other.
    if top > bottom:
        top, bottom = bottom, top
    if left > right:
        left, right = right, left
    if top < 1 or left < 1 or bottom > MAX_ROW or right > MAX_COLUMN:
        return _REF
    return (CellRange(area.sheet or context.sheet, top, left, bottom, right),)


def _name(name: Name, context: Context) -> Value:
    known = name.name.upper()
    if name.sheet is None and known in context.variables:
        return context.variables[known]
    function = context.source.named_lambda(name.name, name.sheet or context.sheet)
    if function is not None:
        return node(function, _outside(context))
    built_in = known.removeprefix("_XLETA.")
    if functions.known(built_in):
        # A function by its bare name is one of as many parameters as it is given.
        return _built_in(built_in, context)
    return _NAME


def _outside(context: Context) -> Context:
    """The same cell, where no variables are seen."""
    home = (context.sheet, context.row, context.column)
    return Context(home, context.source, context.array_formula, context.array, {}, context.calls)


def _built_in(function: str, context: Context) -> Lambda:
    parameters = tuple(f"{function} {number}" for number in range(1, 9))
    body = Call(function, tuple(map(Name, parameters)))
    return Lambda(parameters, frozenset(parameters[1:]), body, _outside(context), by_name=True)


def _call(call: Call, context: Context) -> Value:
    name = call.function
    arguments = call.arguments
    if name in context.variables:
        return _apply_to(context.variables[name], arguments, context)
    context.source.budget.spend(1)
    try:
        function = functions.find(name, context.source.date_1904)
        if function is not None:
            return called(function, arguments, context)
    except ErrorValue as error:
        return error.error
    named = context.source.named_lambda(name, context.sheet)
    if named is not None:
        return _apply_to(node(named, _outside(context)), arguments, context)
    context.source.unknown_function(name)
    return _NAME


def _apply(application: Apply, context: Context) -> Value:
    return _apply_to(node(application.function, context), application.arguments, context)


def _apply_to(function: Value, arguments: Sequence[Expression], context: Context) -> Value:
    try:
        given = []
        for argument in arguments:
            given.append(node(argument, context))
        return apply(function, given, context)
    except ErrorValue as error:
        return error.error


def called(function: Function, arguments: Sequence[Expression], context: Context) -> Value:
    """What a function gives for arguments: converted, lifted over arrays, errors passed on."""
    kinds = _kinds(function, len(arguments))
    if kinds is None:
        return _VALUE
    if function.special:
        result: Value = function.call(arguments, context)
        return result
    if function.of_numbers is not None:
        inner = context.with_array(True) if function.array_context else context
        return _aggregated(function.of_numbers, arguments, inner)
    required = function.least
    given: list[Any] = []
    waiting: list[tuple[int, Reference]] = []
    lifts = takes_arrays = False
    inner = context.with_array(True) if function.array_context else context
    for position, (argument, kind) in enumerate(zip(arguments, kinds, strict=True)):
        value: Any
        if kind in ("array", "values"):
            takes_arrays = True
            value = node(argument, inner)
            if type(value) is tuple:
                waiting.append((position, value))
            elif not isinstance(value, Missing):
                value = as_array(plain(value)) if kind == "array" else _values(plain(value))
        else:
            if type(argument) in _SINGLE:
                value = value_of(argument, context)
            else:
                value = node(argument, context)
                if type(value) is tuple:
                    value = read(value, context)
            if type(value) is not float and not isinstance(value, Missing):
                value = plain(value)
            if isinstance(value, np.ndarray):
                lifts = True
            elif not isinstance(value, Missing):
                value = _converted(value, kind, context)
        if isinstance(value, Missing):
            if kind == "values":
                value = _LEFT_OUT_VALUES
            else:
                value = _BLANKS[kind] if position < required else None
        elif type(value) is CellError and not function.takes_errors:
            return value
        given.append(value)
    if waiting:
        references = [reference for _, reference in waiting]
        are_values = all(kinds[position] == "values" for position, _ in waiting)
        found = _contents(references, are_values, function.sparse, context.source)
        for (position, _), value in zip(waiting, found, strict=True):
            array = as_array(value)
            is_values = kinds[position] == "values"
            given[position] = Values(array, from_cells=True) if is_values else array
    if takes_arrays and not function.takes_errors:
        for kind, value in zip(kinds, given, strict=True):
            if kind in ("array", "values") and value is not None:
                error = first_error(value.array if kind == "values" else value)
                if error is not None:
                    return error
    if lifts:
        return _lifted(function, kinds, given, context)
    return invoke(function.call, given)


@functools.lru_cache(maxsize=1024)
def _kinds(function: Function, count: int) -> tuple[Parameter, ...] | None:
    """How a function takes so many arguments; None where it does not."""
    if not function.takes(count):
        return None
    return tuple(map(function.parameter, range(count)))


def _aggregated(
    of_numbers: Callable[[Array], float], arguments: Sequence[Expression], context: Context
) -> Value:
    """What an aggregate gives for the numbers in its arguments, or the first error in them."""
    given = [node(argument, context) for argument in arguments]
    references = [value for value in given if type(value) is tuple]
    cells = iter(_contents(references, True, False, context.source) if references else ())
    numbers: list[float] = []
    parts: list[Array] = []
    flaw: CellError | None = None
    for value in given:
        is_read = type(value) is tuple
        found: Any = next(cells) if is_read else plain(value)
        if type(found) is float:
            numbers.append(found)
        elif type(found) is CellError:
            return found
        elif isinstance(found, np.ndarray):
            error = first_error(found)
            if error is not None:
                return error
            if numbers:
                parts.append(np.array(numbers))
                numbers = []
            parts.append(numbers_in(found))
        elif not is_read:
            # What the formula spells out is converted, what stands in cells is not.
            number = number_of(found)
            if isinstance(number, CellError):
                flaw = number
            else:
                numbers.append(number)
    if flaw is not None:
        return flaw
    if numbers or not parts:
        parts.append(np.array(numbers))
    return invoke(of_numbers, (parts[0] if len(parts) == 1 else np.concatenate(parts),))


def _values(value: Scalar | Array) -> Values:
    return Values(as_array(value), from_cells=isinstance(value, np.ndarray))


def _contents(
    references: Sequence[Reference], are_values: bool, sparse: bool, source: Source
) -> list[Scalar | Array]:
    """The cells of each reference, one below the other where it has several ranges.

    That of a single cell is by itself. Of many cells only those that are filled, where the others
    do not count: for `are_values`, and for what is `sparse` the places where one of the references
    has a cell that is filled.
    """
    ranges = cut([cells for reference in references for cells in reference], source)
    if sparse and len(ranges) == len(references) and _is_vast(ranges):
        return [*compacted(ranges, source)]
    found: list[Scalar | Array] = []
    place = 0
    for reference in references:
        parts = ranges[place : place + len(reference)]
        place += len(reference)
        if len(parts) == 1 and _is_cell(parts[0]):
            found.append(source.value(parts[0][:3]))
        elif are_values and any(_is_large(part) for part in parts):
            # Those that are not vast may be full, and cost as much as if they were.
            sizes = [math.prod(part.shape) for part in parts]
            source.budget.reserve(sum(size for size in sizes if size <= _DENSE), numbers=True)
            filled = np.concatenate([source.filled(part)[1] for part in parts])
            found.append(_as_column(filled))
        elif len(parts) == 1:
            found.append(source.values(parts[0]))
        else:
            source.budget.reserve(sum(math.prod(part.shape) for part in parts))
            elements = [value for part in parts for value in _elements(part, source)]
            found.append(packed(elements, (len(elements), 1)))
    return found


def _is_cell(cells: CellRange) -> bool:
    return cells.top == cells.bottom and cells.left == cells.right


def _elements(cells: CellRange, source: Source) -> list[Scalar]:
    if _is_cell(cells):
        return [source.value(cells[:3])]
    elements: list[Scalar] = source.values(cells).ravel().tolist()
    return elements


def _is_large(cells: CellRange) -> bool:
    """Whether only what is filled of a range is to be read; of one column that is told at once."""
    rows, columns = cells.shape
    return rows * columns > (_DENSE if columns > 1 else _TALL)


def _as_column(values: Array) -> Array:
    """Values of one axis as a column, float64 where all are numbers."""
    if values.dtype == object and set(map(type, values.tolist())) == {float}:
        values = values.astype(np.float64)
    return values.reshape(-1, 1)


def _is_vast(ranges: Sequence[CellRange]) -> bool:
    """Whether ranges have one shape, of more cells than are worth reading one by one."""
    shapes = {cells.shape for cells in ranges}
    return len(shapes) == 1 and math.prod(shapes.pop()) > _DENSE


def compacted(ranges: Sequence[CellRange], source: Source) -> list[Array]:
    """Ranges of one shape as columns, without the places where all of them are blank."""
    filled = [source.filled(cells) for cells in ranges]
    places = np.unique(np.concatenate([positions for positions, _ in filled]))
    columns = []
    for positions, values in filled:
        column = np.full(len(places), None, dtype=object)
        column[np.searchsorted(places, positions)] = values
        columns.append(_as_column(column))
    return columns


def counted_places(ranges: Sequence[CellRange], source: Source) -> int:
    """How many elements a function that is `sparse` sees of ranges of one shape."""
    if not _is_vast(ranges):
        return math.prod(ranges[0].shape)
    return len(np.unique(np.concatenate([source.filled(cells)[0] for cells in ranges])))


def _converted(value: Any, kind: Parameter, context: Context) -> Any:
    if kind == "number":
        return value if type(value) is float else number_of(value, context.source.date_1904)
    if kind == "quantity":
        return quantity_of(value, context.source.date_1904)
    if kind == "text":
        return value if type(value) is CellError else text_of(value)
    if kind == "logical":
        return logical_of(value)
    return value


def _lifted(
    function: Function, kinds: Sequence[Parameter], given: list[Any], context: Context
) -> Value:
    """The function of every element of the arrays where it takes single values."""
    positions = [
        position
        for position, kind in enumerate(kinds)
        if kind not in ("array", "values") and isinstance(given[position], np.ndarray)
    ]
    budget = context.source.budget
    found = _by_kernel(function, given, budget)
    if found is not None:
        return found
    columns, shape = side_by_side([given[position] for position in positions])
    lifted = dict(zip(positions, columns, strict=True))
    known = _by_criteria(budget, function.kernel, kinds, given, lifted)
    results = []
    call = _upper_left(function.call)
    steps = 1 + sum(value.size for value in given if isinstance(value, np.ndarray)) / _QUICK
    for number, elements in enumerate(zip(*columns, strict=True)):
        if number in known:
            results.append(known[number])
            continue
        budget.spend(steps)
        arguments = list(given)
        error = None
        for position, element in zip(positions, elements, strict=True):
            value = _converted(element, kinds[position], context)
            if type(value) is CellError and error is None and not function.takes_errors:
                error = value
            arguments[position] = value
        results.append(first(invoke(call, arguments)) if error is None else error)
    return packed(results, shape)


def _by_criteria(
    budget: Budget,
    kernel: Kernel | None,
    kinds: Sequence[Parameter],
    given: Sequence[Any],
    lifted: Mapping[int, Sequence[Any]],
) -> dict[int, Any]:
    """What is known at once of what meets each of many criteria in ranges, by their numbers."""
    if not isinstance(kernel, Conditional):
        return {}
    count = len(next(iter(lifted.values())))
    size = max(value.size for value in given if isinstance(value, np.ndarray))
    if count * size < _MANY_TESTS:
        return {}
    budget.spend(count)
    # The columns need the interpreter, so that this cannot be imported before.
    from sheetlab.engine.columns.conditional import of_arrays

    criteria = [
        lifted.get(position, [given[position]] * count)
        for position, kind in enumerate(kinds)
        if kind == "scalar"
    ]
    try:
        found, doubtful = of_arrays(kernel, given, criteria)
    except ErrorValue:
        # What is an error in one place, as a pattern that is too long, need not be in others.
        return {}
    return {number: found[number] for number, open_ in enumerate(doubtful) if not open_}


def _upper_left(call: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives no more than the first element of its arrays."""

    def one(*arguments: Any) -> Any:
        result = call(*arguments)
        return result[:1, :1] if isinstance(result, np.ndarray) and result.ndim == 2 else result

    return one


def _by_kernel(function: Function, given: Sequence[Any], budget: Any) -> Array | None:
    """What a function of numbers gives for arrays of them; None where it has to be called."""
    arrays = [value for value in given if isinstance(value, np.ndarray)]
    is_numeric = all(
        value.dtype == np.float64 if isinstance(value, np.ndarray) else type(value) is float
        for value in given
    )
    if not is_numeric or not is_compatible([array.shape for array in arrays]):
        return None
    budget.reserve(math.prod(map(max, zip(*(array.shape for array in arrays), strict=True))))
    found = by_kernel(function, given)
    return None if found is None or found.dtype == bool else found


def _unary(expression: Unary, context: Context) -> Value:
    match expression.operator:
        case "@":
            value = node(expression.operand, context)
            if type(value) is tuple:
                return intersected(value, context)
            return first(plain(value))
        case "#":
            value = node(expression.operand, context)
            if type(value) is not tuple:
                return value if isinstance(value, CellError) else _REF
            spilled = context.source.spilled(value[0][:3])
            return _REF if spilled is None else (spilled,)
        case "+":
            return value_of(expression.operand, context)
    operand = _operand(expression.operand, context)
    if type(operand) is float:
        match expression.operator:
            case "-":
                return -operand
            case "%":
                return operand / 100
    result: Scalar | Array = unary(expression.operator, operand, context.source.date_1904)
    return result


def _join(join: Join, context: Context) -> Value:
    try:
        left = reference_of(node(join.left, context))
        right = reference_of(node(join.right, context))
    except ErrorValue as error:
        return error.error
    if join.operator == ",":
        return left + right
    if join.operator == ":":
        return _spanned(left + right)
    shared = []
    for one in left:
        for other in right:
            top, left_end = max(one.top, other.top), max(one.left, other.left)
            bottom, right_end = min(one.bottom, other.bottom), min(one.right, other.right)
            if one.sheet == other.sheet and top <= bottom and left_end <= right_end:
                shared.append(CellRange(one.sheet, top, left_end, bottom, right_end))
    return tuple(shared) or _NULL


def _spanned(reference: Reference) -> Reference | CellError:
    sheets, tops, lefts, bottoms, rights = zip(*reference, strict=True)
    if len(set(sheets)) > 1:
        return _VALUE
    return (CellRange(sheets[0], min(tops), min(lefts), max(bottoms), max(rights)),)


def _array_constant(constant: ArrayConstant, context: Context) -> Array:
    elements = [literal.value for row in constant.rows for literal in row]
    return packed(elements, (len(constant.rows), len(constant.rows[0])))


def _literal(literal: Literal, context: Context) -> Scalar:
    return literal.value


def _missing(missing: Missing, context: Context) -> Missing:
    return missing


def _structured(structured: Structured, context: Context) -> CellError:
    return _NAME


_KINDS: dict[type, Callable[[Any, Context], Any]] = {
    Apply: _apply,
    Area: _area,
    ArrayConstant: _array_constant,
    Call: _call,
    Chain: value_of,
    Join: _join,
    Literal: _literal,
    Missing: _missing,
    Name: _name,
    Structured: _structured,
    Unary: _unary,
}
