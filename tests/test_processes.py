"""Work spread over processes: in order, with errors and warnings, whatever calls it."""

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from sheetlab import processes
from sheetlab.building import build, write_built
from sheetlab.checking import verify_files
from sheetlab.errors import EngineError, EngineWarning, InputError, WorkbookError
from sheetlab.lessons import lesson, lesson_names
from sheetlab.processes import Processes
from sheetlab.text import Text


def square(number: int) -> tuple[int, int]:
    time.sleep(0.02)
    return number**2, os.getpid()


def refuse(number: int, here: int) -> int:
    if number == 2:
        raise InputError(Text("two is refused", "둘은 안 됩니다"))
    warnings.warn(EngineWarning(Text(f"careful with {number}", "조심")), stacklevel=1)
    if os.getpid() != here:
        print("what a task prints there is no answer")
    time.sleep(0.2)
    return number


def leave(here: int) -> None:
    if os.getpid() != here:
        os._exit(1)
    time.sleep(0.5)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_cores", lambda: 2)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_results_come_in_order_from_other_processes() -> None:
    with Processes(20) as pool:
        results = list(pool.map(square, [(number,) for number in range(20)]))
        assert next(iter(pool.map(square, [(3,)])))[0] == 9
    assert [result for result, _ in results] == [number**2 for number in range(20)]
    processes_used = {process for _, process in results}
    assert len(processes_used) == 2
    assert os.getpid() in processes_used


def test_a_single_task_is_done_here() -> None:
    with Processes(1) as pool:
        assert list(pool.map(square, [(3,)])) == [(9, os.getpid())]


def test_errors_and_warnings_pass_through(capfd: pytest.CaptureFixture[str]) -> None:
    with Processes(2) as pool:
        results = pool.map(refuse, [(number, os.getpid()) for number in (1, 2, 3)])
        with pytest.warns(EngineWarning, match="careful with 1"):
            assert next(results) == 1
        with pytest.raises(InputError, match="two is refused") as refusal:
            next(results)
    assert "in refuse" in "".join(refusal.value.__notes__)
    printed = capfd.readouterr()
    assert printed.out == ""


def test_a_process_that_ends_before_its_time_is_told() -> None:
    with Processes(2) as pool, pytest.raises(EngineError, match="has ended before its time"):
        list(pool.map(leave, [(os.getpid(),)] * 20))


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("workbooks")
    for name in lesson_names()[:3]:
        found = lesson(name)
        write_built(build(found, found.inputs(), "en"), folder / f"{name}.xlsx")
    return sorted(folder.iterdir())


def test_several_workbooks_are_verified_as_each_alone(workbooks: list[Path]) -> None:
    told: list[str] = []
    report = verify_files(workbooks, progress=told.append)
    alone = [verify_files([path]) for path in workbooks]
    assert told == [str(path) for path in workbooks]
    assert set(report.quantities) == {one for each in alone for one in each.quantities}
    assert report.figures == tuple(one for each in alone for one in each.figures)
    assert report.ok


def test_the_first_file_that_cannot_be_read_is_named(workbooks: list[Path], tmp_path: Path) -> None:
    missing = tmp_path / "missing.xlsx"
    with pytest.raises(WorkbookError, match=r"missing\.xlsx"):
        verify_files([workbooks[0], missing, tmp_path / "other.xlsx"])


def test_a_script_without_a_main_guard_may_verify(workbooks: list[Path], tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, sheetlab\n"
        "from sheetlab import processes\n"
        "processes._cores = lambda: 2\n"
        "print(sheetlab.verify(*sys.argv[1:], engine=('sheetlab',)).ok)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), *map(str, workbooks)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "True\n", done.stderr
