"""Texts of a board in one language, with addresses in place of names."""

from collections.abc import Mapping

from sheetlab.authoring.axes import Axis
from sheetlab.authoring.compiling import with_addresses
from sheetlab.authoring.quantities import Quantity
from sheetlab.text import Language, Text


def text_of(text: Text, quantities: Mapping[str, Quantity], language: Language) -> str:
    """A text in one language, `{name}` in it an address."""
    return with_addresses(text.to(language), quantities)


def shown(label: Text | float | str, language: Language) -> str:
    """A label as it stands in a cell."""
    if isinstance(label, Text):
        return label.to(language)
    return label if isinstance(label, str) else f"{label:g}"


def format_of(number_format: str, language: Language) -> str:
    """A number format in one language: `'0" epoch"|0" 에포크"'`."""
    en, bar, ko = number_format.partition("|")
    return ko if bar and language == "ko" else en


def axis_label(axis: Axis, place: int) -> Text | float:
    """The label of a place on an axis: its number, counted from 1, where it has none."""
    return place + 1 if axis.labels is None else axis.labels[place]


def with_label(text: Text, label: Text | float) -> Text:
    """A text in which `{}` has become a label."""
    return Text(
        text.en.replace("{}", shown(label, "en")), text.ko.replace("{}", shown(label, "ko"))
    )
