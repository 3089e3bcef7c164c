"""Where the operators of an attention run fused on a machine, and whether they can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.fused.machine import TwoArrayMachine, machine_at
from hwsim.mapping.fused.tile_choice import best_tiles, tile_choices
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
    """The site of ``group`` on a machine; where the grid leaves the tiles open, with those that are best.

    Raises:
        InputError: it cannot run fused there; says why.
    """
    grid, lanes = matrix_engine(sites, group.scores), vector_engine(sites, group.softmax)
    machine = machine_at(sites, grid, lanes, tensors[group.query].bits)
    inner = _inner(sites, grid, lanes)
    if machine.tiled:
        fits = [each for each in tile_choices(machine, group.shape) if _too_small(sites, inner(each)) is None]
        machine = best_tiles(tuple(fits) or (machine,), group.shape)
    lack = _too_small(sites, inner(machine))
    if lack is not None:
        raise InputError(f"{lack[0]} is too small for the tiles of fused attention: it needs {lack[1]} bytes")
    return AttentionSite(sites, grid, lanes, machine, inner(machine))


def _too_small(sites: Sites, inner: Mapping[str, int]) -> tuple[str, int] | None:
    """The first memory that does not hold what it must, and the bytes it would have to."""
    for name, size in inner.items():
        capacity = memory_of(sites.arch.find(name)).capacity
        if size > (UNLIMITED if capacity is None else capacity):
            return name, size
    return None


def _inner(
    sites: Sites, grid: MatrixEngine, lanes: VectorEngine
) -> Callable[[TwoArrayMachine], Mapping[str, int]]:
    """The memories on the way to the arrays, and the bytes of the tiles that pass each instance of them.

    Operands and sums pass a memory beside the buffer fold by fold: as much as the grid holds at a time, and
    as much on its way.
    """
    roles = {role: [part.name for part in sites.path(grid, role)[1:]] for role in ROLES}
    beside = [part.name for role in ROLES for part in sites.path(lanes, role)[1:]]

    def of(machine: TwoArrayMachine) -> Mapping[str, int]:
        word = int(8 * machine.word_bytes)
        bits = {"input": word, "weight": word, "output": DATATYPE_BITS[grid.accumulator]}
        held = dict.fromkeys((*(name for each in roles.values() for name in each), *beside), 0)
        for role, passed in roles.items():
            for name in passed:
                held[name] += -(-IN_FLIGHT * bits[role] * machine.rows * machine.columns // 8)
        held.pop(machine.buffer, None)
        return held

    return of
