"""Why a workbook does not agree, told before what merely follows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from sheetlab.building import build, write_built
from sheetlab.checking import Cause, Report, verify_files
from sheetlab.checking.causes import Difference, neighbours
from sheetlab.lessons import lesson
from sheetlab.text import Language, Text

Edit = Callable[[Workbook], Any]


@pytest.fixture(scope="module", params=["en", "ko"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sgd(tmp_path_factory.mktemp("built"), request.param)


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sgd(tmp_path_factory.mktemp("built"), "en")


def build_sgd(folder: Path, language: Language) -> Path:
    found = lesson("sgd")
    path = folder / "sgd.xlsx"
    write_built(build(found, found.inputs(), language), path)
    return path


def verify_edited(path: Path, folder: Path, edit: Edit) -> Report:
    workbook = openpyxl.load_workbook(path)
    edit(workbook)
    workbook.save(folder / "edited.xlsx")
    return verify_files([folder / "edited.xlsx"], ["sheetlab"])


def cells(**contents: Any) -> Edit:
    """An edit that writes into cells of the sheet SGD."""

    def edit(workbook: Workbook) -> None:
        for ref, content in contents.items():
            workbook["SGD"][ref] = content

    return edit


def summary(cause: Cause) -> tuple[str, str, str | None, str | None]:
    return cause.kind, cause.where, cause.found, cause.expected


def test_a_workbook_that_was_only_saved_has_no_causes(built: Path, tmp_path: Path) -> None:
    report = verify_edited(built, tmp_path, lambda workbook: None)
    assert report.ok
    assert report.causes == ()


def test_another_formula(built: Path, tmp_path: Path) -> None:
    report = verify_edited(built, tmp_path, cells(H10="=G10-D10+1"))
    (cause,) = report.causes
    assert summary(cause) == ("formula", "SGD!H10", "=G10-D10+1", "=G10-D10")
    # The next step's α and β read it, and what is beside and below reads those.
    wrong = {result.quantity for result in report.quantities if not result.ok}
    assert set(cause.quantities) == wrong - {"error"}
    assert {"alpha", "beta", "squared_error", "epoch_mse"} <= wrong
    failed = [one.figure.id for (one,) in report.figures if not one.ok]
    assert list(cause.figures) == [name for name in failed if name != "sgd.error[6]"]
    assert cause.describe() == Text(
        f"{tmp_path}/edited.xlsx: SGD!H10 holds another formula than the lesson's (=G10-D10+1 in"
        f" place of =G10-D10); {len(wrong) - 1} quantities and {len(cause.figures)} figures merely"
        " follow from it.",
        f"{tmp_path}/edited.xlsx: SGD!H10의 수식이 예제의 것과 다릅니다(=G10-D10 대신"
        f" =G10-D10+1). 이 때문에 양 {len(wrong) - 1}개, 슬라이드의 수"
        f" {len(cause.figures)}개가 다릅니다.",
    )


@pytest.mark.parametrize(
    ("typed", "kind", "found"), [(3.25, "number", "3.25"), ("ten", "text", '"ten"')]
)
def test_a_value_where_a_formula_belongs(
    typed: Any, kind: str, found: str, english: Path, tmp_path: Path
) -> None:
    (cause,) = verify_edited(english, tmp_path, cells(F8=typed)).causes
    assert summary(cause) == (kind, "SGD!F8", found, "=F7-$A$3*$H7*$C7")
    assert f"SGD!F8 holds a typed {kind} where a formula belongs" in cause.describe().en


def test_a_typed_number_that_is_right_is_a_defect_all_the_same(
    english: Path, tmp_path: Path
) -> None:
    report = verify_edited(english, tmp_path, cells(C12="=C7", C13=5))
    assert all(result.ok for result in report.quantities)
    assert not report.ok
    (cause,) = report.causes
    assert summary(cause) == ("number", "SGD!C13", "5", "=C8")
    assert cause.describe().en.endswith("(5 in place of =C8).")
    assert "agree, but formulas are missing" in report.summary().en


def test_a_blank_cell(english: Path, tmp_path: Path) -> None:
    (cause,) = verify_edited(english, tmp_path, cells(H10=None)).causes
    assert summary(cause) == ("blank", "SGD!H10", None, "=G10-D10")
    assert "SGD!H10 is empty where a formula belongs (=G10-D10)" in cause.describe().en


def test_a_formula_that_is_filled_on_is_told_once(english: Path, tmp_path: Path) -> None:
    wrong = {f"{column}{row}": f"={column}{row - 1}" for row in (9, 10, 11) for column in "EF"}
    first, second = verify_edited(english, tmp_path, cells(**wrong)).causes
    assert summary(first) == ("formula", "SGD!E9:E11", "=E8", "=E8-$A$3*$H8")
    assert summary(second) == ("formula", "SGD!F9:F11", "=F8", "=F8-$A$3*$H8*$C8")
    assert "SGD!E9:E11 hold another formula than the lesson's" in first.describe().en


def test_neighbours_are_told_by_rectangles() -> None:
    def difference(row: int, column: int, form: str = "form") -> Difference:
        return Difference(("S", row, column), "formula", "=1", "=2", (form, "expected"))

    block = [difference(row, column) for row in (4, 5) for column in (2, 3, 4)]
    longer = [difference(row, 5) for row in (4, 5, 6)]
    others = [difference(9, 2), difference(9, 3, "other"), difference(9, 5)]
    groups = neighbours([*block, *longer, *others])
    assert [{one.cell[1:] for one in group} for group in groups] == [
        {(row, column) for row in (4, 5) for column in (2, 3, 4)},
        {(4, 5), (5, 5), (6, 5)},
        *({one.cell[1:]} for one in others),
    ]


def test_what_others_follow_from_comes_first(english: Path, tmp_path: Path) -> None:
    edit = cells(I6="=H6^3", H10="=G10-D10+1", F8=7)
    causes = verify_edited(english, tmp_path, edit).causes
    assert [cause.where for cause in causes] == ["SGD!I6", "SGD!F8", "SGD!H10"]
    assert causes[0].quantities == ()
    assert "error" in causes[1].quantities


def test_how_a_program_writes_a_formula_makes_no_difference(english: Path, tmp_path: Path) -> None:
    edit = cells(E7="= e6 - $A$3*$H6 ", H10="=G10-D10+1")
    assert [cause.where for cause in verify_edited(english, tmp_path, edit).causes] == ["SGD!H10"]


def test_another_formula_of_the_same_value_is_no_cause(english: Path, tmp_path: Path) -> None:
    edit = cells(G6="=F6*C6+E6")
    report = verify_edited(english, tmp_path, edit)
    assert report.ok
    assert report.causes == ()
    edit = cells(G6="=F6*C6+E6", H10="=G10-D10+1")
    assert [cause.where for cause in verify_edited(english, tmp_path, edit).causes] == ["SGD!H10"]


def test_a_typed_error(english: Path, tmp_path: Path) -> None:
    report = verify_edited(english, tmp_path, cells(H10="#N/A"))
    (cause,) = report.causes
    assert summary(cause) == ("error", "SGD!H10", "#N/A", "=G10-D10")
    assert "SGD!H10 holds a typed error where a formula belongs (#N/A in" in cause.describe().en
    assert "오류값이" in cause.describe().ko
    figures = json.loads(json.dumps(report.to_json()))["figures"]
    assert "#N/A" in {figure["computed"] for figure in figures}
    assert "#N/A" in report._repr_html_()
    assert "CellError" not in report._repr_html_()


def test_changed_inputs_are_no_cause(english: Path, tmp_path: Path) -> None:
    report = verify_edited(english, tmp_path, cells(A3="=0.04/2", D8=4))
    assert report.ok
    assert report.causes == ()


def test_a_name_that_is_gone(english: Path, tmp_path: Path) -> None:
    report = verify_edited(english, tmp_path, lambda workbook: workbook.defined_names.pop("beta"))
    (cause,) = report.causes
    assert summary(cause) == ("name gone", "beta", None, "SGD!F4:F23")
    assert set(cause.figures) == {
        one.figure.id for (one,) in report.figures if one.figure.quantity == "beta"
    }
    assert "the name beta is gone" in cause.describe().en


def test_a_name_that_stands_for_other_cells(english: Path, tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        workbook.defined_names["beta"].attr_text = "SGD!$F$3:$F$22"

    (cause,) = verify_edited(english, tmp_path, edit).causes
    assert summary(cause) == ("name moved", "beta", "SGD!F3:F22", "SGD!F4:F23")


def test_where_most_names_have_moved_formulas_are_not_compared(
    english: Path, tmp_path: Path
) -> None:
    def edit(workbook: Workbook) -> None:
        for name in workbook.defined_names.values():
            name.attr_text = name.attr_text.replace("$4", "$5")

    report = verify_edited(english, tmp_path, edit)
    (cause,) = report.causes
    assert cause.kind == "rearranged"
    assert set(cause.quantities) == {one.quantity for one in report.quantities if not one.ok}
    assert "cannot be compared cell by cell" in cause.describe().en


def test_causes_in_json(english: Path, tmp_path: Path) -> None:
    report = verify_edited(english, tmp_path, cells(I6="=H6^3"))
    content = json.loads(json.dumps(report.to_json()))
    assert set(content) == {"figures", "quantities", "causes", "ok"}
    assert content["causes"] == [
        {
            "file": str(tmp_path / "edited.xlsx"),
            "lesson": "sgd",
            "kind": "formula",
            "where": "SGD!I6",
            "found": "=H6^3",
            "expected": "=H6^2",
            "quantities": [],
            "figures": [],
        }
    ]
    assert content["ok"] is False


def test_a_report_shows_itself_in_a_notebook(
    english: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", "en")
    html = verify_edited(english, tmp_path, cells(I6='=IF(1<2,H6^3,"&<b>")'))._repr_html_()
    assert "✗" in html
    assert "SGD!I6 holds another formula" in html
    assert "=IF(1&lt;2,H6^3,&quot;&amp;&lt;b&gt;&quot;)" in html
    assert "<b>&" not in html
    assert "<td" in html
    assert "squared_error" in html

    good = verify_files([english], ["sheetlab"])._repr_html_()
    assert "✓" in good
    assert "quantities agree: sheetlab, NumPy" in good
    assert "Quantities that do not agree" not in good

    monkeypatch.setenv("SHEETLAB_LANG", "ko")
    assert "모두 일치합니다" in verify_files([english], ["sheetlab"])._repr_html_()


def test_a_long_report_is_cut(english: Path, tmp_path: Path) -> None:
    html = verify_edited(english, tmp_path, cells(F8=1000))._repr_html_()
    assert html.count("<tr>") < 60
    assert "… " in html
