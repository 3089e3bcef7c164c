"""Downsets of a graph of operators, layer by layer: what may have run after so many steps, and what lives.

A tensor lives in a downset where it was made or read by an operator of it and is read by one outside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwsim.schedule.lattice.facts import Facts, Ints

Words = NDArray[np.uint64]
Shorts = NDArray[np.int32]

MOST_LIVING = 62
"""What is resident is a mask over the living tensors of a downset: a machine word."""
_UNKNOWN = -1
_EDGES_EACH, _LIVING_EACH = 12, 40
_SEED = 7
_NODES, _EDGES, _LIVES = 0, 1, 2


class Lattice(NamedTuple):
    """Downsets by number, the empty one first, layer by layer.

    Of downset ``d`` the edges, operators that may run next and the downsets they lead to, are ``edge_at[d]``
    to ``edge_at[d + 1]``; its living tensors likewise. ``words``: the operators of the downsets of two
    layers, as masks. ``counts``: downsets, edges and living tensors there are.
    """

    edge_at: Ints
    edge_operator: Shorts
    edge_to: Shorts
    live_at: Ints
    live: Shorts
    words: Words
    hashed: Words
    table: Ints
    keys: Words
    counts: Ints


class Downsets:
    """The downsets of one problem as far as they were asked for.

    ``layers``: the first downset of each layer, and the end of the last one.
    """

    def __init__(self, facts: Facts, most: int) -> None:
        self.facts = facts
        self.layers = [0, 1]
        operators = len(facts.demand)
        words = -(-operators // 64)
        self.lattice = Lattice(
            np.zeros(most + 1, np.int64),
            np.empty(_EDGES_EACH * most, np.int32),
            np.empty(_EDGES_EACH * most, np.int32),
            np.zeros(most + 1, np.int64),
            np.empty(_LIVING_EACH * most, np.int32),
            np.zeros((2, most, words), np.uint64),
            np.zeros(most, np.uint64),
            np.zeros(1 << int(2 * most).bit_length(), np.int64),
            np.random.default_rng(_SEED).integers(0, 1 << 63, operators, dtype=np.uint64),
            np.zeros(3, np.int64),
        )
        ready = [o for o in range(operators) if facts.needs_at[o] == facts.needs_at[o + 1]]
        self.lattice.edge_operator[: len(ready)] = ready
        self.lattice.edge_at[1] = len(ready)
        self.lattice.counts[:] = (1, len(ready), 0)

    @property
    def nodes(self) -> int:
        """How many downsets are known."""
        return int(self.lattice.counts[_NODES])

    @property
    def edges(self) -> int:
        """How many edges are known."""
        return int(self.lattice.counts[_EDGES])

    @property
    def lives(self) -> int:
        """How many living tensors of all downsets there are."""
        return int(self.lattice.counts[_LIVES])

    def grow(self, nodes: Ints) -> bool:
        """Follow the edges of some downsets of the last layer; False where there is no room."""
        first, stop = self.layers[-2:]
        fits = bool(_next_layer(self.facts, self.lattice, nodes, first, stop, len(self.layers) & 1))
        self.layers.append(self.nodes)
        return fits

    def grow_whole(self) -> bool:
        """All downsets; False where there is no room."""
        return all(self.grow(np.arange(*self.layers[-2:])) for _ in range(len(self.facts.demand)))


@njit(cache=True)
def _has(words: Words, operator: int) -> bool:
    return bool(words[operator >> 6] >> np.uint64(operator & 63) & np.uint64(1))


@njit(cache=True)
def _next_layer(facts: Facts, lattice: Lattice, nodes: Ints, first: int, stop: int, here: int) -> bool:
    """Every downset with one operator more than one of ``nodes``; False where there is no room."""
    mask = np.uint64(len(lattice.table) - 1)
    child = np.zeros(lattice.words.shape[2], np.uint64)
    for node in nodes:
        for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
            operator = lattice.edge_operator[edge]
            child[:] = lattice.words[here, node - first]
            child[operator >> 6] |= np.uint64(1) << np.uint64(operator & 63)
            hashed = lattice.hashed[node] ^ lattice.keys[operator]
            place = hashed & mask
            found = _UNKNOWN
            while lattice.table[place] >= stop:
                other = lattice.table[place]
                if lattice.hashed[other] == hashed and _same(lattice.words[1 - here, other - stop], child):
                    found = other
                    break
                place = (place + np.uint64(1)) & mask
            if found == _UNKNOWN:
                found = lattice.counts[_NODES]
                if not _add(facts, lattice, node, operator, child):
                    return False
                lattice.table[place] = found
                lattice.hashed[found] = hashed
                lattice.words[1 - here, found - stop] = child
            lattice.edge_to[edge] = found
    return True


@njit(cache=True)
def _same(one: Words, other: Words) -> bool:
    word = 0
    while word < len(one) and one[word] == other[word]:
        word += 1
    return word == len(one)


@njit(cache=True)
def _add(facts: Facts, lattice: Lattice, node: int, operator: int, child: Words) -> bool:
    """A new downset: who may run next, and what lives."""
    nodes, edges, lives = lattice.counts
    followers = facts.followers_at[operator + 1] - facts.followers_at[operator]
    operands = facts.operands_at[operator + 1] - facts.operands_at[operator]
    if (
        nodes + 1 >= len(lattice.edge_at)
        or edges + lattice.edge_at[node + 1] - lattice.edge_at[node] + followers > len(lattice.edge_to)
        or lives + lattice.live_at[node + 1] - lattice.live_at[node] + operands > len(lattice.live)
    ):
        return False
    begin = lives
    for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
        if lattice.edge_operator[edge] != operator:
            lattice.edge_operator[edges] = lattice.edge_operator[edge]
            edges += 1
    for place in range(facts.followers_at[operator], facts.followers_at[operator + 1]):
        after = facts.followers[place]
        if _all_in(child, facts.needs, facts.needs_at[after], facts.needs_at[after + 1]):
            lattice.edge_operator[edges] = after
            edges += 1
    for index in range(lattice.live_at[node], lattice.live_at[node + 1]):
        tensor = lattice.live[index]
        if not facts.touch[operator, tensor]:
            lattice.live[lives] = tensor
            lives += 1
    for place in range(facts.operands_at[operator], facts.operands_at[operator + 1]):
        tensor = facts.operands[place]
        if not _all_in(child, facts.readers, facts.readers_at[tensor], facts.readers_at[tensor + 1]):
            lattice.live[lives] = tensor
            lives += 1
    lattice.edge_at[nodes + 1], lattice.live_at[nodes + 1] = edges, lives
    lattice.counts[_NODES], lattice.counts[_EDGES], lattice.counts[_LIVES] = nodes + 1, edges, lives
    return bool(lives - begin <= MOST_LIVING)


@njit(cache=True)
def _all_in(words: Words, operators: Ints, first: int, stop: int) -> bool:
    place = first
    while place < stop and _has(words, operators[place]):
        place += 1
    return place == stop
