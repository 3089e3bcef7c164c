"""Planning one contraction: its levels of tiles, every transfer they cause and the room they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.boundary import Boundary, boundary
from hwsim.mapping.candidates import cuttings
from hwsim.mapping.cut import tile_problem
from hwsim.mapping.nest import Level, passage
from hwsim.mapping.protocol import EdgeWords
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.room import passes_by_line, used_bits
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.tiles import edge_words
from hwsim.workload.contraction import Matmul


@dataclass(frozen=True, slots=True)
class Movement:
    """Bytes of one role between neighbours: ``down`` towards the engine, ``up`` away from it."""

    role: Role
    outer: str
    inner: str
    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that tiles take of a memory (one instance), and the bytes they may."""

    memory: str
    bytes: int
    free: int


@dataclass(frozen=True, slots=True)
class Depth:
    """One depth of memory: the ``problem``, the ``level`` of tiles that cuts it, the boundary they cross."""

    problem: Matmul
    limits: Boundary
    level: Level


def plan_depths(
    request: MatrixRequest, memory: SearchMemory, fixed: tuple[Level, ...] = ()
) -> tuple[Depth, ...] | None:
    """The loop nest, outermost depth first; None where some depth has no tile that fits.

    The outermost levels may be ``fixed``; what is inside them is chosen for them.
    """
    depths: list[Depth] = []
    problem = request.problem
    for depth, given in enumerate(fixed, start=1):
        depths.append(Depth(problem, memory.limits(request, depth, problem.K), given))
        problem = tile_problem(problem, given.tile)
    for depth in range(1 + len(fixed), request.depth + 1):
        limits = memory.limits(request, depth, problem.K)
        level = memory.choose(limits, memory.costs(problem, request.engine))
        if level is None:
            return None
        depths.append(Depth(problem, limits, level))
        problem = tile_problem(problem, level.tile)
    return tuple(depths)


def levels_of(depths: tuple[Depth, ...]) -> tuple[Level, ...]:
    """The loop nest alone."""
    return tuple(depth.level for depth in depths)


def movements(request: MatrixRequest, levels: tuple[Level, ...]) -> tuple[Movement, ...]:
    """Everything that moves, memory to memory and memory to engine, for every role."""
    edges = edge_words(request.problem, levels, request.engine)
    found: list[Movement] = []
    for role in ROLES:
        path = request.paths[role]
        for depth in range(1, len(path)):
            if role in request.streaming(depth):
                found.append(_between(request, role, levels[:depth]))
        found.append(_edge(request, role, edges[role]))
    return tuple(found)


def _between(request: MatrixRequest, role: Role, levels: tuple[Level, ...]) -> Movement:
    """Over the boundary above the memory that the innermost of ``levels`` fills."""
    outer, inner = request.paths[role][len(levels) - 1 : len(levels) + 1]
    passed, bits = passage(request.problem, role, levels), request.bits[role]
    if role != "output":
        return Movement(role, outer.name, inner.name, in_bytes(passed.entered * bits), 0)
    back = (passed.entered - passed.once) * request.partial_bits
    return Movement(role, outer.name, inner.name, in_bytes(back), in_bytes(passed.once * bits + back))


def _edge(request: MatrixRequest, role: Role, words: EdgeWords) -> Movement:
    """Sums that are finished in one go cross the edge at their final width, partial ones at the
    accumulator's.
    """
    memory, name, bits = request.paths[role][-1].name, request.engine.component.name, request.bits[role]
    if role != "output":
        return Movement(role, memory, name, in_bytes(words.reads * bits), 0)
    final = request.problem.batch * request.problem.M * request.problem.N
    up = final * bits + (words.writes - final) * request.partial_bits
    return Movement(role, memory, name, in_bytes(words.reads * request.partial_bits), in_bytes(up))


def needs(request: MatrixRequest, depths: tuple[Depth, ...]) -> tuple[Need, ...]:
    """What the tiles of every level take of the memories they come to."""
    return tuple(
        Need(
            room.memory,
            in_bytes(used_bits(room, depth.problem, request.engine, depth.level.tile)),
            room.bits // 8,
        )
        for depth in depths
        for room in depth.limits.rooms
    )


def buffers(request: MatrixRequest, outermost: Depth) -> Literal[1, 2]:
    """How many tiles the memories of the ``outermost`` depth hold: one is loaded while the other is used, or
    not.
    """
    twice = all(memory_of(memory).double_buffered for memory in request.streaming(1).values())
    by_line = any(
        passes_by_line(room, outermost.problem, request.engine, outermost.level.tile)
        for room in outermost.limits.rooms
    )
    return 2 if twice and not by_line else 1


def lacking(request: MatrixRequest) -> tuple[Need, ...]:
    """The memories in which not even the smallest candidate fits."""
    smallest = cuttings(request.problem, request.engine)[1].mesh(request.problem).smallest
    depths = []
    problem = request.problem
    for depth in range(1, request.depth + 1):
        depths.append(Depth(problem, boundary(request, depth, problem.K), smallest))
        problem = tile_problem(problem, smallest.tile)
    return tuple(need for need in needs(request, tuple(depths)) if need.bytes > need.free)


def in_bytes(bits: int) -> int:
    """Whole bytes that hold ``bits``."""
    return -(-int(bits) // 8)
