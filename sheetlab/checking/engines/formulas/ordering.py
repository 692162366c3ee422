"""The formulas of a workbook in their places, and the order in which they can be calculated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sheetlab.checking.engines.cells import StoredCells, StoredFormula
from sheetlab.checking.engines.formulas.compiling import (
    CannotCalculateError,
    CompiledFormula,
    Compiler,
)
from sheetlab.checking.formula_text import CellArea, area_of, relative_form
from sheetlab.errors import EngineError
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, address_of
from sheetlab.text import Text

# Sheet, row and column.
Cell = tuple[str, int, int]

_CELLS_OF_A_CIRCLE = 8


@dataclass(frozen=True, eq=False)
class Node:
    """A formula in its place: the cells that it fills, and the areas of each of its inputs."""

    formula: StoredFormula
    home: CellArea
    compiled: CompiledFormula
    inputs: list[list[CellArea]]

    @property
    def reads(self) -> list[CellArea]:
        """The areas whose values it needs."""
        pairs = zip(self.compiled.inputs, self.inputs, strict=True)
        return [area for one, areas in pairs if one.is_read for area in areas]


class Plan:
    """The formulas of one workbook, each compiled, and what each has to wait for.

    `refused` has the formula and the reason for each cell that the library cannot calculate.
    """

    def __init__(self, path: Path, stored: StoredCells, compiler: Compiler) -> None:
        self.refused: dict[Cell, tuple[StoredFormula, Text]] = {}
        self._path = path
        self._compiler = compiler
        # What serves the cells that a formula is filled to, and where it was compiled.
        self._compiled: dict[tuple[str, str], tuple[CompiledFormula, CellArea]] = {}
        self._nodes: dict[Cell, Node] = {}
        homes = [area_of(formula.sheet, formula.area) for formula in stored.formulas]
        constants = [address_of(ref) for _, ref in stored.values]
        rows, columns = [row for row, _ in constants], [column for _, column in constants]
        self._last_row = max((1, *rows, *(home.bottom for home in homes)))
        self._last_column = max((1, *columns, *(home.right for home in homes)))
        for formula, home in zip(stored.formulas, homes, strict=True):
            try:
                self._nodes.update(dict.fromkeys(home.cells(), self._node(formula, home)))
            except CannotCalculateError as refusal:
                self.refused.update(dict.fromkeys(home.cells(), (formula, refusal.reason)))

    def generations(self) -> Iterator[list[Node]]:
        """The formulas in the order of calculation: each list reads only what came before it.

        Raises `EngineError` where cells go round in a circle.
        """
        sorter: TopologicalSorter[Node] = TopologicalSorter()
        for node in dict.fromkeys(self._nodes.values()):
            read = (self._nodes.get(cell) for cell in self.cells_read(node))
            sorter.add(node, *{one for one in read if one is not None})
        try:
            sorter.prepare()
        except CycleError as error:
            raise self._circular(error.args[1]) from None
        while sorter.is_active():
            ready = sorter.get_ready()
            yield list(ready)
            sorter.done(*ready)

    def cells_read(self, node: Node) -> Iterator[Cell]:
        """The cells whose values a formula needs."""
        for area in node.reads:
            yield from self.used(area).cells()

    def used(self, area: CellArea) -> CellArea:
        """The area without the blank remainder of whole rows and columns."""
        bottom = self._last_row if area.bottom == MAX_ROW else area.bottom
        right = self._last_column if area.right == MAX_COLUMN else area.right
        return area._replace(bottom=max(area.top, bottom), right=max(area.left, right))

    def _node(self, formula: StoredFormula, home: CellArea) -> Node:
        key = home.sheet, relative_form(formula.text, home.top, home.left)
        if key not in self._compiled or not self._compiled[key][0].can_be_filled:
            self._compiled[key] = self._compiler.compile(formula.text, home), home
        compiled, first = self._compiled[key]
        rows, columns = home.top - first.top, home.left - first.left
        return Node(formula, home, compiled, [one.filled(rows, columns) for one in compiled.inputs])

    def _circular(self, circle: Sequence[Node]) -> EngineError:
        cells = ["!".join(node.formula.cell) for node in circle]
        if len(cells) > _CELLS_OF_A_CIRCLE:
            cells[_CELLS_OF_A_CIRCLE - 2 : -1] = ["…"]
        return EngineError(
            Text(
                f"{self._path}, {cells[0]}: the cell refers back to itself"
                f" ({' → '.join(cells)}); change one of these formulas.",
                f"{self._path}, {cells[0]}: 셀이 돌고 돌아 자신을 참조합니다"
                f"({' → '.join(cells)}). 이 가운데 한 수식을 고치십시오.",
            )
        )
