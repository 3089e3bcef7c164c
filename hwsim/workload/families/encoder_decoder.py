"""Encoder-decoders: T5 (Raffel et al. 2020, arXiv:1910.10683)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from hwsim.spec.model import Spec
from hwsim.workload.families.attention import (
    Heads,
    attend,
    merge_heads,
    project,
    self_attention,
    through_cache,
)
from hwsim.workload.families.blocks import add, last_token, norm, token_input, vocabulary_scores
from hwsim.workload.families.feed_forward import Activation, feed_forward
from hwsim.workload.families.phase import Layers, Span
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import INDEX_DATATYPE, Graph
from hwsim.workload.layers.move import gather
from hwsim.workload.layers.vector import apply_work, elementwise
from hwsim.workload.layers.work import RELATIVE_BUCKET
from hwsim.workload.tensor import Tensor


class EncoderDecoderConfig(Spec):
    """The shape of a T5 model: root-mean-square norms, no biases, learned relative positions."""

    hidden: PositiveInt
    """Width of the model."""
    layers: Layers
    """How many encoder layers."""
    decoder_layers: Layers
    """How many decoder layers."""
    heads: PositiveInt
    """Attention heads."""
    head_dim: PositiveInt
    """Width of a head."""
    intermediate: PositiveInt
    """Width inside the feed-forward layer."""
    vocab: PositiveInt
    """Rows of the token table."""
    buckets: PositiveInt = 32
    """Rows of each table of relative positions."""
    activation: Activation = "relu"
    """The function inside the feed-forward layer."""
    gated: bool = False
    """Whether the feed-forward layer has a gate."""
    tied_embeddings: bool = True
    """Whether the language-model head uses the token table."""


class EncoderDecoderParameters(Spec):
    """What an encoder-decoder is run on."""

    batch: PositiveInt = 1
    """Sequences at once."""
    sequence: PositiveInt = 512
    """Tokens of each source."""
    target: PositiveInt = 1
    """Tokens of each target that are given at once in prefill."""
    phase: Literal["prefill", "decode"] = "prefill"
    """``prefill`` encodes the source and reads the target so far; ``decode`` makes one more target token."""
    context: NonNegativeInt | None = None
    """Target tokens already in the cache; where none is given: 0 in prefill, ``target`` in decode."""
    logits: Literal["last", "all"] = "last"
    """Whether the last target token or every one goes through the language-model head."""

    @property
    def span(self) -> Span:
        """Which target tokens are new and which are in the cache."""
        if self.phase == "decode":
            return Span(1, self.target if self.context is None else self.context)
        return Span(self.target, self.context or 0)


def build(config: EncoderDecoderConfig, parameters: EncoderDecoderParameters) -> Graph:
    """The graph of an encoder-decoder; in decode the encoder's weights are there, but nothing reads them."""
    graph = Graph()
    _build_into(graph, config, parameters)
    if parameters.phase == "decode":
        if parameters.context is None:
            graph.note(f"no context is given: decoding after {parameters.target} target token(s)")
        whole = Graph()
        _build_into(whole, config, EncoderDecoderParameters())
        graph.add_missing_weights(whole)
    return graph


def _build_into(graph: Graph, config: EncoderDecoderConfig, parameters: EncoderDecoderParameters) -> None:
    stack = _Stack(graph, config, Heads(config.heads, 1, config.head_dim, scaled=False))
    table = graph.weight("token_embedding.weight", (config.vocab, config.hidden))
    batch, source, span = parameters.batch, parameters.sequence, parameters.span
    encoded = None
    if parameters.phase == "prefill":
        tokens = token_input(graph, "source_tokens", batch, source)
        encoded = stack.encode(gather(graph, "source_embedding", table, tokens))
    tokens = token_input(graph, "target_tokens", batch, span.new)
    x = stack.decode(gather(graph, "target_embedding", table, tokens), encoded, source, span)
    _head(graph, config, x if parameters.logits == "all" else last_token(graph, "last_token", x), table)


@dataclass(frozen=True, slots=True)
class _Stack:
    """The layers of an encoder-decoder and what they share."""

    graph: Graph
    config: EncoderDecoderConfig
    heads: Heads

    def encode(self, x: Tensor) -> Tensor:
        """The encoder over ``x`` [B, P, D]."""
        span = Span(x.shape[1], causal=False)
        bias = self._positions("encoder", span)
        for index in range(self.config.layers):
            x = self._self_attention(f"encoder{index}", x, span, bias, cached=False)
            x = self._feed_forward(f"encoder{index}", x)
        return norm(self.graph, "encoder_norm", "rmsnorm", x)

    def decode(self, x: Tensor, encoded: Tensor | None, source: int, span: Span) -> Tensor:
        """The decoder over ``x`` [B, P, D] and ``encoded``, or what the cache has of that."""
        bias = self._positions("decoder", span)
        for index in range(self.config.decoder_layers):
            x = self._self_attention(f"decoder{index}", x, span, bias, cached=True)
            x = self._cross_attention(f"decoder{index}.cross_attention", x, encoded, source)
            x = self._feed_forward(f"decoder{index}", x)
        return norm(self.graph, "decoder_norm", "rmsnorm", x)

    def _self_attention(self, name: str, x: Tensor, span: Span, bias: Tensor, *, cached: bool) -> Tensor:
        inner = norm(self.graph, f"{name}.attention_norm", "rmsnorm", x)
        name = f"{name}.attention"
        inner = self_attention(self.graph, name, inner, self.heads, span, cached=cached, added=(bias,))
        return add(self.graph, f"{name}_sum", x, inner)

    def _cross_attention(self, name: str, x: Tensor, encoded: Tensor | None, source: int) -> Tensor:
        """Queries from ``x``, keys and values from the encoder's output: computed and kept once a source."""
        graph, heads = self.graph, self.heads
        inner = norm(graph, f"{name}_norm", "rmsnorm", x)
        query = project(graph, f"{name}.query", inner, "H E", (heads.kv_heads, heads.width), bias=False)
        key = self._source_rows(f"{name}.key", encoded, x.shape[0], source)
        value = self._source_rows(f"{name}.value", encoded, x.shape[0], source)
        span = Span(x.shape[1], source - x.shape[1], causal=False)
        mixed = attend(graph, name, query, key, value, heads, span)
        return add(
            graph,
            f"{name}_sum",
            x,
            merge_heads(graph, f"{name}.output", mixed, "H V", x.shape[-1], bias=False),
        )

    def _source_rows(self, name: str, encoded: Tensor | None, batch: int, source: int) -> Tensor:
        sizes = (self.heads.kv_heads, self.heads.width)
        if encoded is None:
            return self.graph.declare(f"{name}_cache", (batch, source, *sizes), "state")
        rows = project(self.graph, name, encoded, "H E", sizes, bias=False)
        return through_cache(self.graph, f"{name}_cache", rows, Span(source))

    def _feed_forward(self, name: str, x: Tensor) -> Tensor:
        config, name = self.config, f"{name}.feed_forward"
        inner = norm(self.graph, f"{name}_norm", "rmsnorm", x)
        function, gated = config.activation, config.gated
        inner = feed_forward(self.graph, name, inner, config.intermediate, function, gated=gated, bias=False)
        return add(self.graph, f"{name}_sum", x, inner)

    def _positions(self, name: str, span: Span) -> Tensor:
        """A bias [P, S, heads] for every pair, from a table of buckets of relative positions."""
        pairs = (span.new, span.keys)
        functions = RELATIVE_BUCKET.total(span.new * span.keys)
        buckets = apply_work(
            self.graph, f"{name}_buckets", "relative_bucket", (), pairs, functions, datatype=INDEX_DATATYPE
        )
        table = self.graph.weight(f"{name}_positions.weight", (self.config.buckets, self.config.heads))
        return gather(self.graph, f"{name}_positions", table, buckets)


def _head(graph: Graph, config: EncoderDecoderConfig, x: Tensor, table: Tensor) -> None:
    """Scores over the vocabulary; with the token table as weights they are scaled by hidden^-0.5 first."""
    if config.tied_embeddings:
        x = elementwise(graph, "language_model_scale", "scale", x)
    vocabulary_scores(
        graph, "language_model_head", x, config.vocab, table if config.tied_embeddings else None
    )


FAMILY = Family("encoder_decoder", EncoderDecoderConfig, EncoderDecoderParameters, build)
