"""The table of contents: links to every workbook, lecture by lecture."""

from pathlib import Path

import openpyxl
import pytest

from sheetlab.building import (
    build_index,
    carried_out,
    index_order,
    lessons_by_lecture,
    write_built,
)
from sheetlab.lessons import lesson_names
from sheetlab.text import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_links_to_every_workbook(language: Language, tmp_path: Path) -> None:
    path = tmp_path / "index.xlsx"
    write_built(build_index(language), path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    targets = [cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert {Path(str(target)).stem for target in targets} == set(lesson_names())
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    for lecture, found in lessons_by_lecture():
        assert lecture.name.to(language) in texts
        assert all(one.title.to(language) in texts for one in found)


def test_it_is_written_once_and_then_current(tmp_path: Path) -> None:
    for state in ("written", "current"):
        with carried_out([index_order("en", tmp_path)]) as outcomes:
            assert [outcome.state for outcome in outcomes] == [state]
    assert build_index("en") == build_index("en")
