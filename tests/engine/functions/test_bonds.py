import datetime
from typing import Any

import pytest
from engine.functions.excel import NUM, VALUE, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

# The examples of Microsoft's documentation, with as many digits as it shows, or more.
CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("COUPDAYBS", ("2011-01-25", "2011-11-15", 2, 1), 71),
    ("COUPDAYS", ("2011-01-25", "2011-11-15", 2, 1), 181),
    ("COUPDAYS", ("2011-01-25", "2011-11-15", 2, 3), 182.5),
    ("COUPDAYSNC", ("2011-01-25", "2011-11-15", 2, 1), 110),
    ("COUPNCD", ("2011-01-25", "2011-11-15", 2, 1), 40678),
    ("COUPNUM", ("2007-01-25", "2008-11-15", 2, 1), 4),
    ("COUPPCD", ("2011-01-25", "2011-11-15", 2, 1), 40497),
    ("COUPPCD", ("2011-01-31", "2012-07-31", 2), 40574),
    ("COUPNCD", ("2011-03-31", "2012-08-30", 2), 40785),
    ("COUPNUM", ("2011-01-25", "2011-01-25", 2), NUM),
    ("COUPNUM", ("2011-01-25", "2011-11-15", 3), NUM),
    ("COUPNUM", ("2011-01-25", "2011-11-15", 2, 5), NUM),
    ("COUPNUM", ("2011-01-25", "2011-11-15", "x"), VALUE),
    ("COUPNUM", ("2011-01-25", "2011-11-15", True), VALUE),
    ("PRICE", ("2008-02-15", "2017-11-15", 0.0575, 0.065, 100, 2, 0), 94.6343616213221),
    ("PRICE", ("2008-02-15", "2008-05-15", 0.0575, 0.065, 100, 2, 0), 102.875 / 1.01625 - 1.4375),
    ("PRICE", ("2008-02-15", "2017-11-15", 0.0575, 0, 100, 2, 0), 156.0625),
    ("PRICE", ("2008-02-15", "2017-11-15", -0.1, 0.065, 100, 2, 0), NUM),
    ("PRICE", ("2008-02-15", "2017-11-15", 0.0575, 0.065, 0, 2, 0), NUM),
    ("YIELD", ("2008-02-15", "2016-11-15", 0.0575, 95.04287, 100, 2, 0), 0.0650000068807),
    ("YIELD", ("2008-02-15", "2008-05-15", 0.0575, 102.875 / 1.01625 - 1.4375, 100, 2, 0), 0.065),
    ("YIELD", ("2008-02-15", "2016-11-15", 0.0575, 0, 100, 2, 0), NUM),
    ("DURATION", ("2018-07-01", "2048-01-01", 0.08, 0.09, 2, 1), 10.9191452815919),
    ("MDURATION", ("2008-01-01", "2016-01-01", 0.08, 0.09, 2, 1), 5.7356698139),
    ("DISC", ("2018-07-01", "2048-01-01", 97.975, 100, 1), 0.000686384169),
    ("DISC", ("2007-01-25", "2007-06-15", 97.975, 100, 1), 0.0524202127659574),
    ("PRICEDISC", ("2008-02-16", "2008-03-01", 0.0525, 100, 2), 99.7958333333333),
    ("PRICEMAT", ("2008-02-15", "2008-04-13", "2007-11-11", 0.061, 0.061, 0), 99.9844988755569),
    ("YIELDDISC", ("2008-02-16", "2008-03-01", 99.795, 100, 2), 0.0528225719868),
    ("YIELDMAT", ("2008-03-15", "2008-11-03", "2007-11-08", 0.0625, 100.0123, 0), 0.0609543336915),
    ("INTRATE", ("2008-02-15", "2008-05-15", 1000000, 1014420, 2), 0.05768),
    ("RECEIVED", ("2008-02-15", "2008-05-15", 1000000, 0.0575, 2), 1014584.654407102),
    ("RECEIVED", ("2008-02-15", "2008-05-15", 1000000, 5, 2), NUM),
    ("TBILLEQ", ("2008-03-31", "2008-06-01", 0.0914), 0.094151493565943),
    ("TBILLEQ", ("2008-03-31", "2009-04-01", 0.0914), NUM),
    ("TBILLPRICE", ("2008-03-31", "2008-06-01", 0.09), 98.45),
    ("TBILLPRICE", ("2008-03-31", "2008-06-01", 9), NUM),
    ("TBILLYIELD", ("2008-03-31", "2008-06-01", 98.45), 0.091416963),
    ("TBILLYIELD", ("2008-06-01", "2008-03-31", 98.45), NUM),
    ("ACCRINTM", (39539, 39614, 0.1, 1000, 3), 20.5479452054795),
    ("ACCRINTM", (39614, 39539, 0.1, 1000, 3), NUM),
    ("ACCRINTM", (39539, 39614, 0.1), 20.5555555555556),
    ("ACCRINT", (39508, 39691, 39569, 0.1, 1000, 2, 0), 16.6666666666667),
    ("ACCRINT", (39512, 39691, 39569, 0.1, 1000, 2, 0, False), 15.5555555555556),
    ("ACCRINT", (39539, 39691, 39569, 0.1, 1000, 2, 0, True), 8.33333333333333),
    ("ACCRINT", (39508, 39691, 39569, 0.1, None, 2), 16.6666666666667),
    ("ACCRINT", ("2008-01-15", "2008-03-15", "2010-06-15", 0.1, 1000, 2), 241.666666666667),
    ("ACCRINT", ("2008-01-15", "2008-03-15", "2010-06-15", 0.1, 1000, 2, 0, False), 225.0),
    ("ACCRINT", (39508, 39691, 39508, 0.1, 1000, 2), NUM),
    ("ACCRINT", (39508, 39691, 39569, 0, 1000, 2), NUM),
    ("ACCRINT", (39508, 39691, 39569, 0.1, 1000, 3), NUM),
    (
        "ODDFPRICE",
        ("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", 0.0785, 0.0625, 100, 2, 1),
        113.597717474079,
    ),
    (
        "ODDFYIELD",
        ("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", 0.0575, 84.5, 100, 2, 0),
        0.0772455415972,
    ),
    (
        "ODDLPRICE",
        ("2008-02-07", "2008-06-15", "2007-10-15", 0.0375, 0.0405, 100, 2, 0),
        99.8782860147213,
    ),
    (
        "ODDLYIELD",
        ("2008-04-20", "2008-06-15", "2007-12-24", 0.0375, 99.875, 100, 2, 0),
        0.0451922355647,
    ),
    ("ODDLYIELD", ("2008-04-20", "2008-06-15", "2008-05-24", 0.0375, 99.875, 100, 2, 0), NUM),
    (
        "ODDFPRICE",
        ("2008-11-11", "2021-03-02", "2008-10-15", "2009-03-01", 0.0785, 0.0625, 100, 2, 1),
        NUM,
    ),
]
# What Excel calculates, for each basis: 0 to 4.
BY_BASIS: list[tuple[str, tuple[Any, ...], tuple[float, ...]]] = [
    ("COUPDAYSNC", ("1980-02-15", "1995-11-30", 4), (15, 14, 14, 14, 14)),
    ("COUPDAYSNC", ("1980-02-15", "2008-02-29", 1), (15, 14, 14, 14, 14)),
    ("COUPDAYSNC", ("1980-03-15", "2000-02-28", 1), (345, 350, 350, 350, 343)),
    ("COUPDAYSNC", ("1980-03-15", "2008-02-29", 2), (165, 169, 169, 169, 165)),
    ("COUPDAYSNC", ("1980-02-15", "1994-01-31", 4), (75, 75, 75, 75, 75)),
    (
        "ACCRINT",
        ("1990-03-04", "1993-03-31", "1992-03-04", 0.07, 10000, 1),
        (1401.944444444, 1400, 1400, 1400, 1400),
    ),
    (
        "ACCRINT",
        ("1990-03-04", "1993-03-31", "1992-03-04", 0.07, 10000, 2),
        (1401.944444444, 1398.076923077, 1394.166666667, 1399.04109589, 1400),
    ),
    (
        "ACCRINT",
        ("1990-03-04", "1993-03-31", "1992-03-04", 0.07, 10000, 4),
        (1401.944444444, 1390.277777778, 1390.277777778, 1397.602739726, 1400),
    ),
    (
        "ACCRINT",
        ("1990-03-04", "2010-07-05", "1995-03-01", 0.07, 10000, 4),
        (3494.166666667, 3458.376068376, 3340.555555556, 3486.575342466, 3494.166666667),
    ),
    (
        "ACCRINT",
        ("1990-03-04", "2010-07-05", "1992-03-04", 0.1, 12030.34, 2),
        (2406.068, 2213.316696133, 2095.284216667, 2387.940090411, 2406.068),
    ),
    (
        "ODDFPRICE",
        ("1999-02-28", "2010-06-30", "1998-02-28", "2009-06-30", 0.07, 0.03, 100, 1),
        (128.0105899192, 127.9949332833, 127.9031273745, 127.9949332833, 128.0003495968),
    ),
    (
        "ODDFPRICE",
        ("1999-02-28", "2010-06-30", "1998-02-28", "2009-06-30", 0.07, 0.03, 100, 2),
        (127.7269143198, 127.7049586143, 127.6193871525, 127.711344726, 127.7166093747),
    ),
    (
        "ODDFPRICE",
        ("1999-02-28", "2010-06-30", "1998-02-28", "2009-06-30", 0.07, 0.1, 130, 4),
        (66.40222808412, 66.38347009572, 66.2862478735, 66.38914130223, 66.37734584031),
    ),
    (
        "ODDLPRICE",
        ("1999-02-28", "2000-02-28", "1998-02-28", 0.07, 0.03, 100, 2),
        (103.7180731889, *(103.6796116505,) * 4),
    ),
    (
        "ODDLPRICE",
        ("1999-02-28", "2000-02-28", "1998-02-28", 0.1, 0.03, 130, 4),
        (135.6854157873, *(135.6310679612,) * 4),
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    if type(expected) is float:
        assert excel(name, *arguments) == pytest.approx(expected, rel=1e-8)
    else:
        assert_gives(name, arguments, expected)


@pytest.mark.parametrize(("name", "arguments", "expected"), BY_BASIS)
def test_for_each_basis(name: str, arguments: tuple[Any, ...], expected: tuple[float, ...]) -> None:
    found = [excel(name, *arguments, basis) for basis in range(5)]
    assert found == pytest.approx(list(expected), rel=1e-12)


DAYS = st.integers(30_000, 50_000).map(float)
FREQUENCIES, BASES = st.sampled_from([1, 2, 4]), st.integers(0, 4)
RATES = st.floats(0.001, 0.5)


@given(DAYS, st.integers(1, 8000), RATES, RATES, FREQUENCIES, BASES)
def test_a_yield_gives_its_price(
    settlement: float, days: int, rate: float, earned: float, frequency: int, basis: int
) -> None:
    dates = settlement, settlement + days
    price = excel("PRICE", *dates, rate, earned, 100, frequency, basis)
    # In a year of 360 days, a period may have more days than it counts: nothing is left to earn.
    left = excel("COUPDAYS", *dates, frequency, basis) - excel(
        "COUPDAYBS", *dates, frequency, basis
    )
    if price < 1e-6 or left <= 0:
        return
    found = excel("YIELD", *dates, rate, price, 100, frequency, basis)
    assert found == pytest.approx(earned, rel=1e-7)


@given(DAYS, st.integers(1, 8000), FREQUENCIES)
def test_coupons_come_in_order(settlement: float, days: int, frequency: int) -> None:
    dates = settlement, settlement + days, frequency
    previous, following = excel("COUPPCD", *dates), excel("COUPNCD", *dates)
    assert previous <= settlement < following <= settlement + days
    count = excel("COUPNUM", *dates)
    assert (count == 1) == (following == settlement + days)
    assert abs(count - days * frequency / 365.25) < 1.1
    assert excel("COUPDAYSNC", *dates, 1) + excel("COUPDAYBS", *dates, 1) == following - previous


@given(DAYS, st.integers(0, 60), st.integers(1, 300), RATES, RATES, FREQUENCIES, BASES)
def test_an_odd_yield_gives_its_price(
    issue: float, waited: int, months: int, rate: float, earned: float, frequency: int, basis: int
) -> None:
    settlement = issue + waited + 1
    first = excel("EDATE", settlement + 1, months % 13)
    maturity = excel("EDATE", first, 12 // frequency * (months % 40 + 1))
    dates = settlement, maturity, issue, first
    price = excel("ODDFPRICE", *dates, rate, earned, 100, frequency, basis)
    if price == NUM or price < 1e-6:
        return
    found = excel("ODDFYIELD", *dates, rate, price, 100, frequency, basis)
    assert found == pytest.approx(earned, rel=1e-6)


def test_securities_in_the_far_future_end() -> None:
    last = (datetime.date(9999, 12, 31) - datetime.date(1899, 12, 30)).days
    assert excel("COUPNUM", 40000, last, 4) == pytest.approx(31_962, abs=10)
    assert excel("PRICE", 40000, last, 0.05, 0.05, 100, 4) == pytest.approx(100, rel=1e-2)
    assert excel("ODDLPRICE", 40001, last - 1000, 40000, 0.05, 0.05, 100, 4) > 0


def test_a_yield_far_below_its_rate() -> None:
    price = excel("PRICE", 30000, 34728, 0.5, 0.0625, 100, 1)
    assert excel("YIELD", 30000, 34728, 0.5, price, 100, 1) == pytest.approx(0.0625, rel=1e-12)
