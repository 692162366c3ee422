"""What a name in a formula stands for, in one cell: broadcasting by the names of axes.

Along an axis that the cell has too, a quantity stands for its value at the same place; along an
axis that the cell lacks, for all of its values. An axis of windows stands for the window on the
axis that it looks at. Selectors then move, narrow or widen this, and the cells that are left must
be one rectangle of the sheet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from openpyxl.utils import get_column_letter

from sheetlab.authoring.axes import Axis
from sheetlab.authoring.formula import NameReference, Selector
from sheetlab.authoring.problems import AuthoringError, BeyondTableError, nearest
from sheetlab.authoring.quantities import THIS, Quantity, count

Bounds = tuple[int, int, int, int]  # first row, first column, last row, last column

# What is read, from the cell's place (0 where it has none) and from how many places there are.
Choice = Callable[[int, int], range]


@dataclass(frozen=True)
class Here:
    """The cell in which a name is read: its place on each axis that it has.

    In an array formula only the panel counts, and every other axis is read as a whole.
    """

    places: Mapping[Axis, int]
    quantity: Quantity | None = None


NOWHERE = Here({})


@dataclass
class _Group:
    """Axes that run one after another in one direction of the sheet, and what of them is read."""

    axes: tuple[Axis, ...]
    chosen: dict[Axis, range]
    held: set[Axis]
    flat: range | None = None

    @property
    def is_held(self) -> bool:
        """Whether the cell has a place on every one of the axes."""
        return bool(self.axes) and all(axis in self.held for axis in self.axes)

    @property
    def is_free(self) -> bool:
        """Whether the cell lacks one of the axes."""
        return any(axis not in self.held for axis in self.axes)

    def positions(self) -> range:
        """The places that are read, in the order of the axes' product."""
        if self.flat is not None:
            return self.flat
        places = [0]
        for axis in self.axes:
            chosen = self.chosen[axis]
            places = [place * axis.size + index for place in places for index in chosen]
        if places != list(range(places[0], places[0] + len(places))):
            names = " and ".join(axis.name for axis in self.axes)
            raise AuthoringError(f"its cells along {names} do not stand together")
        return range(places[0], places[-1] + 1)


def bounds_of(
    reference: NameReference, quantities: Mapping[str, Quantity], here: Here
) -> tuple[Bounds, Quantity]:
    """The rectangle of cells that a reference stands for here, and the quantity that it names.

    The name of an axis stands for the label of the cell's place on it.

    Raises `BeyondTableError` where it reaches beyond the table, `AuthoringError` for a name that
    is not there, and for what is no single rectangle.
    """
    quantity = quantity_named(reference.name, quantities, here.quantity)
    if quantity is None:
        axis = next((axis for axis in here.places if axis.name == reference.name), None)
        if axis is None or here.quantity is None:
            known = [*quantities, *(axis.name for axis in here.places)]
            raise AuthoringError(
                f"there is no quantity '{reference.name}'{nearest(reference.name, known)}"
            )
        if reference.selectors:
            raise AuthoringError(f"`{reference.text}`: an axis stands for a label, select nothing")
        row, column = here.quantity.table.label_cell(here.quantity, axis, here.places)
        return (row, column, row, column), here.quantity
    try:
        return _rectangle(quantity, _select(quantity, reference.selectors, here)), quantity
    except AuthoringError as error:
        error.args = (f"`{reference.text}`: {error}",)
        raise


def quantity_named(
    name: str, quantities: Mapping[str, Quantity], user: Quantity | None
) -> Quantity | None:
    """The quantity that a formula of `user` names: first one that begins with the user's prefix.

    `this` is the user itself.
    """
    if name == THIS and user is not None:
        return user
    prefix = "" if user is None else user.prefix
    return quantities.get(prefix + name) or quantities.get(name)


def address(bounds: Bounds, fixed_row: bool = False, fixed_column: bool = False) -> str:
    """The address of a rectangle: `E4`, `$C$4:$C$8`."""
    top, left, bottom, right = bounds
    row, column = "$" * fixed_row, "$" * fixed_column
    first = f"{column}{get_column_letter(left)}{row}{top}"
    if (top, left) == (bottom, right):
        return first
    return f"{first}:{column}{get_column_letter(right)}{row}{bottom}"


def _select(quantity: Quantity, selectors: tuple[Selector, ...], here: Here) -> list[_Group]:
    renamed = _renamed(quantity, selectors, here)
    groups = [
        _group(axes, here, renamed) for axes in (quantity.panel, quantity.along, quantity.cross)
    ]
    for selector in selectors:
        if selector.name == "input":
            _only_input(quantity, groups)
        elif selector.name != "along":
            _apply(selector, groups)
    return groups


def _renamed(quantity: Quantity, selectors: tuple[Selector, ...], here: Here) -> dict[Axis, Axis]:
    """Which axis of the cell an axis of the quantity is read along, where it is another one."""
    found: dict[Axis, Axis] = {}
    for selector in selectors:
        if selector.name != "along":
            continue
        if not selector.axes:
            raise AuthoringError(".along needs the axis of the cell that is read along")
        old, new = selector.axes[0] if len(selector.axes) > 1 else None, selector.axes[-1]
        new_axis = next((axis for axis in here.places if axis.name == new), None)
        if new_axis is None:
            known = [axis.name for axis in here.places]
            raise AuthoringError(f"the cell has no axis '{new}'{nearest(new, known)}")
        fitting = [
            axis
            for axis in quantity.axes
            if (axis.size == new_axis.size if old is None else axis.name == old)
        ]
        if len(fitting) != 1:
            raise AuthoringError(
                f"say which axis of '{quantity.name}' is read along {new}: .along(axis, {new})"
            )
        found[fitting[0]] = new_axis
    return found


def _group(axes: tuple[Axis, ...], here: Here, renamed: Mapping[Axis, Axis]) -> _Group:
    chosen, held = {}, set()
    for axis in axes:
        place = here.places.get(renamed.get(axis, axis))
        windows = [
            (own, at)
            for own, at in here.places.items()
            if own.window is not None and own.window.over is axis
        ]
        if place is not None:
            _require_within(axis.name, place, place + 1, axis.size)
            chosen[axis] = range(place, place + 1)
            held.add(axis)
        elif windows:
            if len(windows) > 1:
                names = " and ".join(own.name for own, _ in windows)
                raise AuthoringError(f"both {names} are windows of {axis.name} in this cell")
            own, at = windows[0]
            window = own.window
            assert window is not None
            start, size = window.start(at), window.size
            if window.within is not None and window.within in here.places:
                start, size = start + here.places[window.within], 1
            _require_within(axis.name, start, start + size, axis.size)
            chosen[axis] = range(start, start + size)
        else:
            chosen[axis] = range(axis.size)
    return _Group(axes, chosen, held)


def _apply(selector: Selector, groups: list[_Group]) -> None:
    axis = selector.axes[0] if selector.axes else None
    number = selector.number
    step = 1 if number is None else number
    match selector.name:
        case "before":
            _choose(groups, axis, "held", lambda here, size: range(here - step, here - step + 1))
        case "after":
            _choose(groups, axis, "held", lambda here, size: range(here + step, here + step + 1))
        case "so_far":
            _choose(groups, axis, "held", lambda here, size: range(here + 1))
        case "earlier":
            _choose(groups, axis, "held", lambda here, size: range(here))
        case "onward":
            _choose(groups, axis, "held", lambda here, size: range(here, size))
        case "later":
            _choose(groups, axis, "held", lambda here, size: range(here + 1, size))
        case "first":
            _choose(groups, axis, "any", lambda here, size: range(1))
        case "last":
            _choose(groups, axis, "any", lambda here, size: range(size - 1, size))
        case "at":
            if number is None:
                raise AuthoringError(".at needs the number of the place, counted from 1")
            _choose(groups, axis, "any", lambda here, size: range(number - 1, number))
        case "all" if axis is not None:
            _choose(groups, axis, "any", lambda here, size: range(size))
        case "all":
            for group in groups[1:]:
                group.chosen = {one: range(one.size) for one in group.axes}


def _choose(
    groups: list[_Group], name: str | None, wanted: Literal["held", "any"], choice: Choice
) -> None:
    """Let `choice` decide what is read along the named axis, or along the only ones meant.

    These are the axes that the cell has, where a place on them is wanted; else those it lacks.
    """
    if name is not None and "*" not in name:
        _choose_along(groups, name, wanted, choice)
        return
    candidates = [group for group in groups if group.axes]
    if name is not None:
        candidates = [
            group for group in groups if " * ".join(axis.name for axis in group.axes) == name
        ]
    if wanted == "held":
        candidates = [group for group in candidates if group.is_held]
    elif any(group.is_free for group in candidates):
        candidates = [group for group in candidates if group.is_free]
    if len(candidates) > 1 and not any(group.is_free for group in candidates):
        # A step from panel to panel names its axis; a plain one is within the table.
        candidates = [group for group in candidates if group is not groups[0]]
    if len(candidates) != 1:
        names = ", ".join(axis.name for group in candidates for axis in group.axes)
        raise AuthoringError(
            f"say along which axis: {names}"
            if candidates
            else f"there {'is no axis' if name is None else f'are no axes {name}'} to move along"
        )
    (group,) = candidates
    # Of a product of axes, the cell may hold some: the choice is among the others.
    free = tuple(axis for axis in group.axes if axis not in group.held)
    if len(free) == 1:
        _choose_along(groups, free[0].name, wanted, choice)
        return
    size = count(free or group.axes)
    start = 0 if len(free) == len(group.axes) else group.positions().start
    chosen = choice(0 if free else start, size)
    _require_within(group.axes[-1].name, chosen.start, chosen.stop, size)
    group.flat = range(start + chosen.start, start + chosen.stop) if free else chosen


def _choose_along(
    groups: list[_Group], name: str, wanted: Literal["held", "any"], choice: Choice
) -> None:
    """Let `choice` decide what is read along the named axis."""
    found = [(group, axis) for group in groups for axis in group.axes if axis.name == name]
    if not found:
        known = [axis.name for group in groups for axis in group.axes]
        raise AuthoringError(f"it has no axis '{name}'{nearest(name, known)}")
    group, axis = found[0]
    if group.flat is not None:
        raise AuthoringError(f"what is read along {name} is selected already")
    is_held = axis in group.held
    if wanted == "held" and not is_held:
        raise AuthoringError(f"the cell has no place on the axis {name}")
    chosen = choice(group.chosen[axis].start if is_held else 0, axis.size)
    _require_within(name, chosen.start, chosen.stop, axis.size)
    group.chosen[axis] = chosen


def _require_within(axis: str, start: int, stop: int, size: int) -> None:
    if start >= stop:
        raise BeyondTableError(f"nothing of {axis} is left", "first" if stop <= 0 else "last")
    if start < 0:
        raise BeyondTableError(f"reaches beyond the first {axis}", "first")
    if stop > size:
        raise BeyondTableError(f"reaches beyond the last {axis}", "last")


def _only_input(quantity: Quantity, groups: list[_Group]) -> None:
    """Read only the cells that hold the values of an input, which come before all others."""
    panel, along, cross = groups
    cells, each = quantity.table.board.input_cells(quantity), count((*along.axes, *cross.axes))
    if panel.is_free:
        panel.flat = range(max(cells // each, 1))
    cells = min(cells, each)
    across = min(cells, count(cross.axes))
    if along.axes:
        along.flat = range(cells // across)
    if across < count(cross.axes):
        cross.flat = range(across)


def _rectangle(quantity: Quantity, groups: list[_Group]) -> Bounds:
    panel, along, cross = (group.positions() if group.axes else range(1) for group in groups)
    if len(panel) > 1:
        names = quantity.panel[0].name
        raise AuthoringError(f"it stands in several tables, one for each {names}: choose one")
    panel_index = (panel.start,) * len(quantity.panel)
    top, left = quantity.table.cell(quantity, panel_index, along[0], cross[0])
    bottom, right = quantity.table.cell(quantity, panel_index, along[-1], cross[-1])
    return top, left, bottom, right
