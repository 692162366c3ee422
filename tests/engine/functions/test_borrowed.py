import subprocess
import sys

import pytest
from engine.functions.excel import DIV, NUM, excel

from sheetlab.engine.functions import find


def test_functions_of_formulas() -> None:
    assert excel("COTH", 2) == pytest.approx(1.0373147207275482)
    assert excel("ACOSH", 0.5) == excel("ACOTH", 0.5) == NUM
    assert excel("COTH", DIV) == DIV


def test_they_are_lifted_over_arrays() -> None:
    assert excel("BITAND", [[1, 2], [3, 4]], 1) == [[1, 0], [1, 0]]


@pytest.mark.parametrize("name", ["NOBODY", "ARRAY", "ARRAYROW", "CUBEVALUE"])
def test_others_are_unknown(name: str) -> None:
    assert find(name) is None


def test_formulas_is_not_imported_for_our_own() -> None:
    code = """
import sys
from sheetlab.engine.functions import find
assert find("SUM") and find("TEXT") and find("XLOOKUP")
assert find("NORM.DIST").call(1.0, 0.0, 1.0, True)
assert "formulas" not in sys.modules and "scipy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
