"""The table of contents: a workbook that links to those of all lessons, lecture by lecture."""

import datetime
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring import Sheet
from sheetlab.building.workbook import file_of
from sheetlab.files.fingerprint import FINGERPRINT_PROPERTY, NO_FINGERPRINT
from sheetlab.ledger import Lecture, lectures
from sheetlab.lessons import Lesson, lessons
from sheetlab.text import Language, Text

INDEX = "index"

TITLE = Text("Worked examples of the lectures", "강의의 예제")
EXPLANATION = Text(
    "Each workbook holds one example with live formulas. Change a blue cell and see what follows;"
    " the sheet Check holds every figure of the slides against the cells.",
    "파일마다 예제 하나가 실제 수식으로 들어 있습니다. 파란 셀의 값을 바꾸어 보십시오. Check 시트는"
    " 슬라이드의 모든 수치를 셀의 값과 비교합니다.",
)
HEADINGS = (
    Text("Workbook", "파일"),
    Text("What it works out", "내용"),
    Text("Equation", "식"),
    Text("Figures on\nthe slides", "슬라이드의\n수치 개수"),
)
WIDTHS = {"A": 27.0, "B": 50.0, "C": 92.0, "D": 13.0}


def lessons_by_lecture() -> Iterator[tuple[Lecture, list[Lesson]]]:
    """The lessons of each lecture, in the order of the lectures; some belong to several."""
    for key, lecture in lectures().items():
        found = [lesson for lesson in lessons() if key in {slide for slide, _ in lesson.slides}]
        if found:
            yield lecture, found


def write_index(language: Language) -> bytes:
    """The table of contents as bytes of an .xlsx."""
    workbook = Workbook()
    worksheet = workbook.active
    assert isinstance(worksheet, Worksheet)
    worksheet.title = "Lessons"
    sheet = Sheet(worksheet, language)
    for column, width in WIDTHS.items():
        sheet.width(column, width)
    sheet.label("A1", TITLE, "title")
    sheet.note("A2:D2", EXPLANATION)
    row = 4
    for lecture, found in lessons_by_lecture():
        sheet.label(f"A{row}", lecture.name, "subtitle")
        sheet.headings(f"A{row + 1}", HEADINGS)
        row += 2
        for lesson in found:
            _write_row(sheet, worksheet, row, lesson)
            row += 1
        row += 1
    sheet.finish()
    workbook.custom_doc_props.append(  # type: ignore[attr-defined]
        StringProperty(name=FINGERPRINT_PROPERTY, value=NO_FINGERPRINT)
    )
    workbook.properties.title = TITLE.to(language)
    workbook.properties.language = language
    workbook.properties.creator = "sheetlab"
    workbook.properties.created = datetime.datetime(2026, 1, 1)
    return file_of(workbook)


def _write_row(sheet: Sheet, worksheet: Worksheet, row: int, lesson: Lesson) -> None:
    file = f"{lesson.name}.xlsx"
    sheet.label(f"A{row}", file, "link")
    worksheet[f"A{row}"].hyperlink = Hyperlink(ref=f"A{row}", target=file)
    sheet.label(f"B{row}", lesson.title, "text")
    sheet.label(f"C{row}", lesson.equation, "text")
    sheet.label(f"D{row}", len(lesson.figures) or "", "text")


def index_path(folder: Path) -> Path:
    """Where the table of contents goes in a folder of workbooks."""
    return folder / f"{INDEX}.xlsx"
