"""Every fused mapping of two small products on a buffer below a memory, one after the other.

Loops in common in any order and of any tile; below them each Einsum's loops over any rank in any gap.
"""

from __future__ import annotations

from itertools import permutations, product

from hwsim.mapping.loopnest.cost import Bits, cost
from hwsim.mapping.loopnest.nodes import Storage, Temporal
from hwsim.mapping.loopnest.reuse import elements, tile_at


def every_fused(chain):
    """``(energy, latency)`` of every fused mapping that fits."""
    ranks = sorted(chain.first.problem.tensor(chain.tensor).ranks)
    sizes = chain.first.problem.sizes
    capacity = chain.first.machine.memory(chain.memory).capacity_bits
    for order in permutations(ranks):
        for tiles in product(*(range(1, sizes[rank] + 1) for rank in order)):
            loops = [Temporal(rank, tile) for rank, tile in zip(order, tiles, strict=True)]
            both = [_best_by_room(space, chain, loops) for space in (chain.first, chain.second)]
            for (lasting, own, energy, latency), (also, others, more, later) in product(*both):
                if lasting + also + max(own, others) <= capacity:
                    yield energy + more, latency + later


def _best_by_room(space, chain, loops):
    """``(bits that stay, bits inside with the common tensor, energy, latency)`` of all nests, once each."""
    return {
        (*_bits(space, chain, nest, common), found.energy_j, found.latency_s)
        for nest, common in _nests(space, chain, loops)
        for found in [cost(space.problem, nest, space.machine, Bits(space.bits, min(space.bits.values())))]
    }


def _bits(space, chain, nest, common):
    lasting = own = 0
    for place, node in enumerate(nest):
        if isinstance(node, Storage) and node.memory == chain.memory:
            tile = tile_at(space.problem, nest, place)
            taken = elements(space.problem.tensor(node.tensor), tile) * space.bits[node.tensor]
            lasting, own = (lasting + taken, own) if place < common else (lasting, own + taken)
    return lasting, own


def _nests(space, chain, loops):
    """Every other tensor passes by, or is kept before, between or below the loops in common."""
    others = [tensor.name for tensor in space.problem.tensors if tensor.name != chain.tensor]
    for places in product(("by", 0, 1, "below"), repeat=len(others)):
        chosen = dict(zip(others, places, strict=True))
        if any(chosen[name] == "by" for memory, name in space.must_keep if name in chosen):
            continue
        if any(chosen[name] != "by" for memory, name in space.may_not_keep if name in chosen):
            continue
        prefix = [Storage(space.root, name) for name in others]
        for at, loop in enumerate(loops):
            prefix += [Storage(chain.memory, name, "each_visit") for name in others if chosen[name] == at]
            prefix.append(loop)
        below = [name for name in others if chosen[name] == "below"]
        for order in permutations(below):
            for inside in _inside(space.problem.sizes, loops, order):
                yield (
                    (*prefix, Storage(chain.memory, chain.tensor), *_stored(chain, order, inside, space)),
                    len(prefix),
                )


def _inside(sizes, loops, order):
    """Tiles of every rank above every storage below the loops in common."""
    left = dict(sizes) | {loop.rank: loop.tile for loop in loops}
    chains = [list(_chains(left[rank], size, len(order))) for rank, size in sizes.items()]
    for chosen in product(*chains):
        yield dict(zip(sizes, chosen, strict=True))


def _chains(extent, size, count):
    if not count:
        yield ()
        return
    for tile in range(1, extent + 1):
        if extent % tile == 0 or extent == size:
            yield from ((tile, *rest) for rest in _chains(tile, size, count - 1))


def _stored(chain, order, tiles, space):
    for at, name in enumerate(order):
        yield from (Temporal(rank, of_rank[at]) for rank, of_rank in tiles.items())
        yield Storage(chain.memory, name, "each_visit")
    yield from (Temporal(rank, 1) for rank in space.problem.sizes)
