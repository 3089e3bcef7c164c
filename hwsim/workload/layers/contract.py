"""Contractions of two tensors, written by the ranks of each: ``"B P D", "D H E" -> "B P H E"``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph, Shape
from hwsim.workload.operator import Access, Coordinate, Operator
from hwsim.workload.tensor import Tensor, TensorKind

Projection = tuple[Coordinate, ...]

_TERM = re.compile(r"([+-]?)(?:(?:(\d{1,9})\*)?([A-Za-z]\w*)|(\d{1,9}))")
_SUM = re.compile(rf"(?:{_TERM.pattern})(?:(?=[+-])(?:{_TERM.pattern}))*")


@lru_cache(maxsize=1024)
def projection(text: str | tuple[str, ...]) -> Projection:
    """Coordinates from text: ``"B 2*P+R-3 C"``, one coordinate a word; ``0`` is the constant coordinate.

    Raises:
        InputError: a word is no affine sum of ranks.
    """
    words = text.split() if isinstance(text, str) else text
    return tuple(_coordinate(word) for word in words)


def contract(
    graph: Graph,
    name: str,
    operands: Sequence[tuple[Tensor, str | Projection]],
    output: str | Projection,
    *,
    kind: str = "matmul",
    sizes: Mapping[str, int] | None = None,
    macs: int | None = None,
    shape: Shape | None = None,
    into: TensorKind = "activation",
) -> Tensor:
    """Add a contraction of the first two operands (a third is a bias) and return its output, called ``name``.

    Args:
        graph: where to add it.
        name: the operator's and its output's name.
        operands: each tensor with the ranks of its axes.
        output: the ranks of the output's axes.
        kind: what the operator is called.
        sizes: sizes of ranks that no axis tells alone (sliding windows), or that cover part of an axis.
        macs: multiply-accumulates that matter, where a mask makes them fewer than the points.
        shape: the output's shape where its axes are no plain ranks.
        into: the kind of the output tensor.

    Raises:
        InputError: the axes disagree on a rank's size, or a rank has no size.
    """
    stored = [(graph.indexed(tensor), _as_projection(text)) for tensor, text in operands]
    out = _as_projection(output)
    known = _sizes(name, stored, dict(sizes or {}))
    ranks = tuple((rank, _size(name, rank, known)) for rank in _order(out, [part for _, part in stored]))
    result = graph.declare(name, shape or tuple(_extent(part, known) for part in out), into)
    graph.indexed(result)
    points = math.prod(size for _, size in ranks)
    inputs = tuple(Access(tensor.name, part) for tensor, part in stored)
    count = points if macs is None else macs
    if count > points:
        raise InputError(f"{name!r} cannot have {count} multiply-accumulates in {points} points")
    graph.add(Operator(name, kind, inputs, (Access(name, out),), ranks, count))
    return result


def _as_projection(text: str | Projection) -> Projection:
    return projection(text) if isinstance(text, str) else text


def _coordinate(word: str) -> Coordinate:
    if not _SUM.fullmatch(word):
        raise InputError(f"cannot read the coordinate {word!r}", hint="write it as in 'M' or '2*P+R-3'")
    terms: list[tuple[str, int]] = []
    offset = 0
    for sign, factor, rank, constant in _TERM.findall(word):
        value = int(f"{sign}{constant or factor or 1}")
        if rank:
            terms.append((rank, value))
        else:
            offset += value
    return Coordinate(tuple(terms), offset)


def _sizes(name: str, operands: Sequence[tuple[Tensor, Projection]], sizes: dict[str, int]) -> dict[str, int]:
    """``sizes`` and those that an operand's plain axes tell, checked against each other."""
    given = dict(sizes)
    for tensor, coordinates in operands:
        if len(coordinates) != len(tensor.shape):
            shape = list(tensor.shape)
            raise InputError(
                f"{name!r} has {len(coordinates)} coordinates for {tensor.name!r} of shape {shape}"
            )
        for coordinate, size in zip(coordinates, tensor.shape, strict=True):
            if len(coordinate.terms) == 1 and coordinate.terms[0][1] == 1 and not coordinate.offset:
                rank = coordinate.ranks[0]
                _agree(name, tensor, sizes, rank, min(size, given.get(rank, size)))
    return sizes


def _agree(name: str, tensor: Tensor, sizes: dict[str, int], rank: str, size: int) -> None:
    if sizes.setdefault(rank, size) != size:
        shape = list(tensor.shape)
        raise InputError(
            f"{name!r}: rank {rank} is {sizes[rank]} elsewhere, {size} in {tensor.name!r} {shape}"
        )


def _order(output: Projection, operands: Sequence[Projection]) -> list[str]:
    """Every rank once: those of the output first, then the reduced ones, in the order of the text."""
    named = (rank for part in (output, *operands) for coordinate in part for rank in coordinate.ranks)
    return list(dict.fromkeys(named))


def _size(name: str, rank: str, sizes: Mapping[str, int]) -> int:
    if rank not in sizes:
        raise InputError(
            f"{name!r}: rank {rank} has no size", hint=f"give it under 'ranks', as in {rank}: 64"
        )
    return sizes[rank]


def _extent(coordinate: Coordinate, sizes: Mapping[str, int]) -> int:
    """How many values the coordinate takes, counted from 0."""
    return coordinate.offset + sum(factor * (sizes[rank] - 1) for rank, factor in coordinate.terms) + 1
