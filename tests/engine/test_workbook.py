from pathlib import Path

import pytest

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reading.workbook import Table, Workbook, read_workbook
from sheetlab.errors import WorkbookError
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts
from sheetlab.files.shared_strings import SharedStrings

PATH = Path("folder/book.xlsx")
TRANSITIONAL = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
STRICT = (
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations_xml(*links: tuple[str, str, str], relationships: str = TRANSITIONAL[1]) -> bytes:
    items = "".join(
        f'<Relationship Id="{link}" Type="{relationships}/{kind}" Target="{target}"/>'
        for link, kind, target in links
    )
    return f'<Relationships xmlns="{PACKAGE}">{items}</Relationships>'.encode()


def parts_of(
    dialect: tuple[str, str] = TRANSITIONAL, *, prefix: str = "", properties: str = ""
) -> Parts:
    """Two worksheets with a chart sheet between, names, tables, texts and two other books."""
    main, relationships = dialect
    namespace = f'xmlns{":" + prefix if prefix else ""}="{main}" xmlns:r="{relationships}"'

    def xml(text: str) -> bytes:
        opened = text.replace("</", "\0").replace("<", f"<{prefix}:" if prefix else "<")
        closed = opened.replace("\0", f"</{prefix}:" if prefix else "</")
        return closed.replace(" NAMESPACE", f" {namespace}").encode()

    return {
        "xl/workbook.xml": xml(
            f"<workbook NAMESPACE><workbookPr{properties}/><sheets>"
            '<sheet name="Data &amp; more" sheetId="7" r:id="rId3"/>'
            '<sheet name="Chart" sheetId="2" r:id="rId2"/>'
            '<sheet name="합계" sheetId="1" r:id="rId1"/></sheets>'
            '<externalReferences><externalReference r:id="rId5"/>'
            '<externalReference r:id="rId6"/></externalReferences><definedNames>'
            "<definedName name=\"Rate\">'Data &amp; more'!$A$1</definedName>"
            '<definedName name="rate" localSheetId="2">합계!$B$2</definedName>'
            '<definedName name="gone" hidden="1">#REF!</definedName>'
            '<definedName name="_xlnm.Print_Area" localSheetId="0">$A$1:$B$2</definedName>'
            "</definedNames></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": relations_xml(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "chartsheet", "chartsheets/sheet1.xml"),
            ("rId3", "worksheet", "/xl/worksheets/sheet2.xml"),
            ("rId4", "sharedStrings", "sharedStrings.xml"),
            ("rId5", "externalLink", "externalLinks/externalLink2.xml"),
            ("rId6", "externalLink", "externalLinks/externalLink1.xml"),
            relationships=relationships,
        ),
        "xl/worksheets/sheet1.xml": xml("<worksheet NAMESPACE></worksheet>"),
        "xl/worksheets/sheet2.xml": xml("<worksheet NAMESPACE></worksheet>"),
        "xl/worksheets/_rels/sheet2.xml.rels": relations_xml(
            ("rId1", "table", "../tables/table1.xml"),
            ("rId2", "table", "../tables/table2.xml"),
            relationships=relationships,
        ),
        "xl/tables/table1.xml": xml(
            '<table NAMESPACE id="1" name="inner" displayName="Sales" ref="B2:C9"'
            ' totalsRowCount="1"><tableColumns count="2"><tableColumn id="1" name="Net_x000a_Sum"/>'
            '<tableColumn id="2" name="_x005F_x0041_"/></tableColumns></table>'
        ),
        "xl/tables/table2.xml": xml(
            '<table NAMESPACE id="2" name="Bare" ref="E1:E3" headerRowCount="0"><tableColumns>'
            '<tableColumn id="1" name="Column1"/></tableColumns></table>'
        ),
        "xl/sharedStrings.xml": xml(
            '<sst NAMESPACE count="9" uniqueCount="9"><si><t>plain</t></si><si><t/></si>'
            '<si><t xml:space="preserve"> two  spaces </t></si>'
            "<si><t>&lt;a&gt; &amp; &#x41;</t></si>"
            "<si><r><rPr><b/></rPr><t>rich </t></r><r><t>text</t></r></si>"
            "<si><t>課きく</t><rPh sb='0' eb='1'><t>カ</t></rPh><phoneticPr fontId='1'/></si>"
            "<si><t>line_x000A_feed _x005F_x000A_ _xD83D__xDE00_</t></si>\n"
            "<si><t>two\r\nlines</t></si><si><t>마지막</t></si></sst>"
        ),
        "xl/externalLinks/externalLink1.xml": xml(
            "<externalLink NAMESPACE><ddeLink/></externalLink>"
        ),
        "xl/externalLinks/externalLink2.xml": xml(
            '<externalLink NAMESPACE><externalBook r:id="rId1"><sheetNames>'
            '<sheetName val="Old"/><sheetName val="New data"/></sheetNames><sheetDataSet>'
            '<sheetData sheetId="1"><row r="5"><cell r="H5"><v>0.5</v></cell>'
            '<cell r="I5" t="str"><v>cat</v></cell><cell r="J5" t="b"><v>1</v></cell>'
            '<cell r="K5" t="e"><v>#N/A</v></cell><cell r="L5"/></row></sheetData>'
            '<sheetData sheetId="0" refreshError="1"/></sheetDataSet></externalBook></externalLink>'
        ),
    }


@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("dialect", [TRANSITIONAL, STRICT])
def test_everything_but_the_cells(dialect: tuple[str, str], prefix: str) -> None:
    workbook = read_workbook(PATH, parts_of(dialect, prefix=prefix))
    assert list(workbook.sheets.items()) == [
        ("Data & more", "xl/worksheets/sheet2.xml"),
        ("합계", "xl/worksheets/sheet1.xml"),
    ]
    assert workbook.names == {
        (None, "rate"): ("Rate", "'Data & more'!$A$1"),
        ("합계", "rate"): ("rate", "합계!$B$2"),
        (None, "gone"): ("gone", "#REF!"),
        ("Data & more", "_xlnm.print_area"): ("_xlnm.Print_Area", "$A$1:$B$2"),
    }
    assert workbook.tables == {
        "sales": Table(
            "Sales", CellRange("Data & more", 2, 2, 9, 3), ("Net\nSum", "_x0041_"), 1, 1
        ),
        "bare": Table("Bare", CellRange("Data & more", 1, 5, 3, 5), ("Column1",), 0, 0),
    }
    assert list(workbook.texts) == [
        "plain",
        "",
        " two  spaces ",
        "<a> & A",
        "rich text",
        "課きく",
        "line\nfeed _x000A_ \N{GRINNING FACE}",
        "two\nlines",
        "마지막",
    ]
    assert workbook.other_books == {
        "[1]Old": {},
        "[1]New data": {
            (5, 8): 0.5,
            (5, 9): "cat",
            (5, 10): True,
            (5, 11): CellError("#N/A"),
        },
    }
    assert type(workbook.other_books["[1]New data"][5, 11]) is CellError
    assert not workbook.date_1904


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("0", False)])
def test_the_day_that_dates_count_from(value: str, expected: bool) -> None:
    workbook = read_workbook(PATH, parts_of(properties=f' date1904="{value}"'))
    assert workbook.date_1904 is expected


def test_other_encodings() -> None:
    parts = parts_of()
    expected = list(read_workbook(PATH, parts).texts)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "euc-kr"):
        declared = f'<?xml version="1.0" encoding="{encoding[:6]}"?>'
        short = parts["xl/sharedStrings.xml"].decode().replace("課きく", "글")
        content = (declared + short).encode(encoding)
        workbook = read_workbook(PATH, {**parts, "xl/sharedStrings.xml": content})
        assert list(workbook.texts) == [*expected[:5], "글", *expected[6:]]


@pytest.mark.parametrize(
    "items",
    [
        ["<si/>", "<si><t>a</t></si>"],
        ["<si><!-- note --></si>", "<si><t><!-- note -->a</t></si>"],
        ["<si></si>", "<si><t><![CDATA[a]]></t></si>"],
        ["<si><t></t></si>", "<si ><t>a</t></si>"],
    ],
)
def test_unusual_ways_to_write_strings(items: list[str]) -> None:
    content = f'<sst xmlns="{TRANSITIONAL[0]}">{"".join(items)}</sst>'.encode()
    assert list(SharedStrings({"s.xml": content}, "s.xml", PATH)) == ["", "a"]


def test_strings_are_parsed_only_when_asked_for() -> None:
    workbook = read_workbook(PATH, {**parts_of(), "xl/sharedStrings.xml": b"<sst><si>"})
    with pytest.raises(WorkbookError, match=r"book\.xlsx.*xl/sharedStrings\.xml.*damaged"):
        workbook.texts[0]


def refusal(parts: Parts) -> str:
    with pytest.raises(WorkbookError) as refused:
        read_workbook(PATH, parts)
    message = refused.value.message
    assert str(PATH) in message.en
    assert str(PATH) in message.ko
    return message.en


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/tables/table2.xml",
        "xl/externalLinks/externalLink2.xml",
    ],
)
def test_a_missing_part_is_named(part: str) -> None:
    parts = parts_of()
    del parts[part]
    assert part in refusal(parts)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", b'r:id="rId3"', b'r:id="rId33"'),
        ("xl/workbook.xml", b'r:id="rId6"', b""),
        ("xl/workbook.xml", b'localSheetId="2"', b'localSheetId="3"'),
        ("xl/workbook.xml", b'localSheetId="2"', b'localSheetId="-1"'),
        ("xl/workbook.xml", "합계".encode(), b"data &amp; MORE"),
        ("xl/workbook.xml", b"</sheets>", b""),
        ("xl/_rels/workbook.xml.rels", b"</Relationships>", b""),
        ("xl/worksheets/_rels/sheet2.xml.rels", b"</Relationships>", b""),
        ("xl/tables/table1.xml", b"B2:C9", b"B2:XFE9"),
        ("xl/tables/table1.xml", b'totalsRowCount="1"', b'totalsRowCount="one"'),
        ("xl/externalLinks/externalLink2.xml", b"0.5", b"half"),
        ("xl/externalLinks/externalLink2.xml", b"0.5", b"nan"),
        ("xl/externalLinks/externalLink2.xml", b"H5", b"H0"),
        ("xl/externalLinks/externalLink2.xml", b'sheetId="1"', b'sheetId="2"'),
        ("xl/workbook.xml", b"<workbook ", b"<!DOCTYPE workbook><workbook "),
        ("xl/workbook.xml", b"<workbook ", b'<?xml version="1.0" encoding="none"?><workbook '),
    ],
)
def test_a_damaged_part_is_named(part: str, old: bytes, new: bytes) -> None:
    parts = parts_of()
    assert old in parts[part]
    assert part in refusal({**parts, part: parts[part].replace(old, new, 1)})


def test_a_workbook_needs_a_worksheet() -> None:
    only_chart = (
        f'<workbook xmlns="{TRANSITIONAL[0]}" xmlns:r="{TRANSITIONAL[1]}"><sheets>'
        '<sheet name="Chart" r:id="rId2"/></sheets></workbook>'
    )
    assert "no worksheet" in refusal({**parts_of(), "xl/workbook.xml": only_chart.encode()})


def test_nothing_but_sheets_is_needed() -> None:
    workbook = read_workbook(
        PATH,
        {
            "xl/workbook.xml": (
                f'<workbook xmlns="{TRANSITIONAL[0]}" xmlns:r="{TRANSITIONAL[1]}"><sheets>'
                '<sheet name="A" r:id="r"/></sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": relations_xml(("r", "worksheet", "a.xml")),
            "xl/a.xml": b"<worksheet/>",
        },
    )
    assert workbook == Workbook(PATH, {"A": "xl/a.xml"})
