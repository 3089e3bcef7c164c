"""The chips of the library: what they hold, and that what is not known is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strategies.spiking_networks import network

from hwsim import simulate
from hwsim.arch.load import load_arch
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.library import names
from hwsim.validation.registry import SHIPPED
from hwsim.workload.workload import Workload

CHIPS = [entry.name for entry in names("arch") if entry.folder == "neuromorphic"]
EDGES = [(i, (7 * i + k) % 30, 40.0) for i in range(30) for k in range(5)]


def net(model="lif"):
    chosen = network([-1] * 30, EDGES, bias=[9.0] * 30, threshold=[50.0] * 30, model=model)
    return replace(chosen, populations=chosen.populations[:1])


def workload(model="lif"):
    return Workload("net", {}, (), network=net(model))


@pytest.mark.parametrize(
    ("name", "cores", "neurons"),
    [
        ("loihi", 128, 131_072),
        ("loihi2", 128, 1_048_576),
        ("truenorth", 4096, 1_048_576),
        ("spinnaker2", 152, None),
        ("loihi_like", 128, 131_072),
        ("mesh_small", 8, 8192),
        ("tn_like", 8, 2048),
        ("delay_mesh", 8, 4096),
    ],
)
def test_cores_and_neurons(name, cores, neurons):
    chip = chip_of(load_arch(name))
    assert len(chip.cores) == cores
    if neurons:
        assert sum(core.kind.attributes.neurons for core in chip.cores) == neurons


def test_every_chip_is_listed_above_and_runs():
    assert len(CHIPS) == 8
    for name in CHIPS:
        model = "truenorth" if name in ("truenorth", "tn_like") else "lif"
        result = simulate(name, workload(model), fidelity="event")
        assert result.json["spiking"]["spikes"] > 0
        assert result.latency_s >= result.json["lower_bound"]["latency_s"] > 0


def test_energies_that_nobody_published_are_said_to_be_unknown():
    result = simulate("loihi2", workload(), fidelity="event")
    assert result.energy_j == 0.0
    said = "is unknown and counted as 0 J: no energy per event is published"
    assert any(said in note for note in result.plan.notes)
    own = tuple(
        f"{part}.energy={{{', '.join(f'{action}: 1 pJ' for action in actions)}}}"
        for part, actions in (
            ("mesh", ("hop_north", "hop_east", "hop_south", "hop_west")),
            *((part, ("message",)) for part in ("axon_in", "axon_out")),
            *((part, (action,)) for part, action in (("synapse", "synaptic_op"), ("dendrite", "update"))),
            ("soma", ("access", "update", "spike")),
        )
    )
    priced = simulate("loihi2", workload(), fidelity="event", overrides=own)
    assert priced.energy_j > 0.0
    assert not any(said in note for note in priced.plan.notes)


@pytest.mark.parametrize("name", ["loihi_like", "mesh_small", "tn_like", "delay_mesh"])
def test_the_machines_of_the_reference_are_those_of_its_files(name):
    theirs = chip_of(load_arch(str(SHIPPED / "sanafe" / "arch" / f"{name}.yaml")))
    ours = chip_of(load_arch(name))
    model = "truenorth" if name == "tn_like" else "lif"
    cores = np.arange(30) % len(ours.cores)
    first, second = (run_network(chip, net(model), cores).record for chip in (ours, theirs))
    np.testing.assert_array_equal(first.detailed, second.detailed)
    energies = (
        {part.name: dict(part.attributes.energy) for part in chip.arch.walk()} for chip in (ours, theirs)
    )
    assert next(energies) == next(energies)


def test_static_power_is_charged_over_the_run():
    result = simulate("loihi", workload(), fidelity="event")
    assert result.prices.leakage_energy == pytest.approx(0.104 * result.latency_s)
    assert result.energy_j == pytest.approx(result.prices.dynamic_energy + result.prices.leakage_energy)
