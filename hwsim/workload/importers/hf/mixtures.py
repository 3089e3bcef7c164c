"""Mixtures of experts: Mixtral, Qwen2-MoE, DeepSeek-V3."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import fault
from hwsim.workload.importers.hf.base import Translation, Translator, prompt
from hwsim.workload.importers.hf.decoders import LlamaConfig, MistralConfig, llama_shape


class MixtralConfig(MistralConfig):
    """Mixtral: Mistral with experts."""

    num_local_experts: PositiveInt = 8
    num_experts_per_tok: PositiveInt = 2


def _mixtral(config: MixtralConfig) -> Translation:
    experts = {
        "count": config.num_local_experts,
        "top_k": config.num_experts_per_tok,
        "intermediate": config.intermediate_size,
    }
    shape = {**llama_shape(config), "sliding_window": config.sliding_window, "experts": experts}
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings))


class Qwen2MoeConfig(LlamaConfig):
    """Qwen2-MoE: experts in every layer, and a shared one with a gate."""

    vocab_size: PositiveInt = 151936
    hidden_size: PositiveInt = 2048
    num_hidden_layers: PositiveInt = 24
    num_attention_heads: PositiveInt = 16
    intermediate_size: PositiveInt = 5632
    max_position_embeddings: PositiveInt = 32768
    num_experts: PositiveInt = 60
    num_experts_per_tok: PositiveInt = 4
    moe_intermediate_size: PositiveInt = 1408
    shared_expert_intermediate_size: NonNegativeInt = 5632
    decoder_sparse_step: Literal[1] = 1
    mlp_only_layers: list[int] | None = None

    @model_validator(mode="after")
    def _no_exceptions(self) -> Qwen2MoeConfig:
        if self.mlp_only_layers:
            raise fault("layers without experts are not supported here", at=("mlp_only_layers",))
        return self


def _qwen2_moe(config: Qwen2MoeConfig) -> Translation:
    experts = {
        "count": config.num_experts,
        "top_k": config.num_experts_per_tok,
        "intermediate": config.moe_intermediate_size,
        "shared_intermediate": config.shared_expert_intermediate_size,
        "shared_gate": config.shared_expert_intermediate_size > 0,
    }
    shape = {**llama_shape(config), "qkv_bias": True, "experts": experts}
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings))


class DeepseekV3Config(LlamaConfig):
    """DeepSeek-V3: latent attention, experts behind the first layers, shared experts."""

    vocab_size: PositiveInt = 129280
    hidden_size: PositiveInt = 7168
    num_hidden_layers: PositiveInt = 61
    num_attention_heads: PositiveInt = 128
    intermediate_size: PositiveInt = 18432
    max_position_embeddings: PositiveInt = 4096
    moe_intermediate_size: PositiveInt = 2048
    n_routed_experts: PositiveInt = 256
    n_shared_experts: NonNegativeInt = 1
    num_experts_per_tok: PositiveInt = 8
    n_group: PositiveInt = 8
    topk_group: PositiveInt = 4
    first_k_dense_replace: NonNegativeInt = 3
    q_lora_rank: PositiveInt | None = 1536
    kv_lora_rank: PositiveInt = 512
    qk_nope_head_dim: PositiveInt = 128
    qk_rope_head_dim: PositiveInt = 64
    v_head_dim: PositiveInt = 128


def _deepseek_v3(config: DeepseekV3Config) -> Translation:
    shape = {
        **llama_shape(config),
        "kv_heads": None,
        "head_dim": None,
        "latent": _latent(config),
        "experts": {
            "count": config.n_routed_experts,
            "top_k": config.num_experts_per_tok,
            "intermediate": config.moe_intermediate_size,
            "shared_intermediate": config.n_shared_experts * config.moe_intermediate_size,
            "scoring": "sigmoid",
            "score_bias": True,
            "groups": config.n_group,
            "top_groups": config.topk_group,
            "dense_layers": config.first_k_dense_replace,
        },
    }
    notes = ("the module that predicts further tokens in training is left out",)
    return Translation("transformer_decoder", shape, prompt(config.max_position_embeddings), notes)


def _latent(config: DeepseekV3Config) -> dict[str, Any]:
    ranks = {"query_rank": config.q_lora_rank} if config.q_lora_rank else {}
    return {
        **ranks,
        "kv_rank": config.kv_lora_rank,
        "nope_width": config.qk_nope_head_dim,
        "rope_width": config.qk_rope_head_dim,
        "value_width": config.v_head_dim,
    }


TRANSLATORS = {
    "mixtral": Translator(MixtralConfig, _mixtral),
    "qwen2_moe": Translator(Qwen2MoeConfig, _qwen2_moe),
    "deepseek_v3": Translator(DeepseekV3Config, _deepseek_v3),
}
"""The model types of this module."""
