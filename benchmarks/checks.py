"""What engines calculated, held against what the cells must hold, cell by cell.

NumPy and openpyxl are imported where they are needed, for the process that starts the engines
imports this module and must stay small.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import steps
from peers import Job, rates

if TYPE_CHECKING:
    import numpy as np

    Doubles = np.ndarray[Any, np.dtype[np.float64]]

TOLERANCE = 1e-12  # relative, and absolute for values below 1


def write(name: str, rows: int, path: Path) -> None:
    """Write the workbook of a shape."""
    steps.write(steps.SHAPES[name], rows, path)


def same_as_openpyxl(name: str, folder: Path, rows: int = 50) -> None:
    """Raise `AssertionError` unless openpyxl itself writes the same sheet."""
    shape = steps.SHAPES[name]
    ours, theirs = folder / f"{name}-ours.xlsx", folder / f"{name}-theirs.xlsx"
    steps.write(shape, rows, ours)
    steps.write_with_openpyxl(shape, rows, theirs)
    if not steps.same_sheet(ours, theirs):
        raise AssertionError(f"{ours} is not what openpyxl writes")


def points(path: Path, rows: int) -> list[tuple[float, float]]:
    """The x and y of the steps of an SGD sheet."""
    import openpyxl

    sheet = openpyxl.load_workbook(path, data_only=True)["SGD"]
    first = steps.FIRST_ROW
    cells = sheet.iter_rows(first, first + rows - 1, 3, 4, values_only=True)
    return [(x, y) for x, y in cells]


def recalculated(folder: Path, job: Job) -> str | None:
    """What differs among the values of all formulas; None where they agree."""
    import numpy as np

    values = np.fromfile(folder / "values")
    if job["engine"] == "libreoffice":
        values = _stored(folder / "converted" / Path(job["file"]).name, job)
    return _difference(values, _reference(job["shape"], job["rows"], job["value"]))


def swept(folder: Path, job: Job) -> str | None:
    """What differs among alpha of all steps, by NumPy over all scenarios; None if they agree."""
    import numpy as np

    rate = np.array(rates(job["scenarios"], job["every"]))
    alpha, beta = np.zeros_like(rate), np.zeros_like(rate)
    expected = np.empty((len(rate), len(job["points"])))
    for step, (x, y) in enumerate(job["points"]):
        expected[:, step] = alpha
        slope = rate * (alpha + beta * x - y)
        alpha, beta = alpha - slope, beta - slope * x
    return _difference(np.fromfile(folder / "values"), expected.ravel())


@functools.lru_cache(maxsize=2)
def _reference(name: str, rows: int, value: float) -> "Doubles":
    import numpy as np

    shape = steps.SHAPES[name]
    return np.fromiter(shape.reference(rows, value), float)


def _stored(path: Path, job: Job) -> "Doubles":
    """The values of the formula cells that LibreOffice wrote."""
    import numpy as np
    import openpyxl

    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    table = list(workbook[job["sheet"]].iter_rows(values_only=True))
    workbook.close()
    found = [
        table[row - 1][ord(letter) - ord("A")]
        for letter, first, last in job["columns"]
        for row in range(first, last + 1)
    ]
    return np.array([np.nan if value is None else value for value in found], float)


def _difference(values: "Doubles", expected: "Doubles") -> str | None:
    import numpy as np

    if values.shape != expected.shape:
        return f"{values.size:,} values for {expected.size:,}"
    near = np.abs(values - expected) <= TOLERANCE * np.maximum(1, np.abs(expected))
    wrong = np.flatnonzero(~near)
    if not wrong.size:
        return None
    example = f"{float(values[wrong[0]])!r} ≠ {float(expected[wrong[0]])!r}"
    return f"{wrong.size:,} of {values.size:,} differ: {example}"
