"""Where the operators of an attention run fused on a machine, and whether they can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.fused.machine import TwoArrayMachine, machine_at
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
    """The site of ``group`` on a machine.

    Raises:
        InputError: it cannot run fused there; says why.
    """
    grid, lanes = matrix_engine(sites, group.scores), vector_engine(sites, group.softmax)
    bits = tensors[group.query].bits
    machine = machine_at(sites, grid, lanes, bits)
    inner = {part.name: size for part, size in _inner(sites, grid, lanes, group, machine)}
    for name, size in inner.items():
        capacity = memory_of(sites.arch.find(name)).capacity
        if size > (UNLIMITED if capacity is None else capacity):
            raise InputError(f"{name} is too small for the tiles of fused attention: it needs {size} bytes")
    return AttentionSite(sites, grid, lanes, machine, inner)


def _inner(
    sites: Sites, grid: MatrixEngine, lanes: VectorEngine, group: AttentionGroup, machine: TwoArrayMachine
) -> Iterator[tuple[Component, int]]:
    """The memories on the way to the arrays, and the bytes of the tiles that pass each instance of them."""
    sums = DATATYPE_BITS[grid.accumulator]
    tile = machine.rows * machine.columns
    deep = max(group.shape.embed, group.shape.values)
    word = int(8 * machine.word_bytes)
    bits: dict[Role, int] = {
        "input": word * max(machine.columns * deep, tile),
        "weight": word * machine.rows * deep,
        "output": max(sums * tile, sums * machine.columns * deep),
    }
    held: dict[str, tuple[Component, int]] = {}
    for role in ROLES:
        for part in dict.fromkeys(part.name for part in sites.path(grid, role)[1:]):
            component = sites.arch.find(part)
            before = held.get(part, (component, 0))[1]
            held[part] = (component, before + -(-IN_FLIGHT * bits[role] // 8))
    for engine_part in {part.name for role in ROLES for part in sites.path(lanes, role)[1:]}:
        held.setdefault(engine_part, (sites.arch.find(engine_part), 0))
    yield from (each for name, each in held.items() if name != machine.buffer)
