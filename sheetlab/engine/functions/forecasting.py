"""FORECAST.ETS and its kin: forecasts by exponential smoothing, with a trend and a season.

Excel does not tell how it finds parameters, the start and the season, so its figures may differ
in their last digits; `exponential_smoothing.py` says how it is done here.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sheetlab.engine.functions.dates import day_of
from sheetlab.engine.functions.exponential_smoothing import Smoothed, likely_period, smoothed
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.functions.matrices import number_pairs
from sheetlab.engine.functions.special import special
from sheetlab.engine.values.value import Array

_LONGEST_PERIOD = 8760
# Of so many points there may be as many missing as a share of them.
_MOST_MISSING = 0.3
# Steps are as long as each other up to rounding.
_CLOSE = 1e-6
_CONFIDENCE = 0.95
_LONGEST_MONTH = 31
# What points at one time become, by the number of the argument, from 1.
_AGGREGATIONS: tuple[Callable[[Floats], float], ...] = (
    *(np.mean, len, len, np.max, np.median, np.min, np.sum),
)


class _Series(NamedTuple):
    """Values in equal steps, (n,); `position` tells where a time lies, in steps from the first."""

    values: Floats
    step: float
    position: Callable[[float], float]


def _series(
    values: Array, timeline: Array, completion: float | None, aggregation: float | None
) -> _Series:
    ys, times = number_pairs(values, timeline)
    way = 1 if aggregation is None else math.floor(aggregation)
    if len(times) < 2 or completion not in (None, 0.0, 1.0) or way not in range(1, 8):
        raise ValueError
    time = _in_months(times) or float
    at = np.array([time(one) for one in times.tolist()])
    moments, places = np.unique(at, return_inverse=True)
    if len(moments) < 2:
        raise ValueError
    order = np.argsort(places, kind="stable")
    parts = np.split(ys[order], np.flatnonzero(np.diff(places[order])) + 1)
    points = np.array([float(_AGGREGATIONS[way - 1](part)) for part in parts])
    step = float(np.diff(moments).min())
    steps = (moments - moments[0]) / step
    whole = np.rint(steps)
    count = int(whole[-1]) + 1
    if np.abs(steps - whole).max() > _CLOSE or count - len(whole) > _MOST_MISSING * len(whole):
        raise ValueError
    complete = np.interp(np.arange(count), whole, points)
    if completion == 0:
        complete = np.zeros(count)
        complete[whole.astype(np.intp)] = points
    return _Series(complete, step, lambda when: (time(when) - float(moments[0])) / step)


def _in_months(times: Floats) -> Callable[[float], float] | None:
    """What turns a date into months, where all dates are the same day of some month."""
    try:
        days = [day_of(time) for time in times.tolist()]
    except ValueError:
        return None
    same = days[0].day
    if any(day.day != same for day in days) or len({(day.year, day.month) for day in days}) < 2:
        return None

    def months(time: float) -> float:
        day = day_of(time)
        part = (day.day - same + time - math.floor(time)) / _LONGEST_MONTH
        return 12.0 * day.year + day.month + part

    return months


def _period(series: _Series, seasonality: float | None) -> int:
    """The number of steps of a season, 1 for none."""
    wanted = 1.0 if seasonality is None else seasonality
    if not 0 <= wanted < _LONGEST_PERIOD + 1:
        raise ValueError
    if math.floor(wanted) == 1:
        return likely_period(series.values, _LONGEST_PERIOD)
    period = max(math.floor(wanted), 1)
    if 2 * period > len(series.values):
        raise ValueError
    return period


def _smoothed(series: _Series, seasonality: float | None) -> Smoothed:
    return smoothed(series.values, _period(series, seasonality))


def _steps_ahead(series: _Series, target: float) -> float:
    """How far a target lies behind the last value; `ValueError` where it lies before it."""
    steps = series.position(target) - (len(series.values) - 1)
    if steps < -_CLOSE:
        raise ValueError
    return max(steps, 0.0)


def _between(at: Callable[[int], float], steps: float) -> float:
    """Values at whole steps, and on the line between them."""
    before = math.floor(steps + _CLOSE)
    part = max(steps - before, 0.0)
    return at(before) if part <= _CLOSE else (1 - part) * at(before) + part * at(before + 1)


def _forecast(
    target: float,
    values: Array,
    timeline: Array,
    seasonality: float | None = None,
    completion: float | None = None,
    aggregation: float | None = None,
) -> float:
    series = _series(values, timeline, completion, aggregation)
    return _between(_smoothed(series, seasonality).ahead, _steps_ahead(series, target))


def _confidence_interval(
    target: float,
    values: Array,
    timeline: Array,
    level: float | None = None,
    seasonality: float | None = None,
    completion: float | None = None,
    aggregation: float | None = None,
) -> float:
    share = _CONFIDENCE if level is None else level
    if not 0 < share < 1:
        raise ValueError
    series = _series(values, timeline, completion, aggregation)
    result = _smoothed(series, seasonality)
    steps = _steps_ahead(series, target)

    def deviation(ahead: int) -> float:
        return result.deviation_ahead(ahead) if ahead else 0.0

    return float(special().ndtri((1 + share) / 2)) * _between(deviation, steps)


def _seasonality(
    values: Array,
    timeline: Array,
    completion: float | None = None,
    aggregation: float | None = None,
) -> float:
    return float(_period(_series(values, timeline, completion, aggregation), None))


def _statistic(
    values: Array,
    timeline: Array,
    kind: float,
    seasonality: float | None = None,
    completion: float | None = None,
    aggregation: float | None = None,
) -> float:
    series = _series(values, timeline, completion, aggregation)
    if not 1 <= kind < 9:
        raise ValueError
    result = _smoothed(series, seasonality)
    errors = np.abs(result.errors)
    match math.floor(kind):
        case 1:
            return result.alpha
        case 2:
            return result.beta
        case 3:
            return result.gamma
        case 4:
            # Against the forecast that nothing changes.
            return float(errors.mean()) / float(np.abs(np.diff(series.values)).mean())
        case 5:
            actual = series.values[1:]
            sizes = np.abs(actual) + np.abs(actual - result.errors)
            return float(2 * np.mean(np.divide(errors, sizes, where=sizes > 0, out=0 * sizes)))
        case 6:
            return float(errors.mean())
        case 7:
            return result.root_mean_squared_error
        case _:
            return series.step


# Seasonality, data completion and aggregation.
_OPTIONS: tuple[Parameter, ...] = ("number", "number", "number")

FUNCTIONS: dict[str, Function] = {
    "FORECAST.ETS": Function(
        _forecast, ("number", "array", "array", *_OPTIONS), required=3, date_parameters=(0, 2)
    ),
    "FORECAST.ETS.CONFINT": Function(
        _confidence_interval,
        ("number", "array", "array", "number", *_OPTIONS),
        required=3,
        date_parameters=(0, 2),
    ),
    "FORECAST.ETS.SEASONALITY": Function(
        _seasonality, ("array", "array", "number", "number"), required=2, date_parameters=(1,)
    ),
    "FORECAST.ETS.STAT": Function(
        _statistic,
        ("array", "array", "number", *_OPTIONS),
        required=3,
        date_parameters=(1,),
    ),
}
