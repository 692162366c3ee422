"""What a lesson is: its inputs, its sheet, its NumPy reference, and the words around them."""

import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from sheetlab.authoring import Board
from sheetlab.inputs import LessonInputs, constraints
from sheetlab.ledger import Figure, lectures, ledger, source
from sheetlab.text import Text, bilingual

Values = np.ndarray[Any, Any]
Reference = dict[str, Values]

SLIDE_ONLY = "[slide] "


@dataclass(frozen=True)
class Try:
    """Something to try on the sheet: what to change, and what then is to be seen.

    `changes` names the inputs that change, as formulas name cells (`"x.at(3)"`), with their new
    values. `promise` is told the values of all quantities before and after, and says whether they
    show what the text says; the tests hold every lesson to its promises.
    """

    text: Text
    changes: Mapping[str, Any]
    promise: Callable[[Reference, Reference], Any]


def to_try(
    text: str, changes: Mapping[str, Any], promise: Callable[[Reference, Reference], Any]
) -> Try:
    """A thing to try; the text is `"English|한국어"`, and `{name}` in it becomes an address."""
    return Try(bilingual(text), changes, promise)


def paragraphs(text: str) -> tuple[Text, ...]:
    """Running text in both languages.

    Blank lines part the paragraphs; in each, the Korean begins with the line that begins with a
    bar. A paragraph that begins with `[slide]` stands only where the inputs are those of the slide.
    """
    found = []
    for paragraph in text.strip().split("\n\n"):
        en, bar, ko = paragraph.partition("\n|")
        if not bar:
            raise ValueError(f"no Korean stands below “{paragraph.strip()[:40]}…”")
        found.append(Text(*(" ".join(one.split()) for one in (en, ko))))
    return tuple(found)


def stacked(steps: Sequence[Reference]) -> Reference:
    """The same quantities of several steps as arrays that have the steps as their first axis."""
    return {name: np.array([one[name] for one in steps]) for name in steps[0]}


@dataclass(frozen=True)
class Lesson:
    """One worked example.

    `write` declares it on a board; `calculate` is its NumPy reference, which computes the same
    quantities from the mathematics.
    """

    name: str
    title: Text
    equation: Text
    sheet_name: str
    how_to_read: tuple[Text, ...]
    to_try: tuple[Try, ...]
    inputs: type[LessonInputs]
    write: Callable[[Board, Any], None]
    calculate: Callable[[Any], Reference]
    slides: tuple[tuple[str, str], ...]

    def reference(
        self, inputs: LessonInputs, of_inputs: Collection[str] | None = None
    ) -> Reference:
        """What the quantities are worth: what the lesson calculates, and its inputs.

        `of_inputs` are the names of quantities, of which those that are inputs of the same name
        and not calculated have the input's values; by default all inputs are there.
        """
        calculated = self.calculate(inputs)
        given = constraints(inputs)
        return {
            **calculated,
            **{
                name: np.array(inputs.values(name))
                for name, constraint in given.items()
                if constraint.columns is None
                and name not in calculated
                and (of_inputs is None or name in of_inputs)
            },
        }

    @property
    def sources(self) -> tuple[Text, ...]:
        """The slides that it comes from, as people know them."""
        return tuple(source(lectures()[lecture], section) for lecture, section in self.slides)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What the slides print of this lesson."""
        return ledger().get(self.name, ())


def read_lesson(name: str) -> Lesson:
    """The lesson that the module `sheetlab.lessons.<name>` describes."""
    module: ModuleType = importlib.import_module(f"sheetlab.lessons.{name}")
    return Lesson(
        name=name,
        title=bilingual(module.TITLE),
        equation=bilingual(module.EQUATION),
        sheet_name=module.SHEET_NAME,
        how_to_read=paragraphs(module.HOW_TO_READ),
        to_try=module.TO_TRY,
        inputs=module.Inputs,
        write=module.write,
        calculate=module.reference,
        slides=tuple(module.SLIDES),
    )
