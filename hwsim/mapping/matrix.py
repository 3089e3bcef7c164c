"""Planning one contraction: its levels of tiles and every transfer they cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.cut import tiling_of, whole_rows
from hwsim.mapping.nest import RELEVANT, Level, fetched_elements, nested_revisits
from hwsim.mapping.protocol import EdgeWords, MatrixEngine
from hwsim.mapping.room import Room, used_bits
from hwsim.mapping.search import Boundary, Deeper, Feeder, Stream, best_level, smallest_excess
from hwsim.workload.contraction import Matmul
from hwsim.workload.tensor import DATATYPE_BITS

Paths = Mapping[Role, tuple[Component, ...]]


@dataclass(frozen=True, slots=True)
class MatrixRequest:
    """One contraction to be planned.

    ``paths`` are the memories of each role, the root first; ``resident`` the roles whose tensor lies whole in
    its first on-chip memory; ``free`` the bytes left for tiles in each memory; ``riders`` how many further
    operands of fused element-wise work stream beside the output tiles; ``bandwidth`` bytes per engine cycle
    of the root memory, None where it never limits.
    """

    problem: Matmul
    engine: MatrixEngine
    paths: Paths
    resident: frozenset[Role]
    free: Mapping[str, int]
    riders: int
    bandwidth: float | None

    @property
    def bits(self) -> int:
        """Bits of one operand element."""
        return DATATYPE_BITS[self.engine.datatype]

    @property
    def partial_bits(self) -> int:
        """Bits of one partial sum."""
        return DATATYPE_BITS[self.engine.accumulator]

    @property
    def depth(self) -> int:
        """Levels of on-chip memory, the deepest path counts."""
        return max(len(path) for path in self.paths.values()) - 1


@dataclass(frozen=True, slots=True)
class Movement:
    """Bytes of one role between neighbours: ``down`` towards the engine, ``up`` away from it."""

    role: Role
    outer: str
    inner: str
    down: int
    up: int


def plan_levels(request: MatrixRequest) -> tuple[Level, ...] | None:
    """The loop nest, outermost depth first; None where some depth has no tile that fits."""
    levels: tuple[Level, ...] = ()
    problem = request.problem
    for depth in range(1, max(request.depth, 1) + 1):
        level = best_level(problem, request.engine, _boundary(request, depth, problem))
        if level is None:
            return None
        levels = (*levels, level)
        problem = tile_problem(problem, level.tile)
    return levels


@dataclass(frozen=True, slots=True)
class Lack:
    """A memory that is too small even for the most modest tile: bytes ``needed`` and bytes ``free``."""

    memory: str
    needed: int
    free: int


def lack_of(request: MatrixRequest) -> Lack:
    """What is too small where :func:`plan_levels` finds nothing.

    Raises:
        ValueError: it does find something.
    """
    problem = request.problem
    for depth in range(1, max(request.depth, 1) + 1):
        boundary = _boundary(request, depth, problem)
        level = best_level(problem, request.engine, boundary)
        if level is None:
            room, bits = smallest_excess(problem, request.engine, boundary)
            return Lack(room.memory, _bytes(bits), room.bits // 8)
        problem = tile_problem(problem, level.tile)
    raise ValueError("every level has a tile that fits")


def tile_problem(problem: Matmul, tile: tuple[int, int, int, int]) -> Matmul:
    """One tile of a product as a product of its own; a tile of whole output rows keeps its windows."""
    batch, M, N, K = tile
    if not problem.windows or not whole_rows(problem, M):
        return Matmul(batch, M, N, K, images=M)
    first, *others = problem.windows
    row = problem.M // (problem.images * first.out)
    rows = min(first.out, M // row)
    windows = (replace(first, out=rows), *others)
    return Matmul(batch, M, N, K, M // (rows * row), windows)


def tile_classes(problem: Matmul, level: Level) -> Iterator[tuple[int, Matmul]]:
    """The different tiles a level makes of a problem, each with how often it comes."""
    tiling = level.tiling(problem)
    axes = (tiling.batch, tiling.M, tiling.N, tiling.K)
    sizes = [[(cut.trips - 1, cut.tile), (1, cut.last)] for cut in axes]
    for b_count, b in sizes[0]:
        for m_count, M in sizes[1]:
            for n_count, N in sizes[2]:
                for k_count, K in sizes[3]:
                    count = b_count * m_count * n_count * k_count
                    if count:
                        yield count, tile_problem(problem, (b, M, N, K))


def cutting(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels as the engine sees them: an inner level that cuts no further leaves the outer one's order
    alone.
    """
    while len(levels) > 1 and levels[-1].tile == levels[-2].tile:
        levels = levels[:-1]
    return levels


def array_cycles(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine) -> int:
    """Engine cycles of the whole nest with operands always there."""
    outer, *inner = cutting(levels)
    if not inner:
        return int(engine.cycles(problem, outer.tiling(problem), outer.order[2]))
    return sum(
        count * array_cycles(tile, clip(tuple(inner), tile), engine)
        for count, tile in tile_classes(problem, outer)
    )


def edge_words(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine) -> dict[Role, EdgeWords]:
    """Words over the engine's edge for the whole nest."""
    outer, *inner = cutting(levels)
    if not inner:
        return dict(engine.edge_words(problem, outer.tiling(problem), outer.order[2]))
    total = dict.fromkeys(ROLES, EdgeWords(0, 0))
    for count, tile in tile_classes(problem, outer):
        for role, words in edge_words(tile, clip(tuple(inner), tile), engine).items():
            before = total[role]
            total[role] = EdgeWords(before.reads + count * words.reads, before.writes + count * words.writes)
    return total


def clip(levels: tuple[Level, ...], problem: Matmul) -> tuple[Level, ...]:
    """``levels`` with no tile larger than the (ragged) ``problem`` they are applied to."""
    return tuple(
        Level(
            level.order,
            min(level.batch, problem.batch),
            min(level.M, problem.M),
            min(level.N, problem.N),
            min(level.K, problem.K),
        )
        for level in levels
    )


def movements(request: MatrixRequest, levels: tuple[Level, ...]) -> tuple[Movement, ...]:
    """Everything that moves, memory to memory and memory to engine, for every role."""
    edges = edge_words(request.problem, levels, request.engine)
    found: list[Movement] = []
    for role in ROLES:
        path = request.paths[role]
        for depth in range(1, len(path)):
            if depth == 1 and role in request.resident:
                continue
            found.append(_between(request, role, levels[:depth], path[depth - 1], path[depth]))
        found.append(_edge(request, role, edges[role], path[-1]))
    return tuple(found)


def _between(
    request: MatrixRequest, role: Role, levels: tuple[Level, ...], outer: Component, inner: Component
) -> Movement:
    tiling = tiling_of(request.problem, levels[-1].tile)
    elements = fetched_elements(request.problem, role, tiling)
    visits = nested_revisits(role, levels, request.problem)
    if role != "output":
        return Movement(role, outer.name, inner.name, _bytes(elements * visits * request.bits), 0)
    partial = elements * (visits - 1) * request.partial_bits
    return Movement(role, outer.name, inner.name, _bytes(partial), _bytes(elements * request.bits + partial))


def _edge(request: MatrixRequest, role: Role, words: EdgeWords, memory: Component) -> Movement:
    """Sums that are finished in one go cross the edge at their final width, partial ones at the
    accumulator's.
    """
    name = request.engine.component.name
    if role != "output":
        return Movement(role, memory.name, name, _bytes(words.reads * request.bits), 0)
    final = request.problem.batch * request.problem.M * request.problem.N
    up = final * request.bits + (words.writes - final) * request.partial_bits
    return Movement(role, memory.name, name, _bytes(words.reads * request.partial_bits), _bytes(up))


def _boundary(request: MatrixRequest, depth: int, problem: Matmul) -> Boundary:
    """What crosses into the memories at ``depth`` while they work on ``problem``, a tile or the whole."""
    holders = {role: path[depth] for role, path in request.paths.items() if len(path) > depth}
    streaming = {
        role: holder for role, holder in holders.items() if depth > 1 or role not in request.resident
    }
    unfinished = problem.K < request.problem.K
    streams = tuple(replace(_stream(request, role), unfinished=unfinished) for role in streaming)
    rate = _rate(request, depth, streaming)
    return Boundary(
        streams=streams,
        rooms=_rooms(request, depth, streaming),
        bits_per_cycle=rate,
        feeders=_feeders(request, depth, holders),
        beside=_beside(request, depth, streaming),
        outermost=depth == 1,
    )


def _beside(request: MatrixRequest, depth: int, streaming: Mapping[Role, Component]) -> tuple[Stream, ...]:
    """Roles that the memories above the boundary pass straight to the engine, sharing their bandwidth."""
    above = {request.paths[role][depth - 1].name for role in streaming}
    ending = (role for role, path in request.paths.items() if len(path) == depth and path[-1].name in above)
    return tuple(_stream(request, role) for role in ending)


def _feeders(request: MatrixRequest, depth: int, holders: Mapping[Role, Component]) -> tuple[Feeder, ...]:
    """The memories at ``depth`` that have a bandwidth, each with the roles it passes on."""
    found = []
    for memory in {holder.name: holder for holder in holders.values()}.values():
        rate = _bits_per_cycle(request, memory)
        if rate is not None:
            roles = [role for role, holder in holders.items() if holder is memory]
            edge = tuple(_stream(request, role) for role in roles if memory is request.paths[role][-1])
            deeper = tuple(
                _deeper(request, role, depth) for role in roles if memory is not request.paths[role][-1]
            )
            found.append(Feeder(rate, edge, deeper))
    return tuple(found)


def _deeper(request: MatrixRequest, role: Role, depth: int) -> Deeper:
    below = request.paths[role][depth + 1]
    return Deeper(_stream(request, role), _tile_bits(request, role, below), 8 * request.free[below.name])


def _tile_bits(request: MatrixRequest, role: Role, holder: Component) -> int:
    """Bits that one element of a streamed tile takes in ``holder``: two buffers, sums at their width where
    they grow.
    """
    buffers = 2 if memory_of(holder).double_buffered else 1
    partial = role == "output" and holder is request.paths[role][-1]
    return buffers * (request.partial_bits if partial else request.bits)


def _rate(request: MatrixRequest, depth: int, streaming: Mapping[Role, Component]) -> float | None:
    """Bits an engine cycle that the memories above the boundary deliver; None where none of them is a limit."""
    if depth == 1:
        return None if request.bandwidth is None else 8 * request.bandwidth
    outer = {request.paths[role][depth - 1].name: request.paths[role][depth - 1] for role in streaming}
    rates = [_bits_per_cycle(request, memory) for memory in outer.values()]
    return min((rate for rate in rates if rate is not None), default=None)


def _bits_per_cycle(request: MatrixRequest, memory: Component) -> float | None:
    """Bits an engine cycle of all instances of a memory; None where it is no limit."""
    bandwidth = memory_of(memory).bandwidth
    if bandwidth is None:
        return None
    return 8 * bandwidth.per_second(memory.clock) * memory.instances / request.engine.component.clock


def _stream(request: MatrixRequest, role: Role) -> Stream:
    return Stream(role, request.bits, request.partial_bits if role == "output" else 0)


def _rooms(request: MatrixRequest, depth: int, streaming: Mapping[Role, Component]) -> tuple[Room, ...]:
    shares: dict[str, list[tuple[Role, int]]] = {}
    for role, holder in streaming.items():
        shares.setdefault(holder.name, []).append((role, _tile_bits(request, role, holder)))
        if role == "output" and depth == 1 and request.riders:
            buffers = 2 if memory_of(holder).double_buffered else 1
            shares[holder.name].append(("output", buffers * request.riders * request.bits))
    if depth == 1 and "output" in request.resident and len(request.paths["output"]) == 2:
        shares.setdefault(request.paths["output"][1].name, []).append(("output", request.partial_bits))
    return tuple(
        Room(name, 8 * request.free[name], tuple(parts), _edge_roles(request, name))
        for name, parts in shares.items()
    )


def _edge_roles(request: MatrixRequest, memory: str) -> tuple[Role, ...]:
    return tuple(role for role in ROLES if request.paths[role][-1].name == memory)


def workspace_bytes(request: MatrixRequest, levels: tuple[Level, ...]) -> dict[str, int]:
    """Bytes of tile buffers that the outermost level takes in each first on-chip memory."""
    rooms, tile = _boundary(request, 1, request.problem).rooms, levels[0].tile
    return {room.memory: _bytes(used_bits(room, request.problem, request.engine, tile)) for room in rooms}


def moves_role(axis: str, role: Role) -> bool:
    """Whether stepping along ``axis`` brings another tile of ``role``."""
    return axis in RELEVANT[role]


def _bytes(bits: int) -> int:
    return -(-int(bits) // 8)
