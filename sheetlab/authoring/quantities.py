"""A quantity: a named array over axes, declared once, and where its cells stand."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from sheetlab.authoring.axes import Axis
from sheetlab.authoring.formula import Formula
from sheetlab.authoring.problems import AuthoringError, nearest
from sheetlab.authoring.style import COLOURS
from sheetlab.files.address import is_name
from sheetlab.text import Text

if TYPE_CHECKING:
    from sheetlab.authoring.tables import Table

THIS = "this"  # what a quantity is called in its own formulas and conditions

Place = Literal["body", "start", "foot"]
Index = tuple[int, ...]
Cell = tuple[int, int]  # row and column, counted from 1


@dataclass(eq=False)
class Quantity:
    """A named array: its cells run along its table, and across it where it has axes of its own.

    `panel`, `along` and `cross` are its axes, in the order of the reference's dimensions. `formula`
    is in every cell that it reaches; where it reaches beyond the table, `first` or `last` is, or
    the values of the input `field`, in order. With several `formulas`, each place along the last
    axis has its own.
    """

    name: str
    label: Text
    table: "Table"
    along: tuple[Axis, ...]
    cross: tuple[Axis, ...]
    formula: Formula | None = None
    formulas: tuple[Formula, ...] = ()
    first: Formula | None = None
    last: Formula | None = None
    field: str | None = None
    shown_formula_of: str | None = None
    number_format: str = "General"
    colour: Mapping[str, str] = dataclasses.field(default_factory=dict)
    shade: bool = False
    helper: bool = False
    is_count: bool = False  # only numbers the places of its table
    once: bool = False  # in panels: before the first of them, for all
    place: Place = "body"
    line: int = 0  # which of the start or foot lines
    offset: int = 0  # columns of the table before it
    above: "Quantity | None" = None  # whose column a start or foot line has it in
    group: Text | None = None
    prefix: str = ""  # without which its formulas may name quantities
    heading: Text | None = None
    remark: Text | None = None
    show_labels: bool = True

    def __post_init__(self) -> None:
        if not is_name(self.name) or self.name == THIS:
            raise AuthoringError(
                f"'{self.name}' is no name for a quantity: small letters, digits and _,"
                " and nothing that looks like a cell"
            )
        names = [axis.name for axis in self.axes]
        if len(set(names)) < len(names):
            raise AuthoringError(
                f"quantity '{self.name}': two of its axes have the same name ({', '.join(names)})"
            )
        if self.formulas and self.sizes[-1:] != (len(self.formulas),):
            places = f"{self.sizes[-1]} places" if names else "no axis"
            raise AuthoringError(
                f"quantity '{self.name}' has {len(self.formulas)} formulas, but {places} for them"
            )
        for colour in self.colour:
            if colour not in COLOURS:
                raise AuthoringError(
                    f"quantity '{self.name}': there is no colour '{colour}'"
                    f"{nearest(colour, COLOURS) or '; there are ' + ', '.join(COLOURS)}"
                )

    @property
    def panel(self) -> tuple[Axis, ...]:
        """The axis that repeats it, if any."""
        return () if self.once else self.table.panel_axes

    @property
    def axes(self) -> tuple[Axis, ...]:
        """All axes, slowest first: the dimensions of the reference."""
        return (*self.panel, *self.along, *self.cross)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(axis.size for axis in self.axes)

    def formula_at(self, index: Index) -> Formula | None:
        """The formula of one cell, before it is known whether it reaches."""
        return self.formulas[index[-1]] if self.formulas else self.formula

    def indices(self) -> Iterator[Index]:
        """The index of every value, in the order of the reference."""
        return product(*(range(size) for size in self.sizes))

    def cell(self, index: Index) -> Cell:
        """The cell of one value (the first one, where it covers several)."""
        panels, alongs = len(self.panel), len(self.along)
        return self.table.cell(
            self,
            index[:panels],
            flatten(index[panels : panels + alongs], self.along),
            flatten(index[panels + alongs :], self.cross),
        )


def flatten(index: Index, axes: tuple[Axis, ...]) -> int:
    """The place of an index in the order of the axes' product."""
    flat = 0
    for position, axis in zip(index, axes, strict=True):
        flat = flat * axis.size + position
    return flat


def count(axes: tuple[Axis, ...]) -> int:
    """How many places the product of axes has."""
    places = 1
    for axis in axes:
        places *= axis.size
    return places
