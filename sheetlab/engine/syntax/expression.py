"""What a formula says: an expression, whose references are relative to the cell that holds it.

Two cells whose formulas give equal expressions hold one formula, filled from one to the other.
Expressions never change. They are not frozen, since a frozen one takes four times as long to make,
and a workbook has many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sheetlab.files.address import MAX_ROW
from sheetlab.files.cell_value import CellValue


class Axis(NamedTuple):
    """A row or a column of a reference: its number where absolute, else the way from the cell."""

    absolute: bool
    value: int

    def at(self, origin: int) -> int:
        """The row or column number, for a formula in row or column `origin`."""
        return self.value if self.absolute else self.value + origin


@dataclass(slots=True, eq=False)
class Literal:
    """A number, text, truth value or error that the formula spells out."""

    value: CellValue

    def __eq__(self, other: object) -> bool:
        # To Python, 1.0 == True and an error equals its text; to Excel they differ.
        return (
            isinstance(other, Literal)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(slots=True, unsafe_hash=True)
class Missing:
    """An argument left out: `IF(A1,,2)`."""


@dataclass(slots=True, unsafe_hash=True)
class Area:
    """A rectangle of cells; `sheet` is None for the formula's own.

    Whole columns have the rows 1 to `MAX_ROW`, whole rows the columns 1 to `MAX_COLUMN`.
    `last_sheet` ends a reference through several sheets (`First:Last!A1`).
    """

    sheet: str | None
    top: Axis
    left: Axis
    bottom: Axis
    right: Axis
    last_sheet: str | None = None

    @property
    def is_cell(self) -> bool:
        """Whether it was written as one cell, whatever cell that is."""
        return self.top == self.bottom and self.left == self.right

    @property
    def whole_columns(self) -> bool:
        """Whether it runs over all rows of a sheet."""
        return self.top == (True, 1) and self.bottom == (True, MAX_ROW)


@dataclass(slots=True, unsafe_hash=True)
class Name:
    """A defined name, a table, a variable of LET or a parameter of LAMBDA."""

    name: str
    sheet: str | None = None


@dataclass(slots=True, unsafe_hash=True)
class Structured:
    """A part of a table: `Sales[[#This Row],[first]:[last]]`; `table` is None for the own one."""

    table: str | None
    items: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(slots=True, unsafe_hash=True)
class Call:
    """A function, its name in capitals without `_xlfn.`, with its arguments."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(slots=True, unsafe_hash=True)
class Apply:
    """A call of what an expression gives: `LAMBDA(x,x+1)(2)`."""

    function: "Expression"
    arguments: tuple["Expression", ...]


@dataclass(slots=True, unsafe_hash=True)
class Unary:
    """`-` and `+` before, `%` after an operand; `@` picks a cell, `#` all that a cell spilled."""

    operator: str
    operand: "Expression"


@dataclass(slots=True, unsafe_hash=True)
class Chain:
    """Operands joined by binary operators of one precedence, worked off from the left."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]


@dataclass(slots=True, unsafe_hash=True)
class Join:
    """References joined: `:` spans them, `,` unites them, a space leaves what they share."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(slots=True, unsafe_hash=True)
class ArrayConstant:
    """`{1,2;3,4}`, row by row."""

    rows: tuple[tuple[Literal, ...], ...]


Expression = (
    Literal
    | Missing
    | Area
    | Name
    | Structured
    | Call
    | Apply
    | Unary
    | Chain
    | Join
    | ArrayConstant
)


def operands(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside of one."""
    match expression:
        case Call(_, arguments):
            return arguments
        case Apply(function, arguments):
            return (function, *arguments)
        case Unary(_, operand):
            return (operand,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Join(_, left, right):
            return (left, right)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all expressions inside of it, in no order."""
    stack = [expression]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(operands(part))
