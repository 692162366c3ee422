"""Shared strings read as they are mostly written, and by a parser, which must not differ."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.errors import WorkbookError
from sheetlab.files.shared_strings import SharedStrings

ITEMS = [
    *("<si><t>one</t></si>", '<si><t xml:space="preserve"> two </t></si>', "<si><t/></si>"),
    *("<si><t>a &amp; b &lt;c&gt;</t></si>", "<si><t>&#65;&#x42;</t></si>", "<si/>"),
    *("<si><r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r></si>", "<si><t>x_x000a_y</t></si>"),
    *("<si><t>가나다 é 🙂</t></si>", "<si><t>line\nbreak</t></si>", "<si><t>a\r\nb</t></si>"),
    "<si><t>&#8722;&#x1F642;&#x7ff;&#9;</t></si>",
    *("<si><t>sound</t><rPh sb='0' eb='1'><t>no</t></rPh></si>", "<si><t></t></si>"),
]
PIECES = [
    *(
        "<si>",
        "</si>",
        "<t>",
        "</t>",
        "&",
        "&nope;",
        "&#0;",
        "&#xdfff;",
        "]]>",
        "\udcff",
        "\x00",
        "\n",
        "<!-- -->",
        "_x",
    ),
    *("<!-- </si> -->", "<![CDATA[</si>]]>", "</sst>", "<si><t>in</t></si>", "<x>", "", " ", "<t"),
]


def texts_of(xml: str) -> list[str] | str:
    parts = {"s.xml": xml.encode(errors="surrogateescape")}
    try:
        return SharedStrings(parts, "s.xml").texts
    except WorkbookError:
        return "refused"


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    items=st.lists(st.sampled_from(ITEMS), max_size=6),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), max_size=2
    ),
    head=st.sampled_from(['<sst count="1">', "<?xml version='1.0'?>\n<!-- <si> --><sst>"]),
)
def test_strings_read_alike(
    items: list[str],
    edits: list[tuple[float, int, str]],
    head: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xml = head + "".join(items) + "</sst>"
    for where, length, piece in edits:
        place = int(where * len(xml))
        xml = xml[:place] + piece + xml[place + length :]
    found = texts_of(xml)
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "reading", None)
        assert texts_of(xml) == found
    if not edits:
        assert len(found) == len(items)
