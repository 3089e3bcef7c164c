"""The order in which a cascade can run: Einsums in sequence, loops over iterative ranks that carry state.

Only Einsums that depend on each other through carried state share a loop; every other Einsum is a step of its
own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.components import components
from hwsim.einsum.dependence import lag, sources
from hwsim.einsum.terms import Access, Index, Shifted
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Walk:
    """Run ``body`` for each coordinate of ``rank``, in increasing order."""

    rank: str
    body: tuple[Step, ...]


Step = int | Walk
"""An Einsum, by position, or a loop."""


@dataclass(frozen=True, slots=True)
class _Need:
    """``reader`` needs ``writer``; ``lags`` says by how many iterations of each rank both walk."""

    writer: int
    reader: int
    lags: Mapping[str, int]


def plan_steps(cascade: Cascade) -> tuple[Step, ...]:
    """The steps that compute the cascade.

    Raises:
        InputError: Einsums depend on each other within one iteration.
    """
    return _steps(cascade, range(len(cascade.einsums)), tuple(_needs(cascade)), cascade.iterative)


def walk_index(cascade: Cascade, position: int, rank: str) -> str | None:
    """The index with which an Einsum walks ``rank``: the one on its left; None where it does not walk."""
    for coord in cascade.einsums[position].output.coords:
        if isinstance(coord, Index | Shifted) and cascade.rank_of(coord.index) == rank:
            return coord.index
    return None


def _needs(cascade: Cascade) -> Iterator[_Need]:
    for reader, einsum in enumerate(cascade.einsums):
        for access in einsum.reads:
            for writer in sources(cascade, access):
                yield _Need(writer, reader, dict(_lags(cascade, writer, reader, access)))


def _lags(cascade: Cascade, writer: int, reader: int, access: Access) -> Iterator[tuple[str, int]]:
    written = cascade.einsums[writer].output.coords
    for rank, left, right in zip(cascade.tensor_ranks[access.tensor], written, access.coords, strict=True):
        distance = lag(left, right)
        walking = isinstance(right, Index | Shifted) and walk_index(cascade, reader, rank) == right.index
        if rank in cascade.iterative and walking and distance is not None:
            yield rank, distance


def _steps(
    cascade: Cascade, nodes: Iterable[int], needs: tuple[_Need, ...], ranks: tuple[str, ...]
) -> tuple[Step, ...]:
    before: dict[int, list[_Need]] = {node: [] for node in nodes}
    for need in needs:
        before[need.reader].append(need)
    steps: list[Step] = []
    for members in components({node: [need.writer for need in each] for node, each in before.items()}):
        inner = tuple(need for member in members for need in before[member] if need.writer in members)
        steps.append(_loop(cascade, members, inner, ranks) if inner else members[0])
    return tuple(steps)


def _loop(
    cascade: Cascade, members: tuple[int, ...], needs: tuple[_Need, ...], ranks: tuple[str, ...]
) -> Walk:
    """A loop over the first rank that carries some of the ``needs`` and never asks for a later iteration."""
    for rank in ranks:
        lags = [need.lags.get(rank, -1) for need in needs]
        if min(lags) >= 0 and max(lags) > 0:
            left = tuple(need for need in needs if need.lags[rank] == 0)
            others = tuple(other for other in ranks if other != rank)
            return Walk(rank, _steps(cascade, members, left, others))
    raise _cycle(cascade, members)


def _cycle(cascade: Cascade, members: tuple[int, ...]) -> InputError:
    first = cascade.einsums[members[0]]
    names = ", ".join(cascade.einsums[position].output.tensor for position in members)
    what = f"{names} depend on each other" if len(members) > 1 else f"{names} depends on itself"
    hint = "state is read at an earlier iteration of an iterative rank, as S[t] where S[t+1] is produced"
    return first.place.error(f"cyclic dependence that no iteration carries: {what}, in '{first}'", hint=hint)
