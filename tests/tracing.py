"""Keeps `pytest --cov` quick: each test is traced until it has run for a while.

Tracing doubles the time of what runs, and after the first cases and random examples of a test,
more of them reach hardly any further line.
"""

import functools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from typing import Any

import pytest

SECONDS = 0.5  # of processor time, for all cases and examples of a test in one process


class TraceBudget:
    """A plugin of pytest that switches the tracing of coverage off and on."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._wrapped: set[int] = set()
        self._tracer: Any = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let each test, or each example of a random one, look whether it is to be traced."""
        for item in items:
            test = item.nodeid.partition("[")[0]
            if not isinstance(item, pytest.Function):
                continue
            if not getattr(item.obj, "is_hypothesis_test", False):
                item.obj = self._within_budget(item.obj, test)
            elif id(item.obj) not in self._wrapped:
                self._wrapped.add(id(item.obj))
                random = item.obj.hypothesis
                random.inner_test = self._within_budget(random.inner_test, test)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Trace nothing but what is within the budget of the test."""
        self._tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return (yield)
        finally:
            sys.settrace(self._tracer)

    def _within_budget(self, function: Callable[..., Any], test: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def traced(*arguments: Any, **named: Any) -> Any:
            if self._spent[test] >= SECONDS:
                return function(*arguments, **named)
            started = time.process_time()
            sys.settrace(self._tracer)
            try:
                return function(*arguments, **named)
            finally:
                sys.settrace(None)
                self._spent[test] += time.process_time() - started

        return traced
