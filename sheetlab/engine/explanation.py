"""How cells are calculated, as text: their blocks, the lowered formulas, the loops as Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sheetlab.engine.blocks import Block
from sheetlab.engine.calculation import Calculation, Lane
from sheetlab.engine.cell_range import Address, CellRange, cell_text
from sheetlab.engine.loops.orders import Frame
from sheetlab.engine.loops.writing import Loop
from sheetlab.engine.lowering import (
    Applied,
    Cell,
    Chosen,
    Constant,
    Instead,
    Interpreted,
    Joined,
    LeftOut,
    Numbered,
    Operation,
    Ranged,
    Reduced,
    Selected,
    Signed,
    Truths,
    Window,
)
from sheetlab.engine.syntax.expression import (
    Apply,
    Area,
    ArrayConstant,
    Axis,
    Call,
    Chain,
    Expression,
    Join,
    Literal,
    Name,
    Unary,
)
from sheetlab.engine.values.value import Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, letters_of, ref_of
from sheetlab.files.cell_value import CellError
from sheetlab.messages import Message, Phrase
from sheetlab.text import printable

_LONGEST_LINE = 96
_LONGEST_TEXT = 1000
_MOST_LINES = 100
_MOST_BLOCKS = 50
_WAYS: dict[Frame, Phrase] = {
    Frame(True, 1): "down",
    Frame(True, -1): "up",
    Frame(False, 1): "right",
    Frame(False, -1): "left",
}
_LANES: dict[Lane, Phrase] = {
    "columns": "as_columns",
    "batch": "as_batch",
    "cells": "as_cells",
    "forest": "as_forest",
    "values": "as_values",
}


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop that was written, the blocks that it calculates, and the way that it takes."""

    blocks: tuple[Block, ...]
    frame: Frame
    written: Loop


def explained(calculation: Calculation, areas: Sequence[CellRange]) -> str:
    """The blocks that fill cells of some areas, and how these were calculated last."""
    for area in areas:
        calculation.require(area)
    blocks = list(dict.fromkeys(b for area in areas for b in calculation.index.within(area)))
    blocks.sort(key=lambda block: block.home[1:])
    loops: list[_Loop] = []
    parts = [_block(calculation, block, loops) for block in blocks[:_MOST_BLOCKS]]
    if not blocks:
        parts = [[str(Message("no_formula_fills"))]]
    if len(blocks) > _MOST_BLOCKS:
        parts.append([str(Message("more_blocks", count=len(blocks) - _MOST_BLOCKS))])
    parts += [_loop(loop, number) for number, loop in enumerate(loops, 1)]
    return "\n\n".join("\n".join(map(printable, part)) for part in parts)


def _block(calculation: Calculation, block: Block, loops: list[_Loop]) -> list[str]:
    lines = [_range_text(block.cells)]
    lines.append(f"  {Message('formula')}: {block.text}")
    if block.flaw is None and not block.is_array:
        program = _program(block)
        first, *rest = program[:_MOST_LINES]
        lines.append(f"  {Message('program')}: {first}")
        lines += [f"    {line}" for line in rest]
        if len(program) > _MOST_LINES:
            lines.append("    …")
    lines.append(f"  {Message('calculated')}: {_way(calculation, block, loops)}")
    return lines


def _way(calculation: Calculation, block: Block, loops: list[_Loop]) -> Message:
    """How a block was calculated; the loops that did it are added to those that are known."""
    if block.flaw is not None:
        return Message("as_no_formula")
    if block.is_array:
        return Message("as_array_formula")
    if block.dynamic:
        return Message("as_dynamic")
    lane = calculation.lanes.get(block, "cells")
    if lane != "loop":
        return Message(_LANES[lane])
    numbers = ", ".join(str(number) for number in _numbers(calculation, block, loops))
    if not numbers:
        return Message("as_column_after_column")
    return Message("by_loop", numbers=numbers)


def _numbers(calculation: Calculation, block: Block, loops: list[_Loop]) -> Iterator[int]:
    """The numbers of the loops that calculate a block."""
    # The same loop may be written anew for inputs of other kinds; the last counts.
    last = {key[:2]: written for key, written in calculation.loops.items() if block in key[0]}
    for (blocks, frame), written in last.items():
        loop = _Loop(blocks, frame, written)
        if loop not in loops:
            loops.append(loop)
        yield loops.index(loop) + 1


def _loop(loop: _Loop, number: int) -> list[str]:
    blocks = ", ".join(_range_text(block.cells) for block in loop.blocks)
    head = Message("loop", number=number, way=Message(_WAYS[loop.frame]), blocks=blocks)
    lines = [str(head), *(f"  {line}" for line in loop.written.text.splitlines())]
    sheet, down = loop.blocks[0].cells.sheet, loop.frame.down
    read = [
        f"{name} = {'' if line.sheet in ('', sheet) else line.sheet + '!'}"
        f"{letters_of(line.place) if down else line.place}({'r' if down else 'c'}"
        f"{f'{line.offset:+d}' if line.offset else ''})"
        for name, line in loop.written.variables.items()
    ]
    return [*lines, f"  {', '.join(read)}"] if read else lines


# Programs as text.


def _program(block: Block) -> list[str]:
    try:
        return _lines(_node(block.program, block.home))
    except RecursionError:
        # The cases of IFS and SWITCH, one inside of the other, may go deeper than Python does.
        return ["…"]


@dataclass(frozen=True, slots=True)
class _Node:
    """An operation with its parts, before each of which a sign may stand."""

    name: str
    parts: tuple[tuple[str, "_Node | str"], ...]


def _lines(node: "_Node | str", before: str = "", after: str = "") -> list[str]:
    """A program in one line where that is short, else with a line for each part."""
    one = f"{before}{_one_line(node)}{after}"
    if isinstance(node, str) or len(one) <= _LONGEST_LINE:
        return [one]
    lines = [f"{before}{node.name}("]
    comma = "" if node.name == Joined.__name__ else ","
    for number, (sign, part) in enumerate(node.parts, 1):
        end = comma if number < len(node.parts) else ""
        lines += [f"  {line}" for line in _lines(part, sign, end)]
    return [*lines, f"){after}"]


def _one_line(node: "_Node | str") -> str:
    if isinstance(node, str):
        return node
    between = " " if node.name == Joined.__name__ else ", "
    return f"{node.name}({between.join(sign + _one_line(part) for sign, part in node.parts)})"


def _node(operation: Operation, home: Address) -> "_Node | str":
    """An operation with its parts, as the cell `home` has it."""
    name = type(operation).__name__
    said: list[str] = []
    parts: Sequence[Operation] = ()
    match operation:
        case Constant():
            return _value_text(operation.value)
        case LeftOut(instead):
            said = [] if instead is None else [_value_text(instead)]
        case Cell(area) | Window(area):
            said = [_area_text(area, home)]
        case Joined(first, rest):
            joined = [("", _node(first, home))]
            joined += [(f"{sign} ", _node(part, home)) for sign, part in rest]
            return _Node(name, tuple(joined))
        case Signed(sign, operand):
            said, parts = [sign], (operand,)
        case Chosen(condition, then, otherwise):
            parts = (condition, then, otherwise)
        case Instead(value, otherwise, only_na):
            said, parts = ["#N/A"] if only_na else [], (value, otherwise)
        case Truths() | Applied() | Ranged():
            said, parts = [operation.name], operation.arguments
        case Reduced(_, arguments, Call(function, _)):
            said, parts = [function], arguments
        case Selected(function, _):
            return _node(function, home)
        case Numbered(of_row, place):
            said = ["ROW" if of_row else "COLUMN"]
            said += [] if place is None else [_area_text(place, home)]
        case Interpreted(expression, fixed):
            text = _expression_text(expression, home)
            said = [text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"]
            said += [str(Message("same_in_all_cells"))] if fixed else []
    children = [*said, *(_node(part, home) for part in parts)]
    return _Node(name, tuple(("", child) for child in children))


def _expression_text(expression: Expression, home: Address) -> str:
    """An expression as a formula in the cell `home` would say it."""

    def said(part: Expression) -> str:
        text = _expression_text(part, home)
        return f"({text})" if isinstance(part, Chain | Join) else text

    match expression:
        case Literal(value):
            return _value_text(value)
        case Area():
            return _area_text(expression, home)
        case Name(name, _):
            return name
        case Call(name, arguments):
            return f"{name}({', '.join(_expression_text(part, home) for part in arguments)})"
        case Apply(function, arguments):
            listed = ", ".join(_expression_text(part, home) for part in arguments)
            return f"{said(function)}({listed})"
        case Unary("%" | "#" as sign, operand):
            return f"{said(operand)}{sign}"
        case Unary(sign, operand):
            return f"{sign}{said(operand)}"
        case Chain(first, rest):
            return said(first) + "".join(f"{sign}{said(part)}" for sign, part in rest)
        case Join(sign, left, right):
            return f"{said(left)}{sign}{said(right)}"
        case ArrayConstant(rows):
            listed = ";".join(",".join(_value_text(item.value) for item in row) for row in rows)
            return f"{{{listed}}}"
        case _:
            return ""


def _value_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, CellError):
        return str(value)
    return '""' if value is None else '"' + value.replace('"', '""') + '"'


def _area_text(area: Area, home: Address) -> str:
    """An area as a formula in the cell `home` writes it."""
    sheet, row, column = home
    before = "" if area.sheet in (None, sheet) else f"{area.sheet}!"
    places = [end.at(row) for end in (area.top, area.bottom)]
    places += [end.at(column) for end in (area.left, area.right)]
    if min(places) < 1 or max(places[:2]) > MAX_ROW or max(places[2:]) > MAX_COLUMN:
        return f"{before}#REF!"
    columns = [_axis_text(end, letters_of(end.at(column))) for end in (area.left, area.right)]
    rows = [_axis_text(end, str(end.at(row))) for end in (area.top, area.bottom)]
    if area.whole_columns:
        return f"{before}{columns[0]}:{columns[1]}"
    first, last = columns[0] + rows[0], columns[1] + rows[1]
    return before + (first if first == last else f"{first}:{last}")


def _axis_text(axis: Axis, text: str) -> str:
    return f"${text}" if axis.absolute else text


def _range_text(cells: CellRange) -> str:
    first = cell_text((cells.sheet, cells.top, cells.left))
    last = ref_of(cells.bottom, cells.right)
    return first if cells.shape == (1, 1) else f"{first}:{last}"
