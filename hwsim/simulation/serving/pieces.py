"""A model's operators as pieces of work: what lies before, between and after its attention layers.

A piece has a shape that says all that its time depends on, so that like layers are timed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hwsim.mapping.fused.groups import AttentionGroup, attention_groups
from hwsim.mapping.products import product_of
from hwsim.mapping.vector import touched_bytes
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

QUERIES, SEQUENCES = "P", "B"
"""Ranks of the scores of attention: new tokens, sequences."""
NORMS = ("layernorm", "rmsnorm", "softmax")
"""Kinds of vector work that reduce over a fiber."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the time of a piece depends on, all devices of a tensor-parallel group together.

    A ``product`` of ``batch`` M x K by K x N, ``shared`` where the second operand is a weight that the
    devices share; a ``vector`` work on ``elements``, reduced over fibers of ``fiber``, ``whole`` on every
    device where it is of the tokens' state. Bytes: ``moved`` over the boundary of the memory, of which
    ``weights``; ``reduced``: summed over the devices first.
    """

    kind: Literal["product", "vector"]
    work: str
    batch: int = 1
    M: int = 1
    N: int = 1
    K: int = 1
    elements: int = 0
    fiber: int = 1
    whole: bool = False
    weights: int = 0
    moved: int = 0
    reduced: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """An operator and its shape."""

    operator: Operator
    shape: Shape


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """Attention of one layer to ``keys`` tokens: ``sequences``, new tokens of each, heads of keys, queries a
    head, widths of a key and a value, bytes of an element of the cache.
    """

    sequences: int
    tokens: int
    kv_heads: int
    group: int
    width: int
    values: int
    keys: int
    element_bytes: int

    @property
    def cache_bytes(self) -> int:
        """Keys and values of all sequences."""
        per_token = self.kv_heads * (self.width + self.values) * self.element_bytes
        return self.sequences * self.keys * per_token


@dataclass(frozen=True, slots=True)
class Attention:
    """The operators of one attention layer and their shape."""

    operators: tuple[Operator, ...]
    shape: AttentionShape


@dataclass(frozen=True, slots=True)
class Pieces:
    """A model: ``segments`` of pieces, one more than there are attention layers between them."""

    segments: tuple[tuple[Piece, ...], ...]
    attentions: tuple[Attention, ...]
    weight_bytes: int


def pieces_of(workload: Workload) -> Pieces:
    """The pieces of a workload whose tensors have datatypes.

    Raises:
        InputError: a contraction is no product of two matrices.
    """
    groups = {
        op.name: group
        for group in attention_groups(workload)
        if isinstance(group, AttentionGroup)
        for op in group.operators
    }
    segments: list[list[Piece]] = [[]]
    attentions = []
    for op in workload.operators:
        group = groups.get(op.name)
        if group is None:
            segments[-1].append(Piece(op, _shape(workload, op)))
        elif op is group.operators[-1]:
            attentions.append(Attention(group.operators, _attention(workload, group)))
            segments.append([])
    weights = sum(tensor.bytes for tensor in workload.tensors.values() if tensor.kind == "weight")
    return Pieces(tuple(tuple(each) for each in segments), tuple(attentions), weights)


def _attention(workload: Workload, group: AttentionGroup) -> AttentionShape:
    ranks, shape = dict(group.scores.ranks), group.shape
    sequences, tokens = ranks.get(SEQUENCES, 1), ranks.get(QUERIES, 1)
    return AttentionShape(
        sequences=sequences,
        tokens=tokens,
        kv_heads=max(1, shape.instances // sequences),
        group=max(1, shape.queries // tokens),
        width=shape.embed,
        values=shape.values,
        keys=shape.keys,
        element_bytes=-(-workload.tensors[group.key].bits // 8),
    )


def _shape(workload: Workload, op: Operator) -> Shape:
    moved = dict(_moved(workload, op))
    weights = sum(size for name, size in moved.items() if workload.tensors[name].kind == "weight")
    if op.is_contraction:
        problem = product_of(op, workload.tensors)
        return Shape(
            *("product", op.kind, problem.batch, problem.M, problem.N, problem.K),
            weights=weights,
            moved=sum(moved.values()),
        )
    elements = max((workload.tensors[part.tensor].elements for part in op.outputs), default=0)
    if [name for name, _ in op.functions] == ["move"]:
        elements = op.functions[0][1]
    return Shape(
        *("vector", op.kind),
        elements=elements,
        fiber=op.fiber if op.kind in NORMS else 1,
        whole=op.kind in NORMS or op.kind == "add",
        weights=weights,
        moved=sum(moved.values()),
        reduced=_reduced(workload, op),
    )


def _moved(workload: Workload, op: Operator) -> Iterator[tuple[str, int]]:
    """Bytes that come from or go to the memory: all but activations, which stay on the chip."""
    for part in (*op.inputs, *op.outputs):
        if workload.tensors[part.tensor].kind != "activation":
            yield part.tensor, touched_bytes(op, part, workload.tensors)


def _reduced(workload: Workload, op: Operator) -> int:
    """Bytes that the devices sum up before this: what a residual addition gets from a product or experts."""
    if op.kind != "add":
        return 0
    for part in op.inputs:
        producer = workload.by_name.get(workload.producers.get(part.tensor, ""))
        if producer is not None and (producer.is_contraction or producer.kind == "combine"):
            return workload.tensors[part.tensor].bytes
    return 0
