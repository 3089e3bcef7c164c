"""Transformer-XL (Dai et al. 2019, arXiv:1901.02860): memory and relative positions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.attention import Heads, attend, merge_heads, project, through_cache
from hwsim.workload.families.blocks import add, last_token, norm, token_input
from hwsim.workload.families.feed_forward import feed_forward
from hwsim.workload.families.phase import Layers, Span
from hwsim.workload.families.registry import Family
from hwsim.workload.families.routing import Routing, check_routing, token_counts
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.move import gather, move
from hwsim.workload.layers.vector import elementwise, normalize, rotary_table
from hwsim.workload.tensor import Tensor


class TransformerXLConfig(Spec):
    """The shape of a Transformer-XL."""

    hidden: PositiveInt
    """Width of the model."""
    layers: Layers
    """How many layers."""
    heads: PositiveInt
    """Attention heads."""
    head_dim: PositiveInt
    """Width of a head."""
    intermediate: PositiveInt
    """Width inside the feed-forward layer."""
    vocab: PositiveInt
    """Words of the vocabulary, most frequent first."""
    cutoffs: tuple[PositiveInt, ...] = ()
    """The words at which the clusters of the vocabulary after the first begin."""
    embedding: PositiveInt
    """Width of the first cluster's embeddings."""
    division: PositiveInt = 1
    """By how much the width of each further cluster is divided; 1: all have the width of the first."""

    @model_validator(mode="after")
    def _rising(self) -> TransformerXLConfig:
        if list(self.cutoffs) != sorted({*self.cutoffs}) or max(self.cutoffs, default=0) >= self.vocab:
            raise fault("'cutoffs' must rise and stay below 'vocab'", at=("cutoffs",))
        if self.embedding // self.division ** len(self.cutoffs) < 1:
            raise fault("'division' leaves no width for the last cluster", at=("division",))
        return self

    @property
    def clusters(self) -> list[tuple[int, int]]:
        """Words and embedding width of each cluster."""
        edges = [0, *self.cutoffs, self.vocab]
        sizes = [end - begin for begin, end in pairwise(edges)]
        return [(size, self.embedding // self.division**number) for number, size in enumerate(sizes)]


class TransformerXLParameters(Spec):
    """What a Transformer-XL is run on."""

    batch: PositiveInt = 1
    """Sequences at once."""
    sequence: PositiveInt = 128
    """Tokens of a segment."""
    memory: NonNegativeInt = 1600
    """Tokens of earlier segments that attention reaches back to."""
    logits: Literal["last", "all"] = "last"
    """Whether the last token or every one gets scores over the vocabulary."""
    cluster_shares: Annotated[Routing, AfterValidator(check_routing)] | None = None
    """The share of tokens in each cluster of the vocabulary; none given: all in the first."""


def build(config: TransformerXLConfig, parameters: TransformerXLParameters) -> Graph:
    """The graph of a Transformer-XL over one segment."""
    graph = Graph()
    span = Span(parameters.sequence, parameters.memory)
    x = _embeddings(graph, config, parameters)
    angles = rotary_table(graph, "position_table", span.keys, config.hidden)
    stack = _Stack(graph, config, span, angles)
    for index in range(config.layers):
        x = stack.layer(f"layer{index}", x)
    _vocabulary(graph, config, x if parameters.logits == "all" else last_token(graph, "last_token", x))
    return graph


@dataclass(frozen=True, slots=True)
class _Stack:
    """The layers and what they share."""

    graph: Graph
    config: TransformerXLConfig
    span: Span
    angles: Tensor

    def layer(self, name: str, x: Tensor) -> Tensor:
        """Attention and feed-forward layer, each followed by its residual and norm."""
        x = self._close(f"{name}.attention", x, self._attention(f"{name}.attention", x))
        width = self.config.intermediate
        inner = feed_forward(self.graph, f"{name}.feed_forward", x, width, "relu", gated=False, bias=True)
        return self._close(f"{name}.feed_forward", x, inner)

    def _close(self, name: str, x: Tensor, inner: Tensor) -> Tensor:
        return norm(self.graph, f"{name}_norm", "layernorm", add(self.graph, f"{name}_sum", x, inner))

    def _attention(self, name: str, x: Tensor) -> Tensor:
        """Scores by content and by relative position, over the segment and the memory of earlier ones."""
        graph, span = self.graph, self.span
        sizes = (self.config.heads, self.config.head_dim)
        heads = Heads(sizes[0], 1, sizes[1])
        memory = through_cache(graph, f"{name}.memory", x, span)
        query = project(graph, f"{name}.query", x, "H E", sizes, bias=False)
        key = project(graph, f"{name}.key", memory, "H E", sizes, bias=False)
        value = project(graph, f"{name}.value", memory, "H E", sizes, bias=False)
        content = elementwise(
            graph, f"{name}.content_query", "add", query, graph.weight(f"{name}.content_bias", sizes)
        )
        mixed = attend(
            graph, name, content, key, value, heads, span, self._position_scores(name, query, sizes)
        )
        return merge_heads(graph, f"{name}.output", mixed, "H V", x.shape[-1], bias=False)

    def _position_scores(self, name: str, query: Tensor, sizes: tuple[int, int]) -> Tensor:
        """Scores of queries with every distance, each row then shifted to the tokens at these distances."""
        graph = self.graph
        weight = graph.weight(f"{name}.position.weight", (self.config.hidden, *sizes))
        distances = contract(graph, f"{name}.position", [(self.angles, "S D"), (weight, "D H E")], "S H E")
        bias = graph.weight(f"{name}.position_bias", sizes)
        biased = elementwise(graph, f"{name}.position_query", "add", query, bias)
        scores = contract(
            graph,
            f"{name}.position_scores",
            [(biased, "B P H E"), (distances, "S H E")],
            "B H P S",
            macs=query.elements * self.span.pairs // self.span.new,
        )
        return move(graph, f"{name}.position_shift", "rearrange", (scores,), scores.shape)


def _embeddings(graph: Graph, config: TransformerXLConfig, parameters: TransformerXLParameters) -> Tensor:
    """Each token's row from the table of its cluster, projected to the width of the model."""
    clusters = config.clusters
    tokens = token_input(graph, "tokens", parameters.batch, parameters.sequence)
    shares = parameters.cluster_shares or (1.0, *(0.0 for _ in clusters[1:]))
    counts = token_counts(shares, len(clusters), tokens.elements)
    parts = []
    for number, ((words, width), count) in enumerate(zip(clusters, counts, strict=True)):
        name = f"embedding{number}"
        table = graph.weight(f"{name}.weight", (words, width))
        projection = graph.weight(f"{name}.projection", (width, config.hidden))
        if count:
            mine = move(
                graph, f"{name}.tokens", "slice", (tokens,), (count,), ((tokens, count / tokens.elements),)
            )
            rows = gather(graph, name, table, mine)
            parts.append(contract(graph, f"{name}.projected", [(rows, "T E"), (projection, "E D")], "T D"))
    return move(graph, "embedding", "scatter", parts, (*tokens.shape, config.hidden))


def _vocabulary(graph: Graph, config: TransformerXLConfig, x: Tensor) -> None:
    """Log-probabilities: of the first cluster's words and the further clusters, then within each."""
    for number, (words, _) in enumerate(config.clusters):
        name = f"vocabulary{number}"
        table = graph.find(f"embedding{number}.weight")
        projection = graph.find(f"embedding{number}.projection")
        narrow = contract(graph, f"{name}.projected", [(x, "B P D"), (projection, "E D")], "B P E")
        bias = graph.weight(f"{name}.bias", (words,))
        scores = contract(graph, name, [(narrow, "B P E"), (table, "V E"), (bias, "V")], "B P V")
        if number == 0 and config.cutoffs:
            scores = _cluster_scores(graph, name, narrow, scores, len(config.cutoffs))
        normalize(graph, f"{name}.logsoftmax", "logsoftmax", scores, scores.shape[-1])


def _cluster_scores(graph: Graph, name: str, x: Tensor, scores: Tensor, count: int) -> Tensor:
    """``scores`` and, behind them, those of the further clusters."""
    weight = graph.weight(f"{name}.cluster_weight", (count, x.shape[-1]))
    bias = graph.weight(f"{name}.cluster_bias", (count,))
    further = contract(graph, f"{name}.clusters", [(x, "B P E"), (weight, "V E"), (bias, "V")], "B P V")
    shape = (*scores.shape[:2], scores.shape[2] + count)
    return move(graph, f"{name}.all_scores", "concat", (scores, further), shape)


FAMILY = Family("transformer_xl", TransformerXLConfig, TransformerXLParameters, build)
