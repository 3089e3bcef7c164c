"""FLAT's space and the search over it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.mapping.fused.configurations import FLAT
from hwsim.mapping.fused.dataflow import (
    Dataflow,
    best_dataflow,
    choices,
    grid_cycles,
    matmul_cycles,
    spilled_fraction,
    words,
)
from hwsim.mapping.fused.flat import flat_problem

from .layers import cascade, machine, shape


def problem(length, embed=64, name="flat_cloud"):
    arch = machine(name)
    return flat_problem(arch, FLAT, cascade("attention_3pass"), shape(length, embed).sizes(arch.rows))


def test_the_space_has_every_combination():
    assert len(list(choices(problem(4096)))) == 4 * 2 * 16 * 2
    assert len(set(choices(problem(256)))) == 1 * 2 * 16 * 2


@given(st.sampled_from([512, 4096, 65536, 262144]), st.sampled_from([64, 128]), st.integers(1, 2000))
@settings(max_examples=12, deadline=None)
def test_nothing_in_the_space_is_better_than_the_choice(length, embed, instances):
    of = problem(length, embed)
    best = matmul_cycles(of, best_dataflow(of, instances), instances)
    assert all(best <= matmul_cycles(of, choice, instances) for choice in choices(of))


def test_what_is_resident_and_fits_moves_once():
    choice = Dataflow(1024, "output", frozenset({"Q", "K", "V", "AV"}), True)
    of = problem(1024)
    moved = words(of, choice)
    assert spilled_fraction(of, choice) == 0
    assert (moved.operands_read, moved.operands_written, moved.scores) == (3 * 1024 * 64, 1024 * 64, 0)


def test_spills_are_the_part_that_does_not_fit():
    choice = Dataflow(4096, "output", frozenset(), True)
    assert spilled_fraction(problem(4096), choice) == pytest.approx(1 / 129)


def test_partial_sums_come_and_go_where_weights_stay():
    of = problem(1024)
    moved = words(of, Dataflow(1024, "weight", frozenset({"Q", "K", "V"}), True))
    assert moved.operands_read == 3 * 1024 * 64 + 3 * 1024 * 64
    assert moved.operands_written == 4 * 1024 * 64


def test_cycles_of_the_grid_count_idle_columns():
    of = problem(1024)
    assert grid_cycles(of, Dataflow(1024, "output", frozenset(), True)) == 16 * (64 + 256)
    assert grid_cycles(of, Dataflow(1024, "weight", frozenset(), True)) == 16 * (256 + 256)


@pytest.mark.parametrize("length", [512, 2048, 16384])
def test_the_edge_machine_has_a_choice_too(length):
    of = problem(length, name="flat_edge")
    assert best_dataflow(of, 768) in set(choices(of))
