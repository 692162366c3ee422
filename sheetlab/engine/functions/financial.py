"""Loans, savings and series of payments: what they are worth, cost, and earn.

What one pays is negative, what one gets is positive. A rate is for one period; `kind` is 0 for
payments at the end of each period, anything else for payments at its beginning.
"""

import math
from typing import Any

import numpy as np

from sheetlab.engine.functions.aggregates import numbers_in, numbers_of, of_samples, total
from sheetlab.engine.functions.dates import LAST_DAY, valid_day
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.functions.kernels import Floats, Rowwise
from sheetlab.engine.functions.roots import root, roots
from sheetlab.engine.values.conversions import quantity_of
from sheetlab.engine.values.value import Array, ErrorValue
from sheetlab.files.cell_value import CellError

_DAYS_A_YEAR = 365


def _growth(rate: float, periods: float) -> float:
    """What 1 grows to; raises `ValueError` where that is no real number."""
    return math.pow(1 + rate, periods)


def _annuity(growth: float, rate: float, periods: float, at_beginning: bool) -> float:
    """What payments of 1 in each period grow to, where 1 grows to `growth` in all of them."""
    if rate == 0:
        return periods
    return (1 + rate * at_beginning) * (growth - 1) / rate


def _future_value(
    rate: float,
    periods: float,
    payment: float | None = None,
    present: float | None = None,
    kind: float | None = None,
) -> float:
    growth = _growth(rate, periods)
    paid = (payment or 0.0) * _annuity(growth, rate, periods, bool(kind))
    return -((present or 0.0) * growth + paid) + 0.0


def _present_value(
    rate: float,
    periods: float,
    payment: float | None = None,
    future: float | None = None,
    kind: float | None = None,
) -> float:
    growth = _growth(rate, periods)
    paid = (payment or 0.0) * _annuity(growth, rate, periods, bool(kind))
    if growth == 0:
        raise ValueError
    return -((future or 0.0) + paid) / growth + 0.0


def _payment(
    rate: float,
    periods: float,
    present: float,
    future: float | None = None,
    kind: float | None = None,
) -> float:
    growth = _growth(rate, periods)
    annuity = _annuity(growth, rate, periods, bool(kind))
    if annuity == 0:
        raise ValueError
    return -(present * growth + (future or 0.0)) / annuity + 0.0


def _periods(
    rate: float,
    payment: float,
    present: float,
    future: float | None = None,
    kind: float | None = None,
) -> float:
    value = future or 0.0
    if rate == 0:
        if payment == 0:
            raise ValueError
        return -(present + value) / payment + 0.0
    due = payment * (1 + rate * bool(kind))
    owed, left = due + present * rate, due - value * rate
    if owed == 0:
        raise ValueError
    return math.log(left / owed) / math.log1p(rate) + 0.0


def _rate(
    periods: float,
    payment: float,
    present: float,
    future: float | None = None,
    kind: float | None = None,
    guess: float | None = None,
) -> float:
    value = future or 0.0
    if periods <= 0 or not (min(payment, present, value) < 0 < max(payment, present, value)):
        raise ValueError
    start = 0.1 if guess is None else guess
    if start <= -1:
        raise ValueError

    def left(rate: float) -> float:
        # Near 0, the quotient of the annuity would lose its digits.
        exponent = periods * math.log1p(rate)
        annuity = math.expm1(exponent) / rate * (1 + rate * bool(kind)) if rate else periods
        return present * math.exp(exponent) + payment * annuity + value

    return root(left, start)


def _interest(
    rate: float,
    period: float,
    periods: float,
    present: float,
    future: float | None = None,
    kind: float | None = None,
) -> float:
    if rate <= -1 or not 1 <= period <= periods:
        raise ValueError
    if kind and period == 1:
        return 0.0
    payment = _payment(rate, periods, present, future)
    interest = _future_value(rate, period - 1, payment, present) * rate
    return interest / (1 + rate) if kind else interest


def _principal(
    rate: float,
    period: float,
    periods: float,
    present: float,
    future: float | None = None,
    kind: float | None = None,
) -> float:
    interest = _interest(rate, period, periods, present, future, kind)
    return _payment(rate, periods, present, future, kind) - interest


def _interest_of_even_principal(
    rate: float, period: float, periods: float, present: float
) -> float:
    return present * rate * (period / periods - 1)


def _interest_in_all(
    rate: float, periods: float, present: float, first: float, last: float, kind: float
) -> float:
    """CUMIPMT: the interest of all periods from the first to the last."""
    begin, end = _periods_in_question(rate, periods, present, first, last, kind)
    due = int(kind)
    begin += due and begin == 1
    count = end - begin + 1
    payment = _payment(rate, periods, present)
    # Without a payment at its beginning, the first of them pays no interest.
    grown = _annuity(_growth(rate, count), rate, count, False)
    owed = (present * rate + payment) * _growth(rate, begin - 1) * grown
    return (payment * count - owed) / (1 + rate * due)


def _principal_in_all(
    rate: float, periods: float, present: float, first: float, last: float, kind: float
) -> float:
    """CUMPRINC: what is paid back in all periods from the first to the last."""
    begin, end = _periods_in_question(rate, periods, present, first, last, kind)
    paid = _payment(rate, periods, present, None, int(kind)) * (end - begin + 1)
    return paid - _interest_in_all(rate, periods, present, first, last, kind)


def _periods_in_question(
    rate: float, periods: float, present: float, first: float, last: float, kind: float
) -> tuple[int, int]:
    if rate <= 0 or periods <= 0 or present <= 0 or int(kind) not in (0, 1):
        raise ValueError
    if not 1 <= first <= last <= periods:
        raise ValueError
    return math.ceil(first), int(last)


def _net_present_value(rate: float, *flows: Values) -> float:
    values = numbers_of(flows)
    return _discounted(rate, values, np.arange(1.0, values.size + 1))


def _discounted(rate: float, values: Floats, times: Floats) -> float:
    """What payments are worth at time 0; raises `ZeroDivisionError` where the rate is -1."""
    if rate == -1:
        raise ZeroDivisionError
    if rate < -1 and not np.equal(times, np.trunc(times)).all():
        raise ValueError
    with np.errstate(all="ignore"):
        return float(np.sum(values * np.power(1 + rate, -times)))


def _net_present_values(rates: Floats, *flows: Floats) -> Any:
    return of_samples(lambda values: _all_discounted(rates, values, 1.0 + _periods_of(values)))(
        *flows
    )


def _periods_of(values: Floats) -> Floats:
    return np.arange(values.shape[1], dtype=np.float64)


def _all_discounted(rates: Floats, values: Floats, times: Floats) -> Floats:
    """The same as `_discounted` for payments in rows; NaN where the rate is not above -1."""
    worth: Floats = total(values * np.power(1 + rates, -times))
    # 1 to an unknown power would be 1.
    return np.where((rates > -1) & np.isfinite(total(times)), worth, np.nan)


def _internal_rate(flows: Array, guess: float | None = None) -> float:
    values = numbers_in(flows)
    return _rate_of_return(values, np.arange(values.size, dtype=np.float64), guess)


def _rate_of_return(values: Floats, times: Floats, guess: float | None) -> float:
    start = 0.1 if guess is None else guess
    if not (values.size and values.min() < 0 < values.max()) or start <= -1:
        raise ValueError
    return root(lambda rate: _discounted(rate, values, times), start)


def _internal_rates(flows: Floats, guesses: Floats | None = None) -> Floats:
    return _rates_of_return(flows, _periods_of(flows).reshape(1, -1), guesses)


def _rates_of_return(values: Floats, times: Floats, guesses: Floats | None) -> Floats:
    """The same as `_rate_of_return` for payments in rows; NaN where no rate is found easily."""
    rows = max(len(part) for part in (values, times, guesses) if part is not None)
    values, times = (np.broadcast_to(part, (rows, part.shape[1])) for part in (values, times))
    starts = np.broadcast_to(0.1 if guesses is None else guesses[:, 0], (rows,))

    def worth(rates: Floats, chosen: Any) -> Floats:
        return _all_discounted(rates.reshape(-1, 1), values[chosen], times[chosen]).ravel()

    is_regular = (values.min(axis=1) < 0) & (values.max(axis=1) > 0) & (starts > -1)
    return roots(worth, np.where(is_regular, starts, np.nan), -1.0)


def _net_present_values_of_days(rates: Floats, flows: Floats, days: Floats) -> Floats:
    worth = _all_discounted(rates, flows, _years_from_first(days))
    return np.where(rates > 0, worth, np.nan)


def _internal_rates_of_days(flows: Floats, days: Floats, guesses: Floats | None = None) -> Floats:
    return _rates_of_return(flows, _years_from_first(days), guesses)


def _years_from_first(days: Floats) -> Floats:
    """The years since the first day of each row; NaN where a day is none or comes before it."""
    whole = np.floor(days)
    is_day = (whole >= whole[:, :1]) & (whole >= 0) & (whole <= LAST_DAY)
    return np.where(is_day, (whole - whole[:, :1]) / _DAYS_A_YEAR, np.nan)


def _net_present_value_of_days(rate: float, flows: Array, days: Array) -> float:
    values, times = _flows_and_times(flows, days)
    # Nothing but its documentation says that Excel takes other rates.
    if rate <= 0:
        raise ValueError
    return _discounted(rate, values, times)


def _internal_rate_of_days(flows: Array, days: Array, guess: float | None = None) -> float:
    values, times = _flows_and_times(flows, days)
    return _rate_of_return(values, times, guess)


def _flows_and_times(flows: Array, days: Array) -> tuple[Floats, Floats]:
    """Payments, and the years since the first of them, which comes before all others."""
    values, dates = _quantities(flows), [valid_day(day) for day in _quantities(days)]
    if len(values) != len(dates) or min(dates) < dates[0]:
        raise ValueError
    return np.array(values), (np.array(dates) - dates[0]) / _DAYS_A_YEAR


def _quantities(array: Array) -> list[float]:
    """Everything in an array as a number; raises `ErrorValue` #VALUE! where that is none."""
    numbers = []
    for value in array.ravel().tolist():
        number = quantity_of(value)
        if isinstance(number, CellError):
            raise ErrorValue(number)
        numbers.append(number)
    return numbers


def _modified_internal_rate(flows: Array, finance_rate: float, reinvest_rate: float) -> float:
    values = numbers_in(flows)
    if not (values.size and values.min() < 0 < values.max()):
        raise ZeroDivisionError
    times = np.arange(values.size, dtype=np.float64)
    earned = _discounted(reinvest_rate, np.maximum(values, 0.0), times)
    spent = _discounted(finance_rate, np.minimum(values, 0.0), times)
    last = values.size - 1
    return (1 + reinvest_rate) * math.pow(-earned / spent, 1 / last) - 1


def _future_value_of_schedule(present: float, rates: Array) -> float:
    return math.prod((1 + rate for rate in _quantities(rates)), start=present)


def _nominal(effective: float, periods: float) -> float:
    count = _whole_periods(effective, periods)
    return math.expm1(math.log1p(effective) / count) * count


def _effective(nominal: float, periods: float) -> float:
    count = _whole_periods(nominal, periods)
    return math.expm1(math.log1p(nominal / count) * count)


def _whole_periods(rate: float, periods: float) -> int:
    if rate <= 0 or periods < 1:
        raise ValueError
    return int(periods)


def _equivalent_rate(periods: float, present: float, future: float) -> float:
    if periods <= 0 or present == 0:
        raise ValueError
    return math.pow(future / present, 1 / periods) - 1


def _periods_to_reach(rate: float, present: float, future: float) -> float:
    if rate <= 0 or present <= 0 or future <= 0:
        raise ValueError
    return math.log(future / present) / math.log1p(rate)


def _decimal_of_fraction(price: float, fraction: float) -> float:
    parts, digits = _parts_and_digits(fraction)
    whole = math.trunc(price)
    return whole + (price - whole) * digits / parts


def _fraction_of_decimal(price: float, fraction: float) -> float:
    parts, digits = _parts_and_digits(fraction)
    whole = math.trunc(price)
    return whole + (price - whole) * parts / digits


def _parts_and_digits(fraction: float) -> tuple[int, float]:
    """Of how many parts a whole consists, and the power of ten that writes one after the point."""
    if fraction < 0:
        raise ValueError
    parts = int(fraction)
    if parts == 0:
        raise ZeroDivisionError
    return parts, 10.0 ** math.ceil(math.log10(parts))


FUNCTIONS: dict[str, Function] = {
    "CUMIPMT": Function(_interest_in_all, ("quantity",) * 6),
    "CUMPRINC": Function(_principal_in_all, ("quantity",) * 6),
    "DOLLARDE": Function(_decimal_of_fraction, ("quantity", "quantity")),
    "DOLLARFR": Function(_fraction_of_decimal, ("quantity", "quantity")),
    "EFFECT": Function(_effective, ("quantity", "quantity")),
    "FV": Function(_future_value, ("number",) * 5, required=2),
    "FVSCHEDULE": Function(_future_value_of_schedule, ("quantity", "array"), array_context=True),
    "IPMT": Function(_interest, ("number",) * 6, required=4),
    "IRR": Function(
        _internal_rate,
        ("array", "number"),
        required=1,
        array_context=True,
        kernel=Rowwise(_internal_rates),
    ),
    "ISPMT": Function(_interest_of_even_principal, ("number",) * 4),
    "MIRR": Function(_modified_internal_rate, ("array", "number", "number"), array_context=True),
    "NOMINAL": Function(_nominal, ("quantity", "quantity")),
    "NPER": Function(_periods, ("number",) * 5, required=3),
    "NPV": Function(
        _net_present_value,
        ("number", "values"),
        repeating=1,
        required=2,
        kernel=Rowwise(_net_present_values),
    ),
    "PDURATION": Function(_periods_to_reach, ("number",) * 3),
    "PMT": Function(_payment, ("number",) * 5, required=3),
    "PPMT": Function(_principal, ("number",) * 6, required=4),
    "PV": Function(_present_value, ("number",) * 5, required=2),
    "RATE": Function(_rate, ("number",) * 6, required=3),
    "RRI": Function(_equivalent_rate, ("number",) * 3),
    "XIRR": Function(
        _internal_rate_of_days,
        ("array", "array", "quantity"),
        required=2,
        array_context=True,
        date_parameters=(1,),
        kernel=Rowwise(_internal_rates_of_days, alike=True),
    ),
    "XNPV": Function(
        _net_present_value_of_days,
        ("quantity", "array", "array"),
        array_context=True,
        date_parameters=(2,),
        kernel=Rowwise(_net_present_values_of_days, alike=True),
    ),
}
