"""Conditional sums and counts for many cells at once, each distinct set of criteria once.

A criterion selects a group of cells that equal something, or a span of numbers in order. The cells
that meet all criteria of a kind lie side by side, as segments; sums over parts of these are
differences of running totals.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sheetlab.engine import budget
from sheetlab.engine.columns.column import Column, elements, is_array
from sheetlab.engine.columns.criteria_index import (
    NO_GROUP,
    NOT_ONE_GROUP,
    CriteriaIndex,
    Group,
    Selection,
    Span,
)
from sheetlab.engine.columns.grouping import grouped, stable_order
from sheetlab.engine.columns.places import Integers
from sheetlab.engine.columns.ranges import Found, NotRangedError, limits_of, reached_tables
from sheetlab.engine.columns.running_totals import between, running_totals
from sheetlab.engine.functions.criteria import matching
from sheetlab.engine.functions.kernels import NO_MEAN, Conditional, Floats, Reduction
from sheetlab.engine.lowering import LeftOut, Operation, Ranged, Window
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import distinct_numbers, numbered
from sheetlab.engine.values.value import ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

if TYPE_CHECKING:
    from sheetlab.engine.columns.running import Run

# So many positions of cells that meet criteria are put together at once.
_MOST_KEPT = 2**20
# So many windows are answered at once.
_MANY = 16
# To look for a query's own cells takes as long as to group so many.
_CELLS_OF_A_QUERY = 64
# Numbers may be so many times as many as what they number.
_NUMBERS_OF_A_ROW = 4


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
    if kernel.reduction is not None and _are_below_headings(areas):
        return _below_headings(run, kernel.reduction, areas, tested[1::2])
    limits, tables = limits_of(run, areas, across), reached_tables(run, areas)
    if across:
        tables = [table.turned for table in tables]
    if len({table.values.shape for table in tables}) != 1:
        raise NotRangedError
    width = tables[0].values.shape[1]
    criteria = [part.instead if type(part) is LeftOut else run.value(part) for part in tested[1::2]]
    indexes = [table.criteria for table in tables[-len(criteria) :]]
    reduced: _Counted | _Reduced = _Counted()
    if kernel.reduction is not None:
        reduced = _Reduced(kernel.reduction, tables[0].values)
    reaches_the_end = any(
        MAX_ROW in (area.top.value, area.bottom.value)
        or MAX_COLUMN in (area.left.value, area.right.value)
        for area in areas
    )
    if kernel.reduction is None and reaches_the_end and any(map(_is_blank_test, criteria)):
        # Blank cells beyond the used ones count as well.
        raise NotRangedError
    answers = _Answers(indexes, reduced)
    if limits is None:
        if not any(map(is_array, criteria)):
            found, doubtful = answers.of([[criterion] for criterion in criteria])
            return _told(reduced, found, doubtful).tolist()[0], doubtful[0]
        lists, shape = elements(criteria)
        numbers, doubtful = answers.of(lists)
    else:
        lists, shape = elements([*criteria, *limits])
        windows_of = np.array(lists[-2:], np.intp) * width
        numbers, doubtful = answers.of(lists[:-2], windows_of)
    return _told(reduced, numbers, doubtful).reshape(shape), doubtful.reshape(shape)


def of_arrays(
    kernel: Conditional, arguments: Sequence[Any], criteria: Sequence[Sequence[Scalar]]
) -> tuple[list[Any], list[bool]]:
    """The results for many sets of criteria, and which of them the function itself has to tell.

    `arguments` are those of the function, arrays of two axes where it takes them; `criteria` has
    for each range one of each set. Raises `ErrorValue` where the ranges are not of one shape.
    """
    at = kernel.reduced
    ranges = [part for place, part in enumerate(arguments) if place != at][::2]
    reduced: _Counted | _Reduced = _Counted()
    if kernel.reduction is not None and at is not None:
        values = arguments[at] if at < len(arguments) and arguments[at] is not None else ranges[0]
        reduced = _Reduced(kernel.reduction, values)
        ranges = [*ranges, values]
    if len({array.shape for array in ranges}) > 1:
        raise ErrorValue("#VALUE!")
    indexes = [CriteriaIndex(array) for array in ranges[: len(criteria)]]
    answers = _Answers(indexes, reduced)
    found, doubtful = answers.of(list(map(list, criteria)))
    return _told(reduced, found, doubtful).tolist(), doubtful.tolist()


def _told(reduced: "_Counted | _Reduced", numbers: Floats, doubtful: Any) -> Any:
    """The results that are not doubtful as cells show them: the mean of no numbers is an error."""
    if reduced.is_mean:
        nothing = np.isnan(numbers) & ~doubtful
        if nothing.any():
            told = numbers.astype(object)
            told[nothing] = NO_MEAN
            return told
    return numbers


def _are_below_headings(areas: Sequence[Area]) -> bool:
    """Whether the first area is a row that moves down, and the others are rows that stay."""
    reduced, *tested = areas
    return (
        all(area.top == area.bottom for area in areas)
        and not reduced.top.absolute
        and all(area.top.absolute for area in tested)
    )


def _below_headings(
    run: "Run", reduction: Reduction, areas: list[Area], criteria: Sequence[Operation]
) -> Found:
    """The cells of each place's own row that stand below headings which meet criteria, reduced.

    Raises `NotRangedError` where the rows are not of one width.
    """
    table, *headings = reached_tables(run, areas)
    width = table.values.shape[1]
    if any(heading.values.shape != (1, width) for heading in headings):
        raise NotRangedError
    given = [part.instead if type(part) is LeftOut else run.value(part) for part in criteria]
    lists, shape = elements(given)
    # To Python, 1.0 and TRUE are one.
    sets, numbers = numbered(
        [tuple((type(one), one) for one in each) for each in zip(*lists, strict=True)]
    )
    asked, starts = grouped(np.broadcast_to(numbers.reshape(shape), run.shape).ravel(), len(sets))
    rows = np.broadcast_to(run.places.rows - run.places.rows.min(), run.shape).ravel()
    totals, counts, doubtful = np.zeros(run.size), np.zeros(run.size), np.zeros(run.size, bool)
    for number, wanted in enumerate(sets):
        places = asked[starts[number] : starts[number + 1]]
        pairs = zip(headings, wanted, strict=True)
        meeting = [matching(heading.values, criterion)[0] for heading, (_, criterion) in pairs]
        below = np.ix_(rows[places], np.flatnonzero(np.logical_and.reduce(meeting)))
        budget.current().run(below[0].size * below[1].size)
        values, present = reduction.prepared(table.numbers[below])
        counts[places] = (np.zeros_like(values) + present).sum(axis=1)
        with np.errstate(all="ignore"):
            totals[places] = reduction.combine.reduce(values, axis=1, initial=reduction.identity)
        cells = table.values[below]
        if cells.dtype == object:
            kinds = [type(value) is CellError for value in cells.ravel().tolist()]
            doubtful[places] = np.array(kinds, bool).reshape(cells.shape).any(axis=1)
    with np.errstate(all="ignore"):
        found = reduction.finished(totals, counts)
    nothing = (counts == 0) & ~doubtful
    doubtful |= ~np.isfinite(found)
    if reduction.of_counts == "mean" and nothing.any():
        found, doubtful = found.astype(object), doubtful & ~nothing
        found[nothing] = NO_MEAN
    return found.reshape(run.shape), doubtful.reshape(run.shape)


def _is_blank_test(column: Column) -> bool:
    """Whether a criterion may be met by blank cells."""
    values = column.ravel().tolist() if is_array(column) and column.dtype == object else [column]
    if is_array(column) and column.dtype != object:
        return False
    return any(
        type(value) is str and (value in ("", "=") or value.startswith("<>")) for value in values
    )


class _Queries(NamedTuple):
    """What criteria, one for each range, select for each of many queries (queries,).

    `chosen` has for each range which of its distinct criteria each query has; `groups` has for
    each of these the group of cells that meets it, or `NO_GROUP`, or else `NOT_ONE_GROUP`, where
    `selections` has what it selects. `limits` are the windows, or None for all cells.
    """

    chosen: list[Integers]
    groups: list[Integers]
    selections: list[list[Selection | None]]
    limits: Integers | None

    @property
    def size(self) -> int:
        """How many queries there are."""
        return len(self.chosen[0])

    def some(self, places: Integers) -> "_Queries":
        """Some of the queries."""
        limits = None if self.limits is None else self.limits[:, places]
        return self._replace(chosen=[each[places] for each in self.chosen], limits=limits)

    def groups_at(self, place: int) -> Integers:
        """The group of each query at one of the ranges."""
        found: Integers = self.groups[place][self.chosen[place]]
        return found


class _Segments(NamedTuple):
    """Cells in segments, one of which each of some queries asks for.

    `starts` has where each segment begins and the last ends; `places` are the numbers of the
    queries, and `asked` the segment of each.
    """

    cells: Integers
    starts: Integers
    places: Integers
    asked: Integers

    @property
    def of_cells(self) -> Integers:
        """The segment of each cell."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @property
    def limits(self) -> tuple[Integers, Integers]:
        """Where the segment of each query begins and ends."""
        return self.starts[self.asked], self.starts[self.asked + 1]


# What spans of one range each query has: their first places and their ends.
_Spans = tuple[CriteriaIndex, Integers, Integers]
# For each query a number, and whether only the interpreter knows it.
_Results = tuple[Floats, Any]


class _Answers:
    """Answers to sets of criteria over ranges side by side."""

    def __init__(self, indexes: list[CriteriaIndex], reduced: "_Counted | _Reduced") -> None:
        self._indexes = indexes
        self._reduced = reduced
        self._size = indexes[0].size

    def of(self, criteria: list[list[Scalar]], limits: Integers | None = None) -> _Results:
        """The results for sets of criteria, each for all cells or those from one to another."""
        chosen, groups, selections = [], [], []
        for index, wanted in zip(self._indexes, criteria, strict=True):
            distinct, places = numbered(wanted)
            known = index.groups_of(distinct)
            chosen.append(places)
            groups.append(known)
            selections.append(
                [
                    index.selection(criterion) if group == NOT_ONE_GROUP else None
                    for criterion, group in zip(distinct, known.tolist(), strict=True)
                ]
            )
        queries = _Queries(chosen, groups, selections, limits)
        if limits is not None:
            return self._in_patterns(queries)
        # What is asked again is answered once.
        numbers, _ = _combined(chosen, list(map(len, groups)))
        _, firsts, again = distinct_numbers(numbers)
        found, doubtful = self._in_patterns(queries.some(firsts))
        return found[again], doubtful[again]

    def _in_patterns(self, queries: _Queries) -> _Results:
        """The results, for those queries together that have spans at the same places."""
        budget.current().run(queries.size)
        patterns = np.zeros(queries.size, np.intp)
        for place, chosen in enumerate(queries.chosen):
            are_spans = [isinstance(selection, Span) for selection in queries.selections[place]]
            patterns |= np.array(are_spans, np.intp)[chosen] << place
        numbers, doubtful = np.zeros(queries.size), np.zeros(queries.size, bool)
        for pattern in sorted(set(patterns.tolist())):
            chosen = np.flatnonzero(patterns == pattern)
            alike = queries.some(chosen)
            are_spans = [bool(pattern >> place & 1) for place in range(len(self._indexes))]
            spans = self._spans(
                alike, [place for place, is_span in enumerate(are_spans) if is_span]
            )
            groups = [place for place, is_span in enumerate(are_spans) if not is_span]
            found = self._in_groups(alike, groups, spans) if groups else self._of_all(alike, spans)
            numbers[chosen], doubtful[chosen] = found
        beyond = np.isinf(numbers) if self._reduced.is_mean else ~np.isfinite(numbers)
        return numbers, doubtful | beyond

    def _spans(self, queries: _Queries, places: Sequence[int]) -> list[_Spans]:
        """The spans of each range that has any; of several at one range, what they share."""
        found: dict[CriteriaIndex, tuple[Any, Any]] = {}
        for place in places:
            ends = [
                (selection.first, selection.end) if isinstance(selection, Span) else (0, 0)
                for selection in queries.selections[place]
            ]
            first, end = np.array(ends, np.intp)[queries.chosen[place]].T
            known = found.get(self._indexes[place], (first, end))
            first = np.maximum(first, known[0])
            found[self._indexes[place]] = first, np.maximum(np.minimum(end, known[1]), first)
        return [(index, *ends) for index, ends in found.items()]

    def _of_all(self, queries: _Queries, spans: list[_Spans]) -> _Results:
        """The results for spans among all cells."""
        index, first, end = spans[0]
        if len(spans) == 1 and queries.limits is None:
            cells = index.in_order[1]
            places = np.arange(queries.size)
            whole = _Segments(cells, np.array([0, len(cells)]), places, np.zeros_like(places))
            return self._reduced.of_parts(whole, first, end)
        # A few windows are sooner looked through than all cells are put in order.
        if len(spans) == 1 and queries.size >= _MANY and self._reduced.is_of_totals:
            return self._reduced.of_spans(index, (first, end), queries.limits)
        return self._one_by_one(queries, spans, lambda query: self._cells_of(queries, spans, query))

    def _cells_of(self, queries: _Queries, spans: list[_Spans], query: int) -> Integers:
        """The cells among which spans are to be sought: the fewest that are known to hold them."""
        if queries.limits is not None:
            low, high = queries.limits[:, query].tolist()
            budget.current().run(high - low)
            return np.arange(low, high)
        index, first, end = min(spans, key=lambda each: each[2][query] - each[1][query])
        cells: Integers = index.positions(Span(int(first[query]), int(end[query])))
        return cells

    def _one_by_one(
        self, queries: _Queries, spans: list[_Spans], cells_of: Callable[[int], Integers]
    ) -> _Results:
        """The results, for each query its own cells looked through for those in all spans."""
        results = []
        for query in range(queries.size):
            cells = cells_of(query)
            for index, first, end in spans:
                cells = cells[index.among(cells, Span(int(first[query]), int(end[query])))]
            budget.current().run(len(cells))
            results.append(self._reduced.of(cells))
        return _results_of(results)

    def _in_groups(self, queries: _Queries, groups: list[int], spans: list[_Spans]) -> _Results:
        """The results where some criteria are met by groups of cells, others perhaps by spans."""
        numbers, doubtful = np.zeros(queries.size), np.zeros(queries.size, bool)
        for segments in self._segments(queries, groups):
            places = segments.places
            some = [(index, first[places], end[places]) for index, first, end in spans]
            found = self._in_segments(queries.some(places), segments, some)
            numbers[places], doubtful[places] = found
        return numbers, doubtful

    def _in_segments(self, queries: _Queries, segments: _Segments, spans: list[_Spans]) -> _Results:
        if not spans and queries.limits is None:
            return self._reduced.of_segments(segments)
        if not spans:
            assert queries.limits is not None
            return self._between(segments, segments.cells, *queries.limits)
        if len(spans) == 1 and queries.limits is None:
            index, first, end = spans[0]
            ranks = index.ranks[segments.cells]
            is_number = ranks >= 0
            asked = segments.of_cells[is_number]
            keys = asked * self._size + ranks[is_number]
            order = stable_order(keys, self._size * len(segments.starts))
            starts = np.searchsorted(asked, np.arange(len(segments.starts)))
            ordered = segments._replace(cells=segments.cells[is_number][order], starts=starts)
            return self._between(ordered, ranks[is_number][order], first, end)

        def cells_of(query: int) -> Integers:
            segment = segments.asked[query]
            cells = segments.cells[segments.starts[segment] : segments.starts[segment + 1]]
            if queries.limits is None:
                return cells
            low, high = np.searchsorted(cells, queries.limits[:, query])
            return cells[low:high]

        return self._one_by_one(queries, spans, cells_of)

    def _between(
        self, segments: _Segments, order: Integers, first: Integers, end: Integers
    ) -> _Results:
        """The results for parts of segments, from what stands first to an end in their order."""
        budget.current().run(len(order) + len(first))
        keys = segments.of_cells * self._size + order
        begin = segments.asked * self._size
        low, high = np.searchsorted(keys, begin + first), np.searchsorted(keys, begin + end)
        return self._reduced.of_parts(segments, low, np.maximum(low, high))

    def _segments(self, queries: _Queries, groups: list[int]) -> Iterator[_Segments]:
        """The cells that meet all criteria that are met by groups."""
        columns = [queries.groups_at(place) for place in groups]
        if all((column != NOT_ONE_GROUP).all() for column in columns):
            indexes = [self._indexes[place] for place in groups]
            if len(groups) == 1:
                yield _of_groups(indexes[0], columns[0])
                return
            # Either all cells are grouped by all criteria, or those of the smallest groups cut.
            sizes = [np.append(index.groups.sizes, 0)[each]
                     for index, each in zip(indexes, columns, strict=True)]  # fmt: skip
            fewest = np.minimum.reduce(sizes)
            if fewest.sum() + _CELLS_OF_A_QUERY * len(fewest) > self._size:
                yield _of_combined_groups(indexes, columns)
                return
        yield from self._intersected(queries, groups)

    def _intersected(self, queries: _Queries, groups: list[int]) -> Iterator[_Segments]:
        """The same, put together for each distinct set of criteria."""
        chosen = [queries.chosen[place] for place in groups]
        numbers, _ = _combined(chosen, [len(queries.groups[place]) for place in groups])
        _, firsts, asked = distinct_numbers(numbers)
        parts: list[Integers] = []
        begin = kept = 0
        for number, query in enumerate(firsts.tolist()):
            budget.current().spend(1)
            selected = [self._selected(queries, place, query) for place in groups]
            selected.sort(key=lambda pair: len(pair[1].positions))
            cells = selected[0][1].positions
            for index, group in selected[1:]:
                cells = cells[index.among(cells, group)]
            parts.append(cells)
            kept += len(cells)
            if number + 1 == len(firsts) or kept > _MOST_KEPT:
                places = np.flatnonzero((asked >= begin) & (asked <= number))
                starts = np.cumsum([0, *map(len, parts)])
                yield _Segments(np.concatenate(parts), starts, places, asked[places] - begin)
                parts, begin, kept = [], number + 1, 0

    def _selected(self, queries: _Queries, place: int, query: int) -> tuple[CriteriaIndex, Group]:
        """The cells that meet a query's criterion at one range."""
        index, criterion = self._indexes[place], queries.chosen[place][query]
        selection = queries.selections[place][criterion]
        if isinstance(selection, Group):
            return index, selection
        return index, index.group(int(queries.groups[place][criterion]))


def _of_groups(index: CriteriaIndex, asked: Integers) -> _Segments:
    """The cells of the groups that queries ask for."""
    cells, starts = index.groups.in_order
    # Behind the last group stands one without a cell.
    starts = np.append(starts, starts[-1])
    asked = np.where(asked == NO_GROUP, index.groups.count, asked)
    places = np.arange(len(asked))
    groups, _, numbers = distinct_numbers(asked)
    low, high = starts[groups], starts[groups + 1]
    if 2 * (high - low).sum() > len(cells):
        return _Segments(cells, starts, places, asked)
    parts = [cells[one:other] for one, other in zip(low.tolist(), high.tolist(), strict=True)]
    starts = np.cumsum([0, *map(len, parts)])
    return _Segments(np.concatenate(parts), starts, places, numbers)


def _of_combined_groups(indexes: list[CriteriaIndex], asked: list[Integers]) -> _Segments:
    """The cells that are in a group of each range at once, of the groups that queries ask for."""
    size, count = indexes[0].size, len(asked[0])
    columns, counts = [], []
    for index, column in zip(indexes, asked, strict=True):
        groups = index.groups
        # In the group behind the last there is no cell.
        column = np.where(column == NO_GROUP, groups.count, column)
        columns.append(np.concatenate([groups.of_cells, column]))
        counts.append(groups.count + 1)
    budget.current().run(len(indexes) * (size + count))
    numbers, bound = _combined(columns, counts)
    cells, starts = grouped(numbers[:size], bound)
    return _Segments(cells, starts, np.arange(count), numbers[size:])


def _combined(columns: Sequence[Integers], counts: Sequence[int]) -> tuple[Integers, int]:
    """A number for each row of several columns of numbers below counts; and what all are below."""
    numbers, bound = columns[0], counts[0]
    most = _NUMBERS_OF_A_ROW * len(numbers)
    for column, count in zip(columns[1:], counts[1:], strict=True):
        numbers, bound = numbers * count + column, bound * count
        if bound > most:
            distinct, _, numbers = distinct_numbers(numbers)
            bound = len(distinct)
    return numbers, bound


def _results_of(found: Sequence[float | None]) -> _Results:
    """Results as an array, None as what only the interpreter knows."""
    numbers = np.array([0.0 if result is None else result for result in found], np.float64)
    return numbers, np.array([result is None for result in found], bool)


class _Counted:
    """How many cells there are, whatever they hold."""

    is_mean = False
    is_of_totals = True

    def of(self, cells: Integers) -> float:
        """The number of some cells."""
        return float(len(cells))

    def of_segments(self, segments: _Segments) -> _Results:
        """The number of the cells in the segment of each query."""
        return self.of_parts(segments, *segments.limits)

    def of_parts(self, segments: _Segments, low: Integers, high: Integers) -> _Results:
        """The number of the cells from one place to before another, for each query."""
        return (high - low).astype(np.float64), np.zeros(len(low), bool)

    def of_spans(
        self, index: CriteriaIndex, spans: tuple[Integers, Integers], limits: Any
    ) -> _Results:
        """The number of the cells in spans that lie from each first one to before an end."""
        counts = index.counts(spans, *limits)
        return counts.astype(np.float64), np.zeros(len(counts), bool)


class _Reduced:
    """What a reduction makes of the numbers in a range, for chosen cells of it.

    The mean of no numbers is NaN, and one that is not finite is infinite.
    """

    def __init__(self, reduction: Reduction, values: Any) -> None:
        self._combine = reduction.combine
        self.is_mean = reduction.of_counts == "mean"
        flat = values.ravel()
        self._errors = None
        if flat.dtype == np.float64:
            self._numbers, self._is_number = flat, None
        else:
            listed = flat.tolist()
            kinds = list(map(type, listed))
            self._is_number = np.array([kind is float for kind in kinds], bool)
            self._numbers = np.array([v if type(v) is float else 0.0 for v in listed])
            if CellError in kinds:
                self._errors = np.array([kind is CellError for kind in kinds], bool)

    @property
    def is_of_totals(self) -> bool:
        """Whether totals of parts tell the result."""
        return self._errors is None and self._combine is np.add

    def of(self, cells: Integers) -> float | None:
        """The result for some cells; None where an error is among them."""
        if self._errors is not None and self._errors[cells].any():
            return None
        if self._is_number is not None:
            cells = cells[self._is_number[cells]]
        return self._of_numbers(self._numbers[cells])

    def _of_numbers(self, numbers: Floats) -> float:
        if not len(numbers):
            return math.nan if self.is_mean else 0.0
        total = float(self._combine.reduce(numbers))
        if not self.is_mean:
            return total
        return total / len(numbers) if math.isfinite(total) else math.inf

    def of_segments(self, segments: _Segments) -> _Results:
        """The result for the cells in the segment of each query."""
        cells, (low, high) = segments.cells, segments.limits
        budget.current().run(len(cells))
        odd = None
        if self._errors is not None:
            odd = _counts_in(self._errors[cells], low, high) > 0
        if self._is_number is not None:
            is_number = self._is_number[cells]
            cells = cells[is_number]
            before = _before(is_number)
            low, high = before[low], before[high]
        numbers = self._numbers[cells]
        limits = zip(low.tolist(), high.tolist(), strict=True)
        found, doubtful = _results_of([self._of_numbers(numbers[one:end]) for one, end in limits])
        return found, doubtful if odd is None else doubtful | odd

    def of_parts(self, segments: _Segments, low: Integers, high: Integers) -> _Results:
        """The result for the cells from one place to before another, of each query's segment."""
        if not self.is_of_totals:
            budget.current().run((high - low).sum())
            limits = zip(low.tolist(), high.tolist(), strict=True)
            return _results_of([self.of(np.sort(segments.cells[a:b])) for a, b in limits])
        budget.current().run(2 * len(segments.cells))
        numbers = self._numbers[segments.cells]
        totals = np.zeros(len(low))
        queries, starts = grouped(segments.asked, len(segments.starts) - 1)
        for segment in np.flatnonzero(np.diff(starts)).tolist():
            some = queries[starts[segment] : starts[segment + 1]]
            first, end = segments.starts[segment : segment + 2]
            # What one segment loses in digits is no loss of another.
            running = running_totals(numbers[first:end])
            totals[some] = between(running, low[some] - first, high[some] - first)
        counts = high - low
        if self._is_number is not None:
            counts = _counts_in(self._is_number[segments.cells], low, high)
        return self._of_totals(totals, counts)

    def of_spans(
        self, index: CriteriaIndex, spans: tuple[Integers, Integers], limits: Any
    ) -> _Results:
        """The result for the cells in spans that lie from each first one to before an end."""
        totals = index.totals(self._numbers, spans, *limits)
        if not self.is_mean:
            return totals, np.zeros(len(totals), bool)
        if self._is_number is None:
            return self._of_totals(totals, index.counts(spans, *limits))
        is_number = self._is_number.astype(np.float64)
        return self._of_totals(totals, index.totals(is_number, spans, *limits))

    def _of_totals(self, totals: Floats, counts: Any) -> _Results:
        known = np.zeros(len(totals), bool)
        if not self.is_mean:
            return totals, known
        means = np.where(np.isfinite(totals), totals / np.maximum(counts, 1), math.inf)
        means[counts == 0] = math.nan
        return means, known


def _before(chosen: Any) -> Integers:
    """How many of some places are chosen before each, and before the end."""
    return np.concatenate([[0], np.cumsum(chosen)])


def _counts_in(chosen: Any, low: Integers, high: Integers) -> Integers:
    """How many places are chosen from each first one to before an end."""
    before = _before(chosen)
    found: Integers = before[high] - before[low]
    return found
