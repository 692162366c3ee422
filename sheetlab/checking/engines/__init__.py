"""Other spreadsheet engines that recalculate workbooks: witnesses beside our own."""

from collections.abc import Sequence
from pathlib import Path

from sheetlab.checking.engines.cells import CellValues
from sheetlab.errors import InputError
from sheetlab.text import Text

__all__ = ["ENGINES", "CellValues", "recalculate"]

ENGINES: tuple[str, ...] = ("formulas", "libreoffice", "ironcalc")


def recalculate(engine: str, paths: Sequence[Path]) -> list[CellValues]:
    """The value of every cell of each workbook, calculated afresh by `engine`.

    The values cached in the files play no part: LibreOffice and IronCalc are given copies
    in which every cached value is poisoned. The files themselves are left as they are.

    Args:
        engine: one of `ENGINES`; "formulas" is sheetlab's own.
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
    match engine:
        case "formulas":
            from sheetlab.checking.engines import own

            return own.recalculate(paths)
        case "libreoffice":
            from sheetlab.checking.engines import libreoffice

            return libreoffice.recalculate(paths)
        case "ironcalc":
            from sheetlab.checking.engines import ironcalc

            return ironcalc.recalculate(paths)
        case _:
            names = ", ".join(ENGINES)
            raise InputError(
                Text(
                    f"There is no engine '{engine}'; choose one of {names}.",
                    f"'{engine}'(이)라는 계산 엔진은 없습니다. {names} 중에서 고르십시오.",
                )
            )
