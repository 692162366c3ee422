"""The lanes of the engine against each other, and against engines of others, on random sheets.

SHEETLAB_THOROUGH=1 tries many more sheets.
"""

import itertools
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import formulas
import numpy as np
import pytest
from engine.formulas_values import from_formulas, to_formulas
from engine.random_phrases import FOR_PROGRAMS as PLAIN
from engine.random_phrases import moved, newer, phrase_books, turned_book
from engine.random_sheets import (
    DECIMAL,
    EXTREME,
    HALF_WAY,
    WHOLE,
    Features,
    RandomBook,
    books,
    filled,
)
from engine.workbooks import write
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab import compiled
from sheetlab.checking.engines import ironcalc, libreoffice
from sheetlab.engine import Book, CellError, calculation, functions, load
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.functions.function import Function, Values
from sheetlab.engine.reading.model import read_model
from sheetlab.engine.values import operators
from sheetlab.files.package import read_parts

Found = dict[tuple[str, str], Any]

THOROUGH = os.environ.get("SHEETLAB_THOROUGH") == "1"
NEW_VALUES = (*WHOLE, *DECIMAL, *EXTREME, *HALF_WAY, "cat", True, None)

# What engines may calculate by other steps, so that they differ in the last digits.
_SUMS = {"SUM", "AVERAGE", "SUMSQ", "SUMPRODUCT"}
_CURVES = {"EXP", "LN", "TANH", "PRODUCT", "POWER"}


def sheets_tried(few: int, many: int) -> settings:
    """The settings of a test that tries a few sheets, or many of them."""
    return settings(
        max_examples=many if THOROUGH else few,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lanes") / "random.xlsx"


def opened(path: Path, sheets: RandomBook, *, numeric: bool = True) -> Book:
    """The book of random sheets, by columns and loops, or all by the interpreter."""
    write(path, sheets.sheets, sheets.names)
    return reopened(path, numeric=numeric)


def reopened(path: Path, *, numeric: bool = True) -> Book:
    parts = read_parts(path)
    return Book(parts, Calculation(read_model(path, parts), numeric=numeric))


def is_close(one: Any, other: Any, floor: float = 0.0) -> bool:
    """Whether values agree: numbers in 12 digits or up to a floor, all else exactly."""
    if type(one) is float and type(other) is float:
        return bool(abs(one - other) <= 1e-12 * max(abs(one), abs(other)) + floor)
    return type(one) is type(other) and bool(one == other)


def disagreements(one: Found, other: Found, path: Path) -> list[str]:
    """The cells where values of the workbook at `path` differ by more than rounding explains."""
    found = [cell for cell in one.keys() | other.keys() if not _same(one, other, cell)]
    if not found:
        return []
    # Where numbers cancel, the last digits of what was added decide.
    runs = [_shaken_values(path, seed) for seed in range(6)]
    lasting = []
    for cell in sorted(found):
        values = [run.get(cell) for run in runs]
        numbers = [value for value in values if type(value) is float]
        if len(numbers) == len(values):
            if _same(one, other, cell, 50 * (max(numbers) - min(numbers))):
                continue
        elif len(set(map(repr, values))) > 1:
            continue
        lasting.append(f"{'!'.join(cell)}: {one.get(cell)!r} or {other.get(cell)!r}")
    return lasting


def _same(one: Found, other: Found, cell: tuple[str, str], floor: float = 0.0) -> bool:
    return is_close(one.get(cell), other.get(cell), floor)


def _shaken_values(path: Path, seed: int) -> Found:
    """The values where sums, powers and curves come out a little otherwise."""
    with shaken(random.Random(seed)):
        return reopened(path, numeric=False).values()


@contextmanager
def shaken(dice: random.Random) -> Iterator[None]:
    """Shake the last digits of what functions give, relative to the terms of sums."""
    find, power = functions.find, operators.power

    def moved(result: Any, scale: float) -> Any:
        if type(result) is not float or not np.isfinite(scale):
            return result
        return result + dice.choice((-1, 1)) * 4e-16 * scale

    def shaken_find(name: str, date_1904: bool = False) -> Function | None:
        function = find(name, date_1904)
        if function is None or name not in _SUMS | _CURVES:
            return function

        def call(*arguments: Any) -> Any:
            result = function.call(*arguments)
            terms = [_sizes(a) for a in arguments] if name in _SUMS else arguments
            return moved(result, abs(function.call(*terms)) if type(result) is float else 0.0)

        return replace(function, call=call)

    def shaken_power(base: float, exponent: float) -> Any:
        result = power(base, exponent)
        return moved(result, abs(result)) if type(result) is float else result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "find", shaken_find)
        patch.setitem(operators.ARITHMETIC, "^", shaken_power)
        yield


def _sizes(argument: Any) -> Any:
    if isinstance(argument, Values):
        return Values(_sizes(argument.array), argument.from_cells)
    if isinstance(argument, np.ndarray):
        sizes = np.empty(argument.shape, argument.dtype)
        for place, value in np.ndenumerate(argument):
            sizes[place] = abs(value) if isinstance(value, float) else value
        return sizes
    return argument


# Columns and loops against the interpreter.


@sheets_tried(150, 3000)
@given(books())
def test_lanes_agree(path: Path, sheets: RandomBook) -> None:
    numeric = opened(path, sheets).values()
    assert disagreements(numeric, reopened(path, numeric=False).values(), path) == []


@sheets_tried(150, 3000)
@given(phrase_books())
def test_lanes_agree_on_phrases(path: Path, sheets: RandomBook) -> None:
    numeric = opened(path, sheets).values()
    assert disagreements(numeric, reopened(path, numeric=False).values(), path) == []


def unlike(sheets: RandomBook) -> RandomBook:
    """The same with a number of its own in each formula, so that no two are filled."""
    numbers = itertools.count(1)
    return RandomBook(
        {
            name: {
                ref: f"=IF({next(numbers)}>0,{value[1:]})"
                if isinstance(value, str) and value.startswith("=")
                else value
                for ref, value in cells.items()
            }
            for name, cells in sheets.sheets.items()
        },
        sheets.names,
    )


@sheets_tried(150, 3000)
@given(books() | phrase_books(), st.booleans())
def test_forests_agree(path: Path, sheets: RandomBook, at_once: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for least in ("_MANY", "_FEW_TREES"):
            patch.setattr(calculation, least, 1)
        if at_once:
            patch.setattr("sheetlab.engine.columns.scattered_windows._MANY_LINES", 1)
        numeric = opened(path, unlike(sheets)).values()
    assert disagreements(numeric, reopened(path, numeric=False).values(), path) == []


def test_what_nobody_filled_is_a_forest(path: Path) -> None:
    cells: dict[str, Any] = {"A1": 3, "A2": "cat", "A3": -1.5, "A4": True}
    cells |= {
        f"B{row}": f"=IF(A{row % 4 + 1}>{row},{row}/A$3,ROUND(A1,{row}))" for row in range(1, 61)
    }
    cells |= {f"C{row}": f"=SUM(B1:B{row})*{row}+{row}" for row in range(1, 61)}
    cells["C7"] = "=VLOOKUP(3,A1:B9,2,7)"
    cells["C8"] = '=INDIRECT("B"&8)+8'
    book = opened(path, RandomBook({"Data": cells}, {}))
    values = book.values()
    lanes = list(book._calculation.lanes.values())
    assert lanes.count("forest") == (118 if compiled.reading else 0)
    assert disagreements(values, reopened(path, numeric=False).values(), path) == []


def test_products_that_overflow_on_their_way(path: Path) -> None:
    factors = (1e15, -1e300, 1e-9, 1e-300, 1e300, 2, 1e-200)
    cells: dict[str, Any] = {f"A{row}": factors[row % 7] for row in range(1, 50)}
    cells |= {f"B{row}": factors[row * 3 % 7] for row in range(1, 50)}
    for row in range(1, 41):
        cells[f"C{row}"] = f"=PRODUCT(A{row}:B{row + row % 5})*{row}"
        cells[f"D{row}"] = f"=PRODUCT(A{row}:A{row + 2},B{row},A{row + 4}:B{row + 5})+{row}"
    for row in range(1, 41):
        # Filled from the first to the last factor, and from the last to the first.
        cells[f"E{row}"] = f"=PRODUCT(A$1:A{row})"
        cells[f"F{row}"] = f"=PRODUCT(A{row}:A$41)"
        cells[f"G{row}"] = f"=PRODUCT(A{row}:A{row + 6})"
        cells[f"H{row}"] = f"=PRODUCT(A{row}:B{row + 3})"
        cells[f"I{row}"] = "=PRODUCT(A$1:B$9)"
    book = opened(path, RandomBook({"Data": cells}, {}))
    assert disagreements(book.values(), reopened(path, numeric=False).values(), path) == []


def test_a_forest_of_which_nothing_is_told(path: Path) -> None:
    cells = {f"B{row}": f"=VLOOKUP(A$1,A$1:A$2,1,0)&{row}" for row in range(1, 81)}
    book = opened(path, RandomBook({"Data": {"A1": "dog", **cells}}, {}))
    values = book.values()
    assert [values["Data", f"B{row}"] for row in (1, 80)] == ["dog1", "dog80"]


# Constants of every kind, for formulas that fill two columns, and turned over two rows.
CONSTANTS = {
    "A": (3, 1, 2.5, None, "3", 0, True),
    "B": ("cat", "Dog", "x~y", "", None, "CAT", "=1/0"),
    "C": (True, 43831, "cat", None, 2, False, "50%"),
    "D": (43831, 44255.75, 59, 61, 1, 43890, 44196),
    "E": (1, 1, 2, 3, 3, 5, 8),
}


@pytest.mark.parametrize(
    "formula",
    [
        # An error is none of the texts, and is nowhere in an ascending column.
        '=LEFT(B5&C5,2)&UPPER(B5)&TEXT(B5,"0")',
        "=MATCH(B5,$E$5:$E$14)",
        # Lookups in ranges that move along.
        '=XLOOKUP(A5,A5:C5,A6:C6,"none")',
        "=XMATCH(E5,$E5:E7)",
        "=XMATCH(A5,C$5:C$14,-1)",
        "=INDEX($A5:$E5,E5)",
        "=INDEX($A5:$E5,1,MATCH(E5,$A5:$E5,0))",
        "=INDEX($D$5:$D6,E5)",
        "=SUM(INDEX($D4:$E6,E5,1),1)",
        "=COUNT(INDEX($A$4:$E$6,$A5,1),1)",
        "=SUM(INDEX($A$4:$E$6,MATCH($A5,$A$4:$A$6,0),5),INDEX($E4:$E6,ROW()))",
        "=SUM(XLOOKUP($E5,$E$3:$E4,$D$3:$E4))",
        "=SUM(XLOOKUP($E5,$E3:$E8,$D3:$D8,$A$5:$E$5))",
        "=INDEX(A4:B6,0,E5)",
        "=INDEX(A5:B5,E5)&INDEX(A4:A6,2)",
        "=MATCH(A5,A$4:A4,0)",
        "=MATCH($E5,$E4:$E$3,0)",
        "=MATCH(B6,$B$3:$B5,0)+E$5",
        '=MATCH("c*",B5:B8,0)',
        "=VLOOKUP($C5,$C$3:$E4,3,FALSE)",
        "=VLOOKUP($D5,$D4:$E6,{1,2},FALSE)",
        "=XLOOKUP($B6,$B$3:$B5,$D$3:$D5,A5,0,-1)",
        "=XLOOKUP(C5,$C$3:C4,$D$3:D4)",
        "=XMATCH(A6,A5:$A$14,2,-1)",
        # A text in a cell does not count for AND, also where a function gave the cell.
        "=OR(XLOOKUP(E5,$E$5:$E$9,$B$5:$B$9),E5>3)",
        "=AND(IF(E5>2,B5,TRUE),E5>1)",
        "=XOR(INDEX($A$5:$C$9,E5,2),E5=1)",
        "=OR(A9,INDEX($A$5:$B$7,,1))",
        # Of several errors, the first.
        '=AND(B5,1+"x",E5)',
        '=SUBSTITUTE($B5,"a",1/0)',
        # Places of a grid count row by row.
        "=ROUND($E5/8,1)",
        # A ~ is an escape in front of any sign, and so is not found itself.
        '=MATCH("x~y",B$5:B$14,0)',
        '=COUNTIF($B5:B7,"x~~y")',
        # Truth values are no numbers of days.
        "=WEEKNUM(C5)",
        "=NETWORKDAYS(D5,C5)",
        "=YEARFRAC(D5,C5,)",
        # Conditions in arrays, of which truth values become numbers, and with + stay what they are.
        "=SUMPRODUCT(($C$5:$C$14=C5)*($E$5:$E$14>=E5)*$E$5:$E$14)",
        '=SUMPRODUCT(--($C$5:$C$14<>"CAT"),+($E$5:$E$14>1))',
        '=SUMPRODUCT(+($C$5:$C$14="cat"))+SUMPRODUCT(1*($C$5:$C$14=""))',
        "=SUMPRODUCT(($B$5:$B$14=B5)*1)",
        '=SUMPRODUCT(($C$5:$C$14="cat")=($E$5:$E$7>1))',
        # Cells of a row below headings that meet criteria.
        '=SUMIF($A$4:$E$4,">1",$A5:$E5)',
        "=SUMIF($A$4:$E$4,$A5,$A5:$E5)",
        '=SUMIFS($A6:$E6,$A$3:$E$3,"<>3",$A$5:$E$5,B$3)',
        '=AVERAGEIF($A$4:$E$4,">0",$A5:$E5)',
        "=MAXIFS($A5:$E5,$A$4:$E$4,A5)",
        '=SUMIF($A$4:$C$4,"<>x",$C5:$E5)',
        # Where nothing is there to be averaged.
        '=IFERROR(AVERAGEIFS($E$5:$E$14,$B$5:$B$14,B5,$E$5:$E$14,">3"),"none")',
        "=AVERAGEIF($A$5:$C$14,C5,$C$5:$E$14)",
        '=AVERAGEIF($A$5:A5,">5")',
        "=AVERAGE(B5:B7,IF(E5>2,C5,1))",
        "=AVERAGE($A5:$B5)",
        # Arrays in what is reduced count with all of their elements, wherever they come from.
        "=SUM(E5*{1,2,3})",
        "=SUM(LARGE($E$5:$E$14,{1,2,3}))",
        '=SUM(COUNTIFS($E$5:$E$14,{">2","<2"}))',
        "=SUM(VLOOKUP(A5,$A$5:$E$14,{5,4},FALSE))",
        '=IF(OR(B5={"dog","cat"}),"in","out")',
        "=AND(E5>{0,2},E5<8)",
        "=SUM(IF(E5={1,2},C5,1))",
        "=SUM(IF(E5>2,{1,2},5))",
        "=COUNT(IFERROR(1/(E5-{1;3}),B5),{1,2})",
        "=SUM(LOOKUP(E5,{0,2,4},{1,2,3})*{1,2})",
        "=PRODUCT({1,2}*{3;4}+E5)",
        "=OR(B5&{1,2}=C5,{0,0})",
        "=MAX(IF(E5>2,$E$5:$E$14,0))",
        "=MIN(IF(E5>2,INDEX($E$5:$E$14,0),0),9)",
        "=SUM(IFERROR(TRANSPOSE($E$5:$E$14),0)*2)",
        "=COUNT(SEQUENCE(E5)/2,1)",
    ],
)
def test_lanes_agree_on_formula(formula: str, path: Path) -> None:
    cells: dict[str, Any] = {
        f"{letter}{row}": values[row % len(values)]
        for letter, values in CONSTANTS.items()
        for row in range(3, 17)
    }
    for row in range(5, 15):
        cells[f"F{row}"] = moved(newer(formula), row - 5, 0)
        cells[f"G{row}"] = moved(newer(formula), row - 5, 1)
    down = RandomBook({"Data": cells}, {})
    for sheets in (down, turned_book(down)):
        numeric = opened(path, sheets).values()
        assert disagreements(numeric, reopened(path, numeric=False).values(), path) == []


@pytest.mark.filterwarnings("ignore::sheetlab.errors.EngineWarning")
@pytest.mark.parametrize(
    "columns",
    [
        # The cell in the formula's own row, of a range, a column and a name.
        {"D": "=$A$5:$A$10*2", "E": "=A:A*2", "F": "=-column"},
        # Blank cells do not count.
        {"D": "=AND(A{0}>0,B{0})", "E": "=OR(B{0},C{0})", "F": "=NOT(B{0})"},
        {"D": "=MIN(D{-1}:E{-1})+A{0}", "E": "=D{0}+1"},
        {"D": "=MAX(D{-1},F{-1})-A{0}", "F": "=D{0}-100"},
        # A truth value is none of the numbers.
        {"D": "=IF(A{0}>6,A{0}>D{-1},1)"},
        {"D": "=IF(A{0}>6,A{0}>7,1)", "E": "=COUNT(D{0}:D{1})"},
        # A range that stays, among those that move.
        {"D": "=SUM(A$5:A$9,A{0}:B{0})", "E": "=COUNT(A{0}:B{0},A$6:A$9)"},
        {"D": "=SUM(A$7:A{0})", "E": "=AVERAGE(A{0}:A$8)", "F": "=MIN(A{-1}:A{1},D{0})"},
        # TRUE is not the number 1, and an error at one row is no error at the others.
        {"D": "=IFERROR(MATCH(A{0}>7,A{0}:C{0},0),0.01)", "E": "=MATCH(A{0},A{-1}:A{-1},0)"},
        {"D": "=ROUND(-A{0}/100,0)", "E": "=1/D{0}", "F": "=SUM(A{0}:B{1})"},
        # Cycles: in all rows, in one, and through another column.
        {"D": "=E{0}+1", "E": "=D{0}*2", "F": "=IFERROR(D{0},A{0})+F{-1}"},
        {"D": "=IF(A{0}=6.5,E{0},D{-1})+1", "E": "=D{0}*2", "F": "=E{0}-1"},
        {"D": "=E{-1}+F{0}", "E": "=IF(A{0}>7,F{0},A{0})", "F": "=D{0}+1"},
        {"D": "=SUM(D5:D{-1})+SUM(E$5:E$7)", "E": "=IF(A{0}=8.5,D$9,1)"},
        # A LAMBDA that reads the formula's own row.
        {"D": "=own(2)", "E": "=A{0}*own(1)", "F": "=F{-1}+own(1)"},
        # A text to which IF refers does not count, as in a range.
        {"D": "=MAX(D{-1},IF(A{0}>6,E{0},1))", "E": '=IF(A{0}>8,"cat",D{-1})'},
        {"D": "=(D{-1}-3)^(1/3)+A{0}", "E": "=IF(D{0}=0,1/D{0},E{-1}/(A{0}-7))"},
        # Days before the first, the one that only Excel knows, and beyond the last.
        {"D": "=DAY((A{0}-6.5)*40)", "E": "=WEEKDAY(A{0}*9)", "F": "=YEAR(A{0}*400000)"},
        {"D": "=EDATE(A{0}*8,D{-1})", "E": "=EOMONTH(E{-1}+40,1)", "F": "=DATE(A{0},E{0},D{0})"},
    ],
)
def test_lanes_agree_on(columns: dict[str, str], path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row - 0.5 for row in range(3, 13)}
    cells |= {"D4": None, "E4": 20, "F4": -20}
    for letter, template in columns.items():
        cells |= {f"{letter}{row}": filled(template, row) for row in range(5, 11)}
    names = {"column": "Data!$A$5:$A$14", "own": "_xlfn.LAMBDA(_xlpm.n,Data!$A1*_xlpm.n)"}
    numeric = opened(path, RandomBook({"Data": cells}, names)).values()
    assert disagreements(numeric, reopened(path, numeric=False).values(), path) == []


@sheets_tried(60, 1500)
@given(books() | phrase_books(), st.data())
def test_changed_as_loaded_anew(path: Path, sheets: RandomBook, data: st.DataObject) -> None:
    book = opened(path, sheets)
    if data.draw(st.booleans()):
        book.values()
    for _ in range(data.draw(st.sampled_from((1, 1, 2, 3)))):
        sheet, ref = data.draw(st.sampled_from(sheets.constants()))
        value = data.draw(st.sampled_from(NEW_VALUES))
        book.set({f"{sheet}!{ref}": value})
        sheets = sheets.with_constant(sheet, ref, value)
        if data.draw(st.booleans()):
            book[f"Data!{data.draw(st.sampled_from(sheets.filled))}"]
    anew = opened(path, sheets).values()
    assert disagreements(book.values(), anew, path) == []


def test_changed_below_an_error(path: Path) -> None:
    cells: dict[str, Any] = {f"E{row}": 1.5 for row in range(4, 13)}
    cells |= {"F4": 2, "G4": 3, "E6": "#DIV/0!"}
    for row in range(5, 13):
        cells[f"F{row}"] = f"=MIN(E{row},F{row - 1})+1"
        cells[f"G{row}"] = f"=MIN(F{row},G{row - 1})+1"
    sheets = RandomBook({"Data": cells}, {})
    book = opened(path, sheets)
    before = book.values()
    book.set({"Data!E10": -7})
    after = book.values()
    assert after.pop(("Data", "E10")) == -7
    before.pop(("Data", "E10"))
    assert after == before


@pytest.mark.parametrize(
    "reduction",
    [
        "MIN(D{-1}+1,A{0},9)",
        "MAX(D{-1}+1,$A$3:$A$6)",
        "SUM(D{-1},A{0})",
        # The first error counts, be it carried or read beside.
        "SUM(A{0},D{-1}/B{0},A{1})",
        "MIN(D{-2}:E{-1},A{0})",
        # Of values that are spelt out, texts and truth values count as well.
        'SUM(D{-1},A{0}&"",TRUE)',
        "AVERAGE(D{-1},$A$3:$A$4)+COUNT(D{-2}:D{-1},A{0})",
        "PRODUCT(D{-1},A{0},-1)",
        # Nobody reads beyond what is finite.
        "SUM(D{-1},A{0},A{0}*1E308)",
    ],
)
def test_reductions_in_a_loop_of_any_values(reduction: str, path: Path) -> None:
    beside = [3, -2.5, "4", True, None, "cat", 7, "#DIV/0!", 2, 1.5, "#N/A", "", 5, False, -1]
    cells: dict[str, Any] = {f"A{row}": value for row, value in enumerate(beside, 3)}
    cells |= {f"B{row}": row % 3 for row in range(3, 18)}
    cells |= {"D3": 1, "D4": "cat", "E4": 2}
    for row in range(5, 17):
        again = "IF(ISERROR(D{-1}),ROW(),%s)"
        cells[f"D{row}"] = filled(f"={again % reduction}", row)
        cells[f"E{row}"] = filled("=D{0}", row)
    numeric = opened(path, RandomBook({"Data": cells}, {}))
    values = numeric.values()
    assert "order of a loop, since not all" in numeric.explain("Data!D9")
    assert disagreements(values, reopened(path, numeric=False).values(), path) == []


# Sweeps against setting and reading one by one.


@sheets_tried(60, 1500)
@given(books() | phrase_books(), st.data())
def test_sweep_is_one_by_one(path: Path, sheets: RandomBook, data: st.DataObject) -> None:
    _check_sweep(path, sheets, data)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"B1": '=INDIRECT("A1")*2', "C1": "=B1+A1"}, [3, 6, 9]),
        ({"B1": "=OFFSET(D1,0,-3)*2", "C1": "=B1+A1"}, [3, 6, 9]),
        ({"B1": "=SUM(A1:INDEX(A1:A3,1))", "C1": "=B1+A1"}, [2, 4, 6]),
        ({"A2": "=A1", "B1": '=INDIRECT("A2")', "B2": "=B1^2", "C1": "=B2+A1"}, [2, 6, 12]),
        ({"C1": "=IF(A1>1,D1,A1)"}, [1, 0, 0]),
        ({"B1": ArrayFormula("B1:B3", "=ROW(A1:INDEX(A1:A9,A1))"), "C1": "=A1+B3"}, None),
    ],
)
def test_sweep_of_what_the_text_does_not_tell(
    cells: dict[str, Any], expected: list[float] | None, path: Path
) -> None:
    write(path, {"Data": {"A1": 1, **cells}})
    book = load(path)
    swept = book.sweep({"Data!A1": [1, 2, 3]}, ["Data!C1"])["Data!C1"].tolist()
    one_by_one = []
    for value in (1, 2, 3):
        book.set({"Data!A1": value})
        one_by_one.append(book["Data!C1"])
    assert swept == one_by_one
    assert expected is None or swept == expected


def test_sweep_draws_random_numbers_for_each_scenario(path: Path) -> None:
    write(path, {"Data": {"A1": 1, "B1": "=RAND()", "C1": "=B1+A1", "D1": "=A1*2"}})
    book = load(path)
    swept = book.sweep({"Data!A1": [0.0] * 50}, ["Data!C1", "Data!D1"])
    assert len(set(swept["Data!C1"].tolist())) == 50
    assert swept["Data!D1"].tolist() == [0.0] * 50


@sheets_tried(60, 1500)
@given(books(Features(other_kinds=False, general_lane=False, max_rows=20)), st.data())
def test_sweep_of_numbers_is_one_by_one(
    path: Path, sheets: RandomBook, data: st.DataObject
) -> None:
    _check_sweep(path, sheets, data)


def _check_sweep(path: Path, sheets: RandomBook, data: st.DataObject) -> None:
    inputs = data.draw(st.lists(st.sampled_from(_settable(sheets)), min_size=1, max_size=3))
    count = data.draw(st.integers(1, 9))
    numbers = st.sampled_from((*WHOLE, *DECIMAL, *EXTREME))
    columns = {
        key: np.array(data.draw(st.lists(numbers, min_size=count, max_size=count)), float)
        for key in dict.fromkeys(inputs)
    }
    cells = data.draw(st.sampled_from(sheets.filled))
    first, last = cells.split(":")
    outputs = data.draw(
        st.lists(
            st.sampled_from(
                [
                    f"Data!{first}",
                    f"Data!{last}",
                    f"Data!{cells}",
                    f"Data!C5:{last}",
                    inputs[0],
                ]
            ),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    book = opened(path, sheets)
    before = book.values()
    swept = book.sweep(columns, outputs)
    assert disagreements(book.values(), before, path) == []
    other = reopened(path)
    for scenario in range(count):
        constants = {key: float(values[scenario]) for key, values in columns.items()}
        other.set(constants)
        differing = [
            (key, scenario) for key in outputs if not _all_close(swept[key][scenario], other[key])
        ]
        if differing:
            # The file of this scenario tells whether cancellation explains it.
            changed = sheets
            for key, value in constants.items():
                sheet, ref = key.split("!")
                changed = changed.with_constant(sheet, ref, value)
            write(path, changed.sheets, changed.names)
            for key, _ in differing:
                refs = other.range_refs(key)
                got = dict(zip(refs, np.ravel(swept[key][scenario]).tolist(), strict=True))
                expected = dict(zip(refs, np.ravel(other[key]).tolist(), strict=True))
                assert disagreements(got, expected, path) == []


def _settable(sheets: RandomBook) -> list[str]:
    return [f"{sheet}!{ref}" for sheet, ref in sheets.constants()]


def _all_close(one: Any, other: Any) -> bool:
    ones, others = np.ravel(one).tolist(), np.ravel(other).tolist()
    return len(ones) == len(others) and all(map(is_close, ones, others))


# Both lanes against `formulas`, cell by cell.

# Left out are what `formulas` does unlike Excel: text, truth values and blanks as numbers (blanks
# in MIN, truth values in COUNT), 0^0 and odd roots, ROUND half way, which of several errors comes
# first, and names. Its comparisons are exact, where Excel compares 15 digits: numbers that are
# equal but for their last digits do not come up among whole numbers and quarters.
FOR_FORMULAS = Features(
    columns=(WHOLE, (0.5, 0.25, -1.5, 2.75, 12.5), (100.0, 4.0, 9.0, -16.0)),
    other_kinds=False,
    general_lane=False,
    names=False,
    rounding=False,
    powers=False,
    truths_in_cells=False,
    max_rows=7,
    max_columns=3,
)


class CellByCell:
    """A workbook of numbers, every cell by the library `formulas` alone."""

    def __init__(self, sheets: Mapping[str, Mapping[str, Any]]) -> None:
        self._sheets = sheets
        self._known: Found = {}

    def values(self) -> Found:
        """The value of every cell, by sheet and ref."""
        return {
            (sheet, ref): self._value(sheet, ref)
            for sheet, cells in self._sheets.items()
            for ref in cells
        }

    def _value(self, sheet: str, ref: str) -> Any:
        if (sheet, ref) not in self._known:
            value = self._sheets[sheet].get(ref)
            if isinstance(value, str):
                value = self._result(sheet, value)
            self._known[sheet, ref] = float(value) if isinstance(value, int) else value
        return self._known[sheet, ref]

    def _result(self, sheet: str, text: str) -> Any:
        function = formulas.Parser().ast(text)[1].compile()
        arguments = [self._table(sheet, key) for key in function.inputs or ()]
        result = np.ravel(np.asarray(function(*arguments), object))[0]
        value = from_formulas(result)
        is_finite = not isinstance(value, float) or np.isfinite(value)
        return value if is_finite else CellError("#NUM!")

    def _table(self, sheet: str, key: str) -> Any:
        where, _, cells = key.replace("$", "").rpartition("!")
        titles = {title.upper(): title for title in self._sheets}
        title = titles[where.upper()] if where else sheet
        left, top, right, bottom = cast("tuple[int, int, int, int]", range_boundaries(cells))
        top, bottom = sorted((top, bottom))
        table = np.empty((bottom - top + 1, right - left + 1), np.object_)
        for row, column in np.ndindex(table.shape):
            ref = f"{get_column_letter(left + column)}{top + row}"
            table[row, column] = to_formulas(self._value(title, ref))
        return table


@sheets_tried(12, 300)
@given(books(FOR_FORMULAS))
def test_as_formulas_cell_by_cell(path: Path, sheets: RandomBook) -> None:
    found = opened(path, sheets).values()
    expected = CellByCell(sheets.sheets).values()
    assert disagreements(_one_error(found), _one_error(expected), path) == []


def _one_error(values: Found) -> Found:
    """Values where an error is any error."""
    return {
        cell: CellError("#VALUE!") if isinstance(value, CellError) else value
        for cell, value in values.items()
    }


# Against whole programs, all sheets in one workbook.

# Left out are what they do unlike Excel, or write otherwise: truth values, which are numbers to
# LibreOffice; 0^0, which it gives as 1; names, of which IronCalc does not know those of constants;
# and numbers that overflow. Which error it is cannot be told: LibreOffice writes most as #VALUE!.
FOR_PROGRAMS = Features(
    columns=(WHOLE, DECIMAL, HALF_WAY),
    other_kinds=False,
    general_lane=False,
    names=False,
    powers=False,
    truths_in_cells=False,
    max_rows=12,
    max_columns=4,
)


def drawn(strategy: st.SearchStrategy[RandomBook], count: int) -> list[RandomBook]:
    """As many random sheets, the same each time."""
    found: list[RandomBook] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(sheets: RandomBook) -> None:
        found.append(sheets)

    collect()
    return found


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workbook of many random sheets."""
    sheets: dict[str, dict[str, Any]] = {}
    count = 400 if THOROUGH else 80
    drawn_books = drawn(books(FOR_PROGRAMS), count) + drawn(phrase_books(PLAIN, most_rows=8), count)
    for number, book in enumerate(drawn_books):
        for title, cells in book.sheets.items():
            sheets[f"{title}{number}"] = {
                ref: value.replace("Other!", f"Other{number}!") if isinstance(value, str) else value
                for ref, value in cells.items()
            }
    return write(tmp_path_factory.mktemp("programs") / "book.xlsx", sheets)


def test_as_ironcalc(workbook: Path) -> None:
    _check_program(ironcalc, workbook)


@pytest.mark.needs_libreoffice
def test_as_libreoffice(workbook: Path) -> None:
    _check_program(libreoffice, workbook)


def _check_program(program: ModuleType, workbook: Path) -> None:
    [expected] = program.recalculate([workbook])
    expected = {c: float(v) if type(v) is int else v for c, v in expected.items()}
    found = reopened(workbook).values()
    assert disagreements(_one_error(found), _one_error(expected), workbook) == []
