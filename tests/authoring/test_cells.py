"""What stands in the cells: array formulas, inputs, colours, shades, and where each quantity is."""

from typing import Any

import numpy as np
import pytest
from authoring.boards import Given, Written, written
from openpyxl.worksheet.formula import ArrayFormula

from sheetlab.authoring import AuthoringError, Board, axis
from sheetlab.authoring.style import COLOURS, SHADES

POINT, SIDE, ROUND, FIVE = axis("point", 3), axis("side", 2), axis("round", 2), axis("five", 5)


def rules(board: Written) -> dict[str, list[Any]]:
    """The conditional formats by the cells that they are for."""
    formats = board.saved().conditional_formatting
    return {str(one.sqref): one.rules for one in formats}


def conditions(board: Written) -> dict[str, list[str]]:
    """The conditions by the cells that they are for."""
    return {cells: [rule.formula[0] for rule in found] for cells, found in rules(board).items()}


# Array formulas.


def test_an_array_formula_fills_its_whole_quantity_at_once() -> None:
    def declare(board: Board) -> None:
        left = board.columns(POINT, at="A1")
        left.column("a", "a", "= ROWS(a.so_far(point))", by=SIDE, show_labels=False)
        right = board.columns(SIDE, right_of=left)
        right.column("b", "b", "= COLUMNS(b.so_far(point))", by=POINT, show_labels=False)
        both = board.columns(POINT, below=left)
        other = axis("other", 3)
        both.column("ab", "ab", "{= MMULT(a, b)}", by=other, show_labels=False)
        both.column("twice", "twice", "= 2 * ab", by=other, show_labels=False)

    board = written(declare)
    array = board.worksheet["A7"].value
    assert isinstance(array, ArrayFormula)
    assert (array.ref, array.text) == ("A7:C9", "=MMULT(A2:B4,D2:F3)")
    assert board.sheet.quantity_areas["ab"] == ["A7:C9"]
    assert board.worksheet["C9"].border.left.style == "thin"
    one, other = np.array([[1, 1], [2, 2], [3, 3]]), np.array([[1, 2, 3], [1, 2, 3]])
    assert board.values("ab").tolist() == (one @ other).tolist()
    assert board.values("twice").tolist() == (2 * one @ other).tolist()


def test_an_array_formula_stands_in_each_panel_and_reads_its_own() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, runs="right") as panel:
            points = panel.columns(POINT)
            points.column("x", "x", "= ROWS(x.so_far(point))")
            turned = panel.rows(POINT, below=points)
            turned.row("turned", "turned", "{= TRANSPOSE(x)}")

    board = written(declare)
    arrays = [board.worksheet[area.partition(":")[0]].value for area in ("B10", "G10")]
    assert [(one.ref, one.text) for one in arrays] == [
        ("B10:D10", "=TRANSPOSE(A6:A8)"),
        ("G10:I10", "=TRANSPOSE(F6:F8)"),
    ]
    assert board.values("turned").tolist() == [[1, 2, 3], [1, 2, 3]]


def test_what_an_array_formula_cannot_read_is_told() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("it", "it", "{= TRANSPOSE(other)}")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == (
        "quantity 'it', `{= TRANSPOSE(other)}`, in A2: there is no quantity 'other'"
    )


# Inputs.


def test_an_input_has_its_values_and_its_label() -> None:
    def declare(board: Board) -> None:
        given = board.rows(at="A1")
        given.input("rate", format="0.00")
        points = board.columns(FIVE, below=given)
        points.input("y")
        points.input("x", "inputs|입력", name="features")

    board = written(declare, language="ko")
    assert [board[ref] for ref in ("A1", "B1", "A3", "B3")] == ["학습률", 0.5, "y값", "입력"]
    assert board.texts("y") == [1, 3, 3, 2, 5]
    assert board.sheet.input_areas == {"rate": ["B1"], "y": ["A4:A8"], "x": ["B4:B8"]}
    assert board.sheet.quantity_areas["features"] == ["B4:B8"]
    assert board.worksheet["B1"].number_format == "0.00"
    validations = board.saved().data_validations.dataValidation
    assert {str(one.sqref) for one in validations} == {"B1", "A4:A8", "B4:B8"}


def test_an_input_by_an_axis_of_its_own_is_written_row_by_row() -> None:
    def declare(board: Board) -> None:
        table = board.columns(axis("one", 1), at="A1")
        table.input("x", by=FIVE, show_labels=False)

    board = written(declare)
    assert [board[f"{column}2"] for column in "ABCDE"] == [1, 2, 4, 3, 5]


def test_an_input_goes_on_by_a_formula() -> None:
    def declare(board: Board) -> None:
        ten = board.columns(axis("ten", 10), at="A1")
        ten.input("x", then="= x.before(5)")
        ten.input("y", then="= 1")

    board = written(declare)
    assert board.texts("x") == [1, 2, 4, 3, 5, "=A2", "=A3", "=A4", "=A5", "=A6"]
    assert board.texts("y") == [1, 3, 3, 2, 5, *["=1"] * 5]
    assert board.sheet.input_areas == {"x": ["A2:A6"], "y": ["B2:B6"]}
    assert board.sheet.quantity_areas == {"x": ["A2:A11"], "y": ["B2:B11"]}


def test_an_input_starts_the_first_of_the_panels() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND) as panel:
            weights = panel.columns(FIVE)
            weights.column("gradient", "gradient", "= 1")
            then = "= x.before(round) - gradient.before(round)"
            weights.input("x", then=then)

    board = written(declare)
    assert board.texts("x") == [1, 2, 4, 3, 5, *[f"=B{row}-A{row}" for row in range(6, 11)]]
    assert board.sheet.input_areas == {"x": ["B6:B10"]}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("ratee", "there is no input 'ratee'; do you mean rate?"),
        ("z", "there is no input 'z'; the inputs are rate, start, x, y, kind"),
    ],
)
def test_an_unknown_input_is_told(field: str, message: str) -> None:
    def declare(board: Board) -> None:
        board.rows().input(field)

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == message


def test_an_input_needs_a_cell_for_each_of_its_values() -> None:
    def declare(board: Board) -> None:
        board.columns(POINT).input("x")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == "the input 'x' has 5 values, the quantity 'x' 3 cells for them"


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    def declare(board: Board) -> None:
        board.columns(FIVE, at="A1").input("kind")

    board = written(declare, Given(kind=("=A1", "b", "b", "b", "b")))
    assert board.saved()["A2"].data_type == "s"
    assert board.book()["Data!A2"] == "=A1"


# Colours.


def coloured(condition: str, by: Any = None, colour: str = "good") -> Written:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", labels=True)
        points.column("x", "x", "= 1")
        points.column("it", "it", "= x", by=by, show_labels=False, colour={colour: condition})

    return written(declare)


@pytest.mark.parametrize(
    ("condition", "formula"),
    [
        ("it > 1", "C2>1"),
        ("= it > 1", "C2>1"),
        ("x = MAX(x.all)", "B2=MAX($B$2:$B$4)"),
        ("point = 2", "$A2=2"),
        ("TRUE", "TRUE"),
    ],
)
def test_a_condition_is_written_for_the_first_of_its_cells(condition: str, formula: str) -> None:
    formula = formula.replace("$A2", "A2")
    assert conditions(coloured(condition)) == {"C2:C4": [formula]}


def test_a_condition_in_a_matrix() -> None:
    assert conditions(coloured("it = MAX(it)", by=SIDE)) == {"C2:D4": ["C2=MAX(C2)"]}
    assert conditions(coloured("it = MAX(it.all(side))", by=SIDE)) == {"C2:D4": ["C2=MAX($C2:$D2)"]}
    assert conditions(coloured("x > 0", by=SIDE)) == {"C2:D4": ["$B2>0"]}


def test_a_condition_stands_in_each_panel() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND) as panel:
            points = panel.columns(POINT)
            points.column("x", "x", "= 1", colour={"good": "x = MAX(x.all)", "bad": "x < 0"})

    assert conditions(written(declare)) == {
        "A6:A8": ["A6=MAX($A$6:$A$8)", "A6<0"],
        "A11:A13": ["A11=MAX($A$11:$A$13)", "A11<0"],
    }


def test_a_condition_that_no_filling_gives_stands_in_each_cell() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= 1", colour={"good": "n > 1"})
        board.rows(POINT, below=points).row("n", "n", "= 2")

    assert conditions(written(declare)) == {"A2": ["B$6>1"], "A3": ["C$6>1"], "A4": ["D$6>1"]}


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour(colour: str) -> None:
    ((rule,),) = rules(coloured("it > 1", colour=colour)).values()
    ink, fill = COLOURS[colour]
    assert rule.dxf.font.color.rgb == "FF" + ink
    assert fill is None or rule.dxf.fill.bgColor.rgb == "FF" + fill


@pytest.mark.parametrize(
    ("colour", "hint"),
    [
        ("god", "; do you mean good?"),
        ("pink", "; there are " + ", ".join(COLOURS)),
    ],
)
def test_an_unknown_colour_is_told(colour: str, hint: str) -> None:
    with pytest.raises(AuthoringError) as error:
        coloured("it > 1", colour=colour)
    assert str(error.value) == f"quantity 'it': there is no colour '{colour}'{hint}"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("its > 1", "there is no quantity 'its'; do you mean it?"),
        ("it.before > 1", "`it.before`: reaches beyond the first point"),
        ("MAXIFS(it) > 1", "`= MAXIFS(it) > 1`: not every spreadsheet program has the function"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told(condition: str, message: str) -> None:
    with pytest.raises(AuthoringError) as error:
        coloured(condition)
    assert str(error.value).startswith(f"quantity 'it', condition `{condition}`: {message}")


def test_shades_go_by_value() -> None:
    def declare(board: Board) -> None:
        image = board.columns(POINT, at="A1")
        image.column("image", "image", "= 1", by=SIDE, show_labels=False, shade=True)

    ((cells, (rule,)),) = rules(written(declare)).items()
    assert cells == "A2:B4"
    assert [one.rgb for one in rule.colorScale.color] == ["FF" + shade for shade in SHADES]
    assert [one.type for one in rule.colorScale.cfvo] == ["min", "max"]


def test_what_is_for_a_chart_only_is_grey() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("read", "read", "= 1")
        points.column("drawn", "drawn", "= NA()", helper=True)

    worksheet = written(declare).worksheet
    read, drawn = worksheet["A2"].font.color, worksheet["B2"].font.color
    assert read is not None
    assert drawn is not None
    assert read.rgb != drawn.rgb


# Where each quantity is.


def test_a_quantity_is_found_area_after_area() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, runs="right") as panel:
            points = panel.columns(POINT)
            points.column("x", "x", "= 1", by=SIDE, show_labels=False)
            points.foot("sum").value("total", "= SUM(x)", under="x")

    areas = written(declare).sheet.quantity_areas
    assert areas == {"x": ["A6:B8", "D6:E8"], "total": ["A9:B9", "D9:E9"]}


def test_a_merged_or_wide_quantity_is_found_in_the_first_of_its_cells() -> None:
    def declare(board: Board) -> None:
        long = board.columns(ROUND * POINT, at="A1", span=2)
        long.column("x", "x", "= 1")
        long.column("once", "once", "= SUM(x)", over=ROUND)

    board = written(declare)
    assert board.cells("x") == [f"A{row}" for row in range(2, 8)]
    assert board.cells("once") == ["C2", "C5"]
    assert board.texts("once") == ["=SUM(A2:A4)", "=SUM(A5:A7)"]
    assert {"C2:D4", "C5:D7", "A2:B2", "C1:D1"} <= board.merged()


@pytest.mark.parametrize(
    "name", ["x1", "r", "c", "r1c1", "true", "FALSE", "Alpha", "two words", "α", "1st", "", "a.b"]
)
def test_a_name_that_no_program_would_take_is_refused(name: str) -> None:
    def declare(board: Board) -> None:
        board.rows().row(name, "label", "= 1")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == (
        f"'{name}' is no name for a quantity: small letters, digits and _, and nothing that looks"
        " like a cell"
    )


def test_a_quantity_is_declared_once() -> None:
    def declare(board: Board) -> None:
        table = board.rows()
        table.row("x", "x", "= 1")
        table.row("x", "x again", "= 2")

    with pytest.raises(AuthoringError, match=r"^quantity 'x' is declared twice$"):
        written(declare)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ((POINT, POINT), "quantity 'it': two of its axes have the same name (point, point)"),
        (
            (POINT, axis("point", 4)),
            "quantity 'it': two of its axes have the same name (point, point)",
        ),
    ],
)
def test_the_axes_of_a_quantity_have_names_of_their_own(axes: Any, message: str) -> None:
    def declare(board: Board) -> None:
        board.columns(axes[0]).column("it", "it", "= 1", by=axes[1])

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == message


def test_there_are_as_many_formulas_as_places_for_them() -> None:
    def declare(board: Board) -> None:
        board.columns(POINT).column("it", "it", ["= 1", "= 2"])

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == "quantity 'it' has 2 formulas, but 3 places for them"

    def single(board: Board) -> None:
        board.rows().row("it", "it", ["= 1"])

    with pytest.raises(
        AuthoringError, match=r"^quantity 'it' has 1 formulas, but no axis for them"
    ):
        written(single)


def test_a_formula_is_shown_only_where_one_stands() -> None:
    def declare(board: Board) -> None:
        points = board.columns(FIVE, at="A1")
        points.input("x")
        board.rows(below=points).shown("text", "text", of="x.at(2)")

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == "quantity 'text': no formula stands in A3, `x.at(2)`"
