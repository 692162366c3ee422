"""Quantiles of the normal distribution for whole columns, as exact as floats allow.

Quotients of polynomials near the middle, in the tails and far out: M. J. Wichura, "Algorithm
AS 241: The Percentage Points of the Normal Distribution", 1988.
"""

from typing import Any

import numpy as np

from sheetlab.engine.functions.kernels import Floats

# The coefficients of numerators and denominators, the highest power first.
_MIDDLE = (
    (
        *(2509.0809287301226727, 33430.575583588128105, 67265.770927008700853),
        *(45921.953931549871457, 13731.693765509461125, 1971.5909503065514427),
        *(133.14166789178437745, 3.3871328727963666080),
    ),
    (
        *(5226.4952788528545610, 28729.085735721942674, 39307.895800092710610),
        *(21213.794301586595867, 5394.1960214247511077, 687.18700749205790830),
        *(42.313330701600911252, 1.0),
    ),
)
_TAIL = (
    (
        *(7.7454501427834140764e-4, 0.0227238449892691845833, 0.241780725177450611770),
        *(1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550),
        *(4.63033784615654529590, 1.42343711074968357734),
    ),
    (
        *(1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966),
        *(0.148103976427480074590, 0.689767334985100004550, 1.67638483018380384940),
        *(2.05319162663775882187, 1.0),
    ),
)
_FAR_TAIL = (
    (
        *(2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3),
        *(0.0265321895265761230930, 0.296560571828504891230, 1.78482653991729133580),
        *(5.46378491116411436990, 6.65790464350110377720),
    ),
    (
        *(2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5),
        *(7.86869131145613259100e-4, 0.0148753612908506148525, 0.136929880922735805310),
        *(0.599832206555887937690, 1.0),
    ),
)


def standard_quantiles(probabilities: Any) -> Floats:
    """The numbers that a standard normal one is at most with probabilities between 0 and 1."""
    p = np.asarray(probabilities, np.float64)
    found = np.empty(p.shape)
    off = p - 0.5
    middle = np.abs(off) <= 0.425
    found[middle] = off[middle] * _quotient(_MIDDLE, 0.180625 - off[middle] ** 2)
    outer = ~middle
    r = np.sqrt(-np.log(np.minimum(p[outer], 1 - p[outer])))
    size = np.where(r <= 5, _quotient(_TAIL, r - 1.6), _quotient(_FAR_TAIL, r - 5))
    found[outer] = np.copysign(size, off[outer])
    return found


def _quotient(polynomials: tuple[tuple[float, ...], ...], r: Floats) -> Floats:
    numerator, denominator = (np.polyval(coefficients, r) for coefficients in polynomials)
    return numerator / denominator
