"""What functions do to whole columns of numbers, where that is quicker than cell by cell.

A kernel means what the function's `call` means. Where a result would be an error, or is beyond
it, it sets one of NumPy's flags (invalid, divide, overflow) or raises `FloatingPointError`.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A function of numbers, of as many as the function takes.

    `of_column` takes arrays (rows,) of float64 or single floats, and gives one; `of_row` takes
    floats and gives a float, or raises `ArithmeticError` or `ValueError`, or gives none that is
    finite.
    """

    of_column: Callable[..., Any]
    of_row: Callable[..., float]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A function of all numbers in some cells, whatever their order: `combine` joins two.

    `prepare` is done to each number before. `identity` takes the place of a cell that holds
    none. `of_counts` says how the total and the number of numbers become the result.
    """

    combine: np.ufunc
    identity: float = 0.0
    prepare: np.ufunc | None = None
    of_counts: Literal["total", "mean", "count"] = "total"

    def prepared(self, cells: Floats) -> tuple[Floats, Floats | float]:
        """What is combined for cells of any shape, and for how many numbers each stands.

        NaN is a cell without a number; where there is none, the second is 1.0 for all of them.
        """
        missing = np.isnan(cells)
        counts: Floats | float = 1.0
        if missing.any():
            cells, counts = np.where(missing, self.identity, cells), (~missing).astype(np.float64)
        return (cells if self.prepare is None else self.prepare(cells)), counts

    def finished(self, totals: Any, counts: Any) -> Any:
        """The results, for totals and the number of numbers in each, as arrays or floats."""
        match self.of_counts:
            case "count":
                return counts + np.zeros_like(totals)
            case "mean":
                return np.divide(totals, counts)
        # The total of no numbers at all is 0.
        return totals if self.identity == 0 else np.where(np.equal(counts, 0), 0.0, totals)


@dataclass(frozen=True, slots=True)
class Spread:
    """The variance of the numbers in some cells, with `ddof` as in NumPy, or its root."""

    ddof: int
    is_root: bool

    def running(self, rows: Iterable[Iterable[Any]]) -> list[float | None]:
        """The result for the rows up to each; None where there are too few numbers.

        By the mean and the sum of squared deviations so far, which stay exact where the difference
        of two large sums would not (Welford, 1962).
        """
        count, mean, squares = 0, 0.0, 0.0
        results: list[float | None] = []
        for row in rows:
            for value in row:
                if type(value) is float:
                    count += 1
                    step = value - mean
                    mean += step / count
                    squares += step * (value - mean)
            if count <= self.ddof:
                results.append(None)
            else:
                variance = squares / (count - self.ddof)
                results.append(math.sqrt(variance) if self.is_root else variance)
        return results


Kernel = Elementwise | Reduction | Spread
