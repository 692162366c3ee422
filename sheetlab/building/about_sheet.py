"""The sheet `About`: what this is, where it comes from, how to read it, what to try."""

from sheetlab.authoring import Sheet
from sheetlab.lessons import Lesson
from sheetlab.text import Text

SOURCE = Text("Source", "출처")
HOW_TO_READ = Text("How to read the sheet", "시트를 읽는 법")
TO_TRY = Text("What to try", "해 볼 것")
COLOURS = Text("Colours", "색")
CHECKED = Text(
    "The sheet Check compares every figure that the slides print with the live cells."
    " This workbook was built by sheetlab.",
    "Check 시트는 슬라이드에 있는 모든 수를 살아 있는 셀과 비교합니다."
    " 이 파일은 sheetlab이 만들었습니다.",
)


def write_about_sheet(sheet: Sheet, lesson: Lesson) -> None:
    """Write the parts one below the other."""
    sheet.label("A1", lesson.title, "title")
    row = 3
    for heading, lines in (
        (SOURCE, [f"{file} — {section}" for file, section in lesson.sources]),
        (HOW_TO_READ, lesson.how_to_read),
        (TO_TRY, lesson.to_try),
    ):
        sheet.label(f"A{row}", heading, "subtitle")
        for offset, line in enumerate(lines, 1):
            shown = line.to(sheet.language) if isinstance(line, Text) else line
            sheet.note(f"A{row + offset}", f"•  {shown}")
        row += len(lines) + 2
    sheet.label(f"A{row}", COLOURS, "subtitle")
    sheet.legend(f"A{row + 1}")
    sheet.note(f"A{row + 4}", CHECKED)
    sheet.width("A", 96)
