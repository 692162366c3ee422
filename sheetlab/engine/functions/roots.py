"""The rate at which something is worth nothing: a root near a guess, as exact as floats allow."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sheetlab.engine.functions.kernels import Floats

_MOST_STEPS = 100
_LARGEST = 1e10
# Closer than this to the lowest is no root, but where rounding has led.
_NOT_ABOVE = 1e-9


def root(function: Callable[[float], float], guess: float, lowest: float = -1.0) -> float:
    """A root of a function above `lowest`: where Newton's steps lead from the guess, else nearby.

    Raises `ValueError` where none is found. Where the function raises `ArithmeticError` or
    `ValueError`, it has no value.
    """
    guarded = _guarded(function)
    found = _by_tangents(guarded, guess, lowest)
    if found is None:
        found = _between_signs(guarded, guess, lowest)
    if found - lowest < _NOT_ABOVE:
        raise ValueError
    return found


def roots(function: Callable[[Floats, Any], Floats], guesses: Floats, lowest: float) -> Floats:
    """The roots of many functions, as `root` finds them by Newton's steps; NaN where these do not.

    `function` gives the values at some x, each for the function whose number stands beside it.
    """
    found = np.full(len(guesses), np.nan)
    numbers, x = np.arange(len(guesses)), guesses
    step = np.full(len(guesses), np.inf)
    for _ in range(_MOST_STEPS):
        value = function(x, numbers)
        small = 1e-7 * np.maximum(np.abs(x), 1e-3)
        slope = (function(x + small, numbers) - value) / small
        following = x - value / slope
        following = np.where(following > lowest, following, (x + lowest) / 2)
        last_step, step = step, np.abs(following - x)
        close = 1e-9 * np.maximum(np.abs(x), 1e-3)
        is_rounding = (step <= 1e-6 * close) | ((last_step <= step) & (step <= close))
        goes_on = (slope != 0) & np.isfinite(slope) & (value != 0)
        found[numbers] = np.where(value == 0, x, np.where(goes_on & is_rounding, following, np.nan))
        goes_on &= ~is_rounding & (np.abs(following) <= _LARGEST)
        numbers, x, step = numbers[goes_on], following[goes_on], step[goes_on]
        if not len(numbers):
            break
    return np.where(found - lowest < _NOT_ABOVE, np.nan, found)


def _guarded(function: Callable[[float], float]) -> Callable[[float], float]:
    def value(x: float) -> float:
        try:
            return float(function(x))
        except (ArithmeticError, ValueError):
            return math.nan

    return value


def _by_tangents(function: Callable[[float], float], guess: float, lowest: float) -> float | None:
    x, step = guess, math.inf
    for _ in range(_MOST_STEPS):
        value = function(x)
        if value == 0:
            return x
        small = 1e-7 * max(abs(x), 1e-3)
        slope = (function(x + small) - value) / small
        if slope == 0 or not math.isfinite(slope):
            return None
        following = x - value / slope
        if not following > lowest:
            # Halfway to where it may not go.
            following = (x + lowest) / 2
        last_step, step = step, abs(following - x)
        close = 1e-9 * max(abs(x), 1e-3)
        if step <= 1e-6 * close or last_step <= step <= close:
            # The steps are no more than rounding.
            return following
        if abs(following) > _LARGEST:
            return None
        x = following
    return None


def _between_signs(function: Callable[[float], float], guess: float, lowest: float) -> float:
    """The root nearest to the guess, between two of many points where the signs differ."""
    above = [lowest + (guess - lowest) * 1.25**step for step in range(-60, 60)]
    signed = [(x, value) for x in above if not math.isnan(value := function(x))]
    changes = [
        (one, other)
        for (one, low), (other, high) in itertools.pairwise(signed)
        if low * high <= 0 and low != high
    ]
    if not changes:
        raise ValueError
    low, high = min(changes, key=lambda ends: abs(ends[0] - guess))
    rises = function(high) > function(low)
    while low < (middle := (low + high) / 2) < high:
        value = function(middle)
        if value == 0:
            return middle
        if (value > 0) == rises:
            high = middle
        else:
            low = middle
    return low
