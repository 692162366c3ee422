"""Where things stand on a board, told relative to one another."""

from collections.abc import Iterable
from typing import Union

from sheetlab.authoring.quantities import Quantity

# What something stands right of or below; a quantity stands for its table.
Other = Union["Item", Quantity]
Others = Other | Iterable[Other] | None


class Item:
    """Anything that takes a rectangle of cells: a table, a note, a chart, a row of panels.

    It stands at a fixed cell (`at`, where a slide fixes it), or right of and below others. Until
    the board is laid out it knows only that; then `top` and `left` are its first cell.
    """

    def __init__(
        self,
        *,
        at: str | None = None,
        right_of: Others = None,
        below: Others = None,
        gap: int = 1,
        beside: "Item | None" = None,
    ) -> None:
        self.at, self.gap = at, gap
        self.right_of, self.below = _items(right_of), _items(below)
        self.beside = beside
        self.top = self.left = 1

    def size(self) -> tuple[int, int]:
        """How many rows and columns it takes."""
        raise NotImplementedError

    def settle(self) -> None:
        """Lay out what stands in it, once it has its place; most items hold nothing else."""

    @property
    def bottom(self) -> int:
        """Its last row."""
        return self.top + self.size()[0] - 1

    @property
    def right(self) -> int:
        """Its last column."""
        return self.left + self.size()[1] - 1


def _items(given: Others) -> tuple[Item, ...]:
    if given is None:
        return ()
    others = (given,) if isinstance(given, Item | Quantity) else given
    return tuple(one.table if isinstance(one, Quantity) else one for one in others)
