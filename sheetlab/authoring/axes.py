"""Named axes: what a quantity extends over, as dimensions are named in xarray.

An axis is told from others by itself, not by its size: two axes of five points are two axes. Axes
multiply, `epoch * point` is every point of every epoch; `row.windows(3)` is the axis of the places
where a window of three rows fits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sheetlab.authoring.problems import AuthoringError
from sheetlab.text import Text, bilingual


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis: its name, by which formulas know it, its size, and labels where it has any."""

    name: str
    size: int
    labels: tuple[Text | float, ...] | None = None
    window: "Window | None" = None

    def __mul__(self, other: "Axis | Axes") -> "Axes":
        return Axes((self,)) * other

    def __iter__(self) -> Iterator["Axis"]:
        return iter((self,))

    def windows(
        self,
        size: int,
        *,
        name: str,
        stride: int = 1,
        within: "Axis | None" = None,
        padding: int = 0,
    ) -> "Axis":
        """The axis of the places of a window of `size` along this axis, `stride` apart.

        In a cell over it, a quantity over this axis stands for the values in the window; where the
        cell also has the axis `within`, for the one value at that place of the window. With
        `padding`, windows begin that far before the first value and end as far behind the last,
        where there is nothing to refer to.
        """
        if within is not None and within.size != size:
            raise AuthoringError(
                f"the axis {within.name} has {within.size} places, the window {size}"
            )
        places = (self.size + 2 * padding - size) // stride + 1
        if places < 1:
            raise AuthoringError(f"a window of {size} does not fit into {self.size} of {self.name}")
        _require_name(name)
        return Axis(name, places, None, Window(self, size, stride, padding, within))


@dataclass(frozen=True, eq=False)
class Window:
    """What an axis of windows looks at."""

    over: Axis
    size: int
    stride: int
    padding: int
    within: Axis | None

    def start(self, place: int) -> int:
        """Where the window of that place begins along `over`, counted from 0."""
        return place * self.stride - self.padding


@dataclass(frozen=True)
class Axes:
    """A product of axes, the last of them running fastest."""

    axes: tuple[Axis, ...]

    def __mul__(self, other: "Axis | Axes") -> "Axes":
        return Axes((*self.axes, *other))

    def __iter__(self) -> Iterator[Axis]:
        return iter(self.axes)


def axis(name: str, size: int | Sequence[str | Text | float]) -> Axis:
    """An axis of that name, given its size or the labels of its places.

    Labels are numbers or texts, in both languages where these differ: `"age|나이"`. Raises
    `AuthoringError` where the name is not legal, or the axis has no place.
    """
    _require_name(name)
    labels = None
    if not isinstance(size, int):
        labels = tuple(one if isinstance(one, int | float) else bilingual(one) for one in size)
        size = len(labels)
    if size < 1:
        raise AuthoringError(f"the axis '{name}' has no place; give it one at least")
    return Axis(name, size, labels)


def _require_name(name: str) -> None:
    if not name.isidentifier() or not name.islower():
        raise AuthoringError(f"'{name}' is no name for an axis: small letters, digits and _")


def axes_of(given: Axis | Axes | None) -> tuple[Axis, ...]:
    """The axes of a product, of one axis, or of none."""
    return tuple(given) if given is not None else ()
