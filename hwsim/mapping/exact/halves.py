"""One Einsum of a fused pair: what it keeps before the loops in common, between them and below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hwsim.mapping.exact.cuts import common_events
from hwsim.mapping.exact.forms import Forms, forms_of
from hwsim.mapping.exact.skeleton import Event, Shared, Skeleton
from hwsim.mapping.exact.space import Space
from hwsim.mapping.exact.ways import Ways, ways_of
from hwsim.mapping.loopnest.nodes import Storage


@dataclass(frozen=True)
class Half:
    """A skeleton of one Einsum with the loops in common, its forms and the ways of its ranks."""

    space: Space
    skeleton: Skeleton
    forms: Forms
    ways: dict[str, Ways]

    @property
    def lasting(self) -> int:
        """How many events stay while the other Einsum runs; the tensor in common comes right after them."""
        return common_events(self.skeleton) - 1

    @property
    def order_matters(self) -> bool:
        """Whether anything is kept between the loops in common."""
        shared = [event for event, node in enumerate(self.skeleton) if isinstance(node, Shared)]
        return any(isinstance(node, Storage) for node in self.skeleton[shared[0] : shared[-1]])


def fused_space(space: Space, memory: str, tensor: str) -> Space:
    """The space of an Einsum whose ``tensor`` begins in ``memory``.

    Raises:
        ValueError: it has a sliding window.
    """
    if space.windows:
        raise ValueError(f"{space.problem.name} has a sliding window: it is not fused")
    must = space.must_keep | {(memory, tensor)}
    return replace(space, must_keep=must, on_chip=frozenset({tensor}))


def halves(space: Space, memory: str, tensor: str, order: tuple[str, ...]) -> Iterator[Half]:
    """Every half of a fused space with the loops in common in ``order``, from the outside in."""
    for skeleton in space.skeletons():
        for placed in _with_loops(skeleton, Storage(memory, tensor, "each_visit"), order):
            forms = forms_of(space, placed)
            ways = {rank: ways_of(space, placed, forms, (rank,)) for rank in space.problem.sizes}
            yield Half(space, placed, forms, ways)


def _with_loops(skeleton: Skeleton, common: Storage, order: tuple[str, ...]) -> Iterator[Skeleton]:
    """The skeleton with the loops in common among the storages before that of the tensor in common."""
    place = skeleton.index(common)
    before = [node for node in skeleton[:place] if isinstance(node, Storage)]
    if len(before) < place:
        return
    for groups in _groups(before, len(order)):
        events: list[Event] = []
        for group, rank in zip(groups, order, strict=True):
            events += [*group, Shared(rank)]
        yield (*events, *skeleton[place:])


def _groups(storages: list[Storage], count: int) -> Iterator[list[list[Storage]]]:
    """All ways to part ``storages`` into ``count`` runs; within a run only one order of what could be any."""
    if count == 1:
        if storages == sorted(storages, key=_name):
            yield [storages]
        return
    for length in range(len(storages) + 1):
        first, rest = storages[:length], storages[length:]
        if first == sorted(first, key=_name):
            yield from ([first, *others] for others in _groups(rest, count - 1))


def _name(storage: Storage) -> tuple[str, str]:
    return storage.memory, storage.tensor
