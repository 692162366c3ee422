"""What is verified: a workbook of a lesson, its inputs as they stand in its cells."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetlab.building import INPUT_NAME, LESSON_PROPERTY, SHAPE_PROPERTY
from sheetlab.checking.agreement import Expected
from sheetlab.checking.engines import CellValues
from sheetlab.engine import Book, load
from sheetlab.errors import InputError
from sheetlab.files.fingerprint import read_property
from sheetlab.files.package import read_parts
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.lessons import Lesson, lesson
from sheetlab.text import Text

CellAddress = tuple[str, str]


@dataclass(frozen=True)
class Subject:
    """A workbook, the lesson that it is, and what its cells should be worth.

    `cells` lists the cells of each quantity (empty where the name is gone), `reference` the
    values of each, row by row.
    """

    path: Path
    lesson: Lesson
    inputs: LessonInputs
    own_values: CellValues
    cells: dict[str, list[CellAddress]]
    reference: dict[str, list[Expected]]

    @property
    def is_the_slide(self) -> bool:
        """Whether the inputs are those of the slide, so that its figures apply."""
        return self.inputs == self.lesson.inputs()


def read_subject(path: Path) -> Subject:
    """The workbook at `path` and what it should say.

    Raises `InputError` where it is no workbook of a lesson or an input cell is not usable,
    `WorkbookError` where it is no workbook at all.
    """
    parts = read_parts(path)
    name = read_property(parts, LESSON_PROPERTY)
    if name is None:
        raise InputError(
            Text(
                f"{path}: is not a workbook of a lesson, so there is nothing to verify it against;"
                f" sheetlab eval {path} REF calculates its cells.",
                f"{path}: 예제 파일이 아니어서 비교할 기준이 없습니다."
                f" sheetlab eval {path} REF로 셀의 값을 구할 수 있습니다.",
            )
        )
    subject = lesson(name)
    book = load(path)
    shape = json.loads(read_property(parts, SHAPE_PROPERTY) or "{}")
    inputs = _read_inputs(path, subject, book, shape)
    return Subject(
        path=path,
        lesson=subject,
        inputs=inputs,
        own_values=book.values(),
        cells={quantity: _cells(book, quantity) for quantity in subject.quantities},
        reference={
            quantity: array.ravel().tolist()
            for quantity, array in subject.reference(inputs).items()
        },
    )


def _read_inputs(path: Path, subject: Lesson, book: Book, shape: dict[str, Any]) -> LessonInputs:
    given = dict(shape)
    values = book.values()
    for field, constraint in constraints(subject.inputs).items():
        if field in shape:
            continue
        cells = _cells(book, INPUT_NAME.format(field)) or _cells(book, field)
        read = [values.get(cell) for cell in cells]
        given[field] = read if constraint.length else (read or [None])[0]
    try:
        return subject.inputs(**given)
    except InputError as error:
        message = error.message
        raise InputError(Text(f"{path}: {message.en}", f"{path}: {message.ko}")) from error


def _cells(book: Book, name: str) -> list[CellAddress]:
    return book.range_refs(name) if name in book.names() else []
