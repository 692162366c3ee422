"""Formulas in postfix order say what the parser makes of the same texts."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.syntax.parser import FormulaError, function_name, parse, sheet_name
from sheetlab.engine.syntax.postfix import AREA, BINARY, CALL, NUMBER, UNARY, Postfix, postfix

pytestmark = pytest.mark.skipif(compiled.reading is None, reason="nothing was compiled")

ROW, COLUMN = 7, 5
# Pieces that stand beside each other in formulas, and some that never do.
PIECES = (
    *("A1", "$B$2", "c$3", "A1:B9", "$A$9:A1", "A:A", "$C:B", "5:9", "XFD1048576", "XFE1", "A0"),
    *("A01", "1", "2.5", ".5", "5.", "1e3", "1E-2", "1e", "9" * 70, "1e999", '"x"', '"a""b"', '"'),
    *("TRUE", "false", "TRUE(", "SUM(", "IF(", "_xlfn.STDEV.P(", "LOG10(", "_xlfn.SINGLE(", ")"),
    *(",", ",,", "(", "+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">=", "%", " ", ":"),
    *("Other!A1", "'My sheet'!$A1", "'it''s'!A1:B2", "'a:b'!A1", "A:B!A1", "시트!A1", "[1]X!A1"),
    *(
        "#REF!",
        "#",
        "@",
        "{1,2}",
        "name",
        "Sales[x]",
        "\u00a0",
        "\n",
        "\x00",
        "é",
        "$",
        "!",
        "'",
        ";",
    ),
)


def told(found: Postfix, place: int) -> Expression | None:
    """A formula that is told, with its names as the parser gives them; None for another."""
    if found.starts[place] == found.starts[place + 1]:
        return None
    functions = [function_name(said) for said in found.functions]
    sheets = [sheet_name(said) for said in found.sheets]
    nodes = found.nodes[found.starts[place] : found.starts[place + 1]]
    areas = found.areas[found.area_starts[place] : found.area_starts[place + 1]]
    if None in [functions[value] for value in nodes["value"][nodes["kind"] == CALL]]:
        return None
    if None in [sheets[sheet] for sheet in areas["sheet"] if sheet >= 0]:
        return None
    named = Postfix(
        found.nodes,
        found.starts,
        found.numbers,
        found.areas,
        found.area_starts,
        found.texts,
        [name or "" for name in functions],
        [name or "" for name in sheets],
    )
    return named.expression(place, named.reads(place))


def parsed(text: str) -> Expression | None:
    try:
        return parse(text, ROW, COLUMN)
    except FormulaError:
        return None


@settings(deadline=None, max_examples=500)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), min_size=1, max_size=20)
)
@example(["A1 ,B1"])
@example(["SUM(1 , 2 )%%", "-A1^2%", "--1", "1 2", "A1 B1", "f()(1)", "SUM((A1,B1))"])
def test_what_is_told_is_what_the_parser_says(texts: list[str]) -> None:
    found = postfix([(ROW, COLUMN, "=" + text) for text in texts])
    assert found is not None
    for place, text in enumerate(texts):
        expression = told(found, place)
        if expression is not None:
            assert expression == parsed("=" + text)
            areas = found.reads(place)
            assert len(set(areas)) == len(areas)


@st.composite
def plain(draw: st.DrawFn, depth: int = 4) -> str:
    """A formula of which all is known."""
    kind = draw(st.integers(0, 9 if depth else 3))
    if kind == 0:
        return draw(
            st.sampled_from(["A1", "$B$2", "C$3:$D9", "A:C", "Other!A1", "'My sheet'!B2:C3"])
        )
    if kind == 1:
        return draw(st.sampled_from(["0", "12", "2.5", "1e-3", "0.1"]))
    if kind == 2:
        return draw(st.sampled_from(['"x"', '""', '"say ""x"""', '"시트"']))
    if kind == 3:
        return draw(st.sampled_from(["TRUE", "false"]))
    inner = plain(depth - 1)
    if kind == 4:
        return f"({draw(inner)})"
    if kind == 5:
        return draw(st.sampled_from("+-")) + draw(inner)
    if kind == 6:
        return draw(inner) + "%"
    if kind == 7:
        arguments = draw(st.lists(st.one_of(inner, st.just("")), max_size=3))
        function = draw(st.sampled_from(["SUM", "IF", "ROUND", "_xlfn.CONCAT"]))
        return f"{function}({','.join(arguments)})"
    signs = ("=", "<>", "<", ">", "<=", ">=", "&", "+", "-", "*", "/", "^", " + ", " * ")
    return draw(inner) + draw(st.sampled_from(signs)) + draw(inner)


@settings(deadline=None, max_examples=300)
@given(plain())
def test_plain_formulas_are_told(text: str) -> None:
    found = postfix([(ROW, COLUMN, text)])
    assert found is not None
    expression = told(found, 0)
    assert expression is not None
    assert expression == parsed("=" + text)


@settings(deadline=None)
@given(plain())
def test_sizes_and_heights_are_those_of_the_trees(text: str) -> None:
    found = postfix([(ROW, COLUMN, text)])
    assert found is not None
    stack: list[tuple[int, int]] = []
    for kind, _, count, size, height in found.nodes.tolist():
        operands = {BINARY: 2, UNARY: 1, CALL: count}.get(kind, 0)
        inner = stack[len(stack) - operands :]
        del stack[len(stack) - operands :]
        stack.append((1 + sum(of for of, _ in inner), 1 + max((of for _, of in inner), default=-1)))
        assert (size, height) == stack[-1]
    assert len(stack) == 1


@pytest.mark.parametrize(
    ("begin", "inner", "end"),
    [
        ("(", "1", ")"),
        ("-", "1", ""),
        ("", "1", "%"),
        ("F(", "1", ")"),
        ("1+(", "1", ")"),
        ("F(", ",", ")"),
    ],
)
def test_what_is_nested_too_deeply_is_not_told(begin: str, inner: str, end: str) -> None:
    for depth in range(60, 132):
        text = begin * depth + inner + end * depth
        found = postfix([(1, 1, text)])
        assert found is not None
        if told(found, 0) is not None:
            assert told(found, 0) == parse(text, 1, 1)
        else:
            with pytest.raises(FormulaError):
                parse(text, 1, 1)


def test_long_formulas() -> None:
    for text in (
        "1+" * 16_000 + "1",
        "A1," * 9 + "1",
        "SUM(" + "A1," * 9_000 + "B2)",
        "(" * 30_000,
    ):
        found = postfix([(ROW, COLUMN, text)])
        assert found is not None
        assert told(found, 0) == parsed("=" + text)
    found = postfix([(ROW, COLUMN, "1+" * 17_000 + "1"), (ROW, COLUMN, "\ud800")][:1])
    assert found is not None
    assert found.starts.tolist() == [0, 0]


def test_areas_are_kept_once_for_each_formula() -> None:
    found = postfix([(1, 1, "=A1+B1+A1"), (2, 1, "=A1+A1:A1+$A1")])
    assert found is not None
    assert found.area_starts.tolist() == [0, 2, 4]
    assert (found.nodes["kind"] == AREA).sum() == 6
    assert (found.nodes["kind"] == NUMBER).sum() == 0
    assert (found.nodes["kind"] == UNARY).sum() == 0
