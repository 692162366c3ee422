"""The pieces of XML that charts are made of (ECMA-376 part 1, 20.1 and 21.2)."""

from xml.etree import ElementTree

from openpyxl.xml.constants import CHART_NS, DRAWING_NS
from openpyxl.xml.functions import Element

from sheetlab.authoring.charts.looks import Dash
from sheetlab.authoring.style import FONT_NAMES
from sheetlab.text import Language

Xml = ElementTree.Element
Child = Xml | str | None

EMU_OF_A_POINT = 12700
_ON_ITS_SIDE = "-5400000"  # in 60000ths of a degree
_LOCALES: dict[Language, str] = {"en": "en-US", "ko": "ko-KR"}
_DASHES: dict[Dash, str] = {
    "solid": "solid",
    "dashed": "dash",
    "dotted": "sysDot",
    "dash-dot": "dashDot",
    "long-dash": "lgDash",
}


def c(tag: str, *children: Child, **attributes: object) -> Xml:
    """An element of the chart's namespace; a child that is a text is its text, None is none."""
    return element(CHART_NS, tag, *children, **attributes)


def element(namespace: str, tag: str, *children: Child, **attributes: object) -> Xml:
    """An element of any namespace."""
    made = Element(
        f"{{{namespace}}}{tag}", {name: str(value) for name, value in attributes.items()}
    )
    for child in children:
        if isinstance(child, str):
            made.text = child
        elif child is not None:
            made.append(child)
    return made


def shape_properties(fill: str | None, outline: Xml) -> Xml:
    """How an area is filled (RRGGBB, None for not at all) and outlined."""
    return c("spPr", _fill(fill), outline)


def line(colour: str, width: float, dash: Dash = "solid") -> Xml:
    """A line in RRGGBB, its width in points."""
    return _a(
        "ln",
        _fill(colour),
        _a("prstDash", val=_DASHES[dash]),
        _a("round"),
        w=round(width * EMU_OF_A_POINT),
        cap="rnd" if dash == "solid" else "flat",
    )


def no_line() -> Xml:
    """No line where there would be one."""
    return _a("ln", _fill(None))


def text_properties(size: int, colour: str, language: Language) -> Xml:
    """How numbers and names are written that the program takes from the cells."""
    characters = _characters("defRPr", size, colour, language)
    paragraph = _a("p", _a("pPr", characters), _a("endParaRPr", lang=_LOCALES[language]))
    return c("txPr", _a("bodyPr"), _a("lstStyle"), paragraph)


def rich_text(
    text: str,
    size: int,
    colour: str,
    language: Language,
    *,
    bold: bool = False,
    on_its_side: bool = False,
) -> Xml:
    """A text of the chart's own, to be read upwards where it lies on its side."""
    defaults = _characters("defRPr", size, colour, language, bold)
    run = _a("r", _characters("rPr", size, colour, language, bold), _a("t", text))
    body = _a("bodyPr", rot=_ON_ITS_SIDE if on_its_side else 0, vert="horz")
    return c("tx", c("rich", body, _a("lstStyle"), _a("p", _a("pPr", defaults), run)))


def locale(language: Language) -> Xml:
    """The language of the chart's texts."""
    return c("lang", val=_LOCALES[language])


def _characters(tag: str, size: int, colour: str, language: Language, bold: bool = False) -> Xml:
    face = FONT_NAMES[language]
    return _a(
        tag,
        _fill(colour),
        _a("latin", typeface=face),
        _a("ea", typeface=face),
        _a("cs", typeface=face),
        lang=_LOCALES[language],
        sz=size * 100,
        b=int(bold),
    )


def _fill(colour: str | None) -> Xml:
    return _a("noFill") if colour is None else _a("solidFill", _a("srgbClr", val=colour))


def _a(tag: str, *children: Child, **attributes: object) -> Xml:
    return element(DRAWING_NS, tag, *children, **attributes)
