"""Lessons as a newcomer writes them: the one of the guide, and the skeleton of `sheetlab new`."""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path

import numpy as np
import pytest
from lessons import test_contract as contract

import sheetlab.lessons
from sheetlab import cli
from sheetlab.building import build, calculate, write_built
from sheetlab.checking import verify_files
from sheetlab.errors import InputError
from sheetlab.lessons import Lesson, lesson
from sheetlab.skeleton import write_skeleton
from sheetlab.text import LANGUAGES

GUIDE = Path(__file__).parents[1] / "docs" / "writing-a-lesson.md"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty checkout, whose lessons are found beside those of the project."""
    folder = tmp_path / "sheetlab" / "lessons"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sheetlab.lessons, "__path__", [*sheetlab.lessons.__path__, str(folder)])
    monkeypatch.syspath_prepend(str(tmp_path / "tests" / "lessons"))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[name]


def require_verified(found: Lesson, folder: Path) -> None:
    """Build the lesson's workbook in both languages, and verify it."""
    for language in LANGUAGES:
        path = folder / language / f"{found.name}.xlsx"
        assert write_built(build(found, found.inputs(), language), path)
        report = verify_files([path])
        assert report.ok, report.summary()
        assert {one.quantity for one in report.quantities} == set(found.reference(found.inputs()))


# The guide.


def lesson_of_the_guide() -> str:
    """The code of the section that builds a lesson, in the order of a file."""
    section = GUIDE.read_text(encoding="utf-8").split("\n## ")[1]
    assert section.startswith("A lesson, step by step")
    blocks: list[str] = CODE.findall(section)
    head = blocks.pop()
    assert "TITLE =" in head
    return '"""The lesson of the guide."""\n\n' + blocks[0] + head + "\n" + "".join(blocks[1:])


def test_the_lesson_of_the_guide_builds_and_verifies(checkout: Path) -> None:
    (checkout / "sheetlab" / "lessons" / "of_the_guide.py").write_text(
        lesson_of_the_guide(), encoding="utf-8"
    )
    found = lesson("of_the_guide")
    require_verified(found, checkout)
    book, example = calculate(found, found.inputs(), "en")
    before = example.values(book)
    for one in found.to_try:
        for name, value in one.changes.items():
            book.set({f"{example.sheet.title}!{ref}": value for ref in example.cells(name)})
        assert np.all(one.promise(before, example.values(book)))
    # What the guide says of the cells.
    (formula,) = re.findall(r"The cells hold `(=.*?)`", GUIDE.read_text(encoding="utf-8"))
    (cell, *_) = example.cells("distance")
    assert example.sheet._worksheet[cell].value == formula


# The skeleton.


def test_a_new_lesson_builds_and_verifies(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sheetlab", "new", "newcomer"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert written == [
        Path("sheetlab/lessons/newcomer.py"),
        Path("tests/lessons/test_newcomer.py"),
    ]
    found = lesson("newcomer")
    require_verified(found, checkout)
    invalidate_caches()
    import_module("test_newcomer").test_the_standard_library_agrees()


def test_a_new_lesson_holds_what_every_lesson_does(checkout: Path) -> None:
    write_skeleton("other_newcomer", checkout)
    held = 0
    for name, test in inspect.getmembers(contract, inspect.isfunction):
        parameters = set(inspect.signature(test).parameters)
        if not name.startswith("test_") or not {"name"} <= parameters <= {"name", "language"}:
            continue
        for language in LANGUAGES if "language" in parameters else (None,):
            test("other_newcomer", *[language] * (language is not None))
            held += 1
    assert held > 8


@pytest.mark.parametrize("name", ["sgd", "newcomer"])
def test_no_lesson_is_written_over(name: str, checkout: Path) -> None:
    write_skeleton("newcomer", checkout)
    before = (checkout / "sheetlab" / "lessons" / "newcomer.py").read_text()
    with pytest.raises(InputError, match=f"There is a lesson '{name}' already"):
        write_skeleton(name, checkout)
    assert (checkout / "sheetlab" / "lessons" / "newcomer.py").read_text() == before
    assert not (checkout / "tests" / "lessons" / "test_sgd.py").exists()


@pytest.mark.parametrize("name", ["Two", "two words", "1st", "", "a-b", "../up", "나"])
def test_a_name_that_python_cannot_import_is_refused(name: str, checkout: Path) -> None:
    with pytest.raises(InputError, match="is no name for a lesson"):
        write_skeleton(name, checkout)
    assert not (checkout / "tests").exists()


def test_a_lesson_is_written_into_a_checkout_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run this in a copy of sheetlab's repository"):
        write_skeleton("newcomer", tmp_path)
    assert list(tmp_path.iterdir()) == []
