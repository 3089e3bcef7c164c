"""Spiking networks by their layers on chips: counts equal runs spike by spike, bounds hold."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim import simulate
from hwsim.spec.errors import InputError
from hwsim.spec.library import names

SPIKING = [entry.name for entry in names("workload") if entry.folder == "spiking"]
INPUTS, OUTPUTS, STEPS = 40, 30, 16

LAYERS = f"""\
name: layers
family: spiking_network
config: {{channels: {INPUTS}, places: [], layers: [{{kind: conv, name: fc, channels: {OUTPUTS}, rate: RATE}},
  {{kind: conv, name: last, channels: 1, rate: 1.0e-9}}]}}
parameters: {{timesteps: {STEPS}}}
"""
NEURONS = f"""\
name: neurons
nodes:
  in: {{type: Input, shape: [{INPUTS}]}}
  fc: {{type: Linear, weight: WEIGHT}}
  lif: {{type: LIF, tau: 0.1, r: 1, v_leak: 1, v_threshold: 1000000}}
edges: [[in, fc], [fc, lif]]
parameters: {{timesteps: {STEPS}, input_spikes: in.csv}}
"""


@pytest.fixture
def both(tmp_path):
    """The same network told by layers, and neuron by neuron with exactly the spikes that its rate says."""
    spikes = np.random.default_rng(0).random((INPUTS, STEPS)) < 0.25
    lines = [f"{i},{' '.join(str(t + 1) for t in np.flatnonzero(row))}" for i, row in enumerate(spikes)]
    (tmp_path / "in.csv").write_text("id,steps\n" + "\n".join(lines) + "\n")
    (tmp_path / "neurons.yaml").write_text(
        NEURONS.replace("WEIGHT", str(np.ones((OUTPUTS, INPUTS)).tolist()))
    )
    (tmp_path / "layers.yaml").write_text(LAYERS.replace("RATE", repr(float(spikes.mean()))))
    return [str(tmp_path / f"{name}.yaml") for name in ("layers", "neurons")]


def counted(result, *wanted):
    found = dict.fromkeys(wanted, 0)
    for op in result.execution.operators:
        for action in op.actions:
            if (action.component, action.action) in found:
                found[action.component, action.action] += action.count
    return found


def test_events_are_those_of_a_run_spike_by_spike(both):
    layers, neurons = (simulate("loihi", each) for each in both)
    events = [("synapse", "synaptic_op"), ("soma", "update"), ("soma", "access")]
    told, ran = counted(layers, *events), counted(neurons, *events)
    assert told["synapse", "synaptic_op"] == ran["synapse", "synaptic_op"] > 4000
    assert told["soma", "update"] - STEPS * OUTPUTS in (0, STEPS * INPUTS)
    assert ran["soma", "update"] == STEPS * OUTPUTS


@pytest.mark.parametrize("name", SPIKING)
def test_every_network_of_the_library_runs_and_is_above_its_bound(name):
    found = {each: simulate("spinnaker2", name, fidelity=each) for each in ("bound", "analytical")}
    bound, analytical = found["bound"], found["analytical"]
    assert 0 < bound.execution.cycles <= analytical.execution.cycles
    assert bound.prices.dynamic_energy <= analytical.prices.dynamic_energy
    for result in found.values():
        assert result.execution.lower_bound_cycles <= result.execution.cycles * (1 + 1e-12)
        assert result.execution.compulsory_dram_bytes <= sum(
            op.dram_bytes for op in result.execution.operators
        )


def test_what_does_not_fit_says_how_many_chips_would_hold_it():
    with pytest.raises(InputError, match=r"need \d+ cores, 'loihi' has 128 .* \d+ chips would hold it"):
        simulate("loihi", "spikeformer_8_512")


def test_there_are_no_events_without_neurons():
    with pytest.raises(InputError, match="no events can be run"):
        simulate("spinnaker2", "sew_resnet18", fidelity="event")


def test_more_spikes_never_cost_less():
    results = [
        simulate("spinnaker2", "sew_resnet18", overrides=(f"workload.rate={r}",)) for r in (0.01, 0.1, 0.9)
    ]
    energies, times = (
        [f(each) for each in results]
        for f in (lambda r: r.prices.dynamic_energy, lambda r: r.execution.cycles)
    )
    assert energies == sorted(energies)
    assert times == sorted(times)


def test_ordinary_machines_run_the_same_graph_densely():
    result = simulate("edge_npu", "spiking_lmuformer_256")
    assert sum(op.macs for op in result.execution.operators) == result.workload.macs
