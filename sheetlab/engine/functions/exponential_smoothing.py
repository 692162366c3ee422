"""Additive exponential smoothing of a series in equal steps, with a trend and perhaps a season.

The method of Holt and Winters, as in NIST's Engineering Statistics Handbook, 6.4.3.3 and 6.4.3.5;
its parameters are those with the least sum of squared errors one step ahead.
"""

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.functions.kernels import Floats

# The first grid of parameters has these; then it becomes finer around the best, to the last step.
_GRID = np.linspace(0.0, 1.0, 11)
_FINER = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
_LAST_STEP = 1e-6
_MOST_GRIDS = 100
# By so much may a correlation be lower.
_ABOUT_AS_GOOD = 0.1
# So many more parameters at once take about as long as a step more.
_COMBINATIONS_OF_A_STEP = 128


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """What smoothing made of a series: its parameters, its errors, and its state at the end.

    `seasons` are the last ones, the oldest first, (period,), or none without a season.
    `errors` are the values less those forecast one step ahead, from the second value on.
    """

    alpha: float
    beta: float
    gamma: float
    level: float
    trend: float
    seasons: tuple[float, ...]
    errors: Floats

    def ahead(self, steps: int) -> float:
        """The value so many steps, at least 0, after the end; at 0, the end as it is smoothed."""
        season = self.seasons[(steps - 1) % len(self.seasons)] if self.seasons else 0.0
        return self.level + steps * self.trend + season

    @property
    def root_mean_squared_error(self) -> float:
        """Of the errors one step ahead."""
        return math.sqrt(float(np.mean(self.errors**2)))

    def deviation_ahead(self, steps: int) -> float:
        """The standard deviation of the value so many steps ahead, at least 1.

        From the model in terms of its errors (Hyndman et al., Forecasting with Exponential
        Smoothing, 2008, table 6.1).
        """
        after = np.arange(1.0, steps)
        weights = self.alpha + after * self.alpha * self.beta
        if self.seasons:
            weights += self.gamma * (1 - self.alpha) * (after % len(self.seasons) == 0)
        return self.root_mean_squared_error * math.sqrt(1 + float(np.sum(weights**2)))


def smoothed(series: Floats, period: int) -> Smoothed:
    """The series, (n,) with n at least 2, smoothed with a season of so many steps, 1 for none.

    With a season, n is at least two periods.
    """
    return _smoothed(series.tobytes(), period)


@functools.lru_cache(maxsize=64)
def _smoothed(series: bytes, period: int) -> Smoothed:
    """The same for a series as its bytes; the formulas of a column all ask for one."""
    values = np.frombuffer(series)
    start = _start(values, period)
    others = values[1:].tolist()

    def squares(parameters: Floats) -> Floats:
        state = _State(*start, parameters)
        total = np.zeros(parameters.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):
            for value in others:
                total += state.error(value) ** 2
        return total

    alpha, beta, gamma = _best(squares, has_season=period > 1)
    state = _State(*start, np.array([[alpha], [beta], [gamma]]))
    errors = np.concatenate([state.error(value) for value in others])
    return Smoothed(
        *(alpha, beta, gamma, float(state.level[0]), float(state.trend[0])),
        tuple(float(season[0]) for season in state.seasons),
        errors,
    )


def _start(values: Floats, period: int) -> tuple[float, float, Floats]:
    """Level and trend at the first value, and the season of the first period."""
    if period == 1:
        return float(values[0]), float(values[-1] - values[0]) / (len(values) - 1), np.empty(0)
    whole = values[: len(values) // period * period].reshape(-1, period)
    trend = float(np.mean(whole[1] - whole[0])) / period
    rise = (np.arange(period) - (period - 1) / 2) * trend
    seasons = (whole - whole.mean(axis=1, keepdims=True) - rise).mean(axis=0)
    return float(values[0] - seasons[0]), trend, seasons


class _State:
    """Level, trend and the seasons to come, for many parameters, (3, k), at once."""

    def __init__(self, level: float, trend: float, seasons: Floats, parameters: Floats) -> None:
        self._alpha, self._beta, self._gamma = parameters
        self.level, self.trend = (
            np.full(self._alpha.shape, level),
            np.full(self._alpha.shape, trend),
        )
        # The first of the seasons is that of the value from which it starts.
        self.seasons = [np.full(self._alpha.shape, season) for season in np.roll(seasons, -1)]
        self._steps = 2 + len(self._alpha) / _COMBINATIONS_OF_A_STEP

    def error(self, value: float) -> Floats:
        """Go on by a value; how much it is above what was expected, (k,)."""
        budget.current().spend(self._steps)
        expected = self.level + self.trend
        season = self.seasons.pop(0) if self.seasons else 0.0
        error: Floats = value - expected - season
        before, self.level = self.level, expected + self._alpha * error
        if isinstance(season, np.ndarray):
            self.seasons.append(season + self._gamma * (value - self.level - season))
        self.trend = self.trend + self._beta * (self.level - before - self.trend)
        return error


def _best(squares: Callable[[Floats], Floats], *, has_season: bool) -> tuple[float, float, float]:
    """The parameters from 0 to 1 with the least sum of squares; those are 0 that do not matter."""
    best, step = np.zeros((3, 1)), 1.0
    offsets = _GRID
    for _ in range(_MOST_GRIDS):
        axes = [np.unique(np.clip(best[place] + step * offsets, 0.0, 1.0)) for place in range(3)]
        if not has_season:
            axes[2] = np.zeros(1)
        grid = np.array(list(itertools.product(*axes))).T
        sums = squares(grid)
        sums[~np.isfinite(sums)] = math.inf
        found = grid[:, [int(np.argmin(sums))]]
        is_inside = bool(np.all((np.abs(found - best) < step) | (found == 0) | (found == 1)))
        best = found
        if offsets is _GRID:
            offsets, step = _FINER, float(_GRID[1])
        elif is_inside:
            step /= 2
        if step < _LAST_STEP:
            break
    alpha, beta, gamma = best[:, 0].tolist()
    return alpha, beta, gamma


def likely_period(series: Floats, longest: int) -> int:
    """The number of steps after which a series, (n,), changes again as it did; 1 for none.

    It is where the changes correlate most with themselves so many steps later, if they do so
    beyond what is likely by chance; of several about as good, such as 12 and 24, the least.
    """
    changes = np.diff(series) - float(np.mean(np.diff(series)))
    most = min(len(series) // 2, longest)
    scores = np.zeros(most + 2)
    for period in range(1, min(most + 2, len(changes))):
        budget.current().run(len(changes))
        one, other = changes[:-period], changes[period:]
        size = math.sqrt(float(one @ one) * float(other @ other))
        scores[period] = float(one @ other) / size if size else 0.0
    peaks = [
        period
        for period in range(2, most + 1)
        if scores[period] >= max(scores[period - 1], scores[period + 1])
        and scores[period] * math.sqrt(len(changes) - period) > _by_chance(most)
    ]
    best = max((scores[period] for period in peaks), default=0.0)
    return next((period for period in peaks if scores[period] >= best - _ABOUT_AS_GOOD), 1)


def _by_chance(count: int) -> float:
    """What the greatest of so many standard normal numbers exceeds once in twenty times."""
    return NormalDist().inv_cdf(1 - 0.05 / count)
