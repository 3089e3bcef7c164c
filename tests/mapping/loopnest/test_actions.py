from __future__ import annotations

import random

import pytest
from mapping.loopnest.random_nests import random_nest, random_problem

from hwsim.mapping.loopnest.actions import actions, boundaries
from hwsim.mapping.loopnest.cost import Bits, compute_steps, cost, occupancy_bits
from hwsim.mapping.loopnest.machine import Compute, Machine, Memory, Port
from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal, faults
from hwsim.mapping.loopnest.problem import Problem, Tensor, matmul, simple
from hwsim.mapping.loopnest.reuse import elements

MEMORIES = ("dram", "sram", "registers")


def _machine(**kwargs) -> Machine:
    memories = tuple(Memory(name, 1e9, Port(1e9, 2.0), Port(1e9, 3.0), **kwargs) for name in MEMORIES)
    return Machine("m", memories, (), Compute("mac", 1, 1e9, 5.0))


def _sums(problem, nest):
    found = {}
    for action in actions(boundaries(problem, nest)):
        key = action.memory, action.tensor, action.kind, action.side
        found[key] = found.get(key, 0) + (0 if action.zeros else action.count)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_that_comes_back_was_written_before(seed):
    rng = random.Random(seed)
    for _ in range(60):
        problem = random_problem(rng)
        nest = random_nest(rng, problem, MEMORIES)
        output, found = problem.output, _sums(problem, nest)
        size = elements(output, problem.sizes)
        innermost = [n.memory for n in nest if isinstance(n, Storage) and n.tensor == output.name][-1]
        for memory in MEMORIES:
            if (memory, output.name, "write", "below") not in found:
                continue
            assert found[memory, output.name, "write", "below"] >= size
            assert (
                found[memory, output.name, "read", "below"]
                <= found[memory, output.name, "write", "below"] - size
            )
        assert found[innermost, output.name, "write", "below"] <= problem.macs
        assert found["dram", output.name, "write", "below"] >= size


def test_a_dot_product_by_hand():
    problem = Problem(
        "dot",
        {"M": 2, "K": 3},
        (Tensor("A", simple("M", "K")), Tensor("B", simple("K")), Tensor("Z", simple("M"), True)),
    )
    nest = (
        *(Storage("dram", name) for name in "ABZ"),
        Storage("sram", "B"),
        Temporal("K", 2),
        Temporal("M", 1),
        Storage("registers", "Z"),
        Temporal("K", 1),
    )
    assert _sums(problem, nest) == {
        ("dram", "A", "read", "below"): 6,
        ("dram", "B", "read", "below"): 3,
        ("sram", "B", "write", "above"): 3,
        ("sram", "B", "read", "below"): 6,
        # Two parts of K for each of two sums: written twice, the second time after being read back.
        ("dram", "Z", "write", "below"): 4,
        ("dram", "Z", "read", "below"): 2,
        ("registers", "Z", "write", "above"): 2,
        ("registers", "Z", "read", "above"): 4,
        ("registers", "Z", "write", "below"): 6,
        ("registers", "Z", "read", "below"): 4,
    }


def test_a_row_is_multicast_and_its_sums_are_added_up_on_the_way():
    problem = matmul("mm", {"M": 4, "N": 6, "K": 8}, "A", "B", "Z", "MNK")
    nest = (
        *(Storage("dram", name) for name in "ABZ"),
        Spatial("K", 2, 4, "rows"),
        Spatial("N", 2, 3, "columns"),
        Storage("registers", "B"),
        Temporal("M", 1),
        Temporal("K", 1),
        Temporal("N", 1),
    )
    found = _sums(problem, nest)
    assert found["dram", "B", "read", "below"] == found["registers", "B", "write", "above"] == 48
    assert found["registers", "B", "read", "below"] == 4 * 6 * 8
    assert found["dram", "A", "read", "below"] == 4 * 6 * 8 // 3
    assert found["dram", "Z", "write", "below"] == 4 * 6 * 8 // 4
    apart = tuple(
        Spatial(node.rank, node.tile, node.width, node.along, False) if isinstance(node, Spatial) else node
        for node in nest
    )
    found = _sums(problem, apart)
    assert found["dram", "A", "read", "below"] == found["dram", "Z", "write", "below"] == 4 * 6 * 8


def test_widths_ports_and_the_busiest_component():
    problem = matmul("mm", {"M": 4, "N": 4, "K": 4}, "A", "B", "Z", "MNK")
    nest = (
        *(Storage("dram", name) for name in "ABZ"),
        Temporal("K", 2),
        Temporal("M", 2),
        Storage("sram", "Z"),
        Temporal("M", 1),
        Temporal("N", 1),
        Temporal("K", 1),
    )
    bits = Bits({"A": 8, "B": 8, "Z": 8}, partial=32)
    apart, shared = (cost(problem, nest, _machine(shared_port=each), bits) for each in (False, True))
    # Every tile of Z goes to sram twice: the first time it leaves unfinished, at 32 bits, and comes back.
    assert apart.bits["dram", "Z", "write"] == 16 * 32 + 16 * 8
    assert apart.bits["dram", "Z", "read"] == 16 * 32
    assert apart.bits["sram", "Z", "write"] == 16 * 32 + (64 - 16) * 32 + 16 * 8
    assert shared.latency_by_component["dram"] == pytest.approx(
        (apart.bits["dram", "Z", "write"] + 16 * 32 + 2 * 64 * 8) / 1e9
    )
    assert apart.latency_s < shared.latency_s
    assert apart.energy_j == shared.energy_j
    assert occupancy_bits(problem, nest, bits, _machine())["sram"] == 8 * 32


def test_steps_follow_the_place_with_most():
    problem = matmul("mm", {"M": 5, "N": 7, "K": 3}, "A", "B", "Z", "MNK")
    nest = (Temporal("N", 4), Spatial("N", 2, 2, "x"), Temporal("N", 1), Temporal("M", 1), Temporal("K", 1))
    assert compute_steps(problem, nest) == (2 + 2) * 5 * 3


@pytest.mark.parametrize(
    ("nest", "message"),
    [
        ((Temporal("Q", 1),), "no rank 'Q'"),
        ((Storage("dram", "X"),), "no tensor 'X'"),
        ((Temporal("M", 0),), "tile of 0"),
        ((Spatial("M", 1, 2, "x"),), "more than 2 places"),
        ((Temporal("M", 2),), "tiles of 2 of M"),
        ((Temporal("M", 1), Temporal("N", 1), Temporal("K", 1)), "A is stored nowhere"),
    ],
)
def test_what_is_no_nest_is_said(nest, message):
    problem = matmul("mm", {"M": 4, "N": 4, "K": 4}, "A", "B", "Z", "MNK")
    assert any(message in fault.message for fault in faults(problem, nest))
