from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.schedule.allocation import Status, allocate, is_valid, largest_load
from hwsim.schedule.buffer_file import parse_buffers, read_buffers
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.disproof import fits
from hwsim.schedule.graph_file import read_problem
from hwsim.schedule.restarts import packed
from hwsim.spec.errors import CheckFailed, InputError
from hwsim.validation.references.cosma import SHIPPED

# Includes compiling the search where that has not been done before.
PATIENCE_S = 120.0
BENCHMARK = Path(__file__).parents[2] / "../shared/reference/minimalloc"


@st.composite
def buffer_sets(draw: st.DrawFn) -> tuple[Buffer, ...]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        lower = draw(st.integers(0, 5))
        alignment = draw(st.sampled_from([1, 1, 1, 2, 3, 4]))
        upper, size = lower + draw(st.integers(1, 4)), draw(st.integers(1, 4))
        found.append(Buffer(f"b{number}", lower, upper, size, alignment))
    return tuple(found)


def least_capacity(buffers: tuple[Buffer, ...]) -> int:
    """Brute force: every packing can be pressed down, and then arises by dropping buffers in some order."""
    return min(_height(order) for order in permutations(buffers))


def _height(order: tuple[Buffer, ...]) -> int:
    tops: dict[int, int] = {}
    for buffer in order:
        rest = max(tops.get(t, 0) for t in range(buffer.lower, buffer.upper))
        top = buffer.aligned(rest) + buffer.size
        tops.update(dict.fromkeys(range(buffer.lower, buffer.upper), top))
    return max(tops.values())


@settings(max_examples=60, deadline=None)
@given(buffer_sets())
def test_allocation_is_exact_on_small_sets(buffers: tuple[Buffer, ...]) -> None:
    least = least_capacity(buffers)
    deadline = time.monotonic() + PATIENCE_S
    found = allocate(buffers, least, deadline)
    assert found.status is Status.FEASIBLE
    assert is_valid(buffers, least, found.offsets)
    assert found.peak(buffers) <= least
    assert allocate(buffers, least - 1, deadline).status is Status.INFEASIBLE


@settings(max_examples=20, deadline=None)
@given(buffer_sets())
def test_the_canonical_search_alone_is_exact(buffers: tuple[Buffer, ...]) -> None:
    least = least_capacity(buffers)
    decided, offsets = packed(buffers, least, time.monotonic() + PATIENCE_S)
    assert decided
    assert offsets is not None
    assert is_valid(buffers, least, offsets)
    if max(buffer.size for buffer in buffers) < least:
        assert packed(buffers, least - 1, time.monotonic() + PATIENCE_S) == (True, None)


def test_a_question_that_fragments_twice_is_refuted() -> None:
    """Each half alone is refuted at once; together they multiply what a search has to look at."""
    problem = read_problem(SHIPPED / "frag_3_two_phases.json")
    steps = {tensor.id: [] for tensor in problem.tensors}
    for step, operator in enumerate(problem.operators):
        for tensor in operator.tensors:
            steps[tensor].append(step)
    buffers = tuple(
        Buffer(name, min(at), max(at) + 1, problem.tensor[name].size) for name, at in steps.items()
    )
    least, _ = largest_load(buffers)
    assert allocate(buffers, least, time.monotonic() + PATIENCE_S).status is Status.INFEASIBLE


@pytest.fixture(scope="module")
def apart() -> Iterator[ProcessPoolExecutor]:
    """A process that has imported no other solver: OR-Tools and HiGHS cannot share one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield pool


@settings(max_examples=20, deadline=None)
@given(buffers=buffer_sets())
def test_the_second_opinion_is_right(apart: ProcessPoolExecutor, buffers: tuple[Buffer, ...]) -> None:
    least = least_capacity(buffers)
    rows = [(buffer.lower, buffer.upper, buffer.size, buffer.alignment) for buffer in buffers]
    assert apart.submit(fits, rows, least, PATIENCE_S).result() == "feasible"
    if least > max(buffer.size for buffer in buffers):
        assert apart.submit(fits, rows, least - 1, PATIENCE_S).result() == "infeasible"


def test_the_check_sees_overlaps_and_escapes() -> None:
    buffers = (Buffer("a", 0, 2, 4), Buffer("b", 1, 3, 4))
    assert is_valid(buffers, 8, {"a": 0, "b": 4})
    assert not is_valid(buffers, 8, {"a": 0, "b": 3})
    assert not is_valid(buffers, 8, {"a": 0, "b": 5})
    assert not is_valid(buffers, 8, {"a": -1, "b": 4})
    assert not is_valid(buffers, 8, {"a": 0})
    assert not is_valid((Buffer("a", 0, 2, 4, alignment=8),), 16, {"a": 4})


def test_infeasible_says_when_and_how_much() -> None:
    buffers = (Buffer("a", 0, 9, 4), Buffer("b", 7, 9, 5))
    assert largest_load(buffers) == (9, 7)
    found = allocate(buffers, 8, time.monotonic() + 1)
    with pytest.raises(CheckFailed, match="at time 7 buffers of 9 bytes"):
        found.insist()


@pytest.mark.skipif(not BENCHMARK.exists(), reason="the MiniMalloc benchmark is not in this checkout")
@pytest.mark.parametrize("name", "ABCDEFGHIJK")
def test_the_minimalloc_benchmark_fits(name: str) -> None:
    buffers = read_buffers(BENCHMARK / f"{name}.1048576.csv")
    found = allocate(buffers, 1048576, time.monotonic() + PATIENCE_S)
    assert is_valid(buffers, 1048576, found.offsets)


@pytest.mark.parametrize(
    ("line", "message", "column"),
    [
        ("a,3,2,4", "ends at 2, not after its start at 3", 5),
        ("a,0,2,0", "has size 0", 7),
        ("a,0,2,-1", "has size -1", 7),
        ("a,0,two,4", "upper: 'two' is not a whole number", 5),
        ("a,0,2", "3 cells, the header 4", 1),
        ("z,0,2,4", "buffer 'z' is given twice", 1),
        ("a,0,2,281474976710656", "size: 281474976710656 is too large", 7),
        ("a,0,2,4,5", "5 cells, the header 4", 1),
    ],
)
def test_a_bad_line_is_named(line: str, message: str, column: int) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_buffers(f"id,lower,upper,size\nz,0,1,1\n{line}\n", "b.csv")
    place = caught.value.position
    assert place is not None
    assert (place.line, place.column, place.text) == (3, column, line)


def test_columns_are_found_by_name() -> None:
    assert parse_buffers("size,id,upper,lower\n4,a,2,0\n", "b.csv") == (Buffer("a", 0, 2, 4),)
    with pytest.raises(InputError, match="column 'size' is missing"):
        parse_buffers("id,lower,upper,sizes\n", "b.csv")
    with pytest.raises(InputError, match="column 'size' is given twice"):
        parse_buffers("id,lower,upper,size,size\n", "b.csv")
    with pytest.raises(InputError, match="column 'id' is missing"):
        parse_buffers("", "b.csv")


def test_alignment_is_heeded_and_gaps_are_refused() -> None:
    text = "id,lower,upper,size,alignment,gaps\na,0,2,3,,\nb,0,2,3,4,\n"
    assert parse_buffers(text, "b.csv") == (Buffer("a", 0, 2, 3), Buffer("b", 0, 2, 3, 4))
    with pytest.raises(InputError, match="buffer 'c' has gaps"):
        parse_buffers(f"{text}c,0,9,1,1,2-3\n", "b.csv")
    with pytest.raises(InputError, match="buffer 'c' has alignment 0"):
        parse_buffers(f"{text}c,0,9,1,0,\n", "b.csv")
