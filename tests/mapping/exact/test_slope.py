from __future__ import annotations

import random

import pytest

from hwsim.mapping.exact.found import find
from hwsim.mapping.exact.slope import ski_slope, word_space
from hwsim.mapping.loopnest.problem import Problem, Tensor, convolution, matmul, simple
from hwsim.mapping.loopnest.reuse import elements
from hwsim.mapping.one_buffer.model import Sizes
from hwsim.mapping.one_buffer.optimum import optimum


def _random(rng: random.Random) -> Problem:
    sizes = {rank: rng.randint(1, 9) for rank in "HMNK"}
    if rng.random() < 0.6:
        return matmul("mm", sizes, "A", "B", "C", "MNK")
    return Problem(
        "grouped",
        sizes,
        (
            Tensor("A", simple("H", "M", "K")),
            Tensor("B", simple("H", "K", "N")),
            Tensor("C", simple("H", "M", "N"), True),
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_step_is_the_optimum_of_its_capacity_and_of_none_below(seed):
    rng = random.Random(seed)
    for _ in range(3):
        problem = _random(rng)
        slope = ski_slope(problem)
        assert [step.capacity_words for step in slope] == sorted({step.capacity_words for step in slope})
        for step in slope:
            assert find(word_space(problem, step.capacity_words), "energy").value == pytest.approx(step.words)
            if step.capacity_words:
                assert find(word_space(problem, step.capacity_words - 1), "energy").value > step.words


@pytest.mark.parametrize("stride", [1, 2])
def test_every_step_of_a_convolution_is_the_optimum_of_its_capacity(stride):
    problem = convolution("conv", {"K": 3, "C": 2, "P": 6, "Q": 4, "R": 3, "S": 2}, (stride, 1))
    slope = ski_slope(problem)
    for step in slope[:: max(1, len(slope) // 6)]:
        assert find(word_space(problem, step.capacity_words), "energy").value == pytest.approx(step.words)
        if step.capacity_words:
            assert find(word_space(problem, step.capacity_words - 1), "energy").value > step.words
    assert slope[-1].words == sum(elements(tensor, problem.sizes) for tensor in problem.tensors)


def test_the_slope_ends_where_every_word_moves_once():
    slope = ski_slope(matmul("mm", {"M": 12, "N": 20, "K": 7}, "A", "B", "C", "MNK"))
    assert slope[-1].words == 12 * 7 + 7 * 20 + 12 * 20
    # Nothing kept: two operands a multiplication, every sum but the first read back, and written.
    assert slope[0].capacity_words == 0
    assert slope[0].words == 12 * 20 * 7 * 2 + 12 * 20 * (2 * 7 - 1)


@pytest.mark.parametrize("capacity", [3, 30, 200, 1000])
def test_tiles_at_their_own_loops_never_move_more_than_one_common_tile(capacity):
    slope = ski_slope(matmul("mm", {"M": 30, "N": 23, "K": 41}, "A", "B", "C", "MNK"))
    least = min(step.words for step in slope if step.capacity_words <= capacity)
    assert least <= optimum(Sizes(30, 23, 41), capacity).traffic.total
