"""Distributions of random numbers, and the error and gamma functions behind them."""

import math

from sheetlab.engine.functions.function import Function


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _cumulative(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _standard_normal(z: float, cumulative: bool) -> float:
    return _cumulative(z) if cumulative else _density(z)


def _normal(x: float, center: float, deviation: float, cumulative: bool) -> float:
    z = _standardized(x, center, deviation)
    return _cumulative(z) if cumulative else _density(z) / deviation


def _normal_quantile(probability: float, center: float = 0.0, deviation: float = 1.0) -> float:
    if not 0 < probability < 1 or deviation <= 0:
        raise ValueError
    # Loading this module takes as long as a small workbook.
    from statistics import NormalDist

    return center + deviation * NormalDist().inv_cdf(probability)


def _standardized(x: float, center: float, deviation: float) -> float:
    if deviation <= 0:
        raise ValueError
    return (x - center) / deviation


def _exponential(x: float, rate: float, cumulative: bool) -> float:
    if x < 0 or rate <= 0:
        raise ValueError
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


def _error_function(lower: float, upper: float | None = None) -> float:
    return math.erf(lower) if upper is None else math.erf(upper) - math.erf(lower)


def _log_gamma(x: float) -> float:
    if x <= 0:
        raise ValueError
    return math.lgamma(x)


_NORMAL = Function(_normal, ("number", "number", "number", "logical"))
_NORMAL_QUANTILE = Function(_normal_quantile, ("number", "number", "number"))
_EXPONENTIAL = Function(_exponential, ("number", "number", "logical"))

FUNCTIONS: dict[str, Function] = {
    "ERF": Function(_error_function, ("number", "number"), required=1),
    "ERF.PRECISE": Function(math.erf, ("number",)),
    "ERFC": Function(math.erfc, ("number",)),
    "ERFC.PRECISE": Function(math.erfc, ("number",)),
    "EXPON.DIST": _EXPONENTIAL,
    "EXPONDIST": _EXPONENTIAL,
    "GAMMA": Function(math.gamma, ("number",)),
    "GAMMALN": Function(_log_gamma, ("number",)),
    "GAMMALN.PRECISE": Function(_log_gamma, ("number",)),
    "GAUSS": Function(lambda z: math.erf(z / math.sqrt(2)) / 2, ("number",)),
    "NORM.DIST": _NORMAL,
    "NORM.INV": _NORMAL_QUANTILE,
    "NORM.S.DIST": Function(_standard_normal, ("number", "logical")),
    "NORM.S.INV": Function(_normal_quantile, ("number",)),
    "NORMDIST": _NORMAL,
    "NORMINV": _NORMAL_QUANTILE,
    "NORMSDIST": Function(_cumulative, ("number",)),
    "NORMSINV": Function(_normal_quantile, ("number",)),
    "PHI": Function(_density, ("number",)),
    "STANDARDIZE": Function(_standardized, ("number", "number", "number")),
}
