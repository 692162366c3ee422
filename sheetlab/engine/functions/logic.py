"""Functions of truth values, and those that ask what kind of value they are given."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import Connective, Negation
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.engine.values.conversions import logical_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.cell_value import CellError

_ERROR_TYPES = {
    "#NULL!": 1.0,
    "#DIV/0!": 2.0,
    "#VALUE!": 3.0,
    "#REF!": 4.0,
    "#NAME?": 5.0,
    "#NUM!": 6.0,
    "#N/A": 7.0,
    "#GETTING_DATA": 8.0,
    "#SPILL!": 9.0,
    "#CONNECT!": 10.0,
    "#BLOCKED!": 11.0,
    "#UNKNOWN!": 12.0,
    "#FIELD!": 13.0,
    "#CALC!": 14.0,
}
_TYPES = {float: 1.0, str: 2.0, bool: 4.0, CellError: 16.0}


def _truths(arguments: tuple[Values, ...]) -> list[bool]:
    """The truth values in arguments: numbers count, texts and blanks in cells do not.

    Raises `ErrorValue` #VALUE! for another text among the constants, or where there are none.
    """
    truths: list[bool] = []
    for argument in arguments:
        for value in argument.array.ravel().tolist():
            if type(value) in (float, bool):
                truths.append(bool(value))
            elif not argument.from_cells:
                truth = logical_of(value)
                if isinstance(truth, CellError):
                    raise ErrorValue(truth)
                truths.append(truth)
    if not truths:
        raise ErrorValue("#VALUE!")
    return truths


def _of_truths(combine: Callable[[list[bool]], bool], join: np.ufunc) -> Function:
    return Function(
        lambda *arguments: combine(_truths(arguments)),
        ("values",),
        repeating=1,
        required=1,
        kernel=Connective(join),
    )


def _asks(test: Callable[[Any], bool]) -> Function:
    return Function(test, ("scalar",), takes_errors=True)


def _is_even(number: float) -> bool:
    return int(number) % 2 == 0


def _number_or_zero(value: Scalar) -> float:
    return float(value) if isinstance(value, float | bool) else 0.0


def _text_or_nothing(value: Scalar) -> str:
    return value if isinstance(value, str) else ""


def _not_available() -> float:
    raise ErrorValue("#N/A")


def _error_type(value: Scalar) -> float:
    if not isinstance(value, CellError) or value.code not in _ERROR_TYPES:
        raise ErrorValue("#N/A")
    return _ERROR_TYPES[value.code]


def _type(array: Array) -> float:
    return 64.0 if array.size > 1 else _TYPES.get(type(array.tolist()[0][0]), 1.0)


FUNCTIONS: dict[str, Function] = {
    "AND": _of_truths(all, np.logical_and),
    "ERROR.TYPE": Function(_error_type, ("scalar",), takes_errors=True),
    "FALSE": Function(lambda: False, ()),
    "ISBLANK": _asks(lambda value: value is None),
    "ISERR": _asks(lambda value: type(value) is CellError and value != NOT_AVAILABLE),
    "ISERROR": _asks(lambda value: type(value) is CellError),
    "ISEVEN": Function(_is_even, ("quantity",)),
    "ISLOGICAL": _asks(lambda value: type(value) is bool),
    "ISNA": _asks(lambda value: value == NOT_AVAILABLE),
    "ISNONTEXT": _asks(lambda value: type(value) is not str),
    "ISNUMBER": _asks(lambda value: type(value) is float),
    "ISODD": Function(lambda number: not _is_even(number), ("quantity",)),
    "ISTEXT": _asks(lambda value: type(value) is str),
    "N": Function(_number_or_zero, ("scalar",)),
    "NA": Function(_not_available, ()),
    "NOT": Function(lambda truth: not truth, ("logical",), kernel=Negation()),
    "OR": _of_truths(any, np.logical_or),
    "T": Function(_text_or_nothing, ("scalar",)),
    "TRUE": Function(lambda: True, ()),
    "TYPE": Function(_type, ("array",), takes_errors=True),
    "XOR": _of_truths(lambda truths: sum(truths) % 2 == 1, np.logical_xor),
}
