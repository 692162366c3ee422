"""The declaration of a function of Excel: all that anybody needs to know beside its code.

The interpreter does what all functions share, so that a function itself is a few lines: it lifts
scalar parameters over arrays element by element, passes errors on, and converts values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sheetlab.engine.functions.kernels import Kernel
from sheetlab.engine.values.value import Array

Parameter = Literal[
    "number", "quantity", "text", "logical", "scalar", "array", "values", "reference", "lazy"
]  # fmt: skip
"""How a function takes an argument.

A "number", "text" or "logical" comes as float, str or bool, converted as Excel converts a single
value; a "quantity" is a number to which no truth value is converted, as in what once was Excel's
Analysis ToolPak. A "scalar" comes as it is, a blank cell as None. These are lifted over arrays. An
"array" comes as a whole `Array`; "values" comes as `Values`, which tells cells from constants.
An argument that is left out comes as None, or is not passed where it would be the last.

Only special forms take a "reference", of which they want the cells themselves, not only what
those hold, and what is "lazy": calculated where it is wanted, never, or more than once.
"""

Reads = Literal["arguments", "place", "clock", "random", "unknown"]
"""What a result depends on.

"arguments": on the values of the arguments; "place": on where references lie, and the formula;
"clock" and "random": on the time, or on chance; "unknown": on cells that the text does not tell.
"""


class Values(NamedTuple):
    """An argument as aggregates take it: in cells they skip text and truth values."""

    array: Array
    from_cells: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function of Excel.

    `call` gives a scalar or an `Array`. Errors: it may raise `ErrorValue`; `ZeroDivisionError`
    is #DIV/0!, `ValueError`, `OverflowError` and results that are not finite are #NUM!.
    A `special` form is called with the expressions of its arguments and the interpreter's
    `Context` instead; its parameters say what it makes of them.

    `parameters` are those of the positions; beyond its end, the last `repeating` ones come again
    and again. The first `required` may not be left out: all but the repeating ones, where None.
    Without `takes_errors`, an error in a lifted argument or anywhere in an array is the result,
    and the function is not called. With `array_context`, arguments that are arrays are calculated
    as in an array formula, also in an ordinary cell.

    What is `sparse` gives the same where places at which all arrays are blank are left out, or
    counts them for itself.

    What `spreads` may give several values, an array or a range, for arguments that are one.

    Of an aggregate whose arguments are no more than the numbers in them, as `numbers_of` tells
    these, `of_numbers` gives the same for the numbers.

    `date_parameters` are the positions of those that count days, or tell them for given
    arguments; `date_result` is whether the result does. `kernel` does the same for whole columns.
    A special form that is one only for odd references has a `plain` function for all others.
    """

    call: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    repeating: int = 0
    required: int | None = None
    takes_errors: bool = False
    array_context: bool = False
    special: bool = False
    reads: Reads = "arguments"
    sparse: bool = False
    spreads: bool = False
    of_numbers: Callable[[Any], Any] | None = None
    date_parameters: tuple[int, ...] | Callable[..., tuple[int, ...]] = ()
    date_result: bool = False
    kernel: Kernel | None = None
    plain: "Function | None" = None

    @property
    def least(self) -> int:
        """How many arguments have to be given."""
        return len(self.parameters) - self.repeating if self.required is None else self.required

    def takes(self, count: int) -> bool:
        """Whether so many arguments may be given."""
        return self.least <= count and (count <= len(self.parameters) or self.repeating > 0)

    def parameter(self, position: int) -> Parameter:
        """How the argument at a position is taken; it must be one of those that may be given."""
        fixed = len(self.parameters)
        if position >= fixed:
            position = fixed - self.repeating + (position - fixed) % self.repeating
        return self.parameters[position]
