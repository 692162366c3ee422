"""Tables: quantities side by side, by columns or by rows, with headings that follow from them.

A table runs along axes: `board.columns(down=epoch * point)` has a row for each point of each epoch
and a column for each quantity, `board.rows(across=threshold)` a column for each threshold and a row
for each quantity. A quantity with axes of its own takes several columns, or rows. Above the body a
table may have start lines, below it foot lines: a value or two in the column that they belong to.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from sheetlab.authoring.axes import Axes, Axis, axes_of
from sheetlab.authoring.formula import Formula, NameReference, read_formula
from sheetlab.authoring.placement import Item
from sheetlab.authoring.problems import AuthoringError
from sheetlab.authoring.quantities import Cell, Place, Quantity, count
from sheetlab.text import Text, bilingual

if TYPE_CHECKING:
    from sheetlab.authoring.board import Board, Region

Label = str | Text


class Table(Item):
    """A table of quantities, whichever way it runs.

    Positions inside of it are counted along (down in a table of columns) and across.
    """

    runs_down: bool

    def __init__(
        self,
        region: "Region",
        along: Axis | Axes | None,
        *,
        title: Label | None,
        number_format: str,
        labels: bool | Label | None,
        label_span: int,
        span: int,
        prefix: str,
        **placement: Any,
    ) -> None:
        super().__init__(**placement)
        self.region, self.along = region, axes_of(along)
        self.title = None if title is None else bilingual(title)
        self.number_format = number_format
        self.label_span, self.span, self.prefix = label_span, span, prefix
        self.quantities: list[Quantity] = []
        self.starts: list[Line] = []
        self.feet: list[Line] = []
        self._labels = labels
        self._group: Text | None = None

    @property
    def board(self) -> "Board":
        """The board that it stands on."""
        return self.region.board

    @property
    def panel_axes(self) -> tuple[Axis, ...]:
        """The axis along which the table is repeated, if it is."""
        return self.region.panel_axes

    # What a lesson says.

    @contextmanager
    def group(self, label: Label, *, prefix: str = "") -> Iterator[None]:
        """Put one heading over all quantities that are declared within.

        Their names begin with `prefix`, as those of a table that has one.
        """
        outer, self.prefix = self.prefix, self.prefix + prefix
        self._group = bilingual(label)
        try:
            yield
        finally:
            self._group, self.prefix = None, outer

    def quantity(
        self,
        name: str,
        label: Label,
        formula: str | Sequence[str],
        *,
        first: str | None = None,
        last: str | None = None,
        by: Axis | Axes | None = None,
        over: Axis | Axes | None = None,
        format: str | None = None,  # noqa: A002
        colour: Mapping[str, str] | None = None,
        shade: bool = False,
        helper: bool = False,
        once: bool = False,
        heading: Label | None = None,
        remark: Label | None = None,
        show_labels: bool = True,
    ) -> Quantity:
        """Declare a quantity that is calculated.

        Args:
            name: its name in formulas, in the workbook and in the reference.
            label: its heading, `"English|한국어"`.
            formula: `"= alpha + beta * x"`, or `"{= MMULT(a, b)}"` for an array formula; or a
                list of formulas, one for each place along the quantity's last axis.
            first: the formula where `formula` would reach beyond the first place of a table.
            last: the same beyond the last place.
            by: further axes, which the quantity runs along across the table.
            over: the first of the table's axes, where each value covers all of the others.
            format: the number format; by default the table's.
            colour: conditions under which a cell is coloured, such as `{"bad": "error > 1"}`.
            shade: shade the cells by their values, like pixels.
            helper: whether it is there for a chart only, and need not be read.
            once: in panels that run right, stand beside the labels of the first, for all panels.
            heading: what it is headed by, where that is not its label.
            remark: a note at the end of its row.
            show_labels: whether the labels of `by` are shown.

        Raises:
            AuthoringError: the name is taken or not legal, or the formula cannot be read.
        """
        return self._add(
            Quantity(
                self.prefix + name,
                bilingual(label),
                self,
                self.along if over is None else self._covered(name, over),
                axes_of(by),
                **self._formulas(name, formula),
                first=None if first is None else self._read(name, first),
                last=None if last is None else self._read(name, last),
                number_format=format or self.number_format,
                colour=colour or {},
                shade=shade,
                helper=helper,
                once=once,
                heading=None if heading is None else bilingual(heading),
                remark=None if remark is None else bilingual(remark),
                show_labels=show_labels,
            )
        )

    def input(
        self,
        field: str,
        label: Label | None = None,
        *,
        then: str | None = None,
        by: Axis | Axes | None = None,
        over: Axis | Axes | None = None,
        format: str | None = None,  # noqa: A002
        name: str | None = None,
        colour: Mapping[str, str] | None = None,
        shade: bool = False,
        once: bool = False,
        heading: Label | None = None,
        remark: Label | None = None,
        show_labels: bool = True,
    ) -> Quantity:
        """Declare a quantity whose values are those of an input of the lesson.

        With the formula `then`, which reaches back, the input gives only the values before it
        reaches: `then="= x.before(5)"` repeats the first five. The label is the input's by default.
        """
        return self._add(
            Quantity(
                field if name is None else self.prefix + name,
                bilingual(label) if label is not None else self.board.input_label(field),
                self,
                self.along if over is None else self._covered(field, over),
                axes_of(by),
                formula=None if then is None else self._read(field, then),
                field=field,
                number_format=format or self.number_format,
                colour=colour or {},
                shade=shade,
                once=once,
                heading=None if heading is None else bilingual(heading),
                remark=None if remark is None else bilingual(remark),
                show_labels=show_labels,
            )
        )

    def inputs(self, *fields: str, **look: Any) -> None:
        """Declare several inputs, one after the other, all as `input` is told with `look`."""
        for field in fields:
            self.input(field, **look)

    def count(
        self,
        name: str,
        label: Label,
        *,
        first: int = 1,
        over: Axis | Axes | None = None,
        format: str | None = None,  # noqa: A002
        heading: Label | None = None,
        colour: Mapping[str, str] | None = None,
    ) -> Quantity:
        """Declare the numbers of the places along the table, the first of them `first`."""
        function, offset = ("ROWS" if self.runs_down else "COLUMNS"), first - 1
        shift = f"{offset:+d}" if offset else ""
        formula = f"= {function}({name}.so_far){shift}"
        if over is not None:
            rest = count(self.along) // count(axes_of(over))
            formula = f"= ({function}({name}.so_far) - 1) / {rest} + {first}"
        counted = self.quantity(
            name,
            label,
            formula,
            over=over,
            format=format or "General",
            heading=heading,
            colour=colour,
        )
        counted.is_count = True
        return counted

    def shown(self, name: str, label: Label, *, of: str) -> Quantity:
        """Declare a text: the formula that stands in the cell `of` (`"alpha.at(2)"`)."""
        return self._add(
            Quantity(
                self.prefix + name, bilingual(label), self, self.along, (), shown_formula_of=of
            )
        )

    def start(self, label: Label | None = None) -> "Line":
        """A line between headings and body, for what a column starts from."""
        line = Line(self, "start", len(self.starts), label)
        self.starts.append(line)
        return line

    def foot(self, label: Label | None = None) -> "Line":
        """A line below the body, for what a column comes to."""
        line = Line(self, "foot", len(self.feet), label)
        self.feet.append(line)
        return line

    # Where its cells are.

    @property
    def label_axes(self) -> tuple[Axis, ...]:
        """The axes whose labels stand beside the body: those that have labels, unless told."""
        if self._labels is None:
            return self.along if all(axis.labels for axis in self.along) else ()
        return self.along if self._labels else ()

    @property
    def labels_heading(self) -> Text | None:
        """What the column of labels is headed by."""
        return bilingual(self._labels) if isinstance(self._labels, str | Text) else None

    @property
    def label_count(self) -> int:
        """How many columns of labels stand before the quantities, spans not counted."""
        return len(self.label_axes)

    @property
    def body(self) -> int:
        """How many places the table runs along."""
        return count(self.along)

    @property
    def breadth(self) -> int:
        """How many places its quantities take side by side, in each panel."""
        return sum(count(quantity.cross) for quantity in self.quantities if not quantity.once)

    @property
    def shared(self) -> int:
        """How many places the quantities take that stand once for all panels."""
        return sum(count(quantity.cross) for quantity in self.quantities if quantity.once)

    @property
    def label_columns(self) -> int:
        """How many columns of the sheet stand before the values: labels, and what stands once."""
        return self.label_count * self.label_span + self.shared * self.span

    def across(self, quantity: Quantity) -> int:
        """The first place of a quantity across the table; what stands once is before all others."""
        return quantity.offset - (self.shared if quantity.once else 0)

    def cell(self, quantity: Quantity, panel: tuple[int, ...], along: int, cross: int) -> Cell:
        """The cell of one value of a quantity of this table."""
        if quantity.place == "body":
            rest = self.body // count(quantity.along)
            place = len(self.starts) + along * rest
        elif quantity.place == "start":
            place = quantity.line
        else:
            place = len(self.starts) + self.body + quantity.line
        return self.position(panel, place, self.across(quantity) + cross)

    def position(self, panel: tuple[int, ...], along: int, across: int) -> Cell:
        """The cell at a place along and across the table, start lines counted with the body."""
        raise NotImplementedError

    def label_cell(self, quantity: Quantity, axis: Axis, places: Mapping[Axis, int]) -> Cell:
        """The cell that holds the label of a place on an axis, beside or above a quantity.

        Raises `AuthoringError` where the labels of the axis do not stand in this table.
        """
        panel = tuple(places[one] for one in self.panel_axes)
        if axis in quantity.cross and (quantity.above or quantity).show_labels:
            depth = quantity.cross.index(axis)
            path = heading_path(quantity.above or quantity)
            level = len(path) - len(quantity.cross) + depth
            across = _flat(quantity.cross, places, depth)
            return self._heading_cell(panel, level, self.across(quantity) + across)
        if axis in self.label_axes:
            depth = self.label_axes.index(axis)
            if isinstance(self, Columns) and self.region.shows_labels_once:
                panel = (0,) * len(panel)
            return self.place_cell(panel, depth, _flat(self.along, places, depth))
        raise AuthoringError(f"the labels of {axis.name} do not stand in this table")

    def _heading_cell(self, panel: tuple[int, ...], level: int, across: int) -> Cell:
        raise NotImplementedError

    def place_cell(self, panel: tuple[int, ...], depth: int, along: int) -> Cell:
        """The first cell of the label of a place along the table, on its `depth`-th axis."""
        raise NotImplementedError

    # How it comes about.

    def _read(self, name: str, formula: str) -> Formula:
        try:
            return read_formula(formula)
        except AuthoringError as error:
            raise AuthoringError(f"quantity '{name}': {error}") from None

    def _formulas(self, name: str, given: str | Sequence[str]) -> dict[str, Any]:
        if isinstance(given, str):
            return {"formula": self._read(name, given)}
        formulas = tuple(self._read(name, one) for one in given)
        return {"formula": formulas[0], "formulas": formulas}

    def _covered(self, name: str, over: Axis | Axes) -> tuple[Axis, ...]:
        axes = axes_of(over)
        if self.along[: len(axes)] != axes:
            known = " * ".join(axis.name for axis in self.along) or "none"
            raise AuthoringError(
                f"quantity '{name}': over= takes the first of the table's axes, which are {known}"
            )
        return axes

    def _add(self, quantity: Quantity) -> Quantity:
        quantity.group, quantity.prefix = self._group, self.prefix
        if quantity.once and not (self.runs_down and self.region.shows_labels_once):
            raise AuthoringError(
                f"quantity '{quantity.name}': once is for columns in panels with labels_once"
            )
        if quantity.remark is not None and self.runs_down:
            raise AuthoringError(f"quantity '{quantity.name}': a remark stands in tables of rows")
        quantity.offset = self.shared if quantity.once else self.breadth
        self.quantities.append(quantity)
        self.board.declare(quantity)
        return quantity


class Columns(Table):
    """A table that runs down, a column for each quantity."""

    runs_down = True
    column = Table.quantity

    @property
    def tiers(self) -> int:
        """How many lines of headings there are, the title among them."""
        paths = (len(heading_path(quantity)) for quantity in self.quantities)
        return int(self.title is not None) + max(paths, default=0)

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes."""
        rows = self.tiers + len(self.starts) + self.body + len(self.feet)
        return rows, self.label_columns + self.breadth * self.span

    def position(self, panel: tuple[int, ...], along: int, across: int) -> Cell:
        """The cell at a place along and across the table, start lines counted with the body."""
        top, left = self.region.origin(self, panel)
        return (
            top + self.tiers + along,
            left + self.label_columns + across * self.span,
        )

    def _heading_cell(self, panel: tuple[int, ...], level: int, across: int) -> Cell:
        top, _ = self.region.origin(self, panel)
        column = self.position(panel, 0, across)[1]
        return top + int(self.title is not None) + level, column

    def place_cell(self, panel: tuple[int, ...], depth: int, along: int) -> Cell:
        """The first cell of the label of a place along the table, on its `depth`-th axis."""
        _, left = self.region.origin(self, panel)
        row = self.position(panel, len(self.starts) + along, 0)[0]
        return row, left + depth * self.label_span


class Rows(Table):
    """A table that runs across, a row for each quantity."""

    runs_down = False
    row = Table.quantity

    @property
    def headings(self) -> int:
        """How many rows stand above the body: title and labels of the axes."""
        return int(self.title is not None) + len(self.label_axes)

    @property
    def label_count(self) -> int:
        """How many columns of labels stand before the values, spans not counted."""
        return max((len(heading_path(quantity)) for quantity in self.quantities), default=1)

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes."""
        values = len(self.starts) + self.body + len(self.feet)
        remark = int(any(quantity.remark for quantity in self.quantities))
        columns = self.label_columns + values * self.span + remark
        return self.headings + self.breadth, columns

    def position(self, panel: tuple[int, ...], along: int, across: int) -> Cell:
        """The cell at a place along and across the table, start lines counted with the body."""
        top, left = self.region.origin(self, panel)
        return (
            top + self.headings + across,
            left + self.label_columns + along * self.span,
        )

    def _heading_cell(self, panel: tuple[int, ...], level: int, across: int) -> Cell:
        if self.region.shows_labels_once:
            panel = (0,) * len(panel)
        _, left = self.region.origin(self, panel)
        return self.position(panel, 0, across)[0], left + level * self.label_span

    def place_cell(self, panel: tuple[int, ...], depth: int, along: int) -> Cell:
        """The first cell of the label of a place along the table, on its `depth`-th axis."""
        top, _ = self.region.origin(self, panel)
        column = self.position(panel, len(self.starts) + along, 0)[1]
        return top + int(self.title is not None) + depth, column


class Line:
    """One line across a table, above or below its body."""

    def __init__(self, table: Table, place: Place, number: int, label: Label | None) -> None:
        self.table, self.place, self.number = table, place, number
        self.label = None if label is None else bilingual(label)
        self.quantities: list[Quantity] = []

    def value(
        self,
        name: str,
        formula: str | Sequence[str],
        *,
        under: str | None = None,
        label: Label | None = None,
        first: str | None = None,
        last: str | None = None,
        format: str | None = None,  # noqa: A002
        colour: Mapping[str, str] | None = None,
    ) -> Self:
        """Declare a quantity in this line, in the column of the quantity `under`.

        By default that is the one quantity of the table that the formula names.
        """
        read, formulas = self.table._read, self.table._formulas(name, formula)
        above = self._only_column(name, formulas) if under is None else self._column(under)
        return self._add(
            Quantity(
                self.table.prefix + name,
                self._label(above, label),
                self.table,
                (),
                above.cross,
                **formulas,
                first=None if first is None else read(name, first),
                last=None if last is None else read(name, last),
                number_format=format or above.number_format,
                colour=colour or {},
            ),
            above,
        )

    def input(
        self,
        field: str,
        *,
        under: str,
        label: Label | None = None,
        then: str | None = None,
        format: str | None = None,  # noqa: A002
        name: str | None = None,
    ) -> Self:
        """Declare an input in this line, in the column of the quantity `under`."""
        above = self._column(under)
        return self._add(
            Quantity(
                field if name is None else self.table.prefix + name,
                self.table.board.input_label(field) if label is None else bilingual(label),
                self.table,
                (),
                above.cross,
                formula=None if then is None else self.table._read(field, then),
                field=field,
                number_format=format or above.number_format,
            ),
            above,
        )

    def _label(self, above: Quantity, label: Label | None) -> Text:
        if label is not None:
            return bilingual(label)
        if self.label is None:
            raise AuthoringError("a line without a label needs one for each of its quantities")
        en, ko = above.heading or above.label
        return Text(f"{en}: {self.label.en}", f"{ko}: {self.label.ko}")

    def _column(self, name: str) -> Quantity:
        for quantity in self.table.quantities:
            if quantity.name in (name, self.table.prefix + name) and not quantity.once:
                return quantity
        raise AuthoringError(f"the table has no quantity '{name}' to put a value above or below")

    def _only_column(self, name: str, formulas: Mapping[str, Any]) -> Quantity:
        every = formulas.get("formulas") or (formulas["formula"],)
        pieces = [piece for formula in every for piece in formula.pieces]
        named = {piece.name for piece in pieces if isinstance(piece, NameReference)}
        named |= {self.table.prefix + one for one in named}
        found = [one for one in self.table.quantities if one.name in named and not one.once]
        if len(found) != 1:
            of = " and ".join(f"'{one.name}'" for one in found) or "no quantity of its table"
            raise AuthoringError(f"'{name}' is made of {of}; say with under= which it stands under")
        return found[0]

    def _add(self, quantity: Quantity, above: Quantity) -> Self:
        quantity.place, quantity.line, quantity.offset = self.place, self.number, above.offset
        quantity.prefix = self.table.prefix
        quantity.above = above
        self.quantities.append(quantity)
        self.table.board.declare(quantity)
        return self


def _flat(axes: tuple[Axis, ...], places: Mapping[Axis, int], depth: int) -> int:
    """The first place of the product that has the given place on each axis up to `depth`."""
    flat = 0
    for number, axis in enumerate(axes):
        flat = flat * axis.size + (places[axis] if number <= depth else 0)
    return flat


def heading_path(quantity: Quantity) -> list[tuple[str, Text | float | None]]:
    """The headings of a quantity from the outermost in, without the labels of its own axes.

    Each is its kind and its text; the kinds tell a lesson's words from the labels of an axis.
    """
    path: list[tuple[str, Text | float | None]] = []
    if quantity.group is not None:
        path.append(("group", quantity.group))
    path.append(("label", quantity.heading or quantity.label))
    if quantity.show_labels:
        path += [("axis", None)] * len(quantity.cross)
    return path
