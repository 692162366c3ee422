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
from sheetlab.files.fingerprint import is_sealed, read_property
from sheetlab.files.package import read_parts
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.ledger import Figure
from sheetlab.lessons import Lesson, lesson
from sheetlab.text import Text

CellAddress = tuple[str, str]


@dataclass(frozen=True)
class Subject:
    """A workbook of a lesson, and what its cells should be worth.

    `figures` are the printed figures that apply: none where the inputs are not the slide's.
    `cells` lists the cells of each quantity (empty where the name is gone), `reference` the
    values of each, in the same order. `is_untouched` says whether nobody changed the file since
    it was built.
    """

    path: Path
    lesson: str
    is_the_slide: bool
    is_untouched: bool
    figures: tuple[Figure, ...]
    cells: dict[str, list[CellAddress]]
    reference: dict[str, list[Expected]]


def read_subject(path: Path) -> tuple[Subject, CellValues]:
    """The workbook at `path`, what it should say, and its cells as sheetlab calculates them.

    Raises what `read_lesson_and_inputs` raises.
    """
    found, inputs, book = read_lesson_and_inputs(path)
    is_the_slide = inputs == found.inputs()
    reference = found.reference(inputs, book.names())
    subject = Subject(
        path=path,
        lesson=found.name,
        is_the_slide=is_the_slide,
        is_untouched=is_sealed(read_parts(path)),
        figures=found.figures if is_the_slide else (),
        cells={quantity: _cells(book, quantity) for quantity in reference},
        reference={quantity: array.ravel().tolist() for quantity, array in reference.items()},
    )
    return subject, book.values()


def read_lesson_and_inputs(path: Path) -> tuple[Lesson, LessonInputs, Book]:
    """The lesson that a workbook is, the inputs that stand in its cells, and the loaded book.

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
    found, book = lesson(name), load(path)
    shape = json.loads(read_property(parts, SHAPE_PROPERTY) or "{}")
    return found, _read_inputs(path, found, book, shape), book


def _read_inputs(path: Path, subject: Lesson, book: Book, shape: dict[str, Any]) -> LessonInputs:
    given = dict(shape)
    values = book.values()

    def read(name: str) -> list[Any]:
        cells = _cells(book, INPUT_NAME.format(name)) or _cells(book, name)
        return [values.get(cell) for cell in cells]

    for field, constraint in constraints(subject.inputs).items():
        if constraint.columns is not None:
            given[field] = [
                (label, read(name), categories) for name, label, categories in shape.get(field, ())
            ]
        elif field not in shape:
            given[field] = read(field) if constraint.length else (read(field) or [None])[0]
    try:
        return subject.inputs(**given)
    except InputError as error:
        message = error.message
        raise InputError(Text(f"{path}: {message.en}", f"{path}: {message.ko}")) from error


def _cells(book: Book, name: str) -> list[CellAddress]:
    return book.range_refs(name) if name in book.names() else []
