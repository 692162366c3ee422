"""The exceptions of sheetlab. Each carries one sentence: what, where, what to do."""

from sheetlab.text import Text, printable


class SheetlabError(Exception):
    """Anything that sheetlab refuses, told in one sentence in the user's language."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        # Python prints what is not caught, and file names and cells are anybody's text.
        return printable(str(self.message))


class InputError(SheetlabError):
    """A value, name or option that a person gave is not usable."""


class WorkbookError(SheetlabError):
    """A file cannot be read as a workbook, or cannot be written."""


class EngineError(SheetlabError):
    """A workbook cannot be calculated, or an engine that was asked for is not there."""


class EngineWarning(UserWarning):
    """Something in a workbook that is calculated otherwise than its author may expect."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        # Python prints what is not caught, and file names and cells are anybody's text.
        return printable(str(self.message))
