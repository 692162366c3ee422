import math
from fractions import Fraction
from typing import Any

import pytest
from engine.functions.excel import DIV, NA, NUM, VALUE, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("NORM.DIST", (42, 40, 1.5, True), 0.9087887802741321),
    ("NORM.DIST", (42, 40, 1.5, False), 0.10934004978399577),
    ("NORMDIST", (42, 40, 0, True), NUM),
    ("NORM.S.DIST", (1.333333, True), 0.9087887256040949),
    ("NORMSDIST", (-10,), 7.619853024160489e-24),
    ("NORM.S.INV", (0.975,), 1.959963984540054),
    ("NORM.INV", (0.5, 40, 1.5), 40),
    ("NORMSINV", (0,), NUM),
    ("STANDARDIZE", (42, 40, 1.5), 4 / 3),
    ("STANDARDIZE", (42, 40, 0), NUM),
    ("ERF", (0.745,), 0.7079289200957377),
    ("ERF", (0, 1), 0.8427007929497149),
    ("ERFC", (1,), 0.15729920705028513),
    ("GAMMA", (2.5,), 1.329340388179137),
    ("GAMMA", (-3,), NUM),
    ("GAMMALN", (4,), math.log(6)),
    ("GAMMALN", (-1.5,), NUM),
    ("GAUSS", (2,), 0.4772498680518208),
    ("PHI", (0.75,), 0.30113743215480443),
    ("EXPON.DIST", (0.2, 10, True), 0.8646647167633873),
    ("EXPON.DIST", (0.2, 10, False), 1.353352832366127),
    ("EXPON.DIST", (-1, 10, True), NUM),
    ("BETA.DIST", (2, 8, 10, True, 1, 3), 0.6854705810546875),
    ("BETA.DIST", (2, 8, 10, False, 1, 3), 1.4837646484375),
    ("BETA.DIST", (0, 1, 3, False), 3),
    ("BETA.DIST", (0, 0.5, 3, False), NUM),
    ("BETA.DIST", (4, 8, 10, True, 1, 3), NUM),
    ("BETA.DIST", (1, 8, 10, True, 1, 1), NUM),
    ("BETADIST", (2, 8, 10, 1, 3), 0.6854705810546875),
    ("BETA.INV", (0.685470581, 8, 10, 1, 3), 2.0),
    ("BETAINV", (0, 8, 10), NUM),
    ("BINOM.DIST", (6, 10, 0.5, False), 0.205078125),
    ("BINOM.DIST", (6.9, 10.9, 0.5, True), 0.828125),
    ("BINOM.DIST", (11, 10, 0.5, True), NUM),
    ("BINOM.DIST", (1, 10, 1.5, True), NUM),
    ("BINOM.DIST", (10, 10, 1, False), 1),
    ("BINOM.DIST", ("x", 10, 1, False), VALUE),
    ("BINOM.DIST", (1, 10, 0.5, "x"), VALUE),
    ("BINOM.DIST", (1, 10, DIV, True), DIV),
    ("BINOM.DIST.RANGE", (60, 0.75, 48), 0.08397496742904752),
    ("BINOM.DIST.RANGE", (60, 0.75, 45, 50), 0.5236297934718874),
    ("BINOM.DIST.RANGE", (60, 0.75, 45, 44), NUM),
    ("BINOM.INV", (6, 0.5, 0.75), 4),
    ("CRITBINOM", (6, 0.5, 0.75), 4),
    ("CRITBINOM", (6, 0.5, 1), NUM),
    ("NEGBINOM.DIST", (10, 5, 0.25, True), 0.3135140584781766),
    ("NEGBINOM.DIST", (10, 5, 0.25, False), 0.05504866037517786),
    ("NEGBINOMDIST", (10, 5, 0.25), 0.05504866037517786),
    ("NEGBINOMDIST", (10, 0, 0.25), NUM),
    ("HYPGEOM.DIST", (1, 4, 8, 20, True), 0.46542827657378744),
    ("HYPGEOM.DIST", (1, 4, 8, 20, False), 0.3632610939112487),
    ("HYPGEOMDIST", (1, 4, 8, 20), 0.3632610939112487),
    ("HYPGEOMDIST", (5, 4, 8, 20), NUM),
    ("HYPGEOMDIST", (2, 4, 8, 4), NUM),
    ("HYPGEOMDIST", (3, 4, 3, 4), 1),
    ("POISSON.DIST", (2, 5, True), 0.12465201948308113),
    ("POISSON.DIST", (2, 5, False), 0.08422433748856833),
    ("POISSON", (0, 0, True), 1),
    ("POISSON", (-0.5, 5, True), 0.006737946999085467),
    ("POISSON", (-1, 5, True), NUM),
    ("GAMMA.DIST", (10.00001131, 9, 2, False), 0.03263913041829234),
    ("GAMMA.DIST", (10.00001131, 9, 2, True), 0.06809400386643213),
    ("GAMMA.DIST", (0, 1, 2, False), 0.5),
    ("GAMMA.DIST", (0, 0.5, 2, False), NUM),
    ("GAMMA.DIST", (1, 0, 2, False), NUM),
    ("GAMMA.INV", (0.06809400386643213, 9, 2), 10.00001131),
    ("GAMMAINV", (1, 9, 2), NUM),
    ("LOGNORM.DIST", (4, 3.5, 1.2, True), 0.0390835557068005),
    ("LOGNORM.DIST", (4, 3.5, 1.2, False), 0.0176175966818192),
    ("LOGNORMDIST", (4, 3.5, 1.2), 0.0390835557068005),
    ("LOGNORMDIST", (0, 3.5, 1.2), NUM),
    ("LOGNORM.INV", (0.0390835557068005, 3.5, 1.2), 4),
    ("LOGINV", (0, 3.5, 1.2), NUM),
    ("WEIBULL.DIST", (105, 20, 100, True), 0.929581390069277),
    ("WEIBULL.DIST", (105, 20, 100, False), 0.03558886402450435),
    ("WEIBULL", (0, 0.5, 100, False), NUM),
    ("T.DIST", (60, 1, True), 0.9946953263673741),
    ("T.DIST", (8, 3, False), 0.0007369065158787787),
    ("T.DIST", (1, 0.9, True), NUM),
    ("T.DIST.RT", (1.959999998, 60), 0.02732246498796044),
    ("T.DIST.RT", (-1.959999998, 60), 0.9726775353378556),
    ("T.DIST.2T", (1.959999998, 60), 0.05464492997592088),
    ("T.DIST.2T", (-1, 60), NUM),
    ("TDIST", (1.959999998, 60, 2), 0.05464492997592088),
    ("TDIST", (1.959999998, 60, 1.9), 0.02732246498796044),
    ("TDIST", (1.959999998, 60, 3), NUM),
    ("T.INV", (0.75, 2), 0.816496580927726),
    ("T.INV", (0.5, 2), 0),
    ("T.INV", (0, 2), NUM),
    ("T.INV.2T", (0.546449, 60), 0.606533075824995),
    ("TINV", (1, 60), 0),
    ("F.DIST", (15.2068649, 6, 4, True), 0.9900000000000005),
    ("F.DIST", (15.2068649, 6, 4, False), 0.0012237995897796605),
    ("F.DIST", (0, 2, 4, False), 1),
    ("F.DIST", (0, 1, 4, False), NUM),
    ("F.DIST.RT", (15.20686486, 6, 4), 0.0100000000011755),
    ("FDIST", (-1, 6, 4), NUM),
    ("F.INV", (0.01, 6, 4), 0.10930991412457851),
    ("F.INV.RT", (0.01, 6, 4), 15.206864861157),
    ("FINV", (1, 6, 4), 0),
    ("FINV", (1, 0, 4), NUM),
    ("FINV", (0, 6, 4), NUM),
    ("CHISQ.DIST", (0.5, 1, True), 0.5204998778130465),
    ("CHISQ.DIST", (2, 3, False), 0.20755374871029736),
    ("CHISQ.DIST", (2, 0, False), NUM),
    ("CHISQ.DIST.RT", (18.307, 10), 0.0500005890913981),
    ("CHIDIST", (-1, 10), NUM),
    ("CHISQ.INV", (0.93, 1), 3.28302028675952),
    ("CHISQ.INV", (1, 1), NUM),
    ("CHISQ.INV.RT", (0.050001, 10), 18.306973475640),
    ("CHIINV", (1, 10), 0),
    ("CONFIDENCE.NORM", (0.05, 2.5, 50), 0.692951912174839),
    ("CONFIDENCE", (0.05, 2.5, 50.9), 0.692951912174839),
    ("CONFIDENCE", (1, 2.5, 50), NUM),
    ("CONFIDENCE.T", (0.05, 1, 50), 0.284196855149321),
    ("CONFIDENCE.T", (0.05, 1, 1), DIV),
    ("FISHER", (0.75,), 0.9729550745276566),
    ("FISHER", (1,), NUM),
    ("FISHERINV", (0.972955,), 0.7499999673741),
    ("ERF", (True,), VALUE),
    ("BESSELI", (1.5, 1), 0.9816664285779076),
    ("BESSELJ", (1.9, 2), 0.329925727692387),
    ("BESSELK", (1.5, 1), 0.2773878004568438),
    ("BESSELY", (2.5, 1), 0.145918137966786),
    ("BESSELJ", (-1.9, 2.9), 0.329925727692387),
    ("BESSELJ", (1.9, -1), NUM),
    ("BESSELK", (0, 1), NUM),
    ("BESSELY", (-1, 1), NUM),
    ("BESSELY", (True, 1), VALUE),
    ("BESSELY", (1.7e308, 1e9), NUM),
]
SAMPLES = (
    [3, 4, 5, 8, 9, 1, 2, 4, 5],
    [6, 19, 3, 2, 14, 4, 5, 17, 1],
)
TESTS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("T.TEST", (*SAMPLES, 2, 1), 0.196015785135717),
    ("TTEST", (*SAMPLES, 1, 2), 0.09599794338019808),
    ("T.TEST", (*SAMPLES, 2, 3), 0.202293785134),
    ("T.TEST", (*SAMPLES, 3, 1), NUM),
    ("T.TEST", (*SAMPLES, 1, 4), NUM),
    ("T.TEST", ([1, 2, 3], [1, 2], 1, 1), NA),
    ("T.TEST", ([1, 1], [1, 1], 1, 2), DIV),
    ("F.TEST", ([6, 7, 9, 15, 21], [20, 28, 31, 38, 40]), 0.648317847),
    ("F.TEST", ([6], [20, 28]), DIV),
    ("Z.TEST", ([3, 6, 7, 8, 6, 5, 4, 2, 1, 9], 4), 0.090574196851365),
    ("ZTEST", ([3, 6, 7, 8, 6, 5, 4, 2, 1, 9], 6), 0.863043388906),
    ("Z.TEST", ([3, 6, 7, 8, 6, 5, 4, 2, 1, 9], 4, 0), NUM),
    ("Z.TEST", (["x"], 4), NA),
    (
        "CHISQ.TEST",
        (
            [[58, 35], [11, 25], [10, 23]],
            [[45.35, 47.65], [17.56, 18.44], [16.09, 16.91]],
        ),
        0.000308192017,
    ),
    ("CHITEST", ([1, 2], [1]), NA),
    ("CHITEST", ([1, 2], [0, 3]), DIV),
    ("CHITEST", ([1, 2], [-1, 3]), NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    if type(expected) is float:
        # As many digits as Microsoft's documentation shows.
        assert excel(name, *arguments) == pytest.approx(expected, rel=1e-8)
    else:
        assert_gives(name, arguments, expected)


@pytest.mark.parametrize(("name", "arguments", "expected"), TESTS)
def test_of_hypotheses(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    if type(expected) is float:
        assert excel(name, *arguments) == pytest.approx(expected, rel=1e-6)
    else:
        assert_gives(name, arguments, expected)


POSITIVE = st.floats(0.1, 1000)
PROBABILITY = st.floats(0.001, 0.999)
DEGREES = st.integers(1, 300)


@given(PROBABILITY, POSITIVE, POSITIVE, DEGREES, DEGREES)
def test_as_scipy_has_them(
    part: float, first: float, second: float, degrees: int, others: int
) -> None:
    beta, gamma = stats.beta(first, second), stats.gamma(first, scale=second)
    t, chi2, f = stats.t(degrees), stats.chi2(degrees), stats.f(degrees, others)
    binomial, poisson = stats.binom(degrees + others, part), stats.poisson(first)
    weibull = stats.weibull_min(min(first, 20), scale=second)
    lognormal = stats.lognorm(second, scale=math.exp(part))
    negative = stats.nbinom(others, part)
    drawn = stats.hypergeom(degrees + others, degrees, others)
    found = max(1, degrees * others // (degrees + others))
    cases: list[tuple[str, tuple[Any, ...], Any]] = [
        ("BETA.DIST", (part, first, second, True), beta.cdf(part)),
        ("BETA.DIST", (part, first, second, False), beta.pdf(part)),
        ("BETA.INV", (part, first, second), beta.ppf(part)),
        ("GAMMA.DIST", (second, first, second, True), gamma.cdf(second)),
        ("GAMMA.DIST", (second, first, second, False), gamma.pdf(second)),
        ("GAMMA.INV", (part, first, second), gamma.ppf(part)),
        ("T.DIST", (first, degrees, True), t.cdf(first)),
        ("T.DIST", (part, degrees, False), t.pdf(part)),
        ("T.DIST.RT", (part, degrees), t.sf(part)),
        ("T.INV", (part, degrees), t.ppf(part)),
        ("T.INV.2T", (part, degrees), t.isf(part / 2)),
        ("CHISQ.DIST", (first, degrees, False), chi2.pdf(first)),
        ("CHISQ.DIST.RT", (first, degrees), chi2.sf(first)),
        ("CHISQ.INV", (part, degrees), chi2.ppf(part)),
        ("CHISQ.INV.RT", (part, degrees), chi2.isf(part)),
        ("F.DIST", (first, degrees, others, True), f.cdf(first)),
        ("F.DIST", (first, degrees, others, False), f.pdf(first)),
        ("F.DIST.RT", (first, degrees, others), f.sf(first)),
        ("F.INV", (part, degrees, others), f.ppf(part)),
        ("F.INV.RT", (part, degrees, others), f.isf(part)),
        ("BINOM.DIST", (degrees, degrees + others, part, True), binomial.cdf(degrees)),
        ("BINOM.DIST", (degrees, degrees + others, part, False), binomial.pmf(degrees)),
        ("BINOM.INV", (degrees + others, part, 0.3), binomial.ppf(0.3)),
        ("NEGBINOM.DIST", (degrees, others, part, True), negative.cdf(degrees)),
        ("NEGBINOM.DIST", (degrees, others, part, False), negative.pmf(degrees)),
        ("POISSON.DIST", (degrees, first, True), poisson.cdf(degrees)),
        ("POISSON.DIST", (degrees, first, False), poisson.pmf(degrees)),
        ("WEIBULL.DIST", (first, min(first, 20), second, True), weibull.cdf(first)),
        ("WEIBULL.DIST", (first, min(first, 20), second, False), weibull.pdf(first)),
        ("LOGNORM.DIST", (first, part, second, True), lognormal.cdf(first)),
        ("LOGNORM.DIST", (first, part, second, False), lognormal.pdf(first)),
        ("HYPGEOM.DIST", (found, others, degrees, degrees + others, True), drawn.cdf(found)),
        ("HYPGEOM.DIST", (found, others, degrees, degrees + others, False), drawn.pmf(found)),
    ]
    for name, arguments, expected in cases:
        value = excel(name, *arguments)
        assert value == pytest.approx(float(expected), rel=1e-9, abs=1e-280), (name, arguments)


@given(st.integers(1, 2000), PROBABILITY, st.integers(0, 2000))
def test_the_terms_are_exact(trials: int, chance: float, count: int) -> None:
    count %= trials + 1
    success = Fraction(chance)
    exact = math.comb(trials, count) * success**count * (1 - success) ** (trials - count)
    found = excel("BINOM.DIST", count, trials, chance, False)
    assert found == pytest.approx(float(exact), rel=1e-12, abs=1e-290)


@given(st.floats(1e-12, 1 - 1e-12))
def test_the_quantile_undoes_the_distribution(probability: float) -> None:
    z = excel("NORM.S.INV", probability)
    assert math.isclose(excel("NORM.S.DIST", z, True), probability, rel_tol=1e-11)
