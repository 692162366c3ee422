"""Measures every shape of workbook in sheetlab, IronCalc and formualizer, each in its own process.

`python benchmarks/run.py --shape chain --rows 10000 --engine sheetlab` measures one. Without
`--shape` all are measured; `--write` puts the tables into README.md beside this file.
"""

import argparse
import hashlib
import itertools
import json
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from engines import PEERS, README, Run, machine, run_process, write_between_markers
from files import Area, Made, make
from peers import ENGINES
from shapes import SHAPES, Shape, letters

OPEN, CLOSE = "<!-- shapes -->", "<!-- /shapes -->"
MEASURED = ("sheetlab", "ironcalc", "formualizer")
ROWS = (1_000, 10_000, 100_000)
TOLERANCE = 1e-12  # relative, and absolute for values below 1
SHOWN = 60


class Outcome(NamedTuple):
    """What an engine made of a file: the medians of its rounds, the values before and after."""

    run: Run
    before: Sequence[Any]
    after: Sequence[Any]

    @property
    def recalculated(self) -> float | None:
        """Seconds for load and recalculation."""
        times = self.run.times
        return times["load"] + times["calculate"] if "calculate" in times else None

    @property
    def changed(self) -> float | None:
        """Seconds until what reads a changed input has its new value."""
        return self.run.times.get("change")


class Line(NamedTuple):
    """A shape of one size in all engines, and what is wrong with the values, by engine."""

    shape: Shape
    rows: int
    made: Made
    outcomes: Mapping[str, Outcome]
    faults: Mapping[str, str]

    def seconds(self, engine: str, figure: str) -> float | None:
        """A figure of an engine whose values are right."""
        if engine not in self.outcomes or engine in self.faults:
            return None
        seconds: float | None = getattr(self.outcomes[engine], figure)
        return seconds

    def fastest_peer(self, figure: str) -> float | None:
        found = [self.seconds(engine, figure) for engine in self.outcomes if engine != "sheetlab"]
        return min((seconds for seconds in found if seconds is not None), default=None)

    def ratio(self, figure: str) -> float | None:
        """How many times the seconds of sheetlab the fastest peer takes."""
        own, peer = self.seconds("sheetlab", figure), self.fastest_peer(figure)
        return None if own is None or peer is None else peer / own


def measure(shape: Shape, rows: int, options: argparse.Namespace) -> Line:
    """Run the engines one after the other on one file, and compare what they give."""
    made = make(shape, rows, options.files)
    outcomes = {engine: _outcome(engine, shape, rows, made, options) for engine in options.engine}
    line = Line(shape, rows, made, outcomes, _faults(shape, made, outcomes))
    for engine, outcome in outcomes.items():
        said = line.faults.get(engine) or ("" if len(outcomes) == 1 else "agree")
        figures = f"{_seconds(outcome.recalculated):>8} {_seconds(outcome.changed):>8}"
        memory = f"{outcome.run.memory / 1e6:6,.0f} MB"
        size = f"{rows:9,} {made.formulas:9,}"
        print(f"{shape.name:28}{size} {engine:12}{figures} {memory}  {said}", flush=True)
    return line


def _outcome(
    engine: str, shape: Shape, rows: int, made: Made, options: argparse.Namespace
) -> Outcome:
    change = shape.change(rows)
    job = {
        "engine": engine,
        "action": "shape",
        "file": str(made.path),
        "areas": made.areas,
        "change": change if options.change else None,
        "profile": options.profile,
    }
    runs = []
    before: Sequence[Any] = ()
    after: Sequence[Any] = ()
    for _ in range(options.rounds):
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "job.json").write_text(json.dumps(job))
            command = [sys.executable, str(PEERS), str(folder)]
            run = run_process(command, folder / "said", options.limit)
            times = folder / "times.json"
            if times.exists():
                run = run._replace(times=json.loads(times.read_text()))
            if options.profile:
                print((folder / "said").read_text())
            before, after = (
                json.loads((folder / step).read_text()) if (folder / step).exists() else before
                for step in ("before", "after")
            )
        runs.append(run)
        if run.failure is not None or run.whole > options.limit / 3:
            break
    steps = set.intersection(*(set(run.times) for run in runs))
    return Outcome(
        Run(
            {step: statistics.median(run.times[step] for run in runs) for step in steps},
            statistics.median(run.whole for run in runs),
            max(run.memory for run in runs),
            next((run.failure for run in runs if run.failure), None),
        ),
        before,
        after,
    )


def _faults(shape: Shape, made: Made, outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """What is wrong with the engines: failures, and values in which the others do not follow.

    Where two agree, the third is wrong; where all differ, nobody is said to be right.
    """
    faults = {
        engine: outcome.run.failure
        for engine, outcome in outcomes.items()
        if outcome.run.failure is not None and outcome.recalculated is None
    }
    ran = [engine for engine in outcomes if engine not in faults]
    if shape.drawn:
        return faults
    for step in ("before", "after"):
        values = {engine: getattr(outcomes[engine], step) for engine in ran}
        values = {engine: found for engine, found in values.items() if len(found)}
        different = {
            (one, other): _different(values[one], values[other])
            for i, one in enumerate(values)
            for other in list(values)[:i]
        }
        agreeing = {engine for pair, places in different.items() if not places for engine in pair}
        for (one, other), places in different.items():
            if not places:
                continue
            wrong = [engine for engine in (one, other) if engine not in agreeing]
            for engine in wrong or (one, other):
                peer = other if engine == one else one
                faults.setdefault(engine, _difference(made, values, engine, peer, places, step))
    return faults


def _difference(
    made: Made,
    values: Mapping[str, Sequence[Any]],
    engine: str,
    peer: str,
    places: Sequence[int],
    step: str,
) -> str:
    ref, one, other = _ref(made.areas, places[0]), values[engine], values[peer]
    when = " after the change" if step == "after" else ""
    unknown = {"#NAME?", "#N/IMPL!"} & {
        one[place] for place in places if isinstance(one[place], str)
    }
    what = "lacks a function in" if unknown else "differs in"
    return (
        f"{what} {len(places):,} of {len(one):,} cells{when}: {ref} is {_shown(one[places[0]])},"
        f" {_title(peer)} has {_shown(other[places[0]])}"
    )


def _different(one: Sequence[Any], other: Sequence[Any]) -> list[int]:
    if len(one) != len(other):
        return list(range(max(len(one), len(other))))
    return [place for place, pair in enumerate(zip(one, other, strict=True)) if not _same(*pair)]


def _same(one: Any, other: Any) -> bool:
    if type(one) is float and type(other) is float:
        return abs(one - other) <= TOLERANCE * max(1, abs(one))
    return type(one) is type(other) and bool(one == other)


def _ref(areas: Sequence[Area], place: int) -> str:
    for sheet, top, left, bottom, right in areas:
        width = right - left + 1
        size = (bottom - top + 1) * width
        if place < size:
            return f"{sheet}!{letters(left + place % width)}{top + place // width}"
        place -= size
    return "a cell"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


# The tables


def tables(lines: Sequence[Line]) -> Iterator[str]:
    """A table for each number of rows, how seconds grow, and what engines get wrong."""
    for rows in sorted({line.rows for line in lines}):
        yield _table([line for line in lines if line.rows == rows], rows)
    grown = [pair for name in SHAPES for pair in _neighbours(lines, name)]
    if grown:
        yield _growth(grown)
    faults = [
        f"- `{line.shape.name}`, {line.rows:,} rows: {_title(engine)} {fault}"
        for line in lines
        for engine, fault in line.faults.items()
    ]
    if faults:
        yield "\n".join(["#### Where values differ, or there are none", "", *faults])


def _table(lines: Sequence[Line], rows: int) -> str:
    engines = list(lines[0].outcomes)
    titles = [_title(engine) for engine in engines]
    head = ["shape", "formulas", *titles, "peer ÷ sheetlab"]
    head += [f"{title}, changed" for title in titles] + ["peer ÷ sheetlab"]
    text = [
        f"### All shapes, {rows:,} rows",
        "",
        "Seconds for load and recalculation, imports set aside, and for one input changed and all"
        " read again. The ratio is that of the fastest engine beside sheetlab. In brackets: the"
        " values are not right.",
        "",
        _row(head),
        _row(["---", *["---:"] * (len(head) - 1)]),
    ]
    for line in lines:
        cells = [f"{line.shape.about} (`{line.shape.name}`)", f"{line.made.formulas:,}"]
        for figure in ("recalculated", "changed"):
            cells += [_figure(line, engine, figure) for engine in engines]
            cells.append(_times(line.ratio(figure)))
        text.append(_row(cells))
    text.append("")
    for figure, what in (("recalculated", "load and recalculation"), ("changed", "a change")):
        for engine in engines[1:]:
            pairs = [
                (line.seconds("sheetlab", figure), line.seconds(engine, figure)) for line in lines
            ]
            both = [(own, theirs) for own, theirs in pairs if own and theirs]
            if both:
                mean = math.exp(statistics.fmean(math.log(theirs / own) for own, theirs in both))
                slower = sum(theirs < own for own, theirs in both)
                text.append(
                    f"- {what}, {_title(engine)} ÷ sheetlab: geometric mean {_times(mean)} over"
                    f" {len(both)} shapes; {_title(engine)} is faster on {slower}"
                )
    return "\n".join(text)


def _neighbours(lines: Sequence[Line], name: str) -> Iterator[tuple[Line, Line]]:
    sizes = sorted((line for line in lines if line.shape.name == name), key=lambda line: line.rows)
    yield from itertools.pairwise(sizes)


def _growth(pairs: Sequence[tuple[Line, Line]]) -> str:
    text = [
        "### Growth",
        "",
        "How many times as long sheetlab takes for so many times as many formulas.",
        "",
        _row(["shape", "rows", "formulas", "load and recalculation", "changed"]),
        _row(["---", *["---:"] * 4]),
    ]
    for small, large in pairs:
        cells = [f"`{small.shape.name}`", f"{small.rows:,} → {large.rows:,}"]
        cells.append(_times(large.made.formulas / small.made.formulas))
        for figure in ("recalculated", "changed"):
            less, more = (line.seconds("sheetlab", figure) for line in (small, large))
            cells.append(_times(more / less if less and more else None))
        text.append(_row(cells))
    return "\n".join(text)


def _figure(line: Line, engine: str, figure: str) -> str:
    outcome = line.outcomes[engine]
    seconds = getattr(outcome, figure)
    if seconds is None:
        failure = outcome.run.failure or ""
        return f"> {failure.split()[2]}" if failure.startswith("more than") else "–"
    return f"({_seconds(seconds)})" if engine in line.faults else _seconds(seconds)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    digits = next((d for d, least in enumerate((10, 0.1, 0.01), 1) if seconds >= least), 4)
    return f"{seconds:.{digits}f}"


def _times(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×"


def _title(engine: str) -> str:
    return ENGINES[engine].title


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    source = Path(__file__).with_name("shapes.py").read_bytes()
    kept = Path(tempfile.gettempdir()) / f"sheetlab-shapes-{hashlib.sha1(source).hexdigest()[:8]}"
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--shape", nargs="+", choices=SHAPES, default=list(SHAPES), metavar="NAME")
    add("--rows", nargs="+", type=int, default=[10_000], help=f"{ROWS} for the whole table")
    add("--engine", nargs="+", choices=MEASURED, default=list(MEASURED))
    add("--rounds", type=int, default=1, help="processes for each measurement, for medians")
    add("--limit", type=float, default=60.0, help="seconds that one process may take")
    add("--no-change", dest="change", action="store_false", help="leave the changed input out")
    add("--profile", action="store_true", help="where the seconds go, by cProfile")
    add("--files", type=Path, default=kept, help="folder that keeps the workbooks")
    add("--list", action="store_true", help="the names of all shapes, and what they are")
    add("--write", action="store_true", help="put the tables into README.md beside this")
    add("--table", action="store_true", help="print the tables")
    return parser.parse_args(arguments)


def main() -> None:
    options = options_of()
    if options.list:
        for each in SHAPES.values():
            print(f"{each.name:28}{each.about}")
        return
    options.files.mkdir(parents=True, exist_ok=True)
    lines = [
        measure(SHAPES[name], rows, options)
        for rows in options.rows
        for name in options.shape
        if rows <= SHAPES[name].most_rows
    ]
    text = "\n\n".join([machine(options.engine), *tables(lines)])
    if options.table or options.write:
        print(f"\n{text}")
    if options.write:
        write_between_markers(README, text, OPEN, CLOSE)


if __name__ == "__main__":
    main()
