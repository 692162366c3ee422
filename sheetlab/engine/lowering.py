"""Formulas lowered to a small program: what is to be done, without the ways of a spreadsheet.

A lowered formula is a tree of a dozen operations. What a formula may say in many ways (ranges that
stay or move, arguments left out, cases for choices) is decided here once, so that whoever runs the
program (columns, loops, scenarios) knows values and functions and no formulas. Parts that need the
whole of Excel, such as array arithmetic, are left to the interpreter as `Interpreted`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import (
    Cases,
    Choice,
    Conditional,
    Connective,
    Element,
    Fallback,
    Kernel,
    Omission,
    PlaceNumber,
    Reduction,
    Selection,
    Switch,
)
from sheetlab.engine.syntax.expression import (
    Area,
    ArrayConstant,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Missing,
    Name,
    Unary,
    operands,
)
from sheetlab.engine.values.arrays import NOT_AVAILABLE


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the formula spells out; `given` is false where it stands for nothing."""

    literal: Literal
    given: bool = True

    @property
    def value(self) -> Any:
        """The value."""
        return self.literal.value


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An argument that is left out, with what a function takes instead of it."""

    instead: Any


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of one cell."""

    area: Area


@dataclass(frozen=True, slots=True)
class Window:
    """The cells of a range, for a function that takes them whole."""

    area: Area


@dataclass(frozen=True, slots=True)
class Signed:
    """`-`, `+` or `%` of a value."""

    sign: str
    operand: "Operation"


@dataclass(frozen=True, slots=True)
class Joined:
    """Values joined by binary operators, from the left on."""

    first: "Operation"
    rest: tuple[tuple[str, "Operation"], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of two values, as a condition says."""

    condition: "Operation"
    then: "Operation"
    otherwise: "Operation"


@dataclass(frozen=True, slots=True)
class Instead:
    """A value, or another where it is an error; with `only_na`, where it is #N/A."""

    value: "Operation"
    otherwise: "Operation"
    only_na: bool


@dataclass(frozen=True, slots=True)
class Truths:
    """Truth values joined; of cells, what is no number or truth value does not count.

    `expression` is what it was lowered from; see `Reduced`.
    """

    name: str
    join: np.ufunc
    arguments: tuple["Operation", ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of single values; what the name means depends on the workbook's day 0."""

    name: str
    arguments: tuple["Operation", ...]


@dataclass(frozen=True, slots=True)
class Reduced:
    """A function of all numbers in its arguments, windows among them.

    `expression` is what it was lowered from, for cells that only the interpreter can do.
    """

    kernel: Reduction
    arguments: tuple["Operation", ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Ranged:
    """A function of ranges and of single values, such as a lookup; see `Reduced`."""

    name: str
    kernel: Kernel | None
    arguments: tuple["Operation", ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Selected:
    """A function of ranges in which some cells count as blank, as SUBTOTAL takes them."""

    function: Reduced | Ranged
    omission: Omission


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of the row, or the column, in which a cell stands."""

    of_row: bool
    area: Area | None


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What only the interpreter can do; `fixed` where it comes to the same in all cells."""

    expression: Expression
    fixed: bool


Operation = (
    Constant
    | LeftOut
    | Cell
    | Window
    | Signed
    | Joined
    | Chosen
    | Instead
    | Truths
    | Applied
    | Reduced
    | Ranged
    | Selected
    | Numbered
    | Interpreted
)

# How single values are taken, and what a blank is then.
_BLANKS: dict[Parameter, Any] = {
    "number": 0.0,
    "quantity": 0.0,
    "text": "",
    "logical": False,
    "scalar": None,
}
# More of them, one inside of the other, would be nested too deeply.
_MOST_CASES = 128
_FALSE = Constant(Literal(False))


def lowered(expression: Expression) -> Operation:
    """The operation that gives a formula's value in each of its cells."""
    match expression:
        case Literal():
            return Constant(expression)
        case Area() if expression.is_cell:
            return Cell(expression)
        case ArrayConstant(rows):
            return Constant(rows[0][0])
        case Unary("-" | "+" | "%" as sign, operand):
            return Signed(sign, lowered(operand))
        case Chain(first, rest):
            return Joined(lowered(first), tuple((sign, lowered(part)) for sign, part in rest))
        case Call():
            return _call(expression) or _interpreted(expression)
        case _:
            return _interpreted(expression)


def _interpreted(expression: Expression) -> Operation:
    return Interpreted(expression, is_fixed(expression))


def _call(call: Call) -> Operation | None:
    """A function's operation; None where the interpreter has to do it."""
    arguments = call.arguments
    function = functions.find(call.function)
    if function is None or not function.takes(len(arguments)):
        return None
    match function.kernel:
        case Choice():
            otherwise = _branch(arguments[2]) if len(arguments) == 3 else _FALSE
            return Chosen(lowered(arguments[0]), _branch(arguments[1]), otherwise)
        case Cases():
            return _first_that_holds(arguments)
        case Switch():
            return _first_that_equals(*arguments)
        case Fallback(only_na):
            return Instead(lowered(arguments[0]), _branch(arguments[1]), only_na)
        case Connective(join):
            return _truths(call, join)
        case PlaceNumber(of_row):
            return _numbered(of_row, *arguments)
        case Element() as kernel:
            return _element(call, kernel)
        case Reduction() as kernel:
            return _reduced(call, kernel)
        case Selection() as kernel:
            return _selected(call, kernel)
        case kernel:
            return _applied(call, function, kernel)


def _applied(call: Call, function: Function, kernel: Kernel | None) -> Operation | None:
    """A function of single values, or of ranges and single values."""
    if function.special:
        if function.plain is None:
            return None
        function = function.plain
    parts: list[Operation] = []
    for position, argument in enumerate(call.arguments):
        part = _argument(function, position, argument)
        if part is None:
            return None
        parts.append(part)
    if any(isinstance(part, Window) for part in parts):
        is_resized = isinstance(kernel, Conditional) and kernel.resized and len(parts) == 3
        if is_resized and not _same_shape(parts):
            return None
        return Ranged(call.function, kernel, tuple(parts), call)
    if any(function.parameter(place) not in _BLANKS for place in range(len(parts))):
        return None
    return Applied(call.function, tuple(parts))


def _argument(function: Function, position: int, argument: Expression) -> Operation | None:
    kind = function.parameter(position)
    if kind not in _BLANKS:
        if isinstance(argument, Literal):
            return Constant(argument)
        # What else is no range may be array arithmetic.
        return Window(argument) if isinstance(argument, Area) else None
    if isinstance(argument, Missing):
        return LeftOut(_BLANKS[kind] if position < function.least else None)
    if isinstance(argument, Area) and not argument.is_cell:
        return None
    return lowered(argument)


def _same_shape(parts: list[Operation]) -> bool:
    tested, _, summed = parts
    if not (isinstance(tested, Window) and isinstance(summed, Window)):
        return False
    one, other = tested.area, summed.area
    return (
        (one.top, one.bottom) == (other.top, other.bottom)
        and one.left == one.right
        and (other.left == other.right)
    )


def _numbered(of_row: bool, cell: Expression | None = None) -> Operation | None:
    if cell is None or (isinstance(cell, Area) and cell.is_cell):
        return Numbered(of_row, cell)
    return None


def _element(call: Call, kernel: Element) -> Operation | None:
    table, *places = call.arguments
    if not (isinstance(table, Area) and table.top.absolute and table.bottom.absolute):
        return None
    if len(places) > 2:
        return None
    if any(isinstance(place, Area) and not place.is_cell for place in places):
        return None
    parts = [LeftOut(0.0) if isinstance(place, Missing) else lowered(place) for place in places]
    return Ranged(call.function, kernel, (Window(table), *parts), call)


def _branch(expression: Expression) -> Operation:
    """What is chosen; left out, it is blank."""
    return LeftOut(None) if isinstance(expression, Missing) else lowered(expression)


def _first_that_holds(cases: tuple[Expression, ...]) -> Operation | None:
    """Cases as one choice inside of the other, and #N/A where none holds."""
    if len(cases) > _MOST_CASES or len(cases) % 2:
        return None
    found: Operation = Constant(Literal(NOT_AVAILABLE))
    for place in range(len(cases) - 2, -1, -2):
        found = Chosen(lowered(cases[place]), _branch(cases[place + 1]), found)
    return found


def _first_that_equals(wanted: Expression, *cases: Expression) -> Operation | None:
    """The same for what equals a value; what stands alone at the end is for all else."""
    if len(cases) > _MOST_CASES:
        return None
    sought = lowered(wanted)
    found: Operation = Constant(Literal(NOT_AVAILABLE))
    if len(cases) % 2:
        found = _branch(cases[-1])
        cases = cases[:-1]
    for place in range(len(cases) - 2, -1, -2):
        same = Joined(sought, (("=", lowered(cases[place])),))
        found = Chosen(same, _branch(cases[place + 1]), found)
    return found


def _truths(call: Call, join: np.ufunc) -> Operation | None:
    parts: list[Operation] = []
    for argument in call.arguments:
        if isinstance(argument, Missing) or (isinstance(argument, Area) and not argument.is_cell):
            return None
        part = lowered(argument)
        # All cells count of a range that INDEX may come to.
        if isinstance(part, Ranged) and isinstance(part.kernel, Element):
            return None
        parts.append(part)
    return Truths(call.function, join, tuple(parts), call)


def _reduced(call: Call, kernel: Reduction) -> Operation | None:
    parts: list[Operation] = []
    for argument in call.arguments:
        if isinstance(argument, Area):
            parts.append(Window(argument))
            continue
        part = lowered(argument)
        # Arrays in an argument would be reduced whole.
        if isinstance(part, Interpreted) or isinstance(argument, ArrayConstant | Missing):
            return None
        parts.append(part)
    return Reduced(kernel, tuple(parts), call)


def _selected(call: Call, kernel: Selection) -> Operation | None:
    numbers, arguments = call.arguments[: kernel.numbers], call.arguments[kernel.numbers :]
    told = [_number(argument) for argument in numbers]
    chosen = None if None in told else kernel.chosen(*(int(number or 0) for number in told))
    if chosen is None:
        return None
    name, omission = chosen
    function = functions.find(name)
    if function is None or not function.takes(len(arguments)):
        return None
    for position, argument in enumerate(arguments):
        if function.parameter(position) in _BLANKS:
            # An error in the range counts before one that is read here.
            is_read = isinstance(argument, Area) and argument.is_cell and omission.errors
            if not is_read and _number(argument) is None:
                return None
        elif not isinstance(argument, Area):
            return None
    part = _call(Call(name, arguments))
    if not isinstance(part, Reduced | Ranged):
        return None
    return Selected(replace(part, expression=call), omission)


def _number(expression: Expression) -> float | None:
    """The number that an expression spells out, if it does."""
    value = expression.value if isinstance(expression, Literal) else None
    return value if isinstance(value, float) else None


def is_fixed(expression: Expression, *, whole: bool = False) -> bool:
    """Whether an expression comes to the same in all cells that hold it.

    A range of several cells does so only where it is taken `whole`; elsewhere a formula picks the
    cell of its own row or column.
    """
    match expression:
        case Area():
            ends = (expression.top, expression.bottom, expression.left, expression.right)
            return all(end.absolute for end in ends) and (whole or expression.is_cell)
        case Name() | Join() | Unary("@" | "#", _):
            return False
        case Call(name, arguments):
            function = functions.find(name)
            # What a function that the workbook defines reads is not told by its call.
            if function is None or function.reads != "arguments":
                return False
            return all(
                is_fixed(argument, whole=whole or _is_taken_whole(function, place, argument))
                for place, argument in enumerate(arguments)
            )
        case _:
            return all(is_fixed(operand, whole=whole) for operand in operands(expression))


def _is_taken_whole(function: Function, place: int, argument: Expression) -> bool:
    """Whether a function takes an argument as an array, or only the cell in the same row."""
    if place >= len(function.parameters) and not function.repeating:
        return False
    is_array = function.parameter(place) in ("array", "values")
    return is_array and (isinstance(argument, Area) or function.array_context)


def all_parts(operation: Operation) -> Iterator[Operation]:
    """An operation and all operations inside of it."""
    stack = [operation]
    while stack:
        part = stack.pop()
        yield part
        stack += parts_of(part)


def parts_of(operation: Operation) -> tuple[Operation, ...]:
    """The operations directly inside of one."""
    match operation:
        case Signed(_, operand):
            return (operand,)
        case Joined(first, rest):
            return (first, *(operand for _, operand in rest))
        case Chosen(condition, then, otherwise):
            return (condition, then, otherwise)
        case Instead(value, otherwise, _):
            return (value, otherwise)
        case Truths() | Applied() | Reduced() | Ranged():
            return operation.arguments
        case Selected(function, _):
            return (function,)
        case _:
            return ()
