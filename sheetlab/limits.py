"""How much memory and work a workbook may ask for, since it may come from anybody."""

import math
from dataclasses import dataclass, fields, replace

from sheetlab.errors import InputError
from sheetlab.text import Text

# What a small file may cost; a larger one has more to calculate, and may take as much longer.
_STEPS, _STEPS_PER_BYTE = 10_000_000, 10
_SECONDS, _SECONDS_PER_BYTE = 30.0, 1e-5


@dataclass(frozen=True)
class Limits:
    """The most that reading and calculating one workbook may take.

    Where the file itself is too large, loading raises `WorkbookError`; a formula that asks for
    too much shows #NUM!, and an `EngineWarning` names the first such cell. Raises `InputError`
    for a limit that is no positive number.

    Attributes:
        unpacked_bytes: the parts of the file together, unpacked.
        cells: of all sheets together, blank ones that have a format too; array formulas may fill
            an eighth of them.
        elements: of one array of numbers; one of other values may have a quarter of it.
        steps: between two changes of the workbook, how many functions are called, sixteen elements
            of an array counting as one call, and 64 of a column. One formula may take half of
            what is left. By default ten million, and ten more for each byte of the file's parts.
        seconds: of such work, in the same way. By default 30, and another for each 100,000 bytes.
        depth: LAMBDAs that are applied one inside of the other.
    """

    unpacked_bytes: int = 2 * 1024**3
    cells: int = 20_000_000
    elements: int = 2**24
    steps: int | None = None
    seconds: float | None = None
    depth: int = 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            is_whole = isinstance(value, int) or field.name == "seconds"
            if not is_number or not is_whole or not (value > 0 and math.isfinite(value)):
                raise InputError(
                    Text(
                        f"The limit {field.name}={value!r} is not usable; give a positive whole"
                        " number, or for seconds any positive number.",
                        f"한도 {field.name}={value!r}은(는) 쓸 수 없습니다. 양의 정수를 주십시오."
                        " seconds는 소수도 됩니다.",
                    )
                )

    def for_file(self, unpacked: int) -> "Limits":
        """The same limits with those that depend on the file's size in bytes filled in."""
        steps = _STEPS + _STEPS_PER_BYTE * unpacked if self.steps is None else self.steps
        seconds = _SECONDS + _SECONDS_PER_BYTE * unpacked if self.seconds is None else self.seconds
        return replace(self, steps=steps, seconds=seconds)


def limit_names() -> tuple[str, ...]:
    """The names of all limits."""
    return tuple(field.name for field in fields(Limits))
