"""The values in the cells of a workbook: those cached beside its formulas, and its constants."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from xml.parsers.expat import ExpatError

from sheetlab.errors import MalformedError
from sheetlab.files.address import ref_of
from sheetlab.files.cell_value import CellValue
from sheetlab.files.package import Parts
from sheetlab.files.packed import EditedPart, Package, joined, parts_in_pieces, replaced
from sheetlab.files.sheet_rows import Pieces, cache_in, with_cached, with_constants, write_in
from sheetlab.files.sheet_tree import SheetTree
from sheetlab.files.xml import (
    content,
    damaged,
    in_utf_8,
    needs_no_decoding,
    parse_content,
    serialize,
    worksheet_parts,
)
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

    return dict(cache_columns(parts, listed))


def poison(parts: Mapping[str, bytes], value: float = POISON) -> Parts:
    """The same parts with `value` cached beside every formula.

    What reads anything else from them has calculated it. Raises `WorkbookError` where a part is
    damaged.
    """
    return dict(
        cache_columns(parts, lambda sheet, column, first, last: [value] * (last - first + 1))
    )


def cache_columns(parts: Mapping[str, bytes], values: Columns) -> Package:
    """As `cache_values`, with the values by column, which are asked for a stretch at a time."""
    edited: dict[str, bytes | EditedPart] = {}
    for sheet, part in worksheet_parts(parts).items():
        of_sheet = partial(values, sheet)
        by_rows, by_tree = partial(with_cached, values=of_sheet), partial(cache_in, values=of_sheet)
        edited[part] = _edited(parts, part, by_rows, by_tree)
    return replaced(parts, edited)


def write_constants(
    parts: Mapping[str, bytes], constants: Mapping[tuple[str, str], CellValue | None]
) -> Package:
    """The same parts with the constants in their cells; None makes a cell blank.

    Keyed as in `cache_values`; none of the cells may hold a formula.
    """
    edited: dict[str, bytes | EditedPart] = {}
    for sheet, part in worksheet_parts(parts).items():
        chosen = {ref: value for (name, ref), value in constants.items() if name == sheet}
        if chosen:
            by_rows = partial(with_constants, constants=chosen)
            by_tree = partial(write_in, constants=chosen)
            edited[part] = _edited(parts, part, by_rows, by_tree)
    return replaced(parts, edited)


def _edited(
    parts: Mapping[str, bytes],
    part: str,
    by_rows: Callable[[Pieces], Pieces | None],
    by_tree: Callable[[SheetTree], bool],
) -> bytes | EditedPart:
    """A worksheet changed by some rows at a time or, where these cannot be told apart, as a tree.

    It is given back as it is where nothing changes. One that comes in pieces is changed in pieces,
    when these are asked for, which raises `WorkbookError`, too.
    """
    in_pieces = parts_in_pieces(parts).get(part)
    if in_pieces is not None and needs_no_decoding(next(in_pieces.pieces(), b"")):
        with _told(part):
            edited = by_rows(in_pieces.pieces)
        if edited is not None:
            return EditedPart(partial(_telling, edited, part), in_pieces.size)
    before = parts[part]
    xml = content({part: before}, part)
    with _told(part):
        edited = by_rows(lambda: (xml,))
        if edited is None:
            root = parse_content(xml, part, max_nodes=_MOST_NODES)
            return serialize(root) if by_tree(SheetTree(root)) else before
        whole = joined(edited())
    return before if whole == xml else in_utf_8(whole, before)


def _telling(pieces: Pieces, part: str) -> Iterator[bytes]:
    with _told(part):
        yield from pieces()


@contextmanager
def _told(part: str) -> Iterator[None]:
    """Raise `WorkbookError` for what is wrong with a part."""
    try:
        yield
    except ExpatError as error:
        raise damaged(part, Message("invalid_xml", said=str(error))) from error
    except MalformedError as error:
        raise damaged(part, error.why) from error
