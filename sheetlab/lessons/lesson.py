"""What a lesson is: its inputs, its sheet, its NumPy reference, and the words around them."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from sheetlab.authoring import Sheet
from sheetlab.inputs import LessonInputs
from sheetlab.ledger import Figure, ledger
from sheetlab.text import Text

Reference = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Lesson:
    """One worked example.

    `write` lays it out on a sheet with formulas; `reference` computes the same quantities from
    the mathematics; `quantities` names them all, with a label for people.
    """

    name: str
    title: Text
    sheet_name: str
    quantities: Mapping[str, Text]
    how_to_read: tuple[Text, ...]
    to_try: tuple[Text, ...]
    inputs: type[LessonInputs]
    write: Callable[[Sheet, Any], None]
    reference: Callable[[Any], Reference]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What the slides print of this lesson."""
        return ledger().get(self.name, ())

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The slides that it comes from: pairs of file and section."""
        return tuple(dict.fromkeys((figure.source, figure.section) for figure in self.figures))


def read_lesson(name: str) -> Lesson:
    """The lesson that the module `sheetlab.lessons.<name>` describes."""
    module: ModuleType = importlib.import_module(f"sheetlab.lessons.{name}")
    return Lesson(
        name=name,
        title=module.TITLE,
        sheet_name=module.SHEET_NAME,
        quantities=module.QUANTITIES,
        how_to_read=module.HOW_TO_READ,
        to_try=module.TO_TRY,
        inputs=module.Inputs,
        write=module.write,
        reference=module.reference,
    )
