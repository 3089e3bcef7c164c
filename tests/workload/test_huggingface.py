"""Hugging Face configurations: each becomes the shipped workload of that model, and stays adjustable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwsim.spec.errors import InputError
from hwsim.workload.load import import_workload, load_workload

LLAMA3 = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 8192,
    "vocab_size": 128256,
    "torch_dtype": "bfloat16",
    "rope_scaling": None,
}
QWEN_MOE = {
    "model_type": "qwen2_moe",
    "hidden_size": 3584,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "intermediate_size": 18944,
    "moe_intermediate_size": 2560,
    "shared_expert_intermediate_size": 20480,
    "num_experts": 64,
    "num_experts_per_tok": 8,
    "mlp_only_layers": [],
    "vocab_size": 151936,
}
TRANSFO_XL = {
    "model_type": "transfo-xl",
    "n_token": 267735,
    "cutoffs": [20000, 40000, 200000, 267735],
    "d_model": 1024,
    "d_embed": 1024,
    "n_head": 16,
    "d_head": 64,
    "d_inner": 4096,
    "div_val": 4,
    "n_layer": 18,
    "tgt_len": 128,
    "mem_len": 1600,
}
CONFIGS = {
    "bert_base": {"model_type": "bert"},
    "bert_large": {
        "model_type": "bert",
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    },
    "gpt2": {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_ctx": 1024},
    "opt_6_7b": {
        "model_type": "opt",
        "hidden_size": 4096,
        "word_embed_proj_dim": 4096,
        "ffn_dim": 16384,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
    },
    "llama2_7b": {"model_type": "llama", "num_key_value_heads": 32, "max_position_embeddings": 4096},
    "llama3_8b": LLAMA3,
    "mistral_7b": {"model_type": "mistral", "sliding_window": 4096, "vocab_size": 32000},
    "mixtral_8x7b": {"model_type": "mixtral", "sliding_window": None, "num_local_experts": 8},
    "qwen1_5_1_8b": {
        "model_type": "qwen2",
        "hidden_size": 2048,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "intermediate_size": 5504,
        "sliding_window": 32768,
        "use_sliding_window": False,
    },
    "qwen2_57b_a14b": QWEN_MOE,
    "deepseek_v3": {"model_type": "deepseek_v3", "num_key_value_heads": 128, "kv_lora_rank": 512},
    "vit_b_16": {"model_type": "vit"},
    "xlm": {"model_type": "xlm", "n_words": 30145, "emb_dim": 2048, "n_layers": 12, "n_heads": 16},
    "transformer_xl": TRANSFO_XL,
    "t5_base": {"model_type": "t5", "d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12},
    "mamba_130m": {"model_type": "mamba", "num_hidden_layers": 24},
}


def save(folder, config):
    path = folder / "config.json"
    path.write_text(json.dumps(config, indent=2))
    return path


@pytest.mark.parametrize(("name", "config"), CONFIGS.items())
def test_a_configuration_is_the_shipped_model(tmp_path, name, config):
    imported, shipped = load_workload(str(save(tmp_path, config))), load_workload(name)
    overrides = tuple(
        f"{key}={value}"
        for key, value in shipped.parameters.items()
        if value is not None and key != "clusters"
    )
    again = load_workload(str(save(tmp_path, config)), overrides)
    assert again.operators == shipped.operators
    assert again.tensors == shipped.tensors
    assert imported.parameter_count == shipped.parameter_count


@pytest.mark.parametrize(
    "name", ["llama3_8b", "deepseek_v3", "t5_base", "transformer_xl", "vit_b_16", "mamba_130m"]
)
def test_what_is_written_loads_back_equal_and_stays_adjustable(tmp_path, name):
    text, imported = import_workload(save(tmp_path, CONFIGS[name]))
    path = tmp_path / "model.yaml"
    path.write_text(text)
    assert load_workload(str(path)) == imported
    assert "family:" in text
    assert 3 < load_workload(str(path), ("batch=4",)).macs / imported.macs <= 4


def test_the_name_is_that_of_the_model_or_its_folder(tmp_path):
    folder = tmp_path / "Some-Model-7B"
    folder.mkdir()
    assert load_workload(str(save(folder, LLAMA3))).name == "Some-Model-7B"
    assert load_workload(str(save(folder, {**LLAMA3, "_name_or_path": "meta/Llama-X"}))).name == "Llama-X"


ROBERTA = {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1}
OPT_350M = {
    "hidden_size": 1024,
    "word_embed_proj_dim": 512,
    "ffn_dim": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "do_layer_norm_before": False,
}


@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({"model_type": "roberta", **ROBERTA}, 124_645_632),
        ({"model_type": "distilbert"}, 66_362_880),
        ({"model_type": "mt5", "d_model": 512, "d_kv": 64}, 300_176_768),
        ({"model_type": "opt", **OPT_350M}, 331_196_416),
    ],
)  # fmt: skip
def test_relatives_have_the_parameters_of_their_weights(tmp_path, config, count):
    """roberta-base and distilbert-base-uncased without task heads, mt5-small, opt-350m."""
    assert load_workload(str(save(tmp_path, config))).parameter_count == count


def test_qwen_with_its_window_switched_on_says_where(tmp_path):
    config = {**CONFIGS["qwen1_5_1_8b"], "use_sliding_window": True, "sliding_window": 100}
    workload = load_workload(str(save(tmp_path, config)), ("sequence=200",))
    assert any("sliding window" in note for note in workload.notes)
    scores = next(op for op in workload.operators if op.name == "layer0.attention.scores")
    assert scores.macs == 16 * 128 * sum(min(i, 100) for i in range(1, 201))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "lama"}, "did you mean 'llama'"),
        ({"model_type": "stable_diffusion"}, "known: bert, camembert"),
        ({"model_type": 5}, "unknown model type 5"),
        ({"hidden_size": 0}, "hidden_size must be greater than 0"),
        ({"num_hidden_layers": -3}, "num_hidden_layers"),
        ({"vocab_size": "many"}, "vocab_size must be a whole number"),
        ({"hidden_act": "slu"}, "did you mean 'silu'"),
        ({"num_attention_heads": 7}, "do not divide"),
        ({"num_hidden_layers": 10**9}, "layers"),
    ],
)
def test_bad_configurations_are_refused_where_they_are_wrong(tmp_path, change, message):
    with pytest.raises(InputError) as caught:
        load_workload(str(save(tmp_path, {**LLAMA3, **change})))
    assert message in str(caught.value)
    assert caught.value.position


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "{", '{"model_type": "bert"', "null", "\x00\x01", '"bert"']
)
def test_what_is_no_configuration_is_refused(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(InputError):
        load_workload(str(path))


def test_tabs_emoji_and_compact_json_are_read(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**LLAMA3, "note": "\U0001f600 \\/"}, indent="\t"))
    tabs = load_workload(str(path))
    path.write_text(json.dumps(LLAMA3, separators=(",", ":")))
    assert load_workload(str(path)).operators == tabs.operators


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match=r"nowhere/config\.json"):
        load_workload(str(Path("nowhere/config.json")))


def test_sizes_taken_from_the_model_type_are_noted(tmp_path):
    alone = load_workload(str(save(tmp_path, {"model_type": "llama"}))).notes
    assert len(alone) == 1
    assert alone[0].startswith(
        "not in the file, so as model type llama has it by default: vocab_size 32000, "
    )
    assert "intermediate_size 11008" in alone[0]
    assert load_workload(str(save(tmp_path, LLAMA3))).notes == ()


def test_what_is_not_read_of_quantization_is_noted(tmp_path):
    config = {**LLAMA3, "quantization_config": {"bits": 4}}
    assert any(
        "quantization_config is not read" in n for n in load_workload(str(save(tmp_path, config))).notes
    )


def test_an_error_after_the_import_is_in_the_file_that_was_imported(tmp_path):
    path = save(tmp_path, {**LLAMA3, "vocab_size": 10**18})
    with pytest.raises(InputError, match="more than 2\\^63 elements") as caught:
        load_workload(str(path))
    assert caught.value.position is not None
    assert caught.value.position.file == str(path)
