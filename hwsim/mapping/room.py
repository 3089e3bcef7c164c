"""Room for tiles in a memory: what a tile takes of it."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.cut import AXES, Count
from hwsim.mapping.nest import IRRELEVANT, RELEVANT, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul

Tile = tuple[Count, Count, Count, Count]


@dataclass(frozen=True, slots=True)
class Room:
    """Space for tiles in one memory: ``bits`` free, and for each role held the bits one tile element takes.

    ``edge`` are the roles that pass from this memory straight into the engine or out of it.
    """

    memory: str
    bits: int
    shares: tuple[tuple[Role, int], ...]
    edge: tuple[Role, ...] = ()


def stationary_role(engine: MatrixEngine) -> Role:
    """The operand that stays in the engine while time goes on."""
    return next(role for role in ROLES if IRRELEVANT[role] == engine.temporal_axis)


def used_bits(room: Room, problem: Matmul, engine: MatrixEngine, tile: Tile) -> Count:
    """What a (batch, M, N, K) tile takes of ``room``.

    The operand that stays in the engine during a fold passes the memory beside it line by line: where a tile
    of one fold is too large for the room, a line of it is there at a time.
    """
    used: Count = 0
    for role, bits in room.shares:
        whole = bits * tile_elements(problem, role, *tile)
        if role in room.edge and role == stationary_role(engine):
            by_line = (whole > room.bits) & _one_fold(engine, tile)
            line = bits * max(engine.granule(axis) for axis in RELEVANT[role])
            whole = whole - by_line * (whole - line)
        used = used + whole
    return used


def _one_fold(engine: MatrixEngine, tile: Tile) -> Count:
    """Whether the tile fills each instance of the engine at most once."""
    batch, *sizes = tile
    fits: Count = batch <= engine.component.instances
    for axis, size in zip(AXES, sizes, strict=True):
        if axis != engine.temporal_axis:
            fits = fits & (size <= engine.granule(axis))
    return fits
