"""A whole workbook: the example, `Check` and `About`, with names, as the parts of a file."""

import datetime
import io
import json
import math
import tempfile
from dataclasses import dataclass

import numpy as np
from lxml import etree
from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring import AuthoringError, Board, Sheet, Words, refs_of, write_board
from sheetlab.authoring.formula import read_reference
from sheetlab.authoring.references import NOWHERE, address, bounds_of
from sheetlab.building.about_sheet import shown_tries, write_about_sheet
from sheetlab.building.check_sheet import write_check_sheet
from sheetlab.engine import Book, CellError
from sheetlab.errors import WorkbookError
from sheetlab.files.fingerprint import FINGERPRINT_PROPERTY, NO_FINGERPRINT
from sheetlab.files.ignored_errors import ignore_errors
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.lessons import Lesson
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Language, Text, same

CHECK_SHEET, ABOUT_SHEET = "Check", "About"
TRIES_IN_STRIP = 3

# What a workbook says of itself, so that it can be verified wherever it went.
LESSON_PROPERTY, SHAPE_PROPERTY = "sheetlab lesson", "sheetlab shape"
INPUT_NAME = "input_{}"


@dataclass(frozen=True)
class Example:
    """The first sheet of a lesson's workbook: as it was declared, and as it was written."""

    lesson: Lesson
    board: Board
    sheet: Sheet
    reference: Reference

    def cells(self, name: str) -> list[str]:
        """The addresses of a quantity's cells, or of what is selected of it (`"x.at(3)"`)."""
        quantity = self.board.quantities.get(name)
        if quantity is not None:
            return [ref for area in self.sheet.quantity_areas[name] for ref in refs_of(area)]
        bounds, _ = bounds_of(read_reference(name), self.board.quantities, NOWHERE)
        return list(refs_of(address(bounds)))

    def values(self, book: Book) -> Reference:
        """The values of all quantities in a recalculated book, shaped as their axes are.

        Errors are nan; an array with texts is one of objects.
        """
        found, values = {}, book.values()
        for name, quantity in self.board.quantities.items():
            cells = [values.get((self.sheet.title, ref)) for ref in self.cells(name)]
            plain = [math.nan if isinstance(cell, CellError) else cell for cell in cells]
            texts = any(isinstance(cell, str) for cell in plain)
            array = np.array(plain, dtype=object if texts else float)
            found[name] = array.reshape(quantity.sizes or (1,))
        return found


def write_workbook(
    lesson: Lesson, inputs: LessonInputs, language: Language
) -> tuple[bytes, Example]:
    """The lesson's workbook as bytes of an .xlsx without cached values, and its first sheet.

    Raises `AuthoringError`, with the lesson's name, where the lesson is not written rightly.
    """
    workbook = Workbook()
    first = workbook.active
    assert isinstance(first, Worksheet)
    first.title = lesson.sheet_name
    try:
        example = _write_example(lesson, inputs, Sheet(first, language))
        input_names = _input_names(example.sheet)
        check = Sheet(workbook.create_sheet(CHECK_SHEET), language)
        write_check_sheet(check, lesson.figures, example.board, example.sheet, example.reference)
        about = Sheet(workbook.create_sheet(ABOUT_SHEET), language)
        write_about_sheet(about, lesson, example.board)
    except AuthoringError as error:
        raise AuthoringError(f"{lesson.name}: {error}") from error
    example.sheet.finish(pages=1)
    check.finish()
    about.finish(pages=1)
    for defined_name, areas in {
        **example.sheet.quantity_areas,
        **input_names,
    }.items():
        sheet_name = quote_sheetname(lesson.sheet_name)
        target = ",".join(f"{sheet_name}!{absolute_coordinate(area)}" for area in areas)
        workbook.defined_names[defined_name] = DefinedName(defined_name, attr_text=target)
    properties = {
        LESSON_PROPERTY: lesson.name,
        SHAPE_PROPERTY: json.dumps(_shape(example.sheet, inputs)),
        FINGERPRINT_PROPERTY: NO_FINGERPRINT,
    }
    for name, value in properties.items():
        # The type stubs of openpyxl do not know custom properties.
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]
    workbook.properties.title = lesson.title.to(language)
    workbook.properties.subject = lesson.equation.to(language)
    workbook.properties.language = language
    workbook.properties.creator = "sheetlab"
    workbook.properties.created = datetime.datetime(2026, 1, 1)
    workbook.calculation.fullCalcOnLoad = True
    return ignore_errors(file_of(workbook)), example


def file_of(workbook: Workbook) -> bytes:
    """The bytes of a workbook's file; raises `WorkbookError` where the disk is full."""
    stream = io.BytesIO()
    try:
        # openpyxl writes each sheet into a file aside first.
        workbook.save(stream)
    except etree.SerialisationError as error:
        folder = tempfile.gettempdir()
        raise WorkbookError(
            Text(
                f"{folder}: cannot be written to ({error}); check the disk.",
                f"{folder}: 쓸 수 없습니다({error}). 디스크를 확인하십시오.",
            )
        ) from error
    return stream.getvalue()


def _write_example(lesson: Lesson, inputs: LessonInputs, sheet: Sheet) -> Example:
    board = Board(inputs, Words(lesson.title, lesson.equation, ()))
    tries = shown_tries(lesson, board)[:TRIES_IN_STRIP]
    # As many lines whatever the inputs are, so that everything stands where it stood.
    tries += [same("")] * (min(len(lesson.to_try), TRIES_IN_STRIP) - len(tries))
    board.words = Words(lesson.title, lesson.equation, tuple(tries))
    lesson.write(board, inputs)
    quantities = board.quantities.values()
    given = [quantity.name for quantity in quantities if quantity.name == quantity.field]
    reference = lesson.reference(inputs, given)
    write_board(board, sheet, reference, (CHECK_SHEET, ABOUT_SHEET))
    return Example(lesson, board, sheet, reference)


def _input_names(sheet: Sheet) -> dict[str, list[str]]:
    """Names for the cells of inputs that are only a part of the quantity of their name."""
    for field in sheet.input_areas:
        if INPUT_NAME.format(field) in sheet.quantity_areas:
            raise AuthoringError(
                f"quantity '{INPUT_NAME.format(field)}' has the name of the cells of the input"
                f" '{field}' in the workbook; give it another"
            )
    return {
        INPUT_NAME.format(field): areas
        for field, areas in sheet.input_areas.items()
        if sheet.quantity_areas.get(field) != areas
    }


def _shape(sheet: Sheet, inputs: LessonInputs) -> dict[str, object]:
    """The inputs that have no cells of their own, since they shape the sheet.

    Of a table, whose columns have cells, what these are called and which categories they have.
    """
    shape: dict[str, object] = {}
    for field, constraint in constraints(type(inputs)).items():
        value = getattr(inputs, field)
        if constraint.columns is not None:
            shape[field] = [(column.name, column.label, column.categories) for column in value]
        elif field not in sheet.input_areas:
            shape[field] = value
    return shape
