"""The sheet `Check`: every printed figure beside the live value of its cell.

Where the inputs are not the slide's, or the slides print no figure, it holds the cells against the
reference instead.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.utils import quote_sheetname

from sheetlab.authoring import Board, Sheet, refs_of
from sheetlab.authoring.compiling import with_addresses
from sheetlab.authoring.quantities import Quantity
from sheetlab.building.places import input_places, place_of
from sheetlab.ledger import EXACT_DECIMALS, Figure, Status
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("What the slides print, and what this workbook says", "슬라이드의 수치와 이 파일의 값")
OWN_TITLE = Text("What NumPy says, and what this workbook says", "NumPy의 값과 이 파일의 값")
EXPLANATION = Text(
    "One row for each figure on the slides, the telling ones first. Value is the live cell. Both"
    " numbers are rounded half up to the decimals that the slide prints (first to 12 decimals, so"
    " that floating-point noise does not decide a half). Change an input, and all of this turns"
    " grey: the slides print the worked example only.",
    "슬라이드에 나온 수치마다 한 행이며, 눈여겨볼 것이 먼저 나옵니다. '값'은 예제 시트의 셀을"
    " 그대로 읽은 것입니다. 두 수를 모두 슬라이드의 소수 자리까지 반올림하여 비교합니다(부동소수점"
    " 오차로 반올림이 달라지지 않도록 먼저 소수 12자리로 맞춥니다). 입력을 바꾸면 모두 회색이"
    " 됩니다. 슬라이드의 수치는 원래 예제의 것이기 때문입니다.",
)
OWN_EXPLANATION = Text(
    "The first and the last value of each quantity, as NumPy calculated them from the inputs that"
    " this workbook was built with. Change an input, and all of this turns grey.",
    "항목마다 처음 값과 마지막 값을, 이 파일을 만들 때의 입력으로 NumPy가 계산한 값과 비교합니다."
    " 입력을 바꾸면 모두 회색이 됩니다.",
)
HEADINGS = (
    Text("Figure", "항목"),
    Text("Cell", "셀"),
    Text("Slide prints", "슬라이드 표기"),
    Text("As a number", "숫자로"),
    Text("Value", "값"),
    Text("Rounded", "반올림한 값"),
    Text("By the slide's\nrounded steps", "슬라이드처럼\n단계마다 반올림"),
    Text("Agrees?", "일치?"),
    Text("Remark", "설명"),
)
OWN_HEADINGS = (
    Text("Quantity", "항목"),
    HEADINGS[1],
    same(""),
    same("NumPy"),
    HEADINGS[4],
    same(""),
    same(""),
    HEADINGS[7],
    same(""),
)
INPUTS = Text("The inputs, as they were when this was built", "이 파일을 만들 때의 입력")
AS_BUILT, CHANGED = Text("as built", "그대로"), Text("changed", "바뀜")
AGREES, DIFFERS, NOT_ASKED = same("✓"), same("✗"), same("–")
ERRATUM = Text("slide errs", "슬라이드 오류")
STATUS_REMARKS: dict[Status, Text] = {
    "match": same(""),
    "mislabelled": Text("Mislabelled: ", "제목이 잘못됨: "),
    "round-off": Text("Floating-point noise: ", "부동소수점 오차: "),
    "carried": Text("Rounded on the way: ", "중간 반올림: "),
    "erratum": Text("Erratum: ", "정오: "),
}
# The telling ones first.
ORDER: tuple[Status, ...] = ("erratum", "carried", "mislabelled", "round-off", "match")
ALL_AGREE = Text('"All "&{n}&" figures agree"', '"값 "&{n}&"개가 모두 일치합니다"')
ONE_AGREES = Text('"The figure agrees"', '"값이 일치합니다"')
ERRATA_STAND = Text(
    '" (errors of the slide besides: "&{n}&")"', '" (그 밖에 슬라이드 오류 "&{n}&"개)"'
)
SOME_DIFFER = Text(
    '{n}&" of "&{total}&" figures do not agree"', '"값 "&{total}&"개 중 "&{n}&"개가 다릅니다"'
)
INPUTS_DIFFER = Text(
    '"Inputs differ from the slide: "&{n}', '"입력이 슬라이드와 다릅니다: "&{n}&"개"'
)
OWN_INPUTS_DIFFER = Text(
    '"Inputs differ from those it was built with: "&{n}',
    '"입력이 만들 때와 다릅니다: "&{n}&"개"',
)

FIRST_ROW = 6
SAME_PRINT, SAME_VALUE = "1E-9", "1E-9"
WIDTHS = {
    "A": 34.0,
    "B": 9.0,
    "C": 18.0,
    "D": 18.0,
    "E": 18.0,
    "F": 18.0,
    "G": 15.0,
    "H": 12.0,
    "I": 56.0,
}
# What only slides need is a narrow gap.
OWN_WIDTHS = WIDTHS | {"A": 56.0, "D": 22.0, "E": 22.0} | dict.fromkeys("CFGI", 1.5)


@dataclass(frozen=True)
class _Row:
    """One value to hold against another: which cell, what it should be, and why."""

    quantity: Quantity
    index: int
    figure: Figure | None
    expected: Any


def write_check_sheet(
    sheet: Sheet, figures: Sequence[Figure], board: Board, example: Sheet, reference: Reference
) -> None:
    """Write the figures (or the reference's values), the inputs below, and a live sum above."""
    slide = board.is_the_slide and bool(figures)
    rows = _figure_rows(figures, board, example) if slide else _own_rows(board, reference)
    for column, width in (WIDTHS if slide else OWN_WIDTHS).items():
        sheet.width(column, width)
    sheet.label("A1", TITLE if slide else OWN_TITLE, "title")
    sheet.note("A2:I2", EXPLANATION if slide else OWN_EXPLANATION)
    for column, heading in zip(WIDTHS, HEADINGS if slide else OWN_HEADINGS, strict=True):
        if heading.en:
            sheet.label(f"{column}{FIRST_ROW - 1}", heading, "heading")
    last = FIRST_ROW + len(rows) - 1
    states = _write_inputs(sheet, last + 3, board, example, reference)
    changed = f'COUNTIF({states},"{CHANGED.to(sheet.language)}")' if states else "0"
    for number, row in enumerate(rows, FIRST_ROW):
        value = _write_head(sheet, number, row, example, board, reference)
        if row.figure is not None:
            _write_figure(sheet, number, row.figure, value, example, changed)
        else:
            _write_own(sheet, number, row.expected, value, changed)
    marks = f"$H${FIRST_ROW}:$H${last}"
    _write_sum(sheet, marks, rows, changed, slide)
    colours: tuple[tuple[Text, str], ...] = (
        (NOT_ASKED, "faint"),
        (AGREES, "good"),
        (DIFFERS, "bad"),
        (ERRATUM, "warn"),
    )
    for mark, colour in colours:
        condition = f'H{FIRST_ROW}="{mark.to(sheet.language)}"'
        sheet.colour(f"H{FIRST_ROW}:H{last}", condition, colour)
    sheet.colour(f"C{FIRST_ROW}:G{last}", f'$H{FIRST_ROW}="{NOT_ASKED.en}"', "faint")
    sheet.freeze(f"A{FIRST_ROW}")
    sheet.repeat_rows(FIRST_ROW - 1, FIRST_ROW - 1)


def full_label(quantity: Quantity, board: Board) -> Text:
    """The label of a quantity, with that of its group where two quantities share it."""
    alike = [other for other in board.quantities.values() if other.label == quantity.label]
    group = quantity.group or quantity.table.title or quantity.table.labels_heading
    if len(alike) == 1 or group is None or "{}" in group.en:
        return quantity.label
    return Text(f"{group.en}: {quantity.label.en}", f"{group.ko}: {quantity.label.ko}")


def _figure_rows(figures: Sequence[Figure], board: Board, example: Sheet) -> list[_Row]:
    """Errata first, then what else is worth a remark; inputs and counters last."""

    def order(row: _Row) -> tuple[bool, int]:
        assert row.figure is not None
        plain = row.quantity.field is not None or row.quantity.is_count
        return plain and row.figure.status == "match", ORDER.index(row.figure.status)

    rows = [
        _Row(board.quantities[figure.quantity], figure.index, figure, figure.value)
        for figure in figures
        if figure.quantity in board.quantities and _ref(example, figure.quantity, figure.index)
    ]
    return sorted(rows, key=order)


def _own_rows(board: Board, reference: Reference) -> list[_Row]:
    rows = []
    for name, quantity in board.quantities.items():
        values = np.ravel(reference[name])
        if quantity.field is None or quantity.formula is not None:
            rows += [
                _Row(quantity, index, None, values[index].item())
                for index in sorted({0, len(values) - 1})
            ]
    return rows


def _write_inputs(
    sheet: Sheet, top: int, board: Board, example: Sheet, reference: Reference
) -> str:
    """A row for each input cell: its value when built, its value; where the marks stand."""
    first = row = top + 1
    sheet.label(f"A{top}", INPUTS, "subtitle")
    name = quote_sheetname(example.title)
    as_built, changed = AS_BUILT.to(sheet.language), CHANGED.to(sheet.language)
    for field, areas in example.input_areas.items():
        refs = [ref for area in areas for ref in refs_of(area)]
        label = board.input_label(field).to(sheet.language).replace("\n", " ")
        places = input_places(field, len(refs), board, reference, sheet.language)
        for place, ref, value in zip(places, refs, board.input_values(field), strict=True):
            sheet.label(f"A{row}", f"{label} ({place})" if len(refs) > 1 else label, "text")
            sheet.link(f"B{row}", example.title, ref)
            sheet.label(f"D{row}", value, "text")
            sheet.formula(f"E{row}", f"={name}!{ref}")
            equal = f"EXACT(E{row},D{row})" if isinstance(value, str) else f"E{row}=D{row}"
            sheet.formula(f"H{row}", f'=IF({equal},"{as_built}","{changed}")', style="heading")
            row += 1
    if row == first:
        return ""
    sheet.colour(f"H{first}:H{row - 1}", f'H{first}="{changed}"', "warn")
    return f"$H${first}:$H${row - 1}"


def _write_sum(sheet: Sheet, marks: str, rows: Sequence[_Row], changed: str, slide: bool) -> None:
    language = sheet.language
    erratum = ERRATUM.to(language)
    agree, differ = f'COUNTIF({marks},"{AGREES.en}")', f'COUNTIF({marks},"{DIFFERS.en}")'
    errata = f'COUNTIF({marks},"{erratum}")'
    to_agree = sum(row.figure is None or row.figure.status != "erratum" for row in rows)
    agreement = ONE_AGREES if to_agree == 1 else ALL_AGREE
    all_agree = agreement.to(language).format(n=agree)
    stand = ERRATA_STAND.to(language).format(n=errata)
    some_differ = SOME_DIFFER.to(language).format(n=differ, total=f"({agree}+{differ})")
    inputs = (INPUTS_DIFFER if slide else OWN_INPUTS_DIFFER).to(language).format(n=changed)
    judged = f'IF({differ}=0,{all_agree}&IF({errata}=0,"",{stand}),{some_differ})'
    sheet.formula("A3", f"=IF({changed}>0,{inputs},{judged})", style="subtitle")
    sheet.colour("A3:D3", f"{changed}>0", "faint")
    sheet.colour("A3:D3", f"{differ}=0", "good")
    sheet.colour("A3:D3", f"{differ}>0", "bad")


def _write_head(
    sheet: Sheet, number: int, row: _Row, example: Sheet, board: Board, reference: Reference
) -> str:
    """What is compared, a link to its cell, and its live value; the address of the cell."""
    label = with_addresses(full_label(row.quantity, board).to(sheet.language), board.quantities)
    target = _ref(example, row.quantity.name, row.index)
    assert target is not None
    if np.prod(row.quantity.sizes, dtype=int) > 1:
        label += f" ({place_of(row.quantity, row.index, board, reference, sheet.language)})"
    sheet.label(f"A{number}", label.replace("\n", " "), "text")
    sheet.link(f"B{number}", example.title, target)
    for column in "D" if row.figure is None else "CDFG":
        sheet.label(f"{column}{number}", "", "text")
    return f"{quote_sheetname(example.title)}!{target}"


def _write_figure(
    sheet: Sheet, number: int, figure: Figure, value: str, example: Sheet, changed: str
) -> None:
    sheet.label(f"C{number}", figure.printed, "text")
    chain = (
        _ref(example, figure.quantity + "_rounded", figure.index)
        if figure.status == "carried"
        else None
    )
    shown = _number_format(figure)
    sheet.formula(f"E{number}", f"={value}", _number_format(figure, spare=3))
    printed = figure.value
    if isinstance(printed, str):
        agrees = f"EXACT(E{number},C{number})"
    elif math.isnan(printed):
        agrees = f"ISERROR(E{number})"
    elif figure.status == "round-off":
        sheet.label(f"D{number}", printed, "text")
        agrees = f"ABS(E{number}-D{number})<1E-12"
    else:
        sheet.given(f"D{number}", printed, shown)
        sheet.formula(f"F{number}", _rounded(f"E{number}", figure), shown)
        agrees = f"ABS(F{number}-D{number})<{SAME_PRINT}"
        if chain is not None:
            source = f"{quote_sheetname(example.title)}!{chain}"
            sheet.formula(f"G{number}", _rounded(source, figure), shown)
            agrees = f"AND(ABS(G{number}-D{number})<{SAME_PRINT},NOT({agrees}))"
    sheet.formula(f"H{number}", _mark(agrees, figure.status, sheet, changed), style="heading")
    remark = STATUS_REMARKS[figure.status].to(sheet.language) + figure.note.to(sheet.language)
    sheet.note(f"I{number}", remark.removesuffix(": "), "text")


def _write_own(sheet: Sheet, number: int, expected: Any, value: str, changed: str) -> None:
    shown = "General"
    # The last binary digits differ from program to program, and agree all the same; where the value
    # is 0 on paper, they are all there is.
    whole = isinstance(expected, float) and round(expected, EXACT_DECIMALS).is_integer()
    if isinstance(expected, float) and 0 < abs(expected) < 1e-12:
        shown = '"≈ "0;"≈ "0'
    elif isinstance(expected, float) and not whole and 1e-6 < abs(expected) < 1e6:
        shown = "0." + "0" * EXACT_DECIMALS
    sheet.formula(f"E{number}", f"={value}", shown)
    if isinstance(expected, float) and not math.isfinite(expected):
        agrees = f"ISERROR(E{number})"
    elif isinstance(expected, str):
        sheet.label(f"D{number}", expected, "text")
        agrees = f"EXACT(E{number},D{number})"
    else:
        sheet.given(f"D{number}", expected, shown)
        agrees = f"ABS(E{number}-D{number})<{SAME_VALUE}*(1+ABS(D{number}))"
    sheet.formula(f"H{number}", _mark(agrees, "match", sheet, changed), style="heading")


def _mark(agrees: str, status: Status, sheet: Sheet, changed: str) -> str:
    yes, no = f'"{AGREES.en}"', f'"{DIFFERS.en}"'
    if status == "erratum":
        yes, no = no, f'"{ERRATUM.to(sheet.language)}"'
    judged = f'IFERROR(IF({agrees},{yes},{no}),"{DIFFERS.en}")'
    return f'=IF({changed}>0,"{NOT_ASKED.en}",{judged})'


def _rounded(source: str, figure: Figure) -> str:
    places = max(EXACT_DECIMALS, figure.decimals)
    return f"=ROUND(ROUND({source},{places}),{figure.decimals})"


def _number_format(figure: Figure, spare: int = 0) -> str:
    if isinstance(figure.value, str) or math.isnan(figure.value) or figure.status == "round-off":
        return "General"
    if "/" in figure.printed:
        return "0.####"
    decimals = figure.decimals + (spare if figure.decimals else 0)
    if figure.printed.endswith("%"):
        return "0." + "0" * (decimals - 2) + "%" if decimals > 2 else "0%"
    if "," in figure.printed:
        return "#,##0." + "0" * decimals if decimals else "#,##0"
    return "0." + "0" * decimals if decimals else "General"


def _ref(example: Sheet, quantity: str, index: int) -> str | None:
    refs = [ref for area in example.quantity_areas[quantity] for ref in refs_of(area)]
    return refs[index] if index < len(refs) else None
