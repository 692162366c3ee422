"""The engines, each driven through its own public interface; one process makes one measurement.

`python peers.py FOLDER` does what FOLDER/job.json says. It writes the seconds of each step to
FOLDER/times.json and the values, as doubles, to FOLDER/values. Nothing but the engine is
imported, so that time and memory of the process are the engine's.
"""

import contextlib
import datetime
import importlib
import importlib.metadata
import json
import math
import shutil
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

Column = tuple[str, int, int]  # letter, first row, last row
Area = tuple[str, int, int, int, int]  # sheet, top, left, bottom, right
Job = dict[str, Any]
Measured = tuple[dict[str, float], Any]  # seconds of each step; the values, array or ndarray


class Session(Protocol):
    """A workbook opened by an engine; `modules` are what opening imports."""

    modules: tuple[str, ...]

    def calculate(self) -> None:
        """Make the values of all formulas current."""

    def read(self, columns: Sequence[Column]) -> Iterable[float]:
        """The values of columns of cells, column after column."""

    def change(self, cell: str, value: float) -> None:
        """Give one input cell a new value."""


class ShapeSession(Protocol):
    """A workbook of several sheets and of any values, opened by an engine; see run.py."""

    modules: tuple[str, ...]

    def __init__(self, path: Path, areas: Sequence[Area]) -> None:
        """Open the file whose formulas lie in some areas."""

    def calculate(self) -> None:
        """Make the values of all formulas current."""

    def values(self) -> Iterator[Any]:
        """The values of the areas, each row by row: float, str, bool or None."""

    def change(self, sheet: str, row: int, column: int, value: float | str) -> None:
        """Give one input cell a new value."""


class Sheetlab:
    """sheetlab calculates what is asked for, so `calculate` asks for every formula."""

    modules = ("sheetlab.engine.calculation", "sheetlab.engine.reading.model")

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        import sheetlab

        self._book = sheetlab.load(path)
        self._sheet = sheet
        self._columns = columns

    def calculate(self) -> None:
        self._values = [self._book[f"{self._sheet}!{a}{i}:{a}{j}"] for a, i, j in self._columns]

    def read(self, columns: Sequence[Column]) -> "array[float]":
        import numpy as np

        read = array("d")
        for values in self._values:
            read.frombytes(np.asarray(values, float).tobytes())
        return read

    def change(self, cell: str, value: float) -> None:
        self._book.set({f"{self._sheet}!{cell}": value})


class SheetlabShapes:
    modules = ("sheetlab.engine.calculation", "sheetlab.engine.reading.model")

    def __init__(self, path: Path, areas: Sequence[Area]) -> None:
        import sheetlab

        self._book = sheetlab.load(path)
        self._keys = [
            f"'{sheet}'!{_letters(left)}{top}:{_letters(right)}{bottom}"
            for sheet, top, left, bottom, right in areas
        ]

    def calculate(self) -> None:
        self._book.recalculate()

    def values(self) -> Iterator[Any]:
        import numpy as np

        from sheetlab.files.cell_value import CellError

        for key in self._keys:
            for value in np.ravel(np.asarray(self._book[key], object)):
                yield str(value) if isinstance(value, CellError) else value

    def change(self, sheet: str, row: int, column: int, value: float | str) -> None:
        self._book.set({f"'{sheet}'!{_letters(column)}{row}": value})


class Formulas:
    modules = ("formulas",)

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        import formulas

        self._model = formulas.ExcelModel().loads(str(path)).finish()
        self._cell = f"'[{path.name}]{sheet.upper()}'!{{}}"
        self._inputs: dict[str, float] = {}

    def calculate(self) -> None:
        self._solution = self._model.calculate(inputs=self._inputs or None)

    def read(self, columns: Sequence[Column]) -> Iterator[float]:
        for letter, first, last in columns:
            for row in range(first, last + 1):
                yield self._solution[self._cell.format(f"{letter}{row}")].value[0, 0]

    def change(self, cell: str, value: float) -> None:
        self._inputs[self._cell.format(cell)] = value


class Pycel:
    """pycel calculates what is asked for, by recursion, so `calculate` asks for every formula."""

    modules = ("pycel",)

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        from pycel import ExcelCompiler

        sys.setrecursionlimit(1_000_000)
        self._compiler = ExcelCompiler(str(path))
        self._sheet = sheet
        self._columns = columns

    def calculate(self) -> None:
        self._values = [
            self._compiler.evaluate(f"{self._sheet}!{letter}{first}:{letter}{last}")
            if first < last
            else [self._compiler.evaluate(f"{self._sheet}!{letter}{first}")]
            for letter, first, last in self._columns
        ]

    def read(self, columns: Sequence[Column]) -> Iterator[float]:
        for values in self._values:
            yield from values

    def change(self, cell: str, value: float) -> None:
        self._compiler.set_value(f"{self._sheet}!{cell}", value)


class Formualizer:
    modules = ("formualizer",)

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        import formualizer

        self._range = formualizer.RangeAddress
        self._workbook = formualizer.load_workbook(str(path))
        self._sheet = sheet

    def calculate(self) -> None:
        self._workbook.evaluate_all()

    def read(self, columns: Sequence[Column]) -> Iterator[float]:
        sheet = self._workbook.sheet(self._sheet)
        for letter, first, last in columns:
            column = _column_number(letter)
            cells = self._range(self._sheet, first, column, last, column)
            for (value,) in sheet.get_values(cells):
                yield value

    def change(self, cell: str, value: float) -> None:
        letter, row = _split(cell)
        self._workbook.set_value(self._sheet, row, _column_number(letter), value)


class FormualizerShapes:
    modules = ("formualizer",)

    def __init__(self, path: Path, areas: Sequence[Area]) -> None:
        import formualizer

        self._workbook = formualizer.load_workbook(str(path))
        self._areas = [formualizer.RangeAddress(*area) for area in areas]

    def calculate(self) -> None:
        self._workbook.evaluate_all()

    def values(self) -> Iterator[Any]:
        for area in self._areas:
            for row in self._workbook.sheet(area.sheet).get_values(area):
                yield from map(_of_formualizer, row)

    def change(self, sheet: str, row: int, column: int, value: float | str) -> None:
        self._workbook.set_value(sheet, row, column, value)


_ERRORS = {"Na": "#N/A", "Div": "#DIV/0!", "Name": "#NAME?", "NImpl": "#N/IMPL!"}


def _of_formualizer(value: Any) -> Any:
    """A value as the others give it: errors as their texts, days as numbers."""
    if isinstance(value, dict):
        kind = value["kind"]
        return _ERRORS.get(kind, f"#{kind.upper()}!")
    if isinstance(value, datetime.datetime):
        passed = value - datetime.datetime(1899, 12, 30)
        return passed / datetime.timedelta(days=1)
    if isinstance(value, datetime.date):
        return float((value - datetime.date(1899, 12, 30)).days)
    return value


class Formulon:
    modules = ("formulon",)

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        import formulon

        self._workbook = formulon.Workbook.load(path.read_bytes())
        names = [self._workbook.sheet_name(i) for i in range(self._workbook.sheet_count())]
        self._sheet = names.index(sheet)

    def calculate(self) -> None:
        self._workbook.recalc()

    def read(self, columns: Sequence[Column]) -> Iterator[float]:
        for letter, first, last in columns:
            column = _column_number(letter) - 1
            for row in range(first - 1, last):
                number = self._workbook.get_value(self._sheet, row, column).number
                yield math.nan if number is None else number

    def change(self, cell: str, value: float) -> None:
        letter, row = _split(cell)
        self._workbook.set_number(self._sheet, row - 1, _column_number(letter) - 1, value)


class IronCalc:
    modules = ("ironcalc",)

    def __init__(self, path: Path, sheet: str, columns: Sequence[Column]) -> None:
        import ironcalc

        self._model = ironcalc.load_from_xlsx(str(path))
        names = [each["name"] for each in self._model.get_worksheets_properties()]
        self._sheet = names.index(sheet)

    def calculate(self) -> None:
        self._model.evaluate()

    def read(self, columns: Sequence[Column]) -> Iterator[float]:
        for letter, first, last in columns:
            column = _column_number(letter)
            for row in range(first, last + 1):
                value = self._model.get_cell_value(self._sheet, row, column)
                yield value if isinstance(value, float | int) else math.nan

    def change(self, cell: str, value: float) -> None:
        letter, row = _split(cell)
        self._model.set_user_input(self._sheet, row, _column_number(letter), repr(value))


class IronCalcShapes:
    modules = ("ironcalc",)

    def __init__(self, path: Path, areas: Sequence[Area]) -> None:
        import ironcalc

        self._model = ironcalc.load_from_xlsx(str(path))
        names = [each["name"] for each in self._model.get_worksheets_properties()]
        self._sheets = {name: number for number, name in enumerate(names)}
        self._areas = areas

    def calculate(self) -> None:
        self._model.evaluate()

    def values(self) -> Iterator[Any]:
        for sheet, top, left, bottom, right in self._areas:
            number = self._sheets[sheet]
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    yield self._model.get_cell_value(number, row, column)

    def change(self, sheet: str, row: int, column: int, value: float | str) -> None:
        said = value if isinstance(value, str) else repr(value)
        self._model.set_user_input(self._sheets[sheet], row, column, said)


SHAPE_SESSIONS: dict[str, type[ShapeSession]] = {
    "sheetlab": SheetlabShapes,
    "ironcalc": IronCalcShapes,
    "formualizer": FormualizerShapes,
}

# Mode 0 recalculates every formula on load.
LIBREOFFICE_PROFILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
  <item oor:path="/org.openoffice.Office.Calc/Formula/Load">
    <prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
  </item>
</oor:items>
"""


def libreoffice_program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert_with_libreoffice(path: Path, folder: Path) -> Path:
    """Let LibreOffice load a file, recalculate it and write it again."""
    program = libreoffice_program()
    if program is None:
        raise FileNotFoundError("soffice")
    profile = folder / "profile"
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(LIBREOFFICE_PROFILE, encoding="utf-8")
    converted = folder / "converted"
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
        *("--nofirststartwizard", "--convert-to", "xlsx", "--outdir", str(converted), str(path)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return converted / path.name


class Engine(NamedTuple):
    """An engine: its package on PyPI (None for LibreOffice) and how it opens a workbook.

    `rows` is the largest workbook that it is given, `slow_rows` the largest with --slow.
    """

    title: str
    package: str | None
    session: Any
    rows: int
    slow_rows: int

    def version(self) -> str | None:
        """The version that is installed, None where none is."""
        if self.package is not None:
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                return importlib.metadata.version(self.package)
            return None
        program = libreoffice_program()
        if program is None:
            return None
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        return said.split()[1] if len(said.split()) > 1 else "?"


LARGEST = 1_048_570

ENGINES = {
    "sheetlab": Engine("sheetlab", "sheetlab", Sheetlab, LARGEST, LARGEST),
    "ironcalc": Engine("IronCalc", "ironcalc", IronCalc, LARGEST, LARGEST),
    "formualizer": Engine("formualizer", "formualizer", Formualizer, LARGEST, LARGEST),
    "formulon": Engine("formulon", "formulon", Formulon, 10_000, 100_000),
    "libreoffice": Engine("LibreOffice", None, None, LARGEST, LARGEST),
    "pycel": Engine("pycel", "pycel", Pycel, 1_000, 10_000),
    "formulas": Engine("formulas", "formulas", Formulas, 1_000, 10_000),
}


BLOCK = 65_536  # rows of values written at once, so that no copy of them all is needed


def main() -> None:
    folder = Path(sys.argv[1])
    job: Job = json.loads((folder / "job.json").read_text())
    if job["action"] == "shape":
        _profiled(_shape, job, folder) if job["profile"] else _shape(job, folder)
        return
    if job["action"] == "sweep":
        times, values = _sweep(job)
    elif job["engine"] == "libreoffice":
        times, values = _convert(job, folder)
    else:
        times, values = _recalculate(job)
    with (folder / "values").open("wb") as out:
        for start in range(0, len(values), BLOCK):
            values[start : start + BLOCK].tofile(out)
    (folder / "times.json").write_text(json.dumps(times))


def _shape(job: Job, folder: Path) -> None:
    """Load and recalculate, change an input and recalculate; what is done is written at once."""
    times: dict[str, float] = {}
    session_type = SHAPE_SESSIONS[job["engine"]]
    with _timed(times, "import"):
        for module in session_type.modules:
            importlib.import_module(module)
    areas = [tuple(area) for area in job["areas"]]
    with _timed(times, "load"):
        session = session_type(Path(job["file"]), areas)
    with _timed(times, "calculate"):
        session.calculate()
    _write_values(folder, "before", times, session)
    if job["change"] is not None:
        with _timed(times, "change"):
            session.change(*job["change"])
            session.calculate()
        _write_values(folder, "after", times, session)


def _write_values(folder: Path, name: str, times: dict[str, float], session: ShapeSession) -> None:
    values = [
        float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for value in session.values()
    ]
    # Who takes too long is ended, maybe in the midst of writing.
    for kept, what in ((name, values), ("times.json", times)):
        draft = folder / f"{kept}.part"
        draft.write_text(json.dumps(what))
        draft.replace(folder / kept)


def _profiled(task: Callable[[Job, Path], None], job: Job, folder: Path) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(task, job, folder)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def _convert(job: Job, folder: Path) -> Measured:
    times = {}
    with _timed(times, "calculate"):
        convert_with_libreoffice(Path(job["file"]), folder)
    return times, array("d")


def _recalculate(job: Job) -> Measured:
    """Load, recalculate and read all formulas; in between, if asked for, change an input."""
    times: dict[str, float] = {}
    with _timed(times, "import"):
        for module in ENGINES[job["engine"]].session.modules:
            importlib.import_module(module)
    with _timed(times, "load"):
        session = _open(job)
    with _timed(times, "calculate"):
        session.calculate()
    if job["action"] == "change":
        with _timed(times, "change"):
            session.change(job["cell"], job["value"])
            session.calculate()
    with _timed(times, "read"):
        values = array("d", session.read(job["columns"]))
    return times, values


def rates(scenarios: int, every: int) -> "array[float]":
    """Learning rates from 0.0001 to 1, evenly spaced in their logarithms, or every so many."""
    return array("d", (10 ** (4 * i / scenarios - 4) for i in range(0, scenarios, every)))


def _sweep(job: Job) -> Measured:
    """The outputs for each learning rate, scenario after scenario."""
    tried = rates(job["scenarios"], job["every"])
    if job["engine"] == "numpy":
        return _sweep_numpy(tried, job["points"])
    if job["engine"] == "sheetlab":
        return _sweep_sheetlab(tried, job)
    times: dict[str, float] = {}
    with _timed(times, "load"):
        session = _open(job)
    values = array("d")
    with _timed(times, "sweep"):
        for rate in tried:
            session.change(job["cell"], rate)
            session.calculate()
            values.extend(session.read(job["columns"]))
    return times, values


def _sweep_sheetlab(tried: "array[float]", job: Job) -> Measured:
    import numpy as np

    import sheetlab

    times: dict[str, float] = {}
    with _timed(times, "load"):
        book = sheetlab.load(job["file"])
    with _timed(times, "sweep"):
        swept = book.sweep({job["input"]: np.frombuffer(tried)}, [job["output"]])
    return times, swept[job["output"]]


CHUNK = 8_192  # scenarios whose values stay in a core's cache


def _sweep_numpy(tried: "array[float]", points: Sequence[tuple[float, float]]) -> Measured:
    """What somebody who needs no spreadsheet would write."""
    import numpy as np

    times: dict[str, float] = {}
    with _timed(times, "sweep"):
        learning_rates = np.frombuffer(tried)
        swept = np.empty((len(points), len(tried)))
        for start in range(0, len(tried), CHUNK):
            rate = learning_rates[start : start + CHUNK]
            alpha, beta = swept[:, start : start + CHUNK], np.zeros_like(rate)
            alpha[0] = 0
            for step, (x, y) in enumerate(points[:-1]):
                slope = rate * (alpha[step] + beta * x - y)
                np.subtract(alpha[step], slope, out=alpha[step + 1])
                beta -= slope * x
    return times, swept.T


def _open(job: Job) -> Session:
    session: Session = ENGINES[job["engine"]].session(
        Path(job["file"]), job["sheet"], job["columns"]
    )
    return session


@contextlib.contextmanager
def _timed(times: dict[str, float], step: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    times[step] = time.perf_counter() - started


def _split(cell: str) -> tuple[str, int]:
    letter = cell.rstrip("0123456789")
    return letter, int(cell[len(letter) :])


def _letters(column: int) -> str:
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _column_number(letter: str) -> int:
    return ord(letter) - ord("A") + 1


if __name__ == "__main__":
    main()
