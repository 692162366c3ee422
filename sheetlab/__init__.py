"""sheetlab: machine-learning lectures as live, verified spreadsheets.

The public door is four names:

- `lessons`: the worked examples, `lessons.lesson("sgd")` is one;
- `build("sgd", "workbooks")`: write its workbook;
- `load("workbooks/sgd.xlsx")`: recalculate any workbook;
- `verify("workbooks/sgd.xlsx")`: hold a lesson's workbook against NumPy and the slides.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheetlab import lessons
    from sheetlab.checking import Report
    from sheetlab.engine import load
    from sheetlab.text import Language

__all__ = ["build", "lessons", "load", "verify"]


def build(
    lesson: str,
    folder: str | Path = "workbooks",
    *,
    language: "Language" = "en",
    force: bool = False,
    **inputs: Any,
) -> Path:
    """Write the workbook of a lesson into a folder, and return its path.

    Further keywords are inputs of the lesson: `build("sgd", learning_rate=0.05)`.
    Raises `InputError` for an unknown lesson or an unusable input, `WorkbookError` where the
    file cannot be written or was changed by a person and `force` is not set.
    """
    from sheetlab import building
    from sheetlab.lessons import lesson as find

    found = find(lesson)
    path = Path(folder) / f"{lesson}.xlsx"
    parts = building.build(found, found.inputs().change(inputs), language)
    building.write_built(parts, path, force=force)
    return path


def verify(*paths: str | Path, engines: tuple[str, ...] = ("formulas",)) -> "Report":
    """Recalculate workbooks of lessons and compare; `report.ok` says whether all agrees.

    `engines` are any of formulas, libreoffice and ironcalc. Raises `InputError`,
    `WorkbookError` or `EngineError` where a file or an engine cannot be used.
    """
    from sheetlab.checking import verify_files

    return verify_files([Path(path) for path in paths], engines)


def __getattr__(name: str) -> Any:
    """Import `load` and `lessons` when first asked for, so that `import sheetlab` is quick."""
    if name == "load":
        return import_module("sheetlab.engine").load
    if name == "lessons":
        return import_module("sheetlab.lessons")
    raise AttributeError(f"module 'sheetlab' has no attribute '{name}'")
