"""The READMEs: their code runs, and they tell the same in both languages."""

import re
from pathlib import Path

import pytest

from sheetlab.lessons import lesson_names

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.ko.md"]
MOST_LINES = 130

pytestmark = pytest.mark.skipif(not READMES[0].exists(), reason="the READMEs are not here")
both = pytest.mark.parametrize("readme", READMES, ids=["en", "ko"])


def blocks(readme: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)


@both
def test_its_python_runs(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(readme, "python"):
        exec(compile(block, str(readme), "exec"), {})
    assert blocks(readme, "python")


@both
def test_its_pictures_are_there(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


@both
def test_it_fits_on_three_screens(readme: Path) -> None:
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_both_say_the_same() -> None:
    english, korean = (readme.read_text(encoding="utf-8") for readme in READMES)
    assert english.count("\n## ") == korean.count("\n## ")
    for pattern in (r"^\| `(\w+)` \|", r"`sheetlab (\w+)"):
        found = re.compile(pattern, re.MULTILINE)
        assert set(found.findall(english)) == set(found.findall(korean))


@both
def test_it_names_every_lesson(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    table = text.split("| --- | --- |")[1].split("![")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(lesson_names())


def test_the_checkout_has_its_workbooks() -> None:
    built = {path.stem for path in (ROOT / "workbooks").glob("*.xlsx")}
    assert set(lesson_names()) <= built
