"""From a lesson to a file: written, recalculated, sealed; and whether a file is still so."""

import math
import re
import tempfile
from pathlib import Path

from sheetlab.authoring import Sheet
from sheetlab.building.workbook import write_workbook
from sheetlab.engine import Book, load
from sheetlab.errors import WorkbookError
from sheetlab.files.fingerprint import is_sealed, seal
from sheetlab.files.package import read_parts, write_parts
from sheetlab.inputs import LessonInputs
from sheetlab.lessons import Lesson
from sheetlab.text import Language, Text

Parts = dict[str, bytes]

# Two machines may differ in the last digit of a logarithm; the workbook is the same all the same.
SAME_VALUE = 1e-12

_CACHED_VALUE = re.compile(rb"<v>([^<]*)</v>")
_SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_NO_DATE = rb"\g<1>2026-01-01T00:00:00Z\g<2>"


def calculate(lesson: Lesson, inputs: LessonInputs, language: Language) -> tuple[Book, Sheet]:
    """The lesson's workbook recalculated, and its first sheet as it was written."""
    written, sheet = write_workbook(lesson, inputs, language)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{lesson.name}.xlsx"
        draft.write_bytes(written)
        return load(draft), sheet


def build(lesson: Lesson, inputs: LessonInputs, language: Language) -> Parts:
    """The parts of the lesson's finished workbook: values cached, fingerprint set.

    The same lesson, inputs and language give the same bytes.
    """
    book, _ = calculate(lesson, inputs, language)
    parts, core = book.parts(), "docProps/core.xml"
    return seal({**parts, core: _SAVED_AT.sub(_NO_DATE, parts[core])})


def write_built(parts: Parts, path: Path, *, force: bool = False) -> None:
    """Write a built workbook, unless a person changed the file there and `force` is not set.

    Raises `WorkbookError` then, and where the file cannot be written; the old file stays whole.
    """
    if path.exists() and not force and not _is_untouched(path):
        raise WorkbookError(
            Text(
                f"{path}: was changed since it was built, or is not from sheetlab; keep it under"
                " another name, or overwrite it with --force.",
                f"{path}: 만든 뒤에 바뀌었거나 sheetlab이 만든 파일이 아닙니다. 다른 이름으로"
                " 보관하거나 --force로 덮어쓰십시오.",
            )
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbookError(
            Text(
                f"{path.parent}: the folder cannot be made ({error.strerror}); give another"
                " one with --out.",
                f"{path.parent}: 폴더를 만들 수 없습니다({error.strerror}). --out으로 다른"
                " 폴더를 주십시오.",
            )
        ) from error
    write_parts(path, parts)


def is_current(parts: Parts, path: Path) -> bool:
    """Whether the file there is what the code builds now, cached values up to `SAME_VALUE`."""
    try:
        there = read_parts(path)
    except WorkbookError:
        return False
    # docProps/custom.xml holds the fingerprint, which tells last digits apart.
    return there.keys() == parts.keys() and all(
        _same_part(there[name], parts[name]) for name in parts if name != "docProps/custom.xml"
    )


def _is_untouched(path: Path) -> bool:
    try:
        return is_sealed(read_parts(path))
    except WorkbookError:
        return False


def _same_part(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    # Cached values stand at odd places between the text around them.
    ones, others = _CACHED_VALUE.split(one), _CACHED_VALUE.split(other)
    return (
        len(ones) == len(others)
        and ones[::2] == others[::2]
        and all(map(_same_value, ones[1::2], others[1::2]))
    )


def _same_value(one: bytes, other: bytes) -> bool:
    try:
        return one == other or math.isclose(
            float(one), float(other), rel_tol=SAME_VALUE, abs_tol=SAME_VALUE
        )
    except ValueError:
        return False
