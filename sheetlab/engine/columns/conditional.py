"""Conditional sums and counts for many cells at once, each distinct set of criteria once.

A criterion selects cells that equal something, or a span of numbers in order; sums over these are
differences of running totals.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.column import Column, elements, is_array
from sheetlab.engine.columns.criteria_index import CriteriaIndex, Group, Span
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.ranges import Found, NotRangedError, limits_of, reached_tables
from sheetlab.engine.columns.running_totals import between, running_totals
from sheetlab.engine.functions.kernels import Conditional, Reduction
from sheetlab.engine.lowering import LeftOut, Ranged, Window
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

# So many positions of cells that meet criteria are kept.
_MOST_KEPT = 2**20
# So many windows are answered at once.
_MANY_WINDOWS = 16


def conditional(
    run: "Run", operation: Ranged, kernel: Conditional, *, across: bool = False
) -> Found:
    """The cells that meet criteria reduced or counted, each distinct set of criteria once.

    `across` tells that the ranges move with the column and not with the row.
    """
    arguments, at = operation.arguments, kernel.reduced
    tested = [part for place, part in enumerate(arguments) if place != at]
    windows = tested[::2]
    if at is not None:
        windows = [arguments[at] if at < len(arguments) else arguments[0], *windows]
    if not all(isinstance(window, Window) for window in windows):
        raise NotRangedError
    areas = [window.area for window in windows if isinstance(window, Window)]
    limits, tables = limits_of(run, areas, across), reached_tables(run, areas)
    if across:
        tables = [table.turned for table in tables]
    if len({table.values.shape for table in tables}) != 1:
        raise NotRangedError
    width = tables[0].values.shape[1]
    criteria = [part.instead if type(part) is LeftOut else run.value(part) for part in tested[1::2]]
    indexes = [table.criteria for table in tables[-len(criteria) :]]
    reduction = None
    if kernel.reduction is not None:
        reduction = _Reduced(kernel.reduction, tables[0].values)
    reaches_the_end = any(
        MAX_ROW in (area.top.value, area.bottom.value)
        or MAX_COLUMN in (area.left.value, area.right.value)
        for area in areas
    )
    if reduction is None and reaches_the_end and any(map(_is_blank_test, criteria)):
        # Blank cells beyond the used ones count as well.
        raise NotRangedError
    answer = _Answers(indexes, reduction)
    if limits is None:
        if not any(map(is_array, criteria)):
            found = answer.of(tuple(criteria))
            return (0.0 if found is None else found), np.array(found is None)
        lists, shape = elements(criteria)
        results = [answer.of(query) for query in zip(*lists, strict=True)]
    else:
        firsts, ends = limits
        lists, shape = elements([*criteria, firsts, ends])
        results = answer.between(
            list(zip(*lists[:-2], strict=True)), np.array(lists[-2:], np.intp) * width
        )
    doubtful = np.array([result is None for result in results], bool).reshape(shape)
    numbers = np.array([0.0 if result is None else result for result in results])
    return numbers.reshape(shape), doubtful | ~np.isfinite(numbers.reshape(shape))


def _is_blank_test(column: Column) -> bool:
    """Whether a criterion may be met by blank cells."""
    values = column.ravel().tolist() if is_array(column) and column.dtype == object else [column]
    if is_array(column) and column.dtype != object:
        return False
    return any(
        type(value) is str and (value in ("", "=") or value.startswith("<>")) for value in values
    )


class _Answers:
    """Answers to sets of criteria over ranges side by side."""

    def __init__(self, indexes: list[CriteriaIndex], reduction: "_Reduced | None") -> None:
        self._indexes = indexes
        self._reduction = reduction
        self._known: dict[Any, Any] = {}
        self._groups: dict[Any, Any] = {}
        self._kept = 0

    def of(self, criteria: tuple[Any, ...]) -> Any:
        """The result for a set of criteria; None where only the interpreter knows."""
        key = tuple((type(criterion), criterion) for criterion in criteria)
        if key not in self._known:
            self._known[key] = self._calculated(criteria)
        return self._known[key]

    def _calculated(self, criteria: tuple[Any, ...]) -> Any:
        group, spans = self._selected(criteria)
        if group is None and len(spans) == 1:
            index, span = spans[0]
            return self._in_order("all", index, index.order(True)[1], span)
        if group is not None and len(spans) == 1:
            index, span = spans[0]
            key, positions = group
            return self._in_group(key, positions, index, span)
        if group is None:
            spans.sort(key=lambda pair: pair[0].size(pair[1]))
            index, span = spans.pop(0)
            positions = index.positions(span)
        else:
            positions = group[1]
        for index, span in spans:
            positions = positions[index.among(positions, span)]
        return self._reduced(positions)

    def _selected(
        self, criteria: tuple[Any, ...]
    ) -> tuple[tuple[Any, Any] | None, list[tuple[CriteriaIndex, Span]]]:
        """The cells that equal what they should, with a key, and spans of numbers besides."""
        groups: list[tuple[Any, CriteriaIndex, Group]] = []
        spans: dict[int, tuple[CriteriaIndex, Span]] = {}
        for place, (index, criterion) in enumerate(zip(self._indexes, criteria, strict=True)):
            selection = index.selection(criterion)
            if isinstance(selection, Group):
                groups.append(((place, type(criterion), criterion), index, selection))
                continue
            before = spans.get(id(index))
            if before is not None:
                selection = Span(
                    max(before[1].first, selection.first), min(before[1].end, selection.end)
                )
                selection = Span(selection.first, max(selection.first, selection.end))
            spans[id(index)] = index, selection
        if not groups:
            return None, list(spans.values())
        key = tuple(part for part, _, _ in groups)
        if key not in self._groups:
            groups.sort(key=lambda group: len(group[2].positions))
            positions = groups[0][2].positions
            for _, index, selection in groups[1:]:
                positions = positions[index.among(positions, selection)]
            self._kept += len(positions)
            if self._kept > _MOST_KEPT:
                self._groups.clear()
                self._kept = len(positions)
            self._groups[key] = positions
        return (key, self._groups[key]), list(spans.values())

    def _reduced(self, positions: Any) -> Any:
        if self._reduction is None:
            return float(len(positions))
        budget.current().run(len(positions))
        return self._reduction.of(positions)

    def _in_order(self, key: Any, index: CriteriaIndex, positions: Any, span: Span) -> Any:
        """The result for a span of cells that stand in the order of their numbers."""
        if self._reduction is None:
            return float(max(span.end - span.first, 0))
        known = self._groups
        name = ("prefixes", key, id(index))
        if name not in known:
            known[name] = self._reduction.prefixes(positions)
        prefixes = known[name]
        if prefixes is None:
            budget.current().run(max(span.end - span.first, 0))
            return self._reduction.of(np.sort(positions[span.first : span.end]))
        return prefixes.between(span.first, max(span.first, span.end))

    def _in_group(self, key: Any, positions: Any, index: CriteriaIndex, span: Span) -> Any:
        """The result for the cells of a group that lie in a span."""
        name = ("ordered", key, id(index))
        if name not in self._groups:
            ranks = index.ranks[positions]
            order = np.argsort(ranks, kind="stable")
            order = order[np.count_nonzero(ranks < 0) :]
            self._groups[name] = (ranks[order], positions[order])
        ranks, ordered = self._groups[name]
        inside = Span(
            int(np.searchsorted(ranks, span.first)), int(np.searchsorted(ranks, span.end))
        )
        return self._in_order((key, "ordered"), index, ordered, inside)

    def between(self, queries: Sequence[tuple[Any, ...]], limits: Integers) -> list[Any]:
        """The results for sets of criteria, each for the cells from one position to another."""
        results: list[Any] = []
        waiting: dict[CriteriaIndex, list[tuple[int, Span]]] = {}
        # A few windows are sooner looked through than all cells are put in order.
        many = len(queries) >= _MANY_WINDOWS
        many = many and (self._reduction is None or self._reduction.is_of_totals)
        for place, (criteria, *window) in enumerate(zip(queries, *limits.tolist(), strict=True)):
            group, spans = self._selected(criteria)
            if many and group is None and len(spans) == 1:
                index, span = spans[0]
                waiting.setdefault(index, []).append((place, span))
                results.append(None)
            else:
                results.append(self._between(group, spans, *window))
        for index, found in waiting.items():
            places, wanted = zip(*found, strict=True)
            if self._reduction is None:
                numbers = index.counts(wanted, *limits[:, places]).astype(np.float64).tolist()
            else:
                numbers = self._reduction.of_spans(index, wanted, *limits[:, places])
            for place, number in zip(places, numbers, strict=True):
                results[place] = number
        return results

    def _between(
        self,
        group: tuple[Any, Any] | None,
        spans: list[tuple[CriteriaIndex, Span]],
        first: int,
        end: int,
    ) -> Any:
        if group is not None and not spans:
            key, positions = group
            low, high = np.searchsorted(positions, (first, end))
            if self._reduction is None:
                return float(high - low)
            name = ("running", key)
            if name not in self._groups:
                self._groups[name] = self._reduction.prefixes(positions)
            if self._groups[name] is not None:
                return self._groups[name].between(int(low), int(high))
            budget.current().run(int(high - low))
            return self._reduction.of(positions[low:high])
        if group is None:
            index, span = spans.pop(0)
            budget.current().run(end - first)
            positions = np.arange(first, end)
            positions = positions[index.among(positions, span)]
        else:
            positions = group[1]
            low, high = np.searchsorted(positions, (first, end))
            positions = positions[low:high]
        for index, span in spans:
            positions = positions[index.among(positions, span)]
        return self._reduced(positions)


class _Reduced:
    """What a reduction makes of the numbers in a range, for chosen cells of it."""

    def __init__(self, reduction: Reduction, values: Any) -> None:
        self._combine = reduction.combine
        self._is_mean = reduction.of_counts == "mean"
        flat = values.ravel()
        if flat.dtype == np.float64:
            self._numbers, self._is_number, self._errors = flat, None, None
        else:
            listed = flat.tolist()
            self._is_number = np.array([type(value) is float for value in listed], bool)
            self._numbers = np.array([v if type(v) is float else 0.0 for v in listed])
            errors = np.array([type(value) is CellError for value in listed], bool)
            self._errors = errors if errors.any() else None

    def of(self, positions: Any) -> Any:
        """The result for some cells; None where an error is among them."""
        if self._errors is not None and self._errors[positions].any():
            return None
        if self._is_number is not None:
            positions = positions[self._is_number[positions]]
        numbers = self._numbers[positions]
        if not len(numbers):
            return None if self._is_mean else 0.0
        total = float(self._combine.reduce(numbers))
        return total / len(numbers) if self._is_mean else total

    @property
    def is_of_totals(self) -> bool:
        """Whether totals of parts tell the result."""
        return self._errors is None and self._combine is np.add

    def of_spans(
        self, index: CriteriaIndex, spans: Sequence[Span], firsts: Any, ends: Any
    ) -> list[Any]:
        """The results for the cells in spans that lie from each first one to before an end."""
        totals: list[Any] = index.totals(self._numbers, spans, firsts, ends).tolist()
        if not self._is_mean:
            return totals
        if self._is_number is None:
            counts = index.counts(spans, firsts, ends)
        else:
            counts = index.totals(self._is_number.astype(np.float64), spans, firsts, ends)
        return [
            total / count if count else None
            for total, count in zip(totals, counts.tolist(), strict=True)
        ]

    def prefixes(self, positions: Any) -> "_Prefixes | None":
        """Running totals along some cells; None where they would not tell the result."""
        if not self.is_of_totals:
            return None
        counts = None
        if self._is_number is not None:
            counts = np.concatenate([[0], np.cumsum(self._is_number[positions])])
        return _Prefixes(self._numbers[positions], counts, self._is_mean)


class _Prefixes:
    """Running totals, or means, of numbers, of which some places may hold none."""

    def __init__(self, numbers: Any, counts: Any, is_mean: bool) -> None:
        self._is_mean = is_mean
        self._counts = counts
        highs, lows = running_totals(numbers)
        self._totals = highs.tolist(), lows.tolist()

    def between(self, first: int, end: int) -> Any:
        """The total, or the mean, from one place to before another."""
        total = between(self._totals, first, end)
        if not self._is_mean:
            return total
        count = end - first if self._counts is None else self._counts[end] - self._counts[first]
        return total / int(count) if count else None
