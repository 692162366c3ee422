"""Functions that give another value each time: random numbers and the clock."""

import datetime
import math

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Drawn, Floats
from sheetlab.engine.interpreter.evaluation import Context, Value, value_of
from sheetlab.engine.syntax.expression import Expression, Missing
from sheetlab.engine.values.arrays import first, packed, side_by_side
from sheetlab.engine.values.conversions import logical_of, number_of, serial_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]

# Whole numbers are drawn of 64 bits.
_LARGEST = 2**62
_SECONDS_OF_DAY = 86_400


def _rand(arguments: Arguments, context: Context) -> float:
    return float(context.source.random.random())


def _rand_between(arguments: Arguments, context: Context) -> Value:
    bounds = [value_of(argument, context) for argument in arguments]
    if not any(isinstance(bound, np.ndarray) for bound in bounds):
        return _integer_between(first(bounds[0]), first(bounds[1]), context)
    (lows, highs), shape = side_by_side(bounds)
    return packed(
        [_integer_between(low, high, context) for low, high in zip(lows, highs, strict=True)], shape
    )


def _integer_between(low: Scalar, high: Scalar, context: Context) -> float | CellError:
    lowest, highest = (number_of(bound, context.source.date_1904) for bound in (low, high))
    if isinstance(lowest, CellError):
        return lowest
    if isinstance(highest, CellError):
        return highest
    lowest, highest = math.ceil(lowest), math.floor(highest)
    if lowest > highest or max(-lowest, highest) > _LARGEST:
        return CellError("#NUM!")
    return float(context.source.random.integers(lowest, highest, endpoint=True))


def _many(random: "np.random.Generator", count: int) -> Floats:
    return random.random(count)


def _many_between(random: "np.random.Generator", count: int, low: float, high: float) -> Floats:
    lowest, highest = math.ceil(low), math.floor(high)
    if lowest > highest or max(-lowest, highest) > _LARGEST:
        raise ValueError
    return random.integers(lowest, highest, count, endpoint=True).astype(np.float64)


def _rand_array(arguments: Arguments, context: Context) -> Array:
    settings = [1.0, 1.0, 0.0, 1.0, 0.0]
    for position, argument in enumerate(arguments):
        if not isinstance(argument, Missing):
            value = first(value_of(argument, context))
            if position == len(settings) - 1:
                value = logical_of(value)
            number = number_of(value, context.source.date_1904)
            if isinstance(number, CellError):
                raise ErrorValue(number)
            settings[position] = number
    rows, columns, low, high, whole_numbers = settings
    if not (1 <= rows < MAX_ROW + 1 and 1 <= columns < MAX_COLUMN + 1) or low > high:
        raise ErrorValue("#VALUE!")
    shape = int(rows), int(columns)
    context.source.budget.reserve(shape[0] * shape[1], numbers=True)
    if not whole_numbers:
        return context.source.random.uniform(low, high, shape)
    if low != int(low) or high != int(high):
        raise ErrorValue("#VALUE!")
    if max(-low, high) > _LARGEST:
        raise ErrorValue("#NUM!")
    drawn = context.source.random.integers(int(low), int(high), shape, endpoint=True)
    return drawn.astype(np.float64)


def _now(arguments: Arguments, context: Context) -> float:
    now = datetime.datetime.now()
    seconds = (now.hour * 60 + now.minute) * 60 + now.second + now.microsecond / 1e6
    return _today(arguments, context) + seconds / _SECONDS_OF_DAY


def _today(arguments: Arguments, context: Context) -> float:
    return serial_of(datetime.date.today(), context.source.date_1904) or 0.0


FUNCTIONS: dict[str, Function] = {
    "NOW": Function(_now, special=True, reads="clock", date_result=True),
    "RAND": Function(_rand, special=True, reads="random", kernel=Drawn(_many)),
    "RANDARRAY": Function(
        _rand_array,
        ("number", "number", "number", "number", "logical"),
        required=0,
        special=True,
        reads="random",
        spreads=True,
    ),
    "RANDBETWEEN": Function(
        _rand_between,
        ("number", "number"),
        special=True,
        reads="random",
        kernel=Drawn(_many_between),
    ),
    "TODAY": Function(_today, special=True, reads="clock", date_result=True),
}
