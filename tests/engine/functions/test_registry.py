"""Every declaration is sound, and every kernel of numbers means what its function means."""

import math
import pkgutil
import subprocess
import sys
from importlib import import_module
from inspect import isfunction
from itertools import product
from typing import Any, get_args, get_type_hints

import hypothesis
import numpy as np
import pytest
from engine.functions.excel import excel, interpreted
from hypothesis import strategies as st

from sheetlab.engine import functions, interpreter
from sheetlab.engine.functions.function import Function, Parameter
from sheetlab.engine.functions.kernels import Element, Elementwise, OfNumbers, Reduction, Rowwise
from sheetlab.engine.functions.modules import NAMES
from sheetlab.engine.values.conversions import number_of
from sheetlab.engine.values.value import Array, Scalar
from sheetlab.files.cell_value import CellError

NUMBERS = (
    *(0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, 0.285, 1.005, 1 / 3, math.pi),
    *(5e-324, -1e-300, 1e-20, 1e-8, 123456.5, 1e15, 2.0**53, 1e22, -1e22, 1e100, 700.0, 710.0),
    *(1e155, 1.7e308, -1.7e308),
)
DAYS = (0.75, 2.0, 31.0, 59.0, 60.0, 61.0, 366.0, 45351.5, 2958465.0, 2958466.0)
OTHERS: tuple[Scalar, ...] = (
    *("", "3", "x", "1e400", True, False, None),
    *(CellError("#DIV/0!"), CellError("#N/A")),
)
SMALL = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.1, 1e155, 5e-324, -0.0, 2.0]))
DAY = st.integers(40_000, 40_009).map(float)
RATE = st.one_of(st.floats(-1.5, 1), st.sampled_from([0.0, -1.0, 1e100]))
DECLARED = functions.own()
ELEMENTWISE = [name for name, one in DECLARED.items() if isinstance(one.kernel, Elementwise)]
ROWWISE = [name for name, one in DECLARED.items() if isinstance(one.kernel, Rowwise)]
OF_NUMBERS = [name for name, one in DECLARED.items() if one.of_numbers is not None]
REDUCTIONS = [name for name, one in DECLARED.items() if isinstance(one.kernel, Reduction)]


@pytest.mark.parametrize("name", DECLARED)
def test_a_declaration_is_sound(name: str) -> None:
    declared = DECLARED[name]
    assert name == name.upper()
    assert not name.startswith("_XL")
    assert set(declared.parameters) <= set(get_args(Parameter))
    assert 0 <= declared.repeating <= len(declared.parameters)
    assert 0 <= declared.least <= len(declared.parameters)
    assert declared.special or not {"reference", "lazy"} & set(declared.parameters)
    assert declared.special or declared.reads == "arguments", "only special forms see the workbook"
    assert not (declared.special and isinstance(declared.kernel, OfNumbers))
    if isinstance(declared.date_parameters, tuple):
        assert all(position < len(declared.parameters) for position in declared.date_parameters)


@pytest.mark.parametrize("name", DECLARED)
def test_what_gives_arrays_says_so(name: str) -> None:
    declared = DECLARED[name]
    if declared.kernel is None and not declared.special:
        gives = get_type_hints(declared.call).get("return") if isfunction(declared.call) else None
        assert declared.spreads or Array not in (gives, *get_args(gives))


def test_where_each_function_is_declared_is_known() -> None:
    declared = {}
    for package in (functions, interpreter):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            table = getattr(import_module(module.name), "FUNCTIONS", None)
            if table is not None:
                declared[module.name.removeprefix("sheetlab.engine.")] = sorted(table)
    assert {module: sorted(names.split()) for module, names in NAMES.items()} == declared
    assert len(DECLARED) == sum(map(len, declared.values()))


def test_only_what_is_called_is_imported() -> None:
    code = """
import sys
from sheetlab.engine import functions
before = {name for name in sys.modules if name.startswith("sheetlab.")}
assert functions.find("NOBODY") is None
assert before == {name for name in sys.modules if name.startswith("sheetlab.")}
assert functions.known("RAND")
assert not {"sheetlab.engine.functions.text", "sheetlab.engine.functions.dates"} & {*sys.modules}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_asked_of_a_function() -> None:
    assert all(functions.known(name) for name in ("SUM", "IF", "T.DIST"))
    assert not functions.known("NOBODY")
    assert isinstance(functions.kernel("EXP"), Elementwise)
    assert functions.kernel("INDEX") == Element()
    assert functions.kernel("OFFSET") is functions.kernel("NOBODY") is None
    assert functions.find("YEAR", date_1904=True) is not functions.find("YEAR")
    assert functions.find("SUM", date_1904=True) is functions.find("SUM")


@pytest.mark.parametrize("name", ["NOBODY", "ARRAYROW", "CUBEVALUE", "WEBSERVICE", "_XLFN.SUM"])
def test_others_are_unknown(name: str) -> None:
    assert functions.find(name) is None


def test_what_takes_long_to_import_is_not_before_it_is_wanted() -> None:
    code = """
import sys
from sheetlab.engine.functions import find
assert find("SUM") and find("TEXT") and find("XLOOKUP") and find("REGEXTEST")
assert find("NORM.DIST").call(1.0, 0.0, 1.0, True)
assert not {"formulas", "regex", "scipy"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SUM", "arguments"),
        ("ROW", "place"),
        ("NOW", "clock"),
        ("RAND", "random"),
        ("OFFSET", "unknown"),
        ("NOBODY", "arguments"),
    ],
)
def test_what_a_function_reads(name: str, expected: str) -> None:
    assert functions.reads(name) == expected


@pytest.mark.parametrize(
    ("declared", "counts"),
    [
        (Function(len, ("number", "number")), [2]),
        (Function(len, ("number", "number"), required=0), [0, 1, 2]),
        (Function(len, ("array",), repeating=1, required=1), [1, 2, 3, 4, 5]),
        (Function(len, ("array", "scalar"), repeating=1), [1, 2, 3, 4, 5]),
        (Function(len), [0]),
    ],
)
def test_how_many_arguments_a_function_takes(declared: Function, counts: list[int]) -> None:
    assert [count for count in range(6) if declared.takes(count)] == counts


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_kernel_means_its_function(name: str) -> None:
    kernel = DECLARED[name].kernel
    assert isinstance(kernel, Elementwise)
    parameters = len(DECLARED[name].parameters)
    # Of three parameters, all of their values would be too many.
    values = (*NUMBERS, *OTHERS)[:: 1 if parameters < 3 else 4]
    for given in product((*values, *DAYS), repeat=parameters):
        expected = excel(name, *given)
        numbers = [number_of(value) for value in given]
        errors = [number for number in numbers if isinstance(number, CellError)]
        if errors:
            # What is no number does not get as far as the kernel.
            assert expected == errors[0]
            continue
        by_row, by_column = _of_row(kernel, numbers), _of_column(kernel, numbers)
        if isinstance(expected, CellError):
            assert by_row is by_column is None, (name, given)
            continue
        # It may leave to the interpreter what it cannot tell from an error.
        for value in (by_row, by_column):
            assert value is None or _is_close(value, expected), (name, given, value, expected)
        if name != "POWER":
            assert by_row is not None, (name, given)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_kernel_takes_columns(name: str) -> None:
    kernel = DECLARED[name].kernel
    assert isinstance(kernel, Elementwise)
    column = np.array([0.25, 0.5, 0.75])
    others = [2.0] * (len(DECLARED[name].parameters) - 1)
    found = kernel.of_column(column, *others)
    assert found.dtype == np.float64
    assert found.tolist() == pytest.approx([excel(name, x, *others) for x in column.tolist()])


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(
    "cells",
    [
        [1.0, 2.0, 4.0],
        [-3.0, 0.5, -0.0, 0.0],
        [5e-324, 1e-300, 1e100],
        [1e200, 2.0],
        [1.7e308, 1.7e308],
        [-1.7e308, -1.7e308],
        [2.0, None, 3.0],
        [None, -2.0],
        [None, None],
        [-1.0, "3", "x", True, ""],
        ["x"],
    ],
)
def test_a_reduction_means_its_function(name: str, cells: list[Any]) -> None:
    kernel = DECLARED[name].kernel
    assert isinstance(kernel, Reduction)
    expected = excel(name, cells)
    column = kernel.numbers(cells)
    try:
        with np.errstate(all="raise", under="ignore"):
            values, counts = kernel.prepared(column)
            total = kernel.combine.reduce(values)
            result = kernel.finished(total, np.sum(counts * np.ones(len(values))))
            running = kernel.combine.accumulate(values)
    except FloatingPointError:
        # COUNT needs no total, and leaves what has none to the interpreter.
        assert isinstance(expected, CellError) or name == "COUNT"
        return
    assert _is_close(float(result), expected)
    assert _is_close(float(running[-1]), float(total))


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_has_an_identity(name: str) -> None:
    kernel = DECLARED[name].kernel
    assert isinstance(kernel, Reduction)
    assert [float(kernel.combine(kernel.identity, x)) for x in NUMBERS] == list(NUMBERS)


@pytest.mark.parametrize("name", ROWWISE)
@hypothesis.settings(max_examples=40)
@hypothesis.given(st.data())
def test_a_rowwise_kernel_means_its_function(name: str, data: st.DataObject) -> None:
    declared = DECLARED[name]
    assert isinstance(declared.kernel, Rowwise)
    rows, cells = data.draw(st.integers(1, 2)), data.draw(st.sampled_from([1, 2, 3, 12]))
    numbers = data.draw(st.sampled_from([SMALL, st.integers(-9, 9).map(float), DAY]))
    columns: list[Any] = []
    for position in range(data.draw(st.integers(declared.least, len(declared.parameters)))):
        is_range = declared.parameter(position) in ("array", "values")
        drawn = st.lists(numbers if is_range else RATE, min_size=1, max_size=1)
        if is_range:
            drawn = st.lists(numbers, min_size=cells, max_size=cells)
        columns.append([data.draw(drawn) for _ in range(data.draw(st.sampled_from([1, rows])))])
    try:
        with np.errstate(all="ignore"):
            found = declared.kernel.of_rows(*map(np.array, columns))
    except ArithmeticError:
        found = np.full(rows, np.nan)
    for row, value in enumerate(np.ravel(found).tolist()):
        given = [column[row % len(column)] for column in columns]
        expected = excel(
            name,
            *(
                own if declared.parameter(position) in ("array", "values") else own[0]
                for position, own in enumerate(given)
            ),
        )
        assert not math.isfinite(value) or _is_close(value, expected), (given, value, expected)


def _of_row(kernel: Elementwise, numbers: list[Any]) -> float | None:
    try:
        value = kernel.of_row(*numbers)
    except (ArithmeticError, ValueError):
        return None
    assert type(value) is float
    return value if math.isfinite(value) else None


def _of_column(kernel: Elementwise, numbers: list[Any]) -> float | None:
    first, *others = numbers
    try:
        with np.errstate(all="raise", under="ignore"):
            found = kernel.of_column(np.array([first]), *others)
            single = kernel.of_column(first, *others)
    except FloatingPointError:
        return None
    assert _is_close(float(found[0]), float(single))
    return float(single)


def _is_close(one: float, other: Any) -> bool:
    return type(other) is float and math.isclose(one, other, rel_tol=1e-12)


# Whatever a sheet holds: the tiny, the huge, the last day and the one after, texts, blanks.
ANYTHING = st.one_of(
    st.sampled_from([*NUMBERS, *DAYS, *(value for value in OTHERS if value is not None)]),
    st.integers(-3, 400).map(float),
    st.integers(36_000, 50_000).map(float),
    st.floats(0, 1),
    st.none(),
)
PLAIN = [name for name, declared in DECLARED.items() if not declared.special]


@pytest.mark.filterwarnings("error")
@hypothesis.given(st.data())
def test_a_function_gives_a_value_for_anything(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(PLAIN))
    declared = DECLARED[name]
    most = max(declared.least, len(declared.parameters))
    count = data.draw(st.integers(declared.least, most))
    arguments = [
        data.draw(st.lists(ANYTHING, min_size=1, max_size=6) if is_array else ANYTHING)
        for is_array in (
            declared.parameter(position) in ("array", "values") for position in range(count)
        )
    ]
    value = excel(name, *arguments)
    assert isinstance(value, float | str | bool | list | CellError | None), (name, arguments)


@hypothesis.settings(deadline=None, max_examples=500)
@hypothesis.given(st.sampled_from(OF_NUMBERS), st.data())
def test_an_aggregate_is_what_it_makes_of_the_numbers(name: str, data: st.DataObject) -> None:
    values = st.sampled_from([-2.5, 0.1, 3.0, *OTHERS])
    cells = st.lists(values, min_size=1, max_size=5)
    arguments = data.draw(st.lists(values | cells, min_size=1, max_size=4))
    found, expected = interpreted(name, *arguments), excel(name, *arguments)
    assert type(found) is type(expected)
    assert found == expected
