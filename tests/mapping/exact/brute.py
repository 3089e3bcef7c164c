"""Every nest of a small space, one after the other, priced by the reuse analysis.

Loops over any rank may stand in any gap here, below and above arrays too: that most of them are no use is
what the search claims.
"""

from __future__ import annotations

from itertools import pairwise, permutations, product

from hwsim.mapping.loopnest.cost import Bits, cost, occupancy_bits
from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal, faults


def every_mapping(space):
    """``(energy, latency)`` of every nest, None of one that does not fit."""
    bits = Bits(space.bits, min(space.bits.values()))
    memories = {memory.name: memory for memory in space.machine.memories}
    for events in _skeletons(space):
        for nest in _nests(space, events):
            used = occupancy_bits(space.problem, nest, bits, space.machine)
            if any(used.get(name, 0) > memory.capacity_bits for name, memory in memories.items()):
                yield None
                continue
            found = cost(space.problem, nest, space.machine, bits)
            yield found.energy_j, found.latency_s


def _skeletons(space):
    """Orders of storages and arrays: ``(memory, tensor)`` or ``(array, rank)``."""
    depth = {memory.name: at for at, memory in enumerate(space.machine.memories)}
    pairs = [
        (memory.name, tensor.name)
        for memory in space.machine.memories[1:]
        for tensor in space.problem.tensors
        if (memory.holds is None or space.roles[tensor.name] in memory.holds)
        and (memory.name, tensor.name) not in space.may_not_keep
    ]
    for chosen in product((False, True), repeat=len(pairs)):
        kept = [pair for pair, keep in zip(pairs, chosen, strict=True) if keep]
        if not space.must_keep <= set(kept):
            continue
        for order in permutations(kept):
            levels = {}
            for memory, tensor in order:
                levels.setdefault(tensor, []).append(depth[memory])
            if any(each != sorted(each) for each in levels.values()):
                continue
            yield from _with_arrays(space, order, depth)


def _with_arrays(space, order, depth):
    """Every array behind the storages of memories above it; every rank along it."""
    arrays = [array for array in space.machine.arrays if array.width > 1]
    borders = [depth[array.inside] for array in arrays]
    for border in borders:
        inner = [depth[memory] > border for memory, _ in order]
        if inner != sorted(inner):
            return
    windowed = {rank for tensor in space.problem.tensors for rank in tensor.windowed}
    alone = [rank for rank in space.problem.sizes if rank not in windowed]
    for ranks in product(*(space.unroll.get(array.name, alone) for array in arrays)):
        events = list(order)
        for array, rank in sorted(zip(arrays, ranks, strict=True), key=lambda each: -depth[each[0].inside]):
            place = sum(1 for e in events if isinstance(e[0], str) and depth[e[0]] <= depth[array.inside])
            events.insert(place, (array, rank))
        yield events


def _nests(space, events):
    """All tiles of all ranks in all gaps; what slides or stays in every way it may."""
    sizes = space.problem.sizes
    chains = [list(_chains(size, events, rank)) for rank, size in sizes.items()]
    for chosen in product(*chains):
        tiles = dict(zip(sizes, chosen, strict=True))
        for slides in product(*(_sliding(space, event) for event in events)):
            for since in product(*(_stays_since(space, events, tiles, at) for at in range(len(events)))):
                nest = _nest(space, events, tiles, slides, since)
                if not faults(space.problem, nest):
                    yield nest


def _nest(space, events, tiles, slides, since):
    sizes = space.problem.sizes
    nodes = [Storage(space.root, tensor.name) for tensor in space.problem.tensors]
    begins = {}
    for at, event in enumerate(events):
        last = next((slides[n] for n in range(at, len(events)) if isinstance(events[n][0], str)), None)
        staying = [space.problem.tensor(events[n][1]).ranks for n, gap in enumerate(since) if gap == at]
        moving = {rank for ranks in staying for rank in ranks}
        for rank in sorted(sizes, key=lambda rank: 2 * (rank == last) + (rank not in moving)):
            begins.setdefault(at, len(nodes))
            begins[at] += rank in moving
            nodes.append(Temporal(rank, tiles[rank][at][0]))
        if isinstance(event[0], str):
            stays = since[at] is not None
            held = sum(isinstance(node, Temporal) for node in nodes[begins[since[at]] :]) if stays else 0
            slid = slides[at] and not stays
            nodes.append(Storage(*event, "on_slide" if slid else "each_visit", held))
        else:
            array, rank = event
            nodes.append(Spatial(rank, tiles[rank][at][1], array.width, array.name, array.shared))
    return (*nodes, *(Temporal(rank, 1) for rank in sizes))


def _sliding(space, event):
    """The ranks of windows whose loop may be the one right above a storage; None where there is none."""
    if not isinstance(event[0], str):
        return [None]
    return sorted(space.problem.tensor(event[1]).windowed) or [None]


def _stays_since(space, events, tiles, at):
    """Before which storage above the arrays the one right below them may begin to stay, or None."""
    if not isinstance(events[at][0], str) or at == 0 or isinstance(events[at - 1][0], str):
        return [None]
    ranks = space.problem.tensor(events[at][1]).ranks
    found = [None]
    for gap in range(at - 1, -1, -1):
        moved = any(tiles[rank][gap + 1][0] != tiles[rank][gap][1] for rank in ranks)
        if moved or (isinstance(events[gap][0], str) and events[gap][1] == events[at][1]):
            break
        if isinstance(events[gap][0], str):
            found.append(gap)
    return found


def _chains(size, events, rank):
    """For each event the tile above it and the tile below; each a multiple of the next, or the whole rank."""
    if not events:
        yield ()
        return
    event, *rest = events
    for above in range(1, size + 1):
        belows = [above]
        if not isinstance(event[0], str) and event[1] == rank:
            belows = [t for t in range(1, above + 1) if -(-above // t) <= event[0].width]
        for below in belows:
            for inner in _chains(below, rest, rank):
                chain = ((above, below), *inner)
                if _nested(size, chain):
                    yield chain


def _nested(size, chain):
    tiles = [size, *(tile for pair in chain for tile in pair)]
    return all(one % two == 0 or one == size for one, two in pairwise(tiles))
