"""``hwsim run`` and ``hwsim map`` of spiking networks: SANA-FE's files as they are."""

from __future__ import annotations

import json
import shutil

import pytest

from hwsim.validation.registry import SHIPPED

CASES = SHIPPED / "sanafe"


@pytest.fixture
def case(tmp_path):
    for name in ("arch", "inp_spikes"):
        shutil.copytree(CASES / name, tmp_path / name)
    return tmp_path


def run(hwsim, *more, fidelity="event"):
    done = hwsim(
        *("run", "--arch", "arch/mesh_small.yaml", "--workload", "inp_spikes"),
        *("--fidelity", fidelity, "--json", "-", *more),
    )
    assert done.status == 0, done.err
    return json.loads(done.out)


def test_a_network_runs_as_in_the_reference(hwsim, case):
    result = run(hwsim)
    reference = json.loads((case / "inp_spikes" / "result.json").read_text())
    spiking = result["spiking"]
    assert result["energy_j"] == pytest.approx(reference["energy_J"]["total"], rel=1e-9)
    assert result["latency_s"] == pytest.approx(reference["sim_time_s"]["detailed"], rel=0.01)
    assert spiking["raster_sha256"] == reference["raster_sha256"]
    assert [spiking[key] for key in ("spikes", "updates", "packets", "hops", "synaptic_ops")] == [
        reference[key] for key in ("neurons_fired", "neurons_updated", "packets", "hops", "synaptic_events")
    ]
    assert sum(spiking["steps"]["latency_s"]) == pytest.approx(result["latency_s"])
    assert len(spiking["raster"]["step"]) == spiking["spikes"]
    assert sum(each["energy_j"] for each in result["actions"]) == pytest.approx(result["energy_j"])


def test_fidelities_are_in_order(hwsim, case):
    found = [run(hwsim, fidelity=each) for each in ("bound", "analytical", "event")]
    times, energies = ([each[key] for each in found] for key in ("latency_s", "energy_j"))
    assert times == sorted(times)
    assert energies == sorted(energies)
    reference = json.loads((case / "inp_spikes" / "result.json").read_text())
    assert times[1] == pytest.approx(reference["sim_time_s"]["simple"], rel=1e-9)
    assert all(each["lower_bound"]["latency_s"] <= each["latency_s"] for each in found)


def test_parameters_are_set_by_name(hwsim, case):
    assert len(run(hwsim, "--set", "workload.timesteps=7")["spiking"]["steps"]["spikes"]) == 7
    (case / "inp_spikes" / "case.json").unlink()
    done = hwsim("run", "--arch", "arch/mesh_small.yaml", "--workload", "inp_spikes")
    assert done.status == 2
    assert "the key 'timesteps' is missing" in done.err
    assert len(run(hwsim, "--set", "workload.timesteps=7")["spiking"]["steps"]["spikes"]) == 7


def test_a_plan_is_made_kept_and_followed(hwsim, case):
    neurons = case / "inp_spikes" / "neurons.csv"
    lines = [line.split(",") for line in neurons.read_text().splitlines()]
    neurons.write_text("\n".join(",".join([line[0], *line[2:]]) for line in lines) + "\n")
    done = hwsim("map", "--arch", "arch/mesh_small.yaml", "--workload", "inp_spikes", "-o", "plan.json")
    assert done.status == 0, done.err
    plan = json.loads((case / "plan.json").read_text())
    assert len(plan["cores"]) == len(lines) - 1
    assert run(hwsim, "--plan", "plan.json")["latency_s"] == run(hwsim)["latency_s"]
    plan["cores"][3] = 99
    (case / "plan.json").write_text(json.dumps(plan))
    wrong = hwsim(
        *("run", "--arch", "arch/mesh_small.yaml", "--workload", "inp_spikes", "--plan", "plan.json")
    )
    assert wrong.status == 2
    assert "neuron 3 on core 99" in wrong.err


@pytest.mark.parametrize(
    ("arch", "workload", "says"),
    [
        ("arch/mesh_small.yaml", "bert_base", "runs networks of neurons"),
        ("tpu_v1", "inp_spikes", "is a network of neurons"),
        ("arch/tn_like.yaml", "inp_spikes", "has no soma unit 'lif'; known: inp, tn"),
    ],
)
def test_machines_and_workloads_that_do_not_go_together(hwsim, case, arch, workload, says):
    done = hwsim("run", "--arch", arch, "--workload", workload)
    assert done.status == 2
    assert says in done.err


GRAPH = """\
name: graph
nodes:
  in: {type: Input, shape: [8]}
  late: {type: Delay, delay: DELAY}
  fc: {type: Linear, weight: WEIGHT}
  lif: {type: LIF, tau: 0.02, r: 1, v_leak: 0, v_threshold: 1}
edges: [[in, late], [late, fc], [fc, lif]]
"""


@pytest.mark.parametrize(
    ("delay", "sets", "says", "at"),
    [
        (
            "0.001",
            ("core.neurons=1", "tile.fanout=1"),
            "12 of its 16 neurons find no core with room",
            "core.neurons",
        ),
        ("0.001", ("core.synapse_memory=4 B",), "bytes of synapses, the cores have", "core.synapse_memory"),
        ("0.2", (), "has a delay of 200 time steps, core", "max_delay"),
        (".nan", (), "late", "DELAY"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(hwsim, tmp_path, delay, sets, says, at):
    weight = str([[1.0] * 8] * 8)
    (tmp_path / "graph.yaml").write_text(GRAPH.replace("DELAY", delay).replace("WEIGHT", weight))
    options = [word for each in sets for word in ("--set", each)]
    done = hwsim("run", "--arch", "loihi", "--workload", "graph.yaml", "--fidelity", "event", *options)
    assert done.status == 2
    assert says in done.err
    assert "^" in done.err
    assert at in done.err or delay in done.err


def test_a_nir_graph_runs_from_the_command_line(hwsim, tmp_path):
    import numpy as np
    from strategies.plain_network import write_nir

    ones = np.ones(4)
    lif = {"tau": 0.02 * ones, "r": 20 * ones, "v_leak": 0 * ones, "v_threshold": ones, "v_reset": 0 * ones}
    nodes = {"in": ("Input", {"shape": np.array([4])}), "lif": ("LIF", lif)}
    write_nir(tmp_path / "net.nir", nodes, [("in", "lif")])
    done = hwsim("run", "--arch", "loihi", "--workload", "net.nir", "--fidelity", "event", "--json", "-")
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert answer["spiking"]["spikes"] > 0
    assert any("time steps of 1 ms, forward euler" in note for note in answer["notes"])
    assert hwsim("import", "net.nir", "-o", "net.yaml").status == 0
    again = hwsim("run", "--arch", "loihi", "--workload", "net.yaml", "--fidelity", "event", "--json", "-")
    assert json.loads(again.out)["spiking"]["raster_sha256"] == answer["spiking"]["raster_sha256"]
    (tmp_path / "cut.nir").write_bytes((tmp_path / "net.nir").read_bytes()[:2000])
    cut = hwsim("run", "--arch", "loihi", "--workload", "cut.nir")
    assert cut.status == 2
    assert "cut.nir:1:1: the file is cut short" in cut.err
