"""Formulas in postfix order, many of them as a few arrays: operands first, then what joins them.

This is told by `compiled/`, which knows what most formulas consist of. An expression is made of it
only where somebody asks for one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab import compiled
from sheetlab.engine.syntax.expression import (
    Area,
    Axis,
    Call,
    Chain,
    Expression,
    Literal,
    Missing,
    Unary,
)

# The kinds of nodes.
NUMBER, TEXT, TRUTH, MISSING, AREA, UNARY, BINARY, CALL = range(8)
UNARY_OPERATORS = ("-", "+", "%")
BINARY_OPERATORS = ("=", "<>", "<", ">", "<=", ">=", "&", "+", "-", "*", "/", "^")
ENDS = ("top", "left", "bottom", "right")
ABSOLUTE_BITS = _TOP, _LEFT, _BOTTOM, _RIGHT = (1, 2, 4, 8)

NODE = np.dtype([(name, np.int32) for name in ("kind", "value", "count", "size", "height")])
AREA_RECORD = np.dtype([(name, np.int32) for name in ("sheet", "absolute", *ENDS)])

_MISSING = Missing()

Records = np.ndarray[Any, Any]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(slots=True, eq=False, repr=False)
class Postfix:
    """Some formulas.

    Attributes:
        nodes: a record for each operand and operator, an operator behind its operands. `kind` and
            `value` tell what it is: the place of a number, a text, an area, an operator or a
            function, or a truth value. `count` is that of a function's arguments, or 1 for an
            operator that goes on with the chain of its left operand. `size` nodes, itself the
            last, are all that it consists of; its `height` is 0 for an operand.
        starts: where the nodes of each formula begin, and where those of the last one end;
            a formula without nodes is not told.
        numbers: the numbers that formulas spell out; `texts` are the texts.
        areas: a record for each area: its sheet's place in `sheets` or -1, which of its ends are
            `absolute`, and these as `Axis.value` has them; `area_starts` as `starts`.
        functions: the names of the functions, as `Call` has them.
        sheets: the names of the sheets.
    """

    nodes: Records
    starts: Integers
    numbers: np.ndarray[Any, np.dtype[np.float64]]
    areas: Records
    area_starts: Integers
    texts: list[str]
    functions: list[str]
    sheets: list[str]

    def reads(self, formula: int) -> tuple[Area, ...]:
        """The areas of a formula; those on its own sheet name none."""
        start, end = self.area_starts[formula], self.area_starts[formula + 1]
        return tuple(
            [
                Area(
                    self.sheets[other] if other >= 0 else None,
                    Axis(absolute & _TOP > 0, top),
                    Axis(absolute & _LEFT > 0, left),
                    Axis(absolute & _BOTTOM > 0, bottom),
                    Axis(absolute & _RIGHT > 0, right),
                )
                for other, absolute, top, left, bottom, right in self.areas[start:end].tolist()
            ]
        )

    def expression(self, formula: int, reads: tuple[Area, ...]) -> Expression:
        """The expression of a formula that reads some areas."""
        first_area = int(self.area_starts[formula])
        stack: list[Expression] = []
        # What is joined to the first operand of each chain.
        chains: dict[int, tuple[Chain, list[tuple[str, Expression]]]] = {}
        for kind, value, count, _, _ in self.nodes[
            self.starts[formula] : self.starts[formula + 1]
        ].tolist():
            if kind == AREA:
                stack.append(reads[value - first_area])
            elif kind == NUMBER:
                stack.append(Literal(float(self.numbers[value])))
            elif kind == BINARY:
                right = stack.pop()
                left = stack[-1]
                if count:
                    chains[id(left)][1].append((BINARY_OPERATORS[value], right))
                else:
                    stack[-1] = chain = Chain(left, ())
                    chains[id(chain)] = chain, [(BINARY_OPERATORS[value], right)]
            elif kind == CALL:
                place = len(stack) - count
                arguments = tuple(stack[place:])
                del stack[place:]
                stack.append(Call(self.functions[value], arguments))
            elif kind == UNARY:
                stack[-1] = Unary(UNARY_OPERATORS[value], stack[-1])
            elif kind == TEXT:
                stack.append(Literal(self.texts[value]))
            elif kind == TRUTH:
                stack.append(Literal(bool(value)))
            else:
                stack.append(_MISSING)
        for chain, rest in chains.values():
            chain.rest = tuple(rest)
        (expression,) = stack
        return expression


def postfix(formulas: list[tuple[int, int, str]]) -> Postfix | None:
    """Formulas, each with the row and column of its cell; None where nothing is told.

    Functions and sheets are as the formulas spell them, these with their exclamation mark.
    """
    if compiled.reading is None or not formulas:
        return None
    try:
        nodes, starts, numbers, areas, area_starts, texts, functions, sheets = (
            compiled.reading.postfix(formulas)
        )
    except UnicodeEncodeError:
        return None
    return Postfix(
        np.frombuffer(nodes, NODE),
        np.frombuffer(starts, np.int64),
        np.frombuffer(numbers, np.float64),
        np.frombuffer(areas, AREA_RECORD),
        np.frombuffer(area_starts, np.int64),
        texts,
        list(functions),
        list(sheets),
    )
