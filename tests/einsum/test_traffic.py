"""The traffic bound: known closed forms, and no schedule that we can think of beats it."""

from __future__ import annotations

import itertools
import random

import pytest
from einsum.random_cascades import random_cascade
from einsum.scalar import ScalarInterpreter

from hwsim.einsum.passes import analyse
from hwsim.einsum.read import load_cascade, parse_cascade
from hwsim.einsum.revisit import revisits
from hwsim.einsum.terms import Gather
from hwsim.einsum.traffic import traffic_bound
from hwsim.spec.library import find, names
from hwsim.validation.references.cascades import SHIPPED


def bound(cascade, sizes, capacity, bits=8):
    return traffic_bound(analyse(cascade), sizes, capacity, bits)


class Schedule:
    """Runs points in a random legal order; the buffer holds ``spare`` elements beyond the most operands.

    It favours points whose operands are in the buffer, evicts at random, drops what is dead, and is given
    partial sums for free. Every element is computed once.
    """

    def __init__(self, cascade, sizes, spare, rng):
        self.rng, self.cascade = rng, cascade
        locate = ScalarInterpreter(cascade, {}, sizes)
        self.operands, self.written, self.open = {}, {}, {}
        for position, einsum in enumerate(cascade.einsums):
            indices = tuple(dict.fromkeys((*einsum.left_indices, *einsum.right_indices)))
            for point in itertools.product(*(range(sizes[cascade.rank_of(index)]) for index in indices)):
                value = dict(zip(indices, point, strict=True))
                key = position, point
                reads = (
                    (access.tensor, tuple(locate.coord(access, n, value) for n in range(len(access.coords))))
                    for access in einsum.reads
                )
                self.operands[key] = tuple(dict.fromkeys(reads))
                output = locate_output(einsum, value)
                self.written.setdefault((einsum.output.tensor, output), []).append(key)
                if einsum.populated:
                    fiber = (
                        position,
                        tuple(value[i] for i in einsum.left_indices if i not in einsum.populated),
                    )
                    self.open.setdefault(fiber, []).append((einsum.output.tensor, output))
        for elements in self.open.values():
            points = [key for element in elements for key in self.written[element]]
            for element in elements:
                self.written[element] = points
        self.awaited = {element: set(points) for element, points in self.written.items()}
        self.reads_left = {}
        for key, elements in self.operands.items():
            self.operands[key] = tuple(e for e in elements if e[0] in cascade.inputs or e in self.written)
            for element in self.operands[key]:
                self.reads_left[element] = self.reads_left.get(element, 0) + 1
        self.capacity = max(map(len, self.operands.values())) + spare
        self.buffer, self.in_memory, self.traffic = set(), set(), 0

    def run(self):
        waiting = dict(self.operands)
        feeds = {}
        for element, points in self.awaited.items():
            for key in points:
                feeds.setdefault(key, []).append(element)
        while waiting:
            ready = [
                key for key, elements in waiting.items() if not any(self.awaited.get(e) for e in elements)
            ]
            sample = self.rng.sample(ready, min(6, len(ready)))
            key = min(sample, key=lambda k: len(set(waiting[k]) - self.buffer))
            elements = waiting.pop(key)
            for element in elements:
                self.bring(element, keep=elements)
            for element in elements:
                self.reads_left[element] -= 1
                if not self.reads_left[element]:
                    self.buffer.discard(element)
            for element in feeds[key]:
                self.awaited[element].discard(key)
                if not self.awaited[element]:
                    self.produced(element)
        return self.traffic

    def bring(self, element, keep):
        if element not in self.buffer:
            self.traffic += 1
            self.make_room(keep)
            self.buffer.add(element)

    def make_room(self, keep):
        while len(self.buffer) >= self.capacity:
            victim = self.rng.choice(sorted(self.buffer - set(keep)))
            self.buffer.discard(victim)
            if victim[0] not in self.cascade.inputs and victim not in self.in_memory:
                self.in_memory.add(victim)
                self.traffic += 1

    def produced(self, element):
        if element[0] in self.cascade.outputs:
            self.traffic += 1
            self.in_memory.add(element)
        if self.reads_left.get(element):
            self.make_room(())
            self.buffer.add(element)


def locate_output(einsum, value):
    return tuple(
        coord.value if not hasattr(coord, "index") else value[coord.index] + getattr(coord, "offset", 0)
        for coord in einsum.output.coords
    )


def has_gather(cascade):
    return any(
        isinstance(coord, Gather) for e in cascade.einsums for access in e.reads for coord in access.coords
    )


LIBRARY = [entry.path for entry in names("cascade")]


def assert_no_schedule_beats_the_bound(cascade, seed):
    """The rank of most passes is long, the buffer holds little more than the operands of a point."""
    rng = random.Random(seed)
    passes = analyse(cascade).passes
    sizes = dict.fromkeys(cascade.ranks, 2) | {max(cascade.ranks, key=passes.__getitem__): 8}
    schedule = Schedule(cascade, sizes, rng.randint(0, 2), rng)
    least = bound(cascade, sizes, schedule.capacity)
    traffic = schedule.run()
    assert traffic >= least.lower_bound_without_recomputation_bytes, "\n".join(map(str, cascade.einsums))
    return least.lower_bound_without_recomputation_bytes > least.compulsory_bytes


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_no_schedule_of_the_library_beats_the_bound(path):
    cascade = load_cascade(path)
    for seed in range(0 if has_gather(cascade) else 4):
        assert_no_schedule_beats_the_bound(cascade, seed)


def test_no_schedule_of_random_cascades_beats_the_bound():
    cascades = [cascade for cascade in map(random_cascade, range(100)) if not has_gather(cascade)]
    above = [assert_no_schedule_beats_the_bound(cascade, seed) for seed, cascade in enumerate(cascades)]
    assert sum(above) > 5


NORMALISE = """
inputs: {X: [K, T]}
einsums:
  - "S[t] = sum(k): X[k,t]"
  - "Y[k,t] = X[k,t] / S[t]"
"""


@pytest.mark.parametrize(("capacity", "again"), [(0, 100), (30, 70), (99, 1), (100, 0), (1000, 0)])
def test_an_input_visited_twice_comes_again_but_for_what_fits(capacity, again):
    found = bound(parse_cascade(NORMALISE), {"K": 100, "T": 7}, capacity)
    assert found.compulsory_bytes == 2 * 700
    assert found.lower_bound_bytes == 2 * 700 + 7 * again


def test_a_greedy_schedule_reaches_the_bound_of_a_single_fiber():
    cascade = parse_cascade(NORMALISE)
    least = bound(cascade, {"K": 6, "T": 1}, 4).lower_bound_bytes
    assert least == 14
    runs = [Schedule(cascade, {"K": 6, "T": 1}, 3, random.Random(seed)).run() for seed in range(200)]
    assert min(runs) == least


def test_another_fiber_is_not_a_revisit():
    """What is waited for is column 0; the columns themselves need not come twice."""
    text = NORMALISE.replace("X[k,t] / S[t]", "X[k,t] / S[0]")
    cascade = parse_cascade(text)
    assert analyse(cascade).tensors["X"]["K"].direct == 2
    assert bound(cascade, {"K": 100, "T": 7}, 10).lower_bound_bytes == 1400


def test_an_intermediate_is_spilled_or_computed_again():
    cascade = load_cascade(find("cascade", "attention_3pass"))
    sizes = {"E": 64, "F": 64, "M": 1024, "P": 512}
    found = bound(cascade, sizes, capacity=200, bits=16)
    assert found.lower_bound_bytes == found.compulsory_bytes == 2 * (64 * 512 + 2 * 64 * 1024 + 64 * 512)
    spilled = 2 * 2 * (2 * 512 * (1024 - 100))
    assert found.lower_bound_without_recomputation_bytes == found.compulsory_bytes + spilled


def test_the_one_pass_cascade_never_spills_beyond_a_tile():
    cascade = load_cascade(find("cascade", "attention_1pass"))
    sizes = {"E": 64, "F": 64, "M1": 64, "M0": 16, "P": 512}
    found = bound(cascade, sizes, capacity=32, bits=16)
    assert found.lower_bound_without_recomputation_bytes == found.compulsory_bytes


def test_gathers_and_neighbours_are_counted_only_as_far_as_surely_touched():
    text = """
inputs: {X: [K, D], I: [T], Z: [K]}
einsums:
  - "Y[t,d] = X[@I[t],d]"
  - "W[k] = Z[k-2] + Z[k+1]"
"""
    found = bound(parse_cascade(text), {"K": 50, "D": 8, "T": 3}, 10)
    assert [found.tensors[name].compulsory for name in ("X", "I", "Z", "Y", "W")] == [8, 3, 49, 24, 50]


@pytest.mark.parametrize("capacity", [1, 5, 50])
def test_more_capacity_never_raises_the_bound(capacity):
    for path in (*SHIPPED.glob("*.yaml"), *LIBRARY):
        cascade = load_cascade(path)
        sizes = dict.fromkeys(cascade.ranks, 12)
        small, large = bound(cascade, sizes, capacity), bound(cascade, sizes, 2 * capacity)
        assert small.compulsory_bytes <= large.lower_bound_bytes <= small.lower_bound_bytes


def test_a_revisit_is_a_pass():
    for seed in range(150):
        cascade = random_cascade(seed)
        analysis, again = analyse(cascade), revisits(cascade)
        for tensor, by_rank in analysis.tensors.items():
            for rank, passes in by_rank.items():
                chain = again.longest_chain(tensor, cascade.leaves_of(tensor, rank))
                assert chain <= passes.direct
