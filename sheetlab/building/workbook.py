"""A whole workbook: the example, `Check` and `About`, with names, as the parts of a file."""

import datetime
import io

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.building.about_sheet import write_about_sheet
from sheetlab.building.check_sheet import write_check_sheet
from sheetlab.authoring import Sheet
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.lessons import Lesson
from sheetlab.text import Language

CHECK_SHEET, ABOUT_SHEET = "Check", "About"
LESSON_PROPERTY, FINGERPRINT_PROPERTY = "sheetlab lesson", "sheetlab fingerprint"

# Documents carry a date; the same one in every build keeps the bytes the same.
_DATE = datetime.datetime(2026, 1, 1)


def write_workbook(lesson: Lesson, inputs: LessonInputs, language: Language) -> tuple[bytes, Sheet]:
    """The lesson's workbook as bytes of an .xlsx without cached values, and its first sheet.

    Raises `ValueError` where the sheet does not name exactly the quantities of the lesson.
    """
    workbook = Workbook()
    first = workbook.active
    assert isinstance(first, Worksheet)
    first.title = lesson.sheet_name
    example = Sheet(first, language, inputs)
    lesson.write(example, inputs)
    _check_names(lesson, example)
    check = Sheet(workbook.create_sheet(CHECK_SHEET), language, inputs)
    write_check_sheet(check, lesson.figures, lesson.quantities, example)
    about = Sheet(workbook.create_sheet(ABOUT_SHEET), language, inputs)
    write_about_sheet(about, lesson)
    for sheet in (example, check, about):
        sheet.finish()
    for quantity, cells in example.quantity_ranges.items():
        target = f"{quote_sheetname(lesson.sheet_name)}!{absolute_coordinate(cells)}"
        workbook.defined_names[quantity] = DefinedName(quantity, attr_text=target)
    _describe(workbook, lesson.name, lesson.title.to(language))
    return _saved(workbook), example


def _check_names(lesson: Lesson, example: Sheet) -> None:
    named = example.quantity_ranges.keys()
    if named != lesson.quantities.keys():
        difference = sorted(named ^ lesson.quantities.keys())
        raise ValueError(f"{lesson.name}: promised and named quantities differ in {difference}")
    unnamed = sorted(constraints(lesson.inputs).keys() - named)
    if unnamed:
        raise ValueError(f"{lesson.name}: inputs without a named range: {unnamed}")


def _describe(workbook: Workbook, name: str, title: str) -> None:
    workbook.properties.title = title
    workbook.properties.creator = "sheetlab"
    workbook.properties.created = _DATE
    workbook.custom_doc_props.append(StringProperty(name=LESSON_PROPERTY, value=name))
    workbook.custom_doc_props.append(StringProperty(name=FINGERPRINT_PROPERTY, value="0" * 64))
    workbook.calculation.fullCalcOnLoad = True


def _saved(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()
