"""What the formulas of a workbook may still cost: steps, seconds, elements of arrays.

Only the interpreter counts, since only there can a short formula mean much work; arrays are
refused before the memory for them is asked for.
"""

import math
import time
from contextvars import ContextVar

from sheetlab.engine.values.value import ErrorValue
from sheetlab.limits import Limits

_ELEMENTS_OF_A_STEP = 16
# So many steps are taken between two looks at the clock.
_STEPS_OF_A_LOOK = 64


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

    def begin(self) -> None:
        """Begin to calculate a formula; raises `OverLimitError` where nothing is left."""
        self._started = time.monotonic()
        if self._seconds <= 0:
            raise OverLimitError("seconds")
        self._deadline = self._started + self._seconds / 2
        self._allowed = self._steps / 2
        self._until_look = min(_STEPS_OF_A_LOOK, self._allowed)
        self._taken = self._until_look
        _CURRENT.set(self)
        if self._steps < 1:
            raise OverLimitError("steps")

    def end(self) -> None:
        """Take note of what the formula took."""
        _CURRENT.set(_UNBOUNDED)
        if self._started is not None:
            self._seconds -= time.monotonic() - self._started
            self._steps -= max(self._taken - self._until_look, 1.0)
            self._started = None

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
