"""What a cell can be worth."""

from typing import final

ERROR_TEXTS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


@final
class CellError:
    """An error value such as `#DIV/0!`: `str` gives its code, but it equals no text."""

    __slots__ = ("_code",)
    _code: str

    def __new__(cls, code: str) -> "CellError":
        """The error of a code, for a common one always the same object."""
        known = _KNOWN.get(code)
        if known is not None:
            return known
        made = super().__new__(cls)
        made._code = code
        return made

    @property
    def code(self) -> str:
        """What the cell shows: "#DIV/0!"."""
        return self._code

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        # Left to an array of NumPy, which compares each of its elements.
        return self._code == other._code if isinstance(other, CellError) else NotImplemented

    def __hash__(self) -> int:
        return hash((CellError, self._code))

    def __str__(self) -> str:
        return self._code

    def __repr__(self) -> str:
        return f"CellError({self._code!r})"

    def __format__(self, format_spec: str) -> str:
        return format(self._code, format_spec)

    def __reduce__(self) -> tuple[type["CellError"], tuple[str]]:
        return CellError, (self._code,)


# One object for each error that is common, so that to compare them is to compare objects.
_KNOWN: dict[str, CellError] = {}
_KNOWN.update((code, CellError(code)) for code in (*ERROR_TEXTS, "#SPILL!", "#CALC!"))

CellValue = float | str | bool | CellError
