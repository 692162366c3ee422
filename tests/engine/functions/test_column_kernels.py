"""Columns made by a kernel hold what the function gives cell by cell, for edge values."""

import ast
import dataclasses
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_args

import pytest
from engine.workbooks import write
from openpyxl.formula.translate import Translator

from sheetlab.engine import Book, CellError, columns, functions, load
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.columns import running
from sheetlab.engine.functions.kernels import (
    Cases,
    Choice,
    Columnwise,
    Conditional,
    Connective,
    Drawn,
    Element,
    Fallback,
    Joining,
    Kernel,
    ModalLookup,
    Negation,
    OfNumbers,
    OrderedLookup,
    OrderStatistic,
    PlaceNumber,
    Position,
    Rowwise,
    Selection,
    Spread,
    Switch,
    TableLookup,
)
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.lowering import Interpreted
from sheetlab.engine.reading.model import read_model
from sheetlab.engine.syntax.expression import Expression
from sheetlab.files.address import letters_of
from sheetlab.files.package import read_parts

# Formulas of row 1, which are filled down. Edge values stand in A and B, and in another order in D
# and E; in G are numbers in order with a text beside each, in rows 31 and 32 such a table lies, in
# I are numbers of both signs, in J one and the same, in K days, and in L numbers in no order.
PHRASES: dict[type, tuple[str, ...]] = {
    Choice: ("{}(A1,B1)", "{}(A1,B1,2)", "{}(B1>1,,A1)", "{}(A1>B1,A1/B1,B1/A1)"),
    Cases: ("{}(A1,B1)", "{}(A1>1,B1,B1,A1,TRUE,)", "{}(B1=1,A1/B1,A1=1,B1)"),
    Switch: ("{}(A1,1,B1)", '{}(A1,"X",B1,B1,2,A1+1,3,)', "{}(A1,,1,2,B1,A1)"),
    Fallback: ("{}(A1,B1)", "{}(1/A1,)", "{}(A1+B1,1/B1)"),
    Connective: (
        *("{}(G1,ROW()>3)", "{}(G1>0,G1<2,ROW()<9)", "{}(A1)", "{}(A1,B1)", "{}(A1>1,B1)"),
        *("{}(IF(A1>1,A1,B1),B1<2)", '{}(A1&"",B1)'),
    ),
    Negation: ("{}(A1)", "{}(A1>B1)"),
    PlaceNumber: ("{}()", "{}(B1)", "{}($B$2)", "{}(B1)+{}($B2)+{}(B$2)"),
    Position: (
        *("{}(A1,$D$1:$D$20)", "{}(A1,$G$1:$G$20)", "{}(A1,$D$1:$D$20,0)", "{}(A1,$G$1:$G$20,1)"),
        *("{}(A1,$D$1:$D$20,-1)", "{}(A1,$D$1:$D$20,B1)", "{}(A1,D1:D9,0)", "{}(A1,$D1:$E9)"),
        *("{}(A1,$G$1:$G$20,-1)", "{}(A1,$L$1:$L$20,-1)"),
        *("{}(I3,I1:I6,0)", "{}(J1,I1:K1,0)", "{}(J1,I1:K2,0)", "{}(A1,I1:I6,0)", "{}(I3,I1:I6)"),
        *("{}(I3,D1:I1,0)", "{}(I9,I1:I6,)", "{}(I3,I1:I6,1)"),
    ),
    TableLookup: (
        *("{}(A1,$D$1:$E$20,2,FALSE)", "{}(A1,$G$1:$H$20,2)", "{}(A1,$G$1:$H$20,B1,TRUE)"),
        *("{}(A1,$G$31:$K$32,2,FALSE)", "{}(A1,$G$31:$K$32,2)", "{}(A1,D1:E9,2,FALSE)"),
        *("{}(A1,$D$1:$H$20,G1,FALSE)", "{}(A1,$G$31:$K$32,G1)", "{}(A$3,$D$1:$E$20,G1,)"),
    ),
    OrderedLookup: (
        *("{}(A1,$G$1:$G$20,$H$1:$H$20)", "{}(A1,$G$1:$H$20)", "{}(A1,$G$31:$K$32)"),
        *("{}(A1,$G$1:$G$20,$E$1:$E$5)", "{}(A1,G1:G9)"),
    ),
    ModalLookup: (
        *("{}(A1,$D$1:$D$20,$E$1:$E$20)", "{}(A1,$D$1:$D$20,$H$1:$H$20,B1,0,-1)"),
        *('{}(A1,$D$1:$D$20,$E$1:$E$20,"none",-1)', "{}(A1,$D$1:$D$20,$E$1:$E$20,,1)"),
        *("{}(A1,$D$1:$D$20,$E$1:$E$20,,2)", "{}(A1,D1:D9,E1:E9)"),
        *("{}(A1,$D$1:$D$20,$E$1:$E$20,B1,1,2)", "{}(A1,$L$1:$L$20,$E$1:$E$20,,-1,-2)"),
        *("{}(A1,$L$1:$L$20,$E$1:$E$20,,0,2)", "{}(A1,$G$1:$G$20,$E$1:$E$20,,1,2)"),
        '{}("x*",$D$1:$D$20,$G$1:$G$20,A1,2,-1)',
    ),
    Spread: (
        *("{}(G$1:G1)", "{}(D$1:E1)", "{}(A$1:A1,G$1:G1)", "{}(G1:G5)", "{}($G$2:G1)"),
        *("{}(I1:I5,G1)", "{}(J1:J7)", "{}(D1:E5,7)", "{}(I1:I3,$G$1:$G$2)", '{}(I1:I9,"3")'),
    ),
    Element: (
        *("{}($D$1:$D$20,A1)", "{}($D$1:$E$20,A1,B1)", "{}($G$31:$K$31,B1)"),
        *("{}($D$1:$E$20,A1,)", "{}($D$1:$E$20,2,A1)"),
    ),
}
# Of the numbers in a range and of one number, which comes first in some functions.
OF_A_SAMPLE = ("{}(G$1:G1)", "{}(D$1:E1)", "{}($D$1:$D$20)", "{}(D2:E9)", "{}(D$4:D1,D1)")
OF_A_PLACE = (
    *("{}(G$1:G1,B1)", "{}(D$1:E1,A1)", "{}($G$1:$G$20,A1)", "{}(G2:H9,B1)", "{}(G$6:G1,1)"),
    *("{}(D1:$D$20,2)", "{}(G$1:G1,G1)", "{}(G$1:G1,0.3)"),
)
OF_A_NUMBER = (
    *("{}(A1,G$1:G1)", "{}(A1,D$1:E1,1)", "{}(A1,$G$1:$G$20,B1)", "{}(B1,G2:H9)"),
    *("{}(G1,G$6:G1,0)", "{}(G1,G1:$G$20,)"),
)
COUNTS = (
    *("{}($D$1:$D$20,A1)", '{}($G$1:$G$20,">="&A1)', '{}($D$1:$E$20,"<>"&A1)'),
    *('{}(D1:D9,"x*")', '{}(D$1:D1,"<"&B1)'),
)
SUMS_OF_ONE = (*COUNTS, "{}($D$1:$D$20,A1,$G$1:$G$20)", '{}($G$1:$G$20,">"&A1,$D$1:$D$20)')
SUMS_OF_SEVERAL = (
    *("{}($G$1:$G$20,$D$1:$D$20,A1)", '{}($D$1:$D$20,$G$1:$G$20,"<="&A1)'),
    *('{}(G1:G9,D1:D9,A1,G1:G9,">"&B1)', '{}(G$1:G1,D$1:D1,"<>x")'),
)
# The ranges of a kernel of rows, one after the other, and the single values.
ARGUMENTS = (
    *((("I1:I6", "K1:K6"), "0.1"), (("I1:I6", "K1:K6"), "A1"), (("I1:K1", "I1:K1"), "0.2")),
    *((("$I$1:$I$20", "$K$1:$K$20"), "A1"), (("I1:I6", "$G$1:$G$6"), "0.1")),
    *((("D1:D6", "K1:K6"), "B1"), (("I1:I6", "J1:J6"), "0.1"), (("J1:J9", "I1:I9"), "0.1")),
    *((("I1:I6", "I1:I7"), "0.1"), (("I$1:I1", "K$1:K1"), "0.1")),
)
# Those whose arguments are their own.
OF_NAMES: dict[str, tuple[str, ...]] = {
    "AGGREGATE": (
        *("{}(9,6,D$1:D1)", "{}(4,4,$G$1:$G$20)", "{}(1,2,D1:E5,A1)", "{}(14,6,D$1:E1,2)"),
        *("{}(15,3,$A$1:$A$20,A1)", "{}(12,7,A$1:A1)", "{}(3,6,A$1:B1)", "{}(7,6,D1:D9)"),
        *("{}(16,6,D$1:D1,0.3)", "{}(13,6,A$1:A1,B$1:B1)", "{}(14,0,D1:D3,1)", "{}(5,0,A1:B3)"),
    ),
    "CONCAT": (
        "{}(H1:J1,$L1)",
        "{}(D1:E1,G1)",
        '{}(H1:J1,"-",$L1)',
        "{}(H1:H2)",
        "{}($H$1:$H$20,G1)",
    ),
    "NETWORKDAYS": (
        *("{}(K1,K2+G1*9)", "{}(K1+G1,40000)", "{}(A1,B1)", "{}(G1*30,K1)"),
        *("{}(K1,K2,$K$3:$K$5)", "{}(L1*1E6,K1)"),
    ),
    "SUBTOTAL": (
        *("{}(9,D$1:D1)", "{}(3,A$1:A1)", "{}(103,D1:E5)", "{}(102,$A$1:$B$20)", "{}(1,G1:G9,A1)"),
        *("{}(104,G$1:G1)", "{}(5,A1:B3)", "{}(6,I1:I5)", "{}(107,G$1:G1)", "{}(8,I1:J5)"),
        *("{}(10,$D$1:$D$20)", "{}(111,A$1:A1)", "{}(2,A$4:B1)", "{}(3,A1)", "{}(9,M1:N9)"),
    ),
    "TEXT": (
        *('{}(I1,"0.00")', '{}(K1*1000/7,"#,##0.000")', '{}(G1/8,"0.0")', '{}(A1,"#,##0.00")'),
        *(
            '{}(I1,"0.0%")',
            '{}(I1,"#.#")',
            '{}(L1,"[>1]0.0;0.00")',
            '{}(H1*0,"0.0")',
            '{}(G1*0,"0.0000000000000000")',
            '{}(A1*1E9/3,"0.00")',
        ),
        *("{}(G1,D1)", '{}(K1/7,"#,##0,")', '{}(K1,"yyyy-mm-dd")', '{}(I1,"""x""0.0 ""y""")'),
    ),
    "TEXTJOIN": (
        *('{}("; ",TRUE,G1:I1,L1)', '{}("",FALSE,D1:E1)', '{}("-",TRUE,A1:B1)'),
        *('{}("-",FALSE,H1:H3)', "{}(H1,TRUE,G1:I1)", '{}("-",,G1:I1)', '{}("-",A1,G1:I1)'),
    ),
}
ROWS = range(1, 21)
KERNELS = {
    name: declared.kernel
    for name, declared in functions.own().items()
    if declared.kernel is not None and not isinstance(declared.kernel, OfNumbers | Drawn)
}


def phrases(name: str) -> tuple[str, ...]:
    kernel = KERNELS[name]
    if name in OF_NAMES:
        return OF_NAMES[name]
    if isinstance(kernel, OrderStatistic):
        parameters = functions.own()[name].parameters
        if parameters == ("values",):
            return OF_A_SAMPLE
        return OF_A_PLACE if parameters[0] == "array" else OF_A_NUMBER
    if type(kernel) is Rowwise:
        return tuple(called(name, ranges, value) for ranges, value in ARGUMENTS)
    if not isinstance(kernel, Conditional):
        return PHRASES[type(kernel)]
    if kernel.reduction is None:
        return COUNTS
    return SUMS_OF_ONE if kernel.resized else SUMS_OF_SEVERAL


def called(name: str, ranges: tuple[str, str], value: str) -> str:
    """A function with so many arguments as it has to have, of which there may be two ranges."""
    declared, given = functions.own()[name], iter(ranges)
    places = range(max(declared.least, len(declared.parameters) - declared.repeating))
    kinds = [declared.parameter(place) for place in places]
    return (
        f"{{}}({','.join(next(given) if kind in ('array', 'values') else value for kind in kinds)})"
    )


def edge_cells() -> dict[str, Any]:
    edges = [1.0, 0.0, 2.0, 3.0, "x", "X", None, True, False, "2", -1.5, "=1/0", "=NA()", 1e15, 0.3]
    edges += [2.5, "xy", 4.0, "=0.1+0.2", 20.0]
    cells: dict[str, Any] = {}
    for row in ROWS:
        cells[f"A{row}"], cells[f"B{row}"] = edges[row - 1], edges[row * 7 % 20]
        cells[f"D{row}"], cells[f"E{row}"] = edges[row * 3 % 20], edges[row * 11 % 20]
        cells[f"G{row}"], cells[f"H{row}"] = row / 2 - 2, f"t{row}"
        cells[f"L{row}"] = row * 7 % 20 / 2 - 2
        cells[f"I{row}"], cells[f"J{row}"] = row * 7 % 5 * 1.3 - 2.1, 0.1
        cells[f"K{row}"] = 40000.0 + row * 3
    for place, column in enumerate("GHIJK"):
        cells[f"{column}31"], cells[f"{column}32"] = place - 1, f"u{place}"
    return cells


def test_every_kind_of_kernel_is_tried() -> None:
    tried = {*PHRASES, Columnwise, Conditional, Joining, OrderStatistic, Rowwise, Selection}
    assert {*tried, Drawn, *get_args(OfNumbers)} == set(get_args(Kernel))
    assert tried == {type(kernel) for kernel in KERNELS.values()}


@pytest.mark.parametrize("name", KERNELS)
def test_a_column_holds_what_the_function_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = edge_cells()
    for column, phrase in zip(map(letters_of, range(14, 100)), phrases(name), strict=False):
        first = Translator("=" + phrase.replace("{}", name), f"{column}1")
        for row in ROWS:
            cells[f"{column}{row}"] = first.translate_formula(f"{column}{row}")
    path = write(tmp_path / "edges.xlsx", {"Data": cells})
    parts = read_parts(path)
    fast, slow = (Calculation(read_model(path, parts), numeric=flag) for flag in (True, False))
    filled = [block for block in fast.model.blocks if block.cells.shape[0] == len(ROWS)]
    assert len(filled) == len(phrases(name))
    assert not any(isinstance(block.program, Interpreted) for block in filled)
    by_cell = Book(parts, slow).values()
    interpreted: set[tuple[str, int, int]] = set()

    def evaluated(expression: Expression, home: Any, *rest: Any, **options: Any) -> Any:
        interpreted.add(home)
        return evaluate(expression, home, *rest, **options)

    monkeypatch.setattr(running, "evaluate", evaluated)
    by_column = Book(parts, fast).values()
    assert not interpreted.issuperset(("Data", row, 14) for row in ROWS), "no kernel did it"
    assert by_column.keys() == by_cell.keys()
    for (sheet, ref), value in by_cell.items():
        found = by_column[sheet, ref]
        assert type(found) is type(value), cells[ref]
        assert found == (pytest.approx(value, rel=1e-12) if type(value) is float else value), cells[
            ref
        ]


def test_joined_texts_that_no_cell_holds(tmp_path: Path) -> None:
    cells: dict[str, Any] = {}
    for row in ROWS:
        cells[f"A{row}"], cells[f"B{row}"] = "x" * 1640 * row, "y" * 1000
        cells[f"C{row}"] = f'=TEXTJOIN("-",TRUE,A{row}:B{row})'
    book = load(write(tmp_path / "long.xlsx", {"Data": cells}))
    expected = [1640.0 * row + 1001 if row < 20 else CellError("#VALUE!") for row in ROWS]
    found = book["C1:C20"].ravel().tolist()
    assert [float(len(text)) if type(text) is str else text for text in found] == expected


def test_functions_of_what_comes_again_are_called_once_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = ("a", "B", None, 1.0, True, "=1/0", "a", "B", "a", "B")
    cells: dict[str, Any] = {}
    for row in ROWS:
        cells[f"A{row}"], cells[f"B{row}"] = row % 3, seeds[row % 10]
        cells[f"C{row}"] = f'=TEXT(A{row},"0.0E+0")&UPPER(B{row})&T(B{row})'
        cells[f"D{row}"] = f'=REPT(LOWER(IF(A{row},"X","Y")),A{row})'
    path = write(tmp_path / "again.xlsx", {"Data": cells})
    parts = read_parts(path)
    slow = Book(parts, Calculation(read_model(path, parts), numeric=False)).values()
    called: list[float] = []
    text = functions.find("TEXT")
    assert text is not None

    def counted(number: Any, number_format: str) -> Any:
        called.append(number)
        return text.call(number, number_format)

    monkeypatch.setitem(functions.own(), "TEXT", dataclasses.replace(text, call=counted))
    assert Book(parts, Calculation(read_model(path, parts))).values() == slow
    assert sorted(called) == [0, 1, 2]


DRAWN = [name for name, declared in functions.own().items() if isinstance(declared.kernel, Drawn)]


@pytest.mark.parametrize("name", DRAWN)
def test_numbers_are_drawn_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ",".join(str(place) for place, _ in enumerate(functions.own()[name].parameters))
    cells = {f"C{row}": f"={name}({arguments})" for row in ROWS}
    path = write(tmp_path / "drawn.xlsx", {"Data": cells})
    monkeypatch.setattr(running.Run, "one_by_one", None)
    parts = read_parts(path)
    values = Book(parts, Calculation(read_model(path, parts))).values()
    assert len(set(values.values())) > 1


@pytest.mark.parametrize(
    "formula",
    [
        *("RAND()", "RANDBETWEEN(1,6)", "1+RANDBETWEEN($B$1,2*$B$1)", "RANDBETWEEN(3.5,3)"),
        *('RANDBETWEEN("x",9)', "IF(A1>3,RAND(),A1)", "RANDBETWEEN(A1,$B$1)"),
    ],
)
def test_what_is_drawn_at_once_is_what_is_drawn_one_by_one(formula: str, tmp_path: Path) -> None:
    cells: dict[str, Any] = {"B1": 40.0}
    for row in ROWS:
        cells[f"A{row}"] = float(row)
        cells[f"C{row}"] = "=" + formula.replace("A1", f"A{row}")
    path = write(tmp_path / "drawn.xlsx", {"Data": cells})
    parts = read_parts(path)
    fast, slow = (
        Book(parts, Calculation(read_model(path, parts), numeric=numeric, seed=3)).values()
        for numeric in (True, False)
    )
    assert fast == slow


@pytest.mark.parametrize(
    "module",
    [
        "lowering",
        "loops",
        "sweep",
        *(f"columns.{one.name}" for one in iter_modules(columns.__path__)),
    ],
)
def test_what_runs_programs_knows_no_function_by_name(module: str) -> None:
    source = find_spec(f"sheetlab.engine.{module}")
    assert source is not None
    assert source.origin is not None
    said = {
        part.value
        for part in ast.walk(ast.parse(Path(source.origin).read_text(encoding="utf-8")))
        if isinstance(part, ast.Constant)
    }
    assert not said & functions.own().keys()


def test_what_is_kept_for_a_range_goes_with_its_values(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": 40_000.0 + 100 * row for row in ROWS}
    for row in ROWS:
        cells[f"B{row}"] = f"=SUMPRODUCT((YEAR($A$1:$A$20)={2009 + row})*MONTH($A$1:$A$20))"
    book = load(write(tmp_path / "kept.xlsx", {"Data": cells}))
    before = book["B1:B20"].ravel().tolist()
    book.set({"A1": 43_000.0, "A2": 41_000.0})
    changed = load(write(tmp_path / "kept.xlsx", {"Data": cells | {"A1": 43_000, "A2": 41_000}}))
    after = book["B1:B20"].ravel().tolist()
    assert after == changed["B1:B20"].ravel().tolist() != before
