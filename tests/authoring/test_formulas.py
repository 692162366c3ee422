"""Formulas as a lesson writes them, read into names and the text between them."""

import pytest

from sheetlab.authoring import AuthoringError
from sheetlab.authoring.formula import NameReference, Selector, read_formula, read_reference


def shown(text: str) -> str:
    """A formula as it was read, names between `<` and `>`."""
    return "".join(
        f"<{piece.text}>" if isinstance(piece, NameReference) else piece
        for piece in read_formula(text).pieces
    )


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("= alpha", "<alpha>"),
        ("=alpha", "<alpha>"),
        ("= alpha + beta * x", "<alpha>+<beta>*<x>"),
        ("= -x^2 / 3%", "-<x>^2/3%"),
        ("= 1.5E-3 + .5 + 2.", "1.5E-3+.5+2."),
        ("= SUM(x.so_far) - (y - 1)", "SUM(<x.so_far>)-(<y>-1)"),
        ("= x.before(5) - $x.at(round, 2).before", "<x.before(5)>-<$x.at(round, 2).before>"),
        ("= $x$ + x$ + $x", "<$x$>+<x$>+<$x>"),
        ('= IF(x = "= y, (""z"" ", TRUE, FALSE)', 'IF(<x>="= y, (""z"" ",TRUE,FALSE)'),
        ("= IF(x <> #N/A, , 1)", "IF(<x><>#N/A,,1)"),
        ("= SUM(x * {1, 2; 3, 4})", "SUM(<x>*{1,2;3,4})"),
        ('= position >= 3 & " of " & n', '<position>>=3&" of "&<n>'),
        ("= LOG10(log10_x)", "LOG10(<log10_x>)"),
    ],
)
def test_names_are_told_from_what_stands_as_it_is(text: str, pieces: str) -> None:
    assert shown(text) == pieces
    assert not read_formula(text).is_array


def test_braces_around_all_make_an_array_formula() -> None:
    formula = read_formula("{= MMULT(a, TRANSPOSE(b))}")
    assert formula.is_array
    assert shown("{= MMULT(a, TRANSPOSE(b))}") == "MMULT(<a>,TRANSPOSE(<b>))"


@pytest.mark.parametrize(
    ("text", "name", "selectors", "marks"),
    [
        ("x", "x", (), (False, False)),
        (" $x ", "x", (), (True, False)),
        ("x$", "x", (), (False, True)),
        ("$x$", "x", (), (True, True)),
        ("$x.before", "x", (Selector("before"),), (True, False)),
        ("x$.at(3)", "x", (Selector("at", (), 3),), (False, True)),
        (
            "x.at(round, 12).last(point)",
            "x",
            (Selector("at", ("round",), 12), Selector("last", ("point",))),
            (False, False),
        ),
        ("x.along(a, b)", "x", (Selector("along", ("a", "b")),), (False, False)),
        ("x.input", "x", (Selector("input"),), (False, False)),
    ],
)
def test_a_name_says_what_of_it_is_meant(
    text: str, name: str, selectors: tuple[Selector, ...], marks: tuple[bool, bool]
) -> None:
    read = read_reference(text)
    assert (read.name, read.selectors) == (name, selectors)
    assert (read.fixed_column, read.fixed_row) == marks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x + 1", "`x + 1` is no formula: begin it with ="),
        ("", "`` is no formula: begin it with ="),
        ("= A1 + 1", "`= A1 + 1` cannot be read from `A1 + 1` on"),
        ("= x + X", "`= x + X` cannot be read from `X` on"),
        ("= Sheet!x", "`= Sheet!x` cannot be read from `Sheet!x` on"),
        ('= "open', '`= "open` cannot be read from `"open` on'),
        (
            "= XLOOKUP(x, y, z)",
            "`= XLOOKUP(x, y, z)`: not every spreadsheet program has the function XLOOKUP;"
            " do you mean LOOKUP or VLOOKUP?",
        ),
        (
            "= SUMPRODUC(x)",
            "`= SUMPRODUC(x)`: not every spreadsheet program has the function SUMPRODUC;"
            " do you mean SUMPRODUCT or PRODUCT?",
        ),
        (
            "= LAMBDA(x)",
            "`= LAMBDA(x)`: not every spreadsheet program has the function LAMBDA",
        ),
        ("= x y", "`= x y`: an operator is missing before `y`"),
        ("= 2 x", "`= 2 x`: an operator is missing before `x`"),
        ("= x (y)", "`= x (y)`: an operator is missing before `(`"),
        ("= (x) SUM(y)", "`= (x) SUM(y)`: an operator is missing before `SUM`"),
        ('= 5% "a"', '`= 5% "a"`: an operator is missing before `"a"`'),
        ("= SUM(x", "`= SUM(x` is not finished: an operand or a parenthesis is missing"),
        ("= x)", "`= x)` is not finished: an operand or a parenthesis is missing"),
        ("= x +", "`= x +` is not finished: an operand or a parenthesis is missing"),
        ("=", "`=` is not finished: an operand or a parenthesis is missing"),
        ("= x.bfore", "`x.bfore`: there is no selector .bfore; do you mean before?"),
        ("= x.mean", "`x.mean`: there is no selector .mean"),
        ("= x.before(a, b)", "`x.before(a, b)`: .before takes an axis and a whole number at most"),
        ("= x.before(1, 2)", "`x.before(1, 2)`: .before takes an axis and a whole number at most"),
        ("= x.before(-1)", "`x.before(-1)`: .before takes an axis and a whole number at most"),
        ("= x.at(1.5)", "`x.at(1.5)`: .at takes an axis and a whole number at most"),
        ("= x.first(2)", "`x.first(2)`: .first takes an axis at most"),
        ("= x.along(a, b, c)", "`x.along(a, b, c)`: .along takes two axes at most"),
        ("= x.input(a)", "`x.input(a)`: .input takes nothing"),
    ],
)
def test_what_cannot_be_read_is_shown(text: str, message: str) -> None:
    with pytest.raises(AuthoringError) as error:
        read_formula(text)
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["", "A1", "x y", "$$x", "= x", "x.", "x.at(", "1x"])
def test_a_text_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(AuthoringError) as error:
        read_reference(text)
    assert str(error.value) == f"`{text}` is no name of a quantity"
