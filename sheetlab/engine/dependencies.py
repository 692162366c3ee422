"""What depends on what: which blocks a block reads, and what is outdated when cells change."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.engine.blocks import Block, BlockIndex
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.syntax.expression import Area

# So many precedents of blocks are noted, and so many more for each block.
_MOST_PAIRS, _PAIRS_OF_A_BLOCK = 4_000_000, 16


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The many blocks that fill cells of one range, noted once for all that read it."""

    cells: CellRange
    blocks: tuple[Block, ...]


class Dependencies:
    """The graph of the blocks of a workbook."""

    def __init__(self, blocks: Sequence[Block], index: BlockIndex) -> None:
        self._blocks = blocks
        self._index = index
        self._untold: set[Block] = set()

    @property
    def untold(self) -> set[Block]:
        """The blocks whose precedents are too many to be noted."""
        return self._untold if self._filling else set()

    @functools.cached_property
    def precedents(self) -> dict[Block, tuple[Block | Group, ...]]:
        """The blocks that fill cells which a block reads, some of them in groups."""
        filling = self._filling
        noted: dict[CellRange, tuple[Block | Group, ...]] = {
            cells: blocks if len(blocks) <= _PAIRS_OF_A_BLOCK else (Group(cells, blocks),)
            for cells, blocks in filling.items()
        }
        parts: dict[Block, list[tuple[Block | Group, ...]]] = {}
        for cells, readers in self._ranges.items():
            blocks = noted[cells]
            if blocks:
                for block, _ in readers:
                    parts.setdefault(block, []).append(blocks)
        found: dict[Block, tuple[Block | Group, ...]] = dict.fromkeys(self._blocks, ())
        for block, read in parts.items():
            one = len(read) == 1
            found[block] = (
                read[0] if one else tuple(dict.fromkeys(itertools.chain.from_iterable(read)))
            )
        return found

    def circles(
        self, wanted: Iterable[Block], counts: Callable[[Block], bool]
    ) -> list[list[Block]]:
        """Blocks and their precedents, each after what it reads; those in a circle together.

        Precedents that do not count are left out, with all that only they need. This is Tarjan's
        algorithm for strongly connected components, without recursion.
        """
        number: dict[Block | Group, int] = {}
        lowest: dict[Block | Group, int] = {}
        path: list[Block | Group] = []
        on_path: set[Block | Group] = set()
        found: list[list[Block]] = []
        all_precedents = self.precedents
        for start in wanted:
            stack: list[tuple[Block | Group, Iterator[Block | Group]]] = []
            entering: Block | Group | None = None if start in number else start
            while stack or entering is not None:
                if entering is not None:
                    number[entering] = lowest[entering] = len(number)
                    path.append(entering)
                    on_path.add(entering)
                    if isinstance(entering, Group):
                        stack.append((entering, iter(entering.blocks)))
                    else:
                        stack.append((entering, iter(all_precedents[entering])))
                    entering = None
                block, precedents = stack[-1]
                for precedent in precedents:
                    if precedent not in number and (
                        isinstance(precedent, Group) or counts(precedent)
                    ):
                        entering = precedent
                        break
                    if precedent in on_path:
                        lowest[block] = min(lowest[block], number[precedent])
                else:
                    stack.pop()
                    if stack:
                        above = stack[-1][0]
                        lowest[above] = min(lowest[above], lowest[block])
                    if lowest[block] == number[block]:
                        place = len(path) - 1
                        while path[place] is not block:
                            place -= 1
                        circle = [one for one in path[place:] if isinstance(one, Block)]
                        if circle:
                            found.append(circle)
                        on_path.difference_update(path[place:])
                        del path[place:]
        return found

    def is_circle(self, blocks: Sequence[Block]) -> bool:
        """Whether blocks that come together need each other, or one needs itself."""
        if len(blocks) > 1:
            return True
        precedents = self.precedents[blocks[0]]
        return blocks[0] in precedents or any(
            isinstance(one, Group) and one.cells.overlaps(blocks[0].cells) for one in precedents
        )

    def outdated(
        self, changed: Iterable[CellRange], whole: Iterable[Block] = ()
    ) -> dict[Block, range]:
        """The rows of each block that depend on changed cells, or on `whole` blocks.

        Rows between two that depend count as depending, too.
        """
        found: dict[Block, range] = {}
        passed: set[CellRange] = set()
        stack = [(block, block.rows) for block in whole]
        stack += [reading for cells in changed for reading in self._reading(cells)]
        while stack:
            block, rows = stack.pop()
            rows = self._run_on(block, rows)
            before = found.get(block, rows)
            merged = range(min(rows.start, before.start), max(rows.stop, before.stop))
            if block in found and merged == before:
                continue
            found[block] = merged
            part = block.part(merged)
            for cells in self._readers.get(block, ()):
                if cells in passed or not cells.overlaps(part):
                    continue
                if self._is_read_whole(cells):
                    passed.add(cells)
                for reader, area in self._ranges[cells]:
                    reading = reader.rows_reading(area, part)
                    if reading:
                        stack.append((reader, reading))
        return found

    def forget_places(self) -> None:
        """Find anew who reads whom, after a block has come to fill other cells."""
        for known in ("_filling", "precedents", "_readers", "_directions"):
            self.__dict__.pop(known, None)

    @functools.cached_property
    def _ranges(self) -> dict[CellRange, list[tuple[Block, Area]]]:
        """Who reads each range, by which area."""
        readers: dict[CellRange, list[tuple[Block, Area]]] = {}
        for block in self._blocks:
            for area in block.reads:
                readers.setdefault(block.read_range(area), []).append((block, area))
        return readers

    @functools.cached_property
    def _filling(self) -> dict[CellRange, tuple[Block, ...]]:
        """The blocks that fill cells of each range that is read.

        Where ranges overlap so much that they would be too many, the readers of the others become
        dynamic: what they read turns out when they are calculated.
        """
        left = _MOST_PAIRS + _PAIRS_OF_A_BLOCK * len(self._blocks)
        filling: dict[CellRange, tuple[Block, ...]] = {}
        for cells, readers in self._ranges.items():
            within = self._index.within(cells)
            if left < 0:
                within = itertools.islice(within, _PAIRS_OF_A_BLOCK + 1)
            found = tuple(dict.fromkeys(within))
            if left < 0 and len(found) > _PAIRS_OF_A_BLOCK:
                found = ()
                for block, _ in readers:
                    block.dynamic = True
                    self._untold.add(block)
            left -= len(found)
            filling[cells] = found
        return filling

    def _is_read_whole(self, cells: CellRange) -> bool:
        """Whether all cells that read a range read all of it, whichever of its cells changed."""
        return all(
            block.is_single or (area.top.absolute and area.bottom.absolute)
            for block, area in self._ranges[cells]
        )

    @functools.cached_property
    def _readers(self) -> dict[Block, list[CellRange]]:
        """The ranges that are read of which each block fills cells."""
        readers: dict[Block, list[CellRange]] = {}
        for cells, filling in self._filling.items():
            for block in filling:
                readers.setdefault(block, []).append(cells)
        return readers

    @functools.cached_property
    def _corners(self) -> dict[str, tuple[Any, list[CellRange]]]:
        """The ranges that are read on each sheet, and their corners as an array."""
        by_sheet: dict[str, list[CellRange]] = {}
        for cells in self._ranges:
            by_sheet.setdefault(cells.sheet, []).append(cells)
        return {
            sheet: (np.array([cells[1:] for cells in ranges]).T, ranges)
            for sheet, ranges in by_sheet.items()
        }

    def _reading(self, cells: CellRange) -> Iterator[tuple[Block, range]]:
        """The blocks that read some cells, and their rows that do."""
        if cells.sheet not in self._corners:
            return
        (top, left, bottom, right), ranges = self._corners[cells.sheet]
        below, above = top <= cells.bottom, bottom >= cells.top
        for place in np.flatnonzero(
            below & above & (left <= cells.right) & (right >= cells.left)
        ).tolist():
            for block, area in self._ranges[ranges[place]]:
                rows = block.rows_reading(area, cells)
                if rows:
                    yield block, rows

    @functools.cached_property
    def _directions(self) -> dict[Block, int]:
        """For each block in a circle: 1 where it runs downwards, -1 upwards, 0 where both."""
        directions: dict[Block, int] = {}
        for circle in self.circles(self._blocks, lambda block: True):
            if not self.is_circle(circle):
                continue
            inside = set(circle)
            reads = [(block.read_range(area), area) for block in circle for area in block.reads]
            ranges = dict.fromkeys(cells for cells, _ in reads)
            needed = {cells for cells in ranges if inside.intersection(self._filling[cells])}
            areas = [area for cells, area in reads if cells in needed]
            ends = [axis for area in areas for axis in (area.top, area.bottom)]
            moves = not any(axis.absolute for axis in ends)
            downwards = moves and all(axis.value <= 0 for axis in ends)
            upwards = moves and all(axis.value >= 0 for axis in ends)
            directions.update(dict.fromkeys(circle, downwards - upwards))
        return directions

    def _run_on(self, block: Block, rows: range) -> range:
        """The rows that are outdated with some rows of a block, if it is part of a circle."""
        direction = self._directions.get(block)
        if direction is None or block.is_single:
            return rows if not block.is_single else block.rows
        if direction > 0:
            return range(rows.start, block.rows.stop)
        return range(block.rows.start, rows.stop) if direction < 0 else block.rows
