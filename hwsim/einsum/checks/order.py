"""Checks that every Einsum reads only what was produced before, or what an earlier iteration produced."""

from __future__ import annotations

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.dependence import carried_ranks, sources
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Access, Index, Shifted
from hwsim.einsum.walk import walk_index
from hwsim.spec.errors import InputError


def check_order(cascade: Cascade, position: int) -> None:
    """Refuse a read of what a later Einsum, or this one, produces in the same iteration.

    Raises:
        InputError: at the read; a cycle is told from a mere misplacement.
    """
    einsum = cascade.einsums[position]
    for access in einsum.reads:
        for source in sources(cascade, access):
            if source >= position and not _is_state(cascade, source, position, access):
                raise _error(cascade, einsum, position, source, access)


def _is_state(cascade: Cascade, source: int, position: int, access: Access) -> bool:
    """Whether Einsum ``position`` reads what an earlier iteration of a rank that it walks has left."""
    carried = carried_ranks(cascade, source, access)
    walked = {walk_index(cascade, position, rank) for rank in carried}
    return any(coord.index in walked for coord in access.coords if isinstance(coord, Index | Shifted))


def _error(cascade: Cascade, einsum: Einsum, position: int, source: int, access: Access) -> InputError:
    if position not in _needed_by(cascade, source):
        message = f"tensor {access.tensor} is read before it is produced, in '{einsum}'"
        return einsum.place.error(message, access.column, f"move '{cascade.einsums[source]}' up")
    message = f"cyclic dependence that no iteration carries: '{einsum}' needs {access.tensor}, which needs it"
    hint = "state is read at an earlier iteration of an iterative rank, as S[t] where S[t+1] is produced"
    return einsum.place.error(message, access.column, hint)


def _needed_by(cascade: Cascade, target: int) -> set[int]:
    """The Einsums that ``target`` depends on, itself included."""
    found, pending = {target}, [target]
    while pending:
        for access in cascade.einsums[pending.pop()].reads:
            fresh = [source for source in sources(cascade, access) if source not in found]
            found.update(fresh)
            pending.extend(fresh)
    return found
