"""The sheet `About`: what this is, where it comes from, how to read it, what to try."""

from sheetlab.authoring import Board, Sheet
from sheetlab.authoring.compiling import with_addresses
from sheetlab.lessons import Lesson
from sheetlab.lessons.lesson import SLIDE_ONLY
from sheetlab.text import Text

SOURCE = Text("Source", "출처")
HOW_TO_READ = Text("How to read the sheet", "시트를 읽는 법")
TO_TRY = Text("What to try", "해 볼 것")
COLOURS = Text("Colours", "색")
OWN_INPUTS = Text(
    "This workbook was built with inputs of one's own. The sheet Check compares it with the same"
    " computation by NumPy; what the slides print does not apply to it.",
    "직접 준 입력으로 만든 파일입니다. Check 시트는 같은 계산을 NumPy로 한 값과 비교하며,"
    " 슬라이드의 수치와는 비교하지 않습니다.",
)
CHECKED = Text(
    "The sheet Check compares every figure that the slides print with the live cells."
    " This workbook was built by sheetlab.",
    "Check 시트는 슬라이드에 나온 모든 수치를 셀의 값과 비교합니다."
    " 이 파일은 sheetlab이 만들었습니다.",
)
NO_FIGURES = Text(
    "There are no printed figures to compare this example with. Where the slides give no numbers,"
    " small ones are chosen that can be followed by hand. The sheet Check compares the cells with"
    " the same computation by NumPy. This workbook was built by sheetlab.",
    "이 예제에는 비교할 슬라이드의 수치가 없습니다. 슬라이드에 없는 수는 손으로 따라 계산하기 쉽게"
    " 골랐습니다. Check 시트는 셀의 값을 NumPy로 계산한 값과 비교합니다. 이 파일은 sheetlab이"
    " 만들었습니다.",
)
CHANGE_ANYTHING = Text(
    "Change any blue cell: everything that depends on it follows.",
    "파란 셀을 바꾸어 보십시오. 그 값에 딸린 모든 셀이 따라 바뀝니다.",
)


def write_about_sheet(sheet: Sheet, lesson: Lesson, board: Board) -> None:
    """Write the parts one below the other."""
    sheet.width("A", 108)
    sheet.label("A1", lesson.title, "title")
    sheet.label("A2", lesson.equation, "equation")
    row = 4
    for heading, lines in (
        (SOURCE, lesson.sources),
        (HOW_TO_READ, shown_paragraphs(lesson, board)),
        (TO_TRY, shown_tries(lesson, board)),
    ):
        sheet.label(f"A{row}", heading, "subtitle")
        for offset, line in enumerate(lines, 1):
            text = with_addresses(line.to(sheet.language), board.quantities)
            sheet.note(f"A{row + offset}", f"•  {text}")
        row += len(lines) + 2
    sheet.label(f"A{row}", COLOURS, "subtitle")
    sheet.legend(f"A{row + 1}")
    closing = OWN_INPUTS
    if board.is_the_slide:
        closing = CHECKED if lesson.figures else NO_FIGURES
    sheet.note(f"A{row + 4}", closing)


def shown_paragraphs(lesson: Lesson, board: Board) -> list[Text]:
    """How to read the sheet, without what is true of the slide's inputs only."""
    return [
        Text(text.en.removeprefix(SLIDE_ONLY), text.ko.removeprefix(SLIDE_ONLY))
        for text in lesson.how_to_read
        if board.is_the_slide or not text.en.startswith(SLIDE_ONLY)
    ]


def shown_tries(lesson: Lesson, board: Board) -> list[Text]:
    """What to try: what the lesson promises holds for the slide's inputs."""
    return [one.text for one in lesson.to_try] if board.is_the_slide else [CHANGE_ANYTHING]
