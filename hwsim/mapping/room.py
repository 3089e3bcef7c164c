"""Room for tiles in a memory: what a tile takes of it."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.cut import AXES, Count, Tile
from hwsim.mapping.nest import IRRELEVANT, RELEVANT, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul

Candidate = tuple[Count, Count, Count, Count]
"""(batch, M, N, K) tiles: ints, or arrays with one entry a candidate."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one role takes of a memory: bits for each element of a tile, ``cut_bits`` where the tile cuts K.

    A memory that sums only pass through on their way out has them at their final width, unless K is cut: then
    they come and go unfinished.
    """

    role: Role
    bits: int
    cut_bits: int


@dataclass(frozen=True, slots=True)
class Room:
    """Space for tiles in one memory: ``bits`` free in each of its ``instances``, and the shares of the roles
    held.

    ``edge`` are the roles that pass from this memory straight into the engine or out of it.
    """

    memory: str
    bits: int
    instances: int
    shares: tuple[Share, ...]
    edge: tuple[Role, ...] = ()


def used_bits(room: Room, problem: Matmul, engine: MatrixEngine, tile: Candidate) -> Count:
    """What a (batch, M, N, K) tile takes of each instance of ``room``.

    Batch entries are dealt out to the instances where that comes out even; everything else is there in each.
    The operand that stays in the engine during a fold passes the memory beside it line by line: where a tile
    of one fold is too large for the room, a line of it is there at a time.
    """
    used: Count = 0
    for share in room.shares:
        taken = _taken(room, share, problem, tile)
        if _may_pass_by_line(room, share, engine):
            by_line = (taken > room.bits) & _one_fold(engine, tile)
            line = share.bits * _longest_side(share.role, tile)
            taken = taken - by_line * (taken - line)
        used = used + taken
    return used


def passes_by_line(room: Room, problem: Matmul, engine: MatrixEngine, tile: Tile) -> bool:
    """Whether a tile that is too large for ``room`` passes it line by line."""
    return any(
        bool(_taken(room, share, problem, tile) > room.bits)
        for share in room.shares
        if _may_pass_by_line(room, share, engine)
    )


def stationary_role(engine: MatrixEngine) -> Role:
    """The operand that stays in the engine while time goes on."""
    return next(role for role in ROLES if IRRELEVANT[role] == engine.temporal_axis)


def _taken(room: Room, share: Share, problem: Matmul, tile: Candidate) -> Count:
    batch, M, N, K = tile
    held = batch // room.instances if batch % room.instances == 0 else batch
    bits: Count = share.bits
    if share.cut_bits != share.bits:
        bits = bits + (K < problem.K) * (share.cut_bits - share.bits)
    return bits * tile_elements(problem, share.role, held, M, N, K)


def _longest_side(role: Role, tile: Candidate) -> Count:
    """Elements of a line of the tile, whichever way it passes."""
    sides = dict(zip(AXES, tile[1:], strict=True))
    one, other = (sides[axis] for axis in RELEVANT[role])
    return one + (other > one) * (other - one)


def _may_pass_by_line(room: Room, share: Share, engine: MatrixEngine) -> bool:
    return share.role in room.edge and share.role == stationary_role(engine)


def _one_fold(engine: MatrixEngine, tile: Candidate) -> Count:
    """Whether the tile fills each instance of the engine at most once."""
    batch, *sizes = tile
    fits: Count = batch <= engine.component.instances
    for axis, size in zip(AXES, sizes, strict=True):
        if axis != engine.temporal_axis:
            fits = fits & (size <= engine.granule(axis))
    return fits
