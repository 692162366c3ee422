"""What a function of Excel is to the interpreter: how it is called, and what it takes.

The interpreter does what all functions share, so that a function itself is a few lines: it lifts
scalar parameters over arrays element by element, passes errors on, and converts values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sheetlab.engine.values.value import Array

Parameter = Literal["number", "text", "logical", "scalar", "array", "values"]
"""How a function takes an argument.

A "number", "text" or "logical" comes as float, str or bool, converted as Excel converts a single
value; a "scalar" comes as it is, a blank cell as None. These four are lifted over arrays. An
"array" comes as a whole `Array`; "values" comes as `Values`, which tells cells from constants.
An argument that is left out comes as None, or is not passed where it would be the last.
"""


class Values(NamedTuple):
    """An argument as aggregates take it: in cells they skip text and truth values."""

    array: Array
    from_cells: bool


@dataclass(frozen=True, slots=True)
class Function:
    """One function of Excel.

    `call` gives a scalar or an `Array`. Errors: it may raise `ErrorValue`; `ZeroDivisionError`
    is #DIV/0!, `ValueError`, `OverflowError` and results that are not finite are #NUM!.
    `parameters` are those of the positions; beyond its end, the last `repeating` ones come again
    and again. Without `takes_errors`, an error in a lifted argument or anywhere in an array is
    the result, and the function is not called.
    """

    call: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    repeating: int = 0
    takes_errors: bool = False
    required: int | None = None

    def parameter(self, position: int) -> Parameter:
        """How the argument at a position is taken; it must be one of those that may be given."""
        fixed = len(self.parameters)
        if position >= fixed:
            position = fixed - self.repeating + (position - fixed) % self.repeating
        return self.parameters[position]
