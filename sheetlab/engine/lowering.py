"""Formulas lowered to a small program: what is to be done, without the ways of a spreadsheet.

A lowered formula is a tree of a dozen operations. What a formula may say in many ways (ranges that
stay or move, arguments left out, cases for choices) is decided here once, so that whoever runs the
program (columns, loops, scenarios) knows values and functions and no formulas. Parts that need the
whole of Excel, such as array arithmetic, are left to the interpreter as `Interpreted`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
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
    ModalLookup,
    Omission,
    PlaceNumber,
    Position,
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
from sheetlab.engine.values.operators import COMPARISONS


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
# So many arguments are made of one with an array in it.
_MOST_ELEMENTS = 32
# How arguments are taken of which arrays are no more than one value.
_WHOLE = ("array", "values", "reference")
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
    if one.top == one.bottom and other.top == other.bottom:
        width = _width(one)
        return width is not None and width == _width(other)
    return (
        (one.top, one.bottom) == (other.top, other.bottom)
        and one.left == one.right
        and (other.left == other.right)
    )


def _is_one_element(table: Expression, *places: Expression) -> bool:
    """Whether INDEX can give no more than one cell: place 0 is a whole row or column."""
    if not isinstance(table, Area) or not all(map(_is_place, places)):
        return False
    return len(places) == 2 or table.left == table.right or table.top == table.bottom


def _is_place(expression: Expression) -> bool:
    """Whether an expression can be no number below 1."""
    if isinstance(expression, Literal):
        return type(expression.value) is float and expression.value >= 1
    if not isinstance(expression, Call):
        return False
    return isinstance(functions.kernel(expression.function), Position | PlaceNumber)


def _is_one_answer(
    _: Expression, searched: Expression, answers: Expression, *others: Expression
) -> bool:
    """Whether XLOOKUP can give no more than one cell."""
    if not (isinstance(searched, Area) and isinstance(answers, Area)):
        return False
    areas = (searched, answers)
    is_line = all(area.left == area.right for area in areas) or all(
        area.top == area.bottom for area in areas
    )
    return is_line and not any(map(spreads, others))


def _width(area: Area) -> int | None:
    """How many columns an area goes on to the right; None where that is not the same for all."""
    if area.left.absolute != area.right.absolute:
        return None
    return abs(area.right.value - area.left.value)


def _numbered(of_row: bool, cell: Expression | None = None) -> Operation | None:
    if cell is None or (isinstance(cell, Area) and cell.is_cell):
        return Numbered(of_row, cell)
    return None


def _element(call: Call, kernel: Element) -> Operation | None:
    table, *places = call.arguments
    if not isinstance(table, Area) or len(places) > 2:
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
        # What is compared is a truth value, or an error, in an array as by itself.
        each = _each_element(argument) if _is_comparison(argument) else [argument]
        if any(isinstance(one, Missing) or spreads(one) for one in each):
            return None
        parts += map(lowered, each)
    return Truths(call.function, join, tuple(parts), call)


def _is_comparison(expression: Expression) -> bool:
    return isinstance(expression, Chain) and expression.rest[-1][0] in COMPARISONS


def _reduced(call: Call, kernel: Reduction) -> Operation | None:
    parts: list[Operation] = []
    for argument in call.arguments:
        if isinstance(argument, Area):
            parts.append(Window(argument))
            continue
        for one in _each_element(argument):
            part = lowered(one)
            # Arrays in an argument would be reduced whole.
            if isinstance(part, Interpreted) or spreads(one):
                return None
            parts.append(part)
    return Reduced(kernel, tuple(parts), call)


def _each_element(argument: Expression) -> list[Expression]:
    """An argument for each element of the arrays that are spelt out in it; as it is without any.

    These are arrays that would spread over it, all of one shape and few.
    """
    shapes: set[tuple[int, int]] = set()
    _at_element(argument, 0, 0, shapes)
    if len(shapes) != 1:
        return [argument]
    rows, columns = shapes.pop()
    if rows * columns > _MOST_ELEMENTS:
        return [argument]
    places = product(range(rows), range(columns))
    return [_at_element(argument, row, column, shapes) for row, column in places]


def _at_element(
    expression: Expression, row: int, column: int, shapes: set[tuple[int, int]]
) -> Expression:
    """What an expression has in one place where arrays spread over it, whose shapes are noted."""
    match expression:
        case ArrayConstant(rows):
            shapes.add((len(rows), len(rows[0])))
            return rows[row][column]
        case Chain(first, rest):
            return Chain(
                _at_element(first, row, column, shapes),
                tuple((sign, _at_element(part, row, column, shapes)) for sign, part in rest),
            )
        case Unary(sign, operand):
            return Unary(sign, _at_element(operand, row, column, shapes))
        case Call(name, arguments):
            function = functions.find(name)
            if function is None or not function.takes(len(arguments)) or function.spreads:
                return expression
            if isinstance(function.kernel, Reduction | Connective):
                return expression
            if isinstance(function.kernel, Choice | Cases | Switch | Fallback):
                decided: set[tuple[int, int]] = set()
                _at_element(arguments[0], row, column, decided)
                if not decided:
                    # Only what is chosen may be an array.
                    return expression
            return Call(
                name,
                tuple(
                    argument
                    if function.parameter(place) in _WHOLE
                    else _at_element(argument, row, column, shapes)
                    for place, argument in enumerate(arguments)
                ),
            )
        case _:
            return expression


def spreads(expression: Expression, *, whole: bool = True) -> bool:
    """Whether an expression may come to several values where an array may stand.

    A range that is not taken `whole` comes to the one cell of it in the formula's row or column.
    """
    match expression:
        case Area():
            return whole and not expression.is_cell
        case Literal() | Missing():
            return False
        case Chain() | Unary("-" | "+" | "%", _):
            return any(spreads(operand, whole=False) for operand in operands(expression))
        case Call(name, arguments):
            function = functions.find(name)
            if function is None or not function.takes(len(arguments)) or function.spreads:
                return True
            return _spreads(function, arguments, whole)
        case _:
            return True


def _spreads(function: Function, arguments: tuple[Expression, ...], whole: bool) -> bool:
    match function.kernel:
        case Reduction() | Connective():
            return False
        case Choice() | Cases() | Switch() | Fallback():
            return any(spreads(argument, whole=whole) for argument in arguments)
        case Element() if whole and not _is_one_element(*arguments):
            return True
        case ModalLookup() if whole and not _is_one_answer(*arguments):
            return True
    return any(
        spreads(argument, whole=False)
        for place, argument in enumerate(arguments)
        if function.parameter(place) not in _WHOLE
    )


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
