import subprocess
import sys

import pytest
from engine.functions.excel import DIV, NUM, excel

from sheetlab.engine.functions import find


def test_functions_of_formulas() -> None:
    assert excel("T.DIST", 1, 10, True) == pytest.approx(0.8295534338489701)
    assert excel("BINOM.DIST", 6, 10, 0.5, False) == pytest.approx(0.205078125)
    assert excel("ACOSH", 0.5) == excel("ACOTH", 0.5) == NUM
    assert excel("T.DIST", 1, DIV, True) == DIV


def test_they_are_lifted_over_arrays() -> None:
    assert excel("PDURATION", [[1, 1], [1, 1]], 1, 2) == [[1, 1], [1, 1]]


@pytest.mark.parametrize("name", ["NOBODY", "ARRAY", "ARRAYROW", "CUBEVALUE", "FORECAST.ETS"])
def test_others_are_unknown(name: str) -> None:
    assert find(name) is None


def test_formulas_is_not_imported_for_our_own() -> None:
    code = """
import sys
from sheetlab.engine.functions import find
assert find("SUM") and find("TEXT") and find("XLOOKUP")
assert "formulas" not in sys.modules and "scipy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
