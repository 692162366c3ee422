"""One worksheet by addresses: what boards are written onto, and the sheets Check and About."""

import copy
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter, quote_sheetname, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring.charts import Chart, add_chart
from sheetlab.authoring.style import COLOURS, PAPER, SHADES, STYLES, StyleName, shows_words
from sheetlab.inputs import Constraint
from sheetlab.text import Language, Text

LINE_HEIGHT = 15.0  # points of a line of text of 11 points
ROW_HEIGHT = 18.0
_LONGEST_COLUMN = 34.0
_LONGEST_LABEL = 26.0
_CENTRED = Alignment(horizontal="center", vertical="center")

INPUT_LEGEND = Text("input: change it", "입력: 바꾸어 보십시오")
FORMULA_LEGEND = Text("formula: follows by itself", "수식: 자동으로 계산됩니다")
CHANGE_IT = Text("An input. Give {}.", "입력입니다. {}를 넣으십시오.")


class Sheet:
    """One worksheet in one language, and what was said about it.

    Ranges are written as people write them (`"E4:E23"`). `quantity_areas` tells where each named
    quantity stands, area after area, `input_areas` each input that has cells, `charts` which charts
    there are.
    """

    def __init__(self, worksheet: Worksheet, language: Language) -> None:
        self._worksheet = worksheet
        # The type stubs of openpyxl do not know the style of a cell as a whole, nor the charts.
        self._untyped: Any = worksheet
        self._widths: dict[str, float] = {}
        self._looks: dict[tuple[StyleName, str], Any] = {}
        self._merged: dict[str, str] = {}
        self.language = language
        self.quantity_areas: dict[str, list[str]] = {}
        self.input_areas: dict[str, list[str]] = {}
        self.charts: list[Chart] = []
        self._covered_by_charts: list[tuple[int, int, int, int]] = []

    @property
    def title(self) -> str:
        """The name on the sheet's tab."""
        return self._worksheet.title

    def label(self, ref: str, text: Text | str | float, style: StyleName = "label") -> None:
        """Write fixed text (or a number that is no input, in a label's place) into one cell."""
        value = text.to(self.language) if isinstance(text, Text) else text
        cell = self._cell(ref)
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            # A formula shown as text: without both marks a program would calculate it.
            cell.data_type = "s"
        self._style(cell, style)
        if isinstance(value, str) and value.startswith("="):
            cell.quotePrefix = True

    def headings(self, ref: str, texts: Sequence[Text | str]) -> None:
        """Write headings side by side, from the cell `ref` to the right."""
        left, top, _, _ = bounds(ref)
        for offset, text in enumerate(texts):
            self.label(f"{get_column_letter(left + offset)}{top}", text, "heading")

    def given(self, ref: str, number: float, number_format: str = "General") -> None:
        """Write a number that stands fixed, such as one that a slide prints."""
        self.label(ref, number, "text")
        self._cell(ref).number_format = number_format

    def merge(self, cells: str, *, centred: bool = False) -> None:
        """Merge the cells of a range into one, which keeps the style of the first."""
        first, *others = refs_of(cells)
        if centred:
            self._untyped[first].alignment = _CENTRED
        look = self._untyped[first]._style
        for ref in others:
            self._untyped[ref]._style = copy.copy(look)
        self._worksheet.merge_cells(cells)
        self._merged[first] = cells

    def input(
        self,
        refs: Iterable[str],
        values: Iterable[Any],
        constraint: Constraint,
        number_format: str = "General",
    ) -> None:
        """Write the values of an input into cells, where only what it permits can be typed."""
        cells = list(refs)
        for ref, value in zip(cells, values, strict=True):
            cell = self._cell(ref)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
            self._style(cell, "input", number_format)
        self._validate(" ".join(areas_of(cells)), constraint)

    def formula(
        self, ref: str, formula: str, number_format: str = "General", style: StyleName = "formula"
    ) -> None:
        """Write a formula into one cell."""
        cell = self._cell(ref)
        cell.value = formula
        self._style(cell, style, number_format)

    def array_formula(self, cells: str, formula: str, number_format: str = "General") -> None:
        """Write one formula for a whole range, as an array formula."""
        for ref in refs_of(cells):
            self._style(self._cell(ref), "formula", number_format)
        first = next(refs_of(cells))
        self._worksheet[first] = ArrayFormula(cells, formula)

    def style(self, cells: str, style: StyleName) -> None:
        """Give the empty cells of a range the look of a style."""
        for ref in refs_of(cells):
            self._style(self._cell(ref), style)

    def note(self, cells: str, text: Text | str, style: StyleName = "note") -> None:
        """Write running text over a range, whose cells become one; its rows grow to fit."""
        self.label(next(refs_of(cells)), text, style)
        if ":" in cells:
            self.merge(cells)

    def legend(self, cells: str) -> None:
        """Say what an input and a formula look like, over a range and over the one below it."""
        left, top, right, _ = bounds(cells)
        looks: tuple[tuple[int, Text, StyleName], ...] = (
            (top, INPUT_LEGEND, "input"),
            (top + 1, FORMULA_LEGEND, "formula"),
        )
        for row, text, style in looks:
            self.label(f"{get_column_letter(left)}{row}", text, style)
            if right > left:
                self.merge(f"{get_column_letter(left)}{row}:{get_column_letter(right)}{row}")

    def colour(self, cells: str, condition: str, colour: str) -> None:
        """Colour each cell of a range where a condition, written for its first cell, holds."""
        ink, fill = COLOURS[colour]
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[condition.removeprefix("=")],
            font=Font(color="FF" + ink),
            fill=None if fill is None else PatternFill(bgColor="FF" + fill, fill_type="solid"),
        )
        self._worksheet.conditional_formatting.add(cells, rule)

    def hide_errors(self, cells: str) -> None:
        """Leave the cells of a range blank to the eye where they hold error values."""
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[f"ISERROR({next(refs_of(cells))})"], font=Font(color="FF" + PAPER)
        )
        self._worksheet.conditional_formatting.add(cells, rule)

    def shade(self, cells: str) -> None:
        """Shade each cell of a range by its value, like pixels: low ones light, high ones dark."""
        low, high = SHADES
        rule = ColorScaleRule(  # type: ignore[no-untyped-call]
            start_type="min", start_color="FF" + low, end_type="max", end_color="FF" + high
        )
        self._worksheet.conditional_formatting.add(cells, rule)

    def link(self, ref: str, sheet: str, target: str, text: Text | str | None = None) -> None:
        """Write a link to a cell of a sheet, which reads as `text` or as that cell's address."""
        self.label(ref, target if text is None else text, "link")
        location = f"{quote_sheetname(sheet)}!{target}"
        self._cell(ref).hyperlink = Hyperlink(ref=ref, location=location, display=target)

    def chart(self, over: str, chart: Chart) -> None:
        """Put a chart over a range of cells."""
        self.charts.append(chart)
        self._covered_by_charts.append(bounds(over))
        add_chart(self._worksheet, chart, over, self.language)

    def width(self, columns: str, width: float) -> None:
        """Set the width of a column or of a span (`"J:P"`) in characters."""
        left, _, right, _ = bounds(columns)
        for column in range(left, right + 1):
            self._widths[get_column_letter(column)] = width

    def freeze(self, ref: str) -> None:
        """Keep what stands above and left of a cell in sight."""
        self._worksheet.freeze_panes = ref

    def repeat_rows(self, first: int, last: int) -> None:
        """Print these rows at the head of every page."""
        self._worksheet.print_title_rows = f"{first}:{last}"

    def finish(self, pages: int | None = None) -> None:
        """Fit rows to their texts and the sheet to A4 paper.

        A sheet is as wide as one page. Its height is that of `pages`, if it is told, and the paper
        stands upright where this leaves the type larger.
        """
        worksheet = self._worksheet
        for letter, width in self._widths.items():
            worksheet.column_dimensions[letter].width = width
        for cells in worksheet.iter_rows():
            for cell in cells:
                if cell.data_type == "s" and cell.alignment.wrap_text:
                    self._fit_rows(cell.coordinate, str(cell.value))
                elif cell.value is not None and cell.font.size and cell.font.size > 12:
                    known = worksheet.row_dimensions[cell.row].height or ROW_HEIGHT
                    worksheet.row_dimensions[cell.row].height = max(known, 1.6 * cell.font.size)
        # Set one by one: programs differ in how high a row is of which nothing is said.
        for row in range(1, self._last_row() + 1):
            if worksheet.row_dimensions[row].height is None:
                worksheet.row_dimensions[row].height = ROW_HEIGHT
        wide = sum(
            self._widths.get(get_column_letter(column), 9.0) * 5.6
            for column in range(1, self._last_column() + 1)
        )
        high = sum(
            worksheet.row_dimensions[row].height or ROW_HEIGHT
            for row in range(1, self._last_row() + 1)
        )
        landscape = pages is None or wide / max(high, 1) > 1.0
        worksheet.sheet_view.showGridLines = False
        worksheet.sheet_format.defaultRowHeight = ROW_HEIGHT
        worksheet.sheet_format.customHeight = True
        worksheet.page_setup.paperSize = worksheet.PAPERSIZE_A4
        worksheet.page_setup.orientation = "landscape" if landscape else "portrait"
        worksheet.page_setup.fitToWidth = 1
        worksheet.page_setup.fitToHeight = 0 if pages is None else pages
        worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        worksheet.print_options.horizontalCentered = True
        # LibreOffice counts the cell behind a chart's corner as used, and would print it; a row
        # more and a narrow column keep the last lines of a chart on the paper.
        margin = get_column_letter(self._last_column() + 1)
        worksheet.column_dimensions[margin].width = 1.5
        worksheet.print_area = f"A1:{margin}{self._last_row() + 1}"
        worksheet.page_margins.left = worksheet.page_margins.right = 0.4
        worksheet.page_margins.top = worksheet.page_margins.bottom = 0.5
        worksheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="&A  &P/&N"))

    def _last_row(self) -> int:
        charts = [bottom for _, _, _, bottom in self._covered_by_charts]
        return int(max([self._worksheet.max_row, *charts]))

    def _last_column(self) -> int:
        charts = [right for _, _, right, _ in self._covered_by_charts]
        return int(max([self._worksheet.max_column, *charts]))

    def _cell(self, ref: str) -> Cell:
        cell = self._worksheet[ref]
        assert isinstance(cell, Cell), f"{ref} lies inside of a merged range"
        return cell

    def _style(self, cell: Cell, style: StyleName, number_format: str = "General") -> None:
        known = self._looks.get((style, number_format))
        if known is None:
            looks = STYLES[style]
            cell.font = looks.font(self.language)
            cell.fill = looks.pattern()
            cell.border = looks.border()
            cell.alignment = looks.alignment()
            if shows_words(number_format):
                cell.alignment = _CENTRED
            cell.number_format = number_format
            cell.protection = Protection(locked=style != "input")
            self._looks[style, number_format] = copy.copy(self._untyped[cell.coordinate]._style)
        else:
            self._untyped[cell.coordinate]._style = copy.copy(known)

    def _validate(self, cells: str, constraint: Constraint) -> None:
        choices = constraint.choices or ()
        listed = ",".join(choices)
        # A list typed into a validation parts its texts by commas and has room for 255 characters.
        if (
            choices
            and len(listed) <= 255
            and '"' not in listed
            and listed.count(",") < len(choices)
        ):
            validation = DataValidation(type="list", formula1=f'"{listed}"')
        elif constraint.text:
            validation = DataValidation(type="textLength", operator="greaterThan", formula1="0")
        else:
            low = constraint.at_least if constraint.above is None else constraint.above
            high = constraint.at_most
            validation = DataValidation(
                type="whole" if constraint.whole else "decimal",
                operator="greaterThan"
                if constraint.above is not None and high is None
                else "between",
                formula1=f"{-1e15 if low is None else low:.15g}",
                formula2=f"{1e15 if high is None else high:.15g}",
            )
        label, must = constraint.label.to(self.language), constraint.describe().to(self.language)
        validation.allow_blank = False
        validation.showErrorMessage = True
        validation.errorTitle = label[:32]
        validation.error = must[:255]
        validation.showInputMessage = True
        validation.promptTitle = label[:32]
        validation.prompt = CHANGE_IT.to(self.language).format(must)[:255]
        validation.sqref = cells
        self._worksheet.add_data_validation(validation)

    def _fit_rows(self, ref: str, text: str) -> None:
        left, top, right, bottom = bounds(self._merged.get(ref, ref))
        dimensions = self._worksheet.column_dimensions
        width = sum(
            dimensions[get_column_letter(column)].width for column in range(left, right + 1)
        )
        font = self._worksheet[ref].font
        height = text_height(text, width, font.size or 11, bool(font.bold)) / (bottom - top + 1)
        for row in range(top, bottom + 1):
            known = self._worksheet.row_dimensions[row].height or ROW_HEIGHT
            self._worksheet.row_dimensions[row].height = max(known, height)


def text_height(text: str, width: float, size: float, bold: bool = False) -> float:
    """How high a wrapped text is, in points, in columns that are `width` characters wide."""
    scale = size / 11 * (1.08 if bold else 1)
    room = max(width - 1, 1)
    # Letters are narrower than the digits in which the width of a column is told.
    lines = sum(
        max(1, math.ceil(display_width(line) * scale * 0.92 / room)) for line in text.split("\n")
    )
    return lines * LINE_HEIGHT * size / 11 + 3


def refs_of(cells: str) -> Iterator[str]:
    """The cells of a range (`"E4:F5"`), row by row."""
    left, top, right, bottom = bounds(cells)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield f"{get_column_letter(column)}{row}"


def areas_of(refs: Iterable[str]) -> list[str]:
    """The fewest ranges that, row by row and one after another, are these cells in this order."""
    cells = [bounds(ref)[:2] for ref in refs]
    areas: list[tuple[int, int, int, int]] = []
    position = 0
    while position < len(cells):
        column, row = cells[position]
        right = column
        while position + (right - column) + 1 < len(cells) and cells[
            position + (right - column) + 1
        ] == (right + 1, row):
            right += 1
        length, bottom = right - column + 1, row
        position += length
        while cells[position : position + length] == [
            (column + offset, bottom + 1) for offset in range(length)
        ]:
            bottom += 1
            position += length
        areas.append((column, row, right, bottom))
    return [
        f"{get_column_letter(left)}{top}"
        + ("" if (left, top) == (right, bottom) else f":{get_column_letter(right)}{bottom}")
        for left, top, right, bottom in areas
    ]


def bounds(cells: str) -> tuple[int, int, int, int]:
    """First column, first row, last column, last row of a range."""
    left, top, right, bottom = range_boundaries(cells)
    return left or 1, top or 1, right or 1, bottom or 1


def display_width(text: str) -> int:
    """How many characters wide a line of text is; Korean letters are two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def heading_width(text: str) -> float:
    """How wide a column has to be for a heading, which may break between words."""
    words = max((display_width(word) for word in text.split()), default=0)
    whole = max((display_width(line) for line in text.split("\n")), default=0)
    return min(max(words, min(whole, 11)) * 1.1 + 2, _LONGEST_COLUMN)


def label_width(text: str) -> float:
    """How wide a column has to be for the label of a row, which breaks only when it is long."""
    longest = max(display_width(line) for line in text.split("\n"))
    if longest < 8:
        return heading_width(text)
    return max(heading_width(text), min(longest * 1.05 + 2, _LONGEST_LABEL))


def value_width(value: Any, number_format: str) -> float:
    """How wide a column has to be for a value in a number format."""
    return min(display_width(shown_value(value, number_format)) + 2.0, _LONGEST_COLUMN)


def shown_value(value: Any, number_format: str) -> str:
    """A value about as a spreadsheet shows it, for measuring."""
    if not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return "#NUM!"
    section = number_format.split(";")[1 if value < 0 and number_format.count(";") else 0]
    literal = "".join(section.split('"')[1::2])
    digits = "".join(section.split('"')[::2]).split("]")[-1]
    if "?/" in digits:
        return literal + "0" * len(digits)
    if "E+" in digits:
        return literal + f"{value:.{digits.count('0') - 3}E}"
    if digits in ("General", ""):
        return literal + f"{value:.7g}"
    places = max(sum(digits.partition(".")[2].count(mark) for mark in "0#?"), 0)
    percent = "%" in digits
    text = f"{value * 100 if percent else value:{',' if ',' in digits else ''}.{places}f}"
    return literal + text + "%" * percent
