"""The functions of one number that the numeric lane knows: over arrays, and row by row."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class NumericFunction(NamedTuple):
    """A function of one number: `of_column` takes an array, `of_row` a float."""

    of_column: Callable[..., Any]
    of_row: Callable[[float], float]


def _sign(number: float) -> float:
    return float((number > 0) - (number < 0))


def _floor(number: float) -> float:
    return float(math.floor(number))


# Each raises, or sets NumPy's flags, where its result would be an error.
NUMERIC_FUNCTIONS: dict[str, NumericFunction] = {
    "ABS": NumericFunction(np.abs, abs),
    "ACOS": NumericFunction(np.arccos, math.acos),
    "ASIN": NumericFunction(np.arcsin, math.asin),
    "ATAN": NumericFunction(np.arctan, math.atan),
    "COS": NumericFunction(np.cos, math.cos),
    "COSH": NumericFunction(np.cosh, math.cosh),
    "DEGREES": NumericFunction(np.degrees, math.degrees),
    "EXP": NumericFunction(np.exp, math.exp),
    "INT": NumericFunction(np.floor, _floor),
    "LN": NumericFunction(np.log, math.log),
    "LOG10": NumericFunction(np.log10, math.log10),
    "RADIANS": NumericFunction(np.radians, math.radians),
    "SIGN": NumericFunction(np.sign, _sign),
    "SIN": NumericFunction(np.sin, math.sin),
    "SINH": NumericFunction(np.sinh, math.sinh),
    "SQRT": NumericFunction(np.sqrt, math.sqrt),
    "TAN": NumericFunction(np.tan, math.tan),
    "TANH": NumericFunction(np.tanh, math.tanh),
}
