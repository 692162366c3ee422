"""A sheet as a lesson writes it: labels, inputs, formulas filled down, names, notes, charts."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.formula.translate import Translator
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import get_column_letter, quote_sheetname, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring.charts import Chart, add_chart
from sheetlab.authoring.style import COLOURS, STYLES, ColourName, StyleName
from sheetlab.inputs import Constraint, LessonInputs, constraints
from sheetlab.text import Language, Text

_LOOKS_LIKE_A_CELL = re.compile(r"(?i)[a-z]{1,3}\d{1,7}|r\d*c\d*|[rc]\d*|true|false")
_POINTS_OF_A_LINE = 13.5
_WIDTH_LIMITS = (7.0, 34.0)

INPUT_LEGEND = Text("input: change it", "입력: 바꾸어 보십시오")
FORMULA_LEGEND = Text("formula: follows by itself", "수식: 저절로 따라 바뀝니다")


class Sheet:
    """One worksheet in one language, and what was said about it.

    Ranges are written as people write them (`"E4:E23"`). `quantity_ranges` tells where each
    named quantity stands, `input_ranges` each input that has cells, `charts` which charts
    there are.
    """

    def __init__(self, worksheet: Worksheet, language: Language, inputs: LessonInputs) -> None:
        self._worksheet = worksheet
        self._inputs = inputs
        self._widths: dict[str, float] = {}
        self._styles: dict[str, StyleName] = {}
        self.language = language
        self.quantity_ranges: dict[str, str] = {}
        self.input_ranges: dict[str, str] = {}
        self.charts: list[Chart] = []

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
            cell.quotePrefix = True
        self._style(cell, style)

    def headings(self, ref: str, texts: Sequence[Text | str]) -> None:
        """Write headings side by side, from the cell `ref` to the right."""
        left, top, _, _ = _bounds(ref)
        for offset, text in enumerate(texts):
            self.label(f"{get_column_letter(left + offset)}{top}", text, "heading")

    def given(self, ref: str, number: float, number_format: str = "General") -> None:
        """Write a number that stands fixed, such as one that a slide prints."""
        self.label(ref, number, "text")
        self._cell(ref).number_format = number_format

    def merge(self, cells: str) -> None:
        """Merge the cells of a range into one, which keeps the style of the first."""
        first, *others = refs_of(cells)
        for ref in others:
            self._style(self._cell(ref), self._styles[first])
        self._worksheet.merge_cells(cells)

    def input(
        self, cells: str, field: str, *, name: str | None = None, number_format: str = "General"
    ) -> None:
        """Fill a range with the values of one input, row by row, and let it be changed.

        Only what the input's constraint permits can be typed into these cells. `name` makes the
        range a quantity.
        """
        value = getattr(self._inputs, field)
        values = value if isinstance(value, tuple) else (value,)
        refs = list(refs_of(cells))
        if len(refs) != len(values):
            raise ValueError(f"{field} has {len(values)} values, but {cells} {len(refs)} cells")
        for ref, item in zip(refs, values, strict=True):
            cell = self._cell(ref)
            cell.value = item
            self._style(cell, "input", number_format)
        self._validate(cells, constraints(type(self._inputs))[field])
        self.input_ranges[field] = cells
        if name is not None:
            self.name(name, cells)

    def fill(
        self,
        cells: str,
        formula: str,
        *,
        name: str | None = None,
        number_format: str = "General",
        style: StyleName = "formula",
    ) -> None:
        """Write a formula into the first cell and fill it over the range, as a person drags it.

        `name` makes the range a quantity.
        """
        refs = list(refs_of(cells))
        translator = Translator(formula, refs[0])
        for ref in refs:
            cell = self._cell(ref)
            cell.value = formula if ref == refs[0] else translator.translate_formula(ref)
            self._style(cell, style, number_format)
        if name is not None:
            self.name(name, cells)

    def formula_text(self, cells: str, of: str, *, name: str | None = None) -> None:
        """Show the formula of the cell `of` as text over a range, whose cells become one."""
        first = next(refs_of(cells))
        self.label(first, str(self._cell(of).value), "text")
        if first != cells:
            self.merge(cells)
        if name is not None:
            self.name(name, first)

    def name(self, quantity: str, cells: str) -> None:
        """Make a range the quantity of that name; it becomes a defined name of the workbook."""
        if _LOOKS_LIKE_A_CELL.fullmatch(quantity) or not quantity.isidentifier():
            raise ValueError(f"'{quantity}' is not a legal defined name")
        if quantity in self.quantity_ranges:
            raise ValueError(f"'{quantity}' is named twice")
        self.quantity_ranges[quantity] = cells

    def note(self, cells: str, text: Text | str, style: StyleName = "note") -> None:
        """Write running text over a range, whose cells become one; its rows grow to fit."""
        self.label(next(refs_of(cells)), text, style)
        if ":" in cells:
            self.merge(cells)

    def legend(self, cells: str) -> None:
        """Say what an input and a formula look like, over a range and over the one below it."""
        left, top, right, _ = _bounds(cells)
        for row, text, style in (
            (top, INPUT_LEGEND, "input"),
            (top + 1, FORMULA_LEGEND, "formula"),
        ):
            self.label(f"{get_column_letter(left)}{row}", text, style)  # type: ignore[arg-type]
            if right > left:
                self.merge(f"{get_column_letter(left)}{row}:{get_column_letter(right)}{row}")

    def colour(self, cells: str, condition: str, colour: ColourName) -> None:
        """Colour each cell of a range where a condition, written for its first cell, holds."""
        ink, fill = COLOURS[colour]
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[condition.removeprefix("=")],
            font=Font(color="FF" + ink),
            fill=None if fill is None else PatternFill(bgColor="FF" + fill, fill_type="solid"),
        )
        self._worksheet.conditional_formatting.add(cells, rule)

    def link(self, ref: str, sheet: str, target: str) -> None:
        """Write a link to a cell of a sheet, which reads as that cell's address."""
        self.label(ref, target, "link")
        location = f"{quote_sheetname(sheet)}!{target}"
        self._cell(ref).hyperlink = Hyperlink(ref=ref, location=location, display=target)

    def chart(self, over: str, chart: Chart) -> None:
        """Put a chart over a range of cells."""
        self.charts.append(chart)
        add_chart(self._worksheet, chart, over, self.language)

    def width(self, columns: str, width: float) -> None:
        """Set the width of a column or of a span (`"J:P"`) in characters."""
        left, _, right, _ = _bounds(columns)
        for column in range(left, right + 1):
            self._widths[get_column_letter(column)] = width

    def freeze(self, ref: str) -> None:
        """Keep what stands above and left of a cell in sight."""
        self._worksheet.freeze_panes = ref

    def finish(self) -> None:
        """Fit columns to their contents, rows to their notes, and the sheet to A4 paper."""
        worksheet = self._worksheet
        merged = {ref for cells in worksheet.merged_cells for ref in refs_of(cells.coord)}
        for column in range(1, worksheet.max_column + 1):
            width = self._fitting_width(column, merged)
            worksheet.column_dimensions[get_column_letter(column)].width = width
        for letter, width in self._widths.items():
            worksheet.column_dimensions[letter].width = width
        for row in worksheet.iter_rows():
            for cell in row:
                if cell.data_type == "s" and cell.alignment.wrap_text:
                    self._fit_rows(cell.coordinate, str(cell.value))
        worksheet.sheet_view.showGridLines = False
        worksheet.page_setup.paperSize = worksheet.PAPERSIZE_A4
        worksheet.page_setup.orientation = "landscape"
        worksheet.page_setup.fitToWidth = 1
        worksheet.page_setup.fitToHeight = 0
        worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        worksheet.print_options.horizontalCentered = True
        worksheet.page_margins.left = worksheet.page_margins.right = 0.4
        worksheet.page_margins.top = worksheet.page_margins.bottom = 0.5
        worksheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="&A  &P/&N"))

    def _cell(self, ref: str) -> Cell:
        cell = self._worksheet[ref]
        assert isinstance(cell, Cell), f"{ref} lies inside of a merged range"
        return cell

    def _style(self, cell: Cell, style: StyleName, number_format: str = "General") -> None:
        looks = STYLES[style]
        cell.font = looks.font(self.language)
        cell.fill = looks.pattern()
        cell.border = looks.border()
        cell.alignment = looks.alignment()
        cell.number_format = number_format
        cell.protection = Protection(locked=style != "input")
        self._styles[cell.coordinate] = style

    def _validate(self, cells: str, constraint: Constraint) -> None:
        if constraint.choices:
            choices = ",".join(constraint.choices)
            validation = DataValidation(type="list", formula1=f'"{choices}"')
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
        validation.allow_blank = False
        validation.showErrorMessage = True
        validation.errorTitle = constraint.label.to(self.language)[:32]
        validation.error = constraint.describe().to(self.language)[:255]
        validation.add(cells)
        self._worksheet.add_data_validation(validation)

    def _fitting_width(self, column: int, merged: set[str]) -> float:
        widths = [_WIDTH_LIMITS[0]]
        for (cell,) in self._worksheet.iter_rows(min_col=column, max_col=column):
            if cell.value is None or cell.coordinate in merged:
                continue
            boxed = cell.border.left is not None and cell.border.left.style
            if not boxed and not cell.offset(0, 1).value:
                continue  # text without a box may run over the empty cell beside it
            if cell.data_type == "f":
                shown = cell.number_format.replace("General", "0.000000")
            else:
                shown = str(cell.value)
            size = (cell.font.size or 10) / 10 * (1.08 if cell.font.bold else 1)
            widths.append(max(map(_display_width, shown.split("\n"))) * size + 2.5)
        return min(max(widths), _WIDTH_LIMITS[1])

    def _fit_rows(self, ref: str, text: str) -> None:
        cells = next((cells.coord for cells in self._worksheet.merged_cells if ref in cells), ref)
        left, top, right, bottom = _bounds(cells)
        dimensions = self._worksheet.column_dimensions
        width = sum(
            dimensions[get_column_letter(column)].width for column in range(left, right + 1)
        )
        font = self._cell(ref).font
        size = (font.size or 10) / 10 * (1.08 if font.bold else 1)
        lines = sum(
            max(1, math.ceil(_display_width(line) * size * 0.95 / max(width - 1, 1)))
            for line in text.split("\n")
        )
        height = (lines * _POINTS_OF_A_LINE * size + 3) / (bottom - top + 1)
        for row in range(top, bottom + 1):
            known = self._worksheet.row_dimensions[row].height or 15.0
            self._worksheet.row_dimensions[row].height = max(known, height)


def refs_of(cells: str) -> Iterator[str]:
    """The cells of a range (`"E4:F5"`), row by row."""
    left, top, right, bottom = _bounds(cells)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield f"{get_column_letter(column)}{row}"


def _bounds(cells: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(cells)
    return left or 1, top or 1, right or 1, bottom or 1


def _display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
