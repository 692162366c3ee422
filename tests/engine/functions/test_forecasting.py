"""FORECAST.ETS and its kin, against series whose future is known, brute force and LibreOffice."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.functions.excel import NA, NUM, excel
from engine.workbooks import write
from openpyxl.utils import get_column_letter

from sheetlab.checking.engines import libreoffice
from sheetlab.engine import load
from sheetlab.engine.functions import find
from sheetlab.engine.functions.exponential_smoothing import smoothed
from sheetlab.engine.functions.kernels import Floats

SEASON = [3.0, -1.0, 4.0, -6.0]
TIMES = [float(time) for time in range(1, 21)]
LINE = [10 + 2 * time for time in TIMES]
SEASONAL = [value + SEASON[place % 4] for place, value in enumerate(LINE)]
# The first days of months from January 2023 on.
MONTHS = [44927.0, 44958.0, 44986.0, 45017.0, 45047.0, 45078.0, 45108.0, 45139.0]


def noisy(count: int, period: int, seed: int) -> tuple[list[float], list[float]]:
    generator = np.random.default_rng(seed)
    times = np.arange(1.0, count + 1)
    season = 10 * np.sin(2 * np.pi * times / period) if period > 1 else 0.0
    values = 50 + 0.7 * times + season + generator.normal(0, 2, count).cumsum() / 4
    return times.tolist(), values.tolist()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((21, LINE, TIMES), 52),
        ((30, LINE, TIMES, 0), 70),
        ((20.5, LINE, TIMES, 0), 51),
        ((23, SEASONAL, TIMES), 60),
        ((24, SEASONAL, TIMES, 4), 52),
        ((25, SEASONAL, TIMES, 4), 63),
        ((22.5, SEASONAL, TIMES, 4), (53 + 60) / 2),
        # The order of the points makes no difference, nor does a row.
        ((25, SEASONAL[::-1], TIMES[::-1], 4), 63),
        ((25, [SEASONAL], [TIMES], 4), 63),
        # A point that is missing, filled in on the line between others.
        ((21, LINE[:5] + LINE[6:], TIMES[:5] + TIMES[6:]), 52),
        ((21, [*LINE[:5], None, *LINE[6:]], TIMES), 52),
        # Two points at one time: their mean, or what else is asked for.
        ((21, [*LINE, 49, 51], [*TIMES, 20, 20]), 52),
        ((21, [*LINE, 40], [*TIMES, 20], 0, 1, 4), 52),
        ((21, [*LINE[:-1], 20, 30], [*TIMES, 20], 0, 1, 7), 52),
        # Months are steps, though they have not as many days.
        ((45170, [1, 2, 3, 4, 5, 6, 7, 8], MONTHS), 9),
        ((45292, [1, 2, 3, 4, 5, 6, 7, 8], MONTHS), 13),
        ((20, LINE, TIMES), 50),
        ((19, LINE, TIMES), NUM),
        ((21, LINE[:-1], TIMES), NA),
        ((21, LINE, TIMES, 11), NUM),
        ((21, LINE, TIMES, 8761), NUM),
        ((21, LINE, TIMES, -1), NUM),
        ((21, LINE, TIMES, 0, 2), NUM),
        ((21, LINE, TIMES, 0, 1, 8), NUM),
        ((21, LINE, [*TIMES[:-1], 20.4]), NUM),
        ((21, [1, 2, 3], [1, 2, 10]), NUM),
        ((21, [1], [1]), NUM),
        ((21, [1, 2], [1, 1]), NUM),
        ((21, [NA, *LINE[1:]], TIMES), NA),
    ],
)
def test_forecasts(arguments: tuple[Any, ...], expected: Any) -> None:
    found = excel("FORECAST.ETS", *arguments)
    assert found == (
        pytest.approx(expected, rel=1e-9) if isinstance(expected, int | float) else expected
    )


def test_missing_points_as_zeros() -> None:
    values, times = LINE[:5] + LINE[6:], TIMES[:5] + TIMES[6:]
    zeros = [*LINE[:5], 0, *LINE[6:]]
    assert excel("FORECAST.ETS", 21, values, times, 0, 0) == excel(
        "FORECAST.ETS", 21, zeros, TIMES, 0
    )


@pytest.mark.parametrize(("count", "period"), [(48, 12), (40, 4), (200, 7), (60, 1), (24, 1)])
def test_the_season_that_is_there_is_found(count: int, period: int) -> None:
    times, values = noisy(count, period, seed=5)
    assert excel("FORECAST.ETS.SEASONALITY", values, times) == period


@pytest.mark.parametrize("constant", [[5.0] * 8, LINE])
def test_what_does_not_change_has_no_season(constant: list[float]) -> None:
    assert excel("FORECAST.ETS.SEASONALITY", constant, TIMES[: len(constant)]) == 1


def errors_of(values: list[float], period: int, parameters: Floats) -> list[float]:
    """The errors one step ahead, by the equations as NIST's handbook has them."""
    alpha, beta, gamma = parameters.tolist()
    if period == 1:
        trend = (values[-1] - values[0]) / (len(values) - 1)
        seasons = [0.0]
    else:
        whole = [values[at : at + period] for at in range(0, len(values) - period + 1, period)]
        trend = sum(b - a for a, b in zip(whole[0], whole[1], strict=True)) / period**2
        seasons = [
            sum(
                part[place] - sum(part) / period - (place - (period - 1) / 2) * trend
                for part in whole
            )
            / len(whole)
            for place in range(period)
        ]
    level = values[0] - seasons[0]
    errors = []
    for place, value in enumerate(values[1:], 1):
        season = seasons[place % period]
        errors.append(value - (level + trend + season))
        before = level
        level = alpha * (value - season) + (1 - alpha) * (level + trend)
        trend = beta * (level - before) + (1 - beta) * trend
        if period > 1:
            seasons[place % period] = gamma * (value - level) + (1 - gamma) * season
    return errors


@pytest.mark.parametrize(("count", "period", "seed"), [(24, 1, 1), (48, 12, 2), (40, 4, 3)])
def test_no_other_parameters_have_smaller_errors(count: int, period: int, seed: int) -> None:
    times, values = noisy(count, period, seed)
    found = [
        excel("FORECAST.ETS.STAT", values, times, kind, period if period > 1 else 0)
        for kind in range(1, 9)
    ]
    errors = errors_of(values, period, np.array(found[:3]))
    least = sum(error**2 for error in errors)
    generator = np.random.default_rng(seed)
    for parameters in generator.uniform(0, 1, (300, 3)):
        assert sum(error**2 for error in errors_of(values, period, parameters)) >= least * (
            1 - 1e-9
        )
    sizes = [abs(error) for error in errors]
    naive = [abs(b - a) for a, b in pairwise(values)]
    relative = [
        2 * abs(error) / (abs(value) + abs(value - error))
        for error, value in zip(errors, values[1:], strict=True)
    ]
    mean = sum(sizes) / len(sizes)
    assert found[3:] == pytest.approx(
        [
            mean / (sum(naive) / len(naive)),
            sum(relative) / len(relative),
            mean,
            math.sqrt(least / len(errors)),
            1,
        ],
        rel=1e-9,
    )


def test_the_interval_is_that_of_simulated_futures() -> None:
    times, values = noisy(48, 4, seed=7)
    alpha, beta, gamma, deviation = (
        excel("FORECAST.ETS.STAT", values, times, kind, 4) for kind in (1, 2, 3, 7)
    )
    ahead, count = 9, 40_000
    noise = np.random.default_rng(1).normal(0, deviation, (ahead, count))
    levels, trends, seasons = (np.zeros(count) for _ in range(3))
    coming = [np.zeros(count) for _ in range(4)]
    for step in range(ahead):
        seasons = coming[step % 4]
        value = levels + trends + seasons + noise[step]
        before, levels = levels, levels + trends + alpha * noise[step]
        trends = trends + beta * (levels - before - trends)
        coming[step % 4] = seasons + gamma * (value - levels - seasons)
    expected = 1.959964 * float(value.std())
    found = excel("FORECAST.ETS.CONFINT", 48 + ahead, values, times, 0.95, 4)
    assert found == pytest.approx(expected, rel=0.02)
    assert excel("FORECAST.ETS.CONFINT", 49, values, times, 0.95, 4) == pytest.approx(
        1.959963984540054 * deviation, rel=1e-9
    )
    assert excel("FORECAST.ETS.CONFINT", 49, values, times, 1, 4) == NUM
    assert excel("FORECAST.ETS.CONFINT", 49, values, times) > 0


def test_a_season_comes_again() -> None:
    end = smoothed(np.array(SEASONAL), 4)
    assert [end.ahead(steps) - end.ahead(steps - 4) for steps in (5, 6, 11)] == pytest.approx(
        [8.0] * 3
    )
    assert end.ahead(0) == pytest.approx(SEASONAL[-1])


def test_days_from_1904() -> None:
    function = find("FORECAST.ETS", date_1904=True)
    assert function is not None
    values, times = (np.array(column).reshape(-1, 1) for column in (range(1, 9), MONTHS))
    found = function.call(MONTHS[-1] - 1462 + 31, values * 1.0, times - 1462)
    assert found == pytest.approx(9, rel=1e-12)


@pytest.mark.needs_libreoffice
def test_about_as_libreoffice(tmp_path: Path) -> None:
    """LibreOffice halves its way to parameters, which are no better; with a season it starts from
    another level."""
    cells: dict[str, Any] = {}
    cases = {}
    for number, (count, period) in enumerate([(24, 1), (60, 1), (48, 12), (40, 4)]):
        times, values = noisy(count, period, seed=number)
        left, right = (get_column_letter(2 * number + side) for side in (1, 2))
        for row, (time, value) in enumerate(zip(times, values, strict=True), 1):
            cells[f"{left}{row}"], cells[f"{right}{row}"] = time, value
        known = f"{right}1:{right}{count},{left}1:{left}{count}"
        season = period if period > 1 else 0
        for row, ahead in ((101, 1), (102, 5)):
            cells[f"{left}{row}"] = f"=_xlfn.FORECAST.ETS({count + ahead},{known},{season})"
        cells[f"{left}103"] = f"=_xlfn.FORECAST.ETS.STAT({known},7,{season})"
        cases[left] = season
    path = write(tmp_path / "book.xlsx", {"Data": cells})
    [theirs] = libreoffice.recalculate([path])
    book = load(path)
    for left, season in cases.items():
        error, its_error = book[f"{left}103"], theirs["Data", f"{left}103"]
        assert isinstance(its_error, float)
        assert 0 < error <= its_error * (1.1 if season else 1 + 1e-9)
        for row in (101, 102):
            assert abs(book[f"{left}{row}"] - theirs["Data", f"{left}{row}"]) < 2 * error
