"""The values in the cells of a workbook: those cached beside its formulas, and its constants."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from xml.parsers.expat import ExpatError

from sheetlab.files.address import address_of, ref_of
from sheetlab.files.cell_value import CellValue
from sheetlab.files.cell_xml import Grid, write_cached, write_constant
from sheetlab.files.package import Parts
from sheetlab.files.sheet_rows import Values, with_cached, with_constants
from sheetlab.files.xml import content, damaged, in_utf_8, parse, serialize, worksheet_parts
from sheetlab.messages import Message

# The values of a sheet's column from one row to another, None where there is none.
Columns = Callable[[str, int, int, int], Sequence[CellValue | None]]

# No formula of anybody's gives this, and it is exact in binary.
POISON = -987654321.125

# A sheet of a million rows has about so many in its tree.
_MOST_NODES = 100_000_000


def cache_values(parts: Mapping[str, bytes], values: Mapping[tuple[str, str], CellValue]) -> Parts:
    """The same parts with `values`, by sheet name and cell ("E5"), cached beside the formulas.

    Readers that do not calculate show them. Only cells that a formula fills get a value, those
    in the range of an array formula too. Raises `WorkbookError` where a part is damaged.
    """

    def listed(sheet: str, column: int, first: int, last: int) -> list[CellValue | None]:
        return [values.get((sheet, ref_of(row, column))) for row in range(first, last + 1)]

    return cache_columns(parts, listed)


def poison(parts: Mapping[str, bytes], value: float = POISON) -> Parts:
    """The same parts with `value` cached beside every formula.

    What reads anything else from them has calculated it. Raises `WorkbookError` where a part is
    damaged.
    """
    return cache_columns(parts, lambda sheet, column, first, last: [value] * (last - first + 1))


def cache_columns(parts: Mapping[str, bytes], values: Columns) -> Parts:
    """As `cache_values`, with the values by column, which are asked for a stretch at a time."""
    cached = dict(parts)
    for sheet, part in worksheet_parts(parts).items():
        xml = content(parts, part)
        try:
            written = with_cached(xml, partial(values, sheet))
        except ExpatError as error:
            raise damaged(part, Message("invalid_xml", said=str(error))) from error
        if written is None:
            written = _cached_by_tree(parts, part, partial(values, sheet))
        if written is not None and written != xml:
            cached[part] = in_utf_8(written, parts[part])
    return cached


def write_constants(
    parts: Mapping[str, bytes], constants: Mapping[tuple[str, str], CellValue | None]
) -> Parts:
    """The same parts with the constants in their cells; None makes a cell blank.

    Keyed as in `cache_values`; none of the cells may hold a formula.
    """
    written = dict(parts)
    for sheet, part in worksheet_parts(parts).items():
        refs = [ref for name, ref in constants if name == sheet]
        if refs:
            xml = content(parts, part)
            chosen = {ref: constants[sheet, ref] for ref in refs}
            try:
                edited = with_constants(xml, chosen)
            except ExpatError as error:
                raise damaged(part, Message("invalid_xml", said=str(error))) from error
            if edited is None:
                root = parse(parts, part, max_nodes=_MOST_NODES)
                grid = Grid(root)
                for ref, value in chosen.items():
                    write_constant(grid.cell(ref), value)
                written[part] = serialize(root)
            else:
                written[part] = in_utf_8(edited, parts[part])
    return written


def _cached_by_tree(parts: Mapping[str, bytes], part: str, values: Values) -> bytes | None:
    """A worksheet that has to be looked at as a whole; None where no value is written."""
    root = parse(parts, part, max_nodes=_MOST_NODES)
    grid = Grid(root)
    changed = False
    for ref in grid.formula_cells():
        row, column = address_of(ref)
        (value,) = values(column, row, row)
        if value is not None:
            write_cached(grid.cell(ref), value)
            changed = True
    return serialize(root) if changed else None
