"""What the formulas of a workbook may still cost: steps, seconds, elements of arrays.

The interpreter takes a step for each call, columns and loops take some for each operation, as many
as its size says; arrays are refused before the memory for them is asked for.
"""

import contextlib
import math
import time
from collections.abc import Iterator
from contextvars import ContextVar

from sheetlab.engine.values.value import ErrorValue
from sheetlab.limits import Limits

_ELEMENTS_OF_A_STEP = 16
# NumPy is as much faster with columns.
_ELEMENTS_OF_A_RUN = 512
_CHARACTERS_OF_A_STEP = 4
_LONG_TEXT = 255
# So many steps are taken between two looks at the clock.
_STEPS_OF_A_LOOK = 64
_LEAST_SECONDS = 0.001
# So many a formula may take when the time is up.
_STEPS_AT_LAST = 1024
# The share of a workbook's cells that array formulas may fill.
ARRAY_SHARE = 8
_SMALL_ARRAY = 1000


class OverLimitError(Exception):
    """A formula asks for more than a limit allows; `limit` is the name of that."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Budget:
    """The limits of a workbook, and what is left of them; each formula may take half of that."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._started: float | None = None
        self.renew()

    def renew(self) -> None:
        """Begin anew, as after a change of the workbook."""
        steps, seconds = self.limits.steps, self.limits.seconds
        self._steps = math.inf if steps is None else float(steps)
        self._seconds = math.inf if seconds is None else seconds
        self._until_look = 0.0
        self._filled = 0

    def begin(self) -> None:
        """Begin to calculate a formula; a small one may always."""
        self._started = time.monotonic()
        self._deadline = self._started + max(self._seconds / 2, _LEAST_SECONDS)
        self._allowed = max(self._steps / 2, _STEPS_OF_A_LOOK)
        if self._seconds < _LEAST_SECONDS:
            self._allowed = min(self._allowed, _STEPS_AT_LAST)
        self._until_look = self._taken = float(_STEPS_OF_A_LOOK)
        _CURRENT.set(self)

    def end(self) -> None:
        """Take note of what the formula took."""
        _CURRENT.set(_UNBOUNDED)
        if self._started is not None:
            # A single operation that lasts is not interrupted, but counts.
            self._seconds = max(self._seconds - (time.monotonic() - self._started), 0.0)
            self._steps -= min(self._taken - self._until_look, self._steps / 2)
            self._started = None

    @property
    def is_spent(self) -> bool:
        """Whether only small formulas may still be calculated."""
        return self._seconds < _LEAST_SECONDS or self._steps < _STEPS_AT_LAST

    @contextlib.contextmanager
    def calculating(self) -> Iterator[None]:
        """While many cells are calculated at once; one inside of another is a part of it."""
        if self._started is not None:
            yield
            return
        self.begin()
        try:
            yield
        finally:
            self.end()

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """While cells are calculated one by one in the midst of many, each with its own share."""
        if self._started is None:
            yield
            return
        self.end()
        try:
            yield
        finally:
            self.begin()

    def spend(self, steps: float) -> None:
        """Take so many steps; raises `OverLimitError` where they, or the time, are not left."""
        self._until_look -= steps
        if self._until_look < 0:
            self._look()

    def reserve(self, elements: float, *, numbers: bool = False) -> None:
        """Make an array of so many elements; raises `OverLimitError` where it is too large."""
        most = self.limits.elements if numbers else self.limits.elements // 4
        if elements > most:
            raise OverLimitError("elements")
        self.spend(elements / _ELEMENTS_OF_A_STEP)

    def run(self, elements: float) -> None:
        """Do an operation with so many elements of columns."""
        self._until_look -= elements / _ELEMENTS_OF_A_RUN
        if self._until_look < 0:
            self._look()

    def write(self, characters: int, texts: int = 1) -> None:
        """Make texts of so many characters together; long ones take steps, as they take memory."""
        if characters > _LONG_TEXT * texts:
            self.spend(characters / _CHARACTERS_OF_A_STEP)

    def fill(self, cells: int) -> None:
        """Let an array formula fill cells; raises `OverLimitError` where all fill too many."""
        if cells > _SMALL_ARRAY:
            self._filled += cells
            if self._filled > self.limits.cells // ARRAY_SHARE:
                raise OverLimitError("cells")

    def _look(self) -> None:
        if self._started is None:
            self._until_look = math.inf
            return
        taken = self._taken - self._until_look
        if taken > self._allowed:
            raise OverLimitError("steps")
        if time.monotonic() > self._deadline:
            raise OverLimitError("seconds")
        self._until_look = min(_STEPS_OF_A_LOOK, self._allowed - taken)
        self._taken = taken + self._until_look


class _Unbounded(Budget):
    """For what is calculated for no formula; an array that is too large is #NUM! there."""

    def __init__(self) -> None:
        super().__init__(Limits())

    def reserve(self, elements: float, *, numbers: bool = False) -> None:
        if elements > self.limits.elements:
            raise ErrorValue("#NUM!")


_UNBOUNDED = _Unbounded()
_CURRENT: ContextVar[Budget] = ContextVar("budget", default=_UNBOUNDED)


def current() -> Budget:
    """The budget of the formula that is being calculated."""
    return _CURRENT.get()
