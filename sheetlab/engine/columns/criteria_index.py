"""Which cells of a range meet a criterion, found by an index instead of by looking at each.

Texts and numbers are grouped by what they equal, and numbers are sorted by the 15 digits that a
criterion compares. The positions of cells count row by row, from 0.
"""

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.grouping import Groups, stable_order
from sheetlab.engine.columns.ordered import RankLevels, totals_of_ranks
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.functions.criteria import (
    Texts,
    has_wildcards,
    is_word,
    matching,
    parsed,
    refuse_long,
)
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.conversions import number_of_text
from sheetlab.engine.values.value import Array, Scalar

# So many criteria are kept with the cells that meet them.
_MOST_CRITERIA = 4096
# So many positions of cells are kept that meet criteria.
_MOST_KEPT = 2**22
# Where one of so many cells meets a criterion, or more do, it is noted of each whether it does.
_CELLS_OF_ONE_MET = 64
# To look at so many cells takes as long as to take those of one group.
_CELLS_OF_A_GROUP = 256
_NONE = np.empty(0, np.intp)
# What is no group: nothing equals the criterion, or it is met by something else than one group.
NO_GROUP, NOT_ONE_GROUP = -1, -2
# Of whole numbers up to here, and of these over powers of ten, each is its own 15 digits.
_EXACT = 1e15
_SCALES = (1.0, 1e2, 1e4, 1e6)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The cells that equal one value, in order."""

    positions: Any


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The cells from one place to before another in the order of their numbers."""

    first: int
    end: int


Selection = Group | Span


class CriteriaIndex:
    """An index of the values of a range."""

    def __init__(self, values: Array) -> None:
        self.values = values
        self._selections: dict[Any, Selection] = {}
        self._masks: dict[Group, Any] = {}
        self._kept = 0

    @property
    def size(self) -> int:
        """How many cells the range has."""
        return self.values.size

    @functools.cached_property
    def groups(self) -> Groups:
        """The cells by what they equal."""
        return Groups(self.values.ravel())

    @functools.cached_property
    def _by_digits(self) -> dict[float, list[int]]:
        """The groups of numbers that have the same 15 digits."""
        numbers = self.groups.of_kind(float)
        found: dict[float, list[int]] = {}
        for digits, group in zip(_digits(list(numbers)).tolist(), numbers.values(), strict=True):
            found.setdefault(digits, []).append(group)
        return found

    @functools.cached_property
    def _numeric_texts(self) -> dict[float, list[int]]:
        """The groups of texts that are numbers."""
        found: dict[float, list[int]] = {}
        for text, group in self.groups.of_kind(str).items():
            number = number_of_text(text)
            if number is not None:
                found.setdefault(number, []).append(group)
        return found

    @functools.cached_property
    def in_order(self) -> tuple[Floats, Integers]:
        """The numbers in the order of their 15 digits, as these, and their positions."""
        groups = self.groups
        if self.values.dtype == np.float64:
            positions, starts = groups.in_order
            return np.repeat(_digits(groups.firsts), np.diff(starts)), positions
        numbers = groups.of_kind(float)
        digits = _digits(list(numbers))
        # The place of each group in the order of its digits, those of no numbers behind.
        order = np.argsort(digits, kind="stable")
        places = np.full(groups.count, len(digits))
        places[np.fromiter(numbers.values(), np.intp, len(numbers))[order]] = np.arange(len(order))
        of_cells = places[groups.of_cells]
        positions = stable_order(of_cells, len(digits) + 1)
        positions = positions[: np.count_nonzero(of_cells < len(digits))]
        return digits[order][of_cells[positions]], positions

    @functools.cached_property
    def _ascending(self) -> list[float]:
        ascending: list[float] = self.in_order[0].tolist()
        return ascending

    @functools.cached_property
    def ranks(self) -> Any:
        """The place of each cell in the order of the numbers by their digits; -1 for no number."""
        _, positions = self.in_order
        ranks = np.full(self.size, -1)
        ranks[positions] = np.arange(len(positions))
        return ranks

    def groups_of(self, criteria: Sequence[Scalar]) -> Integers:
        """The group that meets each criterion, else `NO_GROUP` or `NOT_ONE_GROUP`."""
        texts = self.groups.of_kind(str)
        found = [
            texts.get(criterion.lower(), NO_GROUP)
            if type(criterion) is str and is_word(criterion)
            else self._group_of(criterion)
            for criterion in criteria
        ]
        return np.array(found, np.intp)

    def _group_of(self, criterion: Scalar) -> int:
        if type(criterion) is str:
            return NOT_ONE_GROUP
        _, operand = parsed(criterion)
        if type(operand) is float and self._numeric_texts:
            return NOT_ONE_GROUP
        return self.groups.of_kind(type(operand)).get(operand, NO_GROUP)

    def group(self, group: int) -> Group:
        """The cells of a group, by its number; none for `NO_GROUP`."""
        return Group(_NONE if group == NO_GROUP else self.groups.cells(group))

    def selection(self, criterion: Scalar) -> Selection:
        """The cells that meet a criterion."""
        key = (type(criterion), criterion)
        known = self._selections.get(key)
        if known is None:
            known = self._found(criterion)
            self._kept += self.count(known)
            if len(self._selections) >= _MOST_CRITERIA or self._kept > _MOST_KEPT:
                self._selections.clear()
                self._kept = self.count(known)
            self._selections[key] = known
        return known

    def _found(self, criterion: Scalar) -> Selection:
        sign, operand = parsed(criterion)
        digits = type(criterion) is str
        if sign == "=":
            return Group(self._equal(operand, digits))
        if sign == "<>" and not (type(operand) is str and has_wildcards(operand)):
            budget.current().run(self.size)
            others = np.ones(self.size, bool)
            others[self._equal(operand, digits)] = False
            return Group(np.flatnonzero(others))
        if sign != "<>" and type(operand) is float and digits:
            numbers, number = self._ascending, by_digits(operand)
            match sign:
                case "<":
                    return Span(0, bisect_left(numbers, number))
                case "<=":
                    return Span(0, bisect_right(numbers, number))
                case ">":
                    return Span(bisect_right(numbers, number), len(numbers))
                case _:
                    return Span(bisect_left(numbers, number), len(numbers))
        return Group(self._matching(criterion))

    def _equal(self, operand: Scalar, digits: bool) -> Integers:
        found: list[int | None] = []
        of_kind = self.groups.of_kind
        if operand is None or operand == "":
            found.append(of_kind(type(None)).get(None))
            if operand == "":
                found.append(of_kind(str).get(""))
        elif type(operand) is str and has_wildcards(operand):
            return self._matching("=" + operand)
        elif type(operand) is str:
            refuse_long(operand)
            found.append(of_kind(str).get(operand.lower()))
        elif type(operand) is float:
            if digits:
                found += self._by_digits.get(by_digits(operand), [])
            else:
                found.append(of_kind(float).get(operand))
            found += self._numeric_texts.get(operand, [])
        else:
            found.append(of_kind(type(operand)).get(operand))
        return self._together([group for group in found if group is not None])

    def _together(self, groups: Sequence[int]) -> Integers:
        """The cells of some groups, in order."""
        parts = [self.groups.cells(group) for group in groups]
        budget.current().run(sum(map(len, parts)))
        if len(parts) == 1:
            return parts[0]
        together: Integers = np.sort(np.concatenate([_NONE, *parts]))
        return together

    @functools.cached_property
    def _texts(self) -> tuple[Any, Texts, Any]:
        """The groups of texts, the texts, and the number of each cell's; -1 where it has none."""
        groups = np.array(list(self.groups.of_kind(str).values()), np.intp)
        numbers = np.full(self.groups.count, -1)
        numbers[groups] = np.arange(len(groups))
        texts = Texts([str(self.groups.firsts[group]) for group in groups.tolist()])
        return groups, texts, numbers[self.groups.of_cells]

    def _matching(self, criterion: Scalar) -> Integers:
        """The cells that meet a criterion, of which each distinct value is asked once."""
        sign, operand = parsed(criterion)
        if sign in ("=", "<>") and type(operand) is str and has_wildcards(operand):
            groups, texts, numbers = self._texts
            meant = texts.meant_by(operand)
            budget.current().run(len(groups))
            if sign == "=" and _CELLS_OF_A_GROUP * np.count_nonzero(meant) < self.size:
                return self._together(groups[meant].tolist())
            budget.current().run(self.size)
            is_meant = np.append(meant, False)[numbers]
            return np.flatnonzero(is_meant if sign == "=" else ~is_meant)
        firsts = self.groups.firsts
        if not firsts:
            return _NONE
        budget.current().run(self.size)
        meets = matching(packed(list(firsts), (len(firsts), 1)), criterion).ravel()
        return np.flatnonzero(meets[self.groups.of_cells])

    def positions(self, selection: Selection) -> Any:
        """The cells of a selection, in order."""
        if isinstance(selection, Group):
            return selection.positions
        budget.current().run(self.count(selection))
        _, positions = self.in_order
        return np.sort(positions[selection.first : selection.end])

    def count(self, selection: Selection) -> int:
        """How many cells a selection has."""
        if isinstance(selection, Group):
            return len(selection.positions)
        return max(selection.end - selection.first, 0)

    @functools.cached_property
    def _levels(self) -> RankLevels:
        return RankLevels(self.ranks[self.ranks >= 0])

    def counts(self, spans: Sequence[Integers], firsts: Any, ends: Any) -> Any:
        """How many cells from each first position to before an end are in each span.

        The spans are their first places and their ends.
        """
        firsts, ends = self._among_numbers(firsts, ends)
        low, high = spans
        return self._levels.below(firsts, ends, high) - self._levels.below(firsts, ends, low)

    def totals(self, numbers: Any, spans: Sequence[Integers], firsts: Any, ends: Any) -> Any:
        """The totals of numbers that stand at the cells from each first to an end in each span."""
        is_number = self.ranks >= 0
        windows = self._among_numbers(firsts, ends)
        return totals_of_ranks(self.ranks[is_number], numbers[is_number], windows, spans)

    def _among_numbers(self, firsts: Any, ends: Any) -> tuple[Any, Any]:
        """The ends of windows as if only the cells with a number were there."""
        before = np.concatenate([[0], np.cumsum(self.ranks >= 0)])
        return before[firsts], before[ends]

    def among(self, positions: Any, selection: Selection) -> Any:
        """Which of some cells, given in order, are in a selection."""
        budget.current().run(len(positions))
        if isinstance(selection, Span):
            ranks = self.ranks[positions]
            return (ranks >= selection.first) & (ranks < selection.end)
        wanted = selection.positions
        if not len(wanted):
            return np.zeros(len(positions), bool)
        if _CELLS_OF_ONE_MET * len(wanted) >= self.size:
            return self._mask(selection)[positions]
        at = np.minimum(np.searchsorted(wanted, positions), len(wanted) - 1)
        return wanted[at] == positions

    def _mask(self, group: Group) -> Any:
        """For all cells, whether they are in a group; kept for the next calls."""
        known = self._masks.get(group)
        if known is None:
            if len(self._masks) >= _CELLS_OF_ONE_MET:
                self._masks.clear()
            known = self._masks[group] = np.zeros(self.size, bool)
            known[group.positions] = True
        return known


def by_digits(number: float) -> float:
    """The number of 15 significant digits that a criterion compares."""
    return float(f"{number:.15g}")


def _digits(values: Sequence[Any]) -> Floats:
    """The same of many numbers."""
    numbers = np.array(values, np.float64)
    with np.errstate(over="ignore"):
        unsure = np.arange(len(numbers))
        for scale in _SCALES:
            # The float next to a number of no more than 15 digits is what these digits say.
            scaled = np.rint(numbers[unsure] * scale)
            is_exact = (scaled / scale == numbers[unsure]) & (np.abs(scaled) < _EXACT)
            unsure = unsure[~is_exact]
            if not len(unsure):
                break
    numbers[unsure] = [by_digits(number) for number in numbers[unsure].tolist()]
    return numbers
