"""What is wrong with a lesson as it is written: found when its workbook is built."""

import difflib
from collections.abc import Iterable


class AuthoringError(ValueError):
    """A lesson says something that no sheet can be made of; the message shows what and where."""


class BeyondTableError(AuthoringError):
    """A reference reaches beyond a table: `side` is "first" or "last", the end it passes."""

    def __init__(self, message: str, side: str) -> None:
        super().__init__(message)
        self.side = side


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that offers the known names closest to a misspelt one."""
    close = difflib.get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f"; do you mean {' or '.join(close)}?" if close else ""
