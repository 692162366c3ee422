"""The terms of Poisson's and the binomial distribution, for real numbers too, to the last digits.

Where one takes the exponential of logarithms of gamma functions, the digits are lost that those
have before the point. These take apart what is large: C. Loader, "Fast and Accurate Computation
of Binomial Probabilities", 2000. All other densities come from these two.
"""

import math

_TWO_PI = 2 * math.pi
# Stirling's series: what is missing in his formula for the logarithm of a factorial.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def poisson_density(count: float, expected: float) -> float:
    """The probability of a count from 0 on, where the mean is what is expected, not negative."""
    if expected == 0:
        return float(count == 0)
    if count == 0:
        return math.exp(-expected)
    exponent = -_stirling_error(count) - _deviance(count, expected)
    return math.exp(exponent) / math.sqrt(_TWO_PI * count)


def binomial_density(successes: float, trials: float, chance: float, failing: float) -> float:
    """The probability of so many successes, from 0 to as many as trials.

    `failing` is 1 - `chance`, which the caller may know to more digits.
    """
    failures = trials - successes
    if chance == 0 or failing == 0:
        return float((successes if chance == 0 else failures) == 0)
    if successes == 0:
        return math.exp(trials * _logarithm(failing, chance))
    if failures == 0:
        return math.exp(trials * _logarithm(chance, failing))
    exponent = (
        _stirling_error(trials)
        - _stirling_error(successes)
        - _stirling_error(failures)
        - _deviance(successes, trials * chance)
        - _deviance(failures, trials * failing)
    )
    # Divided one after the other, lest the product be beyond the largest float.
    return math.exp(exponent) * math.sqrt(trials / successes / failures / _TWO_PI)


def _logarithm(part: float, rest: float) -> float:
    return math.log1p(-rest) if rest < 0.5 else math.log(part)


def _stirling_error(number: float) -> float:
    """log(number!) less what Stirling's formula gives for it."""
    if number <= 16:
        formula = (number + 0.5) * math.log(number) - number + math.log(_TWO_PI) / 2
        return math.lgamma(number + 1) - formula
    return sum(
        coefficient / number**power
        for coefficient, power in zip(_STIRLING, range(1, 12, 2), strict=True)
    )


def _deviance(count: float, expected: float) -> float:
    """count * log(count / expected) + expected - count, also where they are nearly equal."""
    difference = count - expected
    if abs(difference) >= 0.1 * (count + expected):
        return count * math.log(count / expected) - difference
    ratio = difference / (count + expected)
    total = difference * ratio
    term = 2 * count * ratio
    for divisor in range(3, 1000, 2):
        term *= ratio * ratio
        following = total + term / divisor
        if following == total:
            break
        total = following
    return total
