"""Points computed many at a time equal ``simulate``, number for number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.tile_walk import finish
from hwsim.engines.tiles import Buffers, Loop, Segment
from hwsim.explore.evaluate import evaluate, outcome
from hwsim.explore.fixed.dispatch import outcomes
from hwsim.explore.fixed.program import ChunkProgram, tile_program
from hwsim.explore.point import Point
from hwsim.pipeline import simulate
from hwsim.simulation.scene import bits_cycles
from hwsim.simulation.step import chunked

SEGMENTS = st.builds(
    Segment, st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(1, 30)
)
SEQUENCES = st.lists(
    st.recursive(
        SEGMENTS,
        lambda inner: st.builds(Loop, st.lists(inner, min_size=1, max_size=3).map(tuple), st.integers(1, 9)),
        max_leaves=4,
    ),
    min_size=1,
    max_size=3,
).map(tuple)
SLOTS = st.sampled_from([1, 2])
BUFFERS = st.builds(
    lambda many, ports: Buffers(many, many, ports), SLOTS, st.sampled_from(["shared", "separate"])
)
RATES = st.tuples(st.floats(0.3, 500), st.floats(0.3, 500))


def at(sequence, rate):
    """The sequence with amounts as cycles at a rate."""
    return tuple(
        Segment(
            bits_cycles(node.load_cycles, rate),
            node.compute_cycles,
            bits_cycles(node.store_cycles, rate),
            node.repeat,
        )
        if isinstance(node, Segment)
        else Loop(at(node.body, rate), node.repeat)
        for node in sequence
    )


@given(SEQUENCES, BUFFERS, RATES)
@settings(max_examples=60, deadline=None)
def test_the_compiled_walk_is_the_walk(sequence, buffers, rates):
    timed = tile_program(sequence, buffers).timed(rates)
    assert timed.cycles.tolist() == [finish(buffers, at(sequence, rate)) for rate in rates]


@given(st.integers(0, 9000), st.integers(0, 900), st.integers(0, 9000), st.integers(1, 40), BUFFERS, RATES)
@settings(max_examples=60, deadline=None)
def test_equal_pieces_are_walked_alike(load, compute, store, chunks, buffers, rates):
    timed = ChunkProgram(buffers, load, store, compute, chunks).timed(rates)
    sequences = [
        chunked(bits_cycles(load, rate), compute, bits_cycles(store, rate), chunks) for rate in rates
    ]
    assert timed.cycles.tolist() == [finish(buffers, sequence) for sequence in sequences]


MACHINES = {
    "edge_npu": ("dram", "buffer", "array"),
    "tpu_v1": ("weight_dram", "unified_buffer", "mxu"),
}


@given(
    st.sampled_from(sorted(MACHINES)),
    st.sampled_from(["squeezenet", "bert_base"]),
    st.sampled_from(["weight_stationary", "output_stationary", "input_stationary"]),
    st.sampled_from([8, 24, 128]),
    st.sampled_from(["48 KiB", "700 KiB", "5 MiB"]),
    st.lists(
        st.sampled_from(["2 GB/s", "17.3 GB/s", "12 B/cycle", "900 GB/s"]),
        min_size=1,
        max_size=2,
        unique=True,
    ),
)
@settings(max_examples=8, deadline=None)
def test_every_number_is_that_of_simulate(machine, workload, dataflow, size, capacity, bandwidths):
    root, buffer, array = MACHINES[machine]
    points = [
        Point(
            0,
            machine,
            workload,
            "fixed",
            "analytical",
            (
                (f"{array}.rows", size),
                (f"{array}.columns", 2 * size),
                (f"{array}.stationary_registers", 1),
                (f"{array}.dataflow", dataflow),
                (f"{buffer}.capacity", capacity),
                (f"{root}.bandwidth", bandwidth),
            ),
        )
        for bandwidth in bandwidths
    ]
    together = outcomes(points)
    for place, point in enumerate(points):
        alone = outcome(point)
        assert together.get(place, alone) == alone
        assert list(together.get(place, alone).details["time_by_bound"]) == list(
            alone.details["time_by_bound"]
        )
    assert len(together) == len(points) or outcome(points[0]).status == "failed"


def test_what_is_at_fault_is_told_as_always():
    settings = (("array.rows", 16), ("dram.bandwidth", "-3 GB/s"))
    points = [Point(0, "edge_npu", "squeezenet", "fixed", "analytical", settings)]
    (found,) = evaluate(points)
    assert found.status == "failed"
    assert "bandwidth" in found.message


@pytest.mark.parametrize("workload", ["squeezenet", "bert_base"])
def test_no_bandwidth_changes_a_fixed_plan(workload):
    plans = [
        simulate("edge_npu", workload, "fixed", overrides=(f"dram.bandwidth={rate}",)).plan
        for rate in ("1 GB/s", "1 TB/s")
    ]
    assert plans[0].steps == plans[1].steps
