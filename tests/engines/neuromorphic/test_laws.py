"""Laws of a run on neuromorphic cores, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network, rasters

from hwsim.energy.load import load_technology
from hwsim.energy.spiking import energy_by_bucket
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.counts import counts_by_population, counts_by_step
from hwsim.engines.neuromorphic.placement import placed
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.errors import InputError

CHAIN = [(0, 1, 60.0), (1, 2, 60.0), (2, 3, 60.0)]


def energies(arch, run):
    return energy_by_bucket(counts_by_step(run), arch, load_technology(arch.technology))


def test_without_spikes_only_visits_and_updates_cost_energy():
    arch = mesh()
    net = network([0, 1, 2, 3], CHAIN, bias=[1.0] * 4, threshold=[1e9] * 4)
    found = {
        bucket: joules.sum()
        for bucket, joules in energies(arch, run_network(chip_of(arch), net, net.cores)).items()
    }
    assert found.pop("soma") == pytest.approx(20 * 4 * (10 + 5) * 1e-12)
    assert set(found.values()) == {0.0}


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 3))
def test_spikes_and_local_energy_do_not_depend_on_which_core_is_which(order, refractory):
    arch = mesh()
    chip = chip_of(arch)
    edges = [(i, (5 * i + k) % 12, 10.0 + k) for i in range(12) for k in range(4)]
    at = [i % 6 for i in range(12)]
    nets = [
        network(
            [cores[core] for core in at],
            edges,
            bias=np.arange(12) * 3.0,
            threshold=[50.0] * 12,
            refractory_delay=[refractory] * 12,
        )
        for cores in (list(range(6)), order)
    ]
    first, second = (run_network(chip, net, net.cores) for net in nets)
    assert rasters(first) == rasters(second)
    before, after = energies(arch, first), energies(arch, second)
    for bucket in ("synapse", "dendrite", "soma", "axon_in", "axon_out"):
        np.testing.assert_array_equal(before[bucket], after[bucket])


def test_the_order_of_edges_does_not_matter_to_the_last_bit():
    arch, rng = mesh(), np.random.default_rng(3)
    ends, weights = rng.integers(0, 12, (80, 2)).tolist(), rng.normal(9, 9, 80).tolist()
    edges = [(source, target, weight) for (source, target), weight in zip(ends, weights, strict=True)]
    results = []
    for shuffled in (edges, edges[::-1]):
        net = network([i % 6 for i in range(12)], shuffled, bias=[7.3] * 12, threshold=[20.0] * 12)
        run = run_network(chip_of(arch), net, net.cores)
        results.append((run.fired.tobytes(), run.record.detailed.tobytes(), run.record.events.tobytes()))
    assert results[0] == results[1]


def test_populations_add_up_to_steps():
    arch = mesh()
    net = network([0, 1, 2, 3, 4], [*CHAIN, (4, 0, 60.0)], trains={4: [1, 5, 9]}, threshold=[50.0] * 5)
    run = run_network(chip_of(arch), net, net.cores)
    by_step, by_population = counts_by_step(run), counts_by_population(run, net)
    assert by_step.kinds == by_population.kinds
    np.testing.assert_array_equal(by_step.table.sum(axis=0), by_population.table.sum(axis=0))
    assert rasters(run)[:5] == [[4], [0], [1], [2], [3, 4]]


def test_a_spike_with_a_delay_arrives_that_much_later():
    arch = mesh(buffer="dendrite", inside="true", dendrite="accumulator_with_delay")
    net = network([0, 1], [(0, 1, 60.0, 5)], trains={0: [2]}, threshold=[50.0] * 2)
    run = run_network(chip_of(arch), net, placed(chip_of(arch), net))
    assert [step for step, fired in enumerate(rasters(run), start=1) if 1 in fired] == [2 + 1 + 5]


@pytest.mark.parametrize(
    ("buffer", "inside", "dendrite", "says"),
    [
        ("soma", "false", "accumulator_with_delay", "isolated spikes are lost"),
        ("dendrite", "true", "accumulator", "always reads zero"),
        ("dendrite", "false", "accumulator", "only the last synaptic current"),
        ("dendrite", "false", "accumulator_with_delay", "not defined"),
    ],
)
def test_combinations_that_lose_spikes_are_refused_by_name(buffer, inside, dendrite, says):
    with pytest.raises(
        InputError, match=f"dendrite 'den' of model '{dendrite}' loses spikes: .*{says}"
    ) as error:
        chip_of(mesh(buffer=buffer, inside=inside, dendrite=dendrite))
    assert error.value.position is not None


@pytest.mark.parametrize(
    ("chip", "net", "says"),
    [
        (
            {"neurons": 2},
            network([0, 0, 0, 1], CHAIN),
            "core 0 of 'test_mesh' has 1 neurons too many: 3 where 2 fit",
        ),
        ({"memory": "1 B"}, network([0, 1, 1, 1], CHAIN), "core 1 .* has 2 bytes of synapses too many"),
        (
            {},
            network([0] * 5, [], trains={i: [1] for i in range(5)}),
            "core 0 .* 1 input neurons too many: 5 where 4",
        ),
        ({}, network([0, 1], [(0, 1, 1.0, 3)]), "delay of 3 time steps, core 1 .* keeps currents for 0"),
        ({}, network([0, 9], [(0, 1, 1.0)]), "neuron 1 is on core 9; 'test_mesh' has cores 0 to 5"),
    ],
)
def test_what_does_not_fit_is_refused_with_how_much_and_where(chip, net, says):
    with pytest.raises(InputError, match=says):
        placed(chip_of(mesh(**chip)), net)


def test_a_delay_beyond_the_buffer_is_refused():
    arch = mesh(buffer="dendrite", inside="true", dendrite="accumulator_with_delay")
    with pytest.raises(InputError, match=re.escape("0 -> 1 has a delay of 6 time steps, core 1")):
        placed(chip_of(arch), network([0, 1], [(0, 1, 1.0, 6)]))


@pytest.mark.parametrize(
    ("model", "parameters", "says"),
    [
        ("spiky", {}, "no soma for neurons of model 'spiky'"),
        ("truenorth", {"leak_decay": [0.5]}, "has no parameter 'leak_decay'"),
    ],
)
def test_models_and_parameters_that_are_not_there_are_refused(model, parameters, says):
    net = network([0], [], model=model, **parameters)
    with pytest.raises(InputError, match=says):
        run_network(chip_of(mesh()), net, net.cores)
