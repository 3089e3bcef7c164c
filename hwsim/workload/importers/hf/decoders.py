"""Dense decoders: GPT-2, OPT, Llama, Mistral, Qwen1.5 and Qwen2."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, Field, PositiveInt

from hwsim.workload.importers.hf.base import (
    ActivationName,
    HuggingFaceConfig,
    Translation,
    Translator,
    prompt,
)


class Gpt2Config(HuggingFaceConfig):
    """GPT-2 with its own key names."""

    vocab_size: PositiveInt = 50257
    n_embd: PositiveInt = Field(768, validation_alias=AliasChoices("n_embd", "hidden_size"))
    n_layer: PositiveInt = Field(12, validation_alias=AliasChoices("n_layer", "num_hidden_layers"))
    n_head: PositiveInt = Field(12, validation_alias=AliasChoices("n_head", "num_attention_heads"))
    n_inner: PositiveInt | None = None
    n_positions: PositiveInt = Field(
        1024, validation_alias=AliasChoices("n_positions", "max_position_embeddings")
    )
    activation_function: ActivationName = "gelu_tanh"
    tie_word_embeddings: bool = True


def _gpt2(config: Gpt2Config) -> Translation:
    shape = {
        "hidden": config.n_embd,
        "layers": config.n_layer,
        "heads": config.n_head,
        "intermediate": config.n_inner or 4 * config.n_embd,
        "vocab": config.vocab_size,
        "position": "learned",
        "positions": config.n_positions,
        "activation": config.activation_function,
        "norm": "layernorm",
        **_BIASES,
        "tied_embeddings": config.tie_word_embeddings,
    }
    return Translation("transformer_decoder", shape, prompt(config.n_positions))


class OptConfig(HuggingFaceConfig):
    """OPT."""

    vocab_size: PositiveInt = 50272
    hidden_size: PositiveInt = 768
    num_hidden_layers: PositiveInt = 12
    num_attention_heads: PositiveInt = 12
    ffn_dim: PositiveInt = 3072
    max_position_embeddings: PositiveInt = 2048
    word_embed_proj_dim: PositiveInt | None = None
    do_layer_norm_before: bool = True
    activation_function: ActivationName = "relu"
    enable_bias: bool = True
    tie_word_embeddings: bool = True


def _opt(config: OptConfig) -> Translation:
    """OPT's table of positions has two rows before the first token's."""
    width = config.word_embed_proj_dim
    shape = {
        "hidden": config.hidden_size,
        "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads,
        "intermediate": config.ffn_dim,
        "vocab": config.vocab_size,
        "embedding": width if width != config.hidden_size else None,
        "position": "learned",
        "positions": config.max_position_embeddings + 2,
        "activation": config.activation_function,
        "norm": "layernorm",
        "norm_first": config.do_layer_norm_before,
        **dict.fromkeys(_BIASES, config.enable_bias),
        "tied_embeddings": config.tie_word_embeddings,
    }
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings))


class LlamaConfig(HuggingFaceConfig):
    """Llama, and models of its shape."""

    vocab_size: PositiveInt = 32000
    hidden_size: PositiveInt = 4096
    num_hidden_layers: PositiveInt = 32
    num_attention_heads: PositiveInt = 32
    num_key_value_heads: PositiveInt | None = None
    head_dim: PositiveInt | None = None
    intermediate_size: PositiveInt = 11008
    hidden_act: ActivationName = "silu"
    max_position_embeddings: PositiveInt = 2048
    attention_bias: bool = False
    mlp_bias: bool = False
    tie_word_embeddings: bool = False


class MistralConfig(LlamaConfig):
    """Mistral: Llama with a sliding window."""

    num_key_value_heads: PositiveInt | None = 8
    intermediate_size: PositiveInt = 14336
    max_position_embeddings: PositiveInt = 131072
    sliding_window: PositiveInt | None = None


class Qwen2Config(LlamaConfig):
    """Qwen1.5 and Qwen2: Llama with biases, and a sliding window that is off unless switched on."""

    vocab_size: PositiveInt = 151936
    intermediate_size: PositiveInt = 22016
    max_position_embeddings: PositiveInt = 32768
    use_sliding_window: bool = False
    sliding_window: PositiveInt | None = 4096
    max_window_layers: int = 28


def llama_shape(config: LlamaConfig) -> dict[str, Any]:
    """The shape of a model like Llama."""
    groups = config.num_key_value_heads
    square = config.hidden_size == config.num_attention_heads * (config.head_dim or 0)
    return {
        "hidden": config.hidden_size,
        "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads,
        "kv_heads": groups if groups != config.num_attention_heads else None,
        "head_dim": None if square else config.head_dim,
        "intermediate": config.intermediate_size,
        "vocab": config.vocab_size,
        "activation": config.hidden_act,
        "gated": True,
        "norm": "rmsnorm",
        "qkv_bias": config.attention_bias,
        "output_bias": config.attention_bias,
        "feed_forward_bias": config.mlp_bias,
        "tied_embeddings": config.tie_word_embeddings,
    }


def _llama(config: LlamaConfig) -> Translation:
    return Translation("transformer_decoder", llama_shape(config), prompt(config.max_position_embeddings))


def _mistral(config: MistralConfig) -> Translation:
    shape = {**llama_shape(config), "sliding_window": config.sliding_window}
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings))


def _qwen2(config: Qwen2Config) -> Translation:
    shape = {**llama_shape(config), "qkv_bias": True}
    notes: tuple[str, ...] = ()
    if config.use_sliding_window:
        shape["sliding_window"] = config.sliding_window
        notes = ("the sliding window is used in every layer",)
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings), notes)


_BIASES = {"qkv_bias": True, "output_bias": True, "feed_forward_bias": True}

TRANSLATORS = {
    "gpt2": Translator(Gpt2Config, _gpt2),
    "opt": Translator(OptConfig, _opt),
    "llama": Translator(LlamaConfig, _llama),
    "mistral": Translator(MistralConfig, _mistral),
    "qwen2": Translator(Qwen2Config, _qwen2),
}
"""The model types of this module."""
