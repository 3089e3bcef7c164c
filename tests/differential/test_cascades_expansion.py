"""The pass counts against the element-level expansion: every rank a few coordinates, every scalar a node."""

from __future__ import annotations

import itertools
import os
import random
import re
from functools import cached_property
from pathlib import Path

import pytest

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.check import checked
from hwsim.einsum.dependence import carried_ranks
from hwsim.einsum.parse import parse_einsum
from hwsim.einsum.passes import analyse
from hwsim.einsum.read import load_cascade
from hwsim.einsum.terms import Fixed, Gather, Index, Last, Shifted, Window
from hwsim.validation.references.cascades import SHIPPED

COORDINATES = 3
RANDOM_CASCADES = int(os.environ.get("HWSIM_RANDOM_CASCADES", "300"))
FILES = sorted(SHIPPED.glob("*.yaml"))


class Expansion:
    """The scalar dependence graph of a cascade.

    A node is a point of an Einsum's iteration space. A point needs the elements it reads; an element needs every
    point that is reduced into it, and every point of a fiber that a populate head spans. ``carried`` says whether
    reading the state of an earlier iteration is a dependence too. The last coordinate needs the whole walk. A halo reads everything between its centre and
    its offset, cut at the border; ranks with halos get coordinates enough that no stack of halos spans them.
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
                fiber = tuple(v for i, v in value.items() if i in einsum.left_indices and i not in einsum.populated)
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
        """The coordinates a read touches in a tensor written at ``first ...``; None for a value carried over."""
        last = self.size[rank] - 1 + first
        match coord:
            case Fixed(number):
                return (number,)
            case Last() | Gather():
                return range(first, last + 1)
            case Window(index, tap):
                return (min(value[index] + value[tap], last),)
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

    @cached_property
    def tensors(self):
        return self.cascade.tensor_ranks

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
            pairs = zip(self.tensors[part.tensor], part.coords, strict=True)
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
        carriers = [each for each, carried in self.tensors.items() if set(ranks) <= set(carried)]
        levels = self.chain(set().union(*(self.visitors(each, ranks) for each in carriers)), ranks)
        return (
            max(self.chain(own, ranks).values(), default=0),
            max(self.chain(kin, ranks).values(), default=0),
            len({levels[position] for position in own}),
        )


OPERANDS_AT_MOST = 3
INDICES_AT_MOST = 4


class Generator:
    """Random cascades over a plain rank K, a family M, an iterative rank T, a halo rank W and its taps R.

    What a gather reads is not read again: its visitor has no coordinate to compare along the gathered rank.
    """

    def __init__(self, rng):
        self.rng = rng
        self.inputs = {"X": ("K", "M1", "M0"), "Z": ("K", "T"), "V": ("W", "K"), "F": ("R",), "I": ("K",), "S": ()}
        self.tensors = dict(self.inputs)
        self.states = {}
        self.einsums = []

    def cascade(self):
        makers = (self.plain, self.plain, self.plain, self.plain, self.populate, self.state, self.state_pair, self.gather)
        for _ in range(self.rng.randint(3, 9)):
            self.rng.choice(makers)()
        texts = tuple(map(parse_einsum, self.einsums))
        return checked(Cascade("random", self.inputs, texts, {"M": ("M1", "M0")}, ("T",)))

    def name(self):
        return f"A{len(self.einsums)}"

    def pick(self, wanted=None):
        """A tensor, rather a recent one, that carries ``wanted``."""
        names = [name for name, ranks in self.tensors.items() if wanted in (None, *ranks)]
        return names[max(self.rng.randrange(len(names)) for _ in range(2))]

    def read(self, tensor, indices):
        """An access in some spelling; the indices it uses are added to ``indices``."""
        coords = []
        for rank in self.tensors[tensor]:
            coord = self.coord(tensor, rank)
            coords.append(coord)
            indices.update(dict.fromkeys(re.findall(r"[a-z][a-z0-9]*", coord)))
        return f"{tensor}[{','.join(coords)}]" if coords else tensor

    def coord(self, tensor, rank):
        index, chance = rank.lower(), self.rng.random()
        if rank == "W" and chance < 0.4:
            return self.rng.choice(["w+r", "w+1", "w-1"])
        if rank == "T" and chance < 0.25:
            return "T"
        if tensor in self.states and rank == "T":
            return "t+1" if chance < 0.8 else "t"
        if tensor in self.inputs and chance < 0.05:
            return "1"
        return index

    def operands(self, first=None):
        indices, reads = {}, []
        for number in range(self.rng.randint(1, OPERANDS_AT_MOST)):
            trial = dict(indices)
            access = self.read(first if first and not number else self.pick(), trial)
            if len(trial) <= INDICES_AT_MOST:
                indices = trial
                reads.append(access)
        reads = reads or ["S"]
        return f" {self.rng.choice('+*-')} ".join(reads), list(indices)

    def add(self, tensor, left, right):
        self.einsums.append(f"{tensor}[{','.join(left)}] = {right}" if left else f"{tensor} = {right}")

    def plain(self):
        right, indices = self.operands()
        kept = [index for index in indices if self.rng.random() < 0.6]
        gone = [index for index in indices if index not in kept]
        head = f"max({','.join(gone)}): " if gone and self.rng.random() < 0.5 else ""
        name = self.name()
        self.add(name, kept, head + right)
        self.tensors[name] = tuple(index.upper() for index in kept)

    def populate(self):
        right, indices = self.operands()
        if indices:
            kept = [self.rng.choice(indices)]
            name = self.name()
            self.add(name, kept, f"topk({kept[0]}): {right}")
            self.tensors[name] = (kept[0].upper(),)

    def gather(self):
        pointer = self.rng.choice([name for name, ranks in self.tensors.items() if len(ranks) <= 1])
        indices = {}
        access = self.read(pointer, indices)
        target = self.pick("K")
        coords = [f"@{access}" if rank == "K" else rank.lower() for rank in self.tensors[target]]
        others = [rank.lower() for rank in self.tensors[target] if rank != "K"]
        left = [index for index in dict.fromkeys([*indices, *others]) if self.rng.random() < 0.7]
        self.add(f"G{len(self.einsums)}", left, f"{target}[{','.join(coords)}]")

    def initialised_state(self):
        name = self.name()
        extra = [index for index in ("k", "m0") if self.rng.random() < 0.4]
        self.add(name, [*extra, "0"], "0")
        self.states[name] = extra
        return name, extra

    def state(self):
        """A running value: ``S[t+1] = S[t] + ...``."""
        right, indices = self.operands(self.pick("T"))
        if "t" not in indices:
            return
        name, extra = self.initialised_state()
        self.add(name, [*extra, "t+1"], f"{name}[{','.join([*extra, 't'])}] + {right}")
        self.tensors[name] = (*(index.upper() for index in extra), "T")

    def state_pair(self):
        """A running value updated through a second tensor that reads it."""
        right, indices = self.operands(self.pick("T"))
        if "t" not in indices:
            return
        name, extra = self.initialised_state()
        step = self.name()
        self.add(step, [*extra, "t"], f"{name}[{','.join([*extra, 't'])}] * ({right})")
        now = ",".join([*extra, "t"])
        self.add(name, [*extra, "t+1"], f"{name}[{now}] + {step}[{now}]")
        self.tensors[name] = self.tensors[step] = (*(index.upper() for index in extra), "T")


def assert_same_passes(cascade, carried=False):
    analysis, reference = analyse(cascade), Reference(cascade, carried)
    text = "\n".join(map(str, cascade.einsums))
    for tensor, ranks in cascade.tensor_ranks.items():
        for rank in dict.fromkeys((*ranks, *(cascade.families[r] for r in ranks if r in cascade.families))):
            ours = analysis.tensors[tensor][rank]
            expected = reference.passes(tensor, rank)
            assert (ours.direct, ours.lineage, ours.asap) == expected, f"{tensor} over {rank} in\n{text}"


@pytest.mark.parametrize("carried", [False, True], ids=["state-held", "state-expanded"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_reference_cascades(file, carried):
    assert_same_passes(load_cascade(file), carried)


def reads_state_of_others(cascade):
    """Whether an Einsum reads the earlier state of a tensor that it does not itself carry on."""
    return any(
        access.tensor in cascade.producers
        and access.tensor != einsum.output.tensor
        and carried_ranks(cascade, cascade.producers[access.tensor], access)
        for einsum in cascade.einsums
        for access in einsum.reads
    )


@pytest.mark.parametrize("part", range(10))
def test_random_cascades(part):
    for seed in range(part, RANDOM_CASCADES, 10):
        cascade = Generator(random.Random(seed)).cascade()
        assert_same_passes(cascade)
        if not reads_state_of_others(cascade):
            assert_same_passes(cascade, carried=True)
