"""How often an element of the scores moves when the scores are not kept in the buffer."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.operations import bodies

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves of an element of each tensor of scores, all of them together."""

    reads: int
    writes: int

    @property
    def total(self) -> int:
        """Both ways."""
        return self.reads + self.writes


def score_tensors(cascade: Cascade) -> tuple[str, ...]:
    """The intermediates that are as large as the scores: those over queries and all keys."""
    ranks = cascade.tensor_ranks
    keys = set(cascade.partitions.get("M", ("M",)))
    return tuple(tensor for tensor in cascade.producers if keys | {"P"} <= set(ranks[tensor]))


def moves_by_tensor(cascade: Cascade, groups: Groups) -> dict[str, Moves]:
    """Moves where Einsums of one group hand scores on in flight and all others through the DRAM."""
    group_of = {einsum: number for number, group in enumerate(groups) for einsum in group}
    found = {}
    for tensor in score_tensors(cascade):
        readers = {group_of[reader] for reader in _readers(cascade, tensor)} - {group_of[tensor]}
        found[tensor] = Moves(len(readers), int(bool(readers)))
    return found


def moves_of(cascade: Cascade, einsums: frozenset[str]) -> Moves:
    """Moves that ``einsums`` alone make: what they produce is written, what they take is read."""
    tensors = score_tensors(cascade)
    reads = sum(reader in einsums for tensor in tensors for reader in _readers(cascade, tensor))
    return Moves(reads, sum(tensor in einsums for tensor in tensors))


def _readers(cascade: Cascade, tensor: str) -> list[str]:
    return [
        name
        for name, einsum in bodies(cascade).items()
        if any(access.tensor == tensor for access in einsum.reads)
    ]
