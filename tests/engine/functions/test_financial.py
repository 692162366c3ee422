import math
from typing import Any

import numpy as np
import numpy_financial
import pytest
from engine.functions.excel import DIV, NUM, VALUE, assert_gives, excel
from hypothesis import assume, given
from hypothesis import strategies as st

FLOWS = [-70000, 12000, 15000, 18000, 21000, 26000]
PROJECT = [-120000, 39000, 30000, 21000, 37000, 46000]
DAYS = ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"]
PAID = [-10000, 2750, 4250, 3250, 2750]

# Microsoft's documentation shows many of these, rounded; the digits are those of its formulas.
CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("FV", (0.06 / 12, 10, -200, -500, 1), 2581.4033740601407),
    ("FV", (0.01, 12, -1000), 12682.503013196976),
    ("FV", (0, 12, -1000, 10), 11990),
    ("FV", (-1, 0, -1000), 0),
    ("FV", (0.1, 1e6, -1), NUM),
    ("FV", (-2, 0.5, -1), NUM),
    ("PV", (0.08 / 12, 240, 500, None, 0), -59777.14585118777),
    ("PV", (0, 12, 500), -6000),
    ("PV", (-1, 2, 500), NUM),
    ("PMT", (0.08 / 12, 10, 10000), -1037.0320893591636),
    ("PMT", (0.08 / 12, 10, 10000, 0, 1), -1030.1643271779772),
    ("PMT", (0.06 / 12, 216, 0, 50000), -129.08116086799728),
    ("PMT", (0, 10, 10000), -1000),
    ("PMT", (0.1, 0, 100), NUM),
    ("PMT", (0, 0, 100), NUM),
    ("PMT", (0.1, 10, "x"), VALUE),
    ("PMT", (0.1, 10, DIV), DIV),
    ("NPER", (0.01, -100, -1000, 10000, 1), 59.67386567429462),
    ("NPER", (0.01, -100, -1000, 10000), 60.08212285376166),
    ("NPER", (0.01, -100, -1000), -9.578594039813161),
    ("NPER", (0, -100, 1000), 10),
    ("NPER", (0, 0, 1000), NUM),
    ("NPER", (0.1, -10, 100), NUM),
    ("RATE", (48, -200, 8000), 0.00770147248820165),
    ("RATE", (10, -100, 1000), 0),
    ("RATE", (10, 100, 1000), NUM),
    ("RATE", (0, -100, 1000), NUM),
    ("IPMT", (0.1 / 12, 1, 36, 8000), -66.66666666666667),
    ("IPMT", (0.1, 3, 3, 8000), -292.4471299093658),
    ("IPMT", (0.1, 4, 3, 8000), NUM),
    ("IPMT", (0.1, 0, 3, 8000), NUM),
    ("IPMT", (0.1, 1, 3, 8000, 0, 1), 0),
    ("PPMT", (0.1 / 12, 1, 24, 2000), -75.62318600836664),
    ("PPMT", (0.08, 10, 10, 200000), -27598.05346242135),
    ("PPMT", (0, 2, 4, 100), -25),
    ("ISPMT", (0.1, 0, 4, 4000), -400),
    ("ISPMT", (0.1, 3, 4, 4000), -100),
    ("ISPMT", (0.1, 1, 0, 4000), DIV),
    ("CUMIPMT", (0.09 / 12, 360, 125000, 13, 24, 0), -11135.232130750845),
    ("CUMIPMT", (0.09 / 12, 360, 125000, 1, 1, 0), -937.5),
    ("CUMIPMT", (0.09 / 12, 360, 125000, 1, 1, 1), 0),
    ("CUMIPMT", (0, 360, 125000, 1, 1, 0), NUM),
    ("CUMIPMT", (0.1, 360, 125000, 2, 1, 0), NUM),
    ("CUMIPMT", (0.1, 360, 125000, 1, 361, 0), NUM),
    ("CUMIPMT", (0.1, 360, 125000, 1, 2, 2), NUM),
    ("CUMIPMT", (True, 360, 125000, 1, 2, 0), VALUE),
    ("CUMPRINC", (0.09 / 12, 360, 125000, 13, 24, 0), -934.1071234208765),
    ("CUMPRINC", (0.09 / 12, 360, 125000, 1, 1, 0), -68.27827118097616),
    ("CUMPRINC", (0.09 / 12, 360, 125000, 1, 1, 0.9), -68.27827118097616),
    ("NPV", (0.1, -10000, 3000, 4200, 6800), 1188.4434123352207),
    (
        "NPV",
        (0.1, [-10000, "x", None, True], 3000, "4200", True),
        -10000 / 1.1 + 3000 / 1.21 + 4200 / 1.331 + 1 / 1.4641,
    ),
    ("NPV", (0.1, [-10000, 3000], [4200, 6800]), 1188.4434123352207),
    ("NPV", (-1, 100), DIV),
    ("NPV", (0.1, "x"), VALUE),
    ("IRR", (FLOWS,), 0.08663094803653153),
    ("IRR", (FLOWS[:5],), -0.02124484827341007),
    ("IRR", (FLOWS[:3], -0.1), -0.443506941334743),
    ("IRR", ([-100, "x", 110, None, True],), 0.1),
    ("IRR", ([100, 110],), NUM),
    ("IRR", (FLOWS, -1), NUM),
    ("MIRR", (PROJECT, 0.1, 0.12), 0.12609413036590501),
    ("MIRR", (PROJECT[:4], 0.1, 0.12), -0.0480446552499808),
    ("MIRR", ([-100, -5], 0.1, 0.12), DIV),
    ("MIRR", (PROJECT, -1, 0.12), DIV),
    ("XNPV", (0.09, PAID, DAYS), 2086.6476020315416),
    ("XNPV", (0.09, PAID, DAYS[:4]), NUM),
    ("XNPV", (0.09, PAID, DAYS[1:] + DAYS[:1]), NUM),
    ("XNPV", (-0.1, PAID, DAYS), NUM),
    ("XNPV", (0.09, ["x", 1], [1, 2]), VALUE),
    ("XIRR", (PAID, DAYS, 0.1), 0.37336253351883136),
    ("XIRR", (PAID[:2], DAYS[:2]), (2750 / 10000) ** (365 / 60) - 1),
    ("XIRR", (PAID[1:], DAYS[1:]), NUM),
    ("XIRR", ([-10000, 10000], ["2008-01-01", "2009-01-01"]), 0),
    ("FVSCHEDULE", (1, [0.09, 0.11, 0.1]), 1.33089),
    ("FVSCHEDULE", (2, [0.5, None]), 3),
    ("FVSCHEDULE", (2, [0.5, True]), VALUE),
    ("FVSCHEDULE", (2, ["x"]), VALUE),
    ("NOMINAL", (0.053543, 4), (1.053543**0.25 - 1) * 4),
    ("NOMINAL", (0, 4), NUM),
    ("NOMINAL", (0.05, 0.9), NUM),
    ("EFFECT", (0.0525, 4.9), 0.0535426673707584),
    ("EFFECT", (-0.1, 4), NUM),
    ("EFFECT", (0.0525, "x"), VALUE),
    ("RRI", (96, 10000, 11000), 0.0009933073762913303),
    ("RRI", (0, 10000, 11000), NUM),
    ("RRI", (1, 0, 11000), NUM),
    ("PDURATION", (0.025, 2000, 2200), 3.859866162622655),
    ("PDURATION", (0, 2000, 2200), NUM),
    ("DOLLARDE", (1.02, 16), 1.125),
    ("DOLLARDE", (1.1, 32), 1.3125),
    ("DOLLARDE", (-1.1, 32.9), -1.3125),
    ("DOLLARDE", (1.1, -1), NUM),
    ("DOLLARDE", (1.1, 0.5), DIV),
    ("DOLLARFR", (1.125, 16), 1.02),
    ("DOLLARFR", (1.125, 32), 1.04),
    ("DOLLARFR", (1.125, 1), 1.125),
    ("SLN", (30000, 7500, 10), 2250),
    ("SLN", (30000, 7500, 0), DIV),
    ("SYD", (30000, 7500, 10, 1), 4090.909090909091),
    ("SYD", (30000, 7500, 10, 10), 409.0909090909091),
    ("SYD", (30000, 7500, 10, 11), NUM),
    ("DB", (1000000, 100000, 6, 1, 7), 186083.33333333334),
    ("DB", (1000000, 100000, 6, 2, 7), 259639.41666666666),
    ("DB", (1000000, 100000, 6, 7, 7), 15845.098473848071),
    ("DB", (1000000, 100000, 6, 7, 12), NUM),
    ("DB", (1000000, 100000, 6, 1, 13), NUM),
    ("DB", (1000, 0, 6, 2), 0),
    ("DB", (0, 100, 6, 2), 0),
    ("DDB", (2400, 300, 3650, 1), 1.3150684931506849),
    ("DDB", (2400, 300, 10, 2, 1.5), 306),
    ("DDB", (2400, 300, 10, 10), 22.1225472),
    ("DDB", (100, 10, 13, 0.3, 3), 23.076923076923077),
    ("DDB", (100, 10, 12.7, 11, 1), 3.467509718405),
    ("DDB", (2400, 300, 10, 11), NUM),
    ("DDB", (2400, 300, 10, 0), NUM),
    ("VDB", (2400, 300, 10, 0, 1), 480),
    ("VDB", (2400, 300, 120, 6, 18), 396.3060532647518),
    ("VDB", (2400, 300, 120, 6, 18, 1.5), 311.8089366582341),
    ("VDB", (2400, 300, 10, 0, 0.875, 1.5), 315),
    ("VDB", (100, 10, 13, 10, 13, 1), 20.5110274341),
    ("VDB", (100, 10, 13, 10, 13, 1, True), 9.58786086707),
    ("VDB", (100, 10, 12.7, 1, 4.2, 1), 22.64825127781),
    ("VDB", (100, 10, 40, 0, 20, 3), 78.97022361334),
    ("VDB", (2400, 300, 10, 2, 1), NUM),
    ("VDB", (2400, 300, 10, 2, 11), NUM),
    ("AMORLINC", (2400, 39679, 39813, 300, 1, 0.15, 1), 360),
    ("AMORDEGRC", (2400, 39679, 39813, 300, 1, 0.15, 1), 776),
    ("AMORDEGRC", (150, "2011-01-01", "2011-09-30", 20, 1, 0.2, 4), 42),
    ("AMORDEGRC", (100, "1998-02-28", "2000-02-29", 10, 0, 0.15, 3), 75),
    ("AMORDEGRC", (100, "1998-02-28", "2000-02-29", 10, 1.7, 0.15, 3), 9),
    ("AMORDEGRC", (100, "1998-02-28", "2000-02-29", 10, 2, 0.1, 0), 9),
    ("AMORDEGRC", (100, "1998-02-28", "2000-02-29", 10, 10, 0.07, 0), 2),
    ("AMORDEGRC", (100, "1998-02-28", "2000-02-29", 50, 1, 0.3, 1), 23),
    ("AMORDEGRC", (2400, 39679, 39813, 300, 1, 0.5, 1), NUM),
    ("AMORDEGRC", (2400, 39679, 39813, 300, 1, 0.15, 2), NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        value = excel(name, *arguments)
        assert type(value) is float, value
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-14)
    else:
        assert_gives(name, arguments, expected)


RATES = st.floats(0.001, 0.5)
AMOUNTS = st.floats(-1e6, 1e6).map(lambda amount: round(amount, 2))


@given(RATES, st.integers(1, 400), AMOUNTS, AMOUNTS, st.sampled_from([0, 1]))
def test_loans_as_of_numpy_financial(
    rate: float, periods: int, payment: float, value: float, kind: int
) -> None:
    # Where it adds up to nearly nothing, rounding is all that is left.
    size = (abs(payment) * periods + abs(value)) * (1 + rate) ** periods
    known = numpy_financial
    for found, expected in (
        (
            excel("FV", rate, periods, payment, value, kind),
            known.fv(rate, periods, payment, value, kind),
        ),
        (
            excel("PV", rate, periods, payment, value, kind),
            known.pv(rate, periods, payment, value, kind),
        ),
        (
            excel("PMT", rate, periods, payment, value, kind),
            known.pmt(rate, periods, payment, value, kind),
        ),
    ):
        assert found == pytest.approx(float(expected), rel=1e-11, abs=1e-13 * size)


@given(RATES, st.integers(1, 60), st.floats(1, 1e6), st.sampled_from([0, 1]))
def test_a_loan_is_paid_back(rate: float, periods: int, loan: float, kind: int) -> None:
    # What is left over of numbers that have grown.
    rounding = 1e-12 * loan * (1 + rate) ** periods
    interest = [excel("IPMT", rate, n, periods, loan, 0, kind) for n in range(1, periods + 1)]
    principal = [excel("PPMT", rate, n, periods, loan, 0, kind) for n in range(1, periods + 1)]
    assert sum(principal) == pytest.approx(-loan, abs=rounding)
    total = excel("PMT", rate, periods, loan, 0, kind) * periods
    assert sum(interest) + sum(principal) == pytest.approx(total, abs=rounding)
    middle = periods // 2 + 1
    for name, parts in (("CUMIPMT", interest), ("CUMPRINC", principal)):
        found = excel(name, rate, periods, loan, middle, periods, kind)
        assert found == pytest.approx(sum(parts[middle - 1 :]), rel=1e-9, abs=rounding)


@given(RATES, st.integers(1, 400), st.floats(1, 1e6), st.sampled_from([0, 1]))
def test_the_rate_of_a_loan(rate: float, periods: int, loan: float, kind: int) -> None:
    assume(kind == 0 or periods > 1)
    payment = excel("PMT", rate, periods, loan, 0, kind)
    found = excel("RATE", periods, payment, loan, 0, kind, rate * 1.3)
    assert found == pytest.approx(rate, rel=1e-9)


@given(st.lists(st.floats(1, 1e4), min_size=1, max_size=30), st.floats(-0.2, 2))
def test_flows_are_worth_nothing_at_their_rate(incomes: list[float], rate: float) -> None:
    price = sum(income / (1 + rate) ** year for year, income in enumerate(incomes, 1))
    assert excel("IRR", [-price, *incomes]) == pytest.approx(rate, rel=1e-9, abs=1e-11)
    days = [40000.0 + 365 * year for year in range(len(incomes) + 1)]
    assert excel("XIRR", [-price, *incomes], days) == pytest.approx(rate, rel=1e-9, abs=1e-11)
    assert excel("NPV", 0.05, incomes) == pytest.approx(numpy_financial.npv(0.05, [0, *incomes]))


@given(st.floats(100, 1e5), st.floats(0, 99), st.integers(1, 30))
def test_an_asset_loses_what_it_costs(cost: float, salvage: float, life: int) -> None:
    periods = range(1, life + 1)
    assert sum(excel("SYD", cost, salvage, life, n) for n in periods) == pytest.approx(
        cost - salvage
    )
    assert excel("VDB", cost, salvage, life, 0, life) == pytest.approx(cost - salvage)
    parts = [excel("DDB", cost, salvage, life, n) for n in periods]
    assert sum(parts) == pytest.approx(excel("VDB", cost, salvage, life, 0, life, 2, True))


def test_rates_of_many_flows() -> None:
    flows = [-1e6, *np.full(3600, 9000.0).tolist()]
    rate = excel("IRR", flows)
    assert math.isclose(rate, 0.009, rel_tol=1e-9)
