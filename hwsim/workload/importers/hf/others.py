"""Models of other shapes: T5, Transformer-XL, Mamba."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field, NonNegativeInt, PositiveInt, field_validator

from hwsim.spec.errors import did_you_mean
from hwsim.spec.model import fault
from hwsim.workload.importers.hf.base import (
    ACTIVATIONS,
    HuggingFaceConfig,
    Translation,
    Translator,
    prompt,
)


class T5Config(HuggingFaceConfig):
    """T5."""

    vocab_size: PositiveInt = 32128
    d_model: PositiveInt = 512
    d_kv: PositiveInt = 64
    d_ff: PositiveInt = 2048
    num_layers: PositiveInt = 6
    num_decoder_layers: PositiveInt | None = None
    num_heads: PositiveInt = 8
    relative_attention_num_buckets: PositiveInt = 32
    feed_forward_proj: str = "relu"
    tie_word_embeddings: bool = True

    @field_validator("feed_forward_proj")
    @classmethod
    def _known(cls, value: str) -> str:
        name = value.removeprefix("gated-")
        if name not in ACTIVATIONS:
            raise fault(f"unknown activation {name!r}", did_you_mean(name, ACTIVATIONS))
        return value


class Mt5Config(T5Config):
    """mT5: T5 version 1.1 with another vocabulary."""

    vocab_size: PositiveInt = 250112
    d_ff: PositiveInt = 1024
    num_layers: PositiveInt = 8
    num_heads: PositiveInt = 6
    feed_forward_proj: str = "gated-gelu"
    tie_word_embeddings: bool = False


def _t5(config: T5Config) -> Translation:
    """In T5 ``gated-gelu`` means the approximation by tanh, for backward compatibility."""
    gated = config.feed_forward_proj.startswith("gated-")
    name = config.feed_forward_proj.removeprefix("gated-")
    shape = {
        "hidden": config.d_model,
        "layers": config.num_layers,
        "decoder_layers": config.num_decoder_layers or config.num_layers,
        "heads": config.num_heads,
        "head_dim": config.d_kv,
        "intermediate": config.d_ff,
        "vocab": config.vocab_size,
        "buckets": config.relative_attention_num_buckets,
        "activation": "gelu_tanh" if config.feed_forward_proj == "gated-gelu" else ACTIVATIONS[name],
        "gated": gated,
        "tied_embeddings": config.tie_word_embeddings,
    }
    parameters = {"batch": 1, "sequence": 512, "target": 1, "phase": "prefill"}
    return Translation("encoder_decoder", shape, parameters)


class TransfoXlConfig(HuggingFaceConfig):
    """Transformer-XL with its old key names."""

    vocab_size: PositiveInt = Field(267735, validation_alias=AliasChoices("vocab_size", "n_token"))
    cutoffs: tuple[PositiveInt, ...] = (20000, 40000, 200000)
    d_model: PositiveInt = 1024
    d_embed: PositiveInt = 1024
    n_head: PositiveInt = 16
    d_head: PositiveInt = 64
    d_inner: PositiveInt = 4096
    div_val: PositiveInt = 4
    n_layer: PositiveInt = 18
    mem_len: NonNegativeInt = 1600
    tgt_len: PositiveInt = 128
    pre_lnorm: Literal[False] = False


def _transfo_xl(config: TransfoXlConfig) -> Translation:
    """Old configurations end ``cutoffs`` with the size of the vocabulary."""
    shape = {
        "hidden": config.d_model,
        "layers": config.n_layer,
        "heads": config.n_head,
        "head_dim": config.d_head,
        "intermediate": config.d_inner,
        "vocab": config.vocab_size,
        "cutoffs": [edge for edge in config.cutoffs if edge < config.vocab_size],
        "embedding": config.d_embed,
        "division": config.div_val,
    }
    parameters = {"batch": 1, "sequence": config.tgt_len, "memory": config.mem_len}
    return Translation("transformer_xl", shape, parameters)


class MambaConfig(HuggingFaceConfig):
    """Mamba, first version."""

    vocab_size: PositiveInt = 50280
    hidden_size: PositiveInt = Field(768, validation_alias=AliasChoices("hidden_size", "d_model"))
    num_hidden_layers: PositiveInt = Field(32, validation_alias=AliasChoices("num_hidden_layers", "n_layer"))
    state_size: PositiveInt = 16
    expand: PositiveInt = 2
    conv_kernel: PositiveInt = 4
    time_step_rank: PositiveInt | Literal["auto"] = "auto"
    tie_word_embeddings: bool = True


def _mamba(config: MambaConfig) -> Translation:
    """An ``auto`` rank is a sixteenth of the width, rounded up."""
    rank = config.time_step_rank
    shape = {
        "hidden": config.hidden_size,
        "layers": config.num_hidden_layers,
        "inner": config.expand * config.hidden_size,
        "state": config.state_size,
        "kernel": config.conv_kernel,
        "step_rank": -(-config.hidden_size // 16) if rank == "auto" else rank,
        "vocab": config.vocab_size,
        "tied_embeddings": config.tie_word_embeddings,
    }
    return Translation("mamba", shape, prompt(2048))


TRANSLATORS = {
    "t5": Translator(T5Config, _t5),
    "mt5": Translator(Mt5Config, _t5),
    "transfo-xl": Translator(TransfoXlConfig, _transfo_xl),
    "mamba": Translator(MambaConfig, _mamba),
}
"""The model types of this module."""
