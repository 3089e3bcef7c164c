from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from schedule.test_allocation import PATIENCE_S, buffer_sets, least_capacity
from strategies.packings import FAMILIES, family, guillotine

from hwsim.schedule.allocation import Status, allocate, is_valid
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.timed_allocation import smallest_verified


@settings(max_examples=60, deadline=None)
@given(buffer_sets())
def test_the_smallest_peak_is_the_exhaustive_one(buffers: tuple[Buffer, ...]) -> None:
    least = least_capacity(buffers)
    found = smallest_verified(buffers, PATIENCE_S)
    assert found.allocation.status is Status.OPTIMAL
    assert found.allocation.peak(buffers) == found.lower_bound_bytes == least
    assert is_valid(buffers, least, found.allocation.offsets)


def test_a_peak_that_time_leaves_open_is_told_with_its_bound() -> None:
    packing = guillotine(np.random.default_rng(3), moments=150, capacity=1000, buffers=250, load=1.0)
    found = smallest_verified(packing.buffers, 1e-9)
    peak = found.allocation.peak(packing.buffers)
    assert found.allocation.status is Status.FEASIBLE
    assert found.lower_bound_bytes == packing.capacity < peak
    assert is_valid(packing.buffers, peak, found.allocation.offsets)


def test_nothing_needs_nothing() -> None:
    found = smallest_verified((), 1.0)
    assert (found.allocation.status, found.lower_bound_bytes) == (Status.OPTIMAL, 0)


@pytest.mark.parametrize("name", FAMILIES)
def test_packings_that_nearly_fill_the_memory_are_found_again(name: str) -> None:
    packing = next(family(name, 1))
    found = allocate(packing.buffers, packing.capacity, time.monotonic() + PATIENCE_S)
    assert is_valid(packing.buffers, packing.capacity, found.offsets)


def test_the_answer_is_the_same_every_time() -> None:
    packing = next(family("guillotine, 150 buffers, 98 % full", 1))
    first, second = (
        allocate(packing.buffers, packing.capacity, time.monotonic() + PATIENCE_S) for _ in range(2)
    )
    assert first == second
