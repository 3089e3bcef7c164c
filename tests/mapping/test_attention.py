"""Finding attention in workloads, fusing it into steps, and refusing plans that were tampered with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hwsim.arch.load import arch_of, load_arch
from hwsim.mapping.choices import MappingChoices, load_mapping
from hwsim.mapping.fused.groups import AttentionGroup, NotFused, attention_groups
from hwsim.mapping.plan import plan_from_json, plan_to_json
from hwsim.mapping.plan_text import plan_text
from hwsim.mapping.verify import verify_plan
from hwsim.pipeline import describe, map_workload
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.explicit import build_explicit


def groups(workload, *overrides):
    _, network = describe("edge_npu", workload, tuple(f"workload.{each}" for each in overrides))
    return attention_groups(network)


def of(first):
    return first.shape.batch, first.shape.queries, first.shape.keys, first.shape.embed, first.shape.values


def test_heads_and_sequences_are_instances():
    found = groups("bert_base", "batch=3", "sequence=128")
    assert len(found) == 12
    assert of(found[0]) == (36, 128, 128, 64, 64)
    assert not found[0].shape.masked
    assert [op.name.rpartition(".")[2] for op in found[0].operators] == ["scores", "softmax", "values"]


def test_heads_of_queries_that_share_keys_are_more_queries():
    found = groups("llama3_8b", "sequence=256")
    assert of(found[0]) == (8, 4 * 256, 256, 128, 128)
    assert found[0].shape.masked


def test_decoding_has_one_query_and_no_mask():
    found = groups("gpt3_7b_decode")
    assert of(found[0]) == (32, 1, 2048, 128, 128)
    assert not found[0].shape.masked


def test_latent_attention_shares_its_rows_among_all_heads():
    expanded = groups("deepseek_v3", "sequence=64", "config.layers=1")[0]
    absorbed = groups("deepseek_v3", "sequence=64", "config.layers=1", "phase=decode")[0]
    assert of(expanded) == (128, 64, 64, 192, 128)
    assert of(absorbed) == (1, 128, 65, 576, 512)
    assert absorbed.key == absorbed.value


def test_a_sliding_window_counts_the_keys_it_reaches():
    found = groups("mistral_7b", "sequence=8192")
    assert of(found[0])[2] == 8192
    assert found[0].shape.masked


def test_relative_positions_and_other_sequences():
    kinds = {each.name.split(".")[1]: each for each in groups("t5_small", "target=7")}
    own, other = kinds["attention"], kinds["cross_attention"]
    assert own.biases == ("decoder_positions",)
    assert other.biases == ()
    assert of(other) == (8, 7, 512, 64, 64)
    found = groups("transformer_xl")[0]
    assert found.shape.masked
    assert found.biases == ("layer0.attention.position_shift",)


def explicit(
    operators, tensors="  x: {shape: [2, 8, 16], kind: input}\n  y: {shape: [2, 24, 16], kind: input}\n"
):
    text = f"name: w\nparameters: {{batch: 2}}\ntensors:\n{tensors}operators:\n{operators}"
    return build_explicit(parse_document(text, "w.yaml")).with_datatype("fp16")


SCORES = "  - {name: s, kind: matmul, inputs: [x, y], transpose_right: true}\n"
VALUES = "  - {name: o, kind: matmul, inputs: [w, y]}\n"


def test_attention_written_operator_by_operator():
    (found,) = attention_groups(explicit(f"{SCORES}  - {{name: w, kind: softmax, inputs: [s]}}\n{VALUES}"))
    assert isinstance(found, AttentionGroup)
    assert of(found) == (2, 8, 24, 16, 16)


def test_scales_and_biases_before_the_softmax_belong_to_it():
    tensors = "  x: {shape: [2, 8, 16], kind: input}\n  y: {shape: [2, 24, 16], kind: input}\n"
    tensors += "  one: {shape: [1], kind: weight}\n  b: {shape: [2, 8, 24], kind: input}\n"
    between = "  - {name: t, kind: multiply, inputs: [s, one]}\n  - {name: u, kind: add, inputs: [t, b]}\n"
    chain = f"{SCORES}{between}  - {{name: w, kind: softmax, inputs: [u]}}\n{VALUES}"
    (found,) = attention_groups(explicit(chain, tensors))
    assert isinstance(found, AttentionGroup)
    assert [op.name for op in found.operators] == ["s", "t", "u", "w", "o"]
    assert (found.biases, found.shape.biases) == (("b",), 1)


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        ("  - {name: t, kind: gelu, inputs: [s]}\n  - {name: w, kind: softmax, inputs: [t]}\n", "does more"),
        ("  - {name: w, kind: softmax, inputs: [s], axis: 1}\n", "its softmax runs over 8 scores"),
    ],
)
def test_what_the_model_does_not_cover_says_why(between, reason):
    (found,) = attention_groups(explicit(f"{SCORES}{between}{VALUES}"))
    assert isinstance(found, NotFused)
    assert reason in found.reason


def test_a_softmax_that_is_no_attention_is_left_alone():
    assert attention_groups(explicit(f"{SCORES}  - {{name: w, kind: softmax, inputs: [s]}}\n")) == ()
    elsewhere = "  - {name: r, kind: relu, inputs: [s]}\n"
    both = f"{SCORES}  - {{name: w, kind: softmax, inputs: [s]}}\n{VALUES}{elsewhere}"
    assert attention_groups(explicit(both)) == ()


def planned(arch="edge_npu", workload="bert_base", mapping="fusemax", *overrides):
    machine, network = describe(arch, workload, ("workload.sequence=256", *overrides))
    return map_workload(machine, network, mapping), machine, network


def test_a_fused_attention_is_one_step_with_room_and_transfers():
    plan, _, _ = planned()
    steps = [step for step in plan.steps if step.attention]
    assert len(steps) == 12
    assert all(len(step.tasks) == 3 for step in steps)
    assert [task.component for task in steps[0].tasks] == ["array", "vector", "array"]
    text = list(plan_text(plan, load_arch("edge_npu")))
    assert "  fused attention, fusemax_cascade: bands of 256 queries stay, keys and values stream" in text


def test_what_cannot_be_fused_runs_unfused_and_says_why():
    between = "  - {name: t, kind: gelu, inputs: [s]}\n  - {name: w, kind: softmax, inputs: [t]}\n"
    machine, network = describe("edge_npu", explicit(f"{SCORES}{between}{VALUES}"))
    plan = map_workload(machine, network, "auto")
    assert not any(step.attention for step in plan.steps)
    (note,) = [note for note in plan.notes if "attention" in note]
    assert note.startswith("attention runs unfused in 1 layers: 't' (gelu) does more")
    assert not map_workload(machine, network, "unfused").notes
    with pytest.raises(InputError, match=r"no attention of 'w' runs 'flat' on 'edge_npu': 't' \(gelu\)"):
        map_workload(machine, network, "flat")


@pytest.mark.parametrize("arch", ["gemmini_default", "eyeriss"])
@pytest.mark.parametrize("mapping", ["flat", "fusemax"])
def test_attention_runs_fused_on_machines_of_other_shapes(arch, mapping):
    plan, machine, network = planned(arch, mapping=mapping)
    verify_plan(plan, machine, network)
    steps = [step for step in plan.steps if step.attention]
    assert len(steps) == 12
    lanes = {step.tasks[1].component for step in steps}
    assert lanes == {"rocket" if arch == "gemmini_default" else "vector"}


def test_scores_pass_the_dram_where_the_arrays_meet_nowhere_else():
    plan, _, network = planned("gemmini_default", mapping="flat")
    step = next(step for step in plan.steps if step.attention)
    scores = network.tensors[step.tasks[0].operator]
    moved = {(move.tensor, move.source, move.destination): move.bytes for move in step.transfers}
    assert moved[scores.name, "accumulator", "system_memory"] == scores.bytes
    assert moved[scores.name, "system_memory", "rocket"] >= 2 * scores.bytes
    weights = network.tensors[step.tasks[1].operator]
    assert moved[weights.name, "rocket", "system_memory"] >= weights.bytes
    assert moved[weights.name, "system_memory", "scratchpad"] >= weights.bytes
    needed = {space.memory: space.bytes for space in step.workspaces}
    assert needed["accumulator"] == 2 * 16 * 16 * 4
    assert 0 < needed["scratchpad"] <= 256 * 1024


def test_what_was_asked_for_and_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"runs 'fusemax' on 'edge_npu': buffer 'buffer' is too small"):
        planned("edge_npu", "bert_base", "fusemax", "buffer.capacity=8 KiB")
    with pytest.raises(InputError, match="machine 'edge_npu' has no vector unit with max"):
        text = (Path(__file__).parents[2] / "arch_configs/systolic/edge_npu.yaml").read_text()
        machine = arch_of(parse_document(text.replace("              max: 1\n", ""), "edge.yaml"))
        planned(machine, mapping="flat")


def test_the_choices_of_a_mapping():
    names = {
        name: load_mapping(name).attention for name in ("auto", "flat", "fusemax", "unfused", "resident")
    }
    assert names == {
        "auto": "auto",
        "flat": "flat",
        "fusemax": "fusemax",
        "unfused": "unfused",
        "resident": "unfused",
    }
    assert MappingChoices(name="mine").attention == "auto"


def test_a_plan_file_holds_everything():
    plan, machine, network = planned(mapping="flat")
    again = plan_from_json(parse_document(json.dumps(plan_to_json(plan)), "plan.json"))
    assert again == plan
    verify_plan(again, machine, network)


def tampered(plan, change):
    """The plan with its first fused step changed."""
    steps = list(plan.steps)
    place = next(number for number, step in enumerate(steps) if step.attention)
    steps[place] = change(steps[place])
    return replace(plan, steps=tuple(steps))


def less_moved(step):
    moves = list(step.transfers)
    place = max(range(len(moves)), key=lambda number: moves[number].bytes)
    moves[place] = replace(moves[place], bytes=moves[place].bytes - 1)
    return replace(step, transfers=tuple(moves))


def another(**changes):
    return lambda step: replace(step, attention=replace(step.attention, **changes))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (less_moved, "its attention moves"),
        (lambda step: replace(step, workspaces=step.workspaces[1:]), "its attention needs"),
        (another(rows=33), "fused attention has no choice"),
        (another(rows=2**20), "fused attention has no choice"),
        (another(configuration="fusemax"), "array cannot do 'max'"),
        (
            another(configuration="flat", rows=256),
            "its attention needs|is not what its part|its attention moves",
        ),
        (lambda step: replace(step, attention=None), "has no loops"),
        (lambda step: replace(step, tasks=step.tasks[:2]), "is missing"),
        (
            lambda step: replace(step, tasks=(replace(step.tasks[0], chunks=1), *step.tasks[1:])),
            "is not what its part of the attention is",
        ),
    ],
)
def test_plans_that_were_tampered_with_are_refused(change, says):
    plan, machine, network = planned()
    verify_plan(plan, machine, network)
    with pytest.raises(InputError, match=says):
        verify_plan(tampered(plan, change), machine, network)


def test_a_step_that_is_no_attention_cannot_be_fused():
    plan, machine, network = planned()
    fused = next(step.attention for step in plan.steps if step.attention)
    steps = (replace(plan.steps[0], attention=fused), *plan.steps[1:])
    with pytest.raises(InputError, match="begins no attention that can be fused"):
        verify_plan(replace(plan, steps=steps), machine, network)
