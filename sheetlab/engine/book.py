"""A workbook that is recalculated: read by name or range, set, swept and saved."""

import contextlib
import functools
import itertools
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetlab.engine.cell_range import (
    Address,
    CellRange,
    cell_text,
    quoted,
    range_on,
    sheets_and_ranges,
)
from sheetlab.errors import InputError
from sheetlab.files.address import letters_of, ref_of
from sheetlab.files.cached_values import cache_columns, write_constants
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts, read_package, write_parts
from sheetlab.limits import Limits
from sheetlab.messages import Message
from sheetlab.text import printable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sheetlab.engine.blocks import Block
    from sheetlab.engine.calculation import Calculation

# The texts of all formulas together, where each cell has its own.
_MOST_CHARACTERS = 500_000_000
_SHOWN_ROWS = 50
_DEFAULT_LIMITS = Limits()


def load(
    path: str | os.PathLike[str],
    *,
    seed: int | None = None,
    strict: bool = False,
    limits: Limits = _DEFAULT_LIMITS,
) -> "Book":
    """The workbook at `path`. Its formulas are calculated when their values are first read.

    With a `seed`, RAND and its kin give the same numbers each time. A text that is no formula
    gives #NAME? in its cells, and a cycle #REF! in all of its cells, unless the file says that
    cycles are iterated; an `EngineWarning` names them. With `strict`, reading what needs them
    raises `EngineError` instead.

    Raises `WorkbookError` that names the file where it cannot be read as a workbook, or is larger
    than `limits` allow. Cells whose formulas would take more than these show #NUM!, with an
    `EngineWarning`.
    """
    from sheetlab.engine.calculation import Calculation
    from sheetlab.engine.reading.model import read_model

    path = Path(path)
    parts = read_package(path, limits.unpacked_bytes)
    return Book(parts, Calculation(read_model(path, parts, limits), seed=seed, strict=strict))


class Book:
    """A loaded workbook; `load` makes one.

    A key is a defined name (`"alpha"`) or a range (`"SGD!E4:H8"`, `"'My Sheet'!$A$1"`; without a
    sheet, on the first one). A name may stand for several areas: its cells count area after area,
    each row by row. What reads values raises `InputError` for a key that is neither. Errors are
    values (`CellError`): Excel's own, and #NAME? or #REF! with an `EngineWarning`, which names
    file, sheet and cell, for a function that is not known, a text that is no formula and a cycle.
    A book that was loaded as `strict` raises `EngineError` for the last two.
    """

    def __init__(self, parts: Mapping[str, bytes], calculation: "Calculation") -> None:
        self._parts = parts
        self._calculation = calculation
        self._workbook = calculation.model.workbook
        self._resolver = calculation.model.resolver

    def __getitem__(self, key: str) -> Any:
        """The values of a name or range.

        One cell gives a scalar, a single row or column an array with one axis, anything else one
        with two, several areas one with one; float64 where every cell is a number, else objects:
        float, str, bool, None (a blank cell) and `CellError`.
        """
        found = self._find(key)
        if isinstance(found, str):
            return _shaped(self._calculation.result(found, self._first_sheet))
        self._refuse_too_many(key, found)
        tables = [self._calculation.table(cells) for cells in found]
        return _shaped(tables[0]) if len(tables) == 1 else _joined(tables)

    def set(self, settings: Mapping[str, Any]) -> None:
        """Give cells new constants, by name or range; what depends on them follows.

        A scalar fills its whole range; an array must have the range's shape (one axis does for a
        single row or column, and for several areas). None makes a cell blank. Raises `InputError`
        where a value does not fit, is no finite number, text, truth value or `CellError`, or where
        the cell holds a formula.
        """
        constants: dict[Address, CellValue | None] = {}
        for key, value in settings.items():
            constants.update(self._settings(key, value))
        self._calculation.change(constants)

    def recalculate(self) -> None:
        """Make the values of all formulas current, and warn of those that cannot be calculated.

        Reading sees to what is read; after this nothing is left to be seen to.
        """
        self._calculation.require_all()

    def sweep(
        self, inputs: Mapping[str, Any], outputs: Iterable[str]
    ) -> "dict[str, np.ndarray[Any, Any]]":
        """The outputs, by name or range, for each scenario of the inputs.

        The first axis of each input and of each result counts the scenarios; all inputs have the
        same number and vary together. The book's own inputs stay as they are. Raises what `set`
        and reading raise.
        """

        wanted = list(outputs)
        columns = _columns(inputs)
        swept = self._swept_at_once(columns, wanted)
        return self._swept_one_by_one(columns, wanted) if swept is None else swept

    def _swept_at_once(
        self, columns: "Mapping[str, np.ndarray[Any, Any]]", wanted: Sequence[str]
    ) -> "dict[str, np.ndarray[Any, Any]] | None":
        """The results of all scenarios; None where they can only be calculated one by one."""
        import numpy as np

        from sheetlab.engine.sweep import sweep_columns

        inputs: dict[Address, np.ndarray[Any, Any]] = {}
        for key, values in columns.items():
            areas = self._areas_of(key)
            self._refuse_too_many(key, areas)
            addresses = _addresses(areas)
            fits = (
                values.ndim == 1
                or (len(areas) == 1 and values.shape[1:] == areas[0].shape)
                or values.shape[1:] == (len(addresses),)
            )
            if values.dtype.kind not in "fiu" or not fits or not np.isfinite(values).all():
                return None
            numbers = values.astype(np.float64).reshape(len(values), -1)
            # What is set later counts, as it does one by one.
            for place, address in enumerate(addresses):
                if self._calculation.index.at(address) is not None:
                    return None
                inputs[address] = numbers[:, place if values.ndim > 1 else 0]
        outputs: dict[str, list[CellRange]] = {}
        for key in wanted:
            found = self._find(key)
            if isinstance(found, str):
                return None
            outputs[key] = found
            self._refuse_too_many(key, found, len(next(iter(columns.values()), ())))
        cell_ranges = [cells for found in outputs.values() for cells in found]
        for cells in cell_ranges:
            self._calculation.require(cells)
        tables = sweep_columns(self._calculation, inputs, cell_ranges)
        if tables is None:
            return None
        remaining = iter(tables)
        return {key: _swept([next(remaining) for _ in found]) for key, found in outputs.items()}

    def _swept_one_by_one(
        self, columns: "Mapping[str, np.ndarray[Any, Any]]", wanted: Sequence[str]
    ) -> "dict[str, np.ndarray[Any, Any]]":
        before = {
            address: self._calculation.cells.value(address)
            for key in columns
            for address in _addresses(self._areas_of(key))
            if self._calculation.index.at(address) is None
        }
        changed = dict(self._calculation.changed)
        results: dict[str, list[Any]] = {key: [] for key in wanted}
        try:
            for scenario in zip(*columns.values(), strict=True):
                self.set(dict(zip(columns, scenario, strict=True)))
                for key in wanted:
                    results[key].append(self[key])
        finally:
            self._calculation.change(before)
            self._calculation.changed = changed
        return {key: _stacked(values) for key, values in results.items()}

    def __contains__(self, key: object) -> bool:
        """Whether a range has this defined name, in whatever capitals."""
        return isinstance(key, str) and key.lower() in map(str.lower, self.names())

    def __iter__(self) -> Iterator[str]:
        """The defined names of ranges, as `names` lists them."""
        return iter(self.names())

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"Book({str(self._workbook.path)!r}, sheets={list(self.sheets())})"

    def _repr_html_(self) -> str:
        """The sheets with their sizes and the defined names with their ranges, for a notebook."""
        sheets = ((name, _size(*size)) for name, size in self.sheets().items())
        names = ((name, meaning, self._size_of(name)) for name, meaning in self.names().items())
        size = Message("size")
        return (
            f"<p><b>{_html(self._workbook.path)}</b></p>"
            + _html_table((Message("sheet"), size), sheets)
            + _html_table((Message("name"), Message("range"), size), names)
        )

    def _size_of(self, name: str) -> str:
        try:
            return " + ".join(_size(*area.shape) for area in self._areas_of(name))
        except InputError:  # Its sheet is gone.
            return "—"

    def frame(self, key: str, header: int | str | None = None) -> "pd.DataFrame":
        """A range or name as a table, with headings for its columns.

        `header` says where these stand: in so many rows at the top of the range, or in another
        range as wide, given as text (`frame("SGD!B4:I23", header="SGD!B1:I2")`). By default a
        range has its headings in its first row; a defined name has none, and its columns are
        called by the name, where there are several followed by the letters of each. With
        `header=0` columns are called by their letters. Two rows of headings, or more, give a
        `MultiIndex`; there a blank above a heading stands for what is to its left, as it does in
        merged cells.

        Raises `InputError` where there are not as many headings as columns.
        """
        import pandas as pd

        cells = self._cells_of(key)
        self._refuse_too_many(key, [cells])
        rows = self._calculation.table(cells).tolist()
        letters = [letters_of(column) for column in range(cells.left, cells.right + 1)]
        if header is None and self._resolver.find_name(key, None) is not None:
            headings = [[key] if len(letters) == 1 else [f"{key} {letter}" for letter in letters]]
        elif header == 0:
            headings = [letters]
        elif isinstance(header, str):
            headings = self._calculation.table(self._cells_of(header)).tolist()
        else:
            count = 1 if header is None else header
            headings, rows = (rows[:count], rows[count:]) if 0 < count <= len(rows) else ([], [])
        if not headings or len(headings[0]) != len(letters):
            path, columns = self._workbook.path, len(letters)
            raise InputError("no_headings", path=path, key=key, header=header, columns=columns)
        return pd.DataFrame(rows, columns=_column_index(headings))

    def cells(self) -> list[tuple[str, str, str, CellValue]]:
        """(sheet, ref, formula, value) of each cell that a formula fills, by sheet, row, column.

        Raises `InputError` where a few long formulas fill so many cells that their texts would
        take a gigabyte.
        """
        found: list[tuple[str, str, str, CellValue]] = []
        most = _MOST_CHARACTERS
        for row, column, block, ref, value in self._filled():
            text = block.text_at(row, column)
            # That of an array formula is the same one in all cells.
            most -= 0 if block.is_array else len(text)
            if most < 0:
                path = self._workbook.path
                raise InputError("formulas_too_long", path=path, most=_MOST_CHARACTERS)
            found.append((block.cells.sheet, ref, text, value))
        return found

    def _filled(self) -> "Iterator[tuple[int, int, Block, str, CellValue]]":
        """Row, column, block, ref and value of each formula cell, by sheet, row, column."""
        self._calculation.require_all()
        places = [
            (self._sheet_numbers[block.cells.sheet], row, column, block)
            for block in self._calculation.model.blocks
            for row in range(block.cells.top, block.cells.bottom + 1)
            for column in range(block.cells.left, block.cells.right + 1)
        ]
        places.sort(key=itemgetter(0, 1, 2))
        for _, row, column, block in places:
            value = self._calculation.model.grids[block.cells.sheet].value(row, column)
            if value is not None:
                yield row, column, block, ref_of(row, column), value

    def values(self) -> dict[tuple[str, str], CellValue]:
        """The value of every cell that is not blank, by sheet and ref, in order."""
        self._calculation.require_all()
        values: dict[tuple[str, str], CellValue] = {}
        for sheet in self._workbook.sheets:
            grid = self._calculation.model.grids[sheet]
            for row, column, value in sorted(grid.filled(), key=itemgetter(0, 1)):
                values[sheet, ref_of(row, column)] = value
        return values

    def formula(self, sheet: str, ref: str) -> str | None:
        """The formula that fills a cell, as Excel shows it; None for a constant or a blank."""
        cells = self._cells_of(f"{quoted(sheet)}!{ref}")
        return self._calculation.cells.formula((cells.sheet, cells.top, cells.left))

    def explain(self, key: str) -> str:
        """How the formulas in the cells of a name or range are calculated, to be printed.

        For each block, the cells that one formula fills: the formula of its first cell, the
        program that it is lowered to, and how it was calculated last; then the Python of the
        loops. Raises `InputError` for a key that stands for no cells.
        """
        from sheetlab.engine.explanation import explained

        return explained(self._calculation, self._areas_of(key))

    def names(self) -> dict[str, str]:
        """The workbook's defined names of cells, with the text of their areas as in the file."""
        return {
            name: meaning
            for (scope, _), (name, meaning) in self._workbook.names.items()
            if scope is None and sheets_and_ranges(meaning)
        }

    def sheets(self) -> dict[str, tuple[int, int]]:
        """The sheets in the order of their tabs, with the last row and column that are used."""
        grids = self._calculation.model.grids
        return {
            name: (grids[name].last_row, grids[name].last_column) for name in self._workbook.sheets
        }

    def range_refs(self, key: str) -> list[tuple[str, str]]:
        """(sheet, ref) of each cell of a name or range, area after area, each row by row."""
        areas = self._areas_of(key)
        self._refuse_too_many(key, areas)
        addresses = _addresses(areas)
        return [(sheet, ref_of(row, column)) for sheet, row, column in addresses]

    def parts(self) -> Parts:
        """The parts of the file with constants as set and values cached, as `save` writes them."""
        return dict(self._saved())

    def _saved(self) -> Mapping[str, bytes]:
        constants = {
            (address[0], ref_of(*address[1:])): value
            for address, value in self._calculation.changed.items()
        }
        self._calculation.require_all()
        grids = self._calculation.model.grids

        def values(sheet: str, column: int, first: int, last: int) -> list[CellValue | None]:
            listed: list[CellValue | None] = (
                grids[sheet].table(first, column, last, column)[:, 0].tolist()
            )
            return listed

        return cache_columns(write_constants(self._parts, constants), values)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the same file with constants as set and the values cached.

        Raises `WorkbookError` where it cannot be written; a file that was there stays whole.
        """
        write_parts(path, self._saved())

    @functools.cached_property
    def _sheet_numbers(self) -> dict[str, int]:
        return {sheet: number for number, sheet in enumerate(self._workbook.sheets)}

    @property
    def _first_sheet(self) -> str:
        return next(iter(self._workbook.sheets))

    def _find(self, key: str) -> list[CellRange] | str:
        """The areas that a key means, or the formula where it names a constant or a formula."""
        path, sheets = self._workbook.path, ", ".join(self._workbook.sheets)
        meaning = self._resolver.find_name(key, None)
        references = sheets_and_ranges(key if meaning is None else meaning)
        areas = []
        for said, cells in references:
            sheet = self._resolver.find_sheet(said or self._first_sheet)
            if sheet is None:
                raise InputError("no_sheet", path=path, sheet=said, sheets=sheets)
            with contextlib.suppress(ValueError):
                areas.append(self._calculation.cells.used(range_on(sheet, cells)))
        if areas and len(areas) == len(references):
            return areas
        if meaning is None:
            sheet, names = self._first_sheet, ", ".join(self.names()) or "—"
            raise InputError("no_key", path=path, key=key, sheet=sheet, names=names)
        return f"={meaning}"

    def _areas_of(self, key: str) -> list[CellRange]:
        found = self._find(key)
        if isinstance(found, str):
            path = self._workbook.path
            raise InputError("name_without_cells", path=path, key=key, meaning=found)
        return found

    def _refuse_too_many(self, key: str, areas: Sequence[CellRange], scenarios: int = 1) -> None:
        """Raise `InputError` for a key with more cells than anybody should hold in memory."""
        most = self._calculation.model.limits.cells
        count = sum(rows * columns for rows, columns in (cells.shape for cells in areas))
        if count * scenarios <= most:
            return
        path = self._workbook.path
        if scenarios > 1:
            raise InputError(
                "too_many_swept", path=path, key=key, count=count, scenarios=scenarios, most=most
            )
        raise InputError("too_many_asked", path=path, key=key, count=count, most=most)

    def _cells_of(self, key: str) -> CellRange:
        areas = self._areas_of(key)
        if len(areas) > 1:
            path = self._workbook.path
            raise InputError("several_areas", path=path, key=key, count=len(areas))
        return areas[0]

    def _settings(self, key: str, value: Any) -> dict[Address, CellValue | None]:
        """The constants of the cells that one setting fills."""
        import numpy as np

        areas = self._areas_of(key)
        self._refuse_too_many(key, areas)
        addresses = _addresses(areas)
        given = np.array(value, dtype=object)
        count, (rows, columns) = len(addresses), areas[0].shape
        several = len(areas) > 1
        in_a_line = given.shape == (count,) and (several or 1 in (rows, columns))
        fits = in_a_line or (given.shape == (rows, columns) and not several)
        if given.ndim and not fits and several:
            raise InputError(
                "wrong_shape_of_areas", key=key, count=count, areas=len(areas), shape=given.shape
            )
        if given.ndim and not fits:
            raise InputError("wrong_shape", key=key, rows=rows, columns=columns, shape=given.shape)
        items = given.ravel().tolist() if given.ndim else [given.item()] * len(addresses)
        constants = {}
        for address, item in zip(addresses, items, strict=True):
            formula = self._calculation.cells.formula(address)
            if formula is not None:
                path, cell = self._workbook.path, cell_text(address)
                raise InputError("holds_formula", path=path, cell=cell, formula=formula)
            constants[address] = _constant(key, item)
        return constants


def _column_index(headings: Sequence[Sequence[Any]]) -> Any:
    """The names of a table's columns from one row of headings, or from several in tiers."""
    import pandas as pd

    tiers = [["" if name is None else name for name in row] for row in headings]
    for tier, below in itertools.pairwise(tiers):
        for column in range(1, len(tier)):
            if tier[column] == "" and below[column] != "":
                tier[column] = tier[column - 1]
    return tiers[0] if len(tiers) == 1 else pd.MultiIndex.from_arrays(tiers)


def _size(rows: int, columns: int) -> str:
    return f"{rows:,} × {columns:,}"


def _html(text: object) -> str:
    import html

    return html.escape(printable(str(text)))


def _html_table(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A table of texts for a notebook, those beyond `_SHOWN_ROWS` left out."""
    listed = list(rows)
    lines = [
        "".join(f"<{tag}>{_html(cell)}</{tag}>" for cell in cells)
        for tag, cells in (
            ("th", headings),
            *(("td", row) for row in listed[:_SHOWN_ROWS]),
        )
    ]
    left_out = len(listed) - _SHOWN_ROWS
    if left_out > 0:
        lines.append(f"<td>{_html(Message('more', count=left_out))}</td>")
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _constant(key: str, value: Any) -> CellValue | None:
    """A value that somebody gave, as a cell holds it."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | str | CellError):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError("no_constant", key=key, value=str(value))
    return number


def _columns(inputs: Mapping[str, Any]) -> "dict[str, np.ndarray[Any, Any]]":
    """The values of each input over all scenarios, as arrays of numbers or of objects."""
    import numpy as np

    columns: dict[str, np.ndarray[Any, Any]] = {}
    for key, values in inputs.items():
        array = np.asarray(values)
        columns[key] = array if array.dtype.kind in "fiu" else np.array(values, dtype=object)
    lengths = {key: len(values) if values.ndim else 0 for key, values in columns.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        counts = ", ".join(f"{key}: {length}" for key, length in lengths.items())
        raise InputError("uneven_inputs", counts=counts)
    return columns


def _addresses(areas: Sequence[CellRange]) -> list[Address]:
    """The cells, area after area, each row by row."""
    return [address for cells in areas for address in cells.addresses()]


def _joined(tables: "Sequence[np.ndarray[Any, Any]]") -> "np.ndarray[Any, Any]":
    """The values of several areas along one axis."""
    import numpy as np

    return np.concatenate([table.ravel() for table in tables])


def _shaped(table: "np.ndarray[Any, Any]") -> Any:
    """The values of a table: a scalar, one axis for a single row or column, else two."""
    if table.size == 1:
        return table.item()
    return table.ravel() if 1 in table.shape else table


def _swept(tables: "Sequence[np.ndarray[Any, Any]]") -> "np.ndarray[Any, Any]":
    """An output over all scenarios, with the axes that reading it has."""
    import numpy as np

    count, rows, columns = tables[0].shape
    if len(tables) > 1:
        return np.concatenate([table.reshape(count, -1) for table in tables], axis=1)
    table = tables[0]
    if rows == columns == 1:
        return table.reshape(count)
    return table.reshape(count, rows * columns) if 1 in (rows, columns) else table


def _stacked(results: Sequence[Any]) -> "np.ndarray[Any, Any]":
    """The results of all scenarios along a first axis."""
    import numpy as np

    numbers = all(
        type(result) is float or (isinstance(result, np.ndarray) and result.dtype.kind == "f")
        for result in results
    )
    stacked = np.empty((len(results), *np.shape(results[0])), float if numbers else object)
    for scenario, result in enumerate(results):
        stacked[scenario] = result
    return stacked
