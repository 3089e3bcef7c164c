"""Decoders: GPT-2, OPT, Llama, Mistral, Mixtral, Qwen, DeepSeek-V3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.attention import Heads, Rotation, self_attention
from hwsim.workload.families.blocks import (
    Norm,
    add,
    embed,
    last_token,
    norm,
    note_positions,
    position_rows,
    token_input,
    vocabulary_scores,
)
from hwsim.workload.families.experts import ExpertsConfig, mixture
from hwsim.workload.families.feed_forward import Activation, feed_forward
from hwsim.workload.families.latent_attention import LatentConfig, latent_attention
from hwsim.workload.families.phase import DecoderParameters, Layers, Span
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import Graph
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.vector import rotary_table
from hwsim.workload.tensor import Tensor


class DecoderConfig(Spec):
    """The shape of a decoder."""

    hidden: PositiveInt
    """Width of the model."""
    layers: Layers
    """How many decoder layers."""
    heads: PositiveInt
    """Heads of queries."""
    kv_heads: PositiveInt | None = None
    """Heads of keys and values, where they are fewer; they divide ``heads``."""
    head_dim: PositiveInt | None = None
    """Width of a head, where it is not ``hidden / heads``."""
    intermediate: PositiveInt
    """Width inside the feed-forward layer."""
    vocab: PositiveInt
    """Rows of the token table."""
    embedding: PositiveInt | None = None
    """Width of the token table where it is not ``hidden``: projections lead in and out."""
    position: Literal["rotary", "learned", "none"] = "rotary"
    """How positions enter."""
    positions: NonNegativeInt = 0
    """Rows of the table of learned positions."""
    rotary_dim: PositiveInt | None = None
    """How many values of a head are rotated, where not all."""
    sliding_window: PositiveInt | None = None
    """How many last tokens a token attends to, itself included; none: all."""
    activation: Activation
    """The function inside the feed-forward layer."""
    gated: bool = False
    """Whether the feed-forward layer has a gate: three matrices."""
    norm: Norm
    """The kind of normalisation."""
    norm_first: bool = True
    """Whether layers normalise their input (and the stack its output) rather than their sums."""
    qkv_bias: bool = False
    """Whether the projections to queries, keys and values add a vector."""
    output_bias: bool = False
    """Whether attention's output projection adds a vector."""
    feed_forward_bias: bool = False
    """Whether the feed-forward layer's matrices add vectors."""
    tied_embeddings: bool = False
    """Whether the language-model head uses the token table."""
    experts: ExpertsConfig | None = None
    """A mixture of experts in the place of the feed-forward layer."""
    latent: LatentConfig | None = None
    """Multi-head latent attention in the place of the usual one."""

    @model_validator(mode="after")
    def _fits(self) -> DecoderConfig:
        if not self.head_dim and not self.latent and self.hidden % self.heads:
            raise fault(f"{self.heads} heads do not divide hidden {self.hidden}", at=("heads",))
        if self.kv_heads and self.heads % self.kv_heads:
            raise fault(f"{self.kv_heads} heads of keys do not divide {self.heads} heads", at=("kv_heads",))
        if self.position == "learned" and not self.positions:
            raise fault("learned positions need 'positions', the rows of their table", at=("position",))
        if self.latent and self.position != "rotary":
            raise fault("latent attention rotates positions", "write position: rotary", at=("position",))
        return self

    @property
    def attention(self) -> Heads:
        """The shape of a layer's attention."""
        groups = self.kv_heads or self.heads
        width = self.head_dim or self.hidden // self.heads
        return Heads(groups, self.heads // groups, width, self.qkv_bias, self.output_bias)

    @property
    def rotated(self) -> int:
        """How many values of a head are rotated."""
        if self.latent:
            return self.latent.rope_width
        return min(self.rotary_dim or self.attention.width, self.attention.width)


def build(config: DecoderConfig, parameters: DecoderParameters) -> Graph:
    """The graph of a decoder."""
    graph = Graph()
    span = replace(parameters.span, window=config.sliding_window)
    if parameters.phase == "decode" and parameters.context is None:
        graph.note(f"no context is given: decoding after {span.cached} tokens, the sequence")
    if config.position == "learned":
        note_positions(graph, config.positions, span.cached + span.new)
    x = _embeddings(graph, config, token_input(graph, "tokens", parameters.batch, span.new))
    rotation = None
    if config.position == "rotary":
        rotation = Rotation(rotary_table(graph, "rotary_table", span.new, config.rotated), config.rotated)
    stack = _Stack(graph, config, parameters, span, rotation)
    for index in range(config.layers):
        x = stack.layer(index, x)
    _head(graph, config, x if parameters.logits == "all" else last_token(graph, "last_token", x))
    return graph


@dataclass(frozen=True, slots=True)
class _Stack:
    """The layers of a decoder and what they share."""

    graph: Graph
    config: DecoderConfig
    parameters: DecoderParameters
    span: Span
    rotation: Rotation | None

    def layer(self, index: int, x: Tensor) -> Tensor:
        """Attention and feed-forward layer, each with its residual and its norm before or after."""
        steps = {"attention": self.attention, "feed_forward": self.feed_forward}
        for what, step in steps.items():
            name = f"layer{index}.{what}"
            inner = norm(self.graph, f"{name}_norm", self.config.norm, x) if self.config.norm_first else x
            x = add(self.graph, f"{name}_sum", x, step(name, index, inner))
            if not self.config.norm_first:
                x = norm(self.graph, f"{name}_norm", self.config.norm, x)
        return x

    def attention(self, name: str, _: int, x: Tensor) -> Tensor:
        """Attention of the kind that the configuration says."""
        config = self.config
        if config.latent is None or self.rotation is None:
            return self_attention(self.graph, name, x, config.attention, self.span, self.rotation)
        form = self.parameters.latent_form
        return latent_attention(
            self.graph, name, x, config.heads, config.latent, self.span, self.rotation, form
        )

    def feed_forward(self, name: str, index: int, x: Tensor) -> Tensor:
        """A mixture of experts, or the ordinary layer."""
        config = self.config
        if config.experts and index >= config.experts.dense_layers:
            return mixture(self.graph, name, x, config.experts, config.activation, self.parameters.routing)
        function, gated, bias = config.activation, config.gated, config.feed_forward_bias
        return feed_forward(self.graph, name, x, config.intermediate, function, gated=gated, bias=bias)


def _embeddings(graph: Graph, config: DecoderConfig, tokens: Tensor) -> Tensor:
    width = config.embedding or config.hidden
    x = embed(graph, "token_embedding", tokens, config.vocab, width)
    if width != config.hidden:
        x = linear(graph, "embedding_in", x, config.hidden)
    if config.position == "learned":
        rows = position_rows(graph, "position_embedding", config.positions, config.hidden, tokens.shape[1])
        x = add(graph, "embedding", x, rows)
    return x


def _head(graph: Graph, config: DecoderConfig, x: Tensor) -> None:
    if config.norm_first:
        x = norm(graph, "final_norm", config.norm, x)
    if config.embedding:
        x = linear(graph, "embedding_out", x, config.embedding)
    table = graph.find("token_embedding.weight") if config.tied_embeddings else None
    vocabulary_scores(graph, "language_model_head", x, config.vocab, table)


FAMILY = Family("transformer_decoder", DecoderConfig, DecoderParameters, build)
