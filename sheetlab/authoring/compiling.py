"""From formulas of names to formulas of addresses, as a person would type and fill them.

What moves with the cell stays relative, what does not is fixed with a `$`, so that the cells of a
quantity hold one formula filled down or across: `=E4-$A$3*$H4`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from sheetlab.authoring.formula import Formula, NameReference, read_reference
from sheetlab.authoring.problems import AuthoringError, BeyondTableError
from sheetlab.authoring.quantities import Cell, Index, Quantity, count
from sheetlab.authoring.references import (
    NOWHERE,
    Bounds,
    Here,
    address,
    bounds_of,
    quantity_named,
)
from sheetlab.text import PARTICLE, fitting_particle

# Whether first row, first column, last row and last column of a reference are fixed.
_Marks = tuple[bool, bool, bool, bool]

_IN_BRACES = re.compile(r"\{([^{}]+)\}" + PARTICLE)


@dataclass(frozen=True)
class Content:
    """What stands in one cell of a quantity: a formula, or the n-th value of an input."""

    cell: Cell
    index: Index
    formula: str | None = None
    input_number: int | None = None


@dataclass(frozen=True)
class _Use:
    """A formula in one cell, its references found."""

    index: Index
    cell: Cell
    bounds: tuple[Bounds, ...]
    single: tuple[bool, ...] = ()  # of each reference, whether its quantity is one value


def contents(quantity: Quantity, quantities: Mapping[str, Quantity]) -> Iterator[Content]:
    """What stands in each cell of a quantity.

    Raises `AuthoringError` that shows the quantity, the formula and the place.
    """
    uses: dict[tuple[Formula, Index], list[_Use]] = {}
    inputs, before_constant = 0, _inputs_before_constant(quantity)
    for index in quantity.indices():
        cell = quantity.cell(index)
        found = _formula_at(quantity, index, quantities)
        if found is None or inputs < before_constant:
            yield Content(cell, index, input_number=inputs)
            inputs += 1
        else:
            formula, bounds = found
            panel = index[: len(quantity.panel)]
            named = (
                quantity_named(piece.name, quantities, quantity)
                for piece in formula.pieces
                if isinstance(piece, NameReference)
            )
            single = tuple(one is not None and not one.axes for one in named)
            uses.setdefault((formula, panel), []).append(_Use(index, cell, bounds, single))
    _join_ends(quantity, uses)
    for (formula, _), block in uses.items():
        alone = len(block) == 1 < count(quantity.axes[len(quantity.panel) :])
        first_or_last = formula in (quantity.first, quantity.last)
        panels = [use for (other, _), one in uses.items() if other == formula for use in one]
        texts = _filled(formula, block, panels, single_cells_fixed=alone and not first_or_last)
        for use, text in zip(block, texts, strict=True):
            yield Content(use.cell, use.index, formula=text)


def conditions(
    formula: Formula, quantity: Quantity, quantities: Mapping[str, Quantity], indices: list[Index]
) -> Iterator[tuple[list[Cell], str]]:
    """A condition on cells of a quantity, as it reads in the first of the cells that it is for.

    These are all of them, or each by itself where filling would not give each its own.
    """
    block = [
        _Use(index, quantity.cell(index), _bounds(formula, quantities, _here(quantity, index)))
        for index in indices
    ]
    texts = _filled(formula, block, block)
    if _all_fill(formula, block):
        yield [use.cell for use in block], next(texts)
    else:
        yield from (([use.cell], text) for use, text in zip(block, texts, strict=True))


def array_formula(quantity: Quantity, panel: Index, quantities: Mapping[str, Quantity]) -> str:
    """The formula that fills all cells of a quantity at once, every axis read as a whole."""
    formula = quantity.formula
    assert formula is not None
    here = Here(dict(zip(quantity.panel, panel, strict=True)), quantity)
    try:
        bounds = _bounds(formula, quantities, here)
    except AuthoringError as error:
        raise _explained(
            quantity, formula, quantity.cell((*panel, *_zeros(quantity))), error
        ) from None
    return _text(formula, [address(found) for found in bounds])


def with_addresses(text: str, quantities: Mapping[str, Quantity]) -> str:
    """A text in which `{name}` has become the address of its cells.

    `{name.row}` and `{name.column}` become the row and the column alone. A Korean particle right
    behind takes the form that fits the address: `{name}을` becomes C10을 or C9를.
    """

    def place(match: re.Match[str]) -> str:
        where = place_of(match[1].strip())
        return where + fitting_particle(where, match[2] or "")

    def place_of(reference: str) -> str:
        part = reference.rpartition(".")[2]
        if part in ("row", "column"):
            reference = reference.rpartition(".")[0]
        try:
            (top, left, bottom, right), _ = bounds_of(
                read_reference(reference), quantities, NOWHERE
            )
        except AuthoringError as error:
            raise AuthoringError(f"the text “{text}”: {error}") from None
        if part == "row":
            return f"{top}" if top == bottom else f"{top}–{bottom}"
        if part == "column":
            first, last = get_column_letter(left), get_column_letter(right)
            return first if first == last else f"{first}–{last}"
        return address((top, left, bottom, right))

    return _IN_BRACES.sub(place, text)


def _formula_at(
    quantity: Quantity, index: Index, quantities: Mapping[str, Quantity]
) -> tuple[Formula, tuple[Bounds, ...]] | None:
    """The formula of one cell with what its names stand for; none where an input's value stands."""
    chosen = quantity.formula_at(index)
    if chosen is None:
        return None
    here = _here(quantity, index)
    try:
        try:
            return chosen, _bounds(chosen, quantities, here)
        except BeyondTableError as beyond:
            if quantity.field is not None:
                return None
            other = quantity.first if beyond.side == "first" else quantity.last
            if other is None:
                raise AuthoringError(
                    f'{beyond}; say what stands there with {beyond.side}="= …"'
                ) from None
            chosen = other
            return chosen, _bounds(chosen, quantities, here)
    except AuthoringError as error:
        raise _explained(quantity, chosen, quantity.cell(index), error) from None


def _inputs_before_constant(quantity: Quantity) -> int:
    """How many cells an input takes before a `then` that refers to nothing, such as `= 1`."""
    formula = quantity.formula
    if quantity.field is None or formula is None:
        return 0
    if any(isinstance(piece, NameReference) for piece in formula.pieces):
        return 0
    return quantity.table.board.input_cells(quantity)


def _here(quantity: Quantity, index: Index) -> Here:
    return Here(dict(zip(quantity.axes, index, strict=True)), quantity)


def _zeros(quantity: Quantity) -> Index:
    return (0,) * (len(quantity.along) + len(quantity.cross))


def _bounds(formula: Formula, quantities: Mapping[str, Quantity], here: Here) -> tuple[Bounds, ...]:
    bounds = tuple(
        bounds_of(piece, quantities, here)[0]
        for piece in formula.pieces
        if isinstance(piece, NameReference)
    )
    if not formula.is_array:
        _require_fitting_ranges(formula, bounds)
    return bounds


def _require_fitting_ranges(formula: Formula, bounds: tuple[Bounds, ...]) -> None:
    """Raise `AuthoringError` for a range where one value is needed, and for unlike ranges.

    One value is needed outside of all functions; the ranges of a SUMPRODUCT have one shape.
    """
    found = iter(bounds)
    callers: list[str | None] = []  # of each open parenthesis, the function that it belongs to
    arguments: list[list[tuple[NameReference, str]]] = []  # of each, its ranges and their shapes
    before: str | NameReference = ""
    for piece, after in zip(formula.pieces, (*formula.pieces[1:], ""), strict=True):
        if isinstance(piece, NameReference):
            shape = _shape(next(found))
            if shape != "1 × 1" and not any(callers):
                raise AuthoringError(
                    f"`{piece.text}` is {shape} cells here, and one value is needed; select one"
                    " (.at, .along …), or use a function that takes them all"
                )
            if arguments and before in ("(", ",") and after in (",", ")"):
                arguments[-1].append((piece, shape))
        elif piece == "(":
            is_call = isinstance(before, str) and before[:1].isalpha()
            callers.append(str(before) if is_call else None)
            arguments.append([])
        elif piece == ")":
            ranges = arguments.pop()
            if callers.pop() == "SUMPRODUCT" and len({shape for _, shape in ranges}) > 1:
                told = ", ".join(f"`{one.text}` {shape}" for one, shape in ranges)
                raise AuthoringError(
                    f"the ranges of SUMPRODUCT are not alike in rows × columns: {told}; lay one"
                    " the other way, or take MMULT of a row and a column"
                )
        before = piece


def _shape(bounds: Bounds) -> str:
    """Rows × columns of a rectangle."""
    top, left, bottom, right = bounds
    return f"{bottom - top + 1} × {right - left + 1}"


def _join_ends(quantity: Quantity, uses: dict[tuple[Formula, Index], list[_Use]]) -> None:
    """Where filling gives the first or the last cells what is said of them, they are filled too."""
    formula = quantity.formula
    for (end, panel), block in list(uses.items()):
        others = uses.get((formula, panel)) if formula is not None else None
        is_end = end in (quantity.first, quantity.last) and end != formula
        if others is None or formula is None or not is_end or quantity.formulas:
            continue
        if _skeleton(end) == _skeleton(formula) and _all_fill(formula, [*block, *others]):
            uses[formula, panel] = [*block, *others]
            del uses[end, panel]


def _skeleton(formula: Formula) -> list[str | None]:
    """A formula without its names."""
    return [piece if isinstance(piece, str) else None for piece in formula.pieces]


def _all_fill(formula: Formula, block: list[_Use]) -> bool:
    """Whether filling the formula from the first cell of a block gives each other its own."""
    marks, uses = _marks(formula, block), _uses(formula, block)
    return all(_fills(mark, use) for mark, use in zip(marks, uses, strict=True))


def _filled(
    formula: Formula, block: list[_Use], panels: list[_Use], single_cells_fixed: bool = False
) -> Iterator[str]:
    """The texts of a formula in each cell of a block, which is repeated in `panels`.

    `single_cells_fixed` is for a block of one cell, which does not show what would move: then
    what a quantity has only one of is fixed, as it would be in a longer block.
    """
    fixed = _marks(formula, block)
    if len(panels) > len(block):
        uses = _uses(formula, panels)
        fixed = [
            across if _fills(across, use) else _either(within, across)
            for within, across, use in zip(fixed, _marks(formula, panels), uses, strict=True)
        ]
    if single_cells_fixed:
        (only,) = block
        fixed = [
            (True,) * 4 if single else marks
            for single, marks in zip(only.single, fixed, strict=True)
        ]
    for use in block:
        yield _text(
            formula,
            [_address(bounds, *marks) for bounds, marks in zip(use.bounds, fixed, strict=True)],
        )


def _uses(formula: Formula, block: list[_Use]) -> list[list[tuple[Cell, Bounds]]]:
    """For each reference of a formula, the cells of a block, and what it stands for in each."""
    references = sum(isinstance(piece, NameReference) for piece in formula.pieces)
    return [[(use.cell, use.bounds[number]) for use in block] for number in range(references)]


def _marks(formula: Formula, block: list[_Use]) -> list[_Marks]:
    references = [piece for piece in formula.pieces if isinstance(piece, NameReference)]
    return [
        _fixed(reference, uses)
        for reference, uses in zip(references, _uses(formula, block), strict=True)
    ]


def _fills(marks: _Marks, uses: list[tuple[Cell, Bounds]]) -> bool:
    """Whether a reference, filled from the first cell into the others, is what each has."""
    first_cell, first = uses[0]
    return all(
        bounds[corner]
        == first[corner] + (0 if fixed else cell[corner % 2] - first_cell[corner % 2])
        for cell, bounds in uses
        for corner, fixed in enumerate(marks)
    )


def _either(one: _Marks, other: _Marks) -> _Marks:
    top, left, bottom, right = (a or b for a, b in zip(one, other, strict=True))
    return top, left, bottom, right


def _fixed(reference: NameReference, uses: list[tuple[Cell, Bounds]]) -> _Marks:
    """Which of first row, first column, last row and last column do not move with the cell."""
    rows = {cell[0] for cell, _ in uses}
    columns = {cell[1] for cell, _ in uses}
    same = [len({bounds[corner] for _, bounds in uses}) == 1 for corner in range(4)]
    many = [len(rows) > 1, len(columns) > 1] * 2
    still = [one and several for one, several in zip(same, many, strict=True)]
    # In a column filled down, what is fixed in its rows is a fixed cell altogether.
    if len(columns) == 1:
        still[1], still[3] = (still[0] and still[2] and same[corner] for corner in (1, 3))
    elif len(rows) == 1:
        still[0], still[2] = (still[1] and still[3] and same[corner] for corner in (0, 2))
    top, left, bottom, right = still
    row, column = reference.fixed_row, reference.fixed_column
    return top or row, left or column, bottom or row, right or column


def _address(bounds: Bounds, top: bool, left: bool, bottom: bool, right: bool) -> str:
    first_row, first_column, last_row, last_column = bounds
    first = address((first_row, first_column, first_row, first_column), top, left)
    # A range that grows from one cell is a range in its first cell too.
    if (first_row, first_column) == (last_row, last_column) and (top, left) == (bottom, right):
        return first
    return f"{first}:{address((last_row, last_column, last_row, last_column), bottom, right)}"


def _text(formula: Formula, addresses: list[str]) -> str:
    found = iter(addresses)
    return "=" + "".join(
        next(found) if isinstance(piece, NameReference) else piece for piece in formula.pieces
    )


def _explained(
    quantity: Quantity, formula: Formula, cell: Cell, error: AuthoringError
) -> AuthoringError:
    place = address((*cell, *cell))
    return AuthoringError(f"quantity '{quantity.name}', `{formula.text}`, in {place}: {error}")
