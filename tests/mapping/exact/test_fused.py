from __future__ import annotations

import json
import random
from math import inf

import pytest
from mapping.exact.brute_fused import every_fused

from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.machine import Compute, Machine, Memory, Port
from hwsim.mapping.loopnest.problem import matmul
from hwsim.validation.mappers.chain import workload_of
from hwsim.validation.mappers.machines import machine_called
from hwsim.validation.mappers.rules import space_of
from hwsim.validation.references.accelforge import SHIPPED

CHAINS_A_SEED = 2


def random_chain(rng: random.Random) -> Chain:
    """Two products of a few elements over one buffer."""
    sizes = {rank: rng.randint(1, 3) for rank in "mnef"}
    machine = Machine(
        "random",
        (
            Memory("dram", inf, Port(rng.choice([0.5, 2.0]), 10.0), Port(1.0, 12.0), rng.random() < 0.5),
            Memory("buffer", rng.choice([8, 12, 16, 24]), Port(2.0, 1.0), Port(rng.choice([1.0, 4.0]), 1.5)),
        ),
        (),
        Compute("mac", 1, 1.0, 1.0),
    )
    first = matmul("first", sizes, "Q", "K", "S", "mne")
    second = matmul("second", sizes, "S", "V", "O", "mfn")
    bits = {name: rng.choice([1, 2]) for name in "QKSVO"}
    never = frozenset(("buffer", name) for name in "QKVO" if rng.random() < 0.35)
    return Chain(*(Space(each, machine, bits, may_not_keep=never) for each in (first, second)), "S", "buffer")


@pytest.mark.parametrize("seed", range(4))
def test_the_best_pair_is_the_best_of_all_pairs(seed):
    rng = random.Random(seed)
    for _ in range(CHAINS_A_SEED):
        chain = random_chain(rng)
        points = list(every_fused(chain))
        for objective, figure in (("energy", 0), ("latency", 1)):
            found = find_chain(chain, objective)
            least = min((point[figure] for point in points), default=inf)
            assert found.value == pytest.approx(min(least, found.apart))
            assert found.fused == (least < found.apart * (1 - 1e-12))
            costs = [(each.cost.energy_j, each.cost.latency_s)[figure] for each in found.mappings]
            assert sum(costs) == pytest.approx(found.value)


def _accelforge(case: str):
    cases = json.loads(SHIPPED.read_text())["cases"]
    chain = next(each["workload"] for each in cases if "S[m,n]" in each["workload"])
    return next(each for each in cases if each["case"] == case), workload_of(chain, [])


@pytest.mark.parametrize(("case", "memory"), [("simple_chain_fused", "GlobalBuffer"), ("attn_fused", "GLB")])
def test_the_chain_is_never_worse_than_accelforges(case, memory):
    known, workload = _accelforge(case)
    spec = machine_called(known["machine"])
    spaces = [space_of(einsum, spec, workload.tensor_bits) for einsum in workload.einsums]
    found = find_chain(Chain(*spaces, "S", memory), "energy")
    assert found.fused
    assert found.value / spec.energy_unit < known["energy"]
    if case == "attn_fused":
        # Apart, AccelForge's own optimum has no tile to trim: both proofs meet.
        assert found.apart == pytest.approx(_accelforge("attn_unfused")[0]["energy"], rel=1e-6)
