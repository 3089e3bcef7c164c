"""One Einsum as the mapper sees it: ranks, and tensors whose coordinates are sums of steps along them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

Term = tuple[str, int]
"""A rank and how far the coordinate goes with one step along it: ``("P", 2)`` for a stride of 2."""
Dimension = tuple[Term, ...]
"""One coordinate of a tensor: the sum of its terms, such as P + R of a sliding window."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the Einsum. An output's coordinates are plain ranks: sums are kept for no windows."""

    name: str
    dimensions: tuple[Dimension, ...]
    is_output: bool = False

    @property
    def ranks(self) -> frozenset[str]:
        """The ranks that move it."""
        return frozenset(rank for dimension in self.dimensions for rank, _ in dimension)

    @property
    def windowed(self) -> frozenset[str]:
        """The ranks of its sliding windows."""
        return frozenset(rank for each in self.dimensions if len(each) > 1 for rank, _ in each)

    def __post_init__(self) -> None:
        terms = [rank for dimension in self.dimensions for rank, _ in dimension]
        if len(terms) != len(set(terms)):
            raise ValueError(f"{self.name} has a rank twice in its coordinates")
        if self.is_output and any(len(each) != 1 or each[0][1] != 1 for each in self.dimensions):
            raise ValueError(f"output {self.name} has a coordinate that is not a plain rank")


@dataclass(frozen=True)
class Problem:
    """An Einsum: the size of every rank, and its tensors; exactly one is an output."""

    name: str
    sizes: Mapping[str, int]
    tensors: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        if sum(tensor.is_output for tensor in self.tensors) != 1:
            raise ValueError(f"{self.name} must have exactly one output")
        if any(size < 1 for size in self.sizes.values()):
            raise ValueError(f"{self.name} has a rank of size below 1")

    @property
    def output(self) -> Tensor:
        """What it computes."""
        return next(tensor for tensor in self.tensors if tensor.is_output)

    @property
    def macs(self) -> int:
        """Points of the iteration space."""
        return prod(self.sizes.values())

    def tensor(self, name: str) -> Tensor:
        """The tensor called ``name``.

        Raises:
            KeyError: there is none.
        """
        return next((each for each in self.tensors if each.name == name), None) or _missing(name)


def _missing(name: str) -> Tensor:
    raise KeyError(name)


def simple(*ranks: str) -> tuple[Dimension, ...]:
    """Coordinates that are one rank each."""
    return tuple(((rank, 1),) for rank in ranks)


def matmul(name: str, sizes: Mapping[str, int], left: str, right: str, result: str, axes: str) -> Problem:
    """The product ``result[m,n] = left[m,k] * right[k,n]``; ``axes`` names m, n and k in this order."""
    m, n, k = tuple(axes)
    return Problem(
        name,
        {axis: sizes[axis] for axis in axes},
        (Tensor(left, simple(m, k)), Tensor(right, simple(k, n)), Tensor(result, simple(m, n), True)),
    )


def convolution(
    name: str, sizes: Mapping[str, int], stride: tuple[int, int] = (1, 1), dilation: tuple[int, int] = (1, 1)
) -> Problem:
    """``O[g,n,k,p,q] = I[g,n,c,p+r,q+s] * W[g,k,c,r,s]``: of ``sizes`` G, N, K, C, P, Q, R, S, 1 if absent.

    A rank of one element is left out, so that a plain convolution has seven ranks at most.
    """
    present = {rank: sizes.get(rank, 1) for rank in "GNKCPQRS"}
    present = {rank: size for rank, size in present.items() if size > 1} or {"K": 1}
    windows = [
        tuple((rank, step) for rank, step in pair if rank in present)
        for pair in ((("P", stride[0]), ("R", dilation[0])), (("Q", stride[1]), ("S", dilation[1])))
    ]
    plain = {
        tensor: simple(*(rank for rank in ranks if rank in present))
        for tensor, ranks in (("I", "GNC"), ("W", "GKCRS"), ("O", "GNKPQ"))
    }
    return Problem(
        name,
        present,
        (
            Tensor("I", (*plain["I"], *(each for each in windows if each))),
            Tensor("W", plain["W"]),
            Tensor("O", plain["O"], True),
        ),
    )
