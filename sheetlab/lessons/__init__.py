"""The lessons, one file each. To add one is to write its file."""

import pkgutil

from sheetlab.errors import InputError
from sheetlab.lessons.lesson import Lesson, Reference, read_lesson
from sheetlab.text import Text

__all__ = ["Lesson", "Reference", "lesson", "lesson_names", "lessons"]


def lesson_names() -> list[str]:
    """The names of all lessons, sorted."""
    return sorted(
        module.name for module in pkgutil.iter_modules(__path__) if module.name != "lesson"
    )


def lesson(name: str) -> Lesson:
    """The lesson of that name; raises `InputError` where there is none."""
    names = lesson_names()
    if name not in names:
        raise InputError(
            Text(
                f"There is no lesson '{name}'; the lessons are {', '.join(names)}.",
                f"'{name}'(이)라는 예제는 없습니다. 예제는 {', '.join(names)}입니다.",
            )
        )
    return read_lesson(name)


def lessons() -> list[Lesson]:
    """All lessons, sorted by name."""
    return [read_lesson(name) for name in lesson_names()]
