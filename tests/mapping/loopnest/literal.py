"""A nest walked point by point: every instance's content as a set of coordinates, every arrival counted.

Slow and dumb on purpose; it shares nothing with the closed form but the nodes.
"""

from __future__ import annotations

from itertools import product

from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal


def _coordinates(tensor, parts) -> frozenset:
    """The coordinates of ``tensor`` over ranges of its ranks."""
    sides = [
        {sum(values) for values in product(*([step * x for x in parts[rank]] for rank, step in dimension))}
        for dimension in tensor.dimensions
    ]
    return frozenset(product(*sides))


def _narrowed(sizes, loops, digits):
    """The range of each rank that the given steps of ``loops`` leave; None where a step does not exist."""
    parts = {rank: range(size) for rank, size in sizes.items()}
    for loop, digit in zip(loops, digits, strict=True):
        part = parts[loop.rank][digit * loop.tile : (digit + 1) * loop.tile]
        if not part:
            return None
        parts[loop.rank] = part
    return parts


def _moves_on(sizes, loops, digits, ranks):
    """Whether an instance has nothing of ``ranks``: its tile has gone."""
    chosen = [number for number, loop in enumerate(loops) if loop.rank in ranks]
    return _narrowed(sizes, [loops[n] for n in chosen], [digits[n] for n in chosen]) is None


def arrivals(problem, nest, tensor, above, place, refill):
    """``(filled, read, joint, new)`` of the storage at ``place`` served by the one at ``above``."""
    places = [at for at, node in enumerate(nest[:place]) if not isinstance(node, Storage)]
    loops = [nest[at] for at in places]
    ranges = [
        range(loop.width) if isinstance(loop, Spatial) else range(-(-problem.sizes[loop.rank] // loop.tile))
        for loop in loops
    ]
    temporal = [n for n, loop in enumerate(loops) if not isinstance(loop, Spatial)]
    spatial = [n for n, loop in enumerate(loops) if isinstance(loop, Spatial)]
    readers = [n for n in spatial if places[n] < above or not loops[n].shared]
    holders = [n for n in spatial if places[n] < above]
    resting = temporal[len(temporal) - (nest[place].held if place < len(nest) else 0) :]
    nearest = next((node for node in nest[:place][::-1] if not isinstance(node, Spatial)), None)
    sliding = temporal[-1] if refill == "on_slide" and isinstance(nearest, Temporal) else None
    held, ever = {}, {}
    filled = read = joint = new = 0
    for times in product(*(ranges[n] for n in temporal)):
        step = dict(zip(temporal, times, strict=True))
        if any(step[n] for n in resting):
            continue
        remembers = refill == "on_change" or (sliding is not None and step[sliding] > 0)
        active = {}
        idle = []
        for spots in product(*(ranges[n] for n in spatial)):
            digits = [0] * len(loops)
            for n, digit in zip([*temporal, *spatial], [*times, *spots], strict=True):
                digits[n] = digit
            parts = _narrowed(problem.sizes, loops, digits)
            if parts is None:
                idle.append((spots, digits))
            else:
                active[spots] = _coordinates(tensor, parts)
        if not active:
            continue
        reads, joints = {}, {}
        for spots, wanted in active.items():
            have = held.get(spots, frozenset()) if remembers else frozenset()
            came = wanted - have
            filled += len(came)
            for found, group in ((reads, readers), (joints, holders)):
                number = tuple(spots[spatial.index(n)] for n in group)
                found[number] = found.get(number, frozenset()) | came
            held[spots] = wanted
        read += sum(len(each) for each in reads.values())
        joint += sum(len(each) for each in joints.values())
        for number, came in joints.items():
            new += len(came - ever.get(number, frozenset()))
            ever[number] = ever.get(number, frozenset()) | came
        for spots, digits in idle:
            if _moves_on(problem.sizes, loops, digits, tensor.ranks):
                held.pop(spots, None)
    return filled, read, joint, new
