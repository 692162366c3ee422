"""One attack in a process of its own, whose memory and time are bounded.

`python bounded.py "<arguments of load>" book.xlsx [recalculated.xlsx]` loads and calculates a
workbook, saves it where a second path is given, and prints one line of JSON.
"""

import json
import os
import resource
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

# The address space of Python, NumPy and formulas alone is about half a gigabyte.
MEMORY = 1536 * 1024**2
SECONDS = 60


class Outcome(NamedTuple):
    """What came of a workbook: cells, or the sentence that refused it, and all warnings."""

    values: dict[str, Any]
    refused: str | None
    warnings: list[str]


def run(
    path: Path, *, save: Path | None = None, within: float = SECONDS, **limits: float
) -> Outcome:
    """The outcome of one workbook; fails where it ends in anything else, or goes beyond."""
    arguments = [json.dumps(limits), str(path), *([] if save is None else [str(save)])]
    done = command([sys.executable, __file__, *arguments], within=within)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return Outcome(**json.loads(done.stdout))


def command(
    arguments: list[str], *, within: float = SECONDS, **options: Any
) -> subprocess.CompletedProcess[str]:
    """A process under the limits, ended; its output is as text."""
    return subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
        preexec_fn=_limit,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "SHEETLAB_LANG": "en"},
        **options,
    )


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    from sheetlab import Limits, load
    from sheetlab.errors import SheetlabError

    limits, path, *saved = sys.argv[1:]
    outcome = Outcome({}, None, [])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            book = load(path, limits=Limits(**json.loads(limits)))
            for sheet, ref, _, value in book.cells():
                # Of many cells, a few show what became of all.
                if len(outcome.values) < 1000:
                    outcome.values[f"{sheet}!{ref}"] = value
            for target in saved:
                book.save(target)
        except SheetlabError as error:
            outcome = outcome._replace(refused=str(error))
    outcome.warnings.extend(str(one.message) for one in warned)
    print(json.dumps(outcome._asdict(), default=str))


if __name__ == "__main__":
    main()
