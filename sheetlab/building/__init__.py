"""From a lesson to its workbook on disk."""

from sheetlab.building.build import (
    FOLDER,
    Order,
    Outcome,
    build,
    build_index,
    calculate,
    carried_out,
    index_order,
    is_current,
    workbook_path,
    write_built,
)
from sheetlab.building.index_workbook import lessons_by_lecture
from sheetlab.building.workbook import (
    INPUT_NAME,
    LESSON_PROPERTY,
    SHAPE_PROPERTY,
    Example,
    write_workbook,
)

__all__ = [
    "FOLDER",
    "INPUT_NAME",
    "LESSON_PROPERTY",
    "SHAPE_PROPERTY",
    "Example",
    "Order",
    "Outcome",
    "build",
    "build_index",
    "calculate",
    "carried_out",
    "index_order",
    "is_current",
    "lessons_by_lecture",
    "workbook_path",
    "write_built",
    "write_workbook",
]
