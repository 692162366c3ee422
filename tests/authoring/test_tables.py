"""Tables: headings and merges, lines above and below, values over several cells."""

from typing import Any

import pytest
from authoring.boards import written

from sheetlab.authoring import AuthoringError, Board, axis
from sheetlab.text import Language

ROUND, POINT, OTHER = axis("round", 2), axis("point", 3), axis("other", 2)
FEATURE = axis("feature", ("age|나이", "income|수입"))


# Headings.


def test_a_table_by_columns_has_its_labels_above() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="B2", format="0.00")
        points.column("x", "the x|엑스", "= 1")
        points.column("y", "y", "= 2", format="0%", heading="why|왜")

    board = written(declare)
    assert board.rows("B2:C3") == [["the x", "why"], ["=1", "=2"]]
    assert [board.worksheet[ref].number_format for ref in ("B3", "C5")] == ["0.00", "0%"]
    assert board.items() == ["Columns B2:C5"]
    assert written(declare, language="ko").rows("B2:C2") == [["엑스", "왜"]]


def test_a_table_by_rows_has_its_labels_at_the_left() -> None:
    def declare(board: Board) -> None:
        points = board.rows(POINT, at="B2")
        points.row("x", "the x|엑스", "= 1")
        points.row("y", "y", "= 2", heading="why|왜")

    board = written(declare, language="ko")
    assert board.rows("B2:E3") == [["엑스", "=1", "=1", "=1"], ["왜", "=2", "=2", "=2"]]
    assert board.items() == ["Rows B2:E3"]


def test_one_value_each_without_axes() -> None:
    def declare(board: Board) -> None:
        values = board.rows(at="A1")
        values.row("a", "A", "= 1")
        across = board.columns(below=values)
        across.column("b", "B", "= 2")
        across.column("d", "D", "= 3")

    board = written(declare)
    assert board.rows("A1:B1") == [["A", "=1"]]
    assert board.rows("A3:B4") == [["B", "D"], ["=2", "=3"]]


@pytest.mark.parametrize(
    ("language", "texts"), [("en", ["Both", "one", "two"]), ("ko", ["둘", "하나", "이"])]
)
def test_one_heading_over_several_quantities(language: Language, texts: list[str]) -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("alone", "alone|혼자", "= 1")
        with points.group("Both|둘"):
            points.column("one", "one|하나", "= 1")
            points.column("two", "two|이", "= 2")
        points.column("end", "end|끝", "= 1")

    board = written(declare, language=language)
    assert [board["B1"], board["B2"], board["C2"]] == texts
    assert board.merged() == {"A1:A2", "B1:C1", "D1:D2"}


def test_a_group_in_a_table_by_rows_stands_at_the_left() -> None:
    def declare(board: Board) -> None:
        points = board.rows(POINT, at="A1")
        with points.group("Both"):
            points.row("one", "one", "= 1")
            points.row("two", "two", "= 2")
        points.row("end", "end", "= 3")

    board = written(declare)
    assert board.rows("A1:C3") == [
        ["Both", "one", "=1"],
        [None, "two", "=2"],
        ["end", None, "=3"],
    ]
    assert board.merged() == {"A1:A2", "A3:B3"}


def test_a_title_over_the_whole_table() -> None:
    def declare(board: Board) -> None:
        points = board.columns(FEATURE, at="A1", title="All|모두", labels="which|무엇")
        points.column("x", "x", "= 1", by=OTHER, show_labels=False)
        across = board.rows(FEATURE, below=points, title="Across|옆으로", labels="which|무엇")
        across.row("y", "y", "= 2")

    board = written(declare, language="ko")
    assert board.rows("A1:C3") == [
        ["모두", None, None],
        ["무엇", "x", None],
        ["나이", "=1", "=1"],
    ]
    assert board.rows("A6:C8") == [
        ["옆으로", None, None],
        ["무엇", "나이", "수입"],
        ["y", "=2", "=2"],
    ]
    assert board.merged() == {"A1:C1", "B2:C2", "A6:C6"}


@pytest.mark.parametrize(
    ("down", "labels", "column"),
    [
        (POINT, None, [None, None, None]),
        (POINT, True, [1, 2, 3]),
        (FEATURE, None, ["age", "income"]),
        (FEATURE, True, ["age", "income"]),
        (FEATURE, False, [None, None]),
        (FEATURE, "which", ["age", "income"]),
        (axis("cut", (0.5, 2)), None, [0.5, 2]),
    ],
)
def test_labels_stand_where_there_are_any(down: Any, labels: Any, column: list[Any]) -> None:
    def declare(board: Board) -> None:
        board.columns(down, at="B1", labels=labels).column("x", "x", "= 1")

    board = written(declare)
    shown = column[0] is not None
    cells = [board[f"B{row}"] for row in range(2, 2 + len(column))]
    assert cells == (column if shown else ["=1"] * len(column))
    assert board["B1"] == ((labels if isinstance(labels, str) else "") if shown else "x")
    assert board["C1"] == ("x" if shown else None)


def test_labels_of_two_axes_are_merged_where_they_are_the_same() -> None:
    def declare(board: Board) -> None:
        down = board.columns(ROUND * FEATURE, at="A1", labels="round")
        down.column("x", "x", "= 1")
        across = board.rows(ROUND * FEATURE, below=down, labels="round")
        across.row("y", "y", "= 1")

    board = written(declare)
    assert board.rows("A1:B5") == [
        ["round", ""],
        [1, "age"],
        [None, "income"],
        [2, "age"],
        [None, "income"],
    ]
    assert board.rows("A7:E8") == [
        ["round", 1, None, 2, None],
        [None, "age", "income", "age", "income"],
    ]
    assert board.merged() == {"A2:A3", "A4:A5", "A7:A8", "B7:C7", "D7:E7"}


def test_a_quantity_by_axes_of_its_own_has_their_labels_below_its_own() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= 1", by=ROUND * FEATURE)
        points.column("y", "y", "= 1", by=FEATURE, show_labels=False)
        points.column("z", "z", "= 1")

    board = written(declare)
    assert board.rows("A1:G4") == [
        ["x", None, None, None, "y", None, "z"],
        [1, None, 2, None, None, None, None],
        ["age", "income", "age", "income", None, None, None],
        ["=1"] * 7,
    ]
    assert board.merged() == {"A1:D1", "A2:B2", "C2:D2", "E1:F3", "G1:G3"}
    assert board.cells("x")[:5] == ["A4", "B4", "C4", "D4", "A5"]


def test_a_row_by_an_axis_of_its_own_takes_several_rows() -> None:
    def declare(board: Board) -> None:
        points = board.rows(POINT, at="A1")
        points.row("x", "x", "= 1", by=FEATURE)
        points.row("y", "y", "= 2")

    board = written(declare)
    assert board.rows("A1:C3") == [
        ["x", "age", "=1"],
        [None, "income", "=1"],
        ["y", None, "=2"],
    ]
    assert board.merged() == {"A1:A2", "A3:B3"}
    assert board.cells("x") == ["C1", "C2", "D1", "D2", "E1", "E2"]


def test_values_and_labels_may_cover_several_columns() -> None:
    def declare(board: Board) -> None:
        points = board.rows(FEATURE, at="A1", labels="which", label_span=2, span=3)
        points.row("x", "x", "= 1")
        down = board.columns(FEATURE, below=points, label_span=2, span=2)
        down.column("y", "y", "= x")

    board = written(declare)
    assert board.rows("A1:H2") == [
        ["which", None, "age", None, None, "income", None, None],
        ["x", None, "=1", None, None, "=1", None, None],
    ]
    assert {"A1:B1", "C1:E1", "F1:H1", "A2:B2", "C2:E2", "F2:H2"} <= board.merged()
    assert board.rows("A4:D6") == [
        ["", None, "y", None],
        ["age", None, "=C$2", None],
        ["income", None, "=F$2", None],
    ]
    assert {"A4:B4", "C4:D4", "A5:B5", "C5:D5", "A6:B6", "C6:D6"} <= board.merged()
    assert board.cells("x") == ["C2", "F2"]


def test_a_remark_stands_at_the_end_of_its_row() -> None:
    def declare(board: Board) -> None:
        points = board.rows(POINT, at="A1")
        points.row("x", "x", "= 1", remark="from {y}|{y}에서")
        points.row("y", "y", "= 1")
        points.foot("sum").value("total", "= SUM(y)", under="y")

    board = written(declare)
    assert board.rows("A1:F2") == [
        ["x", "=1", "=1", "=1", "sum", "  from B2:D2"],
        ["y", "=1", "=1", "=1", "=SUM(B2:D2)", None],
    ]
    assert board.items() == ["Rows A1:F2"]

    def down(board: Board) -> None:
        board.columns(POINT).column("x", "x", "= 1", remark="nowhere")

    with pytest.raises(AuthoringError, match=r"^quantity 'x': a remark stands in tables of rows$"):
        written(down)


# Counts, and values over several places.


@pytest.mark.parametrize(("first", "values"), [(1, [1, 2, 3]), (0, [0, 1, 2]), (5, [5, 6, 7])])
def test_counts(first: int, values: list[int]) -> None:
    def declare(board: Board) -> None:
        down = board.columns(POINT, at="A1")
        down.count("number", "no.|번호", first=first)
        board.rows(POINT, below=down).count("across", "no.|번호", first=first)

    board = written(declare)
    offset = {1: "", 0: "-1", 5: "+4"}[first]
    assert board.texts("number")[2] == f"=ROWS(A$2:A4){offset}"
    assert board.texts("across")[2] == f"=COLUMNS($B6:D6){offset}"
    assert board.values("number").tolist() == board.values("across").tolist() == values
    assert all(one.is_count for one in board.board.quantities.values())


def test_over_covers_all_places_of_the_other_axes() -> None:
    def declare(board: Board) -> None:
        down = board.columns(ROUND * POINT, at="A1")
        down.count("round_number", "round", over=ROUND, format='0" th"|0"회"')
        down.column("x", "x", "= round_number")
        across = board.rows(ROUND * POINT, below=down)
        across.count("again", "again", over=ROUND, first=0)

    board = written(declare, language="ko")
    assert board.cells("round_number") == ["A2", "A5"]
    assert board.cells("again") == ["B9", "E9"]
    assert {"A2:A4", "A5:A7", "B9:D9", "E9:G9"} == board.merged()
    assert board.worksheet["A2"].number_format == '0"회"'
    assert board.texts("x") == ["=A2", "=A2", "=A2", "=A5", "=A5", "=A5"]
    assert board.values("round_number").tolist() == [1, 2]
    assert board.values("again").tolist() == [0, 1]


def test_over_takes_the_first_of_the_axes() -> None:
    def declare(board: Board) -> None:
        board.columns(ROUND * POINT).column("x", "x", "= 1", over=POINT)

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == (
        "quantity 'x': over= takes the first of the table's axes, which are round * point"
    )


# Lines above and below the body.


def test_start_and_foot_lines_stand_in_the_column_that_they_belong_to() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", format="0.0")
        points.count("number", "no.")
        points.column("x", "x|엑스", "= x.before + one", first="= one")
        points.column("power", "powers", "= x", by=OTHER, show_labels=False, format="0.00")
        start = points.start("start|시작")
        start.value("one", "= 1", under="x").value("ones", ["= 1", "= 2"], under="power")
        points.start("input|입력").input("rate", under="x", format="0%")
        points.foot("sum|합").value("total", "= SUM(power)", under="power", format="0")
        points.foot().value("mean", "= AVERAGE(x)", under="x", label="mean of x")

    board = written(declare)
    assert board.rows("A1:D8") == [
        ["no.", "x", "powers", None],
        ["start", "=1", "=1", "=2"],
        ["input", 0.5, None, None],
        ["=ROWS(A$4:A4)", "=B2", "=$B4", "=$B4"],
        ["=ROWS(A$4:A5)", "=B4+$B$2", "=$B5", "=$B5"],
        ["=ROWS(A$4:A6)", "=B5+$B$2", "=$B6", "=$B6"],
        ["sum", None, "=SUM(C4:C6)", "=SUM(D4:D6)"],
        [None, "=AVERAGE(B4:B6)", None, None],
    ]
    assert board.sheet.input_areas == {"rate": ["B3"]}
    formats = [board.worksheet[ref].number_format for ref in ("B2", "D2", "B3", "C7", "B8")]
    assert formats == ["0.0", "0.00", "0%", "0", "0.0"]
    labels = {name: one.label for name, one in board.board.quantities.items()}
    assert labels["one"] == ("x: start", "엑스: 시작")
    assert labels["mean"].en == "mean of x"
    assert board.values("x").tolist() == [1, 2, 3]


def test_with_labels_the_label_of_a_line_stands_below_theirs() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", labels="no.", label_span=2)
        points.column("x", "x", "= 1")
        points.foot("sum").value("total", "= SUM(x)", under="x")

    board = written(declare)
    assert board.rows("A5:C5") == [["sum", None, "=SUM(C2:C4)"]]
    assert "A5:B5" in board.merged()


def test_lines_of_a_table_by_rows_are_columns_before_and_behind() -> None:
    def declare(board: Board) -> None:
        points = board.rows(FEATURE, at="A1", title="All")
        points.row("x", "x", "= x.before + one", first="= one")
        points.row("y", "y", "= 1")
        points.start("start").value("one", "= 1", under="x")
        points.foot("sum").value("total", "= SUM(y)", under="y")

    board = written(declare)
    assert board.rows("A1:E4") == [
        ["All", None, None, None, None],
        ["", "start", "age", "income", "sum"],
        ["x", "=1", "=B3", "=C3+$B$3", None],
        ["y", None, "=1", "=1", "=SUM(C4:D4)"],
    ]
    assert board.merged() == {"A1:E1"}


def test_a_foot_goes_on_by_what_stands_beyond_either_end() -> None:
    def declare(board: Board) -> None:
        points = board.columns(axis("one", 1), at="A1")
        points.column("x", "x", "= 1", by=POINT, show_labels=False)
        foot = points.foot()
        foot.value("change", "= x - x.before", under="x", label="change", first="= 0")
        back = points.foot()
        back.value("ahead", "= x.after - x", under="x", label="ahead", last="= 9")

    board = written(declare)
    assert board.texts("change") == ["=0", "=B2-A2", "=C2-B2"]
    assert board.texts("ahead") == ["=B2-A2", "=C2-B2", "=9"]


def test_a_value_stands_under_the_only_column_that_it_is_made_of() -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1", prefix="own_")
        points.column("x", "x", "= 1", by=FEATURE, show_labels=False)
        points.column("w", "w", "= 2")
        foot = points.foot("mean")
        foot.value("mean_x", "= AVERAGE(x) * rate")
        foot.value("mean_w", "= AVERAGE(own_w)")
        board.rows().input("rate")

    board = written(declare)
    assert board.cells("own_mean_x") == ["A5", "B5"]
    assert board.cells("own_mean_w") == ["C5"]


@pytest.mark.parametrize(
    ("formula", "of"),
    [("= SUMPRODUCT(x, w)", "'x' and 'w'"), ("= 2 * rate", "no quantity of its table")],
)
def test_a_value_of_several_columns_is_told_where_it_stands(formula: str, of: str) -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.column("x", "x", "= 1")
        points.column("w", "w", "= 2")
        points.foot("sum").value("sum", formula)

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == f"'sum' is made of {of}; say with under= which it stands under"


@pytest.mark.parametrize(
    ("under", "label", "message"),
    [
        ("z", "sum", "the table has no quantity 'z' to put a value above or below"),
        ("x", None, "a line without a label needs one for each of its quantities"),
    ],
)
def test_what_a_line_cannot_be_is_told(under: str, label: str | None, message: str) -> None:
    def declare(board: Board) -> None:
        points = board.columns(POINT)
        points.column("x", "x", "= 1")
        points.foot(label).value("total", "= SUM(x)", under=under)

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == message


def test_several_inputs_are_declared_alike() -> None:
    def one_by_one(board: Board) -> None:
        table = board.rows(at="A1")
        table.input("rate", format="0%", colour={"good": "this > 0"})
        table.input("start", format="0%", colour={"good": "this > 0"})

    def together(board: Board) -> None:
        board.rows(at="A1").inputs("rate", "start", format="0%", colour={"good": "this > 0"})

    one, other = written(one_by_one), written(together)
    assert one.rows("A1:C4") == other.rows("A1:C4")
    assert one.sheet.quantity_areas == other.sheet.quantity_areas
    assert other.worksheet["B2"].number_format == "0%"


# Names that begin alike.


def test_within_a_table_names_are_read_without_its_prefix() -> None:
    def declare(board: Board) -> None:
        given = board.rows(at="A1")
        given.row("scale", "scale", "= 2")
        for number, prefix in enumerate(("one_", "two_"), 1):
            table = board.columns(POINT, prefix=prefix)
            table.column("x", "x", f"= {number}")
            table.column("twice", "twice", "= x * scale", colour={"good": "x > 1"})
            table.foot("sum").value("total", "= SUM(twice)", under="twice")
        board.rows().row("both", "both", "= one_total + two_total")

    board = written(declare)
    assert set(board.board.quantities) == {
        "scale",
        *(prefix + name for prefix in ("one_", "two_") for name in ("x", "twice", "total")),
        "both",
    }
    assert board.texts("two_twice") == ["=A10*$B$1", "=A11*$B$1", "=A12*$B$1"]
    assert board.texts("both") == ["=B7+B13"]
    assert board.values("both") == 3 * 2 + 3 * 4
