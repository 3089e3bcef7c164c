"""The best way to run two Einsums of which one makes what the other takes: fused or one after the other.

Fused, the tensor in common never leaves its memory: outside its storage stand at most one loop for each of
its ranks, in any order and with any tile, over which both Einsums take turns (LoopTree). What either keeps
outside or between these loops stays there while the other runs; what it keeps inside makes room. Halves that
cannot be in a better pair are left out first: each by the least it costs with the memories to itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import permutations
from math import inf
from typing import Literal

from hwsim.mapping.exact.found import Found, Mapping, find, nest_of
from hwsim.mapping.exact.halves import Half, fused_space, halves
from hwsim.mapping.exact.objective import Least, Point, best_for
from hwsim.mapping.exact.pair import pair
from hwsim.mapping.exact.search import Case, Search, Tally, by_size, loads_of
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.cost import Bits, cost


@dataclass(frozen=True)
class Chain:
    """Two Einsums on one machine: ``tensor`` is the first's output and an input of the second.

    Both spaces name its ranks alike. ``memory`` is where it stays if they are fused.
    """

    first: Space
    second: Space
    tensor: str
    memory: str


@dataclass(frozen=True)
class FoundChain:
    """The best nests of both Einsums; ``fused`` says whether they share loops. ``value`` is proved least."""

    mappings: tuple[Mapping, Mapping]
    fused: bool
    value: float
    apart: float
    tally: Tally
    seconds: float


def find_chain(chain: Chain, objective: Literal["energy", "latency"] = "energy") -> FoundChain | None:
    """The best of all fused mappings and of both Einsums on their own; None where nothing fits."""
    started = time.monotonic()
    apart = [find(space, objective) for space in (chain.first, chain.second)]
    separate = sum(inf if each.value is None else each.value for each in apart)
    best = best_for(objective)
    assert isinstance(best, Least)
    best.least = separate
    search = Search(best)
    pairs = _pairs(chain, objective, separate)
    for number, (bound, first, second) in enumerate(pairs):
        if bound >= best.least:
            break
        search.search(pair(number, first, second))
    return _result(apart, pairs, best, search.tally, started)


def _result(
    apart: list[Found],
    pairs: list[tuple[float, Half, Half]],
    best: Least,
    tally: Tally,
    started: float,
) -> FoundChain | None:
    separate = sum(inf if each.value is None else each.value for each in apart)
    if best.point:
        _, first, second = pairs[best.point.case]
        mappings = _mapping(first, best.point, 0), _mapping(second, best.point, 1)
    elif separate < inf:
        mappings = apart[0].best, apart[1].best
    else:
        return None
    return FoundChain(
        mappings, best.point is not None, best.least, separate, tally, time.monotonic() - started
    )


def _pairs(
    chain: Chain, objective: Literal["energy", "latency"], most: float
) -> list[tuple[float, Half, Half]]:
    """Pairs of halves that may cost less than ``most``, those with the lowest bounds first."""
    found: list[tuple[float, Half, Half]] = []
    orders = list(permutations(sorted(chain.first.problem.tensor(chain.tensor).ranks)))
    for order in orders:
        both = [
            [
                (_alone(half, objective), half)
                for half in halves(_fused(chain, each), chain.memory, chain.tensor, order)
            ]
            for each in (chain.first, chain.second)
        ]
        found += [
            (one + two, first, second)
            for one, first in both[0]
            for two, second in both[1]
            if one + two < most and (order == orders[0] or first.order_matters or second.order_matters)
        ]
    return sorted(found, key=lambda each: each[0])


def _fused(chain: Chain, space: Space) -> Space:
    return fused_space(space, chain.memory, chain.tensor)


def _alone(half: Half, objective: Literal["energy", "latency"]) -> float:
    """The least a half costs with the memories to itself."""
    best = best_for(objective)
    assert isinstance(best, Least)
    case = Case(0, half.forms, by_size(half.ways.values()), *loads_of(half.space, half.skeleton))
    Search(best).search(case)
    return best.least


def _mapping(half: Half, point: Point, which: int) -> Mapping:
    """The nest of one half: its own part of the tiles of ranks in common."""
    tiles = {rank: _own(point.tiles[rank], len(ways.cuts[0]), which) for rank, ways in half.ways.items()}
    nest = nest_of(half.space, half.skeleton, tiles)
    bits = Bits(half.space.bits, min(half.space.bits.values()))
    return Mapping(nest, cost(half.space.problem, nest, half.space.machine, bits))


def _own(tiles: tuple[int, ...], cuts: int, which: int) -> tuple[int, ...]:
    return tiles[:cuts] if which == 0 else tiles[len(tiles) - cuts :]
