"""FILTERXML: what an XPath finds in an XML, without entities and network, in bounded time."""

import functools
import re

from lxml import etree

from sheetlab.engine import budget
from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.arrays import packed
from sheetlab.engine.values.conversions import number_of_text
from sheetlab.engine.values.value import Array, ErrorValue, Scalar

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
# What may lead from one node to all others.
_FAR = re.compile(r"//|(?:ancestor|descendant|following|preceding)[\w-]*\s*::")
_STEP = re.compile(r"[/|,(=<>]")
# A visit of so many nodes takes as long as a step of the budget.
_NODES_OF_A_STEP = 16
_CHARACTERS_OF_A_NODE = 16


def _filter_xml(xml: str, path: str) -> Array:
    root = _parsed(xml)
    budget.current().spend(_visits(path, _size(xml)) / _NODES_OF_A_STEP)
    try:
        found = _compiled(path)(root)
    except etree.XPathError as error:
        raise ErrorValue("#VALUE!") from error
    if not isinstance(found, list) or not found:
        raise ErrorValue("#VALUE!")
    values = [_value(node) for node in found]
    return packed(values, (len(values), 1))


def _parsed(xml: str) -> etree._Element:
    # Entities are declared in a document type; they can expand without end, or read files.
    if "<!DOCTYPE" in xml:
        raise ErrorValue("#VALUE!")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml).encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise ErrorValue("#VALUE!") from error


@functools.lru_cache(maxsize=64)
def _compiled(path: str) -> etree.XPath:
    try:
        # Names of functions beyond XPath 1.0 have a prefix, and none is declared.
        return etree.XPath(path, regexp=False, smart_strings=False)
    except (etree.XPathError, ValueError) as error:
        raise ErrorValue("#VALUE!") from error


def _size(xml: str) -> int:
    """About how many nodes there are to visit, their texts as several."""
    return 1 + xml.count("<") + xml.count("=") + len(xml) // _CHARACTERS_OF_A_NODE


def _visits(path: str, size: int) -> float:
    """How many nodes a path may visit at most, about.

    A predicate is tried on each node that is found before it. Of steps that lead far, the first
    visits each node once; a second one may visit each from each, and what it finds is looked for
    among all that were found, as what stands behind a `|` is.
    """
    levels = [""]
    texts: dict[int, str] = {}
    for part in re.split(r"([\[\]])", _LITERAL.sub("", path)):
        if part == "[":
            levels.append("")
        elif part == "]":
            if len(levels) > 1:
                levels.pop()
        else:
            depth = len(levels)
            texts[depth] = texts.get(depth, "") + " " + part
    visits = 1.0
    for text in texts.values():
        steps = 1 + len(_STEP.findall(text))
        visits *= steps * float(size) ** (3 if len(_FAR.findall(text)) > 1 else 1 + ("|" in text))
    return visits


def _value(node: object) -> Scalar:
    """The text of a node, as a number where it looks like one."""
    if isinstance(node, etree._Element):
        text = str(node.xpath("string()"))
    elif isinstance(node, tuple):
        # The declaration of a namespace.
        text = str(node[1])
    else:
        text = str(node)
    text = text.strip()
    number = number_of_text(text)
    return text if number is None else number


FUNCTIONS: dict[str, Function] = {
    "FILTERXML": Function(_filter_xml, ("text", "text"), spreads=True)
}
