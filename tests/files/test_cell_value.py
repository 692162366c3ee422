"""Error values are of a type of their own, which nothing takes for a text."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from sheetlab.files.cell_value import CellError

CODES = ["#N/A", "#DIV/0!", "#SPILL!", "#CALC!", "#BLOCKED!", "#UNHEARD!"]


@pytest.mark.parametrize("code", CODES)
def test_an_error_equals_an_error_of_its_code_only(code: str) -> None:
    error: Any = CellError(code)
    assert error == CellError(code)
    assert hash(error) == hash(CellError(code))
    assert not error != CellError(code)  # noqa: SIM202
    assert error != CellError("#NULL!")
    for other in (code, code.encode(), None, 0.0, True):
        assert error != other
        assert other != error
    assert not isinstance(error, str)
    assert {error: 1}.get(code) is None
    assert (error.code, str(error), f"{error:>10}") == (code, code, f"{code:>10}")
    assert repr(error) == f"CellError('{code}')"


@pytest.mark.parametrize("code", CODES)
def test_an_error_is_pickled_and_copied(code: str) -> None:
    error = CellError(code)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is CellError
        assert again == error
    assert copy.copy(error) == copy.deepcopy([error])[0] == error
    assert CellError("#N/A") is pickle.loads(pickle.dumps(CellError("#N/A")))


def test_an_error_cannot_be_changed() -> None:
    error: Any = CellError("#N/A")
    with pytest.raises(AttributeError):
        error.code = "#REF!"
    with pytest.raises(AttributeError):
        error.text = "#REF!"
    assert CellError("#N/A").code == "#N/A"


def test_arrays_of_errors_hold_objects() -> None:
    error = CellError("#N/A")
    for array in (np.array([error, "#N/A"]), np.array([error, 1.0]), np.full(2, error)):
        assert array.dtype == object
        assert array[0] is error
    assert (np.array([error, "#N/A", 1.0], dtype=object) == error).tolist() == [True, False, False]
