"""The board: what a lesson writes on, and how it is laid out.

A lesson declares tables, panels, notes and charts in the order in which one would explain them.
Nothing has an address until all is declared; then the board is laid out, and every formula becomes
a plain one of addresses.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, TypeVar

from openpyxl.utils import range_boundaries

from sheetlab.authoring.axes import Axes, Axis
from sheetlab.authoring.drawing import ChartItem, Drawn
from sheetlab.authoring.placement import Item
from sheetlab.authoring.problems import AuthoringError, nearest
from sheetlab.authoring.quantities import Quantity
from sheetlab.authoring.tables import Columns, Label, Rows, Table
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.text import Text, bilingual

AnyItem = TypeVar("AnyItem", bound=Item)

DEFAULT_WIDTH = 9.0  # of a column in which nothing stands, in characters


@dataclass(frozen=True)
class Words:
    """What a lesson says around its example: shown in the strip."""

    title: Text
    equation: Text
    to_try: tuple[Text, ...]


class Note(Item):
    """Running text over a rectangle of cells."""

    def __init__(
        self, region: "Region", text: Text, width: float | Item, rows: int | None, **where: Any
    ):
        super().__init__(**where)
        self.region, self.text, self.width, self.rows = region, text, width, rows

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes."""
        return self.rows or 1, self.region.board.columns_over(self.width, self.left)


class Strip(Item):
    """Title, equation, things to try and links, at the head of the board or beside a table."""

    def __init__(self, region: "Region", width: float | None, **where: Any):
        super().__init__(**where)
        self.region, self.width = region, width

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes: title, equation, a line a thing to try, links."""
        board = self.region.board
        lines = 3 + len(board.words.to_try)
        width = self.width
        return lines, (
            max(board.used_columns, 6) if width is None else board.columns_over(width, self.left)
        )


class Legend(Item):
    """What an input and a formula look like."""

    def __init__(self, region: "Region", span: int, **where: Any):
        super().__init__(**where)
        self.region, self.span = region, span

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes."""
        return 2, self.span


class Region:
    """A part of a board on which things are declared: the board itself, or one panel of many."""

    board: "Board"
    panel_axes: tuple[Axis, ...] = ()

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._stack: _Stack | None = None

    def columns(
        self,
        down: Axis | Axes | None = None,
        *,
        title: Label | None = None,
        format: str = "General",  # noqa: A002
        labels: bool | Label | None = None,
        label_span: int = 1,
        span: int = 1,
        prefix: str = "",
        **where: Any,
    ) -> Columns:
        """A table with a row for each place of `down` (one row without it), by columns.

        Args:
            down: the axes that it runs along.
            title: a heading over the whole table.
            format: the number format of its quantities, unless they say otherwise.
            labels: whether the labels of `down` stand at the left, by default where it has any;
                a text is the heading of these labels.
            label_span: how many columns of the sheet each label covers.
            span: how many columns of the sheet each value covers.
            prefix: what the names of its quantities begin with, those of inputs aside; within the
                table, a name without it means the table's own quantity first.
            where: `at`, `right_of`, `below`, `beside`, `gap`.
        """
        return self._place(
            Columns(
                self,
                down,
                title=title,
                number_format=format,
                labels=labels,
                label_span=label_span,
                span=span,
                prefix=prefix,
                **where,
            )
        )

    def rows(
        self,
        across: Axis | Axes | None = None,
        *,
        title: Label | None = None,
        format: str = "General",  # noqa: A002
        labels: bool | Label | None = None,
        label_span: int = 1,
        span: int = 1,
        prefix: str = "",
        **where: Any,
    ) -> Rows:
        """A table with a column for each place of `across` (one column without it), by rows.

        The arguments are those of `columns`; `labels` stand above.
        """
        return self._place(
            Rows(
                self,
                across,
                title=title,
                number_format=format,
                labels=labels,
                label_span=label_span,
                span=span,
                prefix=prefix,
                **where,
            )
        )

    def note(
        self,
        text: Label,
        *,
        width: float | Item = 56,
        rows: int | None = None,
        slide_only: bool = False,
        **where: Any,
    ) -> Note:
        """Running text; `{name}` in it becomes an address.

        `width` is in characters of the sheet, or a table that it is as wide as.

        With `slide_only` it stands only where the inputs are those of the slide.
        """
        shown = "" if slide_only and not self.board.is_the_slide else text
        return self._place(Note(self, bilingual(shown), width, rows, **where))

    def chart(
        self,
        title: Label,
        *series: Drawn,
        over: str | None = None,
        x: Label | None = None,
        y: Label | None = None,
        width: float | Item | None = None,
        rows: int | None = None,
        **options: Any,
    ) -> ChartItem:
        """A chart of quantities.

        Args:
            title: what it shows.
            series: what is drawn: `line("alpha")`, `dots("y", over="x")`, `bars("gain")`.
            over: the quantity on the x axis, for series that do not name their own; by default
                the numbers of the places (`count`) in the table of what is drawn. Where these are
                on the x axis, ticks stand at whole numbers only.
            x, y: titles of the axes; by default the labels of what is drawn.
            width: in characters of the sheet, or a table that it is as wide as; by default as
                wide as a chart above.
            rows: how many rows of the sheet it covers; by default as many as a chart at its left
                or above.
            options: where it stands (`right_of`, `below`, `gap`), and what `Chart` can be told,
                such as `x_range`, `y_range`, `y_log`.
        """
        where = {
            key: options.pop(key)
            for key in ("at", "right_of", "below", "gap", "beside")
            if key in options
        }
        return self._place(
            ChartItem(
                self,
                bilingual(title),
                series,
                over=over,
                x=None if x is None else bilingual(x),
                y=None if y is None else bilingual(y),
                width=width,
                rows=rows,
                options=options,
                **where,
            )
        )

    def legend(self, *, span: int = 3, **where: Any) -> Legend:
        """What an input and a formula look like, two lines over `span` columns."""
        return self._place(Legend(self, span, **where))

    @property
    def shows_labels_once(self) -> bool:
        """Whether only the first of several panels shows the labels of its tables."""
        return False

    def panels_shown(self) -> Iterator[tuple[int, ...]]:
        """The index of every panel; the empty one on the board itself."""
        return product(*(range(axis.size) for axis in self.panel_axes))

    def origin(self, item: Item, panel: tuple[int, ...]) -> tuple[int, int]:
        """The first cell of a table or chart of this region, in the panel of that number."""
        return item.top, item.left

    def lay_out(self, first_row: int, first_column: int) -> None:
        """Give every item its place; those without any go below all that is there."""
        bottom = first_row - 2
        for item in self.items:
            item.top, item.left = first_row, first_column
            item.settle()
            if item.at is not None:
                left, top, _, _ = range_boundaries(item.at)
                item.top, item.left = top or 1, left or 1
            elif item.beside is not None:
                item.left = item.beside.right + 1 + item.gap
                higher = max(lead(item) - lead(item.beside), 0)
                item.beside.top += higher
                item.beside.settle()
                bottom = max(bottom, item.beside.bottom)
                item.top = item.beside.top + lead(item.beside) - lead(item)
            else:
                if item.right_of:
                    item.left = max(one.right for one in item.right_of) + 1 + item.gap
                    item.top = min(one.top for one in item.right_of)
                if item.below:
                    item.top = max(one.bottom for one in item.below) + 1 + item.gap
                    if not item.right_of:
                        item.left = min(one.left for one in item.below)
                if not item.right_of and not item.below:
                    item.top = bottom + 1 + item.gap
            item.settle()
            bottom = max(bottom, item.bottom)

    @contextmanager
    def stack(self, **where: Any) -> Iterator[None]:
        """Put what is declared within one below the other, the first where `where` says.

        What is told where it stands itself is no part of the stack. Charts are as wide as the
        strip or the chart that the stack begins with, unless told.
        """
        self._stack = _Stack(where)
        try:
            yield
        finally:
            self._stack = None

    def _place(self, item: AnyItem) -> AnyItem:
        self.items.append(item)
        if self._stack is not None:
            self._stack.put(item)
        return item


class _Stack:
    """Items of a board that stand one below the other."""

    def __init__(self, where: dict[str, Any]) -> None:
        self._place = Item(**where)
        self._items: list[Item] = []

    def put(self, item: Item) -> None:
        """Place an item below those before it, unless it has a place."""
        if item.at is not None or item.right_of or item.below or item.beside is not None:
            return
        first = self._items[0] if self._items else None
        item.right_of = self._place.right_of
        item.below = self._place.below if first is None else (self._items[-1],)
        if isinstance(item, ChartItem) and item.width is None and isinstance(first, _WIDE):
            item.width = first
        self._items.append(item)


_WIDE = (Strip, ChartItem)


def lead(item: Item) -> int:
    """How many rows of a table stand above its body."""
    if isinstance(item, Columns):
        return item.tiers + len(item.starts)
    if isinstance(item, Panels):
        return item.items[0].top - item.top + lead(item.items[0])
    return item.headings if isinstance(item, Rows) else 0


class Panels(Region, Item):
    """A group of tables that is repeated along an axis, such as the rounds of k-means.

    Every quantity declared in it has that axis, before all others.
    """

    def __init__(
        self,
        board: "Board",
        along: Axis,
        *,
        runs_down: bool,
        labels_once: bool,
        space: int,
        **where: Any,
    ) -> None:
        Region.__init__(self)
        Item.__init__(self, **where)
        self.board, self.panel_axes = board, (along,)
        self.runs_down, self.labels_once, self.space = runs_down, labels_once, space
        self.stride, self._size = 0, (0, 0)

    @property
    def shows_labels_once(self) -> bool:
        """Whether only the first of several panels shows the labels of its tables."""
        return self.labels_once

    def settle(self) -> None:
        """Lay out the first panel where the panels stand, and find how far the next one is."""
        self.lay_out(self.top, self.left)
        once = self.shared_labels if self.labels_once else 0
        for item in self.items:
            # A chart stands with the values, which every panel has.
            if isinstance(item, ChartItem) and item.left == self.left:
                item.left += once
        rows = max(item.bottom for item in self.items) - self.top + 1
        columns = max(item.right for item in self.items) - self.left + 1
        self.stride = (rows if self.runs_down else columns - once) + self.space
        extent = (self.panel_axes[0].size - 1) * self.stride
        self._size = (rows + extent, columns) if self.runs_down else (rows, columns + extent)

    def size(self) -> tuple[int, int]:
        """How many rows and columns all panels take."""
        return self._size

    @property
    def shared_labels(self) -> int:
        """How many columns of labels the first panel has for all."""
        return max(
            (
                item.label_columns
                for item in self.items
                if isinstance(item, Table) and item.left == self.left
            ),
            default=0,
        )

    def origin(self, item: Item, panel: tuple[int, ...]) -> tuple[int, int]:
        """The first cell of a table or chart of this region, in the panel of that number."""
        shift = panel[0] * self.stride if panel else 0
        if self.runs_down:
            return item.top + shift, item.left
        return item.top, item.left + shift


class Board(Region):
    """What a lesson is written on: a sheet before it has addresses."""

    def __init__(self, inputs: LessonInputs, words: Words) -> None:
        super().__init__()
        self.board = self
        self.inputs, self.words = inputs, words
        self.quantities: dict[str, Quantity] = {}
        self.frozen: Item | None = None
        self.widths: dict[int, float] = {}
        self.used_columns = 1
        self.head: Strip | None = None
        self._strip: Strip | None = None

    @property
    def is_the_slide(self) -> bool:
        """Whether the inputs are those of the slide."""
        return self.inputs == type(self.inputs)()

    def strip(self, *, width: float = 90, **where: Any) -> Strip:
        """Where title, equation, things to try and links stand; by default above everything."""
        self._strip = self._place(Strip(self, width, **where))
        return self._strip

    @contextmanager
    def panels(
        self,
        along: Axis,
        *,
        runs: str = "down",
        labels_once: bool = False,
        space: int = 1,
        **where: Any,
    ) -> Iterator[Panels]:
        """Repeat what is declared within along an axis, downward or to the right.

        With `labels_once`, panels that run right have the labels of their tables only at the left
        of the first. `space` rows or columns lie between them.
        """
        if runs not in ("down", "right"):
            raise AuthoringError("panels run down or right")
        panels = Panels(
            self, along, runs_down=runs == "down", labels_once=labels_once, space=space, **where
        )
        yield panels
        self._place(panels)

    def freeze(self, table: Table) -> None:
        """Keep the headings of a table in sight."""
        self.frozen = table

    def declare(self, quantity: Quantity) -> None:
        """Take note of a quantity; raises `AuthoringError` where the name is taken."""
        if quantity.name in self.quantities:
            raise AuthoringError(f"quantity '{quantity.name}' is declared twice")
        self.quantities[quantity.name] = quantity

    def input_label(self, field: str) -> Text:
        """The label of an input; raises `AuthoringError` where there is no such input."""
        known = constraints(self.inputs)
        if field not in known:
            close = nearest(field, known) or f"; the inputs are {', '.join(known)}"
            raise AuthoringError(f"there is no input '{field}'{close}")
        return known[field].label

    def input_values(self, field: str) -> tuple[Any, ...]:
        """The values of an input, in the order of its cells."""
        return self.inputs.values(field)

    def input_cells(self, quantity: Quantity) -> int:
        """How many of a quantity's cells hold values of its input."""
        if quantity.field is None:
            raise AuthoringError(f"'{quantity.name}' is no input")
        return len(self.input_values(quantity.field))

    def columns_over(self, width: float | Item, start: int) -> int:
        """How many columns from `start` on are as wide as `width`: characters, or another item."""
        if isinstance(width, Item):
            return max(width.right - start + 1, 1)
        columns, covered = 0, 0.0
        while covered < width - 0.5:
            covered += self.widths.get(start + columns, DEFAULT_WIDTH)
            columns += 1
        return max(columns, 1)

    def all_items(self) -> Iterator[Item]:
        """Every item, those of panels once."""
        for item in self.items:
            if isinstance(item, Panels):
                yield from item.items
            else:
                yield item

    def arrange(self, measure: Callable[["Board"], Mapping[int, float]]) -> None:
        """Lay everything out; `measure` says how wide each column then has to be.

        What spans columns depends on their widths, and these on what stands where, so it is done
        until nothing moves any more.
        """
        fixed = any(item.at is not None for item in self.items)
        if self._strip is None and not fixed:
            self._strip = Strip(self, None)
        self.head = self._strip if self._strip is not None and self._strip.width is None else None
        seen: list[Mapping[int, float]] = []
        while self.widths not in seen and len(seen) < 6:
            seen.append(dict(self.widths))
            first_row = 1 + (self.head.size()[0] + 1 if self.head else 0)
            self.lay_out(first_row, 1)
            self.used_columns = max(item.right for item in self.items)
            self.widths = dict(measure(self))
        self._require_room()

    def _require_room(self) -> None:
        """Raise `AuthoringError` where two things that take cells stand on the same ones."""
        items = [item for item in self.items if not isinstance(item, ChartItem)]
        for one, other in combinations(items, 2):
            if (
                one.left <= other.right
                and other.left <= one.right
                and one.top <= other.bottom
                and other.top <= one.bottom
            ):
                raise AuthoringError(f"{_described(one)} and {_described(other)} overlap")


def _described(item: Item) -> str:
    """An item as its author knows it."""
    kind = type(item).__name__.lower()
    if isinstance(item, Table) and item.quantities:
        return f"the table of '{item.quantities[0].name}'"
    if isinstance(item, Panels):
        return f"the panels along {item.panel_axes[0].name}"
    if isinstance(item, Note):
        return f"the note “{item.text.en[:30]}…”"
    return f"the {kind}"
