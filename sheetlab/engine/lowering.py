"""Formulas lowered to a small program: what is to be done, without the ways of a spreadsheet.

A lowered formula is a tree of a dozen operations. What a formula may say in many ways (ranges that
stay or move, arguments left out, IFS for IF) is decided here once, so that whoever runs the program
(columns, loops, scenarios) knows values and functions and no formulas. Parts that need the whole
of Excel, such as array arithmetic or OFFSET, are left to the interpreter as `Interpreted`.
"""

from dataclasses import dataclass
from typing import Any

from sheetlab.engine import functions
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import Reduction
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
    """AND, OR or XOR of values; of cells, what is no number or truth value does not count.

    `expression` is what it was lowered from; see `Reduced`.
    """

    name: str
    arguments: tuple["Operation", ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of single values."""

    name: str
    arguments: tuple["Operation", ...]


@dataclass(frozen=True, slots=True)
class Reduced:
    """A function of all numbers in its arguments, windows among them.

    `expression` is what it was lowered from, for cells that only the interpreter can do.
    """

    name: str
    arguments: tuple["Operation", ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Ranged:
    """A function of ranges and of single values, such as a lookup; see `Reduced`."""

    name: str
    arguments: tuple["Operation", ...]
    expression: Expression


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
    | Numbered
    | Interpreted
)

_TRUTHS = ("AND", "OR", "XOR")
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
    name, arguments = call.function, call.arguments
    match name, arguments:
        case "IF", (condition, then):
            return Chosen(lowered(condition), _branch(then), _FALSE)
        case "IF", (condition, then, otherwise):
            return Chosen(lowered(condition), _branch(then), _branch(otherwise))
        case "IFS", _ if 0 < len(arguments) <= _MOST_CASES and len(arguments) % 2 == 0:
            return _first_that_holds(arguments)
        case "SWITCH", (sought, *cases) if 1 < len(cases) <= _MOST_CASES:
            return _switch(lowered(sought), tuple(cases))
        case "IFERROR" | "IFNA", (value, otherwise):
            return Instead(lowered(value), _branch(otherwise), name == "IFNA")
        case "ROW" | "COLUMN", ():
            return Numbered(name == "ROW", None)
        case "ROW" | "COLUMN", (Area() as area,) if area.is_cell:
            return Numbered(name == "ROW", area)
        case _ if name in _TRUTHS and arguments:
            return _truths(call)
        case "INDEX", (_, _) | (_, _, _):
            return _index(call)
    function = functions.find(name)
    if function is None or not function.takes(len(arguments)):
        return None
    if isinstance(function.kernel, Reduction):
        return _reduced(call)
    if function.special:
        if function.plain is None:
            return None
        function = function.plain
    parts: list[Operation] = []
    for position, argument in enumerate(arguments):
        part = _argument(function, position, argument)
        if part is None:
            return None
        parts.append(part)
    if any(isinstance(part, Window) for part in parts):
        if name in ("SUMIF", "AVERAGEIF") and len(parts) == 3 and not _same_shape(parts):
            return None
        return Ranged(name, tuple(parts), call)
    if any(function.parameter(place) not in _BLANKS for place in range(len(arguments))):
        return None
    return Applied(name, tuple(parts))


def _argument(function: Function, position: int, argument: Expression) -> Operation | None:
    kind = function.parameter(position)
    if kind not in _BLANKS:
        # What is no range is array arithmetic, or a single value among arrays.
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


def _index(call: Call) -> Operation | None:
    table, *places = call.arguments
    if not (isinstance(table, Area) and table.top.absolute and table.bottom.absolute):
        return None
    if any(isinstance(place, Area) and not place.is_cell for place in places):
        return None
    parts = [LeftOut(0.0) if isinstance(place, Missing) else lowered(place) for place in places]
    return Ranged("INDEX", (Window(table), *parts), call)


def _branch(expression: Expression) -> Operation:
    """What is chosen; left out, it is blank."""
    return LeftOut(None) if isinstance(expression, Missing) else lowered(expression)


def _first_that_holds(cases: tuple[Expression, ...]) -> Operation:
    """IFS as one choice inside of the other, and #N/A where none holds."""
    found: Operation = Constant(Literal(NOT_AVAILABLE))
    for place in range(len(cases) - 2, -1, -2):
        found = Chosen(lowered(cases[place]), _branch(cases[place + 1]), found)
    return found


def _switch(sought: Operation, cases: tuple[Expression, ...]) -> Operation:
    found: Operation = Constant(Literal(NOT_AVAILABLE))
    if len(cases) % 2:
        found = _branch(cases[-1])
        cases = cases[:-1]
    for place in range(len(cases) - 2, -1, -2):
        same = Joined(sought, (("=", lowered(cases[place])),))
        found = Chosen(same, _branch(cases[place + 1]), found)
    return found


def _truths(call: Call) -> Operation | None:
    parts: list[Operation] = []
    for argument in call.arguments:
        if isinstance(argument, Missing) or (isinstance(argument, Area) and not argument.is_cell):
            return None
        parts.append(lowered(argument))
    return Truths(call.function, tuple(parts), call)


def _reduced(call: Call) -> Operation | None:
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
    return Reduced(call.function, tuple(parts), call)


def is_fixed(expression: Expression, *, whole: bool = False) -> bool:
    """Whether an expression comes to the same in all cells that hold it.

    A range of several cells does so only where it is taken `whole`; elsewhere a formula picks the
    cell of its own row or column.
    """
    match expression:
        case Area():
            ends = (expression.top, expression.bottom, expression.left, expression.right)
            return all(end.absolute for end in ends) and (whole or expression.is_cell)
        case Name() | Join() | Unary("@" | "#", _) | Call("LAMBDA" | "LET", _):
            return False
        case Call(name, arguments):
            function = functions.find(name)
            # What a LAMBDA reads is not told by its call.
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
        case Truths(_, arguments, _) | Applied(_, arguments):
            return arguments
        case Reduced(_, arguments, _) | Ranged(_, arguments, _):
            return arguments
        case _:
            return ()
