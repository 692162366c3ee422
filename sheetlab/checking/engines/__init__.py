"""Spreadsheet engines that recalculate workbooks: the witnesses of a verification."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from sheetlab.checking.engines.cells import CellValues
from sheetlab.errors import InputError
from sheetlab.text import Text

__all__ = ["DEFAULT_ENGINES", "ENGINES", "CellValues", "recalculate"]

# Each is a module here with a function `recalculate`; what an engine needs is imported with it.
ENGINES: tuple[str, ...] = ("sheetlab", "formulas", "libreoffice", "ironcalc")
DEFAULT_ENGINES: tuple[str, ...] = ("sheetlab", "formulas")


def recalculate(engine: str, paths: Sequence[Path]) -> list[CellValues]:
    """The value of every cell of each workbook, calculated afresh by `engine`.

    The values cached in the files play no part: LibreOffice and IronCalc are given copies
    in which every cached value is poisoned, the others do not read them. The files themselves
    are left as they are.

    Args:
        engine: one of `ENGINES`; "sheetlab" is the project's own.
        paths: the workbooks, .xlsx.

    Returns:
        For each workbook, in order: (sheet, "E5") -> value of every cell that is not blank,
        constants and formulas alike. LibreOffice stores 15 significant digits, writes
        every error of its own as #VALUE!, and a truth value under a number format as 0 or 1.

    Raises:
        InputError: `engine` is none of `ENGINES`.
        WorkbookError: a file cannot be read as a workbook.
        EngineError: the engine is not installed, fails, or did not calculate every formula.
    """
    if engine not in ENGINES:
        names = ", ".join(ENGINES)
        raise InputError(
            Text(
                f"There is no engine '{engine}'; choose one of {names}.",
                f"'{engine}'(이)라는 계산 엔진은 없습니다. {names} 중에서 고르십시오.",
            )
        )
    values: list[CellValues] = import_module(f"{__name__}.{engine}").recalculate(paths)
    return values
