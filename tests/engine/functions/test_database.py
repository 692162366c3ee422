from typing import Any

import pytest
from engine.functions.excel import DIV, NA, NUM, VALUE, assert_gives

# The table of Microsoft's examples.
TREES = [
    ["Tree", "Height", "Age", "Yield", "Profit"],
    ["Apple", 18, 20, 14, 105],
    ["Pear", 12, 12, 10, 96],
    ["Cherry", 13, 14, 9, 105],
    ["Apple", 14, 15, 10, 75],
    ["Pear", 9, 8, 8, 77],
    ["Apple", 8, 9, 6, 45],
]
APPLES = [["Tree"], ["=Apple"]]
APPLES_OR_PEARS = [["Tree"], ["Apple"], ["Pear"]]
SHORT_APPLES_OR_PEARS = [
    ["Tree", "Height", "Age", "Yield", "Profit", "Height"],
    ["=Apple", ">10", None, None, None, "<16"],
    ["=Pear", None, None, None, None, None],
]
ODDITIES = [
    ["Name", "Value"],
    ["ab", 1],
    ["abc", 2],
    ["xab", "text"],
    [None, 3],
    [7, True],
    ["", None],
    ["a*", DIV],
]


def _only(name: Any, criterion: Any) -> list[list[Any]]:
    return [[name], [criterion]]


CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("DSUM", (TREES, "Profit", APPLES), 225),
    ("DSUM", (TREES, "profit", SHORT_APPLES_OR_PEARS), 248),
    ("DSUM", (TREES, 5, APPLES), 225),
    ("DSUM", (TREES, 5.9, APPLES), 225),
    ("DSUM", (TREES, 6, APPLES), VALUE),
    ("DSUM", (TREES, 0, APPLES), VALUE),
    ("DSUM", (TREES, "Colour", APPLES), VALUE),
    ("DSUM", (TREES, NA, APPLES), NA),
    ("DSUM", (TREES, "Profit", [["Tree"]]), VALUE),
    ("DSUM", (TREES, "Profit", _only("Tree", None)), 503),
    ("DSUM", (TREES, "Profit", _only("Tree", "Plum")), 0),
    ("DSUM", (TREES, "Profit", [["TREE", "tree"], ["a*", "*e"]]), 225),
    ("DSUM", (TREES, "Profit", _only("Height", 18)), 105),
    ("DSUM", (TREES, "Profit", _only("Height", "18")), 105),
    ("DSUM", (TREES, "Profit", _only("Tree", "<>Apple")), 278),
    ("DSUM", (TREES, "Profit", _only("Tree", "?e*")), 173),
    ("DSUM", (TREES, "Profit", _only("Tree", ">b")), 278),
    ("DSUM", (TREES, "Profit", _only(None, True)), 503),
    ("DSUM", (TREES, "Profit", _only("Condition", False)), 0),
    ("DAVERAGE", (TREES, "Yield", [["Tree", "Height"], ["=Apple", ">10"]]), 12),
    ("DAVERAGE", (TREES, 3, TREES), 13),
    ("DAVERAGE", (TREES, 3, _only("Tree", "Plum")), DIV),
    ("DCOUNT", (TREES, "Age", [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"]]), 1),
    ("DCOUNT", (TREES, None, APPLES_OR_PEARS), 5),
    ("DCOUNT", (TREES, "Tree", APPLES), 0),
    ("DCOUNTA", (TREES, "Tree", APPLES_OR_PEARS), 5),
    ("DGET", (TREES, "Yield", [["Tree", "Height"], ["=Apple", ">15"]]), 14),
    ("DGET", (TREES, "Tree", _only("Height", 13)), "Cherry"),
    ("DGET", (TREES, "Yield", APPLES), NUM),
    ("DGET", (TREES, "Yield", _only("Tree", "Plum")), VALUE),
    ("DMAX", (TREES, "Profit", SHORT_APPLES_OR_PEARS), 96),
    ("DMAX", (TREES, "Profit", _only("Tree", "Plum")), 0),
    ("DMIN", (TREES, "Profit", SHORT_APPLES_OR_PEARS), 75),
    ("DMIN", (TREES, "Profit", _only("Tree", "Plum")), 0),
    ("DPRODUCT", (TREES, "Yield", SHORT_APPLES_OR_PEARS), 800),
    ("DSTDEV", (TREES, "Yield", APPLES_OR_PEARS), 2.96647939483827),
    ("DSTDEVP", (TREES, "Yield", APPLES_OR_PEARS), 2.65329983228432),
    ("DSTDEV", (TREES, "Yield", _only("Tree", "Cherry")), DIV),
    ("DVAR", (TREES, "Yield", APPLES_OR_PEARS), 8.8),
    ("DVARP", (TREES, "Yield", APPLES_OR_PEARS), 7.04),
    # A text asks how texts begin, one with an operator asks for all of it.
    ("DCOUNT", (ODDITIES, None, _only("Name", "ab")), 2),
    ("DCOUNT", (ODDITIES, None, _only("Name", "=ab")), 1),
    ("DCOUNT", (ODDITIES, None, _only("Name", "=")), 1),
    ("DCOUNT", (ODDITIES, None, _only("Name", "<>")), 6),
    ("DCOUNT", (ODDITIES, None, _only("Name", "=a~*")), 1),
    ("DCOUNT", (ODDITIES, None, _only("Name", 7)), 1),
    ("DCOUNT", (ODDITIES, "Value", _only("Name", None)), 3),
    ("DCOUNTA", (ODDITIES, "Value", _only("Name", None)), 6),
    ("DSUM", (ODDITIES, "Value", _only("Name", "ab")), 3),
    ("DSUM", (ODDITIES, "Value", _only("Name", "a")), DIV),
    ("DSUM", (ODDITIES, "Value", _only("Value", True)), 0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)
