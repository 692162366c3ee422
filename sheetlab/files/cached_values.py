"""The values in the cells of a workbook: those cached beside its formulas, and its constants."""

from collections.abc import Callable, Mapping

from sheetlab.files.cell_value import CellValue
from sheetlab.files.cell_xml import Grid, write_cached, write_constant
from sheetlab.files.package import Parts
from sheetlab.files.xml import parse, serialize, worksheet_parts

# No formula of anybody's gives this, and it is exact in binary.
POISON = -987654321.125

# A sheet of a million rows has about so many in its tree.
_MOST_NODES = 100_000_000


def cache_values(parts: Mapping[str, bytes], values: Mapping[tuple[str, str], CellValue]) -> Parts:
    """The same parts with `values`, by sheet name and cell ("E5"), cached beside the formulas.

    Readers that do not calculate show them. Only cells that a formula fills get a value, those
    in the range of an array formula too. Raises `WorkbookError` where a part is damaged.
    """
    return _cache(parts, lambda sheet, ref: values.get((sheet, ref)))


def poison(parts: Mapping[str, bytes], value: float = POISON) -> Parts:
    """The same parts with `value` cached beside every formula.

    What reads anything else from them has calculated it. Raises `WorkbookError` where a part is
    damaged.
    """
    return _cache(parts, lambda sheet, ref: value)


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
            root = parse(parts, part, max_nodes=_MOST_NODES)
            grid = Grid(root)
            for ref in refs:
                write_constant(grid.cell(ref), constants[sheet, ref])
            written[part] = serialize(root)
    return written


def _cache(parts: Mapping[str, bytes], value_of: Callable[[str, str], CellValue | None]) -> Parts:
    cached = dict(parts)
    for sheet, part in worksheet_parts(parts).items():
        root = parse(parts, part, max_nodes=_MOST_NODES)
        grid = Grid(root)
        changed = False
        for ref in grid.formula_cells():
            value = value_of(sheet, ref)
            if value is not None:
                write_cached(grid.cell(ref), value)
                changed = True
        if changed:
            cached[part] = serialize(root)
    return cached
