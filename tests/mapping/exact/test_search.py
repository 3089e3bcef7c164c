from __future__ import annotations

import random
from itertools import islice

import pytest
from mapping.exact.brute import every_mapping
from mapping.exact.random_spaces import random_convolution_space, random_register_space, random_space

from hwsim.mapping.exact.found import find
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.cost import Bits, cost, occupancy_bits
from hwsim.mapping.loopnest.machine_file import machine
from hwsim.mapping.loopnest.nodes import Storage, faults
from hwsim.mapping.loopnest.problem import Problem, Tensor, convolution, matmul, simple
from hwsim.mapping.loopnest.reuse import elements
from hwsim.mapping.one_buffer.model import Sizes
from hwsim.mapping.one_buffer.optimum import optimum
from hwsim.spec.document import load_document
from hwsim.spec.model import validate
from hwsim.validation.mappers.machines import machine_called
from hwsim.validation.mappers.rules import space_of
from hwsim.validation.references import zigzag

SPACES_A_SEED = 4
MOST_NESTS = 500
"""Spaces with more are left out: trying everything takes long there."""
FIGURES = {
    "energy": lambda energy, _: energy,
    "latency": lambda _, latency: latency,
    "edp": lambda energy, latency: energy * latency,
}


def _product_space(rng):
    return random_space(rng, rng.choice([2, 2, 3]))


def _frontier(points):
    found = []
    for energy, latency in sorted(points):
        if not found or latency < found[-1][1] * (1 - 1e-12):
            found.append((energy, latency))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", [_product_space, random_convolution_space, random_register_space])
def test_the_search_finds_what_trying_everything_finds(make, seed):
    rng = random.Random(seed)
    for _ in range(SPACES_A_SEED):
        space = make(rng)
        tried = list(islice(every_mapping(space), MOST_NESTS + 1))
        if len(tried) > MOST_NESTS:
            continue
        points = [point for point in tried if point]
        for objective, figure in FIGURES.items():
            found = find(space, objective)
            assert found.proved
            assert found.value == (pytest.approx(min(figure(*point) for point in points)) if points else None)
            for each in found.mappings:
                assert figure(each.cost.energy_j, each.cost.latency_s) == pytest.approx(found.value)
        ours = [(each.cost.energy_j, each.cost.latency_s) for each in find(space, "pareto").mappings]
        assert ours == [pytest.approx(point) for point in _frontier(points)]


ROLES = {"A": "input", "B": "weight", "C": "output"}
BITS = {"A": 8, "B": 8, "C": 8}


def mini_tpu(M, N, K):
    """A product on the machine of AccelForge's third case, its arrays laid as there."""
    problem = matmul("gemm", {"M": M, "N": N, "K": K}, "A", "B", "C", "MNK")
    unroll = {"PE.reuse_output": ("K",), "PE.reuse_input": ("N",)}
    return Space(problem, machine(machine_called("mini_tpu_64KiB")), BITS, ROLES, unroll)


@pytest.mark.parametrize("sizes", [(1024, 1024, 1024), (100, 130, 70), (1, 512, 333)])
def test_what_is_found_is_a_nest_that_fits_and_costs_what_was_said(sizes):
    space = mini_tpu(*sizes)
    bits = Bits(BITS, 8)
    for objective, figure in FIGURES.items():
        found = find(space, objective)
        (best,) = found.mappings
        assert faults(space.problem, best.nest) == []
        assert figure(best.cost.energy_j, best.cost.latency_s) == pytest.approx(found.value, rel=1e-12)
        taken = occupancy_bits(space.problem, best.nest, bits, space.machine)
        assert all(used <= space.machine.memory(name).capacity_bits for name, used in taken.items())
        assert found.proved
        assert found.lower_bound == found.value


def test_tiles_that_do_not_divide_save_what_accelforge_leaves():
    """And registers that stay while the buffer's tiles change save more than one common tile can."""
    best = find(mini_tpu(1024, 1024, 1024), "energy").best
    words = sum(bits // 8 for (memory, _, _), bits in best.cost.bits.items() if memory == "DRAM")
    assert words < optimum(Sizes(1024, 1024, 1024), 65536).traffic.total == 10_485_760
    assert best.cost.energy_j < 0.0013878
    assert any(isinstance(node, Storage) and node.held for node in best.nest)


def test_out_of_time_the_bound_says_what_is_left():
    hurried = find(mini_tpu(1024, 1024, 1024), "energy", time_limit_s=0.0)
    full = find(mini_tpu(1024, 1024, 1024), "energy")
    assert not hurried.proved
    assert hurried.tally.open_bound <= full.value
    assert hurried.value is None or hurried.lower_bound <= full.value <= hurried.value


def test_two_runs_give_one_answer():
    first, second = (find(mini_tpu(96, 200, 130), "edp").best.nest for _ in range(2))
    assert first == second


def _window(*tensors, sizes, unroll=()):
    problem = Problem("conv", sizes, (*tensors, Tensor("B", simple(*sizes)), Tensor("C", (), True)))
    return Space(problem, mini_tpu(1, 1, 1).machine, BITS, ROLES, {"PE.reuse_output": unroll})


def test_windows_that_are_not_searched_are_refused():
    one = Tensor("A", ((("P", 1), ("R", 1)),))
    with pytest.raises(ValueError, match="along an array"):
        _window(one, sizes={"P": 4, "R": 3}, unroll=("P",))
    with pytest.raises(ValueError, match="more than two ranks"):
        _window(Tensor("A", ((("P", 1), ("R", 1), ("S", 1)),)), sizes={"P": 4, "R": 3, "S": 2})
    with pytest.raises(ValueError, match="several sliding windows"):
        _window(one, Tensor("D", ((("P", 1), ("S", 1)),)), sizes={"P": 4, "R": 3, "S": 2})


def test_a_convolution_of_seven_ranks_slides():
    """A stem of ResNet-50 kind: rows of the input stay on chip while the window slides over them."""
    sizes = {"N": 2, "K": 64, "C": 3, "P": 56, "Q": 56, "R": 7, "S": 7}
    problem = convolution("stem", sizes, (2, 2))
    space = space_of(problem, machine_called("mini_tpu_64KiB"), {"I": 8, "W": 8, "O": 8})
    found = find(space, "energy")
    (best,) = found.mappings
    assert found.proved
    assert best.cost.energy_j == pytest.approx(found.value, rel=1e-12)
    assert any(isinstance(node, Storage) and node.refill == "on_slide" for node in best.nest)
    images = elements(problem.tensor("I"), sizes) * 8
    assert images <= best.cost.bits["DRAM", "I", "read"] < 1.2 * images


def _zigzag_products():
    cases = validate(zigzag.CaseFile, load_document(zigzag.SHIPPED)).cases
    return {(case.M, case.N, case.K, case.machine): case for case in cases}.values()


@pytest.mark.parametrize("case", _zigzag_products(), ids=lambda case: case.case)
def test_no_product_is_worse_than_what_zigzag_found_under_its_rules(case):
    problem = matmul("gemm", {"M": case.M, "N": case.N, "K": case.K}, "I", "W", "O", "MNK")
    spec = machine_called(case.machine)
    found = find(space_of(problem, spec, {"I": 8, "W": 8, "O": 16}), "energy")
    rules = Bits({"I": 8, "W": 8, "O": 8}, 16)
    ours = cost(problem, found.best.nest, machine(spec), rules).energy_j * zigzag.PICOJOULES
    assert found.proved
    assert ours <= case.energy
