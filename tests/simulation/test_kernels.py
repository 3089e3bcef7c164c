"""Workloads on GPUs and CPUs: the laws of a run, and what is one kernel."""

from __future__ import annotations

import json

import pytest

from hwsim.arch.load import load_arch
from hwsim.engines.gpu.processor import datasheet_of
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import plan_to_json
from hwsim.pipeline import describe, map_workload, read_plan, simulate
from hwsim.simulation.kernel_steps import attentions_of, call_of, kernels_of
from hwsim.spec.errors import InputError
from hwsim.spec.library import names

RUNS = [
    ("h100_sxm", "llama3_8b", ("workload.phase=decode",)),
    ("a100_sxm", "bert_base", ()),
    ("l40s", "resnet50", ()),
    ("v100_pcie", "bert_base", ("workload.sequence=128",)),
    ("h200_sxm", "mixtral_8x7b", ("workload.phase=decode",)),
    ("cpu_host", "bert_base", ("workload.sequence=64",)),
]


@pytest.mark.parametrize(("arch", "workload", "overrides"), RUNS)
def test_the_laws_of_a_run(arch, workload, overrides):
    result = simulate(arch, workload, overrides=overrides).json
    least = simulate(arch, workload, overrides=overrides, fidelity="bound").json
    ops = result["ops"]
    assert result["latency_s"] == pytest.approx(sum(op["latency_s"] for op in ops))
    assert least["latency_s"] <= result["latency_s"]
    assert least["latency_s"] >= result["lower_bound"]["latency_s"]
    assert result["dram_bytes"] >= result["lower_bound"]["dram_bytes"]
    assert result["dynamic_energy_j"] == pytest.approx(sum(op["energy_j"] for op in ops))
    assert 0 < result["utilization"] < 1
    for op in ops:
        assert op["cycles"] >= op["lower_bound_cycles"]
        assert op["cycles"] == pytest.approx(op["compute_cycles"] + sum(op["stalls"].values()))
        assert op["utilization"] <= 1
        assert op["error_band"]


def test_attention_and_gates_are_one_kernel_and_every_operator_is_in_one():
    _, workload = describe("h100_sxm", "llama3_8b", ("workload.phase=decode", "workload.batch=4"))
    kernels = kernels_of(workload, attentions_of(workload))
    assert sorted(op.name for kernel in kernels for op in kernel) == sorted(workload.by_name)
    fused = [call_of(workload, kernel) for kernel in kernels if len(kernel) > 1]
    assert {call.operator for call in fused} == {"attention_decode", "silu_mul"}
    decode = next(call for call in fused if call.operator == "attention_decode")
    assert dict(decode.sizes) == {"batch": 4, "heads": 32, "kv_heads": 8, "head_dim": 128, "kv_len": 2049}


def test_a_prompt_is_causal_attention_over_itself():
    _, workload = describe("h100_sxm", "llama3_8b", ("workload.sequence=512",))
    calls = [call_of(workload, kernel) for kernel in kernels_of(workload, attentions_of(workload))]
    prefill = next(call for call in calls if call and call.operator == "attention_prefill")
    assert (prefill.sizes["seq"], prefill.sizes["heads"], prefill.sizes["causal"]) == (512, 32, 1)


@pytest.mark.parametrize("arch", ["h100_sxm", "t4", "cpu_host"])
@pytest.mark.parametrize(
    ("workload", "overrides"),
    [("bert_base", ("workload.config.layers=2",)), ("mistral_7b", ("workload.config.layers=1",))],
)
def test_auto_takes_the_faster_of_one_kernel_and_one_an_operator(arch, workload, overrides):
    auto, unfused = (simulate(arch, workload, name, overrides=overrides) for name in ("auto", "unfused"))
    whole = simulate(arch, workload, MappingChoices(name="mine", attention="fused"), overrides=overrides)
    assert auto.latency_s <= min(unfused.latency_s, whole.latency_s)
    kernels = [{task.operator for task in step.tasks} for step in unfused.plan.steps]
    assert {"layer0.attention.scores"} in kernels
    assert any(len(step.tasks) == 3 for step in whole.plan.steps)


@pytest.mark.parametrize("mapping", ["flat", "fusemax"])
def test_kernels_are_not_divided_between_arrays(mapping):
    with pytest.raises(InputError, match=f"no matrix engine and vector unit .* '{mapping}'"):
        simulate("h100_sxm", "bert_base", mapping)
    assert simulate("h100_sxm", "resnet50", mapping).latency_s > 0


def test_a_plan_can_be_written_read_and_followed(tmp_path):
    machine, workload = describe("a100_sxm", "bert_base")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_to_json(map_workload(machine, workload))))
    followed = simulate("a100_sxm", "bert_base", plan=read_plan(path))
    assert followed.latency_s == simulate("a100_sxm", "bert_base").latency_s


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda steps: steps[1:], "leaves out|before"),
        (lambda steps: [steps[0], *steps], "runs once"),
        (lambda steps: [steps[1], steps[0], *steps[2:]], "."),
        (
            lambda steps: [{**steps[0], "tasks": steps[0]["tasks"] + steps[1]["tasks"]}, *steps[2:]],
            "no kernel does",
        ),
    ],
)
def test_a_plan_that_is_none_is_refused(tmp_path, change, message):
    machine, workload = describe("a100_sxm", "bert_base")
    plan = plan_to_json(map_workload(machine, workload))
    first = next(
        place for place, step in enumerate(plan["steps"]) if step["tasks"][0]["operator"] == "embedding"
    )
    steps = plan["steps"][:first] + change(plan["steps"][first:])
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**plan, "steps": steps}))
    with pytest.raises(InputError, match=message):
        simulate("a100_sxm", "bert_base", plan=read_plan(path))


@pytest.mark.parametrize(
    ("arch", "workload", "fidelity", "message"),
    [
        ("t4", "llama3_70b", "analytical", "needs .* GB, 't4' has 16 GB"),
        ("h100_sxm", "bert_base", "event", "no model at fidelity 'event'"),
    ],
)
def test_what_cannot_run_says_why(arch, workload, fidelity, message):
    with pytest.raises(InputError, match=message):
        simulate(arch, workload, fidelity=fidelity)


def test_a_gpu_never_measured_says_so_in_its_bands():
    def bands(arch):
        return {op["error_band"] for op in simulate(arch, "bert_base").json["ops"]}

    assert not any("measured on" in band for band in bands("h100_sxm"))
    assert all("measured on B200-SXM-180GB" in band for band in bands("b200_sxm"))


@pytest.mark.parametrize(
    ("name", "routing", "active"), [("mixtral_8x7b", "uniform", 8), ("qwen2_57b_a14b", "zipf:1.2", None)]
)
def test_a_mixture_of_experts_is_one_kernel_with_the_loads_of_its_routing(name, routing, active):
    overrides = ("workload.phase=decode", "workload.batch=32", f"workload.routing={routing}")
    _, workload = describe("b200_sxm", name, overrides)
    calls = [call_of(workload, kernel) for kernel in kernels_of(workload, attentions_of(workload))]
    mixtures = [call for call in calls if call and call.operator == "moe"]
    assert len(mixtures) == len([op for op in workload.operators if op.kind == "combine"])
    call = mixtures[0]
    groups = [tuple(map(int, group.split("x"))) for group in call.words["distribution"].split("_")[1:]]
    assert sum(experts * tokens for experts, tokens in groups) == 32 * call.sizes["topk"]
    assert sum(experts for experts, _ in groups) == call.sizes["experts"]
    assert call.sizes["tokens"] == 32
    assert active is None or call.sizes["experts"] == active


def test_skewed_routing_costs_what_it_leaves_idle_and_a_plan_of_it_can_be_followed(tmp_path):
    def latency(routing):
        overrides = ("workload.sequence=1024", f"workload.routing={routing}", "workload.config.layers=2")
        return simulate("h100_sxm", "mixtral_8x7b", overrides=overrides)

    even, skewed = latency("uniform"), latency("zipf:1.5")
    assert skewed.latency_s > 1.02 * even.latency_s
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_to_json(even.plan)))
    overrides = ("workload.sequence=1024", "workload.config.layers=2")
    again = simulate("h100_sxm", "mixtral_8x7b", plan=read_plan(path), overrides=overrides)
    assert again.latency_s == even.latency_s


GPUS = [entry.name for entry in names("arch") if entry.folder == "gpu"]


@pytest.mark.parametrize("arch", GPUS)
def test_no_gpu_draws_more_than_its_cap_nor_less_than_it_does_idle(arch):
    cap = datasheet_of(load_arch(arch)).power
    for phase in ("prefill", "decode"):
        overrides = (f"workload.phase={phase}", "workload.config.layers=2", "workload.sequence=2048")
        result = simulate(arch, "llama2_7b", overrides=overrides).json
        idle = result["leakage_energy_j"] / result["latency_s"]
        assert idle < result["power_w"] < cap
    products = [op for op in result["actions"] if op["component"] == "gpu"]
    assert products
    assert all(op["source"] for op in products)


def test_eager_kernels_take_longer_where_they_are_short():
    overrides = ("workload.phase=decode", "workload.config.layers=2")
    graph = simulate("h100_sxm", "llama3_8b", overrides=overrides)
    eager = simulate("h100_sxm", "llama3_8b", overrides=(*overrides, "gpu.launch=eager"))
    assert eager.latency_s > 1.02 * graph.latency_s
    assert min(op["latency_s"] for op in eager.json["ops"] if op["latency_s"]) == pytest.approx(5e-6)
