"""Axes: told apart by themselves, multiplied, and looked along through windows."""

from typing import Any

import pytest
from authoring.boards import written

from sheetlab.authoring import AuthoringError, Board, axis
from sheetlab.text import Text

POINT = axis("point", 5)


def test_an_axis_has_a_size_or_labels_in_both_languages() -> None:
    assert (POINT.size, POINT.labels) == (5, None)
    side = axis("side", ("left|왼쪽", "right", 3, Text("up", "위")))
    assert side.size == 4
    assert side.labels == (Text("left", "왼쪽"), Text("right", "right"), 3, Text("up", "위"))


def test_axes_of_the_same_name_and_size_are_two() -> None:
    assert axis("point", 5) != POINT


def test_axes_multiply_and_the_last_runs_fastest() -> None:
    a, b, c = axis("a", 2), axis("b", 3), axis("c", 4)
    assert list(a * b * c) == list((a * b) * c) == list(a * (b * c)) == [a, b, c]

    def declare(board: Board) -> None:
        table = board.columns(a * b, at="A1", labels=True)
        table.column("half", "half", "= INDEX(start.all, 1)")
        board.rows(b, below=table).row("start", "start", "= 1")

    board = written(declare)
    assert board.texts("half") == ["=INDEX($B$9:$D$9,1)"] * 6
    labels = [(board[f"A{row}"], board[f"B{row}"]) for row in range(2, 8)]
    assert labels == [(1, 1), (None, 2), (None, 3), (2, 1), (None, 2), (None, 3)]
    assert {"A2:A4", "A5:A7"} <= board.merged()


@pytest.mark.parametrize("name", ["", "Point", "two words", "1st", "a.b", "A1"])
def test_a_name_that_formulas_could_not_read_is_refused(name: str) -> None:
    message = f"'{name}' is no name for an axis: small letters, digits and _"
    with pytest.raises(AuthoringError) as error:
        axis(name, 5)
    assert str(error.value) == message
    with pytest.raises(AuthoringError) as error:
        POINT.windows(2, name=name)
    assert str(error.value) == message


@pytest.mark.parametrize("size", [0, -1, ()])
def test_an_axis_has_a_place(size: int | tuple[()]) -> None:
    with pytest.raises(AuthoringError, match=r"^the axis 'point' has no place"):
        axis("point", size)


@pytest.mark.parametrize(
    ("size", "stride", "padding", "starts"),
    [
        (1, 1, 0, [0, 1, 2, 3, 4]),
        (3, 1, 0, [0, 1, 2]),
        (2, 2, 0, [0, 2]),
        (3, 2, 0, [0, 2]),
        (5, 1, 0, [0]),
        (3, 1, 1, [-1, 0, 1, 2, 3]),
        (3, 2, 1, [-1, 1, 3]),
        (7, 1, 1, [-1]),
    ],
)
def test_windows_lie_where_they_fit(
    size: int, stride: int, padding: int, starts: list[int]
) -> None:
    windows = POINT.windows(size, name="window", stride=stride, padding=padding)
    assert windows.window is not None
    assert [windows.window.start(place) for place in range(windows.size)] == starts


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(AuthoringError, match=r"^a window of 6 does not fit into 5 of point$"):
        POINT.windows(6, name="window")
    with pytest.raises(AuthoringError, match=r"^the axis lag has 3 places, the window 2$"):
        POINT.windows(2, name="window", within=axis("lag", 3))


def sums(stride: int = 1, padding: int = 0, formula: str = "= SUM(x)", **said: Any) -> list[str]:
    """What stands in the cells over the windows of two points."""
    windows = POINT.windows(2, name="window", stride=stride, padding=padding)

    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.input("x")
        board.columns(windows, right_of=points).column("sum", "sum", formula, **said)

    return written(declare).texts("sum")


def test_a_quantity_is_the_window_in_a_cell_over_windows() -> None:
    assert sums() == ["=SUM(A2:A3)", "=SUM(A3:A4)", "=SUM(A4:A5)", "=SUM(A5:A6)"]
    assert sums(stride=3) == ["=SUM(A2:A3)", "=SUM(A5:A6)"]
    assert sums(formula="= SUM(x.all)") == ["=SUM($A$2:$A$6)"] * 4


def test_beyond_the_edge_a_padded_window_has_nothing_to_refer_to() -> None:
    with pytest.raises(AuthoringError, match=r"reaches beyond the first point"):
        sums(padding=1)
    within = sums(padding=1, first="= 0", last="= 9")
    assert within == ["=0", "=SUM(A2:A3)", "=SUM(A3:A4)", "=SUM(A4:A5)", "=SUM(A5:A6)", "=9"]


def test_with_a_place_in_the_window_a_quantity_is_one_value() -> None:
    lag = axis("lag", 3)
    windows = POINT.windows(3, name="window", within=lag, stride=2)

    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.input("x")
        rows = board.columns(windows, right_of=points)
        rows.column("seen", "seen", "= x", by=lag)
        rows.column("mean", "mean", "= AVERAGE(x)")
        rows.column("own", "own", "= AVERAGE(seen)")

    board = written(declare)
    assert board.texts("seen") == ["=$A2", "=$A3", "=$A4", "=$A4", "=$A5", "=$A6"]
    assert board.texts("mean") == ["=AVERAGE(A2:A4)", "=AVERAGE(A4:A6)"]
    assert board.texts("own") == ["=AVERAGE(C3:E3)", "=AVERAGE(C4:E4)"]


def test_a_window_in_two_dimensions_makes_a_convolution() -> None:
    row, column = axis("row", 4), axis("column", 4)
    down, across = axis("kernel_row", 3), axis("kernel_column", 3)
    out = row.windows(3, name="out_row"), column.windows(3, name="out_column")
    pool = out[0].windows(2, name="pool_row"), out[1].windows(2, name="pool_column")

    def declare(board: Board) -> None:
        image = board.columns(row, at="A1")
        image.column("image", "image", "= 1", by=column, show_labels=False)
        kernel = board.columns(down, right_of=image)
        kernel.column("kernel", "kernel", "= 2", by=across, show_labels=False)
        sums = board.columns(out[0], right_of=kernel)
        formula = "= SUMPRODUCT(image, kernel)"
        sums.column("sums", "sums", formula, by=out[1], show_labels=False)
        pools = board.columns(pool[0], right_of=sums)
        pools.column("largest", "largest", "= MAX(sums)", by=pool[1], show_labels=False)

    board = written(declare)
    assert board.texts("sums") == [
        "=SUMPRODUCT(A2:C4,$F$2:$H$4)",
        "=SUMPRODUCT(B2:D4,$F$2:$H$4)",
        "=SUMPRODUCT(A3:C5,$F$2:$H$4)",
        "=SUMPRODUCT(B3:D5,$F$2:$H$4)",
    ]
    assert board.texts("largest") == ["=MAX(J2:K3)"]
    assert board.values("sums").tolist() == [[18, 18], [18, 18]]


def test_two_windows_on_one_axis_are_ambiguous_in_one_cell() -> None:
    one, other = POINT.windows(2, name="one"), POINT.windows(3, name="other")

    def declare(board: Board) -> None:
        points = board.columns(POINT, at="A1")
        points.input("x")
        table = board.columns(one, right_of=points)
        table.column("seen", "seen", "= SUM(x)", by=other)

    with pytest.raises(AuthoringError, match=r"both one and other are windows of point"):
        written(declare)
