"""The parts that are XML, parsed without entities and without the network."""

import posixpath
from collections.abc import Mapping

from lxml import etree

from sheetlab.errors import WorkbookError
from sheetlab.text import Text

_RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATIONSHIP_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def parse(parts: Mapping[str, bytes], name: str) -> etree._Element:
    """The root of one part. Raises `WorkbookError` where it is missing or no valid XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(parts[name], parser)
    except KeyError:
        raise WorkbookError(
            Text(
                f"The workbook lacks its part {name}; open it in Excel and save it anew.",
                f"통합 문서에 {name} 부분이 없습니다. Excel에서 열어 다시 저장하십시오.",
            )
        ) from None
    except etree.XMLSyntaxError as error:
        raise WorkbookError(
            Text(
                f"The part {name} of the workbook is damaged ({error.msg});"
                " open it in Excel and save it anew.",
                f"통합 문서의 {name} 부분이 손상되었습니다({error.msg})."
                " Excel에서 열어 다시 저장하십시오.",
            )
        ) from error


def serialize(root: etree._Element) -> bytes:
    """The bytes of a part, as Excel declares its own."""
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return declaration + etree.tostring(root, encoding="unicode").encode()


def worksheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part of each worksheet by the sheet's name, in the order of the tabs."""
    targets = {
        relation.get("Id"): posixpath.normpath(
            posixpath.join("/xl", relation.get("Target", ""))
        ).lstrip("/")
        for relation in parse(parts, "xl/_rels/workbook.xml.rels").iterfind("{*}Relationship")
        if relation.get("Type", "").endswith("/worksheet")
    }
    return {
        sheet.get("name", ""): targets[link]
        for sheet in parse(parts, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet")
        if (link := sheet.get(_RELATIONSHIP_ID) or sheet.get(_STRICT_RELATIONSHIP_ID)) in targets
    }
