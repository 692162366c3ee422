"""From a lesson to a file: written, recalculated, sealed; where it goes, and what stays there."""

import hashlib
import io
import json
import math
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sheetlab.building.index_workbook import INDEX, index_path, write_index
from sheetlab.building.workbook import Example, write_workbook
from sheetlab.engine import Book, load
from sheetlab.errors import SheetlabError, WorkbookError
from sheetlab.files.chart_caches import cache_chart_points
from sheetlab.files.fingerprint import is_sealed, read_property, seal, write_property
from sheetlab.files.package import read_parts, write_parts
from sheetlab.inputs import LessonInputs
from sheetlab.lessons import Lesson, lesson
from sheetlab.processes import Processes
from sheetlab.text import Language, Text

Parts = dict[str, bytes]

FOLDER = Path("workbooks")
OWN_FOLDER = FOLDER / "own"

# What a workbook was built from, so that no other build replaces it unasked.
ORIGIN_PROPERTY = "sheetlab origin"

# Two machines may differ in the last digit of a logarithm; the workbook is the same all the same.
SAME_VALUE = 1e-12

_CACHED_VALUE = re.compile(rb"<(?:c:)?v>([^<]*)</")
_SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_NO_DATE = rb"\g<1>2026-01-01T00:00:00Z\g<2>"


@dataclass(frozen=True)
class Order:
    """A workbook that is to be built: of which lesson, from what, and where to.

    Without inputs it is the table of contents.
    """

    lesson: str
    inputs: LessonInputs | None
    language: Language
    path: Path


@dataclass(frozen=True)
class Outcome:
    """What became of an order: the file was written, was current already, or is not (stale).

    `error` says why there is none of these.
    """

    order: Order
    state: Literal["written", "current", "stale", "failed"]
    error: SheetlabError | None = None


def calculate(lesson: Lesson, inputs: LessonInputs, language: Language) -> tuple[Book, Example]:
    """The lesson's workbook recalculated, and its first sheet as it was written."""
    written, example = write_workbook(lesson, inputs, language)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{lesson.name}.xlsx"
        draft.write_bytes(written)
        return load(draft, strict=True), example


def build(lesson: Lesson, inputs: LessonInputs, language: Language) -> Parts:
    """The parts of the lesson's finished workbook: values cached, fingerprint set.

    The same lesson, inputs and language give the same bytes.
    """
    book, _ = calculate(lesson, inputs, language)
    parts, core = cache_chart_points(book.parts(), book.values()), "docProps/core.xml"
    parts = {**parts, core: _SAVED_AT.sub(_NO_DATE, parts[core])}
    return seal(write_property(parts, ORIGIN_PROPERTY, _origin(lesson, inputs, language)))


def build_index(language: Language) -> Parts:
    """The parts of the table of contents; the same lessons and language give the same bytes."""
    with zipfile.ZipFile(io.BytesIO(write_index(language))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    core = "docProps/core.xml"
    parts[core] = _SAVED_AT.sub(_NO_DATE, parts[core])
    return seal(write_property(parts, ORIGIN_PROPERTY, f"{language} index"))


def index_order(language: Language, out: Path | None = None) -> Order:
    """The table of contents, beside the workbooks that it links to."""
    folder = out or (FOLDER if language == "en" else FOLDER / language)
    return Order(INDEX, None, language, index_path(folder))


def workbook_path(
    lesson: Lesson, inputs: LessonInputs, language: Language, out: Path | None = None
) -> Path:
    """Where a workbook goes: into `out`, or where no other one of the lesson is.

    Without `out` that is `workbooks/` for the slide's inputs in English, `workbooks/ko/` in
    Korean, and `workbooks/own/` or `workbooks/own/ko/` for other inputs.
    """
    folder = out
    if folder is None:
        folder = FOLDER if inputs == lesson.inputs() else OWN_FOLDER
        folder = folder if language == "en" else folder / language
    return folder / f"{lesson.name}.xlsx"


def write_built(parts: Parts, path: Path, *, force: bool = False) -> bool:
    """Write a built workbook unless the one there is current; whether it was written.

    Raises `WorkbookError` where a person changed the file there, or it was built from other
    inputs or in another language, and `force` is not set; and where the file cannot be read or
    written. The old file stays whole then. In `workbooks/own/`, where inputs are tried out, one
    build replaces another. With `force` the file is written in any case.
    """
    if not force and path.exists():
        there = _read_there(path)
        if there is not None and _same_parts(there, parts):
            return False
        if there is None or not is_sealed(there):
            raise WorkbookError(
                Text(
                    f"{path}: was changed since it was built, or is not from sheetlab; keep it"
                    " under another name, or overwrite it with --force.",
                    f"{path}: 만든 뒤에 바뀌었거나 sheetlab이 만든 파일이 아닙니다. 다른 이름으로"
                    " 보관하거나 --force로 덮어쓰십시오.",
                )
            )
        origins = {read_property(built, ORIGIN_PROPERTY) for built in (there, parts)}
        if len(origins) > 1 and not path.is_relative_to(OWN_FOLDER):
            raise WorkbookError(
                Text(
                    f"{path}: was built from other inputs or in another language; give another"
                    " folder with --out, or overwrite it with --force.",
                    f"{path}: 다른 입력이나 다른 언어로 만든 파일입니다. --out으로 다른 폴더를"
                    " 주거나 --force로 덮어쓰십시오.",
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
    return True


def is_current(parts: Parts, path: Path) -> bool:
    """Whether the file there is what the code builds now, cached values up to `SAME_VALUE`."""
    try:
        return _same_parts(read_parts(path), parts)
    except WorkbookError:
        return False


@contextmanager
def carried_out(
    orders: Sequence[Order], *, force: bool = False, check: bool = False
) -> Iterator[Iterator[Outcome]]:
    """The outcomes of the orders, one after the other in their sequence, on all cores.

    What cannot be written does not keep the rest from being built. With `check` nothing is
    written: a file is current or stale.
    """
    with Processes(len(orders), to_the_end=True) as processes:
        yield processes.map(_carry_out, [(order, force, check) for order in orders])


def _carry_out(order: Order, force: bool, check: bool) -> Outcome:
    if order.inputs is None:
        parts = build_index(order.language)
    else:
        parts = build(lesson(order.lesson), order.inputs, order.language)
    if check:
        return Outcome(order, "current" if is_current(parts, order.path) else "stale")
    try:
        written = write_built(parts, order.path, force=force)
    except WorkbookError as error:
        return Outcome(order, "failed", error)
    return Outcome(order, "written" if written else "current")


def _origin(lesson: Lesson, inputs: LessonInputs, language: Language) -> str:
    """What the workbook is built from; the slide's inputs stay the same when the code changes."""
    if inputs == lesson.inputs():
        return f"{language} slide"
    given = json.dumps(asdict(inputs), sort_keys=True).encode()
    return f"{language} {hashlib.sha256(given).hexdigest()[:16]}"


def _read_there(path: Path) -> Parts | None:
    """The parts of the file there, None where it is no workbook."""
    try:
        return read_parts(path)
    except WorkbookError as error:
        if isinstance(error.__cause__, OSError):  # It may be a workbook, but cannot be read.
            raise
        return None


def _same_parts(there: Parts, parts: Parts) -> bool:
    # docProps/custom.xml holds the fingerprint, which tells last digits apart.
    return there.keys() == parts.keys() and all(
        _same_part(there[name], parts[name]) for name in parts if name != "docProps/custom.xml"
    )


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
