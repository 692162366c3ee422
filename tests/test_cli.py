"""The commands, as a person types them: what they print, and how they refuse."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sheetlab.cli import main
from sheetlab.lessons import lesson_names
from sheetlab.text import LANGUAGES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command line in an empty folder: exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEETLAB_LANG", "en")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sheetlab", *arguments])
        with pytest.raises(SystemExit) as ending:
            main()
        captured = capsys.readouterr()
        code = ending.value.code
        return code if isinstance(code, int) else int(code is not None), captured.out, captured.err

    return command


def one_sentence(error: str) -> bool:
    return error.startswith("sheetlab: ") and error.count("\n") == 1 and "Traceback" not in error


def test_build_then_verify(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("build", "kmeans", "softmax")
    assert status == 0
    assert out.splitlines()[0].startswith("workbooks/kmeans.xlsx")
    assert len(out.splitlines()) == 2
    status, out, err = run("verify", "kmeans", "softmax", "--json")
    assert (status, err) == (0, "")
    report = json.loads(out)
    assert report["ok"] is True
    assert {figure["lesson"] for figure in report["figures"]} == {"kmeans", "softmax"}
    assert {"id", "quantity", "index", "printed", "status", "computed", "reference", "ok"} <= (
        report["figures"][0].keys()
    )
    assert {"quantity", "cells", "engine", "max_error", "ok"} <= report["quantities"][0].keys()
    status, out, _ = run("verify", "kmeans")
    assert status == 0
    assert "All 1 figures" in out


def test_build_check_tells_current_from_stale(run: Run, tmp_path: Path) -> None:
    assert run("build", "kmeans", "--check")[0] == 1
    assert not (tmp_path / "workbooks").exists()
    assert run("build", "kmeans")[0] == 0
    assert run("build", "kmeans", "--check")[0] == 0
    assert run("build", "kmeans", "--set", "customer_1=1,2,3", "--force")[0] == 0
    status, out, _ = run("build", "kmeans", "--check")
    assert status == 1
    assert "sheetlab build" in out


def test_own_data_reaches_the_cells(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,4\n3,6\n")
    arguments = ("--data", "data.csv", "--set", "epochs=2", "--lang", "ko")
    assert run("build", "sgd", *arguments)[0] == 0
    sheet = openpyxl.load_workbook(tmp_path / "workbooks" / "sgd.xlsx", data_only=True)["SGD"]
    assert [sheet[f"C{row}"].value for row in range(4, 10)] == [1, 2, 3, 1, 2, 3]
    assert sheet["A1"].value == "학습률"
    status, out, _ = run("verify", "sgd", "--json")
    assert status == 0
    assert json.loads(out)["figures"] == []


def test_verify_without_a_workbook_builds_one_aside(run: Run, tmp_path: Path) -> None:
    status, _, err = run("verify", "kmeans")
    assert status == 0
    assert "kmeans.xlsx is not there" in err
    assert not (tmp_path / "workbooks").exists()


def test_verify_reports_a_changed_cell(run: Run, tmp_path: Path) -> None:
    run("build", "kmeans")
    path = tmp_path / "workbooks" / "kmeans.xlsx"
    workbook = openpyxl.load_workbook(path)
    ((sheet, cell),) = workbook.defined_names["customer_distance"].destinations
    workbook[sheet][cell.replace("$", "")] = 12
    workbook.save(path)
    status, out, _ = run("verify", str(path))
    assert status == 1
    assert f"kmeans.customer_distance ({sheet}!{cell.replace('$', '')}, formulas)" in out


def test_list_names_every_lesson(run: Run) -> None:
    status, out, _ = run("list")
    assert status == 0
    assert all(name in out for name in lesson_names())


def test_show_prints_values_and_formulas(run: Run) -> None:
    status, out, _ = run("show", "kmeans", "--set", "customer_1=50,200,5")
    assert status == 0
    assert "customer_distance" in out
    status, out, _ = run("show", "sgd", "--formulas")
    assert "=E4-$A$3*$H4" in out


def test_plot_writes_a_picture(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("plot", "kmeans", "-o", "picture.png")
    assert (status, out) == (0, "picture.png\n")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_eval_and_recalc_work_on_any_workbook(run: Run, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Mine"
    for row in ((1, "=A1*2"), (5, "=A2*2")):
        sheet.append(row)  # type: ignore[arg-type]
    workbook.save(tmp_path / "mine.xlsx")
    assert run("eval", "mine.xlsx", "Mine!B1") == (0, "Mine!B1\t2\n", "")
    status, out, _ = run("eval", "mine.xlsx", "A1:B2", "--set", "A1=10")
    assert (status, out) == (0, "A1:B2\n10\t20\n5\t10\n")
    assert run("recalc", "mine.xlsx", "-o", "out.xlsx")[0] == 0
    assert openpyxl.load_workbook("out.xlsx", data_only=True)["Mine"]["B2"].value == 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("build", "sgd", "--set", "learning_rate=abc"), "sgd: learning_rate is 'abc'"),
        (("build", "sgd", "--set", "learning_rate"), "NAME=VALUE"),
        (("build", "sgd", "--set", "speed=1"), "no input 'speed'"),
        (("build", "sdg"), "no lesson 'sdg'"),
        (("build", "sgd", "--lang", "fr"), "--lang fr"),
        (("build", "sgd", "--data", "none.csv"), "none.csv"),
        (("verify", "sdg"), "no lesson 'sdg'"),
        (("verify", "text.xlsx"), "text.xlsx: is not a workbook"),
        (("verify", "missing.xlsx"), "missing.xlsx: there is no such file"),
        (("verify", "foreign.xlsx"), "foreign.xlsx: is not a workbook of a lesson"),
        (("verify", "--engine", "abacus"), "--engine abacus"),
        (("eval", "text.xlsx", "A1"), "text.xlsx: is not a workbook"),
        (("eval", "foreign.xlsx", "no_such_name"), "no_such_name"),
        (("eval", "foreign.xlsx", "Nowhere!A1"), "Nowhere"),
        (("recalc", "foreign.xlsx", "-o", "no/such/folder.xlsx"), "no/such/folder.xlsx"),
        (("recalc", "half.xlsx", "-o", "out.xlsx"), "half.xlsx"),
        (("plot", "kmeans", "-o", "no/such/picture.png"), "no/such/picture.png"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_input_is_refused_in_one_sentence(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
    language: str,
) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", language)
    openpyxl.Workbook().save("foreign.xlsx")
    Path("text.xlsx").write_text("not a workbook")
    Path("half.xlsx").write_bytes(Path("foreign.xlsx").read_bytes()[:2000])
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert one_sentence(err), err
    if language == "en":
        assert words in err
    else:
        assert any("가" <= letter <= "힣" for letter in err)


@pytest.mark.parametrize("protected", ["folder", "file"])
def test_what_may_not_be_written_stays_whole(run: Run, tmp_path: Path, protected: str) -> None:
    run("build", "kmeans")
    path = tmp_path / "workbooks" / "kmeans.xlsx"
    before = path.read_bytes()
    target = path if protected == "file" else path.parent
    target.chmod(0o555 if target.is_dir() else 0o444)
    try:
        status, _, err = run("build", "kmeans", "--set", "customer_1=1,2,3")
        assert status == 2
        assert one_sentence(err), err
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]
    finally:
        target.chmod(0o755 if target.is_dir() else 0o644)


def test_the_module_runs_quietly_in_a_pipe() -> None:
    command = [sys.executable, "-c", "from sheetlab.cli import main; main()", "eval"]
    finished = subprocess.run([*command, "none.xlsx", "A1"], capture_output=True, text=True)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert one_sentence(finished.stderr)


def test_what_the_engine_warns_of_is_one_sentence(run: Run, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "=NOSUCH(1)"
    workbook.save(tmp_path / "book.xlsx")
    status, out, err = run("eval", "book.xlsx", "A1")
    assert status == 0
    assert "#NAME?" in out
    assert one_sentence(err)
    assert "NOSUCH" in err
