"""The cells of a quantity: formulas, inputs, colours."""

from collections.abc import Iterator
from itertools import groupby

from sheetlab.authoring.board import Board
from sheetlab.authoring.compiling import array_formula, conditions, contents
from sheetlab.authoring.formula import read_formula, read_reference
from sheetlab.authoring.problems import AuthoringError
from sheetlab.authoring.quantities import Cell, Index, Quantity, count
from sheetlab.authoring.references import NOWHERE, address, bounds_of
from sheetlab.authoring.sheet import Sheet, areas_of
from sheetlab.authoring.style import StyleName
from sheetlab.authoring.wording import format_of
from sheetlab.inputs import constraints


def write_quantity(quantity: Quantity, board: Board, sheet: Sheet) -> None:
    """Write the cells of a quantity; where they stand is told to the sheet."""
    quantities, number_format = board.quantities, format_of(quantity.number_format, sheet.language)
    style: StyleName = "helper" if quantity.helper else "formula"
    refs = [_ref(quantity.cell(index)) for index in quantity.indices()]
    inputs: dict[int, str] = {}
    if quantity.formula is not None and quantity.formula.is_array:
        for panel, places in _by_panel(quantity):
            cells = _whole([quantity.cell(index) for index in places])
            sheet.array_formula(cells, array_formula(quantity, panel, quantities), number_format)
    elif quantity.shown_formula_of is not None:
        _write_shown_formula(quantity, board, sheet)
    elif quantity.formula is None:
        inputs = dict(enumerate(refs))
    else:
        for content in contents(quantity, quantities):
            ref = _ref(content.cell)
            if content.formula is None:
                assert content.input_number is not None
                inputs[content.input_number] = ref
            else:
                sheet.formula(ref, content.formula, number_format, style)
    if quantity.field is not None:
        _write_inputs(quantity, [inputs[number] for number in sorted(inputs)], board, sheet)
    _merge_spans(quantity, sheet)
    sheet.quantity_areas[quantity.name] = areas_of(refs)
    _colour(quantity, board, sheet)


def _write_inputs(quantity: Quantity, refs: list[str], board: Board, sheet: Sheet) -> None:
    field = quantity.field
    assert field is not None
    values = board.input_values(field)
    if len(values) != len(refs):
        raise AuthoringError(
            f"the input '{field}' has {len(values)} values, the quantity '{quantity.name}'"
            f" {len(refs)} cells for them"
        )
    number_format = format_of(quantity.number_format, sheet.language)
    sheet.input(refs, values, constraints(board.inputs)[field], number_format)
    sheet.input_areas[field] = areas_of(refs)


def _write_shown_formula(quantity: Quantity, board: Board, sheet: Sheet) -> None:
    of = quantity.shown_formula_of
    assert of is not None
    (row, column, *_), other = bounds_of(read_reference(of), board.quantities, NOWHERE)
    formulas = {content.cell: content.formula for content in contents(other, board.quantities)}
    formula = formulas.get((row, column))
    if formula is None:
        raise AuthoringError(
            f"quantity '{quantity.name}': no formula stands in {_ref((row, column))}, `{of}`"
        )
    for index in quantity.indices():
        sheet.label(_ref(quantity.cell(index)), formula, "text")


def _merge_spans(quantity: Quantity, sheet: Sheet) -> None:
    """Merge what a value covers: the rest of the table's axes, or several columns of the sheet."""
    table = quantity.table
    rest = table.body // count(quantity.along) if quantity.place == "body" else 1
    if rest == 1 and table.span == 1:
        return
    for index in quantity.indices():
        row, column = quantity.cell(index)
        down, right = (rest, table.span) if table.runs_down else (1, rest * table.span)
        if (down, right) != (1, 1):
            sheet.merge(
                address((row, column, row + down - 1, column + right - 1)), centred=rest > 1
            )


def _colour(quantity: Quantity, board: Board, sheet: Sheet) -> None:
    for _, places in _by_panel(quantity):
        for colour, text in quantity.colour.items():
            try:
                read = read_formula(text if text.startswith("=") else f"= {text}")
                for cells, formula in conditions(read, quantity, board.quantities, places):
                    sheet.colour(_whole(cells), formula, colour)
            except AuthoringError as error:
                raise AuthoringError(
                    f"quantity '{quantity.name}', condition `{text}`: {error}"
                ) from None
    if quantity.helper:
        # What a chart leaves out is an error value, which looks like a mistake to a reader.
        for area in sheet.quantity_areas[quantity.name]:
            sheet.hide_errors(area)
    if quantity.shade:
        sheet.shade(" ".join(sheet.quantity_areas[quantity.name]))


def _by_panel(quantity: Quantity) -> Iterator[tuple[Index, list[Index]]]:
    panels = len(quantity.panel)
    for panel, places in groupby(quantity.indices(), key=lambda index: index[:panels]):
        yield panel, list(places)


def _ref(cell: Cell) -> str:
    return address((*cell, *cell))


def _whole(cells: list[Cell]) -> str:
    (top, left), (bottom, right) = min(cells), max(cells)
    return address((top, left, bottom, right))
