from collections.abc import Callable
from typing import Any

Points = tuple[int, int]
Stored = tuple[int, int, int, int]
Rectangle = tuple[int, int, int, int, int, int, int, int, int, int]
Column = tuple[int, int, int, int, int, list[Any] | None, list[Stored] | None]

def rows(
    xml: bytes, start: int, end: int, last_row: int, points: Points, /
) -> tuple[bytes, bytes, int, int, int, int]: ...
def strings(xml: bytes, start: int, /) -> tuple[list[str | tuple[int, int]], int]: ...
def constants(
    cells: Any, texts: Callable[[], list[str]], /
) -> tuple[bytearray, bytes, list[Column]]: ...
def alike(formulas: list[tuple[int, int, str]], points: Points, /) -> bytes: ...
def rectangles(formulas: Any, /) -> list[Rectangle]: ...
def postfix(
    formulas: list[tuple[int, int, str]], /
) -> tuple[bytes, bytes, bytes, bytes, bytes, list[str], dict[str, int], dict[str, int]]: ...
