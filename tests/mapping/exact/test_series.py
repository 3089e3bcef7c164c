from __future__ import annotations

import random
from math import inf

import pytest

from hwsim.mapping.exact.found import find
from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.series import Series, find_series
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.machine import Compute, Machine, Memory, Port
from hwsim.mapping.loopnest.problem import matmul


def _series(rng: random.Random, count: int) -> tuple[list[Space], list[str]]:
    """``T1 = T0 * W0, T2 = T1 * W1, ...``, every rank of the tensors between named alike by both."""
    machine = Machine(
        "random",
        (
            Memory("dram", inf, Port(rng.choice([0.5, 2.0]), 10.0), Port(1.0, 12.0), True),
            Memory("buffer", rng.choice([12, 24, 48]), Port(2.0, 1.0), Port(4.0, 1.5)),
        ),
        (),
        Compute("mac", 1, 1.0, 1.0),
    )
    sizes = {rank: rng.randint(1, 4) for rank in "mabcde"}
    spaces = []
    for number in range(count):
        before, after = "abcde"[number], "abcde"[number + 1]
        names = f"T{number}", f"W{number}", f"T{number + 1}"
        problem = matmul(f"E{number}", sizes, *names, f"m{after}{before}")
        spaces.append(Space(problem, machine, dict.fromkeys(names, rng.choice([1, 2]))))
    return spaces, [f"T{number + 1}" for number in range(count - 1)]


@pytest.mark.parametrize("seed", range(4))
def test_a_series_is_the_best_way_to_pair_neighbours(seed):
    rng = random.Random(seed)
    spaces, tensors = _series(rng, 4)
    alone = [find(space, "energy").value for space in spaces]
    pairs = [
        find_chain(Chain(spaces[n], spaces[n + 1], tensors[n], "buffer"), "energy").value for n in range(3)
    ]
    ways = [
        sum(alone),
        pairs[0] + alone[2] + alone[3],
        alone[0] + pairs[1] + alone[3],
        alone[0] + alone[1] + pairs[2],
        pairs[0] + pairs[2],
    ]
    found = find_series(Series(spaces, tensors, "buffer"))
    assert found.value == pytest.approx(min(ways))
    assert found.apart == pytest.approx(sum(alone))
    assert [number for part in found.parts for number in part.numbers] == [0, 1, 2, 3]
    costs = [each.cost.energy_j for part in found.parts for each in part.mappings]
    assert sum(costs) == pytest.approx(found.value)


def test_what_fits_nowhere_has_no_series():
    spaces, tensors = _series(random.Random(0), 3)
    tiny = Machine(
        "tiny",
        (spaces[0].machine.memories[0], Memory("buffer", 0.0, Port(), Port())),
        (),
        Compute("m", 1, 1.0, 1.0),
    )
    kept = [
        Space(each.problem, tiny, each.bits, must_keep=frozenset({("buffer", each.problem.tensors[0].name)}))
        for each in spaces
    ]
    assert find_series(Series(kept, tensors, "buffer")) is None
