"""Formulas as a person would fill them: `$` before what stays, nothing before what moves."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import pytest
from authoring.boards import Written, written
from authoring.random_boards import NoRangeError, Plan, plans
from hypothesis import HealthCheck, assume, given, settings
from openpyxl.utils import column_index_from_string, coordinate_to_tuple

from sheetlab.authoring import Board, axis
from sheetlab.building.workbook import write_workbook
from sheetlab.lessons import lesson, lesson_names

ADDRESS = re.compile(r"(\$?)\b([A-Z]{1,3})(\$?)([1-9][0-9]*)\b")
TEXT = re.compile(r'"(?:[^"]|"")*"')
EPOCH, POINT, SIDE = axis("epoch", 2), axis("point", 3), axis("side", 2)

Cell = tuple[int, int]
Formulas = list[tuple[str, str]]  # each with the cell that it stands in


def addresses(formula: str) -> list[Cell]:
    """Row and column of every corner that a formula names, `$` or not."""
    return [
        (int(match[4]), column_index_from_string(match[2]))
        for match in ADDRESS.finditer(TEXT.sub("", formula))
    ]


def relative(formula: str, cell: Cell) -> str:
    """A formula as it reads from its own cell (R1C1): the same in all cells that it fills."""

    def name(match: re.Match[str]) -> str:
        row, column = int(match[4]), column_index_from_string(match[2])
        down = f"R{row}" if match[3] else f"R[{row - cell[0]}]"
        right = f"C{column}" if match[1] else f"C[{column - cell[1]}]"
        return down + right

    return ADDRESS.sub(name, formula)


def could_be_filled(cells: Sequence[Cell], formulas: Sequence[str]) -> bool:
    """Whether each corner in these formulas stays in each direction, or moves as the cell does."""
    corners = zip(*map(addresses, formulas), strict=True)
    return all(
        len({corner[side] for corner in one}) == 1
        or len({corner[side] - cell[side] for corner, cell in zip(one, cells, strict=True)}) == 1
        for one in corners
        for side in (0, 1)
    )


def unfilled(cells: Iterable[tuple[str, str]]) -> list[str]:
    """The formulas, of one kind, that filling from one cell into the others would not give."""
    refs, formulas = zip(*cells, strict=True)
    places = [coordinate_to_tuple(ref) for ref in refs]
    if not could_be_filled(places, formulas):
        return []
    read = {relative(formula, cell) for formula, cell in zip(formulas, places, strict=True)}
    return sorted(read) if len(read) > 1 else []


def by_formula(board: Board, cells: dict[str, list[tuple[str, object]]]) -> list[Formulas]:
    """The formulas of each quantity, in one panel and in all, apart by their skeleton."""
    found: dict[object, Formulas] = defaultdict(list)
    for name, quantity in board.quantities.items():
        for index, (ref, formula) in zip(quantity.indices(), cells[name], strict=True):
            if isinstance(formula, str) and formula.startswith("="):
                own = index[-1] if quantity.formulas else None
                for panel in {index[: len(quantity.panel)], ()}:
                    found[name, panel, own, ADDRESS.sub("#", formula)].append((ref, formula))
    return list(found.values())


def formulas_of(board: Written) -> list[Formulas]:
    """The same of a written board."""
    names = board.board.quantities
    cells = {name: [(ref, board[ref]) for ref in board.cells(name)] for name in names}
    return by_formula(board.board, cells)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_one_formula_fills_wherever_one_could(plan: Plan) -> None:
    try:
        plan.arrays()
    except NoRangeError:
        assume(False)
    for cells in formulas_of(written(plan.declare, plan.inputs())):
        assert unfilled(cells) == []


@pytest.mark.parametrize("name", lesson_names())
def test_one_formula_fills_wherever_one_could_in_a_lesson(name: str) -> None:
    found = lesson(name)
    _, example = write_workbook(found, found.inputs(), "en")
    worksheet = example.sheet._worksheet
    cells = {
        quantity: [(ref, worksheet[ref].value) for ref in example.cells(quantity)]
        for quantity in example.board.quantities
    }
    for kind in by_formula(example.board, cells):
        assert unfilled(kind) == []


def test_what_could_be_filled_is_told_from_what_could_not() -> None:
    assert relative("=E4-$A$3*$H4", (5, 5)) == "=R[-1]C[0]-R3C1*R[-1]C8"
    assert unfilled([("C2", "=A2*B$1"), ("C3", "=A3*B$1")]) == []
    assert unfilled([("C2", "=A2*B1"), ("C3", "=A3*B1")]) == [
        "=R[0]C[-2]*R[-1]C[-1]",
        "=R[0]C[-2]*R[-2]C[-1]",
    ]
    assert unfilled([("C2", "=$A$2"), ("C3", "=$A$3")]) == ["=R2C1", "=R3C1"]
    assert unfilled([("C2", "=A2"), ("C3", "=A4")]) == [], "a stride is no filling"


def test_a_formula_filled_down_and_across() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= 1")
        points.column("product", "product", "= x * weight * one", by=SIDE, show_labels=False)
        points.start().value("weight", "= 2", under="product", label="weight")
        board.rows(below=points).row("one", "one", "= 3")

    assert written(declare).texts("product") == [
        f"=$A{row}*{column}$2*$B$7" for row, column in itertools.product((3, 4, 5), "BC")
    ]


def test_a_formula_filled_across_rows() -> None:
    def declare(board: Board) -> None:
        points = board.rows(POINT, at="A1")
        points.row("x", "x", "= 1")
        points.row("next", "next", "= x.before * one + SUM(x.all)", first="= x")
        points.foot("all").value("one", "= COUNT(x)", under="x")

    board = written(declare)
    assert board.texts("next") == ["=B1", "=B1*$E$1+SUM($B$1:$D$1)", "=C1*$E$1+SUM($B$1:$D$1)"]
    assert board.texts("one") == ["=COUNT(B1:D1)"]


def test_marks_fix_more_than_would_follow() -> None:
    def declare(board: Board) -> None:
        steps = board.columns(EPOCH * POINT, at="A1")
        steps.column("error", "error", "= 1")
        formula = "= alpha.before - $error.before + error$.before + $error$.before"
        steps.column("alpha", "alpha", formula, first="= $start")
        steps.start().value("start", "= 0", under="alpha", label="start")

    board = written(declare)
    assert board.texts("alpha")[:2] == ["=$B2", "=B3-$A3+A$3+$A$3"]
    assert board.texts("alpha")[5] == "=B7-$A7+A$7+$A$7"


def test_a_single_cell_shows_what_would_move_in_a_longer_column() -> None:
    def declare(board: Board) -> None:
        two = board.columns(axis("two", 2), at="A1")
        two.column("x", "x", "= x.before - rate * x.before", first="= rate")
        two.start().value("rate", "= 0.5", under="x", label="rate")

    board = written(declare)
    assert board.texts("x") == ["=A2", "=A3-$A$2*A3"]


def test_cells_without_an_axis_need_no_marks() -> None:
    def declare(board: Board) -> None:
        one = board.rows(at="A1")
        one.row("a", "a", "= 1")
        one.row("b", "b", "= a + 1")

    assert written(declare).texts("b") == ["=B1+1"]


def test_each_place_of_the_last_axis_has_its_own_formula_filled_down() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= 1")
        formulas = ["= x", "= x^2"]
        points.column("powers", "powers", formulas, by=SIDE, show_labels=False)
        ends = board.rows(SIDE, below=points)
        ends.row("ends", "ends", ["= MIN(x)", "= MAX(x)"])

    board = written(declare)
    assert board.texts("powers") == ["=A2", "=A2^2", "=A3", "=A3^2", "=A4", "=A4^2"]
    assert board.texts("ends") == ["=MIN(A2:A4)", "=MAX(A2:A4)"]


def test_what_is_said_of_the_first_cell_is_filled_too_where_it_can_be() -> None:
    def declare(board: Board) -> None:
        board.rows(at="D1").row("rate", "rate", "= 0.5")
        steps = board.columns(POINT, at="A1")
        first = "= start - rate * slope"
        steps.column("x", "x", "= x.before - rate * slope", first=first)
        steps.column("slope", "slope", "= 1")
        steps.column("other", "other", "= other.before", first="= rate")
        steps.start().value("start", "= 9", under="x", label="start")

    board = written(declare)
    assert board.texts("x") == ["=A2-$E$1*B3", "=A3-$E$1*B4", "=A4-$E$1*B5"]
    assert board.texts("other") == ["=E1", "=C3", "=C4"]


def test_a_formula_is_the_same_in_every_panel_where_it_can_be() -> None:
    def declare(board: Board) -> None:
        board.rows(at="A1").row("rate", "rate", "= 0.5")
        with board.panels(EPOCH, runs="right", space=0) as panel:
            points = panel.columns(POINT)
            points.column("x", "x", "= x.before(epoch) * rate", first="= rate")
            points.column("share", "share", "= x / SUM(x.all) * rate")

    assert written(declare).texts("x")[3:] == [f"=A{row}*$B$1" for row in (4, 5, 6)]
    assert written(declare).texts("share")[::3] == [
        "=A4/SUM(A$4:A$6)*$B$1",
        "=C4/SUM(C$4:C$6)*$B$1",
    ]


def test_the_formula_of_a_cell_as_text() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= x.before + 1", first="= 1")
        board.rows(below=points).shown("text", "formula in {x.at(2)}", of="x.at(2)")

    board = written(declare)
    (ref,) = board.cells("text")
    assert (board["A6"], ref, board[ref]) == ("formula in A3", "B6", "=A2+1")
    assert board.saved()[ref].data_type == "s"
    assert board.book()[f"Data!{ref}"] == "=A2+1"
