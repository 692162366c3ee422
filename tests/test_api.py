"""The public door, as a notebook uses it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import sheetlab
from sheetlab.errors import InputError, WorkbookError
from sheetlab.lessons import lesson


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEETLAB_LANG", "en")


def test_everything_public_is_listed_and_there() -> None:
    assert dir(sheetlab) == ["Limits", "__version__", "build", "lessons", "load", "verify"]
    assert all(getattr(sheetlab, name) is not None for name in dir(sheetlab))
    with pytest.raises(AttributeError, match="no attribute 'sweep'"):
        sheetlab.sweep  # noqa: B018


def test_importing_sheetlab_imports_nothing_heavy() -> None:
    command = "import sys, sheetlab; dir(sheetlab); print(*sys.modules)"
    finished = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert not {"numpy", "openpyxl", "typer", "pandas"} & set(finished.stdout.split())


def test_a_workbook_goes_where_it_replaces_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sheetlab.build("sgd") == Path("workbooks/sgd.xlsx")
    before = Path("workbooks/sgd.xlsx").read_bytes()
    assert sheetlab.build("sgd", lang="ko") == Path("workbooks/ko/sgd.xlsx")
    assert sheetlab.build("sgd", learning_rate=0.05) == Path("workbooks/own/sgd.xlsx")
    assert sheetlab.build("sgd", learning_rate=0.01) == Path("workbooks/sgd.xlsx")
    assert sheetlab.build("sgd", out="mine", epochs=2) == Path("mine/sgd.xlsx")
    monkeypatch.setenv("SHEETLAB_LANG", "ko")
    assert sheetlab.build("sgd", epochs=2) == Path("workbooks/own/ko/sgd.xlsx")
    monkeypatch.setenv("SHEETLAB_LANG", "en")
    with pytest.raises(WorkbookError, match="was built from other inputs"):
        sheetlab.build("sgd", "workbooks", learning_rate=0.05)
    assert Path("workbooks/sgd.xlsx").read_bytes() == before
    sheetlab.build("sgd", "workbooks", learning_rate=0.05, force=True)
    assert sheetlab.load("workbooks/sgd.xlsx")["learning_rate"] == 0.05


def test_inputs_are_tried_out_one_after_the_other_until_somebody_edits() -> None:
    path = sheetlab.build("sgd", learning_rate=0.05)
    assert sheetlab.build("sgd", learning_rate=0.06) == path
    assert sheetlab.load(path)["learning_rate"] == 0.06
    book = sheetlab.load(path)
    book.set({"learning_rate": 0.07})
    book.save(path)
    with pytest.raises(WorkbookError, match="was changed since it was built"):
        sheetlab.build("sgd", learning_rate=0.08)
    assert sheetlab.load(path)["learning_rate"] == 0.07


def test_data_is_a_frame_a_mapping_or_a_file() -> None:
    frame = pd.DataFrame({"X": [1, 2, 4], "Y": [2.0, 3.0, 5.0], "note": "…"})
    frame.to_csv("points.csv", index=False)
    sources: list[Any] = [frame, frame.to_dict("list"), "points.csv"]
    built = [
        sheetlab.build("sgd", f"mine/{number}", data=data, epochs=2)
        for number, data in enumerate(sources)
    ]
    assert len({path.read_bytes() for path in built}) == 1
    book = sheetlab.load(built[0])
    assert book["x"].tolist() == [1, 2, 4, 1, 2, 4]
    assert "beta" in book
    assert sheetlab.verify(*built).ok
    with pytest.raises(InputError, match="row 1, column y: 'drei' is no number"):
        sheetlab.build("sgd", data={"x": [1, 2], "y": [1, "drei"]})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sheetlab.build("sdg"), "no lesson 'sdg'"),
        (lambda: sheetlab.build("sgd", speed=1), "sgd: There is no input 'speed'"),
        (lambda: sheetlab.build("sgd", lang="fr"), "no language 'fr'"),  # type: ignore[arg-type]
        (lambda: sheetlab.verify(), "no workbook to verify"),
        (lambda: sheetlab.verify("x.xlsx", engine="abacus"), "x.xlsx|abacus"),
    ],
)
def test_what_is_not_usable_is_named(call: object, said: str) -> None:
    assert callable(call)
    with pytest.raises((InputError, WorkbookError), match=said):
        call()


def test_verify_takes_engines_as_the_command_does() -> None:
    path = sheetlab.build("sgd")
    for engine in ("ironcalc", ["ironcalc"]):
        assert sheetlab.verify(path, engine=engine).engines == ("ironcalc",)
    assert sheetlab.verify(path).engines == ("sheetlab", "formulas")
    sheet, ref = sheetlab.load(path).range_refs("squared_error")[0]
    workbook = openpyxl.load_workbook(path)
    workbook[sheet][ref] = 12345
    workbook.save(path)
    assert not sheetlab.verify(path).ok


def test_lessons_are_the_worked_examples() -> None:
    assert sheetlab.lessons.lesson("sgd") == lesson("sgd")
