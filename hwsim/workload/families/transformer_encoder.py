"""Encoders: BERT and its relatives, XLM, the vision transformer."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.attention import Heads, self_attention
from hwsim.workload.families.blocks import (
    Norm,
    add,
    embed,
    norm,
    position_rows,
    token_input,
    vocabulary_scores,
)
from hwsim.workload.families.feed_forward import Activation, feed_forward
from hwsim.workload.families.phase import EncoderParameters, Span
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import Graph
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import cut
from hwsim.workload.layers.vector import elementwise
from hwsim.workload.tensor import Tensor


class EncoderConfig(Spec):
    """The shape of an encoder over tokens."""

    hidden: PositiveInt
    """Width of the model."""
    layers: PositiveInt
    """How many encoder layers."""
    heads: PositiveInt
    """Attention heads; they divide ``hidden``."""
    intermediate: PositiveInt
    """Width inside the feed-forward layer."""
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
    activation: Activation = "gelu"
    """The function inside the feed-forward layer."""
    norm: Norm = "layernorm"
    """The kind of normalisation."""
    norm_first: bool = False
    """Whether a layer normalises its input (and the stack its output) rather than its sum with the residual."""
    bias: bool = True
    """Whether projections add a vector."""
    head: Literal["none", "pooler", "language_model"] = "none"
    """What follows: nothing, a dense layer with tanh on the first token, or scores over the vocabulary with the token
    table as weights and a bias."""

    @model_validator(mode="after")
    def _heads_divide(self) -> EncoderConfig:
        if self.hidden % self.heads:
            raise fault(f"{self.heads} heads do not divide hidden {self.hidden}", at=("heads",))
        return self


def build(config: EncoderConfig, parameters: EncoderParameters) -> Graph:
    """The graph of an encoder."""
    graph = Graph()
    tokens = token_input(graph, "tokens", parameters.batch, parameters.sequence)
    x = _embeddings(graph, config, tokens)
    span = Span(parameters.sequence, causal=False)
    x = encoder_stack(graph, config, x, span)
    _head(graph, config, x)
    return graph


def encoder_stack(graph: Graph, config: EncoderConfig, x: Tensor, span: Span) -> Tensor:
    """The layers, and the last normalisation where there is one."""
    width = config.hidden // config.heads
    heads = Heads(config.heads, 1, width, qkv_bias=config.bias, output_bias=config.bias)
    layer = _layer_norm_first if config.norm_first else _layer_norm_last
    for index in range(config.layers):
        x = layer(graph, f"layer{index}", config, heads, span, x)
    return norm(graph, "final_norm", config.norm, x) if config.norm_first else x


def _embeddings(graph: Graph, config: EncoderConfig, tokens: Tensor) -> Tensor:
    width = config.embedding or config.hidden
    parts = [embed(graph, "token_embedding", tokens, config.vocab, width)]
    if config.positions:
        count = tokens.shape[1]
        parts.append(position_rows(graph, "position_embedding", config.positions, width, count))
    if config.token_types:
        types = token_input(graph, "token_types", *tokens.shape)
        parts.append(embed(graph, "type_embedding", types, config.token_types, width))
    x = add(graph, "embedding", *parts) if len(parts) > 1 else parts[0]
    if config.embedding_norm:
        x = norm(graph, "embedding_norm", config.norm, x)
    return x if width == config.hidden else linear(graph, "embedding_projection", x, config.hidden, bias=True)


def _layer_norm_last(
    graph: Graph, name: str, config: EncoderConfig, heads: Heads, span: Span, x: Tensor
) -> Tensor:
    attended = self_attention(graph, f"{name}.attention", x, heads, span, cached=False)
    x = norm(graph, f"{name}.attention_norm", config.norm, add(graph, f"{name}.attention_sum", x, attended))
    inner = _feed_forward(graph, name, config, x)
    return norm(
        graph, f"{name}.feed_forward_norm", config.norm, add(graph, f"{name}.feed_forward_sum", x, inner)
    )


def _layer_norm_first(
    graph: Graph, name: str, config: EncoderConfig, heads: Heads, span: Span, x: Tensor
) -> Tensor:
    normed = norm(graph, f"{name}.attention_norm", config.norm, x)
    attended = self_attention(graph, f"{name}.attention", normed, heads, span, cached=False)
    x = add(graph, f"{name}.attention_sum", x, attended)
    normed = norm(graph, f"{name}.feed_forward_norm", config.norm, x)
    return add(graph, f"{name}.feed_forward_sum", x, _feed_forward(graph, name, config, normed))


def _feed_forward(graph: Graph, name: str, config: EncoderConfig, x: Tensor) -> Tensor:
    width, function = config.intermediate, config.activation
    return feed_forward(graph, f"{name}.feed_forward", x, width, function, gated=False, bias=config.bias)


def _head(graph: Graph, config: EncoderConfig, x: Tensor) -> None:
    if config.head == "pooler":
        graph.mark_output(x)
        first = cut(graph, "pooler.first_token", "slice", x, (x.shape[0], config.hidden))
        elementwise(graph, "pooler.tanh", "tanh", linear(graph, "pooler", first, config.hidden, bias=True))
    elif config.head == "language_model":
        table = graph.find("token_embedding.weight")
        vocabulary_scores(graph, "language_model_head", x, config.vocab, table, bias=True)


FAMILY = Family("transformer_encoder", EncoderConfig, EncoderParameters, build)
