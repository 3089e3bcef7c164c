"""Multiply-accumulates of transformers against formulas written from the papers, not from the builders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.workload.families.phase import Span
from hwsim.workload.load import load_workload


def macs_of(workload, *starts):
    return sum(op.macs for op in workload.operators if op.name.startswith(starts))


@pytest.mark.parametrize(("name", "hidden", "inner"), [("bert_base", 768, 3072), ("bert_large", 1024, 4096)])
@pytest.mark.parametrize(("batch", "tokens"), [(1, 512), (4, 128), (3, 37)])
def test_bert_layers(name, hidden, inner, batch, tokens):
    workload = load_workload(name, (f"batch={batch}", f"sequence={tokens}"))
    layer = 4 * hidden * hidden + 2 * hidden * inner + 2 * tokens * hidden
    for index in range(3):
        assert macs_of(workload, f"layer{index}.") == batch * tokens * layer
    assert macs_of(workload, "pooler") == batch * hidden * hidden


def llama_token(hidden, inner, kv, head_dim):
    """Multiply-accumulates of one token in one layer, attention to others left out."""
    return 2 * hidden * hidden + 2 * hidden * kv * head_dim + 3 * hidden * inner


@pytest.mark.parametrize(
    ("name", "hidden", "inner", "heads", "kv", "layers", "vocab"),
    [("llama2_7b", 4096, 11008, 32, 32, 32, 32000), ("llama3_70b", 8192, 28672, 64, 8, 80, 128256)],
)
def test_llama(name, hidden, inner, heads, kv, layers, vocab):
    token = llama_token(hidden, inner, kv, hidden // heads)
    tokens = 300
    prefill = load_workload(name, (f"sequence={tokens}", "batch=2"))
    causal = sum(range(1, tokens + 1)) * 2 * hidden
    assert prefill.macs == 2 * (layers * (tokens * token + causal) + hidden * vocab)
    everywhere = load_workload(name, (f"sequence={tokens}", "batch=2", "logits=all"))
    assert everywhere.macs - prefill.macs == 2 * (tokens - 1) * hidden * vocab
    decode = load_workload(name, ("phase=decode", "context=999", "batch=2"))
    assert decode.macs == 2 * (layers * (token + 1000 * 2 * hidden) + hidden * vocab)


def test_decode_attends_to_the_prompt_unless_a_context_is_given():
    overrides = ("phase=decode", "sequence=77")
    assert load_workload("gpt2", overrides).macs == load_workload("gpt2", (*overrides, "context=77")).macs


def test_a_sliding_window_bounds_cache_and_work():
    workload = load_workload("mistral_7b", ("phase=decode", "context=10000"))
    assert workload.tensors["layer0.attention.key_cache"].shape == (1, 4096, 8, 128)
    assert macs_of(workload, "layer0.attention.scores") == 32 * 128 * 4096
    prompt = load_workload("mistral_7b", ("sequence=6000",))
    pairs = sum(min(i, 4096) for i in range(1, 6001))
    assert macs_of(prompt, "layer5.attention.scores") == 32 * 128 * pairs


@given(st.integers(1, 30), st.integers(0, 30), st.none() | st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_pairs_are_those_counted_one_by_one(new, cached, window):
    counted = sum(min(cached + i, window or cached + i) for i in range(1, new + 1))
    span = Span(new, cached, window)
    assert span.pairs == counted
    assert span.masked == (counted < new * span.keys)


def test_a_prompt_in_two_parts_is_as_much_work_as_in_one():
    whole = load_workload("llama3_8b", ("sequence=512",))
    first = load_workload("llama3_8b", ("sequence=200",))
    rest = load_workload("llama3_8b", ("sequence=312", "context=200"))
    for layer in ("layer0.", "layer31."):
        assert macs_of(whole, layer) == macs_of(first, layer) + macs_of(rest, layer)


def test_the_cache_holds_every_token_and_only_new_ones_are_written():
    workload = load_workload("llama3_8b", ("phase=decode", "context=99", "batch=3"))
    cache = workload.tensors["layer7.attention.value_cache"]
    assert (cache.shape, cache.kind) == ((3, 100, 8, 128), "state")
    (writer,) = [op for op in workload.operators if op.name == "layer7.attention.value_cache.append"]
    assert writer.touched == ((cache.name, 0.01),)
    assert workload.producers[cache.name] == writer.name


def test_prefill_reads_new_keys_not_the_cache():
    workload = load_workload("llama3_8b", ("sequence=64",))
    (scores,) = [op for op in workload.operators if op.name == "layer0.attention.scores"]
    assert scores.inputs[1].tensor == "layer0.attention.key_rotary"


def test_latent_attention_caches_576_values_a_token_and_layer():
    workload = load_workload("deepseek_v3", ("phase=decode", "context=1023"))
    states = [tensor for tensor in workload.tensors.values() if tensor.kind == "state"]
    assert len(states) == 61
    assert {tensor.elements for tensor in states} == {1024 * 576}


@pytest.mark.parametrize("context", [0, 1000])
def test_latent_attention_both_ways(context):
    """Per layer: absorbed 2 x 512 x 128 x 128 up and down for new tokens, naive the same for every token."""
    heads, nope, rope, rank, value = 128, 128, 64, 512, 128
    common = ("phase=decode", f"context={context}", "batch=2")
    for form in ("naive", "absorbed"):
        workload = load_workload("deepseek_v3", (*common, f"latent_attention={form}"))
        keys = context + 1
        expanded = keys if form == "naive" else 1
        width = (nope + rope + value) if form == "naive" else (rank + rope + rank)
        projections = 7168 * 1536 + 1536 * heads * (nope + rope) + 7168 * (rank + rope) + heads * value * 7168
        attention = expanded * heads * rank * (nope + value) + keys * heads * width
        assert macs_of(workload, "layer9.attention") == 2 * (projections + attention)


def test_t5_encodes_once():
    """Encoder and decoder layers of T5-small; in decode the encoder does nothing."""
    source, hidden, inner = 64, 512, 2048
    prefill = load_workload("t5_small", (f"sequence={source}", "target=8"))
    layer = source * (4 * hidden**2 + 2 * hidden * inner + 2 * source * hidden)
    assert macs_of(prefill, "encoder0.") == layer
    decoder = 8 * (4 + 2) * hidden**2 + 2 * source * hidden**2 + 8 * 2 * hidden * inner
    attention = 2 * hidden * sum(range(1, 9)) + 2 * hidden * 8 * source
    assert macs_of(prefill, "decoder0.") == decoder + attention
    decode = load_workload("t5_small", (f"sequence={source}", "target=8", "phase=decode"))
    assert macs_of(decode, "encoder") == 0
    step = 6 * hidden**2 + 2 * hidden * inner + 2 * hidden * (9 + source)
    assert macs_of(decode, "decoder0.") == step


def test_transformer_xl_attends_to_memory_by_position_too():
    new, memory, hidden = 16, 32, 1024
    workload = load_workload("transformer_xl", (f"sequence={new}", f"memory={memory}"))
    keys = new + memory
    pairs = sum(memory + i for i in range(1, new + 1))
    expected = 2 * new * hidden**2 + 2 * keys * hidden**2 + keys * hidden**2 + 3 * pairs * hidden
    assert macs_of(workload, "layer3.attention") == expected


def test_vit_attends_to_197_tokens():
    workload = load_workload("vit_b_16")
    assert workload.tensors["layer0.attention.scores"].shape == (1, 12, 197, 197)
    assert macs_of(workload, "patch_embedding") == 196 * 16 * 16 * 3 * 768


def test_mamba_steps_update_its_state_in_place():
    workload = load_workload("mamba_130m", ("phase=decode", "batch=5"))
    state = workload.tensors["layer0.scan.state"]
    assert (state.shape, state.kind) == ((5, 1536, 16), "state")
    assert workload.producers[state.name] == "layer0.scan"
    assert state.name in {part.tensor for op in workload.operators for part in op.inputs}
    token = 768 * 2 * 1536 + 4 * 1536 + 1536 * (48 + 32) + 48 * 1536 + 1536 * 768
    assert macs_of(workload, "layer0.") == 5 * token


def test_a_prompt_leaves_mamba_a_state_but_reads_none():
    workload = load_workload("mamba_130m")
    assert workload.producers["layer0.scan.state"] == "layer0.scan"
    assert "layer0.scan.state" not in workload.consumers


def test_dlrm_multiplies_every_pair_once():
    workload = load_workload("dlrm", ("batch=10",))
    assert macs_of(workload, "interaction") == 10 * (27 * 26 // 2) * 128
    lookups = load_workload("dlrm", ("batch=10", "lookups=4"))
    assert lookups.macs == workload.macs
    assert workload.tensors["features"].shape == (10, 128 + 351)


@pytest.mark.parametrize(
    ("name", "overrides", "asked"),
    [
        ("bert_base", ("sequence=513",), 513),
        ("gpt2", ("sequence=1025",), 1025),
        ("gpt2", ("phase=decode", "context=1024"), 1025),
    ],
)
def test_more_positions_than_the_model_has_are_noted(name, overrides, asked):
    notes = load_workload(name, overrides).notes
    assert (
        notes[-1] == f"the model has {512 if name == 'bert_base' else 1024} positions; {asked} are asked for"
    )
    assert len(notes) == len(load_workload(name).notes) + 1
