"""Workbooks recalculated by each engine, and held against references and ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetlab.checking.causes import find_causes
from sheetlab.checking.engines import DEFAULT_ENGINES, CellValues, recalculate
from sheetlab.checking.figures import FigureResult, check_figures
from sheetlab.checking.quantities import check_quantities, disagreeing_cells
from sheetlab.checking.report import Report
from sheetlab.checking.subject import CellAddress, Subject, read_subject
from sheetlab.processes import Processes

# It takes all workbooks in one run, which goes on while the others calculate.
ALL_AT_ONCE = "libreoffice"


@dataclass(frozen=True)
class Examination:
    """A workbook, and its cells as each engine calculates them."""

    subject: Subject
    values: dict[str, CellValues]


def verify_files(
    paths: Sequence[Path],
    engines: Sequence[str] = DEFAULT_ENGINES,
    progress: Callable[[str], None] = lambda step: None,
) -> Report:
    """Recalculate the workbooks with each engine and hold them against references and ledger.

    Several workbooks are spread over the cores. `progress` is told what comes next. Raises
    `InputError`, `WorkbookError` or `EngineError` where a file or an engine cannot be used at all.
    """
    one_by_one = tuple(engine for engine in engines if engine != ALL_AT_ONCE)
    with Processes(len(paths)) as processes:
        examining = processes.map(examine, [(path, one_by_one) for path in paths])
        converted: list[CellValues] = []
        if ALL_AT_ONCE in engines:
            progress(ALL_AT_ONCE)
            converted = recalculate(ALL_AT_ONCE, paths)
        examinations: list[Examination] = []
        for path in paths:
            progress(f"{path}")
            examinations.append(next(examining))
        for examination, values in zip(examinations, converted, strict=False):
            examination.values[ALL_AT_ONCE] = values
        figures = [check_all_figures(one, engines) for one in examinations]
        suspects = [
            (one.subject.path, *why)
            for one, results in zip(examinations, figures, strict=True)
            if (why := suspicion(one, results)) is not None
        ]
        causes = [cause for found in processes.map(find_causes, suspects) for cause in found]
    return Report(
        engines=tuple(engines),
        figures=tuple(results for of_one in figures for results in of_one),
        quantities=tuple(
            result
            for engine in engines
            for one in examinations
            for result in check_quantities(one.subject, engine, one.values[engine])
        ),
        moved=tuple(str(one.subject.path) for one in examinations if not one.subject.is_the_slide),
        causes=tuple(causes),
    )


def examine(path: Path, engines: Sequence[str]) -> Examination:
    """Read the workbook of a lesson, and calculate it with each engine.

    Raises what `verify_files` raises.
    """
    subject, own_values = read_subject(path)
    values = {
        engine: own_values if engine == "sheetlab" else recalculate(engine, [path])[0]
        for engine in engines
    }
    return Examination(subject, values)


def check_all_figures(
    examination: Examination, engines: Sequence[str]
) -> list[tuple[FigureResult, ...]]:
    """For each printed figure that applies, one result per engine."""
    by_engine = (
        check_figures(examination.subject, examination.values[engine]) for engine in engines
    )
    return list(zip(*by_engine, strict=True))


def suspicion(
    examination: Examination, figures: Sequence[tuple[FigureResult, ...]]
) -> tuple[dict[str, set[CellAddress]], dict[str, tuple[str, CellAddress | None]]] | None:
    """What `find_causes` asks for; None where a file is as it was built, and all agrees."""
    subject = examination.subject
    wrong: dict[str, set[CellAddress]] = {}
    for values in examination.values.values():
        for quantity, cells in disagreeing_cells(subject, values).items():
            wrong.setdefault(quantity, set()).update(cells)
    failed = {}
    for figure in (results[0].figure for results in figures if not all(r.ok for r in results)):
        addresses = subject.cells[figure.quantity]
        address = addresses[figure.index] if figure.index < len(addresses) else None
        failed[figure.id] = figure.quantity, address
    return None if subject.is_untouched and not wrong and not failed else (wrong, failed)
