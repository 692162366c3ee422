"""What a cell can be worth."""


class CellError(str):
    """An error value such as `#DIV/0!`; as a string, it is the text that the cell shows."""

    __slots__ = ()


CellValue = float | str | bool | CellError

ERROR_TEXTS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
