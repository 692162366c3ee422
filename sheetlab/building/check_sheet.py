"""The sheet `Check`: every printed figure beside the live value of its cell."""

import math
from collections.abc import Mapping, Sequence

from openpyxl.utils import quote_sheetname

from sheetlab.authoring import Sheet, refs_of
from sheetlab.ledger import EXACT_DECIMALS, Figure, Status
from sheetlab.text import Text, same

TITLE = Text("What the slides print, and what this workbook says", "슬라이드의 수와 이 파일의 값")
EXPLANATION = Text(
    "One row for each figure on the slides. Value is the live cell. Both numbers are rounded half"
    " up to the decimals that the slide prints (first to 12 decimals, so that floating-point noise"
    " does not decide a half). The slides print the worked example: change an input, and the values"
    " leave them.",
    "슬라이드에 있는 수마다 한 행입니다. '값'은 살아 있는 셀입니다. 두 수를 모두 슬라이드의"
    " 소수 자리까지 반올림하여 비교합니다(부동소수점 오차가 반올림을 바꾸지 않도록 먼저"
    " 소수 12자리로 맞춥니다). 슬라이드의 수는 원래 예제의 것이므로 입력을 바꾸면 달라집니다.",
)
HEADINGS = (
    Text("Figure", "무엇"),
    Text("Cell", "셀"),
    Text("Slide prints", "슬라이드 표기"),
    Text("As a number", "수로"),
    Text("Value", "값"),
    Text("Rounded", "반올림"),
    Text("By the slide's\nrounded steps", "슬라이드의\n반올림 단계로"),
    Text("Agrees?", "일치?"),
    Text("Remark", "설명"),
)
AGREES, DIFFERS = same("✓"), same("✗")
ERRATUM = Text("slide errs", "슬라이드 오류")
STATUS_REMARKS: dict[Status, Text] = {
    "match": same(""),
    "mislabelled": Text("Mislabelled: ", "제목이 잘못됨: "),
    "round-off": Text("Floating-point noise: ", "부동소수점 오차: "),
    "carried": Text("Rounded on the way: ", "중간 반올림: "),
    "erratum": Text("Erratum: ", "정오: "),
}
ALL_AGREE = Text('"All "&{n}&" figures agree"', '"수 "&{n}&"개가 모두 일치합니다"')
ONE_AGREES = Text('"The figure agrees"', '"수가 일치합니다"')
ERRATA_STAND = Text(
    '" ("&{n}&" more are errors of the slide)"', '" (그 밖에 슬라이드 오류 "&{n}&"개)"'
)
SOME_DIFFER = Text(
    '{n}&" of "&{total}&" figures do not agree"', '"수 "&{total}&"개 중 "&{n}&"개가 다릅니다"'
)

FIRST_ROW = 6


def write_check_sheet(
    sheet: Sheet,
    figures: Sequence[Figure],
    labels: Mapping[str, Text],
    example: Sheet,
) -> None:
    """Write a row for each figure whose cell `example` has, and a live sum over all of them."""
    rows = [figure for figure in figures if _cell_of(figure, example) is not None]
    last = FIRST_ROW + len(rows) - 1
    sheet.label("A1", TITLE, "title")
    sheet.note("A2:I2", EXPLANATION)
    sheet.headings(f"A{FIRST_ROW - 1}", HEADINGS)
    for row, figure in enumerate(rows, FIRST_ROW):
        _write_row(sheet, row, figure, labels, example)
    if rows:
        marks = f"$H${FIRST_ROW}:$H${last}"
        _write_sum(sheet, marks, rows)
        sheet.colour(f"H{FIRST_ROW}:H{last}", f'H{FIRST_ROW}="{AGREES.en}"', "good")
        sheet.colour(f"H{FIRST_ROW}:H{last}", f'H{FIRST_ROW}="{DIFFERS.en}"', "bad")
        sheet.colour(
            f"H{FIRST_ROW}:H{last}", f'H{FIRST_ROW}="{ERRATUM.to(sheet.language)}"', "warn"
        )
    sheet.width("I", 60)
    sheet.freeze(f"A{FIRST_ROW}")


def _write_sum(sheet: Sheet, marks: str, figures: Sequence[Figure]) -> None:
    erratum = ERRATUM.to(sheet.language)
    agree, differ = f'COUNTIF({marks},"{AGREES.en}")', f'COUNTIF({marks},"{DIFFERS.en}")'
    errata = f'COUNTIF({marks},"{erratum}")'
    to_agree = sum(figure.status != "erratum" for figure in figures)
    agreement = ONE_AGREES if to_agree == 1 else ALL_AGREE
    all_agree = agreement.to(sheet.language).format(n=agree)
    stand = ERRATA_STAND.to(sheet.language).format(n=errata)
    some_differ = SOME_DIFFER.to(sheet.language).format(n=differ, total=f"({agree}+{differ})")
    formula = f'=IF({differ}=0,{all_agree}&IF({errata}=0,"",{stand}),{some_differ})'
    sheet.fill("A3", formula, style="subtitle")
    sheet.colour("A3", f"{differ}=0", "good")
    sheet.colour("A3", f"{differ}>0", "bad")


def _write_row(
    sheet: Sheet, row: int, figure: Figure, labels: Mapping[str, Text], example: Sheet
) -> None:
    label = labels[figure.quantity].to(sheet.language)
    target = _cell_of(figure, example)
    assert target is not None
    many = ":" in example.quantity_ranges[figure.quantity]
    sheet.label(f"A{row}", f"{label} [{figure.index}]" if many else label, "text")
    sheet.link(f"B{row}", example.title, target)
    sheet.label(f"C{row}", figure.printed, "text")
    chain = _cell_of(figure, example, "_rounded") if figure.status == "carried" else None
    for column in "DFG":
        sheet.label(f"{column}{row}", "", "text")
    number = _number_format(figure)
    value = f"{quote_sheetname(example.title)}!{target}"
    sheet.fill(f"E{row}", f"={value}", number_format=_number_format(figure, spare=3))
    printed = figure.value
    if isinstance(printed, str):
        agrees = f"EXACT(E{row},C{row})"
    elif math.isnan(printed):
        agrees = f"ISERROR(E{row})"
    elif figure.status == "round-off":
        sheet.label(f"D{row}", printed, "text")
        agrees = f"ABS(E{row}-D{row})<1E-12"
    else:
        sheet.given(f"D{row}", printed, number)
        sheet.fill(f"F{row}", _rounded(f"E{row}", figure), number_format=number)
        agrees = f"ABS(F{row}-D{row})<1E-9"
        if chain is not None:
            source = f"{quote_sheetname(example.title)}!{chain}"
            sheet.fill(f"G{row}", _rounded(source, figure), number_format=number)
            agrees = f"AND(ABS(G{row}-D{row})<1E-9,NOT({agrees}))"
    sheet.fill(f"H{row}", _mark(agrees, figure.status, sheet), style="heading")
    remark = STATUS_REMARKS[figure.status].to(sheet.language) + figure.note.to(sheet.language)
    sheet.note(f"I{row}", remark, "text")


def _mark(agrees: str, status: Status, sheet: Sheet) -> str:
    yes, no = f'"{AGREES.en}"', f'"{DIFFERS.en}"'
    if status == "erratum":
        yes, no = no, f'"{ERRATUM.to(sheet.language)}"'
    return f'=IFERROR(IF({agrees},{yes},{no}),"{DIFFERS.en}")'


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
    return "0." + "0" * decimals if decimals else "General"


def _cell_of(figure: Figure, example: Sheet, suffix: str = "") -> str | None:
    cells = example.quantity_ranges[figure.quantity + suffix]
    refs = list(refs_of(cells))
    return refs[figure.index] if figure.index < len(refs) else None
