"""The stall model against a clock that ticks once a cycle and knows nothing of skipping ahead."""

from __future__ import annotations

import time
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.pipeline import Buffers, Loop, Segment, bound_cycles, latency, total_cycles
from hwsim.engines.tiles import sums

cycles = st.one_of(st.just(0), st.integers(0, 4), st.integers(0, 25))
segments = st.builds(Segment, cycles, cycles, cycles, st.integers(1, 45))
short_segments = st.builds(Segment, cycles, cycles, cycles, st.integers(1, 3))
loops = st.recursive(
    short_segments,
    lambda inner: st.builds(Loop, st.lists(inner, min_size=1, max_size=3).map(tuple), st.integers(1, 6)),
    max_leaves=4,
)
sequences = st.lists(st.one_of(segments, loops), min_size=1, max_size=4)
buffers = st.builds(Buffers, st.integers(1, 4), st.integers(1, 4), st.sampled_from(["shared", "separate"]))


def tiles_of(sequence):
    for node in sequence:
        for _ in range(node.repeat):
            if isinstance(node, Loop):
                yield from tiles_of(node.body)
            else:
                yield node


class Port:
    """Serves its queue first come, first served."""

    def __init__(self):
        self.queue, self.busy_until, self.serving = deque(), 0, None

    def tick(self, now):
        """Whether something ended or began at ``now``."""
        if self.serving and self.busy_until == now:
            self.serving[1].append(now)
            self.serving = None
            return True
        if self.serving is None and self.queue:
            self.serving = self.queue.popleft()
            self.busy_until = now + self.serving[0]
            return True
        return False


def clocked(sequence, buffers):
    """Cycles of the sequence, ticking: every rule of the module text is looked at in every cycle."""
    tiles = list(tiles_of(sequence))
    starts_group = [index == 0 or tile.load_cycles > 0 for index, tile in enumerate(tiles)]
    group_of = [sum(starts_group[: index + 1]) - 1 for index in range(len(tiles))]
    result_of = [sum(tile.store_cycles > 0 for tile in tiles[:index]) for index in range(len(tiles))]
    loads = [tile.load_cycles for tile, starts in zip(tiles, starts_group, strict=True) if starts]
    load_port = Port()
    store_port = load_port if buffers.ports == "shared" else Port()
    loaded, stored, computed, running, now = [], [], 0, None, 0
    if loads[0] == 0:
        loaded.append(0)
    first = [load for load in loads[: buffers.load_slots] if load]
    load_port.queue.extend((load, loaded) for load in first)
    while True:
        if running is not None and running == now:
            tile, running, computed = tiles[computed], None, computed + 1
            ends_group = computed == len(tiles) or starts_group[computed]
            upcoming = group_of[computed - 1] + buffers.load_slots
            if ends_group and upcoming < len(loads):
                load_port.queue.append((loads[upcoming], loaded))
            if tile.store_cycles:
                store_port.queue.append((tile.store_cycles, stored))
            continue
        if load_port.tick(now) or store_port.tick(now):
            continue
        ready = (
            running is None
            and computed < len(tiles)
            and len(loaded) > group_of[computed]
            and len(stored) > result_of[computed] - buffers.store_slots
        )
        if ready:
            running = now + tiles[computed].compute_cycles
            continue
        idle = running is None and not load_port.serving and not store_port.serving
        if computed == len(tiles) and idle:
            return now
        now += 1


@settings(max_examples=150, deadline=None)
@given(sequences, buffers)
def test_equals_the_ticking_clock(sequence, buffers):
    assert total_cycles(sequence, buffers) == clocked(sequence, buffers)


@pytest.mark.parametrize(
    "slow_to_settle",
    [
        [Segment(50, 100, 51, 300)],
        [Segment(9, 40, 32, 40), Loop((Segment(31, 60, 0), Segment(30, 61, 61)), 150), Segment(1, 2, 3)],
        [Loop((Segment(20, 40, 21, 70), Segment(0, 9, 1)), 30)],
    ],
)
def test_near_balance_where_powers_are_taken(slow_to_settle):
    """The port's backlog grows by a cycle a tile, so states do not come back soon."""
    assert total_cycles(slow_to_settle, Buffers()) == clocked(slow_to_settle, Buffers())


@settings(max_examples=120, deadline=None)
@given(sequences, buffers)
def test_never_faster_than_the_bound_and_causes_add_up(sequence, buffers):
    found = latency(sequence, buffers)
    parts = (found.fill_cycles, found.bandwidth_cycles, found.store_cycles, found.capacity_cycles)
    assert found.cycles >= bound_cycles(sequence, buffers)
    assert min(parts) >= 0
    assert found.compute_cycles + sum(parts) == found.cycles
    assert found.stall_cycles == sum(parts)
    total = sums(sequence)
    assert found.cycles <= total.load_cycles + total.compute_cycles + total.store_cycles


@settings(max_examples=100, deadline=None)
@given(sequences, buffers)
def test_separate_ports_are_never_slower(sequence, buffers):
    one = Buffers(buffers.load_slots, buffers.store_slots, "shared")
    two = Buffers(buffers.load_slots, buffers.store_slots, "separate")
    assert total_cycles(sequence, two) <= total_cycles(sequence, one)


@given(segments, st.integers(1, 5), buffers)
def test_a_loop_is_its_body_written_out(segment, repeat, buffers):
    assert total_cycles([Loop((segment,), repeat)], buffers) == total_cycles([segment] * repeat, buffers)


@pytest.mark.parametrize(
    ("buffers", "expected"),
    [
        # Load 7, then computing (10) hides the other loads; the last store (3) shows.
        (Buffers(2, 2, "separate"), 7 + 5 * 10 + 3),
        # One slot: load and compute take turns.
        (Buffers(1, 2, "separate"), 5 * (7 + 10) + 3),
        # One slot on each side and one port: nothing overlaps but a store with the next load's wait.
        (Buffers(1, 1, "shared"), 7 + 5 * 10 + 4 * (7 + 3) + 3),
    ],
)
def test_by_hand(buffers, expected):
    assert total_cycles([Segment(7, 10, 3, 5)], buffers) == expected


def test_a_tile_that_loads_nothing_keeps_the_slot_of_the_one_before():
    # Loads of 30 come every third tile of 10 and are under way one group ahead: nothing but the fill stalls.
    pattern = Loop((Segment(30, 10, 0), Segment(0, 10, 0, 2)), 20)
    assert total_cycles([pattern], Buffers(2, 2, "shared")) == 30 + 20 * 30


def test_causes():
    assert latency([Segment(4, 10, 0, 8)], Buffers(2, 2)).bandwidth_cycles == 0
    starved = latency([Segment(16, 10, 0, 8)], Buffers(2, 2))
    assert (starved.fill_cycles, starved.bandwidth_cycles, starved.store_cycles) == (16, 7 * 6, 0)
    single = latency([Segment(16, 10, 0, 8)], Buffers(1, 2))
    assert single.capacity_cycles == 8 * 26 - starved.cycles
    assert latency([Segment(0, 10, 25, 8)], Buffers(2, 2)).store_cycles == 8 * 25 + 10 - 80
    assert latency([], Buffers()).cycles == 0


@pytest.mark.parametrize("segment", [Segment(50, 100, 51, 10**6), Segment(99_999, 100_000, 3, 10**6)])
def test_a_million_tiles_cost_no_time(segment):
    """Both rates of the port are near the compute rate: the slowest way into the steady state."""
    start = time.perf_counter()
    found = total_cycles([segment], Buffers(2, 2, "shared"))
    assert time.perf_counter() - start < 0.05
    port = segment.load_cycles + segment.store_cycles
    assert 0 <= found - 10**6 * port <= segment.compute_cycles + 2 * port


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Segment(-1, 0, 0),
        lambda: Segment(0, 0, 0, 0),
        lambda: Loop((), 1),
        lambda: Loop((Segment(1, 1, 1),), 0),
        lambda: Buffers(0, 1),
    ],
)
def test_refuses_what_has_no_meaning(wrong):
    with pytest.raises(ValueError, match="needs"):
        wrong()
