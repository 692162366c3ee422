"""Random boards for the tests of the vocabulary, and what their cells are by NumPy.

A plan is plain data: tables of quantities on axes, each with an expression. It is said once in the
vocabulary, as formulas of names, and calculated once by NumPy, cell by cell: along an axis that the
cell has, a name is the value at the cell's place; along any other, all values.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from hypothesis import strategies as st

from sheetlab.authoring import Board, axis
from sheetlab.authoring.axes import Axes, Axis
from sheetlab.authoring.tables import Table
from sheetlab.inputs import LessonInputs, column

T = TypeVar("T")
Array = np.ndarray[Any, Any]
Index = Mapping[str, int]

BEYOND = 7  # what stands where a formula reaches beyond its table
AGGREGATES: Mapping[str, Callable[[Array], float]] = {
    "SUM": lambda values: float(values.sum()),
    "MAX": lambda values: float(values.max()),
    "AVERAGE": lambda values: float(values.mean()),
    "COUNT": lambda values: float(values.size),
}
HELD = ("before", "after", "so_far", "earlier", "onward", "later", "first", "last", "at", "all")
LACKED = ("first", "last", "at", "all")
OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
}


class BeyondError(Exception):
    """A name reaches beyond its table."""


class NoRangeError(Exception):
    """The cells that a name stands for are no single range."""


@dataclass(frozen=True)
class AxisPlan:
    """An axis, or the windows of another one: its name, size and stride."""

    name: str
    size: int
    over: str | None = None
    window: int = 0
    stride: int = 1


@dataclass(frozen=True)
class Name:
    """A name in a formula: its selectors by axis, and the cell's axes that its own are read along.

    A selector is its name and a number: `("before", 2)`.
    """

    quantity: "QuantityPlan"
    selectors: tuple[tuple[str, str, int], ...] = ()
    along: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The name as a lesson writes it."""
        parts = [f".along({own}, {cell})" for own, cell in self.along]
        parts += [
            f".{selector}({axis_name}, {number})"
            if selector in ("before", "after", "at")
            else f".{selector}({axis_name})"
            for axis_name, selector, number in self.selectors
        ]
        return self.quantity.name + "".join(parts)


@dataclass(frozen=True)
class Term:
    """What is read of one name, as it is or aggregated (`SUM`); `SUMPRODUCT` takes two names."""

    function: str | None
    names: tuple[Name, ...]

    def text(self) -> str:
        """The term as a lesson writes it."""
        names = ", ".join(name.text() for name in self.names)
        return names if self.function is None else f"{self.function}({names})"


@dataclass(frozen=True)
class Expression:
    """Terms, and the operators between them, calculated from the left in parentheses."""

    terms: tuple[Term, ...]
    operators: tuple[str, ...]

    def text(self) -> str:
        """The formula as a lesson writes it."""
        text = self.terms[0].text()
        for operator, term in zip(self.operators, self.terms[1:], strict=True):
            text = f"({text}) {operator} {term.text()}"
        return f"= {text}"


@dataclass(eq=False, repr=False)
class QuantityPlan:
    """A quantity: its axes, panel first, and its values or its expression."""

    name: str
    panel: tuple[str, ...]
    along: tuple[str, ...]
    cross: tuple[str, ...]
    table: "TablePlan"
    line: str | None = None
    under: str | None = None
    values: tuple[float, ...] = ()
    expression: Expression | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """All of its axes, in the order of the reference."""
        return (*self.panel, *self.along, *self.cross)


@dataclass(eq=False)
class TablePlan:
    """A table, by columns or by rows, in the panels or beside them."""

    runs_down: bool
    along: tuple[str, ...]
    span: int
    in_panels: bool
    quantities: list[QuantityPlan] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, repr=False)
class Plan:
    """A whole board."""

    axes: Mapping[str, AxisPlan]
    tables: tuple[TablePlan, ...]

    def __repr__(self) -> str:
        lines = [f"{name}: {plan}" for name, plan in self.axes.items()]
        for table in self.tables:
            lines.append(
                f"{'columns' if table.runs_down else 'rows'} along {table.along}, span {table.span}"
                + ", in panels along r" * table.in_panels
            )
            for one in table.quantities:
                said = one.values if one.expression is None else one.expression.text()
                where = f", {one.line} under {one.under}" if one.line else ""
                lines.append(f"    {one.name} over {one.along} by {one.cross}{where}: {said}")
        return "\n".join(lines)

    @property
    def quantities(self) -> list[QuantityPlan]:
        """Every quantity, in the order in which they are declared."""
        return [quantity for table in self.tables for quantity in table.quantities]

    def sizes(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """How many places each of the axes has."""
        return tuple(self.axes[name].size for name in names)

    # What it is by the vocabulary.

    def inputs(self) -> LessonInputs:
        """The values of the quantities that are given."""
        given = [quantity for quantity in self.quantities if quantity.expression is None]
        fields = [(one.name, tuple[float, ...], column(one.values, one.name)) for one in given]
        made = dataclasses.make_dataclass("Given", fields, bases=(LessonInputs,), frozen=True)
        inputs = made()
        assert isinstance(inputs, LessonInputs)
        return inputs

    def declare(self, board: Board) -> None:
        """Say all of it on a board: the tables of the panels first, the others beside them."""
        axes: dict[str, Axis] = {}
        for plan in self.axes.values():
            axes[plan.name] = (
                axis(plan.name, plan.size)
                if plan.over is None
                else axes[plan.over].windows(plan.window, name=plan.name, stride=plan.stride)
            )
        above: Any = None
        if any(table.in_panels for table in self.tables):
            with board.panels(axes["r"], runs="right", space=2) as panel:
                for table in self.tables:
                    if table.in_panels:
                        _declare_table(table, panel, axes, None)
            above = panel
        for table in self.tables:
            if not table.in_panels:
                above = _declare_table(table, board, axes, above)

    # What it is by NumPy.

    def arrays(self) -> dict[str, Array]:
        """The values of every quantity; raises `NoRangeError` where no formula could be."""
        found: dict[str, Array] = {}
        for quantity in self.quantities:
            sizes = self.sizes(quantity.axes)
            if quantity.expression is None:
                found[quantity.name] = np.array(quantity.values).reshape(sizes)
                continue
            values = np.full(sizes, np.nan)
            found[quantity.name] = values
            for places in itertools.product(*map(range, sizes)):
                here = dict(zip(quantity.axes, places, strict=True))
                try:
                    values[places] = self._value(quantity.expression, here, found)
                except BeyondError:
                    values[places] = BEYOND
        return found

    def _value(self, expression: Expression, here: Index, found: Mapping[str, Array]) -> float:
        # Names are looked up in the order of the formula: the first that cannot be decides.
        read = [[self._read(name, here, found) for name in term.names] for term in expression.terms]
        values = [
            _term_value(term, arrays) for term, arrays in zip(expression.terms, read, strict=True)
        ]
        total = values[0]
        for operator, value in zip(expression.operators, values[1:], strict=True):
            total = OPERATORS[operator](total, value)
        return total

    def _read(self, name: Name, here: Index, found: Mapping[str, Array]) -> Array:
        quantity, read = name.quantity, {}
        renamed, selectors = dict(name.along), {one[0]: one[1:] for one in name.selectors}
        for own in quantity.axes:
            size, place = self.axes[own].size, here.get(renamed.get(own, own))
            read[own] = range(size) if place is None else range(place, place + 1)
            for other, at in here.items():
                window = self.axes[other]
                if place is None and window.over == own:
                    read[own] = range(at * window.stride, at * window.stride + window.window)
            if own in selectors:
                read[own] = _selected(*selectors[own], place, size)
            if not read[own] or read[own].start < 0 or read[own].stop > size:
                raise BeyondError
        for axes in (quantity.panel, quantity.along, quantity.cross):
            order = np.arange(np.prod(self.sizes(axes), dtype=int)).reshape(self.sizes(axes))
            cells = order[np.ix_(*(read[one] for one in axes))].ravel() if axes else np.arange(1)
            is_broken = cells[-1] - cells[0] + 1 != len(cells)
            if is_broken or (axes == quantity.panel and len(cells) > 1):
                raise NoRangeError
        whole = found[quantity.name]
        return whole[np.ix_(*(read[one] for one in quantity.axes))] if quantity.axes else whole


def _selected(selector: str, number: int, place: int | None, size: int) -> range:
    here = 0 if place is None else place
    ranges = {
        "before": range(here - number, here - number + 1),
        "after": range(here + number, here + number + 1),
        "so_far": range(here + 1),
        "earlier": range(here),
        "onward": range(here, size),
        "later": range(here + 1, size),
        "first": range(1),
        "last": range(size - 1, size),
        "at": range(number - 1, number),
        "all": range(size),
    }
    return ranges[selector]


def _term_value(term: Term, arrays: list[Array]) -> float:
    if term.function is None:
        return float(arrays[0].item())
    if term.function == "SUMPRODUCT":
        return float(np.sum(arrays[0] * arrays[1]))
    return AGGREGATES[term.function](arrays[0])


def _declare_table(
    plan: TablePlan, region: Any, axes: Mapping[str, Axis], above: Table | None
) -> Table:
    make = region.columns if plan.runs_down else region.rows
    table: Table = make(_product(plan.along, axes), span=plan.span, below=above)
    lines: dict[str, Any] = {}
    for quantity in plan.quantities:
        expression = quantity.expression
        if quantity.line is not None:
            assert expression is not None
            if quantity.line not in lines:
                lines[quantity.line] = getattr(table, quantity.line)(quantity.line)
            lines[quantity.line].value(
                quantity.name,
                expression.text(),
                under=quantity.under,
                first=f"= {BEYOND}",
                last=f"= {BEYOND}",
            )
        elif expression is None:
            table.input(
                quantity.name,
                by=_product(quantity.cross, axes),
                over=_product(quantity.along, axes),
            )
        else:
            table.quantity(
                quantity.name,
                quantity.name,
                expression.text(),
                by=_product(quantity.cross, axes),
                over=_product(quantity.along, axes),
                first=f"= {BEYOND}",
                last=f"= {BEYOND}",
            )
    return table


def _product(names: tuple[str, ...], axes: Mapping[str, Axis]) -> Axes | None:
    return Axes(tuple(axes[name] for name in names)) if names else None


class Draw(Protocol):
    """What draws from a strategy."""

    def __call__(self, strategy: st.SearchStrategy[T]) -> T: ...


@st.composite
def plans(draw: Draw) -> Plan:
    """Boards of two or three tables, with up to four quantities each.

    The first is likely to run along `i`, the others along the windows on it, `w`.
    """
    sizes = st.sampled_from((3, 2, 1, 3, 4))
    axes = {name: AxisPlan(name, draw(sizes)) for name in ("r", "i", "j", "k")}
    size = min(draw(st.sampled_from((2, 1, 3))), axes["i"].size)
    stride = draw(st.integers(1, 2))
    places = (axes["i"].size - size) // stride + 1
    axes["w"] = AxisPlan("w", places, "i", size, stride)
    tables: list[TablePlan] = []
    known: list[QuantityPlan] = []
    has_panels = draw(st.booleans())
    for number in range(draw(st.integers(2, 3))):
        names = [*draw(st.permutations(("i", "j", "k", "w")))]
        likely = "w" if number else "i"
        if draw(st.booleans()):
            names = [likely, *(name for name in names if name != likely)]
        along = tuple(names[: draw(st.integers(0, 2))])
        table = TablePlan(
            draw(st.booleans()), along, draw(st.sampled_from((1, 1, 2))), has_panels and number == 0
        )
        tables.append(table)
        for quantity in _drawn_quantities(draw, table, names[len(along) :], axes, known):
            table.quantities.append(quantity)
            known.append(quantity)
    return Plan(axes, tuple(tables))


def _drawn_quantities(
    draw: Draw,
    table: TablePlan,
    free: list[str],
    axes: Mapping[str, AxisPlan],
    known: list[QuantityPlan],
) -> Iterator[QuantityPlan]:
    panel = ("r",) if table.in_panels else ()
    bodies: list[QuantityPlan] = []
    for _ in range(draw(st.integers(1, 4))):
        name, line = f"q_{len(known)}", None
        if bodies and draw(st.integers(0, 3)) == 0:
            line = draw(st.sampled_from(("start", "foot")))
        if line is not None:
            under = draw(st.sampled_from(bodies))
            taken = [(one.line, one.under) for one in table.quantities]
            if (line, under.name) in taken:
                continue
            quantity = QuantityPlan(name, panel, (), under.cross, table, line, under.name)
        else:
            covered = draw(st.integers(1, len(table.along))) if table.along else 0
            cross = tuple(free[: draw(st.integers(0, 1))])
            quantity = QuantityPlan(name, panel, table.along[:covered], cross, table)
            bodies.append(quantity)
        if line is None and (not known or draw(st.integers(0, 2)) == 0):
            count = int(np.prod([axes[one].size for one in quantity.axes], dtype=int))
            values = st.lists(st.integers(-9, 9), min_size=count, max_size=count)
            quantity.values = tuple(map(float, draw(values)))
        else:
            quantity.expression = _drawn_expression(draw, quantity, axes, known)
        yield quantity


def _drawn_expression(
    draw: Draw, target: QuantityPlan, axes: Mapping[str, AxisPlan], known: list[QuantityPlan]
) -> Expression:
    terms = [_drawn_term(draw, target, axes, known)]
    terms += [_drawn_term(draw, target, axes, known) for _ in range(draw(st.integers(0, 2)))]
    if target.axes and draw(st.integers(0, 3)) == 0:
        # What it was a place before, as in a recurrence.
        steps = tuple(
            (one, "before", draw(st.integers(1, 2))) for one in [draw(st.sampled_from(target.axes))]
        )
        terms.append(Term(None, (Name(target, steps),)))
    operators = tuple(draw(st.sampled_from(sorted(OPERATORS))) for _ in terms[1:])
    return Expression(tuple(terms), operators)


def _drawn_term(
    draw: Draw, target: QuantityPlan, axes: Mapping[str, AxisPlan], known: list[QuantityPlan]
) -> Term:
    name = _drawn_name(draw, draw(st.sampled_from(known)), target, axes)
    other = draw(st.sampled_from(known))
    alike = (other.table, other.along, other.cross, other.line) == (
        name.quantity.table,
        name.quantity.along,
        name.quantity.cross,
        name.quantity.line,
    )
    if alike and draw(st.booleans()):
        return Term("SUMPRODUCT", (name, dataclasses.replace(name, quantity=other)))
    chosen = {
        one[0] for one in name.selectors if one[1] in ("before", "after", "first", "last", "at")
    }
    chosen |= {own for own, _ in name.along}
    chosen |= {
        one for one in target.axes if one not in {selected[0] for selected in name.selectors}
    }
    if set(name.quantity.axes) <= chosen and draw(st.booleans()):
        return Term(None, (name,))
    return Term(draw(st.sampled_from(sorted(AGGREGATES))), (name,))


def _drawn_name(
    draw: Draw, quantity: QuantityPlan, target: QuantityPlan, axes: Mapping[str, AxisPlan]
) -> Name:
    selectors: list[tuple[str, str, int]] = []
    along: list[tuple[str, str]] = []
    for own in quantity.axes:
        held = own in target.axes
        others = [
            one
            for one in target.axes
            if not held and one not in quantity.axes and axes[one].size == axes[own].size
        ]
        if len(others) > 0 and draw(st.booleans()):
            along.append((own, draw(st.sampled_from(others))))
        elif draw(st.booleans()):
            selector = draw(st.sampled_from(HELD if held else LACKED))
            selectors.append((own, selector, draw(st.integers(1, axes[own].size))))
    return Name(quantity, tuple(selectors), tuple(along))
