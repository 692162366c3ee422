"""A workbook that is recalculated: read by name or range, set, swept and saved."""

import contextlib
import functools
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetlab.engine.cell_range import (
    Address,
    CellRange,
    cell_text,
    quoted,
    range_on,
    sheet_and_range,
)
from sheetlab.engine.reader import Contents, Formula, read_contents
from sheetlab.errors import InputError
from sheetlab.files.address import ref_of
from sheetlab.files.cached_values import cache_values, write_constants
from sheetlab.files.cell_value import CellValue
from sheetlab.files.package import Parts, read_parts, write_parts
from sheetlab.text import Text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sheetlab.engine.calculation import Calculation


def load(path: str | os.PathLike[str]) -> "Book":
    """The workbook at `path`. Its formulas are calculated when their values are first read.

    Raises `WorkbookError` that names the file where it cannot be read as a workbook.
    """
    path = Path(path)
    parts = read_parts(path)
    return Book(parts, read_contents(path, parts))


class Book:
    """A loaded workbook; `load` makes one.

    A key is a defined name (`"alpha"`) or a range (`"SGD!E4:H8"`, `"'My Sheet'!$A$1"`; without a
    sheet, on the first one). What reads values raises `InputError` for a key that is neither, and
    `EngineError`, which names file, sheet and cell, for a circular reference, an unknown function
    or a formula that cannot be calculated. Excel's own errors are values (`CellError`).
    """

    def __init__(self, parts: Parts, contents: Contents) -> None:
        self._parts = parts
        self._contents = contents

    def __getitem__(self, key: str) -> Any:
        """The values of a name or range.

        One cell gives a scalar, a single row or column an array with one axis, anything else one
        with two; float64 where every cell is a number, else objects: float, str, bool, None (a
        blank cell) and `CellError`.
        """
        found = self._find(key)
        if isinstance(found, CellRange):
            return _shaped(self._calculation.values(found.addresses()), found.shape)
        table = self._calculation.table(found)
        return _shaped([value for row in table for value in row], (len(table), len(table[0])))

    def set(self, settings: Mapping[str, Any]) -> None:
        """Give cells new constants, by name or range; what depends on them follows.

        A scalar fills its whole range; an array must have the range's shape (one axis does for a
        single row or column). None makes a cell blank. Raises `InputError` where a value does
        not fit, is no finite number, text or truth value, or where the cell holds a formula.
        """
        constants: dict[Address, CellValue | None] = {}
        for key, value in settings.items():
            constants.update(self._settings(key, value))
        self._calculation.change(constants)

    def sweep(
        self, inputs: Mapping[str, Any], outputs: Iterable[str]
    ) -> "dict[str, np.ndarray[Any, Any]]":
        """The outputs, by name or range, for each scenario of the inputs.

        The first axis of each input and of each result counts the scenarios; all inputs have the
        same number and vary together. The book's own inputs stay as they are. Raises what `set`
        and reading raise.
        """
        scenarios = _scenarios(inputs)
        wanted = list(outputs)
        cells = [address for key in inputs for address in self._cells_of(key).addresses()]
        before = dict(zip(cells, self._calculation.values(cells), strict=True))
        changed = dict(self._calculation.changed)
        results: dict[str, list[Any]] = {key: [] for key in wanted}
        try:
            for scenario in scenarios:
                self.set(scenario)
                for key in wanted:
                    results[key].append(self[key])
        finally:
            self._calculation.change(before)
            self._calculation.changed = changed
        return {key: _stacked(values) for key, values in results.items()}

    def frame(self, key: str) -> "pd.DataFrame":
        """A range as a table, whose first row gives the names of the columns."""
        import pandas as pd

        cells = self._cells_of(key)
        values = self._calculation.values(cells.addresses())
        width = cells.shape[1]
        heading, *rows = (values[i : i + width] for i in range(0, len(values), width))
        names = ["" if name is None else name for name in heading]
        return pd.DataFrame(rows, columns=names)

    def cells(self) -> list[tuple[str, str, str, CellValue]]:
        """(sheet, ref, formula, value) of each cell that a formula fills, by sheet, row, column."""
        filled = self._contents.formulas
        order = sorted(filled, key=self._place)
        values = self._calculation.values(order)
        return [
            (address[0], ref_of(*address[1:]), filled[address].text, value)
            for address, value in zip(order, values, strict=True)
            if value is not None
        ]

    def values(self) -> dict[tuple[str, str], CellValue]:
        """The value of every cell that is not blank, by sheet and ref, in order."""
        order = sorted(self._contents.formulas | self._calculation.constants, key=self._place)
        return {
            (address[0], ref_of(*address[1:])): value
            for address, value in zip(order, self._calculation.values(order), strict=True)
            if value is not None
        }

    def formula(self, sheet: str, ref: str) -> str | None:
        """The formula that fills a cell, as Excel shows it; None for a constant or a blank."""
        cells = self._cells_of(f"{quoted(sheet)}!{ref}")
        formula = self._contents.formulas.get((cells.sheet, cells.top, cells.left))
        return None if formula is None else formula.text

    def names(self) -> dict[str, str]:
        """The workbook's defined names of ranges, with the text of the range as in the file."""
        return {
            name: meaning
            for (scope, _), (name, meaning) in self._contents.names.items()
            if scope is None and sheet_and_range(meaning) is not None
        }

    def range_refs(self, key: str) -> list[tuple[str, str]]:
        """(sheet, ref) of each cell of a name or range, row by row."""
        cells = self._cells_of(key)
        return [(sheet, ref_of(row, column)) for sheet, row, column in cells.addresses()]

    def parts(self) -> Parts:
        """The parts of the file with constants as set and values cached, as `save` writes them."""
        constants = {
            (address[0], ref_of(*address[1:])): value
            for address, value in self._calculation.changed.items()
        }
        values = {(sheet, ref): value for sheet, ref, _, value in self.cells()}
        return cache_values(write_constants(self._parts, constants), values)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the same file with constants as set and the values cached.

        Raises `WorkbookError` where it cannot be written; a file that was there stays whole.
        """
        write_parts(path, self.parts())

    @functools.cached_property
    def _calculation(self) -> "Calculation":
        from sheetlab.engine.calculation import Calculation

        return Calculation(self._contents)

    def _place(self, address: Address) -> tuple[int, int, int]:
        sheet, row, column = address
        return self._sheet_numbers[sheet], row, column

    @functools.cached_property
    def _sheet_numbers(self) -> dict[str, int]:
        return {sheet: number for number, sheet in enumerate(self._contents.sheets)}

    def _find(self, key: str) -> CellRange | Formula:
        """The range that a key means, or the formula where it names a constant or a formula."""
        contents = self._contents
        meaning = contents.find_name(key)
        reference = sheet_and_range(key if meaning is None else meaning)
        if reference is not None:
            sheet = contents.find_sheet(reference[0] or contents.sheets[0])
            if sheet is None:
                raise InputError(
                    Text(
                        f"{contents.path}: there is no sheet '{reference[0]}'; the sheets are"
                        f" {', '.join(contents.sheets)}.",
                        f"{contents.path}: '{reference[0]}' 시트가 없습니다. 시트는"
                        f" {', '.join(contents.sheets)}입니다.",
                    )
                )
            with contextlib.suppress(ValueError):
                return self._calculation.clip(range_on(sheet, reference[1]))
        if meaning is None:
            names = ", ".join(self.names()) or "—"
            raise InputError(
                Text(
                    f"{contents.path}: '{key}' is neither a defined name nor a range such as"
                    f" {contents.sheets[0]}!A1:B2; the names are {names}.",
                    f"{contents.path}: '{key}'은(는) 정의된 이름도 {contents.sheets[0]}!A1:B2 같은"
                    f" 범위도 아닙니다. 이름은 {names}입니다.",
                )
            )
        return Formula(f"={meaning}", CellRange(contents.sheets[0], 1, 1, 1, 1))

    def _cells_of(self, key: str) -> CellRange:
        found = self._find(key)
        if isinstance(found, Formula):
            raise InputError(
                Text(
                    f"{self._contents.path}: the name '{key}' stands for {found.text}, not for"
                    " cells; give a range.",
                    f"{self._contents.path}: '{key}'은(는) 셀이 아니라 {found.text}을(를) 뜻하는"
                    " 이름입니다. 범위를 주십시오.",
                )
            )
        return found

    def _settings(self, key: str, value: Any) -> dict[Address, CellValue | None]:
        """The constants of the cells that one setting fills."""
        import numpy as np

        cells = self._cells_of(key)
        rows, columns = cells.shape
        given = np.array(value, dtype=object)
        fits = given.shape == cells.shape or (
            given.ndim == 1 and given.size == rows * columns and 1 in cells.shape
        )
        if given.ndim and not fits:
            raise InputError(
                Text(
                    f"{key} has {rows} row(s) and {columns} column(s), but the values given have"
                    f" the shape {given.shape}; give one value, or as many as there are cells.",
                    f"{key} 범위는 {rows}행 {columns}열인데 주어진 값의 모양은 {given.shape}입니다."
                    " 값을 하나만 주거나 셀 수만큼 주십시오.",
                )
            )
        items = given.ravel().tolist() if given.ndim else [given.item()] * (rows * columns)
        constants = {}
        for address, item in zip(cells.addresses(), items, strict=True):
            if address in self._contents.formulas:
                raise InputError(
                    Text(
                        f"{self._contents.path}, {cell_text(address)}: holds the formula"
                        f" {self._contents.formulas[address].text}, so it cannot be set; set one"
                        " of the cells that it reads.",
                        f"{self._contents.path}, {cell_text(address)}: 수식"
                        f" {self._contents.formulas[address].text}이(가) 있어서 바꿀 수 없습니다."
                        " 수식이 읽는 셀을 바꾸십시오.",
                    )
                )
            constants[address] = _constant(key, item)
        return constants


def _constant(key: str, value: Any) -> CellValue | None:
    """A value that somebody gave, as a cell holds it."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | str):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            Text(
                f"{key}: {value} cannot stand in a cell; give a finite number, a text, TRUE or"
                " FALSE.",
                f"{key}: {value}은(는) 셀에 넣을 수 없습니다. 유한한 수, 글, TRUE나 FALSE를"
                " 주십시오.",
            )
        )
    return number


def _scenarios(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of each scenario, from the values of each input over all scenarios."""
    import numpy as np

    columns = {key: np.array(values, dtype=object) for key, values in inputs.items()}
    lengths = {key: len(values) if values.ndim else 0 for key, values in columns.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        counts = ", ".join(f"{key}: {length}" for key, length in lengths.items())
        raise InputError(
            Text(
                f"A sweep needs the same number of values, at least one, for each input"
                f" ({counts}).",
                f"여러 값을 차례로 넣으려면 입력마다 값의 개수가 같고 하나 이상이어야"
                f" 합니다({counts}).",
            )
        )
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _shaped(values: Sequence[CellValue | None], shape: tuple[int, int]) -> Any:
    """The values of a table: a scalar, one axis for a single row or column, else two."""
    import numpy as np

    if len(values) == 1:
        return values[0]
    numbers = all(type(value) is float for value in values)
    array = np.empty(len(values), float if numbers else object)
    array[:] = values
    return array if 1 in shape else array.reshape(shape)


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
