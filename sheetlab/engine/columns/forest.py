"""Formulas of which hardly two are alike, calculated together.

All of them are one forest, that has a tree for each formula. It is calculated from the leaves on:
of all parts of the same height, those that do the same, such as all products, are one operation
between columns. Each such operation is lowered and run as that of a formula that many cells hold.
A formula with any part that is not to be calculated so is left to the interpreter.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine import functions
from sheetlab.engine.columns.column import Column, column_of, is_array
from sheetlab.engine.columns.places import Integers, Places
from sheetlab.engine.columns.running import Columns, Run
from sheetlab.engine.columns.scattered_windows import (
    MOST_POWERS,
    Windows,
    clipped,
    over_windows,
    powers_of,
)
from sheetlab.engine.columns.tables import SheetCells
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Connective, Omission, Reduction, Selection
from sheetlab.engine.lowering import (
    Cell,
    Chosen,
    Constant,
    Interpreted,
    Numbered,
    Operation,
    Signed,
    Truths,
    Window,
    all_parts,
    lowered,
    spreads,
)
from sheetlab.engine.syntax.expression import (
    Area,
    Axis,
    Call,
    Chain,
    Expression,
    Literal,
    Missing,
    Unary,
)
from sheetlab.engine.syntax.postfix import (
    ABSOLUTE_BITS,
    AREA,
    BINARY,
    BINARY_OPERATORS,
    CALL,
    ENDS,
    MISSING,
    NUMBER,
    TEXT,
    TRUTH,
    UNARY,
    UNARY_OPERATORS,
    Postfix,
)
from sheetlab.engine.values.arrays import in_groups, spread
from sheetlab.files.address import MAX_COLUMN, MAX_ROW
from sheetlab.files.cell_value import CellError

# So many parts of formulas are calculated at once.
_MOST_NODES = 2**18
# What is higher than this, and than all but a few others, has hardly a part that others have, too.
_HIGH, _FEW_HIGH = 32, 16
# Functions of ranges that so few formulas ask for the same ranges are sooner interpreted.
_FEW_OF_A_RANGE = 16
# Where the constants that functions are given are so few, each is an operation of its own.
_FEW_CONSTANTS = 16
# A range may have this part of the elements that an array may have.
_SHARE_OF_A_WINDOW = 4
_REF = CellError("#REF!")

# The bits that tell whether the top and the left of a range stay.
_FIRST_ENDS = ABSOLUTE_BITS[0] | ABSOLUTE_BITS[1]

# What a value is.
_FLOAT, _BOOL, _BLANK, _TEXT, _ERROR = range(5)
_KINDS: dict[type, int] = {
    float: _FLOAT,
    bool: _BOOL,
    type(None): _BLANK,
    str: _TEXT,
    CellError: _ERROR,
}

# How a function is given an argument: as a cell, not at all, as a range of several cells, as what
# the formula spells out or calculates, or as what a function gives, which may be a cell again.
_OF_CELL, _LEFT_OUT, _RANGE, _SPELLED_OUT, _CALLED = range(5)


def forest(
    columns: Columns, postfix: Postfix, formulas: Integers, places: Places
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.bool_]]]:
    """The values of formulas, by their numbers in `postfix`, in a cell each; and which are told.

    Both arrays are (formulas,), the first of float64 where all that is told are numbers, else of
    objects. All cells that are read must have their values. The cells are no rectangle.
    Raises `OverLimitError` where it takes more than the budget allows.
    """
    parts = [
        _calculated(columns, postfix, formulas[part], places.some(part))
        for part in _in_parts(postfix.starts[formulas + 1] - postfix.starts[formulas])
    ]
    values = [found for found, _ in parts]
    if len({found.dtype for found in values}) > 1:
        values = [found.astype(object) for found in values]
    return np.concatenate(values), np.concatenate([told for _, told in parts])


def _in_parts(sizes: Integers) -> list[Integers]:
    """The numbers of formulas of some sizes, as many at a time as are calculated at once."""
    which = (np.cumsum(sizes) - sizes) // _MOST_NODES
    return np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(which)) + 1)


def _calculated(
    columns: Columns, postfix: Postfix, formulas: Integers, places: Places
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.bool_]]]:
    which, places_of_nodes = spread(postfix.starts[formulas], postfix.starts[formulas + 1])
    nodes = postfix.nodes.take(places_of_nodes)
    # What is not told in postfix order has no nodes.
    told = postfix.starts[formulas] < postfix.starts[formulas + 1]
    told[which[_unknown(postfix, nodes)]] = False
    heights = np.zeros(len(formulas), np.intp)
    heights[told] = postfix.nodes["height"][postfix.starts[formulas[told] + 1] - 1]
    told[heights > _highest(heights[told])] = False
    kept = np.flatnonzero(told)
    if len(kept) < len(told):
        chosen = told[which]
        nodes, which = nodes[chosen], (np.cumsum(told) - 1)[which[chosen]]
    if not len(kept):
        return np.zeros(len(formulas)), told
    one = _Forest(columns, postfix, nodes, which, places.some(kept))
    one.calculate()
    found = one.results()
    told[kept] = one.told
    if len(kept) == len(told):
        return found, told
    values = np.empty(len(formulas), found.dtype)
    values[kept] = found
    return values, told


def _highest(heights: Integers) -> int:
    """The height above which hardly a formula goes."""
    if len(heights) <= _FEW_HIGH:
        return _HIGH
    return max(int(np.partition(heights, -_FEW_HIGH)[-_FEW_HIGH]), _HIGH)


def _unknown(postfix: Postfix, nodes: Any) -> Integers:
    """The nodes that call functions which are left to the interpreter."""
    calls = np.flatnonzero(nodes["kind"] == CALL)
    counts = nodes["count"][calls].astype(np.int64)
    most = int(counts.max(initial=0)) + 1
    keys = nodes["value"][calls] * most + counts
    known = np.zeros(len(postfix.functions) * most, bool)
    for key in np.flatnonzero(np.bincount(keys)).tolist():
        function, count = divmod(key, most)
        known[key] = _is_known(postfix.functions[function], count)
    unknown: Integers = calls[~known[keys]]
    return unknown


@functools.lru_cache(maxsize=1024)
def _is_known(name: str, count: int) -> bool:
    """Whether a function may be calculated so, if its arguments do."""
    function = functions.find(name)
    if function is None or not function.takes(count):
        return False
    if isinstance(function.kernel, Reduction | Selection):
        return True
    operation = lowered(Call(name, tuple(_argument(position) for position in range(count))))
    return not any(map(_is_beyond, all_parts(operation)))


class _Values:
    """The value of each node: a number, or NaN and what it is instead; `kinds` tells which.

    A truth value is 1 or 0 as a number, too.
    """

    def __init__(self, count: int) -> None:
        self.numbers = np.zeros(count)
        self.kinds = np.zeros(count, np.int8)
        self.objects = np.empty(count, object)

    def column(self, nodes: Integers) -> Any:
        """The values of some nodes."""
        kinds, numbers = self.kinds[nodes], self.numbers[nodes]
        highest = kinds.max(initial=_FLOAT)
        if highest == _FLOAT:
            return numbers
        if highest == _BOOL and kinds.min() == _BOOL:
            return numbers != 0
        values = numbers.astype(object)
        truths = kinds == _BOOL
        values[truths] = (numbers[truths] != 0).astype(object)
        others = kinds > _BOOL
        values[others] = self.objects[nodes[others]]
        return values

    def put(self, nodes: Integers, column: Column) -> None:
        """Give some nodes the values of a column."""
        if not is_array(column):
            column = column_of([column], (1,))
        if column.dtype == np.float64:
            self.numbers[nodes], self.kinds[nodes] = column, _FLOAT
        elif column.dtype == bool:
            self.numbers[nodes], self.kinds[nodes] = column, _BOOL
        else:
            listed = column.tolist()
            kinds = [_KINDS[type(value)] for value in listed]
            self.kinds[nodes] = kinds
            self.numbers[nodes] = [
                value if kind <= _BOOL else np.nan
                for value, kind in zip(listed, kinds, strict=True)
            ]
            self.objects[nodes] = column

    def copy(self, nodes: Integers, sources: Integers) -> None:
        """Give some nodes the values of others."""
        for array in (self.numbers, self.kinds, self.objects):
            array[nodes] = array[sources]


class _Group(NamedTuple):
    """Nodes that do the same, with their children (count, nodes).

    Of ranges, some cells count as blank where there is an `omission`.
    """

    nodes: Integers
    children: Integers
    function: Function | None
    omission: Omission | None = None


class _Forest:
    """The nodes of some formulas, `which` tells of which, that stand in `places`.

    `told` is made false for formulas that turn out to be for the interpreter.
    """

    def __init__(
        self, columns: Columns, postfix: Postfix, nodes: Any, which: Integers, places: Places
    ) -> None:
        self.columns = columns
        self.places = places
        self.which = which
        self.told = np.ones(len(places.rows), bool)
        self.values = _Values(len(nodes))
        self.kind = nodes["kind"].astype(np.int8)
        self._postfix = postfix
        self._value = nodes["value"].astype(np.intp)
        self._count = nodes["count"].astype(np.intp)
        self._size = nodes["size"].astype(np.intp)
        self._height = nodes["height"].astype(np.intp)
        # Of ranges of several cells: which of `_windows` they are, or -1 for one that lies on no
        # sheet; and for how many numbers the total stands that is their value.
        self._is_window = np.zeros(len(nodes), bool)
        self._window = np.full(len(nodes), -1)
        self._counts = np.ones(len(nodes))
        self._windows: Windows
        # What may be several values, of which only the first is known.
        self._spreads = np.zeros(len(nodes), bool)

    def calculate(self) -> None:
        """Calculate all nodes."""
        self.columns.source.budget.run(len(self.kind))
        self._set_constants()
        self._set_cells()
        groups = [group for found in self._groups() for group in self._asking(*found)]
        self._set_windows(groups)
        for nodes, children, function, omission in groups:
            if function is not None and isinstance(function.kernel, Reduction | Connective):
                # These take arrays whole.
                self.leave(nodes[self._spreads[children].any(axis=0)])
            else:
                self._spreads[nodes] = self._spreads[children].any(axis=0)
            if function is not None and isinstance(function.kernel, Reduction):
                if omission is not None:
                    self.leave(nodes[~self._is_window[children].all(axis=0)])
                self._reduce(nodes, children, function, function.kernel)
                continue
            if function is None:
                self.leave(nodes[self._is_window[children].any(axis=0)])
            for some in self._alike(nodes, children, function):
                self._run(nodes[some], children[:, some], function)

    def results(self) -> Any:
        """What the formulas come to; anything for those that are left to the interpreter."""
        roots = np.flatnonzero(np.diff(self.which, append=-1))
        self.leave(roots[self._is_window[roots] | (self.kind[roots] == MISSING)])
        self.values.put(roots[~self.told], 0.0)
        return self.values.column(roots)

    def leave(self, nodes: Integers) -> None:
        """Leave the formulas that have some nodes to the interpreter."""
        self.told[self.which[nodes]] = False

    # Leaves.

    def _set_constants(self) -> None:
        postfix, values = self._postfix, self.values
        numbers = np.flatnonzero(self.kind == NUMBER)
        values.numbers[numbers] = postfix.numbers[self._value[numbers]]
        truths = np.flatnonzero(self.kind == TRUTH)
        values.put(truths, self._value[truths] != 0)
        texts = np.flatnonzero(self.kind == TEXT)
        if len(texts):
            known = np.empty(len(postfix.texts), object)
            known[:] = postfix.texts
            values.put(texts, known[self._value[texts]])
        values.put(np.flatnonzero(self.kind == MISSING), None)

    def _set_cells(self) -> None:
        """Read the single cells, and find where the ranges of several cells lie."""
        nodes = np.flatnonzero(self.kind == AREA)
        areas = self._postfix.areas.take(self._value[nodes])
        absolute = areas["absolute"]
        is_cell = (
            (areas["top"] == areas["bottom"])
            & (areas["left"] == areas["right"])
            & (absolute & _FIRST_ENDS == absolute >> 2)
        )
        chosen = np.flatnonzero(is_cell)
        self._read(nodes[chosen], areas.take(chosen))
        chosen = np.flatnonzero(~is_cell)
        self._find(nodes[chosen], areas.take(chosen))

    def _read(self, nodes: Integers, areas: Any) -> None:
        rows, columns = self._ends(nodes, areas, "top"), self._ends(nodes, areas, "left")
        sheets = areas["sheet"] + 1
        lies = (rows >= 1) & (columns >= 1) & (rows <= MAX_ROW) & (columns <= MAX_COLUMN)
        self.values.put(nodes[~lies], _REF)
        for sheet in np.flatnonzero(np.bincount(sheets[lies])).tolist():
            on_it = lies & (sheets == sheet)
            grid = self._grids[sheet]
            if grid is None:
                self.leave(nodes[on_it])
                continue
            chosen = slice(None) if on_it.all() else on_it
            self.values.put(nodes[chosen], grid.gathered(rows[chosen], columns[chosen]))

    def _find(self, nodes: Integers, areas: Any) -> None:
        top, left, bottom, right = (self._ends(nodes, areas, end) for end in ENDS)
        windows = Windows(
            areas["sheet"].astype(np.intp) + 1,
            np.minimum(top, bottom),
            np.minimum(left, right),
            np.maximum(top, bottom),
            np.maximum(left, right),
        )
        lies = (
            np.array([grid is not None for grid in self._grids])[windows.sheet]
            & (windows.top >= 1)
            & (windows.left >= 1)
            & (windows.bottom <= MAX_ROW)
            & (windows.right <= MAX_COLUMN)
        )
        self._is_window[nodes] = True
        self._window[nodes[lies]] = np.arange(np.count_nonzero(lies))
        self._windows = windows.some(lies)
        self.leave(nodes[~lies])

    def _ends(self, nodes: Integers, areas: Any, end: str) -> Integers:
        """The rows or columns of an end of references."""
        formulas = self.which[nodes]
        origins = self.places.rows if end in ("top", "bottom") else self.places.columns
        moves = areas["absolute"] & ABSOLUTE_BITS[ENDS.index(end)] == 0
        ends: Integers = areas[end] + np.where(moves, origins[formulas], 0)
        return ends

    @functools.cached_property
    def _grids(self) -> list[Any]:
        """The grid of the formulas' sheet, then those of the sheets that they name."""
        return [self.columns.grids.get(sheet) for sheet in self._sheets]

    @property
    def _sheets(self) -> list[str]:
        return [self.places.sheet, *self._postfix.sheets]

    # Parts that have parts.

    def _groups(self) -> Iterator[tuple[Integers, Integers]]:
        """The nodes that do the same, from the lowest on, with their children (count, nodes)."""
        nodes = np.flatnonzero(self.kind >= UNARY)
        if not len(nodes):
            return
        kind, value, count = self.kind[nodes], self._value[nodes], self._count[nodes]
        most = int(count.max()) + 1
        operation = np.where(kind == UNARY, value, len(UNARY_OPERATORS) + value)
        called = kind == CALL
        operation[called] = (value * most + count + len(UNARY_OPERATORS) + len(BINARY_OPERATORS))[
            called
        ]
        ranks = np.cumsum(np.bincount(operation) > 0) - 1
        keys = self._height[nodes] * (ranks[-1] + 1) + ranks[operation]
        if keys.max() < 2**16:
            # NumPy sorts short integers in one pass.
            keys = keys.astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        for some in np.split(nodes[order], np.flatnonzero(np.diff(keys[order])) + 1):
            yield some, self._children(some)

    def _children(self, nodes: Integers) -> Integers:
        """The children of nodes that have as many, (count, nodes)."""
        first = nodes[0]
        kind = self.kind[first]
        count = int(self._count[first]) if kind == CALL else 2 if kind == BINARY else 1
        children = np.empty((count, len(nodes)), np.intp)
        place = nodes - 1
        for position in range(count - 1, -1, -1):
            children[position] = place
            if position:
                place = place - self._size[place]
        return children

    def _function(self, nodes: Integers) -> Function | None:
        """The function that nodes call; None for operators."""
        first = nodes[0]
        if self.kind[first] != CALL:
            return None
        return functions.find(self._postfix.functions[self._value[first]])

    def _asking(self, nodes: Integers, children: Integers) -> Iterator[_Group]:
        """The nodes by the function that they ask, and what it leaves out of ranges, if anything.

        Those that tell it by anything but numbers are left to the interpreter.
        """
        function = self._function(nodes)
        if function is None or not isinstance(function.kernel, Selection):
            yield _Group(nodes, children, function)
            return
        selection = function.kernel
        numbers, children = children[: selection.numbers], children[selection.numbers :]
        told = self.values.numbers[numbers]
        is_told = ((self.kind[numbers] == NUMBER) & (told < 2**31)).all(axis=0)
        self.leave(nodes[~is_told])
        told = np.where(is_told, told, 0.0).astype(np.int64)
        for column in set(zip(*told.tolist(), strict=True)):
            alike = is_told & np.equal(told.T, column).all(axis=1)
            chosen = selection.chosen(*column)
            asked = None if chosen is None else functions.find(chosen[0])
            if chosen is None or asked is None or not isinstance(asked.kernel, Reduction):
                self.leave(nodes[alike])
            else:
                yield _Group(nodes[alike], children[:, alike], asked, chosen[1])

    def _alike(
        self, nodes: Integers, children: Integers, function: Function | None
    ) -> Iterator[Any]:
        """Which nodes have arguments of the same kinds, so that one operation does for them."""
        keys: list[Any] = []
        if function is not None:
            keys.extend(self._given(children, function))
            keys.extend(self._ranges(children))
        if function is None or not function.special:
            # Numbers are calculated by NumPy, with anything else among them one by one.
            kinds = self.values.kinds[children].max(axis=0, initial=_FLOAT)
            keys.append(np.minimum(kinds, _BLANK))
            keys.extend(self._few_constants(children) if function is not None else ())
        keys = [key for key in keys if (key != key[0]).any()]
        if not keys:
            yield slice(None)
            return
        order, is_first = in_groups(keys)
        firsts = np.flatnonzero(is_first)
        sizes = np.diff(firsts, append=len(order))
        # Many ranges that are asked for by few formulas each would take a long while.
        takes_range = np.logical_or.reduce(self._is_window[children], axis=0)
        lonely = (sizes < _FEW_OF_A_RANGE) & takes_range[order[firsts]]
        left = np.repeat(lonely, sizes)
        self.leave(nodes[order[left]])
        if not lonely.all():
            yield from np.split(order[~left], np.cumsum(sizes[~lonely])[:-1])

    def _given(self, children: Integers, function: Function) -> Integers:
        """How each argument is given, (count, nodes)."""
        kinds = self.kind[children]
        given = np.where(kinds == MISSING, _LEFT_OUT, _OF_CELL)
        given[self._is_window[children]] = _RANGE
        if isinstance(function.kernel, Connective):
            given[(kinds != MISSING) & (kinds != AREA)] = _SPELLED_OUT
            given[kinds == CALL] = _CALLED
        return given

    def _ranges(self, children: Integers) -> Iterator[Any]:
        """What tells apart which ranges functions are given, where they are given any."""
        for nodes in children:
            windows = self._window[nodes]
            if (windows >= 0).any():
                yield np.where(windows >= 0, self._distinct_windows[windows], -1)

    @functools.cached_property
    def _distinct_windows(self) -> Integers:
        """A number for each window, the same for those that are the same."""
        order, is_first = in_groups(self._windows)
        numbers = np.empty(len(order), np.intp)
        numbers[order] = np.cumsum(is_first)
        return numbers

    def _few_constants(self, children: Integers) -> Iterator[Any]:
        """What tells constants apart where functions take few of them in some position."""
        for nodes in children:
            kind = self.kind[nodes[0]]
            if kind in (NUMBER, TEXT) and (self.kind[nodes] == kind).all():
                values = self.values.numbers if kind == NUMBER else self._value
                if len(set(values[nodes].tolist())) <= _FEW_CONSTANTS:
                    yield values[nodes]

    def _run(self, nodes: Integers, children: Integers, function: Function | None) -> None:
        """Calculate nodes that one operation does for."""
        first = nodes[0]
        if function is not None:
            name = self._postfix.functions[self._value[first]]
            given = tuple(self._given(children[:, :1], function)[:, 0].tolist())
            ranges = self._ranges_given(given, children)
            operation = None
            if ranges is not None:
                operation = _lowered(name, given, ranges) if ranges else _called(name, given)
                self._spreads[nodes] |= spreads(_call(name, given, ranges))
        elif self.kind[first] == UNARY:
            operation = _unary(UNARY_OPERATORS[self._value[first]])
        else:
            operation = _binary(BINARY_OPERATORS[self._value[first]])
        if operation is None:
            self.leave(nodes)
            return
        self.values.put(nodes, _Part(self, nodes, children).value(operation))

    def _ranges_given(self, given: Sequence[int], children: Integers) -> dict[int, Area] | None:
        """The ranges that all nodes give a function, by position; None where they are few."""
        ranges: dict[int, Area] = {}
        for position in np.flatnonzero(np.equal(given, _RANGE)).tolist():
            window = self._window[children[position, 0]]
            if window < 0 or children.shape[1] < _FEW_OF_A_RANGE:
                return None
            sheet, *ends = (int(end[window]) for end in self._windows)
            top, left, bottom, right = (Axis(True, end) for end in ends)
            area = Area(self._sheets[sheet], top, left, bottom, right)
            if area.is_cell:
                # A range that happens to have one cell is none to what takes single values.
                return None
            ranges[position] = area
        return ranges

    # Functions of all numbers in their arguments.

    def _set_windows(self, groups: Sequence[_Group]) -> None:
        """Give ranges of several cells the totals that functions of all their numbers need.

        Formulas with larger ones than are well read beside others are left.
        """
        ranges = np.flatnonzero(self._window >= 0)
        if not len(ranges):
            return
        numbers = np.full(len(self.kind), -1)
        kernels: list[tuple[Reduction, Omission | None]] = []
        for _, children, function, omission in groups:
            kernel = None if function is None else function.kernel
            if isinstance(kernel, Reduction):
                # What is combined does not depend on what becomes of it.
                if kernel.of_counts != "filled":
                    kernel = replace(kernel, of_counts="total")
                if (kernel, omission) not in kernels:
                    kernels.append((kernel, omission))
                numbers[children] = kernels.index((kernel, omission))
        windows = clipped(self._windows, self._grids)
        sizes = (windows.bottom - windows.top + 1) * (windows.right - windows.left + 1)
        is_large = sizes > self.columns.source.budget.limits.elements // _SHARE_OF_A_WINDOW
        self.leave(ranges[is_large & (numbers[ranges] >= 0)])
        for number, (kernel, omission) in enumerate(kernels):
            chosen = (numbers[ranges] == number) & ~is_large
            some = ranges[chosen]
            if not len(some):
                continue
            columns = self.columns if omission is None else self.columns.without(omission)
            cells = [SheetCells(columns.tables, sheet) for sheet in self._sheets]
            values, counts, errors = over_windows(
                kernel, windows.some(chosen), cells, self.columns.source.budget
            )
            self.values.numbers[some], self._counts[some] = values, counts
            failing = np.array([error is not None for error in errors.tolist()])
            self.values.kinds[some[failing]] = _ERROR
            self.values.objects[some[failing]] = errors[failing]

    def _reduce(
        self, nodes: Integers, children: Integers, function: Function, kernel: Reduction
    ) -> None:
        """Calculate a function of all numbers in cells, in windows and among single values."""
        self.columns.source.budget.run(children.size)
        kinds, origins = self.values.kinds[children], self.kind[children]
        numbers = self.values.numbers[children]
        is_window = self._is_window[children]
        is_cell = origins == AREA
        failing = kinds == _ERROR
        # A truth value counts where the formula spells it out, and is none of a cell.
        counted = (kinds == _FLOAT) | ((kinds == _BOOL) & ~is_cell & (origins != CALL))
        lost = ~(counted | failing | is_cell)
        if kernel.of_counts == "filled":
            counted, numbers = kinds != _BLANK, np.where(is_window, numbers, 1.0)
            lost = ~(counted | is_cell)
        with np.errstate(all="ignore"):
            totals, counts = kernel.prepared(np.where(counted & ~is_window, numbers, np.nan))
            totals = np.where(is_window, numbers, totals)
            counts = np.where(is_window, self._counts[children], counts)
            results = kernel.finished(kernel.combine.reduce(totals, axis=0), counts.sum(axis=0))
        untold = ~np.isfinite(results)
        if kernel.combine is np.multiply:
            untold |= powers_of(totals).sum(axis=0) > MOST_POWERS
        results[untold] = 0.0
        self.values.put(nodes, results)
        if not function.takes_errors:
            fails = np.flatnonzero(failing.any(axis=0))
            firsts = failing[:, fails].argmax(axis=0)
            self.values.copy(nodes[fails], children[firsts, fails])
            untold[fails] = False
        self.leave(nodes[untold | lost.any(axis=0)])


class _Part(Run):
    """An operation that is run for nodes; its cells are their children, by position."""

    __slots__ = ("_children", "_forest", "_nodes")

    def __init__(self, forest: _Forest, nodes: Integers, children: Integers) -> None:
        super().__init__(forest.columns, forest.places.some(forest.which[nodes]))
        self._forest = forest
        self._nodes = nodes
        self._children = children

    def cell(self, operation: Cell) -> Column:
        """The values of the children in one position; a constant is one for all nodes."""
        nodes = self._children[operation.area.left.value]
        column = self._forest.values.column(nodes)
        kinds = self._forest.kind[nodes]
        is_constant = kinds[0] in (NUMBER, TEXT) and (kinds == kinds[0]).all()
        return column.item(0) if is_constant and (column == column[0]).all() else column

    def some(self, chosen: Integers) -> "Run":
        """The same for some of the nodes."""
        return _Part(self._forest, self._nodes[chosen], self._children[:, chosen])

    def one_by_one(self, expression: Expression) -> Column:
        """Leave the formulas to the interpreter."""
        self._forest.leave(self._nodes)
        return np.zeros(self.shape)


def _argument(position: int) -> Area:
    """What stands for the child in a position: a cell that lies nowhere."""
    row, column = Axis(True, 0), Axis(True, position)
    return Area(None, row, column, row, column)


@functools.cache
def _unary(sign: str) -> Operation:
    return lowered(Unary(sign, _argument(0)))


@functools.cache
def _binary(sign: str) -> Operation:
    return lowered(Chain(_argument(0), ((sign, _argument(1)),)))


@functools.lru_cache(maxsize=1024)
def _called(name: str, given: tuple[int, ...]) -> Operation | None:
    """What a function does with single values that are given so; None where it takes others."""
    return _lowered(name, given, {})


def _call(name: str, given: Sequence[int], ranges: Mapping[int, Area]) -> Call:
    arguments: list[Expression] = []
    for position, how in enumerate(given):
        if how == _RANGE:
            arguments.append(ranges[position])
        else:
            arguments.append(Missing() if how == _LEFT_OUT else _argument(position))
    return Call(name, tuple(arguments))


def _lowered(name: str, given: Sequence[int], ranges: Mapping[int, Area]) -> Operation | None:
    operation = lowered(_call(name, given, ranges))
    for part in all_parts(operation):
        if _is_beyond(part) or (isinstance(part, Window) and part.area.is_cell):
            return None
    if isinstance(operation, Truths):
        return replace(operation, arguments=tuple(map(_as_given, operation.arguments, given)))
    return operation


def _as_given(cell: Operation, how: int) -> Operation:
    """What stands for a truth value that is no cell, or that may be one."""
    if how == _SPELLED_OUT:
        return Signed("+", cell)
    if how == _CALLED:
        return Chosen(Constant(Literal(True)), cell, cell)
    return cell


def _is_beyond(operation: Operation) -> bool:
    """Whether an operation needs more than its arguments, or its own place."""
    if isinstance(operation, Numbered):
        return operation.area is not None
    return isinstance(operation, Interpreted)
