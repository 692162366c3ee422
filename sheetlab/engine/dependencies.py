"""What depends on what: which blocks a block reads, and what is outdated when cells change."""

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from sheetlab.engine.block_index import BlockIndex, Integers, is_new
from sheetlab.engine.blocks import Block
from sheetlab.engine.cell_range import CellRange
from sheetlab.engine.outdated import NO_CIRCLE, Followers, meeting
from sheetlab.engine.reads import (
    Filling,
    Links,
    Numbers,
    Reads,
    filling,
    one_by_one,
    starts_of,
)
from sheetlab.engine.syntax.expression import Area
from sheetlab.engine.values.arrays import spread

# So many precedents of blocks are noted, and so many more for each block.
_MOST_PAIRS, _PAIRS_OF_A_BLOCK = 4_000_000, 16
# So many are taken together by arrays, and of all blocks at least one in so many.
_MANY, _ONE_IN = 48, 16

_Places = np.ndarray[Any, np.dtype[np.intp]]


class Stage(NamedTuple):
    """Blocks that need nothing of each other: numbers of those alone, and those in circles."""

    alone: Numbers
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
        self.circular = is_circular
        self.needs = Links.of_pairs(readers, needed, nodes)
        self.readers = Links.of_pairs(needed, readers, nodes)

    def freed(self, waiting: dict[int, int] | Integers, free: Numbers) -> Iterator[Numbers]:
        """The nodes that are `free`, then those that wait for nothing else, and so on.

        `waiting` says for how many each waits, 0 where it is not wanted at all. What waits in the
        end is in circles or waits for them.
        """
        counts = one_by_one(waiting) if isinstance(waiting, np.ndarray) else waiting
        while len(free):
            if len(free) < _MANY or not isinstance(waiting, np.ndarray):
                free = free if isinstance(free, list) else free.tolist()
                following: Numbers = self._freed_by_few(free, counts)
            else:
                following = self._freed_by_many(np.asarray(free), waiting)
            yield free
            free = following

    def _freed_by_few(
        self, free: list[int], counts: "dict[int, int] | memoryview[int]"
    ) -> list[int]:
        """What waits for nothing else. Ranges that come to be free join what freed them."""
        count_of = counts.get if isinstance(counts, dict) else counts.__getitem__
        following: list[int] = []
        for node in free:
            for reader in self.readers.of(node):
                count = count_of(reader)
                if count:
                    counts[reader] = count - 1
                    if count == 1:
                        (following if reader < self.count else free).append(reader)
        return following

    def _freed_by_many(self, free: Integers, waiting: Integers) -> Integers:
        """The same, but ranges are left out."""
        _, readers = self.readers.of_many(free)
        readers = readers[waiting[readers] > 0]
        np.subtract.at(waiting, readers, np.int32(1))
        readers = np.sort(readers[waiting[readers] == 0])
        following: Integers = readers[is_new(readers)]
        is_range = following >= self.count
        if is_range.any():
            by_ranges = self._freed_by_many(following[is_range], waiting)
            return np.concatenate([following[~is_range], by_ranges])
        return following

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

    def __init__(self, index: BlockIndex) -> None:
        self._index, self._blocks = index, index.blocks
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
        if len(wanted) < max(_MANY, len(self._blocks) // _ONE_IN):
            waiting = self._waiting_for_few(wanted)
            free = sorted(node for node, count in waiting.items() if not count)
            stages = self._freed(waiting, free)
            left = [node for node, count in waiting.items() if count]
        else:
            counts, none = self._waiting_for_many(wanted)
            stages = self._freed(counts, none)
            left = np.flatnonzero(counts).tolist()
        return stages + self._stages_with_circles(left)

    def _freed(self, waiting: dict[int, int] | Integers, free: Numbers) -> list[Stage]:
        """The stages of what is in no circle and waits for none."""
        graph, blocks = self._graph, self._blocks
        circular = one_by_one(graph.circular)
        stages = []
        for freed in graph.freed(waiting, free):
            if isinstance(freed, list):
                found = [node for node in freed if node < graph.count]
                alone: Numbers = [node for node in found if not circular[node]]
                own = [node for node in found if circular[node]] if len(alone) < len(found) else []
            else:
                freed = freed[freed < graph.count]
                is_own = graph.circular[freed]
                alone, own = freed[~is_own], freed[is_own].tolist()
            stages.append(Stage(alone, [[blocks[node]] for node in own]))
        return stages

    def alike(self, numbers: Numbers, cells: int, blocks: int) -> tuple[list[list[int]], list[int]]:
        """Groups of `blocks` or more of some that hold the same formula; and what is in none.

        None of them has more than so many `cells`, and those of a group are on one sheet.
        """
        found = np.asarray(numbers, np.int64)
        groups = np.where(self._sizes[found] <= cells, self._formulas[found], -1)
        order = np.argsort(groups, kind="stable")
        groups, found = groups[order], found[order]
        starts = np.append(np.flatnonzero(is_new(groups)), len(groups))
        is_group = (np.diff(starts) >= blocks) & (groups[starts[:-1]] >= 0)
        parts = zip(starts[:-1][is_group].tolist(), starts[1:][is_group].tolist(), strict=True)
        left = found[~np.repeat(is_group, np.diff(starts))]
        return [found[start:end].tolist() for start, end in parts], left.tolist()

    def stale_cells(self, numbers: list[int]) -> tuple[_Places, _Places]:
        """The rows and the columns of all outdated cells of some blocks, none of arrays."""
        places, found = self._index.places, np.array(numbers)
        first, end = places.top[found], places.bottom[found] + 1
        for place in np.flatnonzero(end - first > 1).tolist():
            stale = self._blocks[numbers[place]].stale
            first[place], end[place] = stale.start, stale.stop
        which, rows = spread(first, end)
        found = found[which]
        which, columns = spread(places.left[found], places.right[found] + 1)
        return rows[which], columns

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

    def _waiting_for_few(self, wanted: Sequence[Block]) -> dict[int, int]:
        """How many outdated blocks and ranges each of those waits for that are needed."""
        graph, blocks = self._graph, self._blocks
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

    def _waiting_for_many(self, wanted: Sequence[Block]) -> tuple[Integers, Integers]:
        """The same as an array, 0 for what is not needed; and what is needed and waits for none."""
        graph, blocks = self._graph, self._blocks
        is_needed = np.full(len(graph.needs.starts) - 1, len(wanted) == len(blocks))
        if len(wanted) < len(blocks):
            numbers = np.array([self._numbers[block] for block in wanted])
            is_needed[numbers] = True
            _, needed = graph.needs.of_many(numbers)
            stack = needed[~is_needed[needed]].tolist()
            known = one_by_one(is_needed)
            while stack:
                node = stack.pop()
                if not known[node] and (node >= graph.count or blocks[node].stale):
                    known[node] = True
                    stack += graph.needs.of(node)
        needed = starts_of(is_needed[graph.needs.targets])[graph.needs.starts]
        waiting = np.where(is_needed, np.diff(needed), 0).astype(np.int32)
        return waiting, np.flatnonzero(is_needed & (waiting == 0))

    def _stages_with_circles(self, left: Sequence[int]) -> list[Stage]:
        """The stages of what is in circles or waits for them."""
        graph, blocks = self._graph, self._blocks
        levels: dict[int, int] = {}
        stages: list[tuple[list[int], list[list[Block]]]] = []
        for circle in graph.circles(dict.fromkeys(left)):
            found = sorted(node for node in circle if node < graph.count)
            needed = (levels.get(one, -1) for node in circle for one in graph.needs.of(node))
            # A range comes with the last of its blocks.
            level = max(needed, default=-1) + bool(found)
            levels.update(dict.fromkeys(circle, level))
            if level == len(stages):
                stages.append(([], []))
            if len(circle) > 1 or (found and graph.circular[circle[0]]):
                stages[level][1].append([blocks[node] for node in found])
            else:
                stages[level][0].extend(found)
        return [Stage(*stage) for stage in stages]

    def outdated(
        self, changed: Iterable[CellRange], whole: Iterable[Block] = ()
    ) -> dict[Block, range]:
        """The rows of each block that depend on changed cells, or on `whole` blocks.

        Rows between two that depend count as depending, too. Where there are many changed ranges,
        no two of them have cells in common.
        """
        numbers = np.array([self._numbers[block] for block in whole], np.int64)
        met = meeting(self._reads, [*changed])
        if not len(met) and not len(numbers):
            return {}
        found = self._followers.of(met, numbers)
        return {
            self._blocks[number]: range(first, end)
            for number, first, end in zip(*(of.tolist() for of in found), strict=True)
        }

    def forget_places(self) -> None:
        """Find anew who reads whom, after a block has come to fill other cells."""
        for known in ("_sizes", "_filling", "_graph", "_followers"):
            self.__dict__.pop(known, None)

    @functools.cached_property
    def _numbers(self) -> dict[Block, int]:
        return {block: number for number, block in enumerate(self._blocks)}

    @functools.cached_property
    def _sizes(self) -> Integers:
        """How many cells each block has."""
        places = self._index.places
        return (places.bottom - places.top + 1) * (places.right - places.left + 1)

    @functools.cached_property
    def _formulas(self) -> Integers:
        """Equal numbers for blocks of a sheet with the same formula, -1 for array formulas."""
        places = self._index.places
        return np.where(places.is_array, -1, self._reads.kinds * len(places.sheets) + places.sheet)

    @functools.cached_property
    def _reads(self) -> Reads:
        return Reads(self._index)

    @functools.cached_property
    def _filling(self) -> Filling:
        """The blocks that fill cells of each range that is read.

        Where ranges overlap so much that they would be too many, the readers of the others become
        dynamic: what they read turns out when they are calculated.
        """
        most = _MOST_PAIRS + _PAIRS_OF_A_BLOCK * len(self._blocks)
        found = filling(self._reads, self._index, most, _PAIRS_OF_A_BLOCK)
        for number in found.left_out.tolist():
            for block, _ in self._readers(number):
                block.dynamic = True
                self._untold.add(block)
        return found

    @functools.cached_property
    def _graph(self) -> _Graph:
        return _Graph(self._reads, self._filling, len(self._blocks))

    def _readers(self, number: int) -> list[tuple[Block, Area]]:
        """Who reads a range, by which area."""
        reads = self._reads
        return [
            (self._blocks[reads.readers[pair]], reads.area(pair)) for pair in reads.pairs.of(number)
        ]

    @functools.cached_property
    def _followers(self) -> Followers:
        return Followers(self._index, self._reads, self._filling, self._directions())

    def _directions(self) -> Integers:
        """For each block in a circle: 1 where it runs downwards, -1 upwards, 0 where both."""
        graph, reads = self._graph, self._reads
        directions = np.full(len(self._blocks), NO_CIRCLE)
        starts = starts_of(np.bincount(self._filling.ranges, minlength=len(reads.ranges)))
        waiting, free = self._waiting_for_many(self._blocks)
        for _ in graph.freed(waiting, free):
            pass
        left = dict.fromkeys(np.flatnonzero(waiting).tolist())
        own = [[node] for node in np.flatnonzero(graph.circular).tolist() if node not in left]
        for circle in own + graph.circles(left):
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
            directions[list(inside)] = downwards - upwards
        return directions
