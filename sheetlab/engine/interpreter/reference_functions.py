"""Functions that give references, or ask where one is rather than what its cells hold."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Element, PlaceNumber
from sheetlab.engine.functions.lookup import XLOOKUP, XMATCH, as_prefix
from sheetlab.engine.interpreter.evaluation import (
    Context,
    Reference,
    Value,
    called,
    cut,
    node,
    plain,
    read,
    reference_of,
    value_of,
)
from sheetlab.engine.syntax.expression import Expression, Missing
from sheetlab.engine.values.arrays import NOT_AVAILABLE, as_array, first, packed, side_by_side
from sheetlab.engine.values.conversions import logical_of, number_of, text_of
from sheetlab.engine.values.value import Array, ErrorValue, Scalar
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, letters_of
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]

_REF = CellError("#REF!")
_VALUE = CellError("#VALUE!")

# Patterns are compiled by who uses them, since most workbooks that call a function do not.
# What files put before the names of later functions and of variables, but not in quotes.
_FILE_PREFIXES = r"(?P<quoted>\"[^\"]*\"|'[^']*')|(?:_xlfn\.|_xlws\.|_xlpm\.)+"
# A sheet's rows have no more than seven digits.
_R1C1_CORNER = r"R(?:\[(-?\d{1,9})\]|(\d{0,9}))C(?:\[(-?\d{1,9})\]|(\d{0,9}))"
_R1C1 = rf"(?:(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!)?{_R1C1_CORNER}(?::{_R1C1_CORNER})?"


def _index(arguments: Arguments, context: Context) -> Value:
    table = node(arguments[0], context.with_array(True))
    # Excel takes the places as in the formula as a whole, even in SUMPRODUCT.
    formula = context.with_array(context.array_formula)
    places = [
        0.0 if isinstance(argument, Missing) else value_of(argument, formula)
        for argument in arguments[1:]
    ]
    if isinstance(table, tuple):
        area = _whole_number(first(places[2]), context) if len(places) == 3 else 1
        if not 1 <= area <= len(table):
            return _REF
        cells = table[area - 1]
        shape = cells.shape
    else:
        array = as_array(plain(table))
        shape = array.shape
        if array.size == 1 and type(first(array)) is CellError:
            return first(array)
    row = places[0]
    column: Scalar | Array = places[1] if len(places) > 1 else 0.0
    if len(places) == 1 and shape[0] == 1:
        row, column = 0.0 if shape[1] > 1 else 1.0, row

    def picked(row: Scalar, column: Scalar) -> Value:
        top, bottom = _picked(row, shape[0], context)
        left, right = _picked(column, shape[1], context)
        if isinstance(table, tuple):
            return (
                CellRange(
                    cells.sheet,
                    cells.top + top,
                    cells.left + left,
                    cells.top + bottom - 1,
                    cells.left + right - 1,
                ),
            )
        part = array[top:bottom, left:right]
        return first(part) if part.size == 1 else part

    if not isinstance(row, np.ndarray) and not isinstance(column, np.ndarray):
        return picked(row, column)
    return _each(lambda row, column: picked(row, column), (row, column), context)


def _picked(place: Scalar, count: int, context: Context) -> tuple[int, int]:
    """Where a row or column starts and ends, counted from 0; place 0 is all of them."""
    number = _whole_number(place, context)
    if number < 0:
        raise ErrorValue("#VALUE!")
    if number > count:
        raise ErrorValue("#REF!")
    return (number - 1, number) if number else (0, count)


def _each(
    function: Callable[..., Value], values: tuple[Scalar | Array, ...], context: Context
) -> Array:
    """A function of single values, of each element of arrays; of a range the first cell is read."""
    columns, shape = side_by_side(values)
    results: list[Scalar] = []
    for elements in zip(*columns, strict=True):
        try:
            result = function(*elements)
        except ErrorValue as error:
            result = error.error
        if isinstance(result, tuple):
            cell = result[0]._replace(bottom=result[0].top, right=result[0].left)
            result = read((cell,), context)
        results.append(first(plain(result)))
    return packed(results, shape)


def _xlookup(arguments: Arguments, context: Context) -> Value:
    sought = value_of(arguments[0], context)
    given = node(arguments[2], context)
    if isinstance(sought, np.ndarray) or not isinstance(given, tuple) or len(given) != 1:
        return called(XLOOKUP, arguments, context)
    if isinstance(sought, CellError):
        return sought
    # What a single value finds in cells is itself a reference to cells.
    place = first(plain(called(XMATCH, (*arguments[:2], *arguments[4:]), context)))
    if isinstance(place, CellError):
        has_instead = len(arguments) > 3 and not isinstance(arguments[3], Missing)
        return node(arguments[3], context) if place == NOT_AVAILABLE and has_instead else place
    step = _whole_number(place, context) - 1
    shape = _shape(arguments[1], context)
    cells = given[0]
    if isinstance(shape, CellError):
        return shape
    rows, columns = shape
    if columns == 1 and cells.shape[0] == rows:
        return (cells._replace(top=cells.top + step, bottom=cells.top + step),)
    if rows == 1 and cells.shape[1] == columns:
        return (cells._replace(left=cells.left + step, right=cells.left + step),)
    return _VALUE


def _offset(arguments: Arguments, context: Context) -> Value:
    reference = reference_of(node(arguments[0], context))
    if len(reference) != 1:
        return _VALUE
    sheet, top, left, bottom, right = reference[0]
    rows, columns, height, width = (
        _optional(arguments[position], default, context) if position < len(arguments) else default
        for position, default in enumerate((0, 0, bottom - top + 1, right - left + 1), 1)
    )
    if not height or not width:
        return _REF
    top, left = top + rows, left + columns
    # A negative height goes upwards from the first row.
    top, bottom = sorted((top, top + height + (-1 if height > 0 else 1)))
    left, right = sorted((left, left + width + (-1 if width > 0 else 1)))
    if top < 1 or left < 1 or bottom > MAX_ROW or right > MAX_COLUMN:
        return _REF
    return (CellRange(sheet, top, left, bottom, right),)


def _indirect(arguments: Arguments, context: Context) -> Value:
    in_a1_style = True
    if len(arguments) == 2 and not isinstance(arguments[1], Missing):
        in_a1_style = _logical(arguments[1], context)
    elif len(arguments) == 2:
        in_a1_style = False

    def pointed(text: Scalar) -> Value:
        if isinstance(text, CellError):
            return text
        if not in_a1_style:
            return _r1c1(text_of(text), context)
        home = context.sheet, context.row, context.column
        expression = context.source.parse_reference(text_of(text), home)
        if expression is None:
            return _REF
        found = node(expression, context.with_array(True))
        return found if isinstance(found, tuple | CellError) else _REF

    text = value_of(arguments[0], context)
    if isinstance(text, np.ndarray) and text.size > 1:
        return _each(pointed, (text,), context)
    return pointed(first(text))


def _r1c1(text: str, context: Context) -> Reference | CellError:
    found = re.fullmatch(_R1C1, text.strip(), re.IGNORECASE)
    if found is None:
        return _REF
    quoted, plain_sheet, *corners = found.groups()
    sheet = quoted.replace("''", "'") if quoted else plain_sheet or context.sheet
    known = {name.lower(): name for name in context.source.sheets()}
    if sheet.lower() not in known:
        return _REF
    first_row, first_column = _corner(corners[:4], context)
    row, column = first_row, first_column
    if ":" in text[text.rfind("!") + 1 :]:
        row, column = _corner(corners[4:], context)
    top, bottom = sorted((first_row, row))
    left, right = sorted((first_column, column))
    if top < 1 or left < 1 or bottom > MAX_ROW or right > MAX_COLUMN:
        return _REF
    return (CellRange(known[sheet.lower()], top, left, bottom, right),)


def _corner(parts: list[str | None], context: Context) -> tuple[int, int]:
    row_step, row, column_step, column = parts
    return (
        int(row) if row else context.row + int(row_step or 0),
        int(column) if column else context.column + int(column_step or 0),
    )


def _trimmed(arguments: Arguments, context: Context) -> Value:
    """A range without its blank rows and columns, at the start (1), the end (2) or both (3)."""
    modes = [
        _optional(arguments[position], 3, context) if position < len(arguments) else 3
        for position in (1, 2)
    ]
    if any(mode not in range(4) for mode in modes):
        return _VALUE
    value = node(arguments[0], context.with_array(True))
    if not isinstance(value, tuple):
        array = as_array(plain(value))
        rows, columns = _filled(array, modes)
        return array[rows, columns]
    if len(value) != 1:
        return _VALUE
    cells = cut(value, context.source)[0]
    rows, columns = _filled(as_array(context.source.values(cells)), modes)
    return (
        CellRange(
            cells.sheet,
            cells.top + rows.start,
            cells.left + columns.start,
            cells.top + rows.stop - 1,
            cells.left + columns.stop - 1,
        ),
    )


def _filled(array: Array, modes: list[int]) -> tuple[slice, slice]:
    """The rows and columns of an array from the first that is not blank to the last."""
    if array.dtype != object:
        return slice(0, array.shape[0]), slice(0, array.shape[1])
    is_filled = np.array([value is not None for value in array.ravel().tolist()])
    is_filled = is_filled.reshape(array.shape)
    if not is_filled.any():
        raise ErrorValue("#REF!")
    slices = []
    for axis, mode in enumerate(modes):
        places = np.flatnonzero(is_filled.any(axis=1 - axis))
        start = int(places[0]) if mode & 1 else 0
        slices.append(slice(start, int(places[-1]) + 1 if mode & 2 else array.shape[axis]))
    return slices[0], slices[1]


def _row(arguments: Arguments, context: Context) -> Value:
    if not arguments:
        return float(context.row)
    cells = _area(arguments[0], context)
    top = cells.top
    if context.array and top < cells.bottom:
        # Beside the cells of whole columns, it is as long as what is read of them.
        bottom = cut([cells], context.source)[0].bottom
        context.source.budget.reserve(bottom - top + 1, numbers=True)
        return np.arange(top, bottom + 1, dtype=np.float64).reshape(-1, 1)
    return float(top)


def _column(arguments: Arguments, context: Context) -> Value:
    if not arguments:
        return float(context.column)
    cells = _area(arguments[0], context)
    left = cells.left
    if context.array and left < cells.right:
        right = cut([cells], context.source)[0].right
        context.source.budget.reserve(right - left + 1, numbers=True)
        return np.arange(left, right + 1, dtype=np.float64).reshape(1, -1)
    return float(left)


def _rows(arguments: Arguments, context: Context) -> Value:
    shape = _shape(arguments[0], context)
    return shape if isinstance(shape, CellError) else float(shape[0])


def _columns(arguments: Arguments, context: Context) -> Value:
    shape = _shape(arguments[0], context)
    return shape if isinstance(shape, CellError) else float(shape[1])


def _shape(expression: Expression, context: Context) -> tuple[int, ...] | CellError:
    value = node(expression, context.with_array(True))
    if isinstance(value, tuple):
        return value[0].shape if len(value) == 1 else _REF
    found = plain(value)
    return found if isinstance(found, CellError) else as_array(found).shape


def _areas(arguments: Arguments, context: Context) -> float:
    return float(len(reference_of(node(arguments[0], context))))


def _isref(arguments: Arguments, context: Context) -> bool:
    return isinstance(node(arguments[0], context), tuple)


def _isformula(arguments: Arguments, context: Context) -> Value:
    return _of_cells(
        lambda cells: context.source.formula(cells[:3]) is not None, arguments[0], context
    )


def _formula_text(arguments: Arguments, context: Context) -> Value:
    def text(cells: CellRange) -> Scalar:
        formula = context.source.formula(cells[:3])
        if formula is None:
            return NOT_AVAILABLE
        shown = re.sub(
            _FILE_PREFIXES, lambda found: found["quoted"] or "", formula, flags=re.IGNORECASE
        )
        return shown if shown.startswith(("=", "{")) else f"={shown}"

    return _of_cells(text, arguments[0], context)


def _phonetic(arguments: Arguments, context: Context) -> Value:
    given = node(arguments[0], context)
    if not isinstance(given, tuple):
        text = first(plain(given))
        return text if isinstance(text, CellError) else text_of(text)
    if len(given) > 1:
        return NOT_AVAILABLE
    home = given[0][:3]
    value = context.source.value(home)
    if type(value) is CellError:
        return value
    # Only what was typed has a reading.
    if type(value) is not str or context.source.formula(home) is not None:
        return ""
    phonetic = context.source.phonetic(home)
    return value if phonetic is None else phonetic


def _pivot_data(arguments: Arguments, context: Context) -> Value:
    name, *rest = (
        first(value_of(argument, context)) for argument in (arguments[0], *arguments[2:])
    )
    for given in (name, *rest):
        if isinstance(given, CellError):
            return given
    cells = reference_of(node(arguments[1], context))[0]
    fields = [text_of(field) for field in rest[::2] if not isinstance(field, CellError)]
    if len(rest) % 2:
        return _REF
    assert not isinstance(name, CellError)
    home = context.source.pivot_cell(
        cells, text_of(name), list(zip(fields, rest[1::2], strict=True))
    )
    return _REF if home is None else context.source.value(home)


def _of_cells(
    function: Callable[[CellRange], Scalar], expression: Expression, context: Context
) -> Value:
    """What a function says of a cell; in an array formula, of each cell of a range."""
    cells = _area(expression, context)
    if not context.array:
        return function(cells)
    rows, columns = cells.shape
    context.source.budget.reserve(rows * columns)
    context.source.budget.spend(rows * columns)
    results = [function(CellRange(sheet, row, column, row, column))
               for sheet, row, column in cells.addresses()]  # fmt: skip
    return results[0] if len(results) == 1 else packed(results, cells.shape)


def _sheet(arguments: Arguments, context: Context) -> Value:
    names = [name.lower() for name in context.source.sheets()]
    sheet = context.sheet
    if arguments:
        value = node(arguments[0], context)
        if isinstance(value, tuple):
            sheet = value[0].sheet
        else:
            found = first(plain(value))
            if isinstance(found, CellError):
                return found
            sheet = text_of(found)
    return float(names.index(sheet.lower()) + 1) if sheet.lower() in names else NOT_AVAILABLE


def _sheets(arguments: Arguments, context: Context) -> float:
    if not arguments:
        return float(len(context.source.sheets()))
    return float(len({cells.sheet for cells in reference_of(node(arguments[0], context))}))


def _cell(arguments: Arguments, context: Context) -> Value:
    kind = first(value_of(arguments[0], context))
    sheet, row, column = context.sheet, context.row, context.column
    if len(arguments) == 2:
        sheet, row, column = _area(arguments[1], context)[:3]
    if isinstance(kind, CellError):
        return kind
    match text_of(kind).lower():
        case "address":
            place = f"${letters_of(column)}${row}"
            return place if sheet == context.sheet else f"{as_prefix(sheet)}{place}"
        case "row":
            return float(row)
        case "col":
            return float(column)
        case "contents":
            return context.source.value((sheet, row, column))
        case "type":
            value = context.source.value((sheet, row, column))
            return "b" if value is None else "l" if isinstance(value, str) else "v"
    return _VALUE


def _hyperlink(arguments: Arguments, context: Context) -> Value:
    return value_of(arguments[-1], context)


def _area(expression: Expression, context: Context) -> CellRange:
    reference = reference_of(node(expression, context))
    if len(reference) != 1:
        raise ErrorValue("#REF!")
    return reference[0]


def _optional(expression: Expression, default: int, context: Context) -> int:
    if isinstance(expression, Missing):
        return default
    return _whole_number(first(value_of(expression, context)), context)


def _whole_number(value: Scalar, context: Context) -> int:
    number = number_of(value, context.source.date_1904)
    if isinstance(number, CellError):
        raise ErrorValue(number)
    return int(number)


def _logical(expression: Expression, context: Context) -> bool:
    holds = logical_of(first(value_of(expression, context)))
    if isinstance(holds, CellError):
        raise ErrorValue(holds)
    return holds


def _of_place(
    call: Callable[[Arguments, Context], Value],
    required: int = 1,
    kernel: PlaceNumber | None = None,
) -> Function:
    return Function(
        call, ("reference",), required=required, special=True, reads="place", kernel=kernel
    )


FUNCTIONS: dict[str, Function] = {
    "AREAS": _of_place(_areas),
    "CELL": Function(_cell, ("text", "reference"), required=1, special=True, reads="unknown"),
    "COLUMN": _of_place(_column, required=0, kernel=PlaceNumber(of_row=False)),
    "COLUMNS": _of_place(_columns),
    "FORMULATEXT": _of_place(_formula_text),
    "GETPIVOTDATA": Function(
        _pivot_data,
        ("text", "reference", "text", "scalar"),
        repeating=2,
        required=2,
        special=True,
        reads="unknown",
    ),
    "HYPERLINK": Function(_hyperlink, ("lazy", "scalar"), required=1, special=True),
    "INDEX": Function(
        _index,
        ("reference", "number", "number", "number"),
        required=2,
        array_context=True,
        special=True,
        kernel=Element(),
    ),
    "INDIRECT": Function(
        _indirect, ("text", "logical"), required=1, special=True, reads="unknown", spreads=True
    ),
    "ISFORMULA": _of_place(_isformula),
    "ISREF": _of_place(_isref),
    "OFFSET": Function(
        _offset,
        ("reference", "number", "number", "number", "number"),
        required=3,
        special=True,
        reads="unknown",
        spreads=True,
    ),
    "PHONETIC": Function(_phonetic, ("reference",), special=True),
    "ROW": _of_place(_row, required=0, kernel=PlaceNumber(of_row=True)),
    "ROWS": _of_place(_rows),
    "SHEET": _of_place(_sheet, required=0),
    "SHEETS": _of_place(_sheets, required=0),
    "TRIMRANGE": Function(
        _trimmed, ("reference", "number", "number"), required=1, special=True, spreads=True
    ),
    "XLOOKUP": replace(XLOOKUP, call=_xlookup, special=True, plain=XLOOKUP),
}
