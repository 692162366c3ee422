"""A whole workbook: the example, `Check` and `About`, with names, as the parts of a file."""

import datetime
import io
import json

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring import Sheet
from sheetlab.building.about_sheet import write_about_sheet
from sheetlab.building.check_sheet import write_check_sheet
from sheetlab.files.fingerprint import FINGERPRINT_PROPERTY, NO_FINGERPRINT
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.lessons import Lesson
from sheetlab.text import Language

CHECK_SHEET, ABOUT_SHEET = "Check", "About"

# What a workbook says of itself, so that it can be verified wherever it went.
LESSON_PROPERTY, SHAPE_PROPERTY = "sheetlab lesson", "sheetlab shape"
INPUT_NAME = "input_{}"


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
    for defined_name, cells in {**example.quantity_ranges, **_input_names(example)}.items():
        target = f"{quote_sheetname(lesson.sheet_name)}!{absolute_coordinate(cells)}"
        workbook.defined_names[defined_name] = DefinedName(defined_name, attr_text=target)
    properties = {
        LESSON_PROPERTY: lesson.name,
        SHAPE_PROPERTY: json.dumps(_shape(example, inputs)),
        FINGERPRINT_PROPERTY: NO_FINGERPRINT,
    }
    for name, value in properties.items():
        # The type stubs of openpyxl do not know custom properties.
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]
    workbook.properties.title = lesson.title.to(language)
    workbook.properties.creator = "sheetlab"
    workbook.properties.created = datetime.datetime(2026, 1, 1)
    workbook.calculation.fullCalcOnLoad = True
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue(), example


def _input_names(example: Sheet) -> dict[str, str]:
    """Names for the cells of inputs that are only a part of the quantity of their name."""
    return {
        INPUT_NAME.format(field): cells
        for field, cells in example.input_ranges.items()
        if example.quantity_ranges.get(field) != cells
    }


def _shape(example: Sheet, inputs: LessonInputs) -> dict[str, object]:
    """The inputs that have no cells of their own, since they shape the sheet."""
    return {
        field: getattr(inputs, field)
        for field in constraints(type(inputs))
        if field not in example.input_ranges
    }


def _check_names(lesson: Lesson, example: Sheet) -> None:
    named = example.quantity_ranges.keys()
    if named != lesson.quantities.keys():
        difference = sorted(named ^ lesson.quantities.keys())
        raise ValueError(f"{lesson.name}: promised and named quantities differ in {difference}")
    unnamed = sorted(constraints(lesson.inputs).keys() - named)
    if unnamed:
        raise ValueError(f"{lesson.name}: inputs without a named range: {unnamed}")
