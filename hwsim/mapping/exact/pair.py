"""Two halves together: their terms side by side, the ways of ranks in common with one tile in common."""

from __future__ import annotations

from math import isfinite

import numpy as np

from hwsim.mapping.exact.chains import Column
from hwsim.mapping.exact.forms import Forms
from hwsim.mapping.exact.halves import Half
from hwsim.mapping.exact.search import Case, by_size
from hwsim.mapping.exact.ways import Numbers, Ways, bounded
from hwsim.mapping.loopnest.nodes import Storage


def pair(number: int, first: Half, second: Half) -> Case:
    """The case of two halves with the same loops in common."""
    forms = _forms(first.forms, second.forms)
    ranks = dict.fromkeys([*first.ways, *second.ways])
    ways = [_ways(first, second, rank) for rank in ranks]
    return Case(number, forms, by_size(ways), *_loads(first, second))


def _ways(first: Half, second: Half, rank: str) -> Ways:
    one, two = first.ways.get(rank), second.ways.get(rank)
    if one is None:
        assert two is not None
        return _padded(two, _ones(two, first.forms, first), before=True)
    return _joined(one, two) if two else _padded(one, _ones(one, second.forms, second), before=False)


def _forms(first: Forms, second: Forms) -> Forms:
    """The weights of both, each with nothing at the terms of the other."""
    left, right = (0.0,) * len(first.terms), (0.0,) * len(second.terms)
    stages = [tuple((*weights, *right) for weights in stage) for stage in first.times]
    stages += [tuple((*left, *weights) for weights in stage) for stage in second.times]
    return Forms(
        (*first.terms, *second.terms),
        (*first.energy, *second.energy),
        tuple(stages),
        first.constant + second.constant,
    )


def _ones(ways: Ways, forms: Forms, half: Half) -> tuple[Numbers, Numbers]:
    rows = len(ways.tiles)
    return np.ones((rows, len(forms.terms))), np.ones((rows, len(bounded(half.space, half.skeleton))))


def _padded(ways: Ways, ones: tuple[Numbers, Numbers], before: bool) -> Ways:
    """The ways of a rank that only one half has."""
    both = [
        (other, own) if before else (own, other)
        for own, other in zip((ways.terms, ways.rooms), ones, strict=True)
    ]
    terms, rooms = (np.hstack(each) for each in both)
    return Ways(ways.ranks, ways.cuts, ways.tiles, terms, rooms, ways.enumerated)


def _joined(one: Ways, two: Ways) -> Ways:
    """Every way of one with every way of the other that has the same tile in common."""
    rows, others = _matches(one.tiles[:, 0], two.tiles[:, 0])
    return Ways(
        one.ranks,
        ((*one.cuts[0], *two.cuts[0]),),
        np.hstack([one.tiles[rows], two.tiles[others]]),
        np.hstack([one.terms[rows], two.terms[others]]),
        np.hstack([one.rooms[rows], two.rooms[others]]),
        one.enumerated + two.enumerated,
    )


def _matches(left: Column, right: Column) -> tuple[Column, Column]:
    """The places of all pairs of equal values."""
    order = np.argsort(right, kind="stable")
    begins, ends = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    counts = ends - begins
    rows = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, order[begins[rows] + within]


def _loads(first: Half, second: Half) -> tuple[Numbers, Numbers]:
    """Both Einsums' use of every bounded memory: their own tiles, and those of the other that stay."""
    columns, capacities = [], []
    for memory in first.space.machine.memories:
        if isfinite(memory.capacity_bits):
            for running in (first, second):
                columns.append(
                    [each for half in (first, second) for each in _bits(half, memory.name, half is running)]
                )
                capacities.append(memory.capacity_bits)
    return np.array(columns).T.reshape(-1, len(columns)), np.array(capacities)


def _bits(half: Half, memory: str, running: bool) -> list[float]:
    """Bits of an element of each bounded storage of a half, 0 where it takes no room of ``memory`` now."""
    found = []
    for event in bounded(half.space, half.skeleton):
        node = half.skeleton[event]
        assert isinstance(node, Storage)
        counts = node.memory == memory and (running or event < half.lasting)
        found.append(float(half.space.element_bits(memory, node.tensor)) if counts else 0.0)
    return found
