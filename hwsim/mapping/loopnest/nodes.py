"""What a loop nest is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hwsim.mapping.loopnest.problem import Problem

Refill = Literal["on_change", "each_visit", "on_slide"]
"""When a storage takes elements from above: only those it does not hold already; its whole tile whenever any
loop above it steps; or its whole tile, but where the loop right above it steps (between them arrays at most)
only what the step before did not leave."""


@dataclass(frozen=True, slots=True)
class Temporal:
    """Steps through ``rank`` by tiles of ``tile`` elements, one after the other; the last may be smaller."""

    rank: str
    tile: int


@dataclass(frozen=True, slots=True)
class Spatial:
    """Lays tiles of ``rank`` side by side along an array's dimension ``along``, ``width`` places wide.

    ``shared``: one read from above serves all places that want an element, and sums of all places are added
    up on their way; otherwise every place reads and writes for itself.
    """

    rank: str
    tile: int
    width: int
    along: str = ""
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Storage:
    """``memory`` holds the tile of ``tensor`` that the loops above leave.

    ``held``: so many temporal loops, the nearest above, which do not move the tensor, leave its tile where it
    is while memories between them and this one change theirs.
    """

    memory: str
    tensor: str
    refill: Refill = "on_change"
    held: int = 0


Node = Temporal | Spatial | Storage
Nest = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a nest: the node (by place, None: the whole) and why, and how to mend it."""

    place: int | None
    message: str
    hint: str | None = None


def faults(problem: Problem, nest: Nest) -> list[Fault]:
    """Everything that keeps ``nest`` from being a nest of ``problem``."""
    found = [fault for place, node in enumerate(nest) for fault in _node_faults(problem, place, node)]
    return found or [*_loop_faults(problem, nest), *_storage_faults(problem, nest)]


def _node_faults(problem: Problem, place: int, node: Node) -> list[Fault]:
    if isinstance(node, Storage):
        names = [tensor.name for tensor in problem.tensors]
        known = node.tensor in names
        return [] if known else [Fault(place, f"there is no tensor {node.tensor!r}", f"one of {names}")]
    if node.rank not in problem.sizes:
        return [Fault(place, f"there is no rank {node.rank!r}", f"one of {sorted(problem.sizes)}")]
    if node.tile < 1:
        return [Fault(place, f"a tile of {node.tile} elements", "at least 1")]
    return []


def _loop_faults(problem: Problem, nest: Nest) -> list[Fault]:
    """Places beyond an array's width, and ranks that do not end in single elements."""
    found: list[Fault] = []
    left = dict(problem.sizes)
    for place, node in enumerate(nest):
        if isinstance(node, Storage):
            continue
        if isinstance(node, Spatial) and -(-left[node.rank] // node.tile) > node.width:
            needed = -(-left[node.rank] // node.width)
            message = f"{left[node.rank]} of {node.rank} by {node.tile} need more than {node.width} places"
            found.append(Fault(place, message, f"a tile of {needed} fits"))
        left[node.rank] = min(left[node.rank], node.tile)
    ranks = [rank for rank, extent in left.items() if extent > 1]
    if ranks:
        message = f"the loops leave tiles of {', '.join(f'{left[rank]} of {rank}' for rank in ranks)}"
        found.append(Fault(None, message, "the innermost loop of a rank has tile 1"))
    return found


def _storage_faults(problem: Problem, nest: Nest) -> list[Fault]:
    found: list[Fault] = []
    for tensor in problem.tensors:
        memories = [node.memory for node in nest if isinstance(node, Storage) and node.tensor == tensor.name]
        if not memories:
            found.append(Fault(None, f"{tensor.name} is stored nowhere"))
        found += [
            Fault(None, f"{tensor.name} is stored twice in {memory}")
            for memory in set(memories)
            if memories.count(memory) > 1
        ]
    return found + [fault for place in range(len(nest)) for fault in _held_faults(problem, nest, place)]


def _held_faults(problem: Problem, nest: Nest, place: int) -> list[Fault]:
    """A storage that stays under a loop that moves its tensor."""
    node = nest[place]
    if not isinstance(node, Storage):
        return []
    loops = _stepping(problem, nest[:place])
    stepped = {rank for rank, steps in loops[len(loops) - node.held :] if steps}
    ranks = stepped & problem.tensor(node.tensor).ranks
    message = f"{node.tensor} cannot stay in {node.memory} while {', '.join(sorted(ranks))} moves it"
    return [Fault(place, message)] if ranks else []


def _stepping(problem: Problem, above: Nest) -> list[tuple[str, bool]]:
    """The rank of every temporal loop, and whether it takes more than one step."""
    left, found = dict(problem.sizes), []
    for node in above:
        if isinstance(node, Storage):
            continue
        if isinstance(node, Temporal):
            found.append((node.rank, node.tile < left[node.rank]))
        left[node.rank] = min(left[node.rank], node.tile)
    return found
