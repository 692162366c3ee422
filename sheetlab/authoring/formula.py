"""Formulas as a lesson writes them: names and selectors in place of addresses.

    = alpha.before - learning_rate * $error.before

A formula is read once into pieces: text that stands in the cell as it is, and references by name.
What a reference stands for depends on the cell, which `references` works out.
"""

import re
from dataclasses import dataclass

from sheetlab.authoring.functions import SHARED_FUNCTIONS
from sheetlab.authoring.problems import AuthoringError, nearest

_NAME = r"[a-z_][A-Za-z0-9_]*"
_SELECTORS = r"(?:\.[a-z_]+(?:\([^()]*\))?)*"
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r'|(?P<text>"(?:[^"]|"")*")'
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<function>[A-Z][A-Z0-9.]*)(?=\()"
    r"|(?P<constant>TRUE|FALSE|#N/A)"
    rf"|(?P<reference>\$?{_NAME}\$?{_SELECTORS})"
    r"|(?P<operator>[-+*/^&=<>(),;%{}])"
)
_REFERENCE = re.compile(rf"(?P<column>\$?)(?P<name>{_NAME})(?P<row>\$?)(?P<selectors>{_SELECTORS})")
_SELECTOR = re.compile(r"\.([a-z_]+)(?:\(([^()]*)\))?")
_AXIS = re.compile(r"[A-Za-z_]\w*")
_AXES = re.compile(rf"{_AXIS.pattern}(?:\s*\*\s*{_AXIS.pattern})*")

# What follows an operand: with anything else there, an operator is missing between the two.
_ENDS_OPERAND = frozenset(")}%")
_BEGINS_OPERAND = frozenset("({")

# How many axes, and how many numbers, each selector can be told.
SELECTORS = {
    "before": (1, 1),
    "after": (1, 1),
    "first": (1, 0),
    "last": (1, 0),
    "at": (1, 1),
    "so_far": (1, 0),
    "earlier": (1, 0),
    "onward": (1, 0),
    "later": (1, 0),
    "all": (1, 0),
    "along": (2, 0),
    "input": (0, 0),
}


@dataclass(frozen=True)
class Selector:
    """One step of a selection: `.before(round, 2)` names the axis `round` and the number 2.

    An axis may be a product of axes, `epoch * point`.
    """

    name: str
    axes: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True)
class NameReference:
    """A quantity by name, what is selected of it, and which parts of its address are fixed."""

    name: str
    selectors: tuple[Selector, ...]
    fixed_column: bool
    fixed_row: bool
    text: str


@dataclass(frozen=True)
class Formula:
    """A formula in pieces. An array formula, written in braces, fills its whole range at once."""

    text: str
    pieces: tuple[str | NameReference, ...]
    is_array: bool


def read_formula(text: str) -> Formula:
    """Read `"= …"` or `"{= …}"`; raises `AuthoringError` for what is no formula of all programs."""
    body, is_array = text.strip(), False
    if body.startswith("{") and body.endswith("}"):
        body, is_array = body[1:-1].strip(), True
    if not body.startswith("="):
        raise AuthoringError(f"`{text}` is no formula: begin it with =")
    pieces: list[str | NameReference] = []
    position, after_operand = 1, False
    while position < len(body):
        token = _TOKEN.match(body, position)
        if token is None:
            raise AuthoringError(f"`{text}` cannot be read from `{body[position:]}` on")
        kind, found = token.lastgroup, token.group()
        if kind != "space":
            if after_operand and (kind != "operator" or found in _BEGINS_OPERAND):
                raise AuthoringError(f"`{text}`: an operator is missing before `{found}`")
            after_operand = kind != "function" and (kind != "operator" or found in _ENDS_OPERAND)
        if kind == "reference":
            pieces.append(read_reference(found))
        elif kind == "function" and found not in SHARED_FUNCTIONS:
            raise AuthoringError(
                f"`{text}`: not every spreadsheet program has the function {found}"
                f"{nearest(found, SHARED_FUNCTIONS)}"
            )
        elif kind != "space":
            pieces.append(found)
        position = token.end()
    if not after_operand or pieces.count("(") != pieces.count(")"):
        raise AuthoringError(f"`{text}` is not finished: an operand or a parenthesis is missing")
    return Formula(text, tuple(pieces), is_array)


def read_reference(text: str) -> NameReference:
    """Read a name with its selectors and marks, such as `$error.before`."""
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        raise AuthoringError(f"`{text}` is no name of a quantity")
    return NameReference(
        found["name"],
        tuple(
            _read_selector(text, *match.groups())
            for match in _SELECTOR.finditer(found["selectors"])
        ),
        bool(found["column"]),
        bool(found["row"]),
        text,
    )


def _read_selector(text: str, name: str, arguments: str | None) -> Selector:
    if name not in SELECTORS:
        raise AuthoringError(f"`{text}`: there is no selector .{name}{nearest(name, SELECTORS)}")
    given = [argument.strip() for argument in (arguments or "").split(",") if argument.strip()]
    numbers = [int(argument) for argument in given if argument.isdigit()]
    axes = tuple(
        " * ".join(_AXIS.findall(argument)) for argument in given if _AXES.fullmatch(argument)
    )
    most_axes, most_numbers = SELECTORS[name]
    fits = len(axes) <= most_axes and len(numbers) <= most_numbers
    if not fits or len(axes) + len(numbers) < len(given):
        takes = [*["an axis", "two axes"][:most_axes][-1:], *["a whole number"][:most_numbers]]
        most = " and ".join(takes) + " at most" if takes else "nothing"
        raise AuthoringError(f"`{text}`: .{name} takes {most}")
    return Selector(name, axes, numbers[0] if numbers else None)
