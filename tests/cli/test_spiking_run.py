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
