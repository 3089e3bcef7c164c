"""The compiled chip equals the same rules written out spike by spike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.literal_chip import LiteralNeuron, run_literally
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network, rasters

from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.counts import counts_by_step
from hwsim.engines.neuromorphic.run import run_network

COSTS = {
    "access": 2e-9,
    "update": 1e-9,
    "spike": 6e-9,
    "axon_in": 5e-9,
    "axon_out": 4e-9,
    "synapse": 2e-9,
    "hop": 3e-9,
    "height": 3,
}
WEIGHTS = st.integers(-20, 40)


@st.composite
def cases(draw):
    count = draw(st.integers(2, 14))
    cores = [draw(st.integers(0, 5)) for _ in range(count)]
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), WEIGHTS)
    return {
        "cores": cores,
        "edges": draw(st.lists(ends, max_size=50, unique_by=lambda edge: edge[:2])),
        "bias": [float(draw(st.integers(0, 60))) for _ in range(count)],
        "leak": draw(st.sampled_from([1.0, 0.9375, 0.9, 0.5])),
        "decay": draw(st.sampled_from([0.0, 0.5])),
        "refractory": draw(st.integers(0, 4)),
        "soft": draw(st.booleans()),
        "link_buffer": draw(st.sampled_from([1, 2, 8])),
    }


@settings(max_examples=60, deadline=None)
@given(cases())
def test_spikes_counts_and_both_times_are_those_of_the_rules(case):
    cores = case["cores"]
    literal = run_literally(
        [
            LiteralNeuron(core, bias, case["leak"], case["decay"], 50.0, case["refractory"], case["soft"])
            for core, bias in zip(cores, case["bias"], strict=True)
        ],
        case["edges"],
        {**COSTS, "link_buffer": case["link_buffer"]},
        20,
    )
    net = network(
        cores,
        case["edges"],
        bias=case["bias"],
        leak_decay=[case["leak"]] * len(cores),
        input_decay=[case["decay"]] * len(cores),
        threshold=[50.0] * len(cores),
        refractory_delay=[case["refractory"]] * len(cores),
        reset_mode=[1.0 if case["soft"] else 2.0] * len(cores),
    )
    run = run_network(chip_of(mesh(link_buffer=case["link_buffer"])), net, net.cores)
    counts = counts_by_step(run)
    assert rasters(run) == literal.fired
    assert run.record.updates.sum(axis=1).tolist() == literal.updated
    assert counts.of("axon_out").sum() == counts.of("axon_in").sum() == literal.packets
    assert counts.of("hop").sum() == literal.hops
    assert counts.of("synapse").sum() == counts.of("dendrite").sum() == literal.events
    assert run.record.simple.sum() == pytest.approx(literal.simple, rel=1e-12)
    assert run.record.detailed.sum() == pytest.approx(literal.detailed, rel=1e-9)
