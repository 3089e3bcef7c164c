"""The definitions of passes, word for word, over the element-level expansion of a cascade."""

from __future__ import annotations

import itertools

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.terms import Fixed, Gather, Index, Last, Shifted, Window

COORDINATES = 3


class Expansion:
    """The scalar dependence graph of a cascade.

    A node is a point of an Einsum's iteration space. A point needs the elements it reads; an element needs
    every point that is reduced into it, and every point of a fiber that a populate head spans. ``carried``
    says whether reading the state of an earlier iteration is a dependence too. The last coordinate needs the
    whole walk. A window or halo reads everything between its centre and its offset, cut at the border; ranks
    with halos get coordinates enough that no stack of halos spans them.
    """

    def __init__(self, cascade: Cascade, carried: bool) -> None:
        self.cascade = cascade
        self.carried = carried
        self.size = dict.fromkeys(cascade.ranks, COORDINATES)
        for einsum in cascade.einsums:
            for access in einsum.reads:
                for rank, coord in zip(cascade.tensor_ranks[access.tensor], access.coords, strict=True):
                    if isinstance(coord, Shifted):
                        self.size[rank] += abs(coord.offset)
                    if isinstance(coord, Window):
                        self.size[rank] += COORDINATES
        self.indices = [tuple(dict.fromkeys(e.left_indices + e.right_indices)) for e in cascade.einsums]
        self.points = [self.all_points(position) for position in range(len(cascade.einsums))]
        self.number = {}
        self.fibers = {}
        self.written = {}
        for position, einsum in enumerate(cascade.einsums):
            for point in self.points[position]:
                self.number[position, point] = len(self.number)
                value = dict(zip(self.indices[position], point, strict=True))
                coords = tuple(self.left_coord(coord, value) for coord in einsum.output.coords)
                fiber = tuple(
                    v for i, v in value.items() if i in einsum.left_indices and i not in einsum.populated
                )
                self.written.setdefault((einsum.output.tensor, coords), set()).add((position, fiber))
                self.fibers.setdefault((position, fiber), []).append(point)
        self.element_needs = {}
        self.point_needs = {}

    def all_points(self, position):
        sizes = (range(self.size[self.cascade.rank_of(index)]) for index in self.indices[position])
        return list(itertools.product(*sizes))

    @staticmethod
    def left_coord(coord, value):
        match coord:
            case Fixed(number):
                return number
            case Index(index):
                return value[index]
            case Shifted(index, offset):
                return value[index] + offset

    def needs_of_point(self, position, point):
        key = position, point
        if key not in self.point_needs:
            value = dict(zip(self.indices[position], point, strict=True))
            needs = 0
            for access in self.cascade.einsums[position].reads:
                for coords in self.read_coords(access, value):
                    needs |= self.needs_of_element(access.tensor, coords)
            self.point_needs[key] = needs
        return self.point_needs[key]

    def needs_of_element(self, tensor, coords):
        key = tensor, coords
        if key not in self.element_needs:
            needs = 0
            for position, fiber in self.written.get(key, ()):
                for point in self.fibers[position, fiber]:
                    needs |= 1 << self.number[position, point] | self.needs_of_point(position, point)
            self.element_needs[key] = needs
        return self.element_needs[key]

    def read_coords(self, access, value):
        if access.tensor in self.cascade.inputs:
            return ()
        main = self.cascade.einsums[self.cascade.producers[access.tensor]].output
        ranks = self.cascade.tensor_ranks[access.tensor]
        parts = []
        for rank, coord, written in zip(ranks, access.coords, main.coords, strict=True):
            first = getattr(written, "offset", 0)
            parts.append(self.read_coord(rank, coord, value, first))
        if any(part is None for part in parts):
            return ()
        return itertools.product(*parts)

    def read_coord(self, rank, coord, value, first):
        """The coordinates read in a tensor written from ``first`` on; None for a value carried over."""
        last = self.size[rank] - 1 + first
        match coord:
            case Fixed(number):
                return (number,)
            case Last() | Gather():
                return range(first, last + 1)
            case Window(index, tap):
                return range(value[index], min(value[index] + value[tap], last) + 1)
            case Index(index):
                offset = 0
            case Shifted(index, offset):
                pass
        at = value[index] + offset
        if rank in self.cascade.iterative and first > offset:
            return (at,) if self.carried else None
        ends = sorted((value[index] + first, at))
        return range(max(ends[0], first), min(ends[1], last) + 1)

    def before(self, x, y, ranks):
        """Whether every point of ``y`` needs a point of ``x`` at every coordinate of ``ranks``."""
        index_of = {self.cascade.rank_of(index): at for at, index in enumerate(self.indices[x])}
        if not set(ranks) <= set(index_of):
            return False
        slabs = {}
        for point in self.points[x]:
            key = tuple(point[index_of[rank]] for rank in ranks)
            slabs[key] = slabs.get(key, 0) | 1 << self.number[x, point]
        needs = [self.needs_of_point(y, point) for point in self.points[y]]
        return all(need & slab for need in needs for slab in slabs.values())


class Reference:
    """The definitions of direct, lineage and asap, word for word, over an expansion."""

    def __init__(self, cascade, carried=False):
        self.cascade = cascade
        self.expansion = Expansion(cascade, carried)
        self.known = {}

    def before(self, x, y, ranks):
        key = x, y, ranks
        if key not in self.known:
            self.known[key] = self.expansion.before(x, y, ranks)
        return self.known[key]

    def leaves(self, tensor, rank):
        wanted = self.cascade.partitions.get(rank, (rank,))
        return tuple(leaf for leaf in wanted if leaf in self.cascade.tensor_ranks[tensor])

    def visitors(self, tensor, ranks):
        found = set()
        for position, einsum in enumerate(self.cascade.einsums):
            if einsum.output.tensor == tensor and not any(isinstance(c, Fixed) for c in einsum.output.coords):
                found.add(position)
            for access in einsum.reads:
                if access.tensor == tensor:
                    pairs = zip(self.cascade.tensor_ranks[tensor], access.coords, strict=True)
                    moving = {rank for rank, coord in pairs if not isinstance(coord, Fixed | Last)}
                    if set(ranks) <= moving:
                        found.add(position)
        return found

    def derived(self, tensor, ranks):
        family = self.cascade.families.get(ranks[0], ranks[0])
        found = {tensor}
        while True:
            size = len(found)
            for einsum in self.cascade.einsums:
                for access in einsum.reads:
                    keeps = all(self.same_index(access, einsum.output, rank) for rank in ranks)
                    leaves = self.leaves(einsum.output.tensor, family) == self.leaves(tensor, family)
                    if access.tensor in found and keeps and leaves:
                        found.add(einsum.output.tensor)
            if len(found) == size:
                return found

    def same_index(self, access, output, rank):
        def indices(part):
            pairs = zip(self.cascade.tensor_ranks[part.tensor], part.coords, strict=True)
            return {getattr(coord, "index", None) for each, coord in pairs if each == rank} - {None}

        return bool(indices(access) & indices(output))

    def chain(self, members, ranks):
        longest = {}
        for y in sorted(members):
            longest[y] = 1 + max((longest[x] for x in longest if self.before(x, y, ranks)), default=0)
        return longest

    def passes(self, tensor, rank):
        ranks = self.leaves(tensor, rank)
        own = self.visitors(tensor, ranks)
        kin = set().union(*(self.visitors(each, ranks) for each in self.derived(tensor, ranks)))
        carriers = [each for each, carried in self.cascade.tensor_ranks.items() if set(ranks) <= set(carried)]
        levels = self.chain(set().union(*(self.visitors(each, ranks) for each in carriers)), ranks)
        return (
            max(self.chain(own, ranks).values(), default=0),
            max(self.chain(kin, ranks).values(), default=0),
            len({levels[position] for position in own}),
        )
