"""The least an operator must read of a tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod

from hwsim.mapping.vector import touched_bytes
from hwsim.workload.operator import Access, Coordinate, Operator
from hwsim.workload.tensor import Tensor


def least_read_bytes(op: Operator, part: Access, tensors: Mapping[str, Tensor]) -> int:
    """Bytes of ``part`` that ``op`` reads at least: every element that it touches, once."""
    tensor = tensors[part.tensor]
    whole = touched_bytes(op, part, tensors)
    if not op.is_contraction or len(part.coordinates) != len(tensor.shape):
        return whole
    sizes = dict(op.ranks)
    touched = prod(
        _positions(coordinate, [sizes[rank] for rank, _ in coordinate.terms], extent)
        for coordinate, extent in zip(part.coordinates, tensor.shape, strict=True)
    )
    points = prod(sizes[rank] for rank in part.ranks)
    return min(whole, -(-min(touched, points) * tensor.bits // 8))


def _positions(coordinate: Coordinate, sizes: Sequence[int], extent: int) -> int:
    """How many places of an axis of ``extent`` elements a coordinate takes while its ranks run."""
    if len(sizes) == 1 and coordinate.terms[0][1] == 1 and not coordinate.offset:
        return min(sizes[0], extent)
    return _places(coordinate, tuple(sizes), extent)


@lru_cache(maxsize=4096)
def _places(coordinate: Coordinate, sizes: tuple[int, ...], extent: int) -> int:
    """The same, one by one."""
    places = {coordinate.offset}
    for (_, step), size in zip(coordinate.terms, sizes, strict=True):
        places = {place + step * index for place in places for index in range(size)}
    return sum(0 <= place < extent for place in places)
