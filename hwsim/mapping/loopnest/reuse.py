"""How many elements arrive at a storage while a nest runs.

One walk over the nodes above the storage, in which equal steps are taken once: a loop's arrivals are those of
its steps, less what each step finds left by the one before. Exact for trimmed tiles (few different ones come
out of any chain of loops), for spatial loops, and for windows whose tiles overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.mapping.loopnest.extents import Extents, Layout, spread, steps
from hwsim.mapping.loopnest.frames import NOTHING, Counter, Counts, Frame
from hwsim.mapping.loopnest.nodes import Nest, Refill, Spatial, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem, Tensor


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Elements that come to a storage over the whole nest.

    ``filled``: at all its instances together. ``read``: from the memory above, where one read serves the
    instances of a shared array. ``joint``: as read, were every array between the two shared. ``new``: of
    ``joint``, those that come for the first time; to a sum, those that start from zero.
    """

    filled: int
    read: int
    joint: int
    new: int


def arrivals(
    problem: Problem, nest: Nest, tensor: Tensor, above: int, place: int, refill: Refill = "on_change"
) -> Arrivals:
    """What arrives of ``tensor`` at ``place`` of ``nest`` from the storage at place ``above``.

    ``place`` may be the end of the nest: the compute units.
    """
    loops = tuple((node, at < above) for at, node in enumerate(nest[:place]) if not isinstance(node, Storage))
    walk = _Walk(loops, tensor, tuple(problem.sizes), _stays(nest, place, refill))
    part = walk.part(0, tuple((size,) for size in problem.sizes.values()))
    new = walk.counter.places(part.first).joint * elements(tensor, problem.sizes)
    return Arrivals(part.counts.filled, part.counts.read, part.counts.joint, new)


def elements(tensor: Tensor, sizes: Mapping[str, int]) -> int:
    """Elements of ``tensor`` over ``sizes`` of its ranks, without coordinates that no sum of terms meets."""
    whole = {rank: (sizes[rank],) for rank in tensor.ranks}
    counter = Counter(tensor, dict.fromkeys(whole, Layout()))
    return counter.everything(Frame(whole, dict.fromkeys(whole, 0))).filled


def tile_at(problem: Problem, nest: Nest, place: int) -> dict[str, int]:
    """The largest part of every rank that the loops above ``place`` leave to one instance."""
    left = dict(problem.sizes)
    for node in nest[:place]:
        if not isinstance(node, Storage):
            left[node.rank] = min(left[node.rank], node.tile)
    return left


State = tuple[Extents, ...]
Loop = tuple[Temporal | Spatial, bool]
"""A loop, and whether it stands above the memory that serves."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the nest: what arrives if nothing was there before, its first frame and its last."""

    counts: Counts
    first: Frame
    last: Frame


@dataclass(frozen=True, slots=True)
class _Stays:
    """Loops, by number, whose steps find what the step before left, and those that leave all as it is."""

    kept: frozenset[int]
    held: frozenset[int]


def _stays(nest: Nest, place: int, refill: Refill) -> _Stays:
    """What stays in the storage at ``place`` (or in the compute units, at the end) when loops step."""
    loops = [node for node in nest[:place] if not isinstance(node, Storage)]
    temporal = [number for number, node in enumerate(loops) if isinstance(node, Temporal)]
    storage = nest[place] if place < len(nest) else None
    held = storage.held if isinstance(storage, Storage) else 0
    kept = {"each_visit": [], "on_slide": _right_above(nest[:place], temporal), "on_change": temporal}[refill]
    return _Stays(frozenset(kept), frozenset(temporal[len(temporal) - held :]))


def _right_above(above: Nest, temporal: list[int]) -> list[int]:
    """The number of the loop right above, arrays left out; none where a storage or nothing stands there."""
    nearest = next((node for node in reversed(above) if not isinstance(node, Spatial)), None)
    return temporal[-1:] if isinstance(nearest, Temporal) else []


class _Walk:
    """The walk for one storage, each stretch remembered by what its loops find."""

    def __init__(
        self, loops: tuple[Loop, ...], tensor: Tensor, ranks: tuple[str, ...], stays: _Stays
    ) -> None:
        self.loops = loops
        self.ranks = ranks
        self.counter = Counter(tensor, _layouts(loops, ranks))
        self.stays = stays
        self.known: dict[tuple[int, State], _Part] = {}

    def part(self, at: int, state: State) -> _Part:
        """The stretch from loop ``at`` inwards, entered with ``state``."""
        key = at, state
        if key not in self.known:
            self.known[key] = self._walked(at, state)
        return self.known[key]

    def _walked(self, at: int, state: State) -> _Part:
        if at == len(self.loops):
            frame = Frame(
                dict(zip(self.ranks, state, strict=True)), dict.fromkeys(self.counter.tensor.ranks, 0)
            )
            return _Part(self.counter.everything(frame), frame, frame)
        node, _ = self.loops[at]
        rank = self.ranks.index(node.rank)
        if isinstance(node, Spatial):
            return self.part(at + 1, _with(state, rank, spread(state[rank], node.tile, node.width)))
        if at in self.stays.held:
            _, _, extents = next(steps(state[rank], node.tile))
            return self.part(at + 1, _with(state, rank, extents))
        return self._stepped(at, state, rank, node)

    def _stepped(self, at: int, state: State, rank: int, node: Temporal) -> _Part:
        """All steps of a temporal loop, one run of equal ones after the other."""
        counts, first, last = NOTHING, None, None
        kept = self.counter.kept if at in self.stays.kept else _nothing_kept
        for step, times, extents in steps(state[rank], node.tile):
            part = self.part(at + 1, _with(state, rank, extents))
            entered = part.first.moved(node.rank, step * node.tile)
            counts = counts.plus(part.counts, times)
            if last is not None:
                counts = counts.plus(kept(entered, last), -1)
            if times > 1:
                again = kept(part.first.moved(node.rank, node.tile), part.last)
                counts = counts.plus(again, 1 - times)
            first = first or entered
            last = part.last.moved(node.rank, (step + times - 1) * node.tile)
        assert first is not None
        assert last is not None
        return _Part(counts, first, last)


def _nothing_kept(frame: Frame, before: Frame) -> Counts:
    """A step that takes the whole tile keeps nothing of the one before."""
    del frame, before
    return NOTHING


def _with(state: State, rank: int, extents: Extents) -> State:
    return (*state[:rank], extents, *state[rank + 1 :])


def _layouts(loops: tuple[Loop, ...], ranks: tuple[str, ...]) -> dict[str, Layout]:
    """Where the instances stand after all spatial loops."""
    found = dict.fromkeys(ranks, Layout())
    for node, above in loops:
        if isinstance(node, Spatial):
            found[node.rank] = found[node.rank].spread(node.tile, node.width, node.shared, above)
    return found
