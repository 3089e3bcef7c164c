"""Multi-head latent attention: keys and values from one low-rank latent (DeepSeek-V2, arXiv:2405.04434, 2.1).

The cache holds the latent and one rotated key for all heads. ``naive`` expands them into keys and values of
every head. ``absorbed`` multiplies the expansion of keys into the query and that of values into the output,
so that attention works on the latent itself: fewer operations where there are few queries (decode), more
where there are many (prefill).
"""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from hwsim.spec.model import Spec
from hwsim.workload.families.attention import Heads, Rotation, attend, merge_heads, through_cache
from hwsim.workload.families.blocks import norm
from hwsim.workload.families.phase import Span
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import cut, move
from hwsim.workload.layers.vector import attention_softmax, rotary
from hwsim.workload.tensor import Tensor


class LatentConfig(Spec):
    """The shape of multi-head latent attention."""

    query_rank: PositiveInt | None = None
    """Width of the query's low-rank projection; none: queries are projected at once."""
    kv_rank: PositiveInt
    """Width of the latent that keys and values are made of."""
    nope_width: PositiveInt
    """Width of the part of a head's query and key without position."""
    rope_width: PositiveInt
    """Width of the part that is rotated by position; its key is shared by all heads."""
    value_width: PositiveInt
    """Width of a head's value."""

    @property
    def score_width(self) -> int:
        """Width of a head's query and key."""
        return self.nope_width + self.rope_width


def latent_attention(
    graph: Graph,
    name: str,
    x: Tensor,
    heads: int,
    config: LatentConfig,
    span: Span,
    rotation: Rotation,
    form: Literal["naive", "absorbed"],
) -> Tensor:
    """Attention of ``x`` [B, P, D] through the latent, with its projections and its cache."""
    query = _query(graph, name, x, heads, config)
    rows = _latent(graph, name, x, config, rotation, span)
    mix = {"naive": _naive, "absorbed": _absorbed}[form]
    mixed = mix(graph, name, query, rows, config, span, rotation)
    return merge_heads(graph, f"{name}.output", mixed, "H V", x.shape[-1], bias=False)


def _query(graph: Graph, name: str, x: Tensor, heads: int, config: LatentConfig) -> Tensor:
    """Queries [B, P, heads, nope + rope], not rotated yet."""
    if config.query_rank:
        x = linear(graph, f"{name}.query_down", x, config.query_rank)
        x = norm(graph, f"{name}.query_norm", "rmsnorm", x)
    weight = graph.weight(f"{name}.query.weight", (x.shape[-1], heads, config.score_width))
    return contract(graph, f"{name}.query", [(x, "B P D"), (weight, "D H E")], "B P H E")


def _latent(
    graph: Graph, name: str, x: Tensor, config: LatentConfig, rotation: Rotation, span: Span
) -> Tensor:
    """What attention reads: rows [B, S, latent + rotated key], new ones and those in the cache."""
    both = linear(graph, f"{name}.kv_down", x, config.kv_rank + config.rope_width)
    latent = cut(graph, f"{name}.latent", "slice", both, (*x.shape[:2], config.kv_rank))
    key = cut(graph, f"{name}.rope_key", "slice", both, (*x.shape[:2], config.rope_width))
    latent = norm(graph, f"{name}.latent_norm", "rmsnorm", latent)
    key = rotary(graph, f"{name}.rope_key_rotary", key, rotation.table, config.rope_width)
    rows = move(graph, f"{name}.latent_row", "concat", (latent, key), both.shape)
    return through_cache(graph, f"{name}.latent_cache", rows, span)


def _naive(
    graph: Graph, name: str, query: Tensor, rows: Tensor, config: LatentConfig, span: Span, rotation: Rotation
) -> Tensor:
    """Keys and values of every head are made of all rows, then attention is as usual."""
    batch, keys = rows.shape[:2]
    heads = query.shape[2]
    query = rotary(graph, f"{name}.query_rotary", query, rotation.table, config.rope_width)
    part = {"R": config.kv_rank}
    made = {}
    for what, rank, width in (("key", "E", config.nope_width), ("value", "V", config.value_width)):
        weight = graph.weight(f"{name}.{what}_up.weight", (config.kv_rank, heads, width))
        operands = [(rows, "B S R"), (weight, f"R H {rank}")]
        made[what] = contract(graph, f"{name}.{what}_up", operands, f"B S H {rank}", sizes=part)
    shape = (batch, keys, heads, config.score_width)
    key = move(
        graph,
        f"{name}.key",
        "concat",
        (made["key"], rows),
        shape,
        ((rows, config.rope_width / rows.shape[2]),),
    )
    return attend(graph, name, query, key, made["value"], Heads(heads, 1, config.score_width), span)


def _absorbed(
    graph: Graph, name: str, query: Tensor, rows: Tensor, config: LatentConfig, span: Span, rotation: Rotation
) -> Tensor:
    """Queries are taken into the space of the latent, values out of it after attention."""
    batch, new, heads = query.shape[:3]
    up = graph.weight(f"{name}.key_up.weight", (config.kv_rank, heads, config.nope_width))
    operands = [(query, "B P H E"), (up, "R H E")]
    part = {"E": config.nope_width}
    latent_query = contract(graph, f"{name}.query_absorbed", operands, "B P H R", sizes=part)
    rope = cut(graph, f"{name}.rope_query", "slice", query, (batch, new, heads, config.rope_width))
    rope = rotary(graph, f"{name}.rope_query_rotary", rope, rotation.table, config.rope_width)
    width = config.kv_rank + config.rope_width
    both = move(graph, f"{name}.query_row", "concat", (latent_query, rope), (batch, new, heads, width))
    scores = contract(
        graph,
        f"{name}.scores",
        [(both, "B P H E"), (rows, "B S E")],
        "B H P S",
        macs=batch * heads * width * span.pairs,
    )
    weights = attention_softmax(graph, f"{name}.softmax", scores, masked=span.masked)
    mixed = contract(
        graph,
        f"{name}.values",
        [(weights, "B H P S"), (rows, "B S R")],
        "B P H R",
        sizes={"R": config.kv_rank},
        macs=batch * heads * config.kv_rank * span.pairs,
    )
    down = graph.weight(f"{name}.value_up.weight", (config.kv_rank, heads, config.value_width))
    return contract(graph, f"{name}.value_up", [(mixed, "B P H R"), (down, "R H V")], "B P H V")
