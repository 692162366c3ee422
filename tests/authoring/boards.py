"""Small boards for the tests of the vocabulary: declared, written, calculated by the engine."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring import Board, Sheet, Words, refs_of, write_board
from sheetlab.authoring.references import address
from sheetlab.engine import Book, load
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.text import Language, Text, same

Array = np.ndarray[Any, Any]
LINKS = ("Check", "About")


@dataclass(frozen=True)
class Given(LessonInputs):
    """Two numbers and three columns of five values."""

    rate: float = number(0.5, "rate|학습률")
    start: float = number(2, "start|시작값")
    x: tuple[float, ...] = column((1, 2, 4, 3, 5), "x")
    y: tuple[float, ...] = column((1, 3, 3, 2, 5), "y values|y값")
    kind: tuple[str, ...] = column(("a", "b", "a", "b", "b"), "kind|종류", text=True)


@dataclass(frozen=True)
class Written:
    """A board as it was written onto a sheet named Data."""

    board: Board
    sheet: Sheet
    worksheet: Worksheet
    workbook: Workbook

    def __getitem__(self, ref: str) -> Any:
        """What stands in one cell: a formula as text, a constant, or None."""
        value = self.worksheet[ref].value
        return getattr(value, "text", value)

    def cells(self, name: str) -> list[str]:
        """The addresses of a quantity's cells, in the order of the reference."""
        return [ref for area in self.sheet.quantity_areas[name] for ref in refs_of(area)]

    def texts(self, name: str) -> list[Any]:
        """What stands in the cells of a quantity, in the order of the reference."""
        return [self[ref] for ref in self.cells(name)]

    def rows(self, area: str) -> list[list[Any]]:
        """What stands in an area, row by row."""
        return [[self[cell.coordinate] for cell in row] for row in self.worksheet[area]]

    def merged(self) -> set[str]:
        """The merged ranges."""
        return {str(cells) for cells in self.worksheet.merged_cells.ranges}

    def items(self) -> list[str]:
        """Every item of the board by the rectangle it takes, as `"Columns A1:C5"`."""
        return [
            f"{type(item).__name__} {address((item.top, item.left, item.bottom, item.right))}"
            for item in self.board.items
        ]

    def saved(self) -> Worksheet:
        """The sheet as it reads from the saved file."""
        stream = io.BytesIO()
        self.workbook.save(stream)
        worksheet = load_workbook(io.BytesIO(stream.getvalue()))["Data"]
        assert isinstance(worksheet, Worksheet)
        return worksheet

    def book(self) -> Book:
        """The workbook as the engine calculates it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "board.xlsx"
            self.workbook.save(path)
            return load(path)

    def values(self, name: str) -> Array:
        """The values of a quantity by the engine, shaped as its axes are."""
        values = self.book().values()
        found = [values[("Data", ref)] for ref in self.cells(name)]
        return np.array(found).reshape(self.board.quantities[name].sizes)


def written(
    declare: Callable[[Board], object],
    inputs: LessonInputs | None = None,
    *,
    language: Language = "en",
    tries: tuple[Text, ...] = (),
) -> Written:
    """What `declare` says on a board, written onto a sheet."""
    board = Board(inputs or Given(), Words(Text("Title", "제목"), same("y = x"), tries))
    declare(board)
    workbook = Workbook()
    worksheet = workbook.active
    assert isinstance(worksheet, Worksheet)
    worksheet.title = "Data"
    sheet = Sheet(worksheet, language)
    reference = {name: np.zeros(one.sizes) for name, one in board.quantities.items()}
    write_board(board, sheet, reference, LINKS)
    return Written(board, sheet, worksheet, workbook)
