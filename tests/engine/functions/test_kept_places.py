"""Where values stand in ranges that are asked again and again, against a look at every element."""

import gc

import numpy as np
import pytest

from sheetlab.engine import functions
from sheetlab.engine.functions.calling import invoke
from sheetlab.engine.values.value import Scalar
from sheetlab.files.cell_value import CellError

SOUGHT: tuple[Scalar, ...] = (
    *("cat", "CAT", "dog", "", "d*", "3", 3.0, 0.0, -0.0, True, False, None),
    *(1.0, 2.0, "x~*y", CellError("#N/A")),
)


def values() -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    array = np.empty((80, 2), object)
    for row in range(80):
        array[row] = SOUGHT[row * 7 % len(SOUGHT)] if row % 3 else f"row {row}", float(row)
    return array


@pytest.mark.parametrize(
    ("name", "others"),
    [("MATCH", (0.0,)), ("XMATCH", ()), ("XMATCH", (0.0, -1.0)), ("XMATCH", (2.0, -1.0)),
     ("VLOOKUP", (2.0, False)), ("HLOOKUP", (2.0, False))],
)  # fmt: skip
def test_what_is_kept_is_what_is_found(name: str, others: tuple[Scalar, ...]) -> None:
    function = functions.find(name)
    assert function is not None
    changing, kept = values(), values()
    if name != "VLOOKUP":
        changing, kept = changing[:, :1], kept[:, :1]
    if name == "HLOOKUP":
        changing, kept = np.vstack([changing.T] * 2), np.vstack([kept.T] * 2)
    kept.flags.writeable = False
    for value in SOUGHT * 3:
        found = invoke(function.call, (value, kept, *others))
        assert found == invoke(function.call, (value, changing, *others)), value


def test_another_array_in_the_same_place_is_another() -> None:
    function = functions.find("MATCH")
    assert function is not None
    for number in range(20):
        array = values()[:, :1]
        array[number] = "sought"
        array.flags.writeable = False
        for _ in range(3):
            assert invoke(function.call, ("sought", array, 0.0)) == number + 1
        del array
        gc.collect()
