"""What functions do to whole columns, where that is quicker than cell by cell.

A kernel means what the function's `call` means; lowering, columns and loops know functions by the
types of their kernels, never by name. Those of numbers set one of NumPy's flags (invalid, divide,
overflow) or raise `FloatingPointError` where a result would be an error, or is beyond them.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from sheetlab.files.cell_value import CellError

NO_MEAN = CellError("#DIV/0!")

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
    none. `of_counts` says how the total and the number of numbers become the result. Where it is
    "filled", each cell that is not blank stands for a number, whatever it holds.
    """

    combine: np.ufunc
    identity: float = 0.0
    prepare: np.ufunc | None = None
    of_counts: Literal["total", "mean", "count", "filled"] = "total"

    @property
    def takes_errors(self) -> bool:
        """Whether errors in cells make no difference, but that they are counted or not."""
        return self.of_counts in ("count", "filled")

    def numbers(self, values: Sequence[Any]) -> Floats:
        """The numbers that are taken of values of any kind, NaN for those that give none."""
        if self.of_counts == "filled":
            return np.array([np.nan if value is None else 1.0 for value in values])
        return np.array([value if type(value) is float else np.nan for value in values])

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
            case "count" | "filled":
                return counts + np.zeros_like(totals)
            case "mean":
                return np.divide(totals, counts)
        # The total of no numbers at all is 0.
        return totals if self.identity == 0 else np.where(np.equal(counts, 0), 0.0, totals)


@dataclass(frozen=True, slots=True)
class Rowwise:
    """A function of ranges, for many ranges of numbers at once, such as windows that move along.

    `of_rows` takes what the function's `call` takes, with a row for each result: of a range its
    numbers as an array (rows, cells), of a single value one of (rows, 1), or of one row where it is
    the same for all; None for what is left out. It gives an array of as many elements as rows,
    none that is finite where `call` has to tell the result, or raises `ArithmeticError` where that
    is so for all. Where the ranges are not `alike` in their shape, or no `lines` of one row or
    column, `of_rows` is not called.
    """

    of_rows: Callable[..., Any]
    alike: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Spread(Rowwise):
    """The variance of the numbers in some cells, with `ddof` as in NumPy, or its root."""

    _: KW_ONLY
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


class NumbersInOrder(Protocol):
    """The numbers in each of many windows (windows,), as if each window were sorted."""

    @property
    def sizes(self) -> Floats:
        """How many numbers each window holds."""

    def at(self, positions: Floats) -> Floats:
        """The number at a position in each window, from 0 for the least; the nearest beyond."""

    def below(self, numbers: Floats) -> Floats:
        """How many numbers in each window are less than another."""

    def up_to(self, numbers: Floats) -> Floats:
        """How many numbers in each window are not greater than another."""

    def most_frequent(self) -> Floats:
        """The number that comes most often, of several the first; NaN where none comes twice."""


@dataclass(frozen=True, slots=True)
class OrderStatistic:
    """A function of the numbers in one range, by their order, and of single numbers.

    `of_windows` takes the numbers of all windows, then the other arguments: arrays (windows,) of
    floats, or None where one is left out. In its result (windows,) NaN stands for #N/A, what is
    infinite for #NUM!. `by_place` is whether it also counts which number comes first, row by row.
    """

    of_windows: Callable[..., Floats]
    by_place: bool = False


# Functions of other values, or of numbers that not all conversions give.


@dataclass(frozen=True, slots=True)
class Columnwise:
    """The function of columns of some kinds: TEXT of numbers in one format.

    `of_columns` takes columns or single values, converted as the parameters say, and gives a list
    of texts, or an array of floats, for all of their rows; None where it leaves them to the
    function.
    """

    of_columns: Callable[..., list[str] | Floats | None]


@dataclass(frozen=True, slots=True)
class Joining:
    """The texts of all cells of ranges, row by row, one behind the other, as CONCAT joins them.

    `delimited` is whether the first two arguments are a text that goes between, and whether empty
    ones are passed over, as in TEXTJOIN.
    """

    delimited: bool


# Functions that calculate only the arguments they need.


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two values, as a condition says, or FALSE instead of the second, as IF does."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Of pairs of a condition and a value, the first value whose condition holds, as IFS does."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Like `Cases` for what equals a first value, and perhaps a last for the rest: SWITCH."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A value, or another where it is an error, or where it is #N/A: IFERROR and IFNA."""

    only_na: bool


# Functions of truth values, and of the place of a cell.


@dataclass(frozen=True, slots=True)
class Connective:
    """Truth values joined by `join`, of which those in cells are skipped that are none: AND."""

    join: np.ufunc


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a truth value, as NOT gives it."""


@dataclass(frozen=True, slots=True)
class PlaceNumber:
    """The number of a cell's row, or else of its column, as ROW and COLUMN tell it."""

    of_row: bool


# Functions of chance.


@dataclass(frozen=True, slots=True)
class Drawn:
    """A function that draws a number for each cell, as RAND does.

    `of_count` takes a generator, how many to draw, and numbers as arguments; it gives an array of
    what as many calls one after the other would give, or raises `ValueError` where these tell.
    """

    of_count: Callable[..., Floats]


# Functions of ranges in which some cells do not count.


class Omission(NamedTuple):
    """Which cells of ranges count as blank.

    Those in `hidden` rows, or in those that a filter hides; those whose formulas ask for
    `subtotals`; and `errors`.
    """

    hidden: Literal["none", "filtered", "all"]
    subtotals: bool = True
    errors: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A function of ranges that is told by numbers, as SUBTOTAL and AGGREGATE are.

    `chosen` takes the first arguments, as many as `numbers` says, and gives the function's name
    and which cells count as blank in what it takes; None where none is meant.
    """

    numbers: int
    chosen: Callable[..., tuple[str, Omission] | None]


# Functions of ranges, which are made a table with indexes once for all cells.


@dataclass(frozen=True, slots=True)
class Position(Rowwise):
    """Where a value stands in a row or column, as MATCH finds it; `modal`, as XMATCH does."""

    modal: bool = False


@dataclass(frozen=True, slots=True)
class TableLookup:
    """A value in a table, beside one in its first column, or `by_row` below: VLOOKUP, HLOOKUP."""

    by_row: bool


@dataclass(frozen=True, slots=True)
class OrderedLookup:
    """A value beside one in a row or column in order, as LOOKUP finds it."""


@dataclass(frozen=True, slots=True)
class ModalLookup:
    """A value beside one in a row or column, found as two modes say: XLOOKUP."""


@dataclass(frozen=True, slots=True)
class Element:
    """The cell of a range in some row and column of it, as INDEX gives it."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """What a reduction makes of the cells that meet criteria; their number without one.

    `reduced` is the position of the range whose cells are reduced, of the first range where it is
    left out. All other arguments are ranges and their criteria in turn. `resized` is whether the
    range that is reduced takes its size from the first one that is tested, as in SUMIF.
    """

    reduction: Reduction | None = None
    reduced: int | None = None
    resized: bool = False


OfNumbers = Elementwise | Reduction
OfAny = Columnwise | Joining
Control = Choice | Cases | Switch | Fallback
Search = Position | TableLookup | OrderedLookup | ModalLookup | Element
OfWindows = Rowwise | Spread | OrderStatistic
OfRanges = OfWindows | Search | Conditional | Selection
Kernel = OfNumbers | OfRanges | OfAny | Control | Connective | Negation | PlaceNumber | Drawn
