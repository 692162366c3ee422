"""From a lesson to its workbook on disk."""

from sheetlab.building.build import build, calculate, is_current, write_built
from sheetlab.building.workbook import (
    INPUT_NAME,
    LESSON_PROPERTY,
    SHAPE_PROPERTY,
    write_workbook,
)

__all__ = [
    "INPUT_NAME",
    "LESSON_PROPERTY",
    "SHAPE_PROPERTY",
    "build",
    "calculate",
    "is_current",
    "write_built",
    "write_workbook",
]
