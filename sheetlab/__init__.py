"""sheetlab: machine-learning lectures as live, verified spreadsheets.

The public door is five names:

- `lessons`: the worked examples, `lessons.lesson("sgd")` is one;
- `build("sgd")`: write its workbook, with inputs and data of your own if you like;
- `load("workbooks/sgd.xlsx")`: recalculate any workbook;
- `Limits(seconds=10)`: how much that may take, for `load`;
- `verify("workbooks/sgd.xlsx")`: hold a lesson's workbook against NumPy and the slides.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheetlab import lessons
    from sheetlab.checking import Report
    from sheetlab.data.reading import DataSource
    from sheetlab.engine import load
    from sheetlab.limits import Limits
    from sheetlab.text import Language

__version__ = "0.1.0"

__all__ = ["Limits", "__version__", "build", "lessons", "load", "verify"]


def build(
    lesson: str,
    out: str | Path | None = None,
    *,
    lang: "Language | None" = None,
    data: "DataSource | None" = None,
    force: bool = False,
    **inputs: Any,
) -> Path:
    """Write the workbook of a lesson into the folder `out`, and return its path.

    Further keywords are inputs of the lesson: `build("sgd", learning_rate=0.05)`; `data` is a
    file (.csv, .tsv, .txt, .xlsx, .parquet), a DataFrame or a mapping whose columns are inputs by
    name. Keywords come after data. Without `out` a workbook goes where it replaces no other one:
    into `workbooks/`, `workbooks/ko/` in Korean, `workbooks/own/` with inputs that are not the
    slide's. A workbook that is current is left as it is. The language is that of the messages
    unless `lang` gives one.

    Raises `InputError` for an unknown lesson or an unusable input, `WorkbookError` where the file
    cannot be written, was changed by a person or was built from something else, and `force` is
    not set.
    """
    from sheetlab import building
    from sheetlab.data import inputs_with, read_table
    from sheetlab.inputs import language_of
    from sheetlab.lessons import lesson as find

    found, language = find(lesson), language_of(lang)
    table = None if data is None else read_table(data)
    given = inputs_with(found, table, inputs)
    folder = None if out is None else Path(out)
    path = building.workbook_path(found, given, language, folder)
    building.write_built(building.build(found, given, language), path, force=force)
    return path


def verify(*paths: str | Path, engine: str | Sequence[str] = ("sheetlab", "formulas")) -> "Report":
    """Recalculate workbooks of lessons and compare; `report.ok` says whether all agrees.

    `engine` is one or several of sheetlab, formulas, libreoffice and ironcalc, or "all". Raises
    `InputError`, `WorkbookError` or `EngineError` where a file or an engine cannot be used.
    """
    from sheetlab.checking import ENGINES, verify_files
    from sheetlab.errors import InputError
    from sheetlab.text import Text

    if not paths:
        raise InputError(
            Text(
                "There is no workbook to verify; give the path of at least one.",
                "검증할 파일이 없습니다. 경로를 하나 이상 주십시오.",
            )
        )
    engines = [engine] if isinstance(engine, str) else list(dict.fromkeys(engine))
    return verify_files(
        [Path(path) for path in paths], ENGINES if "all" in engines else tuple(engines)
    )


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import `load` and its like when first asked for, so that `import sheetlab` is quick."""
    if name == "load":
        return import_module("sheetlab.engine").load
    if name == "Limits":
        return import_module("sheetlab.limits").Limits
    if name == "lessons":
        return import_module("sheetlab.lessons")
    raise AttributeError(f"module 'sheetlab' has no attribute '{name}'")
