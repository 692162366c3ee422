"""Sheet and reference agree for any inputs, not only for the slide's."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetlab.building import calculate
from sheetlab.checking.agreement import TOLERANCE, difference
from sheetlab.inputs import LessonInputs
from sheetlab.lessons import Lesson, lesson, lesson_names


def largest_difference(found: Lesson, inputs: LessonInputs) -> tuple[float, str]:
    """The largest difference between the recalculated sheet and the reference, and where."""
    book, sheet = calculate(found, inputs, "en")
    reference = found.reference(inputs)
    assert reference.keys() == sheet.quantity_ranges.keys()
    worst = (0.0, "")
    for quantity, expected in reference.items():
        computed = np.ravel(np.asarray(book[quantity], dtype=object))
        assert computed.size == expected.size, quantity
        for index, (one, other) in enumerate(zip(computed, expected.ravel(), strict=True)):
            value: Any = other.item() if isinstance(other, np.generic) else other
            worst = max(worst, (difference(one, value), f"{quantity}[{index}]: {one} {value}"))
    return worst


@pytest.mark.parametrize("name", lesson_names())
def test_the_slides_inputs(name: str) -> None:
    error, where = largest_difference(lesson(name), lesson(name).inputs())
    assert error <= TOLERANCE, where


@pytest.mark.parametrize("name", lesson_names())
def test_inputs_changed_at_random(name: str) -> None:
    strategy: st.SearchStrategy[LessonInputs] = import_module(f"test_{name}").INPUTS

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(strategy)
    def check(inputs: LessonInputs) -> None:
        error, where = largest_difference(lesson(name), inputs)
        assert error <= TOLERANCE, where

    check()
