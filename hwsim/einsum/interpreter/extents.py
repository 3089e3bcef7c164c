"""The size of every rank, read off the arrays that a cascade is run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.sizes import complete_sizes
from hwsim.einsum.terms import Window
from hwsim.spec.errors import InputError, did_you_mean

Shapes = Mapping[str, tuple[int, ...]]


def infer_sizes(cascade: Cascade, shapes: Shapes, given: Mapping[str, int]) -> dict[str, int]:
    """The size of every leaf rank, from ``given`` and from the ``shapes`` of the inputs.

    A coordinate that is only read through windows may be longer than its rank, by what the window reaches
    over: a valid convolution. Without a size for the rank it is taken to be exactly so much longer.

    Raises:
        InputError: an input is missing or unknown, or extents disagree.
    """
    _check_names(cascade, shapes)
    sizes = dict(given)
    windowed = set()
    for tensor, number, rank in _coordinates(cascade):
        taps = _taps(cascade, tensor, number)
        if taps:
            windowed.add((tensor, number))
        else:
            sizes.setdefault(rank, shapes[tensor][number])
    for tensor, number, rank in _coordinates(cascade):
        if (tensor, number) in windowed and rank not in sizes:
            sizes[rank] = shapes[tensor][number] - _reach(cascade, sizes, tensor, number)
    sizes = complete_sizes(cascade, sizes)
    for tensor, number, rank in _coordinates(cascade):
        reach = _reach(cascade, sizes, tensor, number) if (tensor, number) in windowed else 0
        extent, size = shapes[tensor][number], sizes[rank]
        if not size <= extent <= size + reach:
            wanted = f"{size}" if not reach else f"{size} to {size + reach}"
            what = f"coordinate {number + 1} of {tensor} has extent {extent}, rank {rank} needs {wanted}"
            raise InputError(f"shape mismatch: {what}")
    return sizes


def _check_names(cascade: Cascade, shapes: Shapes) -> None:
    for tensor in shapes:
        if tensor not in cascade.inputs:
            raise InputError(f"unknown input {tensor!r}", hint=did_you_mean(tensor, cascade.inputs))
    for tensor, ranks in cascade.inputs.items():
        if tensor not in shapes:
            raise InputError(f"input {tensor} is missing")
        if len(shapes[tensor]) != len(ranks):
            got = len(shapes[tensor])
            raise InputError(
                f"shape mismatch: input {tensor} carries [{', '.join(ranks)}], got {got} dimensions"
            )


def _coordinates(cascade: Cascade) -> Iterator[tuple[str, int, str]]:
    for tensor, ranks in cascade.inputs.items():
        for number, rank in enumerate(ranks):
            yield tensor, number, rank


def _taps(cascade: Cascade, tensor: str, number: int) -> list[str]:
    """The taps of the windows through which a coordinate is read, if it is read through windows only."""
    reads = (access for einsum in cascade.einsums for access in einsum.reads if access.tensor == tensor)
    coords = [access.coords[number] for access in reads]
    taps = [coord.tap for coord in coords if isinstance(coord, Window)]
    return taps if len(taps) == len(coords) else []


def _reach(cascade: Cascade, sizes: Mapping[str, int], tensor: str, number: int) -> int:
    """By how much the widest window hangs over."""
    ranks = [cascade.rank_of(tap) for tap in _taps(cascade, tensor, number)]
    return max(sizes.get(rank, 1) - 1 for rank in ranks)
