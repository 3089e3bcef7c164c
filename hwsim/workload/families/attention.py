"""Multi-head attention with grouped keys and values, masks, rotary positions and a cache.

Ranks: B sequences, P new tokens (queries), S tokens with keys, D model width, H heads of keys, G heads of
queries for each, E width of a query and a key, V width of a value.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.workload.families.phase import Span
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.move import append_to_cache
from hwsim.workload.layers.vector import attention_softmax, rotary
from hwsim.workload.tensor import Tensor

RANKS = {
    "B": "sequences",
    "P": "queries",
    "S": "keys",
    "D": "model width",
    "H": "key heads",
    "G": "queries a key head",
}


@dataclass(frozen=True, slots=True)
class Heads:
    """The shape of an attention layer: ``groups`` heads of keys, each for ``group`` heads of queries."""

    kv_heads: int
    group: int
    width: int
    qkv_bias: bool = False
    output_bias: bool = False
    scaled: bool = True

    @property
    def query_ranks(self) -> str:
        """Ranks of the heads of queries."""
        return "H G" if self.group > 1 else "H"

    @property
    def query_sizes(self) -> tuple[int, ...]:
        """Sizes of these ranks."""
        return (self.kv_heads, self.group) if self.group > 1 else (self.kv_heads,)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotary embedding of the first ``width`` values of each head by the angles of ``table``."""

    table: Tensor
    width: int


def project(graph: Graph, name: str, x: Tensor, ranks: str, sizes: tuple[int, ...], bias: bool) -> Tensor:
    """``x`` [B, P, D] times a new weight [D, ``ranks``], as [B, P, ``ranks``]."""
    weight = graph.weight(f"{name}.weight", (x.shape[-1], *sizes))
    operands = [(x, "B P D"), (weight, f"D {ranks}")]
    if bias:
        operands.append((graph.weight(f"{name}.bias", sizes), ranks))
    return contract(graph, name, operands, f"B P {ranks}")


def merge_heads(graph: Graph, name: str, x: Tensor, ranks: str, width: int, bias: bool) -> Tensor:
    """``x`` [B, P, ``ranks``] times a new weight [``ranks``, D], as [B, P, D]."""
    weight = graph.weight(f"{name}.weight", (*x.shape[2:], width))
    operands = [(x, f"B P {ranks}"), (weight, f"{ranks} D")]
    if bias:
        operands.append((graph.weight(f"{name}.bias", (width,)), "D"))
    return contract(graph, name, operands, "B P D")


def self_attention(
    graph: Graph,
    name: str,
    x: Tensor,
    heads: Heads,
    span: Span,
    rotation: Rotation | None = None,
    *,
    cached: bool = True,
    added: tuple[Tensor, ...] = (),
) -> Tensor:
    """Attention of ``x`` [B, P, D] to itself and to what is in the cache, with its projections.

    A layer with a cache (a decoder's) writes its new keys and values there; it reads them from there only if
    older ones are needed too. ``added`` are biases of the scores.
    """
    ranks, sizes = f"{heads.query_ranks} E", (*heads.query_sizes, heads.width)
    query = project(graph, f"{name}.query", x, ranks, sizes, heads.qkv_bias)
    key, value = (
        project(graph, f"{name}.{part}", x, "H E", (heads.kv_heads, heads.width), heads.qkv_bias)
        for part in ("key", "value")
    )
    if rotation:
        query = rotary(graph, f"{name}.query_rotary", query, rotation.table, rotation.width)
        key = rotary(graph, f"{name}.key_rotary", key, rotation.table, rotation.width)
    if cached:
        key = through_cache(graph, f"{name}.key_cache", key, span)
        value = through_cache(graph, f"{name}.value_cache", value, span)
    mixed = attend(graph, name, query, key, value, heads, span, *added)
    return merge_heads(
        graph, f"{name}.output", mixed, f"{heads.query_ranks} V", x.shape[-1], heads.output_bias
    )


def through_cache(graph: Graph, name: str, rows: Tensor, span: Span) -> Tensor:
    """A new cache with ``rows`` [B, P, ...] appended, or the rows alone where it holds no more."""
    cache = graph.declare(name, (rows.shape[0], span.keys, *rows.shape[2:]), "state")
    append_to_cache(graph, f"{name}.append", cache, rows)
    return cache if span.cached else rows


def attend(
    graph: Graph,
    name: str,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: Heads,
    span: Span,
    *added: Tensor,
) -> Tensor:
    """Scores, softmax and weighted values: [B, P, heads, V]."""
    ranks = heads.query_ranks
    pairs = query.shape[0] * heads.kv_heads * heads.group * span.pairs
    scores = contract(
        graph,
        f"{name}.scores",
        [(query, f"B P {ranks} E"), (key, "B S H E")],
        f"B {ranks} P S",
        macs=pairs * query.shape[-1],
    )
    weights = attention_softmax(
        graph, f"{name}.softmax", scores, *added, scaled=heads.scaled, masked=span.masked
    )
    return contract(
        graph,
        f"{name}.values",
        [(weights, f"B {ranks} P S"), (value, "B S H V")],
        f"B P {ranks} V",
        macs=pairs * value.shape[-1],
    )
