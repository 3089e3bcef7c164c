"""Encoders over tokens: BERT and its relatives, XLM."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.attention import Heads, self_attention
from hwsim.workload.families.blocks import (
    Norm,
    add,
    embed,
    norm,
    note_positions,
    position_rows,
    token_input,
    vocabulary_scores,
)
from hwsim.workload.families.feed_forward import Activation, feed_forward
from hwsim.workload.families.phase import EncoderParameters, Layers, Span
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import Graph
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import cut
from hwsim.workload.layers.vector import elementwise
from hwsim.workload.tensor import Tensor


class StackConfig(Spec):
    """The shape of a stack of encoder layers."""

    hidden: PositiveInt
    """Width of the model."""
    layers: Layers
    """How many encoder layers."""
    heads: PositiveInt
    """Attention heads; they divide ``hidden``."""
    intermediate: PositiveInt
    """Width inside the feed-forward layer."""
    activation: Activation = "gelu"
    """The function inside the feed-forward layer."""
    norm: Norm = "layernorm"
    """The kind of normalisation."""
    norm_first: bool = False
    """Whether layers normalise their input (and the stack its output) rather than their sums."""
    bias: bool = True
    """Whether projections add a vector."""

    @model_validator(mode="after")
    def _heads_divide(self) -> StackConfig:
        if self.hidden % self.heads:
            raise fault(f"{self.heads} heads do not divide hidden {self.hidden}", at=("heads",))
        return self


class EncoderConfig(StackConfig):
    """The shape of an encoder over tokens."""

    vocab: PositiveInt
    """Rows of the token table."""
    positions: NonNegativeInt
    """Rows of the table of learned positions; 0: none."""
    token_types: NonNegativeInt = 0
    """Rows of the table of token types; 0: none."""
    embedding: PositiveInt | None = None
    """Width of the tables where it is not ``hidden``: a projection follows."""
    embedding_norm: bool = True
    """Whether the sum of embeddings is normalised."""
    head: Literal["none", "pooler", "language_model"] = "none"
    """What follows: nothing, a dense layer with tanh on the first token, or scores over the vocabulary."""


def build(config: EncoderConfig, parameters: EncoderParameters) -> Graph:
    """The graph of an encoder."""
    graph = Graph()
    tokens = token_input(graph, "tokens", parameters.batch, parameters.sequence)
    x = _embeddings(graph, config, tokens)
    x = encoder_stack(graph, config, x)
    _head(graph, config, x)
    return graph


def encoder_stack(graph: Graph, config: StackConfig, x: Tensor) -> Tensor:
    """The layers over ``x`` [B, P, D], and the last normalisation where there is one."""
    width = config.hidden // config.heads
    heads = Heads(config.heads, 1, width, qkv_bias=config.bias, output_bias=config.bias)
    span = Span(x.shape[1], causal=False)
    for index in range(config.layers):
        attended = partial(self_attention, heads=heads, span=span, cached=False)
        x = _sublayer(graph, f"layer{index}.attention", config, x, attended)
        x = _sublayer(graph, f"layer{index}.feed_forward", config, x, partial(_feed_forward, config=config))
    return norm(graph, "final_norm", config.norm, x) if config.norm_first else x


def _embeddings(graph: Graph, config: EncoderConfig, tokens: Tensor) -> Tensor:
    width = config.embedding or config.hidden
    parts = [embed(graph, "token_embedding", tokens, config.vocab, width)]
    if config.positions:
        count = tokens.shape[1]
        note_positions(graph, config.positions, count)
        parts.append(position_rows(graph, "position_embedding", config.positions, width, count))
    if config.token_types:
        types = token_input(graph, "token_types", *tokens.shape)
        parts.append(embed(graph, "type_embedding", types, config.token_types, width))
    x = add(graph, "embedding", *parts) if len(parts) > 1 else parts[0]
    if config.embedding_norm:
        x = norm(graph, "embedding_norm", config.norm, x)
    return x if width == config.hidden else linear(graph, "embedding_projection", x, config.hidden, bias=True)


def _sublayer(
    graph: Graph, name: str, config: StackConfig, x: Tensor, step: Callable[[Graph, str, Tensor], Tensor]
) -> Tensor:
    """One step with its residual, and its norm before or after."""
    inner = norm(graph, f"{name}_norm", config.norm, x) if config.norm_first else x
    x = add(graph, f"{name}_sum", x, step(graph, name, inner))
    return x if config.norm_first else norm(graph, f"{name}_norm", config.norm, x)


def _feed_forward(graph: Graph, name: str, x: Tensor, config: StackConfig) -> Tensor:
    return feed_forward(graph, name, x, config.intermediate, config.activation, gated=False, bias=config.bias)


def _head(graph: Graph, config: EncoderConfig, x: Tensor) -> None:
    if config.head == "pooler":
        graph.mark_output(x)
        first = cut(graph, "pooler.first_token", "slice", x, (x.shape[0], config.hidden))
        elementwise(graph, "pooler.tanh", "tanh", linear(graph, "pooler", first, config.hidden, bias=True))
    elif config.head == "language_model":
        table = graph.find("token_embedding.weight")
        vocabulary_scores(graph, "language_model_head", x, config.vocab, table, bias=True)


FAMILY = Family("transformer_encoder", EncoderConfig, EncoderParameters, build)
