"""What a message says of a formula that cannot be calculated: file, sheet, cell, reason."""

from pathlib import Path

from sheetlab.engine.cell_range import cell_text
from sheetlab.engine.reader import Formula
from sheetlab.errors import EngineError
from sheetlab.text import Text


def refusal(path: Path, formula: Formula, en: str, ko: str) -> EngineError:
    """The error for a formula, with the reason in both languages."""
    cell = cell_text(formula.address)
    return EngineError(
        Text(
            f"{path}, {cell}: {formula.text} cannot be calculated, since {en}; change the formula.",
            f"{path}, {cell}: {formula.text} 수식을 계산할 수 없습니다. {ko}. 수식을 고치십시오.",
        )
    )
