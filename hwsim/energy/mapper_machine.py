"""A machine of the library as the exact mapper sees it: ports and prices by the bit, arrays, registers.

What the mapper leaves out of the machine: vector units, the filling of arrays, tiles held twice count as
half the room. Machines of the mapper's own format (``mapping.loopnest.machine_file``) need none of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import ROLES, Dram, Role
from hwsim.energy.load import load_technology
from hwsim.energy.price import action_price
from hwsim.mapping.loopnest.machine import Array, Compute, Machine, Memory, Port
from hwsim.mapping.protocol import MatrixAttributes, Places
from hwsim.mapping.sites import sites_of
from hwsim.spec.errors import InputError
from hwsim.workload.tensor import DATATYPE_BITS


@dataclass(frozen=True, slots=True)
class MapperMachine:
    """The machine, the roles that arrays have in common, and the bits of an operand and of a sum."""

    machine: Machine
    reuses: dict[str, Role]
    bits: int
    partial_bits: int


def mapper_machine(arch: Arch) -> MapperMachine:
    """The memories above the first engine for contractions, and its array.

    Raises:
        InputError: it has none, or an action of it has no price.
    """
    engines = sites_of(arch).matrix
    if not engines:
        raise InputError(f"machine {arch.name!r} has no engine for contractions")
    engine = engines[0]
    component, attributes = engine.component, engine.component.attributes
    assert isinstance(attributes, MatrixAttributes)
    memories = [_memory(arch, each) for each in arch.memories_above(component.name)]
    inside, places = memories[-1].name, attributes.places()
    units = component.instances
    for each in places:
        units *= each.width
    bits, partial = DATATYPE_BITS[engine.datatype], DATATYPE_BITS[engine.accumulator]
    stationary = attributes.stationary()
    if stationary is not None:
        memories.append(_registers(arch, component, stationary, units, bits, partial))
    arrays = tuple(Array(each.name, each.width, inside) for each in (*places, *_copies(component)))
    price = action_price(component, "mac", load_technology(arch.technology)).value
    compute = Compute(component.name, units, component.clock, price)
    machine = Machine(arch.name, tuple(memories), arrays, compute)
    return MapperMachine(machine, {each.name: each.reuses for each in places}, bits, partial)


def _copies(component: Component) -> tuple[Places, ...]:
    """Several arrays lie side by side along any rank."""
    return (Places("instances", component.instances, "input"),) if component.instances > 1 else ()


def _memory(arch: Arch, component: Component) -> Memory:
    memory, technology = memory_of(component), load_technology(arch.technology)
    efficiency = memory.efficiency if isinstance(memory, Dram) else 1.0
    rate = 8 * memory.bandwidth.per_second(component.clock) * efficiency if memory.bandwidth else inf
    read, write = (
        Port(rate, action_price(component, action, technology).value / (8 * memory.width))
        for action in ("read", "write")
    )
    root = component is arch.root or memory.capacity is None
    held = 2 if memory.double_buffered and not root else 1
    return Memory(
        component.name,
        inf if root else 8 * (memory.capacity or 0) // held,
        read,
        write,
        memory.ports == "shared",
        component.instances,
        None if set(memory.holds) == set(ROLES) or component is arch.root else frozenset(memory.holds),
    )


def _registers(arch: Arch, component: Component, role: Role, units: int, bits: int, partial: int) -> Memory:
    """One element in each unit."""
    technology = load_technology(arch.technology)
    width, kind = (partial, "sum") if role == "output" else (bits, "operand")
    read, write = (
        Port(inf, action_price(component, f"register_{action}_{kind}", technology).value / width)
        for action in ("read", "write")
    )
    return Memory(f"{component.name}.registers", width, read, write, instances=units, holds=frozenset({role}))
