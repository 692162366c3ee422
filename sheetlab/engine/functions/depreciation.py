"""What an asset loses in value: the cost less the salvage, over the periods of its life."""

import math

from sheetlab.engine.functions.dates import day_of, days_in_month, valid_day
from sheetlab.engine.functions.day_counts import (
    Basis,
    basis_of,
    days_between,
    days_in_year,
    is_leap_year,
)
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.mathematics import round_decimal

# Beyond these, an asset is not depreciated period by period.
_MOST_PERIODS = 100_000


def _straight_line(cost: float, salvage: float, life: float) -> float:
    return (cost - salvage) / life


def _sum_of_years(cost: float, salvage: float, life: float, period: float) -> float:
    if salvage < 0 or not 0 < period <= life:
        raise ValueError
    return (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1))


def _fixed_declining(
    cost: float, salvage: float, life: float, period: float, months: float | None = None
) -> float:
    """DB: a fixed part of what is left, which is rounded to three digits as Excel does."""
    in_first = 12 if months is None else int(months)
    _refuse(cost, salvage, life)
    if not 1 <= in_first <= 12 or not 0 < period <= life + (in_first < 12):
        raise ValueError
    if cost == 0:
        return 0.0
    rate = round_decimal(1 - math.pow(salvage / cost, 1 / life), 3)
    first = cost * rate * in_first / 12
    number = int(period)
    if number <= 1:
        return first
    lost = (cost - first) * math.pow(1 - rate, number - 2) * rate
    return lost * (12 - in_first) / 12 if number > life else lost


def _refuse(cost: float, salvage: float, life: float) -> None:
    if cost < 0 or salvage < 0 or life <= 0:
        raise ValueError


def _double_declining(
    cost: float, salvage: float, life: float, period: float, factor: float | None = None
) -> float:
    times = 2.0 if factor is None else factor
    _refuse(cost, salvage, life)
    if not 0 < period <= life or times <= 0:
        raise ValueError
    if period < 1:
        return _declined(cost, salvage, life, 1.0, times)
    before = period - 1 if period >= 2 else 0.0
    return _declined(cost, salvage, life, period, times) - _declined(
        cost, salvage, life, before, times
    )


def _declined(cost: float, salvage: float, life: float, time: float, factor: float) -> float:
    """What is lost up to a time; within a period it is lost evenly."""
    kept = max(0.0, 1 - factor / life)

    def after(periods: int) -> float:
        return max(0.0, cost - max(cost * math.pow(kept, periods), salvage))

    whole = int(time)
    return after(whole) + (time - whole) * (after(whole + 1) - after(whole))


def _variable_declining(
    cost: float,
    salvage: float,
    life: float,
    start: float,
    end: float,
    factor: float | None = None,
    no_switch: bool | None = None,
) -> float:
    times = 2.0 if factor is None else factor
    _refuse(cost, salvage, life)
    if not 0 <= start <= end <= life or times <= 0:
        raise ValueError
    if no_switch:
        return _declined(cost, salvage, life, end, times) - _declined(
            cost, salvage, life, start, times
        )
    if end > _MOST_PERIODS:
        raise ValueError
    return _declined_or_even(cost, salvage, life, end, times) - _declined_or_even(
        cost, salvage, life, start, times
    )


def _declined_or_even(
    cost: float, salvage: float, life: float, time: float, factor: float
) -> float:
    """As `_declined`, but what is left is lost evenly as soon as that is more."""
    lost = 0.0
    whole = int(time)
    for period in range(whole + 1):
        left = cost - salvage - lost
        declining = min((cost - lost) * factor / life, left)
        even = left / (life - period) if life > period else 0.0
        in_period = max(declining, even, 0.0)
        if period == whole:
            # Excel loses nothing evenly in the part of a period that a life ends with.
            is_last = whole == int(life) and even > declining
            in_period *= 0.0 if is_last else time - whole
        lost += in_period
    return lost


def _linear_of_france(
    cost: float,
    purchased: float,
    first_end: float,
    salvage: float,
    period: float,
    rate: float,
    basis: float | None = None,
) -> float:
    counted = _french_basis(cost, purchased, first_end, salvage, period, rate, basis)
    if cost == salvage or period > math.ceil(1 / rate):
        return 0.0
    in_first, _ = _lost_in_first(cost, purchased, first_end, salvage, rate, counted)
    if period == 0:
        return in_first
    left = cost - salvage - in_first - (math.floor(period) - 1) * rate * cost
    # What is no more than rounding is nothing that is left.
    return min(rate * cost, left) if left > 1e-12 * cost else 0.0


def _declining_of_france(
    cost: float,
    purchased: float,
    first_end: float,
    salvage: float,
    period: float,
    rate: float,
    basis: float | None = None,
) -> float:
    counted = _french_basis(cost, purchased, first_end, salvage, period, rate, basis)
    life = 1 / rate
    if life <= 3 or 4 < life < 5 or life > _MOST_PERIODS:
        raise ValueError
    whole_life = math.ceil(life)
    if cost == salvage or period > whole_life:
        return 0.0
    declining = rate * (1.5 if whole_life <= 4 else 2.0 if whole_life <= 6 else 2.5)
    in_first, extra = _lost_in_first(cost, purchased, first_end, salvage, declining, counted)
    lost = round_decimal(in_first, 0)
    if period == 0:
        return lost
    left, lost = cost - lost, 0.0
    for number in range(1, math.floor(period) + 1):
        last_but_one = whole_life + extra - number - 1 == 2
        lost = (0.5 if last_but_one else declining) * left
        if last_but_one:
            declining = 1.0
        if left < salvage:
            lost = 0.0
        left -= lost
    return round_decimal(lost, 0)


def _french_basis(
    cost: float,
    purchased: float,
    first_end: float,
    salvage: float,
    period: float,
    rate: float,
    basis: float | None,
) -> Basis:
    counted = basis_of(basis)
    if cost < 0 or salvage < 0 or salvage > cost or period < 0 or rate <= 0:
        raise ValueError
    if counted == Basis.ACTUAL_360 or valid_day(purchased) > valid_day(first_end):
        raise ValueError
    return counted


def _lost_in_first(
    cost: float, purchased: float, first_end: float, salvage: float, rate: float, basis: Basis
) -> tuple[float, int]:
    """What is lost up to the end of the first period, and 1 where that is a period more."""
    begin, end = (_without_leap_day(valid_day(day), basis) for day in (purchased, first_end))
    year = days_in_year(begin, begin, basis)
    lost = days_between(begin, end, basis) / year * rate * cost
    if lost == 0:
        return min(cost * rate, cost - salvage), 0
    return min(lost, cost - salvage), 1


def _without_leap_day(day: float, basis: Basis) -> float:
    is_actual = basis in (Basis.ACTUAL_ACTUAL, Basis.ACTUAL_365)
    year, month, of_month = day_of(day)
    if is_actual and is_leap_year(year) and month == 2 and of_month == days_in_month(day):
        return day - 1
    return day


_DECLINING: tuple[Parameter, ...] = ("number", "number", "number", "number", "number")

FUNCTIONS: dict[str, Function] = {
    "AMORDEGRC": Function(
        _declining_of_france, ("quantity",) * 7, required=6, date_parameters=(1, 2)
    ),
    "AMORLINC": Function(_linear_of_france, ("quantity",) * 7, required=6, date_parameters=(1, 2)),
    "DB": Function(_fixed_declining, _DECLINING, required=4),
    "DDB": Function(_double_declining, _DECLINING, required=4),
    "SLN": Function(_straight_line, ("number", "number", "number")),
    "SYD": Function(_sum_of_years, ("number", "number", "number", "number")),
    "VDB": Function(_variable_declining, (*_DECLINING, "number", "logical"), required=5),
}
