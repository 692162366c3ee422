"""Work spread over processes, one for each core.

Not by `multiprocessing`: where that starts processes afresh, they run the caller's own script
again, and a script or notebook that merely calls `sheetlab.verify` is not written for that.
"""

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from sheetlab.errors import EngineError, EngineWarning
from sheetlab.text import Text

_PROGRAM = "import sys; sys.path[:] = {path!r}; from sheetlab.processes import serve; serve()"


class _Outcome(NamedTuple):
    """What came of one task in another process."""

    value: Any
    error: Exception | None
    warnings: list[EngineWarning]


class Processes:
    """This process and as many others as there are further cores, to do so many tasks.

    Functions and arguments go there by `pickle`, so that functions stand in a module. When it is
    left, tasks that were begun are broken off; `to_the_end` lets them finish, as those must that
    write files.
    """

    def __init__(self, tasks: int, *, to_the_end: bool = False) -> None:
        self._to_the_end = to_the_end
        self._others = min(tasks, _cores()) - 1 if sys.executable else 0
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []
        self._threads = ThreadPoolExecutor(max(1, self._others))

    def __enter__(self) -> Self:
        for _ in range(self._others):
            self._started.append(_start())
            self._idle.put(self._started[-1])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._to_the_end:
            for process in self._started:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._started:
            process.kill()
        for process in self._started:
            with contextlib.suppress(OSError), process:
                process.wait()

    def map(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """The results of `function(*task)`, in the order of the tasks.

        The other processes start at once. What a task raises is raised where its result would
        come, what it warns of is warned.
        """
        if not self._started:
            return (function(*task) for task in tasks)
        begun = [self._threads.submit(self._run, function, task) for task in tasks]
        return _results(function, tasks, begun)

    def _run(self, function: Callable[..., Any], task: tuple[Any, ...]) -> _Outcome:
        process = self._idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((function, task), process.stdin)
            process.stdin.flush()
            outcome: _Outcome = pickle.load(process.stdout)
        except (EOFError, OSError) as error:
            raise EngineError(
                Text(
                    "A process at work has ended before its time; free some memory, or give fewer"
                    " workbooks at once.",
                    "작업하던 프로세스가 도중에 끝났습니다. 메모리를 비우거나 통합 문서를 한 번에"
                    " 더 적게 주십시오.",
                )
            ) from error
        finally:
            self._idle.put(process)
        return outcome


def serve() -> None:
    """Do the tasks that come on the standard input; for the processes that `Processes` starts."""
    # Ctrl-C reaches every process of a terminal; the one that started this ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outcomes: IO[bytes] = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            function, task = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(_outcome(function, task), outcomes)
        outcomes.flush()


def _outcome(function: Callable[..., Any], task: tuple[Any, ...]) -> _Outcome:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            value, error = function(*task), None
        except Exception as failure:
            failure.add_note(traceback.format_exc())
            value, error = None, failure
    told = [one.message for one in warned if isinstance(one.message, EngineWarning)]
    return _Outcome(value, error, told)


def _results(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    begun: Sequence["Future[_Outcome]"],
) -> Iterator[Any]:
    done_here: dict[int, _Outcome] = {}
    for number, future in enumerate(begun):
        # While the others calculate, this process takes what none of them has begun.
        while number not in done_here and not future.done():
            waiting = (n for n in range(number, len(tasks)) if n not in done_here)
            mine = next((n for n in waiting if begun[n].cancel()), None)
            if mine is None:
                break
            done_here[mine] = _outcome(function, tasks[mine])
        outcome = done_here.pop(number) if number in done_here else future.result()
        for warning in outcome.warnings:
            warnings.warn(warning, stacklevel=3)
        if outcome.error is not None:
            raise outcome.error
        yield outcome.value


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
