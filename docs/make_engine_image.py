"""Draw the picture of docs/engine.md: four filled-down formulas, and the loop that they become.

Cells, formulas, arrows and the lines of the loop are what the engine makes of workbooks/sgd.xlsx.
"""

import re
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "sheetlab", "svg.fonttype": "path"})

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.patches import FancyBboxPatch, PathPatch  # noqa: E402
from matplotlib.path import Path as Curve  # noqa: E402

import sheetlab  # noqa: E402
from sheetlab.engine import Book  # noqa: E402
from sheetlab.engine.blocks import Block  # noqa: E402
from sheetlab.engine.loops.writing import Loop  # noqa: E402

DOCS = Path(__file__).parent
PICTURE = DOCS / "images" / "engine.svg"

# Column: its letter and heading, left edge, width, colour; inches from the top left corner.
COLUMNS = {
    3: ("C", "x", 0.46, 0.62, "#6B7280"),
    4: ("D", "y", 1.18, 0.62, "#6B7280"),
    5: ("E", "alpha", 2.06, 1.42, "#0072B2"),
    6: ("F", "beta", 3.70, 1.62, "#D55E00"),
    7: ("G", "prediction", 5.54, 1.22, "#00876A"),
    8: ("H", "error", 6.98, 1.10, "#A3367F"),
}
# Row: its top edge and height.
ROWS = {4: (1.12, 0.40), 5: (1.62, 0.62), 6: (3.44, 0.74), 23: (5.98, 0.40)}
ABOVE, ROW = 5, 6
WIDTH, HEIGHT, LOOP_LEFT = 13.0, 6.9, 8.62
INK, FAINT, FIXED = "#1F2937", "#6B7280", "#8A6D00"


def main() -> None:
    """Draw the picture from the workbook as the engine has it."""
    book = sheetlab.load(DOCS.parent / "workbooks" / "sgd.xlsx")
    calculation = book._calculation
    book["alpha"]
    first = calculation.index.at(("SGD", ROW, 5))
    blocks, loop = next(
        (list(key[0]), loop) for key, loop in calculation.loops.items() if first in key[0]
    )
    sources = re.findall(r"v_\d = .*", loop.text)
    shifts = re.findall(r"(?<= )c_\d = .*", loop.text)

    figure = plt.figure(figsize=(WIDTH, HEIGHT), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.axis("off")
    _draw_table(axes, book, blocks, _variables(loop, blocks))
    _draw_arrows(axes, blocks)
    _draw_loop(axes, blocks, sources, shifts, loop)
    figure.savefig(PICTURE, metadata={"Date": None})


def _variables(loop: Loop, blocks: list[Block]) -> dict[tuple[int, int], str]:
    """The loop's variable for each cell (row, column) that it reads or calculates for `ROW`."""
    found = {(ROW, block.cells.left): f"v_{number}" for number, block in enumerate(blocks)}
    for name, line in loop.variables.items():
        found[ROW + line.offset, line.place] = name
    return found


def _draw_table(
    axes: Any, book: Book, blocks: list[Block], variables: dict[tuple[int, int], str]
) -> None:
    tops = {block.cells.left: block.cells.top for block in blocks}
    for column, (letter, heading, left, width, color) in COLUMNS.items():
        _text(axes, left + width / 2, 0.60, letter, 10, FAINT)
        _text(axes, left + width / 2, 0.84, heading, 13, color, weight="bold")
        first = tops.get(column)
        if first is not None:
            top, bottom = ROWS[first][0] - 0.07, ROWS[23][0] + ROWS[23][1] + 0.07
            _box(axes, left - 0.07, top, width + 0.14, bottom - top, color, 0.13, 1.6)
            caption = f"{letter}{first}:{letter}23"
            _text(axes, left + width / 2, bottom + 0.20, caption, 11, color, weight="bold")
        for row, (top, height) in ROWS.items():
            inside = first is not None and row >= first
            edge = color if inside else "#C5CAD3"
            _box(axes, left, top, width, height, edge, 0, 1.0, fill="white")
            middle = left + width / 2
            variable = variables.get((row, column))
            value = f"{book[f'SGD!{letter}{row}']:.4g}".replace("-", "−")
            if row == ROW and first is not None:
                formula = book.formula("SGD", f"{letter}{row}") or ""
                _text(axes, middle, top + 0.22, formula, 9.6, INK, family="DejaVu Sans Mono")
                _variable(axes, middle, top + 0.52, variable or "", color)
            elif variable is not None:
                _text(axes, middle, top + height / 2 - 0.13, value, 10.5, INK)
                _variable(axes, middle, top + height / 2 + 0.15, variable, color)
            else:
                _text(axes, middle, top + height / 2, value, 10.5, FAINT)
        _text(axes, left + width / 2, 5.83, "⋮", 14, FAINT)
    for row, (top, height) in ROWS.items():
        _text(axes, 0.26, top + height / 2, str(row), 10.5, FAINT)
    _text(axes, 0.12, 0.24, "Filled down: four formulas, four blocks", 14, INK, "left", "bold")
    _text(axes, 1.13, 6.65, "known before", 10.5, FAINT)


def _draw_arrows(axes: Any, blocks: list[Block]) -> None:
    """From each cell that the formulas in `ROW` read, to the cell that reads it."""
    for block in blocks:
        column = block.cells.left
        reads = [area for area in block.reads if not area.top.absolute]
        # Below, the longest way in goes around the others.
        reads.sort(key=lambda area: area.left.at(column) * (1 if area.top.value else -1))
        for number, area in enumerate(reads, 1):
            left, width, color = COLUMNS[column][2:]
            end = left + width * number / (len(reads) + 1)
            source = area.left.at(column)
            middle = COLUMNS[source][2] + COLUMNS[source][3] / 2
            # Side by side, arrows that leave or reach one cell can be told apart.
            start = middle + 0.13 * (column - 6.5)
            if area.top.value == 0 and source == column - 1:
                start = COLUMNS[source][2] + 0.93 * COLUMNS[source][3]
            if area.top.value < 0:
                bottom, top = ROWS[ABOVE][0] + ROWS[ABOVE][1], ROWS[ROW][0]
                bend = 0.62 * (top - bottom)
                points = (start, bottom), (start, bottom + bend), (end, top - bend), (end, top)
            else:
                edge = ROWS[ROW][0] + ROWS[ROW][1]
                depth = 0.55 + 0.24 * abs(end - start)
                points = (start, edge), (start, edge + depth), (end, edge + depth), (end, edge)
            _arrow(axes, points, color)
    _text(axes, 0.12, 3.06, "row above", 10, FAINT, "left", style="italic")
    _text(axes, 0.12, 5.38, "same row", 10, FAINT, "left", style="italic")


def _draw_loop(
    axes: Any, blocks: list[Block], sources: list[str], shifts: list[str], loop: Loop
) -> None:
    _text(axes, LOOP_LEFT, 0.24, "Calculated: one loop for all rows", 14, INK, "left", "bold")
    _box(axes, LOOP_LEFT, 0.62, WIDTH - LOOP_LEFT - 0.14, 5.62, "#C5CAD3", 0, 1.2, fill="#F7F8FA")
    numbers = range(len(loop.lines))
    names = ", ".join(f"x_{number}" for number in numbers)
    series = ", ".join(f"s_{number}" for number in numbers)
    left, inner = LOOP_LEFT + 0.18, LOOP_LEFT + 0.46
    _code(axes, left, 0.96, f"for {names}, in zip({series}):", 10.6, INK)
    for number, (block, source) in enumerate(zip(blocks, sources, strict=True)):
        color = COLUMNS[block.cells.left][4]
        y = 1.52 + 0.66 * number
        _text(axes, inner, y - 0.22, COLUMNS[block.cells.left][1], 10, color, "left")
        _code(axes, inner, y + 0.03, source, 13.5, color, weight="bold")
    _text(axes, inner, 4.06, "results to the columns", 10, FAINT, "left")
    _code(axes, inner, 4.30, "append_0(v_0) … append_3(v_3)", 10.2, INK)
    _text(axes, inner, 4.74, "carried to the next row", 10, FAINT, "left")
    by_value = {f"v_{n}": COLUMNS[block.cells.left][4] for n, block in enumerate(blocks)}
    for number, shift in enumerate(shifts):
        color = by_value.get(shift.rpartition(" ")[2], INK)
        _code(axes, inner, 4.99 + 0.28 * number, shift, 12, color)
    rate = " = ".join(dict.fromkeys(re.findall(r"g_\d", loop.text)))
    _code(axes, inner, 6.00, f"{rate} = $A$3, the learning rate", 9.4, FIXED)
    legend = "x: known before      c: from the row above      v: this row"
    _text(axes, LOOP_LEFT, 6.65, legend, 9.5, FAINT, "left")


def _box(
    axes: Any, left: float, top: float, width: float, height: float, color: str,
    opacity: float, line: float, *, fill: str | None = None,
) -> None:  # fmt: skip
    rounded = "round,pad=0,rounding_size=0.07"
    body = {"facecolor": fill or color, "edgecolor": "none", "alpha": None if fill else opacity}
    axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=rounded, **body))
    rim = {"facecolor": "none", "edgecolor": color, "linewidth": line}
    axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=rounded, **rim))


def _arrow(axes: Any, points: tuple[tuple[float, float], ...], color: str) -> None:
    """A curve with a head; it comes in vertically, from above or from below."""
    (_, _, (_, before), (x, y)) = points
    back = 0.11 if before > y else -0.11
    curve = Curve([*points[:3], (x, y + back)], [Curve.MOVETO] + 3 * [Curve.CURVE4])
    # A white rim keeps curves apart where they cross.
    for edge, line in (("white", 4.6), (color, 2.0)):
        axes.add_patch(PathPatch(curve, facecolor="none", edgecolor=edge, linewidth=line))
    axes.fill([x, x - 0.065, x + 0.065], [y, y + back * 1.25, y + back * 1.25], color=color, lw=0)


def _variable(axes: Any, x: float, y: float, name: str, color: str) -> None:
    _text(axes, x, y, name, 12, color, weight="bold", family="DejaVu Sans Mono")


def _code(axes: Any, x: float, y: float, text: str, size: float, color: str, **more: str) -> None:
    _text(axes, x, y, text, size, color, "left", family="DejaVu Sans Mono", **more)


def _text(
    axes: Any, x: float, y: float, text: str, size: float, color: str,
    align: str = "center", weight: str = "normal", **more: str,
) -> None:  # fmt: skip
    axes.text(
        x, y, text, size=size, color=color, ha=align, va="center", weight=weight,
        **{"family": "DejaVu Sans", **more}, parse_math=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
