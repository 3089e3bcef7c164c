"""Runs with fused attention: the laws of a run, the published latencies, the search that never loses."""

from __future__ import annotations

import json
import math
from functools import cache

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies.machines import machines

import hwsim
from hwsim.arch.load import arch_of, load_arch
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import plan_from_json, plan_to_json
from hwsim.mapping.verify import verify_plan
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.validation.fusemax_layers import attention
from hwsim.workload.explicit import build_explicit
from hwsim.workload.layers.work import FUNCTIONS

MACHINES = (
    "edge_npu",
    "eyeriss",
    "flat_cloud",
    "flat_edge",
    "fusemax_cloud",
    "fusemax_edge",
    "gemmini_default",
    "tpu_v1",
    "tpu_v4i",
)
MAPPINGS = ("unfused", "resident", "flat", "fusemax", "auto")
FIDELITIES = ("bound", "analytical", "event")
WORKLOADS = {
    "bert_base": ("config.layers=2",),
    "gpt3_7b_decode": ("config.layers=2",),
    "llama3_8b": ("config.layers=1", "sequence=300"),
    "t5_small": ("config.layers=1", "config.decoder_layers=1", "target=5"),
    "transformer_xl": ("config.layers=1",),
    "deepseek_v3": ("config.layers=1", "sequence=100", "phase=decode"),
}


@cache
def run(machine, workload, mapping, fidelity="analytical"):
    overrides = tuple(f"workload.{each}" for each in WORKLOADS[workload])
    return hwsim.simulate(machine, workload, mapping, fidelity=fidelity, overrides=overrides)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("workload", WORKLOADS)
def test_auto_is_never_slower_than_any_mapping(machine, workload):
    auto = run(machine, workload, "auto").execution.cycles
    for mapping in MAPPINGS:
        assert auto <= run(machine, workload, mapping).execution.cycles, mapping


@pytest.mark.parametrize("mapping", ["flat", "fusemax"])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_laws_hold_for_fused_attention(machine, mapping):
    for workload in WORKLOADS:
        check_laws(run(machine, workload, mapping))


def check_laws(result):
    answer, execution = result.json, result.execution
    assert execution.cycles >= execution.lower_bound_cycles
    assert result.dram_bytes >= execution.compulsory_dram_bytes
    for op in answer["ops"]:
        assert op["cycles"] >= op["lower_bound_cycles"]
        assert 0 <= op["utilization"] <= 1 or op["cycles"] == 0
        assert op["compute_cycles"] + sum(op["stalls"].values()) == op["cycles"]
        assert min(op["stalls"].values()) >= 0
    root = result.arch.root.name
    moves = [move for step in result.plan.steps for move in step.transfers]
    assert result.dram_bytes == sum(m.bytes for m in moves if root in (m.source, m.destination))
    dynamic = sum(action["count"] * action["energy_per_action_j"] for action in answer["actions"])
    leaked = sum(part["leakage_w"] or 0.0 for part in answer["components"]) * answer["latency_s"]
    assert math.isclose(answer["energy_j"], dynamic + leaked, rel_tol=1e-9)
    assert all(part["utilization"] <= 1 for part in answer["components"])


@pytest.mark.parametrize("machine", ["fusemax_edge", "tpu_v4i"])
def test_a_bound_bounds_and_events_only_overlap(machine):
    for workload in ("bert_base", "t5_small"):
        bound, analytical, event = (run(machine, workload, "fusemax", each) for each in FIDELITIES)
        assert bound.execution.cycles <= event.execution.cycles <= analytical.execution.cycles
        assert bound.dram_bytes <= event.dram_bytes == analytical.dram_bytes


@st.composite
def attention_workloads(draw):
    """Random attention: batch, lengths, widths, a scale and a bias."""
    batch, queries, keys = (draw(st.integers(1, top)) for top in (3, 40, 40))
    width = draw(st.integers(1, 24))
    tensors = {"x": [batch, queries, width], "y": [batch, keys, width], "b": [batch, queries, keys]}
    rows = [f"  {name}: {{shape: {shape}, kind: input}}" for name, shape in tensors.items()]
    ops = ["{name: s, kind: matmul, inputs: [x, y], transpose_right: true}"]
    last = "s"
    if draw(st.booleans()):
        ops.append("{name: a, kind: add, inputs: [s, b]}")
        last = "a"
    ops += [f"{{name: w, kind: softmax, inputs: [{last}]}}", "{name: o, kind: matmul, inputs: [w, y]}"]
    ops.append("{name: z, kind: relu, inputs: [o]}")
    lines = ["name: random", "tensors:", *rows, "operators:", *(f"  - {op}" for op in ops)]
    return build_explicit(parse_document("\n".join(lines) + "\n", "random.yaml"))


@settings(max_examples=40, deadline=None)
@given(machines(), attention_workloads(), st.sampled_from(MAPPINGS), st.sampled_from(FIDELITIES))
def test_the_laws_hold_on_machines_nobody_wrote(machine, workload, mapping, fidelity):
    try:
        result = hwsim.simulate(machine, workload, mapping, fidelity=fidelity)
    except InputError:
        assume(False)
    assert result.execution.cycles >= result.execution.lower_bound_cycles
    assert result.json["attention"] is not None
    if fidelity == "analytical":
        check_laws(result)
    text = json.dumps(plan_to_json(result.plan))
    plan = plan_from_json(parse_document(text, "plan.json"))
    verify_plan(plan, result.arch, result.workload)
    again = hwsim.simulate(result.arch, result.workload, mapping, plan=plan, fidelity=fidelity)
    assert json.dumps(again.json) == json.dumps(result.json)


@st.composite
def other_machines(draw):
    """Row-stationary arrays, and arrays whose only memory in common is the outermost one, of any size."""
    kilobytes = draw(st.integers(1, 64))
    if draw(st.booleans()):
        sides = [f"array.{side}={draw(st.integers(1, 20))}" for side in ("rows", "columns")]
        return load_arch("eyeriss", (f"global_buffer.capacity={kilobytes} KiB", *sides))
    sizes = [f"scratchpad.capacity={kilobytes} KiB", f"accumulator.capacity={draw(st.integers(1, 64))} KiB"]
    sides = [f"mesh.{side}={draw(st.integers(1, 20))}" for side in ("rows", "columns")]
    return load_arch("gemmini_default", (*sizes, *sides, f"rocket.lanes={draw(st.integers(1, 64))}"))


@settings(max_examples=6, deadline=None)
@given(other_machines(), attention_workloads(), st.sampled_from(FIDELITIES))
def test_the_laws_hold_on_machines_of_other_shapes(machine, workload, fidelity):
    results = []
    for mapping in ("unfused", "flat", "fusemax", "auto"):
        try:
            result = hwsim.simulate(machine, workload, mapping, fidelity=fidelity)
        except InputError:
            assume(mapping != "auto")
            continue
        assert result.execution.cycles >= result.execution.lower_bound_cycles
        if fidelity == "analytical":
            check_laws(result)
        verify_plan(plan_from_json(_document(result.plan)), result.arch, result.workload)
        results.append(result.execution.cycles)
    assert fidelity != "analytical" or results[-1] == min(results)


ALL = ["input", "weight", "output"]
LANES = dict.fromkeys(FUNCTIONS, 1)
ARRAY = {
    "array": {
        "class": "systolic_array",
        "rows": 16,
        "columns": 8,
        "dataflow": "weight_stationary",
        "datatype": "fp16",
        "accumulator": "fp32",
    }
}
VECTOR = {
    "vector": {"class": "vector_unit", "lanes": 16, "datatype": "fp16", "units": ["mac"], "cycles": LANES}
}


def sram(capacity, holds, components, **more):
    return {"class": "sram", "capacity": capacity, "width": "64 B", "holds": holds} | {
        "components": components,
        **more,
    }


TREES = {
    "one for each operand": {
        "inputs": sram(
            "64 KiB",
            ["input"],
            {"weights": sram("64 KiB", ["weight"], {"outputs": sram("16 KiB", ["output"], ARRAY)})},
        ),
        **VECTOR,
    },
    "lanes behind the sums": {
        "operands": sram("64 KiB", ALL[:2], {"outputs": sram("16 KiB", ALL[2:], ARRAY | VECTOR)})
    },
    "four cores": {"buffer": sram("64 KiB", ALL, ARRAY | VECTOR, fanout=4)},
    "lanes with a memory of their own": {
        "buffer": sram("64 KiB", ALL, ARRAY),
        "scratch": sram("64 KiB", ["input", "output"], VECTOR),
    },
}


@pytest.mark.parametrize("name", TREES)
def test_memories_in_any_arrangement(name):
    dram = {"class": "dram", "device": "ddr4", "bandwidth": "20 GB/s", "efficiency": 1, "width": "64 B"}
    tree = {"dram": dram | {"components": TREES[name]}}
    text = yaml.safe_dump({"name": "m", "clock": "1 GHz", "technology": "cmos_16nm", "components": tree})
    machine = arch_of(parse_document(text, "m.yaml"))
    overrides = ("workload.config.layers=1", "workload.sequence=100")
    cycles = {}
    for mapping in ("unfused", "flat", "fusemax", "auto"):
        result = hwsim.simulate(machine, "bert_base", mapping, overrides=overrides)
        check_laws(result)
        assert (
            any(step.attention for step in result.plan.steps) == (mapping != "unfused") or mapping == "auto"
        )
        cycles[mapping] = result.execution.cycles
    assert cycles["auto"] == min(cycles.values())


def _document(plan):
    return parse_document(json.dumps(plan_to_json(plan)), "plan.json")


@settings(max_examples=20, deadline=None)
@given(machines(), attention_workloads())
def test_the_search_never_loses_on_machines_nobody_wrote(machine, workload):
    choices = {
        name: MappingChoices(name=name, attention=name) for name in ("unfused", "flat", "fusemax", "fused")
    }
    try:
        auto = hwsim.simulate(machine, workload, "auto").execution.cycles
        others = [hwsim.simulate(machine, workload, each).execution.cycles for each in choices.values()]
    except InputError:
        assume(False)
    assert auto <= min(others)


@pytest.mark.parametrize(("machine", "mapping"), [("fusemax_cloud", "fusemax"), ("flat_cloud", "flat")])
@pytest.mark.parametrize(("length", "batch"), [(1024, 64), (16384, 4), (65536, 1)])
def test_a_run_has_the_validated_latency_of_attention(machine, mapping, length, batch):
    overrides = (f"workload.sequence={length}", f"workload.batch={batch}", "workload.config.layers=1")
    result = hwsim.simulate(machine, "bert_base", mapping, overrides=overrides)
    published, _ = attention(mapping, "BERT", length)
    (op,) = [each for each in result.json["ops"] if each["name"].endswith("attention.scores")]
    assert op["latency_s"] == pytest.approx(published.latency_s * batch / 64, rel=1e-3)
    (entry,) = result.json["attention"]
    grid, lanes, _ = entry["arrays"]
    assert lanes["utilization"] == pytest.approx(published.lane_utilization, rel=1e-3)
    if mapping == "fusemax":
        assert grid["utilization"] == pytest.approx(sum(published.grid_utilization.values()), rel=1e-3)


def test_a_run_moves_what_was_validated_where_nothing_is_resident():
    overrides = ("workload.sequence=65536", "workload.config.layers=1")
    for machine, mapping in (("fusemax_cloud", "fusemax"), ("flat_cloud", "flat")):
        result = hwsim.simulate(machine, "bert_base", mapping, overrides=overrides)
        names = ("scores", "softmax", "values")
        moved = sum(
            op["dram_bytes"]
            for op in result.json["ops"]
            if op["name"].rpartition(".")[0].endswith("attention") and op["name"].rpartition(".")[2] in names
        )
        published, _ = attention(mapping, "BERT", 65536)
        assert moved == pytest.approx(published.traffic.total_bytes / 64, rel=1e-6)


def test_layers_that_are_alike_are_drawn_once():
    (entry,) = run("fusemax_edge", "bert_base", "fusemax").json["attention"]
    assert len(entry["operators"]) == 2
    assert entry["cascade"]["passes"]["M"] == 1
    assert entry["loop_nest"][0] == "for attention in 0..12"
    needs = entry["buffer"]["needed_bytes"]
    assert len(set(needs["fusemax"])) == 1
    assert needs["flat"][-1] > 500 * needs["flat"][0]
    kinds = run("edge_npu", "t5_small", "fusemax").json["attention"]
    assert len(kinds) == 3


def test_an_attention_that_is_faster_unfused_says_so():
    result = run("fusemax_cloud", "deepseek_v3", "auto")
    assert result.json["attention"] == []
    assert any("faster here than any fused choice" in note for note in result.plan.notes)
