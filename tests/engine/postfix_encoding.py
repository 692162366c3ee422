"""Expressions as the arrays of `syntax/postfix.py`, node by node."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sheetlab.engine.syntax.expression import (
    Area,
    Call,
    Chain,
    Expression,
    Literal,
    Missing,
    Unary,
    operands,
)
from sheetlab.engine.syntax.postfix import (
    ABSOLUTE_BITS,
    AREA,
    AREA_RECORD,
    BINARY,
    BINARY_OPERATORS,
    CALL,
    MISSING,
    NODE,
    NUMBER,
    TEXT,
    TRUTH,
    UNARY,
    UNARY_OPERATORS,
    Postfix,
)


class _Encoder:
    def __init__(self) -> None:
        self.nodes: list[tuple[int, int, int, int, int]] = []
        self.numbers: list[float] = []
        self.areas: list[tuple[int, int, int, int, int, int]] = []
        self.texts: list[str] = []
        self.functions: list[str] = []
        self.sheets: list[str] = []

    def add(self, expression: Expression) -> tuple[int, int]:
        """Add the nodes of an expression; how many there are, and how high."""
        match expression:
            case Chain(first, rest):
                inside = self.add(first)
                for place, (sign, operand) in enumerate(rest):
                    value = BINARY_OPERATORS.index(sign)
                    inside = self._put(BINARY, value, int(place > 0), inside, self.add(operand))
                return inside
            case Unary(sign, operand):
                return self._put(UNARY, UNARY_OPERATORS.index(sign), 0, self.add(operand))
            case Call(name, arguments):
                children = [self.add(argument) for argument in arguments]
                return self._put(CALL, _place(self.functions, name), len(arguments), *children)
            case Missing():
                return self._put(MISSING, 0, 0)
            case Area():
                self.areas.append(self._area(expression))
                return self._put(AREA, len(self.areas) - 1, 0)
            case Literal(bool() as truth):
                return self._put(TRUTH, int(truth), 0)
            case Literal(float() as number):
                self.numbers.append(number)
                return self._put(NUMBER, len(self.numbers) - 1, 0)
            case Literal(str() as text):
                return self._put(TEXT, _place(self.texts, text), 0)
        raise AssertionError(expression)

    def _put(self, kind: int, value: int, count: int, *inside: tuple[int, int]) -> tuple[int, int]:
        size = 1 + sum(size for size, _ in inside)
        height = 1 + max((height for _, height in inside), default=-1)
        self.nodes.append((kind, value, count, size, height))
        return size, height

    def _area(self, area: Area) -> tuple[int, int, int, int, int, int]:
        sheet = -1 if area.sheet is None else _place(self.sheets, area.sheet)
        ends = (area.top, area.left, area.bottom, area.right)
        absolute = sum(bit for bit, end in zip(ABSOLUTE_BITS, ends, strict=True) if end.absolute)
        return (sheet, absolute, *(end.value for end in ends))  # type: ignore[return-value]


def _place(known: list[str], text: str) -> int:
    if text not in known:
        known.append(text)
    return known.index(text)


def can_be_encoded(expression: Expression) -> bool:
    """Whether all parts of an expression have nodes."""
    match expression:
        case Literal(value):
            return type(value) in (bool, float, str)
        case Unary(sign, _) if sign not in UNARY_OPERATORS:
            return False
        case Area() | Call() | Chain() | Missing() | Unary():
            return all(map(can_be_encoded, operands(expression)))
    return False


def encoded(expressions: Sequence[Expression]) -> Postfix:
    """The arrays of some expressions, which all have nodes."""
    encoder = _Encoder()
    starts, area_starts = [0], [0]
    for expression in expressions:
        encoder.add(expression)
        starts.append(len(encoder.nodes))
        area_starts.append(len(encoder.areas))
    nodes: Any = np.array(encoder.nodes, NODE)
    return Postfix(
        nodes,
        np.array(starts, np.int64),
        np.array(encoder.numbers, np.float64),
        np.array(encoder.areas, AREA_RECORD),
        np.array(area_starts, np.int64),
        encoder.texts,
        encoder.functions,
        encoder.sheets,
    )
