"""Bonds whose first or last coupon period is longer or shorter than the others.

Quasi-coupons are the dates on which coupons would be paid in the odd period, were it regular.
"""

import math
from typing import NamedTuple

from sheetlab.engine.functions.bonds import (
    in_order,
    refuse_negative,
    refuse_not_positive,
    sum_of_discounts,
)
from sheetlab.engine.functions.coupons import (
    coupons_around,
    days_of_period,
    frequency_of,
)
from sheetlab.engine.functions.dates import day_of, days_in_month, end_of_month, same_day_later
from sheetlab.engine.functions.day_counts import Basis, basis_of, days_between, us_days_between
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.roots import root


class _OddFirst(NamedTuple):
    """Coupon periods from settlement to the first coupon, in the odd period, and accrued in it.

    `later` is how many coupons follow the first.
    """

    waiting: float
    odd: float
    accrued: float
    later: int
    frequency: int

    def price(self, rate: float, yearly_yield: float, redemption: float) -> float:
        coupon, earned = 100 * rate / self.frequency, yearly_yield / self.frequency
        worth = coupon * self.odd * math.pow(1 + earned, -self.waiting)
        worth += coupon * sum_of_discounts(earned, self.later, self.waiting + 1)
        worth += redemption * math.pow(1 + earned, -self.waiting - self.later)
        return worth - coupon * self.accrued


def _price_of_odd_first(
    settlement: float,
    maturity: float,
    issue: float,
    first_coupon: float,
    rate: float,
    yearly_yield: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate, yearly_yield)
    refuse_not_positive(redemption)
    odd_first = _odd_first(settlement, maturity, issue, first_coupon, frequency, basis)
    return odd_first.price(rate, yearly_yield, redemption)


def _yield_of_odd_first(
    settlement: float,
    maturity: float,
    issue: float,
    first_coupon: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate)
    refuse_not_positive(price, redemption)
    odd_first = _odd_first(settlement, maturity, issue, first_coupon, frequency, basis)
    return root(
        lambda found: odd_first.price(rate, found, redemption) - price,
        rate or 0.05,
        -float(odd_first.frequency),
    )


def _odd_first(
    settlement: float,
    maturity: float,
    issue: float,
    first_coupon: float,
    frequency: float,
    basis: float | None,
) -> _OddFirst:
    begin, day, first, end = in_order(issue, settlement, first_coupon, maturity)
    times, counted = frequency_of(frequency), basis_of(basis)
    after_first = coupons_around(first, end, times)
    # Excel's documentation does not say so, but coupons are paid on the same days all along.
    if after_first.previous != first:
        raise ValueError
    around = coupons_around(day, first, times)
    period = days_of_period(around, times, counted)
    in_first = days_between(begin, first, counted)
    if in_first < period:
        waiting = days_between(day, first, counted) / period
        odd, accrued = in_first / period, days_between(begin, day, counted) / period
    else:
        if counted in (Basis.ACTUAL_360, Basis.ACTUAL_365):
            to_next = around.following - day
        else:
            to_next = period - days_between(around.previous, day, counted)
        waiting = to_next / period + _whole_periods(day, first, times)
        odd, accrued = _parts_of_long_first(begin, day, first, period, times, counted)
    return _OddFirst(waiting, odd, accrued, after_first.left, times)


def _whole_periods(settlement: float, first: float, frequency: int) -> int:
    """How many whole quasi-coupon periods there are from settlement to the first coupon."""
    coupon = day_of(first)
    length = days_in_month(first)
    at_end = coupon.day == length
    if not at_end and coupon.month != 2 and coupon.day > 28:
        at_end = day_of(settlement).day == days_in_month(settlement)
    start = end_of_month(settlement, 0) if at_end else settlement
    count = int(settlement < start)
    periods = 1
    while (end_of_month if at_end else same_day_later)(start, periods * 12 // frequency) < first:
        periods += 1
    return count + periods - 1


def _parts_of_long_first(
    issue: float, settlement: float, first: float, period: float, frequency: int, basis: Basis
) -> tuple[float, float]:
    """The quasi-coupon periods from the issue to the first coupon, and up to settlement."""
    odd = accrued = 0.0
    late = first
    for number in range(1, coupons_around(issue, first, frequency).left + 1):
        early = same_day_later(first, -number * 12 // frequency)
        length = late - early if basis == Basis.ACTUAL_ACTUAL else period
        is_whole = early >= issue
        odd += 1 if is_whole else _not_negative(days_between(issue, late, basis)) / length
        begin, end = max(issue, early), min(settlement, late)
        accrued += _not_negative(days_between(begin, end, basis)) / length
        late = early
    return odd, accrued


def _not_negative(days: float) -> float:
    return max(0.0, days)


def _price_of_odd_last(
    settlement: float,
    maturity: float,
    last_interest: float,
    rate: float,
    yearly_yield: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate, yearly_yield)
    refuse_not_positive(redemption)
    odd, accrued, left, times = _parts_of_last(
        settlement, maturity, last_interest, frequency, basis
    )
    coupon = 100 * rate / times
    return (odd * coupon + redemption) / (left * yearly_yield / times + 1) - accrued * coupon


def _yield_of_odd_last(
    settlement: float,
    maturity: float,
    last_interest: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate)
    refuse_not_positive(price, redemption)
    odd, accrued, left, times = _parts_of_last(
        settlement, maturity, last_interest, frequency, basis
    )
    coupon = 100 * rate / times
    paid = price + accrued * coupon
    return (odd * coupon + redemption - paid) / paid * times / left


def _parts_of_last(
    settlement: float, maturity: float, last: float, frequency: float, basis: float | None
) -> tuple[float, float, float, int]:
    """The quasi-coupon periods from the last interest to maturity, before and after settlement."""
    begin, day, end = in_order(last, settlement, maturity)
    times, counted = frequency_of(frequency), basis_of(basis)
    odd = accrued = left = 0.0
    count = coupons_around(begin, end, times).left
    for number in range(count):
        early = same_day_later(begin, number * 12 // times)
        late = same_day_later(begin, (number + 1) * 12 // times)
        length = _days_in_last(early, late, counted)
        days = length if number < count - 1 else _days_in_last(early, end, counted)
        odd += days / length
        if late < day:
            accrued += days / length
        elif early < day:
            accrued += _not_negative(days_between(early, day, counted)) / length
        left += _not_negative(days_between(max(day, early), min(end, late), counted)) / length
    return odd, accrued, left, times


def _days_in_last(early: float, late: float, basis: Basis) -> float:
    if basis == Basis.US_30_360:
        return _not_negative(us_days_between(early, late, both=True))
    return _not_negative(days_between(early, late, basis))


FUNCTIONS: dict[str, Function] = {
    "ODDFPRICE": Function(
        _price_of_odd_first, ("quantity",) * 9, required=8, date_parameters=(0, 1, 2, 3)
    ),
    "ODDFYIELD": Function(
        _yield_of_odd_first, ("quantity",) * 9, required=8, date_parameters=(0, 1, 2, 3)
    ),
    "ODDLPRICE": Function(
        _price_of_odd_last, ("quantity",) * 8, required=7, date_parameters=(0, 1, 2)
    ),
    "ODDLYIELD": Function(
        _yield_of_odd_last, ("quantity",) * 8, required=7, date_parameters=(0, 1, 2)
    ),
}
