"""Formulas with their references taken out, so that a formula filled down is compiled once.

`=E4-$A$3*$H4` becomes the template `=REF_0-REF_1*REF_2` and three operands. All rows of a column
that was filled down share the template.
"""

import re
from typing import NamedTuple

from sheetlab.engine.cell_range import (
    RANGE_PATTERN,
    SHEET_PATTERN,
    CellRange,
    range_on,
    sheet_and_range,
    sheet_of,
)
from sheetlab.engine.reader import Contents, Formula
from sheetlab.engine.refusal import refusal

_OPERAND = rf"(?:{SHEET_PATTERN})?(?:{RANGE_PATTERN}|(?P<name>[^\W\d][\w.\\?]*))"
_ONE_OPERAND = re.compile(_OPERAND, re.IGNORECASE)
_TOKEN = re.compile(
    rf"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<outside>\[[^\]]*\])
    | (?P<error>(?:{SHEET_PATTERN.replace("quoted_", "q_").replace("plain_", "p_")})?
        \#[A-Z/0-9]+[!?]?)
    | (?P<shape>ROWS?|COLUMNS?)\(\s*(?P<argument>[^(),]*?)\s*\)
    | (?P<function>[^\W\d][\w.]*\s*\()
    | {_OPERAND}
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Positions(NamedTuple):
    """The row or column numbers that ROW or COLUMN give, or the count that ROWS or COLUMNS give."""

    first: int
    rows: int
    columns: int


Operand = CellRange | Positions


class Template(NamedTuple):
    """A formula with `REF_0`, `REF_1`... for its references, and what they refer to."""

    text: str
    operands: tuple[Operand, ...]


def template_of(formula: Formula, contents: Contents) -> Template:
    """The template of a formula.

    Raises `EngineError` where it refers to what is not in the workbook.
    """
    operands: list[Operand] = []
    return Template(_rewrite(formula.text, formula, contents, operands, ()), tuple(operands))


def _rewrite(
    text: str,
    formula: Formula,
    contents: Contents,
    operands: list[Operand],
    names_above: tuple[str, ...],
) -> str:
    """`text` with its references replaced, and what defined names stand for put in."""

    def placeholder(operand: Operand) -> str:
        operands.append(operand)
        return f"REF_{len(operands) - 1}"

    def replace(token: re.Match[str]) -> str:
        if token["outside"]:
            raise refusal(
                contents.path,
                formula,
                f"{token['outside']} refers to another workbook or to a table",
                f"{token['outside']}은(는) 다른 통합 문서나 표를 가리킵니다",
            )
        if token["shape"]:
            argument = token["argument"]
            found = _ONE_OPERAND.fullmatch(argument)
            cells = formula.home if not argument else found and operand_range(found)
            if cells:
                return placeholder(_positions(token["shape"].upper(), cells))
            return f"{token['shape']}({_TOKEN.sub(replace, argument)})"
        if token["range"] or token["name"]:
            cells = operand_range(token)
            return placeholder(cells) if cells else name_text(token)
        return token[0]

    def operand_range(token: re.Match[str]) -> CellRange | None:
        sheet = formula.home.sheet
        if (said := sheet_of(token)) is not None:
            sheet = existing_sheet(said)
        if token["range"]:
            try:
                return range_on(sheet, token["range"])
            except ValueError:  # ZZZ1 has the form of a cell, but is a name.
                return None
        reference = sheet_and_range(contents.find_name(token["name"], sheet) or "")
        if reference is None:
            return None
        return range_on(existing_sheet(reference[0] or sheet), reference[1])

    def existing_sheet(name: str) -> str:
        sheet = contents.find_sheet(name)
        if sheet is None:
            raise refusal(
                contents.path,
                formula,
                f"there is no sheet '{name}' in the file",
                f"파일에 '{name}' 시트가 없습니다",
            )
        return sheet

    def name_text(token: re.Match[str]) -> str:
        name = token["name"] or token["range"]
        meaning = contents.find_name(name, sheet_of(token) or formula.home.sheet)
        if meaning is None:
            return token[0] if sheet_of(token) is None else "#NAME?"
        if name.lower() in names_above:
            raise refusal(
                contents.path,
                formula,
                f"the name {name} refers to itself",
                f"{name}(이)라는 이름이 자신을 가리킵니다",
            )
        inside = (*names_above, name.lower())
        return f"({_rewrite(meaning, formula, contents, operands, inside)})"

    return _TOKEN.sub(replace, text)


def _positions(function: str, cells: CellRange) -> Positions:
    rows, columns = cells.shape
    match function:
        case "ROW":
            return Positions(cells.top, rows, 1)
        case "COLUMN":
            return Positions(cells.left, 1, columns)
        case "ROWS":
            return Positions(rows, 1, 1)
        case _:
            return Positions(columns, 1, 1)
