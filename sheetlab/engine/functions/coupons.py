"""When a bond pays interest, and the days between: coupon dates count back from its maturity."""

from collections.abc import Callable
from typing import NamedTuple

from sheetlab.engine.functions.dates import (
    day_of,
    days_in_month,
    end_of_month,
    same_day_later,
    valid_day,
)
from sheetlab.engine.functions.day_counts import Basis, basis_of, days_between, us_days_between
from sheetlab.engine.functions.function import Function


class Coupons(NamedTuple):
    """The coupon dates that a day lies between, and how many are left after it."""

    previous: float
    following: float
    left: int


def frequency_of(number: float) -> int:
    """How many coupons a year has: 1, 2 or 4; raises `ValueError` for any other number."""
    frequency = int(number)
    if frequency not in (1, 2, 4):
        raise ValueError
    return frequency


def coupon_date(anchor: float, coupons: int, frequency: int) -> float:
    """The coupon date so many after one that is known; after an end of month, the next ones."""
    months = coupons * 12 // frequency
    if day_of(anchor).day == days_in_month(anchor):
        return end_of_month(anchor, months)
    return same_day_later(anchor, months)


def coupons_around(day: float, maturity: float, frequency: int) -> Coupons:
    """The coupon dates around a day that comes before the maturity; the earlier may be the day."""
    begin, end = day_of(day), day_of(maturity)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    left = max(0, months * frequency // 12 - 1)
    while coupon_date(maturity, -left, frequency) > day:
        left += 1
    return Coupons(
        coupon_date(maturity, -left, frequency), coupon_date(maturity, 1 - left, frequency), left
    )


def days_of_period(coupons: Coupons, frequency: int, basis: Basis) -> float:
    """How many days a period between two coupons counts."""
    if basis == Basis.ACTUAL_ACTUAL:
        return coupons.following - coupons.previous
    return (365 if basis == Basis.ACTUAL_365 else 360) / frequency


def days_to_next(day: float, coupons: Coupons, basis: Basis) -> float:
    """The days up to the next coupon."""
    if basis == Basis.US_30_360:
        period = us_days_between(*coupons[:2], both=True)
        return period - us_days_between(coupons.previous, day)
    return days_between(day, coupons.following, basis)


def _asked(find: Callable[[float, Coupons, int, Basis], float]) -> Callable[..., float]:
    def call(
        settlement: float, maturity: float, frequency: float, basis: float | None = None
    ) -> float:
        day, end = valid_day(settlement), valid_day(maturity)
        times, counted = frequency_of(frequency), basis_of(basis)
        if day >= end:
            raise ValueError
        return float(find(day, coupons_around(day, end, times), times, counted))

    return call


def _coupon_function(
    find: Callable[[float, Coupons, int, Basis], float], *, date_result: bool = False
) -> Function:
    return Function(
        _asked(find),
        ("quantity", "quantity", "quantity", "quantity"),
        required=3,
        date_parameters=(0, 1),
        date_result=date_result,
    )


FUNCTIONS: dict[str, Function] = {
    "COUPDAYBS": _coupon_function(
        lambda day, coupons, _, basis: days_between(coupons.previous, day, basis)
    ),
    "COUPDAYS": _coupon_function(
        lambda _, coupons, frequency, basis: days_of_period(coupons, frequency, basis)
    ),
    "COUPDAYSNC": _coupon_function(
        lambda day, coupons, _, basis: days_to_next(day, coupons, basis)
    ),
    "COUPNCD": _coupon_function(lambda _, coupons, *__: coupons.following, date_result=True),
    "COUPNUM": _coupon_function(lambda _, coupons, *__: coupons.left),
    "COUPPCD": _coupon_function(lambda _, coupons, *__: coupons.previous, date_result=True),
}
