"""Do the sheet, NumPy, the other engines and the slide agree?"""

from collections.abc import Callable, Sequence
from pathlib import Path

from sheetlab.checking.engines import ENGINES, recalculate
from sheetlab.checking.figures import FigureResult, check_figures
from sheetlab.checking.quantities import QuantityResult, check_quantities
from sheetlab.checking.report import Report
from sheetlab.checking.subject import Subject, read_subject

__all__ = ["ENGINES", "FigureResult", "QuantityResult", "Report", "verify_files"]


def verify_files(
    paths: Sequence[Path],
    engines: Sequence[str] = ("formulas",),
    progress: Callable[[str], None] = lambda step: None,
) -> Report:
    """Recalculate the workbooks with each engine and hold them against references and ledger.

    `progress` is told what comes next. Raises `InputError`, `WorkbookError` or `EngineError`
    where a file or an engine cannot be used at all.
    """
    subjects: list[Subject] = []
    for path in paths:
        progress(f"{path}")
        subjects.append(read_subject(path))
    figures: dict[tuple[Path, str], tuple[FigureResult, ...]] = {}
    quantities: list[QuantityResult] = []
    for engine in engines:
        progress(engine)
        if engine == "formulas":
            calculated = [subject.own_values for subject in subjects]
        else:
            calculated = recalculate(engine, paths)
        for subject, values in zip(subjects, calculated, strict=True):
            quantities += check_quantities(subject, engine, values)
            for result in check_figures(subject, values):
                key = subject.path, result.figure.id
                figures[key] = (*figures.get(key, ()), result)
    moved = tuple(str(subject.path) for subject in subjects if not subject.is_the_slide)
    return Report(tuple(engines), tuple(figures.values()), tuple(quantities), moved)
