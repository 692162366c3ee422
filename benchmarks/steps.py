"""The workbooks that the benchmark recalculates, and what their cells must hold.

A shape is a sheet whose rows repeat the same formulas. The files are written as openpyxl writes
them: every formula in full, no shared formulas, no cached values.
"""

import io
import math
import random
import zipfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

Cell = str | float | int | None
Column = tuple[str, int, int]  # letter, first row, last row

COLUMNS = "ABCDEFGHI"
FIRST_ROW = 4
SEED = 1


class Shape(NamedTuple):
    """One kind of workbook.

    `rows` gives the cells of a workbook of n rows, `formulas` the columns that its formulas fill,
    `reference` their values, column after column, for a value of `input_cell`.
    """

    name: str
    sheet: str
    input_cell: str
    input_value: float
    changed_value: float
    rows: Callable[[int], Iterator[Sequence[Cell]]]
    formulas: Callable[[int], list[Column]]
    reference: Callable[[int, float], Iterator[float]]


def sgd_rows(n: int) -> Iterator[Sequence[Cell]]:
    """n steps of stochastic gradient descent for a line, each from the step above it."""
    yield ["learning rate", "iteration", "x", "y", "alpha", "beta", "prediction", "error"]
    yield []
    yield [0.01]
    for step, (x, y) in enumerate(_points(n, 1)):
        row = FIRST_ROW + step
        above = row - 1
        yield [
            None,
            step,
            x,
            y,
            f"=E{above}-$A$3*$H{above}" if step else 0,
            f"=F{above}-$A$3*$H{above}*$C{above}" if step else 0,
            f"=E{row}+F{row}*C{row}",
            f"=G{row}-D{row}",
        ]


def sgd_formulas(n: int) -> list[Column]:
    """The 4n - 2 formulas: the first step starts from constants."""
    last = FIRST_ROW + n - 1
    return [
        ("E", FIRST_ROW + 1, last),
        ("F", FIRST_ROW + 1, last),
        ("G", FIRST_ROW, last),
        ("H", FIRST_ROW, last),
    ]


def sgd_reference(n: int, rate: float) -> Iterator[float]:
    alpha, beta, prediction, error = (array("d", [0.0]) * n for _ in range(4))
    x_above = 0.0
    for step, (x, y) in enumerate(_points(n, 1)):
        if step:
            slope = rate * error[step - 1]
            alpha[step] = alpha[step - 1] - slope
            beta[step] = beta[step - 1] - slope * x_above
        prediction[step] = alpha[step] + beta[step] * x
        error[step] = prediction[step] - y
        x_above = x
    yield from alpha[1:]
    yield from beta[1:]
    yield from prediction
    yield from error


CENTROIDS = ((1.5, 1.5), (4.5, 7.5), (7.5, 4.5))


def distances_rows(n: int) -> Iterator[Sequence[Cell]]:
    """n points, their distances to three centroids, the nearest one, and a sum below them."""
    yield ["centroid x", *(x for x, _ in CENTROIDS)]
    yield ["centroid y", *(y for _, y in CENTROIDS)]
    yield ["x", "y", "d1", "d2", "d3", "nearest", "cluster", "squared"]
    for row, (x, y) in enumerate(_points(n, 9), FIRST_ROW):
        yield [
            x,
            y,
            *(f"=SQRT(($A{row}-{c}$1)^2+($B{row}-{c}$2)^2)" for c in ("$B", "$C", "$D")),
            f"=MIN(C{row}:E{row})",
            f"=MATCH(F{row},C{row}:E{row},0)",
            f"=F{row}^2",
        ]
    yield [*[None] * 8, f"=SUM(H{FIRST_ROW}:H{FIRST_ROW + n - 1})"]


def distances_formulas(n: int) -> list[Column]:
    last = FIRST_ROW + n - 1
    return [*((letter, FIRST_ROW, last) for letter in "CDEFGH"), ("I", last + 1, last + 1)]


def distances_reference(n: int, first_x: float) -> Iterator[float]:
    centroids = [(first_x, CENTROIDS[0][1]), *CENTROIDS[1:]]
    columns = [array("d") for _ in range(6)]
    for x, y in _points(n, 9):
        distances = [math.sqrt((x - cx) ** 2 + (y - cy) ** 2) for cx, cy in centroids]
        nearest = min(distances)
        values = [*distances, nearest, distances.index(nearest) + 1, nearest**2]
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    for column in columns:
        yield from column
    yield math.fsum(columns[-1])


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("sgd", "SGD", "A3", 0.01, 0.02, sgd_rows, sgd_formulas, sgd_reference),
        Shape(
            "distances",
            "Distances",
            "B1",
            CENTROIDS[0][0],
            2.0,
            distances_rows,
            distances_formulas,
            distances_reference,
        ),
    )
}


def formula_count(shape: Shape, n: int) -> int:
    return sum(last - first + 1 for _, first, last in shape.formulas(n))


def write(shape: Shape, n: int, path: Path) -> None:
    """Write the workbook of n rows.

    openpyxl writes the package and the frame of the sheet; the rows are streamed into it in
    openpyxl's own form, for a million of them would take openpyxl minutes.
    """
    import openpyxl

    frame = io.BytesIO()
    workbook = openpyxl.Workbook(write_only=True)
    workbook.create_sheet(shape.sheet).append([])
    workbook.save(frame)
    with zipfile.ZipFile(frame) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for part in source.namelist():
            if not part.startswith("xl/worksheets/"):
                out.writestr(part, source.read(part))
                continue
            head, tail = source.read(part).decode().split('<row r="1"></row>')
            with out.open(part, "w") as sheet:
                sheet.write(head.encode())
                for number, cells in enumerate(shape.rows(n), 1):
                    sheet.write(_row_xml(number, cells).encode())
                sheet.write(tail.encode())


def write_with_openpyxl(shape: Shape, n: int, path: Path) -> None:
    """The same workbook by openpyxl itself, to check `write` against."""
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(shape.sheet)
    for cells in shape.rows(n):
        sheet.append(cells)
    workbook.save(path)


def same_sheet(one: Path, other: Path) -> bool:
    """Whether the sheets of two workbooks are the same, byte for byte."""
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        return first.read(part) == second.read(part)


def _row_xml(number: int, cells: Sequence[Cell]) -> str:
    written = [
        _cell_xml(f"{letter}{number}", cell)
        for letter, cell in zip(COLUMNS, cells, strict=False)
        if cell is not None
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell_xml(ref: str, cell: str | float | int) -> str:
    if not isinstance(cell, str):
        return f'<c r="{ref}" t="n"><v>{cell}</v></c>'
    if cell.startswith("="):
        return f'<c r="{ref}"><f>{cell[1:]}</f><v></v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t>{cell}</t></is></c>'


def _points(n: int, extent: int) -> Iterator[tuple[float, float]]:
    """n points between 0 and `extent`, always the same ones.

    They are multiples of 1/1024: openpyxl writes 16 digits, which not every number survives.
    """
    generator = random.Random(SEED)
    for _ in range(n):
        yield generator.randrange(extent * 1024) / 1024, generator.randrange(extent * 1024) / 1024
