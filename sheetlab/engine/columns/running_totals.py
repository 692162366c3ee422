"""Running totals that keep the digits which a float loses, so that differences are exact."""

from typing import Any

import numpy as np

from sheetlab.engine.functions.kernels import Floats


def running_totals(numbers: Floats) -> tuple[Floats, Floats]:
    """The totals before each number and after the last, and what all additions so far lost."""
    highs, lows = np.zeros(len(numbers) + 1), np.zeros(len(numbers) + 1)
    with np.errstate(all="ignore"):
        np.add.accumulate(numbers, out=highs[1:])
        before, after = highs[:-1], highs[1:]
        # What the sum of two floats loses (Knuth, The Art of Computer Programming, 4.2.2).
        part = after - before
        np.add.accumulate((before - (after - part)) + (numbers - part), out=lows[1:])
    return highs, lows


def between(totals: tuple[Any, Any], first: Any, end: Any) -> Any:
    """The total from a place to before another, or of arrays of places."""
    highs, lows = totals
    return (highs[end] - highs[first]) + (lows[end] - lows[first])
