"""Securities: prices for 100 of face value, yields, durations, interest that has accrued.

The letters of Microsoft's formulas are words here: DSC the days to the next coupon, A those since
the last, E those of a coupon period, DIM those up to maturity, B those of a year.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sheetlab.engine.functions.coupons import (
    Coupons,
    coupon_date,
    coupons_around,
    days_of_period,
    frequency_of,
)
from sheetlab.engine.functions.dates import same_day_later, valid_day
from sheetlab.engine.functions.day_counts import (
    Basis,
    basis_of,
    days_between,
    days_in_year,
    us_days_between,
)
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.roots import root


class Periods(NamedTuple):
    """How many coupons are left, and the parts of a period before and after settlement."""

    left: int
    accrued: float
    to_next: float
    frequency: int


def _periods(settlement: float, maturity: float, frequency: float, basis: float | None) -> Periods:
    day, end = in_order(settlement, maturity)
    times, counted = frequency_of(frequency), basis_of(basis)
    coupons = coupons_around(day, end, times)
    period = days_of_period(coupons, times, counted)
    accrued = days_between(coupons.previous, day, counted) / period
    return Periods(coupons.left, accrued, 1 - accrued, times)


def in_order(*days: float) -> list[float]:
    """Days without their times; raises `ValueError` where one does not come after the other."""
    whole = [valid_day(day) for day in days]
    if any(one >= other for one, other in pairwise(whole)):
        raise ValueError
    return whole


def refuse_negative(*numbers: float) -> None:
    """Raise `ValueError` where one is below 0."""
    if min(numbers) < 0:
        raise ValueError


def refuse_not_positive(*numbers: float) -> None:
    """Raise `ValueError` where one is not above 0."""
    if min(numbers) <= 0:
        raise ValueError


def _price(
    settlement: float,
    maturity: float,
    rate: float,
    yearly_yield: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate, yearly_yield)
    refuse_not_positive(redemption)
    periods = _periods(settlement, maturity, frequency, basis)
    return _price_of(periods, rate, yearly_yield, redemption)


def _price_of(periods: Periods, rate: float, yearly_yield: float, redemption: float) -> float:
    coupon = 100 * rate / periods.frequency
    earned = yearly_yield / periods.frequency
    if periods.left == 1:
        worth = (redemption + coupon) / (1 + periods.to_next * earned)
    else:
        last = periods.left - 1 + periods.to_next
        worth = redemption * math.pow(1 + earned, -last)
        worth += coupon * sum_of_discounts(earned, periods.left, periods.to_next)
    return worth - coupon * periods.accrued


def sum_of_discounts(earned: float, count: int, first: float) -> float:
    """What payments of 1 in so many periods are worth, the first after that part of one."""
    if earned == 0:
        return float(count)
    growth = math.log1p(earned)
    return math.exp(-first * growth) * math.expm1(-count * growth) / math.expm1(-growth)


def _yield(
    settlement: float,
    maturity: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate)
    refuse_not_positive(price, redemption)
    periods = _periods(settlement, maturity, frequency, basis)
    if periods.left == 1:
        coupon = 100 * rate / periods.frequency
        paid = price + coupon * periods.accrued
        return (redemption + coupon - paid) / paid * periods.frequency / periods.to_next
    return root(
        lambda found: _price_of(periods, rate, found, redemption) - price,
        rate or 0.05,
        -float(periods.frequency),
    )


@np.errstate(all="ignore")
def _duration(
    settlement: float,
    maturity: float,
    rate: float,
    yearly_yield: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate, yearly_yield)
    left, _, to_next, times = _periods(settlement, maturity, frequency, basis)
    moments = np.arange(left) + to_next
    worth = 100 * rate / times * np.power(1 + yearly_yield / times, -moments)
    worth[-1] += 100 * math.pow(1 + yearly_yield / times, -moments[-1])
    return float(np.dot(moments, worth) / np.sum(worth) / times)


def _modified_duration(
    settlement: float,
    maturity: float,
    rate: float,
    yearly_yield: float,
    frequency: float,
    basis: float | None = None,
) -> float:
    duration = _duration(settlement, maturity, rate, yearly_yield, frequency, basis)
    return duration / (1 + yearly_yield / frequency_of(frequency))


# Securities that pay once.


def _years(settlement: float, maturity: float, basis: float | None) -> float:
    day, end = in_order(settlement, maturity)
    counted = basis_of(basis)
    return days_between(day, end, counted) / days_in_year(day, end, counted)


def _discount(
    settlement: float,
    maturity: float,
    price: float,
    redemption: float,
    basis: float | None = None,
) -> float:
    refuse_not_positive(price, redemption)
    return (1 - price / redemption) / _years(settlement, maturity, basis)


def _price_at_discount(
    settlement: float,
    maturity: float,
    discount: float,
    redemption: float,
    basis: float | None = None,
) -> float:
    refuse_not_positive(discount, redemption)
    return redemption - discount * redemption * _years(settlement, maturity, basis)


def _interest_rate(
    settlement: float,
    maturity: float,
    investment: float,
    redemption: float,
    basis: float | None = None,
) -> float:
    refuse_not_positive(investment, redemption)
    return (redemption - investment) / investment / _years(settlement, maturity, basis)


def _received(
    settlement: float,
    maturity: float,
    investment: float,
    discount: float,
    basis: float | None = None,
) -> float:
    refuse_not_positive(investment, discount)
    left = 1 - discount * _years(settlement, maturity, basis)
    refuse_not_positive(left)
    return investment / left


def _parts_of_year(
    settlement: float, maturity: float, issue: float, basis: float | None
) -> tuple[float, float]:
    """The years from the issue to settlement and from there to maturity."""
    begin, day, end = in_order(issue, settlement, maturity)
    counted = basis_of(basis)
    year = days_in_year(begin, day, counted)
    before = days_between(begin, day, counted)
    return before / year, (days_between(begin, end, counted) - before) / year


def _price_at_maturity(
    settlement: float,
    maturity: float,
    issue: float,
    rate: float,
    yearly_yield: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate, yearly_yield)
    before, after = _parts_of_year(settlement, maturity, issue, basis)
    paid = 100 + (before + after) * rate * 100
    return paid / (1 + after * yearly_yield) - before * rate * 100


def _yield_at_maturity(
    settlement: float,
    maturity: float,
    issue: float,
    rate: float,
    price: float,
    basis: float | None = None,
) -> float:
    refuse_negative(rate)
    refuse_not_positive(price)
    before, after = _parts_of_year(settlement, maturity, issue, basis)
    cost = price / 100 + before * rate
    return (1 + (before + after) * rate - cost) / cost / after


def _accrued_at_maturity(
    issue: float,
    settlement: float,
    rate: float,
    par: float | None = None,
    basis: float | None = None,
) -> float:
    face = 1000.0 if par is None else par
    refuse_not_positive(rate, face)
    return face * rate * _years(issue, settlement, basis)


def _accrued(
    issue: float,
    first_interest: float,
    settlement: float,
    rate: float,
    par: float | None = None,
    frequency: float | None = None,
    basis: float | None = None,
    from_issue: bool | None = None,
) -> float:
    face = 1000.0 if par is None else par
    begin, day = in_order(issue, settlement)
    first = valid_day(first_interest)
    times, counted = frequency_of(frequency or 0.0), basis_of(basis)
    refuse_not_positive(rate, face)
    # Not counted from the issue on, whole periods before the first interest are none.
    whole = 1.0 if from_issue is not False or first < day else 0.0
    if from_issue is False and first < day:
        begin = first
    # The number of the period, from the first coupon on, that settlement is reckoned in.
    number = -1
    while first < day and coupon_date(first, number + 1, times) <= day:
        number += 1
    previous = coupon_date(first, number, times)
    following = coupon_date(first, number + 1, times)
    period = days_of_period(Coupons(previous, following, 0), times, counted)
    total = days_between(max(begin, previous), day, counted) / period
    while previous > begin:
        number -= 1
        previous, following = coupon_date(first, number, times), previous
        total += whole if begin <= previous else _part(begin, previous, following, times, counted)
    return face * rate / times * total


def _part(begin: float, previous: float, following: float, frequency: int, basis: Basis) -> float:
    """Which part of a coupon period is left after it has begun, as Excel counts its days."""
    match basis:
        case Basis.US_30_360:
            left = us_days_between(begin, following)
            return left / us_days_between(previous, following, both=True)
        case Basis.ACTUAL_360:
            return (following - begin) / us_days_between(previous, following)
        case Basis.ACTUAL_365:
            return (following - begin) / (365 / frequency)
    return days_between(begin, following, basis) / days_between(previous, following, basis)


# Treasury bills, which are due within a year.


def _days_of_bill(settlement: float, maturity: float) -> float:
    day, end = in_order(settlement, maturity)
    if end > same_day_later(day, 12):
        raise ValueError
    return end - day


def _bond_equivalent(settlement: float, maturity: float, discount: float) -> float:
    days = _days_of_bill(settlement, maturity)
    refuse_not_positive(discount)
    if days <= 182:
        rest = 360 - discount * days
        refuse_not_positive(rest)
        return 365 * discount / rest
    # As a bond that pays interest after half a year.
    price = 1 - discount * days / 360
    part = days / (366 if days == 366 else 365)
    refuse_not_positive(price)
    return 2 * (math.sqrt(part**2 - (2 * part - 1) * (1 - 1 / price)) - part) / (2 * part - 1)


def _price_of_bill(settlement: float, maturity: float, discount: float) -> float:
    days = _days_of_bill(settlement, maturity)
    price = 100 * (1 - discount * days / 360)
    refuse_not_positive(discount, price)
    return price


def _yield_of_bill(settlement: float, maturity: float, price: float) -> float:
    days = _days_of_bill(settlement, maturity)
    refuse_not_positive(price)
    return (100 - price) / price * 360 / days


_QUANTITY: tuple[Parameter, ...] = ("quantity",)


def _of_quantities(
    call: Callable[..., float],
    count: int,
    dates: tuple[int, ...] = (0, 1),
    required: int | None = None,
) -> Function:
    """A function of so many quantities, of which the last, the basis, may be left out."""
    return Function(
        call,
        _QUANTITY * count,
        required=count - 1 if required is None else required,
        date_parameters=dates,
    )


FUNCTIONS: dict[str, Function] = {
    "ACCRINT": Function(
        _accrued,
        (*_QUANTITY * 7, "logical"),
        required=4,
        date_parameters=(0, 1, 2),
    ),
    "ACCRINTM": _of_quantities(_accrued_at_maturity, 5, required=3),
    "DISC": _of_quantities(_discount, 5),
    "DURATION": _of_quantities(_duration, 6),
    "INTRATE": _of_quantities(_interest_rate, 5),
    "MDURATION": _of_quantities(_modified_duration, 6),
    "PRICE": _of_quantities(_price, 7),
    "PRICEDISC": _of_quantities(_price_at_discount, 5),
    "PRICEMAT": _of_quantities(_price_at_maturity, 6, (0, 1, 2)),
    "RECEIVED": _of_quantities(_received, 5),
    "TBILLEQ": _of_quantities(_bond_equivalent, 3, required=3),
    "TBILLPRICE": _of_quantities(_price_of_bill, 3, required=3),
    "TBILLYIELD": _of_quantities(_yield_of_bill, 3, required=3),
    "YIELD": _of_quantities(_yield, 7),
    "YIELDDISC": _of_quantities(_interest_rate, 5),
    "YIELDMAT": _of_quantities(_yield_at_maturity, 6, (0, 1, 2)),
}
