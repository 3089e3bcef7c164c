"""Checks of one Einsum's right side: tensors known, coordinates over the ranks they carry, indices bound."""

from __future__ import annotations

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Access, Coord, IndexValue, Last, Size, Window, leaves
from hwsim.spec.errors import InputError, did_you_mean


def check_reads(cascade: Cascade, position: int) -> None:
    """Refuse unknown tensors and ranks, coordinates that do not fit, and indices that nothing binds.

    Raises:
        InputError: at the access or index that is wrong.
    """
    einsum = cascade.einsums[position]
    for access in einsum.reads:
        _check_tensor(cascade, einsum, access)
        for number, coord in enumerate(access.coords):
            _check_coord(cascade, einsum, access, number, coord)
    _check_bound(einsum)
    for leaf in leaves(einsum.expression):
        _check_leaf(cascade, einsum, leaf)


def _check_tensor(cascade: Cascade, einsum: Einsum, access: Access) -> None:
    ranks = cascade.tensor_ranks.get(access.tensor)
    if ranks is None:
        hint = did_you_mean(access.tensor, cascade.tensor_ranks)
        raise einsum.place.error(f"unknown tensor {access.tensor!r} in '{einsum}'", access.column, hint)
    if len(ranks) != len(access.coords):
        carried = f"carries {', '.join(ranks)}" if ranks else "has no ranks"
        got = f"{len(access.coords)} coordinate{'' if len(access.coords) == 1 else 's'}"
        message = f"shape mismatch: tensor {access.tensor} {carried} but is read at {got}, in '{einsum}'"
        raise einsum.place.error(message, access.column)


def _check_coord(cascade: Cascade, einsum: Einsum, access: Access, number: int, coord: Coord) -> None:
    carried = cascade.tensor_ranks[access.tensor][number]
    rank = coord.rank if isinstance(coord, Last) else cascade.coord_rank(coord)
    column = access.column_of(number)
    if rank is not None and rank != carried:
        raise _wrong_rank(
            cascade, einsum, rank, column, f"coordinate {number + 1} of {access.tensor} carries {carried}"
        )
    if isinstance(coord, Last) and coord.rank not in cascade.iterative:
        message = f"rank {coord.rank} has no last coordinate, it is not iterative, in '{einsum}'"
        raise einsum.place.error(message, column, f"list it under iterative, or write {coord.rank.lower()}")
    if isinstance(coord, Window) and cascade.rank_of(coord.tap) not in cascade.ranks:
        tap_rank = cascade.rank_of(coord.tap)
        raise _wrong_rank(cascade, einsum, tap_rank, column, f"index {coord.tap} slides over it")


def _wrong_rank(cascade: Cascade, einsum: Einsum, rank: str, column: int, why: str) -> InputError:
    where = f"{why}, in '{einsum}'"
    if rank in cascade.partitions:
        hint = f"use {', '.join(leaf.lower() for leaf in cascade.partitions[rank])}"
        return einsum.place.error(f"rank {rank} is split and cannot be used whole: {where}", column, hint)
    known = {
        rank
        for tensor, ranks in cascade.tensor_ranks.items()
        for rank in ranks
        if tensor != einsum.output.tensor
    }
    if rank not in known:
        hint = did_you_mean(rank, known)
        return einsum.place.error(f"unknown rank {rank}: {where}", column, hint)
    hint = "index_ranks can let an index run over a rank of another name"
    return einsum.place.error(f"shape mismatch: this coordinate is over {rank}, but {where}", column, hint)


def _check_bound(einsum: Einsum) -> None:
    """Every index of the head is used; every index on the left stands on the right, initialisations apart."""
    for number, coord in enumerate(einsum.output.coords):
        index = getattr(coord, "index", None)
        if index and index not in einsum.right_indices and not einsum.is_initialisation:
            message = f"nothing on the right binds index {index}, in '{einsum}'"
            hint = did_you_mean(index, einsum.right_indices)
            raise einsum.place.error(message, einsum.output.column_of(number), hint)
    for index in einsum.head.indices if einsum.head else ():
        if index not in einsum.right_indices:
            column = einsum.head.column if einsum.head else 1
            message = f"the head combines index {index}, which nothing on the right binds, in '{einsum}'"
            raise einsum.place.error(message, column, did_you_mean(index, einsum.right_indices))


def _check_leaf(cascade: Cascade, einsum: Einsum, leaf: object) -> None:
    if isinstance(leaf, IndexValue) and leaf.index not in (*einsum.left_indices, *einsum.right_indices):
        message = f"coord({leaf.index}) needs index {leaf.index} in a coordinate, in '{einsum}'"
        raise einsum.place.error(message, leaf.column, did_you_mean(leaf.index, einsum.right_indices))
    if isinstance(leaf, Size) and leaf.rank not in cascade.ranks_and_families:
        message = f"unknown rank {leaf.rank} in '{einsum}'"
        raise einsum.place.error(message, leaf.column, did_you_mean(leaf.rank, cascade.ranks_and_families))
