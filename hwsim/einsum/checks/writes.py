"""Checks of the left sides: each tensor produced once, at coordinates that can be produced."""

from __future__ import annotations

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Coord, Fixed, Index, Shifted


def check_writes(cascade: Cascade) -> None:
    """Refuse tensors produced twice or only initialised, and left sides that name no coordinate to produce.

    Raises:
        InputError: at the left side that is wrong.
    """
    for einsum in cascade.einsums:
        _check_coords(cascade, einsum)
    for position, einsum in enumerate(cascade.einsums):
        _check_produced_once(cascade, position)
        if einsum.is_initialisation:
            _check_initialisation(cascade, position)


def _check_coords(cascade: Cascade, einsum: Einsum) -> None:
    seen: set[str] = set()
    for number, coord in enumerate(einsum.output.coords):
        column = einsum.output.column_of(number)
        if isinstance(coord, Fixed):
            continue
        if not isinstance(coord, Index | Shifted):
            hint = "a left coordinate is an index, an index plus or minus a number, or a number"
            raise einsum.place.error(f"this coordinate cannot be produced, in '{einsum}'", column, hint)
        if coord.index in seen:
            raise einsum.place.error(f"index {coord.index} is twice on the left of '{einsum}'", column)
        seen.add(coord.index)
        leaves = cascade.partitions.get(cascade.rank_of(coord.index))
        if leaves:
            message = f"index {coord.index} runs over a family that is split, in '{einsum}'"
            raise einsum.place.error(message, column, f"use {', '.join(leaf.lower() for leaf in leaves)}")


def _check_produced_once(cascade: Cascade, position: int) -> None:
    einsum = cascade.einsums[position]
    tensor = einsum.output.tensor
    if tensor in cascade.inputs:
        message = f"tensor {tensor} is an input and cannot be produced, in '{einsum}'"
        raise einsum.place.error(message, einsum.output.column, "give the result a name of its own")
    own = _target(einsum)
    for other in cascade.writers[tensor]:
        if other < position and _target(cascade.einsums[other]) == own:
            message = f"tensor {tensor} is produced twice: '{cascade.einsums[other]}' and '{einsum}'"
            raise einsum.place.error(message, einsum.output.column, "give the result a name of its own")


def _target(einsum: Einsum) -> tuple[int | None, ...]:
    """What a left side sets: all of the tensor, or the coordinates that it fixes."""
    fixed = tuple(coord.value if isinstance(coord, Fixed) else None for coord in einsum.output.coords)
    return fixed if einsum.is_initialisation else ()


def _check_initialisation(cascade: Cascade, position: int) -> None:
    einsum = cascade.einsums[position]
    output, tensor = einsum.output, einsum.output.tensor
    producer = cascade.producers.get(tensor)
    if producer is None:
        message = f"tensor {tensor} is initialised but nothing produces it, in '{einsum}'"
        raise einsum.place.error(message, output.column, "produce it with an index in place of the number")
    main = cascade.einsums[producer]
    if len(output.coords) != len(main.output.coords):
        carried, given = len(main.output.coords), len(output.coords)
        message = f"shape mismatch: tensor {tensor} has {carried} ranks in '{main}', {given} in '{einsum}'"
        raise einsum.place.error(message, output.column)
    for number, coord in enumerate(output.coords):
        _check_same_rank(cascade, position, number, coord)


def _check_same_rank(cascade: Cascade, position: int, number: int, coord: Coord) -> None:
    einsum = cascade.einsums[position]
    carried = cascade.tensor_ranks[einsum.output.tensor][number]
    rank = cascade.coord_rank(coord)
    if rank not in (None, carried):
        message = (
            f"coordinate {number + 1} of {einsum.output.tensor} carries {carried}, not {rank}, in '{einsum}'"
        )
        raise einsum.place.error(message, einsum.output.column_of(number))
