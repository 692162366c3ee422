"""What a name stands for in a cell: the same place, all places, or what a selector says of it."""

from typing import Any

import pytest
from authoring.boards import written

from sheetlab.authoring import AuthoringError, Board, axis

POINT, FEATURE, ROUND, OTHER = (
    axis("point", 3),
    axis("feature", ("age|나이", "income|수입")),
    axis("round", 2),
    axis("other", 3),
)


def column(formula: str, by: Any = None, **said: Any) -> list[Any]:
    """What stands in the cells of `it`: three, one for each point, where nothing else is said.

    `a` is by point and feature, `one` a single value, and `n` by point, but across.
    """

    def declare(board: Board) -> None:
        given = board.columns(POINT, at="A1")
        given.column("a", "a", "= 1", by=FEATURE)
        given.column("it", "it", formula, by=by, **said)
        aside = board.columns(right_of=given, gap=2)
        aside.column("one", "one", "= 7")
        board.rows(POINT, below=given).row("n", "n", "= 2")

    return written(declare).texts("it")


# a stands in A3:B5 (points down, features across), it in C3:C5, one in F2, and n in B7:D7, across.
@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        # Along axes that both have: the same place. Along others: all.
        ("= SUM(it.all)", ["=SUM($C$3:$C$5)"] * 3),
        ("= SUM(a)", ["=SUM(A3:B3)", "=SUM(A4:B4)", "=SUM(A5:B5)"]),
        ("= one", ["=$F$2"] * 3),
        ("= n", ["=B$7", "=C$7", "=D$7"]),
        # A step or more back or ahead, where it stays within the table.
        ("= n.after(0)", ["=B$7", "=C$7", "=D$7"]),
        # By place.
        ("= n.first", ["=$B$7"] * 3),
        ("= n.last", ["=$D$7"] * 3),
        ("= n.at(2)", ["=$C$7"] * 3),
        ("= a.first", ["=A3", "=A4", "=A5"]),
        ("= a.last", ["=B3", "=B4", "=B5"]),
        ("= a.at(2)", ["=B3", "=B4", "=B5"]),
        ("= SUM(a.at(point, 2))", ["=SUM($A$4:$B$4)"] * 3),
        ("= a.at(point, 2).first(feature)", ["=$A$4"] * 3),
        # From the first place to this one, and from this one to the last.
        ("= SUM(a.so_far)", ["=SUM(A$3:B3)", "=SUM(A$3:B4)", "=SUM(A$3:B5)"]),
        ("= SUM(a.onward)", ["=SUM(A3:B$5)", "=SUM(A4:B$5)", "=SUM(A5:B$5)"]),
        ("= SUM(n.so_far)", ["=SUM($B$7:B$7)", "=SUM($B$7:C$7)", "=SUM($B$7:D$7)"]),
        # Everything.
        ("= SUM(a.all)", ["=SUM($A$3:$B$5)"] * 3),
        ("= SUM(a.all(point))", ["=SUM($A$3:$B$5)"] * 3),
        ("= SUM(a.all(feature))", ["=SUM(A3:B3)", "=SUM(A4:B4)", "=SUM(A5:B5)"]),
        ("= SUM(n.all)", ["=SUM($B$7:$D$7)"] * 3),
        # Marks.
        ("= SUM($a)", ["=SUM($A3:$B3)", "=SUM($A4:$B4)", "=SUM($A5:$B5)"]),
        ("= a$.first", ["=A$3", "=A$4", "=A$5"]),
        ("= $a$.first", ["=$A$3", "=$A$4", "=$A$5"]),
    ],
)
def test_a_name_in_a_column(formula: str, cells: list[str]) -> None:
    assert column(formula) == cells


@pytest.mark.parametrize(
    ("formula", "said", "cells"),
    [
        ("= n.before", {"first": "= one"}, ["=F2", "=B$7", "=C$7"]),
        ("= n.before(2)", {"first": "= 0"}, ["=0", "=0", "=B7"]),
        ("= n.after", {"last": "= 0"}, ["=C$7", "=D$7", "=0"]),
        ("= it.before + 1", {"first": "= 1"}, ["=1", "=C3+1", "=C4+1"]),
        ("= it.after + 1", {"last": "= 1"}, ["=C4+1", "=C5+1", "=1"]),
        (
            "= SUM(a.earlier)",
            {"first": "= 0"},
            ["=0", "=SUM(A$3:B3)", "=SUM(A$3:B4)"],
        ),
        ("= SUM(a.later)", {"last": "= 0"}, ["=SUM(A4:B$5)", "=SUM(A5:B$5)", "=0"]),
        (
            "= n.before + n.after",
            {"first": "= n.after", "last": "= n.before"},
            ["=C7", "=B7+D7", "=C7"],
        ),
    ],
)
def test_beyond_the_table_stands_what_is_said(
    formula: str, said: dict[str, str], cells: list[str]
) -> None:
    assert column(formula, **said) == cells


@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ("= a", ["=A3", "=B3", "=A4", "=B4", "=A5", "=B5"]),
        ("= n", ["=B$7", "=B$7", "=C$7", "=C$7", "=D$7", "=D$7"]),
        ("= one", ["=$G$2"] * 6),
        ("= SUM(a.all(feature))", ["=SUM($A3:$B3)"] * 2 + ["=SUM($A4:$B4)"] * 2),
        ("= SUM(a.all(point))", ["=SUM(A$3:A$5)", "=SUM(B$3:B$5)"] * 2),
        ("= SUM(a.so_far(point))", ["=SUM(A$3:A3)", "=SUM(B$3:B3)", "=SUM(A$3:A4)"]),
        ("= SUM(a.so_far(feature))", ["=SUM($A3:A3)", "=SUM($A3:B3)", "=SUM($A4:A4)"]),
        ("= a.first(point)", ["=A$3", "=B$3"] * 2),
        ("= a.last(feature)", ["=$B3", "=$B3", "=$B4", "=$B4"]),
    ],
)
def test_a_name_in_a_matrix(formula: str, cells: list[str]) -> None:
    assert column(formula, by=FEATURE)[: len(cells)] == cells


def test_read_along_another_axis_of_the_cell() -> None:
    pairs = [f"=ABS({one}$7-{two}$7)" for one in "BCD" for two in "BCD"]
    assert column("= ABS(n - n.along(other))", by=OTHER) == pairs
    assert column("= ABS(n - n.along(point, other))", by=OTHER) == pairs


def test_read_along_another_axis_where_several_would_fit() -> None:
    def declare(board: Board) -> None:
        square = board.columns(POINT, at="A1")
        square.column("distance", "distance", "= 1", by=OTHER, show_labels=False)
        turned = board.columns(POINT, right_of=square)
        formula = "= distance.along(point, other).along(other, point)"
        turned.column("turned", "turned", formula, by=OTHER, show_labels=False)

    assert written(declare).texts("turned") == [f"={c}{r}" for c in "ABC" for r in (2, 3, 4)]


def over_two_axes(formula: str, **said: Any) -> list[str]:
    """What stands in the cells over rounds, beside a quantity over rounds and points."""

    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        long.column("x", "x", "= 1")
        board.columns(ROUND, right_of=long).column("it", "it", formula, **said)

    return written(declare).texts("it")


@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ("= SUM(x)", ["=SUM(A2:A4)", "=SUM(A5:A7)"]),
        ("= x.first", ["=A2", "=A5"]),
        ("= x.last", ["=A4", "=A7"]),
        ("= x.at(2)", ["=A3", "=A6"]),
        ("= x.at(point, 2)", ["=A3", "=A6"]),
        ("= SUM(x.all)", ["=SUM($A$2:$A$7)"] * 2),
        ("= SUM(x.so_far(round))", ["=SUM(A$2:A4)", "=SUM(A$2:A7)"]),
        ("= SUM(x.last(round))", ["=SUM($A$5:$A$7)"] * 2),
        ("= x.last(round).first(point)", ["=$A$5"] * 2),
    ],
)
def test_of_two_axes_in_one_direction_one_is_held(formula: str, cells: list[str]) -> None:
    assert over_two_axes(formula) == cells


def test_a_product_of_axes_is_passed_through_from_one_to_the_next() -> None:
    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        long.column("x", "x", "= x.before", first="= 1")
        long.column("y", "y", "= x.before(point)", first="= 0")

    board = written(declare)
    assert board.texts("x") == ["=1", "=A2", "=A3", "=A4", "=A5", "=A6"]
    assert board.texts("y") == ["=0", "=A2", "=A3", "=0", "=A5", "=A6"]


def test_a_step_along_a_product_of_axes_where_there_is_another_across() -> None:
    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        formula = "= w.before(round * point)"
        long.column("w", "w", formula, by=FEATURE, show_labels=False, first="= 1")
        long.column(
            "back", "back", "= SUM(w.so_far(round * point)) + w.last(round * point)", by=FEATURE
        )

    board = written(declare)
    assert board.texts("w")[:4] == ["=1", "=1", "=A3", "=B3"]
    assert board.texts("w")[-2:] == ["=A7", "=B7"]
    assert board.texts("back")[-2:] == ["=SUM(A$3:A8)+A$8", "=SUM(B$3:B8)+B$8"]


def test_the_slower_axis_is_chosen_where_the_cell_has_the_faster() -> None:
    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        long.column("x", "x", "= 1")
        board.columns(POINT, right_of=long).column("end", "end", "= x.last")

    assert written(declare).texts("end") == ["=A5", "=A6", "=A7"]


def panels(formula: str, where: str, **said: Any) -> list[str]:
    """A quantity `x` over points in two panels, from A3 and A8 on, and `it`.

    `it` stands in the panels (`where` is "panels"), over points, rounds, or over nothing.
    """

    def declare(board: Board) -> None:
        with board.panels(ROUND) as panel:
            points = panel.columns(POINT, title="Round {}", labels=True)
            points.column("x", "x", "= 1")
            if where == "panels":
                points.column("it", "it", formula, **said)
        over = {"points": POINT, "rounds": ROUND, "nothing": None}
        if where in over:
            aside = board.columns(over[where], right_of=panel, labels=False)
            aside.column("it", "it", formula, **said)

    return written(declare).texts("it")


@pytest.mark.parametrize(
    ("formula", "where", "cells"),
    [
        ("= x", "panels", ["=B7", "=B8", "=B9", "=B13", "=B14", "=B15"]),
        ("= SUM(x.all)", "panels", ["=SUM($B$7:$B$9)"] * 3 + ["=SUM($B$13:$B$15)"] * 3),
        ("= x.first(round)", "panels", ["=B7", "=B8", "=B9"] * 2),
        ("= x.at(round, 2)", "points", ["=B13", "=B14", "=B15"]),
        ("= x.last", "points", ["=B13", "=B14", "=B15"]),
        ("= SUM(x)", "rounds", ["=SUM(B7:B9)", "=SUM(B13:B15)"]),
        ("= x.last", "rounds", ["=B9", "=B15"]),
        ("= x.last(round).at(point, 1)", "nothing", ["=B13"]),
        ("= SUM(x.at(round, 1))", "nothing", ["=SUM(B7:B9)"]),
    ],
)
def test_a_name_in_and_out_of_panels(formula: str, where: str, cells: list[str]) -> None:
    assert panels(formula, where) == cells


def test_within_a_panel_a_plain_step_stays_there() -> None:
    assert panels("= x.first", "panels") == ["=$B$7"] * 3 + ["=$B$13"] * 3
    texts = panels("= x.before", "panels", first="= 0")
    assert texts == ["=0", "=B7", "=B8", "=0", "=B13", "=B14"]


def test_a_step_from_panel_to_panel() -> None:
    texts = panels("= x.before(round) + x", "panels", first="= x")
    assert texts == ["=B7", "=B8", "=B9", "=B7+B13", "=B8+B14", "=B9+B15"]


def test_the_name_of_an_axis_is_the_label_of_the_cell() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", labels="no.|번호")
        points.column("kind", "kind", "= 1")
        points.column("same", "same", "= IF(point = feature, 1, 0)", by=FEATURE)
        points.foot("count").value("counted", "= COUNTIF(kind, feature)", under="same")
        across = board.rows(FEATURE, below=points)
        across.row("again", "again", "= COUNTIF(kind, feature)")

    board = written(declare)
    assert board.texts("same") == [f"=IF($A{r}={c}$2,1,0)" for r in (3, 4, 5) for c in "CD"]
    assert board.texts("counted") == ["=COUNTIF($B$3:$B$5,C2)", "=COUNTIF($B$3:$B$5,D2)"]
    assert board.texts("again") == ["=COUNTIF($B$3:$B$5,B8)", "=COUNTIF($B$3:$B$5,C8)"]
    assert [board["C2"], board["D2"], board["A3"], board["B8"]] == ["age", "income", 1, "age"]


def test_labels_that_stand_once_are_those_of_the_first_panel() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, runs="right", labels_once=True) as panel:
            points = panel.columns(POINT, title="Round {}", labels=True)
            points.column("same", "same", "= IF(point = feature, 1, 0)", by=FEATURE)

    assert written(declare).texts("same") == [
        f"=IF($A{r}={c}$7,1,0)" for columns in ("BC", "EF") for r in (8, 9, 10) for c in columns
    ]


def test_the_cells_of_an_input_are_part_of_its_quantity() -> None:
    def declare(board: Board) -> None:
        twice = axis("twice", 10)
        points = board.columns(twice, at="A1")
        points.input("x", then="= x.before(5)")
        points.foot("mean|평균").value("mean", "= AVERAGE(x.input)", under="x")

    board = written(declare)
    assert board.texts("x") == [1, 2, 4, 3, 5, "=A2", "=A3", "=A4", "=A5", "=A6"]
    assert board.texts("mean") == ["=AVERAGE(A2:A6)"]


def test_the_cells_of_an_input_may_be_fewer_than_one_row() -> None:
    def declare(board: Board) -> None:
        one = board.columns(axis("one", 1), at="A1")
        one.input("x", by=axis("six", 6), then="= 1", show_labels=False)
        board.rows(below=one).row("sum", "sum", "= SUM(x.input)")

    board = written(declare)
    assert board.texts("x") == [1, 2, 4, 3, 5, "=1"]
    assert board.texts("sum") == ["=SUM(A2:E2)"]


def test_the_cells_of_an_input_are_those_of_the_first_panel() -> None:
    def declare(board: Board) -> None:
        five = axis("five", 5)
        with board.panels(ROUND, runs="right") as panel:
            weights = panel.columns(five)
            weights.input("x", then="= x.before(round) / 2")
        board.rows(below=panel).row("sum", "sum", "= SUM(x.input)")

    board = written(declare)
    assert board.texts("x") == [1, 2, 4, 3, 5, "=A6/2", "=A7/2", "=A8/2", "=A9/2", "=A10/2"]
    assert board.texts("sum") == ["=SUM(A6:A10)"]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("= nn", "there is no quantity 'nn'; do you mean n?"),
        ("= unknown", "there is no quantity 'unknown'"),
        ("= poin", "there is no quantity 'poin'; do you mean point?"),
        (
            "= n.before",
            '`n.before`: reaches beyond the first point; say what stands there with first="= …"',
        ),
        (
            "= n.after(3)",
            '`n.after(3)`: reaches beyond the last point; say what stands there with last="= …"',
        ),
        (
            "= SUM(n.earlier)",
            '`n.earlier`: nothing of point is left; say what stands there with first="= …"',
        ),
        (
            "= n.at(4)",
            '`n.at(4)`: reaches beyond the last point; say what stands there with last="= …"',
        ),
        ("= n.at", "`n.at`: .at needs the number of the place, counted from 1"),
        ("= one.before", "`one.before`: there is no axis to move along"),
        ("= a.before(feature)", "`a.before(feature)`: the cell has no place on the axis feature"),
        ("= a.at(featur, 1)", "`a.at(featur, 1)`: it has no axis 'featur'; do you mean feature?"),
        ("= a.at(time, 1)", "`a.at(time, 1)`: it has no axis 'time'"),
        ("= n.along", "`n.along`: .along needs the axis of the cell that is read along"),
        ("= n.along(poin)", "`n.along(poin)`: the cell has no axis 'poin'; do you mean point?"),
        (
            "= one.along(point)",
            "`one.along(point)`: say which axis of 'one' is read along point: .along(axis, point)",
        ),
        ("= n.input", "`n.input`: 'n' is no input"),
        ("= point.before", "`point.before`: an axis stands for a label, select nothing"),
        ("= point", "the labels of point do not stand in this table"),
        ("= n.all.input", "`n.all.input`: 'n' is no input"),
        (
            "= a",
            "`a` is 1 × 2 cells here, and one value is needed; select one (.at, .along …),"
            " or use a function that takes them all",
        ),
        (
            "= 2 * (one - n.all) + SUM(a)",
            "`n.all` is 1 × 3 cells here, and one value is needed; select one (.at, .along …),"
            " or use a function that takes them all",
        ),
        (
            "= IF(one > 0, SUMPRODUCT(n.all, a.all(point)), 0)",
            "the ranges of SUMPRODUCT are not alike in rows × columns: `n.all` 1 × 3,"
            " `a.all(point)` 3 × 2; lay one the other way, or take MMULT of a row and a column",
        ),
    ],
)
def test_what_a_name_cannot_stand_for_is_told_with_formula_and_place(
    formula: str, message: str
) -> None:
    with pytest.raises(AuthoringError) as error:
        column(formula)
    where, _, said = str(error.value).partition(": ")
    assert where.startswith(f"quantity 'it', `{formula}`, in C")
    assert said == message


def test_ranges_stand_where_a_function_takes_them() -> None:
    for formula in (
        "= SUMPRODUCT((a = one) * 1, a)",
        "= MMULT(a, TRANSPOSE(a))",
        "= one * (MAX(a) - SUMPRODUCT(a.first(feature) - (one + 1)))",
    ):
        assert len(column(formula)) == 3


def test_it_has_to_be_said_along_which_of_two_axes() -> None:
    with pytest.raises(AuthoringError, match=r"in C3: `a\.before`: say along which axis: point, f"):
        column("= a.before", by=FEATURE)
    with pytest.raises(AuthoringError, match=r"`x\.last`: say along which axis: round, point$"):
        panels("= x.last", "nothing")


def test_a_step_along_a_product_of_axes_is_the_row_above() -> None:
    def declare(board: Board) -> None:
        steps = board.columns(ROUND * POINT, at="A1")
        formula = "= w.before(round * point) + w.before(round*point, 2)"
        steps.column("w", "w", formula, by=FEATURE, first="= 1")

    texts = written(declare).texts("w")
    assert texts[:4] == ["=1"] * 4
    assert texts[4:] == [f"={c}{r + 1}+{c}{r}" for r in range(3, 7) for c in "AB"]


@pytest.mark.parametrize("axes", ["point * round", "point * feature", "feature * point"])
def test_only_axes_that_run_one_after_another_are_a_product(axes: str) -> None:
    with pytest.raises(AuthoringError, match=r"there are no axes .* to move along"):
        column(f"= a.before({axes})", by=FEATURE)


def test_cells_in_several_panels_are_no_range() -> None:
    message = r"`x`: it stands in several tables, one for each round: choose one$"
    with pytest.raises(AuthoringError, match=message):
        panels("= SUM(x)", "nothing")
    with pytest.raises(AuthoringError, match=message):
        panels("= SUM(x)", "points")


def test_cells_that_do_not_stand_together_are_no_range() -> None:
    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        long.column("x", "x", "= 1")
        board.columns(POINT, right_of=long).column("it", "it", "= SUM(x)")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == (
        "quantity 'it', `= SUM(x)`, in C2: `x`: its cells along round and point do not stand"
        " together"
    )


def test_what_is_selected_cannot_be_selected_anew() -> None:
    message = r"`x\.last\.at\(point, 1\)`: what is read along point is selected already$"

    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1")
        long.column("x", "x", "= 1")
        long.column("it", "it", "= x.last.at(point, 1)")

    with pytest.raises(AuthoringError, match=message):
        written(declare)
