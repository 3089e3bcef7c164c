from __future__ import annotations

import random
from math import prod

import pytest
from mapping.loopnest import literal
from mapping.loopnest.random_nests import random_nest, random_problem

from hwsim.mapping.loopnest.nodes import Spatial, Storage, faults
from hwsim.mapping.loopnest.reuse import arrivals

NESTS_A_SEED = 250
MOST_POINTS = 300
"""Steps times places of a nest that is walked: larger ones say nothing more and take long."""


def _boundaries(problem, nest):
    """Every storage below another of its tensor, and the compute units below the last."""
    for tensor in problem.tensors:
        places = [
            at for at, node in enumerate(nest) if isinstance(node, Storage) and node.tensor == tensor.name
        ]
        yield from ((tensor, one, two) for one, two in zip(places, [*places[1:], len(nest)], strict=True))


def _points(problem, nest):
    """Steps of all loops, places of all arrays."""
    loops = [node for node in nest if not isinstance(node, Storage)]
    return prod(
        loop.width if isinstance(loop, Spatial) else -(-problem.sizes[loop.rank] // loop.tile)
        for loop in loops
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_closed_form_is_the_walk(seed):
    rng = random.Random(seed)
    for _ in range(NESTS_A_SEED):
        problem = random_problem(rng)
        nest = random_nest(rng, problem, ("dram", "sram", "registers"))
        if _points(problem, nest) > MOST_POINTS:
            continue
        assert faults(problem, nest) == []
        for tensor, above, place in _boundaries(problem, nest):
            refill = nest[place].refill if place < len(nest) else rng.choice(["on_change", "each_visit"])
            ours = arrivals(problem, nest, tensor, above, place, refill)
            walked = literal.arrivals(problem, nest, tensor, above, place, refill)
            found = (ours.filled, ours.read, ours.joint, ours.new if tensor.is_output else walked[3])
            assert found == walked, (problem, nest, tensor.name, above, place)
