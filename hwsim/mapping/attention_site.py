"""Where the operators of an attention run fused on a machine, and whether they can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.fused.machine import TwoArrayMachine, machine_at
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.protocol import MatrixEngine, VectorEngine
from hwsim.mapping.sites import Sites, matrix_engine, vector_engine
from hwsim.mapping.situation import UNLIMITED
from hwsim.spec.errors import InputError
from hwsim.workload.tensor import DATATYPE_BITS, Tensor

IN_FLIGHT = 2
"""Tiles of each role in a memory between the buffer and an array: one in use, one on its way."""


@dataclass(frozen=True, slots=True)
class AttentionSite:
    """The grid and the lanes of a fused attention, and the machine as its model sees it.

    ``inner`` are the bytes of tiles in each memory but the buffer and the outermost one.
    """

    sites: Sites
    grid: MatrixEngine
    lanes: VectorEngine
    machine: TwoArrayMachine
    inner: Mapping[str, int]


def site_of(sites: Sites, group: AttentionGroup, tensors: Mapping[str, Tensor]) -> AttentionSite:
    """The site of ``group`` on a machine; where its grid leaves tiles open, with tiles of a single score.

    Raises:
        InputError: it cannot run fused there; says why.
    """
    grid, lanes = matrix_engine(sites, group.scores), vector_engine(sites, group.softmax)
    machine = machine_at(sites, grid, lanes, tensors[group.query].bits)
    site = AttentionSite(sites, grid, lanes, machine, _inner(sites, grid, lanes, machine, group.shape))
    lack = _too_small(site)
    if lack is not None:
        raise InputError(f"{lack[0]} is too small for the tiles of fused attention: it needs {lack[1]} bytes")
    return site


def sites_with_tiles(site: AttentionSite, shape: AttentionShape) -> Iterator[AttentionSite]:
    """The site with every tile of a declared set that fits: powers of four of keys and of queries, and all.

    Only where the grid leaves them open: elsewhere a tile is what the grid holds.
    """
    if site.machine.tiled is None:
        yield site
        return
    for tile in product(_sides(shape.keys), _sides(shape.queries)):
        found = with_tile(site, shape, tile)
        if _too_small(found) is None:
            yield found


def with_tile(site: AttentionSite, shape: AttentionShape, tile: tuple[int, int]) -> AttentionSite:
    """The site with tiles of so many keys and queries."""
    rows, columns = tile
    machine = replace(site.machine, rows=rows, columns=columns)
    return replace(site, machine=machine, inner=_inner(site.sites, site.grid, site.lanes, machine, shape))


def _sides(size: int) -> list[int]:
    powers = (4**power for power in range(size.bit_length()))
    return [*(side for side in powers if side < size), size]


def _too_small(site: AttentionSite) -> tuple[str, int] | None:
    """The first memory that does not hold what it must, and the bytes it would have to."""
    for name, size in site.inner.items():
        capacity = memory_of(site.sites.arch.find(name)).capacity
        if size > (UNLIMITED if capacity is None else capacity):
            return name, size
    return None


def _inner(
    sites: Sites, grid: MatrixEngine, lanes: VectorEngine, machine: TwoArrayMachine, shape: AttentionShape
) -> dict[str, int]:
    """The memories on the way to the arrays, and the bytes of the tiles that pass each instance of them."""
    word = int(8 * machine.word_bytes)
    bits: dict[Role, int] = {"input": word, "weight": word, "output": DATATYPE_BITS[grid.accumulator]}
    ways = [(role, sites.path(grid, role)[1:]) for role in ROLES]
    beside = [part for role in ROLES for part in sites.path(lanes, role)[1:]]
    held = dict.fromkeys((part.name for part in (*(part for _, way in ways for part in way), *beside)), 0)
    for role, way in ways:
        for part in way:
            held[part.name] += -(-IN_FLIGHT * bits[role] * _passing(machine, shape, role) // 8)
    held.pop(machine.buffer, None)
    return held


def _passing(machine: TwoArrayMachine, shape: AttentionShape, role: Role) -> int:
    """Words of a role that pass a memory beside the buffer at a time.

    Operands and sums pass fold by fold, as much as the grid holds; one that times tiles takes them whole.
    """
    keys, queries = machine.rows, machine.columns
    if machine.tiled is None:
        return keys * queries
    wide = max(shape.embed, shape.values)
    sides = {
        "input": queries * max(keys, shape.embed),
        "weight": keys * wide,
        "output": queries * max(keys, wide),
    }
    return sides[role]
