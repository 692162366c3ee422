"""Measures sheetlab beside other spreadsheet engines, on the same files, one process at a time.

`python benchmarks/engines.py --help` says what can be chosen; README.md beside this file, what
is measured and how.
"""

import argparse
import datetime
import json
import multiprocessing
import os
import platform
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import checks
from peers import ENGINES, Job
from steps import SHAPES, Shape, formula_count

ROOT = Path(__file__).resolve().parents[1]
PEERS = Path(__file__).with_name("peers.py")
README = Path(__file__).with_name("README.md")
CHART = Path(__file__).with_name("chart.py")
SGD_WORKBOOK = ROOT / "workbooks" / "sgd.xlsx"
OPEN, CLOSE = "<!-- benchmark -->", "<!-- /benchmark -->"

PARTS = ("engines", "change", "sweep", "growth", "commands")
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
SCENARIOS_ONE_BY_ONE = 2_000
SWEEP_ROWS = 20


_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


class Run(NamedTuple):
    """One process: seconds of its steps and as a whole, peak memory in bytes, what went wrong."""

    times: Mapping[str, float]
    whole: float
    memory: int
    failure: str | None = None


class Table(NamedTuple):
    """A table of results; the first column is text, the others figures."""

    heading: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        def line(cells: Iterable[str]) -> str:
            return f"| {' | '.join(cells)} |"

        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        rows = [line(row) for row in self.rows]
        head = line(self.columns)
        above = [f"### {self.heading}", "", self.note, ""]
        return "\n".join([*above, head, line(rule), *rows])


# A measurement that takes more seconds than this is made once.
ONCE = 20.0


class Bench:
    """Runs the processes: `rounds` of each measurement, none longer than `limit` seconds.

    Files are written and values checked in the process `aside`, so that this one stays small: the
    peak memory that the kernel reports for a child starts at the size of its parent.
    """

    def __init__(
        self, folder: Path, aside: ProcessPoolExecutor, options: argparse.Namespace
    ) -> None:
        self._folder = folder
        self._aside = aside
        self.options = options

    def workbook(self, shape: Shape, rows: int) -> Path:
        """The file of a shape, written when it is first needed."""
        path = self._folder / f"{shape.name}-{rows}.xlsx"
        if not path.exists():
            self._aside.submit(checks.write, shape.name, rows, path).result()
        return path

    def points(self, path: Path) -> list[tuple[float, float]]:
        return self._aside.submit(checks.points, path, SWEEP_ROWS).result()

    def measure(self, job: Job, check: Callable[[Path, Job], str | None]) -> Run:
        """The medians of some rounds of a job; `check` judges the values of the first one."""
        runs: list[Run] = []
        for _ in range(self.options.rounds):
            with TemporaryDirectory(dir=self._folder) as name:
                run = self._run_once(job, Path(name))
                if run.failure is None and not runs:
                    found = self._aside.submit(check, Path(name), job).result()
                    run = run if found is None else run._replace(times={}, failure=found)
                if run.failure is not None:
                    return run
            runs.append(run)
            if run.whole > ONCE:
                break
        return median_of(runs)

    def command(self, *arguments: str) -> Run:
        """The medians of some rounds of a sheetlab command, as the shell runs it."""
        program = str(Path(sys.executable).with_name("sheetlab"))
        return median_of(
            [
                run_process([program, *arguments], self._folder / "said", self.options.limit)
                for _ in range(self.options.rounds)
            ]
        )

    def _run_once(self, job: Job, folder: Path) -> Run:
        (folder / "job.json").write_text(json.dumps(job))
        command = [sys.executable, str(PEERS), str(folder)]
        run = run_process(command, folder / "said", self.options.limit)
        print(f"{job['engine']:12} {job['action']:12} {run.whole:8.2f} s", file=sys.stderr)
        if run.failure is not None:
            return run
        return run._replace(times=json.loads((folder / "times.json").read_text()))


def run_process(command: Sequence[str], said: Path, limit: float) -> Run:
    """Run a command from start to exit; its peak memory covers the processes that it starts."""
    # What is installed has its bytecode, which Python would not keep here.
    environment = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    with said.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
        timer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            timer.cancel()
        whole = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run({}, whole, usage.ru_maxrss * unit, _failure(process.returncode, said, whole, limit))


def _failure(code: int, said: Path, whole: float, limit: float) -> str | None:
    if code == 0:
        return None
    if whole >= limit:
        return f"more than {limit:g} s"
    if code < 0:
        name = signal.Signals(-code).name
        return f"crashes ({name})"
    last = said.read_text(errors="replace").strip().rpartition("\n")[2][:80].replace("|", "/")
    return f"fails: {last}"


def median_of(runs: Sequence[Run]) -> Run:
    failures = [run.failure for run in runs if run.failure is not None]
    return Run(
        {
            step: statistics.median(run.times.get(step, 0.0) for run in runs)
            for step in runs[0].times
        },
        statistics.median(run.whole for run in runs),
        int(statistics.median(run.memory for run in runs)),
        failures[0] if failures else None,
    )


# The parts


def engines_tables(bench: Bench) -> list[Table]:
    return [
        _engines_table(bench, shape, rows)
        for rows in bench.options.rows
        for shape in SHAPES.values()
    ]


def _engines_table(bench: Bench, shape: Shape, rows: int) -> Table:
    runs = {
        name: bench.measure(_job(bench, name, "recalculate", shape, rows), checks.recalculated)
        for name in _chosen(bench, rows)
    }
    base = runs.get("sheetlab")
    return Table(
        _file_heading(shape, rows),
        (
            "Import the engine, load the file, recalculate, read every formula's value; the whole"
            " process, from start to exit. The first ratio is of load and recalculate, the second"
            " of the whole process."
        ),
        [ENGINE, IMPORT, LOAD, CALCULATE, RATIO, READ, WHOLE, RATIO, MEMORY, VALUES],
        [
            [
                _title(name),
                *(_seconds(run.times.get(step)) for step in ("import", "load", "calculate")),
                _ratio(_worked(run), _worked(base)),
                _seconds(run.times.get("read")),
                _seconds(_whole(run)),
                _ratio(_whole(run), _whole(base)),
                _megabytes(run),
                run.failure or AGREE,
            ]
            for name, run in runs.items()
        ],
    )


def change_tables(bench: Bench) -> list[Table]:
    return [
        _change_table(bench, shape, rows)
        for rows in bench.options.rows
        for shape in SHAPES.values()
    ]


def _change_table(bench: Bench, shape: Shape, rows: int) -> Table:
    runs = {
        name: bench.measure(_job(bench, name, "change", shape, rows), checks.recalculated)
        for name in _chosen(bench, rows, slow=False)
        if name != "libreoffice"
    }
    base = runs.get("sheetlab")
    heading = _file_heading(shape, rows)
    return Table(
        f"{heading}: one input changed",
        f"Set {shape.input_cell} in the open workbook and recalculate what depends on it.",
        [ENGINE, CALCULATE, RATIO, VALUES],
        [
            [
                _title(name),
                _seconds(run.times.get("change")),
                _ratio(run.times.get("change"), base and base.times.get("change")),
                run.failure or AGREE,
            ]
            for name, run in runs.items()
        ],
    )


def sweep_tables(bench: Bench) -> list[Table]:
    scenarios = bench.options.scenarios
    every = max(1, scenarios // SCENARIOS_ONE_BY_ONE)
    sgd = SHAPES["sgd"]
    small = bench.workbook(sgd, SWEEP_ROWS)
    tasks = [("numpy", small, 1)]
    tasks += [(name, small, 1 if name == "sheetlab" else every) for name in _chosen(bench, 0)]
    tasks = [task for task in tasks if task[0] not in ("libreoffice", "pycel", "formulas")]
    if any(name == "sheetlab" for name, _, _ in tasks):
        tasks.append(("sheetlab", SGD_WORKBOOK, 1))
    runs = []
    for name, path, step in tasks:
        by_name = path == SGD_WORKBOOK
        job = {
            "engine": name,
            "action": "sweep",
            "file": str(path),
            "sheet": sgd.sheet,
            "columns": [("E", 4, 3 + SWEEP_ROWS)],
            "cell": sgd.input_cell,
            "input": "learning_rate" if by_name else f"{sgd.sheet}!{sgd.input_cell}",
            "output": "alpha" if by_name else f"{sgd.sheet}!E4:E{3 + SWEEP_ROWS}",
            "scenarios": scenarios,
            "every": step,
            "points": bench.points(path),
        }
        runs.append((name, path, step, bench.measure(job, checks.swept)))
    base = next((run for name, _, _, run in runs if name == "sheetlab"), None)
    return [
        Table(
            f"{scenarios:,} learning rates through {SWEEP_ROWS} SGD steps",
            (
                f"Each scenario gives the {SWEEP_ROWS} values of alpha; sgd-{SWEEP_ROWS} has"
                f" {formula_count(sgd, SWEEP_ROWS)} formula cells. Engines that set and"
                " recalculate one scenario at a time are measured on the number of scenarios"
                " shown, and their time is scaled to all. NumPy is no spreadsheet: it is what"
                " the same loop costs when written by hand, in chunks that fit the cache."
            ),
            [
                ENGINE,
                "file",
                "measured",
                f"{scenarios:,} scenarios",
                RATIO,
                MEMORY,
                VALUES,
            ],
            [
                [
                    _title(name),
                    path.stem,
                    f"{len(range(0, scenarios, step)):,}",
                    _seconds(_swept(run, step)),
                    _ratio(_swept(run, step), base and _swept(base, 1)),
                    _megabytes(run),
                    run.failure or AGREE,
                ]
                for name, path, step, run in runs
            ],
        )
    ]


def _swept(run: Run, step: int) -> float | None:
    """The seconds for all scenarios when one in `step` was measured."""
    return run.times["sweep"] * step if run.times else None


def growth_tables(bench: Bench) -> list[Table]:
    tables = []
    for shape in SHAPES.values():
        cells = []
        for rows in GROWTH:
            job = _job(bench, "sheetlab", "recalculate", shape, rows)
            run = bench.measure(job, checks.recalculated)
            formulas = formula_count(shape, rows)
            per_formula = f"{run.whole / formulas * 1e6:.2f} µs" if run.times else "—"
            cells.append(
                [
                    f"{rows:,}",
                    f"{formulas:,}",
                    *(_seconds(run.times.get(step)) for step in ("import", "load", "calculate")),
                    _seconds(_whole(run)),
                    per_formula,
                    _megabytes(run),
                    run.failure or AGREE,
                ]
            )
        tables.append(
            Table(
                f"Growth of sheetlab: {shape.name}",
                "From the start of Python to its exit, every value read.",
                [
                    "rows",
                    "formulas",
                    IMPORT,
                    LOAD,
                    CALCULATE,
                    WHOLE,
                    "per formula",
                    MEMORY,
                    VALUES,
                ],
                cells,
            )
        )
    return tables


def commands_tables(bench: Bench) -> list[Table]:
    with TemporaryDirectory(prefix="sheetlab-benchmark-") as folder:
        build = bench.command("build", "--force", "--out", folder)
        made = {path.name: str(path) for path in Path(folder).glob("*.xlsx")}
        # The index holds no figures.
        files = sorted(path for name, path in made.items() if name != "index.xlsx")
        verify = bench.command("verify", *files)
    return [
        Table(
            "The commands",
            f"All {len(files)} lessons, from the shell.",
            ["command", WHOLE, MEMORY, "result"],
            [
                [
                    f"`sheetlab {name}`",
                    _seconds(run.whole),
                    f"{run.memory / 1e6:,.0f} MB",
                    run.failure or "well",
                ]
                for name, run in (("build", build), ("verify", verify))
            ],
        )
    ]


def _job(bench: Bench, name: str, action: str, shape: Shape, rows: int) -> Job:
    return {
        "engine": name,
        "action": action,
        "file": str(bench.workbook(shape, rows)),
        "shape": shape.name,
        "rows": rows,
        "sheet": shape.sheet,
        "columns": shape.formulas(rows),
        "cell": shape.input_cell,
        "value": shape.changed_value if action == "change" else shape.input_value,
    }


def _chosen(bench: Bench, rows: int, *, slow: bool = True) -> list[str]:
    """The engines that are installed, were asked for and can do so many rows."""
    options = bench.options
    return [
        name
        for name in options.engines
        if ENGINES[name].version() is not None
        and rows <= (ENGINES[name].slow_rows if slow and options.slow else ENGINES[name].rows)
    ]


# The cells of the tables

ENGINE = "engine"
IMPORT = "import"
LOAD = "load"
CALCULATE = "recalculate"
READ = "read"
WHOLE = "whole process"
RATIO = "÷ sheetlab"
MEMORY = "peak memory"
VALUES = "values"
AGREE = "agree"
NONE = "—"


def _title(name: str) -> str:
    return ENGINES[name].title if name in ENGINES else "NumPy"


def _whole(run: Run | None) -> float | None:
    return run.whole if run is not None and run.times else None


def _worked(run: Run | None) -> float | None:
    """The seconds of loading and recalculating, which LibreOffice does in one."""
    if run is None or "calculate" not in run.times:
        return None
    return run.times.get("load", 0.0) + run.times["calculate"]


def _file_heading(shape: Shape, rows: int) -> str:
    formulas = formula_count(shape, rows)
    return f"{shape.name}-{rows}: {formulas:,} formulas"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return NONE
    if seconds < 0.1:
        return f"{seconds * 1000:.2g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:,.0f} s"


def _ratio(seconds: float | None, base: float | None) -> str:
    if seconds is None or base is None:
        return NONE
    ratio = seconds / base
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×"


def _megabytes(run: Run) -> str:
    return f"{run.memory / 1e6:,.0f} MB" if run.times else NONE


def machine(engines: Iterable[str]) -> str:
    """The machine and the versions of everything that was measured."""
    cpu, memory = platform.processor() or platform.machine(), ""
    information = Path("/proc/cpuinfo")
    if information.exists():
        models = [s for s in information.read_text().splitlines() if s.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = f", {size / 2**30:.0f} GiB"
    versions = [f"{ENGINES[name].title} {ENGINES[name].version()}" for name in engines]
    return (
        f"{datetime.date.today().isoformat()}: {cpu}, {os.cpu_count()} × CPU{memory},"
        f" {platform.system()}, Python {platform.python_version()}, NumPy {version('numpy')},"
        f" {', '.join(versions)}."
    )


def write_between_markers(path: Path, text: str, begin: str = OPEN, end: str = CLOSE) -> None:
    """Put the text between the markers of a file."""
    head, opening, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closing, tail = rest.partition(end)
    if not (opening and closing):
        sys.exit(f"{path}: there are no lines {begin} and {end}; add them where the tables go.")
    path.write_text(f"{head}{begin}\n\n{text}\n\n{end}{tail}", encoding="utf-8")


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, default=[p for p in PARTS if p != "growth"])
    add("--growth", action="store_true", help="also the growth of sheetlab to a million rows")
    add("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    add("--rows", nargs="+", type=int, default=[1_000, 100_000], help="rows of the workbooks")
    add("--rounds", type=int, default=3, help="processes for each measurement, for medians")
    add("--scenarios", type=int, default=1_000_000, help="learning rates of the sweep")
    add("--limit", type=float, default=300.0, help="seconds that one process may take")
    add("--slow", action="store_true", help="give slow engines ten times as many rows")
    add(
        "--write",
        action="store_true",
        help="put the tables into README.md beside this, and draw the chart",
    )
    options = parser.parse_args(arguments)
    if options.growth:
        options.parts = [*options.parts, "growth"]
    return options


MAKERS: dict[str, Callable[[Bench], list[Table]]] = {
    "engines": engines_tables,
    "change": change_tables,
    "sweep": sweep_tables,
    "growth": growth_tables,
    "commands": commands_tables,
}


def main() -> None:
    options = options_of()
    context = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder, ProcessPoolExecutor(1, context) as aside:
        for shape in SHAPES:
            aside.submit(checks.same_as_openpyxl, shape, Path(folder)).result()
        bench = Bench(Path(folder), aside, options)
        tables = [table for part in PARTS if part in options.parts for table in MAKERS[part](bench)]
        measured = machine(name for name in options.engines if ENGINES[name].version())
    text = "\n\n".join([measured, *(table.markdown() for table in tables)])
    print(text)
    if options.write:
        write_between_markers(README, text)
        subprocess.run([sys.executable, str(CHART)], check=True)


if __name__ == "__main__":
    main()
