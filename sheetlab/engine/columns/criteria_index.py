"""Which cells of a range meet a criterion, found by an index instead of by looking at each.

Texts and numbers are grouped by what they equal, and numbers are sorted by the 15 digits that a
criterion compares. The positions of cells count row by row, from 0.
"""

import functools
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.ordered import RankLevels, totals_of_ranks
from sheetlab.engine.functions.criteria import Texts, has_wildcards, matching, parsed
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.conversions import number_of_text
from sheetlab.engine.values.value import Array, Scalar

# So many criteria are kept with the cells that meet them.
_MOST_CRITERIA = 4096
# So many positions of cells are kept that meet criteria.
_MOST_KEPT = 2**22
# Where one of so many cells meets a criterion, or more do, it is noted of each whether it does.
_CELLS_OF_ONE_MET = 64
_NONE = np.empty(0, np.intp)


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

    @functools.cached_property
    def _list(self) -> list[Any]:
        # An index takes much more memory than the values do.
        budget.current().reserve(self.values.size)
        values: list[Any] = self.values.ravel().tolist()
        return values

    @functools.cached_property
    def _by_kind(self) -> dict[type, dict[Any, list[int]]]:
        """The positions of each value, by its kind; texts in small letters."""
        found: dict[type, dict[Any, list[int]]] = {}
        for position, value in enumerate(self._list):
            kind = type(value)
            key = value.lower() if kind is str else value
            found.setdefault(kind, {}).setdefault(key, []).append(position)
        return found

    @functools.cached_property
    def _by_digits(self) -> dict[float, list[int]]:
        """The positions of numbers that have the same 15 digits."""
        found: dict[float, list[int]] = {}
        for number, positions in self._by_kind.get(float, {}).items():
            found.setdefault(by_digits(number), []).extend(positions)
        return found

    @functools.cached_property
    def _numeric_texts(self) -> dict[float, list[int]]:
        """The positions of texts that are numbers."""
        found: dict[float, list[int]] = {}
        for text, positions in self._by_kind.get(str, {}).items():
            number = number_of_text(text)
            if number is not None:
                found.setdefault(number, []).extend(positions)
        return found

    def order(self, digits: bool) -> tuple[list[float], Any]:
        """The numbers in order, by 15 digits or in full, and their positions."""
        return self._order_by_digits if digits else self._order_in_full

    @functools.cached_property
    def _order_by_digits(self) -> tuple[list[float], Any]:
        return _ordered(self._by_digits)

    @functools.cached_property
    def _order_in_full(self) -> tuple[list[float], Any]:
        return _ordered(self._by_kind.get(float, {}))

    @functools.cached_property
    def ranks(self) -> Any:
        """The place of each cell in the order of the numbers by their digits; -1 for no number."""
        _, positions = self._order_by_digits
        ranks = np.full(len(self._list), -1)
        ranks[positions] = np.arange(len(positions))
        return ranks

    def selection(self, criterion: Scalar) -> Selection:
        """The cells that meet a criterion."""
        key = (type(criterion), criterion)
        known = self._selections.get(key)
        if known is None:
            known = self._found(criterion)
            self._kept += self.size(known)
            if len(self._selections) >= _MOST_CRITERIA or self._kept > _MOST_KEPT:
                self._selections.clear()
                self._kept = self.size(known)
            self._selections[key] = known
        return known

    def _found(self, criterion: Scalar) -> Selection:
        sign, operand = parsed(criterion)
        digits = type(criterion) is str
        if sign == "=":
            return Group(self._equal(operand, digits))
        if sign == "<>" and not (type(operand) is str and has_wildcards(operand)):
            budget.current().run(len(self._list))
            others = np.ones(len(self._list), bool)
            others[self._equal(operand, digits)] = False
            return Group(np.flatnonzero(others))
        if sign != "<>" and type(operand) is float and digits:
            numbers, _ = self._order_by_digits
            number = by_digits(operand)
            low, high = bisect_left(numbers, number), bisect_right(numbers, number)
            count = len(numbers)
            return {
                "<": Span(0, low),
                "<=": Span(0, high),
                ">": Span(high, count),
                ">=": Span(low, count),
            }[sign]
        return Group(self._matching(criterion))

    def _equal(self, operand: Scalar, digits: bool) -> Any:
        groups: list[list[int]] = []
        kinds = self._by_kind
        if operand is None or operand == "":
            groups += kinds.get(type(None), {}).values()
            if operand == "":
                groups.append(kinds.get(str, {}).get("", []))
        elif type(operand) is str and has_wildcards(operand):
            return self._matching("=" + operand)
        elif type(operand) is str:
            groups.append(kinds.get(str, {}).get(operand.lower(), []))
        elif type(operand) is float:
            if digits:
                groups.append(self._by_digits.get(by_digits(operand), []))
            else:
                groups.append(kinds.get(float, {}).get(operand, []))
            groups.append(self._numeric_texts.get(operand, []))
        else:
            groups.append(kinds.get(type(operand), {}).get(operand, []))
        groups = [group for group in groups if group]
        budget.current().run(sum(map(len, groups)))
        if len(groups) == 1:
            return np.array(groups[0], np.intp)
        return np.sort(np.concatenate([_NONE, *(np.array(g, np.intp) for g in groups)]))

    @functools.cached_property
    def _texts(self) -> tuple[Texts, Any]:
        """The distinct texts, and the number of each cell's; -1 for one that holds none."""
        groups = self._by_kind.get(str, {}).values()
        numbers = np.full(len(self._list), -1)
        places = np.fromiter(itertools.chain.from_iterable(groups), np.intp)
        numbers[places] = np.repeat(np.arange(len(groups)), list(map(len, groups)))
        return Texts([self._list[positions[0]] for positions in groups]), numbers

    def _matching(self, criterion: Scalar) -> Any:
        """The cells that meet a criterion, of which each distinct value is asked once."""
        sign, operand = parsed(criterion)
        if sign in ("=", "<>") and type(operand) is str and has_wildcards(operand):
            texts, numbers = self._texts
            is_meant = np.append(texts.meant_by(operand), False)[numbers]
            return np.flatnonzero(is_meant if sign == "=" else ~is_meant)
        distinct, groups = [], []
        for kind, values in self._by_kind.items():
            for key, positions in values.items():
                distinct.append(self._list[positions[0]] if kind is str else key)
                groups.append(positions)
        if not distinct:
            return _NONE
        meets = matching(packed(distinct, (len(distinct), 1)), criterion).ravel()
        chosen = [np.array(g, np.intp) for g, holds in zip(groups, meets, strict=True) if holds]
        return np.sort(np.concatenate([_NONE, *chosen]))

    def positions(self, selection: Selection) -> Any:
        """The cells of a selection, in order."""
        if isinstance(selection, Group):
            return selection.positions
        budget.current().run(self.size(selection))
        _, positions = self._order_by_digits
        return np.sort(positions[selection.first : selection.end])

    def size(self, selection: Selection) -> int:
        """How many cells a selection has."""
        if isinstance(selection, Group):
            return len(selection.positions)
        return max(selection.end - selection.first, 0)

    @functools.cached_property
    def _levels(self) -> RankLevels:
        return RankLevels(self.ranks[self.ranks >= 0])

    def counts(self, spans: Sequence[Span], firsts: Any, ends: Any) -> Any:
        """How many cells from each first position to before an end are in each span."""
        firsts, ends = self._among_numbers(firsts, ends)
        low, high = _ends_of(spans)
        return self._levels.below(firsts, ends, high) - self._levels.below(firsts, ends, low)

    def totals(self, numbers: Any, spans: Sequence[Span], firsts: Any, ends: Any) -> Any:
        """The totals of numbers that stand at the cells from each first to an end in each span."""
        is_number = self.ranks >= 0
        windows = self._among_numbers(firsts, ends)
        return totals_of_ranks(self.ranks[is_number], numbers[is_number], windows, _ends_of(spans))

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
        if _CELLS_OF_ONE_MET * len(wanted) >= len(self._list):
            return self._mask(selection)[positions]
        at = np.minimum(np.searchsorted(wanted, positions), len(wanted) - 1)
        return wanted[at] == positions

    def _mask(self, group: Group) -> Any:
        """For all cells, whether they are in a group; kept for the next calls."""
        known = self._masks.get(group)
        if known is None:
            if len(self._masks) >= _CELLS_OF_ONE_MET:
                self._masks.clear()
            known = self._masks[group] = np.zeros(len(self._list), bool)
            known[group.positions] = True
        return known


def by_digits(number: float) -> float:
    """The number of 15 significant digits that a criterion compares."""
    return float(f"{number:.15g}")


def _ends_of(spans: Sequence[Span]) -> tuple[Any, Any]:
    firsts = np.array([span.first for span in spans], np.intp)
    return firsts, np.maximum(firsts, [span.end for span in spans])


def _ordered(groups: dict[float, list[int]]) -> tuple[list[float], Any]:
    numbers: list[float] = []
    positions: list[int] = []
    for number in sorted(groups):
        numbers += [number] * len(groups[number])
        positions += groups[number]
    return numbers, np.array(positions, np.intp)
