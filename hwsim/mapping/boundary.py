"""What crosses from one depth of memory to the next, and what limits it: the setting in which tiles are
chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.room import Room, Share


@dataclass(frozen=True, slots=True)
class Stream:
    """A role that travels from the memory above in tiles.

    ``bits`` is the width of one element, ``partial_bits`` that of an unfinished sum (outputs only);
    ``unfinished``: all sums come and go unfinished, for K is cut further out.
    """

    role: Role
    bits: int
    partial_bits: int = 0
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Deeper:
    """A role that goes on into a further memory with ``room_bits`` for tiles of ``element_bits`` an element.

    Where a tile fits, it moves as it is; where it does not, it is cut again and each trip of the role's
    irrelevant loop moves it anew.
    """

    stream: Stream
    element_bits: int
    room_bits: int


@dataclass(frozen=True, slots=True)
class Feeder:
    """A memory below the boundary whose bandwidth may set the pace: bits per engine cycle, and what it passes
    on.

    ``edge`` roles go from it straight into the engine, ``deeper`` ones into another memory.
    """

    bits_per_cycle: float
    edge: tuple[Stream, ...]
    deeper: tuple[Deeper, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles that pass through."""
        return tuple(stream.role for stream in (*self.edge, *(deeper.stream for deeper in self.deeper)))


@dataclass(frozen=True, slots=True)
class Boundary:
    """What crosses from one depth of memory to the next.

    ``streams`` go in tiles, ``direct`` ones word by word between the memory above and the engine;
    ``bits_per_cycle`` is what the memory above delivers, None without a limit. ``whole_sums``: outputs may
    cross finished only.
    """

    streams: tuple[Stream, ...]
    direct: tuple[Stream, ...]
    rooms: tuple[Room, ...]
    bits_per_cycle: float | None
    feeders: tuple[Feeder, ...]
    outermost: bool
    whole_sums: bool


def boundary(request: MatrixRequest, depth: int, K: int) -> Boundary:
    """The boundary above the memories at ``depth``, where the depth above has tiles of ``K``."""
    streaming = request.streaming(depth)
    cut_above = K < request.problem.K
    return Boundary(
        streams=tuple(replace(_stream(request, role), unfinished=cut_above) for role in streaming),
        direct=_direct(request, depth),
        rooms=_rooms(request, depth, cut_above),
        bits_per_cycle=_rate(request, depth),
        feeders=_feeders(request, depth),
        outermost=depth == 1,
        whole_sums=not cut_above if depth > 1 else "output" in request.resident,
    )


def _direct(request: MatrixRequest, depth: int) -> tuple[Stream, ...]:
    """The roles that the memories above pass straight to the engine, beside the streams."""
    above = {request.paths[role][depth - 1].name for role in request.streaming(depth)}
    ending = {role: path[-1].name for role, path in request.paths.items() if len(path) == depth}
    return tuple(_stream(request, role) for role, name in ending.items() if name in above or depth == 1)


def _stream(request: MatrixRequest, role: Role) -> Stream:
    return Stream(role, request.bits[role], request.partial_bits if role == "output" else 0)


def _rate(request: MatrixRequest, depth: int) -> float | None:
    """Bits an engine cycle that the memories above the boundary deliver; None where none is a limit."""
    if depth == 1:
        return request.root_rate
    outer = {
        path.name: path for path in (request.paths[role][depth - 1] for role in request.streaming(depth))
    }
    rates = [request.rate(memory) for memory in outer.values()]
    return min((rate for rate in rates if rate is not None), default=None)


def _feeders(request: MatrixRequest, depth: int) -> tuple[Feeder, ...]:
    """The memories at ``depth`` that have a bandwidth, each with the roles it passes on."""
    holders = request.holders(depth)
    found = []
    for memory in {holder.name: holder for holder in holders.values()}.values():
        rate = request.rate(memory)
        if rate is not None:
            roles = [role for role, holder in holders.items() if holder is memory]
            edge = [_stream(request, role) for role in roles if request.is_last(role, memory)]
            deeper = [_deeper(request, role, depth) for role in roles if not request.is_last(role, memory)]
            found.append(Feeder(rate, tuple(edge), tuple(deeper)))
    return tuple(found)


def _deeper(request: MatrixRequest, role: Role, depth: int) -> Deeper:
    below = request.paths[role][depth + 1]
    return Deeper(
        _stream(request, role), _share(request, role, below, False).bits, _free(request, below, depth + 1)
    )


def _rooms(request: MatrixRequest, depth: int, cut_above: bool) -> tuple[Room, ...]:
    shares: dict[str, list[Share]] = {}
    for role, holder in request.streaming(depth).items():
        shares.setdefault(holder.name, []).append(_share(request, role, holder, cut_above))
    if depth == 1:
        for name, share in _beside_tiles(request):
            shares.setdefault(name, []).append(share)
    memories = {holder.name: holder for holder in request.holders(depth).values()}
    return tuple(
        Room(
            name,
            _free(request, memories[name], depth),
            memories[name].instances,
            tuple(parts),
            tuple(role for role in ROLES if request.is_last(role, memories[name])),
        )
        for name, parts in shares.items()
    )


def _share(request: MatrixRequest, role: Role, holder: Component, cut_above: bool) -> Share:
    """What a streamed tile takes; sums are at their own width where they grow, or pass through unfinished."""
    buffers = _buffers(holder)
    if role != "output":
        return Share(role, buffers * request.bits[role], buffers * request.bits[role])
    unfinished = buffers * max(request.partial_bits, request.bits[role])
    grows = cut_above or request.is_last(role, holder)
    return Share(role, unfinished if grows else buffers * request.bits[role], unfinished)


def _beside_tiles(request: MatrixRequest) -> list[tuple[str, Share]]:
    """What else takes room beside an output tile: operands of riders, and the sums of a resident result.

    A resident result has room for finished elements only: those of the tile at work are apart.
    """
    path = request.paths["output"]
    found: list[tuple[str, Share]] = []
    if len(path) > 1 and request.rider_bits:
        bits = _buffers(path[1]) * request.rider_bits
        found.append((path[1].name, Share("output", bits, bits)))
    if len(path) > 1 and "output" in request.resident:
        bits = request.partial_bits if request.is_last("output", path[1]) else 0
        found.append((path[1].name, Share("output", bits, request.partial_bits)))
    return found


def _buffers(holder: Component) -> int:
    return 2 if memory_of(holder).double_buffered else 1


def _free(request: MatrixRequest, memory: Component, depth: int) -> int:
    """Bits for tiles at ``depth``; a memory that serves other roles at another depth is shared out evenly."""
    holding = [role for role, path in request.paths.items() if any(part is memory for part in path)]
    here = [role for role in holding if request.holders(depth).get(role) is memory]
    return 8 * request.free[memory.name] * len(here) // len(holding)
