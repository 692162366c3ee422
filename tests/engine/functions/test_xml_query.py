"""FILTERXML, with what people ask of it, and with what would harm."""

from pathlib import Path
from typing import Any

import pytest
from engine.functions.excel import NUM, VALUE, excel
from engine.memory_source import SHEET, MemorySource
from engine.workbooks import book_of

from sheetlab.engine.budget import Budget
from sheetlab.engine.interpreter import evaluate
from sheetlab.engine.syntax.parser import parse
from sheetlab.limits import Limits

# Texts split as people do it: <t><s>…</s></t>.
SPLIT = "<t><s>123</s><s>ABC</s><s>x1</s><s>0.5</s><s>ABC</s><s/><s>2 &lt; 3</s></t>"
ORDERS = (
    '<?xml version="1.0" encoding="UTF-8"?><orders><order id="7" kind="a"><sum>3.5</sum></order>'
    "<order id='8'><sum>4</sum><note>say <b>this</b></note></order></orders>"
)


@pytest.mark.parametrize(
    ("xml", "path", "expected"),
    [
        (SPLIT, "//s", [[123.0], ["ABC"], ["x1"], [0.5], ["ABC"], [""], ["2 < 3"]]),
        (SPLIT, "//s[2]", [["ABC"]]),
        (SPLIT, "//s[last()]", [["2 < 3"]]),
        (SPLIT, "//s[position()<3]", [[123.0], ["ABC"]]),
        (SPLIT, "//s[.*0=0]", [[123.0], [0.5]]),
        (SPLIT, "//s[preceding::*=.]", [["ABC"]]),
        (SPLIT, "//s[not(preceding::*=.)][starts-with(.,'A')]", [["ABC"]]),
        (SPLIT, '//s[contains(., "x")]', [["x1"]]),
        (ORDERS, "/orders/order/@id", [[7.0], [8.0]]),
        (ORDERS, "//order[@kind='a']/sum", [[3.5]]),
        (ORDERS, "//note", [["say this"]]),
        (ORDERS, "//note/text()", [["say"]]),
        (ORDERS, "//*[local-name()='sum'][2]", VALUE),
        (ORDERS, "(//sum)[2]", [[4.0]]),
        (ORDERS, "//nobody", VALUE),
        (ORDERS, "//s[", VALUE),
        (ORDERS, "//x:s", VALUE),
        (ORDERS, "", VALUE),
        # Only nodes are found, no counts.
        (ORDERS, "count(//order)", VALUE),
        ("<a><b></a>", "//b", VALUE),
        ("", "//b", VALUE),
        ("<a>2024-03-05</a>", "/a", [[45356.0]]),
    ],
)
def test_as_in_excel(xml: str, path: str, expected: Any) -> None:
    assert excel("FILTERXML", xml, path) == expected


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY e "eeee"><!ENTITY f "&e;&e;&e;&e;">]><a>&f;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
    ],
)
def test_entities_are_refused(xml: str) -> None:
    assert excel("FILTERXML", xml, "//a") == VALUE


@pytest.mark.parametrize(
    "path",
    [
        "document('/etc/passwd')//a",
        "re:test(//s,'s')",
        "//s[re:test(.,'(a+)+$')]",
        "str:split('a')",
    ],
)
def test_there_are_no_functions_but_those_of_xpath(path: str) -> None:
    assert excel("FILTERXML", SPLIT, path) == VALUE


@pytest.mark.parametrize(
    "path",
    [
        "//*" * 400,
        "//a[" * 30 + "//a" + "]" * 30,
        "//*[count(//*[count(//*)>1])>1]",
        "//a[.//a=//a]",
        "//*[preceding::*[following::*[preceding::*]]]",
        "//*|//a|//*",
    ],
)
@pytest.mark.parametrize(
    "xml", [f"<t>{'<a/>' * 5000}</t>", "<a>" * 200 + "x" * 20_000 + "</a>" * 200]
)
def test_what_would_take_long_is_given_up(xml: str, path: str) -> None:
    source = MemorySource({(SHEET, 1, 1): xml, (SHEET, 1, 2): path})
    source.budget = Budget(Limits().for_file(0))
    formula = parse("=FILTERXML(A1,B1)", 1, 3)
    assert evaluate(formula, (SHEET, 1, 3), source, array=True) == NUM
    assert source.over == ["steps"]


def test_what_people_ask_is_no_work(tmp_path: Path) -> None:
    """The distinct ones of a thousand texts."""
    xml = f"<t>{''.join(f'<s>{number % 50}</s>' for number in range(1000))}</t>"
    book = book_of(
        tmp_path, {"A1": xml, "B1": '=SUM(_xlfn.FILTERXML(A1,"//s[not(preceding::*=.)]"))'}
    )
    assert book["B1"] == sum(range(50))
