"""The exceptions of sheetlab. Each is told in one sentence: what, where, what to do."""

from collections.abc import Mapping
from typing import Any

from sheetlab.messages import Code, Message
from sheetlab.text import Text, printable


class _Told(BaseException):
    """What is told in one sentence: given as such, or as a code with the fields of its sentence.

    Attributes:
        code: what happened, None where only the sentence is given.
        fields: what the sentence of the code is filled with, as it is: a path, a cell, a number.
    """

    def __init__(
        self, what: Code | Text, known: Mapping[str, object] | None = None, /, **fields: object
    ) -> None:
        # Processes hand it on by its arguments alone, as pytest's do with warnings.
        self.fields: Mapping[str, Any] = {**(known or {}), **fields}
        super().__init__(what, self.fields)
        self.code: Code | None = None if isinstance(what, Text) else what

    @property
    def message(self) -> Text:
        """The sentence in both languages."""
        if self.code is None:
            given: Text = self.args[0]
            return given
        return Message(self.code, **self.fields).text()

    def __str__(self) -> str:
        # Python prints what is not caught, and file names and cells are anybody's text.
        return printable(str(self.message))


class SheetlabError(_Told, Exception):
    """Anything that sheetlab refuses, told in one sentence in the user's language."""


class InputError(SheetlabError):
    """A value, name or option that a person gave is not usable."""


class WorkbookError(SheetlabError):
    """A file cannot be read as a workbook, or cannot be written."""


class EngineError(SheetlabError):
    """A workbook cannot be calculated, or an engine that was asked for is not there."""


class EngineWarning(_Told, UserWarning):
    """Something in a workbook that is calculated otherwise than its author may expect."""


class MalformedError(ValueError):
    """A text is not what it must be: `why`, for those who know where it stands to tell."""

    def __init__(self, code: Code, **fields: object) -> None:
        super().__init__(code)
        self.why = Message(code, **fields)

    def __str__(self) -> str:
        return str(self.why)
