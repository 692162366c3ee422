"""Panels: tables repeated along an axis, with labels for each or once for all."""

from typing import Any

import pytest
from authoring.boards import Written, written

from sheetlab.authoring import AuthoringError, Board, axis

ROUND, POINT = axis("round", ("1st|첫째", "2nd|둘째", "3rd|셋째")), axis("point", 2)
FEATURE = axis("feature", ("age|나이", "income|수입"))


def panels(**said: Any) -> Written:
    """Three rounds of a table by columns with a foot, above a table by rows."""

    def declare(board: Board) -> None:
        with board.panels(ROUND, **said) as panel:
            points = panel.columns(POINT, title="{} round|{} 반복", labels="no.|번호")
            points.column("x", "x", "= x.before(round) + 1", first="= 1")
            points.foot("sum|합").value("total", "= SUM(x)", under="x")
            means = panel.rows(FEATURE, below=points)
            means.row("mean", "mean|평균", "= AVERAGE(x)")
        history = board.columns(ROUND, below=panel)
        history.column("last", "last|마지막", "= x.last")

    return written(declare, language="ko")


def test_panels_repeat_their_tables_downward() -> None:
    board = panels()
    assert board.items() == ["Panels A5:C30", "Columns A32:B35"]
    assert board.rows("A5:C14") == [
        ["첫째 반복", None, None],
        ["번호", "x", None],
        [1, "=1", None],
        [2, "=1", None],
        ["합", "=SUM(B7:B8)", None],
        [None, None, None],
        ["", "나이", "수입"],
        ["평균", "=AVERAGE($B7:$B8)", "=AVERAGE($B7:$B8)"],
        [None, None, None],
        ["둘째 반복", None, None],
    ]
    assert board.rows("A20:C21") == [
        ["", "나이", "수입"],
        ["평균", "=AVERAGE($B16:$B17)", "=AVERAGE($B16:$B17)"],
    ]
    assert board.texts("x") == ["=1", "=1", "=B7+1", "=B8+1", "=B16+1", "=B17+1"]
    assert board.texts("last") == ["=B8", "=B17", "=B26"]
    assert board.values("x").tolist() == [[1, 1], [2, 2], [3, 3]]
    assert board.values("total").tolist() == [2, 4, 6]


def test_panels_run_right() -> None:
    board = panels(runs="right", space=2)
    assert board.items() == ["Panels A5:M12", "Columns A14:B17"]
    assert board.rows("A5:G8") == [
        ["첫째 반복", None, None, None, None, "둘째 반복", None],
        ["번호", "x", None, None, None, "번호", "x"],
        [1, "=1", None, None, None, 1, "=B7+1"],
        [2, "=1", None, None, None, 2, "=B8+1"],
    ]
    assert board.values("total").tolist() == [2, 4, 6]


def test_labels_stand_once_for_all_panels_that_run_right() -> None:
    board = panels(runs="right", labels_once=True, space=0)
    assert board.items() == ["Panels A5:G12", "Columns A14:B17"]
    assert board.rows("A5:F12") == [
        ["번호", "첫째 반복", None, "둘째 반복", None, "셋째 반복"],
        [None, "x", None, "x", None, "x"],
        [1, "=1", None, "=B7+1", None, "=D7+1"],
        [2, "=1", None, "=B8+1", None, "=D8+1"],
        ["합", "=SUM(B7:B8)", None, "=SUM(D7:D8)", None, "=SUM(F7:F8)"],
        [None] * 6,
        ["", "나이", "수입", "나이", "수입", "나이"],
        ["평균", *[f"=AVERAGE(${c}$7:${c}$8)" for c in "BBDDF"]],
    ]
    assert board.values("mean").tolist() == [[1, 1], [2, 2], [3, 3]]


def test_what_stands_once_has_no_panel() -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, runs="right", labels_once=True, space=0) as panel:
            points = panel.columns(axis("five", 5), labels="no.", title="{} round")
            points.input("x", once=True)
            points.column("scaled", "scaled", "= x * scale")
            start = points.start("scale")
            start.value("scale", "= scale.before(round) * 2", under="scaled", first="= 1")

    board = written(declare)
    assert board.board.quantities["x"].sizes == (5,)
    assert board.rows("A5:E8") == [
        ["no.", "x", "1st round", "2nd round", "3rd round"],
        [None, None, "scaled", "scaled", "scaled"],
        ["scale", None, "=1", "=C7*2", "=D7*2"],
        [1, 1, "=$B8*C$7", "=$B8*D$7", "=$B8*E$7"],
    ]
    scaled = [[1, 2, 4, 3, 5], [2, 4, 8, 6, 10], [4, 8, 16, 12, 20]]
    assert board.values("scaled").tolist() == scaled


@pytest.mark.parametrize(("said", "in_rows"), [({}, False), ({"runs": "right"}, True)])
def test_only_columns_beside_shared_labels_stand_once(said: dict[str, Any], in_rows: bool) -> None:
    def declare(board: Board) -> None:
        with board.panels(ROUND, labels_once=in_rows, **said) as panel:
            table = panel.rows(POINT) if in_rows else panel.columns(POINT)
            table.quantity("x", "x", "= 1", once=True)

    with pytest.raises(AuthoringError) as error:
        written(declare)
    assert str(error.value) == "quantity 'x': once is for columns in panels with labels_once"


def test_panels_run_down_or_right() -> None:
    with pytest.raises(AuthoringError, match=r"^panels run down or right$"):
        panels(runs="left")
