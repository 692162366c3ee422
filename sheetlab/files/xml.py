"""The parts that are XML, parsed without entities and without the network."""

import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from sheetlab.errors import MalformedError, WorkbookError
from sheetlab.messages import Message
from sheetlab.text import Text

WORKBOOK_PART = "xl/workbook.xml"

_RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATIONSHIP_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']""")
_BEFORE_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->)")
_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<!")
# Packages are in UTF-8 or UTF-16 (ECMA-376 part 2, 6.2.5); these are what careless writers declare.
# Python knows others, some of which take a quadratic time to decode.
_ENCODINGS = frozenset(
    (
        *("utf-8", "utf8", "utf-16", "utf-16-le", "utf-16-be", "us-ascii", "ascii"),
        *("iso-8859-1", "latin-1", "windows-1252", "euc-kr", "cp949", "shift_jis", "gb2312"),
    )
)
# A tree takes a hundred bytes and more for each element, attribute and text.
MAX_NODES = 8_000_000
_WORKBOOK = Text("The workbook", "통합 문서")
_UTF_8 = ("utf-8", "utf8")
_UTF_16_STARTS = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = "[\ud800-\udfff]"


class Relation(NamedTuple):
    """One relation of a part: its kind, such as "worksheet", and the part it leads to."""

    kind: str
    target: str


# So much of what is wrong is told.
_SHOWN = 40


def parse(
    parts: Mapping[str, bytes], name: str, path: Path | None = None, max_nodes: int = MAX_NODES
) -> etree._Element:
    """The root of one part.

    Raises `WorkbookError`, which names the file at `path` where it is given, for a part that is
    missing, is no valid XML, declares a document type or has more than `max_nodes`.
    """
    return parse_content(content(parts, name, path), name, path, max_nodes)


def node_count(xml: bytes) -> int:
    """About how many nodes a tree of some XML has, at most."""
    return xml.count(b"<") + 2 * xml.count(b"=")


def parse_content(
    xml: bytes, name: str, path: Path | None = None, max_nodes: int = MAX_NODES
) -> etree._Element:
    """The root of what `content` gave; raises `WorkbookError` where it is no valid XML."""
    if node_count(xml) > max_nodes:
        raise damaged(name, Message("too_many_nodes", most=max_nodes), path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(name, Message("invalid_xml", said=error.msg), path) from error


def each(parts: Mapping[str, bytes], name: str, tag: str, path: Path) -> Iterator[etree._Element]:
    """The elements of a tag in a part, one after the other, which are never all in the memory.

    Raises what `parse` raises.
    """
    xml = io.BytesIO(content(parts, name, path))
    try:
        for _, element in etree.iterparse(
            xml, tag=tag, resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
        ):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise damaged(name, Message("invalid_xml", said=error.msg), path) from error


def content(parts: Mapping[str, bytes], name: str, path: Path | None = None) -> bytes:
    """The XML of one part in UTF-8, whatever its own encoding, free of any document type.

    A document type is where entities are declared, which can expand without end or read files.
    Raises `WorkbookError` where the part is missing, declares one, or is not in its encoding.
    """
    xml = parts.get(name)
    if xml is None:
        raise WorkbookError("missing_part", path=path or _WORKBOOK, part=name)
    encoding = _encoding_of(xml)
    if encoding not in _UTF_8:
        if encoding not in _ENCODINGS:
            raise damaged(name, f"encoding={encoding!r}", path)
        try:
            xml = xml.decode(encoding).encode()
        except (UnicodeError, LookupError) as error:
            raise damaged(name, Message("not_in_encoding", encoding=encoding), path) from error
    if _declares_type(xml):
        raise damaged(name, "<!DOCTYPE", path)
    return xml


def needs_no_decoding(start: bytes) -> bool:
    """Whether `content` gives a part as it is, as far as the start of a part can tell."""
    return _encoding_of(start) in _UTF_8 and not _declares_type(start)


def _encoding_of(xml: bytes) -> str:
    declared = _DECLARED_ENCODING.match(xml)
    encoding = "utf-8" if declared is None else declared[1].decode("ascii").lower()
    return _UTF_16_STARTS.get(xml[:2], encoding)


def _declares_type(xml: bytes) -> bool:
    """Whether a document type stands before the root, which is the only place for it."""
    at = 0
    while (found := _BEFORE_ROOT.match(xml, at)) is not None:
        at = found.end()
    return _TYPE.match(xml, at) is not None


def damaged(name: str, why: str | Message, path: Path | None = None) -> WorkbookError:
    """What to raise where a part is not as it must be; a text is told in both languages."""
    return WorkbookError("damaged_part", path=path or _WORKBOOK, part=name, why=why)


def serialize(root: etree._Element) -> bytes:
    """The bytes of a part, as Excel declares its own."""
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return declaration + etree.tostring(root, encoding="unicode").encode()


def in_utf_8(xml: bytes, before: bytes) -> bytes:
    """What was made of the `content` of a part, with a declaration that is true of it."""
    if _DECLARED_ENCODING.match(before) is None and before[:2] not in _UTF_16_STARTS:
        return xml
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return re.sub(rb"^(?:\xef\xbb\xbf)?<\?xml[^>]*\?>", lambda _: declaration, xml, count=1)


def text_of(element: etree._Element | None) -> str:
    """All text inside of an element, without comments; "" for None."""
    if element is None:
        return ""
    return str(element.xpath("string()")) if len(element) else element.text or ""


def below(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The elements at a path of names in any namespace, as `iterfind` gives them.

    That takes some time to understand a path that it was not given before.
    """
    name, *others = names
    for child in element.iterchildren(f"{{*}}{name}"):
        if others:
            yield from below(child, *others)
        else:
            yield child


def in_namespace_of(element: etree._Element, tag: str) -> str:
    """A tag as in the namespace of an element; the same word in another means something else."""
    namespace = etree.QName(element).namespace
    return tag if namespace is None else f"{{{namespace}}}{tag}"


def decode_escapes(text: str) -> str:
    """The text with "_x000A_" and its like decoded, which Excel writes for what XML cannot hold."""
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    if re.search(_SURROGATE, decoded) is None:
        return decoded
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def relations(
    parts: Mapping[str, bytes], part: str, path: Path | None = None
) -> dict[str, Relation]:
    """The relations of a part to other parts, by id; none where the part has no relations.

    Raises `WorkbookError` where they are damaged.
    """
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels"
    if links not in parts:
        return {}
    return {
        relation.get("Id", ""): Relation(
            relation.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join(f"/{folder}", relation.get("Target", ""))).lstrip(
                "/"
            ),
        )
        for relation in below(parse(parts, links, path), "Relationship")
        if relation.get("TargetMode") != "External"
    }


def relation_of(
    element: etree._Element,
    links: Mapping[str, Relation],
    part: str,
    path: Path | None = None,
) -> Relation:
    """The relation that an element of a part refers to by its r:id.

    Raises `WorkbookError` where the part has no such relation.
    """
    link = element.get(_RELATIONSHIP_ID) or element.get(_STRICT_RELATIONSHIP_ID) or ""
    if link not in links:
        raise damaged(part, f"r:id={link!r}", path)
    return links[link]


def worksheet_parts(parts: Mapping[str, bytes], path: Path | None = None) -> dict[str, str]:
    """The part of each worksheet by the sheet's name, in the order of the tabs.

    Raises `WorkbookError` where the workbook, its relations or a worksheet is missing or
    damaged, or where two sheets have one name or one part.
    """
    links = relations(parts, WORKBOOK_PART, path)
    return worksheets_of(parse(parts, WORKBOOK_PART, path), links, parts, path)


def worksheets_of(
    workbook: etree._Element,
    links: Mapping[str, Relation],
    parts: Mapping[str, bytes],
    path: Path | None = None,
) -> dict[str, str]:
    """What `worksheet_parts` gives, of a workbook part that is parsed, with its relations."""
    found: dict[str, str] = {}
    names: set[str] = set()
    targets: set[str] = set()
    for sheet in below(workbook, "sheets", "sheet"):
        kind, target = relation_of(sheet, links, WORKBOOK_PART, path)
        if kind != "worksheet":
            continue
        name = sheet.get("name", "")
        if not name or name.lower() in names:
            raise damaged(WORKBOOK_PART, f"<sheet name={name!r}>", path)
        if target in targets:
            raise damaged(WORKBOOK_PART, Message("two_sheets", part=target), path)
        if target not in parts:
            content(parts, target, path)
        names.add(name.lower())
        targets.add(target)
        found[name] = target
    return found


def count_of(text: str) -> int:
    """A count from 0; `MalformedError` for any other text."""
    if not (text.isascii() and text.isdigit()):
        raise MalformedError("no_count", text=text[:_SHOWN])
    return int(text[:10])
