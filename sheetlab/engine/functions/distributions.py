"""Distributions of random numbers: probabilities, densities and quantiles.

Excel has most of them twice, the older name with other parameters. Numbers of trials and degrees
of freedom are cut to whole ones.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine.functions.densities import binomial_density, poisson_density
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import Elementwise
from sheetlab.engine.functions.normal_quantiles import standard_quantiles
from sheetlab.engine.functions.special import special

_MOST_DEGREES = 1e10
# Terms beyond these do not change a sum of those that are nearer to the largest.
_MOST_TERMS = 1_000_000


def _refuse_unless(condition: bool) -> None:
    if not condition:
        raise ValueError


def _refuse_no_probability(probability: float) -> None:
    _refuse_unless(0 <= probability <= 1)


def _degrees(number: float) -> float:
    _refuse_unless(1 <= number <= _MOST_DEGREES)
    return float(int(number))


# The normal distribution.


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def normal_probability(z: float) -> float:
    """How likely a standard normal number is to be at most z."""
    return math.erfc(-z / math.sqrt(2)) / 2


def _standard_normal(z: float, cumulative: bool) -> float:
    return normal_probability(z) if cumulative else _density(z)


def _normal(x: float, center: float, deviation: float, cumulative: bool) -> float:
    z = _standardized(x, center, deviation)
    return normal_probability(z) if cumulative else _density(z) / deviation


def normal_quantile(probability: float, center: float = 0.0, deviation: float = 1.0) -> float:
    """The number that a normal one is at most with a probability; raises `ValueError`."""
    _refuse_unless(0 < probability < 1 and deviation > 0)
    return center + deviation * _standard_quantile()(probability)


@functools.cache
def _standard_quantile() -> Callable[[float], float]:
    # Loading this module takes as long as a small workbook.
    from statistics import NormalDist

    return NormalDist().inv_cdf


def _standardized(x: float, center: float, deviation: float) -> float:
    _refuse_unless(deviation > 0)
    return (x - center) / deviation


def _log_normal(x: float, center: float, deviation: float, cumulative: bool = True) -> float:
    _refuse_unless(x > 0)
    z = _standardized(math.log(x), center, deviation)
    return normal_probability(z) if cumulative else _density(z) / deviation / x


def _log_normal_quantile(probability: float, center: float, deviation: float) -> float:
    return math.exp(normal_quantile(probability, center, deviation))


def _normal_probabilities(z: Any) -> Any:
    return special().ndtr(z)


def _normal_densities(z: Any) -> Any:
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _normal_quantiles(probabilities: Any, centers: Any = 0.0, deviations: Any = 1.0) -> Any:
    outside = (np.asarray(probabilities) <= 0) | (np.asarray(probabilities) >= 1)
    if np.any(outside) or np.any(np.asarray(deviations) <= 0):
        raise FloatingPointError
    return centers + deviations * standard_quantiles(probabilities)


def _all_standardized(x: Any, centers: Any, deviations: Any) -> Any:
    if np.any(np.asarray(deviations) <= 0):
        raise FloatingPointError
    return (x - centers) / deviations


# Waiting times and lifetimes.


def _exponential(x: float, rate: float, cumulative: bool) -> float:
    _refuse_unless(x >= 0 and rate > 0)
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


def _weibull(x: float, shape: float, scale: float, cumulative: bool) -> float:
    _refuse_unless(x >= 0 and shape > 0 and scale > 0)
    scaled = x / scale
    hazard = math.pow(scaled, shape)
    if cumulative:
        return -math.expm1(-hazard)
    return shape / scale * math.pow(scaled, shape - 1) * math.exp(-hazard)


def _gamma(x: float, shape: float, scale: float, cumulative: bool) -> float:
    _refuse_unless(x >= 0 and shape > 0 and scale > 0)
    scaled = x / scale
    if cumulative:
        return float(special().gammainc(shape, scaled))
    return _gamma_density(scaled, shape) / scale


def _gamma_density(x: float, shape: float) -> float:
    if x == 0 or shape >= 1:
        _refuse_unless(shape >= 1)
        return poisson_density(shape - 1, x)
    return poisson_density(shape, x) * shape / x


def _gamma_quantile(probability: float, shape: float, scale: float) -> float:
    _refuse_no_probability(probability)
    _refuse_unless(shape > 0 and scale > 0)
    return float(special().gammaincinv(shape, probability)) * scale


def _beta(
    x: float,
    alpha: float,
    beta: float,
    cumulative: bool,
    low: float | None = None,
    high: float | None = None,
) -> float:
    bottom, top = low or 0.0, 1.0 if high is None else high
    _refuse_unless(alpha > 0 and beta > 0 and bottom <= x <= top and bottom < top)
    part = (x - bottom) / (top - bottom)
    if cumulative:
        return float(special().betainc(alpha, beta, part))
    return _beta_density(part, (top - x) / (top - bottom), alpha, beta) / (top - bottom)


def _beta_density(part: float, rest: float, alpha: float, beta: float) -> float:
    if part == 0 or rest == 0:
        power = alpha if part == 0 else beta
        _refuse_unless(power >= 1)
        return 0.0 if power > 1 else alpha * beta
    # Where a parameter is below 1, the term of one more is taken.
    first, second = alpha < 1, beta < 1
    term = binomial_density(alpha - 1 + first, alpha + beta - 2 + first + second, part, rest)
    if first and second:
        return term * alpha * beta / (alpha + beta) / part / rest
    if first:
        return term * alpha / part
    if second:
        return term * beta / rest
    return term * (alpha + beta - 1)


def _beta_probability(
    x: float, alpha: float, beta: float, low: float | None = None, high: float | None = None
) -> float:
    return _beta(x, alpha, beta, True, low, high)


def _beta_quantile(
    probability: float,
    alpha: float,
    beta: float,
    low: float | None = None,
    high: float | None = None,
) -> float:
    bottom, top = low or 0.0, 1.0 if high is None else high
    _refuse_unless(0 < probability <= 1 and alpha > 0 and beta > 0 and bottom < top)
    part = float(special().betaincinv(alpha, beta, probability))
    return bottom + (top - bottom) * part


# What is found in samples of normal numbers.


def _chi_squared(x: float, degrees: float, cumulative: bool) -> float:
    return _gamma(x, _degrees(degrees) / 2, 2.0, cumulative)


def chi_squared_beyond(x: float, degrees: float) -> float:
    """How likely a sum of squares with so many degrees of freedom is to be more than x."""
    _refuse_unless(x >= 0)
    return float(special().gammaincc(_degrees(degrees) / 2, x / 2))


def _chi_squared_quantile(probability: float, degrees: float) -> float:
    return _gamma_quantile(probability, _degrees(degrees) / 2, 2.0)


def _chi_squared_quantile_beyond(probability: float, degrees: float) -> float:
    _refuse_no_probability(probability)
    return 2 * float(special().gammainccinv(_degrees(degrees) / 2, probability))


def _students(x: float, degrees: float, cumulative: bool) -> float:
    if not cumulative and int(degrees) == 0:
        raise ZeroDivisionError
    whole = _degrees(degrees)
    if cumulative:
        beyond = student_beyond_both(x, whole) / 2
        return beyond if x < 0 else 1 - beyond
    exponent = -(whole + 1) / 2 * math.log1p(x * x / whole)
    return math.exp(exponent) / math.sqrt(whole) / float(special().beta(0.5, whole / 2))


def student_beyond_both(x: float, degrees: float) -> float:
    """How likely Student's t is to be farther from 0 than x; degrees may be no whole number."""
    square = x * x
    if square < degrees:
        return float(special().betaincc(0.5, degrees / 2, square / (degrees + square)))
    return float(special().betainc(degrees / 2, 0.5, degrees / (degrees + square)))


def _student_beyond(x: float, degrees: float) -> float:
    beyond = student_beyond_both(x, _degrees(degrees)) / 2
    return beyond if x >= 0 else 1 - beyond


def _student_two_tails(x: float, degrees: float) -> float:
    _refuse_unless(x >= 0)
    return student_beyond_both(x, _degrees(degrees))


def _student_tails(x: float, degrees: float, tails: float) -> float:
    _refuse_unless(int(tails) in (1, 2))
    return _student_two_tails(x, degrees) * int(tails) / 2


def _student_quantile(probability: float, degrees: float) -> float:
    _refuse_unless(0 < probability < 1)
    if probability > 0.5:
        return student_quantile_of_both(2 * (1 - probability), degrees)
    return -student_quantile_of_both(2 * probability, degrees) + 0.0


def student_quantile_of_both(probability: float, degrees: float) -> float:
    """What Student's t is farther from 0 than with a probability; raises `ValueError`."""
    _refuse_unless(0 < probability <= 1)
    whole = _degrees(degrees)
    # The part that the degrees are of themselves and the square, or the rest where that is less.
    part = float(special().betaincinv(whole / 2, 0.5, probability))
    if part > 0.5:
        rest = float(special().betainccinv(0.5, whole / 2, probability))
        return math.sqrt(whole * rest / (1 - rest))
    return math.sqrt(whole * (1 - part) / part)


def _variance_ratio(x: float, first: float, second: float, cumulative: bool) -> float:
    _refuse_unless(x >= 0)
    above, below = _degrees(first), _degrees(second)
    part, rest = above * x / (above * x + below), below / (above * x + below)
    if cumulative:
        return float(special().betainc(above / 2, below / 2, part))
    if x == 0:
        _refuse_unless(above >= 2)
        return float(above == 2)
    if above < 2:
        term = binomial_density(above / 2, (above + below) / 2, part, rest)
        return term * above * above * rest / (2 * part * (above + below))
    return binomial_density((above - 2) / 2, (above + below - 2) / 2, part, rest) * above * rest / 2


def variance_ratio_beyond(x: float, first: float, second: float) -> float:
    """How likely the ratio of two variances is to be more than x, for degrees of freedom."""
    _refuse_unless(x >= 0)
    above, below = _degrees(first), _degrees(second)
    return float(special().betainc(below / 2, above / 2, below / (above * x + below)))


def _variance_ratio_quantile(probability: float, first: float, second: float) -> float:
    _refuse_no_probability(probability)
    above, below = _degrees(first), _degrees(second)
    part = float(special().betaincinv(above / 2, below / 2, probability))
    if part > 0.5:
        rest = float(special().betainccinv(below / 2, above / 2, probability))
        _refuse_unless(rest > 0)
        return below * (1 - rest) / (above * rest)
    return below * part / (above * (1 - part))


def _variance_ratio_quantile_beyond(probability: float, first: float, second: float) -> float:
    _refuse_unless(0 < probability <= 1)
    if probability == 1:
        _degrees(first), _degrees(second)
        return 0.0
    return 1 / _variance_ratio_quantile(probability, second, first)


# Counts.


def _binomial(successes: float, trials: float, chance: float, cumulative: bool) -> float:
    count, number = int(successes), int(trials)
    _refuse_no_probability(chance)
    _refuse_unless(0 <= count <= number)
    if cumulative:
        return _binomial_probability(count, number, chance)
    return binomial_density(count, number, chance, 1 - chance)


def _binomial_probability(count: int, number: int, chance: float) -> float:
    if count < 0:
        return 0.0
    if count >= number:
        return 1.0
    return float(special().betaincc(count + 1, number - count, chance))


def _binomial_range(trials: float, chance: float, first: float, last: float | None = None) -> float:
    number, low = int(trials), int(first)
    high = low if last is None else int(last)
    _refuse_no_probability(chance)
    _refuse_unless(0 <= low <= high <= number)
    if high - low < 1000:
        terms = (binomial_density(n, number, chance, 1 - chance) for n in range(low, high + 1))
        return math.fsum(terms)
    below = _binomial_probability(low - 1, number, chance)
    return _binomial_probability(high, number, chance) - below


def _binomial_quantile(trials: float, chance: float, probability: float) -> float:
    number = int(trials)
    _refuse_no_probability(chance)
    _refuse_unless(number >= 0 and 0 < probability < 1)
    low, high = -1, number
    while high - low > 1:
        middle = (low + high) // 2
        if _binomial_probability(middle, number, chance) >= probability:
            high = middle
        else:
            low = middle
    return float(high)


def _negative_binomial(
    failures: float, successes: float, chance: float, cumulative: bool = False
) -> float:
    failed, wanted = int(failures), int(successes)
    _refuse_no_probability(chance)
    _refuse_unless(failed >= 0 and wanted >= 1)
    if cumulative:
        return float(special().betainc(wanted, failed + 1, chance))
    term = binomial_density(wanted, failed + wanted, chance, 1 - chance)
    return term * wanted / (failed + wanted)


def _hypergeometric(
    found: float, drawn: float, marked: float, all_of_them: float, cumulative: bool = False
) -> float:
    count, sample, special_ones, population = map(int, (found, drawn, marked, all_of_them))
    _refuse_unless(0 < sample <= population and 0 < special_ones <= population)
    least = max(0, sample + special_ones - population)
    _refuse_unless(least <= count <= min(sample, special_ones))
    if sample == population:
        return 1.0
    chance, rest = sample / population, (population - sample) / population
    others = population - special_ones
    term = (
        binomial_density(count, special_ones, chance, rest)
        * binomial_density(sample - count, others, chance, rest)
        / binomial_density(sample, population, chance, rest)
    )
    if not cumulative:
        return term
    # Each term from the one above it.
    counts = np.arange(count, max(least, count - _MOST_TERMS), -1, dtype=np.float64)
    ratios = counts * (others - sample + counts)
    ratios /= (special_ones - counts + 1) * (sample - counts + 1)
    return min(1.0, term * (1 + float(np.sum(np.cumprod(ratios)))))


def _poisson(count: float, expected: float, cumulative: bool) -> float:
    whole = int(count)
    _refuse_unless(whole >= 0 and expected >= 0)
    if cumulative:
        return float(special().gammaincc(whole + 1, expected))
    return poisson_density(whole, expected)


# The functions behind them.


def _error_function(lower: float, upper: float | None = None) -> float:
    return math.erf(lower) if upper is None else math.erf(upper) - math.erf(lower)


def _log_gamma(x: float) -> float:
    _refuse_unless(x > 0)
    return math.lgamma(x)


def _fisher(x: float) -> float:
    _refuse_unless(-1 < x < 1)
    return math.atanh(x)


def _confidence(alpha: float, deviation: float, size: float) -> float:
    _refuse_unless(0 < alpha < 1 and deviation > 0 and size >= 1)
    return -normal_quantile(alpha / 2) * deviation / math.sqrt(int(size))


def _confidence_of_few(alpha: float, deviation: float, size: float) -> float:
    _refuse_unless(0 < alpha < 1 and deviation > 0 and size >= 1)
    if int(size) == 1:
        raise ZeroDivisionError
    return student_quantile_of_both(alpha, int(size) - 1) * deviation / math.sqrt(int(size))


def _of_numbers(
    call: Callable[..., float],
    count: int,
    *,
    cumulative: bool = False,
    bounds: bool = False,
    kernel: Elementwise | None = None,
) -> Function:
    """A function of so many numbers, and of a truth value and of two bounds that may be left."""
    numbers: tuple[Parameter, ...] = ("number", "number", "number", "number")
    parameters = (*numbers[:count], *(("logical",) if cumulative else ()))
    required = len(parameters)
    if bounds:
        parameters = (*parameters, "number", "number")
    return Function(call, parameters, required=required, kernel=kernel)


_BETA_QUANTILE = _of_numbers(_beta_quantile, 3, bounds=True)
_BINOMIAL = _of_numbers(_binomial, 3, cumulative=True)
_BINOMIAL_QUANTILE = _of_numbers(_binomial_quantile, 3)
_CHI_SQUARED_BEYOND = _of_numbers(chi_squared_beyond, 2)
_CHI_SQUARED_QUANTILE_BEYOND = _of_numbers(_chi_squared_quantile_beyond, 2)
_CONFIDENCE = _of_numbers(_confidence, 3)
_EXPONENTIAL = _of_numbers(_exponential, 2, cumulative=True)
_GAMMA = _of_numbers(_gamma, 3, cumulative=True)
_GAMMA_QUANTILE = _of_numbers(_gamma_quantile, 3)
_LOG_NORMAL_QUANTILE = _of_numbers(_log_normal_quantile, 3)
_NORMAL = _of_numbers(_normal, 3, cumulative=True)
_NORMAL_QUANTILE = _of_numbers(
    normal_quantile, 3, kernel=Elementwise(_normal_quantiles, normal_quantile)
)
_STANDARD_QUANTILE = _of_numbers(
    normal_quantile, 1, kernel=Elementwise(_normal_quantiles, normal_quantile)
)
_POISSON = _of_numbers(_poisson, 2, cumulative=True)
_STUDENT_QUANTILE_OF_BOTH = _of_numbers(student_quantile_of_both, 2)
_VARIANCE_RATIO_BEYOND = _of_numbers(variance_ratio_beyond, 3)
_VARIANCE_RATIO_QUANTILE_BEYOND = _of_numbers(_variance_ratio_quantile_beyond, 3)
_WEIBULL = _of_numbers(_weibull, 3, cumulative=True)

FUNCTIONS: dict[str, Function] = {
    "BETA.DIST": _of_numbers(_beta, 3, cumulative=True, bounds=True),
    "BETA.INV": _BETA_QUANTILE,
    "BETADIST": _of_numbers(_beta_probability, 3, bounds=True),
    "BETAINV": _BETA_QUANTILE,
    "BINOM.DIST": _BINOMIAL,
    "BINOM.DIST.RANGE": Function(
        _binomial_range, ("number", "number", "number", "number"), required=3
    ),
    "BINOM.INV": _BINOMIAL_QUANTILE,
    "BINOMDIST": _BINOMIAL,
    "CHIDIST": _CHI_SQUARED_BEYOND,
    "CHIINV": _CHI_SQUARED_QUANTILE_BEYOND,
    "CHISQ.DIST": _of_numbers(_chi_squared, 2, cumulative=True),
    "CHISQ.DIST.RT": _CHI_SQUARED_BEYOND,
    "CHISQ.INV": _of_numbers(_chi_squared_quantile, 2),
    "CHISQ.INV.RT": _CHI_SQUARED_QUANTILE_BEYOND,
    "CONFIDENCE": _CONFIDENCE,
    "CONFIDENCE.NORM": _CONFIDENCE,
    "CONFIDENCE.T": _of_numbers(_confidence_of_few, 3),
    "CRITBINOM": _BINOMIAL_QUANTILE,
    "ERF": Function(_error_function, ("quantity", "quantity"), required=1),
    "ERF.PRECISE": Function(math.erf, ("quantity",)),
    "ERFC": Function(math.erfc, ("quantity",)),
    "ERFC.PRECISE": Function(math.erfc, ("quantity",)),
    "EXPON.DIST": _EXPONENTIAL,
    "EXPONDIST": _EXPONENTIAL,
    "F.DIST": _of_numbers(_variance_ratio, 3, cumulative=True),
    "F.DIST.RT": _VARIANCE_RATIO_BEYOND,
    "F.INV": _of_numbers(_variance_ratio_quantile, 3),
    "F.INV.RT": _VARIANCE_RATIO_QUANTILE_BEYOND,
    "FDIST": _VARIANCE_RATIO_BEYOND,
    "FINV": _VARIANCE_RATIO_QUANTILE_BEYOND,
    "FISHER": _of_numbers(_fisher, 1),
    "FISHERINV": _of_numbers(math.tanh, 1),
    "GAMMA": _of_numbers(math.gamma, 1),
    "GAMMA.DIST": _GAMMA,
    "GAMMA.INV": _GAMMA_QUANTILE,
    "GAMMADIST": _GAMMA,
    "GAMMAINV": _GAMMA_QUANTILE,
    "GAMMALN": _of_numbers(_log_gamma, 1),
    "GAMMALN.PRECISE": _of_numbers(_log_gamma, 1),
    "GAUSS": _of_numbers(lambda z: math.erf(z / math.sqrt(2)) / 2, 1),
    "HYPGEOM.DIST": _of_numbers(_hypergeometric, 4, cumulative=True),
    "HYPGEOMDIST": _of_numbers(_hypergeometric, 4),
    "LOGINV": _LOG_NORMAL_QUANTILE,
    "LOGNORM.DIST": _of_numbers(_log_normal, 3, cumulative=True),
    "LOGNORM.INV": _LOG_NORMAL_QUANTILE,
    "LOGNORMDIST": _of_numbers(_log_normal, 3),
    "NEGBINOM.DIST": _of_numbers(_negative_binomial, 3, cumulative=True),
    "NEGBINOMDIST": _of_numbers(_negative_binomial, 3),
    "NORM.DIST": _NORMAL,
    "NORM.INV": _NORMAL_QUANTILE,
    "NORM.S.DIST": _of_numbers(_standard_normal, 1, cumulative=True),
    "NORM.S.INV": _STANDARD_QUANTILE,
    "NORMDIST": _NORMAL,
    "NORMINV": _NORMAL_QUANTILE,
    "NORMSDIST": _of_numbers(
        normal_probability, 1, kernel=Elementwise(_normal_probabilities, normal_probability)
    ),
    "NORMSINV": _STANDARD_QUANTILE,
    "PHI": _of_numbers(_density, 1, kernel=Elementwise(_normal_densities, _density)),
    "POISSON": _POISSON,
    "POISSON.DIST": _POISSON,
    "STANDARDIZE": _of_numbers(
        _standardized, 3, kernel=Elementwise(_all_standardized, _standardized)
    ),
    "T.DIST": _of_numbers(_students, 2, cumulative=True),
    "T.DIST.2T": _of_numbers(_student_two_tails, 2),
    "T.DIST.RT": _of_numbers(_student_beyond, 2),
    "T.INV": _of_numbers(_student_quantile, 2),
    "T.INV.2T": _STUDENT_QUANTILE_OF_BOTH,
    "TDIST": _of_numbers(_student_tails, 3),
    "TINV": _STUDENT_QUANTILE_OF_BOTH,
    "WEIBULL": _WEIBULL,
    "WEIBULL.DIST": _WEIBULL,
}
