"""A workload on a machine as a scheduling problem: scratchpad, element sizes, prices of transfers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hwsim.arch.component import Component
from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Dram
from hwsim.energy.load import load_technology
from hwsim.energy.price import action_price
from hwsim.mapping.planner import native_datatype
from hwsim.mapping.sites import sites_of
from hwsim.schedule.from_workload import problem_from_workload
from hwsim.schedule.problem import Prices, Problem
from hwsim.schedule.variants import activations_only, in_place
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload
from hwsim.workload.workload import Workload

ATTO = 10**18
"""Prices of time and energy are whole numbers of 1e-18 seconds and joules."""


class Objective(StrEnum):
    """What a schedule makes least."""

    BYTES = "bytes"
    TIME = "time"
    ENERGY = "energy"


@dataclass(frozen=True, slots=True)
class WorkloadOnMachine:
    """What a user asks for by names.

    ``overrides`` are those of ``hwsim run``; ``scratchpad_bytes`` replaces the machine's own; ``datatype``
    is for tensors without one where there is no machine; ``reuse``: element-wise operators work in place.
    """

    workload: str
    arch: str | None = None
    scratchpad_bytes: int | None = None
    datatype: str | None = None
    overrides: tuple[str, ...] = ()
    allow_unknown: bool = False
    reuse: bool = False


def workload_problem(request: WorkloadOnMachine) -> tuple[Problem, dict[str, Any]]:
    """The scheduling problem of a workload, without weights where the scratchpad does not hold them; and the
    hashes of what it was made from.

    Raises:
        InputError: some input is at fault, or neither a machine nor an option says how large the scratchpad
            or an element is.
    """
    for_workload = tuple(
        each.removeprefix("workload.") for each in request.overrides if each.startswith("workload.")
    )
    for_arch = tuple(each for each in request.overrides if not each.startswith("workload."))
    if for_arch and request.arch is None:
        raise InputError(f"--set {for_arch[0]}: there is no machine", hint="give one with --arch")
    workload = load_workload(request.workload, for_workload, request.allow_unknown)
    machine = load_arch(request.arch, for_arch) if request.arch else None
    scratchpad = home_memory(machine) if machine else None
    size = request.scratchpad_bytes or _capacity(scratchpad)
    problem = _whole(_typed(workload, machine, request.datatype), size, request.reuse)
    holds_weights = scratchpad is None or "weight" in memory_of(scratchpad).holds
    inputs = {"workload": {"hash": workload.content_hash}}
    if machine:
        inputs["arch"] = {"hash": machine.content_hash}
    return (problem if holds_weights else activations_only(problem)), inputs


def home_memory(machine: Arch) -> Component:
    """The scratchpad of a machine: the memory on the chip in which its engines meet.

    Raises:
        InputError: there is none.
    """
    home = sites_of(machine).home
    if home is None:
        raise InputError(
            f"machine {machine.name!r} has no memory on the chip that all its engines share",
            hint="give the size of one with --scratchpad, and no --arch",
        )
    return home


def prices_of(arch: str | None, overrides: tuple[str, ...], objective: Objective) -> Prices:
    """What a byte in and out costs on a machine: seconds of its outermost memory, or joules of both ends.

    Raises:
        InputError: the machine or its technology lacks what it takes.
    """
    if objective is Objective.BYTES:
        return Prices()
    if arch is None:
        raise InputError(f"--objective {objective}: there is no machine", hint="give one with --arch")
    machine = load_arch(arch, tuple(each for each in overrides if not each.startswith("workload.")))
    if objective is Objective.TIME:
        seconds = _seconds_a_byte(machine)
        return Prices(seconds, seconds)
    root, home = machine.root, home_memory(machine)
    return Prices(
        _joules(machine, root, "read") + _joules(machine, home, "write"),
        _joules(machine, home, "read") + _joules(machine, root, "write"),
    )


def _seconds_a_byte(machine: Arch) -> int:
    memory = memory_of(machine.root)
    if memory.bandwidth is None:
        raise InputError(f"{machine.root.name!r} has no bandwidth: its transfers take no time")
    efficiency = memory.efficiency if isinstance(memory, Dram) else 1.0
    return round(ATTO / (memory.bandwidth.per_second(machine.root.clock) * efficiency))


def _joules(machine: Arch, memory: Component, action: str) -> int:
    """Attojoules of one byte of an action of ``width`` bytes."""
    price = action_price(memory, action, load_technology(machine.technology))
    return round(ATTO * price.value / memory_of(memory).width)


def _typed(workload: Workload, machine: Arch | None, datatype: str | None) -> Workload:
    if machine:
        return workload.with_datatype(native_datatype(machine))
    if datatype:
        return workload.with_datatype(datatype)
    untyped = next((each.name for each in workload.tensors.values() if each.datatype is None), None)
    if untyped:
        raise InputError(
            f"tensor {untyped!r} has no datatype", hint="give a machine with --arch, or --datatype int8"
        )
    return workload


def _capacity(scratchpad: Component | None) -> int:
    capacity = None if scratchpad is None else memory_of(scratchpad).capacity
    if capacity is None:
        raise InputError("no scratchpad is given", hint="add --arch, or --scratchpad 256KiB")
    return capacity


def _whole(workload: Workload, scratchpad_bytes: int, reuse: bool) -> Problem:
    problem = problem_from_workload(workload, scratchpad_bytes)
    if not reuse:
        return problem
    return in_place(problem, frozenset(op.name for op in workload.operators if op.is_elementwise))
