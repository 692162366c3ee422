"""What depends on what: which blocks a block reads, and what is outdated when cells change."""

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.reads import Filling, Links, Places, Reads, filling, starts_of
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import spread

# So many precedents of blocks are noted, and so many more for each block.
_MOST_PAIRS, _PAIRS_OF_A_BLOCK = 4_000_000, 16


class Stage(NamedTuple):
    """Blocks that need nothing of each other: each by itself, or those of a circle together."""

    alone: list[Block]
    circles: list[list[Block]]


class _Graph:
    """Which blocks need which: those numbered below `count`, and ranges of many blocks after them.

    A range that many blocks fill needs these, and whoever reads it needs the range, so that they
    are noted once for all readers. `circular` are the blocks that read cells of their own.
    """

    def __init__(self, reads: Reads, filled: Filling, count: int) -> None:
        sizes = np.bincount(filled.ranges, minlength=len(reads.ranges))
        starts, is_large = starts_of(sizes), sizes > _PAIRS_OF_A_BLOCK
        node = (count - 1 + np.cumsum(is_large)).astype(np.int32)
        reads_large, of_large = is_large[reads.read], is_large[filled.ranges]
        small, large = reads.read[~reads_large], reads.read[reads_large]
        which, place = spread(starts[small], starts[small + 1])
        readers = np.concatenate(
            [
                reads.readers[~reads_large][which],
                reads.readers[reads_large],
                node[filled.ranges[of_large]],
            ]
        )
        needed = np.concatenate([filled.blocks[place], node[large], filled.blocks[of_large]])
        is_own = readers == needed
        is_circular = np.zeros(count, bool)
        is_circular[readers[is_own]] = True
        readers, needed = readers[~is_own], needed[~is_own]
        nodes = count + int(np.count_nonzero(is_large))
        self.count = count
        self.circular: list[bool] = is_circular.tolist()
        self.needs = Links.of_pairs(readers, needed, nodes)
        self.readers = Links.of_pairs(needed, readers, nodes)

    def waiting(self) -> dict[int, int]:
        """How many others each needs."""
        return dict(enumerate(np.diff(self.needs.starts).tolist()))

    def freed(self, waiting: dict[int, int]) -> Iterator[list[int]]:
        """What waits for nothing, then what waits for nothing else, and so on.

        It is taken out of `waiting`; what is left there is in circles or waits for them.
        """
        starts, readers = self.readers.starts, self.readers.targets
        ready = [node for node, count in waiting.items() if not count]
        while ready:
            following: list[int] = []
            for node in ready:
                del waiting[node]
                start, end = starts[node], starts[node + 1]
                for reader in readers[start:end].tolist() if start != end else ():
                    count = waiting.get(reader)
                    if count is not None:
                        waiting[reader] = count - 1
                        if count == 1:
                            # A range comes with the last of its blocks.
                            (following if reader < self.count else ready).append(reader)
            yield ready
            ready = following

    def circles(self, nodes: Collection[int]) -> list[list[int]]:
        """Blocks and ranges, each after what it needs of them; those in a circle together.

        This is Tarjan's algorithm for strongly connected components, without recursion.
        """
        number: dict[int, int] = {}
        lowest: dict[int, int] = {}
        path: list[int] = []
        on_path: set[int] = set()
        found: list[list[int]] = []
        for start in nodes:
            stack: list[tuple[int, Iterator[int]]] = []
            entering = -1 if start in number else start
            while stack or entering >= 0:
                if entering >= 0:
                    number[entering] = lowest[entering] = len(number)
                    path.append(entering)
                    on_path.add(entering)
                    stack.append((entering, iter(self.needs.of(entering))))
                    entering = -1
                node, needed = stack[-1]
                for other in needed:
                    if other not in number:
                        if other in nodes:
                            entering = other
                            break
                    elif other in on_path:
                        lowest[node] = min(lowest[node], number[other])
                else:
                    stack.pop()
                    if stack:
                        above = stack[-1][0]
                        lowest[above] = min(lowest[above], lowest[node])
                    if lowest[node] == number[node]:
                        place = len(path) - 1
                        while path[place] != node:
                            place -= 1
                        found.append(path[place:])
                        on_path.difference_update(path[place:])
                        del path[place:]
        return found


class Dependencies:
    """The graph of the blocks of a workbook."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._untold: set[Block] = set()

    @property
    def untold(self) -> set[Block]:
        """The blocks whose precedents are too many to be noted."""
        return self._untold if self._filling else set()

    def stages(self, wanted: Sequence[Block]) -> list[Stage]:
        """Blocks that have outdated cells and all such that they need, each after what it needs.

        What waits for nothing is taken away again and again; where that comes to an end there are
        circles.
        """
        graph, blocks = self._graph, self._blocks
        waiting = self._waiting(wanted)
        stages: list[Stage] = []
        for freed in graph.freed(waiting):
            stage = Stage([], [])
            for node in freed:
                if node < graph.count:
                    if graph.circular[node]:
                        stage.circles.append([blocks[node]])
                    else:
                        stage.alone.append(blocks[node])
            stages.append(stage)
        return stages + self._stages_with_circles(waiting)

    def needed(self, wanted: Block) -> Iterator[Block]:
        """A block and all that it needs, as far as they have outdated cells."""
        graph, blocks = self._graph, self._blocks
        stack = [self._numbers[wanted]]
        seen = set(stack)
        while stack:
            node = stack.pop()
            if node < graph.count:
                yield blocks[node]
            for other in graph.needs.of(node):
                if other not in seen and (other >= graph.count or blocks[other].stale):
                    seen.add(other)
                    stack.append(other)

    def _waiting(self, wanted: Sequence[Block]) -> dict[int, int]:
        """How many outdated blocks and ranges each of those waits for that are needed."""
        graph, blocks = self._graph, self._blocks
        if len(wanted) == len(blocks):
            return graph.waiting()
        waiting: dict[int, int] = {}
        stack = [self._numbers[block] for block in wanted]
        while stack:
            node = stack.pop()
            if node not in waiting:
                needed = [
                    other
                    for other in graph.needs.of(node)
                    if other >= graph.count or blocks[other].stale
                ]
                waiting[node] = len(needed)
                stack += needed
        return waiting

    def _stages_with_circles(self, left: Collection[int]) -> list[Stage]:
        """The stages of what is in circles or waits for them."""
        graph, blocks = self._graph, self._blocks
        levels: dict[int, int] = {}
        stages: list[Stage] = []
        for circle in graph.circles(left):
            found = [blocks[node] for node in sorted(circle) if node < graph.count]
            needed = (levels.get(one, -1) for node in circle for one in graph.needs.of(node))
            # A range comes with the last of its blocks.
            level = max(needed, default=-1) + bool(found)
            levels.update(dict.fromkeys(circle, level))
            if level == len(stages):
                stages.append(Stage([], []))
            if len(circle) > 1 or (found and graph.circular[circle[0]]):
                stages[level].circles.append(found)
            else:
                stages[level].alone.extend(found)
        return stages

    def outdated(
        self, changed: Iterable[CellRange], whole: Iterable[Block] = ()
    ) -> dict[Block, range]:
        """The rows of each block that depend on changed cells, or on `whole` blocks.

        Rows between two that depend count as depending, too.
        """
        found: dict[Block, range] = {}
        passed: set[int] = set()
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
            for number in self._filled_by.of(self._numbers[block]):
                if number in passed or not self._reads.cells(number).overlaps(part):
                    continue
                readers = self._readers(number)
                if all(reader.is_single or _stays(area) for reader, area in readers):
                    # They read all of it, whichever of its cells changed.
                    passed.add(number)
                for reader, area in readers:
                    reading = reader.rows if reader.is_single else reader.rows_reading(area, part)
                    if reading:
                        stack.append((reader, reading))
        return found

    def forget_places(self) -> None:
        """Find anew who reads whom, after a block has come to fill other cells."""
        for known in ("_places", "_filling", "_filled_by", "_graph", "_directions"):
            self.__dict__.pop(known, None)

    @functools.cached_property
    def _numbers(self) -> dict[Block, int]:
        return {block: number for number, block in enumerate(self._blocks)}

    @functools.cached_property
    def _places(self) -> Places:
        return Places.of(self._blocks)

    @functools.cached_property
    def _reads(self) -> Reads:
        return Reads(self._blocks, self._places)

    @functools.cached_property
    def _filling(self) -> Filling:
        """The blocks that fill cells of each range that is read.

        Where ranges overlap so much that they would be too many, the readers of the others become
        dynamic: what they read turns out when they are calculated.
        """
        most = _MOST_PAIRS + _PAIRS_OF_A_BLOCK * len(self._blocks)
        found = filling(self._reads, self._places, most, _PAIRS_OF_A_BLOCK)
        for number in found.left_out.tolist():
            for block, _ in self._readers(number):
                block.dynamic = True
                self._untold.add(block)
        return found

    @functools.cached_property
    def _filled_by(self) -> Links:
        """The ranges of which each block fills cells."""
        return Links.of_pairs(self._filling.blocks, self._filling.ranges, len(self._blocks))

    @functools.cached_property
    def _graph(self) -> _Graph:
        return _Graph(self._reads, self._filling, len(self._blocks))

    @functools.cached_property
    def _pairs(self) -> Links:
        """The pairs of a block and an area that mean each range."""
        read = self._reads.read
        return Links.of_pairs(read, np.arange(len(read)), len(self._reads.ranges))

    def _readers(self, number: int) -> list[tuple[Block, Area]]:
        """Who reads a range, by which area."""
        reads = self._reads
        return [
            (self._blocks[reads.readers[pair]], reads.area(pair)) for pair in self._pairs.of(number)
        ]

    def _reading(self, cells: CellRange) -> Iterator[tuple[Block, range]]:
        """The blocks that read some cells, and their rows that do."""
        sheet, top, left, bottom, right = self._reads.ranges.T
        on_sheet = sheet == self._reads.sheets.get(cells.sheet, -1)
        in_rows = (top <= cells.bottom) & (bottom >= cells.top)
        in_columns = (left <= cells.right) & (right >= cells.left)
        for number in np.flatnonzero(on_sheet & in_rows & in_columns).tolist():
            for block, area in self._readers(number):
                rows = block.rows if block.is_single else block.rows_reading(area, cells)
                if rows:
                    yield block, rows

    @functools.cached_property
    def _directions(self) -> dict[Block, int]:
        """For each block in a circle: 1 where it runs downwards, -1 upwards, 0 where both."""
        directions: dict[Block, int] = {}
        graph, reads = self._graph, self._reads
        starts = starts_of(np.bincount(self._filling.ranges, minlength=len(reads.ranges)))
        waiting = graph.waiting()
        circles = [[node] for freed in graph.freed(waiting) for node in freed]
        for circle in circles + graph.circles(waiting):
            inside = {node for node in circle if node < graph.count}
            if len(circle) == 1 and not any(graph.circular[node] for node in inside):
                continue
            pairs = [pair for node in inside for pair in range(*reads.by_reader[node : node + 2])]
            ranges = {int(reads.read[pair]) for pair in pairs}
            needed = {
                number
                for number in ranges
                if not inside.isdisjoint(
                    self._filling.blocks[starts[number] : starts[number + 1]].tolist()
                )
            }
            areas = [reads.area(pair) for pair in pairs if int(reads.read[pair]) in needed]
            ends = [axis for area in areas for axis in (area.top, area.bottom)]
            moves = not any(axis.absolute for axis in ends)
            downwards = moves and all(axis.value <= 0 for axis in ends)
            upwards = moves and all(axis.value >= 0 for axis in ends)
            blocks = [self._blocks[node] for node in inside]
            directions.update(dict.fromkeys(blocks, downwards - upwards))
        return directions

    def _run_on(self, block: Block, rows: range) -> range:
        """The rows that are outdated with some rows of a block, if it is part of a circle."""
        direction = self._directions.get(block)
        if direction is None or block.is_single:
            return rows if not block.is_single else block.rows
        if direction > 0:
            return range(rows.start, block.rows.stop)
        return range(block.rows.start, rows.stop) if direction < 0 else block.rows


def _stays(area: Area) -> bool:
    """Whether an area has the same rows wherever the formula stands."""
    return area.top.absolute and area.bottom.absolute
