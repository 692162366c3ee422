"""Formulas that are filled down, across or round in a circle, and ask for much work in sum."""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine.packages import parts_of, write_package
from hostile.bounded import Outcome, command, run
from hostile.test_work import cell, row

from sheetlab.files.address import letters_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")


def filled(
    path: Path, height: int, inputs: Callable[[int], str], formulas: Callable[[int], str]
) -> Outcome:
    """What comes of a sheet with some inputs and formulas in each row, and 5 in Other!A1."""
    rows = "".join(row(n, [inputs(n), formulas(n)]) for n in range(1, height + 1))
    parts = parts_of(rows, sheets=("Data", "Other"))
    other = row(1, [cell("A1", "2+3")])
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(
        b"<sheetData/>", f"<sheetData>{other}</sheetData>".encode()
    )
    # Of 30, and more where the file is large; so that the tests do not take as long.
    outcome = run(write_package(path, parts), within=100, seconds=3)
    assert outcome.refused is None
    return outcome


def text(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="str"><v>{value}</v></c>'


@pytest.mark.parametrize(
    "formula",
    [
        'COUNTIFS(A$1:A$5000,"*"&A{0}&"*")',
        'COUNTIFS(A$1:A$5000,"<>"&A{0})',
        'SUMIFS(B$1:B$5000,A$1:A$5000,"<>"&A{0})',
        'SUMIFS(B$1:B$5000,B$1:B$5000,">"&B{0},A$1:A$5000,"<>"&A{0})',
        'COUNTIFS(B$1:B{0},">"&B{0})',
        'SUMIFS(B$1:B{0},B$1:B{0},">"&B{0},B$1:B{0},"<9e9")',
        "MEDIAN(B$1:B{0})",
        "MEDIAN(B{0}:B{1})",
        "LARGE(B$1:B$5000,1+MOD(B{0},7))+PERCENTILE(B$1:B$5000,0.5+0*B{0})",
        "STDEV(B$1:B{0})",
        "SUM(B{0}:B{1})",
        "IFERROR(PRODUCT(B{0}:B{1}),0)",
        "CONCAT(A$1:A{0})",
        'TEXTJOIN(",",TRUE,A$1:A{0})',
        'REPT(A{0},3000)&"x"',
        'SUBSTITUTE(REPT("a",10000),"a",A{0})',
        "MID(REPT(A$1,3000),1,10000-B{0})",
        'MATCH("*"&A{0}&"?",A$1:A$5000,0)',
        "MATCH(B{0},A$1:A$5000,1)",
        "MATCH(B{0},B$1:B$5000,-1)",
        'XLOOKUP(A{0}&"*",A$1:A$5000,B$1:B$5000,0,2)',
        "SUMPRODUCT((B$1:B$5000>B{0})*B$1:B$5000)",
        "SUM(IF(B$1:B{0}>3,1,2))",
        "COUNTA(UNIQUE(B$1:B{0}))",
        "INDEX(SORT(B$1:B$5000),B{0})",
        "RANK(B{0},B$1:B{0})",
        "IF(" * 60 + "B{0}>1,1,2)" + ">0,B{0},2)" * 59,
        "+".join(["B{0}*2"] * 900),
    ],
    ids=range(28),
)
def test_thousands_of_formulas_each_with_much_to_read(formula: str, tmp_path: Path) -> None:
    outcome = filled(
        tmp_path,
        5000,
        lambda n: text(f"A{n}", f"t{n * 7919 % 10007}") + cell(f"B{n}", value=n * 7919 % 10007),
        lambda n: cell(f"C{n}", formula.format(n, n + 3500)),
    )
    # What fits is calculated; of what does not, one sentence tells.
    assert ("#NUM!" in outcome.values.values()) <= (len(outcome.warnings) > 0)


def sheet(path: Path, *rows: str, **limits: Any) -> Outcome:
    """What comes of a sheet of these rows."""
    return run(write_package(path, parts_of("".join(rows))), save=None, within=100, **limits)


def test_a_circle_of_thousands_of_blocks(tmp_path: Path) -> None:
    names = [letters_of(n) for n in range(1, 3001)]
    rows = [
        row(r, [cell(f"{b}{r}", f"{a}{r - (n == 0)}*1.0{n}") for n, (a, b) in enumerate(pairs)])
        for r in range(2, 8)
        for pairs in [list(zip([names[-1], *names], names, strict=False))]
    ]
    outcome = sheet(tmp_path, *rows)
    assert outcome.refused is None
    assert set(outcome.values.values()) == {0}


@pytest.mark.parametrize("count", [300, 20000])
def test_columns_that_sum_each_other(count: int, tmp_path: Path) -> None:
    sums = "SUM(B$1:B${0})+{1}", "SUM(A$1:A${0})+{1}"
    rows = [
        row(n, [cell(f"{a}{n}", s.format(count, n)) for a, s in zip("AB", sums, strict=True)])
        for n in range(1, count + 1)
    ]
    outcome = sheet(tmp_path, *rows, seconds=6)
    assert outcome.refused is None
    assert set(outcome.values.values()) <= {"#REF!", "#NUM!"}
    assert outcome.warnings


@pytest.mark.parametrize("text_of", [lambda n: f"SUM(A{n}:B4000)*{n}", lambda n: f"A{n}+B{n + 1}"])
def test_cells_that_read_most_of_the_others(text_of: Callable[[int], str], tmp_path: Path) -> None:
    # Each a block of its own, since no two are alike.
    rows = [
        row(n, [cell(f"A{n}", f"{n}*{n % 89}+{n % 7}/{n % 11 + 1}"), cell(f"C{n}", text_of(n))])
        for n in range(1, 4001)
    ]
    outcome = sheet(tmp_path, *rows)
    assert outcome.refused is None
    assert outcome.values["Data!C7"] not in ("#NUM!", "#REF!")


def test_a_grid_of_cells_that_need_their_neighbours(tmp_path: Path) -> None:
    names = [letters_of(n) for n in range(1, 403)]
    rows = [
        row(
            r,
            [
                cell(f"{names[c]}{r}", f"{names[c - 1]}{r}+{names[c + 1]}{r}+{names[c]}{r + 1}")
                for c in range(1, 400)
            ],
        )
        for r in range(1, 200)
    ]
    outcome = sheet(tmp_path, *rows)
    assert outcome.refused is None
    assert set(outcome.values.values()) <= {"#REF!", 0}


def test_a_large_cycle_that_is_iterated(tmp_path: Path) -> None:
    rows = [row(n, [cell(f"A{n}", f"SUM(A$1:A$3000)/{n}+1")]) for n in range(1, 3001)]
    parts = parts_of("".join(rows))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</workbook>", b'<calcPr iterate="1" iterateCount="32767"/></workbook>'
    )
    outcome = run(write_package(tmp_path, parts), within=100, seconds=3)
    assert outcome.refused is None


def test_a_circle_at_both_ends_of_a_sheet(tmp_path: Path) -> None:
    rows = [
        row(
            n,
            [
                cell(f"A{n}", f"XFC{n - 1}+1" if n > 1 else "1"),
                cell(f"B{n}", f"A{n}+1"),
                cell(f"XFC{n}", f"A{n}+B{n}"),
                cell(f"XFD{n}", f"B{n}*2"),
            ],
        )
        for n in range(1, 20001)
    ]
    outcome = sheet(tmp_path, *rows)
    assert outcome.values["Data!A3"] == 10


def test_formulas_that_are_filled_over_all_columns(tmp_path: Path) -> None:
    names = [letters_of(n) for n in range(1, 16385)]
    rows = [
        row(1, [cell(f"{name}1", value=n) for n, name in enumerate(names)]),
        row(2, [cell(f"{name}2", f"SUM($A1:{name}1)") for name in names]),
        row(3, [cell(f"{name}3", f"MEDIAN($A1:{name}1)") for name in names]),
        row(4, [cell(f"{name}4", f'SUMIFS($A1:{name}1,$A1:{name}1,">5")') for name in names]),
        row(
            5,
            [
                cell(f"{name}5", f"INDEX($A$1:$XFD$1,{name}1)+MATCH(7,$A1:{name}1,0)")
                for name in names
            ],
        ),
        row(
            6,
            [
                cell(f"{name}6", f"IFERROR({names[max(n - 1, 0)]}6+{name}5,0)")
                for n, name in enumerate(names)
            ],
        ),
    ]
    outcome = sheet(tmp_path, *rows, seconds=6)
    assert outcome.refused is None
    assert outcome.values["Data!CV2"] == 4950


def test_whole_columns_looked_up_by_thousands_of_formulas(tmp_path: Path) -> None:
    far = row(1048576, [cell("XFC1048576", value=1)])
    texts = (
        "MATCH({0},A:A,0)",
        "VLOOKUP({0},A:C,2,0)",
        "INDEX(A:C,{0},2)",
        "SUMIFS(C:C,A:A,{0})",
        'COUNTIFS(A:C,"<>{0}")',
        "XLOOKUP({0},A:A,B:B)",
    )
    names = [letters_of(n) for n in range(5, 1005)]
    rows = [
        row(
            n,
            [
                cell(f"A{n}", value=n),
                cell(f"B{n}", value=n * 2),
                *(cell(f"{name}{n}", texts[c % 6].format(c * n)) for c, name in enumerate(names)),
            ],
        )
        for n in range(1, 5)
    ]
    outcome = sheet(tmp_path, *rows, far, seconds=6)
    assert outcome.refused is None
    assert outcome.values["Data!L1"] == "#N/A"


def test_long_formulas_in_many_cells(tmp_path: Path) -> None:
    text = "+".join(f"A{{0}}*{n % 9}" for n in range(1000))
    rows = [
        row(
            1,
            [
                cell("A1", value=1),
                cell("B1", text.format(1), ' t="shared" ref="B1:B200000" si="0"'),
            ],
        )
    ]
    rows += [
        row(n, [cell(f"A{n}", value=n), f'<c r="B{n}"><f t="shared" si="0"/></c>'])
        for n in range(2, 200001)
    ]
    outcome = sheet(tmp_path, *rows)
    assert outcome.refused is not None
    assert "characters" in outcome.refused


@pytest.mark.parametrize("key", ["A1:XFC1048575", "Data!A1:XFD1048576", "everything"])
def test_ranges_that_nobody_can_hold(key: str, tmp_path: Path) -> None:
    rows = row(1, [cell("A1", value=1)]) + row(1048576, [cell("XFD1048576", "A1+1")])
    names = {"everything": "Data!$A$1:$XFD$1048576"}
    path = write_package(tmp_path, parts_of(rows, names=names))
    script = (
        "import sys, sheetlab\nfrom sheetlab.errors import InputError\n"
        "book = sheetlab.load(sys.argv[1])\n"
        "for ask in (lambda k: book[k], book.frame, book.range_refs, lambda k: book.set({k: 1}),\n"
        "            lambda k: book.sweep({'A1': [1, 2]}, [k])):\n"
        "    try:\n"
        "        ask(sys.argv[2])\n"
        "    except InputError as error:\n"
        "        assert 'limit' in str(error)\n"
        "    else:\n"
        "        raise AssertionError(ask)\n"
        "assert book['XFD1048576'] == 2\n"
    )
    done = command([sys.executable, "-c", script, str(path), key])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "formula", ["LARGE(A1:A2000,2)", "SUM(A1:A900)+COUNT(A1:A900)*A1", "LEN(CONCAT(A1:A900))"]
)
def test_a_sweep_takes_steps(formula: str, tmp_path: Path) -> None:
    rows = [row(1, [cell("A1", value=1), cell("C1", formula), cell("D1", "A1*2")])]
    rows += [row(n, [cell(f"A{n}", value=n)]) for n in range(2, 2001)]
    path = write_package(tmp_path, parts_of("".join(rows)))
    script = (
        "import sys, warnings, sheetlab\n"
        "book = sheetlab.load(sys.argv[1], limits=sheetlab.Limits(steps=40_000))\n"
        "with warnings.catch_warnings(record=True) as told:\n"
        "    warnings.simplefilter('always')\n"
        "    swept = book.sweep({'A1': [n / 7 for n in range(20_000)]}, ['C1', 'D1'])\n"
        "assert 'the limit steps' in str(told[0].message), told\n"
        "assert str(swept['C1'][0]) == '#NUM!'\n"
        "assert swept['D1'][7] == 2\n"
    )
    done = command([sys.executable, "-c", script, str(path)])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "formula",
    [
        "MEDIAN(B{0}:B{1})",
        'COUNTIF(B{0}:B{1},">"&B{0})',
        'SUMIFS(B{0}:B{1},B{0}:B{1},"<"&B{0})',
        "MODE(B{0}:B{1})",
    ],
)
def test_windows_half_as_high_as_their_column(formula: str, tmp_path: Path) -> None:
    outcome = filled(
        tmp_path,
        40_000,
        lambda n: cell(f"B{n}", value=n * 7919 % 10007),
        lambda n: cell(f"C{n}", formula.format(n, n + 20_000)),
    )
    # All of them fit, as each is found without looking through its window.
    assert not outcome.warnings
    assert "#NUM!" not in outcome.values.values()


@pytest.mark.parametrize("formula", ['COUNTIF($A1:{0}1,">"&{0}1)', "PERCENTILE({0}1:$XFD1,0.3)"])
def test_windows_that_grow_over_all_columns(formula: str, tmp_path: Path) -> None:
    names = [letters_of(n) for n in range(1, 16385)]
    rows = [
        row(1, [cell(f"{name}1", value=n * 7919 % 10007) for n, name in enumerate(names)]),
        row(2, [cell(f"{name}2", formula.format(name)) for name in names]),
    ]
    outcome = run(write_package(tmp_path, parts_of("".join(rows))), steps=200_000)
    assert not outcome.warnings


@pytest.mark.parametrize(
    ("formula", "edge"),
    [
        ("MIN({up},{left},{diagonal})+1", cell),
        ('IF({up}>{left},{up}&"",{left})', cell),
        ("MAX({column}$1:{up})+{left}", cell),
        ("MIN({up},{left},{diagonal})+1", lambda ref, value: text(ref, f"x{value}")),
        ("LEFT({up}&{left},9)", lambda ref, value: text(ref, f"x{value}")),
    ],
    ids=range(5),
)
def test_a_grid_of_dynamic_programming(
    formula: str, edge: Callable[..., str], tmp_path: Path
) -> None:
    names = [letters_of(n) for n in range(1, 151)]
    rows = [row(1, [edge(f"{name}1", value=n) for n, name in enumerate(names)])]
    for r in range(2, 151):
        cells = [edge(f"A{r}", value=r)]
        for left, name in itertools.pairwise(names):
            places = {"up": f"{name}{r - 1}", "left": f"{left}{r}", "column": name}
            cells.append(cell(f"{name}{r}", formula.format(diagonal=f"{left}{r - 1}", **places)))
        rows.append(row(r, cells))
    outcome = sheet(tmp_path, *rows, seconds=4)
    assert outcome.refused is None
    assert ("#NUM!" in outcome.values.values()) <= (len(outcome.warnings) > 0)


@pytest.mark.parametrize(
    "formula",
    [
        "B{0}&A{1}",
        'IF(A{1}="x1",B{0},A{1})',
        "IFERROR(B{0}+A{1},A{1})",
        "COUNTIF(B$1:B{0},A{1})",
        "MEDIAN(B$1:B{0})+LEN(A{1})",
    ],
)
def test_loops_whose_inputs_are_texts(formula: str, tmp_path: Path) -> None:
    rows = [row(1, [text("A1", "x"), cell("B1", value=1)])]
    rows += [
        row(n, [text(f"A{n}", f"x{n % 5}"), cell(f"B{n}", formula.format(n - 1, n))])
        for n in range(2, 8001)
    ]
    outcome = sheet(tmp_path, *rows, seconds=4)
    assert outcome.refused is None
    assert ("#NUM!" in outcome.values.values()) <= (len(outcome.warnings) > 0)


def test_tens_of_thousands_of_blocks_of_a_single_cell(tmp_path: Path) -> None:
    texts = ("{0}+{1}*2-A1", "ROUND(A1,{0})+{1}", "IF(A1>{0},{1},2)", "LEN(A1)*{0}+{1}")
    names = [letters_of(n) for n in range(1, 201)]
    rows = [row(1, [cell("A1", value=1)])]
    rows += [
        row(r, [cell(f"{n}{r}", texts[(c + r) % 4].format(c, r)) for c, n in enumerate(names)])
        for r in range(2, 82)
    ]
    outcome = sheet(tmp_path, *rows)
    assert not outcome.warnings


@pytest.mark.parametrize(
    "formula",
    [
        "LOOKUP(B{0},ROW($1:$1000000))",
        'LOOKUP(A{0},SEQUENCE(1000000)&"")',
    ],
)
def test_lookups_in_arrays_that_are_made_in_each_cell(formula: str, tmp_path: Path) -> None:
    outcome = filled(
        tmp_path,
        10_000,
        lambda n: text(f"A{n}", f"{n}") + cell(f"B{n}", value=n),
        lambda n: cell(f"C{n}", formula.format(n)),
    )
    assert outcome.warnings
