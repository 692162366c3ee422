"""Formulas written as Python, for loops over numbers and truth values.

The text is put together from the operations of the lowered formulas and a fixed table; no text of
the file gets into it. Its variables are numbered, its constants are passed in or written by `repr`
of a float.
"""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple, Protocol

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.blocks import Block
from sheetlab.engine.columns.column import is_array
from sheetlab.engine.functions.kernels import Elementwise, Negation, Reduction
from sheetlab.engine.functions.mathematics import power_of_floats
from sheetlab.engine.loops.orders import NoLoopError
from sheetlab.engine.loops.stretches import Given, Stretch
from sheetlab.engine.lowering import (
    Applied,
    Cell,
    Chosen,
    Constant,
    Instead,
    Joined,
    LeftOut,
    Operation,
    Reduced,
    Signed,
    Truths,
    Window,
)
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.operators import order_of_numbers

# Values of so many earlier steps are variables of a loop at most.
MOST_CARRIED = 8
# So many cells of a range are written one by one at most.
MOST_JOINED = 64
# The code of so many texts is kept.
_KEPT_TEXTS = 64

# How Python writes what joins truth values, and what a reduction does.
_LOGICAL: dict[np.ufunc, str] = {np.logical_and: " and ", np.logical_or: " or "}
_JOINED: dict[np.ufunc, str] = {np.add: "+", np.minimum: "min", np.maximum: "max"}
_COMPARISONS = {
    "=": "equal({},{})",
    "<>": "(not equal({},{}))",
    "<": "less({},{})",
    ">": "less({1},{0})",
    ">=": "(not less({},{}))",
    "<=": "(not less({1},{0}))",
}


class Line(NamedTuple):
    """One row or column of one sheet, at a place across the loop, so many steps away.

    `sheet` is "" where it is that of all blocks of the loop, which may be used for others.
    """

    sheet: str
    place: int
    offset: int


class Loop(Protocol):
    """A loop that is written."""

    @property
    def text(self) -> str:
        """The Python, one function."""

    @property
    def variables(self) -> dict[str, Line]:
        """What those variables are that stand for cells, in the order in which they came up."""

    def calculate(self, stretch: Stretch) -> int | None:
        """Calculate the steps of a stretch; the one where it got stuck, if it did."""


@dataclass(slots=True)
class FormulaWriter(ABC):
    """Writes the formula of one block; how it reads cells depends on the kind of the loop.

    `known` are the functions of Excel that the text calls, by the names that they have there.
    """

    stretch: Stretch
    block: Block
    known: dict[str, Callable[..., Any]]

    @abstractmethod
    def cell(self, area: Area) -> str:
        """The variable of a cell."""

    @abstractmethod
    def window(self, area: Area, joint: str) -> list[str]:
        """What a range consists of that is joined by `+`, `min` or `max`."""

    def formula(self) -> str:
        """The Python for the block's formula; raises `NoLoopError` where it gives no number."""
        text, is_number = self.write(self.block.program)
        if not is_number:
            raise NoLoopError
        return text

    def write(self, operation: Operation) -> tuple[str, bool]:
        """The Python for an operation, and whether it gives a number (else a truth value)."""
        if isinstance(operation, Constant):
            if type(operation.value) is float:
                return repr(operation.value), True
            if type(operation.value) is bool:
                return repr(operation.value), False
            raise NoLoopError
        given = Given(self.block, operation)
        if given in self.stretch.given:
            return self.given(given)
        match operation:
            case Cell(area):
                return self.cell(area), True
            case Signed("+", operand):
                return self.write(operand)
            case Signed("-", operand):
                return f"(-{self._number(operand)})", True
            case Signed("%", operand):
                return f"({self._number(operand)}/100.0)", True
            case Joined(first, rest):
                return self._chain(first, rest)
            case Chosen(condition, then, otherwise):
                truth = self._truth(condition)
                (one, is_number), (other, also) = self.write(then), self.write(otherwise)
                if is_number != also:
                    raise NoLoopError
                return f"({one} if {truth} else {other})", is_number
            case Truths(_, join, arguments, _):
                if join not in _LOGICAL or any(
                    isinstance(argument, Cell) for argument in arguments
                ):
                    # Blank cells and texts do not count there.
                    raise NoLoopError
                return f"({_LOGICAL[join].join(map(self._truth, arguments))})", False
            case Reduced(kernel, arguments, _):
                return self._reduced(kernel, arguments), True
            case Instead(value, _, _):
                # Where the value is an error, the loop ends.
                return self.write(value)
            case Applied(name, arguments):
                if isinstance(functions.kernel(name), Negation):
                    return f"(not {self._truth(arguments[0])})", False
                return self._applied(name, arguments), True
            case _:
                raise NoLoopError

    def given(self, given: Given) -> tuple[str, bool]:
        """The variable of a given part, and whether it is a number (else a truth value)."""
        value = self.stretch.given[given]
        name = f"g_{list(self.stretch.given).index(given)}"
        if is_array(value):
            return name, value.dtype != bool
        if type(value) not in (float, bool, type(None)):
            raise NoLoopError
        return name, type(value) is not bool

    def _number(self, operation: Operation) -> str:
        text, is_number = self.write(operation)
        return text if is_number else f"({text}+0.0)"

    def _truth(self, operation: Operation) -> str:
        text, is_number = self.write(operation)
        return f"finite({text})" if is_number else text

    def _checked(self, operation: Operation) -> str:
        """A number that would be lost if it were infinite: it could give a finite result."""
        text = self._number(operation)
        simple = isinstance(operation, Cell | Constant)
        return text if simple else f"finite({text})"

    def _chain(self, first: Operation, rest: Sequence[tuple[str, Operation]]) -> tuple[str, bool]:
        text, is_number = self.write(first)
        for sign, operand in rest:
            left = text if is_number else f"({text}+0.0)"
            if sign in ("+", "-", "*"):
                text, is_number = f"({left}{sign}{self._number(operand)})", True
            elif sign == "/":
                text, is_number = f"({left}/{self._checked(operand)})", True
            elif sign == "^" and isinstance(operand, Constant) and operand.value == 2.0:
                text, is_number = f"({left}**2.0)", True
            elif sign == "^":
                text, is_number = f"power(finite({left}), {self._checked(operand)})", True
            elif sign == "&" or not is_number:
                raise NoLoopError
            else:
                right, number = self.write(operand)
                if not number:
                    raise NoLoopError
                compared = f"finite({left})", f"finite({right})"
                text, is_number = _COMPARISONS[sign].format(*compared), False
        return text, is_number

    def _applied(self, name: str, arguments: Sequence[Operation]) -> str:
        function = functions.find(name)
        if function is None or not all(
            function.parameter(place) == "number" for place in range(len(arguments))
        ):
            raise NoLoopError
        if any(isinstance(argument, LeftOut) for argument in arguments):
            raise NoLoopError
        if self.stretch.columns.source.date_1904 and (
            function.date_result or function.date_parameters
        ):
            # The loop's functions count days from 1900.
            raise NoLoopError
        values = ", ".join(self._checked(argument) for argument in arguments)
        called = f"f_{name.replace('.', '_')}"
        if isinstance(function.kernel, Elementwise):
            self.known[called] = function.kernel.of_row
            return f"{called}({values})"
        self.known[called] = function.call
        return f"float({called}({values}))"

    def _reduced(self, kernel: Reduction, arguments: Sequence[Operation]) -> str:
        joint = _JOINED.get(kernel.combine)
        if joint is None or kernel.prepare or kernel.of_counts != "total":
            raise NoLoopError
        parts: list[str] = []
        for argument in arguments:
            if isinstance(argument, Window):
                parts += self.window(argument.area, joint)
            else:
                parts.append(self._checked(argument))
        if joint == "+":
            return f"({'+'.join(parts)})"
        return parts[0] if len(parts) == 1 else f"{joint}({', '.join(parts)})"


def few(cells: Any) -> Any:
    """The same cells of a range; raises `NoLoopError` where they are too many to be written."""
    if len(cells) > MOST_JOINED:
        raise NoLoopError
    return cells


def looped(
    inputs: Sequence[str],
    series: str,
    others: Sequence[str],
    lines: Sequence[str],
    known: Mapping[str, Callable[..., Any]],
) -> tuple[str, Callable[..., None]]:
    """The text of a function that takes a list for each input, and the function.

    It goes through the lists, whose names begin with `series`, at once, and does what the lines
    say, which call what is `known`. `others` are its other parameters.
    """
    lists = [f"{series}_{number}" for number in range(len(inputs))]
    head = f"for {', '.join(inputs)}, in zip({', '.join(lists)})"
    body = "\n        ".join(lines)
    text = f"def run({', '.join([*lists, *others])}):\n    {head}:\n        {body}\n"
    namespace: dict[str, Any] = {**_NAMESPACE, **known}
    try:
        exec(_compiled(text), namespace)
    except (SyntaxError, RecursionError, MemoryError) as error:
        # Python nests no deeper.
        raise NoLoopError from error
    run: Callable[..., None] = namespace["run"]
    return text, run


@functools.lru_cache(_KEPT_TEXTS)
def _compiled(text: str) -> CodeType:
    """The code of a loop; sheets that are alike have the same."""
    return compile(text, "<loop>", "exec")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise OverflowError
    return value


def _equal(left: float, right: float) -> bool:
    return left == right or order_of_numbers(left, right) == 0


def _less(left: float, right: float) -> bool:
    return order_of_numbers(left, right) < 0


# All that a loop knows besides its arguments and the functions that it calls.
_NAMESPACE = {
    "__builtins__": {},
    "zip": zip,
    "min": min,
    "max": max,
    "float": float,
    "power": power_of_floats,
    "finite": _finite,
    "equal": _equal,
    "less": _less,
}
